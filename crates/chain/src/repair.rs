//! The smallest set of steps that brings a loss below a bound: second sources, stocks, or whatever the
//! caller can evaluate.
//!
//! All that is used is that more steps never lose more, which both shock models guarantee. Then a step without
//! which all others together are not enough is needed for sure; a branch whose remaining steps together are
//! not enough is empty; and the cheapest set is found by branch and bound (Land, Doig 1960). When the search is
//! cut short, the best set found is given with a floor under the cost of any set, so the distance to the
//! cheapest is known. Greedy choice has no such guarantee of its own here: losses of inputs that must fail
//! together make the benefit of steps grow with each other, so it is not submodular.

use crate::fault::{Code, Fault, within};
use crate::shock::{InputRule, Network, Shortage, Stop};

/// What was found.
#[derive(Clone, Debug, PartialEq)]
pub struct Repair {
    /// Steps by number, ascending.
    pub steps: Vec<usize>,
    /// Their cost.
    pub cost: u64,
    /// The loss that is left.
    pub loss: f64,
    /// No set that is enough costs less than this.
    pub cost_floor: u64,
    /// Is it the cheapest for sure?
    pub exact: bool,
    /// How many sets were evaluated.
    pub looks: u64,
}

/// The cheapest set of steps with a loss of at most `bound`; none when all together are not enough. Among
/// equally cheap sets one with the fewest steps, then the first by number in the order of the search.
/// `costs` are 1 or more; `loss` must not grow with more steps. At most `looks_max` sets are evaluated in the
/// search, beside those that the first guess takes.
///
/// Faults: [`Code::Number`] for a cost of 0 or a bound that is not a number, and those of `loss`.
pub fn smallest(
    costs: &[u64],
    bound: f64,
    looks_max: u64,
    loss: impl FnMut(&[bool]) -> Result<f64, Fault>,
) -> Result<Option<Repair>, Fault> {
    within(Code::Number, "repair", "bound", bound, 0.0, f64::MAX)?;
    if let Some(at) = costs.iter().position(|c| *c == 0) {
        return Err(Fault::new(Code::Number, format!("step {at}"), "cost 0", "a cost of 1 or more is needed"));
    }
    let mut search = Search { costs, bound, loss, looks: 0, looks_max: u64::MAX, best: None, cut: false };
    let n = costs.len();
    if search.look(&vec![true; n])? > bound {
        return Ok(None);
    }
    // What cannot be left out.
    let mut needed = vec![false; n];
    for at in 0..n {
        let mut rest = vec![true; n];
        rest[at] = false;
        needed[at] = search.look(&rest)? > bound;
    }
    let needed_cost = cost(costs, &needed);
    let start = search.look(&needed)?;
    let cheapest = (0..n).filter(|at| !needed[*at]).map(|at| costs[at]).min().unwrap_or(0);
    let floor = needed_cost + if start > bound { cheapest } else { 0 };
    let guess = search.greedy(&needed)?;
    search.offer(&guess)?;
    // The most effective steps first: good sets are then found early and cut off the rest.
    let mut order = Vec::new();
    for at in (0..n).filter(|at| !needed[*at]) {
        let mut with = needed.clone();
        with[at] = true;
        order.push((search.look(&with)?, costs[at], at));
    }
    order.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)).then(a.2.cmp(&b.2)));
    let order: Vec<usize> = order.into_iter().map(|(.., at)| at).collect();
    search.looks_max = search.looks.saturating_add(looks_max);
    let mut chosen = needed;
    search.branch(&order, 0, &mut chosen, needed_cost)?;
    let (cut, looks) = (search.cut, search.looks);
    Ok(search.best.map(|(cost, _, set, loss)| Repair {
        steps: (0..n).filter(|at| set[*at]).collect(),
        cost,
        loss,
        cost_floor: if cut { floor.min(cost) } else { cost },
        exact: !cut || cost == floor,
        looks,
    }))
}

fn cost(costs: &[u64], set: &[bool]) -> u64 {
    costs.iter().zip(set).filter(|(_, on)| **on).fold(0, |sum: u64, (c, _)| sum.saturating_add(*c))
}

struct Search<'a, F> {
    costs: &'a [u64],
    bound: f64,
    loss: F,
    looks: u64,
    looks_max: u64,
    best: Option<(u64, usize, Vec<bool>, f64)>,
    cut: bool,
}

