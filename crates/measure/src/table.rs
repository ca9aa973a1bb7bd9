//! Firms as columns: what an evaluation reads. One row per firm in ascending id, one column per
//! fact, attribute or status; a missing value is `None` and stays unknown.

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, sync::Arc};

pub use law::template::Kind;

/// The word that messages use for a kind.
pub fn kind_word(kind: Kind) -> &'static str {
    match kind {
        Kind::Number => "number",
        Kind::Boolean => "boolean",
        Kind::Text => "text",
        Kind::Date => "date",
    }
}

/// One cell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "value", rename_all = "snake_case")]
pub enum Value {
    /// Not known: neither zero nor false.
    Unknown,
    /// An exact decimal.
    Number(Decimal),
    /// Yes or no.
    Boolean(bool),
    /// Text.
    Text(String),
    /// A day.
    Date(Date),
}

impl Value {
    /// Kind of the value; none for unknown.
    pub fn kind(&self) -> Option<Kind> {
        match self {
            Value::Unknown => None,
            Value::Number(_) => Some(Kind::Number),
            Value::Boolean(_) => Some(Kind::Boolean),
            Value::Text(_) => Some(Kind::Text),
            Value::Date(_) => Some(Kind::Date),
        }
    }
}

/// A column of firms' values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Column {
    /// Exact decimals in the fact's canonical unit.
    Number(Vec<Option<Decimal>>),
    /// Yes or no.
    Boolean(Vec<Option<bool>>),
    /// Text.
    Text(Vec<Option<String>>),
    /// Days.
    Date(Vec<Option<Date>>),
}

impl Column {
    /// A column of `rows` unknown values.
    pub fn unknown(kind: Kind, rows: usize) -> Self {
        match kind {
            Kind::Number => Column::Number(vec![None; rows]),
            Kind::Boolean => Column::Boolean(vec![None; rows]),
            Kind::Text => Column::Text(vec![None; rows]),
            Kind::Date => Column::Date(vec![None; rows]),
        }
    }

    /// Kind of the column.
    pub fn kind(&self) -> Kind {
        match self {
            Column::Number(_) => Kind::Number,
            Column::Boolean(_) => Kind::Boolean,
            Column::Text(_) => Kind::Text,
            Column::Date(_) => Kind::Date,
        }
    }

    /// Rows.
    pub fn len(&self) -> usize {
        match self {
            Column::Number(v) => v.len(),
            Column::Boolean(v) => v.len(),
            Column::Text(v) => v.len(),
            Column::Date(v) => v.len(),
        }
    }

    /// True when there are no rows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The value in a row.
    pub fn get(&self, row: usize) -> Value {
        match self {
            Column::Number(v) => v[row].map_or(Value::Unknown, Value::Number),
            Column::Boolean(v) => v[row].map_or(Value::Unknown, Value::Boolean),
            Column::Text(v) => v[row].clone().map_or(Value::Unknown, Value::Text),
            Column::Date(v) => v[row].map_or(Value::Unknown, Value::Date),
        }
    }

    /// Puts a value; `false` when its kind is not the column's.
    pub fn set(&mut self, row: usize, value: Value) -> bool {
        match (self, value) {
            (Column::Number(v), Value::Number(x)) => v[row] = Some(x),
            (Column::Boolean(v), Value::Boolean(x)) => v[row] = Some(x),
            (Column::Text(v), Value::Text(x)) => v[row] = Some(x),
            (Column::Date(v), Value::Date(x)) => v[row] = Some(x),
            (Column::Number(v), Value::Unknown) => v[row] = None,
            (Column::Boolean(v), Value::Unknown) => v[row] = None,
            (Column::Text(v), Value::Unknown) => v[row] = None,
            (Column::Date(v), Value::Unknown) => v[row] = None,
            _ => return false,
        }
        true
    }

