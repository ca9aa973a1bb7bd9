//! The quick ways of computing give the same as the slow ones in fractions: lanes of a batch with figures
//! near the limits of 64 bits and mixed scales, values in points, and the search for repairs.

use law::sources::Sources;
use law::{Law, Severity};
use policy::frame::{Column, Value};
use policy::repair::Finder;
use policy::{Frame, One, Plan, Truth};
use proptest::prelude::*;
use rust_decimal::Decimal;
use std::fmt::Write as _;

const NUMBERS: [&str; 4] = ["a", "b", "c", "d"];

/// A law with one rule: points in `scores`, conditions in `requires`.
fn law(scores: &str, requires: &str) -> Law {
    let mut facts = "facts:\n".to_owned();
    for (name, unit) in NUMBERS.iter().zip(["one", "one", "one", "person"]) {
        writeln!(facts, "  - {{ id: {name}, title: 数 | Number, owner: tax, kind: number, unit: {unit} }}").unwrap();
    }
    for name in ["p", "q"] {
        writeln!(facts, "  - {{ id: {name}, title: 真 | Truth, owner: tax, kind: boolean }}").unwrap();
    }
    facts += "  - { id: t, title: 文 | Text, owner: tax, kind: text }\n";
    let rule = format!(
        "rule: test\nversion: 1\ntitle: 测试 | Test\nkind: title\nlevel: nation\nowner: tax\n\
         cite: {{ document: 测试 }}\nin_force: {{ from: 2020-01-01 }}\n{scores}requires:\n  all:\n{requires}"
    );
    let units = "units:\n  - { id: one, title: 无 | one, dimension: {}, factor: 1 }\n  - { id: person, title: 人 | person, dimension: { person: 1 }, factor: 1 }\n";
    let mut sources = Sources::default();
    for (path, text) in [("units.yaml", units), ("facts.yaml", &facts), ("test/1.yaml", &rule)] {
        sources.files.insert(path.to_owned(), text.to_owned());
    }
    let (law, findings) = Law::load(&sources);
    let errors: Vec<String> =
        findings.iter().filter(|f| f.severity == Severity::Error).map(ToString::to_string).collect();
    assert!(errors.is_empty(), "{}\n{rule}", errors.join("\n"));
    law
}

fn compiled(law: &Law) -> Plan {
    let (plan, faults) = Plan::compile(law, &[&law.rules[0]], 2025);
    assert!(faults.is_empty(), "{faults:?}");
    plan
}

#[derive(Clone, Debug)]
struct Row {
    numbers: [Option<Decimal>; 4],
    truths: [Option<bool>; 2],
    text: Option<usize>,
}

fn value(plan: &Plan, row: &Row, var: u32) -> Value {
    let name = plan.vars.def(var).key.name.as_str();
    if let Some(at) = NUMBERS.iter().position(|n| *n == name) {
        return row.numbers[at].map_or(Value::Unknown, Value::Number);
    }
    match name {
        "p" => row.truths[0].map_or(Value::Unknown, Value::Truth),
        "q" => row.truths[1].map_or(Value::Unknown, Value::Truth),
        _ => row.text.map_or(Value::Unknown, |t| Value::Text(["x", "y", "z", "w"][t].to_owned())),
    }
}

/// Sizes from units to the limit of 64 bits, in one column all alike so that every lane has its turn.
fn numbers(rows: usize) -> impl Strategy<Value = Vec<Option<Decimal>>> {
    let most = prop_oneof![
        Just(12i64),
        Just(40_000),
        Just(i64::from(i32::MAX)),
        Just(1 << 31),
        Just(1 << 44),
        Just(1 << 53),
        Just(i64::MAX),
    ];
    (most, 0u32..5).prop_flat_map(move |(most, scale)| {
        let near = (0i64..4).prop_map(move |less| most - less);
        let small = (-3i64..4).prop_map(move |n| n.clamp(-most, most));
        let one = prop_oneof![-most..=most, near.clone(), near.prop_map(|n| -n), small];
        let one = one.prop_map(move |n| Decimal::new(n, scale));
        prop::collection::vec(prop::option::weighted(0.9, one), rows)
    })
}

