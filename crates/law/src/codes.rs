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
    /// A point in its middle in hundredths of a degree, east and north (WGS 84), where the list has one.
    pub centre: Option<(i32, i32)>,
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

    /// Kilometres between the middles of two divisions, on a sphere; none where a middle is not known.
    pub fn distance_km(&self, a: DivisionCode, b: DivisionCode) -> Option<f64> {
        // Mean radius of the Earth (IUGG).
        const RADIUS_KM: f64 = 6_371.0;
        let middle = |code: DivisionCode| {
            let (east, north) = self.get(self.today(code))?.centre?;
            Some((f64::from(east).to_radians() / 100.0, f64::from(north).to_radians() / 100.0))
        };
        let ((east_a, north_a), (east_b, north_b)) = (middle(a)?, middle(b)?);
        let square = |x: f64| (x / 2.0).sin().powi(2);
        let h = square(north_b - north_a) + north_a.cos() * north_b.cos() * square(east_b - east_a);
        Some(2.0 * RADIUS_KM * h.sqrt().min(1.0).asin())
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
