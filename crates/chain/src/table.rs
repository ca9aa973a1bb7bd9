//! A published input-output table as the network that the shock models take: each sector is one firm that makes
//! one product. So a chain can be tested on figures of a statistical office where no supplies between firms are
//! known, and the models beside results that are known in closed form.
//!
//! What a table says and a network of firms cannot hold as it is, is stated and listed, never dropped: what a
//! sector uses of itself, and what comes from abroad alone.

use crate::fault::{Code, Fault, within};
use crate::shock::{Firm, Import, InputRule, Link, Network};
use serde::Serialize;
use std::collections::BTreeMap;

/// A sector.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Sector {
    /// Its code in the table.
    pub id: String,
    /// What people call it.
    pub name: Option<String>,
    /// Output in a year.
    pub output: f64,
    /// Imports of its product in a year; none: the cells hold what is made here only.
    pub imports: Option<f64>,
    /// Uses outside the square: consumption, investment, stocks, exports. Stocks may fall, so it may be below 0.
    pub final_use: Option<f64>,
    /// What it pays for besides inputs from the square: value added and taxes on products.
    pub value_added: Option<f64>,
}

/// How exactly totals must add up.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Exactness {
    /// By which part of the larger side they may differ.
    pub relative: f64,
    /// By how much they may differ in any case, for the rounding of published cells.
    pub absolute: f64,
}

/// A square table: who sells to whom in a year, in one unit.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    sectors: Vec<Sector>,
    /// By seller and then buyer.
    cells: Vec<f64>,
}

/// The column or row of a file that is no sector.
const NAME: &str = "name";
const OUTPUT: &str = "output";
const IMPORTS: &str = "imports";
const FINAL: &str = "final";
const VALUE_ADDED: &str = "value_added";

impl Table {
    /// Checks a table given by sectors and cells, by seller and then buyer.
    ///
    /// Faults, all at once: [`Code::Ends`] when it is not square; [`Code::Duplicate`] for a sector twice;
    /// [`Code::Number`] for a cell, output or imports below 0 or not a number; [`Code::Share`] for totals that do
    /// not add up: uses of a row beside output and imports, and inputs and value added of a column beside output.
    /// Where final use or value added is not given, what is known must not be more than its whole.
    pub fn new(sectors: Vec<Sector>, cells: Vec<f64>, exactness: Exactness) -> Result<Self, Vec<Fault>> {
        let n = sectors.len();
        if n == 0 || cells.len() != n * n {
            let (found, allowed) = (format!("{} cells for {n} sectors", cells.len()), format!("{} are needed", n * n));
            return Err(vec![Fault::new(Code::Ends, "table", found, allowed)]);
        }
        let mut faults = Vec::new();
        let mut seen = BTreeMap::new();
        for (at, sector) in sectors.iter().enumerate() {
            if let Some(first) = seen.insert(&sector.id, at) {
                let found = format!("the sector as number {first} and {at}");
                faults.push(Fault::new(
                    Code::Duplicate,
                    format!("sector {}", sector.id),
                    found,
                    "each once is allowed",
                ));
            }
            let place = format!("sector {}", sector.id);
            faults.extend(within(Code::Number, &place, OUTPUT, sector.output, 0.0, f64::MAX).err());
            faults.extend(sector.imports.and_then(|i| within(Code::Number, &place, IMPORTS, i, 0.0, f64::MAX).err()));
            for (what, figure) in [(FINAL, sector.final_use), (VALUE_ADDED, sector.value_added)] {
                faults.extend(figure.and_then(|f| within(Code::Number, &place, what, f, f64::MIN, f64::MAX).err()));
            }
        }
        for (at, cell) in cells.iter().enumerate() {
            let place = format!("row {}, column {}", sectors[at / n].id, sectors[at % n].id);
            faults.extend(within(Code::Number, &place, "amount", *cell, 0.0, f64::MAX).err());
        }
        if faults.is_empty() {
            for (at, sector) in sectors.iter().enumerate() {
                let row: f64 = cells[at * n..(at + 1) * n].iter().sum();
                let column: f64 = cells.iter().skip(at).step_by(n).sum();
                let made = sector.output + sector.imports.unwrap_or(0.0);
                let place = format!("row {}", sector.id);
                faults.extend(total(&place, "uses", row, sector.final_use, "output and imports", made, exactness));
                let place = format!("column {}", sector.id);
                faults.extend(total(&place, "costs", column, sector.value_added, "output", sector.output, exactness));
            }
        }
        match faults.is_empty() {
            true => Ok(Self { sectors, cells }),
            false => Err(faults),
        }
    }

