//! A table of the whole province by county, class and firm for finding clusters: every manufacturer of
//! the registry, and in some counties groups of further firms of related classes that are planted there.

use crate::credit;
use crate::draw::{Draw, Purpose};
use crate::names::UTILITIES;
use crate::parameters::LAST_YEAR;
use crate::province::Province;
use base::{CreditCode, DivisionCode};
use std::collections::BTreeSet;
use std::fmt::Write;

/// One firm of the table.
#[derive(Clone, Debug, PartialEq)]
pub struct RegionRow {
    /// County.
    pub county: DivisionCode,
    /// GB/T 4754 class.
    pub class: String,
    /// Credit code.
    pub firm: CreditCode,
    /// Output in a year, 万元.
    pub output: f64,
    /// Staff.
    pub staff: u32,
}

/// A cluster that is planted; which place has which is made up.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PlantedCluster {
    /// Name.
    pub name: &'static str,
    /// Counties next to each other.
    pub counties: &'static [&'static str],
    /// Classes that belong together.
    pub classes: &'static [&'static str],
    /// Firms planted besides those of the registry.
    pub firms: usize,
    /// Median output of them, 万元.
    pub output: f64,
}

/// What is planted.
pub const CLUSTERS: [PlantedCluster; 9] = [
    PlantedCluster {
        name: "农机装备",
        counties: &["370725", "370783", "370784", "370704"],
        classes: &["3571", "3572", "3576", "3412"],
        firms: 420,
        output: 3_000.0,
    },
    PlantedCluster {
        name: "工业母机",
        counties: &["370481", "370402"],
        classes: &["3421", "3425", "3422"],
        firms: 260,
        output: 2_600.0,
    },
    PlantedCluster {
        name: "铝材",
        counties: &["371681"],
        classes: &["3216", "3252", "3392"],
        firms: 150,
        output: 20_000.0,
    },
    PlantedCluster {
        name: "智能家电",
        counties: &["370211", "370214"],
        classes: &["3851", "3852", "3855", "3857"],
        firms: 240,
        output: 5_000.0,
    },
    PlantedCluster {
        name: "高端化工",
        counties: &["370523", "370505", "370321"],
        classes: &["2614", "2651", "2661"],
        firms: 280,
        output: 9_000.0,
    },
    PlantedCluster {
        name: "海工装备",
        counties: &["371082", "370685"],
        classes: &["3731", "3734", "3737"],
        firms: 140,
        output: 8_000.0,
    },
    PlantedCluster {
        name: "轴承",
        counties: &["371581", "371502"],
        classes: &["3451", "3393"],
        firms: 330,
        output: 1_500.0,
    },
    PlantedCluster {
        name: "现代食品",
        counties: &["371321", "371322", "371302"],
        classes: &["1353", "1371", "1432"],
        firms: 320,
        output: 2_200.0,
    },
    PlantedCluster {
        name: "轨道交通装备",
        counties: &["370214"],
        classes: &["3711", "3714", "3720"],
        firms: 70,
        output: 12_000.0,
    },
];

/// The rows, by county, class and firm.
pub fn rows(province: &Province) -> Vec<RegionRow> {
    let mut out = Vec::with_capacity(province.firms().len() + 3_000);
    let mut codes = BTreeSet::new();
    for firm in province.firms() {
        codes.insert(firm.code.clone());
        let makes = !UTILITIES.iter().any(|u| firm.industry.starts_with(u.division));
        if let Some(figures) = province.figures_of(firm.index, LAST_YEAR).filter(|_| makes) {
            out.push(RegionRow {
                county: firm.division,
                class: firm.industry.clone(),
                firm: firm.code.clone(),
                output: figures.revenue_k as f64 / 10.0,
                staff: figures.employees.max(0) as u32,
            });
        }
    }
    for (n, cluster) in CLUSTERS.iter().enumerate() {
        let mut draw = Draw::new(province.seed(), Purpose::Region, n as u64);
        for _ in 0..cluster.firms {
            // Most of it is in the first county, with a tail around.
            let near = draw.unit() * draw.unit() * cluster.counties.len() as f64;
            let county: DivisionCode = cluster.counties[near as usize].parse().expect("a division code");
            let class = (*draw.pick(cluster.classes)).to_owned();
            let output = (draw.log_normal(cluster.output, 1.3) * 10.0).round() / 10.0;
            let staff = (output / draw.log_normal(70.0, 0.4)).max(3.0) as u32;
            let old = draw.chance(0.5);
            let firm = loop {
                let code = credit::make(&mut draw, county, old);
                if codes.insert(code.clone()) {
                    break code;
                }
            };
            out.push(RegionRow { county, class, firm, output, staff });
        }
    }
    out.sort_by(|a, b| (a.county, &a.class, &a.firm).cmp(&(b.county, &b.class, &b.firm)));
    out
}

/// The rows as CSV with a head.
pub fn to_csv(rows: &[RegionRow]) -> String {
    let mut out = String::from("county,class,firm,output_10k_yuan,staff\n");
    for row in rows {
        writeln!(out, "{},{},{},{},{}", row.county, row.class, row.firm, row.output, row.staff)
            .expect("writing to a string");
    }
    out
}
