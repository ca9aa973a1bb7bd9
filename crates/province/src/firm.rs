//! The invented firms: who they are, where, since when, and what never changes about them.

use crate::codes::{Codes, Place};
use crate::credit;
use crate::draw::{Draw, Purpose, whole};
use crate::names::{self, NameParts, TRADES, UTILITIES};
use crate::parameters::{LAST_YEAR, Parameters};
use base::{CreditCode, DivisionCode};
use jiff::civil::Date;
use serde::Serialize;
use std::collections::BTreeSet;

/// What part a firm plays in the demo.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// A manufacturer at work.
    Ordinary,
    /// Section D: figures are collected, not evaluated.
    Utility,
    /// Founded in the last year.
    StartUp,
    /// Its works are being built; no registered land yet.
    UnderConstruction,
    /// Less land than the line for smaller firms.
    TooLittleLand,
}

/// On which side of the line a firm must be in the last year; only the demo county fixes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Size {
    /// Revenue at or above the line.
    Above,
    /// Revenue below it.
    Below,
    /// As drawn.
    Free,
}

/// A name a firm once had.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FormerName {
    /// The name.
    pub name: String,
    /// Last day it was in use.
    pub until: Date,
}

/// A firm of the registry, as of the end of the last year.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Firm {
    /// Its place in [`crate::Province::firms`].
    pub index: usize,
    /// Valid, made up.
    pub code: CreditCode,
    /// Unique in the province, former names included.
    pub name: String,
    /// Earlier names, oldest first.
    pub former_names: Vec<FormerName>,
    /// County where it is today.
    pub division: DivisionCode,
    /// Nine-digit township code.
    pub town: String,
    /// The township's name.
    pub town_name: String,
    /// GB/T 4754 class, four digits.
    pub industry: String,
    /// Full address.
    pub address: String,
    /// Day of registration.
    pub founded: Date,
    /// Its works are being built or extended under a major project.
    pub in_construction: bool,
    /// The last year in which it became above scale, when that was after the first year with figures.
    pub risen_from: Option<i16>,
    /// Accounts at the power company.
    pub utility_accounts: Vec<String>,
    /// What part it plays.
    pub part: Part,
    /// Size demanded of it in the last year.
    pub size: Size,
    /// First year of a lasting weakness: low tax and value added, much energy, no research.
    pub weak_since: Option<i16>,
}

/// A firm before its name and code are known to be unique.
pub(crate) struct Draft {
    pub firm: Firm,
    pub parts: NameParts,
    pub former: Option<(NameParts, Date)>,
    /// Continues the firm's stream, for further names and codes.
    pub draw: Draw,
}

/// How many firms each county gets, ascending by code.
pub(crate) fn spread(seed: u64, codes: &Codes, parameters: &Parameters) -> Vec<(DivisionCode, usize)> {
    let mut draw = Draw::new(seed, Purpose::Plan, 0);
    let weights: Vec<f64> = codes
        .counties
        .iter()
        .map(|county| {
            let city = codes.cities.iter().position(|c| c.code.covers(county.code)).expect("a county has a city");
            let in_city = codes.counties.iter().filter(|c| codes.cities[city].code.covers(c.code)).count();
            let towns = codes.towns[&county.code].len() as f64;
            parameters.city_weights[city] / in_city as f64 * libm::sqrt(towns) * draw.log_normal(1.0, 0.3)
        })
        .collect();
    let demo = codes.counties.iter().position(|c| c.code == parameters.demo_county).expect("a county of the list");
    let rest = parameters.firms - demo_firms(parameters);
    let total: f64 = weights.iter().enumerate().filter(|(i, _)| *i != demo).map(|(_, w)| w).sum();
    // Largest remainders, so that the parts add up to the whole.
    let mut counts: Vec<(usize, usize, f64)> = Vec::new();
    for (i, weight) in weights.iter().enumerate().filter(|(i, _)| *i != demo) {
        let share = weight / total * rest as f64;
        counts.push((i, share as usize, share - libm::floor(share)));
    }
    let given: usize = counts.iter().map(|c| c.1).sum();
    counts.sort_by(|a, b| b.2.total_cmp(&a.2).then(a.0.cmp(&b.0)));
    for entry in counts.iter_mut().take(rest - given) {
        entry.1 += 1;
    }
    counts.push((demo, demo_firms(parameters), 0.0));
    counts.sort_by_key(|c| c.0);
    counts.iter().map(|c| (codes.counties[c.0].code, c.1)).collect()
}

