//! Times the algorithms of chains on inputs that peers read as well, and writes the results for comparison;
//! `bench/chain.py` runs it and sets the peers beside it.
//!
//! `chain_bench between FOLDER` reads `links.u32` (pairs) and `lengths.u32`; `space FOLDER` reads
//! `place.u32`, `product.u32` and `value.f64`; `shock FOLDER FIRMS LINKS` makes a network, writes it and runs
//! both models on it; `clusters FOLDER` reads `rows.csv` (place, industry, firm, output)
//! and `drawn.f64` (similarities without ties); `table FOLDER FILE` stops
//! each sector of an input-output table with inputs of which none is essential. Each prints `name milliseconds`
//! in lines.

use chain::clusters::{Facts, Measure, Mix, Related, Row, crowding, cut, group, relate};
use chain::csr::Csr;
use chain::draw::Draw;
use chain::paths::{Lengths, Wanted, betweenness, breaks, sampled_betweenness};
use chain::shock::{Firm, InputRule, Leontief, Link, Market, Network, Reach, Shortage, Stop, by_loss};
use chain::space::{Precision, Trade, complexity, density, proximity};
use chain::table::{Exactness, Table};
use std::error::Error;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// More than any run here needs.
const PASSES: u64 = 1 << 40;

type Done = Result<(), Box<dyn Error>>;

fn main() -> Done {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let usage = "usage: chain_bench between|space|shock|clusters|table FOLDER [FIRMS LINKS|FILE]";
    let (Some(job), Some(folder)) = (args.first(), args.get(1).map(PathBuf::from)) else { return Err(usage.into()) };
    match job.as_str() {
        "between" => between(&folder),
        "space" => space(&folder),
        "shock" => {
            let number = |at: usize, or: usize| args.get(at).map_or(Ok(or), |a| a.parse());
            shock(&folder, number(2, 100_000)?, number(3, 1_000_000)?)
        }
        "clusters" => clusters(&folder),
        "table" => table(&folder, args.get(2).ok_or(usage)?),
        _ => Err(usage.into()),
    }
}

/// Writes `gamma.f64` with NaN where it is not defined, and `heights.f64` and `group.f64` of the drawn similarities.
fn clusters(folder: &Path) -> Done {
    let text = std::fs::read_to_string(folder.join("rows.csv"))?;
    let row = |line: &str| -> Result<Row, Box<dyn Error>> {
        let cells: Vec<&str> = line.split(',').collect();
        let [place, industry, firm, output] = cells[..] else { return Err(line.to_owned().into()) };
        let [place, industry, firm] = [place, industry, firm].map(str::to_owned);
        Ok(Row { place, industry, firm: Some(firm), output: Some(output.parse()?), staff: None })
    };
    let rows: Vec<Row> = text.lines().map(row).collect::<Result<_, _>>()?;
    let facts = timed("facts", 3, || Facts::new(&rows, Measure::Output)).map_err(|f| f[0].clone())?;
    let gamma = timed("crowding", 3, || crowding(&facts))?;
    write(folder.join("gamma.f64"), gamma.into_iter().map(|c| c.map_or(f64::NAN, |c| c.gamma)))?;
    let mix = Mix { present: 1.0, colocation: 1.0, flows: 0.0 };
    let related = timed("relate", 3, || relate(&facts, &[], mix))?;
    timed("group_rows", 3, || group(&related));
    let n = related.size();
    let drawn = Related::from_matrix(n, &read(&folder.join("drawn.f64"), f64::from_le_bytes)?)?;
    let merges = timed("group", 3, || group(&drawn));
    write(folder.join("heights.f64"), merges.iter().map(|m| m.similarity))?;
    write(folder.join("group.f64"), cut(n, &merges, 0.4).group_of.into_iter().map(f64::from))?;
    Ok(())
}

/// Writes `up.f64` and `down.f64`: what each sector loses, by sector that stops.
fn table(folder: &Path, file: &str) -> Done {
    let exactness = Exactness { relative: 1e-12, absolute: 1.0 };
    let table = Table::read(&std::fs::read_to_string(file)?, exactness).map_err(|f| f[0].clone())?;
    let translated = table.network(365.0, 1e-2, |_, _| InputRule::bare(false)).map_err(|f| f[0].clone())?;
    let n = table.sectors().len();
    let (mut up, mut down) = (vec![0.0; n * n], vec![0.0; n * n]);
    timed("table", 3, || -> Result<(), chain::Fault> {
        let model = Leontief::new(&translated.network, Market::Captive);
        for stop in 0..n {
            let found = model.run(&[(stop as u32, 1.0)], Reach { grain: 30, passes_max: PASSES })?;
            for firm in found.firms.iter().filter(|f| (f.firm as usize) < n) {
                (up[stop * n + firm.firm as usize], down[stop * n + firm.firm as usize]) = (firm.up, firm.down);
            }
        }
        Ok(())
    })?;
    write(folder.join("up.f64"), up)?;
    write(folder.join("down.f64"), down)?;
    Ok(())
}