impl<F: FnMut(&[bool]) -> Result<f64, Fault>> Search<'_, F> {
    fn look(&mut self, set: &[bool]) -> Result<f64, Fault> {
        self.looks += 1;
        (self.loss)(set)
    }

    /// Keeps a set when it is enough and better than the best.
    fn offer(&mut self, set: &[bool]) -> Result<bool, Fault> {
        let loss = self.look(set)?;
        let (cost, count) = (cost(self.costs, set), set.iter().filter(|on| **on).count());
        let enough = loss <= self.bound;
        if enough && self.best.as_ref().is_none_or(|b| (cost, count) < (b.0, b.1)) {
            self.best = Some((cost, count, set.to_vec(), loss));
        }
        Ok(enough)
    }

    /// The most relief for its cost, again and again; then out with what is not needed, dearest first.
    fn greedy(&mut self, needed: &[bool]) -> Result<Vec<bool>, Fault> {
        let mut set = needed.to_vec();
        let mut now = self.look(&set)?;
        while now > self.bound {
            let mut best: Option<(f64, f64, usize)> = None;
            for at in (0..set.len()).filter(|at| !needed[*at]) {
                if set[at] {
                    continue;
                }
                set[at] = true;
                let loss = self.look(&set)?;
                set[at] = false;
                let relief = (now - loss) / self.costs[at] as f64;
                if best.is_none_or(|b| relief > b.0) {
                    best = Some((relief, loss, at));
                }
            }
            let Some((_, loss, at)) = best else { break };
            set[at] = true;
            now = loss;
        }
        let mut dear: Vec<usize> = (0..set.len()).filter(|at| set[*at] && !needed[*at]).collect();
        dear.sort_by_key(|at| (std::cmp::Reverse(self.costs[*at]), *at));
        for at in dear {
            set[at] = false;
            if self.look(&set)? > self.bound {
                set[at] = true;
            }
        }
        Ok(set)
    }

    fn branch(&mut self, order: &[usize], next: usize, chosen: &mut Vec<bool>, cost: u64) -> Result<(), Fault> {
        if self.cut || self.best.as_ref().is_some_and(|b| cost > b.0) {
            return Ok(());
        }
        if self.looks >= self.looks_max {
            self.cut = true;
            return Ok(());
        }
        if self.offer(chosen)? {
            // More steps only cost more.
            return Ok(());
        }
        let left = order.get(next..).unwrap_or(&[]);
        let cheapest = left.iter().map(|at| self.costs[*at]).min();
        let count = chosen.iter().filter(|on| **on).count();
        let hopeless = |least: u64| self.best.as_ref().is_some_and(|b| (cost + least, count + 1) >= (b.0, b.1));
        if cheapest.is_none_or(hopeless) {
            return Ok(());
        }
        let mut all = chosen.clone();
        left.iter().for_each(|at| all[*at] = true);
        if self.look(&all)? > self.bound {
            return Ok(());
        }
        let at = order[next];
        chosen[at] = true;
        self.branch(order, next + 1, chosen, cost.saturating_add(self.costs[at]))?;
        chosen[at] = false;
        self.branch(order, next + 1, chosen, cost)
    }
}

/// A step against shortage.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Step {
    /// Holds so many more days of an input.
    Stock {
        /// The input's number in the network.
        input: usize,
        /// Days of full use.
        days: f64,
    },
    /// A second source that takes over so much of an input's need whenever the first ones fail.
    SecondSource {
        /// The input's number in the network.
        input: usize,
        /// Part of the need, 0 to 1.
        share: f64,
    },
}

/// A network after steps: stocks add up, and a second source takes over of what the ones before it leave.
pub fn after(network: &Network, steps: impl IntoIterator<Item = Step>) -> Result<Network, Fault> {
    let mut out = network.clone();
    for step in steps {
        let (Step::Stock { input, .. } | Step::SecondSource { input, .. }) = step;
        let Some(known) = network.inputs().get(input) else {
            return Err(Fault::new(Code::UnknownNode, "step", format!("input {input}"), "an input of the network"));
        };
        let place = format!("step for input {} of firm {}", known.product, known.buyer);
        let rule = out.inputs()[input].rule;
        let rule = match step {
            Step::Stock { days, .. } => {
                within(Code::Number, &place, "days", days, 0.0, 512.0)?;
                InputRule { stock_days: rule.stock_days + days, ..rule }
            }
            Step::SecondSource { share, .. } => {
                within(Code::Share, &place, "share", share, 0.0, 1.0)?;
                InputRule { secured: 1.0 - (1.0 - rule.secured) * (1.0 - share), ..rule }
            }
        };
        out.set_rule(input, rule)?;
    }
    Ok(out)
}

