//! How present something is in a place: coverage, local share, location quotient, and how much of it
//! hangs on few: the Herfindahl-Hirschman index. Figures that cannot be known come back as none.

use crate::fault::{Code, Fault, within};
use crate::graph::{EdgeKind, Graph, Node, NodeKind};

/// How many of a set of nodes are covered.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Coverage {
    /// Nodes looked at.
    pub nodes: usize,
    /// Nodes that are covered.
    pub covered: usize,
}

impl Coverage {
    /// Counts.
    pub fn of(covered: impl IntoIterator<Item = bool>) -> Self {
        covered.into_iter().fold(Self { nodes: 0, covered: 0 }, |sum, is| Self {
            nodes: sum.nodes + 1,
            covered: sum.covered + usize::from(is),
        })
    }

    /// Covered over all; none when there is nothing to cover.
    pub fn share(&self) -> Option<f64> {
        (self.nodes > 0).then(|| self.covered as f64 / self.nodes as f64)
    }
}

/// Concentration of a market.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Concentration {
    /// Suppliers with more than nothing.
    pub suppliers: usize,
    /// Sum of squared shares, 1/n to 1 (Herfindahl 1950, Hirschman 1964).
    pub hhi: f64,
    /// (H - 1/n) / (1 - 1/n), 0 to 1; none for a single supplier, where it is 0/0.
    pub normalised: Option<f64>,
    /// The largest share, 0 to 1.
    pub largest: f64,
}

/// Concentration from amounts in any one unit; none when nothing is supplied.
///
/// Faults: [`Code::Number`] for an amount below 0 or not a number.
pub fn hhi(amounts: &[f64]) -> Result<Option<Concentration>, Fault> {
    let mut sum = 0.0;
    let mut suppliers = 0;
    for (at, amount) in amounts.iter().enumerate() {
        within(Code::Number, &format!("supplier {at}"), "amount", *amount, 0.0, f64::MAX)?;
        sum += amount;
        suppliers += usize::from(*amount > 0.0);
    }
    if suppliers == 0 {
        return Ok(None);
    }
    let hhi: f64 = amounts.iter().map(|a| (a / sum) * (a / sum)).sum();
    let even = 1.0 / suppliers as f64;
    let normalised = (suppliers > 1).then(|| (hhi - even) / (1.0 - even));
    Ok(Some(Concentration {
        suppliers,
        hhi,
        normalised,
        largest: amounts.iter().fold(0.0, |m: f64, a| m.max(a / sum)),
    }))
}

/// Location quotient: the share of an industry in a place over its share in the whole (Florence 1939).
/// None when a total or the industry as a whole is 0.
///
/// Faults: [`Code::Number`] for a figure below 0, or a part larger than its whole.
pub fn location_quotient(part: f64, place: f64, industry: f64, whole: f64) -> Result<Option<f64>, Fault> {
    within(Code::Number, "location quotient", "industry in the place", part, 0.0, place.min(industry))?;
    within(Code::Number, "location quotient", "the place", place, 0.0, whole)?;
    within(Code::Number, "location quotient", "the industry", industry, 0.0, whole)?;
    Ok((place > 0.0 && industry > 0.0).then(|| (part / place) / (industry / whole)))
}

/// Who makes a product, inside and outside a place. Amounts are output times the share of the product.
#[derive(Clone, Debug, PartialEq)]
pub struct Supply {
    /// The product's number in the graph.
    pub product: usize,
    /// Firms of the place with what they make of it.
    pub local: Vec<(usize, f64)>,
    /// Firms elsewhere with what they make of it.
    pub outside: Vec<(usize, f64)>,
    /// Firms that make it but whose output, share or place is not known; they count in no sum.
    pub unknown: Vec<usize>,
}

