//! One year in a county as the store lives it, told once and run on SQLite and on PostgreSQL. Each
//! chapter is a function; later chapters build on earlier ones.

use base::{Department, Digest, DivisionCode, Role, Scope, fixed};
use jiff::civil::date;
use rust_decimal::Decimal;
use sea_orm::{ConnectionTrait, Database};
use serde_json::json;
use store::*;
use testkit::*;

const COUNTY: &str = "370783";
const OTHER_COUNTY: &str = "370784";
const OTHER_CITY_COUNTY: &str = "370102";

#[tokio::test(flavor = "multi_thread")]
async fn the_story_of_one_year_on_sqlite() {
    let place = TempStore::sqlite();
    tell(place.address()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_story_of_one_year_on_postgresql() {
    let place = TempStore::postgres();
    tell(place.address()).await;
}

struct World {
    address: String,
    clock: FixedClock,
    store: Store,
    officer: Scope,
    province: Scope,
    firms: Vec<i64>,
    outside: Vec<i64>,
    evaluation: i64,
    foreign_evaluation: i64,
    run: i64,
}

async fn tell(address: &str) {
    let clock = FixedClock::new();
    let store = open(address, &clock).await;
    let mut world = World {
        address: address.to_owned(),
        officer: county_officer(COUNTY),
        province: Scope::system("story", division("370000")),
        clock,
        store,
        firms: Vec::new(),
        outside: Vec::new(),
        evaluation: 0,
        foreign_evaluation: 0,
        run: 0,
    };
    a_change_without_an_audit_entry_is_refused(&world).await;
    firms_are_registered_and_found(&mut world).await;
    a_firm_that_changes_keeps_its_versions(&world).await;
    a_merge_redirects_and_its_undo_leaves_no_trace(&world).await;
    two_officers_cannot_change_one_evaluation_at_once(&mut world).await;
    an_import_waits_for_decisions_and_is_accepted(&world).await;
    the_same_file_twice_changes_nothing_and_a_correction_keeps_the_old_version(&world).await;
    a_corrected_land_register_takes_back_the_lease_that_has_gone(&world).await;
    a_run_is_kept_and_published(&mut world).await;
    a_firm_confirms_and_objects(&world).await;
    what_ifs_are_kept_and_shared(&world).await;
    a_round_takes_filings_and_an_invoice_line_has_one_holder(&world).await;
    earlier_classes_make_streaks(&world).await;
    people_sign_in(&world).await;
    jobs_report_and_are_interrupted(&mut world).await;
    nobody_sees_a_row_outside_the_scope(&world).await;
    the_public_reads_publications_and_nothing_else(&world).await;
    reads_of_figures_are_audited_together(&world).await;
    damaged_objects_are_named(&world).await;
    the_audit_chain_holds_until_someone_alters_it(&world).await;
    chains_grow_by_revisions_and_their_cases_are_seen_by_those_concerned(&world).await;
    a_database_of_a_newer_program_is_refused(&world).await;
}

async fn open(address: &str, clock: &FixedClock) -> Store {
    Store::open(address, OpenOptions { clock: clock.as_fn(), ..OpenOptions::default() }).await.expect("the store opens")
}

fn county() -> DivisionCode {
    division(COUNTY)
}

fn entry(action: &str) -> NewAudit {
    NewAudit::new(action, "story", county())
}

fn note(reason: &str) -> VersionNote {
    VersionNote { valid_from: "2025-01-01".into(), reason: reason.into(), source: "登记机关通报".into() }
}

fn new_firm(number: usize, county: &str) -> NewFirm {
    NewFirm {
        credit_code: Some(credit_code(division(county), number)),
        name: firm_name(number),
        division: division(county),
        town: Some("古城街道".into()),
        address: Some(format!("古城街道兴业路{number}号")),
        industry: Some("3411".into()),
        founded: Some("2012-05-01".into()),
        in_construction: false,
        risen_from: Some(2019),
    }
}

/// The text of an error, for assertions on its kind.
fn code<T: std::fmt::Debug>(result: Result<T>) -> &'static str {
    result.expect_err("an error").code()
}

async fn a_change_without_an_audit_entry_is_refused(w: &World) {
    let mut tx = w.store.begin(&w.officer).await.unwrap();
    tx.insert_firm(&new_firm(1, COUNTY), &note("首次登记")).await.unwrap();
    assert_eq!(code(tx.commit().await), "unaudited");
    assert_eq!(w.store.read(&w.officer).firms_of_division(county()).await.unwrap(), []);

    // A failed piece of work leaves no trace either.
    let failed: Result<()> = w
        .store
        .write(&w.officer, async |tx| {
            tx.insert_firm(&new_firm(1, COUNTY), &note("首次登记")).await?;
            tx.audit(entry("firm.insert"));
            tx.read().get_firm(999).await?;
            Ok(())
        })
        .await;
    assert_eq!(code(failed), "not_found");
    assert_eq!(w.store.read(&w.officer).firms_of_division(county()).await.unwrap(), []);
    assert_eq!(w.store.verify_audit().await.unwrap().entries, 0);
}

async fn firms_are_registered_and_found(w: &mut World) {
    let own: Vec<NewFirm> = (1..=20).map(|n| new_firm(n, COUNTY)).collect();
    let others = [new_firm(101, OTHER_COUNTY), new_firm(102, OTHER_CITY_COUNTY)];
    (w.firms, w.outside) = w
        .store
        .write(&w.province, async |tx| {
            let own = tx.insert_firms(&own, &note("首次登记")).await?;
            let others = tx.insert_firms(&others, &note("首次登记")).await?;
            tx.audit(entry("firm.insert").with(json!({"firms": own.len() + others.len()})));
            Ok::<_, StoreError>((own, others))
        })
        .await
        .unwrap();
    assert_eq!(w.firms, (1..=20).collect::<Vec<i64>>());

    let read = w.store.read(&w.officer);
    let find = async |q: &str| {
        let filter = FirmFilter { q: Some(q.into()), ..FirmFilter::default() };
        let found = read.search_firms(&filter, FirmSort::Id, Page::first(100)).await.unwrap();
        found.rows.iter().map(|f| f.id).collect::<Vec<i64>>()
    };
    let third = read.get_firm(3).await.unwrap();
    assert_eq!(third.name, "北埠3号化工有限公司");
    assert_eq!(third.initials, "bb3hhgyxgs");
    assert_eq!(find("3号化工").await, [3]);
    assert_eq!(find("bb3hhg").await, [3]);
    assert_eq!(find("BB3H").await, [3]);
    assert_eq!(find("３号化工").await, [3], "full-width digits");
    assert_eq!(find(third.credit_code.as_deref().unwrap()).await, [3]);
    assert_eq!(find(&third.credit_code.as_deref().unwrap()[..8]).await.len(), 20);
    assert_eq!(find("100%").await, [0i64; 0], "a percent sign stands for itself");
    assert_eq!(find("_号").await, [0i64; 0], "an underscore stands for itself");

    let filter = FirmFilter { industry: Some("34".into()), town: Some("古城街道".into()), ..FirmFilter::default() };
    let page = read.search_firms(&filter, FirmSort::NameDesc, Page { offset: 5, limit: 3 }).await.unwrap();
    assert_eq!((page.total, page.rows.len()), (20, 3));
    assert!(page.rows[0].name > page.rows[1].name);

    let taken = w.store.write(&w.officer, async |tx| tx.insert_firm(&new_firm(3, COUNTY), &note("重复")).await).await;
    assert_eq!(code(taken), "unique");
    let outside =
        w.store.write(&w.officer, async |tx| tx.insert_firm(&new_firm(77, OTHER_COUNTY), &note("越权")).await);
    assert_eq!(code(outside.await), "out_of_scope");
}

async fn a_firm_that_changes_keeps_its_versions(w: &World) {
    let before = w.store.read(&w.officer).get_firm(5).await.unwrap();
    let learnt_first = w.store.now();
    w.clock.advance_secs(86_400);
    let renamed = NewFirm { name: "东河5号新材料有限公司".into(), ..before.editable() };
    let note = VersionNote { valid_from: "2025-06-01".into(), ..note("更名") };
    w.store
        .write(&w.officer, async |tx| {
            tx.audit(entry("firm.rename"));
            tx.update_firm(5, &renamed, FirmStatus::Active, &note).await
        })
        .await
        .unwrap();
    let read = w.store.read(&w.officer);
    let versions = read.firm_versions(5).await.unwrap();
    assert_eq!(versions.iter().map(|v| v.reason.as_str()).collect::<Vec<_>>(), ["首次登记", "更名"]);
    assert_eq!(versions[0].firm, before);
    let name_at = async |valid: &str, known: &str| read.firm_as_of(5, valid, known).await.unwrap().map(|f| f.name);
    let now = w.store.now();
    assert_eq!(name_at("2025-07-01", &now).await.as_deref(), Some("东河5号新材料有限公司"));
    assert_eq!(name_at("2025-03-01", &now).await, Some(before.name.clone()), "before the new name was true");
    assert_eq!(name_at("2025-07-01", &learnt_first).await, Some(before.name), "before the new name was known");
    assert_eq!(name_at("2025-07-01", "2020-01-01T00:00:00.000000Z").await, None);
}

async fn a_merge_redirects_and_its_undo_leaves_no_trace(w: &World) {
    let read = w.store.read(&w.officer);
    let before = read.firms_of_division(county()).await.unwrap();
    let gone = read.get_firm(8).await.unwrap();
    let merge = async |keep, gone| {
        w.store
            .write(&w.officer, async |tx| {
                tx.audit(entry("firm.merge"));
                tx.merge_firms(keep, gone, &note("同一企业两次登记")).await
            })
            .await
    };
    let first = merge(7, 8).await.unwrap();
    let second = merge(6, 7).await.unwrap();
    assert_eq!(read.resolve_firm(8).await.unwrap(), 6, "redirects lead to their end");
    assert_eq!(read.find_firm_by_code(gone.credit_code.as_deref().unwrap()).await.unwrap().unwrap().id, 6);
    assert_eq!(read.firm_redirects(county()).await.unwrap(), [(7, 6), (8, 6)].into());
    assert_eq!(read.firms_of_division(county()).await.unwrap().len(), before.len() - 2);
    assert_eq!(code(merge(9, 8).await), "conflict");
    assert_eq!(code(merge(9, 9).await), "invalid");
    let undo = async |id| {
        w.store
            .write(&w.officer, async |tx| {
                tx.audit(entry("firm.split"));
                tx.undo_merge(id, &note("并非同一企业")).await
            })
            .await
    };
    undo(first).await.unwrap();
    undo(second).await.unwrap();
    assert_eq!(code(undo(second).await), "conflict");
    assert_eq!(read.firms_of_division(county()).await.unwrap(), before);
    let merges = read.list_firm_merges(county()).await.unwrap();
    assert_eq!(merges.len(), 2);
    assert!(merges.iter().all(|m| m.undone_by.as_deref() == Some(w.officer.actor())));
}

async fn two_officers_cannot_change_one_evaluation_at_once(w: &mut World) {
    let new = |place: &str| NewEvaluation {
        division: division(place),
        year: 2025,
        scheme: "example".into(),
        state: "collecting".into(),
        clocks: json!({}),
    };
    let (own, foreign) = w
        .store
        .write(&w.province, async |tx| {
            tx.audit(entry("evaluation.open"));
            let own = tx.insert_evaluation(&new(COUNTY)).await?;
            Ok::<_, StoreError>((own, tx.insert_evaluation(&new(OTHER_COUNTY)).await?))
        })
        .await
        .unwrap();
    (w.evaluation, w.foreign_evaluation) = (own.id, foreign.id);
    let other_scheme = NewEvaluation { scheme: "another".into(), ..new(COUNTY) };
    for second in [new(COUNTY), other_scheme] {
        let again = w.store.write(&w.officer, async |tx| tx.insert_evaluation(&second).await).await;
        assert_eq!(code(again), "unique", "a year of a county has one evaluation, whatever its scheme");
    }

    let read = w.store.read(&w.officer);
    let (mut hers, mut his) = (read.get_evaluation(own.id).await.unwrap(), read.get_evaluation(own.id).await.unwrap());
    hers.state = "frozen".into();
    his.state = "cancelled".into();
    let keep = async |evaluation: &Evaluation| {
        w.store
            .write(&w.officer, async |tx| {
                tx.audit(entry("evaluation.change"));
                tx.update_evaluation(evaluation).await
            })
            .await
    };
    let (first, second) = tokio::join!(keep(&hers), keep(&his));
    assert!(first.is_ok() != second.is_ok(), "exactly one of them wins");
    let (won, lost) = if first.is_ok() { (first, second) } else { (second, first) };
    let won = won.unwrap();
    assert_eq!(won.version, 2);
    match lost.unwrap_err() {
        StoreError::Conflict { what, expected, found, .. } => {
            assert_eq!(what, "evaluation");
            assert!(expected.starts_with("version 1") && found.starts_with("version 2"), "{expected} / {found}");
        }
        other => panic!("{other}"),
    }
    assert_eq!(read.get_evaluation(own.id).await.unwrap(), won);
}

fn meta(department: Department, file: &str, reason: &str) -> BatchMeta {
    BatchMeta {
        department,
        file: file.into(),
        file_digest: Some(Digest::of(file.as_bytes())),
        received_at: "2026-03-02T00:00:00.000000Z".into(),
        reason: reason.into(),
    }
}

fn scaled(text: &str) -> i128 {
    fixed::to_scaled(text.parse().unwrap()).unwrap()
}

fn new_year() -> i32 {
    day_number(date(2025, 1, 1))
}

/// Taxes of three firms, as the tax department sends them.
fn tax_file(file: &str, reason: &str, figures: &[(i64, &str)]) -> FactBatch {
    let mut batch = FactBatch::new(meta(Department::Tax, file, reason));
    for (i, (firm, figure)) in figures.iter().enumerate() {
        let subject = format!("f:{firm}");
        let row = FactRow::new(&subject, "tax_paid", new_year())
            .until(day_number(date(2025, 12, 31)))
            .number(scaled(figure))
            .at(Some("明细"), i as u32 + 5, 6);
        batch.push(row);
    }
    batch
}

async fn accept(w: &World, scope: &Scope, kind: SegmentKind, batch: &FactBatch) -> Segment {
    let encoded = batch.encode().unwrap();
    let new = NewSegment { division: county(), year: 2025, kind, reason: batch.meta().reason.clone() };
    w.store
        .write(scope, async |tx| {
            tx.audit(entry("facts.accept"));
            tx.insert_segment(&new, &encoded).await
        })
        .await
        .unwrap()
}

async fn an_import_waits_for_decisions_and_is_accepted(w: &World) {
    let tax = department_owner(COUNTY, Department::Tax);
    let workbook = b"the workbook as sent".as_slice();
    let new = |digest| NewImport {
        evaluation: w.evaluation,
        division: county(),
        year: 2025,
        template: "tax".into(),
        department: Department::Tax,
        file_digest: digest,
        file_name: "税务.xlsx".into(),
    };
    let import = w
        .store
        .write(&tax, async |tx| {
            tx.audit(entry("import.begin"));
            let digest = tx.put_object(workbook, ObjectAccess::department(county(), Department::Tax)).await?;
            let file = NewStoredFile {
                digest,
                name: "税务.xlsx".into(),
                size: workbook.len() as u64,
                division: county(),
                firm: None,
                department: Some(Department::Tax),
            };
            tx.insert_file(&file).await?;
            let import = tx.insert_import(&new(digest)).await?;
            let doubt = |row| NewDoubt { row, payload: json!({"name": "东河机械", "candidates": [1, 2]}) };
            tx.insert_doubts(import.id, &[doubt(9), doubt(4)]).await?;
            Ok::<_, StoreError>(import)
        })
        .await
        .unwrap();
    assert_eq!((import.state, import.version), (ImportState::Reading, 1));
    assert_eq!(w.store.read(&tax).get_object(import.file_digest).await.unwrap(), workbook);

    let decided = w
        .store
        .write(&tax, async |tx| {
            tx.audit(entry("import.decide"));
            tx.decide_doubt(import.id, 4, Decision::Firm(2)).await?;
            tx.decide_doubt(import.id, 9, Decision::NoFirm).await
        })
        .await
        .unwrap();
    assert_eq!((decided.decision, decided.decided_by.as_deref()), (Decision::NoFirm, Some(tax.actor())));
    let doubts = w.store.read(&w.officer).list_doubts(import.id).await.unwrap();
    assert_eq!(
        doubts.iter().map(|d| (d.row, d.decision)).collect::<Vec<_>>(),
        [(4, Decision::Firm(2)), (9, Decision::NoFirm)]
    );

    // The figures are accepted with the import, in one transaction.
    let batch = tax_file("税务.xlsx", "", &[(1, "120.5"), (2, "33.000000000000000001"), (3, "0")]);
    let encoded = batch.encode().unwrap();
    let accepted = w
        .store
        .write(&w.officer, async |tx| {
            tx.audit(entry("import.accept"));
            let new = NewSegment { division: county(), year: 2025, kind: SegmentKind::Import, reason: String::new() };
            let segment = tx.insert_segment(&new, &encoded).await?;
            // The transaction sees its own facts, others do not.
            assert_eq!(tx.read().facts(county(), 2025).await?.statements(), 3);
            let mut import = tx.read().get_import(import.id).await?;
            import.state = ImportState::Accepted;
            import.counts = json!({"rows": 3, "matched": 3});
            import.segment = Some(segment.sequence);
            import.accepted_by = Some(tx.scope().actor().to_owned());
            import.accepted_at = Some(tx.now().to_owned());
            tx.update_import(&import).await
        })
        .await
        .unwrap();
    assert_eq!((accepted.state, accepted.version, accepted.segment), (ImportState::Accepted, 2, Some(1)));
    let stale = w.store.write(&w.officer, async |tx| tx.update_import(&import).await).await;
    assert_eq!(code(stale), "conflict");
    let filter = ImportFilter { file_digest: Some(import.file_digest), ..ImportFilter::default() };
    assert_eq!(w.store.read(&w.officer).list_imports(&filter).await.unwrap(), [accepted]);
}

async fn the_same_file_twice_changes_nothing_and_a_correction_keeps_the_old_version(w: &World) {
    let before = w.store.now();
    let read = w.store.read(&w.officer);
    let view = read.facts(county(), 2025).await.unwrap();
    assert_eq!(view.number("f:2", "tax_paid").unwrap().to_string(), "33.000000000000000001");
    assert_eq!(view.current("f:1", "tax_paid").unwrap().source().cell(), "明细!F5");

    let same = tax_file("税务.xlsx", "", &[(1, "120.5"), (2, "33.000000000000000001"), (3, "0")]);
    let diff = view.diff(&same, &Coverage::Whole(Unread::default())).unwrap();
    assert_eq!((diff.new, diff.changed, diff.unchanged, diff.retracted), (0, 0, 3, 0));
    assert!(diff.batch.is_empty());

    w.clock.advance_secs(3600);
    let corrected = tax_file("税务-更正.xlsx", "补录", &[(3, "7.25"), (1, "120.50"), (4, "9")]);
    let diff = view.diff(&corrected, &Coverage::Named).unwrap();
    assert_eq!((diff.new, diff.changed, diff.unchanged, diff.retracted), (1, 1, 1, 0));
    assert_eq!(diff.changes[0].before.number, Some(Decimal::ZERO));
    assert_eq!(diff.changes[0].after.as_ref().unwrap().number, Some("7.25".parse().unwrap()));
    accept(w, &department_owner(COUNTY, Department::Tax), SegmentKind::Import, &diff.batch).await;

    let now = read.facts(county(), 2025).await.unwrap();
    assert_eq!(now.number("f:3", "tax_paid"), Some("7.25".parse().unwrap()));
    assert_eq!(now.number("f:1", "tax_paid"), Some("120.5".parse().unwrap()));
    assert_eq!(now.number("f:9", "tax_paid"), None, "unknown is not zero");
    let history = now.history("f:3", "tax_paid");
    assert_eq!(
        history.iter().map(|f| f.number().unwrap()).collect::<Vec<_>>(),
        ["7.25".parse().unwrap(), Decimal::ZERO]
    );
    assert_eq!(history[0].source().reason, "补录");
    assert_eq!(history[1].source().file, "税务.xlsx");

    let then = read.facts_as_of(county(), 2025, &before).await.unwrap();
    assert_eq!(then.number("f:3", "tax_paid"), Some(Decimal::ZERO), "what was known before the correction");
    assert_eq!(then.last_sequence(), 1);

    // A clock that is set back does not reorder knowledge.
    w.clock.advance_secs(-7200);
    let segment = accept(w, &w.officer, SegmentKind::Correction, &tax_file("更正单", "复核", &[(4, "9.5")])).await;
    let known: Vec<String> =
        read.list_segments(county(), 2025).await.unwrap().into_iter().map(|s| s.known_at).collect();
    assert!(known.is_sorted() && segment.known_at == known[1], "{known:?}");
    w.clock.advance_secs(7200);

    let twice = tax_file("税务.xlsx", "", &[(1, "1"), (1, "2")]);
    match now.diff(&twice, &Coverage::Named) {
        Err(FactFault::Twice { subject, first, second, .. }) => {
            assert_eq!((subject.as_str(), first.as_str(), second.as_str()), ("f:1", "明细!F5", "明细!F6"));
        }
        other => panic!("{other:?}"),
    }
}

async fn a_corrected_land_register_takes_back_the_lease_that_has_gone(w: &World) {
    let land = department_owner(COUNTY, Department::Land);
    let register = |leases: &[(i64, &str)]| {
        let mut batch = FactBatch::new(meta(Department::Land, "土地.xls", ""));
        batch.push(FactRow::new("p:A1", "parcel_owner", new_year()).text("f:1").at(Some("宗地"), 3, 2));
        batch.push(FactRow::new("p:A1", "parcel_area", new_year()).number(scaled("40")).at(Some("宗地"), 3, 4));
        batch.push(FactRow::new("p:B2", "parcel_owner", new_year()).text("f:12").at(Some("宗地"), 4, 2));
        for (tenant, area) in leases {
            let subject = format!("l:A1:{tenant}");
            batch.push(FactRow::new(&subject, "lease_area", new_year()).number(scaled(area)).at(Some("租赁"), 3, 5));
        }
        batch
    };
    let empty = w.store.read(&land).facts(county(), 2025).await.unwrap();
    assert_eq!(empty.statements(), 0, "the land department does not see what the tax department stated");
    accept(w, &land, SegmentKind::Import, &register(&[(2, "5"), (3, "6.5")])).await;
    let view = w.store.read(&w.officer).facts(county(), 2025).await.unwrap();
    let diff = view.diff(&register(&[(2, "5")]), &Coverage::Whole(Unread::default())).unwrap();
    assert_eq!((diff.new, diff.changed, diff.unchanged, diff.retracted), (0, 0, 4, 1));
    assert_eq!((diff.changes[0].subject.as_str(), diff.changes[0].after.is_none()), ("l:A1:3", true));
    // A lease that may stand in a row which could not be read is not one that has gone.
    for (facts, subjects) in [(None, Some("l:A1:")), (Some(("l:A1:3", "lease_area")), None), (None, Some("l:"))] {
        let unread = Unread {
            facts: facts.into_iter().map(|(s, f): (&str, &str)| (s.to_owned(), f.to_owned())).collect(),
            subjects: subjects.into_iter().map(str::to_owned).collect(),
        };
        let diff = view.diff(&register(&[(2, "5")]), &Coverage::Whole(unread)).unwrap();
        assert_eq!((diff.unchanged, diff.retracted, diff.kept), (4, 0, 1), "{facts:?} {subjects:?}");
    }
    let elsewhere = Unread { subjects: ["l:A".to_owned(), "l:B2:".to_owned()].into(), ..Unread::default() };
    assert_eq!(view.diff(&register(&[(2, "5")]), &Coverage::Whole(elsewhere)).unwrap().retracted, 1);
    accept(w, &land, SegmentKind::Import, &diff.batch).await;
    let view = w.store.read(&w.officer).facts(county(), 2025).await.unwrap();
    assert!(view.current("l:A1:3", "lease_area").is_none());
    assert_eq!(view.history("l:A1:3", "lease_area").len(), 2, "what was stated stays");
    assert_eq!(view.number("f:1", "tax_paid"), Some("120.5".parse().unwrap()), "other departments' facts stay");
    assert_eq!(view.subjects_with("l:").collect::<Vec<_>>(), ["l:A1:2", "l:A1:3"]);

    // A firm sees itself, its parcels and the leases it has part in.
    let own = w.store.read(&firm_scope(COUNTY, 1)).facts(county(), 2025).await.unwrap();
    assert_eq!(own.subjects().collect::<Vec<_>>(), ["f:1", "l:A1:2", "l:A1:3", "p:A1"]);
    assert!(own.current("f:2", "tax_paid").is_none());
    assert!(own.iter().all(|f| f.subject() != "f:2"));
    let tenant = w.store.read(&firm_scope(COUNTY, 2)).facts(county(), 2025).await.unwrap();
    assert_eq!(tenant.subjects().collect::<Vec<_>>(), ["f:2", "l:A1:2"]);

    // What was filed under a row that turned out to be the same firm is seen too, for as long as they are one.
    let merge = w
        .store
        .write(&w.officer, async |tx| {
            tx.audit(entry("firm.merge"));
            tx.merge_firms(2, 1, &note("同一企业两次登记")).await
        })
        .await
        .unwrap();
    let both = w.store.read(&firm_scope(COUNTY, 2)).facts(county(), 2025).await.unwrap();
    assert_eq!(both.subjects().collect::<Vec<_>>(), ["f:1", "f:2", "l:A1:2", "l:A1:3", "p:A1"]);
    w.store
        .write(&w.officer, async |tx| {
            tx.audit(entry("firm.split"));
            tx.undo_merge(merge, &note("并非同一企业")).await
        })
        .await
        .unwrap();
    let tenant = w.store.read(&firm_scope(COUNTY, 2)).facts(county(), 2025).await.unwrap();
    assert_eq!(tenant.subjects().collect::<Vec<_>>(), ["f:2", "l:A1:2"]);

    let other_department = FactBatch::new(meta(Department::Land, "土地.xls", "")).encode().unwrap();
    let new = NewSegment { division: county(), year: 2025, kind: SegmentKind::Import, reason: String::new() };
    let tax = department_owner(COUNTY, Department::Tax);
    let refused = w.store.write(&tax, async |tx| tx.insert_segment(&new, &other_department).await).await;
    assert_eq!(code(refused), "out_of_scope");
}

async fn a_run_is_kept_and_published(w: &mut World) {
    let (run, publication) = w
        .store
        .write(&w.officer, async |tx| {
            tx.audit(entry("run.publish"));
            let office = ObjectAccess::office(county());
            let new = NewRun {
                evaluation: w.evaluation,
                kind: RunKind::Notice,
                snapshot_digest: tx.put_object(b"snapshot", office).await?,
                law_digest: tx.put_object(b"law", office).await?,
                engine_version: "0.1.0".into(),
                result_digest: tx.put_object(b"result", office).await?,
                summary: json!({"A": 4, "B": 9}),
                previous: None,
            };
            let trial = tx.insert_run(&NewRun { kind: RunKind::Trial, ..new.clone() }).await?;
            let run = tx.insert_run(&NewRun { previous: Some(trial.id), ..new }).await?;
            let payload_digest = tx.put_object(b"what the public reads", office).await?;
            let new = NewPublication { run: run.id, kind: PublicationKind::Notice, payload_digest };
            Ok::<_, StoreError>((run, tx.insert_publication(&new).await?))
        })
        .await
        .unwrap();
    w.run = run.id;
    let read = w.store.read(&w.officer);
    assert_eq!(read.list_runs(w.evaluation).await.unwrap().len(), 2);
    assert_eq!(read.get_run(run.id).await.unwrap(), run);
    let firm = firm_scope(COUNTY, 1);
    let seen = w.store.read(&firm).list_runs(w.evaluation).await.unwrap();
    assert_eq!(seen.iter().map(|r| r.kind).collect::<Vec<_>>(), [RunKind::Notice], "a firm sees no trial run");
    let missing =
        NewPublication { run: run.id, kind: PublicationKind::Final, payload_digest: Digest::of(b"never put") };
    let refused = w.store.write(&w.officer, async |tx| tx.insert_publication(&missing).await).await;
    assert_eq!(code(refused), "not_found");
    let close = async || {
        w.store
            .write(&w.officer, async |tx| {
                tx.audit(entry("publication.close"));
                tx.close_publication(publication.id).await
            })
            .await
    };
    assert!(close().await.unwrap().closed_at.is_some());
    assert_eq!(code(close().await), "conflict");
}

async fn a_firm_confirms_and_objects(w: &World) {
    let firm = firm_scope(COUNTY, 1);
    let objection = w
        .store
        .write(&firm, async |tx| {
            tx.audit(entry("objection.raise"));
            tx.put_confirmation(w.evaluation, 1, ConfirmationState::Confirmed, &json!({})).await?;
            tx.put_confirmation(w.evaluation, 1, ConfirmationState::Disputed, &json!({"lease_area": "少计"})).await?;
            let file = tx.put_object(b"lease contract", ObjectAccess::firm(county(), 1)).await?;
            let new = NewObjection {
                evaluation: w.evaluation,
                firm: 1,
                indicator: "lease_area".into(),
                subject: "l:A1:2".into(),
                department: Some(Department::Land),
                claim: json!({"seen": "5", "claimed": "4"}),
                file_digest: Some(file),
                state: "raised".into(),
                events: vec![json!({"by": "firm-1", "did": "raised"})],
            };
            tx.insert_objection(&new).await
        })
        .await
        .unwrap();
    let confirmations = w.store.read(&w.officer).list_confirmations(w.evaluation).await.unwrap();
    assert_eq!(confirmations.len(), 1);
    assert_eq!(confirmations[0].state, ConfirmationState::Disputed);
    let for_another = w
        .store
        .write(&firm, async |tx| tx.put_confirmation(w.evaluation, 2, ConfirmationState::Confirmed, &json!({})).await)
        .await;
    assert_eq!(code(for_another), "out_of_scope");

    let land = department_owner(COUNTY, Department::Land);
    let tax = department_owner(COUNTY, Department::Tax);
    assert_eq!(w.store.read(&tax).list_objections(&ObjectionFilter::default()).await.unwrap(), []);
    let mut answered = w.store.read(&land).get_objection(objection.id).await.unwrap();
    answered.state = "answered".into();
    answered.events.push(json!({"by": "land", "did": "answered"}));
    let kept = async |objection: &Objection| {
        w.store
            .write(&land, async |tx| {
                tx.audit(entry("objection.answer"));
                tx.update_objection(objection).await
            })
            .await
    };
    let now = kept(&answered).await.unwrap();
    assert_eq!((now.version, now.events.len()), (2, 2));
    assert_eq!(code(kept(&answered).await), "conflict");
    let forgetful = Objection { events: vec![], ..now };
    assert_eq!(code(kept(&forgetful).await), "invalid", "events are never taken away");
}

async fn what_ifs_are_kept_and_shared(w: &World) {
    let new =
        NewWhatIf {
            run: w.run, title: "亩均税收权重五十".into(), overlay: json!({"weights": {"tax_per_mu": 50}})
        };
    let kept = w
        .store
        .write(&w.officer, async |tx| {
            tx.audit(entry("what_if.keep"));
            tx.insert_what_if(&new).await?;
            tx.insert_what_if(&new).await
        })
        .await
        .unwrap();
    let read = w.store.read(&w.officer);
    assert_eq!(read.list_what_ifs(w.run).await.unwrap().len(), 2);
    assert_eq!(read.find_shared_what_if(&kept.share_token).await.unwrap(), Some(kept.clone()));
    let stranger = county_officer(OTHER_COUNTY);
    assert_eq!(w.store.read(&stranger).find_shared_what_if(&kept.share_token).await.unwrap(), None);
    assert_eq!(w.store.read(&firm_scope(COUNTY, 1)).list_what_ifs(w.run).await.unwrap(), []);
    let colleague = Scope::of_account("colleague", Role::CountyOfficer, county(), None, None);
    let delete = async |scope: &Scope| {
        w.store
            .write(scope, async |tx| {
                tx.audit(entry("what_if.delete"));
                tx.delete_what_if(kept.id).await
            })
            .await
    };
    assert_eq!(code(delete(&colleague).await), "not_found");
    delete(&w.officer).await.unwrap();
}

async fn earlier_classes_make_streaks(w: &World) {
    let record = |year, firm, class: &str| ClassRecord {
        division: county(),
        year,
        firm,
        population: "above_scale".into(),
        class: class.into(),
        rank: Some(firm as u32),
        total: Some("81.50".parse().unwrap()),
    };
    let records = [
        record(2021, 1, "D"),
        record(2022, 1, "D"),
        record(2023, 1, "D"),
        record(2024, 1, "D"),
        record(2022, 2, "D"),
        record(2024, 2, "D"),
        record(2023, 3, "A"),
        record(2024, 3, "B"),
        record(2023, 4, "A"),
    ];
    let insert = async || {
        w.store
            .write(&w.officer, async |tx| {
                tx.audit(entry("classes.load"));
                tx.insert_classes(&records).await
            })
            .await
    };
    insert().await.unwrap();
    assert_eq!(code(insert().await), "unique");
    let read = w.store.read(&w.officer);
    let streaks = read.class_streaks(county(), 2024).await.unwrap();
    let streak = |class: &str, years| Streak { class: class.into(), years };
    assert_eq!(streaks, [(1, streak("D", 4)), (2, streak("D", 1)), (3, streak("B", 1))].into());
    let kept = read.classes(county(), 2023..=2024).await.unwrap();
    assert_eq!(kept.len(), 6);
    assert_eq!(kept[0].total.unwrap().to_string(), "81.50", "as published");
    assert_eq!(w.store.read(&firm_scope(COUNTY, 2)).classes(county(), 2021..=2025).await.unwrap().len(), 2);
}

async fn people_sign_in(w: &World) {
    let security = Scope::of_account("security", Role::SecurityAdmin, division("370700"), None, None);
    let new = |sign_in: &str, role, firm, department| NewAccount {
        sign_in: sign_in.into(),
        name: "测试账号".into(),
        role,
        division: county(),
        department,
        firm,
        password_hash: "$argon2id$…".into(),
        must_change: true,
    };
    let make = async |account: NewAccount| {
        w.store
            .write(&security, async |tx| {
                tx.audit(entry("account.make"));
                tx.insert_account(&account).await
            })
            .await
    };
    let account = make(new("li", Role::CountyOfficer, None, None)).await.unwrap();
    assert_eq!(code(make(new("li", Role::Auditor, None, None)).await), "unique");
    assert_eq!(code(make(new("f", Role::Firm, None, None)).await), "invalid");
    assert_eq!(code(make(new("d", Role::DepartmentOwner, None, None)).await), "invalid");
    make(new("qi-1", Role::Firm, Some(1), None)).await.unwrap();
    let by_officer = w.store.write(&w.officer, async |tx| {
        tx.audit(entry("account.make"));
        tx.insert_account(&new("x", Role::Auditor, None, None)).await
    });
    assert_eq!(code(by_officer.await), "out_of_scope");

    let system = Scope::system("sign-in", division("370000"));
    let token = Digest::of(b"token");
    let expires_at = "2026-03-04T00:00:00.000000Z".to_owned();
    w.store
        .write(&system, async |tx| {
            tx.audit(entry("session.begin"));
            tx.insert_session(&NewSession { token_digest: token, account: account.id, csrf: "c".into(), expires_at })
                .await
        })
        .await
        .unwrap();
    let (session, whose) = w.store.read(&system).find_session(token).await.unwrap().unwrap();
    assert_eq!((whose.sign_in.as_str(), session.csrf.as_str()), ("li", "c"));
    assert_eq!(whose.scope(), Scope::of_account("li", Role::CountyOfficer, county(), None, None));
    assert!(!serde_json::to_string(&whose).unwrap().contains("argon2"), "a hash is never sent");

    let stored_before = session.last_seen_at;
    w.clock.advance_secs(60);
    w.store.touch_session(token).await.unwrap();
    let (session, _) = w.store.read(&system).find_session(token).await.unwrap().unwrap();
    assert!(session.last_seen_at > stored_before);
    w.clock.advance_secs(2 * 86_400);
    assert!(w.store.read(&system).find_session(token).await.unwrap().is_none(), "an expired session is none");
    assert_eq!(w.store.delete_idle_sessions("2000-01-01T00:00:00.000000Z").await.unwrap(), 1);

    let herself = whose.scope();
    let own_password = w.store.write(&herself, async |tx| {
        tx.audit(entry("account.password"));
        tx.set_password(account.id, "$argon2id$new", false).await?;
        tx.read().get_account(account.id).await
    });
    let own = own_password.await.unwrap();
    assert_eq!((own.must_change, own.password_hash.as_str()), (false, "$argon2id$new"));
    let raised = w.store.write(&herself, async |tx| {
        tx.audit(entry("account.set_role"));
        tx.set_powers(account.id, &Powers { role: Role::ProvinceOfficer, department: None, firm: None }).await
    });
    assert_eq!(code(raised.await), "out_of_scope", "nobody raises the own role");
    accounts_change_one_matter_at_a_time(w, &security, account.id).await;
}

async fn accounts_change_one_matter_at_a_time(w: &World, security: &Scope, id: i64) {
    let until = "2026-04-01T00:00:00.000000Z";
    let mut locked = Vec::new();
    for _ in 0..3 {
        let counted = w.store.write(security, async |tx| {
            tx.audit(entry("session.failed"));
            tx.count_failure(id, 3, until).await
        });
        locked.push(counted.await.unwrap());
    }
    assert_eq!(locked, [false, false, true]);
    let disabled = w.store.write(security, async |tx| {
        tx.audit(entry("account.disable"));
        tx.set_disabled(id, true).await
    });
    disabled.await.unwrap();
    let account = w.store.read(security).get_account(id).await.unwrap();
    assert_eq!((account.failed_count, account.locked_until.as_deref(), account.disabled), (0, Some(until), true));
    assert_eq!(account.role, Role::CountyOfficer);
    let new = NewPerson {
        sign_in: "new".into(),
        name: "新岗位".into(),
        division: county(),
        password_hash: "$argon2id$…".into(),
    };
    let made = w.store.write(security, async |tx| {
        tx.audit(entry("account.create"));
        tx.insert_person(&new).await
    });
    let person = made.await.unwrap();
    assert_eq!((person.role, person.disabled, person.must_change), (Role::Public, true, true));
    assert_eq!(person.created_by.as_deref(), Some("security"));
}

async fn jobs_report_and_are_interrupted(w: &mut World) {
    let new = NewJob { kind: "import".into(), subject: "import:1".into(), division: county() };
    let job = w.store.create_job(&w.officer, &new).await.unwrap();
    let other = w.store.create_job(&w.officer, &new).await.unwrap();
    w.store.start_job(job.id).await.unwrap();
    w.store.start_job(other.id).await.unwrap();
    let progress = JobProgress { done: 3, total: 10, stage: "matching".into(), message: "匹配".into() };
    w.store.report_progress(job.id, progress.clone());
    let seen = w.store.read(&w.officer).get_job(job.id).await.unwrap();
    assert_eq!((seen.state, seen.progress), (JobState::Running, progress));
    // Progress can be reported by whoever holds the turn to write.
    let tx = w.store.begin(&w.officer).await.unwrap();
    w.store.report_progress(job.id, JobProgress { done: 10, total: 10, ..JobProgress::default() });
    tx.rollback().await.unwrap();
    w.store.ask_cancel(&w.officer, other.id).await.unwrap();
    assert!(w.store.is_cancel_asked(other.id) && !w.store.is_cancel_asked(job.id));
    w.store.finish_job(job.id, JobState::Done, Some(&json!({"rows": 3})), None).await.unwrap();
    let done = w.store.read(&w.officer).get_job(job.id).await.unwrap();
    assert_eq!((done.state, done.progress.done, done.result), (JobState::Done, 10, Some(json!({"rows": 3}))));
    assert_eq!(code(w.store.finish_job(job.id, JobState::Failed, None, None).await), "conflict");

    // A command that only looks leaves running jobs alone; the server that starts again does not.
    let looking = OpenOptions { interrupt_jobs: false, clock: w.clock.as_fn(), ..OpenOptions::default() };
    let beside = Store::open(&w.address, looking).await.unwrap();
    assert_eq!(beside.read(&w.officer).get_job(other.id).await.unwrap().state, JobState::Running);
    beside.close().await.unwrap();
    w.store.clone().close().await.unwrap();
    w.store = open(&w.address, &w.clock).await;
    assert_eq!(w.store.read(&w.officer).get_job(other.id).await.unwrap().state, JobState::Interrupted);
}

/// Every list and every get, as somebody from elsewhere, as another firm and as an administrator.
async fn nobody_sees_a_row_outside_the_scope(w: &World) {
    let objection = w.store.read(&w.officer).list_objections(&ObjectionFilter::default()).await.unwrap()[0].id;
    let what_if = w.store.read(&w.officer).list_what_ifs(w.run).await.unwrap()[0].id;
    let result = w.store.read(&w.officer).get_run(w.run).await.unwrap().result_digest;
    let strangers = [
        ("another county", county_officer(OTHER_COUNTY)),
        ("another county's auditor", auditor(OTHER_CITY_COUNTY)),
        ("a system administrator", Scope::of_account("sys", Role::SystemAdmin, county(), None, None)),
        ("a security administrator", Scope::of_account("sec", Role::SecurityAdmin, county(), None, None)),
        ("an audit administrator", Scope::of_account("aud", Role::AuditAdmin, county(), None, None)),
        ("a visitor", visitor("370000")),
        ("a firm of another county", firm_scope(OTHER_COUNTY, w.outside[0])),
        ("a firm's account without a firm", Scope::of_account("none", Role::Firm, county(), None, None)),
        ("a department's account without one", Scope::of_account("no", Role::DepartmentOwner, county(), None, None)),
    ];
    for (who, scope) in &strangers {
        let read = w.store.read(scope);
        let sees_county_rows = *who == "a department's account without one";
        let firms = read.search_firms(&FirmFilter::default(), FirmSort::Id, Page::ALL).await.unwrap();
        let own = w.firms.iter().filter(|id| firms.rows.iter().any(|f| f.id == **id)).count();
        if !sees_county_rows {
            assert_eq!(own, 0, "{who} sees firms");
            assert_eq!(code(read.get_firm(1).await), "not_found", "{who}");
            assert_eq!(read.firms_by_id(&w.firms).await.unwrap(), [], "{who}");
            assert_eq!(read.firm_versions(1).await.unwrap(), [], "{who}");
            assert_eq!(read.list_firm_merges(county()).await.unwrap(), [], "{who}");
            assert!(read.find_firm_by_code(&credit_code(county(), 1)).await.unwrap().is_none(), "{who}");
            assert_eq!(read.list_confirmations(w.evaluation).await.unwrap(), [], "{who}");
            assert!(read.find_confirmation(w.evaluation, 1).await.unwrap().is_none(), "{who}");
            assert_eq!(read.classes(county(), 2000..=2100).await.unwrap(), [], "{who}");
            assert_eq!(read.classes_of_firm(1).await.unwrap(), [], "{who}");
            assert!(read.class_streaks(county(), 2024).await.unwrap().is_empty(), "{who}");
            assert_eq!(read.list_what_ifs(w.run).await.unwrap(), [], "{who}");
            assert_eq!(code(read.get_what_if(what_if).await), "not_found", "{who}");
        }
        assert_eq!(code(read.facts(county(), 2025).await.map(|_| ())), "out_of_scope", "{who}");
        assert_eq!(code(read.facts_as_of(county(), 2025, &w.store.now()).await.map(|_| ())), "out_of_scope", "{who}");
        assert_eq!(read.list_segments(county(), 2025).await.unwrap(), [], "{who}");
        assert_eq!(read.list_imports(&ImportFilter::default()).await.unwrap(), [], "{who}");
        assert_eq!(code(read.get_import(1).await), "not_found", "{who}");
        assert_eq!(read.list_doubts(1).await.unwrap(), [], "{who}");
        assert_eq!(read.list_files(Page::ALL).await.unwrap().rows, [], "{who}");
        assert_eq!(code(read.get_file(1).await), "not_found", "{who}");
        assert_eq!(read.list_objections(&ObjectionFilter::default()).await.unwrap(), [], "{who}");
        assert_eq!(code(read.get_objection(objection).await), "not_found", "{who}");
        assert_eq!(code(read.get_object(result).await), "not_found", "{who}");
        assert_eq!(read.list_jobs(100).await.unwrap(), [], "{who} sees jobs");
        if !matches!(scope.role(), Role::Firm | Role::DepartmentOwner) {
            let evaluations = read.list_evaluations(&EvaluationFilter::default()).await.unwrap();
            assert!(evaluations.iter().all(|e| e.id != w.evaluation), "{who} sees evaluations");
            assert_eq!(read.list_runs(w.evaluation).await.unwrap(), [], "{who} sees runs");
        }
    }
    // Firms of one county see nothing of each other.
    let neighbour = firm_scope(COUNTY, 2);
    let read = w.store.read(&neighbour);
    let firms = read.search_firms(&FirmFilter::default(), FirmSort::Id, Page::ALL).await.unwrap();
    assert_eq!(firms.rows.iter().map(|f| f.id).collect::<Vec<_>>(), [2]);
    assert_eq!(code(read.get_firm(1).await), "not_found");
    assert_eq!(read.list_objections(&ObjectionFilter::default()).await.unwrap(), []);
    assert_eq!(read.list_confirmations(w.evaluation).await.unwrap(), []);
    assert!(read.classes(county(), 2000..=2100).await.unwrap().iter().all(|c| c.firm == 2));
    assert_eq!(code(read.get_object(result).await), "not_found");
    assert_eq!(read.list_imports(&ImportFilter::default()).await.unwrap(), []);
    assert_eq!(read.list_segments(county(), 2025).await.unwrap(), []);
    // A city sees its counties, and not the next city.
    let city = city_officer("370700");
    let seen = w.store.read(&city).search_firms(&FirmFilter::default(), FirmSort::Id, Page::ALL).await.unwrap();
    assert_eq!(seen.total, 21);
    assert_eq!(code(w.store.read(&city).get_firm(w.outside[1]).await), "not_found");
    // The log of a region is for its officers and auditors; others see what they did themselves.
    let log = async |scope: &Scope| {
        let all = w.store.read(scope).list_audit(&AuditFilter::default(), Page::ALL).await.unwrap();
        assert_eq!(all.total as usize, all.rows.len());
        all.rows
    };
    assert!(log(&county_officer(OTHER_COUNTY)).await.is_empty());
    assert!(log(&visitor("370000")).await.is_empty());
    assert!(log(&firm_scope(COUNTY, 1)).await.iter().all(|e| e.actor == "firm-1"));
    assert!(log(&w.officer).await.len() > 10);
    // Writing is bounded in the same way.
    let stranger = county_officer(OTHER_COUNTY);
    let mut stolen = w.store.read(&w.officer).get_evaluation(w.evaluation).await.unwrap();
    stolen.state = "stolen".into();
    let change = w.store.write(&stranger, async |tx| tx.update_evaluation(&stolen).await).await;
    assert_eq!(code(change), "not_found");
    let seen_by_firm = w.store.write(&neighbour, async |tx| tx.update_evaluation(&stolen).await).await;
    assert_eq!(code(seen_by_firm), "out_of_scope");
    let merge = w.store.write(&stranger, async |tx| tx.merge_firms(1, 2, &note("越权")).await).await;
    assert_eq!(code(merge), "not_found");
    let grown = w.store.read(&w.officer).get_firm(2).await.unwrap().editable();
    let by_firm =
        w.store.write(&neighbour, async |tx| tx.update_firm(2, &grown, FirmStatus::Active, &note("自改")).await);
    assert_eq!(code(by_firm.await), "out_of_scope");
}

async fn the_public_reads_publications_and_nothing_else(w: &World) {
    let public = visitor("370000");
    let read = w.store.read(&public);
    let publications = read.list_publications(Some(county())).await.unwrap();
    assert_eq!(publications.len(), 1);
    let payload = read.get_object(publications[0].payload_digest).await.unwrap();
    assert_eq!(payload, b"what the public reads");
    assert_eq!(code(read.get_object(Digest::of(b"snapshot")).await), "not_found");
    assert_eq!(code(read.get_evaluation(w.evaluation).await), "not_found");
    assert_eq!(code(read.get_run(w.run).await), "not_found");
    assert_eq!(read.list_accounts(&AccountFilter::default(), Page::ALL).await.unwrap().rows, []);
    assert!(!read.has_object(Digest::of(b"result")).await.unwrap());
    let elsewhere = visitor(OTHER_CITY_COUNTY);
    assert_eq!(w.store.read(&elsewhere).list_publications(None).await.unwrap(), []);
}

async fn reads_of_figures_are_audited_together(w: &World) {
    let before = w.store.verify_audit().await.unwrap().entries;
    let reads = (0..50).map(|n| {
        let (store, scope) = (w.store.clone(), w.officer.clone());
        tokio::spawn(async move {
            store.audit_read(&scope, NewAudit::new("firm.read", format!("firm:{n}"), county())).await
        })
    });
    for read in reads.collect::<Vec<_>>() {
        read.await.unwrap().unwrap();
    }
    let report = w.store.verify_audit().await.unwrap();
    assert_eq!((report.entries, report.broken), (before + 50, None));
    let filter = AuditFilter { action: Some("firm.read".into()), ..AuditFilter::default() };
    assert_eq!(w.store.read(&w.officer).list_audit(&filter, Page::first(5)).await.unwrap().total, 50);
}

async fn damaged_objects_are_named(w: &World) {
    let sound = w.store.verify_objects().await.unwrap();
    assert!(sound.objects > 5 && sound.damaged.is_empty());
    let digest = Digest::of(b"result");
    let hex = digest.hex();
    let flip = |from: &str, to: &str| {
        let blob = |text: &str| text.bytes().map(|b| format!("{b:02x}")).collect::<String>();
        let (from, to) = (blob(from), blob(to));
        if w.store.kind() == "sqlite" {
            format!("UPDATE object SET bytes = x'{to}' WHERE digest = '{hex}' AND bytes = x'{from}'")
        } else {
            format!("UPDATE object SET bytes = '\\x{to}' WHERE digest = '{hex}' AND bytes = '\\x{from}'")
        }
    };
    behind_the_back(w, &flip("result", "resulT")).await;
    match w.store.read(&w.officer).get_object(digest).await {
        Err(StoreError::Corrupt { digest: named, .. }) => assert_eq!(named, digest),
        other => panic!("{other:?}"),
    }
    let report = w.store.verify_objects().await.unwrap();
    assert_eq!(report.damaged.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), [hex.as_str()]);
    behind_the_back(w, &flip("resulT", "result")).await;
    assert_eq!(w.store.read(&w.officer).get_object(digest).await.unwrap(), b"result");
}

