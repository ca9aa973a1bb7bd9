//! Exact betweenness: on what part of the shortest paths a node lies (Freeman 1977), by Brandes 2001,
//! "A faster algorithm for betweenness centrality".
//!
//! Three things make it fast. Nodes are renumbered breadth first, so that neighbours share cache lines. Where
//! all links have one length, some sources are followed side by side: neighbouring sources are about as far
//! from everything, so one look at a node's links serves several of them. And the way back gathers from the next level instead of scattering to the one before: with
//! c(v) = (1 + d(v)) / s(v), Brandes' recursion reads d(w) = s(w) * sum of c(v) over v one step farther, which
//! needs no list of predecessors and no branch.
//!
//! Sources are cut into blocks whose number depends on the graph alone; each block sums by itself and the
//! blocks are added in order, so the result is the same to the bit on any number of threads.

use crate::csr::Csr;
use crate::fault::{Code, Fault};
use rayon::prelude::*;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// How long links are.
#[derive(Clone, Copy, Debug)]
pub enum Lengths<'a> {
    /// All the same.
    Unit,
    /// By link number, 1 or more, in any unit. Whole numbers, because whether two paths are equally long
    /// decides the result, and with fractions rounding would decide it.
    Whole(&'a [u32]),
}

/// Betweenness of each node: the sum over pairs of other nodes of the part of their shortest paths that pass
/// through it; ordered pairs in a directed graph and unordered ones otherwise. Parallel links are different
/// paths. Divide by (n-1)(n-2), or half of it, for a share.
///
/// Faults: [`Code::Number`] when lengths are missing or 0.
pub fn betweenness(graph: &Csr, lengths: Lengths<'_>) -> Result<Vec<f64>, Fault> {
    let nodes = graph.nodes();
    if let Lengths::Whole(lengths) = lengths {
        if lengths.len() != graph.link_count() {
            let found = format!("{} lengths for {} links", lengths.len(), graph.link_count());
            return Err(Fault::new(Code::Number, "lengths", found, "one length for each link is needed"));
        }
        if let Some(at) = lengths.iter().position(|l| *l == 0) {
            return Err(Fault::new(Code::Number, format!("link {at}"), "length 0", "whole lengths of 1 or more"));
        }
    }
    if nodes == 0 {
        return Ok(Vec::new());
    }
    let rows = Rows::new(graph, lengths);
    // Few blocks for large graphs, so that their sums fit in memory; never fewer than machines have cores.
    let blocks = (1_usize << 23).div_ceil(nodes).clamp(16, 96).min(nodes);
    let sums: Vec<Vec<f64>> = (0..blocks)
        .into_par_iter()
        .map(|block| {
            let mut sum = vec![0.0; nodes];
            let (mut work, mut lanes) = match rows.lengths {
                None => (Work::new(0), Side::new(nodes)),
                Some(_) => (Work::new(nodes), Side::new(0)),
            };
            for group in (block..nodes.div_ceil(LANES)).step_by(blocks) {
                let sources = group * LANES..nodes.min((group + 1) * LANES);
                match &rows.lengths {
                    None => rows.unit(sources, &mut lanes, &mut sum),
                    Some(lengths) => sources.for_each(|source| rows.whole(source, lengths, &mut work, &mut sum)),
                }
            }
            sum
        })
        .collect();
    let mut out = vec![0.0; nodes];
    let half = if graph.is_undirected() { 0.5 } else { 1.0 };
    for (new, old) in rows.old.iter().enumerate() {
        out[*old as usize] = half * sums.iter().map(|sum| sum[new]).sum::<f64>();
    }
    Ok(out)
}

/// How many sources are followed side by side.
const LANES: usize = 8;

/// A node as the searches side by side see it.
#[derive(Clone, Copy)]
struct Cell {
    /// Steps from each source; a float, so that comparing and adding work on the same lanes.
    steps: [f64; LANES],
    /// Number of shortest paths from each source on the way out; (1 + dependency) / that number on the way back.
    value: [f64; LANES],
}

