//! The search for repairs in scaled whole numbers: the same sets of questions, the same moves and the
//! same order as `repair` finds in fractions, at a cost that allows half a million firms.
//!
//! A rule is made ready once (`Ready`); a firm's figures are whole multiples of one power of ten. A
//! question is computed anew only where a figure that it asks for has moved, and which parts of some moves
//! are enough is computed for 64 parts at a time, a bit each. Whatever does not fit 128 bits, or is larger
//! than what is followed here, is said (`None`) and left to the search in fractions; nothing rounds.

use crate::exact::{Poly, Var};
use crate::explain::{Facts, Span};
use crate::frame::Value;
use crate::parse::{Op, PointId, Term};
use crate::plan::{Atom, AtomId, POINT, Plan, PointPlan, RulePlan, Tree, Way, What};
use crate::repair::{DECIMALS, ROUNDS_MAX, SET_SIZE_MAX, SETS_MAX, choose, decimals};
use crate::run::Truth;
use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::ToPrimitive;
use rust_decimal::Decimal;
use std::cell::{Cell, RefCell};

/// Moves that are followed together; more are left to the search in fractions.
const MOVES_MAX: usize = 12;

/// A value; a text by its number among those that the rule names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Known {
    Unknown,
    Number(i64),
    Truth(bool),
    Text(u32),
}

/// A text that no rule names.
const NAMELESS: u32 = u32::MAX;

/// Moves by variable, ascending.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Moves {
    len: usize,
    all: [(u16, Known); MOVES_MAX],
}

impl Moves {
    const NONE: Self = Self { len: 0, all: [(0, Known::Unknown); MOVES_MAX] };

    fn one(var: u16, to: Known) -> Self {
        let mut out = Self::NONE;
        (out.len, out.all[0]) = (1, (var, to));
        out
    }

    fn slice(&self) -> &[(u16, Known)] {
        &self.all[..self.len]
    }

    fn get(&self, var: u16) -> Option<Known> {
        self.slice().iter().find(|(v, _)| *v == var).map(|(_, to)| *to)
    }

    /// False when there is no room.
    fn put(&mut self, var: u16, to: Known) -> bool {
        let at = self.slice().partition_point(|(v, _)| *v < var);
        if at < self.len && self.all[at].0 == var {
            self.all[at].1 = to;
            return true;
        }
        if self.len == MOVES_MAX {
            return false;
        }
        self.all.copy_within(at..self.len, at + 1);
        self.all[at] = (var, to);
        self.len += 1;
        true
    }

    /// Those of the moves whose bit is set.
    fn part(&self, bits: u32) -> Self {
        let mut out = Self::NONE;
        for (i, made) in self.slice().iter().enumerate() {
            if bits >> i & 1 == 1 {
                out.all[out.len] = *made;
                out.len += 1;
            }
        }
        out
    }

    /// Differs for most that differ.
    fn mark(&self) -> u64 {
        self.slice().iter().fold(0, |mark: u64, (var, to)| {
            let to = match to {
                Known::Unknown => 0,
                Known::Number(n) => *n as u64,
                Known::Truth(b) => u64::from(*b),
                Known::Text(t) => u64::from(*t),
            };
            (mark.rotate_left(5) ^ u64::from(*var) ^ to.rotate_left(17)).wrapping_mul(0x9E37_79B9_7F4A_7C15)
        })
    }

    fn is_part_of(&self, other: &Self) -> bool {
        self.len < other.len && self.slice().iter().all(|(var, to)| other.get(*var) == Some(*to))
    }
}

/// Questions that must come out so, ascending: twice the question's number, and one more for true.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Set {
    len: usize,
    wants: [u16; SET_SIZE_MAX],
    /// A bit for each want, some of them the same: what lacks a bit is no part.
    bits: u64,
}

impl Set {
    const NONE: Self = Self { len: 0, wants: [0; SET_SIZE_MAX], bits: 0 };

    fn one(want: u16) -> Self {
        let mut out = Self { len: 1, bits: 1 << (want % 64), ..Self::NONE };
        out.wants[0] = want;
        out
    }

    fn slice(&self) -> &[u16] {
        &self.wants[..self.len]
    }

    /// Both together; none when that are too many.
    fn and(&self, other: &Self) -> Option<Self> {
        let mut out = Self { bits: self.bits | other.bits, ..Self::NONE };
        let (mut a, mut b) = (self.slice(), other.slice());
        loop {
            let next = match (a.first(), b.first()) {
                (None, None) => return Some(out),
                (Some(x), None) => *x,
                (None, Some(y)) => *y,
                (Some(x), Some(y)) => *x.min(y),
            };
            a = if a.first() == Some(&next) { &a[1..] } else { a };
            b = if b.first() == Some(&next) { &b[1..] } else { b };
            if out.len == SET_SIZE_MAX {
                return None;
            }
            out.wants[out.len] = next;
            out.len += 1;
        }
    }

    fn is_part_of(&self, other: &Self) -> bool {
        self.bits & !other.bits == 0 && self.slice().iter().all(|want| other.slice().contains(want))
    }
}

/// A polynomial with whole factors.
struct Whole {
    terms: Vec<(i64, Vec<u16>)>,
    degree: usize,
}

enum Question {
    Sign {
        above: Whole,
        below: Vec<Whole>,
        vars: Vec<u16>,
        op: Op,
    },
    Is(u16),
    /// Which of the texts are asked for; and where to go when it must be one of them, or none.
    OneOf {
        var: u16,
        texts: Vec<u32>,
        others: Vec<u32>,
    },
    Known(Vec<u16>, Vec<Whole>),
    /// Factors and what is added, in parts of a ten-thousandth.
    Points {
        terms: Vec<(usize, i128)>,
        constant: i128,
        op: Op,
    },
}

enum Formula {
    Fixed(bool),
    And(Vec<Formula>),
    Or(Vec<Formula>),
    Not(Box<Formula>),
    Atom(u16),
}

enum Node {
    All(Vec<usize>),
    Any(Vec<usize>),
    AtLeast(u32, Vec<usize>),
    Not(usize),
    Unless(usize, usize),
    Leaf(Formula),
    Judged,
    Slot,
}

enum Points {
    Item { max: i64, way: Giving },
    Sum { parts: Vec<usize>, cap: Option<i64> },
}

enum Giving {
    First(Vec<(Formula, i64)>, i64),
    Each(Vec<(Formula, i64)>),
    BetterOf(Vec<Giving>),
    Judged(u16),
    JudgedByNobody,
}

/// A rule made ready for the search.
pub(crate) struct Ready {
    /// Variables of the rule, ascending; all below are numbers in this list.
    pub(crate) vars: Vec<Var>,
    questions: Vec<Question>,
    nodes: Vec<Node>,
    points: Vec<Points>,
    texts: Vec<String>,
    /// Questions that ask for a variable.
    touched: Vec<Vec<u16>>,
    /// Does an item ask for the variable?
    scored: Vec<bool>,
    /// Questions about points.
    of_points: Vec<u16>,
    /// Decimals to which a variable is moved.
    decimals: Vec<u32>,
    degree: usize,
}

