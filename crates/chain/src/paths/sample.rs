//! Betweenness from samples with a bound on its error, for graphs where the exact figure takes too long.
//! By Riondato and Kornaropoulos 2016, "Fast approximation of betweenness centrality through sampling": a
//! pair of nodes is drawn, then one of its shortest paths, and the nodes inside it are counted. The number of
//! samples follows from the VC dimension of shortest paths, which depends on the longest of them and not on
//! the number of nodes: r = (c / e^2) (floor(log2(D - 2)) + 1 + ln(1 / d)) with D the number of nodes on the
//! longest shortest path, or a bound on it, and c = 0.5 (Löffler, Phillips 2009; the value that the authors
//! use). With probability 1 - d all nodes are within e at once.

use super::parts::strong_parts;
use crate::csr::Csr;
use crate::draw::Draw;
use crate::fault::{Code, Fault, within};
use rayon::prelude::*;

/// How exact the samples shall be.
#[derive(Clone, Copy, Debug)]
pub struct Wanted {
    /// The largest error of any node, as a share of all ordered pairs; above 0 and below 1.
    pub error: f64,
    /// The chance that some node is farther off; above 0 and below 1.
    pub chance: f64,
    /// Where the draws start.
    pub seed: u64,
    /// The most samples that may be drawn.
    pub samples_max: u64,
}

/// Betweenness from samples.
#[derive(Clone, Debug, PartialEq)]
pub struct Sampled {
    /// By node, as a share of the n(n-1) ordered pairs, 0 to 1.
    pub share: Vec<f64>,
    /// Samples drawn.
    pub samples: u64,
    /// The bound on the nodes of the longest shortest path that was used.
    pub path_nodes: u64,
    /// The error that holds for all nodes at once with the chance asked for.
    pub error: f64,
}

/// A bound on the number of nodes of the longest shortest path. Undirected: twice the farthest distance from
/// one node of each part. Directed: within a strong part the farthest distance from one node plus the farthest
/// to it; over parts the heaviest way through them, since a path never comes back to a part it has left.
pub fn longest_path_nodes(graph: &Csr) -> u64 {
    let (part, count) = strong_parts(graph);
    let back = graph.reversed();
    let mut seen = vec![u32::MAX; graph.nodes()];
    let mut own = vec![0u64; count];
    let mut root = vec![usize::MAX; count];
    for node in (0..graph.nodes()).rev() {
        root[part[node] as usize] = node;
    }
    for (number, own) in own.iter_mut().enumerate() {
        let mut far = 0;
        for (way, rows) in [graph, &back].into_iter().enumerate() {
            let mark = (number * 2 + way) as u32;
            let mut level = vec![root[number] as u32];
            seen[root[number]] = mark;
            let mut steps = 0;
            while !level.is_empty() {
                let mut next = Vec::new();
                for node in level {
                    for &to in rows.of(node as usize) {
                        if part[to as usize] as usize == number && seen[to as usize] != mark {
                            seen[to as usize] = mark;
                            next.push(to);
                        }
                    }
                }
                steps += u64::from(!next.is_empty());
                level = next;
            }
            far += steps;
        }
        *own = far + 1;
    }
    // Parts are numbered so that what a part reaches has smaller numbers.
    let mut by_part: Vec<Vec<u32>> = vec![Vec::new(); count];
    for node in 0..graph.nodes() {
        by_part[part[node] as usize].push(node as u32);
    }
    let mut best = vec![0u64; count];
    for number in 0..count {
        let nodes = by_part[number].iter().flat_map(|n| graph.of(*n as usize));
        let after = nodes.map(|to| part[*to as usize] as usize).filter(|p| *p != number).map(|p| best[p]).max();
        best[number] = own[number] + after.unwrap_or(0);
    }
    best.into_iter().max().unwrap_or(0)
}

/// Betweenness of each node from samples, links all of one length.
///
/// Faults: [`Code::Number`] for an error or chance that is not between 0 and 1; [`Code::Limit`] when more
/// samples than allowed would be needed.
pub fn sampled_betweenness(graph: &Csr, wanted: Wanted) -> Result<Sampled, Fault> {
    within(Code::Number, "samples", "error", wanted.error, f64::MIN_POSITIVE, 1.0)?;
    within(Code::Number, "samples", "chance", wanted.chance, f64::MIN_POSITIVE, 1.0)?;
    let path_nodes = longest_path_nodes(graph);
    let nodes = graph.nodes();
    if path_nodes < 3 {
        // No path has a node inside it.
        return Ok(Sampled { share: vec![0.0; nodes], samples: 0, path_nodes, error: 0.0 });
    }
    let dimension = f64::from((path_nodes - 2).ilog2()) + 1.0;
    let needed = (0.5 / (wanted.error * wanted.error) * (dimension + (1.0 / wanted.chance).ln())).ceil();
    if needed > wanted.samples_max as f64 {
        let allowed = format!("at most {} are allowed; ask for a larger error", wanted.samples_max);
        return Err(Fault::new(Code::Limit, "samples", format!("{needed} samples"), allowed));
    }
    let samples = needed as u64;
    let back = graph.reversed();
    let blocks = 64.min(samples);
    let counts: Vec<Vec<u32>> = (0..blocks)
        .into_par_iter()
        .map(|block| {
            let mut counts = vec![0u32; nodes];
            let mut search = Search::new(nodes);
            for sample in (block..samples).step_by(blocks as usize) {
                search.count(graph, &back, &mut Draw::part(wanted.seed, sample), &mut counts);
            }
            counts
        })
        .collect();
    // Whole numbers: the order of adding does not matter.
    let share =
        (0..nodes).map(|n| counts.iter().map(|c| u64::from(c[n])).sum::<u64>() as f64 / samples as f64).collect();
    Ok(Sampled { share, samples, path_nodes, error: wanted.error })
}

