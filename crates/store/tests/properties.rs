//! What must hold for all inputs: encoding loses nothing, folding in parts is folding at once, a diff
//! brings exactly what the file says, and undoing a merge leaves the rows as they were.

use base::{Department, Digest, Scope};
use proptest::prelude::*;
use store::*;
use testkit::{FixedClock, TempStore, credit_code, division, firm_name};

/// One statement of an invented file.
#[derive(Clone, Debug)]
struct Line {
    subject: u8,
    fact: u8,
    valid_from: i32,
    valid_to: Option<i32>,
    value: Value,
    cell: (Option<u8>, u32, u32),
}

#[derive(Clone, Debug)]
enum Value {
    Number(i128),
    Text(String),
    Unknown,
    Retracted,
}

fn line() -> impl Strategy<Value = Line> {
    let limit = 10i128.pow(38) - 1;
    let value = prop_oneof![
        (-limit..=limit).prop_map(Value::Number),
        Just(Value::Number(0)),
        "[a-z高新]{0,6}".prop_map(Value::Text),
        Just(Value::Unknown),
        Just(Value::Retracted),
    ];
    let cell = (proptest::option::of(0u8..3), 0u32..70_000, 0u32..100);
    (0u8..6, 0u8..4, 0i32..3, proptest::option::of(3i32..9), value, cell).prop_map(
        |(subject, fact, year, valid_to, value, cell)| Line {
            subject,
            fact,
            valid_from: year * 365,
            valid_to: valid_to.map(|y| y * 365),
            value,
            cell,
        },
    )
}

fn batch(lines: &[Line]) -> FactBatch {
    let mut batch = FactBatch::new(BatchMeta {
        department: Department::Science,
        file: "科技.xlsx".into(),
        file_digest: Some(Digest::of(b"file")),
        received_at: "2026-03-02T00:00:00.000000Z".into(),
        reason: "“引号”与\n换行".into(),
    });
    for line in lines {
        let (subject, fact) = (format!("f:{}", line.subject), format!("fact_{}", line.fact));
        let sheet = line.cell.0.map(|s| format!("表{s}"));
        let row = FactRow {
            valid_to: line.valid_to,
            number: if let Value::Number(n) = line.value { Some(n) } else { None },
            text: if let Value::Text(t) = &line.value { Some(t) } else { None },
            retracted: matches!(line.value, Value::Retracted),
            ..FactRow::new(&subject, &fact, line.valid_from).at(sheet.as_deref(), line.cell.1, line.cell.2)
        };
        batch.push(row);
    }
    batch
}

/// Without two statements of one subject, fact and first day: what a sound file looks like.
fn sound(lines: Vec<Line>) -> Vec<Line> {
    let mut seen = std::collections::HashSet::new();
    lines.into_iter().filter(|l| seen.insert((l.subject, l.fact, l.valid_from))).collect()
}

fn segment(sequence: i64) -> Segment {
    Segment {
        sequence,
        digest: Digest::of(&sequence.to_le_bytes()),
        division: division("370783"),
        year: 2025,
        department: Department::Science,
        kind: SegmentKind::Import,
        known_at: String::new(),
        reason: String::new(),
        actor: String::new(),
        rows: 0,
        import: None,
    }
}

/// A line of few subjects, facts and values, so that files often state the same.
fn small_line() -> impl Strategy<Value = Line> {
    (0u8..2, 0u8..2, 0i32..2, 0i128..2).prop_map(|(subject, fact, year, number)| Line {
        subject,
        fact,
        valid_from: year * 365,
        valid_to: None,
        value: Value::Number(number),
        cell: (None, 1, 1),
    })
}

fn accepted(view: &FactView, kind: SegmentKind, import: i64, batch: FactBatch) -> FactView {
    let next = Segment { kind, import: Some(import), ..segment(view.last_sequence() + 1) };
    view.extended(vec![(next, std::sync::Arc::new(batch))])
}

fn fold(files: &[Vec<Line>]) -> FactView {
    let parts = files.iter().enumerate().map(|(i, f)| (segment(i as i64 + 1), std::sync::Arc::new(batch(f)))).collect();
    FactView::empty(division("370783"), 2025).extended(parts)
}

/// What is held, as plain data.
fn held(view: &FactView) -> Vec<(String, String, i32, Option<i32>, Option<i128>, Option<String>)> {
    view.iter()
        .map(|f| {
            let row = f.row();
            let text = row.text.map(str::to_owned);
            (row.subject.to_owned(), row.fact.to_owned(), row.valid_from, row.valid_to, row.number, text)
        })
        .collect()
}

