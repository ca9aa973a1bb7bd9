//! Random schemes over random populations: the engine against a plain evaluation in decimals, against
//! itself in other orders and on other numbers of threads, and its proofs against its results.

mod common;

use common::*;
use law::scheme::*;
use measure::outcome::FirmOutcome;
use measure::{Column, Compiled, FirmTable, Outcome, Prepared, Snapshot, Value, edge};
use proptest::prelude::*;
use rust_decimal::{Decimal, RoundingStrategy};
use std::sync::Arc;

/// A firm of the random populations: figures are unknown now and then, and often equal to others'.
#[derive(Clone, Debug)]
struct Firm {
    tax: Option<Decimal>,
    sales: Option<Decimal>,
    staff: Option<Decimal>,
    land: Decimal,
    award: Option<bool>,
    accident: Option<Decimal>,
    sector: u8,
}

fn figure(most: i64, scale: u32) -> impl Strategy<Value = Option<Decimal>> {
    prop_oneof![9 => (1..most).prop_map(move |n| Some(Decimal::new(n, scale))), 1 => Just(None)]
}

fn firm() -> impl Strategy<Value = Firm> {
    (figure(4000, 1), figure(40, 0), figure(30, 0), 1i64..60, prop::option::of(any::<bool>()), 0i64..12, 0u8..3)
        .prop_map(|(tax, sales, staff, land, award, accident, sector)| Firm {
            tax,
            sales,
            staff,
            land: Decimal::from(land),
            award,
            accident: Some(Decimal::from(i64::from(accident == 0))),
            sector,
        })
}

#[derive(Clone, Copy, Debug)]
enum Base {
    Fixed,
    Mean,
    Median,
    MinMax,
    Reverse,
}

#[derive(Clone, Debug)]
struct Plan {
    bases: [Base; 3],
    cap: Option<Decimal>,
    missing: u8,
    cut: Cut,
    ties: TiesAtCut,
    worst_first_tie: bool,
}

fn plan() -> impl Strategy<Value = Plan> {
    let base = || {
        prop_oneof![Just(Base::Fixed), Just(Base::Mean), Just(Base::Median), Just(Base::MinMax), Just(Base::Reverse)]
    };
    let cap = prop::option::of((10i64..20).prop_map(|n| Decimal::new(n, 1)));
    let cut = prop_oneof![Just(Cut::Floor), Just(Cut::Ceil), Just(Cut::HalfUp)];
    let ties = prop_oneof![Just(TiesAtCut::Better), Just(TiesAtCut::Worse)];
    ([base(), base(), base()], cap, 0u8..4, cut, ties, any::<bool>()).prop_map(
        |(bases, cap, missing, cut, ties, worst_first_tie)| Plan { bases, cap, missing, cut, ties, worst_first_tie },
    )
}

const WEIGHTS: [i64; 3] = [50, 30, 20];
const NAMES: [&str; 3] = ["tax_per_mu", "revenue", "productivity_own"];

fn missing(plan: &Plan) -> Missing {
    match plan.missing {
        0 => Missing::Unknown,
        1 => Missing::Zero,
        2 => Missing::MeanPoints,
        _ => Missing::Deduct { points: param("2.5") },
    }
}

fn build(plan: &Plan) -> Scheme {
    let indicators = (0..3).map(|i| {
        let of = |s| baseline(s);
        let score = match plan.bases[i] {
            Base::Fixed => Score::Ratio { baseline: of(Statistic::Fixed { parameter: format!("b{i}") }) },
            Base::Mean => Score::Ratio { baseline: of(Statistic::Mean) },
            Base::Median => Score::Ratio { baseline: of(Statistic::Median) },
            Base::MinMax => Score::MinMax {
                base: param("20"),
                span: param("80"),
                low: of(Statistic::Min),
                high: of(Statistic::Max),
            },
            Base::Reverse => Score::Reverse { baseline: of(Statistic::Mean) },
        };
        let mut out = indicator(NAMES[i], &WEIGHTS[i].to_string(), score);
        out.cap = plan.cap.map(|c| param(&c.to_string()));
        out.floor = Some(param("0"));
        out.if_missing = missing(plan);
        out
    });
    let mut p = population("all", "true", indicators.collect());
    p.classing.cut = plan.cut;
    p.classing.ties_at_cut = plan.ties;
    p.classing.ties = vec![TieKey { by: formula("employees"), higher_first: !plan.worst_first_tie }];
    p.total.adjust = vec![AdjustGroup {
        id: "award".into(),
        title: text("award"),
        kind: AdjustKind::Bonus,
        take: Take::Sum,
        cap: None,
        items: vec![AdjustItem {
            id: "award".into(),
            title: text("award"),
            when: formula("quality_award"),
            points: Some(param("3.05")),
            points_formula: None,
            evidence: None,
            clause: None,
            standing: Standing::Verified,
            at: place(),
        }],
        clause: None,
    }];
    let mut s = scheme(vec![p]);
    s.parameters = vec![
        parameter("b0", Some("10k_yuan_per_mu"), "8"),
        parameter("b1", Some("10k_yuan"), "16"),
        parameter("b2", Some("10k_yuan_per_person"), "0.8"),
    ];
    s.define = vec![Derived {
        id: "productivity_own".into(),
        title: text("productivity"),
        formula: formula("revenue / employees"),
        kind: measure::Kind::Number,
        unit: "10k_yuan_per_person".into(),
        decimals: 4,
        clause: None,
        standing: Standing::Verified,
        at: place(),
    }];
    s.overrides = vec![override_(
        "veto",
        "safety_accidents > 0",
        OverrideKind::Veto,
        Effect::NotBetterThan { class: "C".into() },
    )];
    s.precedence = vec!["veto".into()];
    s
}

