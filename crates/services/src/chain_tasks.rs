//! What to do about a weak product: moves with their effect on the stress test, and the tasks that come of
//! them. A move is a list of changes to the chain; its prediction and its measurement are the same
//! computation, once with the changes as planned and once as carried out.

use crate::{
    Document as FileOut, Refusal, Result, Services,
    catalogue::label,
    chain_figures::{model, product_of},
    chain_stress::loss_of,
    chain_views::*,
    chains::{Changes, Held, apply, refused_one},
    rounds::{Event, action_views, history},
    views::Label,
};
use base::{Digest, Role, Scope};
use cases::Who;
use chain::document::Document;
use chain::graph::{EdgeKind, NodeKind};
use chain::model::Model;
use chain::shock::{InputRule, Shortage, Stop};
use chain::space::{Presence, proximity};
use chain::{Graph, repair};
use jiff::civil::Date;
use law::Process;
use law::chain_rules::{ChainRules, Move, MoveKind, float};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use store::{ChainCase, ChainCaseFilter, NewAudit, NewChainCase, ObjectAccess};

const PROCESS: &str = "chain_task";
/// Largest file of evidence.
const EVIDENCE_BYTES_MAX: usize = 20 << 20;
/// Pieces of evidence that a task has at most.
const EVIDENCE_MAX: usize = 50;
/// Sets of moves that are tried for the smallest one that is enough.
const LOOKS_MAX: u64 = 4_096;
/// Related products that a path shows.
const PATH_SHOWN: usize = 8;

/// What a task keeps beside its state.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct TaskData {
    kind: String,
    zh: String,
    en: String,
    product_name: String,
    owner: String,
    deadline: Date,
    effect: TaskEffect,
    ops: Vec<ChainOp>,
    done: Option<Vec<ChainOp>>,
    wanted_zh: String,
    wanted_en: String,
    evidence: Vec<TaskEvidence>,
    /// Who gave the evidence last.
    given_by: Option<String>,
    last_actor: Option<String>,
    history: Vec<Event>,
}

/// What a move is made from.
struct Ground<'a> {
    held: &'a Held,
    rules: &'a ChainRules,
    graph: &'a Graph,
    model: &'a Model,
    /// The weak product's node.
    product: usize,
    day: Date,
}

