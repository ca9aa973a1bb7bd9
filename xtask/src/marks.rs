//! Text that must not be committed: paths of one machine, unfinished stubs, tests switched off.

use crate::tree::{File, Tree};

/// Beginnings of paths that exist on one machine only. Split, so that this file passes its own check.
const MACHINE_PATHS: [&str; 4] =
    [concat!("/wo", "rk/"), concat!("/ro", "ot/"), concat!("/ho", "me/"), concat!("/Us", "ers/")];

/// Marks that no source file may hold.
const MARKS: [&str; 6] = [
    concat!("to", "do!("),
    concat!("unimpl", "emented!("),
    concat!("#[ign", "ore"),
    concat!("FIX", "ME"),
    concat!("X", "XX"),
    concat!("test.", "only"),
];

/// Marks of the browser and unit tests only: in Rust, `skip` is an iterator's method.
const SCRIPT_MARKS: [&str; 3] = [concat!(".sk", "ip("), concat!("it.", "only"), concat!("describe.", "only")];

/// Every forbidden text with its line.
pub fn faults(tree: &Tree) -> Vec<String> {
    tree.files.iter().flat_map(faults_of_file).collect()
}

fn faults_of_file(file: &File) -> Vec<String> {
    let source = matches!(file.extension(), "rs" | "ts" | "vue" | "mjs" | "js" | "py" | "sh" | "typ");
    let script = matches!(file.extension(), "ts" | "vue" | "mjs" | "js");
    let mut faults = Vec::new();
    for (at, line) in file.text.lines().enumerate() {
        let mut report = |what: &str, mark: &str| faults.push(format!("{}:{}: {what} `{mark}`", file.path, at + 1));
        for path in MACHINE_PATHS {
            if line.match_indices(path).any(|(start, _)| begins_a_path(&line[..start])) {
                report("path of one machine", path);
            }
        }
        for mark in MARKS.iter().filter(|_| source).chain(SCRIPT_MARKS.iter().filter(|_| script)) {
            if line.match_indices(mark).any(|(start, _)| begins_a_word(line, start, mark)) {
                report("unfinished mark", mark);
            }
        }
    }
    faults
}

/// True when what follows stands at the root of a file system rather than inside a longer path or address.
fn begins_a_path(before: &str) -> bool {
    !before.ends_with(|c: char| c.is_alphanumeric() || "._-*}$)~".contains(c))
}

/// A mark made of letters counts as a whole word only: a series of such letters in data is no mark.
fn begins_a_word(line: &str, start: usize, mark: &str) -> bool {
    let word = |c: char| c.is_alphanumeric() || c == '_';
    let glued_before = mark.starts_with(word) && line[..start].ends_with(word);
    let glued_after = mark.ends_with(word) && line[start + mark.len()..].starts_with(word);
    !glued_before && !glued_after
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(path: &str, text: &str) -> usize {
        faults(&Tree::of_texts(&[(path, text)])).len()
    }

    #[test]
    fn each_forbidden_text_is_found_with_its_line() {
        for path in MACHINE_PATHS {
            let found = faults(&Tree::of_texts(&[("docs/a.md", &format!("first\nsee {path}here\n"))]));
            assert_eq!(found, [format!("docs/a.md:2: path of one machine `{path}`")]);
        }
        for mark in MARKS {
            assert_eq!(count("a.rs", &format!("    {mark} rest")), 1, "{mark}");
        }
        for mark in SCRIPT_MARKS {
            assert_eq!(
                count("a.ts", &format!("test{mark}'x'")) + count("a.ts", mark),
                1 + usize::from(mark.starts_with('.'))
            );
        }
    }

    #[test]
    fn an_iterator_that_skips_and_a_longer_path_are_no_faults() {
        assert_eq!(count("a.rs", &format!("for x in list{}1) {{}}", SCRIPT_MARKS[0])), 0);
        assert_eq!(count("a.rs", &format!("\"crates{}a\"", MACHINE_PATHS[0])), 0);
        assert_eq!(count("a.rs", "\"91370700XXXX0000XX\""), 0);
        assert_eq!(count("a.md", MARKS[3]), 0, "documents may name the marks");
    }
}
