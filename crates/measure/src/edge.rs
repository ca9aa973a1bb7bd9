//! Firms on the edge: those whose class would be another if one of their own figures erred by a few
//! per cent, or if shares were rounded, ties settled or totals kept to other decimals.
//!
//! One figure of one firm also moves the baselines that rest on it, and so everyone's points. Running
//! the whole population anew for every firm, figure and sign would be exact and slow. Instead every
//! firm's own figures are changed at once, and its total computed with the baselines of the run; how
//! far any total can be from there, because the baselines move, is bounded from above. Where the
//! position within that bound decides the class, it is decided. Everywhere else (on a cut, in a tie,
//! under stages or limits on shares) the firm's population is scored and ranked anew with its one row
//! replaced; and when its population or a status changes, or it is evaluated together with others, the
//! whole is run anew. Either way the answer is that of a full run.

use crate::compile::{BaselinePlan, Compiled, IndicatorPlan, Method, PopulationPlan, Rule, Stat, compile};
use crate::kernels::{NO_GROUP, Share};
use crate::outcome::{FirmOutcome, Outcome, Taking, Truth, ValueState};
use crate::prepare::{MeasureError, Prepared, array, put};
use crate::run::{Base, Given, Keys, Place, Points, Run, Sheet};
use crate::table::{Kind, Value};
use law::scheme::{ClassMethod, Cut, Over, Scheme, Text, TiesAtCut};
use rayon::prelude::*;
use rust_decimal::Decimal;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A firm on the edge and why.
#[derive(Clone, Debug, PartialEq)]
pub struct EdgeFirm {
    /// Firm.
    pub firm: i64,
    /// What would change its class.
    pub causes: Vec<Cause>,
}

/// What would change a class.
#[derive(Clone, Debug, PartialEq)]
pub enum Cause {
    /// One of its own figures, off by a share.
    Figure {
        /// Fact.
        fact: String,
        /// Title of the fact.
        title: Text,
        /// Error as a fraction: 0.05 or −0.05.
        error: Decimal,
        /// Class then; none when it would have none.
        class: Option<String>,
    },
    /// Another way of rounding shares, settling ties or keeping decimals.
    Rule {
        /// Which.
        rule: Text,
        /// Class then.
        class: Option<String>,
    },
}

impl Cause {
    /// The sentence in Chinese.
    pub fn zh(&self) -> String {
        match self {
            Cause::Figure { title, error, class, .. } => {
                format!("{}若{}，等级为{}", title.zh, percent(*error, "高", "低"), class.as_deref().unwrap_or("无"))
            }
            Cause::Rule { rule, class } => format!("{}，等级为{}", rule.zh, class.as_deref().unwrap_or("无")),
        }
    }

    /// The sentence in English.
    pub fn en(&self) -> String {
        match self {
            Cause::Figure { title, error, class, .. } => {
                let size = (error.abs() * Decimal::ONE_HUNDRED).normalize();
                let side = if error.is_sign_positive() { "higher" } else { "lower" };
                format!("with {} {size} % {side} the class is {}", title.en, class.as_deref().unwrap_or("none"))
            }
            Cause::Rule { rule, class } => format!("{}, the class is {}", rule.en, class.as_deref().unwrap_or("none")),
        }
    }
}

fn percent(error: Decimal, up: &str, down: &str) -> String {
    let size = (error.abs() * Decimal::ONE_HUNDRED).normalize();
    format!("{}{size}%", if error.is_sign_positive() { up } else { down })
}

