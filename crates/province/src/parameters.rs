//! Every magnitude of the generator in one place. None of them is policy: they only make invented
//! figures look like a county's. The two lines that decide who is in scope come from
//! `law/codes/statistical_lines.csv`.

use crate::codes;
use base::DivisionCode;
use rust_decimal::Decimal;
use serde::Serialize;

/// First year with figures.
pub const FIRST_YEAR: i16 = 2021;
/// Last year with figures: the evaluation that is open in the demo.
pub const LAST_YEAR: i16 = 2025;

/// Sizes, shares and ratios of the invented province.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Parameters {
    /// Revenue from which a firm counts as above scale, 万元 (a statistical line, read from `law/codes`).
    pub above_scale_revenue: Decimal,
    /// Land from which a smaller firm is in scope, mu (a scheme's line, read from `law/codes`).
    pub small_firm_land: Decimal,
    /// Firms in the province, the demo county included.
    pub firms: usize,
    /// The county whose workbooks are written.
    pub demo_county: DivisionCode,
    /// Its firms above scale that are in scope in the last year.
    pub demo_above_scale: usize,
    /// Its smaller firms with enough land.
    pub demo_small: usize,
    /// Its utilities (GB/T 4754 section D).
    pub demo_utilities: usize,
    /// Its start-ups of the last year, tenants of little land.
    pub demo_start_ups: usize,
    /// Its firms whose works are being built, without registered land yet.
    pub demo_under_construction: usize,
    /// Its firms with less land than the line.
    pub demo_too_little_land: usize,
    /// Median revenue of a firm, 万元.
    pub revenue_median: f64,
    /// Standard deviation of the logarithm of revenue: 1.7 gives the largest tenth about two thirds.
    pub revenue_spread: f64,
    /// Yearly growth of revenue, logarithm.
    pub growth: f64,
    /// Yearly noise of revenue, logarithm.
    pub growth_spread: f64,
    /// Median revenue per mu above scale, 万元.
    pub revenue_per_mu: f64,
    /// Median revenue per mu of smaller firms, 万元.
    pub small_revenue_per_mu: f64,
    /// Tax paid as a share of revenue.
    pub tax_share: f64,
    /// Value added as a share of revenue.
    pub value_added_share: f64,
    /// Value added per person, 万元.
    pub productivity: f64,
    /// Value added per tonne of coal equivalent, 万元.
    pub value_added_per_tce: f64,
    /// Value added per tonne of the four pollutants, 万元.
    pub value_added_per_pollutant: f64,
    /// Median R&D share of revenue among firms that have any.
    pub rd_share: f64,
    /// Electricity per tonne of coal equivalent used, kWh.
    pub kwh_per_tce: f64,
    /// Electricity per 万元 of revenue of smaller firms, kWh.
    pub small_kwh_per_revenue: f64,
    /// Standard deviation of the logarithm of each ratio between firms.
    pub ratio_spread: f64,
    /// The same between the years of one firm.
    pub yearly_spread: f64,
    /// Share of firms that do persistently badly from some year on.
    pub weak: f64,
    /// Share of firms renamed once.
    pub renamed: f64,
    /// Share of dishonest firms in a year.
    pub dishonest: f64,
    /// Probability of an accident in a year.
    pub accident: f64,
    /// Probability of each kind of missed task or standard in a year.
    pub missed: f64,
    /// Rough industrial weight of each city, for the spread of firms; invented.
    pub city_weights: [f64; 16],
}

impl Parameters {
    /// The demo province with those two lines.
    pub fn with_lines(above_scale_revenue: Decimal, small_firm_land: Decimal) -> Self {
        Self {
            above_scale_revenue,
            small_firm_land,
            firms: 50_000,
            demo_county: "370725".parse().expect("a division code"),
            demo_above_scale: 700,
            demo_small: 2_300,
            demo_utilities: 12,
            demo_start_ups: 14,
            demo_under_construction: 10,
            demo_too_little_land: 24,
            revenue_median: 900.0,
            revenue_spread: 1.7,
            growth: 0.045,
            growth_spread: 0.16,
            revenue_per_mu: 340.0,
            small_revenue_per_mu: 110.0,
            tax_share: 0.042,
            value_added_share: 0.23,
            productivity: 21.0,
            value_added_per_tce: 2.6,
            value_added_per_pollutant: 4_900.0,
            rd_share: 0.028,
            kwh_per_tce: 1_900.0,
            small_kwh_per_revenue: 320.0,
            ratio_spread: 0.5,
            yearly_spread: 0.1,
            weak: 0.06,
            renamed: 0.04,
            dishonest: 0.004,
            accident: 0.002,
            missed: 0.001,
            city_weights: [8.5, 11.0, 6.5, 4.0, 4.0, 8.5, 11.5, 6.5, 4.5, 4.0, 3.0, 9.5, 6.0, 5.0, 5.5, 5.5],
        }
    }
}

impl Default for Parameters {
    /// The lines that `law/codes/statistical_lines.csv` states.
    fn default() -> Self {
        Self::with_lines(codes::line("above_scale_revenue"), codes::line("small_firm_land"))
    }
}
