//! The demo county's workbooks, as six departments would send them, read by the real templates:
//! every planted fault is found, and nothing else is touched.

use base::{Department, DivisionCode, fixed};
use intake::reading::CodeCell;
use intake::{Expected, FileFault, Key, KnownFirm, Limits, Match, Matcher, Reading, TableReading, Values};
use jiff::civil::date;
use law::template::ColumnRole;
use law::{Law, Template};
use province::{Expected as Should, FaultKind, Key as ProvinceKey, LAST_YEAR, MadeFile, Province, Value, Verdict};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::ControlFlow;
use std::sync::OnceLock;

struct Demo {
    province: Province,
    files: Vec<MadeFile>,
    key: ProvinceKey,
    law: Law,
    matcher: Matcher,
}

fn demo() -> &'static Demo {
    static DEMO: OnceLock<Demo> = OnceLock::new();
    DEMO.get_or_init(|| {
        let province = Province::generate(1);
        let (files, key) = province::make_workbooks(&province, LAST_YEAR).unwrap();
        let (law, _) = Law::embedded();
        let firms: Vec<KnownFirm> = province
            .firms()
            .iter()
            .map(|f| KnownFirm {
                id: f.index as i64,
                credit_code: Some(f.code.clone()),
                former_codes: Vec::new(),
                names: std::iter::once(f.name.clone()).chain(f.former_names.iter().map(|n| n.name.clone())).collect(),
                address: f.address.clone(),
                division: f.division,
                town: f.town_name.clone(),
            })
            .collect();
        let matcher = Matcher::new(county(&province), &firms);
        Demo { province, files, key, law, matcher }
    })
}

fn county(province: &Province) -> DivisionCode {
    province.demo_county()
}

fn template(department: Department) -> &'static Template {
    let named: Vec<&Template> = demo().law.templates.iter().filter(|t| t.department == department).collect();
    assert_eq!(named.len(), 1, "one template for {}", department.name());
    named[0]
}

fn read_as(bytes: &[u8], name: &str, department: Department) -> Result<Reading, FileFault> {
    let expected = Expected { today: date(2026, 3, 1), year: Some(LAST_YEAR) };
    let units = &demo().law.units;
    intake::read(bytes, name, template(department), units, &expected, &Limits::default(), &mut |_| {
        ControlFlow::Continue(())
    })
}

fn readings() -> &'static BTreeMap<String, Reading> {
    static READINGS: OnceLock<BTreeMap<String, Reading>> = OnceLock::new();
    READINGS.get_or_init(|| {
        let files = &demo().key.files;
        demo()
            .files
            .iter()
            .filter_map(|made| {
                let department = files.iter().find(|f| f.file == made.name)?.department;
                let reading = read_as(&made.bytes, &made.name, department);
                Some((made.name.clone(), reading.unwrap_or_else(|f| panic!("{}: {f}", made.name))))
            })
            .collect()
    })
}

fn table_at<'a>(reading: &'a Reading, sheet: Option<&str>) -> &'a TableReading {
    reading.tables.iter().find(|t| t.sheet.as_deref() == sheet).unwrap_or_else(|| panic!("no table on {sheet:?}"))
}

#[test]
fn every_demo_workbook_is_read_with_all_its_tables_and_columns() {
    assert_eq!(readings().len(), 6);
    for (file, reading) in readings() {
        // The county's land department sends parcels and leases; it has no list of violations to send.
        assert!(reading.absent.iter().all(|t| t == "firms"), "{file}: {:?}", reading.absent);
        for table in &reading.tables {
            assert!(table.unknown_heads.is_empty(), "{file}: {:?}", table.unknown_heads);
            assert!(table.counts.data > 100, "{file}: {:?}", table.counts);
        }
    }
    for file in &demo().key.files {
        let rows: u32 = readings()[&file.file].tables.iter().map(|t| t.counts.data).sum();
        assert_eq!(rows as usize, file.rows, "{}", file.file);
    }
}

#[test]
fn every_planted_bad_cell_is_a_fault_and_no_other_cell_is() {
    let mut planted: BTreeSet<(String, Option<String>, u32, u32)> = BTreeSet::new();
    let mut excused: BTreeSet<(String, Option<String>, u32)> = BTreeSet::new();
    for fault in &demo().key.faults {
        let refused = fault.expected == Should::Refused && fault.kind != FaultKind::EndsBeforeItBegins;
        let code = matches!(fault.kind, FaultKind::WrongDigit | FaultKind::LetterO | FaultKind::LetterI);
        if refused || code {
            planted.insert((fault.file.clone(), fault.sheet.clone(), fault.row, fault.column));
        }
        excused.insert((fault.file.clone(), fault.sheet.clone(), fault.row));
    }
    let mut found = BTreeSet::new();
    for (file, reading) in readings() {
        for fault in &reading.faults {
            let at = (file.clone(), fault.at.sheet.clone(), fault.at.row, fault.at.column);
            if fault.code != "duplicate_subject" {
                assert!(planted.contains(&at), "{at:?}: {} {}", fault.code, fault.wording.zh);
            }
            found.insert(at);
        }
    }
    let missed: Vec<_> = planted.difference(&found).collect();
    assert!(missed.is_empty(), "{missed:?}");
}

