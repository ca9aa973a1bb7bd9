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
//! NOTE to whoever builds this crate: `overlay.rs`, `diff.rs`, `lift.rs`, `codec.rs` (encode/decode of
//! Snapshot and Outcome, PartFault), `verify.rs` and `cases.rs` are being written beside
//! you (files appear in this folder; services uses them as they are): include them, do not rewrite.
//! Needed of the core: `Compiled::{scheme(), dictionary(), year()}`, `Prepared::{snapshot() ->
//! &Arc<Snapshot>, land(firm) -> Option<&FirmLand>}`. Still yours: everything else, `edge` included
//! (`edge::edge -> Vec<EdgeFirm {firm, causes: Vec<Cause>}>`, `Cause::{zh(), en()}`), and
//! `verify::verify -> VerifyReport {checks: Vec<Check {zh, en, expected, found, differs}>}`.
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

pub mod cases;
mod classing;
pub mod codec;
mod compile;
pub mod dictionary;
pub mod diff;
mod expr;
mod functions;
pub mod kernels;
pub mod land;
pub mod lift;
mod measures;
pub mod outcome;
pub mod overlay;
mod prepare;
pub mod proof;
mod run;
pub mod snapshot;
pub mod table;
mod units;
pub mod verify;

pub use compile::{Compiled, compile};
pub use dictionary::Dictionary;
pub use land::LandRecords;
pub use outcome::Outcome;
pub use prepare::{MeasureError, Prepared, as_of};
pub use codec::{PartFault, WriteFault};
pub use proof::Proof;
pub use run::ENGINE;
pub use snapshot::{Parts, Snapshot};
pub use table::{Column, FirmTable, Kind, Value};
