//! One firm, slowly and in full: every condition with what it saw, every item with its points, as a
//! record that is kept with a decision and read back later. Evaluated from the terms as written and not
//! from the polynomials that a batch uses, so that each checks the other.

use crate::exact::{Var, decimal};
use crate::frame::Value;
use crate::parse::{Logic, Op, PointId, Term};
use crate::plan::{Atom, Node, POINT, Plan, PointPlan, RulePlan, Tree, Way, What, holds};
use crate::run::Truth;
use law::scheme::{Standing, Text};
use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{Signed, ToPrimitive, Zero};
use rust_decimal::Decimal;
use serde::Serialize;
use std::cell::Cell;
use std::collections::BTreeMap;

/// Version of the record: raised when a reader of older ones would misread it.
pub const RECORD: u32 = 1;
/// Decimals shown of a quotient.
const SHOWN: u32 = 8;

/// What is known of one firm.
pub type Facts<'f> = dyn Fn(Var) -> Value + 'f;

/// Why a firm qualifies or not.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Explanation {
    /// [`RECORD`].
    pub record: u32,
    /// Rule and version, `id@version`.
    pub rule: String,
    /// What came out.
    pub outcome: Truth,
    /// The whole condition.
    pub condition: Reason,
    /// Tables of points.
    pub points: Vec<PointReason>,
}

/// A condition with what it saw.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Reason {
    /// Name in the rule; empty for plain groups.
    pub id: String,
    /// What it asks.
    pub title: Text,
    /// `all`, `any`, `at_least`, `not`, `unless`, `if`, `judged`, `slot`.
    pub kind: &'static str,
    /// How many, of `at_least`.
    pub count: Option<u32>,
    /// What came out.
    pub truth: Truth,
    /// The expression as written.
    pub formula: Option<String>,
    /// What its comparisons saw.
    pub seen: Vec<Seen>,
    /// Figures, titles and attributes that it rests on.
    pub inputs: Vec<Input>,
    /// Parts.
    pub parts: Vec<Reason>,
    /// Clause.
    pub clause: Option<String>,
    /// Read or assumed.
    pub standing: Standing,
    /// Evidence to be handed in.
    pub evidence: Option<Text>,
}

/// A comparison with its two sides.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Seen {
    /// Left side; none when unknown or undefined.
    pub left: Option<Decimal>,
    /// `>`, `>=`, `=`, `<>`.
    pub op: &'static str,
    /// Right side.
    pub right: Option<Decimal>,
    /// What came out.
    pub truth: Truth,
    /// A divisor is zero or negative.
    pub undefined: bool,
}

/// A figure, title or attribute with its value.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Input {
    /// Fact or attribute.
    pub name: String,
    /// Years before the last full one; −1 is the year of filing.
    pub lag: i32,
    /// As text; none when unknown.
    pub value: Option<String>,
    /// Unit of a number.
    pub unit: Option<String>,
}

/// Points of a table, group or item.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PointReason {
    /// Name.
    pub id: String,
    /// Title.
    pub title: Text,
    /// Least points that what is unknown leaves open.
    pub low: Decimal,
    /// Most.
    pub high: Decimal,
    /// Most that there are.
    pub max: Option<Decimal>,
    /// The band or case that gave the points.
    pub case: Option<Text>,
    /// The value that bands hold.
    pub value: Option<Decimal>,
    /// Clause.
    pub clause: Option<String>,
    /// Groups or items.
    pub parts: Vec<PointReason>,
}

/// Points as a range of whole ten-thousandths.
pub(crate) type Span = (i64, i64);

/// Evaluates a rule for a firm; keeps the points, which conditions ask for.
pub struct One<'p, 'f> {
    plan: &'p Plan,
    rule: &'p RulePlan,
    facts: &'f Facts<'f>,
    /// Points of the rule, from its first number on.
    spans: Vec<Span>,
    /// What came out of the nodes that were asked so far: a record asks for each and for all above it.
    truths: Vec<Cell<Option<Truth>>>,
}

