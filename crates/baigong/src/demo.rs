//! Loading the demo province: real codes, invented firms. Years before the open one are loaded and
//! evaluated; the open year of the demo county waits for its six departments' workbooks.

use anyhow::{Context, Result};
use base::{Department, DivisionCode, Role, Scope};
use province::{Province, TruthFact, Value};
use serde_json::json;
use services::{
    Services,
    requests::Step,
    round_views::{NewFilingRequest, NewRoundRequest},
    seed::Seed,
    views::DemoAccount,
};
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Instant;
use store::{BatchMeta, FactBatch, FactRow, NewAccount, NewAudit, NewFirm, VersionNote};

/// Password of every demo account; shown on the sign-in page of a demo and nowhere else.
pub const PASSWORD: &str = "Baigong-2025!";

/// When the demo begins, whatever the machine's clock says: its figures are of 2021 to 2025 and its filings of
/// 2026, and there are months left in that year for the notices that people go through.
pub const FIRST_MOMENT: &str = "2026-10-09T01:00:00Z";

/// The invented scheme by which the demo county evaluates.
const SCHEME: &str = "shandong/demo/per-mu";

/// Sign-ins as the sign-in page offers them.
pub fn accounts(province: &Province) -> Vec<DemoAccount> {
    province
        .accounts()
        .into_iter()
        .map(|a| DemoAccount {
            sign_in: a.sign_in,
            password: PASSWORD.to_owned(),
            name: a.name,
            role: a.role.name().to_owned(),
        })
        .collect()
}

/// Loads the latest year of the whole province as if all firms were of the demo county, evaluated, with
/// an empty year after it: one county of 50,000 firms, for measuring (`bench/run.py`).
pub async fn load_as_one_county(services: &Services, province: &Province) -> Result<()> {
    let scope = Scope::system("demo", services.settings().root);
    let county = province.demo_county();
    let year = province.years().last().expect("the province has years");
    let ids = firms(services, province, &scope, Some(county)).await?;
    let mut counties: Vec<DivisionCode> = province.firms().iter().map(|f| f.division).collect();
    counties.dedup();
    let batches = counties.iter().flat_map(|c| facts(province, *c, year, &ids, province.facts(year, *c), true));
    let seeds = batches.map(|(_, batch)| Seed { division: county, year, batch }).collect();
    services.seed_facts(seeds, "演示数据").await?;
    accounts_in(services, province, &scope, &ids).await?;
    services.seed_past_year(county, year, SCHEME).await?;
    Ok(())
}

/// Loads everything into an empty store and writes the workbooks.
pub async fn load(services: &Services, province: &Province, workbooks: &Path) -> Result<()> {
    let scope = Scope::system("demo", services.settings().root);
    let started = Instant::now();
    let ids = firms(services, province, &scope, None).await.context("the firms could not be loaded")?;
    eprintln!("  {} firms, {:.1} s", ids.len(), started.elapsed().as_secs_f64());
    let open = *province.years().collect::<Vec<_>>().last().expect("the province has years");
    let mut counties: Vec<DivisionCode> = province.firms().iter().map(|f| f.division).collect();
    counties.dedup();
    let mut statements = 0;
    for year in province.years() {
        let mut seeds = Vec::new();
        for county in &counties {
            // The six departments of the demo county hand in workbooks; only what stands in none of
            // them is loaded.
            let waits = *county == province.demo_county() && year == open;
            let (stated, land) = match waits {
                true => (province.facts_beside_workbooks(year), false),
                false => (province.facts(year, *county), true),
            };
            for (_, batch) in facts(province, *county, year, &ids, stated, land) {
                seeds.push(Seed { division: *county, year, batch });
            }
        }
        let declared = facts(province, province.demo_county(), year, &ids, province.applications(year), false);
        seeds.extend(declared.into_values().map(|batch| Seed { division: province.demo_county(), year, batch }));
        statements += services.seed_facts(seeds, "演示数据").await?;
        eprintln!("  {year}: facts loaded, {statements} statements so far, {:.1} s", started.elapsed().as_secs_f64());
    }
    let filing = open + 1;
    let held = facts(province, province.demo_county(), filing, &ids, province.applications(filing), false);
    let held = held.into_values().map(|batch| Seed { division: province.demo_county(), year: filing, batch }).collect();
    statements += services.seed_facts(held, "演示数据").await?;
    eprintln!("  {filing}: titles loaded, {statements} statements, {:.1} s", started.elapsed().as_secs_f64());
    accounts_in(services, province, &scope, &ids).await.context("the accounts could not be made")?;
    for year in province.years().filter(|y| *y < open) {
        services
            .seed_past_year(province.demo_county(), year, SCHEME)
            .await
            .with_context(|| format!("the evaluation of {year}"))?;
        eprintln!("  {year}: evaluated, {:.1} s", started.elapsed().as_secs_f64());
    }
    let request = services::requests::NewEvaluationRequest {
        division: province.demo_county().to_string(),
        year: open,
        scheme: Some(SCHEME.to_owned()),
    };
    let county = Scope::system("demo", province.demo_county());
    services.create_evaluation(&county, request).await?;
    round(services, province, &ids).await.context("the round of filings could not be made")?;
    eprintln!("  a round of filings, {:.1} s", started.elapsed().as_secs_f64());
    chains(services, province, &scope, &ids).await.context("the industry chains could not be made")?;
    eprintln!("  industry chains and clusters, {:.1} s", started.elapsed().as_secs_f64());
    std::fs::create_dir_all(workbooks).with_context(|| workbooks.display().to_string())?;
    province::write_workbooks(workbooks, province, open).context("the workbooks could not be written")?;
    eprintln!("  workbooks in {}, {:.1} s", workbooks.display(), started.elapsed().as_secs_f64());
    Ok(())
}

