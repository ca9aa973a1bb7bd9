//! Units of measure: every unit once, with its dimension and its exact factor to the dimension's
//! base. Conversion is exact and happens only between units of one dimension.

use crate::place::Place;
use crate::scheme::Text;
use rust_decimal::Decimal;
use serde::Serialize;
use std::collections::BTreeMap;

/// The base dimensions. Electricity is kept apart from energy: the factor between them is a policy
/// choice (calorific or primary equivalent), not a law of nature.
pub const BASES: [&str; 8] = ["money", "area", "energy", "mass", "person", "electricity", "count", "length"];

/// Exponents over [`BASES`]: yuan per kWh is money 1, electricity −1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize)]
pub struct Dimension(pub [i8; 8]);

impl Dimension {
    /// A pure number.
    pub const ONE: Dimension = Dimension([0; 8]);

    /// The dimension of a product.
    pub fn times(self, other: Self) -> Self {
        let mut out = self.0;
        out.iter_mut().zip(other.0).for_each(|(a, b)| *a += b);
        Self(out)
    }

    /// The dimension of a quotient.
    pub fn over(self, other: Self) -> Self {
        let mut out = self.0;
        out.iter_mut().zip(other.0).for_each(|(a, b)| *a -= b);
        Self(out)
    }
}

impl std::fmt::Display for Dimension {
    /// `money·area^-1`; `1` for a pure number.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let parts: Vec<String> = BASES
            .iter()
            .zip(self.0)
            .filter(|(_, e)| *e != 0)
            .map(|(name, e)| if e == 1 { (*name).to_owned() } else { format!("{name}^{e}") })
            .collect();
        f.write_str(&if parts.is_empty() { "1".to_owned() } else { parts.join("·") })
    }
}

/// A unit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Unit {
    /// Id: `10k_yuan`.
    pub id: String,
    /// 万元 / 10,000 yuan.
    pub title: Text,
    /// Other ways departments write it.
    pub aliases: Vec<String>,
    /// Dimension.
    pub dimension: Dimension,
    /// One of this unit is `numerator / denominator` of the dimension's base unit; both exact.
    pub numerator: Decimal,
    /// See `numerator`.
    pub denominator: Decimal,
    /// Where.
    pub at: Place,
}

/// All units.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Units {
    /// By id.
    pub all: BTreeMap<String, Unit>,
}

/// An exact factor: multiply by the numerator, then divide by the denominator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Factor {
    /// Multiply by this.
    pub numerator: Decimal,
    /// Then divide by this.
    pub denominator: Decimal,
}

impl Factor {
    /// Converts a value. `None` when the result does not fit a decimal.
    pub fn apply(&self, value: Decimal) -> Option<Decimal> {
        value.checked_mul(self.numerator)?.checked_div(self.denominator).map(|v| v.normalize())
    }
}

/// Why a unit cannot be used.
#[derive(Debug, Clone, thiserror::Error, PartialEq, Eq)]
pub enum UnitFault {
    /// No unit of that name.
    #[error("`{0}` is no known unit")]
    Unknown(String),
    /// The units measure different things.
    #[error("`{from}` ({from_dimension}) cannot become `{to}` ({to_dimension})")]
    Dimension {
        /// From.
        from: String,
        /// Its dimension.
        from_dimension: String,
        /// To.
        to: String,
        /// Its dimension.
        to_dimension: String,
    },
}

/// A column head split into its name and the unit it declares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// The head without the unit: `营业收入`.
    pub name: String,
    /// The unit text as written, when there is one: `万元`.
    pub unit_text: Option<String>,
    /// The unit's id, when the text names a known unit.
    pub unit: Option<String>,
}

impl Units {
    /// The unit of that id.
    pub fn get(&self, id: &str) -> Option<&Unit> {
        self.all.get(id)
    }

    /// The unit of that id, Chinese or English name, or alias; width, case and blanks do not matter.
    pub fn find(&self, text: &str) -> Option<&Unit> {
        let key = key(text);
        if key.is_empty() {
            return None;
        }
        self.all.values().find(|u| {
            key == self::key(&u.id)
                || key == self::key(&u.title.zh)
                || key == self::key(&u.title.en)
                || u.aliases.iter().any(|a| key == self::key(a))
        })
    }

    /// The exact factor from one unit to another of the same dimension.
    pub fn factor(&self, from: &str, to: &str) -> Result<Factor, UnitFault> {
        let unit = |id: &str| self.get(id).ok_or_else(|| UnitFault::Unknown(id.to_owned()));
        let (a, b) = (unit(from)?, unit(to)?);
        if a.dimension != b.dimension {
            return Err(UnitFault::Dimension {
                from: from.to_owned(),
                from_dimension: a.dimension.to_string(),
                to: to.to_owned(),
                to_dimension: b.dimension.to_string(),
            });
        }
        Ok(Factor {
            numerator: (a.numerator * b.denominator).normalize(),
            denominator: (a.denominator * b.numerator).normalize(),
        })
    }

    /// Splits a column head such as `营业收入（万元）`, `用电量[kWh]`, `实缴税金(单位：元)` or
    /// `实缴税金/万元`. A bracket that names no unit stays part of the name.
    pub fn parse_head(&self, head: &str) -> Head {
        let folded = base::text::half_width(head);
        let folded: String = folded.split_whitespace().collect::<Vec<_>>().join("");
        let plain = Head { name: folded.clone(), unit_text: None, unit: None };
        for (open, close) in [('(', ')'), ('[', ']'), ('【', '】'), ('〔', '〕')] {
            let (Some(start), Some(end)) = (folded.rfind(open), folded.rfind(close)) else { continue };
            if end < start {
                continue;
            }
            let inner = &folded[start + open.len_utf8()..end];
            let text = inner.strip_prefix("单位").map_or(inner, |t| t.trim_start_matches([':', '为']));
            let declared = text.len() < inner.len();
            let name = format!("{}{}", &folded[..start], &folded[end + close.len_utf8()..]);
            if let Some(unit) = self.find(text) {
                return Head { name, unit_text: Some(text.to_owned()), unit: Some(unit.id.clone()) };
            }
            if declared {
                return Head { name, unit_text: Some(text.to_owned()), unit: None };
            }
        }
        for separator in ['/', ',', '，', ':', '-', '_'] {
            if let Some((name, text)) = folded.rsplit_once(separator)
                && let Some(unit) = self.find(text.trim_start_matches("单位"))
                && !name.is_empty()
            {
                return Head { name: name.to_owned(), unit_text: Some(text.to_owned()), unit: Some(unit.id.clone()) };
            }
        }
        plain
    }
}

fn key(text: &str) -> String {
    base::text::half_width(text)
        .chars()
        .filter(|c| !c.is_whitespace())
        .flat_map(char::to_lowercase)
        .map(|c| match c {
            '㎡' => '²',
            other => other,
        })
        .collect::<String>()
        .replace("m²", "m2")
        .replace('²', "m2")
}
