//! The law as data: typed, dated, cited definitions read from the text files under `law/`, with
//! diagnostics that name file, line and column.
//!
//! Pure: text in, definitions or diagnostics out. Files reach this crate through [`Sources`];
//! a copy of the project's own `law/` folder is embedded in the binary.

pub mod articles;
pub mod calendar;
pub mod codes;
pub mod fact;
pub mod place;
pub mod process;
pub mod scheme;
pub mod template;
pub mod units;

pub use articles::{Article, Mechanism};
pub use calendar::Calendar;
pub use fact::{Attribute, Fact};
pub use place::{Diagnostic, Formula, Place, Severity};
pub use process::Process;
pub use scheme::{Frame, Scheme};
pub use template::Template;
pub use units::Units;
