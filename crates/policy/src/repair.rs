//! What would be enough: the smallest changes of a firm's facts that make a rule hold.
//!
//! A condition that fails is taken apart into sets of questions that must come out otherwise (its prime
//! implicants over what fails); each question is answered by moving one figure exactly as far as it must
//! go, or by turning a title or text. A set of moves counts only when the rule, evaluated again with the
//! moves made, holds, and when no smaller part of it would do: both are tried, not argued. So a move that
//! helps one condition and spoils another is found out and mended, or dropped.
//!
//! The search is written twice: here in fractions, from the terms as written, and in `quick` in scaled
//! whole numbers, which finds the same in the same order and is what is used wherever the numbers fit.

use crate::exact::{Poly, Var, decimal, decimal_up};
use crate::explain::{Facts, One};
use crate::frame::{Frame, Value};
use crate::parse::{Op, PointId, VarDef};
use crate::plan::{Atom, AtomId, Plan, PointPlan, RulePlan, Tree, Way, What};
use crate::quick::{Found, Ready};
use crate::run::Truth;
use law::scheme::Text;
use law::template::Kind;
use num_rational::BigRational;
use num_traits::{Signed, ToPrimitive, Zero};
use rayon::prelude::*;
use rust_decimal::Decimal;
use serde::Serialize;
use std::cell::RefCell;
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

/// Sets of questions followed at the same time; the smallest stay.
pub(crate) const SETS_MAX: usize = 48;
/// Questions in a set.
pub(crate) const SET_SIZE_MAX: usize = 8;
/// Times that what a move has spoiled is mended.
pub(crate) const ROUNDS_MAX: usize = 4;
/// Decimals to which a figure is moved; the move is rounded away from where it comes.
pub(crate) const DECIMALS: u32 = 4;
/// Stands for any text that the rules do not name.
pub(crate) const OTHER: &str = "其他";

/// One fact as it would have to be.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Move {
    /// Number of the variable in the plan.
    #[serde(skip)]
    pub var: Var,
    /// Fact or attribute.
    pub name: String,
    /// Years before the last full one.
    pub lag: i32,
    /// As it is.
    #[serde(serialize_with = "text")]
    pub from: Value,
    /// As it would have to be.
    #[serde(serialize_with = "text")]
    pub to: Value,
    /// Where the figure only has to go beyond an end (above it or below, as `to` is), the end: `to` is
    /// then merely the nearest number of four decimals. None where `to` itself has to be reached.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub edge: Option<Decimal>,
    /// The difference, of numbers.
    pub by: Option<Decimal>,
    /// Unit of a number.
    pub unit: Option<String>,
    /// How it can come about.
    pub way: Possible,
}

impl Move {
    /// Where a figure only has to pass an end, how that is said: below 3 rather than to 2.9999.
    pub fn beyond(&self) -> Option<Text> {
        let (edge, Value::Number(to)) = (self.edge?, &self.to) else { return None };
        let (zh, en) = if *to < edge { ("低于", "below") } else { ("高于", "above") };
        let edge = edge.normalize();
        Some(Text { zh: format!("{zh} {edge}"), en: format!("{en} {edge}") })
    }
}

/// How a fact can change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Possible {
    /// The firm can do something.
    Act,
    /// It is not known yet: whoever owns the fact states it.
    State,
    /// It comes with time.
    Wait,
    /// It lies in the past: only the figures of a later year change it.
    LaterYear,
    /// It is as it is (where and in which industry a firm is).
    Fixed,
}

fn text<S: serde::Serializer>(value: &Value, to: S) -> Result<S::Ok, S::Error> {
    match value {
        Value::Unknown => to.serialize_none(),
        Value::Number(n) => to.serialize_str(&n.normalize().to_string()),
        Value::Truth(b) => to.serialize_str(&b.to_string()),
        Value::Text(t) => to.serialize_str(t),
    }
}

/// Moves that together are enough, and of which none can be left out.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Repair {
    /// The moves.
    pub moves: Vec<Move>,
}

