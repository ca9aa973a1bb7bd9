//! The chain as one document, and beside it what lead firms look for and what others can do. Plain data
//! that is written and read as JSON.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

pub use chain::document::{Document as ChainDocument, Terms};
pub use chain::placement::{Claim, ClaimKind, Label};

/// How a value must stand to a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Relation {
    /// The limit or more.
    AtLeast,
    /// The limit or less.
    AtMost,
    /// It must be there: a certificate, a process.
    There,
}

/// One thing that a need demands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Requirement {
    /// The property, such as `tolerance`.
    pub property: String,
    /// Chinese title.
    pub title: String,
    /// How.
    pub relation: Relation,
    /// The limit; none where it must be there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<f64>,
    /// Its unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
}

/// What a lead firm is looking for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Need {
    /// Name.
    pub id: String,
    /// Who looks.
    pub buyer: String,
    /// Chinese title.
    pub title: String,
    /// English title.
    pub title_en: String,
    /// The product's node.
    pub product: String,
    /// How many in a year.
    pub quantity: f64,
    /// Counted in.
    pub unit: String,
    /// Value in a year, 万元.
    pub amount: f64,
    /// Until when it is open.
    pub until: Date,
    /// Hard requirements.
    pub requirements: Vec<Requirement>,
}

/// One property that a supplier states.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Property {
    /// The property, such as `tolerance`.
    pub property: String,
    /// Its value; none where it is there or not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<f64>,
    /// The value's unit, as the supplier writes it: not always the one of the need.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// Is it there?
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub there: Option<bool>,
}

/// What a firm can do of one product.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Capability {
    /// The firm's node.
    pub firm: String,
    /// The product's node.
    pub product: String,
    /// The process in the firm's words.
    pub process: String,
    /// What it states.
    pub properties: Vec<Property>,
    /// Certificates that it holds.
    pub certificates: Vec<String>,
    /// Free capacity, 0 to 1 of what it can make.
    pub free: f64,
    /// What it can take on in a year, 万元.
    pub room: f64,
    /// Orders kept in time and quality among …
    pub kept: u32,
    /// … orders that it had.
    pub orders: u32,
    /// Does it agree that buyers see its data?
    pub consents: bool,
    /// The document.
    pub source: String,
    /// When it was stated.
    pub noted: Date,
}
