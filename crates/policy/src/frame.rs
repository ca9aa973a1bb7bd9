//! What is known of many firms, column by column, as a plan asks for it: whole numbers with a common
//! scale, truths and texts, each with what is known and what is not.

use crate::exact::Var;
use crate::parse::Vars;
use law::template::Kind;
use num_bigint::BigInt;
use num_rational::BigRational;
use rust_decimal::Decimal;

/// A value of a fact or attribute.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Not known.
    Unknown,
    /// A number; a date as days since 1970-01-01.
    Number(Decimal),
    /// A truth.
    Truth(bool),
    /// A text.
    Text(String),
}

/// A set of rows, a bit each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bits {
    /// 64 rows a word; bits beyond the last row are zero.
    pub words: Vec<u64>,
}

impl Bits {
    /// No row.
    pub fn none(rows: usize) -> Self {
        Self { words: vec![0; rows.div_ceil(64)] }
    }

    /// Is the row in it?
    pub fn get(&self, row: usize) -> bool {
        self.words[row / 64] >> (row % 64) & 1 == 1
    }

    /// Puts a row in or takes it out.
    pub fn set(&mut self, row: usize, on: bool) {
        let bit = 1u64 << (row % 64);
        match on {
            true => self.words[row / 64] |= bit,
            false => self.words[row / 64] &= !bit,
        }
    }

    /// How many rows are in it.
    pub fn count(&self) -> u64 {
        self.words.iter().map(|w| u64::from(w.count_ones())).sum()
    }

    /// Rows in it, ascending.
    pub fn rows(&self) -> impl Iterator<Item = usize> + '_ {
        self.words.iter().enumerate().flat_map(|(at, word)| {
            let mut left = *word;
            std::iter::from_fn(move || {
                let bit = (left != 0).then(|| left.trailing_zeros() as usize)?;
                left &= left - 1;
                Some(at * 64 + bit)
            })
        })
    }
}

/// Whole numbers, in as few bytes as hold all of them: a batch reads every column once, so half the
/// bytes is half the time where the processor waits for memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Whole {
    /// All fit 16 bits.
    Short(Vec<i16>),
    /// 32 bits.
    Narrow(Vec<i32>),
    /// 64 bits.
    Long(Vec<i64>),
}

impl Whole {
    /// As narrow as the numbers allow.
    pub fn new(values: Vec<i64>) -> Self {
        let (mut low, mut high) = (0, 0);
        for value in &values {
            (low, high) = (low.min(*value), high.max(*value));
        }
        // What is cut off is looked at above.
        if i16::try_from(low).is_ok() && i16::try_from(high).is_ok() {
            Self::Short(values.iter().map(|v| *v as i16).collect())
        } else if i32::try_from(low).is_ok() && i32::try_from(high).is_ok() {
            Self::Narrow(values.iter().map(|v| *v as i32).collect())
        } else {
            Self::Long(values)
        }
    }

    /// The number in a row.
    pub fn get(&self, row: usize) -> i64 {
        match self {
            Self::Short(values) => i64::from(values[row]),
            Self::Narrow(values) => i64::from(values[row]),
            Self::Long(values) => values[row],
        }
    }

    /// Changes a number; all become wider when it does not fit.
    pub fn set(&mut self, row: usize, value: i64) {
        match (&mut *self, i16::try_from(value), i32::try_from(value)) {
            (Self::Short(values), Ok(value), _) => values[row] = value,
            (Self::Narrow(values), _, Ok(value)) => values[row] = value,
            (Self::Long(values), ..) => values[row] = value,
            (Self::Short(_) | Self::Narrow(_), ..) => {
                let rows = match self {
                    Self::Short(values) => values.len(),
                    Self::Narrow(values) => values.len(),
                    Self::Long(values) => values.len(),
                };
                let mut all: Vec<i64> = (0..rows).map(|r| self.get(r)).collect();
                all[row] = value;
                *self = Self::new(all);
            }
        }
    }
}

