//! The files below `law/` as path and text: embedded in the binary, read from a directory, or made
//! up by a test.

use crate::place::{Diagnostic, Place};
use include_dir::{Dir, include_dir};
use std::{collections::BTreeMap, fs, io, path::Path};

static EMBEDDED: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../law");

/// Path below `law/` (with `/`) → text.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// In path order.
    pub files: BTreeMap<String, String>,
    /// Files that could not be read as text.
    pub findings: Vec<Diagnostic>,
}

impl Sources {
    /// The project's own law, as it was when the binary was built.
    pub fn embedded() -> Self {
        let mut out = Self::default();
        out.embed(&EMBEDDED);
        out
    }

    fn embed(&mut self, dir: &'static Dir<'_>) {
        for file in dir.files() {
            self.put(&file.path().to_string_lossy().replace('\\', "/"), file.contents().to_vec());
        }
        for sub in dir.dirs() {
            self.embed(sub);
        }
    }

    /// Every `.yaml` and `.csv` file below a directory.
    pub fn from_dir(root: &Path) -> io::Result<Self> {
        let mut out = Self::default();
        let mut waiting = vec![root.to_path_buf()];
        while let Some(dir) = waiting.pop() {
            for entry in fs::read_dir(&dir)? {
                let path = entry?.path();
                if path.is_dir() {
                    waiting.push(path);
                } else if path.extension().is_some_and(|e| e == "yaml" || e == "csv") {
                    let below = path.strip_prefix(root).unwrap_or(&path).to_string_lossy().replace('\\', "/");
                    out.put(&below, fs::read(&path)?);
                }
            }
        }
        Ok(out)
    }

    /// The same files with one more, or one replaced.
    pub fn with(mut self, path: &str, text: &str) -> Self {
        self.files.insert(path.to_owned(), text.to_owned());
        self
    }

    fn put(&mut self, path: &str, bytes: Vec<u8>) {
        if !(path.ends_with(".yaml") || path.ends_with(".csv")) {
            return;
        }
        match String::from_utf8(bytes) {
            Ok(text) => {
                self.files.insert(path.to_owned(), text.trim_start_matches('\u{feff}').to_owned());
            }
            Err(_) => self.findings.push(Diagnostic::error(
                "not-utf8",
                &Place { file: path.into(), line: 1, column: 1 },
                "bytes that are no UTF-8 text",
                "a text file in UTF-8",
            )),
        }
    }
}
