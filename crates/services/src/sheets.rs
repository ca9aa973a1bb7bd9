//! One firm, one sheet: every own fact with its source cell, how effective land came about, and the
//! firm's word on it.

use crate::{
    Document, Refusal, Result, Services,
    catalogue::label,
    evaluations::Deed,
    firms::required,
    freeze::{fact_of, land_records, subjects_of},
    queries::{ListQuery, cut},
    requests::Dispute,
    views::{
        ActionView, FactVersion, Label, LandLine, LandView, Page, Settled, Sheet, SheetFact, SheetGroup, SheetRow,
        Signed, SourceView,
    },
};
use base::{Department, Digest, Role, Scope, Source};
use law::fact::About;
use law::template::Kind;
use measure::land::{FirmLand, LandWarning, LineKind};
use rust_decimal::Decimal;
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap, HashSet};
use store::{ConfirmationState, Evaluation, Fact, FactView, Firm, FirmStatus, NewAudit, date_of_day};

/// The last day of the evaluated year.
fn last_day(evaluation: &Evaluation) -> i32 {
    store::day_number(jiff::civil::date(evaluation.year as i16, 12, 31))
}

/// A source as pages show it.
pub(crate) fn source_view(source: &Source) -> SourceView {
    SourceView {
        department: source.department.name().to_owned(),
        file: source.file.clone(),
        cell: source.cell(),
        received_at: source.received_at.clone(),
        reason: source.reason.clone(),
    }
}

/// A figure without needless zeros.
pub(crate) fn plain(number: Decimal) -> String {
    number.normalize().to_string()
}

/// A value as text: decimals as they are, truths as 是/否.
fn value_text(kind: Kind, fact: &Fact<'_>) -> Option<String> {
    match kind {
        Kind::Boolean => fact.number().map(|n| if n.is_zero() { "false".into() } else { "true".into() }),
        _ => fact.number().map(plain).or_else(|| fact.text().map(str::to_owned)),
    }
}

impl Services {
    /// Sheets of an evaluation, by name.
    pub async fn list_sheets(&self, scope: &Scope, evaluation: i64, query: &ListQuery) -> Result<Page<SheetRow>> {
        let reader = self.store().read(scope);
        let evaluation = reader.get_evaluation(evaluation).await?;
        let confirmations = reader.list_confirmations(evaluation.id).await?;
        let states: HashMap<i64, &str> = confirmations.iter().map(|c| (c.firm, c.state.name())).collect();
        let view = reader.facts(evaluation.division, evaluation.year).await?;
        let firms = self.sheet_firms(&evaluation, &view).await?;
        let q = query.q.as_deref().map(str::trim).unwrap_or_default().to_lowercase();
        let state = query.state.as_deref().unwrap_or_default();
        let mut rows: Vec<SheetRow> = firms
            .iter()
            .filter(|f| scope.sees_firm(f.id, f.division))
            .filter(|f| {
                q.is_empty()
                    || f.name.contains(&q)
                    || f.initials.contains(&q)
                    || f.credit_code.as_deref().is_some_and(|c| c.to_lowercase().starts_with(&q))
            })
            .map(|f| SheetRow {
                state: states.get(&f.id).copied().unwrap_or("open").to_owned(),
                firm: self.firm_row(f),
            })
            .filter(|r| state.is_empty() || r.state == state)
            .collect();
        rows.sort_by_key(|r| r.firm.id);
        Ok(cut(rows, query.page, query.size))
    }

    /// Active firms of the county of which something is held, under their own record or under one joined
    /// into it: they get a sheet, and each of them is asked once.
    pub(crate) async fn sheet_firms(&self, evaluation: &Evaluation, view: &FactView) -> Result<Vec<Firm>> {
        let scope = Scope::system("sheets", self.settings().root);
        let reader = self.store().read(&scope);
        let redirects = reader.firm_redirects(evaluation.division).await?;
        let mut firms = reader.firms_of_division(evaluation.division).await?;
        firms.retain(|f| f.status == FirmStatus::Active && f.division == evaluation.division);
        let ids: Vec<i64> = firms.iter().map(|f| f.id).collect();
        let held: HashSet<i64> = ids
            .iter()
            .zip(subjects_of(&ids, &redirects))
            .filter(|(_, subjects)| subjects.iter().any(|s| view.holds_any(s)))
            .map(|(id, _)| *id)
            .collect();
        firms.retain(|f| held.contains(&f.id));
        Ok(firms)
    }