/// A round of a title whose window crosses a revision of its rule: firms of the demo county filed on
/// paper before and after it, and the facts are cut. What follows is for the officers to do.
async fn round(services: &Services, province: &Province, ids: &[i64]) -> Result<()> {
    let people = province.accounts();
    let person = |role: Role| people.iter().find(|a| a.role == role).context("the demo has an account of every role");
    let scope_of = |a: &province::DemoAccount| Scope::of_account(&a.sign_in, a.role, a.division, a.department, None);
    let (decides, takes) = (scope_of(person(Role::ProvinceOfficer)?), scope_of(person(Role::CountyOfficer)?));
    let request = NewRoundRequest {
        rule: "national/titles/green-factory".into(),
        kind: "first".into(),
        title: "2025 年度绿色工厂".into(),
        from: "2025-12-15T09:00:00".into(),
        to: "2025-12-31T18:00:00".into(),
        sample_percent: "20".into(),
        due_by: None,
    };
    let round = services.create_round(&decides, request).await?;
    let here = province.firms().iter().filter(|f| f.division == province.demo_county());
    let firms: Vec<i64> = here.filter(|f| f.part == province::Part::Ordinary).map(|f| ids[f.index]).collect();
    for (at, firm) in firms.iter().step_by(firms.len().div_ceil(24).max(1)).enumerate() {
        let day = if at % 2 == 0 { "2025-12-26T10:20:00" } else { "2025-12-31T09:40:00" };
        let request = NewFilingRequest { firm: Some(*firm), filed_at: Some(day.into()) };
        services.create_filing(&takes, round.row.id, request).await?;
    }
    let now = services.get_round(&decides, round.row.id).await?;
    let step = Step { version: now.version, reason: String::new() };
    services.act_on_round(&decides, round.row.id, "cut", step).await?;
    Ok(())
}

/// Firms of the large network: enough to show that it still moves.
const NETWORK_FIRMS: usize = 10_000;
/// Suppliers of each of them.
const NETWORK_LINKS: usize = 3;

