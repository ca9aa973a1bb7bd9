//! One cell into a figure, day, truth value, text or credit code, or into the reason why not.

use crate::Wording;
use crate::grid::Cell;
use crate::reading::{CodeCell, DateSystem};
use crate::units::Factor;
use base::code::{self, CodeFault};
use base::fixed::{self, NumberFault};
use base::text::half_width;
use jiff::ToSpan;
use jiff::civil::Date;

/// Why a cell's content is not taken.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Bad {
    pub code: &'static str,
    pub wording: Wording,
    pub allowed: Wording,
}

fn bad(code: &'static str, zh: impl Into<String>, en: impl Into<String>, allowed: Wording) -> Bad {
    Bad { code, wording: Wording::new(zh, en), allowed }
}

const ONE: i128 = 10i128.pow(fixed::SCALE);

/// A float at the fifteen digits that spreadsheets keep, as users see it.
pub(crate) fn plain(n: f64) -> String {
    match fixed::from_f64(n) {
        Ok(number) => number.to_string(),
        Err(_) => n.to_string(),
    }
}

fn numbers_allowed() -> Wording {
    Wording::new(
        "数字；可以带千分位逗号、负号或会计括号，单位写在表头；没有数据请留空",
        "a number; grouping commas, a sign or accounting brackets may be used, units belong in the head; leave unknown cells blank",
    )
}

fn error_value(text: &str) -> Bad {
    bad(
        "formula_error",
        format!("公式出错：{text}"),
        format!("formula error: {text}"),
        Wording::new("公式的结果，或直接填写数值", "the result of the formula, or the plain value"),
    )
}

/// A figure as an integer of 10^-18; `None` for a blank. `ratio` tells whether the column's unit
/// makes sense of a percent sign.
pub(crate) fn number(cell: &Cell, dates: DateSystem, ratio: bool) -> Result<Option<i128>, Bad> {
    match cell {
        Cell::Number(n) => of_float(*n).map(Some),
        Cell::Text(text) => of_text(text, ratio),
        Cell::Error(e) => Err(error_value(e)),
        Cell::Bool(_) => Err(not_a_number(&cell.shown(dates))),
        Cell::Serial(_) | Cell::Iso(_) => Err(bad(
            "date_in_number",
            format!("这是日期（{}），不是数字；可能是单元格格式设错了", cell.shown(dates)),
            format!("this is a date ({}), not a number; perhaps the cell has the wrong format", cell.shown(dates)),
            numbers_allowed(),
        )),
    }
}

const POWERS: [f64; 7] = [1.0, 10.0, 100.0, 1e3, 1e4, 1e5, 1e6];

fn of_float(value: f64) -> Result<i128, Bad> {
    // Nearly every cell has few decimals: a fraction of integers below 10^15 that divides back to
    // the very float is the decimal that was typed, and the general path would find the same.
    for (places, power) in POWERS.iter().enumerate() {
        let scaled = (value * power).round();
        if scaled.abs() >= 1e15 {
            break;
        }
        if scaled / power == value {
            return Ok(i128::from(scaled as i64) * 10i128.pow(fixed::SCALE - places as u32));
        }
    }
    fixed::from_f64(value)
        .map_err(number_fault)
        .and_then(|n| fixed::to_scaled(n).ok_or_else(|| too_large(&value.to_string())))
}

fn of_text(text: &str, ratio: bool) -> Result<Option<i128>, Bad> {
    if !ratio && text.contains(['%', '％']) {
        return Err(bad(
            "percent_unexpected",
            format!("“{}”是百分数，这一列不是比率", text.trim()),
            format!("“{}” is a percentage; this column is not a ratio", text.trim()),
            numbers_allowed(),
        ));
    }
    match fixed::parse(text).map_err(number_fault)? {
        None => Ok(None),
        Some(n) => fixed::to_scaled(n).map(Some).ok_or_else(|| too_large(text)),
    }
}

fn not_a_number(text: &str) -> Bad {
    bad("not_a_number", format!("“{text}”不是数字"), format!("“{text}” is not a number"), numbers_allowed())
}

fn too_large(text: &str) -> Bad {
    bad(
        "number_too_large",
        format!("“{}”太大", text.trim()),
        format!("“{}” is too large", text.trim()),
        Wording::new("小数点前最多 20 位", "at most 20 digits before the decimal point"),
    )
}

