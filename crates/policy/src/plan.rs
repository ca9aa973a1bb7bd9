//! Rules compiled together: every comparison that any of them makes is entered once, as an integer
//! polynomial whose sign is asked; conditions are trees over those, points are sums over bands of them.

use crate::exact::{ExactFault, Poly, Quotient, Var, rational};
use crate::merge::{Merged, merged};
use crate::parse::{Logic, Op, ParseFault, PointId, Scope, Term, Vars};
use law::place::Diagnostic;
use law::rule::{Band, Case, Condition, Give, Rule, Test};
use law::scheme::{Standing, Text};
use law::{Formula, Law};
use num_rational::BigRational;
use num_traits::{Signed, ToPrimitive, Zero};
use std::collections::HashMap;
use std::sync::Arc;

/// Points are kept as whole ten-thousandths.
pub const POINT: i64 = 10_000;

/// Number of an atom in a plan.
pub type AtomId = u32;

/// A question about a firm that is asked once, however many conditions ask it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Atom {
    /// The sign of a polynomial, where every divisor is positive.
    Sign {
        /// Compared with zero; whole factors.
        above: Poly,
        /// Divisors.
        below: Vec<Poly>,
        /// Everything that is written there, also what cancels out: it must be known as well.
        vars: Vec<Var>,
        /// How.
        op: Op,
    },
    /// A truth.
    Is(Var),
    /// A text is one of these, sorted.
    OneOf(Var, Vec<String>),
    /// Variables are known and divisors positive.
    Known(Vec<Var>, Vec<Poly>),
    /// A sum of points compared with zero.
    Points {
        /// Points and factors.
        terms: Vec<(PointId, BigRational)>,
        /// What is added.
        constant: BigRational,
        /// How.
        op: Op,
    },
}

/// A condition over atoms.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Tree {
    /// True or false by itself.
    Fixed(bool),
    /// All.
    And(Vec<Tree>),
    /// Any.
    Or(Vec<Tree>),
    /// Not.
    Not(Box<Tree>),
    /// An atom.
    Atom(AtomId),
}

/// A node of a rule's condition. Parts have larger numbers than what they are parts of.
#[derive(Clone, Debug)]
pub struct Node {
    /// Name in the rule; empty for plain groups.
    pub id: String,
    /// What it asks.
    pub title: Text,
    /// Clause.
    pub clause: Option<String>,
    /// Read or assumed.
    pub standing: Standing,
    /// Evidence to be handed in.
    pub evidence: Option<Text>,
    /// The expression as written, of a leaf.
    pub formula: Option<String>,
    /// What it is.
    pub what: What,
}

/// What a node is.
#[derive(Clone, Debug)]
pub enum What {
    /// All of these nodes.
    All(Vec<usize>),
    /// Any.
    Any(Vec<usize>),
    /// At least that many.
    AtLeast(u32, Vec<usize>),
    /// Not this one.
    Not(usize),
    /// This one, except where the other holds.
    Unless(usize, usize),
    /// An expression, as written and as atoms.
    Leaf(Logic, Tree),
    /// People say so; none until a fact does.
    Judged(Option<(Logic, Tree)>),
    /// A place that a narrower rule has not filled: met.
    Slot,
}

/// How points come about.
#[derive(Clone, Debug)]
pub enum PointPlan {
    /// An item.
    Item {
        /// Name.
        id: String,
        /// Title.
        title: Text,
        /// Most.
        max: i64,
        /// How.
        way: Way,
        /// Clause.
        clause: Option<String>,
        /// Read or assumed.
        standing: Standing,
    },
    /// A sum, held at its cap.
    Sum {
        /// Name.
        id: String,
        /// Title.
        title: Text,
        /// Parts.
        parts: Vec<PointId>,
        /// Most.
        cap: Option<i64>,
    },
}

