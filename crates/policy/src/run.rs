//! Every rule for every firm at once. Rows go through in blocks: each question of the plan is answered
//! for the block as two sets of rows (true, false; the rest is unknown), conditions are set operations
//! over them, points are kept as the range that what is unknown leaves open. Nothing rounds: where the
//! sizes of the figures allow it, polynomials are computed in 64-bit integers, else in 128, else in
//! integers of any size; all three give the same.
//!
//! Blocks are independent, so the result does not depend on threads.

use crate::exact::{Poly, Var};
use crate::frame::{Bits, Column, Frame};
use crate::parse::Op;
use crate::plan::{Atom, Plan, PointPlan, Tree, Way, WayCase, What, holds};
use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{Signed, ToPrimitive, Zero};
use rayon::prelude::*;
use serde::Serialize;

/// Rows of a block: small enough to stay near the processor with everything that is asked of them.
const BLOCK: usize = 1024;
const WORDS: usize = BLOCK / 64;

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
    /// By node of the rule; the first is the whole condition.
    pub nodes: Vec<Answers>,
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
    yes: [u64; WORDS],
    no: [u64; WORDS],
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

    fn and(mut self, other: &Self) -> Self {
        for w in 0..WORDS {
            self.yes[w] &= other.yes[w];
            self.no[w] |= other.no[w];
        }
        self
    }

    fn or(mut self, other: &Self) -> Self {
        for w in 0..WORDS {
            self.yes[w] |= other.yes[w];
            self.no[w] &= other.no[w];
        }
        self
    }
}

/// A polynomial bound to the scales of a frame.
enum Bound {
    /// Fits 64 bits for every row.
    Small(Vec<(i64, Vec<Var>)>),
    /// Fits 128 bits.
    Middle(Vec<(i128, Vec<Var>)>),
    /// Any size, or fractions.
    Large(Poly),
}

fn bind(poly: &Poly, frame: &Frame) -> Bound {
    let mut scales = Vec::new();
    for (vars, _) in poly.terms() {
        let mut sum = 0u32;
        for var in vars {
            match &frame.columns[*var as usize] {
                Column::Number { scale, .. } => sum += scale,
                Column::Unknown => (),
                _ => return Bound::Large(poly.clone()),
            }
        }
        scales.push(sum);
    }
    let most_scale = scales.iter().copied().max().unwrap_or(0);
    let mut terms = Vec::new();
    let mut size = BigInt::zero();
    for ((vars, factor), scale) in poly.terms().zip(scales) {
        let factor = factor.to_integer() * BigInt::from(10).pow(most_scale - scale);
        let mut largest = factor.abs();
        for var in vars {
            if let Column::Number { most, .. } = &frame.columns[*var as usize] {
                largest *= BigInt::from(*most);
            }
        }
        // Each product is also held on its way, and so is each sum.
        size += largest.max(factor.abs());
        terms.push((factor, vars.to_vec()));
    }
    let whole = |limit: i128| size <= BigInt::from(limit);
    if whole(i128::from(i64::MAX)) {
        Bound::Small(terms.into_iter().map(|(f, v)| (f.to_i64().expect("bounded"), v)).collect())
    } else if whole(i128::MAX) {
        Bound::Middle(terms.into_iter().map(|(f, v)| (f.to_i128().expect("bounded"), v)).collect())
    } else {
        Bound::Large(poly.clone())
    }
}

/// A question bound to a frame.
enum Question<'p> {
    Sign { above: Bound, below: Vec<Bound>, vars: Vec<Var>, op: Op },
    Is(Var),
    OneOf(Var, Vec<bool>),
    Known(Vec<Var>, Vec<Bound>),
    Points(&'p [(u32, BigRational)], &'p BigRational, Op),
}

struct Bounded<'p> {
    plan: &'p Plan,
    frame: &'p Frame,
    questions: Vec<Question<'p>>,
}

