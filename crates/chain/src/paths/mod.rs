//! Which nodes and links everything passes through: betweenness, exact and sampled; points and bridges
//! whose loss splits a network; dominators; and the smallest cut between two nodes.

mod between;
mod dominators;
mod flow;
mod parts;
mod sample;

pub use between::{Lengths, betweenness};
pub use dominators::dominators;
pub use flow::{Cut, smallest_cut};
pub use parts::{Breaks, breaks, strong_parts};
pub use sample::{Sampled, Wanted, longest_path_nodes, sampled_betweenness};

/// Graphs for tests: a few shapes that trip algorithms, and draws.
#[cfg(test)]
pub(crate) mod shapes {
    use crate::csr::Csr;
    use crate::draw::Draw;

    /// Links drawn at random, with loops and repeats.
    pub fn links(nodes: u32, count: usize, seed: u64) -> Vec<(u32, u32)> {
        let mut draw = Draw::new(seed);
        (0..count).map(|_| (draw.below(u64::from(nodes)) as u32, draw.below(u64::from(nodes)) as u32)).collect()
    }

    /// Small graphs of both sorts.
    pub fn some() -> Vec<Csr> {
        let mut out = Vec::new();
        for seed in 0..12 {
            for (nodes, count) in [(1, 1), (5, 4), (9, 14), (14, 20), (14, 50)] {
                let links = links(nodes, count, seed);
                out.push(Csr::directed(nodes as usize, &links).unwrap());
                out.push(Csr::undirected(nodes as usize, &links).unwrap());
            }
        }
        out
    }
}
