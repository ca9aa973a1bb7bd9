//! The chain as a property graph: nodes and links with their life in time, and for each link the evidence,
//! how sure it is, who said so and when. What is no chain is refused with every fault at once; what is one
//! can be looked at on any day.

use crate::csr::{Csr, order};
use crate::fault::{Code, Fault, within};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// What a node stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NodeKind {
    /// A stage of the chain: upstream, middle, downstream, or finer.
    Stage,
    /// A product or process, with its code.
    Product,
    /// A firm.
    Firm,
    /// A project that will make something.
    Project,
    /// A technology.
    Technology,
    /// A group or team of people.
    People,
    /// A fund, loan or award.
    Money,
}

/// What a link says of its two ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EdgeKind {
    /// A product is made of another one; share: its part of the cost of inputs. Must have no cycle.
    MadeOf,
    /// A stage comes before another one. Must have no cycle.
    Precedes,
    /// A product belongs to a stage.
    Belongs,
    /// A firm makes a product; share: its part of the firm's revenue.
    Places,
    /// A firm supplies another firm; amount: value in a year.
    Supplies,
    /// A product can stand in for another one; share: how much of the need it covers.
    Substitutes,
    /// A project will make a product.
    Builds,
    /// A technology serves a product.
    Serves,
    /// People work for a firm or project or on a technology.
    WorksOn,
    /// Money goes to a firm, project or technology.
    Funds,
}

/// All kinds of links with the kinds of ends that they may have.
pub const ENDS: [(EdgeKind, &[NodeKind], &[NodeKind]); 10] = [
    (EdgeKind::MadeOf, &[NodeKind::Product], &[NodeKind::Product]),
    (EdgeKind::Precedes, &[NodeKind::Stage], &[NodeKind::Stage]),
    (EdgeKind::Belongs, &[NodeKind::Product], &[NodeKind::Stage]),
    (EdgeKind::Places, &[NodeKind::Firm], &[NodeKind::Product]),
    (EdgeKind::Supplies, &[NodeKind::Firm], &[NodeKind::Firm]),
    (EdgeKind::Substitutes, &[NodeKind::Product], &[NodeKind::Product]),
    (EdgeKind::Builds, &[NodeKind::Project], &[NodeKind::Product]),
    (EdgeKind::Serves, &[NodeKind::Technology], &[NodeKind::Product]),
    (EdgeKind::WorksOn, &[NodeKind::People], &[NodeKind::Firm, NodeKind::Project, NodeKind::Technology]),
    (EdgeKind::Funds, &[NodeKind::Money], &[NodeKind::Firm, NodeKind::Project, NodeKind::Technology]),
];

/// The name of a kind as files write it.
pub fn word<T: Serialize>(kind: &T) -> String {
    match serde_json::to_value(kind) {
        Ok(serde_json::Value::String(word)) => word,
        _ => String::new(),
    }
}

/// A node.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Node {
    /// Its name in links; unique.
    pub id: String,
    /// What it stands for.
    pub kind: NodeKind,
    /// What people call it.
    pub name: String,
    /// The product code; required for products.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The division in which it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// Output in a year, in whatever unit the graph uses throughout; not below 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<f64>,
    /// The first day on which it is there; none: always was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Date>,
    /// The first day on which it is no longer there; none: still is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Date>,
}

/// Why a link is believed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    /// The document, row or declaration that says so; not empty.
    pub source: String,
    /// Who entered it; not empty.
    pub author: String,
    /// When it was entered.
    pub noted: Date,
}

/// A link.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Edge {
    /// The node where it starts.
    pub from: String,
    /// The node where it ends.
    pub to: String,
    /// What it says.
    pub kind: EdgeKind,
    /// A part of a whole, 0 to 1; what whole, the kind says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub share: Option<f64>,
    /// Value in a year, in the unit of the graph; not below 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<f64>,
    /// How sure it is, 0 to 1.
    pub confidence: f64,
    /// Why it is believed; one at least.
    pub evidence: Vec<Evidence>,
    /// The first day on which it holds; none: as long as its ends are there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_from: Option<Date>,
    /// The first day on which it no longer holds; none: still holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<Date>,
}

