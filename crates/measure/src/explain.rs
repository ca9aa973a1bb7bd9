//! The proof of one firm's result: the same compiled programs evaluated on the firm's row alone, beside
//! what the run recorded, down to the source cells.

use crate::compile::{Compiled, RankedPlan, Text as Compiled1, baselines_of, statistic_name};
use crate::dictionary::{Merge, is_land};
use crate::expr::texts_of;
use crate::land::LineKind;
use crate::outcome::{FirmOutcome, Lacking, Outcome, Taking, Truth, ValueState};
use crate::prepare::{MeasureError, Prepared, is_made};
use crate::proof::{
    AdjustItemProof, AdjustProof, Assumption, BaselineProof, ConditionProof, CutProof, IndicatorProof, InputProof,
    InputSource, MeasureProof, NextClass, Origin, OverrideProof, Proof, RankProof, TotalProof,
};
use crate::run::{Sheet, ranking_columns};
use crate::table::{Kind, Value};
use arrow::array::ArrayRef;
use base::Source;
use base::fixed::to_f64;
use law::scheme::{AdjustKind, ClassMethod, Missing, Param, Score, Standing, Statistic, Take, Text};
use rust_decimal::Decimal;
use std::collections::{BTreeMap, BTreeSet};

impl Compiled {
    /// Everything behind one firm's result.
    pub fn explain(&self, prepared: &Prepared, outcome: &Outcome, firm: i64) -> Result<Proof, MeasureError> {
        let result = outcome.firm(firm).ok_or(MeasureError::NoFirm(firm))?;
        let row = prepared.firms.row(firm).ok_or(MeasureError::NoFirm(firm))?;
        let unit = prepared.unit_of[row] as usize;
        let inputs: Vec<ArrayRef> = prepared.columns.iter().map(|c| c.slice(unit, 1)).collect();
        let sheet = Sheet::of(self, inputs, 1)?;
        let members = prepared.units[unit].clone();
        let sources = sources_of(prepared, &members);
        Explainer { compiled: self, prepared, outcome, result, sheet, members, sources }.proof()
    }
}

struct Explainer<'a> {
    compiled: &'a Compiled,
    prepared: &'a Prepared,
    outcome: &'a Outcome,
    result: &'a FirmOutcome,
    /// The unit's row alone.
    sheet: Sheet<'a>,
    members: Vec<u32>,
    sources: BTreeMap<(&'a str, &'a str), Vec<&'a Source>>,
}

/// Sources of the members' own facts and of their land records, from one pass over the lineage.
fn sources_of<'a>(prepared: &'a Prepared, members: &[u32]) -> BTreeMap<(&'a str, &'a str), Vec<&'a Source>> {
    let ids = prepared.firms.ids();
    let mut subjects = BTreeSet::new();
    for member in members {
        let id = ids[*member as usize];
        subjects.insert(format!("f:{id}"));
        for line in prepared.land.get(&id).into_iter().flat_map(|l| &l.lines) {
            subjects.insert(line.subject.clone());
            subjects.insert(format!("p:{}", line.parcel));
        }
    }
    let mut out: BTreeMap<(&str, &str), Vec<&Source>> = BTreeMap::new();
    for line in prepared.snapshot.lineage.iter().filter(|l| subjects.contains(&l.subject)) {
        out.entry((&line.subject, &line.fact)).or_default().push(&line.source);
    }
    out
}

