//! Questions of a plan bound to the columns of a frame: which lane holds a polynomial, where on a column
//! its sign changes, which codes of a text hit. Decided from the largest size of each column before the
//! first row is looked at, in integers of any size, so that the loops over rows need no checks.

use crate::exact::{Poly, Var};
use crate::frame::{Bits, Column, Frame};
use crate::parse::{Op, PointId, Term};
use crate::plan::{Atom, POINT, Plan, PointPlan, Tree, Way, What, quotient};
use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, Signed, ToPrimitive, Zero};
use std::borrow::Cow;
use std::collections::HashMap;

/// Largest size up to which floating point holds every whole number.
const FLOAT: i64 = 1 << 53;

/// A term of a polynomial: factor and figures.
pub(crate) type Product<T> = (T, Vec<Var>);

/// A polynomial in the narrowest lane that holds every step of it, and the power of ten by which it is
/// too large.
pub(crate) enum Sum {
    /// 32 bits.
    I32(Vec<Product<i32>>),
    /// Whole numbers in floating point.
    F64(Vec<Product<f64>>),
    /// 64 bits.
    I64(Vec<Product<i64>>),
    /// 128 bits.
    I128(Vec<Product<i128>>),
    /// Any size, or fractions: row by row.
    Large(Poly),
}

/// The sign of a polynomial.
pub(crate) enum Sign {
    /// The same for every row.
    Fixed(bool),
    /// A column is at least the end; or below it.
    From { var: Var, end: i64, below: bool },
    /// A column is the value; or another.
    Is { var: Var, value: i64, other: bool },
    /// A sum compares so with zero.
    Sum(Sum, Op),
}

/// A question bound to a frame.
pub(crate) enum Question<'p> {
    /// A sign, where everything is known and the divisors are positive.
    Sign { sign: Sign, below: Vec<Sign>, vars: &'p [Var] },
    /// A truth.
    Is(Var),
    /// A text has one of these codes.
    OneOf(Var, Hits),
    /// Known, with divisors that are positive.
    Known(&'p [Var], Vec<Sign>),
    /// Points with factors, what is added and how it compares with zero.
    Points(Vec<(PointId, BigInt)>, BigInt, Op),
}

/// Codes of a text that hit.
pub(crate) enum Hits {
    /// So few that each is looked for.
    Few(Vec<u32>),
    /// By code.
    Table(Vec<bool>),
}

/// A value in points, bound.
pub(crate) enum Scored<'p> {
    /// `factor × sum` in ten-thousandths, in 32 bits.
    Narrow { terms: Vec<Product<i32>>, factor: i32, vars: Vec<Var> },
    /// The same in 64 bits.
    Times { sum: Sum, factor: i64, vars: Vec<Var> },
    /// `factor × sum ÷ (divisor × the product of what is below)`, in 128 bits.
    Over { sum: Sum, factor: i128, divisor: i128, below: Vec<(Sum, Sign)>, vars: Vec<Var> },
    /// Choices, or too large: row by row.
    Slow(&'p Term),
}

/// A node that is worked out once, however many rules have it: its parts are earlier ones.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Step<'p> {
    /// All of these, ascending.
    All(Vec<usize>),
    /// Any, ascending.
    Any(Vec<usize>),
    /// At least that many.
    AtLeast(u32, Vec<usize>),
    /// Not this one.
    Not(usize),
    /// A condition over questions.
    Tree(&'p Tree),
    /// Unknown.
    Nobody,
}

/// A slot holds.
const HOLDS: Tree = Tree::Fixed(true);

/// Steps, and the step of each node, one rule after the other.
fn steps(plan: &Plan) -> (Vec<Step<'_>>, Vec<usize>) {
    let (mut steps, mut of_nodes) = (Vec::new(), Vec::new());
    let mut index: HashMap<Step<'_>, usize> = HashMap::new();
    for rule in &plan.rules {
        let first = of_nodes.len();
        of_nodes.resize(first + rule.nodes.len(), 0);
        let own = &mut of_nodes[first..];
        for (at, node) in rule.nodes.iter().enumerate().rev() {
            // In an order that does not depend on how they are written; each once.
            let each = |parts: &[usize]| {
                let mut parts: Vec<usize> = parts.iter().map(|p| own[*p]).collect();
                parts.sort_unstable();
                parts.dedup();
                parts
            };
            let step = match &node.what {
                What::All(parts) => Step::All(each(parts)),
                What::Any(parts) => Step::Any(each(parts)),
                What::AtLeast(count, parts) => Step::AtLeast(*count, parts.iter().map(|p| own[*p]).collect()),
                What::Not(inner) => Step::Not(own[*inner]),
                What::Unless(of, except) => Step::Any(each(&[*of, *except])),
                What::Leaf(_, tree) | What::Judged(Some((_, tree))) => Step::Tree(tree),
                What::Judged(None) => Step::Nobody,
                What::Slot => Step::Tree(&HOLDS),
            };
            own[at] = match &step {
                Step::All(parts) | Step::Any(parts) if parts.len() == 1 => parts[0],
                _ => *index.entry(step.clone()).or_insert_with(|| {
                    steps.push(step);
                    steps.len() - 1
                }),
            };
        }
    }
    (steps, of_nodes)
}

/// A plan bound to a frame.
pub(crate) struct Binding<'p> {
    /// What is worked out, parts first.
    pub(crate) steps: Vec<Step<'p>>,
    /// By node, one rule after the other, its step.
    pub(crate) of_nodes: Vec<usize>,
    /// By atom.
    pub(crate) questions: Vec<Question<'p>>,
    /// By point; items with a value have as many as they have values, in the order written.
    pub(crate) scored: Vec<Vec<Scored<'p>>>,
    /// Where a variable is known, of those that are asked.
    pub(crate) known: Vec<Option<Cow<'p, Bits>>>,
    /// The most that points can come to, either way.
    pub(crate) points_most: i128,
}