/// A question that must come out so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Want {
    atom: AtomId,
    truth: bool,
}

type Set = BTreeSet<Want>;
type Moves = BTreeMap<Var, Value>;

/// Facts with moves made.
fn moved<'a>(facts: &'a Facts<'a>, moves: &'a Moves) -> impl Fn(Var) -> Value + 'a {
    move |var| moves.get(&var).cloned().unwrap_or_else(|| facts(var))
}

/// The smallest changes that make a rule hold, the easiest first; none when it holds, or when nothing
/// that can be tried is enough.
pub fn repairs(plan: &Plan, rule: &RulePlan, facts: &Facts<'_>, most: usize) -> Vec<Repair> {
    Finder::new(plan, rule).repairs(facts, most)
}

/// The easiest repair of each of the rows for which a rule of the plan does not hold, in the order of the
/// rows; none where nothing that can be tried is enough. On the threads of the caller; the result does not
/// depend on them.
pub fn nearest(plan: &Plan, rule: &RulePlan, frame: &Frame, rows: &[usize]) -> Vec<Option<Repair>> {
    let finder = Finder::new(plan, rule);
    let easiest = |row: &usize| finder.repairs(&|var| frame.value(&plan.vars, var, *row), 1).pop();
    rows.par_iter().with_min_len(64).map(easiest).collect()
}

/// Looks for repairs of a rule; made once for many firms.
pub struct Finder<'p> {
    plan: &'p Plan,
    rule: &'p RulePlan,
    ready: Option<Ready>,
}

impl<'p> Finder<'p> {
    /// A rule made ready.
    pub fn new(plan: &'p Plan, rule: &'p RulePlan) -> Self {
        Self { plan, rule, ready: Ready::new(plan, rule) }
    }

    /// As [`repairs`].
    pub fn repairs(&self, facts: &Facts<'_>, most: usize) -> Vec<Repair> {
        let quick = self.ready.as_ref().and_then(|ready| ready.repairs(facts));
        let found = quick.unwrap_or_else(|| in_fractions(self.plan, self.rule, facts));
        ranked(self.plan, found, facts, most)
    }

    /// As [`Finder::repairs`], searched in fractions from the terms as written: the witness of the other.
    pub fn repairs_in_fractions(&self, facts: &Facts<'_>, most: usize) -> Vec<Repair> {
        ranked(self.plan, in_fractions(self.plan, self.rule, facts), facts, most)
    }
}

fn in_fractions(plan: &Plan, rule: &RulePlan, facts: &Facts<'_>) -> Vec<Vec<Found>> {
    if One::new(plan, rule, facts).outcome() == Truth::Met {
        return Vec::new();
    }
    let search = Search { plan, rule, facts, targets: RefCell::default() };
    let mut found: Vec<Moves> = Vec::new();
    for start in search.first_moves() {
        let Some(enough) = search.mended(start) else { continue };
        let least = search.least(enough);
        if !found.contains(&least) {
            found.push(least);
        }
    }
    // Where one answer is part of another, the smaller is enough.
    let sets: Vec<Moves> = found.clone();
    let part = |a: &Moves, b: &Moves| a.len() < b.len() && a.iter().all(|(var, value)| b.get(var) == Some(value));
    found.retain(|moves| !sets.iter().any(|other| part(other, moves)));
    found.into_iter().map(|moves| search.told(moves)).collect()
}

/// The easiest of what was found.
fn ranked(plan: &Plan, found: Vec<Vec<Found>>, facts: &Facts<'_>, most: usize) -> Vec<Repair> {
    let mut repairs: Vec<(Effort, Repair)> = found.into_iter().map(|moves| repair(plan, moves, facts)).collect();
    repairs.sort_by(|a, b| a.0.cmp(&b.0, &a.1, &b.1));
    repairs.into_iter().map(|(_, r)| r).take(most).collect()
}

/// How hard a repair is: what cannot be done at all last, then fewer moves, then smaller ones.
struct Effort {
    way: Possible,
    /// The sizes of the moves added up, about.
    about: f64,
}

