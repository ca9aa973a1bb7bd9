//! A process killed at a random moment loses nothing that it acknowledged and keeps nothing by half.
//! The test starts itself as a child that writes as fast as it can, kills it, and looks.

use base::Scope;
use std::{
    io::{BufRead, BufReader},
    process::{Command, Stdio},
    time::Duration,
};
use store::*;
use testkit::{TempStore, credit_code, division, firm_name};

const CHILD: &str = "BAIGONG_TEST_KILL_DATABASE";
const ROUNDS: u64 = 24;

/// Firms registered by one transaction: all of them or none must be there afterwards.
const TOGETHER: usize = 40;

fn scope() -> Scope {
    Scope::system("kill", division("370783"))
}

async fn open(address: &str) -> Store {
    Store::open(address, OpenOptions::default()).await.expect("the store opens")
}

/// The child: registers firms, accepts facts and says so, until it is killed.
async fn write_until_killed(address: &str) {
    let store = open(address).await;
    println!("ready");
    let county = division("370783");
    let note = VersionNote { valid_from: "2025-01-01".into(), reason: "登记".into(), source: "测试".into() };
    let mut next = store.read(&scope()).firms_of_division(county).await.unwrap().len();
    loop {
        let firms: Vec<NewFirm> = (next..next + TOGETHER)
            .map(|n| NewFirm {
                credit_code: Some(credit_code(county, n)),
                name: firm_name(n),
                division: county,
                town: None,
                address: None,
                industry: None,
                founded: None,
                in_construction: false,
                risen_from: None,
            })
            .collect();
        let sequence = store
            .write(&scope(), async |tx| {
                let ids = tx.insert_firms(&firms, &note).await?;
                let mut batch = FactBatch::new(BatchMeta {
                    department: base::Department::Tax,
                    file: "税务.xlsx".into(),
                    file_digest: None,
                    received_at: tx.now().to_owned(),
                    reason: String::new(),
                });
                for id in ids {
                    batch.push(FactRow::new(&format!("f:{id}"), "tax_paid", 20_000).number(i128::from(id)));
                }
                let new = NewSegment { division: county, year: 2025, kind: SegmentKind::Import, reason: String::new() };
                let segment = tx.insert_segment(&new, &batch.encode()?).await?;
                tx.audit(NewAudit::new("firm.insert", format!("segment:{}", segment.sequence), county));
                Ok::<_, StoreError>(segment.sequence)
            })
            .await
            .unwrap();
        // Only now is it acknowledged.
        println!("kept {sequence}");
        next += TOGETHER;
    }
}

#[test]
fn a_process_killed_in_the_middle_of_a_transaction_loses_nothing_it_acknowledged() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    if let Ok(address) = std::env::var(CHILD) {
        runtime.block_on(write_until_killed(&address));
        return;
    }
    let place = TempStore::sqlite();
    let mut acknowledged = 0;
    let mut kills_with_work = 0;
    for round in 0..ROUNDS {
        let seen = run_and_kill(place.address(), round);
        kills_with_work += u64::from(seen > acknowledged);
        acknowledged = acknowledged.max(seen);
        let kept = runtime.block_on(look(place.address()));
        assert!(kept >= acknowledged, "round {round}: segment {acknowledged} was acknowledged, {kept} are there");
        acknowledged = kept;
    }
    assert!(kills_with_work > ROUNDS / 4, "only {kills_with_work} rounds wrote anything before the kill");
}

/// Runs the child for a while that differs each round, kills it, and returns what it acknowledged last.
fn run_and_kill(address: &str, round: u64) -> i64 {
    let test = "a_process_killed_in_the_middle_of_a_transaction_loses_nothing_it_acknowledged";
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args([test, "--exact", "--nocapture"])
        .env(CHILD, address)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let output = BufReader::new(child.stdout.take().unwrap());
    let (ready, is_ready) = std::sync::mpsc::channel();
    let reader = std::thread::spawn(move || {
        let mut last = 0;
        for line in output.lines().map_while(Result::ok) {
            // The test harness prints on the same line before the first one.
            if line.ends_with("ready") {
                ready.send(()).ok();
            }
            if let Some((_, number)) = line.rsplit_once("kept ") {
                last = number.parse().unwrap_or(last);
            }
        }
        last
    });
    // Every fourth round may be killed while it opens the database, the others while they write.
    if !round.is_multiple_of(4) {
        is_ready.recv_timeout(Duration::from_secs(60)).expect("the child opens the database");
    }
    std::thread::sleep(Duration::from_millis(10 + round * 37 % 211));
    child.kill().unwrap();
    child.wait().unwrap();
    reader.join().unwrap()
}

/// Opens what the killed process left and checks that it is whole; returns the last segment.
async fn look(address: &str) -> i64 {
    let store = open(address).await;
    let scope = scope();
    let county = division("370783");
    let audit = store.verify_audit().await.unwrap();
    assert_eq!(audit.broken, None);
    let objects = store.verify_objects().await.unwrap();
    assert!(objects.damaged.is_empty());
    let read = store.read(&scope);
    let segments = read.list_segments(county, 2025).await.unwrap();
    let firms = read.firms_of_division(county).await.unwrap();
    assert_eq!(firms.len(), segments.len() * TOGETHER, "a transaction was kept by half");
    assert_eq!(audit.entries as usize, segments.len(), "a change without its audit entry, or the other way round");
    let view = read.facts(county, 2025).await.unwrap();
    assert_eq!(view.statements(), firms.len());
    let last = segments.last().map_or(0, |s| s.sequence);
    assert_eq!(last as usize, segments.len());
    store.close().await.unwrap();
    last
}
