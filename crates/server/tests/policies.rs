//! Titles and policies through the real router: what a firm sees of its own, what an officer sees of all,
//! what the others are refused, and what bad input is told.

mod common;

use axum::http::StatusCode;
use base::{Department, Scope};
use common::{Answer, Session, World};
use serde_json::{Value as Json, json};
use services::seed::Seed;
use store::{BatchMeta, FactBatch, FactRow};

const FIRMS: usize = 60;
/// The world's clock stands on this day; the last full year is 2025.
const TODAY: &str = "2026-03-02";

/// States figures of a firm and year, as an application does.
async fn declare(world: &World, firm: i64, year: i16, facts: &[(&str, &str)]) {
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
            number => number,
        };
        batch.push(row.number(base::fixed::to_scaled(number.parse().unwrap()).unwrap()));
    }
    let seed = Seed { division: world.here, year, batch };
    world.services.seed_facts(vec![seed], "申报").await.unwrap();
}

async fn policies(world: &World, session: &Session, firm: i64, on: &str) -> Json {
    let answer = world.get(session, &format!("/api/firms/{firm}/policies?on={on}")).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    answer.json()
}

fn line<'j>(policies: &'j Json, rule: &str) -> &'j Json {
    let rules = policies["rules"].as_array().unwrap();
    rules.iter().find(|r| r["rule"]["id"] == rule).unwrap_or_else(|| panic!("no line of {rule}"))
}