impl Plan {
    /// Evaluates every rule for every row on the threads of the caller.
    pub fn run(&self, frame: &Frame) -> Batch {
        let bounded = Bounded::new(self, frame);
        let blocks: Vec<Vec<Pair>> =
            (0..frame.rows.div_ceil(BLOCK)).into_par_iter().map(|b| bounded.block(b * BLOCK)).collect();
        let mut at = 0;
        let rules = self.rules.iter().map(|rule| {
            let nodes = (0..rule.nodes.len()).map(|node| {
                let take = |side: &dyn Fn(&Pair) -> [u64; WORDS]| {
                    let mut bits = Bits::none(frame.rows);
                    for (block, words) in blocks.iter().zip(bits.words.chunks_mut(WORDS)) {
                        words.copy_from_slice(&side(&block[at + node])[..words.len()]);
                    }
                    trim(&mut bits, frame.rows);
                    bits
                };
                Answers { yes: take(&|p| p.yes), no: take(&|p| p.no) }
            });
            let nodes = nodes.collect();
            at += rule.nodes.len();
            RuleAnswers { nodes }
        });
        let rules = rules.collect();
        Batch { rows: frame.rows, rules }
    }
}

impl Plan {
    /// Evaluates anew what may differ after some rows of the frame have changed; the rest of the batch
    /// stays as it is. The same as evaluating everything.
    pub fn rerun(&self, frame: &Frame, batch: &mut Batch, rows: &[usize]) {
        let bounded = Bounded::new(self, frame);
        let mut blocks: Vec<usize> = rows.iter().map(|r| r / BLOCK).collect();
        blocks.sort_unstable();
        blocks.dedup();
        let answers: Vec<(usize, Vec<Pair>)> = blocks.into_par_iter().map(|b| (b, bounded.block(b * BLOCK))).collect();
        for (block, pairs) in answers {
            let mut pairs = pairs.into_iter();
            for rule in &mut batch.rules {
                for answers in &mut rule.nodes {
                    let pair = pairs.next().expect("a pair for each node");
                    for (bits, words) in [(&mut answers.yes, pair.yes), (&mut answers.no, pair.no)] {
                        let at = block * WORDS;
                        let to = bits.words.len().min(at + WORDS);
                        bits.words[at..to].copy_from_slice(&words[..to - at]);
                        trim(bits, frame.rows);
                    }
                }
            }
        }
    }
}

/// Clears the bits beyond the last row.
fn trim(bits: &mut Bits, rows: usize) {
    if let (Some(last), left @ 1..) = (bits.words.last_mut(), rows % 64) {
        *last &= (1 << left) - 1;
    }
}

impl<'p> Bounded<'p> {
    fn new(plan: &'p Plan, frame: &'p Frame) -> Self {
        let questions = plan.atoms.iter().map(|atom| match atom {
            Atom::Sign { above, below, vars, op } => {
                let vars = vars.clone();
                let below = below.iter().map(|p| bind(&p.whole(), frame)).collect();
                Question::Sign { above: bind(above, frame), below, vars, op: *op }
            }
            Atom::Is(var) => Question::Is(*var),
            Atom::OneOf(var, texts) => {
                let names: &[String] = match &frame.columns[*var as usize] {
                    Column::Text { names, .. } => names,
                    _ => &[],
                };
                let mut hit = vec![false];
                hit.extend(names.iter().map(|n| texts.binary_search(n).is_ok()));
                Question::OneOf(*var, hit)
            }
            Atom::Known(vars, below) => {
                Question::Known(vars.clone(), below.iter().map(|p| bind(&p.whole(), frame)).collect())
            }
            Atom::Points { terms, constant, op } => Question::Points(terms, constant, *op),
        });
        Self { plan, frame, questions: questions.collect() }
    }

    /// Answers for the rows from `start`: a pair for each node of each rule.
    fn block(&self, start: usize) -> Vec<Pair> {
        let rows = BLOCK.min(self.frame.rows - start);
        let mut atoms: Vec<Pair> = Vec::with_capacity(self.questions.len());
        for question in &self.questions {
            atoms.push(self.answer(question, start, rows));
        }
        // Points rest on atoms without points, and atoms about points on those: two passes suffice.
        let points = self.points(&atoms, start, rows);
        for (pair, question) in atoms.iter_mut().zip(&self.questions) {
            if let Question::Points(terms, constant, op) = question {
                *pair = compare_points(&points, terms, constant, *op, rows);
            }
        }
        let mut out = Vec::new();
        for rule in &self.plan.rules {
            let first = out.len();
            out.resize(first + rule.nodes.len(), UNKNOWN);
            for (at, node) in rule.nodes.iter().enumerate().rev() {
                let part = |n: &usize| &out[first + n];
                let pair = match &node.what {
                    What::All(parts) => parts.iter().fold(Pair::fixed(true), |all, n| all.and(part(n))),
                    What::Any(parts) => parts.iter().fold(Pair::fixed(false), |any, n| any.or(part(n))),
                    What::AtLeast(count, parts) => at_least(*count, parts.iter().map(part)),
                    What::Not(inner) => part(inner).not(),
                    What::Unless(of, except) => part(of).or(part(except)),
                    What::Leaf(_, tree) | What::Judged(Some((_, tree))) => fold(tree, &atoms),
                    What::Judged(None) => UNKNOWN,
                    What::Slot => Pair::fixed(true),
                };
                out[first + at] = pair;
            }
        }
        out
    }

