//! The statistics of an evaluation: exact sums, percentiles, rounding, ranks and cuts. Every kernel
//! gives the same bits whatever the order of its input and the number of threads; the scheme engine
//! and the benchmark run the same ones.

use rayon::prelude::*;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use std::cmp::Ordering;

/// Group of a value that belongs to none.
pub const NO_GROUP: u32 = u32::MAX;

// ---------------------------------------------------------------------------------------------
// Exact sums

/// A sum of `f64` without rounding until it is read: the small superaccumulator of R. M. Neal, "Fast
/// exact summation using small and large superaccumulators" (2015, arXiv:1505.05571). Because it is
/// exact, the order of the additions cannot matter.
#[derive(Clone, Debug)]
pub struct ExactSum {
    /// Chunk `i` counts units of 2^(32 i − 1074).
    chunks: [i64; 67],
    /// Additions since carries were last moved on; each adds less than 2^33 to a chunk.
    pending: u32,
}

impl Default for ExactSum {
    fn default() -> Self {
        Self { chunks: [0; 67], pending: 0 }
    }
}

impl ExactSum {
    /// Adds a finite value.
    pub fn add(&mut self, value: f64) {
        debug_assert!(value.is_finite(), "callers leave out what is not finite");
        if self.pending == 1 << 29 {
            self.carry();
        }
        self.pending += 1;
        let bits = value.to_bits();
        let exponent = (bits >> 52 & 0x7ff) as u32;
        let fraction = bits & ((1 << 52) - 1);
        // A subnormal has the exponent of the smallest normal without its hidden bit.
        let (mantissa, shift) = if exponent == 0 { (fraction, 0) } else { (fraction | 1 << 52, exponent - 1) };
        let wide = u128::from(mantissa) << (shift % 32);
        let at = (shift / 32) as usize;
        for (i, chunk) in self.chunks[at..(at + 3).min(67)].iter_mut().enumerate() {
            let part = (wide >> (32 * i) & 0xffff_ffff) as i64;
            *chunk += if bits >> 63 == 1 { -part } else { part };
        }
    }

    /// Adds another sum.
    pub fn merge(&mut self, mut other: Self) {
        self.carry();
        other.carry();
        self.chunks.iter_mut().zip(other.chunks).for_each(|(a, b)| *a += b);
        self.pending = 2;
    }

    /// The sum, correctly rounded (ties to even).
    pub fn value(&self) -> f64 {
        let mut exact = self.clone();
        exact.carry();
        let negative = exact.chunks[66] < 0;
        if negative {
            exact.chunks.iter_mut().for_each(|c| *c = -*c);
            exact.carry();
        }
        let Some(top) = exact.chunks.iter().rposition(|c| *c != 0) else { return 0.0 };
        let size = round_chunks(&exact.chunks, top);
        if negative { -size } else { size }
    }

    /// Brings every chunk but the last into 0..2^32.
    fn carry(&mut self) {
        let mut carry = 0;
        for chunk in &mut self.chunks[..66] {
            let sum = *chunk + carry;
            carry = sum >> 32;
            *chunk = sum & 0xffff_ffff;
        }
        self.chunks[66] += carry;
        self.pending = 0;
    }
}

/// Rounds non-negative chunks, of which `top` is the highest not zero.
fn round_chunks(chunks: &[i64; 67], top: usize) -> f64 {
    let chunk = |i: usize| chunks[i] as u128;
    // 128 bits from the top four chunks; everything below only decides ties.
    let low = top.saturating_sub(3);
    let mut window: u128 = 0;
    for i in (low..=top).rev() {
        window = window << 32 | chunk(i);
    }
    let sticky = chunks[..low].iter().any(|c| *c != 0);
    let length = 128 - window.leading_zeros();
    let unit = 32 * low as i32 - 1074;
    if length <= 53 {
        // No bit is lost; only when `low` is 0 can the window be so short.
        return scale(window as f64, unit);
    }
    let drop = length - 53;
    let kept = (window >> drop) as u64;
    let rest = window & ((1 << drop) - 1);
    let half = 1u128 << (drop - 1);
    let up = rest > half || rest == half && (sticky || kept & 1 == 1);
    scale((kept + u64::from(up)) as f64, unit + drop as i32)
}

