//! The yearly figures of a firm. The last year is drawn first and the walk goes backwards, so that
//! a firm's size in the year under evaluation can be demanded. Figures are whole numbers of the
//! unit in which the owning department counts, so every conversion is exact.

use crate::draw::{Draw, Purpose, whole};
use crate::firm::{Firm, Part, Size};
use crate::names::trade_of;
use crate::parameters::{FIRST_YEAR, LAST_YEAR, Parameters};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde::Serialize;

/// What firms above the line report in addition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ScaleFigures {
    /// 工业增加值, thousands of yuan.
    pub value_added_k: i64,
    /// 综合能耗, hundredths of a tonne of coal equivalent.
    pub energy_c: i64,
    /// 研发费用, thousands of yuan; zero is a statement.
    pub rd_k: i64,
    /// 技改投资, hundredths of 万元.
    pub upgrade_c: i64,
}

/// Emissions of a firm that has any.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Emissions {
    /// 化学需氧量, tenths of a kilogram.
    pub cod_hg: i64,
    /// 氨氮, tenths of a kilogram.
    pub ammonia_hg: i64,
    /// 二氧化硫, kilograms.
    pub so2_kg: i64,
    /// 氮氧化物, kilograms.
    pub nox_kg: i64,
    /// Environmental accidents.
    pub accidents: i64,
}

/// What other departments state about every firm each year, in no workbook of the six.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Record {
    /// 较大及以上 safety accidents.
    pub safety_accidents: i64,
    /// Safety accidents of any size.
    pub any_safety_accidents: i64,
    /// Major food-safety accidents.
    pub food_accidents: i64,
    /// On the list of seriously dishonest firms.
    pub dishonest: bool,
    /// Environment, energy, quality or safety standards not met.
    pub standards_unmet: bool,
    /// Emission task of the year missed.
    pub emission_task_missed: bool,
    /// Energy-saving or capacity task of the year missed.
    pub energy_task_missed: bool,
    /// Serious land violation.
    pub land_violation: bool,
}

/// One firm's figures of one year.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Figures {
    /// Calendar year.
    pub year: i16,
    /// 实缴税金, fen.
    pub tax_fen: i64,
    /// 免抵调库, hundredths of 万元; none for firms without exports.
    pub export_credit_c: Option<i64>,
    /// 用电量, kWh.
    pub power_kwh: i64,
    /// Surcharge already in force, thousandths of a yuan per kWh.
    pub differential_price_m: Option<i64>,
    /// 营业收入, thousands of yuan.
    pub revenue_k: i64,
    /// 年平均从业人员.
    pub employees: i64,
    /// Revenue at or above the line.
    pub above_scale: bool,
    /// Only above the line.
    pub scale: Option<ScaleFigures>,
    /// Only for firms that emit.
    pub emissions: Option<Emissions>,
    /// What is on record about it.
    pub record: Record,
}

/// What stays the same about a firm over the years, relative to the province's median.
struct Traits {
    tax: f64,
    value_added: f64,
    productivity: f64,
    energy: f64,
    pollutants: f64,
    research: Option<f64>,
    power: f64,
    export: Option<f64>,
    emits: bool,
    upgrades: bool,
    differential_price_m: Option<i64>,
}

impl Traits {
    fn draw(draw: &mut Draw, firm: &Firm, p: &Parameters) -> Self {
        let trade = trade_of(&firm.industry);
        let s = p.ratio_spread;
        Self {
            tax: draw.log_normal(1.0, s * 1.2),
            value_added: draw.log_normal(1.0, s * 0.5),
            productivity: draw.log_normal(1.0, s),
            energy: trade.intensity * draw.log_normal(1.0, s),
            pollutants: trade.intensity * draw.log_normal(1.0, s * 1.6),
            research: draw
                .chance((0.45 + 0.25 * trade.research).min(0.95))
                .then(|| trade.research * draw.log_normal(1.0, s)),
            power: trade.intensity * draw.log_normal(1.0, s * 1.4),
            export: draw.chance(0.16).then(|| 0.012 * draw.log_normal(1.0, 0.6)),
            emits: draw.chance((0.25 * trade.intensity + 0.2).min(0.95)),
            upgrades: draw.chance(0.3),
            differential_price_m: draw.chance(0.01).then(|| *draw.pick(&[100, 300])),
        }
    }
}

/// Revenue of the last year in 万元, on the side of the line that the firm's size demands.
fn last_revenue(draw: &mut Draw, firm: &Firm, p: &Parameters) -> f64 {
    let line = p.above_scale_revenue.to_f64().expect("a line is a finite number");
    match firm.part {
        Part::UnderConstruction => return 0.0,
        Part::StartUp => return draw.log_normal(p.revenue_median * 0.1, 0.7).min(line * 0.5),
        _ => {}
    }
    loop {
        // Only the upper tail goes on for ever: the largest firm stays plausible.
        let revenue = draw.log_normal(p.revenue_median, p.revenue_spread).min(8_000_000.0);
        let fits = match firm.size {
            Size::Above => revenue >= line * 1.002,
            Size::Below => revenue < line * 0.998 && revenue > 60.0,
            Size::Free => revenue > 30.0,
        };
        if fits {
            return revenue;
        }
    }
}

