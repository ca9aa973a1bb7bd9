//! What the engine must do, on numbers worked out by hand.

mod common;

use common::*;
use law::scheme::*;
use measure::outcome::{Lacking, Limit, Taking, ValueState};
use measure::{Column, Value, compile};
use std::sync::Arc;

fn fixed(use_: &str, weight: &str, parameter: &str) -> Indicator {
    ratio(use_, weight, Statistic::Fixed { parameter: parameter.into() })
}

#[test]
fn ratios_within_the_cap_score_144_5_and_the_cap_stops_one_indicator_from_dominating() {
    let weights = ["45", "20", "15", "15", "5"];
    let facts = ["tax_paid", "revenue", "value_added", "rd_expense", "upgrade_investment"];
    let mut indicators: Vec<Indicator> = facts.iter().zip(weights).map(|(f, w)| fixed(f, w, "one_unit")).collect();
    indicators.iter_mut().for_each(|i| (i.cap, i.floor) = (Some(param("1.5")), Some(param("0"))));
    let mut s = scheme(vec![population("all", "true", indicators)]);
    s.parameters.push(parameter("one_unit", Some("10k_yuan"), "1"));
    let columns = vec![
        ("tax_paid", numbers(&["1.5", "5"])),
        ("revenue", numbers(&["1.4", "3"])),
        ("value_added", numbers(&["1.5", "3"])),
        ("rd_expense", numbers(&["1.4", "3"])),
        ("upgrade_investment", numbers(&["1.1", "3"])),
    ];
    let (_, _, outcome) = run(s.clone(), snapshot(columns.clone(), &[]));
    assert_eq!(totals(&outcome), ["144.50", "150.00"]);
    assert_eq!(outcome.scores[0].indicators[0].limit, [Limit::None, Limit::Cap]);
    s.populations[0].indicators.iter_mut().for_each(|i| i.cap = None);
    let (_, _, outcome) = run(s, snapshot(columns, &[]));
    assert_eq!(totals(&outcome), ["144.50", "390.00"]);
}

#[test]
fn the_published_formula_of_huangyan_gives_97_1125_and_82_1125_under_a_cap() {
    let parts = [
        ("tax_per_mu", "30", "24.097", "10k_yuan_per_mu"),
        ("value_added_per_mu", "20", "136.16", "10k_yuan_per_mu"),
        ("value_added_per_tce", "20", "2.694", "10k_yuan_per_tce"),
        ("value_added_per_pollutant", "10", "4929.81", "10k_yuan_per_t"),
        ("productivity", "10", "18.14", "10k_yuan_per_person"),
        ("rd_intensity", "10", "0.0302", "one"),
    ];
    let indicators: Vec<Indicator> = parts.iter().map(|(i, w, _, _)| fixed(i, w, &format!("b_{i}"))).collect();
    let mut s = scheme(vec![population("all", "true", indicators)]);
    s.parameters = parts.iter().map(|(i, _, b, unit)| parameter(&format!("b_{i}"), Some(unit), b)).collect();
    s.populations[0].classing.score_decimals = 4;
    // One mu, 100 of value added: the other figures are chosen so that the ratios are those published.
    let columns = vec![
        ("tax_paid", numbers(&["48.194"])),
        ("value_added", numbers(&["100"])),
        ("energy", numbers(&["100"])),
        ("cod", Column::Number(vec![Some((d("100") / d("4929.81")).round_dp(18))])),
        ("ammonia_nitrogen", numbers(&["0"])),
        ("so2", numbers(&["0"])),
        ("nox", numbers(&["0"])),
        ("employees", Column::Number(vec![Some((d("100") / d("9.07")).round_dp(18))])),
        ("rd_expense", numbers(&["0"])),
        ("revenue", numbers(&["500"])),
    ];
    let (_, _, outcome) = run(s.clone(), snapshot(columns.clone(), &["1"]));
    assert_eq!(totals(&outcome), ["97.1125"]);
    s.populations[0].indicators.iter_mut().for_each(|i| i.cap = Some(param("1.5")));
    let (_, _, outcome) = run(s, snapshot(columns, &["1"]));
    assert_eq!(totals(&outcome), ["82.1125"]);
}

