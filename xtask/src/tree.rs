//! The files that the checks read: those git tracks and new ones it does not ignore, so that a
//! fault shows before the commit and nothing generated is read.

use anyhow::{Context, ensure};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

/// File texts by path relative to the root, with `/` between folders.
pub struct Tree {
    /// Text files, in path order.
    pub files: Vec<File>,
    /// Every path there is, text or not, and every folder on the way: what links may point at.
    pub paths: BTreeSet<String>,
}

/// One text file.
pub struct File {
    /// Path from the root of the project.
    pub path: String,
    /// Its whole text.
    pub text: String,
}

impl File {
    /// What follows the last dot of the name; empty without one.
    pub fn extension(&self) -> &str {
        self.path.rsplit('/').next().and_then(|name| name.rsplit_once('.')).map_or("", |(_, end)| end)
    }
}

impl Tree {
    /// Reads the checkout. Files that are not UTF-8 (workbooks, pictures) count as paths only.
    pub fn read(root: &Path) -> anyhow::Result<Self> {
        let listed = Command::new("git")
            .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
            .current_dir(root)
            .output()
            .context("running git ls-files")?;
        ensure!(listed.status.success(), "git ls-files: {}", String::from_utf8_lossy(&listed.stderr));
        let names = String::from_utf8(listed.stdout).context("a file name is not UTF-8")?;
        let mut files = Vec::new();
        for path in names.split_terminator('\0') {
            // A file deleted but not yet committed is still listed.
            let Ok(bytes) = std::fs::read(root.join(path)) else { continue };
            files.push((path.to_owned(), String::from_utf8(bytes).ok()));
        }
        Ok(Self::of(files))
    }

    fn of(files: Vec<(String, Option<String>)>) -> Self {
        let mut paths = BTreeSet::new();
        for (path, _) in &files {
            let mut folder = path.as_str();
            paths.insert(path.clone());
            while let Some((parent, _)) = folder.rsplit_once('/') {
                paths.insert(parent.to_owned());
                folder = parent;
            }
        }
        let files = files.into_iter().filter_map(|(path, text)| text.map(|text| File { path, text })).collect();
        Self { files, paths }
    }

    /// A tree of texts, for the checks' own tests.
    #[cfg(test)]
    pub fn of_texts(files: &[(&str, &str)]) -> Self {
        Self::of(files.iter().map(|(path, text)| ((*path).to_owned(), Some((*text).to_owned()))).collect())
    }
}

/// The root of the checkout that the command is called in.
pub fn root() -> anyhow::Result<PathBuf> {
    let output = Command::new("git").args(["rev-parse", "--show-toplevel"]).output().context("running git")?;
    ensure!(output.status.success(), "not inside a git checkout");
    Ok(PathBuf::from(String::from_utf8(output.stdout)?.trim()))
}