#[test]
fn total_rows_and_column_marks_are_counted_not_read() {
    for fault in &demo().key.faults {
        let reading = &readings()[&fault.file];
        match fault.kind {
            FaultKind::TotalRow => {
                let table = table_at(reading, fault.sheet.as_deref());
                assert!(table.totals.iter().any(|t| t.row == fault.row), "{}", fault.id);
            }
            FaultKind::ColumnMarks => {
                assert!(table_at(reading, fault.sheet.as_deref()).counts.heads >= 1, "{}", fault.id)
            }
            _ => {}
        }
    }
}

/// The verdict on each row of a table about firms.
fn verdicts(table: &TableReading, code: &ColumnRole, name: &ColumnRole) -> Vec<(u32, Match)> {
    let codes = table.codes(code);
    let names = table.texts(name);
    let addresses = table.texts(&ColumnRole::Address);
    (0..table.rows.len())
        .map(|i| {
            let key = Key {
                code: codes.and_then(|c| c[i].text()),
                name: names.and_then(|n| n[i].as_deref()),
                address: addresses.and_then(|a| a[i].as_deref()),
            };
            (table.rows[i], demo().matcher.find(&key))
        })
        .collect()
}

#[test]
fn no_row_is_certain_of_a_wrong_firm_and_the_planted_ones_get_their_verdicts() {
    let by_code: HashMap<String, i64> =
        demo().province.firms().iter().map(|f| (f.code.to_string(), f.index as i64)).collect();
    for (file, reading) in readings() {
        for table in &reading.tables {
            let (code, name) = match table.codes(&ColumnRole::CreditCode) {
                Some(_) => (ColumnRole::CreditCode, ColumnRole::Name),
                None => (ColumnRole::OwnerCode, ColumnRole::OwnerName),
            };
            let verdicts = verdicts(table, &code, &name);
            let planted: HashMap<u32, &province::Fault> = demo()
                .key
                .faults
                .iter()
                .filter(|f| f.file == *file && f.sheet == table.sheet)
                .map(|f| (f.row, f))
                .collect();
            let codes = table.codes(&code).unwrap();
            for (i, (row, verdict)) in verdicts.iter().enumerate() {
                let place = format!("{file} {:?} {row}: {verdict:?}", table.sheet);
                if let (CodeCell::Valid(code), Some(firm)) = (&codes[i], verdict.firm()) {
                    assert_eq!(by_code.get(code.as_str()), Some(&firm), "{place}");
                }
                let Some(fault) = planted.get(row) else { continue };
                let right = fault.firm.as_ref().map(|f| f.index as i64);
                match fault.expected {
                    Should::Doubtful => match verdict {
                        Match::Doubtful { candidates } => {
                            assert!(candidates.iter().any(|c| Some(c.firm) == right), "{} {place}", fault.id)
                        }
                        // A slip in a name can hit what the firm was called before.
                        Match::Certain(c) if c.reasons.iter().any(|r| r.code == "name_former") => {
                            assert_eq!(Some(c.firm), right, "{} {place}", fault.id)
                        }
                        _ => panic!("{} {place}", fault.id),
                    },
                    Should::ByName => match verdict {
                        Match::Certain(c) => assert_eq!(Some(c.firm), right, "{} {place}", fault.id),
                        Match::Doubtful { candidates } => {
                            assert!(candidates.iter().any(|c| Some(c.firm) == right), "{place}")
                        }
                        _ => panic!("{} {place}", fault.id),
                    },
                    Should::Unmatched => assert!(
                        verdict.firm().is_none() && !matches!(verdict, Match::OtherDivision(_)),
                        "{} {place}",
                        fault.id
                    ),
                    Should::OtherCounty => assert!(matches!(verdict, Match::OtherDivision(_)), "{} {place}", fault.id),
                    _ => {}
                }
            }
            let certain = verdicts.iter().filter(|(_, v)| v.firm().is_some()).count();
            assert!(certain * 100 > verdicts.len() * 94, "{file}: {certain} of {}", verdicts.len());
        }
    }
}

#[test]
fn every_other_figure_is_the_truth_in_its_canonical_unit() {
    let province = &demo().province;
    let mut truth: HashMap<(i64, String), i128> = HashMap::new();
    for fact in province.facts(LAST_YEAR, province.demo_county()) {
        if let (Value::Number(n), None) = (&fact.value, &fact.evidence) {
            truth.insert((fact.firm as i64, fact.fact.to_owned()), fixed::to_scaled(*n).unwrap());
        }
    }
    let (mut figures, mut compared) = (0, 0);
    for (file, reading) in readings() {
        let department = demo().key.files.iter().find(|f| f.file == *file).unwrap().department;
        if department == Department::Power || department == Department::Land {
            continue; // several rows of one firm; parcels
        }
        for table in &reading.tables {
            let planted: BTreeSet<u32> = demo().key.faults.iter().filter(|f| f.file == *file).map(|f| f.row).collect();
            let verdicts = verdicts(table, &ColumnRole::CreditCode, &ColumnRole::Name);
            for column in &table.columns {
                let (ColumnRole::Fact(fact), Values::Number(values)) = (&column.role, &column.values) else { continue };
                figures += values.iter().flatten().count();
                for (i, (row, verdict)) in verdicts.iter().enumerate() {
                    let (Some(firm), Some(value), false) = (verdict.firm(), values[i], planted.contains(row)) else {
                        continue;
                    };
                    assert_eq!(truth.get(&(firm, fact.clone())), Some(&value), "{file} {row} {fact}");
                    compared += 1;
                }
            }
        }
    }
    assert!(compared > 10_000 && compared * 100 > figures * 94, "{compared} of {figures} figures compared");
}

