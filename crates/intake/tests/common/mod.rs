//! Templates, units and workbooks that the tests share.
#![allow(dead_code)] // each test file uses its part

use base::Department;
use intake::units::Factor;
use intake::{Expected, FileFault, Limits, Reading, UnitTable};
use jiff::civil::date;
use law::Place;
use law::template::{Column, ColumnRole, Duplicates, Kind, Subject, Table, Template};
use rust_decimal::Decimal;
use rust_xlsxwriter::Workbook;
use std::ops::ControlFlow;

pub struct Units;

/// (id, ways to write it, dimension, numerator, denominator of the dimension's base)
const UNITS: [(&str, &[&str], &str, i64, i64); 12] = [
    ("10k_yuan", &["万元"], "money", 10_000, 1),
    ("yuan", &["元"], "money", 1, 1),
    ("1k_yuan", &["千元"], "money", 1000, 1),
    ("mu", &["亩"], "area", 2000, 3),
    ("m2", &["平方米", "㎡", "m2"], "area", 1, 1),
    ("ha", &["公顷"], "area", 10_000, 1),
    ("kwh", &["千瓦时", "kWh", "度"], "electricity", 1, 1),
    ("10k_kwh", &["万千瓦时", "万度"], "electricity", 10_000, 1),
    ("t", &["吨"], "mass", 1, 1),
    ("kg", &["千克", "公斤"], "mass", 1, 1000),
    ("tce", &["吨标准煤", "吨标煤"], "energy", 1, 1),
    ("person", &["人"], "person", 1, 1),
];

impl UnitTable for Units {
    fn find(&self, text: &str) -> Option<String> {
        let folded = base::text::half_width(text).trim().to_lowercase();
        UNITS.iter().find(|u| u.0 == folded || u.1.iter().any(|n| n.to_lowercase() == folded)).map(|u| u.0.to_owned())
    }

    fn factor(&self, from: &str, to: &str) -> Option<Factor> {
        let unit = |id: &str| UNITS.iter().find(|u| u.0 == id);
        let (a, b) = (unit(from)?, unit(to)?);
        (a.2 == b.2).then(|| Factor {
            numerator: (Decimal::from(a.3) * Decimal::from(b.4)).normalize(),
            denominator: (Decimal::from(a.4) * Decimal::from(b.3)).normalize(),
        })
    }

    fn label(&self, id: &str) -> String {
        UNITS.iter().find(|u| u.0 == id).map_or(id.to_owned(), |u| u.1[0].to_owned())
    }
}

fn at() -> Place {
    Place { file: "templates/test.yaml".into(), line: 1, column: 1 }
}

pub fn column(role: ColumnRole, head: &str, aliases: &[&str], kind: Kind, required: bool) -> Column {
    Column {
        role,
        head: head.to_owned(),
        aliases: aliases.iter().map(|a| (*a).to_owned()).collect(),
        kind,
        unit: None,
        accepts: Vec::new(),
        required,
        min: None,
        max: None,
        values: Vec::new(),
        at: at(),
    }
}

pub fn figure(fact: &str, head: &str, aliases: &[&str], unit: &str, accepts: &[&str], required: bool) -> Column {
    Column {
        unit: Some(unit.to_owned()),
        accepts: accepts.iter().map(|a| (*a).to_owned()).collect(),
        min: Some(Decimal::ZERO),
        ..column(ColumnRole::Fact(fact.to_owned()), head, aliases, Kind::Number, required)
    }
}

pub fn code_column(required: bool) -> Column {
    column(
        ColumnRole::CreditCode,
        "统一社会信用代码",
        &["信用代码", "社会信用代码", "纳税人识别号"],
        Kind::Text,
        required,
    )
}

pub fn name_column(required: bool) -> Column {
    column(ColumnRole::Name, "企业名称", &["单位名称", "纳税人名称", "单位详细名称"], Kind::Text, required)
}

pub fn table(id: &str, sheet: &str, subject: Subject, duplicates: Duplicates, columns: Vec<Column>) -> Table {
    Table { id: id.to_owned(), sheet: sheet.to_owned(), subject, duplicates, columns }
}

pub fn template(id: &str, title: &str, department: Department, tables: Vec<Table>) -> Template {
    Template { id: id.to_owned(), title: title.to_owned(), title_en: id.to_owned(), department, tables, at: at() }
}

pub fn tax() -> Template {
    let columns = vec![
        code_column(true),
        name_column(true),
        column(ColumnRole::Address, "地址", &["生产经营地址"], Kind::Text, false),
        figure("tax_paid", "实缴税金", &["实际入库税金", "税收合计"], "10k_yuan", &["yuan", "1k_yuan"], true),
        figure("export_credit_tax", "免抵调库", &[], "10k_yuan", &["yuan", "1k_yuan"], false),
        column(ColumnRole::Ignore, "序号", &["备注"], Kind::Text, false),
    ];
    template(
        "tax",
        "企业税收情况表",
        Department::Tax,
        vec![table("firms", "税收", Subject::Firm, Duplicates::Refuse, columns)],
    )
}