    /// Reads CSV: the head names `sector`, the sectors, and of `name`, `final`, `imports` and `output` those that
    /// there are, of which `output` is needed; each line is a sector that sells, in any order. A line
    /// `value_added` may give that of each sector.
    ///
    /// Faults, all at once: [`Code::Text`] for cells that are no numbers, columns and lines that are not known or
    /// are missing, and those of [`Self::new`]. An empty cell is a fault and not 0.
    pub fn read(text: &str, exactness: Exactness) -> Result<Self, Vec<Fault>> {
        let mut faults = Vec::new();
        let mut reader =
            csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text.trim_start_matches('\u{feff}').as_bytes());
        let heads: Vec<String> = match reader.headers() {
            Ok(heads) => heads.iter().map(str::to_owned).collect(),
            Err(e) => return Err(vec![Fault::new(Code::Text, "table line 1", e.to_string(), "a CSV text is allowed")]),
        };
        let mut lines: BTreeMap<String, (u64, Vec<String>)> = BTreeMap::new();
        for record in reader.records() {
            match record {
                Err(e) => {
                    faults.push(Fault::new(Code::Text, "table", e.to_string(), "as many cells as heads are allowed"))
                }
                Ok(record) => {
                    let line = record.position().map_or(0, csv::Position::line);
                    let id = record.get(0).unwrap_or("").to_owned();
                    let cells = record.iter().map(str::to_owned).collect();
                    if let Some((first, _)) = lines.insert(id.clone(), (line, cells)) {
                        let found = format!("line {id:?} also in line {first}");
                        faults.push(Fault::new(
                            Code::Duplicate,
                            format!("table line {line}"),
                            found,
                            "each sector once is allowed",
                        ));
                    }
                }
            }
        }
        let special = [NAME, OUTPUT, IMPORTS, FINAL];
        let ids: Vec<&String> = heads.iter().skip(1).filter(|h| !special.contains(&h.as_str())).collect();
        for pair in ids.iter().enumerate().filter(|(at, id)| ids[..*at].contains(id)) {
            faults.push(Fault::new(
                Code::Duplicate,
                "table line 1",
                format!("column {:?} twice", pair.1),
                "each once is allowed",
            ));
        }
        for (id, (line, _)) in lines.iter().filter(|(id, _)| *id != VALUE_ADDED && !ids.contains(id)) {
            let allowed = "a sector that is also a column, or value_added, is allowed";
            faults.push(Fault::new(Code::Text, format!("table line {line}"), format!("sector {id:?}"), allowed));
        }
        for id in ids.iter().filter(|id| !lines.contains_key(**id)) {
            let allowed = "a line for each sector is needed";
            faults.push(Fault::new(Code::Text, "table", format!("column {id:?} without a line"), allowed));
        }
        let column = |name: &str| heads.iter().position(|h| h == name);
        if column(OUTPUT).is_none() {
            let allowed = "the column output is needed";
            faults.push(Fault::new(Code::Text, "table line 1", "no column output", allowed));
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        let mut figure = |id: &str, name: &str| -> Option<f64> {
            let (line, cells) = lines.get(id)?;
            let text = &cells[column(name)?];
            let found = || {
                Fault::new(Code::Text, format!("table line {line}, {name}"), format!("{text:?}"), "a number is allowed")
            };
            let value = text.parse::<f64>().ok().filter(|v| v.is_finite());
            if value.is_none() {
                faults.push(found());
            }
            Some(value.unwrap_or(0.0))
        };
        let mut sectors = Vec::new();
        let mut cells = Vec::new();
        for id in &ids {
            cells.extend(ids.iter().map(|buyer| figure(id, buyer).unwrap_or(0.0)));
            let name = column(NAME).and_then(|at| lines.get(*id).map(|(_, cells)| cells[at].clone()));
            sectors.push(Sector {
                id: (*id).clone(),
                name: name.filter(|n| !n.is_empty()),
                output: figure(id, OUTPUT).unwrap_or(0.0),
                imports: figure(id, IMPORTS),
                final_use: figure(id, FINAL),
                value_added: figure(VALUE_ADDED, id),
            });
        }
        match faults.is_empty() {
            true => Self::new(sectors, cells, exactness),
            false => Err(faults),
        }
    }