/// The cheapest steps that bring the lost output of stops to at most `bound`; see [`smallest`].
pub fn against_shortage(
    network: &Network,
    stops: &[Stop],
    horizon: u32,
    steps: &[(Step, u64)],
    bound: f64,
    looks_max: u64,
) -> Result<Option<Repair>, Fault> {
    let costs: Vec<u64> = steps.iter().map(|(_, cost)| *cost).collect();
    smallest(&costs, bound, looks_max, |set| {
        let chosen = steps.iter().zip(set).filter(|(_, on)| **on).map(|((step, _), _)| *step);
        Ok(Shortage::new(&after(network, chosen)?).run(stops, horizon)?.total)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw::Draw;
    use crate::shock::{Firm, Link};

    /// Every set of steps, one after the other.
    fn naive(costs: &[u64], bound: f64, loss: impl Fn(&[bool]) -> f64) -> Option<(u64, usize)> {
        (0..1u32 << costs.len())
            .map(|mask| (0..costs.len()).map(|at| mask >> at & 1 == 1).collect::<Vec<bool>>())
            .filter(|set| loss(set) <= bound)
            .map(|set| (cost(costs, &set), set.iter().filter(|on| **on).count()))
            .min()
    }

    #[test]
    fn the_set_is_the_cheapest_of_all_sets() {
        for seed in 0..60 {
            let mut draw = Draw::new(seed);
            let costs: Vec<u64> = (0..9).map(|_| 1 + draw.below(5)).collect();
            // Paths of steps that help only together, as stocks along one chain do, and steps that help alone.
            let groups: Vec<(u32, f64)> = (0..7).map(|_| (draw.below(512) as u32, draw.unit())).collect();
            let loss = |set: &[bool]| {
                let mask = set.iter().enumerate().fold(0u32, |m, (at, on)| m | u32::from(*on) << at);
                groups.iter().filter(|(needs, _)| mask & needs != *needs).map(|(_, worth)| worth).sum::<f64>()
            };
            for bound in [0.0, 0.7, 1.5, 9.0] {
                let found = smallest(&costs, bound, 1 << 20, |set| Ok(loss(set))).unwrap();
                let want = naive(&costs, bound, loss);
                assert_eq!(found.as_ref().map(|f| (f.cost, f.steps.len())), want);
                assert!(found.is_none_or(|f| f.exact && f.loss <= bound && f.cost_floor == f.cost));
                // Cut short, the floor and the cost still hold the optimum between them.
                if let Some(found) = smallest(&costs, bound, 3, |set| Ok(loss(set))).unwrap() {
                    assert!(found.cost_floor <= want.unwrap().0 && want.unwrap().0 <= found.cost);
                }
            }
        }
    }

    #[test]
    fn a_second_source_before_a_stock_when_it_is_cheaper() {
        let firm = Firm { output: 10.0, product: 0 };
        let firms = vec![firm, Firm { product: 1, ..firm }, Firm { product: 2, ..firm }];
        let link = |supplier, buyer| Link { supplier, buyer, amount: 5.0 };
        let network = Network::new(firms, vec![link(0, 1), link(1, 2)], 0.0, |_, _| InputRule::bare(true)).unwrap();
        let stop = [Stop { firm: 0, share: 1.0, from_day: 0, days: 10 }];
        let steps = [
            (Step::Stock { input: 0, days: 10.0 }, 9),
            (Step::SecondSource { input: 0, share: 1.0 }, 4),
            (Step::Stock { input: 1, days: 10.0 }, 3),
        ];
        let run = |bound| against_shortage(&network, &stop, 60, &steps, bound, 100).unwrap();
        assert_eq!(run(299.0).unwrap().steps, [2]);
        assert_eq!(run(150.0).unwrap().steps, [1]);
        assert_eq!(run(99.0), None);
        // The predicted loss is what the model says once the steps are taken.
        let done = after(&network, [steps[1].0]).unwrap();
        assert_eq!(Shortage::new(&done).run(&stop, 60).unwrap().total, run(150.0).unwrap().loss);
        assert!(after(&network, [Step::Stock { input: 7, days: 1.0 }]).is_err());
        assert!(smallest(&[0], 1.0, 9, |_| Ok(0.0)).is_err());
    }
}
