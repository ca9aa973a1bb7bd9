//! The run: derived indicators → states and populations → baselines → points → totals → ranks →
//! classes → overrides → measures. The same steps for everyone, in the order of the scheme.

use crate::classing::{self, Ranked};
use crate::compile::{BaselinePlan, Compiled, IndicatorPlan, Method, PopulationPlan, RankedPlan, Rule, Stat, Text};
use crate::expr::{EvalError, Program, numbers_of, texts_of};
use crate::functions::finite;
use crate::kernels::{self, ExactSum, Grouping, NO_GROUP};
use crate::outcome::{
    BaselineUsed, FirmOutcome, Group, Lacking, Limit, MergedResult, Outcome, OverrideApplied, PopulationScores,
    ScoreColumn, Summary, Taking, Truth, ValueState, is_scored,
};
use crate::prepare::{MeasureError, Prepared, column_of, eval, numbers, unknown};
use crate::rows::Rows;
use crate::snapshot::{PastBaseline, Snapshot};
use crate::table::Kind;
use arrow::array::{Array, ArrayRef, BooleanArray, Float64Array, StringArray, UInt32Array};
use base::fixed::to_f64;
use law::scheme::{AdjustKind, Denominator, Effect, Over, Override, Pick, State, Take};
use rayon::prelude::*;
use rust_decimal::Decimal;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Version of the computation: raised when the same snapshot and rules may give another result.
pub const ENGINE: &str = "measure-2";

/// All columns of a run: inputs, then derived indicators; a row per unit, then per shadow.
pub(crate) struct Sheet<'a> {
    pub(crate) compiled: &'a Compiled,
    pub(crate) columns: Vec<ArrayRef>,
    /// Per derived indicator: rows where it divides by zero or has no finite result.
    pub(crate) undefined: Vec<Vec<bool>>,
    pub(crate) rows: usize,
    /// Values of formulas that were computed elsewhere.
    pub(crate) given: Option<&'a Rows>,
}

impl<'a> Sheet<'a> {
    /// Takes what was computed elsewhere; computes nothing here.
    pub(crate) fn given(compiled: &'a Compiled, prepared: &Prepared, rows: &'a Rows) -> Result<Self, EvalError> {
        if rows.len() != prepared.rows() {
            return Err(EvalError(format!("{} rows were computed for {}", rows.len(), prepared.rows())));
        }
        let columns = prepared.columns.iter().chain(&rows.derived).cloned().collect();
        let undefined = rows.undefined.clone();
        Ok(Self { compiled, columns, undefined, rows: rows.len(), given: Some(rows) })
    }

    pub(crate) fn new(compiled: &'a Compiled, prepared: &Prepared) -> Result<Self, EvalError> {
        Self::of(compiled, prepared.columns.clone(), prepared.rows())
    }

    /// Computes the derived indicators over input columns.
    pub(crate) fn of(compiled: &'a Compiled, inputs: Vec<ArrayRef>, rows: usize) -> Result<Self, EvalError> {
        let mut sheet = Self { compiled, columns: inputs, undefined: Vec::new(), rows, given: None };
        for derived in &compiled.plan.derived {
            let array = eval(&derived.program, &sheet.columns, rows)?;
            let (array, undefined) = match derived.program.kind {
                Kind::Number => sheet.settle(derived, array)?,
                kind => (plain(kind, array, rows), vec![false; rows]),
            };
            sheet.columns.push(array);
            sheet.undefined.push(undefined);
        }
        Ok(sheet)
    }

    /// Tells unknown from undefined, and makes what is not finite null.
    fn settle(
        &self,
        derived: &crate::compile::DerivedPlan,
        array: ArrayRef,
    ) -> Result<(ArrayRef, Vec<bool>), EvalError> {
        let Some(raw) = array.as_any().downcast_ref::<Float64Array>() else {
            return Ok((unknown(Kind::Number, self.rows), vec![false; self.rows]));
        };
        let infinite = raw.iter().any(|v| v.is_some_and(|v| !v.is_finite()));
        if raw.null_count() == 0 && !infinite {
            return Ok((array, vec![false; self.rows]));
        }
        let mut undefined: Vec<bool> = raw.iter().map(|v| v.is_some_and(|v| !v.is_finite())).collect();
        for zero in &derived.zero {
            let truths = self.truths(zero)?;
            undefined
                .iter_mut()
                .zip(truths)
                .enumerate()
                .for_each(|(i, (u, t))| *u |= raw.is_null(i) && t == Truth::True);
        }
        for used in &derived.uses {
            undefined
                .iter_mut()
                .zip(&self.undefined[*used])
                .enumerate()
                .for_each(|(i, (u, below))| *u |= raw.is_null(i) && *below);
        }
        let settled: ArrayRef = Arc::new(finite(raw));
        Ok((settled, undefined))
    }

    /// A formula's values: computed here, or all of them elsewhere.
    fn array(&self, program: &Program) -> Result<ArrayRef, EvalError> {
        match self.given {
            Some(rows) if !program.is_constant() => rows.values(program),
            _ => eval(program, &self.columns, self.rows),
        }
    }

    pub(crate) fn truths(&self, program: &Program) -> Result<Vec<Truth>, EvalError> {
        let array = self.array(program)?;
        Ok(truths_of(&array, self.rows))
    }

    pub(crate) fn numbers(&self, program: &Program) -> Result<Vec<f64>, EvalError> {
        let array = self.array(program)?;
        Ok(if array.data_type() == &arrow::datatypes::DataType::Null {
            vec![f64::NAN; self.rows]
        } else {
            numbers_of(&array)
        })
    }

    /// Values of a column with what each is.
    pub(crate) fn values(&self, plan: &IndicatorPlan) -> (Vec<f64>, Vec<ValueState>) {
        let values = numbers(&self.columns[plan.slot]);
        let state = |i: usize, v: f64| match plan.derived {
            _ if !v.is_nan() && v < 0.0 && plan.negative.is_some() => ValueState::Negative,
            _ if !v.is_nan() => ValueState::Known,
            Some(d) if self.undefined[d][i] => ValueState::Undefined,
            _ => ValueState::Missing,
        };
        let states = values.iter().enumerate().map(|(i, v)| state(i, *v)).collect();
        (values, states)
    }

    /// Keys of several expressions joined; `None` where one is unknown.
    pub(crate) fn keys(&self, by: &[Text]) -> Result<Vec<Option<String>>, EvalError> {
        let mut out = vec![Some(String::new()); self.rows];
        for (i, text) in by.iter().enumerate() {
            let array = self.array(&text.program)?;
            for (key, part) in out.iter_mut().zip(texts_of(&array, text.program.kind)) {
                *key = key.take().zip(part).map(|(k, p)| if i == 0 { p } else { format!("{k} / {p}") });
            }
        }
        Ok(out)
    }
}

fn truths_of(array: &ArrayRef, rows: usize) -> Vec<Truth> {
    match array.as_any().downcast_ref::<BooleanArray>() {
        Some(a) => a.iter().map(|v| v.map_or(Truth::Unknown, |v| if v { Truth::True } else { Truth::False })).collect(),
        None => vec![Truth::Unknown; rows],
    }
}

