//! Filings in rounds: handing one in, what reviewers find, invoice lines, documents, the steps of the
//! process, payment, removal and what is recovered after it.

use crate::{
    Document, Refusal, Result, Services,
    catalogue::{assumed, label},
    firms::required,
    policies::{failing, plain, point_view},
    policy_views::{AmountView, MissingView},
    refusal::Kind,
    round_record::{Assessed, Compiler, CutFiling, Held, judged_facts},
    round_views::*,
    rounds::{Event, RoundCase, action_views, filing_data, finding, history, moment, push_title, put_outcome},
    views::{Label, SourceView},
};
use base::{Digest, Role, Scope};
use cases::Who;
use cases::spending::{Built, as_built, fingerprint};
use jiff::civil::Date;
use law::Process;
use law::rule::{Rule, RuleKind, RuleLevel};
use law::template::Kind as FactKind;
use policy::explain::Reason;
use policy::{Truth, Value};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet, HashMap, hash_map::Entry};
use store::{
    BatchMeta, CostLine, FactBatch, Filing, FilingFilter, FirmStatus, NewAudit, NewFiling, NewSegment, ObjectAccess,
    Round, SegmentKind,
};

const PROCESS: &str = "filing";
/// Facts that say where money goes and whether it can go there.
const ACCOUNT: &str = "payment_account";
const ACCOUNT_OPEN: &str = "payment_account_open";
/// Largest document.
const DOCUMENT_BYTES_MAX: usize = 20 * 1024 * 1024;
/// Most documents and invoice lines of one filing.
const DOCUMENTS_MAX: usize = 100;
const LINES_MAX: usize = 2_000;
/// States in which invoice lines are handed in, and in which they are compared with what stands there.
const FILING_STATES: [&str; 1] = ["filed"];
const BUILT_STATES: [&str; 3] = ["approved", "listed", "payment_asked"];
/// States in which reviewers find things.
const REVIEW_STATES: [&str; 4] = ["county_review", "city_review", "province_review", "refusal_objected"];
/// States in which a claim on invoice lines is over.
const RELEASED: [&str; 5] = ["withdrawn", "lapsed", "refused", "removed", "recovered"];

