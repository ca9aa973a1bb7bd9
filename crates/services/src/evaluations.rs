//! The yearly evaluation of a county: its state, what stands in the way of the next step, and the
//! steps themselves. Every step passes the gate of `cases` with the guards computed here.

use crate::{
    Refusal, Result, Services,
    catalogue::label,
    refusal::Kind,
    requests::{NewEvaluationRequest, Step},
    rounds::action_views,
    views::{
        ClassCount, ClockView, Delivery, EvaluationDetail, EvaluationRow, HistoryItem, ImportCounts, Label, RunRow,
        SheetCounts, Stage,
    },
};
use base::{Department, Digest, DivisionCode, Role, Scope};
use cases::{Deadline, Known, Refused, Who};
use jiff::{Timestamp, civil::Date};
use law::{Process, Scheme};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use store::{
    ConfirmationState, Evaluation, EvaluationFilter, Import, ImportFilter, ImportState, NewAudit, NewEvaluation,
    NewPublication, ObjectionFilter, PublicationKind, Run, RunKind,
};

/// Things done to an evaluation from inside other services; each is a step of the process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Deed {
    /// Take in a department's file.
    Deliver,
    /// Take an accepted file back.
    TakeBack,
    /// A firm confirms its sheet.
    ConfirmSheet,
    /// A firm disputes a figure.
    DisputeSheet,
    /// An officer settles what a firm disputes.
    SettleDispute,
    /// An objection arrives.
    ReceiveObjection,
}

impl Deed {
    const ALL: [Self; 6] = [
        Self::Deliver,
        Self::TakeBack,
        Self::ConfirmSheet,
        Self::DisputeSheet,
        Self::SettleDispute,
        Self::ReceiveObjection,
    ];

    pub(crate) fn action(self) -> &'static str {
        match self {
            Deed::Deliver => "deliver",
            Deed::TakeBack => "take_back",
            Deed::ConfirmSheet => "confirm_sheet",
            Deed::DisputeSheet => "dispute_sheet",
            Deed::SettleDispute => "settle_dispute",
            Deed::ReceiveObjection => "receive_objection",
        }
    }
}

/// Everything about an evaluation that guards and pages need.
pub(crate) struct Case {
    pub evaluation: Evaluation,
    pub runs: Vec<Run>,
    imports: Vec<Import>,
    sheets: SheetCounts,
    objections: BTreeMap<String, u64>,
    delivered: BTreeSet<Department>,
    last_sequence: i64,
    /// A firm that was registered at the freeze was changed since.
    registry_changed: bool,
    now: Timestamp,
}

impl Services {
    /// The process that a scheme names.
    pub(crate) fn process(&self, scheme: &Scheme) -> Result<&Process> {
        let id = &scheme.process.process;
        self.law().processes.get(id).ok_or_else(|| Refusal::internal(format!("law/ lacks the process {id}")))
    }

    /// The process of an evaluation: the one that its scheme names.
    pub(crate) fn process_of(&self, evaluation: &Evaluation) -> Result<&Process> {
        self.process(self.scheme_of(evaluation)?)
    }

    /// The scheme that an evaluation goes by.
    pub(crate) fn scheme_of(&self, evaluation: &Evaluation) -> Result<&Scheme> {
        let (id, year) = (&evaluation.scheme, evaluation.year as i16);
        self.law().scheme(id, year).ok_or_else(|| {
            Refusal::new(
                Kind::Conflict,
                "no_scheme",
                format!("方案 {id} 没有适用于 {year} 年度的版本。"),
                format!("The scheme {id} has no version for the year {year}."),
            )
        })
    }

    /// Evaluations that the person may see, latest year first.
    pub async fn list_evaluations(&self, scope: &Scope) -> Result<Vec<EvaluationRow>> {
        let found = self.store().read(scope).list_evaluations(&EvaluationFilter::default()).await?;
        let mut rows = Vec::with_capacity(found.len());
        for evaluation in found {
            let runs = self.store().read(scope).list_runs(evaluation.id).await.unwrap_or_default();
            rows.push(self.evaluation_row(&evaluation, runs.first())?);
        }
        Ok(rows)
    }

    /// The scheme named, when it covers the place and the year; else the one that holds there.
    pub(crate) fn scheme_chosen(&self, division: DivisionCode, year: i16, id: Option<&str>) -> Option<&Scheme> {
        match id {
            Some(id) => self.law().scheme(id, year).filter(|s| s.division.covers(division)),
            None => self.law().scheme_for(division, year),
        }
    }

