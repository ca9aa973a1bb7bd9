//! What a caller allows a file to cost, what it expects of it, and how it follows the work.

use jiff::civil::Date;
use std::ops::ControlFlow;

/// Bounds that keep one upload from taking the machine. Every one is checked before the memory it
/// guards is taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the file as handed in.
    pub file_bytes: u64,
    /// Bytes after unpacking, over all parts of a zipped workbook.
    pub unpacked_bytes: u64,
    /// Cells with content, over all sheets.
    pub cells: u64,
    /// Sheets of a workbook.
    pub sheets: usize,
    /// Rows from the top in which heads are looked for.
    pub head_rows: u32,
    /// Bad cells described one by one; further ones are counted.
    pub faults: usize,
}

impl Default for Limits {
    /// Room for a province's largest county (50,000 rows of 30 columns take 1.5 million cells and
    /// about 80 MB unpacked) with a factor of six to spare.
    fn default() -> Self {
        Self {
            file_bytes: 64 << 20,
            unpacked_bytes: 512 << 20,
            cells: 10_000_000,
            sheets: 64,
            head_rows: 20,
            faults: 20_000,
        }
    }
}

/// What the caller knows about a file before reading it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expected {
    /// The day on which a date counts as future when it lies after it.
    pub today: Date,
    /// The year whose figures are asked for; a column whose head names another year is not taken.
    pub year: Option<i16>,
}

/// Which part of the work is being done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Unpacking and decoding the file.
    Open,
    /// Reading cells; counted in cells.
    Cells,
    /// Finding heads, checking and converting; counted in rows.
    Check,
}

/// How far the work is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// The part being done.
    pub stage: Stage,
    /// Done so far, in the stage's own measure.
    pub done: u64,
    /// Expected in all; 0 when it cannot be known yet.
    pub total: u64,
}

/// Called now and then; `Break` cancels the reading, which then ends in `FileFault::Cancelled`.
pub type OnProgress<'a> = dyn FnMut(Progress) -> ControlFlow<()> + 'a;
