//! Sheets as rows of filled cells, whatever the format. Rows and columns count from 1.

use crate::container::{self, Opened, Package};
use crate::fault::{FileFault, Measure};
use crate::limits::{Limits, OnProgress, Progress, Stage};
use crate::reading::{DateSystem, Format};
use crate::sheet_text;
use calamine::{CellErrorType, Data, DataRef, Reader, SheetVisible};
use quick_xml::events::{BytesStart, Event};
use std::collections::HashMap;
use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// What a filled cell holds.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Cell {
    Number(f64),
    /// A number shown as a date.
    Serial(f64),
    /// A date written out, ISO 8601.
    Iso(Box<str>),
    Text(Box<str>),
    Bool(bool),
    Error(&'static str),
}

impl Cell {
    /// As a person sees it, near enough to find it again.
    pub fn shown(&self, dates: DateSystem) -> String {
        match self {
            Cell::Number(n) => crate::cells::plain(*n),
            Cell::Serial(n) => match crate::cells::serial_date(*n, dates) {
                Some(day) => day.to_string(),
                None => crate::cells::plain(*n),
            },
            Cell::Iso(t) | Cell::Text(t) => t.to_string(),
            Cell::Bool(b) => if *b { "TRUE" } else { "FALSE" }.to_owned(),
            Cell::Error(e) => (*e).to_owned(),
        }
    }
}

/// A merged rectangle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Merge {
    pub top: u32,
    pub left: u32,
    pub bottom: u32,
    pub right: u32,
}

/// One sheet.
#[derive(Debug, Default)]
pub(crate) struct Grid {
    /// `None` for text files.
    pub sheet: Option<String>,
    /// Hidden sheets are not read.
    pub visible: bool,
    pub merges: Vec<Merge>,
    columns: Vec<u32>,
    cells: Vec<Cell>,
    /// Row and where its cells start, ascending.
    starts: Vec<(u32, u32)>,
}

impl Grid {
    pub fn new(sheet: Option<String>, visible: bool) -> Self {
        Self { sheet, visible, ..Self::default() }
    }

    /// Adds a cell below or right of the last one; hands it back when it lies before it.
    pub fn push(&mut self, row: u32, column: u32, cell: Cell) -> Result<(), Cell> {
        match self.starts.last() {
            Some((last, _)) if *last == row => {
                if self.columns.last().is_some_and(|c| *c >= column) {
                    return Err(cell);
                }
            }
            Some((last, _)) if *last > row => return Err(cell),
            _ => self.starts.push((row, self.cells.len() as u32)),
        }
        self.columns.push(column);
        self.cells.push(cell);
        Ok(())
    }

    /// Filled rows, as (row, its index).
    pub fn rows(&self) -> impl Iterator<Item = (u32, usize)> + '_ {
        self.starts.iter().enumerate().map(|(i, (row, _))| (*row, i))
    }

    /// Columns and cells of the filled row with that index.
    pub fn at_index(&self, index: usize) -> (&[u32], &[Cell]) {
        let start = self.starts[index].1 as usize;
        let end = self.starts.get(index + 1).map_or(self.cells.len(), |(_, s)| *s as usize);
        (&self.columns[start..end], &self.cells[start..end])
    }

    /// Columns and cells of a row; empty when nothing is in it.
    pub fn row(&self, row: u32) -> (&[u32], &[Cell]) {
        match self.starts.binary_search_by_key(&row, |(r, _)| *r) {
            Ok(index) => self.at_index(index),
            Err(_) => (&[], &[]),
        }
    }

    /// One cell.
    pub fn cell(&self, row: u32, column: u32) -> Option<&Cell> {
        let (columns, cells) = self.row(row);
        columns.binary_search(&column).ok().map(|i| &cells[i])
    }

    /// First and last filled row.
    pub fn extent(&self) -> Option<(u32, u32)> {
        Some((self.starts.first()?.0, self.starts.last()?.0))
    }

    /// Number of filled cells.
    pub fn len(&self) -> usize {
        self.cells.len()
    }
}

/// A decoded file.
pub(crate) struct Book {
    pub format: Format,
    pub dates: DateSystem,
    pub sheets: Vec<Grid>,
}

/// Counts cells against the limit and calls back now and then.
pub(crate) struct Meter<'a, 'b> {
    pub limits: &'a Limits,
    pub progress: &'a mut OnProgress<'b>,
    pub done: u64,
}

impl Meter<'_, '_> {
    /// One more cell.
    pub fn tick(&mut self) -> Result<(), FileFault> {
        self.done += 1;
        if self.done > self.limits.cells {
            return Err(FileFault::TooLarge { measure: Measure::Cells, found: self.done, limit: self.limits.cells });
        }
        if self.done & 0x7fff == 0 { self.report() } else { Ok(()) }
    }

