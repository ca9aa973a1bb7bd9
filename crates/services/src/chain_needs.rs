//! Needs of lead firms and who could meet them: hard requirements first, then a rank that is the sum of its
//! parts, then introductions up to the first order and beyond. What a supplier states is shown to buyers
//! only with its consent.

use crate::{
    Refusal, Result, Services,
    catalogue::label,
    chain_views::*,
    chains::{chain_node_of, refused_one},
    requests::Step,
    rounds::{Event, action_views, history},
};
use base::{Digest, Scope};
use cases::Who;
use chain::matching::{self, Demand, Stated};
use jiff::civil::Date;
use law::Process;
use law::chain_rules::float;
use law::scheme::Text;
use rust_decimal::{
    Decimal,
    prelude::{FromPrimitive, ToPrimitive},
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use store::{ChainCase, ChainCaseFilter, Firm, NewAudit, NewChainCase, ObjectAccess};

/// Largest file of an order.
const ORDER_BYTES_MAX: usize = 20 << 20;

#[derive(Clone, Debug, Serialize, Deserialize)]
struct NeedData {
    title: String,
    amount: f64,
    distance_max: Option<f64>,
    until: Date,
    specs: Vec<SpecView>,
    last_actor: Option<String>,
    history: Vec<Event>,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct IntroductionData {
    /// Digest and name of each order that was shown.
    orders: Vec<(String, String)>,
    last_actor: Option<String>,
    history: Vec<Event>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct CapabilityData {
    capacity: f64,
    specs: Vec<SpecView>,
    consent: bool,
    /// Orders kept and orders had, as far as stated with a source.
    #[serde(default)]
    record: Option<(u32, u32)>,
}

fn data<T: serde::de::DeserializeOwned>(case: &ChainCase) -> Result<T> {
    serde_json::from_value(case.data.clone()).map_err(|e| Refusal::internal(format!("{} {}: {e}", case.kind, case.id)))
}

fn kept(data: &impl Serialize) -> Result<serde_json::Value> {
    serde_json::to_value(data).map_err(Refusal::internal)
}

/// Checks requirements or statements; `what` names them.
fn check_specs(specs: &[SpecView]) -> Result<()> {
    let mut seen = BTreeSet::new();
    for spec in specs {
        let wrong = |zh: String, en: String| Err(Refusal::invalid("specs", zh, en));
        if spec.property.trim().is_empty() {
            return wrong("有一项没有写名称。".into(), "One has no name.".into());
        }
        if !seen.insert(spec.property.trim()) {
            return wrong(format!("“{}”写了两次。", spec.property), format!("`{}` stands twice.", spec.property));
        }
        match spec.demand.as_str() {
            "has" => (),
            "at_least" | "at_most" => {
                if spec.value.is_none_or(|v| !v.is_finite()) || spec.unit.trim().is_empty() {
                    return wrong(
                        format!("“{}”须有数值和单位。", spec.property),
                        format!("`{}` needs a value with its unit.", spec.property),
                    );
                }
            }
            other => {
                return wrong(
                    format!("“{}”的要求“{other}”不可用；可用：at_least、at_most、has。", spec.property),
                    format!("`{other}` of `{}` is not allowed; allowed: at_least, at_most, has.", spec.property),
                );
            }
        }
    }
    Ok(())
}

fn amount_of(field: &str, value: f64) -> Result<()> {
    if value.is_finite() && value > 0.0 {
        return Ok(());
    }
    Err(Refusal::invalid(
        field,
        format!("金额应大于 0（万元/年），收到 {value}。"),
        format!("An amount above 0 (10k yuan a year) is allowed, found {value}."),
    ))
}

/// A demand in words.
fn demand_text(spec: &SpecView) -> String {
    let value = spec.value.map(|v| v.to_string()).unwrap_or_default();
    match spec.demand.as_str() {
        "at_least" => format!("≥ {value} {}", spec.unit),
        "at_most" => format!("≤ {value} {}", spec.unit),
        _ => "✓".to_owned(),
    }
}

/// What of a need is settled, with everything that decides about suppliers.
struct NeedCase {
    case: ChainCase,
    data: NeedData,
    firm: Firm,
}

/// A supplier that stated something about the product of a need.
struct Offer {
    data: CapabilityData,
    firm: Firm,
    /// Part of what the buyer buys of the product that it already supplies; none: not known.
    bought: Option<f64>,
    record: (u32, u32),
}

impl Services {
    fn need_process(&self, name: &str) -> Result<&Process> {
        self.law().processes.get(name).ok_or_else(|| Refusal::internal(format!("law/ lacks the process {name}")))
    }

    /// Does the person act for a firm: its own account, or the office of its division?
    fn acts_for(&self, scope: &Scope, firm: &Firm) -> bool {
        match scope.firm() {
            Some(own) => own == firm.id,
            None => self.may_lead(scope, scope.region()) && scope.sees_division(firm.division),
        }
    }

    async fn firm_of(&self, id: i64) -> Result<Firm> {
        let system = Scope::system("needs", self.settings().root);
        Ok(self.store().read(&system).get_firm(id).await?)
    }

    async fn product_name(&self, chain: i64, product: &str) -> Result<String> {
        let system = Scope::system("needs", self.settings().root);
        let held = self.chain_held(&system, chain, 0).await?;
        let at = held.graph.find(product).filter(|at| held.graph.nodes()[*at].kind == chain::NodeKind::Product);
        at.map(|at| held.graph.nodes()[at].name.clone())
            .ok_or_else(|| Refusal::not_found("产品节点", "product node", product))
    }

    async fn need_case(&self, scope: &Scope, id: i64) -> Result<NeedCase> {
        let case = self.store().read(scope).get_chain_case("need", id).await?;
        let firm = self.firm_of(case.firm.unwrap_or(0)).await?;
        Ok(NeedCase { data: data(&case)?, case, firm })
    }

    /// Posts a need.
    pub async fn create_need(&self, scope: &Scope, request: NewNeedRequest) -> Result<NeedDetail> {
        let firm = self.store().read(scope).get_firm(request.firm).await?;
        if !self.acts_for(scope, &firm) {
            return Err(Refusal::forbidden());
        }
        self.store().read(scope).get_chain(request.chain).await?;
        self.product_name(request.chain, &request.product).await?;
        if request.title.trim().is_empty() {
            return Err(Refusal::invalid("title", "请写需求名称。", "Give the need a title."));
        }
        amount_of("amount", request.amount)?;
        if request.specs.is_empty() {
            return Err(Refusal::invalid("specs", "请至少写一项要求。", "State one requirement at least."));
        }
        check_specs(&request.specs)?;
        let until: Date = request.until.trim().parse().map_err(|_| {
            Refusal::invalid(
                "until",
                format!("“{}”不是日期，应如 2026-12-31。", request.until),
                format!("`{}` is no date; allowed: such as 2026-12-31.", request.until),
            )
        })?;
        let now = self.store().now();
        let title = Text { zh: "发布需求".into(), en: "Need posted".into() };
        let kept_data = NeedData {
            title: request.title.trim().to_owned(),
            amount: request.amount,
            distance_max: request.distance_max,
            until,
            specs: request.specs,
            last_actor: Some(scope.actor().to_owned()),
            history: vec![Event::new(&now, scope.actor(), &title, "")],
        };
        let new = NewChainCase {
            kind: "need".into(),
            chain: request.chain,
            division: firm.division,
            firm: Some(firm.id),
            other: None,
            parent: None,
            subject: request.product,
            state: self.need_process("need")?.start.clone(),
            data: kept(&kept_data)?,
        };
        let mut tx = self.store().begin(scope).await?;
        let case = tx.insert_chain_case(&new).await?;
        tx.audit(
            NewAudit::new("need.create", format!("need:{}", case.id), firm.division)
                .with(json!({ "firm": firm.id, "product": case.subject })),
        );
        tx.commit().await?;
        self.get_need(scope, case.id).await
    }

    async fn need_row(&self, scope: &Scope, need: &NeedCase) -> Result<NeedRow> {
        let process = self.need_process("need")?;
        let filter = ChainCaseFilter { kind: "introduction".into(), parent: Some(need.case.id), ..Default::default() };
        let mut states: BTreeMap<String, u64> = BTreeMap::new();
        for introduction in self.store().read(scope).list_chain_cases(&filter).await? {
            *states.entry(introduction.state).or_default() += 1;
        }
        let state = process.states.iter().find(|s| s.id == need.case.state);
        Ok(NeedRow {
            id: need.case.id,
            version: need.case.version,
            chain: need.case.chain,
            firm: need.firm.id,
            firm_name: need.firm.name.clone(),
            division: self.division_view(need.firm.division),
            product: need.case.subject.clone(),
            product_name: self.product_name(need.case.chain, &need.case.subject).await.unwrap_or_default(),
            title: need.data.title.clone(),
            amount: need.data.amount,
            distance_max: need.data.distance_max,
            until: need.data.until.to_string(),
            state: need.case.state.clone(),
            state_title: state.map(|s| label(&s.title)).unwrap_or_default(),
            introductions: states.into_iter().map(|(kind, count)| KindCount { kind, count }).collect(),
        })
    }

    /// Needs that the person may see.
    pub async fn list_needs(&self, scope: &Scope, chain: Option<i64>) -> Result<Vec<NeedRow>> {
        let filter = ChainCaseFilter { kind: "need".into(), chain, ..Default::default() };
        let mut out = Vec::new();
        for case in self.store().read(scope).list_chain_cases(&filter).await? {
            let firm = self.firm_of(case.firm.unwrap_or(0)).await?;
            let need = NeedCase { data: data(&case)?, case, firm };
            out.push(self.need_row(scope, &need).await?);
        }
        Ok(out)
    }

    /// A need with its suppliers; a firm that is not the buyer sees only how it stands itself.
    pub async fn get_need(&self, scope: &Scope, id: i64) -> Result<NeedDetail> {
        let need = self.need_case(scope, id).await?;
        let mut suppliers = self.suppliers(&need).await?;
        let whole = scope.firm().is_none_or(|own| own == need.firm.id);
        if let Some(own) = scope.firm().filter(|_| !whole) {
            suppliers.retain(|s| s.firm == own);
        }
        let assigned = self.assigned(&need).await?;
        suppliers.iter_mut().for_each(|s| s.assigned = assigned == Some(s.firm));
        let filter = ChainCaseFilter { kind: "introduction".into(), parent: Some(id), ..Default::default() };
        let mut introductions = Vec::new();
        for case in self.store().read(scope).list_chain_cases(&filter).await? {
            introductions.push(self.introduction_view(scope, &need, case).await?);
        }
        let known = self.need_known(scope, &need).await?;
        let offers = cases::offers(self.need_process("need")?, &need.case.state, &Who::from(scope), &known);
        Ok(NeedDetail {
            row: self.need_row(scope, &need).await?,
            specs: need.data.specs.clone(),
            unknown: suppliers.iter().filter(|s| s.state == "unknown").count() as u64,
            suppliers,
            introductions,
            // Requirements are changed by a new need, so that introductions keep what they were made by.
            actions: action_views(offers.into_iter().filter(|o| o.transition.action != "revise"), &["owns_need"]),
            history: history(&need.data.history),
        })
    }

    /// Suppliers that agreed to be seen, with what they state about the product of a need.
    async fn offers_for(&self, need: &NeedCase) -> Result<Vec<Offer>> {
        let system = Scope::system("needs", self.settings().root);
        let reader = self.store().read(&system);
        let of = |kind: &str| ChainCaseFilter { kind: kind.into(), chain: Some(need.case.chain), ..Default::default() };
        let mut records: BTreeMap<i64, (u32, u32)> = BTreeMap::new();
        for introduction in reader.list_chain_cases(&of("introduction")).await? {
            let record = records.entry(introduction.firm.unwrap_or(0)).or_default();
            record.0 += u32::from(matches!(introduction.state.as_str(), "ordered" | "retained"));
            record.1 += u32::from(matches!(introduction.state.as_str(), "ordered" | "retained" | "failed"));
        }
        let held = self.chain_held(&system, need.case.chain, 0).await?;
        let today = held.graph.on(self.today()?);
        let buyer = chain_node_of(&need.firm);
        let makes = |firm: &str| {
            let mut places = today.edges().iter().filter(|e| e.kind == chain::EdgeKind::Places && e.from == firm);
            places.any(|e| e.to == need.case.subject)
        };
        let supplies = today.edges().iter().filter(|e| e.kind == chain::EdgeKind::Supplies && e.to == buyer);
        let bought: BTreeMap<&str, f64> =
            supplies.filter(|e| makes(&e.from)).filter_map(|e| Some((e.from.as_str(), e.amount?))).collect();
        let whole: f64 = bought.values().sum();
        let mut out = Vec::new();
        for case in reader.list_chain_cases(&of("capability")).await? {
            let stated: CapabilityData = data(&case)?;
            if case.subject != need.case.subject || !stated.consent || case.firm == Some(need.firm.id) {
                continue;
            }
            let firm = reader.get_firm(case.firm.unwrap_or(0)).await?;
            let node = chain_node_of(&firm);
            let seen = records.get(&firm.id).copied().unwrap_or_default();
            let told = stated.record.unwrap_or_default();
            out.push(Offer {
                bought: (whole > 0.0).then(|| bought.get(node.as_str()).copied().unwrap_or(0.0) / whole),
                record: (seen.0 + told.0, seen.1 + told.1),
                data: stated,
                firm,
            });
        }
        Ok(out)
    }

    /// A value in another unit of the same dimension; none where nothing is declared about both.
    fn in_unit(&self, value: f64, from: &str, to: &str) -> Option<f64> {
        if from.trim() == to.trim() {
            return Some(value);
        }
        let units = &self.law().units;
        let factor = units.factor(&units.find(from)?.id, &units.find(to)?.id).ok()?;
        factor.apply(Decimal::from_f64(value)?)?.to_f64()
    }

    fn supplier(&self, need: &NeedCase, offer: &Offer) -> Result<SupplierView> {
        let demand: BTreeMap<String, Demand> = need
            .data
            .specs
            .iter()
            .map(|s| {
                let value = s.value.unwrap_or(0.0);
                let demand = match s.demand.as_str() {
                    "at_least" => Demand::AtLeast(value, s.unit.trim().to_owned()),
                    "at_most" => Demand::AtMost(value, s.unit.trim().to_owned()),
                    _ => Demand::There,
                };
                (s.property.trim().to_owned(), demand)
            })
            .collect();
        let wanted: BTreeMap<&str, &SpecView> = need.data.specs.iter().map(|s| (s.property.trim(), s)).collect();
        let stated: BTreeMap<String, Stated> = offer
            .data
            .specs
            .iter()
            .filter_map(|s| {
                let property = s.property.trim();
                let stated = match (s.value, wanted.get(property)) {
                    // In the unit of the need where both are declared; else as it stands, which is not comparable.
                    (Some(value), Some(want)) => match self.in_unit(value, &s.unit, &want.unit) {
                        Some(value) => Stated::Value(value, want.unit.trim().to_owned()),
                        None => Stated::Value(value, s.unit.trim().to_owned()),
                    },
                    (None, Some(_)) if s.demand == "has" => Stated::There(true),
                    _ => return None,
                };
                Some((property.to_owned(), stated))
            })
            .collect();
        let mut verdicts: Vec<VerdictView> = matching::verdicts(&demand, &stated)
            .into_iter()
            .map(|v| VerdictView {
                demand: wanted.get(v.property.as_str()).map(|s| demand_text(s)).unwrap_or_default(),
                stated: match v.stated {
                    Some(Stated::Value(value, unit)) => format!("{value} {unit}"),
                    Some(Stated::There(is)) => if is { "✓" } else { "✗" }.to_owned(),
                    None => String::new(),
                },
                property: v.property,
                met: v.met,
            })
            .collect();
        let distance = self.law().divisions.distance_km(need.firm.division, offer.firm.division);
        if let Some(most) = need.data.distance_max {
            verdicts.push(VerdictView {
                property: "distance".into(),
                demand: format!("≤ {most} km"),
                stated: distance.map(|d| format!("{d:.0} km")).unwrap_or_default(),
                met: distance.map(|d| d <= most),
            });
        }
        verdicts.push(VerdictView {
            property: "capacity".into(),
            demand: format!("≥ {} 万元", need.data.amount),
            stated: format!("{} 万元", offer.data.capacity),
            met: Some(offer.data.capacity >= need.data.amount),
        });
        let rules = &self.chain_rules()?.matching;
        let scale = float(&rules.distance_scale_km);
        let spare =
            offer.data.specs.iter().filter(|s| s.demand == "has" && !wanted.contains_key(s.property.trim())).count()
                as f64;
        let (won, tried) = (f64::from(offer.record.0), f64::from(offer.record.1));
        let weight = |param| float(param) as u32;
        let parts = matching::rank(&[
            // Nothing known of the distance gives nothing.
            ("distance", distance.map_or(0.0, |d| scale / (scale + d)), weight(&rules.distance)),
            ("capacity", (offer.data.capacity / (2.0 * need.data.amount)).clamp(0.0, 1.0), weight(&rules.capacity)),
            ("certificates", spare / (spare + 1.0), weight(&rules.certificates)),
            // Laplace's rule: who has no record stands in the middle.
            ("record", (won + 1.0) / (tried + 2.0), weight(&rules.track_record)),
            ("concentration", 1.0 - offer.bought.unwrap_or(0.0).clamp(0.0, 1.0), weight(&rules.concentration)),
        ])
        .map_err(refused_one)?;
        let state = match (verdicts.iter().any(|v| v.met == Some(false)), verdicts.iter().any(|v| v.met.is_none())) {
            (true, _) => "refused",
            (_, true) => "unknown",
            _ => "fits",
        };
        Ok(SupplierView {
            firm: offer.firm.id,
            name: offer.firm.name.clone(),
            division: self.division_view(offer.firm.division),
            distance,
            state: state.to_owned(),
            verdicts,
            parts: parts
                .parts
                .iter()
                .map(|p| PointPart {
                    criterion: p.criterion.clone(),
                    value: p.value,
                    weight: p.weight,
                    points: p.points,
                })
                .collect(),
            points: parts.points,
            assigned: false,
        })
    }

    async fn suppliers(&self, need: &NeedCase) -> Result<Vec<SupplierView>> {
        let offers = self.offers_for(need).await?;
        let mut out = offers.iter().map(|offer| self.supplier(need, offer)).collect::<Result<Vec<_>>>()?;
        let order = |s: &SupplierView| match s.state.as_str() {
            "fits" => 0,
            "unknown" => 1,
            _ => 2,
        };
        out.sort_by(|a, b| order(a).cmp(&order(b)).then(b.points.cmp(&a.points)).then(a.firm.cmp(&b.firm)));
        Ok(out)
    }

    /// Who would serve this need when all open needs of the chain are served together: as many as can be, then
    /// with the most points. A supplier takes one need at a time.
    async fn assigned(&self, need: &NeedCase) -> Result<Option<i64>> {
        let system = Scope::system("needs", self.settings().root);
        let filter = ChainCaseFilter { kind: "need".into(), chain: Some(need.case.chain), ..Default::default() };
        let open = self.store().read(&system).list_chain_cases(&filter).await?;
        let mut rows: Vec<(i64, BTreeMap<i64, u32>)> = Vec::new();
        for case in open.into_iter().filter(|c| c.state == "open") {
            let firm = self.firm_of(case.firm.unwrap_or(0)).await?;
            let at = NeedCase { data: data(&case)?, case, firm };
            let fitting = self.suppliers(&at).await?.into_iter().filter(|s| s.state == "fits");
            rows.push((at.case.id, fitting.map(|s| (s.firm, s.points)).collect()));
        }
        let firms: Vec<i64> =
            rows.iter().flat_map(|(_, of)| of.keys().copied()).collect::<BTreeSet<_>>().into_iter().collect();
        let points: Vec<Vec<Option<u32>>> =
            rows.iter().map(|(_, of)| firms.iter().map(|f| of.get(f).copied()).collect()).collect();
        let found = matching::assign(&points, &vec![1; firms.len()]).map_err(refused_one)?;
        let at = rows.iter().position(|(id, _)| *id == need.case.id);
        Ok(at.and_then(|at| found.supplier[at]).map(|supplier| firms[supplier]))
    }

    async fn need_known(&self, scope: &Scope, need: &NeedCase) -> Result<cases::Known> {
        let system = Scope::system("needs", self.settings().root);
        let filter = ChainCaseFilter { kind: "introduction".into(), parent: Some(need.case.id), ..Default::default() };
        let introductions = self.store().read(&system).list_chain_cases(&filter).await?;
        let mut holds = BTreeSet::new();
        if self.acts_for(scope, &need.firm) {
            holds.insert("owns_need".to_owned());
        }
        if check_specs(&need.data.specs).is_ok() {
            holds.insert("requirements_stated".to_owned());
        }
        if introductions.iter().any(|i| matches!(i.state.as_str(), "ordered" | "retained")) {
            holds.insert("order_evidence".to_owned());
        }
        Ok(cases::Known { holds, last_actor: need.data.last_actor.clone() })
    }

    /// Closes or withdraws a need.
    pub async fn act_on_need(&self, scope: &Scope, id: i64, action: &str, step: Step) -> Result<NeedDetail> {
        let mut need = self.need_case(scope, id).await?;
        same_version(&need.case, step.version)?;
        let known = self.need_known(scope, &need).await?;
        let process = self.need_process("need")?;
        let transition = cases::apply(process, &need.case.state, action, &Who::from(scope), &known, &step.reason)
            .map_err(|refused| self.refused(refused))?
            .clone();
        let detail = json!({ "from": need.case.state, "to": transition.to, "reason": step.reason });
        need.case.state = transition.to.clone();
        need.data.last_actor = Some(scope.actor().to_owned());
        need.data.history.push(Event::new(&self.store().now(), scope.actor(), &transition.title, step.reason.trim()));
        need.case.data = kept(&need.data)?;
        let mut tx = self.store().begin(scope).await?;
        tx.update_chain_case(&need.case).await?;
        tx.audit(NewAudit::new(format!("need.{action}"), format!("need:{id}"), need.case.division).with(detail));
        tx.commit().await?;
        self.get_need(scope, id).await
    }

    /// Introduces a supplier to a need.
    pub async fn introduce(&self, scope: &Scope, id: i64, firm: i64) -> Result<NeedDetail> {
        let need = self.need_case(scope, id).await?;
        // The buyer, its office, or the supplier itself.
        if !self.acts_for(scope, &need.firm) && scope.firm() != Some(firm) {
            return Err(Refusal::forbidden());
        }
        if need.case.state != "open" {
            return Err(Refusal::new(crate::Kind::Conflict, "need_over", "这条需求已经结束。", "The need is over."));
        }
        let supplier = self.suppliers(&need).await?.into_iter().find(|s| s.firm == firm);
        let supplier = supplier.ok_or_else(|| Refusal::not_found("供应商", "supplier", firm))?;
        if supplier.state == "refused" {
            let failed: Vec<String> =
                supplier.verdicts.iter().filter(|v| v.met == Some(false)).map(|v| v.property.clone()).collect();
            return Err(Refusal::new(
                crate::Kind::Conflict,
                "requirements_not_met",
                format!("不满足硬性要求：{}。", failed.join("、")),
                format!("Requirements are not met: {}.", failed.join(", ")),
            ));
        }
        let system = Scope::system("needs", self.settings().root);
        let filter =
            ChainCaseFilter { kind: "introduction".into(), parent: Some(id), firm: Some(firm), ..Default::default() };
        let earlier = self.store().read(&system).list_chain_cases(&filter).await?;
        if earlier.iter().any(|i| i.state != "failed") {
            return Err(Refusal::new(
                crate::Kind::Conflict,
                "introduced_already",
                "这家供应商已经对接过这条需求。",
                "The supplier is introduced to this need already.",
            ));
        }
        let supplier = self.firm_of(firm).await?;
        let title = Text { zh: "匹配".into(), en: "Matched".into() };
        let kept_data = IntroductionData {
            orders: Vec::new(),
            last_actor: Some(scope.actor().to_owned()),
            history: vec![Event::new(&self.store().now(), scope.actor(), &title, "")],
        };
        let new = NewChainCase {
            kind: "introduction".into(),
            chain: need.case.chain,
            division: supplier.division,
            firm: Some(firm),
            other: Some(need.firm.id),
            parent: Some(id),
            subject: need.case.subject.clone(),
            state: self.need_process("introduction")?.start.clone(),
            data: kept(&kept_data)?,
        };
        // The row is the supplier's, whoever of both sides began it: permission was settled above.
        let system = Scope::system("needs", self.settings().root);
        let mut tx = self.store().begin(&system).await?;
        let case = tx.insert_chain_case(&new).await?;
        tx.audit(
            NewAudit::new("introduction.create", format!("introduction:{}", case.id), need.case.division)
                .with(json!({ "need": id, "firm": firm, "by": scope.actor() })),
        );
        tx.commit().await?;
        self.get_need(scope, id).await
    }

    async fn introduction_known(
        &self,
        scope: &Scope,
        need: &NeedCase,
        case: &ChainCase,
        held: &IntroductionData,
        reason: &str,
    ) -> Result<cases::Known> {
        let supplier = self.firm_of(case.firm.unwrap_or(0)).await?;
        let stated = self.offers_for(need).await?;
        let mut holds = BTreeSet::new();
        let mut hold = |name: &str, is: bool| {
            if is {
                holds.insert(name.to_owned());
            }
        };
        hold("buyer_side", self.acts_for(scope, &need.firm));
        hold("supplier_side", self.acts_for(scope, &supplier));
        hold("need_open", need.case.state == "open");
        hold("supplier_consents", stated.iter().any(|o| o.firm.id == supplier.id));
        hold("sample_recorded", !reason.trim().is_empty());
        hold("order_evidence", !held.orders.is_empty());
        hold("order_again", held.orders.len() > 1);
        Ok(cases::Known { holds, last_actor: held.last_actor.clone() })
    }

    async fn introduction_view(&self, scope: &Scope, need: &NeedCase, case: ChainCase) -> Result<IntroductionView> {
        let held: IntroductionData = data(&case)?;
        let process = self.need_process("introduction")?;
        // What the sample showed is told with the step, so it does not stand in the way of offering it.
        let known = self.introduction_known(scope, need, &case, &held, "told with the step").await?;
        let state = process.states.iter().find(|s| s.id == case.state);
        let offers = cases::offers(process, &case.state, &Who::from(scope), &known);
        let mut actions = action_views(offers, &["buyer_side", "supplier_side"]);
        actions.iter_mut().filter(|a| a.action == "qualify").for_each(|a| a.needs_reason = true);
        Ok(IntroductionView {
            id: case.id,
            version: case.version,
            need: need.case.id,
            firm: case.firm.unwrap_or(0),
            name: self.firm_of(case.firm.unwrap_or(0)).await?.name,
            state: case.state.clone(),
            state_title: state.map(|s| label(&s.title)).unwrap_or_default(),
            order: held.orders.last().map(|(_, name)| name.clone()).unwrap_or_default(),
            actions,
            history: history(&held.history),
        })
    }

    /// A step of an introduction.
    pub async fn act_on_introduction(&self, scope: &Scope, id: i64, action: &str, step: Step) -> Result<NeedDetail> {
        let mut case = self.store().read(scope).get_chain_case("introduction", id).await?;
        same_version(&case, step.version)?;
        let system = Scope::system("needs", self.settings().root);
        let need = self.need_case(&system, case.parent.unwrap_or(0)).await?;
        let mut held: IntroductionData = data(&case)?;
        let known = self.introduction_known(scope, &need, &case, &held, &step.reason).await?;
        let process = self.need_process("introduction")?;
        let transition = cases::apply(process, &case.state, action, &Who::from(scope), &known, &step.reason)
            .map_err(|refused| self.refused(refused))?
            .clone();
        let detail = json!({ "from": case.state, "to": transition.to, "reason": step.reason });
        case.state = transition.to.clone();
        held.last_actor = Some(scope.actor().to_owned());
        held.history.push(Event::new(&self.store().now(), scope.actor(), &transition.title, step.reason.trim()));
        case.data = kept(&held)?;
        let mut tx = self.store().begin(scope).await?;
        tx.update_chain_case(&case).await?;
        tx.audit(
            NewAudit::new(format!("introduction.{action}"), format!("introduction:{id}"), case.division).with(detail),
        );
        tx.commit().await?;
        self.need_after(scope, need.case.id).await
    }

    /// Shows an order: without one no introduction counts as a match.
    pub async fn show_order(&self, scope: &Scope, id: i64, name: &str, bytes: &[u8]) -> Result<NeedDetail> {
        let mut case = self.store().read(scope).get_chain_case("introduction", id).await?;
        let system = Scope::system("needs", self.settings().root);
        let need = self.need_case(&system, case.parent.unwrap_or(0)).await?;
        let supplier = self.firm_of(case.firm.unwrap_or(0)).await?;
        if !self.acts_for(scope, &need.firm) && !self.acts_for(scope, &supplier) {
            return Err(Refusal::forbidden());
        }
        if bytes.is_empty() {
            return Err(Refusal::invalid("file", "文件是空的。", "The file is empty."));
        }
        if bytes.len() > ORDER_BYTES_MAX {
            return Err(crate::too_large(bytes.len() as u64, ORDER_BYTES_MAX));
        }
        let digest = Digest::of(bytes);
        let mut held: IntroductionData = data(&case)?;
        if held.orders.iter().any(|(known, _)| *known == digest.hex()) {
            return Err(Refusal::new(
                crate::Kind::Conflict,
                "same_file",
                "这个文件已经交过了。",
                "The file is there already.",
            ));
        }
        held.orders.push((digest.hex(), name.to_owned()));
        let title = Text { zh: "附订单凭证".into(), en: "Order attached".into() };
        held.history.push(Event::new(&self.store().now(), scope.actor(), &title, name));
        case.data = kept(&held)?;
        // The file is for both firms and their offices, so the system grants it.
        let mut tx = self.store().begin(&system).await?;
        for firm in [&supplier, &need.firm] {
            tx.put_object(bytes, ObjectAccess::firm(firm.division, firm.id)).await?;
        }
        tx.update_chain_case(&case).await?;
        tx.audit(
            NewAudit::new("introduction.show_order", format!("introduction:{id}"), case.division)
                .with(json!({ "digest": digest.hex(), "name": name, "by": scope.actor() })),
        );
        tx.commit().await?;
        self.need_after(scope, need.case.id).await
    }

    /// The need after a step of one of its introductions; a supplier may still see it when it is over.
    async fn need_after(&self, scope: &Scope, id: i64) -> Result<NeedDetail> {
        self.get_need(scope, id).await
    }

    /// What suppliers state: a firm its own, an office those of its region.
    pub async fn list_capabilities(&self, scope: &Scope, chain: Option<i64>) -> Result<Vec<CapabilityView>> {
        let filter = ChainCaseFilter { kind: "capability".into(), chain, ..Default::default() };
        let mut out = Vec::new();
        for case in self.store().read(scope).list_chain_cases(&filter).await? {
            let stated: CapabilityData = data(&case)?;
            out.push(CapabilityView {
                chain: case.chain,
                firm: case.firm.unwrap_or(0),
                name: self.firm_of(case.firm.unwrap_or(0)).await?.name,
                product: case.subject.clone(),
                capacity: stated.capacity,
                specs: stated.specs,
                consent: stated.consent,
                at: case.changed_at.clone(),
            });
        }
        Ok(out)
    }

    /// States what a firm can do of a product, in place of what it stated before.
    pub async fn put_capability(&self, scope: &Scope, request: CapabilityView) -> Result<Vec<CapabilityView>> {
        let firm = self.store().read(scope).get_firm(request.firm).await?;
        if !self.acts_for(scope, &firm) {
            return Err(Refusal::forbidden());
        }
        let chain = request.chain;
        self.store_capability(scope, &firm, request, None).await?;
        self.list_capabilities(scope, Some(chain)).await
    }

    /// Keeps what a firm states, with its record where a source states one.
    pub async fn store_capability(
        &self,
        scope: &Scope,
        firm: &Firm,
        request: CapabilityView,
        record: Option<(u32, u32)>,
    ) -> Result<()> {
        self.store().read(scope).get_chain(request.chain).await?;
        self.product_name(request.chain, &request.product).await?;
        check_specs(&request.specs)?;
        if !(request.capacity.is_finite() && request.capacity >= 0.0) {
            return Err(Refusal::invalid(
                "capacity",
                format!("可用产能应为 0 以上（万元/年），收到 {}。", request.capacity),
                format!("Free capacity of 0 or more (10k yuan a year) is allowed, found {}.", request.capacity),
            ));
        }
        let filter = ChainCaseFilter {
            kind: "capability".into(),
            chain: Some(request.chain),
            firm: Some(firm.id),
            ..Default::default()
        };
        let known = self.store().read(scope).list_chain_cases(&filter).await?;
        let known = known.into_iter().find(|c| c.subject == request.product);
        let record = match &known {
            Some(case) => record.or(data::<CapabilityData>(case)?.record),
            None => record,
        };
        let stated =
            CapabilityData { capacity: request.capacity, specs: request.specs, consent: request.consent, record };
        let mut tx = self.store().begin(scope).await?;
        let case = match known {
            Some(case) => tx.update_chain_case(&ChainCase { data: kept(&stated)?, ..case }).await?,
            None => {
                tx.insert_chain_case(&NewChainCase {
                    kind: "capability".into(),
                    chain: request.chain,
                    division: firm.division,
                    firm: Some(firm.id),
                    other: None,
                    parent: None,
                    subject: request.product,
                    state: "stated".into(),
                    data: kept(&stated)?,
                })
                .await?
            }
        };
        tx.audit(
            NewAudit::new("capability.put", format!("capability:{}", case.id), firm.division)
                .with(json!({ "firm": firm.id, "product": case.subject, "consent": stated.consent })),
        );
        tx.commit().await?;
        Ok(())
    }
}

fn same_version(case: &ChainCase, seen: i64) -> Result<()> {
    if case.version == seen {
        return Ok(());
    }
    Err(Refusal::new(
        crate::Kind::Conflict,
        "conflict",
        "别人刚刚改过；请重新打开。",
        "Somebody changed this meanwhile; open it again.",
    ))
}
