//! Code lists: administrative divisions with their succession, townships, and industries.
//! Read from CSV files under `law/codes/`.

use base::{DivisionCode, division::Level};
use serde::Serialize;
use std::collections::BTreeMap;

/// A division of the code list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Division {
    /// Code.
    pub code: DivisionCode,
    /// Name.
    pub name: String,
    /// Province, city or county, from the list (a directly governed county can end in 01).
    pub level: Level,
    /// The list's word for its kind, such as 市辖区; may be empty.
    pub kind: String,
    /// The division above.
    pub parent: Option<DivisionCode>,
    /// In use today; false for codes that ended.
    pub current: bool,
    /// First year in use, when known.
    pub first_year: Option<i16>,
    /// Last year in use, for codes that ended.
    pub last_year: Option<i16>,
    /// The code that took its place.
    pub successor: Option<DivisionCode>,
}

/// Divisions by code.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Divisions {
    /// All, ended ones included.
    pub all: BTreeMap<DivisionCode, Division>,
}

impl Divisions {
    /// The division of that code.
    pub fn get(&self, code: DivisionCode) -> Option<&Division> {
        self.all.get(&code)
    }

    /// The name, or the code itself when it is unknown.
    pub fn name(&self, code: DivisionCode) -> String {
        self.get(code).map_or_else(|| code.to_string(), |d| d.name.clone())
    }

    /// The division that this code's records belong to today: successors followed to the end.
    pub fn today(&self, code: DivisionCode) -> DivisionCode {
        let mut at = code;
        // Bounded, so that a list with a loop cannot hang a reader.
        for _ in 0..16 {
            match self.get(at).and_then(|d| d.successor) {
                Some(next) if next != at => at = next,
                _ => break,
            }
        }
        at
    }

    /// Every code whose records belong to a division of today: its own, and those that it took over.
    pub fn ever(&self, today: DivisionCode) -> Vec<DivisionCode> {
        let mut codes = vec![today];
        codes.extend(self.all.keys().copied().filter(|code| *code != today && self.today(*code) == today));
        codes
    }

    /// Counties, cities or provinces in use today below (or equal to) a division, ascending.
    pub fn below(&self, root: DivisionCode, level: Level) -> impl Iterator<Item = &Division> {
        self.all.values().filter(move |d| d.current && d.level == level && root.covers(d.code))
    }
}

/// A township or street.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Township {
    /// Nine digits.
    pub code: String,
    /// Name.
    pub name: String,
    /// County or statistical zone above it.
    pub parent: DivisionCode,
}

/// An industry of GB/T 4754.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Industry {
    /// `C`, `13`, `131` or `1311`.
    pub code: String,
    /// Depth.
    pub level: IndustryLevel,
    /// Section letter.
    pub section: String,
    /// The code above; empty for a section.
    pub parent: String,
    /// Name.
    pub name: String,
}

/// Depth in GB/T 4754.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum IndustryLevel {
    /// 门类
    Section,
    /// 大类
    Division,
    /// 中类
    Group,
    /// 小类
    Class,
}

/// Industries by code.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Industries {
    /// All levels.
    pub all: BTreeMap<String, Industry>,
}

impl Industries {
    /// The industry of that code.
    pub fn get(&self, code: &str) -> Option<&Industry> {
        self.all.get(code)
    }

    /// How many of that level.
    pub fn count(&self, level: IndustryLevel) -> usize {
        self.all.values().filter(|i| i.level == level).count()
    }

    /// Section letter of a class, group or division code.
    pub fn section(&self, code: &str) -> Option<&str> {
        self.get(code).or_else(|| code.get(..2).and_then(|d| self.get(d))).map(|i| i.section.as_str())
    }
}
