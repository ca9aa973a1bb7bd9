//! Rounds of a title or a policy: taking filings, cutting the facts of all of them on one day, review,
//! site sample, notice, list. Every step passes the gate of `cases` with the guards computed here.

use crate::{
    Refusal, Result, Services,
    catalogue::label,
    filings::{FilingData, Finding, built_sum},
    policy_views::RuleHead,
    refusal::Kind,
    requests::Step,
    round_record::{self, Added, Compiler, Cut, CutFiling, CutInput, Held, PublishedFiling},
    round_views::*,
    views::{ActionView, HistoryItem, Label, Stage},
};
use base::{Digest, DivisionCode, Role, Scope};
use cases::{Deadline, Who};
use jiff::civil::{Date, DateTime};
use law::Process;
use law::process::{ClockLength, Transition};
use law::rule::{OverBudget, Rule, RuleKind, RuleLevel, Validity};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use store::{
    BatchMeta, EncodedBatch, FactBatch, FactRow, Filing, FilingFilter, NewAudit, NewFiling, NewRound, NewSegment,
    ObjectAccess, Round, SegmentKind,
};

const PROCESS: &str = "round";
/// States of filings on which somebody still has to decide.
const UNDECIDED: [&str; 5] = ["filed", "county_review", "city_review", "province_review", "override_asked"];
/// States of filings that are paid, or will be when nothing comes between.
const BOUND: [&str; 4] = ["listed", "payment_asked", "paid", "removal_asked"];

/// A step that was taken.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Event {
    pub at: String,
    pub by: String,
    pub zh: String,
    pub en: String,
    pub reason: String,
}

impl Event {
    pub fn new(at: &str, by: &str, title: &law::scheme::Text, reason: &str) -> Self {
        Self {
            at: at.to_owned(),
            by: by.to_owned(),
            zh: title.zh.clone(),
            en: title.en.clone(),
            reason: reason.to_owned(),
        }
    }
}

/// Events, newest first, as pages show them.
pub(crate) fn history(events: &[Event]) -> Vec<HistoryItem> {
    let item = |e: &Event| HistoryItem {
        at: e.at.clone(),
        by: e.by.clone(),
        title: Label { zh: e.zh.clone(), en: e.en.clone() },
        reason: e.reason.clone(),
    };
    events.iter().rev().map(item).collect()
}

