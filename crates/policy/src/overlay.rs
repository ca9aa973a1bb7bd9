//! What happens if a number moves: changes laid over a rule. The rule is never copied as text; its
//! numbers are changed by path in the typed form and it is compiled again, so that a what-if obeys every
//! rule that a decision does.

use law::rule::{Condition, Rule, Test};
use law::scheme::Text;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// One change.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// As [`adjustable`] names it.
    pub path: String,
    /// New value; percentages as fractions.
    pub value: Decimal,
}

/// A number that may be changed.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Adjustable {
    /// Path.
    pub path: String,
    /// What it belongs to.
    pub title: Text,
    /// Value in the rule.
    pub value: Decimal,
}

/// A path that a rule does not have.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{path}` is no number of `{rule}`; allowed: {allowed}")]
pub struct OverlayFault {
    /// As given.
    pub path: String,
    /// Rule.
    pub rule: String,
    /// Paths that there are.
    pub allowed: String,
}

/// Every number of a rule that may be changed, in the order of the rule.
pub fn adjustable(rule: &Rule) -> Vec<Adjustable> {
    let mut out = Vec::new();
    visit(&mut rule.clone(), &mut |path, title, value| {
        out.push(Adjustable { path: path.to_owned(), title: title.clone(), value: *value });
    });
    out
}

/// The rule with numbers changed.
pub fn apply(rule: &Rule, changes: &[Change]) -> Result<Rule, OverlayFault> {
    let mut changed = rule.clone();
    for change in changes {
        let mut found = false;
        visit(&mut changed, &mut |path, _, value| {
            if path == change.path {
                *value = change.value;
                found = true;
            }
        });
        if !found {
            let allowed: Vec<String> = adjustable(rule).into_iter().map(|a| a.path).collect();
            return Err(OverlayFault { path: change.path.clone(), rule: rule.id.clone(), allowed: allowed.join(", ") });
        }
    }
    Ok(changed)
}

/// Listing and changing use the same walk, so that what is offered is what works.
fn visit(rule: &mut Rule, see: &mut dyn FnMut(&str, &Text, &mut Decimal)) {
    for parameter in &mut rule.parameters {
        for (year, param) in &mut parameter.by_year {
            let path = match year {
                0 => format!("parameters/{}", parameter.id),
                year => format!("parameters/{}/{year}", parameter.id),
            };
            see(&path, &parameter.title, &mut param.value);
        }
    }
    condition(&mut rule.requires, see);
    if let Some(amount) = &mut rule.amount {
        let title = Text { zh: "金额公式".into(), en: "Formula of the sum".into() };
        numbers("amount", &title, &mut amount.formula.text, see);
        for (at, cap) in amount.caps.iter_mut().enumerate() {
            see(&format!("cap/{at}"), &Text { zh: "封顶".into(), en: "Cap".into() }, &mut cap.value.value);
        }
        for (at, uplift) in amount.uplifts.iter_mut().enumerate() {
            see(&format!("uplifts/{at}"), &uplift.title, &mut uplift.rate.value);
        }
    }
}

fn condition(at: &mut Condition, see: &mut dyn FnMut(&str, &Text, &mut Decimal)) {
    let (id, title) = (at.id.clone(), at.title.clone());
    match &mut at.test {
        Test::All { of } | Test::Any { of } | Test::AtLeast { of, .. } => of.iter_mut().for_each(|c| condition(c, see)),
        Test::Not { of } => condition(of, see),
        Test::Unless { of, except } => {
            condition(of, see);
            condition(except, see);
        }
        Test::If { formula } | Test::EachYear { formula, .. } => {
            numbers(&format!("conditions/{id}"), &title, &mut formula.text, see);
        }
        Test::Judged { .. } | Test::Slot => (),
    }
}

/// Numbers of a formula, counted from 1 as written; years in `lag(x, 1)` and the like are no policy.
fn numbers(path: &str, title: &Text, formula: &mut String, see: &mut dyn FnMut(&str, &Text, &mut Decimal)) {
    let mut out = String::with_capacity(formula.len());
    let mut rest = formula.as_str();
    let mut count = 0;
    while let Some(first) = rest.chars().next() {
        let part = |c: char| c.is_alphanumeric() || c == '_';
        let end = if first == '\'' {
            rest[1..].find('\'').map_or(rest.len(), |end| end + 2)
        } else if first.is_ascii_digit() {
            let end = rest.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(rest.len());
            let years = out.trim_end().ends_with(',');
            if let Some(mut value) = Decimal::from_str_exact(&rest[..end]).ok().filter(|_| !years) {
                let before = value;
                count += 1;
                see(&format!("{path}/{count}"), title, &mut value);
                if value != before {
                    // A negative number in the place of another is one in brackets.
                    out += &if value.is_sign_negative() { format!("({value})") } else { value.to_string() };
                    rest = &rest[end..];
                    continue;
                }
            }
            end
        } else if part(first) {
            rest.find(|c: char| !part(c)).unwrap_or(rest.len())
        } else {
            first.len_utf8()
        };
        out += &rest[..end];
        rest = &rest[end..];
    }
    *formula = out;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_a_formula_are_found_and_changed_where_they_stand() {
        let mut text = "x1 / lag(x1, 2) >= 0.03 AND t IN ('17') OR y > 100".to_owned();
        let mut seen = Vec::new();
        numbers("c", &Text::default(), &mut text, &mut |path, _, value| {
            seen.push((path.to_owned(), *value));
            if path == "c/2" {
                *value = Decimal::from(-5);
            }
        });
        assert_eq!(seen, [("c/1".to_owned(), Decimal::new(3, 2)), ("c/2".to_owned(), Decimal::from(100))]);
        assert_eq!(text, "x1 / lag(x1, 2) >= 0.03 AND t IN ('17') OR y > (-5)");
    }
}
