//! Made-up credit codes that hold every rule of GB 32100: the check character of the whole and that
//! of the nine-character organisation code inside (GB 11714). One could by chance equal a real one.

use crate::draw::Draw;
use base::{CreditCode, DivisionCode};

/// Weights of GB 11714.
const WEIGHTS: [u32; 8] = [3, 7, 9, 10, 5, 8, 4, 2];
const ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";

/// The check character of an organisation code's first eight characters.
pub fn organisation_check(first8: &str) -> char {
    let value = |c: char| c.to_digit(36).expect("digits and capitals only");
    let sum: u32 = first8.chars().zip(WEIGHTS).map(|(c, w)| value(c) * w).sum();
    match 11 - sum % 11 {
        10 => 'X',
        11 => '0',
        n => char::from_digit(n, 10).expect("below ten"),
    }
}

/// True when the organisation code inside a credit code carries its own check character.
pub fn organisation_holds(code: &CreditCode) -> bool {
    let inner = &code.as_str()[8..17];
    organisation_check(&inner[..8]) == inner.chars().last().expect("nine characters")
}

/// An enterprise's code registered in that division: numbers for firms from before the code's
/// introduction in October 2015, `MA` and letters for later ones.
pub fn make(draw: &mut Draw, division: DivisionCode, founded_before_code: bool) -> CreditCode {
    let mut inner = String::new();
    if founded_before_code {
        inner.push_str(&format!("{:08}", draw.between(10_000_000, 79_999_999)));
    } else {
        inner.push_str("MA");
        for _ in 0..6 {
            inner.push(*draw.pick(ALPHABET) as char);
        }
    }
    inner.push(organisation_check(&inner));
    let first17 = format!("91{division}{inner}");
    let check = CreditCode::check_character(&first17).expect("made of the alphabet");
    format!("{first17}{check}").parse().expect("the check character was computed")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_organisation_check_agrees_with_the_shared_vectors() {
        let table = include_str!("../../base/tests/uscc_test_vectors.csv");
        let mut seen = 0;
        for line in table.lines().skip(1).filter(|l| l.contains(",true,,")) {
            let code: CreditCode = line.split(',').next().unwrap().parse().unwrap();
            assert!(organisation_holds(&code), "{line}");
            seen += 1;
        }
        assert!(seen > 30, "{seen}");
    }
}
