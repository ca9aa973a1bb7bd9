//! What a chain's graph comes to: the network of a day, the figures of every product in a place with what
//! follows from them, firms placed on products by evidence.

use crate::{
    Refusal, Result, Services,
    chain_views::*,
    chains::{Changes, Held, Sight, float_of, refused_by, refused_one},
    views::{HistoryItem, Label},
};
use base::{DivisionCode, Scope};
use chain::document::Document;
use chain::gaps::{Figures, Finding, Relation, Step, Test, Thresholds, figures, findings};
use chain::graph::word;
use chain::measures::{Coverage, location_quotient, supply};
use chain::model::{Ground, Model};
use chain::placement::{
    self, Catalogue, Classified, Decision, Placement, Rules, Ruling, Scheme, Strengths, Verdict, Weights,
};
use chain::shock::{InputRule, Shortage, Stop};
use chain::space::{Trade, density, proximity};
use chain::{EdgeKind, Graph, NodeKind};
use jiff::civil::Date;
use law::chain::{ChainProduct, ChainTemplate};
use law::chain_rules::{ChainRules, float};
use law::scheme::{Param, Standing};
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Days of a year over which a year's value is spread: stocks and stops are counted in calendar days.
const DAYS_IN_YEAR: f64 = 365.0;
/// Sales above output that are taken for rounding.
const SALES_SLACK: f64 = 0.001;
/// Bounds between the bins by which stated confidence is compared with labels.
const BINS: [f64; 4] = [0.2, 0.4, 0.6, 0.8];

/// The product of a template behind a node.
pub(crate) fn product_of<'t>(template: &'t ChainTemplate, node: &str) -> Option<&'t ChainProduct> {
    template.product(node.strip_prefix("product:")?)
}

/// How a firm depends on an input where nothing is stated: as the template says of the product, else as the
/// rules say of all.
fn assumed_rule(template: &ChainTemplate, rules: &ChainRules, made: &[String], input: &str) -> InputRule {
    let product = product_of(template, input);
    let uses = made.iter().filter_map(|m| product_of(template, m)).flat_map(|p| &p.made_of);
    let stated = uses.filter(|i| format!("product:{}", i.product) == input).find_map(|i| i.essential);
    let substitute = product.and_then(|p| p.substitutes.first());
    InputRule {
        essential: stated.unwrap_or(rules.defaults.essential),
        stock_days: float_of(product.and_then(|p| p.stock_days.as_ref()))
            .unwrap_or_else(|| float(&rules.defaults.stock_days)),
        outside: 0.0,
        secured: 0.0,
        substitute: substitute.map_or(0.0, |s| float(&s.share)),
        substitute_from: substitute.map_or(0, |s| float(&s.ready_days) as u32),
    }
}

/// The network of a graph, with `terms` of the document.
pub(crate) fn model(document: &Document, graph: &Graph, template: &ChainTemplate, rules: &ChainRules) -> Result<Model> {
    let mut made: BTreeMap<u32, Vec<String>> = BTreeMap::new();
    for (edge, (from, _)) in graph.edges().iter().zip(graph.ends()).filter(|(e, _)| e.kind == EdgeKind::Places) {
        made.entry(*from).or_default().push(edge.to.clone());
    }
    let assumed = |graph: &Graph, buyer: usize, product: usize| {
        let made = made.get(&(buyer as u32)).map(Vec::as_slice).unwrap_or_default();
        assumed_rule(template, rules, made, &graph.nodes()[product].id)
    };
    let ground = Ground {
        confidence: float(&rules.confidence_min),
        days_in_year: DAYS_IN_YEAR,
        slack: SALES_SLACK,
        terms: &document.terms,
        assumed: &assumed,
    };
    Model::new(graph, &ground).map_err(|faults| refused_by(&faults))
}

fn thresholds(rules: &ChainRules) -> Thresholds {
    let gaps = &rules.gaps;
    Thresholds {
        coverage_min: float(&gaps.coverage_min),
        demand_min: float(&gaps.demand_min),
        sources_min: float(&gaps.sources_min) as usize,
        hhi_max: float(&gaps.hhi_max),
        import_max: float(&gaps.import_max),
        substitute_min: float(&gaps.substitute_min),
        density_min: float(&gaps.density_min),
        lq_min: float(&gaps.lq_min),
        tier_min: float(&gaps.tier_min),
        local_share_min: float(&gaps.local_share_min),
    }
}