impl Ground<'_> {
    fn id(&self) -> &str {
        &self.graph.nodes()[self.product].id
    }

    fn name(&self) -> &str {
        &self.graph.nodes()[self.product].name
    }

    /// Firms that buy the product, with how they depend on it as the network has it.
    fn buyers(&self) -> Vec<(String, InputRule, f64)> {
        let Some(number) = self.model.product(self.product) else { return Vec::new() };
        let inputs = self.model.network.inputs().iter().filter(|i| i.product == number);
        let of = |i: &chain::shock::Input| {
            let node = self.model.firms[i.buyer as usize] as usize;
            (self.graph.nodes()[node].id.clone(), i.rule, i.amount)
        };
        inputs.map(of).collect()
    }

    /// How a firm depends on the product in a document that earlier moves may have changed.
    fn terms(&self, document: &Document, buyer: &str, known: InputRule) -> InputRule {
        let stated = document.terms.iter().find(|t| t.buyer == buyer && t.product == self.id());
        stated.map_or(known, |t| t.rule())
    }

    fn put_terms(&self, buyer: &str, rule: InputRule, source: &str) -> ChainOp {
        ChainOp::PutTerms {
            buyer: buyer.to_owned(),
            product: self.id().to_owned(),
            essential: rule.essential,
            stock_days: rule.stock_days,
            outside: rule.outside,
            secured: rule.secured,
            substitute: rule.substitute,
            substitute_from: rule.substitute_from,
            source: source.to_owned(),
        }
    }

    /// Firms of the graph that are near to making the product: they make what it is made of, what is made of it,
    /// or another product of its stage; the largest first.
    fn near_firms(&self) -> Vec<usize> {
        let edges =
            || self.graph.edges().iter().zip(self.graph.ends()).map(|(e, (a, b))| (e, *a as usize, *b as usize));
        let stage: Option<usize> =
            edges().find(|(e, from, _)| e.kind == EdgeKind::Belongs && *from == self.product).map(|(_, _, to)| to);
        let mut near: BTreeSet<usize> = BTreeSet::new();
        for (edge, from, to) in edges() {
            match edge.kind {
                EdgeKind::MadeOf if from == self.product => drop(near.insert(to)),
                EdgeKind::MadeOf if to == self.product => drop(near.insert(from)),
                EdgeKind::Belongs if Some(to) == stage => drop(near.insert(from)),
                _ => (),
            }
        }
        near.remove(&self.product);
        let local = |at: usize| {
            self.graph.nodes()[at]
                .place
                .as_deref()
                .and_then(|p| p.parse().ok())
                .is_some_and(|p| self.held.chain.division.covers(p))
        };
        let makes: BTreeSet<usize> = edges()
            .filter(|(e, _, to)| e.kind == EdgeKind::Places && *to == self.product)
            .map(|(_, from, _)| from)
            .collect();
        let mut firms: Vec<usize> = edges()
            .filter(|(e, from, to)| {
                e.kind == EdgeKind::Places && near.contains(to) && local(*from) && !makes.contains(from)
            })
            .map(|(_, from, _)| from)
            .collect();
        let output = |at: &usize| self.graph.nodes()[*at].output.unwrap_or(0.0);
        firms.sort_by(|a, b| output(b).total_cmp(&output(a)).then(a.cmp(b)));
        firms.dedup();
        firms
    }

    /// Makers of the product outside the place, the largest first: whom one could invite.
    fn makers_elsewhere(&self) -> Vec<usize> {
        let edges = self.graph.edges().iter().zip(self.graph.ends());
        let mut firms: Vec<usize> = edges
            .filter(|(e, (_, to))| e.kind == EdgeKind::Places && *to as usize == self.product)
            .map(|(_, (from, _))| *from as usize)
            .filter(|at| {
                let place = self.graph.nodes()[*at].place.as_deref().and_then(|p| p.parse().ok());
                place.is_some_and(|p| !self.held.chain.division.covers(p))
            })
            .collect();
        let output = |at: &usize| self.graph.nodes()[*at].output.unwrap_or(0.0);
        firms.sort_by(|a, b| output(b).total_cmp(&output(a)).then(a.cmp(b)));
        firms.dedup();
        firms
    }

    /// The changes that a kind of move makes to a document, with the firm that it is about; none where it has
    /// nothing to work on.
    fn plan(&self, kind: MoveKind, document: &Document) -> Option<(Vec<ChainOp>, Option<usize>)> {
        let buyers = self.buyers();
        if buyers.is_empty() {
            return None;
        }
        // So much of the need covered makes dependence bearable: what the rules call it for substitutes.
        let part = float(&self.rules.gaps.substitute_min);
        let source = format!("计划：{}", kind.name());
        let each = |change: &dyn Fn(InputRule) -> InputRule| -> Vec<ChainOp> {
            let op = |(buyer, known, _): &(String, InputRule, f64)| {
                self.put_terms(buyer, change(self.terms(document, buyer, *known)), &source)
            };
            buyers.iter().map(op).collect()
        };
        let secured = |rule: InputRule| InputRule { secured: 1.0 - (1.0 - rule.secured) * (1.0 - part), ..rule };
        let places = |firm: &str| ChainOp::PutLink {
            from: firm.to_owned(),
            to: self.id().to_owned(),
            kind: "places".into(),
            share: None,
            amount: None,
            confidence: 1.0,
            source: source.clone(),
            valid_from: Some(self.day.to_string()),
        };
        match kind {
            MoveKind::Stock => {
                let more = float(&self.rules.defaults.stock_days);
                Some((each(&|rule| InputRule { stock_days: rule.stock_days + more, ..rule }), None))
            }
            MoveKind::SecondSource => Some((each(&secured), None)),
            MoveKind::Upgrade => {
                let firm = *self.near_firms().first()?;
                let mut ops = vec![places(&self.graph.nodes()[firm].id)];
                ops.extend(each(&secured));
                Some((ops, Some(firm)))
            }
            MoveKind::Attract => {
                let firm = *self.makers_elsewhere().first()?;
                let branch = format!("{}@{}", self.graph.nodes()[firm].id, self.held.chain.division);
                let node = ChainOp::PutNode {
                    id: branch.clone(),
                    kind: "firm".into(),
                    name: format!("{}（引进）", self.graph.nodes()[firm].name),
                    code: None,
                    place: Some(self.held.chain.division.to_string()),
                    output: None,
                    from: Some(self.day.to_string()),
                };
                let mut ops = vec![node, places(&branch)];
                ops.extend(each(&|rule| InputRule { outside: rule.outside * (1.0 - part), ..secured(rule) }));
                Some((ops, Some(firm)))
            }
            MoveKind::Develop => {
                let project = format!("project:{}", self.id().trim_start_matches("product:"));
                let ready = product_of(&self.held.template, self.id())
                    .and_then(|p| p.substitutes.first())
                    .map_or(float(&self.rules.stress.days) as u32 / 2, |s| float(&s.ready_days) as u32);
                let node = ChainOp::PutNode {
                    id: project.clone(),
                    kind: "project".into(),
                    name: format!("{}攻关", self.name()),
                    code: None,
                    place: Some(self.held.chain.division.to_string()),
                    output: None,
                    from: Some(self.day.to_string()),
                };
                let link = ChainOp::PutLink {
                    from: project,
                    to: self.id().to_owned(),
                    kind: "builds".into(),
                    share: None,
                    amount: None,
                    confidence: 1.0,
                    source: source.clone(),
                    valid_from: Some(self.day.to_string()),
                };
                let mut ops = vec![node, link];
                ops.extend(each(&|rule| InputRule {
                    substitute: rule.substitute.max(part),
                    substitute_from: if rule.substitute > 0.0 { rule.substitute_from.min(ready) } else { ready },
                    ..rule
                }));
                Some((ops, None))
            }
        }
    }

    /// Cost of a move in 万元, where the rules state one for its unit: stock by what is held.
    fn cost(&self, step: &Move) -> Option<f64> {
        let unit = float(step.unit_cost.as_ref()?);
        match step.kind {
            MoveKind::Stock => {
                let held: f64 =
                    self.buyers().iter().map(|(_, _, amount)| amount * float(&self.rules.defaults.stock_days)).sum();
                Some(unit * held)
            }
            _ => Some(unit),
        }
    }

    fn evidence(kind: MoveKind) -> Label {
        let (zh, en) = match kind {
            MoveKind::Stock => {
                ("入库凭证或库存台账，写明可用天数", "Receipts or a stock ledger that state the days covered")
            }
            MoveKind::SecondSource => {
                ("与第二来源的供货合同和首批到货凭证", "A contract with the second source and the first delivery")
            }
            MoveKind::Upgrade => ("样品检测报告和首个订单", "A test report of the sample and the first order"),
            MoveKind::Attract => ("项目竣工和投产凭证", "Papers on completion and start of production"),
            MoveKind::Develop => ("验收报告和用户使用证明", "The acceptance report and a user's statement"),
        };
        Label { zh: zh.into(), en: en.into() }
    }

    /// Single source whose stop costs others most, of the makers and of what comes from abroad, and what it costs
    /// them.
    fn worst(&self, shortage: &Shortage, days: u32, horizon: u32) -> Result<Option<(StressStop, f64)>> {
        let Some(number) = self.model.product(self.product) else { return Ok(None) };
        let network = &self.model.network;
        let makers = network.firms().iter().enumerate().filter(|(_, f)| f.product == number).map(|(at, _)| at as u32);
        let mut best: Option<(f64, u32)> = None;
        for firm in makers.chain([network.abroad(number)]) {
            let stop = Stop { firm, share: 1.0, from_day: 0, days };
            let loss = shortage.run(&[stop], horizon).map_err(refused_one)?;
            // What others lose: its own output is lost whatever one does.
            let others: f64 = loss.firms.iter().filter(|f| f.firm != firm).map(|f| f.output).sum();
            if best.is_none_or(|(most, _)| others > most) {
                best = Some((others, firm));
            }
        }
        Ok(best.map(|(others, firm)| {
            let stop = |kind: &str, id: &str| StressStop {
                kind: kind.into(),
                id: id.to_owned(),
                share: 1.0,
                from_day: 0,
                days,
            };
            let source = match self.model.firms.get(firm as usize) {
                Some(node) => stop("firm", &self.graph.nodes()[*node as usize].id),
                None => stop("abroad", self.id()),
            };
            (source, others)
        }))
    }

    /// Products that the place makes, nearest to this one first: by how often places make both.
    fn path(&self) -> Vec<PathView> {
        let edges = self.graph.edges().iter().zip(self.graph.ends()).filter(|(e, _)| e.kind == EdgeKind::Places);
        let mut pairs: BTreeSet<(String, usize)> = BTreeSet::new();
        let mut makers: BTreeMap<usize, u64> = BTreeMap::new();
        for (_, (firm, product)) in edges {
            let place = self.graph.nodes()[*firm as usize].place.clone().unwrap_or_default();
            let local = place.parse().is_ok_and(|p| self.held.chain.division.covers(p));
            *makers.entry(*product as usize).or_default() += u64::from(local);
            pairs.insert((place, *product as usize));
        }
        let places: Vec<&String> = pairs.iter().map(|(p, _)| p).collect::<BTreeSet<_>>().into_iter().collect();
        let products: Vec<usize> = pairs.iter().map(|(_, p)| *p).collect::<BTreeSet<_>>().into_iter().collect();
        let found = || {
            let at = products.binary_search(&self.product).ok()?;
            let cells: Vec<(u32, u32)> = pairs
                .iter()
                .map(|(place, product)| {
                    (
                        places.binary_search(&place).unwrap_or(0) as u32,
                        products.binary_search(product).unwrap_or(0) as u32,
                    )
                })
                .collect();
            let near = proximity(&Presence::new(places.len(), products.len(), &cells).ok()?).ok()?;
            Some(near.of(at).to_vec())
        };
        let mut out: Vec<PathView> = found()
            .unwrap_or_default()
            .into_iter()
            .enumerate()
            .map(|(at, near)| (products[at], near))
            .filter(|(node, near)| *node != self.product && *near > 0.0 && makers.get(node).is_some_and(|n| *n > 0))
            .map(|(node, near)| PathView {
                product: self.graph.nodes()[node].id.clone(),
                name: self.graph.nodes()[node].name.clone(),
                proximity: near,
                makers: makers[&node],
            })
            .collect();
        out.sort_by(|a, b| b.proximity.total_cmp(&a.proximity).then(a.product.cmp(&b.product)));
        out.truncate(PATH_SHOWN);
        out
    }
}

