//! What a rule must not say before it comes into force: telling firms apart without a legal basis, paying
//! a newcomer what it does not pay one that expands by as much, conditions that nobody can meet.
//!
//! Which facts tell firms apart, and which firms must be treated alike, is data (`law/…/review/`).
//! Conditions that exclude each other are found by Fourier–Motzkin elimination over what a way of
//! qualifying asks: each product of figures counts as a figure of its own, so that what is called
//! contradictory surely is; a contradiction that rests on powers may be missed.

use crate::amount::amount;
use crate::exact::{Poly, Var};
use crate::explain::{One, asked, atoms_of, terms_vars, vars_of};
use crate::firm::day;
use crate::frame::Value;
use crate::parse::{Logic, Op, PointId, Term};
use crate::plan::{Atom, AtomId, Plan, PointPlan, RulePlan, Tree, Way, What};
use crate::run::Truth;
use law::Law;
use law::case::Value as Given;
use law::review::Pair;
use law::rule::RuleKind;
use law::scheme::{Standing, Text};
use law::template::Kind;
use num_rational::BigRational;
use num_traits::{Signed, Zero};
use rust_decimal::Decimal;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// Ways of qualifying that are followed together; of a rule with more not everything is asked.
const WAYS_MAX: usize = 512;
/// Parts of which so many must hold that are combined.
const SOME_MAX: usize = 12;
/// Conflicts that are told of one finding.
const TOLD: usize = 3;
/// Marks points among variables.
const POINTS: Var = Var::MAX;
/// A text that no rule names.
const OTHER: &str = "-";
/// Inequalities kept while eliminating.
const LINES_MAX: usize = 400;
/// Pairs of alike firms that are tried for each pair of the review.
const TRIES: usize = 400;

/// Something that a rule says and must not, or that a person should look at.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Finding {
    /// `fair_competition`, `equal_treatment`, `contradiction`, `dead_branch`, `assumed`, `judged`.
    pub code: &'static str,
    /// Keeps the rule from coming into force.
    pub blocks: bool,
    /// Condition, where it is one.
    pub node: Option<String>,
    /// What is wrong.
    pub message: Text,
    /// Document and clause that say so.
    pub ground: Option<String>,
    /// Facts of a pair of firms that are treated differently: newcomer and existing.
    pub pair: Option<(BTreeMap<String, String>, BTreeMap<String, String>)>,
}

/// Everything that is wrong with a compiled rule.
pub fn lint(law: &Law, plan: &Plan, rule: &RulePlan) -> Vec<Finding> {
    // A question decides nothing, so it treats nobody differently.
    let mut out = match rule.rule.kind {
        RuleKind::Question => Vec::new(),
        RuleKind::Title | RuleKind::Policy => fair_competition(law, plan, rule),
    };
    if rule.rule.kind == RuleKind::Policy {
        for review in &law.reviews {
            for pair in &review.pairs {
                let ground = [Some(review.cite.document.clone()), pair.clause.clone()];
                let ground = ground.into_iter().flatten().collect::<Vec<_>>().join(" ");
                out.extend(equal_treatment(law, plan, rule, pair, ground));
            }
        }
    }
    for root in std::iter::once(0).chain(rule.renewal) {
        out.extend(contradictions(law, plan, rule, root));
    }
    out.extend(assumed(rule));
    out.extend(by_people(rule));
    out
}

// ---------------------------------------------------------------------------------------------
// Fair competition

/// A place of a rule that asks for a variable.
enum Asks {
    /// A condition.
    Node(String),
    /// An item of points.
    Item(String),
    /// The sum that is paid.
    Amount,
}

/// Where each fact or attribute is asked for, by name: over all years together.
fn places(plan: &Plan, rule: &RulePlan) -> BTreeMap<String, Vec<Asks>> {
    let mut out: BTreeMap<String, Vec<Asks>> = BTreeMap::new();
    let mut enter = |vars: Vec<Var>, make: &dyn Fn() -> Asks| {
        let names: BTreeSet<&str> = vars.iter().map(|v| plan.vars.def(*v).key.name.as_str()).collect();
        names.into_iter().for_each(|n| out.entry(n.to_owned()).or_default().push(make()));
    };
    for node in &rule.nodes {
        let mut vars = Vec::new();
        if let What::Leaf(logic, _) | What::Judged(Some((logic, _))) = &node.what {
            vars_of(logic, &mut vars);
        }
        enter(vars, &|| Asks::Node(node.id.clone()));
    }
    for (id, point) in &rule.points {
        let mut vars = Vec::new();
        if let PointPlan::Item { way, .. } = &plan.points[*point as usize] {
            crate::explain::way_vars(way, &mut vars);
        }
        enter(vars, &|| Asks::Item(id.clone()));
    }
    if let Some(amount) = &rule.amount {
        let mut vars = Vec::new();
        terms_vars(&amount.formula, &mut vars);
        amount.uplifts.iter().for_each(|(_, when, _)| vars_of(when, &mut vars));
        enter(vars, &|| Asks::Amount);
    }
    out
}

fn fair_competition(law: &Law, plan: &Plan, rule: &RulePlan) -> Vec<Finding> {
    let mut out = Vec::new();
    let places = places(plan, rule);
    for review in &law.reviews {
        for one in review.traits.iter().filter(|t| !rule.rule.basis.iter().any(|(id, _)| *id == t.id)) {
            for (name, places) in places.iter().filter(|(name, _)| one.facts.contains(name)) {
                let places: Vec<&Asks> =
                    places.iter().filter(|p| !one.in_amount || matches!(p, Asks::Amount)).collect();
                if places.is_empty() {
                    continue;
                }
                let node = places.iter().find_map(|p| match p {
                    Asks::Node(id) | Asks::Item(id) => Some(id.clone()),
                    Asks::Amount => None,
                });
                let told = |amount: &str, by: &str| -> String {
                    let one = |p: &&Asks| match p {
                        Asks::Node(id) | Asks::Item(id) => id.clone(),
                        Asks::Amount => amount.to_owned(),
                    };
                    places.iter().map(one).collect::<Vec<_>>().join(by)
                };
                let ground = [Some(review.cite.document.clone()), one.clause.clone()];
                out.push(Finding {
                    code: "fair_competition",
                    blocks: true,
                    node,
                    message: Text {
                        zh: format!(
                            "{} 用到“{name}”，属于“{}”，须写明法律依据（basis: {}）或删去。",
                            told("金额", "、"),
                            one.title.zh,
                            one.id
                        ),
                        en: format!(
                            "{} uses `{name}`, which is `{}`: give its legal basis (`basis`, trait `{}`) or leave it out.",
                            told("amount", ", "),
                            one.title.en,
                            one.id
                        ),
                    },
                    ground: Some(ground.into_iter().flatten().collect::<Vec<_>>().join(" ")),
                    pair: None,
                });
            }
        }
    }
    out
}

