//! Links in compressed rows: for each node one slice of targets and one of link numbers. Rows are sorted
//! by target and then by link, so that the order in which links were entered changes no sum.

use crate::fault::{Code, Fault};

/// Directed links in compressed rows. Undirected graphs hold each link in both rows under one number.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Csr {
    offsets: Vec<u32>,
    targets: Vec<u32>,
    links: Vec<u32>,
    count: usize,
    both: bool,
}

impl Csr {
    /// Rows of a directed graph of `nodes` nodes; link `k` is `links[k]` as (from, to).
    ///
    /// Faults: [`Code::UnknownNode`] for an end that is not below `nodes`, [`Code::Limit`] beyond 2^31 links.
    pub fn directed(nodes: usize, links: &[(u32, u32)]) -> Result<Self, Fault> {
        Self::build(nodes, links, false)
    }

    /// Rows of an undirected graph: each link stands in the rows of both ends; a self-loop only once.
    pub fn undirected(nodes: usize, links: &[(u32, u32)]) -> Result<Self, Fault> {
        Self::build(nodes, links, true)
    }

    fn build(nodes: usize, links: &[(u32, u32)], both: bool) -> Result<Self, Fault> {
        if links.len() >= 1 << 30 || nodes >= 1 << 31 {
            let found = format!("{nodes} nodes and {} links", links.len());
            return Err(Fault::new(Code::Limit, "graph", found, "fewer than 2^31 nodes and 2^30 links are allowed"));
        }
        for (at, &(from, to)) in links.iter().enumerate() {
            if from as usize >= nodes || to as usize >= nodes {
                let allowed = format!("ends below {nodes} are allowed");
                return Err(Fault::new(Code::UnknownNode, format!("link {at}"), format!("{from} -> {to}"), allowed));
            }
        }
        let mut offsets = vec![0u32; nodes + 1];
        for &(from, to) in links {
            offsets[from as usize + 1] += 1;
            if both && from != to {
                offsets[to as usize + 1] += 1;
            }
        }
        for node in 0..nodes {
            offsets[node + 1] += offsets[node];
        }
        let mut next = offsets.clone();
        let mut cells = vec![(0u32, 0u32); offsets[nodes] as usize];
        for (at, &(from, to)) in links.iter().enumerate() {
            let mut put = |row: u32, target: u32| {
                let slot = &mut next[row as usize];
                cells[*slot as usize] = (target, at as u32);
                *slot += 1;
            };
            put(from, to);
            if both && from != to {
                put(to, from);
            }
        }
        for node in 0..nodes {
            cells[offsets[node] as usize..offsets[node + 1] as usize].sort_unstable();
        }
        let (targets, ids) = cells.into_iter().unzip();
        Ok(Self { offsets, targets, links: ids, count: links.len(), both })
    }

    /// How many nodes there are.
    pub fn nodes(&self) -> usize {
        self.offsets.len().saturating_sub(1)
    }

    /// How many links were given.
    pub fn link_count(&self) -> usize {
        self.count
    }

    /// How many cells the rows hold: twice the links for an undirected graph.
    pub fn arcs(&self) -> usize {
        self.targets.len()
    }

    /// Is each link there in both directions?
    pub fn is_undirected(&self) -> bool {
        self.both
    }

    /// Where the row of a node stands in [`Self::targets`].
    pub fn row(&self, node: usize) -> std::ops::Range<usize> {
        self.offsets[node] as usize..self.offsets[node + 1] as usize
    }

    /// Targets of a node, ascending; a target stands as often as it is linked.
    pub fn of(&self, node: usize) -> &[u32] {
        &self.targets[self.row(node)]
    }

    /// Link numbers beside [`Self::of`].
    pub fn links_of(&self, node: usize) -> &[u32] {
        &self.links[self.row(node)]
    }

    /// All rows one after the other.
    pub fn targets(&self) -> &[u32] {
        &self.targets
    }

    /// Link numbers of all rows.
    pub fn links(&self) -> &[u32] {
        &self.links
    }

    /// The links turned round.
    pub fn reversed(&self) -> Self {
        let nodes = self.nodes();
        let mut offsets = vec![0u32; nodes + 1];
        for &to in &self.targets {
            offsets[to as usize + 1] += 1;
        }
        for node in 0..nodes {
            offsets[node + 1] += offsets[node];
        }
        let mut next = offsets.clone();
        let (mut targets, mut links) = (vec![0u32; self.arcs()], vec![0u32; self.arcs()]);
        // Sources are visited in ascending order, so each row comes out sorted.
        for from in 0..nodes {
            for (to, link) in self.of(from).iter().zip(self.links_of(from)) {
                let slot = next[*to as usize] as usize;
                (targets[slot], links[slot]) = (from as u32, *link);
                next[*to as usize] += 1;
            }
        }
        Self { offsets, targets, links, count: self.count, both: self.both }
    }