    /// Opens a year of a county under the scheme that holds there.
    pub async fn create_evaluation(&self, scope: &Scope, request: NewEvaluationRequest) -> Result<EvaluationDetail> {
        if scope.role() != Role::CountyOfficer && !scope.is_system() {
            return Err(Refusal::forbidden());
        }
        let division: DivisionCode = request.division.parse().map_err(|e: base::division::NotADivision| {
            Refusal::invalid("division", format!("“{}”不是行政区划代码。", e.0), e.to_string())
        })?;
        if !scope.sees_division(division) {
            return Err(Refusal::forbidden());
        }
        let scheme = self.scheme_chosen(division, request.year, request.scheme.as_deref()).ok_or_else(|| {
            let name = self.law().divisions.name(division);
            Refusal::invalid(
                "no_scheme",
                format!("{name} {} 年度没有可用的评价方案；请先在 law/ 中加入方案文件。", request.year),
                format!("{name} has no scheme for {}; add its file to law/ first.", request.year),
            )
        })?;
        let new = NewEvaluation {
            division,
            year: i32::from(request.year),
            scheme: scheme.id.clone(),
            state: self.process(scheme)?.start.clone(),
            clocks: json!({}),
        };
        let mut tx = self.store().begin(scope).await?;
        self.refuse_second(&tx, &new).await?;
        let evaluation = tx.insert_evaluation(&new).await?;
        tx.audit(
            NewAudit::new("evaluation.create", format!("evaluation:{}", evaluation.id), division)
                .with(json!({ "year": request.year, "scheme": scheme.id, "version": scheme.version })),
        );
        tx.commit().await?;
        self.get_evaluation(scope, evaluation.id).await
    }

    /// A county's year has one evaluation, whatever its scheme and state: its classes are kept by county
    /// and year, and no state of the process takes them back.
    async fn refuse_second(&self, tx: &store::Tx, new: &NewEvaluation) -> Result<()> {
        let filter =
            EvaluationFilter { division: Some(new.division), year: Some(new.year), ..EvaluationFilter::default() };
        let there = tx.read().list_evaluations(&filter).await?.into_iter().find(|e| e.division == new.division);
        let Some(there) = there else { return Ok(()) };
        let name = self.law().divisions.name(new.division);
        Err(Refusal::new(
            Kind::Conflict,
            "evaluation_exists",
            format!(
                "{name} {} 年度已有评价（第 {} 号，方案 {}），一个年度只能有一个。",
                new.year, there.id, there.scheme
            ),
            format!(
                "{name} has an evaluation for {} already (number {}, scheme {}); a year has one.",
                new.year, there.id, there.scheme
            ),
        ))
    }

    /// One evaluation in full.
    pub async fn get_evaluation(&self, scope: &Scope, id: i64) -> Result<EvaluationDetail> {
        let evaluation = self.store().read(scope).get_evaluation(id).await?;
        let case = self.case(evaluation).await?;
        self.evaluation_detail(scope, &case).await
    }

    /// Loads what guards need. Counts are taken for the whole case, whoever asks.
    pub(crate) async fn case(&self, evaluation: Evaluation) -> Result<Case> {
        let scope = Scope::system("case", self.settings().root);
        let reader = self.store().read(&scope);
        let filter = ImportFilter { evaluation: Some(evaluation.id), ..ImportFilter::default() };
        let imports = reader.list_imports(&filter).await?;
        let confirmations = reader.list_confirmations(evaluation.id).await?;
        let view = reader.facts(evaluation.division, evaluation.year).await?;
        let asked: BTreeSet<i64> = self.sheet_firms(&evaluation, &view).await?.into_iter().map(|f| f.id).collect();
        let count = |state| confirmations.iter().filter(|c| c.state == state && asked.contains(&c.firm)).count() as u64;
        let sheets = SheetCounts {
            total: asked.len() as u64,
            confirmed: count(ConfirmationState::Confirmed),
            disputed: count(ConfirmationState::Disputed),
            settled: count(ConfirmationState::Settled),
        };
        let filter = ObjectionFilter { evaluation: Some(evaluation.id), ..ObjectionFilter::default() };
        let mut objections = BTreeMap::new();
        for objection in reader.list_objections(&filter).await? {
            *objections.entry(objection.state).or_default() += 1;
        }
        let frozen_at = evaluation.clocks.get("registry").and_then(Value::as_i64);
        // What is final stands, whatever its firms are called later.
        let registry_changed = match frozen_at.filter(|_| evaluation.final_run.is_none()) {
            Some(sequence) => reader.registry_changed_since(evaluation.division, sequence).await?,
            None => false,
        };
        Ok(Case {
            registry_changed,
            runs: reader.list_runs(evaluation.id).await?,
            imports,
            sheets,
            objections,
            delivered: view.delivered(),
            last_sequence: view.last_sequence(),
            now: self.timestamp(),
            evaluation,
        })
    }