/// What a round keeps beside its state.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct RoundData {
    sample_percent: Decimal,
    due_by: Option<Date>,
    /// Known to nobody before the draw; its digest is shown from the cut on.
    secret: Option<String>,
    drawn: bool,
    cuts: Vec<CutMade>,
    notice: Option<NoticeClock>,
    /// Digest of the published list.
    list: Option<String>,
    last_actor: Option<String>,
    history: Vec<Event>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct CutMade {
    at: String,
    by: String,
    reason: String,
    facts: Digest,
    results: Digest,
    filings: u64,
    changed: u64,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct NoticeClock {
    from: Date,
    last: Date,
    until: jiff::Timestamp,
    days: u32,
    working: bool,
}

impl From<&NoticeClock> for Deadline {
    fn from(c: &NoticeClock) -> Self {
        Self { from: c.from, last: c.last, until: c.until, days: c.days, working: c.working }
    }
}

/// A round with everything that guards and pages need.
pub(crate) struct RoundCase {
    pub round: Round,
    data: RoundData,
    /// All of them, whoever asks.
    pub filings: Vec<(Filing, FilingData)>,
    /// The rule as of the last day of the window.
    pub rule: Rule,
}

impl RoundCase {
    pub fn notice(&self) -> Option<Deadline> {
        self.data.notice.as_ref().map(Deadline::from)
    }

    /// The cut that decides.
    pub fn cut(&self) -> Option<Digest> {
        self.data.cuts.last().map(|c| c.facts)
    }

    fn in_state(&self, states: &[&str]) -> impl Iterator<Item = &(Filing, FilingData)> {
        let states: Vec<String> = states.iter().map(|s| (*s).to_owned()).collect();
        self.filings.iter().filter(move |(f, _)| states.contains(&f.state))
    }
}

fn parsed<T: serde::de::DeserializeOwned>(what: &str, id: i64, data: &serde_json::Value) -> Result<T> {
    serde_json::from_value(data.clone()).map_err(|e| Refusal::internal(format!("{what} {id}: {e}")))
}

pub(crate) fn filing_data(filing: &Filing) -> Result<FilingData> {
    parsed("filing", filing.id, &filing.data)
}

/// A local moment out of a form.
pub(crate) fn moment(field: &str, text: &str) -> Result<DateTime> {
    text.trim().parse().map_err(|_| {
        Refusal::invalid(
            field,
            format!("“{text}”不是时刻，应如 2026-03-15T09:00:00。"),
            format!("`{text}` is no moment; allowed: such as 2026-03-15T09:00:00."),
        )
    })
}

/// The role that decides at a level of rules.
fn deciding_role(level: RuleLevel) -> Role {
    match level {
        RuleLevel::Nation | RuleLevel::Province => Role::ProvinceOfficer,
        RuleLevel::City => Role::CityOfficer,
        RuleLevel::County => Role::CountyOfficer,
    }
}

impl Services {
    fn round_process(&self) -> Result<&Process> {
        self.law().processes.get(PROCESS).ok_or_else(|| Refusal::internal(format!("law/ lacks the process {PROCESS}")))
    }

    /// Now, where the offices are.
    pub(crate) fn local_now(&self) -> Result<DateTime> {
        let zoned = self.timestamp().in_tz("Asia/Shanghai").map_err(Refusal::internal)?;
        Ok(zoned.datetime())
    }

    /// Is the person of the division that opened a round, in the role that decides there?
    pub(crate) fn holds_round(&self, scope: &Scope, round: &Round, rule: &Rule) -> bool {
        scope.is_system() || (scope.region() == round.division && scope.role() == deciding_role(rule.level))
    }

    /// Versions of the rule that filings in a window go by, the earlier first.
    fn versions_in(&self, rule: &str, division: DivisionCode, from: Date, to: Date) -> Vec<(Date, &Rule)> {
        let mut out: Vec<(Date, &Rule)> = Vec::new();
        let mut day = from;
        loop {
            if let Some(found) = self.law().rule_standing_for(rule, division, day)
                && out.last().is_none_or(|(_, last)| last.name() != found.name())
            {
                out.push((day, found));
            }
            match day.tomorrow() {
                Ok(next) if next <= to => day = next,
                _ => return out,
            }
        }
    }

    /// Every rule by which filings in a round's window go, in any of its counties.
    fn rules_in(&self, round: &Round) -> Result<Vec<String>> {
        let (from, to) = (moment("opens", &round.opens)?.date(), moment("closes", &round.closes)?.date());
        let in_force = |r: &&Rule| r.from <= to && r.to.is_none_or(|last| from <= last);
        let in_place = |r: &&Rule| r.division.is_none_or(|d| d.covers(round.division) || round.division.covers(d));
        let named = |r: &&Rule| self.law().with_wider(r).iter().any(|w| w.id == round.rule);
        let all = self.law().rules.iter().filter(in_force).filter(in_place).filter(named);
        Ok(all.map(|r| r.id.clone()).collect::<BTreeSet<String>>().into_iter().collect())
    }

    /// Opens a round.
    pub async fn create_round(&self, scope: &Scope, request: NewRoundRequest) -> Result<RoundDetail> {
        let (from, to) = (moment("from", &request.from)?, moment("to", &request.to)?);
        if to < from {
            return Err(Refusal::invalid("to", "截止时刻早于开始时刻。", "The window ends before it begins."));
        }
        if to.date().since(from.date()).map_or(0, |s| s.get_days()) > 366 {
            return Err(Refusal::invalid("to", "受理期最长 366 天。", "A window has 366 days at most."));
        }
        let title = request.title.trim().to_owned();
        if title.is_empty() {
            return Err(Refusal::invalid("title", "请写批次名称。", "Give the round a title."));
        }
        let percent = base::fixed::parse(&request.sample_percent).ok().flatten();
        let percent = percent.filter(|p| *p >= Decimal::ZERO && *p <= Decimal::from(100)).ok_or_else(|| {
            Refusal::invalid(
                "sample_percent",
                format!("“{}”不是 0 到 100 之间的百分数。", request.sample_percent),
                format!("`{}` is no percentage from 0 to 100.", request.sample_percent),
            )
        })?;
        if !matches!(request.kind.as_str(), "first" | "recheck") {
            return Err(Refusal::invalid(
                "kind",
                format!("批次类型“{}”不可用；可用：first、recheck。", request.kind),
                format!("`{}` is no kind of round; allowed: first, recheck.", request.kind),
            ));
        }
        let due_by = match (request.kind.as_str(), request.due_by.as_deref().filter(|d| !d.is_empty())) {
            ("recheck", Some(text)) => Some(text.parse::<Date>().map_err(|_| {
                Refusal::invalid("due_by", format!("“{text}”不是日期。"), format!("`{text}` is no date."))
            })?),
            ("recheck", None) => {
                return Err(Refusal::invalid(
                    "due_by",
                    "复核批次须写明到期截止日。",
                    "A re-check needs the day up to which terms end.",
                ));
            }
            _ => None,
        };
        let division = scope.region();
        let rule = self.law().rule_standing_for(&request.rule, division, to.date()).ok_or_else(|| {
            Refusal::invalid(
                "rule",
                format!("“{}”在 {} 没有施行的版本，或不适用于本地。", request.rule, to.date()),
                format!("`{}` has no version in force here on {}.", request.rule, to.date()),
            )
        })?;
        if !matches!(rule.kind, RuleKind::Title | RuleKind::Policy) {
            return Err(Refusal::not_found("规则", "rule", &request.rule));
        }
        if scope.role() != deciding_role(rule.level) && !scope.is_system() {
            return Err(Refusal::forbidden());
        }
        if due_by.is_some() && rule.grants.is_none() {
            return Err(Refusal::invalid(
                "kind",
                "这条规则不授予称号，没有复核。",
                "The rule grants no title, so there is no re-check.",
            ));
        }
        if !rule.windows.is_empty() && !rule.windows.iter().any(|w| w.from <= from && to <= w.to) {
            let all: Vec<String> = rule.windows.iter().map(|w| format!("{} ~ {}", w.from, w.to)).collect();
            return Err(Refusal::invalid(
                "from",
                format!("受理期超出规则写明的窗口：{}。", all.join("、")),
                format!("The window is outside those of the rule: {}.", all.join(", ")),
            ));
        }
        let plan = self.compiled(&[rule], to.date())?;
        if let Some(finding) = policy::lint::lint(self.law(), &plan, &plan.rules[0]).into_iter().find(|f| f.blocks) {
            return Err(Refusal::new(
                Kind::Conflict,
                "rule_blocked",
                format!("规则未通过审查，不能开批次：{}", finding.message.zh),
                format!("The rule did not pass review: {}", finding.message.en),
            ));
        }
        let process = self.round_process()?;
        let mut data = RoundData { sample_percent: percent, due_by, ..RoundData::default() };
        data.history.push(Event {
            at: self.store().now(),
            by: scope.actor().to_owned(),
            zh: "开批次".into(),
            en: "Opened".into(),
            reason: String::new(),
        });
        let new = NewRound {
            rule: request.rule.clone(),
            kind: request.kind.clone(),
            division,
            title,
            opens: from.to_string(),
            closes: to.to_string(),
            state: process.start.clone(),
            data: serde_json::to_value(&data).map_err(Refusal::internal)?,
        };
        let enrolled = match due_by {
            Some(by) => self.holders(division, rule, from.date(), by).await?,
            None => Vec::new(),
        };
        let mut tx = self.store().begin(scope).await?;
        let round = tx.insert_round(&new).await?;
        // Who holds the title is in the re-check by itself.
        for (firm, county) in &enrolled {
            let standing = self.law().rule_standing_for(&request.rule, *county, from.date());
            let Some(standing) = standing else { continue };
            tx.insert_filing(&NewFiling {
                round: round.id,
                firm: *firm,
                division: *county,
                rule: standing.id.clone(),
                rule_version: standing.version,
                filed_at: from.to_string(),
                state: self.filing_process()?.start.clone(),
                data: serde_json::to_value(FilingData::default()).map_err(Refusal::internal)?,
            })
            .await?;
        }
        tx.audit(NewAudit::new("round.create", format!("round:{}", round.id), division).with(json!({
            "rule": request.rule, "from": from.to_string(), "to": to.to_string(), "enrolled": enrolled.len(),
        })));
        tx.commit().await?;
        self.get_round(scope, round.id).await
    }

    /// Firms that hold a title on a day and whose term ends up to another.
    async fn holders(
        &self,
        division: DivisionCode,
        rule: &Rule,
        on: Date,
        by: Date,
    ) -> Result<Vec<(i64, DivisionCode)>> {
        let Some(fact) = rule.grants.as_deref() else { return Ok(Vec::new()) };
        let scope = Scope::system("rounds", self.settings().root);
        let mut counties: BTreeMap<DivisionCode, Vec<store::Firm>> = BTreeMap::new();
        for firm in self.store().read(&scope).firms_of_division(division).await? {
            if firm.status == store::FirmStatus::Active {
                counties.entry(firm.division).or_default().push(firm);
            }
        }
        let (first, last) = (store::day_number(on), store::day_number(by));
        let mut out = Vec::new();
        for (county, firms) in counties {
            let mut views = Vec::new();
            for year in (i32::from(on.year()) - 5)..=i32::from(on.year()) {
                views.push(self.store().read(&scope).facts(county, year).await?);
            }
            views.retain(|v| v.fact_ids().contains(&fact));
            if views.is_empty() {
                continue;
            }
            let redirects = self.store().read(&scope).firm_redirects(county).await?;
            let ids: Vec<i64> = firms.iter().map(|f| f.id).collect();
            for (firm, names) in firms.iter().zip(crate::freeze::subjects_of(&ids, &redirects)) {
                let held = views.iter().rev().find_map(|v| names.iter().find_map(|s| v.on_day(s, fact, first)));
                let due = held.and_then(|f| match f.number() {
                    Some(n) if n.is_zero() => None,
                    _ => self.term_end(rule, &f),
                });
                if due.is_some_and(|to| store::day_number(to) <= last) {
                    out.push((firm.id, county));
                }
            }
        }
        Ok(out)
    }

    /// The last day of a title, as stated or by the rule's term.
    pub(crate) fn term_end(&self, rule: &Rule, fact: &store::Fact<'_>) -> Option<Date> {
        let row = fact.row();
        match row.valid_to {
            Some(to) => store::date_of_day(to),
            None => last_day(rule, store::date_of_day(row.valid_from)?),
        }
    }

    /// Rounds of the region and of what lies above it.
    pub async fn list_rounds(&self, scope: &Scope) -> Result<Vec<RoundRow>> {
        let mut out = Vec::new();
        for round in self.store().read(scope).list_rounds().await? {
            let filter = FilingFilter { round: Some(round.id), ..FilingFilter::default() };
            let filings = self.store().read(scope).list_filings(&filter).await?;
            out.push(self.round_row(&round, &filings)?);
        }
        Ok(out)
    }

    /// The rule of a round as of the last day of its window.
    pub(crate) fn rule_of_round(&self, round: &Round) -> Result<&Rule> {
        let day = moment("closes", &round.closes)?.date();
        let standing = self.law().rule_standing_for(&round.rule, round.division, day);
        standing
            .or_else(|| self.law().rules.iter().rev().find(|r| r.id == round.rule))
            .ok_or_else(|| Refusal::not_found("规则", "rule", &round.rule))
    }

    fn round_row(&self, round: &Round, filings: &[Filing]) -> Result<RoundRow> {
        let rule = self.rule_of_round(round)?;
        let now = self.local_now()?;
        let (from, to) = (moment("opens", &round.opens)?, moment("closes", &round.closes)?);
        let window = match (now < from, now > to) {
            (true, _) => "upcoming",
            (_, true) => "over",
            _ => "open",
        };
        let process = self.round_process()?;
        let mut counts: BTreeMap<usize, (String, u64)> = BTreeMap::new();
        let states = &self.filing_process()?.states;
        for filing in filings {
            let at = states.iter().position(|s| s.id == filing.state).unwrap_or(states.len());
            counts.entry(at).or_insert_with(|| (filing.state.clone(), 0)).1 += 1;
        }
        let title = |at: usize| states.get(at).map(|s| label(&s.title)).unwrap_or_default();
        Ok(RoundRow {
            id: round.id,
            title: round.title.clone(),
            kind: round.kind.clone(),
            rule: round.rule.clone(),
            rules: self.rules_in(round)?,
            rule_title: label(&rule.title),
            rule_kind: kind_word(rule.kind).into(),
            division: self.division_view(round.division),
            from: from.to_string(),
            to: to.to_string(),
            window: window.into(),
            state: round.state.clone(),
            state_title: process
                .states
                .iter()
                .find(|s| s.id == round.state)
                .map(|s| label(&s.title))
                .unwrap_or_default(),
            filings: counts
                .into_iter()
                .map(|(at, (state, count))| StateCount { state, title: title(at), count })
                .collect(),
        })
    }

    /// Loads what guards need. Filings are taken for the whole round, whoever asks.
    pub(crate) async fn round_case(&self, round: Round) -> Result<RoundCase> {
        let scope = Scope::system("rounds", self.settings().root);
        let filter = FilingFilter { round: Some(round.id), ..FilingFilter::default() };
        let mut filings = Vec::new();
        for filing in self.store().read(&scope).list_filings(&filter).await? {
            let data = filing_data(&filing)?;
            filings.push((filing, data));
        }
        Ok(RoundCase {
            data: parsed("round", round.id, &round.data)?,
            rule: self.rule_of_round(&round)?.clone(),
            filings,
            round,
        })
    }

    async fn round_guards(&self, scope: &Scope, case: &RoundCase) -> Result<BTreeSet<String>> {
        let closes = moment("closes", &case.round.closes)?;
        let stands = |states: &[&str]| case.in_state(states).next().is_some();
        let approved = ["approved", "proposed"];
        let visited = case.in_state(&approved).filter(|(_, d)| d.sampled).all(|(_, d)| d.site.is_some());
        let answered = case.in_state(&approved).all(|(_, d)| d.questions.iter().all(|q| d.answers.contains_key(q)));
        let money = self.money_of(case).await?;
        // Recomputing takes its time, so only where a step asks for it.
        let asked = self
            .round_process()?
            .transitions
            .iter()
            .any(|t| t.from.contains(&case.round.state) && t.guards.iter().any(|g| g == "round_verified"));
        let verified = asked && !case.data.cuts.is_empty() && self.verified(case).await?.agrees;
        let pairs = [
            ("holds_round", self.holds_round(scope, &case.round, &case.rule)),
            ("window_over", self.local_now()? > closes),
            ("has_filings", stands(&["filed"])),
            ("all_reviewed", !stands(&UNDECIDED)),
            ("sites_recorded", case.data.drawn && visited),
            ("questions_answered", answered),
            ("notice_over", case.notice().is_some_and(|d| d.elapsed(self.timestamp()))),
            ("objections_settled", !stands(&["objected", "refusal_objected"])),
            ("budget_holds", money.is_none_or(|m| !m.over || m.over_rule.as_deref() != Some("refuse"))),
            ("round_verified", verified),
        ];
        Ok(pairs.into_iter().filter(|(_, holds)| *holds).map(|(id, _)| id.to_owned()).collect())
    }

    /// One round in full.
    pub async fn get_round(&self, scope: &Scope, id: i64) -> Result<RoundDetail> {
        let round = self.store().read(scope).get_round(id).await?;
        let case = self.round_case(round).await?;
        self.round_detail(scope, &case).await
    }

    async fn round_detail(&self, scope: &Scope, case: &RoundCase) -> Result<RoundDetail> {
        let (round, data) = (&case.round, &case.data);
        let reader = self.store().read(scope);
        let filter = FilingFilter { round: Some(round.id), ..FilingFilter::default() };
        let seen = reader.list_filings(&filter).await?;
        let process = self.round_process()?;
        let office = scope.firm().is_none() && scope.role() != Role::Firm;
        let known = cases::Known { holds: self.round_guards(scope, case).await?, last_actor: data.last_actor.clone() };
        let actions = match self.holds_round(scope, round, &case.rule) {
            true => action_views(cases::offers(process, &round.state, &Who::from(scope), &known), &[]),
            false => Vec::new(),
        };
        let (from, to) = (moment("opens", &round.opens)?, moment("closes", &round.closes)?);
        let now = self.local_now()?;
        let open = round.state == "open" && round.kind == "first";
        let may_file = match (scope.role(), open) {
            (Role::Firm, true) if from <= now && now <= to && seen.is_empty() => "own",
            (Role::CountyOfficer | Role::CityOfficer | Role::ProvinceOfficer, true) if scope.department().is_none() => {
                "any"
            }
            _ => "",
        };
        let versions: Vec<RuleHead> = self
            .versions_in(&round.rule, self.place_of(scope, round), from.date(), to.date())
            .into_iter()
            .map(|(day, rule)| self.rule_head(rule, day))
            .collect();
        let cut_view = |c: &CutMade| RoundCut {
            at: c.at.clone(),
            by: c.by.clone(),
            reason: c.reason.clone(),
            facts: c.facts.hex(),
            results: c.results.hex(),
            filings: c.filings,
            changed: c.changed,
        };
        let mut cuts: Vec<RoundCut> = data.cuts.iter().rev().map(cut_view).collect();
        let cut = (!cuts.is_empty()).then(|| cuts.remove(0));
        let at = process.states.iter().position(|s| s.id == round.state).unwrap_or(0);
        let stages = process
            .states
            .iter()
            .enumerate()
            .filter(|(i, s)| !(s.id == "cancelled" && *i != at))
            .map(|(i, s)| Stage {
                id: s.id.clone(),
                title: label(&s.title),
                state: match i.cmp(&at) {
                    std::cmp::Ordering::Less => "done",
                    std::cmp::Ordering::Equal => "now",
                    std::cmp::Ordering::Greater => "ahead",
                }
                .into(),
                detail: Label::default(),
            })
            .collect();
        Ok(RoundDetail {
            row: self.round_row(round, &seen)?,
            version: round.version,
            versions,
            stages,
            sample_percent: data.sample_percent.normalize().to_string(),
            cut,
            earlier_cuts: cuts,
            draw: self.draw_view(case, office).await?,
            notice: case.notice().map(|d| self.clock_view(&d, self.timestamp())),
            list: data.list.clone(),
            due_by: data.due_by.map(|d| d.to_string()),
            money: if office { self.money_of(case).await? } else { None },
            actions,
            may_file: may_file.into(),
            history: if office { history(&data.history) } else { Vec::new() },
        })
    }

    /// The county whose rules are shown of a round: the person's own, where the round reaches further.
    fn place_of(&self, scope: &Scope, round: &Round) -> DivisionCode {
        if round.division.covers(scope.region()) { scope.region() } else { round.division }
    }

    /// The draw, made again from secret and pool; only the commitment before.
    async fn draw_view(&self, case: &RoundCase, named: bool) -> Result<Option<DrawView>> {
        let Some(secret) = &case.data.secret else { return Ok(None) };
        let commitment = cases::draw::commitment(secret).hex();
        if !case.data.drawn {
            return Ok(Some(DrawView { commitment, secret: String::new(), seed: String::new(), strata: Vec::new() }));
        }
        let pool: Vec<(DivisionCode, i64)> =
            case.filings.iter().filter(|(_, d)| d.in_pool).map(|(f, _)| (f.division, f.id)).collect();
        let names = self.names_of_filings(case.filings.iter().map(|(f, _)| f)).await?;
        let strata = cases::draw::draw(secret, &pool, case.data.sample_percent)
            .into_iter()
            .map(|stratum| DrawnStratum {
                division: self.division_view(stratum.division),
                take: stratum.take as u64,
                order: stratum
                    .order
                    .iter()
                    .enumerate()
                    .map(|(at, (key, id))| DrawnFiling {
                        filing: *id,
                        name: names.get(id).filter(|_| named).cloned().unwrap_or_default(),
                        key: key.hex(),
                        taken: at < stratum.take,
                    })
                    .collect(),
            })
            .collect();
        Ok(Some(DrawView { commitment, secret: secret.clone(), seed: cases::draw::seed(secret, &pool).hex(), strata }))
    }

    /// Names of the firms of filings, by filing.
    pub(crate) async fn names_of_filings<'f>(
        &self,
        filings: impl Iterator<Item = &'f Filing>,
    ) -> Result<HashMap<i64, String>> {
        let scope = Scope::system("rounds", self.settings().root);
        let reader = self.store().read(&scope);
        let mut out = HashMap::new();
        for filing in filings {
            out.insert(filing.id, reader.get_firm(filing.firm).await?.name);
        }
        Ok(out)
    }

    /// What the filings of a policy that stand come to, beside its budget.
    async fn money_of(&self, case: &RoundCase) -> Result<Option<RoundMoney>> {
        let Some(amount) = &case.rule.amount else { return Ok(None) };
        let sum_of =
            |filing: &Filing| filing.sum.as_deref().and_then(|s| s.parse::<Decimal>().ok()).unwrap_or_default();
        let claims: Decimal = case
            .in_state(&["approved", "proposed", "objected", "listed", "payment_asked", "paid", "removal_asked"])
            .map(|(f, _)| sum_of(f))
            .sum();
        let paid: Decimal = case.in_state(&["paid"]).map(|(f, _)| sum_of(f)).sum();
        let budget = case.rule.budget.as_ref();
        let bound = match budget {
            Some(budget) => self.bound_elsewhere(&budget.line, case).await?,
            None => Decimal::ZERO,
        };
        let total = budget.and_then(|b| b.total.as_ref()).map(|p| p.value);
        let text = |n: Decimal| n.normalize().to_string();
        Ok(Some(RoundMoney {
            unit: self.unit_label(&amount.unit),
            claims: text(claims),
            line: budget.map(|b| b.line.clone()),
            budget: total.map(text),
            bound: text(bound),
            over_rule: budget.map(|b| {
                match b.over {
                    OverBudget::Prorate => "prorate",
                    OverBudget::Queue => "queue",
                    OverBudget::Refuse => "refuse",
                }
                .into()
            }),
            over: total.is_some_and(|t| claims + bound > t),
            paid: text(paid),
        }))
    }

    /// What other rounds of the year have bound of a budget line.
    async fn bound_elsewhere(&self, line: &str, case: &RoundCase) -> Result<Decimal> {
        let scope = Scope::system("rounds", self.settings().root);
        let year = moment("opens", &case.round.opens)?.year();
        let states = BOUND.iter().map(|s| (*s).to_owned()).collect();
        let mut sum = Decimal::ZERO;
        for filing in
            self.store().read(&scope).list_filings(&FilingFilter { states, ..FilingFilter::default() }).await?
        {
            let rule = self.law().rule_version(&filing.rule, filing.rule_version);
            let same = rule.and_then(|r| r.budget.as_ref()).is_some_and(|b| b.line == line);
            let of_year = moment("filed_at", &filing.filed_at)?.year() == year;
            if same && of_year && filing.round != case.round.id {
                sum += filing.sum.as_deref().and_then(|s| s.parse::<Decimal>().ok()).unwrap_or_default();
            }
        }
        Ok(sum)
    }

    /// Takes a step of a round.
    pub async fn act_on_round(&self, scope: &Scope, id: i64, action: &str, step: Step) -> Result<RoundDetail> {
        let round = self.store().read(scope).get_round(id).await?;
        if round.version != step.version {
            return Err(store::StoreError::Conflict {
                what: "round",
                key: id.to_string(),
                expected: step.version.to_string(),
                found: round.version.to_string(),
            }
            .into());
        }
        let mut case = self.round_case(round).await?;
        let known =
            cases::Known { holds: self.round_guards(scope, &case).await?, last_actor: case.data.last_actor.clone() };
        let process = self.round_process()?;
        let transition = cases::apply(process, &case.round.state, action, &Who::from(scope), &known, &step.reason)
            .map_err(|refused| self.refused(refused))?
            .clone();
        let now = self.store().now();
        let mut objects: Vec<Vec<u8>> = Vec::new();
        let mut facts: Vec<(DivisionCode, i32, EncodedBatch)> = Vec::new();
        let mut changed: Vec<usize> = Vec::new();
        let mut detail = json!({ "from": case.round.state, "to": transition.to, "reason": step.reason });
        match action {
            "cut" | "recut" => {
                let entering = if action == "cut" { vec!["filed"] } else { RECUT.to_vec() };
                let made = self.make_cut(&case, &entering, &now).await?;
                let before = case.cut();
                let differs = self.take_cut(&mut case, &made, action == "recut", &now, &mut changed).await?;
                detail["facts"] = json!(made.facts.hex());
                detail["results"] = json!(made.results.hex());
                detail["before"] = json!(before.map(|d| d.hex()));
                case.data.cuts.push(CutMade {
                    at: now.clone(),
                    by: scope.actor().to_owned(),
                    reason: step.reason.trim().to_owned(),
                    facts: made.facts,
                    results: made.results,
                    filings: made.cut.filings.len() as u64,
                    changed: differs,
                });
                if case.data.secret.is_none() {
                    case.data.secret = Some(crate::session::random_token()?);
                }
                objects.push(made.fact_bytes);
                objects.push(made.result_bytes);
            }
            "draw" => {
                let secret =
                    case.data.secret.clone().ok_or_else(|| Refusal::internal("a round was drawn without a cut"))?;
                let pool: Vec<(DivisionCode, i64)> =
                    case.in_state(&["approved"]).map(|(f, _)| (f.division, f.id)).collect();
                let drawn = cases::draw::draw(&secret, &pool, case.data.sample_percent);
                let taken: BTreeSet<i64> =
                    drawn.iter().flat_map(|s| s.order[..s.take].iter().map(|(_, id)| *id)).collect();
                for (at, (filing, data)) in case.filings.iter_mut().enumerate() {
                    if filing.state == "approved" {
                        data.in_pool = true;
                        data.sampled = taken.contains(&filing.id);
                        changed.push(at);
                    }
                }
                case.data.drawn = true;
                detail["pool"] = json!(pool.len());
                detail["taken"] = json!(taken.len());
            }
            "start_notice" => {
                self.system_step(&mut case, "approved", "propose", &now, &mut changed)?;
                self.share_budget(&mut case, &mut changed).await?;
                case.data.notice = Some(self.notice_clock()?);
            }
            "list" => {
                self.system_step(&mut case, "proposed", "list", &now, &mut changed)?;
                self.share_budget(&mut case, &mut changed).await?;
                facts = self.grants(&mut case, &now, &mut changed)?;
                let bytes = self.list_bytes(&case, &now).await?;
                let digest = Digest::of(&bytes);
                case.data.list = Some(digest.hex());
                detail["list"] = json!(digest.hex());
                objects.push(bytes);
            }
            "cancel" => {
                for state in ["filed", "county_review", "city_review", "province_review", "override_asked", "approved"]
                {
                    self.system_step(&mut case, state, "lapse", &now, &mut changed)?;
                }
            }
            _ => (),
        }
        case.round.state = transition.to.clone();
        case.data.last_actor = Some(scope.actor().to_owned());
        case.data.history.push(Event::new(&now, scope.actor(), &transition.title, step.reason.trim()));
        case.round.data = serde_json::to_value(&case.data).map_err(Refusal::internal)?;
        changed.sort_unstable();
        changed.dedup();
        let mut tx = self.store().begin(scope).await?;
        for bytes in &objects {
            tx.put_object(bytes, ObjectAccess::office(case.round.division)).await?;
        }
        for at in changed {
            let (filing, data) = &mut case.filings[at];
            filing.data = serde_json::to_value(&*data).map_err(Refusal::internal)?;
            *filing = tx.update_filing(filing).await?;
        }
        for (county, year, batch) in &facts {
            let segment = NewSegment {
                division: *county,
                year: *year,
                kind: SegmentKind::Correction,
                reason: format!("{} 公布", case.round.title),
            };
            tx.insert_segment(&segment, batch).await?;
        }
        case.round = tx.update_round(&case.round).await?;
        tx.audit(NewAudit::new(format!("round.{action}"), format!("round:{id}"), case.round.division).with(detail));
        tx.commit().await?;
        self.get_round(scope, id).await
    }

    /// Takes a step of the system for every filing in a state.
    fn system_step(
        &self,
        case: &mut RoundCase,
        state: &str,
        action: &str,
        now: &str,
        changed: &mut Vec<usize>,
    ) -> Result<()> {
        for (at, (filing, data)) in case.filings.iter_mut().enumerate().filter(|(_, (f, _))| f.state == state) {
            self.move_by_system(filing, data, action, now, "")?;
            changed.push(at);
        }
        Ok(())
    }

    /// Moves a filing as the system does.
    pub(crate) fn move_by_system(
        &self,
        filing: &mut Filing,
        data: &mut FilingData,
        action: &str,
        now: &str,
        reason: &str,
    ) -> Result<()> {
        let who = Who::from(&Scope::system("rounds", self.settings().root));
        let process = self.filing_process()?;
        let step: &Transition = cases::apply(process, &filing.state, action, &who, &cases::Known::default(), reason)
            .map_err(|refused| self.refused(refused))?;
        filing.state = step.to.clone();
        data.history.push(Event::new(now, &who.actor, &step.title, reason));
        Ok(())
    }

    fn notice_clock(&self) -> Result<NoticeClock> {
        let clock = self.round_process()?.clocks.iter().find(|c| c.id == "notice");
        let Some(ClockLength::Days { days }) = clock.map(|c| &c.length) else {
            return Err(Refusal::internal("the process of a round lacks the days of its notice"));
        };
        let end = cases::deadline(&self.law().calendar, self.today()?, days, None).map_err(|fault| {
            Refusal::new(
                Kind::Conflict,
                "calendar",
                format!("无法确定期限：{fault}。请在 law/national/calendars 中补充日历。"),
                fault.to_string(),
            )
        })?;
        Ok(NoticeClock { from: end.from, last: end.last, until: end.until, days: end.days, working: end.working })
    }

    /// What each filing is paid when the claims exceed the budget, as the rule says.
    async fn share_budget(&self, case: &mut RoundCase, changed: &mut Vec<usize>) -> Result<()> {
        let (Some(amount), Some(budget)) = (case.rule.amount.clone(), case.rule.budget.clone()) else { return Ok(()) };
        let bound = self.bound_elsewhere(&budget.line, case).await?;
        let standing: Vec<usize> = case
            .filings
            .iter()
            .enumerate()
            .filter(|(_, (f, _))| matches!(f.state.as_str(), "proposed" | "listed"))
            .map(|(at, _)| at)
            .collect();
        let claims: Vec<policy::amount::Claim> = standing
            .iter()
            .map(|at| {
                let (filing, data) = &case.filings[*at];
                let claimed = data.claimed.as_deref().or(filing.sum.as_deref());
                policy::amount::Claim {
                    id: filing.id,
                    filed: filing.filed_at.clone(),
                    sum: claimed.and_then(|s| s.parse().ok()).unwrap_or_default(),
                }
            })
            .collect();
        let left = budget.total.as_ref().map(|t| (t.value - bound).max(Decimal::ZERO));
        let shares = policy::amount::within(left, budget.over, &claims, amount.decimals);
        for ((at, claim), share) in standing.into_iter().zip(&claims).zip(shares) {
            let (filing, data) = &mut case.filings[at];
            data.claimed = Some(claim.sum.normalize().to_string());
            filing.sum = Some(share.normalize().to_string());
            changed.push(at);
        }
        Ok(())
    }

    /// The titles that a list grants, as facts from its day on.
    fn grants(
        &self,
        case: &mut RoundCase,
        now: &str,
        changed: &mut Vec<usize>,
    ) -> Result<Vec<(DivisionCode, i32, EncodedBatch)>> {
        let today = self.today()?;
        let mut batches: BTreeMap<DivisionCode, FactBatch> = BTreeMap::new();
        for (at, (filing, data)) in case.filings.iter_mut().enumerate().filter(|(_, (f, _))| f.state == "listed") {
            let Some(rule) = self.law().rule_version(&filing.rule, filing.rule_version) else { continue };
            let Some(fact) = rule.grants.as_deref() else { continue };
            let until = last_day(rule, today);
            data.granted = Some((today, until));
            changed.push(at);
            let batch = batches.entry(filing.division).or_insert_with(|| {
                FactBatch::new(BatchMeta {
                    department: rule.owner,
                    file: case.round.title.clone(),
                    file_digest: None,
                    received_at: now.to_owned(),
                    reason: String::new(),
                })
            });
            push_title(self.law(), batch, filing.firm, fact, rule, today, until);
        }
        let year = i32::from(today.year());
        let encode = |(county, batch): (DivisionCode, FactBatch)| {
            Ok((county, year, batch.encode().map_err(store::StoreError::from)?))
        };
        batches.into_iter().map(encode).collect()
    }

    /// The bytes of the list as published.
    async fn list_bytes(&self, case: &RoundCase, now: &str) -> Result<Vec<u8>> {
        let names = self.names_of_filings(case.filings.iter().map(|(f, _)| f)).await?;
        let cut = case.data.cuts.last().ok_or_else(|| Refusal::internal("a list without a cut"))?;
        let mut list =
            round_record::new_list(case.round.id, &case.round.title, now, &cut.facts.hex(), &cut.results.hex());
        let mut listed: Vec<&(Filing, FilingData)> = case.in_state(&["listed"]).collect();
        listed.sort_by_key(|(f, _)| f.id);
        for (filing, data) in listed {
            list.filings.push(PublishedFiling {
                filing: filing.id,
                firm: filing.firm,
                name: names.get(&filing.id).cloned().unwrap_or_default(),
                rule: filing.rule.clone(),
                version: filing.rule_version,
                outcome: filing.outcome.clone(),
                judged: data.judged.iter().map(|(k, v)| (k.clone(), v.value.clone())).collect(),
                exception: data.exception,
                sum: filing.sum.clone(),
                until: data.granted.and_then(|(_, to)| to).map(|d| d.to_string()),
            });
        }
        round_record::published(&list)
    }

    /// Cuts the facts of filings as they are known now.
    async fn make_cut(&self, case: &RoundCase, states: &[&str], now: &str) -> Result<MadeCut> {
        let scope = Scope::system("rounds", self.settings().root);
        let mut groups: BTreeMap<(DivisionCode, Date), Vec<&Filing>> = BTreeMap::new();
        for (filing, _) in case.in_state(states) {
            let on = moment("filed_at", &filing.filed_at)?.date();
            groups.entry((filing.division, on)).or_default().push(filing);
        }
        let mut compiler = Compiler::new(self.law());
        let mut cuts = Vec::new();
        for ((county, on), filings) in groups {
            let known = self.known_around(&scope, county, on).await?;
            for filing in filings {
                let subject = self.subject(&scope, filing.firm).await?;
                let plan = compiler.plan(&filing.rule, filing.rule_version, &county.to_string(), on)?;
                let rule = &plan.rules[0].rule;
                let mut inputs: Vec<CutInput> = plan
                    .vars
                    .all
                    .iter()
                    .map(|def| {
                        let (value, source) = known.value(self.law(), &subject, def);
                        CutInput { name: def.key.name.clone(), lag: def.key.lag, value: Held::from(&value), source }
                    })
                    .collect();
                inputs.sort_by(|a, b| (&a.name, a.lag).cmp(&(&b.name, b.lag)));
                cuts.push(CutFiling {
                    filing: filing.id,
                    firm: filing.firm,
                    name: subject.firm.name.clone(),
                    division: county.to_string(),
                    filed_on: on,
                    rule: filing.rule.clone(),
                    version: filing.rule_version,
                    text: self.law().digest_of_rule(rule).hex(),
                    inputs,
                });
            }
        }
        let (cut, fact_bytes) = round_record::cut(case.round.id, &case.round.kind, now, cuts)?;
        let facts = Digest::of(&fact_bytes);
        let (result_bytes, _) = compiler.results(&cut, facts)?;
        Ok(MadeCut { facts, results: Digest::of(&result_bytes), cut, fact_bytes, result_bytes })
    }

    /// Puts what came of a cut into the filings; gives how many differ from before. After a second cut
    /// those are reviewed again.
    async fn take_cut(
        &self,
        case: &mut RoundCase,
        made: &MadeCut,
        again: bool,
        now: &str,
        changed: &mut Vec<usize>,
    ) -> Result<u64> {
        let earlier = match (again, case.cut()) {
            (true, Some(digest)) => Some(self.read_cut(digest).await?),
            _ => None,
        };
        let mut compiler = Compiler::new(self.law());
        let mut differs = 0;
        for cut in &made.cut.filings {
            let Some(at) = case.filings.iter().position(|(f, _)| f.id == cut.filing) else { continue };
            let added = self.added(&case.filings[at].0, &case.filings[at].1).await?;
            let (filing, data) = &mut case.filings[at];
            let assessed = compiler.assess(&made.cut.kind, cut, &added)?;
            let before = earlier.as_ref().and_then(|c| c.filings.iter().find(|f| f.filing == cut.filing));
            let same = before.is_some_and(|b| values(b) == values(cut) && b.text == cut.text);
            if !same {
                differs += u64::from(again);
                if again && filing.state != "county_review" {
                    self.move_by_system(filing, data, "review_again", now, "数据更正后重新截取")?;
                    data.site = None;
                    data.exception = false;
                }
            }
            if !again {
                self.move_by_system(filing, data, "enter", now, "")?;
            }
            put_outcome(filing, data, &assessed);
            changed.push(at);
        }
        Ok(differs)
    }

    /// What people and the site have added to a filing.
    pub(crate) async fn added(&self, filing: &Filing, data: &FilingData) -> Result<Added> {
        let judged = data.judged.iter().map(|(fact, found)| (fact.clone(), found.value.clone())).collect();
        let rule = self.law().rule_version(&filing.rule, filing.rule_version);
        let cost = rule.and_then(|r| r.amount.as_ref()).and_then(|a| a.cost_line.clone());
        let built = match cost {
            Some(fact) => {
                let scope = Scope::system("rounds", self.settings().root);
                let lines = self.store().read(&scope).list_cost_lines(&[filing.id]).await?;
                match lines.is_empty() {
                    true => None,
                    false => built_sum(self.law(), &fact, &lines)?,
                }
            }
            None => None,
        };
        Ok(Added { judged, built })
    }

    /// A cut read back and hashed again.
    pub(crate) async fn read_cut(&self, digest: Digest) -> Result<Cut> {
        let scope = Scope::system("rounds", self.settings().root);
        let bytes = self.store().read(&scope).get_object(digest).await?;
        round_record::read_cut(&bytes)
    }

    /// Recomputes a round from its cut and the rules.
    pub async fn verify_round(&self, scope: &Scope, id: i64) -> Result<RoundVerification> {
        let round = self.store().read(scope).get_round(id).await?;
        let case = self.round_case(round).await?;
        if case.data.cuts.is_empty() {
            return Err(Refusal::new(
                Kind::Conflict,
                "no_cut",
                "还没有截取数据，没有可复算的结果。",
                "The facts are not cut yet, so there is nothing to recompute.",
            ));
        }
        let entry = NewAudit::new("round.verify", format!("round:{id}"), case.round.division);
        self.store().audit_read(scope, entry).await?;
        self.verified(&case).await
    }

    async fn verified(&self, case: &RoundCase) -> Result<RoundVerification> {
        let made = case.data.cuts.last().ok_or_else(|| Refusal::internal("a round without a cut"))?;
        let mut out = RoundVerification {
            round: case.round.id,
            agrees: false,
            filings: 0,
            kept: made.results.hex(),
            recomputed: String::new(),
            differences: Vec::new(),
        };
        let mut differs = |zh: String, en: String| out.differences.push(Label { zh, en });
        let cut = match self.read_cut(made.facts).await {
            Ok(cut) => cut,
            Err(refusal) => {
                let zh = format!("截取的数据不能读回：{}", refusal.message.zh);
                differs(zh, format!("The cut cannot be read back: {}", refusal.message.en));
                return Ok(out);
            }
        };
        let scope = Scope::system("rounds", self.settings().root);
        if let Err(fault) = self.store().read(&scope).get_object(made.results).await {
            let refusal = Refusal::from(fault);
            differs(
                format!("保存的结果不能读回：{}", refusal.message.zh),
                format!("The results as kept cannot be read back: {}", refusal.message.en),
            );
        }
        let mut compiler = Compiler::new(self.law());
        for filing in &cut.filings {
            let rule = self.law().rule_version(&filing.rule, filing.version);
            let text = rule.map(|r| self.law().digest_of_rule(r).hex());
            if text.as_deref() != Some(filing.text.as_str()) {
                differs(
                    format!("第 {} 号申报所用规则 {}@{} 的文字已改动", filing.filing, filing.rule, filing.version),
                    format!("The text of {}@{} of filing {} has changed", filing.rule, filing.version, filing.filing),
                );
            }
        }
        let recomputed = compiler.results(&cut, made.facts);
        match recomputed {
            Ok((bytes, _)) => {
                let digest = Digest::of(&bytes);
                if digest != made.results {
                    differs("由截取的数据算出的结果与保存的不同".into(), "The results differ from those kept".into());
                }
                out.recomputed = digest.hex();
            }
            Err(refusal) => differs(refusal.message.zh.clone(), refusal.message.en.clone()),
        }
        for (filing, data) in &case.filings {
            let Some(facts) = cut.filings.iter().find(|f| f.filing == filing.id) else { continue };
            out.filings += 1;
            let added = self.added(filing, data).await?;
            let assessed = compiler.assess(&cut.kind, facts, &added)?;
            let outcome = policy::cases::word(assessed.outcome);
            if filing.outcome.as_deref() != Some(outcome) {
                let kept = filing.outcome.clone().unwrap_or_default();
                out.differences.push(Label {
                    zh: format!("第 {} 号申报：保存为 {kept}，复算为 {outcome}", filing.id),
                    en: format!("Filing {}: kept as {kept}, recomputed as {outcome}", filing.id),
                });
            }
        }
        if let Some(list) = &case.data.list {
            self.verify_list(list, case, &mut out).await?;
        }
        out.agrees = out.differences.is_empty();
        Ok(out)
    }

    /// The published list beside the filings as they stand in the store.
    async fn verify_list(&self, digest: &str, case: &RoundCase, out: &mut RoundVerification) -> Result<()> {
        let scope = Scope::system("rounds", self.settings().root);
        let digest: Digest = digest.parse().map_err(Refusal::internal)?;
        let bytes = match self.store().read(&scope).get_object(digest).await {
            Ok(bytes) => bytes,
            Err(fault) => {
                let refusal = Refusal::from(fault);
                out.differences.push(Label {
                    zh: format!("公布的名单不能读回：{}", refusal.message.zh),
                    en: format!("The list cannot be read back: {}", refusal.message.en),
                });
                return Ok(());
            }
        };
        let list: round_record::Published = serde_json::from_slice(&bytes).map_err(Refusal::internal)?;
        for line in &list.filings {
            let found = case.filings.iter().find(|(f, _)| f.id == line.filing);
            let same = found.is_some_and(|(f, _)| {
                f.rule == line.rule
                    && f.rule_version == line.version
                    && f.outcome == line.outcome
                    && f.firm == line.firm
            });
            if !same {
                out.differences.push(Label {
                    zh: format!("名单中第 {} 号申报与保存的不同", line.filing),
                    en: format!("Filing {} of the list differs from the one kept", line.filing),
                });
            }
        }
        Ok(())
    }
}