impl<'p, 'f> One<'p, 'f> {
    /// What is known of a firm, and the points that follow.
    pub fn new(plan: &'p Plan, rule: &'p RulePlan, facts: &'f Facts<'f>) -> Self {
        let truths = rule.nodes.iter().map(|_| Cell::new(None)).collect();
        let mut one = Self { plan, rule, facts, spans: Vec::new(), truths };
        for (_, at) in &rule.points {
            let span = match &plan.points[*at as usize] {
                PointPlan::Item { max, way, .. } => {
                    let (low, high) = one.way(way, *max);
                    (low.min(*max), high.min(*max))
                }
                PointPlan::Sum { parts, cap, .. } => {
                    let sum = parts.iter().map(|p| one.span(*p)).fold((0, 0), |a, b| (a.0 + b.0, a.1 + b.1));
                    cap.map_or(sum, |cap| (sum.0.min(cap), sum.1.min(cap)))
                }
            };
            one.spans.push(span);
        }
        one
    }

    fn span(&self, point: PointId) -> Span {
        let first = self.rule.points.first().map_or(0, |(_, first)| *first);
        self.spans[(point - first) as usize]
    }

    /// What came out of the rule.
    pub fn outcome(&self) -> Truth {
        self.truth(0)
    }

    /// What came out of a node of the rule.
    pub fn truth(&self, node: usize) -> Truth {
        let truth = self.truths[node].get().unwrap_or_else(|| self.work_out(node));
        self.truths[node].set(Some(truth));
        truth
    }

    fn work_out(&self, node: usize) -> Truth {
        let part = |n: &usize| self.truth(*n);
        match &self.rule.nodes[node].what {
            What::All(parts) => all(parts.iter().map(part)),
            What::Any(parts) => any(parts.iter().map(part)),
            What::AtLeast(count, parts) => {
                let truths: Vec<Truth> = parts.iter().map(part).collect();
                let met = truths.iter().filter(|t| **t == Truth::Met).count() as u32;
                let open = truths.iter().filter(|t| **t == Truth::Unknown).count() as u32;
                if met >= *count {
                    Truth::Met
                } else if met + open < *count {
                    Truth::NotMet
                } else {
                    Truth::Unknown
                }
            }
            What::Not(inner) => not(part(inner)),
            What::Unless(of, except) => any([part(of), part(except)].into_iter()),
            What::Leaf(logic, _) | What::Judged(Some((logic, _))) => self.logic(logic),
            What::Judged(None) => Truth::Unknown,
            What::Slot => Truth::Met,
        }
    }

    /// What came out of a question of the plan.
    pub fn atom(&self, atom: u32) -> Truth {
        let number = |var: Var| match (self.facts)(var) {
            Value::Number(n) => Some(crate::exact::rational(n)),
            _ => None,
        };
        match &self.plan.atoms[atom as usize] {
            Atom::Sign { above, below, vars, op } => {
                let known_all = vars.iter().all(|v| (self.facts)(*v) != Value::Unknown);
                let defined = known_all && below.iter().all(|p| p.value(&number).is_some_and(|d| d.is_positive()));
                match above.value(&number) {
                    Some(value) if defined => known(holds(*op, &value)),
                    _ => Truth::Unknown,
                }
            }
            Atom::Is(var) => self.logic(&Logic::Is(*var)),
            Atom::OneOf(var, texts) => self.logic(&Logic::OneOf(*var, texts.clone())),
            Atom::Known(vars, below) => known(
                vars.iter().all(|v| (self.facts)(*v) != Value::Unknown)
                    && below.iter().all(|p| p.value(&number).is_some_and(|d| d.is_positive())),
            ),
            Atom::Points { terms, constant, op } => {
                let (mut low, mut high) = (constant.clone(), constant.clone());
                for (point, factor) in terms {
                    let (a, b) = self.span(*point);
                    let (a, b) = (in_points(a) * factor, in_points(b) * factor);
                    low += a.clone().min(b.clone());
                    high += a.max(b);
                }
                between(*op, &low, &high)
            }
        }
    }

    /// The least points that are certain.
    pub(crate) fn least_points(&self, point: PointId) -> BigRational {
        in_points(self.span(point).0)
    }

