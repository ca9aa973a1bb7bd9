//! Industry chains: opening one by a template of the law, its revisions, the graph of any day, changes,
//! import and export. A revision is either the whole chain or changes to the one before; both are checked
//! by the same engine before anything is kept.

use crate::{
    Document as FileOut, Refusal, Result, Services,
    catalogue::label,
    chain_views::*,
    refusal::Kind,
    views::{DivisionView, FaultView, Label},
};
use base::{Digest, DivisionCode, Scope};
use chain::document::{Document, Terms};
use chain::graph::{Checks, word};
use chain::{Edge, EdgeKind, Evidence, Fault, Graph, Node, NodeKind, Raw};
use jiff::civil::Date;
use law::chain::ChainTemplate;
use law::chain_rules::{ChainRules, float};
use law::scheme::Standing;
use serde::de::DeserializeOwned;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex};
use store::{Chain, ChainCaseFilter, NewAudit, NewChain, NewRevision, ObjectAccess};

/// The most links that a chain may have.
const LINKS_MAX: usize = 10_000_000;
/// Faults that a report lists; the rest is counted.
const FAULTS_MAX: usize = 200;
/// Chains kept ready, the latest used ones.
const KEPT: usize = 8;
/// Revisions that a page lists.
const REVISIONS_SHOWN: i64 = 50;
/// Changes after which a revision holds the chain as a whole again.
const CHANGES_MAX: i64 = 64;

/// A chain as of one revision.
#[derive(Debug)]
pub(crate) struct Held {
    pub chain: Chain,
    pub revision: i64,
    pub document: Document,
    /// All days.
    pub graph: Graph,
    /// The template that it follows, merged for its place.
    pub template: ChainTemplate,
}

/// Chains kept ready, by chain and revision.
#[derive(Debug, Default)]
pub(crate) struct Cache(Mutex<Vec<Arc<Held>>>);

impl Cache {
    fn get(&self, chain: i64, revision: i64) -> Option<Arc<Held>> {
        let mut all = self.0.lock().ok()?;
        let at = all.iter().position(|h| (h.chain.id, h.revision) == (chain, revision))?;
        let found = all.remove(at);
        all.push(found.clone());
        Some(found)
    }

    fn put(&self, held: Arc<Held>) {
        if let Ok(mut all) = self.0.lock() {
            all.retain(|h| (h.chain.id, h.revision) != (held.chain.id, held.revision));
            all.push(held);
            let over = all.len().saturating_sub(KEPT);
            all.drain(..over);
        }
    }
}

/// The node of a firm of the register: named by its credit code, or by its number where it has none.
pub(crate) fn chain_node_of(firm: &store::Firm) -> String {
    match &firm.credit_code {
        Some(code) => format!("firm:{code}"),
        None => format!("firm:#{}", firm.id),
    }
}

/// Who sees how much of a chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sight {
    /// All of it.
    Whole,
    /// Stages, products and technologies, and the firms of a region.
    Region(DivisionCode),
    /// Stages, products and technologies, and one firm.
    Firm(i64),
}

pub(crate) fn float_of(param: Option<&law::scheme::Param>) -> Option<f64> {
    param.map(float)
}

/// A fault of the engine, as pages show it.
pub(crate) fn fault_view(fault: &Fault) -> ChainFault {
    ChainFault {
        code: word(&fault.code),
        place: fault.place.clone(),
        found: fault.found.clone(),
        allowed: fault.allowed.clone(),
    }
}

/// Faults of the engine as a refusal that names each place.
pub(crate) fn refused_by(faults: &[Fault]) -> Refusal {
    let mut refusal = Refusal::invalid(
        "chain_faults",
        format!("有 {} 处不符合要求，未保存。", faults.len()),
        format!("{} faults; nothing was saved.", faults.len()),
    );
    refusal.fields = faults
        .iter()
        .take(FAULTS_MAX)
        .map(|f| FaultView {
            sheet: None,
            cell: f.place.clone(),
            value: f.found.clone(),
            code: word(&f.code),
            allowed: Label { zh: f.allowed.clone(), en: f.allowed.clone() },
            message: Label {
                zh: format!("{}：发现 {}；{}", f.place, f.found, f.allowed),
                en: format!("{}: {} found; {}", f.place, f.found, f.allowed),
            },
        })
        .collect();
    refusal
}

pub(crate) fn refused_one(fault: Fault) -> Refusal {
    refused_by(&[fault])
}

/// A word of a file as a kind; the refusal names what is allowed.
fn kind_of<T: DeserializeOwned>(field: &str, text: &str, allowed: &str) -> Result<T> {
    serde_json::from_value(json!(text)).map_err(|_| {
        Refusal::invalid(
            field,
            format!("“{text}”不可用；可用：{allowed}。"),
            format!("`{text}` is not allowed; allowed: {allowed}."),
        )
    })
}

const NODE_KINDS: &str = "stage, product, firm, project, technology, people, money";
const LINK_KINDS: &str = "made_of, precedes, belongs, places, supplies, substitutes, builds, serves, works_on, funds";

fn day_of(field: &str, text: &str) -> Result<Date> {
    text.trim().parse().map_err(|_| {
        Refusal::invalid(
            field,
            format!("“{text}”不是日期，应如 2026-03-15。"),
            format!("`{text}` is no date; allowed: such as 2026-03-15."),
        )
    })
}

fn some_day(field: &str, text: Option<&String>) -> Result<Option<Date>> {
    text.map(|t| t.trim()).filter(|t| !t.is_empty()).map(|t| day_of(field, t)).transpose()
}

