//! Administrative division codes (GB/T 2260, six digits) as a typed prefix tree: 370000 the
//! province, 370100 a city, 370102 a county. Names and succession are data (`law/codes/`).

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// A six-digit GB/T 2260 code.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DivisionCode(u32);

/// Depth of a division in the tree.
#[derive(Clone, Copy, PartialEq, Eq, Debug, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Ends in 0000.
    Province,
    /// Ends in 00.
    City,
    /// Any other code.
    County,
}

impl DivisionCode {
    /// The code as a number, 370102.
    pub fn number(self) -> u32 {
        self.0
    }

    /// Province, city or county, read from the trailing zeros.
    pub fn level(self) -> Level {
        if self.0.is_multiple_of(10_000) {
            Level::Province
        } else if self.0.is_multiple_of(100) {
            Level::City
        } else {
            Level::County
        }
    }

    /// True when `other` is this division or lies below it.
    pub fn covers(self, other: Self) -> bool {
        let (low, high) = self.range();
        (low..=high).contains(&other.0)
    }

    /// Smallest and largest code of the subtree, both inclusive: what a store query filters by.
    pub fn range(self) -> (u32, u32) {
        match self.level() {
            Level::Province => (self.0, self.0 + 9_999),
            Level::City => (self.0, self.0 + 99),
            Level::County => (self.0, self.0),
        }
    }

    /// The city of a county, the province of a city; a province has no parent.
    pub fn parent(self) -> Option<Self> {
        match self.level() {
            Level::Province => None,
            Level::City => Some(Self(self.0 / 10_000 * 10_000)),
            Level::County => Some(Self(self.0 / 100 * 100)),
        }
    }
}

/// A text that is not a six-digit division code.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("`{0}` is not a division code: six digits from 110000 to 829999 are expected")]
pub struct NotADivision(pub String);

impl FromStr for DivisionCode {
    type Err = NotADivision;

    fn from_str(s: &str) -> Result<Self, Self::Err> {
        let n: u32 = s.parse().map_err(|_| NotADivision(s.to_owned()))?;
        if s.len() == 6 && (110_000..830_000).contains(&n) { Ok(Self(n)) } else { Err(NotADivision(s.to_owned())) }
    }
}

impl TryFrom<String> for DivisionCode {
    type Error = NotADivision;
    fn try_from(s: String) -> Result<Self, NotADivision> {
        s.parse()
    }
}

impl TryFrom<u32> for DivisionCode {
    type Error = NotADivision;
    fn try_from(n: u32) -> Result<Self, NotADivision> {
        n.to_string().parse()
    }
}

impl From<DivisionCode> for String {
    fn from(c: DivisionCode) -> String {
        c.to_string()
    }
}

impl fmt::Display for DivisionCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:06}", self.0)
    }
}

impl fmt::Debug for DivisionCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_city_covers_its_counties_and_nothing_else() {
        let city: DivisionCode = "370100".parse().unwrap();
        assert!(city.covers("370102".parse().unwrap()));
        assert!(city.covers(city));
        assert!(!city.covers("370202".parse().unwrap()));
        assert!(!city.covers("370000".parse().unwrap()));
        assert_eq!(city.parent().unwrap().to_string(), "370000");
        assert_eq!(city.level(), Level::City);
    }

    #[test]
    fn other_text_is_refused_with_the_value() {
        assert_eq!("3701".parse::<DivisionCode>(), Err(NotADivision("3701".into())));
        assert!("37010O".parse::<DivisionCode>().is_err());
    }
}
