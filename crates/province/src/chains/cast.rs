//! Who plays in the demo's chain: firms of the province whose industry fits, firms of other provinces,
//! and which of them make what.

use crate::credit;
use crate::draw::{Draw, Purpose};
use crate::names;
use crate::parameters::LAST_YEAR;
use crate::province::Province;
use base::{CreditCode, DivisionCode};
use jiff::civil::Date;
use law::ChainTemplate;
use std::collections::{BTreeMap, BTreeSet};

/// The product that one firm alone makes.
pub const SINGLE_SOURCE: &str = "spindle-bearing";
/// The product of the small firm on which much hangs.
pub const SMALL_FIRM: &str = "optical-disc";
/// Products that come from abroad for the most part.
pub const ABROAD: [&str; 3] = ["control-chip", "motion-software", "linear-scale"];

/// Prefectures of other provinces where the chain has suppliers, with the name that firms carry.
const ELSEWHERE: [(&str, &str); 14] = [
    ("210100", "沈阳"),
    ("210200", "大连"),
    ("310100", "上海"),
    ("320200", "无锡"),
    ("320500", "苏州"),
    ("330100", "杭州"),
    ("330200", "宁波"),
    ("331000", "台州"),
    ("410300", "洛阳"),
    ("420100", "武汉"),
    ("440300", "深圳"),
    ("441900", "东莞"),
    ("510100", "成都"),
    ("610100", "西安"),
];

/// A firm of the chain.
#[derive(Clone, Debug)]
pub struct Player {
    /// Its node.
    pub id: String,
    /// Its place among the province's firms; none: of another province.
    pub firm: Option<usize>,
    /// Its credit code.
    pub code: CreditCode,
    /// Its name.
    pub name: String,
    /// Where it is.
    pub place: DivisionCode,
    /// GB/T 4754 class.
    pub industry: String,
    /// Since when.
    pub founded: Date,
    /// Output in a year, 万元.
    pub output: f64,
    /// What it makes, the main product first, with the part of its output.
    pub makes: Vec<(String, f64)>,
}

impl Player {
    /// Its main product.
    pub fn product(&self) -> &str {
        &self.makes[0].0
    }
}

/// Bounds of output of the makers of a product, 万元, and how many there are here and elsewhere.
fn plan(template: &ChainTemplate, id: &str, draw: &mut Draw) -> ((f64, f64), usize, usize) {
    if id == SINGLE_SOURCE {
        return ((30_000.0, 400_000.0), 1, 0);
    }
    if id == SMALL_FIRM {
        return ((1_200.0, 6_000.0), 1, 0);
    }
    let product = template.product(id).expect("ids come from the template");
    let number = |param: &Option<law::scheme::Param>| param.as_ref().map_or(0.3, law::chain_rules::float);
    let tier = number(&product.tier);
    let local = match tier {
        t if t < 2.5 => draw.between(2, 3),
        t if t < 3.5 => draw.between(3, 5),
        t if t < 4.5 => draw.between(4, 7),
        _ => draw.between(4, 6),
    };
    let elsewhere = if number(&product.import_share) < 0.05 { draw.between(0, 1) } else { draw.between(1, 3) };
    let bounds = match product.stage.as_str() {
        "machines" | "systems" => (4_000.0, 90_000.0),
        "materials" => (8_000.0, 400_000.0),
        _ if ["encoder", "linear-scale", "electric-spindle", "milling-head"].contains(&id) => (2_500.0, 16_000.0),
        _ => (2_500.0, 120_000.0),
    };
    (bounds, local as usize, elsewhere as usize)
}

