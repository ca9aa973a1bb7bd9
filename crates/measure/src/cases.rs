//! Runs the law's cases: facts of a few firms through the real engine, compared with what a policy
//! officer worked out by hand.

use crate::dictionary::Dictionary;
use crate::land::{LandRecords, Lease, Parcel};
use crate::outcome::{FirmOutcome, Outcome, Taking, ValueState};
use crate::snapshot::{PastClass, Snapshot};
use crate::table::{Column, FirmTable, Kind, Value};
use crate::{Compiled, compile};
use law::case::{Case, Expect, ExpectFirm, ExpectMeasure, Expected};
use law::scheme::Scheme;
use law::{Law, case};
use rust_decimal::Decimal;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What a case came to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CaseReport {
    /// File and title.
    pub name: String,
    /// What differs from what was expected; empty: passed.
    pub differences: Vec<String>,
}

impl CaseReport {
    /// True when nothing differs.
    pub fn passed(&self) -> bool {
        self.differences.is_empty()
    }
}

/// Runs one case.
pub fn run(law: &Law, case: &Case) -> CaseReport {
    let mut report = CaseReport { name: format!("{} {}", case.at.file, case.title.zh), differences: Vec::new() };
    if let Err(why) = check(law, case, &mut report.differences) {
        report.differences.push(why);
    }
    report
}

fn check(law: &Law, case: &Case, out: &mut Vec<String>) -> Result<(), String> {
    let scheme = law
        .scheme(&case.scheme, case.year)
        .ok_or_else(|| format!("no version of {} evaluates {}", case.scheme, case.year))?;
    let scheme = Arc::new(scheme.clone());
    let dictionary =
        Arc::new(Dictionary::new(law.units.clone(), law.facts.values(), law.attributes.values(), law.derived.values()));
    let compiled = compile(&scheme, &dictionary, case.year)
        .map_err(|faults| faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))?;
    let ids: BTreeMap<&str, i64> = case.firms.iter().zip(1..).map(|(f, id)| (f.name.as_str(), id)).collect();
    let snapshot = snapshot(law, &scheme, &dictionary, case, &ids)?;
    let prepared = compiled.prepare(&Arc::new(snapshot)).map_err(|e| e.to_string())?;
    let outcome = compiled.run(&prepared, 1);
    for (name, expect) in &case.expect.firms {
        let Some(id) = ids.get(name.as_str()) else {
            out.push(format!("{name}: no such firm"));
            continue;
        };
        match outcome.firm(*id) {
            Some(firm) => {
                let land = prepared.land().get(id).and_then(|l| l.effective);
                compare(&compiled, &outcome, firm, name, expect, land, &ids, out);
            }
            None => out.push(format!("{name}: no result")),
        }
    }
    counts(&scheme, &outcome, &case.expect, out);
    for (indicator, expected) in &case.expect.baselines {
        let found =
            outcome.baselines.iter().find(|b| b.indicator == *indicator && b.role != "missing").map(|b| b.value);
        number(&format!("baseline of {indicator}"), expected, found, out);
    }
    Ok(())
}

