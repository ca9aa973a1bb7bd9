//! Freezing: the facts, land, classes and sources of one county and year as a snapshot that a run,
//! and anyone who verifies it, reads.

use crate::{Refusal, Result, Services, refusal::Kind as Why, runs::compile};
use base::{DivisionCode, Scope};
use law::Scheme;
use law::fact::About;
use law::template::ColumnRole;
use law::template::Kind;
use measure::land::{LandRecords, Lease, Parcel};
use measure::snapshot::{Lineage, PastBaseline, PastClass, Snapshot};
use measure::table::{Column, FirmTable};
use rust_decimal::Decimal;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use store::{ClassRecord, EvaluationFilter, Fact, FactView, Firm, FirmStatus};

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
        let scheme = Arc::new(self.scheme_at(division, year).await?.clone());
        // What was published under a code that this county took over is this county's.
        let (mut past, mut last_year) = (Vec::new(), Vec::new());
        for code in self.law().divisions.ever(division) {
            past.extend(reader.classes(code, i32::from(year) - YEARS_BACK..=i32::from(year) - 1).await?);
            last_year.push(reader.facts(code, i32::from(year) - 1).await?);
        }
        let classes = past_classes(past, &redirects);
        let baselines = self.past_baselines(division, year, &scheme).await?;
        let services = self.clone();
        tokio::task::spawn_blocking(move || {
            let sequence = view.last_sequence();
            let known = Known { scheme: &scheme, redirects: &redirects, view: &view, last_year: &last_year };
            let mut snapshot = services.assemble(division, year, &firms, &known)?;
            (snapshot.classes, snapshot.baselines) = (classes, baselines);
            services.refuse_without_baselines(&scheme, year, &snapshot)?;
            Ok((snapshot, sequence, registry))
        })
        .await
        .map_err(Refusal::internal)?
    }

    /// The scheme by which a county's year is evaluated.
    async fn scheme_at(&self, division: DivisionCode, year: i16) -> Result<&Scheme> {
        let scope = Scope::system("freeze", self.settings().root);
        let filter = EvaluationFilter { division: Some(division), year: Some(i32::from(year)), state: None };
        let open = self.store().read(&scope).list_evaluations(&filter).await?;
        let of_county = open.iter().find(|e| e.division == division);
        let named = of_county.and_then(|e| self.law().scheme(&e.scheme, year));
        named
            .or_else(|| self.law().scheme_for(division, year))
            .ok_or_else(|| Refusal::internal(format!("{division} has no scheme for {year}")))
    }

    /// Baselines of the year before, from the facts of its final run, for a scheme that looks back.
    async fn past_baselines(
        &self,
        division: DivisionCode,
        year: i16,
        scheme: &Arc<Scheme>,
    ) -> Result<Vec<PastBaseline>> {
        let compiled = compile(self.law(), scheme, year)?;
        if !compiled.looks_back() {
            return Ok(Vec::new());
        }
        let scope = Scope::system("freeze", self.settings().root);
        let mut finals = Vec::new();
        for code in self.law().divisions.ever(division) {
            let filter = EvaluationFilter { division: Some(code), year: Some(i32::from(year) - 1), state: None };
            let found = self.store().read(&scope).list_evaluations(&filter).await?;
            finals.extend(found.into_iter().filter(|e| e.division == code).filter_map(|e| e.final_run));
        }
        let Some(run) = finals.first() else { return Ok(Vec::new()) };
        let run = self.prepared(&scope, *run).await?;
        let (law, scheme) = (self.law_arc(), scheme.clone());
        tokio::task::spawn_blocking(move || {
            // This year's rules on last year's facts: the same indicator and the same population.
            let Ok(earlier) = compile(&law, &scheme, year - 1) else { return Ok(Vec::new()) };
            let prepared = earlier.prepare(&run.snapshot).map_err(Refusal::internal)?;
            earlier.baselines_for_next_year(&prepared, &format!("run:{}", run.run.id)).map_err(Refusal::internal)
        })
        .await
        .map_err(Refusal::internal)?
    }

    /// A scheme that looks back to baselines which nobody supplies would leave every firm without points.
    fn refuse_without_baselines(&self, scheme: &Arc<Scheme>, year: i16, snapshot: &Snapshot) -> Result<()> {
        let missing = compile(self.law(), scheme, year)?.missing_baselines(snapshot);
        if missing.is_empty() {
            return Ok(());
        }
        let titles = |pick: fn(&law::scheme::Text) -> &str| -> Vec<String> {
            let title = |id: &String| self.law().title(Some(scheme), id).map_or(id.as_str(), pick).to_owned();
            missing.iter().map(title).collect()
        };
        Err(Refusal::new(
            Why::Conflict,
            "baselines_missing",
            format!(
                "方案用到 {} 年度的基准值（{}），但该年度没有审定的结果；请先审定上一年度的评价。",
                year - 1,
                titles(|t| &t.zh).join("、")
            ),
            format!(
                "The scheme takes baselines of {} ({}), and that year has no final result; make it final first.",
                year - 1,
                titles(|t| &t.en).join(", ")
            ),
        ))
    }

    fn assemble(&self, division: DivisionCode, year: i16, firms: &[Firm], known: &Known<'_>) -> Result<Snapshot> {
        let Known { scheme, redirects, view, last_year } = *known;
        let as_of = measure::as_of(scheme, year);
        let day = store::day_number(as_of);
        let ids: Vec<i64> = firms.iter().map(|f| f.id).collect();
        let subjects: Vec<Vec<String>> = subjects_of(&ids, redirects);
        let mut lineage = Vec::new();
        let mut columns = registry_columns(self, firms);
        let closed_lists = closed_lists(self.law(), view);
        let wanted = self.law().evaluation_facts();
        let firm_facts = self.law().facts.values().filter(|f| f.about == About::Firm && wanted.contains(f.id.as_str()));
        for fact in firm_facts {
            // A department that hands in its list of titles says by silence who holds none; one that
            // has handed in no such list has said nothing.
            let closed = fact.status && fact.kind == Kind::Boolean && closed_lists.contains(fact.id.as_str());
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
        columns.extend(applications(scheme, view, &subjects));
        columns.extend(scale_last_year(&ids, &subjects, last_year, &mut lineage));
        let land = land_records(view, redirects, &mut lineage);
        lineage.sort_by(|a, b| (&a.subject, &a.fact).cmp(&(&b.subject, &b.fact)));
        Ok(Snapshot {
            division: division.to_string(),
            year,
            as_of,
            firms: FirmTable::new(ids, columns).map_err(Refusal::internal)?,
            land,
            lineage,
            classes: Vec::new(),
            baselines: Vec::new(),
        })
    }
}

