//! Clusters as the data show them, beside those that are declared: which industries belong together, where they
//! stand together, which places do the same, and where a place could differ.
//!
//! Industries are related by where they stand and by what they sell each other, and grouped by average linkage,
//! as the benchmark definitions of clusters do (Delgado, Porter, Stern 2016, "Defining clusters of related
//! industries"); what differs from that paper is said at [`relate`] and [`group`]. A cluster is a group in one
//! place, or in places side by side, that passes thresholds. Thresholds are arguments. A figure that is not known
//! makes a test neither passed nor failed.

use crate::csr::Csr;
use crate::fault::{Code, Fault, within};
use crate::measures::{hhi, location_quotient};
use crate::space::{Trade, density, proximity};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// What a firm or an aggregate does in one place and industry.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// The division.
    pub place: String,
    /// The industry, by code.
    pub industry: String,
    /// The firm; none for a row that stands for several.
    #[serde(default)]
    pub firm: Option<String>,
    /// Output in a year; none: not known.
    #[serde(default)]
    pub output: Option<f64>,
    /// People; none: not known.
    #[serde(default)]
    pub staff: Option<f64>,
}

/// Which figure of the rows counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// Output.
    Output,
    /// People.
    Staff,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    place: u32,
    industry: u32,
    firm: Option<u32>,
    amount: Option<f64>,
}

/// Rows in numbers: places, industries and firms by their place in sorted lists.
#[derive(Clone, Debug)]
pub struct Facts {
    places: Vec<String>,
    industries: Vec<String>,
    firms: Vec<String>,
    entries: Vec<Entry>,
    /// By place and then industry: what is known.
    cells: Vec<f64>,
    of_place: Vec<f64>,
    of_industry: Vec<f64>,
    whole: f64,
}

impl Facts {
    /// Checks rows. Their order makes no difference to any figure.
    ///
    /// Faults, all at once: [`Code::Text`] for an empty name, [`Code::Number`] for a figure below 0 or not a
    /// number, [`Code::Empty`] when nothing is above 0.
    pub fn new(rows: &[Row], measure: Measure) -> Result<Self, Vec<Fault>> {
        let mut faults = Vec::new();
        for (at, row) in rows.iter().enumerate() {
            let place = format!("row {at}");
            for (what, name) in
                [("place", Some(&row.place)), ("industry", Some(&row.industry)), ("firm", row.firm.as_ref())]
            {
                if name.is_some_and(|n| n.trim().is_empty()) {
                    faults.push(Fault::new(Code::Text, &place, format!("an empty {what}"), "a name is needed"));
                }
            }
            for (what, figure) in [("output", row.output), ("staff", row.staff)] {
                faults.extend(figure.and_then(|f| within(Code::Number, &place, what, f, 0.0, f64::MAX).err()));
            }
        }
        let names = |of: fn(&Row) -> Option<&String>| -> Vec<String> {
            rows.iter().filter_map(of).collect::<BTreeSet<_>>().into_iter().cloned().collect()
        };
        let (places, industries) = (names(|r| Some(&r.place)), names(|r| Some(&r.industry)));
        let firms = names(|r| r.firm.as_ref());
        let find = |list: &[String], name: &String| list.binary_search(name).unwrap_or(0) as u32;
        let mut entries: Vec<Entry> = rows
            .iter()
            .map(|r| Entry {
                place: find(&places, &r.place),
                industry: find(&industries, &r.industry),
                firm: r.firm.as_ref().map(|f| find(&firms, f)),
                amount: match measure {
                    Measure::Output => r.output,
                    Measure::Staff => r.staff,
                },
            })
            .collect();
        // By every part and then by size: sums of floats depend on their order.
        let size = |e: &Entry| e.amount.map_or(u64::MAX, f64::to_bits);
        entries.sort_by_key(|e| (e.place, e.industry, e.firm, size(e)));
        let mut cells = vec![0.0; places.len() * industries.len()];
        for entry in &entries {
            cells[entry.place as usize * industries.len() + entry.industry as usize] += entry.amount.unwrap_or(0.0);
        }
        let of_place: Vec<f64> = cells.chunks(industries.len().max(1)).map(|row| row.iter().sum()).collect();
        let column = |i: usize| cells.iter().skip(i).step_by(industries.len().max(1)).sum();
        let of_industry: Vec<f64> = (0..industries.len()).map(column).collect();
        let whole: f64 = of_place.iter().sum();
        if whole <= 0.0 && faults.is_empty() {
            faults.push(Fault::new(Code::Empty, "rows", "nothing above 0", "one figure above 0 is needed"));
        }
        match faults.is_empty() {
            true => Ok(Self { places, industries, firms, entries, cells, of_place, of_industry, whole }),
            false => Err(faults),
        }
    }

    /// Places, sorted.
    pub fn places(&self) -> &[String] {
        &self.places
    }

    /// Industries, sorted.
    pub fn industries(&self) -> &[String] {
        &self.industries
    }

    /// What is known of an industry in a place.
    pub fn amount(&self, place: usize, industry: usize) -> f64 {
        self.cells[place * self.industries.len() + industry]
    }

    /// How many rows have no figure; they count in no sum.
    pub fn unknown(&self) -> usize {
        self.entries.iter().filter(|e| e.amount.is_none()).count()
    }

    /// The values as the product space takes them.
    pub fn trade(&self) -> Result<Trade, Fault> {
        let of = |(at, value): (usize, &f64)| {
            ((at / self.industries.len()) as u32, (at % self.industries.len()) as u32, *value)
        };
        Trade::new(self.places.len(), self.industries.len(), &self.cells.iter().enumerate().map(of).collect::<Vec<_>>())
    }

    /// What is known of each group in a place.
    fn by_group(&self, place: usize, grouping: &Grouping) -> Vec<f64> {
        let mut out = vec![0.0; grouping.count];
        for (industry, group) in grouping.group_of.iter().enumerate() {
            out[*group as usize] += self.amount(place, industry);
        }
        out
    }

    fn place(&self, name: &str) -> Result<usize, Fault> {
        self.places.binary_search_by(|p| p.as_str().cmp(name)).map_err(|_| {
            Fault::new(Code::UnknownNode, "places", format!("place {name}"), "a place of the rows is allowed")
        })
    }
}

/// How far an industry crowds together more than its few large plants explain.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Crowding {
    /// (G - (1 - X) H) / ((1 - X) (1 - H)): 0 where plants choose as if at random, below 0 where they spread.
    pub gamma: f64,
    /// G: the sum of (share of the industry in a place - share of everything in it) squared.
    pub raw: f64,
    /// H: the sum of squared shares of plants in the industry.
    pub plants_hhi: f64,
    /// How many plants have a figure above 0.
    pub plants: usize,
}

/// The index of Ellison & Glaeser 1997 ("Geographic concentration in U.S. manufacturing industries: a dartboard
/// approach", equation 5) for each industry. A plant is a firm in a place. None where it is not defined: a single
/// plant, a single place, nothing known; and where plants are not known, because a row stands for several firms
/// or has no figure.
pub fn crowding(facts: &Facts) -> Result<Vec<Option<Crowding>>, Fault> {
    let spread: f64 = facts.of_place.iter().map(|p| (p / facts.whole) * (p / facts.whole)).sum();
    let mut plants: Vec<Option<BTreeMap<(u32, u32), f64>>> = vec![Some(BTreeMap::new()); facts.industries.len()];
    for entry in &facts.entries {
        let of = &mut plants[entry.industry as usize];
        match (entry.firm, entry.amount, of.as_mut()) {
            (Some(firm), Some(amount), Some(known)) => *known.entry((entry.place, firm)).or_default() += amount,
            _ => *of = None,
        }
    }
    let one = |(industry, plants): (usize, Option<BTreeMap<(u32, u32), f64>>)| {
        let Some(plants) = plants else { return Ok(None) };
        let Some(known) = hhi(&plants.into_values().collect::<Vec<_>>())? else { return Ok(None) };
        let raw: f64 = (0..facts.places.len())
            .map(|p| facts.amount(p, industry) / facts.of_industry[industry] - facts.of_place[p] / facts.whole)
            .map(|d| d * d)
            .sum();
        let room = (1.0 - spread) * (1.0 - known.hhi);
        // With one plant or one place both sides vanish: nothing is said of how plants choose.
        let defined = known.suppliers > 1 && facts.of_place.iter().filter(|p| **p > 0.0).count() > 1;
        Ok(defined.then(|| Crowding {
            gamma: (raw - (1.0 - spread) * known.hhi) / room,
            raw,
            plants_hhi: known.hhi,
            plants: known.suppliers,
        }))
    };
    plants.into_iter().enumerate().map(one).collect()
}

