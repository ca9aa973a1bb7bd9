//! Cases: facts of a few firms and what a scheme must make of them, as a policy officer would write
//! them under `law/cases/`. This module reads them; `measure` runs them.

use crate::load::{Law, sort};
use crate::node::{self, Node};
use crate::place::{Diagnostic, Place};
use crate::read::{Sec, Sink};
use crate::scheme::Text;
use crate::shape;
use crate::shapes;
use crate::sources::Sources;
use crate::template::Kind;
use jiff::civil::Date;
use rust_decimal::Decimal;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A case.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    /// What it shows, as a sentence.
    pub title: Text,
    /// Scheme.
    pub scheme: String,
    /// Evaluation year; it picks the version.
    pub year: i16,
    /// The arithmetic in words, when it does not stand in comments.
    pub note: Option<String>,
    /// The firms, `repeat` written out and `all` filled in.
    pub firms: Vec<CaseFirm>,
    /// Baselines of the year before, where the scheme looks back to them.
    pub past_baselines: Vec<CaseBaseline>,
    /// Land: the parcels written, and one parcel for each firm with `land`.
    pub parcels: Vec<CaseParcel>,
    /// What must come out.
    pub expect: Expect,
    /// The file.
    pub at: Place,
}

/// A firm of a case.
#[derive(Clone, Debug, PartialEq)]
pub struct CaseFirm {
    /// Name, unique in the case.
    pub name: String,
    /// Facts in canonical units; absent is unknown. `applied_<status>` says that the firm asked.
    pub facts: BTreeMap<String, Value>,
    /// Attributes of the registry and of the year before.
    pub attributes: BTreeMap<String, Value>,
    /// Classes of earlier years.
    pub history: BTreeMap<i16, String>,
    /// Where.
    pub at: Place,
}

/// A value of a fact or attribute.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A number in the canonical unit.
    Number(Decimal),
    /// A text.
    Text(String),
    /// Yes or no.
    Boolean(bool),
    /// A date.
    Date(Date),
}

/// A baseline of the year before.
#[derive(Clone, Debug, PartialEq)]
pub struct CaseBaseline {
    /// Population.
    pub population: String,
    /// Indicator.
    pub indicator: String,
    /// Group; empty where one baseline holds for all.
    pub group: String,
    /// `mean`, `median`, ….
    pub statistic: String,
    /// Value.
    pub value: Decimal,
}

/// A parcel.
#[derive(Clone, Debug, PartialEq)]
pub struct CaseParcel {
    /// Code.
    pub code: String,
    /// Name of the owner.
    pub owner: String,
    /// Mu.
    pub area: Decimal,
    /// Leases.
    pub leases: Vec<CaseLease>,
}

/// A lease.
#[derive(Clone, Debug, PartialEq)]
pub struct CaseLease {
    /// Name of the tenant.
    pub tenant: String,
    /// Land area, mu.
    pub area: Option<Decimal>,
    /// Floor area, m2.
    pub floor_area: Option<Decimal>,
    /// Floors of the building.
    pub floors: Option<Decimal>,
}

/// What must come out. What is not named is not compared.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Expect {
    /// By firm.
    pub firms: BTreeMap<String, ExpectFirm>,
    /// By population: firms per class after overrides, and per label.
    pub classes: BTreeMap<String, BTreeMap<String, u64>>,
    /// By population: the last rank of each class before overrides.
    pub last_ranks: BTreeMap<String, BTreeMap<String, u64>>,
    /// By indicator: the baseline of the first population that scores it, where one group covers all.
    pub baselines: BTreeMap<String, Expected>,
}

/// What must come out for a firm.
#[derive(Clone, Debug, PartialEq)]
pub struct ExpectFirm {
    /// Population; `none` for none.
    pub population: Option<String>,
    /// Effective land, mu.
    pub land: Option<Decimal>,
    /// Indicator values.
    pub values: BTreeMap<String, Expected>,
    /// Points.
    pub points: BTreeMap<String, Expected>,
    /// Bonus that counted.
    pub bonus: Option<Expected>,
    /// Deduction that counted.
    pub deduction: Option<Expected>,
    /// Total.
    pub total: Option<Expected>,
    /// Rank in its population and group; `Some(None)`: must have none.
    pub rank: Option<Option<u64>>,
    /// Class by rank, before overrides; `none` for none.
    pub by_rank: Option<String>,
    /// Class after overrides; `none` for none.
    pub class: Option<String>,
    /// Status that applied; `none` for none.
    pub status: Option<String>,
    /// Label shown instead of a class.
    pub label: Option<String>,
    /// Overrides whose condition held, the strongest first.
    pub overrides: Option<Vec<String>>,
    /// Bonus and deduction items whose points counted, in the scheme's order.
    pub items: Option<Vec<String>>,
    /// Indicators whose missing, zero or negative rule applied, in the scheme's order.
    pub missing: Option<Vec<String>>,
    /// Measures by id.
    pub measures: BTreeMap<String, ExpectMeasure>,
    /// Firm whose result it takes.
    pub result_of: Option<String>,
    /// Where.
    pub at: Place,
}

