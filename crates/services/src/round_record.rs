//! What a round decides by: the facts of all filings as they were cut, what came out of them, and the
//! list that was published. Each is a record of bytes named by its digest, and each can be computed
//! again from the one before and the rules.

use crate::{Refusal, Result, views::SourceView};
use base::Digest;
use jiff::civil::Date;
use law::Law;
use law::rule::Test;
use law::template::Kind;
use policy::amount::Paid;
use policy::explain::{One, PointReason, Reason};
use policy::{Plan, RulePlan, Truth, Value};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// Version of the records: raised when a reader of older ones would misread them.
const RECORD: u32 = 1;

/// Facts of all filings of a round, as known at one moment.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Cut {
    pub record: u32,
    pub round: i64,
    /// `first` or `recheck`.
    pub kind: String,
    pub at: String,
    /// In ascending order of the filing.
    pub filings: Vec<CutFiling>,
}

/// Facts of one filing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct CutFiling {
    pub filing: i64,
    pub firm: i64,
    pub name: String,
    pub division: String,
    pub filed_on: Date,
    pub rule: String,
    pub version: u32,
    /// Digest of the files that the rule is made of.
    pub text: String,
    pub inputs: Vec<CutInput>,
}

/// A fact or attribute.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct CutInput {
    pub name: String,
    pub lag: i32,
    pub value: Held,
    pub source: Option<SourceView>,
}

/// A value as it is written down.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Held {
    Unknown,
    Number(String),
    Truth(bool),
    Text(String),
}

impl From<&Value> for Held {
    fn from(value: &Value) -> Self {
        match value {
            Value::Unknown => Held::Unknown,
            Value::Number(n) => Held::Number(n.normalize().to_string()),
            Value::Truth(b) => Held::Truth(*b),
            Value::Text(t) => Held::Text(t.clone()),
        }
    }
}

impl Held {
    fn value(&self) -> Value {
        match self {
            Held::Unknown => Value::Unknown,
            Held::Number(text) => text.parse().map_or(Value::Unknown, Value::Number),
            Held::Truth(b) => Value::Truth(*b),
            Held::Text(t) => Value::Text(t.clone()),
        }
    }
}

/// What came out of a cut.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Results {
    pub record: u32,
    pub facts: String,
    pub filings: Vec<ResultOfFiling>,
}

/// What came out of a filing.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct ResultOfFiling {
    pub filing: i64,
    pub outcome: Truth,
    pub condition: Reason,
    pub points: Vec<PointReason>,
    pub paid: Option<Paid>,
    /// Questions that the facts raise.
    pub questions: Vec<String>,
}

/// What people and the site add to the facts of a filing.
#[derive(Clone, Debug, Default)]
pub(crate) struct Added {
    /// By fact: what people judged.
    pub judged: BTreeMap<String, String>,
    /// The cost found as built, in the unit of its fact.
    pub built: Option<Decimal>,
}

/// What came out of a filing, with its plan.
pub(crate) struct Assessed {
    pub outcome: Truth,
    pub condition: Reason,
    pub points: Vec<PointReason>,
    pub paid: Option<Paid>,
    pub questions: Vec<(String, Reason)>,
    pub plan: Arc<Plan>,
}

/// Compiles rules with the questions beside them, each pair once.
pub(crate) struct Compiler<'l> {
    law: &'l Law,
    plans: HashMap<(String, u32, Date), Arc<Plan>>,
}

impl<'l> Compiler<'l> {
    pub fn new(law: &'l Law) -> Self {
        Self { law, plans: HashMap::new() }
    }

    /// The rule of a filing first, then the questions.
    pub fn plan(&mut self, rule: &str, version: u32, division: &str, on: Date) -> Result<Arc<Plan>> {
        let key = (format!("{rule} {division}"), version, on);
        if let Some(plan) = self.plans.get(&key) {
            return Ok(plan.clone());
        }
        let found = self.law.rule_version(rule, version);
        let found = found.ok_or_else(|| Refusal::not_found("规则版本", "rule", format!("{rule}@{version}")))?;
        let mut rules = vec![found];
        if let Ok(division) = division.parse() {
            rules.extend(self.law.questions_for(division, on));
        }
        let (plan, faults) = Plan::compile(self.law, &rules, on.year());
        if let Some(fault) = faults.first() {
            return Err(Refusal::internal(fault));
        }
        let plan = Arc::new(plan);
        self.plans.insert(key, plan.clone());
        Ok(plan)
    }