    /// Sectors, in the order of the table.
    pub fn sectors(&self) -> &[Sector] {
        &self.sectors
    }

    /// What one sells another one in a year, as published.
    pub fn cell(&self, seller: usize, buyer: usize) -> f64 {
        self.cells[seller * self.sectors.len() + buyer]
    }

    /// The number of a sector by its code.
    pub fn find(&self, id: &str) -> Result<usize, Fault> {
        self.sectors.iter().position(|s| s.id == id).ok_or_else(|| {
            let ids = self.sectors.iter().map(|s| s.id.as_str()).collect::<Vec<_>>().join(", ");
            Fault::new(Code::UnknownNode, "table", format!("sector {id}"), format!("{ids} are allowed"))
        })
    }

    /// The part of a product that is made here: every use is taken to have the same part from abroad, as
    /// published tables assume where imports are not known cell by cell. None where there is none of it.
    pub fn made_here(&self, sector: usize) -> Option<f64> {
        let of = &self.sectors[sector];
        let all = of.output + of.imports.unwrap_or(0.0);
        (all > 0.0).then(|| of.output / all)
    }

    /// The share of an input in all inputs from the square that a sector buys; 0 where it buys nothing.
    pub fn input_share(&self, seller: usize, buyer: usize) -> f64 {
        let n = self.sectors.len();
        let all: f64 = self.cells.iter().skip(buyer).step_by(n).sum();
        if all > 0.0 { self.cell(seller, buyer) / all } else { 0.0 }
    }

    /// The network: amounts by day, where the year has `days`. `rule` says how a buyer depends on the product of
    /// a seller; the part from outside is set from imports whatever it says.
    ///
    /// What a sector uses of itself is taken off its output. For both models that is exact: a sector that lost a
    /// part needs as much less of itself, and a sector cannot stop earlier for want of what it makes than it has
    /// stopped already. Losses are parts of output, so they hold for the whole output as well.
    ///
    /// Faults: those of [`Network::new`], and [`Code::Number`] for `days` that are not above 0.
    pub fn network(
        &self,
        days: f64,
        slack: f64,
        rule: impl Fn(usize, usize) -> InputRule,
    ) -> Result<Translated, Vec<Fault>> {
        within(Code::Number, "table", "days of the year", days, f64::MIN_POSITIVE, f64::MAX).map_err(|f| vec![f])?;
        let n = self.sectors.len();
        let here: Vec<f64> = (0..n).map(|s| self.made_here(s).unwrap_or(0.0)).collect();
        let (mut self_use, mut from_abroad, mut idle) = (Vec::new(), Vec::new(), Vec::new());
        let (mut firms, mut links) = (Vec::with_capacity(n), Vec::new());
        for (seller, part_here) in here.iter().enumerate() {
            let own = self.cell(seller, seller) * part_here;
            let output = self.sectors[seller].output;
            if own > 0.0 {
                self_use.push(SelfUse { sector: seller, amount: own, share: own / output });
            }
            if output <= 0.0 {
                idle.push(seller);
            }
            firms.push(Firm { output: (output - own).max(0.0) / days, product: seller as u32 });
            for buyer in (0..n).filter(|b| *b != seller && self.cell(seller, *b) > 0.0) {
                let amount = self.cell(seller, buyer) * part_here / days;
                match amount > 0.0 {
                    true => links.push(Link { supplier: seller as u32, buyer: buyer as u32, amount }),
                    false => from_abroad.push((seller, buyer, self.cell(seller, buyer))),
                }
            }
        }
        let import = |(product, buyer, amount): &(usize, usize, f64)| Import {
            buyer: *buyer as u32,
            product: *product as u32,
            amount: amount / days,
        };
        let imports: Vec<Import> = from_abroad.iter().map(import).collect();
        let network = Network::with_imports(firms, links, &imports, slack, |buyer, product| InputRule {
            outside: 1.0 - here[product as usize],
            ..rule(buyer as usize, product as usize)
        })?;
        Ok(Translated { network, self_use, from_abroad, idle })
    }
}

