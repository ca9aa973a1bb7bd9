//! Numbers as departments write them, read into exact decimals or refused with a reason.
//!
//! `12,345.60`, `１２．５`, `(300)`, `-`, `#DIV/0!`, `3.5%`: a spreadsheet holds all of these in one
//! column. Nothing here rounds; what cannot be kept exactly is refused.

use rust_decimal::Decimal;
use std::str::FromStr;

/// Decimal places that a stored figure can carry. Figures are kept as 128-bit integers of 10^-18,
/// which leaves twenty digits before the point.
pub const SCALE: u32 = 18;

/// Why a cell is not a number.
#[derive(Debug, Clone, thiserror::Error, PartialEq, Eq)]
pub enum NumberFault {
    /// The cell holds an error value such as `#DIV/0!`.
    #[error("`{0}` is a formula error, not a number")]
    FormulaError(String),
    /// The text has other characters.
    #[error("`{0}` is not a number")]
    NotANumber(String),
    /// More decimal places than can be kept.
    #[error("`{0}` has more than 18 decimal places")]
    TooFine(String),
    /// More than twenty digits before the point.
    #[error("`{0}` is too large: twenty digits before the decimal point are kept")]
    TooLarge(String),
}

/// Reads a number typed as text. Blank cells and the marks for "nothing to report" (`-`, `—`, `/`,
/// `无`) are `None`: unknown, which is neither zero nor false. Grouping commas, blanks, full-width
/// forms and accounting brackets are understood; a percent sign divides by 100.
pub fn parse(text: &str) -> Result<Option<Decimal>, NumberFault> {
    let folded: String = crate::text::half_width(text).chars().filter(|c| !c.is_whitespace()).collect();
    if folded.is_empty() || matches!(folded.as_str(), "-" | "--" | "—" | "——" | "/" | "无" | "空" | "N/A" | "n/a")
    {
        return Ok(None);
    }
    if folded.starts_with('#') {
        return Err(NumberFault::FormulaError(text.trim().to_owned()));
    }
    let bad = || NumberFault::NotANumber(text.trim().to_owned());
    let (body, negative) = match folded.strip_prefix('(').and_then(|r| r.strip_suffix(')')) {
        Some(inner) => (inner.to_owned(), true),
        None => (folded, false),
    };
    let (body, percent) = match body.strip_suffix('%') {
        Some(rest) => (rest.to_owned(), true),
        None => (body, false),
    };
    let body = ungroup(&body).ok_or_else(bad)?;
    let number =
        if body.contains(['e', 'E']) { Decimal::from_scientific(&body) } else { Decimal::from_str_exact(&body) }
            .map_err(|_| {
                let digits = body.trim_start_matches(['-', '+']);
                let plain = digits.chars().all(|c| c.is_ascii_digit() || c == '.');
                match digits.split_once('.') {
                    Some((_, fraction)) if plain && fraction.len() > SCALE as usize => {
                        NumberFault::TooFine(text.trim().to_owned())
                    }
                    _ if plain && digits.len() > 20 => NumberFault::TooLarge(text.trim().to_owned()),
                    _ => bad(),
                }
            })?;
    let number = if percent { number / Decimal::ONE_HUNDRED } else { number };
    let number = if negative { -number } else { number };
    fit(number, text).map(Some)
}

/// Reads a spreadsheet's floating-point cell at the fifteen significant digits that spreadsheets
/// keep (ECMA-376 stores more, users see and mean fifteen).
pub fn from_f64(value: f64) -> Result<Decimal, NumberFault> {
    if !value.is_finite() {
        return Err(NumberFault::FormulaError(value.to_string()));
    }
    if value.fract() == 0.0 && value.abs() < 9e15 {
        return Ok(Decimal::from(value as i64));
    }
    let text = format!("{value:.14e}");
    let number = Decimal::from_scientific(&text).map_err(|_| NumberFault::TooLarge(value.to_string()))?;
    fit(number.normalize(), &value.to_string())
}

/// The nearest `f64`, correctly rounded, for the engines that compute in floating point.
pub fn to_f64(number: Decimal) -> f64 {
    let number = number.normalize();
    let (mantissa, scale) = (number.mantissa(), number.scale());
    // Both operands are exact, so one IEEE division rounds correctly.
    if mantissa.unsigned_abs() < (1 << 53) && scale <= 22 {
        mantissa as f64 / POWERS[scale as usize]
    } else {
        f64::from_str(&number.to_string()).expect("a decimal is a float literal")
    }
}