/// All moves for a product, by the scenario that costs most.
fn proposals(services: &Services, held: &Arc<Held>, graph: &Graph, product: &str, day: Date) -> Result<ProposalsView> {
    let rules = services.chain_rules()?;
    let node = graph.find(product).filter(|at| graph.nodes()[*at].kind == NodeKind::Product);
    let node = node.ok_or_else(|| Refusal::not_found("产品节点", "product node", product))?;
    let model = model(&held.document, graph, &held.template, rules)?;
    let ground = Ground { held, rules, graph, model: &model, product: node, day };
    let (days, horizon) = (float(&rules.stress.days) as u32, float(&rules.stress.horizon) as u32);
    let worst = ground.worst(&Shortage::new(&model.network), days, horizon)?;
    let (stops, others) = worst.map_or((Vec::new(), 0.0), |(stop, others)| (vec![stop], others));
    let scenario = StressRequest { day: day.to_string(), stops, horizon, market: "captive".into(), extra_stock: 0.0 };
    let loss = loss_of(services, held, &held.document, &scenario)?;
    let today = services.today()?;
    let mut moves: Vec<(MoveView, MoveKind)> = Vec::new();
    for step in &rules.moves {
        let Some((ops, firm)) = ground.plan(step.kind, &held.document) else { continue };
        let mut after = held.document.clone();
        apply(&mut after, &ops, "plan", today)?;
        let loss_after = loss_of(services, held, &after, &scenario)?;
        let makers = graph.edges().iter().filter(|e| e.kind == EdgeKind::Places && e.to == product).count() as u64;
        let firm_name = firm.map(|at| graph.nodes()[at].name.clone()).unwrap_or_default();
        let about = if firm_name.is_empty() { String::new() } else { format!("（{firm_name}）") };
        moves.push((
            MoveView {
                id: step.kind.name().to_owned(),
                kind: step.kind.name().to_owned(),
                title: Label {
                    zh: format!("{}：{}{about}", step.title.zh, ground.name()),
                    en: format!("{}: {}{about}", step.title.en, ground.name()),
                },
                firm: firm.map(|at| graph.nodes()[at].id.clone()),
                firm_name,
                loss_after,
                effect: loss - loss_after,
                cost: ground.cost(step),
                sources_after: matches!(step.kind, MoveKind::Upgrade | MoveKind::Attract).then_some(makers + 1),
                evidence: Ground::evidence(step.kind),
                ops,
            },
            step.kind,
        ));
    }
    moves.sort_by(|a, b| b.0.effect.total_cmp(&a.0.effect).then(a.0.id.cmp(&b.0.id)));
    // Enough is what halves the loss of others: what the source itself loses no move brings back.
    // Where a cost is not known all moves count one, so the smallest set is the one with the fewest moves.
    let known = moves.iter().all(|(m, _)| m.cost.is_some());
    let costs: Vec<u64> =
        moves.iter().map(|(m, _)| if known { (m.cost.unwrap_or(1.0).ceil() as u64).max(1) } else { 1 }).collect();
    let mut refused: Option<Refusal> = None;
    let smallest = repair::smallest(&costs, loss - others / 2.0, LOOKS_MAX, |set| {
        let mut after = held.document.clone();
        let mut go = || -> Result<f64> {
            for ((_, kind), _) in moves.iter().zip(set).filter(|(_, on)| **on) {
                if let Some((ops, _)) = ground.plan(*kind, &after) {
                    apply(&mut after, &ops, "plan", today)?;
                }
            }
            loss_of(services, held, &after, &scenario)
        };
        go().map_err(|e| {
            let fault = chain::Fault::new(chain::Code::Empty, "moves", e.to_string(), "moves that can be computed");
            refused = Some(e);
            fault
        })
    });
    if let Some(refused) = refused {
        return Err(refused);
    }
    Ok(ProposalsView {
        revision: held.revision,
        day: day.to_string(),
        product: product.to_owned(),
        name: ground.name().to_owned(),
        scenario,
        loss,
        smallest: smallest.map_err(refused_one)?.map(|r| r.steps.into_iter().map(|at| at as u64).collect()),
        path: ground.path(),
        moves: moves.into_iter().map(|(m, _)| m).collect(),
    })
}

