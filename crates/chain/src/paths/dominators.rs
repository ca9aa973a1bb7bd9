//! Dominators: the nodes that every way from the sources to a node passes. By Cooper, Harvey, Kennedy 2001,
//! "A simple, fast dominance algorithm".

use crate::csr::Csr;
use crate::fault::{Code, Fault};

/// For each node the last node that every way from any of the `sources` passes before it; none for a source,
/// for a node that cannot be reached, and where different sources meet without a node in common.
///
/// Faults: [`Code::UnknownNode`] for a source out of range.
pub fn dominators(graph: &Csr, sources: &[u32]) -> Result<Vec<Option<u32>>, Fault> {
    let nodes = graph.nodes();
    if let Some(bad) = sources.iter().find(|s| **s as usize >= nodes) {
        let allowed = format!("nodes below {nodes} are allowed");
        return Err(Fault::new(Code::UnknownNode, "sources", format!("node {bad}"), allowed));
    }
    // A root before all sources makes one tree of them; its number is that of one node more.
    let root = nodes;
    let mut rank = vec![usize::MAX; nodes + 1];
    let order = reverse_postorder(graph, sources, &mut rank);
    let back = graph.reversed();
    let mut is_source = vec![false; nodes];
    sources.iter().for_each(|s| is_source[*s as usize] = true);
    // By rank: a smaller rank is nearer to the root.
    let mut above = vec![usize::MAX; order.len()];
    above[0] = 0;
    let mut changed = true;
    while changed {
        changed = false;
        for at in 1..order.len() {
            let node = order[at];
            let mut found = if is_source[node] { 0 } else { usize::MAX };
            for from in back.of(node) {
                let other = rank[*from as usize];
                if other != usize::MAX && above[other] != usize::MAX {
                    found = if found == usize::MAX { other } else { meet(&above, found, other) };
                }
            }
            if above[at] != found {
                above[at] = found;
                changed = true;
            }
        }
    }
    let mut out = vec![None; nodes];
    for (at, node) in order.iter().enumerate().skip(1) {
        let parent = order[above[at]];
        out[*node] = (parent != root).then_some(parent as u32);
    }
    Ok(out)
}

fn meet(above: &[usize], mut a: usize, mut b: usize) -> usize {
    while a != b {
        match a > b {
            true => a = above[a],
            false => b = above[b],
        }
    }
    a
}

/// Nodes that can be reached, the root first, each before what is only reached through it.
fn reverse_postorder(graph: &Csr, sources: &[u32], rank: &mut [usize]) -> Vec<usize> {
    let root = graph.nodes();
    let mut out = Vec::new();
    let mut seen = vec![false; root + 1];
    let row = |node: usize| if node == root { sources } else { graph.of(node) };
    let mut walk = vec![(root, 0)];
    seen[root] = true;
    while let Some((node, next)) = walk.last_mut() {
        match row(*node).get(*next) {
            Some(to) => {
                *next += 1;
                if !seen[*to as usize] {
                    seen[*to as usize] = true;
                    walk.push((*to as usize, 0));
                }
            }
            None => {
                out.push(*node);
                walk.pop();
            }
        }
    }
    out.reverse();
    for (at, node) in out.iter().enumerate() {
        rank[*node] = at;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::paths::shapes;

    fn reached(graph: &Csr, sources: &[u32], without: Option<usize>) -> Vec<bool> {
        let mut seen = vec![false; graph.nodes()];
        let mut stack: Vec<usize> = sources.iter().map(|s| *s as usize).filter(|s| Some(*s) != without).collect();
        while let Some(node) = stack.pop() {
            if !seen[node] {
                seen[node] = true;
                stack.extend(graph.of(node).iter().map(|n| *n as usize).filter(|n| Some(*n) != without));
            }
        }
        seen
    }

    #[test]
    fn a_dominator_is_what_cuts_a_node_off_when_it_is_taken_out() {
        for graph in shapes::some().into_iter().filter(|g| g.nodes() > 2) {
            for sources in [vec![0], vec![0, 2]] {
                let found = dominators(&graph, &sources).unwrap();
                let whole = reached(&graph, &sources, None);
                for node in (0..graph.nodes()).filter(|n| whole[*n]) {
                    let mut chain = Vec::new();
                    let mut at = found[node];
                    while let Some(up) = at {
                        chain.push(up as usize);
                        at = found[up as usize];
                    }
                    for other in (0..graph.nodes()).filter(|o| *o != node) {
                        let cuts = !reached(&graph, &sources, Some(other))[node];
                        assert_eq!(chain.contains(&other), cuts, "{node} {other}");
                    }
                }
            }
        }
        assert!(dominators(&Csr::directed(1, &[]).unwrap(), &[1]).is_err());
        assert_eq!(dominators(&Csr::directed(2, &[]).unwrap(), &[]).unwrap(), [None, None]);
    }
}