fn step_name(step: Step) -> &'static str {
    match step {
        Step::Build => "build",
        Step::Fill => "fill",
        Step::Extend => "extend",
        Step::Strengthen => "strengthen",
    }
}

fn finding_view(finding: &Finding) -> FindingView {
    let test = |t: &Test| TestView {
        what: t.what.to_owned(),
        value: t.value,
        relation: match t.relation {
            Relation::Below => "below",
            Relation::AtLeast => "at_least",
        }
        .to_owned(),
        threshold: t.threshold,
        holds: t.holds(),
    };
    FindingView {
        step: step_name(finding.step).to_owned(),
        holds: finding.holds,
        all_of: finding.all_of.iter().map(|group| group.iter().map(test).collect()).collect(),
        factors: finding
            .factors
            .iter()
            .map(|(what, value)| FactorView { what: (*what).to_owned(), value: *value })
            .collect(),
        rank: finding.rank,
    }
}

/// Figures of all products in a place.
struct Place<'a> {
    graph: &'a Graph,
    model: &'a Model,
    template: &'a ChainTemplate,
    rules: &'a ChainRules,
    division: DivisionCode,
}

impl Place<'_> {
    fn local(&self, place: Option<&str>) -> bool {
        place.and_then(|p| p.parse::<DivisionCode>().ok()).is_some_and(|p| self.division.covers(p))
    }

    /// Which of the places of the same depth as ours a firm is in.
    fn peer(&self, place: &str) -> String {
        let digits = match self.division.level() {
            base::division::Level::Province => 2,
            base::division::Level::City => 4,
            base::division::Level::County => 6,
        };
        place.chars().take(digits).collect()
    }

    /// Nearness of every product node to what the place makes; none where the graph knows too little.
    fn density(&self) -> BTreeMap<usize, f64> {
        let mut output: BTreeMap<(String, usize), f64> = BTreeMap::new();
        for (edge, (firm, product)) in self.graph.edges().iter().zip(self.graph.ends()) {
            let node = &self.graph.nodes()[*firm as usize];
            if edge.kind == EdgeKind::Places
                && edge.confidence >= float(&self.rules.confidence_min)
                && let (Some(all), Some(share), Some(place)) = (node.output, edge.share, &node.place)
            {
                *output.entry((self.peer(place), *product as usize)).or_default() += all * share;
            }
        }
        let places: Vec<&String> = output.keys().map(|(p, _)| p).collect::<BTreeSet<_>>().into_iter().collect();
        let products: Vec<usize> = output.keys().map(|(_, p)| *p).collect::<BTreeSet<_>>().into_iter().collect();
        let own = self.peer(&self.division.to_string());
        let found = || -> Option<BTreeMap<usize, f64>> {
            let here = places.iter().position(|p| **p == own)?;
            let cells: Vec<(u32, u32, f64)> = output
                .iter()
                .filter(|(_, amount)| **amount > 0.0)
                .map(|((place, product), amount)| {
                    let place = places.binary_search(&place).unwrap_or(0) as u32;
                    (place, products.binary_search(product).unwrap_or(0) as u32, *amount)
                })
                .collect();
            let trade = Trade::new(places.len(), products.len(), &cells).ok()?;
            let (kept, kept_places, kept_products) = trade.present(1.0).without_empty();
            let row = kept_places.binary_search(&(here as u32)).ok()?;
            let near = density(&kept, &proximity(&kept).ok()?).ok()?;
            let of = |(at, product): (usize, &u32)| (products[*product as usize], near[row * kept_products.len() + at]);
            Some(kept_products.iter().enumerate().map(of).collect())
        };
        found().unwrap_or_default()
    }

    /// What the place's firms need of each product in a year, as far as the network knows, and how much of that
    /// comes from abroad.
    fn demand(&self) -> BTreeMap<u32, (f64, f64)> {
        let mut out: BTreeMap<u32, (f64, f64)> = BTreeMap::new();
        for input in self.model.network.inputs() {
            let buyer = self.model.firms[input.buyer as usize] as usize;
            let Some(node) = self.model.products.get(input.product as usize).copied().flatten() else { continue };
            if self.local(self.graph.nodes()[buyer].place.as_deref()) && input.rule.outside < 1.0 {
                let need = input.amount / (1.0 - input.rule.outside) * DAYS_IN_YEAR;
                let of = out.entry(node).or_default();
                of.0 += need;
                of.1 += need * input.rule.outside;
            }
        }
        out
    }

    /// Part of all output that is lost when every source of a product stops as the rules say.
    fn criticality(&self, shortage: &Shortage) -> BTreeMap<u32, f64> {
        let (days, horizon) = (float(&self.rules.stress.days) as u32, float(&self.rules.stress.horizon) as u32);
        let network = &self.model.network;
        let products: Vec<(u32, u32)> =
            self.model.products.iter().enumerate().filter_map(|(at, node)| Some((at as u32, (*node)?))).collect();
        let loss = |(number, node): &(u32, u32)| {
            let makers = network.firms().iter().enumerate().filter(|(_, f)| f.product == *number);
            let mut stops: Vec<Stop> =
                makers.map(|(firm, _)| Stop { firm: firm as u32, share: 1.0, from_day: 0, days }).collect();
            stops.push(Stop { firm: network.abroad(*number), share: 1.0, from_day: 0, days });
            shortage.run(&stops, horizon).ok().map(|loss| (*node, loss.share))
        };
        products.par_iter().filter_map(loss).collect()
    }

    fn rows(&self) -> Result<(Vec<GapRow>, Coverage)> {
        let confidence = float(&self.rules.confidence_min);
        let local = |place: &str| self.local(Some(place));
        let supplied = supply(self.graph, confidence, local);
        let coverage = Coverage::of(supplied.iter().map(|s| !s.local.is_empty()));
        let mut all = figures(self.graph, &supplied).map_err(refused_one)?;
        let sum = |side: &[(usize, f64)]| side.iter().map(|(_, amount)| amount).sum::<f64>();
        let here: f64 = supplied.iter().map(|s| sum(&s.local)).sum();
        let whole: f64 = here + supplied.iter().map(|s| sum(&s.outside)).sum::<f64>();
        let (near, demand) = (self.density(), self.demand());
        let critical = self.criticality(&Shortage::new(&self.model.network));
        let overlays = self.overlays();
        let limits = thresholds(self.rules);
        let mut rows = Vec::with_capacity(all.len());
        for (figure, row) in all.iter_mut().zip(&supplied) {
            let node = row.product;
            let product = product_of(self.template, &figure.product);
            let mut unverified = Vec::new();
            let mut take = |what: &str, param: Option<&Param>| {
                if let Some(Param { standing: Standing::Unverified { .. }, .. }) = param {
                    unverified.push(what.to_owned());
                }
                float_of(param)
            };
            figure.tier = take("tier", product.and_then(|p| p.tier.as_ref()));
            figure.margin = take("margin", product.and_then(|p| p.margin.as_ref()));
            figure.growth = take("growth", product.and_then(|p| p.growth.as_ref()));
            let need = demand.get(&(node as u32)).copied();
            figure.demand = need.map(|(all, _)| all);
            // What firms say of their purchases goes before what a template says of the country.
            figure.import_share = match need {
                Some((all, abroad)) if all > 0.0 => Some(abroad / all),
                _ => take("import_share", product.and_then(|p| p.import_share.as_ref())),
            };
            figure.location_quotient =
                location_quotient(sum(&row.local), here, sum(&row.local) + sum(&row.outside), whole)
                    .map_err(refused_one)?;
            figure.density = near.get(&node).copied();
            figure.criticality = critical.get(&(node as u32)).copied();
            rows.push(self.row(figure, coverage, &limits, overlays.get(&node), unverified));
        }
        Ok((rows, coverage))
    }

    fn row(
        &self,
        figure: &Figures,
        coverage: Coverage,
        limits: &Thresholds,
        overlay: Option<&OverlayView>,
        unverified: Vec<String>,
    ) -> GapRow {
        let found = findings(figure, coverage, limits);
        let mut called: Vec<&Finding> = found.iter().filter(|f| f.holds == Some(true)).collect();
        // Filling comes before the rest: what nobody makes here cannot be extended or strengthened.
        called.sort_by_key(|f| match f.step {
            Step::Fill => 0,
            Step::Strengthen => 1,
            Step::Extend => 2,
            Step::Build => 3,
        });
        let name =
            |id: &str| self.graph.find(id).map_or_else(|| id.to_owned(), |at| self.graph.nodes()[at].name.clone());
        let stage = self.graph.edges().iter().find(|e| e.kind == EdgeKind::Belongs && e.from == figure.product);
        GapRow {
            product: figure.product.clone(),
            name: name(&figure.product),
            stage: stage.map(|e| name(&e.to)).unwrap_or_default(),
            makers: figure.makers.map(|n| n as u64),
            sources: figure.sources.map(|n| n as u64),
            local_share: figure.local_share,
            hhi: figure.hhi,
            import_share: figure.import_share,
            location_quotient: figure.location_quotient,
            density: figure.density,
            demand: figure.demand,
            criticality: figure.criticality,
            tier: figure.tier,
            substitutes: figure
                .substitutes
                .iter()
                .map(|(id, share)| SubstituteView { product: id.clone(), name: name(id), share: *share })
                .collect(),
            steps: called.iter().map(|f| step_name(f.step).to_owned()).collect(),
            findings: found.iter().map(finding_view).collect(),
            overlay: overlay.cloned().unwrap_or_else(OverlayView::nothing),
            task: None,
            unverified,
        }
    }

    /// Firms, technologies, people and money by product node.
    fn overlays(&self) -> BTreeMap<usize, OverlayView> {
        let nodes = self.graph.nodes();
        let mut out: BTreeMap<usize, OverlayView> = (0..nodes.len())
            .filter(|at| nodes[*at].kind == NodeKind::Product)
            .map(|at| (at, OverlayView::nothing()))
            .collect();
        // Products behind a firm, project or technology.
        let mut behind: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
        let links =
            || self.graph.edges().iter().zip(self.graph.ends()).map(|(e, (a, b))| (e, *a as usize, *b as usize));
        for (edge, from, to) in links() {
            let Some(row) = out.get_mut(&to) else { continue };
            match edge.kind {
                EdgeKind::Places if self.local(nodes[from].place.as_deref()) => row.firms += 1,
                EdgeKind::Builds => row.projects += 1,
                EdgeKind::Serves => row.technologies += 1,
                _ => (),
            }
            if matches!(edge.kind, EdgeKind::Places | EdgeKind::Builds | EdgeKind::Serves) {
                behind.entry(from).or_default().insert(to);
            }
        }
        for (edge, _, to) in links() {
            for product in behind.get(&to).into_iter().flatten() {
                let Some(row) = out.get_mut(product) else { continue };
                match edge.kind {
                    EdgeKind::WorksOn => row.people += 1,
                    EdgeKind::Funds => {
                        row.money += 1;
                        if let Some(amount) = edge.amount {
                            row.funds = Some(row.funds.unwrap_or(0.0) + amount);
                        }
                    }
                    _ => (),
                }
            }
        }
        let names = ["firms", "technologies", "people", "money"];
        let counts: Vec<[u64; 4]> = out.values().map(|o| [o.firms, o.technologies, o.people, o.money]).collect();
        // Each of the four as its rank among all products; ties share the middle.
        let rank = |of: usize, value: u64| {
            let below = counts.iter().filter(|c| c[of] < value).count() as f64;
            let same = counts.iter().filter(|c| c[of] == value).count() as f64;
            (below + (same - 1.0) / 2.0) / (counts.len() as f64 - 1.0).max(1.0)
        };
        for (row, count) in out.values_mut().zip(&counts) {
            if count.iter().all(|n| *n == 0) {
                continue;
            }
            let ranks: [f64; 4] = std::array::from_fn(|of| rank(of, count[of]));
            let by = |a: &usize, b: &usize| ranks[*a].total_cmp(&ranks[*b]).then(b.cmp(a));
            let (Some(low), Some(high)) = ((0..4).min_by(by), (0..4).max_by(by)) else { continue };
            row.mismatch = Some(ranks[high] - ranks[low]);
            if count[low] == 0 && count[high] > 0 {
                row.says = format!("{}_without_{}", names[high], names[low]);
            }
        }
        out
    }
}

