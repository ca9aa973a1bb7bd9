//! The evaluation engine: a scheme and a frozen snapshot in; ranks, classes, measures and the proof
//! of each out. Pure: no IO, no clock, no randomness; the same input gives the same bytes on any
//! number of threads and in any order of rows.
//!
//! The path of a number: [`Snapshot`] → [`Compiled::prepare`] (land, units of evaluation, columns)
//! → [`Compiled::run`] (indicators, baselines, points, totals, ranks, classes, measures) →
//! [`Outcome`]; beside it [`Compiled::explain`], `lift`, `what_if`, `edge`, `diff`, `verify`.
//!
//! Formulas are SQL expressions. They are parsed and evaluated through DataFusion's expression
//! layer, which is seen by this crate alone; statistics, ranks and cuts are the kernels of
//! [`kernels`].
//!
//! Signatures (those not below yet are being built in this order):
//!
//! ```text
//! Dictionary::new(units, facts, attributes, derived) -> Dictionary
//! compile(scheme: &Arc<Scheme>, dictionary: &Arc<Dictionary>, year: i16) -> Result<Compiled, Vec<law::Diagnostic>>
//! Compiled::prepare(&self, snapshot: &Arc<Snapshot>) -> Result<Prepared, MeasureError>
//! Compiled::run(&self, prepared: &Prepared, threads: usize) -> Outcome
//! Compiled::explain(&self, prepared: &Prepared, outcome: &Outcome, firm: i64) -> Result<Proof, MeasureError>
//! land::effective(records: &LandRecords, firms: &[i64], rule: &LandRule) -> BTreeMap<i64, FirmLand>
//! Snapshot::encode(&self) -> Result<Parts, MeasureError>; Snapshot::digest(&self) -> Result<Digest, MeasureError>
//! Snapshot::decode(parts: &[(String, Vec<u8>)]) -> Result<Snapshot, PartFault>
//! Outcome::encode(&self) -> Result<Parts, MeasureError>; Outcome::decode(parts) -> Result<Outcome, PartFault>
//! Outcome::digest(&self) -> Result<Digest, MeasureError>
//! verify::verify(snapshot: &Parts, compiled: &Compiled, outcome: &Parts) -> VerifyReport
//! lift::lift(compiled, prepared, outcome, firm) -> Result<Lifts, MeasureError>
//! overlay::adjustable(scheme: &Scheme, year: i16) -> Vec<Adjustable>      (what sliders may move)
//! overlay::what_if(compiled, prepared, outcome, &Overlay, threads) -> Result<WhatIf, OverlayFault>
//! edge::edge(compiled, prepared, outcome, error: Decimal) -> Vec<EdgeFirm>
//! diff::diff(before: &Run, after: &Run) -> Difference   (Run = {prepared, outcome, compiled})
//! diff::transition(outcome, last: &[PastClass]) -> Transition
//! stats::{histogram, counts_by}(...)
//! cases::run(law: &Law, case: &Case) -> CaseReport
//! ```

pub mod dictionary;
pub mod land;
pub mod outcome;
pub mod proof;
pub mod snapshot;
pub mod table;

pub use dictionary::Dictionary;
pub use land::LandRecords;
pub use outcome::Outcome;
pub use proof::Proof;
pub use snapshot::{Parts, Snapshot};
pub use table::{Column, FirmTable, Kind, Value};
