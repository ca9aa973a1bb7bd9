//! Invoice lines behind a claim: what makes a line the same wherever it is handed in, and what of the
//! lines as filed was found as built.

use base::Digest;
use base::text::half_width;
use rust_decimal::Decimal;

/// A number of an invoice: a code of 10 or 12 digits and a number of 8, written together, the number
/// alone, or the 20 digits of a fully digital invoice.
const DIGITS: [usize; 4] = [8, 12, 18, 20];

/// Why a line is no line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LineFault {
    /// Not a number of an invoice.
    #[error("`{0}` is no invoice number; allowed: 8, 12, 18 or 20 digits")]
    Invoice(String),
    /// Not a line.
    #[error("`{0}` is no line of an invoice; allowed: 1 to 9999")]
    Line(u32),
}

/// The digits of an invoice number, whatever was written between and however wide.
pub fn invoice_number(text: &str) -> Result<String, LineFault> {
    let plain = half_width(text);
    let digits: String = plain.chars().filter(|c| !(c.is_whitespace() || *c == '-')).collect();
    let is_number = digits.chars().all(|c| c.is_ascii_digit()) && DIGITS.contains(&digits.len());
    is_number.then_some(digits).ok_or_else(|| LineFault::Invoice(text.to_owned()))
}

/// What makes a line the same line: invoice, line and seller. Neither the sum nor the words are part
/// of it, so that changing them does not make it another line.
pub fn fingerprint(invoice: &str, line: u32, seller: &str) -> Result<Digest, LineFault> {
    if !(1..=9999).contains(&line) {
        return Err(LineFault::Line(line));
    }
    let invoice = invoice_number(invoice)?;
    let seller: String = half_width(seller).chars().filter(|c| !c.is_whitespace()).collect();
    Ok(Digest::of(format!("{invoice}:{line}:{}", seller.to_uppercase()).as_bytes()))
}

/// What was found of a line on the spot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Built {
    /// As filed.
    Found,
    /// Not there.
    Missing,
    /// There, but with another sum.
    Differs(Decimal),
}

/// What of the lines may be counted: of each line the lesser of filed and found, none before all of
/// them were looked at.
pub fn as_built(lines: &[(Decimal, Option<Built>)]) -> Option<Decimal> {
    lines
        .iter()
        .map(|(filed, built)| {
            Some(match built.as_ref()? {
                Built::Found => *filed,
                Built::Missing => Decimal::ZERO,
                Built::Differs(found) => (*found).min(*filed).max(Decimal::ZERO),
            })
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_the_same_however_it_is_written() {
        let one = fingerprint("２５３７２０００ 0001-2345 6789", 2, "91370783ma3abcde1x").unwrap();
        assert_eq!(one, fingerprint("25372000000123456789", 2, "91370783MA3ABCDE1X").unwrap());
        assert_ne!(one, fingerprint("25372000000123456789", 3, "91370783MA3ABCDE1X").unwrap());
        assert_ne!(one, fingerprint("25372000000123456780", 2, "91370783MA3ABCDE1X").unwrap());
    }

    #[test]
    fn what_is_no_invoice_is_refused_with_its_text() {
        for text in ["", "1234567", "1234567a", "123456789012345678901"] {
            assert_eq!(invoice_number(text), Err(LineFault::Invoice(text.to_owned())));
        }
        assert_eq!(fingerprint("12345678", 0, "x"), Err(LineFault::Line(0)));
    }

    #[test]
    fn what_was_built_never_counts_for_more_than_what_was_filed() {
        let ten = Decimal::TEN;
        assert_eq!(as_built(&[(ten, None)]), None);
        let found = [
            (ten, Some(Built::Found)),
            (ten, Some(Built::Missing)),
            (ten, Some(Built::Differs(Decimal::from(4)))),
            (ten, Some(Built::Differs(Decimal::from(40)))),
            (ten, Some(Built::Differs(Decimal::from(-4)))),
        ];
        assert_eq!(as_built(&found), Some(Decimal::from(24)));
        assert_eq!(as_built(&[]), Some(Decimal::ZERO));
    }
}
