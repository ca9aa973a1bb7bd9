//! Departments' files in: a spreadsheet's bytes become columns of exact figures with the cell each
//! came from, or a precise complaint; rows find their firms; bad cells go back marked in a copy of
//! the same workbook.
//!
//! Pure: bytes and definitions in, values out. Nothing here reads a disk, knows a store or a clock
//! ("today" is an argument), or holds a figure of a policy document.
//!
//! The order of work: [`read()`] a file by its [`law::Template`], [`Matcher::find`] each row's firm,
//! [`marked_copy`] what is wrong.

mod blank;
mod cells;
mod container;
mod duplicates;
pub mod fault;
mod grid;
mod heads;
pub mod limits;
mod mark;
pub mod matcher;
mod read;
pub mod reading;
mod sheet_text;
mod table;
pub mod units;
mod wording;

pub use blank::blank_template;
pub use duplicates::{Sum, duplicate_faults, groups, join_texts, sum};
pub use fault::{CellFault, CellPlace, FileFault, Note, Weight};
pub use limits::{Expected, Limits, Progress, Stage};
pub use mark::{CellMark, MarkFault, marked_copy};
pub use matcher::{Candidate, Key, KnownFirm, Match, Matcher, Reason};
pub use read::read;
pub use reading::{CodeCell, ColumnReading, Counts, DateSystem, Format, Reading, TableReading, Values};
pub use units::UnitTable;
pub use wording::Wording;