fn input(firms: &[Firm]) -> Snapshot {
    let column = |f: fn(&Firm) -> Option<Decimal>| Column::Number(firms.iter().map(f).collect());
    let columns = vec![
        ("tax_paid", column(|f| f.tax)),
        ("revenue", column(|f| f.sales)),
        ("employees", column(|f| f.staff)),
        ("safety_accidents", column(|f| f.accident)),
        ("quality_award", Column::Boolean(firms.iter().map(|f| f.award).collect())),
        ("industry", Column::Text(firms.iter().map(|f| Some(format!("{}10", 13 + f.sector))).collect())),
    ];
    let land: Vec<String> = firms.iter().map(|f| f.land.to_string()).collect();
    snapshot(columns, &land.iter().map(String::as_str).collect::<Vec<_>>())
}

// -------------------------------------------------------------------------------------------------
// The plain evaluation

type Placed = (Option<Decimal>, Option<u32>, Option<char>);

fn plain(plan: &Plan, firms: &[Firm]) -> (Vec<Placed>, bool) {
    let value = |f: &Firm, i: usize| match i {
        0 => f.tax.map(|t| t / f.land),
        1 => f.sales,
        _ => f.sales.zip(f.staff).map(|(s, p)| s / p),
    };
    let mut points: Vec<Vec<Option<Decimal>>> = Vec::new();
    for (i, weight) in WEIGHTS.into_iter().enumerate() {
        let values: Vec<Option<Decimal>> = firms.iter().map(|f| value(f, i)).collect();
        let known: Vec<Decimal> = values.iter().flatten().copied().collect();
        let weight = Decimal::from(weight);
        let mut own: Vec<Option<Decimal>> =
            values.iter().map(|v| v.and_then(|v| score(plan, i, v, &known, weight))).collect();
        for p in own.iter_mut().flatten() {
            *p = (*p).max(Decimal::ZERO);
            if let Some(cap) = plan.cap {
                *p = (*p).min(cap * weight);
            }
        }
        let earned: Vec<Decimal> = own.iter().flatten().copied().collect();
        for (p, v) in own.iter_mut().zip(&values) {
            if v.is_none() {
                *p = match plan.missing {
                    0 => None,
                    1 => Some(Decimal::ZERO),
                    2 => (!earned.is_empty()).then(|| earned.iter().sum::<Decimal>() / Decimal::from(earned.len())),
                    _ => Some(d("-2.5")),
                };
            }
        }
        points.push(own);
    }
    let exact: Vec<Option<Decimal>> = (0..firms.len())
        .map(|f| {
            let sum = points.iter().map(|p| p[f]).sum::<Option<Decimal>>()?;
            let bonus = if firms[f].award == Some(true) { d("3.05") } else { Decimal::ZERO };
            Some(sum + bonus)
        })
        .collect();
    // Where the quotient of two decimals lies on the midpoint between two totals, the last digit of
    // either arithmetic decides which way it goes; nothing can be said about that by comparing them.
    let midway =
        exact.iter().flatten().any(|t| ((t * Decimal::ONE_HUNDRED).fract().abs() - d("0.5")).abs() < d("0.0000001"));
    let round = |t: Decimal| t.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero);
    let totals: Vec<Option<Decimal>> = exact.iter().map(|t| t.map(round)).collect();
    let staff = |f: usize| firms[f].staff;
    let before = |a: usize, b: usize| {
        let (x, y) = (totals[a].unwrap(), totals[b].unwrap());
        x > y
            || x == y
                && match (staff(a), staff(b)) {
                    (Some(p), Some(q)) if plan.worst_first_tie => p < q,
                    (Some(p), Some(q)) => p > q,
                    (Some(_), None) => true,
                    _ => false,
                }
    };
    let ranked: Vec<usize> = (0..firms.len()).filter(|f| totals[*f].is_some()).collect();
    let n = Decimal::from(ranked.len());
    let cut = |share: &str| {
        let exact = d(share) * n;
        match plan.cut {
            Cut::Floor => exact.floor(),
            Cut::Ceil => exact.ceil(),
            Cut::HalfUp => exact.round_dp_with_strategy(0, RoundingStrategy::MidpointAwayFromZero),
        }
    };
    let placed = (0..firms.len())
        .map(|f| {
            if totals[f].is_none() {
                return (None, None, None);
            }
            let better = ranked.iter().filter(|o| before(**o, f)).count();
            let worse = ranked.iter().filter(|o| before(f, **o)).count();
            let place = Decimal::from(match plan.ties {
                TiesAtCut::Better => better + 1,
                TiesAtCut::Worse => ranked.len() - worse,
            });
            let class = [('A', "0.2"), ('B', "0.65"), ('C', "0.95")]
                .into_iter()
                .find(|(_, s)| place <= cut(s))
                .map_or('D', |c| c.0);
            let vetoed = firms[f].accident.is_some_and(|a| a > Decimal::ZERO);
            (totals[f], Some(better as u32 + 1), Some(if vetoed { class.max('C') } else { class }))
        })
        .collect();
    (placed, midway)
}