// ---------------------------------------------------------------------------------------------
// Equal treatment

/// A linear congruence: the same firms every time, on every machine.
struct Draw(u64);

impl Draw {
    fn next(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % n.max(1)
    }

    /// Nothing, or a number of any size from a thousandth to some hundred thousands.
    fn number(&mut self) -> Decimal {
        let digits = Decimal::from(1 + self.next(999) as u64);
        match self.next(10) {
            0 => Decimal::ZERO,
            size if size < 6 => digits * Decimal::new(1, 6 - size as u32),
            size => digits * Decimal::from(10u64.pow(size as u32 - 6)),
        }
    }
}

type Own = BTreeMap<Var, Value>;

/// What comes out for a firm: of the conditions, of the re-check, points of the tables, what is paid.
#[derive(PartialEq)]
struct Come {
    outcome: Truth,
    renewal: Option<Truth>,
    points: Vec<(String, (Decimal, Decimal))>,
    paid: Option<(Decimal, Decimal)>,
}

/// Firms that are alike in everything but what must not matter.
struct Alike<'a> {
    law: &'a Law,
    plan: &'a Plan,
    rule: &'a RulePlan,
    vars: Vec<Var>,
    touched: BTreeSet<Var>,
    bounds: BTreeMap<Var, Vec<Decimal>>,
    texts: BTreeMap<Var, Vec<String>>,
    draw: Draw,
}

/// Tries firms that are alike in everything but what must not matter. Figures are drawn at, just below
/// and just above every bound that the rule knows, then led along a way of qualifying, so that a
/// difference has nowhere to hide behind conditions that chance alone would not meet.
fn equal_treatment(law: &Law, plan: &Plan, rule: &RulePlan, pair: &Pair, ground: String) -> Option<Finding> {
    let vars: Vec<Var> = asked(plan, rule).into_keys().collect();
    let named = |var: &Var| {
        let name = &plan.vars.def(*var).key.name;
        pair.newcomer.contains_key(name) || pair.existing.contains_key(name)
    };
    let touched: BTreeSet<Var> = vars.iter().copied().filter(named).collect();
    if touched.is_empty() {
        return None;
    }
    let (bounds, texts) = known_values(plan, rule);
    let mut alike = Alike { law, plan, rule, vars, touched, bounds, texts, draw: Draw(0x9E37_79B9_7F4A_7C15) };
    for round in 0..TRIES {
        let (newcomer, existing) = alike.firms(pair, round);
        let (a, b) = (alike.come(&newcomer), alike.come(&existing));
        if a != b {
            return Some(alike.finding(pair, (&newcomer, &a), (&existing, &b), ground));
        }
    }
    None
}