/// A derived text, truth or day as the frame's type.
pub(crate) fn plain(kind: Kind, array: ArrayRef, rows: usize) -> ArrayRef {
    let wanted = crate::expr::data_type(kind);
    if array.data_type() == &wanted {
        return array;
    }
    arrow::compute::cast(&array, &wanted).unwrap_or_else(|_| unknown(kind, rows))
}

/// Runs on that many threads (0: as many as there are processors).
fn on_threads<T: Send>(threads: usize, work: impl FnOnce() -> T + Send) -> T {
    // A pool that cannot be had costs time, not the result.
    match (threads > 0).then(|| rayon::ThreadPoolBuilder::new().num_threads(threads).build().ok()).flatten() {
        Some(pool) => pool.install(work),
        None => work(),
    }
}

/// What a row is before scoring.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Place {
    pub(crate) status: Option<u16>,
    pub(crate) population: Option<u16>,
    pub(crate) inherits: bool,
    /// No population takes it, but of one it cannot be said whether it does.
    pub(crate) open: bool,
    pub(crate) unknown: u16,
}

/// Group keys as numbers.
pub(crate) struct Keys {
    pub(crate) of: Vec<u32>,
    pub(crate) names: Vec<String>,
}

impl Keys {
    /// Numbered in alphabetical order, so that the order of rows does not show.
    fn new(keys: Vec<Option<String>>) -> Self {
        let mut names: Vec<String> = keys.iter().flatten().cloned().collect();
        names.sort_unstable();
        names.dedup();
        let find = |k: &String| names.binary_search(k).expect("collected above") as u32;
        Self { of: keys.iter().map(|k| k.as_ref().map_or(NO_GROUP, find)).collect(), names }
    }

    fn one(rows: usize) -> Self {
        Self { of: vec![0; rows], names: vec![String::new()] }
    }
}

/// A baseline's value per group, and where it stands in the outcome.
#[derive(Clone)]
pub(crate) struct Base {
    pub(crate) keys: Arc<Keys>,
    pub(crate) value: Vec<f64>,
    first: u32,
}

impl Base {
    /// Position of a group's baseline in the outcome.
    pub(crate) fn at(&self, group: u32) -> u32 {
        if group == NO_GROUP { u32::MAX } else { self.first + group }
    }
}

/// Points of one indicator for the members of a population.
pub(crate) struct Points {
    pub(crate) value: Vec<f64>,
    pub(crate) state: Vec<ValueState>,
    pub(crate) raw: Vec<f64>,
    pub(crate) points: Vec<f64>,
    pub(crate) limit: Vec<Limit>,
    pub(crate) redistribute: Vec<bool>,
    /// Mean points of those that earned them by a value of their own.
    pub(crate) mean: f64,
}

/// Baselines and mean points taken from another run instead of being computed.
pub(crate) struct Given<'g> {
    pub(crate) bases: &'g [Vec<Base>],
    pub(crate) means: &'g [f64],
}

/// Totals of the members of a population.
#[derive(Default)]
pub(crate) struct Totals {
    pub(crate) points: Vec<f64>,
    pub(crate) coefficient: Vec<f64>,
    pub(crate) bonus: Vec<f64>,
    pub(crate) deduction: Vec<f64>,
    pub(crate) raw: Vec<f64>,
    pub(crate) total: Vec<Option<i64>>,
    pub(crate) unknown: Vec<u16>,
}

impl Compiled {
    /// Evaluates everyone on that many threads (0: as many as there are processors). The result does
    /// not depend on the number.
    pub fn run(&self, prepared: &Prepared, threads: usize) -> Outcome {
        on_threads(threads, || self.run_here(prepared)).expect("every formula was tried when the scheme was compiled")
    }

    /// As [`Compiled::run`], with the formulas of single rows computed elsewhere: see [`Compiled::row_plan`].
    pub fn run_given(&self, prepared: &Prepared, rows: &Rows, threads: usize) -> Result<Outcome, MeasureError> {
        let run = || {
            let sheet = Sheet::given(self, prepared, rows)?;
            let places = self.places(&sheet)?;
            Run::new(prepared, sheet, places).go()
        };
        Ok(on_threads(threads, run)?)
    }

    /// Baselines for the year after: the statistics that a scheme with `lag: 1` takes from this input,
    /// which is last year's. The scheme must be compiled for the input's own year.
    pub fn baselines_for_next_year(
        &self,
        prepared: &Prepared,
        published: &str,
    ) -> Result<Vec<PastBaseline>, EvalError> {
        let sheet = Sheet::new(self, prepared)?;
        let places = self.places(&sheet)?;
        Run::new(prepared, sheet, places).looked_back_to(published)
    }

    /// What the scheme looks back to and the input does not hold: points that rest on it would be
    /// unknown for every firm. Titles of indicators, each once.
    pub fn missing_baselines(&self, snapshot: &Snapshot) -> Vec<String> {
        let mut out = Vec::new();
        for (population, plan) in self.scheme.populations.iter().zip(&self.plan.populations) {
            for indicator in &plan.indicators {
                let held = |b: &&BaselinePlan| {
                    snapshot
                        .baselines
                        .iter()
                        .any(|p| p.population == population.id && p.indicator == indicator.id && p.statistic == b.name)
                };
                let looks_back = |b: &&BaselinePlan| b.lag > 0 && !matches!(b.statistic, Stat::Fixed(_));
                if indicator.baselines.iter().filter(looks_back).any(|b| !held(&b)) && !out.contains(&indicator.id) {
                    out.push(indicator.id.clone());
                }
            }
        }
        out
    }

    /// True when the scheme looks back to last year's baselines.
    pub fn looks_back(&self) -> bool {
        self.plan.populations.iter().flat_map(|p| &p.indicators).flat_map(|i| &i.baselines).any(|b| b.lag > 0)
    }

    /// As [`Compiled::run`], on the threads of the caller.
    pub(crate) fn run_here(&self, prepared: &Prepared) -> Result<Outcome, EvalError> {
        let sheet = Sheet::new(self, prepared)?;
        let places = self.places(&sheet)?;
        Run::new(prepared, sheet, places).go()
    }

