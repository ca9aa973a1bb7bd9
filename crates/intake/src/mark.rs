//! A copy of the sender's workbook with every bad cell filled and explained, and a list of all of
//! them on a sheet of its own, so that the sender can mend the very file that was sent.

use crate::fault::{CellFault, CellPlace, FileFault};
use crate::grid::{self, Book, Cell, Grid, Meter};
use crate::limits::Limits;
use crate::reading::{DateSystem, Format};
use crate::{Wording, cells};
use rust_xlsxwriter as out;
use std::collections::{HashMap, HashSet};
use std::io::Cursor;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Name of the sheet that lists the problems.
pub(crate) const LIST_SHEET: &str = "问题清单";
/// Fill of bad cells, light vermilion.
const FILL: u32 = 0x00F8_D4C8;
/// Workbooks of more cells are rebuilt from their values: an editable copy in memory takes too much.
const EDITABLE_CELLS: usize = 400_000;

/// A cell to mark.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CellMark {
    /// Worksheet; `None` for text files.
    pub sheet: Option<String>,
    /// From 1.
    pub row: u32,
    /// From 1; 0 marks the row in the list only.
    pub column: u32,
    /// What is wrong.
    pub reason: Wording,
    /// What is allowed there.
    pub allowed: Wording,
}

impl From<&CellFault> for CellMark {
    fn from(fault: &CellFault) -> Self {
        Self {
            sheet: fault.at.sheet.clone(),
            row: fault.at.row,
            column: fault.at.column,
            reason: fault.wording.clone(),
            allowed: fault.allowed.clone(),
        }
    }
}

/// Why there is no marked copy.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum MarkFault {
    /// The original cannot be read.
    #[error(transparent)]
    Original(#[from] FileFault),
    /// The copy cannot be written.
    #[error("the marked copy cannot be written: {0}")]
    Write(String),
}

impl From<out::XlsxError> for MarkFault {
    fn from(error: out::XlsxError) -> Self {
        Self::Write(error.to_string())
    }
}

/// A marked copy as .xlsx.
///
/// An .xlsx is copied with its styles, widths and merges; other formats, very large workbooks and
/// those that cannot be edited without loss are rebuilt from their values. Either way every value
/// reads back as it was: this is checked before the copy is handed out.
pub fn marked_copy(bytes: &[u8], file_name: &str, marks: &[CellMark], limits: &Limits) -> Result<Vec<u8>, MarkFault> {
    let original = decode(bytes, limits)?;
    let cells: usize = original.sheets.iter().map(Grid::len).sum();
    if original.format == Format::Xlsx
        && cells <= EDITABLE_CELLS
        && let Some(copy) = edited(bytes, &original, marks)
        && same_values(&original, &copy, limits)
    {
        return Ok(copy);
    }
    rebuilt(&original, file_name, marks)
}

fn decode(bytes: &[u8], limits: &Limits) -> Result<Book, FileFault> {
    let mut progress = |_| ControlFlow::Continue(());
    grid::open(bytes, &mut Meter { limits, progress: &mut progress, done: 0 })
}

/// Marks by cell: several reasons for one cell are joined.
fn by_cell(marks: &[CellMark]) -> Vec<(CellPlace, String)> {
    let mut order: Vec<CellPlace> = Vec::new();
    let mut texts: HashMap<CellPlace, String> = HashMap::new();
    for mark in marks.iter().filter(|m| m.column > 0 && m.row > 0) {
        let place = CellPlace { sheet: mark.sheet.clone(), row: mark.row, column: mark.column };
        let text = texts.entry(place.clone()).or_insert_with(|| {
            order.push(place);
            String::new()
        });
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(&format!("{}。应为：{}。", mark.reason.zh, mark.allowed.zh));
    }
    order.into_iter().map(|place| (place.clone(), texts.remove(&place).unwrap_or_default())).collect()
}

fn value_at(book: &Book, mark: &CellMark) -> String {
    book.sheets
        .iter()
        .find(|s| s.sheet == mark.sheet)
        .and_then(|s| s.cell(mark.row, mark.column))
        .map(|c| c.shown(book.dates))
        .unwrap_or_default()
}

fn list_name(taken: &HashSet<String>) -> String {
    (1..)
        .map(|n| if n == 1 { LIST_SHEET.to_owned() } else { format!("{LIST_SHEET}{n}") })
        .find(|n| !taken.contains(n))
        .unwrap_or_default()
}

