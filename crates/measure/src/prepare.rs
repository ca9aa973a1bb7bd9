//! From a snapshot to columns: land derived, firms joined into units of evaluation, every input of
//! the formulas as one Arrow column with a row per unit.

use crate::compile::Compiled;
use crate::dictionary::{Merge, is_land};
use crate::expr::{EvalError, Program, data_type, numbers_of};
use crate::functions::{days, months_between};
use crate::land::{self, FirmLand};
use crate::outcome::Truth;
use crate::snapshot::Snapshot;
use crate::table::{FirmTable, Kind, Value, kind_word};
use arrow::array::{Array, ArrayRef, BooleanArray, Date32Array, Float64Array, StringArray};
use base::Digest;
use base::fixed::to_f64;
use jiff::civil::Date;
use law::scheme::{Pick, TenantRule};
use rayon::prelude::*;
use rust_decimal::Decimal;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Why an input cannot be evaluated.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MeasureError {
    /// A column of another kind than the law gives the name.
    #[error("column `{column}` holds {found}; the law says {wanted}")]
    ColumnKind {
        /// Column.
        column: String,
        /// Kind in the input.
        found: &'static str,
        /// Kind in the law.
        wanted: &'static str,
    },
    /// The snapshot is of another year than the compiled scheme.
    #[error("the snapshot is of {found}; the scheme was compiled for {wanted}")]
    Year {
        /// The snapshot's.
        found: i16,
        /// The scheme's.
        wanted: i16,
    },
    /// No such firm.
    #[error("firm {0} is not in the snapshot")]
    NoFirm(i64),
    /// No fact of that name and kind.
    #[error("`{0}` is no fact that this scheme reads, or the value is of another kind")]
    NoFact(String),
    /// A formula failed while running.
    #[error(transparent)]
    Eval(#[from] EvalError),
    /// The snapshot cannot be written, and so has no digest.
    #[error(transparent)]
    Write(#[from] crate::codec::WriteFault),
}

impl MeasureError {
    /// Stable short code.
    pub fn code(&self) -> &'static str {
        match self {
            MeasureError::ColumnKind { .. } => "measure-column-kind",
            MeasureError::Year { .. } => "measure-year",
            MeasureError::NoFirm(_) => "measure-no-firm",
            MeasureError::NoFact(_) => "measure-no-fact",
            MeasureError::Eval(_) => "measure-formula",
            MeasureError::Write(_) => "measure-write",
        }
    }

    /// The sentence in Chinese; `Display` has the English one.
    pub fn zh(&self) -> String {
        match self {
            MeasureError::ColumnKind { column, found, wanted } => {
                let word = |kind: &str| match kind {
                    "number" => "数值",
                    "boolean" => "是否",
                    "text" => "文本",
                    _ => "日期",
                };
                format!("列“{column}”是{}，规则要求{}", word(found), word(wanted))
            }
            MeasureError::Year { found, wanted } => format!("快照是 {found} 年的，方案按 {wanted} 年编译"),
            MeasureError::NoFirm(firm) => format!("快照中没有企业 {firm}"),
            MeasureError::NoFact(fact) => format!("“{fact}”不是本方案使用的数据，或值的类型不符"),
            MeasureError::Eval(e) => format!("公式无法计算：{}", e.0),
            MeasureError::Write(e) => format!("快照无法写出：{e}"),
        }
    }
}

/// A snapshot made ready for one scheme. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Prepared {
    pub(crate) snapshot: Arc<Snapshot>,
    pub(crate) digest: Digest,
    /// Facts, with what an overlay changed.
    pub(crate) firms: Arc<FirmTable>,
    pub(crate) land: Arc<BTreeMap<i64, FirmLand>>,
    /// Members of each unit as rows of `firms`, the leading one first; units by leading firm.
    pub(crate) units: Arc<Vec<Vec<u32>>>,
    /// Unit of each firm.
    pub(crate) unit_of: Arc<Vec<u32>>,
    /// Rows beyond the units: the other reading (merged, or alone) of mixed firms, as (unit, members).
    pub(crate) shadows: Arc<Vec<(u32, Vec<u32>)>>,
    /// Inputs in frame order, one value per unit, then one per shadow.
    pub(crate) columns: Vec<ArrayRef>,
    /// Owner of the parcel that a firm mainly leases on, as row of `firms`.
    pub(crate) owner: Arc<BTreeMap<u32, u32>>,
    /// Classes of earlier years.
    pub(crate) history: Arc<BTreeMap<i64, BTreeMap<i16, String>>>,
    /// Names that the input has no column for.
    pub(crate) absent: Arc<Vec<String>>,
}

