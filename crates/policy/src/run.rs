//! Every rule for every firm at once. Rows go through in blocks: each question of the plan is answered
//! for the block as two sets of rows (true, false; the rest is unknown), conditions are set operations
//! over them, points are kept as the range that what is unknown leaves open.
//!
//! Nothing rounds. How a question is computed is decided once, from the largest size of each column
//! (`bind`): one figure against an end needs no arithmetic at all; sums and products are whole numbers in
//! the narrowest of the lanes (`lane`) that holds every step of them. All of them give the same.
//!
//! Blocks are independent and write their rows of the answers in place, so the result does not depend on
//! threads and is never copied.

use crate::bind::{Binding, Hits, Question, Scored, Step, Sum};
use crate::exact::Var;
use crate::frame::{Bits, Column, Frame, Whole};
use crate::lane::{APART, Lane, Wide, flags, pack};
use crate::parse::Op;
use crate::plan::{Plan, PointPlan, Tree, Way, WayCase, holds};
use num_traits::ToPrimitive;
use rayon::prelude::*;
use serde::Serialize;
use std::sync::Arc;

/// Rows of a block: small enough to stay near the processor with everything that is asked of them.
pub(crate) const BLOCK: usize = 1024;
pub(crate) const WORDS: usize = BLOCK / 64;
/// A set of rows of a block.
pub(crate) type Set = [u64; WORDS];

/// What came out of a condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Truth {
    /// Holds.
    Met,
    /// Does not hold.
    NotMet,
    /// Depends on what is not known.
    Unknown,
}

/// A set of rows where something is true and one where it is false.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Answers {
    /// True.
    pub yes: Bits,
    /// False.
    pub no: Bits,
}

impl Answers {
    /// What came out for a row.
    pub fn truth(&self, row: usize) -> Truth {
        match (self.yes.get(row), self.no.get(row)) {
            (true, _) => Truth::Met,
            (_, true) => Truth::NotMet,
            _ => Truth::Unknown,
        }
    }
}

/// What came out of one rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleAnswers {
    /// By node of the rule; the first is the whole condition. What several rules ask in the same words is
    /// kept once.
    pub nodes: Vec<Arc<Answers>>,
}

/// What came out of all rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    /// Firms.
    pub rows: usize,
    /// By rule of the plan.
    pub rules: Vec<RuleAnswers>,
}

impl Batch {
    /// What came out of a rule for a firm.
    pub fn outcome(&self, rule: usize, row: usize) -> Truth {
        self.rules[rule].nodes[0].truth(row)
    }
}

/// Two sets of rows of a block.
#[derive(Clone, Copy)]
struct Pair {
    yes: Set,
    no: Set,
}

const UNKNOWN: Pair = Pair { yes: [0; WORDS], no: [0; WORDS] };

impl Pair {
    fn fixed(truth: bool) -> Self {
        let (all, none) = ([u64::MAX; WORDS], [0; WORDS]);
        if truth { Self { yes: all, no: none } } else { Self { yes: none, no: all } }
    }

    fn not(self) -> Self {
        Self { yes: self.no, no: self.yes }
    }

    fn and(&mut self, other: &Self) {
        for w in 0..WORDS {
            self.yes[w] &= other.yes[w];
            self.no[w] |= other.no[w];
        }
    }

    fn or(&mut self, other: &Self) {
        for w in 0..WORDS {
            self.yes[w] |= other.yes[w];
            self.no[w] &= other.no[w];
        }
    }

    fn all<'a>(mut parts: impl Iterator<Item = &'a Self>) -> Self {
        let first = parts.next().map_or(Self::fixed(true), |p| *p);
        parts.fold(first, |mut all, part| {
            all.and(part);
            all
        })
    }

    fn any<'a>(mut parts: impl Iterator<Item = &'a Self>) -> Self {
        let first = parts.next().map_or(Self::fixed(false), |p| *p);
        parts.fold(first, |mut any, part| {
            any.or(part);
            any
        })
    }
}