impl Services {
    fn task_process(&self) -> Result<&Process> {
        self.law().processes.get(PROCESS).ok_or_else(|| Refusal::internal(format!("law/ lacks the process {PROCESS}")))
    }

    /// Moves for a product with their effect.
    pub async fn chain_proposals(&self, scope: &Scope, id: i64, product: &str, day: &str) -> Result<ProposalsView> {
        let held = self.chain_held(scope, id, 0).await?;
        self.whole_sight(scope, &held.chain)?;
        self.proposals_at(held, product, day).await
    }

    async fn proposals_at(&self, held: Arc<Held>, product: &str, day: &str) -> Result<ProposalsView> {
        let day = self.chain_day(day)?;
        let (services, product) = (self.clone(), product.to_owned());
        tokio::task::spawn_blocking(move || proposals(&services, &held, &held.graph.on(day), &product, day))
            .await
            .map_err(Refusal::internal)?
    }

    /// Accepts a move: a task with an owner and a last day.
    pub async fn create_chain_task(
        &self,
        scope: &Scope,
        id: i64,
        request: NewChainTaskRequest,
    ) -> Result<ChainTaskView> {
        let held = self.chain_held(scope, id, 0).await?;
        self.leads_chain(scope, &held.chain)?;
        if held.revision != request.revision {
            return Err(Refusal::new(
                crate::Kind::Conflict,
                "conflict",
                format!("您看到的是第 {} 版，现在已是第 {} 版；请重新打开。", request.revision, held.revision),
                format!("You saw revision {}; it is {} now. Open it again.", request.revision, held.revision),
            ));
        }
        let deadline: Date = request.deadline.trim().parse().map_err(|_| {
            Refusal::invalid(
                "deadline",
                format!("“{}”不是日期，应如 2026-12-31。", request.deadline),
                format!("`{}` is no date; allowed: such as 2026-12-31.", request.deadline),
            )
        })?;
        if deadline < self.today()? {
            return Err(Refusal::invalid("deadline", "期限已经过去。", "The last day is over."));
        }
        let system = Scope::system("chains", self.settings().root);
        let owner = self.store().read(&system).find_account(request.owner.trim()).await?;
        let office = [Role::CountyOfficer, Role::CityOfficer, Role::ProvinceOfficer];
        let owner = owner
            .filter(|a| !a.disabled && office.contains(&a.role) && held.chain.division.covers(a.division))
            .ok_or_else(|| {
                Refusal::invalid(
                    "owner",
                    format!("“{}”不是本产业链辖区内工信部门的账号。", request.owner),
                    format!("`{}` is no account of an industry department within the chain's region.", request.owner),
                )
            })?;
        let found = self.proposals_at(held.clone(), &request.product, &request.day).await?;
        let chosen = found.moves.iter().find(|m| m.id == request.chosen).cloned().ok_or_else(|| {
            let allowed: Vec<&str> = found.moves.iter().map(|m| m.id.as_str()).collect();
            Refusal::invalid(
                "move",
                format!("“{}”不在可选举措中；可选：{}。", request.chosen, allowed.join("、")),
                format!("`{}` is no move here; allowed: {}.", request.chosen, allowed.join(", ")),
            )
        })?;
        let now = self.store().now();
        let title = law::scheme::Text { zh: "接受建议".into(), en: "Proposal accepted".into() };
        let data = TaskData {
            kind: chosen.kind.clone(),
            zh: chosen.title.zh.clone(),
            en: chosen.title.en.clone(),
            product_name: found.name.clone(),
            owner: owner.sign_in.clone(),
            deadline,
            effect: TaskEffect {
                scenario: found.scenario,
                revision: held.revision,
                day: found.day,
                before: found.loss,
                predicted: chosen.loss_after,
                measured: None,
                now: None,
            },
            ops: chosen.ops,
            done: None,
            wanted_zh: chosen.evidence.zh,
            wanted_en: chosen.evidence.en,
            evidence: Vec::new(),
            given_by: None,
            last_actor: Some(scope.actor().to_owned()),
            history: vec![Event::new(&now, scope.actor(), &title, request.note.trim())],
        };
        let new = NewChainCase {
            kind: "task".into(),
            chain: id,
            division: owner.division,
            firm: None,
            other: None,
            parent: None,
            subject: request.product.clone(),
            state: self.task_process()?.start.clone(),
            data: serde_json::to_value(&data).map_err(Refusal::internal)?,
        };
        let mut tx = self.store().begin(scope).await?;
        let task = tx.insert_chain_case(&new).await?;
        tx.audit(NewAudit::new("chain_task.create", format!("chain_task:{}", task.id), owner.division).with(json!({
            "chain": id, "product": request.product, "move": request.chosen, "owner": owner.sign_in,
            "before": data.effect.before, "predicted": data.effect.predicted,
        })));
        tx.commit().await?;
        self.task_view(scope, task).await
    }