impl Effort {
    fn cmp(&self, other: &Self, mine: &Repair, others: &Repair) -> Ordering {
        let names = |repair: &Repair| repair.moves.iter().map(|m| m.var).collect::<Vec<_>>();
        let size = || match (self.about - other.about).abs() > 1e-9 * (self.about + other.about) {
            true => self.about.total_cmp(&other.about),
            // Too near for floating point.
            false => size(mine, others).cmp(&size(others, mine)),
        };
        (self.way.cmp(&other.way))
            .then_with(|| mine.moves.len().cmp(&others.moves.len()))
            .then_with(size)
            .then_with(|| names(mine).cmp(&names(others)))
    }
}

/// How far the moves of a repair go that another does not make, each measured by what is there; what is no
/// number counts one.
fn size(repair: &Repair, other: &Repair) -> BigRational {
    let mut sum = BigRational::zero();
    let mut ones = 0;
    for m in repair.moves.iter().filter(|m| !other.moves.iter().any(|o| o.var == m.var && o.to == m.to)) {
        match (&m.from, &m.to) {
            (Value::Number(a), Value::Number(b)) => {
                let (a, b) = (crate::exact::rational(*a), crate::exact::rational(*b));
                let by = (b - &a).abs();
                sum += if a.is_zero() { by } else { by / a.abs() };
            }
            _ => ones += 1,
        }
    }
    sum + BigRational::from(num_bigint::BigInt::from(ones))
}

fn repair(plan: &Plan, moves: Vec<Found>, facts: &Facts<'_>) -> (Effort, Repair) {
    let mut effort = Effort { way: Possible::Act, about: 0.0 };
    let mut out = Vec::with_capacity(moves.len());
    for Found { var, to, edge } in moves {
        let def = plan.vars.def(var);
        let from = facts(var);
        let mut by = None;
        effort.about += match (&from, &to) {
            (Value::Number(a), Value::Number(b)) => {
                by = b.checked_sub(*a).map(|d| d.normalize());
                let about = |d: &Decimal| d.to_f64().unwrap_or(f64::MAX);
                let whole = if a.is_zero() { 1.0 } else { about(a).abs() };
                by.as_ref().map_or_else(|| (about(b) - about(a)).abs(), |by| about(by).abs()) / whole
            }
            _ => 1.0,
        };
        let way = match () {
            () if from == Value::Unknown => Possible::State,
            () if def.attribute && def.key.name.contains("since") => Possible::Wait,
            () if def.attribute => Possible::Fixed,
            () if def.key.lag > 0 => Possible::LaterYear,
            () => Possible::Act,
        };
        effort.way = effort.way.max(way);
        out.push(Move {
            var,
            name: def.key.name.clone(),
            lag: def.key.lag,
            from,
            to,
            edge,
            by,
            unit: def.unit.clone(),
            way,
        });
    }
    (effort, Repair { moves: out })
}

/// Decimals to which a variable is moved: none of a person or a day.
pub(crate) fn decimals(def: &VarDef) -> u32 {
    let whole = ["person", "count", "day", "month", "year"];
    let indivisible = def.kind == Kind::Date || def.unit.as_deref().is_some_and(|u| whole.contains(&u));
    if indivisible { 0 } else { DECIMALS }
}

/// Texts that a condition names beside these; one that none names when there is no other.
pub(crate) fn other_texts(plan: &Plan, var: Var, not: &[String]) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for atom in &plan.atoms {
        if let Atom::OneOf(v, texts) = atom
            && *v == var
        {
            out.extend(texts.iter().filter(|t| !not.contains(t)).cloned());
        }
    }
    out.sort_unstable();
    out.dedup();
    if out.is_empty() {
        out.push(OTHER.to_owned());
    }
    out
}

struct Search<'s> {
    plan: &'s Plan,
    rule: &'s RulePlan,
    facts: &'s Facts<'s>,
    /// Where figures were moved to, and the ends that they only had to pass.
    targets: RefCell<Vec<(Var, Decimal, Option<Decimal>)>>,
}

