//! Generalised Leontief production without stocks: the economic systemic risk index.
//!
//! Diem et al. 2022: a firm makes min( min over essential k of P(k)/a(k), b + (sum over other k of P(k))/a ).
//! Written as what is lost of each firm, 0 to 1, with W the amounts bought:
//!
//! down(i) = max( stop(i), max over essential k of sum over suppliers j of k of s(j) W(j,i)/W(k,i) down(j),
//!                sum over suppliers j of what is not essential of s(j) W(j,i)/W(i) down(j) )
//! up(i)   = max( stop(i), sum over buyers j of W(i,j)/output(i) up(j) )
//! loss(i) = max( down(i), up(i) ), ESRI = sum of output(i) loss(i) / sum of output(i)
//!
//! with s(j) the part of a supplier's loss that its rivals cannot take over ([`Market`]). The losses are the least
//! ones that satisfy all of this.
//!
//! Two things differ from the paper and are stated: final demand is part of output and never falls, so `up`
//! fades where the paper, which leaves final demand out, passes everything on (give firms their sales as
//! output and the paper's form results); and a loss is passed on in whole grains of 2^-k of a firm's output.
//! The map stays monotone, hence a larger stop never loses less, the least solution does not depend on the
//! order in which firms are looked at, and it is reached in finitely many steps. Grains are what makes the
//! spread local, and their effect has a bound: see [`Leontief::each_in_turn`].
//!
//! Firms are looked at by how much they have not yet passed on, largest first: small changes pile up and are
//! passed on once, where going round by round would pass each of them through the whole network.

use super::network::{Network, Ways};
use super::{ONE, part};
use crate::fault::{Code, Fault, within};
use rayon::prelude::*;
use std::sync::Mutex;

/// What rivals of a lost supplier take over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Market {
    /// Nothing: buyers hold on to their suppliers.
    Captive,
    /// As in the paper: s(j) = min(1, output(j) / output that is left of the product), anew in each round.
    Shared,
}

/// How far a shock is followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reach {
    /// Losses are passed on in whole multiples of 2^-grain; 0 to 30.
    pub grain: u32,
    /// The most times that firms pass something on, for each direction.
    pub passes_max: u64,
}

/// One firm's loss.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spread {
    /// The firm.
    pub firm: u32,
    /// What it loses for want of inputs, 0 to 1.
    pub down: f64,
    /// What it loses for want of buyers, 0 to 1.
    pub up: f64,
    /// The value of the larger of both in a day.
    pub output: f64,
}

/// What a stop costs.
#[derive(Clone, Debug, PartialEq)]
pub struct Systemic {
    /// Firms that lose anything, by number.
    pub firms: Vec<Spread>,
    /// Lost output of all firms in a day.
    pub total: f64,
    /// That over the output of all firms: the index, 0 to 1.
    pub index: f64,
    /// How often a firm passed something on, down and up.
    pub passes: (u64, u64),
    /// Did both come to rest within the passes allowed? Otherwise losses are too small.
    pub settled: bool,
    /// By how much the index can be larger without grains; none where no bound holds.
    pub error: Option<f64>,
}

/// The model over one network.
#[derive(Debug)]
pub struct Leontief {
    down: Side,
    up: Side,
    output: Vec<f64>,
    whole: f64,
    market: Market,
    /// For each source the product whose market it shares, and its part of that market in 2^-32.
    product: Vec<(u32, u32)>,
    /// The sum of those parts by product: a little below 1 by rounding, so that nothing is left when all is lost.
    market_whole: Vec<u64>,
    /// By product the mean of the growth of what its makers withhold.
    market_growth: Vec<f64>,
    products: usize,
    spare: Mutex<Vec<Work>>,
}

#[derive(Debug)]
struct Side {
    ways: Ways,
    bins: Vec<Bin>,
    /// By what a part withheld everywhere can grow, by source; empty where it has no bound.
    growth: Vec<f64>,
    /// That as a mean over output.
    growth_mean: f64,
}