    /// What came out of a condition.
    pub fn logic(&self, logic: &Logic) -> Truth {
        match logic {
            Logic::Fixed(true) => Truth::Met,
            Logic::Fixed(false) => Truth::NotMet,
            Logic::And(parts) => all(parts.iter().map(|p| self.logic(p))),
            Logic::Or(parts) => any(parts.iter().map(|p| self.logic(p))),
            Logic::Not(inner) => not(self.logic(inner)),
            Logic::Is(var) => match (self.facts)(*var) {
                Value::Truth(b) => known(b),
                _ => Truth::Unknown,
            },
            Logic::OneOf(var, texts) => match (self.facts)(*var) {
                Value::Text(text) => known(texts.contains(&text)),
                _ => Truth::Unknown,
            },
            Logic::KnownVar(var) => known((self.facts)(*var) != Value::Unknown),
            Logic::Known(term) => known(self.number(term).is_some()),
            Logic::Compare(op, a, b) => self.compare(*op, a, b),
        }
    }

    fn compare(&self, op: Op, a: &Term, b: &Term) -> Truth {
        let ordered = matches!(op, Op::Above | Op::AtLeast);
        match (a, b) {
            (Term::Greatest(xs), _) if ordered => any(xs.iter().map(|x| self.compare(op, x, b))),
            (Term::Least(xs), _) if ordered => all(xs.iter().map(|x| self.compare(op, x, b))),
            (_, Term::Greatest(ys)) if ordered => all(ys.iter().map(|y| self.compare(op, a, y))),
            (_, Term::Least(ys)) if ordered => any(ys.iter().map(|y| self.compare(op, a, y))),
            _ => {
                let (Some(a), Some(b)) = (self.range(a), self.range(b)) else { return Truth::Unknown };
                let (low, high) = (&a.0 - &b.1, &a.1 - &b.0);
                between(op, &low, &high)
            }
        }
    }

    /// The value of a term: one number twice, or for points the range that is left open.
    fn range(&self, term: &Term) -> Option<(BigRational, BigRational)> {
        match term {
            Term::Points(at) => {
                let (low, high) = self.span(*at);
                Some((in_points(low), in_points(high)))
            }
            Term::Minus(inner) => self.range(inner).map(|(low, high)| (-high, -low)),
            Term::Add(a, b) => {
                let (a, b) = (self.range(a)?, self.range(b)?);
                Some((a.0 + b.0, a.1 + b.1))
            }
            Term::Times(a, b) => {
                let (a, b) = (self.range(a)?, self.range(b)?);
                let all = [&a.0 * &b.0, &a.0 * &b.1, &a.1 * &b.0, &a.1 * &b.1];
                Some((all.iter().min()?.clone(), all.iter().max()?.clone()))
            }
            Term::Over(a, b) => {
                let (a, b) = (self.range(a)?, self.range(b)?);
                let constant = matches!(term, Term::Over(_, d) if matches!(**d, Term::Number(_)));
                if b.0 != b.1 || b.0.is_zero() || b.0.is_negative() && !constant {
                    return None;
                }
                let (x, y) = (&a.0 / &b.0, &a.1 / &b.0);
                Some(if x <= y { (x, y) } else { (y, x) })
            }
            other => self.number(other).map(|n| (n.clone(), n)),
        }
    }

    /// The value of a term without points; none when unknown or undefined.
    pub fn number(&self, term: &Term) -> Option<BigRational> {
        let var = |var: Var| match (self.facts)(var) {
            Value::Number(n) => Some(crate::exact::rational(n)),
            _ => None,
        };
        value_of(term, &var, &|logic| self.logic(logic))
    }

    fn way(&self, way: &Way, max: i64) -> Span {
        match way {
            Way::First { cases, rest, .. } => {
                let (mut low, mut high) = (i64::MAX, i64::MIN);
                for case in cases {
                    match self.logic(&case.logic) {
                        Truth::NotMet => continue,
                        truth => {
                            (low, high) = (low.min(case.points), high.max(case.points));
                            if truth == Truth::Met {
                                return (low, high);
                            }
                        }
                    }
                }
                (low.min(*rest), high.max(*rest))
            }
            Way::Each(cases) => cases.iter().fold((0, 0), |(low, high), case| match self.logic(&case.logic) {
                Truth::Met => (low + case.points, high + case.points),
                Truth::NotMet => (low, high),
                Truth::Unknown => (low + case.points.min(0), high + case.points.max(0)),
            }),
            Way::BetterOf(ways) => {
                let spans = ways.iter().map(|w| self.way(w, max));
                spans.reduce(|a, b| (a.0.max(b.0), a.1.max(b.1))).unwrap_or((0, 0))
            }
            Way::Value(term) | Way::Judged(Some(term)) => points_of(term, max, &|var| match (self.facts)(var) {
                Value::Number(n) => Some(crate::exact::rational(n)),
                _ => None,
            }),
            Way::Judged(None) => (0, max),
        }
    }