/// Firms on the edge for an error of that fraction (0.05: 5 %), ascending. `pause` is called between the
/// steps, on the threads that do the work: whoever has something more urgent holds them there.
pub fn edge(
    compiled: &Compiled,
    prepared: &Prepared,
    outcome: &Outcome,
    error: Decimal,
    pause: &(dyn Fn() + Sync),
) -> Vec<EdgeFirm> {
    let mut causes: BTreeMap<i64, Vec<Cause>> = BTreeMap::new();
    // Formulas were tried when the scheme was compiled; without a ground nothing could be said.
    let ground = Ground::new(compiled, prepared, outcome).ok();
    for fact in &figures(compiled) {
        let title = compiled
            .dictionary
            .names
            .get(fact)
            .map_or_else(|| Text { zh: fact.clone(), en: fact.clone() }, |n| n.title.clone());
        for error in [error, -error] {
            for (firm, class) in ground.as_ref().and_then(|g| g.moved(fact, error, pause).ok()).unwrap_or_default() {
                let class = outcome.letter(class).map(str::to_owned);
                let cause = Cause::Figure { fact: fact.clone(), title: title.clone(), error, class };
                causes.entry(firm).or_default().push(cause);
            }
        }
    }
    for (rule, scheme) in other_rules(&compiled.scheme) {
        let Ok(other) = compile(&Arc::new(scheme), &compiled.dictionary, compiled.year) else { continue };
        pause();
        let after = other.run(prepared, 0);
        for (a, b) in outcome.firms.iter().zip(&after.firms).filter(|(a, b)| a.class != b.class) {
            let class = after.letter(b.class).map(str::to_owned);
            causes.entry(a.firm).or_default().push(Cause::Rule { rule: rule.clone(), class });
        }
    }
    causes.into_iter().map(|(firm, causes)| EdgeFirm { firm, causes }).collect()
}

/// Numbers that departments state about a firm and that the scheme reads, and its effective land.
fn figures(compiled: &Compiled) -> Vec<String> {
    let is_figure = |name: &&String| {
        let known = compiled.dictionary.names.get(*name);
        known.is_some_and(|n| n.kind == Kind::Number && (n.is_fact || n.id == "effective_land"))
    };
    compiled.inputs().iter().filter(is_figure).cloned().collect()
}

/// The scheme under each other rule for cuts, ties and decimals, one at a time.
fn other_rules(scheme: &Scheme) -> Vec<(Text, Scheme)> {
    let mut out = Vec::new();
    let mut put = |zh: &str, en: &str, change: &dyn Fn(&mut law::scheme::Classing) -> bool| {
        let mut other = scheme.clone();
        let changed = other.populations.iter_mut().map(|p| change(&mut p.classing)).fold(false, |a, b| a | b);
        if changed {
            out.push((Text { zh: zh.into(), en: en.into() }, other));
        }
    };
    for (cut, zh, en) in [
        (Cut::Floor, "若各档户数向下取整", "with counts rounded down"),
        (Cut::Ceil, "若各档户数向上取整", "with counts rounded up"),
        (Cut::HalfUp, "若各档户数四舍五入", "with counts rounded half up"),
    ] {
        put(zh, en, &|c| std::mem::replace(&mut c.cut, cut) != cut);
    }
    put("若同分同线按另一规则处理", "with ties at a cut settled the other way", &|c| {
        c.ties_at_cut = if c.ties_at_cut == TiesAtCut::Better { TiesAtCut::Worse } else { TiesAtCut::Better };
        true
    });
    put("若总分少保留一位小数", "with totals kept to one decimal less", &|c| {
        let before = c.score_decimals;
        c.score_decimals = before.saturating_sub(1);
        before != c.score_decimals
    });
    out
}

/// What the run was before anything is changed: per population its members, baselines and means.
struct Ground<'a> {
    compiled: &'a Compiled,
    prepared: &'a Prepared,
    outcome: &'a Outcome,
    places: Vec<Place>,
    /// All columns of the run, and the group keys made from them.
    sheet: Sheet<'a>,
    keys: BTreeMap<String, Arc<Keys>>,
    groups: Vec<Arc<Keys>>,
    populations: Vec<PopulationGround>,
    overrides: Vec<Vec<Truth>>,
    units: Vec<FirmOutcome>,
    /// Totals and classes by rank of each group, best first.
    order: Vec<Vec<(i64, u8)>>,
    /// Class of each position of each group, were there no ties.
    by_position: Vec<Vec<u8>>,
    /// Most firms that share a rank, per group.
    widest: Vec<usize>,
}

