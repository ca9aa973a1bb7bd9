//! Industry chains through the real router: from a template to a graph with evidence, gaps with their
//! arithmetic, a stress test, a proposal that is carried out and does what was predicted, needs and suppliers.

mod common;

use axum::http::{Method, StatusCode};
use common::{Answer, World};
use serde_json::{Value as Json, json};

const FIRMS: usize = 12;
const TEMPLATE: &str = "shandong/chains/machine-tools";
const BEARING: &str = "product:spindle-bearing";
const SPINDLE: &str = "product:spindle";

fn ok(answer: Answer) -> Json {
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    answer.json()
}

async fn post(world: &World, who: &str, path: &str, body: Json) -> Answer {
    let session = world.sign_in(who).await;
    world.post(&session, path, body).await
}

async fn get(world: &World, who: &str, path: &str) -> Answer {
    let session = world.sign_in(who).await;
    world.get(&session, path).await
}

async fn upload(world: &World, who: &str, path: &str, fields: &[(&str, &str)], file: (&str, &[u8])) -> Answer {
    let session = world.sign_in(who).await;
    world.upload(&session, path, fields, file).await
}

/// Node and number of a firm of the register.
async fn firm(world: &World, id: i64) -> (String, String) {
    let scope = base::Scope::system("test", world.services.settings().root);
    let firm = world.services.store().read(&scope).get_firm(id).await.unwrap();
    (format!("firm:{}", firm.credit_code.unwrap()), firm.name)
}

fn put_firm(id: &str, name: &str, place: &str, output: f64, from: &str) -> Json {
    json!({ "op": "put_node", "id": id, "kind": "firm", "name": name, "place": place, "output": output, "from": from })
}

fn put_link(from: &str, to: &str, kind: &str, share: Json, amount: Json) -> Json {
    json!({ "op": "put_link", "from": from, "to": to, "kind": kind, "share": share, "amount": amount,
        "confidence": 0.9, "source": "购销台账", "valid_from": "2025-07-01" })
}

/// A chain of the province: one maker of bearings here, who supplies two makers of spindles, one here and one in
/// the county next to it, with ten days of stock each.
async fn opened(world: &World) -> (i64, [String; 3]) {
    let chain = ok(post(world, "province", "/api/chains", json!({ "template": TEMPLATE })).await);
    let id = chain["row"]["id"].as_i64().unwrap();
    assert_eq!((&chain["row"]["revision"], &chain["may_change"]), (&json!(1), &json!(true)));
    let (a, a_name) = firm(world, world.firms_here[0]).await;
    let (b, b_name) = firm(world, world.firms_here[1]).await;
    let (c, c_name) = firm(world, world.firms_there[0]).await;
    let (here, there) = (world.here.to_string(), world.there.to_string());
    let terms = |buyer: &str| {
        json!({ "op": "put_terms", "buyer": buyer, "product": BEARING, "essential": true, "stock_days": 10.0,
            "outside": 0.0, "secured": 0.0, "substitute": 0.0, "substitute_from": 0, "source": "库存台账" })
    };
    let ops = json!([
        put_firm(&a, &a_name, &here, 3650.0, "2025-07-01"),
        put_firm(&b, &b_name, &here, 7300.0, "2025-07-01"),
        put_firm(&c, &c_name, &there, 3650.0, "2025-07-01"),
        put_link(&a, BEARING, "places", json!(1.0), Json::Null),
        put_link(&b, SPINDLE, "places", json!(1.0), Json::Null),
        put_link(&c, SPINDLE, "places", json!(1.0), Json::Null),
        put_link(&a, &b, "supplies", Json::Null, json!(1460.0)),
        put_link(&a, &c, "supplies", Json::Null, json!(730.0)),
        terms(&b),
        terms(&c),
    ]);
    let path = format!("/api/chains/{id}/changes");
    let changed = ok(post(world, "province", &path, json!({ "revision": 1, "reason": "登记企业", "ops": ops })).await);
    assert_eq!(changed["row"]["revision"], 2);
    (id, [a, b, c])
}

