//! Formulas: SQL's three truth values, unknown that stays unknown, and faults with their place.

mod common;

use common::*;
use law::Diagnostic;
use law::scheme::*;
use measure::outcome::{Lacking, Taking};
use measure::{Column, compile};
use std::sync::Arc;

/// For each row: does the condition put the firm into the population, and is it unknown?
fn truth(condition: &str, columns: Vec<(&str, Column)>) -> String {
    let s = scheme(vec![population("all", condition, vec![indicator("revenue", "1", Score::Rank)])]);
    let rows = columns[0].1.len();
    let mut columns = columns;
    columns.push(("revenue", numbers(&vec!["1"; rows])));
    let (_, _, outcome) = run(s, snapshot(columns, &[]));
    let letter = |f: &measure::outcome::FirmOutcome| match (&f.taking, f.unknown_conditions) {
        (Taking::Ranked, 0) => 'T',
        (Taking::Outside, 0) => 'F',
        (Taking::Unrankable { why: Lacking::Population }, 1) => '?',
        other => panic!("{other:?}"),
    };
    outcome.firms.iter().map(letter).collect()
}

#[test]
fn and_or_not_follow_the_tables_of_three_truth_values() {
    let all = [Some(true), Some(false), None];
    let a: Vec<_> = all.iter().flat_map(|a| [*a; 3]).collect();
    let b: Vec<_> = [all; 3].concat();
    let columns = || vec![("champion", truths(&a)), ("listed", truths(&b))];
    assert_eq!(truth("champion AND listed", columns()), "TF?FFF?F?");
    assert_eq!(truth("champion OR listed", columns()), "TTTTF?T??");
    assert_eq!(truth("NOT champion", columns()), "FFFTTT???");
    assert_eq!(truth("champion = listed", columns()), "TF?FT????");
    assert_eq!(truth("champion IS TRUE", columns()), "TTTFFFFFF");
    assert_eq!(truth("champion IS NOT TRUE", columns()), "FFFTTTTTT");
    assert_eq!(truth("champion IS UNKNOWN", columns()), "FFFFFFTTT");
    assert_eq!(truth("champion IS DISTINCT FROM listed", columns()), "FTTTFTTTF");
    assert_eq!(truth("coalesce(champion, listed)", columns()), "TTTFFFTF?");
    assert_eq!(truth("CASE WHEN champion THEN listed ELSE NOT listed END", columns()), "TF?FT?FT?");
}

#[test]
fn comparisons_with_unknown_are_unknown() {
    let columns = || vec![("tax_paid", numbers(&["1", "5", "-"])), ("energy", numbers(&["0", "2", "1"]))];
    assert_eq!(truth("tax_paid > 3", columns()), "FT?");
    assert_eq!(truth("tax_paid BETWEEN 0 AND 2", columns()), "TF?");
    assert_eq!(truth("tax_paid NOT BETWEEN 0 AND 2", columns()), "FT?");
    assert_eq!(truth("tax_paid IN (1, 2)", columns()), "TF?");
    assert_eq!(truth("tax_paid NOT IN (1, NULL)", columns()), "F??");
    assert_eq!(truth("tax_paid IS NULL", columns()), "FFT");
    assert_eq!(truth("tax_paid / energy > 2", columns()), "?T?");
    assert_eq!(truth("greatest(tax_paid, 0) >= 0", columns()), "TT?");
    assert_eq!(truth("least(tax_paid, 3) = 3", columns()), "FT?");
    assert_eq!(truth("nullif(tax_paid, 1) = 5", columns()), "?T?");
    assert_eq!(truth("0 * -1 = 0 AND energy = 0", columns()), "TFF");
    assert_eq!(truth("round(tax_paid / 2) = 3", columns()), "FT?");
    assert_eq!(truth("5 / 2 = 2.5 AND floor(2.5) = 2 AND ceil(2.1) = 3 AND abs(-2) = 2", columns()), "TTT");
}

#[test]
fn texts_and_days_can_be_compared() {
    let industry = || Column::Text(["1310", "2511"].iter().map(|t| Some((*t).to_owned())).chain([None]).collect());
    let founded = || Column::Date(vec![Some(jiff::civil::date(2020, 3, 1)), Some(jiff::civil::date(2024, 7, 1)), None]);
    let columns = || vec![("industry", industry()), ("founded", founded())];
    assert_eq!(truth("industry LIKE '13%'", columns()), "TF?");
    assert_eq!(truth("left(industry, 2) IN ('13', '14')", columns()), "TF?");
    assert_eq!(truth("substr(industry, 3, 2) = '11'", columns()), "FT?");
    assert_eq!(truth("starts_with(industry, '25')", columns()), "FT?");
    assert_eq!(truth("char_length(industry) = 4", columns()), "TT?");
    assert_eq!(truth("industry_division = '13'", columns()), "TF?");
    assert_eq!(truth("founded < DATE '2024-01-01'", columns()), "TF?");
    assert_eq!(truth("months_since_founded < 24", columns()), "FT?");
    assert_eq!(truth("months_between(founded, DATE '2024-12-31') = 5", columns()), "FT?");
    assert_eq!(truth("extract(year from founded) = 2020", columns()), "TF?");
}

