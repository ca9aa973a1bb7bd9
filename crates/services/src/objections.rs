//! Objections: a firm says that a figure is wrong, its department looks into it, a second person
//! decides, and what is upheld becomes a correction of the facts, with the whole ranking run again.

use crate::{
    Document, Refusal, Result, Services,
    catalogue::label,
    evaluations::{Deed, clock},
    firms::required,
    refusal::Kind,
    requests::{NewObjectionRequest, ObjectionStep},
    sheets::plain,
    views::{ActionView, Answer, HistoryItem, Label, ObjectionView},
};
use base::{Department, Digest, Role, Scope};
use cases::{Known, Who};
use law::Process;
use rust_decimal::Decimal;
use serde_json::{Value, json};
use store::{
    BatchMeta, Evaluation, FactBatch, FactRow, NewAudit, NewObjection, NewSegment, NewStoredFile, ObjectAccess,
    Objection, ObjectionFilter, SegmentKind,
};

const PROCESS: &str = "objection";
/// Largest piece of evidence: a scanned contract.
const FILE_BYTES_MAX: usize = 20 * 1024 * 1024;

impl Services {
    fn objection_process(&self) -> Result<&Process> {
        self.law().processes.get(PROCESS).ok_or_else(|| Refusal::internal(format!("law/ lacks the process {PROCESS}")))
    }

    /// Objections of an evaluation that the person may see, newest first.
    pub async fn list_objections(&self, scope: &Scope, evaluation: i64) -> Result<Vec<ObjectionView>> {
        let reader = self.store().read(scope);
        let case = reader.get_evaluation(evaluation).await?;
        let filter = ObjectionFilter { evaluation: Some(evaluation), ..ObjectionFilter::default() };
        let mut views = Vec::new();
        for objection in reader.list_objections(&filter).await? {
            views.push(self.objection_view(scope, &case, objection).await?);
        }
        Ok(views)
    }

    /// A firm objects to a figure with a claim, a reason and a file.
    pub async fn create_objection(
        &self,
        scope: &Scope,
        evaluation: i64,
        request: NewObjectionRequest,
    ) -> Result<ObjectionView> {
        let firm = match (scope.firm(), request.firm) {
            (Some(own), None) => own,
            (Some(own), Some(named)) if own == named => own,
            (None, Some(named)) if scope.role() == Role::CountyOfficer => named,
            _ => return Err(Refusal::forbidden()),
        };
        let reader = self.store().read(scope);
        let case = reader.get_evaluation(evaluation).await?;
        reader.get_firm(firm).await?;
        self.permits(scope, &case, Deed::ReceiveObjection).await?;
        let now = self.timestamp();
        if clock(&case, "notice").is_none_or(|d| d.elapsed(now)) {
            return Err(Refusal::new(
                Kind::Conflict,
                "notice_over",
                "公示期已结束，逾期视为无异议。",
                "The notice is over; objections are no longer taken.",
            ));
        }
        let says = required(&request.says)?.to_owned();
        let Some((name, bytes)) = request.file.filter(|(_, b)| !b.is_empty()) else {
            return Err(Refusal::invalid("file", "请附上证明材料。", "Attach the evidence."));
        };
        if bytes.len() > FILE_BYTES_MAX {
            return Err(Refusal::new(
                Kind::TooLarge,
                "file_too_large",
                format!("证明材料 {} 字节，最多 {FILE_BYTES_MAX} 字节。", bytes.len()),
                format!("The evidence has {} bytes; {FILE_BYTES_MAX} are allowed.", bytes.len()),
            ));
        }
        let (fact, subject) = self.disputed(&request.fact, request.subject.as_deref(), firm)?;
        let known = &self.law().facts[&fact];
        let claimed = match request.claimed.as_deref() {
            Some(text) => Some(plain(self.figure(known, text)?)),
            None => None,
        };
        let view = reader.facts(case.division, case.year).await?;
        let current = view.number(&subject, &fact).map(plain);
        if view.facts_of(&subject).is_empty() {
            return Err(Refusal::not_found("记录", "record", &subject));
        }
        let access = ObjectAccess { division: case.division, firm: Some(firm), department: Some(known.owner) };
        let mut tx = self.store().begin(scope).await?;
        let digest = tx.put_object(&bytes, access).await?;
        tx.insert_file(&NewStoredFile {
            digest,
            name: name.clone(),
            size: bytes.len() as u64,
            division: case.division,
            firm: Some(firm),
            department: Some(known.owner),
        })
        .await?;
        let at = tx.now().to_owned();
        let objection = tx
            .insert_objection(&NewObjection {
                evaluation,
                firm,
                indicator: fact.clone(),
                subject: subject.clone(),
                department: Some(known.owner),
                claim: json!({ "now": current, "claimed": claimed, "says": says, "file": name }),
                file_digest: Some(digest),
                state: self.objection_process()?.start.clone(),
                events: vec![event(&at, scope.actor(), "file", &says)],
            })
            .await?;
        let case = self.take_deed(&mut tx, scope, evaluation, Deed::ReceiveObjection, &says).await?;
        tx.audit(
            NewAudit::new("objection.create", format!("objection:{}", objection.id), case.division)
                .with(json!({ "firm": firm, "fact": fact, "subject": subject, "claimed": claimed })),
        );
        tx.commit().await?;
        self.objection_view(scope, &case, objection).await
    }