impl OverlayView {
    fn nothing() -> Self {
        Self {
            firms: 0,
            projects: 0,
            technologies: 0,
            people: 0,
            money: 0,
            funds: None,
            mismatch: None,
            says: String::new(),
        }
    }
}

/// What firms are matched with: the products of a template.
fn catalogue(template: &ChainTemplate) -> Result<Catalogue> {
    let product = |p: &ChainProduct| placement::Product {
        id: format!("product:{}", p.id),
        codes: p
            .codes
            .iter()
            .map(|code| Classified { scheme: Scheme::Industry, code: code.clone() })
            .chain(p.product_code.iter().map(|code| Classified { scheme: Scheme::Product, code: code.clone() }))
            .collect(),
        terms: std::iter::once(p.title.zh.clone()).chain(p.terms.iter().cloned()).collect(),
        inputs: p.made_of.iter().map(|i| format!("product:{}", i.product)).collect(),
    };
    Catalogue::new(template.products.iter().map(product).collect()).map_err(|faults| refused_by(&faults))
}

impl Services {
    /// The day's graph of a chain as a network, on a thread that may compute.
    pub(crate) async fn chain_model(&self, held: &Arc<Held>, day: Date) -> Result<(Arc<Graph>, Model)> {
        let (services, held) = (self.clone(), held.clone());
        tokio::task::spawn_blocking(move || {
            let graph = held.graph.on(day);
            let model = model(&held.document, &graph, &held.template, services.chain_rules()?)?;
            Ok((Arc::new(graph), model))
        })
        .await
        .map_err(Refusal::internal)?
    }

