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
use crate::parse::Op;
use crate::plan::{Atom, AtomId, Plan, PointPlan, RulePlan, Tree, What};
use crate::run::Truth;
use law::Law;
use law::case::Value as Given;
use law::review::Pair;
use law::rule::RuleKind;
use law::scheme::Text;
use law::template::Kind;
use num_rational::BigRational;
use num_traits::{Signed, Zero};
use rust_decimal::Decimal;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// Ways of qualifying that are followed; a rule with more is not searched for contradictions.
const WAYS_MAX: usize = 512;
/// Inequalities kept while eliminating.
const LINES_MAX: usize = 400;
/// Pairs of alike firms that are tried for each pair of kinds.
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
    let mut out = fair_competition(law, plan, rule);
    if rule.rule.kind == RuleKind::Policy {
        for review in &law.reviews {
            for pair in &review.pairs {
                let ground = [Some(review.cite.document.clone()), pair.clause.clone()];
                let ground = ground.into_iter().flatten().collect::<Vec<_>>().join(" ");
                out.extend(equal_treatment(plan, rule, pair, ground));
            }
        }
    }
    out.extend(contradictions(plan, rule));
    out.extend(by_people(rule));
    out
}

// ---------------------------------------------------------------------------------------------
// Fair competition

fn fair_competition(law: &Law, plan: &Plan, rule: &RulePlan) -> Vec<Finding> {
    let mut out = Vec::new();
    let mut in_amount = Vec::new();
    if let Some(amount) = &rule.amount {
        terms_vars(&amount.formula, &mut in_amount);
        amount.uplifts.iter().for_each(|(_, when, _)| vars_of(when, &mut in_amount));
    }
    for review in &law.reviews {
        for one in review.traits.iter().filter(|t| !rule.rule.basis.iter().any(|(id, _)| *id == t.id)) {
            for (var, nodes) in asked(plan, rule) {
                let name = &plan.vars.def(var).key.name;
                if !one.facts.contains(name) || one.in_amount && !in_amount.contains(&var) {
                    continue;
                }
                let node = nodes.first().map(|n| rule.nodes[*n].id.clone());
                let place = node.clone().unwrap_or_else(|| "amount".into());
                let ground = [Some(review.cite.document.clone()), one.clause.clone()];
                out.push(Finding {
                    code: "fair_competition",
                    blocks: true,
                    node,
                    message: Text {
                        zh: format!("{place} 用到“{name}”，属于“{}”，须写明法律依据（basis）或删去。", one.title.zh),
                        en: format!(
                            "{place} uses `{name}`, which is `{}`: give its legal basis (`basis`) or leave it out.",
                            one.title.en
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

/// Tries firms that are alike in everything but what must not matter. Figures are drawn at, just below
/// and just above every bound that the rule knows, so that a difference has nowhere to hide.
fn equal_treatment(plan: &Plan, rule: &RulePlan, pair: &Pair, ground: String) -> Option<Finding> {
    let vars: Vec<Var> = asked(plan, rule).into_keys().collect();
    let touched = |var: &Var| {
        let name = &plan.vars.def(*var).key.name;
        pair.newcomer.contains_key(name) || pair.existing.contains_key(name)
    };
    if !vars.iter().any(touched) {
        return None;
    }
    let bounds = bounds(plan, rule);
    let mut seed = 0x9E37_79B9_7F4A_7C15u64;
    let mut next = |n: usize| {
        // A linear congruence: the same firms every time, on every machine.
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) as usize % n.max(1)
    };
    for _ in 0..TRIES {
        let mut common: BTreeMap<Var, Value> = BTreeMap::new();
        for var in vars.iter().filter(|v| !touched(v)) {
            let value = match plan.vars.def(*var).kind {
                Kind::Number | Kind::Date => {
                    let known = bounds.get(var).map(Vec::as_slice).unwrap_or(&[]);
                    match known.get(next(known.len() + 2)) {
                        Some(n) => Value::Number(*n),
                        None => Value::Number(Decimal::from(next(5000) as u64)),
                    }
                }
                Kind::Boolean => Value::Truth(next(2) == 1),
                Kind::Text => {
                    let texts = texts(plan, *var);
                    texts.get(next(texts.len())).map_or(Value::Unknown, |t| Value::Text(t.clone()))
                }
            };
            common.insert(*var, value);
        }
        let firm = |given: &BTreeMap<String, Given>| -> BTreeMap<Var, Value> {
            let mut own = common.clone();
            for var in vars.iter().filter(|v| touched(v)) {
                let value = match given.get(&plan.vars.def(*var).key.name) {
                    Some(Given::Number(n)) => Value::Number(*n),
                    Some(Given::Boolean(b)) => Value::Truth(*b),
                    Some(Given::Text(t)) => Value::Text(t.clone()),
                    Some(Given::Date(d)) => Value::Number(day(*d)),
                    None => Value::Unknown,
                };
                own.insert(*var, value);
            }
            own
        };
        let (newcomer, existing) = (firm(&pair.newcomer), firm(&pair.existing));
        let come = |own: &BTreeMap<Var, Value>| {
            let facts = |var: Var| own.get(&var).cloned().unwrap_or(Value::Unknown);
            let outcome = One::new(plan, rule, &facts).outcome();
            let paid = (outcome == Truth::Met).then(|| amount(plan, rule, &facts)).flatten().map(|p| (p.low, p.high));
            (outcome, paid)
        };
        let (a, b) = (come(&newcomer), come(&existing));
        if a == b {
            continue;
        }
        let told = |own: &BTreeMap<Var, Value>| {
            own.iter().map(|(var, value)| (plan.vars.def(*var).key.name.clone(), shown(value))).collect()
        };
        let word = |(outcome, paid): &(Truth, Option<(Decimal, Decimal)>)| match paid {
            Some((low, _)) => low.normalize().to_string(),
            None => crate::cases::word(*outcome).to_owned(),
        };
        return Some(Finding {
            code: "equal_treatment",
            blocks: true,
            node: None,
            message: Text {
                zh: format!("“{}”条件相同而结果不同：前者 {}，后者 {}。", pair.title.zh, word(&a), word(&b)),
                en: format!(
                    "`{}`: alike in all else, treated differently: {} and {}.",
                    pair.title.en,
                    word(&a),
                    word(&b)
                ),
            },
            ground: Some(ground),
            pair: Some((told(&newcomer), told(&existing))),
        });
    }
    None
}

fn shown(value: &Value) -> String {
    match value {
        Value::Unknown => "unknown".into(),
        Value::Number(n) => n.normalize().to_string(),
        Value::Truth(b) => b.to_string(),
        Value::Text(t) => t.clone(),
    }
}

/// Values at which a single figure turns a question, with those just beside them.
fn bounds(plan: &Plan, rule: &RulePlan) -> BTreeMap<Var, Vec<Decimal>> {
    let mut out: BTreeMap<Var, Vec<Decimal>> = BTreeMap::new();
    for atom in atoms(plan, rule) {
        let Atom::Sign { above, .. } = &plan.atoms[atom as usize] else { continue };
        for var in above.vars() {
            let (mut slope, mut rest) = (BigRational::zero(), BigRational::zero());
            for (vars, factor) in above.terms() {
                match vars {
                    [] => rest += factor,
                    [one] if *one == var => slope += factor,
                    // Other figures are put at a hundred.
                    others => {
                        rest += factor * BigRational::from(num_bigint::BigInt::from(100).pow(others.len() as u32))
                    }
                }
            }
            if let Some(edge) = (!slope.is_zero()).then(|| crate::exact::decimal(&(-rest / slope), 4)).flatten() {
                let step = Decimal::new(1, 4);
                out.entry(var).or_default().extend([edge, edge + step, edge - step, edge * Decimal::TWO]);
            }
        }
    }
    out
}

/// Texts that a rule asks for, and one that it does not.
fn texts(plan: &Plan, var: Var) -> Vec<String> {
    let mut out = vec!["-".to_owned()];
    for atom in &plan.atoms {
        if let Atom::OneOf(v, texts) = atom
            && *v == var
        {
            out.extend(texts.iter().cloned());
        }
    }
    out
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
    atom: AtomId,
    truth: bool,
    node: usize,
}

fn contradictions(plan: &Plan, rule: &RulePlan) -> Vec<Finding> {
    let Some(ways) = ways(rule, 0, true) else { return Vec::new() };
    let judged: Vec<Option<Vec<Asked>>> = ways.iter().map(|way| conflict(plan, way)).collect();
    let mut out = Vec::new();
    if !ways.is_empty() && judged.iter().all(Option::is_some) {
        let conflict = judged.iter().flatten().min_by_key(|c| c.len()).expect("there is a way");
        let names = names(rule, conflict);
        out.push(Finding {
            code: "contradiction",
            blocks: true,
            node: names.first().cloned(),
            message: Text {
                zh: format!("没有企业能符合：{} 不能同时成立。", names.join("、")),
                en: format!("Nobody can qualify: {} exclude each other.", names.join(", ")),
            },
            ground: None,
            pair: None,
        });
        return out;
    }
    // A branch of which every way contradicts itself is dead while others live.
    for (at, node) in rule.nodes.iter().enumerate() {
        let What::Any(parts) = &node.what else { continue };
        for part in parts {
            let inside: BTreeSet<usize> = below(rule, *part);
            let mut own =
                ways.iter().zip(&judged).filter(|(w, _)| w.iter().any(|a| inside.contains(&a.node))).peekable();
            if own.peek().is_none() {
                continue;
            }
            let conflicts: Option<Vec<&Vec<Asked>>> = own.map(|(_, j)| j.as_ref()).collect();
            if let Some(conflicts) = conflicts {
                let shortest = conflicts.into_iter().min_by_key(|c| c.len()).expect("peeked");
                let names = names(rule, shortest);
                out.push(Finding {
                    code: "dead_branch",
                    blocks: false,
                    node: Some(label(rule, *part)),
                    message: Text {
                        zh: format!("“{}”这条路走不通：{} 不能同时成立。", label(rule, *part), names.join("、")),
                        en: format!("`{}` leads nowhere: {} exclude each other.", label(rule, *part), names.join(", ")),
                    },
                    ground: None,
                    pair: None,
                });
            }
        }
        let _ = at;
    }
    out
}

fn label(rule: &RulePlan, at: usize) -> String {
    let inside = below(rule, at);
    let named = inside.iter().map(|n| &rule.nodes[*n].id).find(|id| !id.is_empty());
    named.cloned().unwrap_or_else(|| format!("#{at}"))
}

fn below(rule: &RulePlan, at: usize) -> BTreeSet<usize> {
    let mut out = BTreeSet::from([at]);
    let mut open = vec![at];
    while let Some(at) = open.pop() {
        let parts: Vec<usize> = match &rule.nodes[at].what {
            What::All(parts) | What::Any(parts) | What::AtLeast(_, parts) => parts.clone(),
            What::Not(inner) => vec![*inner],
            What::Unless(of, except) => vec![*of, *except],
            _ => Vec::new(),
        };
        for part in parts {
            out.insert(part);
            open.push(part);
        }
    }
    out
}

fn names(rule: &RulePlan, conflict: &[Asked]) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for asked in conflict {
        let id = &rule.nodes[asked.node].id;
        if !id.is_empty() && !out.contains(id) {
            out.push(id.clone());
        }
    }
    out
}

/// Ways in which a node comes out so, each as what it asks; none when there are too many.
fn ways(rule: &RulePlan, at: usize, want: bool) -> Option<Vec<Vec<Asked>>> {
    let each = |parts: &[usize], want: bool| -> Option<Vec<Vec<Vec<Asked>>>> {
        parts.iter().map(|p| ways(rule, *p, want)).collect()
    };
    match (&rule.nodes[at].what, want) {
        (What::All(parts), true) | (What::Any(parts), false) => all_of(each(parts, want)?),
        (What::All(parts), false) | (What::Any(parts), true) => any_of(each(parts, want)?),
        (What::AtLeast(count, parts), true) => {
            let all = each(parts, true)?;
            let count = *count as usize;
            let sets = (0u64..1 << all.len().min(16)).filter(|s| s.count_ones() as usize == count);
            any_of(
                sets.map(|set| all_of((0..all.len()).filter(|i| set >> i & 1 == 1).map(|i| all[i].clone()).collect()))
                    .collect::<Option<Vec<_>>>()?,
            )
        }
        (What::AtLeast(..), false) => Some(vec![Vec::new()]),
        (What::Not(inner), _) => ways(rule, *inner, !want),
        (What::Unless(of, except), true) => any_of(vec![ways(rule, *of, true)?, ways(rule, *except, true)?]),
        (What::Unless(of, except), false) => all_of(vec![ways(rule, *of, false)?, ways(rule, *except, false)?]),
        (What::Leaf(_, tree) | What::Judged(Some((_, tree))), _) => tree_ways(tree, want, at),
        (What::Judged(None), _) => Some(vec![Vec::new()]),
        (What::Slot, true) => Some(vec![Vec::new()]),
        (What::Slot, false) => Some(Vec::new()),
    }
}

fn tree_ways(tree: &Tree, want: bool, node: usize) -> Option<Vec<Vec<Asked>>> {
    let each = |parts: &[Tree], want: bool| -> Option<Vec<Vec<Vec<Asked>>>> {
        parts.iter().map(|p| tree_ways(p, want, node)).collect()
    };
    match (tree, want) {
        (Tree::Fixed(b), _) => Some(if *b == want { vec![Vec::new()] } else { Vec::new() }),
        (Tree::Not(inner), _) => tree_ways(inner, !want, node),
        (Tree::And(parts), true) | (Tree::Or(parts), false) => all_of(each(parts, want)?),
        (Tree::And(parts), false) | (Tree::Or(parts), true) => any_of(each(parts, want)?),
        (Tree::Atom(atom), _) => Some(vec![vec![Asked { atom: *atom, truth: want, node }]]),
    }
}

fn any_of(all: Vec<Vec<Vec<Asked>>>) -> Option<Vec<Vec<Asked>>> {
    let out: Vec<Vec<Asked>> = all.into_iter().flatten().collect();
    (out.len() <= WAYS_MAX).then_some(out)
}

fn all_of(all: Vec<Vec<Vec<Asked>>>) -> Option<Vec<Vec<Asked>>> {
    let mut out = vec![Vec::new()];
    for ways in all {
        if out.len() * ways.len() > WAYS_MAX {
            return None;
        }
        out = out.iter().flat_map(|a: &Vec<Asked>| ways.iter().map(move |b| [a.as_slice(), b].concat())).collect();
    }
    Some(out)
}

/// What of a way cannot hold together; none when nothing was found. Nothing of it can be left out.
fn conflict(plan: &Plan, way: &[Asked]) -> Option<Vec<Asked>> {
    if !excludes(plan, way) {
        return None;
    }
    let mut left = way.to_vec();
    let mut at = 0;
    while at < left.len() {
        let mut without = left.clone();
        without.remove(at);
        match excludes(plan, &without) {
            true => left = without,
            false => at += 1,
        }
    }
    Some(left)
}

/// `Σ factor × product + constant`, above zero or at least zero.
#[derive(Clone, Debug)]
struct Line {
    factors: BTreeMap<Vec<Var>, BigRational>,
    constant: BigRational,
    strict: bool,
}

impl Line {
    fn of(poly: &Poly, negative: bool, strict: bool) -> Self {
        let mut line = Self { factors: BTreeMap::new(), constant: BigRational::zero(), strict };
        for (vars, factor) in poly.terms() {
            let factor = if negative { -factor } else { factor.clone() };
            match vars {
                [] => line.constant += factor,
                vars => drop(line.factors.insert(vars.to_vec(), factor)),
            }
        }
        line
    }

    fn is_false(&self) -> bool {
        self.factors.is_empty() && if self.strict { !self.constant.is_positive() } else { self.constant.is_negative() }
    }
}

/// Do these surely exclude each other?
fn excludes(plan: &Plan, way: &[Asked]) -> bool {
    let mut answers: BTreeMap<AtomId, bool> = BTreeMap::new();
    for asked in way {
        if *answers.entry(asked.atom).or_insert(asked.truth) != asked.truth {
            return true;
        }
    }
    let mut allowed: BTreeMap<Var, BTreeSet<&str>> = BTreeMap::new();
    let mut forbidden: BTreeMap<Var, BTreeSet<&str>> = BTreeMap::new();
    let mut lines = Vec::new();
    for (atom, truth) in &answers {
        match &plan.atoms[*atom as usize] {
            Atom::OneOf(var, texts) => {
                let texts: BTreeSet<&str> = texts.iter().map(String::as_str).collect();
                if *truth {
                    let left = allowed.entry(*var).or_insert_with(|| texts.clone());
                    left.retain(|t| texts.contains(t));
                } else {
                    forbidden.entry(*var).or_default().extend(texts);
                }
            }
            Atom::Sign { above, below, op, .. } => {
                lines.extend(below.iter().map(|p| Line::of(p, false, true)));
                match (op, truth) {
                    (Op::Above, true) => lines.push(Line::of(above, false, true)),
                    (Op::Above, false) => lines.push(Line::of(above, true, false)),
                    (Op::AtLeast, true) => lines.push(Line::of(above, false, false)),
                    (Op::AtLeast, false) => lines.push(Line::of(above, true, true)),
                    (Op::Equal, true) | (Op::Other, false) => {
                        lines.push(Line::of(above, false, false));
                        lines.push(Line::of(above, true, false));
                    }
                    (Op::Equal, false) | (Op::Other, true) => (),
                }
            }
            Atom::Is(_) | Atom::Known(..) | Atom::Points { .. } => (),
        }
    }
    let left =
        |var: &Var, texts: &BTreeSet<&str>| texts.iter().any(|t| !forbidden.get(var).is_some_and(|f| f.contains(t)));
    allowed.iter().any(|(var, texts)| !left(var, texts)) || infeasible(lines)
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
// What people decide

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