struct Bounded<'p> {
    plan: &'p Plan,
    frame: &'p Frame,
    binding: Binding<'p>,
}

/// What is worked out of a block; the memory is used again for the next.
#[derive(Default)]
struct Scratch {
    atoms: Vec<Pair>,
    /// By step.
    steps: Vec<Pair>,
    /// By point.
    narrow: Vec<Range<i32>>,
    wide: Vec<Range<i128>>,
}

impl Plan {
    /// Evaluates every rule for every row on the threads of the caller.
    pub fn run(&self, frame: &Frame) -> Batch {
        let bounded = Bounded::new(self, frame);
        let none = || Answers { yes: Bits::none(frame.rows), no: Bits::none(frame.rows) };
        let mut answers: Vec<Answers> = bounded.binding.steps.iter().map(|_| none()).collect();
        // A task is some blocks and has its part of every set to write to.
        let blocks = frame.rows.div_ceil(BLOCK);
        let task = blocks.div_ceil(rayon::current_num_threads() * 8).max(1);
        let mut tasks: Vec<Vec<(&mut [u64], &mut [u64])>> = (0..blocks.div_ceil(task)).map(|_| Vec::new()).collect();
        for answers in &mut answers {
            let (yes, no) = (answers.yes.words.chunks_mut(task * WORDS), answers.no.words.chunks_mut(task * WORDS));
            tasks.iter_mut().zip(yes.zip(no)).for_each(|(task, words)| task.push(words));
        }
        tasks.into_par_iter().enumerate().for_each_init(Scratch::default, |scratch, (number, mut sets)| {
            for block in 0..task.min(blocks - number * task) {
                bounded.block((number * task + block) * BLOCK, scratch);
                for (pair, (yes, no)) in scratch.steps.iter().zip(&mut sets) {
                    let words = block * WORDS..yes.len().min((block + 1) * WORDS);
                    yes[words.clone()].copy_from_slice(&pair.yes[..words.len()]);
                    no[words.clone()].copy_from_slice(&pair.no[..words.len()]);
                }
            }
        });
        let mut batch = Batch { rows: frame.rows, rules: Vec::new() };
        batch.rules.extend(self.rules.iter().map(|_| RuleAnswers { nodes: Vec::new() }));
        bounded.share(answers.into_iter().map(Arc::new).collect(), &mut batch);
        batch
    }

    /// Evaluates anew what may differ after some rows of the frame have changed; the rest of the batch
    /// stays as it is. The same as evaluating everything.
    pub fn rerun(&self, frame: &Frame, batch: &mut Batch, rows: &[usize]) {
        let bounded = Bounded::new(self, frame);
        let mut blocks: Vec<usize> = rows.iter().map(|r| r / BLOCK).collect();
        blocks.sort_unstable();
        blocks.dedup();
        let work = |block: usize| {
            let mut scratch = Scratch::default();
            bounded.block(block * BLOCK, &mut scratch);
            (block, scratch.steps)
        };
        let found: Vec<(usize, Vec<Pair>)> = blocks.into_par_iter().map(work).collect();
        // Taken out of the batch, so that each is there once and changes in place.
        let mut answers: Vec<Option<Arc<Answers>>> = vec![None; bounded.binding.steps.len()];
        let nodes = batch.rules.iter_mut().flat_map(|rule| rule.nodes.drain(..));
        nodes.zip(&bounded.binding.of_nodes).for_each(|(node, step)| answers[*step] = Some(node));
        let mut answers: Vec<Arc<Answers>> = answers.into_iter().map(|a| a.expect("a node for each step")).collect();
        for (block, pairs) in found {
            for (answers, pair) in answers.iter_mut().zip(pairs) {
                let answers = Arc::make_mut(answers);
                for (bits, words) in [(&mut answers.yes, pair.yes), (&mut answers.no, pair.no)] {
                    let at = block * WORDS;
                    let to = bits.words.len().min(at + WORDS);
                    bits.words[at..to].copy_from_slice(&words[..to - at]);
                }
            }
        }
        bounded.share(answers, batch);
    }
}