    /// Status and population of every row.
    pub(crate) fn places(&self, sheet: &Sheet) -> Result<Vec<Place>, EvalError> {
        let mut places =
            vec![Place { status: None, population: None, inherits: false, open: false, unknown: 0 }; sheet.rows];
        for (i, status) in self.plan.statuses.iter().enumerate() {
            let truths = sheet.truths(&status.when.program)?;
            let asked = status.applied.map(|slot| truths_of(&sheet.columns[slot], sheet.rows));
            for (row, place) in places.iter_mut().enumerate().filter(|(_, p)| p.status.is_none()) {
                match (truths[row], asked.as_ref().map_or(Truth::True, |a| a[row])) {
                    (Truth::True, Truth::True) => place.status = Some(i as u16),
                    (Truth::False, _) | (_, Truth::False) => {}
                    _ => place.unknown += 1,
                }
            }
        }
        for (i, population) in self.plan.populations.iter().enumerate() {
            let truths = sheet.truths(&population.when.program)?;
            for (row, place) in places.iter_mut().enumerate().filter(|(_, p)| p.population.is_none()) {
                match truths[row] {
                    Truth::True => (place.population, place.open) = (Some(i as u16), false),
                    Truth::Unknown => {
                        place.unknown += 1;
                        place.open = true;
                    }
                    Truth::False => {}
                }
            }
        }
        if let Some(inherit) = &self.plan.inherit {
            for (place, truth) in places.iter_mut().zip(sheet.truths(&inherit.program)?) {
                place.inherits = truth == Truth::True && place.status.is_none();
                place.unknown += u16::from(truth == Truth::Unknown);
            }
        }
        Ok(places)
    }

    pub(crate) fn state(&self, place: &Place) -> Option<State> {
        place.status.map(|s| self.scheme.statuses[usize::from(s)].state)
    }

    /// Scored: ranked, or of a status that is scored without a rank.
    pub(crate) fn scored(&self, place: &Place) -> bool {
        place.population.is_some() && !place.inherits && self.state(place).is_none_or(is_scored)
    }

    /// True when an override is meant for the unit's population.
    pub(crate) fn concerns(&self, rule: &Override, unit: &FirmOutcome) -> bool {
        let population = unit.population.map(|p| &self.scheme.populations[usize::from(p)].id);
        rule.populations.is_empty() || population.is_some_and(|p| rule.populations.contains(p))
    }

    pub(crate) fn collected(&self, place: &Place) -> bool {
        place.population.is_some() && self.state(place) != Some(State::Excluded)
    }
}

pub(crate) struct Run<'a> {
    pub(crate) compiled: &'a Compiled,
    pub(crate) prepared: &'a Prepared,
    pub(crate) sheet: Sheet<'a>,
    pub(crate) places: Vec<Place>,
    pub(crate) baselines: Vec<BaselineUsed>,
    pub(crate) cache: BTreeMap<String, Arc<Keys>>,
}

/// What ranking gave the rows of one population.
pub(crate) struct Standing {
    members: Vec<u32>,
    pub(crate) totals: Totals,
    /// Per member: rank, group, class; or why there is none.
    pub(crate) rank: Vec<Option<(u32, u32, u8)>>,
    pub(crate) lacking: Vec<Option<Lacking>>,
    merged: Vec<(u32, MergedResult)>,
}

impl<'a> Run<'a> {
    pub(crate) fn new(prepared: &'a Prepared, sheet: Sheet<'a>, places: Vec<Place>) -> Self {
        Self { compiled: sheet.compiled, prepared, sheet, places, baselines: Vec::new(), cache: BTreeMap::new() }
    }

    fn go(&mut self) -> Result<Outcome, EvalError> {
        let compiled = self.compiled;
        let mut scores = Vec::new();
        let mut groups = Vec::new();
        let mut standings = Vec::new();
        for (i, plan) in compiled.plan.populations.iter().enumerate() {
            let members: Vec<u32> =
                self.rows(|r, p| p.population == Some(i as u16) && compiled.scored(p) && self.entry_or_shadow(r));
            let (points, bases) = self.score(plan, i, &members, None)?;
            let totals = self.totals(plan, i, &members, &points)?;
            let standing = self.rank(plan, i, members, &points, totals, &mut groups)?;
            scores.push(self.columns(plan, i, &standing.members, points, &bases));
            standings.push(standing);
        }
        self.finish(scores, groups, standings)
    }

    fn rows(&self, keep: impl Fn(usize, &Place) -> bool) -> Vec<u32> {
        self.places.iter().enumerate().filter(|(r, p)| keep(*r, p)).map(|(r, _)| r as u32).collect()
    }

    fn entry_or_shadow(&self, row: usize) -> bool {
        // A shadow is scored in its firm's population only when that firm is ranked.
        let units = self.prepared.units.len();
        row < units || self.compiled.scored(&self.places[self.prepared.shadows[row - units].0 as usize])
    }

    fn is_entry(&self, row: u32) -> bool {
        (row as usize) < self.prepared.units.len()
    }

    pub(crate) fn group_keys(&mut self, by: &[Text]) -> Result<Arc<Keys>, EvalError> {
        let name = by.iter().map(|t| t.text.as_str()).collect::<Vec<_>>().join("\u{1f}");
        if let Some(keys) = self.cache.get(&name) {
            return Ok(keys.clone());
        }
        let keys = if by.is_empty() { Keys::one(self.sheet.rows) } else { Keys::new(self.sheet.keys(by)?) };
        let keys = Arc::new(keys);
        self.cache.insert(name, keys.clone());
        Ok(keys)
    }

    // -----------------------------------------------------------------------------------------
    // Baselines

    fn base(
        &mut self,
        population: usize,
        plan: &IndicatorPlan,
        b: &BaselinePlan,
        values: &[f64],
    ) -> Result<Base, EvalError> {
        let keys = self.group_keys(&b.by)?;
        let compiled = self.compiled;
        let set = self.set_of(population, b.over);
        let first = self.baselines.len() as u32;
        let (per_group, everyone) = match (&b.statistic, b.lag) {
            (Stat::Fixed(value), _) => (vec![(*value, 0, false); keys.names.len()], None),
            (_, 0) => self.statistics(b, values, &keys, &set)?,
            (_, _) => (self.published(population, plan, b, &keys), None),
        };
        let mut value = Vec::new();
        for (g, (v, n, known_lag)) in per_group.into_iter().enumerate() {
            let widened = everyone.is_some() && n < b.least && !known_lag;
            let (v, n) = if widened { everyone.expect("asked above") } else { (v, n) };
            let v = v * b.multiple;
            value.push(v);
            self.baselines.push(BaselineUsed {
                population: compiled.scheme.populations[population].id.clone(),
                indicator: plan.id.clone(),
                role: b.role.clone(),
                group: keys.names[g].clone(),
                statistic: b.name.to_owned(),
                n,
                value: v,
                widened,
                lag: b.lag,
            });
        }
        Ok(Base { keys, value, first })
    }

    /// Statistic and count per group, and over everyone when small groups take that.
    #[allow(clippy::type_complexity, reason = "one value per group, and one for all")]
    fn statistics(
        &self,
        b: &BaselinePlan,
        values: &[f64],
        keys: &Keys,
        set: &[u32],
    ) -> Result<(Vec<(f64, u32, bool)>, Option<(f64, u32)>), EvalError> {
        let pair = match &b.statistic {
            Stat::RatioOfSums(pair) => Some((self.sheet.numbers(&pair.0)?, self.sheet.numbers(&pair.1)?)),
            _ => None,
        };
        let of: Vec<u32> = set.iter().map(|r| keys.of[*r as usize]).collect();
        let grouping = Grouping::new(&of, keys.names.len());
        let one = |rows: &mut dyn Iterator<Item = u32>| match &pair {
            Some((a, b)) => ratio_of_sums(rows, a, b),
            None => statistic(&b.statistic, rows.map(|r| values[r as usize]).filter(|v| !v.is_nan()).collect()),
        };
        let per_group: Vec<(f64, u32, bool)> = (0..grouping.len())
            .into_par_iter()
            .map(|g| {
                let (v, n) = one(&mut grouping.rows(g).iter().map(|i| set[*i as usize]));
                (v, n, false)
            })
            .collect();
        let everyone = (b.least > 0).then(|| one(&mut set.iter().copied()));
        Ok((per_group, everyone))
    }