const FAR: Cell = Cell { steps: [f64::INFINITY; LANES], value: [0.0; LANES] };

struct Side {
    cells: Vec<Cell>,
    /// The last level in whose list a node stands.
    listed: Vec<u32>,
    /// Nodes level by level: those that are there for any source.
    queue: Vec<u32>,
    levels: Vec<usize>,
}

impl Side {
    fn new(nodes: usize) -> Self {
        Self { cells: vec![FAR; nodes], listed: vec![0; nodes], queue: Vec::new(), levels: Vec::new() }
    }
}

struct Work {
    value: Vec<f64>,
    done: Vec<bool>,
    queue: Vec<u32>,
    length: Vec<u64>,
    heap: BinaryHeap<Reverse<(u64, u32)>>,
}

impl Work {
    fn new(nodes: usize) -> Self {
        Self {
            value: vec![0.0; nodes],
            done: vec![false; nodes],
            queue: vec![0; nodes],
            length: vec![u64::MAX; nodes],
            heap: BinaryHeap::new(),
        }
    }
}

/// The graph renumbered breadth first.
struct Rows {
    offsets: Vec<u32>,
    targets: Vec<u32>,
    lengths: Option<Vec<u32>>,
    old: Vec<u32>,
}

impl Rows {
    fn new(graph: &Csr, lengths: Lengths<'_>) -> Self {
        let old = breadth_first(graph);
        let mut new = vec![0u32; old.len()];
        for (at, node) in old.iter().enumerate() {
            new[*node as usize] = at as u32;
        }
        let mut offsets = vec![0u32];
        let (mut targets, mut long) = (Vec::with_capacity(graph.arcs()), Vec::new());
        for node in &old {
            let mut row: Vec<(u32, u32)> = graph
                .of(*node as usize)
                .iter()
                .zip(graph.links_of(*node as usize))
                .filter(|(to, _)| *to != node)
                .map(|(to, link)| (new[*to as usize], *link))
                .collect();
            row.sort_unstable();
            targets.extend(row.iter().map(|(to, _)| *to));
            if let Lengths::Whole(lengths) = lengths {
                long.extend(row.iter().map(|(_, link)| lengths[*link as usize]));
            }
            offsets.push(targets.len() as u32);
        }
        Self { offsets, targets, lengths: matches!(lengths, Lengths::Whole(_)).then_some(long), old }
    }

    fn row(&self, node: usize) -> std::ops::Range<usize> {
        self.offsets[node] as usize..self.offsets[node + 1] as usize
    }