fn stop_of(kind: &str, id: &str, days: u32) -> Json {
    json!({ "stops": [{ "kind": kind, "id": id, "share": 1.0, "days": days }], "horizon": 120 })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chain_has_evidence_and_days_and_refuses_what_cannot_be_one() {
    let world = World::new(FIRMS).await;
    let (id, [a, b, _]) = opened(&world).await;
    let graph = |day: &str| format!("/api/chains/{id}/graph?day={day}");
    let now = ok(get(&world, "province", &graph("")).await);
    let firms = |g: &Json| g["nodes"]["kind"].as_array().unwrap().iter().filter(|k| *k == "firm").count();
    assert_eq!(firms(&now), 3);
    assert_eq!(firms(&ok(get(&world, "province", &graph("2025-06-30")).await)), 0, "the day before they came");
    let node = ok(get(&world, "province", &format!("/api/chains/{id}/node?id={a}")).await);
    let evidence = &node["links"][0]["evidence"][0];
    assert_eq!(
        (&evidence["source"], &evidence["author"], &evidence["noted"]),
        (&json!("购销台账"), &json!("province"), &json!("2026-03-02"))
    );
    // Everything that is wrong is named at once, and nothing of it is kept.
    let ops = json!([
        put_link(&a, &a, "supplies", Json::Null, json!(1.0)),
        put_link(&a, &b, "places", json!(0.5), Json::Null),
        put_link(&b, BEARING, "places", json!(1.5), Json::Null),
        put_link(BEARING, SPINDLE, "made_of", Json::Null, Json::Null),
    ]);
    let path = format!("/api/chains/{id}/changes");
    let refused = post(&world, "province", &path, json!({ "revision": 2, "reason": "x", "ops": ops })).await;
    assert_eq!(
        (refused.status, refused.json()["code"].as_str()),
        (StatusCode::UNPROCESSABLE_ENTITY, Some("chain_faults"))
    );
    let codes: Vec<String> =
        refused.json()["fields"].as_array().unwrap().iter().map(|f| f["code"].as_str().unwrap().to_owned()).collect();
    for code in ["self_supply", "ends", "share"] {
        assert!(codes.iter().any(|c| c == code), "{code} in {codes:?}");
    }
    // Two people who saw the same revision; and people who do not lead the chain.
    let fine =
        json!({ "revision": 1, "reason": "x", "ops": [put_link(&b, BEARING, "places", json!(0.1), Json::Null)] });
    assert_eq!(post(&world, "province2", &path, fine.clone()).await.status, StatusCode::CONFLICT);
    assert_eq!(post(&world, "county", &path, fine).await.status, StatusCode::FORBIDDEN);
    assert_eq!(ok(get(&world, "province", &format!("/api/chains/{id}")).await)["row"]["revision"], 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn everyone_sees_the_part_of_a_chain_that_is_theirs() {
    let world = World::new(FIRMS).await;
    let (id, [a, b, c]) = opened(&world).await;
    let seen = |g: Json| -> Vec<String> {
        let ids = g["nodes"]["id"].as_array().unwrap().iter().map(|i| i.as_str().unwrap().to_owned());
        ids.filter(|i| i.starts_with("firm:")).collect()
    };
    let path = format!("/api/chains/{id}/graph");
    let mut all = vec![a.clone(), b.clone(), c.clone()];
    all.sort();
    assert_eq!(seen(ok(get(&world, "province", &path).await)), all);
    let mut here = vec![a, b];
    here.sort();
    assert_eq!(seen(ok(get(&world, "county", &path).await)), here);
    assert_eq!(seen(ok(get(&world, "other_county", &path).await)), [c]);
    assert_eq!(get(&world, "county", &format!("/api/chains/{id}/gaps")).await.status, StatusCode::FORBIDDEN);
    assert_eq!(get(&world, "tax", &path).await.status, StatusCode::NOT_FOUND);
    assert_eq!(get(&world, "sysadmin", &path).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chain_goes_out_in_every_format_and_comes_back_the_same() {
    let world = World::new(FIRMS).await;
    let (id, _) = opened(&world).await;
    let digest = |chain: &Json| chain["revisions"][0]["digest"].as_str().unwrap().to_owned();
    let before = digest(&ok(get(&world, "province", &format!("/api/chains/{id}")).await));
    for (at, format) in ["json", "graphml"].into_iter().enumerate() {
        let file = get(&world, "province", &format!("/api/chains/{id}/export?format={format}")).await;
        assert_eq!(file.status, StatusCode::OK, "{}", file.text());
        let name = format!("chain.{format}");
        let path = |trial: bool| format!("/api/chains/{id}/import?revision={}&reason=x&trial={trial}", 2 + at);
        let tried = ok(upload(&world, "province", &path(true), &[], (&name, &file.bytes)).await);
        assert_eq!(
            (&tried["kept"], &tried["nodes_changed"], &tried["links_new"]),
            (&json!(false), &json!(0), &json!(0)),
            "{tried}"
        );
        let kept = ok(upload(&world, "province", &path(false), &[], (&name, &file.bytes)).await);
        assert_eq!(kept["kept"], true);
        assert_eq!(digest(&ok(get(&world, "province", &format!("/api/chains/{id}")).await)), before, "{format}");
    }
    let broken = br#"{"format":"baigong-chain","version":1,"nodes":[{"id":"firm:x","kind":"firm","name":"x"}],"edges":[{"from":"firm:x","to":"nowhere","kind":"places","confidence":2,"evidence":[]}]}"#;
    let path = format!("/api/chains/{id}/import?revision=4&reason=x&trial=false");
    let report = ok(upload(&world, "province", &path, &[], ("c.json", broken)).await);
    assert_eq!(report["kept"], false);
    assert!(report["faults"].as_array().unwrap().len() >= 2, "{report}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outage_spreads_through_stocks_and_gaps_name_their_arithmetic() {
    let world = World::new(FIRMS).await;
    let (id, [a, b, c]) = opened(&world).await;
    let gaps = ok(get(&world, "province", &format!("/api/chains/{id}/gaps")).await);
    let bearing = gaps["rows"].as_array().unwrap().iter().find(|r| r["product"] == BEARING).unwrap();
    assert_eq!((&bearing["makers"], &bearing["sources"], &bearing["hhi"]), (&json!(1), &json!(1), &json!(1.0)));
    assert_eq!(bearing["demand"], json!(2190.0));
    // One of 74 products covered is a chain to be built first: one source alone does not make it one to be filled.
    let fill = bearing["findings"].as_array().unwrap().iter().find(|f| f["step"] == "fill").unwrap();
    let test = |what: &str| {
        let all = fill["all_of"].as_array().unwrap().iter().flat_map(|g| g.as_array().unwrap());
        all.into_iter().find(|t| t["what"] == what).map(|t| (t["value"].clone(), t["holds"].clone()))
    };
    assert_eq!(fill["holds"], false);
    assert_eq!(test("sources"), Some((json!(1.0), json!(true))));
    assert_eq!(test("coverage").map(|(_, holds)| holds), Some(json!(false)));
    let path = format!("/api/chains/{id}/stress");
    let lost = ok(post(&world, "province", &path, stop_of("firm", &a, 30)).await);
    let row = |id: &str| lost["rows"].as_array().unwrap().iter().find(|r| r["firm"] == *id).unwrap().clone();
    // Ten days of stock, then nothing for the rest: 20 days of 20 and of 10, and its own 30 days of 10.
    assert_eq!((row(&a)["loss"].as_f64().unwrap().round(), row(&b)["loss"].as_f64().unwrap().round()), (300.0, 400.0));
    assert_eq!(row(&c)["loss"].as_f64().unwrap().round(), 200.0);
    assert!(row(&b)["down"].as_f64().unwrap() > 0.99 && row(&b)["first_day"].as_u64().unwrap() >= 10, "{}", row(&b));
    assert!(!lost["differ"].as_array().unwrap().is_empty(), "stocks are known to one model only");
    let county = ok(post(&world, "province", &path, stop_of("place", &world.here.to_string(), 30)).await);
    assert!(county["shortage"]["total"].as_f64() > lost["shortage"]["total"].as_f64());
    let short = ok(post(&world, "province", &path, stop_of("firm", &a, 5)).await);
    assert_eq!(short["losing"], 1, "the stock covers it for all but itself");
    for wrong in [
        stop_of("firm", "firm:nobody", 5),
        stop_of("planet", &a, 5),
        stop_of("firm", &a, 0),
        json!({ "stops": [], "horizon": 5 }),
    ] {
        assert_eq!(post(&world, "province", &path, wrong).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    let ranking = ok(get(&world, "province", &format!("/api/chains/{id}/ranking?days=30&horizon=120")).await);
    assert_eq!((&ranking["rows"][0]["id"], &ranking["rows"][0]["rank"]), (&json!(a), &json!(1)));
    assert_eq!(ranking["rows"][0]["loss"].as_f64().unwrap(), lost["shortage"]["total"].as_f64().unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_accepted_proposal_that_is_carried_out_changes_the_stress_test_as_predicted() {
    let world = World::new(FIRMS).await;
    let (id, [a, ..]) = opened(&world).await;
    let found = ok(get(&world, "province", &format!("/api/chains/{id}/proposals?product={BEARING}")).await);
    assert_eq!(found["scenario"]["stops"][0]["id"], json!(a), "its only maker");
    let moves = found["moves"].as_array().unwrap();
    assert!(moves.iter().all(|m| m["loss_after"].as_f64() <= found["loss"].as_f64()), "no move makes it worse");
    let second = moves.iter().find(|m| m["id"] == "second_source").unwrap();
    assert!(second["effect"].as_f64().unwrap() > 0.0);
    assert!(found["smallest"].is_array(), "{}", found["smallest"]);
    let body = |owner: &str| json!({ "revision": 2, "product": BEARING, "move": "second_source", "owner": owner, "deadline": "2026-12-31" });
    let tasks = format!("/api/chains/{id}/tasks");
    assert_eq!(post(&world, "province", &tasks, body("firm")).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(post(&world, "county", &tasks, body("county")).await.status, StatusCode::FORBIDDEN);
    let task = ok(post(&world, "province", &tasks, body("county")).await);
    let number = task["id"].as_i64().unwrap();
    assert_eq!(task["effect"]["predicted"], second["loss_after"]);
    let path = format!("/api/chain-tasks/{number}");
    let act = async |who: &str, action: &str, more: Json| {
        let seen = ok(get(&world, who, &path).await);
        let mut body = json!({ "version": seen["version"], "reason": "" });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        post(&world, who, &format!("{path}/actions/{action}"), body).await
    };
    ok(act("county", "start", json!({})).await);
    assert_eq!(act("county", "give_evidence", json!({})).await.status, StatusCode::CONFLICT, "nothing is shown yet");
    let version = ok(get(&world, "county", &path).await)["version"].clone();
    let shown = upload(
        &world,
        "county",
        &format!("{path}/evidence?version={version}"),
        &[("title", "供货合同和首批到货单")],
        ("合同.pdf", b"%PDF contract"),
    )
    .await;
    let shown = ok(shown);
    let digest = shown["evidence"][0]["digest"].as_str().unwrap().to_owned();
    assert_eq!(get(&world, "province", &format!("{path}/evidence/{digest}")).await.bytes, b"%PDF contract");
    let given = ok(act("county", "give_evidence", json!({})).await);
    assert_eq!(given["effect"]["measured"], task["effect"]["predicted"], "carried out as planned, to the bit");
    assert_eq!(given["effect"]["now"], task["effect"]["before"], "the chain itself has not changed yet");
    assert_ne!(
        act("county", "confirm", json!({})).await.status,
        StatusCode::OK,
        "who gave the evidence cannot confirm it"
    );
    let graph = ok(get(&world, "province", &format!("/api/chains/{id}/graph")).await);
    let at = graph["nodes"]["id"].as_array().unwrap().iter().position(|i| i == BEARING).unwrap();
    assert_eq!(graph["nodes"]["task"][at], "task");
    let confirmed = ok(act("province", "confirm", json!({})).await);
    assert_eq!((&confirmed["state"], &confirmed["effect"]["now"]), (&json!("confirmed"), &task["effect"]["predicted"]));
    let graph = ok(get(&world, "province", &format!("/api/chains/{id}/graph")).await);
    assert_eq!(graph["nodes"]["task"][at], "done");
    let mut scenario = found["scenario"].clone();
    scenario["market"] = json!("");
    let after = ok(post(&world, "province", &format!("/api/chains/{id}/stress"), scenario).await);
    assert_eq!(after["shortage"]["total"], second["loss_after"]);
    // What was believed before can still be looked at.
    let first = ok(get(&world, "province", &format!("/api/chains/{id}/graph?revision=2")).await);
    assert_eq!(first["revision"], 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn evidence_places_firms_and_people_decide_what_is_doubtful() {
    let world = World::new(FIRMS).await;
    let (id, [a, b, c]) = opened(&world).await;
    let lines = format!(
        "firm,kind,text,code,amount,source,noted\n{a},sells,主轴轴承,,1200,发票,2026-01-05\n{b},declares,高速精密轴承检测仪器,,,官网,2026-01-05\n{c},declares,机械主轴,,,年报,2026-01-05\n"
    );
    let path = format!("/api/chains/{id}/claims?revision=2&reason=导入");
    let report = ok(upload(&world, "province", &path, &[], ("claims.csv", lines.as_bytes())).await);
    assert_eq!((&report["kept"], &report["links_new"]), (&json!(true), &json!(3)));
    let placed = ok(get(&world, "province", &format!("/api/chains/{id}/placements")).await);
    let row = |p: &Json, firm: &str, product: &str| {
        p["rows"].as_array().unwrap().iter().find(|r| r["firm"] == *firm && r["product"] == *product).cloned()
    };
    assert_eq!(row(&placed, &a, BEARING).unwrap()["state"], "placed");
    let parts = row(&placed, &a, BEARING).unwrap()["parts"].clone();
    assert_eq!(
        (&parts[0]["kind"], &parts[0]["why"], &parts[0]["text"]),
        (&json!("sells"), &json!("name_equal"), &json!("主轴轴承"))
    );
    let doubtful = row(&placed, &b, BEARING).expect("something speaks for it");
    let decide = json!({ "revision": 3, "firm": b, "product": BEARING, "place": false, "reason": "只经销，不生产" });
    let decided = ok(post(&world, "province", &format!("/api/chains/{id}/placements"), decide.clone()).await);
    let after = row(&decided, &b, BEARING).unwrap();
    assert_eq!((&after["state"], &after["decided"]["reason"]), (&json!("refused_by_hand"), &json!("只经销，不生产")));
    assert_eq!(after["confidence"], doubtful["confidence"], "what the lines say stays what it is");
    assert_eq!(
        post(&world, "province2", &format!("/api/chains/{id}/placements"), decide).await.status,
        StatusCode::CONFLICT
    );
    // The graph follows the decision: a link with the reason as its evidence, and its end when it is refused.
    let placing = format!("/api/chains/{id}/placements");
    let links = async |product: &str| -> usize {
        let node = ok(get(&world, "province", &format!("/api/chains/{id}/node?id={c}")).await);
        node["links"].as_array().unwrap().iter().filter(|l| l["kind"] == "places" && l["node"] == *product).count()
    };
    let turned = |revision: i64, product: &str, place: bool| json!({ "revision": revision, "firm": c, "product": product, "place": place, "reason": "现场核实" });
    assert_eq!(links("product:electric-spindle").await, 0);
    ok(post(&world, "province", &placing, turned(4, "product:electric-spindle", true)).await);
    assert_eq!(links("product:electric-spindle").await, 1);
    ok(post(&world, "province", &placing, turned(5, SPINDLE, false)).await);
    assert_eq!(links(SPINDLE).await, 0, "it ended today");
    let bad = "firm,kind,text,code,amount,source,noted\nfirm:nobody,sells,x,,,发票,2026-01-05\n";
    let path = format!("/api/chains/{id}/claims?revision=6&reason=导入");
    let report = ok(upload(&world, "province", &path, &[], ("claims.csv", bad.as_bytes())).await);
    assert_eq!((&report["kept"], report["faults"].as_array().unwrap().len()), (&json!(false), 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_need_finds_suppliers_by_hard_limits_and_an_introduction_counts_with_an_order() {
    let world = World::new(FIRMS).await;
    let (id, _) = opened(&world).await;
    let me = async |who: &str| ok(get(&world, who, "/api/session").await)["firm"].as_i64().unwrap_or_default();
    let (buyer, fits, coarse) = (me("firm").await, me("lessor").await, me("other_firm").await);
    assert!(buyer > 0 && fits > 0 && coarse > 0 && buyer != fits, "{buyer} {fits} {coarse}");
    let limit =
        |value: f64, unit: &str| json!({ "property": "公差", "demand": "at_most", "value": value, "unit": unit });
    let need = json!({ "chain": id, "firm": buyer, "product": BEARING, "title": "钛合金五轴件", "amount": 100.0, "until": "2026-12-31",
        "specs": [limit(5.0, "um"), { "property": "AS9100", "demand": "has" }] });
    let posted = ok(post(&world, "firm", "/api/needs", need.clone()).await);
    let number = posted["row"]["id"].as_i64().unwrap();
    assert_eq!(
        post(&world, "lessor", "/api/needs", need).await.status,
        StatusCode::NOT_FOUND,
        "nobody posts for another firm"
    );
    let state = async |who: &str, firm: i64, specs: Json, consent: bool| {
        let session = world.sign_in(who).await;
        let body = json!({ "chain": id, "firm": firm, "product": BEARING, "capacity": 150.0, "specs": specs, "consent": consent });
        ok(world.send(Method::PUT, "/api/capabilities", Some(&session), Some(body)).await)
    };
    let certified = json!({ "property": "AS9100", "demand": "has" });
    // The same limit in another unit: 0.004 mm are 4 um; 0.02 mm are too much.
    state("lessor", fits, json!([limit(0.004, "mm"), certified]), true).await;
    state("other_firm", coarse, json!([limit(0.02, "mm"), certified]), true).await;
    let path = format!("/api/needs/{number}");
    let seen = ok(get(&world, "firm", &path).await);
    let row =
        |n: &Json, firm: i64| n["suppliers"].as_array().unwrap().iter().find(|s| s["firm"] == firm).cloned().unwrap();
    assert_eq!((&row(&seen, fits)["state"], &row(&seen, coarse)["state"]), (&json!("fits"), &json!("refused")));
    let sum: u64 = row(&seen, fits)["parts"].as_array().unwrap().iter().map(|p| p["points"].as_u64().unwrap()).sum();
    assert_eq!(row(&seen, fits)["points"], sum);
    assert_eq!(row(&seen, fits)["assigned"], true);
    // Another supplier sees how it stands itself, and no other one.
    let theirs = ok(get(&world, "other_firm", &path).await);
    assert_eq!(theirs["suppliers"].as_array().unwrap().len(), 1);
    let introduce =
        async |who: &str, firm: i64| post(&world, who, &format!("{path}/introductions"), json!({ "firm": firm })).await;
    assert_eq!(introduce("firm", coarse).await.json()["code"], "requirements_not_met");
    let met = ok(introduce("firm", fits).await);
    assert_eq!(introduce("firm", fits).await.status, StatusCode::CONFLICT);
    let introduction = met["introductions"][0]["id"].as_i64().unwrap();
    let act = async |who: &str, action: &str, reason: &str| {
        let seen = ok(get(&world, who, &path).await);
        let version = seen["introductions"][0]["version"].clone();
        post(
            &world,
            who,
            &format!("/api/introductions/{introduction}/actions/{action}"),
            json!({ "version": version, "reason": reason }),
        )
        .await
    };
    ok(act("firm", "contact", "").await);
    assert_eq!(act("firm", "order", "").await.status, StatusCode::CONFLICT, "no order was shown");
    ok(act("lessor", "sample", "").await);
    ok(act("firm", "qualify", "三坐标检测 4.1 μm").await);
    let order = format!("/api/introductions/{introduction}/order");
    assert_eq!(upload(&world, "other_firm", &order, &[], ("合同.pdf", b"%PDF")).await.status, StatusCode::NOT_FOUND);
    ok(upload(&world, "firm", &order, &[], ("合同.pdf", b"%PDF order")).await);
    let ordered = ok(act("firm", "order", "").await);
    assert_eq!(ordered["introductions"][0]["state"], "ordered");
    // Without consent nobody sees it.
    state("lessor", fits, json!([certified]), false).await;
    let seen = ok(get(&world, "firm", &path).await);
    assert!(seen["suppliers"].as_array().unwrap().iter().all(|s| s["firm"] != fits));
    let version = seen["row"]["version"].clone();
    let closed =
        ok(post(&world, "firm", &format!("{path}/actions/close"), json!({ "version": version, "reason": "" })).await);
    assert_eq!(closed["row"]["state"], "closed");
}

#[tokio::test(flavor = "multi_thread")]
async fn clusters_come_from_a_table_that_is_read_whole_or_not_at_all() {
    let world = World::new(FIRMS).await;
    assert_eq!(get(&world, "county", "/api/clusters").await.status, StatusCode::NOT_FOUND);
    let bad = "county,class,firm,output_10k_yuan,staff\n370725,34,a,1,1\n";
    let refused = upload(&world, "province", "/api/clusters", &[], ("t.csv", bad.as_bytes())).await;
    assert_eq!(
        (refused.status, refused.json()["fields"][0]["cell"].clone()),
        (StatusCode::UNPROCESSABLE_ENTITY, json!("line 2"))
    );
    let table = province::chains::region_csv(&province::chains::region_rows(common::province()));
    assert_eq!(
        upload(&world, "county", "/api/clusters", &[], ("t.csv", table.as_bytes())).await.status,
        StatusCode::FORBIDDEN
    );
    let found = ok(upload(&world, "province", "/api/clusters", &[], ("t.csv", table.as_bytes())).await);
    assert!(found["rows"].as_u64().unwrap() > 10_000);
    // Found without being told: farm machines around Weifang.
    let farm = found["groups"]
        .as_array()
        .unwrap()
        .iter()
        .find(|g| g["industries"].as_array().unwrap().iter().any(|i| i["code"] == "3572"))
        .unwrap();
    let cluster =
        found["clusters"].as_array().unwrap().iter().find(|c| c["group"] == farm["group"]).expect("a cluster");
    let codes: Vec<&str> = cluster["places"].as_array().unwrap().iter().map(|p| p["code"].as_str().unwrap()).collect();
    assert!(codes.iter().any(|c| c.starts_with("3707")), "{codes:?}");
    assert_eq!(found["declared"].as_array().unwrap().len(), 9);
    let again = ok(get(&world, "county", "/api/clusters").await);
    assert_eq!((&again["digest"], &again["may_load"]), (&found["digest"], &json!(false)));
}
