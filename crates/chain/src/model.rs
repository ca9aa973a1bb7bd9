//! From a chain to the network that the shock models take: which firms, links and inputs are in it, what was
//! assumed for want of a statement, and what had to be left out. Nothing is left out without being counted.

use crate::document::Terms;
use crate::fault::{Code, Fault};
use crate::graph::{EdgeKind, Graph, NodeKind};
use crate::shock::{Firm, Import, InputRule, Link, Network, Stop};
use std::collections::{BTreeMap, BTreeSet};

/// What a network is made with; all from the caller.
pub struct Ground<'a> {
    /// Links less sure than this are left out.
    pub confidence: f64,
    /// Working days by which a year's value becomes a day's; above 0.
    pub days_in_year: f64,
    /// By how much a firm may sell more than its output, for the rounding of the source.
    pub slack: f64,
    /// How firms depend on inputs, as far as stated.
    pub terms: &'a [Terms],
    /// How the firm at a node depends on the product at a node where nothing is stated.
    pub assumed: &'a dyn Fn(&Graph, usize, usize) -> InputRule,
}

/// What is not in the network, and why.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Left {
    /// Firms without a known output.
    pub firms_without_output: usize,
    /// Supply links less sure than asked for.
    pub links_unsure: usize,
    /// Supply links without an amount, or with an amount of 0.
    pub links_without_amount: usize,
    /// Supply links whose firms are left out.
    pub links_of_left_firms: usize,
}

/// A chain as a network, with the way back to its nodes.
#[derive(Clone, Debug)]
pub struct Model {
    /// The network.
    pub network: Network,
    /// For each firm of the network its node.
    pub firms: Vec<u32>,
    /// For each product number its node; the last number, for firms that are on no product, has none.
    pub products: Vec<Option<u32>>,
    /// What is left out.
    pub left: Left,
    /// Firms that are on no product: what they sell counts as one product of its own.
    pub unplaced: usize,
    /// Inputs whose rule is assumed.
    pub assumed: usize,
}