    /// Templates whose figures a scheme uses, in the order of the law.
    pub(crate) fn templates_used(&self, scheme: &Scheme) -> Vec<&law::Template> {
        let used = self.facts_used(scheme);
        let mut owners: BTreeSet<Department> =
            used.iter().filter_map(|id| self.law().facts.get(id)).map(|f| f.owner).collect();
        if used.iter().any(|id| id.ends_with("_land") || id == "tenants") {
            owners.insert(Department::Land);
        }
        self.law().templates.iter().filter(|t| owners.contains(&t.department)).collect()
    }

    /// Names in the scheme's formulas, derived indicators followed to what they are made of.
    pub(crate) fn facts_used(&self, scheme: &Scheme) -> BTreeSet<String> {
        fn texts(value: &Value, out: &mut Vec<String>) {
            match value {
                Value::Object(map) => {
                    if map.contains_key("at")
                        && let Some(text) = map.get("text").and_then(Value::as_str)
                    {
                        out.push(text.to_owned());
                    }
                    for (key, inner) in map {
                        if matches!(key.as_str(), "use_" | "quantity" | "account" | "evidence")
                            && let Some(id) = inner.as_str()
                        {
                            out.push(id.to_owned());
                        }
                        texts(inner, out);
                    }
                }
                Value::Array(items) => items.iter().for_each(|v| texts(v, out)),
                _ => (),
            }
        }
        let mut waiting = Vec::new();
        texts(&serde_json::to_value(scheme).unwrap_or_default(), &mut waiting);
        let mut seen = BTreeSet::new();
        while let Some(text) = waiting.pop() {
            for word in text.split(|c: char| !(c.is_alphanumeric() || c == '_')).filter(|w| !w.is_empty()) {
                if seen.insert(word.to_owned())
                    && let Some(derived) = self.law().indicator(scheme, word)
                {
                    waiting.push(derived.formula.text.clone());
                }
            }
        }
        seen
    }

    fn guards(&self, case: &Case) -> Result<BTreeSet<String>> {
        let scheme = self.scheme_of(&case.evaluation)?;
        let needed = self.templates_used(scheme);
        let open = |state: &str| case.objections.get(state).copied().unwrap_or(0);
        let objections_open = ["filed", "with_department", "answered", "review"].iter().map(|s| open(s)).sum::<u64>();
        let waiting = case.imports.iter().any(|i| matches!(i.state, ImportState::Reading | ImportState::Waiting));
        let latest = case.runs.first();
        let frozen = case.evaluation.snapshot_digest;
        let current_rules = self.law().rule_digest(scheme);
        let done = latest.is_some_and(|r| Some(r.snapshot_digest) == frozen && r.law_digest == current_rules);
        let stale = self.is_stale(case);
        let notice_over = clock(&case.evaluation, "notice").is_some_and(|d| d.elapsed(case.now));
        let confirm_over = clock(&case.evaluation, "confirm").is_some_and(|d| d.elapsed(case.now));
        let answered = case.sheets.confirmed + case.sheets.disputed + case.sheets.settled;
        let all = answered >= case.sheets.total && case.sheets.total > 0;
        let pairs = [
            ("departments_delivered", needed.iter().all(|t| case.delivered.contains(&t.department))),
            ("no_doubtful_matches", !case.imports.iter().any(|i| i.state == ImportState::Waiting)),
            ("no_open_imports", !waiting),
            ("firms_answered", all || confirm_over),
            ("no_open_disputes", case.sheets.disputed == 0),
            ("snapshot_frozen", frozen.is_some()),
            ("trial_done", done && !stale),
            ("no_open_objections", objections_open == 0),
            ("notice_over", notice_over),
            ("rerun_needed", stale),
            ("rerun_done", done && !stale),
            ("run_verified", latest.is_some_and(|r| kept(&case.evaluation, "verified") == Some(r.result_digest))),
            ("measures_published", latest.is_some_and(|r| kept_of_run(&case.evaluation, "measures") == Some(r.id))),
        ];
        Ok(pairs.into_iter().filter(|(_, holds)| *holds).map(|(id, _)| id.to_owned()).collect())
    }

