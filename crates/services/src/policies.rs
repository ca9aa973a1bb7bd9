//! Titles and policies for one firm and for all: what each rule makes of what is known, what is missing
//! and whose it is, what would be enough, what it pays, and what happens when a number of a rule moves.

use crate::{
    Refusal, Result, Services,
    catalogue::{assumed, label},
    freeze::{closed_lists, subjects_of},
    pace::in_front,
    policy_views::*,
    rounds::kind_word,
    sheets::source_view,
    views::{Label, SourceView},
};
use base::{DivisionCode, Role, Scope};
use jiff::civil::Date;
use law::rule::{Rule, RuleKind, Test, Validity};
use law::template::Kind;
use policy::combine::{Offer, Why, best};
use policy::explain::{PointReason, Reason, asked};
use policy::firm::{Registered, attribute, day};
use policy::parse::VarDef;
use policy::plan::What;
use policy::repair::{Possible, Repair, repairs};
use policy::{Frame, One, Plan, RulePlan, Truth, Value};
use rust_decimal::Decimal;
use serde_json::json;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;
use std::time::Instant;
use store::{FactView, Firm, FirmStatus, NewAudit};

/// Years of figures that rules may look back to.
const YEARS_BACK: i32 = 4;
/// Repairs shown of a rule.
const REPAIRS_SHOWN: usize = 3;
/// Moved firms shown of a what-if.
const MOVED_SHOWN: usize = 200;
/// Text of a list that does not name a firm.
const NONE: &str = "无";

/// What is known of a county's firms on a day of filing.
pub(crate) struct Known {
    on: Date,
    day: i32,
    /// By years before the last full one; −1 is the year of filing.
    views: BTreeMap<i32, Arc<FactView>>,
    /// Titles of which a list was delivered: who is not on it holds none.
    closed: HashSet<String>,
}

/// A firm with the names under which facts are held of it.
pub(crate) struct Subject {
    pub firm: Firm,
    names: Vec<String>,
    registered: Registered,
}

impl Known {
    /// A status as it is on the day of filing.
    pub fn status(&self, subject: &Subject, name: &str) -> Option<store::Fact<'_>> {
        self.views.values().find_map(|v| subject.names.iter().find_map(|s| v.on_day(s, name, self.day)))
    }

    /// The value of a variable, and where it comes from.
    pub fn value(&self, law: &law::Law, subject: &Subject, def: &VarDef) -> (Value, Option<SourceView>) {
        if def.attribute {
            return (attribute(law, &subject.registered, self.on, &def.key.name), None);
        }
        let name = def.key.name.as_str();
        let found = match def.status {
            true => self.status(subject, name),
            false => {
                self.views.get(&def.key.lag).and_then(|view| subject.names.iter().find_map(|s| view.current(s, name)))
            }
        };
        let Some(found) = found else {
            let none = match (self.closed.contains(name), def.kind) {
                (true, Kind::Boolean) => Value::Truth(false),
                (true, Kind::Text) => Value::Text(NONE.to_owned()),
                _ => Value::Unknown,
            };
            return (none, None);
        };
        let value = match def.kind {
            Kind::Number => found.number().map_or(Value::Unknown, Value::Number),
            Kind::Boolean => found.number().map_or(Value::Unknown, |n| Value::Truth(!n.is_zero())),
            Kind::Text => found.text().map_or(Value::Unknown, |t| Value::Text(t.to_owned())),
            Kind::Date => {
                let date = found.text().and_then(|t| t.parse::<Date>().ok());
                date.map_or(Value::Unknown, |d| Value::Number(day(d)))
            }
        };
        (value, Some(source_view(&found.source())))
    }
}

fn registered(firm: &Firm) -> Registered {
    Registered {
        credit_code: firm.credit_code.clone(),
        name: Some(firm.name.clone()),
        division: Some(firm.division.to_string()),
        town: firm.town.clone(),
        industry: firm.industry.clone(),
        address: firm.address.clone(),
        founded: firm.founded.as_deref().and_then(|f| f.parse().ok()),
    }
}

fn truth(truth: Truth) -> String {
    policy::cases::word(truth).to_owned()
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::Unknown => None,
        Value::Number(n) => Some(n.normalize().to_string()),
        Value::Truth(b) => Some(b.to_string()),
        Value::Text(t) => Some(t.clone()),
    }
}

pub(crate) fn plain(n: Decimal) -> String {
    n.normalize().to_string()
}

impl Services {
    /// The day of filing that is meant: today when nothing is said.
    fn filing_day(&self, on: Option<&str>) -> Result<Date> {
        match on.filter(|t| !t.is_empty()) {
            None => self.today(),
            Some(text) => text.parse().map_err(|_| {
                Refusal::invalid(
                    "date",
                    format!("“{text}”不是日期，应如 2026-03-31。"),
                    format!("`{text}` is no date; allowed: such as 2026-03-31."),
                )
            }),
        }
    }

