//! The smallest cut between two nodes: the links that must fail, with the least capacity in sum, before
//! nothing gets from one to the other. By maximum flow (Ford, Fulkerson 1956; Dinic 1970). With capacities of
//! 1 its value is the number of ways that share no link.

use crate::csr::Csr;
use crate::fault::{Code, Fault};

/// A smallest cut.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cut {
    /// The sum of the capacities cut, which is also the largest flow.
    pub value: u64,
    /// The links cut, ascending; among smallest cuts the one nearest to the start.
    pub links: Vec<u32>,
    /// Nodes that stay on the side of the start.
    pub side: Vec<bool>,
}

/// The smallest cut from one node to another; `capacity` by link number.
///
/// Faults: [`Code::UnknownNode`] for a node out of range, [`Code::SelfLoop`] when both are the same,
/// [`Code::Number`] when capacities are missing or their sum overflows.
pub fn smallest_cut(graph: &Csr, capacity: &[u64], from: u32, to: u32) -> Result<Cut, Fault> {
    let nodes = graph.nodes();
    for node in [from, to] {
        if node as usize >= nodes {
            let allowed = format!("nodes below {nodes} are allowed");
            return Err(Fault::new(Code::UnknownNode, "cut", format!("node {node}"), allowed));
        }
    }
    if from == to {
        return Err(Fault::new(Code::SelfLoop, "cut", format!("{from} twice"), "two nodes are needed"));
    }
    if capacity.len() != graph.link_count() {
        let found = format!("{} capacities for {} links", capacity.len(), graph.link_count());
        return Err(Fault::new(Code::Number, "cut", found, "one for each link is needed"));
    }
    if capacity.iter().try_fold(0u64, |sum, c| sum.checked_add(*c)).is_none_or(|sum| sum > u64::MAX / 4) {
        return Err(Fault::new(Code::Number, "cut", "capacities beyond 2^62 in sum", "a smaller unit is needed"));
    }
    let mut flow = Flow::new(graph, capacity);
    let mut value = 0;
    while flow.levels(from as usize, to as usize) {
        while let Some(more) = flow.push(from as usize, to as usize) {
            value += more;
        }
    }
    let side: Vec<bool> = flow.level.iter().map(|l| *l != u32::MAX).collect();
    let mut links = Vec::new();
    for node in (0..nodes).filter(|n| side[*n]) {
        for (target, link) in graph.of(node).iter().zip(graph.links_of(node)) {
            if !side[*target as usize] && capacity[*link as usize] > 0 {
                links.push(*link);
            }
        }
    }
    links.sort_unstable();
    Ok(Cut { value, links, side })
}

struct Flow {
    /// Arcs of each node; arc `k` and `k ^ 1` are the two directions of one link.
    rows: Vec<Vec<u32>>,
    target: Vec<u32>,
    left: Vec<u64>,
    level: Vec<u32>,
    next: Vec<usize>,
}

impl Flow {
    fn new(graph: &Csr, capacity: &[u64]) -> Self {
        let nodes = graph.nodes();
        let mut out = Self {
            rows: vec![Vec::new(); nodes],
            target: Vec::new(),
            left: Vec::new(),
            level: vec![u32::MAX; nodes],
            next: vec![0; nodes],
        };
        for node in 0..nodes {
            for (to, link) in graph.of(node).iter().zip(graph.links_of(node)) {
                // An undirected link stands in two rows; once is enough, with its capacity both ways.
                if *to as usize == node || (graph.is_undirected() && (*to as usize) < node) {
                    continue;
                }
                let arc = out.target.len() as u32;
                out.rows[node].push(arc);
                out.rows[*to as usize].push(arc + 1);
                out.target.extend([*to, node as u32]);
                let back = if graph.is_undirected() { capacity[*link as usize] } else { 0 };
                out.left.extend([capacity[*link as usize], back]);
            }
        }
        out
    }

    /// Steps from the start over arcs with something left; true when the end is reached.
    fn levels(&mut self, from: usize, to: usize) -> bool {
        self.level.fill(u32::MAX);
        self.next.fill(0);
        self.level[from] = 0;
        let mut queue = vec![from];
        let mut head = 0;
        while head < queue.len() {
            let node = queue[head];
            head += 1;
            for arc in &self.rows[node] {
                let target = self.target[*arc as usize] as usize;
                if self.left[*arc as usize] > 0 && self.level[target] == u32::MAX {
                    self.level[target] = self.level[node] + 1;
                    queue.push(target);
                }
            }
        }
        self.level[to] != u32::MAX
    }

    /// Sends as much as one more shortest way carries.
    fn push(&mut self, from: usize, to: usize) -> Option<u64> {
        let mut way: Vec<u32> = Vec::new();
        let mut node = from;
        while node != to {
            match self.rows[node].get(self.next[node]) {
                Some(&arc) => {
                    let target = self.target[arc as usize] as usize;
                    if self.left[arc as usize] > 0 && self.level[target] == self.level[node] + 1 {
                        way.push(arc);
                        node = target;
                    } else {
                        self.next[node] += 1;
                    }
                }
                None => {
                    // A dead end: one step back, and not this way again.
                    let arc = way.pop()?;
                    node = self.target[arc as usize ^ 1] as usize;
                    self.next[node] += 1;
                }
            }
        }
        let most = way.iter().map(|arc| self.left[*arc as usize]).min()?;
        for arc in way {
            self.left[arc as usize] -= most;
            self.left[arc as usize ^ 1] += most;
        }
        Some(most)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::paths::shapes;

    #[test]
    fn the_cut_is_the_smallest_of_all_ways_to_divide_the_nodes() {
        for graph in shapes::some().into_iter().filter(|g| g.nodes() == 9) {
            let capacity: Vec<u64> = (0..graph.link_count() as u64).map(|k| k * 5 % 4).collect();
            let across = |side: &dyn Fn(usize) -> bool| {
                let mut sum = 0;
                for node in (0..9).filter(|n| side(*n)) {
                    for (to, link) in graph.of(node).iter().zip(graph.links_of(node)) {
                        sum += if side(*to as usize) { 0 } else { capacity[*link as usize] };
                    }
                }
                sum
            };
            let found = smallest_cut(&graph, &capacity, 0, 8).unwrap();
            // Node 0 is always on the one side and node 8 never.
            let least = (0..128u32).map(|mask| across(&|n| n == 0 || (n < 8 && mask >> (n - 1) & 1 == 1))).min();
            assert_eq!(Some(found.value), least);
            assert_eq!(across(&|n| found.side[n]), found.value);
            assert_eq!(found.links.iter().map(|l| capacity[*l as usize]).sum::<u64>(), found.value);
        }
    }

    #[test]
    fn questions_without_sense_are_refused() {
        let graph = Csr::directed(2, &[(0, 1)]).unwrap();
        assert!(smallest_cut(&graph, &[1], 0, 0).is_err());
        assert!(smallest_cut(&graph, &[1], 0, 2).is_err());
        assert!(smallest_cut(&graph, &[], 0, 1).is_err());
        assert!(smallest_cut(&graph, &[u64::MAX], 0, 1).is_err());
        assert_eq!(smallest_cut(&graph, &[7], 1, 0).unwrap().value, 0);
    }
}