impl<'p> Bounded<'p> {
    fn new(plan: &'p Plan, frame: &'p Frame) -> Self {
        Self { plan, frame, binding: Binding::new(plan, frame) }
    }

    /// Gives every node of a batch the answers of its step.
    fn share(&self, answers: Vec<Arc<Answers>>, batch: &mut Batch) {
        let mut of_nodes = self.binding.of_nodes.iter();
        for (rule, answered) in self.plan.rules.iter().zip(&mut batch.rules) {
            answered.nodes = of_nodes.by_ref().take(rule.nodes.len()).map(|step| answers[*step].clone()).collect();
        }
    }

    fn block(&self, start: usize, scratch: &mut Scratch) {
        let rows = BLOCK.min(self.frame.rows - start);
        let Scratch { atoms, steps, narrow, wide } = scratch;
        atoms.clear();
        atoms.extend(self.binding.questions.iter().map(|q| self.answer(q, start, rows)));
        if !self.plan.points.is_empty() {
            // Every sum of points stays within the lane.
            match self.binding.points_most <= i128::from(i32::MAX / 2) {
                true => self.answer_points(atoms, narrow, start, rows),
                false => self.answer_points(atoms, wide, start, rows),
            }
        }
        steps.clear();
        for step in &self.binding.steps {
            let pair = match step {
                Step::All(parts) => Pair::all(parts.iter().map(|n| &steps[*n])),
                Step::Any(parts) => Pair::any(parts.iter().map(|n| &steps[*n])),
                Step::AtLeast(count, parts) => at_least(*count, parts.len(), parts.iter().map(|n| &steps[*n])),
                Step::Not(inner) => steps[*inner].not(),
                Step::Tree(tree) => fold(tree, atoms),
                Step::Nobody => UNKNOWN,
            };
            steps.push(pair);
        }
        // There is nothing to say of rows beyond the last.
        if rows < BLOCK {
            let there: Set = std::array::from_fn(|w| match rows.saturating_sub(w * 64) {
                0 => 0,
                left @ 1..64 => (1 << left) - 1,
                _ => u64::MAX,
            });
            for pair in steps {
                for (w, there) in there.iter().enumerate() {
                    pair.yes[w] &= there;
                    pair.no[w] &= there;
                }
            }
        }
    }

    fn answer(&self, question: &Question, start: usize, rows: usize) -> Pair {
        match question {
            Question::Sign { sign, below, vars } => {
                let known = self.defined(vars, below, start, rows);
                if known.iter().all(|word| *word == 0) {
                    return UNKNOWN;
                }
                let yes = self.sign(sign, start, rows);
                split(&yes, &known)
            }
            Question::Is(var) => match &self.frame.columns[*var as usize] {
                Column::Truth { yes, no } => Pair { yes: words(yes, start), no: words(no, start) },
                _ => UNKNOWN,
            },
            Question::OneOf(var, hits) => match &self.frame.columns[*var as usize] {
                Column::Text { codes, .. } => {
                    split(&hit(hits, &codes[start..start + rows]), &self.known(&[*var], start))
                }
                _ => UNKNOWN,
            },
            Question::Known(vars, below) => {
                let known = self.defined(vars, below, start, rows);
                Pair { yes: known, no: known.map(|word| !word) }
            }
            Question::Points(..) => UNKNOWN,
        }
    }

    /// Rows where everything is known and every divisor positive.
    fn defined(&self, vars: &[Var], below: &[crate::bind::Sign], start: usize, rows: usize) -> Set {
        let mut known = self.known(vars, start);
        for divisor in below {
            let positive = self.sign(divisor, start, rows);
            known.iter_mut().zip(&positive).for_each(|(k, p)| *k &= p);
        }
        known
    }

