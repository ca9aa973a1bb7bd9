//! A small installation behind the real router: some firms of three counties (the demo county, one of
//! its city and one of another city) with the demo province's figures, one evaluation in each, the first
//! taken as far as a test asks, accounts for every role. Time stands still unless a test moves it.
#![allow(dead_code, reason = "each test file uses a part")]

pub mod loader;

use axum::{
    Router,
    body::Body,
    http::{Method, Request, StatusCode, header},
};
use base::{Department, DivisionCode, Role, Scope};
pub use loader::{PASSWORD, SCHEME, YEAR, law, province};
use sea_orm::{ConnectionTrait, Database, DatabaseConnection, DbBackend, Statement};
use serde_json::{Value as Json, json};
use services::{Services, Settings};
use store::{OpenOptions, Store};
use testkit::{FixedClock, TempStore};
use tower::ServiceExt;

/// The router, and requests to it.
pub struct Door {
    pub router: Router,
}

pub struct World {
    pub services: Services,
    pub door: Door,
    pub clock: FixedClock,
    /// The demo county, its neighbour in the same city, and a county of another city.
    pub here: DivisionCode,
    pub there: DivisionCode,
    pub elsewhere: DivisionCode,
    /// Store ids of their firms.
    pub firms_here: Vec<i64>,
    pub firms_there: Vec<i64>,
    pub firms_elsewhere: Vec<i64>,
    /// The lease here; its tenant signs in as `tenant`.
    pub lease: loader::Lease,
    temp: TempStore,
}

impl World {
    /// On SQLite: three counties with `count` firms each and an open evaluation in each (here number 1).
    pub async fn new(count: usize) -> Self {
        Self::on(TempStore::sqlite(), count, OpenOptions::default()).await
    }

    /// The same in any empty database.
    pub async fn on(temp: TempStore, count: usize, options: OpenOptions) -> Self {
        let clock = FixedClock::at("2026-03-02T02:00:00Z");
        let options = OpenOptions { clock: clock.as_fn(), ..options };
        let store = Store::open(temp.address(), options).await.expect("a new database opens");
        let root: DivisionCode = "370000".parse().unwrap();
        let services = Services::new(store, law(), Settings::for_region(root));
        let province = province();
        let here = province.demo_county();
        let with_firms = |wanted: &dyn Fn(DivisionCode) -> bool| {
            let mut counties = province.firms().iter().map(|f| f.division);
            counties.find(|d| wanted(*d) && province.firms_in(*d).len() >= count).expect("the province is large")
        };
        let there = with_firms(&|d| d != here && d.parent() == here.parent());
        let elsewhere = with_firms(&|d| d.parent() != here.parent());
        let loaded_here = loader::load(&services, here, count, |_| true).await;
        let loaded_there = loader::load(&services, there, count, |_| true).await;
        let loaded_elsewhere = loader::load(&services, elsewhere, count, |_| true).await;
        let city = here.parent().unwrap();
        let (firm, other_firm) = (loaded_here.firms[0], loaded_there.firms[0]);
        let lease = loaded_here.lease.clone();
        loader::accounts(
            &services,
            &[
                ("county", Role::CountyOfficer, here, None, None),
                ("county2", Role::CountyOfficer, here, None, None),
                ("city", Role::CityOfficer, city, None, None),
                ("province", Role::ProvinceOfficer, root, None, None),
                ("province2", Role::ProvinceOfficer, root, None, None),
                ("land", Role::DepartmentOwner, here, Some(Department::Land), None),
                ("tax", Role::DepartmentOwner, here, Some(Department::Tax), None),
                ("power", Role::DepartmentOwner, here, Some(Department::Power), None),
                ("firm", Role::Firm, here, None, Some(firm)),
                ("tenant", Role::Firm, here, None, Some(lease.tenant)),
                ("lessor", Role::Firm, here, None, Some(lease.lessor)),
                ("auditor", Role::Auditor, here, None, None),
                ("other_county", Role::CountyOfficer, there, None, None),
                ("other_tax", Role::DepartmentOwner, there, Some(Department::Tax), None),
                ("other_firm", Role::Firm, there, None, Some(other_firm)),
                ("other_auditor", Role::Auditor, there, None, None),
                ("other_city", Role::CityOfficer, elsewhere.parent().unwrap(), None, None),
                ("sysadmin", Role::SystemAdmin, root, None, None),
                ("secadmin", Role::SecurityAdmin, root, None, None),
                ("auditadmin", Role::AuditAdmin, root, None, None),
            ],
        )
        .await;
        for division in [here, there, elsewhere] {
            let scope = Scope::of_account("county", Role::CountyOfficer, division, None, None);
            let request = services::requests::NewEvaluationRequest {
                division: division.to_string(),
                year: YEAR,
                scheme: Some(SCHEME.into()),
            };
            services.create_evaluation(&scope, request).await.expect("the evaluation opens");
        }
        Self {
            door: Door::to(services.clone()),
            services,
            clock,
            here,
            there,
            elsewhere,
            firms_here: loaded_here.firms,
            firms_there: loaded_there.firms,
            firms_elsewhere: loaded_elsewhere.firms,
            lease,
            temp,
        }
    }

