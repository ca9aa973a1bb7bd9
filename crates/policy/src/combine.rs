//! The best lawful combination of policies for one firm: which to take of those that exclude each other,
//! of which only the highest is paid, or that stand under a common ceiling.
//!
//! The problem is a maximum-weight independent set with group ceilings. Firms face a dozen policies, so
//! the exact answer is found by branch and bound over whole smallest units, with the sum of what is left
//! as the bound; ties go to the combination that comes first in the order given, so that the answer is
//! one and the same every time.

use rust_decimal::Decimal;
use serde::Serialize;
use std::collections::BTreeMap;

/// A policy that a firm could take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// Rule id.
    pub rule: String,
    /// What it pays by itself.
    pub sum: Decimal,
    /// Rules that it may not be had beside.
    pub excludes: Vec<String>,
    /// Of all offers with this name only one is paid.
    pub highest_of: Option<String>,
    /// Name of a ceiling over several offers, and how much may be paid under it.
    pub ceiling: Option<(String, Decimal)>,
}

/// What to take.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Combination {
    /// Rules to take, with what each pays once ceilings are kept.
    pub take: Vec<(String, Decimal)>,
    /// What they pay together.
    pub sum: Decimal,
    /// Rules to leave, with why.
    pub leave: Vec<(String, Why)>,
}

/// Why an offer is left.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "why", rename_all = "snake_case")]
pub enum Why {
    /// It may not be had beside one that is taken.
    Excluded {
        /// Which.
        by: String,
    },
    /// Another of its kind pays more.
    LowerThan {
        /// Which.
        other: String,
    },
    /// The ceiling is used up.
    Ceiling {
        /// Which.
        of: String,
    },
    /// It pays nothing.
    Nothing,
}

/// The combination that pays most.
pub fn best(offers: &[Offer]) -> Combination {
    let mut search =
        Search { offers, taken: vec![false; offers.len()], best: vec![false; offers.len()], most: Decimal::ZERO };
    let rest: Vec<Decimal> = (0..=offers.len()).map(|i| offers[i..].iter().map(|o| o.sum).sum()).collect();
    search.go(0, &rest);
    let taken = search.best;
    let paid = paid(offers, &taken);
    let take: Vec<(String, Decimal)> =
        (0..offers.len()).filter(|i| taken[*i]).map(|i| (offers[i].rule.clone(), paid[i])).collect();
    let sum = paid.iter().copied().sum();
    let leave = (0..offers.len()).filter(|i| !taken[*i]).map(|i| (offers[i].rule.clone(), why(offers, &taken, i)));
    Combination { take, sum, leave: leave.collect() }
}

struct Search<'o> {
    offers: &'o [Offer],
    taken: Vec<bool>,
    best: Vec<bool>,
    most: Decimal,
}

impl Search<'_> {
    fn go(&mut self, at: usize, rest: &[Decimal]) {
        let sum: Decimal = paid(self.offers, &self.taken).into_iter().sum();
        if sum > self.most {
            self.most = sum;
            self.best.clone_from(&self.taken);
        }
        if at == self.offers.len() || sum + rest[at] <= self.most {
            return;
        }
        if !self.offers[at].sum.is_zero()
            && (0..at).all(|i| !self.taken[i] || !clash(&self.offers[i], &self.offers[at]))
        {
            self.taken[at] = true;
            self.go(at + 1, rest);
            self.taken[at] = false;
        }
        self.go(at + 1, rest);
    }
}

/// May two offers not be had together?
fn clash(a: &Offer, b: &Offer) -> bool {
    a.excludes.contains(&b.rule)
        || b.excludes.contains(&a.rule)
        || a.highest_of.is_some() && a.highest_of == b.highest_of
}

/// What each of those taken pays, ceilings kept; earlier offers are paid first.
fn paid(offers: &[Offer], taken: &[bool]) -> Vec<Decimal> {
    let mut left: BTreeMap<&str, Decimal> = BTreeMap::new();
    for offer in offers.iter().zip(taken).filter(|(_, t)| **t).map(|(o, _)| o) {
        if let Some((name, most)) = &offer.ceiling {
            let entry = left.entry(name).or_insert(*most);
            *entry = (*entry).min(*most);
        }
    }
    let mut out = vec![Decimal::ZERO; offers.len()];
    for (i, offer) in offers.iter().enumerate().filter(|(i, _)| taken[*i]) {
        out[i] = match offer.ceiling.as_ref().and_then(|(name, _)| left.get_mut(name.as_str())) {
            Some(left) => {
                let sum = offer.sum.min(*left);
                *left -= sum;
                sum
            }
            None => offer.sum,
        };
    }
    out
}

fn why(offers: &[Offer], taken: &[bool], at: usize) -> Why {
    let offer = &offers[at];
    if offer.sum.is_zero() {
        return Why::Nothing;
    }
    let other = |holds: &dyn Fn(&Offer) -> bool| {
        offers.iter().zip(taken).find(|(o, t)| **t && holds(o)).map(|(o, _)| o.rule.clone())
    };
    if let Some(other) = other(&|o| o.highest_of.is_some() && o.highest_of == offer.highest_of) {
        return Why::LowerThan { other };
    }
    if let Some(by) = other(&|o| clash(o, offer)) {
        return Why::Excluded { by };
    }
    match &offer.ceiling {
        Some((of, _)) => Why::Ceiling { of: of.clone() },
        None => Why::Nothing,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn offer(rule: usize, sum: u32, excludes: &[usize], highest: Option<u8>, ceiling: Option<(u8, u32)>) -> Offer {
        Offer {
            rule: format!("r{rule}"),
            sum: Decimal::from(sum),
            excludes: excludes.iter().map(|r| format!("r{r}")).collect(),
            highest_of: highest.map(|h| format!("h{h}")),
            ceiling: ceiling.map(|(c, most)| (format!("c{c}"), Decimal::from(most))),
        }
    }

    #[test]
    fn one_large_is_left_for_two_smaller_that_exclude_it() {
        let offers = [offer(0, 100, &[1, 2], None, None), offer(1, 60, &[], None, None), offer(2, 50, &[], None, None)];
        let best = best(&offers);
        assert_eq!(best.sum, Decimal::from(110));
        assert_eq!(best.leave, [("r0".to_owned(), Why::Excluded { by: "r1".into() })]);
    }

    proptest! {
        #[test]
        fn no_lawful_combination_pays_more(
            raw in prop::collection::vec(
                (0u32..200, prop::collection::vec(0usize..9, 0..3), prop::option::of(0u8..2), prop::option::of(0u8..2)),
                1..9,
            ),
            most in 50u32..300,
        ) {
            let offers: Vec<Offer> = raw
                .iter()
                .enumerate()
                .map(|(i, (sum, excludes, highest, ceiling))| {
                    offer(i, *sum, excludes, *highest, ceiling.map(|c| (c, most)))
                })
                .collect();
            let found = best(&offers);
            let mut most = Decimal::ZERO;
            for set in 0u32..1 << offers.len() {
                let taken: Vec<bool> = (0..offers.len()).map(|i| set >> i & 1 == 1).collect();
                let lawful = (0..offers.len())
                    .all(|a| (0..a).all(|b| !(taken[a] && taken[b] && clash(&offers[a], &offers[b]))));
                if lawful {
                    most = most.max(paid(&offers, &taken).into_iter().sum());
                }
            }
            prop_assert_eq!(found.sum, most);
            prop_assert_eq!(found.take.len() + found.leave.len(), offers.len());
        }
    }
}
