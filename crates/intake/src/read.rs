//! The whole way from bytes to a [`Reading`].

use crate::fault::{CellPlace, ExpectedTable, FileFault, Note, Weight};
use crate::grid::{self, Grid, Meter};
use crate::heads::{self, Outcome};
use crate::limits::{Expected, Limits, OnProgress, Progress, Stage};
use crate::reading::{DateSystem, Reading};
use crate::table::{self, Faults, Work};
use crate::units::{Remembered, UnitTable};
use crate::{Wording, duplicates};
use law::Template;
use law::template::Table;
use std::collections::HashMap;
use std::ops::ControlFlow;

/// Reads a department's file by its template.
///
/// The kind of file is told by its content; `file_name` only appears in messages' notes. Every
/// sheet is searched for the template's tables. Figures come in canonical units, exact, or not at
/// all: a cell that cannot be taken is a fault with its place, value and what is allowed, and the
/// rest of the file is still read. A file that cannot be taken as a whole is a [`FileFault`].
pub fn read(
    bytes: &[u8],
    file_name: &str,
    template: &Template,
    units: &dyn UnitTable,
    expected: &Expected,
    limits: &Limits,
    progress: &mut OnProgress<'_>,
) -> Result<Reading, FileFault> {
    let start = Progress { stage: Stage::Open, done: 0, total: bytes.len() as u64 };
    if let ControlFlow::Break(()) = progress(start) {
        return Err(FileFault::Cancelled);
    }
    let book = grid::open(bytes, &mut Meter { limits, progress, done: 0 })?;
    if book.sheets.iter().all(|s| s.len() == 0 && s.visible) {
        return Err(FileFault::Empty);
    }
    let remembered = Remembered::new(units);
    let units: &dyn UnitTable = &remembered;
    let mut work = Work {
        dates: book.dates,
        expected,
        limits,
        units,
        faults: Faults::new(limits.faults),
        notes: Vec::new(),
        progress,
    };
    note_format(file_name, &book.format, &mut work);
    note_dates(book.dates, &mut work);
    let chosen = choose_tables(&book.sheets, template, &mut work)?;
    let first_heads = chosen.first().map(|(sheet, _, found)| CellPlace {
        sheet: book.sheets[*sheet].sheet.clone(),
        row: found.bottom,
        column: 0,
    });
    let mut tables = Vec::new();
    for (sheet, table, found) in chosen {
        let rows_from = found.bottom;
        let read = table::read(&book.sheets[sheet], table, found, &mut work)?;
        if read.rows.is_empty() {
            let at = CellPlace { sheet: book.sheets[sheet].sheet.clone(), row: rows_from, column: 0 };
            work.notes.push(Note {
                at: Some(at),
                weight: Weight::Warning,
                code: "no_rows",
                wording: Wording::new("表头下面没有数据行", "there are no rows below the heads"),
            });
        }
        tables.push(read);
    }
    if let (Some(at), true) = (first_heads, tables.iter().all(|t| t.rows.is_empty())) {
        return Err(FileFault::NoRows { at });
    }
    refuse_overlapping_sheets(template, &tables)?;
    let absent =
        template.tables.iter().filter(|t| !tables.iter().any(|r| r.table == t.id)).map(|t| t.id.clone()).collect();
    let mut faults = work.faults.list;
    faults.sort_by(|a, b| a.at.cmp(&b.at).then(a.code.cmp(b.code)));
    Ok(Reading {
        format: book.format,
        dates: book.dates,
        tables,
        absent,
        faults,
        faults_left_out: work.faults.left_out,
        notes: work.notes,
    })
}

fn note_format(file_name: &str, format: &crate::Format, work: &mut Work<'_, '_>) {
    let extension = file_name.rsplit_once('.').map(|(_, e)| e.to_ascii_lowercase()).unwrap_or_default();
    let fits = match format {
        crate::Format::Xlsx => matches!(extension.as_str(), "xlsx" | "xlsm" | "xltx" | "et"),
        crate::Format::Xls => matches!(extension.as_str(), "xls" | "xlt" | "et"),
        crate::Format::Ods => extension == "ods",
        crate::Format::Text { .. } => matches!(extension.as_str(), "csv" | "txt" | "tsv"),
    };
    if !fits && !extension.is_empty() {
        let kind = match format {
            crate::Format::Xlsx => ".xlsx",
            crate::Format::Xls => ".xls",
            crate::Format::Ods => ".ods",
            crate::Format::Text { .. } => ".csv",
        };
        work.notes.push(Note {
            at: None,
            weight: Weight::Info,
            code: "extension_differs",
            wording: Wording::new(
                format!("文件名是“{file_name}”，内容实际是 {kind}，已按内容读取"),
                format!("the file is called “{file_name}” but its content is {kind}; it was read by its content"),
            ),
        });
    }
}

