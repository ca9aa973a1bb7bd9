//! What should not come in: each case is told in both languages with its place, the value found and what
//! is allowed, and nothing that was accepted before is lost.

mod common;

use axum::{
    body::Body,
    http::{Method, Request, StatusCode, header},
};
use base::Scope;
use common::{Session, World, YEAR, province};
use province::{BadFile, Verdict, make_bad_files};
use serde_json::{Value as Json, json};
use std::collections::HashSet;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// So many firms of the demo county hold all that the bad files name.
const FIRMS: usize = 160;

/// Everything that is known of the county, as text.
async fn facts(world: &World) -> Vec<String> {
    let scope = Scope::system("test", world.services.settings().root);
    let view = world.services.store().read(&scope).facts(world.here, i32::from(YEAR)).await.unwrap();
    view.iter().map(|f| format!("{} {} {:?} {:?}", f.subject(), f.fact(), f.scaled(), f.text())).collect()
}

/// Of what there was a figure and is none any more: subject and fact.
fn lost(before: &[String], after: &[String]) -> Vec<String> {
    let of = |fact: &String| fact.split(' ').take(2).collect::<Vec<_>>().join(" ");
    let after: HashSet<String> = after.iter().map(of).collect();
    before.iter().map(of).filter(|f| !after.contains(f)).collect()
}

async fn doubts(world: &World, session: &Session, import: &Json) -> Vec<Json> {
    let answer = world.get(session, &format!("/api/imports/{}/doubts", import["id"])).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    answer.json().as_array().unwrap().clone()
}

/// The bad file of a case, its bytes and what is said about it.
fn bad(case: &str) -> (BadFile, Vec<u8>) {
    let (files, cases) = make_bad_files(province()).unwrap();
    let at = cases.iter().position(|c| c.case == case).unwrap_or_else(|| panic!("there is no case {case}"));
    (cases[at].clone(), files[at].bytes.clone())
}

async fn import(world: &World, who: &str, case: &str) -> (BadFile, Json) {
    let (bad, bytes) = bad(case);
    let session = world.sign_in(who).await;
    let import = world.hand_in(&session, bad.department.name(), &bad.file, &bytes).await;
    (bad, import)
}

fn both(label: &Json) -> (&str, &str) {
    let (zh, en) = (label["zh"].as_str().unwrap_or_default(), label["en"].as_str().unwrap_or_default());
    assert!(!zh.is_empty() && !en.is_empty() && zh != en, "in both languages: {label}");
    (zh, en)
}

fn says(label: &Json, zh: &[&str], en: &[&str]) {
    let (found_zh, found_en) = both(label);
    for (found, words) in [(found_zh, zh), (found_en, en)] {
        for word in words {
            assert!(found.contains(word), "“{word}” is not said: {found}");
        }
    }
}

/// The fault at a cell: sheet is whatever it is.
fn fault_at<'a>(import: &'a Json, cell: &str) -> &'a Json {
    let faults = import["faults"].as_array().unwrap();
    faults.iter().find(|f| f["cell"] == cell).unwrap_or_else(|| panic!("nothing is said of {cell}: {faults:?}"))
}

fn address(row: u32, column: u32) -> String {
    format!("{}{row}", base::source::column_letters(column))
}

/// Rows in are rows accounted for.
fn adds_up(import: &Json) {
    let count = |key: &str| import["counts"][key].as_u64().unwrap();
    let out = count("matched") + count("doubtful") + count("unknown") + count("refused_rows");
    assert_eq!(count("rows"), out, "{}", import["counts"]);
}

async fn accept(world: &World, session: &Session, import: &Json) -> Json {
    let path = format!("/api/imports/{}/accept", import["id"]);
    let answer = world.post(session, &path, json!({ "reason": "测试" })).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    answer.json()
}

