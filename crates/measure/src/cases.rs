//! Runs the law's cases: facts of a few firms through the real engine, compared with what a policy
//! officer worked out by hand.

use crate::dictionary::Dictionary;
use crate::land::{LandRecords, Lease, Parcel};
use crate::outcome::{FirmOutcome, Outcome, Taking, ValueState};
use crate::snapshot::{PastBaseline, PastClass, Snapshot};
use crate::table::{Column, FirmTable, Kind, Value};
use crate::{Compiled, Prepared, compile};
use law::case::{Case, Expect, ExpectFirm, ExpectMeasure, Expected};
use law::scheme::Scheme;
use law::{Law, case};
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
    let missing = compiled.missing_baselines(&snapshot);
    if !missing.is_empty() {
        return Err(format!(
            "the scheme looks back to last year's baselines: `past_baselines` for {}",
            missing.join(", ")
        ));
    }
    let prepared = compiled.prepare(&Arc::new(snapshot)).map_err(|e| e.to_string())?;
    let outcome = compiled.run(&prepared, 1);
    // Without `..`, so that a new kind of expectation cannot be read and never compared.
    let Expect { firms, classes, last_ranks, baselines } = &case.expect;
    let ran = Ran { compiled: &compiled, prepared: &prepared, outcome: &outcome, ids: &ids };
    for (name, expect) in firms {
        let Some(id) = ids.get(name.as_str()) else {
            out.push(format!("{name}: no such firm"));
            continue;
        };
        match outcome.firm(*id) {
            Some(firm) => compare(&ran, firm, name, expect, out),
            None => out.push(format!("{name}: no result")),
        }
    }
    counts(&scheme, &outcome, classes, out);
    ranks(&scheme, &outcome, last_ranks, out);
    for (indicator, expected) in baselines {
        let found = outcome.baselines.iter().find(|b| b.indicator == *indicator && b.role != "missing");
        match found {
            Some(found) => number(&format!("baseline of {indicator}"), expected, Some(found.value), out),
            None => out.push(format!("baseline of {indicator}: the scheme uses none")),
        }
    }
    Ok(())
}

/// A case that ran, with the numbers of its firms.
struct Ran<'a> {
    compiled: &'a Compiled,
    prepared: &'a Prepared,
    outcome: &'a Outcome,
    ids: &'a BTreeMap<&'a str, i64>,
}

/// Bonuses and deductions whose points counted, in the scheme's order, as the proof tells them.
fn counted_items(ran: &Ran<'_>, firm: i64) -> Result<Vec<String>, String> {
    let proof = ran.compiled.explain(ran.prepared, ran.outcome, firm).map_err(|e| e.to_string())?;
    let items = proof.adjustments.into_iter().flat_map(|group| group.items);
    Ok(items.filter(|item| item.counted).map(|item| item.condition.id).collect())
}