/// A number that must come out, compared after rounding (half away from zero) to the decimals written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expected {
    /// The number; `None`: it must be unknown.
    pub value: Option<Decimal>,
    /// Decimals written.
    pub decimals: u32,
}

impl Expected {
    /// True when a computed value agrees.
    pub fn agrees(&self, found: Option<f64>) -> bool {
        match (self.value, found) {
            (None, None) => true,
            (Some(expected), Some(found)) => {
                // Half a unit of the last decimal written, with room for binary rounding of ties.
                let half = 0.5 * 10f64.powi(-(self.decimals as i32));
                (base::fixed::to_f64(expected) - found).abs() <= half * (1.0 + 1e-6)
            }
            _ => false,
        }
    }
}

/// What must become of a measure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExpectMeasure {
    /// It must not apply.
    None,
    /// It applies in words.
    Words,
    /// It applies with this amount.
    Amount(Decimal),
}

/// Reads every file below `cases/`. `law` gives facts their types; a case of an unknown scheme, fact
/// or firm is a finding.
pub fn load(sources: &Sources, law: &Law) -> (Vec<Case>, Vec<Diagnostic>) {
    let sink = Sink::default();
    let mut findings = Vec::new();
    let mut cases = Vec::new();
    for (path, text) in sources.files.iter().filter(|(p, _)| is_case(p)) {
        let file: Arc<str> = path.as_str().into();
        let Some(node) = node::parse(&file, text, &mut findings) else { continue };
        shapes::CASE.check(&node, &mut findings);
        cases.push(Reader { law, sink: &sink }.case(&Sec::top(&node, &sink)));
    }
    findings.extend(sink.findings.into_inner());
    sort(&mut findings);
    (cases, findings)
}

/// A case of a scheme; those of rules stand in a folder of their own.
fn is_case(path: &str) -> bool {
    path.starts_with("cases/") && path.ends_with(".yaml") && !path.starts_with(crate::rule_case::FOLDER)
}

struct Reader<'a> {
    law: &'a Law,
    sink: &'a Sink,
}

