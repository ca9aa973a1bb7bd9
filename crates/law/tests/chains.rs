//! Templates of chains, the rules of the chain engine and registers of industries: every fault is named
//! at its place, a narrower template stands in its place, and the province's own files hold together.

use base::DivisionCode;
use jiff::civil::{Date, date};
use law::chain::EvidenceKind;
use law::chain_rules::{MoveKind, float};
use law::codes::IndustryLevel;
use law::scheme::Standing;
use law::{Diagnostic, Law, Sources};
use rust_decimal::Decimal;
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::OnceLock;

const GOOD: &str = include_str!("files/chain.yaml");
const PATH: &str = "shandong/example/chain/1.yaml";
const DAY: Date = date(2026, 6, 1);

fn sources() -> Sources {
    Sources::from_dir(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../law")).expect("the folder is readable")
}

/// The code lists and the example: enough to check chains, and quick.
fn few(files: &[(&str, &str)]) -> Sources {
    static CODES: OnceLock<Sources> = OnceLock::new();
    let mut out = CODES
        .get_or_init(|| {
            let mut all = sources();
            all.files.retain(|path, _| path.starts_with("codes/"));
            all
        })
        .clone();
    for (path, text) in files {
        out = out.with(path, text);
    }
    out
}

fn findings(files: &[(&str, &str)]) -> Vec<Diagnostic> {
    let (law, mut findings) = Law::load(&few(files));
    findings.extend(law::check(&law));
    findings.retain(|f| f.at.file.contains("example"));
    findings
}

fn law_of(files: &[(&str, &str)]) -> Law {
    assert_eq!(findings(files), []);
    Law::load(&few(files)).0
}

fn division(code: &str) -> DivisionCode {
    code.parse().expect("a division code")
}

fn decimal(text: &str) -> Decimal {
    text.parse().expect("a decimal")
}

fn law() -> &'static Law {
    static LAW: OnceLock<Law> = OnceLock::new();
    LAW.get_or_init(|| Law::load(&sources()).0)
}

