//! What can go wrong when files are written.

use std::path::PathBuf;

/// A file could not be made.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The disk said no.
    #[error("cannot write `{path}`: {source}")]
    Io {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The workbook writer refused; a defect of this crate.
    #[error("cannot make the workbook `{file}`: {source}")]
    Workbook {
        /// Which file.
        file: String,
        /// Why.
        source: rust_xlsxwriter::XlsxError,
    },
    /// A compressed container could not be made.
    #[error("cannot pack `{file}`: {source}")]
    Pack {
        /// Which file.
        file: String,
        /// Why.
        source: std::io::Error,
    },
    /// No figures for that year.
    #[error("the demo has figures of {first} to {last}, not of {found}")]
    Year {
        /// Asked for.
        found: i16,
        /// First year.
        first: i16,
        /// Last year.
        last: i16,
    },
}