/// States of filings that a second cut takes in.
const RECUT: [&str; 8] = [
    "county_review",
    "city_review",
    "province_review",
    "override_asked",
    "approved",
    "proposed",
    "objected",
    "refused",
];

struct MadeCut {
    cut: Cut,
    facts: Digest,
    results: Digest,
    fact_bytes: Vec<u8>,
    result_bytes: Vec<u8>,
}

/// Values without where they came from: a source that changed alone changes nothing.
fn values(filing: &CutFiling) -> Vec<(&str, i32, &Held)> {
    filing.inputs.iter().map(|i| (i.name.as_str(), i.lag, &i.value)).collect()
}

/// Puts what came out into a filing.
pub(crate) fn put_outcome(filing: &mut Filing, data: &mut FilingData, assessed: &round_record::Assessed) {
    filing.outcome = Some(policy::cases::word(assessed.outcome).to_owned());
    filing.sum = assessed.paid.as_ref().map(|p| p.low.normalize().to_string());
    data.questions = assessed.questions.iter().map(|(id, _)| id.clone()).collect();
    data.answers.retain(|id, _| data.questions.contains(id));
}

/// The last day of a title granted on a day.
pub(crate) fn last_day(rule: &Rule, from: Date) -> Option<Date> {
    match &rule.validity {
        Some(Validity::Years { years }) => {
            let years = i64::try_from(years.value).ok()?;
            from.checked_add(jiff::Span::new().years(years)).ok()?.yesterday().ok()
        }
        Some(Validity::NextYear { month, day, .. }) => Date::new(from.year() + 1, *month, *day).ok(),
        Some(Validity::Open) | None => None,
    }
}

