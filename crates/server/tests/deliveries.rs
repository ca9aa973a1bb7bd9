//! Departments' files after they were handed in: what a decision holds on to, what happens when facts or
//! firms change meanwhile, what taking back restores, and how readings end.

mod common;

use axum::http::{Method, StatusCode};
use base::{Department, Scope};
use common::{Session, World, YEAR, province};
use province::Firm;
use serde_json::{Value as Json, json};
use std::time::Duration;
use store::{ImportState, NewAudit, NewFirm, NewImport, ObjectAccess, OpenOptions, VersionNote};
use testkit::TempStore;

const FIRMS: usize = 40;

/// A firm of the demo county that is registered here (from 0), or is not (from `FIRMS`).
fn firm(at: usize) -> &'static Firm {
    &province().firms_in(province().demo_county())[at]
}

fn csv(rows: &[(&str, &str, &str)]) -> Vec<u8> {
    let mut csv = "统一社会信用代码,企业名称,实缴税金（万元）\n".to_owned();
    rows.iter().for_each(|(code, name, paid)| csv += &format!("{code},{name},{paid}\n"));
    csv.into_bytes()
}

/// A row that names a registered firm under a code that nobody has: in doubt.
fn doubtful(named: usize, coded: usize, paid: &str) -> (&'static str, &'static str, &str) {
    (firm(coded).code.as_str(), &firm(named).name, paid)
}

fn certain(named: usize, paid: &str) -> (&'static str, &'static str, &str) {
    (firm(named).code.as_str(), &firm(named).name, paid)
}

fn system(world: &World) -> Scope {
    Scope::system("test", world.services.settings().root)
}

/// The tax that a firm paid, as known now, and the file that says so.
async fn paid(world: &World, at: usize) -> (String, String) {
    let scope = system(world);
    let view = world.services.store().read(&scope).facts(world.here, i32::from(YEAR)).await.unwrap();
    let fact = view.current(&format!("f:{}", world.firms_here[at]), "tax_paid").expect("it is held");
    (fact.number().unwrap().normalize().to_string(), fact.source().file)
}

async fn doubts(world: &World, session: &Session, import: &Json) -> Vec<Json> {
    let answer = world.get(session, &format!("/api/imports/{}/doubts", import["id"])).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    answer.json().as_array().unwrap().clone()
}

async fn settle(world: &World, session: &Session, import: &Json, doubt: &Json, choose: &str) -> common::Answer {
    let path = format!("/api/imports/{}/doubts/{}", import["id"], doubt["id"]);
    world.post(session, &path, json!({ "choose": choose })).await
}

async fn act(world: &World, session: &Session, import: &Json, action: &str) -> common::Answer {
    world.post(session, &format!("/api/imports/{}/{action}", import["id"]), json!({ "reason": "测试" })).await
}

async fn accepted(world: &World, session: &Session, name: &str, rows: &[(&str, &str, &str)]) -> Json {
    let import = world.hand_in(session, "tax", name, &csv(rows)).await;
    let answer = act(world, session, &import, "accept").await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    answer.json()
}

async fn register(world: &World, id: i64, change: impl FnOnce(&mut NewFirm)) {
    let scope = system(world);
    let before = world.services.store().read(&scope).get_firm(id).await.unwrap();
    let mut after = before.editable();
    change(&mut after);
    let note = VersionNote { valid_from: "2026-01-01".into(), reason: "变更".into(), source: "测试".into() };
    let mut tx = world.services.store().begin(&scope).await.unwrap();
    tx.update_firm(id, &after, before.status, &note).await.unwrap();
    tx.audit(NewAudit::new("firm.change", format!("firm:{id}"), world.here));
    tx.commit().await.unwrap();
}