const LIST_HEADS: [&str; 6] = ["位置", "内容", "问题", "应为", "Problem", "Allowed"];

fn list_row(book: &Book, mark: &CellMark) -> [String; 6] {
    let place = CellPlace { sheet: mark.sheet.clone(), row: mark.row, column: mark.column };
    [
        place.address(),
        value_at(book, mark),
        mark.reason.zh.clone(),
        mark.allowed.zh.clone(),
        mark.reason.en.clone(),
        mark.allowed.en.clone(),
    ]
}

/// The same workbook, edited; `None` when the editor cannot hold it.
fn edited(bytes: &[u8], original: &Book, marks: &[CellMark]) -> Option<Vec<u8>> {
    // The editor takes liberties with unusual files and may give up on them; then the copy is
    // rebuilt from the values instead.
    catch_unwind(AssertUnwindSafe(|| {
        let mut book = umya_spreadsheet::reader::xlsx::read_reader(Cursor::new(bytes), true).ok()?;
        for (place, reason) in by_cell(marks) {
            let sheet = book.sheet_by_name_mut(place.sheet.as_deref().unwrap_or_default()).ok()?;
            let at = (place.column, place.row);
            sheet.style_mut(at).set_background_color_solid(format!("FF{FILL:06X}"));
            sheet.comments_mut().retain(|c| {
                let known = c.coordinate();
                (known.col_num(), known.row_num()) != at
            });
            let mut comment = umya_spreadsheet::Comment::default();
            comment.new_comment(at);
            comment.set_author("问题清单");
            comment.set_text_string(reason);
            sheet.add_comments(comment);
        }
        let taken: HashSet<String> = book.sheet_collection().iter().map(|s| s.name().to_owned()).collect();
        let list = book.new_sheet(list_name(&taken)).ok()?;
        let rows = std::iter::once(LIST_HEADS.map(str::to_owned)).chain(marks.iter().map(|m| list_row(original, m)));
        for (row, texts) in rows.enumerate() {
            for (column, text) in texts.into_iter().enumerate() {
                list.cell_mut((column as u32 + 1, row as u32 + 1)).set_value_string(text);
            }
        }
        for (column, width) in LIST_WIDTHS.iter().enumerate() {
            list.column_dimension_by_number_mut(column as u32 + 1).set_width(*width);
        }
        for column in 1..=LIST_HEADS.len() as u32 {
            list.style_mut((column, 1)).font_mut().set_bold(true);
        }
        let mut copy = Vec::new();
        umya_spreadsheet::writer::xlsx::write_writer(&book, &mut copy).ok()?;
        Some(copy)
    }))
    .ok()
    .flatten()
}

const LIST_WIDTHS: [f64; 6] = [18.0, 24.0, 48.0, 48.0, 48.0, 48.0];

/// True when the copy holds every value of the original at its place.
fn same_values(original: &Book, copy: &[u8], limits: &Limits) -> bool {
    let roomy = Limits {
        file_bytes: limits.file_bytes.saturating_mul(4),
        unpacked_bytes: limits.unpacked_bytes.saturating_mul(2),
        cells: limits.cells.saturating_mul(2),
        sheets: limits.sheets + 1,
        ..limits.clone()
    };
    let Ok(copy) = decode(copy, &roomy) else { return false };
    copy.dates == original.dates
        && original.sheets.iter().all(|sheet| {
            copy.sheets.iter().find(|s| s.sheet == sheet.sheet).is_some_and(|other| same_cells(sheet, other))
        })
}

fn same_cells(a: &Grid, b: &Grid) -> bool {
    let rows = |g: &Grid| g.rows().collect::<Vec<_>>();
    a.visible == b.visible
        && a.len() == b.len()
        && rows(a).len() == rows(b).len()
        && a.rows().zip(b.rows()).all(|((ra, ia), (rb, ib))| ra == rb && a.at_index(ia) == b.at_index(ib))
}