/// Numbers of a rule's own for what it uses of a plan.
struct Numbering<'p> {
    plan: &'p Plan,
    first: PointId,
    vars: Vec<Var>,
    atoms: Vec<AtomId>,
    texts: Vec<String>,
}

impl Numbering<'_> {
    fn var(&self, var: Var) -> Option<u16> {
        self.vars.binary_search(&var).ok().map(|at| at as u16)
    }

    fn vars(&self, vars: &[Var]) -> Option<Vec<u16>> {
        vars.iter().map(|v| self.var(*v)).collect()
    }

    fn whole(&self, poly: &Poly) -> Option<Whole> {
        let mut terms = Vec::new();
        for (vars, factor) in poly.terms() {
            let factor = factor.is_integer().then(|| factor.to_integer().to_i64())??;
            terms.push((factor, self.vars(vars)?));
        }
        let degree = terms.iter().map(|(_, vars)| vars.len()).max().unwrap_or(0);
        Some(Whole { terms, degree })
    }

    fn wholes(&self, polys: &[Poly]) -> Option<Vec<Whole>> {
        polys.iter().map(|p| self.whole(p)).collect()
    }

    fn text(&mut self, text: &str) -> u32 {
        let at = self.texts.iter().position(|t| t == text).unwrap_or_else(|| {
            self.texts.push(text.to_owned());
            self.texts.len() - 1
        });
        at as u32
    }

    fn question(&mut self, atom: AtomId) -> Option<Question> {
        let plan = self.plan;
        Some(match &plan.atoms[atom as usize] {
            Atom::Sign { above, below, vars, op } => Question::Sign {
                above: self.whole(above)?,
                below: self.wholes(below)?,
                vars: self.vars(vars)?,
                op: *op,
            },
            Atom::Is(var) => Question::Is(self.var(*var)?),
            Atom::OneOf(var, texts) => Question::OneOf {
                var: self.var(*var)?,
                texts: texts.iter().map(|t| self.text(t)).collect(),
                others: crate::repair::other_texts(plan, *var, texts).iter().map(|t| self.text(t)).collect(),
            },
            Atom::Known(vars, below) => Question::Known(self.vars(vars)?, self.wholes(below)?),
            Atom::Points { terms, constant, op } => {
                let mut common = constant.denom().clone();
                terms.iter().for_each(|(_, factor)| common = &common * factor.denom());
                let whole = |n: &BigRational| (n * BigRational::from(common.clone())).to_integer();
                let factor = |(point, f): &(PointId, BigRational)| {
                    Some((usize::try_from(point - self.first).ok()?, whole(f).to_i64().map(i128::from)?))
                };
                Question::Points {
                    terms: terms.iter().map(factor).collect::<Option<_>>()?,
                    constant: (whole(constant) * BigInt::from(POINT)).to_i64().map(i128::from)?,
                    op: *op,
                }
            }
        })
    }

    fn formula(&self, tree: &Tree) -> Option<Formula> {
        let all = |parts: &[Tree]| parts.iter().map(|p| self.formula(p)).collect::<Option<Vec<_>>>();
        Some(match tree {
            Tree::Fixed(b) => Formula::Fixed(*b),
            Tree::And(parts) => Formula::And(all(parts)?),
            Tree::Or(parts) => Formula::Or(all(parts)?),
            Tree::Not(inner) => Formula::Not(Box::new(self.formula(inner)?)),
            Tree::Atom(atom) => Formula::Atom(self.atoms.binary_search(atom).ok()? as u16),
        })
    }

    fn node(&self, what: &What) -> Option<Node> {
        Some(match what {
            What::All(parts) => Node::All(parts.clone()),
            What::Any(parts) => Node::Any(parts.clone()),
            What::AtLeast(count, parts) => Node::AtLeast(*count, parts.clone()),
            What::Not(inner) => Node::Not(*inner),
            What::Unless(of, except) => Node::Unless(*of, *except),
            What::Leaf(_, tree) | What::Judged(Some((_, tree))) => Node::Leaf(self.formula(tree)?),
            What::Judged(None) => Node::Judged,
            What::Slot => Node::Slot,
        })
    }

    /// None for values that are more than a figure: those are left to the search in fractions.
    fn giving(&self, way: &Way) -> Option<Giving> {
        let cases = |cases: &[crate::plan::WayCase]| {
            cases.iter().map(|c| Some((self.formula(&c.when)?, c.points))).collect::<Option<Vec<_>>>()
        };
        Some(match way {
            Way::First { cases: of, rest, .. } => Giving::First(cases(of)?, *rest),
            Way::Each(of) => Giving::Each(cases(of)?),
            Way::BetterOf(ways) => Giving::BetterOf(ways.iter().map(|w| self.giving(w)).collect::<Option<_>>()?),
            Way::Judged(Some(Term::Var(var))) => Giving::Judged(self.var(*var)?),
            Way::Judged(None) => Giving::JudgedByNobody,
            Way::Value(_) | Way::Judged(Some(_)) => return None,
        })
    }
}