/// Titles of which a list was delivered: the facts that one column of a template can name, when at
/// least one of them is stated this year. A yes-or-no column of another table closes nothing: it
/// says yes or no of each firm itself.
pub(crate) fn closed_lists<'l>(law: &'l law::Law, view: &FactView) -> BTreeSet<&'l str> {
    let stated = view.stated();
    let columns = law.templates.iter().flat_map(|t| &t.tables).flat_map(|t| &t.columns);
    let lists = columns.filter(|column| column.role == ColumnRole::StatusKind);
    let delivered = lists.filter(|column| column.values.iter().any(|v| stated.contains(v.fact.as_str())));
    delivered.flat_map(|column| &column.values).map(|v| v.fact.as_str()).collect()
}

/// What a snapshot is assembled from, beside the register.
struct Known<'a> {
    scheme: &'a Scheme,
    redirects: &'a HashMap<i64, i64>,
    view: &'a FactView,
    /// Facts of the year before, one per code that the county has had.
    last_year: &'a [Arc<FactView>],
}

/// Earlier classes as those of the records that stand today. Where two joined records were both
/// classed, the one that stays keeps its own.
fn past_classes(records: Vec<ClassRecord>, redirects: &HashMap<i64, i64>) -> Vec<PastClass> {
    let mut found: BTreeMap<(i64, i16), (bool, i64, String)> = BTreeMap::new();
    for record in records {
        let today = redirects.get(&record.firm).copied().unwrap_or(record.firm);
        let new = (today != record.firm, record.firm, record.class);
        let at = found.entry((today, record.year as i16));
        at.and_modify(|old| *old = new.clone().min(old.clone())).or_insert(new);
    }
    found.into_iter().map(|((firm, year), (_, _, class))| PastClass { firm, year, class }).collect()
}

/// For each status that a firm has to ask for: who asked. Once one application is on file, the others
/// are known to have made none; before that nobody knows.
fn applications(scheme: &Scheme, view: &FactView, subjects: &[Vec<String>]) -> Vec<(String, Column)> {
    let asked = |names: &Vec<String>| names.iter().find_map(|s| view.text(s, "applied_for"));
    let texts: Vec<Option<&str>> = subjects.iter().map(asked).collect();
    if texts.iter().all(Option::is_none) {
        return Vec::new();
    }
    let statuses = scheme.statuses.iter().filter(|s| s.on_application);
    statuses
        .map(|status| {
            let names = [status.id.as_str(), status.label.as_str(), status.title.zh.as_str()];
            let holds = |text: &str| text.split(['、', '，', ',', ';', '；']).any(|part| names.contains(&part.trim()));
            let column = texts.iter().map(|text| Some(text.is_some_and(holds))).collect();
            (format!("applied_{}", status.id), Column::Boolean(column))
        })
        .collect()
}