    // -----------------------------------------------------------------------------------------
    // The record

    /// Why a rule came out as it did.
    pub fn explain(&self) -> Explanation {
        let rule = self.rule;
        let tables = rule.points.iter().filter(|(_, at)| !self.is_part(*at));
        Explanation {
            record: RECORD,
            rule: rule.rule.name(),
            outcome: self.outcome(),
            condition: self.reason(0),
            points: tables.map(|(_, at)| self.point_reason(*at)).collect(),
        }
    }

    fn is_part(&self, part: u32) -> bool {
        self.rule.points.iter().any(|(_, at)| match &self.plan.points[*at as usize] {
            PointPlan::Sum { parts, .. } => parts.contains(&part),
            PointPlan::Item { .. } => false,
        })
    }

    /// A node of a rule with what it saw.
    pub fn reason(&self, at: usize) -> Reason {
        let node: &Node = &self.rule.nodes[at];
        let (kind, count, parts): (&'static str, Option<u32>, Vec<usize>) = match &node.what {
            What::All(parts) => ("all", None, parts.clone()),
            What::Any(parts) => ("any", None, parts.clone()),
            What::AtLeast(count, parts) => ("at_least", Some(*count), parts.clone()),
            What::Not(inner) => ("not", None, vec![*inner]),
            What::Unless(of, except) => ("unless", None, vec![*of, *except]),
            What::Leaf(..) => ("if", None, Vec::new()),
            What::Judged(_) => ("judged", None, Vec::new()),
            What::Slot => ("slot", None, Vec::new()),
        };
        let (mut seen, mut vars) = (Vec::new(), Vec::new());
        if let What::Leaf(logic, _) | What::Judged(Some((logic, _))) = &node.what {
            self.seen(logic, &mut seen);
            vars_of(logic, &mut vars);
            // What points rest on is told where it is open.
            let mut points = Vec::new();
            points_of_logic(logic, &mut points);
            points.into_iter().for_each(|p| self.open_vars(p, &mut vars));
        }
        Reason {
            id: node.id.clone(),
            title: node.title.clone(),
            kind,
            count,
            truth: self.truth(at),
            formula: node.formula.clone(),
            seen,
            inputs: self.inputs(vars),
            parts: parts.into_iter().map(|p| self.reason(p)).collect(),
            clause: node.clause.clone(),
            standing: node.standing.clone(),
            evidence: node.evidence.clone(),
        }
    }

    /// Figures of the items whose points are not settled.
    fn open_vars(&self, point: PointId, out: &mut Vec<Var>) {
        let (low, high) = self.span(point);
        if low == high {
            return;
        }
        match &self.plan.points[point as usize] {
            PointPlan::Item { way, .. } => way_vars(way, out),
            PointPlan::Sum { parts, .. } => parts.iter().for_each(|p| self.open_vars(*p, out)),
        }
    }

    fn inputs(&self, mut vars: Vec<Var>) -> Vec<Input> {
        let mut once = std::collections::BTreeSet::new();
        vars.retain(|v| once.insert(*v));
        let input = |var: Var| {
            let def = self.plan.vars.def(var);
            Input {
                name: def.key.name.clone(),
                lag: def.key.lag,
                value: match (self.facts)(var) {
                    Value::Unknown => None,
                    Value::Number(n) => Some(n.normalize().to_string()),
                    Value::Truth(b) => Some(b.to_string()),
                    Value::Text(t) => Some(t),
                },
                unit: def.unit.clone(),
            }
        };
        vars.into_iter().map(input).collect()
    }

