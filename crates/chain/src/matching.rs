//! Who could supply whom: hard requirements first, each with what was found; then points that add up to the
//! rank without a remainder; then, when several needs compete for the same suppliers, the assignment that
//! serves the most needs and among those has the most points.

use crate::fault::{Code, Fault, within};
use std::collections::BTreeMap;

/// What a need demands of one property.
#[derive(Clone, Debug, PartialEq)]
pub enum Demand {
    /// At least so much, in a unit.
    AtLeast(f64, String),
    /// At most so much, in a unit.
    AtMost(f64, String),
    /// That it is there: a certificate, a process.
    There,
}

/// What a supplier states of one property: a value and its unit, or that it is there.
#[derive(Clone, Debug, PartialEq)]
pub enum Stated {
    /// A value in a unit.
    Value(f64, String),
    /// Yes or no.
    There(bool),
}

/// The answer to one requirement.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    /// The property.
    pub property: String,
    /// What is demanded.
    pub demand: Demand,
    /// What was found; none: nothing stated.
    pub stated: Option<Stated>,
    /// Is it met? None when nothing is stated, or in another unit: units are converted where data come in.
    pub met: Option<bool>,
}

/// All requirements against all that a supplier states. A supplier passes when every one is met.
pub fn verdicts(need: &BTreeMap<String, Demand>, supplier: &BTreeMap<String, Stated>) -> Vec<Verdict> {
    need.iter()
        .map(|(property, demand)| {
            let stated = supplier.get(property).cloned();
            let met = match (demand, &stated) {
                (Demand::AtLeast(least, unit), Some(Stated::Value(value, of))) if unit == of => Some(value >= least),
                (Demand::AtMost(most, unit), Some(Stated::Value(value, of))) if unit == of => Some(value <= most),
                (Demand::There, Some(Stated::There(is))) => Some(*is),
                _ => None,
            };
            Verdict { property: property.clone(), demand: demand.clone(), stated, met }
        })
        .collect()
}

/// One summand of a rank.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    /// The criterion.
    pub criterion: String,
    /// How well it is met, 0 to 1.
    pub value: f64,
    /// The most points that it gives.
    pub weight: u32,
    /// The points that it gives, rounded to whole ones.
    pub points: u32,
}

/// A rank as the sum of its parts.
#[derive(Clone, Debug, PartialEq)]
pub struct Rank {
    /// The summands.
    pub parts: Vec<Part>,
    /// Their sum, exactly.
    pub points: u32,
}

/// Adds up criteria given as (name, value 0 to 1, most points). Points are whole, so the parts that a page
/// shows add up to the rank that it shows.
///
/// Faults: [`Code::Share`] for a value out of range, [`Code::Limit`] beyond 2^31 points.
pub fn rank(criteria: &[(&str, f64, u32)]) -> Result<Rank, Fault> {
    let mut out = Rank { parts: Vec::new(), points: 0 };
    for (criterion, value, weight) in criteria {
        within(Code::Share, criterion, "value", *value, 0.0, 1.0)?;
        let points = (value * f64::from(*weight)).round() as u32;
        out.points = match out.points.checked_add(points).filter(|sum| *sum < 1 << 31) {
            Some(sum) => sum,
            None => return Err(Fault::new(Code::Limit, *criterion, "too many points", "fewer than 2^31 in sum")),
        };
        out.parts.push(Part { criterion: (*criterion).to_owned(), value: *value, weight: *weight, points });
    }
    Ok(out)
}

/// An assignment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignment {
    /// For each need its supplier; none: not served.
    pub supplier: Vec<Option<usize>>,
    /// The sum of points.
    pub points: u64,
}

/// Assigns needs to suppliers: `points[need][supplier]`, none where the supplier may not serve the need, and for
/// each supplier how many needs it can take. Serves as many needs as can be served, and among such
/// assignments has the most points. By Kuhn's Hungarian method (1955) with potentials, in whole numbers; the same
/// input gives the same assignment.
///
/// Faults: [`Code::Ends`] when rows differ in length, [`Code::Limit`] for points of 2^31 or more.
pub fn assign(points: &[Vec<Option<u32>>], capacity: &[u32]) -> Result<Assignment, Fault> {
    let needs = points.len();
    for (need, row) in points.iter().enumerate() {
        if row.len() != capacity.len() {
            let found = format!("{} suppliers beside {} capacities", row.len(), capacity.len());
            return Err(Fault::new(Code::Ends, format!("need {need}"), found, "one figure for each supplier"));
        }
        if let Some(bad) = row.iter().flatten().find(|p| **p >= 1 << 31) {
            return Err(Fault::new(Code::Limit, format!("need {need}"), format!("{bad} points"), "fewer than 2^31"));
        }
    }
    // A column for each place that a supplier has, and one for each need that may stay without.
    let places = |(supplier, room): (usize, &u32)| std::iter::repeat_n(Some(supplier), (*room as usize).min(needs));
    let mut columns: Vec<Option<usize>> = capacity.iter().enumerate().flat_map(places).collect();
    columns.extend(std::iter::repeat_n(None, needs));
    // To go without costs more than all points together, and what is not allowed more than that.
    let without = (needs as i64 + 1) << 31;
    let cost = |need: usize, column: usize| match columns[column].map(|supplier| points[need][supplier]) {
        None => without,
        Some(Some(points)) => -i64::from(points),
        Some(None) => without * 4,
    };
    let holder = hungarian(needs, columns.len(), cost);
    let mut out = Assignment { supplier: vec![None; needs], points: 0 };
    for (column, need) in holder.iter().enumerate() {
        if let (Some(need), Some(supplier)) = (need, columns[column])
            && let Some(points) = points[*need][supplier]
        {
            out.supplier[*need] = Some(supplier);
            out.points += u64::from(points);
        }
    }
    Ok(out)
}

