//! A small installation behind the real router: some firms of two counties with the demo province's
//! figures, one evaluation taken as far as a test asks, one account a role. Time stands still unless a
//! test moves it.
#![allow(dead_code, reason = "each test file uses a part")]

use axum::{
    Router,
    body::Body,
    http::{Method, Request, StatusCode, header},
};
use base::{Department, DivisionCode, Role, Scope};
use province::{Province, Value};
use serde_json::{Value as Json, json};
use services::{Services, Settings, seed::Seed};
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};
use store::{BatchMeta, FactBatch, FactRow, NewAccount, NewAudit, NewFirm, OpenOptions, Store, VersionNote};
use testkit::{FixedClock, TempStore};
use tower::ServiceExt;

pub const YEAR: i16 = 2025;
pub const PASSWORD: &str = "Right-horse-1!";
pub const SCHEME: &str = "shandong/demo/per-mu";

pub struct World {
    pub services: Services,
    pub router: Router,
    pub clock: FixedClock,
    /// The demo county and its neighbour.
    pub here: DivisionCode,
    pub there: DivisionCode,
    /// Store ids of the firms of both.
    pub firms_here: Vec<i64>,
    pub firms_there: Vec<i64>,
    _store: TempStore,
}

/// The province, made once per test process.
pub fn province() -> &'static Province {
    static PROVINCE: OnceLock<Province> = OnceLock::new();
    PROVINCE.get_or_init(|| Province::generate(7))
}

pub fn law() -> Arc<law::Law> {
    static LAW: OnceLock<Arc<law::Law>> = OnceLock::new();
    LAW.get_or_init(|| Arc::new(law::Law::embedded().0)).clone()
}

impl World {
    /// Both counties with `count` firms each and an open evaluation here (number 1).
    pub async fn new(count: usize) -> Self {
        let temp = TempStore::sqlite();
        let clock = FixedClock::at("2026-03-02T02:00:00Z");
        let options = OpenOptions { clock: clock.as_fn(), ..OpenOptions::default() };
        let store = Store::open(temp.address(), options).await.expect("a new database opens");
        let root: DivisionCode = "370000".parse().unwrap();
        let services = Services::new(store, law(), Settings::for_region(root));
        let province = province();
        let here = province.demo_county();
        let there = province
            .firms()
            .iter()
            .map(|f| f.division)
            .find(|d| *d != here && d.parent() == here.parent() && province.firms_in(*d).len() >= count)
            .expect("a city has more than one county");
        let firms_here = load(&services, here, count).await;
        let firms_there = load(&services, there, count).await;
        accounts(&services, here, there, firms_here[0], firms_there[0]).await;
        let scope = Scope::of_account("county", Role::CountyOfficer, here, None, None);
        let request = services::requests::NewEvaluationRequest {
            division: here.to_string(),
            year: YEAR,
            scheme: Some(SCHEME.into()),
        };
        services.create_evaluation(&scope, request).await.expect("the evaluation opens");
        let app = server::App::new(services.clone());
        let router = server::router(app);
        Self { services, router, clock, here, there, firms_here, firms_there, _store: temp }
    }

    /// Signs in and gives the session.
    pub async fn sign_in(&self, name: &str) -> Session {
        let answer =
            self.send(Method::POST, "/api/session", None, Some(json!({ "sign_in": name, "password": PASSWORD }))).await;
        assert_eq!(answer.status, StatusCode::OK, "{name}: {}", answer.text());
        let cookie = answer.headers[header::SET_COOKIE].to_str().unwrap().split(';').next().unwrap().to_owned();
        Session { cookie, csrf: answer.json()["csrf"].as_str().unwrap().to_owned() }
    }

    pub async fn get(&self, session: &Session, path: &str) -> Answer {
        self.send(Method::GET, path, Some(session), None).await
    }

    pub async fn post(&self, session: &Session, path: &str, body: Json) -> Answer {
        self.send(Method::POST, path, Some(session), Some(body)).await
    }

    pub async fn send(&self, method: Method, path: &str, session: Option<&Session>, body: Option<Json>) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        if let Some(session) = session {
            request = request.header(header::COOKIE, &session.cookie).header("x-csrf-token", &session.csrf);
        }
        let request = match body {
            Some(body) => request
                .header(header::CONTENT_TYPE, "application/json")
                .body(Body::from(serde_json::to_vec(&body).unwrap())),
            None => request.body(Body::empty()),
        };
        self.raw(request.unwrap()).await
    }

    pub async fn raw(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.expect("the router answers");
        let (parts, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap().to_vec();
        Answer { status: parts.status, headers: parts.headers, bytes }
    }

    /// Takes the evaluation through its steps up to and with the given one.
    pub async fn advance(&self, steps: &[(&str, &str)]) {
        for (who, action) in steps {
            let session = self.sign_in(who).await;
            let version = self.get(&session, "/api/evaluations/1").await.json()["version"].clone();
            let body = json!({ "version": version, "reason": "测试" });
            let answer = self.post(&session, &format!("/api/evaluations/1/actions/{action}"), body).await;
            assert_eq!(answer.status, StatusCode::OK, "{action}: {}", answer.text());
            if *action == "open_confirmation" {
                // The time to confirm is over: five working days, weekends between.
                self.clock.advance_secs(10 * 86_400);
            }
        }
    }

    /// Up to the first trial run.
    pub async fn with_run(&self) {
        self.advance(&[("county", "open_confirmation"), ("county", "freeze"), ("county", "run_trial")]).await;
    }
}