struct PopulationGround {
    members: Vec<u32>,
    bases: Vec<Vec<Base>>,
    means: Vec<f64>,
    values: Vec<Vec<f64>>,
    points: Vec<Vec<f64>>,
    reach: Vec<Reach>,
    /// Most by which the points of a member are multiplied because others of its weights are spread.
    spread: f64,
}

/// How an indicator's baselines depend on the values of the year.
enum Reach {
    /// Not at all.
    None,
    /// Through a mean of n values: a change of v moves it by v ÷ n. A trimmed mean, of which n values
    /// are left, moves by that at most: the sorted values move by v in sum.
    Mean,
    /// Through order statistics: per baseline and group, the smallest and largest value between which
    /// a value must lie, or not come, for the statistic to stay as it is.
    Order(Vec<Vec<Span>>),
    /// In a way that is not bounded here.
    Any,
}

/// Where values can move without moving an order statistic.
#[derive(Clone, Copy)]
enum Span {
    /// Anywhere strictly between the smallest and the largest value.
    Inside(f64, f64),
    /// Anywhere strictly below or strictly above the two values that a percentile lies between.
    Beside(f64, f64),
}

impl Span {
    fn keeps(self, before: f64, after: f64) -> bool {
        match self {
            Span::Inside(low, high) => [before, after].iter().all(|v| *v > low && *v < high),
            Span::Beside(low, high) => before < low && after < low || before > high && after > high,
        }
    }
}

impl<'a> Ground<'a> {
    fn new(compiled: &'a Compiled, prepared: &'a Prepared, outcome: &'a Outcome) -> Result<Self, MeasureError> {
        let sheet = Sheet::new(compiled, prepared)?;
        let places = compiled.places(&sheet)?;
        let mut run = Run::new(prepared, sheet, places.clone());
        let mut populations = Vec::new();
        let mut groups = Vec::new();
        for (i, plan) in compiled.plan.populations.iter().enumerate() {
            let members = members(compiled, prepared, &places, i);
            let (points, bases) = run.score(plan, i, &members, None)?;
            let means = points.iter().map(|p| p.mean).collect();
            let spread = spread(plan, &points);
            let (values, points): (Vec<Vec<f64>>, Vec<Vec<f64>>) =
                points.into_iter().map(|p| (p.value, p.points)).unzip();
            let one =
                |(i, indicator): (usize, _)| reach(indicator, bases[i].as_slice(), values[i].as_slice(), &members);
            let reach = plan.indicators.iter().enumerate().map(one).collect();
            populations.push(PopulationGround { means, values, points, reach, bases, members, spread });
            groups.push(run.group_keys(&plan.within)?);
        }
        let units: Vec<FirmOutcome> =
            prepared.units.iter().filter_map(|u| outcome.firm(prepared.firms.ids()[u[0] as usize]).cloned()).collect();
        let overrides =
            compiled.plan.overrides.iter().map(|o| run.ranked_truths(o, &units)).collect::<Result<_, _>>()?;
        let mut order = vec![Vec::new(); outcome.groups.len()];
        for unit in &units {
            if let (Some(group), Some(total), Some(class), Some(rank)) =
                (unit.group, unit.total, unit.ranked_class, unit.rank)
            {
                order[group as usize].push((rank, total, class));
            }
        }
        order.iter_mut().for_each(|o| o.sort_unstable());
        let widest = order.iter().map(|o| o.chunk_by(|a, b| a.0 == b.0).map(<[_]>::len).max().unwrap_or(0)).collect();
        let by_position = order.iter().zip(&outcome.groups).map(|(o, g)| by_position(compiled, o, g)).collect();
        let order =
            order.into_iter().map(|o| o.into_iter().map(|(_, total, class)| (total, class)).collect()).collect();
        let Run { sheet, cache: keys, .. } = run;
        Ok(Self {
            compiled,
            prepared,
            outcome,
            places,
            sheet,
            keys,
            groups,
            populations,
            overrides,
            units,
            order,
            by_position,
            widest,
        })
    }
}

