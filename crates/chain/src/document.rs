//! A chain as it is kept: its graph, how firms depend on their inputs, the evidence lines from which firms are
//! placed, what people decided about them, and the labelled sample that placements are measured on.

use crate::fault::{Code, Fault, within};
use crate::graph::Raw;
use crate::placement::{Claim, Label, Ruling};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How a firm depends on an input, with where that is from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Terms {
    /// Node of the firm.
    pub buyer: String,
    /// Node of the product.
    pub product: String,
    /// Does the firm stop without it?
    pub essential: bool,
    /// Stock in days of full use; not below 0.
    pub stock_days: f64,
    /// Part of the need that comes from outside the network, 0 to 1.
    pub outside: f64,
    /// Part that a second source takes over at once, 0 to 1.
    pub secured: f64,
    /// Part that substitutes cover in addition, 0 to 1.
    pub substitute: f64,
    /// From which day on.
    pub substitute_from: u32,
    /// The document, row or declaration that says so.
    pub source: String,
}

/// A chain as it is kept.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Document {
    /// Nodes and links.
    pub graph: Raw,
    /// How firms depend on inputs.
    #[serde(default)]
    pub terms: Vec<Terms>,
    /// Evidence lines.
    #[serde(default)]
    pub claims: Vec<Claim>,
    /// The labelled sample.
    #[serde(default)]
    pub labels: Vec<Label>,
    /// What people decided about placements.
    #[serde(default)]
    pub rulings: Vec<Ruling>,
}

impl Document {
    /// Everything that is wrong outside the graph itself, in the order in which it stands. Nodes are looked up in
    /// the graph; ids that are not there are faults.
    pub fn check(&self) -> Vec<Fault> {
        let known: BTreeMap<&str, ()> = self.graph.nodes.iter().map(|n| (n.id.as_str(), ())).collect();
        let mut faults = Vec::new();
        let mut look = |place: &str, id: &str| {
            if !known.contains_key(id) {
                let found = format!("node {id}");
                faults.push(Fault::new(Code::UnknownNode, place, found, "a node of the graph is allowed"));
            }
        };
        for terms in &self.terms {
            let place = terms.place();
            look(&place, &terms.buyer);
            look(&place, &terms.product);
        }
        for (what, firm, product) in self
            .labels
            .iter()
            .map(|l| ("label", &l.firm, &l.product))
            .chain(self.rulings.iter().map(|r| ("decision", &r.firm, &r.product)))
        {
            let place = format!("{what} {firm} -> {product}");
            look(&place, firm);
            look(&place, product);
        }
        for (at, claim) in self.claims.iter().enumerate() {
            look(&format!("evidence line {}", at + 1), &claim.firm);
        }
        for terms in &self.terms {
            let place = terms.place();
            for (field, value) in
                [("outside", terms.outside), ("secured", terms.secured), ("substitute", terms.substitute)]
            {
                faults.extend(within(Code::Share, &place, field, value, 0.0, 1.0).err());
            }
            faults.extend(within(Code::Number, &place, "stock_days", terms.stock_days, 0.0, f64::MAX).err());
        }
        let mut pairs: Vec<(&str, &str)> = self.terms.iter().map(|t| (t.buyer.as_str(), t.product.as_str())).collect();
        pairs.sort_unstable();
        for pair in pairs.windows(2).filter(|pair| pair[0] == pair[1]) {
            let place = format!("terms {} -> {}", pair[0].0, pair[0].1);
            faults.push(Fault::new(Code::Duplicate, place, "two of them", "one for each firm and product is allowed"));
        }
        faults
    }

    /// The same bytes for the same chain, in whatever order it was put together.
    pub fn canonical(&self) -> Result<String, Fault> {
        let mut sorted = self.clone();
        sorted.graph.nodes.sort_by(|a, b| a.id.cmp(&b.id));
        sorted
            .graph
            .edges
            .sort_by(|a, b| (&a.from, &a.to, a.kind, a.valid_from).cmp(&(&b.from, &b.to, b.kind, b.valid_from)));
        sorted.terms.sort_by(|a, b| (&a.buyer, &a.product).cmp(&(&b.buyer, &b.product)));
        let line = |c: &Claim| {
            let code = c.code.as_ref().map(|code| code.code.clone());
            (c.firm.clone(), c.kind, c.text.clone(), code, c.evidence.source.clone(), c.evidence.noted)
        };
        sorted.claims.sort_by_cached_key(line);
        sorted.labels.sort_by(|a, b| (&a.firm, &a.product).cmp(&(&b.firm, &b.product)));
        sorted.rulings.sort_by(|a, b| (&a.firm, &a.product, a.decided).cmp(&(&b.firm, &b.product, b.decided)));
        serde_json::to_string(&sorted)
            .map_err(|e| Fault::new(Code::Text, "chain", e.to_string(), "figures and words are allowed"))
    }
}

impl Terms {
    fn place(&self) -> String {
        format!("terms {} -> {}", self.buyer, self.product)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::tests::small;

    fn terms(buyer: &str, product: &str) -> Terms {
        Terms {
            buyer: buyer.into(),
            product: product.into(),
            essential: true,
            stock_days: 10.0,
            outside: 0.5,
            secured: 0.0,
            substitute: 0.0,
            substitute_from: 0,
            source: "采购台账".into(),
        }
    }

    #[test]
    fn what_is_wrong_beside_the_graph_is_named() {
        let graph = small();
        let (a, b) = (graph.nodes[0].id.clone(), graph.nodes[1].id.clone());
        let mut document = Document { graph, terms: vec![terms(&a, &b)], ..Document::default() };
        assert_eq!(document.check(), []);
        document.terms.push(Terms { outside: 1.5, ..terms(&a, &b) });
        document.terms.push(terms("nobody", &b));
        document.labels.push(Label { firm: a.clone(), product: "nothing".into(), holds: true });
        let codes: Vec<Code> = document.check().iter().map(|f| f.code).collect();
        assert_eq!(codes, [Code::UnknownNode, Code::UnknownNode, Code::Share, Code::Duplicate]);
    }

    #[test]
    fn order_does_not_matter_to_the_bytes() {
        let one = Document { graph: small(), ..Document::default() };
        let mut other = one.clone();
        other.graph.nodes.reverse();
        other.graph.edges.reverse();
        assert_ne!(one, other);
        assert_eq!(one.canonical().unwrap(), other.canonical().unwrap());
        assert_eq!(serde_json::from_str::<Document>(&one.canonical().unwrap()).unwrap().terms, []);
    }
}