/// The chain of machine tools with needs and suppliers, a large network, and the table of firms by county and
/// industry in which clusters are found.
async fn chains(services: &Services, province: &Province, scope: &Scope, ids: &[i64]) -> Result<()> {
    use services::chain_views::{CapabilityView, NewNeedRequest, SpecView};
    let today = services.store().now()[..10].parse().context("the store's clock tells a day")?;
    let template = services
        .law()
        .chain_template(province::chains::TEMPLATE, scope.region(), today)
        .context("law/ lacks the template of the demo's chain")?;
    let demo = province::chains::demo(province, &template);
    let title = template.title.zh.clone();
    let chain = services
        .store_chain(scope, &template.id, title, demo.document, "imported", "演示数据")
        .await
        .map_err(faults)?
        .row
        .id;
    // Properties are called what people call them, in needs and in what suppliers state alike.
    let names: BTreeMap<&str, &str> =
        demo.needs.iter().flat_map(|n| &n.requirements).map(|r| (r.property.as_str(), r.title.as_str())).collect();
    let called = |property: &str| names.get(property).map_or_else(|| property.to_owned(), |name| (*name).to_owned());
    let register: BTreeMap<&str, i64> =
        demo.players.iter().filter_map(|p| Some((p.id.as_str(), ids[p.firm?]))).collect();
    let spec = |r: &province::chains::Requirement| SpecView {
        property: r.title.clone(),
        demand: match r.relation {
            province::chains::Relation::AtLeast => "at_least",
            province::chains::Relation::AtMost => "at_most",
            province::chains::Relation::There => "has",
        }
        .to_owned(),
        value: r.value,
        unit: r.unit.clone().unwrap_or_default(),
    };
    let mut people = province.accounts().into_iter().filter_map(|a| a.firm).map(|index| ids[index]);
    let (buyer, seller) = (people.next().context("a firm signs in")?, people.next().context("a second firm signs in")?);
    for (at, need) in demo.needs.iter().enumerate() {
        // The first need is that of a firm that can sign in, and another one that can meets it.
        let firm = if at == 0 { buyer } else { register.get(need.buyer.as_str()).copied().unwrap_or(buyer) };
        let request = NewNeedRequest {
            chain,
            firm,
            product: need.product.clone(),
            title: need.title.clone(),
            amount: need.amount,
            distance_max: None,
            until: need.until.to_string(),
            specs: need.requirements.iter().map(spec).collect(),
        };
        if at == 0 {
            let stated = CapabilityView {
                chain,
                firm: seller,
                name: String::new(),
                product: need.product.clone(),
                capacity: need.amount * 2.0,
                specs: request.specs.clone(),
                consent: true,
                at: String::new(),
            };
            let seller = services.store().read(scope).get_firm(seller).await?;
            services.store_capability(scope, &seller, stated, None).await?;
        }
        services.create_need(scope, request).await?;
    }
    for capability in &demo.capabilities {
        let Some(firm) = register.get(capability.firm.as_str()) else { continue };
        let mut specs: Vec<SpecView> = Vec::new();
        let values = capability.properties.iter().filter(|p| p.value.is_some());
        specs.extend(values.map(|p| SpecView {
            property: called(&p.property),
            demand: "at_least".into(),
            value: p.value,
            unit: p.unit.clone().unwrap_or_default(),
        }));
        let there = capability.properties.iter().filter(|p| p.there == Some(true)).map(|p| &p.property);
        for property in there.chain(&capability.certificates) {
            let property = called(property);
            if specs.iter().all(|s| s.property != property) {
                specs.push(SpecView { property, demand: "has".into(), value: None, unit: String::new() });
            }
        }
        let stated = CapabilityView {
            chain,
            firm: *firm,
            name: String::new(),
            product: capability.product.clone(),
            capacity: capability.room,
            specs,
            consent: capability.consents,
            at: String::new(),
        };
        let firm = services.store().read(scope).get_firm(*firm).await?;
        services.store_capability(scope, &firm, stated, Some((capability.kept, capability.orders))).await?;
    }
    let network = province::chains::LargeNetwork::generate(province.seed(), NETWORK_FIRMS, NETWORK_LINKS);
    let document = chain::document::Document { graph: network.raw(), ..Default::default() };
    services
        .store_chain(scope, &template.id, "供应网络（一万家企业）".into(), document, "imported", "演示数据")
        .await
        .map_err(faults)?;
    let table = province::chains::region_csv(&province::chains::region_rows(province));
    services.load_clusters(scope, "region.csv", table.into_bytes()).await.map_err(faults)?;
    Ok(())
}

/// A refusal with the places at fault.
fn faults(refusal: services::Refusal) -> anyhow::Error {
    let places: Vec<String> = refusal.fields.iter().take(3).map(|f| f.message.en.clone()).collect();
    anyhow::anyhow!("{refusal}: {}", places.join("; "))
}

/// Registers all firms, each in its own county or all in one.
async fn firms(
    services: &Services,
    province: &Province,
    scope: &Scope,
    all_in: Option<DivisionCode>,
) -> Result<Vec<i64>> {
    let rows: Vec<NewFirm> = province
        .firms()
        .iter()
        .map(|f| NewFirm {
            credit_code: Some(f.code.to_string()),
            name: f.name.clone(),
            division: all_in.unwrap_or(f.division),
            town: Some(f.town_name.clone()),
            address: Some(f.address.clone()),
            industry: Some(f.industry.clone()),
            founded: Some(f.founded.to_string()),
            in_construction: f.in_construction,
            risen_from: f.risen_from.map(i32::from),
        })
        .collect();
    let note =
        VersionNote { valid_from: "2021-01-01".into(), reason: "演示数据".into(), source: "province".into() };
    let mut tx = services.store().begin(scope).await?;
    let ids = tx.insert_firms(&rows, &note).await?;
    tx.audit(NewAudit::new("firms.load", "registry", services.settings().root).with(json!({ "firms": ids.len() })));
    tx.commit().await?;
    // A firm that was renamed keeps its earlier name, so that old files still find it.
    let renamed: Vec<usize> = province.firms().iter().filter(|f| !f.former_names.is_empty()).map(|f| f.index).collect();
    for chunk in renamed.chunks(500) {
        let mut tx = services.store().begin(scope).await?;
        for index in chunk {
            let firm = &province.firms()[*index];
            let status = store::FirmStatus::Active;
            let note = |from: String, reason: &str| VersionNote {
                valid_from: from,
                reason: reason.to_owned(),
                source: "province".to_owned(),
            };
            let mut since = firm.founded.to_string();
            for former in &firm.former_names {
                let earlier = NewFirm { name: former.name.clone(), ..rows[*index].clone() };
                tx.update_firm(ids[*index], &earlier, status, &note(since, "曾用名")).await?;
                since = former.until.tomorrow()?.to_string();
            }
            tx.update_firm(ids[*index], &rows[*index], status, &note(since, "更名")).await?;
        }
        tx.audit(
            NewAudit::new("firms.rename", "registry", services.settings().root).with(json!({ "firms": chunk.len() })),
        );
        tx.commit().await?;
    }
    Ok(ids)
}