#[test]
fn min_max_gives_the_worst_a_fifth_and_the_best_all_of_the_weight() {
    let score = Score::MinMax {
        base: param("20"),
        span: param("80"),
        low: baseline(Statistic::Min),
        high: baseline(Statistic::Max),
    };
    let s = scheme(vec![population("all", "true", vec![indicator("tax_paid", "50", score)])]);
    let (_, _, outcome) = run(s, snapshot(vec![("tax_paid", numbers(&["10", "20", "30"]))], &[]));
    assert_eq!(totals(&outcome), ["10.00", "30.00", "50.00"]);
}

#[test]
fn reverse_scores_less_as_better_and_its_floor_holds() {
    let mut i = indicator("energy", "20", Score::Reverse { baseline: baseline(Statistic::Mean) });
    i.floor = Some(param("0"));
    let s = scheme(vec![population("all", "true", vec![i])]);
    // The mean is 10.
    let (_, _, outcome) = run(s, snapshot(vec![("energy", numbers(&["2", "3", "25"]))], &[]));
    assert_eq!(totals(&outcome), ["18.00", "17.00", "0.00"]);
}

/// Firms with totals 1, 2, …, n.
fn ladder(n: usize, change: impl FnOnce(&mut Scheme)) -> measure::Outcome {
    let mut s = scheme(vec![population("all", "true", vec![indicator("tax_paid", "1", Score::Rank)])]);
    change(&mut s);
    let values: Vec<String> = (1..=n).map(|i| i.to_string()).collect();
    let values: Vec<&str> = values.iter().map(String::as_str).collect();
    run(s, snapshot(vec![("tax_paid", numbers(&values))], &[])).2
}

#[test]
fn published_counts_come_out() {
    let counts = |outcome: &measure::Outcome| outcome.summary.classes.clone();
    let chaohu =
        ladder(120, |s| s.populations[0].classing = shares(&[("A", "0.2"), ("B", "0.65"), ("C", "0.95")], "D"));
    assert_eq!(counts(&chaohu), [24, 54, 36, 6]);
    let city = ladder(37, |s| s.populations[0].classing = shares(&[("A", "0.25"), ("B", "0.7"), ("C", "0.95")], "D"));
    assert_eq!(counts(&city), [9, 16, 10, 2]);
    let positions: Vec<u32> = city.groups[0].cuts.iter().map(|c| c.position).collect();
    assert_eq!(positions, [9, 25, 35]);
}

#[test]
fn firms_that_share_a_total_at_a_cut_share_a_class() {
    let values = ["50", "40", "40", "40", "10"];
    let with = |ties| {
        let mut s = scheme(vec![population("all", "true", vec![indicator("tax_paid", "1", Score::Rank)])]);
        s.populations[0].classing = shares(&[("A", "0.4"), ("B", "0.8")], "C");
        s.populations[0].classing.ties_at_cut = ties;
        classes(&run(s, snapshot(vec![("tax_paid", numbers(&values))], &[])).2)
    };
    assert_eq!(with(TiesAtCut::Better), "AAAAC");
    assert_eq!(with(TiesAtCut::Worse), "ABBBC");
}

#[test]
fn tie_keys_decide_equal_totals_in_their_order() {
    let mut s = scheme(vec![population("all", "true", vec![indicator("tax_paid", "1", Score::Rank)])]);
    s.populations[0].classing.ties = vec![
        TieKey { by: formula("revenue"), higher_first: true },
        TieKey { by: formula("employees"), higher_first: false },
    ];
    let columns = vec![
        ("tax_paid", numbers(&["5", "5", "5", "5"])),
        ("revenue", numbers(&["1", "9", "9", "-"])),
        ("employees", numbers(&["1", "7", "3", "1"])),
    ];
    let (_, _, outcome) = run(s, snapshot(columns, &[]));
    let ranks: Vec<_> = outcome.firms.iter().map(|f| f.rank.unwrap()).collect();
    assert_eq!(ranks, [3, 2, 1, 4]);
}

