//! What firms write of themselves and what invoices, patents and licences say, as messy as it comes: brand
//! words, trade and repair instead of making, products that only sound alike, codes that do not fit, and
//! firms that say nothing useful at all. The truth is known, so a sample is labelled.

use super::cast::{Player, SINGLE_SOURCE};
use super::document::{Claim, ClaimKind, Label};
use crate::draw::{Draw, Purpose};
use crate::names;
use chain::Evidence;
use chain::placement::{Classified, Scheme};
use jiff::civil::{Date, date};
use law::ChainTemplate;
use law::chain::ChainProduct;
use std::collections::BTreeSet;

const QUALITIES: [&str; 8] = ["高精度", "高速", "大型", "新型", "精密", "智能", "重载", ""];
const DOES: [&str; 6] = ["生产", "研发、生产与销售", "制造", "加工制造", "设计、制造", "专业生产"];
/// Lines that say nothing of any product.
const VAGUE: [&str; 10] = [
    "机械零部件加工",
    "精密机械配件",
    "通用设备及配件制造",
    "自动化设备的技术开发",
    "来图来样加工",
    "机电产品制造销售",
    "工业自动化配套产品",
    "金属制品加工",
    "技术服务、技术咨询",
    "进出口贸易",
];
/// How one says a product without making it.
const NOT_MAKING: [&str; 9] = [
    "代理进口{}",
    "{}销售",
    "{}维修",
    "{}用包装箱",
    "为{}厂提供表面清洗服务",
    "{}配套紧固件",
    "{}租赁",
    "{}二手设备翻新",
    "适用于{}的检测服务",
];
const AUTHORS: [&str; 3] = ["企业自行填报", "链办录入员甲", "数据接口"];

struct Writer<'a> {
    draw: Draw,
    template: &'a ChainTemplate,
    claims: Vec<Claim>,
    /// Pairs of firm and product that some line brings together although the firm does not make it.
    misleading: Vec<(String, String)>,
}

impl<'a> Writer<'a> {
    fn say(&mut self, firm: &str, kind: ClaimKind, text: Option<String>, code: Option<String>, amount: Option<f64>) {
        let source = match kind {
            ClaimKind::Declares => format!("企业主营产品申报 {}", self.draw.between(2023, 2026)),
            ClaimKind::Sells => format!("销项发票品目 {}", self.draw.between(2023, 2026)),
            ClaimKind::Buys => format!("进项发票品目 {}", self.draw.between(2023, 2026)),
            ClaimKind::Patents => format!("专利检索 第{}批", self.draw.between(1, 9)),
            ClaimKind::Licensed => "许可和认证名单 2025".to_owned(),
        };
        self.claims.push(Claim {
            firm: firm.to_owned(),
            kind,
            text,
            code: code.map(|code| Classified { scheme: Scheme::Industry, code }),
            amount,
            evidence: Evidence { source, author: (*self.draw.pick(&AUTHORS)).to_owned(), noted: day(&mut self.draw) },
        });
    }

    /// A name under which the product is written; one in six is written in a way that no list knows.
    fn word(&mut self, product: &ChainProduct) -> String {
        let mut names: Vec<&str> = vec![&product.title.zh];
        names.extend(product.terms.iter().map(String::as_str));
        let name = (*self.draw.pick(&names)).to_owned();
        match self.draw.below(12) {
            0 => odd(&name),
            1 => format!("{}系列", name.chars().take(2).collect::<String>()),
            2 => format!("{}（{}型）", name, self.draw.between(10, 99)),
            _ => name,
        }
    }

    fn firm(&mut self, player: &Player) {
        for (rank, (id, share)) in player.makes.iter().enumerate() {
            let product = self.template.product(id).expect("made of the template");
            // One firm in nine says nothing that shows its product.
            let silent = self.draw.chance(0.11);
            let (word, quality) = (self.word(product), *self.draw.pick(&QUALITIES));
            let vague = *self.draw.pick(&VAGUE);
            let text = match (silent, self.draw.below(4)) {
                (true, _) => vague.to_owned(),
                (false, 0) => format!("{quality}{word}、{vague}"),
                (false, 1) => format!("主营：{vague}；{quality}{word}{}", self.draw.pick(&DOES)),
                (false, 2) => format!("{}牌{word}", names::brand(&mut self.draw)),
                (false, _) => format!("{quality}{word}的{}", self.draw.pick(&DOES)),
            };
            let code = (rank == 0).then(|| player.industry.clone());
            self.say(&player.id, ClaimKind::Declares, Some(text), code, None);
            let amount = (player.output * share * (0.4 + self.draw.unit() * 0.5)).round();
            if self.draw.chance(if silent { 0.35 } else { 0.62 }) {
                let item = self.word(product);
                let text = format!("*{}*{item}{}", heading(product), self.draw.pick(&["", " 台", " 套", "-A", "/B级"]));
                let code = self.draw.chance(0.5).then(|| (*self.draw.pick(&product.codes)).clone());
                self.say(&player.id, ClaimKind::Sells, Some(text), code, Some(amount));
            }
            let inputs: Vec<&ChainProduct> =
                product.made_of.iter().filter_map(|i| self.template.product(&i.product)).collect();
            for input in inputs {
                if self.draw.chance(0.3) {
                    let text = format!("*{}*{}", heading(input), self.word(input));
                    let amount = (player.output * 0.05 * (0.2 + self.draw.unit())).round();
                    self.say(&player.id, ClaimKind::Buys, Some(text), None, Some(amount));
                }
            }
            if self.draw.chance(0.34) {
                let word = self.word(product);
                let text = match self.draw.below(4) {
                    0 => format!("一种{word}的装配工装"),
                    1 => format!("一种{word}及其加工方法"),
                    2 => format!("{word}性能试验装置"),
                    _ => format!("一种{}{word}", self.draw.pick(&QUALITIES)),
                };
                self.say(&player.id, ClaimKind::Patents, Some(text), None, None);
            }
            if self.draw.chance(0.08) {
                let text = format!("{}质量体系认证", self.word(product));
                self.say(&player.id, ClaimKind::Licensed, Some(text), None, None);
            }
        }
        self.noise(player);
    }

