//! The workbooks hold what the key says, where it says it; everything else is the truth.

use base::{Department, fixed};
use calamine::{Data, Reader, open_workbook_auto_from_rs};
use province::{
    Expected, FaultKind, Key, KeyTable, LAST_YEAR, MadeFile, Province, Value, make_bad_files, make_workbooks,
};
use rust_decimal::Decimal;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Cursor;
use std::sync::OnceLock;

struct Made {
    province: Province,
    files: Vec<MadeFile>,
    key: Key,
}

fn made() -> &'static Made {
    static MADE: OnceLock<Made> = OnceLock::new();
    MADE.get_or_init(|| {
        let province = Province::generate(1);
        let (files, key) = make_workbooks(&province, LAST_YEAR).unwrap();
        Made { province, files, key }
    })
}

/// Cells as text, by sheet ("" for text files).
type Sheets = BTreeMap<String, Vec<Vec<String>>>;

fn shown(cell: &Data) -> String {
    match cell {
        Data::Empty => String::new(),
        Data::Float(f) => fixed::from_f64(*f).unwrap().to_string(),
        Data::Error(e) => e.to_string(),
        Data::DateTime(d) => {
            let (year, month, day, ..) = d.to_ymd_hms_milli();
            format!("{year}-{month:02}-{day:02}")
        }
        other => other.to_string(),
    }
}

fn read(file: &MadeFile) -> Sheets {
    if file.name.ends_with(".csv") {
        let (text, _, broken) = encoding_rs::GB18030.decode(&file.bytes);
        assert!(!broken, "{} is not GB18030", file.name);
        return BTreeMap::from([(String::new(), text.lines().map(split).collect())]);
    }
    let mut workbook = open_workbook_auto_from_rs(Cursor::new(file.bytes.clone())).unwrap();
    let mut out = Sheets::new();
    for name in workbook.sheet_names() {
        let range = workbook.worksheet_range(&name).unwrap();
        let (last_row, last_column) = range.end().unwrap();
        let rows = (0..=last_row)
            .map(|r| (0..=last_column).map(|c| range.get_value((r, c)).map_or_else(String::new, shown)).collect());
        out.insert(name, rows.collect());
    }
    out
}

fn split(line: &str) -> Vec<String> {
    let (mut cells, mut quoted) = (vec![String::new()], false);
    for c in line.chars() {
        match c {
            '"' => quoted = !quoted,
            ',' if !quoted => cells.push(String::new()),
            c => cells.last_mut().unwrap().push(c),
        }
    }
    cells
}

fn sheets() -> &'static BTreeMap<String, Sheets> {
    static SHEETS: OnceLock<BTreeMap<String, Sheets>> = OnceLock::new();
    SHEETS.get_or_init(|| made().files.iter().map(|f| (f.name.clone(), read(f))).collect())
}

/// Rows of a table with their numbers from 1.
fn rows(department: Department, subject: &str) -> Vec<(u32, &'static Vec<String>)> {
    let file = made().key.files.iter().find(|f| f.department == department).unwrap();
    let table: &KeyTable = file.tables.iter().find(|t| t.subject == subject).unwrap();
    let sheet = &sheets()[&file.file][table.sheet.as_deref().unwrap_or("")];
    (table.first_row..=table.last_row).map(|r| (r, &sheet[r as usize - 1])).collect()
}

/// Rows of the department's sheet that have a fault which changes or withholds something.
fn faulty(department: Department, sheet: Option<&str>) -> BTreeSet<u32> {
    made()
        .key
        .faults
        .iter()
        .filter(|f| f.department == department && f.sheet.as_deref() == sheet && f.expected != Expected::Flagged)
        .filter(|f| !matches!(f.kind, FaultKind::OldName))
        .map(|f| f.row)
        .collect()
}

fn by_code() -> &'static BTreeMap<String, usize> {
    static CODES: OnceLock<BTreeMap<String, usize>> = OnceLock::new();
    CODES.get_or_init(|| made().province.firms().iter().map(|f| (f.code.to_string(), f.index)).collect())
}