/// Nodes and links as somebody wrote them, unchecked.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Raw {
    /// Nodes.
    pub nodes: Vec<Node>,
    /// Links.
    pub edges: Vec<Edge>,
}

/// What an input is checked against.
#[derive(Clone, Copy, Debug)]
pub struct Checks<'a> {
    /// Product codes in force, with for each code that has ended its successors; none: codes are not looked up.
    pub codes: Option<&'a BTreeMap<String, Vec<String>>>,
    /// The most links that are taken.
    pub edges_max: usize,
    /// Are nodes without any link allowed?
    pub orphans: bool,
    /// By how much shares of one whole may add up to more than 1, for the rounding of the source.
    pub share_slack: f64,
}

/// A chain without faults. Nodes are sorted by id and links by their ends and kind.
#[derive(Clone, Debug, PartialEq)]
pub struct Graph {
    nodes: Vec<Node>,
    edges: Vec<Edge>,
    ends: Vec<(u32, u32)>,
}

/// How two chains differ, by id of nodes and by the numbers of links in either.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Difference {
    /// Nodes only in the second.
    pub nodes_new: Vec<String>,
    /// Nodes only in the first.
    pub nodes_gone: Vec<String>,
    /// Nodes in both that are not the same.
    pub nodes_changed: Vec<String>,
    /// Links only in the second, or there with other figures.
    pub edges_new: Vec<usize>,
    /// Links only in the first, or there with other figures.
    pub edges_gone: Vec<usize>,
}

impl Graph {
    /// Checks everything and reports all faults at once, sorted as the input is.
    pub fn check(raw: Raw, checks: &Checks<'_>) -> Result<Self, Vec<Fault>> {
        let mut faults = Vec::new();
        if raw.edges.len() > checks.edges_max {
            let allowed = format!("at most {} links are allowed; send them in parts", checks.edges_max);
            return Err(vec![Fault::new(Code::Limit, "graph", format!("{} links", raw.edges.len()), allowed)]);
        }
        let Raw { mut nodes, mut edges } = raw;
        nodes.sort_by(|a, b| a.id.cmp(&b.id));
        for node in &nodes {
            check_node(node, checks, &mut faults);
        }
        for pair in nodes.windows(2) {
            if pair[0].id == pair[1].id {
                let found = format!("{:?} and {:?} under one id", pair[0].name, pair[1].name);
                faults.push(Fault::new(
                    Code::Duplicate,
                    node_place(&pair[1]),
                    found,
                    "one node for each id is allowed",
                ));
            }
        }
        edges.sort_by(|a, b| key(a).cmp(&key(b)));
        let index: HashMap<&str, u32> = nodes.iter().enumerate().map(|(at, n)| (n.id.as_str(), at as u32)).collect();
        let mut ends = Vec::with_capacity(edges.len());
        for edge in &edges {
            ends.push(check_edge(edge, &nodes, &index, &mut faults));
        }
        check_overlaps(&edges, &mut faults);
        check_sums(&edges, checks.share_slack, &mut faults);
        if !checks.orphans {
            check_orphans(&nodes, &ends, &mut faults);
        }
        if faults.is_empty() {
            // Cycles last: they are looked for in a graph whose ends are known to be right.
            for kind in [EdgeKind::MadeOf, EdgeKind::Precedes] {
                check_cycles(kind, &nodes, &edges, &ends, &mut faults);
            }
        }
        match faults.is_empty() {
            true => Ok(Self { ends: ends.into_iter().flatten().collect(), nodes, edges }),
            false => Err(faults),
        }
    }

    /// Nodes, by id.
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// Links, by ends and kind.
    pub fn edges(&self) -> &[Edge] {
        &self.edges
    }

    /// The numbers of the two nodes of each link.
    pub fn ends(&self) -> &[(u32, u32)] {
        &self.ends
    }

