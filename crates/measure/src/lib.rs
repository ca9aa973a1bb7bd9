//! The evaluation engine: a scheme and a frozen snapshot in; ranks, classes, measures and the proof
//! of each out. Pure: no IO, no clock, no randomness; the same input gives the same bytes on any
//! number of threads and in any order of rows.
//!
//! The path of a number: [`Snapshot`] → [`Compiled::prepare`] (land, units of evaluation, columns)
//! → [`Compiled::run`] (indicators, baselines, points, totals, ranks, classes, measures) →
//! [`Outcome`]; beside it [`Compiled::explain`], [`lift`], [`overlay::what_if`], [`edge`], [`diff`] and
//! [`verify`].
//!
//! Formulas are SQL expressions. They are parsed and evaluated through DataFusion's expression
//! layer, which is seen by this crate alone; statistics, ranks and cuts are the kernels of
//! [`kernels`].

pub mod cases;
mod classing;
pub mod codec;
mod compile;
pub mod dictionary;
pub mod diff;
pub mod edge;
mod explain;
mod expr;
mod functions;
pub mod kernels;
pub mod land;
pub mod lift;
pub mod measures;
pub mod outcome;
pub mod overlay;
mod prepare;
pub mod proof;
mod rows;
mod run;
pub mod snapshot;
pub mod stats;
pub mod table;
mod units;
pub mod verify;

pub use codec::{PartFault, WriteFault};
pub use compile::{Compiled, check, compile};
pub use dictionary::Dictionary;
pub use functions::functions;
pub use land::LandRecords;
pub use outcome::Outcome;
pub use prepare::{MeasureError, Prepared, as_of};
pub use proof::Proof;
pub use rows::{Rows, RowsFault};
pub use run::ENGINE;
pub use snapshot::{Parts, Snapshot};
pub use table::{Column, FirmTable, Kind, Value};