/// What one industry sells another one in a year.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Flow {
    /// Who sells, by code.
    pub from: String,
    /// Who buys.
    pub to: String,
    /// Value; not below 0.
    pub amount: f64,
}

/// How two kinds of relatedness are mixed.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mix {
    /// Comparative advantage from which on an industry counts as present in a place.
    pub present: f64,
    /// The weight of standing in the same places; not below 0.
    pub colocation: f64,
    /// The weight of selling to each other; not below 0, and not both 0.
    pub flows: f64,
}

/// Whole units of similarity: sums of whole numbers do not depend on their order, so ties are ties.
const UNIT: f64 = (1u64 << 30) as f64;

/// How near industries are to each other.
#[derive(Clone, Debug, PartialEq)]
pub struct Related {
    size: usize,
    colocation: Vec<Option<f64>>,
    flows: Vec<Option<f64>>,
    /// In 2^-30; 0 where nothing is known.
    mixed: Vec<u64>,
    /// Is anything known of an industry?
    known: Vec<bool>,
}

impl Related {
    /// How many industries there are.
    pub fn size(&self) -> usize {
        self.size
    }

    /// Nearness of two industries by the places where they stand, and by what they sell each other, 0 to 1;
    /// none where it is not known.
    pub fn parts(&self, a: usize, b: usize) -> (Option<f64>, Option<f64>) {
        (self.colocation[a * self.size + b], self.flows[a * self.size + b])
    }

    /// Both mixed; 0 where nothing is known.
    pub fn of(&self, a: usize, b: usize) -> f64 {
        self.mixed[a * self.size + b] as f64 / UNIT
    }

    /// Industries of which nothing is known; they stay alone.
    pub fn alone(&self) -> Vec<usize> {
        (0..self.size).filter(|at| !self.known[*at]).collect()
    }

    /// From similarities, 0 to 1, by row and column.
    ///
    /// Faults: [`Code::Ends`] when they are not square or differ across the diagonal, [`Code::Share`].
    pub fn from_matrix(size: usize, values: &[f64]) -> Result<Self, Fault> {
        if values.len() != size * size {
            let found = format!("{} values", values.len());
            return Err(Fault::new(Code::Ends, "similarities", found, format!("{} are needed", size * size)));
        }
        for (at, value) in values.iter().enumerate() {
            let (a, b) = (at / size, at % size);
            within(Code::Share, &format!("similarity of {a} and {b}"), "value", *value, 0.0, 1.0)?;
            if *value != values[b * size + a] {
                let found = format!("{value} and {}", values[b * size + a]);
                return Err(Fault::new(
                    Code::Ends,
                    format!("similarity of {a} and {b}"),
                    found,
                    "one value is allowed",
                ));
            }
        }
        let mixed = values.iter().map(|v| (v * UNIT) as u64).collect();
        let all: Vec<Option<f64>> = values.iter().copied().map(Some).collect();
        Ok(Self { size, flows: vec![None; all.len()], colocation: all, mixed, known: vec![true; size] })
    }
}

/// Relates industries by where they stand (proximity as in [`crate::space`]) and by what they sell each other:
/// the largest of the four shares that one's sales to the other have in either's sales and purchases (Ellison,
/// Glaeser, Kerr 2010). Where one of both is not known the other one counts alone.
///
/// Delgado, Porter, Stern 2016 standardise their measures before they average them. Here both are shares and
/// stay what they are, so that the relatedness of two industries does not change with what a third one does.
///
/// Faults: [`Code::Number`] for weights or amounts below 0, and [`Code::Empty`] for two weights of 0. Flows of
/// industries that are not in the rows count in the totals of those that are.
pub fn relate(facts: &Facts, flows: &[Flow], mix: Mix) -> Result<Related, Fault> {
    for (what, weight) in [("weight of colocation", mix.colocation), ("weight of flows", mix.flows)] {
        within(Code::Number, "relatedness", what, weight, 0.0, f64::MAX)?;
    }
    if mix.colocation + mix.flows <= 0.0 {
        return Err(Fault::new(Code::Empty, "relatedness", "weights of 0", "one weight above 0 is needed"));
    }
    let size = facts.industries.len();
    let mut colocation = vec![None; size * size];
    let (kept, _, numbers) = facts.trade()?.present(mix.present).without_empty();
    if !numbers.is_empty() {
        let near = proximity(&kept)?;
        for (a, of_a) in numbers.iter().enumerate() {
            for (b, of_b) in numbers.iter().enumerate() {
                colocation[*of_a as usize * size + *of_b as usize] = Some(near.of(a)[b]);
            }
        }
    }
    let linked = link(facts, flows)?;
    let mut mixed = vec![0; size * size];
    let mut known = vec![false; size];
    for (at, cell) in mixed.iter_mut().enumerate() {
        let parts = [(colocation[at], mix.colocation), (linked[at], mix.flows)];
        let (sum, weight) = parts.iter().fold((0.0, 0.0), |(sum, whole), (part, weight)| match part {
            Some(value) => (sum + value * weight, whole + weight),
            None => (sum, whole),
        });
        if weight > 0.0 {
            *cell = (sum / weight * UNIT) as u64;
            known[at / size] = true;
        }
    }
    Ok(Related { size, colocation, flows: linked, mixed, known })
}

/// The largest of the four shares for each pair; none where an industry neither sells nor buys anything here.
fn link(facts: &Facts, flows: &[Flow]) -> Result<Vec<Option<f64>>, Fault> {
    let size = facts.industries.len();
    let number: HashMap<&str, usize> = facts.industries.iter().enumerate().map(|(at, i)| (i.as_str(), at)).collect();
    let (mut sales, mut buys) = (vec![0.0; size], vec![0.0; size]);
    let mut between = vec![0.0; size * size];
    let mut sorted: Vec<&Flow> = flows.iter().collect();
    sorted.sort_by(|a, b| (&a.from, &a.to).cmp(&(&b.from, &b.to)).then(a.amount.total_cmp(&b.amount)));
    for flow in sorted {
        within(Code::Number, &format!("flow {} -> {}", flow.from, flow.to), "amount", flow.amount, 0.0, f64::MAX)?;
        let ends = (number.get(flow.from.as_str()), number.get(flow.to.as_str()));
        ends.0.iter().for_each(|from| sales[**from] += flow.amount);
        ends.1.iter().for_each(|to| buys[**to] += flow.amount);
        if let (Some(from), Some(to)) = ends {
            between[from * size + to] += flow.amount;
        }
    }
    let share = |part: f64, whole: f64| if whole > 0.0 { part / whole } else { 0.0 };
    let mut out = vec![None; size * size];
    for a in 0..size {
        for b in 0..size {
            if sales[a] + buys[a] <= 0.0 || sales[b] + buys[b] <= 0.0 {
                continue;
            }
            let (there, back) = (between[a * size + b], between[b * size + a]);
            let shares = [share(there, sales[a]), share(there, buys[b]), share(back, sales[b]), share(back, buys[a])];
            // An industry is as near to itself as can be, whatever it sells itself.
            out[a * size + b] = Some(if a == b { 1.0 } else { shares.iter().fold(0.0, |m: f64, s| m.max(*s)) });
        }
    }
    Ok(out)
}

/// One step of grouping: two groups, each by its first industry, become one.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Merge {
    /// The first industry of the one, and from now on of both.
    pub a: usize,
    /// The first industry of the other.
    pub b: usize,
    /// Their mean similarity, 0 to 1.
    pub similarity: f64,
    /// How many industries they have together.
    pub size: usize,
}

