//! Units, calendars, processes, templates, code lists and cases behave as the other crates rely on.

use jiff::civil::{Date, date};
use law::case::{ExpectMeasure, Expected, Value};
use law::template::ColumnRole;
use law::units::UnitFault;
use law::{Diagnostic, Law, Sources};
use rust_decimal::Decimal;
use std::path::Path;

fn sources() -> Sources {
    Sources::from_dir(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../law")).expect("the folder is readable")
}

fn law() -> Law {
    Law::load(&sources()).0
}

fn decimal(text: &str) -> Decimal {
    text.parse().expect("a decimal")
}

#[test]
fn a_head_is_split_into_name_and_unit() {
    let units = law().units;
    for (head, name, unit) in [
        ("营业收入（万元）", "营业收入", Some("10k_yuan")),
        ("税 收（元）", "税收", Some("yuan")),
        ("宗地面积(㎡)", "宗地面积", Some("m2")),
        ("用电量[kWh]", "用电量", Some("kwh")),
        ("用电量（万度）", "用电量", Some("10k_kwh")),
        ("实缴税金（单位：元）", "实缴税金", Some("yuan")),
        ("实缴税金/万元", "实缴税金", Some("10k_yuan")),
        ("加价标准（元/千瓦时）", "加价标准", Some("yuan_per_kwh")),
        ("综合能耗（吨标煤）", "综合能耗", Some("tce")),
        ("企业名称（全称）", "企业名称(全称)", None),
        ("营业收入", "营业收入", None),
    ] {
        let found = units.parse_head(head);
        assert_eq!((found.name.as_str(), found.unit.as_deref()), (name, unit), "{head}");
    }
    let unknown = units.parse_head("产值（单位：两）");
    assert_eq!(
        (unknown.unit_text.as_deref(), unknown.unit),
        (Some("两"), None),
        "a declared unit that nobody knows is told apart from none"
    );
}

#[test]
fn conversions_are_exact_and_only_within_a_dimension() {
    let units = law().units;
    let convert = |value: &str, from: &str, to: &str| {
        units.factor(from, to).expect("one dimension").apply(decimal(value)).expect("fits")
    };
    assert_eq!(convert("1", "m2", "mu"), decimal("0.0015"));
    assert_eq!(convert("1", "ha", "mu"), decimal("15"));
    assert_eq!(convert("12345.67", "yuan", "10k_yuan"), decimal("1.234567"));
    assert_eq!(convert("3", "k_yuan", "10k_yuan"), decimal("0.3"));
    assert_eq!(convert("250", "kg", "t"), decimal("0.25"));
    assert_eq!(convert("0.005", "mm", "um"), decimal("5"));
    assert_eq!(convert("1", "10k_yuan_per_mu", "yuan_per_m2"), decimal("15"));
    assert!(
        matches!(units.factor("kwh", "tce"), Err(UnitFault::Dimension { .. })),
        "electricity is no energy without a policy's factor"
    );
    assert_eq!(units.factor("yuan", "ell").unwrap_err(), UnitFault::Unknown("ell".into()));
}

#[test]
fn holidays_are_off_and_make_up_days_are_worked() {
    let calendar = law().calendar;
    assert_eq!(calendar.is_working(date(2025, 10, 1)), Some(false));
    assert_eq!(calendar.is_working(date(2025, 10, 11)), Some(true), "a Saturday worked for the National Day");
    assert_eq!(
        calendar.is_working(date(2022, 12, 31)),
        Some(false),
        "New Year's notice names a day of the year before"
    );
    assert_eq!(calendar.is_working(date(2025, 7, 5)), Some(false), "an ordinary Saturday");
    assert_eq!(calendar.is_working(date(2035, 7, 5)), None, "no notice, no guess");
    let after = |start: Date, days| calendar.after_working_days(start, days);
    assert_eq!(
        after(date(2025, 9, 26), 5),
        Some(date(2025, 10, 10)),
        "Sunday the 28th is worked, 1 to 8 October are off"
    );
    assert_eq!(
        after(date(2024, 9, 12), 3),
        Some(date(2024, 9, 18)),
        "Saturday the 14th is worked, 15 to 17 September are off"
    );
}

#[test]
fn the_articles_hold_all_mechanisms_and_show_what_is_live() {
    let law = law();
    assert_eq!(law.articles.iter().map(|a| a.number).collect::<Vec<_>>(), (1..=20).collect::<Vec<u8>>());
    let mechanisms: Vec<_> = law.articles.iter().flat_map(|a| &a.mechanisms).collect();
    assert_eq!(mechanisms.len(), 134);
    let live: Vec<&str> = mechanisms.iter().filter(|m| m.is_live()).map(|m| m.id.as_str()).collect();
    let carried = [
        "M02-3", "M03-5", "M04-3", "M05-1", "M05-2", "M05-3", "M05-5", "M06-1", "M06-2", "M06-5", "M06-7", "M06-8",
        "M07-1", "M07-2", "M07-3", "M07-5", "M07-6", "M08-9", "M09-1", "M09-10", "M10-3", "M10-6", "M10-7", "M11-7",
        "M13-5", "M13-6", "M14-3", "M16-3", "M18-2", "M20-1",
    ];
    assert_eq!(live, carried);
}

#[test]
fn templates_take_types_and_units_from_the_facts() {
    let law = law();
    let tax = law.templates.iter().find(|t| t.id == "tax").expect("there is a tax template");
    let column =
        tax.tables[0].columns.iter().find(|c| c.role == ColumnRole::Fact("tax_paid".into())).expect("it states tax");
    assert_eq!(column.unit.as_deref(), Some("10k_yuan"));
    assert!(column.required && column.accepts.iter().any(|u| u == "yuan"));
    let science = law.templates.iter().find(|t| t.id == "science").expect("there is a science template");
    let level =
        science.tables[0].columns.iter().find(|c| c.role == ColumnRole::StatusLevel).expect("titles have levels");
    assert!(level.values.iter().any(|v| v.text == "国家级" && v.value.as_deref() == Some("national")));
}

fn added(path: &str, text: &str) -> Vec<(&'static str, u32)> {
    let (law, mut findings) = Law::load(&sources().with(path, text));
    findings.extend(law::check(&law));
    codes(&findings, path)
}

fn codes(findings: &[Diagnostic], path: &str) -> Vec<(&'static str, u32)> {
    let mut out: Vec<(&str, u32)> =
        findings.iter().filter(|f| &*f.at.file == path).map(|f| (f.code, f.at.line)).collect();
    out.sort_by_key(|(code, line)| (*line, *code));
    out
}

#[test]
fn a_process_with_holes_is_refused() {
    let text = "process: holes
title: 洞 | Holes
start: begin
states:
  - { state: a, title: 甲 | A }
  - { state: b, title: 乙 | B, last: true }
  - { state: c, title: 丙 | C }
transitions:
  - { action: go, title: 走 | Go, from: [a], to: x, by: [king] }
  - { action: back, title: 回 | Back, from: [b], to: a, by: [county_officer], guards: [ready] }
clocks:
  - { clock: k, title: 钟 | Clock, starts: y, length: { working_days: 3, clause: 一 }, over: late }
";
    assert_eq!(
        added("national/processes/holes.yaml", text),
        [
            ("unknown-state", 1),
            ("last-state-left", 6),
            ("unreachable-state", 6),
            ("dead-end", 7),
            ("unreachable-state", 7),
            ("unknown-role", 9),
            ("unknown-state", 9),
            ("unknown-guard", 10),
            ("unknown-guard", 12),
            ("unknown-state", 12),
        ]
    );
}

#[test]
fn a_calendar_that_works_on_weekdays_is_refused() {
    let text = "year: 2031
cite: { document: 通知 }
holidays:
  - { title: 元旦 | New Year, from: 2031-01-01, to: 2031-01-03, worked: [2031-01-06] }
  - { title: 春节 | Spring Festival, from: 2031-02-08, to: 2031-02-01 }
  - { title: 国庆 | National Day, from: 2031-10-01, to: 2031-10-07, worked: [2031-10-04] }
";
    assert_eq!(
        added("national/calendars/2031.yaml", text),
        [("off-and-worked", 1), ("worked-weekday", 1), ("bad-period", 5)]
    );
}

#[test]
fn a_template_is_checked_against_facts_and_units() {
    let text = "template: odd
title: 奇 | Odd
department: tax
tables:
  - table: firms
    sheet: 表
    subject: firm
    duplicates: refuse
    columns:
      - { head: 空 }
      - { fact: taxes, head: 税 }
      - { fact: tax_paid, head: 税（元）, accepts: [kwh] }
";
    assert_eq!(
        added("national/templates/odd.yaml", text),
        [("missing-key", 10), ("unknown-fact", 11), ("unit-mismatch", 12), ("unit-mismatch", 12)]
    );
}

#[test]
fn a_file_of_no_kind_or_another_encoding_is_reported() {
    assert_eq!(added("shandong/odd.yaml", "hello: world\n"), [("unknown-file", 1)]);
    assert_eq!(added("shandong/empty.yaml", "# nothing\n"), [("empty-file", 1)]);
    assert_eq!(
        added("codes/odd.csv", "code,name,level,parent_code\n37,短,county,370000\n370199\n"),
        [("bad-division", 2), ("bad-row", 3)]
    );
    let folder = std::env::temp_dir().join(format!("baigong-law-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder for the test");
    std::fs::write(folder.join("gbk.yaml"), [0xd6, 0xd0, 0xce, 0xc4]).expect("a file for the test");
    let (_, findings) = Law::load(&Sources::from_dir(&folder).expect("readable"));
    std::fs::remove_dir_all(&folder).expect("the test's own folder");
    assert_eq!(findings.iter().map(|f| f.code).collect::<Vec<_>>(), ["not-utf8"]);
}

#[test]
fn a_case_is_read_with_its_series_and_defaults() {
    let text = "case: 例 | Example
scheme: shandong/demo/per-mu
year: 2024
all: { land: 10, facts: { above_scale: true }, attributes: { founded: 2000-01-01 }, history: { 2023: C } }
firms:
  - { name: 甲, facts: { tax_paid: 20% } }
  - { name: 乙, repeat: 3, land: 5, facts: { tax_paid: { from: 9, step: -2.5 } } }
parcels:
  - { parcel: P, owner: 甲, area: 4, leases: [{ tenant: 乙2, area: 1.5 }] }
expect:
  firms: { 乙3: { total: 12.50, rank: none, points: { tax_per_mu: unknown }, measures: { a: none, b: words, c: 0.05 } } }
";
    let sources = sources().with("cases/x/a.yaml", text);
    let (law, _) = Law::load(&sources);
    let (cases, findings) = law::case::load(&sources, &law);
    assert_eq!(codes(&findings, "cases/x/a.yaml"), []);
    let case = cases.iter().find(|c| &*c.at.file == "cases/x/a.yaml").expect("the case was read");
    let names: Vec<&str> = case.firms.iter().map(|f| f.name.as_str()).collect();
    assert_eq!(names, ["甲", "乙1", "乙2", "乙3"]);
    assert_eq!(case.firms[0].facts["tax_paid"], Value::Number(decimal("0.2")));
    assert_eq!(case.firms[3].facts["tax_paid"], Value::Number(decimal("4.0")));
    assert_eq!(case.firms[3].attributes["founded"], Value::Date(date(2000, 1, 1)));
    assert_eq!(case.firms[3].history[&2023], "C");
    let areas: Vec<Decimal> = case.parcels.iter().map(|p| p.area).collect();
    assert_eq!(areas, [10, 5, 5, 5, 4].map(Decimal::from));
    let expected = &case.expect.firms["乙3"];
    assert_eq!(expected.total, Some(Expected { value: Some(decimal("12.50")), decimals: 2 }));
    assert_eq!(expected.rank, Some(None));
    assert_eq!(expected.points["tax_per_mu"].value, None);
    assert_eq!(expected.measures["c"], ExpectMeasure::Amount(decimal("0.05")));
}

#[test]
fn a_case_of_unknown_things_is_refused() {
    let text = "case: 例 | Example
scheme: shandong/demo/per-mou
year: 2024
firms:
  - { name: 甲, facts: { tax_payed: 1, above_scale: 3 }, attributes: { founded: 2000 } }
  - { name: 甲 }
parcels:
  - { parcel: P, owner: 乙, area: 4 }
expect:
  firms: { 丙: { total: x } }
";
    let sources = sources().with("cases/x/a.yaml", text);
    let (law, _) = Law::load(&sources);
    let (_, findings) = law::case::load(&sources, &law);
    assert_eq!(
        codes(&findings, "cases/x/a.yaml"),
        [
            ("unknown-scheme", 2),
            ("unknown-fact", 5),
            ("wrong-value", 5),
            ("wrong-value", 5),
            ("duplicate-id", 6),
            ("unknown-firm", 8),
            ("bad-number", 10),
            ("unknown-firm", 10),
        ]
    );
}

#[test]
fn a_case_that_expects_nothing_is_refused() {
    let text = |expect: &str| {
        format!(
            "case: 例 | Example\nscheme: shandong/demo/per-mu\nyear: 2024\nfirms: [{{ name: 甲 }}]\nexpect:{expect}\n"
        )
    };
    let found = |expect: &str| {
        let sources = sources().with("cases/x/a.yaml", &text(expect));
        let (law, _) = Law::load(&sources);
        codes(&law::case::load(&sources, &law).1, "cases/x/a.yaml")
    };
    assert_eq!(found(" { firms: { 甲: { class: none } } }"), []);
    assert_eq!(found(" {}"), [("nothing-expected", 5)]);
    assert_eq!(found(" { firms: {} }"), [("nothing-expected", 5)]);
    assert_eq!(found("\n  firms:\n    甲: {}"), [("nothing-expected", 7)]);
    assert_eq!(found("\n  baselines: { tax_per_mu: 1 }\n  classes: { above_scale: {} }"), [("nothing-expected", 7)]);
}

#[test]
fn an_expected_number_is_compared_at_the_decimals_written() {
    let expected = Expected { value: Some(decimal("116.88")), decimals: 2 };
    assert!(expected.agrees(Some(116.875)) && expected.agrees(Some(116.8849)));
    assert!(!expected.agrees(Some(116.87)) && !expected.agrees(None));
    assert!(Expected { value: None, decimals: 0 }.agrees(None));
}