/// States a title of a firm for a period.
pub(crate) fn push_title(
    law: &law::Law,
    batch: &mut FactBatch,
    firm: i64,
    fact: &str,
    rule: &Rule,
    from: Date,
    until: Option<Date>,
) {
    let subject = format!("f:{firm}");
    let row = FactRow::new(&subject, fact, store::day_number(from));
    let row = match until {
        Some(to) => row.until(store::day_number(to)),
        None => row,
    };
    // A title that has levels is held at the level of the rule.
    match law.facts.get(fact).map(|f| f.kind) {
        Some(law::template::Kind::Text) => batch.push(row.text(rule.level.name())),
        _ => batch.push(row.number(10i128.pow(base::fixed::SCALE))),
    }
}

pub(crate) fn kind_word(kind: RuleKind) -> &'static str {
    match kind {
        RuleKind::Title => "title",
        RuleKind::Policy => "policy",
        RuleKind::Question => "question",
    }
}

/// Offers as pages show them, some left out where a guard of theirs says that they are not meant here.
pub(crate) fn action_views<'p>(
    offers: impl IntoIterator<Item = cases::Offer<'p>>,
    hidden_by: &[&str],
) -> Vec<ActionView> {
    offers
        .into_iter()
        .filter(|o| !o.blocked_by.iter().any(|g| hidden_by.contains(&g.id.as_str())))
        .map(|o| {
            let mut blocked: Vec<Label> = o.blocked_by.iter().map(|g| label(&g.title)).collect();
            if o.same_person {
                blocked.push(Label {
                    zh: "须由另一个人办理：上一步是您本人做的".into(),
                    en: "A second person is needed: you took the step before".into(),
                });
            }
            ActionView {
                action: o.transition.action.clone(),
                title: label(&o.transition.title),
                blocked_by: blocked,
                needs_reason: o.transition.reason,
            }
        })
        .collect()
}

/// A finding of a reviewer.
pub(crate) fn finding(value: &str, says: &str, by: &str, at: &str) -> Finding {
    Finding { value: value.to_owned(), says: says.to_owned(), by: by.to_owned(), at: at.to_owned() }
}
