//! Verification agrees with an untouched run. After one changed byte anywhere in what belongs to the run
//! it does not, and it names what differs.

mod common;

use axum::http::StatusCode;
use base::{Digest, Scope};
use common::{Session, World};
use serde_json::Value as Json;
use std::collections::BTreeMap;

/// An object that belongs to a run: what it is, and its name.
struct Object {
    what: String,
    digest: Digest,
}

/// The index of the snapshot and each of its parts, the same of the outcome, and the rules.
async fn objects(world: &World) -> Vec<Object> {
    let scope = Scope::system("test", world.services.settings().root);
    let read = world.services.store().read(&scope);
    let run = read.get_run(1).await.unwrap();
    let mut out = Vec::new();
    for (of, index) in [("snapshot", run.snapshot_digest), ("result", run.result_digest)] {
        out.push(Object { what: format!("{of}/index"), digest: index });
        let parts: BTreeMap<String, Digest> = serde_json::from_slice(&read.get_object(index).await.unwrap()).unwrap();
        out.extend(parts.into_iter().map(|(name, digest)| Object { what: format!("{of}/{name}"), digest }));
    }
    let rules = run.summary["bundle"].as_str().unwrap().parse().unwrap();
    out.push(Object { what: "rules/rules".into(), digest: rules });
    out
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

async fn put_bytes(world: &World, digest: Digest, bytes: &[u8]) {
    let changed = world.sql(&format!("UPDATE object SET bytes = X'{}' WHERE digest = '{digest}'", hex(bytes))).await;
    assert_eq!(changed, 1, "{digest}");
}

async fn report(world: &World, session: &Session) -> Json {
    let answer = world.get(session, "/api/runs/1/verify").await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    answer.json()
}

/// The checks that do not hold, as text.
fn failures(report: &Json) -> String {
    let checks = report["checks"].as_array().unwrap().iter();
    checks.filter(|c| c["holds"] == false).map(|c| format!("{c}\n")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn one_changed_byte_in_any_object_of_a_run_is_found_and_named() {
    let world = World::new(60).await;
    world.with_run().await;
    let session = world.sign_in("auditor").await;
    let untouched = report(&world, &session).await;
    assert_eq!(untouched["agrees"], true, "{untouched}");
    let objects = objects(&world).await;
    let names: Vec<&str> = objects.iter().map(|o| o.what.as_str()).collect();
    for part in ["snapshot/firms.parquet", "snapshot/leases.parquet", "result/firms.parquet", "result/manifest.json"] {
        assert!(names.contains(&part), "{names:?}");
    }
    let scope = Scope::system("test", world.services.settings().root);
    for object in &objects {
        let whole = world.services.store().read(&scope).get_object(object.digest).await.unwrap();
        for at in [0, whole.len() / 2, whole.len() - 1] {
            let mut changed = whole.clone();
            changed[at] ^= 1;
            put_bytes(&world, object.digest, &changed).await;
            let report = report(&world, &session).await;
            assert_eq!(report["agrees"], false, "byte {at} of {}", object.what);
            let failures = failures(&report);
            let (of, part) = object.what.split_once('/').unwrap();
            let title = match of {
                "snapshot" => "Snapshot",
                "result" => "Result",
                _ => "Scheme and rules",
            };
            for word in [title, part, &object.digest.hex()] {
                assert!(failures.contains(word), "byte {at} of {}: {word} is not named in {failures}", object.what);
            }
        }
        put_bytes(&world, object.digest, &whole).await;
    }
    let mended = report(&world, &session).await;
    assert_eq!(mended["agrees"], true, "{mended}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_object_of_a_run_is_named() {
    let world = World::new(40).await;
    world.with_run().await;
    let session = world.sign_in("auditor").await;
    for object in objects(&world).await {
        world.sql(&format!("UPDATE object SET digest = 'x' || digest WHERE digest = '{}'", object.digest)).await;
        let report = report(&world, &session).await;
        assert_eq!(report["agrees"], false, "{}", object.what);
        assert!(failures(&report).contains(&object.digest.hex()), "{}: {report}", object.what);
        world.sql(&format!("UPDATE object SET digest = substr(digest, 2) WHERE digest = 'x{}'", object.digest)).await;
    }
    assert_eq!(report(&world, &session).await["agrees"], true);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_what_the_run_says_of_itself_is_found_and_named() {
    let world = World::new(40).await;
    world.with_run().await;
    let session = world.sign_in("auditor").await;
    let scope = Scope::system("test", world.services.settings().root);
    let run = world.services.store().read(&scope).get_run(1).await.unwrap();
    let other = Digest::of(b"another").hex();
    let mut counts = run.summary.clone();
    counts["classes"][0]["count"] = (counts["classes"][0]["count"].as_u64().unwrap() + 1).into();
    let mut version = run.summary.clone();
    version["version"] = 1.into();
    let mut bundle = run.summary.clone();
    bundle["bundle"] = run.result_digest.hex().into();
    for (column, before, after, named) in [
        ("snapshot_digest", run.snapshot_digest.hex(), other.clone(), "Snapshot"),
        ("snapshot_digest", run.snapshot_digest.hex(), run.result_digest.hex(), "Snapshot"),
        ("law_digest", run.law_digest.hex(), other.clone(), "Scheme and rules"),
        ("result_digest", run.result_digest.hex(), other, "Result"),
        ("engine_version", run.engine_version.clone(), "baigong 0.0.0".to_owned(), "Engine version"),
        ("year", run.year.to_string(), "2026".to_owned(), "County and year"),
        ("summary", run.summary.to_string(), counts.to_string(), "Counts by class"),
        ("summary", run.summary.to_string(), version.to_string(), "Scheme and rules"),
        ("summary", run.summary.to_string(), bundle.to_string(), "Scheme and rules"),
    ] {
        world.sql(&format!("UPDATE run SET {column} = '{after}' WHERE id = 1")).await;
        let report = report(&world, &session).await;
        assert_eq!(report["agrees"], false, "{column} = {after}");
        assert!(failures(&report).contains(named), "{column} = {after}: {report}");
        world.sql(&format!("UPDATE run SET {column} = '{before}' WHERE id = 1")).await;
    }
    assert_eq!(report(&world, &session).await["agrees"], true);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_does_not_recompute_is_neither_made_final_nor_published() {
    let world = World::new(40).await;
    world.with_run().await;
    world.advance(&[("county2", "start_notice")]).await;
    world.clock.advance_secs(12 * 86_400);
    let scope = Scope::system("test", world.services.settings().root);
    for (who, step, state) in [("county", "finalise", "notice"), ("county2", "publish", "final")] {
        for object in objects(&world).await {
            let whole = world.services.store().read(&scope).get_object(object.digest).await.unwrap();
            let mut changed = whole.clone();
            changed[whole.len() / 2] ^= 1;
            put_bytes(&world, object.digest, &changed).await;
            let answer = world.step(who, step).await;
            assert_eq!(
                (answer.status, answer.json()["code"].as_str().unwrap()),
                (StatusCode::CONFLICT, "not_verified"),
                "{}: {}",
                object.what,
                answer.text()
            );
            put_bytes(&world, object.digest, &whole).await;
        }
        let session = world.sign_in(who).await;
        assert_eq!(world.get(&session, "/api/evaluations/1").await.json()["row"]["state"], state);
        world.advance(&[(who, step)]).await;
    }
}