fn faults(change: impl FnOnce(&mut Scheme)) -> Vec<Diagnostic> {
    let mut s = scheme(vec![population("all", "true", vec![indicator("tax_paid", "1", Score::Rank)])]);
    change(&mut s);
    compile(&Arc::new(s), &dictionary(), YEAR).err().unwrap_or_default()
}

fn fault(condition: &str) -> String {
    let found = faults(|s| s.populations[0].when = formula(condition));
    found.iter().map(|f| format!("{}:{} {}", f.at.line, f.at.column, f.code)).collect::<Vec<_>>().join(", ")
}

#[test]
fn faults_name_the_place_inside_the_formula_all_at_once() {
    // The formula begins in line 7, column 11.
    assert_eq!(fault("tax_payed > 3 AND revenu > 4"), "7:11 unknown-name, 7:29 unknown-name");
    assert_eq!(fault("tax_paid >"), "7:11 formula-syntax");
    assert_eq!(fault("tax_paid > 3 4"), "7:24 formula-syntax");
    assert_eq!(fault("tax_paid"), "7:11 not-a-condition");
    assert_eq!(fault("tax_paid + champion > 1"), "7:22 type");
    assert_eq!(fault("tax_paid > 'x'"), "7:11 type");
    assert_eq!(fault("tax_paid + effective_land > 1"), "7:11 unit-dimension");
    assert_eq!(fault("maximum(tax_paid) > 1"), "7:11 unknown-function");
    assert_eq!(fault("power(tax_paid) > 1"), "7:11 arguments");
    assert_eq!(fault("tax_paid > (SELECT 1)"), "7:23 formula-form");
    assert_eq!(fault("true\n  AND nothing"), "8:7 unknown-name");
    let found = faults(|s| s.populations[0].when = formula("tax_payed > 3"));
    assert!(found[0].allowed.contains("`tax_paid`"), "{}", found[0].allowed);
}

fn derived(id: &str, text: &str, unit: &str) -> Derived {
    Derived {
        id: id.into(),
        title: common::text(id),
        formula: formula(text),
        kind: measure::Kind::Number,
        unit: unit.into(),
        decimals: 2,
        clause: None,
        standing: Standing::Verified,
        at: place(),
    }
}

#[test]
fn a_cycle_between_indicators_is_named_with_its_path() {
    let found = faults(|s| {
        s.define = vec![
            derived("one", "two + 1", "one"),
            derived("two", "three * 2", "one"),
            derived("three", "one - 1", "one"),
        ]
    });
    let cycles: Vec<&str> = found.iter().filter(|f| f.code == "indicator-cycle").map(|f| f.found.as_str()).collect();
    assert!(cycles.contains(&"`one` → `two` → `three` → `one`"), "{cycles:?}");
}

#[test]
fn a_formula_must_yield_the_unit_that_its_indicator_declares() {
    let codes = |text: &str, unit: &str| {
        faults(|s| s.define = vec![derived("own", text, unit)]).iter().map(|f| f.code).collect::<Vec<_>>()
    };
    assert_eq!(codes("tax_paid / effective_land", "10k_yuan_per_mu"), Vec::<&str>::new());
    assert_eq!(codes("tax_paid / employees", "10k_yuan_per_mu"), ["unit-dimension"]);
    assert_eq!(codes("tax_paid + export_credit_tax", "yuan"), ["unit-scale"]);
    assert_eq!(codes("(tax_paid + export_credit_tax) * 10000", "yuan"), Vec::<&str>::new());
    assert_eq!(codes("tax_paid", "furlong"), ["unknown-unit"]);
}

#[test]
fn what_a_scheme_names_must_exist() {
    let codes = |change: fn(&mut Scheme)| faults(change).iter().map(|f| f.code).collect::<Vec<_>>();
    assert_eq!(codes(|s| s.precedence.push("veto".into())), ["unknown-override"]);
    assert_eq!(
        codes(|s| s.overrides.push(override_("veto", "listed", OverrideKind::Veto, Effect::Shift { grades: 1 }))),
        ["no-precedence"]
    );
    assert_eq!(
        codes(
            |s| s.populations[0].indicators = vec![ratio("tax_paid", "1", Statistic::Fixed { parameter: "b".into() })]
        ),
        ["unknown-parameter"]
    );
    assert_eq!(
        codes(|s| s.populations[0].indicators = vec![ratio("pollutants", "1", Statistic::RatioOfSums)]),
        ["ratio-of-sums"]
    );
    assert_eq!(codes(|s| s.populations[0].indicators = vec![indicator("listed", "1", Score::Rank)]), ["type"]);
}