fn number_fault(fault: NumberFault) -> Bad {
    match fault {
        NumberFault::FormulaError(text) => error_value(&text),
        NumberFault::NotANumber(text) => not_a_number(&text),
        NumberFault::TooFine(text) => bad(
            "number_too_fine",
            format!("“{text}”的小数位太多"),
            format!("“{text}” has too many decimal places"),
            Wording::new("最多 18 位小数", "at most 18 decimal places"),
        ),
        NumberFault::TooLarge(text) => too_large(&text),
    }
}

/// Multiplies by an exact fraction prepared once per column.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ratio {
    numerator: i128,
    denominator: i128,
}

impl Ratio {
    /// In lowest terms; `None` when the factor does not fit.
    pub fn of(factor: Factor) -> Option<Self> {
        let (n, d) = (factor.numerator.normalize(), factor.denominator.normalize());
        let numerator = n.mantissa().checked_mul(10i128.checked_pow(d.scale())?)?;
        let denominator = d.mantissa().checked_mul(10i128.checked_pow(n.scale())?)?;
        let common = gcd(numerator.unsigned_abs(), denominator.unsigned_abs());
        let common = i128::try_from(common).ok().filter(|c| *c != 0)?;
        (denominator != 0).then_some(Self { numerator: numerator / common, denominator: denominator / common })
    }

    /// `None` when the result would have to be rounded or does not fit.
    pub fn apply(self, value: i128) -> Option<i128> {
        if value % self.denominator != 0 {
            return None;
        }
        (value / self.denominator).checked_mul(self.numerator)
    }
}

fn gcd(a: u128, b: u128) -> u128 {
    if b == 0 { a } else { gcd(b, a % b) }
}

pub(crate) fn inexact(shown: &str, from: &str, to: &str) -> Bad {
    bad(
        "conversion_inexact",
        format!("“{shown}”{from}不能精确换算成{to}"),
        format!("“{shown}” {from} cannot be converted to {to} exactly"),
        Wording::new(format!("直接以{to}填写"), format!("the figure in {to}")),
    )
}

/// The figure as people read it.
pub(crate) fn shown_scaled(value: i128) -> String {
    match fixed::from_scaled(value) {
        Some(number) => number.to_string(),
        None => (value / ONE).to_string(),
    }
}

/// A day by its number; `None` outside the years that spreadsheets know.
pub(crate) fn serial_date(serial: f64, dates: DateSystem) -> Option<Date> {
    let day = serial.floor();
    if !(0.0..2_958_466.0).contains(&day) {
        return None;
    }
    let day = day as i64;
    let (start, offset) = match dates {
        DateSystem::From1904 => (Date::constant(1904, 1, 1), day),
        // Day 60 is 1900-02-29, which never was; later numbers are one too high.
        DateSystem::From1900 if day == 60 => return None,
        DateSystem::From1900 if day > 60 => (Date::constant(1899, 12, 30), day),
        DateSystem::From1900 => (Date::constant(1899, 12, 31), day),
    };
    start.checked_add(offset.days()).ok()
}

/// Words by which a validity has no end.
const WITHOUT_END: [&str; 4] = ["长期", "长期有效", "永久", "永久有效"];

/// A day; `None` for a blank. `open` allows "without end", which becomes the last day there is.
pub(crate) fn date(cell: &Cell, dates: DateSystem, open: bool) -> Result<Option<Date>, Bad> {
    let wrong = || {
        let shown = cell.shown(dates);
        bad(
            "not_a_date",
            format!("“{shown}”不是完整的日期"),
            format!("“{shown}” is not a complete date"),
            Wording::new(
                "年月日，如 2025-03-01、2025/3/1、2025年3月1日、20250301，或日期格式的单元格",
                "year, month and day, such as 2025-03-01, 2025/3/1, 2025年3月1日, 20250301, or a date cell",
            ),
        )
    };
    match cell {
        Cell::Serial(n) => serial_date(*n, dates).map(Some).ok_or_else(wrong),
        Cell::Number(n) => number_date(*n, dates).map(Some).ok_or_else(wrong),
        Cell::Iso(text) => text_date(text).map(Some).ok_or_else(wrong),
        Cell::Error(e) => Err(error_value(e)),
        Cell::Bool(_) => Err(wrong()),
        Cell::Text(text) => {
            let folded: String = half_width(text).chars().filter(|c| !c.is_whitespace()).collect();
            if is_mark_for_nothing(&folded) {
                return Ok(None);
            }
            if open && WITHOUT_END.contains(&folded.as_str()) {
                return Ok(Some(Date::MAX));
            }
            text_date(text).map(Some).ok_or_else(wrong)
        }
    }
}

