//! The demo chain's nodes and links: who makes what, who supplies whom, projects, technologies, people and
//! money, each link with its evidence and its life.

use super::cast::{ABROAD, Player, SINGLE_SOURCE, SMALL_FIRM};
use super::document::Terms;
use crate::draw::{Draw, Purpose};
use crate::names;
use chain::{Edge, EdgeKind, Evidence, Node, NodeKind, Raw};
use jiff::civil::{Date, date};
use law::ChainTemplate;
use law::chain::ChainProduct;
use law::chain_rules::float;
use std::collections::BTreeMap;

/// Part of a firm's output that it spends on inputs; invented.
const INPUTS: f64 = 0.55;
/// Part of its output that a firm may sell within the chain.
const SOLD: f64 = 0.95;
/// The first day of the time slider.
const BEGIN: Date = date(2021, 1, 1);

const AUTHORS: [&str; 5] = ["链办录入员甲", "链办录入员乙", "产业专家组", "县工信局经办", "企业自行填报"];

fn node(id: String, kind: NodeKind, name: String) -> Node {
    Node { id, kind, name, code: None, place: None, output: None, from: None, until: None }
}

/// A day between two, both inclusive, by months of 28 days.
fn day_between(draw: &mut Draw, first: (i16, i64), last: (i16, i64)) -> Date {
    let months = |(year, month): (i16, i64)| i64::from(year) * 12 + month - 1;
    let at = draw.between(months(first), months(last));
    Date::new((at / 12) as i16, (at % 12 + 1) as i8, draw.between(1, 28) as i8).expect("every month has 28 days")
}

struct Maker<'a> {
    draw: Draw,
    template: &'a ChainTemplate,
    players: &'a [Player],
    raw: Raw,
    terms: Vec<Terms>,
}