    /// Routes, answers, accepts, rejects, withdraws.
    pub async fn act_on_objection(
        &self,
        scope: &Scope,
        id: i64,
        action: &str,
        step: ObjectionStep,
    ) -> Result<ObjectionView> {
        let reader = self.store().read(scope);
        let mut objection = reader.get_objection(id).await?;
        if objection.version != step.version {
            return Err(store::StoreError::Conflict {
                what: "objection",
                key: id.to_string(),
                expected: step.version.to_string(),
                found: objection.version.to_string(),
            }
            .into());
        }
        let case = reader.get_evaluation(objection.evaluation).await?;
        let known_fact = self.law().facts.get(&objection.indicator).cloned();
        let mut known = self.objection_known(&case, &objection);
        let mut given = None;
        if action == "answer" {
            if objection.department.is_some() && objection.department != scope.department() {
                return Err(Refusal::forbidden());
            }
            let verdict = step.verdict.as_deref().unwrap_or_default();
            let claimed = objection.claim.get("claimed").and_then(Value::as_str).map(str::to_owned);
            let value = match verdict {
                "agree" => claimed,
                "agree_other" => {
                    let fact =
                        known_fact.as_ref().ok_or_else(|| Refusal::internal("an objection to an unknown fact"))?;
                    Some(plain(self.figure(fact, step.value.as_deref().unwrap_or_default())?))
                }
                "refuse" => None,
                other => {
                    return Err(Refusal::invalid(
                        "verdict",
                        format!("答复“{other}”不可用；可用：agree、agree_other、refuse。"),
                        format!("`{other}` is no answer; allowed: agree, agree_other, refuse."),
                    ));
                }
            };
            given = Some(json!({
                "verdict": verdict, "value": value, "says": required(&step.says)?, "by": scope.actor(),
            }));
            known.holds.insert("answer_given".to_owned());
        }
        let answer = self.answer_of(&objection);
        if action == "accept" {
            // Accepting stores the department's corrected figure in the same transaction.
            match answer.as_ref().and_then(|a| a.value.clone()) {
                Some(_) => {
                    known.holds.insert("correction_recorded".to_owned());
                }
                None => {
                    return Err(Refusal::new(
                        Kind::Conflict,
                        "nothing_to_accept",
                        "部门没有给出更正值，不能采纳；可以驳回或退回部门补充。",
                        "The department gave no corrected figure; reject it or ask again.",
                    ));
                }
            }
        }
        let transition =
            cases::apply(self.objection_process()?, &objection.state, action, &Who::from(scope), &known, &step.says)
                .map_err(|refused| self.refused(refused))?;
        objection.state = transition.to.clone();
        let correction = match (action, &answer) {
            ("accept", Some(answer)) => Some(self.correction(&case, &objection, answer).await?),
            _ => None,
        };
        let mut tx = self.store().begin(scope).await?;
        let at = tx.now().to_owned();
        let mut happened = event(&at, scope.actor(), action, &step.says);
        let mut detail = json!({ "to": objection.state, "says": step.says });
        if let Some(given) = given {
            happened["answer"] = given.clone();
            detail["answer"] = given;
        }
        for clock in self.objection_process()?.clocks.iter().filter(|c| c.starts == objection.state) {
            let today = cases::clock::local_day(self.timestamp()).map_err(Refusal::internal)?;
            let law::process::ClockLength::Days { days } = &clock.length else { continue };
            // A year whose calendar is not known starts no clock: the step itself must not wait for it.
            if let Ok(end) = cases::deadline(&self.law().calendar, today, days, None) {
                happened["clock"] = json!({
                    "id": clock.id, "from": end.from.to_string(), "last": end.last.to_string(),
                    "until": end.until.to_string(),
                });
            }
        }
        objection.events.push(happened);
        if let Some(batch) = &correction {
            let segment = NewSegment {
                division: case.division,
                year: case.year,
                kind: SegmentKind::Correction,
                reason: format!("异议 {id}：{}", step.says.trim()),
            };
            let segment = tx.insert_segment(&segment, batch).await?;
            detail["segment"] = json!(segment.sequence);
        }
        let objection = tx.update_objection(&objection).await?;
        tx.audit(NewAudit::new(format!("objection.{action}"), format!("objection:{id}"), case.division).with(detail));
        tx.commit().await?;
        self.objection_view(scope, &case, objection).await
    }