/// Share of a calendar year that the firm was at work.
fn working_share(firm: &Firm, year: i16) -> f64 {
    if firm.founded.year() == year { f64::from(13 - firm.founded.month()) / 12.0 * 0.6 } else { 1.0 }
}

/// Figures of every year since the firm was founded, ascending.
pub fn walk(seed: u64, firm: &Firm, p: &Parameters) -> Vec<Figures> {
    let mut draw = Draw::new(seed, Purpose::Figures, firm.index as u64);
    let traits = Traits::draw(&mut draw, firm, p);
    let mut level = last_revenue(&mut draw, firm, p);
    let mut out = Vec::new();
    let first = firm.founded.year().max(FIRST_YEAR);
    for year in (first..=LAST_YEAR).rev() {
        let revenue = level * if year == LAST_YEAR { 1.0 } else { working_share(firm, year) };
        out.push(of_year(&mut draw, firm, &traits, year, revenue, p));
        level *= libm::exp(-p.growth - p.growth_spread * draw.normal());
    }
    out.reverse();
    out
}

fn of_year(draw: &mut Draw, firm: &Firm, traits: &Traits, year: i16, revenue: f64, p: &Parameters) -> Figures {
    let weak = firm.weak_since.is_some_and(|since| year >= since);
    let worse = |factor: f64| if weak { factor } else { 1.0 };
    let mut noise = |factor: f64| factor * draw.log_normal(1.0, p.yearly_spread);
    let revenue_k = whole(revenue * 10.0);
    let above_scale = Decimal::new(revenue_k, 1) >= p.above_scale_revenue;
    let tax = noise(revenue * p.tax_share * traits.tax * worse(0.12)) + if revenue_k == 0 { 3.2 } else { 0.0 };
    let value_added = noise(revenue * p.value_added_share * traits.value_added * worse(0.6)).min(revenue * 0.85);
    let people = noise(value_added / (p.productivity * traits.productivity) * worse(1.6)) + 3.0;
    let energy = noise(value_added / p.value_added_per_tce * traits.energy * worse(2.2)) + 1.0;
    let kwh = if above_scale {
        noise(energy * p.kwh_per_tce) * 0.6
    } else {
        noise(revenue * p.small_kwh_per_revenue * traits.power * worse(2.0)) + 2_000.0
    };
    let pollutants = noise(value_added / p.value_added_per_pollutant * traits.pollutants * worse(3.0)) * 1_000.0;
    let research = traits.research.map_or(0.0, |r| noise((p.rd_share * r).min(0.14) * worse(0.15)) * revenue);
    let upgrade = if traits.upgrades && !weak { noise(revenue * 0.02) } else { 0.0 };
    Figures {
        year,
        tax_fen: whole(tax * 1_000_000.0),
        export_credit_c: traits.export.map(|e| whole(revenue * e * 100.0)),
        power_kwh: whole(kwh),
        differential_price_m: traits.differential_price_m,
        revenue_k,
        employees: whole(people),
        above_scale,
        scale: above_scale.then(|| ScaleFigures {
            value_added_k: whole(value_added * 10.0),
            energy_c: whole(energy * 100.0),
            rd_k: whole(research * 10.0),
            upgrade_c: whole(upgrade * 100.0),
        }),
        emissions: (traits.emits && (above_scale || traits.pollutants > 1.0) && revenue_k > 0).then(|| Emissions {
            cod_hg: whole(pollutants * 0.30 * 10.0) + 1,
            ammonia_hg: whole(pollutants * 0.03 * 10.0) + 1,
            so2_kg: whole(pollutants * 0.22),
            nox_kg: whole(pollutants * 0.45) + 1,
            accidents: i64::from(draw.chance(p.accident)),
        }),
        record: record(draw, weak, p),
    }
}

fn record(draw: &mut Draw, weak: bool, p: &Parameters) -> Record {
    let bad = if weak { 5.0 } else { 1.0 };
    let safety_accidents = i64::from(draw.chance(p.accident));
    Record {
        safety_accidents,
        any_safety_accidents: safety_accidents + i64::from(draw.chance(p.accident * 4.0)),
        food_accidents: 0,
        dishonest: draw.chance(p.dishonest * bad),
        standards_unmet: draw.chance(p.missed * bad),
        emission_task_missed: draw.chance(p.missed * bad),
        energy_task_missed: draw.chance(p.missed * bad),
        land_violation: draw.chance(p.missed * bad),
    }
}

/// The last year in which the firm crossed the line upwards, when it was seen below it before.
pub fn risen_from(figures: &[Figures]) -> Option<i16> {
    let crossing = figures.windows(2).rev().find(|w| !w[0].above_scale && w[1].above_scale)?;
    Some(crossing[1].year)
}
