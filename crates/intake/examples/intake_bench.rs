//! Times the reading and matching of a large workbook beside calamine's bare read of the same file.
//!
//! ```sh
//! cargo run --release -p intake --example intake_bench            # makes a workbook and reads it
//! cargo run --release -p intake --example intake_bench -- book.xlsx 50000 30
//! cargo run --release -p intake --example intake_bench -- book.xlsx 50000 30 bare   # calamine alone
//! ```
//! The workbook stays in the temporary folder, so that other readers can be timed on it.

use base::{CreditCode, Department};
use calamine::Reader as _;
use intake::units::Factor;
use intake::{Expected, Key, KnownFirm, Limits, Match, Matcher, UnitTable};
use jiff::civil::date;
use law::Place;
use law::template::{Column, ColumnRole, Duplicates, Kind, Subject, Table, Template};
use std::io::Cursor;
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

struct OneUnit;

impl UnitTable for OneUnit {
    fn find(&self, text: &str) -> Option<String> {
        matches!(text, "万元" | "元").then(|| if text == "元" { "yuan" } else { "10k_yuan" }.to_owned())
    }

    fn factor(&self, from: &str, to: &str) -> Option<Factor> {
        (from == "yuan" && to == "10k_yuan").then(|| Factor { numerator: 1.into(), denominator: 10_000.into() })
    }
}

fn code(n: usize) -> String {
    let first = format!("91370783{n:09}");
    let last = CreditCode::check_character(&first).expect("digits of the alphabet");
    format!("{first}{last}")
}

fn name(n: usize) -> String {
    const A: [&str; 10] = ["恒", "鑫", "源", "盛", "泰", "宏", "瑞", "德", "润", "嘉"];
    const B: [&str; 10] = ["机械", "化工", "纺织", "木业", "电子", "食品", "建材", "铸造", "包装", "纸业"];
    format!("示例县{}{}{}{n}号{}有限公司", A[n % 10], A[n / 10 % 10], A[n / 100 % 10], B[n / 7 % 10])
}

fn template(columns: usize) -> Template {
    let at = Place { file: "bench".into(), line: 1, column: 1 };
    let column = |role: ColumnRole, head: String, kind: Kind| Column {
        role,
        head,
        aliases: Vec::new(),
        kind,
        unit: (kind == Kind::Number).then(|| "10k_yuan".to_owned()),
        accepts: if kind == Kind::Number { vec!["yuan".to_owned()] } else { Vec::new() },
        required: true,
        min: None,
        max: None,
        values: Vec::new(),
        at: at.clone(),
    };
    let mut all = vec![
        column(ColumnRole::CreditCode, "统一社会信用代码".into(), Kind::Text),
        column(ColumnRole::Name, "企业名称".into(), Kind::Text),
    ];
    all.extend((2..columns).map(|i| column(ColumnRole::Fact(format!("fact_{i}")), format!("指标{i}"), Kind::Number)));
    Template {
        id: "bench".into(),
        title: "测试表".into(),
        title_en: "bench".into(),
        department: Department::Statistics,
        tables: vec![Table {
            id: "firms".into(),
            sheet: "数据".into(),
            subject: Subject::Firm,
            duplicates: Duplicates::Refuse,
            columns: all,
        }],
        at,
    }
}

fn workbook(rows: usize, columns: usize) -> Vec<u8> {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    for c in 0..columns {
        let head = match c {
            0 => "统一社会信用代码".to_owned(),
            1 => "企业名称".to_owned(),
            _ => format!("指标{c}（{}）", if c % 2 == 0 { "万元" } else { "元" }),
        };
        sheet.write_string(0, c as u16, head).expect("inside the sheet");
    }
    for r in 0..rows {
        let row = r as u32 + 1;
        sheet.write_string(row, 0, code(r)).expect("inside the sheet");
        sheet.write_string(row, 1, name(r)).expect("inside the sheet");
        for c in 2..columns {
            let value = ((r * 7919 + c * 104_729) % 10_000_000) as f64 / 100.0;
            sheet.write_number(row, c as u16, value).expect("inside the sheet");
        }
    }
    book.save_to_buffer().expect("writes to memory")
}

