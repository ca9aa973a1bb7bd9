//! A table as xlsx: heads that stay in sight and filter, numbers as numbers, and a second sheet that
//! says what the first one is.

use crate::csv::looks_like_formula;
use crate::table::{Cell, Column, Kind, Table};
use crate::{Language, TableFault};
use rust_decimal::Decimal;
use rust_xlsxwriter::{Color, ExcelDateTime, Format, FormatAlign, FormatBorder, Workbook, Worksheet, XlsxError};
use std::collections::BTreeMap;

/// Limits of a worksheet (ECMA-376, as spreadsheet programs implement it).
const ROWS_MAX: usize = 1_048_576;
const COLUMNS_MAX: usize = 16_384;
const CHARACTERS_MAX: usize = 32_767;
/// Significant digits that a spreadsheet keeps of a number.
const DIGITS_MAX: usize = 15;

/// The table as an xlsx workbook. A number of more than fifteen significant digits would be changed
/// by any spreadsheet program, so it is written as text, and the second sheet says so.
pub fn table_xlsx(table: &Table) -> Result<Vec<u8>, TableFault> {
    table.check()?;
    check_size(table)?;
    let mut workbook = Workbook::new();
    // The creation time would make two exports of the same rows differ.
    workbook.set_properties(&rust_xlsxwriter::DocProperties::new().set_creation_datetime(&epoch()?));
    write_rows(workbook.add_worksheet_with_constant_memory()?, table)?;
    write_about(workbook.add_worksheet(), table)?;
    Ok(workbook.save_to_buffer()?)
}

impl From<XlsxError> for TableFault {
    fn from(error: XlsxError) -> Self {
        Self::Workbook { message: error.to_string() }
    }
}

fn epoch() -> Result<ExcelDateTime, XlsxError> {
    ExcelDateTime::from_ymd(2000, 1, 1)
}

fn check_size(table: &Table) -> Result<(), TableFault> {
    let too_much = |what, found, allowed| Err(TableFault::TooMuch { what, found, allowed });
    if table.rows.len() + 1 > ROWS_MAX {
        return too_much("rows", table.rows.len(), ROWS_MAX - 1);
    }
    if table.columns.len() > COLUMNS_MAX {
        return too_much("columns", table.columns.len(), COLUMNS_MAX);
    }
    for cell in table.rows.iter().flatten() {
        if let Cell::Text(text) = cell
            && text.len() > CHARACTERS_MAX
        {
            // Spreadsheets count UTF-16 units.
            let found = text.encode_utf16().count();
            if found > CHARACTERS_MAX {
                return too_much("characters in a cell", found, CHARACTERS_MAX);
            }
        }
    }
    Ok(())
}

fn write_rows(sheet: &mut Worksheet, table: &Table) -> Result<(), TableFault> {
    sheet.set_name(sheet_name(&table.title))?;
    let head = Format::new()
        .set_bold()
        .set_align(FormatAlign::Center)
        .set_align(FormatAlign::VerticalCenter)
        .set_text_wrap()
        .set_background_color(Color::RGB(0xE8_EE_F2))
        .set_border_bottom(FormatBorder::Thin);
    let text = Format::new().set_align(FormatAlign::VerticalCenter);
    // A text that looks like a formula stays a text even when somebody edits the cell.
    let quoted = text.clone().set_quote_prefix();
    let class = Format::new().set_align(FormatAlign::Center);
    let long = Format::new().set_align(FormatAlign::Right).set_num_format("@");
    let date = Format::new().set_num_format("yyyy-mm-dd").set_align(FormatAlign::Center);
    let mut places: BTreeMap<u32, Format> = BTreeMap::new();

    for (at, column) in table.columns.iter().enumerate() {
        sheet.set_column_width(at as u16, width(table, at, column))?;
    }
    sheet.set_row_height(0, 30)?;
    for (at, column) in table.columns.iter().enumerate() {
        sheet.write_string_with_format(0, at as u16, column.title(table.language), &head)?;
    }
    for (row_at, row) in table.rows.iter().enumerate() {
        for (at, cell) in row.iter().enumerate() {
            let (r, c) = (row_at as u32 + 1, at as u16);
            match cell {
                Cell::Empty => continue,
                Cell::Number(number) if fits_a_number(*number) => {
                    let format = places.entry(number.scale()).or_insert_with(|| number_format(number.scale()));
                    sheet.write_number_with_format(r, c, base::fixed::to_f64(*number), format)?
                }
                Cell::Number(number) => sheet.write_string_with_format(r, c, number.to_string(), &long)?,
                Cell::Date(day) => sheet.write_datetime_with_format(
                    r,
                    c,
                    ExcelDateTime::from_ymd(
                        day.year().unsigned_abs(),
                        day.month().unsigned_abs(),
                        day.day().unsigned_abs(),
                    )?,
                    &date,
                )?,
                Cell::Text(words) if table.columns[at].kind == Kind::Class => {
                    sheet.write_string_with_format(r, c, words, &class)?
                }
                Cell::Text(words) if looks_like_formula(words) => {
                    sheet.write_string_with_format(r, c, words, &quoted)?
                }
                Cell::Text(words) => sheet.write_string_with_format(r, c, words, &text)?,
            };
        }
    }
    sheet.set_freeze_panes(1, 0)?;
    if !table.columns.is_empty() {
        sheet.autofilter(0, 0, table.rows.len() as u32, table.columns.len() as u16 - 1)?;
    }
    sheet.set_repeat_rows(0, 0)?;
    sheet.set_landscape();
    sheet.set_paper_size(9);
    sheet.set_print_fit_to_pages(1, 0);
    Ok(())
}

