//! Reading tables as departments really send them.

mod common;

use common::*;
use intake::reading::{CodeCell, DateSystem, Format, Values};
use intake::{Counts, FileFault, Limits, Stage, Sum};
use law::template::ColumnRole;
use rust_xlsxwriter as out;
use std::ops::ControlFlow;

#[test]
fn a_plain_table_is_read_with_units_converted_as_the_head_declares() {
    let (a, b) = (code(1), code(2));
    let file = xlsx(&[
        &["统一社会信用代码", "企业名称", "实缴税金（元）", "免抵调库（万元）"],
        &[&a, "甲示例机械有限公司", "=1234567.8", "=3.5"],
        &[&b, "乙示例机械有限公司", "=0", ""],
    ]);
    let reading = read(&file, &tax()).unwrap();
    assert_eq!(reading.format, Format::Xlsx);
    assert!(reading.faults.is_empty(), "{:?}", reading.faults);
    let table = &reading.tables[0];
    assert_eq!(table.rows, [2, 3]);
    assert_eq!(shown(table.numbers("tax_paid").unwrap()), ["123.45678", "0"]);
    assert_eq!(shown(table.numbers("export_credit_tax").unwrap()), ["3.5", "-"], "a blank is unknown, not zero");
    assert_eq!(table.counts, Counts { seen: 2, data: 2, ..Counts::default() });
    assert!(notes(&reading).contains(&"unit_converted"));
}

#[test]
fn heads_are_found_below_titles_across_merges_and_on_two_lines() {
    let mut book = out::Workbook::new();
    let plain = out::Format::new();
    let sheet = book.add_worksheet();
    sheet.merge_range(0, 0, 0, 4, "齐河示例县2025年度企业税收情况表", &plain).unwrap();
    sheet.write_string(1, 0, "填报单位：示例税务局").unwrap();
    sheet.write_string(1, 4, "金额单位：万元").unwrap();
    sheet.merge_range(3, 0, 4, 0, "序号", &plain).unwrap();
    sheet.merge_range(3, 1, 3, 2, "纳税人基本情况", &plain).unwrap();
    sheet.write_string(4, 1, "纳税人识别号").unwrap();
    sheet.write_string(4, 2, "纳税人\n名 称").unwrap();
    sheet.merge_range(3, 3, 3, 4, "2025年税收", &plain).unwrap();
    sheet.write_string(4, 3, "实缴税金").unwrap();
    sheet.write_string(4, 4, "免抵调库").unwrap();
    for (c, text) in ["甲", "乙", "丙", "1", "2"].iter().enumerate() {
        sheet.write_string(5, c as u16, *text).unwrap();
    }
    sheet.write_number(6, 0, 1).unwrap();
    sheet.write_string(6, 1, code(7)).unwrap();
    sheet.write_string(6, 2, "甲示例公司").unwrap();
    sheet.write_string(6, 3, "１，２３４．５０").unwrap();
    sheet.write_string(6, 4, "—").unwrap();
    sheet.write_string(8, 1, "合 计").unwrap();
    sheet.write_number(8, 3, 1234.5).unwrap();
    sheet.write_string(9, 0, "填表人：某某").unwrap();
    let reading = read(&book.save_to_buffer().unwrap(), &tax()).unwrap();
    let table = &reading.tables[0];
    assert_eq!(table.heads, (4, 5));
    assert_eq!(table.rows, [7]);
    assert_eq!(shown(table.numbers("tax_paid").unwrap()), ["1234.5"]);
    assert_eq!(shown(table.numbers("export_credit_tax").unwrap()), ["-"]);
    assert_eq!(table.counts, Counts { seen: 5, data: 1, totals: 1, blank: 1, heads: 1, remarks: 1 });
    let unit = table.column(&ColumnRole::Fact("tax_paid".into())).unwrap().unit.clone().unwrap();
    assert_eq!(unit.at.unwrap().address(), "Sheet1!E2");
    assert!(!notes(&reading).contains(&"total_differs"));
}

