//! `baigong chain`: chains and input-output tables in files, without a database. What a stop costs under both
//! shock models side by side, which sectors matter most and where the models disagree, every fault of a chain in
//! a file, and one format into another. Numbers that decide anything are options.

use super::show;
use anyhow::{Context, Result, bail};
use chain::exchange;
use chain::graph::Checks;
use chain::shock::{InputRule, Leontief, Market, Network, Reach, Shortage, Stop, spearman};
use chain::table::{Exactness, Table, Translated};
use chain::{Fault, Graph, Raw, graphml};
use clap::{Args, Subcommand};
use serde::Serialize;
use std::path::{Path, PathBuf};

/// `baigong chain`
#[derive(Args)]
pub struct Chain {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// What it costs when sectors of an input-output table stop, under both models.
    Table {
        #[command(flatten)]
        model: Model,
        /// Sector that stops; `abroad:SECTOR` stops its imports. Several may be given.
        #[arg(long, required = true)]
        stop: Vec<String>,
        /// The part that stops, 0 to 1.
        #[arg(long, default_value_t = 1.0)]
        share: f64,
        /// How many rows are shown; all are in the JSON.
        #[arg(long, default_value_t = 15)]
        top: usize,
    },
    /// Every sector of a table in turn, under both models, and where they disagree.
    Rank {
        #[command(flatten)]
        model: Model,
        /// Rank imports of each product as well.
        #[arg(long)]
        abroad: bool,
        /// How many rows are shown; all are in the JSON.
        #[arg(long, default_value_t = 15)]
        top: usize,
    },
    /// Report every fault of a chain in a file.
    Check {
        /// `.json`, `.graphml`, or one of `NAME.nodes.csv` and `NAME.links.csv`.
        file: PathBuf,
        /// The most links that are taken.
        #[arg(long, default_value_t = 1_000_000)]
        links_max: usize,
        /// Allow nodes without any link.
        #[arg(long)]
        orphans: bool,
        /// By how much shares of one whole may add up to more than 1.
        #[arg(long, default_value_t = 0.0)]
        share_slack: f64,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Write a chain in another format; which one, the end of the name says.
    Convert {
        /// `.json`, `.graphml`, or one of `NAME.nodes.csv` and `NAME.links.csv`.
        from: PathBuf,
        /// The same ends; for CSV both files are written.
        to: PathBuf,
    },
}

/// The table and what the models take for given.
#[derive(Args)]
struct Model {
    /// The table as CSV: `sector`, the sectors, `output`, and `name`, `final`, `imports` where there are any.
    file: PathBuf,
    /// Days that the stop lasts; for the model without stocks it lasts as long as it takes.
    #[arg(long, default_value_t = 30)]
    days: u32,
    /// Days that are looked at.
    #[arg(long, default_value_t = 90)]
    horizon: u32,
    /// Stock of every input, in days of full use.
    #[arg(long, default_value_t = 0.0)]
    stock_days: f64,
    /// An input stops a sector when it is at least this part of what the sector buys; 0: every input does, which
    /// is the worst case; above 1: none does.
    #[arg(long, default_value_t = 0.0)]
    essential_from: f64,
    /// By how much published totals may differ from sums, in the unit of the table.
    #[arg(long, default_value_t = 0.0)]
    rounding: f64,
    /// Losses are passed on in whole multiples of 2^-GRAIN of a sector's output.
    #[arg(long, default_value_t = 30)]
    grain: u32,
    /// Days of the year of the table.
    #[arg(long, default_value_t = 365.0)]
    year_days: f64,
    /// As JSON.
    #[arg(long)]
    json: bool,
}

/// The steps that a shock may take before it counts as not settled: far more than any table needs.
const PASSES_MAX: u64 = 1 << 32;

impl Chain {
    /// Carries the command out; `false` when a file has faults.
    pub async fn run(self) -> Result<bool> {
        match self.command {
            Command::Table { model, stop, share, top } => table(&model, &stop, share, top),
            Command::Rank { model, abroad, top } => rank(&model, abroad, top),
            Command::Check { file, links_max, orphans, share_slack, json } => {
                let checks = Checks { codes: None, edges_max: links_max, orphans, share_slack };
                check(&file, &checks, json)
            }
            Command::Convert { from, to } => convert(&from, &to),
        }
    }
}

/// What the table says besides supplies between sectors.
#[derive(Serialize)]
struct Notes {
    sectors: usize,
    /// Output of a year without self-use, in the unit of the table.
    output: f64,
    self_use: Vec<Own>,
    from_abroad: Vec<Abroad>,
    without_output: Vec<String>,
}

#[derive(Serialize)]
struct Own {
    sector: String,
    amount: f64,
    share: f64,
}

#[derive(Serialize)]
struct Abroad {
    product: String,
    buyers: usize,
    amount: f64,
}

/// One sector under both models.
#[derive(Serialize)]
struct Row {
    sector: String,
    name: String,
    /// Days of its full output that it loses, with stocks, up to the horizon.
    days: f64,
    /// The first of them.
    first_day: Option<u32>,
    /// The day from which on it runs in full; none: not within the horizon, or it loses nothing.
    back_on: Option<u32>,
    /// The value of those days, in the unit of the table.
    lost: f64,
    /// The part of its output that it loses for want of inputs while the stop lasts, without stocks.
    down: f64,
    /// The same for want of buyers.
    up: f64,
    /// The value of the larger of both in a day.
    lost_in_a_day: f64,
}

#[derive(Serialize)]
struct Both {
    table: Notes,
    stops: Vec<String>,
    share: f64,
    days: u32,
    horizon: u32,
    /// Lost output up to the horizon, with stocks, and over all output of that time.
    with_stocks: Total,
    /// Lost output of a day while the stop lasts, without stocks, and over all output of a day.
    without_stocks: Total,
    settled: bool,
    sectors: Vec<Row>,
}

#[derive(Serialize)]
struct Total {
    lost: f64,
    share: f64,
}

impl Model {
    /// The table as a network; or its faults, printed.
    fn read(&self) -> Result<Option<(Table, Translated)>> {
        let text = read(&self.file)?;
        // Decimals are not exact in binary, so sums of exact cells differ by a few units in the last place.
        let exactness = Exactness { relative: 1e-12, absolute: self.rounding };
        let table = match Table::read(&text, exactness) {
            Ok(table) => table,
            Err(faults) => return refuse(&faults, self.json).map(|()| None),
        };
        let rule = |buyer: usize, product: usize| InputRule {
            stock_days: self.stock_days,
            ..InputRule::bare(table.input_share(product, buyer) >= self.essential_from)
        };
        // Rounding that the table was allowed may let sales exceed output by as much.
        let least = table.sectors().iter().map(|s| s.output).filter(|o| *o > 0.0).fold(f64::INFINITY, f64::min);
        match table.network(self.year_days, self.rounding / least + 1e-9, rule) {
            Ok(network) => Ok(Some((table, network))),
            Err(faults) => refuse(&faults, self.json).map(|()| None),
        }
    }