    /// Records joined into others, whoever asks: a firm may not list them and still has its facts there.
    async fn redirects_for_sheet(&self, evaluation: &Evaluation) -> Result<HashMap<i64, i64>> {
        let scope = Scope::system("sheets", self.settings().root);
        Ok(self.store().read(&scope).firm_redirects(evaluation.division).await?)
    }

    /// One sheet.
    pub async fn get_sheet(&self, scope: &Scope, evaluation: i64, firm: i64) -> Result<Sheet> {
        let reader = self.store().read(scope);
        let evaluation = reader.get_evaluation(evaluation).await?;
        let record = reader.get_firm(firm).await?;
        let view = reader.facts(evaluation.division, evaluation.year).await?;
        let confirmation = reader.find_confirmation(evaluation.id, firm).await?;
        let scheme = self.scheme_of(&evaluation)?;
        let used = self.facts_used(scheme);
        let text = |v: &Value, key: &str| v.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        let disputed: BTreeMap<String, String> = confirmation
            .iter()
            .filter(|c| c.state == ConfirmationState::Disputed)
            .flat_map(|c| c.detail.get("facts").and_then(Value::as_array).cloned().unwrap_or_default())
            .map(|f| (text(&f, "fact"), text(&f, "says")))
            .collect();
        let settled = confirmation.as_ref().filter(|c| c.state == ConfirmationState::Settled).map(|c| Settled {
            by: c.by.clone(),
            at: c.at.clone(),
            says: text(&c.detail, "settled"),
        });
        let confirmed = confirmation.as_ref().is_some_and(|c| c.state == ConfirmationState::Confirmed);
        let redirects = self.redirects_for_sheet(&evaluation).await?;
        let subjects = subjects_of(&[firm], &redirects).swap_remove(0);
        let last = last_day(&evaluation);
        let mut groups: BTreeMap<usize, SheetGroup> = BTreeMap::new();
        for (order, department) in Department::ALL.iter().enumerate() {
            for fact in self.law().facts.values().filter(|f| f.about == About::Firm && f.owner == *department) {
                // What is evaluated; of a status that does not hold then, what was last known of it.
                let current = fact_of(&view, &subjects, fact, last)
                    .or_else(|| subjects.iter().find_map(|s| view.current(s, &fact.id)));
                if current.is_none() && !used.contains(&fact.id) {
                    continue;
                }
                let state = match disputed.contains_key(&fact.id) {
                    true => "disputed",
                    false if confirmed => "confirmed",
                    false => "open",
                };
                let valid = current.as_ref().filter(|_| fact.status).and_then(|c| {
                    let row = c.row();
                    Some((
                        date_of_day(row.valid_from)?.to_string(),
                        row.valid_to.and_then(date_of_day).map(|d| d.to_string()),
                    ))
                });
                let entry = groups.entry(order).or_insert_with(|| SheetGroup {
                    department: department.name().to_owned(),
                    title: self.department_label(*department),
                    facts: Vec::new(),
                });
                entry.facts.push(SheetFact {
                    id: fact.id.clone(),
                    title: label(&fact.title),
                    unit: self.unit_label(fact.unit.as_deref().unwrap_or_default()),
                    value: current.as_ref().and_then(|c| value_text(fact.kind, c)),
                    valid,
                    source: current.as_ref().map(|c| source_view(&c.source())),
                    versions: subjects.iter().map(|s| view.history(s, &fact.id).len() as u32).sum(),
                    state: state.to_owned(),
                    dispute: disputed.get(&fact.id).cloned(),
                    used: used.contains(&fact.id),
                });
            }
        }
        let mut lineage = Vec::new();
        let records = land_records(&view, &redirects, &mut lineage);
        let lands = measure::land::effective(&records, &[firm], &scheme.land);
        let sources: HashMap<(String, String), Source> =
            lineage.into_iter().map(|l| ((l.subject, l.fact), l.source)).collect();
        let land = match lands.get(&firm) {
            Some(land) => Some(self.land_view(scope, land, &sources).await?),
            None => None,
        };
        self.store()
            .audit_read(
                scope,
                NewAudit::new("sheet.read", format!("firm:{firm}"), evaluation.division)
                    .with(json!({ "evaluation": evaluation.id })),
            )
            .await?;
        Ok(Sheet {
            actions: self.sheet_actions(scope, &evaluation, !disputed.is_empty()),
            land_dispute: disputed.get("land").cloned(),
            settled,
            firm: self.firm_row(&record),
            evaluation: evaluation.id,
            year: evaluation.year as i16,
            groups: groups.into_values().collect(),
            land,
            state: confirmation.as_ref().map_or("open", |c| c.state.name()).to_owned(),
            confirmed: confirmation
                .filter(|c| c.state == ConfirmationState::Confirmed)
                .map(|c| Signed { by: c.by, at: c.at }),
        })
    }