    /// Tasks that the person may see; of one chain or of all.
    pub async fn list_chain_tasks(&self, scope: &Scope, chain: Option<i64>) -> Result<Vec<ChainTaskView>> {
        if let Some(chain) = chain {
            self.store().read(scope).get_chain(chain).await?;
        }
        let filter = ChainCaseFilter { kind: "task".into(), chain, ..Default::default() };
        let mut out = Vec::new();
        for task in self.store().read(scope).list_chain_cases(&filter).await? {
            out.push(self.task_view(scope, task).await?);
        }
        out.reverse();
        Ok(out)
    }

    /// One task, with what its scenario costs on the chain as it is now.
    pub async fn get_chain_task(&self, scope: &Scope, id: i64) -> Result<ChainTaskView> {
        let task = self.store().read(scope).get_chain_case("task", id).await?;
        let mut view = self.task_view(scope, task.clone()).await?;
        let system = Scope::system("chains", self.settings().root);
        let held = self.chain_held(&system, task.chain, 0).await?;
        let (services, request) = (self.clone(), view.effect.scenario.clone());
        let now = tokio::task::spawn_blocking(move || loss_of(&services, &held, &held.document, &request)).await;
        // The source that stopped may have gone since; then there is nothing to compare.
        view.effect.now = now.map_err(Refusal::internal)?.ok();
        Ok(view)
    }