    fn known(&self, vars: &[Var], start: usize) -> Set {
        let mut out = [u64::MAX; WORDS];
        for var in vars {
            let known = self.binding.known[*var as usize].as_ref().expect("entered when bound");
            out.iter_mut().zip(&words(known, start)).for_each(|(o, k)| *o &= k);
        }
        out
    }

    /// Rows where a sign is as asked; meaningless where a variable is unknown.
    fn sign(&self, sign: &crate::bind::Sign, start: usize, rows: usize) -> Set {
        use crate::bind::Sign;
        match sign {
            Sign::Fixed(truth) => [if *truth { u64::MAX } else { 0 }; WORDS],
            Sign::From { var, end, below } => {
                let at_least = match self.whole(*var) {
                    // An end beyond what is narrow is beyond every row, or below it.
                    Some(Whole::Short(values)) => match i16::try_from(*end) {
                        Ok(end) => pack(&values[start..start + rows], |v| v >= end),
                        Err(_) => [if *end < 0 { u64::MAX } else { 0 }; WORDS],
                    },
                    Some(Whole::Narrow(values)) => match i32::try_from(*end) {
                        Ok(end) => pack(&values[start..start + rows], |v| v >= end),
                        Err(_) => [if *end < 0 { u64::MAX } else { 0 }; WORDS],
                    },
                    Some(Whole::Long(values)) => pack(&values[start..start + rows], |v| v >= *end),
                    None => [0; WORDS],
                };
                if *below { at_least.map(|word| !word) } else { at_least }
            }
            Sign::Is { var, value, other } => {
                let equal = match self.whole(*var) {
                    Some(Whole::Short(values)) => match i16::try_from(*value) {
                        Ok(value) => pack(&values[start..start + rows], |v| v == value),
                        Err(_) => [0; WORDS],
                    },
                    Some(Whole::Narrow(values)) => match i32::try_from(*value) {
                        Ok(value) => pack(&values[start..start + rows], |v| v == value),
                        Err(_) => [0; WORDS],
                    },
                    Some(Whole::Long(values)) => pack(&values[start..start + rows], |v| v == *value),
                    None => [0; WORDS],
                };
                if *other { equal.map(|word| !word) } else { equal }
            }
            Sign::Sum(Sum::I32(terms), op) => flags(|k| self.strip(terms, k, start, rows), *op),
            Sign::Sum(Sum::F64(terms), op) => flags(|k| self.strip(terms, k, start, rows), *op),
            Sign::Sum(Sum::I64(terms), op) => flags(|k| self.strip(terms, k, start, rows), *op),
            Sign::Sum(Sum::I128(terms), op) => flags(|k| self.strip(terms, k, start, rows), *op),
            Sign::Sum(Sum::Large(poly), op) => {
                let mut out = [0; WORDS];
                for i in 0..rows {
                    let value = poly.value(&|var| self.frame.columns[var as usize].number(start + i));
                    if value.is_some_and(|v| holds(*op, &v)) {
                        out[i / 64] |= 1 << (i % 64);
                    }
                }
                out
            }
        }
    }

    fn whole(&self, var: Var) -> Option<&Whole> {
        match &self.frame.columns[var as usize] {
            Column::Number { values, .. } => Some(values),
            _ => None,
        }
    }