    /// Rules by which filings of a day go, in the region of the one who asks.
    pub async fn list_rules(&self, scope: &Scope, on: Option<&str>) -> Result<Vec<RuleHead>> {
        let on = self.filing_day(on)?;
        let here = scope.region();
        let in_reach =
            |r: &&Rule| r.kind != RuleKind::Question && r.division.is_none_or(|d| d.covers(here) || here.covers(d));
        let mut found: Vec<&Rule> = self.law().rules.iter().filter(in_reach).filter(|r| r.governs(on)).collect();
        found.sort_by_key(|r| (r.kind as u8, r.ladder.as_ref().map_or(99, |l| l.step), r.level, r.id.clone()));
        Ok(found.into_iter().map(|r| self.rule_head(r, on)).collect())
    }

    pub(crate) fn rule_on(&self, id: &str, on: Date) -> Result<&Rule> {
        self.law().rule_on(id, on).ok_or_else(|| {
            let versions: Vec<String> = self
                .law()
                .rules
                .iter()
                .filter(|r| r.id == id)
                .map(|r| format!("{} ~ {}", r.from, r.to.map_or(String::new(), |t| t.to_string())))
                .collect();
            if versions.is_empty() {
                return Refusal::not_found("规则", "rule", id);
            }
            Refusal::invalid(
                "not_in_force",
                format!("{on} 这天“{id}”没有施行的版本；各版本：{}。", versions.join("、")),
                format!("No version of `{id}` is in force on {on}; versions: {}.", versions.join(", ")),
            )
        })
    }

    pub(crate) fn rule_head(&self, rule: &Rule, on: Date) -> RuleHead {
        let unverified = serde_json::to_string(rule).is_ok_and(|t| t.contains("\"standing\":\"unverified\""));
        RuleHead {
            id: rule.id.clone(),
            version: rule.version,
            kind: kind_word(rule.kind).into(),
            title: label(&rule.title),
            level: rule.level.name().into(),
            owner: rule.owner.name().into(),
            document: rule.cite.document.clone(),
            articles: rule.cite.articles.clone(),
            from: rule.from.to_string(),
            to: rule.to.map(|t| t.to_string()),
            rung: rule.ladder.as_ref().map(|l| RungView { line: l.line.clone(), step: l.step }),
            window: window(rule, on),
            unverified,
            competitive: rule.competitive.as_ref().map(label),
        }
    }

    /// One rule with everything that it says.
    pub async fn get_rule(&self, scope: &Scope, id: &str, on: Option<&str>) -> Result<RuleView> {
        let on = self.filing_day(on)?;
        let rule = self.rule_on(id, on)?;
        if rule.division.is_some_and(|d| !d.covers(scope.region()) && !scope.region().covers(d)) {
            return Err(Refusal::not_found("规则", "rule", id));
        }
        let plan = self.compiled(&[rule], on)?;
        let compiled = &plan.rules[0];
        let findings = policy::lint::lint(self.law(), &plan, compiled);
        let mut versions: Vec<&Rule> = self.law().rules.iter().filter(|r| r.id == id).collect();
        versions.sort_by_key(|r| r.from);
        let mut facts: Vec<FactAsked> =
            asked(&plan, compiled).into_keys().map(|v| self.fact_asked(&plan.vars.def(v).key.name)).collect();
        facts.sort_by(|a, b| (&a.owner, &a.id).cmp(&(&b.owner, &b.id)));
        facts.dedup_by(|a, b| a.id == b.id);
        Ok(RuleView {
            head: self.rule_head(rule, on),
            issuer: rule.cite.issuer.clone(),
            url: rule.cite.url.clone(),
            text: self.law().texts.get(&*rule.at.file).map(|t| t.to_string()).unwrap_or_default(),
            versions: versions
                .into_iter()
                .map(|r| RuleVersion {
                    version: r.version,
                    from: r.from.to_string(),
                    to: r.to.map(|t| t.to_string()),
                    document: r.cite.document.clone(),
                })
                .collect(),
            adjustable: policy::overlay::adjustable(rule)
                .into_iter()
                .map(|a| RuleNumber { path: a.path, title: label(&a.title), value: plain(a.value) })
                .collect(),
            findings: findings
                .into_iter()
                .map(|f| RuleFinding {
                    code: f.code.into(),
                    blocks: f.blocks,
                    node: f.node,
                    message: label(&f.message),
                    ground: f.ground,
                })
                .collect(),
            facts,
        })
    }

    pub(crate) fn compiled(&self, rules: &[&Rule], on: Date) -> Result<Plan> {
        let (plan, faults) = Plan::compile(self.law(), rules, on.year());
        match faults.first() {
            None => Ok(plan),
            Some(fault) => Err(Refusal::internal(fault.to_string())),
        }
    }

    pub(crate) fn fact_asked(&self, id: &str) -> FactAsked {
        let title = self.law().title(None, id).map(label).unwrap_or(Label { zh: id.into(), en: id.into() });
        let owner = self.law().facts.get(id).map(|f| f.owner.name().to_owned());
        FactAsked { id: id.into(), title, owner }
    }

