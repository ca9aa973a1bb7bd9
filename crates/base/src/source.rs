//! Where a figure came from, to the cell. Every stored fact carries one; every proof ends in one.

use crate::{Department, Digest};
use serde::{Deserialize, Serialize};

/// The cell, form or decision that states a figure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// Who owns the figure.
    pub department: Department,
    /// What the file was called when it was handed in; for a correction, its title.
    pub file: String,
    /// Digest of the file as handed in; absent for a correction typed on screen.
    pub digest: Option<Digest>,
    /// Worksheet; absent for text files and corrections.
    pub sheet: Option<String>,
    /// Row as spreadsheets count it, from 1; 0 when there is none.
    pub row: u32,
    /// Column as spreadsheets count it, from 1; 0 when there is none.
    pub column: u32,
    /// When the system learnt it, RFC 3339 in UTC.
    pub received_at: String,
    /// Why it replaced an earlier version; empty for a first statement.
    pub reason: String,
}

impl Source {
    /// `明细!F812`, as a spreadsheet user writes it; empty when the source is no cell.
    pub fn cell(&self) -> String {
        if self.row == 0 || self.column == 0 {
            return String::new();
        }
        let address = format!("{}{}", column_letters(self.column), self.row);
        match &self.sheet {
            Some(sheet) => format!("{sheet}!{address}"),
            None => address,
        }
    }
}

/// 1 is A, 26 is Z, 27 is AA.
pub fn column_letters(mut column: u32) -> String {
    let mut letters = Vec::new();
    while column > 0 {
        column -= 1;
        letters.push((b'A' + (column % 26) as u8) as char);
        column /= 26;
    }
    letters.iter().rev().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_lettered_as_spreadsheets_letter_them() {
        for (n, expected) in [(1, "A"), (26, "Z"), (27, "AA"), (52, "AZ"), (703, "AAA"), (16384, "XFD")] {
            assert_eq!(column_letters(n), expected);
        }
    }
}