/// A number in a column of dates: eight digits are year, month and day; otherwise the day's number.
/// Four digits in the range of years are a year alone, which is no day.
fn number_date(n: f64, dates: DateSystem) -> Option<Date> {
    if n.fract() == 0.0 && (10_000_101.0..=99_991_231.0).contains(&n) {
        return eight_digits(&format!("{n:.0}"));
    }
    if n.fract() == 0.0 && (1900.0..=2999.0).contains(&n) {
        return None;
    }
    serial_date(n, dates)
}

fn eight_digits(text: &str) -> Option<Date> {
    let part = |from: usize, to: usize| text.get(from..to)?.parse().ok();
    Date::new(part(0, 4)?, part(4, 6)? as i8, part(6, 8)? as i8).ok()
}

fn text_date(text: &str) -> Option<Date> {
    let folded = half_width(text);
    let folded = folded.trim();
    // What follows a day is a time of day, which does not matter here.
    let day = match folded.split_once(['T', ' ']) {
        Some((day, time)) if time.trim().starts_with(|c: char| c.is_ascii_digit()) && time.contains(':') => day,
        _ => folded,
    };
    let day: String = day.chars().filter(|c| !c.is_whitespace()).collect();
    if day.len() == 8 && day.bytes().all(|b| b.is_ascii_digit()) {
        return eight_digits(&day);
    }
    let parts: Vec<&str> = day.trim_end_matches('日').split(['-', '/', '.', '年', '月']).collect();
    let [year, month, day] = parts.as_slice() else { return None };
    if year.len() != 4 || month.len() > 2 || day.len() > 2 {
        return None;
    }
    Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()
}

pub(crate) fn future(day: Date, today: Date) -> Bad {
    bad(
        "date_future",
        format!("{day} 晚于今天"),
        format!("{day} lies in the future"),
        Wording::new(format!("不晚于 {today}"), format!("not later than {today}")),
    )
}

/// Yes or no; `None` for a blank.
pub(crate) fn boolean(cell: &Cell, dates: DateSystem) -> Result<Option<bool>, Bad> {
    let wrong = || {
        let shown = cell.shown(dates);
        bad(
            "not_yes_or_no",
            format!("“{shown}”既不是“是”也不是“否”"),
            format!("“{shown}” is neither yes nor no"),
            Wording::new(
                "是、否，或 1、0，或 Y、N；没有数据请留空",
                "是 or 否, 1 or 0, Y or N; leave unknown cells blank",
            ),
        )
    };
    match cell {
        Cell::Bool(b) => Ok(Some(*b)),
        Cell::Number(n) if *n == 1.0 => Ok(Some(true)),
        Cell::Number(n) if *n == 0.0 => Ok(Some(false)),
        Cell::Error(e) => Err(error_value(e)),
        Cell::Text(text) => {
            let folded: String =
                half_width(text).chars().filter(|c| !c.is_whitespace()).collect::<String>().to_lowercase();
            match folded.as_str() {
                "是" | "1" | "y" | "yes" | "true" | "t" | "√" | "✓" | "✔" => Ok(Some(true)),
                "否" | "0" | "n" | "no" | "false" | "f" | "×" | "✗" | "✘" => Ok(Some(false)),
                // 无 could mean no as well as unknown.
                "无" => Err(wrong()),
                other if is_mark_for_nothing(other) => Ok(None),
                _ => Err(wrong()),
            }
        }
        _ => Err(wrong()),
    }
}

fn is_mark_for_nothing(folded: &str) -> bool {
    matches!(folded, "" | "-" | "--" | "—" | "——" | "/" | "\\" | "N/A" | "n/a" | "无")
}

/// A text without outer blanks; `None` for a blank or a mark for nothing.
pub(crate) fn text(cell: &Cell, dates: DateSystem) -> Result<Option<Box<str>>, Bad> {
    match cell {
        Cell::Error(e) => Err(error_value(e)),
        Cell::Text(text) => {
            let trimmed = text.trim_matches(|c: char| c.is_whitespace() || c == '\u{a0}' || c == '\u{feff}');
            Ok((!is_mark_for_nothing(trimmed)).then(|| trimmed.into()))
        }
        other => Ok(Some(other.shown(dates).into())),
    }
}

/// A code such as a parcel's: half width, capitals, no blanks.
pub(crate) fn plain_code(cell: &Cell, dates: DateSystem) -> Result<Option<Box<str>>, Bad> {
    if let Some(bad) = digits_lost(cell) {
        return Err(bad);
    }
    Ok(text(cell, dates)?.map(|t| fold_code(&t).into()))
}