    /// Every product of a chain in a place (empty: the division that leads it), with what follows.
    pub async fn chain_gaps(&self, scope: &Scope, id: i64, day: &str, place: &str) -> Result<GapsView> {
        let held = self.chain_held(scope, id, 0).await?;
        self.whole_sight(scope, &held.chain)?;
        let day = self.chain_day(day)?;
        let division = match place.trim() {
            "" => held.chain.division,
            code => code.parse().map_err(|_| {
                Refusal::invalid(
                    "place",
                    format!("“{code}”不是行政区划代码，应为六位数字。"),
                    format!("`{code}` is no division code; six digits are allowed."),
                )
            })?,
        };
        let (graph, model) = self.chain_model(&held, day).await?;
        let (services, at) = (self.clone(), held.clone());
        let (mut rows, coverage) = tokio::task::spawn_blocking(move || {
            let rules = services.chain_rules()?;
            Place { graph: &graph, model: &model, template: &at.template, rules, division }.rows()
        })
        .await
        .map_err(Refusal::internal)??;
        let filter = store::ChainCaseFilter { kind: "task".into(), chain: Some(id), ..Default::default() };
        let tasks = self.store().read(scope).list_chain_cases(&filter).await?;
        for row in &mut rows {
            let open = |t: &&store::ChainCase| {
                t.subject == row.product && !matches!(t.state.as_str(), "confirmed" | "dropped")
            };
            row.task = tasks.iter().rev().find(open).map(|t| t.id);
        }
        Ok(GapsView {
            revision: held.revision,
            day: day.to_string(),
            place: self.division_view(division),
            covered: coverage.covered as u64,
            products: coverage.nodes as u64,
            rows,
        })
    }

