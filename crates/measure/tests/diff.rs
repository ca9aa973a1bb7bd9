//! The difference report: exactly the firms whose result differs, and only reasons that are true.

mod common;

use common::*;
use law::scheme::*;
use measure::diff::{Cause, Difference, Run, diff};
use measure::land::Lease;
use measure::{Column, Snapshot, Value};

/// Tax per mu against a published benchmark of 1, so that no firm's points move with another's figures.
fn by_tax() -> Scheme {
    let indicator = ratio("tax_per_mu", "10", Statistic::Fixed { parameter: "one".into() });
    let mut s = scheme(vec![population("all", "true", vec![indicator])]);
    s.parameters.push(parameter("one", Some("10k_yuan_per_mu"), "1"));
    s
}

/// Firms 1, 2, … with tax and 10 mu each; firm 2 leases some of firm 1's land.
fn county(tax: &[&str], leased: &str) -> Snapshot {
    let columns = vec![
        ("tax_paid", numbers(tax)),
        ("above_scale", truths(&vec![Some(true); tax.len()])),
        ("power_use", numbers(&vec!["1000"; tax.len()])),
        ("address", Column::Text(vec![Some("路 1 号".into()); tax.len()])),
    ];
    let mut snapshot = snapshot(columns, &vec!["10"; tax.len()]);
    snapshot.land.leases.push(Lease {
        parcel: "P00001".into(),
        tenant: 2,
        lessor: None,
        area: Some(d(leased)),
        floor_area: None,
        floors: None,
    });
    snapshot
}

fn compare(scheme: &Scheme, before: Snapshot, after: Snapshot) -> Difference {
    let (c1, p1, o1) = run(scheme.clone(), before);
    let (c2, p2, o2) = run(scheme.clone(), after);
    diff(&Run { compiled: &c1, prepared: &p1, outcome: &o1 }, &Run { compiled: &c2, prepared: &p2, outcome: &o2 })
}

/// Each firm that differs with its causes.
fn causes(difference: &Difference) -> Vec<(i64, Vec<Cause>)> {
    difference.firms.iter().map(|f| (f.firm, f.causes.clone())).collect()
}

#[test]
fn one_tenant_correction_changes_its_owner_its_tenant_and_whom_they_pass() {
    // Effective land with 5 mu let: 5, 15, 10, 10, 10; tax per mu 4, 2, 3, 2.5, 1.
    // With 1 mu let: 9, 11, …: 20/9 = 2.2222 and 30/11 = 2.7273. The order 1 3 4 2 5 becomes 3 2 4 1 5.
    let (before, after) = (county(&["20", "30", "30", "25", "10"], "5"), county(&["20", "30", "30", "25", "10"], "1"));
    let found = compare(&by_tax(), before, after);
    assert_eq!(
        causes(&found),
        [(1, vec![Cause::Land]), (2, vec![Cause::Land]), (3, vec![Cause::RankOnly])],
        "the fourth keeps its rank: one passed it and one fell behind"
    );
    assert_eq!(found.unchanged, 2);
    let owner = &found.firms[0];
    assert_eq!((owner.rank, owner.land), ((Some(1), Some(4)), Some((Some(d("5")), Some(d("9"))))));
    assert_eq!(found.firms[1].zh(), "实际用地 15 → 11 亩；总分 20 → 27.27");
    assert_eq!(found.facts.len(), 1, "one figure was corrected");
}

#[test]
fn a_correction_that_passes_nobody_changes_two_firms() {
    let (before, after) = (county(&["40", "30", "10", "9", "8"], "5"), county(&["40", "30", "10", "9", "8"], "4"));
    let found = compare(&by_tax(), before, after);
    assert_eq!(causes(&found), [(1, vec![Cause::Land]), (2, vec![Cause::Land])]);
    assert_eq!(found.unchanged, 3);
}

#[test]
fn an_owner_merged_with_a_corrected_tenant_is_told_so() {
    let mut s = by_tax();
    s.land.tenants = TenantRule::MergeParcel;
    let before = county(&["20", "30", "10", "9", "8"], "5");
    let mut after = before.clone();
    assert!(after.firms.set(2, "tax_paid", number("35")));
    let found = compare(&s, before, after);
    assert_eq!(causes(&found), [(1, vec![Cause::UnitFacts]), (2, vec![Cause::OwnFacts])]);
    assert_eq!((found.firms[0].facts.len(), found.firms[1].facts.as_slice()), (0, ["tax_paid".to_owned()].as_slice()));
    assert!(found.firms[0].en().starts_with("figures of another firm of its unit changed"));
}

#[test]
fn a_landlord_whose_deduction_changed_is_told_of_its_tenants() {
    let mut s = by_tax();
    let item = AdjustItem {
        id: "rent".into(),
        title: text("rent"),
        when: formula("tenants_below_scale > 0"),
        points: None,
        points_formula: Some(formula("5 * tenants_below_scale")),
        evidence: None,
        clause: None,
        standing: Standing::Verified,
        at: place(),
    };
    s.populations[0].total.adjust = vec![AdjustGroup {
        id: "rent".into(),
        title: text("rent"),
        kind: AdjustKind::Deduction,
        take: Take::Sum,
        cap: None,
        items: vec![item],
        clause: None,
    }];
    let before = county(&["40", "30", "10", "9", "8"], "5");
    let mut after = before.clone();
    assert!(after.firms.set(2, "above_scale", Value::Boolean(false)));
    let found = compare(&s, before, after);
    assert_eq!(causes(&found), [(1, vec![Cause::Tenants])], "the tenant's own score does not ask for its scale");
    assert_eq!(found.firms[0].total, (Some(d("80.00")), Some(d("75.00"))));
}

