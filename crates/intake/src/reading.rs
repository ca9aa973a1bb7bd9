//! What a file says, by columns: keys, figures in canonical units, faults and counts. Rows are
//! addressed by index; `rows` gives the row of the sheet.

use crate::fault::{CellFault, Note};
use base::{CreditCode, code::CodeFault};
use jiff::civil::Date;
use law::template::{ColumnRole, Kind};
use serde::Serialize;

/// What kind of file it was, by its content.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// Office Open XML.
    Xlsx,
    /// Excel 97–2003.
    Xls,
    /// OpenDocument.
    Ods,
    /// Separated text.
    Text {
        /// `UTF-8`, `UTF-16LE`, `UTF-16BE` or `GB18030`.
        encoding: &'static str,
        /// Between cells.
        delimiter: char,
    },
}

/// Day zero of the workbook's date numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DateSystem {
    /// 1 is 1900-01-01 (and 60 the day that never was).
    From1900,
    /// 0 is 1904-01-01.
    From1904,
}

/// A whole file.
#[derive(Clone, Debug, Serialize)]
pub struct Reading {
    /// Kind of file.
    pub format: Format,
    /// How its date numbers count.
    pub dates: DateSystem,
    /// One per sheet that holds a table of the template, in the workbook's order.
    pub tables: Vec<TableReading>,
    /// Tables of the template that the file does not hold.
    pub absent: Vec<String>,
    /// Bad cells, by sheet, row and column.
    pub faults: Vec<CellFault>,
    /// Bad cells beyond the limit, counted only.
    pub faults_left_out: u64,
    /// What was done along the way.
    pub notes: Vec<Note>,
}

/// Rows of a sheet, each counted once: `seen` is the sum of the others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// From below the heads to the last row with content.
    pub seen: u32,
    /// Rows about a subject.
    pub data: u32,
    /// 合计, 小计 and the like.
    pub totals: u32,
    /// Without content.
    pub blank: u32,
    /// Heads repeated on a further page, and lines that number the columns.
    pub heads: u32,
    /// Signatures and remarks below the table.
    pub remarks: u32,
}

/// One table as found on one sheet.
#[derive(Clone, Debug, Serialize)]
pub struct TableReading {
    /// The template's table.
    pub table: String,
    /// Worksheet; absent for text files.
    pub sheet: Option<String>,
    /// First and last row of the heads, from 1.
    pub heads: (u32, u32),
    /// Row of the sheet for each row index, from 1, ascending.
    pub rows: Vec<u32>,
    /// Columns found, in the template's order.
    pub columns: Vec<ColumnReading>,
    /// Heads that the template does not know: their columns are not read.
    pub unknown_heads: Vec<UnknownHead>,
    /// Total rows with what they state and what the rows above add up to.
    pub totals: Vec<TotalRow>,
    /// Counts.
    pub counts: Counts,
    /// True for each row index with at least one fault: the figure of that cell is not taken, the
    /// others of the row may be.
    pub faulty: Vec<bool>,
    /// True for each row index that cannot be taken at all: it names no subject, or a subject that
    /// other rows name too and the template refuses duplicates.
    pub refused: Vec<bool>,
    /// Groups of row indices about the same subject, as far as the file itself tells; each has at
    /// least two members.
    pub same_subject: Vec<Vec<u32>>,
}

/// A column of the sheet that no template column claims.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct UnknownHead {
    /// From 1.
    pub column: u32,
    /// As written.
    pub head: String,
}

/// One column.
#[derive(Clone, Debug, Serialize)]
pub struct ColumnReading {
    /// What it says.
    pub role: ColumnRole,
    /// Type of its cells.
    pub kind: Kind,
    /// Head as the template has it.
    pub head: String,
    /// Head as the sheet has it, parents first.
    pub found: String,
    /// From 1.
    pub column: u32,
    /// For numbers with units: what was declared.
    pub unit: Option<UnitRead>,
    /// One per row index.
    pub values: Values,
}

/// How a column's unit was settled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct UnitRead {
    /// The unit of `values`.
    pub canonical: String,
    /// The unit of the cells.
    pub declared: String,
    /// Where the declaration stands; `None` when the template allows one unit only.
    pub at: Option<crate::fault::CellPlace>,
    /// What cells were multiplied by.
    pub factor: crate::units::Factor,
}

/// Values by row index. Blank and faulty cells are `None`: unknown, neither zero nor false.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "kind", content = "values", rename_all = "snake_case")]
pub enum Values {
    /// Exact figures in the canonical unit as integers of 10^-18 (`base::fixed`).
    Number(Vec<Option<i128>>),
    /// Texts, trimmed.
    Text(Vec<Option<Box<str>>>),
    /// Days.
    Date(Vec<Option<Date>>),
    /// Yes or no.
    Boolean(Vec<Option<bool>>),
    /// Credit codes, checked.
    Code(Vec<CodeCell>),
}

impl Values {
    /// Number of rows.
    pub fn len(&self) -> usize {
        match self {
            Self::Number(v) => v.len(),
            Self::Text(v) => v.len(),
            Self::Date(v) => v.len(),
            Self::Boolean(v) => v.len(),
            Self::Code(v) => v.len(),
        }
    }

    /// True when there are no rows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// A credit code cell.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CodeCell {
    /// Blank, or a mark for "none".
    #[default]
    Absent,
    /// Its check character holds.
    Valid(CreditCode),
    /// Something else: the text folded, and why it is no code.
    Invalid {
        /// Half width, capitals, no blanks.
        text: Box<str>,
        /// The reason.
        #[serde(skip)]
        fault: CodeFault,
    },
}

impl CodeCell {
    /// The folded text, valid or not; `None` when absent.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Absent => None,
            Self::Valid(code) => Some(code.as_str()),
            Self::Invalid { text, .. } => Some(text),
        }
    }
}

/// A total row of the sheet beside the sum of the rows it follows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TotalRow {
    /// From 1.
    pub row: u32,
    /// As written.
    pub label: String,
    /// For each number column that the row fills: index into `columns`, what it states and what the
    /// rows add up to, as integers of 10^-18.
    pub figures: Vec<(usize, i128, i128)>,
}

impl TableReading {
    /// The column of that role.
    pub fn column(&self, role: &ColumnRole) -> Option<&ColumnReading> {
        self.columns.iter().find(|c| c.role == *role)
    }

    /// Texts of the column of that role; `None` when it is absent or no text column.
    pub fn texts(&self, role: &ColumnRole) -> Option<&[Option<Box<str>>]> {
        match &self.column(role)?.values {
            Values::Text(values) => Some(values),
            _ => None,
        }
    }

    /// Codes of the column of that role.
    pub fn codes(&self, role: &ColumnRole) -> Option<&[CodeCell]> {
        match &self.column(role)?.values {
            Values::Code(values) => Some(values),
            _ => None,
        }
    }

    /// Figures of a fact's column.
    pub fn numbers(&self, fact: &str) -> Option<&[Option<i128>]> {
        match &self.column(&ColumnRole::Fact(fact.to_owned()))?.values {
            Values::Number(values) => Some(values),
            _ => None,
        }
    }
}