/// value × 2^exponent without an intermediate overflow or a second rounding: `value` has 53 bits and
/// the exponent never reaches below the smallest subnormal.
fn scale(value: f64, exponent: i32) -> f64 {
    let half = exponent / 2;
    let power =
        |e: i32| if e < -1022 { f64::from_bits(1 << (e + 1074)) } else { f64::from_bits(((e + 1023) as u64) << 52) };
    if exponent < -1022 { value * power(exponent) } else { value * power(half) * power(exponent - half) }
}

// ---------------------------------------------------------------------------------------------
// Rounding

/// How near to a half a value must be to count as one, relative to the value: 2^-44, some hundred
/// times the error of a sum of products in `f64`, and far below any declared decimal.
pub const HALF_GUARD: f64 = 1.0 / (1u64 << 44) as f64;

/// Rounds half away from zero to an integer of 10^-decimals. 83.945 is stored as 83.94499…; within
/// [`HALF_GUARD`] of a half it is taken as that half, so two decimals give 83.95. `None` when the
/// value is not finite or does not fit.
pub fn quantise(value: f64, decimals: u8) -> Option<i64> {
    let scaled = value * POWERS[usize::from(decimals.min(15))];
    let size = scaled.abs();
    if !size.is_finite() || size >= 9.0e15 {
        return None;
    }
    let rounded = (size + 0.5 + size * HALF_GUARD).floor() as i64;
    Some(if scaled < 0.0 { -rounded } else { rounded })
}

/// Rounds half away from zero at a number of decimals, with the same guard.
pub fn round_at(value: f64, decimals: f64) -> f64 {
    let decimals = decimals.clamp(-15.0, 15.0) as i32;
    let power = POWERS[decimals.unsigned_abs() as usize];
    let scaled = if decimals >= 0 { value * power } else { value / power };
    let size = scaled.abs();
    if !size.is_finite() || size >= 9.0e15 {
        return value;
    }
    let rounded = (size + 0.5 + size * HALF_GUARD).floor().copysign(scaled) + 0.0;
    if decimals >= 0 { rounded / power } else { rounded * power }
}

const POWERS: [f64; 16] = [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];

// ---------------------------------------------------------------------------------------------
// Groups

/// Rows brought together by group, each group's rows in ascending order.
#[derive(Clone, Debug, Default)]
pub struct Grouping {
    /// Group `g` holds `rows[starts[g]..starts[g + 1]]`.
    starts: Vec<u32>,
    rows: Vec<u32>,
}

impl Grouping {
    /// Groups rows by id; rows of [`NO_GROUP`] are left out.
    pub fn new(group: &[u32], groups: usize) -> Self {
        let mut starts = vec![0u32; groups + 1];
        for g in group.iter().filter(|g| **g != NO_GROUP) {
            starts[*g as usize + 1] += 1;
        }
        for g in 0..groups {
            starts[g + 1] += starts[g];
        }
        let mut next = starts.clone();
        let mut rows = vec![0u32; starts[groups] as usize];
        for (row, g) in group.iter().enumerate().filter(|(_, g)| **g != NO_GROUP) {
            rows[next[*g as usize] as usize] = row as u32;
            next[*g as usize] += 1;
        }
        Self { starts, rows }
    }

    /// Number of groups.
    pub fn len(&self) -> usize {
        self.starts.len() - 1
    }

    /// True when there are no groups.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Rows of a group, ascending.
    pub fn rows(&self, group: usize) -> &[u32] {
        &self.rows[self.starts[group] as usize..self.starts[group + 1] as usize]
    }
}

// ---------------------------------------------------------------------------------------------
// Statistics

/// A share such as a percentile's p, as an exact fraction, so that positions are found by integers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    numerator: i128,
    denominator: i128,
}

impl Share {
    /// The exact fraction of a decimal.
    pub fn of(value: Decimal) -> Self {
        let value = value.normalize();
        Self { numerator: value.mantissa(), denominator: 10i128.pow(value.scale()) }
    }

    /// Whole part and remainder (as a fraction below 1) of share × count.
    pub(crate) fn times(self, count: u64) -> (i128, f64) {
        let product = self.numerator * i128::from(count);
        let whole = product.div_euclid(self.denominator);
        (whole, product.rem_euclid(self.denominator) as f64 / self.denominator as f64)
    }
}

impl Share {
    /// Index of the lower of the two sorted values between which the type 7 percentile of `n` values
    /// lies, and how far towards the next.
    pub fn position(self, n: usize) -> (usize, f64) {
        let last = n.saturating_sub(1);
        let (whole, fraction) = self.times(last as u64);
        (usize::try_from(whole.clamp(0, last as i128)).expect("clamped to an index"), fraction)
    }
}

