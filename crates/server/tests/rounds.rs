//! Rounds of titles and policies through the real router: from the window to the list, the payment and
//! what is recovered, with what each person is refused on the way.

mod common;

use axum::http::{Method, StatusCode};
use base::Department;
use common::{Answer, World};
use jiff::SignedDuration;
use serde_json::{Value as Json, json};
use services::seed::Seed;
use store::{BatchMeta, FactBatch, FactRow};

const FIRMS: usize = 40;
const AWARD: &str = "shandong/policies/equipment-renewal";
const TITLE: &str = "national/titles/specialised-sme";
const SELLER: &str = "91350100M000100Y43";

/// Facts under which the award of equipment is met: 3,000 of equipment, 10 % of it.
const AWARDED: [(&str, &str); 12] = [
    ("project_investment", "6000"),
    ("priority_project", "false"),
    ("priority_county", "false"),
    ("in_investment_statistics", "true"),
    ("project_filed_on", "2024-05-01"),
    ("papers_complete", "true"),
    ("paid_from", "2024-07-05"),
    ("paid_to", "2025-03-20"),
    ("dishonest", "false"),
    ("green_threshold", "true"),
    ("bond_aid", "false"),
    ("equipment_paid", "3000"),
];

async fn declare(world: &World, firm: i64, year: i16, facts: &[(&str, &str)]) {
    let division = if world.firms_here.contains(&firm) { world.here } else { world.there };
    let mut batch = FactBatch::new(BatchMeta {
        department: Department::Industry,
        file: "申报数据.xlsx".into(),
        file_digest: None,
        received_at: "2026-02-01T00:00:00.000000Z".into(),
        reason: String::new(),
    });
    let subject = format!("f:{firm}");
    let (first, last) = (jiff::civil::date(year, 1, 1), jiff::civil::date(year, 12, 31));
    for (fact, value) in facts {
        let row = FactRow::new(&subject, fact, store::day_number(first)).until(store::day_number(last));
        let number = match *value {
            "true" => "1",
            "false" => "0",
            other => other,
        };
        match number.parse() {
            Ok(n) if number.len() < 10 => batch.push(row.number(base::fixed::to_scaled(n).unwrap())),
            _ => batch.push(row.text(value)),
        }
    }
    world.services.seed_facts(vec![Seed { division, year, batch }], "申报").await.unwrap();
}

fn ok(answer: Answer) -> Json {
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    answer.json()
}

fn code(answer: &Answer) -> (StatusCode, String) {
    (answer.status, answer.json()["code"].as_str().unwrap_or_default().to_owned())
}

async fn post(world: &World, who: &str, path: &str, body: Json) -> Answer {
    let session = world.sign_in(who).await;
    world.post(&session, path, body).await
}

async fn get(world: &World, who: &str, path: &str) -> Answer {
    let session = world.sign_in(who).await;
    world.get(&session, path).await
}

/// Takes a step of a round or filing as it stands.
async fn step(world: &World, who: &str, what: &str, id: i64, action: &str, reason: &str) -> Answer {
    let seen = get(world, who, &format!("/api/{what}/{id}")).await;
    let version = seen.json()["version"].clone();
    let body = json!({ "version": version.as_i64().unwrap_or(0), "reason": reason });
    post(world, who, &format!("/api/{what}/{id}/actions/{action}"), body).await
}

async fn open(world: &World, rule: &str, from: &str, to: &str) -> i64 {
    let body = json!({ "rule": rule, "kind": "first", "title": "2026 年第一批", "from": from, "to": to, "sample_percent": "50" });
    ok(post(world, "province", "/api/rounds", body).await)["row"]["id"].as_i64().unwrap()
}

fn lines(version: &Json, invoice: &str, amount: &str) -> Json {
    json!({ "version": version, "lines": [
        { "invoice": invoice, "line": 1, "seller": SELLER, "on": "2025-01-08", "item": "五轴加工中心", "amount": amount, "serial": "VMC-1" },
    ] })
}