/// A way to give points.
#[derive(Clone, Debug)]
pub enum Way {
    /// The first that holds gives its points; else the rest. Also the value in bands, for explanations.
    First {
        /// Conditions and points.
        cases: Vec<WayCase>,
        /// Points when none holds.
        rest: i64,
        /// The value that bands hold.
        value: Option<Term>,
    },
    /// All that hold add up.
    Each(Vec<WayCase>),
    /// The best.
    BetterOf(Vec<Way>),
    /// A value in points.
    Value(Term),
    /// People give them; unknown until a fact states them.
    Judged(Option<Term>),
}

/// A case of a way.
#[derive(Clone, Debug)]
pub struct WayCase {
    /// Title; of a band its ends.
    pub title: Text,
    /// When it holds.
    pub when: Tree,
    /// The same as written.
    pub logic: Logic,
    /// Points.
    pub points: i64,
}

/// What a policy pays, compiled.
#[derive(Clone, Debug)]
pub struct AmountPlan {
    /// The sum.
    pub formula: Term,
    /// As written.
    pub text: String,
    /// Additions: title, condition, share.
    pub uplifts: Vec<(Text, Logic, BigRational)>,
}

/// A rule, compiled for filings of a year.
#[derive(Clone, Debug)]
pub struct RulePlan {
    /// The rule.
    pub rule: Arc<Rule>,
    /// Nodes; the first is the whole condition.
    pub nodes: Vec<Node>,
    /// The whole condition of the re-check; none where it is the same.
    pub renewal: Option<usize>,
    /// Points of its tables, groups and items, by name.
    pub points: Vec<(String, PointId)>,
    /// What it pays.
    pub amount: Option<AmountPlan>,
}

/// Rules compiled together.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// Everything that is asked of a firm.
    pub vars: Vars,
    /// Questions.
    pub atoms: Vec<Atom>,
    /// Points; parts come before their sums.
    pub points: Vec<PointPlan>,
    /// Rules.
    pub rules: Vec<RulePlan>,
    index: HashMap<Atom, AtomId>,
}

struct Compiling<'a> {
    plan: Plan,
    scope: Scope<'a>,
    faults: Vec<Diagnostic>,
}

type Fallible<T> = Result<T, ParseFault>;

fn refuse(code: &'static str, found: impl Into<String>, allowed: impl Into<String>) -> ParseFault {
    ParseFault { code, found: found.into(), allowed: allowed.into() }
}

impl From<ExactFault> for ParseFault {
    fn from(fault: ExactFault) -> Self {
        refuse("division-by-zero", fault.to_string(), "a divisor that is not zero")
    }
}

impl Plan {
    /// Compiles rules for filings of a year; all faults at once. A rule with faults is left out.
    pub fn compile(law: &Law, rules: &[&Rule], year: i16) -> (Self, Vec<Diagnostic>) {
        let mut plan = Self::default();
        let mut faults = Vec::new();
        for rule in rules {
            let merged = merged(law, rule);
            let first = plan.points.len() as PointId;
            let scope = Scope::new(law, law.with_wider(rule), &merged.scores, first, year);
            let mut compiling = Compiling { plan: plan.clone(), scope, faults: Vec::new() };
            compiling.rule(rule, merged);
            if compiling.faults.is_empty() {
                plan = compiling.plan;
            } else {
                faults.append(&mut compiling.faults);
            }
        }
        (plan, faults)
    }

    /// The rule of that id.
    pub fn rule(&self, id: &str) -> Option<&RulePlan> {
        self.rules.iter().find(|r| r.rule.id == id)
    }

    fn atom(&mut self, atom: Atom) -> Tree {
        if let Some(id) = self.index.get(&atom) {
            return Tree::Atom(*id);
        }
        let id = self.atoms.len() as AtomId;
        self.index.insert(atom.clone(), id);
        self.atoms.push(atom);
        Tree::Atom(id)
    }
}

