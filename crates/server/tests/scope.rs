//! Two people, every route: whatever one may see, the other must get nothing of it. The list of routes
//! comes from the OpenAPI document, so a route added later is asked too.

mod common;

use axum::http::{Method, StatusCode};
use base::{DivisionCode, Scope};
use common::{Answer, Session, World, province};
use serde_json::{Value as Json, json};
use std::collections::HashSet;
use utoipa::openapi::path::Operation;

const FIRMS: usize = 60;

/// Words that stand for `{action}`: each is tried.
const ACTIONS: [&str; 23] = [
    "open_confirmation",
    "freeze",
    "run_trial",
    "start_notice",
    "withdraw_notice",
    "finalise",
    "publish",
    "route",
    "answer",
    "accept",
    "withdraw",
    "cut",
    "list",
    "recommend",
    "refuse",
    "object",
    "pay",
    "ask_removal",
    "drop",
    "give_evidence",
    "close",
    "contact",
    "fail",
];

/// Paths with the numbers of the demo county's things in the place of their parameters.
fn filled(path: &str, world: &World) -> Vec<String> {
    let firm = world.firms_here[1].to_string();
    // Cases of chains are numbered together: a task, a need, what a firm states, an introduction.
    let mut out = match path {
        _ if path.starts_with("/api/needs/{id}") => path.replacen("{id}", "2", 1),
        _ if path.starts_with("/api/introductions/{id}") => path.replacen("{id}", "4", 1),
        _ => path.to_owned(),
    };
    for (name, value) in [
        ("{id}", "1"),
        ("{firm}", firm.as_str()),
        ("{older}", "1"),
        ("{fact}", "tax_paid"),
        ("{template}", "tax"),
        ("{doubt}", "1"),
        ("{line}", "1"),
        ("{level}", "counties"),
    ] {
        out = out.replace(name, value);
    }
    if path == "/api/firms/{id}" {
        out = format!("/api/firms/{firm}");
    }
    match out.contains("{action}") {
        true => ACTIONS.iter().map(|a| out.replace("{action}", a)).collect(),
        false => vec![out],
    }
}

fn routes() -> Vec<(Method, String)> {
    let document = server::openapi();
    let mut out = Vec::new();
    for (path, item) in &document.paths.paths {
        let each: [(Method, &Option<Operation>); 5] = [
            (Method::GET, &item.get),
            (Method::POST, &item.post),
            (Method::PUT, &item.put),
            (Method::PATCH, &item.patch),
            (Method::DELETE, &item.delete),
        ];
        for (method, operation) in each {
            if operation.is_some() {
                out.push((method, path.clone()));
            }
        }
    }
    out
}

/// Routes that give everyone the same: they hold nothing of any firm that is not published.
fn is_common(path: &str) -> bool {
    ["/api/session", "/api/demo", "/api/schemes", "/api/articles", "/api/maps", "/api/public", "/api/divisions"]
        .iter()
        .any(|p| path.starts_with(p))
        || ["/api/templates/{template}", "/api/rules", "/api/rule"].contains(&path)
}

/// What must not reach a stranger: names, codes and numbers of a county's firms.
struct Secret {
    names: Vec<&'static str>,
    codes: Vec<&'static str>,
    ids: HashSet<i64>,
}

impl Secret {
    fn of(county: DivisionCode, ids: &[i64]) -> Self {
        let firms = &province().firms_in(county)[..ids.len()];
        Self {
            names: firms.iter().map(|f| f.name.as_str()).collect(),
            codes: firms.iter().map(|f| f.code.as_str()).collect(),
            ids: ids.iter().copied().collect(),
        }
    }

    /// The name or code that an answer tells.
    fn words(&self, answer: &Answer) -> Option<String> {
        let text = String::from_utf8_lossy(&answer.bytes);
        self.names.iter().chain(&self.codes).find(|w| text.contains(**w)).map(|w| (*w).to_owned())
    }

    /// What of it an answer tells.
    fn told(&self, answer: &Answer) -> Option<String> {
        self.words(answer).or_else(|| self.numbers(&serde_json::from_slice(&answer.bytes).unwrap_or(Json::Null)))
    }