/// Applies changes one after the other; whether the result is a chain is the engine's to say.
pub(crate) fn apply(document: &mut Document, ops: &[ChainOp], author: &str, today: Date) -> Result<()> {
    for op in ops {
        match op {
            ChainOp::PutNode { id, kind, name, code, place, output, from } => {
                let node = Node {
                    id: id.trim().to_owned(),
                    kind: kind_of("kind", kind, NODE_KINDS)?,
                    name: name.trim().to_owned(),
                    code: code.clone(),
                    place: place.clone(),
                    output: *output,
                    from: some_day("from", from.as_ref())?,
                    until: None,
                };
                match document.graph.nodes.iter_mut().find(|n| n.id == node.id) {
                    Some(old) => *old = Node { from: node.from.or(old.from), until: old.until, ..node },
                    None => document.graph.nodes.push(node),
                }
            }
            ChainOp::EndNode { id, day } => {
                let until = day_of("day", day)?;
                let node = document.graph.nodes.iter_mut().find(|n| n.id == *id);
                node.ok_or_else(|| Refusal::not_found("节点", "node", id))?.until = Some(until);
                for edge in document.graph.edges.iter_mut().filter(|e| e.from == *id || e.to == *id) {
                    if edge.valid_until.is_none_or(|u| u > until) {
                        edge.valid_until = Some(until);
                    }
                }
                // A link that would have begun later never does.
                document
                    .graph
                    .edges
                    .retain(|e| !((e.from == *id || e.to == *id) && e.valid_from.is_some_and(|f| f >= until)));
            }
            ChainOp::PutLink { from, to, kind, share, amount, confidence, source, valid_from } => {
                let kind: EdgeKind = kind_of("kind", kind, LINK_KINDS)?;
                let edge = Edge {
                    from: from.clone(),
                    to: to.clone(),
                    kind,
                    share: *share,
                    amount: *amount,
                    confidence: *confidence,
                    evidence: vec![Evidence {
                        source: source.trim().to_owned(),
                        author: author.to_owned(),
                        noted: today,
                    }],
                    valid_from: some_day("valid_from", valid_from.as_ref())?,
                    valid_until: None,
                };
                let same = |e: &&mut Edge| e.from == edge.from && e.to == edge.to && e.kind == kind;
                match document.graph.edges.iter_mut().filter(|e| e.valid_until.is_none()).find(same) {
                    Some(old) => {
                        // What was known before stays as earlier evidence.
                        let mut evidence = old.evidence.clone();
                        evidence.extend(edge.evidence.clone());
                        *old = Edge { evidence, valid_from: edge.valid_from.or(old.valid_from), ..edge };
                    }
                    None => document.graph.edges.push(edge),
                }
            }
            ChainOp::EndLink { from, to, kind, day } => {
                let kind: EdgeKind = kind_of("kind", kind, LINK_KINDS)?;
                let until = day_of("day", day)?;
                let same = |e: &&mut Edge| {
                    e.from == *from && e.to == *to && e.kind == kind && e.valid_until.is_none_or(|u| u > until)
                };
                document
                    .graph
                    .edges
                    .iter_mut()
                    .find(same)
                    .ok_or_else(|| Refusal::not_found("关系", "link", format!("{from} → {to}")))?
                    .valid_until = Some(until);
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
                source,
            } => {
                let terms = Terms {
                    buyer: buyer.clone(),
                    product: product.clone(),
                    essential: *essential,
                    stock_days: *stock_days,
                    outside: *outside,
                    secured: *secured,
                    substitute: *substitute,
                    substitute_from: *substitute_from,
                    source: source.trim().to_owned(),
                };
                if terms.source.is_empty() {
                    return Err(Refusal::invalid("source", "请写依据。", "Say where this is from."));
                }
                match document.terms.iter_mut().find(|t| t.buyer == terms.buyer && t.product == terms.product) {
                    Some(old) => *old = terms,
                    None => document.terms.push(terms),
                }
            }
        }
    }
    Ok(())
}

/// The chain that a template describes, without firms.
pub(crate) fn from_template(template: &ChainTemplate, unverified: f64) -> Document {
    let evidence = || vec![Evidence { source: template.name(), author: "law".to_owned(), noted: template.from }];
    let sure = |standing: &Standing| match standing {
        Standing::Verified => 1.0,
        Standing::Unverified { .. } => unverified,
    };
    let node = |id: String, kind: NodeKind, name: &str, code: Option<String>| Node {
        id,
        kind,
        name: name.to_owned(),
        code,
        place: None,
        output: None,
        from: None,
        until: None,
    };
    let edge = |from: String, to: String, kind: EdgeKind, share: Option<f64>, confidence: f64| Edge {
        from,
        to,
        kind,
        share,
        amount: None,
        confidence,
        evidence: evidence(),
        valid_from: None,
        valid_until: None,
    };
    let mut raw = Raw::default();
    for stage in &template.stages {
        raw.nodes.push(node(format!("stage:{}", stage.id), NodeKind::Stage, &stage.title.zh, None));
        for before in &stage.after {
            let ends = (format!("stage:{before}"), format!("stage:{}", stage.id));
            raw.edges.push(edge(ends.0, ends.1, EdgeKind::Precedes, None, sure(&stage.standing)));
        }
    }
    for product in &template.products {
        let id = format!("product:{}", product.id);
        let code = product.product_code.clone().or_else(|| product.codes.first().cloned());
        raw.nodes.push(node(id.clone(), NodeKind::Product, &product.title.zh, code));
        let confidence = sure(&product.standing);
        raw.edges.push(edge(id.clone(), format!("stage:{}", product.stage), EdgeKind::Belongs, None, confidence));
        for input in &product.made_of {
            let share = input.share.as_ref().map(float);
            let to = format!("product:{}", input.product);
            raw.edges.push(edge(id.clone(), to, EdgeKind::MadeOf, share, sure(&input.standing)));
        }
        for substitute in &product.substitutes {
            let from = format!("product:{}", substitute.product);
            let share = Some(float(&substitute.share));
            raw.edges.push(edge(from, id.clone(), EdgeKind::Substitutes, share, sure(&substitute.standing)));
        }
    }
    Document { graph: raw, ..Document::default() }
}

impl Services {
    /// The numbers of the chain engine in force today.
    pub(crate) fn chain_rules(&self) -> Result<&ChainRules> {
        let today = self.today()?;
        self.law().chain_rules_on(today).ok_or_else(|| {
            Refusal::new(
                Kind::Conflict,
                "no_chain_rules",
                format!("{today} 没有施行的产业链规则；请在 law/national/chains 中补充。"),
                format!("No rules of chains are in force on {today}; add them in law/national/chains."),
            )
        })
    }

    /// Codes that products may have: GB/T 4754 in force with the successors of those that ended, and the
    /// catalogue codes that templates name.
    pub(crate) fn product_codes(&self) -> BTreeMap<String, Vec<String>> {
        let mut codes: BTreeMap<String, Vec<String>> =
            self.law().industries.all.keys().map(|code| (code.clone(), Vec::new())).collect();
        for template in &self.law().chains {
            codes.extend(template.products.iter().filter_map(|p| p.product_code.clone()).map(|c| (c, Vec::new())));
        }
        codes
    }

