//! Builders of small schemes and populations for the tests of the engine.
#![allow(dead_code, reason = "each test file uses a part of these")]

use jiff::civil::date;
use law::scheme::*;
use law::{Formula, Law, Place};
use measure::land::{LandRecords, Parcel};
use measure::{Column, Compiled, Dictionary, FirmTable, Outcome, Prepared, Snapshot, Value, compile};
use rust_decimal::Decimal;
use std::collections::BTreeMap;
use std::str::FromStr;
use std::sync::{Arc, OnceLock};

pub const YEAR: i16 = 2025;

pub fn place() -> Place {
    Place { file: "test.yaml".into(), line: 7, column: 11 }
}

pub fn formula(text: &str) -> Formula {
    Formula { text: text.into(), at: place() }
}

pub fn d(text: &str) -> Decimal {
    Decimal::from_str(text).unwrap()
}

pub fn param(text: &str) -> Param {
    Param { value: d(text), clause: None, standing: Standing::Verified, at: place() }
}

pub fn text(t: &str) -> Text {
    Text { zh: t.into(), en: t.into() }
}

pub fn dictionary() -> Arc<Dictionary> {
    static DICTIONARY: OnceLock<Arc<Dictionary>> = OnceLock::new();
    DICTIONARY
        .get_or_init(|| {
            let (law, _) = Law::embedded();
            Arc::new(Dictionary::new(
                law.units.clone(),
                law.facts.values(),
                law.attributes.values(),
                law.derived.values(),
            ))
        })
        .clone()
}

pub fn baseline(of: Statistic) -> Baseline {
    Baseline {
        of,
        by: Vec::new(),
        over: Over::Population,
        multiple: None,
        lag: 0,
        least: None,
        clause: None,
        standing: Standing::Verified,
        at: place(),
    }
}

pub fn indicator(use_: &str, weight: &str, score: Score) -> Indicator {
    Indicator {
        use_: use_.into(),
        weight: param(weight),
        block: None,
        score,
        cap: None,
        floor: None,
        if_missing: Missing::Unknown,
        if_zero_denominator: Missing::Unknown,
        if_negative: None,
        clause: None,
        standing: Standing::Verified,
        at: place(),
    }
}

pub fn ratio(use_: &str, weight: &str, of: Statistic) -> Indicator {
    indicator(use_, weight, Score::Ratio { baseline: baseline(of) })
}

pub fn shares(cuts: &[(&str, &str)], rest: &str) -> Classing {
    Classing {
        method: ClassMethod::Shares {
            cuts: cuts.iter().map(|(c, s)| ((*c).into(), param(s))).collect(),
            rest: rest.into(),
        },
        bounds: Vec::new(),
        denominator: Denominator::Ranked,
        cut: Cut::Floor,
        ties_at_cut: TiesAtCut::Better,
        ties: Vec::new(),
        score_decimals: 2,
        standing: Standing::Verified,
        clause: None,
        at: place(),
    }
}

pub fn population(id: &str, when: &str, indicators: Vec<Indicator>) -> Population {
    Population {
        id: id.into(),
        title: text(id),
        when: formula(when),
        rank_within: Vec::new(),
        indicators,
        weights_total: None,
        blocks: BTreeMap::new(),
        total: Total {
            formula: None,
            coefficient: None,
            coefficient_standing: Standing::Verified,
            adjust: Vec::new(),
            bonus_cap: None,
            deduction_cap: None,
        },
        classing: shares(&[("A", "0.2"), ("B", "0.65"), ("C", "0.95")], "D"),
        clause: None,
        standing: Standing::Verified,
        at: place(),
    }
}