fn write_about(sheet: &mut Worksheet, table: &Table) -> Result<(), TableFault> {
    let chinese = table.language == Language::Chinese;
    sheet.set_name(if chinese { "说明" } else { "About" })?;
    sheet.set_column_width(0, 18)?;
    sheet.set_column_width(1, 90)?;
    let label = Format::new().set_bold().set_align(FormatAlign::Top);
    let value = Format::new().set_text_wrap().set_align(FormatAlign::Top);
    let mut lines = table.statements();
    lines.extend(long_numbers(table));
    for (at, (name, words)) in lines.iter().enumerate() {
        sheet.write_string_with_format(at as u32, 0, name, &label)?;
        sheet.write_string_with_format(at as u32, 1, words, &value)?;
    }
    Ok(())
}

/// Says which columns hold numbers that had to be written as text; nothing when none does.
fn long_numbers(table: &Table) -> Option<(String, String)> {
    let long =
        |at: usize| table.rows.iter().filter(|row| matches!(row[at], Cell::Number(n) if !fits_a_number(n))).count();
    let counts: Vec<String> = table
        .columns
        .iter()
        .enumerate()
        .map(|(at, column)| (column, long(at)))
        .filter(|(_, count)| *count > 0)
        .map(|(column, count)| format!("{} {count}", column.title(table.language)))
        .collect();
    (!counts.is_empty()).then(|| match table.language {
        Language::Chinese => {
            ("以文本写出的数值".to_owned(), format!("{}；有效数字超过 15 位，写成数值会失真", counts.join("，")))
        }
        Language::English => (
            "Numbers written as text".to_owned(),
            format!("{}; more than 15 significant digits, which a spreadsheet would change", counts.join(", ")),
        ),
    })
}

/// True when a spreadsheet keeps every digit.
fn fits_a_number(number: Decimal) -> bool {
    let digits = number.normalize().mantissa().unsigned_abs().to_string();
    digits.trim_end_matches('0').len() <= DIGITS_MAX
}

/// Grouped, with as many places as the number carries.
fn number_format(places: u32) -> Format {
    let mut code = "#,##0".to_owned();
    if places > 0 {
        code.push('.');
        code.extend(std::iter::repeat_n('0', places as usize));
    }
    Format::new().set_num_format(code)
}

/// Wide enough for the head and the first rows, within reason: nobody wants a column of a whole page.
fn width(table: &Table, at: usize, column: &Column) -> f64 {
    let units = |text: &str| text.chars().map(|c| if c.is_ascii() { 1.0 } else { 2.0 }).sum::<f64>();
    let cells = table.rows.iter().take(200).map(|row| match &row[at] {
        Cell::Empty => 0.0,
        Cell::Number(number) => units(&number.to_string()) + 3.0,
        Cell::Text(text) => units(text),
        Cell::Date(_) => 10.0,
    });
    // Half of a long head may wrap, and the filter's button takes its place.
    let head = units(&column.title(table.language)) / 2.0 + 4.0;
    cells.fold(head, f64::max).clamp(6.0, 48.0) + 1.0
}