/// Facts of a county and year by department, land records included.
fn facts(
    province: &Province,
    county: DivisionCode,
    year: i16,
    ids: &[i64],
    stated: Vec<TruthFact>,
    land: bool,
) -> BTreeMap<Department, FactBatch> {
    let mut out: BTreeMap<Department, FactBatch> = BTreeMap::new();
    let received = format!("{}-03-01T00:00:00.000000Z", year + 1);
    let new = |department: Department| {
        FactBatch::new(BatchMeta {
            department,
            file: format!("{year} 年度历史数据（演示）"),
            file_digest: None,
            received_at: received.clone(),
            reason: String::new(),
        })
    };
    let one = 10i128.pow(base::fixed::SCALE);
    for fact in stated {
        let batch = out.entry(fact.department).or_insert_with(|| new(fact.department));
        let subject = format!("f:{}", ids[fact.firm]);
        let row = FactRow::new(&subject, fact.fact, store::day_number(fact.valid_from))
            .until(store::day_number(fact.valid_to));
        match &fact.value {
            Value::Number(n) => {
                batch.push(row.number(base::fixed::to_scaled(*n).expect("the demo's figures are short")))
            }
            Value::Truth(t) => batch.push(row.number(if *t { one } else { 0 })),
            Value::Text(t) => batch.push(row.text(t)),
        }
    }
    if !land {
        return out;
    }
    let batch = out.entry(Department::Land).or_insert_with(|| new(Department::Land));
    let (first, last) =
        (store::day_number(jiff::civil::date(year, 1, 1)), store::day_number(jiff::civil::date(year, 12, 31)));
    let scaled = |n| base::fixed::to_scaled(n).expect("the demo's figures are short");
    for (_, parcel) in province.parcels(year, county) {
        let subject = format!("p:{}", parcel.code);
        let row = |fact| FactRow::new(&subject, fact, first).until(last);
        batch.push(row("parcel_area").number(scaled(parcel.area_mu())));
        batch.push(row("parcel_owner").text(&format!("f:{}", ids[parcel.owner])));
        batch.push(row("parcel_use").text(parcel.land_use));
    }
    for (_, lease) in province.leases(year, county) {
        let parcel = &province.all_parcels()[lease.parcel];
        let subject = format!("l:{}:{}", parcel.code, ids[lease.tenant]);
        let row = |fact| FactRow::new(&subject, fact, first).until(last);
        batch.push(row("lease_tenant").text(&format!("f:{}", ids[lease.tenant])));
        batch.push(row("lease_lessor").text(&format!("f:{}", ids[lease.lessor])));
        if let Some(mu) = lease.land_mu() {
            batch.push(row("lease_area").number(scaled(mu)));
        }
        if let Some(m2) = lease.floor_m2 {
            batch.push(row("lease_floor_area").number(scaled(m2.into())));
        }
        if let Some(floors) = lease.floors {
            batch.push(row("building_floors").number(scaled(floors.into())));
        }
    }
    out
}

async fn accounts_in(services: &Services, province: &Province, scope: &Scope, ids: &[i64]) -> Result<()> {
    let hash = services::hash_password(PASSWORD)?;
    let rows: Vec<NewAccount> = province
        .accounts()
        .into_iter()
        .map(|a| NewAccount {
            sign_in: a.sign_in,
            name: a.name,
            role: a.role,
            division: a.division,
            department: a.department,
            firm: a.firm.map(|i| ids[i]),
            password_hash: hash.clone(),
            must_change: false,
        })
        .collect();
    let mut tx = services.store().begin(scope).await?;
    tx.insert_accounts(&rows).await?;
    tx.audit(
        NewAudit::new("accounts.load", "accounts", services.settings().root).with(json!({ "accounts": rows.len() })),
    );
    Ok(tx.commit().await?)
}
