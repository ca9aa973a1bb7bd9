//! One whole year, from a department's file to the published list that recomputes, through the router, on
//! SQLite and on PostgreSQL.

mod common;

use axum::http::{Method, StatusCode};
use base::Department;
use common::{World, YEAR, province};
use province::Value;
use serde_json::json;
use store::OpenOptions;
use testkit::TempStore;

const FIRMS: usize = 60;

/// The tax bureau's file for the firms here; the first firm's tax is another than what is known.
fn tax_file() -> String {
    let province = province();
    let firms = &province.firms_in(province.demo_county())[..FIRMS];
    let mut csv = "统一社会信用代码,企业名称,实缴税金（万元）\n".to_owned();
    let facts = province.facts_of(YEAR, province.demo_county(), Department::Tax);
    for fact in facts.iter().filter(|f| f.fact == "tax_paid" && f.firm < firms[0].index + FIRMS) {
        let firm = &province.firms()[fact.firm];
        let Value::Number(paid) = &fact.value else { panic!("tax is a number") };
        let paid = if fact.firm == firms[0].index { *paid + rust_decimal::Decimal::ONE } else { *paid };
        csv += &format!("{},{},{paid}\n", firm.code, firm.name);
    }
    csv
}

async fn a_year(temp: TempStore) {
    let world = World::on(temp, FIRMS, OpenOptions::default()).await;
    let tax = world.sign_in("tax").await;

    // The file is read, compared and taken; once more, it changes nothing.
    let import = world.hand_in(&tax, "tax", "税务局.csv", tax_file().as_bytes()).await;
    assert_eq!(import["state"], "waiting", "{import}");
    let counts = &import["counts"];
    let rows = tax_file().lines().count() - 1;
    assert_eq!((&counts["rows"], &counts["matched"]), (&json!(rows), &json!(rows)), "{counts}");
    assert_eq!((&counts["new"], &counts["changed"]), (&json!(0), &json!(1)), "{counts}");
    let path = format!("/api/imports/{}/accept", import["id"]);
    let without = world.post(&tax, &path, json!({ "reason": "" })).await;
    assert_eq!(without.status, StatusCode::UNPROCESSABLE_ENTITY, "a change of figures needs a reason");
    let taken = world.post(&tax, &path, json!({ "reason": "税务局补报" })).await;
    assert_eq!((taken.status, &taken.json()["state"]), (StatusCode::OK, &json!("accepted")), "{}", taken.text());
    let again = world.hand_in(&tax, "tax", "税务局.csv", tax_file().as_bytes()).await;
    assert_eq!((&again["counts"]["new"], &again["counts"]["changed"]), (&json!(0), &json!(0)), "{again}");
    let path = format!("/api/imports/{}/withdraw", again["id"]);
    assert_eq!(world.post(&tax, &path, json!({ "reason": "重复" })).await.status, StatusCode::OK);

    // A firm confirms its sheet; the time of the others runs out.
    world.advance(&[("county", "open_confirmation")]).await;
    let firm = world.sign_in("firm").await;
    let sheet = format!("/api/evaluations/1/sheets/{}", world.firms_here[0]);
    let confirmed = world.send(Method::POST, &format!("{sheet}/confirm"), Some(&firm), None).await;
    assert_eq!((confirmed.status, &confirmed.json()["state"]), (StatusCode::OK, &json!("confirmed")));
    world.advance(&[("county", "freeze"), ("county", "run_trial"), ("county2", "start_notice")]).await;

    // The list is public from the notice on.
    let notices = world.send(Method::GET, "/api/public/publications", None, None).await.json();
    assert_eq!((notices.as_array().unwrap().len(), &notices[0]["kind"]), (1, &json!("notice")), "{notices}");

    // Objection, answer by the department, acceptance by a second person, the whole ranking again.
    let early = world.step("county", "finalise").await;
    assert_eq!((early.status, &early.json()["code"]), (StatusCode::CONFLICT, &json!("blocked")), "{}", early.text());
    let objection = world.halve_the_lease().await;
    let county = world.sign_in("county").await;
    let list = world.get(&county, "/api/evaluations/1/objections").await.json();
    assert_eq!((&list[0]["id"], &list[0]["state"]), (&json!(objection), &json!("closed")), "{list}");
    assert_eq!(list[0]["answer"]["verdict"], "agree", "{list}");
    world.advance(&[("county", "run_again")]).await;
    let diff = world.get(&county, "/api/runs/2/diff/1").await.json();
    assert_eq!(diff["facts"].as_array().unwrap().len(), 1, "{diff}");

    // Final and public, when the notice is over; the published list recomputes.
    world.clock.advance_secs(12 * 86_400);
    world.advance(&[("county2", "finalise"), ("county", "publish")]).await;
    let rows = world.send(Method::GET, "/api/public/publications", None, None).await.json();
    assert_eq!((rows.as_array().unwrap().len(), &rows[0]["kind"]), (1, &json!("final")), "{rows}");
    let published = world.send(Method::GET, &format!("/api/public/publications/{}", rows[0]["id"]), None, None).await;
    let published = published.json();
    let auditor = world.sign_in("auditor").await;
    let report = world.get(&auditor, "/api/runs/2/verify").await.json();
    assert_eq!(report["agrees"], true, "{report}");
    let evaluation = world.get(&auditor, "/api/evaluations/1").await.json();
    assert_eq!(evaluation["row"]["state"], "published");
    assert_eq!(published["result"], evaluation["runs"][0]["result"]);
    let rows = world.results(&auditor, 2).await;
    assert_eq!(published["firms"].as_array().unwrap().len(), rows.len());
    for row in &rows {
        let firms = published["firms"].as_array().unwrap();
        let listed = firms.iter().find(|f| f["credit_code"] == row["credit_code"]).expect("every class is published");
        assert_eq!(listed["class"], row["class"]);
    }

    // The classes are history now, and everything that happened is in the log, whose chain holds.
    let firm = world.get(&auditor, &format!("/api/firms/{}", world.firms_here[0])).await.json();
    assert_eq!(firm["classes"].as_array().map(Vec::len), Some(1), "{firm}");
    let audit = world.sign_in("auditadmin").await;
    let check = world.get(&audit, "/api/audit/verify").await.json();
    assert_eq!(check["holds"], true, "{check}");
    for action in [
        "import.create",
        "import.accept",
        "evaluation.freeze",
        "evaluation.run_trial",
        "evaluation.start_notice",
        "objection.create",
        "objection.answer",
        "objection.accept",
        "evaluation.run_again",
        "evaluation.finalise",
        "evaluation.publish",
    ] {
        let found = world.get(&audit, &format!("/api/audit?action={action}")).await.json();
        assert!(found["total"].as_u64().unwrap() >= 1, "{action}: {found}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_whole_year_goes_from_file_to_verified_list_on_sqlite() {
    a_year(TempStore::sqlite()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_whole_year_goes_from_file_to_verified_list_on_postgresql() {
    a_year(TempStore::postgres()).await;
}