/// What a filing keeps beside its state.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct FilingData {
    /// By fact: what people judged.
    pub judged: BTreeMap<String, Finding>,
    /// Questions that the facts raise.
    pub questions: Vec<String>,
    /// By question: what the reviewer answered.
    pub answers: BTreeMap<String, Finding>,
    pub documents: Vec<DocumentKept>,
    /// It was in the pool of the draw, and drawn.
    pub in_pool: bool,
    pub sampled: bool,
    /// `passed`, `failed`.
    pub site: Option<String>,
    /// Passed by two persons although a condition is not met.
    pub exception: bool,
    /// What it came to before a budget cut it.
    pub claimed: Option<String>,
    /// First and last day of the title.
    pub granted: Option<(Date, Option<Date>)>,
    pub payment: Option<PaymentKept>,
    /// The filing whose title was removed and on which this payment rests.
    pub rests_on: Option<i64>,
    pub last_actor: Option<String>,
    pub history: Vec<Event>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Finding {
    pub value: String,
    pub says: String,
    pub by: String,
    pub at: String,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct DocumentKept {
    pub name: String,
    pub size: u64,
    pub digest: Digest,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct PaymentKept {
    pub sum: String,
    pub account: String,
    pub shares: Vec<(String, String)>,
    pub at: String,
}

impl Services {
    pub(crate) fn filing_process(&self) -> Result<&Process> {
        self.law().processes.get(PROCESS).ok_or_else(|| Refusal::internal(format!("law/ lacks the process {PROCESS}")))
    }

    fn version_of(&self, filing: &Filing) -> Result<&Rule> {
        let found = self.law().rule_version(&filing.rule, filing.rule_version);
        found.ok_or_else(|| Refusal::not_found("规则版本", "rule", format!("{}@{}", filing.rule, filing.rule_version)))
    }

    /// Hands in a filing: a firm its own, now; an officer one that was received on paper.
    pub async fn create_filing(&self, scope: &Scope, round: i64, request: NewFilingRequest) -> Result<FilingDetail> {
        let reader = self.store().read(scope);
        let round = reader.get_round(round).await?;
        let office = matches!(scope.role(), Role::CountyOfficer | Role::CityOfficer | Role::ProvinceOfficer)
            && scope.department().is_none();
        let (firm, at) = match (scope.firm(), request.firm) {
            (Some(own), None) => (own, self.local_now()?),
            (Some(own), Some(named)) if own == named => (own, self.local_now()?),
            (None, Some(named)) if office || scope.is_system() => {
                match request.filed_at.as_deref().filter(|t| !t.is_empty()) {
                    Some(text) => (named, moment("filed_at", text)?),
                    None => (named, self.local_now()?),
                }
            }
            (None, None) if office => return Err(Refusal::invalid("firm", "请选择企业。", "Choose a firm.")),
            _ => return Err(Refusal::forbidden()),
        };
        if round.state != "open" || round.kind != "first" {
            return Err(Refusal::new(
                Kind::Conflict,
                "round_closed",
                "这个批次不再受理申报。",
                "The round takes no filings any more.",
            ));
        }
        let (opens, closes) = (moment("opens", &round.opens)?, moment("closes", &round.closes)?);
        if at < opens || at > closes {
            return Err(Refusal::new(
                Kind::Conflict,
                "outside_window",
                format!("{at} 不在受理期 {opens} 至 {closes} 内。"),
                format!("{at} is outside the window from {opens} to {closes}."),
            ));
        }
        if at > self.local_now()? {
            return Err(Refusal::invalid(
                "filed_at",
                "收件时刻不能在将来。",
                "It cannot have been received in the future.",
            ));
        }
        let firm = reader.get_firm(firm).await?;
        if firm.status != FirmStatus::Active {
            return Err(Refusal::new(
                Kind::Conflict,
                "firm_gone",
                "企业已注销或并入其他企业。",
                "The firm is dissolved or merged.",
            ));
        }
        if !round.division.covers(firm.division) {
            return Err(Refusal::invalid(
                "firm",
                format!("{} 不在这个批次的地区内。", firm.name),
                format!("{} is outside the region of the round.", firm.name),
            ));
        }
        let rule = self.law().rule_standing_for(&round.rule, firm.division, at.date()).ok_or_else(|| {
            Refusal::invalid(
                "not_in_force",
                format!("{} 这天没有施行的版本。", at.date()),
                format!("No version is in force on {}.", at.date()),
            )
        })?;
        let now = self.store().now();
        let mut data = FilingData { last_actor: Some(scope.actor().to_owned()), ..FilingData::default() };
        let title = law::scheme::Text { zh: "申报".into(), en: "Filed".into() };
        data.history.push(Event::new(&now, scope.actor(), &title, ""));
        let mut tx = self.store().begin(scope).await?;
        let filing = tx
            .insert_filing(&NewFiling {
                round: round.id,
                firm: firm.id,
                division: firm.division,
                rule: rule.id.clone(),
                rule_version: rule.version,
                filed_at: at.to_string(),
                state: self.filing_process()?.start.clone(),
                data: serde_json::to_value(&data).map_err(Refusal::internal)?,
            })
            .await?;
        tx.audit(NewAudit::new("filing.create", format!("filing:{}", filing.id), firm.division).with(json!({
            "round": round.id, "firm": firm.id, "filed_at": at.to_string(), "rule": rule.name(),
        })));
        tx.commit().await?;
        self.get_filing(scope, filing.id).await
    }

    /// Filings that the person may see, of one round or of all.
    pub async fn list_filings(&self, scope: &Scope, round: Option<i64>) -> Result<Vec<FilingRow>> {
        if let Some(id) = round {
            self.store().read(scope).get_round(id).await?;
        }
        let filter = FilingFilter { round, ..FilingFilter::default() };
        let filings = self.store().read(scope).list_filings(&filter).await?;
        let entry = NewAudit::new("filings.read", "filings", scope.region());
        self.store().audit_read(scope, entry.with(json!({ "round": round, "count": filings.len() }))).await?;
        let ids: Vec<i64> = filings.iter().map(|f| f.id).collect();
        let mut clashes: HashMap<i64, u64> = HashMap::new();
        for line in self.store().read(scope).list_cost_lines(&ids).await? {
            *clashes.entry(line.filing).or_default() += u64::from(!line.held);
        }
        let names = self.names_of_filings(filings.iter()).await?;
        let rounds: HashMap<i64, Round> =
            self.store().read(scope).list_rounds().await?.into_iter().map(|r| (r.id, r)).collect();
        filings
            .iter()
            .map(|f| {
                let name = names.get(&f.id).cloned().unwrap_or_default();
                let round = rounds.get(&f.round).ok_or_else(|| Refusal::not_found("批次", "round", f.round))?;
                self.filing_row(scope, f, name, round, clashes.get(&f.id).copied().unwrap_or(0))
            })
            .collect()
    }

    fn filing_row(
        &self,
        scope: &Scope,
        filing: &Filing,
        name: String,
        round: &Round,
        clashes: u64,
    ) -> Result<FilingRow> {
        let data = filing_data(filing)?;
        let rule = self.version_of(filing)?;
        let state = self.filing_process()?.states.iter().find(|s| s.id == filing.state);
        let open = data.questions.iter().filter(|q| !data.answers.contains_key(*q)).count() as u64;
        Ok(FilingRow {
            id: filing.id,
            round: filing.round,
            round_title: round.title.clone(),
            rule: filing.rule.clone(),
            rule_title: label(&rule.title),
            rule_version: filing.rule_version,
            firm: filing.firm,
            name,
            division: self.division_view(filing.division),
            filed_at: filing.filed_at.clone(),
            kind: round.kind.clone(),
            state: filing.state.clone(),
            state_title: state.map(|s| label(&s.title)).unwrap_or_default(),
            outcome: filing.outcome.clone(),
            exception: data.exception,
            sampled: data.sampled,
            site: data.site.clone(),
            questions: if scope.firm().is_some() { 0 } else { open },
            clashes,
            sum: filing.sum.clone(),
            unit: rule.amount.as_ref().map(|a| self.unit_label(&a.unit)).unwrap_or_default(),
            until: data.granted.and_then(|(_, to)| to).map(|d| d.to_string()),
        })
    }

    async fn filing_case(&self, filing: &Filing) -> Result<RoundCase> {
        let system = Scope::system("rounds", self.settings().root);
        let round = self.store().read(&system).get_round(filing.round).await?;
        self.round_case(round).await
    }

    /// One filing in full.
    pub async fn get_filing(&self, scope: &Scope, id: i64) -> Result<FilingDetail> {
        let filing = self.store().read(scope).get_filing(id).await?;
        let entry = NewAudit::new("filings.read", format!("filing:{id}"), filing.division);
        self.store().audit_read(scope, entry).await?;
        self.filing_detail(scope, filing).await
    }

    async fn filing_detail(&self, scope: &Scope, filing: Filing) -> Result<FilingDetail> {
        let case = self.filing_case(&filing).await?;
        let data = filing_data(&filing)?;
        let rule = self.version_of(&filing)?;
        let system = Scope::system("rounds", self.settings().root);
        let office = scope.firm().is_none() && scope.role() != Role::Firm;
        let lines = self.line_views(scope, &filing).await?;
        let clashes = lines.iter().filter(|l| l.clash.is_some()).count() as u64;
        let name = self.store().read(&system).get_firm(filing.firm).await?.name;
        let cut = match case.cut() {
            Some(digest) => {
                let found = self.read_cut(digest).await?;
                found.filings.into_iter().find(|f| f.filing == filing.id).map(|f| (digest, f))
            }
            None => None,
        };
        let mut compiler = Compiler::new(self.law());
        let assessed = match &cut {
            Some((_, facts)) => Some(compiler.assess(&case.round.kind, facts, &self.added(&filing, &data).await?)?),
            None => None,
        };
        let holds = self.filing_guards(scope, &filing, &data, &case).await?;
        let known = cases::Known { holds, last_actor: data.last_actor.clone() };
        let offers = cases::offers(self.filing_process()?, &filing.state, &Who::from(scope), &known);
        let hidden = ["goes_up", "ends_here", "sampled", "conditions_fail", "is_paid", "not_paid"];
        let actions = action_views(offers, &hidden);
        let proof = match (&cut, &assessed) {
            (Some((digest, facts)), Some(assessed)) => Some(self.filing_proof(*digest, facts, assessed)),
            _ => None,
        };
        let judged = match office {
            true => self.judged_views(&filing, &data, assessed.as_ref())?,
            false => Vec::new(),
        };
        let questions = match (office, &assessed, &cut) {
            (true, Some(assessed), Some((_, facts))) => self.question_views(&data, facts, assessed),
            _ => Vec::new(),
        };
        let own = office || scope.firm() == Some(filing.firm);
        let reviews = office && self.reviews(scope, &filing, &case);
        let may_add = match (own, filing.state.as_str()) {
            (true, s) if FILING_STATES.contains(&s) && scope.role() != Role::Auditor => "filed",
            (_, s) if BUILT_STATES.contains(&s) && reviews => "built",
            _ => "",
        };
        let amount = assessed.as_ref().and_then(|a| a.paid.as_ref()).map(|p| AmountView {
            low: plain(p.low),
            high: plain(p.high),
            sum: plain(p.sum),
            cap: p.cap.map(plain),
            uplifts: p.uplifts.iter().map(label).collect(),
            unit: rule.amount.as_ref().map(|a| self.unit_label(&a.unit)).unwrap_or_default(),
            assumed: rule.amount.as_ref().and_then(|a| assumed(&a.standing)),
        });
        let filed_on = moment("filed_at", &filing.filed_at)?.date();
        Ok(FilingDetail {
            version: filing.version,
            rule: self.rule_head(rule, filed_on),
            other_version: self.other_version(&filing, &case, cut.as_ref().map(|(_, f)| f)).await?,
            judged,
            questions,
            documents: self.document_views(&filing, &data, office).await?,
            amount,
            payment: self.payment_view(&filing, &data, rule).await?,
            claw_back: self.claw_back_views(scope, &filing).await?,
            actions,
            may_add: may_add.into(),
            may_judge: reviews && REVIEW_STATES.contains(&filing.state.as_str()),
            may_answer: reviews && case.round.state != "listed" && cut.is_some(),
            history: history(&data.history),
            row: self.filing_row(scope, &filing, name, &case.round, clashes)?,
            proof,
            lines,
        })
    }

    /// May the person find things about a filing: an officer of the level that it lies at.
    fn reviews(&self, scope: &Scope, filing: &Filing, case: &RoundCase) -> bool {
        let level = match filing.state.as_str() {
            "county_review" => scope.role() == Role::CountyOfficer,
            "city_review" => scope.role() == Role::CityOfficer,
            "province_review" => scope.role() == Role::ProvinceOfficer,
            _ => self.holds_round(scope, &case.round, &case.rule) || scope.role() == Role::CountyOfficer,
        };
        level && scope.department().is_none()
    }

    async fn filing_guards(
        &self,
        scope: &Scope,
        filing: &Filing,
        data: &FilingData,
        case: &RoundCase,
    ) -> Result<BTreeSet<String>> {
        let rule = self.version_of(filing)?;
        let ends = match rule.level {
            RuleLevel::Nation | RuleLevel::Province => "province_review",
            RuleLevel::City => "city_review",
            RuleLevel::County => "county_review",
        };
        let ends_here = filing.state == ends;
        let met = filing.outcome.as_deref() == Some(policy::cases::word(Truth::Met));
        let lines = match rule.amount.as_ref().and_then(|a| a.cost_line.as_ref()) {
            Some(_) => {
                let system = Scope::system("rounds", self.settings().root);
                Some(self.store().read(&system).list_cost_lines(&[filing.id]).await?)
            }
            None => None,
        };
        let sum = filing.sum.as_deref().and_then(|s| s.parse::<Decimal>().ok()).unwrap_or_default();
        let listed = !matches!(case.round.state.as_str(), "listed" | "cancelled");
        let account = match filing.state.as_str() {
            "payment_asked" => self.account_of(filing).await?.1 == Some(true),
            _ => false,
        };
        let pairs = [
            ("goes_up", !ends_here),
            ("ends_here", ends_here),
            ("conditions_hold", met),
            ("conditions_fail", !met),
            ("sampled", data.sampled && data.site.is_none()),
            ("in_site_check", case.round.state == "site_check"),
            ("within_notice", case.notice().is_some_and(|d| !d.elapsed(self.timestamp()))),
            ("round_undecided", listed),
            ("pays", !sum.is_zero()),
            ("lines_clear", lines.as_ref().is_none_or(|l| !l.is_empty() && l.iter().all(|l| l.held))),
            ("built_checked", lines.as_ref().is_none_or(|l| !l.is_empty() && l.iter().all(|l| l.built.is_some()))),
            ("account_open", account),
            ("not_paid", data.payment.is_none()),
            ("is_paid", data.payment.is_some()),
            ("holds_round", self.holds_round(scope, &case.round, &case.rule)),
        ];
        Ok(pairs.into_iter().filter(|(_, holds)| *holds).map(|(id, _)| id.to_owned()).collect())
    }

    /// Reads a filing for a change; refuses when somebody changed it since it was looked at.
    async fn filing_at(&self, scope: &Scope, id: i64, version: i64) -> Result<(Filing, FilingData)> {
        let filing = self.store().read(scope).get_filing(id).await?;
        if filing.version != version {
            return Err(store::StoreError::Conflict {
                what: "filing",
                key: id.to_string(),
                expected: version.to_string(),
                found: filing.version.to_string(),
            }
            .into());
        }
        let data = filing_data(&filing)?;
        Ok((filing, data))
    }

    /// Takes a step of a filing.
    pub async fn act_on_filing(&self, scope: &Scope, id: i64, action: &str, step: FilingStep) -> Result<FilingDetail> {
        let (mut filing, mut data) = self.filing_at(scope, id, step.version).await?;
        let case = self.filing_case(&filing).await?;
        let holds = self.filing_guards(scope, &filing, &data, &case).await?;
        let known = cases::Known { holds, last_actor: data.last_actor.clone() };
        let process = self.filing_process()?;
        let transition = cases::apply(process, &filing.state, action, &Who::from(scope), &known, &step.reason)
            .map_err(|refused| self.refused(refused))?
            .clone();
        let now = self.store().now();
        let mut detail = json!({ "from": filing.state, "to": transition.to, "reason": step.reason });
        let (mut facts, mut recovered) = (None, Vec::new());
        match action {
            "accept_override" => data.exception = true,
            "pass_site" => data.site = Some("passed".into()),
            "fail_site" => data.site = Some("failed".into()),
            "pay" => {
                let payment = self.payment_due(&filing, &data, &case, &now).await?;
                detail["sum"] = json!(payment.sum);
                filing.sum = Some(payment.sum.clone());
                data.payment = Some(payment);
            }
            "remove" | "remove_paid" => {
                facts = self.ended_title(&filing, &mut data, &step.reason)?;
                recovered = self.resting_on(&filing, &data).await?;
                detail["recover"] = json!(recovered.iter().map(|(f, _)| f.id).collect::<Vec<_>>());
            }
            _ => (),
        }
        filing.state = transition.to.clone();
        data.last_actor = Some(scope.actor().to_owned());
        data.history.push(Event::new(&now, scope.actor(), &transition.title, step.reason.trim()));
        filing.data = serde_json::to_value(&data).map_err(Refusal::internal)?;
        let mut handed_on = match RELEASED.contains(&filing.state.as_str()) {
            true => self.released(&filing).await?,
            false => Vec::new(),
        };
        // What was not paid is not recovered: it is not paid, and lets go of its lines.
        for (other, _) in recovered.iter().filter(|(other, _)| other.state != "paid") {
            handed_on.extend(self.released(other).await?);
        }
        let mut tx = self.store().begin(scope).await?;
        filing = tx.update_filing(&filing).await?;
        tx.audit(NewAudit::new(format!("filing.{action}"), format!("filing:{id}"), filing.division).with(detail));
        let system = Scope::system("rounds", self.settings().root);
        if let Some((year, batch)) = &facts {
            let segment = NewSegment {
                division: filing.division,
                year: *year,
                kind: SegmentKind::Correction,
                reason: format!("撤销：{}", step.reason.trim()),
            };
            tx.insert_segment(&segment, batch).await?;
        }
        // With the title goes what rests on it, or neither.
        for (mut other, mut other_data) in recovered {
            let reason = format!("第 {id} 号申报的称号被撤销");
            let step = if other.state == "paid" { "claw_back" } else { "fall_away" };
            self.move_by_system(&mut other, &mut other_data, step, &now, &reason)?;
            other_data.rests_on = Some(id);
            other.data = serde_json::to_value(&other_data).map_err(Refusal::internal)?;
            tx.update_filing(&other).await?;
            let entry = NewAudit::new(format!("filing.{step}"), format!("filing:{}", other.id), other.division);
            tx.audit(entry.with(json!({ "rests_on": id })));
        }
        tx.commit().await?;
        // Lines may go to firms of other counties, which is the system's to do. Should it end before that,
        // they stay held by a filing that is over, and nobody is paid for them.
        if !handed_on.is_empty() {
            let mut tx = self.store().begin(&system).await?;
            for line in &handed_on {
                tx.update_cost_line(line).await?;
            }
            let entry = NewAudit::new("filing.release_lines", format!("filing:{id}"), filing.division);
            tx.audit(entry.with(json!({ "lines": handed_on.len() })));
            tx.commit().await?;
        }
        self.filing_detail(scope, filing).await
    }

    /// Lines that a filing lets go, and those that then hold them: the earliest other claim on each.
    async fn released(&self, filing: &Filing) -> Result<Vec<CostLine>> {
        let system = Scope::system("rounds", self.settings().root);
        let reader = self.store().read(&system);
        let own: Vec<CostLine> = reader.list_cost_lines(&[filing.id]).await?.into_iter().filter(|l| l.held).collect();
        let prints: Vec<Digest> = own.iter().map(|l| l.fingerprint).collect();
        let mut others = reader.cost_lines_like(&prints).await?;
        let mut standing: HashMap<i64, bool> = HashMap::new();
        for line in &others {
            if let Entry::Vacant(entry) = standing.entry(line.filing) {
                let state = reader.get_filing(line.filing).await?.state;
                entry.insert(!RELEASED.contains(&state.as_str()));
            }
        }
        others.retain(|l| l.filing != filing.id && standing.get(&l.filing) == Some(&true));
        let mut out: Vec<CostLine> = own.into_iter().map(|l| CostLine { held: false, ..l }).collect();
        let mut given = BTreeSet::new();
        for line in others {
            if given.insert(line.fingerprint.hex()) {
                out.push(CostLine { held: true, ..line });
            }
        }
        Ok(out)
    }

    /// States what people judge, or takes it back; what comes of it is computed anew at once.
    pub async fn judge_filing(&self, scope: &Scope, id: i64, request: FindingRequest) -> Result<FilingDetail> {
        let (mut filing, mut data) = self.filing_at(scope, id, request.version).await?;
        let case = self.filing_case(&filing).await?;
        if !(self.reviews(scope, &filing, &case) && REVIEW_STATES.contains(&filing.state.as_str())) {
            return Err(Refusal::forbidden());
        }
        let cut = self.cut_of(&case, filing.id).await?;
        let mut compiler = Compiler::new(self.law());
        let plan = compiler.plan(&filing.rule, filing.rule_version, &filing.division.to_string(), cut.filed_on)?;
        if !judged_facts(self.law(), &plan.rules[0]).contains(&request.id) {
            return Err(Refusal::not_found("审核结论", "judgement", &request.id));
        }
        let now = self.store().now();
        let value = request.value.trim();
        if value.is_empty() {
            data.judged.remove(&request.id);
        } else {
            let kind = self.law().facts.get(&request.id).map_or(FactKind::Boolean, |f| f.kind);
            if crate::round_record::judged_value(kind, value) == Value::Unknown {
                return Err(Refusal::invalid(
                    "value",
                    format!("“{value}”不是可用的结论。"),
                    format!("`{value}` is no finding of this kind."),
                ));
            }
            let says = required(&request.says)?;
            data.judged.insert(request.id.clone(), finding(value, says, scope.actor(), &now));
        }
        let assessed = compiler.assess(&case.round.kind, &cut, &self.added(&filing, &data).await?)?;
        put_outcome(&mut filing, &mut data, &assessed);
        let title = self.law().title(None, &request.id).cloned().unwrap_or_default();
        let event = law::scheme::Text { zh: format!("认定：{}", title.zh), en: format!("Found: {}", title.en) };
        let says = format!("{value} {}", request.says.trim());
        data.history.push(Event::new(&now, scope.actor(), &event, says.trim()));
        self.keep_filing(scope, filing, data, "filing.judge", json!({ "fact": request.id, "value": value })).await
    }

    /// Answers a question, or takes the answer back.
    pub async fn answer_question(&self, scope: &Scope, id: i64, request: FindingRequest) -> Result<FilingDetail> {
        let (filing, mut data) = self.filing_at(scope, id, request.version).await?;
        let case = self.filing_case(&filing).await?;
        if !self.reviews(scope, &filing, &case) || case.round.state == "listed" {
            return Err(Refusal::forbidden());
        }
        if !data.questions.contains(&request.id) {
            return Err(Refusal::not_found("疑点", "question", &request.id));
        }
        let now = self.store().now();
        match request.value.trim() {
            "" => drop(data.answers.remove(&request.id)),
            value => {
                let answer = finding(value, request.says.trim(), scope.actor(), &now);
                data.answers.insert(request.id.clone(), answer);
            }
        }
        self.keep_filing(scope, filing, data, "filing.answer", json!({ "question": request.id })).await
    }

    async fn keep_filing(
        &self,
        scope: &Scope,
        mut filing: Filing,
        data: FilingData,
        action: &str,
        detail: serde_json::Value,
    ) -> Result<FilingDetail> {
        filing.data = serde_json::to_value(&data).map_err(Refusal::internal)?;
        let mut tx = self.store().begin(scope).await?;
        let filing = tx.update_filing(&filing).await?;
        tx.audit(NewAudit::new(action, format!("filing:{}", filing.id), filing.division).with(detail));
        tx.commit().await?;
        self.filing_detail(scope, filing).await
    }

    async fn cut_of(&self, case: &RoundCase, filing: i64) -> Result<CutFiling> {
        let none = || Refusal::new(Kind::Conflict, "no_cut", "还没有截取数据。", "The facts are not cut yet.");
        let cut = self.read_cut(case.cut().ok_or_else(none)?).await?;
        cut.filings.into_iter().find(|f| f.filing == filing).ok_or_else(none)
    }

    /// Adds invoice lines. A line that another filing claims is taken in and marked, never dropped.
    pub async fn add_lines(&self, scope: &Scope, id: i64, request: LinesRequest) -> Result<FilingDetail> {
        let (mut filing, data) = self.filing_at(scope, id, request.version).await?;
        self.may_hand_in(scope, &filing)?;
        let system = Scope::system("rounds", self.settings().root);
        let there = self.store().read(&system).list_cost_lines(&[id]).await?;
        if there.len() + request.lines.len() > LINES_MAX {
            return Err(Refusal::invalid(
                "lines",
                format!("一份申报最多 {LINES_MAX} 行发票。"),
                format!("A filing has {LINES_MAX} invoice lines at most."),
            ));
        }
        let mut lines = Vec::with_capacity(request.lines.len());
        let mut seen: BTreeSet<String> = there.iter().map(|l| l.fingerprint.hex()).collect();
        for (at, line) in request.lines.iter().enumerate() {
            let row = at + 1;
            let bad = |zh: String, en: String| {
                Refusal::invalid("lines", format!("第 {row} 行：{zh}"), format!("Row {row}: {en}"))
            };
            let print = fingerprint(&line.invoice, line.line, &line.seller).map_err(|f| {
                let zh = match &f {
                    cases::spending::LineFault::Invoice(text) => {
                        format!("“{text}”不是发票号码，应为 8、12、18 或 20 位数字。")
                    }
                    cases::spending::LineFault::Line(n) => format!("“{n}”不是发票行次，应为 1 到 9999。"),
                };
                bad(zh, f.to_string())
            })?;
            let seller: base::CreditCode = line.seller.trim().parse().map_err(|e: base::code::CodeFault| {
                bad(format!("销售方统一社会信用代码“{}”不正确。", line.seller), e.to_string())
            })?;
            let amount = base::fixed::parse(&line.amount).ok().flatten().filter(|a| *a > Decimal::ZERO);
            let amount = amount.ok_or_else(|| {
                bad(format!("金额“{}”不是大于零的数。", line.amount), format!("`{}` is no sum above zero", line.amount))
            })?;
            let issued: Date =
                line.on.trim().parse().map_err(|_| {
                    bad(format!("开票日期“{}”不是日期。", line.on), format!("`{}` is no date", line.on))
                })?;
            if line.item.trim().is_empty() {
                return Err(bad("请写明购买内容。".into(), "say what was bought".into()));
            }
            if !seen.insert(print.hex()) {
                return Err(bad(
                    format!("发票 {} 第 {} 行在这份申报里已经有了。", line.invoice, line.line),
                    format!("invoice {} line {} is in the filing already", line.invoice, line.line),
                ));
            }
            lines.push(CostLine {
                id: 0,
                filing: id,
                firm: filing.firm,
                division: filing.division,
                fingerprint: print,
                held: true,
                invoice: cases::spending::invoice_number(&line.invoice).map_err(Refusal::internal)?,
                line: line.line,
                seller: seller.to_string(),
                issued: issued.to_string(),
                item: line.item.trim().to_owned(),
                amount: amount.normalize().to_string(),
                serial: line.serial.trim().to_owned(),
                built: None,
                built_amount: None,
                built_note: String::new(),
            });
        }
        if lines.is_empty() {
            return Err(Refusal::invalid("lines", "没有可加入的行。", "There is no line to add."));
        }
        filing.data = serde_json::to_value(&data).map_err(Refusal::internal)?;
        let mut tx = self.store().begin(scope).await?;
        // Under the one writing turn: who holds a line now holds it until this commits.
        let prints: Vec<Digest> = lines.iter().map(|l| l.fingerprint).collect();
        let taken = self.held_prints(&prints).await?;
        for line in &mut lines {
            line.held = !taken.contains(&line.fingerprint.hex());
        }
        let clashes = lines.iter().filter(|l| !l.held).count();
        tx.insert_cost_lines(&lines).await?;
        let filing = tx.update_filing(&filing).await?;
        tx.audit(
            NewAudit::new("filing.add_lines", format!("filing:{id}"), filing.division)
                .with(json!({ "lines": lines.len(), "clashes": clashes })),
        );
        tx.commit().await?;
        self.filing_detail(scope, filing).await
    }

    async fn held_prints(&self, prints: &[Digest]) -> Result<BTreeSet<String>> {
        let system = Scope::system("rounds", self.settings().root);
        let found = self.store().read(&system).cost_lines_like(prints).await?;
        Ok(found.into_iter().filter(|l| l.held).map(|l| l.fingerprint.hex()).collect())
    }

    fn may_hand_in(&self, scope: &Scope, filing: &Filing) -> Result<()> {
        let office = scope.firm().is_none()
            && matches!(scope.role(), Role::CountyOfficer | Role::CityOfficer | Role::ProvinceOfficer);
        if !(office || scope.firm() == Some(filing.firm)) {
            return Err(Refusal::forbidden());
        }
        if FILING_STATES.contains(&filing.state.as_str()) {
            return Ok(());
        }
        Err(Refusal::new(
            Kind::Conflict,
            "already_cut",
            "数据已截取，申报材料不能再改。",
            "The facts are cut; what was handed in can no longer change.",
        ))
    }

    /// Takes a line out of a filing that is not yet cut.
    pub async fn remove_line(&self, scope: &Scope, id: i64, line: i64, version: i64) -> Result<FilingDetail> {
        let (filing, data) = self.filing_at(scope, id, version).await?;
        self.may_hand_in(scope, &filing)?;
        let own = self.store().read(scope).list_cost_lines(&[id]).await?;
        let line = own.into_iter().find(|l| l.id == line).ok_or_else(|| Refusal::not_found("发票行", "line", line))?;
        let mut tx = self.store().begin(scope).await?;
        tx.delete_cost_line(&line).await?;
        tx.audit(
            NewAudit::new("filing.remove_line", format!("filing:{id}"), filing.division)
                .with(json!({ "invoice": line.invoice, "line": line.line, "amount": line.amount })),
        );
        let filing = tx
            .update_filing(&Filing { data: serde_json::to_value(&data).map_err(Refusal::internal)?, ..filing })
            .await?;
        tx.commit().await?;
        // The earliest other claim on it holds it now.
        let system = Scope::system("rounds", self.settings().root);
        let others = self.store().read(&system).cost_lines_like(&[line.fingerprint]).await?;
        if line.held
            && let Some(next) = others.into_iter().find(|l| !l.held)
        {
            let mut tx = self.store().begin(&system).await?;
            tx.update_cost_line(&CostLine { held: true, ..next.clone() }).await?;
            tx.audit(NewAudit::new("filing.release_lines", format!("filing:{id}"), filing.division));
            tx.commit().await?;
        }
        self.filing_detail(scope, filing).await
    }

    /// States what was found of a line on the spot.
    pub async fn check_line(&self, scope: &Scope, id: i64, line: i64, request: BuiltRequest) -> Result<FilingDetail> {
        let (mut filing, mut data) = self.filing_at(scope, id, request.version).await?;
        let case = self.filing_case(&filing).await?;
        if !(self.reviews(scope, &filing, &case) && BUILT_STATES.contains(&filing.state.as_str())) {
            return Err(Refusal::forbidden());
        }
        let own = self.store().read(scope).list_cost_lines(&[id]).await?;
        let mut line =
            own.into_iter().find(|l| l.id == line).ok_or_else(|| Refusal::not_found("发票行", "line", line))?;
        line.built_amount = match request.built.as_str() {
            "found" | "missing" => None,
            "differs" => {
                let text = request.amount.as_deref().unwrap_or_default();
                let found = base::fixed::parse(text).ok().flatten().filter(|a| *a >= Decimal::ZERO);
                let found = found.ok_or_else(|| {
                    Refusal::invalid("amount", format!("“{text}”不是金额。"), format!("`{text}` is no sum."))
                })?;
                Some(found.normalize().to_string())
            }
            other => {
                return Err(Refusal::invalid(
                    "built",
                    format!("“{other}”不可用；可用：found、missing、differs。"),
                    format!("`{other}` is not allowed; allowed: found, missing, differs."),
                ));
            }
        };
        line.built_note = match request.built.as_str() {
            "found" => request.note.trim().to_owned(),
            _ => required(&request.note)?.to_owned(),
        };
        line.built = Some(request.built.clone());
        let cut = self.cut_of(&case, id).await?;
        let mut tx = self.store().begin(scope).await?;
        tx.update_cost_line(&line).await?;
        // The sum goes by the lines as they stand after this one.
        let lines = tx.read().list_cost_lines(&[id]).await?;
        let fact = case.rule.amount.as_ref().and_then(|a| a.cost_line.clone()).unwrap_or_default();
        let mut added = self.added(&filing, &data).await?;
        added.built = built_sum(self.law(), &fact, &lines)?;
        let assessed = Compiler::new(self.law()).assess(&case.round.kind, &cut, &added)?;
        let before = filing.sum.clone();
        if let (Some(paid), Some(_)) = (&assessed.paid, &added.built) {
            let shared = before.as_deref().and_then(|s| s.parse::<Decimal>().ok()).unwrap_or(paid.low);
            filing.sum = Some(paid.low.min(shared).normalize().to_string());
        }
        data.last_actor = Some(scope.actor().to_owned());
        filing.data = serde_json::to_value(&data).map_err(Refusal::internal)?;
        let filing = tx.update_filing(&filing).await?;
        tx.audit(
            NewAudit::new("filing.check_line", format!("filing:{id}"), filing.division)
                .with(json!({ "line": line.id, "built": line.built, "sum": filing.sum, "before": before })),
        );
        tx.commit().await?;
        self.filing_detail(scope, filing).await
    }

    /// Takes a document in.
    pub async fn add_document(
        &self,
        scope: &Scope,
        id: i64,
        version: i64,
        name: String,
        bytes: Vec<u8>,
    ) -> Result<FilingDetail> {
        let (filing, mut data) = self.filing_at(scope, id, version).await?;
        self.may_hand_in(scope, &filing)?;
        if bytes.is_empty() {
            return Err(Refusal::invalid("file", "文件是空的。", "The file is empty."));
        }
        if bytes.len() > DOCUMENT_BYTES_MAX {
            return Err(Refusal::new(
                Kind::TooLarge,
                "file_too_large",
                format!("文件 {} 字节，最多 {DOCUMENT_BYTES_MAX} 字节。", bytes.len()),
                format!("The file has {} bytes; {DOCUMENT_BYTES_MAX} are allowed.", bytes.len()),
            ));
        }
        let digest = Digest::of(&bytes);
        if data.documents.iter().any(|d| d.digest == digest) {
            return Err(Refusal::new(
                Kind::Conflict,
                "same_file",
                "这个文件已经交过了。",
                "The file is there already.",
            ));
        }
        if data.documents.len() >= DOCUMENTS_MAX {
            return Err(Refusal::invalid(
                "file",
                format!("一份申报最多 {DOCUMENTS_MAX} 个文件。"),
                format!("A filing has {DOCUMENTS_MAX} documents at most."),
            ));
        }
        data.documents.push(DocumentKept { name: name.clone(), size: bytes.len() as u64, digest });
        let mut tx = self.store().begin(scope).await?;
        tx.put_object(&bytes, ObjectAccess::firm(filing.division, filing.firm)).await?;
        let data = serde_json::to_value(&data).map_err(Refusal::internal)?;
        let filing = tx.update_filing(&Filing { data, ..filing }).await?;
        tx.audit(
            NewAudit::new("filing.add_document", format!("filing:{id}"), filing.division)
                .with(json!({ "name": name, "digest": digest.hex() })),
        );
        tx.commit().await?;
        self.filing_detail(scope, filing).await
    }

    /// A document of a filing.
    pub async fn get_document(&self, scope: &Scope, id: i64, digest: &str) -> Result<Document> {
        let filing = self.store().read(scope).get_filing(id).await?;
        let data = filing_data(&filing)?;
        let found = data.documents.into_iter().find(|d| d.digest.hex() == digest);
        let found = found.ok_or_else(|| Refusal::not_found("文件", "document", digest))?;
        let entry = NewAudit::new("filings.read", format!("filing:{id}"), filing.division);
        self.store().audit_read(scope, entry.with(json!({ "document": digest }))).await?;
        let bytes = self.store().read(scope).get_object(found.digest).await?;
        Ok(Document { name: found.name, mime: "application/octet-stream", digest: found.digest, bytes, rows: None })
    }

    /// The account that a firm is paid to, and whether it is open; none: not known.
    async fn account_of(&self, filing: &Filing) -> Result<(Option<String>, Option<bool>)> {
        let scope = Scope::system("rounds", self.settings().root);
        let known = self.known_around(&scope, filing.division, self.today()?).await?;
        let subject = self.subject(&scope, filing.firm).await?;
        let (account, open) = (known.status(&subject, ACCOUNT), known.status(&subject, ACCOUNT_OPEN));
        let account = account.and_then(|f| f.text().map(str::to_owned).or_else(|| f.number().map(plain)));
        Ok((account, open.and_then(|f| f.number()).map(|n| !n.is_zero())))
    }

    async fn payment_due(
        &self,
        filing: &Filing,
        data: &FilingData,
        case: &RoundCase,
        now: &str,
    ) -> Result<PaymentKept> {
        let cut = self.cut_of(case, filing.id).await?;
        let assessed = Compiler::new(self.law()).assess(&case.round.kind, &cut, &self.added(filing, data).await?)?;
        let paid = assessed.paid.ok_or_else(|| Refusal::internal("a filing without a sum is paid"))?;
        let bound = filing.sum.as_deref().and_then(|s| s.parse::<Decimal>().ok()).unwrap_or(paid.low);
        let sum = paid.low.min(bound);
        let (account, _) = self.account_of(filing).await?;
        let rule = self.version_of(filing)?;
        let decimals = rule.amount.as_ref().map_or(0, |a| a.decimals);
        Ok(PaymentKept {
            sum: plain(sum),
            account: account.unwrap_or_default(),
            shares: policy::amount::shares_of(sum, rule, decimals)
                .into_iter()
                .map(|(l, s)| (l.name().to_owned(), plain(s)))
                .collect(),
            at: now.to_owned(),
        })
    }

    async fn payment_view(&self, filing: &Filing, data: &FilingData, rule: &Rule) -> Result<Option<PaymentView>> {
        let state = match filing.state.as_str() {
            "listed" if filing.sum.is_some() => "due",
            "payment_asked" => "asked",
            "paid" => "paid",
            "to_recover" => "to_recover",
            "recovered" => "recovered",
            "removal_asked" if data.payment.is_some() => "paid",
            _ => return Ok(None),
        };
        let Some(amount) = &rule.amount else { return Ok(None) };
        let (account, open) = self.account_of(filing).await?;
        let sum = data.payment.as_ref().map(|p| p.sum.clone()).or_else(|| filing.sum.clone()).unwrap_or_default();
        let number = sum.parse::<Decimal>().unwrap_or_default();
        let shares = policy::amount::shares_of(number, rule, amount.decimals);
        Ok(Some(PaymentView {
            unit: self.unit_label(&amount.unit),
            account: data.payment.as_ref().map(|p| p.account.clone()).or(account),
            account_state: match open {
                Some(true) => "open",
                Some(false) => "closed",
                None => "unknown",
            }
            .into(),
            shares: shares
                .into_iter()
                .map(|(level, sum)| ShareView { level: level.name().into(), sum: plain(sum) })
                .collect(),
            state: state.into(),
            paid_at: data.payment.as_ref().map(|p| p.at.clone()),
            sum,
        }))
    }

    /// The end of a title that is removed, as a fact from today on.
    fn ended_title(
        &self,
        filing: &Filing,
        data: &mut FilingData,
        reason: &str,
    ) -> Result<Option<(i32, store::EncodedBatch)>> {
        let rule = self.version_of(filing)?;
        let (Some(fact), Some((from, _))) = (rule.grants.as_deref(), data.granted) else { return Ok(None) };
        let today = self.today()?;
        let last = today.yesterday().unwrap_or(today).max(from);
        data.granted = Some((from, Some(last)));
        let mut batch = FactBatch::new(BatchMeta {
            department: rule.owner,
            file: format!("第 {} 号申报撤销", filing.id),
            file_digest: None,
            received_at: self.store().now(),
            reason: reason.trim().to_owned(),
        });
        push_title(self.law(), &mut batch, filing.firm, fact, rule, from, Some(last));
        Ok(Some((i32::from(from.year()), batch.encode().map_err(store::StoreError::from)?)))
    }

    /// Payments that rest on the title of a filing: the firm's, under rules that ask for the title, filed
    /// on or after its first day.
    async fn resting_on(&self, filing: &Filing, data: &FilingData) -> Result<Vec<(Filing, FilingData)>> {
        let rule = self.version_of(filing)?;
        let (Some(fact), Some((from, _))) = (rule.grants.as_deref(), data.granted) else { return Ok(Vec::new()) };
        let system = Scope::system("rounds", self.settings().root);
        let states = ["listed", "payment_asked", "paid"].map(str::to_owned).to_vec();
        let filter = FilingFilter { firm: Some(filing.firm), states, ..FilingFilter::default() };
        let mut out = Vec::new();
        for other in self.store().read(&system).list_filings(&filter).await? {
            let Some(paying) = self.law().rule_version(&other.rule, other.rule_version) else { continue };
            let on = moment("filed_at", &other.filed_at)?.date();
            if paying.kind != RuleKind::Policy || on < from {
                continue;
            }
            let plan = self.compiled(&[paying], on)?;
            let rests = policy::explain::asked(&plan, &plan.rules[0]).into_keys();
            if rests.into_iter().any(|v| plan.vars.def(v).key.name == fact) {
                let data = filing_data(&other)?;
                out.push((other, data));
            }
        }
        Ok(out)
    }

    async fn claw_back_views(&self, scope: &Scope, filing: &Filing) -> Result<Vec<ClawBackView>> {
        let filter = FilingFilter { firm: Some(filing.firm), ..FilingFilter::default() };
        let mut out = Vec::new();
        for other in self.store().read(scope).list_filings(&filter).await? {
            let data = filing_data(&other)?;
            if data.rests_on != Some(filing.id) {
                continue;
            }
            let rule = self.version_of(&other)?;
            out.push(ClawBackView {
                filing: other.id,
                rule_title: label(&rule.title),
                sum: data.payment.map(|p| p.sum).unwrap_or_default(),
                unit: rule.amount.as_ref().map(|a| self.unit_label(&a.unit)).unwrap_or_default(),
                state: other.state.clone(),
            });
        }
        Ok(out)
    }

    /// The version that would hold at the other end of the window, and what it makes of the firm.
    async fn other_version(
        &self,
        filing: &Filing,
        case: &RoundCase,
        cut: Option<&CutFiling>,
    ) -> Result<Option<RuleVersionAt>> {
        let (opens, closes) =
            (moment("opens", &case.round.opens)?.date(), moment("closes", &case.round.closes)?.date());
        let own = (filing.rule.as_str(), filing.rule_version);
        for day in [closes, opens] {
            let Some(rule) = self.law().rule_standing_for(&case.round.rule, filing.division, day) else { continue };
            if (rule.id.as_str(), rule.version) == own {
                continue;
            }
            let outcome = match cut {
                Some(_) => {
                    let system = Scope::system("rounds", self.settings().root);
                    let known = self.known_around(&system, filing.division, day).await?;
                    let subject = self.subject(&system, filing.firm).await?;
                    let plan = self.compiled(&[rule], day)?;
                    let facts = |var: u32| known.value(self.law(), &subject, plan.vars.def(var)).0;
                    let outcome = policy::One::new(&plan, &plan.rules[0], &facts).outcome();
                    Some(policy::cases::word(outcome).to_owned())
                }
                None => None,
            };
            return Ok(Some(RuleVersionAt {
                on: day.to_string(),
                rule: rule.id.clone(),
                title: label(&rule.title),
                version: rule.version,
                document: rule.cite.document.clone(),
                outcome,
            }));
        }
        Ok(None)
    }

    fn filing_proof(&self, digest: Digest, cut: &CutFiling, assessed: &Assessed) -> FilingProof {
        let sources: HashMap<(&str, i32), &SourceView> =
            cut.inputs.iter().filter_map(|i| i.source.as_ref().map(|s| ((i.name.as_str(), i.lag), s))).collect();
        let year = |name: &str, lag: i32| self.year_of(cut.filed_on, name, lag);
        let source = |name: &str, lag: i32| sources.get(&(name, lag)).map(|s| (*s).clone());
        let mut unmet = Vec::new();
        failing(self.law(), &assessed.condition, &mut unmet);
        let mut missing = Vec::new();
        unknown(&assessed.condition, &mut |name: &str, lag: i32, title: Option<&law::scheme::Text>| {
            let asked = self.fact_asked(name);
            let view = MissingView {
                id: asked.id,
                title: title.map(label).unwrap_or(asked.title),
                year: year(name, lag),
                owner: asked.owner,
            };
            if !missing.iter().any(|m: &MissingView| m.id == view.id && m.year == view.year) {
                missing.push(view);
            }
        });
        FilingProof {
            outcome: policy::cases::word(assessed.outcome).to_owned(),
            record: policy::explain::RECORD,
            facts: digest.hex(),
            condition: self.reason_view(&assessed.condition, &year, &source),
            points: assessed.points.iter().map(point_view).collect(),
            unmet,
            missing,
        }
    }

    fn judged_views(&self, filing: &Filing, data: &FilingData, assessed: Option<&Assessed>) -> Result<Vec<JudgedView>> {
        let facts = match assessed {
            Some(assessed) => judged_facts(self.law(), &assessed.plan.rules[0]),
            None => {
                let on = moment("filed_at", &filing.filed_at)?.date();
                let plan = self.compiled(&[self.version_of(filing)?], on)?;
                judged_facts(self.law(), &plan.rules[0])
            }
        };
        let view = |fact: String| {
            let found = data.judged.get(&fact);
            JudgedView {
                kind: match self.law().facts.get(&fact).map(|f| f.kind) {
                    Some(FactKind::Number) => "number",
                    Some(FactKind::Text | FactKind::Date) => "text",
                    _ => "boolean",
                }
                .into(),
                fact: self.fact_asked(&fact),
                value: found.map(|f| f.value.clone()),
                says: found.map(|f| f.says.clone()),
                by: found.map(|f| f.by.clone()),
                at: found.map(|f| f.at.clone()),
            }
        };
        Ok(facts.into_iter().map(view).collect())
    }

    fn question_views(&self, data: &FilingData, cut: &CutFiling, assessed: &Assessed) -> Vec<QuestionView> {
        let held: HashMap<(&str, i32), &Held> =
            cut.inputs.iter().map(|i| ((i.name.as_str(), i.lag), &i.value)).collect();
        let mut out = Vec::new();
        for (id, reason) in &assessed.questions {
            let Some(plan) = assessed.plan.rules.iter().find(|r| r.rule.id == *id) else { continue };
            let mut seen = Vec::new();
            let mut vars: Vec<u32> = policy::explain::asked(&assessed.plan, plan).into_keys().collect();
            vars.sort_unstable();
            for var in vars {
                let def = assessed.plan.vars.def(var);
                let Some(value) = held.get(&(def.key.name.as_str(), def.key.lag)) else { continue };
                let asked = self.fact_asked(&def.key.name);
                let year = self.year_of(cut.filed_on, &def.key.name, def.key.lag);
                let value = match value {
                    Held::Unknown => continue,
                    Held::Number(n) => n.clone(),
                    Held::Truth(b) => b.to_string(),
                    Held::Text(t) => t.clone(),
                };
                let unit = def.unit.as_deref().map(|u| self.unit_label(u)).unwrap_or_default();
                seen.push(Label {
                    zh: format!(
                        "{}{} {value} {}",
                        year.map_or(String::new(), |y| format!("{y} 年")),
                        asked.title.zh,
                        unit.zh
                    ),
                    en: format!(
                        "{} {value} {}{}",
                        asked.title.en,
                        unit.en,
                        year.map_or(String::new(), |y| format!(" ({y})"))
                    ),
                });
            }
            let answer = data.answers.get(id);
            out.push(QuestionView {
                id: id.clone(),
                title: label(&plan.rule.title),
                seen,
                document: plan.rule.cite.document.clone(),
                assumed: assumed(&reason.standing).or_else(|| assumed(&plan.rule.in_force_standing)),
                answer: answer.map(|a| a.value.clone()),
                by: answer.map(|a| a.by.clone()),
                at: answer.map(|a| a.at.clone()),
            });
        }
        out
    }

    async fn line_views(&self, scope: &Scope, filing: &Filing) -> Result<Vec<LineView>> {
        let lines = self.store().read(scope).list_cost_lines(&[filing.id]).await?;
        let clashing: Vec<Digest> = lines.iter().filter(|l| !l.held).map(|l| l.fingerprint).collect();
        let system = Scope::system("rounds", self.settings().root);
        let reader = self.store().read(&system);
        let mut holders: HashMap<String, ClashView> = HashMap::new();
        for held in reader.cost_lines_like(&clashing).await?.into_iter().filter(|l| l.held) {
            let other = reader.get_filing(held.filing).await?;
            // A firm learns that the line is claimed, not by whom.
            let name = match scope.firm().is_none() && scope.sees_division(other.division) {
                true => Some(reader.get_firm(other.firm).await?.name),
                false => None,
            };
            let rule_title = label(&self.version_of(&other)?.title);
            holders.insert(held.fingerprint.hex(), ClashView { filing: other.id, rule_title, name });
        }
        Ok(lines
            .into_iter()
            .map(|l| LineView {
                clash: match l.held {
                    true => None,
                    false => holders.get(&l.fingerprint.hex()).cloned(),
                },
                id: l.id,
                invoice: l.invoice,
                line: l.line,
                seller: l.seller,
                on: l.issued,
                item: l.item,
                amount: l.amount,
                serial: l.serial,
                fingerprint: l.fingerprint.hex(),
                built: l.built,
                built_amount: l.built_amount,
                built_note: l.built_note,
            })
            .collect())
    }

    async fn document_views(&self, filing: &Filing, data: &FilingData, office: bool) -> Result<Vec<DocumentView>> {
        let mut shared: HashMap<String, Vec<i64>> = HashMap::new();
        if office && !data.documents.is_empty() {
            let system = Scope::system("rounds", self.settings().root);
            for other in self.store().read(&system).list_filings(&FilingFilter::default()).await? {
                if other.firm == filing.firm {
                    continue;
                }
                for document in filing_data(&other)?.documents {
                    shared.entry(document.digest.hex()).or_default().push(other.id);
                }
            }
        }
        let view = |d: &DocumentKept| DocumentView {
            name: d.name.clone(),
            size: d.size,
            digest: d.digest.hex(),
            shared_with: shared.get(&d.digest.hex()).cloned().unwrap_or_default(),
        };
        Ok(data.documents.iter().map(view).collect())
    }
}

/// What invoice lines prove of a cost, in the unit of its fact; none before all were looked at.
pub(crate) fn built_sum(law: &law::Law, fact: &str, lines: &[CostLine]) -> Result<Option<Decimal>> {
    let mut found = Vec::with_capacity(lines.len());
    for line in lines {
        let number = |text: &str| text.parse::<Decimal>().map_err(Refusal::internal);
        let built = match (line.built.as_deref(), line.built_amount.as_deref()) {
            (None, _) => None,
            (Some("found"), _) => Some(Built::Found),
            (Some("differs"), Some(amount)) => Some(Built::Differs(number(amount)?)),
            (Some(_), _) => Some(Built::Missing),
        };
        found.push((number(&line.amount)?, built));
    }
    let Some(yuan) = as_built(&found) else { return Ok(None) };
    let unit = law.facts.get(fact).and_then(|f| f.unit.as_deref()).unwrap_or("yuan");
    let factor = law.units.factor("yuan", unit).map_err(Refusal::internal)?;
    factor.apply(yuan).map(Some).ok_or_else(|| Refusal::internal(format!("{yuan} yuan do not fit")))
}

/// Facts that unknown conditions wait for, with the title of a judgement that has none.
fn unknown(reason: &Reason, put: &mut dyn FnMut(&str, i32, Option<&law::scheme::Text>)) {
    if reason.truth != Truth::Unknown {
        return;
    }
    for part in &reason.parts {
        unknown(part, put);
    }
    if reason.kind == "judged" && reason.inputs.is_empty() {
        put(&reason.id, 0, Some(&reason.title));
    }
    for input in reason.inputs.iter().filter(|i| i.value.is_none()) {
        put(&input.name, input.lag, None);
    }
}