/// Classes by position: by the cuts themselves where shares alone decide, else as they fell.
fn by_position(compiled: &Compiled, order: &[(u32, i64, u8)], group: &crate::outcome::Group) -> Vec<u8> {
    let classing = &compiled.scheme.populations[usize::from(group.population)].classing;
    match &classing.method {
        ClassMethod::Shares { cuts, rest } if classing.bounds.is_empty() => {
            let index = |id: &str| crate::classing::index(&compiled.scheme, id);
            let line = |id: &str| group.cuts.iter().find(|c| c.class == index(id)).map_or(0, |c| c.position);
            let class = |at: u32| cuts.iter().find(|(id, _)| at <= line(id)).map_or(index(rest), |(id, _)| index(id));
            (1..=order.len() as u32).map(class).collect()
        }
        _ => order.iter().map(|(_, _, class)| *class).collect(),
    }
}

fn members(compiled: &Compiled, prepared: &Prepared, places: &[Place], population: usize) -> Vec<u32> {
    let units = prepared.units.len();
    let of = |p: &Place| p.population == Some(population as u16) && compiled.scored(p);
    (0..units).filter(|u| of(&places[*u])).map(|u| u as u32).collect()
}

/// Does a value that is not there earn the mean of the points of the others?
fn takes_mean_points(indicator: &IndicatorPlan) -> bool {
    let rules = [Some(indicator.missing), Some(indicator.undefined), indicator.negative];
    rules.into_iter().flatten().any(|r| r == Rule::MeanPoints)
}

/// The largest factor by which weights that are spread multiply the points of a member.
fn spread(plan: &PopulationPlan, points: &[Points]) -> f64 {
    let n = points.first().map_or(0, |p| p.points.len());
    let lost = |i: usize| -> f64 {
        plan.indicators.iter().zip(points).filter(|(_, p)| p.redistribute[i]).map(|(ind, _)| ind.weight).sum()
    };
    let left = (0..n).map(|i| plan.weights - lost(i)).filter(|left| *left > 0.0).fold(plan.weights, f64::min);
    plan.weights / left
}

/// How many of `n` values a mean rests on.
fn kept(statistic: &Stat, n: u32) -> f64 {
    let cut = |s: Share| s.times(u64::from(n)).0.clamp(0, i128::from(n)) as f64;
    match statistic {
        Stat::TrimmedMean(lower, upper) => f64::from(n) - cut(*lower) - cut(*upper),
        _ => f64::from(n),
    }
}

fn reach(indicator: &IndicatorPlan, bases: &[Base], values: &[f64], members: &[u32]) -> Reach {
    let moves = |b: &BaselinePlan| b.lag == 0 && !matches!(b.statistic, Stat::Fixed(_));
    let moving: Vec<usize> = (0..indicator.baselines.len()).filter(|i| moves(&indicator.baselines[*i])).collect();
    if moving.is_empty() {
        return Reach::None;
    }
    if let [one] = moving[..]
        && matches!(indicator.method, Method::Ratio)
        && matches!(indicator.baselines[one].statistic, Stat::Mean | Stat::TrimmedMean(..))
        && one == 0
    {
        return Reach::Mean;
    }
    let spans = moving.iter().map(|i| spans(&indicator.baselines[*i], &bases[*i], values, members));
    spans.collect::<Option<Vec<_>>>().map_or(Reach::Any, Reach::Order)
}