#[test]
fn limits_move_the_excess_down_and_fill_the_shortage_up() {
    let outcome = ladder(10, |s| {
        let c = &mut s.populations[0].classing;
        *c = shares(&[("A", "0.5"), ("B", "0.9"), ("C", "1")], "D");
        c.bounds = vec![
            Bound { class: "A".into(), at_most: Some(param("0.2")), at_least: None },
            Bound { class: "D".into(), at_most: None, at_least: Some(param("0.05")) },
        ];
    });
    assert_eq!(classes(&outcome), "DBBBBBBBAA");
}

#[test]
fn stages_rank_a_pool_again_by_another_figure() {
    let mut s = scheme(vec![population("all", "true", vec![indicator("tax_paid", "1", Score::Rank)])]);
    let stage = |class: &str, from_worst| Stage {
        class: class.into(),
        pool: param("0.5"),
        from_worst,
        by: Some(formula("revenue")),
        take: param("0.2"),
    };
    s.populations[0].classing.method =
        ClassMethod::Stages { stages: vec![stage("A", false), stage("C", true)], rest: "B".into() };
    let columns = vec![
        ("tax_paid", numbers(&["10", "9", "8", "7", "6", "5", "4", "3", "2", "1"])),
        ("revenue", numbers(&["1", "2", "3", "9", "8", "0", "7", "6", "5", "4"])),
    ];
    assert_eq!(classes(&run(s, snapshot(columns, &[])).2), "BBBAACBBBC");
}

#[test]
fn missing_undefined_and_negative_values_follow_their_own_rules() {
    let mut i = ratio("rd_intensity", "10", Statistic::Fixed { parameter: "b".into() });
    i.if_missing = Missing::MeanPoints;
    i.if_zero_denominator = Missing::Full;
    i.if_negative = Some(Missing::Deduct { points: param("5.4") });
    i.cap = Some(param("1.5"));
    let mut s = scheme(vec![population("all", "true", vec![i])]);
    s.parameters.push(parameter("b", None, "0.1"));
    let columns = vec![
        ("rd_expense", numbers(&["1", "2", "-", "3", "-1"])),
        ("revenue", numbers(&["10", "40", "10", "0", "10"])),
    ];
    let (_, _, outcome) = run(s, snapshot(columns, &[]));
    let states = &outcome.scores[0].indicators[0].state;
    use ValueState::{Known, Missing as Gap, Negative, Undefined};
    assert_eq!(states, &[Known, Known, Gap, Undefined, Negative]);
    // Ratios 1 and 0.5 earn 10 and 5; their mean is 7.5.
    assert_eq!(totals(&outcome), ["10.00", "5.00", "7.50", "15.00", "-5.40"]);
}

#[test]
fn the_weight_of_a_missing_indicator_goes_to_the_others_in_proportion() {
    let mut a = fixed("tax_paid", "60", "b");
    let mut b = fixed("revenue", "30", "b");
    let c = fixed("value_added", "10", "b");
    (a.if_missing, b.if_missing) = (Missing::Redistribute, Missing::Redistribute);
    let mut s = scheme(vec![population("all", "true", vec![a, b, c])]);
    s.parameters.push(parameter("b", Some("10k_yuan"), "1"));
    let columns = vec![
        ("tax_paid", numbers(&["1", "-", "-"])),
        ("revenue", numbers(&["1", "1", "-"])),
        ("value_added", numbers(&["1", "1", "0.5"])),
    ];
    assert_eq!(totals(&run(s, snapshot(columns, &[])).2), ["100.00", "100.00", "50.00"]);
}

