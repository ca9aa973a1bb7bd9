//! What a rule must not say: planted violations are caught, each at the right condition, and their
//! lawful twins pass. Every pair of firms that a finding shows is evaluated again from what it shows.

use law::sources::Sources;
use law::{Law, Severity};
use policy::lint::{Finding, lint};
use policy::{One, Plan, Truth, Value};
use rust_decimal::Decimal;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

const NUMBERS: &str = "investment jobs energy revenue rd tax_paid local_tax_retained";
const TRUTHS: &str = "honest foreign_invested registered_elsewhere is_newcomer signed_as_promotion expansion_project \
     c1 c2 c3 c4 c5 c6 c7 c8 c9 c10 c11 c12";

const REVIEWS: [(&str, &str); 2] = [
    (
        "review/fair/1.yaml",
        "review: review/fair
title: 公平竞争 | Fair competition
cite: { document: 公平竞争审查条例 }
traits:
  - { id: ownership, title: 所有制 | Ownership, facts: [ownership_type, foreign_invested], clause: 第十条 }
  - { id: origin, title: 来源地 | Origin, facts: [division, town, address, registered_elsewhere], clause: 第九条 }
  - { id: named_firm, title: 点名企业 | Named firm, facts: [credit_code, name], clause: 第十条 }
  - { id: local_content, title: 本地采购 | Local content, facts: [local_purchase_share], clause: 第九条 }
  - { id: tax_return, title: 税收返还 | Tax return, facts: [tax_paid, local_tax_retained], in_amount: true, clause: 第十条 }
",
    ),
    (
        "review/equal/1.yaml",
        "review: review/equal
title: 同等对待 | Equal treatment
cite: { document: 促进条例 }
pairs:
  - title: 新引进与现有 | Newcomer and existing
    newcomer: { is_newcomer: true, signed_as_promotion: false, expansion_project: false }
    existing: { is_newcomer: false, signed_as_promotion: false, expansion_project: true }
    clause: 第十条
  - title: 签约与增资 | Signed and expansion
    newcomer: { is_newcomer: true, signed_as_promotion: true, expansion_project: false }
    existing: { is_newcomer: false, signed_as_promotion: false, expansion_project: true }
    clause: 第十条
  - title: 新成立与八年 | New and of 8 years
    newcomer: { years_since_founded: 0, months_since_founded: 0, days_since_founded: 30, founded: 2026-01-01 }
    existing: { years_since_founded: 8, months_since_founded: 96, days_since_founded: 2930, founded: 2018-01-01 }
    clause: 第十条
  - title: 新成立与四十年 | New and of 40 years
    newcomer: { years_since_founded: 0, months_since_founded: 0, days_since_founded: 30, founded: 2026-01-01 }
    existing: { years_since_founded: 40, months_since_founded: 480, days_since_founded: 14610, founded: 1986-01-01 }
    clause: 第十条
",
    ),
];

/// A rule of the small law: `requires` are the parts of `all`, one a line; `more` are further sections.
fn written(kind: &str, requires: &str, more: &str) -> String {
    let mut out = format!(
        "rule: test\nversion: 1\ntitle: 测试 | Test\nkind: {kind}\nlevel: nation\nowner: industry\n\
         cite: {{ document: 测试 }}\nin_force: {{ from: 2025-01-01 }}\nrequires:\n  all:\n"
    );
    requires.lines().map(str::trim).filter(|l| !l.is_empty()).for_each(|l| writeln!(out, "    - {l}").unwrap());
    if kind == "policy" && !more.contains("amount:") {
        out += "amount: { formula: investment * 0.1, unit: one, cap: 500 }\n";
    }
    out + more
}

fn small_law(rule: &str) -> Law {
    let mut facts = "facts:\n".to_owned();
    for name in NUMBERS.split_whitespace() {
        writeln!(facts, "  - {{ id: {name}, title: 数 | Number, owner: tax, kind: number, unit: one, min: 0 }}")
            .unwrap();
    }
    for name in TRUTHS.split_whitespace() {
        writeln!(facts, "  - {{ id: {name}, title: 真 | Truth, owner: tax, kind: boolean }}").unwrap();
    }
    facts += "  - { id: local_purchase_share, title: 比 | Share, owner: tax, kind: number, unit: one, min: 0, max: 1 }
  - { id: balance, title: 数 | Number, owner: tax, kind: number, unit: one }
  - { id: grade, title: 级 | Grade, owner: tax, kind: text, values: [A, B, C, D] }
  - { id: ownership_type, title: 所有制 | Ownership, owner: tax, kind: text, values: [state, private] }\n";
    let mut attributes = "attributes:\n".to_owned();
    for name in ["credit_code", "name", "division", "town", "address"] {
        writeln!(attributes, "  - {{ id: {name}, title: 文 | Text, kind: text }}").unwrap();
    }
    for (name, unit) in
        [("years_since_founded", "year"), ("months_since_founded", "month"), ("days_since_founded", "day")]
    {
        writeln!(attributes, "  - {{ id: {name}, title: 数 | Number, kind: number, unit: {unit} }}").unwrap();
    }
    attributes += "  - { id: founded, title: 成立日期 | Founded, kind: date }\n";
    let mut units = "units:\n".to_owned();
    for unit in ["one", "year", "month", "day"] {
        writeln!(units, "  - {{ id: {unit}, title: 位 | unit, dimension: {{}}, factor: 1 }}").unwrap();
    }
    let mut sources = Sources::default();
    let own =
        [("units.yaml", &*units), ("facts.yaml", &facts), ("attributes.yaml", &attributes), ("test/1.yaml", rule)];
    for (path, text) in own.into_iter().chain(REVIEWS) {
        sources.files.insert(path.to_owned(), text.to_owned());
    }
    let (law, findings) = Law::load(&sources);
    let errors: Vec<String> =
        findings.iter().filter(|f| f.severity == Severity::Error).map(ToString::to_string).collect();
    assert!(errors.is_empty(), "{}\n{rule}", errors.join("\n"));
    assert_eq!((law.reviews.len(), law.rules.len()), (2, 1));
    law
}