/// All firms of the demo county, in scope or not.
fn demo_firms(p: &Parameters) -> usize {
    p.demo_above_scale
        + p.demo_small
        + p.demo_utilities
        + p.demo_start_ups
        + p.demo_under_construction
        + p.demo_too_little_land
}

/// Part and size of each firm of a county.
pub(crate) fn roles(seed: u64, county: DivisionCode, count: usize, p: &Parameters) -> Vec<(Part, Size)> {
    let mut draw = Draw::new(seed, Purpose::Plan, u64::from(county.number()));
    if county != p.demo_county {
        return (0..count)
            .map(|_| match draw.unit() {
                x if x < 0.012 => (Part::Utility, Size::Free),
                x if x < 0.020 => (Part::StartUp, Size::Below),
                x if x < 0.025 => (Part::UnderConstruction, Size::Below),
                _ => (Part::Ordinary, Size::Free),
            })
            .collect();
    }
    let mut out = Vec::with_capacity(count);
    for (n, role) in [
        (p.demo_above_scale, (Part::Ordinary, Size::Above)),
        (p.demo_small, (Part::Ordinary, Size::Below)),
        (p.demo_utilities, (Part::Utility, Size::Free)),
        (p.demo_start_ups, (Part::StartUp, Size::Below)),
        (p.demo_under_construction, (Part::UnderConstruction, Size::Below)),
        (p.demo_too_little_land, (Part::TooLittleLand, Size::Below)),
    ] {
        out.extend(std::iter::repeat_n(role, n));
    }
    draw.shuffle(&mut out);
    out
}

const ROADS: [&str; 20] = [
    "创业街",
    "兴工路",
    "工业一路",
    "工业二路",
    "工业三路",
    "园区东路",
    "园区西路",
    "园区南路",
    "园区北路",
    "青年路",
    "纬一路",
    "纬三路",
    "经二路",
    "经五路",
    "新城街",
    "丰收路",
    "富民路",
    "通达路",
    "和谐路",
    "北外环路",
];

/// Draws one firm. Name and code may still collide; [`settle`] sees to that.
pub(crate) fn draft(
    seed: u64,
    index: usize,
    county: &Place,
    codes: &Codes,
    (part, size): (Part, Size),
    p: &Parameters,
) -> Draft {
    let mut draw = Draw::new(seed, Purpose::Firm, index as u64);
    let trades: &[names::Trade] = if part == Part::Utility { &UTILITIES } else { &TRADES };
    let trade = &trades[draw.weighted(trades.iter().map(|t| t.weight))];
    let industry = *draw.pick(&codes.classes[trade.division]);
    let founded = founding_day(&mut draw, part);
    let city = codes.city_of(county.code);
    let town = draw.pick(&codes.towns[&county.code]);
    let address = format!(
        "山东省{}{}{}{}{}号",
        city.name,
        county.name,
        town.name.strip_prefix(county.name).unwrap_or(town.name),
        draw.pick(&ROADS),
        draw.between(1, 999)
    );
    let region = match draw.unit() {
        x if x < 0.12 => "山东",
        x if x < 0.30 => city.short(),
        // District names such as 市中 are common to several cities.
        _ if county.kind == "市辖区" && draw.chance(0.6) => city.short(),
        // Some counties share their name with a well-known brand.
        _ if names::is_denied(county.short()) => city.short(),
        _ => county.short(),
    };
    let form = match draw.unit() {
        x if x < 0.05 && size != Size::Below => "股份有限公司",
        x if x < 0.10 => "有限责任公司",
        x if x < 0.13 && size == Size::Below => "厂",
        _ => "有限公司",
    };
    let parts = NameParts {
        region: region.to_owned(),
        brand: names::brand(&mut draw),
        trade: draw.pick::<&str>(trade.words),
        form,
    };
    let former = (part == Part::Ordinary && draw.chance(p.renamed) && founded.year() < 2019).then(|| {
        let earlier = NameParts { brand: names::brand(&mut draw), ..parts.clone() };
        (earlier, date(draw.between(2019, i64::from(LAST_YEAR)) as i16, &mut draw))
    });
    let code = credit_code(&mut draw, codes, county.code, founded);
    let accounts = if size == Size::Below || draw.chance(0.7) { 1 } else { draw.between(2, 3) };
    let in_construction = part == Part::UnderConstruction || (part == Part::Ordinary && draw.chance(0.008));
    let weak_since = (part == Part::Ordinary && draw.chance(p.weak))
        .then(|| *draw.pick(&[2018, 2021, 2022, 2023, 2023, 2024, 2024, 2025, 2025]));
    let firm = Firm {
        index,
        code,
        name: parts.full(),
        former_names: Vec::new(),
        division: county.code,
        town: town.code.to_owned(),
        town_name: town.name.to_owned(),
        industry: industry.to_owned(),
        address,
        founded,
        in_construction,
        risen_from: None,
        utility_accounts: (0..accounts).map(|n| account(index, n)).collect(),
        part,
        size,
        weak_since,
    };
    Draft { firm, parts, former, draw }
}

