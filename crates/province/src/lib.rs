//! The demo province: real codes, invented firms, five years of figures, and the workbooks that six
//! departments of one county would send, with the faults planted in them listed in a key.
//!
//! Everything follows from one seed. Magnitudes are in [`Parameters`]; heads of the workbooks are in
//! this crate's `README.md`.

#![doc = include_str!("../README.md")]

pub mod accounts;
mod application;
pub mod bad_files;
pub mod certificates;
pub mod chains;
pub mod codes;
pub mod credit;
pub mod draw;
pub mod error;
pub mod figures;
pub mod firm;
pub mod key;
pub mod land;
pub mod names;
pub mod parameters;
pub mod province;
pub mod truth;
pub mod workbooks;

pub use accounts::DemoAccount;
pub use bad_files::{BadFile, Verdict, make_bad_files, write_bad_files, write_huge_workbook};
pub use certificates::{Certificate, Grade, Title};
pub use error::WriteError;
pub use figures::{Emissions, Figures, Record, ScaleFigures};
pub use firm::{Firm, FormerName, Part, Size};
pub use key::{Dirt, Expected, Fault, FaultKind, Key, KeyFile, KeyFirm, KeyTable, LandCorrection};
pub use land::{Lease, Parcel, Planted};
pub use parameters::{FIRST_YEAR, LAST_YEAR, Parameters};
pub use province::Province;
pub use truth::{TruthFact, Value};
pub use workbooks::{MadeFile, make_workbooks, write_workbooks};
