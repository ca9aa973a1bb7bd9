//! The key to the demo workbooks: each planted fault with its cell, what stands there and what an
//! import should make of it. Written as `key.json` beside the workbooks.

use base::Department;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// What is wrong in a cell or row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// 合计 at the bottom: no firm.
    TotalRow,
    /// 甲 乙 丙 1 2 3 below the head: no firm.
    ColumnMarks,
    /// Several rows where one is expected.
    Duplicate,
    /// Valid code and a name, neither in the registry.
    UnknownFirm,
    /// One digit of the code is wrong, so its check character fails; the name is right.
    WrongDigit,
    /// The letter O for a zero.
    LetterO,
    /// The letter I for a one.
    LetterI,
    /// A firm of another county.
    OtherCounty,
    /// The former name beside the right code.
    OldName,
    /// The former name and no code.
    OldNameOnly,
    /// No code, and a name that is one character off.
    NearName,
    /// No code; name and, where there is such a column, address are right.
    NameOnly,
    /// A cell that should hold a figure is blank.
    MissingValue,
    /// Text where a figure is expected.
    NotANumber,
    /// A formula that yields an error.
    FormulaError,
    /// An area below zero.
    NegativeArea,
    /// Nobody employed.
    ZeroEmployees,
    /// A date after the evaluated year.
    FutureDate,
    /// A certificate that ends before it begins.
    EndsBeforeItBegins,
    /// More of a parcel is let than there is.
    SharesExceedParcel,
}

/// What an import should do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Expected {
    /// Passed over, with a note.
    Skipped,
    /// Taken as it stands (zero is a figure; a former name beside a right code is a match).
    Accepted,
    /// Taken, and pointed out.
    Flagged,
    /// The fact stays unknown: neither zero nor false.
    Absent,
    /// Matched without a code, by name and address; a person may be asked to confirm.
    ByName,
    /// A person decides; the firm given is the right answer.
    Doubtful,
    /// Refused: no such firm.
    Unmatched,
    /// Refused: the firm is another county's.
    OtherCounty,
    /// Summed or refused, as the template says; the truth is the sum.
    Duplicate,
    /// The cell (and its fact) is refused.
    Refused,
}

/// The firm a fault is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyFirm {
    /// Index in the province.
    pub index: usize,
    /// Its right code.
    pub code: String,
    /// Its right name.
    pub name: String,
}

/// One planted fault.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// `tax-007`: department and running number.
    pub id: String,
    /// Whose file.
    pub department: Department,
    /// File name.
    pub file: String,
    /// Sheet; none for text files.
    pub sheet: Option<String>,
    /// Row as spreadsheets count it, from 1.
    pub row: u32,
    /// Column, from 1: the cell that is wrong, or the first one when it is the row.
    pub column: u32,
    /// Head of that column.
    pub head: String,
    /// What is wrong.
    pub kind: FaultKind,
    /// What stands in the cell.
    pub raw: String,
    /// What should become of it.
    pub expected: Expected,
    /// The firm that is really meant, when there is one.
    pub firm: Option<KeyFirm>,
    /// The parcel, in the land workbook.
    pub parcel: Option<String>,
    /// Facts that an import without a person's help cannot state as the truth has them.
    pub facts: Vec<String>,
}

/// Harmless dirt: forms that must be read as what they mean. One entry a kind and column.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dirt {
    /// File name.
    pub file: String,
    /// Sheet; none for text files.
    pub sheet: Option<String>,
    /// `grouped_text`, `full_width`, `text_number`, `date_text`, `merged`, `hidden_column`, `blank_mark`.
    pub kind: String,
    /// How many cells.
    pub cells: usize,
    /// Row of an example, from 1.
    pub row: u32,
    /// Column of the example, from 1.
    pub column: u32,
    /// What stands there.
    pub raw: String,
    /// What it means.
    pub value: String,
}

/// A sheet of a workbook.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyTable {
    /// Sheet; none for text files.
    pub sheet: Option<String>,
    /// What a row is: `firm`, `parcel`, `lease`, `certificate`, `notes`.
    pub subject: String,
    /// Rows of the head, from 1.
    pub head_rows: Vec<u32>,
    /// First row of data, from 1; 0 for notes.
    pub first_row: u32,
    /// Last row of data, total row excluded.
    pub last_row: u32,
}

/// A workbook.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyFile {
    /// Who sends it.
    pub department: Department,
    /// File name.
    pub file: String,
    /// Its sheets.
    pub tables: Vec<KeyTable>,
    /// Rows of data.
    pub rows: usize,
    /// Rows with a planted fault.
    pub faulty_rows: usize,
}

/// The corrected land workbook: one tenant's leased area is another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LandCorrection {
    /// File name.
    pub file: String,
    /// Sheet of the changed cell.
    pub sheet: String,
    /// Its row, from 1.
    pub row: u32,
    /// Its column, from 1.
    pub column: u32,
    /// The parcel.
    pub parcel: String,
    /// The tenant whose area changes.
    pub tenant: KeyFirm,
    /// Who lets to it.
    pub lessor: KeyFirm,
    /// Leased land before, mu.
    pub before: Decimal,
    /// Leased land after, mu.
    pub after: Decimal,
    /// Firms whose effective land changes when tenants' land is allocated by area.
    pub firms: Vec<KeyFirm>,
    /// Firms on the parcel: all of them share a result when tenants are merged.
    pub on_parcel: Vec<KeyFirm>,
}

/// The whole key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Key {
    /// Seed of the province.
    pub seed: u64,
    /// Evaluated year.
    pub year: i16,
    /// Code of the demo county.
    pub county: String,
    /// The six workbooks.
    pub files: Vec<KeyFile>,
    /// Every fault, by file, sheet, row and column.
    pub faults: Vec<Fault>,
    /// Harmless dirt.
    pub dirt: Vec<Dirt>,
    /// The corrected workbook of the story.
    pub land_correction: Option<LandCorrection>,
}
