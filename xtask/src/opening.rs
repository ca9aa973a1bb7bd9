//! Each source file opens with a comment that says what lives there and why, so that a reader who
//! lands in the middle of the project knows where they are.

use crate::tree::Tree;

/// Files that lack their opening comment. Generated files are not tracked or carry their own.
pub fn faults(tree: &Tree) -> Vec<String> {
    tree.files
        .iter()
        .filter_map(|file| {
            let openings: &[&str] = match file.extension() {
                "rs" => &["//!"],
                "ts" | "mjs" | "js" => &["//", "/*"],
                "vue" => &["<!--"],
                "py" => &["\"\"\"", "#"],
                "sh" => &["#"],
                "typ" => &["//"],
                _ => return None,
            };
            let first = first_line(&file.text);
            let said = openings.iter().find_map(|o| first.strip_prefix(o)).is_some_and(|rest| !rest.trim().is_empty())
                || (first.starts_with("/*") || first.starts_with("<!--") || first.starts_with("\"\"\""))
                    && file.text.lines().nth(1).is_some_and(|second| !second.trim().is_empty());
            (!said).then(|| format!("{}:1: opens with `{first}`; a comment ({}) is expected", file.path, openings[0]))
        })
        .collect()
}

/// The first line with words; the line that names a script's interpreter does not count.
fn first_line(text: &str) -> &str {
    let mut lines = text.lines().filter(|line| !line.trim().is_empty());
    match lines.next() {
        Some(line) if line.starts_with("#!/") => lines.next().unwrap_or(""),
        line => line.unwrap_or(""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_without_its_opening_comment_is_a_fault() {
        for (path, text) in [
            ("a.rs", "use std::fmt;\n"),
            ("a.rs", "// not a module comment\n"),
            ("a.rs", "//!\nuse std::fmt;\n"),
            ("a.ts", "export {};\n"),
            ("a.vue", "<script setup lang=\"ts\">\n"),
            ("a.py", "import os\n"),
            ("a.sh", "#!/bin/sh\nset -eu\n"),
            ("empty.rs", ""),
        ] {
            assert_eq!(faults(&Tree::of_texts(&[(path, text)])).len(), 1, "{path}: {text}");
        }
    }

    #[test]
    fn each_language_has_its_own_way_to_open() {
        for (path, text) in [
            ("a.rs", "//! Says why.\n"),
            ("a.ts", "// Says why.\n"),
            ("a.ts", "/**\n * Says why.\n */\n"),
            ("a.vue", "<!-- Says why. -->\n<template/>\n"),
            ("a.py", "\"\"\"Says why.\"\"\"\n"),
            ("a.sh", "#!/bin/sh\n# Says why.\n"),
            ("a.css", "body {}\n"),
        ] {
            assert_eq!(faults(&Tree::of_texts(&[(path, text)])), Vec::<String>::new(), "{path}: {text}");
        }
    }
}