#[test]
fn a_line_of_units_below_the_heads_declares_them() {
    let file = xlsx(&[
        &["信用代码", "单位名称", "实际入库税金", "免抵调库"],
        &["", "", "（千元）", "元"],
        &[&code(1), "甲示例公司", "=5000", "=20000"],
    ]);
    let reading = read(&file, &tax()).unwrap();
    let table = &reading.tables[0];
    assert_eq!(shown(table.numbers("tax_paid").unwrap()), ["500"]);
    assert_eq!(shown(table.numbers("export_credit_tax").unwrap()), ["2"]);
    assert_eq!(table.rows, [3]);
}

#[test]
fn a_unit_behind_the_head_without_brackets_is_understood() {
    for head in ["用电量/万千瓦时", "用电量 万千瓦时", "2025年用电量（单位：万千瓦时）", "用电量（万度）"]
    {
        let file = xlsx(&[&["企业名称", head], &["甲示例公司", "=1.5"]]);
        let reading = read(&file, &power()).unwrap_or_else(|f| panic!("{head}: {f}"));
        assert_eq!(shown(reading.tables[0].numbers("power_use").unwrap()), ["15000"], "{head}");
    }
}

#[test]
fn a_unit_declared_nowhere_is_refused_when_several_are_possible() {
    let file = xlsx(&[&["统一社会信用代码", "企业名称", "实缴税金"], &[&code(1), "甲", "=5"]]);
    let fault = read(&file, &tax()).unwrap_err();
    assert!(matches!(&fault, FileFault::UnitNotDeclared { at, .. } if at.address() == "明细!C1"), "{fault:?}");
    assert!(fault.wording().zh.contains("万元、元、千元"));
}

#[test]
fn an_unknown_or_foreign_unit_is_refused_with_those_allowed() {
    for (head, found) in [("实缴税金（亿日元）", "亿日元"), ("实缴税金（吨）", "吨"), ("实缴税金（单位：锭）", "锭")]
    {
        let file = xlsx(&[&["统一社会信用代码", "企业名称", head], &[&code(1), "甲", "=5"]]);
        let fault = read(&file, &tax()).unwrap_err();
        assert!(matches!(&fault, FileFault::UnknownUnit { found: f, .. } if f == found), "{head}: {fault:?}");
    }
}

#[test]
fn two_fitting_units_above_the_table_are_refused() {
    let file = xlsx(&[&["单位：万元、元"], &["统一社会信用代码", "企业名称", "实缴税金"], &[&code(1), "甲", "=5"]]);
    assert!(matches!(read(&file, &tax()).unwrap_err(), FileFault::UnitAmbiguous { .. }));
}

#[test]
fn a_wrong_template_is_refused_with_the_heads_found_and_expected() {
    let file = xlsx(&[&["宗地编号", "权利人", "宗地面积（亩）"], &["370783001", "甲", "=5"]]);
    let fault = read(&file, &tax()).unwrap_err();
    let FileFault::NoTable { found, expected, .. } = &fault else { panic!("{fault:?}") };
    assert_eq!(found[0].heads, ["宗地编号", "权利人", "宗地面积（亩）"]);
    assert!(expected[0].heads.contains(&"实缴税金".to_owned()));
    assert!(fault.wording().zh.contains("宗地编号") && fault.wording().en.contains("“实缴税金”"));
}

#[test]
fn a_renamed_column_is_named_with_the_nearest_head() {
    let file = xlsx(&[&["统一社会信用代码", "企业名称", "实缴的税金（万元）"], &[&code(1), "甲", "=5"]]);
    let fault = read(&file, &tax()).unwrap_err();
    let FileFault::MissingColumns { columns, at, unknown } = &fault else { panic!("{fault:?}") };
    assert_eq!(at.row, 1);
    assert_eq!(unknown, &["实缴的税金（万元）"]);
    assert_eq!(columns[0].head, "实缴税金");
    assert_eq!(columns[0].nearest.as_deref(), Some("实缴的税金（万元）"));
}