fn score(plan: &Plan, i: usize, v: Decimal, known: &[Decimal], weight: Decimal) -> Option<Decimal> {
    let mean = || known.iter().sum::<Decimal>() / Decimal::from(known.len());
    Some(match plan.bases[i] {
        Base::Fixed => v / [d("8"), d("16"), d("0.8")][i] * weight,
        Base::Mean => v / mean() * weight,
        Base::Median => {
            let mut sorted = known.to_vec();
            sorted.sort();
            let (low, high) = (sorted[(sorted.len() - 1) / 2], sorted[sorted.len() / 2]);
            v / ((low + high) / Decimal::TWO) * weight
        }
        Base::MinMax => {
            let (low, high) = (known.iter().min()?, known.iter().max()?);
            let at = if high == low { Decimal::ONE } else { (v - low) / (high - low) };
            weight * (d("20") + d("80") * at) / d("100")
        }
        Base::Reverse => (Decimal::TWO - v / mean()) * weight / Decimal::TWO,
    })
}

fn found(outcome: &Outcome) -> Vec<Placed> {
    let letter = |f: &FirmOutcome| outcome.letter(f.class).and_then(|c| c.chars().next());
    outcome.firms.iter().map(|f| (outcome.total(f), f.rank, letter(f))).collect()
}

