//! What is wrong with rules that read well: names that nothing defines, ids twice, versions that
//! overlap, windows outside the days in force, circles of extension or of ladders, references to what
//! is no longer in force. Types, units and what contradicts itself show where rules are compiled.

use crate::check::among;
use crate::fact::About;
use crate::load::Law;
use crate::names;
use crate::place::Diagnostic;
use crate::read::{Step, Use};
use crate::rule::{Rule, RuleKind, RuleLevel, Test};
use base::division::Level;
use std::collections::BTreeMap;

/// Names in a formula of a rule: facts about firms, attributes, shared and own values, parameters,
/// points. The sum that a policy pays may use everything that conditions may.
pub(crate) fn names(law: &Law, rule: &Rule, u: &Use) -> Vec<Diagnostic> {
    let mut known: Vec<&str> = law.facts.values().filter(|f| f.about == About::Firm).map(|f| f.id.as_str()).collect();
    known.extend(law.attributes.keys().map(String::as_str));
    known.extend(law.derived.keys().map(String::as_str));
    for rule in law.with_wider(rule) {
        known.extend(rule.define.iter().map(|d| d.id.as_str()));
        known.extend(rule.parameters.iter().map(|p| p.id.as_str()));
        for table in &rule.scores {
            known.push(&table.id);
            for group in &table.groups {
                known.push(&group.id);
                known.extend(group.items.iter().map(|i| i.id.as_str()));
            }
        }
    }
    debug_assert!(matches!(u.step, Step::Rule | Step::Amount | Step::Facts));
    let unknown = names::of(&u.formula.text).into_iter().filter(|n| !known.contains(n));
    unknown
        .map(|name| {
            let at = names::place(law, &u.formula, name);
            Diagnostic::error("unknown-name", &at, format!("`{name}` in a formula"), among(name, &known))
        })
        .collect()
}

/// Everything that is wrong with the rules.
pub(crate) fn check(law: &Law) -> Vec<Diagnostic> {
    let mut out = Vec::new();
    law.rules.iter().for_each(|rule| one(law, rule, &mut out));
    versions(law, &mut out);
    circles(law, &mut out);
    out
}