fn compiled(law: &Law) -> Plan {
    let (plan, faults) = Plan::compile(law, &[&law.rules[0]], 2025);
    assert!(faults.is_empty(), "{faults:?}");
    plan
}

fn findings(kind: &str, requires: &str, more: &str) -> (Plan, Vec<Finding>) {
    let law = small_law(&written(kind, requires, more));
    let plan = compiled(&law);
    let found = lint(&law, &plan, &plan.rules[0]);
    (plan, found)
}

fn told(findings: &[Finding]) -> String {
    findings.iter().map(|f| format!("  {} {:?}: {}\n", f.code, f.node, f.message.zh)).collect()
}

fn passes(what: &str, kind: &str, requires: &str, more: &str) {
    let (_, found) = findings(kind, requires, more);
    let wrong = ["fair_competition", "equal_treatment", "contradiction", "dead_branch"];
    let wrong: Vec<Finding> = found.into_iter().filter(|f| f.blocks || wrong.contains(&f.code)).collect();
    assert!(wrong.is_empty(), "{what} is lawful, and was found:\n{}", told(&wrong));
}

// ---------------------------------------------------------------------------------------------
// What is shipped

#[test]
fn every_shipped_rule_may_come_into_force() {
    let sources = Sources::from_dir(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../law")).unwrap();
    let (law, _) = Law::load(&sources);
    let traits: Vec<&str> = law.reviews.iter().flat_map(|r| &r.traits).map(|t| t.id.as_str()).collect();
    assert_eq!(traits, ["ownership", "origin", "named_firm", "local_content", "tax_return"]);
    assert!(law.reviews.iter().map(|r| r.pairs.len()).sum::<usize>() >= 5);
    for review in &law.reviews {
        for fact in review.traits.iter().flat_map(|t| &t.facts) {
            assert!(law.facts.contains_key(fact) || law.attributes.contains_key(fact), "{fact} of {}", review.id);
        }
    }
    let mut wrong = String::new();
    for rule in &law.rules {
        let (plan, faults) = Plan::compile(&law, &[rule], rule.from.year());
        assert!(faults.is_empty(), "{}: {faults:?}", rule.name());
        let blocks: Vec<Finding> = lint(&law, &plan, &plan.rules[0]).into_iter().filter(|f| f.blocks).collect();
        if !blocks.is_empty() {
            write!(wrong, "{}\n{}", rule.name(), told(&blocks)).unwrap();
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
    assert!(law.rules.len() > 30, "{} rules", law.rules.len());
}

#[test]
fn leaving_qingdao_out_without_its_basis_would_block() {
    let sources = Sources::from_dir(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../law")).unwrap();
    let (law, _) = Law::load(&sources);
    let mut rule = law.rules.iter().find(|r| r.id == "shandong/policies/equipment-renewal").unwrap().clone();
    rule.basis.clear();
    let (plan, _) = Plan::compile(&law, &[&rule], 2025);
    let found = lint(&law, &plan, &plan.rules[0]);
    let found: Vec<&Finding> = found.iter().filter(|f| f.blocks).collect();
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].code, found[0].node.as_deref()), ("fair_competition", Some("TE.6")));
    assert!(found[0].message.zh.contains("basis: origin"), "{}", found[0].message.zh);
    assert_eq!(found[0].ground.as_deref(), Some("公平竞争审查条例（国务院令第783号） 第九条"));
}

#[test]
fn more_interest_aid_for_newcomers_would_block_and_for_expansions_as_well_not() {
    let sources = Sources::from_dir(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../law")).unwrap();
    let (law, _) = Law::load(&sources);
    let shipped = law.rules.iter().find(|r| r.id == "shandong/policies/upgrade-interest").unwrap();
    let with = |when: &str| {
        let mut rule = shipped.clone();
        let amount = rule.amount.as_mut().unwrap();
        let rate = law::scheme::Param { value: Decimal::new(2, 1), ..amount.caps[0].value.clone() };
        let when = law::Formula { text: when.into(), at: amount.at.clone() };
        amount.uplifts.push(law::rule::Uplift { title: Default::default(), when, rate });
        let (plan, faults) = Plan::compile(&law, &[&rule], 2025);
        assert!(faults.is_empty(), "{faults:?}");
        lint(&law, &plan, &plan.rules[0]).into_iter().filter(|f| f.blocks).collect::<Vec<Finding>>()
    };
    let found = with("is_newcomer");
    assert!(!found.is_empty());
    for one in &found {
        assert_eq!((one.code, one.node.as_deref()), ("equal_treatment", None));
        assert_eq!(one.ground.as_deref(), Some("山东省先进制造业促进条例 第十条第四款"));
        let (new, old) = one.pair.as_ref().unwrap();
        assert_eq!((&new["project_loan"], &new["lpr"]), (&old["project_loan"], &old["lpr"]));
        assert_ne!(new["is_newcomer"], old["is_newcomer"]);
    }
    assert_eq!(told(&with("is_newcomer OR expansion_project")), "");
}

// ---------------------------------------------------------------------------------------------
// Fair competition

const INVESTS: &str = "{ id: INV, title: 投资 | Investment, if: investment >= 1000 }\n";

/// Condition, further sections, node, place as told, fact, trait.
const UNFAIR: [(&str, &str, Option<&str>, &str, &str, &str); 13] = [
    (
        "{ id: OWN, title: 国有 | State, if: \"ownership_type = 'state'\" }",
        "",
        Some("OWN"),
        "OWN",
        "ownership_type",
        "所有制",
    ),
    (
        "{ id: DOM, title: 内资 | Domestic, if: NOT foreign_invested }",
        "",
        Some("DOM"),
        "DOM",
        "foreign_invested",
        "所有制",
    ),
    ("{ id: HERE, title: 本县 | Here, if: \"division = '370725'\" }", "", Some("HERE"), "HERE", "division", "来源地"),
    ("{ id: TOWN, title: 两镇 | Towns, if: \"town IN ('甲镇', '乙镇')\" }", "", Some("TOWN"), "TOWN", "town", "来源地"),
    (
        "{ id: MOVED, title: 迁入 | Moved in, if: registered_elsewhere }",
        "",
        Some("MOVED"),
        "MOVED",
        "registered_elsewhere",
        "来源地",
    ),
    (
        "{ id: STREET, title: 园区 | Park, not: { id: OUT, title: 园外 | Outside, if: \"address <> '园区'\" } }",
        "",
        Some("OUT"),
        "OUT",
        "address",
        "来源地",
    ),
    ("{ id: ONE, title: 某公司 | A firm, if: \"name = '某某公司'\" }", "", Some("ONE"), "ONE", "name", "点名企业"),
    (
        "{ any: [{ id: BIG, title: 大 | Big, if: investment > 9000 }, { id: CODE, title: 名单 | List, if: \"credit_code IN ('91370725MA000000A1', '91370725MA000000B2')\" }] }",
        "",
        Some("CODE"),
        "CODE",
        "credit_code",
        "点名企业",
    ),
    (
        "{ id: BUY, title: 本地采购 | Local, if: local_purchase_share >= 0.5 }",
        "",
        Some("BUY"),
        "BUY",
        "local_purchase_share",
        "本地采购",
    ),
    ("", "amount: { formula: local_tax_retained * 0.5, unit: one }\n", None, "金额", "local_tax_retained", "税收返还"),
    (
        "{ id: PAYS, title: 缴税 | Pays tax, if: tax_paid >= 100 }",
        "amount: { formula: \"CASE WHEN tax_paid > 1000 THEN 100 ELSE 50 END\", unit: one }\n",
        None,
        "金额",
        "tax_paid",
        "税收返还",
    ),
    (
        "",
        "amount: { formula: investment * 0.1, unit: one, uplifts: [{ title: 国企 | State, if: \"ownership_type = 'state'\", rate: 10% }] }\n",
        None,
        "金额",
        "ownership_type",
        "所有制",
    ),
    (
        "{ id: SCORE, title: 得分 | Score, if: score >= 5 }",
        "scores: [{ id: score, title: 得分 | Score, groups: [{ id: g, title: 组 | Group, items: [{ id: local_item, title: 本地 | Local, max: 10, of: local_purchase_share, bands: [{ at_least: 50%, points: 10 }] }] }] }]\n",
        Some("local_item"),
        "local_item",
        "local_purchase_share",
        "本地采购",
    ),
];

#[test]
fn telling_firms_apart_without_a_basis_is_caught() {
    for (condition, more, node, place, fact, title) in UNFAIR {
        let (_, found) = findings("policy", &format!("{INVESTS}{condition}"), more);
        let unfair: Vec<&Finding> = found.iter().filter(|f| f.code == "fair_competition").collect();
        assert_eq!(unfair.len(), 1, "{condition}{more}\n{}", told(&found));
        let one = unfair[0];
        assert!(one.blocks && one.pair.is_none());
        assert_eq!(one.node.as_deref(), node, "{}", one.message.zh);
        let start = format!("{place} 用到“{fact}”，属于“{title}”");
        assert!(one.message.zh.starts_with(&start), "{start}\n{}", one.message.zh);
        assert!(one.message.en.contains(fact) && one.message.en.contains("basis"), "{}", one.message.en);
        let ground = one.ground.as_deref().unwrap();
        assert!(ground.starts_with("公平竞争审查条例 第"), "{ground}");
    }
}

#[test]
fn with_the_basis_of_its_trait_the_same_passes_and_with_another_not() {
    let all = ["ownership", "origin", "named_firm", "local_content", "tax_return"];
    let traits = [0, 0, 1, 1, 1, 1, 2, 2, 3, 4, 4, 0, 3].map(|at| all[at]);
    for ((condition, more, ..), id) in UNFAIR.into_iter().zip(traits) {
        let requires = format!("{INVESTS}{condition}");
        let basis = |id: &str| format!("{more}basis: [{{ trait: {id}, document: 国务院批准文件 }}]\n");
        passes(&format!("{condition} with a basis"), "policy", &requires, &basis(id));
        let other = all.into_iter().find(|o| *o != id).unwrap();
        let (_, found) = findings("policy", &requires, &basis(other));
        assert!(found.iter().any(|f| f.code == "fair_competition"), "{other} is no basis for {condition}");
    }
}

#[test]
fn policies_that_tell_firms_apart_by_what_they_do_pass() {
    let scores = "scores: [{ id: score, title: 得分 | Score, groups: [{ id: g, title: 组 | Group, items: [{ id: item, title: 研发 | R&D, max: 10, of: rd / revenue, bands: [{ at_least: 5%, points: 10 }] }] }] }]\n";
    let lawful = [
        ("{ id: GRADE, title: 等级 | Grade, if: \"grade = 'A'\" }", ""),
        ("{ id: HON, title: 守信 | Honest, if: honest }", ""),
        ("{ id: JOBS, title: 就业 | Jobs, if: jobs >= 50 }", ""),
        ("{ id: TWO, title: 两级 | Two grades, if: \"grade IN ('A', 'B')\" }", ""),
        ("{ id: NOTD, title: 非 D | Not D, not: { id: D, title: D 级 | D, if: \"grade = 'D'\" } }", ""),
        // A condition on tax is no return of tax.
        ("{ id: PAYS, title: 缴税 | Pays tax, if: tax_paid >= 100 }", ""),
        ("", "amount: { formula: \"CASE WHEN investment > 1000 THEN 100 ELSE 50 END\", unit: one }\n"),
        (
            "",
            "amount: { formula: investment * 0.1, unit: one, uplifts: [{ title: A | A, if: \"grade = 'A'\", rate: 10% }] }\n",
        ),
        ("{ id: SCORE, title: 得分 | Score, if: score >= 5 }", scores),
        (
            "{ any: [{ id: BIG, title: 大 | Big, if: investment > 9000 }, { id: RD, title: 研发 | R&D, if: rd / revenue >= 0.03 }] }",
            "",
        ),
    ];
    for (condition, more) in lawful {
        passes(&format!("{condition}{more}"), "policy", &format!("{INVESTS}{condition}"), more);
    }
}

// ---------------------------------------------------------------------------------------------
// Equal treatment

/// What a finding shows of a firm, as the plan's values.
fn firm(plan: &Plan, shown: &BTreeMap<String, String>) -> BTreeMap<u32, Value> {
    let mut out = BTreeMap::new();
    for var in 0..plan.vars.all.len() as u32 {
        let def = plan.vars.def(var);
        let Some(text) = shown.get(&def.key.name) else { continue };
        let value = match def.kind {
            law::template::Kind::Number => Value::Number(text.parse::<Decimal>().unwrap()),
            law::template::Kind::Boolean => Value::Truth(text.parse().unwrap()),
            law::template::Kind::Text => Value::Text(text.clone()),
            law::template::Kind::Date => Value::Number(policy::firm::day(text.parse().unwrap())),
        };
        out.insert(var, value);
    }
    out
}

fn outcome(plan: &Plan, own: &BTreeMap<u32, Value>) -> (Truth, Option<Decimal>, Option<(Decimal, Decimal)>) {
    let facts = |var: u32| own.get(&var).cloned().unwrap_or(Value::Unknown);
    let one = One::new(plan, &plan.rules[0], &facts);
    let truth = one.outcome();
    let paid = if truth == Truth::NotMet { None } else { policy::amount::amount(plan, &plan.rules[0], &facts) };
    (truth, paid.map(|p| p.low), one.points("score"))
}

const POINTS: &str = "{ id: SCORE, title: 得分 | Score, if: score >= 60 }";

fn table(newcomer: &str, points: u32) -> String {
    format!(
        "scores:
  - id: score
    title: 得分 | Score
    groups:
      - id: g
        title: 组 | Group
        items:
          - {{ id: size_item, title: 投资 | Investment, max: 70, of: investment, bands: [{{ at_least: 8000, points: 70 }}, {{ at_least: 3000, points: 50 }}], rest: 10 }}
          - {{ id: come_item, title: 来路 | Origin, max: {points}, first: [{{ title: 是 | Yes, if: {newcomer}, points: {points} }}] }}\n"
    )
}

/// Twelve promises, each of which must be given, and two conditions that few firms meet.
fn promises() -> String {
    let narrow =
        "{ id: JOBS, title: 就业 | Jobs, if: jobs = 37 }\n{ id: GRADE, title: A 级 | Class A, if: \"grade = 'A'\" }\n";
    (1..=12).map(|n| format!("{{ id: C{n}, title: 承诺 | Promise, if: c{n} }}\n")).chain([narrow.to_owned()]).collect()
}

fn amount(formula: &str, more: &str) -> String {
    format!("amount: {{ formula: \"{formula}\", unit: one{more} }}\n")
}

#[test]
fn paying_or_admitting_newcomers_otherwise_is_caught() {
    let any = "{ any: [{ id: SMALL, title: 新引进小项目 | Small newcomer, if: is_newcomer AND investment >= 100 }, { id: LARGE, title: 大项目 | Large, if: investment >= 1000 }] }";
    let branch = "{ any: [{ all: [{ id: NEW, title: 新引进 | Newcomer, if: is_newcomer }, { id: JOBS, title: 就业 | Jobs, if: jobs >= 50 }] }, { id: LARGE, title: 大项目 | Large, if: investment >= 5000 }] }";
    let uplift = ", cap: 500, uplifts: [{ title: 新引进 | Newcomer, if: is_newcomer, rate: 20% }]";
    let one = |condition: &str| format!("{INVESTS}{condition}");
    // Conditions, further sections, the condition or item that tells apart.
    let planted: Vec<(String, String, Option<&str>)> = vec![
        (one("{ id: NEW, title: 新引进 | Newcomer, if: is_newcomer }"), String::new(), Some("NEW")),
        (one(""), amount("investment * 0.1", uplift), None),
        (one(""), amount("least(investment * 0.1, CASE WHEN is_newcomer THEN 500 ELSE 300 END)", ""), None),
        (one("{ id: AGE, title: 成立不满三年 | Young, if: years_since_founded < 3 }"), String::new(), Some("AGE")),
        (any.to_owned(), String::new(), Some("SMALL")),
        (one(""), amount("investment * 0.1 * CASE WHEN signed_as_promotion THEN 2 ELSE 1 END", ", cap: 2000"), None),
        (
            one(
                "{ id: GRADE, title: A 级 | Class A, if: \"grade = 'A'\", unless: { id: FREE, title: 新引进 | Newcomer, if: is_newcomer } }",
            ),
            String::new(),
            Some("FREE"),
        ),
        (one(POINTS), table("is_newcomer", 15), Some("come_item")),
        (branch.to_owned(), String::new(), Some("NEW")),
        (
            one(
                "{ id: NOTEX, title: 非增资 | No expansion, not: { id: EX, title: 增资 | Expansion, if: expansion_project } }",
            ),
            String::new(),
            Some("EX"),
        ),
        (
            one("{ id: NOTOLD, title: 非老企业 | Not old, if: NOT (years_since_founded >= 5) }"),
            String::new(),
            Some("NOTOLD"),
        ),
        (
            one("{ id: SINCE, title: 2025 年后成立 | Founded since, if: \"founded >= DATE '2025-01-01'\" }"),
            String::new(),
            Some("SINCE"),
        ),
        // Neither end of the pair lies in the span.
        (
            one("{ id: SPAN, title: 一至三年 | One to three years, if: years_since_founded BETWEEN 1 AND 3 }"),
            String::new(),
            Some("SPAN"),
        ),
        (
            one("{ id: OLD, title: 不满二十年 | Under twenty, if: years_since_founded < 20 }"),
            String::new(),
            Some("OLD"),
        ),
        // Newcomers are not to be shut out either.
        (one("{ id: EXP, title: 只给增资 | Expansions only, if: expansion_project }"), String::new(), Some("EXP")),
        // Behind fourteen conditions that chance alone would hardly ever meet.
        (one(&promises()), amount("investment * 0.1", uplift), None),
        // Only above a sum that stands in the addition alone.
        (
            one(""),
            amount(
                "investment * 0.001",
                ", uplifts: [{ title: 大 | Large, if: is_newcomer AND investment >= 123456, rate: 20% }]",
            ),
            None,
        ),
        // What people judge is open; the sum is not.
        (
            one("{ id: JUDGED, title: 评审 | Review, judged: none }"),
            amount("investment * CASE WHEN is_newcomer THEN 0.2 ELSE 0.1 END", ""),
            None,
        ),
    ];
    for (requires, more, node) in &planted {
        let (plan, found) = findings("policy", requires, more);
        let unequal: Vec<&Finding> = found.iter().filter(|f| f.code == "equal_treatment").collect();
        assert!(!unequal.is_empty(), "nothing found of\n{requires}{more}");
        for one in &unequal {
            assert!(one.blocks);
            assert_eq!(one.node.as_deref(), *node, "{}\n{requires}{more}", one.message.zh);
            let place = node.unwrap_or("金额");
            assert!(one.message.zh.contains(&format!("其他条件相同而结果不同（{place}）")), "{}", one.message.zh);
            assert_eq!(one.ground.as_deref(), Some("促进条例 第十条"));
            // The two firms differ in what must not matter and in nothing else, and come out differently.
            let (new, old) = one.pair.as_ref().unwrap();
            let differ: Vec<&str> =
                new.iter().filter(|(name, value)| old[*name] != **value).map(|(n, _)| n.as_str()).collect();
            let may = |n: &&str| {
                n.ends_with("_since_founded")
                    || ["founded", "is_newcomer", "signed_as_promotion", "expansion_project"].contains(n)
            };
            assert!(!differ.is_empty() && differ.iter().all(may), "{differ:?}");
            let (a, b) = (outcome(&plan, &firm(&plan, new)), outcome(&plan, &firm(&plan, old)));
            assert_ne!(a, b, "{new:?}\n{old:?}");
        }
    }
}

#[test]
fn what_is_found_says_what_each_firm_gets() {
    let (_, found) = findings("policy", INVESTS, &amount("CASE WHEN is_newcomer THEN 100 ELSE 80 END", ""));
    let first = found.iter().find(|f| f.code == "equal_treatment").unwrap();
    assert_eq!(first.message.zh, "“新引进与现有”其他条件相同而结果不同（金额）：前者得 100，后者得 80。");
    let (_, found) = findings("policy", "{ id: NEW, title: 新引进 | Newcomer, if: is_newcomer }", "");
    let first = found.iter().find(|f| f.code == "equal_treatment").unwrap();
    assert_eq!(first.message.zh, "“新引进与现有”其他条件相同而结果不同（NEW）：前者符合，后者不符合。");
    // A day is shown as a day.
    let (_, found) = findings("policy", "{ id: SINCE, title: 新 | New, if: \"founded >= DATE '2025-01-01'\" }", "");
    let (new, old) = found.iter().find(|f| f.code == "equal_treatment").unwrap().pair.clone().unwrap();
    assert_eq!((new["founded"].as_str(), old["founded"].as_str()), ("2026-01-01", "2018-01-01"));
}

#[test]
fn policies_that_treat_newcomers_and_expansions_alike_pass() {
    let both = "(is_newcomer OR expansion_project)";
    let uplifts = ", cap: 500, uplifts: [{ title: 新引进 | Newcomer, if: is_newcomer, rate: 20% }, { title: 增资 | Expansion, if: expansion_project AND NOT is_newcomer, rate: 20% }]";
    let one = |condition: &str| format!("{INVESTS}{condition}");
    let lawful: Vec<(String, String)> = vec![
        (one("{ id: BOTH, title: 新引进或增资 | Newcomer or expansion, if: is_newcomer OR expansion_project }"), String::new()),
        (one(""), amount("investment * 0.1", uplifts)),
        (one(""), amount(&format!("least(investment * 0.1, CASE WHEN {both} THEN 500 ELSE 300 END)"), "")),
        (one("{ id: JOBS, title: 就业 | Jobs, if: jobs >= 3 }"), String::new()),
        (
            "{ any: [{ id: SMALL, title: 小 | Small, if: is_newcomer AND investment >= 100 }, { id: SMALLX, title: 小 | Small, if: expansion_project AND investment >= 100 }, { id: LARGE, title: 大 | Large, if: investment >= 1000 }] }".to_owned(),
            String::new(),
        ),
        (one(""), amount(&format!("investment * 0.1 * CASE WHEN {both} THEN 2 ELSE 1 END"), ", cap: 2000")),
        (
            one("{ id: GRADE, title: A 级 | Class A, if: \"grade = 'A'\", unless: { id: FREE, title: 两者 | Both, if: is_newcomer OR expansion_project } }"),
            String::new(),
        ),
        (one(POINTS), table("is_newcomer OR expansion_project", 15)),
        (one("{ any: [{ id: JOBS, title: 就业 | Jobs, if: jobs >= 50 }, { id: LARGE, title: 大 | Large, if: investment >= 5000 }] }"), String::new()),
        (one("{ id: HON, title: 守信 | Honest, not: { id: DIS, title: 失信 | Dishonest, if: NOT honest } }"), String::new()),
        (one("{ id: EVER, title: 已成立 | Founded, if: years_since_founded >= 0 }"), String::new()),
        (one(""), amount("investment * CASE WHEN signed_as_promotion THEN 0.1 ELSE 0.1 END", "")),
        (one(&promises()), amount("investment * 0.1", uplifts)),
    ];
    for (requires, more) in &lawful {
        passes(&format!("{requires}{more}"), "policy", requires, more);
    }
    // A title is no benefit: it may ask how old a firm is.
    passes("a title", "title", "{ id: AGE, title: 满一年 | A year old, if: days_since_founded >= 365 }", "");
}

// ---------------------------------------------------------------------------------------------
// Contradictions

/// Conditions `A`, `B`, … one for each expression.
fn lines(expressions: &[&str]) -> String {
    let ids = ["A", "B", "C", "D", "E"];
    let one = |(id, e): (&&str, &&str)| format!("{{ id: {id}, title: 条件 | Condition, if: \"{e}\" }}\n");
    ids.iter().zip(expressions).map(one).collect()
}

const SCORES: &str = "scores: [{ id: score, title: 得分 | Score, groups: [{ id: g1, title: 组 | Group, cap: 30, items: [{ id: i1, title: 项 | Item, max: 50, of: jobs, bands: [{ at_least: 9, points: 50 }] }] }, { id: g2, title: 组 | Group, items: [{ id: i2, title: 项 | Item, max: 40, first: [{ title: 是 | Yes, if: honest, points: 40 }], rest: 5 }] }] }]\n";

#[test]
fn conditions_that_nobody_can_meet_are_found_with_the_shortest_conflict() {
    let none = |conflict: &str| format!("没有企业能符合：{conflict}。");
    let cases: Vec<(String, &str, &str, String)> = vec![
        (lines(&["investment >= 1000", "jobs >= 5", "investment < 500"]), "", "A", none("A、C 不能同时成立")),
        (lines(&["rd / revenue >= 0.05", "rd / revenue < 0.03"]), "", "A", none("A、B 不能同时成立")),
        // The same ratio written otherwise; by itself more than the whole.
        (lines(&["rd >= revenue * 0.05", "jobs > 0", "rd / revenue < 0.03"]), "", "A", none("A、C 不能同时成立")),
        (lines(&["grade = 'A'", "grade IN ('B', 'C')"]), "", "A", none("A、B 不能同时成立")),
        (lines(&["grade IN ('A', 'B')", "grade <> 'B'", "grade <> 'A'"]), "", "A", none("A、B、C 不能同时成立")),
        (lines(&["honest", "investment > 0", "NOT honest"]), "", "A", none("A、C 不能同时成立")),
        (
            lines(&["jobs + energy <= 10", "jobs >= 8", "energy >= 3", "investment >= 1"]),
            "",
            "A",
            none("A、B、C 不能同时成立"),
        ),
        // Five conflicts, of which the one of two is told.
        (lines(&["jobs + energy <= 10", "jobs >= 8", "energy >= 3", "jobs < 7"]), "", "B", none("B、D 不能同时成立")),
        (lines(&["investment = 5", "investment <> 5"]), "", "A", none("A、B 不能同时成立")),
        (lines(&["balance >= 5", "balance <= 5", "balance <> 5"]), "", "A", none("A、B、C 不能同时成立")),
        (lines(&["jobs > 1", "investment IS NULL", "investment > 5"]), "", "B", none("B、C 不能同时成立")),
        // A share of 1.5 where the fact is at most 1; less than nothing; a text that is on no list.
        (
            lines(&["jobs > 1", "local_purchase_share >= 1.5"]),
            "basis: [{ trait: local_content, document: 文件 }]\n",
            "B",
            none("B 自身不能成立"),
        ),
        (lines(&["jobs + energy < 0"]), "", "A", none("A 自身不能成立")),
        (lines(&["grade = 'E'"]), "", "A", none("A 自身不能成立")),
        (lines(&["1 > 2", "jobs > 1"]), "", "A", none("A 自身不能成立")),
        (lines(&["score >= 60", "jobs > 1", "score < 50"]), SCORES, "A", none("A、C 不能同时成立")),
        // 30 of the group's cap and 40 are 70.
        (lines(&["score > 70"]), SCORES, "A", none("A 自身不能成立")),
        (
            format!(
                "{}{{ any: [{{ id: X, title: 甲 | X, if: jobs > 9 }}, {{ id: Y, title: 乙 | Y, if: jobs > 7 }}] }}",
                lines(&["jobs < 3"])
            ),
            "",
            "A",
            none("A、X 不能同时成立；A、Y 不能同时成立"),
        ),
        (
            "{ at_least: 2, of: [{ id: X, title: 甲 | X, if: jobs > 9 }, { id: Y, title: 乙 | Y, if: jobs < 7 }] }"
                .to_owned(),
            "",
            "X",
            none("X、Y 不能同时成立"),
        ),
    ];
    for (requires, more, node, message) in &cases {
        let (_, found) = findings("policy", requires, more);
        let found: Vec<&Finding> =
            found.iter().filter(|f| ["contradiction", "dead_branch"].contains(&f.code)).collect();
        assert_eq!(found.len(), 1, "{requires}{more}");
        assert_eq!((found[0].code, found[0].blocks), ("contradiction", true));
        assert_eq!(found[0].message.zh, *message, "{requires}");
        assert_eq!(found[0].node.as_deref(), Some(*node));
        assert!(found[0].message.en.starts_with("Nobody can qualify: "), "{}", found[0].message.en);
    }
}

#[test]
fn branches_that_lead_nowhere_are_told_and_do_not_block() {
    let small = lines(&["investment < 2000"]);
    let cases = [
        (
            format!("{small}{{ any: [{{ id: LARGE, title: 大 | Large, if: investment >= 5000 }}, {{ id: JOBS, title: 就业 | Jobs, if: jobs >= 5 }}] }}"),
            "LARGE", "“LARGE”这条路走不通：A、LARGE 不能同时成立。",
        ),
        // In the branch alone; what stands in it is not told again.
        (
            "{ any: [{ all: [{ id: P, title: 甲 | P, if: rd / revenue > 0.05 }, { any: [{ id: Q, title: 乙 | Q, if: rd / revenue < 0.03 }, { id: R, title: 丙 | R, if: rd / revenue < 0.01 }] }] }, { id: JOBS, title: 就业 | Jobs, if: jobs >= 5 }] }".to_owned(),
            "P", "“P”这条路走不通：P、Q 不能同时成立；P、R 不能同时成立。",
        ),
        (
            format!("{small}{{ at_least: 2, of: [{{ id: X, title: 甲 | X, if: investment > 3000 }}, {{ id: Y, title: 乙 | Y, if: jobs < 7 }}, {{ id: Z, title: 丙 | Z, if: energy < 7 }}] }}"),
            "X", "“X”这条路走不通：A、X 不能同时成立。",
        ),
        (
            format!("{small}{{ id: B, title: 就业 | Jobs, if: jobs >= 5, unless: {{ id: EX, title: 大 | Large, if: investment > 9000 }} }}"),
            "EX", "“EX”这条路走不通：A、EX 不能同时成立。",
        ),
    ];
    for (requires, node, message) in &cases {
        let (_, found) = findings("policy", requires, "");
        assert_eq!(found.len(), 1, "{requires}\n{}", told(&found));
        assert_eq!((found[0].code, found[0].blocks), ("dead_branch", false));
        assert_eq!((found[0].node.as_deref(), found[0].message.zh.as_str()), (Some(*node), *message));
    }
}

#[test]
fn the_recheck_is_searched_as_well() {
    let renewal = "renewal: { all: [{ id: R1, title: 复核 | Re-check, if: jobs > 9 }, { id: R2, title: 复核 | Re-check, if: jobs < 3 }] }\n";
    let (_, found) = findings("policy", INVESTS, renewal);
    assert_eq!(told(&found), "  contradiction Some(\"R1\"): 没有企业能符合：R1、R2 不能同时成立。\n");
    let renewal = "renewal: { id: R1, title: 复核 | Re-check, if: is_newcomer }\n";
    let (_, found) = findings("policy", INVESTS, renewal);
    let found = found.iter().find(|f| f.code == "equal_treatment").unwrap();
    assert_eq!(found.node.as_deref(), Some("R1"));
    assert!(found.message.zh.ends_with("前者复核符合，后者复核不符合。"), "{}", found.message.zh);
}

#[test]
fn of_conditions_that_somebody_can_meet_nothing_is_found() {
    let twins = [
        (lines(&["investment >= 1000", "jobs >= 5", "investment <= 1000"]), ""),
        (lines(&["rd / revenue >= 0.03", "rd / revenue < 0.05"]), ""),
        (lines(&["rd >= revenue * 0.03", "rd / revenue <= 0.03"]), ""),
        (lines(&["grade IN ('A', 'B')", "grade IN ('B', 'C')"]), ""),
        (lines(&["grade <> 'A'", "grade <> 'B'", "grade <> 'C'"]), ""),
        ("{ any: [{ id: Y, title: 是 | Yes, if: honest }, { id: N, title: 否 | No, if: NOT honest }] }".to_owned(), ""),
        (lines(&["jobs + energy <= 11", "jobs >= 8", "energy >= 3"]), ""),
        (lines(&["investment >= 5", "investment <> 5"]), ""),
        (lines(&["balance <= 5", "balance <> 5", "balance <> 4", "balance >= 3"]), ""),
        (lines(&["investment IS NULL OR investment > 5"]), ""),
        (lines(&["jobs + energy <= 0"]), ""),
        (lines(&["balance < 0"]), ""),
        (lines(&["score >= 50", "jobs > 1", "score <= 50"]), SCORES),
        (lines(&["score >= 70"]), SCORES),
        // Figures of other years are other figures.
        (lines(&["investment > 100", "lag(investment, 1) < 50"]), ""),
        (
            "{ at_least: 1, of: [{ id: X, title: 甲 | X, if: jobs > 9 }, { id: Y, title: 乙 | Y, if: jobs < 7 }] }"
                .to_owned(),
            "",
        ),
        (
            format!(
                "{}{{ any: [{{ id: X, title: 甲 | X, if: jobs > 9 }}, {{ id: Y, title: 乙 | Y, if: jobs > 7 }}] }}",
                lines(&["jobs < 11"])
            ),
            "",
        ),
    ];
    for (requires, more) in &twins {
        passes(requires, "policy", requires, more);
    }
}

#[test]
fn a_rule_with_very_many_ways_is_still_searched() {
    // 3^12 ways; the contradiction stands outside of them.
    let many: String = (1..=12)
        .map(|n| format!("{{ any: [{{ id: P{n}, title: 甲 | P, if: c{n} }}, {{ id: Q{n}, title: 乙 | Q, if: jobs > {n} }}, {{ id: R{n}, title: 丙 | R, if: energy > {n} }}] }}\n"))
        .collect();
    passes("many ways", "policy", &many, "");
    let (_, found) = findings("policy", &format!("{}{many}", lines(&["rd > 5", "rd < 5"])), "");
    assert_eq!(told(&found), "  contradiction Some(\"A\"): 没有企业能符合：A、B 不能同时成立。\n");
}

#[test]
fn what_was_assumed_and_what_people_judge_is_told_and_does_not_block() {
    let requires = "{ id: SEEN, title: 见 | Seen, if: jobs >= 5 }
        { id: GUESS, title: 推定 | Guess, if: energy >= 5, unverified: 原文未见 }
        { id: PEOPLE, title: 评审 | Review, judged: none }";
    let (_, found) =
        findings("policy", requires, "amount: { formula: investment * 0.1, unit: one, unverified: 比例未见 }\n");
    let codes: Vec<(&str, Option<&str>, bool)> = found.iter().map(|f| (f.code, f.node.as_deref(), f.blocks)).collect();
    assert_eq!(codes, [("assumed", Some("GUESS"), false), ("assumed", None, false), ("judged", Some("PEOPLE"), false)]);
    assert!(found[0].message.zh.contains("原文未见"), "{}", found[0].message.zh);
}