    /// Facts were accepted, or firms of the register changed, after the freeze.
    pub(crate) fn is_stale(&self, case: &Case) -> bool {
        let frozen = case.evaluation.clocks.get("sequence").and_then(Value::as_i64);
        case.evaluation.snapshot_digest.is_some()
            && (frozen.is_none_or(|s| s < case.last_sequence) || case.registry_changed)
    }

    fn known(&self, case: &Case) -> Result<Known> {
        let last_actor = case.evaluation.clocks.get("last_actor").and_then(Value::as_str).map(str::to_owned);
        Ok(Known { holds: self.guards(case)?, last_actor })
    }

    /// Refuses what the process does not allow in the evaluation's state.
    pub(crate) async fn permits(&self, scope: &Scope, evaluation: &Evaluation, deed: Deed) -> Result<()> {
        let who = Who::from(scope);
        let known = Known::default();
        cases::apply(self.process_of(evaluation)?, &evaluation.state, deed.action(), &who, &known, "")
            .map(|_| ())
            .map_err(|refused| self.refused(refused))
    }

    /// A refusal of the gate in words.
    pub(crate) fn refused(&self, refused: Refused) -> Refusal {
        let state = |id: &str| -> String {
            let all = self.law().processes.values().flat_map(|p| &p.states);
            all.into_iter().find(|s| s.id == id).map_or_else(|| id.to_owned(), |s| s.title.zh.clone())
        };
        let step = |id: &str| -> String {
            let all = self.law().processes.values().flat_map(|p| &p.transitions);
            all.into_iter().find(|t| t.action == id).map_or_else(|| id.to_owned(), |t| t.title.zh.clone())
        };
        let en = refused.to_string();
        match refused {
            Refused::NoSuchStep { action, state: at, allowed } => {
                let allowed: Vec<String> = allowed.iter().map(|a| step(a)).collect();
                Refusal::new(
                    Kind::Conflict,
                    "no_such_step",
                    format!("“{}”状态下不能“{}”；可以：{}。", state(&at), step(&action), allowed.join("、")),
                    en,
                )
            }
            Refused::NotYours { action, .. } => {
                Refusal::new(Kind::Forbidden, "not_yours", format!("您的角色不能“{}”。", step(&action)), en)
            }
            Refused::Blocked { action, guards } => {
                let titles: Vec<&str> = guards.iter().map(|g| g.title.zh.as_str()).collect();
                Refusal::new(
                    Kind::Conflict,
                    "blocked",
                    format!("还不能“{}”，须先满足：{}。", step(&action), titles.join("；")),
                    en,
                )
            }
            Refused::SamePerson { action, .. } => Refusal::new(
                Kind::Forbidden,
                "same_person",
                format!("“{}”须由另一个人办理：上一步是您本人做的。", step(&action)),
                en,
            ),
            Refused::NoReason { action } => Refusal::invalid("reason", format!("“{}”须写明理由。", step(&action)), en),
        }
    }