/// Who was above scale in the year before, where that year's facts say so.
fn scale_last_year(
    ids: &[i64],
    subjects: &[Vec<String>],
    last_year: &[Arc<FactView>],
    lineage: &mut Vec<Lineage>,
) -> Option<(String, Column)> {
    let name = "above_scale_last_year";
    let mut column = Column::unknown(Kind::Boolean, ids.len());
    let mut any = false;
    for (row, names) in subjects.iter().enumerate() {
        let found = last_year.iter().find_map(|view| names.iter().find_map(|s| view.current(s, "above_scale")));
        if let Some(found) = found {
            any = true;
            put(&mut column, row, &found);
            lineage.push(Lineage { subject: format!("f:{}", ids[row]), fact: name.to_owned(), source: found.source() });
        }
    }
    any.then(|| (name.to_owned(), column))
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

#[cfg(test)]
mod tests {
    use super::*;
    use base::{Department, Digest};
    use store::{BatchMeta, FactBatch, FactRow, Segment, SegmentKind};

    fn division() -> DivisionCode {
        "370783".parse().expect("a division code")
    }

    /// Facts of one department and year: subject, fact, and a text or (without one) yes.
    fn view(department: Department, year: i16, rows: &[(&str, &str, Option<&str>)]) -> FactView {
        let mut batch = FactBatch::new(BatchMeta {
            department,
            file: "表.xlsx".into(),
            file_digest: None,
            received_at: "2025-03-01T00:00:00Z".into(),
            reason: String::new(),
        });
        for (subject, fact, text) in rows {
            let row = FactRow::new(subject, fact, store::day_number(jiff::civil::date(year, 1, 1)));
            let row = match text {
                Some(text) => row.text(text),
                None => row.number(10i128.pow(base::fixed::SCALE)),
            };
            batch.push(row);
        }
        let segment = Segment {
            sequence: 1,
            digest: Digest::of(b"segment"),
            division: division(),
            year: i32::from(year),
            department,
            kind: SegmentKind::Import,
            known_at: String::new(),
            reason: String::new(),
            actor: String::new(),
            rows: rows.len() as u64,
            import: None,
        };
        FactView::empty(division(), i32::from(year)).extended(vec![(segment, Arc::new(batch))])
    }

    fn record(firm: i64, year: i32, class: &str) -> ClassRecord {
        ClassRecord {
            division: division(),
            year,
            firm,
            population: "all".into(),
            class: class.into(),
            rank: None,
            total: None,
        }
    }

    #[test]
    fn years_in_a_class_go_on_after_two_records_are_joined() {
        let records = vec![record(7, 2023, "D"), record(7, 2024, "D"), record(1, 2024, "C"), record(8, 2023, "B")];
        // Record 7 was joined into 1, and 8 into 7 before that: both stand as 1 today.
        let redirects = HashMap::from([(7, 1), (8, 1)]);
        let past = past_classes(records, &redirects);
        let told: Vec<(i64, i16, &str)> = past.iter().map(|p| (p.firm, p.year, p.class.as_str())).collect();
        assert_eq!(told, [(1, 2023, "D"), (1, 2024, "C")], "the record that stays keeps its own class of 2024");
    }

    #[test]
    fn silence_says_no_only_of_titles_whose_list_was_delivered() {
        let (law, _) = law::Law::embedded();
        let tax = view(Department::Tax, 2025, &[("f:1", "tax_paid", None)]);
        assert!(closed_lists(&law, &tax).is_empty(), "a tax file without the credit grade says nothing of it");
        let science = view(Department::Science, 2025, &[("f:1", "high_tech", None)]);
        let closed = closed_lists(&law, &science);
        assert!(closed.contains("specialized_sme") && closed.contains("green_factory"));
        assert!(!closed.contains("honest_taxpayer") && !closed.contains("listed"));
    }

    #[test]
    fn those_who_asked_are_told_from_those_who_did_not_once_one_has_asked() {
        let (law, _) = law::Law::embedded();
        let mut scheme = law.schemes[0].clone();
        scheme.statuses = law.schemes.iter().flat_map(|s| &s.statuses).take(1).cloned().collect();
        let status = &mut scheme.statuses[0];
        (status.id, status.label, status.on_application) = ("relocating".into(), "免评".into(), true);
        let subjects = [vec!["f:1".to_owned()], vec!["f:2".to_owned()]];
        assert_eq!(applications(&scheme, &view(Department::Industry, 2025, &[]), &subjects), []);
        let asked = view(Department::Industry, 2025, &[("f:2", "applied_for", Some("建设期、免评"))]);
        let column = ("applied_relocating".to_owned(), Column::Boolean(vec![Some(false), Some(true)]));
        assert_eq!(applications(&scheme, &asked, &subjects), [column]);
    }

    #[test]
    fn scale_of_last_year_comes_from_last_years_facts_and_is_unknown_without_them() {
        let subjects = [vec!["f:1".to_owned()], vec!["f:2".to_owned(), "f:9".to_owned()], vec!["f:3".to_owned()]];
        let last = [Arc::new(view(
            Department::Statistics,
            2024,
            &[("f:1", "above_scale", None), ("f:9", "above_scale", None)],
        ))];
        let mut lineage = Vec::new();
        let found = scale_last_year(&[1, 2, 3], &subjects, &last, &mut lineage);
        let column = Column::Boolean(vec![Some(true), Some(true), None]);
        assert_eq!(found, Some(("above_scale_last_year".to_owned(), column)));
        assert_eq!(lineage.len(), 2, "each value names its cell");
        assert_eq!(scale_last_year(&[1], &subjects[..1], &[], &mut lineage), None);
    }
}