/// Average linkage (Sokal & Michener 1958) in the form of Lance & Williams 1967: the two groups with the largest
/// mean similarity become one, until nothing similar is left. Means are compared as fractions of whole numbers,
/// so equal ones are equal, and then the pair with the lowest numbers goes first.
///
/// Delgado, Porter, Stern 2016 find average linkage among the algorithms that give the best sets, and then move
/// single industries by hand; here nothing is moved, so that anybody gets the same groups from the same rows.
pub fn group(related: &Related) -> Vec<Merge> {
    let n = related.size;
    let mut sums = related.mixed.clone();
    let mut size = vec![1u64; n];
    let mut there = vec![true; n];
    // Of each row the best partner with a higher number; rows are searched again when it is gone.
    let more = |sum: u64, sizes: u64, than: u64, of: u64| {
        u128::from(sum) * u128::from(of) > u128::from(than) * u128::from(sizes)
    };
    let best = |row: usize, sums: &[u64], size: &[u64], there: &[bool]| {
        let mut best: Option<usize> = None;
        for other in (row + 1..n).filter(|o| there[*o]) {
            let better = best.is_none_or(|b| more(sums[row * n + other], size[other], sums[row * n + b], size[b]));
            if better && sums[row * n + other] > 0 {
                best = Some(other);
            }
        }
        best
    };
    let mut partner: Vec<Option<usize>> = (0..n).map(|row| best(row, &sums, &size, &there)).collect();
    let mut out = Vec::new();
    loop {
        let mut top: Option<(usize, usize)> = None;
        for a in (0..n).filter(|a| there[*a]) {
            let Some(b) = partner[a] else { continue };
            let better =
                top.is_none_or(|(c, d)| more(sums[a * n + b], size[a] * size[b], sums[c * n + d], size[c] * size[d]));
            if better {
                top = Some((a, b));
            }
        }
        let Some((a, b)) = top else { return out };
        let mean = sums[a * n + b] as f64 / (size[a] * size[b]) as f64 / UNIT;
        there[b] = false;
        for other in (0..n).filter(|o| there[*o] && *o != a) {
            sums[a * n + other] += sums[b * n + other];
            sums[other * n + a] = sums[a * n + other];
        }
        size[a] += size[b];
        out.push(Merge { a, b, similarity: mean, size: size[a] as usize });
        // Rows that pointed to either, and rows for which the larger group may now be better or worse.
        for row in (0..n).filter(|r| there[*r]) {
            if row == a || partner[row] == Some(b) || partner[row] == Some(a) {
                partner[row] = best(row, &sums, &size, &there);
            } else if row < a && sums[row * n + a] > 0 {
                let now = partner[row];
                let wins = now.is_none_or(|p| {
                    more(sums[row * n + a], size[a], sums[row * n + p], size[p])
                        || a < p && !more(sums[row * n + p], size[p], sums[row * n + a], size[a])
                });
                partner[row] = if wins { Some(a) } else { now };
            }
        }
    }
}

/// Which industry is in which group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grouping {
    /// By industry; groups are numbered by their first industry.
    pub group_of: Vec<u32>,
    /// How many groups there are.
    pub count: usize,
}

impl Grouping {
    /// Groups from any labels, one for each industry.
    pub fn of<T: Ord>(labels: &[T]) -> Self {
        let mut number: BTreeMap<&T, u32> = BTreeMap::new();
        let mut next = 0;
        let group_of = labels.iter().map(|label| {
            *number.entry(label).or_insert_with(|| {
                next += 1;
                next - 1
            })
        });
        let group_of: Vec<u32> = group_of.collect();
        Self { group_of, count: next as usize }
    }

    /// Industries of a group, ascending.
    pub fn members(&self, group: usize) -> Vec<usize> {
        (0..self.group_of.len()).filter(|i| self.group_of[*i] as usize == group).collect()
    }
}

/// The groups that are left when only steps of at least this similarity are taken. Mean similarity never rises
/// from step to step under average linkage, so the steps taken are the first ones.
pub fn cut(size: usize, merges: &[Merge], similarity: f64) -> Grouping {
    let mut first: Vec<usize> = (0..size).collect();
    for merge in merges.iter().take_while(|m| m.similarity >= similarity) {
        first[merge.b] = merge.a;
    }
    // A group's first industry is lower than all others, so going up once in order is enough.
    for at in 0..size {
        first[at] = first[first[at]];
    }
    Grouping::of(&first)
}

/// How well groups fit what industries are near to.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fit {
    /// Industries in groups of two or more.
    pub grouped: usize,
    /// Of these how many are on average nearer to their own group than to every other one (the validation of
    /// industries in Delgado, Porter, Stern 2016).
    pub nearer: usize,
    /// Groups of two or more.
    pub groups: usize,
    /// Mean similarity within groups, over pairs.
    pub inside: Option<f64>,
    /// Mean similarity between groups, over pairs.
    pub between: Option<f64>,
}

/// Measures groups.
///
/// Faults: [`Code::Ends`] when they are of other industries.
pub fn fit(related: &Related, grouping: &Grouping) -> Result<Fit, Fault> {
    let n = related.size;
    if grouping.group_of.len() != n {
        let found = format!("{} industries beside {n}", grouping.group_of.len());
        return Err(Fault::new(Code::Ends, "groups", found, "groups of the same industries are allowed"));
    }
    let mut sizes = vec![0u64; grouping.count];
    grouping.group_of.iter().for_each(|g| sizes[*g as usize] += 1);
    let (mut grouped, mut nearer) = (0, 0);
    let (mut inside, mut between) = ((0u64, 0u64), (0u64, 0u64));
    for a in 0..n {
        let own = grouping.group_of[a] as usize;
        let mut sums = vec![0u64; grouping.count];
        for b in (0..n).filter(|b| *b != a) {
            let other = grouping.group_of[b] as usize;
            sums[other] += related.mixed[a * n + b];
            let total = if other == own { &mut inside } else { &mut between };
            *total = (total.0 + related.mixed[a * n + b], total.1 + 1);
        }
        if sizes[own] < 2 {
            continue;
        }
        grouped += 1;
        let wins = (0..grouping.count)
            .filter(|g| *g != own)
            .all(|g| u128::from(sums[own]) * u128::from(sizes[g]) > u128::from(sums[g]) * u128::from(sizes[own] - 1));
        nearer += usize::from(wins);
    }
    let mean = |(sum, pairs): (u64, u64)| (pairs > 0).then(|| sum as f64 / pairs as f64 / UNIT);
    let groups = sizes.iter().filter(|s| **s > 1).count();
    Ok(Fit { grouped, nearer, groups, inside: mean(inside), between: mean(between) })
}

/// From where on a group in a place counts as a cluster.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Thresholds {
    /// Location quotient, at least.
    pub quotient: f64,
    /// The place's part of the group in all places, at least.
    pub share: f64,
    /// Firms, at least.
    pub firms: usize,
    /// Amount, at least.
    pub amount: f64,
}

/// A group in a place, with what each test says; none: cannot be said.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cell {
    /// The place.
    pub place: usize,
    /// The group.
    pub group: usize,
    /// What is known of it.
    pub amount: f64,
    /// Its location quotient.
    pub quotient: Option<f64>,
    /// The place's part of the group.
    pub share: Option<f64>,
    /// Firms with a name.
    pub firms: usize,
    /// Rows that have no figure or stand for several firms.
    pub open_rows: usize,
    /// Quotient, share, firms, amount.
    pub tests: [Option<bool>; 4],
}

impl Cell {
    /// Passed, failed, or none when no test fails and one cannot be said.
    pub fn passes(&self) -> Option<bool> {
        match (self.tests.contains(&Some(false)), self.tests.contains(&None)) {
            (true, _) => Some(false),
            (false, true) => None,
            (false, false) => Some(true),
        }
    }
}

/// A cluster.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cluster {
    /// The group.
    pub group: usize,
    /// Places, ascending, each beside another one of them.
    pub places: Vec<usize>,
    /// What is known of it.
    pub amount: f64,
    /// The location quotient of all its places together.
    pub quotient: Option<f64>,
    /// Its part of the group in all places.
    pub share: Option<f64>,
    /// Its firms: each in one cluster of a group only, the one where it is largest.
    pub firms: Vec<String>,
    /// Firms that have a plant here and are counted in another cluster of the group.
    pub counted_elsewhere: Vec<String>,
    /// Industries with their amounts, largest first.
    pub industries: Vec<(usize, f64)>,
    /// The sum of squared shares of its industries: 1 where one industry is all.
    pub clarity: Option<f64>,
}

/// Clusters and what could be some.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Found {
    /// Largest first within each group.
    pub clusters: Vec<Cluster>,
    /// Groups in places that fail no test but for which one cannot be said.
    pub open: Vec<Cell>,
    /// Every group in every place where it is at all.
    pub cells: Vec<Cell>,
}

