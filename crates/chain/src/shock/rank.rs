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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_sure_as_far_as_the_errors_allow() {
        let ranked = by_loss(&[0.1, 0.5, 0.49, 0.0], &[0.0, 0.0, 0.05, 0.0]);
        assert_eq!(ranked.iter().map(|r| r.source).collect::<Vec<_>>(), [1, 2, 0, 3]);
        assert_eq!(ranked.iter().map(|r| (r.best, r.worst)).collect::<Vec<_>>(), [(1, 2), (1, 2), (3, 3), (4, 4)]);
    }
}