impl Prepared {
    /// The snapshot.
    pub fn snapshot(&self) -> &Arc<Snapshot> {
        &self.snapshot
    }

    /// Firms with what an overlay changed.
    pub fn firms(&self) -> &FirmTable {
        &self.firms
    }

    /// Land of every firm.
    pub fn land(&self) -> &BTreeMap<i64, FirmLand> {
        &self.land
    }

    /// Digest of the snapshot.
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// Firms of the unit that a firm belongs to, the leading one first.
    pub fn members(&self, firm: i64) -> Vec<i64> {
        let Some(row) = self.firms.row(firm) else { return Vec::new() };
        let ids = self.firms.ids();
        self.units[self.unit_of[row] as usize].iter().map(|m| ids[*m as usize]).collect()
    }

    pub(crate) fn rows(&self) -> usize {
        self.units.len() + self.shadows.len()
    }

    pub(crate) fn members_of(&self, row: usize) -> &[u32] {
        match row.checked_sub(self.units.len()) {
            None => &self.units[row],
            Some(shadow) => &self.shadows[shadow].1,
        }
    }
}

impl Compiled {
    /// Derives land, joins firms into units of evaluation and lays out the columns that the formulas
    /// read. Columns that the snapshot lacks are unknown for every firm and are listed in the summary.
    pub fn prepare(&self, snapshot: &Arc<Snapshot>) -> Result<Prepared, MeasureError> {
        let digest = snapshot.digest()?;
        self.prepare_named(snapshot, digest)
    }

    /// As [`Compiled::prepare`] with the snapshot's digest already known: writing a snapshot only to
    /// name it takes longer than evaluating it.
    pub fn prepare_named(&self, snapshot: &Arc<Snapshot>, digest: Digest) -> Result<Prepared, MeasureError> {
        if snapshot.year != self.year {
            return Err(MeasureError::Year { found: snapshot.year, wanted: self.year });
        }
        let firms = &snapshot.firms;
        let rule = &self.scheme.land;
        let land = land::effective(&snapshot.land, firms.ids(), rule);
        let row = |firm: i64| firms.row(firm).map(|r| r as u32);
        let merged =
            if rule.tenants == TenantRule::MergeParcel { land::merged_units(&snapshot.land) } else { Vec::new() };
        let (units, unit_of) = units(firms, merged);
        let owner =
            land::main_owner(&snapshot.land, rule).into_iter().filter_map(|(t, o)| Some((row(t)?, row(o)?))).collect();
        let mut history: BTreeMap<i64, BTreeMap<i16, String>> = BTreeMap::new();
        for past in &snapshot.classes {
            history.entry(past.firm).or_default().insert(past.year, past.class.clone());
        }
        let mut prepared = Prepared {
            snapshot: snapshot.clone(),
            digest,
            firms: Arc::new(firms.clone()),
            land: Arc::new(land),
            units: Arc::new(units),
            unit_of: Arc::new(unit_of),
            shadows: Arc::default(),
            columns: Vec::new(),
            owner: Arc::new(owner),
            history: Arc::new(history),
            absent: Arc::default(),
        };
        let names = self.inputs().to_vec();
        let made = |name: &str| is_made(name) || firms.column(name).is_some();
        prepared.absent = Arc::new(names.iter().filter(|n| !made(n)).cloned().collect());
        prepared.columns = names.iter().map(|n| self.column(&prepared, n)).collect::<Result<_, _>>()?;
        self.mix(&mut prepared)?;
        Ok(prepared)
    }

