//! Freezing: the facts, land, classes and sources of one county and year as a snapshot that a run,
//! and anyone who verifies it, reads.

use crate::{Refusal, Result, Services};
use base::{DivisionCode, Scope};
use jiff::civil::date;
use law::fact::About;
use law::template::Kind;
use measure::land::{LandRecords, Lease, Parcel};
use measure::snapshot::{Lineage, PastClass, Snapshot};
use measure::table::{Column, FirmTable};
use rust_decimal::Decimal;
use std::collections::{BTreeMap, HashMap};
use store::{Fact, FactView, Firm, FirmStatus};

/// Years of classes that a snapshot carries, for streaks and comparisons.
const YEARS_BACK: i32 = 5;

impl Services {
    /// Makes the snapshot of a county and year from what is known now; also the numbers of the last
    /// segment and of the last change of the register that went in.
    pub(crate) async fn snapshot(&self, division: DivisionCode, year: i16) -> Result<(Snapshot, i64, i64)> {
        let scope = Scope::system("freeze", self.settings().root);
        let reader = self.store().read(&scope);
        // Asked before the firms are read: a change in between makes the snapshot stale, never too new.
        let registry = reader.registry_sequence(division).await?;
        let firms: Vec<Firm> = reader
            .firms_of_division(division)
            .await?
            .into_iter()
            .filter(|f| f.status == FirmStatus::Active && f.division == division)
            .collect();
        let redirects = reader.firm_redirects(division).await?;
        let view = reader.facts(division, i32::from(year)).await?;
        let past = reader.classes(division, i32::from(year) - YEARS_BACK..=i32::from(year) - 1).await?;
        let classes: Vec<PastClass> =
            past.into_iter().map(|c| PastClass { firm: c.firm, year: c.year as i16, class: c.class }).collect();
        let services = self.clone();
        tokio::task::spawn_blocking(move || {
            let sequence = view.last_sequence();
            let snapshot = services.assemble(division, year, &firms, &redirects, &view, classes)?;
            Ok((snapshot, sequence, registry))
        })
        .await
        .map_err(Refusal::internal)?
    }

    fn assemble(
        &self,
        division: DivisionCode,
        year: i16,
        firms: &[Firm],
        redirects: &HashMap<i64, i64>,
        view: &FactView,
        classes: Vec<PastClass>,
    ) -> Result<Snapshot> {
        let as_of = date(year, 12, 31);
        let day = store::day_number(as_of);
        let ids: Vec<i64> = firms.iter().map(|f| f.id).collect();
        let subjects: Vec<Vec<String>> = subjects_of(&ids, redirects);
        let mut lineage = Vec::new();
        let mut columns = registry_columns(self, firms);
        let delivered = view.delivered();
        for fact in self.law().facts.values().filter(|f| f.about == About::Firm) {
            // A department that hands in its list of titles says by silence who holds none; one that
            // has handed in nothing has said nothing.
            let closed = fact.status && fact.kind == Kind::Boolean && delivered.contains(&fact.owner);
            let mut column = Column::unknown(fact.kind, ids.len());
            let mut any = closed;
            for (row, names) in subjects.iter().enumerate() {
                let found = fact_of(view, names, fact, day);
                match found {
                    Some(found) => {
                        any = true;
                        put(&mut column, row, &found);
                        lineage.push(Lineage {
                            subject: format!("f:{}", ids[row]),
                            fact: fact.id.clone(),
                            source: found.source(),
                        });
                    }
                    None if closed => {
                        if let Column::Boolean(values) = &mut column {
                            values[row] = Some(false);
                        }
                    }
                    None => (),
                }
            }
            if any {
                columns.push((fact.id.clone(), column));
            }
        }
        let land = land_records(view, redirects, &mut lineage);
        lineage.sort_by(|a, b| (&a.subject, &a.fact).cmp(&(&b.subject, &b.fact)));
        Ok(Snapshot {
            division: division.to_string(),
            year,
            as_of,
            firms: FirmTable::new(ids, columns).map_err(Refusal::internal)?,
            land,
            lineage,
            classes,
            baselines: Vec::new(),
        })
    }
}

/// What is evaluated of a firm's fact: the first of its subjects of which it is held decides. A status is
/// looked at on the last day of the year.
pub(crate) fn fact_of<'a>(view: &'a FactView, subjects: &[String], fact: &law::Fact, day: i32) -> Option<Fact<'a>> {
    subjects.iter().find_map(|subject| match fact.status {
        true => view.on_day(subject, &fact.id, day),
        false => view.current(subject, &fact.id),
    })
}