/// A sheet's name: the title without what sheet names forbid, at most 31 characters.
fn sheet_name(title: &str) -> String {
    let name: String = title.chars().filter(|c| !"[]:*?/\\'".contains(*c)).collect();
    let mut short = String::new();
    let mut units = 0;
    for c in name.trim().chars() {
        units += c.len_utf16();
        if units > 31 {
            break;
        }
        short.push(c);
    }
    if short.is_empty() || short == "说明" || short == "About" { "Sheet1".to_owned() } else { short }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::tests::sample;
    use calamine::{Data, Reader, Xlsx};

    fn read(bytes: Vec<u8>) -> Xlsx<std::io::Cursor<Vec<u8>>> {
        Xlsx::new(std::io::Cursor::new(bytes)).unwrap()
    }

    #[test]
    fn numbers_are_numbers_dates_are_dates_and_texts_do_not_become_formulas() {
        let mut book = read(table_xlsx(&sample()).unwrap());
        assert_eq!(book.sheet_names(), ["2025年度评价结果", "说明"]);
        let rows = book.worksheet_range("2025年度评价结果").unwrap();
        let cell = |r, c| rows.get_value((r, c)).cloned().unwrap_or_default();
        assert_eq!(cell(0, 1), Data::String("实缴税金（万元）".into()));
        assert_eq!(cell(1, 1), Data::Float(1204.5));
        assert_eq!(cell(2, 0), Data::String("=HYPERLINK(\"x\")".into()));
        assert_eq!(cell(2, 1), Data::Float(-3.0));
        assert_eq!(cell(3, 1), Data::String("1234567890123456.789".into()), "sixteen digits stay exact as text");
        assert!(matches!(cell(1, 3), Data::DateTime(d) if d.as_f64() == 46203.0));
        assert_eq!(cell(2, 3), Data::Empty, "unknown is an empty cell");
        let formulas = book.worksheet_formula("2025年度评价结果").unwrap();
        assert!(formulas.used_cells().next().is_none(), "no cell holds a formula");
    }

    #[test]
    fn the_second_sheet_states_count_digest_and_the_numbers_written_as_text() {
        let table = sample();
        let mut book = read(table_xlsx(&table).unwrap());
        let about = book.worksheet_range("说明").unwrap();
        let lines: BTreeMap<String, String> =
            about.rows().map(|row| (row[0].to_string(), row[1].to_string())).collect();
        assert_eq!(lines["行数"], "3");
        assert_eq!(lines["SHA-256 摘要"], table.digest().hex());
        assert_eq!(lines["以文本写出的数值"], "实缴税金（万元） 1；有效数字超过 15 位，写成数值会失真");
    }

    #[test]
    fn the_same_table_gives_the_same_bytes() {
        assert_eq!(table_xlsx(&sample()).unwrap(), table_xlsx(&sample()).unwrap());
    }

    #[test]
    fn fifty_thousand_rows_come_back_to_the_last_one() {
        let mut table = sample();
        let row = table.rows[0].clone();
        table.rows = (0..50_000)
            .map(|n| {
                let mut row = row.clone();
                row[1] = Cell::Number(Decimal::new(n * 7 + 1, 2));
                row
            })
            .collect();
        let mut book = read(table_xlsx(&table).unwrap());
        let rows = book.worksheet_range("2025年度评价结果").unwrap();
        assert_eq!(rows.height(), 50_001);
        assert_eq!(rows.get_value((50_000, 1)), Some(&Data::Float(3_499.94)));
    }

    #[test]
    fn what_a_worksheet_cannot_hold_is_refused_not_cut() {
        let mut wide = sample();
        wide.rows[0][0] = Cell::text("长".repeat(CHARACTERS_MAX + 1));
        let fault = table_xlsx(&wide).unwrap_err();
        assert_eq!(fault.code(), "export_too_much");
        assert!(fault.zh().contains("单元格字符数为 32768"), "{}", fault.zh());
        let mut long = sample();
        long.rows = vec![vec![Cell::Empty; 4]; ROWS_MAX];
        assert_eq!(table_xlsx(&long).unwrap_err().code(), "export_too_much");
        assert!(crate::table_csv(&long).is_ok(), "a csv has no such limit");
    }

    #[test]
    fn a_title_that_is_no_sheet_name_is_made_one() {
        assert_eq!(sheet_name("名单[2025]/试行"), "名单2025试行");
        assert_eq!(sheet_name(&"长".repeat(40)).chars().count(), 31);
        assert_eq!(sheet_name("***"), "Sheet1");
    }
}