impl<'p> Binding<'p> {
    pub(crate) fn new(plan: &'p Plan, frame: &'p Frame) -> Self {
        let mut known: Vec<Option<Cow<'p, Bits>>> = vec![None; plan.vars.all.len()];
        let mut enter = |vars: &[Var]| {
            for var in vars {
                known[*var as usize].get_or_insert_with(|| match &frame.columns[*var as usize] {
                    Column::Number { known, .. } => Cow::Borrowed(known),
                    other => Cow::Owned(other.known(frame.rows)),
                });
            }
        };
        let positive = |below: &[Poly]| below.iter().map(|p| sign(&p.whole(), Op::Above, frame)).collect();
        let mut questions = Vec::with_capacity(plan.atoms.len());
        for atom in &plan.atoms {
            questions.push(match atom {
                Atom::Sign { above, below, vars, op } => {
                    enter(vars);
                    Question::Sign { sign: sign(above, *op, frame), below: positive(below), vars }
                }
                Atom::Is(var) => Question::Is(*var),
                Atom::OneOf(var, texts) => {
                    enter(&[*var]);
                    Question::OneOf(*var, hits(texts, &frame.columns[*var as usize]))
                }
                Atom::Known(vars, below) => {
                    enter(vars);
                    Question::Known(vars, positive(below))
                }
                Atom::Points { terms, constant, op } => points(terms, constant, *op),
            });
        }
        let mut scored = Vec::with_capacity(plan.points.len());
        let mut most: Vec<i128> = Vec::with_capacity(plan.points.len());
        for point in &plan.points {
            let mut terms = Vec::new();
            match point {
                PointPlan::Item { max, way, .. } => {
                    values(way, &mut terms);
                    most.push(largest(way, *max).max(i128::from(max.unsigned_abs())));
                }
                PointPlan::Sum { parts, cap, .. } => {
                    let sum: i128 = parts.iter().map(|p| most[*p as usize]).sum();
                    most.push(sum.max(i128::from(cap.unwrap_or(0).unsigned_abs())));
                }
            }
            let bound: Vec<Scored<'p>> = terms.into_iter().map(|term| score(term, frame)).collect();
            for scored in &bound {
                if let Scored::Narrow { vars, .. } | Scored::Times { vars, .. } | Scored::Over { vars, .. } = scored {
                    enter(vars);
                }
            }
            scored.push(bound);
        }
        let (steps, of_nodes) = steps(plan);
        Self { steps, of_nodes, questions, scored, known, points_most: most.into_iter().max().unwrap_or(0) }
    }
}

/// Values in points of a way, in the order written.
fn values<'p>(way: &'p Way, out: &mut Vec<&'p Term>) {
    match way {
        Way::Value(term) | Way::Judged(Some(term)) => out.push(term),
        Way::BetterOf(ways) => ways.iter().for_each(|w| values(w, out)),
        Way::First { .. } | Way::Each(_) | Way::Judged(None) => (),
    }
}