/// The number as an integer of 10^-18.
pub fn to_scaled(number: Decimal) -> Option<i128> {
    let shift = SCALE.checked_sub(number.scale())?;
    number.mantissa().checked_mul(10i128.pow(shift))
}

/// The number that an integer of 10^-18 stands for; `None` beyond what a decimal holds.
pub fn from_scaled(mut scaled: i128) -> Option<Decimal> {
    let mut scale = SCALE;
    while scale > 0 && scaled % 10 == 0 {
        scaled /= 10;
        scale -= 1;
    }
    Decimal::try_from_i128_with_scale(scaled, scale).ok()
}

const POWERS: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
    1e21, 1e22,
];

fn fit(number: Decimal, text: &str) -> Result<Decimal, NumberFault> {
    let number = number.normalize();
    if number.scale() > SCALE {
        return Err(NumberFault::TooFine(text.trim().to_owned()));
    }
    if number.trunc().mantissa().unsigned_abs() >= 10u128.pow(20) {
        return Err(NumberFault::TooLarge(text.trim().to_owned()));
    }
    Ok(number)
}

/// Drops grouping commas where they group by three; `1,2` stays a fault.
fn ungroup(body: &str) -> Option<String> {
    if !body.contains(',') {
        return Some(body.to_owned());
    }
    let (whole, fraction) = body.split_once('.').map_or((body, None), |(w, f)| (w, Some(f)));
    let sign_less = whole.trim_start_matches(['-', '+']);
    let mut groups = sign_less.split(',');
    let first = groups.next()?;
    let grouped =
        (1..=3).contains(&first.len()) && groups.all(|g| g.len() == 3 && g.bytes().all(|b| b.is_ascii_digit()));
    let whole: String = whole.chars().filter(|c| *c != ',').collect();
    grouped.then(|| fraction.map_or(whole.clone(), |f| format!("{whole}.{f}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str) -> Result<Option<String>, NumberFault> {
        parse(text).map(|n| n.map(|d| d.normalize().to_string()))
    }

    #[test]
    fn numbers_in_the_forms_that_departments_send_are_read_exactly() {
        for (text, expected) in [
            ("12,345.60", "12345.6"),
            ("１２．５", "12.5"),
            (" 3 400 ", "3400"),
            ("(300)", "-300"),
            ("3.5%", "0.035"),
            ("1.2e3", "1200"),
            ("-0.5", "-0.5"),
        ] {
            assert_eq!(read(text), Ok(Some(expected.into())), "{text}");
        }
        for blank in ["", "  ", "-", "—", "/", "无"] {
            assert_eq!(read(blank), Ok(None), "{blank:?}");
        }
    }

    #[test]
    fn what_is_not_a_number_says_so() {
        assert_eq!(read("#DIV/0!"), Err(NumberFault::FormulaError("#DIV/0!".into())));
        assert_eq!(read("1,2"), Err(NumberFault::NotANumber("1,2".into())));
        assert_eq!(read("12万"), Err(NumberFault::NotANumber("12万".into())));
        assert!(matches!(read("0.1234567890123456789"), Err(NumberFault::TooFine(_))));
        assert!(matches!(read("123456789012345678901"), Err(NumberFault::TooLarge(_))));
    }

    proptest! {
        #[test]
        fn scaled_integers_and_floats_round_trip(mantissa in -9_000_000_000_000_000i64..9_000_000_000_000_000, scale in 0u32..12) {
            let number = Decimal::new(mantissa, scale);
            prop_assert_eq!(from_scaled(to_scaled(number).unwrap()).unwrap(), number.normalize());
            prop_assert_eq!(to_f64(number), f64::from_str(&number.to_string()).unwrap());
        }

        #[test]
        fn a_cell_of_fifteen_digits_reads_back_as_typed(mantissa in 1i64..999_999_999_999_999, scale in 0u32..10) {
            let number = Decimal::new(mantissa, scale).normalize();
            prop_assert_eq!(from_f64(to_f64(number)).unwrap(), number);
        }
    }
}