    /// Numbers by which firms are placed.
    fn placement_rules(&self) -> Result<Rules> {
        let rules = self.chain_rules()?;
        let at = &rules.placement;
        let kind = |kind: law::chain::EvidenceKind| float(at.weight(kind));
        use law::chain::EvidenceKind::{Buys, Declares, Licensed, Patents, Sells};
        Ok(Rules {
            strengths: Strengths {
                code_equal: float(&at.code_equal),
                code_within: float(&at.code_within),
                code_parent: float(&at.code_parent),
                parent_step: float(&at.parent_step),
                name_equal: float(&at.name_equal),
                term_ends: float(&at.term_ends),
                term_inside: float(&at.term_contained),
                buys_inputs: float(&at.buys_inputs),
            },
            weights: Weights {
                declares: kind(Declares),
                sells: kind(Sells),
                buys: kind(Buys),
                patents: kind(Patents),
                licensed: kind(Licensed),
            },
            accept: float(&at.accept),
            doubt: float(&at.doubt),
            endings: at.endings.clone(),
            exclusions: at.exclusions.clone(),
        })
    }

    /// Firms of a chain on products, by its evidence lines.
    pub(crate) fn placement_of(&self, held: &Held) -> Result<Placement> {
        let rules = self.placement_rules()?;
        placement::place(&catalogue(&held.template)?, &held.document.claims, &held.document.rulings, &rules)
            .map_err(|faults| refused_by(&faults))
    }