pub(crate) fn snapshot(
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
        baselines: case
            .past_baselines
            .iter()
            .map(|b| PastBaseline {
                population: b.population.clone(),
                indicator: b.indicator.clone(),
                group: b.group.clone(),
                statistic: b.statistic.clone(),
                value: b.value,
                published: case.at.file.to_string(),
            })
            .collect(),
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

fn compare(ran: &Ran<'_>, firm: &FirmOutcome, name: &str, expect: &ExpectFirm, out: &mut Vec<String>) {
    // Without `..`, so that a new kind of expectation cannot be read and never compared.
    let ExpectFirm {
        population,
        land,
        values,
        points,
        bonus,
        deduction,
        total,
        rank,
        by_rank,
        class,
        status,
        label,
        overrides,
        items,
        missing,
        measures,
        result_of,
        at: _,
    } = expect;
    let (scheme, outcome) = (ran.compiled.scheme(), ran.outcome);
    let what = |part: &str| format!("{name}: {part}");
    let or_none = |text: Option<&str>| text.unwrap_or("none").to_owned();
    if let Some(population) = population {
        let ranked = !matches!(firm.taking, Taking::Status { .. } | Taking::Outside);
        let found = firm.population.filter(|_| ranked || population != "none");
        let found = or_none(found.map(|p| scheme.populations[usize::from(p)].id.as_str()));
        same(&what("population"), population, &found, out);
    }
    if let Some(expected) = land {
        let found = ran.prepared.land().get(&firm.firm).and_then(|l| l.effective);
        same(&what("land"), &Some(expected.normalize()), &found.map(|l| l.normalize()), out);
    }
    let column = |indicator: &str| {
        let scores = &outcome.scores[usize::from(firm.population?)];
        scores.indicators.iter().find(|c| c.indicator == indicator)
    };
    for (part, expected, points) in
        values.iter().map(|(i, e)| (i, e, false)).chain(points.iter().map(|(i, e)| (i, e, true)))
    {
        let word = if points { "points" } else { "value" };
        let Some(scores) = column(part) else {
            out.push(what(&format!("{word} of {part}: its population scores no such indicator")));
            continue;
        };
        let found = firm.row.map(|row| if points { scores.points[row as usize] } else { scores.value[row as usize] });
        number(&what(&format!("{word} of {part}")), expected, found, out);
    }
    if let Some(expected) = bonus {
        number(&what("bonus"), expected, Some(firm.bonus), out);
    }
    if let Some(expected) = deduction {
        number(&what("deduction"), expected, Some(firm.deduction), out);
    }
    if let Some(expected) = total {
        let found = outcome.total(firm).map(base::fixed::to_f64).or(Some(firm.total_raw));
        number(&what("total"), expected, found, out);
    }
    if let Some(expected) = rank {
        same(&what("rank"), expected, &firm.rank.map(u64::from), out);
    }
    if let Some(expected) = by_rank {
        same(&what("class by rank"), expected, &or_none(outcome.letter(firm.ranked_class)), out);
    }
    if let Some(expected) = class {
        same(&what("class"), expected, &or_none(outcome.letter(firm.class)), out);
    }
    let applied = match firm.taking {
        Taking::Status { status } => Some(&scheme.statuses[usize::from(status)]),
        _ => None,
    };
    if let Some(expected) = status {
        same(&what("status"), expected, &or_none(applied.map(|s| s.id.as_str())), out);
    }
    if let Some(expected) = label {
        same(&what("label"), expected, &or_none(applied.map(|s| s.label.as_str())), out);
    }
    if let Some(expected) = overrides {
        let mut held: Vec<String> =
            firm.overrides.iter().map(|o| scheme.overrides[usize::from(o.rule)].id.clone()).collect();
        held.sort_by_key(|id| scheme.precedence.iter().position(|p| p == id));
        same(&what("overrides"), expected, &held, out);
    }
    if let Some(expected) = items {
        match counted_items(ran, firm.firm) {
            Ok(found) => same(&what("items"), expected, &found, out),
            Err(why) => out.push(what(&format!("items: {why}"))),
        }
    }
    if let Some(expected) = missing {
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
    for (measure, expected) in measures {
        if !scheme.measures.iter().any(|m| m.id == *measure) {
            out.push(what(&format!("measure {measure}: the scheme has none of that name")));
            continue;
        }
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
    if let Some(expected) = result_of {
        let found = match firm.taking {
            Taking::Inherits { owner } => owner,
            _ => firm.unit,
        };
        same(&what("result of"), &ran.ids.get(expected.as_str()).copied(), &Some(found), out);
    }
}

/// Firms by population and class.
type Counts = BTreeMap<String, BTreeMap<String, u64>>;

fn counts(scheme: &Scheme, outcome: &Outcome, expected: &Counts, out: &mut Vec<String>) {
    for (population, classes) in expected {
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
}

/// The last rank of each class before overrides.
fn ranks(scheme: &Scheme, outcome: &Outcome, expected: &Counts, out: &mut Vec<String>) {
    for (population, ranks) in expected {
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