    fn report(&mut self) -> Result<(), FileFault> {
        match (self.progress)(Progress { stage: Stage::Cells, done: self.done, total: 0 }) {
            std::ops::ControlFlow::Continue(()) => Ok(()),
            std::ops::ControlFlow::Break(()) => Err(FileFault::Cancelled),
        }
    }

    fn sheets(&self, count: usize) -> Result<(), FileFault> {
        if count > self.limits.sheets {
            return Err(FileFault::TooLarge {
                measure: Measure::Sheets,
                found: count as u64,
                limit: self.limits.sheets as u64,
            });
        }
        Ok(())
    }
}

/// Tells what the bytes are and decodes every visible sheet.
pub(crate) fn open(bytes: &[u8], meter: &mut Meter<'_, '_>) -> Result<Book, FileFault> {
    // Decoders of foreign formats are fed whatever people upload; one that panics is one that
    // cannot read the file.
    let decoded = catch_unwind(AssertUnwindSafe(|| match container::open(bytes, meter.limits)? {
        Opened::Xlsx(package) => xlsx(&package, meter),
        Opened::Ods(package) => ods(&package, meter),
        Opened::Xls(bytes) => xls(bytes, meter),
        Opened::Text(decoded) => sheet_text::grid(decoded, meter),
    }));
    decoded.unwrap_or_else(|_| Err(corrupt("workbook", "the decoder gave up")))
}

fn corrupt(part: &str, detail: impl ToString) -> FileFault {
    FileFault::Corrupt { part: part.to_owned(), detail: detail.to_string() }
}

fn error_text(error: &CellErrorType) -> &'static str {
    match error {
        CellErrorType::Div0 => "#DIV/0!",
        CellErrorType::NA => "#N/A",
        CellErrorType::Name => "#NAME?",
        CellErrorType::Null => "#NULL!",
        CellErrorType::Num => "#NUM!",
        CellErrorType::Ref => "#REF!",
        CellErrorType::Value => "#VALUE!",
        CellErrorType::GettingData => "#GETTING_DATA",
    }
}

fn text(text: &str) -> Option<Cell> {
    (!text.is_empty()).then(|| Cell::Text(text.into()))
}

fn of_ref(value: &DataRef<'_>) -> Option<Cell> {
    match value {
        DataRef::Float(n) => Some(Cell::Number(*n)),
        DataRef::Int(n) => Some(Cell::Number(*n as f64)),
        DataRef::SharedString(t) => text(t),
        DataRef::String(t) => text(t),
        DataRef::Bool(b) => Some(Cell::Bool(*b)),
        DataRef::DateTime(d) => Some(Cell::Serial(d.as_f64())),
        DataRef::DateTimeIso(t) | DataRef::DurationIso(t) => Some(Cell::Iso(t.as_str().into())),
        DataRef::Error(e) => Some(Cell::Error(error_text(e))),
        DataRef::Empty => None,
    }
}

fn of_data(value: &Data) -> Option<Cell> {
    match value {
        Data::Float(n) => Some(Cell::Number(*n)),
        Data::Int(n) => Some(Cell::Number(*n as f64)),
        Data::String(t) => text(t),
        Data::Bool(b) => Some(Cell::Bool(*b)),
        Data::DateTime(d) => Some(Cell::Serial(d.as_f64())),
        Data::DateTimeIso(t) | Data::DurationIso(t) => Some(Cell::Iso(t.as_str().into())),
        Data::Error(e) => Some(Cell::Error(error_text(e))),
        Data::Empty => None,
    }
}

fn date_system(from_1904: bool) -> DateSystem {
    if from_1904 { DateSystem::From1904 } else { DateSystem::From1900 }
}

fn xlsx(package: &Package, meter: &mut Meter<'_, '_>) -> Result<Book, FileFault> {
    let mut book = calamine::Xlsx::new(Cursor::new(package.bytes.as_slice())).map_err(|e| match e {
        calamine::XlsxError::Password => FileFault::PasswordProtected,
        other => corrupt("workbook", other),
    })?;
    let listed = book.sheets_metadata().to_vec();
    meter.sheets(listed.len())?;
    let dates = date_system(book.has_1904_epoch());
    let parts = sheet_parts(package);
    let mut sheets = Vec::new();
    for sheet in listed.iter().filter(|s| s.typ == calamine::SheetType::WorkSheet) {
        let mut grid = Grid::new(Some(sheet.name.clone()), sheet.visible == SheetVisible::Visible);
        if grid.visible {
            let mut loose = Vec::new();
            let fault = |e: calamine::XlsxError| corrupt(&sheet.name, e);
            let mut reader = book.worksheet_cells_reader(&sheet.name).map_err(fault)?;
            while let Some(cell) = reader.next_cell().map_err(fault)? {
                let (row, column) = cell.get_position();
                let Some(value) = of_ref(cell.get_value()) else { continue };
                meter.tick()?;
                if !loose.is_empty() {
                    loose.push((row + 1, column + 1, value));
                } else if let Err(value) = grid.push(row + 1, column + 1, value) {
                    // Rows out of order are rare and allowed to be slow: everything is sorted once.
                    loose = listed_cells(&grid);
                    loose.push((row + 1, column + 1, value));
                }
            }
            if !loose.is_empty() {
                grid = sorted(grid, loose);
            }
            grid.merges = parts.get(&sheet.name).and_then(|p| package.part(p)).map(merges_of_part).unwrap_or_default();
        }
        sheets.push(grid);
    }
    Ok(Book { format: Format::Xlsx, dates, sheets })
}

