//! One corrected lease changes exactly the firms that it should, and the report explains each of them.
//! What should change is worked out here from the results of both runs, firm by firm, and from a second
//! world in which the lease was right from the beginning.

mod common;

use axum::http::StatusCode;
use base::{Department, Digest, Scope};
use common::{World, YEAR};
use rust_decimal::Decimal;
use serde_json::Value as Json;
use services::seed::Seed;
use std::collections::{BTreeMap, BTreeSet};
use store::{BatchMeta, FactBatch, FactRow};

/// What of a firm's row says how it stands.
const STANDING: [&str; 6] = ["class", "ranked_class", "rank", "total", "population", "status"];

fn by_firm(rows: &[Json]) -> BTreeMap<i64, &Json> {
    rows.iter().map(|r| (r["firm"].as_i64().unwrap(), r)).collect()
}

fn mu(row: &Json) -> Decimal {
    row["land"].as_str().expect("its land is known").parse().unwrap()
}

/// States before the freeze what the correction will say.
async fn state_half_of_the_lease(world: &World) {
    let half = world.lease.area / Decimal::from(2);
    let mut batch = FactBatch::new(BatchMeta {
        department: Department::Land,
        file: "合同.pdf".into(),
        file_digest: None,
        received_at: "2026-03-01T00:00:00.000000Z".into(),
        reason: "合同".into(),
    });
    let subject = format!("l:{}:{}", world.lease.parcel, world.lease.tenant);
    let (first, last) = (jiff::civil::date(YEAR, 1, 1), jiff::civil::date(YEAR, 12, 31));
    let row = FactRow::new(&subject, "lease_area", store::day_number(first)).until(store::day_number(last));
    batch.push(row.number(base::fixed::to_scaled(half).unwrap()));
    world.services.seed_facts(vec![Seed { division: world.here, year: YEAR, batch }], "合同").await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_correction_changes_exactly_the_firms_it_should_and_each_is_explained() {
    let world = World::new(120).await;
    world.with_run().await;
    world.advance(&[("county2", "start_notice")]).await;
    world.halve_the_lease().await;
    world.advance(&[("county", "run_again")]).await;
    let session = world.sign_in("county").await;
    let (before, after) = (world.results(&session, 1).await, world.results(&session, 2).await);
    let (old, new) = (by_firm(&before), by_firm(&after));
    let answer = world.get(&session, "/api/runs/2/diff/1").await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    let diff = answer.json();

    // Exactly one figure differs: the lease's.
    let lease = &world.lease;
    let half = (lease.area / Decimal::from(2)).normalize();
    let facts = diff["facts"].as_array().unwrap();
    assert_eq!(facts.len(), 1, "{facts:?}");
    assert_eq!(facts[0]["subject"], format!("l:{}:{}", lease.parcel, lease.tenant));
    assert_eq!(
        (facts[0]["before"].as_str(), facts[0]["after"].as_str()),
        (Some(lease.area.to_string().as_str()), Some(half.to_string().as_str()))
    );
    assert!(facts[0]["source"]["reason"].as_str().unwrap().contains("异议"), "{}", facts[0]);

    // The land of two firms moves by that half, and of nobody else.
    for (firm, row) in &new {
        let moved = match *firm {
            f if f == lease.tenant => -half,
            f if f == lease.lessor => half,
            _ => Decimal::ZERO,
        };
        match old[firm]["land"].is_null() {
            true => assert!(row["land"].is_null() && moved.is_zero()),
            false => assert_eq!(mu(row) - mu(old[firm]), moved, "firm {firm}"),
        }
    }

    // Exactly those firms are listed whose standing differs, and the rest is counted.
    let differs = |firm: &i64| {
        let (a, b) = (old.get(firm), new.get(firm));
        STANDING.iter().any(|key| a.map(|r| &r[*key]) != b.map(|r| &r[*key]))
    };
    let everyone: BTreeSet<i64> = old.keys().chain(new.keys()).copied().collect();
    let expected: BTreeSet<i64> = everyone.iter().copied().filter(differs).collect();
    let listed = diff["firms"].as_array().unwrap();
    let found: BTreeSet<i64> = listed.iter().map(|f| f["moved"]["firm"].as_i64().unwrap()).collect();
    assert_eq!(found, expected);
    assert_eq!(listed.len(), found.len(), "no firm is listed twice");
    assert_eq!(diff["unchanged"].as_u64().unwrap() as usize + listed.len(), world.firms_here.len());
    assert!(found.contains(&lease.tenant), "the tenant's tax per mu moves: {found:?}");
    assert!(found.len() > 2 && found.len() < world.firms_here.len(), "some others move, and not all: {found:?}");

    // Each has its cause, and it is the one that the figures tell.
    for entry in listed {
        let firm = entry["moved"]["firm"].as_i64().unwrap();
        let (a, b) = (old[&firm], new[&firm]);
        let cause = match (firm == lease.tenant || firm == lease.lessor, a["total"] != b["total"]) {
            (true, _) => "land",
            (false, true) => "baseline",
            (false, false) => "rank_only",
        };
        assert_eq!(entry["causes"], serde_json::json!([cause]), "{entry}");
        assert!(!entry["why"]["zh"].as_str().unwrap().is_empty() && !entry["why"]["en"].as_str().unwrap().is_empty());
        for (key, row, column) in [
            ("from", a, "class"),
            ("to", b, "class"),
            ("rank_from", a, "rank"),
            ("rank_to", b, "rank"),
            ("total_from", a, "total"),
            ("total_to", b, "total"),
        ] {
            assert_eq!(entry["moved"][key], row[column], "{key} of {entry}");
        }
    }
    // Who is in another ranking than both cannot move.
    let touched: BTreeSet<&str> =
        [lease.tenant, lease.lessor].iter().filter_map(|f| new[f]["population"].as_str()).collect();
    for firm in &found {
        assert!(touched.contains(new[firm]["population"].as_str().unwrap_or_default()), "firm {firm}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_corrected_run_equals_one_whose_figures_were_right_from_the_beginning() {
    let corrected = World::new(60).await;
    corrected.with_run().await;
    corrected.advance(&[("county2", "start_notice")]).await;
    corrected.halve_the_lease().await;
    corrected.advance(&[("county", "run_again")]).await;
    let right = World::new(60).await;
    state_half_of_the_lease(&right).await;
    right.with_run().await;
    let scope = Scope::system("test", right.services.settings().root);
    let again = corrected.services.store().read(&scope).get_run(2).await.unwrap();
    let first = right.services.store().read(&scope).get_run(1).await.unwrap();
    let (one, other) = (corrected.sign_in("county").await, right.sign_in("county").await);
    let strip = |mut rows: Vec<Json>| {
        // The objection that was filed is no part of the result.
        rows.iter_mut().for_each(|r| r["objection"] = false.into());
        rows
    };
    assert_eq!(strip(corrected.results(&one, 2).await), strip(right.results(&other, 1).await));
    assert_eq!(again.summary["classes"], first.summary["classes"]);
    // To the bit, but for the manifest: it names the snapshot, whose figure has another source.
    let parts = async |world: &World, index: Digest| {
        let bytes = world.services.store().read(&scope).get_object(index).await.unwrap();
        let mut parts: BTreeMap<String, Digest> = serde_json::from_slice(&bytes).unwrap();
        assert!(parts.remove("manifest.json").is_some());
        parts
    };
    assert_eq!(parts(&corrected, again.result_digest).await, parts(&right, first.result_digest).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_run_before_a_correction_stays_as_it_was() {
    let world = World::new(60).await;
    world.with_run().await;
    let session = world.sign_in("county").await;
    let (rows, report) = (world.results(&session, 1).await, world.get(&session, "/api/runs/1/verify").await.json());
    assert_eq!(report["agrees"], true);
    world.advance(&[("county2", "start_notice")]).await;
    world.halve_the_lease().await;
    world.advance(&[("county", "run_again")]).await;
    let session = world.sign_in("county").await;
    assert_eq!(world.results(&session, 1).await, rows);
    for run in [1, 2] {
        let report = world.get(&session, &format!("/api/runs/{run}/verify")).await.json();
        assert_eq!(report["agrees"], true, "run {run}: {report}");
    }
}
