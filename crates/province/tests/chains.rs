//! The demo's chain: whole, repeatable, and with what is planted in it.

use base::DivisionCode;
use chain::graph::Checks;
use chain::shock::{InputRule, Link, Network, Shortage, Stop};
use chain::{EdgeKind, Graph, NodeKind};
use jiff::civil::{Date, date};
use law::{ChainTemplate, Law, Sources};
use province::chains::{self, ChainDemo, ClaimKind, LargeNetwork, Relation, SINGLE_SOURCE, TEMPLATE};
use province::{Province, names};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::OnceLock;

const TODAY: Date = date(2026, 6, 1);
const SURE: f64 = 0.6;

fn law() -> &'static Law {
    static LAW: OnceLock<Law> = OnceLock::new();
    LAW.get_or_init(|| {
        let mut sources =
            Sources::from_dir(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../law")).expect("readable");
        sources.files.retain(|path, _| path.starts_with("codes/") || path.contains("/chains/"));
        Law::load(&sources).0
    })
}

fn template() -> ChainTemplate {
    let county: DivisionCode = "370725".parse().expect("a division code");
    law().chain_template(TEMPLATE, county, TODAY).expect("the template is in force")
}

fn province() -> &'static Province {
    static DEMO: OnceLock<Province> = OnceLock::new();
    DEMO.get_or_init(|| Province::generate(1))
}

fn demo() -> &'static ChainDemo {
    static DEMO: OnceLock<ChainDemo> = OnceLock::new();
    DEMO.get_or_init(|| chains::demo(province(), &template()))
}

fn graph() -> &'static Graph {
    static GRAPH: OnceLock<Graph> = OnceLock::new();
    GRAPH.get_or_init(|| {
        let codes: BTreeMap<String, Vec<String>> =
            law().industries.all.keys().map(|code| (code.clone(), Vec::new())).collect();
        let checks = Checks { codes: Some(&codes), edges_max: 100_000, orphans: false, share_slack: 1e-9 };
        match Graph::check(demo().document.graph.clone(), &checks) {
            Ok(graph) => graph,
            Err(faults) => {
                let all: Vec<String> = faults.iter().take(20).map(ToString::to_string).collect();
                panic!("{} faults:\n{}", faults.len(), all.join("\n"))
            }
        }
    })
}

/// The network of a day from sure links, with the terms of the document, and the firms' numbers.
fn network(day: Date) -> (Network, Vec<String>, Vec<String>) {
    let graph = graph().on(day).surer_than(SURE);
    let products: Vec<String> =
        graph.nodes().iter().filter(|n| n.kind == NodeKind::Product).map(|n| n.id.clone()).collect();
    let main: BTreeMap<&str, &str> = demo().players.iter().map(|p| (p.id.as_str(), p.product())).collect();
    let number = |product: &str| products.iter().position(|p| p == product).expect("a product") as u32;
    let ids: Vec<String> = graph.nodes().iter().filter(|n| n.kind == NodeKind::Firm).map(|n| n.id.clone()).collect();
    let at: BTreeMap<&str, u32> = ids.iter().enumerate().map(|(n, id)| (id.as_str(), n as u32)).collect();
    let firms = graph
        .nodes()
        .iter()
        .filter(|n| n.kind == NodeKind::Firm)
        .map(|n| chain::shock::Firm {
            output: n.output.expect("every firm has its output") / 365.0,
            product: number(&format!("product:{}", main[n.id.as_str()])),
        })
        .collect();
    let links = graph
        .edges()
        .iter()
        .filter(|e| e.kind == EdgeKind::Supplies)
        .map(|e| Link {
            supplier: at[e.from.as_str()],
            buyer: at[e.to.as_str()],
            amount: e.amount.expect("an amount") / 365.0,
        })
        .collect();
    let terms: BTreeMap<(u32, u32), &chains::Terms> = demo()
        .document
        .terms
        .iter()
        .filter(|t| at.contains_key(t.buyer.as_str()))
        .map(|t| ((at[t.buyer.as_str()], number(&t.product)), t))
        .collect();
    let rule = |buyer, product| {
        terms.get(&(buyer, product)).map_or(InputRule::bare(true), |t| InputRule {
            essential: t.essential,
            stock_days: t.stock_days,
            outside: t.outside,
            secured: t.secured,
            substitute: t.substitute,
            substitute_from: t.substitute_from,
        })
    };
    (Network::new(firms, links, 1e-9, rule).expect("a firm sells at most its output"), ids, products)
}