fn listed_cells(grid: &Grid) -> Vec<(u32, u32, Cell)> {
    let mut out = Vec::with_capacity(grid.len() + 1);
    for (row, index) in grid.rows() {
        let (columns, cells) = grid.at_index(index);
        out.extend(columns.iter().zip(cells).map(|(c, cell)| (row, *c, cell.clone())));
    }
    out
}

fn sorted(grid: Grid, mut loose: Vec<(u32, u32, Cell)>) -> Grid {
    let mut out = Grid::new(grid.sheet, grid.visible);
    loose.sort_by_key(|(row, column, _)| (*row, *column));
    // A place written twice keeps its first content, which is the one spreadsheet programs show.
    loose.dedup_by_key(|(row, column, _)| (*row, *column));
    for (row, column, cell) in loose {
        out.push(row, column, cell).unwrap_or_else(|_| unreachable!("sorted and without repetition"));
    }
    out
}

/// Sheet names with the part that holds each, from the workbook and its relationships.
fn sheet_parts(package: &Package) -> HashMap<String, String> {
    let mut targets = HashMap::new();
    if let Some(rels) = package.part("xl/_rels/workbook.xml.rels") {
        elements(rels, |e| {
            if e.local_name().as_ref() == "Relationship"
                && let (Some(id), Some(target)) = (attribute(e, "Id"), attribute(e, "Target"))
            {
                let part = target.strip_prefix('/').map_or_else(|| format!("xl/{target}"), str::to_owned);
                targets.insert(id, part);
            }
        });
    }
    let mut out = HashMap::new();
    if let Some(workbook) = package.part("xl/workbook.xml") {
        elements(workbook, |e| {
            if e.local_name().as_ref() == "sheet"
                && let (Some(name), Some(id)) = (attribute(e, "name"), attribute(e, "r:id"))
                && let Some(part) = targets.get(&id)
            {
                out.insert(name, part.clone());
            }
        });
    }
    out
}