    /// The number of a node.
    pub fn find(&self, id: &str) -> Option<usize> {
        self.nodes.binary_search_by(|n| n.id.as_str().cmp(id)).ok()
    }

    /// What was there on a day: nodes alive, and links that hold between nodes alive.
    pub fn on(&self, day: Date) -> Self {
        let alive: Vec<bool> = self.nodes.iter().map(|n| holds(n.from, n.until, day)).collect();
        self.keep(&alive, |e| holds(e.valid_from, e.valid_until, day))
    }

    /// Links that are at least so sure; all nodes stay.
    pub fn surer_than(&self, confidence: f64) -> Self {
        self.keep(&vec![true; self.nodes.len()], |e| e.confidence >= confidence)
    }

    fn keep(&self, alive: &[bool], good: impl Fn(&Edge) -> bool) -> Self {
        let mut number = vec![0; alive.len()];
        let mut nodes = Vec::new();
        for (at, node) in self.nodes.iter().enumerate().filter(|(at, _)| alive[*at]) {
            number[at] = nodes.len() as u32;
            nodes.push(node.clone());
        }
        let (mut edges, mut ends) = (Vec::new(), Vec::new());
        for (edge, (from, to)) in self.edges.iter().zip(&self.ends) {
            if good(edge) && alive[*from as usize] && alive[*to as usize] {
                edges.push(edge.clone());
                ends.push((number[*from as usize], number[*to as usize]));
            }
        }
        Self { nodes, edges, ends }
    }

    /// Links of some kinds in compressed rows over all nodes, and for each row link its number in
    /// [`Self::edges`].
    pub fn rows(&self, kinds: &[EdgeKind]) -> (Csr, Vec<u32>) {
        let chosen: Vec<u32> =
            (0..self.edges.len() as u32).filter(|at| kinds.contains(&self.edges[*at as usize].kind)).collect();
        let links: Vec<(u32, u32)> = chosen.iter().map(|at| self.ends[*at as usize]).collect();
        // The ends were checked when the graph was, so this cannot fail.
        (Csr::directed(self.nodes.len(), &links).unwrap_or_default(), chosen)
    }