    /// Checks a chain and takes it in; every fault at once.
    fn checked(&self, document: &Document) -> std::result::Result<Graph, Vec<Fault>> {
        let codes = self.product_codes();
        let checks = Checks { codes: Some(&codes), edges_max: LINKS_MAX, orphans: true, share_slack: 1e-6 };
        let mut faults = document.check();
        match Graph::check(document.graph.clone(), &checks) {
            Ok(graph) if faults.is_empty() => Ok(graph),
            Ok(_) => Err(faults),
            Err(more) => {
                faults.splice(0..0, more);
                Err(faults)
            }
        }
    }

    pub(crate) fn sight(&self, scope: &Scope, chain: &Chain) -> Sight {
        match scope.firm() {
            Some(firm) => Sight::Firm(firm),
            None if scope.sees_division(chain.division) => Sight::Whole,
            None => Sight::Region(scope.region()),
        }
    }

    /// Refuses who does not see the whole of a chain: figures of gaps and stress tests tell of every firm.
    pub(crate) fn whole_sight(&self, scope: &Scope, chain: &Chain) -> Result<()> {
        match self.sight(scope, chain) {
            Sight::Whole => Ok(()),
            _ => Err(Refusal::forbidden()),
        }
    }

    /// Refuses who does not lead a chain.
    pub(crate) fn leads_chain(&self, scope: &Scope, chain: &Chain) -> Result<()> {
        if self.may_lead(scope, chain.division) { Ok(()) } else { Err(Refusal::forbidden()) }
    }

    pub(crate) fn may_lead(&self, scope: &Scope, division: DivisionCode) -> bool {
        use base::Role::{CityOfficer, CountyOfficer, ProvinceOfficer};
        scope.is_system()
            || (scope.region() == division && matches!(scope.role(), CountyOfficer | CityOfficer | ProvinceOfficer))
    }

    /// A chain as of a revision (0: the newest), for whoever may know of it.
    pub(crate) async fn chain_held(&self, scope: &Scope, id: i64, revision: i64) -> Result<Arc<Held>> {
        let chain = self.store().read(scope).get_chain(id).await?;
        let number = if revision == 0 { chain.revision } else { revision };
        if !(1..=chain.revision).contains(&number) {
            return Err(Refusal::not_found("版本", "revision", number));
        }
        if let Some(found) = self.chain_cache().get(id, number)
            && found.chain == chain
        {
            return Ok(found);
        }
        let system = Scope::system("chains", self.settings().root);
        let reader = self.store().read(&system);
        let base = reader
            .whole_revision(id, number)
            .await?
            .ok_or_else(|| Refusal::internal(format!("chain {id} has no whole revision up to {number}")))?;
        let steps = reader.list_revisions(id, base, number).await?;
        let whole = steps.first().and_then(|r| r.whole).ok_or_else(|| Refusal::internal("a revision is missing"))?;
        let bytes = reader.get_object(whole).await?;
        let services = self.clone();
        let held = tokio::task::spawn_blocking(move || -> Result<Held> {
            let mut document = unpacked(&bytes)?;
            for step in &steps[1..] {
                let changes: Changes = serde_json::from_value(step.changes.clone()).map_err(Refusal::internal)?;
                changes.apply(&mut document, &step.by)?;
            }
            let graph = services.checked(&document).map_err(|f| Refusal::internal(format!("chain {id}: {f:?}")))?;
            let template = services.template_of(&chain)?;
            Ok(Held { revision: number, document, graph, template, chain })
        })
        .await
        .map_err(Refusal::internal)??;
        let held = Arc::new(held);
        self.chain_cache().put(held.clone());
        Ok(held)
    }

    fn template_of(&self, chain: &Chain) -> Result<ChainTemplate> {
        let today = self.today()?;
        self.law().chain_template(&chain.template, chain.division, today).ok_or_else(|| {
            Refusal::new(
                Kind::Conflict,
                "no_template",
                format!("产业链模板“{}”在 {today} 没有施行的版本。", chain.template),
                format!("The template `{}` has no edition in force on {today}.", chain.template),
            )
        })
    }

    /// Templates by which one can open a chain here.
    pub async fn chain_templates(&self, scope: &Scope) -> Result<Vec<ChainTemplateRow>> {
        if !scope.sees_figures() {
            return Err(Refusal::forbidden());
        }
        let today = self.today()?;
        let row = |t: ChainTemplate| ChainTemplateRow {
            id: t.id.clone(),
            title: label(&t.title),
            edition: t.edition,
            stages: t.stages.len() as u64,
            products: t.products.len() as u64,
            unverified: match &t.standing {
                Standing::Verified => String::new(),
                Standing::Unverified { assumed } => assumed.clone(),
            },
        };
        Ok(self.law().chains_for(scope.region(), today).into_iter().map(row).collect())
    }

    /// Opens a chain by a template.
    pub async fn create_chain(&self, scope: &Scope, request: NewChainRequest) -> Result<ChainDetail> {
        if !self.may_lead(scope, scope.region()) {
            return Err(Refusal::forbidden());
        }
        let today = self.today()?;
        let template = self
            .law()
            .chain_template(&request.template, scope.region(), today)
            .ok_or_else(|| Refusal::not_found("产业链模板", "template", &request.template))?;
        let title = match request.title.trim() {
            "" => template.title.zh.clone(),
            own => own.to_owned(),
        };
        let document = from_template(&template, float(&self.chain_rules()?.confidence_min));
        self.store_chain(scope, &template.id, title, document, "opened", &template.name()).await
    }

    /// Keeps a new chain with its first revision.
    pub async fn store_chain(
        &self,
        scope: &Scope,
        template: &str,
        title: String,
        document: Document,
        kind: &str,
        reason: &str,
    ) -> Result<ChainDetail> {
        self.checked(&document).map_err(|faults| refused_by(&faults))?;
        let (bytes, digest) = packed(&document)?;
        let mut tx = self.store().begin(scope).await?;
        let new = NewChain { division: scope.region(), template: template.to_owned(), title };
        let chain = tx.insert_chain(&new).await?;
        let whole = tx.put_object(&bytes, ObjectAccess::office(chain.division)).await?;
        let revision = NewRevision {
            kind: kind.to_owned(),
            reason: reason.to_owned(),
            whole: Some(whole),
            changes: json!([]),
            digest,
        };
        tx.insert_revision(chain.id, 0, &revision).await?;
        tx.audit(
            NewAudit::new("chain.create", format!("chain:{}", chain.id), chain.division)
                .with(json!({ "template": template, "digest": digest.hex() })),
        );
        tx.commit().await?;
        self.get_chain(scope, chain.id).await
    }