    /// What sounds like a product and is none of this firm's.
    fn noise(&mut self, player: &Player) {
        if self.draw.chance(0.45) {
            let other = self.other(player);
            let word = self.word(other);
            self.misleading.push((player.id.clone(), format!("product:{}", other.id)));
            let text = self.draw.pick(&NOT_MAKING).replace("{}", &word);
            let (kind, text) = match self.draw.below(4) {
                // A trader's invoice looks exactly like a maker's.
                0 => (ClaimKind::Sells, format!("*{}*{word}", heading(other))),
                1 => (ClaimKind::Patents, format!("用于{word}的防护结构")),
                _ => (ClaimKind::Declares, text),
            };
            let amount = (kind == ClaimKind::Sells).then(|| (player.output * 0.1 * self.draw.unit()).round());
            self.say(&player.id, kind, Some(text), None, amount);
        }
        if self.draw.chance(0.2) {
            let text = (*self.draw.pick(&VAGUE)).to_owned();
            self.say(&player.id, ClaimKind::Declares, Some(text), None, None);
        }
    }

    /// A product of the neighbourhood that the firm does not make.
    fn other(&mut self, player: &Player) -> &'a ChainProduct {
        let near = near(self.template, player);
        near[self.draw.below(near.len())]
    }
}

/// Products that the firm does not make, those of the same stage or codes where there are any.
fn near<'t>(template: &'t ChainTemplate, player: &Player) -> Vec<&'t ChainProduct> {
    let main = template.product(player.product()).expect("made of the template");
    let foreign = |p: &&ChainProduct| player.makes.iter().all(|(id, _)| *id != p.id);
    let alike = |p: &&ChainProduct| p.stage == main.stage || p.codes.iter().any(|c| main.codes.contains(c));
    let close: Vec<&ChainProduct> = template.products.iter().filter(|p| foreign(p) && alike(p)).collect();
    if close.is_empty() { template.products.iter().filter(foreign).collect() } else { close }
}

/// The heading that invoices put before an item.
fn heading(product: &ChainProduct) -> &'static str {
    match product.codes.first().and_then(|c| c.get(..2)) {
        Some("34") => "通用设备",
        Some("35") => "专用设备",
        Some("38") => "电气机械",
        Some("39") => "电子元件",
        Some("40") => "仪器仪表",
        Some("33") => "金属制品",
        Some("65") => "软件产品",
        _ => "工业产品",
    }
}

/// As somebody types it in a hurry: without its last character, or with letters in full width.
fn odd(name: &str) -> String {
    let wide = |c: char| char::from_u32(c as u32 + 0xfee0).unwrap_or(c);
    match name.is_ascii() {
        true => name.chars().map(|c| if c.is_ascii_graphic() { wide(c) } else { c }).collect(),
        false => {
            let count = name.chars().count();
            name.chars().take(count.saturating_sub(1).max(1)).collect()
        }
    }
}

fn day(draw: &mut Draw) -> Date {
    let first = date(2023, 1, 10);
    first.checked_add(jiff::ToSpan::days(draw.between(0, 1_200))).unwrap_or(first)
}

/// Claims about every player, and labels of a sample of pairs.
pub fn make(seed: u64, template: &ChainTemplate, players: &[Player]) -> (Vec<Claim>, Vec<Label>) {
    let mut writer =
        Writer { draw: Draw::new(seed, Purpose::Claims, 0), template, claims: Vec::new(), misleading: Vec::new() };
    players.iter().for_each(|p| writer.firm(p));
    let labels = labels(seed, template, players, writer.misleading);
    (writer.claims, labels)
}

/// 100 pairs that hold and 90 that do not: near misses, and some that a line misleads to.
fn labels(
    seed: u64,
    template: &ChainTemplate,
    players: &[Player],
    mut misleading: Vec<(String, String)>,
) -> Vec<Label> {
    let mut draw = Draw::new(seed, Purpose::Claims, 1);
    let mut order: Vec<&Player> = players.iter().collect();
    draw.shuffle(&mut order);
    let mut out: BTreeSet<(String, String, bool)> = BTreeSet::new();
    let pair = |p: &Player, id: &str, holds| (p.id.clone(), format!("product:{id}"), holds);
    for player in order.iter().take(100) {
        let (id, _) = draw.pick(&player.makes);
        out.insert(pair(player, id, true));
    }
    draw.shuffle(&mut misleading);
    out.extend(misleading.into_iter().take(30).map(|(firm, product)| (firm, product, false)));
    for player in order.iter().skip(60).take(60) {
        let other = *draw.pick(&near(template, player));
        out.insert(pair(player, &other.id, false));
    }
    // The rumour about the bearing was looked into.
    for player in players.iter().filter(|p| p.product() == "rolling-bearing").take(3) {
        out.insert(pair(player, SINGLE_SOURCE, false));
    }
    out.into_iter().map(|(firm, product, holds)| Label { firm, product, holds }).collect()
}