fn snapshot(
    law: &Law,
    scheme: &Scheme,
    dictionary: &Dictionary,
    case: &Case,
    ids: &BTreeMap<&str, i64>,
) -> Result<Snapshot, String> {
    let rows = case.firms.len();
    let mut columns: BTreeMap<String, Column> = BTreeMap::new();
    for (row, firm) in case.firms.iter().enumerate() {
        for (name, value) in firm.facts.iter().chain(&firm.attributes) {
            let value = match value {
                case::Value::Number(n) => Value::Number(*n),
                case::Value::Text(t) => Value::Text(t.clone()),
                case::Value::Boolean(b) => Value::Boolean(*b),
                case::Value::Date(d) => Value::Date(*d),
            };
            let kind = dictionary.names.get(name).map_or_else(|| value.kind().unwrap_or(Kind::Text), |n| n.kind);
            let column = columns.entry(name.clone()).or_insert_with(|| Column::unknown(kind, rows));
            if !column.set(row, value) {
                return Err(format!("{}: `{name}` is of another kind than the law says", firm.name));
            }
        }
    }
    // What the registry would know of an industry class.
    if let Some(Column::Text(codes)) = columns.get("industry").cloned() {
        let part = |digits: usize| {
            let cut = |code: &String| code.get(..digits).map(str::to_owned);
            Column::Text(codes.iter().map(|c| c.as_ref().and_then(cut)).collect())
        };
        let section = |code: &String| law.industries.section(code).map(str::to_owned);
        for (name, column) in [
            ("industry_group", part(3)),
            ("industry_division", part(2)),
            ("industry_section", Column::Text(codes.iter().map(|c| c.as_ref().and_then(section)).collect())),
        ] {
            columns.entry(name.to_owned()).or_insert(column);
        }
    }
    let id = |name: &str| ids.get(name).copied().ok_or_else(|| format!("no firm `{name}`"));
    let mut land = LandRecords::default();
    for parcel in &case.parcels {
        let owner = Some(id(&parcel.owner)?);
        land.parcels.push(Parcel { code: parcel.code.clone(), owner, area: Some(parcel.area), use_: None });
        for lease in &parcel.leases {
            land.leases.push(Lease {
                parcel: parcel.code.clone(),
                tenant: id(&lease.tenant)?,
                lessor: owner,
                area: lease.area,
                floor_area: lease.floor_area,
                floors: lease.floors,
            });
        }
    }
    let mut classes = Vec::new();
    for (firm, id) in case.firms.iter().zip(1..) {
        for (year, class) in &firm.history {
            classes.push(PastClass { firm: id, year: *year, class: class.clone() });
        }
    }
    Ok(Snapshot {
        division: scheme.division.to_string(),
        year: case.year,
        as_of: crate::prepare::as_of(scheme, case.year),
        firms: FirmTable::new((1..=rows as i64).collect(), columns).map_err(|e| e.to_string())?,
        land,
        lineage: Vec::new(),
        classes,
        baselines: Vec::new(),
    })
}

fn number(what: &str, expected: &Expected, found: Option<f64>, out: &mut Vec<String>) {
    let found = found.filter(|f| f.is_finite());
    if !expected.agrees(found) {
        let expected = expected.value.map_or("unknown".to_owned(), |v| v.to_string());
        out.push(format!(
            "{what}: expected {expected}, found {}",
            found.map_or("unknown".to_owned(), |f| f.to_string())
        ));
    }
}

fn same<T: PartialEq + std::fmt::Debug>(what: &str, expected: &T, found: &T, out: &mut Vec<String>) {
    if expected != found {
        out.push(format!("{what}: expected {expected:?}, found {found:?}"));
    }
}