impl Alike<'_> {
    fn firms(&mut self, pair: &Pair, round: usize) -> (Own, Own) {
        let mut own: Own = BTreeMap::new();
        for var in self.vars.clone() {
            let value = self.drawn(var);
            own.insert(var, value);
        }
        let mut newcomer = self.given(&pair.newcomer);
        let existing = self.given(&pair.existing);
        if round % 2 == 1 {
            self.nearer(&mut newcomer, &existing);
        }
        // Led to qualify as the one or as the other, all but what they differ in.
        let lead = if round % 4 < 2 { &newcomer } else { &existing };
        own.extend(lead.clone());
        if round % 8 != 7 {
            for _ in 0..2 {
                let mut way = Vec::new();
                self.way(0, true, &mut way);
                way.into_iter().for_each(|(atom, truth)| self.answer(&mut own, atom, truth));
            }
        }
        let with = |given: &Own| own.iter().map(|(k, v)| (*k, given.get(k).unwrap_or(v).clone())).collect();
        (with(&newcomer), with(&existing))
    }

    fn drawn(&mut self, var: Var) -> Value {
        match self.plan.vars.def(var).kind {
            Kind::Number | Kind::Date => {
                let known = self.bounds.get(&var).map(Vec::as_slice).unwrap_or(&[]);
                let value = match known.get(self.draw.next(known.len() * 3 / 2 + 1)) {
                    Some(n) => *n,
                    None => self.draw.number(),
                };
                Value::Number(self.fitting(var, value))
            }
            Kind::Boolean => Value::Truth(self.draw.next(2) == 1),
            Kind::Text => Value::Text(match self.texts.get(&var) {
                Some(texts) => texts[self.draw.next(texts.len())].clone(),
                None => OTHER.to_owned(),
            }),
        }
    }

    /// Held between the least and the most that the fact may be; whole where it counts.
    fn fitting(&self, var: Var, value: Decimal) -> Decimal {
        let def = self.plan.vars.def(var);
        let whole = matches!(def.unit.as_deref(), Some("person" | "count" | "year" | "month" | "day"));
        let mut value = if whole || def.kind == Kind::Date { value.round() } else { value };
        if let Some(fact) = self.law.facts.get(&def.key.name) {
            value = fact.min.map_or(value, |min| value.max(min));
            value = fact.max.map_or(value, |max| value.min(max));
        }
        value
    }

    fn given(&self, given: &BTreeMap<String, Given>) -> Own {
        let value = |var: &Var| match given.get(&self.plan.vars.def(*var).key.name) {
            Some(Given::Number(n)) => Value::Number(*n),
            Some(Given::Boolean(b)) => Value::Truth(*b),
            Some(Given::Text(t)) => Value::Text(t.clone()),
            Some(Given::Date(d)) => Value::Number(day(*d)),
            None => Value::Unknown,
        };
        self.touched.iter().map(|v| (*v, value(v))).collect()
    }

    /// Ages and days of foundation between those of the pair, where the rule draws a line there: so that
    /// a span of ages that neither end lies in is found as well.
    fn nearer(&mut self, newcomer: &mut Own, existing: &Own) {
        for (var, value) in newcomer {
            let (Value::Number(new), Some(Value::Number(old))) = (&*value, existing.get(var)) else { continue };
            let (low, high) = (*new.min(old), *new.max(old));
            let known = self.bounds.get(var).map(Vec::as_slice).unwrap_or(&[]);
            let known: Vec<Decimal> =
                known.iter().map(Decimal::round).filter(|n| (low..=high).contains(n) && n != old).collect();
            if !known.is_empty() {
                *value = Value::Number(known[self.draw.next(known.len())]);
            }
        }
    }

    fn come(&self, own: &Own) -> Come {
        let facts = |var: Var| own.get(&var).cloned().unwrap_or(Value::Unknown);
        let one = One::new(self.plan, self.rule, &facts);
        let outcome = one.outcome();
        let paid = if outcome == Truth::NotMet { None } else { amount(self.plan, self.rule, &facts) };
        let tables = self.rule.points.iter().filter_map(|(id, _)| Some((id.clone(), one.points(id)?)));
        Come {
            outcome,
            renewal: self.rule.renewal.map(|at| one.truth(at)),
            points: tables.collect(),
            paid: paid.map(|p| (p.low, p.high)),
        }
    }

    /// One way, by chance, in which a node comes out so.
    fn way(&mut self, at: usize, want: bool, out: &mut Vec<(AtomId, bool)>) {
        let rule = self.rule;
        match (&rule.nodes[at].what, want) {
            (What::All(parts), true) | (What::Any(parts), false) => parts.iter().for_each(|p| self.way(*p, want, out)),
            (What::Any(parts), true) | (What::All(parts), false) => {
                let part = parts[self.draw.next(parts.len())];
                self.way(part, want, out);
            }
            (What::AtLeast(count, parts), true) => {
                let first = self.draw.next(parts.len());
                (0..*count as usize).for_each(|i| self.way(parts[(first + i) % parts.len()], true, out));
            }
            (What::AtLeast(_, parts), false) => parts.iter().for_each(|p| self.way(*p, false, out)),
            (What::Not(inner), _) => self.way(*inner, !want, out),
            (What::Unless(of, except), true) => {
                let part = if self.draw.next(2) == 0 { *of } else { *except };
                self.way(part, true, out);
            }
            (What::Unless(of, except), false) => [*of, *except].into_iter().for_each(|p| self.way(p, false, out)),
            (What::Leaf(_, tree) | What::Judged(Some((_, tree))), _) => self.tree(tree, want, out),
            (What::Judged(None) | What::Slot, _) => (),
        }
    }

    fn tree(&mut self, tree: &Tree, want: bool, out: &mut Vec<(AtomId, bool)>) {
        match (tree, want) {
            (Tree::Fixed(_), _) => (),
            (Tree::Not(inner), _) => self.tree(inner, !want, out),
            (Tree::And(parts), true) | (Tree::Or(parts), false) => parts.iter().for_each(|p| self.tree(p, want, out)),
            (Tree::And(parts), false) | (Tree::Or(parts), true) => {
                let part = &parts[self.draw.next(parts.len())];
                self.tree(part, want, out);
            }
            (Tree::Atom(atom), _) => out.push((*atom, want)),
        }
    }

    /// Moves what may be moved so that a question comes out so, when it does not yet.
    fn answer(&mut self, own: &mut Own, atom: AtomId, truth: bool) {
        let wanted = if truth { Truth::Met } else { Truth::NotMet };
        let comes = |own: &Own| {
            let facts = |var: Var| own.get(&var).cloned().unwrap_or(Value::Unknown);
            One::new(self.plan, self.rule, &facts).atom(atom)
        };
        if comes(own) == wanted {
            return;
        }
        let free = |var: &Var| !self.touched.contains(var);
        match &self.plan.atoms[atom as usize] {
            Atom::Is(var) if free(var) => drop(own.insert(*var, Value::Truth(truth))),
            Atom::OneOf(var, texts) if free(var) => {
                let text = if truth { texts[self.draw.next(texts.len())].clone() } else { OTHER.to_owned() };
                own.insert(*var, Value::Text(text));
            }
            Atom::Known(vars, _) if !truth => {
                if let Some(var) = vars.iter().find(|v| free(v)) {
                    own.insert(*var, Value::Unknown);
                }
            }
            Atom::Sign { above, below, .. } => {
                let positive = |vars: Vec<Var>| vars.into_iter().filter(free).collect::<Vec<_>>();
                for var in below.iter().flat_map(|p| positive(p.vars())) {
                    if matches!(own.get(&var), Some(Value::Number(n)) if *n <= Decimal::ZERO) {
                        own.insert(var, Value::Number(Decimal::ONE_HUNDRED));
                    }
                }
                let vars = positive(above.vars());
                if vars.is_empty() || comes(own) == wanted {
                    return;
                }
                let var = vars[self.draw.next(vars.len())];
                let beyond = [Decimal::ZERO, Decimal::new(1, 4), Decimal::ONE, Decimal::ONE_HUNDRED][self.draw.next(4)];
                if let Some(edge) = edge(above, var, own) {
                    // To the side on which it comes out so; both are tried.
                    for by in [beyond, -beyond, Decimal::ONE, -Decimal::ONE] {
                        let value = self.fitting(var, edge + by);
                        let before = own.insert(var, Value::Number(value));
                        if comes(own) == wanted {
                            return;
                        }
                        own.extend(before.map(|b| (var, b)));
                    }
                }
            }
            Atom::Points { .. } => {
                // Cases of items are met one after the other until there are points enough.
                for _ in 0..3 * self.rule.points.len() {
                    let (_, point) = &self.rule.points[self.draw.next(self.rule.points.len())];
                    let PointPlan::Item { way, .. } = &self.plan.points[*point as usize] else { continue };
                    let mut trees = Vec::new();
                    case_trees(way, &mut trees);
                    if trees.is_empty() {
                        if let Way::Judged(Some(term)) | Way::Value(term) = way {
                            let mut vars = Vec::new();
                            terms_vars(term, &mut vars);
                            for var in vars.into_iter().filter(|v| !self.touched.contains(v)) {
                                let value = Value::Number(self.fitting(var, Decimal::ONE_HUNDRED));
                                own.insert(var, value);
                            }
                        }
                        continue;
                    }
                    let tree = trees[self.draw.next(trees.len().min(2))];
                    let mut asks = Vec::new();
                    self.tree(tree, truth, &mut asks);
                    let asks = asks.into_iter().filter(|(a, _)| *a != atom);
                    asks.for_each(|(a, t)| self.answer(own, a, t));
                    let facts = |var: Var| own.get(&var).cloned().unwrap_or(Value::Unknown);
                    if One::new(self.plan, self.rule, &facts).atom(atom) == wanted {
                        return;
                    }
                }
            }
            _ => (),
        }
    }

    fn finding(&self, pair: &Pair, new: (&Own, &Come), old: (&Own, &Come), ground: String) -> Finding {
        let told = |own: &Own| {
            let one = |(var, value): (&Var, &Value)| {
                let def = self.plan.vars.def(*var);
                let name = match def.key.lag {
                    0 => def.key.name.clone(),
                    -1 => format!("this_year({})", def.key.name),
                    lag => format!("lag({}, {lag})", def.key.name),
                };
                (name, shown(value, def.kind))
            };
            own.iter().map(one).collect::<BTreeMap<String, String>>()
        };
        // The condition or item that tells them apart.
        let facts = |own: &Own, var: Var| own.get(&var).cloned().unwrap_or(Value::Unknown);
        let (a, b) = (|var: Var| facts(new.0, var), |var: Var| facts(old.0, var));
        let (one, other) = (One::new(self.plan, self.rule, &a), One::new(self.plan, self.rule, &b));
        let leaf = |at: &usize| matches!(self.rule.nodes[*at].what, What::Leaf(..) | What::Judged(_));
        let mut nodes = (0..self.rule.nodes.len()).filter(leaf).filter(|at| one.truth(*at) != other.truth(*at));
        let node = nodes.find(|at| {
            let mut vars = Vec::new();
            if let What::Leaf(logic, _) | What::Judged(Some((logic, _))) = &self.rule.nodes[*at].what {
                vars_of(logic, &mut vars);
            }
            // A threshold of points is not what tells them apart; the item is.
            vars.iter().any(|v| self.touched.contains(v))
        });
        let item = || self.rule.points.iter().map(|(id, _)| id).find(|id| one.points(id) != other.points(id));
        let node = node.map(|at| self.rule.nodes[at].id.clone()).or_else(|| item().cloned());
        let (zh, en) = told_apart(new.1, old.1);
        let place = |amount: &str| node.clone().unwrap_or_else(|| amount.to_owned());
        Finding {
            code: "equal_treatment",
            blocks: true,
            message: Text {
                zh: format!(
                    "“{}”其他条件相同而结果不同（{}）：前者{}，后者{}。",
                    pair.title.zh,
                    place("金额"),
                    zh.0,
                    zh.1
                ),
                en: format!(
                    "`{}`: alike in all else, treated differently ({}): {} and {}.",
                    pair.title.en,
                    place("amount"),
                    en.0,
                    en.1
                ),
            },
            node,
            ground: Some(ground),
            pair: Some((told(new.0), told(old.0))),
        }
    }
}