#[test]
fn the_chain_is_whole_and_of_the_promised_size() {
    let (graph, document) = (graph(), &demo().document);
    let count = |kind| graph.nodes().iter().filter(|n| n.kind == kind).count();
    assert!((550..=700).contains(&graph.nodes().len()), "{}", graph.nodes().len());
    assert_eq!(count(NodeKind::Product), template().products.len());
    assert!((380..=480).contains(&count(NodeKind::Firm)), "{}", count(NodeKind::Firm));
    assert_eq!((count(NodeKind::Project), count(NodeKind::Technology)), (30, 40));
    assert_eq!((count(NodeKind::People), count(NodeKind::Money)), (30, 25));
    let unsure = graph.edges().iter().filter(|e| e.confidence < SURE).count();
    let links = graph.edges().len();
    assert!(unsure > 40 && unsure < links / 5, "{unsure} of {links}");
    let outside = demo().players.iter().filter(|p| p.firm.is_none()).count();
    assert!(outside > 60 && outside < 180, "{outside}");
    assert!(demo().players.iter().all(|p| !names::is_denied(&p.name)));
    let buyers: BTreeSet<&str> = document.terms.iter().map(|t| t.buyer.as_str()).collect();
    assert!(buyers.len() > 250, "{}", buyers.len());
    assert!(document.terms.iter().all(|t| (0.0..=1.0).contains(&t.outside) && t.stock_days <= 512.0));
}

#[test]
fn the_chain_grows_along_the_slider() {
    let graph = graph();
    assert!(graph.days().len() > 100, "{}", graph.days().len());
    let links = |year: i16| graph.on(date(year, 1, 1)).edges().len();
    let by_year: Vec<usize> = (2021..=2026).map(links).collect();
    assert!(by_year.windows(2).all(|w| w[0] < w[1]), "{by_year:?}");
    assert!(by_year[5] as f64 > by_year[0] as f64 * 1.3, "{by_year:?}");
    assert!(graph.edges().iter().any(|e| e.valid_until.is_some()), "some supplies have ended");
}

#[test]
fn the_same_seed_gives_the_same_chain() {
    let again = chains::demo(province(), &template());
    assert_eq!(again.document, demo().document);
    assert_eq!((&again.needs, &again.capabilities), (&demo().needs, &demo().capabilities));
    let text = serde_json::to_string(&again.document).expect("plain data");
    let read: chains::ChainDocument = serde_json::from_str(&text).expect("it can be read again");
    assert_eq!(read, again.document);
}

#[test]
fn one_firm_makes_the_bearing_and_its_stop_cuts_the_chain() {
    let planted = &demo().planted;
    let makers = |sure: f64| {
        let graph = graph().on(TODAY).surer_than(sure);
        graph.edges().iter().filter(|e| e.kind == EdgeKind::Places && e.to == planted.single_product).count()
    };
    assert_eq!((makers(SURE), makers(0.0)), (1, 2), "one maker, and one that somebody has heard of");
    let (network, ids, _) = network(TODAY);
    let firm = ids.iter().position(|id| *id == planted.single_source).expect("there") as u32;
    let shortage = Shortage::new(&network);
    let stop = Stop { firm, share: 1.0, from_day: 0, days: 90 };
    let loss = shortage.run(&[stop], 360).expect("a stop that can be computed");
    let output: BTreeMap<&str, f64> = demo().players.iter().map(|p| (p.product(), p.output)).collect();
    assert!(output.contains_key(SINGLE_SOURCE));
    let hit: BTreeSet<&str> = loss
        .firms
        .iter()
        .filter_map(|f| demo().players.iter().find(|p| p.id == ids[f.firm as usize]).map(|p| p.product()))
        .collect();
    for product in ["spindle", "cnc-lathe", "machining-centre"] {
        assert!(hit.contains(product), "{product} stands still: {hit:?}");
    }
}

#[test]
fn a_small_firm_matters_more_than_its_size() {
    let planted = &demo().planted;
    let (network, ids, _) = network(TODAY);
    let losses = Shortage::new(&network).each_in_turn(90, 360).expect("computed");
    let at = ids.iter().position(|id| *id == planted.small_firm).expect("there");
    let rank = |value: f64, all: &[f64]| all.iter().filter(|v| **v > value).count();
    let outputs: Vec<f64> = network.firms().iter().map(|f| f.output).collect();
    let (by_loss, by_size) = (rank(losses[at], &losses[..ids.len()]), rank(outputs[at], &outputs));
    assert!(by_loss < 40 && by_size > 200, "{by_loss} by loss, {by_size} by size of {}", ids.len());
}