/// The best of some rounds, in milliseconds, printed under a name.
fn timed<T>(name: &str, rounds: usize, mut work: impl FnMut() -> T) -> T {
    let mut once = || {
        let started = Instant::now();
        let out = work();
        (started.elapsed().as_secs_f64() * 1e3, out)
    };
    let (mut best, out) = once();
    for _ in 1..rounds {
        best = best.min(once().0);
    }
    println!("{name} {best:.3}");
    out
}

fn read<const N: usize, T>(path: &Path, parse: impl Fn([u8; N]) -> T) -> std::io::Result<Vec<T>> {
    let bytes = std::fs::read(path)?;
    Ok(bytes.chunks_exact(N).map(|c| parse(std::array::from_fn(|at| c[at]))).collect())
}

fn write(path: PathBuf, values: impl IntoIterator<Item = f64>) -> std::io::Result<()> {
    std::fs::write(path, values.into_iter().flat_map(f64::to_le_bytes).collect::<Vec<u8>>())
}

fn between(folder: &Path) -> Done {
    let flat = read(&folder.join("links.u32"), u32::from_le_bytes)?;
    let links: Vec<(u32, u32)> = flat.chunks_exact(2).map(|pair| (pair[0], pair[1])).collect();
    let lengths = read(&folder.join("lengths.u32"), u32::from_le_bytes)?;
    let nodes = flat.iter().max().map_or(0, |most| *most as usize + 1);
    for (name, graph) in [("undirected", Csr::undirected(nodes, &links)?), ("directed", Csr::directed(nodes, &links)?)]
    {
        let found = timed(&format!("{name}_unit"), 1, || betweenness(&graph, Lengths::Unit))?;
        write(folder.join(format!("{name}_unit.f64")), found.iter().copied())?;
        let whole = timed(&format!("{name}_whole"), 1, || betweenness(&graph, Lengths::Whole(&lengths)))?;
        write(folder.join(format!("{name}_whole.f64")), whole)?;
        let wanted = Wanted { error: 0.02, chance: 0.05, seed: 1, samples_max: 1 << 24 };
        let sampled = timed(&format!("{name}_sampled"), 1, || sampled_betweenness(&graph, wanted))?;
        let pairs = (nodes * (nodes - 1)) as f64 / if graph.is_undirected() { 2.0 } else { 1.0 };
        let worst = sampled.share.iter().zip(&found).fold(0.0, |m: f64, (s, f)| m.max((s - f / pairs).abs()));
        println!("{name}_sampled_error {worst:.6}");
        println!("{name}_samples {}", sampled.samples);
    }
    let found = timed("breaks", 3, || breaks(&Csr::undirected(nodes, &links).unwrap_or_default()));
    write(folder.join("points.f64"), found.nodes.iter().map(|n| f64::from(*n)))?;
    write(folder.join("bridges.f64"), found.links.iter().map(|n| f64::from(*n)))?;
    Ok(())
}

fn space(folder: &Path) -> Done {
    let place = read(&folder.join("place.u32"), u32::from_le_bytes)?;
    let product = read(&folder.join("product.u32"), u32::from_le_bytes)?;
    let value = read(&folder.join("value.f64"), f64::from_le_bytes)?;
    let size = |list: &[u32]| list.iter().max().map_or(0, |most| *most as usize + 1);
    let cells: Vec<(u32, u32, f64)> = place.iter().zip(&product).zip(&value).map(|((c, p), v)| (*c, *p, *v)).collect();
    let (places, products) = (size(&place), size(&product));
    let precision = Precision { residual_max: 1e-12, gap_min: 1e-9, steps_max: 2000 };
    let run = || -> Result<_, Box<dyn Error>> {
        let presence = Trade::new(places, products, &cells)?.present(1.0);
        let near = proximity(&presence)?;
        let dense = density(&presence, &near)?;
        let found = complexity(&presence, precision)?;
        Ok((presence, near, dense, found))
    };
    let (presence, near, dense, found) = timed("space", 3, run)?;
    timed("space_presence", 3, || Trade::new(places, products, &cells).map(|t| t.present(1.0)))?;
    timed("space_proximity", 3, || proximity(&presence))?;
    timed("space_density", 3, || density(&presence, &near))?;
    timed("space_complexity", 3, || complexity(&presence, precision))?;
    println!("space_residual {:e}", found.residual);
    println!("space_gap {:e}", found.gap);
    println!("space_steps {}", found.steps);
    println!("space_filled {}", presence.diversity().iter().sum::<usize>());
    write(folder.join("eci.f64"), found.eci)?;
    write(folder.join("pci.f64"), found.pci)?;
    write(folder.join("density.f64"), dense)?;
    Ok(())
}