/// The most that a way can come to, either way, before it is held at the most of its item.
fn largest(way: &Way, max: i64) -> i128 {
    let size = |points: i64| i128::from(points.unsigned_abs());
    match way {
        Way::First { cases, rest, .. } => cases.iter().map(|c| size(c.points)).max().unwrap_or(0).max(size(*rest)),
        Way::Each(cases) => cases.iter().map(|c| size(c.points)).sum(),
        Way::BetterOf(ways) => ways.iter().map(|w| largest(w, max)).max().unwrap_or(0),
        Way::Value(_) | Way::Judged(_) => size(max),
    }
}

fn hits(texts: &[String], column: &Column) -> Hits {
    let names: &[String] = match column {
        Column::Text { names, .. } => names,
        _ => &[],
    };
    let mut table = vec![false];
    table.extend(names.iter().map(|n| texts.binary_search(n).is_ok()));
    let few: Vec<u32> = (0..table.len() as u32).filter(|c| table[*c as usize]).collect();
    if few.len() <= 4 { Hits::Few(few) } else { Hits::Table(table) }
}

fn points<'p>(terms: &[(PointId, BigRational)], constant: &BigRational, op: Op) -> Question<'p> {
    // Whole factors over a common denominator, so that points stay whole.
    let mut common = constant.denom().clone();
    for (_, factor) in terms {
        common = &common * factor.denom();
    }
    let whole = |n: &BigRational| (n * BigRational::from(common.clone())).to_integer();
    let constant = whole(constant) * BigInt::from(POINT);
    Question::Points(terms.iter().map(|(p, f)| (*p, whole(f))).collect(), constant, op)
}

/// Factors for the whole numbers of a frame, the power of ten by which the sum of them is too large, and
/// the largest size of anything on the way; none where a column holds no whole numbers.
fn scaled(poly: &Poly, frame: &Frame) -> Option<(Vec<Product<BigInt>>, u32, BigInt)> {
    let mut scales = Vec::new();
    for (vars, _) in poly.terms() {
        let mut sum = 0u32;
        for var in vars {
            match &frame.columns[*var as usize] {
                Column::Number { scale, .. } => sum += scale,
                // Nothing is known there: what is computed is not looked at.
                Column::Unknown => (),
                _ => return None,
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
                // Each product is also held on its way.
                largest *= BigInt::from((*most).max(1));
            }
        }
        size += largest;
        terms.push((factor, vars.to_vec()));
    }
    Some((terms, most_scale, size))
}

/// A polynomial with whole factors, bound; and the power of ten by which it is too large.
fn sum(poly: &Poly, frame: &Frame) -> (Sum, u32, BigInt) {
    let Some((terms, scale, size)) = scaled(poly, frame) else {
        return (Sum::Large(poly.clone()), 0, BigInt::zero());
    };
    let known = |vars: &[Var]| vars.iter().all(|v| matches!(frame.columns[*v as usize], Column::Number { .. }));
    let terms: Vec<Product<BigInt>> = terms.into_iter().filter(|(_, vars)| known(vars)).collect();
    fn lane<T>(terms: Vec<Product<BigInt>>, of: impl Fn(&BigInt) -> T) -> Vec<Product<T>> {
        terms.into_iter().map(|(f, vars)| (of(&f), vars)).collect()
    }
    let long = |f: &BigInt| f.to_i64().expect("bounded");
    let sum = if size <= BigInt::from(i32::MAX) {
        Sum::I32(lane(terms, |f| f.to_i32().expect("bounded")))
    } else if size <= BigInt::from(FLOAT) {
        Sum::F64(lane(terms, |f| long(f) as f64))
    } else if size <= BigInt::from(i64::MAX) {
        Sum::I64(lane(terms, long))
    } else if size <= BigInt::from(i128::MAX) {
        Sum::I128(lane(terms, |f| f.to_i128().expect("bounded")))
    } else {
        return (Sum::Large(poly.clone()), 0, size);
    };
    (sum, scale, size)
}

/// Where a polynomial with whole factors compares so with zero.
pub(crate) fn sign(poly: &Poly, op: Op, frame: &Frame) -> Sign {
    let Some((terms, ..)) = scaled(poly, frame) else { return Sign::Sum(Sum::Large(poly.clone()), op) };
    // factor × column + constant: where on the column does the sign change?
    let (mut constant, mut slope) = (BigInt::zero(), None);
    for (factor, vars) in &terms {
        match (vars.as_slice(), &slope) {
            ([], _) => constant = factor.clone(),
            ([var], None) => slope = Some((*var, factor.clone())),
            _ => return Sign::Sum(sum(poly, frame).0, op),
        }
    }
    let Some((var, slope)) = slope else {
        return Sign::Fixed(crate::plan::holds(op, &BigRational::from(constant)));
    };
    line(var, &slope, &-constant, op)
}