    /// The rows in another order.
    fn take(&self, order: &[usize]) -> Self {
        match self {
            Column::Number(v) => Column::Number(order.iter().map(|&i| v[i]).collect()),
            Column::Boolean(v) => Column::Boolean(order.iter().map(|&i| v[i]).collect()),
            Column::Text(v) => Column::Text(order.iter().map(|&i| v[i].clone()).collect()),
            Column::Date(v) => Column::Date(order.iter().map(|&i| v[i]).collect()),
        }
    }
}

/// Firms and their columns.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FirmTable {
    ids: Vec<i64>,
    /// Shared, so that a table with one corrected value costs one column.
    columns: BTreeMap<String, Arc<Column>>,
}

/// Why columns do not make a table.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TableError {
    /// One firm twice.
    #[error("firm {0} stands in two rows; one row per firm is allowed")]
    DuplicateFirm(i64),
    /// Column of another length.
    #[error("column `{name}` has {rows} rows; the table has {expected}")]
    Length {
        /// Column.
        name: String,
        /// Its rows.
        rows: usize,
        /// The table's rows.
        expected: usize,
    },
}

impl FirmTable {
    /// Puts the rows in ascending order of firm id, so that the order of the input never matters.
    pub fn new(ids: Vec<i64>, columns: impl IntoIterator<Item = (String, Column)>) -> Result<Self, TableError> {
        let mut order: Vec<usize> = (0..ids.len()).collect();
        order.sort_unstable_by_key(|&i| ids[i]);
        if let Some(pair) = order.windows(2).find(|w| ids[w[0]] == ids[w[1]]) {
            return Err(TableError::DuplicateFirm(ids[pair[0]]));
        }
        let sorted = order.is_sorted();
        let mut kept = BTreeMap::new();
        for (name, column) in columns {
            if column.len() != ids.len() {
                return Err(TableError::Length { name, rows: column.len(), expected: ids.len() });
            }
            kept.insert(name, Arc::new(if sorted { column } else { column.take(&order) }));
        }
        Ok(Self { ids: order.iter().map(|&i| ids[i]).collect(), columns: kept })
    }

    /// Ascending.
    pub fn ids(&self) -> &[i64] {
        &self.ids
    }

    /// Firms.
    pub fn rows(&self) -> usize {
        self.ids.len()
    }

    /// Columns by name.
    pub fn columns(&self) -> &BTreeMap<String, Arc<Column>> {
        &self.columns
    }

    /// A column.
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.get(name).map(Arc::as_ref)
    }

    /// Row of a firm.
    pub fn row(&self, firm: i64) -> Option<usize> {
        self.ids.binary_search(&firm).ok()
    }

    /// Value of a firm; unknown when there is no such firm or column.
    pub fn value(&self, firm: i64, name: &str) -> Value {
        match (self.row(firm), self.columns.get(name)) {
            (Some(row), Some(column)) => column.get(row),
            _ => Value::Unknown,
        }
    }

    /// Puts one value; a column that is not there yet is made. `false` when there is no such firm or
    /// the kind differs from the column's.
    pub fn set(&mut self, firm: i64, name: &str, value: Value) -> bool {
        let Some(row) = self.row(firm) else { return false };
        let rows = self.rows();
        if !self.columns.contains_key(name) {
            let Some(kind) = value.kind() else { return true };
            self.columns.insert(name.to_owned(), Arc::new(Column::unknown(kind, rows)));
        }
        Arc::make_mut(self.columns.get_mut(name).expect("put above")).set(row, value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_kept_in_ascending_order_of_firm_and_a_firm_stands_once() {
        let table = FirmTable::new(vec![3, 1], [("x".to_owned(), Column::Boolean(vec![Some(true), None]))]).unwrap();
        assert_eq!(table.ids(), [1, 3]);
        assert_eq!(table.value(3, "x"), Value::Boolean(true));
        assert_eq!(table.value(1, "x"), Value::Unknown);
        assert_eq!(FirmTable::new(vec![1, 1], []), Err(TableError::DuplicateFirm(1)));
    }
}