/// What is lost of one input, or of the sales of one firm.
#[derive(Clone, Copy, Debug)]
struct Bin {
    /// In 2^-60.
    sum: u64,
    /// The part of it that counts, after second sources and substitutes, in 2^-30.
    kept: u32,
    firm: u32,
}

#[derive(Clone, Copy, Debug, Default)]
struct State {
    lost: u32,
    sent: u32,
    /// 1 + the list in which the firm waits; 0: in none.
    waits: u8,
    met: bool,
}

#[derive(Debug, Default)]
struct Work {
    bins: [Vec<Bin>; 2],
    bins_used: [Vec<u32>; 2],
    states: [Vec<State>; 2],
    met: [Vec<u32>; 2],
    /// Who has something to pass on, by the power of two of how much.
    lists: Vec<Vec<u32>>,
    markets: Vec<Lost>,
    markets_used: Vec<u32>,
}

/// What a market has lost.
#[derive(Clone, Debug, Default)]
struct Lost {
    /// In 2^-62 of the market.
    sum: u64,
    firms: Vec<u32>,
}

impl Leontief {
    /// The model of a network with the rules that it has now. Stocks and the days of substitutes do not matter
    /// here; secured parts and substitutes count from the start.
    pub fn new(network: &Network, market: Market) -> Self {
        let sources = network.sources();
        let mut output: Vec<f64> = network.firms().iter().map(|f| f.output).collect();
        let whole: f64 = output.iter().sum();
        output.resize(sources, 0.0);
        let mut market_size = vec![0.0; network.products()];
        network.firms().iter().for_each(|f| market_size[f.product as usize] += f.output);
        let in_market = |f: &super::Firm| {
            let share = f.output / market_size[f.product as usize];
            (f.product, if share > 0.0 { (share * f64::from(u32::MAX)) as u32 } else { 0 })
        };
        let mut product: Vec<(u32, u32)> = network.firms().iter().map(in_market).collect();
        let mut market_whole = vec![0; network.products()];
        product.iter().for_each(|(product, size)| market_whole[*product as usize] += u64::from(*size));
        // What comes from abroad has no rivals here.
        product.resize(sources, (u32::MAX, 0));
        let down = Side::down(network);
        let mut market_growth = vec![0.0; network.products()];
        for ((product, size), v) in product.iter().zip(&down.growth).filter(|((product, _), _)| *product != u32::MAX) {
            market_growth[*product as usize] += f64::from(*size) / (1u64 << 32) as f64 * v;
        }
        Self {
            down,
            up: Side::up(network),
            market_growth,
            output,
            whole,
            market,
            product,
            market_whole,
            products: network.products(),
            spare: Mutex::new(Vec::new()),
        }
    }

    /// What it costs when sources lose the stated shares of their output, 0 to 1, for as long as it takes.
    ///
    /// Faults: [`Code::UnknownNode`], [`Code::Share`], and [`Code::Limit`] for grains finer than 2^-30.
    pub fn run(&self, stops: &[(u32, f64)], reach: Reach) -> Result<Systemic, Fault> {
        self.check(stops, reach)?;
        let mut work = self.work();
        let result = self.spread(stops, reach, &mut work);
        let mut firms = Vec::new();
        for (firm, down, up) in met(&work) {
            let output = f64::max(down, up) * self.output[firm as usize];
            firms.push(Spread { firm, down, up, output });
        }
        self.put_back(work);
        let total: f64 = firms.iter().map(|f| f.output).sum();
        let index = if self.whole > 0.0 { total / self.whole } else { 0.0 };
        Ok(Systemic { firms, total, index, passes: result.passes, settled: result.settled, error: self.error(&result) })
    }