    /// A firm's number, wherever an answer carries one: as a field, a subject or a link.
    fn numbers(&self, value: &Json) -> Option<String> {
        match value {
            Json::Array(items) => items.iter().find_map(|i| self.numbers(i)),
            Json::Object(map) => {
                let fields = ["firm", "tenant", "lessor", "owner", "keep", "gone"];
                let is_firm = map.contains_key("credit_code");
                let found = map.iter().find(|(key, value)| {
                    (fields.contains(&key.as_str()) || is_firm && *key == "id")
                        && value.as_i64().is_some_and(|n| self.ids.contains(&n))
                });
                found.map(|(k, v)| format!("{k}: {v}")).or_else(|| map.values().find_map(|v| self.numbers(v)))
            }
            Json::String(text) => self
                .ids
                .iter()
                .find(|id| [format!("f:{id}"), format!("firm:{id}"), format!("/firms/{id}")].contains(text))
                .map(|_| text.clone()),
            _ => None,
        }
    }
}

/// A body that would do for many routes.
fn body(world: &World) -> Json {
    json!({
        "version": 1, "reason": "x", "says": "x", "fact": "tax_paid", "choose": "none", "changes": [], "title": "x",
        "keep": world.firms_here[0], "gone": world.firms_here[1], "division": world.here.to_string(), "year": 2024,
        "rule": "national/titles/sme", "kind": "first", "from": "2026-03-01T00:00:00", "to": "2026-03-02T00:00:00",
        "sample_percent": "1", "firm": world.firms_here[1], "lines": [], "id": "x", "value": "x", "built": "found",
        "sign_in": "x", "name": "x", "role": "auditor", "password": common::PASSWORD, "verdict": "refuse",
    })
}

async fn ask(world: &World, session: &Session, method: &Method, path: &str) -> Vec<Answer> {
    let mut answers = Vec::new();
    let takes_form = *method == Method::POST && (path.ends_with("/imports") || path.ends_with("/objections"));
    for filled in filled(path, world) {
        answers.push(match takes_form {
            true => {
                let firm = world.firms_here[1].to_string();
                let fields = [("fact", "tax_paid"), ("claimed", "1"), ("says", "x"), ("firm", firm.as_str())];
                world.upload(session, &format!("{filled}?template=tax"), &fields, ("a.csv", b"x")).await
            }
            false => {
                let body = (*method == Method::POST).then(|| body(world));
                world.send(method.clone(), &filled, Some(session), body).await
            }
        });
    }
    answers
}

async fn sees_nothing_of_here(world: &World, session: &Session, who: &str) {
    let secret = Secret::of(world.here, &world.firms_here);
    let numbered: &[&str] = match who {
        "sysadmin" | "secadmin" => &["/api/accounts"],
        "auditadmin" => &["/api/audit"],
        _ => &[],
    };
    let mut wrong = Vec::new();
    for (method, path) in routes() {
        if is_common(&path) {
            continue;
        }
        for answer in ask(world, session, &method, &path).await {
            // Administrators keep the accounts and read the log, which say by number whom they are about; no
            // name and no code.
            let told = match numbered.iter().any(|p| path.starts_with(p)) {
                true => secret.words(&answer),
                false => secret.told(&answer),
            };
            let opened = path.contains('{') && answer.status.is_success() && !path.starts_with("/api/accounts");
            if told.is_some() || opened || answer.status == StatusCode::INTERNAL_SERVER_ERROR {
                wrong.push(format!("{method} {path} tells {told:?}: {} {}", answer.status, answer.text()));
            }
        }
    }
    assert!(wrong.is_empty(), "{who}: {wrong:#?}");
}