#[test]
fn a_column_renamed_beyond_likeness_is_named_too() {
    let file = xlsx(&[&["统一社会信用代码", "企业名称", "本年贡献数"], &[&code(1), "甲", "=5"]]);
    let fault = read(&file, &tax()).unwrap_err();
    let FileFault::MissingColumns { columns, .. } = &fault else { panic!("{fault:?}") };
    assert_eq!(columns[0].nearest, None);
    for said in [fault.wording().zh, fault.wording().en] {
        assert!(said.contains("本年贡献数") && said.contains("实缴税金"), "{said}");
    }
}

#[test]
fn two_columns_of_one_meaning_are_refused_with_their_places() {
    let file = xlsx(&[
        &["统一社会信用代码", "企业名称", "实缴税金（万元）", "实缴税金（元）"],
        &[&code(1), "甲", "=5", "=50000"],
    ]);
    let fault = read(&file, &tax()).unwrap_err();
    let FileFault::AmbiguousColumns { at, .. } = &fault else { panic!("{fault:?}") };
    assert_eq!(at.iter().map(|p| p.address()).collect::<Vec<_>>(), ["明细!C1", "明细!D1"]);
}

#[test]
fn the_head_itself_wins_over_an_alias_beside_it() {
    let file = xlsx(&[
        &["统一社会信用代码", "企业名称", "税收合计（万元）", "实缴税金（万元）"],
        &[&code(1), "甲", "=9", "=5"],
    ]);
    let reading = read(&file, &tax()).unwrap();
    assert_eq!(shown(reading.tables[0].numbers("tax_paid").unwrap()), ["5"]);
}

#[test]
fn another_years_column_is_left_aside_and_a_table_of_another_year_is_refused() {
    let rows: &[&[&str]] = &[
        &["统一社会信用代码", "企业名称", "2024年实缴税金（万元）", "2025年实缴税金（万元）"],
        &[&code(1), "甲", "=9", "=5"],
    ];
    let reading = read(&xlsx(rows), &tax()).unwrap();
    assert_eq!(shown(reading.tables[0].numbers("tax_paid").unwrap()), ["5"]);
    assert!(notes(&reading).contains(&"other_year"));
    let old = xlsx(&[&["统一社会信用代码", "企业名称", "2024年实缴税金（万元）"], &[&code(1), "甲", "=9"]]);
    assert!(matches!(read(&old, &tax()).unwrap_err(), FileFault::WrongYear { expected: 2025, .. }));
}

#[test]
fn every_bad_cell_is_named_with_its_place_value_and_what_is_allowed() {
    let long = "0.1234567890123456789";
    let file = xlsx(&[
        &["统一社会信用代码", "企业名称", "实缴税金（万元）", "免抵调库（万元）"],
        &[&code(1), "甲", "约五万", "=1"],
        &[&code(2), "乙", "=-3", "=1"],
        &[&code(3), "丙", "(300)", "5%"],
        &[&code(4), "丁", long, "123456789012345678901"],
        &["9137078300000000O1", "戊", "=1", "=1"],
        &["", "", "=8", "=1"],
        &["=913707830000000017", "己", "=1", "=1"],
    ]);
    let reading = read(&file, &tax()).unwrap();
    let expected = [
        ("明细!C2", "not_a_number"),
        ("明细!C3", "negative"),
        ("明细!C4", "negative"),
        ("明细!D4", "percent_unexpected"),
        ("明细!C5", "number_too_fine"),
        ("明细!D5", "number_too_large"),
        ("明细!A6", "credit_code_character"),
        ("明细!A7", "key_missing"),
        ("明细!A8", "code_as_number"),
    ];
    let found: Vec<_> = reading.faults.iter().map(|f| (f.at.address(), f.code)).collect();
    assert_eq!(found.iter().map(|(a, c)| (a.as_str(), *c)).collect::<Vec<_>>(), expected);
    assert!(reading.faults.iter().all(|f| !f.wording.zh.is_empty() && !f.allowed.en.is_empty()));
    assert_eq!(reading.faults[0].value, "约五万");
    let table = &reading.tables[0];
    assert_eq!(shown(table.numbers("tax_paid").unwrap()), ["-", "-", "-", "-", "1", "8", "1"]);
    assert_eq!(table.refused, [false, false, false, false, false, true, false]);
    assert!(table.faulty.iter().all(|f| *f));
}