    fn task_data(task: &ChainCase) -> Result<TaskData> {
        serde_json::from_value(task.data.clone()).map_err(|e| Refusal::internal(format!("task {}: {e}", task.id)))
    }

    fn task_known(&self, scope: &Scope, task: &ChainCase, data: &TaskData) -> Result<cases::Known> {
        let mut holds = BTreeSet::new();
        let mut hold = |name: &str, is: bool| {
            if is {
                holds.insert(name.to_owned());
            }
        };
        hold("owns_task", scope.actor() == data.owner || scope.region() == task.division || scope.is_system());
        hold("deadline_set", true);
        hold("has_evidence", !data.evidence.is_empty());
        hold("evidence_by_other_person", data.given_by.as_deref().is_some_and(|by| by != scope.actor()));
        hold("effect_measured", data.effect.measured.is_some());
        hold("deadline_over", self.today()? > data.deadline);
        Ok(cases::Known { holds, last_actor: data.last_actor.clone() })
    }

    async fn task_view(&self, scope: &Scope, task: ChainCase) -> Result<ChainTaskView> {
        let data = Self::task_data(&task)?;
        let process = self.task_process()?;
        let known = self.task_known(scope, &task, &data)?;
        let system = Scope::system("chains", self.settings().root);
        let chain = self.store().read(&system).get_chain(task.chain).await?;
        let state = process.states.iter().find(|s| s.id == task.state);
        let over = state.is_some_and(|s| s.last);
        Ok(ChainTaskView {
            id: task.id,
            version: task.version,
            chain: task.chain,
            chain_title: chain.title,
            product: task.subject.clone(),
            product_name: data.product_name.clone(),
            kind: data.kind.clone(),
            title: Label { zh: data.zh.clone(), en: data.en.clone() },
            state: task.state.clone(),
            state_title: state.map(|s| label(&s.title)).unwrap_or_default(),
            owner: data.owner.clone(),
            deadline: data.deadline.to_string(),
            overdue: !over && self.today()? > data.deadline,
            effect: data.effect.clone(),
            ops: data.ops.clone(),
            done: data.done.clone(),
            evidence_wanted: Label { zh: data.wanted_zh.clone(), en: data.wanted_en.clone() },
            evidence: data.evidence.clone(),
            actions: action_views(cases::offers(process, &task.state, &Who::from(scope), &known), &["owns_task"]),
            history: history(&data.history),
        })
    }

