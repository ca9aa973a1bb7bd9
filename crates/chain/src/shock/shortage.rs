//! Shortage of inputs, day by day, with stocks and substitutes.
//!
//! Full use of an input is one day's need a day. What a supplier makes on one day arrives on the next; every
//! buyer and final demand get the same part of what they would normally get (proportional rationing). A firm
//! makes what its capacity and each of its essential inputs allow (Leontief); inputs that are not essential
//! never stop it. What is not used stays in stock.
//!
//! Simplified against Hallegatte 2014 and Henriet et al. 2012, on purpose and at the price stated:
//!
//! 1. Buyers order their normal need every day; shortage does not travel up the chain as missing orders.
//!    The other model, [`super::Leontief`], has that side.
//! 2. Nobody makes up for lost days (no overproduction), so a lost day stays lost; nobody orders more than
//!    normal to fill stocks again.
//! 3. Stocks have no upper limit: what arrives while a firm stands still is kept.
//! 4. Substitutes deliver from a stated day on whether or not the firm is short already, so a firm that is hit
//!    later has built up a stock from them.
//!
//! In exchange the model is a monotone system in cumulative loss. With L(i, t) the days of output that firm i
//! has lost before day t, S its stock and a the part of capacity that is stopped,
//!
//! L(i, t+1) = max( L(i, t) + a(i, t), max over essential inputs of
//!                  (1 - secured) * sum of w(j) L(j, t) - S - substitute * (t + 1 - from) )
//!
//! and hence: no shock, no loss; a larger or longer stop never loses less; more stock never loses more.

use super::network::{Network, Stop, Ways};
use super::part;
use crate::fault::{Code, Fault};
use rayon::prelude::*;
use std::sync::Mutex;

/// Days in the unit of 2^-24 day.
const DAY: u64 = 1 << 24;
/// With at most so many days no sum leaves 64 bits: 2^9 days of 2^24, times a weight of 2^30.
const DAYS_MAX: u32 = 512;

/// The model over one network.
#[derive(Debug)]
pub struct Shortage {
    ways: Ways,
    bins: Vec<Bin>,
    output: Vec<f64>,
    spare: Mutex<Vec<Work>>,
}

/// One essential input.
#[derive(Clone, Copy, Debug)]
struct Bin {
    /// Sum of weight times lost days of its suppliers, in 2^-54 day.
    lost: u64,
    stock: u64,
    kept: u32,
    firm: u32,
    substitute: u32,
    substitute_from: u32,
}

impl Bin {
    /// Lost days that the input forces on its firm by the end of a day.
    fn forced(&self, day: u32) -> u64 {
        let short = ((self.lost >> 30) * u64::from(self.kept)) >> 30;
        let days = u64::from((day + 1).saturating_sub(self.substitute_from));
        // 2^-30 times days, brought to 2^-24 day.
        short.saturating_sub(self.stock + ((u64::from(self.substitute) * days) >> 6))
    }
}

/// What one firm loses.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ShortageFirm {
    /// The firm.
    pub firm: u32,
    /// Days of its full output that it loses, up to the horizon.
    pub days: f64,
    /// The value of those days.
    pub output: f64,
    /// The first day on which it loses anything.
    pub first_day: u32,
    /// The day from which on it runs in full again; none when it still loses on the last day.
    pub back_on: Option<u32>,
}

/// What a scenario costs.
#[derive(Clone, Debug, PartialEq)]
pub struct Loss {
    /// Firms that lose anything, by number.
    pub firms: Vec<ShortageFirm>,
    /// Lost output of all firms by day.
    pub daily: Vec<f64>,
    /// Lost output of all firms and days.
    pub total: f64,
    /// That over what all firms would make in all days, 0 to 1.
    pub share: f64,
    /// The day from which on all firms run in full; none when some still lose on the last day.
    pub back_on: Option<u32>,
}