    /// Facts of a county around a day of filing.
    pub(crate) async fn known_around(&self, scope: &Scope, division: DivisionCode, on: Date) -> Result<Known> {
        let year = i32::from(policy::firm::last_year(on));
        let mut views = BTreeMap::new();
        let mut closed = HashSet::new();
        for lag in -1..=YEARS_BACK {
            let view = self.store().read(scope).facts(division, year - lag).await?;
            if lag <= 0 {
                closed.extend(closed_lists(self.law(), &view).into_iter().map(str::to_owned));
            }
            views.insert(lag, view);
        }
        Ok(Known { on, day: store::day_number(on), views, closed })
    }

    pub(crate) async fn subject(&self, scope: &Scope, id: i64) -> Result<Subject> {
        let firm = self.store().read(scope).get_firm(id).await?;
        let system = Scope::system("policies", self.settings().root);
        let redirects = self.store().read(&system).firm_redirects(firm.division).await?;
        let names = subjects_of(&[firm.id], &redirects).swap_remove(0);
        Ok(Subject { registered: registered(&firm), names, firm })
    }

    /// What every title and policy makes of a firm.
    pub async fn firm_policies(&self, scope: &Scope, firm: i64, on: Option<&str>) -> Result<FirmPolicies> {
        reads(scope)?;
        let on = self.filing_day(on)?;
        let subject = self.subject(scope, firm).await?;
        let known = self.known_around(scope, subject.firm.division, on).await?;
        let entry = NewAudit::new("policies.read", format!("firm:{firm}"), subject.firm.division);
        self.store().audit_read(scope, entry.with(json!({ "on": on.to_string() }))).await?;
        let services = self.clone();
        tokio::task::spawn_blocking(move || in_front(|| services.all_policies(&known, &subject)))
            .await
            .map_err(Refusal::internal)?
    }

    fn all_policies(&self, known: &Known, subject: &Subject) -> Result<FirmPolicies> {
        let rules = self.law().rules_for(subject.firm.division, known.on);
        let plan = self.compiled(&rules, known.on)?;
        let mut lines = Vec::with_capacity(plan.rules.len());
        let mut offers = Vec::new();
        for rule in &plan.rules {
            let line = self.line(known, subject, &plan, rule);
            if let (Some(amount), "met") = (&line.amount, line.outcome.as_str()) {
                offers.push((
                    Offer {
                        rule: rule.rule.id.clone(),
                        sum: amount.low.parse().unwrap_or_default(),
                        excludes: rule.rule.stacking.excludes.clone(),
                        highest_of: rule.rule.stacking.highest_of.clone(),
                        ceiling: rule.rule.stacking.ceiling.as_ref().map(|(of, p)| (of.clone(), p.value)),
                    },
                    amount.unit.clone(),
                ));
            }
            lines.push(line);
        }
        Ok(FirmPolicies {
            firm: subject.firm.id,
            name: subject.firm.name.clone(),
            on: known.on.to_string(),
            year: policy::firm::last_year(known.on),
            ladders: ladders(&plan, &lines),
            best: self.best_of(&offers),
            rules: lines,
        })
    }

    fn best_of(&self, offers: &[(Offer, Label)]) -> Option<BestView> {
        // Sums in different units are not added.
        let unit = offers.first()?.1.clone();
        let same: Vec<Offer> = offers.iter().filter(|(_, u)| u.zh == unit.zh).map(|(o, _)| o.clone()).collect();
        let best = best(&same);
        let title =
            |id: &str| self.law().rules.iter().rev().find(|r| r.id == id).map(|r| label(&r.title)).unwrap_or_default();
        let why = |why: &Why| match why {
            Why::Excluded { by } => Label {
                zh: format!("与“{}”不能同时享受", title(by).zh),
                en: format!("may not be had beside `{}`", title(by).en),
            },
            Why::LowerThan { other } => Label {
                zh: format!("同类就高，“{}”更高", title(other).zh),
                en: format!("only the highest of its kind: `{}`", title(other).en),
            },
            Why::Ceiling { of } => {
                Label { zh: format!("“{of}”合计已到上限"), en: format!("the ceiling of `{of}` is used up") }
            }
            Why::Nothing => Label { zh: "金额为零".into(), en: "pays nothing".into() },
        };
        Some(BestView {
            sum: plain(best.sum),
            unit,
            take: best
                .take
                .iter()
                .map(|(rule, sum)| TakenView { rule: rule.clone(), title: title(rule), sum: plain(*sum) })
                .collect(),
            leave: best
                .leave
                .iter()
                .map(|(rule, reason)| LeftView { rule: rule.clone(), title: title(rule), why: why(reason) })
                .collect(),
        })
    }