/// A number of points as whole ten-thousandths.
fn points(value: rust_decimal::Decimal) -> Fallible<i64> {
    let scaled = rational(value) * BigRational::from(num_bigint::BigInt::from(POINT));
    let whole = scaled.is_integer().then(|| scaled.to_integer().to_i64()).flatten();
    whole.ok_or_else(|| refuse("bad-points", value.to_string(), "points with at most four decimals"))
}

impl Compiling<'_> {
    fn fault(&mut self, at: &law::Place, fault: ParseFault) {
        self.faults.push(Diagnostic::error(fault.code, at, fault.found, fault.allowed));
    }

    fn rule(&mut self, rule: &Rule, merged: Merged) {
        for table in &merged.scores {
            let mut groups = Vec::new();
            for group in &table.groups {
                let mut parts = Vec::new();
                for item in &group.items {
                    match self.item(item) {
                        Ok(plan) => parts.push(self.enter_points(plan)),
                        Err((at, fault)) => self.fault(&at, fault),
                    }
                }
                let cap = match group.cap.as_ref().map(|c| points(c.value)).transpose() {
                    Ok(cap) => cap,
                    Err(fault) => {
                        self.fault(&table.at, fault);
                        None
                    }
                };
                let sum = PointPlan::Sum { id: group.id.clone(), title: group.title.clone(), parts, cap };
                groups.push(self.enter_points(sum));
            }
            let sum = PointPlan::Sum { id: table.id.clone(), title: table.title.clone(), parts: groups, cap: None };
            self.enter_points(sum);
        }
        let mut nodes = Vec::new();
        self.node(&merged.requires, &mut nodes);
        let renewal = merged.renewal.as_ref().map(|r| self.node(r, &mut nodes));
        let amount = rule.amount.as_ref().and_then(|amount| {
            let compiled = self.amount(amount);
            compiled.map_err(|(at, fault)| self.fault(&at, fault)).ok()
        });
        let mut points: Vec<(String, PointId)> = self.scope.points().map(|(n, p)| (n.to_owned(), p)).collect();
        points.sort_by_key(|(_, p)| *p);
        self.plan.rules.push(RulePlan { rule: Arc::new(rule.clone()), nodes, renewal, points, amount });
    }

    /// Entered in the order in which the scope has numbered them.
    fn enter_points(&mut self, plan: PointPlan) -> PointId {
        let number = self.plan.points.len() as PointId;
        self.plan.points.push(plan);
        number
    }

    fn amount(&mut self, amount: &law::rule::Amount) -> Result<AmountPlan, (law::Place, ParseFault)> {
        let at = |formula: &Formula| formula.at.clone();
        let formula = self.scope.term(&mut self.plan.vars, &amount.formula, 0).map_err(|f| (at(&amount.formula), f))?;
        let mut uplifts = Vec::new();
        for uplift in &amount.uplifts {
            let when = self.scope.logic(&mut self.plan.vars, &uplift.when, 0).map_err(|f| (at(&uplift.when), f))?;
            uplifts.push((uplift.title.clone(), when, rational(uplift.rate.value)));
        }
        Ok(AmountPlan { formula, text: amount.formula.text.clone(), uplifts })
    }

    fn node(&mut self, condition: &Condition, nodes: &mut Vec<Node>) -> usize {
        let at = nodes.len();
        let formula = match &condition.test {
            Test::If { formula } | Test::EachYear { formula, .. } => Some(formula.text.clone()),
            _ => None,
        };
        nodes.push(Node {
            id: condition.id.clone(),
            title: condition.title.clone(),
            clause: condition.clause.clone(),
            standing: condition.standing.clone(),
            evidence: condition.evidence.clone(),
            formula,
            what: What::Slot,
        });
        let what = match &condition.test {
            Test::All { of } => What::All(of.iter().map(|c| self.node(c, nodes)).collect()),
            Test::Any { of } => What::Any(of.iter().map(|c| self.node(c, nodes)).collect()),
            Test::AtLeast { count, of } => What::AtLeast(*count, of.iter().map(|c| self.node(c, nodes)).collect()),
            Test::Not { of } => What::Not(self.node(of, nodes)),
            Test::Unless { of, except } => What::Unless(self.node(of, nodes), self.node(except, nodes)),
            Test::If { formula } => self.leaf(formula, 1),
            Test::EachYear { years, formula } => self.leaf(formula, *years),
            Test::Judged { fact: None } => What::Judged(None),
            Test::Judged { fact: Some(fact) } => {
                let found = self.scope.truth(&mut self.plan.vars, fact).and_then(|l| Ok((self.tree(&l)?, l)));
                match found {
                    Ok((tree, logic)) => What::Judged(Some((logic, tree))),
                    Err(fault) => {
                        self.fault(&condition.at, fault);
                        What::Judged(None)
                    }
                }
            }
            Test::Slot => What::Slot,
        };
        nodes[at].what = what;
        at
    }

    /// An expression; over several years in each of them.
    fn leaf(&mut self, formula: &Formula, years: u32) -> What {
        let mut parts = Vec::new();
        for lag in 0..years {
            match self.scope.logic(&mut self.plan.vars, formula, lag as i32) {
                Ok(logic) => parts.push(logic),
                Err(fault) => {
                    self.fault(&formula.at, fault);
                    return What::Slot;
                }
            }
        }
        let logic = if parts.len() == 1 { parts.swap_remove(0) } else { Logic::And(parts) };
        match self.tree(&logic) {
            Ok(tree) => What::Leaf(logic, tree),
            Err(fault) => {
                self.fault(&formula.at, fault);
                What::Slot
            }
        }
    }

    // -----------------------------------------------------------------------------------------
    // Points

    fn item(&mut self, item: &law::rule::ScoreItem) -> Result<PointPlan, (law::Place, ParseFault)> {
        let here = |fault| (item.at.clone(), fault);
        Ok(PointPlan::Item {
            id: item.id.clone(),
            title: item.title.clone(),
            max: points(item.max.value).map_err(here)?,
            way: self.way(&item.give).map_err(here)?,
            clause: item.clause.clone(),
            standing: item.standing.clone(),
        })
    }

    fn way(&mut self, give: &Give) -> Fallible<Way> {
        Ok(match give {
            Give::Bands { of, bands, rest } => {
                let value = self.scope.term(&mut self.plan.vars, of, 0)?;
                let cases = bands.iter().map(|b| self.band(&value, b)).collect::<Fallible<_>>()?;
                Way::First { cases, rest: points(rest.value)?, value: Some(value) }
            }
            Give::First { cases, rest } => Way::First {
                cases: cases.iter().map(|c| self.case(c)).collect::<Fallible<_>>()?,
                rest: points(rest.value)?,
                value: None,
            },
            Give::Each { cases } => Way::Each(cases.iter().map(|c| self.case(c)).collect::<Fallible<_>>()?),
            Give::BetterOf { ways } => Way::BetterOf(ways.iter().map(|w| self.way(w)).collect::<Fallible<_>>()?),
            Give::Value { of } => Way::Value(self.scope.term(&mut self.plan.vars, of, 0)?),
            Give::Judged { fact } => {
                let fact = fact.as_ref().map(|f| self.scope.number(&mut self.plan.vars, f)).transpose()?;
                Way::Judged(fact)
            }
        })
    }

    fn band(&mut self, value: &Term, band: &Band) -> Fallible<WayCase> {
        let number = |p: &law::scheme::Param| Box::new(Term::Number(rational(p.value)));
        let value = || Box::new(value.clone());
        let mut parts = Vec::new();
        let mut title = String::new();
        if let Some((low, included)) = &band.low {
            let op = if *included { Op::AtLeast } else { Op::Above };
            parts.push(Logic::Compare(op, value(), number(low)));
            title += &format!("{} {}", if *included { "≥" } else { ">" }, low.value.normalize());
        }
        if let Some((high, included)) = &band.high {
            let op = if *included { Op::AtLeast } else { Op::Above };
            parts.push(Logic::Compare(op, number(high), value()));
            title += &format!(" {} {}", if *included { "≤" } else { "<" }, high.value.normalize());
        }
        if parts.is_empty() {
            return Err(refuse("open-band", "a band without ends", "at_least, above, at_most or below"));
        }
        let logic = if parts.len() == 1 { parts.swap_remove(0) } else { Logic::And(parts) };
        let title = title.trim().to_owned();
        Ok(WayCase {
            title: Text { zh: title.clone(), en: title },
            when: self.tree(&logic)?,
            logic,
            points: points(band.points.value)?,
        })
    }

    fn case(&mut self, case: &Case) -> Fallible<WayCase> {
        let logic = self.scope.logic(&mut self.plan.vars, &case.when, 0)?;
        Ok(WayCase { title: case.title.clone(), when: self.tree(&logic)?, logic, points: points(case.points.value)? })
    }

    // -----------------------------------------------------------------------------------------
    // Atoms

    fn tree(&mut self, logic: &Logic) -> Fallible<Tree> {
        Ok(match logic {
            Logic::Fixed(b) => Tree::Fixed(*b),
            Logic::And(parts) => Tree::And(parts.iter().map(|p| self.tree(p)).collect::<Fallible<_>>()?),
            Logic::Or(parts) => Tree::Or(parts.iter().map(|p| self.tree(p)).collect::<Fallible<_>>()?),
            Logic::Not(inner) => Tree::Not(Box::new(self.tree(inner)?)),
            Logic::Is(var) => self.plan.atom(Atom::Is(*var)),
            Logic::OneOf(var, texts) => {
                let mut texts = texts.clone();
                texts.sort_unstable();
                texts.dedup();
                self.plan.atom(Atom::OneOf(*var, texts))
            }
            Logic::KnownVar(var) => self.plan.atom(Atom::Known(vec![*var], Vec::new())),
            Logic::Known(term) => {
                let mut vars = Vec::new();
                crate::explain::terms_vars(term, &mut vars);
                vars.sort_unstable();
                vars.dedup();
                self.plan.atom(Atom::Known(vars, quotient(term)?.below))
            }
            Logic::Compare(op, a, b) => self.compare(*op, a, b)?,
        })
    }

    fn compare(&mut self, op: Op, a: &Term, b: &Term) -> Fallible<Tree> {
        let ordered = matches!(op, Op::Above | Op::AtLeast);
        let any = |trees: Vec<Tree>| Tree::Or(trees);
        match (a, b) {
            (Term::Greatest(xs), _) if ordered => {
                Ok(any(xs.iter().map(|x| self.compare(op, x, b)).collect::<Fallible<_>>()?))
            }
            (Term::Least(xs), _) if ordered => {
                Ok(Tree::And(xs.iter().map(|x| self.compare(op, x, b)).collect::<Fallible<_>>()?))
            }
            (_, Term::Greatest(ys)) if ordered => {
                Ok(Tree::And(ys.iter().map(|y| self.compare(op, a, y)).collect::<Fallible<_>>()?))
            }
            (_, Term::Least(ys)) if ordered => {
                Ok(any(ys.iter().map(|y| self.compare(op, a, y)).collect::<Fallible<_>>()?))
            }
            _ if has_points(a) || has_points(b) => self.compare_points(op, a, b),
            _ => {
                let difference = quotient(a)?.minus(&quotient(b)?);
                let mut vars = Vec::new();
                crate::explain::terms_vars(a, &mut vars);
                crate::explain::terms_vars(b, &mut vars);
                vars.sort_unstable();
                vars.dedup();
                if let (Some(number), true) = (difference.as_constant(), vars.is_empty()) {
                    return Ok(Tree::Fixed(holds(op, &number)));
                }
                let above = difference.above.whole();
                Ok(self.plan.atom(Atom::Sign { above, below: difference.below, vars, op }))
            }
        }
    }

    fn compare_points(&mut self, op: Op, a: &Term, b: &Term) -> Fallible<Tree> {
        let mut sum = Linear::default();
        self.linear(a, &BigRational::from(num_bigint::BigInt::from(1)), &mut sum)?;
        self.linear(b, &BigRational::from(num_bigint::BigInt::from(-1)), &mut sum)?;
        let mut terms: Vec<(PointId, BigRational)> = sum.terms.into_iter().filter(|(_, f)| !f.is_zero()).collect();
        terms.sort_by_key(|(p, _)| *p);
        Ok(self.plan.atom(Atom::Points { terms, constant: sum.constant, op }))
    }

    fn linear(&self, term: &Term, factor: &BigRational, sum: &mut Linear) -> Fallible<()> {
        match term {
            Term::Number(n) => sum.constant += n * factor,
            Term::Points(id) => *sum.terms.entry(*id).or_insert_with(BigRational::zero) += factor,
            Term::Minus(inner) => self.linear(inner, &-factor, sum)?,
            Term::Add(a, b) => {
                self.linear(a, factor, sum)?;
                self.linear(b, factor, sum)?;
            }
            Term::Times(a, b) => match (&**a, &**b) {
                (Term::Number(n), other) | (other, Term::Number(n)) => self.linear(other, &(factor * n), sum)?,
                _ => return Err(points_mixed()),
            },
            Term::Over(a, b) => match &**b {
                Term::Number(n) if !n.is_zero() => self.linear(a, &(factor / n), sum)?,
                _ => return Err(points_mixed()),
            },
            _ => return Err(points_mixed()),
        }
        Ok(())
    }
}