    fn answer(&self, question: &Question, start: usize, rows: usize) -> Pair {
        match question {
            Question::Sign { above, below, vars, op } => {
                let mut known = self.known(vars, start);
                for divisor in below {
                    let positive = self.sign(divisor, Op::Above, start, rows);
                    known.iter_mut().zip(positive).for_each(|(k, p)| *k &= p);
                }
                let yes = self.sign(above, *op, start, rows);
                let mut out = UNKNOWN;
                for w in 0..WORDS {
                    out.yes[w] = yes[w] & known[w];
                    out.no[w] = !yes[w] & known[w];
                }
                out
            }
            Question::Is(var) => match &self.frame.columns[*var as usize] {
                Column::Truth { yes, no } => Pair { yes: words(yes, start), no: words(no, start) },
                _ => UNKNOWN,
            },
            Question::OneOf(var, hit) => {
                let mut out = UNKNOWN;
                if let Column::Text { codes, .. } = &self.frame.columns[*var as usize] {
                    for (i, code) in codes[start..start + rows].iter().enumerate().filter(|(_, c)| **c > 0) {
                        let side = if hit[*code as usize] { &mut out.yes } else { &mut out.no };
                        side[i / 64] |= 1 << (i % 64);
                    }
                }
                out
            }
            Question::Known(vars, below) => {
                let mut known = self.known(vars, start);
                for divisor in below {
                    let positive = self.sign(divisor, Op::Above, start, rows);
                    known.iter_mut().zip(positive).for_each(|(k, p)| *k &= p);
                }
                let mut out = Pair { yes: known, no: [0; WORDS] };
                out.no.iter_mut().zip(known).for_each(|(n, k)| *n = !k);
                out
            }
            Question::Points(..) => UNKNOWN,
        }
    }

    fn known(&self, vars: &[Var], start: usize) -> [u64; WORDS] {
        let mut out = [u64::MAX; WORDS];
        for var in vars {
            let known = match &self.frame.columns[*var as usize] {
                Column::Number { known, .. } => words(known, start),
                other => words(&other.known(self.frame.rows), start),
            };
            out.iter_mut().zip(known).for_each(|(o, k)| *o &= k);
        }
        out
    }

    /// Rows where the polynomial compares so with zero; meaningless where a variable is unknown.
    fn sign(&self, poly: &Bound, op: Op, start: usize, rows: usize) -> [u64; WORDS] {
        match poly {
            Bound::Small(terms) => {
                let mut sum = [0i64; BLOCK];
                for (factor, vars) in terms {
                    let columns: Option<Vec<&[i64]>> = vars.iter().map(|v| self.small(*v, start, rows)).collect();
                    // A column of which nothing is known leaves the rows unknown anyway.
                    let Some(columns) = columns else { continue };
                    let sum = &mut sum[..rows];
                    match columns.as_slice() {
                        [] => sum.iter_mut().for_each(|s| *s = s.wrapping_add(*factor)),
                        [a] => sum.iter_mut().zip(*a).for_each(|(s, a)| *s = s.wrapping_add(factor.wrapping_mul(*a))),
                        [a, b] => {
                            for ((s, a), b) in sum.iter_mut().zip(*a).zip(*b) {
                                *s = s.wrapping_add(factor.wrapping_mul(a.wrapping_mul(*b)));
                            }
                        }
                        many => {
                            for (i, s) in sum.iter_mut().enumerate() {
                                let product = many.iter().fold(*factor, |p, c| p.wrapping_mul(c[i]));
                                *s = s.wrapping_add(product);
                            }
                        }
                    }
                }
                signs(&sum, op)
            }
            Bound::Middle(terms) => {
                let mut sum = [0i128; BLOCK];
                for (factor, vars) in terms {
                    let columns: Option<Vec<&[i64]>> = vars.iter().map(|v| self.small(*v, start, rows)).collect();
                    let Some(columns) = columns else { continue };
                    for (i, s) in sum[..rows].iter_mut().enumerate() {
                        let product = columns.iter().fold(*factor, |p, c| p.wrapping_mul(i128::from(c[i])));
                        *s = s.wrapping_add(product);
                    }
                }
                signs(&sum.map(|s| s.signum() as i64), op)
            }
            Bound::Large(poly) => {
                let mut out = [0; WORDS];
                for i in 0..rows {
                    let value = poly.value(&|var| self.frame.columns[var as usize].number(start + i));
                    if value.is_some_and(|v| holds(op, &v)) {
                        out[i / 64] |= 1 << (i % 64);
                    }
                }
                out
            }
        }
    }