#[derive(Clone, Copy, Debug, Default)]
struct State {
    lost: u64,
    sent: u64,
    raised: u64,
    first_day: u32,
    last_day: u32,
    touched: bool,
    met: bool,
}

/// What one scenario writes; kept between scenarios.
#[derive(Debug, Default)]
struct Work {
    bins: Vec<Bin>,
    states: Vec<State>,
    bins_used: Vec<u32>,
    moved: Vec<u32>,
    touched: Vec<u32>,
    met: Vec<u32>,
}

impl Shortage {
    /// The model of a network with the rules that it has now.
    pub fn new(network: &Network) -> Self {
        let mut number = vec![u32::MAX; network.inputs().len()];
        let mut bins = Vec::new();
        for (at, input) in network.inputs().iter().enumerate().filter(|(_, i)| i.rule.essential) {
            number[at] = bins.len() as u32;
            bins.push(Bin {
                lost: 0,
                // Rounded up: a stock never comes out smaller than stated, so more stock is never less.
                stock: (input.rule.stock_days * DAY as f64).ceil() as u64,
                kept: part(1.0 - input.rule.secured),
                firm: input.buyer,
                substitute: part(input.rule.substitute),
                substitute_from: input.rule.substitute_from,
            });
        }
        let feeds = network.feeds().into_iter().filter(|(_, input, _)| number[*input as usize] != u32::MAX);
        let ways = Ways::new(network.sources(), feeds.map(|(s, input, w)| (s, number[input as usize], part(w))));
        let mut output: Vec<f64> = network.firms().iter().map(|f| f.output).collect();
        output.resize(network.sources(), 0.0);
        Self { ways, bins, output, spare: Mutex::new(Vec::new()) }
    }

    /// What stops cost up to the horizon, in days.
    ///
    /// Faults: [`Code::Limit`] for a horizon above 512 days, and those of [`Network::check_stops`].
    pub fn run(&self, stops: &[Stop], horizon: u32) -> Result<Loss, Fault> {
        self.check(stops, horizon)?;
        let mut work = self.work();
        let mut daily = vec![0.0; horizon as usize];
        self.spread(stops, horizon, &mut work, |day, firm, more| {
            daily[day as usize] += self.output[firm as usize] * days(more);
        });
        let mut met = std::mem::take(&mut work.met);
        met.sort_unstable();
        let mut firms = Vec::with_capacity(met.len());
        let mut last = None;
        for firm in met.iter().copied() {
            let state = &work.states[firm as usize];
            last = last.max(Some(state.last_day));
            let lost = days(state.lost);
            let output = lost * self.output[firm as usize];
            let back_on = (state.last_day + 1 < horizon).then_some(state.last_day + 1);
            firms.push(ShortageFirm { firm, days: lost, output, first_day: state.first_day, back_on });
        }
        work.met = met;
        self.put_back(work);
        let total = firms.iter().map(|f| f.output).sum();
        let whole = self.output.iter().sum::<f64>() * f64::from(horizon);
        let share = if whole > 0.0 { total / whole } else { 0.0 };
        let back_on = match last {
            None => Some(0),
            Some(day) => (day + 1 < horizon).then_some(day + 1),
        };
        Ok(Loss { firms, daily, total, share, back_on })
    }

    /// Lost output of all firms when each source in turn stops for some days from day 0 on, up to the horizon:
    /// by firm, then by product from abroad. The same to the bit as [`Self::run`] for each.
    pub fn each_in_turn(&self, days_stopped: u32, horizon: u32) -> Result<Vec<f64>, Fault> {
        self.check(&[], horizon)?;
        let one = |source: u32| {
            let stop = Stop { firm: source, share: 1.0, from_day: 0, days: days_stopped };
            // A stop that empties no buyer's stock stays where it is: nothing needs to be followed.
            if !self.leaves(source, days_stopped.min(horizon)) {
                return f64::from(days_stopped.min(horizon)) * self.output[source as usize];
            }
            let mut work = self.work();
            self.spread(&[stop], horizon, &mut work, |_, _, _| ());
            work.met.sort_unstable();
            let lost = |firm: &u32| days(work.states[*firm as usize].lost) * self.output[*firm as usize];
            let total = work.met.iter().map(lost).sum();
            self.put_back(work);
            total
        };
        Ok((0..self.output.len() as u32).into_par_iter().with_max_len(64).map(one).collect())
    }