#[test]
fn an_unknown_total_leaves_a_firm_unranked_and_named() {
    let s = scheme(vec![population("all", "true", vec![fixed("tax_per_mu", "100", "b")])]);
    let s = Scheme { parameters: vec![parameter("b", Some("10k_yuan_per_mu"), "10")], ..s };
    let (_, _, outcome) = run(s, snapshot(vec![("tax_paid", numbers(&["5", "-", "7"]))], &["1", "1", "0"]));
    assert_eq!(classes(&outcome), "D--");
    assert!(matches!(outcome.firms[1].taking, Taking::Unrankable { .. }));
    assert_eq!(outcome.scores[0].indicators[0].state, [ValueState::Known, ValueState::Missing, ValueState::Undefined]);
    assert_eq!(outcome.summary.unrankable, 2);
}

#[test]
fn baselines_are_taken_per_group_and_small_groups_take_everyones() {
    let mut i = ratio("tax_paid", "100", Statistic::Mean);
    let Score::Ratio { baseline } = &mut i.score else { unreachable!() };
    baseline.by = vec![formula("industry_division")];
    baseline.least = Some(param("2"));
    let s = scheme(vec![population("all", "true", vec![i])]);
    let industry = Column::Text(["1310", "1320", "2511", "x"].iter().map(|t| Some((*t).to_owned())).collect());
    let columns = vec![("tax_paid", numbers(&["10", "30", "40", "20"])), ("industry", industry)];
    let (_, _, outcome) = run(s, snapshot(columns, &[]));
    // Division 13 has mean 20; 25 has one firm and takes the mean of all, 25; `x` is no division.
    let firms: Vec<String> = totals(&outcome);
    assert_eq!(firms, ["50.00", "150.00", "160.00", "-"]);
    assert!(outcome.baselines.iter().any(|b| b.group == "25" && b.widened && b.n == 4));
}

#[test]
fn twice_last_years_mean_comes_from_last_years_firms_or_is_named_as_missing() {
    let mut i = ratio("tax_paid", "100", Statistic::Mean);
    let Score::Ratio { baseline } = &mut i.score else { unreachable!() };
    (baseline.lag, baseline.multiple) = (1, Some(param("2")));
    let s = scheme(vec![population("all", "true", vec![i])]);
    let mut this = snapshot(vec![("tax_paid", numbers(&["20", "10"]))], &[]);
    let (now, _, outcome) = run(s.clone(), this.clone());
    assert_eq!((now.looks_back(), now.missing_baselines(&this)), (true, vec!["tax_paid".to_owned()]));
    assert_eq!(totals(&outcome), ["-", "-"]);
    // Last year 4 and 6: the mean is 5, twice that is 10.
    let mut last = snapshot(vec![("tax_paid", numbers(&["4", "6"]))], &[]);
    (last.year, last.as_of) = (YEAR - 1, jiff::civil::date(YEAR - 1, 12, 31));
    let earlier = compile(&Arc::new(s.clone()), &dictionary(), YEAR - 1).unwrap();
    let prepared = earlier.prepare(&Arc::new(last)).unwrap();
    this.baselines = earlier.baselines_for_next_year(&prepared, "run 1").unwrap();
    assert_eq!(this.baselines.len(), 1);
    assert_eq!(now.missing_baselines(&this), [""; 0]);
    assert_eq!(totals(&run(s, this).2), ["200.00", "100.00"]);
}

#[test]
fn what_a_measure_rests_on_is_marked_when_only_its_amount_was_assumed() {
    let (law, _) = law::Law::embedded();
    let marked = |scheme: &str, measure: &str, year: i16| {
        let scheme = law.scheme(scheme, year).unwrap();
        let rule = scheme.measures.iter().find(|m| m.id == measure).unwrap();
        match measure::measures::standing(scheme, rule, 1, year) {
            Standing::Verified => String::new(),
            Standing::Unverified { assumed } => assumed,
        }
    };
    assert!(marked("jiangsu/nanjing/per-mu", "power_d", 2018).starts_with("金额未见；假设 0.10"));
    assert!(
        marked("jiangsu/nanjing/per-mu", "power_c_minus", 2018).starts_with("金额未见"),
        "half of an assumed amount"
    );
    assert_eq!(marked("jiangsu/nanjing/per-mu", "no_auction", 2018), "");
    assert!(marked("jiangsu/suzhou/per-mu", "power_d", 2021).contains("下一年执行"));
}