/// What came of two firms, in Chinese and English: the first thing in which they differ.
fn told_apart(a: &Come, b: &Come) -> ((String, String), (String, String)) {
    let zh = |truth: Truth| match truth {
        Truth::Met => "符合",
        Truth::NotMet => "不符合",
        Truth::Unknown => "未知",
    };
    let both = |zh: &dyn Fn(&Come) -> String, en: &dyn Fn(&Come) -> String| ((zh(a), zh(b)), (en(a), en(b)));
    if a.outcome != b.outcome {
        return both(&|c| zh(c.outcome).to_owned(), &|c| crate::cases::word(c.outcome).to_owned());
    }
    if a.paid != b.paid {
        let sum = |c: &Come, word: &str, unknown: &str| {
            let (low, high) = c.paid.map_or((None, None), |(l, h)| (Some(l.normalize()), Some(h.normalize())));
            match (low, high) {
                (Some(low), Some(high)) if low != high => format!("{word}{low}–{high}"),
                (Some(low), _) => format!("{word}{low}"),
                _ => unknown.to_owned(),
            }
        };
        return both(&|c| sum(c, "得 ", "金额未知"), &|c| sum(c, "is paid ", "an unknown sum"));
    }
    if a.points != b.points {
        let at = a.points.iter().zip(&b.points).position(|(x, y)| x != y).unwrap_or(0);
        let points = |c: &Come| c.points[at].1.0.normalize().to_string();
        return both(&|c| format!("得 {} 分", points(c)), &|c| format!("{} points", points(c)));
    }
    let kept = |c: &Come| c.renewal.unwrap_or(Truth::Unknown);
    both(&|c| format!("复核{}", zh(kept(c))), &|c| format!("re-check {}", crate::cases::word(kept(c))))
}

/// Where a polynomial is zero as one variable moves and the others stay.
fn edge(poly: &Poly, var: Var, own: &Own) -> Option<Decimal> {
    let of = |v: Var| match own.get(&v) {
        Some(Value::Number(n)) => Some(crate::exact::rational(*n)),
        _ => None,
    };
    let (mut slope, mut rest) = (BigRational::zero(), BigRational::zero());
    for (vars, factor) in poly.terms() {
        let mut product = factor.clone();
        for other in vars.iter().filter(|v| **v != var) {
            product *= of(*other)?;
        }
        match vars.iter().filter(|v| **v == var).count() {
            0 => rest += product,
            1 => slope += product,
            _ => return None,
        }
    }
    if slope.is_zero() { None } else { crate::exact::decimal(&(-rest / slope), 4) }
}

fn case_trees<'w>(way: &'w Way, out: &mut Vec<&'w Tree>) {
    match way {
        Way::First { cases, .. } | Way::Each(cases) => out.extend(cases.iter().map(|c| &c.when)),
        Way::BetterOf(ways) => ways.iter().for_each(|w| case_trees(w, out)),
        Way::Value(_) | Way::Judged(_) => (),
    }
}

fn shown(value: &Value, kind: Kind) -> String {
    match value {
        Value::Unknown => "unknown".into(),
        Value::Number(n) if kind == Kind::Date => {
            let days = i64::try_from(n.round()).ok().and_then(|d| jiff::Span::new().try_days(d).ok());
            let date = days.and_then(|d| jiff::civil::date(1970, 1, 1).checked_add(d).ok());
            date.map_or_else(|| n.normalize().to_string(), |d| d.to_string())
        }
        Value::Number(n) => n.normalize().to_string(),
        Value::Truth(b) => b.to_string(),
        Value::Text(t) => t.clone(),
    }
}