#[test]
fn formula_errors_are_faults_and_formula_results_are_figures() {
    let mut book = out::Workbook::new();
    let sheet = book.add_worksheet();
    fill(sheet, &[&["企业名称", "用电量（千瓦时）"], &["甲示例公司"], &["乙示例公司"]]);
    sheet.write_formula(1, 1, out::Formula::new("=1/0").set_result("#DIV/0!")).unwrap();
    sheet.write_formula(2, 1, out::Formula::new("=2*21").set_result("42")).unwrap();
    let reading = read(&book.save_to_buffer().unwrap(), &power()).unwrap();
    assert_eq!(codes_of_faults(&reading), [("Sheet1!B2".to_owned(), "formula_error")]);
    assert_eq!(reading.faults[0].value, "#DIV/0!");
    assert_eq!(shown(reading.tables[0].numbers("power_use").unwrap()), ["-", "42"]);
}

#[test]
fn dates_in_all_forms_are_read_and_future_ones_refused() {
    let mut book = out::Workbook::new();
    let sheet = book.add_worksheet();
    fill(
        sheet,
        &[
            &["统一社会信用代码", "资质类别", "证书编号", "发证日期", "有效期至", "是否在册"],
            &[&code(1), "高新技术企业", "A1", "2025年3月1日", "长期", "是"],
            &[&code(2), "高新技术企业", "A2", "=20240301", "2027/2/28", "否"],
            &[&code(3), "高新技术企业", "A3", "2026-12-01", "2029-11-30", "无"],
            &[&code(4), "高新技术企业", "A4", "", "", "√"],
        ],
    );
    let day = out::ExcelDateTime::from_ymd(2025, 3, 1).unwrap();
    sheet.write_datetime_with_format(4, 3, &day, &out::Format::new().set_num_format("yyyy/m/d")).unwrap();
    let reading = read(&book.save_to_buffer().unwrap(), &science()).unwrap();
    let found = codes_of_faults(&reading);
    assert_eq!(found, [("Sheet1!D4".to_owned(), "date_future"), ("Sheet1!F4".to_owned(), "not_yes_or_no")]);
    let table = &reading.tables[0];
    let Values::Date(from) = &table.column(&ColumnRole::ValidFrom).unwrap().values else { panic!() };
    let texts: Vec<String> = from.iter().map(|d| d.map_or("-".into(), |d| d.to_string())).collect();
    assert_eq!(texts, ["2025-03-01", "2024-03-01", "-", "2025-03-01"]);
    let Values::Date(to) = &table.column(&ColumnRole::ValidTo).unwrap().values else { panic!() };
    assert_eq!(to[0], Some(jiff::civil::Date::MAX));
    assert_eq!(to[2].unwrap().to_string(), "2029-11-30", "the end of a validity may lie ahead");
    let Values::Boolean(listed) = &table.column(&ColumnRole::Fact("in_list".into())).unwrap().values else { panic!() };
    assert_eq!(listed, &[Some(true), Some(false), None, Some(true)]);
}