    /// The same database behind a router of its own, which may fill only so many bytes more of the disk.
    pub async fn with_little_room(&self, bytes: u64) -> Door {
        let database = self.database().await;
        let row = database.query_one_raw(Statement::from_string(DbBackend::Sqlite, "PRAGMA page_count")).await;
        let pages: i64 = row.unwrap().expect("the pragma answers").try_get_by_index(0).unwrap();
        database.close().await.unwrap();
        let options = OpenOptions {
            clock: self.clock.as_fn(),
            size_bytes_max: Some(pages as u64 * 4096 + bytes),
            ..OpenOptions::default()
        };
        let store = Store::open(self.temp.address(), options).await.expect("the database opens again");
        Door::to(Services::new(store, law(), self.services.settings().clone()))
    }

    /// A second connection to the database, past the store: for tests that damage it.
    pub async fn database(&self) -> DatabaseConnection {
        let address = self.temp.address();
        let address = if address.contains("://") { address.to_owned() } else { format!("sqlite:{address}") };
        Database::connect(address).await.expect("the database opens a second time")
    }

    /// Runs one statement past the store; gives the number of rows that it changed.
    pub async fn sql(&self, statement: &str) -> u64 {
        let database = self.database().await;
        let done = database.execute_unprepared(statement).await.unwrap_or_else(|e| panic!("{statement}: {e}"));
        database.close().await.unwrap();
        done.rows_affected()
    }