    fn seen(&self, logic: &Logic, out: &mut Vec<Seen>) {
        match logic {
            Logic::And(parts) | Logic::Or(parts) => parts.iter().for_each(|p| self.seen(p, out)),
            Logic::Not(inner) => self.seen(inner, out),
            Logic::Compare(op, a, b) => {
                let side = |t: &Term| self.range(t).and_then(|(low, high)| (low == high).then_some(low));
                let (left, right) = (side(a), side(b));
                let mut vars = Vec::new();
                terms_vars(a, &mut vars);
                terms_vars(b, &mut vars);
                let all_known = vars.iter().all(|v| (self.facts)(*v) != Value::Unknown);
                out.push(Seen {
                    undefined: all_known && !vars.is_empty() && (left.is_none() || right.is_none()),
                    left: left.and_then(|n| decimal(&n, SHOWN)),
                    op: match op {
                        Op::Above => ">",
                        Op::AtLeast => ">=",
                        Op::Equal => "=",
                        Op::Other => "<>",
                    },
                    right: right.and_then(|n| decimal(&n, SHOWN)),
                    truth: self.compare(*op, a, b),
                });
            }
            _ => (),
        }
    }

    fn point_reason(&self, at: u32) -> PointReason {
        let (low, high) = self.span(at);
        let shown = |points: i64| decimal(&in_points(points), 4).unwrap_or_default();
        match &self.plan.points[at as usize] {
            PointPlan::Item { id, title, max, way, clause, .. } => {
                let (case, value) = self.case_of(way);
                PointReason {
                    id: id.clone(),
                    title: title.clone(),
                    low: shown(low),
                    high: shown(high),
                    max: Some(shown(*max)),
                    case,
                    value,
                    clause: clause.clone(),
                    parts: Vec::new(),
                }
            }
            PointPlan::Sum { id, title, parts, cap } => PointReason {
                id: id.clone(),
                title: title.clone(),
                low: shown(low),
                high: shown(high),
                max: cap.map(shown).or_else(|| parts.iter().map(|p| self.point_reason(*p).max).sum()),
                case: None,
                value: None,
                clause: None,
                parts: parts.iter().map(|p| self.point_reason(*p)).collect(),
            },
        }
    }

    fn case_of(&self, way: &Way) -> (Option<Text>, Option<Decimal>) {
        match way {
            Way::First { cases, value, .. } => {
                let case = cases.iter().find(|c| self.logic(&c.logic) == Truth::Met).map(|c| c.title.clone());
                (case, value.as_ref().and_then(|v| self.number(v)).and_then(|n| decimal(&n, SHOWN)))
            }
            Way::BetterOf(ways) => {
                let best = ways.iter().max_by_key(|w| self.way(w, i64::MAX).0);
                best.map_or((None, None), |w| self.case_of(w))
            }
            Way::Value(term) | Way::Judged(Some(term)) => (None, self.number(term).and_then(|n| decimal(&n, SHOWN))),
            Way::Each(cases) => {
                let held: Vec<&Text> =
                    cases.iter().filter(|c| self.logic(&c.logic) == Truth::Met).map(|c| &c.title).collect();
                let join =
                    |of: &dyn Fn(&Text) -> &str, by: &str| held.iter().map(|t| of(t)).collect::<Vec<_>>().join(by);
                let title = Text { zh: join(&|t| &t.zh, "、"), en: join(&|t| &t.en, ", ") };
                ((!held.is_empty()).then_some(title), None)
            }
            Way::Judged(None) => (None, None),
        }
    }

    /// Points of a table, group or item.
    pub fn points(&self, id: &str) -> Option<(Decimal, Decimal)> {
        let (_, at) = self.rule.points.iter().find(|(name, _)| name == id)?;
        let (low, high) = self.span(*at);
        Some((decimal(&in_points(low), 4)?, decimal(&in_points(high), 4)?))
    }
}

impl PointPlan {
    /// Its name.
    pub fn id(&self) -> &str {
        match self {
            Self::Item { id, .. } | Self::Sum { id, .. } => id,
        }
    }
}

/// Ten-thousandths as points.
pub(crate) fn in_points(points: i64) -> BigRational {
    BigRational::new(BigInt::from(points), BigInt::from(POINT))
}

/// A value in points, held between nothing and the most; unknown leaves all of it open. What is finer
/// than a ten-thousandth is cut off.
pub(crate) fn points_of(term: &Term, max: i64, of: &dyn Fn(Var) -> Option<BigRational>) -> Span {
    match value_of(term, of, &|_| Truth::Unknown) {
        Some(value) => {
            let scaled = (value * BigRational::from(BigInt::from(POINT))).floor().to_integer();
            let points = scaled.to_i64().unwrap_or(if scaled.is_negative() { 0 } else { max }).clamp(0, max);
            (points, points)
        }
        None => (0, max),
    }
}

