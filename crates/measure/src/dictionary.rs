//! The names that formulas may use: facts, attributes and derived indicators, each with what it
//! holds and its unit. Read from the law; the engine itself only supplies the values of
//! [`ENGINE_NAMES`].

use crate::table::Kind;
use law::fact::{Attribute, Fact, Known};
use law::scheme::{Derived, Text};
use law::units::Units;
use serde::Serialize;
use std::collections::BTreeMap;

/// How the value of several firms merged into one unit of evaluation comes about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Merge {
    /// The sum; unknown when any member's value is unknown.
    Sum,
    /// True when it holds for any member; unknown as SQL's OR has it.
    Any,
    /// The largest; unknown when any is unknown.
    Max,
    /// The value of the leading firm (the parcel's owner).
    Lead,
}

/// A fact or attribute that formulas may name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Name {
    /// Name in formulas.
    pub id: String,
    /// Title.
    pub title: Text,
    /// What it holds.
    pub kind: Kind,
    /// Unit id; none for pure numbers and what is no number.
    pub unit: Option<String>,
    /// Decimals shown, and the step in which the smallest change is sought.
    pub decimals: u8,
    /// How members of one unit are merged.
    pub merge: Merge,
    /// A department's fact (can err, can be corrected); otherwise an attribute.
    pub is_fact: bool,
    /// From which step of an evaluation on it is known.
    pub known: Known,
}

/// Everything that formulas may name, apart from a scheme's own parameters and indicators.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Dictionary {
    /// Units.
    pub units: Units,
    /// By id.
    pub names: BTreeMap<String, Name>,
    /// Derived indicators by id; a scheme's own `define` goes before these.
    pub derived: BTreeMap<String, Derived>,
}

impl Dictionary {
    /// From the law's definitions. Facts of firms are columns of the firm table; facts of parcels and
    /// leases reach formulas only as land.
    pub fn new<'a>(
        units: Units,
        facts: impl IntoIterator<Item = &'a Fact>,
        attributes: impl IntoIterator<Item = &'a Attribute>,
        derived: impl IntoIterator<Item = &'a Derived>,
    ) -> Self {
        let mut names = BTreeMap::new();
        for (id, kind, unit, decimals, zh, en) in ENGINE_NAMES {
            let title = Text { zh: zh.into(), en: en.into() };
            let unit = unit.map(str::to_owned);
            let (merge, is_fact, known) = (Merge::Lead, false, Known::Always);
            names.insert(id.to_owned(), Name { id: id.into(), title, kind, unit, decimals, merge, is_fact, known });
        }
        for a in attributes {
            let decimals = names.get(&a.id).map_or(2, |n: &Name| n.decimals);
            let name = Name {
                id: a.id.clone(),
                title: a.title.clone(),
                kind: a.kind,
                unit: a.unit.clone(),
                decimals,
                merge: Merge::Lead,
                is_fact: false,
                known: a.known,
            };
            names.insert(a.id.clone(), name);
        }
        for f in facts.into_iter().filter(|f| f.about == law::fact::About::Firm) {
            let name = Name {
                id: f.id.clone(),
                title: f.title.clone(),
                kind: f.kind,
                unit: f.unit.clone(),
                decimals: decimals_of(&units, f.unit.as_deref()),
                merge: merge_of(&units, f),
                is_fact: true,
                known: Known::Always,
            };
            names.insert(f.id.clone(), name);
        }
        let derived = derived.into_iter().map(|d| (d.id.clone(), d.clone())).collect();
        Self { units, names, derived }
    }
}

/// Persons and events are counted in whole numbers; everything else is shown with two decimals.
fn decimals_of(units: &Units, unit: Option<&str>) -> u8 {
    let bases = law::units::BASES;
    let whole = unit.and_then(|id| units.get(id)).is_some_and(|u| {
        u.dimension.0.iter().zip(bases).any(|(e, base)| *e == 1 && (base == "person" || base == "count"))
            && u.dimension.0.iter().all(|e| *e >= 0)
    });
    if whole { 0 } else { 2 }
}

/// Amounts add up; rates (a unit with a divisor) do not, the largest counts; a title or an event of
/// any member counts for the unit; texts and dates are the leading firm's.
fn merge_of(units: &Units, fact: &Fact) -> Merge {
    match fact.kind {
        Kind::Number => {
            let rate =
                fact.unit.as_deref().and_then(|id| units.get(id)).is_some_and(|u| u.dimension.0.iter().any(|e| *e < 0));
            if rate { Merge::Max } else { Merge::Sum }
        }
        Kind::Boolean => Merge::Any,
        Kind::Text | Kind::Date => Merge::Lead,
    }
}

/// Names whose values the engine makes itself: id, kind, unit, decimals, Chinese, English title.
pub const ENGINE_NAMES: [(&str, Kind, Option<&str>, u8, &str, &str); 13] = [
    ("effective_land", Kind::Number, Some("mu"), 4, "实际用地面积", "Effective land"),
    ("owned_land", Kind::Number, Some("mu"), 4, "自有用地", "Owned land"),
    ("leased_in_land", Kind::Number, Some("mu"), 4, "租入用地", "Land leased in"),
    ("leased_out_land", Kind::Number, Some("mu"), 4, "租出用地", "Land leased out"),
    ("leased_in_floor_area", Kind::Number, Some("m2"), 2, "租入建筑面积", "Floor area leased in"),
    ("most_floors", Kind::Number, None, 0, "租入厂房最高层数", "Most floors of a leased building"),
    ("tenants", Kind::Number, None, 0, "承租企业数", "Tenants"),
    ("tenants_below_scale", Kind::Number, None, 0, "规下承租企业数", "Tenants below scale"),
    ("year", Kind::Number, None, 0, "评价年度", "Evaluation year"),
    ("as_of", Kind::Date, None, 0, "评价时点", "As-of date"),
    ("months_since_founded", Kind::Number, None, 0, "成立月数", "Full months since foundation"),
    ("years_since_founded", Kind::Number, None, 0, "成立年数", "Full years since foundation"),
    ("class_last_year", Kind::Text, None, 0, "上年评价等级", "Class of the year before"),
];

/// True for names that come from parcels and leases.
pub fn is_land(name: &str) -> bool {
    LAND_NAMES.contains(&name)
}

const LAND_NAMES: [&str; 8] = [
    "effective_land",
    "owned_land",
    "leased_in_land",
    "leased_out_land",
    "leased_in_floor_area",
    "most_floors",
    "tenants",
    "tenants_below_scale",
];