fn rows(count: usize) -> impl Strategy<Value = Vec<Row>> {
    let truth = || prop::option::weighted(0.85, any::<bool>());
    let rest = prop::collection::vec((truth(), truth(), prop::option::weighted(0.85, 0..4usize)), count);
    (numbers(count), numbers(count), numbers(count), numbers(count), rest).prop_map(|(a, b, c, d, rest)| {
        let row = |(i, (p, q, t)): (usize, (Option<bool>, Option<bool>, Option<usize>))| Row {
            numbers: [a[i], b[i], c[i], d[i]],
            truths: [p, q],
            text: t,
        };
        rest.into_iter().enumerate().map(row).collect()
    })
}

const SCORES: &str = "scores:
  - id: score
    title: 分 | Score
    groups:
      - id: g
        title: 组 | Group
        cap: 70
        items:
          - { id: i1, title: 一 | One, max: 30, of: a / b, bands: [{ above: 0.5, points: 30 }, { at_least: 0.25, points: 12.5 }] }
          - { id: i2, title: 二 | Two, max: 40, each: [{ title: 甲 | A, if: p, points: 20 }, { title: 乙 | B, if: c > 2, points: 15 }, { title: 丙 | C, if: q, points: -5 }] }
          - { id: i3, title: 三 | Three, max: 20, of: \"c * 3 - a\" }
          - { id: i4, title: 四 | Four, max: 20, of: a * 100 / (b + 1) }
          - { id: i5, title: 五 | Five, max: 9, judged: d }
";

const REQUIRES: [&str; 18] = [
    "a >= 3",
    "a < 40000.5",
    "-2 * b > 7",
    "3 * b <= 0.1",
    "c = 2",
    "c <> 2.5",
    "a + b >= c",
    "a - 3 * b < 0.5",
    "a * b > c",
    "a * b * c <= d",
    "a / b >= 0.03",
    "a / (b + c) < 1.5",
    "(a - b) / b >= 0.05 OR d IS NULL",
    "a / b IS NOT NULL",
    "t IN ('x', 'y')",
    "score >= 30",
    "score - g >= 0",
    "i2 > 10 AND i3 + i4 < 15.5",
];

fn requires(chosen: &[usize]) -> String {
    let mut out = String::new();
    for (at, chosen) in chosen.iter().enumerate() {
        writeln!(out, "    - {{ id: C{at}, title: 条件 | Condition, if: \"{}\" }}", REQUIRES[*chosen]).unwrap();
    }
    let any = |k: usize| {
        let of =
            (0..4).map(|i| format!("{{ id: K{k}{i}, title: 条 | C, if: \"{}\" }}", REQUIRES[(k * 5 + i * 3) % 14]));
        of.collect::<Vec<_>>().join(", ")
    };
    for k in 1..4 {
        writeln!(out, "    - {{ at_least: {k}, of: [{}] }}", any(k)).unwrap();
    }
    out
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    #[test]
    fn every_lane_gives_what_fractions_give(rows in rows(90)) {
        let all: Vec<usize> = (0..REQUIRES.len()).collect();
        let law = law(SCORES, &requires(&all));
        let plan = compiled(&law);
        let rule = &plan.rules[0];
        let frame = Frame::collect(&plan.vars, rows.len(), |var, at| value(&plan, &rows[at], var));
        let batch = plan.run(&frame);
        // The same figures as fractions.
        let wide = |column: &Column| match column {
            Column::Number { .. } => Column::Wide((0..rows.len()).map(|row| column.number(row)).collect()),
            other => other.clone(),
        };
        let fractions = Frame { rows: rows.len(), columns: frame.columns.iter().map(wide).collect() };
        prop_assert_eq!(&batch, &plan.run(&fractions));
        for (at, row) in rows.iter().enumerate() {
            let facts = |var| value(&plan, row, var);
            let one = One::new(&plan, rule, &facts);
            for node in 0..rule.nodes.len() {
                let found = batch.rules[0].nodes[node].truth(at);
                prop_assert_eq!(one.truth(node), found, "node {} of {:?}", node, row);
            }
        }
    }
}

#[test]
fn threads_and_blocks_make_no_difference() {
    let law = law(SCORES, &requires(&[0, 6, 9, 10, 14, 15]));
    let plan = compiled(&law);
    let row = |n: i64| Row {
        numbers: std::array::from_fn(|i| ((n + i as i64) % 11 > 0).then(|| Decimal::new(n * 37 % 900 - 90, i as u32))),
        truths: [(n % 3 > 0).then_some(n % 2 == 0), (n % 5 > 0).then_some(n % 7 < 3)],
        text: (n % 4 > 0).then_some(n as usize % 4),
    };
    let rows: Vec<Row> = (0..5_000).map(row).collect();
    let frame = Frame::collect(&plan.vars, rows.len(), |var, at| value(&plan, &rows[at], var));
    let on = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let batch = plan.run(&frame);
            let refused: Vec<usize> = batch.rules[0].nodes[0].no.rows().take(300).collect();
            (policy::repair::nearest(&plan, &plan.rules[0], &frame, &refused), batch)
        })
    };
    let (nearest, batch) = on(1);
    assert_eq!((&nearest, &batch), (&on(3).0, &on(3).1));
    assert!(nearest.iter().any(Option::is_some));
    for (at, row) in rows.iter().enumerate() {
        let facts = |var| value(&plan, row, var);
        assert_eq!(One::new(&plan, &plan.rules[0], &facts).outcome(), batch.outcome(0, at), "{row:?}");
    }
}

