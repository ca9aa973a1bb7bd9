//! The register of firms through the router: a file taken as a whole or not at all, one firm entered and
//! edited, every earlier version kept.

mod common;

use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use common::{Answer, Session, World, province};
use serde_json::{Value as Json, json};

/// Heads as a county's list has them.
const HEADS: &str = "序号,企业名称,统一社会信用代码,曾用名,乡镇街道,地址,行业代码,成立日期";

/// Sends a list of firms.
async fn send(world: &World, session: &Session, file: &str, text: &str, fields: &[(&str, &str)]) -> Answer {
    const EDGE: &str = "----registry";
    let mut form = String::new();
    for (name, value) in fields {
        form += &format!("--{EDGE}\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
    }
    form += &format!(
        "--{EDGE}\r\ncontent-disposition: form-data; name=\"file\"; filename=\"{file}\"\r\n\
         content-type: text/csv\r\n\r\n{text}\r\n--{EDGE}--\r\n"
    );
    let request = Request::post("/api/firms/import")
        .header(header::COOKIE, &session.cookie)
        .header("x-csrf-token", &session.csrf)
        .header(header::CONTENT_TYPE, format!("multipart/form-data; boundary={EDGE}"))
        .body(Body::from(form))
        .unwrap();
    world.raw(request).await
}

/// Credit codes that nobody has registered: those of the demo county's last firms.
fn free_codes(world: &World) -> Vec<String> {
    province().firms_in(world.here).iter().rev().take(4).map(|f| f.code.to_string()).collect()
}

fn counts(report: &Json) -> [u64; 5] {
    ["rows", "new", "changed", "same", "refused"].map(|name| report[name].as_u64().unwrap())
}

async fn find(world: &World, session: &Session, q: &str) -> Json {
    world.get(session, &format!("/api/firms?q={q}")).await.json()["rows"][0].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_of_firms_is_taken_once_and_a_second_time_changes_nothing() {
    let world = World::new(3).await;
    let county = world.sign_in("county").await;
    let codes = free_codes(&world);
    let list = format!(
        "{HEADS}\n1,启衡机械有限公司,{},启衡机械厂、启衡农机厂,城关街道,工业路1号,3311,2012-05-01\n\
         2,泰禾纺织有限公司,{},,,,1711,\n",
        codes[0], codes[1]
    );
    let dry = send(&world, &county, "名录.csv", &list, &[("dry_run", "true")]).await;
    assert_eq!(dry.status, StatusCode::OK, "{}", dry.text());
    assert_eq!((counts(&dry.json()), dry.json()["applied"].clone()), ([2, 2, 0, 0, 0], json!(false)));
    assert!(find(&world, &county, &codes[0]).await.is_null(), "a dry run enters nothing");

    let taken = send(&world, &county, "名录.csv", &list, &[]).await.json();
    assert_eq!((counts(&taken), taken["applied"].clone()), ([2, 2, 0, 0, 0], json!(true)), "{taken}");
    let firm = find(&world, &county, &codes[0]).await;
    let detail = world.get(&county, &format!("/api/firms/{}", firm["id"])).await.json();
    let names: Vec<&str> = detail["names"].as_array().unwrap().iter().map(|n| n["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["启衡机械有限公司", "启衡农机厂", "启衡机械厂"]);
    assert_eq!((detail["firm"]["town"].clone(), detail["address"].clone()), (json!("城关街道"), json!("工业路1号")));

    let again = send(&world, &county, "名录.csv", &list, &[("reason", "重报")]).await.json();
    assert_eq!((counts(&again), again["applied"].clone()), ([2, 0, 0, 2, 0], json!(false)));

    let moved = list.replace("工业路1号", "工业路9号");
    let without = send(&world, &county, "名录.csv", &moved, &[]).await;
    assert_eq!(without.json()["code"], "reason", "who changes firms says why: {}", without.text());
    let changed = send(&world, &county, "名录.csv", &moved, &[("reason", "迁址")]).await.json();
    assert_eq!((counts(&changed), changed["applied"].clone()), ([2, 0, 1, 1, 0], json!(true)));
    let detail = world.get(&county, &format!("/api/firms/{}", firm["id"])).await.json();
    assert_eq!(detail["address"], "工业路9号");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_bad_row_keeps_the_whole_file_out_and_is_named_by_its_cell() {
    let world = World::new(3).await;
    let county = world.sign_in("county").await;
    let codes = free_codes(&world);
    let elsewhere = province().firms_in(world.there)[0].code.to_string();
    let mut wrong_check = codes[1].clone();
    let last = if wrong_check.ends_with('0') { "1" } else { "0" };
    wrong_check.replace_range(17.., last);
    let list = format!(
        "{HEADS}\n1,甲有限公司,{},,,,3311,2012-05-01\n2,乙有限公司,{wrong_check},,,,3311,\n\
         3,丙有限公司,{},,,,9999,\n4,丁有限公司,{elsewhere},,,,3311,\n5,戊有限公司,{},,,,3311,2199-01-01\n",
        codes[0], codes[2], codes[3]
    );
    let report = send(&world, &county, "名录.csv", &list, &[]).await;
    assert_eq!(report.status, StatusCode::OK, "{}", report.text());
    let report = report.json();
    assert_eq!((counts(&report), report["applied"].clone()), ([5, 1, 0, 0, 4], json!(false)), "{report}");
    let faults: Vec<(&str, &str)> = report["faults"]
        .as_array()
        .unwrap()
        .iter()
        .map(|f| (f["cell"].as_str().unwrap(), f["value"].as_str().unwrap()))
        .collect();
    assert!(faults.contains(&("C3", wrong_check.as_str())), "{faults:?}");
    assert!(faults.contains(&("G4", "9999")), "{faults:?}");
    assert!(faults.contains(&("C5", elsewhere.as_str())), "{faults:?}");
    assert!(faults.iter().any(|(cell, _)| *cell == "H6"), "{faults:?}");
    assert!(report["faults"].as_array().unwrap().iter().all(|f| f["allowed"]["zh"].as_str() != Some("")));
    assert!(find(&world, &county, &codes[0]).await.is_null(), "the good row of a bad file is not taken either");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_firm_is_entered_and_edited_with_a_reason_and_only_by_officers_of_its_county() {
    let world = World::new(3).await;
    let county = world.sign_in("county").await;
    let code = free_codes(&world).remove(0);
    let new = json!({ "credit_code": code, "name": "启衡机械有限公司", "industry": "3311", "reason": "新设" });
    let made = world.post(&county, "/api/firms", new.clone()).await;
    assert_eq!(made.status, StatusCode::OK, "{}", made.text());
    let id = made.json()["firm"]["id"].as_i64().unwrap();
    assert_eq!(made.json()["firm"]["division"]["code"], world.here.to_string());
    assert_eq!(world.post(&county, "/api/firms", new).await.status, StatusCode::CONFLICT, "a code stands once");

    let path = format!("/api/firms/{id}");
    let edit = json!({ "name": "启衡装备有限公司", "address": "园区路3号", "reason": "更名" });
    let edited = world.post(&county, &path, edit.clone()).await;
    assert_eq!(edited.status, StatusCode::OK, "{}", edited.text());
    let edited = edited.json();
    assert_eq!(edited["names"].as_array().unwrap().len(), 2, "the name before is kept: {}", edited["names"]);
    assert_eq!(edited["firm"]["industry"], "3311", "what is not said stays");
    assert_eq!(world.post(&county, &path, edit).await.json()["code"], "nothing_changed");
    let bad = json!({ "industry": "33", "founded": "tomorrow", "reason": "x" });
    let refused = world.post(&county, &path, bad).await.json();
    let cells: Vec<&str> = refused["fields"].as_array().unwrap().iter().map(|f| f["cell"].as_str().unwrap()).collect();
    assert_eq!(cells, ["industry", "founded"]);
    let silent = world.post(&county, &path, json!({ "town": "城关街道" })).await;
    assert_eq!(silent.json()["code"], "reason");

    for (who, status) in [
        ("other_county", StatusCode::NOT_FOUND),
        ("land", StatusCode::FORBIDDEN),
        ("firm", StatusCode::FORBIDDEN),
        ("auditor", StatusCode::FORBIDDEN),
        ("sysadmin", StatusCode::FORBIDDEN),
    ] {
        let session = world.sign_in(who).await;
        let answer = world.post(&session, &path, json!({ "town": "x", "reason": "y" })).await;
        assert_eq!(answer.status, status, "{who}: {}", answer.text());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_year_of_a_county_has_one_evaluation_whatever_its_scheme() {
    let world = World::new(3).await;
    let county = world.sign_in("county").await;
    for scheme in [json!(null), json!(common::SCHEME)] {
        let body = json!({ "division": world.here.to_string(), "year": common::YEAR, "scheme": scheme });
        let second = world.post(&county, "/api/evaluations", body).await;
        assert_eq!((second.status, second.json()["code"].clone()), (StatusCode::CONFLICT, json!("evaluation_exists")));
        assert!(second.json()["message"]["zh"].as_str().unwrap().contains("只能有一个"));
    }
}