/// A network as supply networks are: sizes over orders of magnitude, large firms with many links, every firm
/// buying of a few products.
fn network(firms: usize, links: usize) -> Result<Network, Box<dyn Error>> {
    let mut draw = Draw::new(20_260_101);
    let products = 300.min(firms);
    let size: Vec<f64> = (0..firms).map(|_| (1.0 - draw.unit()).powf(-1.0 / 1.2).min(1e4)).collect();
    let made: Vec<u32> = (0..firms).map(|_| ((products as f64) * draw.unit().powf(1.5)) as u32).collect();
    // Of each product the makers, with the running sum of the root of their size: suppliers are drawn by it.
    let mut makers: Vec<(Vec<u32>, Vec<f64>)> = vec![Default::default(); products];
    for at in 0..firms {
        let (who, sums) = &mut makers[made[at] as usize];
        who.push(at as u32);
        sums.push(sums.last().unwrap_or(&0.0) + size[at].sqrt());
    }
    let whole: f64 = size.iter().map(|s| s.sqrt()).sum();
    let mut list = Vec::with_capacity(links);
    let mut buyer = 0;
    while list.len() < links {
        // Links in proportion to the root of size: a few for a small firm, thousands for the largest.
        let wanted = links as f64 * size[buyer as usize].sqrt() / whole;
        let mut left = (wanted + draw.unit()) as usize;
        while left > 0 {
            // The recipe depends on the product made; of each product one to six suppliers.
            let slot = draw.below(12);
            let product = Draw::part(u64::from(made[buyer as usize]), slot).below(products as u64) as usize;
            let (who, sums) = &makers[product];
            let several = (1 + draw.below(6) as usize).min(left);
            left -= several;
            for _ in 0..several.min(who.len()) {
                let at = draw.unit() * sums[sums.len() - 1];
                let supplier = who[sums.partition_point(|s| *s <= at).min(who.len() - 1)];
                if supplier != buyer {
                    let noise = (2.0 * draw.unit()).exp();
                    let amount = (size[supplier as usize] * size[buyer as usize]).sqrt() * noise;
                    list.push(Link { supplier, buyer, amount });
                }
            }
        }
        buyer = (buyer + 1) % firms as u32;
    }
    let mut sold = vec![0.0; firms];
    list.iter().for_each(|l| sold[l.supplier as usize] += l.amount);
    // A fifth to three fifths of output goes to final demand.
    let firms: Vec<Firm> = (0..firms)
        .map(|at| Firm { output: sold[at] / (0.8 - 0.4 * draw.unit()) + 0.1 * size[at], product: made[at] })
        .collect();
    let rule = |buyer: u32, product: u32| {
        let mut draw = Draw::part(u64::from(buyer), u64::from(product));
        InputRule {
            // Which products a firm cannot do without depends on what it makes and on nothing else.
            essential: Draw::part(u64::from(made[buyer as usize]), u64::from(product)).below(4) == 0,
            stock_days: (3 + draw.below(18)) as f64,
            outside: 0.4 * draw.unit(),
            ..InputRule::bare(false)
        }
    };
    Ok(Network::new(firms, list, 1e-9, rule).map_err(|faults| faults[0].clone())?)
}

