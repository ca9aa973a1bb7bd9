//! Marked copies and blank templates.

mod common;

use common::*;
use intake::{CellMark, FileFault, Limits, Reading, blank_template, marked_copy};
use rust_xlsxwriter as out;

fn marks(reading: &Reading) -> Vec<CellMark> {
    reading.faults.iter().map(CellMark::from).collect()
}

/// What a reading says, apart from how the file was packed.
fn essence(reading: &Reading) -> (Vec<Vec<u32>>, Vec<Vec<String>>, Vec<(u32, u32, &'static str)>) {
    (
        reading.tables.iter().map(|t| t.rows.clone()).collect(),
        reading.tables.iter().map(|t| t.columns.iter().map(|c| format!("{:?}", c.values)).collect()).collect(),
        reading.faults.iter().map(|f| (f.at.row, f.at.column, f.code)).collect(),
    )
}

#[test]
fn a_marked_workbook_keeps_its_looks_and_reads_back_the_same() {
    let mut book = out::Workbook::new();
    let sheet = book.add_worksheet();
    sheet.set_name("明细").unwrap();
    let title = out::Format::new().set_bold().set_font_size(18);
    sheet.merge_range(0, 0, 0, 2, "企业税收情况表", &title).unwrap();
    fill_at(sheet, 1, &["统一社会信用代码", "企业名称", "实缴税金（万元）"]);
    fill_at(sheet, 2, &[&code(1), "甲示例公司", "=-5"]);
    fill_at(sheet, 3, &[&code(2), "乙示例公司", "五万"]);
    fill_at(sheet, 4, &[&code(3), "丙示例公司", "=7.25"]);
    sheet.set_column_width(1, 44).unwrap();
    let file = book.save_to_buffer().unwrap();
    let reading = read(&file, &tax()).unwrap();
    assert_eq!(reading.faults.len(), 2);
    let copy = marked_copy(&file, "税收.xlsx", &marks(&reading), &Limits::default()).unwrap();
    let again = read(&copy, &tax()).unwrap();
    assert_eq!(essence(&again), essence(&reading));

    let edited = umya_spreadsheet::reader::xlsx::read_reader(std::io::Cursor::new(copy), true).unwrap();
    let sheet = edited.sheet_by_name("明细").unwrap();
    assert_eq!(sheet.merge_cells().len(), 1, "merges stay");
    assert!((sheet.column_dimension_by_number(2).unwrap().width() - 44.0).abs() < 1.5, "widths stay");
    assert_eq!(sheet.comments().len(), 2);
    assert!(sheet.style((3, 3)).background_color().is_some_and(|c| c.argb_str().ends_with("F8D4C8")));
    let list = edited.sheet_by_name("问题清单").unwrap();
    assert_eq!(list.value((1, 2)), "明细!C3");
    assert_eq!(list.value((2, 3)), "五万");
}

fn fill_at(sheet: &mut out::Worksheet, row: u32, cells: &[&str]) {
    for (c, text) in cells.iter().enumerate() {
        match text.strip_prefix('=') {
            Some(n) => sheet.write_number(row, c as u16, n.parse::<f64>().unwrap()).map(|_| ()).unwrap(),
            None => sheet.write_string(row, c as u16, *text).map(|_| ()).unwrap(),
        }
    }
}

#[test]
fn a_text_file_comes_back_as_a_workbook_with_the_same_rows() {
    let text = format!("统一社会信用代码,企业名称,实缴税金（万元）\n{},甲,五\n\n{},乙,\"1,000\"\n", code(1), code(2));
    let (bytes, ..) = encoding_rs::GB18030.encode(&text);
    let reading = read(&bytes, &tax()).unwrap();
    let copy = marked_copy(&bytes, "税收.csv", &marks(&reading), &Limits::default()).unwrap();
    let again = read(&copy, &tax()).unwrap();
    assert_eq!(essence(&again), essence(&reading));
    assert_eq!(again.tables[0].sheet.as_deref(), Some("税收"));
}

#[test]
fn marking_a_marked_copy_again_works() {
    let file = xlsx(&[&["统一社会信用代码", "企业名称", "实缴税金（万元）"], &[&code(1), "甲", "五"]]);
    let reading = read(&file, &tax()).unwrap();
    let once = marked_copy(&file, "a.xlsx", &marks(&reading), &Limits::default()).unwrap();
    let again = read(&once, &tax()).unwrap();
    let twice = marked_copy(&once, "a.xlsx", &marks(&again), &Limits::default()).unwrap();
    assert_eq!(essence(&read(&twice, &tax()).unwrap()), essence(&reading));
}

#[test]
fn a_blank_template_is_recognised_as_itself_and_filled_in_it_reads_without_a_fault() {
    for template in [tax(), power(), science()] {
        let file = blank_template(&template, &Units, 2025, "示例县").unwrap();
        assert!(matches!(read(&file, &template).unwrap_err(), FileFault::NoRows { .. }), "{}", template.id);
    }
    let file = blank_template(&tax(), &Units, 2025, "示例县").unwrap();
    let mut book = umya_spreadsheet::reader::xlsx::read_reader(std::io::Cursor::new(file), true).unwrap();
    let sheet = book.sheet_by_name_mut("税收").unwrap();
    sheet.cell_mut((1, 4)).set_value_string(code(1));
    sheet.cell_mut((2, 4)).set_value_string("甲示例公司");
    sheet.cell_mut((4, 4)).set_value_number(12.5);
    let mut filled = Vec::new();
    umya_spreadsheet::writer::xlsx::write_writer(&book, &mut filled).unwrap();
    let reading = read(&filled, &tax()).unwrap();
    assert!(reading.faults.is_empty());
    assert_eq!(shown(reading.tables[0].numbers("tax_paid").unwrap()), ["12.5"]);
}
