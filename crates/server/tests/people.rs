//! People and their powers: guesses at the same time, administrators who need each other, addresses in
//! the audit log, polling that keeps no session alive, and what the edge adds behind a proxy.

mod common;

use axum::{
    Router,
    body::Body,
    extract::ConnectInfo,
    http::{Method, Request, StatusCode, header},
};
use common::{Answer, PASSWORD, Session, World};
use serde_json::{Value as Json, json};
use server::edge::{Edge, ProxyHeader};
use std::net::SocketAddr;
use tower::ServiceExt;

async fn tries(world: &World, sign_in: &str, password: &str) -> Answer {
    world.send(Method::POST, "/api/session", None, Some(json!({ "sign_in": sign_in, "password": password }))).await
}

async fn account(world: &World, keeper: &Session, sign_in: &str) -> Json {
    let all = world.get(keeper, "/api/accounts").await.json();
    all.as_array().unwrap().iter().find(|a| a["sign_in"] == sign_in).cloned().unwrap_or(Json::Null)
}

async fn act(world: &World, keeper: &Session, sign_in: &str, action: &str, mut body: Json) -> Answer {
    let id = account(world, keeper, sign_in).await["id"].as_i64().unwrap();
    body["reason"] = json!("测试");
    world.post(keeper, &format!("/api/accounts/{id}/actions/{action}"), body).await
}

