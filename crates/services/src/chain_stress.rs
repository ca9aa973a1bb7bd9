//! Stress tests of a chain: one scenario by two models that share no assumption, and every source in turn.

use crate::{
    Refusal, Result, Services,
    chain_figures::model,
    chain_views::*,
    chains::{Held, refused_one},
    refusal::Kind,
    views::Label,
};
use base::{DivisionCode, Scope};
use chain::document::Document;
use chain::model::Model;
use chain::shock::{Leontief, Market, Reach, Shortage, Stop, spearman};
use chain::{Graph, NodeKind};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Instant;

/// How finely the index passes losses on, and how often at most: of its precision, not of any policy.
const REACH: Reach = Reach { grain: 24, passes_max: 20_000_000 };
/// Firms that a page lists.
const FIRMS_SHOWN: usize = 500;
/// Places where the models differ that a page lists.
const DIFFER_SHOWN: usize = 20;
/// The largest network of which every source is tried while somebody waits; larger ones are for the command line.
const RANKED_FIRMS_MAX: usize = 20_000;
/// The longest horizon of the first model, in days.
const HORIZON_MAX: u32 = 512;

/// The firms and products that stops stand for.
fn stops_of(graph: &Graph, model: &Model, stop: &StressStop) -> Result<(Vec<Stop>, String)> {
    let unknown = |what: &str| {
        Refusal::invalid(
            "stops",
            format!("停产对象“{}”不在当日的图谱中（{what}）。", stop.id),
            format!("`{}` is not in the graph of the day ({what}).", stop.id),
        )
    };
    let node = |kind: NodeKind| {
        let at = graph.find(&stop.id).filter(|at| graph.nodes()[*at].kind == kind);
        at.ok_or_else(|| unknown(&chain::graph::word(&kind)))
    };
    let one = |firm: u32| Stop { firm, share: stop.share, from_day: stop.from_day, days: stop.days };
    match stop.kind.as_str() {
        "firm" => {
            let at = node(NodeKind::Firm)?;
            let firm = model.firm(at).ok_or_else(|| unknown("output not known"))?;
            Ok((vec![one(firm)], graph.nodes()[at].name.clone()))
        }
        "place" => {
            let division: DivisionCode = stop.id.parse().map_err(|_| unknown("place"))?;
            let inside = |node: usize| {
                graph.nodes()[node].place.as_deref().and_then(|p| p.parse().ok()).is_some_and(|p| division.covers(p))
            };
            let stops = model.stops(inside, stop.share, stop.from_day, stop.days);
            if stops.is_empty() {
                return Err(unknown("place"));
            }
            Ok((stops, String::new()))
        }
        "product" => {
            let at = node(NodeKind::Product)?;
            let number = model.product(at).ok_or_else(|| unknown("product"))?;
            let makers = model.network.firms().iter().enumerate().filter(|(_, f)| f.product == number);
            let stops: Vec<Stop> = makers.map(|(firm, _)| one(firm as u32)).collect();
            if stops.is_empty() {
                return Err(unknown("makers"));
            }
            Ok((stops, graph.nodes()[at].name.clone()))
        }
        "abroad" => {
            let at = node(NodeKind::Product)?;
            let number = model.product(at).ok_or_else(|| unknown("product"))?;
            Ok((vec![one(model.network.abroad(number))], graph.nodes()[at].name.clone()))
        }
        other => Err(Refusal::invalid(
            "stops",
            format!("停产类型“{other}”不可用；可用：firm、place、product、abroad。"),
            format!("`{other}` cannot stop; allowed: firm, place, product, abroad."),
        )),
    }
}