/// Values of one variable.
#[derive(Clone, Debug, PartialEq)]
pub enum Column {
    /// Nothing is known of it.
    Unknown,
    /// Numbers: whole multiples of 10^-scale.
    Number {
        /// Decimal places.
        scale: u32,
        /// Values; 0 where unknown.
        values: Whole,
        /// Where known.
        known: Bits,
        /// Largest size of a value.
        most: u64,
    },
    /// Numbers that do not fit: fractions.
    Wide(Vec<Option<BigRational>>),
    /// Truths.
    Truth {
        /// Where true.
        yes: Bits,
        /// Where false.
        no: Bits,
    },
    /// Texts.
    Text {
        /// Texts that occur; a row's code counts from 1, 0 is unknown.
        names: Vec<String>,
        /// Codes.
        codes: Vec<u32>,
    },
}

impl Column {
    /// A column of numbers.
    pub fn numbers(values: &[Option<Decimal>]) -> Self {
        let scale = values.iter().flatten().map(|v| v.normalize().scale()).max().unwrap_or(0);
        let whole = |v: &Decimal| {
            let v = v.normalize();
            v.mantissa().checked_mul(10i128.checked_pow(scale - v.scale())?).and_then(|n| i64::try_from(n).ok())
        };
        let mut known = Bits::none(values.len());
        let mut out = Vec::with_capacity(values.len());
        let mut most = 0;
        for (row, value) in values.iter().enumerate() {
            match value {
                None => out.push(0),
                Some(v) => match whole(v) {
                    Some(n) => {
                        most = most.max(n.unsigned_abs());
                        known.set(row, true);
                        out.push(n);
                    }
                    None => return Self::Wide(values.iter().map(|v| v.map(crate::exact::rational)).collect()),
                },
            }
        }
        Self::Number { scale, values: Whole::new(out), known, most }
    }

    /// A column of truths.
    pub fn truths(values: &[Option<bool>]) -> Self {
        let (mut yes, mut no) = (Bits::none(values.len()), Bits::none(values.len()));
        for (row, value) in values.iter().enumerate() {
            match value {
                Some(true) => yes.set(row, true),
                Some(false) => no.set(row, true),
                None => (),
            }
        }
        Self::Truth { yes, no }
    }

    /// A column of texts.
    pub fn texts<S: AsRef<str>>(values: &[Option<S>]) -> Self {
        let mut names: Vec<String> = values.iter().flatten().map(|s| s.as_ref().to_owned()).collect();
        names.sort_unstable();
        names.dedup();
        let code = |s: &S| names.binary_search_by(|n| n.as_str().cmp(s.as_ref())).expect("collected above") as u32 + 1;
        let codes = values.iter().map(|v| v.as_ref().map_or(0, code)).collect();
        Self::Text { names, codes }
    }

    /// A column of values; those of another type count as unknown.
    pub fn of(kind: Kind, values: &[Value]) -> Self {
        match kind {
            Kind::Number | Kind::Date => {
                let number = |v: &Value| if let Value::Number(n) = v { Some(*n) } else { None };
                Self::numbers(&values.iter().map(number).collect::<Vec<_>>())
            }
            Kind::Boolean => {
                let truth = |v: &Value| if let Value::Truth(b) = v { Some(*b) } else { None };
                Self::truths(&values.iter().map(truth).collect::<Vec<_>>())
            }
            Kind::Text => {
                let text = |v: &Value| if let Value::Text(t) = v { Some(t.clone()) } else { None };
                Self::texts(&values.iter().map(text).collect::<Vec<_>>())
            }
        }
    }

    /// The number in a row.
    pub fn number(&self, row: usize) -> Option<BigRational> {
        match self {
            Self::Number { scale, values, known, .. } if known.get(row) => {
                Some(BigRational::new(BigInt::from(values.get(row)), BigInt::from(10).pow(*scale)))
            }
            Self::Wide(values) => values[row].clone(),
            _ => None,
        }
    }

    /// The truth in a row.
    pub fn truth(&self, row: usize) -> Option<bool> {
        match self {
            Self::Truth { yes, no } => yes.get(row).then_some(true).or_else(|| no.get(row).then_some(false)),
            _ => None,
        }
    }

    /// The text in a row.
    pub fn text(&self, row: usize) -> Option<&str> {
        match self {
            Self::Text { names, codes } => codes[row].checked_sub(1).map(|c| names[c as usize].as_str()),
            _ => None,
        }
    }