/// Spans per group of a baseline that is an order statistic of its own population.
fn spans(plan: &BaselinePlan, base: &Base, values: &[f64], members: &[u32]) -> Option<Vec<Span>> {
    if plan.over != Over::Population || plan.least > 0 {
        return None;
    }
    let share = match &plan.statistic {
        Stat::Min | Stat::Max => None,
        Stat::Percentile(p) => Some(*p),
        _ => return None,
    };
    let mut groups: Vec<Vec<f64>> = vec![Vec::new(); base.value.len()];
    for (value, row) in values.iter().zip(members).filter(|(v, _)| !v.is_nan()) {
        if let Some(group) = groups.get_mut(base.keys.of[*row as usize] as usize) {
            group.push(*value);
        }
    }
    let span = |mut group: Vec<f64>| {
        group.sort_unstable_by(f64::total_cmp);
        let (Some(first), Some(last)) = (group.first(), group.last()) else {
            return Span::Inside(f64::INFINITY, f64::NEG_INFINITY);
        };
        match share {
            None => Span::Inside(*first, *last),
            Some(p) => {
                let (low, _) = p.position(group.len());
                Span::Beside(group[low], group[(low + 1).min(group.len() - 1)])
            }
        }
    };
    Some(groups.into_iter().map(span).collect())
}

fn key(keys: &Keys, row: usize) -> Option<&str> {
    (keys.of[row] != NO_GROUP).then(|| keys.names[keys.of[row] as usize].as_str())
}

/// What is known about a unit after the change, short of a full run.
enum Verdict {
    Same,
    Class(Option<u8>),
    Ask,
}