#[derive(Default)]
struct Linear {
    terms: HashMap<PointId, BigRational>,
    constant: BigRational,
}

fn points_mixed() -> ParseFault {
    refuse("points-mixed", "points compared with something else than points and numbers", "such as `score >= 60`")
}

fn has_points(term: &Term) -> bool {
    match term {
        Term::Points(_) => true,
        Term::Number(_) | Term::Var(_) => false,
        Term::Minus(inner) => has_points(inner),
        Term::Add(a, b) | Term::Times(a, b) | Term::Over(a, b) => has_points(a) || has_points(b),
        Term::Least(many) | Term::Greatest(many) | Term::Coalesce(many) => many.iter().any(has_points),
        Term::Case(cases, rest) => {
            cases.iter().any(|(_, t)| has_points(t)) || rest.as_ref().is_some_and(|t| has_points(t))
        }
    }
}

/// A term without choices as a quotient.
pub fn quotient(term: &Term) -> Fallible<Quotient> {
    Ok(match term {
        Term::Number(n) => Quotient::constant(n.clone()),
        Term::Var(var) => Quotient::var(*var),
        Term::Minus(inner) => quotient(inner)?.negative(),
        Term::Add(a, b) => quotient(a)?.plus(&quotient(b)?),
        Term::Times(a, b) => quotient(a)?.times(&quotient(b)?),
        Term::Over(a, b) => quotient(a)?.over(&quotient(b)?)?,
        Term::Points(_) | Term::Least(_) | Term::Greatest(_) | Term::Case(..) | Term::Coalesce(_) => {
            return Err(refuse(
                "choice-in-condition",
                "least, greatest, CASE or coalesce inside a sum of a condition",
                "those at the outside of a comparison, or `any:` and `all:`",
            ));
        }
    })
}

/// Does a number compare so with zero?
pub fn holds(op: Op, number: &BigRational) -> bool {
    match op {
        Op::Above => number.is_positive(),
        Op::AtLeast => !number.is_negative(),
        Op::Equal => number.is_zero(),
        Op::Other => !number.is_zero(),
    }
}