    /// Adds the other reading of firms that are evaluated both alone and with their tenants.
    fn mix(&self, prepared: &mut Prepared) -> Result<(), MeasureError> {
        let Some(mixed) = &self.plan.mixed else { return Ok(()) };
        // The condition may name derived indicators, so those are computed first.
        let sheet = crate::run::Sheet::new(self, prepared)?;
        let truths = sheet.truths(&mixed.program)?;
        let ids = prepared.firms.ids();
        let mut units = prepared.units.as_ref().clone();
        let mut shadows = Vec::new();
        for (unit, truth) in truths.into_iter().enumerate() {
            let tenants =
                prepared.land.get(&ids[units[unit][0] as usize]).map(|l| l.tenants.clone()).unwrap_or_default();
            if truth != Truth::True || tenants.is_empty() || units[unit].len() > 1 {
                continue;
            }
            let mut together = units[unit].clone();
            together.extend(tenants.iter().filter_map(|t| prepared.firms.row(*t)).map(|r| r as u32));
            let alone = units[unit].clone();
            if self.scheme.units.mixed_takes == Some(Pick::Merged) {
                units[unit] = together;
                shadows.push((unit as u32, alone));
            } else {
                shadows.push((unit as u32, together));
            }
        }
        prepared.units = Arc::new(units);
        prepared.shadows = Arc::new(shadows);
        prepared.columns = self.inputs().iter().map(|n| self.column(prepared, n)).collect::<Result<_, _>>()?;
        Ok(())
    }

    /// One input, for all units and shadows.
    fn column(&self, prepared: &Prepared, name: &str) -> Result<ArrayRef, MeasureError> {
        let known = self.dictionary.names.get(name);
        let kind = known.map_or(Kind::Boolean, |n| n.kind);
        if let Some(column) = prepared.firms.column(name).filter(|_| !is_made(name))
            && column.kind() != kind
        {
            return Err(MeasureError::ColumnKind {
                column: name.into(),
                found: kind_word(column.kind()),
                wanted: kind_word(kind),
            });
        }
        let merge = if is_land(name) { land_merge(name) } else { known.map_or(Merge::Any, |n| n.merge) };
        let values: Vec<Value> =
            (0..prepared.rows()).map(|row| self.value(prepared, name, prepared.members_of(row), merge)).collect();
        Ok(array(kind, &values))
    }

    /// The value of a unit with those members.
    pub(crate) fn value(&self, prepared: &Prepared, name: &str, members: &[u32], merge: Merge) -> Value {
        match members {
            [one] => self.firm_value(prepared, name, *one as usize),
            _ => merged(members.iter().map(|m| self.firm_value(prepared, name, *m as usize)), merge),
        }
    }

    /// The value of one firm: a fact, an attribute, or what the engine makes.
    pub(crate) fn firm_value(&self, prepared: &Prepared, name: &str, row: usize) -> Value {
        let firms = &prepared.firms;
        let number = |d: Option<Decimal>| d.map_or(Value::Unknown, Value::Number);
        let land = || prepared.land.get(&firms.ids()[row]);
        let fact = |name: &str| firms.column(name).map_or(Value::Unknown, |c| c.get(row));
        let prefix = |n: usize| match fact("industry") {
            Value::Text(code) => code.get(..n).map_or(Value::Unknown, |p| Value::Text(p.to_owned())),
            _ => Value::Unknown,
        };
        let months = || match fact("founded") {
            Value::Date(founded) => Some(months_between(founded, prepared.snapshot.as_of)),
            _ => None,
        };
        match name {
            "effective_land" => number(land().and_then(|l| l.effective)),
            "owned_land" => number(land().and_then(|l| l.owned)),
            "leased_in_land" => number(land().and_then(|l| l.leased_in)),
            "leased_out_land" => number(land().and_then(|l| l.leased_out)),
            "leased_in_floor_area" => number(land().and_then(|l| l.leased_floor_area)),
            "most_floors" => number(land().and_then(|l| l.most_floors)),
            "tenants" => number(land().map(|l| Decimal::from(l.tenants.len()))),
            "tenants_below_scale" => below_scale(firms, land()),
            "year" => Value::Number(Decimal::from(self.year)),
            "as_of" => Value::Date(prepared.snapshot.as_of),
            "months_since_founded" => number(months().map(Decimal::from)),
            "years_since_founded" => number(months().map(|m| Decimal::from(m.div_euclid(12)))),
            "class_last_year" => {
                let last = prepared.history.get(&firms.ids()[row]).and_then(|h| h.get(&(self.year - 1)));
                last.map_or(Value::Unknown, |c| Value::Text(c.clone()))
            }
            "industry_division" if firms.column(name).is_none() => prefix(2),
            "industry_group" if firms.column(name).is_none() => prefix(3),
            _ => fact(name),
        }
    }