/// Finds clusters: groups in places that pass every test, joined over places side by side.
///
/// Faults: [`Code::Number`] and [`Code::Share`] for thresholds out of range, [`Code::UnknownNode`] for a
/// neighbour that is no place of the rows, [`Code::Ends`] for groups of other industries.
pub fn find(
    facts: &Facts,
    grouping: &Grouping,
    thresholds: Thresholds,
    neighbours: &[(String, String)],
) -> Result<Found, Fault> {
    within(Code::Number, "thresholds", "quotient", thresholds.quotient, 0.0, f64::MAX)?;
    within(Code::Share, "thresholds", "share", thresholds.share, 0.0, 1.0)?;
    within(Code::Number, "thresholds", "amount", thresholds.amount, 0.0, f64::MAX)?;
    same_industries(facts, grouping)?;
    let mut sides = Vec::new();
    for (a, b) in neighbours {
        sides.push((facts.place(a)?, facts.place(b)?));
    }
    let groups = grouping.count;
    let mut of_group = vec![0.0; groups];
    (0..facts.industries.len()).for_each(|i| of_group[grouping.group_of[i] as usize] += facts.of_industry[i]);
    let mut firms: BTreeMap<(usize, usize), BTreeMap<u32, f64>> = BTreeMap::new();
    let mut open_rows: BTreeMap<(usize, usize), (usize, usize)> = BTreeMap::new();
    for entry in &facts.entries {
        let key = (entry.place as usize, grouping.group_of[entry.industry as usize] as usize);
        let open = open_rows.entry(key).or_default();
        open.0 += usize::from(entry.firm.is_none());
        open.1 += usize::from(entry.amount.is_none());
        if let Some(firm) = entry.firm {
            *firms.entry(key).or_default().entry(firm).or_default() += entry.amount.unwrap_or(0.0);
        }
    }
    let mut out = Found::default();
    let mut passed = vec![false; facts.places.len() * groups];
    for place in 0..facts.places.len() {
        let amounts = facts.by_group(place, grouping);
        for (group, amount) in amounts.iter().copied().enumerate() {
            let Some((nameless, figureless)) = open_rows.get(&(place, group)).copied() else { continue };
            let quotient = quotient(amount, facts.of_place[place], of_group[group], facts.whole)?;
            let share = (of_group[group] > 0.0).then(|| amount / of_group[group]);
            let count = firms.get(&(place, group)).map_or(0, BTreeMap::len);
            // What is not known can only add: a lower bound that is enough is enough.
            let at_least = |enough: bool, complete: bool| (enough || complete).then_some(enough);
            let tests = [
                quotient.filter(|_| figureless == 0).map(|q| q >= thresholds.quotient),
                share.filter(|_| figureless == 0).map(|s| s >= thresholds.share),
                at_least(count >= thresholds.firms, nameless == 0),
                at_least(amount >= thresholds.amount, figureless == 0),
            ];
            let open_rows = nameless.max(figureless);
            let cell = Cell { place, group, amount, quotient, share, firms: count, open_rows, tests };
            passed[place * groups + group] = cell.passes() == Some(true);
            if cell.passes().is_none() {
                out.open.push(cell.clone());
            }
            out.cells.push(cell);
        }
    }
    for group in 0..groups {
        let inside = |p: usize| passed[p * groups + group];
        let joined: Vec<(u32, u32)> =
            sides.iter().filter(|(a, b)| inside(*a) && inside(*b)).map(|(a, b)| (*a as u32, *b as u32)).collect();
        let (part, _) = Csr::undirected(facts.places.len(), &joined)?.parts();
        let mut places_of: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
        (0..facts.places.len()).filter(|p| inside(*p)).for_each(|p| places_of.entry(part[p]).or_default().push(p));
        let mut clusters = Vec::new();
        let mut plants: Vec<BTreeMap<u32, f64>> = Vec::new();
        for places in places_of.into_values() {
            clusters.push(cluster(facts, grouping, group, of_group[group], places.clone())?);
            let mut mine: BTreeMap<u32, f64> = BTreeMap::new();
            for (firm, amount) in places.iter().filter_map(|p| firms.get(&(*p, group))).flatten() {
                *mine.entry(*firm).or_default() += amount;
            }
            plants.push(mine);
        }
        // The same firm is not counted in two clusters of one group.
        let mut home: BTreeMap<u32, (usize, f64)> = BTreeMap::new();
        for (at, mine) in plants.iter().enumerate() {
            for (firm, amount) in mine {
                let known = home.entry(*firm).or_insert((at, *amount));
                if *amount > known.1 {
                    *known = (at, *amount);
                }
            }
        }
        for (at, mine) in plants.iter().enumerate() {
            for firm in mine.keys() {
                let name = facts.firms[*firm as usize].clone();
                match home[firm].0 == at {
                    true => clusters[at].firms.push(name),
                    false => clusters[at].counted_elsewhere.push(name),
                }
            }
        }
        clusters.sort_by(|a, b| b.amount.total_cmp(&a.amount).then(a.places.cmp(&b.places)));
        out.clusters.extend(clusters);
    }
    Ok(out)
}

fn cluster(
    facts: &Facts,
    grouping: &Grouping,
    group: usize,
    of_group: f64,
    places: Vec<usize>,
) -> Result<Cluster, Fault> {
    let mut industries: Vec<(usize, f64)> = grouping
        .members(group)
        .into_iter()
        .map(|i| (i, places.iter().map(|p| facts.amount(*p, i)).sum::<f64>()))
        .filter(|(_, amount)| *amount > 0.0)
        .collect();
    industries.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    let amount: f64 = industries.iter().map(|(_, a)| a).sum();
    let here: f64 = places.iter().map(|p| facts.of_place[*p]).sum();
    let clarity = hhi(&industries.iter().map(|(_, a)| *a).collect::<Vec<_>>())?.map(|c| c.hhi);
    Ok(Cluster {
        group,
        amount,
        quotient: quotient(amount, here, of_group, facts.whole)?,
        share: (of_group > 0.0).then(|| amount / of_group),
        places,
        firms: Vec::new(),
        counted_elsewhere: Vec::new(),
        industries,
        clarity,
    })
}

/// The location quotient; sums in different orders may leave a part larger than its whole by the rounding.
fn quotient(part: f64, place: f64, group: f64, whole: f64) -> Result<Option<f64>, Fault> {
    let (place, group) = (place.min(whole), group.min(whole));
    location_quotient(part.min(place).min(group), place, group, whole)
}

fn same_industries(facts: &Facts, grouping: &Grouping) -> Result<(), Fault> {
    let fine = grouping.group_of.len() == facts.industries.len()
        && grouping.group_of.iter().all(|g| (*g as usize) < grouping.count);
    match fine {
        true => Ok(()),
        false => {
            let found = format!("{} industries beside {}", grouping.group_of.len(), facts.industries.len());
            Err(Fault::new(Code::Ends, "groups", found, "groups of the same industries are allowed"))
        }
    }
}

/// How much two places do the same: the cosine of their amounts by group, 0 to 1; none when one has nothing.
pub fn cosine(a: &[f64], b: &[f64]) -> Option<f64> {
    let dot = |x: &[f64], y: &[f64]| x.iter().zip(y).map(|(p, q)| p * q).sum::<f64>();
    let length = (dot(a, a) * dot(b, b)).sqrt();
    (length > 0.0).then(|| (dot(a, b) / length).min(1.0))
}

/// Two places that do the same.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Overlap {
    /// The one, lower number.
    pub a: usize,
    /// The other.
    pub b: usize,
    /// Cosine; none when one has nothing.
    pub cosine: Option<f64>,
    /// What each group adds to it, largest first; they add up to it.
    pub parts: Vec<(usize, f64)>,
}

/// Every pair of places, by number.
pub fn overlaps(facts: &Facts, grouping: &Grouping) -> Result<Vec<Overlap>, Fault> {
    same_industries(facts, grouping)?;
    let rows: Vec<Vec<f64>> = (0..facts.places.len()).map(|p| facts.by_group(p, grouping)).collect();
    let mut out = Vec::new();
    for a in 0..rows.len() {
        for b in a + 1..rows.len() {
            let all = cosine(&rows[a], &rows[b]);
            let dot: f64 = rows[a].iter().zip(&rows[b]).map(|(x, y)| x * y).sum();
            let part = |g: usize| all.filter(|_| dot > 0.0).map_or(0.0, |c| c * (rows[a][g] * rows[b][g] / dot));
            let mut parts: Vec<(usize, f64)> =
                (0..grouping.count).map(|g| (g, part(g))).filter(|(_, p)| *p > 0.0).collect();
            parts.sort_by(|x, y| y.1.total_cmp(&x.1).then(x.0.cmp(&y.0)));
            out.push(Overlap { a, b, cosine: all, parts });
        }
    }
    Ok(out)
}

