//! What is wrong with an input: the place, the value found and what is allowed, so that the person who
//! sent ten thousand links can find the one that is meant.

use serde::{Deserialize, Serialize};

/// The kind of a fault; pages and tests hold on to it while the words may change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Code {
    /// A link from a node to itself.
    SelfLoop,
    /// A firm that supplies itself.
    SelfSupply,
    /// A cycle among links that must not have one.
    Cycle,
    /// A node without any link.
    Orphan,
    /// A share below zero, above one, or not a number; or shares that add up to more than one.
    Share,
    /// Any other number out of its range, or not a number.
    Number,
    /// A link without evidence, or evidence without author or source.
    Evidence,
    /// A product code that the list in force does not hold.
    UnknownCode,
    /// A product without a code.
    MissingCode,
    /// A link to a node that is not there.
    UnknownNode,
    /// The same thing twice.
    Duplicate,
    /// A link whose ends cannot be linked this way.
    Ends,
    /// Dates in the wrong order, or a link outside the life of its ends.
    Dates,
    /// Text that cannot be read as what it should be.
    Text,
    /// More than the stated limit.
    Limit,
    /// Parts of a network that are not joined where one whole is needed.
    Disconnected,
    /// A question without one answer, for instance two eigenvalues that coincide.
    Undetermined,
    /// Nothing to compute with.
    Empty,
}

/// One fault.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{place}: {found} found; {allowed}")]
pub struct Fault {
    /// Its kind.
    pub code: Code,
    /// Where: a node, a link, or file and line.
    pub place: String,
    /// What stands there.
    pub found: String,
    /// What may stand there.
    pub allowed: String,
}

impl Fault {
    /// A fault at a place.
    pub fn new(code: Code, place: impl Into<String>, found: impl Into<String>, allowed: impl Into<String>) -> Self {
        Self { code, place: place.into(), found: found.into(), allowed: allowed.into() }
    }
}

/// A number from `low` to `high`, or the fault that it is none.
pub fn within(code: Code, place: &str, what: &str, value: f64, low: f64, high: f64) -> Result<(), Fault> {
    match value >= low && value <= high {
        true => Ok(()),
        false => {
            let allowed = match high.is_finite() && high < f64::MAX {
                true => format!("{what} from {low} to {high} is allowed"),
                false => format!("{what} of {low} or more is allowed"),
            };
            Err(Fault::new(code, place, format!("{what} {value}"), allowed))
        }
    }
}