fn check(request: &StressRequest) -> Result<()> {
    if request.stops.is_empty() {
        return Err(Refusal::invalid("stops", "请至少选一个停产对象。", "Choose something that stops."));
    }
    if !(1..=HORIZON_MAX).contains(&request.horizon) {
        return Err(Refusal::invalid(
            "horizon",
            format!("推演天数应为 1 至 {HORIZON_MAX}，收到 {}。", request.horizon),
            format!("1 to {HORIZON_MAX} days can be followed, found {}.", request.horizon),
        ));
    }
    for stop in &request.stops {
        if !(stop.share > 0.0 && stop.share <= 1.0) {
            return Err(Refusal::invalid(
                "share",
                format!("停产比例应大于 0、不超过 1，收到 {}。", stop.share),
                format!("A share above 0 and up to 1 is allowed, found {}.", stop.share),
            ));
        }
        if stop.days == 0 || stop.from_day.saturating_add(stop.days) > 10 * HORIZON_MAX {
            return Err(Refusal::invalid(
                "days",
                format!("停产天数应为 1 天以上，收到从第 {} 天起 {} 天。", stop.from_day, stop.days),
                format!("One day or more is allowed, found {} days from day {}.", stop.days, stop.from_day),
            ));
        }
    }
    if !(request.extra_stock >= 0.0 && request.extra_stock <= f64::from(HORIZON_MAX)) {
        return Err(Refusal::invalid(
            "extra_stock",
            format!("增加的库存天数应为 0 至 {HORIZON_MAX}。"),
            format!("Stock of 0 to {HORIZON_MAX} days can be added."),
        ));
    }
    Ok(())
}

/// All stops of a request in the numbers of a network.
pub(crate) fn all_stops(graph: &Graph, model: &Model, request: &StressRequest) -> Result<Vec<Stop>> {
    let each = request.stops.iter().map(|stop| Ok(stops_of(graph, model, stop)?.0));
    Ok(each.collect::<Result<Vec<_>>>()?.concat())
}

/// Lost output of a scenario by the first model, 万元: what proposals and tasks are measured by.
pub(crate) fn loss_of(services: &Services, held: &Held, document: &Document, request: &StressRequest) -> Result<f64> {
    let day = services.chain_day(&request.day)?;
    let checks = chain::graph::Checks { codes: None, edges_max: usize::MAX, orphans: true, share_slack: 1e-6 };
    let graph = Graph::check(document.graph.clone(), &checks).map_err(|f| crate::chains::refused_by(&f))?.on(day);
    let model = model(document, &graph, &held.template, services.chain_rules()?)?;
    let stops = all_stops(&graph, &model, request)?;
    Ok(Shortage::new(&model.network).run(&stops, request.horizon).map_err(refused_one)?.total)
}

/// Rank from 1 by value, largest first; equal values by number.
fn ranks(values: &[f64]) -> Vec<u64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|a, b| values[*b].total_cmp(&values[*a]).then(a.cmp(b)));
    let mut out = vec![0; values.len()];
    order.into_iter().enumerate().for_each(|(rank, at)| out[at] = rank as u64 + 1);
    out
}

/// What a network leaves out or assumes, in words.
pub(crate) fn notes(model: &Model) -> Vec<Label> {
    let left = &model.left;
    let counted = [
        (left.firms_without_output, "家企业产值未知，未进入网络", "firms without a known output are left out"),
        (left.links_unsure, "条供应关系置信度不足，未计入", "supply links are not sure enough and left out"),
        (left.links_without_amount, "条供应关系没有金额，未计入", "supply links without an amount are left out"),
        (left.links_of_left_firms, "条供应关系因企业未进入网络而未计入", "supply links of firms that are left out"),
        (
            model.unplaced,
            "家企业没有归到产品，其供货按一般物料计",
            "firms are on no product; what they sell is not essential",
        ),
        (model.assumed, "项投入的库存和必需性按规则假定", "inputs whose stock and need are assumed by rule"),
    ];
    let some = counted.into_iter().filter(|(count, ..)| *count > 0);
    some.map(|(count, zh, en)| Label { zh: format!("{count} {zh}"), en: format!("{count} {en}") }).collect()
}