#[expect(clippy::too_many_arguments, reason = "one firm with everything it is compared against")]
fn compare(
    compiled: &Compiled,
    outcome: &Outcome,
    firm: &FirmOutcome,
    name: &str,
    expect: &ExpectFirm,
    land: Option<Decimal>,
    ids: &BTreeMap<&str, i64>,
    out: &mut Vec<String>,
) {
    let scheme = compiled.scheme();
    let what = |part: &str| format!("{name}: {part}");
    let or_none = |text: Option<&str>| text.unwrap_or("none").to_owned();
    if let Some(population) = &expect.population {
        let ranked = !matches!(firm.taking, Taking::Status { .. } | Taking::Outside);
        let found = firm.population.filter(|_| ranked || population != "none");
        let found = or_none(found.map(|p| scheme.populations[usize::from(p)].id.as_str()));
        same(&what("population"), population, &found, out);
    }
    if let Some(expected) = expect.land {
        same(&what("land"), &Some(expected.normalize()), &land.map(|l| l.normalize()), out);
    }
    let column = |indicator: &str| {
        let scores = &outcome.scores[usize::from(firm.population?)];
        scores.indicators.iter().find(|c| c.indicator == indicator)
    };
    for (indicator, expected) in &expect.values {
        let found = column(indicator).zip(firm.row).map(|(c, row)| c.value[row as usize]);
        number(&what(&format!("value of {indicator}")), expected, found, out);
    }
    for (indicator, expected) in &expect.points {
        let found = column(indicator).zip(firm.row).map(|(c, row)| c.points[row as usize]);
        number(&what(&format!("points of {indicator}")), expected, found, out);
    }
    if let Some(expected) = &expect.bonus {
        number(&what("bonus"), expected, Some(firm.bonus), out);
    }
    if let Some(expected) = &expect.deduction {
        number(&what("deduction"), expected, Some(firm.deduction), out);
    }
    if let Some(expected) = &expect.total {
        let found = outcome.total(firm).map(base::fixed::to_f64).or(Some(firm.total_raw));
        number(&what("total"), expected, found, out);
    }
    if let Some(expected) = &expect.rank {
        same(&what("rank"), expected, &firm.rank.map(u64::from), out);
    }
    if let Some(expected) = &expect.by_rank {
        same(&what("class by rank"), expected, &or_none(outcome.letter(firm.ranked_class)), out);
    }
    if let Some(expected) = &expect.class {
        same(&what("class"), expected, &or_none(outcome.letter(firm.class)), out);
    }
    let status = match firm.taking {
        Taking::Status { status } => Some(&scheme.statuses[usize::from(status)]),
        _ => None,
    };
    if let Some(expected) = &expect.status {
        same(&what("status"), expected, &or_none(status.map(|s| s.id.as_str())), out);
    }
    if let Some(expected) = &expect.label {
        same(&what("label"), expected, &or_none(status.map(|s| s.label.as_str())), out);
    }
    if let Some(expected) = &expect.overrides {
        let mut held: Vec<String> =
            firm.overrides.iter().map(|o| scheme.overrides[usize::from(o.rule)].id.clone()).collect();
        held.sort_by_key(|id| scheme.precedence.iter().position(|p| p == id));
        same(&what("overrides"), expected, &held, out);
    }
    if let Some(expected) = &expect.missing {
        let found: Vec<String> = firm
            .population
            .zip(firm.row)
            .map(|(p, row)| {
                let columns = &outcome.scores[usize::from(p)].indicators;
                let gaps = columns.iter().filter(|c| c.state[row as usize] != ValueState::Known);
                gaps.map(|c| c.indicator.clone()).collect()
            })
            .unwrap_or_default();
        same(&what("missing"), expected, &found, out);
    }
    for (measure, expected) in &expect.measures {
        let applied = firm.measures.iter().find(|m| scheme.measures[usize::from(m.rule)].id == *measure);
        let found = match applied {
            None => ExpectMeasure::None,
            Some(m) => match m.charged.or(m.amount) {
                Some(amount) => ExpectMeasure::Amount(amount.normalize()),
                None => ExpectMeasure::Words,
            },
        };
        let expected = match expected {
            ExpectMeasure::Amount(amount) => ExpectMeasure::Amount(amount.normalize()),
            other => other.clone(),
        };
        same(&what(&format!("measure {measure}")), &expected, &found, out);
    }
    if let Some(expected) = &expect.result_of {
        let found = match firm.taking {
            Taking::Inherits { owner } => owner,
            _ => firm.unit,
        };
        same(&what("result of"), &ids.get(expected.as_str()).copied(), &Some(found), out);
    }
}

fn counts(scheme: &Scheme, outcome: &Outcome, expect: &Expect, out: &mut Vec<String>) {
    for (population, classes) in &expect.classes {
        let Some(at) = scheme.populations.iter().position(|p| p.id == *population) else {
            out.push(format!("no population `{population}`"));
            continue;
        };
        let of = || outcome.firms.iter().filter(move |f| f.population == Some(at as u16));
        for (class, expected) in classes {
            let found = of()
                .filter(|f| match (outcome.letter(f.class), &f.taking) {
                    (Some(letter), _) => letter == class,
                    (None, Taking::Status { status }) => scheme.statuses[usize::from(*status)].label == *class,
                    _ => false,
                })
                .count() as u64;
            let labelled = outcome
                .firms
                .iter()
                .filter(|f| f.population.is_none())
                .filter(|f| matches!(f.taking, Taking::Status { status } if scheme.statuses[usize::from(status)].label == *class))
                .count() as u64;
            same(&format!("{population}: firms of class {class}"), expected, &(found + labelled), out);
        }
    }
    for (population, ranks) in &expect.last_ranks {
        let at = scheme.populations.iter().position(|p| p.id == *population);
        for (class, expected) in ranks {
            let last = outcome
                .firms
                .iter()
                .filter(|f| f.population.map(usize::from) == at && outcome.letter(f.ranked_class) == Some(class))
                .filter_map(|f| f.rank)
                .max();
            same(&format!("{population}: last rank of {class}"), &Some(*expected), &last.map(u64::from), out);
        }
    }
}
