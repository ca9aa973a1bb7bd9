//! The unified social credit code of a legal person (统一社会信用代码, GB 32100-2015): eighteen
//! characters, the last a check character over the seventeen before it.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// The standard's alphabet: digits and capitals without I, O, S, V, Z.
const ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
/// Weights 3^i mod 31 of clause 4 of the standard.
const WEIGHTS: [u32; 17] = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];

/// Registering department (first character) with the kinds it registers (second character),
/// table 1 of the standard.
const PAIRS: [(char, &str); 12] = [
    ('1', "1239"),
    ('2', "19"),
    ('3', "123459"),
    ('4', "19"),
    ('5', "1239"),
    ('6', "129"),
    ('7', "129"),
    ('8', "19"),
    ('9', "123"),
    ('A', "19"),
    ('N', "1239"),
    ('Y', "1"),
];

/// A credit code whose check character holds.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CreditCode(String);

/// Why a text is no credit code.
#[derive(Debug, Clone, thiserror::Error, PartialEq, Eq)]
pub enum CodeFault {
    /// Nothing was given.
    #[error("the credit code is empty")]
    Empty,
    /// Not eighteen characters.
    #[error("`{text}` has {found} characters; a credit code has 18")]
    Length {
        /// As given, after folding.
        text: String,
        /// Characters found.
        found: usize,
    },
    /// A character outside the alphabet.
    #[error("`{text}` has `{found}` at position {position}; digits and capitals other than I, O, S, V, Z are allowed")]
    Character {
        /// As given, after folding.
        text: String,
        /// The character.
        found: char,
        /// Counted from 1.
        position: usize,
    },
    /// The first two characters are no registered pair.
    #[error("`{text}` begins with `{pair}`, which is no pair of registering department and kind in GB 32100")]
    Pair {
        /// As given, after folding.
        text: String,
        /// The two characters.
        pair: String,
    },
    /// Positions 3 to 8 are not digits.
    #[error("`{text}`: positions 3 to 8 are the registering division and must be digits")]
    Division {
        /// As given, after folding.
        text: String,
    },
    /// The last character does not fit.
    #[error("`{text}` ends in `{found}`; the check character of the other seventeen is `{expected}`")]
    Check {
        /// As given, after folding.
        text: String,
        /// The character found.
        found: char,
        /// The one that the standard computes.
        expected: char,
    },
}

impl CreditCode {
    /// The code's eighteen characters.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The check character of seventeen characters of the alphabet; `None` when one is outside it.
    pub fn check_character(first17: &str) -> Option<char> {
        let bytes = first17.as_bytes();
        if bytes.len() != 17 {
            return None;
        }
        let mut sum = 0u32;
        for (byte, weight) in bytes.iter().zip(WEIGHTS) {
            let value = ALPHABET.iter().position(|a| a == byte)? as u32;
            sum += value * weight;
        }
        Some(ALPHABET[((31 - sum % 31) % 31) as usize] as char)
    }

    /// The six digits of the division that registered the firm; not where it is today.
    pub fn registered_in(&self) -> &str {
        &self.0[2..8]
    }
}

/// Folds full-width characters and case and drops blanks and hyphens: what departments type
/// around a code. Letters that look like digits (O, I) are *not* replaced.
pub fn fold(text: &str) -> String {
    crate::text::half_width(text)
        .chars()
        .filter(|c| !c.is_whitespace() && *c != '-')
        .flat_map(char::to_uppercase)
        .collect()
}

impl FromStr for CreditCode {
    type Err = CodeFault;

    fn from_str(s: &str) -> Result<Self, CodeFault> {
        let text = fold(s);
        if text.is_empty() {
            return Err(CodeFault::Empty);
        }
        let found = text.chars().count();
        if found != 18 {
            return Err(CodeFault::Length { text, found });
        }
        for (i, c) in text.chars().enumerate() {
            if !c.is_ascii() || !ALPHABET.contains(&(c as u8)) {
                return Err(CodeFault::Character { found: c, position: i + 1, text });
            }
        }
        let (department, kind) = (text.as_bytes()[0] as char, text.as_bytes()[1] as char);
        if !PAIRS.iter().any(|(d, kinds)| *d == department && kinds.contains(kind)) {
            return Err(CodeFault::Pair { pair: text[..2].to_owned(), text });
        }
        if !text[2..8].bytes().all(|b| b.is_ascii_digit()) {
            return Err(CodeFault::Division { text });
        }
        let expected = Self::check_character(&text[..17]).expect("checked against the alphabet above");
        let last = text.as_bytes()[17] as char;
        if last != expected {
            return Err(CodeFault::Check { found: last, expected, text });
        }
        Ok(Self(text))
    }
}

impl TryFrom<String> for CreditCode {
    type Error = CodeFault;
    fn try_from(s: String) -> Result<Self, CodeFault> {
        s.parse()
    }
}

impl From<CreditCode> for String {
    fn from(c: CreditCode) -> String {
        c.0
    }
}

impl fmt::Display for CreditCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for CreditCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_test_vector_gets_the_verdict_it_states() {
        let table = include_str!("../tests/uscc_test_vectors.csv");
        let (mut valid, mut invalid) = (0, 0);
        for line in table.lines().skip(1) {
            let cells: Vec<&str> = line.split(',').collect();
            let (input, expected) = (cells[0], cells[2] == "true");
            if line.contains("needs the code list") {
                continue; // the code list decides these, and this crate does not hold it
            }
            assert_eq!(input.parse::<CreditCode>().is_ok(), expected, "{line}");
            if expected { valid += 1 } else { invalid += 1 }
        }
        assert!(valid > 30 && invalid > 10, "{valid} valid and {invalid} invalid vectors were read");
    }
}
