//! Signing in, lockout, idle sessions, forged tokens and cross-site requests.

mod common;

use axum::http::{Method, StatusCode, header};
use common::{PASSWORD, Session, World};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn five_wrong_passwords_lock_the_account_and_the_security_administrator_unlocks_it() {
    let world = World::new(3).await;
    for _ in 0..5 {
        let answer = world
            .send(Method::POST, "/api/session", None, Some(json!({ "sign_in": "tax", "password": "wrong" })))
            .await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
        assert_eq!(answer.json()["code"], "wrong_password");
    }
    let right = json!({ "sign_in": "tax", "password": PASSWORD });
    let answer = world.send(Method::POST, "/api/session", None, Some(right.clone())).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "the right password does not open a locked account");
    assert_eq!(answer.json()["code"], "wrong_password", "and nobody learns from the answer that it is locked");
    let admin = world.sign_in("secadmin").await;
    let accounts = world.get(&admin, "/api/accounts").await.json();
    let tax = accounts.as_array().unwrap().iter().find(|a| a["sign_in"] == "tax").unwrap()["id"].clone();
    let unlocked =
        world.post(&admin, &format!("/api/accounts/{tax}/actions/unlock"), json!({ "reason": "本人申请" })).await;
    assert_eq!(unlocked.status, StatusCode::OK, "{}", unlocked.text());
    assert_eq!(world.send(Method::POST, "/api/session", None, Some(right)).await.status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_name_and_a_wrong_password_are_answered_alike() {
    let world = World::new(3).await;
    let ask = |name: &str| json!({ "sign_in": name, "password": "wrong" });
    let known = world.send(Method::POST, "/api/session", None, Some(ask("county"))).await;
    let unknown = world.send(Method::POST, "/api/session", None, Some(ask("nobody"))).await;
    assert_eq!((known.status, known.bytes), (unknown.status, unknown.bytes));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_unused_for_half_an_hour_is_over() {
    let world = World::new(3).await;
    let session = world.sign_in("county").await;
    world.clock.advance_secs(29 * 60);
    assert_eq!(world.get(&session, "/api/session").await.status, StatusCode::OK);
    world.clock.advance_secs(31 * 60);
    assert_eq!(world.get(&session, "/api/session").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forged_cookie_and_a_request_without_the_token_are_turned_away() {
    let world = World::new(3).await;
    let session = world.sign_in("county").await;
    let forged = Session { cookie: "baigong_session=0123456789abcdef".into(), csrf: session.csrf.clone() };
    assert_eq!(world.get(&forged, "/api/session").await.status, StatusCode::UNAUTHORIZED);
    let cross_site = Session { cookie: session.cookie.clone(), csrf: String::new() };
    let body = json!({ "division": world.here.to_string(), "year": 2024 });
    let answer = world.post(&cross_site, "/api/evaluations", body).await;
    assert_eq!((answer.status, answer.json()["code"].clone()), (StatusCode::FORBIDDEN, json!("csrf")));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_cookie_and_the_headers_keep_the_browser_strict() {
    let world = World::new(3).await;
    let answer = world
        .send(Method::POST, "/api/session", None, Some(json!({ "sign_in": "county", "password": PASSWORD })))
        .await;
    let cookie = answer.headers[header::SET_COOKIE].to_str().unwrap();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"), "{cookie}");
    for (name, part) in [
        ("content-security-policy", "default-src 'self'"),
        ("x-frame-options", "DENY"),
        ("x-content-type-options", "nosniff"),
        ("cache-control", "no-store"),
    ] {
        assert!(answer.headers[name].to_str().unwrap().contains(part), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn administrators_exclude_each_other_and_read_no_figures() {
    let world = World::new(3).await;
    for (who, may, may_not) in [
        ("sysadmin", "/api/accounts", "/api/audit"),
        ("secadmin", "/api/accounts", "/api/audit"),
        ("auditadmin", "/api/audit", "/api/accounts"),
    ] {
        let session = world.sign_in(who).await;
        assert_eq!(world.get(&session, may).await.status, StatusCode::OK, "{who} {may}");
        assert_eq!(world.get(&session, may_not).await.status, StatusCode::FORBIDDEN, "{who} {may_not}");
        let firms = world.get(&session, "/api/firms").await;
        assert!(!firms.status.is_success() || firms.json()["total"] == 0, "{who}: {}", firms.text());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_officers_finalising_at_once_leaves_one_winner() {
    let world = World::new(60).await;
    world.with_run().await;
    world.advance(&[("county2", "start_notice")]).await;
    world.clock.advance_secs(12 * 86_400);
    let one = world.sign_in("county").await;
    let version = world.get(&one, "/api/evaluations/1").await.json()["version"].clone();
    let body = json!({ "version": version, "reason": "" });
    let (a, b) = tokio::join!(
        world.post(&one, "/api/evaluations/1/actions/finalise", body.clone()),
        world.post(&one, "/api/evaluations/1/actions/finalise", body.clone()),
    );
    let mut statuses = [a.status, b.status];
    statuses.sort();
    assert_eq!(statuses, [StatusCode::OK, StatusCode::CONFLICT], "{} / {}", a.text(), b.text());
}