    /// The file that was handed in.
    pub async fn get_objection_file(&self, scope: &Scope, id: i64) -> Result<Document> {
        let objection = self.store().read(scope).get_objection(id).await?;
        let digest = objection.file_digest.ok_or_else(|| Refusal::not_found("附件", "file of objection", id))?;
        let bytes = self.store().read(scope).get_object(digest).await?;
        let name = objection.claim.get("file").and_then(Value::as_str).unwrap_or("file").to_owned();
        Ok(Document { name, mime: "application/octet-stream", digest: Digest::of(&bytes), bytes, rows: None })
    }

    /// The corrected figure as a batch of facts.
    async fn correction(
        &self,
        case: &Evaluation,
        objection: &Objection,
        answer: &Answer,
    ) -> Result<store::EncodedBatch> {
        let fact = &self.law().facts[&objection.indicator];
        let value: Decimal = answer
            .value
            .as_deref()
            .unwrap_or_default()
            .parse()
            .map_err(|e| Refusal::internal(format!("an answer's value was checked before: {e}")))?;
        let scaled =
            base::fixed::to_scaled(value).ok_or_else(|| Refusal::internal("an answer's value was checked before"))?;
        let mut batch = FactBatch::new(BatchMeta {
            department: fact.owner,
            file: format!("异议 {} 更正", objection.id),
            file_digest: objection.file_digest,
            received_at: self.store().now(),
            reason: format!("异议 {}：{}", objection.id, answer.says),
        });
        let year = case.year as i16;
        let first = store::day_number(jiff::civil::date(year, 1, 1));
        let last = store::day_number(jiff::civil::date(year, 12, 31));
        batch.push(FactRow::new(&objection.subject, &objection.indicator, first).until(last).number(scaled));
        Ok(batch.encode().map_err(store::StoreError::from)?)
    }

    /// The fact and subject that a form means: a fact of the firm, or the area of a lease or parcel.
    fn disputed(&self, fact: &str, subject: Option<&str>, firm: i64) -> Result<(String, String)> {
        let fact = if fact == "land" { "lease_area" } else { fact };
        let known = self.law().facts.get(fact).ok_or_else(|| Refusal::not_found("数据项", "fact", fact))?;
        let subject = match (known.about, subject) {
            (law::fact::About::Firm, _) => format!("f:{firm}"),
            (_, Some(subject)) if subject.contains(':') => subject.to_owned(),
            (law::fact::About::Parcel, Some(code)) => format!("p:{code}"),
            (law::fact::About::Lease, Some(code)) => format!("l:{code}:{firm}"),
            (_, None) => {
                return Err(Refusal::invalid("parcel", "请写明宗地代码。", "Name the parcel."));
            }
        };
        Ok((fact.to_owned(), subject))
    }

    fn figure(&self, fact: &law::Fact, text: &str) -> Result<Decimal> {
        let bad = |zh: String, en: String| Refusal::invalid("value", zh, en);
        let number = base::fixed::parse(text)
            .map_err(|fault| bad(format!("“{text}”不是可用的数值。"), fault.to_string()))?
            .ok_or_else(|| bad("请填写数值。".into(), "State a number.".into()))?;
        if fact.min.is_some_and(|m| number < m) || fact.max.is_some_and(|m| number > m) {
            let show = |m: Option<Decimal>| m.map_or("—".to_owned(), plain);
            return Err(bad(
                format!("{} 超出允许范围：{} 至 {}。", plain(number), show(fact.min), show(fact.max)),
                format!("{} is out of range; allowed: {} to {}.", plain(number), show(fact.min), show(fact.max)),
            ));
        }
        Ok(number)
    }

    /// The department's latest answer. It stands in the event of its giving: events only grow, so an
    /// answer that was sent back stays on record.
    fn answer_of(&self, objection: &Objection) -> Option<Answer> {
        let answer = objection.events.iter().rev().find_map(|e| e.get("answer"))?;
        serde_json::from_value(answer.clone()).ok()
    }