    fn line(&self, known: &Known, subject: &Subject, plan: &Plan, rule: &RulePlan) -> FirmRule {
        let law = self.law();
        let facts = |var: u32| known.value(law, subject, plan.vars.def(var)).0;
        let one = One::new(plan, rule, &facts);
        let outcome = one.outcome();
        let mut unmet = Vec::new();
        failing(law, &one.reason(0), &mut unmet);
        let mut missing = Vec::new();
        if outcome == Truth::Unknown {
            self.missing(known, &one.reason(0), &mut missing);
        }
        let found = repairs(plan, rule, &facts, REPAIRS_SHOWN);
        let paid = rule.amount.as_ref().and_then(|_| policy::amount::amount(plan, rule, &facts));
        let (route, route_facts) = self.route(known, subject, plan, rule);
        FirmRule {
            rule: self.rule_head(&rule.rule, known.on),
            held: self.held(known, subject, rule, &one),
            outcome: truth(outcome),
            unmet,
            missing,
            repairs: found.iter().map(|r| self.repair_view(known, r)).collect(),
            amount: paid.map(|p| AmountView {
                low: plain(p.low),
                high: plain(p.high),
                sum: plain(p.sum),
                cap: p.cap.map(plain),
                uplifts: p.uplifts.iter().map(label).collect(),
                unit: self.unit_label(rule.rule.amount.as_ref().map_or("", |a| &a.unit)),
                assumed: rule.rule.amount.as_ref().and_then(|a| assumed(&a.standing)),
            }),
            route,
            route_facts,
        }
    }

    fn held(&self, known: &Known, subject: &Subject, rule: &RulePlan, one: &One) -> Option<HeldView> {
        let fact = rule.rule.grants.as_deref()?;
        let view = known.views.values().find_map(|v| {
            subject.names.iter().find_map(|s| v.on_day(s, fact, known.day)).filter(|f| match f.number() {
                Some(n) => !n.is_zero(),
                None => true,
            })
        })?;
        let row = view.row();
        let stated = row.valid_to.filter(|to| *to > known.day || row.valid_from > 0);
        let from = store::date_of_day(row.valid_from);
        let to = match (&rule.rule.validity, stated) {
            (_, Some(to)) => store::date_of_day(to),
            (Some(Validity::Years { years }), None) => {
                // A term that is no whole number of years has no end that is known.
                let years = i64::try_from(years.value).ok();
                from.zip(years).and_then(|(f, years)| f.checked_add(jiff::Span::new().years(years)).ok())
            }
            _ => None,
        };
        let renewal = rule.renewal.unwrap_or(0);
        Some(HeldView {
            from: from.map(|d| d.to_string()).unwrap_or_default(),
            days_left: to.and_then(|t| known.on.until(t).ok()).map(|s| i64::from(s.get_days())),
            to: to.map(|d| d.to_string()),
            at_risk: one.truth(renewal) == Truth::NotMet,
        })
    }

    /// Facts that unknown conditions wait for.
    fn missing(&self, known: &Known, reason: &Reason, out: &mut Vec<MissingView>) {
        if reason.truth != Truth::Unknown {
            return;
        }
        reason.parts.iter().for_each(|p| self.missing(known, p, out));
        let mut put = |missing: MissingView| {
            if !out.iter().any(|m| m.id == missing.id && m.year == missing.year) {
                out.push(missing);
            }
        };
        if reason.kind == "judged" && reason.inputs.is_empty() {
            put(MissingView { id: reason.id.clone(), title: label(&reason.title), year: None, owner: None });
        }
        for input in reason.inputs.iter().filter(|i| i.value.is_none()) {
            let asked = self.fact_asked(&input.name);
            put(MissingView {
                year: self.year_of(known.on, &input.name, input.lag),
                id: asked.id,
                title: asked.title,
                owner: asked.owner,
            });
        }
    }

    /// The year of a yearly figure.
    pub(crate) fn year_of(&self, on: Date, name: &str, lag: i32) -> Option<i16> {
        let yearly = self.law().facts.get(name).is_some_and(|f| !f.status);
        yearly.then(|| policy::firm::last_year(on) - lag as i16)
    }

    /// How a rule is had: without application when every fact that it rests on was stated by the
    /// department that owns it, after a form that is filled in when all are known, else after review.
    fn route(&self, known: &Known, subject: &Subject, plan: &Plan, rule: &RulePlan) -> (String, Vec<FactAsked>) {
        let by_people = rule.nodes.iter().any(|n| matches!(n.what, What::Judged(_)))
            || rule.rule.conditions().any(|c| matches!(c.test, Test::Judged { .. }))
            || rule.rule.competitive.is_some();
        let mut open: Vec<FactAsked> = Vec::new();
        let mut all_known = true;
        for var in asked(plan, rule).into_keys() {
            let def = plan.vars.def(var);
            if def.attribute {
                continue;
            }
            let owner = self.law().facts.get(&def.key.name).map(|f| f.owner.name().to_owned());
            let (value, source) = known.value(self.law(), subject, def);
            all_known &= value != Value::Unknown;
            // A list that was delivered says by silence who is not on it.
            let by_silence = value != Value::Unknown && source.is_none();
            let by_owner = source.is_some_and(|s| Some(s.department) == owner);
            if !(by_owner || by_silence || open.iter().any(|f| f.id == def.key.name)) {
                open.push(self.fact_asked(&def.key.name));
            }
        }
        let route = match (by_people, open.is_empty(), all_known) {
            (true, ..) => "review",
            (false, true, _) => "no_application",
            (false, false, true) => "quick",
            (false, false, false) => "review",
        };
        (route.into(), open)
    }