#[test]
fn a_measure_that_starts_with_the_list_has_no_first_day_before_it_is_published() {
    let (law, _) = law::Law::embedded();
    let scheme = law.scheme("zhejiang/jiaxing/haining/per-mu", 2024).unwrap();
    let rule = scheme.measures.iter().find(|m| m.id == "power_d").unwrap();
    let day = |y, m, d| jiff::civil::date(y, m, d);
    let on = |published| measure::measures::in_force(rule, 2024, published);
    assert_eq!(on(None), None);
    assert_eq!(on(Some(day(2025, 8, 20))), Some((day(2025, 8, 20), day(2025, 12, 31))));
    assert_eq!(on(Some(day(2026, 2, 1))), None, "published after the year of application");
    let fixed = Measure { starts: Starts::January, ..rule.clone() };
    let from = measure::measures::in_force(&fixed, 2024, None).unwrap().0;
    assert_eq!(from, day(2025, 1, 1));
}

#[test]
fn statuses_come_before_populations_and_keep_their_own_standing() {
    let mut s = scheme(vec![
        population("above", "above_scale", vec![indicator("tax_paid", "1", Score::Rank)]),
        population("below", "NOT above_scale", vec![indicator("tax_paid", "1", Score::Rank)]),
    ]);
    s.statuses =
        vec![status("utility", "public_utility", State::Unevaluated), status("new", "major_project", State::Ungraded)];
    s.statuses[1].managed_as = Some("B".into());
    s.statuses[0].counted = true;
    s.populations[0].classing.denominator = Denominator::Collected;
    let yes = Some(true);
    let columns = vec![
        ("tax_paid", numbers(&["5", "4", "3", "2", "1"])),
        ("above_scale", truths(&[yes, yes, yes, Some(false), None])),
        ("public_utility", truths(&[yes, Some(false), Some(false), Some(false), Some(false)])),
        ("major_project", truths(&[yes, yes, None, Some(false), Some(false)])),
    ];
    let (_, _, outcome) = run(s, snapshot(columns, &[]));
    let f = |i: usize| &outcome.firms[i];
    assert_eq!(f(0).taking, Taking::Status { status: 0 });
    assert_eq!(f(1).taking, Taking::Status { status: 1 });
    assert_eq!((f(1).rank, outcome.letter(f(1).managed_as)), (None, Some("B")));
    assert!(f(1).total.is_some(), "ungraded firms are scored");
    // The third is a new project or not: unknown does not hold, and is reported.
    assert_eq!((&f(2).taking, f(2).unknown_conditions), (&Taking::Ranked, 1));
    assert_eq!(outcome.groups[0].denominator, 2);
    // Above or below scale was never stated: it is named as lacking that, not as outside.
    assert_eq!(f(4).taking, Taking::Unrankable { why: Lacking::Population });
    assert_eq!((f(4).unknown_conditions, outcome.summary.unrankable, outcome.summary.outside), (2, 1, 0));
}

#[test]
fn a_firm_of_unknown_population_gets_no_class_from_a_direct_grading_either() {
    let mut s = scheme(vec![population("all", "above_scale", vec![indicator("tax_paid", "1", Score::Rank)])]);
    s.overrides = vec![override_("direct", "dishonest", OverrideKind::Veto, Effect::Set { class: "D".into() })];
    s.precedence = vec!["direct".into()];
    let columns = vec![
        ("tax_paid", numbers(&["9", "8"])),
        ("above_scale", truths(&[Some(true), None])),
        ("dishonest", truths(&[Some(true), Some(true)])),
    ];
    let (compiled, prepared, outcome) = run(s, snapshot(columns, &[]));
    assert_eq!(classes(&outcome), "D-");
    let proof = compiled.explain(&prepared, &outcome, 2).unwrap();
    assert_eq!(proof.unranked.unwrap().zh, "缺少判定评价群体所需的数据");
}

