//! A cluster that cannot compute says so, soon and by its address.
#![cfg(feature = "engine")]

use cluster::{Cluster, ClusterFault};
use law::Law;
use measure::{Column, Compiled, Dictionary, FirmTable, LandRecords, Prepared, Snapshot, compile};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The demo's scheme over three firms of which nothing but the names of two columns is known.
fn three_firms() -> (Compiled, Prepared) {
    let (law, _) = Law::embedded();
    let names = Dictionary::new(law.units.clone(), law.facts.values(), law.attributes.values(), law.derived.values());
    let scheme = Arc::new(law.schemes[0].clone());
    let year = scheme.year_from;
    let compiled = compile(&scheme, &Arc::new(names), year).unwrap();
    let columns = Vec::<(String, Column)>::new();
    let snapshot = Snapshot {
        division: scheme.division.to_string(),
        year,
        as_of: measure::as_of(&scheme, year),
        firms: FirmTable::new(vec![1, 2, 3], columns).unwrap(),
        land: LandRecords::default(),
        lineage: Vec::new(),
        classes: Vec::new(),
        baselines: Vec::new(),
    };
    let prepared = compiled.prepare(&Arc::new(snapshot)).unwrap();
    (compiled, prepared)
}

fn cluster(address: &str, share: &std::path::Path) -> Cluster {
    Cluster { scheduler: address.to_owned(), share: share.to_owned(), patience: Duration::from_secs(20) }
}

#[tokio::test]
async fn without_a_scheduler_the_address_is_named() {
    let share = tempfile::tempdir().unwrap();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    drop(listener);
    let (compiled, prepared) = three_firms();
    let fault = cluster(&address, share.path()).rows(&compiled, &prepared).await.unwrap_err();
    assert!(matches!(fault, ClusterFault::NoScheduler { .. }), "{fault}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scheduler_without_executors_is_named_and_nothing_is_left_in_the_shared_folder() {
    let share = tempfile::tempdir().unwrap();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let scheduler = tokio::spawn(cluster::scheduler(listener));
    let (compiled, prepared) = three_firms();
    let started = Instant::now();
    let fault = cluster(&address, share.path()).rows(&compiled, &prepared).await.unwrap_err();
    assert!(matches!(fault, ClusterFault::NoExecutor { .. }), "{fault}");
    assert!(started.elapsed() < Duration::from_secs(15));
    assert_eq!(std::fs::read_dir(share.path()).unwrap().count(), 0);
    scheduler.abort();
}

#[tokio::test]
async fn a_listener_that_is_something_else_is_named() {
    let share = tempfile::tempdir().unwrap();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let other = tokio::spawn(async move {
        use tokio::io::AsyncWriteExt;
        let (mut stream, _) = listener.accept().await.unwrap();
        stream.write_all(b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").await.unwrap();
    });
    let (compiled, prepared) = three_firms();
    let fault = cluster(&address, share.path()).rows(&compiled, &prepared).await.unwrap_err();
    assert!(matches!(fault, ClusterFault::NotAScheduler { .. }), "{fault}");
    other.await.unwrap();
}