    /// Where the value is known.
    pub fn known(&self, rows: usize) -> Bits {
        match self {
            Self::Unknown => Bits::none(rows),
            Self::Number { known, .. } => known.clone(),
            Self::Wide(values) => {
                let mut out = Bits::none(rows);
                values.iter().enumerate().for_each(|(row, v)| out.set(row, v.is_some()));
                out
            }
            Self::Truth { yes, no } => Bits { words: yes.words.iter().zip(&no.words).map(|(a, b)| a | b).collect() },
            Self::Text { codes, .. } => {
                let word = |chunk: &[u32]| chunk.iter().enumerate().fold(0, |w, (i, c)| w | u64::from(*c > 0) << i);
                Bits { words: codes.chunks(64).map(word).collect() }
            }
        }
    }
}

/// What is known of many firms.
#[derive(Clone, Debug, Default)]
pub struct Frame {
    /// Firms.
    pub rows: usize,
    /// By variable of the plan.
    pub columns: Vec<Column>,
}

impl Frame {
    /// Asks for every variable of every row.
    pub fn collect(vars: &Vars, rows: usize, mut value: impl FnMut(Var, usize) -> Value) -> Self {
        let columns = (0..vars.all.len() as Var).map(|var| {
            let values: Vec<Value> = (0..rows).map(|row| value(var, row)).collect();
            Column::of(vars.def(var).kind, &values)
        });
        Self { rows, columns: columns.collect() }
    }

    /// Changes a value. The column is made anew only when the value does not fit the form that it has.
    pub fn set(&mut self, vars: &Vars, var: Var, row: usize, value: &Value) {
        let column = &mut self.columns[var as usize];
        let fits = match (&mut *column, value) {
            (Column::Number { values, known, .. }, Value::Unknown) => {
                values.set(row, 0);
                known.set(row, false);
                true
            }
            (Column::Number { scale, values, known, most }, Value::Number(n)) => {
                let n = n.normalize();
                let whole = scale
                    .checked_sub(n.scale())
                    .and_then(|shift| n.mantissa().checked_mul(10i128.checked_pow(shift)?))
                    .and_then(|n| i64::try_from(n).ok());
                match whole {
                    Some(whole) => {
                        values.set(row, whole);
                        known.set(row, true);
                        *most = (*most).max(whole.unsigned_abs());
                        true
                    }
                    None => false,
                }
            }
            (Column::Wide(values), Value::Unknown | Value::Number(_)) => {
                values[row] = if let Value::Number(n) = value { Some(crate::exact::rational(*n)) } else { None };
                true
            }
            (Column::Truth { yes, no }, Value::Unknown | Value::Truth(_)) => {
                yes.set(row, *value == Value::Truth(true));
                no.set(row, *value == Value::Truth(false));
                true
            }
            (Column::Text { codes, .. }, Value::Unknown) => {
                codes[row] = 0;
                true
            }
            (Column::Text { names, codes }, Value::Text(text)) => {
                let at = names.iter().position(|n| n == text).unwrap_or_else(|| {
                    names.push(text.clone());
                    names.len() - 1
                });
                codes[row] = at as u32 + 1;
                true
            }
            (Column::Unknown, Value::Unknown) => true,
            _ => false,
        };
        if !fits {
            let kind = vars.def(var).kind;
            let mut values: Vec<Value> = (0..self.rows).map(|r| self.value(vars, var, r)).collect();
            values[row] = value.clone();
            self.columns[var as usize] = Column::of(kind, &values);
        }
    }

    /// The value of a variable in a row.
    pub fn value(&self, vars: &Vars, var: Var, row: usize) -> Value {
        let column = &self.columns[var as usize];
        match vars.def(var).kind {
            Kind::Number | Kind::Date => match column {
                // A decimal holds as many places as the column has.
                Column::Number { scale, values, known, .. } if *scale <= Decimal::MAX_SCALE => match known.get(row) {
                    true => Value::Number(Decimal::new(values.get(row), *scale).normalize()),
                    false => Value::Unknown,
                },
                _ => {
                    let exact = |n: BigRational| crate::exact::decimal(&n, 18);
                    column.number(row).and_then(exact).map_or(Value::Unknown, Value::Number)
                }
            },
            Kind::Boolean => column.truth(row).map_or(Value::Unknown, Value::Truth),
            Kind::Text => column.text(row).map_or(Value::Unknown, |t| Value::Text(t.to_owned())),
        }
    }
}