    fn sheet_actions(&self, scope: &Scope, evaluation: &Evaluation, disputed: bool) -> Vec<ActionView> {
        let action = |name: &str, zh: &str, en: &str, needs_reason| ActionView {
            action: name.into(),
            title: Label { zh: zh.into(), en: en.into() },
            blocked_by: Vec::new(),
            needs_reason,
        };
        let mut out = Vec::new();
        if scope.role() == Role::CountyOfficer && evaluation.state == "confirming" && disputed {
            out.push(action("settle", "办结疑义", "Settle what is disputed", true));
        }
        if scope.role() == Role::Firm {
            match evaluation.state.as_str() {
                "confirming" => {
                    out.push(action("confirm", "确认无误", "Confirm", false));
                    out.push(action("dispute", "提出疑义", "Dispute", true));
                }
                "notice" | "objection" => out.push(action("object", "提出异议", "Object", true)),
                _ => (),
            }
        }
        out
    }

    /// Versions of one fact, newest first.
    pub async fn list_fact_versions(
        &self,
        scope: &Scope,
        evaluation: i64,
        firm: i64,
        fact: &str,
    ) -> Result<Vec<FactVersion>> {
        let reader = self.store().read(scope);
        let evaluation = reader.get_evaluation(evaluation).await?;
        reader.get_firm(firm).await?;
        let known = self.law().facts.get(fact).ok_or_else(|| Refusal::not_found("数据项", "fact", fact))?;
        let view = reader.facts(evaluation.division, evaluation.year).await?;
        let redirects = self.redirects_for_sheet(&evaluation).await?;
        let subjects = subjects_of(&[firm], &redirects).swap_remove(0);
        let place = |f: &Fact<'_>| (f.segment().sequence, f.subject().to_owned(), f.row().row);
        let current = fact_of(&view, &subjects, known, last_day(&evaluation)).map(|f| place(&f));
        let mut versions: Vec<Fact<'_>> = subjects.iter().flat_map(|s| view.history(s, fact)).collect();
        versions.sort_by_key(|version| std::cmp::Reverse(version.segment().sequence));
        let entry = NewAudit::new("facts.read", format!("firm:{firm}"), evaluation.division);
        self.store().audit_read(scope, entry.with(json!({ "evaluation": evaluation.id, "fact": fact }))).await?;
        Ok(versions
            .into_iter()
            .map(|version| FactVersion {
                value: (!version.row().retracted).then(|| value_text(known.kind, &version)).flatten(),
                current: Some(place(&version)) == current,
                source: source_view(&version.source()),
            })
            .collect())
    }

    /// The firm says that its sheet is right.
    pub async fn confirm_sheet(&self, scope: &Scope, evaluation: i64, firm: i64) -> Result<Sheet> {
        self.say(scope, evaluation, firm, Deed::ConfirmSheet, ConfirmationState::Confirmed, json!({}), "sheet.confirm")
            .await
    }