impl Reader<'_> {
    fn case(&self, sec: &Sec) -> Case {
        let scheme = sec.name("scheme");
        let year = sec.integer("year").unwrap_or(0);
        if self.law.scheme(&scheme, year).is_none() {
            let at = sec.get("scheme").map_or_else(|| sec.at(), |n| n.at.clone());
            let known: Vec<&str> = self.law.schemes.iter().map(|s| s.id.as_str()).collect();
            let near = shape::nearest(&scheme, known.iter().copied()).unwrap_or("see law/");
            self.sink.error(
                "unknown-scheme",
                &at,
                format!("no scheme `{scheme}` evaluates {year}"),
                format!("a scheme and a year that it evaluates; nearest: {near}"),
            );
        }
        let all = sec.sec("all");
        let mut firms: Vec<CaseFirm> = Vec::new();
        let mut parcels = Vec::new();
        for firm in sec.secs("firms") {
            self.firms(&firm, all.as_ref(), &mut firms, &mut parcels);
        }
        let mut names: BTreeMap<&str, &Place> = BTreeMap::new();
        for firm in &firms {
            if let Some(first) = names.insert(&firm.name, &firm.at) {
                self.sink.error(
                    "duplicate-id",
                    &firm.at,
                    format!("a second firm `{}`", firm.name),
                    format!("each name once; the first is {first}"),
                );
            }
        }
        for parcel in sec.secs("parcels") {
            parcels.push(CaseParcel {
                code: parcel.name("parcel"),
                owner: self.known(&parcel, "owner", &names),
                area: parcel.number("area").unwrap_or_default(),
                leases: parcel
                    .secs("leases")
                    .iter()
                    .map(|l| CaseLease {
                        tenant: self.known(l, "tenant", &names),
                        area: l.number("area"),
                        floor_area: l.number("floor_area"),
                        floors: l.number("floors"),
                    })
                    .collect(),
            });
        }
        let past_baselines = sec.secs("past_baselines").iter().map(|b| self.past_baseline(b, &scheme, year)).collect();
        let expect = sec.sec("expect").map(|e| self.expect(&e, &names)).unwrap_or_default();
        Case {
            title: sec.words("case"),
            scheme,
            year,
            note: sec.text("note"),
            firms,
            past_baselines,
            parcels,
            expect,
            at: sec.at(),
        }
    }

    /// A baseline of the year before; one that no indicator of the scheme can use is a finding.
    fn past_baseline(&self, sec: &Sec, scheme: &str, year: i16) -> CaseBaseline {
        let (population, indicator) = (sec.name("population"), sec.name("indicator"));
        let found = self.law.scheme(scheme, year).and_then(|s| s.population(&population));
        if !found.is_some_and(|p| p.indicators.iter().any(|i| i.use_ == indicator)) {
            self.sink.error(
                "unknown-indicator",
                &sec.at(),
                format!("no population `{population}` with an indicator `{indicator}`"),
                "a population of the scheme and one of its indicators",
            );
        }
        CaseBaseline {
            population,
            indicator,
            group: sec.text("group").unwrap_or_default(),
            statistic: sec.text("statistic").unwrap_or_else(|| "mean".to_owned()),
            value: sec.number("value").unwrap_or_default(),
        }
    }

    fn known(&self, sec: &Sec, key: &str, names: &BTreeMap<&str, &Place>) -> String {
        let name = sec.name(key);
        if !names.contains_key(name.as_str()) {
            let at = sec.get(key).map_or_else(|| sec.at(), |n| n.at.clone());
            self.sink.error("unknown-firm", &at, format!("`{name}`"), "a firm of this case");
        }
        name
    }

    fn firms(&self, sec: &Sec, all: Option<&Sec>, firms: &mut Vec<CaseFirm>, parcels: &mut Vec<CaseParcel>) {
        let repeat: Option<u32> = sec.integer("repeat");
        for i in 0..repeat.unwrap_or(1) {
            let name = match repeat {
                Some(_) => format!("{}{}", sec.name("name"), i + 1),
                None => sec.name("name"),
            };
            let mut facts = BTreeMap::new();
            let mut attributes = BTreeMap::new();
            let mut history = BTreeMap::new();
            for part in all.into_iter().chain([sec]) {
                self.values(part, "facts", i, &mut facts);
                self.values(part, "attributes", i, &mut attributes);
                for (year, class) in part.entries("history") {
                    match (year.text.parse(), class.text()) {
                        (Ok(year), Some(class)) => {
                            history.insert(year, class.to_owned());
                        }
                        _ => self.sink.error("bad-year", &year.at, format!("`{}`", year.text), "a year and its class"),
                    }
                }
            }
            if let Some(area) = sec.number("land").or_else(|| all.and_then(|a| a.number("land"))) {
                parcels.push(CaseParcel { code: format!("L-{name}"), owner: name.clone(), area, leases: Vec::new() });
            }
            firms.push(CaseFirm { name, facts, attributes, history, at: sec.at() });
        }
    }

    fn values(&self, sec: &Sec, key: &str, i: u32, out: &mut BTreeMap<String, Value>) {
        for (name, node) in sec.entries(key) {
            let Some(kind) = self.kind(key, &name.text) else {
                let known: Vec<&str> = match key {
                    "facts" => self.law.facts.keys().map(String::as_str).collect(),
                    _ => self.law.attributes.keys().map(String::as_str).collect(),
                };
                let near = shape::nearest(&name.text, known.iter().copied())
                    .map_or(String::new(), |n| format!("did you mean `{n}`? "));
                let code = if key == "facts" { "unknown-fact" } else { "unknown-attribute" };
                self.sink.error(
                    code,
                    &name.at,
                    format!("`{}`", name.text),
                    format!("{near}one of: {}", known.join(", ")),
                );
                continue;
            };
            match value(node, kind, i) {
                Some(value) => {
                    out.insert(name.text.clone(), value);
                }
                None => self.sink.error(
                    "wrong-value",
                    &node.at,
                    format!("{} for `{}`", node.describe(), name.text),
                    format!("a {}", word(kind)),
                ),
            }
        }
    }

    fn kind(&self, key: &str, name: &str) -> Option<Kind> {
        if key == "facts" {
            if name.starts_with("applied_") {
                return Some(Kind::Boolean);
            }
            return self.law.facts.get(name).map(|f| f.kind);
        }
        self.law.attributes.get(name).map(|a| a.kind)
    }

    /// An expectation that expects nothing would pass whatever the engine does.
    fn expects_nothing(&self, at: &Place, of: &str) {
        self.sink.error(
            "nothing-expected",
            at,
            format!("{of} expects nothing"),
            "at least one thing that must come out, such as `{ class: A }`",
        );
    }

    fn expect(&self, sec: &Sec, names: &BTreeMap<&str, &Place>) -> Expect {
        let parts = ["firms", "classes", "last_ranks", "baselines"];
        if parts.iter().all(|key| sec.entries(key).is_empty()) {
            self.expects_nothing(&sec.at(), "the case");
        }
        for (population, classes) in ["classes", "last_ranks"].iter().flat_map(|key| sec.entries(key)) {
            if classes.entries().is_empty() {
                self.expects_nothing(&classes.at, &format!("`{}`", population.text));
            }
        }
        let mut firms = BTreeMap::new();
        for (name, node) in sec.entries("firms") {
            if !names.contains_key(name.text.as_str()) {
                self.sink.error("unknown-firm", &name.at, format!("`{}`", name.text), "a firm of this case");
            }
            if node.entries().is_empty() {
                self.expects_nothing(&node.at, &format!("`{}`", name.text));
            }
            firms.insert(name.text.clone(), self.expect_firm(&sec.inside(node)));
        }
        let counts = |key: &str| {
            let mut out = BTreeMap::new();
            for (population, classes) in sec.entries(key) {
                let counts: BTreeMap<String, u64> = classes
                    .entries()
                    .iter()
                    .filter_map(|(c, n)| Some((c.text.clone(), n.text()?.parse().ok()?)))
                    .collect();
                out.insert(population.text.clone(), counts);
            }
            out
        };
        Expect {
            firms,
            classes: counts("classes"),
            last_ranks: counts("last_ranks"),
            baselines: self.numbers(sec, "baselines"),
        }
    }

    fn expect_firm(&self, sec: &Sec) -> ExpectFirm {
        let number = |key: &str| sec.get(key).and_then(|n| self.expected(n));
        let rank = sec.text("rank").map(|t| if t == "none" { None } else { t.parse().ok() });
        let list = |key: &str| sec.has(key).then(|| sec.texts(key));
        let mut measures = BTreeMap::new();
        for (id, node) in sec.entries("measures") {
            let expected = match node.text() {
                Some("none") => ExpectMeasure::None,
                Some("words") => ExpectMeasure::Words,
                text => match text.and_then(shape::number) {
                    Some(amount) => ExpectMeasure::Amount(amount),
                    None => {
                        self.sink.error("wrong-value", &node.at, node.describe(), "an amount, `words` or `none`");
                        continue;
                    }
                },
            };
            measures.insert(id.text.clone(), expected);
        }
        ExpectFirm {
            population: sec.text("population"),
            land: sec.number("land"),
            values: self.numbers(sec, "values"),
            points: self.numbers(sec, "points"),
            bonus: number("bonus"),
            deduction: number("deduction"),
            total: number("total"),
            rank,
            by_rank: sec.text("by_rank"),
            class: sec.text("class"),
            status: sec.text("status"),
            label: sec.text("label"),
            overrides: list("overrides"),
            items: list("items"),
            missing: list("missing"),
            measures,
            result_of: sec.text("result_of"),
            at: sec.at(),
        }
    }

    fn numbers(&self, sec: &Sec, key: &str) -> BTreeMap<String, Expected> {
        sec.entries(key).iter().filter_map(|(name, node)| Some((name.text.clone(), self.expected(node)?))).collect()
    }

    fn expected(&self, node: &Node) -> Option<Expected> {
        let text = node.text()?;
        if text == "unknown" {
            return Some(Expected { value: None, decimals: 0 });
        }
        let decimals = text.split_once('.').map_or(0, |(_, fraction)| fraction.len() as u32);
        match shape::number(text) {
            Some(value) => Some(Expected { value: Some(value), decimals }),
            None => {
                self.sink.error("bad-number", &node.at, node.describe(), "a number, or `unknown`");
                None
            }
        }
    }
}

/// A value of that type; numbers may be a series along `repeat`.
fn value(node: &Node, kind: Kind, i: u32) -> Option<Value> {
    if let (Kind::Number, Some(from), Some(step)) = (kind, node.get("from"), node.get("step")) {
        let (from, step) = (shape::number(from.text()?)?, shape::number(step.text()?)?);
        return Some(Value::Number(from + step * Decimal::from(i)));
    }
    let text = node.text()?;
    match kind {
        Kind::Number => shape::number(text).map(Value::Number),
        Kind::Text => Some(Value::Text(text.to_owned())),
        Kind::Date => shape::date(text).map(Value::Date),
        Kind::Boolean => match text {
            "true" => Some(Value::Boolean(true)),
            "false" => Some(Value::Boolean(false)),
            _ => None,
        },
    }
}

fn word(kind: Kind) -> &'static str {
    match kind {
        Kind::Number => "number",
        Kind::Text => "text",
        Kind::Date => "date",
        Kind::Boolean => "`true` or `false`",
    }
}
