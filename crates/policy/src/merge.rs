//! A narrower rule laid over the wider one that it extends: its conditions are added, its conditions
//! with the name of a slot stand in the slot's place, its groups of points replace those of the same
//! name. What the wider rule asks can be tightened this way and never loosened.

use law::Law;
use law::rule::{Condition, Rule, ScoreTable, Test};
use law::scheme::Text;

/// What a rule comes to with those that it extends.
#[derive(Clone, Debug)]
pub struct Merged {
    /// Who qualifies.
    pub requires: Condition,
    /// Who keeps it at the re-check, where that differs.
    pub renewal: Option<Condition>,
    /// Tables of points.
    pub scores: Vec<ScoreTable>,
}

/// The conditions and points that hold for a rule.
pub fn merged(law: &Law, rule: &Rule) -> Merged {
    let chain = law.with_wider(rule);
    let widest = chain.last().expect("a rule is in its own chain");
    let mut out =
        Merged { requires: widest.requires.clone(), renewal: widest.renewal.clone(), scores: widest.scores.clone() };
    for narrower in chain.iter().rev().skip(1) {
        out.requires = laid_over(&out.requires, &narrower.requires);
        if let Some(renewal) = &narrower.renewal {
            let wider = out.renewal.as_ref().unwrap_or(&out.requires);
            out.renewal = Some(laid_over(wider, renewal));
        }
        for table in &narrower.scores {
            replace_groups(&mut out.scores, table);
        }
    }
    out
}

fn laid_over(wider: &Condition, narrower: &Condition) -> Condition {
    let mut own = match &narrower.test {
        Test::All { of } => of.clone(),
        _ => vec![narrower.clone()],
    };
    let mut all = vec![filled(wider, &mut own)];
    all.append(&mut own);
    if all.len() == 1 {
        return all.swap_remove(0);
    }
    Condition {
        id: String::new(),
        title: Text::default(),
        test: Test::All { of: all },
        clause: None,
        standing: narrower.standing.clone(),
        evidence: None,
        at: narrower.at.clone(),
    }
}

/// The condition with its slots filled from `own`; what fills a slot is taken out of `own`.
fn filled(condition: &Condition, own: &mut Vec<Condition>) -> Condition {
    let mut out = condition.clone();
    let mut each = |of: &mut Vec<Condition>| of.iter_mut().for_each(|c| *c = filled(c, own));
    match &mut out.test {
        Test::Slot => {
            if let Some(at) = own.iter().position(|c| c.id == condition.id) {
                return own.remove(at);
            }
        }
        Test::All { of } | Test::Any { of } | Test::AtLeast { of, .. } => each(of),
        Test::Not { of } => **of = filled(of, own),
        Test::Unless { of, except } => {
            **of = filled(of, own);
            **except = filled(except, own);
        }
        Test::If { .. } | Test::EachYear { .. } | Test::Judged { .. } => (),
    }
    out
}

fn replace_groups(scores: &mut Vec<ScoreTable>, table: &ScoreTable) {
    let Some(wider) = scores.iter_mut().find(|t| t.id == table.id) else {
        scores.push(table.clone());
        return;
    };
    for group in &table.groups {
        match wider.groups.iter_mut().find(|g| g.id == group.id) {
            Some(old) => *old = group.clone(),
            None => wider.groups.push(group.clone()),
        }
    }
}