impl Model {
    /// The network of a graph, which is that of one day.
    ///
    /// Faults: those of [`Network::with_imports`], with the names of firms; [`Code::Number`] for a year without
    /// days.
    pub fn new(graph: &Graph, ground: &Ground<'_>) -> Result<Self, Vec<Fault>> {
        let days = ground.days_in_year;
        if !(days.is_finite() && days > 0.0) {
            return Err(vec![Fault::new(Code::Number, "year", format!("{days} days"), "a number above 0 is allowed")]);
        }
        let nodes = graph.nodes();
        let mut left = Left::default();
        let mut products: Vec<Option<u32>> =
            (0..nodes.len() as u32).filter(|at| nodes[*at as usize].kind == NodeKind::Product).map(Some).collect();
        let number: BTreeMap<u32, u32> =
            products.iter().enumerate().filter_map(|(at, node)| node.map(|node| (node, at as u32))).collect();
        let nowhere = products.len() as u32;
        products.push(None);
        // A firm counts for the product that it makes most of; among equal ones for the first by id.
        let mut most: BTreeMap<u32, (f64, u32)> = BTreeMap::new();
        for (edge, (firm, product)) in graph.edges().iter().zip(graph.ends()) {
            if edge.kind == EdgeKind::Places && edge.confidence >= ground.confidence {
                let share = edge.share.unwrap_or(0.0);
                let best = most.entry(*firm).or_insert((share, *product));
                if share > best.0 {
                    *best = (share, *product);
                }
            }
        }
        let (mut firms, mut of_network, mut unplaced) = (Vec::new(), Vec::new(), 0);
        let mut known = vec![None; nodes.len()];
        for (at, node) in nodes.iter().enumerate().filter(|(_, n)| n.kind == NodeKind::Firm) {
            let Some(output) = node.output else {
                left.firms_without_output += 1;
                continue;
            };
            let product = most.get(&(at as u32)).map(|(_, product)| number[product]);
            unplaced += usize::from(product.is_none());
            known[at] = Some(firms.len() as u32);
            firms.push(at as u32);
            of_network.push(Firm { output: output / days, product: product.unwrap_or(nowhere) });
        }
        let mut links = Vec::new();
        for (edge, (from, to)) in graph.edges().iter().zip(graph.ends()).filter(|(e, _)| e.kind == EdgeKind::Supplies) {
            if edge.confidence < ground.confidence {
                left.links_unsure += 1;
            } else if let (Some(supplier), Some(buyer)) = (known[*from as usize], known[*to as usize]) {
                match edge.amount.filter(|amount| *amount > 0.0) {
                    Some(amount) => links.push(Link { supplier, buyer, amount: amount / days }),
                    None => left.links_without_amount += 1,
                }
            } else {
                left.links_of_left_firms += 1;
            }
        }
        let mut stated: BTreeMap<(u32, u32), InputRule> = BTreeMap::new();
        for terms in ground.terms {
            let ends = (graph.find(&terms.buyer), graph.find(&terms.product));
            // Terms of a firm that is not there on the day say nothing on that day.
            if let (Some(buyer), Some(product)) = ends
                && let (Some(buyer), Some(product)) = (known[buyer], number.get(&(product as u32)))
            {
                stated.insert((buyer, *product), terms.rule());
            }
        }
        let bought: BTreeSet<(u32, u32)> =
            links.iter().map(|l| (l.buyer, of_network[l.supplier as usize].product)).collect();
        // What is bought from nobody here comes from abroad as far as stated; how much it is worth is not known,
        // so beside inputs with an amount it weighs nothing.
        let alone = |key: &(u32, u32), rule: &InputRule| rule.outside > 0.0 && !bought.contains(key);
        let imports: Vec<Import> = stated
            .iter()
            .filter(|(key, rule)| alone(key, rule))
            .map(|((buyer, product), _)| Import { buyer: *buyer, product: *product, amount: f64::MIN_POSITIVE })
            .collect();
        let assumed = bought.iter().filter(|key| !stated.contains_key(*key)).count();
        let rule = |buyer: u32, product: u32| match (stated.get(&(buyer, product)), products[product as usize]) {
            // Of such an input the network takes the part from abroad for the whole: the rest is as good as secured.
            (Some(rule), _) if alone(&(buyer, product), rule) => {
                InputRule { secured: 1.0 - (1.0 - rule.secured) * rule.outside, ..*rule }
            }
            (Some(rule), _) => *rule,
            (None, Some(node)) => (ground.assumed)(graph, firms[buyer as usize] as usize, node as usize),
            (None, None) => InputRule::bare(false),
        };
        let network = Network::with_imports(of_network, links, &imports, ground.slack, rule)
            .map_err(|faults| faults.into_iter().map(|fault| named(fault, graph, &firms)).collect::<Vec<_>>())?;
        Ok(Self { network, firms, products, left, unplaced, assumed })
    }

    /// The firm of the network at a node.
    pub fn firm(&self, node: usize) -> Option<u32> {
        self.firms.binary_search(&(node as u32)).ok().map(|at| at as u32)
    }

    /// The number of the product at a node.
    pub fn product(&self, node: usize) -> Option<u32> {
        self.products.iter().position(|p| *p == Some(node as u32)).map(|at| at as u32)
    }

    /// Stops of all firms at once for which `stops` says so, given their nodes.
    pub fn stops(&self, stops: impl Fn(usize) -> bool, share: f64, from_day: u32, days: u32) -> Vec<Stop> {
        let all = self.firms.iter().enumerate().filter(|(_, node)| stops(**node as usize));
        all.map(|(firm, _)| Stop { firm: firm as u32, share, from_day, days }).collect()
    }
}

/// A fault of the network with the firm's name in place of its number.
fn named(fault: Fault, graph: &Graph, firms: &[u32]) -> Fault {
    let number = fault.place.strip_prefix("firm ").and_then(|n| n.parse::<usize>().ok());
    match number.and_then(|n| firms.get(n)).map(|node| &graph.nodes()[*node as usize]) {
        Some(node) => Fault { place: format!("node {} ({})", node.id, node.name), ..fault },
        None => fault,
    }
}