fn total(
    place: &str,
    what: &str,
    known: f64,
    rest: Option<f64>,
    whole_is: &str,
    whole: f64,
    exactness: Exactness,
) -> Option<Fault> {
    let sum = known + rest.unwrap_or(0.0);
    let room = exactness.absolute + exactness.relative * whole.max(sum.abs());
    let fine = match rest {
        Some(_) => (sum - whole).abs() <= room,
        None => sum <= whole + room,
    };
    let word = if rest.is_some() { "as much as" } else { "at most" };
    let allowed = format!("{word} {whole_is} of {whole} is allowed, give or take {room}");
    (!fine).then(|| Fault::new(Code::Share, place, format!("{what} of {sum}"), allowed))
}

/// What a sector uses of what it makes.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct SelfUse {
    /// The sector.
    pub sector: usize,
    /// How much in a year.
    pub amount: f64,
    /// Which part of its output.
    pub share: f64,
}

/// A table as a network, with what is not a supply between sectors in it.
#[derive(Clone, Debug, PartialEq)]
pub struct Translated {
    /// Firm and product number are that of the sector; output is without self-use.
    pub network: Network,
    /// The diagonal of the table.
    pub self_use: Vec<SelfUse>,
    /// Inputs that come from abroad alone, as (product, buyer, amount in a year): only a stop of the product from
    /// abroad can touch them.
    pub from_abroad: Vec<(usize, usize, f64)>,
    /// Sectors without output.
    pub idle: Vec<usize>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw::Draw;
    use crate::shock::{Leontief, Market, Reach};

    const EXACT: Exactness = Exactness { relative: 1e-9, absolute: 0.0 };
    const FINE: Reach = Reach { grain: 30, passes_max: 1 << 30 };

    /// A table of random shape with consistent totals.
    fn drawn(n: usize, seed: u64, imports: bool) -> Table {
        let mut draw = Draw::new(seed);
        let cells: Vec<f64> =
            (0..n * n).map(|_| if draw.unit() < 0.6 { (6.0 * draw.unit()).exp2() } else { 0.0 }).collect();
        let sectors = (0..n)
            .map(|at| {
                let row: f64 = cells[at * n..(at + 1) * n].iter().sum();
                let column: f64 = cells.iter().skip(at).step_by(n).sum();
                let output = row.max(column) * (1.2 + draw.unit()) + 1.0;
                let imports = imports.then(|| output * draw.unit());
                Sector {
                    id: format!("s{at}"),
                    name: None,
                    output,
                    imports,
                    final_use: Some(output + imports.unwrap_or(0.0) - row),
                    value_added: Some(output - column),
                }
            })
            .collect();
        Table::new(sectors, cells, EXACT).unwrap()
    }