    /// Placements with what they rest on, and how good they are on the labelled sample.
    pub async fn chain_placements(&self, scope: &Scope, id: i64) -> Result<PlacementsView> {
        let held = self.chain_held(scope, id, 0).await?;
        self.whole_sight(scope, &held.chain)?;
        let (services, at) = (self.clone(), held.clone());
        let placed =
            tokio::task::spawn_blocking(move || services.placement_of(&at)).await.map_err(Refusal::internal)??;
        let rules = self.placement_rules()?;
        let labels = &held.document.labels;
        let quality = match labels.is_empty() {
            true => None,
            false => Some(
                placement::measure(&placed, labels, rules.accept, &BINS, placement::NORMAL_95).map_err(refused_one)?,
            ),
        };
        let node = |id: &str| held.graph.find(id).map(|at| &held.graph.nodes()[at]);
        let mut rows: Vec<PlacementRow> = Vec::with_capacity(placed.links.len());
        for link in &placed.links {
            let firm = node(&link.firm);
            let state = match (&link.ruling, link.decision) {
                (Some(r), _) if r.verdict == Verdict::Place => "placed_by_hand",
                (Some(_), _) => "refused_by_hand",
                (None, Decision::Placed) => "placed",
                (None, Decision::Doubtful) => "doubtful",
                (None, _) => "left",
            };
            rows.push(PlacementRow {
                firm: link.firm.clone(),
                firm_name: firm.map_or_else(|| link.firm.clone(), |n| n.name.clone()),
                place: firm.and_then(|n| n.place.as_deref()).and_then(|p| self.chain_place(p)),
                product: link.product.clone(),
                product_name: node(&link.product).map_or_else(|| link.product.clone(), |n| n.name.clone()),
                confidence: link.confidence,
                state: state.to_owned(),
                parts: link.parts.iter().map(|part| part_view(part, &held.document.claims)).collect(),
                decided: link.ruling.as_ref().map(|r| HistoryItem {
                    at: r.decided.to_string(),
                    by: r.author.clone(),
                    title: match r.verdict {
                        Verdict::Place => Label { zh: "归位".into(), en: "Placed".into() },
                        Verdict::Refuse => Label { zh: "不归位".into(), en: "Refused".into() },
                    },
                    reason: r.reason.clone(),
                }),
            });
        }
        let order = |r: &PlacementRow| match r.state.as_str() {
            "doubtful" => 0,
            "left" => 2,
            _ => 1,
        };
        rows.sort_by(|a, b| {
            order(a).cmp(&order(b)).then(b.confidence.total_cmp(&a.confidence)).then(a.firm.cmp(&b.firm))
        });
        let interval =
            |rate: Option<placement::Rate>| rate.map(|r| Interval { value: r.value, low: r.low, high: r.high });
        Ok(PlacementsView {
            revision: held.revision,
            rows,
            accept: rules.accept,
            doubt: rules.doubt,
            quality: quality.map(|report| PlacementQuality {
                labels: labels.len() as u64,
                right: report.quality.true_positive,
                wrong: report.quality.false_positive,
                missed: report.quality.false_negative,
                precision: interval(report.quality.precision),
                recall: interval(report.quality.recall),
                curve: report
                    .curve
                    .iter()
                    .map(|q| QualityPoint {
                        threshold: q.threshold,
                        precision: q.precision.map(|r| r.value),
                        recall: q.recall.map(|r| r.value),
                    })
                    .collect(),
                bins: report
                    .calibration
                    .iter()
                    .map(|b| QualityBin {
                        low: b.from,
                        high: b.to,
                        pairs: b.observed.map_or(0, |r| r.of),
                        stated: b.stated,
                        observed: b.observed.map(|r| r.value),
                    })
                    .collect(),
            }),
        })
    }