impl Ready {
    /// None where the rule asks for something that is left to the search in fractions.
    pub(crate) fn new(plan: &Plan, rule: &RulePlan) -> Option<Self> {
        let (mut vars, mut atoms) = (Vec::new(), Vec::new());
        for node in &rule.nodes {
            if let What::Leaf(_, tree) | What::Judged(Some((_, tree))) = &node.what {
                crate::explain::atoms_of(tree, &mut atoms);
            }
        }
        for (_, point) in &rule.points {
            if let PointPlan::Item { way, .. } = &plan.points[*point as usize] {
                crate::explain::way_atoms(way, &mut atoms);
                crate::explain::way_vars(way, &mut vars);
            }
        }
        atoms.sort_unstable();
        atoms.dedup();
        for atom in &atoms {
            match &plan.atoms[*atom as usize] {
                Atom::Sign { above, below, vars: written, .. } => {
                    vars.extend(written);
                    vars.extend(above.vars());
                    vars.extend(below.iter().flat_map(Poly::vars));
                }
                Atom::Is(var) | Atom::OneOf(var, _) => vars.push(*var),
                Atom::Known(written, below) => {
                    vars.extend(written);
                    vars.extend(below.iter().flat_map(Poly::vars));
                }
                Atom::Points { .. } => (),
            }
        }
        vars.sort_unstable();
        vars.dedup();
        let first = rule.points.first().map_or(0, |(_, first)| *first);
        let mut numbering = Numbering { plan, first, vars, atoms, texts: Vec::new() };
        let questions =
            numbering.atoms.clone().into_iter().map(|a| numbering.question(a)).collect::<Option<Vec<_>>>()?;
        let nodes = rule.nodes.iter().map(|n| numbering.node(&n.what)).collect::<Option<Vec<_>>>()?;
        let mut scored = vec![false; numbering.vars.len()];
        let mut points = Vec::new();
        for (_, at) in &rule.points {
            points.push(match &plan.points[*at as usize] {
                PointPlan::Item { max, way, .. } => {
                    let mut atoms = Vec::new();
                    crate::explain::way_atoms(way, &mut atoms);
                    // Points within points would have to be computed in turn.
                    if atoms.iter().any(|a| matches!(plan.atoms[*a as usize], Atom::Points { .. })) {
                        return None;
                    }
                    let mut vars = Vec::new();
                    crate::explain::way_vars(way, &mut vars);
                    numbering.vars(&vars)?.iter().for_each(|v| scored[usize::from(*v)] = true);
                    Points::Item { max: *max, way: numbering.giving(way)? }
                }
                PointPlan::Sum { parts, cap, .. } => {
                    Points::Sum { parts: parts.iter().map(|p| (p - first) as usize).collect(), cap: *cap }
                }
            });
        }
        let mut touched = vec![Vec::new(); numbering.vars.len()];
        let (mut of_points, mut degree) = (Vec::new(), 1);
        for (at, question) in questions.iter().enumerate() {
            let mut vars: Vec<u16> = Vec::new();
            let mut polys: Vec<&Whole> = Vec::new();
            match question {
                Question::Sign { above, below, vars: written, .. } => {
                    vars.extend(written);
                    polys.push(above);
                    polys.extend(below);
                }
                Question::Is(var) | Question::OneOf { var, .. } => vars.push(*var),
                Question::Known(written, below) => {
                    vars.extend(written);
                    polys.extend(below);
                }
                Question::Points { .. } => of_points.push(at as u16),
            }
            for poly in polys {
                vars.extend(poly.terms.iter().flat_map(|(_, vars)| vars));
                degree = degree.max(poly.degree);
            }
            vars.sort_unstable();
            vars.dedup();
            vars.into_iter().for_each(|v| touched[usize::from(v)].push(at as u16));
        }
        let decimals = numbering.vars.iter().map(|v| decimals(plan.vars.def(*v))).collect();
        let Numbering { vars, texts, .. } = numbering;
        Some(Self { vars, questions, nodes, points, texts, touched, scored, of_points, decimals, degree })
    }

    /// All repairs of a firm for which the rule does not hold, in the order found, as moves with the ends
    /// beyond which they only have to go; none when it holds. `None` where the numbers do not fit.
    pub(crate) fn repairs(&self, facts: &Facts<'_>) -> Option<Vec<Vec<Found>>> {
        let search = Search::new(self, facts)?;
        let found = search.found();
        if search.beyond.get() {
            return None;
        }
        let told = |moves: &Moves| moves.slice().iter().map(|(var, to)| search.told(*var, *to)).collect();
        Some(found.iter().map(told).collect())
    }
}

/// A move as it is found.
pub(crate) struct Found {
    pub(crate) var: Var,
    pub(crate) to: Value,
    pub(crate) edge: Option<Decimal>,
}

/// What came out of everything once some moves are made.
#[derive(Clone)]
struct State {
    values: Vec<Known>,
    atoms: Vec<Truth>,
    spans: Vec<Span>,
    nodes: Vec<Truth>,
}

/// Where a target comes from: the figure, how far it goes, and the end that it must only pass.
type Target = (u16, i64, Option<i64>);

struct Search<'r> {
    ready: &'r Ready,
    base: State,
    scale: u32,
    /// 10^(scale × n).
    powers: Vec<i128>,
    /// Something did not fit.
    beyond: Cell<bool>,
    targets: RefCell<Vec<Target>>,
    /// Memory that is used again for each set of moves.
    scratch: RefCell<Scratch>,
}

/// What is worked out of the parts of some moves.
#[derive(Default)]
struct Scratch {
    /// Questions that the moves touch, and a bit for each move that does.
    asked: Vec<(u16, u32)>,
    atoms: Vec<Words>,
    nodes: Vec<Words>,
    /// Where the rule holds.
    holds: Vec<u64>,
}

impl<'r> Search<'r> {
    fn new(ready: &'r Ready, facts: &Facts<'_>) -> Option<Self> {
        let given: Vec<Value> = ready.vars.iter().map(|v| facts(*v)).collect();
        let mut scale = DECIMALS;
        for value in &given {
            if let Value::Number(n) = value
                && n.scale() > scale
            {
                scale = scale.max(n.normalize().scale());
            }
        }
        let ten = |power: u32| 10i128.checked_pow(power);
        let mut values = Vec::with_capacity(given.len());
        for value in &given {
            values.push(match value {
                Value::Unknown => Known::Unknown,
                Value::Number(n) => {
                    let n = if n.scale() > scale { n.normalize() } else { *n };
                    let whole = n.mantissa().checked_mul(ten(scale - n.scale())?)?;
                    Known::Number(i64::try_from(whole).ok()?)
                }
                Value::Truth(b) => Known::Truth(*b),
                Value::Text(t) => Known::Text(ready.texts.iter().position(|n| n == t).map_or(NAMELESS, |n| n as u32)),
            });
        }
        let powers = (0..=ready.degree as u32).map(|n| ten(scale * n)).collect::<Option<Vec<_>>>()?;
        let base = State {
            values,
            atoms: vec![Truth::Unknown; ready.questions.len()],
            spans: vec![(0, 0); ready.points.len()],
            nodes: vec![Truth::Unknown; ready.nodes.len()],
        };
        let mut search = Self {
            ready,
            base,
            scale,
            powers,
            beyond: Cell::new(false),
            targets: RefCell::default(),
            scratch: RefCell::default(),
        };
        let mut base = search.base.clone();
        for at in 0..ready.questions.len() as u16 {
            search.ask(&mut base, at);
        }
        search.add_up(&mut base);
        ready.of_points.iter().for_each(|at| search.ask(&mut base, *at));
        search.conclude(&mut base);
        search.base = base;
        Some(search)
    }

    fn told(&self, var: u16, to: Known) -> Found {
        let decimal = |n: i64| Decimal::new(n, self.scale).normalize();
        let mut edges: Vec<Option<i64>> = Vec::new();
        let value = match to {
            Known::Unknown => Value::Unknown,
            Known::Number(n) => {
                let targets = self.targets.borrow();
                edges.extend(targets.iter().filter(|(v, at, _)| *v == var && *at == n).map(|(.., end)| *end));
                Value::Number(decimal(n))
            }
            Known::Truth(b) => Value::Truth(b),
            Known::Text(t) => Value::Text(self.ready.texts[t as usize].clone()),
        };
        // Where something else asks to reach the number itself, it is no end that is only passed.
        let edge = if let [Some(edge)] = edges.as_slice() { Some(decimal(*edge)) } else { None };
        Found { var: self.ready.vars[usize::from(var)], to: value, edge }
    }