/// The other parts of an outcome do not depend on how it was computed either.
fn same(a: &Outcome, b: &Outcome) -> bool {
    a.encode().unwrap() == b.encode().unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn classes_ranks_and_totals_are_those_of_a_plain_evaluation_in_decimals(plan in plan(), firms in prop::collection::vec(firm(), 1..40)) {
        let (_, _, outcome) = run(build(&plan), input(&firms));
        let (expected, midway) = plain(&plan, &firms);
        prop_assume!(!midway);
        prop_assert_eq!(found(&outcome), expected);
    }

    #[test]
    fn the_order_of_rows_and_the_number_of_threads_do_not_show(plan in plan(), firms in prop::collection::vec(firm(), 2..40), by in 1usize..39) {
        let (compiled, prepared, outcome) = run(build(&plan), input(&firms));
        prop_assert!(same(&outcome, &compiled.run(&prepared, 3)));
        let straight = input(&firms);
        let mut order: Vec<usize> = (0..firms.len()).collect();
        order.rotate_left(by % firms.len());
        order.reverse();
        let ids: Vec<i64> = order.iter().map(|i| *i as i64 + 1).collect();
        let shuffled: Vec<Firm> = order.iter().map(|i| firms[*i].clone()).collect();
        let columns = input(&shuffled).firms.columns().iter().map(|(n, c)| (n.clone(), c.as_ref().clone())).collect::<Vec<_>>();
        let mut turned = Snapshot { firms: FirmTable::new(ids, columns).unwrap(), ..straight };
        turned.land.parcels.reverse();
        let again = compiled.run(&compiled.prepare(&Arc::new(turned)).unwrap(), 2);
        prop_assert!(same(&outcome, &again));
    }

    #[test]
    fn the_proof_of_a_total_adds_up(plan in plan(), firms in prop::collection::vec(firm(), 1..30)) {
        let (compiled, prepared, outcome) = run(build(&plan), input(&firms));
        for firm in &outcome.firms {
            let proof = compiled.explain(&prepared, &outcome, firm.firm).unwrap();
            prop_assert_eq!(proof.class.as_deref(), outcome.letter(firm.class));
            let Some(total) = proof.total else { continue };
            let points: Option<Vec<f64>> = proof.indicators.iter().map(|i| i.points).collect();
            let Some(points) = points else { prop_assert!(firm.total.is_none()); continue };
            let sum = points.iter().fold(0.0, |a, b| a + b);
            prop_assert_eq!(sum, total.points);
            let bonus: f64 = proof.adjustments.iter().map(|a| a.points).sum();
            prop_assert_eq!(sum * total.coefficient + bonus - total.deduction, total.raw);
            prop_assert_eq!(total.rounded, outcome.total(firm));
            for i in &proof.indicators {
                if let (Some(value), [base], "ratio", Some(raw)) = (i.value, &i.baselines[..], i.method.as_str(), i.raw) {
                    prop_assert_eq!(value / base.value.unwrap() * base::fixed::to_f64(i.weight), raw);
                }
            }
        }
    }

    #[test]
    fn snapshots_and_outcomes_read_back_as_they_were(plan in plan(), firms in prop::collection::vec(firm(), 1..20)) {
        let snapshot = input(&firms);
        let parts = snapshot.encode().unwrap();
        prop_assert_eq!(&Snapshot::decode(&parts).unwrap(), &snapshot);
        let (_, _, outcome) = run(build(&plan), snapshot);
        let parts = outcome.encode().unwrap();
        prop_assert_eq!(Outcome::decode(&parts).unwrap().encode().unwrap(), parts);
    }
}

// -------------------------------------------------------------------------------------------------
// Firms on the edge

/// Every firm, figure and sign by a full run.
fn brute(
    compiled: &Compiled,
    prepared: &Prepared,
    outcome: &Outcome,
    error: Decimal,
) -> Vec<(i64, String, Decimal, Option<String>)> {
    let mut out = Vec::new();
    let facts = ["effective_land", "employees", "revenue", "safety_accidents", "tax_paid"];
    for firm in &outcome.firms {
        for fact in facts {
            let now = match fact {
                "effective_land" => prepared.land()[&firm.firm].effective.map_or(Value::Unknown, Value::Number),
                _ => prepared.firms().value(firm.firm, fact),
            };
            let Value::Number(now) = now else { continue };
            for error in [error, -error] {
                let then = Value::Number(now * (Decimal::ONE + error));
                let after = compiled.run(&compiled.with_fact(prepared, firm.firm, fact, then).unwrap(), 1);
                let class = after.firm(firm.firm).unwrap().class;
                if class != firm.class {
                    out.push((firm.firm, fact.to_owned(), error, after.letter(class).map(str::to_owned)));
                }
            }
        }
    }
    out.sort();
    out
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn firms_on_the_edge_are_those_that_full_runs_find(plan in plan(), bounded in any::<bool>(), firms in prop::collection::vec(firm(), 3..40)) {
        let mut s = build(&plan);
        if bounded {
            s.populations[0].classing.bounds = vec![
                Bound { class: "A".into(), at_most: Some(param("0.2")), at_least: None },
                Bound { class: "D".into(), at_most: None, at_least: Some(param("0.05")) },
            ];
        }
        let (compiled, prepared, outcome) = run(s, input(&firms));
        let error = d("0.05");
        let mut quick = Vec::new();
        for firm in edge::edge(&compiled, &prepared, &outcome, error, &|| ()) {
            for cause in firm.causes {
                if let edge::Cause::Figure { fact, error, class, .. } = cause {
                    quick.push((firm.firm, fact, error, class));
                }
            }
        }
        quick.sort();
        prop_assert_eq!(quick, brute(&compiled, &prepared, &outcome, error));
    }
}

#[test]
fn an_evaluation_of_nobody_is_an_empty_result() {
    let plan = Plan {
        bases: [Base::Mean; 3],
        cap: None,
        missing: 0,
        cut: Cut::Floor,
        ties: TiesAtCut::Better,
        worst_first_tie: false,
    };
    let (_, _, outcome) = run(build(&plan), input(&[]));
    assert!(outcome.firms.is_empty());
}