/// A scenario on a network.
fn run(
    services: &Services,
    held: &Held,
    graph: &Graph,
    model: &mut Model,
    request: &StressRequest,
) -> Result<StressView> {
    let started = Instant::now();
    if request.extra_stock > 0.0 {
        for at in 0..model.network.inputs().len() {
            let mut rule = model.network.inputs()[at].rule;
            rule.stock_days += request.extra_stock;
            model.network.set_rule(at, rule).map_err(refused_one)?;
        }
    }
    let market = match request.market.as_str() {
        "" | "captive" => Market::Captive,
        "shared" => Market::Shared,
        other => {
            return Err(Refusal::invalid(
                "market",
                format!("“{other}”不可用；可用：captive、shared。"),
                format!("`{other}` is not allowed; allowed: captive, shared."),
            ));
        }
    };
    let mut stops: Vec<Stop> = Vec::new();
    let mut told = Vec::new();
    for stop in &request.stops {
        let (found, name) = stops_of(graph, model, stop)?;
        told.push(StopView {
            kind: stop.kind.clone(),
            id: stop.id.clone(),
            name: match stop.kind.as_str() {
                "place" => services.chain_place(&stop.id).map(|d| d.name).unwrap_or_default(),
                _ => name,
            },
            firms: found.iter().filter(|s| (s.firm as usize) < model.firms.len()).count() as u64,
            share: stop.share,
            from_day: stop.from_day,
            days: stop.days,
        });
        stops.extend(found);
    }
    let network = &model.network;
    let shortage = Shortage::new(network).run(&stops, request.horizon).map_err(refused_one)?;
    let mut most: BTreeMap<u32, f64> = BTreeMap::new();
    for stop in &stops {
        let share = most.entry(stop.firm).or_default();
        *share = share.max(stop.share);
    }
    let at_once: Vec<(u32, f64)> = most.into_iter().collect();
    let systemic = Leontief::new(network, market).run(&at_once, REACH).map_err(refused_one)?;
    let spread: HashMap<u32, (f64, f64)> = systemic.firms.iter().map(|s| (s.firm, (s.down, s.up))).collect();
    let name = |at: u32| &graph.nodes()[at as usize];
    let product = |firm: u32| model.products[network.firms()[firm as usize].product as usize];
    let product_name = |firm: u32| product(firm).map(|at| name(at).name.clone()).unwrap_or_default();
    let firms = network.firms().len() as u32;
    let mut rows: Vec<StressFirm> = Vec::new();
    let lost: HashMap<u32, &chain::shock::ShortageFirm> =
        shortage.firms.iter().filter(|f| f.firm < firms).map(|f| (f.firm, f)).collect();
    let mut all: Vec<u32> = lost.keys().chain(spread.keys()).copied().filter(|f| *f < firms).collect();
    all.sort_unstable();
    all.dedup();
    for firm in &all {
        let node = name(model.firms[*firm as usize]);
        let of = lost.get(firm);
        let (down, up) = spread.get(firm).copied().unwrap_or((0.0, 0.0));
        rows.push(StressFirm {
            firm: node.id.clone(),
            name: node.name.clone(),
            place: node.place.clone(),
            product: product_name(*firm),
            output: network.firms()[*firm as usize].output,
            loss: of.map_or(0.0, |f| f.output),
            days: of.map_or(0.0, |f| f.days),
            first_day: of.map(|f| f.first_day),
            back_on: of.and_then(|f| f.back_on),
            down,
            up,
        });
    }
    let horizon = f64::from(request.horizon);
    let mut places: BTreeMap<String, (u64, f64)> = BTreeMap::new();
    let mut products: BTreeMap<u32, (u64, f64, Option<u32>)> = BTreeMap::new();
    for (row, firm) in rows.iter().zip(&all).filter(|(row, _)| row.loss > 0.0) {
        let place = places.entry(row.place.clone().unwrap_or_default()).or_default();
        *place = (place.0 + 1, place.1 + row.loss);
        if let Some(product) = product(*firm) {
            let of = products.entry(product).or_default();
            let first = [of.2, row.first_day].into_iter().flatten().min();
            *of = (of.0 + 1, of.1 + row.loss, first);
        }
    }
    let mut output: HashMap<&str, f64> = HashMap::new();
    for (firm, node) in network.firms().iter().zip(&model.firms) {
        *output.entry(name(*node).place.as_deref().unwrap_or("")).or_default() += firm.output;
    }
    let mut places: Vec<StressPlace> = places
        .into_iter()
        .map(|(code, (firms, loss))| StressPlace {
            name: services.chain_place(&code).map(|d| d.name).unwrap_or_default(),
            share: loss / (output.get(code.as_str()).copied().unwrap_or(0.0) * horizon).max(f64::MIN_POSITIVE),
            code,
            firms,
            loss,
        })
        .collect();
    places.sort_by(|a, b| b.loss.total_cmp(&a.loss).then(a.code.cmp(&b.code)));
    let mut products: Vec<StressProduct> = products
        .into_iter()
        .map(|(at, (firms, loss, first_day))| StressProduct {
            product: name(at).id.clone(),
            name: name(at).name.clone(),
            firms,
            loss,
            first_day,
        })
        .collect();
    products.sort_by(|a, b| b.loss.total_cmp(&a.loss).then(a.product.cmp(&b.product)));
    let differ = differences(model, &rows, &all, request);
    let losing = rows.iter().filter(|r| r.loss > 0.0).count() as u64;
    rows.sort_by(|a, b| {
        b.loss.total_cmp(&a.loss).then(b.down.max(b.up).total_cmp(&a.down.max(a.up))).then(a.firm.cmp(&b.firm))
    });
    rows.truncate(FIRMS_SHOWN);
    Ok(StressView {
        revision: held.revision,
        day: request.day.clone(),
        firms: u64::from(firms),
        links: network.links().len() as u64,
        output: network.output(),
        stops: told,
        shortage: ShortageView {
            total: shortage.total,
            share: shortage.share,
            daily: shortage.daily,
            back_on: shortage.back_on,
        },
        systemic: SystemicView {
            total: systemic.total,
            index: systemic.index,
            settled: systemic.settled,
            error: systemic.error,
        },
        rows,
        losing,
        places,
        products,
        differ,
        notes: notes(model),
        took_ms: started.elapsed().as_millis() as u64,
    })
}