    /// Last year's published baselines.
    fn published(
        &self,
        population: usize,
        plan: &IndicatorPlan,
        b: &BaselinePlan,
        keys: &Keys,
    ) -> Vec<(f64, u32, bool)> {
        let id = &self.compiled.scheme.populations[population].id;
        let find = |group: &String| {
            let found =
                self.prepared.snapshot.baselines.iter().find(|p| {
                    p.population == *id && p.indicator == plan.id && p.group == *group && p.statistic == b.name
                });
            (found.map_or(f64::NAN, |p| to_f64(p.value)), 0, true)
        };
        keys.names.iter().map(find).collect()
    }

    /// The statistics of baselines that a later year looks back to, over this input.
    fn looked_back_to(&mut self, published: &str) -> Result<Vec<PastBaseline>, EvalError> {
        let compiled = self.compiled;
        let mut out = Vec::new();
        for (population, plan) in compiled.plan.populations.iter().enumerate() {
            for indicator in &plan.indicators {
                let (values, _) = self.sheet.values(indicator);
                for b in indicator.baselines.iter().filter(|b| b.lag > 0) {
                    let keys = self.group_keys(&b.by)?;
                    let set = self.set_of(population, b.over);
                    let (per_group, everyone) = self.statistics(b, &values, &keys, &set)?;
                    for (group, (value, n, _)) in keys.names.iter().zip(per_group) {
                        let value = everyone.filter(|_| n < b.least).map_or(value, |all| all.0);
                        // A group without a value has no baseline.
                        let Some(value) = Decimal::from_f64_retain(value).map(|v| v.round_dp(12)) else { continue };
                        out.push(PastBaseline {
                            population: compiled.scheme.populations[population].id.clone(),
                            indicator: indicator.id.clone(),
                            group: group.clone(),
                            statistic: b.name.to_owned(),
                            value,
                            published: published.to_owned(),
                        });
                    }
                }
            }
        }
        out.sort();
        out.dedup();
        Ok(out)
    }

    /// Firms whose values make a baseline.
    fn set_of(&self, population: usize, over: Over) -> Vec<u32> {
        let compiled = self.compiled;
        self.rows(|r, p| {
            self.is_entry(r as u32)
                && match over {
                    Over::Population => p.population == Some(population as u16) && compiled.scored(p),
                    Over::Evaluated => compiled.scored(p),
                    Over::Collected => compiled.collected(p),
                }
        })
    }

    // -----------------------------------------------------------------------------------------
    // Points

    pub(crate) fn score(
        &mut self,
        plan: &PopulationPlan,
        population: usize,
        members: &[u32],
        given: Option<&Given<'_>>,
    ) -> Result<(Vec<Points>, Vec<Vec<Base>>), EvalError> {
        let mut all = Vec::new();
        let mut all_bases = Vec::new();
        for (i, indicator) in plan.indicators.iter().enumerate() {
            let (values, states) = self.sheet.values(indicator);
            let bases = match given {
                Some(given) => given.bases[i].clone(),
                None => {
                    let mut bases = Vec::new();
                    for b in &indicator.baselines {
                        bases.push(self.base(population, indicator, b, &values)?);
                    }
                    bases
                }
            };
            all.push(self.points(indicator, &values, &states, &bases, members, given.map(|g| g.means[i]))?);
            all_bases.push(bases);
        }
        redistribute(plan, &mut all);
        Ok((all, all_bases))
    }

    fn points(
        &self,
        plan: &IndicatorPlan,
        values: &[f64],
        states: &[ValueState],
        bases: &[Base],
        members: &[u32],
        mean: Option<f64>,
    ) -> Result<Points, EvalError> {
        let at = |base: &Base, row: u32| {
            let g = base.keys.of[row as usize];
            if g == NO_GROUP { f64::NAN } else { base.value[g as usize] }
        };
        let rule = |state: ValueState| match state {
            ValueState::Known => None,
            ValueState::Missing => Some(plan.missing),
            ValueState::Undefined => Some(plan.undefined),
            ValueState::Negative => plan.negative,
        };
        let mut out = Points {
            value: members.iter().map(|r| values[*r as usize]).collect(),
            state: members.iter().map(|r| states[*r as usize]).collect(),
            raw: Vec::new(),
            points: Vec::new(),
            limit: Vec::new(),
            redistribute: vec![false; members.len()],
            mean: f64::NAN,
        };
        // What is scored: the value, or what stands in for it.
        let scored: Vec<f64> = (0..members.len())
            .map(|i| match rule(out.state[i]) {
                None => out.value[i],
                Some(Rule::As(b)) => at(&bases[b], members[i]),
                Some(_) => f64::NAN,
            })
            .collect();
        let by_member: Vec<Vec<f64>> = bases.iter().map(|b| members.iter().map(|r| at(b, *r)).collect()).collect();
        out.raw = match &plan.method {
            Method::Formula(formula) => self.formula_points(plan, formula, &scored, &by_member, members)?,
            _ => (0..members.len()).map(|i| raw_points(plan, scored[i], |b| by_member[b][i])).collect(),
        };
        for raw in &out.raw {
            let (points, limit) = limited(plan, *raw);
            out.points.push(points);
            out.limit.push(limit);
        }
        let mean = mean.unwrap_or_else(|| self.mean_points(&out, members));
        out.mean = mean;
        for i in 0..members.len() {
            match rule(out.state[i]) {
                Some(Rule::Points(p)) => (out.raw[i], out.points[i], out.limit[i]) = (p, p, Limit::None),
                Some(Rule::MeanPoints) => (out.raw[i], out.points[i], out.limit[i]) = (mean, mean, Limit::None),
                Some(Rule::Redistribute) => {
                    (out.raw[i], out.points[i], out.limit[i]) = (0.0, 0.0, Limit::None);
                    out.redistribute[i] = true;
                }
                _ => {}
            }
        }
        Ok(out)
    }

    /// Mean points of those that earned them by a value of their own.
    fn mean_points(&self, points: &Points, members: &[u32]) -> f64 {
        let own = |i: &usize| {
            points.state[*i] == ValueState::Known && !points.points[*i].is_nan() && self.is_entry(members[*i])
        };
        let known: Vec<f64> = (0..members.len()).filter(own).map(|i| points.points[i]).collect();
        kernels::mean(&known).unwrap_or(f64::NAN)
    }