/// Something of every noun, each number 1 the demo county's: imports of three departments, a run, a what-if,
/// a notice, an objection, a round with a filing and its invoice line.
async fn something_of_everything(world: &World) {
    for department in ["tax", "power", "land"] {
        let session = world.sign_in("county").await;
        world.hand_in(&session, department, &format!("{department}.csv"), &file_of(department)).await;
    }
    let session = world.sign_in("county").await;
    for import in world.get(&session, "/api/evaluations/1/imports").await.json().as_array().unwrap() {
        if import["state"] == "waiting" {
            let path = format!("/api/imports/{}/withdraw", import["id"]);
            assert_eq!(world.post(&session, &path, json!({ "reason": "测试" })).await.status, StatusCode::OK);
        }
    }
    world.with_run().await;
    let session = world.sign_in("county").await;
    let kept = world.post(&session, "/api/runs/1/what-ifs", json!({ "title": "试", "changes": [] })).await;
    assert_eq!(kept.status, StatusCode::OK, "{}", kept.text());
    world.advance(&[("county2", "start_notice")]).await;
    let tenant = world.sign_in("tenant").await;
    let fields = [("fact", "land"), ("subject", world.lease.parcel.as_str()), ("claimed", "1"), ("says", "租得少")];
    let filed = world.upload(&tenant, "/api/evaluations/1/objections", &fields, ("合同.pdf", b"%PDF")).await;
    assert_eq!(filed.status, StatusCode::OK, "{}", filed.text());
    a_round_of_the_county(world).await;
    a_chain_of_the_county(world).await;
}

/// A round of the county itself, so that nobody outside it has to do with it.
async fn a_round_of_the_county(world: &World) {
    let scope = Scope::system("test", world.services.settings().root);
    let mut tx = world.services.store().begin(&scope).await.unwrap();
    let new = store::NewRound {
        rule: "national/titles/sme".into(),
        kind: "first".into(),
        division: world.here,
        title: "试批次".into(),
        opens: "2026-03-01T00:00:00".into(),
        closes: "2026-03-31T00:00:00".into(),
        state: "open".into(),
        data: json!({ "sample_percent": "10", "due_by": null, "secret": null, "drawn": false, "cuts": [],
            "notice": null, "list": null, "last_actor": null, "history": [] }),
    };
    let round = tx.insert_round(&new).await.unwrap();
    tx.audit(store::NewAudit::new("round.create", "round:1", world.here));
    tx.commit().await.unwrap();
    assert_eq!(round.id, 1);
    let firm = world.sign_in("firm").await;
    let filing = world.post(&firm, "/api/rounds/1/filings", json!({})).await;
    assert_eq!(filing.status, StatusCode::OK, "{}", filing.text());
    let lines = json!({ "version": filing.json()["version"], "lines": [
        { "invoice": "25372000000123456789", "line": 1, "seller": "91350100M000100Y43", "on": "2025-01-08",
          "item": "机床", "amount": "100" },
    ] });
    let added = world.post(&firm, "/api/filings/1/lines", lines).await;
    assert_eq!(added.status, StatusCode::OK, "{}", added.text());
    let file = ("合同.pdf", b"%PDF a contract".as_slice());
    let path = format!("/api/filings/1/documents?version={}", added.json()["version"]);
    assert_eq!(world.upload(&firm, &path, &[], file).await.status, StatusCode::OK);
}

