//! Size and shortage: fifty thousand firms, a full disk, a busy database, a backup while in use.

use base::Scope;
use std::time::Duration;
use store::*;
use testkit::{TempStore, credit_code, division, firm_name};

fn scope() -> Scope {
    Scope::system("limits", division("370000"))
}

fn firms(count: usize) -> Vec<NewFirm> {
    let county = division("370783");
    (0..count)
        .map(|n| NewFirm {
            credit_code: Some(credit_code(county, n)),
            name: firm_name(n),
            division: county,
            town: Some("古城街道".into()),
            address: Some(format!("兴业路{n}号")),
            industry: Some("3411".into()),
            founded: Some("2010-01-01".into()),
            in_construction: false,
            risen_from: None,
        })
        .collect()
}

fn note() -> VersionNote {
    VersionNote { valid_from: "2025-01-01".into(), reason: "登记".into(), source: "测试".into() }
}

async fn insert(store: &Store, firms: &[NewFirm]) -> Result<Vec<i64>> {
    store
        .write(&scope(), async |tx| {
            tx.audit(NewAudit::new("firm.insert", "registry", division("370783")));
            tx.insert_firms(firms, &note()).await
        })
        .await
}

async fn fifty_thousand_firms(place: &TempStore) {
    let store = Store::open(place.address(), OpenOptions::default()).await.unwrap();
    assert_eq!(insert(&store, &firms(50_000)).await.unwrap().len(), 50_000);
    let scope = scope();
    let read = store.read(&scope);
    let filter = FirmFilter { q: Some("49999号".into()), ..FirmFilter::default() };
    let found = read.search_firms(&filter, FirmSort::Name, Page::first(10)).await.unwrap();
    assert_eq!(found.rows.iter().map(|f| f.id).collect::<Vec<_>>(), [50_000]);
    assert_eq!(read.firms_of_division(division("370700")).await.unwrap().len(), 50_000);
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_thousand_firms_are_registered_in_one_transaction_on_sqlite() {
    fifty_thousand_firms(&TempStore::sqlite()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_thousand_firms_are_registered_in_one_transaction_on_postgresql() {
    fifty_thousand_firms(&TempStore::postgres()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_database_says_so_and_keeps_what_was_acknowledged() {
    let place = TempStore::sqlite();
    let options = OpenOptions { size_bytes_max: Some(3 << 20), ..OpenOptions::default() };
    let store = Store::open(place.address(), options).await.unwrap();
    let all = firms(60_000);
    let mut kept = 0;
    let error = loop {
        match insert(&store, &all[kept..kept + 500]).await {
            Ok(_) => kept += 500,
            Err(error) => break error,
        }
    };
    assert_eq!(error.code(), "full", "{error}");
    assert!(kept > 0);
    let scope = scope();
    assert_eq!(store.read(&scope).firms_of_division(division("370783")).await.unwrap().len(), kept);
    assert_eq!(store.verify_audit().await.unwrap().broken, None);
    store.close().await.unwrap();
    // With room again, work goes on.
    let store = Store::open(place.address(), OpenOptions::default()).await.unwrap();
    insert(&store, &all[kept..kept + 500]).await.unwrap();
    assert_eq!(store.verify_audit().await.unwrap().broken, None);
}

async fn a_writer_waits_its_turn(place: &TempStore) {
    let patient = Store::open(place.address(), OpenOptions::default()).await.unwrap();
    let hasty = OpenOptions { busy_timeout: Duration::from_millis(200), ..OpenOptions::default() };
    // As a second process would.
    let hasty = Store::open(place.address(), hasty).await.unwrap();
    let mut tx = patient.begin(&scope()).await.unwrap();
    tx.insert_firms(&firms(1), &note()).await.unwrap();
    assert_eq!(insert(&hasty, &firms(3)[1..2]).await.unwrap_err().code(), "busy");
    // Readers do not wait, and do not see what is not committed.
    assert!(hasty.read(&scope()).firms_of_division(division("370783")).await.unwrap().is_empty());
    tx.audit(NewAudit::new("firm.insert", "registry", division("370783")));
    tx.commit().await.unwrap();
    insert(&hasty, &firms(3)[1..2]).await.unwrap();
    let many = (2..22).map(|n| {
        let store = if n % 2 == 0 { patient.clone() } else { hasty.clone() };
        tokio::spawn(async move {
            let one = firms(n + 1).split_off(n);
            // The hasty one may be refused; then it changed nothing and asks again.
            while let Err(error) = insert(&store, &one).await {
                assert_eq!(error.code(), "busy");
            }
        })
    });
    for one in many.collect::<Vec<_>>() {
        one.await.unwrap();
    }
    let report = patient.verify_audit().await.unwrap();
    assert_eq!((report.entries, report.broken), (22, None), "two processes at once never fork the chain");
}

#[tokio::test(flavor = "multi_thread")]
async fn writers_of_two_processes_take_turns_on_sqlite() {
    a_writer_waits_its_turn(&TempStore::sqlite()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn writers_of_two_processes_take_turns_on_postgresql() {
    a_writer_waits_its_turn(&TempStore::postgres()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_taken_while_in_use_restores_to_that_moment() {
    let place = TempStore::sqlite();
    let store = Store::open(place.address(), OpenOptions::default()).await.unwrap();
    insert(&store, &firms(10)).await.unwrap();
    let copy = place.dir().unwrap().join("copy.db");
    store.backup(&copy).await.unwrap();
    assert_eq!(store.backup(&copy).await.unwrap_err().code(), "io", "a backup never overwrites");
    insert(&store, &firms(12)[10..]).await.unwrap();
    store.close().await.unwrap();
    restore(&copy, std::path::Path::new(place.address())).unwrap();
    let store = Store::open(place.address(), OpenOptions::default()).await.unwrap();
    assert_eq!(store.read(&scope()).firms_of_division(division("370783")).await.unwrap().len(), 10);
    assert_eq!(store.verify_audit().await.unwrap().broken, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_is_none_says_what_is_allowed() {
    for address in ["", "mysql://localhost/x", "sqlite::memory:"] {
        let error = Store::open(address, OpenOptions::default()).await.map(|_| ()).unwrap_err();
        assert_eq!(error.code(), "invalid", "{address}: {error}");
    }
}
