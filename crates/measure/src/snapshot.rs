//! The frozen input of one evaluation: firms, land, lineage, earlier classes and baselines. Written
//! as Parquet parts with a manifest, named by digest; read back only when every part agrees.

use crate::{land::LandRecords, table::FirmTable};
use base::Source;
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// Named parts of a snapshot or a result, ready for an object store. The first is `manifest.json`.
pub type Parts = Vec<(String, Vec<u8>)>;

/// Which cell states which fact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lineage {
    /// `f:<firm id>`, `p:<parcel code>` or `l:<parcel code>:<tenant firm id>`.
    pub subject: String,
    /// Fact id.
    pub fact: String,
    /// Cell, form or decision.
    pub source: Source,
}

/// A firm's final class of an earlier year.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PastClass {
    /// Firm.
    pub firm: i64,
    /// Evaluation year.
    pub year: i16,
    /// Class or label, as published.
    pub class: String,
}

/// A baseline that last year's evaluation used.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PastBaseline {
    /// Population id.
    pub population: String,
    /// Indicator id (`use_`).
    pub indicator: String,
    /// Group key; empty for one baseline for all.
    pub group: String,
    /// Statistic: `mean`, `median`, `max`, ….
    pub statistic: String,
    /// Exact value.
    pub value: Decimal,
    /// Where it was published.
    pub published: String,
}

/// Everything that a run reads, apart from the scheme.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// Six-digit division code.
    pub division: String,
    /// Evaluation year.
    pub year: i16,
    /// Status facts and ages are taken as of this day (31 December of the year).
    pub as_of: Date,
    /// Facts and attributes.
    pub firms: FirmTable,
    /// Parcels and leases.
    pub land: LandRecords,
    /// Sources.
    pub lineage: Vec<Lineage>,
    /// Classes of earlier years.
    pub classes: Vec<PastClass>,
    /// Baselines of last year.
    pub baselines: Vec<PastBaseline>,
}

impl Snapshot {
    /// The sources of a subject's fact.
    pub fn sources<'a>(&'a self, subject: &'a str, fact: &'a str) -> impl Iterator<Item = &'a Source> + 'a {
        self.lineage.iter().filter(move |l| l.subject == subject && l.fact == fact).map(|l| &l.source)
    }
}