/// Percentile of type 7 (linear interpolation between the two nearest ranks, as spreadsheets,
/// DuckDB's `quantile_cont` and pandas have it). Reorders `values`. `None` without values.
pub fn percentile(values: &mut [f64], p: Share) -> Option<f64> {
    if values.is_empty() {
        return None;
    }
    let (low, fraction) = p.position(values.len());
    let (_, at, above) = values.select_nth_unstable_by(low, f64::total_cmp);
    let at = *at;
    if fraction == 0.0 || above.is_empty() {
        return Some(at);
    }
    let next = above.iter().copied().min_by(f64::total_cmp).expect("not empty");
    Some(at + (next - at) * fraction)
}

/// Two percentiles of the same values, `low` at or below `high`, as [`percentile`] gives them. Large
/// groups are narrowed first: a sample says within which bounds each percentile must lie, one pass
/// keeps only what lies there, and the rank within what is kept is exact; when the sample misled, the
/// plain way is taken.
pub fn percentile_pair(values: &mut [f64], low: Share, high: Share) -> Option<(f64, f64)> {
    if values.len() < 4096 {
        return percentile(values, low).zip(percentile(values, high));
    }
    let mut sample: Vec<f64> = values.iter().step_by(values.len() / 512).copied().collect();
    sample.sort_unstable_by(f64::total_cmp);
    let mut kept = Vec::with_capacity(values.len() / 4);
    let mut one = |p: Share| narrowed(values, &sample, p, &mut kept);
    let (a, b) = (one(low), one(high));
    match (a, b) {
        (Some(a), Some(b)) => Some((a, b)),
        _ => percentile(values, low).zip(percentile(values, high)),
    }
}

/// A percentile from the values between two of the sample's; none when those do not enclose it.
fn narrowed(values: &[f64], sample: &[f64], p: Share, kept: &mut Vec<f64>) -> Option<f64> {
    let (at, fraction) = p.position(values.len());
    let middle = at * sample.len() / values.len();
    let margin = sample.len() / 16;
    let floor = middle.checked_sub(margin).map_or(f64::NEG_INFINITY, |i| sample[i]);
    let ceiling = sample.get(middle + margin).copied().unwrap_or(f64::INFINITY);
    kept.clear();
    let mut below = 0;
    for v in values {
        below += usize::from(*v < floor);
        if *v >= floor && *v <= ceiling {
            kept.push(*v);
        }
    }
    let rank = at.checked_sub(below)?;
    if rank + 1 >= kept.len() {
        return None;
    }
    let (_, found, above) = kept.select_nth_unstable_by(rank, f64::total_cmp);
    let found = *found;
    if fraction == 0.0 {
        return Some(found);
    }
    let next = above.iter().copied().min_by(f64::total_cmp)?;
    Some(found + (next - found) * fraction)
}

/// The mean, from an exact sum.
pub fn mean(values: &[f64]) -> Option<f64> {
    let mut sum = ExactSum::default();
    values.iter().for_each(|v| sum.add(*v));
    (!values.is_empty()).then(|| sum.value() / values.len() as f64)
}

/// The mean without `floor(lower × n)` lowest and `floor(upper × n)` highest values.
pub fn trimmed_mean(values: &mut [f64], lower: Share, upper: Share) -> Option<f64> {
    values.sort_unstable_by(f64::total_cmp);
    let n = values.len() as u64;
    let cut = |s: Share| usize::try_from(s.times(n).0.clamp(0, i128::from(n))).expect("clamped to a length");
    let (from, to) = (cut(lower), values.len() - cut(upper));
    (from < to).then(|| mean(&values[from..to])).flatten()
}

// ---------------------------------------------------------------------------------------------
// Points

/// `value` kept within `low..=high`.
pub fn clip(value: f64, low: f64, high: f64) -> f64 {
    if value < low {
        low
    } else if value > high {
        high
    } else {
        value
    }
}

/// Position of `value` between `low` and `high`; 1 when they are equal. `clipped` keeps it in 0..=1.
pub fn position(value: f64, low: f64, high: f64, clipped: bool) -> f64 {
    if high == low {
        return 1.0;
    }
    let at = (value - low) / (high - low);
    if clipped { clip(at, 0.0, 1.0) } else { at }
}