/// Where both models say different things of a firm, the largest differences first, and why as far as they
/// themselves say.
fn differences(model: &Model, rows: &[StressFirm], firms: &[u32], request: &StressRequest) -> Vec<DifferView> {
    let days = request.stops.iter().map(|s| s.days).max().unwrap_or(1).min(request.horizon);
    let mut of_firm: HashMap<u32, Vec<chain::shock::InputRule>> = HashMap::new();
    for input in model.network.inputs() {
        of_firm.entry(input.buyer).or_default().push(input.rule);
    }
    let mut out: Vec<DifferView> = Vec::new();
    for (row, firm) in rows.iter().zip(firms) {
        let shortage = (row.days / f64::from(days.max(1))).min(1.0);
        let systemic = row.down.max(row.up);
        let inputs = of_firm.get(firm).map(Vec::as_slice).unwrap_or_default();
        let why = match systemic > shortage {
            true if row.up > row.down => "buyers",
            true if !inputs.iter().any(|i| i.essential) => "not_essential",
            true if inputs.iter().any(|i| i.essential && i.stock_days > 0.0) => "stock",
            false if inputs.iter().any(|i| i.substitute > 0.0) => "substitute",
            _ => "other",
        };
        out.push(DifferView {
            firm: row.firm.clone(),
            name: row.name.clone(),
            shortage,
            systemic,
            why: why.to_owned(),
        });
    }
    let gap = |d: &DifferView| (d.shortage - d.systemic).abs();
    out.sort_by(|a, b| gap(b).total_cmp(&gap(a)).then(a.firm.cmp(&b.firm)));
    out.retain(|d| gap(d) > f64::EPSILON);
    out.truncate(DIFFER_SHOWN);
    out
}

impl Services {
    /// Stops something and follows what comes of it.
    pub async fn stress_chain(&self, scope: &Scope, id: i64, mut request: StressRequest) -> Result<StressView> {
        let held = self.chain_held(scope, id, 0).await?;
        self.whole_sight(scope, &held.chain)?;
        check(&request)?;
        let day = self.chain_day(&request.day)?;
        request.day = day.to_string();
        let (graph, mut model) = self.chain_model(&held, day).await?;
        let services = self.clone();
        tokio::task::spawn_blocking(move || run(&services, &held, &graph, &mut model, &request))
            .await
            .map_err(Refusal::internal)?
    }

    /// Every source in turn, ranked by both models.
    pub async fn rank_chain(&self, scope: &Scope, id: i64, day: &str, days: u32, horizon: u32) -> Result<RankingView> {
        let held = self.chain_held(scope, id, 0).await?;
        self.whole_sight(scope, &held.chain)?;
        let rules = self.chain_rules()?;
        let or = |given: u32, param| if given == 0 { law::chain_rules::float(param) as u32 } else { given };
        let (days, horizon) = (or(days, &rules.stress.days), or(horizon, &rules.stress.horizon));
        let stop = StressStop { kind: "firm".into(), id: String::new(), share: 1.0, from_day: 0, days };
        let shape =
            StressRequest { day: String::new(), stops: vec![stop], horizon, market: String::new(), extra_stock: 0.0 };
        check(&shape)?;
        let day = self.chain_day(day)?;
        let (graph, model) = self.chain_model(&held, day).await?;
        if model.firms.len() > RANKED_FIRMS_MAX {
            return Err(Refusal::new(
                Kind::TooLarge,
                "network_too_large",
                format!("网络有 {} 家企业，超过 {RANKED_FIRMS_MAX}；请用命令行逐一推演。", model.firms.len()),
                format!("The network has {} firms; {RANKED_FIRMS_MAX} are allowed here.", model.firms.len()),
            ));
        }
        tokio::task::spawn_blocking(move || ranking(&held, &graph, &model, day.to_string(), days, horizon))
            .await
            .map_err(Refusal::internal)?
    }
}