#[test]
fn what_comes_from_abroad_stops_the_chain_too() {
    let (network, ids, products) = network(TODAY);
    let chip = products.iter().position(|p| *p == demo().planted.abroad[0]).expect("there") as u32;
    let stop = Stop { firm: network.abroad(chip), share: 1.0, from_day: 0, days: 180 };
    let loss = Shortage::new(&network).run(&[stop], 360).expect("computed");
    assert!(loss.firms.len() > 30, "{}", loss.firms.len());
    assert!(loss.share > 0.02, "{}", loss.share);
    assert!(ids.len() > 300);
}

#[test]
fn claims_are_many_and_hard_and_a_sample_is_labelled() {
    let document = &demo().document;
    let firms: BTreeSet<&str> = document.claims.iter().map(|c| c.firm.as_str()).collect();
    assert!(firms.len() >= 300, "{}", firms.len());
    assert!(document.labels.len() >= 120, "{}", document.labels.len());
    let holds = document.labels.iter().filter(|l| l.holds).count();
    assert!(holds >= 60 && document.labels.len() - holds >= 60, "{holds} of {}", document.labels.len());
    // A naive reader, who places a firm wherever a text contains a name, is often wrong either way.
    let template = template();
    let says = |firm: &str, product: &str| {
        let product = template.product(product.trim_start_matches("product:")).expect("there");
        let words = || product.terms.iter().chain([&product.title.zh]);
        let mut own = document.claims.iter().filter(|c| c.firm == firm && c.kind != ClaimKind::Buys);
        own.any(|c| c.text.as_ref().is_some_and(|t| words().any(|w| t.contains(w.as_str()))))
    };
    let (mut right, mut missed, mut wrong) = (0, 0, 0);
    for label in &document.labels {
        match (label.holds, says(&label.firm, &label.product)) {
            (true, true) => right += 1,
            (true, false) => missed += 1,
            (false, true) => wrong += 1,
            (false, false) => (),
        }
    }
    println!("contained: right {right}, missed {missed}, wrong {wrong}");
    assert!(right > 55 && missed >= 4 && wrong >= 8, "{right} {missed} {wrong}");
}

#[test]
fn needs_can_be_met_by_some_and_not_by_all() {
    let demo = demo();
    assert!(
        demo.needs.len() >= 12 && demo.capabilities.len() >= 80,
        "{} {}",
        demo.needs.len(),
        demo.capabilities.len()
    );
    let in_unit = |value: f64, from: &str, to: &str| match (from, to) {
        (a, b) if a == b => Some(value),
        ("mm", "um") | ("m", "mm") | ("t", "kg") => Some(value * 1_000.0),
        _ => None,
    };
    let mut units = BTreeSet::new();
    for need in &demo.needs {
        let rows: Vec<_> = demo.capabilities.iter().filter(|c| c.product == need.product).collect();
        let meets = |c: &&&chains::Capability| {
            need.requirements.iter().all(|r| {
                let Some(stated) = c.properties.iter().find(|p| p.property == r.property) else { return false };
                let value = stated.value.zip(stated.unit.as_deref()).zip(r.unit.as_deref());
                let value = value.and_then(|((v, from), to)| in_unit(v, from, to));
                match r.relation {
                    Relation::AtLeast => value.is_some_and(|v| v >= r.value.unwrap_or(f64::MAX) - 1e-9),
                    Relation::AtMost => value.is_some_and(|v| v <= r.value.unwrap_or(f64::MIN) + 1e-9),
                    Relation::There => stated.there == Some(true),
                }
            })
        };
        units.extend(rows.iter().flat_map(|c| &c.properties).filter_map(|p| p.unit.as_deref()));
        let able = rows.iter().filter(meets).count();
        assert!(able >= 1 && able < rows.len(), "{}: {able} of {}", need.title, rows.len());
    }
    assert!(units.contains("um") && units.contains("mm"), "one property in two units");
}

#[test]
fn large_networks_are_sound() {
    let small = LargeNetwork::generate(1, 10_000, 5);
    assert_eq!(small, LargeNetwork::generate(1, 10_000, 5));
    assert!(small.links.len() > 35_000, "{}", small.links.len());
    let network = small.network().expect("a firm sells at most its output");
    assert_eq!(network.firms().len(), 10_000);
    let raw = small.raw();
    let checks = Checks { codes: None, edges_max: 1_000_000, orphans: false, share_slack: 1e-9 };
    let graph = Graph::check(raw, &checks).unwrap_or_else(|f| panic!("{} faults, {}", f.len(), f[0]));
    assert_eq!(graph.nodes().iter().filter(|n| n.kind == NodeKind::Firm).count(), 10_000);
    let large = LargeNetwork::generate(1, 100_000, 5);
    assert!(large.links.len() > 350_000, "{}", large.links.len());
    large.network().expect("a firm sells at most its output");
}