    /// Some sources side by side, all links of one length.
    #[expect(clippy::needless_range_loop, reason = "lanes of several arrays move together")]
    fn unit(&self, sources: std::ops::Range<usize>, side: &mut Side, sum: &mut [f64]) {
        let Side { cells, listed, queue, levels } = side;
        queue.clear();
        levels.clear();
        levels.push(0);
        for (lane, source) in sources.enumerate() {
            cells[source].steps[lane] = 0.0;
            cells[source].value[lane] = 1.0;
            queue.push(source as u32);
        }
        let mut level = 0u32;
        while levels.last().is_some_and(|start| *start < queue.len()) {
            let range = levels[level as usize]..queue.len();
            levels.push(queue.len());
            let (now, next) = (f64::from(level), f64::from(level + 1));
            for at in range {
                let node = queue[at] as usize;
                let own = cells[node];
                // What each source sends on from here: its number of ways, if the node is on this level for it.
                let (mut ways, mut reach) = ([0.0; LANES], [f64::INFINITY; LANES]);
                for lane in 0..LANES {
                    let here = own.steps[lane] == now;
                    ways[lane] = if here { own.value[lane] } else { 0.0 };
                    reach[lane] = if here { next } else { f64::INFINITY };
                }
                for &to in &self.targets[self.row(node)] {
                    let mut cell = cells[to as usize];
                    let mut met = 0u64;
                    for lane in 0..LANES {
                        let nearer = mask(reach[lane] < cell.steps[lane]);
                        cell.steps[lane] =
                            f64::from_bits(reach[lane].to_bits() & nearer | cell.steps[lane].to_bits() & !nearer);
                    }
                    for lane in 0..LANES {
                        let on_next = mask(cell.steps[lane] == next);
                        cell.value[lane] += f64::from_bits(ways[lane].to_bits() & on_next);
                        met |= on_next;
                    }
                    cells[to as usize] = cell;
                    let is_next = met != 0;
                    if is_next && listed[to as usize] != level + 1 {
                        listed[to as usize] = level + 1;
                        queue.push(to);
                    }
                }
            }
            level += 1;
        }
        for level in (0..level as usize).rev() {
            let (now, next) = (level as f64, (level + 1) as f64);
            for &node in &queue[levels[level]..levels[level + 1]] {
                let node = node as usize;
                let mut gathered = [0.0; LANES];
                for &to in &self.targets[self.row(node)] {
                    let cell = cells[to as usize];
                    for lane in 0..LANES {
                        gathered[lane] += f64::from_bits(cell.value[lane].to_bits() & mask(cell.steps[lane] == next));
                    }
                }
                let cell = &mut cells[node];
                let mut passes = 0.0;
                for lane in 0..LANES {
                    if cell.steps[lane] == now {
                        // d(w) = s(w) * gathered; (1 + d(w)) / s(w) = 1 / s(w) + gathered
                        passes += if level > 0 { cell.value[lane] * gathered[lane] } else { 0.0 };
                        cell.value[lane] = 1.0 / cell.value[lane] + gathered[lane];
                    }
                }
                sum[node] += passes;
            }
        }
        for node in queue {
            cells[*node as usize] = FAR;
            listed[*node as usize] = 0;
        }
    }

    /// One source, links of whole lengths, by Dijkstra 1959.
    fn whole(&self, source: usize, lengths: &[u32], work: &mut Work, sum: &mut [f64]) {
        let Work { value: values, done, queue, length, heap } = work;
        let mut count = 0;
        length[source] = 0;
        values[source] = 1.0;
        heap.push(Reverse((0, source as u32)));
        while let Some(Reverse((far, node))) = heap.pop() {
            let node = node as usize;
            // A node is entered again when a shorter way is found; the older entries are stale.
            if done[node] {
                continue;
            }
            done[node] = true;
            queue[count] = node as u32;
            count += 1;
            let value = values[node];
            for at in self.row(node) {
                let (to, way) = (self.targets[at] as usize, far + u64::from(lengths[at]));
                if way < length[to] {
                    length[to] = way;
                    values[to] = value;
                    heap.push(Reverse((way, to as u32)));
                } else if way == length[to] {
                    values[to] += value;
                }
            }
        }
        for &node in queue[1..count.max(1)].iter().rev() {
            let node = node as usize;
            let (value, far) = (values[node], length[node]);
            let mut gathered = 0.0;
            for at in self.row(node) {
                let to = self.targets[at] as usize;
                gathered += if length[to] == far + u64::from(lengths[at]) { values[to] } else { 0.0 };
            }
            sum[node] += value * gathered;
            values[node] = 1.0 / value + gathered;
        }
        for &node in &queue[..count] {
            values[node as usize] = 0.0;
            done[node as usize] = false;
            length[node as usize] = u64::MAX;
        }
    }
}

/// All bits or none: which it is cannot be predicted, so a branch would cost more.
#[inline(always)]
fn mask(holds: bool) -> u64 {
    0u64.wrapping_sub(u64::from(holds))
}

