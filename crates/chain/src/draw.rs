//! Draws that are the same on every machine and need no order: a number's place in the series gives it.
//! SplitMix64 (Steele, Lea, Flood 2014, "Fast splittable pseudorandom number generators").

/// The mixing step alone: a good 64 bits for each input.
pub fn mix(state: u64) -> u64 {
    let mut z = state;
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// A series of draws.
#[derive(Clone, Debug)]
pub struct Draw(u64);

impl Draw {
    /// The series of a seed.
    pub fn new(seed: u64) -> Self {
        Self(mix(seed ^ 0xD1B5_4A32_D192_ED03))
    }

    /// The series of the `at`-th part of a seed: parts can be drawn in any order and on any thread.
    pub fn part(seed: u64, at: u64) -> Self {
        Self(mix(mix(seed).wrapping_add(at.wrapping_mul(0x9E37_79B9_7F4A_7C15))))
    }

    /// 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        mix(self.0)
    }

    /// A number from 0 to `n` - 1; 0 for `n` = 0.
    pub fn below(&mut self, n: u64) -> u64 {
        ((u128::from(self.bits()) * u128::from(n)) >> 64) as u64
    }

    /// A number from 0 to 1, without 1.
    pub fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1u64 << 53) as f64
    }
}