impl Maker<'_> {
    fn evidence(&mut self, source: String, from: Option<Date>) -> Evidence {
        let noted = from.unwrap_or(BEGIN).max(date(2021, 3, 1));
        Evidence { source, author: (*self.draw.pick(&AUTHORS)).to_owned(), noted }
    }

    fn link(&mut self, from: String, to: String, kind: EdgeKind, confidence: f64, source: String) -> &mut Edge {
        let evidence = vec![self.evidence(source, None)];
        self.raw.edges.push(Edge {
            from,
            to,
            kind,
            share: None,
            amount: None,
            confidence,
            evidence,
            valid_from: None,
            valid_until: None,
        });
        self.raw.edges.last_mut().expect("just pushed")
    }

    /// Mixed: most links are sure, one in eight is below the line of 0.6.
    fn confidence(&mut self, sure: bool) -> f64 {
        let percent =
            if !sure && self.draw.chance(0.125) { self.draw.between(22, 58) } else { self.draw.between(66, 97) };
        percent as f64 / 100.0
    }

    /// When something began: half of it was there before the slider.
    fn begin(&mut self, sure: bool) -> Option<Date> {
        (!sure && self.draw.chance(0.55)).then(|| day_between(&mut self.draw, (2021, 1), (2026, 5)))
    }

    fn template_nodes(&mut self) {
        let cite = format!("产业链模板 {}", self.template.name());
        for stage in &self.template.stages {
            self.raw.nodes.push(node(format!("stage:{}", stage.id), NodeKind::Stage, stage.title.zh.clone()));
            for before in &stage.after {
                let ends = (format!("stage:{before}"), format!("stage:{}", stage.id));
                self.link(ends.0, ends.1, EdgeKind::Precedes, 1.0, cite.clone());
            }
        }
        for product in &self.template.products {
            let id = format!("product:{}", product.id);
            let code = product.codes.first().cloned();
            self.raw.nodes.push(Node { code, ..node(id.clone(), NodeKind::Product, product.title.zh.clone()) });
            self.link(id.clone(), format!("stage:{}", product.stage), EdgeKind::Belongs, 1.0, cite.clone());
            for input in &product.made_of {
                let to = format!("product:{}", input.product);
                self.link(id.clone(), to, EdgeKind::MadeOf, 0.9, cite.clone()).share = input.share.as_ref().map(float);
            }
            for other in &product.substitutes {
                // The product that stands in is where the link starts.
                let (from, share) = (format!("product:{}", other.product), float(&other.share));
                self.link(from, id.clone(), EdgeKind::Substitutes, 0.75, cite.clone()).share = Some(share);
            }
        }
    }

    fn placements(&mut self) {
        for player in self.players {
            let planted = [SINGLE_SOURCE, SMALL_FIRM].contains(&player.product());
            let from = (player.founded >= BEGIN).then_some(player.founded);
            self.raw.nodes.push(Node {
                place: Some(player.place.to_string()),
                output: Some(player.output),
                from,
                ..node(player.id.clone(), NodeKind::Firm, player.name.clone())
            });
            for (rank, (product, share)) in player.makes.iter().enumerate() {
                let begin = self.begin(planted || rank == 0).map(|b| from.map_or(b, |f| b.max(f)));
                let source = match self.draw.below(4) {
                    0 => format!("企业主营产品申报 {}", self.draw.between(2023, 2026)),
                    1 => format!("发票品目抽样 第{}批", self.draw.between(1, 12)),
                    2 => "实地走访记录".to_owned(),
                    _ => format!("首台（套）和专精特新申报材料 {}", self.draw.between(2022, 2026)),
                };
                let confidence = self.confidence(planted || rank == 0);
                let edge =
                    self.link(player.id.clone(), format!("product:{product}"), EdgeKind::Places, confidence, source);
                (edge.share, edge.valid_from) = (Some(*share), begin);
                if let Some(begin) = begin {
                    edge.evidence[0].noted = begin.max(edge.evidence[0].noted);
                }
                if self.draw.chance(0.3) {
                    let patents = self.draw.between(1, 30);
                    let second = self.evidence(format!("有效专利 {patents} 件"), begin);
                    let last = self.raw.edges.last_mut().expect("just pushed");
                    last.evidence.push(second);
                }
            }
        }
        // Somebody has heard that a second firm makes the bearing; nobody has seen one.
        let rumour = self.players.iter().find(|p| p.product() == "rolling-bearing" && p.makes.len() == 1);
        if let Some(player) = rumour {
            let to = format!("product:{SINGLE_SOURCE}");
            let edge = self.link(player.id.clone(), to, EdgeKind::Places, 0.42, "展会资料，未核实".into());
            (edge.share, edge.valid_from) = (Some(0.0), Some(date(2025, 9, 1).max(player.founded)));
        }
    }

    /// Who buys an input of a firm, by what part from outside: what the template says with noise, but for
    /// what is planted.
    fn outside(&mut self, buyer: &str, input: &ChainProduct) -> f64 {
        let usual = input.import_share.as_ref().map_or(0.1, float);
        match (input.id.as_str(), buyer) {
            // Plain spindles take the bearing from the one maker here; motor spindles take theirs from abroad.
            (SINGLE_SOURCE, "spindle") => 0.05,
            (SINGLE_SOURCE, _) => 0.7,
            (SMALL_FIRM, "encoder") => 0.1,
            (id, _) if ABROAD.contains(&id) => 0.8 + self.draw.unit() * 0.15,
            ("encoder", "servo-motor") => 0.05,
            // What a firm buys abroad itself is less than what the whole market does.
            _ => (usual * 0.6 + (self.draw.unit() - 0.5) * 0.15).clamp(0.0, 0.85),
        }
    }

    fn supplies(&mut self) {
        let mut room: BTreeMap<&str, f64> =
            self.players.iter().map(|p| (p.id.as_str(), p.output * SOLD * p.makes[0].1)).collect();
        let mut makers: BTreeMap<&str, Vec<&Player>> = BTreeMap::new();
        for player in self.players {
            makers.entry(player.product()).or_default().push(player);
        }
        for buyer in self.players {
            let Some(product) = self.template.product(buyer.product()) else { continue };
            for input in &product.made_of {
                let Some(part) = self.template.product(&input.product) else { continue };
                let share = input.share.as_ref().map_or(0.05, float);
                let mut outside = (self.outside(&product.id, part) * 100.0).round() / 100.0;
                let need = buyer.output * buyer.makes[0].1 * INPUTS * share;
                let wanted = need * (1.0 - outside);
                let mut sellers: Vec<&Player> =
                    makers.get(part.id.as_str()).into_iter().flatten().copied().filter(|s| s.id != buyer.id).collect();
                self.draw.shuffle(&mut sellers);
                sellers.truncate(self.draw.between(1, 3) as usize);
                let mut bought = 0.0;
                let each = wanted / sellers.len().max(1) as f64;
                for seller in &sellers {
                    let left = room.get_mut(seller.id.as_str()).expect("every player has room");
                    let amount = (each * (0.6 + self.draw.unit() * 0.6)).min(*left * 0.5).min(wanted - bought);
                    let amount = libm::floor(amount * 100.0) / 100.0;
                    if amount < 1.0 {
                        continue;
                    }
                    *left -= amount;
                    bought += amount;
                    self.supply(buyer, seller, &part.id, amount);
                }
                if bought > 0.0 && ![SINGLE_SOURCE, SMALL_FIRM].contains(&part.id.as_str()) {
                    // What the makers of the chain have no room for comes from outside.
                    outside = ((1.0 - bought / need).clamp(outside, 0.95) * 100.0).round() / 100.0;
                }
                let terms = self.terms_of(buyer, input.essential.unwrap_or(true), part, outside);
                self.terms.push(terms);
            }
        }
    }

    fn supply(&mut self, buyer: &Player, seller: &Player, product: &str, amount: f64) {
        let planted = [SINGLE_SOURCE, SMALL_FIRM].contains(&product);
        let mut begin = self.begin(planted);
        for founded in [buyer.founded, seller.founded] {
            if founded >= BEGIN {
                begin = Some(begin.unwrap_or(founded).max(founded));
            }
        }
        let source = match self.draw.below(3) {
            0 => format!("购销合同 {}-{:04}", self.draw.between(2021, 2026), self.draw.between(1, 9999)),
            1 => format!("增值税发票汇总 {}", self.draw.between(2022, 2026)),
            _ => "供应商名录（企业提供）".to_owned(),
        };
        let confidence = self.confidence(planted);
        // One supplier in fourteen has been given up by now.
        let until = (!planted && begin.is_none() && self.draw.chance(0.07))
            .then(|| day_between(&mut self.draw, (2023, 1), (2026, 4)));
        let edge = self.link(seller.id.clone(), buyer.id.clone(), EdgeKind::Supplies, confidence, source);
        (edge.amount, edge.valid_from, edge.valid_until) = (Some(amount), begin, until);
        if let Some(begin) = begin {
            edge.evidence[0].noted = begin.max(edge.evidence[0].noted);
        }
    }

    fn terms_of(&mut self, buyer: &Player, essential: bool, part: &ChainProduct, outside: f64) -> Terms {
        let usual = part.stock_days.as_ref().map_or(15.0, float);
        let planted = [SINGLE_SOURCE, SMALL_FIRM].contains(&part.id.as_str());
        let stock = libm::round((usual * self.draw.log_normal(1.0, 0.35)).clamp(2.0, 180.0));
        // The small firm's customers and theirs hold little: it was always in time.
        let stock = if [SMALL_FIRM, "encoder"].contains(&part.id.as_str()) { stock.min(8.0) } else { stock };
        let secured = if !planted && self.draw.chance(0.12) { self.draw.between(2, 5) as f64 / 10.0 } else { 0.0 };
        let substitute = part.substitutes.first().filter(|_| self.draw.chance(0.4));
        Terms {
            buyer: buyer.id.clone(),
            product: format!("product:{}", part.id),
            essential,
            stock_days: stock,
            outside,
            secured,
            substitute: substitute.map_or(0.0, |s| (float(&s.share) * 80.0).round() / 100.0),
            substitute_from: substitute.map_or(0, |s| float(&s.ready_days) as u32),
            source: match self.draw.chance(0.5) {
                true => "企业供应链问卷 2026".to_owned(),
                false => "链办访谈记录 2026".to_owned(),
            },
        }
    }

    fn others(&mut self) {
        let weak: Vec<&ChainProduct> = {
            let tier = |p: &&ChainProduct| p.tier.as_ref().is_some_and(|t| float(t) < 3.5);
            self.template.products.iter().filter(tier).collect()
        };
        let local: Vec<&Player> = self.players.iter().filter(|p| p.firm.is_some()).collect();
        let kinds = ["扩产项目", "技术改造项目", "中试线项目", "产业化项目"];
        let (mut projects, mut technologies) = (Vec::new(), Vec::new());
        for n in 0..30 {
            let player = *self.draw.pick(&local);
            let product = if n < 18 { *self.draw.pick(&weak) } else { self.draw.pick(&self.template.products) };
            let id = format!("project:{:03}", n + 1);
            let from = day_between(&mut self.draw, (2022, 1), (2026, 3));
            let name = format!("{}{}", product.title.zh, self.draw.pick(&kinds));
            self.raw.nodes.push(Node {
                place: Some(player.place.to_string()),
                output: Some(self.draw.between(12, 400) as f64 * 100.0),
                from: Some(from),
                ..node(id.clone(), NodeKind::Project, name)
            });
            let confidence = self.confidence(false);
            let source = format!("重点项目库 {}", from.year());
            let edge = self.link(id.clone(), format!("product:{}", product.id), EdgeKind::Builds, confidence, source);
            (edge.valid_from, edge.share) = (Some(from), Some(1.0));
            edge.evidence[0].noted = from.max(edge.evidence[0].noted);
            projects.push((id, from));
        }
        let stated: Vec<(&ChainProduct, String)> = self
            .template
            .products
            .iter()
            .flat_map(|p| p.tech.iter().map(move |t| (p, t.zh.clone())))
            .chain(weak.iter().map(|p| (*p, format!("{}性能测试与可靠性", p.title.zh))))
            .collect();
        for (n, (product, name)) in stated.into_iter().take(40).enumerate() {
            let id = format!("technology:{:03}", n + 1);
            self.raw.nodes.push(node(id.clone(), NodeKind::Technology, name));
            let confidence = self.confidence(false);
            let to = format!("product:{}", product.id);
            self.link(id.clone(), to, EdgeKind::Serves, confidence, "产业专家组意见 2025".into());
            technologies.push(id);
        }
        for n in 0..30 {
            let id = format!("people:{:03}", n + 1);
            let field = *self.draw.pick(&weak);
            let kind = *self.draw.pick(&["研发团队", "工程师队伍", "高技能工人班组", "校企联合团队"]);
            self.raw.nodes.push(node(id.clone(), NodeKind::People, format!("{}{kind}", field.title.zh)));
            let (to, from) = self.target(&local, &projects, &technologies);
            let confidence = self.confidence(false);
            let edge = self.link(id, to, EdgeKind::WorksOn, confidence, "人才项目名单 2025".into());
            edge.valid_from = from;
        }
        for n in 0..25 {
            let id = format!("money:{:03}", n + 1);
            let kind = *self.draw.pick(&["技改贴息", "首台（套）保险补偿", "产业基金投资", "攻关专项", "设备更新贷款"]);
            let amount = self.draw.between(50, 6_000) as f64;
            self.raw.nodes.push(node(id.clone(), NodeKind::Money, format!("{kind}{:02}", n + 1)));
            let (to, from) = self.target(&local, &projects, &technologies);
            let confidence = self.confidence(false);
            let edge = self.link(id, to, EdgeKind::Funds, confidence, "资金下达文件（演示）".into());
            (edge.amount, edge.valid_from) = (Some(amount), from);
        }
    }

    fn target(
        &mut self,
        local: &[&Player],
        projects: &[(String, Date)],
        technologies: &[String],
    ) -> (String, Option<Date>) {
        match self.draw.below(3) {
            0 => {
                let player = *self.draw.pick(local);
                (player.id.clone(), (player.founded >= BEGIN).then_some(player.founded))
            }
            1 => {
                let (id, from) = self.draw.pick(projects);
                (id.clone(), Some(*from))
            }
            _ => (self.draw.pick(technologies).clone(), None),
        }
    }
}

/// The graph and the terms of the demo chain.
pub fn make(seed: u64, template: &ChainTemplate, players: &[Player]) -> (Raw, Vec<Terms>) {
    let draw = Draw::new(seed, Purpose::Chain, 1);
    let mut maker = Maker { draw, template, players, raw: Raw::default(), terms: Vec::new() };
    maker.template_nodes();
    maker.placements();
    maker.supplies();
    maker.others();
    debug_assert!(players.iter().all(|p| !names::is_denied(&p.name)));
    (maker.raw, maker.terms)
}