async fn the_audit_chain_holds_until_someone_alters_it(w: &World) {
    let sound = w.store.verify_audit().await.unwrap();
    assert_eq!(sound.broken, None);
    let last = sound.entries;
    let broken = async |sql: &str, back: &str| {
        behind_the_back(w, sql).await;
        let found = w.store.verify_audit().await.unwrap().broken.expect("tampering shows");
        behind_the_back(w, back).await;
        assert_eq!(w.store.verify_audit().await.unwrap().broken, None, "{back}");
        (found.seq, found.what)
    };
    let to = |column: &str, value: &str| format!("UPDATE audit SET {column} = '{value}' WHERE seq = 3");
    let list = w.store.read(&w.province).list_audit(&AuditFilter::default(), Page::ALL).await.unwrap().rows;
    let third = list.iter().find(|e| e.seq == 3).unwrap();
    assert_eq!(broken(&to("actor", "nobody"), &to("actor", &third.actor)).await, (3, "content"));
    assert_eq!(broken(&to("action", "x"), &to("action", &third.action)).await, (3, "content"));
    assert_eq!(broken(&to("at", "x"), &to("at", &third.at)).await, (3, "content"));
    assert_eq!(broken(&to("hash", "00"), &to("hash", &third.hash)).await, (3, "content"));
    assert_eq!(broken(&to("prev_hash", "00"), &to("prev_hash", &third.prev_hash)).await, (3, "previous hash"));
    assert_eq!(
        broken("UPDATE audit SET seq = -3 WHERE seq = 3", "UPDATE audit SET seq = 3 WHERE seq = -3").await,
        (3, "entry missing")
    );
    // Cutting off the end shows because the head is kept apart.
    let cut = format!("UPDATE audit SET seq = -{last} WHERE seq = {last}");
    let mend = format!("UPDATE audit SET seq = {last} WHERE seq = -{last}");
    assert_eq!(broken(&cut, &mend).await, (last, "entry missing"));
    // So does removing the head itself.
    assert_eq!(broken("UPDATE audit_head SET id = 2", "UPDATE audit_head SET id = 1").await, (0, "head"));
}