    fn objection_known(&self, case: &Evaluation, objection: &Objection) -> Known {
        let mut known = Known::default();
        let now = self.timestamp();
        let mut hold = |id: &str, holds: bool| {
            if holds {
                known.holds.insert(id.to_owned());
            }
        };
        // Filing was checked against the clock; routing a filed one is still in time.
        hold("within_notice", clock(case, "notice").is_some_and(|d| !d.elapsed(now)) || objection.state == "filed");
        hold("evaluation_open", matches!(case.state.as_str(), "notice" | "objection" | "rerun"));
        hold("file_attached", objection.file_digest.is_some());
        hold("answer_given", self.answer_of(objection).is_some());
        let reviewed = objection.events.iter().any(|e| e.get("action").and_then(Value::as_str) == Some("ask_review"));
        hold("first_review", !reviewed);
        for clock in self.law().processes.get(PROCESS).into_iter().flat_map(|p| &p.clocks) {
            let over = running(objection, clock).is_some_and(|until| now >= until);
            clock.over.iter().for_each(|guard| hold(guard, over));
        }
        known.last_actor = objection.events.last().and_then(|e| e.get("by")).and_then(Value::as_str).map(str::to_owned);
        known
    }

    async fn objection_view(&self, scope: &Scope, case: &Evaluation, objection: Objection) -> Result<ObjectionView> {
        let process = self.objection_process()?;
        let mut known = self.objection_known(case, &objection);
        let answer = self.answer_of(&objection);
        // What an action itself brings along is not in its own way.
        known.holds.insert("answer_given".to_owned());
        if answer.as_ref().is_some_and(|a| a.value.is_some()) {
            known.holds.insert("correction_recorded".to_owned());
        }
        let mine = objection.department.is_none() || objection.department == scope.department();
        let actions = cases::offers(process, &objection.state, &Who::from(scope), &known)
            .into_iter()
            .filter(|o| o.transition.action != "answer" || mine)
            .map(|o| ActionView {
                action: o.transition.action.clone(),
                title: label(&o.transition.title),
                blocked_by: o
                    .blocked_by
                    .iter()
                    .map(|g| label(&g.title))
                    .chain(
                        o.same_person
                            .then(|| Label {
                                zh: "须由另一个人办理".into(), en: "A second person is needed".into()
                            }),
                    )
                    .collect(),
                needs_reason: o.transition.reason,
            })
            .collect();
        let names = self.firm_names(&[objection.firm]).await?;
        let text = |key: &str| objection.claim.get(key).and_then(Value::as_str).map(str::to_owned);
        let state = process.states.iter().find(|s| s.id == objection.state);
        let mut state_title = state.map(|s| label(&s.title)).unwrap_or_default();
        for guard in process.clocks.iter().filter_map(|c| c.over.as_ref()).filter(|over| known.holds.contains(*over)) {
            if let Some(guard) = process.guards.iter().find(|g| g.id == *guard) {
                state_title.zh += &format!("（{}）", guard.title.zh);
                state_title.en += &format!(" ({})", guard.title.en);
            }
        }
        let events = objection.events.iter().map(|e| self.event_view(process, e)).collect();
        Ok(ObjectionView {
            id: objection.id,
            evaluation: objection.evaluation,
            firm: objection.firm,
            firm_name: names.get(&objection.firm).cloned().unwrap_or_default(),
            title: self.title(None, &objection.indicator),
            fact: objection.indicator.clone(),
            department: objection.department.unwrap_or(Department::Industry).name().to_owned(),
            now: text("now"),
            claimed: text("claimed"),
            says: text("says").unwrap_or_default(),
            state_title,
            state: objection.state.clone(),
            file: text("file"),
            answer,
            events,
            version: objection.version,
            actions,
        })
    }

    fn event_view(&self, process: &Process, event: &Value) -> HistoryItem {
        let text = |key: &str| event.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        let action = text("action");
        let title = process.transitions.iter().find(|t| t.action == action).map(|t| label(&t.title));
        HistoryItem {
            at: text("at"),
            by: text("by"),
            title: title.unwrap_or_else(|| Label { zh: "提出异议".into(), en: "Objection filed".into() }),
            reason: text("says"),
        }
    }
}

fn event(at: &str, by: &str, action: &str, says: &str) -> Value {
    json!({ "at": at, "by": by, "action": action, "says": says })
}

/// When a clock that is running runs out: it started with the last step into its state, and the case
/// still stands there.
fn running(objection: &Objection, clock: &law::process::Clock) -> Option<jiff::Timestamp> {
    if objection.state != clock.starts {
        return None;
    }
    let started = objection.events.iter().rev().filter_map(|e| e.get("clock"));
    let own = started.into_iter().find(|c| c.get("id").and_then(Value::as_str) == Some(clock.id.as_str()))?;
    own.get("until")?.as_str()?.parse().ok()
}
