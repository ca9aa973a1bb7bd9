//! From ranks to classes: shares, thresholds and stages, limits on shares, ties at a cut. Integers
//! and exact decimals only.

use crate::kernels::{Whole, count_of};
use crate::outcome::CutLine;
use law::scheme::{ClassMethod, Classing, Cut, Scheme, Stage, TiesAtCut};
use rust_decimal::Decimal;

/// The firms of one group, best first.
pub(crate) struct Ranked<'a> {
    /// Rank of each, 1 the best; equal firms share the better one.
    pub(crate) rank: &'a [u32],
    /// Total of each, in units of 10^-decimals.
    pub(crate) total: &'a [i64],
    /// What shares are shares of.
    pub(crate) denominator: u32,
    /// For each stage with a key of its own: the key of each firm, `NaN` when unknown.
    pub(crate) keys: &'a [Option<Vec<f64>>],
}

/// Classes of a population's method, best first, as positions in the scheme's list.
pub(crate) fn used_classes(scheme: &Scheme, classing: &Classing) -> Vec<u8> {
    let mut ids: Vec<&str> = match &classing.method {
        ClassMethod::Shares { cuts, .. } | ClassMethod::Thresholds { cuts, .. } => {
            cuts.iter().map(|(c, _)| c.as_str()).collect()
        }
        ClassMethod::Stages { stages, .. } => stages.iter().map(|s| s.class.as_str()).collect(),
    };
    let (ClassMethod::Shares { rest, .. } | ClassMethod::Thresholds { rest, .. } | ClassMethod::Stages { rest, .. }) =
        &classing.method;
    ids.push(rest);
    let mut out: Vec<u8> = ids.iter().map(|id| index(scheme, id)).collect();
    out.sort_unstable();
    out.dedup();
    out
}

/// Position of a class; the law's checks have made sure that it is in the list.
pub(crate) fn index(scheme: &Scheme, class: &str) -> u8 {
    scheme.class_index(class).and_then(|i| u8::try_from(i).ok()).unwrap_or(0)
}

fn whole(cut: Cut) -> Whole {
    match cut {
        Cut::Floor => Whole::Floor,
        Cut::Ceil => Whole::Ceil,
        Cut::HalfUp => Whole::HalfUp,
    }
}

/// Class of each firm and where the cuts fell.
pub(crate) fn classes(scheme: &Scheme, classing: &Classing, firms: &Ranked) -> (Vec<u8>, Vec<CutLine>) {
    let count = |share: Decimal| count_of(share, firms.denominator, whole(classing.cut));
    let better = classing.ties_at_cut == TiesAtCut::Better;
    let used = used_classes(scheme, classing);
    let mut positions: Vec<(u8, u32)> = Vec::new();
    let mut out = match &classing.method {
        ClassMethod::Shares { cuts, rest } => {
            positions = cuts.iter().map(|(c, share)| (index(scheme, c), count(share.value))).collect();
            let ends = ends(firms.rank);
            let place = |i: usize| if better { firms.rank[i] } else { ends[i] };
            let class = |i: usize| {
                positions.iter().find(|(_, last)| place(i) <= *last).map_or(index(scheme, rest), |(c, _)| *c)
            };
            (0..firms.rank.len()).map(class).collect::<Vec<u8>>()
        }
        ClassMethod::Thresholds { cuts, rest } => {
            let total = |i: usize| Decimal::new(firms.total[i], u32::from(classing.score_decimals));
            let class = |i: usize| {
                cuts.iter()
                    .find(|(_, least)| total(i) >= least.value)
                    .map_or(index(scheme, rest), |(c, _)| index(scheme, c))
            };
            (0..firms.rank.len()).map(class).collect()
        }
        ClassMethod::Stages { stages, rest } => staged(scheme, stages, index(scheme, rest), firms, &count, better),
    };
    limit(scheme, classing, firms, &used, &mut out);
    let cuts = cut_lines(&used, &positions, firms, &out);
    (out, cuts)
}

/// Last position of each firm's tie.
fn ends(rank: &[u32]) -> Vec<u32> {
    let mut out = vec![0; rank.len()];
    let mut end = rank.len() as u32;
    for i in (0..rank.len()).rev() {
        if i + 1 < rank.len() && rank[i + 1] != rank[i] {
            end = i as u32 + 1;
        }
        out[i] = end;
    }
    out
}