fn tax_csv(rows: &[(&str, &str, &str)]) -> Vec<u8> {
    let mut csv = "统一社会信用代码,企业名称,实缴税金（万元）\n".to_owned();
    rows.iter().for_each(|(code, name, paid)| csv += &format!("{code},{name},{paid}\n"));
    csv.into_bytes()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_cannot_be_taken_at_all_is_refused_with_its_reason_and_changes_nothing() {
    let world = World::new(FIRMS).await;
    let before = facts(&world).await;
    let empty = {
        let session = world.sign_in("county").await;
        let path = "/api/evaluations/1/imports?template=tax";
        world.upload(&session, path, &[], ("空文件.xlsx", b"")).await
    };
    assert_eq!((empty.status, &empty.json()["code"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("empty_file")));
    says(&empty.json()["message"], &["空文件.xlsx", "0 字节", ".xlsx"], &["空文件.xlsx", "0 bytes", ".xlsx"]);

    for (case, code, cell, zh, en) in [
        ("password", "file_password", "", vec!["密码", "取消密码"], vec!["password", "Remove"]),
        ("wrong_template", "no_table", "", vec!["会议名称", "实缴税金"], vec!["会议名称", "实缴税金", "expected"]),
        (
            "renamed_column",
            "columns_missing",
            "企业税收!1",
            vec!["本年贡献数", "实缴税金"],
            vec!["本年贡献数", "missing"],
        ),
        ("no_rows", "no_rows", "企业税收!1", vec!["没有数据行"], vec!["no rows"]),
        ("corrupt_zip", "file_corrupt", "", vec!["损坏", "另存为"], vec!["damaged", "save it"]),
        ("nul_bytes", "file_format", "", vec!["二进制", "GB18030"], vec!["binary", "GB18030"]),
    ] {
        let (bad, import) = import(&world, "county", case).await;
        assert_eq!(bad.verdict, Verdict::FileRefused);
        assert_eq!(import["state"], "refused", "{case}: {import}");
        let refusal = &import["refusal"];
        assert_eq!((&refusal["code"], &refusal["cell"]), (&json!(code), &json!(cell)), "{case}: {refusal}");
        says(&refusal["message"], &zh, &en);
        assert_eq!(import["actions"], json!([]), "there is nothing to accept");
    }
    assert_eq!(facts(&world).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn formula_errors_and_negative_areas_are_refused_cell_by_cell_and_the_rest_is_taken() {
    let world = World::new(FIRMS).await;
    for (case, allowed) in
        [("formula_errors", ["公式的结果", "the result of the formula"]), ("negative_land", ["0", "0"])]
    {
        let (bad, import) = import(&world, "county", case).await;
        assert_eq!(import["state"], "waiting", "{case}: {import}");
        adds_up(&import);
        assert_eq!(import["faults_total"].as_u64().unwrap() as usize, bad.cells.len(), "{case}: {}", import["faults"]);
        for (row, column) in &bad.cells {
            let fault = fault_at(&import, &address(*row, *column));
            assert!(!fault["value"].as_str().unwrap().is_empty(), "{fault}");
            both(&fault["message"]);
            says(&fault["allowed"], &allowed[..1], &allowed[1..]);
        }
        let session = world.sign_in("county").await;
        let before = facts(&world).await;
        let taken = accept(&world, &session, &import).await;
        assert_eq!(taken["state"], "accepted");
        let after = facts(&world).await;
        let gone = lost(&before, &after);
        match case {
            // A land register is complete: what it no longer names has ended, and the difference says so.
            "negative_land" => {
                assert!(gone.iter().all(|f| f.starts_with("p:") || f.starts_with("l:")), "{gone:?}");
                assert!(taken["counts"]["changed"].as_u64().unwrap() as usize >= gone.len(), "{}", taken["counts"]);
                let areas = after.iter().filter(|f| f.contains(" parcel_area ")).count();
                assert_eq!(areas, taken["counts"]["matched"].as_u64().unwrap() as usize - bad.cells.len());
            }
            _ => assert_eq!(gone, [""; 0], "nothing that was known is lost"),
        }
    }
    let session = world.sign_in("county").await;
    let marked = world.get(&session, "/api/imports/1/marked").await;
    assert_eq!(marked.status, StatusCode::OK);
    assert_eq!(&marked.bytes[..2], b"PK", "the same workbook comes back, marked");
}

#[tokio::test(flavor = "multi_thread")]
async fn dates_of_the_1904_system_are_the_days_that_they_show() {
    let world = World::new(FIRMS).await;
    let (bad, import) = import(&world, "county", "dates_1904").await;
    assert_eq!((&import["state"], &import["faults_total"]), (&json!("waiting"), &json!(0)), "{import}");
    let session = world.sign_in("county").await;
    accept(&world, &session, &import).await;
    let scope = Scope::system("test", world.services.settings().root);
    let view = world.services.store().read(&scope).facts(world.here, i32::from(YEAR)).await.unwrap();
    let from: Vec<&String> = bad.reads.iter().filter(|r| r.1 == 5).map(|r| &r.2).collect();
    let until: Vec<&String> = bad.reads.iter().filter(|r| r.1 == 6).map(|r| &r.2).collect();
    let day = |day| store::date_of_day(day).unwrap().to_string();
    let taken: Vec<(String, String)> = view
        .iter()
        .filter(|f| f.fact() == "high_tech" && f.source().file == bad.file)
        .map(|f| (day(f.valid_from()), day(f.row().valid_to.unwrap())))
        .collect();
    assert_eq!(taken.len(), from.len());
    for (issued, expires) in from.into_iter().zip(until) {
        assert!(taken.contains(&(issued.clone(), expires.clone())), "{issued} to {expires}: {taken:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn zero_denominators_leave_the_indicator_undefined_and_the_schemes_rule_treats_it_and_says_so() {
    let world = World::new(FIRMS).await;
    let (_, import) = import(&world, "county", "zero_denominators").await;
    assert_eq!(
        (&import["state"], &import["faults_total"]),
        (&json!("waiting"), &json!(0)),
        "zero is a figure: {import}"
    );
    let session = world.sign_in("county").await;
    accept(&world, &session, &import).await;
    world.with_run().await;
    let session = world.sign_in("county").await;
    let rows = world.results(&session, 1).await;
    let gap = |row: &&Json, indicator: &str| row["indicators"][indicator]["gap"] == "zero_denominator";
    // By the scheme: without staff no points for productivity, without energy full points for its use.
    for (indicator, gets_full) in [("productivity", false), ("sales_per_tce", true)] {
        let undefined: Vec<&Json> = rows.iter().filter(|r| gap(r, indicator)).collect();
        assert_eq!(undefined.len(), 1, "{indicator}");
        let cell = &undefined[0]["indicators"][indicator];
        assert!(cell["value"].is_null(), "undefined is neither zero nor a number: {cell}");
        let full = rows.iter().filter_map(|r| r["indicators"][indicator]["points"].as_f64()).fold(0.0, f64::max);
        let expected = if gets_full { full } else { 0.0 };
        assert_eq!(cell["points"].as_f64(), Some(expected), "{cell}");
        let proof = world.get(&session, &format!("/api/runs/1/firms/{}/proof", undefined[0]["firm"])).await.json();
        let shown = proof["indicators"].as_array().unwrap().iter().find(|i| i["head"]["id"] == indicator).unwrap();
        let (zh, en) = both(&shown["gap"]);
        assert!(zh.contains("分母") && en.contains("denominator"), "{}", shown["gap"]);
    }
    let report = world.get(&session, "/api/runs/1/verify").await.json();
    assert_eq!(report["agrees"], true, "{report}");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_rows_with_one_code_lose_it_and_go_by_their_names_or_to_a_person() {
    let world = World::new(FIRMS).await;
    let before = facts(&world).await;
    let (bad, import) = import(&world, "county", "two_firms_one_code").await;
    adds_up(&import);
    let rows: Vec<String> = bad.cells.iter().map(|(row, _)| row.to_string()).collect();
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    let code = fault_at(&import, &address(bad.cells[0].0, bad.cells[0].1))["value"].clone();
    for (row, column) in &bad.cells {
        let fault = fault_at(&import, &address(*row, *column));
        assert_eq!((&fault["code"], &fault["value"]), (&json!("duplicate_subject"), &code), "{fault}");
        says(&fault["message"], &rows, &rows);
        both(&fault["allowed"]);
    }
    assert_eq!(import["counts"]["refused_cells"].as_u64().unwrap() as usize, bad.cells.len());
    // Every row states its firm's own figure: none has gone to the other firm of the code.
    assert_eq!((&import["counts"]["new"], &import["counts"]["changed"]), (&json!(0), &json!(0)));
    // Whom the name alone does not tell is asked about, and until then nothing is taken.
    let session = world.sign_in("county").await;
    let asked = doubts(&world, &session, &import).await;
    assert_eq!(asked.len() as u64, import["counts"]["doubtful"].as_u64().unwrap());
    assert!(!asked.is_empty(), "a row of the two is in doubt");
    for doubt in &asked {
        let row = doubt["place"].as_str().unwrap().rsplit('!').next().unwrap();
        assert!(rows.contains(&row), "{doubt}");
        both(&doubt["why"]);
        assert!(doubt["candidates"].as_array().unwrap().iter().any(|c| c["name"] == doubt["name"]), "{doubt}");
    }
    let path = format!("/api/imports/{}/accept", import["id"]);
    let refused = world.post(&session, &path, json!({ "reason": "测试" })).await;
    assert_eq!((refused.status, &refused.json()["code"]), (StatusCode::CONFLICT, &json!("doubts_open")));
    both(&refused.json()["message"]);
    assert_eq!(facts(&world).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_with_o_or_i_is_named_with_its_place_and_never_mended_in_silence() {
    let world = World::new(FIRMS).await;
    let firms = &province().firms_in(world.here)[..FIRMS];
    let zero = firms.iter().find(|f| f.code.as_str()[8..].contains('0')).unwrap();
    let one = firms.iter().find(|f| f.index != zero.index && f.code.as_str()[8..].contains('1')).unwrap();
    let with = |code: &str, digit: char, letter: char| {
        let at = code.rfind(digit).unwrap();
        format!("{}{letter}{}", &code[..at], &code[at + 1..])
    };
    let (o, i) = (with(zero.code.as_str(), '0', 'O'), with(one.code.as_str(), '1', 'I'));
    let file = tax_csv(&[(&o, &zero.name, "12.5"), (&i, "没有这家企业有限公司", "8")]);
    let session = world.sign_in("county").await;
    let import = world.hand_in(&session, "tax", "税务.csv", &file).await;
    assert_eq!(import["state"], "waiting", "{import}");
    adds_up(&import);
    for (cell, code, letter) in [("A2", &o, "O"), ("A3", &i, "I")] {
        let fault = fault_at(&import, cell);
        assert_eq!(fault["value"].as_str(), Some(code.as_str()), "{fault}");
        let (zh, en) = both(&fault["message"]);
        assert!(zh.contains(letter) && en.contains(letter), "{fault}");
        both(&fault["allowed"]);
    }
    // The right name beside the first code does not make it certain, nor does the mended second code.
    assert_eq!(import["counts"]["doubtful"], 2, "{}", import["counts"]);
    let asked = doubts(&world, &session, &import).await;
    for (doubt, firm) in asked.iter().zip([zero, one]) {
        let best = &doubt["candidates"][0];
        assert_eq!(
            (&best["name"], &best["credit_code"]),
            (&json!(firm.name), &json!(firm.code.to_string())),
            "{doubt}"
        );
        assert!(best["reasons"].as_array().unwrap().len() > 1, "{best}");
        for reason in best["reasons"].as_array().unwrap() {
            both(reason);
        }
    }
    for (doubt, choose) in asked.iter().zip([asked[0]["candidates"][0]["firm"].to_string(), "none".to_owned()]) {
        let path = format!("/api/imports/{}/doubts/{}", import["id"], doubt["id"]);
        let settled = world.post(&session, &path, json!({ "choose": choose })).await;
        assert_eq!(settled.status, StatusCode::OK, "{}", settled.text());
    }
    let counts = accept(&world, &session, &import).await["counts"].clone();
    assert_eq!((&counts["matched"], &counts["unknown"], &counts["doubtful"]), (&json!(1), &json!(1), &json!(0)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_firm_of_another_county_is_refused_with_the_county_where_it_is() {
    let world = World::new(FIRMS).await;
    let before = facts(&world).await;
    let other = &province().firms_in(world.there)[0];
    let file = tax_csv(&[(other.code.as_str(), &other.name, "12.5")]);
    let session = world.sign_in("county").await;
    let import = world.hand_in(&session, "tax", "税务.csv", &file).await;
    adds_up(&import);
    let fault = &import["faults"][0];
    assert_eq!((&fault["code"], &fault["value"]), (&json!("other_division"), &json!(other.name)), "{fault}");
    assert!(fault["cell"].as_str().unwrap().ends_with('2'), "{fault}");
    let place = common::law().divisions.name(world.there);
    says(&fault["message"], &[&place], &[&place]);
    says(&fault["allowed"], &["本县"], &["this county"]);
    assert_eq!(import["counts"]["unknown"], 1);
    assert_eq!(facts(&world).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_date_in_the_future_is_refused_with_its_cell_and_the_latest_day_allowed() {
    let world = World::new(FIRMS).await;
    let firm = &province().firms_in(world.here)[0];
    let csv = format!(
        "企业名称,统一社会信用代码,资质类别,证书编号,发证日期,有效期至\n{},{},高新技术企业,GR1,2031-05-06,2034-05-05\n",
        firm.name, firm.code
    );
    let session = world.sign_in("county").await;
    let import = world.hand_in(&session, "science", "科技局.csv", csv.as_bytes()).await;
    adds_up(&import);
    let fault = fault_at(&import, "E2");
    assert_eq!(fault["value"], "2031-05-06", "{fault}");
    both(&fault["message"]);
    says(&fault["allowed"], &["2026-03-02"], &["2026-03-02"]);
    assert_eq!(import["counts"]["new"], 0, "a title without a usable day is not taken: {}", import["counts"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn facts_that_come_after_the_freeze_are_refused_or_make_the_step_stale() {
    let world = World::new(60).await;
    let firm = &province().firms_in(world.here)[0];
    let file = tax_csv(&[(firm.code.as_str(), &firm.name, "77.5")]);
    world.advance(&[("county", "open_confirmation")]).await;
    // A file that waits keeps the facts open.
    let tax = world.sign_in("tax").await;
    let waiting = world.hand_in(&tax, "tax", "税务.csv", &file).await;
    let blocked = world.step("county", "freeze").await;
    assert_eq!((blocked.status, &blocked.json()["code"]), (StatusCode::CONFLICT, &json!("blocked")));
    says(&blocked.json()["message"], &["没有正在进行的导入"], &["import"]);
    let path = format!("/api/imports/{}/withdraw", waiting["id"]);
    assert_eq!(world.post(&tax, &path, json!({ "reason": "测试" })).await.status, StatusCode::OK);
    // Two who saw the same evaluation: the second step is stale.
    let county = world.sign_in("county").await;
    let version = world.get(&county, "/api/evaluations/1").await.json()["version"].clone();
    world.advance(&[("county", "freeze")]).await;
    let body = json!({ "version": version, "reason": "测试" });
    let stale = world.post(&county, "/api/evaluations/1/actions/reopen_collection", body).await;
    assert_eq!((stale.status, &stale.json()["code"]), (StatusCode::CONFLICT, &json!("conflict")));
    both(&stale.json()["message"]);
    // No file goes in any more.
    let before = facts(&world).await;
    let path = "/api/evaluations/1/imports?template=tax";
    let late = world.upload(&tax, path, &[], ("税务.csv", &file)).await;
    assert_eq!((late.status, &late.json()["code"]), (StatusCode::CONFLICT, &json!("no_such_step")), "{}", late.text());
    both(&late.json()["message"]);
    assert_eq!(facts(&world).await, before);
    // A correction after the run makes the run stale: it becomes neither final nor public.
    world.advance(&[("county", "run_trial"), ("county2", "start_notice")]).await;
    world.halve_the_lease().await;
    let detail = world.get(&world.sign_in("county").await, "/api/evaluations/1").await.json();
    assert_eq!(detail["stale"], true, "{detail}");
    world.advance(&[("county", "return_to_notice")]).await;
    world.clock.advance_secs(12 * 86_400);
    let refused = world.step("county2", "finalise").await;
    assert_eq!((refused.status, &refused.json()["code"]), (StatusCode::CONFLICT, &json!("blocked")));
    says(&refused.json()["message"], &["更正已计入并整体重排"], &["ran again"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_accepted_while_the_facts_are_frozen_is_in_the_snapshot_or_keeps_it_from_being_made() {
    for round in 0..6 {
        let world = World::new(40).await;
        let firm = &province().firms_in(world.here)[round];
        world.advance(&[("county", "open_confirmation")]).await;
        let (tax, county) = (world.sign_in("tax").await, world.sign_in("county").await);
        let file = tax_csv(&[(firm.code.as_str(), &firm.name, "4321.5")]);
        let import = world.hand_in(&tax, "tax", "税务.csv", &file).await;
        let version = world.get(&county, "/api/evaluations/1").await.json()["version"].clone();
        let (path, reason) = (format!("/api/imports/{}/accept", import["id"]), json!({ "reason": "补报" }));
        let step = json!({ "version": version, "reason": "" });
        let freeze = async {
            // Asks again as long as the file stands in the way.
            loop {
                let answer = world.post(&county, "/api/evaluations/1/actions/freeze", step.clone()).await;
                if answer.status == StatusCode::OK {
                    return answer;
                }
                assert_eq!(answer.status, StatusCode::CONFLICT, "{}", answer.text());
            }
        };
        let (accepted, frozen) = tokio::join!(world.post(&tax, &path, reason), freeze);
        assert_eq!(accepted.status, StatusCode::OK, "{}", accepted.text());
        let detail = frozen.json();
        assert_eq!((&detail["row"]["state"], &detail["stale"]), (&json!("frozen"), &json!(false)), "{detail}");
        let scope = Scope::system("test", world.services.settings().root);
        let read = world.services.store().read(&scope);
        let evaluation = read.get_evaluation(1).await.unwrap();
        let last = read.last_sequence(world.here, i32::from(YEAR)).await.unwrap();
        assert_eq!(evaluation.clocks["sequence"], last, "everything accepted is in the snapshot");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_officers_accepting_one_file_at_once_take_it_once() {
    let world = World::new(40).await;
    let firm = &province().firms_in(world.here)[0];
    let (one, two) = (world.sign_in("county").await, world.sign_in("tax").await);
    let file = tax_csv(&[(firm.code.as_str(), &firm.name, "99.5")]);
    let import = world.hand_in(&one, "tax", "税务.csv", &file).await;
    let (path, reason) = (format!("/api/imports/{}/accept", import["id"]), json!({ "reason": "补报" }));
    let (a, b) = tokio::join!(world.post(&one, &path, reason.clone()), world.post(&two, &path, reason.clone()));
    let mut statuses = [a.status, b.status];
    statuses.sort();
    assert_eq!(statuses, [StatusCode::OK, StatusCode::CONFLICT], "{} / {}", a.text(), b.text());
    let scope = Scope::system("test", world.services.settings().root);
    let segments = world.services.store().read(&scope).list_segments(world.here, i32::from(YEAR)).await.unwrap();
    assert_eq!(segments.iter().filter(|s| s.kind == store::SegmentKind::Import).count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_handed_in_twice_while_it_waits_is_one_import() {
    let world = World::new(40).await;
    let firm = &province().firms_in(world.here)[0];
    let session = world.sign_in("county").await;
    let file = tax_csv(&[(firm.code.as_str(), &firm.name, "99.5")]);
    let first = world.hand_in(&session, "tax", "税务.csv", &file).await;
    let second = world.hand_in(&session, "tax", "税务.csv", &file).await;
    assert_eq!(first["id"], second["id"]);
    accept(&world, &session, &first).await;
    let third = world.hand_in(&session, "tax", "税务.csv", &file).await;
    assert_ne!(first["id"], third["id"], "what was accepted is over");
    assert_eq!((&third["counts"]["new"], &third["counts"]["changed"]), (&json!(0), &json!(0)), "{third}");
}

/// Sends the head of a request and then `megabytes` of a body over a real connection; gives the answer.
async fn send_large(world: &World, session: &Session, declared: usize, megabytes: usize) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = tokio::spawn(server::serve(server::App::new(world.services.clone()), listener));
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    let head = format!(
        "POST /api/evaluations/1/imports?template=tax HTTP/1.1\r\nhost: x\r\ncookie: {}\r\nx-csrf-token: {}\r\n\
         connection: close\r\ncontent-type: multipart/form-data; boundary=edge\r\ncontent-length: {declared}\r\n\r\n",
        session.cookie, session.csrf
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let (mut from, mut to) = stream.split();
    let write = async {
        let chunk = vec![b'a'; 1 << 20];
        for _ in 0..megabytes {
            to.write_all(&chunk).await.expect("the server listens to the end");
        }
    };
    let read = async {
        let mut answer = Vec::new();
        from.read_to_end(&mut answer).await.unwrap();
        String::from_utf8_lossy(&answer).into_owned()
    };
    let ((), answer) = tokio::join!(write, read);
    server.abort();
    answer
}

#[tokio::test(flavor = "multi_thread")]
async fn a_workbook_of_two_hundred_megabytes_is_refused_by_its_declared_size_and_the_sender_is_told() {
    let world = World::new(5).await;
    let session = world.sign_in("county").await;
    let answer = send_large(&world, &session, 200 << 20, 200).await;
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
    let body = answer.split("\r\n\r\n").nth(1).unwrap();
    let problem: Json = serde_json::from_str(&body[body.find('{').unwrap()..=body.rfind('}').unwrap()]).unwrap();
    assert_eq!(problem["code"], "upload_too_large");
    says(&problem["message"], &["200 MB", "64 MB"], &["200 MB", "64 MB"]);
    let imports = world.get(&session, "/api/evaluations/1/imports").await.json();
    assert_eq!(imports, json!([]), "nothing of it is kept");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_does_not_say_its_size_is_refused_as_soon_as_it_is_too_large() {
    let world = World::new(5).await;
    let session = world.sign_in("county").await;
    let mut form = b"--edge\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a.xlsx\"\r\n\r\n".to_vec();
    form.resize(server::BODY_BYTES_MAX + 1, b'a');
    let request = Request::builder()
        .method(Method::POST)
        .uri("/api/evaluations/1/imports?template=tax")
        .header(header::COOKIE, &session.cookie)
        .header("x-csrf-token", &session.csrf)
        .header(header::CONTENT_TYPE, "multipart/form-data; boundary=edge")
        .body(Body::from(form))
        .unwrap();
    let answer = world.raw(request).await;
    assert_eq!((answer.status, &answer.json()["code"]), (StatusCode::PAYLOAD_TOO_LARGE, &json!("upload_too_large")));
    says(&answer.json()["message"], &["64 MB"], &["64 MB"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_is_said_and_what_was_accepted_stays_and_work_goes_on_with_room_again() {
    let world = World::new(40).await;
    let firm = &province().firms_in(world.here)[0];
    let session = world.sign_in("county").await;
    let file = tax_csv(&[(firm.code.as_str(), &firm.name, "99.5")]);
    let import = world.hand_in(&session, "tax", "税务.csv", &file).await;
    accept(&world, &session, &import).await;
    let before = facts(&world).await;
    // The same database with hardly any room left.
    let full = world.with_little_room(256 << 10).await;
    let mut large = file.clone();
    large.resize(1 << 20, b'\n');
    let path = "/api/evaluations/1/imports?template=tax";
    let refused = full.upload(&session, path, &[], ("大.csv", &large)).await;
    assert_eq!((refused.status, &refused.json()["code"]), (StatusCode::INSUFFICIENT_STORAGE, &json!("full")));
    says(&refused.json()["message"], &["空间已满", "未保存"], &["no room left"]);
    assert_eq!(facts(&world).await, before);
    assert_eq!(world.services.store().verify_audit().await.unwrap().broken, None);
    let imports = world.get(&session, "/api/evaluations/1/imports").await.json();
    assert_eq!(imports.as_array().unwrap().len(), 1, "nothing is there by half: {imports}");
    let import = world.hand_in(&session, "tax", "大.csv", &large).await;
    assert_eq!(import["state"], "waiting", "with room again it goes in: {import}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_cannot_be_read_is_told_so_in_both_languages() {
    let world = World::new(5).await;
    let session = world.sign_in("county").await;
    for (method, path, body) in [
        (Method::POST, "/api/evaluations", Some(json!({ "division": "370725" }))),
        (Method::POST, "/api/evaluations", Some(json!({ "division": 1, "year": "x" }))),
        (Method::GET, "/api/evaluations/x", None),
        (Method::GET, "/api/firms?page=x", None),
    ] {
        let answer = world.send(method.clone(), path, Some(&session), body).await;
        assert!(answer.status.is_client_error(), "{method} {path}: {}", answer.status);
        let problem: Json =
            serde_json::from_slice(&answer.bytes).unwrap_or_else(|_| panic!("{path}: {}", answer.text()));
        both(&problem["message"]);
        assert!(problem["code"].is_string(), "{problem}");
    }
}