    /// The index of each source alone, by firm and then by product from abroad, and by how much it can be larger
    /// without grains. The same to the bit as [`Self::run`] for each.
    ///
    /// The bound: let F be the map from what suppliers lost to what firms lose. It is monotone, scales with its
    /// argument, and F(a + b) <= F(a) + F(b). If less than r was withheld by every firm, the error e of the
    /// losses satisfies e <= F(e + r) <= F(e) + r F(1), so any v with F(v) + F(1) <= v gives e <= r v. Such a v is
    /// found once for all firms when the model is made; where inputs come in part from outside it is small.
    /// There is none where losses go round without fading. For [`Market::Shared`] rivals' parts react to loss, so
    /// it is tried, supplier by supplier, whether what is felt of the losses and r v together stays within what
    /// was passed on and r (1 + v); where it does, losses and r v satisfy the equations with room to spare, and
    /// the least solution cannot be larger. Where it does not, no bound is stated.
    pub fn each_in_turn(&self, reach: Reach) -> Result<Vec<(f64, Option<f64>)>, Fault> {
        self.check(&[], reach)?;
        let one = |source: u32| {
            let mut work = self.work();
            let result = self.spread(&[(source, 1.0)], reach, &mut work);
            let total: f64 =
                met(&work).into_iter().map(|(f, down, up)| f64::max(down, up) * self.output[f as usize]).sum();
            self.put_back(work);
            let index = if self.whole > 0.0 { total / self.whole } else { 0.0 };
            (index, self.error(&result))
        };
        Ok((0..self.output.len() as u32).into_par_iter().with_max_len(64).map(one).collect())
    }

    fn error(&self, result: &Spreading) -> Option<f64> {
        // The larger of two figures is off by no more than the two are together, and no firm loses more than all.
        let most = result.withheld.0? * self.down.growth_mean + result.withheld.1? * self.up.growth_mean;
        Some(most.min(1.0))
    }

    fn check(&self, stops: &[(u32, f64)], reach: Reach) -> Result<(), Fault> {
        if reach.grain > 30 {
            let found = format!("grains of 2^-{}", reach.grain);
            return Err(Fault::new(Code::Limit, "reach", found, "grains from 1 to 2^-30 are allowed"));
        }
        for (at, (source, share)) in stops.iter().enumerate() {
            if *source as usize >= self.output.len() {
                let allowed = format!("numbers below {} are allowed", self.output.len());
                return Err(Fault::new(Code::UnknownNode, format!("stop {at}"), format!("{source}"), allowed));
            }
            within(Code::Share, &format!("stop {at}"), "share", *share, 0.0, 1.0)?;
        }
        Ok(())
    }

    fn work(&self) -> Work {
        let kept = self.spare.lock().ok().and_then(|mut spare| spare.pop());
        kept.unwrap_or_else(|| Work {
            bins: [self.down.bins.clone(), self.up.bins.clone()],
            states: [vec![State::default(); self.output.len()], vec![State::default(); self.output.len()]],
            lists: vec![Vec::new(); 32],
            markets: vec![Lost::default(); self.products],
            ..Work::default()
        })
    }

    fn put_back(&self, mut work: Work) {
        for side in 0..2 {
            for bin in work.bins_used[side].drain(..) {
                work.bins[side][bin as usize].sum = 0;
            }
            for firm in work.met[side].drain(..) {
                work.states[side][firm as usize] = State::default();
            }
        }
        for product in work.markets_used.drain(..) {
            work.markets[product as usize] = Lost::default();
        }
        if let Ok(mut spare) = self.spare.lock() {
            spare.push(work);
        }
    }

    fn spread(&self, stops: &[(u32, f64)], reach: Reach, work: &mut Work) -> Spreading {
        let (down, settled_down, held_down) = self.follow(0, &self.down, stops, reach, work);
        let (up, settled_up, held_up) = self.follow(1, &self.up, stops, reach, work);
        Spreading { passes: (down, up), settled: settled_down && settled_up, withheld: (held_down, held_up) }
    }