/// `slope × column` compared so with `edge`, without a product for each row.
fn line(var: Var, slope: &BigInt, edge: &BigInt, op: Op) -> Sign {
    let (up, size) = (slope.is_positive(), slope.abs());
    let edge = if up { edge.clone() } else { -edge };
    let floor = BigRational::new(edge.clone(), size.clone()).floor().to_integer();
    let whole = &floor * &size == edge;
    let ceil = if whole { floor.clone() } else { &floor + BigInt::one() };
    let from = |end: BigInt, below: bool| match end.to_i64() {
        Some(end) => Sign::From { var, end, below },
        None => Sign::Fixed(end.is_negative() != below),
    };
    match (op, up) {
        (Op::Above, true) => from(floor + BigInt::one(), false),
        (Op::AtLeast, true) => from(ceil, false),
        // The other way round: below the edge, or at most there.
        (Op::Above, false) => from(ceil, true),
        (Op::AtLeast, false) => from(floor + BigInt::one(), true),
        (Op::Equal | Op::Other, _) => match floor.to_i64().filter(|_| whole) {
            Some(value) => Sign::Is { var, value, other: op == Op::Other },
            None => Sign::Fixed(op == Op::Other),
        },
    }
}

/// A value in points, bound.
fn score<'p>(term: &'p Term, frame: &Frame) -> Scored<'p> {
    let mut vars = Vec::new();
    crate::explain::terms_vars(term, &mut vars);
    vars.sort_unstable();
    vars.dedup();
    bound_score(term, vars, frame).unwrap_or(Scored::Slow(term))
}

fn bound_score<'p>(term: &Term, vars: Vec<Var>, frame: &Frame) -> Option<Scored<'p>> {
    if divides_by_a_sum_of_numbers(term) {
        return None;
    }
    let value = quotient(term).ok()?;
    let whole = value.above.whole();
    // `whole` changes the size, which is put right by the factor.
    let change = match (value.above.terms().next(), whole.terms().next()) {
        (Some((_, from)), Some((_, to))) => from / to,
        _ => BigRational::zero(),
    };
    let (above, scale, size) = sum(&whole, frame);
    if matches!(above, Sum::Large(_)) {
        return None;
    }
    let ten = |power: u32| BigRational::from(BigInt::from(10).pow(power));
    let mut factor = change * BigRational::from(BigInt::from(POINT)) / ten(scale);
    let (mut below, mut product) = (Vec::new(), BigInt::one());
    for divisor in &value.below {
        let divisor = divisor.whole();
        let (sum, scale, size) = sum(&divisor, frame);
        if matches!(sum, Sum::Large(_)) {
            return None;
        }
        factor *= ten(scale);
        product *= size;
        below.push((sum, sign(&divisor, Op::Above, frame)));
    }
    let fits = |size: BigInt, limit: i128| size <= BigInt::from(limit);
    let (numer, denom) = (factor.numer(), factor.denom());
    let above_most = size.max(BigInt::one()) * numer.abs().max(BigInt::one());
    if below.is_empty() && denom.is_one() && fits(above_most.clone(), i64::MAX.into()) {
        return Some(match above {
            Sum::I32(terms) if fits(above_most, i32::MAX.into()) => {
                Scored::Narrow { terms, factor: numer.to_i32()?, vars }
            }
            sum => Scored::Times { sum, factor: numer.to_i64()?, vars },
        });
    }
    let all = fits(above_most, i128::MAX) && fits(product * denom.abs(), i128::MAX);
    all.then(|| Some(Scored::Over { sum: above, factor: numer.to_i128()?, divisor: denom.to_i128()?, below, vars }))?
}

/// A number written in a rule divides as it is; a sum of numbers must be positive, which a quotient does
/// not know of.
fn divides_by_a_sum_of_numbers(term: &Term) -> bool {
    let inside = divides_by_a_sum_of_numbers;
    match term {
        Term::Number(_) | Term::Var(_) | Term::Points(_) => false,
        Term::Minus(inner) => inside(inner),
        Term::Add(a, b) | Term::Times(a, b) => inside(a) || inside(b),
        Term::Over(a, b) => {
            let number = matches!(**b, Term::Number(_));
            let hidden = !number && quotient(b).is_ok_and(|q| q.as_constant().is_some());
            hidden || inside(a) || inside(b)
        }
        Term::Least(_) | Term::Greatest(_) | Term::Case(..) | Term::Coalesce(_) => true,
    }
}
