//! Cases of rules: facts of a few firms and what a title or policy must make of them, as a policy
//! officer would write them under `law/cases/rules/`. This module reads them; `policy` runs them.

use crate::case::Value;
use crate::load::{Law, sort};
use crate::node::{self, Node};
use crate::place::{Diagnostic, Place};
use crate::read::{Sec, Sink};
use crate::rule_shapes;
use crate::scheme::Text;
use crate::shape;
use crate::sources::Sources;
use crate::template::Kind;
use base::DivisionCode;
use jiff::civil::Date;
use rust_decimal::Decimal;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Folder of the cases of rules.
pub const FOLDER: &str = "cases/rules/";

/// A case.
#[derive(Clone, Debug, PartialEq)]
pub struct RuleCase {
    /// What it shows, as a sentence.
    pub title: Text,
    /// Rule.
    pub rule: String,
    /// Day of filing; it picks the version.
    pub filed: Date,
    /// Firms.
    pub firms: Vec<RuleCaseFirm>,
    /// The file.
    pub at: Place,
}

/// A firm of a case.
#[derive(Clone, Debug, PartialEq)]
pub struct RuleCaseFirm {
    /// Name.
    pub name: String,
    /// Where it is registered.
    pub division: Option<DivisionCode>,
    /// Four-digit industry.
    pub industry: Option<String>,
    /// Day of foundation.
    pub founded: Option<Date>,
    /// Values by fact or attribute and years before the last full one; −1 is the year of filing.
    pub values: BTreeMap<(String, i32), Value>,
    /// What must come out.
    pub expect: RuleExpect,
    /// Where.
    pub at: Place,
}

/// What must come out. What is not named is not compared.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RuleExpect {
    /// `met`, `not_met` or `unknown`.
    pub outcome: Option<String>,
    /// By condition.
    pub conditions: BTreeMap<String, String>,
    /// By table, group or item: least and most points.
    pub scores: BTreeMap<String, (Decimal, Decimal)>,
    /// Conditions that ask something and fail, in the order written.
    pub unmet: Option<Vec<String>>,
    /// What is paid.
    pub amount: Option<Decimal>,
}

/// Reads every file below `cases/rules/`.
pub fn load(sources: &Sources, law: &Law) -> (Vec<RuleCase>, Vec<Diagnostic>) {
    let sink = Sink::default();
    let mut findings = Vec::new();
    let mut cases = Vec::new();
    for (path, text) in sources.files.iter().filter(|(p, _)| p.starts_with(FOLDER) && p.ends_with(".yaml")) {
        let file: Arc<str> = path.as_str().into();
        let Some(node) = node::parse(&file, text, &mut findings) else { continue };
        rule_shapes::RULE_CASE.check(&node, &mut findings);
        cases.push(case(law, &Sec::top(&node, &sink)));
    }
    findings.extend(sink.findings.into_inner());
    sort(&mut findings);
    (cases, findings)
}

fn case(law: &Law, sec: &Sec) -> RuleCase {
    let (rule, filed) = (sec.name("rule"), sec.date("filed").unwrap_or(crate::read_scheme::NO_DATE));
    if law.rule_on(&rule, filed).is_none() {
        let at = sec.get("rule").map_or_else(|| sec.at(), |n| n.at.clone());
        let near = shape::nearest(&rule, law.rules.iter().map(|r| r.id.as_str())).unwrap_or("see law/").to_owned();
        sec.sink().error(
            "unknown-rule",
            &at,
            format!("no version of `{rule}` is in force on {filed}"),
            format!("a rule and a day on which it is in force; nearest: {near}"),
        );
    }
    RuleCase {
        title: sec.words("rule_case"),
        rule,
        filed,
        firms: sec.secs("firms").iter().map(|f| firm(law, f)).collect(),
        at: sec.at(),
    }
}

fn firm(law: &Law, sec: &Sec) -> RuleCaseFirm {
    let mut values = BTreeMap::new();
    put(law, sec, sec.get("facts"), 0, &mut values);
    for (year, facts) in sec.entries("years") {
        match year.text.parse::<i32>() {
            // Files count forward: −1 is the year before the last full one, 1 the year of filing.
            Ok(year @ -30..=1) => put(law, sec, Some(facts), -year, &mut values),
            _ => sec.sink().error("bad-year", &year.at, format!("`{}`", year.text), "a whole number from -30 to 1"),
        }
    }
    RuleCaseFirm {
        name: sec.name("name"),
        division: sec.division("division"),
        industry: sec.text("industry"),
        founded: sec.date("founded"),
        values,
        expect: sec.sec("expect").map(|e| expect(&e)).unwrap_or_default(),
        at: sec.at(),
    }
}

fn put(law: &Law, sec: &Sec, facts: Option<&Node>, lag: i32, out: &mut BTreeMap<(String, i32), Value>) {
    for (name, value) in facts.map(Node::entries).unwrap_or_default() {
        let kind = law.facts.get(&name.text).map(|f| f.kind);
        let Some(kind) = kind.or_else(|| law.attributes.get(&name.text).map(|a| a.kind)) else {
            let known: Vec<&str> = law.facts.keys().map(String::as_str).collect();
            let allowed = crate::check::among(&name.text, &known);
            sec.sink().error("unknown-fact", &name.at, format!("`{}`", name.text), allowed);
            continue;
        };
        let text = value.text().unwrap_or_default();
        let read = match kind {
            Kind::Number => shape::number(text).map(Value::Number),
            Kind::Boolean => match text {
                "true" => Some(Value::Boolean(true)),
                "false" => Some(Value::Boolean(false)),
                _ => None,
            },
            Kind::Text => Some(Value::Text(text.to_owned())),
            Kind::Date => shape::date(text).map(Value::Date),
        };
        match read {
            Some(value) => drop(out.insert((name.text.clone(), lag), value)),
            None => sec.sink().error("wrong-value", &value.at, value.describe(), format!("a {kind:?}").to_lowercase()),
        }
    }
}

fn expect(sec: &Sec) -> RuleExpect {
    let truth = |at: &Place, text: &str| {
        if !matches!(text, "met" | "not_met" | "unknown") {
            sec.sink().error("wrong-word", at, format!("`{text}`"), "met, not_met or unknown");
        }
        text.to_owned()
    };
    let mut scores = BTreeMap::new();
    for (name, value) in sec.entries("scores") {
        let text = value.text().unwrap_or_default();
        let (low, high) = text.split_once("..").unwrap_or((text, text));
        match (shape::number(low), shape::number(high)) {
            (Some(low), Some(high)) => drop(scores.insert(name.text.clone(), (low, high))),
            _ => {
                sec.sink().error("bad-number", &value.at, value.describe(), "points such as `60`, or a range `10..30`")
            }
        }
    }
    RuleExpect {
        outcome: sec.get("outcome").map(|n| truth(&n.at, n.text().unwrap_or_default())),
        conditions: sec
            .entries("conditions")
            .iter()
            .map(|(id, n)| (id.text.clone(), truth(&n.at, n.text().unwrap_or_default())))
            .collect(),
        scores,
        unmet: sec.has("unmet").then(|| sec.texts("unmet")),
        amount: sec.number("amount"),
    }
}