/// Without values that only the search in fractions follows.
fn scores_of_cases() -> String {
    SCORES
        .lines()
        .filter(|l| !l.contains("of: \"c") && !l.contains("of: a * 100"))
        .fold(String::new(), |all, line| all + line + "\n")
}

#[test]
fn the_quick_search_finds_what_the_search_in_fractions_finds() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let conditions = prop::collection::vec(prop_oneof![0..14usize, Just(14), Just(15), Just(15)], 1..5);
    let number = || {
        let small = prop_oneof![-12i64..13, -90i64..400, Just(0), Just(1 << 40)];
        prop::option::weighted(0.85, (small, 0u32..4).prop_map(|(n, scale)| Decimal::new(n, scale)))
    };
    let truth = || prop::option::weighted(0.85, any::<bool>());
    let row = ([number(), number(), number(), number()], [truth(), truth()], prop::option::weighted(0.85, 0..4usize));
    let row = row.prop_map(|(numbers, truths, text)| Row { numbers, truths, text });
    let (mut repaired, mut ends) = (0, 0);
    for _ in 0..60 {
        let chosen = conditions.new_tree(&mut runner).unwrap().current();
        let law = law(&scores_of_cases(), &requires(&chosen));
        let plan = compiled(&law);
        let finder = Finder::new(&plan, &plan.rules[0]);
        for _ in 0..20 {
            let row = row.new_tree(&mut runner).unwrap().current();
            let facts = |var| value(&plan, &row, var);
            let quick = finder.repairs(&facts, 9);
            assert_eq!(quick, finder.repairs_in_fractions(&facts, 9), "{row:?} {chosen:?}");
            for repair in &quick {
                let made = |var: u32| {
                    let moved = repair.moves.iter().find(|m| m.var == var);
                    moved.map_or_else(|| facts(var), |m| m.to.clone())
                };
                assert_eq!(One::new(&plan, &plan.rules[0], &made).outcome(), Truth::Met, "{repair:?}");
                ends += repair.moves.iter().filter(|m| m.edge.is_some()).count();
            }
            repaired += usize::from(!quick.is_empty());
        }
    }
    println!("{repaired} repaired, {ends} ends");
    assert!(repaired > 200 && ends > 20, "{repaired} repaired, {ends} ends");
}

#[test]
fn an_end_that_is_only_passed_is_told_and_persons_stay_whole() {
    let law = law("", "    - { id: C1, title: 条件 | C, if: a < 3 }\n    - { id: C2, title: 条件 | C, if: d > 2.5 }\n");
    let plan = compiled(&law);
    let number = |n: i64| Some(Decimal::from(n));
    let row = Row { numbers: [number(5), None, None, number(1)], truths: [None; 2], text: None };
    let facts = |var| value(&plan, &row, var);
    let repairs = policy::repair::repairs(&plan, &plan.rules[0], &facts, 1);
    let told = |name: &str| {
        let found = repairs[0].moves.iter().find(|m| m.name == name).unwrap();
        (found.to.clone(), found.edge)
    };
    assert_eq!(told("a"), (Value::Number(Decimal::new(29_999, 4)), Some(Decimal::from(3))));
    assert_eq!(told("d"), (Value::Number(Decimal::from(3)), None));
    let said = repairs[0].moves.iter().find(|m| m.name == "a").and_then(|m| m.beyond()).unwrap();
    assert_eq!((said.zh.as_str(), said.en.as_str()), ("低于 3", "below 3"));
    let frame = Frame::collect(&plan.vars, 1, |var, _| facts(var));
    assert_eq!(policy::repair::nearest(&plan, &plan.rules[0], &frame, &[0]), [Some(repairs[0].clone())]);
}