pub fn power() -> Template {
    let columns = vec![
        code_column(false),
        name_column(true),
        column(ColumnRole::Fact("utility_account".into()), "户号", &["用电户号"], Kind::Text, false),
        figure("power_use", "用电量", &["全年用电量"], "kwh", &["10k_kwh"], true),
    ];
    template(
        "power",
        "企业用电情况表",
        Department::Power,
        vec![table("firms", "用电", Subject::Firm, Duplicates::Sum, columns)],
    )
}

pub fn land() -> Template {
    let parcels = vec![
        column(ColumnRole::Parcel, "宗地编号", &["宗地代码"], Kind::Text, true),
        column(ColumnRole::OwnerCode, "权利人信用代码", &["使用权人信用代码"], Kind::Text, false),
        column(ColumnRole::OwnerName, "权利人", &["使用权人", "权利人名称"], Kind::Text, true),
        figure("parcel_area", "宗地面积", &["用地面积"], "mu", &["m2", "ha"], true),
        column(ColumnRole::Fact("parcel_use".into()), "用途", &[], Kind::Text, false),
    ];
    let leases = vec![
        column(ColumnRole::Parcel, "宗地编号", &["宗地代码"], Kind::Text, true),
        column(ColumnRole::OwnerName, "出租方", &["出租方企业名称"], Kind::Text, false),
        column(ColumnRole::CreditCode, "承租方信用代码", &["承租方统一社会信用代码"], Kind::Text, false),
        column(ColumnRole::Name, "承租方", &["承租方企业名称"], Kind::Text, true),
        figure("lease_area", "承租土地面积", &["租赁面积"], "mu", &["m2"], true),
    ];
    template(
        "land",
        "企业用地情况表",
        Department::Land,
        vec![
            table("parcels", "宗地", Subject::Parcel, Duplicates::Refuse, parcels),
            table("leases", "租赁", Subject::Lease, Duplicates::Sum, leases),
        ],
    )
}

pub fn science() -> Template {
    let columns = vec![
        code_column(true),
        name_column(false),
        column(ColumnRole::StatusKind, "资质类别", &[], Kind::Text, true),
        column(ColumnRole::EvidenceNumber, "证书编号", &[], Kind::Text, false),
        column(ColumnRole::ValidFrom, "发证日期", &["生效日期"], Kind::Date, true),
        column(ColumnRole::ValidTo, "有效期至", &[], Kind::Date, false),
        column(ColumnRole::Fact("in_list".into()), "是否在册", &[], Kind::Boolean, false),
    ];
    template(
        "science",
        "企业资质情况表",
        Department::Science,
        vec![table("certificates", "资质", Subject::Certificate, Duplicates::Refuse, columns)],
    )
}

pub fn expected() -> Expected {
    Expected { today: date(2026, 3, 1), year: Some(2025) }
}

pub fn read(bytes: &[u8], template: &Template) -> Result<Reading, FileFault> {
    read_within(bytes, template, &Limits::default())
}

pub fn read_within(bytes: &[u8], template: &Template, limits: &Limits) -> Result<Reading, FileFault> {
    intake::read(bytes, "", template, &Units, &expected(), limits, &mut |_| ControlFlow::Continue(()))
}

/// A valid credit code made from a number.
pub fn code(n: u32) -> String {
    let first = format!("91370783{n:09}");
    let last = base::CreditCode::check_character(&first).expect("digits");
    format!("{first}{last}")
}

/// A one-sheet workbook; a cell beginning with `=` is a number.
pub fn xlsx(rows: &[&[&str]]) -> Vec<u8> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.set_name("明细").unwrap();
    fill(sheet, rows);
    book.save_to_buffer().unwrap()
}

pub fn fill(sheet: &mut rust_xlsxwriter::Worksheet, rows: &[&[&str]]) {
    for (r, row) in rows.iter().enumerate() {
        for (c, text) in row.iter().enumerate() {
            match text.strip_prefix('=') {
                Some(number) => {
                    sheet.write_number(r as u32, c as u16, number.parse::<f64>().unwrap()).map(|_| ()).unwrap()
                }
                None if text.is_empty() => {}
                None => sheet.write_string(r as u32, c as u16, *text).map(|_| ()).unwrap(),
            }
        }
    }
}

/// Figures as readable decimals.
pub fn shown(values: &[Option<i128>]) -> Vec<String> {
    values.iter().map(|v| v.map_or("-".to_owned(), |n| base::fixed::from_scaled(n).unwrap().to_string())).collect()
}

pub fn codes_of_faults(reading: &Reading) -> Vec<(String, &'static str)> {
    reading.faults.iter().map(|f| (f.at.address(), f.code)).collect()
}

pub fn notes(reading: &Reading) -> Vec<&'static str> {
    reading.notes.iter().map(|n| n.code).collect()
}
