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
//! with s(j) the part of a supplier's loss that its rivals cannot take over ([`Market`]). Both recursions run in
//! rounds from the stop until nothing changes or the stated number of rounds is over.
//!
//! Two things differ from the paper and are stated: final demand is part of output and never falls, so `up`
//! fades where the paper, which leaves final demand out, passes everything on (give firms their sales as
//! output and the paper's form results); and a loss is passed on in whole grains of 2^-k of a firm's output.
//! The map stays monotone, hence a larger stop never loses less, and it stops exactly. Grains are what makes
//! the spread local, and their effect has a bound: see [`Leontief::each_in_turn`].

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
pub struct Rounds {
    /// The most rounds.
    pub max: u32,
    /// Losses are passed on in whole multiples of 2^-grain; 0 to 30.
    pub grain: u32,
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
    /// Rounds until nothing changed, down and up.
    pub rounds: (u32, u32),
    /// Did both come to rest within the rounds allowed?
    pub settled: bool,
    /// By how much the index can be larger without grains; none where no bound holds ([`Market::Shared`]).
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
    products: usize,
    spare: Mutex<Vec<Work>>,
}

#[derive(Debug)]
struct Side {
    ways: Ways,
    bin_firm: Vec<u32>,
    /// Per bin: the part of the loss that counts, and the part that substitutes and second sources take.
    kept: Vec<u32>,
}

#[derive(Clone, Copy, Debug, Default)]
struct State {
    lost: u32,
    sent: u32,
    raised: u32,
    touched: bool,
    met: bool,
}

#[derive(Debug, Default)]
struct Work {
    sums: [Vec<u64>; 2],
    sums_used: [Vec<u32>; 2],
    states: [Vec<State>; 2],
    met: [Vec<u32>; 2],
    moved: Vec<u32>,
    touched: Vec<u32>,
    markets: Vec<Lost>,
    markets_used: Vec<u32>,
    markets_moved: Vec<u32>,
}

/// What a market has lost.
#[derive(Clone, Debug, Default)]
struct Lost {
    /// In 2^-62 of the market.
    sum: u64,
    firms: Vec<u32>,
    moved: bool,
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
        Self {
            down: Side::down(network),
            up: Side::up(network),
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
    pub fn run(&self, stops: &[(u32, f64)], rounds: Rounds) -> Result<Systemic, Fault> {
        self.check(stops, rounds)?;
        let mut work = self.work();
        let result = self.spread(stops, rounds, &mut work);
        let mut firms = Vec::new();
        for (firm, down, up) in met(&work) {
            let output = f64::max(down, up) * self.output[firm as usize];
            firms.push(Spread { firm, down, up, output });
        }
        self.put_back(work);
        let total: f64 = firms.iter().map(|f| f.output).sum();
        let index = if self.whole > 0.0 { total / self.whole } else { 0.0 };
        Ok(Systemic {
            firms,
            total,
            index,
            rounds: result.rounds,
            settled: result.settled,
            error: self.error(&result, rounds),
        })
    }

    /// The index of each source alone, by firm and then by product from abroad, and by how much it can be larger
    /// without grains. The same to the bit as [`Self::run`] for each.
    ///
    /// The bound: no input's weights add up to more than 1, so an error of at most e in what suppliers lost
    /// makes at most e in what a firm loses, and withholding less than a grain adds that grain. After T rounds
    /// the error of every firm is at most T times the largest part ever withheld. That holds for
    /// [`Market::Captive`] alone, since rivals' shares react to loss; for [`Market::Shared`] there is no bound.
    pub fn each_in_turn(&self, rounds: Rounds) -> Result<Vec<(f64, Option<f64>)>, Fault> {
        self.check(&[], rounds)?;
        let one = |source: u32| {
            let mut work = self.work();
            let result = self.spread(&[(source, 1.0)], rounds, &mut work);
            let total: f64 =
                met(&work).into_iter().map(|(f, down, up)| f64::max(down, up) * self.output[f as usize]).sum();
            self.put_back(work);
            let index = if self.whole > 0.0 { total / self.whole } else { 0.0 };
            (index, self.error(&result, rounds))
        };
        Ok((0..self.output.len() as u32).into_par_iter().with_max_len(64).map(one).collect())
    }

    fn error(&self, result: &Spreading, rounds: Rounds) -> Option<f64> {
        let most = f64::from(result.withheld) / ONE as f64 * f64::from(rounds.max);
        (self.market == Market::Captive).then_some(most.min(1.0))
    }

    fn check(&self, stops: &[(u32, f64)], rounds: Rounds) -> Result<(), Fault> {
        if rounds.grain > 30 {
            let found = format!("grains of 2^-{}", rounds.grain);
            return Err(Fault::new(Code::Limit, "rounds", found, "grains from 1 to 2^-30 are allowed"));
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
            sums: [vec![0; self.down.bin_firm.len()], vec![0; self.up.bin_firm.len()]],
            states: [vec![State::default(); self.output.len()], vec![State::default(); self.output.len()]],
            markets: vec![Lost::default(); self.products],
            ..Work::default()
        })
    }