    /// The sum of products for the rows of an eighth of a block: little enough to stay at hand from one
    /// term to the next.
    #[inline(always)]
    fn strip<T: Lane>(&self, terms: &[(T, Vec<Var>)], eighth: usize, start: usize, rows: usize) -> [T; APART] {
        let fixed = terms.iter().filter(|(_, vars)| vars.is_empty()).fold(T::ZERO, |sum, (f, _)| sum.plus(*f));
        let mut sum = [fixed; APART];
        let rows = rows.saturating_sub(eighth * APART).min(APART);
        let start = start + eighth * APART;
        if rows == 0 {
            return sum;
        }
        for (factor, vars) in terms {
            match vars.as_slice() {
                [] => (),
                [var] => {
                    let column = self.whole(*var).expect("bound to numbers");
                    each(&mut sum, column, start, rows, |s, v| s.plus(factor.times(v)));
                }
                many => {
                    let mut product = [*factor; APART];
                    for var in many {
                        let column = self.whole(*var).expect("bound to numbers");
                        each(&mut product, column, start, rows, |p, v| p.times(v));
                    }
                    sum.iter_mut().zip(&product).for_each(|(s, p)| *s = s.plus(*p));
                }
            }
        }
        sum
    }

    /// The sum of products for the rows of a block, each made what is asked for.
    fn lanes<T: Lane, R: Copy + Default>(
        &self,
        terms: &[(T, Vec<Var>)],
        start: usize,
        rows: usize,
        as_asked: impl Fn(T) -> R,
    ) -> [R; BLOCK] {
        let mut out = [R::default(); BLOCK];
        for (k, eighth) in out.chunks_exact_mut(APART).enumerate() {
            let strip = self.strip(terms, k, start, rows);
            eighth.iter_mut().zip(&strip).for_each(|(out, value)| *out = as_asked(*value));
        }
        out
    }

    fn lanes_of_any(&self, sum: &Sum, start: usize, rows: usize) -> [i128; BLOCK] {
        match sum {
            Sum::I32(terms) => self.lanes(terms, start, rows, i128::from),
            Sum::F64(terms) => self.lanes(terms, start, rows, |v| v as i128),
            Sum::I64(terms) => self.lanes(terms, start, rows, i128::from),
            Sum::I128(terms) => self.lanes(terms, start, rows, |v| v),
            Sum::Large(_) => unreachable!("bound row by row"),
        }
    }

    fn lanes_of_64(&self, sum: &Sum, start: usize, rows: usize) -> [i64; BLOCK] {
        match sum {
            Sum::I32(terms) => self.lanes(terms, start, rows, i64::from),
            Sum::F64(terms) => self.lanes(terms, start, rows, |v| v as i64),
            Sum::I64(terms) => self.lanes(terms, start, rows, |v| v),
            Sum::I128(_) | Sum::Large(_) => unreachable!("bound to 64 bits"),
        }
    }

    // -----------------------------------------------------------------------------------------
    // Points

    fn answer_points<T: Wide>(&self, atoms: &mut [Pair], points: &mut Vec<Range<T>>, start: usize, rows: usize) {
        points.resize_with(self.plan.points.len(), || Range::of(T::ZERO));
        for (at, (point, scored)) in self.plan.points.iter().zip(&self.binding.scored).enumerate() {
            // Parts come before their sums.
            let (parts_of, range) = points.split_at_mut(at);
            let range = &mut range[0];
            match point {
                PointPlan::Item { max, way, .. } => {
                    self.way(way, &mut scored.iter(), *max, atoms, range, start, rows);
                    range.cap(T::points(*max));
                }
                PointPlan::Sum { parts, cap, .. } => {
                    range.fill(T::ZERO, T::ZERO);
                    parts.iter().for_each(|part| range.add(&parts_of[*part as usize]));
                    cap.iter().for_each(|cap| range.cap(T::points(*cap)));
                }
            }
        }
        for (pair, question) in atoms.iter_mut().zip(&self.binding.questions) {
            if let Question::Points(terms, constant, op) = question {
                *pair = compare_points(points, terms, constant, *op);
            }
        }
    }