#[test]
fn a_protection_yields_to_a_veto_that_holds_and_to_no_other() {
    let mut s = scheme(vec![population("all", "true", vec![indicator("tax_paid", "1", Score::Rank)])]);
    s.overrides = vec![
        override_("veto", "safety_accidents > 0", OverrideKind::Veto, Effect::NotBetterThan { class: "C".into() }),
        override_("protect", "newly_merged", OverrideKind::Protection, Effect::NotWorseThan { class: "C".into() }),
    ];
    s.overrides[1].unless = vec!["veto".into()];
    s.precedence = ["veto", "protect"].map(str::to_owned).to_vec();
    let t = Some(true);
    let columns = vec![
        ("tax_paid", numbers(&["9", "8", "3", "2", "1"])),
        ("safety_accidents", numbers(&["1", "0", "0", "-", "1"])),
        ("newly_merged", truths(&[t, Some(false), t, t, t])),
    ];
    s.populations[0].classing = shares(&[("A", "0.2"), ("B", "0.4")], "D");
    let (compiled, prepared, outcome) = run(s, snapshot(columns, &[]));
    // First: A by rank, vetoed to C. Third and fourth: D by rank, protected, an accident unknown being
    // none. Fifth: D by rank, and the accident takes the protection away.
    assert_eq!(classes(&outcome), "CBCCD");
    let proof = compiled.explain(&prepared, &outcome, 5).unwrap();
    let protection = proof.overrides.iter().find(|o| o.condition.id == "protect").unwrap();
    assert_eq!((protection.set_aside_by.as_deref(), protection.condition.applies), (Some("veto"), false));
}

#[test]
fn overrides_apply_weakest_first_so_that_the_strongest_has_the_last_word() {
    let mut s = scheme(vec![population("all", "true", vec![indicator("tax_paid", "1", Score::Rank)])]);
    s.overrides = vec![
        override_("veto", "safety_accidents > 0", OverrideKind::Veto, Effect::NotBetterThan { class: "C".into() }),
        override_("protect", "newly_merged", OverrideKind::Protection, Effect::NotWorseThan { class: "C".into() }),
        override_("direct", "listed", OverrideKind::Direct, Effect::Set { class: "A".into() }),
    ];
    s.precedence = ["veto", "protect", "direct"].map(str::to_owned).to_vec();
    let (t, f) = (Some(true), Some(false));
    let columns = vec![
        ("tax_paid", numbers(&["9", "8", "7", "6", "5"])),
        ("safety_accidents", numbers(&["1", "0", "-", "2", "0"])),
        ("newly_merged", truths(&[f, f, f, f, t])),
        ("listed", truths(&[f, f, f, t, f])),
    ];
    let (_, _, outcome) = run(s, snapshot(columns, &[]));
    assert_eq!(classes(&outcome), "CBBCC");
    let fourth = &outcome.firms[3];
    let steps: Vec<_> = fourth.overrides.iter().map(|o| (o.rule, o.before, o.after)).collect();
    assert_eq!(steps, [(2, Some(2), Some(0)), (0, Some(0), Some(2))]);
    assert_eq!(
        outcome.firms[2].unknown_conditions, 1,
        "an accident count that is unknown vetoes no one, and is reported"
    );
}

