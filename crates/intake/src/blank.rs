//! The workbook that a department fills in: heads with units, widths, checks on entry, and a sheet
//! that explains every column.

use crate::mark::MarkFault;
use crate::units::UnitTable;
use law::Template;
use law::template::{Column, ColumnRole, Duplicates, Kind, Table};
use rust_xlsxwriter::{
    Color, DataValidation, DataValidationErrorStyle, DataValidationRule, ExcelDateTime, Format, FormatAlign,
    FormatBorder, Workbook, Worksheet,
};

/// Row of the heads, from 0: title, line on year and division, heads.
const HEAD_ROW: u32 = 2;
/// Rows that are checked on entry; more than a county has firms.
const CHECKED_ROWS: u32 = 20_000;

/// An empty workbook of the template for one year and division.
pub fn blank_template(
    template: &Template,
    units: &dyn UnitTable,
    year: i16,
    division: &str,
) -> Result<Vec<u8>, MarkFault> {
    let mut book = Workbook::new();
    for table in &template.tables {
        let sheet = book.add_worksheet();
        sheet.set_name(&table.sheet)?;
        write_table(sheet, template, table, units, year, division)?;
    }
    let sheet = book.add_worksheet();
    sheet.set_name("说明")?;
    write_guide(sheet, template, units)?;
    Ok(book.save_to_buffer()?)
}

/// `营业收入（万元）`: the head with its canonical unit, unless it states one already.
fn head_with_unit(column: &Column, units: &dyn UnitTable) -> String {
    match (&column.unit, column.kind) {
        (Some(unit), Kind::Number) if !column.head.contains(['（', '(']) => {
            format!("{}（{}）", column.head, units.label(unit))
        }
        _ => column.head.clone(),
    }
}

fn width_of(text: &str) -> f64 {
    text.chars().map(|c| if c.is_ascii() { 1.0 } else { 2.0 }).sum::<f64>() + 2.0
}

fn column_width(column: &Column, head: &str) -> f64 {
    let content: f64 = match column.role {
        ColumnRole::CreditCode | ColumnRole::OwnerCode => 21.0,
        ColumnRole::Name | ColumnRole::OwnerName | ColumnRole::Address => 34.0,
        ColumnRole::Parcel => 22.0,
        _ => 12.0,
    };
    content.max(width_of(head)).min(48.0)
}

fn write_table(
    sheet: &mut Worksheet,
    template: &Template,
    table: &Table,
    units: &dyn UnitTable,
    year: i16,
    division: &str,
) -> Result<(), MarkFault> {
    let title = Format::new().set_bold().set_font_size(16).set_align(FormatAlign::Center);
    let line = Format::new().set_font_color(Color::RGB(0x0055_5555));
    let head = Format::new()
        .set_bold()
        .set_text_wrap()
        .set_align(FormatAlign::Center)
        .set_align(FormatAlign::VerticalCenter)
        .set_border(FormatBorder::Thin)
        .set_background_color(Color::RGB(0x00E4_ECEF));
    let last = (table.columns.len().max(2) - 1) as u16;
    sheet.merge_range(0, 0, 0, last, &format!("{division}{year}年{}", template.title), &title)?;
    sheet.merge_range(
        1,
        0,
        1,
        last,
        &format!("数据年度：{year}；带 * 的列必填；没有数据的单元格请留空，不要填 0"),
        &line,
    )?;
    sheet.set_row_height(0, 28)?;
    sheet.set_row_height(HEAD_ROW, 36)?;
    for (i, column) in table.columns.iter().enumerate() {
        let column_number = i as u16;
        let text = head_with_unit(column, units);
        let star = if column.required { "*" } else { "" };
        sheet.write_string_with_format(HEAD_ROW, column_number, format!("{star}{text}"), &head)?;
        sheet.set_column_width(column_number, column_width(column, &text))?;
        sheet.set_column_format(column_number, &cell_format(column))?;
        if let Some(check) = check(column)? {
            sheet.add_data_validation(HEAD_ROW + 1, column_number, HEAD_ROW + CHECKED_ROWS, column_number, &check)?;
        }
    }
    sheet.set_freeze_panes(HEAD_ROW + 1, 2.min(table.columns.len() as u16))?;
    sheet.set_landscape();
    sheet.set_repeat_rows(HEAD_ROW, HEAD_ROW)?;
    Ok(())
}

fn is_code(role: &ColumnRole) -> bool {
    matches!(role, ColumnRole::CreditCode | ColumnRole::OwnerCode)
}