fn code(answer: &Answer) -> (StatusCode, Json) {
    (answer.status, answer.json()["code"].clone())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_firm_sees_what_every_rule_makes_of_it_and_nobody_elses() {
    let world = World::new(FIRMS).await;
    let (own, other) = (world.firms_here[0], world.firms_here[1]);
    let firm = world.sign_in("firm").await;
    let seen = policies(&world, &firm, own, TODAY).await;
    assert_eq!((&seen["firm"], &seen["year"]), (&json!(own), &json!(2025)));
    assert!(seen["rules"].as_array().unwrap().len() > 25);
    let size = line(&seen, "national/titles/sme");
    assert_eq!(size["outcome"], "met", "{size}");
    // An unknown condition names the fact and its owner.
    let title = line(&seen, "national/titles/tech-sme");
    assert_eq!(title["outcome"], "unknown");
    let missing = title["missing"].as_array().unwrap();
    assert!(missing.iter().any(|m| m["id"] == "science_staff" && m["owner"] == "science"), "{title}");
    for path in [format!("/api/firms/{other}/policies"), format!("/api/firms/{other}/policy?rule=national/titles/sme")]
    {
        assert_eq!(world.get(&firm, &path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    let tax = world.sign_in("tax").await;
    let refused = world.get(&tax, &format!("/api/firms/{own}/policies")).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    // Reading a firm's figures leaves its trace.
    let scope = Scope::system("test", world.services.settings().root);
    let filter = store::AuditFilter { action: Some("policies.read".into()), ..store::AuditFilter::default() };
    let audit = world.services.store().read(&scope).list_audit(&filter, store::Page::ALL).await.unwrap();
    assert!(audit.rows.iter().any(|e| e.subject == format!("firm:{own}")));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_day_of_filing_picks_the_version_and_the_smallest_change_is_told() {
    let world = World::new(FIRMS).await;
    let firm = world.firms_here[0];
    let county = world.sign_in("county").await;
    let rule = "national/titles/specialised-sme";
    let before = policies(&world, &county, firm, "2026-03-31").await;
    let after = policies(&world, &county, firm, "2026-04-01").await;
    assert_eq!(
        line(&before, "shandong/titles/specialised-sme")["rule"]["version"],
        1,
        "the province's fills the state's"
    );
    assert_eq!(
        (&line(&after, rule)["rule"]["version"], &line(&after, rule)["rule"]["from"]),
        (&json!(2), &json!("2026-04-01"))
    );
    let closed = world.get(&county, &format!("/api/firms/{firm}/policy?rule={rule}&on=2020-01-01")).await;
    assert_eq!(code(&closed), (StatusCode::UNPROCESSABLE_ENTITY, json!("not_in_force")), "{}", closed.text());

    // 10,000 万元 × 3.45 % × 35 % = 120.75 万元; one paper short.
    let facts = [
        ("in_project_catalogue", "true"),
        ("priority_project", "false"),
        ("loan_signed", "true"),
        ("project_loan", "10000"),
        ("interest_aid_years", "0"),
        ("projects_filed", "1"),
        ("papers_complete", "true"),
        ("green_threshold", "false"),
        ("state_interest_aid", "false"),
        ("lpr", "0.0345"),
    ];
    declare(&world, firm, 2025, &facts).await;
    let policy = "shandong/policies/upgrade-interest";
    let seen = policies(&world, &county, firm, TODAY).await;
    let refused = line(&seen, policy);
    assert_eq!(refused["outcome"], "not_met");
    assert_eq!(refused["unmet"].as_array().unwrap().iter().map(|u| &u["id"]).collect::<Vec<_>>(), ["TL.5.b"]);
    assert_eq!(refused["repairs"][0]["moves"].as_array().unwrap().len(), 1);
    assert_eq!(refused["repairs"][0]["moves"][0]["fact"], "green_threshold");
    assert!(seen["best"].is_null(), "nothing is to be had");

    declare(&world, firm, 2025, &[("green_threshold", "true")]).await;
    let seen = policies(&world, &county, firm, TODAY).await;
    let met = line(&seen, policy);
    assert_eq!(
        (&met["outcome"], &met["amount"]["low"], &met["amount"]["high"]),
        (&json!("met"), &json!("120.75"), &json!("120.75"))
    );
    assert_eq!(seen["best"]["sum"], "120.75");
    assert_eq!(met["route"], "no_application", "every fact was stated by the department that owns it: {met}");

    let proof = world.get(&county, &format!("/api/firms/{firm}/policy?rule={policy}&on={TODAY}")).await.json();
    let loan = proof["condition"]["parts"].as_array().unwrap().iter().find(|p| p["id"] == "TL.2.b").unwrap();
    assert_eq!((&loan["seen"][0]["left"], &loan["seen"][0]["right"]), (&json!("10000"), &json!("3000")));
    assert_eq!(loan["inputs"][0]["source"]["file"], "申报数据.xlsx");
    assert_eq!(loan["inputs"][0]["year"], 2025);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_officer_tries_another_number_and_is_told_who_moves() {
    let world = World::new(FIRMS).await;
    let county = world.sign_in("county").await;
    let ask = async |body: Json| world.post(&county, "/api/rules/simulate", body).await;
    let rule = "national/titles/size-small";
    let plain = ask(json!({ "rule": rule })).await;
    assert_eq!(plain.status, StatusCode::OK, "{}", plain.text());
    let plain = plain.json();
    let (met, not_met) = (plain["now"]["met"].as_u64().unwrap(), plain["now"]["not_met"].as_u64().unwrap());
    assert_eq!(met + not_met + plain["now"]["unknown"].as_u64().unwrap(), plain["firms"].as_u64().unwrap());
    assert!(met > 0 && not_met > 0 && plain["then"].is_null(), "{plain}");
    // Nobody has a million people: then nobody is small.
    let tried = ask(json!({ "rule": rule, "changes": [{ "path": "conditions/SIZE.IND.S.x/1", "value": "1000000" }] }))
        .await
        .json();
    assert_eq!((&tried["now"]["met"], &tried["then"]["met"]), (&json!(met), &json!(0)));
    assert_eq!((&tried["gain"], &tried["lose"]), (&json!(0), &json!(met)));
    assert_eq!(tried["moved"].as_array().unwrap().len() as u64, met);

    let wrong = ask(json!({ "rule": rule, "changes": [{ "path": "conditions/nothing/1", "value": "3" }] })).await;
    assert_eq!(code(&wrong), (StatusCode::UNPROCESSABLE_ENTITY, json!("overlay")));
    assert!(wrong.text().contains("conditions/SIZE.IND.S.x/1"), "what is allowed: {}", wrong.text());
    let wrong =
        ask(json!({ "rule": rule, "changes": [{ "path": "conditions/SIZE.IND.S.x/1", "value": "viel" }] })).await;
    assert_eq!(code(&wrong), (StatusCode::UNPROCESSABLE_ENTITY, json!("number")));
    let wrong = ask(json!({ "rule": "national/titles/nothing" })).await;
    assert_eq!(wrong.status, StatusCode::NOT_FOUND);
    let wrong = ask(json!({ "rule": rule, "on": "31.3.2026" })).await;
    assert_eq!(code(&wrong), (StatusCode::UNPROCESSABLE_ENTITY, json!("date")));
    // Another county's firms are nobody's business here.
    let there = ask(json!({ "rule": rule, "division": world.there.to_string() })).await.json();
    assert_eq!(there["firms"], 0, "{there}");
    let firm = world.sign_in("firm").await;
    let refused = world.post(&firm, "/api/rules/simulate", json!({ "rule": rule })).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_shows_its_text_its_versions_and_what_is_wrong_with_it() {
    let world = World::new(FIRMS).await;
    let county = world.sign_in("county").await;
    let rules = world.get(&county, "/api/rules?on=2026-06-01").await.json();
    let heads = rules.as_array().unwrap();
    assert!(
        heads.iter().any(|r| r["kind"] == "policy")
            && heads.iter().any(|r| r["articles"].as_array().unwrap().contains(&json!(5)))
    );
    let rule = world.get(&county, "/api/rule?rule=national/titles/specialised-sme&on=2026-06-01").await.json();
    assert_eq!(rule["versions"].as_array().unwrap().len(), 2);
    assert!(rule["text"].as_str().unwrap().contains("ZJ26.2.a"));
    assert!(
        rule["adjustable"]
            .as_array()
            .unwrap()
            .iter()
            .any(|a| a["path"] == "conditions/ZJ26.2.a/1" && a["value"] == "1500")
    );
    assert!(rule["findings"].as_array().unwrap().iter().all(|f| f["blocks"] == false), "{}", rule["findings"]);
}