    /// Every day on which something begins or ends, ascending: the stops of a time slider.
    pub fn days(&self) -> Vec<Date> {
        let of_nodes = self.nodes.iter().flat_map(|n| [n.from, n.until]);
        let of_edges = self.edges.iter().flat_map(|e| [e.valid_from, e.valid_until]);
        of_nodes.chain(of_edges).flatten().collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// What must be added to and taken from this chain to get the other one.
    pub fn difference(&self, other: &Self) -> Difference {
        let mut out = Difference::default();
        let (mut a, mut b) = (0, 0);
        while a < self.nodes.len() || b < other.nodes.len() {
            match (self.nodes.get(a), other.nodes.get(b)) {
                (Some(x), Some(y)) if x.id == y.id => {
                    if x != y {
                        out.nodes_changed.push(x.id.clone());
                    }
                    (a, b) = (a + 1, b + 1);
                }
                (Some(x), y) if y.is_none_or(|y| x.id < y.id) => {
                    out.nodes_gone.push(x.id.clone());
                    a += 1;
                }
                (_, Some(y)) => {
                    out.nodes_new.push(y.id.clone());
                    b += 1;
                }
                _ => break,
            }
        }
        let (mut a, mut b) = (0, 0);
        while a < self.edges.len() || b < other.edges.len() {
            match (self.edges.get(a), other.edges.get(b)) {
                (Some(x), Some(y)) if key(x) == key(y) => {
                    if x != y {
                        out.edges_gone.push(a);
                        out.edges_new.push(b);
                    }
                    (a, b) = (a + 1, b + 1);
                }
                (Some(x), y) if y.is_none_or(|y| key(x) < key(y)) => {
                    out.edges_gone.push(a);
                    a += 1;
                }
                (_, Some(_)) => {
                    out.edges_new.push(b);
                    b += 1;
                }
                _ => break,
            }
        }
        out
    }

    /// The chain as it can be written and read again.
    pub fn to_raw(&self) -> Raw {
        Raw { nodes: self.nodes.clone(), edges: self.edges.clone() }
    }
}

fn holds(from: Option<Date>, until: Option<Date>, day: Date) -> bool {
    from.is_none_or(|f| f <= day) && until.is_none_or(|u| day < u)
}

fn key(edge: &Edge) -> (&str, &str, EdgeKind, Option<Date>) {
    (&edge.from, &edge.to, edge.kind, edge.valid_from)
}

fn node_place(node: &Node) -> String {
    format!("node {}", node.id)
}

fn edge_place(edge: &Edge) -> String {
    format!("link {} -> {} ({})", edge.from, edge.to, word(&edge.kind))
}

fn check_node(node: &Node, checks: &Checks<'_>, faults: &mut Vec<Fault>) {
    let place = node_place(node);
    if node.id.trim().is_empty() {
        faults.push(Fault::new(Code::Text, format!("node {:?}", node.name), "an empty id", "an id is needed"));
    }
    if let Some(output) = node.output {
        faults.extend(within(Code::Number, &place, "output", output, 0.0, f64::MAX).err());
    }
    check_dates(&place, node.from, node.until, faults);
    match (&node.code, checks.codes) {
        (None, _) if node.kind == NodeKind::Product => {
            faults.push(Fault::new(Code::MissingCode, place, "a product without a code", "a product code is needed"));
        }
        (Some(code), Some(known)) => match known.get(code) {
            None => {
                let allowed = "a code of the list in force is allowed";
                faults.push(Fault::new(Code::UnknownCode, place, format!("code {code}"), allowed));
            }
            Some(next) if !next.is_empty() => {
                let allowed = format!("the code has ended; {} follow it", next.join(", "));
                faults.push(Fault::new(Code::UnknownCode, place, format!("code {code}"), allowed));
            }
            Some(_) => (),
        },
        _ => (),
    }
}

fn check_dates(place: &str, from: Option<Date>, until: Option<Date>, faults: &mut Vec<Fault>) {
    if let (Some(from), Some(until)) = (from, until)
        && from >= until
    {
        let found = format!("{from} until {until}");
        faults.push(Fault::new(Code::Dates, place, found, "an end after the beginning is allowed"));
    }
}

/// Everything that can be wrong with one link; its ends when both are there.
fn check_edge(edge: &Edge, nodes: &[Node], index: &HashMap<&str, u32>, faults: &mut Vec<Fault>) -> Option<(u32, u32)> {
    let place = edge_place(edge);
    let ends = [&edge.from, &edge.to].map(|id| index.get(id.as_str()).copied());
    for (end, id) in ends.iter().zip([&edge.from, &edge.to]) {
        if end.is_none() {
            faults.push(Fault::new(Code::UnknownNode, &place, format!("node {id}"), "a node of the graph is allowed"));
        }
    }
    if edge.from == edge.to {
        faults.push(match edge.kind {
            EdgeKind::Supplies => {
                let allowed = "another firm is allowed; what a firm makes for itself is no link";
                Fault::new(Code::SelfSupply, &place, format!("firm {} supplying itself", edge.from), allowed)
            }
            _ => Fault::new(Code::SelfLoop, &place, format!("{} linked to itself", edge.from), "two nodes are needed"),
        });
    }
    if let Some(share) = edge.share {
        faults.extend(within(Code::Share, &place, "share", share, 0.0, 1.0).err());
    }
    if let Some(amount) = edge.amount {
        faults.extend(within(Code::Number, &place, "amount", amount, 0.0, f64::MAX).err());
    }
    faults.extend(within(Code::Number, &place, "confidence", edge.confidence, 0.0, 1.0).err());
    check_dates(&place, edge.valid_from, edge.valid_until, faults);
    if edge.evidence.is_empty() {
        faults.push(Fault::new(Code::Evidence, &place, "no evidence", "a link needs one piece of evidence at least"));
    }
    for evidence in &edge.evidence {
        if evidence.source.trim().is_empty() || evidence.author.trim().is_empty() {
            let found = format!("source {:?}, author {:?}", evidence.source, evidence.author);
            faults.push(Fault::new(Code::Evidence, &place, found, "evidence names its source and its author"));
        }
    }
    let [Some(from), Some(to)] = ends else { return None };
    let pair = [&nodes[from as usize], &nodes[to as usize]];
    if let Some((_, froms, tos)) = ENDS.iter().find(|(kind, ..)| *kind == edge.kind)
        && !(froms.contains(&pair[0].kind) && tos.contains(&pair[1].kind))
    {
        let names = |kinds: &[NodeKind]| kinds.iter().map(word).collect::<Vec<_>>().join(" or ");
        let found = format!("{} -> {}", word(&pair[0].kind), word(&pair[1].kind));
        faults.push(Fault::new(Code::Ends, &place, found, format!("{} -> {} is allowed", names(froms), names(tos))));
    }
    for node in pair {
        // A stated day outside the life of an end contradicts it; a day that is not stated follows the ends.
        let early = matches!((edge.valid_from, node.from), (Some(e), Some(n)) if e < n);
        let late = matches!((edge.valid_until, node.until), (Some(e), Some(n)) if e > n);
        if early || late {
            let day = |d: Option<Date>| d.map_or("open".to_owned(), |d| d.to_string());
            let found = format!("{} until {}", day(edge.valid_from), day(edge.valid_until));
            let allowed = format!("days of {}, {} until {}, are allowed", node.id, day(node.from), day(node.until));
            faults.push(Fault::new(Code::Dates, &place, found, allowed));
        }
    }
    Some((from, to))
}

/// The same link twice for the same day.
fn check_overlaps(edges: &[Edge], faults: &mut Vec<Fault>) {
    for pair in edges.windows(2) {
        let same = (&pair[0].from, &pair[0].to, pair[0].kind) == (&pair[1].from, &pair[1].to, pair[1].kind);
        let apart = matches!((pair[0].valid_until, pair[1].valid_from), (Some(a), Some(b)) if a <= b);
        if same && !apart {
            let found = "the same link twice for the same days";
            faults.push(Fault::new(Code::Duplicate, edge_place(&pair[1]), found, "one link for each day is allowed"));
        }
    }
}

/// Shares of one whole must not add up to more than the whole on any day on which one begins.
fn check_sums(edges: &[Edge], slack: f64, faults: &mut Vec<Fault>) {
    let wholes = [EdgeKind::MadeOf, EdgeKind::Places];
    for group in edges.chunk_by(|a, b| a.from == b.from) {
        for kind in wholes {
            let parts: Vec<&Edge> = group.iter().filter(|e| e.kind == kind && e.share.is_some()).collect();
            let mut starts: Vec<Option<Date>> = parts.iter().map(|e| e.valid_from).collect();
            starts.sort_unstable();
            starts.dedup();
            for start in starts {
                let day = start.unwrap_or(Date::MIN);
                let sum: f64 =
                    parts.iter().filter(|e| holds(e.valid_from, e.valid_until, day)).filter_map(|e| e.share).sum();
                if sum > 1.0 + slack {
                    let place = format!("links of {} ({})", group[0].from, word(&kind));
                    let found = format!("shares that add up to {sum}");
                    faults.push(Fault::new(Code::Share, place, found, "a sum from 0 to 1 is allowed"));
                    break;
                }
            }
        }
    }
}

fn check_orphans(nodes: &[Node], ends: &[Option<(u32, u32)>], faults: &mut Vec<Fault>) {
    let mut linked = vec![false; nodes.len()];
    for (from, to) in ends.iter().flatten() {
        linked[*from as usize] = true;
        linked[*to as usize] = true;
    }
    for node in nodes.iter().zip(linked).filter(|(_, linked)| !linked).map(|(node, _)| node) {
        let allowed = "a node with one link at least is allowed";
        faults.push(Fault::new(Code::Orphan, node_place(node), "no link", allowed));
    }
}

/// A cycle in a kind that promises none. A cycle must stand on some day: links of different years are none.
fn check_cycles(kind: EdgeKind, nodes: &[Node], edges: &[Edge], ends: &[Option<(u32, u32)>], faults: &mut Vec<Fault>) {
    let of_kind: Vec<usize> = (0..edges.len()).filter(|at| edges[*at].kind == kind).collect();
    let cycle_of = |chosen: &[usize]| {
        let links: Vec<(u32, u32)> = chosen.iter().filter_map(|at| ends[*at]).collect();
        Csr::directed(nodes.len(), &links).ok().and_then(|graph| order(&graph).err())
    };
    // Most chains have no cycle over all days, hence none on any day.
    if cycle_of(&of_kind).is_none() {
        return;
    }
    // What stands together on some day stands together on the day on which the last of it begins.
    let starts: BTreeSet<Option<Date>> = of_kind.iter().map(|at| edges[*at].valid_from).collect();
    for start in starts {
        let day = start.unwrap_or(Date::MIN);
        let there: Vec<usize> =
            of_kind.iter().copied().filter(|at| holds(edges[*at].valid_from, edges[*at].valid_until, day)).collect();
        if let Some(cycle) = cycle_of(&there) {
            let mut names: Vec<&str> = cycle.iter().map(|n| nodes[*n as usize].id.as_str()).collect();
            names.extend(names.first().copied());
            let found = format!("the cycle {}", names.join(" -> "));
            let allowed = "links that never come back are allowed";
            faults.push(Fault::new(Code::Cycle, format!("links of kind {}", word(&kind)), found, allowed));
            return;
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub fn node(id: &str, kind: NodeKind) -> Node {
        let code = (kind == NodeKind::Product).then(|| "3421".to_owned());
        Node {
            id: id.into(),
            kind,
            name: format!("{id} & co"),
            code,
            place: None,
            output: None,
            from: None,
            until: None,
        }
    }

    pub fn edge(from: &str, to: &str, kind: EdgeKind) -> Edge {
        let evidence = vec![Evidence { source: "invoice 7".into(), author: "li".into(), noted: day("2026-01-05") }];
        let (from, to) = (from.into(), to.into());
        Edge {
            from,
            to,
            kind,
            share: None,
            amount: None,
            confidence: 0.9,
            evidence,
            valid_from: None,
            valid_until: None,
        }
    }

    pub fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    pub fn checks() -> Checks<'static> {
        Checks { codes: None, edges_max: 1000, orphans: false, share_slack: 1e-9 }
    }

    pub fn small() -> Raw {
        let nodes = vec![
            node("lathe", NodeKind::Product),
            node("spindle", NodeKind::Product),
            node("bearing", NodeKind::Product),
            node("f1", NodeKind::Firm),
            node("f2", NodeKind::Firm),
        ];
        let edges = vec![
            edge("lathe", "spindle", EdgeKind::MadeOf),
            edge("spindle", "bearing", EdgeKind::MadeOf),
            edge("f1", "bearing", EdgeKind::Places),
            edge("f2", "lathe", EdgeKind::Places),
            edge("f1", "f2", EdgeKind::Supplies),
        ];
        Raw { nodes, edges }
    }

    fn codes(raw: Raw, checks: &Checks<'_>) -> Vec<Code> {
        Graph::check(raw, checks).err().unwrap_or_default().into_iter().map(|f| f.code).collect()
    }

    #[test]
    fn a_sound_chain_passes_and_does_not_depend_on_the_order_of_its_rows() {
        let mut turned = small();
        turned.nodes.reverse();
        turned.edges.reverse();
        assert_eq!(Graph::check(small(), &checks()), Graph::check(turned, &checks()));
    }

    #[test]
    fn each_kind_of_bad_input_is_named() {
        let spoil = |change: &dyn Fn(&mut Raw)| {
            let mut raw = small();
            change(&mut raw);
            codes(raw, &checks())
        };
        assert_eq!(spoil(&|r| r.edges[0].to = "lathe".into()), [Code::SelfLoop]);
        assert_eq!(spoil(&|r| r.edges[4].to = "f1".into()), [Code::SelfSupply]);
        assert_eq!(spoil(&|r| r.edges.push(edge("bearing", "lathe", EdgeKind::MadeOf))), [Code::Cycle]);
        assert_eq!(spoil(&|r| r.nodes.push(node("lonely", NodeKind::Firm))), [Code::Orphan]);
        assert_eq!(spoil(&|r| r.edges[2].share = Some(-0.1)), [Code::Share]);
        assert_eq!(spoil(&|r| r.edges[2].share = Some(1.1)), [Code::Share, Code::Share]);
        assert_eq!(spoil(&|r| r.edges[2].share = Some(f64::NAN)), [Code::Share]);
        assert_eq!(spoil(&|r| r.edges[2].evidence.clear()), [Code::Evidence]);
        assert_eq!(spoil(&|r| r.edges[2].evidence[0].author = " ".into()), [Code::Evidence]);
        assert_eq!(spoil(&|r| r.edges[2].to = "f2".into()), [Code::Ends]);
        assert_eq!(spoil(&|r| r.edges[2].to = "nowhere".into()), [Code::UnknownNode]);
        assert_eq!(spoil(&|r| r.nodes[0].code = None), [Code::MissingCode]);
        assert_eq!(spoil(&|r| r.nodes[4].id = "f1".into()).first(), Some(&Code::Duplicate));
        assert_eq!(spoil(&|r| r.edges.push(edge("f1", "f2", EdgeKind::Supplies))), [Code::Duplicate]);
        assert_eq!(spoil(&|r| r.nodes[3].output = Some(-1.0)), [Code::Number]);
        assert_eq!(spoil(&|r| r.edges[1].confidence = 2.0), [Code::Number]);
        let list = BTreeMap::from([("3421".to_owned(), vec!["3425".to_owned()])]);
        let found = Graph::check(small(), &Checks { codes: Some(&list), ..checks() }).unwrap_err();
        assert_eq!(found[0].to_string(), "node bearing: code 3421 found; the code has ended; 3425 follow it");
        assert_eq!(codes(small(), &Checks { edges_max: 4, ..checks() }), [Code::Limit]);
    }

    #[test]
    fn links_of_different_years_make_no_cycle() {
        let mut raw = small();
        raw.edges[0].valid_until = Some(day("2025-01-01"));
        let mut back = edge("bearing", "lathe", EdgeKind::MadeOf);
        back.valid_from = Some(day("2025-01-01"));
        raw.edges.push(back.clone());
        assert!(Graph::check(raw.clone(), &checks()).is_ok());
        raw.edges.last_mut().unwrap().valid_from = Some(day("2024-12-31"));
        assert_eq!(codes(raw, &checks()), [Code::Cycle]);
    }

    #[test]
    fn the_graph_of_a_day_holds_what_was_there_on_it() {
        let mut raw = small();
        raw.nodes[3].from = Some(day("2024-03-01"));
        raw.edges[3].valid_until = Some(day("2024-06-01"));
        let graph = Graph::check(raw, &checks()).unwrap();
        assert_eq!(graph.days(), [day("2024-03-01"), day("2024-06-01")]);
        let before = graph.on(day("2024-02-29"));
        assert_eq!((before.nodes().len(), before.edges().len()), (4, 3));
        let between = graph.on(day("2024-05-31"));
        assert_eq!((between.nodes().len(), between.edges().len()), (5, 5));
        assert_eq!(graph.on(day("2024-06-01")).edges().len(), 4);
        let change = before.difference(&between);
        assert_eq!((change.nodes_new, change.edges_new.len(), change.edges_gone.len()), (vec!["f1".into()], 2, 0));
        let (rows, of) = between.rows(&[EdgeKind::MadeOf]);
        assert_eq!((rows.link_count(), of.len()), (2, 2));
    }
}