#[test]
fn each_fault_of_a_template_is_named_at_its_exact_place() {
    // Code; text of the good file; what stands there instead, `¶` where the finding must point.
    let table: &[(&str, &str, &str)] = &[
        ("unknown-key", "edition: 1", "edition: 1\n¶editon: 1"),
        (
            "unknown-stage",
            "- { id: bearing, title: 轴承 | Bearing, stage: parts",
            "- ¶{ id: bearing, title: 轴承 | Bearing, stage: part",
        ),
        (
            "unknown-stage",
            "- { id: machines, title: 整机 | Machines, after: [parts] }",
            "- ¶{ id: machines, title: 整机 | Machines, after: [partz] }",
        ),
        ("unknown-product", "{ product: motor, share: 10% }", "¶{ product: moter, share: 10% }"),
        ("unknown-product", "{ product: motor, share: 60%", "¶{ product: moter, share: 60%"),
        ("self-loop", "{ product: spindle, share: 20% }", "¶{ product: lathe, share: 20% }"),
        ("self-loop", "{ product: motor, share: 60%", "¶{ product: spindle, share: 60%"),
        (
            "self-loop",
            "- { id: machines, title: 整机 | Machines, after: [parts] }",
            "- ¶{ id: machines, title: 整机 | Machines, after: [parts, machines] }",
        ),
        (
            "cycle",
            "- { id: bearing, title: 轴承 | Bearing, stage: parts, codes: [\"3451\"],",
            "- ¶{ id: bearing, title: 轴承 | Bearing, stage: parts, codes: [\"3451\"], made_of: [{ product: lathe }],",
        ),
        ("cycle", "- { id: parts, title: 部件 | Parts }", "- ¶{ id: parts, title: 部件 | Parts, after: [machines] }"),
        (
            "orphan-product",
            "products:\n",
            "products:\n  - ¶{ id: oil, title: 油 | Oil, stage: parts, codes: [\"2511\"] }\n",
        ),
        ("duplicate-id", "- { id: motor,", "- ¶{ id: spindle,"),
        ("duplicate-id", "- { id: machines,", "- ¶{ id: parts,"),
        ("duplicate-id", "{ product: motor, share: 10% }", "¶{ product: spindle, share: 10% }"),
        (
            "unknown-industry",
            "- { id: bearing, title: 轴承 | Bearing, stage: parts, codes: [\"3451\"]",
            "- ¶{ id: bearing, title: 轴承 | Bearing, stage: parts, codes: [\"3450\", \"9999\"]",
        ),
        (
            "unknown-industry",
            "- { id: lathe, title: 车床 | Lathe, stage: machines, codes: [\"342\"]",
            "- ¶{ id: lathe, title: 车床 | Lathe, stage: machines, codes: [\"34\"]",
        ),
        (
            "missing-code",
            "- { id: lathe, title: 车床 | Lathe, stage: machines, codes: [\"342\"]",
            "- ¶{ id: lathe, title: 车床 | Lathe, stage: machines, codes: []",
        ),
        ("out-of-range", "share: 40%", "share: ¶140%"),
        ("out-of-range", "share: 40%", "share: ¶-1"),
        ("out-of-range", "import_share: 10%", "import_share: ¶1000%"),
        ("out-of-range", "tier: 3", "tier: ¶6"),
        ("out-of-range", "ready_days: 90", "ready_days: ¶-1"),
        ("out-of-range", "stock_days: 30", "stock_days: ¶900"),
        (
            "shares-sum",
            "- { id: lathe, title: 车床 | Lathe, stage: machines, codes: [\"342\"], made_of: [{ product: spindle, share: 20% }",
            "- ¶{ id: lathe, title: 车床 | Lathe, stage: machines, codes: [\"342\"], made_of: [{ product: spindle, share: 95% }",
        ),
        (
            "ambiguous-term",
            "- { id: spindle, title: 主轴 | Spindle,",
            "- ¶{ id: spindle, title: 主轴 | Spindle, terms: [主轴轴承],",
        ),
        ("empty-group", "chain: shandong/example/chain\n", "¶chain: shandong/example/chain\n"),
        ("wrong-word", "[[declares],", "[[¶declare],"),
        ("level-and-division", "chain: shandong/example/chain\n", "¶chain: shandong/example/chain\n"),
        ("unknown-division", "chain: shandong/example/chain\n", "¶chain: shandong/example/chain\n"),
        ("missing-key", "chain: shandong/example/chain\n", "¶chain: shandong/example/chain\n"),
        ("number-without-citation", "stock_days: 30", "stock_days: ¶30"),
        ("unknown-chain", "edition: 1", "edition: 1\nextends: ¶shandong/example/chian"),
        ("bad-period", "chain: shandong/example/chain\n", "¶chain: shandong/example/chain\n"),
        ("id-is-not-folder", "chain: shandong/example/chain", "chain: ¶shandong/exampel/chain"),
        ("empty-stage", "stages:\n", "stages:\n  - ¶{ id: spare, title: 空 | Empty }\n"),
    ];
    let mut misses = Vec::new();
    for (code, good, bad) in table {
        assert!(GOOD.contains(good), "{code}: the good file has no `{good}`");
        let text = GOOD.replacen(good, bad, 1);
        // A few faults show elsewhere than where the text is changed.
        let text = match *code {
            "empty-group" => text.replace("[declares]", "[]"),
            "level-and-division" => text.replace("level: province", "level: city"),
            "unknown-division" => text.replace("division: 370000", "division: 380000"),
            "missing-key" | "number-without-citation" => {
                text.replace("cite: { document: 某条例, articles: [6] }\n", "")
            }
            "bad-period" => text.replace("from: 2025-01-01", "from: 2025-01-01, to: 2024-01-01"),
            _ => text,
        };
        let before = text.split('¶').next().expect("a text has a first part");
        let column = before.rsplit('\n').next().expect("a text has a last line").chars().count() as u32 + 1;
        let place = (before.matches('\n').count() as u32 + 1, column);
        let found = findings(&[(PATH, &text.replace('¶', ""))]);
        if !found.iter().any(|f| f.code == *code && (f.at.line, f.at.column) == place) {
            let all: Vec<String> = found.iter().map(ToString::to_string).collect();
            misses.push(format!("`{code}` at {place:?} was not found for `{bad}`; found:\n{}", all.join("\n")));
        }
        assert!(found.iter().all(|f| !f.found.is_empty() && !f.allowed.is_empty()));
    }
    assert!(misses.is_empty(), "{}", misses.join("\n\n"));
}