    fn formula_points(
        &self,
        plan: &IndicatorPlan,
        formula: &RankedPlan,
        scored: &[f64],
        bases: &[Vec<f64>],
        members: &[u32],
    ) -> Result<Vec<f64>, EvalError> {
        let n = members.len();
        let weight = vec![plan.weight; n];
        let extras = formula.extras.names.iter().map(|name| match name.as_str() {
            "value" => column_of(scored),
            "weight" => column_of(&weight),
            role => plan
                .baselines
                .iter()
                .position(|b| b.role == role)
                .map_or_else(|| unknown(Kind::Number, n), |b| column_of(&bases[b])),
        });
        let mut columns = gather(&self.sheet.columns, members)?;
        columns.extend(extras);
        let raw = formula.text.program.numbers(&columns, n)?;
        // A formula that ignores the value must not give points to a value that is not there.
        Ok(raw.into_iter().zip(scored).map(|(r, v)| if v.is_nan() { f64::NAN } else { r }).collect())
    }

    // -----------------------------------------------------------------------------------------
    // Totals

    pub(crate) fn totals(
        &self,
        plan: &PopulationPlan,
        population: usize,
        members: &[u32],
        points: &[Points],
    ) -> Result<Totals, EvalError> {
        let rule = &self.compiled.scheme.populations[population].total;
        let n = members.len();
        let pick = |values: Vec<f64>| members.iter().map(|r| values[*r as usize]).collect::<Vec<f64>>();
        let mut out = Totals { unknown: vec![0; n], ..Totals::default() };
        out.points = (0..n).map(|i| points.iter().fold(0.0, |sum, p| sum + p.points[i])).collect();
        out.coefficient = match &plan.coefficient {
            Some(c) => pick(self.sheet.numbers(&c.program)?),
            None => vec![1.0; n],
        };
        (out.bonus, out.deduction) = (vec![0.0; n], vec![0.0; n]);
        for (group, items) in rule.adjust.iter().zip(&plan.adjust) {
            let mut sums = vec![0.0f64; n];
            for item in items {
                let truths = self.sheet.truths(&item.when.program)?;
                let formula = item.formula.as_ref().map(|f| self.sheet.numbers(&f.program)).transpose()?;
                for (i, row) in members.iter().enumerate() {
                    let points = formula.as_ref().map_or(item.points, |f| f[*row as usize]);
                    match truths[*row as usize] {
                        Truth::True if !points.is_nan() => {
                            sums[i] = if group.take == Take::Best { sums[i].max(points) } else { sums[i] + points };
                        }
                        Truth::False => {}
                        _ => out.unknown[i] += 1,
                    }
                }
            }
            let cap = group.cap.as_ref().map(|c| to_f64(c.value));
            let side = if group.kind == AdjustKind::Bonus { &mut out.bonus } else { &mut out.deduction };
            side.iter_mut().zip(sums).for_each(|(all, sum)| *all += cap.map_or(sum, |c| sum.min(c)));
        }
        let cap = |p: &Option<law::scheme::Param>| p.as_ref().map_or(f64::INFINITY, |c| to_f64(c.value));
        out.bonus.iter_mut().for_each(|b| *b = b.min(cap(&rule.bonus_cap)));
        out.deduction.iter_mut().for_each(|d| *d = d.min(cap(&rule.deduction_cap)));
        out.raw = match &plan.total {
            None => (0..n).map(|i| out.points[i] * out.coefficient[i] + out.bonus[i] - out.deduction[i]).collect(),
            Some(formula) => {
                let mut columns = gather(&self.sheet.columns, members)?;
                columns.extend(formula.extras.names.iter().map(|name| {
                    column_of(match name.as_str() {
                        "points" => &out.points,
                        "coefficient" => &out.coefficient,
                        "bonus" => &out.bonus,
                        _ => &out.deduction,
                    })
                }));
                formula.text.program.numbers(&columns, n)?
            }
        };
        let decimals = self.compiled.scheme.populations[population].classing.score_decimals;
        // Points that are unknown make the total unknown, whatever a formula does with them.
        out.total = (0..n)
            .map(|i| if out.points[i].is_nan() { None } else { kernels::quantise(out.raw[i], decimals) })
            .collect();
        Ok(out)
    }

    // -----------------------------------------------------------------------------------------
    // Ranks and classes

    pub(crate) fn rank(
        &mut self,
        plan: &PopulationPlan,
        population: usize,
        members: Vec<u32>,
        points: &[Points],
        totals: Totals,
        groups: &mut Vec<Group>,
    ) -> Result<Standing, EvalError> {
        let compiled = self.compiled;
        let scheme = &compiled.scheme;
        let classing = &scheme.populations[population].classing;
        let within = self.group_keys(&plan.within)?;
        let group_of = |i: usize| within.of[members[i] as usize];
        let lacking: Vec<Option<Lacking>> = (0..members.len())
            .map(|i| match totals.total[i] {
                Some(_) if group_of(i) == NO_GROUP => Some(Lacking::Group),
                Some(_) => None,
                None => match points.iter().position(|p| p.points[i].is_nan()) {
                    Some(indicator) => Some(Lacking::Indicator { indicator: indicator as u16 }),
                    None => Some(Lacking::Total),
                },
            })
            .collect();
        let ranked = |i: usize| {
            lacking[i].is_none() && self.is_entry(members[i]) && self.places[members[i] as usize].status.is_none()
        };
        let entries: Vec<u32> = (0..members.len()).filter(|i| ranked(*i)).map(|i| i as u32).collect();
        let mut ties = Vec::new();
        for (text, higher) in &plan.ties {
            let values = self.sheet.numbers(&text.program)?;
            ties.push((members.iter().map(|r| values[*r as usize]).collect::<Vec<f64>>(), *higher));
        }
        let tie = |a: u32, b: u32| tie_order(&ties, a as usize, b as usize);
        let key: Vec<i64> = totals.total.iter().map(|t| t.unwrap_or(i64::MIN)).collect();
        let of: Vec<u32> = (0..members.len()).map(|i| if ranked(i) { group_of(i) } else { NO_GROUP }).collect();
        let grouping = Grouping::new(&of, within.names.len());
        let ranking = kernels::rank(&key, &grouping, tie);
        let mut stage_keys = Vec::new();
        for stage in &plan.stages {
            stage_keys.push(match stage {
                Some(text) => Some(self.sheet.numbers(&text.program)?),
                None => None,
            });
        }
        let first = groups.len() as u32;
        let counted = self.counted(population, &within, classing.denominator);
        let mut rank = vec![None; members.len()];
        for (g, order) in ranking.order.iter().enumerate() {
            let denominator = order.len() as u32 + counted[g];
            let ranks: Vec<u32> = order.iter().map(|i| ranking.rank[*i as usize]).collect();
            let sorted: Vec<i64> = order.iter().map(|i| key[*i as usize]).collect();
            let keys: Vec<Option<Vec<f64>>> = stage_keys
                .iter()
                .map(|k| k.as_ref().map(|k| order.iter().map(|i| k[members[*i as usize] as usize]).collect()))
                .collect();
            let (classes, cuts) =
                classing::classes(scheme, classing, &Ranked { rank: &ranks, total: &sorted, denominator, keys: &keys });
            for (i, class) in order.iter().zip(classes) {
                rank[*i as usize] = Some((ranking.rank[*i as usize], first + g as u32, class));
            }
            groups.push(Group {
                population: population as u16,
                key: within.names[g].clone(),
                ranked: order.len() as u32,
                denominator,
                cuts,
            });
        }
        let merged = self.merged(&members, &entries, &key, &of, &rank, &totals, &tie);
        Ok(Standing { members, totals, rank, lacking, merged })
    }