    /// Points of a way; `scored` are its values, bound, in the order written.
    fn way<'s, T: Wide>(
        &self,
        way: &Way,
        scored: &mut impl Iterator<Item = &'s Scored<'s>>,
        max: i64,
        atoms: &[Pair],
        range: &mut Range<T>,
        start: usize,
        rows: usize,
    ) {
        match way {
            Way::First { cases, rest, .. } => first(cases, *rest, atoms, range, rows),
            Way::Each(cases) => {
                range.fill(T::ZERO, T::ZERO);
                for case in cases {
                    let pair = fold(&case.when, atoms);
                    let points = T::points(case.points);
                    // Points may also be taken away.
                    let (less, more) = (points.min(T::ZERO), points.max(T::ZERO));
                    for (w, (yes, no)) in pair.yes.iter().zip(&pair.no).enumerate() {
                        range.put(w, *yes, |low, high| (low.plus(points), high.plus(points)));
                        range.put(w, !*yes & !*no, |low, high| (low.plus(less), high.plus(more)));
                    }
                }
            }
            Way::BetterOf(ways) => {
                range.fill(T::ZERO, T::ZERO);
                let mut other = Range::of(T::ZERO);
                for (at, way) in ways.iter().enumerate() {
                    let each = if at == 0 { &mut *range } else { &mut other };
                    self.way(way, scored, max, atoms, each, start, rows);
                    if at > 0 {
                        range.low.iter_mut().zip(&other.low).for_each(|(b, r)| *b = (*b).max(*r));
                        range.high.iter_mut().zip(&other.high).for_each(|(b, r)| *b = (*b).max(*r));
                    }
                }
            }
            Way::Value(_) | Way::Judged(Some(_)) => {
                self.scored(scored.next().expect("bound in the same order"), max, range, start, rows);
            }
            Way::Judged(None) => range.fill(T::ZERO, T::points(max)),
        }
    }

    /// Points that are a value, cut off to ten-thousandths and held between nothing and the most.
    fn scored<T: Wide>(&self, scored: &Scored, max: i64, range: &mut Range<T>, start: usize, rows: usize) {
        let known = match scored {
            Scored::Narrow { terms, factor, vars } => {
                let most = max.min(i64::from(i32::MAX)) as i32;
                range.low = self.lanes(terms, start, rows, |v| T::narrow(v.times(*factor).max(0).min(most)));
                self.known(vars, start)
            }
            Scored::Times { sum, factor, vars } => {
                let values = self.lanes_of_64(sum, start, rows);
                let points = |v: i64| T::points(v.times(*factor).max(0).min(max));
                range.low.iter_mut().zip(&values).for_each(|(low, v)| *low = points(*v));
                self.known(vars, start)
            }
            Scored::Over { sum, factor, divisor, below, vars } => {
                let mut known = self.known(vars, start);
                let above = self.lanes_of_any(sum, start, rows);
                let mut under = [*divisor; BLOCK];
                for (divisor, positive) in below {
                    let set = self.sign(positive, start, rows);
                    known.iter_mut().zip(set).for_each(|(k, p)| *k &= p);
                    let values = self.lanes_of_any(divisor, start, rows);
                    under.iter_mut().zip(&values).for_each(|(u, v)| *u = u.times(*v));
                }
                let points = |i: usize| above[i].times(*factor).div_euclid(under[i]).clamp(0, i128::from(max)) as i64;
                for (w, word) in known.iter().enumerate() {
                    ones(w, *word, |i| range.low[i] = T::points(points(i)));
                }
                known
            }
            Scored::Slow(term) => {
                for i in 0..rows {
                    let number = |var: Var| self.frame.columns[var as usize].number(start + i);
                    let (low, high) = crate::explain::points_of(term, max, &number);
                    (range.low[i], range.high[i]) = (T::points(low), T::points(high));
                }
                return;
            }
        };
        range.high = range.low;
        // What is not known is little: it is mended afterwards.
        for (w, word) in known.iter().enumerate() {
            ones(w, !word, |i| (range.low[i], range.high[i]) = (T::ZERO, T::points(max)));
        }
    }
}

/// Each row of a word.
#[inline(always)]
fn ones(word: usize, mut rows: u64, mut each: impl FnMut(usize)) {
    while rows != 0 {
        each(word * 64 + rows.trailing_zeros() as usize);
        rows &= rows - 1;
    }
}