fn one(law: &Law, rule: &Rule, out: &mut Vec<Diagnostic>) {
    if rule.to.is_some_and(|to| to < rule.from) {
        out.push(Diagnostic::error("bad-period", &rule.at, "the last day lies before the first", "`from` before `to`"));
    }
    if rule.cite.document.is_empty() {
        out.push(Diagnostic::error(
            "missing-key",
            &rule.at,
            "no `cite`",
            "`cite: { document: … }`: every rule rests on a document",
        ));
    }
    let level = rule.division.map(|d| d.level());
    let fits = match rule.level {
        RuleLevel::Nation => level.is_none(),
        RuleLevel::Province => level == Some(Level::Province),
        RuleLevel::City => level == Some(Level::City),
        RuleLevel::County => level == Some(Level::County),
    };
    if !fits {
        out.push(Diagnostic::error(
            "level-and-division",
            &rule.at,
            format!(
                "`level: {}` with division {}",
                rule.level.name(),
                rule.division.map_or("none".into(), |d| d.to_string())
            ),
            "no division for the state, else a division of that level",
        ));
    }
    if rule.kind == RuleKind::Policy && rule.amount.is_none() {
        out.push(Diagnostic::error(
            "missing-key",
            &rule.at,
            "a policy without `amount`",
            "`amount: { formula: …, unit: … }`",
        ));
    }
    for window in &rule.windows {
        let (from, to) = (window.from.date(), window.to.date());
        if from < rule.from || rule.to.is_some_and(|last| to > last) {
            out.push(Diagnostic::error(
                "window-outside-force",
                &rule.at,
                format!("a window from {} to {}", window.from, window.to),
                format!(
                    "moments while the rule is in force: from {}{}",
                    rule.from,
                    rule.to.map_or(String::new(), |t| format!(" to {t}"))
                ),
            ));
        }
    }
    let mut ids: BTreeMap<&str, u32> = BTreeMap::new();
    let mut names: Vec<(&str, &crate::Place)> =
        rule.conditions().filter(|c| !c.id.is_empty()).map(|c| (c.id.as_str(), &c.at)).collect();
    names.extend(rule.define.iter().map(|d| (d.id.as_str(), &d.at)));
    names.extend(rule.parameters.iter().map(|p| (p.id.as_str(), &p.at)));
    for table in &rule.scores {
        names.push((&table.id, &table.at));
        for group in &table.groups {
            names.push((&group.id, &table.at));
            names.extend(group.items.iter().map(|i| (i.id.as_str(), &i.at)));
        }
    }
    for (id, at) in names {
        if let Some(line) = ids.insert(id, at.line) {
            out.push(Diagnostic::error(
                "duplicate-id",
                at,
                format!("`{id}` a second time"),
                format!("each name once in a rule; the first stands in line {line}"),
            ));
        }
    }
    for condition in rule.conditions() {
        if let Test::All { of } | Test::Any { of } | Test::AtLeast { of, .. } = &condition.test
            && of.is_empty()
        {
            out.push(Diagnostic::error("empty-group", &condition.at, "a group without conditions", "at least one"));
        }
    }
    let mut refers = |ids: &[String], what: &str| {
        for id in ids {
            let last = law.rules.iter().filter(|r| r.id == *id).map(|r| r.to);
            let ended = last.clone().count() > 0 && last.flatten().max().is_some_and(|to| to < rule.from);
            let runs_on = law.rules.iter().any(|r| r.id == *id && r.to.is_none_or(|to| to >= rule.from));
            if ended && !runs_on {
                out.push(Diagnostic::error(
                    "refers-to-repealed",
                    &rule.at,
                    format!("{what} `{id}`, of which no version is in force on {}", rule.from),
                    "a rule that is in force while this one is",
                ));
            }
        }
    };
    refers(&rule.stacking.excludes, "excludes");
    refers(rule.extends.as_slice(), "extends");
    if let Some(rung) = &rule.ladder {
        refers(&rung.after, "stands after");
    }
}

/// Versions of one id: no two on one day.
fn versions(law: &Law, out: &mut Vec<Diagnostic>) {
    for (i, new) in law.rules.iter().enumerate() {
        for old in law.rules[..i].iter().filter(|old| old.id == new.id) {
            if old.version == new.version {
                out.push(Diagnostic::error(
                    "duplicate-version",
                    &new.at,
                    format!("a second version {}", new.version),
                    format!("another number; the first is {}", old.at.file),
                ));
            }
            let (early, late) = if old.from <= new.from { (old, new) } else { (new, old) };
            if early.to.is_none_or(|to| to >= late.from) {
                out.push(Diagnostic::error(
                    "overlapping-versions",
                    &late.at,
                    format!("version {} is in force on {} beside version {}", late.version, late.from, early.version),
                    format!("`in_force: {{ to: … }}` in {} that ends before {}", early.at.file, late.from),
                ));
            }
        }
    }
}

/// Extension and ladders lead somewhere: no rule stands above itself.
fn circles(law: &Law, out: &mut Vec<Diagnostic>) {
    let mut next: BTreeMap<&str, Vec<(&str, &'static str)>> = BTreeMap::new();
    for rule in &law.rules {
        let entry = next.entry(&rule.id).or_default();
        entry.extend(rule.extends.iter().map(|e| (e.as_str(), "extends")));
        entry.extend(rule.ladder.iter().flat_map(|l| &l.after).map(|a| (a.as_str(), "stands after")));
    }
    for rule in &law.rules {
        let mut seen = vec![rule.id.as_str()];
        let mut open = vec![rule.id.as_str()];
        while let Some(at) = open.pop() {
            for (to, how) in next.get(at).into_iter().flatten() {
                if *to == rule.id {
                    out.push(Diagnostic::error(
                        "circular-rules",
                        &rule.at,
                        format!("`{}` comes back to itself: `{at}` {how} it", rule.id),
                        "rules in one direction",
                    ));
                } else if !seen.contains(to) {
                    seen.push(to);
                    open.push(to);
                }
            }
        }
    }
}