#[test]
fn editions_of_one_template_do_not_meet() {
    let second = GOOD.replace("edition: 1", "edition: 2").replace("from: 2025-01-01", "from: 2026-01-01");
    let found = |first: &str, second: &str| -> Vec<&'static str> {
        findings(&[(PATH, first), ("shandong/example/chain/2.yaml", second)]).iter().map(|f| f.code).collect()
    };
    assert_eq!(found(GOOD, &second), ["overlapping-versions"]);
    let ended = GOOD.replace("from: 2025-01-01", "from: 2025-01-01, to: 2025-12-31");
    assert_eq!(found(&ended, &second), [""; 0]);
    assert_eq!(found(&ended, &second.replace("edition: 2", "edition: 1")), ["duplicate-version"]);
    let law = law_of(&[(PATH, &ended), ("shandong/example/chain/2.yaml", &second)]);
    let edition = |day| law.chain_template("shandong/example/chain", division("370725"), day).map(|c| c.edition);
    assert_eq!(edition(date(2025, 12, 31)), Some(1));
    assert_eq!(edition(date(2026, 1, 1)), Some(2));
    assert_eq!(edition(date(2024, 12, 31)), None);
    assert_eq!(law.chain_template("shandong/example/chain", division("330100"), DAY), None, "another province");
}

const CITY: &str = "chain: shandong/example/city
edition: 1
title: 市例 | City example
level: city
division: 370700
extends: shandong/example/chain
in_force: { from: 2025-06-01 }
cite: { document: 某市方案, articles: [6] }
stages:
  - { id: service, title: 服务 | Services, after: [machines] }