    fn reach(&self) -> Reach {
        Reach { grain: self.grain, passes_max: PASSES_MAX }
    }

    fn notes(&self, table: &Table, translated: &Translated) -> Notes {
        let id = |sector: usize| table.sectors()[sector].id.clone();
        let own = |s: &chain::table::SelfUse| Own { sector: id(s.sector), amount: s.amount, share: s.share };
        let mut abroad: Vec<Abroad> = Vec::new();
        for (product, _, amount) in &translated.from_abroad {
            match abroad.last_mut().filter(|last| last.product == id(*product)) {
                Some(last) => (last.buyers, last.amount) = (last.buyers + 1, last.amount + amount),
                None => abroad.push(Abroad { product: id(*product), buyers: 1, amount: *amount }),
            }
        }
        Notes {
            sectors: table.sectors().len(),
            output: translated.network.output() * self.year_days,
            self_use: translated.self_use.iter().map(own).collect(),
            from_abroad: abroad,
            without_output: translated.idle.iter().map(|s| id(*s)).collect(),
        }
    }
}

impl Notes {
    fn print(&self) {
        let own: f64 = self.self_use.iter().map(|s| s.amount).sum();
        println!("{} sectors, output {:.1} a year without self-use of {own:.1}", self.sectors, self.output);
        if let Some(most) = self.self_use.iter().max_by(|a, b| a.share.total_cmp(&b.share)) {
            let count = self.self_use.len();
            println!("self-use in {count} sectors, the largest part {:.1} % ({})", most.share * 100.0, most.sector);
        }
        for a in &self.from_abroad {
            println!("{} comes from abroad alone: {:.1} for {} sectors", a.product, a.amount, a.buyers);
        }
        if !self.without_output.is_empty() {
            println!("without output here: {}", self.without_output.join(", "));
        }
    }
}

/// The number under which a source stops, and how it is called.
fn source(table: &Table, network: &Network, name: &str) -> Result<u32> {
    match name.strip_prefix("abroad:") {
        Some(product) => Ok(network.abroad(table.find(product)? as u32)),
        None => {
            let sector = table.find(name)?;
            if network.firms()[sector].output <= 0.0 {
                bail!("sector {name}: no output here found; abroad:{name} stops its imports");
            }
            Ok(sector as u32)
        }
    }
}

fn table(model: &Model, stops: &[String], share: f64, top: usize) -> Result<bool> {
    let Some((table, translated)) = model.read()? else { return Ok(false) };
    let network = &translated.network;
    let sources: Vec<u32> = stops.iter().map(|name| source(&table, network, name)).collect::<Result<_>>()?;
    let stop = |firm: &u32| Stop { firm: *firm, share, from_day: 0, days: model.days };
    let shortage = Shortage::new(network).run(&sources.iter().map(stop).collect::<Vec<_>>(), model.horizon)?;
    let pairs: Vec<(u32, f64)> = sources.iter().map(|s| (*s, share)).collect();
    let systemic = Leontief::new(network, Market::Captive).run(&pairs, model.reach())?;
    let mut rows: Vec<Row> = Vec::new();
    for (at, sector) in table.sectors().iter().enumerate() {
        let with = shortage.firms.iter().find(|f| f.firm as usize == at);
        let without = systemic.firms.iter().find(|f| f.firm as usize == at);
        if with.is_none() && without.is_none() {
            continue;
        }
        rows.push(Row {
            sector: sector.id.clone(),
            name: sector.name.clone().unwrap_or_default(),
            days: with.map_or(0.0, |f| f.days),
            first_day: with.map(|f| f.first_day),
            back_on: with.and_then(|f| f.back_on),
            lost: with.map_or(0.0, |f| f.output),
            down: without.map_or(0.0, |f| f.down),
            up: without.map_or(0.0, |f| f.up),
            lost_in_a_day: without.map_or(0.0, |f| f.output),
        });
    }
    // By what is lost per day of the stop under either model, so that neither decides alone who is shown.
    let weight = |r: &Row| f64::max(r.lost / f64::from(model.days.max(1)), r.lost_in_a_day);
    rows.sort_by(|a, b| weight(b).total_cmp(&weight(a)).then(a.sector.cmp(&b.sector)));
    let both = Both {
        table: model.notes(&table, &translated),
        stops: stops.to_vec(),
        share,
        days: model.days,
        horizon: model.horizon,
        with_stocks: Total { lost: shortage.total, share: shortage.share },
        without_stocks: Total { lost: systemic.total, share: systemic.index },
        settled: systemic.settled,
        sectors: rows,
    };
    if model.json {
        show::value(&both)?;
        return Ok(true);
    }
    both.table.print();
    let stocks = model.stock_days;
    println!(
        "{} stopped by {:.0} % for {} days; {} days of stock; {} days looked at",
        stops.join(", "),
        share * 100.0,
        model.days,
        stocks,
        model.horizon
    );
    println!(
        "with stocks: {:.1} lost, {:.2} % of all output of that time",
        both.with_stocks.lost,
        both.with_stocks.share * 100.0
    );
    println!(
        "without stocks: {:.1} lost a day while it lasts, {:.2} % of all output{}",
        both.without_stocks.lost,
        both.without_stocks.share * 100.0,
        if both.settled { "" } else { " at least; the spread did not come to rest" }
    );
    show::list(
        false,
        &both.sectors[..top.min(both.sectors.len())],
        &[
            ("sector", |r: &Row| r.sector.clone()),
            ("lost days", |r| format!("{:.2}", r.days)),
            ("from day", |r| show::or_dash(r.first_day)),
            ("back on day", |r| show::or_dash(r.back_on)),
            ("lost", |r| format!("{:.1}", r.lost)),
            ("want of inputs %", |r| format!("{:.2}", r.down * 100.0)),
            ("want of buyers %", |r| format!("{:.2}", r.up * 100.0)),
            ("lost a day", |r| format!("{:.2}", r.lost_in_a_day)),
            ("name", |r| r.name.clone()),
        ],
    )?;
    Ok(true)
}

/// One source in the ranking of both models.
#[derive(Serialize)]
struct Place {
    source: String,
    name: String,
    /// Part of all output up to the horizon that its stop costs, with stocks.
    with_stocks: f64,
    /// The place by that, from 1; equal ones share the first.
    rank_with: usize,
    /// The index: part of all output lost while it lasts, without stocks.
    without_stocks: f64,
    /// The place by that.
    rank_without: usize,
}

impl Place {
    fn apart(&self) -> usize {
        self.rank_with.abs_diff(self.rank_without)
    }
}

#[derive(Serialize)]
struct Ranking {
    table: Notes,
    days: u32,
    horizon: u32,
    /// Spearman's correlation of both rankings; none where one of them ranks all the same.
    correlation: Option<f64>,
    places: Vec<Place>,
}

fn rank(model: &Model, abroad: bool, top: usize) -> Result<bool> {
    let Some((table, translated)) = model.read()? else { return Ok(false) };
    let network = &translated.network;
    let n = table.sectors().len();
    let totals = Shortage::new(network).each_in_turn(model.days, model.horizon)?;
    let whole = network.output() * f64::from(model.horizon);
    let indices = Leontief::new(network, Market::Captive).each_in_turn(model.reach())?;
    // A sector without output cannot stop, and nobody misses imports of what is not imported.
    let imported =
        |product: usize| network.inputs().iter().any(|i| i.product as usize == product && i.rule.outside > 0.0);
    let taken = |source: &usize| match *source < n {
        true => network.firms()[*source].output > 0.0,
        false => abroad && imported(*source - n),
    };
    let sources: Vec<usize> = (0..network.sources()).filter(taken).collect();
    let with: Vec<f64> = sources.iter().map(|s| if whole > 0.0 { totals[*s] / whole } else { 0.0 }).collect();
    let without: Vec<f64> = sources.iter().map(|s| indices[*s].0).collect();
    let place = |values: &[f64], at: usize| values.iter().filter(|v| **v > values[at]).count() + 1;
    let mut places: Vec<Place> = sources
        .iter()
        .enumerate()
        .map(|(at, source)| {
            let sector = &table.sectors()[source % n];
            Place {
                source: if *source < n { sector.id.clone() } else { format!("abroad:{}", sector.id) },
                name: sector.name.clone().unwrap_or_default(),
                with_stocks: with[at],
                rank_with: place(&with, at),
                without_stocks: without[at],
                rank_without: place(&without, at),
            }
        })
        .collect();
    places.sort_by(|a, b| (a.rank_with, a.rank_without, &a.source).cmp(&(b.rank_with, b.rank_without, &b.source)));
    let ranking = Ranking {
        table: model.notes(&table, &translated),
        days: model.days,
        horizon: model.horizon,
        correlation: spearman(&with, &without),
        places,
    };
    if model.json {
        show::value(&ranking)?;
        return Ok(true);
    }
    ranking.table.print();
    println!(
        "each stopped for {} days, {} days of stock, {} days looked at; rank correlation of both models {}",
        model.days,
        model.stock_days,
        model.horizon,
        show::or_dash(ranking.correlation.map(|c| format!("{c:.3}")))
    );
    let columns: [show::Column<&Place>; 6] = [
        ("source", |p| p.source.clone()),
        ("with stocks %", |p| format!("{:.3}", p.with_stocks * 100.0)),
        ("place", |p| p.rank_with.to_string()),
        ("without stocks %", |p| format!("{:.3}", p.without_stocks * 100.0)),
        ("place", |p| p.rank_without.to_string()),
        ("name", |p| p.name.clone()),
    ];
    let first: Vec<&Place> = ranking.places.iter().take(top).collect();
    show::list(false, &first, &columns)?;
    let mut apart: Vec<&Place> = ranking.places.iter().filter(|p| p.apart() > 0).collect();
    apart.sort_by(|a, b| b.apart().cmp(&a.apart()).then(a.source.cmp(&b.source)));
    apart.truncate(top);
    println!("where they disagree most");
    show::list(false, &apart, &columns)?;
    Ok(true)
}

fn check(file: &Path, checks: &Checks<'_>, json: bool) -> Result<bool> {
    let checked = load(file)?.and_then(|raw| Graph::check(raw, checks));
    match checked {
        Err(faults) => refuse(&faults, json).map(|()| false),
        Ok(graph) if json => {
            show::value(
                &serde_json::json!({ "nodes": graph.nodes().len(), "links": graph.edges().len(), "faults": [] }),
            )?;
            Ok(true)
        }
        Ok(graph) => {
            println!("{} nodes, {} links, no faults", graph.nodes().len(), graph.edges().len());
            Ok(true)
        }
    }
}

fn convert(from: &Path, to: &Path) -> Result<bool> {
    let raw = match load(from)? {
        Ok(raw) => raw,
        Err(faults) => return refuse(&faults, false).map(|()| false),
    };
    for path in store(&raw, to)? {
        println!("{} ({} nodes, {} links)", path.display(), raw.nodes.len(), raw.edges.len());
    }
    Ok(true)
}

/// Prints faults, a line each.
fn refuse(faults: &[Fault], json: bool) -> Result<()> {
    if json {
        return show::value(&serde_json::json!({ "faults": faults }));
    }
    faults.iter().for_each(|f| println!("{f}"));
    println!("{} faults", faults.len());
    Ok(())
}

fn read(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).with_context(|| path.display().to_string())
}