fn rebuilt(original: &Book, file_name: &str, marks: &[CellMark]) -> Result<Vec<u8>, MarkFault> {
    let mut book = out::Workbook::new();
    let stem = file_name.rsplit_once('.').map_or(file_name, |(stem, _)| stem);
    let mut taken = HashSet::new();
    let reasons: HashMap<CellPlace, String> = by_cell(marks).into_iter().collect();
    for grid in &original.sheets {
        let name = grid.sheet.clone().unwrap_or_else(|| sheet_name(stem));
        let sheet = book.add_worksheet();
        sheet.set_name(&name)?;
        if !grid.visible {
            sheet.set_hidden(true);
        }
        write_grid(sheet, grid, original.dates, &reasons)?;
        taken.insert(name);
    }
    let list = book.add_worksheet();
    list.set_name(list_name(&taken))?;
    let bold = out::Format::new().set_bold();
    for (column, head) in LIST_HEADS.iter().enumerate() {
        list.write_string_with_format(0, column as u16, *head, &bold)?;
        list.set_column_width(column as u16, LIST_WIDTHS[column])?;
    }
    for (row, mark) in marks.iter().enumerate() {
        for (column, text) in list_row(original, mark).iter().enumerate() {
            list.write_string(row as u32 + 1, column as u16, text)?;
        }
    }
    Ok(book.save_to_buffer()?)
}

/// A sheet's name from a file's: without the signs that sheet names cannot hold, 31 at most.
fn sheet_name(stem: &str) -> String {
    let name: String = stem.chars().filter(|c| !"[]:*?/\\'".contains(*c)).take(31).collect();
    if name.trim().is_empty() { "数据".to_owned() } else { name }
}

fn write_grid(
    sheet: &mut out::Worksheet,
    grid: &Grid,
    dates: DateSystem,
    reasons: &HashMap<CellPlace, String>,
) -> Result<(), MarkFault> {
    let plain = out::Format::new();
    let bad = out::Format::new().set_background_color(out::Color::RGB(FILL));
    let mut widths: HashMap<u32, usize> = HashMap::new();
    for merge in &grid.merges {
        if merge.right <= 16_384 && merge.bottom <= 1_048_576 {
            sheet.merge_range(
                merge.top - 1,
                (merge.left - 1) as u16,
                merge.bottom - 1,
                (merge.right - 1) as u16,
                "",
                &plain,
            )?;
        }
    }
    for (row, index) in grid.rows() {
        let (columns, cells) = grid.at_index(index);
        for (column, cell) in columns.iter().zip(cells) {
            let place = CellPlace { sheet: grid.sheet.clone(), row, column: *column };
            let format = if reasons.contains_key(&place) { &bad } else { &plain };
            write_cell(sheet, row - 1, (*column - 1) as u16, cell, dates, format)?;
            let shown: usize = cell.shown(dates).chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum();
            let width = widths.entry(*column).or_default();
            *width = (*width).max(shown);
        }
    }
    for (place, reason) in reasons.iter().filter(|(p, _)| p.sheet == grid.sheet) {
        let (row, column) = (place.row - 1, (place.column - 1) as u16);
        if grid.cell(place.row, place.column).is_none() {
            sheet.write_blank(row, column, &bad)?;
        }
        sheet.insert_note(row, column, &out::Note::new(reason.as_str()).set_width(260).set_height(90))?;
    }
    for (column, width) in widths {
        sheet.set_column_width((column - 1) as u16, (width as f64 + 2.0).clamp(8.0, 40.0))?;
    }
    Ok(())
}

fn write_cell(
    sheet: &mut out::Worksheet,
    row: u32,
    column: u16,
    cell: &Cell,
    dates: DateSystem,
    format: &out::Format,
) -> Result<(), MarkFault> {
    match cell {
        Cell::Number(n) => sheet.write_number_with_format(row, column, *n, format)?,
        Cell::Text(text) => sheet.write_string_with_format(row, column, text.as_ref(), format)?,
        Cell::Bool(b) => sheet.write_boolean_with_format(row, column, *b, format)?,
        // A formula's error cannot be stored as a value: its text says the same.
        Cell::Error(e) => sheet.write_string_with_format(row, column, *e, format)?,
        Cell::Serial(serial) => {
            let offset = if dates == DateSystem::From1904 { 1462.0 } else { 0.0 };
            let format = format.clone().set_num_format("yyyy-mm-dd");
            sheet.write_number_with_format(row, column, serial + offset, &format)?
        }
        Cell::Iso(text) => {
            let shown = cells::date(&Cell::Iso(text.clone()), dates, false).ok().flatten().map(|d| d.to_string());
            sheet.write_string_with_format(row, column, shown.as_deref().unwrap_or(text), format)?
        }
    };
    Ok(())
}