fn staged(
    scheme: &Scheme,
    stages: &[Stage],
    rest: u8,
    firms: &Ranked,
    count: &dyn Fn(Decimal) -> u32,
    better: bool,
) -> Vec<u8> {
    let n = firms.rank.len();
    let mut out = vec![None; n];
    for (stage, key) in stages.iter().zip(firms.keys) {
        // Firms from the end that the stage looks at, as blocks of equal firms.
        let mut blocks = blocks_by(n, |a, b| firms.rank[a] == firms.rank[b]);
        if stage.from_worst {
            blocks.reverse();
        }
        // A block on the edge of a pool or a take goes to the better class.
        let whole_block = better != stage.from_worst;
        let pool: Vec<usize> = take(&blocks, count(stage.pool.value) as usize, whole_block)
            .into_iter()
            .filter(|i| out[*i].is_none())
            .collect();
        let mut blocks: Vec<Vec<usize>> = match key {
            None => blocks.iter().map(|b| b.iter().copied().filter(|i| pool.contains(i)).collect()).collect(),
            Some(key) => {
                let mut pool = pool.clone();
                // Unknown keys rank last from either end.
                let order = |a: &usize, b: &usize| match (key[*a].is_nan(), key[*b].is_nan()) {
                    (true, true) => a.cmp(b),
                    (true, false) => std::cmp::Ordering::Greater,
                    (false, true) => std::cmp::Ordering::Less,
                    _ if stage.from_worst => key[*a].total_cmp(&key[*b]).then(b.cmp(a)),
                    _ => key[*b].total_cmp(&key[*a]).then(a.cmp(b)),
                };
                pool.sort_by(order);
                let same = |a: usize, b: usize| key[a] == key[b] || key[a].is_nan() && key[b].is_nan();
                let mut blocks: Vec<Vec<usize>> = Vec::new();
                for i in pool {
                    match blocks.last_mut() {
                        Some(block) if same(block[0], i) => block.push(i),
                        _ => blocks.push(vec![i]),
                    }
                }
                blocks
            }
        };
        blocks.retain(|b| !b.is_empty());
        for i in take(&blocks, count(stage.take.value) as usize, whole_block) {
            out[i] = Some(index(scheme, &stage.class));
        }
    }
    out.into_iter().map(|c| c.unwrap_or(rest)).collect()
}

fn blocks_by(n: usize, same: impl Fn(usize, usize) -> bool) -> Vec<Vec<usize>> {
    let mut out: Vec<Vec<usize>> = Vec::new();
    for i in 0..n {
        match out.last_mut() {
            Some(block) if same(block[0], i) => block.push(i),
            _ => out.push(vec![i]),
        }
    }
    out
}

/// The first `count` firms of blocks; a block across the edge wholly or not at all.
fn take(blocks: &[Vec<usize>], count: usize, whole_block: bool) -> Vec<usize> {
    let mut out = Vec::new();
    for block in blocks {
        if out.len() >= count || out.len() + block.len() > count && !whole_block {
            break;
        }
        out.extend(block);
    }
    out
}

/// Limits on shares: too many go one class down from the lowest rank up; too few are filled from the
/// neighbouring class nearest the cut. Equal firms move together.
fn limit(scheme: &Scheme, classing: &Classing, firms: &Ranked, used: &[u8], out: &mut [u8]) {
    let blocks = blocks_by(out.len(), |a, b| firms.rank[a] == firms.rank[b]);
    for bound in &classing.bounds {
        let class = index(scheme, &bound.class);
        let Some(at) = used.iter().position(|c| *c == class) else { continue };
        let has = |out: &[u8], c: u8| out.iter().filter(|o| **o == c).count();
        if let (Some(most), Some(down)) = (&bound.at_most, used.get(at + 1)) {
            let most = count_of(most.value, firms.denominator, Whole::Floor) as usize;
            while has(out, class) > most {
                let Some(block) = blocks.iter().rfind(|b| b.iter().any(|i| out[*i] == class)) else { break };
                block.iter().for_each(|i| out[*i] = *down);
            }
        }
        if let Some(least) = &bound.at_least {
            let least = count_of(least.value, firms.denominator, Whole::Ceil) as usize;
            let last = at + 1 == used.len();
            let from = if last { at.checked_sub(1).map(|i| used[i]) } else { used.get(at + 1).copied() };
            let Some(from) = from else { continue };
            while has(out, class) < least {
                let mut near = blocks.iter().filter(|b| b.iter().any(|i| out[*i] == from));
                let Some(block) = (if last { near.next_back() } else { near.next() }) else { break };
                block.iter().for_each(|i| out[*i] = class);
            }
        }
    }
}

fn cut_lines(used: &[u8], positions: &[(u8, u32)], firms: &Ranked, out: &[u8]) -> Vec<CutLine> {
    let mut lines = Vec::new();
    let mut sum = 0;
    for class in &used[..used.len() - 1] {
        let members = || out.iter().zip(firms.total).filter(|(c, _)| *c == class);
        let count = members().count() as u32;
        sum += count;
        let position = positions.iter().find(|(c, _)| c == class).map_or(sum, |(_, p)| *p);
        lines.push(CutLine { class: *class, position, count, total: members().map(|(_, t)| *t).min() });
    }
    lines
}