fn ranking(
    held: &Arc<Held>,
    graph: &Graph,
    model: &Model,
    day: String,
    days: u32,
    horizon: u32,
) -> Result<RankingView> {
    let started = Instant::now();
    let network = &model.network;
    let losses = Shortage::new(network).each_in_turn(days, horizon).map_err(refused_one)?;
    let index = Leontief::new(network, Market::Captive).each_in_turn(REACH).map_err(refused_one)?;
    let firms = network.firms().len();
    let output: Vec<f64> = network.firms().iter().map(|f| f.output).collect();
    let (output_ranks, loss_ranks) = (ranks(&output), ranks(&losses));
    let of_index: Vec<f64> = index.iter().take(firms).map(|(index, _)| *index).collect();
    let index_ranks = ranks(&of_index);
    let mut rows: Vec<RankingRow> = Vec::new();
    for (at, loss) in losses.iter().enumerate() {
        let row = match at < firms {
            true => {
                let node = &graph.nodes()[model.firms[at] as usize];
                let product = model.products[network.firms()[at].product as usize];
                let own = output[at] * f64::from(days.min(horizon));
                RankingRow {
                    kind: "firm".into(),
                    id: node.id.clone(),
                    name: node.name.clone(),
                    place: node.place.clone(),
                    product: product.map(|p| graph.nodes()[p as usize].name.clone()).unwrap_or_default(),
                    output: Some(output[at]),
                    output_rank: Some(output_ranks[at]),
                    loss: *loss,
                    rank: loss_ranks[at],
                    index: Some(of_index[at]),
                    index_rank: Some(index_ranks[at]),
                    leverage: (own > 0.0).then(|| loss / own),
                }
            }
            false => {
                let Some(node) = model.products[at - firms].map(|p| &graph.nodes()[p as usize]) else { continue };
                if *loss <= 0.0 {
                    continue;
                }
                RankingRow {
                    kind: "abroad".into(),
                    id: node.id.clone(),
                    name: node.name.clone(),
                    place: None,
                    product: node.name.clone(),
                    output: None,
                    output_rank: None,
                    loss: *loss,
                    rank: loss_ranks[at],
                    index: index.get(at).map(|(index, _)| *index),
                    index_rank: None,
                    leverage: None,
                }
            }
        };
        rows.push(row);
    }
    rows.sort_by_key(|r| r.rank);
    Ok(RankingView {
        revision: held.revision,
        day,
        days,
        horizon,
        sources: rows.len() as u64,
        rows,
        agreement: spearman(&losses[..firms], &of_index),
        took_ms: started.elapsed().as_millis() as u64,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_and_their_correlation() {
        assert_eq!(ranks(&[1.0, 3.0, 2.0, 3.0]), [4, 1, 3, 2]);
        let near = |found: Option<f64>, want: f64| found.is_some_and(|f| (f - want).abs() < 1e-12);
        assert!(near(spearman(&[1.0, 2.0, 3.0], &[10.0, 20.0, 30.0]), 1.0));
        assert!(near(spearman(&[1.0, 2.0, 3.0], &[3.0, 2.0, 1.0]), -1.0));
        assert_eq!(spearman(&[1.0, 2.0], &[5.0, 5.0]), None);
        // Ties share the middle: Spearman by hand for (1, 2.5, 2.5, 4) against (1, 2, 3, 4).
        let with_ties = spearman(&[1.0, 2.0, 2.0, 3.0], &[1.0, 2.0, 3.0, 4.0]).unwrap();
        assert!((with_ties - 0.948_683_298).abs() < 1e-9);
    }
}