    /// Chains that concern the person.
    pub async fn list_chains(&self, scope: &Scope) -> Result<Vec<ChainRow>> {
        let chains = self.store().read(scope).list_chains().await?;
        let mut out = Vec::with_capacity(chains.len());
        for chain in chains {
            let held = self.chain_held(scope, chain.id, 0).await?;
            out.push(self.chain_row(scope, &held).await?);
        }
        Ok(out)
    }

    async fn chain_row(&self, scope: &Scope, held: &Held) -> Result<ChainRow> {
        let today = self.today()?;
        let graph = self.seen(scope, &held.chain, &held.graph.on(today)).await?;
        let mut kinds: BTreeMap<String, u64> = BTreeMap::new();
        graph.nodes().iter().for_each(|n| *kinds.entry(word(&n.kind)).or_default() += 1);
        let rules = self.chain_rules()?;
        let local = self.place_test(held.chain.division);
        let supply = chain::measures::supply(&graph, float(&rules.confidence_min), local);
        let filter = ChainCaseFilter { kind: "task".into(), chain: Some(held.chain.id), ..Default::default() };
        let tasks = self.store().read(scope).list_chain_cases(&filter).await?;
        let doubtful = match self.sight(scope, &held.chain) {
            Sight::Whole => self.placement_of(held)?.counts().doubtful as u64,
            _ => 0,
        };
        Ok(ChainRow {
            id: held.chain.id,
            title: held.chain.title.clone(),
            template: held.template.id.clone(),
            template_title: label(&held.template.title),
            division: self.division_view(held.chain.division),
            revision: held.revision,
            changed_at: held.chain.changed_at.clone(),
            nodes: kinds.into_iter().map(|(kind, count)| KindCount { kind, count }).collect(),
            links: graph.edges().len() as u64,
            covered: supply.iter().filter(|s| !s.local.is_empty()).count() as u64,
            products: supply.len() as u64,
            tasks_open: tasks.iter().filter(|t| !matches!(t.state.as_str(), "confirmed" | "dropped")).count() as u64,
            doubtful,
        })
    }

    /// A chain without its graph.
    pub async fn get_chain(&self, scope: &Scope, id: i64) -> Result<ChainDetail> {
        let held = self.chain_held(scope, id, 0).await?;
        let system = Scope::system("chains", self.settings().root);
        let from = (held.revision - REVISIONS_SHOWN + 1).max(1);
        let revisions = match self.sight(scope, &held.chain) {
            Sight::Whole => self.store().read(&system).list_revisions(id, from, held.revision).await?,
            _ => Vec::new(),
        };
        let rules = self.chain_rules()?;
        let seen = self.seen(scope, &held.chain, &held.graph).await?;
        let places: BTreeSet<DivisionCode> =
            seen.nodes().iter().filter_map(|n| n.place.as_deref()?.parse().ok()).collect();
        Ok(ChainDetail {
            row: self.chain_row(scope, &held).await?,
            may_change: self.leads_chain(scope, &held.chain).is_ok(),
            whole: self.sight(scope, &held.chain) == Sight::Whole,
            days: seen.days().into_iter().map(|d| d.to_string()).collect(),
            revisions: revisions
                .into_iter()
                .rev()
                .map(|r| RevisionView {
                    number: r.number,
                    at: r.at,
                    by: r.by,
                    reason: r.reason,
                    kind: r.kind,
                    digest: r.digest.hex(),
                })
                .collect(),
            places: places.into_iter().map(|d| self.division_view(d)).collect(),
            confidence_min: float(&rules.confidence_min),
            stop_days: float(&rules.stress.days) as u32,
            horizon_days: float(&rules.stress.horizon) as u32,
        })
    }

    /// The part of a graph that a person may see.
    pub(crate) async fn seen(&self, scope: &Scope, chain: &Chain, graph: &Graph) -> Result<Graph> {
        let own = match self.sight(scope, chain) {
            Sight::Whole => return Ok(graph.clone()),
            Sight::Region(_) => None,
            Sight::Firm(id) => Some(chain_node_of(&self.store().read(scope).get_firm(id).await?)),
        };
        let region = scope.region();
        let shown = |n: &Node| match n.kind {
            NodeKind::Stage | NodeKind::Product | NodeKind::Technology => true,
            NodeKind::Firm => match &own {
                Some(id) => n.id == *id,
                None => n.place.as_deref().and_then(|p| p.parse().ok()).is_some_and(|p| region.covers(p)),
            },
            NodeKind::Project => {
                own.is_none() && n.place.as_deref().and_then(|p| p.parse().ok()).is_some_and(|p| region.covers(p))
            }
            NodeKind::People | NodeKind::Money => false,
        };
        let nodes: Vec<Node> = graph.nodes().iter().filter(|n| shown(n)).cloned().collect();
        let ids: BTreeSet<&str> = nodes.iter().map(|n| n.id.as_str()).collect();
        let edges = graph.edges().iter();
        let edges: Vec<Edge> =
            edges.filter(|e| ids.contains(e.from.as_str()) && ids.contains(e.to.as_str())).cloned().collect();
        let checks = Checks { codes: None, edges_max: LINKS_MAX, orphans: true, share_slack: 1e-6 };
        Graph::check(Raw { nodes: nodes.clone(), edges }, &checks).map_err(|f| Refusal::internal(format!("{f:?}")))
    }

    /// The day that a request names; none: today.
    pub(crate) fn chain_day(&self, text: &str) -> Result<Date> {
        if text.trim().is_empty() { self.today() } else { day_of("day", text) }
    }

    /// Does a place lie in a division?
    pub(crate) fn place_test(&self, division: DivisionCode) -> impl Fn(&str) -> bool + Copy {
        move |place: &str| place.parse::<DivisionCode>().is_ok_and(|p| division.covers(p))
    }