/// The cheapest assignment of all rows to different columns; for each column its row.
fn hungarian(rows: usize, columns: usize, cost: impl Fn(usize, usize) -> i64) -> Vec<Option<usize>> {
    let (mut of_row, mut of_column) = (vec![0i64; rows], vec![0i64; columns]);
    let mut holder: Vec<Option<usize>> = vec![None; columns];
    for start in 0..rows {
        let mut least = vec![i64::MAX; columns];
        let mut before: Vec<Option<usize>> = vec![None; columns];
        let mut done = vec![false; columns];
        let mut at: Option<usize> = None;
        let mut row = start;
        let last = loop {
            let (mut step, mut next) = (i64::MAX, None);
            for column in (0..columns).filter(|c| !done[*c]) {
                let reduced = cost(row, column) - of_row[row] - of_column[column];
                if reduced < least[column] {
                    (least[column], before[column]) = (reduced, at);
                }
                if least[column] < step {
                    (step, next) = (least[column], Some(column));
                }
            }
            // There are more columns than rows, so one is always left.
            let Some(next) = next else { return holder };
            of_row[start] += step;
            for column in 0..columns {
                match done[column] {
                    true => {
                        of_column[column] -= step;
                        if let Some(row) = holder[column] {
                            of_row[row] += step;
                        }
                    }
                    false => least[column] = least[column].saturating_sub(step),
                }
            }
            done[next] = true;
            at = Some(next);
            match holder[next] {
                None => break next,
                Some(held) => row = held,
            }
        };
        let mut column = last;
        while let Some(previous) = before[column] {
            holder[column] = holder[previous];
            column = previous;
        }
        holder[column] = Some(start);
    }
    holder
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw::Draw;

    /// Every assignment, one after the other.
    fn naive(points: &[Vec<Option<u32>>], room: &mut [u32], need: usize) -> (usize, u64) {
        if need == points.len() {
            return (0, 0);
        }
        let mut best = naive(points, room, need + 1);
        for supplier in 0..room.len() {
            if let (Some(value), true) = (points[need][supplier], room[supplier] > 0) {
                room[supplier] -= 1;
                let (count, sum) = naive(points, room, need + 1);
                best = best.max((count + 1, sum + u64::from(value)));
                room[supplier] += 1;
            }
        }
        best
    }

    #[test]
    fn the_assignment_serves_the_most_and_then_has_the_most_points() {
        for seed in 0..200 {
            let mut draw = Draw::new(seed);
            let (needs, suppliers) = (draw.below(6) as usize, draw.below(5) as usize);
            let mut capacity: Vec<u32> = (0..suppliers).map(|_| draw.below(3) as u32).collect();
            let points: Vec<Vec<Option<u32>>> = (0..needs)
                .map(|_| (0..suppliers).map(|_| (draw.below(3) > 0).then(|| draw.below(50) as u32)).collect())
                .collect();
            let found = assign(&points, &capacity).unwrap();
            let served = found.supplier.iter().flatten().count();
            assert_eq!((served, found.points), naive(&points, &mut capacity, 0), "{points:?} {capacity:?}");
            for (supplier, room) in capacity.iter().enumerate() {
                assert!(found.supplier.iter().filter(|s| **s == Some(supplier)).count() <= *room as usize);
            }
        }
        assert!(assign(&[vec![Some(1)]], &[]).is_err());
        assert!(assign(&[vec![Some(u32::MAX)]], &[1]).is_err());
    }

    #[test]
    fn parts_add_up_to_the_rank_and_unknown_is_not_met() {
        let found = rank(&[("fit", 0.333, 500), ("distance", 0.5, 301), ("history", 1.0, 200)]).unwrap();
        assert_eq!(found.points, found.parts.iter().map(|p| p.points).sum::<u32>());
        assert_eq!(found.points, 167 + 151 + 200);
        assert!(rank(&[("fit", 1.2, 500)]).is_err());
        let need = BTreeMap::from([
            ("tolerance".to_owned(), Demand::AtMost(5.0, "um".into())),
            ("length".to_owned(), Demand::AtLeast(800.0, "mm".into())),
            ("AS9100".to_owned(), Demand::There),
        ]);
        let supplier = BTreeMap::from([
            ("tolerance".to_owned(), Stated::Value(4.0, "um".into())),
            ("length".to_owned(), Stated::Value(1.2, "m".into())),
        ]);
        let met: Vec<_> = verdicts(&need, &supplier).into_iter().map(|v| (v.property, v.met)).collect();
        assert_eq!(met, [("AS9100".into(), None), ("length".into(), None), ("tolerance".into(), Some(true))]);
    }
}
