//! Links between the project's own documents lead somewhere, and every decision is in the index.
//! Addresses on the web are not checked: the checks run without a network.

use crate::tree::{File, Tree};

const DECISIONS: &str = "docs/decisions/";

/// Relative links of every Markdown file whose target does not exist, and decisions that the index
/// leaves out.
pub fn faults(tree: &Tree) -> Vec<String> {
    let documents = tree.files.iter().filter(|file| file.extension() == "md");
    documents.flat_map(|file| faults_of_file(tree, file)).chain(unlisted_decisions(tree)).collect()
}

fn unlisted_decisions(tree: &Tree) -> Vec<String> {
    let index = tree.files.iter().find(|file| file.path == format!("{DECISIONS}README.md"));
    let listed: Vec<&str> = index.iter().flat_map(|file| file.text.lines().flat_map(targets)).collect();
    let records = tree.paths.iter().filter_map(|path| path.strip_prefix(DECISIONS));
    records
        .filter(|name| name.ends_with(".md") && *name != "README.md" && !listed.contains(name))
        .map(|name| format!("{DECISIONS}README.md: `{name}` is not in the index"))
        .collect()
}

fn faults_of_file(tree: &Tree, file: &File) -> Vec<String> {
    let mut faults = Vec::new();
    let mut fenced = false;
    for (at, line) in file.text.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        }
        if fenced {
            continue;
        }
        for target in targets(line) {
            let path = target.split(['#', '?']).next().unwrap_or("");
            if path.is_empty() || target.contains("://") || target.starts_with("mailto:") {
                continue;
            }
            match resolve(&file.path, path) {
                Some(resolved) if tree.paths.contains(&resolved) || resolved.is_empty() => {}
                _ => faults.push(format!("{}:{}: link to `{target}`, which does not exist", file.path, at + 1)),
            }
        }
    }
    faults
}

/// What stands between `](` and the closing bracket.
fn targets(line: &str) -> impl Iterator<Item = &str> {
    line.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(target, _)| target.trim())
}

/// The path from the root that a link means; `None` when it climbs out of the project.
fn resolve(from: &str, link: &str) -> Option<String> {
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in link.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            name => parts.push(name),
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_to_nowhere_is_a_fault_with_its_line() {
        let tree = Tree::of_texts(&[("docs/a.md", "one\n[two](guides/none.md)\n"), ("docs/guides/b.md", "x")]);
        assert_eq!(faults(&tree), ["docs/a.md:2: link to `guides/none.md`, which does not exist"]);
        let outside = Tree::of_texts(&[("a.md", "[up](../../b.md)")]);
        assert_eq!(faults(&outside).len(), 1);
    }

    #[test]
    fn a_decision_that_the_index_leaves_out_is_a_fault() {
        let index = ("docs/decisions/README.md", "[001](001-a.md)");
        let tree = Tree::of_texts(&[index, ("docs/decisions/001-a.md", "x"), ("docs/decisions/002-b.md", "x")]);
        assert_eq!(faults(&tree), ["docs/decisions/README.md: `002-b.md` is not in the index"]);
    }

    #[test]
    fn links_to_files_folders_anchors_and_the_web_pass() {
        let text = "[b](guides/b.md#part) [folder](guides/) [up](../README.md) [here](#x) [web](https://example.org/a)\n\
                    ```\n[not a link](nowhere)\n```\n";
        let tree = Tree::of_texts(&[("docs/a.md", text), ("docs/guides/b.md", "x"), ("README.md", "x")]);
        assert_eq!(faults(&tree), Vec::<String>::new());
    }
}
