//! What falls apart: nodes and links whose loss splits an undirected network (Hopcroft, Tarjan 1973), and the
//! parts of a directed one in which everything reaches everything (Tarjan 1972). Walks are kept on a stack of
//! our own, because a chain of a million firms would overflow the machine's.

use crate::csr::Csr;

/// Nodes and links whose loss splits a part of the network.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Breaks {
    /// Articulation points, ascending.
    pub nodes: Vec<u32>,
    /// Bridges by link number, ascending. One of two parallel links is no bridge.
    pub links: Vec<u32>,
}

/// Articulation points and bridges of the network with links read in both directions.
pub fn breaks(graph: &Csr) -> Breaks {
    let undirected;
    let graph = match graph.is_undirected() {
        true => graph,
        false => {
            undirected = both_ways(graph);
            &undirected
        }
    };
    let nodes = graph.nodes();
    let (mut entered, mut low) = (vec![0u32; nodes], vec![0u32; nodes]);
    let mut cut = vec![false; nodes];
    let mut out = Breaks::default();
    let mut clock = 0;
    // Node, the link by which it was entered, the next cell of its row.
    let mut walk: Vec<(usize, u32, usize)> = Vec::new();
    for root in 0..nodes {
        if entered[root] != 0 {
            continue;
        }
        let mut branches = 0;
        clock += 1;
        (entered[root], low[root]) = (clock, clock);
        walk.push((root, u32::MAX, graph.row(root).start));
        while let Some((node, by, next)) = walk.last_mut() {
            let (node, by) = (*node, *by);
            if *next < graph.row(node).end {
                let (to, link) = (graph.targets()[*next] as usize, graph.links()[*next]);
                *next += 1;
                if link == by || to == node {
                    continue;
                }
                if entered[to] != 0 {
                    low[node] = low[node].min(entered[to]);
                } else {
                    clock += 1;
                    (entered[to], low[to]) = (clock, clock);
                    walk.push((to, link, graph.row(to).start));
                }
                continue;
            }
            walk.pop();
            let Some((parent, ..)) = walk.last() else { break };
            let parent = *parent;
            low[parent] = low[parent].min(low[node]);
            if low[node] > entered[parent] {
                out.links.push(by);
            }
            match parent == root {
                true => branches += 1,
                false => cut[parent] |= low[node] >= entered[parent],
            }
        }
        cut[root] = branches > 1;
    }
    out.links.sort_unstable();
    out.nodes = (0..nodes as u32).filter(|n| cut[*n as usize]).collect();
    out
}

fn both_ways(graph: &Csr) -> Csr {
    let mut links = vec![(0, 0); graph.link_count()];
    for from in 0..graph.nodes() {
        for (to, link) in graph.of(from).iter().zip(graph.links_of(from)) {
            links[*link as usize] = (from as u32, *to);
        }
    }
    // Ends come from a graph that was built, so this cannot fail.
    Csr::undirected(graph.nodes(), &links).unwrap_or_default()
}

/// The number of the part of each node within which every node reaches every other, and how many parts there
/// are. A part is numbered before every part that reaches it.
pub fn strong_parts(graph: &Csr) -> (Vec<u32>, usize) {
    let nodes = graph.nodes();
    let (mut entered, mut low) = (vec![0u32; nodes], vec![0u32; nodes]);
    let mut part = vec![u32::MAX; nodes];
    let (mut clock, mut count) = (0, 0);
    let mut stack = Vec::new();
    let mut walk: Vec<(usize, usize)> = Vec::new();
    for root in 0..nodes {
        if entered[root] != 0 {
            continue;
        }
        let mut enter = Some(root);
        loop {
            if let Some(node) = enter.take() {
                clock += 1;
                (entered[node], low[node]) = (clock, clock);
                stack.push(node);
                walk.push((node, graph.row(node).start));
            }
            let Some((node, next)) = walk.last_mut() else { break };
            let node = *node;
            if *next < graph.row(node).end {
                let to = graph.targets()[*next] as usize;
                *next += 1;
                if entered[to] == 0 {
                    enter = Some(to);
                } else if part[to] == u32::MAX {
                    low[node] = low[node].min(entered[to]);
                }
                continue;
            }
            walk.pop();
            if let Some((parent, _)) = walk.last() {
                low[*parent] = low[*parent].min(low[node]);
            }
            if low[node] == entered[node] {
                while let Some(member) = stack.pop() {
                    part[member] = count;
                    if member == node {
                        break;
                    }
                }
                count += 1;
            }
        }
    }
    (part, count as usize)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::paths::shapes;

    fn links_of(graph: &Csr) -> Vec<(u32, u32)> {
        let mut links = vec![(0, 0); graph.link_count()];
        for from in 0..graph.nodes() {
            for (to, link) in graph.of(from).iter().zip(graph.links_of(from)) {
                links[*link as usize] = (from as u32, *to);
            }
        }
        links
    }

    /// Parts among the nodes that are left.
    fn count(nodes: usize, links: &[(u32, u32)], without: Option<u32>) -> usize {
        let kept: Vec<_> = links.iter().filter(|(a, b)| Some(*a) != without && Some(*b) != without).copied().collect();
        Csr::directed(nodes, &kept).unwrap().parts().1 - usize::from(without.is_some())
    }

    #[test]
    fn a_break_is_what_leaves_more_parts_when_it_is_taken_out() {
        for graph in shapes::some() {
            let (nodes, links) = (graph.nodes(), links_of(&graph));
            let whole = count(nodes, &links, None);
            let found = breaks(&graph);
            let alone = |node: u32| !links.iter().any(|(a, b)| (*a == node) != (*b == node));
            for node in 0..nodes as u32 {
                let more = !alone(node) && count(nodes, &links, Some(node)) > whole;
                assert_eq!(found.nodes.contains(&node), more, "{links:?} {node}");
            }
            for link in 0..links.len() {
                let mut rest = links.clone();
                rest.remove(link);
                assert_eq!(found.links.contains(&(link as u32)), count(nodes, &rest, None) > whole);
            }
        }
    }

    #[test]
    #[expect(clippy::needless_range_loop, reason = "matrices are easier to compare with the formula by index")]
    fn strong_parts_hold_what_reaches_each_other() {
        for graph in shapes::some() {
            let n = graph.nodes();
            let mut reach = vec![vec![false; n]; n];
            for from in 0..n {
                reach[from][from] = true;
                graph.of(from).iter().for_each(|to| reach[from][*to as usize] = true);
            }
            for k in 0..n {
                for i in 0..n {
                    for j in 0..n {
                        reach[i][j] |= reach[i][k] && reach[k][j];
                    }
                }
            }
            let (part, _) = strong_parts(&graph);
            for i in 0..n {
                for j in 0..n {
                    assert_eq!(part[i] == part[j], reach[i][j] && reach[j][i]);
                    assert!(!reach[i][j] || part[i] >= part[j]);
                }
            }
        }
    }

    #[test]
    fn a_chain_of_a_million_does_not_overflow() {
        let links: Vec<(u32, u32)> = (0..999_999).map(|k| (k, k + 1)).collect();
        let graph = Csr::directed(1_000_000, &links).unwrap();
        assert_eq!(breaks(&graph).links.len(), 999_999);
        assert_eq!(strong_parts(&graph).1, 1_000_000);
    }
}