/// Ten digits, as the power company numbers its accounts; unique by construction.
fn account(index: usize, n: i64) -> String {
    format!("37{:05}{}{:02}", index, n + 1, (index * 7 + n as usize * 13) % 97)
}

fn founding_day(draw: &mut Draw, part: Part) -> Date {
    let year = match part {
        Part::StartUp => LAST_YEAR,
        Part::UnderConstruction => LAST_YEAR - 1,
        // Most firms are older than the first year with figures.
        _ if draw.chance(0.05) => draw.between(2021, 2023) as i16,
        _ => 2020 - whole(draw.unit() * draw.unit() * 27.0) as i16,
    };
    date(year, draw)
}

/// Some day of that year.
pub(crate) fn date(year: i16, draw: &mut Draw) -> Date {
    Date::new(year, draw.between(1, 12) as i8, draw.between(1, 28) as i8).expect("every month has 28 days")
}

fn credit_code(draw: &mut Draw, codes: &Codes, county: DivisionCode, founded: Date) -> CreditCode {
    // Firms from before October 2015 were given their code in the two years after.
    let old = founded < Date::constant(2015, 10, 1);
    let year = if old { draw.between(2015, 2017) as i16 } else { founded.year() };
    credit::make(draw, codes.registering_code(county, year), old)
}

/// Makes names and codes unique, in the order of the firms, and writes former names down. Every
/// 150th firm of the demo county is renamed to within one character of the firm before it; those
/// pairs are returned as (earlier, later).
pub(crate) fn settle(drafts: Vec<Draft>, codes: &Codes, demo: DivisionCode) -> (Vec<Firm>, Vec<(usize, usize)>) {
    let mut names_taken = BTreeSet::new();
    let mut codes_taken = BTreeSet::new();
    let mut out: Vec<Firm> = Vec::with_capacity(drafts.len());
    let mut near = Vec::new();
    let mut before: Option<NameParts> = None;
    for mut draft in drafts {
        let firm = &mut draft.firm;
        let twin = firm.division == demo
            && firm.index % 150 == 1
            && firm.part == Part::Ordinary
            && out.last().is_some_and(|f| f.part == Part::Ordinary && f.division == demo);
        if let (true, Some(parts), Some(earlier)) = (twin, &before, out.last()) {
            let brand = names::near_brand(&mut draft.draw, &parts.brand);
            draft.parts = NameParts { brand, ..parts.clone() };
            firm.industry = earlier.industry.clone();
            near.push((earlier.index, firm.index));
        }
        firm.name = claim(&mut draft.parts, &mut names_taken, &mut draft.draw);
        if let Some((mut parts, until)) = draft.former {
            let name = claim(&mut parts, &mut names_taken, &mut draft.draw);
            firm.former_names.push(FormerName { name, until });
        }
        while !codes_taken.insert(firm.code.clone()) {
            firm.code = credit_code(&mut draft.draw, codes, firm.division, firm.founded);
        }
        before = Some(draft.parts);
        out.push(draft.firm);
    }
    (out, near)
}

/// Draws brands until the name is new and no real one. Names that differ in region or legal form
/// only would be one name to a reader, so the comparison drops both.
fn claim(parts: &mut NameParts, taken: &mut BTreeSet<String>, draw: &mut Draw) -> String {
    loop {
        let name = parts.full();
        let key = base::text::name_key(&name);
        if !names::is_denied(&name) && taken.insert(key) {
            return name;
        }
        parts.brand = names::brand(draw);
    }
}