fn shock(folder: &Path, firms: usize, links: usize) -> Done {
    let network = timed("network", 1, || network(firms, links))?;
    println!("links {}", network.links().len());
    println!("inputs {}", network.inputs().len());
    write(folder.join("output.f64"), network.firms().iter().map(|f| f.output))?;
    write(folder.join("product.f64"), network.firms().iter().map(|f| f64::from(f.product)))?;
    let flat = network.links().iter().flat_map(|l| [f64::from(l.supplier), f64::from(l.buyer), l.amount]);
    write(folder.join("supply.f64"), flat)?;
    let flat = network.inputs().iter().flat_map(|i| {
        let rule = i.rule;
        [f64::from(i.buyer), f64::from(i.product), f64::from(u8::from(rule.essential)), rule.stock_days, rule.outside]
    });
    write(folder.join("inputs.f64"), flat)?;

    let shortage = timed("shortage_model", 1, || Shortage::new(&network));
    let park: Vec<Stop> = (0..100.min(firms))
        .map(|k| Stop { firm: (k * (firms / 100.min(firms))) as u32, share: 1.0, from_day: 0, days: 30 })
        .collect();
    let loss = timed("shortage_park", 5, || shortage.run(&park, 90))?;
    println!("shortage_park_firms {}", loss.firms.len());
    println!("shortage_park_share {:.9}", loss.share);
    let mut lost = vec![0.0; firms];
    loss.firms.iter().filter(|f| (f.firm as usize) < firms).for_each(|f| lost[f.firm as usize] = f.days);
    write(folder.join("shortage_park.f64"), lost)?;
    let all: Vec<Stop> =
        (0..firms / 5).map(|k| Stop { firm: (k * 5) as u32, share: 1.0, from_day: 0, days: 60 }).collect();
    let wide = timed("shortage_wide", 3, || shortage.run(&all, 90))?;
    println!("shortage_wide_firms {}", wide.firms.len());
    let each = timed("shortage_each", 1, || shortage.each_in_turn(30, 90))?;
    write(folder.join("shortage_each.f64"), each.iter().copied())?;

    let grain_exact = 14;
    let exact = Reach { grain: grain_exact, passes_max: PASSES };
    for market in [Market::Captive, Market::Shared] {
        let name = format!("{market:?}").to_lowercase();
        let model = timed(&format!("{name}_model"), 1, || Leontief::new(&network, market));
        let stops: Vec<(u32, f64)> = park.iter().map(|s| (s.firm, 1.0)).collect();
        for grain in [10, 12, 14, 20] {
            let rounds = Reach { grain, passes_max: PASSES };
            let found = timed(&format!("{name}_park_{grain}"), 1, || model.run(&stops, rounds))?;
            println!("{name}_park_{grain}_firms {}", found.firms.len());
            println!("{name}_park_{grain}_index {:.9}", found.index);
            println!("{name}_park_{grain}_passes {:?}", found.passes);
            let mut lost = vec![0.0; firms];
            let felt = found.firms.iter().filter(|f| (f.firm as usize) < firms);
            felt.for_each(|f| lost[f.firm as usize] = f.down.max(f.up));
            write(folder.join(format!("{name}_park_{grain}.f64")), lost)?;
            // A sample of single firms tells what the whole will take.
            let started = Instant::now();
            let mut reached = 0;
            for k in 0..100 {
                reached += model.run(&[((k * 7919 % firms) as u32, 1.0)], rounds)?.firms.len();
            }
            println!("{name}_one_{grain}_mean {:.3}", started.elapsed().as_secs_f64() * 10.0);
            println!("{name}_one_{grain}_firms {}", reached / 100);
        }
        // Without rivals a stop reaches nearly every firm; each in turn is then a matter of an hour.
        if market == Market::Captive && firms > 5000 {
            continue;
        }
        let ranks = Reach { grain: 10, passes_max: PASSES };
        let coarse = timed(&format!("{name}_rank"), 1, || model.each_in_turn(ranks))?;
        let (loss, error): (Vec<f64>, Vec<f64>) = coarse.iter().map(|(l, e)| (*l, e.unwrap_or(1.0))).unzip();
        println!("{name}_rank_unbounded {}", coarse.iter().filter(|(_, e)| e.is_none()).count());
        let ranked = by_loss(&loss, &error);
        let known = || coarse.iter().filter_map(|(_, e)| *e);
        println!("{name}_rank_error_max {:.6}", known().fold(0.0, f64::max));
        println!("{name}_rank_error_mean {:.6}", known().sum::<f64>() / known().count().max(1) as f64);
        println!("{name}_rank_first {} {:.6}", ranked[0].source, ranked[0].loss);
        let each = timed(&format!("{name}_each"), 1, || model.each_in_turn(exact))?;
        let off = each.iter().zip(&loss).fold(0.0, |m: f64, (e, l)| m.max((e.0 - l).abs()));
        println!("{name}_rank_off_max {off:.6}");
        write(folder.join(format!("{name}_each.f64")), each.iter().map(|(l, _)| *l))?;
    }
    Ok(())
}