fn code(answer: &common::Answer) -> (StatusCode, Json) {
    (answer.status, answer.json()["code"].clone())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_decision_stays_with_its_row_when_the_register_changes() {
    let world = World::new(FIRMS).await;
    let county = world.sign_in("county").await;
    let seeded = paid(&world, 1).await;
    let rows = [doubtful(0, FIRMS, "111.5"), doubtful(1, FIRMS + 1, "222.5"), certain(2, "333.5")];
    let import = world.hand_in(&county, "tax", "税务.csv", &csv(&rows)).await;
    let open = doubts(&world, &county, &import).await;
    assert_eq!(open.iter().map(|d| d["name"].as_str().unwrap()).collect::<Vec<_>>(), [rows[0].1, rows[1].1]);
    assert_eq!(open[0]["role"], "firm");
    for (doubt, choose) in [(&open[0], world.firms_here[0].to_string()), (&open[1], "none".to_owned())] {
        assert_eq!(settle(&world, &county, &import, doubt, &choose).await.status, StatusCode::OK);
    }
    // The first firm gets the very code that the file states: its row is certain now, and what was the
    // second doubt is the first.
    register(&world, world.firms_here[0], |f| f.credit_code = Some(rows[0].0.to_owned())).await;
    let refused = act(&world, &county, &import, "accept").await;
    assert_eq!(code(&refused), (StatusCode::CONFLICT, json!("register_changed")), "{}", refused.text());
    assert_eq!(paid(&world, 1).await, seeded, "nothing was taken");
    let left = doubts(&world, &county, &import).await;
    assert_eq!(left.len(), 1);
    assert_eq!((&left[0]["name"], &left[0]["decision"]), (&json!(rows[1].1), &json!("none")), "it kept its decision");
    let taken = act(&world, &county, &import, "accept").await;
    assert_eq!(taken.status, StatusCode::OK, "{}", taken.text());
    assert_eq!(paid(&world, 0).await.0, "111.5");
    assert_eq!(paid(&world, 1).await, seeded, "the row that is no firm's did not become another's");
    assert_eq!(paid(&world, 2).await.0, "333.5");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_doubt_that_the_register_brings_up_is_shown_before_anything_is_taken() {
    let world = World::new(FIRMS).await;
    let county = world.sign_in("county").await;
    let import = world.hand_in(&county, "tax", "税务.csv", &csv(&[certain(0, "111.5")])).await;
    assert_eq!(import["counts"]["doubtful"], 0);
    // Another firm takes over the code, so that code and name no longer agree.
    register(&world, world.firms_here[0], |f| f.credit_code = Some(firm(FIRMS).code.to_string())).await;
    register(&world, world.firms_here[1], |f| f.credit_code = Some(firm(0).code.to_string())).await;
    let refused = act(&world, &county, &import, "accept").await;
    assert_eq!(code(&refused), (StatusCode::CONFLICT, json!("register_changed")), "{}", refused.text());
    let open = doubts(&world, &county, &import).await;
    assert_eq!((open.len(), &open[0]["decision"]), (1, &Json::Null));
    let view = world.get(&county, &format!("/api/imports/{}", import["id"])).await.json();
    assert_eq!((&view["state"], &view["counts"]["doubtful"]), (&json!("waiting"), &json!(1)));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_files_accepted_at_once_the_second_is_compared_with_the_first() {
    let world = World::new(FIRMS).await;
    let (one, two) = (world.sign_in("county").await, world.sign_in("tax").await);
    for round in 1..5 {
        let (a, b) = (format!("{round}1.5"), format!("{round}2.5"));
        let first = world.hand_in(&one, "tax", "一.csv", &csv(&[certain(0, &a), certain(1, &a)])).await;
        let second = world.hand_in(&two, "tax", "二.csv", &csv(&[certain(0, &b), certain(1, &a)])).await;
        let (x, y) = tokio::join!(act(&world, &one, &first, "accept"), act(&world, &two, &second, "accept"));
        assert_eq!((x.status, y.status), (StatusCode::OK, StatusCode::OK), "{} / {}", x.text(), y.text());
        let counts = [&x.json()["counts"], &y.json()["counts"]].map(|c| (c["changed"].clone(), c["unchanged"].clone()));
        // Whichever came second changes one figure and finds the other as the first one left it.
        assert!(counts.contains(&(json!(1), json!(1))), "{counts:?}");
        assert!([a, b].contains(&paid(&world, 0).await.0));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn taking_back_restores_what_was_known_except_what_others_state_as_well() {
    let world = World::new(FIRMS).await;
    let (county, tax) = (world.sign_in("county").await, world.sign_in("tax").await);
    let seeded = [paid(&world, 0).await, paid(&world, 1).await, paid(&world, 2).await];
    let first = accepted(&world, &tax, "一.csv", &[certain(0, "10"), certain(1, "20"), certain(2, "30")]).await;
    let second = accepted(&world, &tax, "二.csv", &[certain(0, "10"), certain(1, "21")]).await;
    assert_eq!((&second["counts"]["unchanged"], &second["counts"]["changed"]), (&json!(1), &json!(1)));
    assert!(first["actions"].as_array().unwrap().iter().any(|a| a["action"] == "take_back"), "{}", first["actions"]);

    let path = format!("/api/imports/{}/take-back", first["id"]);
    let silent = world.post(&county, &path, json!({ "reason": " " })).await;
    assert_eq!(silent.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", silent.text());
    let land = world.sign_in("land").await;
    assert_eq!(act(&world, &land, &first, "take-back").await.status, StatusCode::NOT_FOUND);

    let back = act(&world, &county, &first, "take-back").await;
    assert_eq!(back.status, StatusCode::OK, "{}", back.text());
    assert_eq!(back.json()["state"], "taken_back");
    assert_eq!(back.json()["taken_back"]["by"], "county");
    assert_eq!(paid(&world, 0).await, ("10".into(), "二.csv".into()), "the second file states it too");
    assert_eq!(paid(&world, 1).await, ("21".into(), "二.csv".into()), "the second file changed it");
    assert_eq!(paid(&world, 2).await, seeded[2], "as it was, with its own source");
    let again = act(&world, &county, &first, "take-back").await;
    assert_eq!(code(&again), (StatusCode::CONFLICT, json!("import_not_accepted")));

    assert_eq!(act(&world, &tax, &second, "take-back").await.status, StatusCode::OK);
    for (at, seeded) in seeded.iter().enumerate().take(3) {
        assert_eq!(paid(&world, at).await, *seeded, "firm {at}");
    }
    // The same file counts again as new, and its history tells everything.
    let third = accepted(&world, &tax, "三.csv", &[certain(0, "10")]).await;
    assert_eq!(third["counts"]["changed"], 1);
    let path = format!("/api/evaluations/1/sheets/{}/facts/tax_paid", world.firms_here[0]);
    let versions = world.get(&county, &path).await.json();
    let current: Vec<&Json> = versions.as_array().unwrap().iter().filter(|v| v["current"] == true).collect();
    assert_eq!((current.len(), &current[0]["source"]["file"]), (1, &json!("三.csv")), "{versions}");

    let audit = world.services.store().verify_audit().await.unwrap();
    assert!(audit.broken.is_none(), "{audit:?}");
    world.advance(&[("county", "open_confirmation"), ("county", "freeze")]).await;
    // Days have passed since the sign-in.
    let county = world.sign_in("county").await;
    let late = act(&world, &county, &third, "take-back").await;
    assert_eq!(code(&late), (StatusCode::CONFLICT, json!("no_such_step")), "{}", late.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_department_whose_only_file_was_taken_back_has_not_delivered() {
    let world = World::new(FIRMS).await;
    let county = world.sign_in("county").await;
    // As if the database had come without the tax bureau's figures.
    world.sql("DELETE FROM segment WHERE department = 'tax'").await;
    let delivery = async |template: &str| {
        let detail = world.get(&county, "/api/evaluations/1").await.json();
        detail["deliveries"].as_array().unwrap().iter().find(|d| d["template"] == template).unwrap()["state"].clone()
    };
    let import = accepted(&world, &county, "税务.csv", &[certain(0, "10")]).await;
    assert_eq!(delivery("tax").await, "accepted");
    assert_eq!(act(&world, &county, &import, "take-back").await.status, StatusCode::OK);
    assert_eq!(delivery("tax").await, "missing");
    let blocked = world.step("county", "open_confirmation").await;
    assert_eq!(code(&blocked), (StatusCode::CONFLICT, json!("blocked")), "{}", blocked.text());
}

/// An import that a process began to read and never came to the end of.
async fn begun(world: &World, rows: &[(&str, &str, &str)]) -> Json {
    let scope = system(world);
    let bytes = csv(rows);
    let mut tx = world.services.store().begin(&scope).await.unwrap();
    let digest = tx.put_object(&bytes, ObjectAccess::department(world.here, Department::Tax)).await.unwrap();
    let new = NewImport {
        evaluation: 1,
        division: world.here,
        year: i32::from(YEAR),
        template: "tax".into(),
        department: Department::Tax,
        file_digest: digest,
        file_name: "税务.csv".into(),
    };
    let import = tx.insert_import(&new).await.unwrap();
    tx.audit(NewAudit::new("import.create", format!("import:{}", import.id), world.here));
    tx.commit().await.unwrap();
    json!({ "id": import.id })
}

async fn when_read(world: &World, session: &Session, import: &Json) -> Json {
    loop {
        let view = world.get(session, &format!("/api/imports/{}", import["id"])).await.json();
        if view["state"] != "reading" {
            return view;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_cuts_off_its_reading_three_times_is_refused_and_says_so() {
    let world = World::new(FIRMS).await;
    let county = world.sign_in("county").await;
    let import = begun(&world, &[certain(0, "10")]).await;
    world.sql("UPDATE import SET attempts = 2").await;
    world.services.resume_imports().await.unwrap();
    assert_eq!(when_read(&world, &county, &import).await["state"], "waiting", "the third attempt may succeed");
    let import = begun(&world, &[certain(0, "11")]).await;
    world.sql(&format!("UPDATE import SET attempts = 3 WHERE id = {}", import["id"])).await;
    world.services.resume_imports().await.unwrap();
    let view = when_read(&world, &county, &import).await;
    assert_eq!((&view["state"], &view["refusal"]["code"]), (&json!("refused"), &json!("reading_cut_off")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_busy_database_delays_a_reading_and_does_not_refuse_the_file() {
    let options = OpenOptions { busy_timeout: Duration::from_millis(100), ..OpenOptions::default() };
    let world = World::on(TempStore::sqlite(), FIRMS, options).await;
    let county = world.sign_in("county").await;
    let import = begun(&world, &[certain(0, "10")]).await;
    let held = world.services.store().begin(&system(&world)).await.unwrap();
    world.services.resume_imports().await.unwrap();
    tokio::time::sleep(Duration::from_millis(400)).await;
    let scope = system(&world);
    let id = import["id"].as_i64().unwrap();
    assert_eq!(world.services.store().read(&scope).get_import(id).await.unwrap().state, ImportState::Reading);
    held.rollback().await.unwrap();
    assert_eq!(when_read(&world, &county, &import).await["state"], "waiting");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_withdrawn_while_it_is_read_stays_withdrawn() {
    let world = World::new(FIRMS).await;
    let county = world.sign_in("county").await;
    let rows: Vec<_> = (0..60_000).map(|i| certain(i % FIRMS, "10")).collect();
    let path = "/api/evaluations/1/imports?template=tax";
    let answer = world.upload(&county, path, &[], ("税务.csv", &csv(&rows))).await;
    let import = answer.json();
    assert_eq!(import["state"], "reading");
    assert_eq!(import["actions"][0]["action"], "withdraw", "{}", import["actions"]);
    let withdrawn = act(&world, &county, &import, "withdraw").await;
    assert_eq!((withdrawn.status, &withdrawn.json()["state"]), (StatusCode::OK, &json!("withdrawn")));
    // Whatever the reading does in its remaining moments, it says nothing more about this import.
    tokio::time::sleep(Duration::from_millis(1500)).await;
    let later = world.get(&county, &format!("/api/imports/{}", import["id"])).await.json();
    assert_eq!(later["state"], "withdrawn");
    assert_eq!(world.services.resume_imports().await.unwrap(), 0, "nothing is left to be read");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_deliver_is_told_before_the_file_is_kept() {
    let world = World::new(FIRMS).await;
    let bytes = csv(&[certain(0, "10")]);
    let path = "/api/evaluations/1/imports?template=tax";
    let land = world.sign_in("land").await;
    let refused = world.upload(&land, path, &[], ("税务.csv", &bytes)).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN, "{}", refused.text());
    let scope = system(&world);
    let kept = world.services.store().read(&scope).get_object(base::Digest::of(&bytes)).await;
    assert!(kept.is_err(), "nothing of it is stored");
}

#[tokio::test(flavor = "multi_thread")]
async fn each_route_takes_bodies_of_its_own_size() {
    let world = World::new(FIRMS).await;
    let county = world.sign_in("county").await;
    let import = world.hand_in(&county, "tax", "税务.csv", &csv(&[certain(0, "10")])).await;
    let long = json!({ "reason": "长".repeat(1 << 20) });
    let refused = world.post(&county, &format!("/api/imports/{}/accept", import["id"]), long).await;
    assert_eq!(refused.status, StatusCode::PAYLOAD_TOO_LARGE);
    let scan = vec![b'x'; (20 << 20) + 1];
    let fields = [("fact", "land"), ("says", "面积有误")];
    let firm = world.sign_in("firm").await;
    let refused = world.upload(&firm, "/api/evaluations/1/objections", &fields, ("合同.pdf", &scan)).await;
    assert_eq!(refused.status, StatusCode::PAYLOAD_TOO_LARGE, "{}", refused.text());
    assert!(refused.text().contains("20 MB"), "{}", refused.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_firm_is_found_by_its_former_code_and_one_without_a_code_by_its_name() {
    let world = World::new(FIRMS).await;
    let county = world.sign_in("county").await;
    // The register is in memory by now; each change below must reach it.
    let first = world.hand_in(&county, "tax", "一.csv", &csv(&[certain(0, "10")])).await;
    assert_eq!(first["counts"]["matched"], 1);
    register(&world, world.firms_here[0], |f| f.credit_code = Some(firm(FIRMS).code.to_string())).await;
    register(&world, world.firms_here[1], |f| f.credit_code = None).await;
    let rows = [certain(0, "11"), doubtful(1, FIRMS + 1, "12")];
    let second = world.hand_in(&county, "tax", "二.csv", &csv(&rows)).await;
    let open = doubts(&world, &county, &second).await;
    assert_eq!((&second["counts"]["matched"], open.len()), (&json!(1), 1), "{}", second["counts"]);
    assert_eq!(open[0]["candidates"][0]["firm"], world.firms_here[1], "{}", open[0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_doubts_are_settled_at_once_and_firms_outside_the_candidates_are_found() {
    let world = World::new(FIRMS).await;
    let county = world.sign_in("county").await;
    let rows: Vec<_> = (0..4).map(|i| doubtful(i, FIRMS + i, "10")).chain([certain(5, "10")]).collect();
    let import = world.hand_in(&county, "tax", "税务.csv", &csv(&rows)).await;
    let open = doubts(&world, &county, &import).await;
    assert_eq!(open.len(), 4);
    // The first one is decided by hand, for a firm that matching did not think of.
    let other = firm(9);
    let q: String = other.code.as_str().to_owned();
    let found = world.get(&county, &format!("/api/imports/{}/candidates?q={q}", import["id"])).await.json();
    assert_eq!((found.as_array().unwrap().len(), &found[0]["firm"]), (1, &json!(world.firms_here[9])), "{found}");
    let chosen = settle(&world, &county, &import, &open[0], &world.firms_here[9].to_string()).await;
    assert_eq!(chosen.status, StatusCode::OK, "{}", chosen.text());
    let shown = chosen.json()["candidates"].as_array().unwrap().iter().any(|c| c["firm"] == world.firms_here[9]);
    assert!(shown, "it stands beside the candidates");
    for stranger in [world.firms_there[0].to_string(), "x".into(), "999999".into()] {
        let refused = settle(&world, &county, &import, &open[1], &stranger).await;
        assert_eq!(code(&refused), (StatusCode::UNPROCESSABLE_ENTITY, json!("not_a_candidate")), "{stranger}");
    }
    let path = format!("/api/imports/{}/doubts", import["id"]);
    let vague = world.post(&county, &path, json!({})).await;
    assert_eq!(code(&vague), (StatusCode::UNPROCESSABLE_ENTITY, json!("settle_many")));
    let best = open[1]["candidates"][0]["confidence"].as_f64().unwrap();
    let none = world.post(&county, &path, json!({ "confidence": (best + 1.0) / 2.0 })).await.json();
    let settled = |all: &Json| all.as_array().unwrap().iter().filter(|d| !d["decision"].is_null()).count();
    assert_eq!(settled(&none), 1, "nothing is that likely");
    let many = world.post(&county, &path, json!({ "confidence": best - 0.01 })).await;
    assert_eq!((many.status, settled(&many.json())), (StatusCode::OK, 4), "{}", many.text());
    assert_eq!(many.json()[0]["decision"], world.firms_here[9].to_string(), "what was decided stays");
    assert_eq!(act(&world, &county, &import, "accept").await.status, StatusCode::OK);
    assert_eq!(paid(&world, 9).await.0, "10");
    assert_eq!(paid(&world, 3).await.0, "10");
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_write_the_same_are_decided_alike() {
    let world = World::new(FIRMS).await;
    let county = world.sign_in("county").await;
    let (code_, name, _) = doubtful(0, FIRMS, "");
    let rows = [(code_, name, "10"), (code_, name, "11"), doubtful(1, FIRMS + 1, "12")];
    let import = world.hand_in(&county, "tax", "税务.csv", &csv(&rows)).await;
    let open = doubts(&world, &county, &import).await;
    let path = format!("/api/imports/{}/doubts", import["id"]);
    let early = world.post(&county, &path, json!({ "same_as": open[0]["id"] })).await;
    assert_eq!(code(&early), (StatusCode::UNPROCESSABLE_ENTITY, json!("not_settled")));
    settle(&world, &county, &import, &open[0], "none").await;
    let alike = world.post(&county, &path, json!({ "same_as": open[0]["id"] })).await.json();
    let decisions: Vec<&Json> = alike.as_array().unwrap().iter().map(|d| &d["decision"]).collect();
    assert_eq!(decisions, [&json!("none"), &json!("none"), &Json::Null]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_of_imports_carries_counts_and_no_faults() {
    let world = World::new(FIRMS).await;
    let county = world.sign_in("county").await;
    let rows = [certain(0, "很多"), certain(1, "12")];
    let one = world.hand_in(&county, "tax", "税务.csv", &csv(&rows)).await;
    assert_eq!((one["faults"].as_array().unwrap().len(), &one["faults_total"]), (1, &json!(1)));
    let list = world.get(&county, "/api/evaluations/1/imports").await.json();
    assert_eq!(list[0]["faults"], json!([]));
    for key in ["faults_total", "counts", "columns", "bytes", "notes", "state"] {
        assert_eq!(list[0][key], one[key], "{key}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_merged_firm_signs_the_numbers_that_are_evaluated_and_is_asked_once() {
    let world = World::new(FIRMS).await;
    let county = world.sign_in("county").await;
    let total = async || world.get(&county, "/api/evaluations/1").await.json()["sheets"]["total"].as_u64().unwrap();
    let before = total().await;
    // A record without figures of its own stands for one that has them.
    let scope = system(&world);
    let note = VersionNote { valid_from: "2026-01-01".into(), reason: "同一企业".into(), source: "测试".into() };
    let mut tx = world.services.store().begin(&scope).await.unwrap();
    let kept = tx
        .insert_firm(
            &NewFirm {
                credit_code: Some(firm(FIRMS).code.to_string()),
                name: firm(FIRMS).name.clone(),
                division: world.here,
                town: None,
                address: None,
                industry: None,
                founded: None,
                in_construction: false,
                risen_from: None,
            },
            &note,
        )
        .await
        .unwrap();
    tx.audit(NewAudit::new("firm.add", format!("firm:{kept}"), world.here));
    tx.commit().await.unwrap();
    assert_eq!(total().await, before, "a firm of which nothing is held has no sheet");
    let gone = world.firms_here[3];
    let known = paid(&world, 3).await.0;
    let body = json!({ "keep": kept, "gone": gone, "reason": "同一企业" });
    let merged = world.post(&county, "/api/firms/merge", body).await;
    assert_eq!(merged.status, StatusCode::OK, "{}", merged.text());
    assert_eq!(total().await, before, "two records, one firm, one sheet");
    let sheet = world.get(&county, &format!("/api/evaluations/1/sheets/{kept}")).await.json();
    let facts = sheet["groups"].as_array().unwrap().iter().flat_map(|g| g["facts"].as_array().unwrap());
    let tax = facts.into_iter().find(|f| f["id"] == "tax_paid").unwrap();
    assert_eq!(tax["value"], known, "{tax}");
    let list = world.get(&county, "/api/evaluations/1/sheets?size=200").await.json();
    let listed: Vec<i64> = list["rows"].as_array().unwrap().iter().map(|r| r["firm"]["id"].as_i64().unwrap()).collect();
    assert!(listed.contains(&kept) && !listed.contains(&gone));
    assert_eq!(listed.len() as u64, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_the_register_after_the_freeze_makes_the_result_stale_and_a_new_firm_does_not() {
    let world = World::new(FIRMS).await;
    world.with_run().await;
    let county = world.sign_in("county").await;
    let stale = async || world.get(&county, "/api/evaluations/1").await.json()["stale"].clone();
    assert_eq!(stale().await, false);
    let scope = system(&world);
    let note = VersionNote { valid_from: "2026-01-01".into(), reason: "新登记".into(), source: "测试".into() };
    let mut tx = world.services.store().begin(&scope).await.unwrap();
    let new = world.services.store().read(&scope).get_firm(world.firms_here[0]).await.unwrap().editable();
    tx.insert_firm(&NewFirm { credit_code: None, name: "新登记的企业".into(), ..new }, &note).await.unwrap();
    tx.audit(NewAudit::new("firm.add", "registry", world.here));
    tx.commit().await.unwrap();
    assert_eq!(stale().await, false, "it has no figures of that year");
    register(&world, world.firms_here[0], |f| f.industry = Some("1311".into())).await;
    assert_eq!(stale().await, true, "another industry is another group to be ranked in");
    let answer = world.send(Method::GET, "/api/evaluations/1", Some(&county), None).await.json();
    assert!(
        answer["actions"]
            .as_array()
            .unwrap()
            .iter()
            .any(|a| { a["action"] == "start_notice" && !a["blocked_by"].as_array().unwrap().is_empty() })
    );
}