    /// The graph of a day.
    pub async fn chain_graph(&self, scope: &Scope, id: i64, day: &str, revision: i64) -> Result<ChainGraph> {
        let held = self.chain_held(scope, id, revision).await?;
        let day = self.chain_day(day)?;
        let graph = self.seen(scope, &held.chain, &held.graph.on(day)).await?;
        let filter = ChainCaseFilter { kind: "task".into(), chain: Some(id), ..Default::default() };
        let tasks = self.store().read(scope).list_chain_cases(&filter).await?;
        let confidence = float(&self.chain_rules()?.confidence_min);
        let mut view = columns(&graph, confidence, self.place_test(held.chain.division));
        for (at, node) in graph.nodes().iter().enumerate().filter(|(_, n)| n.kind == NodeKind::Product) {
            let of_node = tasks.iter().filter(|t| t.subject == node.id && t.state != "dropped");
            let done = of_node.clone().any(|t| t.state == "confirmed");
            view.nodes.task[at] = match (done, of_node.count()) {
                (true, _) => "done",
                (false, 0) => "",
                (false, _) => "task",
            }
            .to_owned();
        }
        let places: BTreeSet<DivisionCode> =
            graph.nodes().iter().filter_map(|n| n.place.as_deref()?.parse().ok()).collect();
        view.places = places.into_iter().map(|d| self.division_view(d)).collect();
        view.revision = held.revision;
        view.day = day.to_string();
        Ok(view)
    }

    /// One node with everything that is known of it.
    pub async fn chain_node(&self, scope: &Scope, id: i64, node: &str, day: &str) -> Result<ChainNodeView> {
        let held = self.chain_held(scope, id, 0).await?;
        let day = self.chain_day(day)?;
        let graph = self.seen(scope, &held.chain, &held.graph.on(day)).await?;
        let at = graph.find(node).ok_or_else(|| Refusal::not_found("节点", "node", node))?;
        let found = &graph.nodes()[at];
        let counts = float(&self.chain_rules()?.confidence_min);
        let mut links = Vec::new();
        for (edge, (from, to)) in graph.edges().iter().zip(graph.ends()) {
            let (way, other) = match (*from as usize == at, *to as usize == at) {
                (true, _) => ("out", *to),
                (_, true) => ("in", *from),
                _ => continue,
            };
            let other = &graph.nodes()[other as usize];
            links.push(ChainLinkView {
                way: way.to_owned(),
                kind: word(&edge.kind),
                node: other.id.clone(),
                name: other.name.clone(),
                node_kind: word(&other.kind),
                share: edge.share,
                amount: edge.amount,
                confidence: edge.confidence,
                counts: edge.confidence >= counts,
                from: edge.valid_from.map(|d| d.to_string()),
                until: edge.valid_until.map(|d| d.to_string()),
                evidence: edge
                    .evidence
                    .iter()
                    .map(|e| EvidenceView {
                        source: e.source.clone(),
                        author: e.author.clone(),
                        noted: e.noted.to_string(),
                    })
                    .collect(),
            });
        }
        links.sort_by(|a, b| {
            let amount = |l: &ChainLinkView| l.amount.or(l.share).unwrap_or(0.0);
            (&a.kind, &a.way).cmp(&(&b.kind, &b.way)).then(amount(b).total_cmp(&amount(a))).then(a.node.cmp(&b.node))
        });
        let terms = held.document.terms.iter().filter(|t| t.buyer == found.id);
        let terms = terms.map(|t| TermsView {
            product: t.product.clone(),
            name: graph.find(&t.product).map_or_else(|| t.product.clone(), |p| graph.nodes()[p].name.clone()),
            essential: t.essential,
            stock_days: t.stock_days,
            outside: t.outside,
            secured: t.secured,
            substitute: t.substitute,
            substitute_from: t.substitute_from,
            source: t.source.clone(),
        });
        let firm = match found.id.strip_prefix("firm:") {
            Some(code) => self.store().read(scope).find_firm_by_code(code).await?.map(|f| f.id),
            None => None,
        };
        let gap = match found.kind == NodeKind::Product && self.whole_sight(scope, &held.chain).is_ok() {
            true => {
                let gaps = self.chain_gaps(scope, id, &day.to_string(), "").await?;
                gaps.rows.into_iter().find(|r| r.product == found.id)
            }
            false => None,
        };
        Ok(ChainNodeView {
            id: found.id.clone(),
            kind: word(&found.kind),
            name: found.name.clone(),
            code: found.code.clone(),
            place: found.place.as_deref().and_then(|p| p.parse().ok()).map(|d| self.division_view(d)),
            output: found.output,
            from: found.from.map(|d| d.to_string()),
            until: found.until.map(|d| d.to_string()),
            firm,
            links,
            terms: terms.collect(),
            gap,
        })
    }

    /// Changes a chain.
    pub async fn change_chain(&self, scope: &Scope, id: i64, request: ChainChangeRequest) -> Result<ChainDetail> {
        if request.ops.is_empty() {
            return Err(Refusal::invalid("ops", "没有要改的内容。", "There is nothing to change."));
        }
        let changes = Changes { ops: request.ops, ruling: None, today: self.today()? };
        self.add_changes(scope, id, request.revision, "changed", &request.reason, changes).await?;
        self.get_chain(scope, id).await
    }

    /// Adds a revision of changes; refused with every fault when the result is no chain.
    pub(crate) async fn add_changes(
        &self,
        scope: &Scope,
        id: i64,
        seen: i64,
        kind: &str,
        reason: &str,
        changes: Changes,
    ) -> Result<Arc<Held>> {
        let held = self.chain_held(scope, id, 0).await?;
        self.leads_chain(scope, &held.chain)?;
        let prepared = self.prepare_changes(&held, seen, kind, reason, &changes, scope.actor()).await?;
        let mut tx = self.store().begin(scope).await?;
        self.write_revision(&mut tx, &held.chain, seen, &prepared).await?;
        tx.commit().await?;
        self.chain_held(scope, id, 0).await
    }