/// A chain of the county with a firm on it, a task, a need with an introduction, and what a firm states.
async fn a_chain_of_the_county(world: &World) {
    let county = world.sign_in("county").await;
    let opened = world.post(&county, "/api/chains", json!({ "template": "shandong/chains/machine-tools" })).await;
    assert_eq!(opened.status, StatusCode::OK, "{}", opened.text());
    let scope = Scope::system("test", world.services.settings().root);
    let mut firms = Vec::new();
    for at in [0, 1] {
        firms.push(world.services.store().read(&scope).get_firm(world.firms_here[at]).await.unwrap());
    }
    let node = |firm: &store::Firm| format!("firm:{}", firm.credit_code.clone().unwrap());
    let put = |firm: &store::Firm| {
        json!({ "op": "put_node", "id": node(firm), "kind": "firm", "name": firm.name, "place": world.here.to_string(),
            "output": 3650.0 })
    };
    let link = |from: String, to: String, kind: &str, amount: Json| {
        json!({ "op": "put_link", "from": from, "to": to, "kind": kind, "share": null, "amount": amount,
            "confidence": 0.9, "source": "台账" })
    };
    let bearing = "product:spindle-bearing".to_owned();
    let ops = json!([
        put(&firms[0]),
        put(&firms[1]),
        link(node(&firms[0]), bearing.clone(), "places", Json::Null),
        link(node(&firms[1]), "product:spindle".into(), "places", Json::Null),
        link(node(&firms[0]), node(&firms[1]), "supplies", json!(365.0)),
    ]);
    let changed =
        world.post(&county, "/api/chains/1/changes", json!({ "revision": 1, "reason": "登记", "ops": ops })).await;
    assert_eq!(changed.status, StatusCode::OK, "{}", changed.text());
    let task =
        json!({ "revision": 2, "product": bearing, "move": "stock", "owner": "county", "deadline": "2026-12-31" });
    let task = world.post(&county, "/api/chains/1/tasks", task).await;
    assert_eq!(task.status, StatusCode::OK, "{}", task.text());
    assert_eq!(task.json()["id"], 1);
    let path = format!("/api/chain-tasks/1/evidence?version={}", task.json()["version"]);
    let shown = world.upload(&county, &path, &[("title", "入库单")], ("入库单.pdf", b"%PDF receipts")).await;
    assert_eq!(shown.status, StatusCode::OK, "{}", shown.text());
    let need = json!({ "chain": 1, "firm": firms[1].id, "product": bearing, "title": "主轴轴承", "amount": 100.0,
        "until": "2026-12-31", "specs": [{ "property": "ISO 9001", "demand": "has" }] });
    let need = world.post(&county, "/api/needs", need).await;
    assert_eq!(need.status, StatusCode::OK, "{}", need.text());
    assert_eq!(need.json()["row"]["id"], 2);
    let stated = json!({ "chain": 1, "firm": firms[0].id, "product": bearing, "capacity": 300.0, "consent": true,
        "specs": [{ "property": "ISO 9001", "demand": "has" }] });
    let stated = world.send(Method::PUT, "/api/capabilities", Some(&county), Some(stated)).await;
    assert_eq!(stated.status, StatusCode::OK, "{}", stated.text());
    let met = world.post(&county, "/api/needs/2/introductions", json!({ "firm": firms[0].id })).await;
    assert_eq!(met.status, StatusCode::OK, "{}", met.text());
}

/// A file of one row about the first firm.
fn file_of(department: &str) -> Vec<u8> {
    let province = province();
    let firm = &province.firms_in(province.demo_county())[0];
    let (code, name) = (firm.code.as_str(), &firm.name);
    match department {
        "tax" => format!("统一社会信用代码,企业名称,实缴税金（万元）\n{code},{name},12.5\n"),
        "power" => format!("户号,户名,统一社会信用代码,用电地址,全年用电量（千瓦时）\n1,{name},{code},x,1250\n"),
        _ => format!("宗地编号,土地使用权人,统一社会信用代码,宗地面积（亩）\n370725001001GB00001,{name},{code},12.5\n"),
    }
    .into_bytes()
}