/// Values at which a single figure turns a question, with those just beside them; texts that are asked
/// for, and one that is not. Those of the sum and its additions count like those of conditions.
fn known_values(plan: &Plan, rule: &RulePlan) -> (BTreeMap<Var, Vec<Decimal>>, BTreeMap<Var, Vec<String>>) {
    let (mut polys, mut texts): (Vec<Poly>, BTreeMap<Var, Vec<String>>) = (Vec::new(), BTreeMap::new());
    let mut text = |var: Var, more: &[String]| {
        texts.entry(var).or_insert_with(|| vec![OTHER.to_owned()]).extend(more.iter().cloned());
    };
    for atom in atoms(plan, rule) {
        match &plan.atoms[atom as usize] {
            Atom::Sign { above, .. } => polys.push(above.clone()),
            Atom::OneOf(var, more) => text(*var, more),
            _ => (),
        }
    }
    if let Some(amount) = &rule.amount {
        let mut asks = Vec::new();
        term_logics(&amount.formula, &mut asks);
        amount.uplifts.iter().for_each(|(_, when, _)| logics(when, &mut asks));
        for logic in asks {
            match logic {
                Logic::OneOf(var, more) => text(*var, more),
                Logic::Compare(_, a, b) => {
                    if let (Ok(a), Ok(b)) = (crate::plan::quotient(a), crate::plan::quotient(b)) {
                        polys.push(a.minus(&b).above);
                    }
                }
                _ => (),
            }
        }
    }
    let mut out: BTreeMap<Var, Vec<Decimal>> = BTreeMap::new();
    for above in &polys {
        for var in above.vars() {
            // Other figures are put at a hundred.
            let others = above.vars().into_iter().filter(|v| *v != var);
            let others: Own = others.map(|v| (v, Value::Number(Decimal::ONE_HUNDRED))).collect();
            if let Some(edge) = edge(above, var, &others) {
                let step = Decimal::new(1, 4);
                let near = [edge, edge + step, edge - step, edge + Decimal::ONE, edge - Decimal::ONE];
                out.entry(var).or_default().extend(near.into_iter().chain([edge * Decimal::TWO]));
            }
        }
    }
    (out, texts)
}

/// Comparisons and choices of a condition, one by one.
fn logics<'l>(logic: &'l Logic, out: &mut Vec<&'l Logic>) {
    match logic {
        Logic::And(parts) | Logic::Or(parts) => parts.iter().for_each(|p| logics(p, out)),
        Logic::Not(inner) => logics(inner, out),
        other => out.push(other),
    }
}

/// Conditions inside a sum.
fn term_logics<'l>(term: &'l Term, out: &mut Vec<&'l Logic>) {
    match term {
        Term::Number(_) | Term::Points(_) | Term::Var(_) => (),
        Term::Minus(inner) => term_logics(inner, out),
        Term::Add(a, b) | Term::Times(a, b) | Term::Over(a, b) => {
            term_logics(a, out);
            term_logics(b, out);
        }
        Term::Least(many) | Term::Greatest(many) | Term::Coalesce(many) => {
            many.iter().for_each(|t| term_logics(t, out));
        }
        Term::Case(cases, rest) => {
            for (when, then) in cases {
                logics(when, out);
                term_logics(then, out);
            }
            rest.iter().for_each(|t| term_logics(t, out));
        }
    }
}

/// Questions that a rule asks, in its conditions and points.
fn atoms(plan: &Plan, rule: &RulePlan) -> BTreeSet<AtomId> {
    let mut out = Vec::new();
    for node in &rule.nodes {
        if let What::Leaf(_, tree) | What::Judged(Some((_, tree))) = &node.what {
            atoms_of(tree, &mut out);
        }
    }
    for (_, point) in &rule.points {
        if let PointPlan::Item { way, .. } = &plan.points[*point as usize] {
            crate::explain::way_atoms(way, &mut out);
        }
    }
    out.into_iter().collect()
}

// ---------------------------------------------------------------------------------------------
// Contradictions

/// A question with the answer that is asked for, and the node that asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Asked {
    node: usize,
    /// None: false by itself, whatever the firm.
    atom: Option<AtomId>,
    truth: bool,
}

type Ways = Vec<Vec<Asked>>;

fn contradictions(law: &Law, plan: &Plan, rule: &RulePlan, root: usize) -> Vec<Finding> {
    let mut search = Search { law, plan, rule, found: Vec::new() };
    let mut out = Vec::new();
    if let Some(conflicts) = search.conflicts(&search.ways(root, true)) {
        let (zh, en, first) = search.told(&conflicts);
        out.push(Finding {
            code: "contradiction",
            blocks: true,
            node: first,
            message: Text { zh: format!("没有企业能符合：{zh}。"), en: format!("Nobody can qualify: {en}.") },
            ground: None,
            pair: None,
        });
        return out;
    }
    // A branch of which every way contradicts itself is dead while others live.
    let mut dead: BTreeSet<usize> = BTreeSet::new();
    let inside = search.below(root);
    for at in inside {
        let parts = match &rule.nodes[at].what {
            What::Any(parts) | What::AtLeast(_, parts) => parts.clone(),
            What::Unless(of, except) => vec![*of, *except],
            _ => continue,
        };
        for part in parts {
            // What stands in a dead branch is dead with it, and told once.
            if dead.contains(&part) {
                continue;
            }
            let Some(ways) = search.ways_through(root, true, part) else { continue };
            let Some(conflicts) = search.conflicts(&ways) else { continue };
            dead.extend(search.below(part));
            let (zh, en, _) = search.told(&conflicts);
            let label = search.label(part);
            out.push(Finding {
                code: "dead_branch",
                blocks: false,
                message: Text {
                    zh: format!("“{label}”这条路走不通：{zh}。"),
                    en: format!("`{label}` leads nowhere: {en}."),
                },
                node: Some(label),
                ground: None,
                pair: None,
            });
        }
    }
    out
}

struct Search<'a> {
    law: &'a Law,
    plan: &'a Plan,
    rule: &'a RulePlan,
    /// Conflicts found so far: most ways share them.
    found: Ways,
}