    /// Could a stop of so many days force a loss on any buyer?
    fn leaves(&self, source: u32, days: u32) -> bool {
        self.ways.of(source as usize).iter().any(|(bin, weight)| {
            let lost = u64::from(*weight) * (u64::from(days) * DAY);
            // No later day is worse: after the stop nothing is added, and substitutes only take away.
            (1..=days)
                .any(|d| Bin { lost: lost / u64::from(days) * u64::from(d), ..self.bins[*bin as usize] }.forced(d) > 0)
        })
    }

    fn check(&self, stops: &[Stop], horizon: u32) -> Result<(), Fault> {
        if horizon == 0 || horizon > DAYS_MAX {
            let found = format!("a horizon of {horizon} days");
            return Err(Fault::new(Code::Limit, "scenario", found, format!("1 to {DAYS_MAX} days are allowed")));
        }
        for (at, stop) in stops.iter().enumerate() {
            if stop.firm as usize >= self.output.len() {
                let allowed = format!("numbers below {} are allowed", self.output.len());
                return Err(Fault::new(Code::UnknownNode, format!("stop {at}"), format!("{}", stop.firm), allowed));
            }
            crate::fault::within(Code::Share, &format!("stop {at}"), "share", stop.share, 0.0, 1.0)?;
        }
        Ok(())
    }

    fn work(&self) -> Work {
        let kept = self.spare.lock().ok().and_then(|mut spare| spare.pop());
        kept.unwrap_or_else(|| Work {
            bins: self.bins.clone(),
            states: vec![State::default(); self.output.len()],
            ..Work::default()
        })
    }

    fn put_back(&self, mut work: Work) {
        for bin in work.bins_used.drain(..) {
            work.bins[bin as usize].lost = 0;
        }
        for firm in work.met.drain(..) {
            work.states[firm as usize] = State::default();
        }
        work.moved.clear();
        if let Ok(mut spare) = self.spare.lock() {
            spare.push(work);
        }
    }

    /// Follows the stops day by day; `each` hears of every loss of every firm and day.
    fn spread(&self, stops: &[Stop], horizon: u32, work: &mut Work, mut each: impl FnMut(u32, u32, u64)) {
        let Work { bins, states, bins_used, moved, touched, met } = work;
        let last_stop = stops.iter().map(|s| s.from_day.saturating_add(s.days)).max().unwrap_or(0).min(horizon);
        for day in 0..horizon {
            if moved.is_empty() && day >= last_stop {
                // Nothing moves any more and nothing will.
                break;
            }
            for source in moved.drain(..) {
                let state = &mut states[source as usize];
                let more = state.lost - state.sent;
                state.sent = state.lost;
                for (at, weight) in self.ways.of(source as usize) {
                    let bin = &mut bins[*at as usize];
                    if bin.lost == 0 {
                        bins_used.push(*at);
                    }
                    bin.lost += u64::from(*weight) * more;
                    let forced = bin.forced(day);
                    if forced > 0 {
                        let state = &mut states[bin.firm as usize];
                        state.raised = state.raised.max(forced);
                        if !state.touched {
                            state.touched = true;
                            touched.push(bin.firm);
                        }
                    }
                }
            }
            // The largest of several stops of one firm counts, not their sum.
            for stop in stops.iter().filter(|s| s.from_day <= day && day - s.from_day < s.days && s.share > 0.0) {
                let state = &mut states[stop.firm as usize];
                state.raised = state.raised.max(state.lost + u64::from(part(stop.share) >> 6));
                if !state.touched {
                    state.touched = true;
                    touched.push(stop.firm);
                }
            }
            for firm in touched.drain(..) {
                let state = &mut states[firm as usize];
                state.touched = false;
                if state.raised > state.lost {
                    each(day, firm, state.raised - state.lost);
                    state.lost = state.raised;
                    state.last_day = day;
                    if !state.met {
                        (state.met, state.first_day) = (true, day);
                        met.push(firm);
                    }
                    moved.push(firm);
                }
            }
        }
    }
}