    // -----------------------------------------------------------------------------------------
    // Evaluating

    fn fits<T>(&self, value: Option<T>) -> Option<T> {
        if value.is_none() {
            self.beyond.set(true);
        }
        value
    }

    /// The polynomial times 10^(scale × its degree); none when something is unknown.
    fn value(&self, poly: &Whole, of: &impl Fn(u16) -> Known) -> Option<i128> {
        // Most fit 64 bits, which is much less work.
        let mut sum = 0i64;
        for (factor, vars) in &poly.terms {
            let mut product = Some(*factor);
            for var in vars {
                let Known::Number(n) = of(*var) else { return None };
                product = product.and_then(|p| p.checked_mul(n));
            }
            let power = self.powers[poly.degree - vars.len()] as i64;
            let fits = i128::from(power) == self.powers[poly.degree - vars.len()];
            let scaled = product.filter(|_| fits).and_then(|p| p.checked_mul(power));
            match scaled.and_then(|s| sum.checked_add(s)) {
                Some(next) => sum = next,
                None => return self.wide_value(poly, of),
            }
        }
        Some(i128::from(sum))
    }

    fn wide_value(&self, poly: &Whole, of: &impl Fn(u16) -> Known) -> Option<i128> {
        let mut sum = 0i128;
        for (factor, vars) in &poly.terms {
            let mut product = i128::from(*factor);
            for var in vars {
                let Known::Number(n) = of(*var) else { return None };
                product = self.fits(product.checked_mul(i128::from(n)))?;
            }
            let scaled = product.checked_mul(self.powers[poly.degree - vars.len()]);
            sum = self.fits(scaled.and_then(|s| sum.checked_add(s)))?;
        }
        Some(sum)
    }

    fn positive(&self, polys: &[Whole], of: &impl Fn(u16) -> Known) -> bool {
        polys.iter().all(|p| self.value(p, of).is_some_and(|d| d > 0))
    }

    fn question(&self, question: &Question, of: &impl Fn(u16) -> Known, spans: &[Span]) -> Truth {
        let known = |vars: &[u16]| vars.iter().all(|v| of(*v) != Known::Unknown);
        match question {
            Question::Sign { above, below, vars, op } => {
                if !known(vars) || !self.positive(below, of) {
                    return Truth::Unknown;
                }
                self.value(above, of).map_or(Truth::Unknown, |v| truth(holds(*op, v)))
            }
            Question::Is(var) => match of(*var) {
                Known::Truth(b) => truth(b),
                _ => Truth::Unknown,
            },
            Question::OneOf { var, texts, .. } => match of(*var) {
                Known::Text(t) => truth(texts.contains(&t)),
                _ => Truth::Unknown,
            },
            Question::Known(vars, below) => truth(known(vars) && self.positive(below, of)),
            Question::Points { terms, constant, op } => {
                let (mut low, mut high) = (*constant, *constant);
                for (point, factor) in terms {
                    let (a, b) = spans[*point];
                    let (a, b) = (factor * i128::from(a), factor * i128::from(b));
                    low += a.min(b);
                    high += a.max(b);
                }
                between(*op, low, high)
            }
        }
    }

    fn ask(&self, state: &mut State, at: u16) {
        let values = &state.values;
        let of = |var: u16| values[usize::from(var)];
        state.atoms[usize::from(at)] = self.question(&self.ready.questions[usize::from(at)], &of, &state.spans);
    }

    fn add_up(&self, state: &mut State) {
        for at in 0..self.ready.points.len() {
            state.spans[at] = match &self.ready.points[at] {
                Points::Item { max, way, .. } => {
                    let (low, high) = self.way(way, *max, state);
                    (low.min(*max), high.min(*max))
                }
                Points::Sum { parts, cap } => {
                    let sum = parts.iter().map(|p| state.spans[*p]).fold((0, 0), |a, b| (a.0 + b.0, a.1 + b.1));
                    cap.map_or(sum, |cap| (sum.0.min(cap), sum.1.min(cap)))
                }
            };
        }
    }

    fn way(&self, way: &Giving, max: i64, state: &State) -> Span {
        match way {
            Giving::First(cases, rest) => {
                let (mut low, mut high) = (i64::MAX, i64::MIN);
                for (when, points) in cases {
                    match formula(when, &state.atoms) {
                        Truth::NotMet => continue,
                        truth => {
                            (low, high) = (low.min(*points), high.max(*points));
                            if truth == Truth::Met {
                                return (low, high);
                            }
                        }
                    }
                }
                (low.min(*rest), high.max(*rest))
            }
            Giving::Each(cases) => {
                cases.iter().fold((0, 0), |(low, high), (when, points)| match formula(when, &state.atoms) {
                    Truth::Met => (low + points, high + points),
                    Truth::NotMet => (low, high),
                    Truth::Unknown => (low + points.min(&0), high + points.max(&0)),
                })
            }
            Giving::BetterOf(ways) => {
                let spans = ways.iter().map(|w| self.way(w, max, state));
                spans.reduce(|a, b| (a.0.max(b.0), a.1.max(b.1))).unwrap_or((0, 0))
            }
            Giving::Judged(var) => match state.values[usize::from(*var)] {
                Known::Number(n) => {
                    // A ten-thousandth is the fourth decimal.
                    let points = n.div_euclid(10i64.pow(self.scale - DECIMALS)).clamp(0, max);
                    (points, points)
                }
                _ => (0, max),
            },
            Giving::JudgedByNobody => (0, max),
        }
    }

    /// What comes out of every node, once the questions are answered.
    fn conclude(&self, state: &mut State) {
        for at in (0..self.ready.nodes.len()).rev() {
            let part = |n: &usize| state.nodes[*n];
            state.nodes[at] = match &self.ready.nodes[at] {
                Node::All(parts) => all(parts.iter().map(part)),
                Node::Any(parts) => any(parts.iter().map(part)),
                Node::AtLeast(count, parts) => {
                    let met = parts.iter().filter(|p| part(p) == Truth::Met).count() as u32;
                    let open = parts.iter().filter(|p| part(p) == Truth::Unknown).count() as u32;
                    match () {
                        () if met >= *count => Truth::Met,
                        () if met + open < *count => Truth::NotMet,
                        () => Truth::Unknown,
                    }
                }
                Node::Not(inner) => not(part(inner)),
                Node::Unless(of, except) => any([part(of), part(except)].into_iter()),
                Node::Leaf(when) => formula(when, &state.atoms),
                Node::Judged => Truth::Unknown,
                Node::Slot => Truth::Met,
            };
        }
    }

    /// Everything anew that moves touch.
    fn made(&self, moves: &Moves) -> State {
        let mut state = self.base.clone();
        self.make(&mut state, moves);
        self.conclude(&mut state);
        state
    }

