//! Large supply networks for measuring: sizes of firms differ by orders of magnitude, a few firms have
//! very many customers, and products stand in layers so that most supplies go up the chain.

use crate::draw::{Draw, Purpose};
use chain::shock::{Firm, InputRule, Link, Network};
use chain::{Edge, EdgeKind, Evidence, Fault, Node, NodeKind, Raw};
use jiff::civil::{Date, date};
use std::collections::BTreeSet;

/// Layers of products.
const LAYERS: usize = 6;

/// A network of invented firms that are only numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct LargeNetwork {
    /// Firms; output in a day.
    pub firms: Vec<Firm>,
    /// Links; value in a day.
    pub links: Vec<Link>,
    /// How many products there are.
    pub products: u32,
    seed: u64,
}

impl LargeNetwork {
    /// So many firms, with about `links_each` suppliers for each.
    pub fn generate(seed: u64, firms: usize, links_each: usize) -> Self {
        let mut draw = Draw::new(seed, Purpose::Network, firms as u64);
        let products = (firms / 60).clamp(12, 600);
        let product: Vec<usize> = (0..firms).map(|_| draw.below(products)).collect();
        let size: Vec<f64> = (0..firms).map(|_| draw.log_normal(3.0, 1.6)).collect();
        // Suppliers are drawn in proportion to their size, within the layer below or their own.
        let layer = |firm: usize| product[firm] * LAYERS / products;
        let mut by_layer: Vec<Vec<usize>> = vec![Vec::new(); LAYERS];
        (0..firms).for_each(|firm| by_layer[layer(firm)].push(firm));
        let sums: Vec<Vec<f64>> = by_layer
            .iter()
            .map(|of| {
                let mut sum = 0.0;
                let weigh = |f: &usize| {
                    sum += libm::sqrt(size[*f]);
                    sum
                };
                of.iter().map(weigh).collect()
            })
            .collect();
        let (mut links, mut sold) = (Vec::new(), vec![0.0; firms]);
        let mut seen: BTreeSet<(usize, usize)> = BTreeSet::new();
        for (buyer, own) in size.iter().enumerate() {
            let mine = layer(buyer);
            for _ in 0..draw.between(1, links_each as i64 * 2 - 1) {
                let from = match draw.below(10) {
                    0 => draw.below(LAYERS),
                    1 => mine,
                    _ => mine.saturating_sub(1),
                };
                let Some(whole) = sums[from].last() else { continue };
                let at = draw.unit() * whole;
                let supplier = by_layer[from][sums[from].partition_point(|s| *s <= at).min(by_layer[from].len() - 1)];
                if supplier == buyer || !seen.insert((supplier, buyer)) {
                    continue;
                }
                let amount = own * 0.5 / links_each as f64 * (0.2 + draw.unit());
                sold[supplier] += amount;
                links.push(Link { supplier: supplier as u32, buyer: buyer as u32, amount });
            }
        }
        let firms = size
            .iter()
            .zip(&sold)
            .zip(&product)
            .map(|((size, sold), product)| Firm { output: size.max(sold * 1.02), product: *product as u32 })
            .collect();
        Self { firms, links, products: products as u32, seed }
    }

    /// How a firm depends on a product: two inputs in three are essential, and some come from abroad.
    pub fn rule(buyer: u32, product: u32) -> InputRule {
        let mix = buyer.wrapping_mul(2_654_435_761).wrapping_add(product.wrapping_mul(40_503)) >> 7;
        InputRule {
            essential: !mix.is_multiple_of(3),
            stock_days: f64::from(mix % 46),
            outside: f64::from(mix % 5) / 10.0,
            secured: if mix.is_multiple_of(9) { 0.4 } else { 0.0 },
            substitute: if mix.is_multiple_of(11) { 0.5 } else { 0.0 },
            substitute_from: 60,
        }
    }

    /// The network that both models of outages use.
    pub fn network(&self) -> Result<Network, Vec<Fault>> {
        Network::new(self.firms.clone(), self.links.clone(), 1e-9, Self::rule)
    }

    /// The same as nodes and links, with products, stages of layers and evidence: values of a year.
    pub fn raw(&self) -> Raw {
        let mut draw = Draw::new(self.seed, Purpose::Network, 1 << 40 | self.firms.len() as u64);
        let evidence = |noted: Date| vec![Evidence { source: "generated".into(), author: "generator".into(), noted }];
        let node = |id: String, kind, code: Option<String>, place, output| Node {
            name: id.clone(),
            id,
            kind,
            code,
            place,
            output,
            from: None,
            until: None,
        };
        let edge = |from: String, to: String, kind, share, amount, confidence, from_day: Option<Date>| Edge {
            from,
            to,
            kind,
            share,
            amount,
            confidence,
            evidence: evidence(from_day.unwrap_or(date(2021, 1, 1))),
            valid_from: from_day,
            valid_until: None,
        };
        let mut raw = Raw::default();
        let stage = |layer: usize| format!("stage:{layer}");
        for layer in 0..LAYERS {
            raw.nodes.push(node(stage(layer), NodeKind::Stage, None, None, None));
            if layer > 0 {
                raw.edges.push(edge(stage(layer - 1), stage(layer), EdgeKind::Precedes, None, None, 1.0, None));
            }
        }
        for product in 0..self.products {
            let id = format!("product:{product}");
            raw.nodes.push(node(id.clone(), NodeKind::Product, Some("3425".into()), None, None));
            let layer = product as usize * LAYERS / self.products as usize;
            raw.edges.push(edge(id, stage(layer), EdgeKind::Belongs, None, None, 1.0, None));
        }
        for (at, firm) in self.firms.iter().enumerate() {
            let id = format!("firm:{at}");
            let place = format!("37{:02}00", 1 + draw.below(16));
            raw.nodes.push(node(id.clone(), NodeKind::Firm, None, Some(place), Some(firm.output * 365.0)));
            let to = format!("product:{}", firm.product);
            raw.edges.push(edge(id, to, EdgeKind::Places, Some(1.0), None, 0.9, None));
        }
        for link in &self.links {
            let begin = draw.chance(0.3).then(|| date(draw.between(2021, 2026) as i16, draw.between(1, 5) as i8, 1));
            let ends = (format!("firm:{}", link.supplier), format!("firm:{}", link.buyer));
            let (amount, sure) = (Some(link.amount * 365.0), draw.between(40, 99) as f64 / 100.0);
            raw.edges.push(edge(ends.0, ends.1, EdgeKind::Supplies, None, amount, sure, begin));
        }
        raw
    }
}