    /// One direction. Returns how often a firm passed something on, whether nothing was left to pass on, and
    /// the r of [`Self::each_in_turn`].
    fn follow(
        &self,
        at: usize,
        side: &Side,
        stops: &[(u32, f64)],
        reach: Reach,
        work: &mut Work,
    ) -> (u64, bool, Option<f64>) {
        let Work { bins, bins_used, states, met, lists, markets, markets_used } = work;
        let (bins, bins_used, states, met) = (&mut bins[at], &mut bins_used[at], &mut states[at], &mut met[at]);
        let shared = at == 0 && self.market == Market::Shared;
        let grains = !0u32 << (30 - reach.grain);
        let mut passes = 0;
        for (source, share) in stops {
            let (state, level) = (&mut states[*source as usize], part(*share));
            if level > state.lost {
                let more = level - state.lost;
                state.lost = level;
                self.raised(*source, more, shared, states, met, lists, markets, markets_used);
            }
        }
        let mut top = 31;
        loop {
            while top > 0 && lists[top].is_empty() {
                top -= 1;
            }
            let Some(source) = lists[top].pop() else { break };
            let state = &mut states[source as usize];
            if usize::from(state.waits) != top + 1 {
                // It was entered again with more to pass on.
                continue;
            }
            state.waits = 0;
            let (lost, sent) = (state.lost, state.sent);
            let whole = self.felt(source, lost, shared, markets) & grains;
            if whole <= sent {
                continue;
            }
            if passes == reach.passes_max {
                lists.iter_mut().for_each(Vec::clear);
                return (passes, false, None);
            }
            passes += 1;
            states[source as usize].sent = whole;
            let more = u64::from(whole - sent);
            for (bin, weight) in side.ways.of(source as usize) {
                let bin_state = &mut bins[*bin as usize];
                if bin_state.sum == 0 {
                    bins_used.push(*bin);
                }
                bin_state.sum += u64::from(*weight) * more;
                let forced = (((bin_state.sum >> 30) * u64::from(bin_state.kept)) >> 30) as u32;
                let firm = bin_state.firm;
                let state = &mut states[firm as usize];
                if forced > state.lost {
                    let more = forced - state.lost;
                    state.lost = forced;
                    if shared {
                        self.raised(firm, more, shared, states, met, lists, markets, markets_used);
                    } else {
                        if !state.met {
                            state.met = true;
                            met.push(firm);
                        }
                        wait(firm, state, forced & grains, lists);
                    }
                }
                top = 31;
            }
        }
        let feeding = met.iter().filter(|firm| !side.ways.of(**firm as usize).is_empty());
        let held = feeding.map(|firm| self.felt(*firm, states[*firm as usize].lost, shared, markets) & !grains).max();
        let held = f64::from(held.unwrap_or(0)) / ONE as f64;
        let bound = match (held == 0.0, side.growth.is_empty(), shared) {
            (true, ..) => Some(0.0),
            (_, true, _) => None,
            (_, _, false) => Some(held),
            // A larger r leaves more room; a few sizes are tried.
            _ => [1.0, 2.0, 4.0, 8.0].iter().map(|k| k * held).find(|r| self.has_room(*r, states, met, markets)),
        };
        (passes, true, bound)
    }

    /// Does what is felt of the losses and r v together stay within what was passed on and r (1 + v)?
    fn has_room(&self, r: f64, states: &[State], met: &[u32], markets: &[Lost]) -> bool {
        met.iter().all(|firm| {
            let at = *firm as usize;
            let (product, size) = self.product[at];
            let (state, v) = (&states[at], self.down.growth[at]);
            let (lost, sent) = (f64::from(state.lost) / ONE as f64, f64::from(state.sent) / ONE as f64);
            let taken = match product {
                u32::MAX => 1.0,
                _ => {
                    let market = &markets[product as usize];
                    let whole = (self.market_whole[product as usize] << 30) - market.sum;
                    let left = whole as f64 / (1u64 << 62) as f64 - r * self.market_growth[product as usize];
                    let own = f64::from(size) / (1u64 << 32) as f64;
                    if left <= own { 1.0 } else { own / left }
                }
            };
            // A few units of the last place for the rounding of both sides.
            taken * (lost + r * v).min(1.0) + 4.0 / ONE as f64 <= sent + r * (1.0 + v)
        })
    }