/// What the end of a name says of a format.
enum Format {
    Json,
    GraphMl,
    /// Nodes and links.
    Csv(PathBuf, PathBuf),
}

fn format(path: &Path) -> Result<Format> {
    let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    let stem = name.strip_suffix(".nodes.csv").or_else(|| name.strip_suffix(".links.csv"));
    match stem {
        Some(stem) => Ok(Format::Csv(
            path.with_file_name(format!("{stem}.nodes.csv")),
            path.with_file_name(format!("{stem}.links.csv")),
        )),
        None if name.ends_with(".json") => Ok(Format::Json),
        None if name.ends_with(".graphml") => Ok(Format::GraphMl),
        None => bail!("{}: {name:?} found; .json, .graphml, .nodes.csv and .links.csv are allowed", path.display()),
    }
}

/// A chain from a file, unchecked, or why it cannot be read.
fn load(path: &Path) -> Result<Result<Raw, Vec<Fault>>> {
    Ok(match format(path)? {
        Format::Json => exchange::from_json(&read(path)?).map_err(|f| vec![f]),
        Format::GraphMl => graphml::from_graphml(&read(path)?),
        Format::Csv(nodes, links) => exchange::from_csv(&read(&nodes)?, &read(&links)?),
    })
}

fn store(raw: &Raw, path: &Path) -> Result<Vec<PathBuf>> {
    let write = |path: &Path, text: String| std::fs::write(path, text).with_context(|| path.display().to_string());
    match format(path)? {
        Format::Json => write(path, exchange::to_json(raw)?)?,
        Format::GraphMl => write(path, graphml::to_graphml(raw)?)?,
        Format::Csv(nodes, links) => {
            let (of_nodes, of_links) = exchange::to_csv(raw)?;
            write(&nodes, of_nodes)?;
            write(&links, of_links)?;
            return Ok(vec![nodes, links]);
        }
    }
    Ok(vec![path.to_owned()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_name_says_the_format_and_csv_is_two_files() {
        let Ok(Format::Csv(nodes, links)) = format(Path::new("x/a.links.csv")) else { panic!("CSV is meant") };
        assert_eq!((nodes, links), (PathBuf::from("x/a.nodes.csv"), PathBuf::from("x/a.links.csv")));
        let error = format(Path::new("x/a.xlsx")).err().map(|e| e.to_string()).unwrap_or_default();
        assert!(error.contains("\"a.xlsx\" found; .json, .graphml"), "{error}");
    }
}