    /// Checks changes and makes the revision of them.
    pub(crate) async fn prepare_changes(
        &self,
        held: &Held,
        seen: i64,
        kind: &str,
        reason: &str,
        changes: &Changes,
        actor: &str,
    ) -> Result<Prepared> {
        if reason.trim().is_empty() {
            return Err(Refusal::invalid("reason", "请写理由。", "Give a reason."));
        }
        if held.revision != seen {
            return Err(Refusal::new(
                Kind::Conflict,
                "conflict",
                format!("您看到的是第 {seen} 版，现在已是第 {} 版；请重新打开后再改。", held.revision),
                format!("You saw revision {seen}; it is {} now. Open it again.", held.revision),
            ));
        }
        let mut document = held.document.clone();
        changes.apply(&mut document, actor)?;
        self.checked(&document).map_err(|faults| refused_by(&faults))?;
        let (bytes, digest) = packed(&document)?;
        let system = Scope::system("chains", self.settings().root);
        let base = self.store().read(&system).whole_revision(held.chain.id, seen).await?.unwrap_or(0);
        Ok(Prepared {
            kind: kind.to_owned(),
            reason: reason.trim().to_owned(),
            // Long rows of changes would have to be gone through at each start.
            whole: (seen - base >= CHANGES_MAX).then_some(bytes),
            changes: serde_json::to_value(changes).map_err(Refusal::internal)?,
            digest,
        })
    }

    /// Writes a prepared revision within somebody's transaction.
    pub(crate) async fn write_revision(
        &self,
        tx: &mut store::Tx,
        chain: &Chain,
        seen: i64,
        prepared: &Prepared,
    ) -> Result<()> {
        let whole = match &prepared.whole {
            Some(bytes) => Some(tx.put_object(bytes, ObjectAccess::office(chain.division)).await?),
            None => None,
        };
        let revision = NewRevision {
            kind: prepared.kind.clone(),
            reason: prepared.reason.clone(),
            whole,
            changes: prepared.changes.clone(),
            digest: prepared.digest,
        };
        tx.insert_revision(chain.id, seen, &revision).await?;
        tx.audit(
            NewAudit::new(format!("chain.{}", prepared.kind), format!("chain:{}", chain.id), chain.division)
                .with(json!({ "revision": seen + 1, "digest": prepared.digest.hex(), "reason": prepared.reason })),
        );
        Ok(())
    }

    /// Reads a graph from files and, unless it is a trial or faulty, makes it the chain's.
    pub async fn import_chain(
        &self,
        scope: &Scope,
        id: i64,
        seen: i64,
        reason: &str,
        trial: bool,
        files: Vec<(String, Vec<u8>)>,
    ) -> Result<ChainImportReport> {
        let held = self.chain_held(scope, id, 0).await?;
        self.leads_chain(scope, &held.chain)?;
        let read = tokio::task::spawn_blocking(move || read_files(files)).await.map_err(Refusal::internal)??;
        let raw = match read {
            Ok(raw) => raw,
            Err(faults) => return Ok(report_of(&faults)),
        };
        let (nodes, links) = (raw.nodes.len() as u64, raw.edges.len() as u64);
        let document = Document { graph: raw, ..held.document.clone() };
        let graph = match self.checked(&document) {
            Ok(graph) => graph,
            Err(faults) => return Ok(ChainImportReport { nodes, links, ..report_of(&faults) }),
        };
        let differs = held.graph.difference(&graph);
        let mut report = ChainImportReport {
            kept: false,
            revision: None,
            nodes,
            links,
            nodes_new: differs.nodes_new.len() as u64,
            nodes_changed: differs.nodes_changed.len() as u64,
            nodes_gone: differs.nodes_gone.len() as u64,
            links_new: differs.edges_new.len() as u64,
            links_gone: differs.edges_gone.len() as u64,
            faults: Vec::new(),
            faults_more: 0,
        };
        if !trial {
            self.keep_whole(scope, &held, seen, reason, "imported", document).await?;
            report.kept = true;
            report.revision = Some(seen + 1);
        }
        Ok(report)
    }

    /// Makes a whole document the next revision.
    pub(crate) async fn keep_whole(
        &self,
        scope: &Scope,
        held: &Held,
        seen: i64,
        reason: &str,
        kind: &str,
        document: Document,
    ) -> Result<()> {
        let changes = Changes { ops: Vec::new(), ruling: None, today: self.today()? };
        let mut prepared = self.prepare_changes(held, seen, kind, reason, &changes, scope.actor()).await?;
        let (bytes, digest) = packed(&document)?;
        prepared.whole = Some(bytes);
        prepared.digest = digest;
        let mut tx = self.store().begin(scope).await?;
        self.write_revision(&mut tx, &held.chain, seen, &prepared).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Evidence lines from a CSV file, added to those that are there.
    pub async fn import_claims(
        &self,
        scope: &Scope,
        id: i64,
        seen: i64,
        reason: &str,
        bytes: &[u8],
    ) -> Result<ChainImportReport> {
        let held = self.chain_held(scope, id, 0).await?;
        self.leads_chain(scope, &held.chain)?;
        let (claims, mut faults) = read_claims(bytes, scope.actor())?;
        let count = claims.len() as u64;
        let mut document = held.document.clone();
        for claim in claims {
            if !document.claims.contains(&claim) {
                document.claims.push(claim);
            }
        }
        if let Err(more) = self.checked(&document) {
            faults.extend(more);
        }
        if !faults.is_empty() {
            return Ok(ChainImportReport { links: count, ..report_of(&faults) });
        }
        let added = (document.claims.len() - held.document.claims.len()) as u64;
        if added > 0 {
            self.keep_whole(scope, &held, seen, reason, "imported", document).await?;
        }
        Ok(ChainImportReport {
            kept: added > 0,
            revision: (added > 0).then_some(seen + 1),
            links: count,
            links_new: added,
            ..report_of(&[])
        })
    }

    /// The chain of a day in a format that another installation opens.
    pub async fn export_chain(&self, scope: &Scope, id: i64, format: &str, day: &str) -> Result<FileOut> {
        let held = self.chain_held(scope, id, 0).await?;
        let graph = match day.trim() {
            "" => held.graph.clone(),
            day => held.graph.on(day_of("day", day)?),
        };
        let raw = self.seen(scope, &held.chain, &graph).await?.to_raw();
        let (text, name, mime): (String, &str, &'static str) = match format {
            "json" => (chain::exchange::to_json(&raw).map_err(refused_one)?, "json", "application/json"),
            "graphml" => (chain::graphml::to_graphml(&raw).map_err(refused_one)?, "graphml", "application/xml"),
            "nodes.csv" => (chain::exchange::to_csv(&raw).map_err(refused_one)?.0, "nodes.csv", "text/csv"),
            "edges.csv" => (chain::exchange::to_csv(&raw).map_err(refused_one)?.1, "edges.csv", "text/csv"),
            other => {
                return Err(Refusal::invalid(
                    "format",
                    format!("格式“{other}”不可用；可用：json、graphml、nodes.csv、edges.csv。"),
                    format!("`{other}` is no format; allowed: json, graphml, nodes.csv, edges.csv."),
                ));
            }
        };
        let bytes = text.into_bytes();
        let mut tx = self.store().begin(scope).await?;
        tx.audit(
            NewAudit::new("chain.export", format!("chain:{id}"), held.chain.division)
                .with(json!({ "format": format, "revision": held.revision })),
        );
        tx.commit().await?;
        Ok(FileOut {
            name: format!("{}-{}.{name}", held.chain.title, held.revision),
            mime,
            digest: Digest::of(&bytes),
            rows: Some(raw.nodes.len() as u64),
            bytes,
        })
    }

    /// A division as pages show it.
    pub(crate) fn chain_place(&self, code: &str) -> Option<DivisionView> {
        code.parse().ok().map(|d| self.division_view(d))
    }
}

/// The changes of a revision.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub(crate) struct Changes {
    /// To nodes, links and terms.
    #[serde(default)]
    pub ops: Vec<ChainOp>,
    /// A decision about a placement.
    #[serde(default)]
    pub ruling: Option<chain::placement::Ruling>,
    /// The day that evidence is noted under.
    pub today: Date,
}