    fn repair_view(&self, known: &Known, repair: &Repair) -> RepairView {
        let moves: Vec<MoveView> = repair
            .moves
            .iter()
            .map(|m| MoveView {
                fact: m.name.clone(),
                title: self.fact_asked(&m.name).title,
                year: self.year_of(known.on, &m.name, m.lag),
                from: text(&m.from).map(|v| value_text(self.law(), &m.name, &v)),
                to: text(&m.to).map(|v| value_text(self.law(), &m.name, &v)),
                beyond: m.beyond().as_ref().map(label),
                by: m.by.map(plain),
                unit: m.unit.as_deref().map(|u| self.unit_label(u)).unwrap_or_default(),
                way: match m.way {
                    Possible::Act => "act",
                    Possible::State => "state",
                    Possible::Wait => "wait",
                    Possible::LaterYear => "later_year",
                    Possible::Fixed => "fixed",
                }
                .into(),
            })
            .collect();
        let zh: Vec<String> = moves.iter().map(move_zh).collect();
        let en: Vec<String> = moves.iter().map(move_en).collect();
        RepairView { text: Label { zh: zh.join("，且"), en: en.join(", and ") }, moves }
    }

    /// Why one rule came out as it did for a firm.
    pub async fn firm_rule(&self, scope: &Scope, firm: i64, rule: &str, on: Option<&str>) -> Result<FirmRuleProof> {
        reads(scope)?;
        let on = self.filing_day(on)?;
        let subject = self.subject(scope, firm).await?;
        let known = self.known_around(scope, subject.firm.division, on).await?;
        let entry = NewAudit::new("policies.read", format!("firm:{firm}"), subject.firm.division);
        self.store().audit_read(scope, entry.with(json!({ "on": on.to_string(), "rule": rule }))).await?;
        let rule = self.rule_on(rule, on)?;
        let plan = self.compiled(&[rule], on)?;
        let compiled = &plan.rules[0];
        let law = self.law();
        let facts = |var: u32| known.value(law, &subject, plan.vars.def(var)).0;
        let one = One::new(&plan, compiled, &facts);
        let explained = one.explain();
        let sources = |name: &str, lag: i32| {
            let var = plan.vars.find(name, lag)?;
            known.value(law, &subject, plan.vars.def(var)).1
        };
        Ok(FirmRuleProof {
            line: self.line(&known, &subject, &plan, compiled),
            record: explained.record,
            condition: self.reason_view(&explained.condition, &|n, lag| self.year_of(on, n, lag), &sources),
            points: explained.points.iter().map(point_view).collect(),
        })
    }

    /// A condition with what it saw; `year` and `sources` say of which year a fact is, and where it comes
    /// from.
    pub(crate) fn reason_view(
        &self,
        reason: &Reason,
        year: &dyn Fn(&str, i32) -> Option<i16>,
        sources: &dyn Fn(&str, i32) -> Option<SourceView>,
    ) -> ReasonView {
        ReasonView {
            id: reason.id.clone(),
            title: label(&reason.title),
            kind: reason.kind.into(),
            count: reason.count,
            truth: truth(reason.truth),
            formula: reason.formula.clone(),
            seen: reason
                .seen
                .iter()
                .map(|s| SeenView {
                    left: s.left.map(|n| side_text(self.law(), reason, n)),
                    op: s.op.into(),
                    right: s.right.map(|n| side_text(self.law(), reason, n)),
                    truth: truth(s.truth),
                    undefined: s.undefined,
                })
                .collect(),
            inputs: reason
                .inputs
                .iter()
                .map(|i| {
                    let asked = self.fact_asked(&i.name);
                    InputView {
                        year: year(&i.name, i.lag),
                        value: i.value.as_ref().map(|v| value_text(self.law(), &i.name, v)),
                        unit: i.unit.as_deref().map(|u| self.unit_label(u)).unwrap_or_default(),
                        source: sources(&i.name, i.lag),
                        id: asked.id,
                        title: asked.title,
                        owner: asked.owner,
                    }
                })
                .collect(),
            parts: reason.parts.iter().map(|p| self.reason_view(p, year, sources)).collect(),
            clause: reason.clause.clone(),
            assumed: assumed(&reason.standing),
            evidence: reason.evidence.as_ref().map(label),
        }
    }