    async fn task_at(&self, scope: &Scope, id: i64, version: i64) -> Result<(ChainCase, TaskData)> {
        let task = self.store().read(scope).get_chain_case("task", id).await?;
        if task.version != version {
            return Err(Refusal::new(
                crate::Kind::Conflict,
                "conflict",
                "别人刚刚改过这件任务；请重新打开。",
                "Somebody changed this task meanwhile; open it again.",
            ));
        }
        let data = Self::task_data(&task)?;
        Ok((task, data))
    }

    /// Evidence for a task: a file, or a note without one.
    pub async fn add_task_evidence(
        &self,
        scope: &Scope,
        id: i64,
        version: i64,
        title: &str,
        name: &str,
        bytes: &[u8],
    ) -> Result<ChainTaskView> {
        let (mut task, mut data) = self.task_at(scope, id, version).await?;
        let known = self.task_known(scope, &task, &data)?;
        let open = self.task_process()?.states.iter().any(|s| s.id == task.state && !s.last);
        if !open || !known.holds.contains("owns_task") {
            return Err(Refusal::forbidden());
        }
        if title.trim().is_empty() {
            return Err(Refusal::invalid("title", "请写明它证明什么。", "Say what it shows."));
        }
        if bytes.len() > EVIDENCE_BYTES_MAX {
            return Err(crate::too_large(bytes.len() as u64, EVIDENCE_BYTES_MAX));
        }
        if data.evidence.len() >= EVIDENCE_MAX {
            return Err(Refusal::invalid(
                "file",
                format!("一件任务最多 {EVIDENCE_MAX} 份证据。"),
                format!("A task has {EVIDENCE_MAX} pieces of evidence at most."),
            ));
        }
        let digest = Digest::of(bytes);
        if !bytes.is_empty() && data.evidence.iter().any(|e| e.digest == digest.hex()) {
            return Err(Refusal::new(
                crate::Kind::Conflict,
                "same_file",
                "这个文件已经交过了。",
                "The file is there already.",
            ));
        }
        data.evidence.push(TaskEvidence {
            title: title.trim().to_owned(),
            name: name.to_owned(),
            digest: if bytes.is_empty() { String::new() } else { digest.hex() },
            size: bytes.len() as u64,
            by: scope.actor().to_owned(),
            at: self.store().now(),
        });
        task.data = serde_json::to_value(&data).map_err(Refusal::internal)?;
        let mut tx = self.store().begin(scope).await?;
        if !bytes.is_empty() {
            tx.put_object(bytes, ObjectAccess::office(task.division)).await?;
        }
        let task = tx.update_chain_case(&task).await?;
        tx.audit(
            NewAudit::new("chain_task.add_evidence", format!("chain_task:{id}"), task.division)
                .with(json!({ "title": title.trim(), "digest": digest.hex() })),
        );
        tx.commit().await?;
        self.task_view(scope, task).await
    }

    /// A file of a task's evidence.
    pub async fn get_task_evidence(&self, scope: &Scope, id: i64, digest: &str) -> Result<FileOut> {
        let task = self.store().read(scope).get_chain_case("task", id).await?;
        let data = Self::task_data(&task)?;
        let found = data.evidence.iter().find(|e| e.digest == digest && !e.name.is_empty());
        let found = found.ok_or_else(|| Refusal::not_found("文件", "file", digest))?;
        let digest: Digest = digest.parse().map_err(|_| Refusal::not_found("文件", "file", digest))?;
        let bytes = self.store().read(scope).get_object(digest).await?;
        Ok(FileOut { name: found.name.clone(), mime: "application/octet-stream", bytes, digest, rows: None })
    }