    fn small(&self, var: Var, start: usize, rows: usize) -> Option<&[i64]> {
        match &self.frame.columns[var as usize] {
            Column::Number { values, .. } => Some(&values[start..start + rows]),
            _ => None,
        }
    }

    // -----------------------------------------------------------------------------------------
    // Points

    fn points(&self, atoms: &[Pair], start: usize, rows: usize) -> Vec<Range> {
        let mut out: Vec<Range> = Vec::with_capacity(self.plan.points.len());
        for point in &self.plan.points {
            let range = match point {
                PointPlan::Item { max, way, .. } => {
                    let mut range = self.way(way, *max, atoms, start, rows);
                    for (low, high) in range.low.iter_mut().zip(&mut range.high) {
                        *low = (*low).min(*max);
                        *high = (*high).min(*max);
                    }
                    range
                }
                PointPlan::Sum { parts, cap, .. } => {
                    let mut range = Range::of(0);
                    for part in parts {
                        range.add(&out[*part as usize]);
                    }
                    if let Some(cap) = cap {
                        range.low.iter_mut().chain(&mut range.high).for_each(|p| *p = (*p).min(*cap));
                    }
                    range
                }
            };
            out.push(range);
        }
        out
    }

    fn way(&self, way: &Way, max: i64, atoms: &[Pair], start: usize, rows: usize) -> Range {
        match way {
            Way::First { cases, rest, .. } => first(cases, *rest, atoms),
            Way::Each(cases) => {
                let mut range = Range::of(0);
                for case in cases {
                    let pair = fold(&case.when, atoms);
                    for i in 0..rows {
                        let (word, bit) = (i / 64, i % 64);
                        if pair.yes[word] >> bit & 1 == 1 {
                            range.low[i] += case.points;
                            range.high[i] += case.points;
                        } else if pair.no[word] >> bit & 1 == 0 {
                            // Points may also be taken away.
                            range.low[i] += case.points.min(0);
                            range.high[i] += case.points.max(0);
                        }
                    }
                }
                range
            }
            Way::BetterOf(ways) => {
                let mut best: Option<Range> = None;
                for way in ways {
                    let range = self.way(way, max, atoms, start, rows);
                    best = Some(match best {
                        None => range,
                        Some(mut best) => {
                            best.low.iter_mut().zip(&range.low).for_each(|(b, r)| *b = (*b).max(*r));
                            best.high.iter_mut().zip(&range.high).for_each(|(b, r)| *b = (*b).max(*r));
                            best
                        }
                    });
                }
                best.unwrap_or_else(|| Range::of(0))
            }
            Way::Value(term) | Way::Judged(Some(term)) => {
                let mut range = Range::of(0);
                for i in 0..rows {
                    let row = start + i;
                    (range.low[i], range.high[i]) =
                        crate::explain::points_of(term, max, &|var| self.frame.columns[var as usize].number(row));
                }
                range
            }
            Way::Judged(None) => {
                let mut range = Range::of(0);
                range.high.fill(max);
                range
            }
        }
    }
}

/// Points of the rows of a block: the least and most that what is unknown leaves open.
struct Range {
    low: Vec<i64>,
    high: Vec<i64>,
}

impl Range {
    fn of(points: i64) -> Self {
        Self { low: vec![points; BLOCK], high: vec![points; BLOCK] }
    }

    fn add(&mut self, other: &Self) {
        self.low.iter_mut().zip(&other.low).for_each(|(a, b)| *a += b);
        self.high.iter_mut().zip(&other.high).for_each(|(a, b)| *a += b);
    }
}