    /// Solves a dense system by elimination with pivots.
    fn solve(mut a: Vec<Vec<f64>>, mut b: Vec<f64>) -> Vec<f64> {
        let n = b.len();
        for k in 0..n {
            let pivot = (k..n).max_by(|x, y| a[*x][k].abs().total_cmp(&a[*y][k].abs())).unwrap();
            a.swap(k, pivot);
            b.swap(k, pivot);
            for row in k + 1..n {
                let factor = a[row][k] / a[k][k];
                let above = a[k].clone();
                a[row].iter_mut().zip(above).skip(k).for_each(|(cell, of)| *cell -= factor * of);
                b[row] -= factor * b[k];
            }
        }
        for k in (0..n).rev() {
            let sum: f64 = (k + 1..n).map(|c| a[k][c] * b[c]).sum();
            b[k] = (b[k] - sum) / a[k][k];
        }
        b
    }

    /// Column `stop` of the Leontief inverse of what is made here, with the diagonal in it.
    fn inverse_column(table: &Table, stop: usize) -> Vec<f64> {
        let n = table.sectors().len();
        let here = |s: usize| table.made_here(s).unwrap();
        let a = |i: usize, j: usize| table.cell(i, j) * here(i) / table.sectors()[j].output;
        let system = (0..n).map(|i| (0..n).map(|j| f64::from(u8::from(i == j)) - a(i, j)).collect()).collect();
        solve(system, (0..n).map(|i| f64::from(u8::from(i == stop))).collect())
    }

    #[test]
    fn what_a_stop_costs_suppliers_is_the_hypothetical_extraction_of_the_sector() {
        // With sector s set to 0, others lose x(s) L(i,s) / L(s,s) (Miller & Blair 2009, sections 12.2.6 and 13.2.1).
        // The network has no diagonal, the inverse has: taking self-use off the output changes no share.
        for seed in 0..20 {
            let table = drawn(9, seed, seed % 2 == 0);
            let translated = table.network(365.0, 1e-9, |_, _| InputRule::bare(false)).unwrap();
            assert!(!translated.self_use.is_empty());
            let model = Leontief::new(&translated.network, Market::Captive);
            for stop in 0..9 {
                let found = model.run(&[(stop as u32, 1.0)], FINE).unwrap();
                let l = inverse_column(&table, stop);
                for i in 0..9 {
                    let want = l[i] / l[stop] * table.sectors()[stop].output / table.sectors()[i].output;
                    let up = found.firms.iter().find(|f| f.firm as usize == i).map_or(0.0, |f| f.up);
                    assert!((up - want).abs() < 1e-6, "seed {seed}, {stop} -> {i}: {up} {want}");
                }
            }
        }
    }

    #[test]
    fn what_a_stop_costs_buyers_without_essential_inputs_is_a_linear_system_of_input_shares() {
        // The supply-driven side. It differs from Ghosh 1958, where an input counts by its part of output: here
        // it counts by its part of inputs, because value added makes up for no missing input.
        for seed in 0..20 {
            let table = drawn(8, seed, true);
            let translated = table.network(365.0, 1e-9, |_, _| InputRule::bare(false)).unwrap();
            let model = Leontief::new(&translated.network, Market::Captive);
            for stop in 0..8 {
                let found = model.run(&[(stop as u32, 1.0)], FINE).unwrap();
                let bought = |i: usize| (0..8).filter(|j| *j != i).map(|j| table.cell(j, i)).sum::<f64>();
                let m = |i: usize, j: usize| match i == j || bought(i) == 0.0 {
                    true => 0.0,
                    false => table.cell(j, i) * table.made_here(j).unwrap() / bought(i),
                };
                let system = (0..8)
                    .map(|i| {
                        (0..8).map(|j| f64::from(u8::from(i == j)) - if i == stop { 0.0 } else { m(i, j) }).collect()
                    })
                    .collect();
                let want = solve(system, (0..8).map(|i| f64::from(u8::from(i == stop))).collect());
                for (i, want) in want.iter().enumerate() {
                    let down = found.firms.iter().find(|f| f.firm as usize == i).map_or(0.0, |f| f.down);
                    assert!((down - want).abs() < 1e-6, "seed {seed}, {stop} -> {i}: {down} {want}");
                }
            }
        }
    }

    const SMALL: &str = "sector,name,steel,cars,final,imports,output\n\
                         steel,Steel,10,50,60,20,100\n\
                         cars,Cars,5,0,195,0,200\n\
                         value_added,,85,150,,,\n";