/// The value of a term; none when something is unknown or undefined.
pub fn value_of(
    term: &Term,
    of: &dyn Fn(Var) -> Option<BigRational>,
    truth: &dyn Fn(&Logic) -> Truth,
) -> Option<BigRational> {
    let value = |t: &Term| value_of(t, of, truth);
    match term {
        Term::Number(n) => Some(n.clone()),
        Term::Var(var) => of(*var),
        Term::Points(_) => None,
        Term::Minus(inner) => value(inner).map(|n| -n),
        Term::Add(a, b) => Some(value(a)? + value(b)?),
        Term::Times(a, b) => Some(value(a)? * value(b)?),
        Term::Over(a, b) => {
            let (a, d) = (value(a)?, value(b)?);
            // A figure that divides must be positive; a number written in the rule only not zero.
            let fits = if matches!(**b, Term::Number(_)) { !d.is_zero() } else { d.is_positive() };
            fits.then(|| a / d)
        }
        Term::Least(many) => many.iter().map(value).collect::<Option<Vec<_>>>()?.into_iter().min(),
        Term::Greatest(many) => many.iter().map(value).collect::<Option<Vec<_>>>()?.into_iter().max(),
        Term::Coalesce(many) => many.iter().find_map(value),
        Term::Case(cases, rest) => {
            for (when, then) in cases {
                match truth(when) {
                    Truth::Met => return value(then),
                    Truth::NotMet => (),
                    Truth::Unknown => return None,
                }
            }
            rest.as_ref().and_then(|r| value(r))
        }
    }
}

/// What can be said of a comparison with zero of something between two numbers.
fn between(op: Op, low: &BigRational, high: &BigRational) -> Truth {
    let (surely, possibly) = match op {
        Op::Equal => (low.is_zero() && high.is_zero(), !low.is_positive() && !high.is_negative()),
        Op::Other => (low.is_positive() || high.is_negative(), !(low.is_zero() && high.is_zero())),
        _ => (holds(op, low), holds(op, high)),
    };
    match (surely, possibly) {
        (true, _) => Truth::Met,
        (_, false) => Truth::NotMet,
        _ => Truth::Unknown,
    }
}

fn known(truth: bool) -> Truth {
    if truth { Truth::Met } else { Truth::NotMet }
}

fn not(truth: Truth) -> Truth {
    match truth {
        Truth::Met => Truth::NotMet,
        Truth::NotMet => Truth::Met,
        Truth::Unknown => Truth::Unknown,
    }
}

fn all(truths: impl Iterator<Item = Truth>) -> Truth {
    truths.fold(Truth::Met, |a, b| match (a, b) {
        (Truth::NotMet, _) | (_, Truth::NotMet) => Truth::NotMet,
        (Truth::Unknown, _) | (_, Truth::Unknown) => Truth::Unknown,
        _ => Truth::Met,
    })
}

fn any(truths: impl Iterator<Item = Truth>) -> Truth {
    not(all(truths.map(not)))
}

/// Variables of a condition, in the order written.
pub fn vars_of(logic: &Logic, out: &mut Vec<Var>) {
    match logic {
        Logic::Fixed(_) => (),
        Logic::And(parts) | Logic::Or(parts) => parts.iter().for_each(|p| vars_of(p, out)),
        Logic::Not(inner) => vars_of(inner, out),
        Logic::Is(var) | Logic::OneOf(var, _) | Logic::KnownVar(var) => out.push(*var),
        Logic::Known(term) => terms_vars(term, out),
        Logic::Compare(_, a, b) => {
            terms_vars(a, out);
            terms_vars(b, out);
        }
    }
}

/// Points that a condition asks for.
fn points_of_logic(logic: &Logic, out: &mut Vec<PointId>) {
    match logic {
        Logic::And(parts) | Logic::Or(parts) => parts.iter().for_each(|p| points_of_logic(p, out)),
        Logic::Not(inner) => points_of_logic(inner, out),
        Logic::Known(term) => points_of_term(term, out),
        Logic::Compare(_, a, b) => {
            points_of_term(a, out);
            points_of_term(b, out);
        }
        Logic::Fixed(_) | Logic::Is(_) | Logic::OneOf(..) | Logic::KnownVar(_) => (),
    }
}