/// Rewrites one part of a workbook.
fn with_part(bytes: &[u8], part: &str, change: impl Fn(String) -> String) -> Vec<u8> {
    use std::io::{Cursor, Read, Write};
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for i in 0..archive.len() {
        let mut file = archive.by_index(i).unwrap();
        let name = file.name().to_owned();
        let mut content = Vec::new();
        file.read_to_end(&mut content).unwrap();
        if name == part {
            content = change(String::from_utf8(content).unwrap()).into_bytes();
        }
        writer.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        writer.write_all(&content).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

#[test]
fn a_workbook_that_counts_from_1904_gives_the_right_days_and_says_so() {
    let mut book = out::Workbook::new();
    let sheet = book.add_worksheet();
    fill(sheet, &[&["统一社会信用代码", "资质类别", "发证日期"], &[&code(1), "高新技术企业"]]);
    // 2025-03-01 counted from 1904.
    sheet.write_number_with_format(1, 2, 45717.0 - 1462.0, &out::Format::new().set_num_format("yyyy-mm-dd")).unwrap();
    let file = with_part(&book.save_to_buffer().unwrap(), "xl/workbook.xml", |xml| {
        assert!(xml.contains("<workbookPr "));
        xml.replace("<workbookPr ", "<workbookPr date1904=\"1\" ")
    });
    let reading = read(&file, &science()).unwrap();
    assert_eq!(reading.dates, DateSystem::From1904);
    assert!(notes(&reading).contains(&"dates_1904"));
    let Values::Date(from) = &reading.tables[0].column(&ColumnRole::ValidFrom).unwrap().values else { panic!() };
    assert_eq!(from[0].unwrap().to_string(), "2025-03-01");
}

#[test]
fn merged_owners_are_filled_down_and_merged_figures_are_refused() {
    let mut book = out::Workbook::new();
    let plain = out::Format::new();
    let sheet = book.add_worksheet();
    fill(
        sheet,
        &[
            &["宗地编号", "权利人", "宗地面积（亩）"],
            &["370783001", "", "=10"],
            &["370783002", "", ""],
            &["370783003", "乙示例公司", ""],
        ],
    );
    sheet.merge_range(1, 1, 2, 1, "甲示例公司", &plain).unwrap();
    sheet.merge_range(2, 2, 3, 2, "", &plain).unwrap();
    sheet.write_number(2, 2, 30).unwrap();
    let reading = read(&book.save_to_buffer().unwrap(), &land()).unwrap();
    let table = &reading.tables[0];
    let owners: Vec<_> = table.texts(&ColumnRole::OwnerName).unwrap().iter().map(|o| o.as_deref().unwrap()).collect();
    assert_eq!(owners, ["甲示例公司", "甲示例公司", "乙示例公司"]);
    assert_eq!(shown(table.numbers("parcel_area").unwrap()), ["10", "-", "-"]);
    assert_eq!(
        codes_of_faults(&reading),
        [("Sheet1!C3".to_owned(), "merged_number"), ("Sheet1!C4".to_owned(), "merged_number")]
    );
    assert_eq!(notes(&reading).iter().filter(|n| **n == "merge_filled").count(), 1);
}

#[test]
fn both_tables_of_the_land_workbook_are_found_by_their_heads() {
    let mut book = out::Workbook::new();
    let sheet = book.add_worksheet();
    sheet.set_name("出租情况").unwrap();
    let plain = out::Format::new();
    sheet.merge_range(0, 0, 1, 0, "宗地代码", &plain).unwrap();
    sheet.write_string(0, 1, "出租方").unwrap();
    sheet.write_string(1, 1, "企业名称").unwrap();
    sheet.merge_range(0, 2, 0, 3, "承租方", &plain).unwrap();
    sheet.write_string(1, 2, "统一社会信用代码").unwrap();
    sheet.write_string(1, 3, "企业名称").unwrap();
    sheet.merge_range(0, 4, 1, 4, "租赁面积（平方米）", &plain).unwrap();
    fill_row(sheet, 2, &["370783001", "甲示例公司", &code(5), "丙示例公司", "=2000"]);
    let parcels = book.add_worksheet();
    parcels.set_name("宗地情况").unwrap();
    fill(parcels, &[&["宗地代码", "使用权人", "用地面积（公顷）"], &["370783001", "甲示例公司", "=1"]]);
    let notes_sheet = book.add_worksheet();
    notes_sheet.set_name("联系人").unwrap();
    fill(notes_sheet, &[&["请于月底前报送"]]);
    let reading = read(&book.save_to_buffer().unwrap(), &land()).unwrap();
    let found: Vec<_> = reading.tables.iter().map(|t| (t.table.as_str(), t.sheet.as_deref().unwrap())).collect();
    assert_eq!(found, [("leases", "出租情况"), ("parcels", "宗地情况")]);
    assert_eq!(shown(reading.tables[0].numbers("lease_area").unwrap()), ["3"]);
    assert_eq!(shown(reading.tables[1].numbers("parcel_area").unwrap()), ["15"]);
    let lease = &reading.tables[0];
    assert_eq!(lease.texts(&ColumnRole::Name).unwrap()[0].as_deref(), Some("丙示例公司"));
    assert_eq!(lease.texts(&ColumnRole::OwnerName).unwrap()[0].as_deref(), Some("甲示例公司"));
    assert!(reading.absent.is_empty());
    assert!(notes(&reading).contains(&"sheet_without_table"));
}

fn fill_row(sheet: &mut out::Worksheet, row: u32, cells: &[&str]) {
    for (c, text) in cells.iter().enumerate() {
        match text.strip_prefix('=') {
            Some(n) => sheet.write_number(row, c as u16, n.parse::<f64>().unwrap()).map(|_| ()).unwrap(),
            None => sheet.write_string(row, c as u16, *text).map(|_| ()).unwrap(),
        }
    }
}

#[test]
fn two_rows_of_one_firm_are_refused_or_left_to_be_summed_as_the_template_says() {
    let (a, b) = (code(1), code(2));
    let rows: &[&[&str]] = &[
        &["统一社会信用代码", "企业名称", "实缴税金（万元）"],
        &[&a, "甲", "=5"],
        &[&b, "乙", "=6"],
        &[&a, "甲", "=7"],
    ];
    let reading = read(&xlsx(rows), &tax()).unwrap();
    assert_eq!(reading.tables[0].same_subject, vec![vec![0, 2]]);
    assert_eq!(reading.tables[0].refused, [true, false, true]);
    assert_eq!(codes_of_faults(&reading).iter().map(|(_, c)| *c).collect::<Vec<_>>(), ["duplicate_subject"; 2]);
    let meters: &[&[&str]] = &[
        &["统一社会信用代码", "企业名称", "户号", "用电量（千瓦时）"],
        &[&a, "甲", "H1", "=5"],
        &[&a, "甲", "H2", "=7"],
    ];
    let reading = read(&xlsx(meters), &power()).unwrap();
    assert!(reading.faults.is_empty());
    let table = &reading.tables[0];
    let group = &table.same_subject[0];
    assert_eq!(intake::sum(table.numbers("power_use").unwrap(), group), Sum::Known(12 * 10i128.pow(18)));
    let accounts = table.texts(&ColumnRole::Fact("utility_account".into())).unwrap();
    assert_eq!(intake::join_texts(accounts, group).as_deref(), Some("H1；H2"));
}

#[test]
fn the_same_table_on_two_sheets_is_fine_unless_a_firm_is_on_both() {
    let make = |second: &str| {
        let mut book = out::Workbook::new();
        for (name, firm) in [("甲镇", code(1)), ("乙镇", second.to_owned())] {
            let sheet = book.add_worksheet();
            sheet.set_name(name).unwrap();
            fill(sheet, &[&["统一社会信用代码", "企业名称", "用电量（千瓦时）"], &[&firm, "甲", "=5"]]);
        }
        book.save_to_buffer().unwrap()
    };
    assert_eq!(read(&make(&code(2)), &power()).unwrap().tables.len(), 2);
    let fault = read(&make(&code(1)), &power()).unwrap_err();
    assert!(matches!(&fault, FileFault::AmbiguousSheets { sheets, .. } if *sheets == ["甲镇", "乙镇"]), "{fault:?}");
}

#[test]
fn a_total_that_its_rows_do_not_add_up_to_is_reported() {
    let file = xlsx(&[
        &["统一社会信用代码", "企业名称", "实缴税金（元）"],
        &[&code(1), "甲", "=50000"],
        &["", "小计", "=50000"],
        &[&code(2), "乙", "=60000"],
        &["", "小计", "=60000"],
        &["", "全县合计", "=120000"],
    ]);
    let reading = read(&file, &tax()).unwrap();
    let table = &reading.tables[0];
    assert_eq!(table.counts.totals, 3);
    let note = reading.notes.iter().find(|n| n.code == "total_differs").unwrap();
    assert_eq!(note.at.as_ref().unwrap().address(), "明细!C6");
    assert!(note.wording.zh.contains("12") && note.wording.zh.contains("11"));
    assert_eq!(reading.notes.iter().filter(|n| n.code == "total_differs").count(), 1);
}

#[test]
fn hidden_sheets_are_not_read_and_that_is_said() {
    let mut book = out::Workbook::new();
    let sheet = book.add_worksheet();
    fill(sheet, &[&["企业名称", "用电量（千瓦时）"], &["甲示例公司", "=5"]]);
    let hidden = book.add_worksheet();
    hidden.set_hidden(true);
    fill(hidden, &[&["企业名称", "用电量（千瓦时）"], &["甲示例公司", "=9"]]);
    let reading = read(&book.save_to_buffer().unwrap(), &power()).unwrap();
    assert_eq!(reading.tables.len(), 1);
    assert!(notes(&reading).contains(&"sheet_hidden"));
}

#[test]
fn separated_text_is_read_in_its_encoding_and_with_its_delimiter() {
    let (a, b) = (code(1), code(2));
    for (delimiter, name) in [(',', "comma"), ('\t', "tab"), (';', "semicolon")] {
        let d = delimiter;
        let text = format!(
            "统一社会信用代码{d}企业名称{d}实缴税金（万元）\r\n\r\n{a}{d}\"甲{d}示例\n公司\"{d}\"1,234.5\"\r\n=\"{b}\"{d}乙示例公司{d}６\r\n"
        );
        let (gb, _, lossy) = encoding_rs::GB18030.encode(&text);
        assert!(!lossy);
        let with_mark = [b"\xef\xbb\xbf".as_slice(), text.as_bytes()].concat();
        let wide: Vec<u8> = [0xff, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect();
        for (bytes, encoding) in [
            (text.clone().into_bytes(), "UTF-8"),
            (gb.into_owned(), "GB18030"),
            (with_mark, "UTF-8"),
            (wide, "UTF-16LE"),
        ] {
            let reading = read(&bytes, &tax()).unwrap_or_else(|f| panic!("{name} {encoding}: {f}"));
            assert_eq!(reading.format, Format::Text { encoding, delimiter });
            let table = &reading.tables[0];
            assert_eq!(table.rows, [3, 4], "the empty line counts");
            assert_eq!(table.counts.blank, 1);
            assert_eq!(shown(table.numbers("tax_paid").unwrap()), ["1234.5", "6"]);
            assert!(table.codes(&ColumnRole::CreditCode).unwrap().iter().all(|c| matches!(c, CodeCell::Valid(_))));
            assert_eq!(table.sheet, None);
        }
    }
}

#[test]
fn reading_can_be_followed_and_cancelled() {
    let row = ["甲示例公司", "=5"];
    let rows: Vec<&[&str]> =
        std::iter::once(&["企业名称", "用电量（千瓦时）"][..]).chain((0..40_000).map(|_| &row[..])).collect();
    let file = xlsx(&rows);
    let mut stages = Vec::new();
    let limits = Limits::default();
    intake::read(&file, "a.xlsx", &power(), &Units, &expected(), &limits, &mut |p| {
        stages.push(p.stage);
        ControlFlow::Continue(())
    })
    .unwrap();
    stages.dedup();
    assert_eq!(stages, [Stage::Open, Stage::Cells, Stage::Check]);
    for stop in [Stage::Open, Stage::Cells, Stage::Check] {
        let outcome = intake::read(&file, "a.xlsx", &power(), &Units, &expected(), &limits, &mut |p| {
            if p.stage == stop { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        assert_eq!(outcome.unwrap_err(), FileFault::Cancelled);
    }
}

#[test]
fn repeated_heads_of_printed_pages_are_counted_not_read() {
    let head: &[&str] = &["统一社会信用代码", "企业名称", "实缴税金（万元）"];
    let (a, b) = (code(1), code(2));
    let file = xlsx(&[head, &[&a, "甲", "=5"], head, &[&b, "乙", "=6"]]);
    let reading = read(&file, &tax()).unwrap();
    assert_eq!(reading.tables[0].counts, Counts { seen: 3, data: 2, heads: 1, ..Counts::default() });
}