/// Calls back for each element; stops quietly where the text stops being XML, since the workbook
/// proper is decoded elsewhere.
fn elements(xml: &[u8], mut each: impl FnMut(&BytesStart<'_>)) {
    let Ok(xml) = std::str::from_utf8(xml) else { return };
    let mut reader = quick_xml::Reader::from_str(xml.trim_start_matches('\u{feff}'));
    reader.config_mut().check_end_names = false;
    reader.config_mut().allow_unmatched_ends = true;
    while let Ok(event) = reader.read_event() {
        match event {
            Event::Start(e) | Event::Empty(e) => each(&e),
            Event::Eof => return,
            _ => {}
        }
    }
}

fn attribute(element: &BytesStart<'_>, name: &str) -> Option<String> {
    let found = element.attributes().flatten().find(|a| a.key.as_ref() == name)?;
    quick_xml::escape::unescape(&found.value).ok().map(|v| v.into_owned())
}

/// Merged rectangles stand behind the cells, so only the tail of the part is looked at.
fn merges_of_part(part: &[u8]) -> Vec<Merge> {
    const END: &[u8] = b"sheetData>";
    let Some(at) = part.windows(END.len()).rposition(|w| w == END) else { return Vec::new() };
    let mut out = Vec::new();
    elements(&part[at + END.len()..], |e| {
        if e.local_name().as_ref() == "mergeCell"
            && let Some(merge) = attribute(e, "ref").and_then(|r| rectangle(&r))
        {
            out.push(merge);
        }
    });
    out
}

/// `A1:B3`.
fn rectangle(text: &str) -> Option<Merge> {
    let (from, to) = text.split_once(':')?;
    let ((top, left), (bottom, right)) = (address(from)?, address(to)?);
    (top <= bottom && left <= right).then_some(Merge { top, left, bottom, right })
}

/// `B3` as row and column.
pub(crate) fn address(text: &str) -> Option<(u32, u32)> {
    let text: String = text.chars().filter(|c| *c != '$').collect();
    let letters = text.bytes().take_while(u8::is_ascii_alphabetic).count();
    if letters == 0 || letters > 3 {
        return None;
    }
    let column = text[..letters].bytes().fold(0u32, |n, b| n * 26 + u32::from(b.to_ascii_uppercase() - b'A') + 1);
    Some((text[letters..].parse().ok().filter(|r| *r > 0)?, column))
}

fn xls(bytes: &[u8], meter: &mut Meter<'_, '_>) -> Result<Book, FileFault> {
    let mut book = calamine::Xls::new(Cursor::new(bytes)).map_err(|e| match e {
        calamine::XlsError::Password => FileFault::PasswordProtected,
        other => corrupt("Workbook", other),
    })?;
    let listed = book.sheets_metadata().to_vec();
    meter.sheets(listed.len())?;
    let dates = date_system(book.has_1904_epoch());
    let mut sheets = Vec::new();
    for sheet in listed.iter().filter(|s| s.typ == calamine::SheetType::WorkSheet) {
        let range = book.worksheet_range(&sheet.name).map_err(|e| corrupt(&sheet.name, e))?;
        let mut grid = of_range(&sheet.name, sheet.visible == SheetVisible::Visible, &range, meter)?;
        grid.merges = book
            .merge_cells_by_sheet_name(&sheet.name)
            .unwrap_or_default()
            .iter()
            .map(|d| Merge { top: d.start.0 + 1, left: d.start.1 + 1, bottom: d.end.0 + 1, right: d.end.1 + 1 })
            .collect();
        sheets.push(grid);
    }
    Ok(Book { format: Format::Xls, dates, sheets })
}

fn of_range(
    name: &str,
    visible: bool,
    range: &calamine::Range<Data>,
    meter: &mut Meter<'_, '_>,
) -> Result<Grid, FileFault> {
    let mut grid = Grid::new(Some(name.to_owned()), visible);
    let (top, left) = range.start().unwrap_or((0, 0));
    for (row, column, value) in range.used_cells() {
        if let Some(cell) = of_data(value) {
            meter.tick()?;
            grid.push(row as u32 + top + 1, column as u32 + left + 1, cell)
                .map_err(|_| corrupt(name, "cells out of order"))?;
        }
    }
    Ok(grid)
}

fn ods(package: &Package, meter: &mut Meter<'_, '_>) -> Result<Book, FileFault> {
    let mut book = calamine::Ods::new(Cursor::new(package.bytes.as_slice())).map_err(|e| match e {
        calamine::OdsError::Password => FileFault::PasswordProtected,
        other => corrupt("content.xml", other),
    })?;
    let listed = book.sheets_metadata().to_vec();
    meter.sheets(listed.len())?;
    let mut merges = package.part("content.xml").map(merges_of_ods).unwrap_or_default();
    let mut sheets = Vec::new();
    for sheet in &listed {
        let range = book.worksheet_range(&sheet.name).map_err(|e| corrupt(&sheet.name, e))?;
        let mut grid = of_range(&sheet.name, sheet.visible == SheetVisible::Visible, &range, meter)?;
        grid.merges = merges.remove(&sheet.name).unwrap_or_default();
        sheets.push(grid);
    }
    Ok(Book { format: Format::Ods, dates: DateSystem::From1900, sheets })
}

/// Merged rectangles of an OpenDocument sheet are spans of their first cell.
fn merges_of_ods(content: &[u8]) -> HashMap<String, Vec<Merge>> {
    let mut out: HashMap<String, Vec<Merge>> = HashMap::new();
    let (mut sheet, mut row, mut next_row, mut column) = (String::new(), 0u32, 1u32, 1u32);
    let number = |e: &BytesStart<'_>, name: &str| attribute(e, name).and_then(|n| n.parse::<u32>().ok()).unwrap_or(1);
    elements(content, |e| match e.name().as_ref() {
        "table:table" => {
            sheet = attribute(e, "table:name").unwrap_or_default();
            (row, next_row) = (0, 1);
        }
        "table:table-row" => {
            row = next_row;
            next_row = row.saturating_add(number(e, "table:number-rows-repeated"));
            column = 1;
        }
        "table:table-cell" | "table:covered-table-cell" => {
            let (down, across) = (number(e, "table:number-rows-spanned"), number(e, "table:number-columns-spanned"));
            if (down > 1 || across > 1) && row > 0 {
                let merge = Merge {
                    top: row,
                    left: column,
                    bottom: row.saturating_add(down - 1),
                    right: column.saturating_add(across - 1),
                };
                out.entry(sheet.clone()).or_default().push(merge);
            }
            column = column.saturating_add(number(e, "table:number-columns-repeated"));
        }
        _ => {}
    });
    out
}