fn points_of_term(term: &Term, out: &mut Vec<PointId>) {
    match term {
        Term::Points(point) => out.push(*point),
        Term::Number(_) | Term::Var(_) => (),
        Term::Minus(inner) => points_of_term(inner, out),
        Term::Add(a, b) | Term::Times(a, b) | Term::Over(a, b) => {
            points_of_term(a, out);
            points_of_term(b, out);
        }
        Term::Least(many) | Term::Greatest(many) | Term::Coalesce(many) => {
            many.iter().for_each(|t| points_of_term(t, out));
        }
        Term::Case(cases, rest) => {
            for (when, then) in cases {
                points_of_logic(when, out);
                points_of_term(then, out);
            }
            rest.iter().for_each(|t| points_of_term(t, out));
        }
    }
}

/// Variables of a term, in the order written.
pub fn terms_vars(term: &Term, out: &mut Vec<Var>) {
    match term {
        Term::Number(_) | Term::Points(_) => (),
        Term::Var(var) => out.push(*var),
        Term::Minus(inner) => terms_vars(inner, out),
        Term::Add(a, b) | Term::Times(a, b) | Term::Over(a, b) => {
            terms_vars(a, out);
            terms_vars(b, out);
        }
        Term::Least(many) | Term::Greatest(many) | Term::Coalesce(many) => many.iter().for_each(|t| terms_vars(t, out)),
        Term::Case(cases, rest) => {
            for (when, then) in cases {
                vars_of(when, out);
                terms_vars(then, out);
            }
            rest.iter().for_each(|t| terms_vars(t, out));
        }
    }
}

/// Every variable that a rule asks for, with the nodes that ask.
pub fn asked(plan: &Plan, rule: &RulePlan) -> BTreeMap<Var, Vec<usize>> {
    let mut out: BTreeMap<Var, Vec<usize>> = BTreeMap::new();
    for (at, node) in rule.nodes.iter().enumerate() {
        let mut vars = Vec::new();
        if let What::Leaf(logic, _) | What::Judged(Some((logic, _))) = &node.what {
            vars_of(logic, &mut vars);
        }
        vars.into_iter().for_each(|v| out.entry(v).or_default().push(at));
    }
    for (_, at) in &rule.points {
        let mut vars = Vec::new();
        if let PointPlan::Item { way, .. } = &plan.points[*at as usize] {
            way_vars(way, &mut vars);
        }
        vars.into_iter().for_each(|v| {
            out.entry(v).or_default();
        });
    }
    if let Some(amount) = &rule.amount {
        let mut vars = Vec::new();
        terms_vars(&amount.formula, &mut vars);
        amount.uplifts.iter().for_each(|(_, when, _)| vars_of(when, &mut vars));
        vars.into_iter().for_each(|v| {
            out.entry(v).or_default();
        });
    }
    out
}

/// Variables of a way to give points.
pub(crate) fn way_vars(way: &Way, out: &mut Vec<Var>) {
    match way {
        Way::First { cases, value, .. } => {
            cases.iter().for_each(|c| vars_of(&c.logic, out));
            value.iter().for_each(|v| terms_vars(v, out));
        }
        Way::Each(cases) => cases.iter().for_each(|c| vars_of(&c.logic, out)),
        Way::BetterOf(ways) => ways.iter().for_each(|w| way_vars(w, out)),
        Way::Value(term) | Way::Judged(Some(term)) => terms_vars(term, out),
        Way::Judged(None) => (),
    }
}

/// Atoms of a way to give points.
pub fn way_atoms(way: &Way, out: &mut Vec<u32>) {
    match way {
        Way::First { cases, .. } | Way::Each(cases) => cases.iter().for_each(|c| atoms_of(&c.when, out)),
        Way::BetterOf(ways) => ways.iter().for_each(|w| way_atoms(w, out)),
        Way::Value(_) | Way::Judged(_) => (),
    }
}

/// Atoms of a tree.
pub fn atoms_of(tree: &Tree, out: &mut Vec<u32>) {
    match tree {
        Tree::Fixed(_) => (),
        Tree::Atom(at) => out.push(*at),
        Tree::Not(inner) => atoms_of(inner, out),
        Tree::And(parts) | Tree::Or(parts) => parts.iter().for_each(|p| atoms_of(p, out)),
    }
}