fn truth() -> &'static BTreeMap<(usize, &'static str), Value> {
    static TRUTH: OnceLock<BTreeMap<(usize, &'static str), Value>> = OnceLock::new();
    TRUTH.get_or_init(|| {
        let p = &made().province;
        let facts = p.facts(LAST_YEAR, p.demo_county());
        facts.into_iter().filter(|f| f.evidence.is_none()).map(|f| ((f.firm, f.fact), f.value)).collect()
    })
}

fn number(text: &str) -> Option<Decimal> {
    fixed::parse(text).unwrap_or_else(|e| panic!("{text}: {e}"))
}

fn true_number(firm: usize, fact: &'static str) -> Option<Decimal> {
    match truth().get(&(firm, fact)) {
        Some(Value::Number(n)) => Some(*n),
        None => None,
        other => panic!("{fact} is {other:?}"),
    }
}

#[test]
fn every_planted_fault_stands_in_the_cell_that_the_key_names() {
    assert!(made().key.faults.len() > 120);
    for fault in &made().key.faults {
        let sheet = &sheets()[&fault.file][fault.sheet.as_deref().unwrap_or("")];
        let cell = &sheet[fault.row as usize - 1][fault.column as usize - 1];
        assert_eq!(cell, &fault.raw, "{fault:?}");
    }
    for dirt in &made().key.dirt {
        let sheet = &sheets()[&dirt.file][dirt.sheet.as_deref().unwrap_or("")];
        assert_eq!(sheet[dirt.row as usize - 1][dirt.column as usize - 1], dirt.raw, "{dirt:?}");
    }
}

#[test]
fn faults_are_of_every_kind_and_few() {
    let kinds: BTreeSet<FaultKind> = made().key.faults.iter().map(|f| f.kind).collect();
    assert_eq!(kinds.len(), 20, "{kinds:?}");
    let ids: BTreeSet<&String> = made().key.faults.iter().map(|f| &f.id).collect();
    assert_eq!(ids.len(), made().key.faults.len());
    for file in &made().key.files {
        let share = file.faulty_rows as f64 / file.rows as f64;
        assert!((0.004..0.045).contains(&share), "{}: {} of {}", file.file, file.faulty_rows, file.rows);
    }
    let total: usize = made().key.files.iter().map(|f| f.rows).sum();
    let faulty: usize = made().key.files.iter().map(|f| f.faulty_rows).sum();
    assert!((0.008..0.022).contains(&(faulty as f64 / total as f64)), "{faulty} of {total}");
}

#[test]
fn codes_in_the_files_are_valid_except_the_planted_ones() {
    for (department, subject, column, sheet) in [
        (Department::Tax, "firm", 1, Some("税收明细")),
        (Department::Power, "firm", 2, None),
        (Department::Environment, "firm", 2, Some("排放量")),
        (Department::Statistics, "firm", 1, Some("工业主要指标")),
        (Department::Science, "certificate", 2, Some("资质名单")),
        (Department::Land, "parcel", 2, Some("宗地")),
        (Department::Land, "lease", 4, Some("租赁")),
    ] {
        let bad = |k: FaultKind| matches!(k, FaultKind::WrongDigit | FaultKind::LetterO | FaultKind::LetterI);
        let planted: BTreeSet<u32> = made()
            .key
            .faults
            .iter()
            .filter(|f| f.department == department && f.sheet.as_deref() == sheet && bad(f.kind))
            .map(|f| f.row)
            .collect();
        for (row, cells) in rows(department, subject) {
            let valid = cells[column].is_empty() || cells[column].parse::<base::CreditCode>().is_ok();
            assert_eq!(valid, !planted.contains(&row), "{department:?} row {row}: {}", cells[column]);
        }
    }
}

#[test]
fn tax_rows_without_a_fault_are_the_truth_in_yuan() {
    let skip = faulty(Department::Tax, Some("税收明细"));
    let mut seen = 0;
    for (row, cells) in rows(Department::Tax, "firm") {
        if skip.contains(&row) {
            continue;
        }
        let firm = by_code()[&cells[1]];
        let paid = number(&cells[4]).unwrap() / Decimal::from(10_000);
        assert_eq!(Some(paid.normalize()), true_number(firm, "tax_paid"), "row {row}");
        assert_eq!(number(&cells[6]), true_number(firm, "export_credit_tax"), "row {row}");
        seen += 1;
    }
    assert!(seen > 3_000, "{seen}");
}

#[test]
fn the_two_rows_of_a_duplicate_add_up_to_the_truth() {
    let mut sums: BTreeMap<usize, (Decimal, usize)> = BTreeMap::new();
    for fault in made().key.faults.iter().filter(|f| f.kind == FaultKind::Duplicate && f.department == Department::Tax)
    {
        let cells = rows(Department::Tax, "firm").into_iter().find(|(r, _)| *r == fault.row).unwrap().1;
        let entry = sums.entry(fault.firm.as_ref().unwrap().index).or_default();
        entry.0 += number(&cells[4]).unwrap() / Decimal::from(10_000);
        entry.1 += 1;
    }
    assert_eq!(sums.len(), 5);
    for (firm, (sum, rows)) in sums {
        assert_eq!((Some(sum.normalize()), rows), (true_number(firm, "tax_paid"), 2));
    }
}

#[test]
fn power_accounts_of_a_firm_add_up_to_the_truth() {
    let skip = faulty(Department::Power, None);
    let mut used: BTreeMap<usize, (Decimal, Vec<String>)> = BTreeMap::new();
    for (row, cells) in rows(Department::Power, "firm") {
        if skip.contains(&row) {
            continue;
        }
        let entry = used.entry(by_code()[&cells[2]]).or_default();
        entry.0 += number(&cells[4]).unwrap();
        entry.1.push(cells[0].clone());
    }
    assert!(used.len() > 3_000 && used.values().any(|u| u.1.len() > 1));
    for (firm, (kwh, accounts)) in used {
        assert_eq!(Some(kwh), true_number(firm, "power_use"));
        assert_eq!(truth()[&(firm, "utility_account")], Value::Text(accounts.join("；")));
    }
}

#[test]
fn the_old_binary_workbook_reads_back_with_kilograms_beside_tonnes() {
    let file = made().files.iter().find(|f| f.name.ends_with(".xls")).unwrap();
    assert_eq!(file.bytes[..4], [0xd0, 0xcf, 0x11, 0xe0]);
    let skip = faulty(Department::Environment, Some("排放量"));
    let mut seen = 0;
    for (row, cells) in rows(Department::Environment, "firm") {
        if skip.contains(&row) {
            continue;
        }
        let firm = by_code()[&cells[2]];
        let kilograms = |text: &str| number(text).map(|n| (n / Decimal::from(1_000)).normalize());
        assert_eq!(kilograms(&cells[3]), true_number(firm, "cod"), "row {row}");
        assert_eq!(kilograms(&cells[4]), true_number(firm, "ammonia_nitrogen"), "row {row}");
        assert_eq!(number(&cells[5]), true_number(firm, "so2"), "row {row}");
        assert_eq!(number(&cells[6]), true_number(firm, "nox"), "row {row}");
        assert_eq!(number(&cells[7]), true_number(firm, "environment_accidents"), "row {row}");
        seen += 1;
    }
    assert!(seen > 400, "{seen}");
}

#[test]
fn statistics_rows_without_a_fault_are_the_truth_in_thousands() {
    let skip = faulty(Department::Statistics, Some("工业主要指标"));
    let (mut seen, mut above) = (0, 0);
    for (row, cells) in rows(Department::Statistics, "firm") {
        if skip.contains(&row) {
            continue;
        }
        let firm = by_code()[&cells[1]];
        let thousands = |text: &str| number(text).map(|n| (n / Decimal::from(10)).normalize());
        assert_eq!(Value::Truth(cells[3] == "是"), truth()[&(firm, "above_scale")], "row {row}");
        assert_eq!(thousands(&cells[4]), true_number(firm, "revenue"), "row {row}");
        assert_eq!(thousands(&cells[6]), true_number(firm, "value_added"), "row {row}");
        assert_eq!(number(&cells[8]), true_number(firm, "employees"), "row {row}");
        assert_eq!(number(&cells[9]), true_number(firm, "energy"), "row {row}");
        assert_eq!(thousands(&cells[10]), true_number(firm, "rd_expense"), "row {row}");
        assert_eq!(number(&cells[11]), true_number(firm, "upgrade_investment"), "row {row}");
        seen += 1;
        above += usize::from(cells[3] == "是");
    }
    assert!(seen > 3_000 && above > 650, "{seen} {above}");
}

#[test]
fn certificates_carry_their_dates_in_three_forms() {
    let p = &made().province;
    let skip = faulty(Department::Science, Some("资质名单"));
    let date = |text: &str| -> jiff::civil::Date {
        let plain: String = text.chars().map(|c| if c.is_ascii_digit() { c } else { ' ' }).collect();
        let parts: Vec<i16> = plain.split_whitespace().map(|n| n.parse().unwrap()).collect();
        jiff::civil::Date::new(parts[0], parts[1] as i8, parts[2] as i8).unwrap()
    };
    let facts = p.facts_of(LAST_YEAR, p.demo_county(), Department::Science);
    let mut left: BTreeSet<(usize, String)> = facts.iter().map(|f| (f.firm, f.evidence.clone().unwrap())).collect();
    for (row, cells) in rows(Department::Science, "certificate") {
        if skip.contains(&row) {
            continue;
        }
        let firm = by_code()[&cells[2]];
        let fact = facts.iter().find(|f| f.firm == firm && f.evidence.as_ref() == Some(&cells[5])).unwrap();
        assert_eq!((fact.valid_from, fact.valid_to), (date(&cells[6]), date(&cells[7])), "row {row}");
        left.remove(&(firm, cells[5].clone()));
    }
    let planted = made().key.faults.iter().filter(|f| f.department == Department::Science && f.firm.is_some());
    assert!(left.len() <= planted.count(), "only certificates with a planted fault are missing");
}

#[test]
fn land_adds_up_to_the_effective_land_of_the_truth() {
    let p = &made().province;
    let (skip_parcels, skip_leases) = (faulty(Department::Land, Some("宗地")), faulty(Department::Land, Some("租赁")));
    let mut land: BTreeMap<usize, Decimal> = BTreeMap::new();
    for (row, cells) in rows(Department::Land, "parcel") {
        if !skip_parcels.contains(&row) {
            let mu = number(&cells[5]).unwrap() * Decimal::new(15, 4);
            *land.entry(by_code()[&cells[2]]).or_default() += mu;
        }
    }
    let mut merged: [String; 3] = Default::default();
    let mut tenants_per_lessor: BTreeMap<(String, String), usize> = BTreeMap::new();
    for (row, cells) in rows(Department::Land, "lease") {
        if !cells[0].is_empty() {
            merged = [cells[0].clone(), cells[1].clone(), cells[2].clone()];
        }
        *tenants_per_lessor.entry((merged[0].clone(), merged[2].clone())).or_default() += 1;
        if skip_leases.contains(&row) {
            continue;
        }
        let floors = number(&cells[7]).unwrap();
        let mu = number(&cells[5]).unwrap_or_else(|| number(&cells[6]).unwrap() / floors * Decimal::new(15, 4));
        *land.entry(by_code()[&cells[4]]).or_default() += mu;
        *land.entry(by_code()[&merged[2]]).or_default() -= mu;
    }
    assert!(tenants_per_lessor.values().any(|n| *n >= 5));
    let touched: BTreeSet<usize> = made()
        .key
        .faults
        .iter()
        .filter(|f| {
            f.department == Department::Land && !matches!(f.kind, FaultKind::OldName | FaultKind::SharesExceedParcel)
        })
        .filter_map(|f| Some(f.firm.as_ref()?.index))
        .collect();
    // A tenant's fault leaves its lessor with the land that was not counted.
    let lessors: BTreeSet<usize> =
        p.all_leases().iter().filter(|l| touched.contains(&l.tenant)).map(|l| l.lessor).collect();
    let truth = p.effective_land(LAST_YEAR);
    let mut seen = 0;
    for firm in
        p.firms_in(p.demo_county()).iter().filter(|f| !touched.contains(&f.index) && !lessors.contains(&f.index))
    {
        let read = land.get(&firm.index).map(Decimal::normalize);
        assert_eq!(read, truth[firm.index].map(|d| d.normalize()), "{}", firm.name);
        seen += usize::from(read.is_some());
    }
    assert!(seen > 2_900, "{seen}");
}

#[test]
fn the_corrected_land_workbook_differs_in_one_cell() {
    let made = made();
    let correction = made.key.land_correction.as_ref().unwrap();
    let first = made.key.files.iter().find(|f| f.department == Department::Land).unwrap();
    let (old, new) = (&sheets()[&first.file], &sheets()[&correction.file]);
    let mut different = Vec::new();
    for (name, rows) in old {
        for (r, row) in rows.iter().enumerate() {
            for (c, cell) in row.iter().enumerate() {
                if *cell != new[name][r][c] {
                    different.push((name.clone(), r as u32 + 1, c as u32 + 1, cell.clone(), new[name][r][c].clone()));
                }
            }
        }
        assert_eq!(rows.len(), new[name].len());
    }
    let shown = |d: Decimal| d.to_string();
    assert_eq!(
        different,
        vec![(
            correction.sheet.clone(),
            correction.row,
            correction.column,
            shown(correction.before),
            shown(correction.after)
        )]
    );
    assert_eq!(correction.firms.len(), 2);
    assert_eq!(
        made.province.accounts().iter().find(|a| a.sign_in == "firm1").unwrap().firm,
        Some(correction.tenant.index)
    );
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    let again = make_workbooks(&Province::generate(1), LAST_YEAR).unwrap();
    for (one, two) in made().files.iter().zip(&again.0) {
        assert_eq!(base::Digest::of(&one.bytes), base::Digest::of(&two.bytes), "{}", one.name);
    }
    assert_eq!(made().key, again.1);
}

#[test]
fn workbooks_and_key_are_written_and_read_back() {
    let folder = tempfile::tempdir().unwrap();
    let key = province::write_workbooks(folder.path(), &made().province, LAST_YEAR).unwrap();
    let text = std::fs::read_to_string(folder.path().join("key.json")).unwrap();
    assert_eq!(serde_json::from_str::<Key>(&text).unwrap(), key);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 8);
    assert!(province::write_workbooks(folder.path(), &made().province, 1999).is_err());
}