struct Search {
    steps: Vec<u32>,
    ways: Vec<f64>,
    queue: Vec<u32>,
}

impl Search {
    fn new(nodes: usize) -> Self {
        Self { steps: vec![u32::MAX; nodes], ways: vec![0.0; nodes], queue: Vec::new() }
    }

    /// Draws a pair and one of its shortest paths, and counts the nodes inside it.
    fn count(&mut self, graph: &Csr, back: &Csr, draw: &mut Draw, counts: &mut [u32]) {
        let nodes = graph.nodes() as u64;
        let from = draw.below(nodes) as usize;
        let to = (from + 1 + draw.below(nodes - 1) as usize) % nodes as usize;
        self.queue.push(from as u32);
        self.steps[from] = 0;
        self.ways[from] = 1.0;
        let mut head = 0;
        while head < self.queue.len() {
            let node = self.queue[head] as usize;
            head += 1;
            // Every way to the end is known once the level of the end begins.
            if self.steps[node] >= self.steps[to] {
                break;
            }
            let next = self.steps[node] + 1;
            for &target in graph.of(node) {
                let target = target as usize;
                if self.steps[target] == u32::MAX {
                    self.steps[target] = next;
                    self.queue.push(target as u32);
                }
                if self.steps[target] == next {
                    self.ways[target] += self.ways[node];
                }
            }
        }
        if self.steps[to] != u32::MAX {
            let mut at = to;
            while self.steps[at] > 1 {
                // Backwards, each step with the chance of the ways that come through it.
                let mut left = draw.unit() * self.ways[at];
                let before = |n: &&u32| self.steps[**n as usize] == self.steps[at] - 1;
                let mut chosen = None;
                for &node in back.of(at).iter().filter(before) {
                    chosen = Some(node as usize);
                    left -= self.ways[node as usize];
                    if left < 0.0 {
                        break;
                    }
                }
                let Some(node) = chosen else { break };
                counts[node] += 1;
                at = node;
            }
        }
        for node in self.queue.drain(..) {
            self.steps[node as usize] = u32::MAX;
            self.ways[node as usize] = 0.0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::paths::{Lengths, betweenness, shapes};

    #[test]
    #[expect(clippy::needless_range_loop, reason = "matrices are easier to compare with the formula by index")]
    fn the_bound_on_paths_holds_and_the_error_stays_within_what_was_asked() {
        for graph in shapes::some().into_iter().filter(|g| g.nodes() > 2) {
            let n = graph.nodes();
            let mut far = vec![vec![u64::MAX / 4; n]; n];
            for from in 0..n {
                graph.of(from).iter().for_each(|to| far[from][*to as usize] = 1);
                far[from][from] = 0;
            }
            for k in 0..n {
                for i in 0..n {
                    for j in 0..n {
                        far[i][j] = far[i][j].min(far[i][k] + far[k][j]);
                    }
                }
            }
            let longest = far.iter().flatten().filter(|f| **f < u64::MAX / 4).max().unwrap() + 1;
            assert!(longest_path_nodes(&graph) >= longest);
            let wanted = Wanted { error: 0.05, chance: 0.01, seed: 7, samples_max: 1 << 20 };
            let found = sampled_betweenness(&graph, wanted).unwrap();
            let exact = betweenness(&graph, Lengths::Unit).unwrap();
            let scale = if graph.is_undirected() { 2.0 } else { 1.0 } / (n * (n - 1)) as f64;
            for (a, b) in found.share.iter().zip(exact) {
                assert!((a - b * scale).abs() <= 0.05, "{a} {}", b * scale);
            }
        }
    }

    #[test]
    fn samples_do_not_depend_on_threads_and_have_a_limit() {
        let graph = Csr::directed(500, &shapes::links(500, 1500, 3)).unwrap();
        let wanted = Wanted { error: 0.03, chance: 0.1, seed: 1, samples_max: 1 << 20 };
        let run = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| sampled_betweenness(&graph, wanted).unwrap())
        };
        assert_eq!(run(1), run(3));
        let few = Wanted { samples_max: 10, ..wanted };
        assert_eq!(sampled_betweenness(&graph, few).unwrap_err().code, Code::Limit);
        assert!(sampled_betweenness(&graph, Wanted { error: 0.0, ..wanted }).is_err());
    }
}