// ---------------------------------------------------------------------------------------------
// Ranks and cuts

/// Ranks of rows within their groups: 1 is best, equal rows share the better rank, and the order of
/// equal rows in `order` is that of their row number. `before` says that a row ranks before another.
#[derive(Clone, Debug, Default)]
pub struct Ranking {
    /// Rank per row; 0 where the row has no group.
    pub rank: Vec<u32>,
    /// Rows of each group, best first.
    pub order: Vec<Vec<u32>>,
}

/// Ranks by descending `key`, then by `ties` (`Less`: ranks before).
pub fn rank(key: &[i64], grouping: &Grouping, ties: impl Fn(u32, u32) -> Ordering + Sync) -> Ranking {
    let order: Vec<Vec<u32>> = (0..grouping.len())
        .into_par_iter()
        .map(|g| {
            // Keys are carried along so that the sort reads memory in order; flipping all bits of the
            // key makes "descending" ascending.
            let mut rows: Vec<(i64, u32)> = grouping.rows(g).iter().map(|r| (!key[*r as usize], *r)).collect();
            rows.sort_unstable_by(|a, b| a.0.cmp(&b.0).then_with(|| ties(a.1, b.1)).then(a.1.cmp(&b.1)));
            rows.into_iter().map(|(_, row)| row).collect()
        })
        .collect();
    let mut rank = vec![0u32; key.len()];
    for rows in &order {
        let mut current = 0;
        for (i, row) in rows.iter().enumerate() {
            let new = i == 0 || {
                let above = rows[i - 1];
                key[above as usize] != key[*row as usize] || ties(above, *row) != Ordering::Equal
            };
            if new {
                current = i as u32 + 1;
            }
            rank[*row as usize] = current;
        }
    }
    Ranking { rank, order }
}

/// How a share of a count becomes a whole number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whole {
    /// Down.
    Floor,
    /// Up.
    Ceil,
    /// Half away from zero.
    HalfUp,
}