#[test]
fn merged_lessors_are_filled_down_to_every_tenant() {
    let reading = readings().values().find(|r| r.tables.iter().any(|t| t.table == "leases")).unwrap();
    let leases = reading.tables.iter().find(|t| t.table == "leases").unwrap();
    assert!(leases.texts(&ColumnRole::Parcel).unwrap().iter().all(Option::is_some));
    assert!(leases.texts(&ColumnRole::OwnerName).unwrap().iter().all(Option::is_some));
    assert!(reading.notes.iter().any(|n| n.code == "merge_filled"));
}

#[test]
fn each_bad_file_of_the_demo_gets_its_verdict() {
    let (files, cases) = province::make_bad_files(&demo().province).unwrap();
    for case in &cases {
        let made = files.iter().find(|f| f.name == case.file).unwrap();
        let outcome = read_as(&made.bytes, &made.name, case.department);
        match case.verdict {
            Verdict::FileRefused => {
                let fault = outcome.expect_err(&case.case);
                assert!(!fault.wording().zh.is_empty());
            }
            Verdict::CellsRefused | Verdict::Read => {
                let reading = outcome.unwrap_or_else(|f| panic!("{}: {f}", case.case));
                let found: BTreeSet<(u32, u32)> = reading.faults.iter().map(|f| (f.at.row, f.at.column)).collect();
                assert_eq!(found, case.cells.iter().copied().collect(), "{}: {:?}", case.case, reading.faults);
                for (row, column, text) in &case.reads {
                    assert_eq!(
                        shown(&reading, *row, *column).as_deref(),
                        Some(text.as_str()),
                        "{} {row}:{column}",
                        case.case
                    );
                }
            }
        }
    }
}

/// What was read from a cell, as the list of cases writes it: figures in the unit of the cell.
fn shown(reading: &Reading, row: u32, column: u32) -> Option<String> {
    let table = &reading.tables[0];
    let index = table.rows.iter().position(|r| *r == row)?;
    let column = table.columns.iter().find(|c| c.column == column)?;
    match &column.values {
        Values::Number(values) => {
            let unit = column.unit.as_ref()?;
            let number = fixed::from_scaled(values[index]?)?;
            Some((number * unit.factor.denominator / unit.factor.numerator).normalize().to_string())
        }
        Values::Date(values) => values[index].map(|d| d.to_string()),
        Values::Text(values) => values[index].as_deref().map(str::to_owned),
        Values::Boolean(values) => values[index].map(|b| b.to_string()),
        Values::Code(values) => values[index].text().map(str::to_owned),
    }
}

#[test]
fn marked_copies_of_the_demo_workbooks_read_back_the_same() {
    for made in &demo().files {
        let Some(file) = demo().key.files.iter().find(|f| f.file == made.name) else { continue };
        let reading = &readings()[&made.name];
        let marks: Vec<intake::CellMark> = reading.faults.iter().map(intake::CellMark::from).collect();
        let copy = intake::marked_copy(&made.bytes, &made.name, &marks, &Limits::default()).unwrap();
        let again = read_as(&copy, &made.name, file.department).unwrap_or_else(|f| panic!("{}: {f}", made.name));
        for (a, b) in reading.tables.iter().zip(&again.tables) {
            assert_eq!(a.rows, b.rows, "{}", made.name);
            for (x, y) in a.columns.iter().zip(&b.columns) {
                assert_eq!(x.values, y.values, "{} {}", made.name, x.head);
            }
        }
        assert_eq!(reading.faults.len(), again.faults.len(), "{}", made.name);
    }
}

#[test]
fn every_blank_template_is_recognised_as_itself() {
    for template in &demo().law.templates {
        let file = intake::blank_template(template, &demo().law.units, LAST_YEAR, "昌乐县").unwrap();
        let expected = Expected { today: date(2026, 3, 1), year: Some(LAST_YEAR) };
        let units = &demo().law.units;
        let outcome = intake::read(&file, "a.xlsx", template, units, &expected, &Limits::default(), &mut |_| {
            ControlFlow::Continue(())
        });
        match outcome {
            Err(fault) => assert!(matches!(fault, FileFault::NoRows { .. }), "{}: {fault}", template.id),
            Ok(reading) => assert!(reading.absent.is_empty() && reading.tables.iter().all(|t| t.rows.is_empty())),
        }
    }
}
