//! Whole numbers in the forms in which a processor computes many of them at a time. A lane is chosen by
//! the largest number that can occur on the way, so that none of these rounds or overflows: 32 bits;
//! floating point up to 2^53, below which it holds every whole number and is what every processor can do
//! side by side; 64 bits; 128 bits. Plain loops over slices, which the compiler turns into vectors.

use crate::parse::Op;
use crate::run::{BLOCK, Set, WORDS};

/// A form of whole numbers.
pub(crate) trait Lane: Copy + PartialOrd + Send + Sync + 'static {
    /// Nothing.
    const ZERO: Self;
    /// From a number that fits.
    fn of(value: i64) -> Self;
    /// From a narrow number.
    fn narrow(value: i32) -> Self;
    /// The sum; both and it fit.
    fn plus(self, other: Self) -> Self;
    /// The product; it fits.
    fn times(self, other: Self) -> Self;
}

macro_rules! whole_lane {
    ($type:ty) => {
        impl Lane for $type {
            const ZERO: Self = 0;
            #[inline(always)]
            fn of(value: i64) -> Self {
                value as $type
            }
            #[inline(always)]
            fn narrow(value: i32) -> Self {
                value as $type
            }
            // The size was looked at before the loop: a check here would only keep it from being a vector.
            #[inline(always)]
            fn plus(self, other: Self) -> Self {
                self.wrapping_add(other)
            }
            #[inline(always)]
            fn times(self, other: Self) -> Self {
                self.wrapping_mul(other)
            }
        }
    };
}

whole_lane!(i32);
whole_lane!(i64);
whole_lane!(i128);

impl Lane for f64 {
    const ZERO: Self = 0.0;
    #[inline(always)]
    fn of(value: i64) -> Self {
        value as f64
    }
    #[inline(always)]
    fn narrow(value: i32) -> Self {
        f64::from(value)
    }
    #[inline(always)]
    fn plus(self, other: Self) -> Self {
        self + other
    }
    #[inline(always)]
    fn times(self, other: Self) -> Self {
        self * other
    }
}

/// A lane in which points are added up.
pub(crate) trait Wide: Lane + Ord {
    /// Smaller and larger than any points.
    const ENDS: (Self, Self);
    /// As 128 bits.
    fn wide(self) -> i128;
    /// From points that fit.
    fn points(value: i64) -> Self;
}

macro_rules! wide_lane {
    ($type:ty) => {
        impl Wide for $type {
            const ENDS: (Self, Self) = (<$type>::MIN, <$type>::MAX);
            #[inline(always)]
            fn wide(self) -> i128 {
                self as i128
            }
            #[inline(always)]
            fn points(value: i64) -> Self {
                value as $type
            }
        }
    };
}

wide_lane!(i32);
wide_lane!(i128);

/// Rows of a block where something holds. Eight answers of a byte each become eight bits by one product:
/// each byte is moved to where its bit belongs, and the sum of all is the uppermost byte.
#[inline(always)]
pub(crate) fn pack<T: Copy>(values: &[T], holds: impl Fn(T) -> bool) -> Set {
    let mut out = [0; WORDS];
    let chunks = values.chunks_exact(64);
    let rest = chunks.remainder();
    let whole = chunks.len();
    for (word, chunk) in out.iter_mut().zip(chunks) {
        let mut bytes = [0u8; 64];
        bytes.iter_mut().zip(chunk).for_each(|(b, v)| *b = u8::from(holds(*v)));
        *word = bits(&bytes);
    }
    if !rest.is_empty() {
        let mut bytes = [0u8; 64];
        bytes.iter_mut().zip(rest).for_each(|(b, v)| *b = u8::from(holds(*v)));
        out[whole] = bits(&bytes);
    }
    out
}

#[inline(always)]
fn bits(bytes: &[u8; 64]) -> u64 {
    let (eights, _) = bytes.as_chunks::<8>();
    let mut word = 0u64;
    for (i, eight) in eights.iter().enumerate() {
        word |= (u64::from_le_bytes(*eight).wrapping_mul(0x0102_0408_1020_4080) >> 56) << (8 * i);
    }
    word
}

/// Rows where the values compare so with zero.
#[inline(always)]
pub(crate) fn flags<T: Lane>(values: &[T; BLOCK], op: Op) -> Set {
    match op {
        Op::Above => pack(values, |v| v > T::ZERO),
        Op::AtLeast => pack(values, |v| v >= T::ZERO),
        Op::Equal => pack(values, |v| v == T::ZERO),
        Op::Other => pack(values, |v| v != T::ZERO),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_has_its_own_bit() {
        for at in (0..BLOCK).step_by(7).chain([0, 63, 64, BLOCK - 1]) {
            let mut values = [0i32; BLOCK];
            values[at] = 1;
            let set = flags(&values, Op::Above);
            for (word, bits) in set.iter().enumerate() {
                assert_eq!(*bits, if word == at / 64 { 1 << (at % 64) } else { 0 }, "row {at}");
            }
            assert_eq!(pack(&values[..at], |v| v == 0).iter().map(|w| w.count_ones()).sum::<u32>(), at as u32);
        }
    }
}