/// Unlike a credit code, a parcel's code may contain hyphens.
fn fold_code(text: &str) -> String {
    half_width(text).chars().filter(|c| !c.is_whitespace()).flat_map(char::to_uppercase).collect()
}

/// Spreadsheets keep fifteen digits of a number: a longer code typed as one has lost its end.
fn digits_lost(cell: &Cell) -> Option<Bad> {
    let Cell::Number(n) = cell else { return None };
    (n.abs() >= 1e15).then(|| {
        bad(
            "code_as_number",
            format!("编码被存成了数字（{}），末尾几位已经丢失", plain(*n)),
            format!("the code was stored as a number ({}); its last digits are lost", plain(*n)),
            Wording::new(
                "先把单元格设为文本格式，再重新输入编码",
                "set the cell's format to text, then type the code again",
            ),
        )
    })
}

/// A credit code with the reason when it is none.
pub(crate) fn credit_code(cell: &Cell, dates: DateSystem) -> (CodeCell, Option<Bad>) {
    if let Cell::Error(e) = cell {
        return (CodeCell::Absent, Some(error_value(e)));
    }
    if let Some(lost) = digits_lost(cell) {
        let text = cell.shown(dates);
        let fault = CodeFault::Length { found: 15, text: text.clone() };
        return (CodeCell::Invalid { text: text.into(), fault }, Some(lost));
    }
    let shown = cell.shown(dates);
    let folded = code::fold(&shown);
    if is_mark_for_nothing(shown.trim()) || folded.is_empty() {
        return (CodeCell::Absent, None);
    }
    match folded.parse() {
        Ok(code) => (CodeCell::Valid(code), None),
        Err(fault) => {
            let why = code_fault(&fault);
            (CodeCell::Invalid { text: folded.into(), fault }, Some(why))
        }
    }
}

pub(crate) fn code_fault(fault: &CodeFault) -> Bad {
    let allowed = Wording::new(
        "18 位统一社会信用代码：数字和大写字母（没有 I、O、S、V、Z），最后一位是校验码",
        "a credit code of 18 characters: digits and capitals (no I, O, S, V, Z), the last one a check character",
    );
    let zh = match fault {
        CodeFault::Empty => "信用代码是空的".to_owned(),
        CodeFault::Length { text, found } => format!("“{text}”有 {found} 位，信用代码应为 18 位"),
        CodeFault::Character { text, found, position } => {
            format!("“{text}”第 {position} 位是“{found}”，信用代码不使用这个字符")
        }
        CodeFault::Pair { text, pair } => format!("“{text}”开头的“{pair}”不是有效的登记部门和机构类别"),
        CodeFault::Division { text } => format!("“{text}”第 3 到 8 位应为登记机关的行政区划数字"),
        CodeFault::Check { text, found, .. } => format!("“{text}”的校验码“{found}”不符，至少有一位写错了"),
    };
    // The expected check character is not told: putting it in place of another mistake would make
    // a wrong code look right.
    let en = match fault {
        CodeFault::Check { text, found, .. } => {
            format!("“{text}”: the check character “{found}” does not fit; at least one character is wrong")
        }
        other => other.to_string(),
    };
    let code = match fault {
        CodeFault::Empty => "credit_code_empty",
        CodeFault::Length { .. } => "credit_code_length",
        CodeFault::Character { .. } => "credit_code_character",
        CodeFault::Pair { .. } => "credit_code_pair",
        CodeFault::Division { .. } => "credit_code_division",
        CodeFault::Check { .. } => "credit_code_check",
    };
    bad(code, zh, en, allowed)
}

/// Below the smallest value that the column allows.
pub(crate) fn below(value: i128, min: i128, unit: &str) -> Bad {
    let (shown, bound) = (shown_scaled(value), shown_scaled(min));
    let zero = min == 0;
    bad(
        if zero { "negative" } else { "below_min" },
        if zero { format!("{shown} 是负数") } else { format!("{shown} 小于 {bound}") },
        if zero { format!("{shown} is negative") } else { format!("{shown} is less than {bound}") },
        Wording::new(
            format!("不小于 {bound} {unit}").trim_end().to_owned(),
            format!("at least {bound} {unit}").trim_end().to_owned(),
        ),
    )
}