/// Codes are text, so that no digit is lost; days are days.
fn cell_format(column: &Column) -> Format {
    match (&column.role, column.kind) {
        (role, _) if is_code(role) => Format::new().set_num_format("@"),
        (ColumnRole::ValidFrom | ColumnRole::ValidTo, _) | (_, Kind::Date) => {
            Format::new().set_num_format("yyyy-mm-dd")
        }
        (_, Kind::Text) => Format::new().set_num_format("@"),
        _ => Format::new(),
    }
}

fn check(column: &Column) -> Result<Option<DataValidation>, MarkFault> {
    use rust_decimal::prelude::ToPrimitive;
    let bound = |d: Option<rust_decimal::Decimal>| d.and_then(|d| d.to_f64());
    let validation = match (&column.role, column.kind) {
        (role, _) if is_code(role) => DataValidation::new().allow_text_length(DataValidationRule::EqualTo(18)),
        (ColumnRole::ValidFrom | ColumnRole::ValidTo, _) | (_, Kind::Date) => {
            let first = ExcelDateTime::from_ymd(1949, 10, 1)?;
            DataValidation::new().allow_date(DataValidationRule::GreaterThan(first))
        }
        (_, Kind::Boolean) => DataValidation::new().allow_list_strings(&["是", "否"])?,
        (ColumnRole::Fact(_), Kind::Number) => {
            let rule = match (bound(column.min), bound(column.max)) {
                (Some(min), Some(max)) => DataValidationRule::Between(min, max),
                (Some(min), None) => DataValidationRule::GreaterThanOrEqualTo(min),
                (None, Some(max)) => DataValidationRule::LessThanOrEqualTo(max),
                (None, None) => return Ok(None),
            };
            DataValidation::new().allow_decimal_number(rule)
        }
        _ => return Ok(None),
    };
    let validation = validation
        .set_error_style(DataValidationErrorStyle::Stop)
        .set_error_title("请核对")?
        .set_error_message(short(&allowed(column)))?;
    Ok(Some(validation))
}

/// Messages of a check hold 255 characters.
fn short(text: &str) -> String {
    text.chars().take(200).collect()
}

/// What a column takes, in a sentence.
fn allowed(column: &Column) -> String {
    match (&column.role, column.kind) {
        (role, _) if is_code(role) => "18 位统一社会信用代码，文本格式".to_owned(),
        (ColumnRole::ValidTo, _) => "日期，如 2025-03-01；没有期限填“长期”".to_owned(),
        (ColumnRole::ValidFrom, _) | (_, Kind::Date) => "日期，如 2025-03-01".to_owned(),
        (_, Kind::Boolean) => "是或否".to_owned(),
        (_, Kind::Number) => match (column.min, column.max) {
            (Some(min), Some(max)) => format!("数字，{min} 到 {max}"),
            (Some(min), None) => format!("数字，不小于 {min}"),
            (None, Some(max)) => format!("数字，不大于 {max}"),
            (None, None) => "数字".to_owned(),
        },
        (_, Kind::Text) => "文字".to_owned(),
    }
}

fn write_guide(sheet: &mut Worksheet, template: &Template, units: &dyn UnitTable) -> Result<(), MarkFault> {
    let bold = Format::new().set_bold();
    let wrap = Format::new().set_text_wrap().set_align(FormatAlign::Top);
    sheet.write_string_with_format(0, 0, format!("{}：填表说明 / {}", template.title, template.title_en), &bold)?;
    for (column, (head, width)) in [
        ("工作表", 14.0),
        ("列", 26.0),
        ("必填", 8.0),
        ("单位", 12.0),
        ("也可用的单位", 22.0),
        ("填写要求", 34.0),
        ("也认得的表头", 60.0),
    ]
    .into_iter()
    .enumerate()
    {
        sheet.write_string_with_format(2, column as u16, head, &bold)?;
        sheet.set_column_width(column as u16, width)?;
    }
    let mut row = 3;
    for table in &template.tables {
        for column in &table.columns {
            let label = |id: &String| units.label(id);
            let texts = [
                table.sheet.clone(),
                column.head.clone(),
                if column.required { "是" } else { "否" }.to_owned(),
                column.unit.as_ref().map(label).unwrap_or_default(),
                column.accepts.iter().map(label).collect::<Vec<_>>().join("、"),
                allowed(column),
                column.aliases.join("、"),
            ];
            for (i, text) in texts.iter().enumerate() {
                sheet.write_string_with_format(row, i as u16, text, &wrap)?;
            }
            row += 1;
        }
        let rule = match table.duplicates {
            Duplicates::Refuse => "每个对象只填一行；同一对象出现多行时，这些行都不采用，会退回核对。",
            Duplicates::Sum => "同一对象可以有多行，数字会相加。",
        };
        sheet.write_string(row, 0, &table.sheet)?;
        sheet.write_string(row, 1, rule)?;
        row += 2;
    }
    Ok(())
}