/// What counts as a niche for a place.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NicheRules {
    /// Comparative advantage from which on an industry counts as present.
    pub present: f64,
    /// The place is specialised in a group from this location quotient on.
    pub specialised: f64,
    /// A group is near from this density on.
    pub near: f64,
    /// The step that is tried: this part of all that the place does is added to the group.
    pub step: f64,
}

/// A group in which a place could differ from others, with the figures that say so.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Niche {
    /// The group.
    pub group: usize,
    /// The place's location quotient in it.
    pub quotient: Option<f64>,
    /// How near it is to what the place has: mean density of its industries (Hidalgo et al. 2007); none where
    /// the product space says nothing of them.
    pub density: Option<f64>,
    /// Mean cosine with all other places now.
    pub overlap_now: f64,
    /// The same after the step.
    pub overlap_then: f64,
    /// How many other places are specialised in it.
    pub rivals: usize,
}

impl Niche {
    /// What the step does to the overlap with others; below 0: the place becomes more unlike them.
    pub fn change(&self) -> f64 {
        self.overlap_then - self.overlap_now
    }
}

/// Groups in which a place is specialised or to which it is near, those first whose growth makes the place
/// most unlike others. Every group is tried by the same step and the overlap with all others is computed anew.
///
/// Faults: [`Code::UnknownNode`] for the place, [`Code::Number`] for a step that is not above 0, and
/// [`Code::Empty`] when the place has nothing or stands alone.
pub fn niches(facts: &Facts, grouping: &Grouping, place: &str, rules: NicheRules) -> Result<Vec<Niche>, Fault> {
    same_industries(facts, grouping)?;
    within(Code::Number, "niches", "step", rules.step, f64::MIN_POSITIVE, f64::MAX)?;
    let here = facts.place(place)?;
    let rows: Vec<Vec<f64>> = (0..facts.places.len()).map(|p| facts.by_group(p, grouping)).collect();
    let others: Vec<&Vec<f64>> =
        (0..rows.len()).filter(|p| *p != here && facts.of_place[*p] > 0.0).map(|p| &rows[p]).collect();
    if facts.of_place[here] <= 0.0 || others.is_empty() {
        let found = "nothing to compare";
        return Err(Fault::new(Code::Empty, format!("place {place}"), found, "figures of it and of others are needed"));
    }
    let mean = |row: &[f64]| others.iter().filter_map(|o| cosine(row, o)).sum::<f64>() / others.len() as f64;
    let (kept, places, industries) = facts.trade()?.present(rules.present).without_empty();
    let mut dense = vec![None; facts.industries.len()];
    if let Ok(row) = places.binary_search(&(here as u32)) {
        let all = density(&kept, &proximity(&kept)?)?;
        for (at, industry) in industries.iter().enumerate() {
            dense[*industry as usize] = Some(all[row * industries.len() + at]);
        }
    }
    let mut of_group = vec![0.0; grouping.count];
    (0..facts.industries.len()).for_each(|i| of_group[grouping.group_of[i] as usize] += facts.of_industry[i]);
    let now = mean(&rows[here]);
    let mut out = Vec::new();
    for group in 0..grouping.count {
        let of = |p: usize| quotient(rows[p][group], facts.of_place[p], of_group[group], facts.whole);
        let mine = of(here)?;
        let known: Vec<f64> = grouping.members(group).into_iter().filter_map(|i| dense[i]).collect();
        let near = (!known.is_empty()).then(|| known.iter().sum::<f64>() / known.len() as f64);
        if mine.is_none_or(|q| q < rules.specialised) && near.is_none_or(|d| d < rules.near) {
            continue;
        }
        let mut grown = rows[here].clone();
        grown[group] += rules.step * facts.of_place[here];
        let mut rivals = 0;
        for other in (0..rows.len()).filter(|p| *p != here) {
            rivals += usize::from(of(other)?.is_some_and(|q| q >= rules.specialised));
        }
        out.push(Niche { group, quotient: mine, density: near, overlap_now: now, overlap_then: mean(&grown), rivals });
    }
    out.sort_by(|a, b| a.overlap_then.total_cmp(&b.overlap_then).then(a.group.cmp(&b.group)));
    Ok(out)
}

/// How much the members of a cluster buy from each other.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Linkage {
    /// What members buy from members.
    pub inside: f64,
    /// What members buy from others.
    pub outside: f64,
    /// Inside over both; none when members buy nothing that is known.
    pub share: Option<f64>,
    /// Pairs of members of which one buys from the other, over all ordered pairs; none below two members.
    pub pairs: Option<f64>,
}

/// Linkage among members from supplies (supplier, buyer, amount).
///
/// Faults: [`Code::Number`] for an amount below 0, [`Code::Duplicate`] for a member twice.
pub fn linkage(members: &[String], supplies: &[(String, String, f64)]) -> Result<Linkage, Fault> {
    let inside: BTreeSet<&str> = members.iter().map(String::as_str).collect();
    if inside.len() < members.len() {
        let found = format!("{} names for {} members", inside.len(), members.len());
        return Err(Fault::new(Code::Duplicate, "members", found, "each member once is allowed"));
    }
    let mut sorted: Vec<_> = supplies.iter().filter(|(_, buyer, _)| inside.contains(buyer.as_str())).collect();
    sorted.sort_by(|a, b| (&a.0, &a.1).cmp(&(&b.0, &b.1)).then(a.2.total_cmp(&b.2)));
    let (mut within_it, mut from_others) = (0.0, 0.0);
    let mut pairs = BTreeSet::new();
    for (supplier, buyer, amount) in sorted {
        within(Code::Number, &format!("supply {supplier} -> {buyer}"), "amount", *amount, 0.0, f64::MAX)?;
        match inside.contains(supplier.as_str()) {
            true => {
                within_it += amount;
                if supplier != buyer && *amount > 0.0 {
                    pairs.insert((supplier, buyer));
                }
            }
            false => from_others += amount,
        }
    }
    let all = within_it + from_others;
    let n = members.len();
    Ok(Linkage {
        inside: within_it,
        outside: from_others,
        share: (all > 0.0).then(|| within_it / all),
        pairs: (n > 1).then(|| pairs.len() as f64 / (n * (n - 1)) as f64),
    })
}

/// What of a declared name comes out of the data.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Match {
    /// The declared name.
    pub name: String,
    /// Its industries that are in the rows.
    pub industries: usize,
    /// The found group that is most like it.
    pub group: usize,
    /// Industries in both.
    pub both: usize,
    /// Both over the group.
    pub precision: f64,
    /// Both over the declared name.
    pub recall: f64,
    /// Both over either.
    pub jaccard: f64,
}

/// Found groups beside declared names.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// By name.
    pub names: Vec<Match>,
    /// How far both partitions of the industries with a name agree: 1 for the same, 0 as by chance (Hubert &
    /// Arabie 1985); none where chance leaves no room.
    pub adjusted_rand: Option<f64>,
    /// Industries of the rows without a declared name.
    pub unnamed: usize,
    /// Declared industries that are not in the rows.
    pub absent: Vec<String>,
}

