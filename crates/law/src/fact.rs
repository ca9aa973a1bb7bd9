//! What can be known about a firm: facts that departments state, and attributes that the registry
//! and the engine supply. Formulas use both by id.

use crate::place::Place;
use crate::scheme::Text;
use crate::template::Kind;
use base::Department;
use rust_decimal::Decimal;
use serde::Serialize;

/// A fact: stated by one department about a firm, parcel or lease for a period.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fact {
    /// Name in formulas and in the store.
    pub id: String,
    /// Title.
    pub title: Text,
    /// Who owns it.
    pub owner: Department,
    /// What it is about.
    pub about: About,
    /// Type of its values.
    pub kind: Kind,
    /// Canonical unit of a number (`one` for counts of nothing); none for other types.
    pub unit: Option<String>,
    /// A title or certificate with validity dates of its own, rather than a figure of the year.
    pub status: bool,
    /// Texts allowed, for a text fact with a closed list; empty: any text.
    pub values: Vec<String>,
    /// Smallest value allowed, in the canonical unit.
    pub min: Option<Decimal>,
    /// Largest value allowed, in the canonical unit.
    pub max: Option<Decimal>,
    /// Where.
    pub at: Place,
}

/// What a fact is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum About {
    /// A firm.
    Firm,
    /// A parcel of land.
    Parcel,
    /// A lease of a parcel or part of it to a firm.
    Lease,
}

/// A name that the registry or the engine supplies to formulas.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Attribute {
    /// Name in formulas.
    pub id: String,
    /// Title.
    pub title: Text,
    /// Type of its values.
    pub kind: Kind,
    /// Unit of a number.
    pub unit: Option<String>,
    /// Where formulas may use it.
    pub known: Known,
    /// Where.
    pub at: Place,
}

/// From which step on an attribute is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Known {
    /// From the start: registry, land, the years before.
    Always,
    /// Inside a `score: formula` only.
    Scoring,
    /// Inside `total` formulas only.
    Total,
    /// After ranking: overrides and measures.
    Ranking,
}