#[test]
fn bonuses_take_the_best_of_a_group_and_stop_at_their_cap() {
    let mut s = scheme(vec![population("all", "true", vec![indicator("tax_paid", "1", Score::Rank)])]);
    let item = |id: &str, when: &str, points: &str| AdjustItem {
        id: id.into(),
        title: text(id),
        when: formula(when),
        points: Some(param(points)),
        points_formula: None,
        evidence: Some(id.into()),
        clause: None,
        standing: Standing::Verified,
        at: place(),
    };
    let group = |id: &str, kind, take, items| AdjustGroup {
        id: id.into(),
        title: text(id),
        kind,
        take,
        cap: None,
        items,
        clause: None,
    };
    let mut rent = item("rent", "true", "0");
    (rent.points, rent.points_formula) = (None, Some(formula("5 * greatest(safety_accidents - 1, 0)")));
    s.populations[0].total.adjust = vec![
        group(
            "quality",
            AdjustKind::Bonus,
            Take::Best,
            vec![item("champion", "champion", "6"), item("specialized_sme", "specialized_sme", "4")],
        ),
        group(
            "plant",
            AdjustKind::Bonus,
            Take::Sum,
            vec![item("smart_factory", "smart_factory", "3"), item("green_factory", "green_factory", "3")],
        ),
        group("rent", AdjustKind::Deduction, Take::Sum, vec![rent]),
    ];
    s.populations[0].total.bonus_cap = Some(param("10"));
    let yes = truths(&[Some(true)]);
    let columns = vec![
        ("tax_paid", numbers(&["50"])),
        ("champion", yes.clone()),
        ("specialized_sme", yes.clone()),
        ("smart_factory", yes.clone()),
        ("green_factory", yes),
        ("safety_accidents", numbers(&["3"])),
    ];
    let (compiled, prepared, outcome) = run(s, snapshot(columns, &[]));
    let f = &outcome.firms[0];
    assert_eq!((f.bonus, f.deduction), (10.0, 10.0));
    assert_eq!(totals(&outcome), ["50.00"]);
    let proof = compiled.explain(&prepared, &outcome, 1).unwrap();
    let total = proof.total.unwrap();
    assert_eq!((total.bonus_uncapped, total.bonus), (12.0, 10.0));
    let counted: Vec<bool> = proof.adjustments[0].items.iter().map(|i| i.counted).collect();
    assert_eq!(counted, [true, false]);
}

#[test]
fn a_coefficient_multiplies_points_before_the_bonus() {
    let mut s = scheme(vec![population("all", "true", vec![indicator("tax_paid", "1", Score::Rank)])]);
    s.populations[0].total.coefficient = Some(formula("correction"));
    let columns = vec![("tax_paid", numbers(&["50", "50"])), ("correction", numbers(&["1.1", "-"]))];
    assert_eq!(totals(&run(s, snapshot(columns, &[])).2), ["55.00", "-"]);
}

#[test]
fn the_surcharge_grows_with_years_in_the_class_and_only_the_highest_applies() {
    let mut s = scheme(vec![population("all", "true", vec![indicator("tax_paid", "1", Score::Rank)])]);
    s.populations[0].classing = shares(&[("A", "0")], "D");
    let cite = s.cite.clone();
    s.measures = vec![Measure {
        id: "surcharge".into(),
        title: text("surcharge"),
        classes: vec!["D".into()],
        when: None,
        value: MeasureValue::ByConsecutiveYears { amounts: vec![param("0.05"), param("0.10"), param("0.15")] },
        unit: Some("yuan_per_kwh".into()),
        quantity: Some("power_use".into()),
        account: None,
        highest_with: vec!["differential_price".into()],
        basis: Some(cite),
        from: None,
        to: None,
        starts: Starts::January,
        lag: 1,
        owner: text("power"),
        clause: None,
        standing: Standing::Verified,
        at: place(),
    }];
    let columns = vec![
        ("tax_paid", numbers(&["4", "3", "2", "1"])),
        ("power_use", numbers(&["1000", "1000", "-", "1000"])),
        ("differential_price", numbers(&["0", "0.30", "0", "-"])),
    ];
    let mut input = snapshot(columns, &[]);
    let past = |firm, year| measure::snapshot::PastClass { firm, year, class: "D".into() };
    input.classes = vec![past(2, 2024), past(4, 2024), past(4, 2023), past(4, 2022), past(4, 2020)];
    let (_, _, outcome) = run(s, input);
    let m = |i: usize| &outcome.firms[i].measures[0];
    assert_eq!((m(0).amount, m(0).cost), (Some(d("0.05")), Some(d("50.00"))));
    assert_eq!(
        (m(1).amount, m(1).charged, m(1).superseded_by.as_deref()),
        (Some(d("0.10")), Some(d("0")), Some("differential_price"))
    );
    assert_eq!((m(2).cost, outcome.summary.cost_unknown), (None, 1));
    assert_eq!((m(3).amount, m(3).consecutive, m(3).others_unknown.len()), (Some(d("0.15")), 4, 1));
    assert_eq!(m(0).from, Some(jiff::civil::date(2026, 1, 1)));
}