    /// Questions and points anew, starting from the firm as it is.
    fn make(&self, state: &mut State, moves: &Moves) {
        let mut scored = false;
        for (var, to) in moves.slice() {
            state.values[usize::from(*var)] = *to;
            scored |= self.ready.scored[usize::from(*var)];
        }
        for (var, _) in moves.slice() {
            self.ready.touched[usize::from(*var)].iter().for_each(|at| self.ask(state, *at));
        }
        if scored {
            self.add_up(state);
            self.ready.of_points.iter().for_each(|at| self.ask(state, *at));
        }
    }

    // -----------------------------------------------------------------------------------------
    // Which parts of some moves are enough

    /// For each part of the moves (a bit for each move) whether the rule holds with it, 64 a word.
    fn parts(&self, moves: &Moves, scratch: &mut Scratch) {
        let Scratch { asked, atoms, nodes, holds } = scratch;
        asked.clear();
        for (bit, (var, _)) in moves.slice().iter().enumerate() {
            for at in &self.ready.touched[usize::from(*var)] {
                match asked.iter_mut().find(|(a, _)| a == at) {
                    Some((_, bits)) => *bits |= 1 << bit,
                    None => asked.push((*at, 1 << bit)),
                }
            }
        }
        let scored = moves.slice().iter().enumerate().filter(|(_, (var, _))| self.ready.scored[usize::from(*var)]);
        let scored: u32 = scored.map(|(at, _)| 1u32 << at).sum();
        atoms.clear();
        atoms.extend(self.base.atoms.iter().map(|t| both(*t)));
        nodes.resize(self.ready.nodes.len(), (0, 0));
        holds.clear();
        let mut state: Option<State> = None;
        for word in 0..1u32 << moves.len.saturating_sub(6) {
            let upper = word << 6;
            for (at, bits) in asked.iter() {
                let question = &self.ready.questions[usize::from(*at)];
                atoms[usize::from(*at)] = spread(*bits, upper, |part| {
                    if part == 0 {
                        return self.base.atoms[usize::from(*at)];
                    }
                    let moved = |var: u16| {
                        let at = moves.slice().iter().position(|(v, _)| *v == var)?;
                        (part >> at & 1 == 1).then_some(moves.all[at].1)
                    };
                    let of = |var: u16| moved(var).unwrap_or(self.base.values[usize::from(var)]);
                    self.question(question, &of, &self.base.spans)
                });
            }
            if scored != 0 && !self.ready.of_points.is_empty() {
                let mut answers = vec![(0, 0); self.ready.of_points.len()];
                let mut part = scored & 63;
                loop {
                    let state = state.get_or_insert_with(|| self.base.clone());
                    state.values.copy_from_slice(&self.base.values);
                    state.atoms.copy_from_slice(&self.base.atoms);
                    state.spans.copy_from_slice(&self.base.spans);
                    self.make(state, &moves.part(part | (upper & scored)));
                    let rows = rows_of(scored & 63, part);
                    for (answer, at) in answers.iter_mut().zip(&self.ready.of_points) {
                        let (yes, no) = both(state.atoms[usize::from(*at)]);
                        *answer = (answer.0 | yes & rows, answer.1 | no & rows);
                    }
                    if part == 0 {
                        break;
                    }
                    part = (part - 1) & scored & 63;
                }
                answers.iter().zip(&self.ready.of_points).for_each(|(a, at)| atoms[usize::from(*at)] = *a);
            }
            for at in (0..nodes.len()).rev() {
                let part = |n: &usize| nodes[*n];
                nodes[at] = match &self.ready.nodes[at] {
                    Node::All(parts) => parts.iter().map(part).fold(both(Truth::Met), and),
                    Node::Any(parts) => parts.iter().map(part).fold(both(Truth::NotMet), or),
                    Node::AtLeast(count, parts) => at_least(*count as usize, parts.iter().map(part), parts.len()),
                    Node::Not(inner) => (nodes[*inner].1, nodes[*inner].0),
                    Node::Unless(of, except) => or(nodes[*of], nodes[*except]),
                    Node::Leaf(when) => formula_of_words(when, atoms),
                    Node::Judged => both(Truth::Unknown),
                    Node::Slot => both(Truth::Met),
                };
            }
            holds.push(nodes[0].0);
        }
    }

    /// The smallest part of the moves that is enough, where all of them are; none where they are not.
    fn least(&self, moves: &Moves) -> Option<Moves> {
        let mut scratch = self.scratch.borrow_mut();
        self.parts(moves, &mut scratch);
        let parts = &scratch.holds;
        let all = (1u32 << moves.len) - 1;
        let holds = |part: u32| parts[part as usize / 64] >> (part % 64) & 1 == 1;
        if !holds(all) {
            return None;
        }
        let mut best = all;
        for (at, word) in parts.iter().enumerate() {
            let mut left = *word;
            while left != 0 {
                let part = at as u32 * 64 + left.trailing_zeros();
                left &= left - 1;
                if part != 0 && part <= all && part.count_ones() < best.count_ones() {
                    best = part;
                }
            }
        }
        Some(moves.part(best))
    }

    // -----------------------------------------------------------------------------------------
    // The search, step by step that of `repair`

    fn found(&self) -> Vec<Moves> {
        let mut found: Vec<Moves> = Vec::new();
        if self.base.nodes[0] == Truth::Met {
            return found;
        }
        // The same moves come up by several ways, and lead to the same.
        let mut seen: Vec<(u64, Moves)> = Vec::new();
        for start in self.moves_from(&Moves::NONE) {
            let mark = start.mark();
            if seen.iter().any(|(m, moves)| *m == mark && *moves == start) {
                continue;
            }
            seen.push((mark, start));
            let Some(least) = self.mended(start) else { continue };
            if !found.contains(&least) {
                found.push(least);
            }
            if self.beyond.get() {
                break;
            }
        }
        let all = found.clone();
        found.retain(|moves| !all.iter().any(|other| other.is_part_of(moves)));
        found
    }

    fn moves_from(&self, made: &Moves) -> Vec<Moves> {
        let state = if made.len == 0 { self.base.clone() } else { self.made(made) };
        let mut out = Vec::new();
        let sets = self.node(&state, 0, true);
        let mut ways: Vec<Option<Vec<Moves>>> = vec![None; self.ready.questions.len() * 2];
        for set in sets {
            out.extend(self.answer(&state, &set, made, &mut ways));
        }
        out
    }

    /// Makes more moves while the rule does not hold; then the smallest part of them.
    fn mended(&self, start: Moves) -> Option<Moves> {
        let mut at = vec![start];
        for _ in 0..ROUNDS_MAX {
            if let Some(least) = at.iter().find_map(|moves| self.least(moves)) {
                return Some(least);
            }
            let mut next: Vec<Moves> = at.iter().flat_map(|moves| self.moves_from(moves)).collect();
            next.retain(|moves| !at.contains(moves));
            next.sort_by_key(|moves| moves.len);
            next.truncate(4);
            if next.is_empty() || self.beyond.get() {
                return None;
            }
            at = next;
        }
        at.iter().find_map(|moves| self.least(moves))
    }