#[test]
fn the_table_of_the_province_has_its_planted_clusters() {
    let rows = chains::region_rows(province());
    assert!((40_000..=60_000).contains(&rows.len()), "{}", rows.len());
    let counties: BTreeSet<DivisionCode> = rows.iter().map(|r| r.county).collect();
    assert_eq!(counties.len(), 136);
    let total: f64 = rows.iter().map(|r| r.output).sum();
    for cluster in &chains::CLUSTERS {
        let county: DivisionCode = cluster.counties[0].parse().expect("a code");
        let of = |here: bool, class: bool| -> f64 {
            let fits = |r: &&chains::RegionRow| {
                (!here || r.county == county) && (!class || cluster.classes.contains(&r.class.as_str()))
            };
            rows.iter().filter(fits).map(|r| r.output).sum()
        };
        let quotient = (of(true, true) / of(true, false)) / (of(false, true) / total);
        assert!(quotient > 2.0, "{}: {quotient}", cluster.name);
        for class in cluster.classes {
            assert!(law().industries.get(class).is_some(), "{class}");
        }
    }
    let csv = chains::region_csv(&rows);
    assert_eq!(csv.lines().count(), rows.len() + 1);
    let codes: BTreeSet<_> = rows.iter().map(|r| &r.firm).collect();
    assert_eq!(codes.len(), rows.len(), "each firm once");
}

/// The rules of `law/` as the engine takes them.
fn placing() -> chain::placement::Rules {
    use law::chain::EvidenceKind as Kind;
    use law::chain_rules::float;
    let rules = &law().chain_rules_on(TODAY).expect("rules are in force").placement;
    let weight = |kind| float(rules.weight(kind));
    chain::placement::Rules {
        strengths: chain::placement::Strengths {
            code_equal: float(&rules.code_equal),
            code_within: float(&rules.code_within),
            code_parent: float(&rules.code_parent),
            parent_step: float(&rules.parent_step),
            name_equal: float(&rules.name_equal),
            term_ends: float(&rules.term_ends),
            term_inside: float(&rules.term_contained),
            buys_inputs: float(&rules.buys_inputs),
        },
        weights: chain::placement::Weights {
            declares: weight(Kind::Declares),
            sells: weight(Kind::Sells),
            buys: weight(Kind::Buys),
            patents: weight(Kind::Patents),
            licensed: weight(Kind::Licensed),
        },
        accept: float(&rules.accept),
        doubt: float(&rules.doubt),
        endings: rules.endings.clone(),
        exclusions: rules.exclusions.clone(),
    }
}

#[test]
fn the_rules_of_the_law_place_most_firms_rightly_and_not_all() {
    use chain::placement::{self, Catalogue, Classified, Scheme};
    let template = template();
    let products = template
        .products
        .iter()
        .map(|p| placement::Product {
            id: format!("product:{}", p.id),
            codes: p.codes.iter().map(|c| Classified { scheme: Scheme::Industry, code: c.clone() }).collect(),
            terms: p.terms.iter().chain([&p.title.zh]).cloned().collect(),
            inputs: p.made_of.iter().map(|i| format!("product:{}", i.product)).collect(),
        })
        .collect();
    let catalogue = Catalogue::new(products).unwrap_or_else(|f| panic!("{} faults, {}", f.len(), f[0]));
    let document = &demo().document;
    let (claims, labels) = (&document.claims, &document.labels);
    let rules = placing();
    let placed = placement::place(&catalogue, claims, &[], &rules).unwrap_or_else(|f| panic!("{}", f[0]));
    let report = placement::measure(&placed, labels, rules.accept, &[0.25, 0.5, 0.75], placement::NORMAL_95)
        .unwrap_or_else(|f| panic!("{f}"));
    let (precision, recall) = (report.quality.precision.expect("some"), report.quality.recall.expect("some"));
    println!("{:?}\nprecision {} recall {}", placed.counts(), precision.value, recall.value);
    for q in &report.curve {
        println!("{:.3} {:?} {:?}", q.threshold, q.precision.map(|r| r.value), q.recall.map(|r| r.value));
    }
    assert!((0.75..0.99).contains(&precision.value), "{precision:?}");
    assert!((0.6..0.97).contains(&recall.value), "{recall:?}");
    assert!(placed.counts().firms >= 200, "{:?}", placed.counts());
}

#[test]
fn the_document_is_one_that_the_engine_keeps() {
    let faults = demo().document.check();
    assert!(faults.is_empty(), "{} faults, {}", faults.len(), faults[0]);
}