/// All nodes breadth first, part by part, from the node with the most links on.
fn breadth_first(graph: &Csr) -> Vec<u32> {
    let mut starts: Vec<u32> = (0..graph.nodes() as u32).collect();
    starts.sort_by_key(|n| (Reverse(graph.of(*n as usize).len()), *n));
    let mut seen = vec![false; graph.nodes()];
    let mut out = Vec::with_capacity(graph.nodes());
    for start in starts {
        if seen[start as usize] {
            continue;
        }
        seen[start as usize] = true;
        let mut head = out.len();
        out.push(start);
        while head < out.len() {
            for &to in graph.of(out[head] as usize) {
                if !seen[to as usize] {
                    seen[to as usize] = true;
                    out.push(to);
                }
            }
            head += 1;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::paths::shapes;

    /// From the definition: lengths and numbers of paths between all pairs (Floyd and Warshall), then the sum.
    #[expect(clippy::needless_range_loop, reason = "matrices are easier to compare with the formula by index")]
    fn naive(graph: &Csr, length: impl Fn(u32) -> u64) -> Vec<f64> {
        let n = graph.nodes();
        let none = u64::MAX / 4;
        let mut far = vec![vec![none; n]; n];
        for from in 0..n {
            far[from][from] = 0;
            for (to, link) in graph.of(from).iter().zip(graph.links_of(from)) {
                far[from][*to as usize] = far[from][*to as usize].min(length(*link));
            }
        }
        for k in 0..n {
            for i in 0..n {
                for j in 0..n {
                    far[i][j] = far[i][j].min(far[i][k] + far[k][j]);
                }
            }
        }
        let mut ways = vec![vec![0.0; n]; n];
        for from in 0..n {
            let mut order: Vec<usize> = (0..n).filter(|to| far[from][*to] < none).collect();
            order.sort_by_key(|to| far[from][*to]);
            ways[from][from] = 1.0;
            for at in order {
                for (to, link) in graph.of(at).iter().zip(graph.links_of(at)) {
                    let to = *to as usize;
                    if to != at && far[from][at] + length(*link) == far[from][to] {
                        ways[from][to] += ways[from][at];
                    }
                }
            }
        }
        let mut out = vec![0.0; n];
        for s in 0..n {
            for t in (0..n).filter(|t| *t != s && far[s][*t] < none) {
                for v in (0..n).filter(|v| *v != s && *v != t && far[s][*v] + far[*v][t] == far[s][t]) {
                    out[v] += ways[s][v] * ways[v][t] / ways[s][t];
                }
            }
        }
        let half = if graph.is_undirected() { 0.5 } else { 1.0 };
        out.iter_mut().for_each(|v| *v *= half);
        out
    }

    #[test]
    fn betweenness_agrees_with_its_definition_with_and_without_lengths() {
        for graph in shapes::some() {
            let lengths: Vec<u32> = (0..graph.link_count() as u32).map(|k| 1 + k * 7 % 4).collect();
            let near = |a: &[f64], b: &[f64]| a.iter().zip(b).all(|(x, y)| (x - y).abs() < 1e-9);
            assert!(near(&betweenness(&graph, Lengths::Unit).unwrap(), &naive(&graph, |_| 1)));
            let found = betweenness(&graph, Lengths::Whole(&lengths)).unwrap();
            assert!(near(&found, &naive(&graph, |link| u64::from(lengths[link as usize]))));
        }
    }

    #[test]
    fn one_thread_and_many_give_the_same_bits() {
        let graph = Csr::undirected(700, &shapes::links(700, 2000, 5)).unwrap();
        let lengths: Vec<u32> = (0..2000).map(|k| 1 + k % 9).collect();
        let run = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| {
                (betweenness(&graph, Lengths::Unit).unwrap(), betweenness(&graph, Lengths::Whole(&lengths)).unwrap())
            })
        };
        assert_eq!(run(1), run(2));
        assert_eq!(run(1), run(5));
    }

    #[test]
    fn lengths_of_zero_or_too_few_are_refused() {
        let graph = Csr::directed(2, &[(0, 1)]).unwrap();
        assert!(betweenness(&graph, Lengths::Whole(&[0])).is_err());
        assert!(betweenness(&graph, Lengths::Whole(&[])).is_err());
        assert_eq!(betweenness(&Csr::directed(0, &[]).unwrap(), Lengths::Unit).unwrap(), Vec::<f64>::new());
    }
}