    fn node(&self, state: &State, at: usize, want: bool) -> Vec<Set> {
        let done = |n: usize| state.nodes[n] == truth(want);
        if done(at) {
            return vec![Set::NONE];
        }
        match (&self.ready.nodes[at], want) {
            (Node::All(parts), true) | (Node::Any(parts), false) => {
                product(parts.iter().map(|p| self.node(state, *p, want)))
            }
            (Node::All(parts), false) | (Node::Any(parts), true) => {
                union(parts.iter().map(|p| self.node(state, *p, want)))
            }
            (Node::AtLeast(count, parts), _) => {
                let needed = if want { *count as usize } else { parts.len() + 1 - *count as usize };
                let missing = needed.saturating_sub(parts.iter().filter(|p| done(**p)).count());
                let open: Vec<Vec<Set>> =
                    parts.iter().filter(|p| !done(**p)).map(|p| self.node(state, *p, want)).collect();
                let some = choose(open.len(), missing).into_iter();
                union(some.map(|some| product(some.iter().map(|i| open[*i].clone()))))
            }
            (Node::Not(inner), _) => self.node(state, *inner, !want),
            (Node::Unless(of, except), true) => union([*of, *except].into_iter().map(|n| self.node(state, n, true))),
            (Node::Unless(of, except), false) => {
                product([*of, *except].into_iter().map(|n| self.node(state, n, false)))
            }
            (Node::Leaf(when), _) => self.formula(state, when, want),
            (Node::Judged | Node::Slot, _) => Vec::new(),
        }
    }

    fn formula(&self, state: &State, when: &Formula, want: bool) -> Vec<Set> {
        match when {
            Formula::Fixed(b) => {
                if *b == want {
                    vec![Set::NONE]
                } else {
                    Vec::new()
                }
            }
            Formula::Not(inner) => self.formula(state, inner, !want),
            Formula::And(parts) if want => product(parts.iter().map(|p| self.formula(state, p, true))),
            Formula::Or(parts) if !want => product(parts.iter().map(|p| self.formula(state, p, false))),
            Formula::And(parts) | Formula::Or(parts) => union(parts.iter().map(|p| self.formula(state, p, want))),
            Formula::Atom(at) => match state.atoms[usize::from(*at)] == truth(want) {
                true => vec![Set::NONE],
                false => vec![Set::one(at * 2 + u16::from(want))],
            },
        }
    }

    fn answer(&self, state: &State, set: &Set, made: &Moves, cache: &mut Vec<Option<Vec<Moves>>>) -> Vec<Moves> {
        let mut all = vec![*made];
        for want in set.slice() {
            if cache[usize::from(*want)].is_none() {
                let ways = self.ways(state, *want, cache);
                cache[usize::from(*want)] = Some(ways);
            }
            let ways = cache[usize::from(*want)].as_ref().expect("put there");
            let mut next = Vec::with_capacity(all.len() * ways.len());
            for moves in &all {
                next.extend(ways.iter().filter_map(|way| self.joined(moves, way, state)));
            }
            next.sort_by_key(|moves| moves.len);
            next.truncate(SETS_MAX);
            all = next;
        }
        all
    }

    fn ways(&self, state: &State, want: u16, cache: &mut Vec<Option<Vec<Moves>>>) -> Vec<Moves> {
        let truth = want % 2 == 1;
        match &self.ready.questions[usize::from(want / 2)] {
            Question::Is(var) => vec![Moves::one(*var, Known::Truth(truth))],
            Question::OneOf { var, texts, others } => {
                let to = if truth { texts } else { others };
                to.iter().take(3).map(|t| Moves::one(*var, Known::Text(*t))).collect()
            }
            Question::Known(..) => Vec::new(),
            Question::Sign { above, below, op, .. } => self.numbers(state, above, below, *op, truth),
            Question::Points { terms, constant, op } => {
                if !truth || !matches!(op, Op::Above | Op::AtLeast) {
                    return Vec::new();
                }
                self.more_points(state, terms, *constant, *op, cache)
            }
        }
    }

    fn joined(&self, a: &Moves, b: &Moves, state: &State) -> Option<Moves> {
        let mut out = *a;
        for (var, to) in b.slice() {
            let to = match out.get(*var) {
                None => *to,
                Some(other) if other == *to => continue,
                Some(other) => {
                    let (Known::Number(x), Known::Number(y)) = (other, *to) else { return None };
                    Known::Number(match state.values[usize::from(*var)] {
                        Known::Number(from) if x >= from && y >= from => x.max(y),
                        Known::Number(from) if x <= from && y <= from => x.min(y),
                        Known::Number(_) => return None,
                        _ => x.max(y),
                    })
                }
            };
            if !out.put(*var, to) {
                // More than is followed here.
                self.beyond.set(true);
                return None;
            }
        }
        Some(out)
    }

    fn numbers(&self, state: &State, above: &Whole, below: &[Whole], op: Op, want: bool) -> Vec<Moves> {
        let mut out = self.settled(state, None, above, below, op, want);
        let now = |var: u16| state.values[usize::from(var)];
        for divisor in below.iter().filter(|p| self.value(p, &now).is_none_or(|d| d <= 0)) {
            for var in vars([divisor].into_iter()) {
                let line = self.line(divisor, var, &now);
                let Some(to) = line.and_then(|(s, r)| self.target(var, s, r, Op::Above, true)) else { continue };
                out.extend(self.settled(state, Some((var, to)), above, below, op, want));
            }
        }
        out
    }

    fn settled(
        &self,
        state: &State,
        made: Option<(u16, i64)>,
        above: &Whole,
        below: &[Whole],
        op: Op,
        want: bool,
    ) -> Vec<Moves> {
        let mut out = Vec::new();
        let of = |var: u16| match made {
            Some((v, to)) if v == var => Known::Number(to),
            _ => state.values[usize::from(var)],
        };
        if let Some((var, to)) = made
            && self.positive(below, &of)
            && self.value(above, &of).is_some_and(|v| holds(op, v) == want)
        {
            return vec![Moves::one(var, Known::Number(to))];
        }
        for var in vars(std::iter::once(above).chain(below)) {
            if made.is_some_and(|(v, _)| v == var) {
                continue;
            }
            let line = self.line(above, var, &of);
            let Some(to) = line.and_then(|(s, r)| self.target(var, s, r, op, want)) else { continue };
            let with = |v: u16| if v == var { Known::Number(to) } else { of(v) };
            if self.positive(below, &with) {
                let mut moves = Moves::one(var, Known::Number(to));
                if let Some((v, to)) = made {
                    moves.put(v, Known::Number(to));
                }
                out.push(moves);
            }
        }
        out
    }