    /// What buyers feel of a supplier's loss, after its rivals took over what they can.
    fn felt(&self, source: u32, lost: u32, shared: bool, markets: &[Lost]) -> u32 {
        let (product, size) = self.product[source as usize];
        if !shared || product == u32::MAX {
            return lost;
        }
        let own = u64::from(size) << 30;
        let left = (self.market_whole[product as usize] << 30) - markets[product as usize].sum;
        if left <= own {
            return lost;
        }
        ((u128::from(lost) * u128::from(own)) / u128::from(left)) as u32
    }

    /// Takes note that a firm lost more. A market that lost more leaves less to take over from each of its
    /// lost firms, so all of them have something to pass on.
    #[expect(clippy::too_many_arguments, reason = "the parts of one piece of work, borrowed one by one")]
    fn raised(
        &self,
        firm: u32,
        more: u32,
        shared: bool,
        states: &mut [State],
        met: &mut Vec<u32>,
        lists: &mut [Vec<u32>],
        markets: &mut [Lost],
        markets_used: &mut Vec<u32>,
    ) {
        let first = !states[firm as usize].met;
        if first {
            states[firm as usize].met = true;
            met.push(firm);
        }
        let (product, size) = self.product[firm as usize];
        if !shared || product == u32::MAX {
            let state = &mut states[firm as usize];
            return wait(firm, state, state.lost, lists);
        }
        let market = &mut markets[product as usize];
        if market.firms.is_empty() {
            markets_used.push(product);
        }
        if first {
            market.firms.push(firm);
        }
        market.sum += u64::from(size) * u64::from(more);
        for rival in &markets[product as usize].firms {
            let lost = states[*rival as usize].lost;
            let felt = self.felt(*rival, lost, shared, markets);
            wait(*rival, &mut states[*rival as usize], felt, lists);
        }
    }
}

/// Puts a firm into the list of how much it has to pass on, unless it waits there or higher already.
fn wait(firm: u32, state: &mut State, level: u32, lists: &mut [Vec<u32>]) {
    if level <= state.sent {
        return;
    }
    let list = (level - state.sent).ilog2() as u8;
    if state.waits < list + 1 {
        state.waits = list + 1;
        lists[usize::from(list)].push(firm);
    }
}

struct Spreading {
    passes: (u64, u64),
    settled: bool,
    withheld: (Option<f64>, Option<f64>),
}

/// Firms that lose anything, by number, with both losses.
fn met(work: &Work) -> Vec<(u32, f64, f64)> {
    let mut firms: Vec<u32> = work.met[0].iter().chain(&work.met[1]).copied().collect();
    firms.sort_unstable();
    firms.dedup();
    let lost = |side: usize, firm: u32| f64::from(work.states[side][firm as usize].lost) / ONE as f64;
    firms.into_iter().map(|firm| (firm, lost(0, firm), lost(1, firm))).collect()
}

