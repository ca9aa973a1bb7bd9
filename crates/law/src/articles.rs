//! The regulation's articles and the mechanisms that carry them out: the table of contents of the
//! whole product.

use crate::place::Place;
use crate::scheme::Text;
use serde::Serialize;

/// One article.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Article {
    /// 1 to 20.
    pub number: u8,
    /// What it is about, in our own words.
    pub title: Text,
    /// What carries it out.
    pub mechanisms: Vec<Mechanism>,
    /// Where.
    pub at: Place,
}

/// One mechanism.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Mechanism {
    /// `M16-3`.
    pub id: String,
    /// Short term.
    pub title: Text,
    /// Engines that it stands on: `registry`, `indicators`, `rules`, `workflow`, `graph`, `ledger`,
    /// `geo`, `events`, `selection`.
    pub engines: Vec<String>,
    /// Definitions under `law/` that carry it today (ids of schemes, frames, processes).
    pub rules: Vec<String>,
    /// Screens that carry it today (route names of the web app).
    pub screens: Vec<String>,
    /// Where.
    pub at: Place,
}

impl Mechanism {
    /// True when something carries it today.
    pub fn is_live(&self) -> bool {
        !self.rules.is_empty() || !self.screens.is_empty()
    }
}