    /// The firm says that a figure is wrong.
    pub async fn dispute_sheet(&self, scope: &Scope, evaluation: i64, firm: i64, dispute: Dispute) -> Result<Sheet> {
        let says = required(&dispute.says)?;
        if dispute.fact != "land" && !self.law().facts.contains_key(&dispute.fact) {
            return Err(Refusal::not_found("数据项", "fact", &dispute.fact));
        }
        let earlier = self.store().read(scope).find_confirmation(evaluation, firm).await?;
        let mut facts =
            earlier.and_then(|c| c.detail.get("facts").and_then(Value::as_array).cloned()).unwrap_or_default();
        facts.retain(|f| f.get("fact").and_then(Value::as_str) != Some(dispute.fact.as_str()));
        facts.push(json!({ "fact": dispute.fact, "says": says }));
        let detail = json!({ "facts": facts });
        self.say(scope, evaluation, firm, Deed::DisputeSheet, ConfirmationState::Disputed, detail, "sheet.dispute")
            .await
    }

    /// An officer ends what a firm disputes: the figure was put right by a new file, or it was found to
    /// hold. What was found is written down for the firm, which can still object during the notice.
    pub async fn settle_sheet(&self, scope: &Scope, evaluation: i64, firm: i64, says: &str) -> Result<Sheet> {
        let says = required(says)?;
        let earlier = self.store().read(scope).find_confirmation(evaluation, firm).await?;
        let Some(disputed) = earlier.filter(|c| c.state == ConfirmationState::Disputed) else {
            return Err(Refusal::new(
                crate::Kind::Conflict,
                "nothing_disputed",
                "这户企业没有未办结的疑义。",
                "Nothing of this firm is disputed.",
            ));
        };
        let detail = json!({ "facts": disputed.detail.get("facts"), "by": disputed.by, "settled": says });
        self.say(scope, evaluation, firm, Deed::SettleDispute, ConfirmationState::Settled, detail, "sheet.settle").await
    }

    async fn say(
        &self,
        scope: &Scope,
        evaluation: i64,
        firm: i64,
        deed: Deed,
        state: ConfirmationState,
        detail: Value,
        action: &str,
    ) -> Result<Sheet> {
        let id = evaluation;
        let evaluation = self.store().read(scope).get_evaluation(id).await?;
        self.store().read(scope).get_firm(firm).await?;
        self.permits(scope, &evaluation, deed).await?;
        let mut tx = self.store().begin(scope).await?;
        tx.put_confirmation(id, firm, state, &detail).await?;
        tx.audit(
            NewAudit::new(action, format!("firm:{firm}"), evaluation.division)
                .with(json!({ "evaluation": id, "detail": detail })),
        );
        tx.commit().await?;
        self.get_sheet(scope, id, firm).await
    }

    /// The sheet for print.
    pub async fn get_sheet_pdf(&self, scope: &Scope, evaluation: i64, firm: i64) -> Result<Document> {
        let sheet = self.get_sheet(scope, evaluation, firm).await?;
        let name = format!("一企一表-{}-{}.pdf", sheet.firm.name, sheet.year);
        let now = self.store().now();
        let bytes = tokio::task::spawn_blocking(move || crate::print::sheet_pdf(&sheet, &now))
            .await
            .map_err(Refusal::internal)??;
        Ok(Document { name, mime: "application/pdf", digest: Digest::of(&bytes), bytes, rows: None })
    }

    /// Names of firms, for the parties of leases. Names are not secret; figures are.
    pub(crate) async fn firm_names(&self, ids: &[i64]) -> Result<HashMap<i64, String>> {
        let scope = Scope::system("names", self.settings().root);
        let firms = self.store().read(&scope).firms_by_id(ids).await?;
        Ok(firms.into_iter().map(|f| (f.id, f.name)).collect())
    }