/// Everything of the demo county that a stranger must not have changed.
async fn state_of_here(world: &World) -> Json {
    let scope = Scope::system("test", world.services.settings().root);
    let read = world.services.store().read(&scope);
    let filter = store::AuditFilter { action: Some("firm.merge".into()), ..store::AuditFilter::default() };
    json!([
        read.get_evaluation(1).await.unwrap(),
        read.list_imports(&store::ImportFilter::default()).await.unwrap(),
        read.list_runs(1).await.unwrap(),
        read.list_objections(&store::ObjectionFilter::default()).await.unwrap(),
        read.list_publications(None).await.unwrap(),
        read.list_confirmations(1).await.unwrap(),
        read.list_what_ifs(1).await.unwrap(),
        read.list_rounds().await.unwrap(),
        read.list_filings(&store::FilingFilter::default()).await.unwrap(),
        read.list_cost_lines(&[1]).await.unwrap(),
        read.list_chains().await.unwrap(),
        read.list_chain_cases(&store::ChainCaseFilter { kind: "task".into(), ..Default::default() }).await.unwrap(),
        read.list_chain_cases(&store::ChainCaseFilter { kind: "need".into(), ..Default::default() }).await.unwrap(),
        read.list_chain_cases(&store::ChainCaseFilter { kind: "introduction".into(), ..Default::default() })
            .await
            .unwrap(),
        read.list_chain_cases(&store::ChainCaseFilter { kind: "capability".into(), ..Default::default() })
            .await
            .unwrap(),
        read.list_audit(&filter, store::Page::ALL).await.unwrap().total,
    ])
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_of_another_county_gets_a_row_of_this_one_from_any_route_or_changes_one() {
    let world = World::new(FIRMS).await;
    something_of_everything(&world).await;
    let county = world.sign_in("county").await;
    let results = world.get(&county, "/api/runs/1/firms").await;
    assert_eq!(results.status, StatusCode::OK, "{}", results.text());
    let secret = Secret::of(world.here, &world.firms_here);
    for path in [
        "/api/runs/1/firms",
        "/api/firms",
        "/api/evaluations/1/objections",
        "/api/evaluations/1/parcels",
        "/api/filings",
        "/api/filings/1",
        "/api/chains/1/graph",
        "/api/needs/2",
        "/api/capabilities",
    ] {
        assert!(secret.told(&world.get(&county, path).await).is_some(), "the officer sees it, so it can leak: {path}");
    }
    let before = state_of_here(&world).await;
    for who in
        ["other_county", "other_tax", "other_firm", "other_auditor", "other_city", "sysadmin", "secadmin", "auditadmin"]
    {
        let session = world.sign_in(who).await;
        sees_nothing_of_here(&world, &session, who).await;
    }
    assert_eq!(state_of_here(&world).await, before, "and nothing here has changed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_city_officer_sees_the_counties_of_its_city_and_no_other() {
    let world = World::new(FIRMS).await;
    let secrets = [
        (Secret::of(world.here, &world.firms_here), true),
        (Secret::of(world.there, &world.firms_there), true),
        (Secret::of(world.elsewhere, &world.firms_elsewhere), false),
    ];
    let city = world.sign_in("city").await;
    for (secret, seen) in &secrets {
        let mut found = HashSet::new();
        for page in 1..=2 {
            let answer = world.get(&city, &format!("/api/firms?size=200&page={page}")).await;
            for row in answer.json()["rows"].as_array().unwrap() {
                found.insert(row["id"].as_i64().unwrap());
            }
        }
        assert_eq!(secret.ids.iter().all(|id| found.contains(id)), *seen);
        assert_eq!(secret.ids.iter().any(|id| found.contains(id)), *seen);
    }
    let seen: Vec<i64> = world
        .get(&city, "/api/evaluations")
        .await
        .json()
        .as_array()
        .unwrap()
        .iter()
        .map(|e| e["id"].as_i64().unwrap())
        .collect();
    assert_eq!(seen.into_iter().collect::<HashSet<_>>(), HashSet::from([1, 2]));
    for (path, status) in [
        ("/api/evaluations/1".to_owned(), StatusCode::OK),
        ("/api/evaluations/2".to_owned(), StatusCode::OK),
        ("/api/evaluations/3".to_owned(), StatusCode::NOT_FOUND),
        ("/api/evaluations/3/sheets".to_owned(), StatusCode::NOT_FOUND),
        (format!("/api/firms/{}", world.firms_there[0]), StatusCode::OK),
        (format!("/api/firms/{}", world.firms_elsewhere[0]), StatusCode::NOT_FOUND),
        (format!("/api/evaluations/2/sheets/{}", world.firms_there[0]), StatusCode::OK),
        (format!("/api/evaluations/3/sheets/{}", world.firms_elsewhere[0]), StatusCode::NOT_FOUND),
        (format!("/api/evaluations/1/sheets/{}", world.firms_elsewhere[0]), StatusCode::NOT_FOUND),
    ] {
        let answer = world.get(&city, &path).await;
        assert_eq!(answer.status, status, "{path}: {}", answer.text());
        assert!(secrets[2].0.told(&answer).is_none(), "{path}");
    }
    for q in [&province().firms_in(world.elsewhere)[0].name, &province().firms_in(world.here)[0].name] {
        let hits = world.get(&city, &format!("/api/search?q={}", encoded(q))).await;
        assert!(secrets[2].0.told(&hits).is_none(), "{}", hits.text());
    }
}

fn encoded(text: &str) -> String {
    text.bytes().map(|b| format!("%{b:02X}")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_department_owner_sees_the_imports_and_objections_of_its_department_and_no_others() {
    let world = World::new(FIRMS).await;
    something_of_everything(&world).await;
    // Numbers 1, 2 and 3 are the tax, power and land bureaus'; the objection is about land.
    for (who, own) in [("tax", 1), ("power", 2), ("land", 3)] {
        let session = world.sign_in(who).await;
        let listed = world.get(&session, "/api/evaluations/1/imports").await.json();
        let ids: Vec<i64> = listed.as_array().unwrap().iter().map(|i| i["id"].as_i64().unwrap()).collect();
        assert_eq!(ids, [own], "{who}");
        for id in 1..=3 {
            let expected = if id == own { StatusCode::OK } else { StatusCode::NOT_FOUND };
            for path in [format!("/api/imports/{id}"), format!("/api/imports/{id}/doubts")] {
                assert_eq!(world.get(&session, &path).await.status, expected, "{who} {path}");
            }
            if id != own {
                assert_eq!(world.get(&session, &format!("/api/imports/{id}/marked")).await.status, expected);
                for action in ["accept", "withdraw"] {
                    let path = format!("/api/imports/{id}/{action}");
                    let answer = world.post(&session, &path, json!({ "reason": "x" })).await;
                    assert_eq!(answer.status, StatusCode::NOT_FOUND, "{who} {path}");
                }
            }
        }
        let path = "/api/evaluations/1/imports?template=environment";
        let foreign = world.upload(&session, path, &[], ("a.csv", b"x")).await;
        assert_eq!(foreign.status, StatusCode::FORBIDDEN, "{who}: {}", foreign.text());
        let objections = world.get(&session, "/api/evaluations/1/objections").await.json();
        assert_eq!(objections.as_array().unwrap().len(), usize::from(who == "land"), "{who}: {objections}");
        let file = world.get(&session, "/api/objections/1/file").await;
        assert_eq!(file.status, if who == "land" { StatusCode::OK } else { StatusCode::NOT_FOUND }, "{who}");
        if who != "land" {
            let answer = world
                .post(
                    &session,
                    "/api/objections/1/actions/answer",
                    json!({ "version": 1, "verdict": "refuse", "says": "x" }),
                )
                .await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{who}: {}", answer.text());
        }
        // The sheet shows a department its own figures.
        let sheet = world.get(&session, &format!("/api/evaluations/1/sheets/{}", world.lease.tenant)).await.json();
        for group in sheet["groups"].as_array().unwrap() {
            let stated = group["facts"].as_array().unwrap().iter().any(|f| !f["value"].is_null());
            assert_eq!(stated, group["department"] == who, "{who}: {group}");
        }
    }
    let session = world.sign_in("other_tax").await;
    assert_eq!(world.get(&session, "/api/evaluations/1/imports").await.status, StatusCode::NOT_FOUND);
    assert_eq!(world.get(&session, "/api/imports/1").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_firm_opens_its_own_sheet_and_proof_and_no_other() {
    let world = World::new(60).await;
    world.with_run().await;
    let firm = world.sign_in("firm").await;
    for path in ["/api/runs/1/firms", "/api/runs/1/export?format=csv"] {
        let answer = world.get(&firm, path).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "a run that is not on notice: {path}: {}", answer.text());
    }
    world.advance(&[("county2", "start_notice")]).await;
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
        for filled in filled(&path, &world) {
            let body = (method == Method::POST).then(|| json!({}));
            let answer = world.send(method.clone(), &filled, None, body).await;
            if !open {
                assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{method} {path}: {}", answer.text());
            }
        }
    }
}