impl Side {
    /// From suppliers to inputs: a bin for each essential input and one for all others of a firm.
    fn down(network: &Network) -> Self {
        let inputs = network.inputs();
        // The need of an input is what is bought here and what comes from outside.
        let need = |at: usize| inputs[at].need();
        let (mut number, mut weight) = (vec![0u32; inputs.len()], vec![1.0; inputs.len()]);
        let mut bins: Vec<Bin> = Vec::new();
        let mut start = 0;
        for group in inputs.chunk_by(|a, b| a.buyer == b.buyer) {
            let range = start..start + group.len();
            start = range.end;
            let all: f64 = range.clone().map(need).sum();
            let mut other = None;
            for at in range {
                let rule = inputs[at].rule;
                let counts = (1.0 - rule.secured) * (1.0 - rule.substitute);
                if rule.essential {
                    number[at] = bins.len() as u32;
                    bins.push(Bin { sum: 0, kept: part(counts), firm: inputs[at].buyer });
                } else {
                    number[at] = *other.get_or_insert(bins.len() as u32);
                    if number[at] as usize == bins.len() {
                        bins.push(Bin { sum: 0, kept: ONE as u32, firm: inputs[at].buyer });
                    }
                    // An input from outside alone has no need that is known here.
                    weight[at] = if all.is_finite() { need(at) / all * counts } else { 0.0 };
                }
            }
        }
        let feeds = network.feeds();
        let cells = feeds.iter().map(|(source, input, share)| {
            let at = *input as usize;
            (*source, number[at], part(share * weight[at]))
        });
        Self::new(Ways::new(network.sources(), cells), bins, network)
    }

    /// From buyers to suppliers: one bin for the sales of each supplier.
    fn up(network: &Network) -> Self {
        let firms = network.firms();
        let mut cells: Vec<(u32, u32, u32)> = network
            .links()
            .iter()
            .map(|l| (l.buyer, l.supplier, part(l.amount / firms[l.supplier as usize].output)))
            .collect();
        cells.sort_by_key(|(buyer, supplier, _)| (*buyer, *supplier));
        let mut sums = vec![0u64; firms.len()];
        // Sales may exceed output by the slack of the source; their weights still must not exceed 1.
        for (_, supplier, weight) in &mut cells {
            let sum = &mut sums[*supplier as usize];
            *weight = u64::from(*weight).min(ONE - *sum) as u32;
            *sum += u64::from(*weight);
        }
        let ways = Ways::new(network.sources(), cells.into_iter());
        let bins = (0..firms.len() as u32).map(|firm| Bin { sum: 0, kept: ONE as u32, firm }).collect();
        Self::new(ways, bins, network)
    }

    /// Looks for v with F(v) + F(1) <= v by iterating v = (F(v) + F(1)) from F(1), a little enlarged at the end so
    /// that the inequality holds for sure; gives up when it grows beyond any use.
    fn new(ways: Ways, bins: Vec<Bin>, network: &Network) -> Self {
        let sources = network.sources();
        let image = |v: &[f64]| {
            let mut sums = vec![0.0; bins.len()];
            for (source, level) in v.iter().enumerate().filter(|(_, level)| **level > 0.0) {
                for (bin, weight) in ways.of(source) {
                    sums[*bin as usize] += f64::from(*weight) / ONE as f64 * level;
                }
            }
            let mut out = vec![0.0f64; sources];
            for (bin, sum) in bins.iter().zip(sums) {
                let firm = &mut out[bin.firm as usize];
                *firm = firm.max(sum * f64::from(bin.kept) / ONE as f64);
            }
            out
        };
        let first = image(&vec![1.0; sources]);
        let mut v = first.clone();
        let (mut growth, mut growth_mean) = (Vec::new(), f64::INFINITY);
        for _ in 0..GROWTH_STEPS {
            let enlarged: Vec<f64> = v.iter().map(|x| x * 1.01 + 1e-9).collect();
            let next: Vec<f64> = image(&enlarged).iter().zip(&first).map(|(a, b)| a + b).collect();
            if next.iter().zip(&enlarged).all(|(n, e)| n <= e) {
                let whole: f64 = network.output();
                let sum: f64 = network.firms().iter().zip(&enlarged).map(|(f, v)| f.output * v).sum();
                growth_mean = if whole > 0.0 { sum / whole } else { 0.0 };
                growth = enlarged;
                break;
            }
            v = image(&v).iter().zip(&first).map(|(a, b)| a + b).collect();
        }
        Self { ways, bins, growth, growth_mean }
    }
}