    /// Firms of statuses that count in the denominator, per group.
    fn counted(&self, population: usize, within: &Keys, denominator: Denominator) -> Vec<u32> {
        let mut out = vec![0; within.names.len()];
        if denominator == Denominator::Ranked {
            return out;
        }
        for (row, place) in self.places.iter().enumerate().take(self.prepared.units.len()) {
            let counts = place.status.is_some_and(|s| self.compiled.scheme.statuses[usize::from(s)].counted);
            let group = within.of[row];
            if counts && place.population == Some(population as u16) && group != NO_GROUP {
                out[group as usize] += 1;
            }
        }
        out
    }

    /// Ranks the other reading of mixed firms in the place of the firm itself: those that stand before
    /// it are counted, and it gets the class of the firm at that position.
    #[allow(clippy::too_many_arguments, reason = "the pieces of one ranking")]
    fn merged(
        &self,
        members: &[u32],
        entries: &[u32],
        key: &[i64],
        of: &[u32],
        rank: &[Option<(u32, u32, u8)>],
        totals: &Totals,
        tie: &dyn Fn(u32, u32) -> std::cmp::Ordering,
    ) -> Vec<(u32, MergedResult)> {
        let units = self.prepared.units.len();
        let mut out = Vec::new();
        for (i, row) in members.iter().enumerate().filter(|(_, r)| !self.is_entry(**r)) {
            let unit = self.prepared.shadows[*row as usize - units].0;
            let Ok(own) = members.binary_search(&unit) else { continue };
            let empty = MergedResult { total: totals.total[i], rank: None, class: None, counts: false };
            if totals.total[i].is_none() || rank[own].is_none() {
                out.push((unit, empty));
                continue;
            }
            let others: Vec<u32> =
                entries.iter().copied().filter(|e| of[*e as usize] == of[own] && *e as usize != own).collect();
            let before = |a: u32, b: u32| key[b as usize].cmp(&key[a as usize]).then_with(|| tie(a, b)).is_lt();
            let position = others.iter().filter(|e| before(**e, i as u32)).count();
            let mut order: Vec<u32> = others.clone();
            order.push(own as u32);
            order.sort_by(|a, b| key[*b as usize].cmp(&key[*a as usize]).then_with(|| tie(*a, *b)).then(a.cmp(b)));
            let class = rank[order[position.min(order.len() - 1)] as usize].map(|r| r.2);
            out.push((unit, MergedResult { rank: Some(position as u32 + 1), class, ..empty }));
        }
        out
    }

    fn columns(
        &self,
        plan: &PopulationPlan,
        population: usize,
        members: &[u32],
        points: Vec<Points>,
        bases: &[Vec<Base>],
    ) -> PopulationScores {
        let ids = self.prepared.firms.ids();
        let entries = members.iter().take_while(|r| self.is_entry(**r)).count();
        let index = |base: &Base, row: &u32| base.at(base.keys.of[*row as usize]);
        let cut = |mut v: Vec<f64>| {
            v.truncate(entries);
            v
        };
        let indicators = points.into_iter().zip(&plan.indicators).zip(bases).map(|((mut p, plan), bases)| {
            p.state.truncate(entries);
            p.limit.truncate(entries);
            let baseline = bases.iter().map(|b| members[..entries].iter().map(|r| index(b, r)).collect()).collect();
            ScoreColumn {
                indicator: plan.id.clone(),
                value: cut(p.value),
                state: p.state,
                raw: cut(p.raw),
                points: cut(p.points),
                limit: p.limit,
                baseline,
            }
        });
        PopulationScores {
            population: self.compiled.scheme.populations[population].id.clone(),
            rows: members[..entries].iter().map(|r| ids[self.prepared.units[*r as usize][0] as usize]).collect(),
            indicators: indicators.collect(),
        }
    }

    // -----------------------------------------------------------------------------------------
    // Classes of firms

    fn finish(
        &mut self,
        scores: Vec<PopulationScores>,
        groups: Vec<Group>,
        standings: Vec<Standing>,
    ) -> Result<Outcome, EvalError> {
        let compiled = self.compiled;
        let scheme = &compiled.scheme;
        let mut units: Vec<FirmOutcome> = (0..self.prepared.units.len()).map(|u| self.blank(u)).collect();
        for standing in standings {
            self.fill(standing, &mut units);
        }
        self.inherit(&mut units);
        self.overrides(&mut units)?;
        for unit in &mut units {
            let managed = match unit.taking {
                Taking::Status { status } => scheme.statuses[usize::from(status)].managed_as.as_deref(),
                _ => None,
            };
            unit.managed_as = managed.map(|c| classing::index(scheme, c)).or(unit.class);
        }
        let conditions = self.measure_conditions(&units)?;
        let ids = self.prepared.firms.ids();
        let mut firms: Vec<FirmOutcome> = (0..ids.len())
            .into_par_iter()
            .map(|row| {
                let unit = self.prepared.unit_of[row] as usize;
                let mut firm = FirmOutcome { firm: ids[row], ..units[unit].clone() };
                firm.measures = crate::measures::measures(compiled, self.prepared, row, unit, &firm, &conditions);
                firm
            })
            .collect();
        firms.sort_by_key(|f| f.firm);
        let summary = self.summary(&firms);
        Ok(Outcome {
            engine: ENGINE.to_owned(),
            scheme: scheme.id.clone(),
            version: scheme.version,
            rules: compiled.rules,
            snapshot: self.prepared.digest,
            year: compiled.year,
            classes: scheme.classes.iter().map(|c| c.id.clone()).collect(),
            score_decimals: scheme.populations.iter().map(|p| p.classing.score_decimals).collect(),
            firms,
            scores,
            baselines: std::mem::take(&mut self.baselines),
            groups,
            summary,
        })
    }

    fn blank(&self, unit: usize) -> FirmOutcome {
        let place = &self.places[unit];
        let lead = self.prepared.firms.ids()[self.prepared.units[unit][0] as usize];
        let taking = match (place.status, place.population) {
            (Some(status), _) => Taking::Status { status },
            (None, _) if place.inherits => Taking::Unrankable { why: Lacking::Owner },
            (None, None) if place.open => Taking::Unrankable { why: Lacking::Population },
            (None, None) => Taking::Outside,
            (None, Some(_)) => Taking::Unrankable { why: Lacking::Total },
        };
        FirmOutcome {
            firm: lead,
            unit: lead,
            taking,
            population: place.population,
            group: None,
            row: None,
            points: f64::NAN,
            coefficient: 1.0,
            bonus: 0.0,
            deduction: 0.0,
            total_raw: f64::NAN,
            total: None,
            rank: None,
            ranked_class: None,
            overrides: Vec::new(),
            class: None,
            managed_as: None,
            measures: Vec::new(),
            merged: None,
            unknown_conditions: place.unknown,
        }
    }