fn best_of<T>(times: usize, mut work: impl FnMut() -> T) -> (Duration, T) {
    let mut best: Option<(Duration, T)> = None;
    for _ in 0..times {
        let start = Instant::now();
        let result = work();
        let taken = start.elapsed();
        if best.as_ref().is_none_or(|(b, _)| taken < *b) {
            best = Some((taken, result));
        }
    }
    best.expect("at least one run")
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let rows: usize = arguments.get(1).map_or(50_000, |t| t.parse().expect("a number of rows"));
    let columns: usize = arguments.get(2).map_or(30, |t| t.parse().expect("a number of columns"));
    let path = arguments.first().cloned().unwrap_or_else(|| {
        let path = std::env::temp_dir().join(format!("intake_bench_{rows}x{columns}.xlsx"));
        if !path.exists() {
            std::fs::write(&path, workbook(rows, columns)).expect("the temporary folder can be written");
        }
        path.to_string_lossy().into_owned()
    });
    let bytes = std::fs::read(&path).expect("the workbook can be read");
    let firms: Vec<KnownFirm> = (0..rows)
        .map(|n| KnownFirm {
            id: n as i64,
            credit_code: Some(code(n).parse().expect("made to hold")),
            former_codes: Vec::new(),
            names: vec![name(n)],
            address: String::new(),
            division: "370783".parse().expect("a division"),
            town: String::new(),
        })
        .collect();

    let (bare, cells) = best_of(3, || {
        let mut book = calamine::Xlsx::new(Cursor::new(bytes.as_slice())).expect("a workbook");
        let name = book.sheet_names()[0].clone();
        book.worksheet_range(&name).expect("a sheet").used_cells().count()
    });
    if arguments.get(3).is_some_and(|a| a == "bare") {
        println!("calamine {:.4}", bare.as_secs_f64());
        return;
    }
    let template = template(columns);
    let expected = Expected { today: date(2026, 1, 1), year: Some(2025) };
    let limits = Limits::default();
    let (read, reading) = best_of(3, || {
        intake::read(&bytes, &path, &template, &OneUnit, &expected, &limits, &mut |_| ControlFlow::Continue(()))
            .expect("a table")
    });
    let (index, matcher) = best_of(3, || Matcher::new("370783".parse().expect("a division"), &firms));
    let table = &reading.tables[0];
    let codes = table.codes(&ColumnRole::CreditCode).expect("codes");
    let names = table.texts(&ColumnRole::Name).expect("names");
    let (matching, certain) = best_of(3, || {
        (0..table.rows.len())
            .filter(|row| {
                let key = Key { code: codes[*row].text(), name: names[*row].as_deref(), address: None };
                matches!(matcher.find(&key), Match::Certain(_))
            })
            .count()
    });
    let (similar, found) = best_of(1, || {
        (0..1000)
            .filter(|row| {
                let asked = name(row * 37 % rows).replace("号", "");
                matches!(matcher.find(&Key { code: None, name: Some(&asked), address: None }), Match::Doubtful { .. })
            })
            .count()
    });
    println!("{path}: {} bytes, {cells} cells", bytes.len());
    println!("calamine, bare read     {bare:>10.3?}");
    println!(
        "intake::read            {read:>10.3?}  {:.2}x, {} faults",
        read.as_secs_f64() / bare.as_secs_f64(),
        reading.faults.len()
    );
    println!("matching {:>6} rows    {matching:>10.3?}  {certain} certain", table.rows.len());
    println!(
        "read and match          {:>10.3?}  {:.2}x",
        read + matching,
        (read + matching).as_secs_f64() / bare.as_secs_f64()
    );
    println!("indexing the register   {index:>10.3?}  {rows} firms");
    println!("1000 misspelt names     {similar:>10.3?}  {found} doubtful");
}