    /// How land came about, in words.
    pub(crate) async fn land_view(
        &self,
        _scope: &Scope,
        land: &FirmLand,
        sources: &HashMap<(String, String), Source>,
    ) -> Result<LandView> {
        let others: Vec<i64> = land.lines.iter().filter_map(|l| l.other).collect();
        let names = self.firm_names(&others).await?;
        let mu = |value: Option<Decimal>| value.map(plain).unwrap_or_default();
        let lines = land
            .lines
            .iter()
            .map(|line| {
                let fact = if line.subject.starts_with("p:") { "parcel_area" } else { "lease_area" };
                let (kind, sign) = match line.kind {
                    LineKind::Owned => ("owned", 1),
                    LineKind::LeasedIn => ("leased_in", 1),
                    LineKind::LeasedOut => ("leased_out", -1),
                };
                let note = match (line.floor_area, line.floors) {
                    (Some(area), Some(floors)) => Label {
                        zh: format!("建筑面积 {} ㎡ ÷ {} 层", plain(area), plain(floors)),
                        en: format!("floor area {} m² ÷ {} floors", plain(area), plain(floors)),
                    },
                    _ => Label::default(),
                };
                LandLine {
                    kind: kind.into(),
                    parcel: line.parcel.clone(),
                    party: line.other.and_then(|o| names.get(&o).cloned()),
                    mu: line.mu.map(|m| plain(m * Decimal::from(sign))).unwrap_or_default(),
                    note,
                    source: sources.get(&(line.subject.clone(), fact.to_owned())).map(source_view),
                }
            })
            .collect();
        Ok(LandView {
            owned: mu(land.owned),
            leased_in: mu(land.leased_in),
            leased_out: mu(land.leased_out),
            effective: mu(land.effective),
            lines,
            warnings: land.warnings.iter().map(warning).collect(),
        })
    }

    /// A department's name.
    pub(crate) fn department_label(&self, department: Department) -> Label {
        let (zh, en) = match department {
            Department::Industry => ("工业和信息化", "Industry"),
            Department::Tax => ("税务", "Tax"),
            Department::Land => ("自然资源", "Natural resources"),
            Department::Power => ("供电", "Power supply"),
            Department::Environment => ("生态环境", "Environment"),
            Department::Statistics => ("统计", "Statistics"),
            Department::Science => ("科技", "Science"),
            Department::Safety => ("应急管理", "Emergency management"),
            Department::Market => ("市场监管", "Market regulation"),
        };
        Label { zh: zh.into(), en: en.into() }
    }
}

/// A land warning in words.
pub(crate) fn warning(warning: &LandWarning) -> Label {
    let (zh, en) = match warning {
        LandWarning::LeasedMoreThanArea { parcel, area, leased } => (
            format!("宗地 {parcel} 面积 {} 亩，租出 {} 亩，超出。", plain(*area), plain(*leased)),
            format!("Parcel {parcel} has {} mu, {} mu are let.", plain(*area), plain(*leased)),
        ),
        LandWarning::Sublet { parcel, .. } => {
            (format!("宗地 {parcel} 存在转租。"), format!("Parcel {parcel} is sublet."))
        }
        LandWarning::SubletMoreThanTaken { parcel, taken, leased, .. } => (
            format!("宗地 {parcel} 转租 {} 亩，超过租入的 {} 亩。", plain(*leased), plain(*taken)),
            format!("On parcel {parcel} {} mu are sublet of {} taken.", plain(*leased), plain(*taken)),
        ),
        LandWarning::Negative { effective } => (
            format!("实际用地为负：{} 亩。", plain(*effective)),
            format!("Effective land is negative: {} mu.", plain(*effective)),
        ),
        LandWarning::NegativeRecord { subject, value } => (
            format!("{subject} 的面积为负（{}），未采用。", plain(*value)),
            format!("{subject} has a negative area ({}), which is not used.", plain(*value)),
        ),
        LandWarning::AreaUnknown { subject } => {
            (format!("{subject} 没有面积，用地未知。"), format!("{subject} has no area: land is unknown."))
        }
        LandWarning::UnknownParcel { parcel } => {
            (format!("租赁所在宗地 {parcel} 没有登记。"), format!("The leased parcel {parcel} is not recorded."))
        }
    };
    Label { zh, en }
}

/// Facts of parcels for the land page live here too: the same view, the same words.
pub(crate) fn parcel_source(view: &FactView, subject: &str, fact: &str) -> Option<SourceView> {
    view.current(subject, fact).map(|f| source_view(&f.source()))
}