/// The newest entry of the audit log whose action begins so.
async fn entry(world: &World, action: &str) -> Json {
    let reader = world.sign_in("auditadmin").await;
    world.get(&reader, &format!("/api/audit?action={action}&size=1")).await.json()["rows"][0].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_passwords_at_the_same_time_all_count_and_the_right_one_comes_too_late() {
    let world = World::new(3).await;
    let guesses = (0..10).map(|_| tries(&world, "tax", "wrong"));
    for answer in futures_all(guesses).await {
        assert_eq!(answer.json()["code"], "wrong_password");
    }
    let keeper = world.sign_in("secadmin").await;
    assert!(account(&world, &keeper, "tax").await["locked_until"].is_string(), "ten guesses at once lock");
    let late = tries(&world, "tax", PASSWORD).await;
    let unknown = tries(&world, "nobody.at.all", PASSWORD).await;
    assert_eq!(late.status, StatusCode::UNAUTHORIZED);
    assert_eq!(late.bytes, unknown.bytes, "a locked account answers like none");
    assert_eq!(entry(&world, "session.refused").await["detail"]["why"], "unknown");
}

/// Runs futures at the same time.
async fn futures_all<T>(all: impl Iterator<Item = impl Future<Output = T>>) -> Vec<T> {
    let mut waiting: Vec<_> = all.map(Box::pin).collect();
    let mut done: Vec<Option<T>> = waiting.iter().map(|_| None).collect();
    std::future::poll_fn(|cx| {
        for (one, slot) in waiting.iter_mut().zip(&mut done).filter(|(_, slot)| slot.is_none()) {
            if let std::task::Poll::Ready(value) = one.as_mut().poll(cx) {
                *slot = Some(value);
            }
        }
        if done.iter().all(Option::is_some) { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
    })
    .await;
    done.into_iter().flatten().collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_administrator_does_during_a_sign_in_holds() {
    let world = World::new(3).await;
    let (system, security) = (world.sign_in("sysadmin").await, world.sign_in("secadmin").await);
    for name in ["county", "land", "city"] {
        let (_, disabled) =
            tokio::join!(tries(&world, name, PASSWORD), act(&world, &system, name, "disable", json!({})));
        assert_eq!(disabled.status, StatusCode::OK, "{}", disabled.text());
        assert_eq!(account(&world, &system, name).await["disabled"], true, "{name}");
        assert_eq!(tries(&world, name, PASSWORD).await.status, StatusCode::UNAUTHORIZED);
    }
    let role = json!({ "role": "auditor" });
    let (_, moved) = tokio::join!(tries(&world, "tax", "wrong"), act(&world, &security, "tax", "set_role", role));
    assert_eq!(moved.status, StatusCode::OK, "{}", moved.text());
    assert_eq!(account(&world, &security, "tax").await["role"], "auditor");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_working_account_takes_two_administrators_and_its_holder() {
    let world = World::new(3).await;
    let (system, security) = (world.sign_in("sysadmin").await, world.sign_in("secadmin").await);
    let new = json!({ "sign_in": "new.officer", "name": "新经办岗", "division": world.here.to_string(),
                      "role": "province_officer", "password": "Chosen-by-admin-1" });
    assert_eq!(world.post(&security, "/api/accounts", new.clone()).await.status, StatusCode::FORBIDDEN);
    let made = world.post(&system, "/api/accounts", new).await;
    assert_eq!(made.status, StatusCode::OK, "{}", made.text());
    let made = made.json();
    assert_eq!((made["role"].as_str(), made["disabled"].as_bool()), (Some("public"), Some(true)));
    let secret = made["secret"].as_str().unwrap().to_owned();
    assert_ne!(secret, "Chosen-by-admin-1");
    assert!(account(&world, &system, "new.officer").await["secret"].is_null(), "told once");
    assert_eq!(tries(&world, "new.officer", &secret).await.status, StatusCode::UNAUTHORIZED);

    let role = json!({ "role": "county_officer" });
    for (action, body) in [("enable", json!({})), ("set_role", role.clone())] {
        let refused = act(&world, &system, "new.officer", action, body).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{action} is not the system administrator's");
    }
    let early = act(&world, &security, "new.officer", "enable", json!({})).await;
    assert_eq!((early.status, early.json()["code"].clone()), (StatusCode::CONFLICT, json!("no_role")));
    for (action, body) in [("set_role", role), ("enable", json!({}))] {
        let done = act(&world, &security, "new.officer", action, body).await;
        assert_eq!(done.status, StatusCode::OK, "{action}: {}", done.text());
    }
    let first = tries(&world, "new.officer", &secret).await;
    assert_eq!((first.status, first.json()["must_change"].clone()), (StatusCode::OK, json!(true)));
    let session = session_of(&first);
    assert_eq!(world.get(&session, "/api/evaluations").await.json()["code"], "must_change_password");
    let same = world.post(&session, "/api/session/password", json!({ "old": secret, "new": secret })).await;
    assert_eq!(same.json()["code"], "same_password");
    let changed = world.post(&session, "/api/session/password", json!({ "old": secret, "new": PASSWORD })).await;
    assert_eq!(changed.status, StatusCode::OK, "{}", changed.text());
    assert_eq!(world.get(&session, "/api/evaluations").await.status, StatusCode::OK);
    assert_eq!(tries(&world, "new.officer", &secret).await.status, StatusCode::UNAUTHORIZED);
    for action in ["account.create", "account.set_role", "account.enable", "account.password"] {
        assert!(entry(&world, action).await.is_object(), "{action} is in the log");
    }
}

fn session_of(answer: &Answer) -> Session {
    let cookie = answer.headers[header::SET_COOKIE].to_str().unwrap().split(';').next().unwrap().to_owned();
    Session { cookie, csrf: answer.json()["csrf"].as_str().unwrap().to_owned() }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_password_by_one_administrator_waits_for_the_other() {
    let world = World::new(3).await;
    let (system, security) = (world.sign_in("sysadmin").await, world.sign_in("secadmin").await);
    let by_security = act(&world, &security, "county", "reset_password", json!({})).await;
    assert_eq!(by_security.status, StatusCode::FORBIDDEN);
    let reset = act(&world, &system, "county", "reset_password", json!({})).await.json();
    let secret = reset["secret"].as_str().unwrap().to_owned();
    assert_eq!(tries(&world, "county", &secret).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(act(&world, &security, "county", "enable", json!({})).await.status, StatusCode::OK);
    assert_eq!(tries(&world, "county", &secret).await.status, StatusCode::OK);
    let last = act(&world, &system, "secadmin", "disable", json!({})).await;
    assert_eq!((last.status, last.json()["code"].clone()), (StatusCode::CONFLICT, json!("last_administrator")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_brings_what_it_needs() {
    let world = World::new(3).await;
    let security = world.sign_in("secadmin").await;
    let without = act(&world, &security, "tax", "set_role", json!({ "role": "firm" })).await;
    assert_eq!(without.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", without.text());
    let officer = world.sign_in("county").await;
    let path = format!("/api/firms/{}", world.firms_here[1]);
    let code = world.get(&officer, &path).await.json()["firm"]["credit_code"].clone();
    let granted = act(&world, &security, "tax", "set_role", json!({ "role": "firm", "credit_code": code })).await;
    assert_eq!(granted.json()["firm"], json!(world.firms_here[1]), "{}", granted.text());
    let foreign = world.sign_in("other_county").await;
    let path = format!("/api/firms/{}", world.firms_there[1]);
    let code = world.get(&foreign, &path).await.json()["firm"]["credit_code"].clone();
    let refused = act(&world, &security, "land", "set_role", json!({ "role": "firm", "credit_code": code })).await;
    assert_eq!(refused.json()["code"], "firm", "a firm of another county: {}", refused.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_polls_keeps_no_session_alive_and_real_use_does() {
    let world = World::new(3).await;
    let (left_alone, used) = (world.sign_in("county").await, world.sign_in("land").await);
    let ask = |session: &Session, path: &str| {
        Request::get(path)
            .header(header::COOKIE, &session.cookie)
            .header("x-baigong-background", "1")
            .body(Body::empty())
            .unwrap()
    };
    for minute in 1..=30 {
        world.clock.advance_secs(60);
        let polled = world.raw(ask(&left_alone, "/api/work")).await;
        assert_eq!(polled.status, StatusCode::OK, "minute {minute}");
        // The mark counts for the one question that pages repeat, and nowhere else.
        assert_eq!(world.raw(ask(&used, "/api/evaluations")).await.status, StatusCode::OK);
    }
    world.clock.advance_secs(60);
    assert_eq!(world.raw(ask(&left_alone, "/api/work")).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(world.raw(ask(&used, "/api/work")).await.status, StatusCode::OK);
}

/// The same services behind another edge.
fn behind(world: &World, edge: Edge) -> Router {
    server::router(server::App::behind(world.services.clone(), edge))
}

/// A sign-in over a connection from a proxy at 10.0.0.1 that names the client in both headers.
async fn through_proxy(router: &Router, sign_in: &str, password: &str, client: &str) -> axum::response::Response {
    let mut request = Request::post("/api/session")
        .header(header::CONTENT_TYPE, "application/json")
        .header("x-forwarded-for", format!("1.1.1.1, {client}"))
        .body(Body::from(json!({ "sign_in": sign_in, "password": password }).to_string()))
        .unwrap();
    request.extensions_mut().insert(ConnectInfo(SocketAddr::from(([10, 0, 0, 1], 40_000))));
    router.clone().oneshot(request).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_audit_log_knows_where_people_came_from() {
    let world = World::new(3).await;
    let proxied = behind(&world, Edge { proxy: Some(ProxyHeader::XForwardedFor), ..Edge::default() });
    through_proxy(&proxied, "county", "wrong", "203.0.113.7").await;
    assert_eq!(entry(&world, "session.failed").await["detail"]["address"], "203.0.113.7");
    let direct = behind(&world, Edge::default());
    through_proxy(&direct, "county", "wrong", "203.0.113.7").await;
    let forged = entry(&world, "session.failed").await;
    assert_eq!(forged["detail"]["address"], "10.0.0.1", "without a proxy its header is only what the client wrote");
    let answer = through_proxy(&proxied, "county", PASSWORD, "2001:db8::9").await;
    assert_eq!(entry(&world, "session.begin").await["actor"], "system:sign-in");
    let cookie = answer.headers()[header::SET_COOKIE].to_str().unwrap().split(';').next().unwrap().to_owned();
    let read = Request::get(format!("/api/firms/{}", world.firms_here[0]))
        .header(header::COOKIE, cookie)
        .header("x-forwarded-for", "2001:db8::9")
        .body(Body::empty())
        .unwrap();
    assert_eq!(proxied.oneshot(read).await.unwrap().status(), StatusCode::OK);
    let seen = entry(&world, "firm.read").await;
    assert_eq!((seen["actor"].clone(), seen["detail"]["address"].clone()), (json!("county"), json!("2001:db8::9")));
}

#[tokio::test(flavor = "multi_thread")]
async fn limits_count_the_client_behind_the_proxy_and_the_account_behind_all_clients() {
    let world = World::new(3).await;
    let router = behind(&world, Edge { proxy: Some(ProxyHeader::XForwardedFor), ..Edge::default() });
    // One account from many addresses.
    let mut statuses = Vec::new();
    for n in 0..22 {
        statuses.push(through_proxy(&router, "nobody", "wrong", &format!("198.51.100.{n}")).await.status());
    }
    assert_eq!(statuses[19], StatusCode::UNAUTHORIZED);
    assert_eq!(statuses[20], StatusCode::TOO_MANY_REQUESTS);
    // Many accounts from one address; the proxy's own address is not what counts.
    let mut statuses = Vec::new();
    for n in 0..32 {
        statuses.push(through_proxy(&router, &format!("nobody{n}"), "wrong", "192.0.2.1").await.status());
    }
    assert_eq!((statuses[29], statuses[30]), (StatusCode::UNAUTHORIZED, StatusCode::TOO_MANY_REQUESTS));
    assert_eq!(through_proxy(&router, "someone", "wrong", "192.0.2.2").await.status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test(flavor = "multi_thread")]
async fn behind_https_the_cookie_is_secure_and_browsers_are_told_to_stay_there() {
    let world = World::new(3).await;
    let router = behind(&world, Edge { https: true, ..Edge::default() });
    let answer = through_proxy(&router, "county", PASSWORD, "192.0.2.9").await;
    let cookie = answer.headers()[header::SET_COOKIE].to_str().unwrap();
    assert!(cookie.contains("; Secure"), "{cookie}");
    assert!(answer.headers()["strict-transport-security"].to_str().unwrap().contains("max-age="));
    let plain = tries(&world, "county", PASSWORD).await;
    assert!(!plain.headers[header::SET_COOKIE].to_str().unwrap().contains("Secure"));
    assert!(!plain.headers.contains_key("strict-transport-security"));
}