#[test]
fn a_tenant_that_takes_its_owners_class_is_told_of_the_owner() {
    let mut s = by_tax();
    s.units.inherit_from_owner = Some(formula("leased_in_land > 0"));
    s.populations[0].classing = shares(&[("A", "0.5")], "D");
    let before = county(&["40", "30", "20", "20", "20"], "5");
    let mut after = before.clone();
    assert!(after.firms.set(1, "tax_paid", number("1")));
    let found = compare(&s, before, after);
    assert_eq!(
        causes(&found),
        [
            (1, vec![Cause::OwnFacts]),
            (2, vec![Cause::Owner]),
            (3, vec![Cause::RankOnly]),
            (4, vec![Cause::RankOnly]),
            (5, vec![Cause::RankOnly]),
        ]
    );
    assert_eq!(found.firms[1].class, (Some("A".into()), Some("D".into())));
}

#[test]
fn a_baseline_is_blamed_only_where_points_moved_with_it() {
    let mut s = by_tax();
    s.populations[0].indicators.push(ratio("revenue", "10", Statistic::Mean));
    s.populations[0].indicators[1].if_missing = Missing::Zero;
    let mut before = county(&["50", "40", "30", "20", "10"], "0");
    before.firms = {
        let mut columns: Vec<(String, Column)> =
            before.firms.columns().iter().map(|(n, c)| (n.clone(), c.as_ref().clone())).collect();
        columns.push(("revenue".into(), numbers(&["10", "10", "-", "10", "10"])));
        measure::FirmTable::new(before.firms.ids().to_vec(), columns).unwrap()
    };
    let mut after = before.clone();
    assert!(after.firms.set(1, "revenue", number("30")));
    let found = compare(&s, before, after);
    // The third has no revenue and no points from it: it is not listed at all.
    assert_eq!(
        causes(&found),
        [
            (1, vec![Cause::OwnFacts, Cause::Baseline]),
            (2, vec![Cause::Baseline]),
            (4, vec![Cause::Baseline]),
            (5, vec![Cause::Baseline]),
        ]
    );
}

#[test]
fn figures_that_the_scheme_does_not_read_are_no_cause() {
    let before = county(&["50", "40", "30", "20", "10"], "0");
    let mut after = before.clone();
    assert!(after.firms.set(1, "address", Value::Text("路 2 号".into())));
    assert!(after.firms.set(1, "tax_paid", number("35")));
    assert!(after.firms.set(2, "address", Value::Text("路 3 号".into())));
    let found = compare(&by_tax(), before, after);
    assert_eq!(causes(&found), [(1, vec![Cause::OwnFacts]), (2, vec![Cause::RankOnly])]);
    assert_eq!(found.firms[0].facts, ["tax_paid"]);
    assert_eq!(found.facts.len(), 3, "the figures themselves are all listed");
}

/// A surcharge on class D by the electricity used.
fn surcharge() -> Measure {
    Measure {
        id: "surcharge".into(),
        title: text("surcharge"),
        classes: vec!["D".into()],
        when: None,
        value: MeasureValue::ByConsecutiveYears { amounts: vec![param("0.05"), param("0.10")] },
        unit: Some("yuan_per_kwh".into()),
        quantity: Some("power_use".into()),
        account: None,
        highest_with: Vec::new(),
        basis: None,
        from: None,
        to: None,
        starts: Starts::January,
        lag: 1,
        owner: text("power"),
        clause: None,
        standing: Standing::Verified,
        at: place(),
    }
}

#[test]
fn a_measure_that_changes_alone_is_reported_with_its_reason() {
    let mut s = by_tax();
    s.measures.push(surcharge());
    let before = county(&["50", "40", "30", "20", "10"], "0");
    let mut power = before.clone();
    assert!(power.firms.set(5, "power_use", number("2000")));
    assert!(power.firms.set(1, "power_use", number("2000")));
    let found = compare(&s, before.clone(), power);
    // The first is no D: its electricity changes nothing.
    assert_eq!(causes(&found), [(5, vec![Cause::OwnFacts])]);
    assert_eq!(found.firms[0].zh(), "本企业数据变化（power_use）；surcharge 0.05 (50) → 0.05 (100)");
    let mut history = before.clone();
    history.classes.push(measure::snapshot::PastClass { firm: 5, year: YEAR - 1, class: "D".into() });
    let found = compare(&s, before, history);
    assert_eq!(causes(&found), [(5, vec![Cause::History])]);
    assert_eq!(found.firms[0].measures.len(), 1);
}

#[test]
fn a_firm_that_leaves_moves_the_cut() {
    let mut s = by_tax();
    s.statuses = vec![status("new", "major_project", State::Exempt)];
    s.populations[0].classing = shares(&[("A", "0.4")], "D");
    let with = |flag: bool| {
        let mut snapshot = county(&["50", "40", "30", "20", "10"], "0");
        let mut columns: Vec<(String, Column)> =
            snapshot.firms.columns().iter().map(|(n, c)| (n.clone(), c.as_ref().clone())).collect();
        columns
            .push(("major_project".into(), truths(&[Some(false), Some(false), Some(false), Some(false), Some(flag)])));
        snapshot.firms = measure::FirmTable::new(snapshot.firms.ids().to_vec(), columns).unwrap();
        snapshot
    };
    // Five firms: 40 % is two. Four firms: 40 % is one, so the second falls although its rank is the same.
    let found = compare(&s, with(false), with(true));
    assert_eq!(causes(&found), [(2, vec![Cause::Cut]), (5, vec![Cause::OwnFacts, Cause::Status])]);
}