fn note_dates(dates: DateSystem, work: &mut Work<'_, '_>) {
    if dates == DateSystem::From1904 {
        work.notes.push(Note {
            at: None,
            weight: Weight::Info,
            code: "dates_1904",
            wording: Wording::new(
                "工作簿使用 1904 日期系统，日期已按此换算",
                "the workbook counts its dates from 1904; they were converted accordingly",
            ),
        });
    }
}

type Chosen<'t> = (usize, &'t Table, heads::Found);

/// The table that each visible sheet holds.
fn choose_tables<'t>(
    sheets: &[Grid],
    template: &'t Template,
    work: &mut Work<'_, '_>,
) -> Result<Vec<Chosen<'t>>, FileFault> {
    let mut chosen: Vec<Chosen<'t>> = Vec::new();
    let mut refused: Vec<(usize, &'t Table, FileFault)> = Vec::new();
    for (index, sheet) in sheets.iter().enumerate() {
        if !sheet.visible {
            work.notes.push(sheet_note(sheet, "sheet_hidden", "是隐藏工作表，没有读取", "is hidden and was not read"));
            continue;
        }
        if sheet.len() == 0 {
            continue;
        }
        let mut best: Option<(usize, &'t Table, Result<heads::Found, FileFault>)> = None;
        for table in &template.tables {
            let (score, outcome) = match heads::find(sheet, table, work.units, work.expected, work.limits.head_rows) {
                Outcome::Full { found, score } => (score, Ok(found)),
                Outcome::Refused { fault, score } => (score, Err(fault)),
                Outcome::None => continue,
            };
            // A complete table wins over one that only scores higher with something missing.
            let better = match &best {
                None => true,
                Some((s, _, known)) => (outcome.is_ok(), score) > (known.is_ok(), *s),
            };
            if better {
                best = Some((score, table, outcome));
            }
        }
        match best {
            Some((_, table, Ok(found))) => chosen.push((index, table, found)),
            Some((_, table, Err(fault))) => refused.push((index, table, fault)),
            None => work.notes.push(sheet_note(
                sheet,
                "sheet_without_table",
                "没有模板中的表，没有读取",
                "holds no table of the template and was not read",
            )),
        }
    }
    for (index, table, fault) in refused {
        if !chosen.iter().any(|(_, t, _)| t.id == table.id) {
            return Err(fault);
        }
        let why = fault.wording();
        work.notes.push(Note {
            at: Some(CellPlace { sheet: sheets[index].sheet.clone(), row: 0, column: 0 }),
            weight: Weight::Warning,
            code: "sheet_incomplete",
            wording: Wording::new(
                format!("这张工作表与另一张表相似但不完整，没有读取：{}", why.zh),
                format!("this sheet resembles another one but is incomplete and was not read: {}", why.en),
            ),
        });
    }
    if chosen.is_empty() {
        return Err(no_table(sheets, template, work.limits.head_rows));
    }
    Ok(chosen)
}

fn sheet_note(sheet: &Grid, code: &'static str, zh: &str, en: &str) -> Note {
    let name = sheet.sheet.clone().unwrap_or_default();
    Note {
        at: Some(CellPlace { sheet: sheet.sheet.clone(), row: 0, column: 0 }),
        weight: if sheet.len() == 0 { Weight::Info } else { Weight::Warning },
        code,
        wording: Wording::new(format!("工作表“{name}”{zh}"), format!("the sheet “{name}” {en}")),
    }
}

fn no_table(sheets: &[Grid], template: &Template, head_rows: u32) -> FileFault {
    let found: Vec<_> =
        sheets.iter().filter(|s| s.visible && s.len() > 0).map(|s| heads::offered_heads(s, head_rows)).collect();
    let expected = template
        .tables
        .iter()
        .map(|t| ExpectedTable {
            table: t.id.clone(),
            heads: t.columns.iter().filter(|c| c.required).map(|c| c.head.clone()).collect(),
        })
        .collect();
    let nearest = heads::nearest_pairs(&found, &template.tables);
    FileFault::NoTable { template: template.title.clone(), found, expected, nearest }
}

/// The same table on several sheets is fine (one for each town) unless a subject is on two of them:
/// then one may be last year's copy, and adding both would be wrong.
fn refuse_overlapping_sheets(template: &Template, tables: &[crate::TableReading]) -> Result<(), FileFault> {
    for table in &template.tables {
        let mut seen: HashMap<String, usize> = HashMap::new();
        for (index, reading) in tables.iter().enumerate().filter(|(_, r)| r.table == table.id) {
            for key in duplicates::subject_keys(reading, table.subject).into_iter().flatten() {
                let first = *seen.entry(key.clone()).or_insert(index);
                if first != index {
                    let name = |i: usize| tables[i].sheet.clone().unwrap_or_default();
                    return Err(FileFault::AmbiguousSheets {
                        table: table.sheet.clone(),
                        sheets: vec![name(first), name(index)],
                        example: key,
                    });
                }
            }
        }
    }
    Ok(())
}
