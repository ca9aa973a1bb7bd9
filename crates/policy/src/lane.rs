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
pub(crate) trait Wide: Lane + Ord + Default {
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

/// Rows of an eighth of a block.
pub(crate) const APART: usize = BLOCK / 8;

/// Rows of a block where something holds.
#[inline(always)]
pub(crate) fn pack<T: Copy>(values: &[T], holds: impl Fn(T) -> bool) -> Set {
    if values.len() == BLOCK {
        return pack_strips(|k| values[APART * k..].first_chunk().expect("a whole block"), holds);
    }
    let mut out = [0; WORDS];
    for (i, value) in values.iter().enumerate() {
        out[i / 64] |= u64::from(holds(*value)) << (i % 64);
    }
    out
}

/// Rows of a block, of which each eighth is given, where something holds. A byte takes one row of each
/// eighth, so that the loop over an eighth is nothing but compare, mask and add, side by side; eight bytes
/// at a time are then turned so that neighbours in the block are neighbours in the set.
#[inline(always)]
fn pack_strips<T: Copy, S: std::borrow::Borrow<[T; APART]>>(
    mut strip: impl FnMut(usize) -> S,
    holds: impl Fn(T) -> bool,
) -> Set {
    let mut found = [0u32; APART];
    for k in 0..8 {
        let bit = 1u32 << k;
        for (found, value) in found.iter_mut().zip(strip(k).borrow()) {
            *found |= if holds(*value) { bit } else { 0 };
        }
    }
    let mut bytes = [0u8; APART];
    bytes.iter_mut().zip(&found).for_each(|(byte, found)| *byte = *found as u8);
    // Byte 16 × k + g of the set begins with row APART × k + 8 × g.
    let mut set = [0u8; BLOCK / 8];
    for (g, eight) in bytes.as_chunks::<8>().0.iter().enumerate() {
        let turned = turned(u64::from_le_bytes(*eight)).to_le_bytes();
        for (k, byte) in turned.iter().enumerate() {
            set[APART / 8 * k + g] = *byte;
        }
    }
    let mut out = [0; WORDS];
    out.iter_mut().zip(set.as_chunks::<8>().0).for_each(|(word, bytes)| *word = u64::from_le_bytes(*bytes));
    out
}

/// Bit k of byte j becomes bit j of byte k.
#[inline(always)]
fn turned(bits: u64) -> u64 {
    let swap = |bits: u64, mask: u64, by: u32| {
        let moved = (bits ^ bits >> by) & mask;
        bits ^ moved ^ moved << by
    };
    let bits = swap(bits, 0x00AA_00AA_00AA_00AA, 7);
    let bits = swap(bits, 0x0000_CCCC_0000_CCCC, 14);
    swap(bits, 0x0000_0000_F0F0_F0F0, 28)
}

/// Rows where values, given for each eighth of a block, compare so with zero.
#[inline(always)]
pub(crate) fn flags<T: Lane>(strip: impl FnMut(usize) -> [T; APART], op: Op) -> Set {
    match op {
        Op::Above => pack_strips(strip, |v| v > T::ZERO),
        Op::AtLeast => pack_strips(strip, |v| v >= T::ZERO),
        Op::Equal => pack_strips(strip, |v| v == T::ZERO),
        Op::Other => pack_strips(strip, |v| v != T::ZERO),
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
            let set = pack(&values, |v| v > 0);
            for (word, bits) in set.iter().enumerate() {
                assert_eq!(*bits, if word == at / 64 { 1 << (at % 64) } else { 0 }, "row {at}");
            }
            assert_eq!(pack(&values[..at], |v| v == 0).iter().map(|w| w.count_ones()).sum::<u32>(), at as u32);
        }
    }
}
