//! Two people, every route: whatever one may see, the other must get nothing of it. The list of routes
//! comes from the OpenAPI document, so a route added later is asked too.

mod common;

use axum::http::{Method, StatusCode};
use common::{Session, World};
use utoipa::openapi::path::Operation;

/// Paths with the numbers of the demo county's things in the place of their parameters.
fn filled(path: &str, world: &World) -> String {
    let firm = world.firms_here[1].to_string();
    let mut out = path.to_owned();
    for (name, value) in [
        ("{id}", "1"),
        ("{firm}", firm.as_str()),
        ("{older}", "1"),
        ("{fact}", "tax_paid"),
        ("{template}", "tax"),
        ("{doubt}", "1"),
        ("{action}", "freeze"),
        ("{level}", "counties"),
    ] {
        out = out.replace(name, value);
    }
    if path == "/api/firms/{id}" {
        out = format!("/api/firms/{firm}");
    }
    out
}

fn routes() -> Vec<(Method, String)> {
    let document = server::openapi();
    let mut out = Vec::new();
    for (path, item) in &document.paths.paths {
        let each: [(Method, &Option<Operation>); 3] =
            [(Method::GET, &item.get), (Method::POST, &item.post), (Method::DELETE, &item.delete)];
        for (method, operation) in each {
            if operation.is_some() {
                out.push((method, path.clone()));
            }
        }
    }
    out
}

/// Routes that give everyone the same: they hold nothing of any firm.
fn is_common(path: &str) -> bool {
    ["/api/session", "/api/demo", "/api/schemes", "/api/articles", "/api/maps", "/api/public", "/api/divisions"]
        .iter()
        .any(|p| path.starts_with(p))
        || path == "/api/templates/{template}"
}

async fn sees_nothing_of_here(world: &World, session: &Session, who: &str) {
    let names: Vec<&str> =
        common::province().firms_in(world.here).iter().take(world.firms_here.len()).map(|f| f.name.as_str()).collect();
    for (method, path) in routes() {
        if is_common(&path) || method == Method::DELETE {
            continue;
        }
        let body = (method == Method::POST).then(|| serde_json::json!({
            "version": 1, "reason": "x", "says": "x", "fact": "tax_paid", "choose": "none", "changes": [], "title": "x",
            "keep": world.firms_here[0], "gone": world.firms_here[1], "division": world.here.to_string(), "year": 2024,
            "sign_in": "x", "name": "x", "role": "auditor", "password": common::PASSWORD,
        }));
        let answer = world.send(method.clone(), &filled(&path, world), Some(session), body).await;
        let text = String::from_utf8_lossy(&answer.bytes);
        let leaked = names.iter().find(|n| text.contains(**n));
        assert!(leaked.is_none(), "{who} got {leaked:?} from {method} {path}");
        if path.contains('{') {
            assert!(
                !answer.status.is_success() || path.starts_with("/api/accounts"),
                "{who} got {} from {method} {path}: {}",
                answer.status,
                answer.text()
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_of_another_county_gets_a_row_of_this_one_from_any_route() {
    let world = World::new(60).await;
    world.with_run().await;
    let county = world.sign_in("county").await;
    let results = world.get(&county, "/api/runs/1/firms").await;
    assert_eq!(results.status, StatusCode::OK, "{}", results.text());
    assert!(results.json()["total"].as_u64().unwrap() > 20, "the officer sees the results: {}", results.text());
    for who in ["other_county", "other_tax", "other_firm", "other_auditor", "sysadmin", "secadmin", "auditadmin"] {
        let session = world.sign_in(who).await;
        sees_nothing_of_here(&world, &session, who).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_firm_opens_its_own_sheet_and_proof_and_no_other() {
    let world = World::new(60).await;
    world.with_run().await;
    let firm = world.sign_in("firm").await;
    let (own, other) = (world.firms_here[0], world.firms_here[1]);
    let own_sheet = world.get(&firm, &format!("/api/evaluations/1/sheets/{own}")).await;
    assert_eq!(own_sheet.status, StatusCode::OK, "{}", own_sheet.text());
    for path in [
        format!("/api/evaluations/1/sheets/{other}"),
        format!("/api/runs/1/firms/{other}/proof"),
        format!("/api/runs/1/firms/{other}/lift"),
        format!("/api/firms/{other}"),
    ] {
        let answer = world.get(&firm, &path).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}: {}", answer.text());
    }
    for path in ["/api/runs/1", "/api/runs/1/export?format=csv", "/api/runs/1/what-if/handles"] {
        let answer = world.get(&firm, path).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path}: {}", answer.text());
    }
    let rows = world.get(&firm, "/api/runs/1/firms").await.json();
    assert_eq!(rows["total"], 1, "{rows}");
    assert_eq!(rows["rows"][0]["firm"], own);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_session_every_route_but_the_public_ones_asks_to_sign_in() {
    let world = World::new(5).await;
    for (method, path) in routes() {
        let open = path.starts_with("/api/public")
            || path == "/api/demo"
            || (path == "/api/session" && method == Method::POST);
        let body = (method == Method::POST).then(|| serde_json::json!({}));
        let answer = world.send(method.clone(), &filled(&path, &world), None, body).await;
        if !open {
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{method} {path}: {}", answer.text());
        }
    }
}