    fn fill(&self, standing: Standing, units: &mut [FirmOutcome]) {
        let Standing { members, totals, rank, lacking, merged } = standing;
        for (i, row) in members.iter().enumerate().filter(|(_, r)| self.is_entry(**r)) {
            let unit = &mut units[*row as usize];
            unit.row = Some(i as u32);
            unit.points = totals.points[i];
            unit.coefficient = totals.coefficient[i];
            unit.bonus = totals.bonus[i];
            unit.deduction = totals.deduction[i];
            unit.total_raw = totals.raw[i];
            unit.total = totals.total[i];
            unit.unknown_conditions += totals.unknown[i];
            if let Some((rank, group, class)) = rank[i] {
                unit.taking = Taking::Ranked;
                (unit.rank, unit.group, unit.ranked_class, unit.class) =
                    (Some(rank), Some(group), Some(class), Some(class));
            } else if let (Some(why), None) = (&lacking[i], self.places[*row as usize].status) {
                unit.taking = Taking::Unrankable { why: why.clone() };
            }
        }
        let pick = self.compiled.scheme.units.mixed_takes.unwrap_or(Pick::Better);
        for (row, mut result) in merged {
            let unit = &mut units[row as usize];
            if let (Some(own), Some(other)) = (unit.ranked_class, result.class) {
                result.counts = match pick {
                    Pick::Better => other < own,
                    Pick::Worse => other > own,
                    // The unit's own row is already the merged reading.
                    Pick::Merged => false,
                };
                if result.counts {
                    (unit.ranked_class, unit.class) = (Some(other), Some(other));
                }
            }
            unit.merged = Some(result);
        }
    }

    /// Tenants take the class of their parcel's owner; an owner that inherits passes on what it takes.
    fn inherit(&self, units: &mut [FirmOutcome]) {
        let prepared = self.prepared;
        for unit in 0..units.len() {
            if !self.places[unit].inherits {
                continue;
            }
            let mut at = unit;
            let mut steps = 0;
            let owner = loop {
                let lead = prepared.units[at][0];
                let Some(owner) = prepared.owner.get(&lead) else { break None };
                at = prepared.unit_of[*owner as usize] as usize;
                steps += 1;
                if !self.places[at].inherits {
                    break Some(at);
                }
                if steps > units.len() {
                    break None;
                }
            };
            if let Some(owner) = owner {
                let class = units[owner].ranked_class;
                let id = units[owner].unit;
                units[unit].taking = Taking::Inherits { owner: id };
                (units[unit].ranked_class, units[unit].class) = (class, class);
            }
        }
    }

    /// Overrides, the weakest first, so that the strongest has the last word.
    pub(crate) fn overrides(&self, units: &mut [FirmOutcome]) -> Result<(), EvalError> {
        let scheme = &self.compiled.scheme;
        for at in &self.compiled.plan.order {
            let rule = &scheme.overrides[*at];
            let truths = self.ranked_truths(&self.compiled.plan.overrides[*at], units)?;
            let set_aside = self.set_aside(rule, units)?;
            for (i, (unit, truth)) in units.iter_mut().zip(truths).enumerate() {
                let concerns = self.compiled.concerns(rule, unit) && !set_aside[i];
                let classed = match unit.taking {
                    Taking::Ranked => true,
                    Taking::Inherits { .. } => unit.class.is_some(),
                    // Whether it is to be evaluated at all cannot be said, so no class may be set.
                    Taking::Unrankable { why: Lacking::Population } => false,
                    Taking::Unrankable { .. } => matches!(rule.effect, Effect::Set { .. }),
                    _ => false,
                };
                if !concerns || !classed {
                    continue;
                }
                match truth {
                    Truth::True => {
                        let before = unit.class;
                        let after = self.effect(&rule.effect, before, unit.population);
                        unit.overrides.push(OverrideApplied { rule: *at as u16, before, after });
                        unit.class = after;
                    }
                    Truth::Unknown => unit.unknown_conditions += 1,
                    Truth::False => {}
                }
            }
        }
        Ok(())
    }

    /// Units for which an override that this one yields to holds. An unknown one does not hold: what
    /// nobody stated takes no protection away.
    fn set_aside(&self, rule: &Override, units: &[FirmOutcome]) -> Result<Vec<bool>, EvalError> {
        let scheme = &self.compiled.scheme;
        let mut out = vec![false; units.len()];
        for (at, other) in scheme.overrides.iter().enumerate().filter(|(_, o)| rule.unless.contains(&o.id)) {
            let truths = self.ranked_truths(&self.compiled.plan.overrides[at], units)?;
            for ((aside, truth), unit) in out.iter_mut().zip(truths).zip(units) {
                *aside |= truth == Truth::True && self.compiled.concerns(other, unit);
            }
        }
        Ok(out)
    }

    pub(crate) fn effect(&self, effect: &Effect, before: Option<u8>, population: Option<u16>) -> Option<u8> {
        let scheme = &self.compiled.scheme;
        match effect {
            Effect::Set { class } => Some(classing::index(scheme, class)),
            Effect::NotBetterThan { class } => before.map(|b| b.max(classing::index(scheme, class))),
            Effect::NotWorseThan { class } => before.map(|b| b.min(classing::index(scheme, class))),
            Effect::Shift { grades } => before.map(|b| {
                let used = match population {
                    Some(p) => classing::used_classes(scheme, &scheme.populations[usize::from(p)].classing),
                    None => (0..scheme.classes.len() as u8).collect(),
                };
                let at = used.iter().position(|c| *c == b).unwrap_or(0) as i64;
                used[(at - i64::from(*grades)).clamp(0, used.len() as i64 - 1) as usize]
            }),
        }
    }

    pub(crate) fn ranked_truths(&self, plan: &RankedPlan, units: &[FirmOutcome]) -> Result<Vec<Truth>, EvalError> {
        let n = units.len();
        let mut columns: Vec<ArrayRef> = self.sheet.columns.iter().map(|c| c.slice(0, n)).collect();
        columns.extend(ranking_columns(self.compiled, plan, units));
        let array = eval(&plan.text.program, &columns, n)?;
        Ok(truths_of(&array, n))
    }

    fn measure_conditions(&self, units: &[FirmOutcome]) -> Result<Vec<Option<Vec<Truth>>>, EvalError> {
        let plans = self.compiled.plan.measures.iter();
        plans.map(|p| p.as_ref().map(|p| self.ranked_truths(p, units)).transpose()).collect()
    }