fn days(units: u64) -> f64 {
    units as f64 / DAY as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shock::network::tests::random;
    use crate::shock::{Firm, InputRule, Link};
    use proptest::prelude::*;

    /// The same story told day by day with real stocks, in floating point and without any shortcut.
    fn naive(network: &Network, stops: &[Stop], horizon: u32) -> Vec<f64> {
        let n = network.sources();
        let feeds = network.feeds();
        let mut stock: Vec<f64> = network.inputs().iter().map(|i| i.rule.stock_days).collect();
        let mut level = vec![1.0; n];
        let mut lost = vec![0.0; n];
        for day in 0..horizon {
            let mut missing = vec![0.0; stock.len()];
            for (source, input, weight) in &feeds {
                missing[*input as usize] += weight * (1.0 - level[*source as usize]);
            }
            let mut next = vec![1.0f64; n];
            for stop in stops.iter().filter(|s| s.from_day <= day && day < s.from_day + s.days) {
                next[stop.firm as usize] = next[stop.firm as usize].min(1.0 - stop.share);
            }
            for (at, input) in network.inputs().iter().enumerate() {
                stock[at] += 1.0 - (1.0 - input.rule.secured) * missing[at];
                stock[at] += if day >= input.rule.substitute_from { input.rule.substitute } else { 0.0 };
                if input.rule.essential {
                    next[input.buyer as usize] = next[input.buyer as usize].min(stock[at]);
                }
            }
            for (at, input) in network.inputs().iter().enumerate() {
                stock[at] -= next[input.buyer as usize];
            }
            for firm in 0..n {
                lost[firm] += 1.0 - next[firm];
            }
            level = next;
        }
        lost
    }

    fn lost(loss: &Loss, n: usize) -> Vec<f64> {
        let mut out = vec![0.0; n];
        loss.firms.iter().for_each(|f| out[f.firm as usize] = f.days);
        out
    }

    fn stops(network: &Network, seed: u32) -> Vec<Stop> {
        let n = network.sources() as u32;
        vec![
            Stop { firm: seed * 7 % n, share: 1.0, from_day: 0, days: 9 },
            Stop { firm: seed * 11 % n, share: 0.5, from_day: 3, days: 20 },
            Stop { firm: (seed + n - 2) % n, share: 0.7, from_day: 1, days: 30 },
        ]
    }

    #[test]
    fn losses_agree_with_real_stocks_counted_day_by_day() {
        for seed in 0..40 {
            let mut network = random(30, 90, 5, u64::from(seed), 0.4, 0.3);
            for at in (0..network.inputs().len()).step_by(3) {
                let rule = network.inputs()[at].rule;
                let rule = InputRule { secured: 0.25, substitute: 0.2, substitute_from: 6, ..rule };
                network.set_rule(at, rule).unwrap();
            }
            let stops = stops(&network, seed);
            let loss = Shortage::new(&network).run(&stops, 40).unwrap();
            let want = naive(&network, &stops, 40);
            for (a, b) in lost(&loss, network.sources()).iter().zip(&want) {
                assert!((a - b).abs() < 2e-5, "seed {seed}: {a} {b}");
            }
            assert!((loss.daily.iter().sum::<f64>() - loss.total).abs() < 1e-9 * loss.total.max(1.0));
        }
    }

    #[test]
    fn a_lost_day_arrives_when_the_stock_is_used_up() {
        let firm = Firm { output: 2.0, product: 0 };
        let links = vec![Link { supplier: 0, buyer: 1, amount: 1.0 }];
        let rule = |_, _| InputRule { stock_days: 3.0, ..InputRule::bare(true) };
        let network = Network::new(vec![firm; 2], links, 0.0, rule).unwrap();
        let loss = Shortage::new(&network).run(&[Stop { firm: 0, share: 1.0, from_day: 0, days: 5 }], 30).unwrap();
        let second = loss.firms[1];
        // Stopped on days 0-4; deliveries are missing on days 1-5; the stock covers the first three of them.
        assert_eq!((second.days, second.first_day, second.back_on), (2.0, 4, Some(6)));
        assert_eq!((loss.total, loss.back_on, loss.share), (14.0, Some(6), 14.0 / 120.0));
        let still = Shortage::new(&network).run(&[Stop { firm: 0, share: 1.0, from_day: 0, days: 99 }], 30).unwrap();
        assert_eq!((still.back_on, still.firms[1].back_on), (None, None));
    }

    #[test]
    fn every_firm_in_turn_gives_the_bits_of_each_scenario_alone() {
        let network = random(60, 200, 6, 5, 0.8, 0.2);
        let model = Shortage::new(&network);
        let run = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| model.each_in_turn(7, 60).unwrap())
        };
        let all = run(1);
        assert_eq!(all, run(4));
        for (firm, total) in all.iter().enumerate() {
            let stop = Stop { firm: firm as u32, share: 1.0, from_day: 0, days: 7 };
            assert_eq!(*total, model.run(&[stop], 60).unwrap().total, "{firm}");
        }
    }

    #[test]
    fn scenarios_out_of_range_are_refused() {
        let model = Shortage::new(&random(5, 9, 2, 1, 1.0, 0.0));
        let stop = Stop { firm: 0, share: 1.0, from_day: 0, days: 1 };
        assert_eq!(model.run(&[stop], 513).unwrap_err().code, Code::Limit);
        assert_eq!(model.run(&[Stop { firm: 99, ..stop }], 5).unwrap_err().code, Code::UnknownNode);
        assert_eq!(model.run(&[Stop { share: -0.1, ..stop }], 5).unwrap_err().code, Code::Share);
        assert!(model.run(&[Stop { from_day: u32::MAX, days: u32::MAX, ..stop }], 5).unwrap().firms.is_empty());
    }

    proptest! {
        #[test]
        fn no_shock_no_loss_more_never_less_stock_delays_and_loss_has_a_ceiling(
            seed in 0u64..10_000, stock in 0.0f64..2.0, extra in 0.0f64..3.0, share in 0.0f64..1.0, days in 0u32..20,
        ) {
            let network = random(25, 80, 4, seed, stock, 0.2);
            let model = Shortage::new(&network);
            let n = network.sources();
            prop_assert_eq!(model.run(&[], 50).unwrap().total, 0.0);
            let mut some = stops(&network, (seed % 997) as u32);
            let less = model.run(&some, 50).unwrap();
            some.push(Stop { firm: (seed % n as u64) as u32, share, from_day: 2, days });
            let more = model.run(&some, 50).unwrap();
            let (a, b) = (lost(&less, n), lost(&more, n));
            prop_assert!(a.iter().zip(&b).all(|(x, y)| x <= y));
            prop_assert!(less.total <= more.total);
            prop_assert!(b.iter().all(|days| *days <= 50.0) && more.share <= 1.0);
            let mut stocked = network.clone();
            for at in 0..stocked.inputs().len() {
                let rule = stocked.inputs()[at].rule;
                stocked.set_rule(at, InputRule { stock_days: rule.stock_days + extra, ..rule }).unwrap();
            }
            let kept = Shortage::new(&stocked).run(&some, 50).unwrap();
            prop_assert!(lost(&kept, n).iter().zip(&b).all(|(x, y)| x <= y));
            for firm in &kept.firms {
                let before = more.firms.iter().find(|f| f.firm == firm.firm).unwrap();
                prop_assert!(before.first_day <= firm.first_day);
            }
        }
    }
}
