//! The law as data: typed, dated, cited definitions read from the text files under `law/`, with
//! diagnostics that name file, line and column.
//!
//! Pure: text in, definitions or diagnostics out. Files reach this crate through [`Sources`];
//! a copy of the project's own `law/` folder is embedded in the binary.

pub mod articles;
pub mod calendar;
pub mod case;
pub mod chain;
pub mod chain_rules;
mod chain_shapes;
pub mod check;
mod check_chain;
mod check_rule;
pub mod codes;
pub mod fact;
pub mod load;
pub mod names;
pub mod node;
pub mod place;
pub mod process;
mod read;
mod read_csv;
mod read_files;
mod read_rule;
mod read_scheme;
pub mod review;
pub mod rule;
pub mod rule_case;
mod rule_shapes;
pub mod schema;
pub mod scheme;
pub mod shape;
pub mod shapes;
pub mod sources;
pub mod template;
pub mod units;

pub use articles::{Article, Mechanism};
pub use calendar::Calendar;
pub use chain::{ChainTemplate, IndustryList};
pub use chain_rules::ChainRules;
pub use check::check;
pub use fact::{Attribute, Fact};
pub use load::{Law, is_usable};
pub use place::{Diagnostic, Formula, Place, Severity};
pub use process::Process;
pub use rule::Rule;
pub use scheme::{Frame, Scheme};
pub use sources::Sources;
pub use template::Template;
pub use units::Units;