#[derive(Clone, Debug)]
pub struct Session {
    pub cookie: String,
    pub csrf: String,
}

pub struct Answer {
    pub status: StatusCode,
    pub headers: axum::http::HeaderMap,
    pub bytes: Vec<u8>,
}

impl Answer {
    pub fn json(&self) -> Json {
        serde_json::from_slice(&self.bytes).unwrap_or_else(|e| panic!("{e}: {}", self.text()))
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).chars().take(600).collect()
    }
}

async fn load(services: &Services, county: DivisionCode, count: usize) -> Vec<i64> {
    let province = province();
    let scope = Scope::system("test", services.settings().root);
    let firms = &province.firms_in(county)[..count];
    let rows: Vec<NewFirm> = firms
        .iter()
        .map(|f| NewFirm {
            credit_code: Some(f.code.to_string()),
            name: f.name.clone(),
            division: f.division,
            town: Some(f.town_name.clone()),
            address: Some(f.address.clone()),
            industry: Some(f.industry.clone()),
            founded: Some(f.founded.to_string()),
            in_construction: f.in_construction,
            risen_from: f.risen_from.map(i32::from),
        })
        .collect();
    let note = VersionNote { valid_from: "2021-01-01".into(), reason: "test".into(), source: "test".into() };
    let mut tx = services.store().begin(&scope).await.unwrap();
    let ids = tx.insert_firms(&rows, &note).await.unwrap();
    tx.audit(NewAudit::new("firms.load", "registry", county));
    tx.commit().await.unwrap();
    let id_of: BTreeMap<usize, i64> = firms.iter().map(|f| f.index).zip(ids.iter().copied()).collect();
    let mut batches: BTreeMap<Department, FactBatch> = BTreeMap::new();
    let new = |department| {
        FactBatch::new(BatchMeta {
            department,
            file: "test.xlsx".into(),
            file_digest: None,
            received_at: "2026-03-01T00:00:00.000000Z".into(),
            reason: String::new(),
        })
    };
    let scaled = |n| base::fixed::to_scaled(n).unwrap();
    for fact in province.facts(YEAR, county) {
        let Some(id) = id_of.get(&fact.firm) else { continue };
        let batch = batches.entry(fact.department).or_insert_with(|| new(fact.department));
        let subject = format!("f:{id}");
        let row = FactRow::new(&subject, fact.fact, store::day_number(fact.valid_from))
            .until(store::day_number(fact.valid_to));
        match &fact.value {
            Value::Number(n) => batch.push(row.number(scaled(*n))),
            Value::Truth(t) => batch.push(row.number(if *t { scaled(1.into()) } else { 0 })),
            Value::Text(t) => batch.push(row.text(t)),
        }
    }
    let land = batches.entry(Department::Land).or_insert_with(|| new(Department::Land));
    let (first, last) =
        (store::day_number(jiff::civil::date(YEAR, 1, 1)), store::day_number(jiff::civil::date(YEAR, 12, 31)));
    for (_, parcel) in province.parcels(YEAR, county) {
        let Some(owner) = id_of.get(&parcel.owner) else { continue };
        let subject = format!("p:{}", parcel.code);
        let row = |fact| FactRow::new(&subject, fact, first).until(last);
        land.push(row("parcel_area").number(scaled(parcel.area_mu())));
        land.push(row("parcel_owner").text(&format!("f:{owner}")));
    }
    let seeds = batches.into_values().map(|batch| Seed { division: county, year: YEAR, batch }).collect();
    services.seed_facts(seeds, "test").await.unwrap();
    ids
}

async fn accounts(services: &Services, here: DivisionCode, there: DivisionCode, firm: i64, other: i64) {
    let hash = services::hash_password(PASSWORD).unwrap();
    let scope = Scope::system("test", services.settings().root);
    let root = services.settings().root;
    let city = here.parent().unwrap();
    let mut rows = Vec::new();
    let mut add = |sign_in: &str, role, division, department, firm| {
        rows.push(NewAccount {
            sign_in: sign_in.into(),
            name: sign_in.into(),
            role,
            division,
            department,
            firm,
            password_hash: hash.clone(),
            must_change: false,
        });
    };
    add("county", Role::CountyOfficer, here, None, None);
    add("county2", Role::CountyOfficer, here, None, None);
    add("city", Role::CityOfficer, city, None, None);
    add("land", Role::DepartmentOwner, here, Some(Department::Land), None);
    add("tax", Role::DepartmentOwner, here, Some(Department::Tax), None);
    add("firm", Role::Firm, here, None, Some(firm));
    add("auditor", Role::Auditor, here, None, None);
    add("other_county", Role::CountyOfficer, there, None, None);
    add("other_tax", Role::DepartmentOwner, there, Some(Department::Tax), None);
    add("other_firm", Role::Firm, there, None, Some(other));
    add("other_auditor", Role::Auditor, there, None, None);
    add("sysadmin", Role::SystemAdmin, root, None, None);
    add("secadmin", Role::SecurityAdmin, root, None, None);
    add("auditadmin", Role::AuditAdmin, root, None, None);
    let mut tx = services.store().begin(&scope).await.unwrap();
    tx.insert_accounts(&rows).await.unwrap();
    tx.audit(NewAudit::new("accounts.load", "accounts", root));
    tx.commit().await.unwrap();
}