impl Search<'_> {
    fn told(&self, moves: Moves) -> Vec<Found> {
        let told = |(var, to): (Var, Value)| {
            let targets = self.targets.borrow();
            let mut edges = Vec::new();
            if let Value::Number(n) = &to {
                edges.extend(targets.iter().filter(|(v, at, _)| *v == var && at == n).map(|(.., end)| *end));
            }
            // Where something else asks to reach the number itself, it is no end that is only passed.
            let edge = if let [Some(edge)] = edges.as_slice() { Some(*edge) } else { None };
            Found { var, to, edge }
        };
        moves.into_iter().map(told).collect()
    }

    fn target(&self, var: Var, line: (BigRational, BigRational), op: Op, want: bool) -> Option<Decimal> {
        let decimals = decimals(self.plan.vars.def(var));
        let (to, edge) = target(&line.0, &line.1, op, want, decimals)?;
        self.goes(var, to, edge.filter(|_| decimals > 0));
        Some(to)
    }

    fn goes(&self, var: Var, to: Decimal, edge: Option<Decimal>) {
        let mut targets = self.targets.borrow_mut();
        if !targets.contains(&(var, to, edge)) {
            targets.push((var, to, edge));
        }
    }

    /// Moves for each way in which the rule may be made to hold.
    fn first_moves(&self) -> Vec<Moves> {
        self.moves_from(&Moves::new())
    }

    fn moves_from(&self, made: &Moves) -> Vec<Moves> {
        let facts = moved(self.facts, made);
        let one = One::new(self.plan, self.rule, &facts);
        let mut out = Vec::new();
        for set in self.node(&one, 0, true) {
            out.extend(self.answer(&one, &facts, &set, made));
        }
        out
    }

    /// Makes more moves while the rule does not hold.
    fn mended(&self, start: Moves) -> Option<Moves> {
        let mut at = vec![start];
        for _ in 0..ROUNDS_MAX {
            if let Some(enough) = at.iter().find(|moves| self.holds(moves)) {
                return Some(enough.clone());
            }
            let mut next: Vec<Moves> = at.iter().flat_map(|moves| self.moves_from(moves)).collect();
            next.retain(|moves| !at.contains(moves));
            next.sort_by_key(Moves::len);
            next.truncate(4);
            if next.is_empty() {
                return None;
            }
            at = next;
        }
        at.into_iter().find(|moves| self.holds(moves))
    }

    fn holds(&self, moves: &Moves) -> bool {
        One::new(self.plan, self.rule, &moved(self.facts, moves)).outcome() == Truth::Met
    }

    /// The smallest part of the moves that is enough; every part is tried.
    fn least(&self, moves: Moves) -> Moves {
        let all: Vec<(Var, Value)> = moves.clone().into_iter().collect();
        let count = all.len().min(12) as u32;
        let mut parts: Vec<u32> = (1..1u32 << count).collect();
        parts.sort_by_key(|p| p.count_ones());
        for part in parts {
            let some: Moves = all
                .iter()
                .enumerate()
                .filter(|(i, _)| *i >= 12 || part >> i & 1 == 1)
                .map(|(_, m)| m.clone())
                .collect();
            if some.len() < all.len() && self.holds(&some) {
                return self.least(some);
            }
        }
        moves
    }

    // -----------------------------------------------------------------------------------------
    // Sets of questions

    /// Sets of questions of which any is enough to make a node come out so.
    fn node(&self, one: &One, at: usize, want: bool) -> Vec<Set> {
        let now = one.truth(at);
        if now == (if want { Truth::Met } else { Truth::NotMet }) {
            return vec![Set::new()];
        }
        match &self.rule.nodes[at].what {
            What::All(parts) => match want {
                true => product(parts.iter().map(|p| self.node(one, *p, true))),
                false => union(parts.iter().map(|p| self.node(one, *p, false))),
            },
            What::Any(parts) => match want {
                true => union(parts.iter().map(|p| self.node(one, *p, true))),
                false => product(parts.iter().map(|p| self.node(one, *p, false))),
            },
            What::AtLeast(count, parts) => {
                // So many of those that do not come out so yet.
                let done = parts.iter().filter(|p| one.truth(**p) == (if want { Truth::Met } else { Truth::NotMet }));
                let needed = if want { *count as usize } else { parts.len() + 1 - *count as usize };
                let missing = needed.saturating_sub(done.count());
                let open: Vec<Vec<Set>> = parts
                    .iter()
                    .filter(|p| one.truth(**p) != (if want { Truth::Met } else { Truth::NotMet }))
                    .map(|p| self.node(one, *p, want))
                    .collect();
                union(
                    choose(open.len(), missing).into_iter().map(|some| product(some.iter().map(|i| open[*i].clone()))),
                )
            }
            What::Not(inner) => self.node(one, *inner, !want),
            What::Unless(of, except) => match want {
                true => union([self.node(one, *of, true), self.node(one, *except, true)].into_iter()),
                false => product([self.node(one, *of, false), self.node(one, *except, false)].into_iter()),
            },
            What::Leaf(_, tree) | What::Judged(Some((_, tree))) => self.tree(one, tree, want),
            // What people have to say cannot be moved, and a slot always holds.
            What::Judged(None) | What::Slot => Vec::new(),
        }
    }

    fn tree(&self, one: &One, tree: &Tree, want: bool) -> Vec<Set> {
        match tree {
            Tree::Fixed(b) => {
                if *b == want {
                    vec![Set::new()]
                } else {
                    Vec::new()
                }
            }
            Tree::Not(inner) => self.tree(one, inner, !want),
            Tree::And(parts) if want => product(parts.iter().map(|p| self.tree(one, p, true))),
            Tree::Or(parts) if want => union(parts.iter().map(|p| self.tree(one, p, true))),
            Tree::And(parts) => union(parts.iter().map(|p| self.tree(one, p, false))),
            Tree::Or(parts) => product(parts.iter().map(|p| self.tree(one, p, false))),
            Tree::Atom(atom) => match one.atom(*atom) == (if want { Truth::Met } else { Truth::NotMet }) {
                true => vec![Set::new()],
                false => vec![Set::from([Want { atom: *atom, truth: want }])],
            },
        }
    }

    // -----------------------------------------------------------------------------------------
    // Moves

    /// Ways to make every question of a set come out so.
    fn answer(&self, one: &One, facts: &Facts<'_>, set: &Set, made: &Moves) -> Vec<Moves> {
        let mut all = vec![made.clone()];
        for want in set {
            let ways = self.ways(one, facts, *want);
            let mut next = Vec::new();
            for moves in &all {
                for way in &ways {
                    next.extend(joined(moves, way, facts));
                }
            }
            next.sort_by_key(Moves::len);
            next.truncate(SETS_MAX);
            all = next;
        }
        all
    }

    /// Ways to make one question come out so.
    fn ways(&self, one: &One, facts: &Facts<'_>, want: Want) -> Vec<Moves> {
        match &self.plan.atoms[want.atom as usize] {
            Atom::Is(var) => vec![Moves::from([(*var, Value::Truth(want.truth))])],
            Atom::OneOf(var, texts) => match want.truth {
                true => texts.iter().take(3).map(|t| Moves::from([(*var, Value::Text(t.clone()))])).collect(),
                // Any other text that the rules know.
                false => other_texts(self.plan, *var, texts)
                    .into_iter()
                    .take(3)
                    .map(|t| Moves::from([(*var, Value::Text(t))]))
                    .collect(),
            },
            Atom::Known(..) => Vec::new(),
            Atom::Sign { above, below, op, .. } => self.numbers(facts, above, below, *op, want.truth),
            Atom::Points { terms, constant, op } => self.more_points(one, facts, terms, constant, *op, want.truth),
        }
    }

    /// Each figure that can settle the sign by itself, moved to where it does; where a divisor is not
    /// positive, that is mended first.
    fn numbers(&self, facts: &Facts<'_>, above: &Poly, below: &[Poly], op: Op, want: bool) -> Vec<Moves> {
        let mut out = self.settled(facts, &Moves::new(), above, below, op, want);
        let now = |v: Var| number(facts(v));
        for divisor in below.iter().filter(|p| !p.value(&now).is_some_and(|d| d.is_positive())) {
            for var in divisor.vars() {
                let Some(to) = line(divisor, var, &now).and_then(|l| self.target(var, l, Op::Above, true)) else {
                    continue;
                };
                let first = Moves::from([(var, Value::Number(to))]);
                out.extend(self.settled(facts, &first, above, below, op, want));
            }
        }
        out
    }

    /// Figures that settle the sign once some moves are made.
    fn settled(&self, facts: &Facts<'_>, made: &Moves, above: &Poly, below: &[Poly], op: Op, want: bool) -> Vec<Moves> {
        let mut out = Vec::new();
        let facts = moved(facts, made);
        let of = |v: Var| number(facts(v));
        let defined = |of: &dyn Fn(Var) -> Option<BigRational>| {
            below.iter().all(|p| p.value(of).is_some_and(|d| d.is_positive()))
        };
        if !made.is_empty() && defined(&of) && above.value(&of).is_some_and(|v| crate::plan::holds(op, &v) == want) {
            return vec![made.clone()];
        }
        let mut vars = above.vars();
        vars.extend(below.iter().flat_map(Poly::vars));
        vars.sort_unstable();
        vars.dedup();
        for var in vars.into_iter().filter(|v| !made.contains_key(v)) {
            let Some(to) = line(above, var, &of).and_then(|l| self.target(var, l, op, want)) else { continue };
            let with = |v: Var| if v == var { Some(crate::exact::rational(to)) } else { of(v) };
            if defined(&with) {
                let mut moves = made.clone();
                moves.insert(var, Value::Number(to));
                out.push(moves);
            }
        }
        out
    }

    /// Better cases of items, as many as the points need.
    fn more_points(
        &self,
        one: &One,
        facts: &Facts<'_>,
        terms: &[(PointId, BigRational)],
        constant: &BigRational,
        op: Op,
        want: bool,
    ) -> Vec<Moves> {
        let more = matches!(op, Op::Above | Op::AtLeast) && want;
        if !more {
            return Vec::new();
        }
        let sum = terms.iter().fold(constant.clone(), |sum, (p, f)| sum + f * one.least_points(*p));
        let missing = -sum;
        let strict = op == Op::Above;
        let mut options: Vec<(PointId, BigRational, Moves)> = Vec::new();
        for (point, factor) in terms.iter().filter(|(_, f)| f.is_positive()) {
            for item in self.items(*point) {
                for (gain, moves) in self.better(one, facts, item) {
                    options.push((item, gain * factor, moves));
                }
            }
        }
        options.sort_by(|a, b| b.1.cmp(&a.1));
        options.truncate(24);
        let enough = |gain: &BigRational| if strict { *gain > missing } else { *gain >= missing };
        let mut out: Vec<Moves> = Vec::new();
        // One item, then two, then three: the first size that is enough is the smallest.
        let mut level: Vec<(Vec<usize>, BigRational, Moves)> = vec![(Vec::new(), BigRational::zero(), Moves::new())];
        for _ in 0..3 {
            let mut next = Vec::new();
            for (chosen, gain, moves) in &level {
                let from = chosen.last().map_or(0, |l| l + 1);
                for (i, (item, more, way)) in options.iter().enumerate().skip(from) {
                    if chosen.iter().any(|c| options[*c].0 == *item) {
                        continue;
                    }
                    let Some(moves) = joined(moves, way, facts) else { continue };
                    let gain = gain + more;
                    if enough(&gain) {
                        out.push(moves);
                    } else {
                        next.push(([chosen.as_slice(), &[i]].concat(), gain, moves));
                    }
                }
            }
            if !out.is_empty() {
                break;
            }
            next.truncate(400);
            level = next;
        }
        out.sort_by_key(Moves::len);
        out.truncate(12);
        out
    }

    /// Items below points, themselves included.
    fn items(&self, point: PointId) -> Vec<PointId> {
        match &self.plan.points[point as usize] {
            PointPlan::Item { .. } => vec![point],
            PointPlan::Sum { parts, .. } => parts.iter().flat_map(|p| self.items(*p)).collect(),
        }
    }

    /// Cases of an item that give more than it has, with the moves that they take.
    fn better(&self, one: &One, facts: &Facts<'_>, item: PointId) -> Vec<(BigRational, Moves)> {
        let PointPlan::Item { way, max, .. } = &self.plan.points[item as usize] else { return Vec::new() };
        let now = one.least_points(item);
        let most = crate::explain::in_points(*max);
        let mut out = Vec::new();
        self.better_way(one, facts, way, &now, &most, &mut out);
        out
    }

    fn better_way(
        &self,
        one: &One,
        facts: &Facts<'_>,
        way: &Way,
        now: &BigRational,
        most: &BigRational,
        out: &mut Vec<(BigRational, Moves)>,
    ) {
        match way {
            Way::First { cases, .. } => {
                for case in cases {
                    let points = crate::explain::in_points(case.points).min(most.clone());
                    if points > *now {
                        self.case(one, facts, &case.when, points - now, out);
                    }
                }
            }
            Way::Each(cases) => {
                for case in cases.iter().filter(|c| one.logic(&c.logic) != Truth::Met) {
                    let gain = crate::explain::in_points(case.points).min(most - now);
                    if gain.is_positive() {
                        self.case(one, facts, &case.when, gain, out);
                    }
                }
            }
            Way::BetterOf(ways) => ways.iter().for_each(|w| self.better_way(one, facts, w, now, most, out)),
            Way::Judged(Some(crate::parse::Term::Var(var))) => {
                if let Some(to) = decimal(most, DECIMALS) {
                    self.goes(*var, to, None);
                    out.push((most - now, Moves::from([(*var, Value::Number(to))])));
                }
            }
            Way::Value(_) | Way::Judged(_) => (),
        }
    }

    fn case(&self, one: &One, facts: &Facts<'_>, when: &Tree, gain: BigRational, out: &mut Vec<(BigRational, Moves)>) {
        for set in self.tree(one, when, true) {
            let plain = set.iter().all(|w| !matches!(self.plan.atoms[w.atom as usize], Atom::Points { .. }));
            if plain {
                out.extend(self.answer(one, facts, &set, &Moves::new()).into_iter().map(|m| (gain.clone(), m)));
            }
        }
    }
}