products:
  - { id: overhaul, title: 大修 | Overhaul, stage: service, codes: [\"4320\"], made_of: [{ product: spindle, share: 30% }] }
changes:
  - { id: bearing, stock_days: 60, terms: [精密轴承], unverified: 取自座谈 }
";
const CITY_PATH: &str = "shandong/example/city/1.yaml";

#[test]
fn a_citys_template_adds_to_its_provinces_and_changes_it_there_only() {
    let law = law_of(&[(PATH, GOOD), (CITY_PATH, CITY)]);
    let id = "shandong/example/chain";
    let there = law.chain_template(id, division("370725"), DAY).expect("a template for a county of the city");
    assert_eq!(there.name(), "shandong/example/city@1");
    assert_eq!(there.stages.iter().map(|s| s.id.as_str()).collect::<Vec<_>>(), ["parts", "machines", "service"]);
    assert_eq!(there.products.len(), 5);
    let bearing = there.product("bearing").expect("taken over");
    assert_eq!(bearing.stock_days.as_ref().map(|p| p.value), Some(decimal("60")));
    assert_eq!(bearing.terms, ["精密轴承"]);
    assert_eq!((bearing.codes.as_slice(), bearing.title.zh.as_str()), (["3451".to_owned()].as_slice(), "轴承"));
    assert!(matches!(&bearing.standing, Standing::Unverified { assumed } if assumed == "取自座谈"));
    assert_eq!(there.evidence, [vec![EvidenceKind::Declares], vec![EvidenceKind::Patents, EvidenceKind::Buys]]);
    assert!(there.is_enough(&[EvidenceKind::Buys, EvidenceKind::Patents]) && !there.is_enough(&[EvidenceKind::Buys]));
    assert_eq!(there.used_in("spindle").map(|p| p.id.as_str()).collect::<Vec<_>>(), ["lathe", "overhaul"]);
    let elsewhere = law.chain_template(id, division("370102"), DAY).expect("the province's");
    assert_eq!((elsewhere.id.as_str(), elsewhere.products.len()), (id, 4));
    assert_eq!(elsewhere.product("bearing").and_then(|b| b.stock_days.as_ref()).map(|p| p.value), Some(decimal("30")));
    let before = law.chain_template(id, division("370725"), date(2025, 5, 31)).expect("the city's came later");
    assert_eq!(before.id, id);
    let ids = |code: &str| law.chains_for(division(code), DAY).into_iter().map(|c| c.id).collect::<Vec<_>>();
    assert_eq!((ids("370725"), ids("370102")), (vec!["shandong/example/city".to_owned()], vec![id.to_owned()]));
    assert_ne!(law.chain_digest(&there, DAY), law.chain_digest(&elsewhere, DAY));
    let changed = Law::load(&few(&[(PATH, &GOOD.replace("40%", "41%")), (CITY_PATH, CITY)])).0;
    assert_ne!(changed.chain_digest(&there, DAY), law.chain_digest(&there, DAY), "a wider file is part of it");
}

#[test]
fn what_a_narrower_template_breaks_is_found_in_it() {
    let codes = |city: &str| -> Vec<(&'static str, u32)> {
        let mut found = findings(&[(PATH, GOOD), (CITY_PATH, city)]);
        found.retain(|f| &*f.at.file == CITY_PATH);
        found.iter().map(|f| (f.code, f.at.line)).collect()
    };
    let line = "{ id: bearing, stock_days: 60, terms: [精密轴承], unverified: 取自座谈 }";
    let spoil = |new: &str| codes(&CITY.replace(line, new));
    assert_eq!(codes(CITY), []);
    assert_eq!(spoil("{ id: bearings, stock_days: 60 }"), [("unknown-product", 14)]);
    assert_eq!(spoil("{ id: bearing, made_of: [{ product: lathe }] }"), [("cycle", 14)]);
    assert_eq!(spoil("{ id: bearing, stage: service, codes: [\"3450\"] }"), [("unknown-industry", 14)]);
    assert_eq!(spoil("{ id: bearing, stage: services }"), [("unknown-stage", 14)]);
    assert_eq!(spoil(&format!("{line}\n  - {{ id: bearing, tier: 2 }}")), [("duplicate-id", 15)]);
    assert_eq!(codes(&CITY.replace("id: overhaul", "id: lathe")), [("duplicate-id", 12)]);
    assert_eq!(codes(&CITY.replace("extends: shandong/example/chain\n", ""))[0].0, "unknown-stage");
    assert_eq!(codes(&CITY.replace("370700", "330100")), [("extends-elsewhere", 1)]);
    let alone = CITY.replace("shandong/example/city", "shandong/example/town");
    let rival = findings(&[(PATH, GOOD), (CITY_PATH, CITY), ("shandong/example/town/1.yaml", &alone)]);
    assert_eq!(rival.iter().map(|f| f.code).collect::<Vec<_>>(), ["competing-chains"]);
    let round = GOOD.replace("level: province", "level: province\nextends: shandong/example/city");
    let round = findings(&[(PATH, &round), (CITY_PATH, CITY)]);
    assert!(round.iter().any(|f| f.code == "cycle"), "{round:?}");
}

#[test]
fn each_fault_of_the_rules_is_named() {
    let good = sources().files["national/chains/rules.yaml"].replace("national/chains\n", "example/chains\n");
    let codes = |from: &str, to: &str| -> Vec<&'static str> {
        assert!(good.contains(from), "{from}");
        findings(&[("example/chains/rules.yaml", &good.replacen(from, to, 1))]).iter().map(|f| f.code).collect()
    };
    assert_eq!(codes("edition: 1", "edition: 1"), [""; 0]);
    assert_eq!(codes("coverage_min: 50%", "coverage_min: 150%"), ["out-of-range"]);
    assert_eq!(codes("sources_min: 2", "sources_min: 2.5"), ["bad-integer"]);
    assert_eq!(codes("doubt: 0.25", "doubt: 0.9"), ["doubt-above-accept"]);
    assert_eq!(codes("co_location: 0.8", "co_location: 0.9"), ["weights-sum"]);
    assert_eq!(codes("horizon: 360", "horizon: 30"), ["horizon-too-short"]);
    assert_eq!(codes("  density_min: 30%\n", ""), ["missing-key"]);
    assert_eq!(codes("move: develop", "move: upgrade"), ["duplicate-id"]);
    assert_eq!(codes("move: develop", "move: dream"), ["wrong-word"]);
    assert_eq!(codes("ranking_size: 20", "ranking_size: 0"), ["out-of-range"]);
}

#[test]
fn the_rules_in_force_feed_the_engine() {
    let rules = law().chain_rules_on(DAY).expect("rules are in force");
    assert_eq!(rules.name(), "national/chains@1");
    assert_eq!((float(&rules.gaps.hhi_max), float(&rules.gaps.import_max)), (0.4, 0.5));
    assert!(matches!(rules.gaps.hhi_max.standing, Standing::Unverified { .. }), "recalled, not read");
    assert!(rules.gaps.hhi_max.clause.is_some());
    assert_eq!(float(rules.placement.weight(EvidenceKind::Sells)), 1.0);
    assert!(rules.step(MoveKind::Stock).is_some_and(|m| m.unit_cost.is_some()));
    assert_eq!(MoveKind::ALL.map(|k| rules.step(k).is_some()), [true; 5]);
    assert!(law().chain_rules_on(date(2024, 11, 30)).is_none());
}

#[test]
fn the_provinces_chains_are_whole_and_say_what_was_not_read() {
    let law = law();
    let chains = law.chains_for(division("370000"), DAY);
    assert!(chains.len() >= 11, "{}", chains.len());
    for chain in &chains {
        let tools = chain.id == "shandong/chains/machine-tools";
        let products = if tools { 45..100 } else { 15..40 };
        assert!(products.contains(&chain.products.len()), "{}: {}", chain.id, chain.products.len());
        assert!(chain.stages.len() >= if tools { 6 } else { 4 }, "{}", chain.id);
        assert!(matches!(chain.standing, Standing::Unverified { .. }), "{}", chain.id);
        assert!(!chain.cite.articles.is_empty() && !chain.evidence.is_empty(), "{}", chain.id);
        for product in &chain.products {
            assert!(product.tier.is_some() && product.import_share.is_some(), "{} {}", chain.id, product.id);
        }
    }
    let tools = law.chain_template("shandong/chains/machine-tools", division("370725"), DAY).expect("there");
    for id in ["spindle", "spindle-bearing", "linear-guide", "ball-screw", "cnc-system", "servo-drive", "servo-motor"] {
        assert!(tools.product(id).is_some(), "{id}");
    }
    for id in ["encoder", "rotary-table", "tool-changer", "bed-casting", "rare-earth-magnet", "control-chip"] {
        assert!(tools.product(id).is_some(), "{id}");
    }
    for id in ["hydraulic", "carbide-tool", "plc", "machining-centre", "smart-line"] {
        assert!(tools.product(id).is_some(), "{id}");
    }
}

#[test]
fn the_register_of_advantage_industries_covers_nine_and_leads_to_their_chains() {
    let law = law();
    let list = law.industry_list_on("shandong/chains/advantage", DAY).expect("in force");
    assert_eq!(list.industries.len(), 9);
    assert!(list.cite.articles == [7] && list.industries.iter().all(|i| i.clause.is_some()));
    for industry in &list.industries {
        assert!(matches!(industry.standing, Standing::Unverified { .. }), "the mapping to codes is ours");
        assert!(industry.chain.as_ref().is_some_and(|c| law.chain_on(c, DAY).is_some()), "{}", industry.id);
        for code in &industry.codes {
            assert!(law.industries.get(code).is_some_and(|i| i.level >= IndustryLevel::Group), "{code}");
        }
    }
    let of = |class: &'static str| list.of_class(class).map(|i| i.id.as_str()).collect::<Vec<_>>();
    assert_eq!(
        (of("3421"), of("3571"), of("3575"), of("1711")),
        (vec!["machine-tools"], vec!["farm-machinery"], vec!["marine-equipment", "farm-machinery"], vec![])
    );
    let future = law.industry_list_on("shandong/chains/future", DAY).expect("in force");
    assert_eq!(future.industries.len(), 7);
    let ids: BTreeSet<&str> = future.industries.iter().map(|i| i.id.as_str()).collect();
    assert!(ids.contains("humanoid-robots") && ids.contains("quantum"));
}

#[test]
fn processes_of_chains_end_with_what_was_measured() {
    let law = law();
    let process = |id: &str| law.processes.get(id).expect("the process is there");
    let task = process("chain_task");
    let confirm = task.transitions.iter().find(|t| t.action == "confirm").expect("a task can be confirmed");
    assert!(confirm.second_person && confirm.guards.iter().any(|g| g == "effect_measured"));
    let order = process("introduction").transitions.iter().find(|t| t.action == "order").expect("an order");
    assert!(order.guards.iter().any(|g| g == "order_evidence"));
    for (id, action) in [("chain_task", "drop"), ("introduction", "fail"), ("need", "withdraw")] {
        let found = process(id).transitions.iter().find(|t| t.action == action).expect("an end without success");
        assert!(found.reason, "{id} {action}");
    }
}