proptest! {
    #[test]
    fn encoding_and_decoding_a_batch_loses_nothing(lines in proptest::collection::vec(line(), 0..80)) {
        let batch = batch(&lines);
        let encoded = batch.encode().unwrap();
        let decoded = FactBatch::decode(encoded.bytes()).unwrap();
        prop_assert_eq!(&decoded, &batch);
        prop_assert_eq!(decoded.encode().unwrap().digest(), encoded.digest(), "the bytes depend on the statements alone");
    }

    #[test]
    fn folding_in_parts_is_folding_at_once(
        files in proptest::collection::vec(proptest::collection::vec(line(), 0..20), 0..6),
        cut in 0usize..6,
    ) {
        let cut = cut.min(files.len());
        let first = fold(&files[..cut]);
        let rest = files[cut..].iter().enumerate();
        let rest = rest.map(|(i, f)| (segment((cut + i) as i64 + 1), std::sync::Arc::new(batch(f)))).collect();
        prop_assert_eq!(held(&first.extended(rest)), held(&fold(&files)));
    }

    #[test]
    fn the_last_statement_of_a_subject_fact_and_first_day_holds(
        files in proptest::collection::vec(proptest::collection::vec(line(), 0..20), 0..6),
    ) {
        let mut expected = std::collections::BTreeMap::new();
        for line in files.iter().flatten() {
            let key = (format!("f:{}", line.subject), format!("fact_{}", line.fact), line.valid_from);
            match &line.value {
                Value::Retracted => { expected.remove(&key); }
                Value::Number(n) => { expected.insert(key, (line.valid_to, Some(*n), None)); }
                Value::Text(t) => { expected.insert(key, (line.valid_to, None, Some(t.clone()))); }
                Value::Unknown => { expected.insert(key, (line.valid_to, None, None)); }
            }
        }
        let expected: Vec<_> = expected.into_iter().map(|((s, f, from), (to, n, t))| (s, f, from, to, n, t)).collect();
        let view = fold(&files);
        prop_assert_eq!(held(&view), expected);
        let statements: usize = view.subjects().map(|s| view.fact_ids().iter().map(|f| view.history(s, f).len()).sum::<usize>()).sum();
        prop_assert_eq!(statements, files.iter().map(Vec::len).sum::<usize>(), "nothing stated is ever lost");
    }

    #[test]
    fn after_its_changes_are_accepted_a_file_changes_nothing_more(
        before in proptest::collection::vec(line(), 0..30),
        file in proptest::collection::vec(line(), 0..30),
        whole in any::<bool>(),
    ) {
        let (before, file) = (sound(before), batch(&sound(file)));
        let coverage = if whole { Coverage::Whole(Unread::default()) } else { Coverage::Named };
        let view = fold(&[before]);
        let diff = view.diff(&file, &coverage).unwrap();
        prop_assert_eq!(diff.batch.len(), diff.new + diff.changed + diff.retracted);
        prop_assert_eq!(diff.changes.len(), diff.changed + diff.retracted);
        let after = view.extended(vec![(segment(2), std::sync::Arc::new(diff.batch))]);
        let again = after.diff(&file, &coverage).unwrap();
        prop_assert!(again.batch.is_empty(), "{:?}", again.changes);
        // What the file states holds, and of the subjects and facts that it names nothing else does.
        for row in file.rows().filter(|r| !r.retracted) {
            let now = after.current_all(row.subject, row.fact);
            prop_assert!(now.iter().any(|f| f.row().number == row.number && f.row().text == row.text && f.row().valid_to == row.valid_to));
            let stated = file.rows().filter(|r| !r.retracted && r.subject == row.subject && r.fact == row.fact).count();
            prop_assert_eq!(now.len(), stated);
        }
    }

    /// Files are accepted and taken back in any order; what is held is what the files that count state, in
    /// the order in which they were accepted.
    #[test]
    fn a_file_that_was_taken_back_leaves_no_trace_in_what_is_held(
        steps in proptest::collection::vec((proptest::collection::vec(small_line(), 1..6), any::<bool>(), any::<u8>()), 1..12),
    ) {
        let mut view = fold(&[]);
        let mut standing: Vec<StandingFile> = Vec::new();
        for (number, (lines, accepts, which)) in steps.into_iter().enumerate() {
            let import = number as i64 + 1;
            if accepts || standing.is_empty() {
                // Every third file is whole: what it does not name has ended.
                let coverage = if which % 3 == 0 { Coverage::Whole(Unread::default()) } else { Coverage::Named };
                let stated = batch(&sound(lines));
                let diff = view.diff(&stated, &coverage).unwrap();
                if !diff.batch.is_empty() {
                    view = accepted(&view, SegmentKind::Import, import, diff.batch);
                }
                standing.push(StandingFile { import, sequence: view.last_sequence(), coverage, stated });
            } else {
                let gone = standing.remove(usize::from(which) % standing.len());
                let undoing = view.take_back(gone.import, batch(&[]).meta().clone(), standing.clone()).unwrap();
                if !undoing.retraction.is_empty() {
                    view = accepted(&view, SegmentKind::Retraction, gone.import, undoing.retraction);
                }
                for (other, batch) in undoing.restated {
                    view = accepted(&view, SegmentKind::Import, other, batch);
                }
            }
            let mut expected = fold(&[]);
            for file in &standing {
                let diff = expected.diff(&file.stated, &file.coverage).unwrap();
                expected = accepted(&expected, SegmentKind::Import, file.import, diff.batch);
            }
            prop_assert_eq!(held(&view), held(&expected));
        }
    }

    #[test]
    fn other_bytes_are_refused_and_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(FactBatch::decode(&bytes).is_err());
    }
}