impl Ground<'_> {
    /// Firms whose final class changes when that figure of theirs errs, and to what.
    fn moved(
        &self,
        fact: &str,
        error: Decimal,
        pause: &(dyn Fn() + Sync),
    ) -> Result<Vec<(i64, Option<u8>)>, MeasureError> {
        let compiled = self.compiled;
        let Some(slot) = compiled.plan.frame.slot(fact) else { return Ok(Vec::new()) };
        let factor = Decimal::ONE + error;
        let changed = |unit: usize| match compiled.value(
            self.prepared,
            fact,
            self.prepared.members_of(unit),
            crate::dictionary::Merge::Lead,
        ) {
            Value::Number(n) => n.checked_mul(factor).map_or(Value::Unknown, Value::Number),
            _ => Value::Unknown,
        };
        let values: Vec<Value> = (0..self.prepared.rows()).map(changed).collect();
        let mut inputs = self.prepared.columns.clone();
        inputs[slot] = array(Kind::Number, &values);
        let sheet = Sheet::of(compiled, inputs, self.prepared.rows())?;
        let places = compiled.places(&sheet)?;
        let mut run = Run::new(self.prepared, sheet, self.places.clone());
        let overrides: Vec<Vec<Truth>> =
            compiled.plan.overrides.iter().map(|o| run.ranked_truths(o, &self.units)).collect::<Result<_, _>>()?;
        let mut verdicts: Vec<Verdict> = self.units.iter().map(|_| Verdict::Same).collect();
        let mut member: Vec<Option<(usize, usize)>> = vec![None; self.units.len()];
        for (i, ground) in self.populations.iter().enumerate() {
            let plan = &compiled.plan.populations[i];
            let within = run.group_keys(&plan.within)?;
            let given = Given { bases: &ground.bases, means: &ground.means };
            let (points, _) = run.score(plan, i, &ground.members, Some(&given))?;
            let totals = run.totals(plan, i, &ground.members, &points)?;
            let spread = ground.spread.max(spread(plan, &points));
            for (m, unit) in ground.members.iter().enumerate() {
                let row = *unit as usize;
                let together = self.prepared.units[row].len() > 1 || !self.prepared.shadows.is_empty();
                let stirred = places[row] != self.places[row]
                    || key(&within, row) != key(&self.groups[i], row)
                    || overrides.iter().zip(&self.overrides).any(|(a, b)| a[row] != b[row])
                    || together;
                if places[row] == self.places[row] && !together && self.units[row].taking == Taking::Ranked {
                    member[row] = Some((i, m));
                }
                verdicts[row] = match stirred {
                    true => Verdict::Ask,
                    false => self.verdict(&run, i, ground, m, &points, (totals.total[m], spread)),
                };
            }
        }
        // Those outside the scored rows can come in by the change.
        for (row, verdict) in verdicts.iter_mut().enumerate() {
            if places[row] != self.places[row] {
                *verdict = Verdict::Ask;
            }
        }
        let units: Vec<usize> = (0..verdicts.len()).filter(|u| !matches!(verdicts[*u], Verdict::Same)).collect();
        let answers: Vec<Vec<(i64, Option<u8>)>> = units
            .par_iter()
            .map(|unit| match &verdicts[*unit] {
                Verdict::Class(class) => Ok(vec![(self.units[*unit].firm, *class)]),
                _ => {
                    pause();
                    match member[*unit] {
                        Some((population, m)) => self.ask_alone(&run, *unit, population, m),
                        None => self.ask(*unit, fact, factor),
                    }
                }
            })
            .collect::<Result<_, MeasureError>>()?;
        let mut out: Vec<(i64, Option<u8>)> = answers.into_iter().flatten().collect();
        out.retain(|(firm, class)| self.outcome.firm(*firm).is_some_and(|f| f.class != *class));
        out.sort_unstable();
        Ok(out)
    }

    /// Scores and ranks a unit's population anew with its own row changed; everyone else's figures stay.
    fn ask_alone(
        &self,
        changed: &Run,
        unit: usize,
        population: usize,
        m: usize,
    ) -> Result<Vec<(i64, Option<u8>)>, MeasureError> {
        let compiled = self.compiled;
        let plan = &compiled.plan.populations[population];
        let members = &self.populations[population].members;
        let mut run = self.with_row(changed, unit)?;
        let (points, _) = run.score(plan, population, members, None)?;
        let totals = run.totals(plan, population, members, &points)?;
        let standing = run.rank(plan, population, members.clone(), &points, totals, &mut Vec::new())?;
        let mut after = FirmOutcome {
            points: standing.totals.points[m],
            total: standing.totals.total[m],
            overrides: Vec::new(),
            ..self.units[unit].clone()
        };
        match (standing.rank[m], &standing.lacking[m]) {
            (Some((rank, _, class)), _) => {
                (after.rank, after.ranked_class, after.class) = (Some(rank), Some(class), Some(class));
            }
            (None, why) => {
                (after.rank, after.ranked_class, after.class) = (None, None, None);
                let why = why.clone().unwrap_or(crate::outcome::Lacking::Total);
                after.taking = Taking::Unrankable { why };
            }
        }
        let one = |c: &arrow::array::ArrayRef| c.slice(unit, 1);
        let row = Sheet {
            compiled,
            columns: run.sheet.columns.iter().map(one).collect(),
            undefined: run.sheet.undefined.iter().map(|u| vec![u[unit]]).collect(),
            rows: 1,
            given: None,
        };
        let mut units = [after];
        Run::new(self.prepared, row, Vec::new()).overrides(&mut units)?;
        Ok(vec![(units[0].firm, units[0].class)])
    }

    /// The run as it was, with one row as it is after the change.
    fn with_row(&self, changed: &Run, row: usize) -> Result<Run<'_>, MeasureError> {
        let columns = self.sheet.columns.iter().zip(&changed.sheet.columns).map(|(before, after)| {
            let (was, is) = (before.slice(row, 1), after.slice(row, 1));
            if was.as_ref() == is.as_ref() { Ok(before.clone()) } else { put(before, row, &is) }
        });
        let mut undefined = self.sheet.undefined.clone();
        for (before, after) in undefined.iter_mut().zip(&changed.sheet.undefined) {
            before[row] = after[row];
        }
        let columns = columns.collect::<Result<_, _>>()?;
        let sheet = Sheet { compiled: self.compiled, columns, undefined, rows: self.sheet.rows, given: None };
        let mut run = Run::new(self.prepared, sheet, self.places.clone());
        // Keys stay good as long as the changed row has the same one.
        run.cache = self
            .keys
            .iter()
            .filter(|(name, keys)| changed.cache.get(*name).is_some_and(|other| key(keys, row) == key(other, row)))
            .map(|(name, keys)| (name.clone(), keys.clone()))
            .collect();
        Ok(run)
    }

    /// Runs everyone anew with the figure of each member changed, one at a time.
    fn ask(&self, unit: usize, fact: &str, factor: Decimal) -> Result<Vec<(i64, Option<u8>)>, MeasureError> {
        let mut out = Vec::new();
        for member in &self.prepared.units[unit] {
            let firm = self.prepared.firms.ids()[*member as usize];
            let Value::Number(now) = self.compiled.firm_value(self.prepared, fact, *member as usize) else { continue };
            let Some(then) = now.checked_mul(factor) else { continue };
            let changed = self.compiled.with_fact(self.prepared, firm, fact, Value::Number(then))?;
            let after = self.compiled.run_here(&changed)?;
            out.extend(after.firm(firm).map(|f| (firm, f.class)));
        }
        Ok(out)
    }

    fn verdict(
        &self,
        run: &Run,
        population: usize,
        ground: &PopulationGround,
        m: usize,
        points: &[Points],
        (total, spread): (Option<i64>, f64),
    ) -> Verdict {
        let unit = &self.units[ground.members[m] as usize];
        if unit.taking != Taking::Ranked {
            // Unknown stays unknown under a change of a known figure, except through `coalesce` and the like.
            return if unit.total == total { Verdict::Same } else { Verdict::Ask };
        }
        let (Some(now), Some(total), Some(group)) = (unit.total, total, unit.group) else { return Verdict::Ask };
        let plan = &self.compiled.plan.populations[population];
        let bound = match self.bound(plan, population, ground, m, points, spread) {
            Some(bound) => bound,
            None => return Verdict::Ask,
        };
        let still = bound == 0 && total == now && unchanged(ground, m, points);
        if still && plan.ties.is_empty() && plan.stages.iter().all(Option::is_none) {
            return Verdict::Same;
        }
        let classing = &self.compiled.scheme.populations[population].classing;
        let (most, least) = (total + bound, total - bound);
        let class = match &classing.method {
            ClassMethod::Thresholds { cuts, rest } if classing.bounds.is_empty() => {
                let scheme = &self.compiled.scheme;
                let exact = |t: i64| Decimal::new(t, u32::from(classing.score_decimals));
                let of = |t: i64| cuts.iter().find(|(_, c)| exact(t) >= c.value).map_or(rest, |(id, _)| id);
                if of(most) != of(least) {
                    return Verdict::Ask;
                }
                crate::classing::index(scheme, of(most))
            }
            ClassMethod::Shares { .. } => {
                let order = &self.order[group as usize];
                // Others that certainly stand before it, and that possibly do or share its total.
                let above = |t: i64| order.partition_point(|(o, _)| *o > t) - usize::from(now > t);
                // Limits on shares move whole ties, so the cuts may lie that much elsewhere.
                let slack = if classing.bounds.is_empty() { 0 } else { 1 + self.widest[group as usize] };
                let first = above(most).saturating_sub(slack);
                let last = (above(least - 1) + slack).min(order.len() - 1);
                let classes = &self.by_position[group as usize];
                if classes[first..=last].iter().any(|c| *c != classes[first]) {
                    return Verdict::Ask;
                }
                classes[first]
            }
            _ => return Verdict::Ask,
        };
        let mut last = Some(class);
        for applied in &unit.overrides {
            let rule = &self.compiled.scheme.overrides[usize::from(applied.rule)];
            last = run.effect(&rule.effect, last, unit.population);
        }
        if last == unit.class { Verdict::Same } else { Verdict::Class(last) }
    }

    /// How far any two totals can move against each other because this unit's change moves baselines,
    /// in units of the total's last decimal, rounding included; none when it is not bounded.
    fn bound(
        &self,
        plan: &PopulationPlan,
        population: usize,
        ground: &PopulationGround,
        m: usize,
        points: &[Points],
        spread: f64,
    ) -> Option<i64> {
        let scale = 10f64.powi(i32::from(self.compiled.scheme.populations[population].classing.score_decimals));
        let mut sum = 0.0;
        for (i, indicator) in plan.indicators.iter().enumerate() {
            let (before, after) = (ground.values[i][m], points[i].value[m]);
            if before == after || before.is_nan() && after.is_nan() {
                continue;
            }
            let mut others = 0.0;
            match ground.reach[i] {
                Reach::None => {}
                Reach::Any => return None,
                Reach::Order(ref baselines) => {
                    let row = ground.members[m] as usize;
                    let moving = ground.bases[i]
                        .iter()
                        .zip(&indicator.baselines)
                        .filter(|(_, b)| b.lag == 0 && !matches!(b.statistic, Stat::Fixed(_)));
                    for ((base, _), spans) in moving.zip(baselines) {
                        let span = spans.get(base.keys.of[row] as usize)?;
                        if before.is_nan() || after.is_nan() || !span.keeps(before, after) {
                            return None;
                        }
                    }
                }
                Reach::Mean => {
                    let shift = self.mean_shift(
                        &ground.bases[i][0],
                        &indicator.baselines[0],
                        ground.members[m],
                        after - before,
                    )?;
                    // points × (1 ÷ (1 ± shift) − 1), for the largest points there are.
                    let most = points[i].raw.iter().filter(|p| !p.is_nan()).fold(0.0f64, |a, p| a.max(p.abs()));
                    // What is beyond the cap stays there or comes down to it.
                    let most = indicator.cap.map_or(most, |cap| most.min(cap.abs()));
                    others = most * shift / (1.0 - shift);
                }
            }
            sum += others;
            if takes_mean_points(indicator) {
                // The mean of everyone's points moves with theirs and with this one.
                let own = (points[i].points[m] - ground.points[i][m]).abs();
                let known = points[i].state.iter().filter(|s| **s == ValueState::Known).count().max(1) as f64;
                if own.is_nan() {
                    return None;
                }
                sum += others + own / known;
            }
        }
        if sum == 0.0 {
            return Some(0);
        }
        sum *= spread;
        if plan.coefficient.is_some() || plan.total.is_some() {
            return None;
        }
        // Both totals move, and each may round to the next unit.
        Some((2.0 * sum * scale).ceil() as i64 + 2)
    }
}

impl Ground<'_> {
    /// How far a change moves any mean that it enters, relative to the mean; none beyond a half.
    fn mean_shift(&self, base: &Base, plan: &BaselinePlan, row: u32, change: f64) -> Option<f64> {
        let own = base.keys.of[row as usize];
        let mut most = 0.0f64;
        for (group, value) in base.value.iter().enumerate() {
            let used = self.outcome.baselines.get(base.at(group as u32) as usize)?;
            if group == own as usize || used.widened {
                let shift = (change / (kept(&plan.statistic, used.n) * value / plan.multiple)).abs();
                most = if shift.is_finite() { most.max(shift) } else { return None };
            }
        }
        (most < 0.5).then_some(most)
    }
}

/// The unit's own values are those of the run.
fn unchanged(ground: &PopulationGround, m: usize, points: &[Points]) -> bool {
    ground.values.iter().zip(points).all(|(v, p)| v[m] == p.value[m] || v[m].is_nan() && p.value[m].is_nan())
}