/// The first case that holds. Each row is looked at once where everything is known.
fn first(cases: &[WayCase], rest: i64, atoms: &[Pair]) -> Range {
    let mut range = Range { low: vec![i64::MAX; BLOCK], high: vec![i64::MIN; BLOCK] };
    let mut open = [u64::MAX; WORDS];
    let mut put = |word: usize, mut bits: u64, points: i64| {
        while bits != 0 {
            let i = word * 64 + bits.trailing_zeros() as usize;
            range.low[i] = range.low[i].min(points);
            range.high[i] = range.high[i].max(points);
            bits &= bits - 1;
        }
    };
    for case in cases {
        let pair = fold(&case.when, atoms);
        for (word, open) in open.iter_mut().enumerate() {
            put(word, *open & !pair.no[word], case.points);
            *open &= !pair.yes[word];
        }
    }
    for (word, open) in open.iter().enumerate() {
        put(word, *open, rest);
    }
    range
}

fn compare_points(points: &[Range], terms: &[(u32, BigRational)], constant: &BigRational, op: Op, rows: usize) -> Pair {
    // Whole factors over a common denominator, so that points stay whole.
    let mut common = constant.denom().clone();
    for (_, factor) in terms {
        common = &common * factor.denom();
    }
    let whole = |n: &BigRational| (n * BigRational::from(common.clone())).to_integer().to_i128();
    let constant = whole(constant).and_then(|c| c.checked_mul(i128::from(crate::plan::POINT)));
    let factors: Option<Vec<i128>> = terms.iter().map(|(_, f)| whole(f)).collect();
    let (Some(constant), Some(factors)) = (constant, factors) else { return UNKNOWN };
    let mut out = UNKNOWN;
    for i in 0..rows {
        let (mut low, mut high) = (constant, constant);
        for ((point, _), factor) in terms.iter().zip(&factors) {
            let range = &points[*point as usize];
            let (a, b) = (factor * i128::from(range.low[i]), factor * i128::from(range.high[i]));
            low += a.min(b);
            high += a.max(b);
        }
        let (yes, no) = match op {
            Op::Above => (low > 0, high <= 0),
            Op::AtLeast => (low >= 0, high < 0),
            Op::Equal => (low == 0 && high == 0, low > 0 || high < 0),
            Op::Other => (low > 0 || high < 0, low == 0 && high == 0),
        };
        out.yes[i / 64] |= u64::from(yes) << (i % 64);
        out.no[i / 64] |= u64::from(no) << (i % 64);
    }
    out
}

/// At least that many: true where so many are, false where no more than less can be.
fn at_least<'a>(count: u32, parts: impl Iterator<Item = &'a Pair> + Clone) -> Pair {
    let all = parts.clone().count() as u32;
    let mut out = UNKNOWN;
    for w in 0..WORDS {
        for bit in 0..64 {
            let counted =
                |side: &dyn Fn(&Pair) -> u64| parts.clone().filter(|p| side(p) >> bit & 1 == 1).count() as u32;
            let (yes, no) = (counted(&|p| p.yes[w]), counted(&|p| p.no[w]));
            out.yes[w] |= u64::from(yes >= count) << bit;
            out.no[w] |= u64::from(all - no < count) << bit;
        }
    }
    out
}

fn fold(tree: &Tree, atoms: &[Pair]) -> Pair {
    match tree {
        Tree::Fixed(b) => Pair::fixed(*b),
        Tree::Atom(at) => atoms[*at as usize],
        Tree::Not(inner) => fold(inner, atoms).not(),
        Tree::And(parts) => parts.iter().fold(Pair::fixed(true), |all, p| all.and(&fold(p, atoms))),
        Tree::Or(parts) => parts.iter().fold(Pair::fixed(false), |any, p| any.or(&fold(p, atoms))),
    }
}

fn words(bits: &Bits, start: usize) -> [u64; WORDS] {
    let mut out = [0; WORDS];
    let from = start / 64;
    let to = bits.words.len().min(from + WORDS);
    out[..to - from].copy_from_slice(&bits.words[from..to]);
    out
}

fn signs(sum: &[i64; BLOCK], op: Op) -> [u64; WORDS] {
    let mut out = [0; WORDS];
    for (word, chunk) in out.iter_mut().zip(sum.chunks_exact(64)) {
        let bits = |holds: &dyn Fn(i64) -> bool| {
            chunk.iter().enumerate().fold(0u64, |bits, (i, s)| bits | u64::from(holds(*s)) << i)
        };
        *word = match op {
            Op::Above => bits(&|s| s > 0),
            Op::AtLeast => bits(&|s| s >= 0),
            Op::Equal => bits(&|s| s == 0),
            Op::Other => bits(&|s| s != 0),
        };
    }
    out
}