    /// The same input with one firm's fact changed. Land names can be changed too, directly.
    pub fn with_fact(
        &self,
        prepared: &Prepared,
        firm: i64,
        fact: &str,
        value: Value,
    ) -> Result<Prepared, MeasureError> {
        let row = prepared.firms.row(firm).ok_or(MeasureError::NoFirm(firm))?;
        let slot = self
            .plan
            .frame
            .slot(fact)
            .filter(|s| *s < self.plan.inputs)
            .ok_or_else(|| MeasureError::NoFact(fact.into()))?;
        let kind = self.plan.frame.kinds[slot];
        if value.kind().is_some_and(|k| k != kind) {
            return Err(MeasureError::NoFact(fact.into()));
        }
        let mut out = prepared.clone();
        let mut touched = vec![fact];
        if is_land(fact) {
            let mut land = prepared.land.as_ref().clone();
            let entry = land.entry(firm).or_default();
            let number = if let Value::Number(n) = value { Some(n) } else { None };
            match fact {
                "effective_land" => entry.effective = number,
                "owned_land" => entry.owned = number,
                "leased_in_land" => entry.leased_in = number,
                "leased_out_land" => entry.leased_out = number,
                "leased_in_floor_area" => entry.leased_floor_area = number,
                "most_floors" => entry.most_floors = number,
                _ => return Err(MeasureError::NoFact(fact.into())),
            }
            out.land = Arc::new(land);
        } else if !Arc::make_mut(&mut out.firms).set(firm, fact, value) {
            return Err(MeasureError::NoFact(fact.into()));
        }
        touched.extend(DEPENDENT.iter().filter(|(_, on)| *on == fact).map(|(name, _)| *name));
        for name in touched {
            let Some(slot) = self.plan.frame.slot(name).filter(|s| *s < self.plan.inputs) else { continue };
            if name == "tenants_below_scale" {
                out.columns[slot] = self.column(&out, name)?;
                continue;
            }
            let unit = out.unit_of[row] as usize;
            let beside = out
                .shadows
                .iter()
                .enumerate()
                .filter(|(_, (_, m))| m.contains(&(row as u32)))
                .map(|(i, _)| out.units.len() + i);
            for at in std::iter::once(unit).chain(beside).collect::<Vec<_>>() {
                let merge = self.dictionary.names.get(name).map_or(Merge::Any, |n| n.merge);
                let merge = if is_land(name) { land_merge(name) } else { merge };
                let value = self.value(&out, name, out.members_of(at), merge);
                out.columns[slot] = put(&out.columns[slot], at, &array(self.plan.frame.kinds[slot], &[value]))?;
            }
        }
        Ok(out)
    }
}

/// Columns that the engine makes from another.
pub(crate) const DEPENDENT: [(&str, &str); 5] = [
    ("months_since_founded", "founded"),
    ("years_since_founded", "founded"),
    ("industry_division", "industry"),
    ("industry_group", "industry"),
    ("tenants_below_scale", "above_scale"),
];

/// True for names whose values the engine always makes itself.
pub(crate) fn is_made(name: &str) -> bool {
    crate::dictionary::ENGINE_NAMES.iter().any(|n| n.0 == name)
        || matches!(name, "industry_division" | "industry_group")
}

fn land_merge(name: &str) -> Merge {
    match name {
        "most_floors" => Merge::Max,
        "tenants" | "tenants_below_scale" => Merge::Lead,
        _ => Merge::Sum,
    }
}

/// Tenants that are not above scale; unknown when that of any tenant is.
fn below_scale(firms: &FirmTable, land: Option<&FirmLand>) -> Value {
    let Some(land) = land else { return Value::Unknown };
    let mut count = 0u32;
    for tenant in &land.tenants {
        match firms.value(*tenant, "above_scale") {
            Value::Boolean(above) => count += u32::from(!above),
            _ => return Value::Unknown,
        }
    }
    Value::Number(Decimal::from(count))
}

/// Members' values as one.
fn merged(values: impl Iterator<Item = Value>, merge: Merge) -> Value {
    let mut values = values;
    let first = values.next().unwrap_or(Value::Unknown);
    if merge == Merge::Lead {
        return first;
    }
    values.fold(first, |all, value| match (merge, all, value) {
        (Merge::Sum, Value::Number(a), Value::Number(b)) => a.checked_add(b).map_or(Value::Unknown, Value::Number),
        (Merge::Max, Value::Number(a), Value::Number(b)) => Value::Number(a.max(b)),
        (Merge::Any, Value::Boolean(true), _) | (Merge::Any, _, Value::Boolean(true)) => Value::Boolean(true),
        (Merge::Any, Value::Boolean(false), Value::Boolean(false)) => Value::Boolean(false),
        _ => Value::Unknown,
    })
}