impl Explainer<'_> {
    fn proof(&self) -> Result<Proof, MeasureError> {
        let scheme = &self.compiled.scheme;
        let ids = self.prepared.firms.ids();
        let indicators = self.indicators()?;
        let status = match self.result.taking {
            Taking::Status { status } => Some(&scheme.statuses[usize::from(status)]),
            _ => None,
        };
        let letter = |class| self.outcome.letter(class).map(str::to_owned);
        let mut proof = Proof {
            firm: self.result.firm,
            year: self.compiled.year,
            scheme: scheme.id.clone(),
            version: scheme.version,
            title: scheme.title.clone(),
            cite: scheme.cite.clone(),
            members: self.members.iter().map(|m| ids[*m as usize]).collect(),
            result: self.result.clone(),
            class: letter(self.result.class).or_else(|| status.map(|s| s.label.clone())),
            label: status.map(|s| s.label.clone()),
            managed_as: letter(self.result.managed_as),
            statuses: self.statuses()?,
            populations: self.populations()?,
            unranked: self.unranked(),
            ranking: self.ranking()?,
            total: self.total()?,
            indicators,
            adjustments: self.adjustments()?,
            overrides: self.overrides()?,
            measures: self.measures(),
            land: self
                .members
                .iter()
                .filter_map(|m| self.prepared.land.get(&ids[*m as usize]).map(|l| (ids[*m as usize], l.clone())))
                .collect(),
            land_sources: self.land_sources(),
            unverified: Vec::new(),
        };
        proof.unverified = self.assumptions(&proof);
        Ok(proof)
    }

    // -----------------------------------------------------------------------------------------
    // Conditions and inputs

    fn condition(
        &self,
        text: &Compiled1,
        id: &str,
        title: &Text,
        clause: Option<&String>,
        standing: &Standing,
    ) -> Result<ConditionProof, MeasureError> {
        let truth = self.sheet.truths(&text.program)?[0];
        Ok(self.shown(text, id, title, clause, standing, truth))
    }

    fn shown(
        &self,
        text: &Compiled1,
        id: &str,
        title: &Text,
        clause: Option<&String>,
        standing: &Standing,
        truth: Truth,
    ) -> ConditionProof {
        ConditionProof {
            id: id.to_owned(),
            title: title.clone(),
            formula: text.text.clone(),
            at: text.at.to_string(),
            truth,
            state: None,
            clause: clause.cloned(),
            standing: standing.clone(),
            inputs: self.inputs(&text.names),
            applies: false,
        }
    }

    fn statuses(&self) -> Result<Vec<ConditionProof>, MeasureError> {
        let scheme = &self.compiled.scheme;
        let applied = match self.result.taking {
            Taking::Status { status } => Some(usize::from(status)),
            _ => None,
        };
        let mut out = Vec::new();
        for (i, (status, plan)) in scheme.statuses.iter().zip(&self.compiled.plan.statuses).enumerate() {
            let mut condition =
                self.condition(&plan.when, &status.id, &status.title, status.clause.as_ref(), &status.standing)?;
            condition.state = Some(status.state);
            condition.applies = applied == Some(i);
            if status.on_application {
                condition.inputs.extend(self.inputs(&[format!("applied_{}", status.id)]));
            }
            out.push(condition);
            if applied == Some(i) {
                break;
            }
        }
        Ok(out)
    }

    fn populations(&self) -> Result<Vec<ConditionProof>, MeasureError> {
        let mut out = Vec::new();
        for (i, (population, plan)) in
            self.compiled.scheme.populations.iter().zip(&self.compiled.plan.populations).enumerate()
        {
            let (clause, standing) = (population.clause.as_ref(), &population.standing);
            let mut condition = self.condition(&plan.when, &population.id, &population.title, clause, standing)?;
            condition.applies = self.result.population == Some(i as u16);
            let done = condition.applies;
            out.push(condition);
            if done {
                break;
            }
        }
        Ok(out)
    }

    fn inputs(&self, names: &[String]) -> Vec<InputProof> {
        names.iter().filter_map(|n| self.input(n)).collect()
    }

    /// What a name stands for here; none for names of a formula's own place (`value`, `points`).
    fn input(&self, name: &str) -> Option<InputProof> {
        let scheme = &self.compiled.scheme;
        let dictionary = &self.compiled.dictionary;
        let blank = |title: &Text, unit: Option<String>, decimals, origin| InputProof {
            name: name.to_owned(),
            title: title.clone(),
            unit,
            decimals,
            origin,
            value: Value::Unknown,
            computed: None,
            formula: None,
            inputs: Vec::new(),
            sources: Vec::new(),
            clause: None,
            unverified: None,
        };
        if let Some(parameter) = scheme.parameters.iter().find(|p| p.id == name) {
            let param = parameter.in_year(self.compiled.year)?;
            let mut out = blank(&parameter.title, parameter.unit.clone(), 4, Origin::Parameter);
            out.value = Value::Number(param.value);
            out.clause = param.clause.clone();
            out.unverified = assumed(&param.standing).map(str::to_owned);
            return Some(out);
        }
        if let Some((i, derived)) = self.compiled.plan.derived.iter().enumerate().find(|(_, d)| d.id == name) {
            let d = &derived.definition;
            let mut out = blank(&d.title, Some(d.unit.clone()), d.decimals, Origin::Derived);
            let column = &self.sheet.columns[self.compiled.plan.inputs + i];
            match d.kind {
                Kind::Number => out.computed = Some(crate::prepare::numbers(column)[0]).filter(|v| !v.is_nan()),
                kind => out.value = value_of(kind, column),
            }
            out.formula = Some(d.formula.text.clone());
            out.clause = d.clause.clone();
            out.unverified = assumed(&d.standing).map(str::to_owned);
            out.inputs = self.inputs(&derived.names);
            return Some(out);
        }
        self.compiled.plan.frame.slot(name)?;
        let known = dictionary.names.get(name);
        let title = known.map_or_else(|| Text { zh: name.into(), en: name.into() }, |n| n.title.clone());
        let origin = match known {
            _ if is_land(name) => Origin::Land,
            Some(n) if n.is_fact => Origin::Fact,
            _ => Origin::Attribute,
        };
        let mut out = blank(&title, known.and_then(|n| n.unit.clone()), known.map_or(0, |n| n.decimals), origin);
        let merge = match known {
            _ if is_land(name) => Merge::Sum,
            Some(n) => n.merge,
            None => Merge::Any,
        };
        out.value = self.compiled.value(self.prepared, name, &self.members, merge);
        if !is_made(name) {
            out.sources = self.cells(name);
        }
        Some(out)
    }

    /// The cells that state a fact of the unit's members.
    fn cells(&self, fact: &str) -> Vec<InputSource> {
        let ids = self.prepared.firms.ids();
        let mut out = Vec::new();
        for member in &self.members {
            let subject = format!("f:{}", ids[*member as usize]);
            let value = self.compiled.firm_value(self.prepared, fact, *member as usize);
            match self.sources.get(&(subject.as_str(), fact)) {
                Some(sources) => {
                    let one = |s: &&Source| InputSource {
                        subject: subject.clone(),
                        fact: fact.into(),
                        value: value.clone(),
                        source: Some((*s).clone()),
                    };
                    out.extend(sources.iter().map(one));
                }
                None if value == Value::Unknown && self.members.len() == 1 => {}
                None => out.push(InputSource { subject, fact: fact.into(), value, source: None }),
            }
        }
        out
    }

    fn land_sources(&self) -> Vec<InputSource> {
        let mut out = Vec::new();
        for ((subject, fact), sources) in &self.sources {
            if !subject.starts_with("f:") {
                let one = |s: &&Source| InputSource {
                    subject: (*subject).to_owned(),
                    fact: (*fact).to_owned(),
                    value: self.land_value(subject, fact),
                    source: Some((*s).clone()),
                };
                out.extend(sources.iter().map(one));
            }
        }
        out
    }

    fn land_value(&self, subject: &str, fact: &str) -> Value {
        let records = &self.prepared.snapshot.land;
        let number = |d: Option<Decimal>| d.map_or(Value::Unknown, Value::Number);
        let firm = |f: Option<i64>| f.map_or(Value::Unknown, |f| Value::Text(format!("f:{f}")));
        if let Some(code) = subject.strip_prefix("p:") {
            let Some(parcel) = records.parcels.iter().find(|p| p.code == code) else { return Value::Unknown };
            return match fact {
                "parcel_area" => number(parcel.area),
                "parcel_owner" => firm(parcel.owner),
                "parcel_use" => parcel.use_.clone().map_or(Value::Unknown, Value::Text),
                _ => Value::Unknown,
            };
        }
        let same = |l: &&crate::land::Lease| format!("l:{}:{}", l.parcel, l.tenant) == subject;
        let Some(lease) = records.leases.iter().find(same) else { return Value::Unknown };
        match fact {
            "lease_area" => number(lease.area),
            "lease_floor_area" => number(lease.floor_area),
            "building_floors" => number(lease.floors),
            "lease_lessor" => firm(lease.lessor),
            "lease_tenant" => firm(Some(lease.tenant)),
            _ => Value::Unknown,
        }
    }

    // -----------------------------------------------------------------------------------------
    // Scores

    fn indicators(&self) -> Result<Vec<IndicatorProof>, MeasureError> {
        let (Some(population), Some(row)) = (self.result.population, self.result.row) else { return Ok(Vec::new()) };
        let population = usize::from(population);
        let scheme = &self.compiled.scheme.populations[population];
        let scores = &self.outcome.scores[population];
        let mut out = Vec::new();
        for ((indicator, plan), column) in
            scheme.indicators.iter().zip(&self.compiled.plan.populations[population].indicators).zip(&scores.indicators)
        {
            let row = row as usize;
            let state = column.state[row];
            let rule = match state {
                ValueState::Known => None,
                ValueState::Missing => Some(&indicator.if_missing),
                ValueState::Undefined => Some(&indicator.if_zero_denominator),
                ValueState::Negative => indicator.if_negative.as_ref(),
            };
            let input = self.input(&indicator.use_);
            let known = |v: f64| (!v.is_nan()).then_some(v);
            let baselines = baselines_of(indicator).into_iter().enumerate().filter_map(|(i, (role, baseline))| {
                let stand_in = role.starts_with("if_");
                let used = self.outcome.baselines.get(column.baseline[i][row] as usize);
                if stand_in && !matches!(rule, Some(Missing::As { .. })) {
                    return None;
                }
                Some(BaselineProof {
                    role,
                    statistic: statistic_name(&baseline.of).to_owned(),
                    group: used.map(|u| u.group.clone()).unwrap_or_default(),
                    n: used.map_or(0, |u| u.n),
                    value: used.and_then(|u| known(u.value)),
                    multiple: baseline.multiple.as_ref().map(|m| m.value),
                    lag: baseline.lag,
                    widened: used.is_some_and(|u| u.widened),
                    over: baseline.over,
                    parameter: if let Statistic::Fixed { parameter } = &baseline.of {
                        Some(parameter.clone())
                    } else {
                        None
                    },
                    clause: baseline.clause.clone(),
                    standing: baseline.standing.clone(),
                })
            });
            let (formula, inputs) = match &input {
                Some(i) if i.origin == Origin::Derived => (i.formula.clone(), i.inputs.clone()),
                Some(i) => (None, vec![i.clone()]),
                None => (None, Vec::new()),
            };
            out.push(IndicatorProof {
                id: plan.id.clone(),
                title: input
                    .as_ref()
                    .map_or_else(|| Text { zh: plan.id.clone(), en: plan.id.clone() }, |i| i.title.clone()),
                unit: input.as_ref().and_then(|i| i.unit.clone()),
                decimals: input.as_ref().map_or(2, |i| i.decimals),
                value: known(column.value[row]),
                state,
                formula,
                inputs,
                method: method(&indicator.score).to_owned(),
                baselines: baselines.collect(),
                weight: indicator.weight.value,
                cap: indicator.cap.as_ref().map(|c| c.value),
                floor: indicator.floor.as_ref().map(|f| f.value),
                raw: known(column.raw[row]),
                limit: column.limit[row],
                points: known(column.points[row]),
                rule: rule.map(|r| rule_name(r).to_owned()),
                clause: indicator.clause.clone(),
                standing: indicator.standing.clone(),
            });
        }
        Ok(out)
    }

    fn adjustments(&self) -> Result<Vec<AdjustProof>, MeasureError> {
        let (Some(population), Some(_)) = (self.result.population, self.result.row) else { return Ok(Vec::new()) };
        let scheme = &self.compiled.scheme.populations[usize::from(population)];
        let plan = &self.compiled.plan.populations[usize::from(population)];
        let mut out = Vec::new();
        for (group, items) in scheme.total.adjust.iter().zip(&plan.adjust) {
            let mut shown = Vec::new();
            for (item, plan) in group.items.iter().zip(items) {
                let mut condition =
                    self.condition(&plan.when, &item.id, &item.title, item.clause.as_ref(), &item.standing)?;
                let points = match &plan.formula {
                    Some(formula) => {
                        condition.inputs.extend(self.inputs(&formula.names));
                        Some(self.sheet.numbers(&formula.program)?[0]).filter(|p| !p.is_nan())
                    }
                    None => Some(plan.points),
                };
                let points = points.filter(|_| condition.truth == Truth::True);
                let evidence_sources = item.evidence.as_deref().map(|e| self.cells(e)).unwrap_or_default();
                shown.push(AdjustItemProof {
                    condition,
                    points,
                    counted: points.is_some(),
                    evidence: item.evidence.clone(),
                    evidence_sources,
                });
            }
            let sum = match group.take {
                Take::Sum => shown.iter().filter_map(|i| i.points).fold(0.0, |a, b| a + b),
                Take::Best => shown.iter().filter_map(|i| i.points).fold(0.0, f64::max),
            };
            if group.take == Take::Best {
                // Of equal items the first one counts.
                let best = shown.iter().position(|i| i.points == Some(sum));
                shown.iter_mut().enumerate().for_each(|(i, item)| item.counted = best == Some(i));
            }
            shown.iter_mut().for_each(|i| i.condition.applies = i.counted);
            let cap = group.cap.as_ref().map(|c| c.value);
            let points = cap.map_or(sum, |c| sum.min(to_f64(c)));
            out.push(AdjustProof {
                id: group.id.clone(),
                title: group.title.clone(),
                kind: group.kind,
                take: group.take,
                points,
                cap,
                items: shown,
            });
        }
        Ok(out)
    }

    fn total(&self) -> Result<Option<TotalProof>, MeasureError> {
        let (Some(population), Some(_)) = (self.result.population, self.result.row) else { return Ok(None) };
        let scheme = &self.compiled.scheme.populations[usize::from(population)];
        let plan = &self.compiled.plan.populations[usize::from(population)];
        let adjustments = self.adjustments()?;
        let side = |kind: AdjustKind| adjustments.iter().filter(|a| a.kind == kind).fold(0.0, |sum, a| sum + a.points);
        Ok(Some(TotalProof {
            points: self.result.points,
            coefficient: self.result.coefficient,
            coefficient_formula: plan.coefficient.as_ref().map(|c| c.text.clone()),
            coefficient_inputs: plan.coefficient.as_ref().map(|c| self.inputs(&c.names)).unwrap_or_default(),
            bonus: self.result.bonus,
            bonus_uncapped: side(AdjustKind::Bonus),
            deduction: self.result.deduction,
            deduction_uncapped: side(AdjustKind::Deduction),
            formula: plan.total.as_ref().map(|t| t.text.text.clone()),
            raw: self.result.total_raw,
            rounded: self.outcome.total(self.result),
            decimals: scheme.classing.score_decimals,
        }))
    }

    // -----------------------------------------------------------------------------------------
    // Rank and class

    fn unranked(&self) -> Option<Text> {
        let text = |zh: String, en: String| Some(Text { zh, en });
        let scheme = &self.compiled.scheme;
        match &self.result.taking {
            Taking::Ranked => None,
            Taking::Status { status } => Some(scheme.statuses[usize::from(*status)].title.clone()),
            Taking::Inherits { owner } => text(
                format!("随土地使用权人（企业 {owner}）定档"),
                format!("takes the class of the land's owner (firm {owner})"),
            ),
            Taking::Outside => text("不属于任何评价群体".into(), "no population takes it".into()),
            Taking::Unrankable { why } => match why {
                Lacking::Population => text(
                    "缺少判定评价群体所需的数据".into(),
                    "a fact that decides which population takes it is unknown".into(),
                ),
                Lacking::Indicator { indicator } => {
                    let population = self.result.population.map(|p| &scheme.populations[usize::from(p)])?;
                    let id = &population.indicators[usize::from(*indicator)].use_;
                    let title = self.input(id).map_or_else(|| Text { zh: id.clone(), en: id.clone() }, |i| i.title);
                    text(format!("“{}”得分未知", title.zh), format!("points of `{}` are unknown", title.en))
                }
                Lacking::Group => {
                    text("所在排序分组未知".into(), "the group within which it would be ranked is unknown".into())
                }
                Lacking::Total => text("总分未知".into(), "the total is unknown".into()),
                Lacking::Owner => text(
                    "找不到可随同定档的土地使用权人".into(),
                    "the owner whose class it would take is not known".into(),
                ),
            },
        }
    }

    fn ranking(&self) -> Result<Option<RankProof>, MeasureError> {
        let (Some(rank), Some(group), Some(population)) = (self.result.rank, self.result.group, self.result.population)
        else {
            return Ok(None);
        };
        let scheme = &self.compiled.scheme;
        let classing = &scheme.populations[usize::from(population)].classing;
        let data = &self.outcome.groups[group as usize];
        let exact = |total: i64| Decimal::new(total, u32::from(classing.score_decimals));
        let cut_of = |class: u8| -> Option<&Param> {
            let id = &scheme.classes[usize::from(class)].id;
            match &classing.method {
                ClassMethod::Shares { cuts, .. } | ClassMethod::Thresholds { cuts, .. } => {
                    cuts.iter().find(|(c, _)| c == id).map(|(_, p)| p)
                }
                ClassMethod::Stages { .. } => None,
            }
        };
        let cuts = data.cuts.iter().map(|cut| {
            let param = cut_of(cut.class);
            CutProof {
                class: scheme.classes[usize::from(cut.class)].id.clone(),
                share: param.map(|p| p.value),
                position: cut.position,
                count: cut.count,
                total: cut.total.map(exact),
                clause: param.and_then(|p| p.clause_or(classing.clause.as_deref())).map(str::to_owned),
                unverified: param.is_some_and(|p| !p.is_verified()),
            }
        });
        let better = self.result.ranked_class.and_then(|own| data.cuts.iter().rfind(|c| c.class < own));
        let next = better.map(|cut| {
            let total = match (&classing.method, cut_of(cut.class)) {
                (ClassMethod::Thresholds { .. }, Some(least)) => Some(least.value),
                _ => cut.total.map(exact),
            };
            let own = self.outcome.total(self.result);
            NextClass {
                class: scheme.classes[usize::from(cut.class)].id.clone(),
                rank: cut.position,
                total,
                short: total.zip(own).map(|(t, o)| (t - o).max(Decimal::ZERO)),
            }
        });
        let plan = &self.compiled.plan.populations[usize::from(population)];
        let mut ties = Vec::new();
        for (text, _) in &plan.ties {
            ties.push((text.text.clone(), Some(self.sheet.numbers(&text.program)?[0]).filter(|v| !v.is_nan())));
        }
        let units: BTreeSet<i64> = self
            .outcome
            .firms
            .iter()
            .filter(|f| f.group == Some(group) && f.rank == Some(rank))
            .map(|f| f.unit)
            .collect();
        Ok(Some(RankProof {
            rank,
            sharing: units.len() as u32,
            of: data.ranked,
            denominator: data.denominator,
            group: data.key.clone(),
            class: self.outcome.letter(self.result.ranked_class).map(str::to_owned),
            cuts: cuts.collect(),
            next,
            ties,
            clause: classing.clause.clone(),
            standing: classing.standing.clone(),
        }))
    }

    /// Overrides that concern the firm's population, in the order of application, with their truth as
    /// it was at their turn.
    fn overrides(&self) -> Result<Vec<OverrideProof>, MeasureError> {
        let scheme = &self.compiled.scheme;
        let mut at_turn = FirmOutcome { class: self.result.ranked_class, ..self.result.clone() };
        let strongest = scheme.overrides.len();
        let mut out = Vec::new();
        for (turn, at) in self.compiled.plan.order.iter().enumerate() {
            let rule = &scheme.overrides[*at];
            if !self.compiled.concerns(rule, self.result) {
                continue;
            }
            let plan = &self.compiled.plan.overrides[*at];
            let truth = self.ranked_truth(plan, &at_turn)?;
            let applied = self.result.overrides.iter().find(|o| usize::from(o.rule) == *at);
            let mut condition =
                self.shown(&plan.text, &rule.id, &rule.title, rule.clause.as_ref(), &rule.standing, truth);
            condition.applies = applied.is_some();
            let mut set_aside_by = None;
            for (at, other) in scheme.overrides.iter().enumerate().filter(|(_, o)| rule.unless.contains(&o.id)) {
                let holds = self.ranked_truth(&self.compiled.plan.overrides[at], &at_turn)? == Truth::True;
                if holds && self.compiled.concerns(other, self.result) {
                    set_aside_by = set_aside_by.or_else(|| Some(other.id.clone()));
                }
            }
            let letter = |class: Option<u8>| self.outcome.letter(class).map(str::to_owned);
            out.push(OverrideProof {
                condition,
                kind: rule.kind,
                effect: rule.effect.clone(),
                precedence: (strongest - turn) as u32,
                set_aside_by,
                before: letter(applied.map_or(at_turn.class, |a| a.before)),
                after: letter(applied.map_or(at_turn.class, |a| a.after)),
                evidence_sources: rule.evidence.as_deref().map(|e| self.cells(e)).unwrap_or_default(),
            });
            if let Some(applied) = applied {
                at_turn.class = applied.after;
            }
        }
        Ok(out)
    }

    fn ranked_truth(&self, plan: &RankedPlan, firm: &FirmOutcome) -> Result<Truth, MeasureError> {
        let mut columns = self.sheet.columns.clone();
        columns.extend(ranking_columns(self.compiled, plan, std::slice::from_ref(firm)));
        Ok(plan.text.program.truths(&columns, 1)?[0])
    }

    fn measures(&self) -> Vec<MeasureProof> {
        let rules = &self.compiled.scheme.measures;
        let one = |applied: &crate::outcome::MeasureApplied| {
            let rule = &rules[usize::from(applied.rule)];
            MeasureProof {
                id: rule.id.clone(),
                title: rule.title.clone(),
                applied: applied.clone(),
                unit: rule.unit.clone(),
                basis: rule.basis.clone(),
                clause: rule.clause.clone(),
                standing: crate::measures::standing(
                    &self.compiled.scheme,
                    rule,
                    applied.consecutive,
                    self.compiled.year,
                ),
            }
        };
        self.result.measures.iter().map(one).collect()
    }

    // -----------------------------------------------------------------------------------------
    // Assumptions

    /// What was assumed among the rules that made this result.
    fn assumptions(&self, proof: &Proof) -> Vec<Assumption> {
        let scheme = &self.compiled.scheme;
        let mut out = Vec::new();
        let mut note = |part: String, standing: &Standing| {
            if let Some(text) = assumed(standing) {
                out.push(Assumption { part, assumed: text.to_owned() });
            }
        };
        note("in force".into(), &scheme.in_force_standing);
        note("evaluation years".into(), &scheme.evaluates_standing);
        note("status day".into(), &scheme.status_day.standing);
        for population in proof.populations.iter().filter(|p| p.applies) {
            note(format!("population {}", population.id), &population.standing);
        }
        if self.result.merged.is_some() || matches!(self.result.taking, Taking::Inherits { .. }) {
            note("units".into(), &scheme.units.standing);
        }
        for status in proof.statuses.iter().filter(|s| s.applies) {
            note(format!("status {}", status.id), &status.standing);
        }
        if let (Some(population), Some(_)) = (self.result.population, self.result.row) {
            let p = &scheme.populations[usize::from(population)];
            for indicator in &p.indicators {
                note(format!("indicator {}", indicator.use_), &indicator.standing);
                note(format!("weight of {}", indicator.use_), &indicator.weight.standing);
                indicator.cap.iter().for_each(|c| note(format!("cap of {}", indicator.use_), &c.standing));
                indicator.floor.iter().for_each(|c| note(format!("floor of {}", indicator.use_), &c.standing));
                for (role, baseline) in baselines_of(indicator) {
                    note(format!("{role} of {}", indicator.use_), &baseline.standing);
                    if let Statistic::Fixed { parameter } = &baseline.of
                        && let Some(param) = scheme
                            .parameters
                            .iter()
                            .find(|q| q.id == *parameter)
                            .and_then(|q| q.in_year(self.compiled.year))
                    {
                        note(format!("parameter {parameter}"), &param.standing);
                    }
                }
            }
            if p.total.coefficient.is_some() {
                note("coefficient".into(), &p.total.coefficient_standing);
            }
            for item in proof.adjustments.iter().flat_map(|a| &a.items).filter(|i| i.counted) {
                note(format!("adjustment {}", item.condition.id), &item.condition.standing);
            }
            note("classing".into(), &p.classing.standing);
            if let ClassMethod::Shares { cuts, .. } | ClassMethod::Thresholds { cuts, .. } = &p.classing.method {
                cuts.iter().for_each(|(class, cut)| note(format!("cut of {class}"), &cut.standing));
            }
        }
        let leased = |l: &crate::land::FirmLand| l.lines.iter().any(|line| line.kind != LineKind::Owned);
        if proof.land.iter().any(|(_, l)| leased(l)) {
            note("land".into(), &scheme.land.standing);
        }
        for rule in proof.overrides.iter().filter(|o| o.condition.applies) {
            note(format!("override {}", rule.condition.id), &rule.condition.standing);
        }
        if proof.overrides.iter().filter(|o| o.condition.applies || o.set_aside_by.is_some()).count() > 1 {
            note("precedence".into(), &scheme.precedence_standing);
        }
        for measure in &proof.measures {
            note(format!("measure {}", measure.id), &measure.standing);
        }
        out.dedup();
        out
    }
}

fn assumed(standing: &Standing) -> Option<&str> {
    match standing {
        Standing::Verified => None,
        Standing::Unverified { assumed } => Some(assumed),
    }
}

fn method(score: &Score) -> &'static str {
    match score {
        Score::Ratio { .. } => "ratio",
        Score::MinMax { .. } => "min_max",
        Score::Reverse { .. } => "reverse",
        Score::Formula { .. } => "formula",
        Score::Rank => "rank",
    }
}

fn rule_name(rule: &Missing) -> &'static str {
    match rule {
        Missing::Unknown => "unknown",
        Missing::Zero => "zero",
        Missing::Points { .. } => "points",
        Missing::MeanPoints => "mean_points",
        Missing::Deduct { .. } => "deduct",
        Missing::Redistribute => "redistribute",
        Missing::As { .. } => "as",
        Missing::Full => "full",
    }
}

/// A derived text, truth or day.
fn value_of(kind: Kind, column: &ArrayRef) -> Value {
    let Some(text) = texts_of(column, kind)[0].clone() else { return Value::Unknown };
    match kind {
        Kind::Boolean => Value::Boolean(text == "true"),
        Kind::Date => text.parse().map_or(Value::Unknown, Value::Date),
        _ => Value::Text(text),
    }
}