#[test]
fn merged_parcels_share_one_result_and_tenants_can_inherit() {
    let mut s = scheme(vec![population("all", "true", vec![indicator("tax_per_mu", "1", Score::Rank)])]);
    s.populations[0].classing = shares(&[("A", "0.5")], "D");
    let mut input = snapshot(
        vec![
            ("tax_paid", numbers(&["10", "20", "5"])),
            ("above_scale", truths(&[Some(true), Some(false), Some(true)])),
        ],
        &["10", "0", "10"],
    );
    input.land.parcels.remove(1);
    let lease = |area: &str| measure::land::Lease {
        parcel: "P00001".into(),
        tenant: 2,
        lessor: None,
        area: Some(d(area)),
        floor_area: None,
        floors: None,
    };
    input.land.leases.push(lease("4"));
    // By area: 10 ÷ 6, 20 ÷ 4, 5 ÷ 10.
    let (_, _, outcome) = run(s.clone(), input.clone());
    assert_eq!(totals(&outcome), ["1.67", "5.00", "0.50"]);
    s.land.tenants = TenantRule::MergeParcel;
    let (_, prepared, outcome) = run(s.clone(), input.clone());
    assert_eq!(totals(&outcome), ["3.00", "3.00", "0.50"]);
    assert_eq!((outcome.groups[0].ranked, prepared.members(2)), (2, vec![1, 2]));
    assert_eq!(classes(&outcome), "AAD");
    s.land.tenants = TenantRule::AllocateByArea;
    s.units.inherit_from_owner = Some(formula("NOT above_scale"));
    let (_, _, outcome) = run(s, input);
    assert_eq!(outcome.firms[1].taking, Taking::Inherits { owner: 1 });
    assert_eq!((classes(&outcome), outcome.firms[1].rank), ("AAD".into(), None));
}

#[test]
fn a_changed_fact_gives_what_the_changed_snapshot_gives() {
    let mut s = scheme(vec![population(
        "all",
        "true",
        vec![ratio("tax_per_mu", "60", Statistic::Mean), ratio("productivity", "40", Statistic::Median)],
    )]);
    s.populations[0].classing = shares(&[("A", "0.4"), ("B", "0.8")], "C");
    let columns = vec![
        ("tax_paid", numbers(&["10", "20", "30", "15", "5"])),
        ("value_added", numbers(&["10", "9", "8", "7", "6"])),
        ("employees", numbers(&["2", "2", "2", "2", "2"])),
    ];
    let input = snapshot(columns, &["3", "4", "5", "6", "7"]);
    let (compiled, prepared, _) = run(s, input.clone());
    let changed = compiled.with_fact(&prepared, 4, "tax_paid", number("99")).unwrap();
    let quick = compiled.run(&changed, 1);
    let mut again = input;
    assert!(again.firms.set(4, "tax_paid", number("99")));
    let full = compiled.run(&compiled.prepare(&Arc::new(again)).unwrap(), 2);
    assert_eq!(quick.firms, full.firms);
    assert!(compiled.with_fact(&prepared, 9, "tax_paid", number("1")).is_err());
    assert!(compiled.with_fact(&prepared, 4, "tax_paid", Value::Boolean(true)).is_err());
}