impl Search<'_> {
    /// What in each way cannot hold together; none when a way may be open.
    fn conflicts(&mut self, ways: &Ways) -> Option<Ways> {
        let mut out: Ways = Vec::new();
        for way in ways {
            let conflict = self.conflict(way)?;
            if !out.contains(&conflict) {
                out.push(conflict);
            }
        }
        out.sort_by_key(|c| (c.len(), c.clone()));
        Some(out)
    }

    /// What of a way cannot hold together, the fewest first: two at a time are tried before more.
    fn conflict(&mut self, way: &[Asked]) -> Option<Vec<Asked>> {
        if let Some(known) = self.found.iter().find(|c| c.iter().all(|a| way.contains(a))) {
            return Some(known.clone());
        }
        if !excludes(self.law, self.plan, way) {
            return None;
        }
        let excludes = |some: &[Asked]| excludes(self.law, self.plan, some);
        let alone = way.iter().map(|a| vec![*a]).find(|one| excludes(one));
        let two = || {
            let pairs = way.iter().enumerate().flat_map(|(i, a)| way[i + 1..].iter().map(|b| vec![*a, *b]));
            pairs.into_iter().find(|two| excludes(two))
        };
        let more = || {
            let mut left = way.to_vec();
            let mut at = 0;
            while at < left.len() {
                let mut without = left.clone();
                without.remove(at);
                match excludes(&without) {
                    true => left = without,
                    false => at += 1,
                }
            }
            left
        };
        let mut conflict = alone.or_else(two).unwrap_or_else(more);
        conflict.sort();
        self.found.push(conflict.clone());
        Some(conflict)
    }

    /// Conflicts in words, and the first condition of the shortest.
    fn told(&self, conflicts: &Ways) -> (String, String, Option<String>) {
        let (mut zh, mut en, mut first): (Vec<String>, Vec<String>, Option<String>) = (Vec::new(), Vec::new(), None);
        for conflict in conflicts {
            let mut names: Vec<String> = Vec::new();
            for asked in conflict {
                let id = &self.rule.nodes[asked.node].id;
                if !id.is_empty() && !names.contains(id) {
                    names.push(id.clone());
                }
            }
            let (a, b) = match names.as_slice() {
                [one] => (format!("{one} 自身不能成立"), format!("{one} cannot hold by itself")),
                many => {
                    (format!("{} 不能同时成立", many.join("、")), format!("{} exclude each other", many.join(", ")))
                }
            };
            first = first.or_else(|| names.first().cloned());
            if !zh.contains(&a) {
                zh.push(a);
                en.push(b);
            }
        }
        zh.truncate(TOLD);
        en.truncate(TOLD);
        (zh.join("；"), en.join("; "), first)
    }

    fn label(&self, at: usize) -> String {
        let named = self.below(at).into_iter().map(|n| &self.rule.nodes[n].id).find(|id| !id.is_empty());
        named.cloned().unwrap_or_else(|| format!("#{at}"))
    }

    fn parts(&self, at: usize) -> Vec<usize> {
        match &self.rule.nodes[at].what {
            What::All(parts) | What::Any(parts) | What::AtLeast(_, parts) => parts.clone(),
            What::Not(inner) => vec![*inner],
            What::Unless(of, except) => vec![*of, *except],
            What::Leaf(..) | What::Judged(_) | What::Slot => Vec::new(),
        }
    }

    /// A node and everything inside it.
    fn below(&self, at: usize) -> BTreeSet<usize> {
        let mut out = BTreeSet::from([at]);
        self.parts(at).into_iter().for_each(|part| out.extend(self.below(part)));
        out
    }

    /// Ways in which a node comes out so, each as what it asks. Where there are too many, less is asked
    /// than the rule does: what is then found contradictory is so all the more.
    fn ways(&self, at: usize, want: bool) -> Ways {
        let each = |parts: &[usize]| parts.iter().map(|p| self.ways(*p, want)).collect::<Vec<Ways>>();
        match (&self.rule.nodes[at].what, want) {
            (What::All(parts), true) | (What::Any(parts), false) => all_of(each(parts)),
            (What::All(parts), false) | (What::Any(parts), true) => any_of(each(parts)),
            (What::AtLeast(count, parts), true) => some_of(*count as usize, each(parts), None),
            (What::AtLeast(..), false) => open(),
            (What::Not(inner), _) => self.ways(*inner, !want),
            (What::Unless(of, except), true) => any_of(each(&[*of, *except])),
            (What::Unless(of, except), false) => all_of(each(&[*of, *except])),
            (What::Leaf(_, tree) | What::Judged(Some((_, tree))), _) => tree_ways(tree, want, at),
            (What::Judged(None), _) | (What::Slot, true) => open(),
            (What::Slot, false) => vec![vec![Asked { node: at, atom: None, truth: false }]],
        }
    }

    /// Ways in which a node comes out so by means of a part of it; none when the part is not in it, or
    /// stands where it must fail.
    fn ways_through(&self, at: usize, want: bool, target: usize) -> Option<Ways> {
        if at == target {
            return want.then(|| self.ways(at, true));
        }
        let parts = self.parts(at);
        let on = parts.iter().position(|p| self.below(*p).contains(&target))?;
        let through = |want: bool| self.ways_through(parts[on], want, target);
        let with_others = |want: bool| -> Option<Ways> {
            let through = through(want)?;
            let one = |i: usize| if i == on { through.clone() } else { self.ways(parts[i], want) };
            Some(all_of((0..parts.len()).map(one).collect()))
        };
        match (&self.rule.nodes[at].what, want) {
            (What::All(_), true) | (What::Any(_), false) | (What::Unless(..), false) => with_others(want),
            (What::All(_), false) | (What::Any(_), true) | (What::Unless(..), true) => through(want),
            (What::AtLeast(count, _), true) => {
                let through = through(true)?;
                let one = |i: usize| if i == on { through.clone() } else { self.ways(parts[i], true) };
                Some(some_of(*count as usize, (0..parts.len()).map(one).collect(), Some(on)))
            }
            (What::AtLeast(..), false) => through(false),
            (What::Not(_), _) => through(!want),
            (What::Leaf(..) | What::Judged(_) | What::Slot, _) => None,
        }
    }
}

/// Nothing is asked.
fn open() -> Ways {
    vec![Vec::new()]
}

fn tree_ways(tree: &Tree, want: bool, node: usize) -> Ways {
    let each = |parts: &[Tree]| parts.iter().map(|p| tree_ways(p, want, node)).collect::<Vec<Ways>>();
    match (tree, want) {
        (Tree::Fixed(b), _) if *b == want => open(),
        (Tree::Fixed(_), _) => vec![vec![Asked { node, atom: None, truth: false }]],
        (Tree::Not(inner), _) => tree_ways(inner, !want, node),
        (Tree::And(parts), true) | (Tree::Or(parts), false) => all_of(each(parts)),
        (Tree::And(parts), false) | (Tree::Or(parts), true) => any_of(each(parts)),
        (Tree::Atom(atom), _) => vec![vec![Asked { node, atom: Some(*atom), truth: want }]],
    }
}

fn any_of(all: Vec<Ways>) -> Ways {
    let out: Ways = all.into_iter().flatten().collect();
    if out.len() > WAYS_MAX { open() } else { out }
}