/// All players, by node id.
pub fn cast(province: &Province, template: &ChainTemplate) -> Vec<Player> {
    let mut draw = Draw::new(province.seed(), Purpose::Chain, 0);
    let mut taken: BTreeSet<usize> = BTreeSet::new();
    let mut codes: BTreeSet<CreditCode> = province.firms().iter().map(|f| f.code.clone()).collect();
    let mut called: BTreeSet<String> = province.firms().iter().map(|f| f.name.clone()).collect();
    let by_class = by_class(province);
    let mut out = Vec::new();
    // The planted ones choose first, so that nobody takes the firm that fits them.
    let mut order: Vec<&str> = vec![SINGLE_SOURCE, SMALL_FIRM];
    order
        .extend(template.products.iter().map(|p| p.id.as_str()).filter(|id| *id != SINGLE_SOURCE && *id != SMALL_FIRM));
    for id in order.into_iter().filter(|id| template.product(id).is_some()) {
        let product = template.product(id).expect("filtered");
        let (bounds, local, elsewhere) = plan(template, id, &mut draw);
        let mut fitting: Vec<usize> = product
            .codes
            .iter()
            .flat_map(|code| by_class.range(code.clone()..).take_while(move |(c, _)| c.starts_with(code.as_str())))
            .flat_map(|(_, firms)| firms.iter().copied())
            .filter(|f| !taken.contains(f))
            .collect();
        // Neighbours of the class serve where the class itself has too few of that size.
        let in_bounds = |f: &usize, (low, high): (f64, f64)| (low..=high).contains(&output(province, *f));
        let many: Vec<usize> = fitting.iter().copied().filter(|f| in_bounds(f, bounds)).collect();
        fitting = if many.len() >= local {
            many
        } else {
            fitting.into_iter().filter(|f| in_bounds(f, (bounds.0 / 4.0, bounds.1 * 4.0))).collect()
        };
        if id == SINGLE_SOURCE {
            // It must be able to serve every maker of spindles.
            fitting.sort_by(|a, b| output(province, *b).total_cmp(&output(province, *a)));
        } else if id == SMALL_FIRM {
            fitting.sort_by(|a, b| output(province, *a).total_cmp(&output(province, *b)));
            fitting.drain(..fitting.len() / 2);
        } else {
            draw.shuffle(&mut fitting);
        }
        for firm in fitting.into_iter().take(local) {
            taken.insert(firm);
            out.push(of_province(province, firm, id));
        }
        for _ in 0..elsewhere {
            out.push(of_elsewhere(&mut draw, product, bounds, &mut codes, &mut called));
        }
    }
    second_products(template, &mut out, &mut draw);
    out.sort_by(|a, b| a.id.cmp(&b.id));
    out
}

fn by_class(province: &Province) -> BTreeMap<String, Vec<usize>> {
    let mut out: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    let fit = province.firms().iter().filter(|f| f.part == crate::firm::Part::Ordinary && f.weak_since.is_none());
    for firm in fit {
        out.entry(firm.industry.clone()).or_default().push(firm.index);
    }
    out
}

/// Output of a firm of the province, 万元.
pub fn output(province: &Province, firm: usize) -> f64 {
    province.figures_of(firm, LAST_YEAR).map_or(0.0, |f| f.revenue_k as f64 / 10.0)
}

fn of_province(province: &Province, index: usize, product: &str) -> Player {
    let firm = &province.firms()[index];
    Player {
        id: format!("firm:{}", firm.code),
        firm: Some(index),
        code: firm.code.clone(),
        name: firm.name.clone(),
        place: firm.division,
        industry: firm.industry.clone(),
        founded: firm.founded,
        output: output(province, index),
        makes: vec![(product.to_owned(), 1.0)],
    }
}

fn of_elsewhere(
    draw: &mut Draw,
    product: &law::chain::ChainProduct,
    bounds: (f64, f64),
    codes: &mut BTreeSet<CreditCode>,
    called: &mut BTreeSet<String>,
) -> Player {
    let (place, region) = *draw.pick(&ELSEWHERE);
    let place: DivisionCode = place.parse().expect("a division code");
    let industry = draw.pick(&product.codes).clone();
    let words: &[&str] = match &industry[..2] {
        "65" | "64" => &["软件", "信息技术", "智能科技"],
        division => names::TRADES.iter().find(|t| t.division == division).map_or(&["材料"], |t| t.words),
    };
    let name = loop {
        let name = format!("{region}{}{}有限公司", names::brand(draw), draw.pick(words));
        if !names::is_denied(&name) && called.insert(name.clone()) {
            break name;
        }
    };
    let founded = crate::firm::date(draw.between(2001, 2020) as i16, draw);
    let code = loop {
        let code = credit::make(draw, place, founded < Date::constant(2015, 10, 1));
        if codes.insert(code.clone()) {
            break code;
        }
    };
    let output = libm::round(draw.log_normal(libm::sqrt(bounds.0 * bounds.1), 0.7)).max(bounds.0);
    Player {
        id: format!("firm:{code}"),
        firm: None,
        code,
        name,
        place,
        industry,
        founded,
        output,
        makes: vec![(product.id.clone(), 1.0)],
    }
}

/// One firm in four makes a second product: one made of its first, or one of the same stage and class.
fn second_products(template: &ChainTemplate, players: &mut [Player], draw: &mut Draw) {
    for player in players {
        let main = template.product(player.product()).expect("products come from the template");
        let planted = [SINGLE_SOURCE, SMALL_FIRM].contains(&main.id.as_str());
        let fits = |p: &&law::chain::ChainProduct| {
            p.id != main.id
                && ![SINGLE_SOURCE, SMALL_FIRM].contains(&p.id.as_str())
                && (p.made_of.iter().any(|i| i.product == main.id)
                    || (p.stage == main.stage && p.codes.iter().any(|c| main.codes.contains(c))))
        };
        let others: Vec<&str> = template.products.iter().filter(fits).map(|p| p.id.as_str()).collect();
        if !planted && !others.is_empty() && draw.chance(0.25) {
            let share = draw.between(10, 40) as f64 / 100.0;
            player.makes[0].1 = 1.0 - share;
            player.makes.push(((*draw.pick(&others)).to_owned(), share));
        }
    }
}