/// Changes every row by the column's value there.
#[inline(always)]
fn each<T: Lane>(out: &mut [T], column: &Whole, start: usize, rows: usize, with: impl Fn(T, T) -> T) {
    match column {
        Whole::Short(values) => {
            let values = &values[start..start + rows];
            out.iter_mut().zip(values).for_each(|(o, v)| *o = with(*o, T::narrow(i32::from(*v))));
        }
        Whole::Narrow(values) => {
            out.iter_mut().zip(&values[start..start + rows]).for_each(|(o, v)| *o = with(*o, T::narrow(*v)));
        }
        Whole::Long(values) => {
            out.iter_mut().zip(&values[start..start + rows]).for_each(|(o, v)| *o = with(*o, T::of(*v)));
        }
    }
}

/// Where a text is one of those asked for.
fn hit(hits: &Hits, codes: &[u32]) -> Set {
    match hits {
        Hits::Few(few) => {
            let mut out = [0; WORDS];
            for code in few {
                out.iter_mut().zip(pack(codes, |c| c == *code)).for_each(|(o, h)| *o |= h);
            }
            out
        }
        Hits::Table(table) => pack(codes, |c| table[c as usize]),
    }
}

/// True where known and yes, false where known and not.
fn split(yes: &Set, known: &Set) -> Pair {
    let mut out = UNKNOWN;
    for w in 0..WORDS {
        out.yes[w] = yes[w] & known[w];
        out.no[w] = !yes[w] & known[w];
    }
    out
}

/// Points of the rows of a block: the least and most that what is unknown leaves open.
struct Range<T> {
    low: [T; BLOCK],
    high: [T; BLOCK],
}

impl<T: Wide> Range<T> {
    fn of(points: T) -> Self {
        Self { low: [points; BLOCK], high: [points; BLOCK] }
    }

    fn fill(&mut self, low: T, high: T) {
        self.low.fill(low);
        self.high.fill(high);
    }

    fn add(&mut self, other: &Self) {
        self.low.iter_mut().zip(&other.low).for_each(|(a, b)| *a = a.plus(*b));
        self.high.iter_mut().zip(&other.high).for_each(|(a, b)| *a = a.plus(*b));
    }

    fn cap(&mut self, most: T) {
        self.low.iter_mut().chain(&mut self.high).for_each(|p| *p = (*p).min(most));
    }

    /// Changes the rows of a word.
    #[inline(always)]
    fn put(&mut self, word: usize, rows: u64, change: impl Fn(T, T) -> (T, T)) {
        ones(word, rows, |i| (self.low[i], self.high[i]) = change(self.low[i], self.high[i]));
    }
}

/// The first case that holds. Each row is looked at once where everything is known.
fn first<T: Wide>(cases: &[WayCase], rest: i64, atoms: &[Pair], range: &mut Range<T>, rows: usize) {
    range.fill(T::ENDS.1, T::ENDS.0);
    let mut open = [u64::MAX; WORDS];
    open[rows.div_ceil(64)..].fill(0);
    for case in cases {
        let pair = fold(&case.when, atoms);
        let points = T::points(case.points);
        for (word, open) in open.iter_mut().enumerate() {
            range.put(word, *open & !pair.no[word], |low, high| (low.min(points), high.max(points)));
            *open &= !pair.yes[word];
        }
    }
    let points = T::points(rest);
    for (word, open) in open.iter().enumerate() {
        range.put(word, *open, |low, high| (low.min(points), high.max(points)));
    }
}