/// Every one; what has fewest ways comes first, and what would make them too many is left out.
fn all_of(mut all: Vec<Ways>) -> Ways {
    all.sort_by_key(Vec::len);
    let mut out = open();
    for ways in all {
        if out.len() * ways.len() <= WAYS_MAX {
            out = out.iter().flat_map(|a: &Vec<Asked>| ways.iter().map(move |b| [a.as_slice(), b].concat())).collect();
        }
    }
    out
}

/// That many of them, the one that must be among them included.
fn some_of(count: usize, all: Vec<Ways>, must: Option<usize>) -> Ways {
    if all.len() > SOME_MAX {
        return must.map_or_else(open, |at| all[at].clone());
    }
    let sets = (0u32..1 << all.len()).filter(|s| s.count_ones() as usize == count);
    let sets = sets.filter(|s| must.is_none_or(|at| s >> at & 1 == 1));
    let of = |set: u32| all_of((0..all.len()).filter(|i| set >> i & 1 == 1).map(|i| all[i].clone()).collect());
    any_of(sets.map(of).collect())
}

/// `Σ factor × product + constant`, above zero or at least zero.
#[derive(Clone, Debug)]
struct Line {
    factors: BTreeMap<Vec<Var>, BigRational>,
    constant: BigRational,
    strict: bool,
}

impl Line {
    fn of(poly: &Poly) -> Self {
        let mut line = Self { factors: BTreeMap::new(), constant: BigRational::zero(), strict: false };
        for (vars, factor) in poly.terms() {
            match vars {
                [] => line.constant += factor,
                vars => drop(line.factors.insert(vars.to_vec(), factor.clone())),
            }
        }
        line
    }

    fn strict(self, strict: bool) -> Self {
        Self { strict, ..self }
    }

    fn negative(self) -> Self {
        let factors = self.factors.into_iter().map(|(key, factor)| (key, -factor)).collect();
        Self { factors, constant: -self.constant, strict: self.strict }
    }

    fn is_false(&self) -> bool {
        self.factors.is_empty() && if self.strict { !self.constant.is_positive() } else { self.constant.is_negative() }
    }
}

/// Do these surely exclude each other? Facts lie between their least and their most, texts come from
/// their lists, points are no more than their items give; what is compared is known.
fn excludes(law: &Law, plan: &Plan, way: &[Asked]) -> bool {
    let mut answers: BTreeMap<AtomId, bool> = BTreeMap::new();
    for asked in way {
        let Some(atom) = asked.atom else { return true };
        if *answers.entry(atom).or_insert(asked.truth) != asked.truth {
            return true;
        }
    }
    let mut allowed: BTreeMap<Var, BTreeSet<&str>> = BTreeMap::new();
    let mut forbidden: BTreeMap<Var, BTreeSet<&str>> = BTreeMap::new();
    let (mut lines, mut other, mut points) = (Vec::new(), Vec::new(), BTreeSet::new());
    let (mut known, mut unknown): (BTreeSet<Var>, Vec<&Vec<Var>>) = (BTreeSet::new(), Vec::new());
    let sign = |line: Line, op: Op, truth: bool, lines: &mut Vec<Line>, other: &mut Vec<Line>| match (op, truth) {
        (Op::Above, true) => lines.push(line.strict(true)),
        (Op::Above, false) => lines.push(line.negative().strict(false)),
        (Op::AtLeast, true) => lines.push(line.strict(false)),
        (Op::AtLeast, false) => lines.push(line.negative().strict(true)),
        (Op::Equal, true) | (Op::Other, false) => lines.extend([line.clone().strict(false), line.negative()]),
        (Op::Equal, false) | (Op::Other, true) => other.push(line),
    };
    for (atom, truth) in &answers {
        match &plan.atoms[*atom as usize] {
            Atom::OneOf(var, texts) => {
                known.insert(*var);
                let texts: BTreeSet<&str> = texts.iter().map(String::as_str).collect();
                if *truth {
                    let name = &plan.vars.def(*var).key.name;
                    let list = law.facts.get(name).map(|f| f.values.as_slice()).unwrap_or_default();
                    let start = || match list.is_empty() {
                        true => texts.clone(),
                        false => list.iter().map(String::as_str).collect(),
                    };
                    allowed.entry(*var).or_insert_with(start).retain(|t| texts.contains(t));
                } else {
                    forbidden.entry(*var).or_default().extend(texts);
                }
            }
            Atom::Sign { above, below, vars, op } => {
                known.extend(vars);
                lines.extend(below.iter().map(|p| Line::of(p).strict(true)));
                sign(Line::of(above), *op, *truth, &mut lines, &mut other);
            }
            Atom::Is(var) => drop(known.insert(*var)),
            Atom::Known(vars, below) if *truth => {
                known.extend(vars);
                lines.extend(below.iter().map(|p| Line::of(p).strict(true)));
            }
            // With divisors, one of them may be what is missing.
            Atom::Known(vars, below) => unknown.extend(below.is_empty().then_some(vars)),
            Atom::Points { terms, constant, op } => {
                let factors = terms.iter().map(|(p, f)| (vec![POINTS, *p], f.clone())).collect();
                points.extend(terms.iter().map(|(p, _)| *p));
                sign(Line { factors, constant: constant.clone(), strict: false }, *op, *truth, &mut lines, &mut other);
            }
        }
    }
    let left =
        |var: &Var, texts: &BTreeSet<&str>| texts.iter().any(|t| !forbidden.get(var).is_some_and(|f| f.contains(t)));
    if allowed.iter().any(|(var, texts)| !left(var, texts))
        || unknown.iter().any(|vars| vars.iter().all(|v| known.contains(v)))
    {
        return true;
    }
    lines.extend(limits(law, plan, lines.iter().chain(&other)));
    points.iter().for_each(|p| point_limits(plan, *p, &mut lines));
    // A convex set that lies in many planes together lies in one of them.
    let beside = |line: &Line, negative: bool| {
        let side = if negative { line.clone().negative() } else { line.clone() };
        infeasible([lines.as_slice(), &[side.strict(true)]].concat())
    };
    infeasible(lines.clone()) || other.iter().any(|line| beside(line, false) && beside(line, true))
}