/// Compares groups with names declared for industries. Each name is compared with the whole of each group.
pub fn compare(facts: &Facts, grouping: &Grouping, declared: &BTreeMap<String, String>) -> Result<Comparison, Fault> {
    same_industries(facts, grouping)?;
    let mut of_name: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    let mut absent = Vec::new();
    for (industry, name) in declared {
        match facts.industries.binary_search(industry) {
            Ok(at) => of_name.entry(name).or_default().push(at),
            Err(_) => absent.push(industry.clone()),
        }
    }
    let mut sizes = vec![0usize; grouping.count];
    grouping.group_of.iter().for_each(|g| sizes[*g as usize] += 1);
    let one = |(name, industries): (&&str, &Vec<usize>)| {
        let mut both = vec![0usize; grouping.count];
        industries.iter().for_each(|i| both[grouping.group_of[*i] as usize] += 1);
        let jaccard = |g: usize| both[g] as f64 / (sizes[g] + industries.len() - both[g]) as f64;
        let best = (0..grouping.count).reduce(|a, b| if jaccard(b) > jaccard(a) { b } else { a }).unwrap_or(0);
        Match {
            name: (*name).to_owned(),
            industries: industries.len(),
            group: best,
            both: both[best],
            precision: both[best] as f64 / sizes[best] as f64,
            recall: both[best] as f64 / industries.len() as f64,
            jaccard: jaccard(best),
        }
    };
    let names = of_name.iter().map(one).collect();
    let pairs: Vec<(&str, u32)> =
        of_name.iter().flat_map(|(name, list)| list.iter().map(|i| (*name, grouping.group_of[*i]))).collect();
    let labels = |of: fn(&(&str, u32)) -> String| Grouping::of(&pairs.iter().map(of).collect::<Vec<_>>());
    let (a, b) = (labels(|p| p.0.to_owned()), labels(|p| p.1.to_string()));
    Ok(Comparison {
        names,
        adjusted_rand: adjusted_rand(&a, &b)?,
        unnamed: facts.industries.len() - pairs.len(),
        absent,
    })
}

