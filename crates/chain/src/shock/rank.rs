//! Ranks by loss, with what is known of each figure.

/// One place of a ranking.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ranked {
    /// The firm, or the product from abroad.
    pub source: u32,
    /// Its loss, at least.
    pub loss: f64,
    /// By how much it can be larger.
    pub error: f64,
    /// From which place to which it can stand in the exact ranking, counted from 1.
    pub best: u32,
    /// See [`Self::best`].
    pub worst: u32,
}

/// Sources by their loss, largest first and equal ones by number; `error` says for each by how much its loss
/// can be larger. Best and worst places follow from both: only those stand before it for sure whose least
/// loss is above its largest.
pub fn by_loss(loss: &[f64], error: &[f64]) -> Vec<Ranked> {
    let sorted = |values: Vec<f64>| {
        let mut values = values;
        values.sort_by(f64::total_cmp);
        values
    };
    let least = sorted(loss.to_vec());
    let most = sorted(loss.iter().zip(error).map(|(l, e)| l + e).collect());
    let n = loss.len();
    let mut out: Vec<Ranked> = loss
        .iter()
        .zip(error)
        .enumerate()
        .map(|(source, (loss, error))| {
            let surely_above = n - least.partition_point(|l| *l <= loss + error);
            let surely_below = most.partition_point(|m| m < loss);
            Ranked {
                source: source as u32,
                loss: *loss,
                error: *error,
                best: surely_above as u32 + 1,
                worst: (n - surely_below) as u32,
            }
        })
        .collect();
    out.sort_by(|a, b| b.loss.total_cmp(&a.loss).then(a.source.cmp(&b.source)));
    out
}

/// How far two models rank the same: the correlation of ranks (Spearman 1904), equal values sharing the mean of
/// their ranks. None when fewer than two things are ranked or one side ranks all of them the same.
pub fn spearman(a: &[f64], b: &[f64]) -> Option<f64> {
    if a.len() != b.len() || a.len() < 2 {
        return None;
    }
    // Twice the rank is a whole number, so sums are exact and equal rankings give 1.
    let ranks = |values: &[f64]| -> Vec<f64> {
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        let rank = |v: &f64| sorted.partition_point(|s| s < v) + 1 + sorted.partition_point(|s| s <= v);
        values.iter().map(|v| rank(v) as f64 - (values.len() + 1) as f64).collect()
    };
    let (x, y) = (ranks(a), ranks(b));
    let dot = |p: &[f64], q: &[f64]| p.iter().zip(q).map(|(u, v)| u * v).sum::<f64>();
    let (of_x, of_y) = (dot(&x, &x), dot(&y, &y));
    (of_x > 0.0 && of_y > 0.0).then(|| dot(&x, &y) / (of_x.sqrt() * of_y.sqrt()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rankings_correlate_as_in_the_formula_of_differences_and_ties_share_ranks() {
        // Without ties: 1 - 6 sum d^2 / (n (n^2 - 1)).
        let (a, b) = ([1.0, 2.0, 3.0, 4.0, 5.0], [2.0, 1.0, 4.0, 3.0, 50.0]);
        assert!((spearman(&a, &b).unwrap() - (1.0 - 6.0 * 4.0 / 120.0)).abs() < 1e-15);
        assert!((spearman(&a, &a).unwrap() - 1.0).abs() < 1e-15);
        let turned: Vec<f64> = a.iter().map(|v| -v).collect();
        assert!((spearman(&a, &turned).unwrap() + 1.0).abs() < 1e-15);
        // Ranks 1, 2.5, 2.5, 4 beside 1, 2, 3, 4: 4.5 / sqrt(4.5 * 5).
        assert!((spearman(&[1.0, 2.0, 2.0, 3.0], &[1.0, 2.0, 3.0, 4.0]).unwrap() - 0.9f64.sqrt()).abs() < 1e-15);
        assert_eq!(spearman(&[1.0, 1.0], &[1.0, 2.0]), None);
        assert_eq!(spearman(&[1.0], &[1.0]), None);
    }

    #[test]
    fn a_place_is_sure_as_far_as_the_errors_allow() {
        let ranked = by_loss(&[0.1, 0.5, 0.49, 0.0], &[0.0, 0.0, 0.05, 0.0]);
        assert_eq!(ranked.iter().map(|r| r.source).collect::<Vec<_>>(), [1, 2, 0, 3]);
        assert_eq!(ranked.iter().map(|r| (r.best, r.worst)).collect::<Vec<_>>(), [(1, 2), (1, 2), (3, 3), (4, 4)]);
    }
}