    /// Takes a step of the process.
    pub async fn act_on_evaluation(
        &self,
        scope: &Scope,
        id: i64,
        action: &str,
        step: Step,
    ) -> Result<EvaluationDetail> {
        let evaluation = self.store().read(scope).get_evaluation(id).await?;
        if evaluation.version != step.version {
            return Err(store::StoreError::Conflict {
                what: "evaluation",
                key: id.to_string(),
                expected: step.version.to_string(),
                found: evaluation.version.to_string(),
            }
            .into());
        }
        let case = self.case(evaluation.clone()).await?;
        let known = self.known(&case)?;
        let who = Who::from(scope);
        let process = self.process_of(&evaluation)?;
        let transition = cases::apply(process, &evaluation.state, action, &who, &known, &step.reason)
            .map_err(|refused| self.refused(refused))?;
        let scheme = self.scheme_of(&evaluation)?;
        let mut next = evaluation.clone();
        next.state = transition.to.clone();
        next.clocks["last_actor"] = json!(scope.actor());
        let today = cases::clock::local_day(case.now).map_err(Refusal::internal)?;
        // Heavy work goes before the transaction; the version lock tells whether it still fits.
        let frozen = match action {
            "freeze" | "run_again" => Some(self.freeze(&evaluation).await?),
            _ => None,
        };
        if let Some(frozen) = &frozen {
            next.snapshot_digest = Some(frozen.digest);
            next.scheme_digest = Some(self.law().rule_digest(scheme));
            next.clocks["sequence"] = json!(frozen.sequence);
            next.clocks["registry"] = json!(frozen.registry);
        }
        let ran = match action {
            "run_trial" | "run_again" => {
                let snapshot = next.snapshot_digest.ok_or_else(|| Refusal::internal("no snapshot is frozen"))?;
                let parts = match &frozen {
                    Some(frozen) => frozen.parts.clone(),
                    None => self.parts(snapshot).await?,
                };
                Some(self.compute(scheme, next.year as i16, &parts).await?)
            }
            "finalise" | "publish" => {
                let run = case.runs.first().ok_or_else(|| Refusal::internal("no run"))?;
                let report = self.verify_stored(run).await?;
                if !report.agrees {
                    return Err(Refusal::new(
                        Kind::Conflict,
                        "not_verified",
                        "结果不能由快照和方案复算一致，不能审定或公布。",
                        "The result does not recompute from snapshot and scheme.",
                    ));
                }
                None
            }
            _ => None,
        };
        let payload = match action {
            "start_notice" | "notice_again" | "publish" => {
                let run = case.runs.first().ok_or_else(|| Refusal::internal("no run"))?;
                Some((run.clone(), self.publication_payload(&evaluation, run).await?))
            }
            _ => None,
        };
        match action {
            "open_confirmation" => {
                let (rule, year) = (&scheme.process, next.year as i16);
                let days = rule.land_notice.as_ref().unwrap_or_else(|| rule.notice_in(year));
                self.start_clock(&mut next, "confirm", today, days, rule.ends_at_in(year))?;
            }
            "start_notice" | "notice_again" => {
                let (rule, year) = (&scheme.process, next.year as i16);
                self.start_clock(&mut next, "notice", today, rule.notice_in(year), rule.ends_at_in(year))?;
            }
            "finalise" => next.final_run = case.runs.first().map(|r| r.id),
            "reopen" => next.final_run = None,
            _ => (),
        }
        let subject = format!("evaluation:{id}");
        let classes = match action {
            "finalise" => Some(self.class_records(case.runs.first().expect("the gate asked for a run")).await?),
            _ => None,
        };
        let measures = match action {
            "finalise" => Some(self.measures_kept(case.runs.first().expect("the gate asked for a run")).await?),
            _ => None,
        };
        let mut tx = self.store().begin(scope).await?;
        if let Some((run, bytes)) = &measures {
            let digest = tx.put_object(bytes, store::ObjectAccess::office(evaluation.division)).await?;
            next.clocks["measures"] = json!({ "run": run, "digest": digest.hex() });
        }
        if let Some(frozen) = &frozen {
            let last = tx.read().last_sequence(evaluation.division, evaluation.year).await?;
            if last != frozen.sequence {
                return Err(Refusal::new(
                    Kind::Conflict,
                    "facts_changed",
                    format!("冻结期间又有数据入库（第 {last} 批，冻结到第 {} 批），请重试。", frozen.sequence),
                    format!(
                        "Facts came in while they were being frozen (segment {last}, frozen up to {}); try again.",
                        frozen.sequence
                    ),
                ));
            }
            self.put_parts(&mut tx, evaluation.division, &frozen.parts).await?;
        }
        let mut detail = json!({ "from": evaluation.state, "to": next.state, "reason": step.reason });
        // What stands on the public page no longer holds once the evaluation goes back before it.
        if matches!(action, "withdraw_notice" | "reopen") {
            self.close_publications(&mut tx, &evaluation).await?;
        }
        if let Some(ran) = &ran {
            let kind = if action == "run_again" { RunKind::Rerun } else { RunKind::Trial };
            let previous = case.runs.first().map(|r| r.id);
            let snapshot = next.snapshot_digest.expect("set above");
            let run = self.put_run(&mut tx, &evaluation, kind, snapshot, ran, previous).await?;
            detail["run"] = json!(run.id);
            detail["result"] = json!(run.result_digest.hex());
        }
        if let Some((run, payload)) = &payload {
            let public = store::ObjectAccess::office(evaluation.division);
            let digest = tx.put_object(payload, public).await?;
            self.close_publications(&mut tx, &evaluation).await?;
            let kind = if action == "publish" { PublicationKind::Final } else { PublicationKind::Notice };
            let publication =
                tx.insert_publication(&NewPublication { run: run.id, kind, payload_digest: digest }).await?;
            detail["publication"] = json!(publication.id);
        }
        if let Some(classes) = &classes {
            tx.delete_classes(evaluation.division, evaluation.year).await?;
            tx.insert_classes(classes).await?;
        }
        let now = tx.now().to_owned();
        record(&mut next, &now, scope.actor(), action, &transition.title, &step.reason);
        let next = tx.update_evaluation(&next).await?;
        tx.audit(NewAudit::new(format!("evaluation.{action}"), subject, evaluation.division).with(detail));
        tx.commit().await?;
        let mut case = self.case(next).await?;
        if ran.is_some() {
            case = self.note_verified(case).await?;
        }
        self.evaluation_detail(scope, &case).await
    }