#[test]
fn figures_beyond_what_is_kept_and_backward_validities_are_refused() {
    let refuse = |row: FactRow<'_>| {
        let mut batch = batch(&[]);
        batch.push(row);
        batch.encode().unwrap_err().code()
    };
    let row = FactRow::new("f:1", "tax_paid", 100);
    assert_eq!(refuse(row.number(10i128.pow(38))), "fact_too_large");
    assert_eq!(refuse(row.number(1).until(99)), "fact_ends_before_it_begins");
    assert_eq!(refuse(row.number(1).text("x")), "fact_two_values");
    assert_eq!(refuse(FactRow { retracted: true, ..row.number(1) }), "fact_two_values");
}

/// Random merges and undos: when all are undone, every row of the register is as it was.
#[test]
fn merging_and_undoing_in_any_order_leaves_the_register_as_it_was() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let place = TempStore::sqlite();
    let county = division("370783");
    let scope = Scope::system("property", county);
    let options = OpenOptions { clock: FixedClock::new().as_fn(), ..OpenOptions::default() };
    let store = runtime.block_on(Store::open(place.address(), options)).unwrap();
    let firms: Vec<NewFirm> = (0..8)
        .map(|n| NewFirm {
            credit_code: (n % 2 == 0).then(|| credit_code(county, n)),
            name: firm_name(n),
            division: county,
            town: None,
            address: None,
            industry: None,
            founded: None,
            in_construction: n == 3,
            risen_from: None,
        })
        .collect();
    let note =
        VersionNote { valid_from: "2025-01-01".into(), reason: "核对".into(), source: "登记机关通报".into() };
    let before = runtime.block_on(async {
        store
            .write(&scope, async |tx| {
                tx.audit(NewAudit::new("firm.insert", "registry", county));
                let ids = tx.insert_firms(&firms, &note).await?;
                let closed = tx.read().get_firm(ids[5]).await?.editable();
                tx.update_firm(ids[5], &closed, FirmStatus::Closed, &note).await?;
                tx.read().firms_by_id(&ids).await
            })
            .await
            .unwrap()
    });
    let ids: Vec<i64> = before.iter().map(|f| f.id).collect();
    let steps = proptest::collection::vec((0usize..8, 0usize..8, any::<bool>(), any::<prop::sample::Index>()), 0..12);
    proptest!(ProptestConfig::with_cases(24), |(steps in steps)| {
        let after = runtime.block_on(async {
            store.write(&scope, async |tx| {
                tx.audit(NewAudit::new("firm.merge", "registry", county));
                let mut open = Vec::new();
                for (keep, gone, undo, which) in &steps {
                    if *undo && !open.is_empty() {
                        tx.undo_merge(open.remove(which.index(open.len())), &note).await?;
                    } else {
                        match tx.merge_firms(ids[*keep], ids[*gone], &note).await {
                            Ok(merge) => open.push(merge),
                            // The same firm twice, or one that is merged already.
                            Err(StoreError::Invalid { .. } | StoreError::Conflict { .. }) => {}
                            Err(other) => return Err(other),
                        }
                    }
                }
                // Redirects end at a row of its own, whatever was merged.
                for id in &ids {
                    let end = tx.read().resolve_firm(*id).await?;
                    assert!(tx.read().get_firm(end).await?.merged_into.is_none());
                }
                for merge in open {
                    tx.undo_merge(merge, &note).await?;
                }
                tx.read().firms_by_id(&ids).await
            }).await.unwrap()
        });
        prop_assert_eq!(&after, &before);
    });
}
