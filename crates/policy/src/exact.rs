//! Exact numbers: quotients of polynomials over what is known of a firm. A condition such as
//! `rd_expense / revenue >= 0.03` becomes the question whether an integer polynomial is positive, so
//! that no comparison ever rounds.
//!
//! A quotient is defined where every divisor is positive. Money, people and areas that divide are; a
//! divisor of zero, or negative equity, leaves the value undefined, which is unknown and never zero.

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, Signed, ToPrimitive, Zero};
use rust_decimal::Decimal;
use std::collections::BTreeMap;

/// Number of a variable in a plan.
pub type Var = u32;

/// A sum of products of variables. Products are sorted lists of variables; the empty list is the constant.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Poly {
    terms: BTreeMap<Vec<Var>, BigRational>,
}

impl Poly {
    /// A number.
    pub fn constant(value: BigRational) -> Self {
        let mut terms = BTreeMap::new();
        if !value.is_zero() {
            terms.insert(Vec::new(), value);
        }
        Self { terms }
    }

    /// A variable.
    pub fn var(var: Var) -> Self {
        Self { terms: BTreeMap::from([(vec![var], BigRational::one())]) }
    }

    /// Products with their factors.
    pub fn terms(&self) -> impl Iterator<Item = (&[Var], &BigRational)> {
        self.terms.iter().map(|(vars, factor)| (vars.as_slice(), factor))
    }

    /// The number that it is, when no variable occurs.
    pub fn as_constant(&self) -> Option<BigRational> {
        match self.terms.len() {
            0 => Some(BigRational::zero()),
            1 => self.terms.get(&Vec::new() as &Vec<Var>).cloned(),
            _ => None,
        }
    }

    /// Variables that occur, each once, ascending.
    pub fn vars(&self) -> Vec<Var> {
        let mut out: Vec<Var> = self.terms.keys().flatten().copied().collect();
        out.sort_unstable();
        out.dedup();
        out
    }

    fn put(&mut self, vars: Vec<Var>, factor: BigRational) {
        let sum = self.terms.remove(&vars).unwrap_or_else(BigRational::zero) + factor;
        if !sum.is_zero() {
            self.terms.insert(vars, sum);
        }
    }

    fn plus(&self, other: &Self) -> Self {
        let mut out = self.clone();
        other.terms.iter().for_each(|(vars, factor)| out.put(vars.clone(), factor.clone()));
        out
    }

    fn times(&self, other: &Self) -> Self {
        let mut out = Self::default();
        for (a, x) in &self.terms {
            for (b, y) in &other.terms {
                let mut vars = [a.as_slice(), b.as_slice()].concat();
                vars.sort_unstable();
                out.put(vars, x * y);
            }
        }
        out
    }

    fn scaled(&self, factor: &BigRational) -> Self {
        let terms = self.terms.iter().map(|(vars, f)| (vars.clone(), f * factor)).collect();
        if factor.is_zero() { Self::default() } else { Self { terms } }
    }

    /// The same sign everywhere, with whole factors that have no divisor in common.
    pub fn whole(&self) -> Self {
        let mut common = BigInt::one();
        for factor in self.terms.values() {
            common = lcm(&common, factor.denom());
        }
        let mut shared = BigInt::zero();
        for factor in self.terms.values() {
            shared = gcd(&shared, &(factor * BigRational::from(common.clone())).to_integer());
        }
        if shared.is_zero() {
            return self.clone();
        }
        self.scaled(&BigRational::new(common, shared.abs()))
    }

    /// The value for values of the variables; none when one is unknown.
    pub fn value(&self, of: &dyn Fn(Var) -> Option<BigRational>) -> Option<BigRational> {
        let mut sum = BigRational::zero();
        for (vars, factor) in &self.terms {
            let mut product = factor.clone();
            for var in vars {
                product *= of(*var)?;
            }
            sum += product;
        }
        Some(sum)
    }

    /// True when a variable occurs only as a factor of the first power beside nothing else.
    pub fn is_linear(&self) -> bool {
        self.terms.keys().all(|vars| vars.len() <= 1)
    }
}

fn gcd(a: &BigInt, b: &BigInt) -> BigInt {
    let (mut a, mut b) = (a.abs(), b.abs());
    while !b.is_zero() {
        (a, b) = (b.clone(), a % b);
    }
    a
}

fn lcm(a: &BigInt, b: &BigInt) -> BigInt {
    if a.is_zero() || b.is_zero() { BigInt::one() } else { (a * b).abs() / gcd(a, b) }
}

/// A polynomial over a product of polynomials that are positive where it is defined.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Quotient {
    /// Above.
    pub above: Poly,
    /// Below: factors, sorted. None of them is a constant.
    pub below: Vec<Poly>,
}

/// Why an expression is no quotient of polynomials.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ExactFault {
    /// A division by the number zero, or by a negative one in disguise.
    #[error("division by {0}")]
    Divisor(String),
}

impl Quotient {
    /// A number.
    pub fn constant(value: BigRational) -> Self {
        Self { above: Poly::constant(value), below: Vec::new() }
    }

    /// A variable.
    pub fn var(var: Var) -> Self {
        Self { above: Poly::var(var), below: Vec::new() }
    }

    /// The number that it is, when no variable occurs.
    pub fn as_constant(&self) -> Option<BigRational> {
        if self.below.is_empty() { self.above.as_constant() } else { None }
    }

    /// Variables that occur, each once, ascending.
    pub fn vars(&self) -> Vec<Var> {
        let mut out = self.above.vars();
        out.extend(self.below.iter().flat_map(Poly::vars));
        out.sort_unstable();
        out.dedup();
        out
    }