    /// Verifies after a restart what had been run and not yet verified when the process ended.
    pub async fn resume_verifications(&self) -> Result<usize> {
        let scope = Scope::system("verify", self.settings().root);
        let mut count = 0;
        for evaluation in self.store().read(&scope).list_evaluations(&EvaluationFilter::default()).await? {
            let case = self.case(evaluation).await?;
            let Some(run) = case.runs.first() else { continue };
            if case.evaluation.final_run.is_none() && kept(&case.evaluation, "verified") != Some(run.result_digest) {
                self.note_verified(case).await?;
                count += 1;
            }
        }
        Ok(count)
    }

    /// Recomputes the latest run from what was stored of it, and keeps that it agreed. A run that does
    /// not agree leaves the guard closed until the run is made again.
    async fn note_verified(&self, case: Case) -> Result<Case> {
        let Some(run) = case.runs.first() else { return Ok(case) };
        if !self.verify_stored(run).await?.agrees {
            return Ok(case);
        }
        let mut next = case.evaluation.clone();
        next.clocks["verified"] = json!(run.result_digest.hex());
        let scope = Scope::system("verify", self.settings().root);
        let mut tx = self.store().begin(&scope).await?;
        let next = tx.update_evaluation(&next).await?;
        let detail = json!({ "run": run.id, "result": run.result_digest.hex() });
        let subject = format!("evaluation:{}", next.id);
        tx.audit(NewAudit::new("evaluation.verified", subject, next.division).with(detail));
        tx.commit().await?;
        self.case(next).await
    }

    /// The list of measures of a run, as it is kept when the run becomes final.
    async fn measures_kept(&self, run: &Run) -> Result<(i64, Vec<u8>)> {
        let scope = Scope::system("measures", self.settings().root);
        let prepared = self.prepared(&scope, run.id).await?;
        let rows = self.measure_rows(&scope, &prepared, None, None);
        Ok((run.id, serde_json::to_vec(&rows).map_err(Refusal::internal)?))
    }

    /// Ends what is published of an evaluation.
    async fn close_publications(&self, tx: &mut store::Tx, evaluation: &Evaluation) -> Result<()> {
        let all = tx.read().list_publications(Some(evaluation.division)).await?;
        for open in all.iter().filter(|p| p.evaluation == evaluation.id && p.closed_at.is_none()) {
            tx.close_publication(open.id).await?;
        }
        Ok(())
    }

    fn start_clock(
        &self,
        evaluation: &mut Evaluation,
        name: &str,
        start: Date,
        days: &law::scheme::Days,
        ends_at: Option<&str>,
    ) -> Result<()> {
        let end = cases::deadline(&self.law().calendar, start, days, ends_at).map_err(|fault| {
            Refusal::new(
                Kind::Conflict,
                "calendar",
                format!("无法确定期限：{fault}。请在 law/national/calendars 中补充日历。"),
                fault.to_string(),
            )
        })?;
        evaluation.clocks[name] = json!({
            "from": end.from.to_string(), "last": end.last.to_string(), "until": end.until.to_string(),
            "days": end.days, "working": end.working,
        });
        Ok(())
    }