    #[test]
    fn a_file_becomes_a_network_and_what_it_cannot_hold_is_listed() {
        let table = Table::read(SMALL, EXACT).unwrap();
        assert_eq!((table.sectors()[0].name.as_deref(), table.find("cars").unwrap()), (Some("Steel"), 1));
        assert!(table.find("planes").unwrap_err().to_string().contains("steel, cars are allowed"));
        let translated = table.network(10.0, 1e-9, |_, _| InputRule::bare(true)).unwrap();
        let here = 100.0 / 120.0;
        assert_eq!(translated.self_use, [SelfUse { sector: 0, amount: 10.0 * here, share: 10.0 * here / 100.0 }]);
        assert_eq!(translated.network.firms()[0].output, (100.0 - 10.0 * here) / 10.0);
        let input = &translated.network.inputs()[1];
        assert_eq!((input.buyer, input.product, input.amount, input.rule.outside), (1, 0, 5.0 * here, 1.0 - here));
        // A product that nobody makes here: listed, with who buys it.
        let ore = SMALL
            .replace("steel,cars,final", "steel,cars,ore,final")
            .replace("10,50,60", "10,50,0,60")
            .replace("5,0,195", "5,0,0,195");
        let ore = ore.replace("value_added,,85,150,,,", "ore,Ore,7,0,0,0,7,0\nvalue_added,,78,150,0,,,");
        let translated = Table::read(&ore, EXACT).unwrap().network(1.0, 1e-9, |_, _| InputRule::bare(true)).unwrap();
        assert_eq!((translated.from_abroad, translated.idle), (vec![(2, 0, 7.0)], vec![2]));
        // Its stop stops who needs it.
        let found = Leontief::new(&translated.network, Market::Captive);
        let found = found.run(&[(translated.network.abroad(2), 1.0)], FINE).unwrap();
        assert_eq!(found.firms.iter().map(|f| (f.firm, f.down)).next(), Some((0, 1.0)));
    }

    #[test]
    fn every_fault_of_a_file_is_named_with_its_place() {
        let faults = |text: &str| -> Vec<String> {
            Table::read(text, EXACT).unwrap_err().iter().map(ToString::to_string).collect()
        };
        assert_eq!(
            faults(&SMALL.replace("10,50,60", "-10,50,80")),
            ["row steel, column steel: amount -10 found; amount of 0 or more is allowed"]
        );
        let sums = faults(&SMALL.replace("10,50,60", "11,50,60"));
        assert!(
            sums[0].starts_with("row steel: uses of 121 found; as much as output and imports of 120 is allowed"),
            "{sums:?}"
        );
        assert!(sums[1].starts_with("column steel: costs of 101 found"), "{sums:?}");
        assert_eq!(
            faults(&SMALL.replace("5,0,195", "5,,195")),
            ["table line 3, cars: \"\" found; a number is allowed"]
        );
        assert!(faults(&SMALL.replace("cars,Cars", "ships,Ships"))[0].contains("sector \"ships\""));
        assert!(faults(&SMALL.replace(",output", ",total")).iter().any(|f| f.contains("no column output")));
        assert!(faults(&SMALL.replace("value_added", "steel"))[0].contains("also in line 2"));
        // Without final use and value added only what is more than its whole is a fault.
        let bare = "sector,a,b,output\na,0,5,9\nb,3,0,6\n";
        assert!(Table::read(bare, EXACT).is_ok());
        assert!(faults(&bare.replace("5,9", "5,4")).iter().any(|f| f.starts_with("row a: uses of 5 found; at most")));
        // The rounding of published cells is an argument.
        let loose = Exactness { relative: 0.0, absolute: 1.0 };
        assert!(Table::read(&SMALL.replace("10,50,60", "11,50,60"), loose).is_ok());
        assert_eq!(Table::new(vec![], vec![], EXACT).unwrap_err()[0].code, Code::Ends);
    }
}
