//! A run as pages show it: overview, results firm by firm, proof, differences, measures, exports.
//! Everything is read from the run's stored parts.

use crate::{
    Document, Refusal, Result, Services,
    catalogue::{assumed, label},
    evaluations::{run_classes, run_row},
    pace::in_front,
    print,
    queries::{ListQuery, ResultQuery, cut},
    runs::{Prepared, class_of},
    sheets::{plain, source_view},
    views::{
        ClassCount, CutView, FactChange, FirmDiff, GroupCount, IndicatorCell, Label, Lift, Lifts, MeasureCost,
        MeasureRow, MovedFirm, Page, PopulationSummary, Proof, ProofAdjustment, ProofBaseline, ProofCondition,
        ProofFormula, ProofIndicator, ProofInput, ResultRow, RunDiff, RunSummary, SchemeRef, Transition,
    },
};
use base::{Department, Digest, Scope};
use law::scheme::{OverrideKind, Text};
use measure::Value;
use measure::outcome::{FirmOutcome, Lacking, Limit, Taking, Truth, ValueState};
use measure::proof::{ConditionProof, InputProof};
use rust_decimal::Decimal;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;
use store::{NewAudit, ObjectionFilter};

/// Bars of a histogram.
const BARS: usize = 40;
/// Own figures that err by this much put a firm on the edge.
const ERROR: Decimal = Decimal::from_parts(5, 0, 0, false, 2);

fn finite(value: f64) -> Option<f64> {
    value.is_finite().then_some(value)
}