fn compare_points<T: Wide>(
    points: &[Range<T>],
    terms: &[(u32, num_bigint::BigInt)],
    constant: &num_bigint::BigInt,
    op: Op,
) -> Pair {
    // A table of points against an end: nothing has to be added up.
    if let ([(point, factor)], Op::Above | Op::AtLeast) = (terms, op)
        && num_traits::One::is_one(factor)
        && let Some(end) = (-constant).to_i64().filter(|end| (-(1 << 30)..1 << 30).contains(end))
    {
        let (range, end) = (&points[*point as usize], T::points(end));
        return match op {
            Op::AtLeast => Pair { yes: pack(&range.low, |p| p >= end), no: pack(&range.high, |p| p < end) },
            _ => Pair { yes: pack(&range.low, |p| p > end), no: pack(&range.high, |p| p <= end) },
        };
    }
    let mut out = UNKNOWN;
    for i in 0..BLOCK {
        let (mut low, mut high) = (constant.clone(), constant.clone());
        for (point, factor) in terms {
            let range = &points[*point as usize];
            let (a, b) = (factor * range.low[i].wide(), factor * range.high[i].wide());
            low += (&a).min(&b);
            high += (&a).max(&b);
        }
        let zero = num_bigint::BigInt::default();
        let (yes, no) = match op {
            Op::Above => (low > zero, high <= zero),
            Op::AtLeast => (low >= zero, high < zero),
            Op::Equal => (low == zero && high == zero, low > zero || high < zero),
            Op::Other => (low > zero || high < zero, low == zero && high == zero),
        };
        out.yes[i / 64] |= u64::from(yes) << (i % 64);
        out.no[i / 64] |= u64::from(no) << (i % 64);
    }
    out
}

/// At least that many: true where so many are, false where no more than less can be. Counted for 64 rows
/// at a time, in binary numbers whose digits are words.
fn at_least<'a>(count: u32, all: usize, parts: impl Iterator<Item = &'a Pair> + Clone) -> Pair {
    let digits = (usize::BITS - all.leading_zeros()) as usize;
    let mut sum = vec![0u64; digits];
    // Rows where so many of the words have a one.
    let mut reached = |words: &mut dyn Iterator<Item = u64>, count: u64| {
        if count >> digits != 0 {
            return 0;
        }
        sum.fill(0);
        for word in words {
            let mut carry = word;
            for digit in &mut sum {
                (*digit, carry) = (*digit ^ carry, *digit & carry);
            }
        }
        let (mut above, mut equal) = (0, u64::MAX);
        for (at, digit) in sum.iter().enumerate().rev() {
            match count >> at & 1 {
                0 => {
                    above |= equal & digit;
                    equal &= !digit;
                }
                _ => equal &= digit,
            }
        }
        above | equal
    };
    let mut out = UNKNOWN;
    for w in 0..WORDS {
        out.yes[w] = reached(&mut parts.clone().map(|p| p.yes[w]), u64::from(count));
        // So few are left that may hold: more are false than may be.
        let few = (all as u64 + 1).checked_sub(u64::from(count));
        out.no[w] = few.map_or(u64::MAX, |few| reached(&mut parts.clone().map(|p| p.no[w]), few));
    }
    out
}

fn fold(tree: &Tree, atoms: &[Pair]) -> Pair {
    match tree {
        Tree::Fixed(b) => Pair::fixed(*b),
        Tree::Atom(at) => atoms[*at as usize],
        Tree::Not(inner) => fold(inner, atoms).not(),
        Tree::And(parts) => {
            let mut all = parts.first().map_or(Pair::fixed(true), |p| fold(p, atoms));
            parts.iter().skip(1).for_each(|p| all.and(&fold(p, atoms)));
            all
        }
        Tree::Or(parts) => {
            let mut any = parts.first().map_or(Pair::fixed(false), |p| fold(p, atoms));
            parts.iter().skip(1).for_each(|p| any.or(&fold(p, atoms)));
            any
        }
    }
}

fn words(bits: &Bits, start: usize) -> Set {
    let mut out = [0; WORDS];
    let from = start / 64;
    let to = bits.words.len().min(from + WORDS);
    out[..to - from].copy_from_slice(&bits.words[from..to]);
    out
}