    /// `slope × x + rest`, the slope one power of the scale smaller than the rest.
    fn line(&self, poly: &Whole, var: u16, of: &impl Fn(u16) -> Known) -> Option<(i128, i128)> {
        let (mut slope, mut rest) = (0i128, 0i128);
        for (factor, vars) in &poly.terms {
            let times = vars.iter().filter(|v| **v == var).count();
            let mut product = i128::from(*factor);
            for other in vars.iter().filter(|v| **v != var) {
                let Known::Number(n) = of(*other) else { return None };
                product = self.fits(product.checked_mul(i128::from(n)))?;
            }
            product = self.fits(product.checked_mul(self.powers[poly.degree - vars.len()]))?;
            match times {
                0 => rest = self.fits(rest.checked_add(product))?,
                1 => slope = self.fits(slope.checked_add(product))?,
                _ => return None,
            }
        }
        (slope != 0).then_some((slope, rest))
    }

    /// Where the variable has to go so that the line compares so with zero, rounded away from where it
    /// comes.
    fn target(&self, var: u16, slope: i128, rest: i128, op: Op, want: bool) -> Option<i64> {
        let decimals = self.ready.decimals[usize::from(var)];
        let above = rest.checked_neg().and_then(|r| r.checked_mul(10i128.pow(decimals)));
        let below = slope.checked_mul(self.powers[1]);
        let (above, below) = (self.fits(above)?, self.fits(below)?);
        let (floor, ceil) = {
            let (above, below) = if below < 0 { (self.fits(above.checked_neg())?, -below) } else { (above, below) };
            let floor = above.div_euclid(below);
            (floor, if above.rem_euclid(below) == 0 { floor } else { floor + 1 })
        };
        let up = slope > 0;
        let (to, strict) = match (op, want) {
            (Op::AtLeast, true) => (if up { ceil } else { floor }, false),
            (Op::AtLeast, false) => (if up { ceil - 1 } else { floor + 1 }, true),
            (Op::Above, true) => (if up { floor + 1 } else { ceil - 1 }, true),
            (Op::Above, false) => (if up { floor } else { ceil }, false),
            (Op::Equal, true) | (Op::Other, false) => (floor == ceil).then_some((floor, false))?,
            (Op::Equal, false) | (Op::Other, true) => (floor + 1, true),
        };
        let scaled = |n: i128| {
            let n = n.checked_mul(10i128.pow(self.scale - decimals)).and_then(|n| i64::try_from(n).ok());
            self.fits(n)
        };
        let to = scaled(to)?;
        // An end is told only when it is a number that can be said, and where there is something between.
        let edge = (strict && floor == ceil && decimals > 0).then(|| scaled(floor)).flatten();
        let mut targets = self.targets.borrow_mut();
        if !targets.contains(&(var, to, edge)) {
            targets.push((var, to, edge));
        }
        Some(to)
    }

    fn more_points(
        &self,
        state: &State,
        terms: &[(usize, i128)],
        constant: i128,
        op: Op,
        cache: &mut Vec<Option<Vec<Moves>>>,
    ) -> Vec<Moves> {
        let missing = -terms.iter().fold(constant, |sum, (p, f)| sum + f * i128::from(state.spans[*p].0));
        let mut options: Vec<(usize, i128, Moves)> = Vec::new();
        for (point, factor) in terms.iter().filter(|(_, f)| *f > 0) {
            let mut items = Vec::new();
            self.items(*point, &mut items);
            for item in items {
                let Points::Item { max, way, .. } = &self.ready.points[item] else { continue };
                let mut better = Vec::new();
                self.better(state, way, state.spans[item].0, *max, cache, &mut better);
                options.extend(better.into_iter().map(|(gain, moves)| (item, i128::from(gain) * factor, moves)));
            }
        }
        options.sort_by_key(|option| std::cmp::Reverse(option.1));
        options.truncate(24);
        let enough = |gain: i128| if op == Op::Above { gain > missing } else { gain >= missing };
        let mut out: Vec<Moves> = Vec::new();
        // One item, then two, then three: the first size that is enough is the smallest.
        let mut level: Vec<([usize; 3], i128, Moves)> = vec![([0; 3], 0, Moves::NONE)];
        for size in 0..3usize {
            let mut next = Vec::new();
            for (chosen, gain, moves) in &level {
                let from = size.checked_sub(1).map_or(0, |last| chosen[last] + 1);
                for (i, (item, more, way)) in options.iter().enumerate().skip(from) {
                    if chosen[..size].iter().any(|c| options[*c].0 == *item) {
                        continue;
                    }
                    let gain = gain + more;
                    if !enough(gain) && next.len() >= 400 {
                        continue;
                    }
                    let Some(moves) = self.joined(moves, way, state) else { continue };
                    if enough(gain) {
                        out.push(moves);
                    } else {
                        let mut chosen = *chosen;
                        chosen[size] = i;
                        next.push((chosen, gain, moves));
                    }
                }
            }
            if !out.is_empty() {
                break;
            }
            next.truncate(400);
            level = next;
        }
        out.sort_by_key(|moves| moves.len);
        out.truncate(12);
        out
    }

    fn items(&self, point: usize, out: &mut Vec<usize>) {
        match &self.ready.points[point] {
            Points::Item { .. } => out.push(point),
            Points::Sum { parts, .. } => parts.iter().for_each(|p| self.items(*p, out)),
        }
    }

    fn better(
        &self,
        state: &State,
        way: &Giving,
        now: i64,
        most: i64,
        cache: &mut Vec<Option<Vec<Moves>>>,
        out: &mut Vec<(i64, Moves)>,
    ) {
        match way {
            Giving::First(cases, _) => {
                for (when, points) in cases {
                    let points = *points.min(&most);
                    if points > now {
                        self.case(state, when, points - now, cache, out);
                    }
                }
            }
            Giving::Each(cases) => {
                for (when, points) in cases.iter().filter(|(when, _)| formula(when, &state.atoms) != Truth::Met) {
                    let gain = *points.min(&(most - now));
                    if gain > 0 {
                        self.case(state, when, gain, cache, out);
                    }
                }
            }
            Giving::BetterOf(ways) => ways.iter().for_each(|w| self.better(state, w, now, most, cache, out)),
            Giving::Judged(var) => {
                if let Some(to) = self.fits(most.checked_mul(10i64.pow(self.scale - DECIMALS))) {
                    let mut targets = self.targets.borrow_mut();
                    if !targets.contains(&(*var, to, None)) {
                        targets.push((*var, to, None));
                    }
                    out.push((most - now, Moves::one(*var, Known::Number(to))));
                }
            }
            Giving::JudgedByNobody => (),
        }
    }