impl Changes {
    pub fn apply(&self, document: &mut Document, author: &str) -> Result<()> {
        apply(document, &self.ops, author, self.today)?;
        if let Some(ruling) = &self.ruling {
            document
                .rulings
                .retain(|r| !(r.firm == ruling.firm && r.product == ruling.product && r.decided == ruling.decided));
            document.rulings.push(ruling.clone());
        }
        Ok(())
    }
}

/// A revision that was checked and waits to be written.
#[derive(Clone, Debug)]
pub(crate) struct Prepared {
    pub kind: String,
    pub reason: String,
    pub whole: Option<Vec<u8>>,
    pub changes: serde_json::Value,
    pub digest: Digest,
}

fn packed(document: &Document) -> Result<(Vec<u8>, Digest)> {
    let text = document.canonical().map_err(refused_one)?;
    let digest = Digest::of(text.as_bytes());
    let bytes = zstd::encode_all(text.as_bytes(), 3).map_err(Refusal::internal)?;
    Ok((bytes, digest))
}

fn unpacked(bytes: &[u8]) -> Result<Document> {
    let text = zstd::decode_all(bytes).map_err(Refusal::internal)?;
    serde_json::from_slice(&text).map_err(Refusal::internal)
}

fn report_of(faults: &[Fault]) -> ChainImportReport {
    ChainImportReport {
        kept: false,
        revision: None,
        nodes: 0,
        links: 0,
        nodes_new: 0,
        nodes_changed: 0,
        nodes_gone: 0,
        links_new: 0,
        links_gone: 0,
        faults: faults.iter().take(FAULTS_MAX).map(fault_view).collect(),
        faults_more: faults.len().saturating_sub(FAULTS_MAX) as u64,
    }
}

/// A graph out of the files of an upload, by their names.
fn read_files(files: Vec<(String, Vec<u8>)>) -> Result<std::result::Result<Raw, Vec<Fault>>> {
    let mut texts: Vec<(String, String)> = Vec::new();
    for (name, bytes) in files {
        let text = String::from_utf8(bytes).map_err(|_| {
            Refusal::invalid("file", format!("{name} 不是 UTF-8 文本。"), format!("{name} is not UTF-8 text."))
        })?;
        texts.push((name, text.trim_start_matches('\u{feff}').to_owned()));
    }
    let of = |ending: &str| texts.iter().find(|(name, _)| name.to_lowercase().ends_with(ending)).map(|(_, t)| t);
    if let Some(text) = of(".json") {
        return Ok(chain::exchange::from_json(text).map_err(|fault| vec![fault]));
    }
    if let Some(text) = of(".graphml") {
        return Ok(chain::graphml::from_graphml(text));
    }
    match (of("nodes.csv"), of("edges.csv")) {
        (Some(nodes), Some(edges)) => Ok(chain::exchange::from_csv(nodes, edges)),
        _ => Err(Refusal::invalid(
            "file",
            "请上传 .json 或 .graphml 文件，或名为 nodes.csv 和 edges.csv 的两个文件。",
            "Send a .json or .graphml file, or two files named nodes.csv and edges.csv.",
        )),
    }
}

const CLAIM_COLUMNS: [&str; 7] = ["firm", "kind", "text", "code", "amount", "source", "noted"];

/// Evidence lines out of a CSV file, with the faults of the rest.
fn read_claims(bytes: &[u8], author: &str) -> Result<(Vec<chain::placement::Claim>, Vec<Fault>)> {
    let text = std::str::from_utf8(bytes)
        .map_err(|_| Refusal::invalid("file", "文件不是 UTF-8 文本。", "The file is not UTF-8 text."))?
        .trim_start_matches('\u{feff}');
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
    let head: Vec<String> = reader.headers().map_err(Refusal::internal)?.iter().map(|h| h.trim().to_owned()).collect();
    let missing: Vec<&str> = CLAIM_COLUMNS.into_iter().filter(|c| !head.iter().any(|h| h == c)).collect();
    if !missing.is_empty() {
        return Err(Refusal::invalid(
            "file",
            format!("缺少列：{}；应有 {}。", missing.join("、"), CLAIM_COLUMNS.join("、")),
            format!("Columns missing: {}; needed: {}.", missing.join(", "), CLAIM_COLUMNS.join(", ")),
        ));
    }
    let column: HashMap<&str, usize> =
        CLAIM_COLUMNS.into_iter().filter_map(|c| Some((c, head.iter().position(|h| h == c)?))).collect();
    let (mut claims, mut faults) = (Vec::new(), Vec::new());
    for (line, record) in reader.records().enumerate() {
        let place = format!("line {}", line + 2);
        let record = match record {
            Ok(record) => record,
            Err(e) => {
                faults.push(Fault::new(chain::Code::Text, place, e.to_string(), "a row of CSV is allowed"));
                continue;
            }
        };
        let cell = |name: &str| record.get(column[name]).unwrap_or("").trim().to_owned();
        let some = |text: String| (!text.is_empty()).then_some(text);
        let kind = serde_json::from_value(json!(cell("kind")));
        let noted = cell("noted").parse::<Date>();
        let amount = some(cell("amount")).map(|t| t.parse::<f64>()).transpose();
        match (kind, noted, amount) {
            (Ok(kind), Ok(noted), Ok(amount)) => claims.push(chain::placement::Claim {
                firm: cell("firm"),
                kind,
                text: some(cell("text")),
                code: some(cell("code")).map(|code| chain::placement::Classified {
                    scheme: match code.len() > 4 {
                        true => chain::placement::Scheme::Product,
                        false => chain::placement::Scheme::Industry,
                    },
                    code,
                }),
                amount,
                evidence: Evidence { source: cell("source"), author: author.to_owned(), noted },
            }),
            (kind, noted, amount) => {
                let allowed = "kind declares, sells, buys, patents or licensed, a day such as 2026-03-15 and an amount in digits are allowed";
                let found = [
                    kind.err().map(|_| format!("kind {:?}", cell("kind"))),
                    noted.err().map(|_| format!("day {:?}", cell("noted"))),
                    amount.err().map(|_| format!("amount {:?}", cell("amount"))),
                ];
                let found: Vec<String> = found.into_iter().flatten().collect();
                faults.push(Fault::new(chain::Code::Text, place, found.join(", "), allowed));
            }
        }
    }
    Ok((claims, faults))
}