async fn a_round_takes_filings_and_an_invoice_line_has_one_holder(w: &World) {
    let new = store::NewRound {
        rule: "r".into(),
        kind: "first".into(),
        division: division("370000"),
        title: "第一批".into(),
        opens: "2026-03-01T00:00:00".into(),
        closes: "2026-03-31T00:00:00".into(),
        state: "open".into(),
        data: json!({}),
    };
    let mut tx = w.store.begin(&w.province).await.unwrap();
    let round = tx.insert_round(&new).await.unwrap();
    let filing = |firm: i64| store::NewFiling {
        round: round.id,
        firm,
        division: division(COUNTY),
        rule: "r".into(),
        rule_version: 1,
        filed_at: "2026-03-02T00:00:00".into(),
        state: "filed".into(),
        data: json!({}),
    };
    let one = tx.insert_filing(&filing(w.firms[0])).await.unwrap();
    let two = tx.insert_filing(&filing(w.firms[1])).await.unwrap();
    let line = |filing: &store::Filing, held: bool| store::CostLine {
        id: 0,
        filing: filing.id,
        firm: filing.firm,
        division: filing.division,
        fingerprint: base::Digest::of(b"one line"),
        held,
        invoice: "12345678".into(),
        line: 1,
        seller: "91350100M000100Y43".into(),
        issued: "2026-01-08".into(),
        item: "机床".into(),
        amount: "100".into(),
        serial: String::new(),
        built: None,
        built_amount: None,
        built_note: String::new(),
    };
    tx.insert_cost_lines(&[line(&one, true), line(&two, false)]).await.unwrap();
    tx.audit(NewAudit::new("round.create", "round", division(COUNTY)));
    tx.commit().await.unwrap();
    // The county sees the province's round and its own firms' filings; a firm its own filing.
    let county = w.store.read(&w.officer);
    assert_eq!(county.list_rounds().await.unwrap().len(), 1);
    let filter = store::FilingFilter { round: Some(round.id), ..store::FilingFilter::default() };
    assert_eq!(county.list_filings(&filter).await.unwrap(), [one.clone(), two.clone()]);
    let firm = Scope::of_account("f", Role::Firm, division(COUNTY), None, Some(w.firms[0]));
    assert_eq!(w.store.read(&firm).list_filings(&filter).await.unwrap(), std::slice::from_ref(&one));
    assert!(matches!(w.store.read(&firm).get_filing(two.id).await, Err(StoreError::NotFound { .. })));
    // A firm files once in a round, and a line that is held has no second holder.
    let mut tx = w.store.begin(&w.province).await.unwrap();
    assert!(matches!(tx.insert_filing(&filing(w.firms[0])).await, Err(StoreError::Unique { .. })));
    drop(tx);
    let lines = w.store.read(&w.province).list_cost_lines(&[one.id, two.id]).await.unwrap();
    let mut tx = w.store.begin(&w.province).await.unwrap();
    let taken = store::CostLine { held: true, ..lines[1].clone() };
    assert!(matches!(tx.update_cost_line(&taken).await, Err(StoreError::Unique { .. })));
    drop(tx);
    let mut tx = w.store.begin(&w.province).await.unwrap();
    tx.update_cost_line(&store::CostLine { held: false, ..lines[0].clone() }).await.unwrap();
    tx.update_cost_line(&taken).await.unwrap();
    let listed = store::Filing { state: "listed".into(), ..one.clone() };
    let changed = tx.update_filing(&listed).await.unwrap();
    assert_eq!((changed.version, changed.state.as_str()), (2, "listed"));
    // Somebody who saw the version before is told.
    assert!(matches!(tx.update_filing(&listed).await, Err(StoreError::Conflict { .. })));
    tx.audit(NewAudit::new("filing.list", "filing", division(COUNTY)));
    tx.commit().await.unwrap();
}