    /// Hands in a department's file and waits until it is read.
    pub async fn hand_in(&self, session: &Session, template: &str, file: &str, bytes: &[u8]) -> Json {
        let path = format!("/api/evaluations/1/imports?template={template}");
        let answer = self.upload(session, &path, &[], (file, bytes)).await;
        assert_eq!(answer.status, StatusCode::OK, "{file}: {}", answer.text());
        let id = answer.json()["id"].as_i64().unwrap();
        loop {
            let import = self.get(session, &format!("/api/imports/{id}")).await.json();
            if import["state"] != "reading" {
                return import;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    }

    /// Takes one step of the evaluation here.
    pub async fn step(&self, who: &str, action: &str) -> Answer {
        let session = self.sign_in(who).await;
        let version = self.get(&session, "/api/evaluations/1").await.json()["version"].clone();
        let body = json!({ "version": version, "reason": "测试" });
        self.post(&session, &format!("/api/evaluations/1/actions/{action}"), body).await
    }

    /// Takes one step of an objection.
    pub async fn answer_objection(&self, who: &str, id: i64, action: &str, more: Json) -> Answer {
        let session = self.sign_in(who).await;
        let list = self.get(&session, "/api/evaluations/1/objections").await.json();
        let found = list.as_array().unwrap().iter().find(|o| o["id"] == id).cloned().unwrap_or(Json::Null);
        let mut body = json!({ "version": found["version"].as_i64().unwrap_or(1), "says": "测试" });
        for (key, value) in more.as_object().into_iter().flatten() {
            body[key] = value.clone();
        }
        self.post(&session, &format!("/api/objections/{id}/actions/{action}"), body).await
    }

    /// The tenant objects that half of its leased area is right, and its claim is upheld; gives the number
    /// of the objection.
    pub async fn halve_the_lease(&self) -> i64 {
        let claimed = (self.lease.area / rust_decimal::Decimal::from(2)).normalize().to_string();
        let tenant = self.sign_in("tenant").await;
        let fields = [
            ("fact", "land"),
            ("subject", self.lease.parcel.as_str()),
            ("claimed", claimed.as_str()),
            ("says", "合同写明只租了一半"),
        ];
        let path = "/api/evaluations/1/objections";
        let filed = self.upload(&tenant, path, &fields, ("合同.pdf", b"%PDF-1.7 contract")).await;
        assert_eq!(filed.status, StatusCode::OK, "{}", filed.text());
        let id = filed.json()["id"].as_i64().unwrap();
        for (who, action, more) in [
            ("county", "route", json!({})),
            ("land", "answer", json!({ "verdict": "agree" })),
            ("county2", "accept", json!({})),
            ("county", "close", json!({})),
        ] {
            let answer = self.answer_objection(who, id, action, more).await;
            assert_eq!(answer.status, StatusCode::OK, "{action}: {}", answer.text());
        }
        id
    }

    /// Every row of a run's results, with who is on the edge.
    pub async fn results(&self, session: &Session, run: i64) -> Vec<Json> {
        // A page does not wait until the edge is worked out; who asks for it does.
        let edge = self.get(session, &format!("/api/runs/{run}/firms?filter=edge&size=1")).await;
        assert_eq!(edge.status, StatusCode::OK, "{}", edge.text());
        let mut rows = Vec::new();
        loop {
            let page = rows.len() / 200 + 1;
            let answer = self.get(session, &format!("/api/runs/{run}/firms?size=200&page={page}")).await.json();
            rows.extend(answer["rows"].as_array().unwrap().iter().cloned());
            if rows.len() as u64 >= answer["total"].as_u64().unwrap() {
                return rows;
            }
        }
    }

    /// Takes the evaluation through its steps up to and with the given one.
    pub async fn advance(&self, steps: &[(&str, &str)]) {
        for (who, action) in steps {
            let answer = self.step(who, action).await;
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

impl std::ops::Deref for World {
    type Target = Door;

    fn deref(&self) -> &Door {
        &self.door
    }
}

impl Door {
    fn to(services: Services) -> Self {
        // Without the limit on requests: a test that was turned away for asking often would prove nothing.
        let app = server::App {
            services,
            limiter: server::guard::Limiter::default(),
            limits_requests: false,
            edge: server::edge::Edge::default(),
        };
        Self { router: server::router(std::sync::Arc::new(app)) }
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

    /// Sends a form with a file and text fields.
    pub async fn upload(&self, session: &Session, path: &str, fields: &[(&str, &str)], file: (&str, &[u8])) -> Answer {
        const EDGE: &str = "----baigong-test";
        let mut form = Vec::new();
        for (name, value) in fields {
            let part = format!("--{EDGE}\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
            form.extend(part.as_bytes());
        }
        let head = format!(
            "--{EDGE}\r\ncontent-disposition: form-data; name=\"file\"; filename=\"{}\"\r\n\
             content-type: application/octet-stream\r\n\r\n",
            file.0
        );
        form.extend(head.as_bytes());
        form.extend(file.1);
        form.extend(format!("\r\n--{EDGE}--\r\n").as_bytes());
        let request = Request::builder()
            .method(Method::POST)
            .uri(path)
            .header(header::COOKIE, &session.cookie)
            .header("x-csrf-token", &session.csrf)
            .header(header::CONTENT_LENGTH, form.len())
            .header(header::CONTENT_TYPE, format!("multipart/form-data; boundary={EDGE}"))
            .body(Body::from(form))
            .unwrap();
        self.raw(request).await
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