/// Above the largest value that the column allows.
pub(crate) fn above(value: i128, max: i128, unit: &str) -> Bad {
    let (shown, bound) = (shown_scaled(value), shown_scaled(max));
    bad(
        "above_max",
        format!("{shown} 大于 {bound}"),
        format!("{shown} is more than {bound}"),
        Wording::new(
            format!("不大于 {bound} {unit}").trim_end().to_owned(),
            format!("at most {bound} {unit}").trim_end().to_owned(),
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn text_cell(text: &str) -> Cell {
        Cell::Text(text.into())
    }

    #[test]
    fn days_written_in_many_ways_are_the_same_day() {
        let day = Date::constant(2025, 3, 1);
        for text in [
            "2025-03-01",
            "2025/3/1",
            "2025年3月1日",
            "20250301",
            "２０２５．３．１",
            "2025-3-1 08:30:00",
            "2025-03-01T00:00:00",
            " 2025 年 3 月 1 日 ",
        ] {
            assert_eq!(date(&text_cell(text), DateSystem::From1900, false), Ok(Some(day)), "{text}");
        }
        assert_eq!(date(&Cell::Number(20_250_301.0), DateSystem::From1900, false), Ok(Some(day)));
        assert_eq!(date(&Cell::Serial(45_717.0), DateSystem::From1900, false), Ok(Some(day)));
        assert_eq!(date(&Cell::Serial(45_717.0 - 1462.0), DateSystem::From1904, false), Ok(Some(day)));
        for text in ["2025年3月", "2025", "3月1日", "25-3-1", "2025-02-30", "去年"] {
            assert_eq!(date(&text_cell(text), DateSystem::From1900, false).unwrap_err().code, "not_a_date", "{text}");
        }
        assert!(date(&Cell::Number(2025.0), DateSystem::From1900, false).is_err());
        assert_eq!(date(&text_cell("长期"), DateSystem::From1900, true), Ok(Some(Date::MAX)));
        assert!(date(&text_cell("长期"), DateSystem::From1900, false).is_err());
    }

    #[test]
    fn the_day_that_never_was_is_no_day() {
        assert_eq!(serial_date(59.0, DateSystem::From1900), Some(Date::constant(1900, 2, 28)));
        assert_eq!(serial_date(60.0, DateSystem::From1900), None);
        assert_eq!(serial_date(61.0, DateSystem::From1900), Some(Date::constant(1900, 3, 1)));
        assert_eq!(serial_date(0.0, DateSystem::From1904), Some(Date::constant(1904, 1, 1)));
    }

    #[test]
    fn yes_and_no_are_read_and_nothing_else_is_guessed() {
        for text in ["是", "Y", "yes", "√", "１"] {
            assert_eq!(boolean(&text_cell(text), DateSystem::From1900), Ok(Some(true)), "{text}");
        }
        for text in ["否", "n", "×", "0"] {
            assert_eq!(boolean(&text_cell(text), DateSystem::From1900), Ok(Some(false)), "{text}");
        }
        assert_eq!(boolean(&text_cell("—"), DateSystem::From1900), Ok(None));
        for text in ["无", "2", "可能"] {
            assert_eq!(boolean(&text_cell(text), DateSystem::From1900).unwrap_err().code, "not_yes_or_no", "{text}");
        }
    }

    #[test]
    fn a_long_code_stored_as_a_number_is_refused_because_its_digits_are_lost() {
        let (cell, bad) = credit_code(&Cell::Number(9.137_011_328_104_482e17), DateSystem::From1900);
        assert!(matches!(cell, CodeCell::Invalid { .. }));
        assert_eq!(bad.map(|b| b.code), Some("code_as_number"));
    }

    #[test]
    fn factors_are_exact_or_refused() {
        let ratio = |n: i64, d: i64| Ratio::of(Factor { numerator: n.into(), denominator: d.into() }).unwrap();
        assert_eq!(ratio(1, 10_000).apply(ONE), Some(ONE / 10_000));
        assert_eq!(ratio(3, 2000).apply(2000 * ONE), Some(3 * ONE));
        assert_eq!(ratio(1, 3).apply(ONE), None);
        assert_eq!(ratio(10, 30).apply(3 * ONE), Some(ONE));
    }

    proptest! {
        #[test]
        fn the_short_path_for_floats_agrees_with_the_general_one(mantissa in -999_999_999_999_999i64..999_999_999_999_999, places in 0u32..12) {
            let value = mantissa as f64 / 10f64.powi(places as i32);
            let general = fixed::to_scaled(fixed::from_f64(value).unwrap()).unwrap();
            prop_assert_eq!(of_float(value).unwrap(), general);
        }
    }
}
