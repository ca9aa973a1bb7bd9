//! A sheet in memory, before it is written as .xlsx, .xls or .csv.

use crate::error::WriteError;
use base::fixed::to_f64;
use rust_decimal::Decimal;
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, Formula, Workbook, XlsxError};

/// One cell.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Cell {
    Blank,
    Text(String),
    Number(Decimal),
    /// A formula and what it yields.
    Formula(&'static str, &'static str),
    /// A day, as the serial number of the workbook's date system.
    Date(i64),
}

impl Cell {
    pub(crate) fn text(text: impl Into<String>) -> Self {
        let text = text.into();
        if text.is_empty() { Cell::Blank } else { Cell::Text(text) }
    }

    pub(crate) fn whole(n: i64) -> Self {
        Cell::Number(Decimal::from(n))
    }

    /// `n` times ten to the minus `scale`.
    pub(crate) fn scaled(n: i64, scale: u32) -> Self {
        Cell::Number(Decimal::new(n, scale).normalize())
    }

    /// What a person sees.
    pub(crate) fn shown(&self) -> String {
        match self {
            Cell::Blank => String::new(),
            Cell::Text(t) => t.clone(),
            Cell::Number(n) => n.to_string(),
            Cell::Formula(_, result) => (*result).to_owned(),
            Cell::Date(serial) => serial.to_string(),
        }
    }
}

/// A block of merged cells: first row, first column, last row, last column, from 0.
pub(crate) type Merge = (u32, u16, u32, u16);

/// One sheet.
#[derive(Clone, Debug, Default)]
pub(crate) struct Grid {
    pub name: String,
    pub rows: Vec<Vec<Cell>>,
    pub merges: Vec<Merge>,
    pub hidden_columns: Vec<u16>,
    /// Rows of the head, from 0.
    pub head_rows: Vec<u32>,
}

impl Grid {
    pub(crate) fn named(name: &str) -> Self {
        Self { name: name.to_owned(), ..Self::default() }
    }

    /// A merged title over `columns` columns.
    pub(crate) fn title(&mut self, text: &str, columns: u16) {
        let row = self.rows.len() as u32;
        self.rows.push(vec![Cell::text(text)]);
        self.merges.push((row, 0, row, columns - 1));
    }

    /// A head of one row.
    pub(crate) fn head(&mut self, heads: &[&str]) {
        self.head_rows.push(self.rows.len() as u32);
        self.rows.push(heads.iter().map(|h| Cell::text(*h)).collect());
    }

    /// The row that the next push fills, from 1.
    pub(crate) fn next_row(&self) -> u32 {
        self.rows.len() as u32 + 1
    }

    pub(crate) fn push(&mut self, row: Vec<Cell>) {
        self.rows.push(row);
    }

    /// The head over a column (from 1), from the lowest head row that has one.
    pub(crate) fn head_of(&self, column: u32) -> String {
        let at = column as usize - 1;
        let cells = self.head_rows.iter().rev().filter_map(|r| self.rows[*r as usize].get(at));
        cells.map(Cell::shown).find(|t| !t.is_empty()).unwrap_or_default()
    }
}

/// The sheets as an .xlsx file; the same sheets give the same bytes.
pub(crate) fn xlsx(file: &str, grids: &[Grid]) -> Result<Vec<u8>, WriteError> {
    write_xlsx(grids).map_err(|source| WriteError::Workbook { file: file.to_owned(), source })
}

fn write_xlsx(grids: &[Grid]) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    let properties = DocProperties::new().set_creation_datetime(&ExcelDateTime::from_ymd(2026, 3, 2)?);
    workbook.set_properties(&properties);
    let head = Format::new().set_bold().set_border(FormatBorder::Thin).set_align(FormatAlign::Center).set_text_wrap();
    let body = Format::new().set_align(FormatAlign::VerticalCenter);
    let day = Format::new().set_num_format("yyyy-mm-dd");
    for grid in grids {
        let sheet = workbook.add_worksheet();
        sheet.set_name(&grid.name)?;
        for column in 0..12 {
            sheet.set_column_width(column, 18)?;
        }
        for column in &grid.hidden_columns {
            sheet.set_column_hidden(*column)?;
        }
        for (r0, c0, r1, c1) in &grid.merges {
            let text = grid.rows[*r0 as usize][*c0 as usize].shown();
            let format = if grid.head_rows.contains(r0) || *c0 == 0 && *c1 > 3 { &head } else { &body };
            sheet.merge_range(*r0, *c0, *r1, *c1, &text, format)?;
        }
        for (r, row) in grid.rows.iter().enumerate() {
            let r = r as u32;
            let format = if grid.head_rows.contains(&r) { &head } else { &body };
            for (c, cell) in row.iter().enumerate() {
                let c = c as u16;
                match cell {
                    Cell::Blank => continue,
                    Cell::Text(text) => sheet.write_with_format(r, c, text, format)?,
                    Cell::Number(n) => sheet.write_with_format(r, c, to_f64(*n), format)?,
                    Cell::Date(serial) => sheet.write_with_format(r, c, *serial as f64, &day)?,
                    Cell::Formula(formula, result) => {
                        sheet.write_formula(r, c, Formula::new(*formula).set_result(*result))?
                    }
                };
            }
        }
    }
    workbook.save_to_buffer()
}

/// One sheet as comma-separated text with CRLF; cells with commas or quotes are quoted.
pub(crate) fn csv(grid: &Grid) -> String {
    let mut out = String::new();
    for row in &grid.rows {
        for (i, cell) in row.iter().enumerate() {
            if i > 0 {
                out.push(',');
            }
            let text = cell.shown();
            if text.contains([',', '"', '\n']) {
                out.push('"');
                out.push_str(&text.replace('"', "\"\""));
                out.push('"');
            } else {
                out.push_str(&text);
            }
        }
        out.push_str("\r\n");
    }
    out
}