#[tokio::test(flavor = "multi_thread")]
async fn an_award_goes_from_the_window_to_the_payment_and_one_invoice_line_is_paid_once() {
    let world = World::new(FIRMS).await;
    let (own, other) = (world.firms_here[0], world.firms_there[0]);
    for firm in [own, other] {
        declare(&world, firm, 2025, &AWARDED).await;
        declare(&world, firm, 2026, &[("dishonest", "false")]).await;
    }
    // The world's clock stands at ten in the morning of 2026-03-02.
    let round = open(&world, AWARD, "2026-03-01T00:00:00", "2026-03-02T10:00:01").await;
    let path = format!("/api/rounds/{round}/filings");
    assert_eq!(
        post(
            &world,
            "county",
            "/api/rounds",
            json!({ "rule": AWARD, "kind": "first", "title": "x",
        "from": "2026-03-01T00:00:00", "to": "2026-03-05T00:00:00", "sample_percent": "5" })
        )
        .await
        .status,
        StatusCode::FORBIDDEN
    );
    let mine = ok(post(&world, "firm", &path, json!({})).await);
    let filing = mine["row"]["id"].as_i64().unwrap();
    assert_eq!((&mine["row"]["state"], &mine["row"]["rule_version"]), (&json!("filed"), &json!(1)));
    let again = post(&world, "firm", &path, json!({})).await;
    assert_eq!(again.status, StatusCode::CONFLICT, "one filing a firm and round: {}", again.text());
    let second = ok(post(&world, "other_firm", &path, json!({})).await);
    let second_id = second["row"]["id"].as_i64().unwrap();

    // The same invoice line, written otherwise, in two filings: the first holds it.
    let added = ok(post(
        &world,
        "firm",
        &format!("/api/filings/{filing}/lines"),
        lines(&mine["version"], "25372000000123456789", "30000000"),
    )
    .await);
    assert!(added["lines"][0]["clash"].is_null());
    let body = lines(&second["version"], "２５３７２０００ 0001-2345 6789", "29999999");
    let clash = ok(post(&world, "other_firm", &format!("/api/filings/{second_id}/lines"), body).await);
    assert_eq!((&clash["lines"][0]["clash"]["filing"], &clash["row"]["clashes"]), (&json!(filing), &json!(1)));
    assert!(clash["lines"][0]["clash"]["name"].is_null(), "a firm does not learn whose it is");
    let bad = post(&world, "firm", &format!("/api/filings/{filing}/lines"), lines(&added["version"], "12", "1")).await;
    assert_eq!(code(&bad), (StatusCode::UNPROCESSABLE_ENTITY, "lines".into()));
    // Nobody sees another firm's filing.
    assert_eq!(get(&world, "firm", &format!("/api/filings/{second_id}")).await.status, StatusCode::NOT_FOUND);
    assert_eq!(get(&world, "tax", &format!("/api/filings/{filing}")).await.status, StatusCode::NOT_FOUND);

    // Not before the window is over, and one second after it nobody files.
    let early = step(&world, "province", "rounds", round, "cut", "").await;
    assert_eq!(code(&early), (StatusCode::CONFLICT, "blocked".into()));
    world.clock.advance(SignedDuration::from_secs(1));
    assert_eq!(post(&world, "lessor", &path, json!({})).await.status, StatusCode::OK, "the last second counts");
    world.clock.advance(SignedDuration::from_secs(1));
    let late = post(&world, "tenant", &path, json!({})).await;
    assert_eq!(code(&late), (StatusCode::CONFLICT, "outside_window".into()));
    ok(step(&world, "province", "rounds", round, "cut", "").await);
    let too_late =
        post(&world, "firm", &format!("/api/filings/{filing}/lines"), lines(&json!(3), "25372000000123456780", "1"))
            .await;
    assert_eq!(too_late.status, StatusCode::CONFLICT, "what was handed in stands: {}", too_late.text());

    // The lessor declared nothing: unknown is not met, and no officer can wave it through alone.
    let rows = ok(get(&world, "province", &path).await);
    let row = |id: i64| rows.as_array().unwrap().iter().find(|r| r["id"] == id).unwrap().clone();
    assert_eq!((&row(filing)["outcome"], &row(filing)["sum"]), (&json!("met"), &json!("300")), "{rows}");
    let lessor = rows.as_array().unwrap().iter().find(|r| r["outcome"] != "met").unwrap()["id"].as_i64().unwrap();
    let waved = step(&world, "county", "filings", lessor, "recommend", "").await;
    assert_eq!(code(&waved), (StatusCode::CONFLICT, "blocked".into()));
    ok(step(&world, "county", "filings", lessor, "refuse", "没有申报数据").await);
    for (who, id) in [("county", filing), ("other_county", second_id)] {
        ok(step(&world, who, "filings", id, "recommend", "").await);
    }
    let wrong = step(&world, "county", "filings", filing, "approve", "").await;
    assert_ne!(wrong.status, StatusCode::OK, "a county does not decide for the province");
    let undecided = step(&world, "province", "rounds", round, "draw", "").await;
    assert_eq!(code(&undecided), (StatusCode::CONFLICT, "blocked".into()));
    for id in [filing, second_id] {
        ok(step(&world, "city", "filings", id, "recommend", "").await);
        ok(step(&world, "province", "filings", id, "approve", "").await);
    }
    let before = ok(get(&world, "province", &format!("/api/rounds/{round}")).await);
    assert_eq!(before["draw"]["secret"], "", "only the commitment is shown before the draw");
    let drawn = ok(step(&world, "province", "rounds", round, "draw", "").await);
    assert_eq!(drawn["draw"]["commitment"], before["draw"]["commitment"]);
    // Half of one filing a county, rounded up: each is visited.
    assert!(drawn["draw"]["strata"].as_array().unwrap().iter().all(|s| s["take"] == 1));
    ok(step(&world, "county", "filings", filing, "pass_site", "设备在位").await);
    ok(step(&world, "other_county", "filings", second_id, "pass_site", "设备在位").await);
    // Of the machine 24 million was found, not 30.
    let seen = ok(get(&world, "county", &format!("/api/filings/{filing}")).await);
    let line = seen["lines"][0]["id"].as_i64().unwrap();
    let built = json!({ "version": seen["version"], "built": "differs", "amount": "24000000", "note": "一台未到货" });
    let found = ok(post(&world, "county", &format!("/api/filings/{filing}/lines/{line}/built"), built).await);
    assert_eq!(found["row"]["sum"], "240", "10 % of what stands there: {}", found["row"]);
    let verified = ok(get(&world, "auditor", &format!("/api/rounds/{round}/verify")).await);
    assert_eq!(verified["agrees"], true, "{verified}");
    ok(step(&world, "province", "rounds", round, "start_notice", "").await);
    let soon = step(&world, "province", "rounds", round, "list", "").await;
    assert_eq!(code(&soon), (StatusCode::CONFLICT, "blocked".into()));
    // An objection that one person raises another dismisses.
    ok(step(&world, "county", "filings", filing, "object", "群众来信").await);
    let open_objection = step(&world, "province", "rounds", round, "list", "").await;
    assert_eq!(open_objection.status, StatusCode::CONFLICT);
    ok(step(&world, "province", "filings", filing, "dismiss", "查无此事").await);
    world.clock.advance(SignedDuration::from_hours(24 * 9));
    ok(step(&world, "province", "rounds", round, "list", "").await);

    // Money: the clashing filing cannot be paid, an account that is not known neither, and it takes two.
    ok(step(&world, "firm", "filings", filing, "ask_payment", "").await);
    let unknown = step(&world, "province", "filings", filing, "pay", "").await;
    assert!(unknown.text().contains("账户"), "{}", unknown.text());
    declare(&world, own, 2026, &[("payment_account", "1613000000000001"), ("payment_account_open", "false")]).await;
    assert_eq!(
        step(&world, "province", "filings", filing, "pay", "").await.status,
        StatusCode::CONFLICT,
        "a closed account"
    );
    declare(&world, own, 2026, &[("payment_account_open", "true")]).await;
    let paid = ok(step(&world, "province", "filings", filing, "pay", "").await);
    assert_eq!((&paid["payment"]["sum"], &paid["payment"]["state"]), (&json!("240"), &json!("paid")));
    assert_eq!(paid["payment"]["account"], "1613000000000001");
    let twice = step(&world, "province", "filings", filing, "pay", "").await;
    assert_eq!(twice.status, StatusCode::CONFLICT, "{}", twice.text());
    ok(step(&world, "other_firm", "filings", second_id, "ask_payment", "").await);
    let clashing = step(&world, "province", "filings", second_id, "pay", "").await;
    assert!(clashing.text().contains("发票行"), "{}", clashing.text());
    // Once the first is removed its line goes over to the second, and its money is to be recovered.
    ok(step(&world, "province", "filings", filing, "ask_removal", "虚假材料").await);
    let alone = step(&world, "province", "filings", filing, "remove_paid", "属实").await;
    assert_eq!(code(&alone), (StatusCode::FORBIDDEN, "same_person".into()));
    let removed = ok(step(&world, "province2", "filings", filing, "remove_paid", "属实").await);
    assert_eq!(removed["row"]["state"], "to_recover");
    ok(step(&world, "province", "filings", filing, "recover", "已缴回国库").await);
    let now_clear = ok(get(&world, "province", &format!("/api/filings/{second_id}")).await);
    assert!(now_clear["lines"][0]["clash"].is_null(), "{}", now_clear["lines"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_moment_of_filing_picks_the_version_and_a_changed_byte_is_named() {
    let world = World::new(FIRMS).await;
    let (early, late) = (world.firms_here[0], world.firms_here[1]);
    world.clock.advance(SignedDuration::from_hours(24 * 60));
    let round = open(&world, TITLE, "2026-03-15T00:00:00", "2026-04-15T23:59:59").await;
    let path = format!("/api/rounds/{round}/filings");
    let head = ok(get(&world, "county", &format!("/api/rounds/{round}")).await);
    assert_eq!(head["versions"].as_array().unwrap().len(), 2, "the window crosses a revision: {head}");
    let file = |firm: i64, at: &str| json!({ "firm": firm, "filed_at": at });
    let a = ok(post(&world, "county", &path, file(early, "2026-03-31T23:59:59")).await);
    let b = ok(post(&world, "county", &path, file(late, "2026-04-01T00:00:00")).await);
    assert_eq!((&a["row"]["rule"], &a["row"]["rule_version"]), (&json!("shandong/titles/specialised-sme"), &json!(1)));
    assert_eq!((&b["row"]["rule"], &b["row"]["rule_version"]), (&json!(TITLE), &json!(2)));
    let outside = post(&world, "county", &path, file(world.firms_here[2], "2026-04-16T00:00:00")).await;
    assert_eq!(code(&outside), (StatusCode::CONFLICT, "outside_window".into()));
    let elsewhere = post(&world, "county", &path, file(world.firms_there[0], "2026-04-01T00:00:00")).await;
    assert_eq!(elsewhere.status, StatusCode::NOT_FOUND);
    ok(step(&world, "province", "rounds", round, "cut", "").await);
    let seen = ok(get(&world, "county", &format!("/api/filings/{}", a["row"]["id"])).await);
    assert_eq!(seen["other_version"]["version"], 2);
    assert!(seen["other_version"]["outcome"].is_string());
    assert!(seen["proof"]["condition"]["parts"].as_array().is_some_and(|p| !p.is_empty()));
    assert!(!seen["judged"].as_array().unwrap().is_empty() || seen["row"]["outcome"] != "met");
    let verified = ok(get(&world, "province", &format!("/api/rounds/{round}/verify")).await);
    assert_eq!((&verified["agrees"], &verified["filings"]), (&json!(true), &json!(2)), "{verified}");
    // Facts that come in later change nothing until they are cut again, with a reason.
    declare(&world, early, 2025, &[("quality_certificate", "true")]).await;
    assert_eq!(ok(get(&world, "province", &format!("/api/rounds/{round}/verify")).await)["agrees"], true);
    let silent = step(&world, "province", "rounds", round, "recut", "").await;
    assert_eq!(code(&silent), (StatusCode::UNPROCESSABLE_ENTITY, "reason".into()));
    let recut = ok(step(&world, "province", "rounds", round, "recut", "市场监管部门补报").await);
    assert_eq!((&recut["cut"]["changed"], recut["earlier_cuts"].as_array().unwrap().len()), (&json!(1), 1));
    // One byte of the cut is changed past the store.
    let digest = recut["cut"]["facts"].as_str().unwrap();
    let changed = world
        .sql(&format!("UPDATE object SET bytes = CAST(replace(CAST(bytes AS TEXT), '\"kind\":\"first\"', '\"kind\":\"fIrst\"') AS BLOB) WHERE digest = '{digest}'"))
        .await;
    assert_eq!(changed, 1);
    let broken = ok(get(&world, "province", &format!("/api/rounds/{round}/verify")).await);
    assert_eq!(broken["agrees"], false);
    assert!(broken["differences"][0]["zh"].as_str().unwrap().contains(digest), "{broken}");
    let blocked = step(&world, "province", "rounds", round, "draw", "").await;
    assert_eq!(blocked.status, StatusCode::CONFLICT);
}

#[tokio::test(flavor = "multi_thread")]
async fn holders_whose_term_ends_are_in_the_recheck_by_themselves() {
    let world = World::new(FIRMS).await;
    let (due, lasting) = (world.firms_here[0], world.firms_here[1]);
    let hold = async |firm: i64, from: jiff::civil::Date, to: jiff::civil::Date| {
        let mut batch = FactBatch::new(BatchMeta {
            department: Department::Industry,
            file: "称号.xlsx".into(),
            file_digest: None,
            received_at: "2026-02-01T00:00:00.000000Z".into(),
            reason: String::new(),
        });
        let subject = format!("f:{firm}");
        let row = FactRow::new(&subject, "specialized_sme", store::day_number(from)).until(store::day_number(to));
        batch.push(row.number(10i128.pow(base::fixed::SCALE)));
        world.services.seed_facts(vec![Seed { division: world.here, year: 2025, batch }], "名单").await.unwrap();
    };
    hold(due, jiff::civil::date(2023, 7, 1), jiff::civil::date(2026, 6, 30)).await;
    hold(lasting, jiff::civil::date(2025, 7, 1), jiff::civil::date(2028, 6, 30)).await;
    let body = json!({ "rule": TITLE, "kind": "recheck", "title": "2026 年复核", "from": "2026-03-01T00:00:00",
        "to": "2026-03-31T00:00:00", "sample_percent": "0", "due_by": "2026-12-31" });
    let round = ok(post(&world, "province", "/api/rounds", body).await)["row"]["id"].as_i64().unwrap();
    let rows = ok(get(&world, "province", &format!("/api/rounds/{round}/filings")).await);
    let firms: Vec<i64> = rows.as_array().unwrap().iter().map(|r| r["firm"].as_i64().unwrap()).collect();
    assert!(firms.contains(&due) && !firms.contains(&lasting), "{rows}");
    assert!(rows.as_array().unwrap().iter().all(|r| r["kind"] == "recheck"));
    let none = json!({ "rule": AWARD, "kind": "recheck", "title": "x", "from": "2026-03-01T00:00:00",
        "to": "2026-03-31T00:00:00", "sample_percent": "0", "due_by": "2026-12-31" });
    assert_eq!(post(&world, "province", "/api/rounds", none).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let deleted = world.sign_in("county").await;
    let gone = world.send(Method::DELETE, "/api/filings/1/lines/1?version=1", Some(&deleted), None).await;
    assert_ne!(gone.status, StatusCode::OK);
}