    /// Takes a step of a task. What was carried out is measured when its evidence is handed in, and becomes
    /// part of the chain when another person confirms it.
    pub async fn act_on_chain_task(
        &self,
        scope: &Scope,
        id: i64,
        action: &str,
        step: ChainTaskStep,
    ) -> Result<ChainTaskView> {
        let (mut task, mut data) = self.task_at(scope, id, step.version).await?;
        let known = self.task_known(scope, &task, &data)?;
        let transition =
            cases::apply(self.task_process()?, &task.state, action, &Who::from(scope), &known, &step.reason)
                .map_err(|refused| self.refused(refused))?
                .clone();
        let now = self.store().now();
        let mut detail = json!({ "from": task.state, "to": transition.to, "reason": step.reason });
        let system = Scope::system("chains", self.settings().root);
        let mut revision = None;
        match action {
            "extend" => {
                let deadline: Date = step.deadline.trim().parse().map_err(|_| {
                    Refusal::invalid(
                        "deadline",
                        "请写新的期限，应如 2026-12-31。",
                        "Give the new last day, such as 2026-12-31.",
                    )
                })?;
                detail["deadline"] = json!(deadline.to_string());
                data.deadline = deadline;
            }
            "give_evidence" => {
                let done = step.ops.clone().unwrap_or_else(|| data.ops.clone());
                let base = self.chain_held(&system, task.chain, data.effect.revision).await?;
                let (services, request, ops) = (self.clone(), data.effect.scenario.clone(), done.clone());
                let today = self.today()?;
                let measured = tokio::task::spawn_blocking(move || {
                    let mut after = base.document.clone();
                    apply(&mut after, &ops, "measure", today)?;
                    loss_of(&services, &base, &after, &request)
                })
                .await
                .map_err(Refusal::internal)??;
                detail["measured"] = json!(measured);
                data.effect.measured = Some(measured);
                data.done = Some(done);
                data.given_by = Some(scope.actor().to_owned());
            }
            "confirm" => {
                let held = self.chain_held(scope, task.chain, 0).await?;
                self.leads_chain(scope, &held.chain)?;
                let source = match data.evidence.last() {
                    Some(e) => format!("任务 {id}：{}", e.title),
                    None => format!("任务 {id}"),
                };
                let ops = data.done.clone().unwrap_or_default().into_iter().map(|op| sourced(op, &source)).collect();
                let changes = Changes { ops, ruling: None, today: self.today()? };
                let seen = held.revision;
                let prepared = self.prepare_changes(&held, seen, "task", &source, &changes, scope.actor()).await?;
                detail["revision"] = json!(seen + 1);
                revision = Some((held, seen, prepared));
            }
            _ => (),
        }
        task.state = transition.to.clone();
        data.last_actor = Some(scope.actor().to_owned());
        data.history.push(Event::new(&now, scope.actor(), &transition.title, step.reason.trim()));
        task.data = serde_json::to_value(&data).map_err(Refusal::internal)?;
        let mut tx = self.store().begin(scope).await?;
        let task = tx.update_chain_case(&task).await?;
        if let Some((held, seen, prepared)) = &revision {
            self.write_revision(&mut tx, &held.chain, *seen, prepared).await?;
        }
        tx.audit(NewAudit::new(format!("chain_task.{action}"), format!("chain_task:{id}"), task.division).with(detail));
        tx.commit().await?;
        self.get_chain_task(scope, task.id).await
    }
}

/// A change with the evidence that it was carried out in place of the plan's.
fn sourced(op: ChainOp, evidence: &str) -> ChainOp {
    match op {
        ChainOp::PutLink { from, to, kind, share, amount, confidence, valid_from, .. } => {
            ChainOp::PutLink { from, to, kind, share, amount, confidence, valid_from, source: evidence.to_owned() }
        }
        ChainOp::PutTerms {
            buyer,
            product,
            essential,
            stock_days,
            outside,
            secured,
            substitute,
            substitute_from,
            ..
        } => ChainOp::PutTerms {
            buyer,
            product,
            essential,
            stock_days,
            outside,
            secured,
            substitute,
            substitute_from,
            source: evidence.to_owned(),
        },
        other => other,
    }
}
