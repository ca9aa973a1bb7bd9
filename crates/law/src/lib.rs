//! The law as data: typed, dated, cited definitions read from the text files under `law/`, with
//! diagnostics that name file, line and column.
//!
//! Pure: text in, definitions or diagnostics out. Files reach this crate through [`Sources`];
//! a copy of the project's own `law/` folder is embedded in the binary.

pub mod place;
pub mod scheme;
pub mod template;

pub use place::{Diagnostic, Formula, Place, Severity};
pub use scheme::Scheme;
pub use template::Template;