    /// Over the product of both divisors, of which common factors are taken once.
    pub fn plus(&self, other: &Self) -> Self {
        let (missing_here, missing_there) = (missing(&self.below, &other.below), missing(&other.below, &self.below));
        let product = |start: &Poly, factors: &[Poly]| factors.iter().fold(start.clone(), |p, f| p.times(f));
        let above = product(&self.above, &missing_here).plus(&product(&other.above, &missing_there));
        let mut below = [self.below.clone(), missing_here].concat();
        below.sort_unstable();
        Self { above, below }
    }

    /// The product.
    pub fn times(&self, other: &Self) -> Self {
        let mut below = [self.below.clone(), other.below.clone()].concat();
        below.sort_unstable();
        Self { above: self.above.times(&other.above), below }
    }

    /// The quotient; defined where the divisor is positive.
    pub fn over(&self, other: &Self) -> Result<Self, ExactFault> {
        if let Some(number) = other.as_constant() {
            return match number.is_positive() || number.is_negative() {
                true => Ok(Self { above: self.above.scaled(&number.recip()), below: self.below.clone() }),
                false => Err(ExactFault::Divisor("0".into())),
            };
        }
        let mut above = self.above.clone();
        other.below.iter().for_each(|factor| above = above.times(factor));
        let mut below = self.below.clone();
        // What stood below the divisor must still be positive for it to be defined.
        below.extend(other.below.iter().cloned());
        other.below.iter().for_each(|factor| above = above.times(factor));
        let divisor = other.above.whole();
        // `whole` changes the size of a divisor; the same change stands above.
        let change = match (other.above.terms.iter().next(), divisor.terms.iter().next()) {
            (Some((_, from)), Some((_, to))) => to / from,
            _ => return Err(ExactFault::Divisor("0".into())),
        };
        below.push(divisor);
        below.sort_unstable();
        // The divisor's own divisors were put above twice: once to turn it over, once for `below`.
        Ok(Self { above: above.scaled(&change), below })
    }

    /// The negative.
    pub fn negative(&self) -> Self {
        Self { above: self.above.scaled(&-BigRational::one()), below: self.below.clone() }
    }

    /// The difference.
    pub fn minus(&self, other: &Self) -> Self {
        self.plus(&other.negative())
    }

    /// The value; none when something is unknown or undefined.
    pub fn value(&self, of: &dyn Fn(Var) -> Option<BigRational>) -> Option<BigRational> {
        let mut value = self.above.value(of)?;
        for factor in &self.below {
            let divisor = factor.value(of)?;
            if !divisor.is_positive() {
                return None;
            }
            value /= divisor;
        }
        Some(value)
    }
}

/// Factors of `there` that `here` lacks, counting how often each occurs.
fn missing(here: &[Poly], there: &[Poly]) -> Vec<Poly> {
    let mut left = here.to_vec();
    let mut out = Vec::new();
    for factor in there {
        match left.iter().position(|f| f == factor) {
            Some(at) => drop(left.swap_remove(at)),
            None => out.push(factor.clone()),
        }
    }
    out
}

/// A decimal as a fraction.
pub fn rational(value: Decimal) -> BigRational {
    BigRational::new(BigInt::from(value.mantissa()), BigInt::from(10).pow(value.scale()))
}

/// A fraction as a decimal of at most that many places, the rest cut off towards zero; none beyond what
/// a decimal holds.
pub fn decimal(value: &BigRational, places: u32) -> Option<Decimal> {
    let scaled = (value * BigRational::from(BigInt::from(10).pow(places))).trunc().to_integer();
    Decimal::try_from_i128_with_scale(scaled.to_i128()?, places).ok().map(|d| d.normalize())
}

/// A fraction as a decimal of at most that many places, rounded up away from zero where it is not exact.
pub fn decimal_up(value: &BigRational, places: u32) -> Option<Decimal> {
    let scaled = value * BigRational::from(BigInt::from(10).pow(places));
    let whole = if scaled.is_negative() { scaled.floor() } else { scaled.ceil() };
    Decimal::try_from_i128_with_scale(whole.to_integer().to_i128()?, places).ok().map(|d| d.normalize())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(n: i64) -> BigRational {
        BigRational::from(BigInt::from(n))
    }

    #[test]
    fn a_quotient_is_the_quotient_of_its_values() {
        let (x, y) = (Quotient::var(0), Quotient::var(1));
        // (x / y + y / x) / (x / (y + 1)) at x = 3, y = 4.
        let sum = x.over(&y).unwrap().plus(&y.over(&x).unwrap());
        let whole = sum.over(&x.over(&y.plus(&Quotient::constant(number(1)))).unwrap()).unwrap();
        let at = |v: Var| Some(number(if v == 0 { 3 } else { 4 }));
        // 3/4 + 4/3 = 25/12; ÷ 3/5 = 125/36.
        assert_eq!(whole.value(&at), Some(BigRational::new(BigInt::from(125), BigInt::from(36))));
    }

    #[test]
    fn what_a_divisor_that_is_not_positive_makes_is_undefined() {
        let ratio = Quotient::var(0).over(&Quotient::var(1)).unwrap();
        for divisor in [0, -5] {
            assert_eq!(ratio.value(&|v| Some(number(if v == 0 { 1 } else { divisor }))), None);
        }
        assert!(Quotient::var(0).over(&Quotient::constant(number(0))).is_err());
    }

    #[test]
    fn whole_keeps_the_sign() {
        let half = BigRational::new(BigInt::from(-1), BigInt::from(2));
        let poly = Poly::var(0).scaled(&half).plus(&Poly::constant(BigRational::new(3.into(), 4.into())));
        let terms: Vec<(Vec<Var>, BigRational)> = poly.whole().terms().map(|(v, f)| (v.to_vec(), f.clone())).collect();
        assert_eq!(terms, [(vec![], number(3)), (vec![0], number(-2))]);
    }
}