    /// The number of the part of each node, when links are read in both directions, and how many parts
    /// there are. Parts are numbered by their first node.
    pub fn parts(&self) -> (Vec<u32>, usize) {
        let mut root: Vec<u32> = (0..self.nodes() as u32).collect();
        fn find(root: &mut [u32], mut node: u32) -> u32 {
            while root[node as usize] != node {
                root[node as usize] = root[root[node as usize] as usize];
                node = root[node as usize];
            }
            node
        }
        for from in 0..self.nodes() {
            for &to in self.of(from) {
                let (a, b) = (find(&mut root, from as u32), find(&mut root, to));
                // The smaller number wins, so the root of a part is its first node.
                root[a.max(b) as usize] = a.min(b);
            }
        }
        let mut number = vec![u32::MAX; self.nodes()];
        let mut count = 0;
        let mut part = Vec::with_capacity(self.nodes());
        for node in 0..self.nodes() as u32 {
            let top = find(&mut root, node) as usize;
            if number[top] == u32::MAX {
                number[top] = count;
                count += 1;
            }
            part.push(number[top]);
        }
        (part, count as usize)
    }
}

/// Nodes so that each comes before its targets, or one cycle (its nodes in order) when there is none.
/// Kahn's order with the smallest free node first, then one walk backwards through what is left.
pub fn order(graph: &Csr) -> Result<Vec<u32>, Vec<u32>> {
    let nodes = graph.nodes();
    let mut waits = vec![0u32; nodes];
    for &to in graph.targets() {
        waits[to as usize] += 1;
    }
    let mut free: std::collections::BinaryHeap<std::cmp::Reverse<u32>> =
        (0..nodes as u32).filter(|n| waits[*n as usize] == 0).map(std::cmp::Reverse).collect();
    let mut out = Vec::with_capacity(nodes);
    while let Some(std::cmp::Reverse(node)) = free.pop() {
        out.push(node);
        for &to in graph.of(node as usize) {
            waits[to as usize] -= 1;
            if waits[to as usize] == 0 {
                free.push(std::cmp::Reverse(to));
            }
        }
    }
    if out.len() == nodes {
        return Ok(out);
    }
    // Each node that still waits has a source that waits: walking backwards must come round.
    let back = graph.reversed();
    let mut seen = vec![usize::MAX; nodes];
    let mut walk = Vec::new();
    let mut at = (0..nodes).find(|n| waits[*n] > 0).unwrap_or(0);
    while seen[at] == usize::MAX {
        seen[at] = walk.len();
        walk.push(at as u32);
        at = back.of(at).iter().map(|n| *n as usize).find(|n| waits[*n] > 0).unwrap_or(at);
    }
    let mut cycle = walk.split_off(seen[at]);
    cycle.reverse();
    let least = cycle.iter().enumerate().min_by_key(|(_, node)| **node).map_or(0, |(at, _)| at);
    cycle.rotate_left(least);
    Err(cycle)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_do_not_depend_on_the_order_of_links() {
        let one = Csr::directed(3, &[(0, 2), (0, 1), (2, 1)]).unwrap();
        assert_eq!(one.of(0), [1, 2]);
        assert_eq!(one.links_of(0), [1, 0]);
        assert_eq!(one.reversed().of(1), [0, 2]);
        assert!(Csr::directed(2, &[(0, 2)]).is_err());
    }

    #[test]
    fn a_cycle_is_named_node_by_node() {
        let graph = Csr::directed(5, &[(0, 1), (1, 2), (2, 3), (3, 1), (3, 4)]).unwrap();
        assert_eq!(order(&graph), Err(vec![1, 2, 3]));
        let tree = Csr::directed(4, &[(3, 1), (1, 0), (3, 2)]).unwrap();
        assert_eq!(order(&tree), Ok(vec![3, 1, 0, 2]));
    }

    #[test]
    fn parts_are_numbered_by_their_first_node() {
        let graph = Csr::directed(5, &[(4, 1), (2, 0)]).unwrap();
        assert_eq!(graph.parts(), (vec![0, 1, 0, 2, 1], 3));
    }
}