/// share × count as a whole number, exact.
pub fn count_of(share: Decimal, count: u32, whole: Whole) -> u32 {
    let product = share * Decimal::from(count);
    let rounded = match whole {
        Whole::Floor => product.floor(),
        Whole::Ceil => product.ceil(),
        Whole::HalfUp => product.round_dp_with_strategy(0, rust_decimal::RoundingStrategy::MidpointAwayFromZero),
    };
    rounded.to_u32().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::str::FromStr;

    /// Sum in fixed point of 2^-60, exact for the values generated here.
    fn oracle(values: &[f64]) -> f64 {
        let total: i128 = values.iter().map(|v| (v * (1u64 << 60) as f64) as i128).sum();
        // i128 to f64 rounds to nearest, ties to even; scaling by a power of two is exact.
        total as f64 / (1u64 << 60) as f64
    }

    proptest! {
        #[test]
        fn a_sum_is_exact_and_does_not_depend_on_the_order(mut values in prop::collection::vec(-1e6f64..1e6, 0..80), seed in 0u64..1000) {
            for v in &mut values {
                *v = (*v * (1 << 30) as f64).round() / (1 << 30) as f64;
            }
            let mut sum = ExactSum::default();
            values.iter().for_each(|v| sum.add(*v));
            prop_assert_eq!(sum.value(), oracle(&values));
            let mut other = values.clone();
            let n = other.len().max(1);
            other.rotate_left(seed as usize % n);
            other.reverse();
            let (left, right) = other.split_at(other.len() / 2);
            let mut a = ExactSum::default();
            let mut b = ExactSum::default();
            left.iter().for_each(|v| a.add(*v));
            right.iter().for_each(|v| b.add(*v));
            a.merge(b);
            prop_assert_eq!(a.value(), sum.value());
        }

        #[test]
        fn a_sum_of_two_is_what_ieee_addition_gives(a in any::<f64>(), b in any::<f64>()) {
            prop_assume!(a.is_finite() && b.is_finite() && (a + b).is_finite());
            let mut sum = ExactSum::default();
            sum.add(a);
            sum.add(b);
            prop_assert_eq!(sum.value(), a + b + 0.0);
        }

        #[test]
        fn a_decimal_is_rounded_as_on_paper(mantissa in -900_000_000i64..900_000_000, scale in 0u32..6, decimals in 0u8..4) {
            let exact = Decimal::new(mantissa, scale);
            let expected = exact.round_dp_with_strategy(u32::from(decimals), rust_decimal::RoundingStrategy::MidpointAwayFromZero);
            let found = quantise(base::fixed::to_f64(exact), decimals).unwrap();
            prop_assert_eq!(Decimal::new(found, u32::from(decimals)), expected);
        }

        #[test]
        fn percentiles_interpolate_between_sorted_values(values in prop::collection::vec(-1e9f64..1e9, 1..60), p in 0u32..=100) {
            let mut sorted = values.clone();
            sorted.sort_by(f64::total_cmp);
            let h = (sorted.len() - 1) as f64 * f64::from(p) / 100.0;
            let (low, high) = (h.floor() as usize, h.ceil() as usize);
            let expected = sorted[low] + (sorted[high] - sorted[low]) * (h - h.floor());
            let found = percentile(&mut values.clone(), Share::of(Decimal::new(i64::from(p), 2))).unwrap();
            prop_assert!((found - expected).abs() <= 1e-12 * expected.abs().max(1e9), "{} {}", found, expected);
        }
    }

    #[test]
    fn narrowing_to_a_sample_gives_the_same_percentiles() {
        let (low, high) = (Share::of(Decimal::new(5, 2)), Share::of(Decimal::new(95, 2)));
        for shape in 0..4u64 {
            let mut state = 88172645463325252u64 + shape;
            let values: Vec<f64> = (0..20_000u64)
                .map(|i| {
                    state ^= state << 13;
                    state ^= state >> 7;
                    state ^= state << 17;
                    let unit = (state >> 11) as f64 / (1u64 << 53) as f64;
                    match shape {
                        0 => unit,
                        1 => (unit * 8.0).floor(),
                        2 => i as f64,
                        _ => {
                            if i % 39 == 0 {
                                unit * 1e9
                            } else {
                                0.0
                            }
                        }
                    }
                })
                .collect();
            let plain = (percentile(&mut values.clone(), low).unwrap(), percentile(&mut values.clone(), high).unwrap());
            assert_eq!(percentile_pair(&mut values.clone(), low, high), Some(plain), "{shape}");
        }
    }

    #[test]
    fn extremes_sum_exactly() {
        let mut sum = ExactSum::default();
        for v in [1e308, 1.0, -1e308, 5e-324, f64::MAX, -f64::MAX] {
            sum.add(v);
        }
        assert_eq!(sum.value(), 1.0);
        assert_eq!(ExactSum::default().value(), 0.0);
        let mut tiny = ExactSum::default();
        tiny.add(5e-324);
        tiny.add(5e-324);
        assert_eq!(tiny.value(), 1e-323);
    }

    #[test]
    fn a_half_that_binary_cannot_hold_is_still_a_half() {
        assert_eq!(quantise(83.945, 2), Some(8395));
        assert_eq!(quantise(-83.945, 2), Some(-8395));
        assert_eq!(quantise(1.005, 2), Some(101));
        assert_eq!(quantise(0.1 + 0.2, 1), Some(3));
        assert_eq!(quantise(83.9449999, 2), Some(8394));
        assert_eq!(quantise(f64::NAN, 2), None);
        assert_eq!(round_at(2.675, 2.0), 2.68);
        assert_eq!(round_at(1250.0, -2.0), 1300.0);
    }

    #[test]
    fn equal_keys_share_the_better_rank() {
        let grouping = Grouping::new(&[0, 0, 0, 0, 1], 2);
        let ranking = rank(&[50, 70, 50, 10, 5], &grouping, |_, _| Ordering::Equal);
        assert_eq!(ranking.rank, [2, 1, 2, 4, 1]);
        assert_eq!(ranking.order[0], [1, 0, 2, 3]);
    }

    #[test]
    fn shares_of_thirty_seven_firms_cut_as_the_scheme_says() {
        let cut = |s: &str, w| count_of(Decimal::from_str(s).unwrap(), 37, w);
        assert_eq!(["0.25", "0.7", "0.95"].map(|s| cut(s, Whole::Floor)), [9, 25, 35]);
        assert_eq!(["0.25", "0.7", "0.95"].map(|s| cut(s, Whole::Ceil)), [10, 26, 36]);
        assert_eq!(count_of(Decimal::new(25, 2), 10, Whole::HalfUp), 3);
        // 0.2 × 120 is 24 exactly; in binary it would be 24.000000000000004.
        assert_eq!(count_of(Decimal::new(2, 1), 120, Whole::Ceil), 24);
    }
}