    fn put_back(&self, mut work: Work) {
        for side in 0..2 {
            for bin in work.sums_used[side].drain(..) {
                work.sums[side][bin as usize] = 0;
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

    fn spread(&self, stops: &[(u32, f64)], rounds: Rounds, work: &mut Work) -> Spreading {
        let (down, held_down) = self.follow(0, &self.down, stops, rounds, work);
        let (up, held_up) = self.follow(1, &self.up, stops, rounds, work);
        let settled = down.is_some() && up.is_some();
        let rounds = (down.unwrap_or(rounds.max), up.unwrap_or(rounds.max));
        Spreading { rounds, settled, withheld: held_down.max(held_up) }
    }

    /// One direction, round by round. Returns the rounds until rest, and the most that was ever withheld.
    fn follow(
        &self,
        at: usize,
        side: &Side,
        stops: &[(u32, f64)],
        rounds: Rounds,
        work: &mut Work,
    ) -> (Option<u32>, u32) {
        let Work { sums, sums_used, states, met, moved, touched, markets, markets_used, markets_moved } = work;
        let (sums, sums_used, states, met) = (&mut sums[at], &mut sums_used[at], &mut states[at], &mut met[at]);
        let shared = at == 0 && self.market == Market::Shared;
        let grains = !0u32 << (30 - rounds.grain);
        let mut withheld = 0;
        for (source, share) in stops {
            let state = &mut states[*source as usize];
            state.raised = state.raised.max(part(*share));
            if !state.touched {
                state.touched = true;
                touched.push(*source);
            }
        }
        for round in 0..=rounds.max {
            for firm in touched.drain(..) {
                let state = &mut states[firm as usize];
                state.touched = false;
                if state.raised <= state.lost {
                    continue;
                }
                let more = state.raised - state.lost;
                state.lost = state.raised;
                let first = !state.met;
                if first {
                    state.met = true;
                    met.push(firm);
                }
                let (product, size) = self.product[firm as usize];
                if shared && product != u32::MAX {
                    let market = &mut markets[product as usize];
                    if market.firms.is_empty() {
                        markets_used.push(product);
                    }
                    if first {
                        market.firms.push(firm);
                    }
                    market.sum += u64::from(size) * u64::from(more);
                    if !market.moved {
                        market.moved = true;
                        markets_moved.push(product);
                    }
                } else {
                    moved.push(firm);
                }
            }
            // A market that lost more leaves less to take over from each of its lost firms.
            for product in markets_moved.drain(..) {
                let market = &mut markets[product as usize];
                market.moved = false;
                moved.extend_from_slice(&market.firms);
            }
            if moved.is_empty() {
                return (Some(round), withheld);
            }
            if round == rounds.max {
                moved.clear();
                return (None, withheld);
            }
            for source in moved.drain(..) {
                let ways = side.ways.of(source as usize);
                if ways.is_empty() {
                    continue;
                }
                let state = &mut states[source as usize];
                let felt = match (shared, self.product[source as usize]) {
                    (true, (product, size)) if product != u32::MAX => {
                        let own = u64::from(size) << 30;
                        let left = (self.market_whole[product as usize] << 30) - markets[product as usize].sum;
                        let taken =
                            if left <= own { ONE } else { (u128::from(own) << 30).div_euclid(u128::from(left)) as u64 };
                        ((u64::from(state.lost) * taken) >> 30) as u32
                    }
                    _ => state.lost,
                };
                let whole = felt & grains;
                withheld = withheld.max(felt - whole);
                if whole <= state.sent {
                    continue;
                }
                let more = whole - state.sent;
                state.sent = whole;
                for (bin, weight) in ways {
                    let sum = &mut sums[*bin as usize];
                    if *sum == 0 {
                        sums_used.push(*bin);
                    }
                    *sum += u64::from(*weight) * u64::from(more);
                    let forced = (((*sum >> 30) * u64::from(side.kept[*bin as usize])) >> 30) as u32;
                    let firm = side.bin_firm[*bin as usize];
                    let state = &mut states[firm as usize];
                    if forced > state.raised {
                        state.raised = forced;
                        if !state.touched {
                            state.touched = true;
                            touched.push(firm);
                        }
                    }
                }
            }
        }
        (None, withheld)
    }
}

struct Spreading {
    rounds: (u32, u32),
    settled: bool,
    withheld: u32,
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
        let need = |at: usize| inputs[at].amount / (1.0 - inputs[at].rule.outside);
        let (mut number, mut weight) = (vec![0u32; inputs.len()], vec![1.0; inputs.len()]);
        let (mut bin_firm, mut kept) = (Vec::new(), Vec::new());
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
                    number[at] = bin_firm.len() as u32;
                    bin_firm.push(inputs[at].buyer);
                    kept.push(part(counts));
                } else {
                    number[at] = *other.get_or_insert(bin_firm.len() as u32);
                    if number[at] as usize == bin_firm.len() {
                        bin_firm.push(inputs[at].buyer);
                        kept.push(ONE as u32);
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
        Self { ways: Ways::new(network.sources(), cells), bin_firm, kept }
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
        let count = firms.len();
        Self { ways, bin_firm: (0..count as u32).collect(), kept: vec![ONE as u32; count] }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
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
                for rounds in [1, 3, 25] {
                    let found = model.run(&stops, Rounds { max: rounds, grain: 30 }).unwrap();
                    let (down, up) = dense(&found, 24);
                    let want = naive(&network, &stops, rounds, market);
                    assert!(apart(&down, &want.0) < 1e-6, "{seed} {market:?} {rounds}");
                    assert!(apart(&up, &want.1) < 1e-7);
                }
            }
        }
    }

    #[test]
    fn coarse_grains_stay_within_their_bound() {
        for seed in 0..60 {
            let network = random(80, 400, 9, seed, 0.0, 0.1);
            let model = Leontief::new(&network, Market::Captive);
            let fine = model.each_in_turn(Rounds { max: 30, grain: 30 }).unwrap();
            let coarse = model.each_in_turn(Rounds { max: 30, grain: 11 }).unwrap();
            for ((fine, _), (coarse, error)) in fine.iter().zip(&coarse) {
                assert!(coarse <= fine && *fine <= coarse + error.unwrap() + 1e-6, "{fine} {coarse} {error:?}");
            }
        }
    }

    #[test]
    fn every_firm_in_turn_gives_the_bits_of_each_stop_alone() {
        let network = random(60, 240, 6, 3, 0.0, 0.2);
        for market in [Market::Captive, Market::Shared] {
            let model = Leontief::new(&network, market);
            let rounds = Rounds { max: 40, grain: 20 };
            let run = |threads| {
                let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
                pool.install(|| model.each_in_turn(rounds).unwrap())
            };
            let all = run(1);
            assert_eq!(all, run(4));
            for (source, (index, error)) in all.iter().enumerate() {
                let alone = model.run(&[(source as u32, 1.0)], rounds).unwrap();
                assert_eq!((*index, *error), (alone.index, alone.error));
            }
        }
    }

    #[test]
    fn stops_out_of_range_are_refused() {
        let model = Leontief::new(&random(5, 9, 2, 1, 0.0, 0.0), Market::Captive);
        let rounds = Rounds { max: 5, grain: 20 };
        assert_eq!(model.run(&[(0, 1.5)], rounds).unwrap_err().code, Code::Share);
        assert_eq!(model.run(&[(99, 1.0)], rounds).unwrap_err().code, Code::UnknownNode);
        assert_eq!(model.run(&[], Rounds { grain: 31, ..rounds }).unwrap_err().code, Code::Limit);
    }

    proptest! {
        #[test]
        fn no_stop_no_loss_more_never_less_and_loss_has_a_ceiling(
            seed in 0u64..10_000, share in 0.0f64..1.0, grain in 4u32..30, max in 0u32..30, captive: bool,
        ) {
            let network = random(25, 90, 4, seed, 0.0, 0.2);
            let model = Leontief::new(&network, if captive { Market::Captive } else { Market::Shared });
            let n = network.sources();
            let rounds = Rounds { max, grain };
            prop_assert_eq!(model.run(&[], rounds).unwrap().total, 0.0);
            let some = vec![((seed % 25) as u32, 1.0), ((seed / 7 % 25) as u32, 0.4)];
            let mut all = some.clone();
            all.push(((seed / 31 % n as u64) as u32, share));
            let (less, more) = (model.run(&some, rounds).unwrap(), model.run(&all, rounds).unwrap());
            let (a, b) = (dense(&less, n), dense(&more, n));
            prop_assert!(a.0.iter().zip(&b.0).all(|(x, y)| x <= y) && a.1.iter().zip(&b.1).all(|(x, y)| x <= y));
            prop_assert!(more.index <= 1.0 && b.0.iter().chain(&b.1).all(|x| *x <= 1.0));
        }
    }
}