/// The adjusted Rand index of two partitions (Hubert & Arabie 1985, "Comparing partitions", equation 5): 1 for the
/// same, 0 on average for drawn ones. None where its denominator is 0: fewer than two things, or both partitions
/// all in one or all apart.
///
/// Faults: [`Code::Ends`] for partitions of different things.
pub fn adjusted_rand(a: &Grouping, b: &Grouping) -> Result<Option<f64>, Fault> {
    if a.group_of.len() != b.group_of.len() {
        let found = format!("{} things beside {}", a.group_of.len(), b.group_of.len());
        return Err(Fault::new(Code::Ends, "partitions", found, "two partitions of the same things are allowed"));
    }
    let mut both: BTreeMap<(u32, u32), u64> = BTreeMap::new();
    let (mut of_a, mut of_b) = (vec![0u64; a.count], vec![0u64; b.count]);
    for (x, y) in a.group_of.iter().zip(&b.group_of) {
        *both.entry((*x, *y)).or_default() += 1;
        of_a[*x as usize] += 1;
        of_b[*y as usize] += 1;
    }
    let pairs = |n: u64| (n * n.saturating_sub(1) / 2) as f64;
    let sum = |sizes: &[u64]| sizes.iter().map(|n| pairs(*n)).sum::<f64>();
    let (together, in_a, in_b) = (both.values().map(|n| pairs(*n)).sum::<f64>(), sum(&of_a), sum(&of_b));
    let all = pairs(a.group_of.len() as u64);
    if all == 0.0 {
        return Ok(None);
    }
    let expected = in_a * in_b / all;
    let room = (in_a + in_b) / 2.0 - expected;
    Ok((room != 0.0).then(|| (together - expected) / room))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw::Draw;
    use proptest::prelude::*;

    fn row(place: &str, industry: &str, firm: &str, output: f64) -> Row {
        let firm = (!firm.is_empty()).then(|| firm.to_owned());
        Row { place: place.into(), industry: industry.into(), firm, output: Some(output), staff: None }
    }

    /// Firms in places and industries: industries of one kind like the same places.
    fn drawn(places: u64, kinds: u64, per_kind: u64, firms: u64, seed: u64) -> (Vec<Row>, Vec<u64>) {
        let mut draw = Draw::new(seed);
        let mut rows = Vec::new();
        for firm in 0..firms {
            let kind = draw.below(kinds);
            let industry = kind * per_kind + draw.below(per_kind);
            let home = if draw.unit() < 0.85 { (kind * 3 + draw.below(2)) % places } else { draw.below(places) };
            rows.push(row(
                &format!("p{home:02}"),
                &format!("i{industry:03}"),
                &format!("f{firm:05}"),
                1.0 + 9.0 * draw.unit(),
            ));
        }
        // One small firm everywhere, so that all industries and places are there.
        for at in 0..(kinds * per_kind) {
            rows.push(row(&format!("p{:02}", at % places), &format!("i{at:03}"), &format!("s{at}"), 0.01));
        }
        (rows, (0..kinds * per_kind).map(|i| i / per_kind).collect())
    }

    #[test]
    fn crowding_agrees_with_the_definition_written_out() {
        for seed in 0..20 {
            let (rows, _) = drawn(7, 3, 4, 120, seed);
            let facts = Facts::new(&rows, Measure::Output).unwrap();
            let found = crowding(&facts).unwrap();
            let sum = |f: &dyn Fn(&Row) -> bool| rows.iter().filter(|r| f(r)).filter_map(|r| r.output).sum::<f64>();
            let whole = sum(&|_| true);
            for (at, industry) in facts.industries().iter().enumerate() {
                let all = sum(&|r| r.industry == *industry);
                let (mut g, mut x2) = (0.0, 0.0);
                for place in facts.places() {
                    let x = sum(&|r| r.place == *place) / whole;
                    let s = sum(&|r| r.place == *place && r.industry == *industry) / all;
                    g += (s - x) * (s - x);
                    x2 += x * x;
                }
                let h: f64 =
                    rows.iter().filter(|r| r.industry == *industry).map(|r| (r.output.unwrap() / all).powi(2)).sum();
                let gamma = (g - (1.0 - x2) * h) / ((1.0 - x2) * (1.0 - h));
                match found[at] {
                    Some(c) => assert!((c.gamma - gamma).abs() < 1e-12 && (c.plants_hhi - h).abs() < 1e-12),
                    None => assert_eq!(rows.iter().filter(|r| r.industry == *industry).count(), 1),
                }
            }
        }
    }

    #[test]
    fn plants_that_choose_at_random_crowd_by_nothing_on_average() {
        // The property that gives the index its meaning: E[gamma] = 0 under random choice, large plants or small.
        let (mut sum, mut count) = (0.0, 0);
        for seed in 0..400 {
            let mut draw = Draw::new(seed);
            let mut rows = Vec::new();
            for industry in 0..6 {
                for plant in 0..15 {
                    let size = (6.0 * draw.unit()).exp2();
                    let place = [0, 0, 0, 1, 1, 2, 3, 4][draw.below(8) as usize];
                    rows.push(row(
                        &format!("p{place}"),
                        &format!("i{industry}"),
                        &format!("f{industry}-{plant}"),
                        size,
                    ));
                }
            }
            // A large rest fixes the shares of places, which the index takes as given.
            for (place, share) in [3.0, 2.0, 1.0, 1.0, 1.0].iter().enumerate() {
                (0..50)
                    .for_each(|k| rows.push(row(&format!("p{place}"), "rest", &format!("r{place}-{k}"), share * 1e5)));
            }
            let facts = Facts::new(&rows, Measure::Output).unwrap();
            for gamma in crowding(&facts).unwrap()[..6].iter().flatten().map(|c| c.gamma) {
                sum += gamma;
                count += 1;
            }
        }
        assert!((sum / f64::from(count)).abs() < 0.006, "{}", sum / f64::from(count));
    }

    #[test]
    fn crowding_is_none_where_it_is_not_defined() {
        let one_plant = [row("a", "x", "f", 5.0), row("b", "y", "g", 5.0), row("b", "y", "h", 5.0)];
        let found = crowding(&Facts::new(&one_plant, Measure::Output).unwrap()).unwrap();
        assert!(found[0].is_none() && found[1].is_some());
        let one_place = [row("a", "x", "f", 5.0), row("a", "x", "g", 5.0)];
        assert_eq!(crowding(&Facts::new(&one_place, Measure::Output).unwrap()).unwrap(), [None]);
        let nameless = [row("a", "x", "", 5.0), row("b", "x", "g", 5.0)];
        assert_eq!(crowding(&Facts::new(&nameless, Measure::Output).unwrap()).unwrap(), [None]);
        // Two rows of one firm in one place are one plant.
        let split =
            [row("a", "x", "f", 2.0), row("a", "x", "f", 3.0), row("b", "x", "g", 5.0), row("b", "y", "h", 3.0)];
        assert_eq!(crowding(&Facts::new(&split, Measure::Output).unwrap()).unwrap()[0].unwrap().plants, 2);
    }

    /// Average linkage from its definition: means over all pairs of members, computed anew in each step.
    fn naive(values: &[f64], n: usize) -> Vec<Merge> {
        let mut groups: Vec<Vec<usize>> = (0..n).map(|i| vec![i]).collect();
        let mut out = Vec::new();
        loop {
            let mut best: Option<(f64, usize, usize)> = None;
            for a in 0..groups.len() {
                for b in a + 1..groups.len() {
                    let sum: f64 =
                        groups[a].iter().flat_map(|x| groups[b].iter().map(move |y| values[x * n + y])).sum();
                    let mean = sum / (groups[a].len() * groups[b].len()) as f64;
                    if mean > 0.0 && best.is_none_or(|(m, ..)| mean > m) {
                        best = Some((mean, a, b));
                    }
                }
            }
            let Some((similarity, a, b)) = best else { return out };
            let gone = groups.remove(b);
            out.push(Merge { a: groups[a][0], b: gone[0], similarity, size: groups[a].len() + gone.len() });
            groups[a].extend(gone);
        }
    }

    #[test]
    fn groups_agree_with_average_linkage_written_out_also_where_values_tie() {
        for seed in 0..60 {
            let mut draw = Draw::new(seed);
            let n = 4 + draw.below(22) as usize;
            // Multiples of 1/8 tie often and are exact in both computations' units.
            let coarse = seed % 2 == 0;
            let mut values = vec![0.0; n * n];
            for a in 0..n {
                values[a * n + a] = 1.0;
                for b in a + 1..n {
                    let v = if coarse { draw.below(9) as f64 / 8.0 } else { draw.unit() };
                    (values[a * n + b], values[b * n + a]) = (v, v);
                }
            }
            let related = Related::from_matrix(n, &values).unwrap();
            let (found, want) = (group(&related), naive(&values, n));
            assert_eq!(found.len(), want.len());
            for (f, w) in found.iter().zip(&want) {
                // With multiples of 1/8 the naive means may differ by rounding where fractions are equal; a pair
                // taken in the other order must then have the same mean.
                assert!((f.similarity - w.similarity).abs() < 1e-8, "{seed}: {f:?} {w:?}");
                if !coarse {
                    assert_eq!((f.a, f.b, f.size), (w.a, w.b, w.size));
                }
            }
            assert!(found.windows(2).all(|m| m[0].similarity >= m[1].similarity));
        }
    }

    #[test]
    fn a_cut_takes_the_first_steps_and_ties_go_by_number() {
        let mut values = vec![0.5; 16];
        (0..4).for_each(|i| values[i * 5] = 1.0);
        let related = Related::from_matrix(4, &values).unwrap();
        let merges = group(&related);
        assert_eq!(merges.iter().map(|m| (m.a, m.b)).collect::<Vec<_>>(), [(0, 1), (0, 2), (0, 3)]);
        assert_eq!(cut(4, &merges, 0.5).group_of, [0, 0, 0, 0]);
        assert_eq!(cut(4, &merges, 0.6).group_of, [0, 1, 2, 3]);
        assert!(Related::from_matrix(2, &[1.0, 0.2, 0.3, 1.0]).is_err());
        assert!(Related::from_matrix(2, &[1.0, 1.2, 1.2, 1.0]).is_err());
    }

    #[test]
    fn industries_that_like_the_same_places_come_out_as_the_groups_they_were_drawn_from() {
        let (rows, truth) = drawn(16, 5, 8, 4000, 3);
        let facts = Facts::new(&rows, Measure::Output).unwrap();
        let mix = Mix { present: 1.0, colocation: 1.0, flows: 0.0 };
        let related = relate(&facts, &[], mix).unwrap();
        let found = cut(40, &group(&related), 0.4);
        assert_eq!(adjusted_rand(&found, &Grouping::of(&truth)).unwrap(), Some(1.0));
        let fit = fit(&related, &found).unwrap();
        assert_eq!((fit.grouped, fit.nearer, fit.groups), (40, 40, 5));
        assert!(fit.inside > fit.between);
        // Drawn labels fit no better than chance.
        let mixed_up: Vec<u64> = (0..40).map(|i| i * 7 % 5).collect();
        assert!(super::fit(&related, &Grouping::of(&mixed_up)).unwrap().nearer < 10);
        let declared =
            facts.industries().iter().zip(&truth).map(|(i, t)| (i.clone(), format!("declared {t}"))).collect();
        let comparison = compare(&facts, &found, &declared).unwrap();
        assert!(comparison.names.iter().all(|m| m.jaccard == 1.0) && comparison.unnamed == 0);
    }

    #[test]
    fn what_industries_sell_each_other_relates_them_by_the_largest_of_four_shares() {
        let rows = [row("a", "x", "f", 1.0), row("b", "y", "g", 1.0), row("c", "z", "h", 1.0), row("a", "w", "k", 1.0)];
        let facts = Facts::new(&rows, Measure::Output).unwrap();
        let flow = |from: &str, to: &str, amount| Flow { from: from.into(), to: to.into(), amount };
        let flows = [flow("x", "y", 30.0), flow("x", "z", 10.0), flow("z", "y", 20.0), flow("elsewhere", "y", 50.0)];
        let related = relate(&facts, &flows, Mix { present: 1.0, colocation: 0.0, flows: 1.0 }).unwrap();
        // w x y z: x -> y is 30 of x's 40 sales and of y's 100 purchases.
        assert_eq!(related.parts(1, 2).1, Some(0.75));
        assert_eq!(related.parts(2, 1).1, Some(0.75));
        // z -> y is all that z sells; x -> z is all that z buys.
        assert_eq!((related.parts(3, 2).1, related.parts(1, 3).1), (Some(1.0), Some(1.0)));
        // Of w nothing is known: not near and not far.
        assert_eq!((related.parts(0, 1).1, related.alone()), (None, vec![0]));
        let both = relate(&facts, &flows, Mix { present: 1.0, colocation: 1.0, flows: 1.0 }).unwrap();
        assert_eq!(both.of(0, 1), 1.0, "w and x stand in the same place, and of flows nothing is known");
        assert!((both.of(1, 2) - 0.375).abs() < 1e-8);
        assert_eq!(
            relate(&facts, &flows, Mix { present: 1.0, colocation: 0.0, flows: 0.0 }).unwrap_err().code,
            Code::Empty
        );
        assert!(relate(&facts, &[flow("x", "y", -1.0)], Mix { present: 1.0, colocation: 0.0, flows: 1.0 }).is_err());
    }

    fn thresholds() -> Thresholds {
        Thresholds { quotient: 1.5, share: 0.1, firms: 2, amount: 10.0 }
    }

    #[test]
    fn clusters_are_joined_over_places_side_by_side_and_a_firm_counts_once() {
        let rows = [
            row("a", "tractor", "f1", 30.0),
            row("a", "tractor", "f2", 20.0),
            row("b", "harvester", "f1", 5.0),
            row("b", "harvester", "f3", 25.0),
            row("d", "tractor", "f1", 12.0),
            row("d", "tractor", "f4", 11.0),
            row("c", "beer", "g", 200.0),
            row("c", "tractor", "f5", 1.0),
        ];
        let facts = Facts::new(&rows, Measure::Output).unwrap();
        let grouping = Grouping::of(&["beer", "machine", "machine"]);
        let side = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        let found = find(&facts, &grouping, thresholds(), &[side("a", "b"), side("b", "c"), side("c", "d")]).unwrap();
        let machine: Vec<_> = found.clusters.iter().filter(|c| c.group == 1).collect();
        assert_eq!(machine.iter().map(|c| c.places.clone()).collect::<Vec<_>>(), [vec![0, 1], vec![3]]);
        assert_eq!(machine[0].firms, ["f1", "f2", "f3"]);
        assert_eq!(
            (&machine[1].firms[..], &machine[1].counted_elsewhere[..]),
            (&["f4".to_owned()][..], &["f1".to_owned()][..])
        );
        assert_eq!((machine[0].amount, machine[0].share), (80.0, Some(80.0 / 104.0)));
        assert!((machine[0].quotient.unwrap() - (80.0 / 80.0) / (104.0 / 304.0)).abs() < 1e-12);
        assert_eq!(machine[0].industries, [(2, 50.0), (1, 30.0)]);
        assert!((machine[0].clarity.unwrap() - (0.625f64.powi(2) + 0.375f64.powi(2))).abs() < 1e-12);
        // Beer has one firm only.
        assert!(found.clusters.iter().all(|c| c.group == 1));
        assert!(found.cells.iter().any(|c| c.group == 0 && c.passes() == Some(false)));
        let apart = find(&facts, &grouping, thresholds(), &[]).unwrap();
        assert_eq!(apart.clusters.len(), 3);
        assert_eq!(find(&facts, &grouping, thresholds(), &[side("a", "q")]).unwrap_err().code, Code::UnknownNode);
    }

    #[test]
    fn a_figure_that_is_not_known_leaves_a_test_open() {
        let mut rows = vec![row("a", "x", "f", 50.0), row("b", "x", "g", 5.0), row("b", "y", "h", 50.0)];
        rows.push(row("a", "x", "", 10.0));
        let facts = Facts::new(&rows, Measure::Output).unwrap();
        let grouping = Grouping::of(&[0, 1]);
        let found = find(&facts, &grouping, thresholds(), &[]).unwrap();
        // One named firm where two are needed, and a row that stands for several.
        assert_eq!(
            found.open.iter().map(|c| (c.place, c.group, c.tests)).collect::<Vec<_>>(),
            [(0, 0, [Some(true), Some(true), None, Some(true)])]
        );
        assert!(found.clusters.is_empty());
        rows[3].firm = Some("k".into());
        rows[3].output = None;
        let facts = Facts::new(&rows, Measure::Output).unwrap();
        assert_eq!(facts.unknown(), 1);
        let found = find(&facts, &grouping, thresholds(), &[]).unwrap();
        assert_eq!(found.open[0].tests, [None, None, Some(true), Some(true)]);
    }

    #[test]
    fn overlap_adds_up_by_group_and_a_niche_lowers_it() {
        let rows = [
            row("a", "x", "1", 50.0),
            row("a", "y", "2", 40.0),
            row("a", "z", "3", 10.0),
            row("b", "x", "4", 60.0),
            row("b", "y", "5", 40.0),
            row("c", "x", "6", 70.0),
            row("c", "y", "7", 20.0),
            row("c", "w", "8", 10.0),
        ];
        let facts = Facts::new(&rows, Measure::Output).unwrap();
        let grouping = Grouping::of(&[0, 1, 2, 3]);
        let pairs = overlaps(&facts, &grouping).unwrap();
        let ab = &pairs[0];
        let want = (50.0 * 60.0 + 40.0 * 40.0) / ((2500.0f64 + 1600.0 + 100.0).sqrt() * (3600.0f64 + 1600.0).sqrt());
        assert!((ab.cosine.unwrap() - want).abs() < 1e-12);
        assert!((ab.parts.iter().map(|p| p.1).sum::<f64>() - want).abs() < 1e-12);
        assert_eq!(ab.parts[0].0, 1);
        let rules = NicheRules { present: 1.0, specialised: 1.0, near: 2.0, step: 0.1 };
        let list = niches(&facts, &grouping, "a", rules).unwrap();
        // a is specialised in y and z (industries w x y z); growing z makes it more unlike the others.
        assert_eq!(list.iter().map(|n| n.group).collect::<Vec<_>>(), [3, 2]);
        assert!(list[0].change() < 0.0 && list[0].overlap_then < list[1].overlap_then);
        assert_eq!(list[0].rivals, 0);
        // The arithmetic by hand: 10 of 100 more of z.
        let cos = |v: [f64; 4], w: [f64; 4]| cosine(&v, &w).unwrap();
        let then = (cos([0.0, 50.0, 40.0, 20.0], [0.0, 60.0, 40.0, 0.0])
            + cos([0.0, 50.0, 40.0, 20.0], [10.0, 70.0, 20.0, 0.0]))
            / 2.0;
        assert!((list[0].overlap_then - then).abs() < 1e-15);
        assert_eq!(niches(&facts, &grouping, "q", rules).unwrap_err().code, Code::UnknownNode);
        // What is near counts as well.
        let near = niches(&facts, &grouping, "a", NicheRules { near: 0.0, ..rules }).unwrap();
        assert_eq!(near.len(), 4);
    }

    #[test]
    fn linkage_is_what_members_buy_from_members() {
        let names = |list: &[&str]| -> Vec<String> { list.iter().map(|n| (*n).to_owned()).collect() };
        let supply = |a: &str, b: &str, amount| (a.to_owned(), b.to_owned(), amount);
        let supplies =
            [supply("f", "g", 30.0), supply("f", "g", 10.0), supply("x", "g", 60.0), supply("g", "x", 500.0)];
        let found = linkage(&names(&["f", "g", "h"]), &supplies).unwrap();
        assert_eq!(found, Linkage { inside: 40.0, outside: 60.0, share: Some(0.4), pairs: Some(1.0 / 6.0) });
        assert_eq!(linkage(&names(&["h"]), &supplies).unwrap().share, None);
        assert!(linkage(&names(&["h", "h"]), &supplies).is_err());
    }

    #[test]
    fn the_adjusted_rand_index_agrees_with_counting_pairs() {
        for seed in 0..40 {
            let mut draw = Draw::new(seed);
            let n = 2 + draw.below(30) as usize;
            let labels = |draw: &mut Draw| Grouping::of(&(0..n).map(|_| draw.below(4)).collect::<Vec<_>>());
            let (a, b) = (labels(&mut draw), labels(&mut draw));
            // The pair-counting form: 2 (ad - bc) / ((a + b)(b + d) + (a + c)(c + d)).
            let (mut both, mut only_a, mut only_b, mut none) = (0.0, 0.0, 0.0, 0.0);
            for i in 0..n {
                for j in i + 1..n {
                    match (a.group_of[i] == a.group_of[j], b.group_of[i] == b.group_of[j]) {
                        (true, true) => both += 1.0,
                        (true, false) => only_a += 1.0,
                        (false, true) => only_b += 1.0,
                        (false, false) => none += 1.0,
                    }
                }
            }
            let below: f64 = (both + only_a) * (only_a + none) + (both + only_b) * (only_b + none);
            match adjusted_rand(&a, &b).unwrap() {
                Some(found) => assert!((found - 2.0 * (both * none - only_a * only_b) / below).abs() < 1e-12),
                None => assert_eq!(below, 0.0),
            }
        }
        let one = Grouping::of(&[0, 0, 0]);
        assert_eq!(adjusted_rand(&one, &one).unwrap(), None);
        let two = Grouping::of(&[0, 1, 1]);
        assert_eq!(adjusted_rand(&two, &two).unwrap(), Some(1.0));
        assert!(adjusted_rand(&one, &Grouping::of(&[0])).is_err());
    }

    #[test]
    fn bad_rows_are_named() {
        let mut rows = vec![row("a", "x", "f", -1.0), row(" ", "x", "f", 1.0)];
        rows[1].staff = Some(f64::NAN);
        let faults = Facts::new(&rows, Measure::Output).unwrap_err();
        assert_eq!(faults.iter().map(|f| f.code).collect::<Vec<_>>(), [Code::Number, Code::Text, Code::Number]);
        assert_eq!(faults[0].to_string(), "row 0: output -1 found; output of 0 or more is allowed");
        assert_eq!(Facts::new(&rows[..0], Measure::Output).unwrap_err()[0].code, Code::Empty);
    }

    proptest! {
        #[test]
        fn the_order_of_rows_changes_nothing_and_every_row_counts(seed in 0u64..2000) {
            let (rows, _) = drawn(6, 3, 3, 60, seed);
            let mut turned = rows.clone();
            turned.reverse();
            let run = |rows: &[Row]| {
                let facts = Facts::new(rows, Measure::Output).unwrap();
                let related = relate(&facts, &[], Mix { present: 1.0, colocation: 1.0, flows: 1.0 }).unwrap();
                let groups = cut(related.size(), &group(&related), 0.4);
                let found = find(&facts, &groups, thresholds(), &[("p00".into(), "p01".into())]).unwrap();
                (crowding(&facts).unwrap(), groups, found)
            };
            let all = run(&rows);
            prop_assert_eq!(&all, &run(&turned));
            let sum: f64 = all.2.cells.iter().map(|c| c.amount).sum();
            let want: f64 = rows.iter().filter_map(|r| r.output).sum();
            prop_assert!((sum - want).abs() < 1e-9 * want);
            // No place stands in two clusters of one group, and each cluster passes as a whole in size.
            for cluster in &all.2.clusters {
                let again = all.2.clusters.iter().filter(|c| c.group == cluster.group && c.places.iter().any(|p| cluster.places.contains(p)));
                prop_assert_eq!(again.count(), 1);
            }
        }
    }
}