    /// What a rule makes of every firm of a place, as it is and with numbers changed; nothing is kept.
    pub async fn simulate_rule(&self, scope: &Scope, request: &SimulateRule) -> Result<RulePopulation> {
        match scope.role() {
            Role::CountyOfficer | Role::CityOfficer | Role::ProvinceOfficer | Role::Auditor => (),
            _ => return Err(Refusal::forbidden()),
        }
        let on = self.filing_day(request.on.as_deref())?;
        let rule = self.rule_on(&request.rule, on)?.clone();
        let division = match request.division.as_deref().filter(|d| !d.is_empty()) {
            None => scope.region(),
            Some(text) => text.parse().map_err(|e: base::division::NotADivision| {
                Refusal::invalid("division", format!("“{text}”不是行政区划代码，应为六位数字。"), e.to_string())
            })?,
        };
        let changes = request
            .changes
            .iter()
            .map(|c| {
                let value = base::fixed::parse(&c.value).ok().flatten().ok_or_else(|| {
                    Refusal::invalid(
                        "number",
                        format!("“{}”不是数值。", c.value),
                        format!("`{}` is no number.", c.value),
                    )
                })?;
                Ok(policy::overlay::Change { path: c.path.clone(), value })
            })
            .collect::<Result<Vec<_>>>()?;
        let other = match request.against {
            None => rule.clone(),
            Some(version) => self.law().rule_version(&request.rule, version).cloned().ok_or_else(|| {
                Refusal::not_found("规则版本", "version of the rule", format!("{}@{version}", request.rule))
            })?,
        };
        let changed = policy::overlay::apply(&other, &changes).map_err(|e| {
            Refusal::invalid("overlay", format!("“{}”不是可以调整的数；可选：{}。", e.path, e.allowed), e.to_string())
        })?;
        let entry = NewAudit::new("policies.simulate", format!("rule:{}", rule.id), division);
        self.store().audit_read(scope, entry.with(json!({ "on": on.to_string(), "changes": request.changes }))).await?;
        let mut firms = self.store().read(scope).firms_of_division(division).await?;
        firms.retain(|f| f.status == FirmStatus::Active);
        let mut by_county: BTreeMap<DivisionCode, Vec<Firm>> = BTreeMap::new();
        firms.into_iter().for_each(|f| by_county.entry(f.division).or_default().push(f));
        let mut sum = Tally::default();
        let started = Instant::now();
        for (county, firms) in by_county {
            let known = self.known_around(scope, county, on).await?;
            let system = Scope::system("policies", self.settings().root);
            let redirects = self.store().read(&system).firm_redirects(county).await?;
            let (services, rule, changed) = (self.clone(), rule.clone(), changed.clone());
            let with = !changes.is_empty() || request.against.is_some();
            let part = tokio::task::spawn_blocking(move || {
                in_front(|| services.tally(&known, firms, &redirects, &rule, with.then_some(&changed)))
            })
            .await
            .map_err(Refusal::internal)??;
            sum.add(part);
        }
        let unit = rule.amount.as_ref().map(|a| self.unit_label(&a.unit)).unwrap_or_default();
        let budget = rule.budget.as_ref().and_then(|b| b.total.as_ref()).map(|p| p.value);
        let count = |side: &Side| PopulationCount {
            met: side.met,
            not_met: side.not_met,
            unknown: side.unknown,
            bill: rule.amount.as_ref().map(|_| plain(side.bill)),
            budget: budget.map(plain),
            over: budget.is_some_and(|b| side.bill > b),
            unit: unit.clone(),
        };
        sum.moved.truncate(MOVED_SHOWN);
        let mut failing: Vec<CountedCondition> = sum.conditions.into_values().collect();
        failing.retain(|c| c.not_met + c.unknown > 0);
        failing.sort_by_key(|c| (std::cmp::Reverse(c.not_met), std::cmp::Reverse(c.unknown), c.id.clone()));
        let mut missing: Vec<CountedFact> =
            sum.missing.into_iter().map(|(id, firms)| CountedFact { fact: self.fact_asked(&id), firms }).collect();
        missing.sort_by_key(|m| (std::cmp::Reverse(m.firms), m.fact.id.clone()));
        Ok(RulePopulation {
            rule: self.rule_head(&rule, on),
            division: division.to_string(),
            on: on.to_string(),
            firms: sum.now.met + sum.now.not_met + sum.now.unknown,
            now: count(&sum.now),
            then: sum.then.as_ref().map(count),
            gain: sum.gain,
            lose: sum.lose,
            moved: sum.moved,
            failing,
            missing,
            ms: started.elapsed().as_secs_f64() * 1e3,
        })
    }