impl Terms {
    /// The rule that they state.
    pub fn rule(&self) -> InputRule {
        InputRule {
            essential: self.essential,
            stock_days: self.stock_days,
            outside: self.outside,
            secured: self.secured,
            substitute: self.substitute,
            substitute_from: self.substitute_from,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::Raw;
    use crate::graph::tests::{checks, edge, node};
    use crate::shock::Shortage;

    fn chain() -> Graph {
        let mut nodes: Vec<_> = ["bearing", "chip", "lathe"].iter().map(|id| node(id, NodeKind::Product)).collect();
        for (id, output) in [("a", Some(300.0)), ("b", Some(900.0)), ("c", None)] {
            let mut firm = node(id, NodeKind::Firm);
            firm.output = output;
            nodes.push(firm);
        }
        let supplies = |from: &str, to: &str, amount: Option<f64>, confidence: f64| {
            let mut link = edge(from, to, EdgeKind::Supplies);
            (link.amount, link.confidence) = (amount, confidence);
            link
        };
        let places = |firm: &str, product: &str, share: f64| {
            let mut link = edge(firm, product, EdgeKind::Places);
            (link.share, link.confidence) = (Some(share), 0.9);
            link
        };
        let edges = vec![
            edge("lathe", "bearing", EdgeKind::MadeOf),
            edge("lathe", "chip", EdgeKind::MadeOf),
            places("a", "bearing", 0.8),
            places("a", "chip", 0.2),
            places("b", "lathe", 1.0),
            supplies("a", "b", Some(150.0), 0.9),
            supplies("b", "a", Some(15.0), 0.2),
            supplies("c", "b", Some(9.0), 0.9),
        ];
        Graph::check(Raw { nodes, edges }, &checks()).unwrap()
    }

    fn terms() -> Vec<Terms> {
        let one = |product: &str, stock_days: f64, outside: f64| Terms {
            buyer: "b".into(),
            product: product.into(),
            essential: true,
            stock_days,
            outside,
            secured: 0.0,
            substitute: 0.0,
            substitute_from: 0,
            source: "台账".into(),
        };
        vec![one("bearing", 5.0, 0.0), one("chip", 2.0, 1.0)]
    }

    fn model(graph: &Graph, terms: &[Terms]) -> Model {
        let assumed = |_: &Graph, _: usize, _: usize| InputRule::bare(true);
        let ground = Ground { confidence: 0.5, days_in_year: 300.0, slack: 0.0, terms, assumed: &assumed };
        Model::new(graph, &ground).unwrap()
    }

    #[test]
    fn what_is_left_out_is_counted_and_what_is_in_keeps_its_names() {
        let graph = chain();
        let found = model(&graph, &terms());
        assert_eq!(
            found.left,
            Left { firms_without_output: 1, links_unsure: 1, links_of_left_firms: 1, ..Left::default() }
        );
        assert_eq!((found.firms.len(), found.network.links().len(), found.unplaced, found.assumed), (2, 1, 0, 0));
        let (a, bearing) = (graph.find("a").unwrap(), graph.find("bearing").unwrap());
        let firm = found.firm(a).unwrap();
        assert_eq!(found.network.firms()[firm as usize].output, 1.0);
        assert_eq!(Some(found.network.firms()[firm as usize].product), found.product(bearing));
        assert_eq!(model(&graph, &[]).assumed, 1);
    }

    #[test]
    fn what_only_comes_from_abroad_can_be_stopped() {
        let graph = chain();
        let found = model(&graph, &terms());
        let chip = found.product(graph.find("chip").unwrap()).unwrap();
        let stop = Stop { firm: found.network.abroad(chip), share: 1.0, from_day: 0, days: 10 };
        let loss = Shortage::new(&found.network).run(&[stop], 60).unwrap();
        // Two days of stock of ten, at three a day; what is missing on one day is missed on the next. The source
        // itself stands among those that lose, without output.
        let firms: Vec<_> = loss.firms.iter().map(|f| (f.firm, f.first_day, f.output.round())).collect();
        assert_eq!(firms, [(1, 3, 24.0), (stop.firm, 0, 0.0)]);
    }

    #[test]
    fn a_firm_that_sells_too_much_is_named() {
        let mut raw = chain().to_raw();
        raw.edges.iter_mut().filter(|e| e.from == "a" && e.to == "b").for_each(|e| e.amount = Some(400.0));
        let graph = Graph::check(raw, &checks()).unwrap();
        let assumed = |_: &Graph, _: usize, _: usize| InputRule::bare(true);
        let ground = Ground { confidence: 0.5, days_in_year: 300.0, slack: 0.0, terms: &[], assumed: &assumed };
        let faults = Model::new(&graph, &ground).unwrap_err();
        assert!(faults[0].place.starts_with("node a"), "{faults:?}");
    }
}
