//! What lead firms look for, with limits and units, and what others can do: some exactly, some just not,
//! some in another unit, and some who leave the decisive figure out.

use super::cast::Player;
use super::document::{Capability, Need, Property, Relation, Requirement};
use crate::draw::{Draw, Purpose};
use jiff::civil::{Date, date};
use law::ChainTemplate;

/// One limit of a need: property, title, relation, value, unit.
type Limit = (&'static str, &'static str, Relation, f64, &'static str);

struct Wanted {
    title: &'static str,
    title_en: &'static str,
    product: &'static str,
    /// Whose makers look for it.
    buyer: &'static str,
    quantity: f64,
    unit: &'static str,
    amount: f64,
    limits: &'static [Limit],
    certificate: Option<(&'static str, &'static str)>,
}

use Relation::{AtLeast, AtMost};

const WANTED: [Wanted; 14] = [
    Wanted {
        title: "钛合金五轴加工件，公差 ±5 µm",
        title_en: "Titanium part by five-axis machining, ±5 µm",
        product: "milling-head",
        buyer: "five-axis",
        quantity: 1_200.0,
        unit: "件",
        amount: 960.0,
        limits: &[
            ("tolerance", "加工公差（±）", AtMost, 5.0, "um"),
            ("envelope_x", "X 向行程", AtLeast, 1_200.0, "mm"),
            ("axes", "联动轴数", AtLeast, 5.0, "count"),
        ],
        certificate: Some(("as9100", "AS9100 质量体系")),
    },
    Wanted {
        title: "高速电主轴，24000 转，径跳 2 µm 以内",
        title_en: "Motor spindle, 24,000 rpm, runout within 2 µm",
        product: "electric-spindle",
        buyer: "five-axis",
        quantity: 300.0,
        unit: "套",
        amount: 1_800.0,
        limits: &[("speed", "最高转速", AtLeast, 24_000.0, "rpm"), ("runout", "径向跳动", AtMost, 2.0, "um")],
        certificate: None,
    },
    Wanted {
        title: "P4 级主轴轴承，寿命 20000 小时",
        title_en: "Spindle bearings, class P4, 20,000 h",
        product: "spindle-bearing",
        buyer: "spindle",
        quantity: 8_000.0,
        unit: "套",
        amount: 1_440.0,
        limits: &[("life", "额定寿命", AtLeast, 20_000.0, "h"), ("runout", "径向跳动", AtMost, 3.0, "um")],
        certificate: None,
    },
    Wanted {
        title: "滚柱直线导轨，4 米整根，行走平行度 5 µm",
        title_en: "Roller guide, 4 m in one piece, parallelism 5 µm",
        product: "linear-guide",
        buyer: "gantry",
        quantity: 2_400.0,
        unit: "根",
        amount: 1_100.0,
        limits: &[("length", "单根长度", AtLeast, 4_000.0, "mm"), ("parallelism", "行走平行度", AtMost, 5.0, "um")],
        certificate: None,
    },
    Wanted {
        title: "C2 级滚珠丝杠，行程 2 米",
        title_en: "Ball screw, class C2, travel 2 m",
        product: "ball-screw",
        buyer: "machining-centre",
        quantity: 3_000.0,
        unit: "套",
        amount: 900.0,
        limits: &[
            ("length", "行程", AtLeast, 2_000.0, "mm"),
            ("lead_error", "任意 300 mm 导程误差", AtMost, 5.0, "um"),
        ],
        certificate: None,
    },
    Wanted {
        title: "大型床身铸件，单件 25 吨",
        title_en: "Large bed casting, 25 t in one piece",
        product: "bed-casting",
        buyer: "gantry",
        quantity: 160.0,
        unit: "件",
        amount: 2_400.0,
        limits: &[("piece_mass", "单件最大质量", AtLeast, 25.0, "t"), ("flatness", "导轨面平面度", AtMost, 20.0, "um")],
        certificate: Some(("iso9001", "ISO 9001 质量体系")),
    },
    Wanted {
        title: "五轴数控系统，联动 5 轴以上",
        title_en: "CNC with five axes or more",
        product: "cnc-system",
        buyer: "five-axis",
        quantity: 260.0,
        unit: "套",
        amount: 3_900.0,
        limits: &[("axes", "联动轴数", AtLeast, 5.0, "count"), ("block_time", "程序段处理时间", AtMost, 0.5, "ms")],
        certificate: Some(("functional_safety", "功能安全认证")),
    },
    Wanted {
        title: "伺服驱动器，速度环带宽 3 kHz",
        title_en: "Servo drive, speed loop 3 kHz",
        product: "servo-drive",
        buyer: "machining-centre",
        quantity: 6_000.0,
        unit: "台",
        amount: 1_500.0,
        limits: &[("bandwidth", "速度环带宽", AtLeast, 3.0, "kHz"), ("power", "额定功率", AtLeast, 7.5, "kW")],
        certificate: None,
    },
    Wanted {
        title: "23 位绝对值编码器",
        title_en: "Absolute encoder, 23 bit",
        product: "encoder",
        buyer: "servo-motor",
        quantity: 20_000.0,
        unit: "只",
        amount: 1_600.0,
        limits: &[("resolution", "分辨率", AtLeast, 23.0, "bit"), ("angle_error", "角度误差", AtMost, 20.0, "arcsec")],
        certificate: None,
    },
    Wanted {
        title: "数控转台，分度精度 5 角秒",
        title_en: "Rotary table, indexing within 5 arcsec",
        product: "rotary-table",
        buyer: "horizontal-centre",
        quantity: 280.0,
        unit: "台",
        amount: 1_680.0,
        limits: &[("angle_error", "分度精度", AtMost, 5.0, "arcsec"), ("load", "最大承重", AtLeast, 1_000.0, "kg")],
        certificate: None,
    },
    Wanted {
        title: "40 刀位刀库，换刀 2 秒以内",
        title_en: "Tool magazine, 40 places, change within 2 s",
        product: "tool-changer",
        buyer: "machining-centre",
        quantity: 900.0,
        unit: "套",
        amount: 1_080.0,
        limits: &[("places", "刀位数", AtLeast, 40.0, "count"), ("change_time", "换刀时间", AtMost, 2.0, "s")],
        certificate: None,
    },
    Wanted {
        title: "精密减速器，背隙 1 角分",
        title_en: "Reducer, backlash within 1 arcmin",
        product: "gear-reducer",
        buyer: "handling-robot",
        quantity: 5_000.0,
        unit: "台",
        amount: 1_250.0,
        limits: &[("backlash", "背隙", AtMost, 1.0, "arcmin"), ("torque", "额定转矩", AtLeast, 400.0, "Nm")],
        certificate: None,
    },
    Wanted {
        title: "硬质合金涂层刀片，寿命提高三成",
        title_en: "Coated carbide inserts",
        product: "carbide-tool",
        buyer: "smart-line",
        quantity: 400_000.0,
        unit: "片",
        amount: 720.0,
        limits: &[("life", "单刃寿命", AtLeast, 0.6, "h"), ("tolerance", "刀片公差（±）", AtMost, 13.0, "um")],
        certificate: None,
    },
    Wanted {
        title: "真空热处理，变形 0.05 mm 以内",
        title_en: "Vacuum heat treatment, distortion within 0.05 mm",
        product: "heat-treatment",
        buyer: "spindle",
        quantity: 1_500.0,
        unit: "炉次",
        amount: 380.0,
        limits: &[("distortion", "最大变形量", AtMost, 50.0, "um"), ("piece_mass", "单件最大质量", AtLeast, 1.0, "t")],
        certificate: Some(("cqi9", "热处理体系评审 CQI-9")),
    },
];

/// Needs of lead firms.
pub fn needs(seed: u64, players: &[Player]) -> Vec<Need> {
    let mut draw = Draw::new(seed, Purpose::Needs, 0);
    let mut out = Vec::new();
    for (n, wanted) in WANTED.iter().enumerate() {
        let mut buyers: Vec<&Player> =
            players.iter().filter(|p| p.firm.is_some() && p.product() == wanted.buyer).collect();
        buyers.sort_by(|a, b| b.output.total_cmp(&a.output).then(a.id.cmp(&b.id)));
        let Some(buyer) = buyers.first() else { continue };
        let mut requirements: Vec<Requirement> = wanted
            .limits
            .iter()
            .map(|(property, title, relation, value, unit)| Requirement {
                property: (*property).to_owned(),
                title: (*title).to_owned(),
                relation: *relation,
                value: Some(*value),
                unit: Some((*unit).to_owned()),
            })
            .collect();
        requirements.extend(wanted.certificate.map(|(property, title)| Requirement {
            property: property.to_owned(),
            title: title.to_owned(),
            relation: Relation::There,
            value: None,
            unit: None,
        }));
        out.push(Need {
            id: format!("need-{:02}", n + 1),
            buyer: buyer.id.clone(),
            title: wanted.title.to_owned(),
            title_en: wanted.title_en.to_owned(),
            product: format!("product:{}", wanted.product),
            quantity: wanted.quantity,
            unit: wanted.unit.to_owned(),
            amount: wanted.amount,
            until: date(2026, 12, 1)
                .checked_add(jiff::ToSpan::days(draw.between(0, 120)))
                .expect("within the calendar"),
            requirements,
        });
    }
    out
}

/// The value in a larger unit, where suppliers write that one.
fn rewritten(value: f64, unit: &str) -> Option<(f64, &'static str)> {
    match unit {
        "um" => Some((value / 1_000.0, "mm")),
        "mm" => Some((value / 1_000.0, "m")),
        "kg" => Some((value / 1_000.0, "t")),
        _ => None,
    }
}

/// What can be done, by whom: makers of the product wanted and some of its neighbours.
pub fn capabilities(seed: u64, template: &ChainTemplate, players: &[Player]) -> Vec<Capability> {
    let mut draw = Draw::new(seed, Purpose::Needs, 1);
    let mut out = Vec::new();
    for wanted in &WANTED {
        let Some(product) = template.product(wanted.product) else { continue };
        let able = |p: &&Player| p.makes.iter().any(|(id, _)| id == wanted.product);
        let mut firms: Vec<&Player> = players.iter().filter(able).collect();
        let alike = |p: &&Player| {
            p.firm.is_some()
                && !able(p)
                && template.product(p.product()).is_some_and(|m| m.codes.iter().any(|c| product.codes.contains(c)))
        };
        let mut near: Vec<&Player> = players.iter().filter(alike).collect();
        draw.shuffle(&mut near);
        firms.extend(near.into_iter().take(9_usize.saturating_sub(firms.len()).max(2)));
        for (rank, firm) in firms.into_iter().enumerate() {
            out.push(capability(&mut draw, wanted, firm, rank));
        }
    }
    out
}

fn capability(draw: &mut Draw, wanted: &Wanted, firm: &Player, rank: usize) -> Capability {
    // The first can do it, unless it is the one thing that nobody here can; the others as it comes.
    let good = rank == 0 || draw.chance(0.35);
    let mut properties = Vec::new();
    for (property, _, relation, limit, unit) in wanted.limits {
        if !good && draw.chance(0.18) {
            continue;
        }
        let better = if good { draw.unit() * 0.4 } else { draw.unit() * 0.7 - 0.45 };
        let whole = matches!(*unit, "count" | "bit");
        let raw = match relation {
            AtLeast => limit * (1.0 + better),
            _ => limit * (1.0 - better),
        };
        let value = match (whole, relation) {
            (true, AtLeast) if good => raw.ceil(),
            (true, _) => raw.floor(),
            _ => (raw * 1_000.0).round() / 1_000.0,
        };
        let (value, unit) = rewritten(value, unit).filter(|_| draw.chance(0.25)).unwrap_or((value, unit));
        properties.push(Property {
            property: (*property).to_owned(),
            value: Some((value * 1e6).round() / 1e6),
            unit: Some(unit.to_owned()),
            there: None,
        });
    }
    let mut certificates = vec!["iso9001".to_owned()];
    if let Some((name, _)) = wanted.certificate.filter(|_| good || draw.chance(0.4)) {
        properties.push(Property { property: name.to_owned(), value: None, unit: None, there: Some(true) });
        if name != "iso9001" {
            certificates.push(name.to_owned());
        }
    }
    if draw.chance(0.3) {
        certificates.push("iso14001".to_owned());
    }
    let orders = draw.between(0, 60) as u32;
    let free = draw.between(0, 60) as f64 / 100.0;
    Capability {
        firm: firm.id.clone(),
        product: format!("product:{}", wanted.product),
        process: format!("{}加工与装配", wanted.title.split('，').next().unwrap_or(wanted.title)),
        properties,
        certificates,
        free,
        room: (firm.output * free).round(),
        kept: (f64::from(orders) * (0.7 + draw.unit() * 0.3)).floor() as u32,
        orders,
        consents: draw.chance(0.85),
        source: "企业能力填报 2026".to_owned(),
        noted: day(draw),
    }
}

fn day(draw: &mut Draw) -> Date {
    let first = date(2026, 1, 5);
    first.checked_add(jiff::ToSpan::days(draw.between(0, 150))).unwrap_or(first)
}