/// What facts may be at all: as the law says of each, and of products of what is never negative.
fn limits<'l>(law: &Law, plan: &Plan, lines: impl Iterator<Item = &'l Line>) -> Vec<Line> {
    let keys: BTreeSet<&Vec<Var>> = lines.flat_map(|l| l.factors.keys()).filter(|k| k[0] != POINTS).collect();
    let fact = |var: &Var| law.facts.get(&plan.vars.def(*var).key.name);
    let mut out = Vec::new();
    for key in keys {
        if let [var] = key.as_slice() {
            let Some(fact) = fact(var) else { continue };
            let line = |factor: i32, constant: Decimal| Line {
                factors: BTreeMap::from([(key.clone(), whole(factor))]),
                constant: crate::exact::rational(constant),
                strict: false,
            };
            out.extend(fact.min.map(|min| line(1, -min)));
            out.extend(fact.max.map(|max| line(-1, max)));
        } else if key.iter().all(|v| fact(v).and_then(|f| f.min).is_some_and(|min| min >= Decimal::ZERO)) {
            let factors = BTreeMap::from([(key.clone(), whole(1))]);
            out.push(Line { factors, constant: BigRational::zero(), strict: false });
        }
    }
    out
}

fn whole(n: i32) -> BigRational {
    BigRational::from(num_bigint::BigInt::from(n))
}

/// Points of an item lie between the least and the most that it can give; a sum is at most its cap and
/// its parts together, and without a cap just as much.
fn point_limits(plan: &Plan, point: PointId, lines: &mut Vec<Line>) {
    let key = |p: PointId| vec![POINTS, p];
    let line = |factors: Vec<(PointId, i32)>, constant: i64| Line {
        factors: factors.into_iter().map(|(p, f)| (key(p), whole(f))).collect(),
        constant: crate::explain::in_points(constant),
        strict: false,
    };
    match &plan.points[point as usize] {
        PointPlan::Item { max, way, .. } => {
            let (low, high) = way_limits(way, *max);
            lines.push(line(vec![(point, 1)], -low.min(*max)));
            lines.push(line(vec![(point, -1)], high.min(*max)));
        }
        PointPlan::Sum { parts, cap, .. } => {
            let sum = |f: i32| parts.iter().map(|p| (*p, f)).chain([(point, -f)]).collect();
            lines.push(line(sum(1), 0));
            match cap {
                Some(cap) => lines.push(line(vec![(point, -1)], *cap)),
                None => lines.push(line(sum(-1), 0)),
            }
            parts.iter().for_each(|p| point_limits(plan, *p, lines));
        }
    }
}

fn way_limits(way: &Way, max: i64) -> (i64, i64) {
    match way {
        Way::First { cases, rest, .. } => {
            let all = || cases.iter().map(|c| c.points).chain([*rest]);
            (all().min().unwrap_or(0), all().max().unwrap_or(0))
        }
        Way::Each(cases) => {
            let sum = |f: &dyn Fn(i64) -> i64| cases.iter().map(|c| f(c.points)).sum();
            (sum(&|p| p.min(0)), sum(&|p| p.max(0)))
        }
        Way::BetterOf(ways) => {
            let all = ways.iter().map(|w| way_limits(w, max));
            all.reduce(|a, b| (a.0.max(b.0), a.1.max(b.1))).unwrap_or((0, 0))
        }
        Way::Value(_) | Way::Judged(_) => (0, max),
    }
}

/// Fourier–Motzkin elimination; gives up, and finds nothing, when too many inequalities come up.
fn infeasible(mut lines: Vec<Line>) -> bool {
    loop {
        if lines.iter().any(Line::is_false) {
            return true;
        }
        lines.retain(|l| !l.factors.is_empty());
        // The product that takes the fewest new inequalities goes first.
        let mut counts: BTreeMap<&Vec<Var>, (usize, usize)> = BTreeMap::new();
        for line in &lines {
            for (vars, factor) in &line.factors {
                let count = counts.entry(vars).or_default();
                if factor.is_positive() { count.0 += 1 } else { count.1 += 1 }
            }
        }
        let Some((vars, _)) = counts.into_iter().min_by_key(|(_, (up, down))| up * down) else { return false };
        let vars = vars.clone();
        let (with, without): (Vec<Line>, Vec<Line>) = lines.into_iter().partition(|l| l.factors.contains_key(&vars));
        let (up, down): (Vec<Line>, Vec<Line>) = with.into_iter().partition(|l| l.factors[&vars].is_positive());
        lines = without;
        for a in &up {
            for b in &down {
                let (x, y) = (&a.factors[&vars], -&b.factors[&vars]);
                let mut sum = Line {
                    factors: BTreeMap::new(),
                    constant: &a.constant / x + &b.constant / &y,
                    strict: a.strict || b.strict,
                };
                for (line, by) in [(a, x), (b, &y)] {
                    for (key, factor) in line.factors.iter().filter(|(k, _)| **k != vars) {
                        *sum.factors.entry(key.clone()).or_insert_with(BigRational::zero) += factor / by;
                    }
                }
                sum.factors.retain(|_, f| !f.is_zero());
                lines.push(sum);
            }
        }
        if lines.len() > LINES_MAX {
            return false;
        }
    }
}

// ---------------------------------------------------------------------------------------------
// What was assumed, and what people decide

fn assumed(rule: &RulePlan) -> Vec<Finding> {
    let one = |node: Option<&str>, standing: &Standing| {
        let Standing::Unverified { assumed } = standing else { return None };
        let (zh, en) = (node.unwrap_or("金额"), node.unwrap_or("amount"));
        Some(Finding {
            code: "assumed",
            blocks: false,
            node: node.map(str::to_owned),
            message: Text {
                zh: format!("{zh} 的原文未见，是推定：{assumed}"),
                en: format!("{en} was not seen in a document and is assumed: {assumed}"),
            },
            ground: None,
            pair: None,
        })
    };
    let nodes = rule.nodes.iter().filter(|n| matches!(n.what, What::Leaf(..) | What::Judged(_)));
    let mut out: Vec<Finding> = nodes.filter_map(|n| one(Some(&n.id), &n.standing)).collect();
    out.extend(rule.rule.amount.as_ref().and_then(|a| one(None, &a.standing)));
    out
}

fn by_people(rule: &RulePlan) -> Vec<Finding> {
    let judged = rule.nodes.iter().filter(|n| matches!(n.what, What::Judged(None)));
    judged
        .map(|node| Finding {
            code: "judged",
            blocks: false,
            node: Some(node.id.clone()),
            message: Text {
                zh: format!("{} 由人评判，没有数据来源：结果会一直是“未知”。", node.id),
                en: format!("{} is judged by people and no fact states it: it stays unknown.", node.id),
            },
            ground: None,
            pair: None,
        })
        .collect()
}
