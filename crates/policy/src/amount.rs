//! What a policy pays: the sum of its formula in exact numbers, additions, caps, what is finer than the
//! rule pays cut off, shares of the levels; and what is left for each when a budget does not suffice.

use crate::exact::{decimal, rational};
use crate::explain::{Facts, One};
use crate::plan::{Plan, RulePlan};
use crate::run::Truth;
use law::rule::{OverBudget, RuleLevel};
use law::scheme::Text;
use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{Signed, Zero};
use rust_decimal::Decimal;
use serde::Serialize;

/// What is paid for one filing.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Paid {
    /// The least that is certain, in the rule's unit.
    pub low: Decimal,
    /// The most, where an addition depends on what is not known.
    pub high: Decimal,
    /// The formula's sum, before additions and caps.
    pub sum: Decimal,
    /// Additions that hold.
    pub uplifts: Vec<Text>,
    /// The cap that held it down.
    pub cap: Option<Decimal>,
    /// Who pays which part of `low`.
    pub shares: Vec<(RuleLevel, Decimal)>,
}

/// What a policy pays for a filing; none where the rule pays nothing or a figure of the sum is not known.
pub fn amount(plan: &Plan, rule: &RulePlan, facts: &Facts<'_>) -> Option<Paid> {
    let (compiled, law) = (rule.amount.as_ref()?, rule.rule.amount.as_ref()?);
    let one = One::new(plan, rule, facts);
    let sum = one.number(&compiled.formula)?;
    // A sum below nothing pays nothing.
    let sum = if sum.is_negative() { BigRational::zero() } else { sum };
    let (mut low, mut high) = (sum.clone(), sum.clone());
    let mut uplifts = Vec::new();
    for (title, when, rate) in &compiled.uplifts {
        match one.logic(when) {
            Truth::Met => {
                low += &sum * rate;
                high += &sum * rate;
                uplifts.push(title.clone());
            }
            Truth::Unknown => high += &sum * rate,
            Truth::NotMet => (),
        }
    }
    // One filing is at most what the firm may have in the year; over several filings the caller keeps count.
    let most = law.caps.iter().map(|c| c.value.value).min();
    let held = |value: BigRational| match most {
        Some(most) => value.min(rational(most)),
        None => value,
    };
    let capped = most.filter(|most| low > rational(*most));
    let low = decimal(&held(low), law.decimals)?;
    Some(Paid {
        low,
        high: decimal(&held(high), law.decimals)?,
        sum: decimal(&sum, law.decimals)?,
        uplifts,
        cap: capped,
        shares: shared(low, &law.shares, law.decimals)?,
    })
}

/// Who pays which part of a sum that a rule pays.
pub fn shares_of(sum: Decimal, rule: &law::Rule, decimals: u32) -> Vec<(RuleLevel, Decimal)> {
    let shares = rule.amount.as_ref().map(|a| a.shares.as_slice()).unwrap_or_default();
    shared(sum, shares, decimals).unwrap_or_default()
}

/// A sum in the shares of the levels; what cutting off leaves goes to the widest, so that the parts are
/// the whole.
fn shared(
    sum: Decimal,
    shares: &[(RuleLevel, law::scheme::Param)],
    decimals: u32,
) -> Option<Vec<(RuleLevel, Decimal)>> {
    let mut out = Vec::new();
    for (level, share) in shares {
        out.push((*level, decimal(&(rational(sum) * rational(share.value)), decimals)?));
    }
    out.sort_by_key(|(level, _)| *level);
    let given: Decimal = out.iter().map(|(_, part)| *part).sum();
    if let Some((_, widest)) = out.first_mut() {
        *widest = widest.checked_add(sum.checked_sub(given)?)?;
    }
    Some(out)
}

/// A claim on a budget.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// Filing.
    pub id: i64,
    /// When it was filed; the order of a queue.
    pub filed: String,
    /// What it comes to.
    pub sum: Decimal,
}

/// What is paid of each claim, in the order given, when there is so much; claims that fit are paid whole.
pub fn within(budget: Option<Decimal>, over: OverBudget, claims: &[Claim], decimals: u32) -> Vec<Decimal> {
    let all: Decimal = claims.iter().map(|c| c.sum).sum();
    let Some(budget) = budget.filter(|b| all > *b) else { return claims.iter().map(|c| c.sum).collect() };
    match over {
        OverBudget::Refuse => claims.iter().map(|_| Decimal::ZERO).collect(),
        OverBudget::Queue => {
            let mut order: Vec<usize> = (0..claims.len()).collect();
            order.sort_by(|a, b| (&claims[*a].filed, claims[*a].id).cmp(&(&claims[*b].filed, claims[*b].id)));
            let (mut left, mut out) = (budget, vec![Decimal::ZERO; claims.len()]);
            for at in order {
                out[at] = claims[at].sum.min(left);
                left -= out[at];
            }
            out
        }
        OverBudget::Prorate => prorated(budget, claims, all, decimals),
    }
}

/// Each claim times budget over all claims, cut off; the smallest units left go to the largest remainders,
/// the earlier filing first, so that the budget is used and never exceeded.
fn prorated(budget: Decimal, claims: &[Claim], all: Decimal, decimals: u32) -> Vec<Decimal> {
    let rate = rational(budget) / rational(all);
    let unit = Decimal::new(1, decimals);
    let mut out = Vec::with_capacity(claims.len());
    let mut rests: Vec<(BigRational, usize)> = Vec::with_capacity(claims.len());
    for (at, claim) in claims.iter().enumerate() {
        let exact = rational(claim.sum) * &rate;
        let cut = decimal(&exact, decimals).unwrap_or_default();
        rests.push((exact - rational(cut), at));
        out.push(cut);
    }
    rests.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| claims[a.1].id.cmp(&claims[b.1].id)));
    let paid: Decimal = out.iter().copied().sum();
    let left = ((rational(budget) - rational(paid)) * BigRational::from(BigInt::from(10).pow(decimals))).to_integer();
    let left = usize::try_from(left).unwrap_or(0).min(rests.len());
    for (rest, at) in &rests[..left] {
        if !rest.is_zero() {
            out[*at] += unit;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claims(sums: &[&str]) -> Vec<Claim> {
        let claim = |(i, s): (usize, &&str)| Claim { id: i as i64, filed: format!("{i}"), sum: s.parse().unwrap() };
        sums.iter().enumerate().map(claim).collect()
    }

    #[test]
    fn a_budget_that_does_not_suffice_is_used_to_the_last_unit_and_no_further() {
        let claims = claims(&["100", "100", "100"]);
        let budget: Decimal = "100".parse().unwrap();
        let paid = within(Some(budget), OverBudget::Prorate, &claims, 2);
        assert_eq!(paid, ["33.34", "33.33", "33.33"].map(|s| s.parse::<Decimal>().unwrap()));
        let queue = within(Some("150".parse().unwrap()), OverBudget::Queue, &claims, 2);
        assert_eq!(queue, ["100", "50", "0"].map(|s| s.parse::<Decimal>().unwrap()));
        assert_eq!(within(Some(budget), OverBudget::Refuse, &claims, 2), [Decimal::ZERO; 3]);
        assert_eq!(
            within(Some("300".parse().unwrap()), OverBudget::Refuse, &claims, 2),
            ["100"; 3].map(|s| s.parse().unwrap())
        );
    }
}