fn number(value: Value) -> Option<BigRational> {
    match value {
        Value::Number(n) => Some(crate::exact::rational(n)),
        _ => None,
    }
}

/// `slope × x + rest`, when the polynomial is that in one variable and everything else is known.
fn line(poly: &Poly, var: Var, of: &dyn Fn(Var) -> Option<BigRational>) -> Option<(BigRational, BigRational)> {
    let (mut slope, mut rest) = (BigRational::zero(), BigRational::zero());
    for (vars, factor) in poly.terms() {
        let times = vars.iter().filter(|v| **v == var).count();
        let mut product = factor.clone();
        for other in vars.iter().filter(|v| **v != var) {
            product *= of(*other)?;
        }
        match times {
            0 => rest += product,
            1 => slope += product,
            _ => return None,
        }
    }
    (!slope.is_zero()).then_some((slope, rest))
}

/// Where the variable has to go so that the line compares so with zero, rounded away from where it comes;
/// and the end, where it only has to be passed and can be said as a number.
fn target(
    slope: &BigRational,
    rest: &BigRational,
    op: Op,
    want: bool,
    decimals: u32,
) -> Option<(Decimal, Option<Decimal>)> {
    let edge = -rest / slope;
    // The line rises with the variable or falls.
    let up = slope.is_positive();
    let step = || Decimal::new(1, decimals);
    let at_least = |edge: &BigRational| -> Option<Decimal> {
        let cut = decimal(edge, decimals)?;
        if crate::exact::rational(cut) >= *edge { Some(cut) } else { cut.checked_add(step()) }
    };
    let at_most = |edge: &BigRational| -> Option<Decimal> {
        let cut = decimal(edge, decimals)?;
        if crate::exact::rational(cut) <= *edge { Some(cut) } else { cut.checked_sub(step()) }
    };
    let above = |edge: &BigRational| {
        let least = at_least(edge)?;
        if crate::exact::rational(least) > *edge { Some(least) } else { least.checked_add(step()) }
    };
    let below = |edge: &BigRational| {
        let most = at_most(edge)?;
        if crate::exact::rational(most) < *edge { Some(most) } else { most.checked_sub(step()) }
    };
    let (to, strict) = match (op, want) {
        (Op::AtLeast, true) => (if up { at_least(&edge) } else { at_most(&edge) }, false),
        (Op::AtLeast, false) => (if up { below(&edge) } else { above(&edge) }, true),
        (Op::Above, true) => (if up { above(&edge) } else { below(&edge) }, true),
        (Op::Above, false) => (if up { at_most(&edge) } else { at_least(&edge) }, false),
        (Op::Equal, true) | (Op::Other, false) => {
            let exact = decimal_up(&edge, decimals)?;
            ((crate::exact::rational(exact) == edge).then_some(exact), false)
        }
        (Op::Equal, false) | (Op::Other, true) => (above(&edge), true),
    };
    let said = decimal(&edge, decimals).filter(|said| strict && crate::exact::rational(*said) == edge);
    Some((to?, said))
}