    /// Takes a deed's step inside a transaction that does the rest of it. The evaluation is read again
    /// there and counts a version on, so that a step which somebody prepared without this deed is stale.
    pub(crate) async fn take_deed(
        &self,
        tx: &mut store::Tx,
        scope: &Scope,
        evaluation: i64,
        deed: Deed,
        reason: &str,
    ) -> Result<Evaluation> {
        let evaluation = tx.read().get_evaluation(evaluation).await?;
        let who = Who::from(scope);
        let transition = cases::apply(
            self.process_of(&evaluation)?,
            &evaluation.state,
            deed.action(),
            &who,
            &Known::default(),
            reason,
        )
        .map_err(|refused| self.refused(refused))?;
        let mut next = evaluation;
        if next.state != transition.to {
            next.state = transition.to.clone();
            let now = tx.now().to_owned();
            record(&mut next, &now, scope.actor(), deed.action(), &transition.title, reason);
        }
        Ok(tx.move_evaluation(&next).await?)
    }

    pub(crate) fn evaluation_row(&self, evaluation: &Evaluation, run: Option<&Run>) -> Result<EvaluationRow> {
        let scheme = self.scheme_of(evaluation)?;
        let state = self.process_of(evaluation)?.states.iter().find(|s| s.id == evaluation.state);
        Ok(EvaluationRow {
            id: evaluation.id,
            division: self.division_view(evaluation.division),
            year: evaluation.year as i16,
            state: evaluation.state.clone(),
            state_title: state.map(|s| label(&s.title)).unwrap_or_default(),
            scheme: label(&scheme.title),
            classes: run.map(run_classes).unwrap_or_default(),
        })
    }

    async fn evaluation_detail(&self, scope: &Scope, case: &Case) -> Result<EvaluationDetail> {
        let evaluation = &case.evaluation;
        let scheme = self.scheme_of(evaluation)?;
        let process = self.process(scheme)?;
        let known = self.known(case)?;
        let who = Who::from(scope);
        let offers = cases::offers(process, &evaluation.state, &who, &known);
        // Deeds have pages of their own.
        let steps = offers.into_iter().filter(|o| Deed::ALL.iter().all(|d| d.action() != o.transition.action));
        let actions = action_views(steps, &[]);
        Ok(EvaluationDetail {
            row: self.evaluation_row(evaluation, case.runs.first())?,
            version: evaluation.version,
            scheme: self.scheme_ref(scheme),
            stages: self.stages(case)?,
            deliveries: self.deliveries(case, scheme),
            sheets: case.sheets.clone(),
            snapshot: evaluation.snapshot_digest.map(|d| d.hex()),
            stale: self.is_stale(case),
            runs: case.runs.iter().map(run_row).collect(),
            notice: clock(evaluation, "notice").map(|d| self.clock_view(&d, case.now)),
            objections: case.objections.clone(),
            actions,
            history: history(evaluation),
        })
    }

    fn deliveries(&self, case: &Case, scheme: &Scheme) -> Vec<Delivery> {
        self.templates_used(scheme)
            .into_iter()
            .map(|template| {
                let mut of = case.imports.iter().filter(|i| i.template == template.id);
                let newest = of.clone().find(|i| !matches!(i.state, ImportState::Withdrawn | ImportState::TakenBack));
                let accepted = of.find(|i| i.state == ImportState::Accepted);
                let state = match newest.map(|i| i.state) {
                    Some(ImportState::Reading) => "reading",
                    Some(ImportState::Waiting) => "waiting",
                    Some(ImportState::Refused) if accepted.is_none() => "refused",
                    _ if accepted.is_some() || case.delivered.contains(&template.department) => "accepted",
                    _ => "missing",
                };
                Delivery {
                    template: template.id.clone(),
                    title: Label { zh: template.title.clone(), en: template.title_en.clone() },
                    department: template.department.name().to_owned(),
                    state: state.to_owned(),
                    import: newest.map(|i| i.id),
                    at: accepted.and_then(|i| i.accepted_at.clone()),
                    counts: newest.and_then(|i| serde_json::from_value::<ImportCounts>(i.counts.clone()).ok()),
                }
            })
            .collect()
    }