    fn case(
        &self,
        state: &State,
        when: &Formula,
        gain: i64,
        cache: &mut Vec<Option<Vec<Moves>>>,
        out: &mut Vec<(i64, Moves)>,
    ) {
        // Items ask for no points, so this comes to an end.
        for set in self.formula(state, when, true) {
            out.extend(self.answer(state, &set, &Moves::NONE, cache).into_iter().map(|m| (gain, m)));
        }
    }
}

/// Variables of polynomials, each once, ascending.
fn vars<'w>(polys: impl Iterator<Item = &'w Whole>) -> Vec<u16> {
    let mut out: Vec<u16> = polys.flat_map(|p| &p.terms).flat_map(|(_, vars)| vars).copied().collect();
    out.sort_unstable();
    out.dedup();
    out
}

fn holds(op: Op, number: i128) -> bool {
    match op {
        Op::Above => number > 0,
        Op::AtLeast => number >= 0,
        Op::Equal => number == 0,
        Op::Other => number != 0,
    }
}

fn between(op: Op, low: i128, high: i128) -> Truth {
    let (surely, possibly) = match op {
        Op::Equal => (low == 0 && high == 0, low <= 0 && high >= 0),
        Op::Other => (low > 0 || high < 0, !(low == 0 && high == 0)),
        _ => (holds(op, low), holds(op, high)),
    };
    match (surely, possibly) {
        (true, _) => Truth::Met,
        (_, false) => Truth::NotMet,
        _ => Truth::Unknown,
    }
}

fn truth(is: bool) -> Truth {
    if is { Truth::Met } else { Truth::NotMet }
}

fn not(truth: Truth) -> Truth {
    match truth {
        Truth::Met => Truth::NotMet,
        Truth::NotMet => Truth::Met,
        Truth::Unknown => Truth::Unknown,
    }
}

fn all(truths: impl Iterator<Item = Truth>) -> Truth {
    let mut out = Truth::Met;
    for truth in truths {
        match truth {
            Truth::NotMet => return Truth::NotMet,
            Truth::Unknown => out = Truth::Unknown,
            Truth::Met => (),
        }
    }
    out
}

fn any(truths: impl Iterator<Item = Truth>) -> Truth {
    not(all(truths.map(not)))
}

fn formula(when: &Formula, atoms: &[Truth]) -> Truth {
    match when {
        Formula::Fixed(b) => truth(*b),
        Formula::Not(inner) => not(formula(inner, atoms)),
        Formula::And(parts) => all(parts.iter().map(|p| formula(p, atoms))),
        Formula::Or(parts) => any(parts.iter().map(|p| formula(p, atoms))),
        Formula::Atom(at) => atoms[usize::from(*at)],
    }
}

/// Where true and where false, for 64 parts.
type Words = (u64, u64);

fn both(truth: Truth) -> Words {
    match truth {
        Truth::Met => (u64::MAX, 0),
        Truth::NotMet => (0, u64::MAX),
        Truth::Unknown => (0, 0),
    }
}

fn and(a: Words, b: Words) -> Words {
    (a.0 & b.0, a.1 | b.1)
}

fn or(a: Words, b: Words) -> Words {
    (a.0 | b.0, a.1 & b.1)
}

fn formula_of_words(when: &Formula, atoms: &[Words]) -> Words {
    match when {
        Formula::Fixed(b) => both(truth(*b)),
        Formula::Not(inner) => {
            let (yes, no) = formula_of_words(inner, atoms);
            (no, yes)
        }
        Formula::And(parts) => parts.iter().map(|p| formula_of_words(p, atoms)).fold(both(Truth::Met), and),
        Formula::Or(parts) => parts.iter().map(|p| formula_of_words(p, atoms)).fold(both(Truth::NotMet), or),
        Formula::Atom(at) => atoms[usize::from(*at)],
    }
}

/// True where so many of the parts are; false where too few can be. `reached[n]`: at least n so far.
fn at_least(count: usize, parts: impl Iterator<Item = Words> + Clone, all: usize) -> Words {
    let reached = |words: &mut dyn Iterator<Item = u64>, count: usize| {
        let mut reached = vec![0u64; count + 1];
        reached[0] = u64::MAX;
        for word in words {
            for n in (1..=count).rev() {
                reached[n] |= reached[n - 1] & word;
            }
        }
        reached[count]
    };
    let yes = reached(&mut parts.clone().map(|p| p.0), count);
    let no = (all + 1).checked_sub(count).map_or(u64::MAX, |few| reached(&mut parts.map(|p| p.1), few));
    (yes, no)
}

/// Parts of the lower six moves that agree with `part` in the moves `bits`.
fn rows_of(bits: u32, part: u32) -> u64 {
    const EACH: [u64; 6] = [
        0xAAAA_AAAA_AAAA_AAAA,
        0xCCCC_CCCC_CCCC_CCCC,
        0xF0F0_F0F0_F0F0_F0F0,
        0xFF00_FF00_FF00_FF00,
        0xFFFF_0000_FFFF_0000,
        0xFFFF_FFFF_0000_0000,
    ];
    let mut out = u64::MAX;
    for (at, each) in EACH.iter().enumerate().filter(|(at, _)| bits >> at & 1 == 1) {
        out &= if part >> at & 1 == 1 { *each } else { !each };
    }
    out
}

/// The answers to a question that asks for the moves `bits` only, for all parts of the lower six moves
/// beside those of the upper that are given.
fn spread(bits: u32, upper: u32, answer: impl Fn(u32) -> Truth) -> Words {
    let (lower, mut out) = (bits & 63, (0, 0));
    let mut part = lower;
    loop {
        let rows = rows_of(lower, part);
        let (yes, no) = both(answer(part | (upper & bits)));
        out = (out.0 | yes & rows, out.1 | no & rows);
        if part == 0 {
            return out;
        }
        part = (part - 1) & lower;
    }
}

/// Any of them.
fn union(all: impl Iterator<Item = Vec<Set>>) -> Vec<Set> {
    smallest(all.flatten().collect())
}

/// One of each.
fn product(all: impl Iterator<Item = Vec<Set>>) -> Vec<Set> {
    let mut out = vec![Set::NONE];
    for sets in all {
        // What is done already asks for nothing more.
        if sets.len() == 1 && sets[0].len == 0 {
            continue;
        }
        let mut next = Vec::with_capacity(out.len() * sets.len());
        for a in &out {
            next.extend(sets.iter().filter_map(|b| a.and(b)));
        }
        out = smallest(next);
    }
    out
}

/// Sets without those that contain another, the smallest first, so many as are followed.
fn smallest(mut sets: Vec<Set>) -> Vec<Set> {
    if sets.len() < 2 {
        return sets;
    }
    sets.sort_unstable();
    sets.dedup();
    let mut out: Vec<Set> = Vec::new();
    for set in sets {
        if !out.iter().any(|smaller| smaller.is_part_of(&set)) {
            out.push(set);
        }
        if out.len() == SETS_MAX {
            break;
        }
    }
    out
}