/// Both sets of moves; a figure that both move goes as far as the farther of them in one direction. None
/// when they contradict.
fn joined(a: &Moves, b: &Moves, facts: &Facts<'_>) -> Option<Moves> {
    let mut out = a.clone();
    for (var, to) in b {
        let Some(other) = out.get(var) else {
            out.insert(*var, to.clone());
            continue;
        };
        if other == to {
            continue;
        }
        let (Value::Number(x), Value::Number(y)) = (other, to) else { return None };
        let from = match facts(*var) {
            Value::Number(n) => Some(n),
            _ => None,
        };
        let farther = match from {
            // Of an unknown figure the larger is as good a guess: what it spoils is found out.
            None => *x.max(y),
            Some(from) if *x >= from && *y >= from => *x.max(y),
            Some(from) if *x <= from && *y <= from => *x.min(y),
            Some(_) => return None,
        };
        out.insert(*var, Value::Number(farther));
    }
    Some(out)
}

/// Any of them.
fn union(all: impl Iterator<Item = Vec<Set>>) -> Vec<Set> {
    smallest(all.flatten().collect())
}

/// One of each.
fn product(all: impl Iterator<Item = Vec<Set>>) -> Vec<Set> {
    let mut out = vec![Set::new()];
    for sets in all {
        let mut next = Vec::with_capacity(out.len() * sets.len());
        for a in &out {
            for b in &sets {
                let both: Set = a.union(b).copied().collect();
                if both.len() <= SET_SIZE_MAX {
                    next.push(both);
                }
            }
        }
        out = smallest(next);
    }
    out
}

/// Sets without those that contain another, the smallest first, so many as are followed.
fn smallest(mut sets: Vec<Set>) -> Vec<Set> {
    sets.sort_by(|a, b| a.len().cmp(&b.len()).then_with(|| a.cmp(b)));
    sets.dedup();
    let mut out: Vec<Set> = Vec::new();
    for set in sets {
        if !out.iter().any(|smaller| smaller.is_subset(&set)) {
            out.push(set);
        }
        if out.len() == SETS_MAX {
            break;
        }
    }
    out
}

/// Every choice of `k` of `n`, as many as are followed.
pub(crate) fn choose(n: usize, k: usize) -> Vec<Vec<usize>> {
    let mut out = vec![Vec::new()];
    for _ in 0..k {
        out = out
            .into_iter()
            .flat_map(|some: Vec<usize>| {
                let from = some.last().map_or(0, |l| l + 1);
                (from..n).map(move |i| [some.as_slice(), &[i]].concat())
            })
            .take(SETS_MAX * 4)
            .collect();
    }
    out
}