    /// A person's decision about one firm and product.
    pub async fn place_firm(&self, scope: &Scope, id: i64, request: PlaceRequest) -> Result<PlacementsView> {
        let held = self.chain_held(scope, id, 0).await?;
        if self.sight(scope, &held.chain) != Sight::Whole {
            return Err(Refusal::forbidden());
        }
        let today = self.today()?;
        let ruling = Ruling {
            firm: request.firm,
            product: request.product,
            verdict: if request.place { Verdict::Place } else { Verdict::Refuse },
            author: scope.actor().to_owned(),
            decided: today,
            reason: request.reason.trim().to_owned(),
        };
        // The graph follows what a person decided: a link begins, or ends, on the day of the decision.
        let same = |e: &&chain::Edge| {
            e.kind == EdgeKind::Places
                && e.from == ruling.firm
                && e.to == ruling.product
                && e.valid_until.is_none_or(|until| until > today)
        };
        let (from, to, kind) = (ruling.firm.clone(), ruling.product.clone(), "places".to_owned());
        let ops = match (request.place, held.graph.edges().iter().find(same)) {
            (true, None) => vec![ChainOp::PutLink {
                from,
                to,
                kind,
                share: None,
                amount: None,
                confidence: 1.0,
                source: ruling.reason.clone(),
                valid_from: Some(today.to_string()),
            }],
            // A link that only began today cannot end today: it ends with the day.
            (false, Some(edge)) => {
                let day =
                    if edge.valid_from >= Some(today) { today.tomorrow().map_err(Refusal::internal)? } else { today };
                vec![ChainOp::EndLink { from, to, kind, day: day.to_string() }]
            }
            _ => Vec::new(),
        };
        let changes = Changes { ops, ruling: Some(ruling), today };
        self.add_changes(scope, id, request.revision, "placed", &request.reason, changes).await?;
        self.chain_placements(scope, id).await
    }
}

/// What one kind of evidence gives: its strongest line.
fn part_view(part: &placement::Part, claims: &[placement::Claim]) -> PlacementPart {
    let best = part.hits.iter().max_by(|a, b| a.strength.total_cmp(&b.strength).then(b.claim.cmp(&a.claim)));
    let claim = best.and_then(|hit| claims.get(hit.claim));
    let text =
        claim.map(|c| c.text.clone().or_else(|| c.code.as_ref().map(|code| code.code.clone())).unwrap_or_default());
    PlacementPart {
        kind: word(&part.kind),
        why: best.map(|hit| reason_name(&hit.reason)).unwrap_or_default(),
        text: text.unwrap_or_default(),
        source: claim.map(|c| c.evidence.source.clone()).unwrap_or_default(),
        strength: part.strength,
        weight: part.weight,
    }
}

/// The name of a reason as pages know it.
fn reason_name(reason: &placement::Reason) -> String {
    use placement::Reason::{BuysInput, CodeEqual, CodeParent, CodeWithin, NameEqual, TermEnds, TermInside};
    match reason {
        CodeEqual(_) | CodeWithin(_) => "code_equal",
        CodeParent(_) => "code_parent",
        NameEqual(_) => "name_equal",
        TermEnds(_) | TermInside(_) => "term_contained",
        BuysInput(_) => "buys_inputs",
    }
    .to_owned()
}