/// Units by leading firm, and the unit of each firm.
fn units(firms: &FirmTable, merged: Vec<Vec<i64>>) -> (Vec<Vec<u32>>, Vec<u32>) {
    let mut taken = vec![false; firms.rows()];
    let mut units: Vec<Vec<u32>> = Vec::new();
    for unit in merged {
        let rows: Vec<u32> = unit.iter().filter_map(|f| firms.row(*f)).map(|r| r as u32).collect();
        rows.iter().for_each(|r| taken[*r as usize] = true);
        if !rows.is_empty() {
            units.push(rows);
        }
    }
    units.extend((0..firms.rows() as u32).filter(|r| !taken[*r as usize]).map(|r| vec![r]));
    units.sort_by_key(|u| u[0]);
    let mut unit_of = vec![0; firms.rows()];
    for (i, unit) in units.iter().enumerate() {
        unit.iter().for_each(|r| unit_of[*r as usize] = i as u32);
    }
    (units, unit_of)
}

/// Values as an Arrow column.
pub(crate) fn array(kind: Kind, values: &[Value]) -> ArrayRef {
    match kind {
        Kind::Number => Arc::new(
            values
                .iter()
                .map(|v| if let Value::Number(d) = v { Some(to_f64(*d)) } else { None })
                .collect::<Float64Array>(),
        ),
        Kind::Boolean => Arc::new(
            values.iter().map(|v| if let Value::Boolean(b) = v { Some(*b) } else { None }).collect::<BooleanArray>(),
        ),
        Kind::Text => Arc::new(
            values
                .iter()
                .map(|v| if let Value::Text(t) = v { Some(t.as_str()) } else { None })
                .collect::<StringArray>(),
        ),
        Kind::Date => Arc::new(
            values.iter().map(|v| if let Value::Date(d) = v { Some(days(*d)) } else { None }).collect::<Date32Array>(),
        ),
    }
}

/// The column with one value replaced.
pub(crate) fn put(column: &ArrayRef, at: usize, one: &ArrayRef) -> Result<ArrayRef, MeasureError> {
    let (before, after) = (column.slice(0, at), column.slice(at + 1, column.len() - at - 1));
    arrow::compute::concat(&[&before, one, &after]).map_err(|e| EvalError(e.to_string()).into())
}

/// Rows evaluated at a time by one thread.
const CHUNK: usize = 8192;

/// Evaluates a program over columns, in chunks on the threads at hand. Every value depends on its own
/// row alone, so chunks do not show in the result.
pub(crate) fn eval(program: &Program, columns: &[ArrayRef], rows: usize) -> Result<ArrayRef, EvalError> {
    if rows <= 2 * CHUNK {
        return program.eval(columns, rows);
    }
    let parts: Vec<ArrayRef> = (0..rows.div_ceil(CHUNK))
        .into_par_iter()
        .map(|i| {
            let (from, count) = (i * CHUNK, CHUNK.min(rows - i * CHUNK));
            let slices: Vec<ArrayRef> = columns.iter().map(|c| c.slice(from, count)).collect();
            program.eval(&slices, count)
        })
        .collect::<Result<_, _>>()?;
    let parts: Vec<&dyn Array> = parts.iter().map(AsRef::as_ref).collect();
    arrow::compute::concat(&parts).map_err(|e| EvalError(e.to_string()))
}

/// Numbers as a column; `NaN` becomes null.
pub(crate) fn column_of(values: &[f64]) -> ArrayRef {
    Arc::new(values.iter().map(|v| (!v.is_nan()).then_some(*v)).collect::<Float64Array>())
}

/// An unknown value in every row.
pub(crate) fn unknown(kind: Kind, rows: usize) -> ArrayRef {
    arrow::array::new_null_array(&data_type(kind), rows)
}

/// Numbers of a column with `NaN` for unknown.
pub(crate) fn numbers(column: &ArrayRef) -> Vec<f64> {
    numbers_of(column)
}

/// The as-of day that a scheme counts from.
pub fn as_of(scheme: &law::Scheme, year: i16) -> Date {
    scheme.status_day.in_year(year)
}