impl Prepared {
    fn text(&self, firm: i64, column: &str) -> Option<String> {
        match self.snapshot.firms.value(firm, column) {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn name(&self, firm: i64) -> String {
        self.text(firm, "name").unwrap_or_else(|| firm.to_string())
    }

    fn last_class(&self, firm: i64) -> Option<&str> {
        let last = self.last.get_or_init(|| {
            let year = self.snapshot.year - 1;
            let of_last_year = self.snapshot.classes.iter().filter(|c| c.year == year);
            of_last_year.map(|c| (c.firm, c.class.clone())).collect()
        });
        last.get(&firm).map(String::as_str)
    }

    /// Place of a class in the scheme's list; labels come after all classes.
    fn order(&self, class: &str) -> usize {
        self.scheme.classes.iter().position(|c| c.id == class).unwrap_or(usize::MAX)
    }

    /// Up: a better class than last year's. Only between classes of the list.
    fn moved(&self, last: Option<&str>, class: &str) -> i8 {
        let (Some(last), now) = (last.map(|l| self.order(l)), self.order(class)) else { return 0 };
        if last == usize::MAX || now == usize::MAX {
            return 0;
        }
        match now.cmp(&last) {
            std::cmp::Ordering::Less => 1,
            std::cmp::Ordering::Greater => -1,
            std::cmp::Ordering::Equal => 0,
        }
    }

    /// Firms on the edge, computed once for a run.
    pub(crate) fn edges(&self) -> &BTreeMap<i64, Vec<Label>> {
        self.edge.get_or_init(|| {
            let edge =
                || measure::edge::edge(&self.compiled, &self.prepared, &self.outcome, ERROR, &crate::pace::give_way);
            let firms = crate::pace::behind(edge);
            firms.into_iter().map(|f| (f.firm, f.causes.iter().map(edge_label).collect())).collect()
        })
    }

    fn status(&self, firm: &FirmOutcome) -> Option<Label> {
        match &firm.taking {
            Taking::Status { status } => Some(label(&self.scheme.statuses[usize::from(*status)].title)),
            Taking::Inherits { owner } => Some(Label {
                zh: format!("随土地使用权人 {} 定档", self.name(*owner)),
                en: format!("Takes the class of the land's owner {}", self.name(*owner)),
            }),
            Taking::Outside => Some(Label { zh: "不在评价范围".into(), en: "Not in any population".into() }),
            Taking::Unrankable { why } => Some(match why {
                Lacking::Indicator { indicator } => {
                    let population = &self.scheme.populations[usize::from(firm.population.unwrap_or_default())];
                    let id = &population.indicators[usize::from(*indicator)].use_;
                    let title = self
                        .law
                        .title(Some(&self.scheme), id)
                        .cloned()
                        .unwrap_or(Text { zh: id.clone(), en: id.clone() });
                    Label {
                        zh: format!("缺“{}”，总分未知，不能排名", title.zh),
                        en: format!("`{}` is unknown, so the total is", title.en),
                    }
                }
                Lacking::Population => Label {
                    zh: "缺少判定评价群体所需的数据（如是否规上、行业、用地）".into(),
                    en: "A fact that decides its population is unknown (scale, industry, land)".into(),
                },
                _ => Label { zh: "数据不足，不能排名".into(), en: "Not rankable for want of data".into() },
            }),
            Taking::Ranked => None,
        }
    }
}

fn edge_label(cause: &measure::edge::Cause) -> Label {
    Label { zh: cause.zh(), en: cause.en() }
}

impl Services {
    /// A firm's line, without what comes later or changes while the run stays as it is: whether it is on
    /// the edge, and whether an objection is open.
    fn result_row(&self, run: &Prepared, firm: &FirmOutcome) -> Option<ResultRow> {
        let class = class_of(&run.scheme, &run.outcome, firm)?;
        let industry = run.text(firm.firm, "industry").unwrap_or_default();
        let mut indicators = BTreeMap::new();
        if let (Some(population), Some(row)) = (firm.population, firm.row) {
            for column in &run.outcome.scores[usize::from(population)].indicators {
                let row = row as usize;
                let gap = match column.state[row] {
                    ValueState::Known => None,
                    ValueState::Missing => Some("missing"),
                    ValueState::Undefined => Some("zero_denominator"),
                    ValueState::Negative => Some("negative"),
                };
                let value = finite(column.value[row]);
                let cell = IndicatorCell { value, points: finite(column.points[row]), gap: gap.map(str::to_owned) };
                indicators.insert(column.indicator.clone(), cell);
            }
        }
        let total = run.outcome.total(firm).map(base::fixed::to_f64);
        let ranked_class = run.outcome.letter(firm.ranked_class).filter(|c| *c != class).map(str::to_owned);
        Some(ResultRow {
            firm: firm.firm,
            name: run.name(firm.firm),
            credit_code: run.text(firm.firm, "credit_code"),
            industry_name: self.law().industries.get(&industry).map(|i| i.name.clone()).unwrap_or_default(),
            industry,
            town: run.text(firm.firm, "town").unwrap_or_default(),
            population: firm.population.map(|p| run.scheme.populations[usize::from(p)].id.clone()),
            rank: firm.rank.map(u64::from),
            total,
            ranked_class,
            status: run.status(firm),
            last: run.last_class(firm.firm).map(str::to_owned),
            edge: Vec::new(),
            land: run.prepared.land().get(&firm.firm).and_then(|l| l.effective).map(plain),
            indicators,
            objection: false,
            class,
        })
    }

    async fn open_objections(&self, scope: &Scope, run: &Prepared) -> Result<HashSet<i64>> {
        let filter = ObjectionFilter { evaluation: Some(run.run.evaluation), ..ObjectionFilter::default() };
        let all = self.store().read(scope).list_objections(&filter).await?;
        let open = ["filed", "with_department", "answered", "review"];
        Ok(all.into_iter().filter(|o| open.contains(&o.state.as_str())).map(|o| o.firm).collect())
    }

    /// Rows that the person may see: all of the county's, or the own firm's. The rows of a run never
    /// change, so they are made once.
    async fn rows(&self, scope: &Scope, run: &Arc<Prepared>) -> Result<Rows> {
        let objections = self.open_objections(scope, run).await?;
        let (services, prepared) = (self.clone(), run.clone());
        tokio::task::spawn_blocking(move || {
            prepared.rows.get_or_init(|| {
                use rayon::prelude::*;
                let firms = prepared.outcome.firms.par_iter();
                firms.filter_map(|f| services.result_row(&prepared, f)).collect()
            });
        })
        .await
        .map_err(Refusal::internal)?;
        let rows = run.rows.get().map(Vec::as_slice).unwrap_or_default();
        let visible = (0..rows.len()).filter(|i| scope.sees_firm(rows[*i].firm, run.run.division));
        Ok(Rows { order: visible.collect(), run: run.clone(), objections })
    }

    /// Results are for officers and auditors, and for a firm its own once they have been noticed. A
    /// department sees its own figures on the sheets; the other departments' are not its business.
    async fn reads_results(&self, scope: &Scope, run: &store::Run) -> Result<()> {
        if officer(scope).is_ok() {
            return Ok(());
        }
        match scope.firm() {
            Some(_) if self.is_noticed(run).await? => Ok(()),
            Some(_) => Err(Refusal::not_found("结果", "result of run", run.id)),
            None => Err(Refusal::forbidden()),
        }
    }

    /// The run was put on notice or published at some time.
    async fn is_noticed(&self, run: &store::Run) -> Result<bool> {
        let public = Scope::public(self.settings().root);
        let published = self.store().read(&public).list_publications(Some(run.division)).await?;
        Ok(published.iter().any(|p| p.run == run.id))
    }

    /// Measures are for officers too, and for the power department, which charges by the final list.
    async fn reads_measures(&self, scope: &Scope, run: &store::Run) -> Result<()> {
        if scope.department() != Some(Department::Power) {
            return self.reads_results(scope, run).await;
        }
        let system = Scope::system("measures", self.settings().root);
        let evaluation = self.store().read(&system).get_evaluation(run.evaluation).await?;
        match evaluation.final_run == Some(run.id) {
            true => Ok(()),
            false => Err(Refusal::not_found("措施清单", "list of measures of run", run.id)),
        }
    }

    /// Overview of a run.
    pub async fn get_run(&self, scope: &Scope, id: i64) -> Result<RunSummary> {
        officer(scope)?;
        let run = self.prepared(scope, id).await?;
        let rows = self.rows(scope, &run).await?;
        self.summary_apart(rows).await
    }

    /// The overview, made on a thread that may take its time.
    async fn summary_apart(&self, rows: Rows) -> Result<RunSummary> {
        let services = self.clone();
        tokio::task::spawn_blocking(move || in_front(|| services.summary_of(&rows.run, &rows.all())))
            .await
            .map_err(Refusal::internal)?
    }

    fn summary_of(&self, run: &Prepared, rows: &[&ResultRow]) -> Result<RunSummary> {
        let classes = run_classes(&run.run);
        let group = |key: &dyn Fn(&ResultRow) -> (String, String)| {
            let mut out: BTreeMap<String, GroupCount> = BTreeMap::new();
            for row in rows {
                let (code, name) = key(row);
                let entry = out.entry(code.clone()).or_insert_with(|| GroupCount {
                    code,
                    name,
                    total: 0,
                    classes: BTreeMap::new(),
                });
                entry.total += 1;
                *entry.classes.entry(row.class.clone()).or_default() += 1;
            }
            out.into_values().collect::<Vec<_>>()
        };
        let mut transition: BTreeMap<(String, String), u64> = BTreeMap::new();
        for row in rows {
            let from = row.last.clone().unwrap_or_else(|| "-".into());
            *transition.entry((from, row.class.clone())).or_default() += 1;
        }
        let mut statuses: BTreeMap<String, ClassCount> = BTreeMap::new();
        for row in rows.iter().filter(|r| run.order(&r.class) == usize::MAX) {
            let title = row.status.clone().unwrap_or_default();
            let key = format!("{}{}", row.class, title.zh);
            let entry = statuses.entry(key).or_insert_with(|| ClassCount {
                class: row.class.clone(),
                title,
                count: 0,
                share: None,
            });
            entry.count += 1;
        }
        let moved = |sign: i8| rows.iter().filter(|r| run.moved(r.last.as_deref(), &r.class) == sign).count() as u64;
        Ok(RunSummary {
            run: run_row(&run.run),
            evaluation: run.run.evaluation,
            division: self.division_view(run.run.division),
            year: run.run.year as i16,
            scheme: self.scheme_of_run(run),
            collected: run.outcome.firms.len() as u64,
            populations: run
                .scheme
                .populations
                .iter()
                .enumerate()
                .map(|(i, p)| self.population_summary(run, i as u16, p, rows))
                .collect(),
            classes,
            statuses: statuses.into_values().collect(),
            by_industry: group(&|r| {
                let code = r.industry.get(..2).unwrap_or_default().to_owned();
                let name = self.law().industries.get(&code).map(|i| i.name.clone()).unwrap_or_default();
                (code, name)
            }),
            by_town: group(&|r| (r.town.clone(), r.town.clone())),
            transition: transition.into_iter().map(|((from, to), count)| Transition { from, to, count }).collect(),
            edge: run.edge.get().map(|edge| rows.iter().filter(|r| edge.contains_key(&r.firm)).count() as u64),
            missing: rows.iter().filter(|r| has_gap(r)).count() as u64,
            moved_up: moved(1),
            moved_down: moved(-1),
            measures_cost: costs(run),
        })
    }

    fn scheme_of_run(&self, run: &Prepared) -> SchemeRef {
        let mut reference = self.scheme_ref(&run.scheme);
        reference.digest = run.run.law_digest.hex();
        reference
    }

    fn population_summary(
        &self,
        run: &Prepared,
        index: u16,
        population: &law::scheme::Population,
        rows: &[&ResultRow],
    ) -> PopulationSummary {
        let mut head = self.population_head(&run.scheme, population);
        let totals: Vec<f64> = rows
            .iter()
            .filter(|r| r.population.as_deref() == Some(&population.id) && r.rank.is_some())
            .filter_map(|r| r.total)
            .collect();
        let groups: Vec<_> = run.outcome.groups.iter().filter(|g| g.population == index).collect();
        head.ranked = groups.iter().map(|g| u64::from(g.ranked)).sum();
        let denominator: u64 = groups.iter().map(|g| u64::from(g.denominator)).sum();
        for class in &mut head.classes {
            let of = rows.iter().filter(|r| r.population.as_deref() == Some(&population.id) && r.class == class.class);
            class.count = of.count() as u64;
            class.share = (denominator > 0).then(|| class.count as f64 / denominator as f64);
        }
        // Ranked in several groups, a population has several cuts and none of its own.
        if let [group] = groups.as_slice() {
            head.cuts = self.cuts(run, group, usize::from(index));
        }
        head.histogram = histogram(&totals);
        head
    }

    fn cuts(&self, run: &Prepared, group: &measure::outcome::Group, population: usize) -> Vec<CutView> {
        let decimals = u32::from(run.outcome.score_decimals[population]);
        group
            .cuts
            .iter()
            .map(|cut| CutView {
                class: run.outcome.classes[usize::from(cut.class)].clone(),
                rank: u64::from(cut.position),
                total: cut.total.map(|t| base::fixed::to_f64(Decimal::new(t, decimals))),
            })
            .collect()
    }

    /// Results firm by firm.
    pub async fn list_results(&self, scope: &Scope, id: i64, query: &ResultQuery) -> Result<Page<ResultRow>> {
        let run = self.prepared(scope, id).await?;
        self.reads_results(scope, &run.run).await?;
        let rows = self.filtered(scope, &run, query).await?;
        let found = rows.page(query.page, query.size);
        let entry = NewAudit::new("results.read", format!("run:{id}"), run.run.division).with(serde_json::json!({
            "q": query.q, "class": query.class, "filter": query.filter, "page": found.page, "size": found.size,
            "rows": found.rows.len(), "of": found.total,
        }));
        self.store().audit_read(scope, entry).await?;
        Ok(found)
    }

    async fn filtered(&self, scope: &Scope, run: &Arc<Prepared>, query: &ResultQuery) -> Result<Rows> {
        let rows = self.rows(scope, run).await?;
        let query = query.clone();
        tokio::task::spawn_blocking(move || rows.filtered(&query)).await.map_err(Refusal::internal)?
    }

    /// Why a firm has its class.
    pub async fn get_proof(&self, scope: &Scope, id: i64, firm: i64) -> Result<Proof> {
        let run = self.prepared(scope, id).await?;
        self.reads_results(scope, &run.run).await?;
        if !scope.sees_firm(firm, run.run.division) {
            return Err(Refusal::not_found("企业", "firm", firm));
        }
        let rows = self.rows(scope, &run).await?;
        let result = run.outcome.firm(firm).ok_or_else(|| Refusal::not_found("企业", "firm", firm))?;
        let row = match rows.of(firm) {
            Some(row) => row,
            None => {
                let mut stand_in = result.clone();
                stand_in.taking = Taking::Outside;
                return Err(Refusal::new(
                    crate::Kind::NotFound,
                    "not_evaluated",
                    format!("该企业没有评价结果：{}。", run.status(&stand_in).map(|s| s.zh).unwrap_or_default()),
                    "The firm has no result: it is in no population of the scheme.",
                ));
            }
        };
        let prepared = run.clone();
        let explain = move || prepared.compiled.explain(&prepared.prepared, &prepared.outcome, firm);
        let proof =
            tokio::task::spawn_blocking(explain).await.map_err(Refusal::internal)?.map_err(Refusal::internal)?;
        self.store().audit_read(scope, NewAudit::new("proof.read", format!("firm:{firm}"), run.run.division)).await?;
        self.proof_view(&run, row, proof).await
    }

    async fn proof_view(&self, run: &Prepared, row: ResultRow, proof: measure::Proof) -> Result<Proof> {
        let mut sources = HashMap::new();
        for source in &proof.land_sources {
            if let Some(cell) = &source.source {
                sources.insert((source.subject.clone(), source.fact.clone()), cell.clone());
            }
        }
        let land = match proof.land.first() {
            Some((_, land)) => {
                let scope = Scope::system("proof", self.settings().root);
                Some(self.land_view(&scope, land, &sources).await?)
            }
            None => None,
        };
        let input = |i: &InputProof| self.input_view(i);
        let result = &proof.result;
        let population = result.population.map(|p| &run.scheme.populations[usize::from(p)]);
        let total = proof.total.as_ref();
        let mut conditions: Vec<ProofCondition> = Vec::new();
        for status in &proof.statuses {
            conditions.push(self.condition_view("status", status, None));
        }
        for item in &proof.overrides {
            let kind = match item.kind {
                OverrideKind::Veto => "veto",
                OverrideKind::Protection => "protection",
                OverrideKind::Direct => "direct",
                OverrideKind::Shift => "shift",
            };
            let change = item.before.clone().zip(item.after.clone()).filter(|(a, b)| a != b);
            let mut view = self.condition_view(kind, &item.condition, change);
            if let Some(other) =
                item.set_aside_by.as_ref().and_then(|id| run.scheme.overrides.iter().find(|o| o.id == *id))
            {
                view.title.zh += &format!("（因“{}”不适用）", other.title.zh);
                view.title.en += &format!(" (set aside by: {})", other.title.en);
            }
            conditions.push(view);
        }
        let mut adjustments = Vec::new();
        for group in &proof.adjustments {
            let bonus = group.kind == law::scheme::AdjustKind::Bonus;
            for item in &group.items {
                adjustments.push(ProofAdjustment {
                    group: label(&group.title),
                    title: label(&item.condition.title),
                    kind: if bonus { "bonus" } else { "deduction" }.into(),
                    condition: item.condition.formula.clone(),
                    holds: truth(item.condition.truth),
                    points: item.points.unwrap_or_default(),
                    counted: if item.counted { item.points.unwrap_or_default() } else { 0.0 },
                    evidence: item.evidence_sources.iter().find_map(|s| s.source.as_ref()).map(source_view),
                    clause: item.condition.clause.clone(),
                    unverified: assumed(&item.condition.standing),
                });
            }
        }
        let indicators = proof
            .indicators
            .iter()
            .map(|i| {
                let law = population.and_then(|p| p.indicators.iter().find(|x| x.use_ == i.id));
                let head = law.map(|l| self.indicator_head(&run.scheme, l));
                let head =
                    head.ok_or_else(|| Refusal::internal(format!("the proof names `{}`, the scheme does not", i.id)))?;
                let inputs: Vec<ProofInput> = i.inputs.iter().map(input).collect();
                let formula = i.formula.clone().unwrap_or_else(|| i.id.clone());
                Ok(ProofIndicator {
                    value: ProofFormula {
                        filled: filled(&formula, &inputs),
                        formula,
                        value: i.value,
                        inputs,
                        clause: i.clause.clone(),
                        unverified: None,
                    },
                    baselines: i.baselines.iter().map(|b| baseline_view(self, run, b)).collect(),
                    scoring: scoring(i),
                    raw: i.raw,
                    points: i.points,
                    bound: match i.limit {
                        Limit::None => None,
                        Limit::Cap => Some("cap".into()),
                        Limit::Floor => Some("floor".into()),
                    },
                    gap: i.rule.as_deref().map(|rule| gap_label(i.state, rule)),
                    clause: i.clause.clone(),
                    unverified: assumed(&i.standing),
                    head,
                })
            })
            .collect::<Result<Vec<_>>>()?;
        let group = result.group.map(|g| &run.outcome.groups[g as usize]);
        Ok(Proof {
            run: run.run.id,
            population: population.map(|p| label(&p.title)),
            ranked: proof.ranking.as_ref().map_or(0, |r| u64::from(r.of)),
            cuts: match (group, result.population) {
                (Some(group), Some(p)) => self.cuts(run, group, usize::from(p)),
                _ => Vec::new(),
            },
            points: total.map(|t| t.points).and_then(finite),
            coefficient: total.and_then(|t| {
                let formula = t.coefficient_formula.clone()?;
                let inputs: Vec<ProofInput> = t.coefficient_inputs.iter().map(input).collect();
                let standing = population.map(|p| &p.total.coefficient_standing);
                Some(ProofFormula {
                    filled: filled(&formula, &inputs),
                    formula,
                    value: finite(t.coefficient),
                    inputs,
                    clause: None,
                    unverified: standing.and_then(assumed),
                })
            }),
            bonus: total.map_or(0.0, |t| t.bonus),
            deduction: total.map_or(0.0, |t| t.deduction),
            total: row.total,
            total_formula: total.map(total_words).unwrap_or_default(),
            indicators,
            adjustments,
            conditions,
            land,
            measures: self.measures_of(run, result),
            classing_clause: proof.ranking.as_ref().and_then(|r| r.clause.clone()),
            ties: proof
                .ranking
                .iter()
                .filter(|r| r.sharing > 1 || !r.ties.is_empty())
                .flat_map(|r| &r.ties)
                .map(|(key, value)| {
                    let title = self.title(Some(&run.scheme), key);
                    let value = value.map_or("?".to_owned(), |v| format!("{v}"));
                    Label { zh: format!("{} {value}", title.zh), en: format!("{} {value}", title.en) }
                })
                .collect(),
            scheme: self.scheme_of_run(run),
            snapshot: run.run.snapshot_digest.hex(),
            row,
        })
    }

    fn condition_view(
        &self,
        kind: &str,
        condition: &ConditionProof,
        change: Option<(String, String)>,
    ) -> ProofCondition {
        ProofCondition {
            kind: kind.into(),
            title: label(&condition.title),
            condition: condition.formula.clone(),
            holds: truth(condition.truth),
            inputs: condition.inputs.iter().map(|i| self.input_view(i)).collect(),
            change,
            clause: condition.clause.clone(),
            unverified: assumed(&condition.standing),
        }
    }

    fn input_view(&self, input: &InputProof) -> ProofInput {
        let value = match &input.value {
            Value::Number(n) => Some(plain(*n)),
            Value::Boolean(b) => Some(b.to_string()),
            Value::Text(t) => Some(t.clone()),
            Value::Date(d) => Some(d.to_string()),
            Value::Unknown => input.computed.and_then(finite).map(|v| format!("{v:.*}", usize::from(input.decimals))),
        };
        ProofInput {
            id: input.name.clone(),
            title: label(&input.title),
            value,
            unit: self.unit_label(input.unit.as_deref().unwrap_or_default()),
            source: input.sources.iter().find_map(|s| s.source.as_ref()).map(source_view),
            inputs: input.inputs.iter().map(|i| self.input_view(i)).collect(),
        }
    }

    /// The cheapest changes that would lift a firm's class.
    pub async fn get_lift(&self, scope: &Scope, id: i64, firm: i64) -> Result<Lifts> {
        let run = self.prepared(scope, id).await?;
        self.reads_results(scope, &run.run).await?;
        if !scope.sees_firm(firm, run.run.division) {
            return Err(Refusal::not_found("企业", "firm", firm));
        }
        self.store().audit_read(scope, NewAudit::new("lift.read", format!("firm:{firm}"), run.run.division)).await?;
        let services = self.clone();
        tokio::task::spawn_blocking(move || in_front(|| services.lifts_of(&run, firm)))
            .await
            .map_err(Refusal::internal)?
    }

    fn lifts_of(&self, run: &Prepared, firm: i64) -> Result<Lifts> {
        let result = run.outcome.firm(firm).ok_or_else(|| Refusal::not_found("企业", "firm", firm))?;
        let found = measure::lift::lift(&run.compiled, &run.prepared, &run.outcome, firm).map_err(Refusal::internal)?;
        Ok(Lifts {
            class: class_of(&run.scheme, &run.outcome, result).unwrap_or_default(),
            target: found.target.clone(),
            lifts: found
                .lifts
                .iter()
                .map(|l| Lift {
                    fact: l.fact.clone(),
                    title: self.title(Some(&run.scheme), &l.fact),
                    unit: self.unit_label(l.unit.as_deref().unwrap_or_default()),
                    from: plain(l.from),
                    to: plain(l.to),
                    change: signed(l.to - l.from),
                    class: l.class.clone(),
                    rank: l.rank.map(u64::from),
                    total: l.total.map(base::fixed::to_f64),
                    relative: l.relative,
                })
                .collect(),
            closed: found.closed.iter().map(|c| Label { zh: c.zh.clone(), en: c.en.clone() }).collect(),
        })
    }

    /// What changed between two runs, and why.
    pub async fn get_diff(&self, scope: &Scope, id: i64, older: i64) -> Result<RunDiff> {
        officer(scope)?;
        let (before, after) = (self.prepared(scope, older).await?, self.prepared(scope, id).await?);
        if before.run.evaluation != after.run.evaluation {
            return Err(Refusal::invalid(
                "other_evaluation",
                "两次运算不属于同一项评价。",
                "The two runs belong to different evaluations.",
            ));
        }
        self.store().audit_read(scope, NewAudit::new("diff.read", format!("run:{id}"), after.run.division)).await?;
        let services = self.clone();
        tokio::task::spawn_blocking(move || in_front(|| services.diff_of(&before, &after)))
            .await
            .map_err(Refusal::internal)?
    }

    fn diff_of(&self, before: &Prepared, after: &Prepared) -> Result<RunDiff> {
        let difference = measure::diff::diff(
            &measure::diff::Run { compiled: &before.compiled, prepared: &before.prepared, outcome: &before.outcome },
            &measure::diff::Run { compiled: &after.compiled, prepared: &after.prepared, outcome: &after.outcome },
        );
        let firms = difference
            .firms
            .iter()
            .map(|f| FirmDiff {
                moved: moved_firm(before, after, f.firm),
                causes: f.causes.iter().map(|c| c.name().to_owned()).collect(),
                why: Label { zh: f.zh(), en: f.en() },
            })
            .collect();
        let value = |v: &Value| match v {
            Value::Unknown => None,
            Value::Number(n) => Some(plain(*n)),
            Value::Boolean(b) => Some(b.to_string()),
            Value::Text(t) => Some(t.clone()),
            Value::Date(d) => Some(d.to_string()),
        };
        let facts = difference
            .facts
            .iter()
            .map(|f| FactChange {
                firm: f.firm,
                subject: match f.firm {
                    Some(firm) => after.name(firm),
                    None => f.subject.clone(),
                },
                fact: self.title(Some(&after.scheme), &f.fact),
                before: value(&f.before),
                after: value(&f.after),
                source: f.source.as_ref().map(source_view),
            })
            .collect();
        Ok(RunDiff {
            before: run_row(&before.run),
            after: run_row(&after.run),
            facts,
            firms,
            unchanged: difference.unchanged as u64,
        })
    }

    fn measures_of(&self, run: &Prepared, firm: &FirmOutcome) -> Vec<MeasureRow> {
        let class = class_of(&run.scheme, &run.outcome, firm).unwrap_or_default();
        firm.measures
            .iter()
            .map(|applied| {
                let rule = &run.scheme.measures[usize::from(applied.rule)];
                MeasureRow {
                    firm: firm.firm,
                    firm_name: run.name(firm.firm),
                    class: class.clone(),
                    measure: rule.id.clone(),
                    title: label(&rule.title),
                    amount: applied.charged.or(applied.amount).map(plain),
                    unit: self.unit_label(rule.unit.as_deref().unwrap_or_default()),
                    years: Some(applied.consecutive).filter(|n| *n > 0),
                    instead: applied.superseded_by.as_deref().map(|f| self.title(Some(&run.scheme), f)),
                    from: applied.from.map(|d| d.to_string()),
                    to: applied.to.map(|d| d.to_string()),
                    account: applied.account.clone(),
                    basis: rule.basis.as_ref().map(|c| c.document.clone()),
                    display_only: applied.display_only,
                    cost: applied.cost.map(plain),
                    unverified: assumed(&measure::measures::standing(
                        &run.scheme,
                        rule,
                        applied.consecutive,
                        run.compiled.year(),
                    )),
                }
            })
            .collect()
    }

    /// Measures that follow, firm by firm.
    pub async fn list_measures(&self, scope: &Scope, id: i64, query: &ListQuery) -> Result<Page<MeasureRow>> {
        let run = self.prepared(scope, id).await?;
        self.reads_measures(scope, &run.run).await?;
        let mut rows = self.measure_rows(scope, &run, query.measure.as_deref(), query.q.as_deref());
        self.date_measures(&run, &mut rows).await?;
        self.store().audit_read(scope, NewAudit::new("measures.read", format!("run:{id}"), run.run.division)).await?;
        Ok(cut(rows, query.page, query.size))
    }

    pub(crate) fn measure_rows(
        &self,
        scope: &Scope,
        run: &Prepared,
        measure: Option<&str>,
        q: Option<&str>,
    ) -> Vec<MeasureRow> {
        let q = q.map(str::trim).unwrap_or_default();
        let visible = run.outcome.firms.iter().filter(|f| scope.sees_firm(f.firm, run.run.division));
        visible
            .flat_map(|f| self.measures_of(run, f))
            .filter(|m| measure.is_none_or(|id| id.is_empty() || id == m.measure))
            .filter(|m| q.is_empty() || m.firm_name.contains(q) || m.account.as_deref().is_some_and(|a| a.contains(q)))
            .collect()
    }

    /// Results or measures as a file: every row that the filters leave, never a part of them.
    pub async fn export_run(&self, scope: &Scope, id: i64, query: &ResultQuery) -> Result<Document> {
        let run = self.prepared(scope, id).await?;
        match query.what.as_deref() {
            Some("measures") => self.reads_measures(scope, &run.run).await?,
            _ => officer(scope)?,
        }
        let summary = self.summary_apart(self.rows(scope, &run).await?).await?;
        let mut filters = Vec::new();
        for (name, value) in [
            ("群体", &query.population),
            ("等级", &query.class),
            ("行业", &query.industry),
            ("镇街", &query.town),
            ("筛选", &query.filter),
            ("搜索", &query.q),
        ] {
            if let Some(value) = value.as_deref().filter(|v| !v.is_empty()) {
                filters.push((name.to_owned(), value.to_owned()));
            }
        }
        let format = query.format.as_deref().unwrap_or("xlsx");
        let table = match query.what.as_deref() {
            Some("measures") => {
                let mut rows = self.measure_rows(scope, &run, query.measure.as_deref(), query.q.as_deref());
                self.date_measures(&run, &mut rows).await?;
                print::measures_table(&summary, &rows, filters)
            }
            _ => print::results_table(&summary, &self.filtered(scope, &run, query).await?.owned(), filters),
        };
        let chosen = format.to_owned();
        let document = tokio::task::spawn_blocking(move || print::table_file(&table, &table.title, &chosen))
            .await
            .map_err(Refusal::internal)??;
        let detail = serde_json::json!({ "rows": document.rows, "digest": document.digest.hex(), "format": format });
        let entry = NewAudit::new("run.export", format!("run:{id}"), run.run.division).with(detail);
        self.store().audit_read(scope, entry).await?;
        Ok(document)
    }

    /// The proof for print.
    pub async fn get_proof_pdf(&self, scope: &Scope, id: i64, firm: i64) -> Result<Document> {
        let proof = self.get_proof(scope, id, firm).await?;
        let lifts = self.get_lift(scope, id, firm).await?;
        let now = self.store().now();
        let name = format!("评价结果说明-{}.pdf", proof.row.name);
        let bytes = tokio::task::spawn_blocking(move || print::proof_pdf(&proof, &lifts.lifts, &now))
            .await
            .map_err(Refusal::internal)??;
        Ok(Document { name, mime: "application/pdf", digest: Digest::of(&bytes), bytes, rows: None })
    }

    /// The notice for print: the list as it was published.
    pub async fn get_notice_pdf(&self, scope: &Scope, id: i64) -> Result<Document> {
        officer(scope)?;
        let run = self.store().read(scope).get_run(id).await?;
        let public = Scope::public(self.settings().root);
        let published = self.store().read(&public).list_publications(Some(run.division)).await?;
        let newest = published.into_iter().filter(|p| p.run == id).max_by_key(|p| p.id);
        let newest = newest.ok_or_else(|| {
            Refusal::new(
                crate::Kind::Conflict,
                "not_published",
                "该次运算尚未公示，没有公示文书。",
                "The run has not been published yet.",
            )
        })?;
        let publication = self.get_publication(newest.id).await?;
        let summary = self.get_run(scope, id).await?;
        let now = self.store().now();
        let name = format!("{}{}年度评价结果公示.pdf", summary.division.name, summary.year);
        let bytes = tokio::task::spawn_blocking(move || print::notice_pdf(&summary, &publication, &now))
            .await
            .map_err(Refusal::internal)??;
        Ok(Document { name, mime: "application/pdf", digest: Digest::of(&bytes), bytes, rows: None })
    }
}

/// Before and after of one firm.
pub(crate) fn moved_firm(before: &Prepared, after: &Prepared, firm: i64) -> MovedFirm {
    let class = |run: &Prepared| {
        run.outcome.firm(firm).and_then(|f| class_of(&run.scheme, &run.outcome, f)).unwrap_or_else(|| "-".into())
    };
    let rank = |run: &Prepared| run.outcome.firm(firm).and_then(|f| f.rank).map(u64::from);
    let total = |run: &Prepared| run.outcome.firm(firm).and_then(|f| run.outcome.total(f)).map(base::fixed::to_f64);
    MovedFirm {
        firm,
        name: after.name(firm),
        from: class(before),
        to: class(after),
        rank_from: rank(before),
        rank_to: rank(after),
        total_from: total(before),
        total_to: total(after),
    }
}

/// What each measure costs its firms in a year, as far as it is known.
pub(crate) fn costs(run: &Prepared) -> Vec<MeasureCost> {
    measure_costs(&run.scheme, &run.outcome)
}

pub(crate) fn measure_costs(scheme: &law::Scheme, outcome: &measure::Outcome) -> Vec<MeasureCost> {
    scheme
        .measures
        .iter()
        .enumerate()
        .map(|(i, rule)| {
            let applied = outcome.firms.iter().flat_map(|f| &f.measures).filter(|m| usize::from(m.rule) == i);
            let known: Vec<Decimal> = applied.clone().filter_map(|m| m.cost).collect();
            MeasureCost {
                id: rule.id.clone(),
                title: label(&rule.title),
                firms: applied.count() as u64,
                yuan: (!known.is_empty()).then(|| plain(known.iter().sum())),
            }
        })
        .collect()
}

fn officer(scope: &Scope) -> Result<()> {
    if scope.sees_figures() && scope.firm().is_none() && scope.department().is_none() {
        return Ok(());
    }
    Err(Refusal::forbidden())
}

fn has_gap(row: &ResultRow) -> bool {
    row.indicators.values().any(|c| c.gap.as_deref() == Some("missing")) || row.class == "缺数"
}

/// Rows of a run in some order, without copies: positions in the run's own list.
struct Rows {
    run: Arc<Prepared>,
    order: Vec<usize>,
    objections: HashSet<i64>,
}

impl Rows {
    fn at(&self, position: usize) -> &ResultRow {
        &self.run.rows.get().expect("made with the rows")[position]
    }

    fn all(&self) -> Vec<&ResultRow> {
        self.order.iter().map(|i| self.at(*i)).collect()
    }

    fn copy(&self, position: usize) -> ResultRow {
        let row = self.at(position);
        let edge = self.run.edge.get().and_then(|e| e.get(&row.firm).cloned()).unwrap_or_default();
        ResultRow { edge, objection: self.objections.contains(&row.firm), ..row.clone() }
    }

    fn of(&self, firm: i64) -> Option<ResultRow> {
        self.order.iter().find(|i| self.at(**i).firm == firm).map(|i| self.copy(*i))
    }

    fn owned(&self) -> Vec<ResultRow> {
        self.order.iter().map(|i| self.copy(*i)).collect()
    }

    fn page(&self, page: Option<u64>, size: Option<u64>) -> Page<ResultRow> {
        let found = cut(self.order.clone(), page, size);
        let rows = found.rows.iter().map(|i| self.copy(*i)).collect();
        Page { rows, total: found.total, page: found.page, size: found.size }
    }

    fn keep(&mut self, holds: impl Fn(&ResultRow) -> bool) {
        let kept = self.order.iter().copied().filter(|i| holds(self.at(*i))).collect();
        self.order = kept;
    }

    /// Those that a query asks for, in its order.
    fn filtered(mut self, query: &ResultQuery) -> Result<Self> {
        let is = |filter: &Option<String>, value: &str| filter.as_deref().is_none_or(|f| f.is_empty() || f == value);
        let q = query.q.as_deref().map(str::trim).unwrap_or_default().to_lowercase();
        let industry = query.industry.clone().unwrap_or_default();
        self.keep(|r| {
            is(&query.population, r.population.as_deref().unwrap_or_default())
                && is(&query.class, &r.class)
                && is(&query.town, &r.town)
                && is(&query.last, r.last.as_deref().unwrap_or("-"))
                && r.industry.starts_with(&industry)
                && query.total_from.is_none_or(|t| r.total.is_some_and(|x| x >= t))
                && query.total_to.is_none_or(|t| r.total.is_some_and(|x| x < t))
                && (q.is_empty()
                    || r.name.to_lowercase().contains(&q)
                    || r.credit_code.as_deref().is_some_and(|c| c.to_lowercase().starts_with(&q))
                    || base::text::initials(&r.name).contains(&q))
        });
        let run = self.run.clone();
        let objections = self.objections.clone();
        match query.filter.as_deref() {
            None | Some("") | Some("all") => (),
            Some("edge") => {
                // Whoever asks for them waits until they are known.
                let edges = run.edges();
                self.keep(|r| edges.contains_key(&r.firm));
            }
            Some("missing") => self.keep(has_gap),
            Some("up") => self.keep(|r| run.moved(r.last.as_deref(), &r.class) > 0),
            Some("down") => self.keep(|r| run.moved(r.last.as_deref(), &r.class) < 0),
            Some("objection") => self.keep(|r| objections.contains(&r.firm)),
            Some("overridden") => self.keep(|r| r.ranked_class.is_some()),
            Some(other) => {
                return Err(Refusal::invalid(
                    "filter",
                    format!("没有筛选“{other}”，可用：edge、missing、up、down、objection、overridden。"),
                    format!("There is no filter `{other}`; allowed: edge, missing, up, down, objection, overridden."),
                ));
            }
        }
        let rows = self.run.rows.get().expect("made with the rows");
        sort(&mut self.order, rows, query.sort.as_deref().unwrap_or("rank"), &run);
        Ok(self)
    }
}

fn sort(order: &mut [usize], rows: &[ResultRow], key: &str, run: &Prepared) {
    let (key, descending) = key.strip_prefix('-').map_or((key, false), |k| (k, true));
    let number = |r: &ResultRow| -> Option<f64> {
        match key {
            "rank" => r.rank.map(|x| x as f64),
            "total" => r.total,
            "land" => r.land.as_deref().and_then(|l| l.parse().ok()),
            "class" => Some(run.order(&r.class).min(99) as f64),
            "last" => Some(r.last.as_deref().map_or(99, |l| run.order(l).min(98)) as f64),
            indicator => r.indicators.get(indicator).and_then(|c| c.value),
        }
    };
    let population = |r: &ResultRow| {
        r.population
            .as_deref()
            .and_then(|p| run.scheme.populations.iter().position(|x| x.id == p))
            .unwrap_or(usize::MAX)
    };
    order.sort_by(|a, b| {
        let (a, b) = (&rows[*a], &rows[*b]);
        let order = match key {
            "name" => a.name.cmp(&b.name),
            "town" => a.town.cmp(&b.town),
            "industry" => a.industry.cmp(&b.industry),
            _ => match (number(a), number(b)) {
                (Some(x), Some(y)) => x.total_cmp(&y),
                // Unknown goes last, whichever way the rest is sorted.
                (None, Some(_)) if descending => std::cmp::Ordering::Less,
                (Some(_), None) if descending => std::cmp::Ordering::Greater,
                (None, Some(_)) => std::cmp::Ordering::Greater,
                (Some(_), None) => std::cmp::Ordering::Less,
                (None, None) => std::cmp::Ordering::Equal,
            },
        };
        let order = if descending { order.reverse() } else { order };
        match key {
            "rank" => population(a).cmp(&population(b)).then(order),
            _ => order,
        }
        .then(a.firm.cmp(&b.firm))
    });
}

fn histogram(totals: &[f64]) -> Vec<(f64, f64, u64)> {
    let (Some(low), Some(high)) =
        (totals.iter().copied().min_by(f64::total_cmp), totals.iter().copied().max_by(f64::total_cmp))
    else {
        return Vec::new();
    };
    let width = ((high - low) / BARS as f64).max(f64::EPSILON * high.abs().max(1.0));
    let mut bars: Vec<(f64, f64, u64)> =
        (0..BARS).map(|i| (low + width * i as f64, low + width * (i + 1) as f64, 0)).collect();
    for total in totals {
        bars[(((total - low) / width) as usize).min(BARS - 1)].2 += 1;
    }
    bars
}

fn truth(truth: Truth) -> String {
    match truth {
        Truth::True => "true",
        Truth::False => "false",
        Truth::Unknown => "unknown",
    }
    .into()
}

fn signed(number: Decimal) -> String {
    if number.is_sign_negative() { plain(number) } else { format!("+{}", plain(number)) }
}

/// A formula with values in the place of names.
fn filled(formula: &str, inputs: &[ProofInput]) -> String {
    let mut out = String::new();
    let mut word = String::new();
    let put = |out: &mut String, word: &mut String| {
        if !word.is_empty() {
            match inputs.iter().find(|i| i.id == *word) {
                Some(input) => out.push_str(input.value.as_deref().unwrap_or("未知")),
                None => out.push_str(word),
            }
            word.clear();
        }
    };
    for c in formula.chars() {
        if c.is_alphanumeric() || c == '_' {
            word.push(c);
        } else {
            put(&mut out, &mut word);
            out.push(match c {
                '/' => '÷',
                '*' => '×',
                other => other,
            });
        }
    }
    put(&mut out, &mut word);
    out
}

fn scoring(i: &measure::proof::IndicatorProof) -> String {
    let number = |v: Option<f64>| v.map_or("未知".to_owned(), |v| format!("{v:.4}"));
    let base = |role: &str| number(i.baselines.iter().find(|b| b.role == role).and_then(|b| b.value));
    let (value, weight) = (number(i.value), plain(i.weight));
    let bounded = |inner: String| match i.cap {
        Some(cap) => format!("min({inner}, {}) × {weight}", plain(cap)),
        None => format!("{inner} × {weight}"),
    };
    match i.method.as_str() {
        "ratio" => bounded(format!("{value} ÷ {}", base("baseline"))),
        "reverse" => format!("(2 − {value} ÷ {}) × {weight} ÷ 2", base("baseline")),
        "min_max" => format!("{weight} × 区间位置（{value}，{} 至 {}）", base("low"), base("high")),
        "rank" => format!("按 {value} 排名"),
        _ => format!("公式计分，值 {value}"),
    }
}

fn total_words(total: &measure::proof::TotalProof) -> String {
    if let Some(formula) = &total.formula {
        return formula.clone();
    }
    let mut words = format!("指标得分 {:.4}", total.points);
    if total.coefficient_formula.is_some() {
        words.push_str(&format!(" × 系数 {}", total.coefficient));
    }
    if total.bonus != 0.0 {
        words.push_str(&format!(" + 加分 {}", total.bonus));
    }
    if total.deduction != 0.0 {
        words.push_str(&format!(" − 扣分 {}", total.deduction));
    }
    words
}

fn gap_label(state: ValueState, rule: &str) -> Label {
    let (zh, en) = match state {
        ValueState::Missing => ("数据缺失", "missing"),
        ValueState::Undefined => ("分母为零", "zero denominator"),
        ValueState::Negative => ("数值为负", "negative"),
        ValueState::Known => ("", ""),
    };
    let (rule_zh, rule_en) = match rule {
        "unknown" => ("得分未知", "points unknown"),
        "zero" => ("计 0 分", "no points"),
        "points" => ("按规定分值", "fixed points"),
        "mean_points" => ("按同口径平均得分", "average points of the population"),
        "deduct" => ("扣分", "points taken off"),
        "redistribute" => ("权重分摊到其他指标", "weight spread over the others"),
        "as" => ("按规定统计量计", "scored as a statistic"),
        "full" => ("计满分", "full points"),
        other => (other, other),
    };
    Label { zh: format!("{zh}：{rule_zh}"), en: format!("{en}: {rule_en}") }
}

fn baseline_view(services: &Services, run: &Prepared, b: &measure::proof::BaselineProof) -> ProofBaseline {
    let (zh, en) = match b.statistic.as_str() {
        "fixed" => ("公布值", "published value"),
        "mean" => ("平均值", "mean"),
        "trimmed_mean" => ("截尾平均值", "trimmed mean"),
        "ratio_of_sums" => ("合计之比", "ratio of sums"),
        "median" => ("中位数", "median"),
        "percentile" => ("百分位数", "percentile"),
        "min" => ("最小值", "minimum"),
        "max" => ("最大值", "maximum"),
        other => (other, other),
    };
    let mut how = Label { zh: zh.into(), en: en.into() };
    if let Some(multiple) = b.multiple {
        how.zh.push_str(&format!(" × {}", plain(multiple)));
        how.en.push_str(&format!(" × {}", plain(multiple)));
    }
    if b.lag > 0 {
        how.zh.insert_str(0, "上年");
        how.en.insert_str(0, "last year's ");
    }
    if b.widened {
        how.zh.push_str("（组内样本不足，按全体）");
        how.en.push_str(" (too few in the group: everyone)");
    }
    if let Some(parameter) = &b.parameter {
        let title = services.title(Some(&run.scheme), parameter);
        how.zh.push_str(&format!("：{}", title.zh));
        how.en.push_str(&format!(": {}", title.en));
    }
    ProofBaseline {
        name: b.role.clone(),
        value: b.value,
        how,
        group: (!b.group.is_empty()).then(|| b.group.clone()),
        n: (b.n > 0).then_some(u64::from(b.n)),
        clause: b.clause.clone(),
        unverified: assumed(&b.standing),
    }
}