    /// What the facts of a filing come to.
    pub fn assess(&mut self, kind: &str, filing: &CutFiling, added: &Added) -> Result<Assessed> {
        let plan = self.plan(&filing.rule, filing.version, &filing.division, filing.filed_on)?;
        let held: HashMap<(&str, i32), &Held> =
            filing.inputs.iter().map(|i| ((i.name.as_str(), i.lag), &i.value)).collect();
        let rule = &plan.rules[0];
        let cost = rule.rule.amount.as_ref().and_then(|a| a.cost_line.clone());
        let facts = |var: u32| {
            let def = plan.vars.def(var);
            let name = def.key.name.as_str();
            let found = held.get(&(name, def.key.lag)).map_or(Value::Unknown, |h| h.value());
            if let Some(said) = added.judged.get(name) {
                return judged_value(def.kind, said);
            }
            match (&found, added.built) {
                // What was not built is not paid for, and no more than was filed.
                (Value::Number(filed), Some(built)) if cost.as_deref() == Some(name) => {
                    Value::Number(built.min(*filed))
                }
                _ => found,
            }
        };
        let one = One::new(&plan, rule, &facts);
        let node = root(kind, rule);
        let paid = rule.amount.as_ref().and_then(|_| policy::amount::amount(&plan, rule, &facts));
        let mut questions = Vec::new();
        for question in &plan.rules[1..] {
            let one = One::new(&plan, question, &facts);
            if one.outcome() == Truth::Met {
                questions.push((question.rule.id.clone(), one.reason(0)));
            }
        }
        Ok(Assessed {
            outcome: one.truth(node),
            condition: one.reason(node),
            points: one.explain().points,
            paid,
            questions,
            plan: plan.clone(),
        })
    }

    /// The bytes of what comes out of a cut before anybody adds to it.
    pub fn results(&mut self, cut: &Cut, facts: Digest) -> Result<(Vec<u8>, Vec<ResultOfFiling>)> {
        let mut filings = Vec::with_capacity(cut.filings.len());
        for filing in &cut.filings {
            let assessed = self.assess(&cut.kind, filing, &Added::default())?;
            filings.push(ResultOfFiling {
                filing: filing.filing,
                outcome: assessed.outcome,
                condition: assessed.condition,
                points: assessed.points,
                paid: assessed.paid,
                questions: assessed.questions.into_iter().map(|(id, _)| id).collect(),
            });
        }
        let results = Results { record: RECORD, facts: facts.hex(), filings };
        let bytes = serde_json::to_vec(&results).map_err(Refusal::internal)?;
        Ok((bytes, results.filings))
    }
}

/// The condition that decides: the one of the re-check, where there is such.
fn root(kind: &str, rule: &RulePlan) -> usize {
    match kind {
        "recheck" => rule.renewal.unwrap_or(0),
        _ => 0,
    }
}

/// A finding as the value of its fact.
pub(crate) fn judged_value(kind: Kind, said: &str) -> Value {
    match kind {
        Kind::Boolean => said.parse().map_or(Value::Unknown, Value::Truth),
        Kind::Number => said.parse().map_or(Value::Unknown, Value::Number),
        Kind::Text => Value::Text(said.to_owned()),
        Kind::Date => said.parse().map_or(Value::Unknown, |d| Value::Number(policy::firm::day(d))),
    }
}

/// Facts that state what people judge about a rule, the rules that it extends included.
pub(crate) fn judged_facts(law: &Law, plan: &RulePlan) -> Vec<String> {
    let mut out = Vec::new();
    for rule in law.with_wider(&plan.rule) {
        for condition in rule.conditions() {
            if let Test::Judged { fact: Some(fact) } = &condition.test {
                out.push(fact.clone());
            }
        }
        for item in rule.scores.iter().flat_map(|t| &t.groups).flat_map(|g| &g.items) {
            if let law::rule::Give::Judged { fact: Some(fact) } = &item.give {
                out.push(fact.clone());
            }
        }
    }
    let mut seen = std::collections::BTreeSet::new();
    out.retain(|f| seen.insert(f.clone()));
    out
}

/// The list as published.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Published {
    pub record: u32,
    pub round: i64,
    pub title: String,
    pub at: String,
    /// Digests of the cut and of what came out of it.
    pub facts: String,
    pub results: String,
    pub filings: Vec<PublishedFiling>,
}

/// A line of the list.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct PublishedFiling {
    pub filing: i64,
    pub firm: i64,
    pub name: String,
    pub rule: String,
    pub version: u32,
    pub outcome: Option<String>,
    pub judged: BTreeMap<String, String>,
    /// Passed although a condition is not met, by two persons.
    pub exception: bool,
    pub sum: Option<String>,
    pub until: Option<String>,
}

/// A new cut, filings in ascending order.
pub(crate) fn cut(round: i64, kind: &str, at: &str, mut filings: Vec<CutFiling>) -> Result<(Cut, Vec<u8>)> {
    filings.sort_by_key(|f| f.filing);
    let cut = Cut { record: RECORD, round, kind: kind.to_owned(), at: at.to_owned(), filings };
    let bytes = serde_json::to_vec(&cut).map_err(Refusal::internal)?;
    Ok((cut, bytes))
}

/// A cut read back; a record of a newer program is refused.
pub(crate) fn read_cut(bytes: &[u8]) -> Result<Cut> {
    let cut: Cut = serde_json::from_slice(bytes).map_err(Refusal::internal)?;
    match cut.record {
        RECORD => Ok(cut),
        other => Err(Refusal::internal(format!("the cut is record {other}, this program reads {RECORD}"))),
    }
}

/// The bytes of a published list.
pub(crate) fn published(list: &Published) -> Result<Vec<u8>> {
    serde_json::to_vec(list).map_err(Refusal::internal)
}

/// A list, before its lines.
pub(crate) fn new_list(round: i64, title: &str, at: &str, facts: &str, results: &str) -> Published {
    Published {
        record: RECORD,
        round,
        title: title.to_owned(),
        at: at.to_owned(),
        facts: facts.to_owned(),
        results: results.to_owned(),
        filings: Vec::new(),
    }
}
