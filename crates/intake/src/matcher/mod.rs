//! Whose row is it? Finds the registered firm that a row of a department's file is about, by credit
//! code first, then by name and address, and says with which confidence and why.
//!
//! The verdict on a row depends on that row and the register alone, never on other rows or on the
//! order of either.

mod index;

use crate::Wording;
use base::{CreditCode, DivisionCode};
use serde::Serialize;

pub use index::Matcher;

/// A firm of the register, as matching needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownFirm {
    /// The register's id.
    pub id: i64,
    /// Today's credit code, when a valid one is known; without one a firm is found by name alone.
    pub credit_code: Option<CreditCode>,
    /// Codes that the firm had before.
    pub former_codes: Vec<CreditCode>,
    /// Today's name first, then former ones.
    pub names: Vec<String>,
    /// Address.
    pub address: String,
    /// County.
    pub division: DivisionCode,
    /// Town, by name.
    pub town: String,
}

/// What a row says about its firm. Blank texts count as not given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Key<'a> {
    /// Credit code as written; may be wrong.
    pub code: Option<&'a str>,
    /// Name as written.
    pub name: Option<&'a str>,
    /// Address as written.
    pub address: Option<&'a str>,
}

/// The verdict on a row.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "verdict", rename_all = "snake_case")]
pub enum Match {
    /// Taken without asking.
    Certain(Candidate),
    /// A person decides among these, best first.
    Doubtful {
        /// At least one.
        candidates: Vec<Candidate>,
    },
    /// The firm is certain but belongs to another county; its figures are not taken here.
    OtherDivision(Candidate),
    /// Nothing in the register resembles it.
    Unknown {
        /// Why.
        reasons: Vec<Reason>,
    },
}

/// A firm that a row may be about.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Candidate {
    /// The register's id.
    pub firm: i64,
    /// The firm's county.
    pub division: DivisionCode,
    /// 0 to 1.
    pub confidence: f64,
    /// What speaks for and against it.
    pub reasons: Vec<Reason>,
}

/// One thing that speaks for or against a candidate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reason {
    /// Stable short code.
    pub code: &'static str,
    /// True when it speaks for the candidate.
    pub agrees: bool,
    /// The sentence.
    pub wording: Wording,
}

impl Match {
    /// The firm, when it is certain and of this county.
    pub fn firm(&self) -> Option<i64> {
        match self {
            Self::Certain(candidate) => Some(candidate.firm),
            _ => None,
        }
    }
}