/// The subjects whose facts are a firm's: its own, then those of records joined into it.
pub(crate) fn subjects_of(ids: &[i64], redirects: &HashMap<i64, i64>) -> Vec<Vec<String>> {
    let mut joined: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
    let mut pairs: Vec<(i64, i64)> = redirects.iter().map(|(gone, keep)| (*gone, *keep)).collect();
    pairs.sort_unstable();
    for (gone, keep) in pairs {
        joined.entry(keep).or_default().push(gone);
    }
    ids.iter()
        .map(|id| {
            let more = joined.get(id).into_iter().flatten();
            std::iter::once(id).chain(more).map(|i| format!("f:{i}")).collect()
        })
        .collect()
}

fn put(column: &mut Column, row: usize, fact: &Fact<'_>) {
    match column {
        Column::Number(values) => values[row] = fact.number(),
        Column::Boolean(values) => values[row] = fact.number().map(|n| n != Decimal::ZERO),
        Column::Text(values) => values[row] = fact.text().map(str::to_owned),
        Column::Date(values) => values[row] = fact.text().and_then(|t| t.parse().ok()),
    }
}

/// Attributes that the registry supplies (`law/national/indicators/attributes.yaml`).
fn registry_columns(services: &Services, firms: &[Firm]) -> Vec<(String, Column)> {
    let text = |pick: &dyn Fn(&Firm) -> Option<String>| Column::Text(firms.iter().map(pick).collect());
    let industry =
        |digits: usize| text(&move |f: &Firm| f.industry.as_deref().and_then(|i| i.get(..digits)).map(str::to_owned));
    let law = services.law();
    vec![
        ("credit_code".into(), text(&|f| f.credit_code.clone())),
        ("name".into(), text(&|f| Some(f.name.clone()))),
        ("division".into(), text(&|f| Some(f.division.to_string()))),
        ("town".into(), text(&|f| f.town.clone())),
        ("address".into(), text(&|f| f.address.clone())),
        ("industry".into(), industry(4)),
        ("industry_group".into(), industry(3)),
        ("industry_division".into(), industry(2)),
        (
            "industry_section".into(),
            text(&|f| f.industry.as_deref().and_then(|i| law.industries.section(i)).map(str::to_owned)),
        ),
        (
            "founded".into(),
            Column::Date(firms.iter().map(|f| f.founded.as_deref().and_then(|d| d.parse().ok())).collect()),
        ),
        ("in_construction".into(), Column::Boolean(firms.iter().map(|f| Some(f.in_construction)).collect())),
        ("risen_from".into(), Column::Number(firms.iter().map(|f| f.risen_from.map(Decimal::from)).collect())),
    ]
}

/// Number of the firm that a text such as `f:12` names, records joined into another followed.
pub(crate) fn firm_of(text: &str, redirects: &HashMap<i64, i64>) -> Option<i64> {
    let mut id: i64 = text.strip_prefix("f:")?.parse().ok()?;
    while let Some(next) = redirects.get(&id) {
        id = *next;
    }
    Some(id)
}

/// Parcels and leases from their facts.
pub(crate) fn land_records(view: &FactView, redirects: &HashMap<i64, i64>, lineage: &mut Vec<Lineage>) -> LandRecords {
    let mut land = LandRecords::default();
    for subject in view.subjects_with("p:") {
        let facts = view.facts_of(subject);
        if facts.is_empty() {
            continue;
        }
        let owner = view.text(subject, "parcel_owner").and_then(|t| firm_of(t, redirects));
        land.parcels.push(Parcel {
            code: subject[2..].to_owned(),
            owner,
            area: view.number(subject, "parcel_area"),
            use_: view.text(subject, "parcel_use").map(str::to_owned),
        });
        note(&facts, lineage);
    }
    for subject in view.subjects_with("l:") {
        let facts = view.facts_of(subject);
        let Some((parcel, tenant)) = subject[2..].rsplit_once(':') else { continue };
        let Some(tenant) = firm_of(&format!("f:{tenant}"), redirects).filter(|_| !facts.is_empty()) else { continue };
        land.leases.push(Lease {
            parcel: parcel.to_owned(),
            tenant,
            lessor: view.text(subject, "lease_lessor").and_then(|t| firm_of(t, redirects)),
            area: view.number(subject, "lease_area"),
            floor_area: view.number(subject, "lease_floor_area"),
            floors: view.number(subject, "building_floors"),
        });
        note(&facts, lineage);
    }
    land
}

fn note(facts: &[Fact<'_>], lineage: &mut Vec<Lineage>) {
    for fact in facts {
        lineage.push(Lineage {
            subject: fact.subject().to_owned(),
            fact: fact.fact().to_owned(),
            source: fact.source(),
        });
    }
}
