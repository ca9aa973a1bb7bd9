//! Random draws that are the same on every machine: a ChaCha stream per purpose and item, integer
//! arithmetic, and `libm` instead of the platform's own mathematics.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

/// What a stream is for; each purpose has its own family of streams, so that drawing more in one
/// place changes nothing in another.
#[derive(Clone, Copy, Debug)]
pub enum Purpose {
    /// Making one firm.
    Firm = 1,
    /// Its yearly figures.
    Figures = 2,
    /// Its certificates.
    Certificates = 3,
    /// How many firms a county has, and of which kind.
    Plan = 4,
    /// Parcels and leases of one county.
    Land = 5,
    /// Faults of one workbook.
    Faults = 6,
    /// Files that cannot be imported.
    BadFiles = 7,
    /// What firms declare when they apply.
    Application = 8,
    /// Who plays in the demo's chain and who supplies whom.
    Chain = 9,
    /// What is claimed of firms of the chain.
    Claims = 10,
    /// Needs and capabilities.
    Needs = 11,
    /// Large networks for measuring.
    Network = 12,
    /// Planted clusters.
    Region = 13,
}

/// One stream of draws.
pub struct Draw {
    rng: ChaCha8Rng,
}

impl Draw {
    /// The stream of that purpose and item.
    pub fn new(seed: u64, purpose: Purpose, item: u64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream(((purpose as u64) << 48) | item);
        Self { rng }
    }

    /// 64 random bits.
    pub fn bits(&mut self) -> u64 {
        self.rng.next_u64()
    }

    /// A whole number from 0 to `n - 1`; `n` must not be zero.
    pub fn below(&mut self, n: usize) -> usize {
        ((u128::from(self.bits()) * n as u128) >> 64) as usize
    }

    /// A whole number, both ends included.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        low + self.below((high - low + 1) as usize) as i64
    }

    /// From 0 up to, but not including, 1.
    pub fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// True with that probability.
    pub fn chance(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    /// Standard normal (Box–Muller).
    pub fn normal(&mut self) -> f64 {
        let u = 1.0 - self.unit();
        let v = self.unit();
        libm::sqrt(-2.0 * libm::log(u)) * libm::cos(std::f64::consts::TAU * v)
    }

    /// Log-normal with that median and that standard deviation of the logarithm.
    pub fn log_normal(&mut self, median: f64, spread: f64) -> f64 {
        median * libm::exp(spread * self.normal())
    }

    /// One of the items.
    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len())]
    }

    /// Index of one of the weights, in proportion to it.
    pub fn weighted(&mut self, weights: impl Iterator<Item = f64> + Clone) -> usize {
        let mut left = self.unit() * weights.clone().sum::<f64>();
        let mut last = 0;
        for (i, weight) in weights.enumerate() {
            last = i;
            if left < weight {
                break;
            }
            left -= weight;
        }
        last
    }

    /// Fisher–Yates.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for i in (1..items.len()).rev() {
            items.swap(i, self.below(i + 1));
        }
    }
}

/// The nearest whole number, not below zero.
pub fn whole(x: f64) -> i64 {
    libm::round(x).max(0.0) as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_repeat_and_differ_from_each_other() {
        let first = |seed, purpose, item| Draw::new(seed, purpose, item).bits();
        assert_eq!(first(1, Purpose::Firm, 2), first(1, Purpose::Firm, 2));
        assert_ne!(first(1, Purpose::Firm, 2), first(1, Purpose::Firm, 3));
        assert_ne!(first(1, Purpose::Firm, 2), first(1, Purpose::Land, 2));
        assert_ne!(first(1, Purpose::Firm, 2), first(2, Purpose::Firm, 2));
    }

    #[test]
    fn normal_draws_have_mean_zero_and_spread_one() {
        let mut draw = Draw::new(7, Purpose::Plan, 0);
        let sample: Vec<f64> = (0..20_000).map(|_| draw.normal()).collect();
        let mean = sample.iter().sum::<f64>() / 20_000.0;
        let variance = sample.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / 20_000.0;
        assert!(mean.abs() < 0.03 && (variance - 1.0).abs() < 0.04, "{mean} {variance}");
    }
}