/// Nodes and links by columns.
fn columns(graph: &Graph, confidence: f64, local: impl Fn(&str) -> bool) -> ChainGraph {
    let nodes = graph.nodes();
    let mut parent: Vec<Option<u32>> = vec![None; nodes.len()];
    let mut best: Vec<f64> = vec![-1.0; nodes.len()];
    let mut makers = vec![(0u32, 0u32); nodes.len()];
    for (edge, (from, to)) in graph.edges().iter().zip(graph.ends()) {
        let (from, to) = (*from as usize, *to as usize);
        // What a node belongs to most; of what is equally much the first by id.
        let weight = match edge.kind {
            EdgeKind::Belongs | EdgeKind::Builds | EdgeKind::Serves | EdgeKind::WorksOn | EdgeKind::Funds => 0.0,
            EdgeKind::Places => edge.share.unwrap_or(0.0),
            _ => continue,
        };
        if weight > best[from] {
            best[from] = weight;
            parent[from] = Some(to as u32);
        }
        if edge.kind == EdgeKind::Places && edge.confidence >= confidence {
            makers[to].0 += 1;
            makers[to].1 += u32::from(nodes[from].place.as_deref().is_some_and(&local));
        }
    }
    let cover = |at: usize| match (nodes[at].kind, makers[at]) {
        (NodeKind::Product, (0, _)) => "missing",
        (NodeKind::Product, (_, 0)) => "missing",
        (NodeKind::Product, (1, _)) => "single",
        (NodeKind::Product, (_, 1)) => "few",
        (NodeKind::Product, _) => "covered",
        _ => "",
    };
    ChainGraph {
        revision: 0,
        day: String::new(),
        nodes: NodeColumns {
            id: nodes.iter().map(|n| n.id.clone()).collect(),
            kind: nodes.iter().map(|n| word(&n.kind)).collect(),
            name: nodes.iter().map(|n| n.name.clone()).collect(),
            place: nodes.iter().map(|n| n.place.clone()).collect(),
            output: nodes.iter().map(|n| n.output).collect(),
            parent,
            cover: (0..nodes.len()).map(|at| cover(at).to_owned()).collect(),
            task: vec![String::new(); nodes.len()],
        },
        links: LinkColumns {
            from: graph.ends().iter().map(|(from, _)| *from).collect(),
            to: graph.ends().iter().map(|(_, to)| *to).collect(),
            kind: graph.edges().iter().map(|e| word(&e.kind)).collect(),
            confidence: graph.edges().iter().map(|e| e.confidence).collect(),
            amount: graph.edges().iter().map(|e| e.amount).collect(),
            share: graph.edges().iter().map(|e| e.share).collect(),
        },
        places: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document() -> Document {
        let node = |id: &str, kind: NodeKind| Node {
            id: id.into(),
            kind,
            name: id.into(),
            code: Some("3424".into()),
            place: None,
            output: None,
            from: None,
            until: None,
        };
        let raw = Raw {
            nodes: vec![node("firm:a", NodeKind::Firm), node("product:p", NodeKind::Product)],
            edges: Vec::new(),
        };
        Document { graph: raw, ..Document::default() }
    }

    fn link(amount: f64) -> ChainOp {
        ChainOp::PutLink {
            from: "firm:a".into(),
            to: "product:p".into(),
            kind: "places".into(),
            share: Some(amount),
            amount: None,
            confidence: 0.9,
            source: "发票".into(),
            valid_from: Some("2026-01-01".into()),
        }
    }

    #[test]
    fn changes_keep_what_was_known_and_name_what_is_wrong() {
        let mut at = document();
        let today = Date::constant(2026, 3, 1);
        apply(&mut at, &[link(0.5), link(0.7)], "li", today).unwrap();
        assert_eq!(
            (at.graph.edges.len(), at.graph.edges[0].share, at.graph.edges[0].evidence.len()),
            (1, Some(0.7), 2)
        );
        let end = ChainOp::EndNode { id: "firm:a".into(), day: "2026-06-01".into() };
        apply(&mut at, &[end], "li", today).unwrap();
        assert_eq!(at.graph.edges[0].valid_until, Some(Date::constant(2026, 6, 1)));
        let wrong =
            ChainOp::EndLink { from: "x".into(), to: "y".into(), kind: "flies".into(), day: "2026-06-01".into() };
        assert_eq!(apply(&mut at, &[wrong], "li", today).unwrap_err().code, "kind");
    }

    #[test]
    fn a_chain_packs_and_unpacks_to_itself() {
        let at = document();
        let (bytes, digest) = packed(&at).unwrap();
        assert_eq!(packed(&unpacked(&bytes).unwrap()).unwrap(), (bytes, digest));
    }

    #[test]
    fn evidence_lines_with_faults_are_named_by_line() {
        let text = "firm,kind,text,code,amount,source,noted\nfirm:a,sells,主轴轴承,3451,12,发票,2026-01-02\nfirm:a,flies,x,,,发票,never\n";
        let (claims, faults) = read_claims(text.as_bytes(), "li").unwrap();
        assert_eq!((claims.len(), faults.len(), faults[0].place.as_str()), (1, 1, "line 3"));
        assert!(read_claims(b"firm,kind\n", "li").is_err());
    }
}