impl Supply {
    /// Local over all; none when nothing is known to be made.
    pub fn local_share(&self) -> Option<f64> {
        let sum = |firms: &[(usize, f64)]| firms.iter().map(|(_, a)| a).sum::<f64>();
        let (local, outside) = (sum(&self.local), sum(&self.outside));
        (local + outside > 0.0).then(|| local / (local + outside))
    }

    /// Concentration over all known makers.
    pub fn concentration(&self) -> Result<Option<Concentration>, Fault> {
        hhi(&self.local.iter().chain(&self.outside).map(|(_, a)| *a).collect::<Vec<_>>())
    }
}

/// Who makes each product, by links that are sure enough. `local` says of a place whether it counts as here.
pub fn supply(graph: &Graph, confidence: f64, local: impl Fn(&str) -> bool) -> Vec<Supply> {
    let mut out: Vec<Supply> = Vec::new();
    let mut number = vec![usize::MAX; graph.nodes().len()];
    for (at, _) in graph.nodes().iter().enumerate().filter(|(_, n)| n.kind == NodeKind::Product) {
        number[at] = out.len();
        out.push(Supply { product: at, local: Vec::new(), outside: Vec::new(), unknown: Vec::new() });
    }
    let placed = graph.edges().iter().zip(graph.ends());
    for (edge, (from, to)) in placed.filter(|(e, _)| e.kind == EdgeKind::Places && e.confidence >= confidence) {
        let firm: &Node = &graph.nodes()[*from as usize];
        let row = &mut out[number[*to as usize]];
        match (firm.output, edge.share, &firm.place) {
            (Some(output), Some(share), Some(place)) => {
                let side = if local(place) { &mut row.local } else { &mut row.outside };
                side.push((*from as usize, output * share));
            }
            _ => row.unknown.push(*from as usize),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::tests::{checks, small};

    #[test]
    fn the_figures_of_the_cards_come_out() {
        assert_eq!(
            location_quotient(12_000.0, 80_000.0, 300_000.0, 4_000_000.0).unwrap().map(|q| (q * 1e9).round()),
            Some(2e9)
        );
        let near = |amounts: &[f64], want: f64| (hhi(amounts).unwrap().unwrap().hhi - want).abs() < 1e-12;
        assert!(near(&[0.7, 0.2, 0.1], 0.54) && near(&[4.0, 3.0, 3.0], 0.34));
        let even = hhi(&[5.0, 5.0, 0.0]).unwrap().unwrap();
        assert_eq!((even.suppliers, even.hhi, even.normalised, even.largest), (2, 0.5, Some(0.0), 0.5));
        assert_eq!(hhi(&[3.0]).unwrap().unwrap().normalised, None);
        assert_eq!(hhi(&[0.0]).unwrap(), None);
        assert!(hhi(&[-1.0]).is_err() && hhi(&[f64::NAN]).is_err());
        assert!(location_quotient(2.0, 1.0, 5.0, 9.0).is_err());
        assert_eq!(location_quotient(0.0, 0.0, 5.0, 9.0).unwrap(), None);
        assert_eq!(Coverage::of([true, false, true, true]).share(), Some(0.75));
        assert_eq!(Coverage::of([]).share(), None);
    }

    #[test]
    fn unknown_output_counts_in_no_sum() {
        let mut raw = small();
        for (firm, output, place) in [(3, Some(80.0), "370703"), (4, None, "370703")] {
            raw.nodes[firm].output = output;
            raw.nodes[firm].place = Some(place.into());
        }
        raw.edges[2].share = Some(0.5);
        raw.edges[3].share = Some(1.0);
        let graph = Graph::check(raw, &checks()).unwrap();
        let rows = supply(&graph, 0.5, |place| place.starts_with("3707"));
        assert_eq!(rows.len(), 3);
        assert_eq!(rows[0].local, [(1, 40.0)]);
        assert_eq!((rows[0].local_share(), rows[1].local_share()), (Some(1.0), None));
        assert_eq!(supply(&graph, 0.95, |_| true)[0].local, []);
    }
}