async fn chains_grow_by_revisions_and_their_cases_are_seen_by_those_concerned(w: &World) {
    let mut tx = w.store.begin(&w.province).await.unwrap();
    let province = w.province.region();
    let new = store::NewChain { division: province, template: "x".into(), title: "工业母机".into() };
    let chain = tx.insert_chain(&new).await.unwrap();
    let revision = |whole: bool| store::NewRevision {
        kind: "imported".into(),
        reason: "r".into(),
        whole: whole.then(|| base::Digest::of(b"chain")),
        changes: json!([]),
        digest: base::Digest::of(b"chain"),
    };
    assert_eq!(tx.insert_revision(chain.id, 0, &revision(true)).await.unwrap().revision, 1);
    assert_eq!(tx.insert_revision(chain.id, 1, &revision(false)).await.unwrap().revision, 2);
    // Two people who saw the same revision: the second is told.
    assert!(matches!(tx.insert_revision(chain.id, 1, &revision(false)).await, Err(StoreError::Conflict { .. })));
    let case = |kind: &str, firm: Option<i64>, state: &str| store::NewChainCase {
        kind: kind.into(),
        chain: chain.id,
        division: division(COUNTY),
        firm,
        other: None,
        parent: None,
        subject: "product:bearing".into(),
        state: state.into(),
        data: json!({}),
    };
    let need = tx.insert_chain_case(&case("need", Some(w.firms[0]), "open")).await.unwrap();
    let stated = tx.insert_chain_case(&case("capability", Some(w.firms[1]), "stated")).await.unwrap();
    let task = tx.insert_chain_case(&case("task", None, "accepted")).await.unwrap();
    tx.audit(NewAudit::new("chain.open", "chain", province));
    tx.commit().await.unwrap();
    // The county sees the province's chain and its own cases; a firm its own, and needs that are open.
    let county = w.store.read(&w.officer);
    assert_eq!(county.get_chain(chain.id).await.unwrap().revision, 2);
    assert_eq!(county.whole_revision(chain.id, 2).await.unwrap(), Some(1));
    assert_eq!(county.list_revisions(chain.id, 2, 2).await.unwrap().len(), 1);
    assert_eq!(county.get_chain_case("task", task.id).await.unwrap(), task);
    let scope = Scope::of_account("f", Role::Firm, division(COUNTY), None, Some(w.firms[1]));
    let firm = w.store.read(&scope);
    assert_eq!(firm.get_chain_case("need", need.id).await.unwrap().id, need.id);
    assert_eq!(firm.get_chain_case("capability", stated.id).await.unwrap().id, stated.id);
    assert!(matches!(firm.get_chain_case("task", task.id).await, Err(StoreError::NotFound { .. })));
    // The county does not lead the chain, so it cannot change it.
    let mut tx = w.store.begin(&w.officer).await.unwrap();
    assert!(matches!(tx.insert_revision(chain.id, 2, &revision(false)).await, Err(StoreError::OutOfScope { .. })));
    let closed = store::ChainCase { state: "closed".into(), ..need.clone() };
    assert_eq!(tx.update_chain_case(&closed).await.unwrap().version, 2);
    assert!(matches!(tx.update_chain_case(&closed).await, Err(StoreError::Conflict { .. })));
    tx.audit(NewAudit::new("need.close", "need", division(COUNTY)));
    tx.commit().await.unwrap();
    assert!(matches!(w.store.read(&scope).get_chain_case("need", need.id).await, Err(StoreError::NotFound { .. })));
}

async fn a_database_of_a_newer_program_is_refused(w: &World) {
    assert_eq!(w.store.schema_version().await.unwrap(), 6);
    behind_the_back(w, "INSERT INTO seaql_migrations (version, applied_at) VALUES ('m9999_later', 0)").await;
    match Store::open(&w.address, OpenOptions::default()).await.map(|_| ()) {
        Err(StoreError::SchemaTooNew { found, known }) => assert_eq!((found, known), (7, 6)),
        other => panic!("{other:?}"),
    }
}

/// What an intruder with access to the database itself could do.
async fn behind_the_back(w: &World, sql: &str) {
    let address = if w.store.kind() == "sqlite" { format!("sqlite:{}", w.address) } else { w.address.clone() };
    let db = Database::connect(address).await.unwrap();
    let done = db.execute_unprepared(sql).await.unwrap();
    assert_eq!(done.rows_affected(), 1, "{sql}");
    db.close().await.unwrap();
}
