//! Keeps and finds everything: firms, facts, evaluations, objections, accounts and the audit chain,
//! in one SQLite file or in PostgreSQL, behind one type.
//!
//! Three rules shape the whole crate:
//!
//! - **No query without a [`base::Scope`].** Reads go through [`Reader`], writes through [`Tx`]; both
//!   can be had only with a scope, and each filters in SQL by it.
//! - **No change without an audit entry.** [`Tx::commit`] refuses a transaction that wrote none, and
//!   appends the entries to the hash chain in that same transaction.
//! - **Nothing is overwritten.** Facts are folded from immutable segments; firms keep every version.
//!
//! Database types never leave this crate.

mod accounts;
mod audit;
mod backup;
mod canonical;
mod chains;
mod classes;
mod confirmations;
mod cost_lines;
mod error;
mod evaluations;
mod facts;
mod files;
mod firms;
mod imports;
mod jobs;
mod migrations;
mod objections;
mod objects;
mod open;
mod publications;
mod reader;
mod rounds;
mod runs;
mod scoped;
mod segments;
mod sessions;
mod time;
mod tx;
mod view;
mod whatifs;

pub use accounts::{Account, AccountFilter, NewAccount, NewPerson, Powers};
pub use audit::{AuditBreak, AuditEntry, AuditFilter, AuditReport, NewAudit};
pub use backup::restore;
pub use canonical::canonical_json;
pub use chains::{Chain, ChainCase, ChainCaseFilter, NewChain, NewChainCase, NewRevision, Revision};
pub use classes::{ClassRecord, Streak};
pub use confirmations::{Confirmation, ConfirmationState};
pub use cost_lines::CostLine;
pub use error::{Result, StoreError};
pub use evaluations::{Evaluation, EvaluationFilter, NewEvaluation};
pub use facts::{BatchMeta, EncodedBatch, FactBatch, FactFault, FactRow, date_of_day, day_number};
pub use files::{NewStoredFile, StoredFile};
pub use firms::{Firm, FirmFilter, FirmMerge, FirmSort, FirmStatus, FirmVersion, NewFirm, Page, Paged, VersionNote};
pub use imports::{Decision, Doubt, Import, ImportFilter, ImportState, NewDoubt, NewImport};
pub use jobs::{Job, JobProgress, JobState, NewJob};
pub use objections::{NewObjection, Objection, ObjectionFilter};
pub use objects::{ObjectAccess, ObjectReport};
pub use open::{Clock, OpenOptions, Store, system_clock};
pub use publications::{NewPublication, Publication, PublicationKind};
pub use reader::Reader;
pub use rounds::{Filing, FilingFilter, NewFiling, NewRound, Round};
pub use runs::{NewRun, Run, RunKind};
pub use segments::{NewSegment, Segment, SegmentKind};
pub use sessions::{NewSession, Session};
pub use tx::Tx;
pub use view::{Coverage, Fact, FactChange, FactDiff, FactStatement, FactView, StandingFile, TakeBack, Unread};
pub use whatifs::{NewWhatIf, WhatIf};