    /// One county's part of a simulation.
    fn tally(
        &self,
        known: &Known,
        firms: Vec<Firm>,
        redirects: &HashMap<i64, i64>,
        rule: &Rule,
        changed: Option<&Rule>,
    ) -> Result<Tally> {
        let law = self.law();
        let ids: Vec<i64> = firms.iter().map(|f| f.id).collect();
        let subjects: Vec<Subject> = firms
            .into_iter()
            .zip(subjects_of(&ids, redirects))
            .map(|(firm, names)| Subject { registered: registered(&firm), names, firm })
            .collect();
        let evaluate = |rule: &Rule| -> Result<(Plan, Frame, policy::Batch, Vec<Decimal>)> {
            let plan = self.compiled(&[rule], known.on)?;
            let frame = Frame::collect(&plan.vars, subjects.len(), |var, row| {
                known.value(law, &subjects[row], plan.vars.def(var)).0
            });
            let batch = plan.run(&frame);
            let mut paid = vec![Decimal::ZERO; subjects.len()];
            if rule.amount.is_some() {
                for row in batch.rules[0].nodes[0].yes.rows() {
                    let facts = |var: u32| frame.value(&plan.vars, var, row);
                    paid[row] = policy::amount::amount(&plan, &plan.rules[0], &facts).map_or(Decimal::ZERO, |p| p.low);
                }
            }
            Ok((plan, frame, batch, paid))
        };
        let side = |batch: &policy::Batch, paid: &[Decimal]| {
            let top = &batch.rules[0].nodes[0];
            let (met, not_met) = (top.yes.count(), top.no.count());
            Side { met, not_met, unknown: batch.rows as u64 - met - not_met, bill: paid.iter().copied().sum() }
        };
        let (plan, frame, batch, paid) = evaluate(rule)?;
        let mut out = Tally { now: side(&batch, &paid), ..Tally::default() };
        for (at, node) in plan.rules[0].nodes.iter().enumerate() {
            if matches!(node.what, What::Leaf(..) | What::Judged(_)) && !node.id.is_empty() {
                let answers = &batch.rules[0].nodes[at];
                let (met, not_met) = (answers.yes.count(), answers.no.count());
                out.conditions.insert(
                    at,
                    CountedCondition {
                        id: node.id.clone(),
                        title: label(&node.title),
                        not_met,
                        unknown: batch.rows as u64 - met - not_met,
                    },
                );
            }
        }
        for (var, def) in plan.vars.all.iter().enumerate() {
            let unknown = batch.rows as u64 - frame.columns[var].known(frame.rows).count();
            if unknown > 0 && !def.attribute {
                let entry = out.missing.entry(def.key.name.clone()).or_default();
                *entry = (*entry).max(unknown);
            }
        }
        if let Some(changed) = changed {
            let (_, _, after, paid) = evaluate(changed)?;
            out.then = Some(side(&after, &paid));
            for (row, subject) in subjects.iter().enumerate() {
                let (a, b) = (batch.outcome(0, row), after.outcome(0, row));
                if a == b {
                    continue;
                }
                out.gain += u64::from(b == Truth::Met);
                out.lose += u64::from(a == Truth::Met);
                out.moved.push(MovedView {
                    firm: subject.firm.id,
                    name: subject.firm.name.clone(),
                    from: truth(a),
                    to: truth(b),
                });
            }
        }
        Ok(out)
    }
}

#[derive(Default)]
struct Side {
    met: u64,
    not_met: u64,
    unknown: u64,
    bill: Decimal,
}

#[derive(Default)]
struct Tally {
    now: Side,
    then: Option<Side>,
    gain: u64,
    lose: u64,
    moved: Vec<MovedView>,
    conditions: BTreeMap<usize, CountedCondition>,
    missing: BTreeMap<String, u64>,
}

impl Side {
    fn add(&mut self, other: Side) {
        self.met += other.met;
        self.not_met += other.not_met;
        self.unknown += other.unknown;
        self.bill += other.bill;
    }
}

impl Tally {
    fn add(&mut self, other: Tally) {
        self.now.add(other.now);
        if let Some(then) = other.then {
            self.then.get_or_insert_default().add(then);
        }
        self.gain += other.gain;
        self.lose += other.lose;
        self.moved.extend(other.moved);
        for (at, count) in other.conditions {
            match self.conditions.get_mut(&at) {
                Some(mine) => {
                    mine.not_met += count.not_met;
                    mine.unknown += count.unknown;
                }
                None => drop(self.conditions.insert(at, count)),
            }
        }
        for (fact, firms) in other.missing {
            *self.missing.entry(fact).or_default() += firms;
        }
    }
}

/// Whose figures are looked at: officers, auditors and the firm itself.
fn reads(scope: &Scope) -> Result<()> {
    match scope.sees_figures() && scope.department().is_none() {
        true => Ok(()),
        false => Err(Refusal::forbidden()),
    }
}

fn window(rule: &Rule, on: Date) -> WindowView {
    let view = |state: &str, w: Option<&law::rule::Window>| WindowView {
        state: state.into(),
        from: w.map(|w| w.from.to_string()),
        to: w.map(|w| w.to.to_string()),
    };
    if rule.windows.is_empty() {
        return view("always", None);
    }
    let is_open = |w: &&law::rule::Window| w.from.date() <= on && on <= w.to.date();
    if let Some(open) = rule.windows.iter().find(is_open) {
        return view("open", Some(open));
    }
    match rule.windows.iter().filter(|w| w.from.date() > on).min_by_key(|w| w.from) {
        Some(next) => view("upcoming", Some(next)),
        None => view("closed", rule.windows.iter().max_by_key(|w| w.to)),
    }
}

/// Is it a day?
fn is_day(law: &law::Law, name: &str) -> bool {
    law.facts.get(name).map(|f| f.kind).or_else(|| law.attributes.get(name).map(|a| a.kind)) == Some(Kind::Date)
}

/// A day that is computed with as a number of days.
fn day_text(number: Decimal) -> Option<String> {
    let days = i32::try_from(number.trunc().mantissa() / 10i128.pow(number.trunc().scale())).ok()?;
    store::date_of_day(days).filter(|_| number.is_integer()).map(|d| d.to_string())
}

/// A side of a comparison as people write it: days as dates where nothing but days is compared.
fn side_text(law: &law::Law, reason: &Reason, number: Decimal) -> String {
    let days = !reason.inputs.is_empty() && reason.inputs.iter().all(|i| is_day(law, &i.name));
    days.then(|| day_text(number)).flatten().unwrap_or_else(|| plain(number))
}

/// A value as people write it.
fn value_text(law: &law::Law, name: &str, value: &str) -> String {
    let day = is_day(law, name).then(|| value.parse().ok().and_then(day_text)).flatten();
    day.unwrap_or_else(|| value.to_owned())
}

