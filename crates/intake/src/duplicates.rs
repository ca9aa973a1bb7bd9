//! Several rows about one subject: found here by what the file itself says, and again by services
//! once rows have found their firms (two spellings may turn out to be one firm).

use crate::Wording;
use crate::fault::{CellFault, CellPlace};
use crate::heads;
use crate::reading::{CodeCell, TableReading, Values};
use base::text::name_key;
use law::template::{ColumnRole, Subject};
use std::collections::HashMap;
use std::hash::Hash;

/// Row indices with the same key, in order of their first row; rows without a key belong to no
/// group, and groups have at least two members.
pub fn groups<K: Eq + Hash>(keys: impl IntoIterator<Item = Option<K>>) -> Vec<Vec<u32>> {
    let mut found: HashMap<K, Vec<u32>> = HashMap::new();
    for (row, key) in keys.into_iter().enumerate() {
        if let Some(key) = key {
            found.entry(key).or_default().push(row as u32);
        }
    }
    let mut out: Vec<Vec<u32>> = found.into_values().filter(|rows| rows.len() > 1).collect();
    out.sort_unstable();
    out
}

/// Figures of several rows added up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sum {
    /// Every row has one.
    Known(i128),
    /// No row has one.
    Absent,
    /// Some have and some have not (these): a sum would pass off a missing part as zero.
    PartMissing(Vec<u32>),
    /// Beyond what can be kept.
    TooLarge,
}

/// Adds the figures of the rows, without taking a missing one for zero.
pub fn sum(values: &[Option<i128>], rows: &[u32]) -> Sum {
    let missing: Vec<u32> = rows.iter().copied().filter(|r| values[*r as usize].is_none()).collect();
    if missing.len() == rows.len() {
        return Sum::Absent;
    }
    if !missing.is_empty() {
        return Sum::PartMissing(missing);
    }
    rows.iter()
        .try_fold(0i128, |total, row| total.checked_add(values[*row as usize]?))
        .map_or(Sum::TooLarge, Sum::Known)
}

/// The different texts of the rows, joined by `；`.
pub fn join_texts(values: &[Option<Box<str>>], rows: &[u32]) -> Option<String> {
    let mut out: Vec<&str> = Vec::new();
    for text in rows.iter().filter_map(|r| values[*r as usize].as_deref()) {
        if !out.contains(&text) {
            out.push(text);
        }
    }
    (!out.is_empty()).then(|| out.join("；"))
}

/// What each row is about, as far as the file tells; `None` when it does not.
pub(crate) fn subject_keys(table: &TableReading, subject: Subject) -> Vec<Option<String>> {
    let codes = table.codes(&ColumnRole::CreditCode);
    let names = table.texts(&ColumnRole::Name);
    let parcels = table.texts(&ColumnRole::Parcel);
    let firm = |row: usize| -> Option<String> {
        match codes.and_then(|c| c.get(row)).and_then(CodeCell::text) {
            Some(code) => Some(code.to_owned()),
            None => names.and_then(|n| n[row].as_deref()).map(|n| format!("名称 {}", name_key(n))),
        }
    };
    let parcel = |row: usize| parcels.and_then(|p| p[row].as_deref()).map(str::to_owned);
    let shown = |role: ColumnRole, row: usize| -> String {
        match table.column(&role).map(|c| &c.values) {
            Some(Values::Text(v)) => v[row].as_deref().unwrap_or_default().to_owned(),
            Some(Values::Date(v)) => v[row].map(|d| d.to_string()).unwrap_or_default(),
            _ => String::new(),
        }
    };
    (0..table.rows.len())
        .map(|row| match subject {
            Subject::Firm => firm(row),
            Subject::Parcel => parcel(row),
            Subject::Lease => Some(format!("{} {}", parcel(row)?, firm(row)?)),
            Subject::Certificate => {
                let which = [ColumnRole::StatusKind, ColumnRole::EvidenceNumber, ColumnRole::ValidFrom];
                let rest: Vec<String> = which.into_iter().map(|role| shown(role, row)).collect();
                Some(format!("{} {}", firm(row)?, rest.join(" ")))
            }
        })
        .collect()
}

/// One fault per row of each group, at the cell that names the subject and listing the other rows:
/// what a table whose duplicates are refused answers.
pub fn duplicate_faults(table: &TableReading, groups: &[Vec<u32>]) -> Vec<CellFault> {
    let Some(key) = table.columns.iter().find(|c| heads::is_key(&c.role)) else { return Vec::new() };
    let mut out = Vec::new();
    for group in groups {
        let rows: Vec<String> = group.iter().map(|r| table.rows[*r as usize].to_string()).collect();
        for row in group {
            let sheet_row = table.rows[*row as usize];
            let value = match &key.values {
                Values::Code(codes) => codes[*row as usize].text().unwrap_or_default().to_owned(),
                Values::Text(texts) => texts[*row as usize].as_deref().unwrap_or_default().to_owned(),
                _ => String::new(),
            };
            out.push(CellFault {
                at: CellPlace { sheet: table.sheet.clone(), row: sheet_row, column: key.column },
                head: key.found.clone(),
                value,
                code: "duplicate_subject",
                wording: Wording::new(
                    format!("第 {} 行说的是同一个对象，无法判断以哪一行为准", rows.join("、")),
                    format!("rows {} are about the same subject; which of them holds cannot be told", rows.join(", ")),
                ),
                allowed: Wording::new("每个对象只有一行", "one row for each subject"),
            });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_part_is_never_added_as_zero() {
        let values = [Some(1), None, Some(2), None];
        assert_eq!(sum(&values, &[0, 2]), Sum::Known(3));
        assert_eq!(sum(&values, &[0, 1, 2]), Sum::PartMissing(vec![1]));
        assert_eq!(sum(&values, &[1, 3]), Sum::Absent);
        assert_eq!(sum(&[Some(i128::MAX), Some(1)], &[0, 1]), Sum::TooLarge);
    }

    #[test]
    fn groups_hold_at_least_two_rows_and_leave_out_rows_without_a_key() {
        assert_eq!(groups([Some("a"), None, Some("b"), Some("a"), None]), vec![vec![0, 3]]);
    }
}