/// How long a bound on growth is looked for; each step costs as much as one pass over all links.
const GROWTH_STEPS: usize = 200;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shock::InputRule;
    use crate::shock::network::tests::random;
    use proptest::prelude::*;

    /// The recursion from its definition: every firm in every round, in floating point, without grains.
    fn naive(network: &Network, stops: &[(u32, f64)], rounds: u32, market: Market) -> (Vec<f64>, Vec<f64>) {
        let n = network.firms().len();
        let mut stop = vec![0.0f64; n];
        stops.iter().for_each(|(f, s)| stop[*f as usize] = stop[*f as usize].max(*s));
        let (mut down, mut up) = (stop.clone(), stop.clone());
        for _ in 0..rounds {
            let (mut next_down, mut next_up) = (stop.clone(), stop.clone());
            let sigma: Vec<f64> = (0..n)
                .map(|j| {
                    let rivals = (0..n).filter(|l| network.firms()[*l].product == network.firms()[j].product);
                    let left: f64 = rivals.map(|l| network.firms()[l].output * (1.0 - down[l])).sum();
                    let own = network.firms()[j].output;
                    if market == Market::Captive || left <= own { 1.0 } else { own / left }
                })
                .collect();
            for i in 0..n {
                let mine: Vec<_> = network.links().iter().filter(|l| l.buyer as usize == i).collect();
                let bought: f64 = mine.iter().map(|l| l.amount).sum();
                let mut other = 0.0;
                for input in network.inputs().iter().filter(|input| input.buyer as usize == i) {
                    let of = mine.iter().filter(|l| network.firms()[l.supplier as usize].product == input.product);
                    let lost: f64 = of.map(|l| l.amount * sigma[l.supplier as usize] * down[l.supplier as usize]).sum();
                    match input.rule.essential {
                        true => next_down[i] = next_down[i].max(lost / input.amount),
                        false => other += lost / bought,
                    }
                }
                next_down[i] = next_down[i].max(other);
                let sold = network.links().iter().filter(|l| l.supplier as usize == i);
                let lost: f64 = sold.map(|l| l.amount * up[l.buyer as usize]).sum();
                next_up[i] = next_up[i].max(lost / network.firms()[i].output);
            }
            (down, up) = (next_down, next_up);
        }
        (down, up)
    }

    fn dense(found: &Systemic, n: usize) -> (Vec<f64>, Vec<f64>) {
        let (mut down, mut up) = (vec![0.0; n], vec![0.0; n]);
        found.firms.iter().for_each(|f| (down[f.firm as usize], up[f.firm as usize]) = (f.down, f.up));
        (down, up)
    }

    fn apart(a: &[f64], b: &[f64]) -> f64 {
        a.iter().zip(b).fold(0.0, |m: f64, (x, y)| m.max((x - y).abs()))
    }

    #[test]
    fn losses_agree_with_the_recursion_written_out() {
        for seed in 0..30 {
            let network = random(24, 90, 5, seed, 0.0, 0.0);
            let stops = [(seed as u32 % 24, 1.0), (seed as u32 * 5 % 24, 0.6)];
            for market in [Market::Captive, Market::Shared] {
                let model = Leontief::new(&network, market);
                {
                    let found = model.run(&stops, Reach { grain: 30, passes_max: 1 << 30 }).unwrap();
                    assert!(found.settled);
                    let (down, up) = dense(&found, 24);
                    let want = naive(&network, &stops, 3000, market);
                    assert!(apart(&down, &want.0) < 1e-6, "{seed} {market:?}");
                    assert!(apart(&up, &want.1) < 1e-7);
                }
            }
        }
    }

    /// The same network with a fifth at least of every input from outside, so that losses fade.
    fn outside(network: &Network) -> Network {
        let rule = |buyer, product| {
            let rule = network.inputs().iter().find(|i| (i.buyer, i.product) == (buyer, product)).unwrap().rule;
            InputRule { outside: 0.2 + rule.outside, ..rule }
        };
        Network::new(network.firms().to_vec(), network.links().to_vec(), 1e-9, rule).unwrap()
    }

    #[test]
    fn coarse_grains_stay_within_their_bound() {
        for seed in 0..60 {
            let network = outside(&random(80, 400, 9, seed, 0.0, 0.1));
            for market in [Market::Captive, Market::Shared] {
                let model = Leontief::new(&network, market);
                let fine = model.each_in_turn(Reach { grain: 30, passes_max: 1 << 30 }).unwrap();
                let coarse = model.each_in_turn(Reach { grain: 11, passes_max: 1 << 30 }).unwrap();
                let mut bounded = 0;
                for ((fine, _), (coarse, error)) in fine.iter().zip(&coarse) {
                    assert!(coarse <= fine);
                    if let Some(error) = error {
                        bounded += 1;
                        assert!(*error < 0.05 && *fine <= coarse + error + 1e-6, "{fine} {coarse} {error}");
                    }
                }
                assert!(bounded == fine.len() || market == Market::Shared && bounded * 3 > fine.len(), "{bounded}");
            }
        }
    }

    #[test]
    fn every_firm_in_turn_gives_the_bits_of_each_stop_alone() {
        let network = random(60, 240, 6, 3, 0.0, 0.2);
        for market in [Market::Captive, Market::Shared] {
            let model = Leontief::new(&network, market);
            let reach = Reach { grain: 20, passes_max: 1 << 30 };
            let run = |threads| {
                let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
                pool.install(|| model.each_in_turn(reach).unwrap())
            };
            let all = run(1);
            assert_eq!(all, run(4));
            for (source, (index, error)) in all.iter().enumerate() {
                let alone = model.run(&[(source as u32, 1.0)], reach).unwrap();
                assert_eq!((*index, *error), (alone.index, alone.error));
            }
        }
    }

    #[test]
    fn stops_out_of_range_are_refused() {
        let model = Leontief::new(&random(5, 9, 2, 1, 0.0, 0.0), Market::Captive);
        let reach = Reach { grain: 20, passes_max: 9 };
        assert_eq!(model.run(&[(0, 1.5)], reach).unwrap_err().code, Code::Share);
        assert_eq!(model.run(&[(99, 1.0)], reach).unwrap_err().code, Code::UnknownNode);
        assert_eq!(model.run(&[], Reach { grain: 31, ..reach }).unwrap_err().code, Code::Limit);
    }

    proptest! {
        #[test]
        fn no_stop_no_loss_more_never_less_and_loss_has_a_ceiling(
            seed in 0u64..10_000, share in 0.0f64..1.0, grain in 4u32..25, captive: bool,
        ) {
            let network = random(25, 90, 4, seed, 0.0, 0.2);
            let model = Leontief::new(&network, if captive { Market::Captive } else { Market::Shared });
            let n = network.sources();
            let reach = Reach { grain, passes_max: 1 << 30 };
            prop_assert_eq!(model.run(&[], reach).unwrap().total, 0.0);
            let some = vec![((seed % 25) as u32, 1.0), ((seed / 7 % 25) as u32, 0.4)];
            let mut all = some.clone();
            all.push(((seed / 31 % n as u64) as u32, share));
            let (less, more) = (model.run(&some, reach).unwrap(), model.run(&all, reach).unwrap());
            let (a, b) = (dense(&less, n), dense(&more, n));
            prop_assert!(a.0.iter().zip(&b.0).all(|(x, y)| x <= y) && a.1.iter().zip(&b.1).all(|(x, y)| x <= y));
            prop_assert!(more.index <= 1.0 && b.0.iter().chain(&b.1).all(|x| *x <= 1.0));
        }
    }
}