#[test]
fn bad_files_are_bad_in_the_way_they_claim() {
    let (files, cases) = make_bad_files(&made().province).unwrap();
    assert_eq!(files.len(), cases.len());
    let file = |case: &str| {
        let name = &cases.iter().find(|c| c.case == case).unwrap().file;
        files.iter().find(|f| f.name == *name).unwrap()
    };
    let open = |case: &str| calamine::Xlsx::new(Cursor::new(file(case).bytes.clone()));
    assert!(matches!(open("password"), Err(calamine::XlsxError::Password)));
    assert!(open("corrupt_zip").is_err() && file("empty").bytes.is_empty());
    for case in &cases {
        if case.reads.is_empty() || case.file.ends_with(".csv") {
            continue;
        }
        let sheets = read(file(&case.case));
        let rows = sheets.values().next().unwrap();
        for (row, column, text) in &case.reads {
            assert_eq!(&rows[*row as usize - 1][*column as usize - 1], text, "{}", case.case);
        }
    }
    let formula = read(file("formula_errors"));
    assert_eq!(formula["工业主要指标"][1][4], "#DIV/0!");
    assert!(file("nul_bytes").bytes.contains(&0));
    assert!(std::str::from_utf8(&file("utf8_bom").bytes).unwrap().starts_with('\u{feff}'));
}

#[test]
fn a_huge_workbook_is_as_large_unpacked_as_asked() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("huge.xlsx");
    province::write_huge_workbook(&path, 3_000_000).unwrap();
    let mut workbook = calamine::Xlsx::new(std::io::BufReader::new(std::fs::File::open(&path).unwrap())).unwrap();
    let rows = workbook.worksheet_range("企业税收").unwrap().height();
    assert!(rows > 10_000, "{rows}");
    assert!(std::fs::metadata(&path).unwrap().len() < 1_000_000);
}