    fn stages(&self, case: &Case) -> Result<Vec<Stage>> {
        let process = self.process_of(&case.evaluation)?;
        let scheme = self.scheme_of(&case.evaluation)?;
        let needed = self.templates_used(scheme);
        let delivered = needed.iter().filter(|t| case.delivered.contains(&t.department)).count();
        let at = process.states.iter().position(|s| s.id == case.evaluation.state).unwrap_or(0);
        let notice = clock(&case.evaluation, "notice");
        Ok(process
            .states
            .iter()
            .enumerate()
            .map(|(i, state)| {
                let both = |text: String| Label { zh: text.clone(), en: text };
                let detail = match state.id.as_str() {
                    "collecting" => both(format!("{delivered}/{}", needed.len())),
                    "confirming" => both(format!("{}/{}", case.sheets.confirmed, case.sheets.total)),
                    "notice" => notice
                        .as_ref()
                        .map(|d| {
                            let day = d.day(&self.law().calendar, case.now);
                            let (zh, en) = if d.working { ("个工作日", "working days") } else { ("天", "days") };
                            Label { zh: format!("第 {day}/{} {zh}", d.days), en: format!("{day}/{} {en}", d.days) }
                        })
                        .unwrap_or_default(),
                    "objection" => match case.objections.values().sum::<u64>() {
                        0 => Label::default(),
                        n => both(n.to_string()),
                    },
                    _ => Label::default(),
                };
                let state_word = match i.cmp(&at) {
                    std::cmp::Ordering::Less => "done",
                    std::cmp::Ordering::Equal => "now",
                    std::cmp::Ordering::Greater => "ahead",
                };
                Stage { id: state.id.clone(), title: label(&state.title), state: state_word.into(), detail }
            })
            .collect())
    }

    pub(crate) fn clock_view(&self, deadline: &Deadline, now: Timestamp) -> ClockView {
        ClockView {
            from: deadline.from.to_string(),
            until: deadline.until.to_string(),
            day: deadline.day(&self.law().calendar, now),
            days: deadline.days,
            working: deadline.working,
            elapsed: deadline.elapsed(now),
        }
    }
}

/// The digest that an evaluation keeps under a name.
fn kept(evaluation: &Evaluation, name: &str) -> Option<Digest> {
    evaluation.clocks.get(name)?.as_str()?.parse().ok()
}

/// The run whose stored object an evaluation keeps under a name.
fn kept_of_run(evaluation: &Evaluation, name: &str) -> Option<i64> {
    let kept = evaluation.clocks.get(name)?;
    kept.get("digest")?.as_str()?.parse::<Digest>().ok()?;
    kept.get("run")?.as_i64()
}

/// A clock that was started.
pub(crate) fn clock(evaluation: &Evaluation, name: &str) -> Option<Deadline> {
    let value = evaluation.clocks.get(name)?;
    let text = |key: &str| value.get(key).and_then(Value::as_str);
    Some(Deadline {
        from: text("from")?.parse().ok()?,
        last: text("last")?.parse().ok()?,
        until: text("until")?.parse().ok()?,
        days: value.get("days")?.as_u64()? as u32,
        working: value.get("working")?.as_bool()?,
    })
}

/// Adds a step to the evaluation's own history.
fn record(evaluation: &mut Evaluation, at: &str, by: &str, action: &str, title: &law::scheme::Text, reason: &str) {
    if !evaluation.clocks["history"].is_array() {
        evaluation.clocks["history"] = json!([]);
    }
    if let Some(list) = evaluation.clocks["history"].as_array_mut() {
        list.push(json!({
            "at": at, "by": by, "action": action, "zh": title.zh, "en": title.en, "reason": reason,
        }));
    }
}

fn history(evaluation: &Evaluation) -> Vec<HistoryItem> {
    let list = evaluation.clocks.get("history").and_then(Value::as_array).cloned().unwrap_or_default();
    let text = |item: &Value, key: &str| item.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    list.iter()
        .rev()
        .map(|item| HistoryItem {
            at: text(item, "at"),
            by: text(item, "by"),
            title: Label { zh: text(item, "zh"), en: text(item, "en") },
            reason: text(item, "reason"),
        })
        .collect()
}

/// Counts by class, as a run's summary keeps them.
pub(crate) fn run_classes(run: &Run) -> Vec<ClassCount> {
    run.summary.get("classes").and_then(|c| serde_json::from_value(c.clone()).ok()).unwrap_or_default()
}

/// A run in a list.
pub(crate) fn run_row(run: &Run) -> RunRow {
    RunRow {
        id: run.id,
        kind: run.kind.name().to_owned(),
        at: run.at.clone(),
        by: run.by.clone(),
        result: run.result_digest.hex(),
        snapshot: run.snapshot_digest.hex(),
        engine: run.engine_version.clone(),
        previous: run.previous,
        classes: run_classes(run),
    }
}