    fn summary(&self, firms: &[FirmOutcome]) -> Summary {
        let mut out = Summary {
            firms: firms.len() as u32,
            classes: vec![0; self.compiled.scheme.classes.len()],
            ..Summary::default()
        };
        for firm in firms {
            match firm.taking {
                Taking::Ranked => out.ranked += 1,
                Taking::Status { .. } => out.status += 1,
                Taking::Inherits { .. } => out.inherits += 1,
                Taking::Outside => out.outside += 1,
                Taking::Unrankable { .. } => out.unrankable += 1,
            }
            if let Some(class) = firm.class {
                out.classes[usize::from(class)] += 1;
            }
            for measure in firm.measures.iter().filter(|m| !m.display_only) {
                match measure.cost {
                    Some(cost) => out.cost += cost,
                    None if measure.charged.is_some_and(|c| c > Decimal::ZERO) => out.cost_unknown += 1,
                    None => {}
                }
            }
        }
        out.absent_columns = self.prepared.absent.to_vec();
        out
    }
}

/// What conditions asked after ranking may name: the columns behind the frame's.
pub(crate) fn ranking_columns(compiled: &Compiled, plan: &RankedPlan, units: &[FirmOutcome]) -> Vec<ArrayRef> {
    let scheme = &compiled.scheme;
    let letter = |c: Option<u8>| c.map(|c| scheme.classes[usize::from(c)].id.as_str());
    let texts = |f: &dyn Fn(&FirmOutcome) -> Option<String>| -> ArrayRef {
        Arc::new(units.iter().map(f).collect::<StringArray>())
    };
    let numbers = |f: &dyn Fn(&FirmOutcome) -> Option<f64>| -> ArrayRef {
        Arc::new(units.iter().map(f).collect::<Float64Array>())
    };
    let total = |u: &FirmOutcome| {
        let decimals = scheme.populations[usize::from(u.population?)].classing.score_decimals;
        Some(to_f64(Decimal::new(u.total?, u32::from(decimals))))
    };
    let column = |(name, kind): (&String, &Kind)| match name.as_str() {
        _ if !plan.text.names.contains(name) => unknown(*kind, units.len()),
        "total" => numbers(&total),
        "points" => numbers(&|u| (!u.points.is_nan()).then_some(u.points)),
        "rank" => numbers(&|u| u.rank.map(f64::from)),
        "ranked_class" => texts(&|u| letter(u.ranked_class).map(str::to_owned)),
        "class" => texts(&|u| letter(u.class).map(str::to_owned)),
        _ => texts(&|u| u.population.map(|p| scheme.populations[usize::from(p)].id.clone())),
    };
    plan.extras.names.iter().zip(&plan.extras.kinds).map(column).collect()
}

fn gather(columns: &[ArrayRef], rows: &[u32]) -> Result<Vec<ArrayRef>, EvalError> {
    let rows = UInt32Array::from(rows.to_vec());
    columns.iter().map(|c| arrow::compute::take(c, &rows, None).map_err(|e| EvalError(e.to_string()))).collect()
}

/// A statistic and how many values it rests on; `NaN` without values.
pub(crate) fn statistic(stat: &Stat, mut values: Vec<f64>) -> (f64, u32) {
    let n = values.len() as u32;
    let value = match stat {
        Stat::Mean => kernels::mean(&values),
        Stat::TrimmedMean(lower, upper) => kernels::trimmed_mean(&mut values, *lower, *upper),
        Stat::Percentile(p) => kernels::percentile(&mut values, *p),
        Stat::Min => values.iter().copied().min_by(f64::total_cmp),
        Stat::Max => values.iter().copied().max_by(f64::total_cmp),
        Stat::Fixed(v) => Some(*v),
        Stat::RatioOfSums(_) => None,
    };
    (value.unwrap_or(f64::NAN), n)
}

/// Σ numerator ÷ Σ denominator over rows where both are known.
fn ratio_of_sums(rows: &mut dyn Iterator<Item = u32>, a: &[f64], b: &[f64]) -> (f64, u32) {
    let (mut top, mut bottom, mut n) = (ExactSum::default(), ExactSum::default(), 0);
    for row in rows {
        let (a, b) = (a[row as usize], b[row as usize]);
        if !a.is_nan() && !b.is_nan() {
            top.add(a);
            bottom.add(b);
            n += 1;
        }
    }
    let bottom = bottom.value();
    (if bottom == 0.0 { f64::NAN } else { top.value() / bottom }, n)
}

/// Points of a value before cap and floor; `NaN` when they cannot be said.
pub(crate) fn raw_points(plan: &IndicatorPlan, value: f64, base: impl Fn(usize) -> f64) -> f64 {
    let w = plan.weight;
    match plan.method {
        Method::Ratio | Method::Reverse => {
            let b = base(0);
            if b == 0.0 {
                return f64::NAN;
            }
            let ratio = value / b;
            if matches!(plan.method, Method::Ratio) { ratio * w } else { (2.0 - ratio) * w / 2.0 }
        }
        Method::MinMax { base: lowest, span, clipped } => {
            let (low, high) = (base(0), base(1));
            if value.is_nan() || low.is_nan() || high.is_nan() {
                return f64::NAN;
            }
            w * (lowest + span * kernels::position(value, low, high, clipped)) / 100.0
        }
        Method::Rank => value,
        Method::Formula(_) => f64::NAN,
    }
}

/// Points within cap and floor.
pub(crate) fn limited(plan: &IndicatorPlan, raw: f64) -> (f64, Limit) {
    match (plan.cap, plan.floor) {
        _ if raw.is_nan() => (raw, Limit::None),
        (Some(cap), _) if raw > cap => (cap, Limit::Cap),
        (_, Some(floor)) if raw < floor => (floor, Limit::Floor),
        _ => (raw, Limit::None),
    }
}

/// The weight of indicators that cannot be scored goes to the firm's others, in proportion.
fn redistribute(plan: &PopulationPlan, all: &mut [Points]) {
    let n = all.first().map_or(0, |p| p.points.len());
    for i in 0..n {
        let lost: f64 =
            plan.indicators.iter().zip(all.iter()).filter(|(_, p)| p.redistribute[i]).map(|(ind, _)| ind.weight).sum();
        if !all.iter().any(|p| p.redistribute[i]) {
            continue;
        }
        let left = plan.weights - lost;
        let factor = if left > 0.0 { plan.weights / left } else { f64::NAN };
        for points in all.iter_mut() {
            if !points.redistribute[i] || factor.is_nan() {
                points.points[i] *= factor;
            }
        }
    }
}

/// Order by tie keys: `Less` ranks before; an unknown key ranks last.
pub(crate) fn tie_order(ties: &[(Vec<f64>, bool)], a: usize, b: usize) -> std::cmp::Ordering {
    use std::cmp::Ordering;
    for (values, higher) in ties {
        let (x, y) = (values[a], values[b]);
        let order = match (x.is_nan(), y.is_nan()) {
            (true, true) => Ordering::Equal,
            (true, false) => Ordering::Greater,
            (false, true) => Ordering::Less,
            _ if *higher => y.total_cmp(&x),
            _ => x.total_cmp(&y),
        };
        if order != Ordering::Equal {
            return order;
        }
    }
    Ordering::Equal
}