pub(crate) fn failing(law: &law::Law, reason: &Reason, out: &mut Vec<UnmetView>) {
    if reason.truth != Truth::NotMet {
        return;
    }
    if reason.parts.is_empty() || reason.kind == "not" {
        let asks = if reason.kind == "not" && reason.id.is_empty() { &reason.parts[0] } else { reason };
        let failed = asks.seen.iter().find(|s| s.truth == Truth::NotMet).or(asks.seen.first());
        out.push(UnmetView {
            id: asks.id.clone(),
            title: label(&asks.title),
            seen: failed.map(|s| {
                let side = |n: Option<Decimal>| n.map_or("?".to_owned(), |n| side_text(law, asks, n.round_dp(6)));
                format!("{} {} {}", side(s.left), s.op, side(s.right))
            }),
            clause: asks.clause.clone(),
        });
        return;
    }
    match reason.kind {
        "unless" => failing(law, &reason.parts[0], out),
        _ => reason.parts.iter().for_each(|p| failing(law, p, out)),
    }
}

fn ladders(plan: &Plan, lines: &[FirmRule]) -> Vec<LadderView> {
    let mut by_line: BTreeMap<String, Vec<LadderRung>> = BTreeMap::new();
    for (rule, line) in plan.rules.iter().zip(lines) {
        let Some(rung) = &rule.rule.ladder else { continue };
        by_line.entry(rung.line.clone()).or_default().push(LadderRung {
            rule: rule.rule.id.clone(),
            title: line.rule.title.clone(),
            step: rung.step,
            state: if line.held.is_some() { "held".into() } else { line.outcome.clone() },
            next: false,
            until: line.held.as_ref().and_then(|h| h.to.clone()),
            at_risk: line.held.as_ref().is_some_and(|h| h.at_risk),
        });
    }
    by_line
        .into_iter()
        .map(|(line, mut rungs)| {
            rungs.sort_by_key(|r| r.step);
            let highest = rungs.iter().rposition(|r| r.state == "held");
            let next = highest.map_or(0, |h| h + 1);
            if let Some(rung) = rungs.get_mut(next) {
                rung.next = true;
            }
            LadderView { line, rungs }
        })
        .collect()
}

pub(crate) fn point_view(point: &PointReason) -> PointView {
    PointView {
        id: point.id.clone(),
        title: label(&point.title),
        low: plain(point.low),
        high: plain(point.high),
        max: point.max.map(plain),
        case: point.case.as_ref().map(label),
        value: point.value.map(|v| plain(v.round_dp(6))),
        clause: point.clause.clone(),
        parts: point.parts.iter().map(point_view).collect(),
    }
}

fn move_zh(m: &MoveView) -> String {
    let name = match m.year {
        Some(year) => format!("{year} 年{}", m.title.zh),
        None => m.title.zh.clone(),
    };
    let value = |v: &Option<String>| match v.as_deref() {
        Some("true") => "是".to_owned(),
        Some("false") => "否".to_owned(),
        Some(other) => other.to_owned(),
        None => "未知".to_owned(),
    };
    match &m.by {
        Some(by) => {
            let (word, size) = match by.strip_prefix('-') {
                Some(size) => ("减少", size),
                None => ("增加", by.as_str()),
            };
            match &m.beyond {
                Some(end) => {
                    format!("{name}由 {} {word}到{} {}", value(&m.from), end.zh, m.unit.zh).trim_end().to_owned()
                }
                None => format!("{name}{word} {size} {}（{} → {}）", m.unit.zh, value(&m.from), value(&m.to)),
            }
        }
        None if m.from.is_none() => match &m.to.as_deref() {
            Some("true" | "false") => format!("补报{name}，且为“{}”", value(&m.to)),
            _ => format!("补报{name}，且达到 {}", m.beyond.as_ref().map_or_else(|| value(&m.to), |e| e.zh.clone())),
        },
        None => format!("{name}由{}变为{}", value(&m.from), value(&m.to)),
    }
}

fn move_en(m: &MoveView) -> String {
    let name = match m.year {
        Some(year) => format!("{} of {year}", m.title.en),
        None => m.title.en.clone(),
    };
    let value = |v: &Option<String>| v.clone().unwrap_or_else(|| "unknown".to_owned());
    match &m.by {
        Some(by) => {
            let (word, size) = match by.strip_prefix('-') {
                Some(size) => ("less", size),
                None => ("more", by.as_str()),
            };
            match &m.beyond {
                Some(end) => {
                    format!("{name} from {} to {} {}", value(&m.from), end.en, m.unit.en).trim_end().to_owned()
                }
                None => format!("{size} {} {word} {name} ({} → {})", m.unit.en, value(&m.from), value(&m.to)),
            }
        }
        None if m.from.is_none() => match m.to.as_deref() {
            Some(truth @ ("true" | "false")) => format!("state {name}, and it is {truth}"),
            _ => format!("state {name} and reach {}", m.beyond.as_ref().map_or_else(|| value(&m.to), |e| e.en.clone())),
        },
        None => format!("{name} from {} to {}", value(&m.from), value(&m.to)),
    }
}