pub fn scheme(populations: Vec<Population>) -> Scheme {
    Scheme {
        id: "test/per-mu".into(),
        version: 1,
        title: text("test"),
        division: "370700".parse().unwrap(),
        cite: Cite {
            document: "test".into(),
            issuer: None,
            published: None,
            url: None,
            articles: vec![16],
            clause: None,
        },
        from: date(2020, 1, 1),
        to: None,
        year_from: 2020,
        year_to: None,
        in_force_standing: Standing::Verified,
        evaluates_standing: Standing::Verified,
        within: None,
        advisory: false,
        status_day: StatusDay { month: 12, day: 31, clause: None, standing: Standing::Verified },
        reference: false,
        parameters: Vec::new(),
        define: Vec::new(),
        land: LandRule {
            tenants: TenantRule::AllocateByArea,
            floors: FloorRule::LandAreaOnly,
            clause: None,
            standing: Standing::Verified,
            at: place(),
        },
        units: UnitRule {
            inherit_from_owner: None,
            mixed: None,
            mixed_takes: None,
            clause: None,
            standing: Standing::Verified,
        },
        statuses: Vec::new(),
        populations,
        classes: ["A", "B", "C", "D"].map(|c| ClassDef { id: c.into(), title: text(c) }).to_vec(),
        overrides: Vec::new(),
        precedence: Vec::new(),
        precedence_standing: Standing::Verified,
        measures: Vec::new(),
        process: ProcessRule {
            process: "per-mu-evaluation".into(),
            notice: Days { days: param("5"), working: true, counts_first_day: true },
            notice_by_year: BTreeMap::new(),
            land_notice: None,
            ends_at: None,
            ends_at_by_year: BTreeMap::new(),
            objections_to: text("office"),
            clause: None,
            standing: Standing::Verified,
        },
        at: place(),
    }
}

pub fn parameter(id: &str, unit: Option<&str>, value: &str) -> Parameter {
    let by_year = BTreeMap::from([(0, param(value))]);
    Parameter { id: id.into(), title: text(id), unit: unit.map(str::to_owned), by_year, at: place() }
}

pub fn override_(id: &str, when: &str, kind: OverrideKind, effect: Effect) -> Override {
    Override {
        id: id.into(),
        title: text(id),
        kind,
        populations: Vec::new(),
        when: formula(when),
        unless: Vec::new(),
        effect,
        evidence: None,
        clause: None,
        standing: Standing::Verified,
        at: place(),
    }
}

pub fn status(id: &str, when: &str, state: State) -> Status {
    Status {
        id: id.into(),
        title: text(id),
        when: formula(when),
        state,
        label: "T".into(),
        managed_as: None,
        counted: false,
        on_application: false,
        clause: None,
        standing: Standing::Verified,
        at: place(),
    }
}

/// Numbers of a fact per firm; `-` is unknown.
pub fn numbers(values: &[&str]) -> Column {
    Column::Number(values.iter().map(|v| if *v == "-" { None } else { Some(d(v)) }).collect())
}

pub fn truths(values: &[Option<bool>]) -> Column {
    Column::Boolean(values.to_vec())
}

/// A snapshot of firms 1, 2, …, each the owner of a parcel of that many mu.
pub fn snapshot(columns: Vec<(&str, Column)>, land: &[&str]) -> Snapshot {
    let rows = columns.first().map_or(land.len(), |(_, c)| c.len());
    let ids: Vec<i64> = (1..=rows as i64).collect();
    let parcels = land
        .iter()
        .zip(&ids)
        .map(|(mu, id)| Parcel { code: format!("P{id:05}"), owner: Some(*id), area: Some(d(mu)), use_: None })
        .collect();
    Snapshot {
        division: "370783".into(),
        year: YEAR,
        as_of: date(YEAR, 12, 31),
        firms: FirmTable::new(ids, columns.into_iter().map(|(n, c)| (n.to_owned(), c))).unwrap(),
        land: LandRecords { parcels, leases: Vec::new() },
        lineage: Vec::new(),
        classes: Vec::new(),
        baselines: Vec::new(),
    }
}

pub fn compiled(scheme: Scheme) -> Compiled {
    compile(&Arc::new(scheme), &dictionary(), YEAR).unwrap_or_else(|faults| panic!("{faults:#?}"))
}

pub fn run(scheme: Scheme, snapshot: Snapshot) -> (Compiled, Prepared, Outcome) {
    let compiled = compiled(scheme);
    let prepared = compiled.prepare(&Arc::new(snapshot)).unwrap();
    let outcome = compiled.run(&prepared, 1);
    (compiled, prepared, outcome)
}

/// Final class of each firm; `-` without one.
pub fn classes(outcome: &Outcome) -> String {
    outcome.firms.iter().map(|f| outcome.letter(f.class).unwrap_or("-")).collect()
}

pub fn totals(outcome: &Outcome) -> Vec<String> {
    outcome.firms.iter().map(|f| outcome.total(f).map_or("-".into(), |t| t.to_string())).collect()
}

pub fn number(n: &str) -> Value {
    Value::Number(d(n))
}
