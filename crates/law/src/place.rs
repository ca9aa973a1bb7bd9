//! Places in law files and the findings that point at them.

use serde::Serialize;
use std::{fmt, sync::Arc};

/// A place in a law file. Lines and columns count from 1.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct Place {
    /// Path below `law/`.
    pub file: Arc<str>,
    /// From 1.
    pub line: u32,
    /// From 1, in characters.
    pub column: u32,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}

/// A formula or condition in SQL expression syntax, with the place it was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Formula {
    /// As written.
    pub text: String,
    /// Where.
    pub at: Place,
}

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The file cannot be used.
    Error,
    /// It can, but a person should look.
    Warning,
}

/// One finding: what was found where, and what is allowed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Diagnostic {
    /// Error or warning.
    pub severity: Severity,
    /// Stable short code, such as `unknown-indicator`.
    pub code: &'static str,
    /// Where.
    pub at: Place,
    /// What was found.
    pub found: String,
    /// What is allowed or expected, and often how to mend it.
    pub allowed: String,
}

impl Diagnostic {
    /// An error.
    pub fn error(code: &'static str, at: &Place, found: impl Into<String>, allowed: impl Into<String>) -> Self {
        Self { severity: Severity::Error, code, at: at.clone(), found: found.into(), allowed: allowed.into() }
    }

    /// A warning.
    pub fn warning(code: &'static str, at: &Place, found: impl Into<String>, allowed: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, at, found, allowed) }
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = match self.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        write!(f, "{}: {word}[{}]: {}; allowed: {}", self.at, self.code, self.found, self.allowed)
    }
}
