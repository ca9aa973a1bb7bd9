//! Puts a small world into an empty store: some firms of a county with the demo province's figures and
//! land, one lease, accounts. Included by the tests of the binary too, so nothing here knows HTTP.

use base::{Department, DivisionCode, Role, Scope};
use province::{Part, Province, Value};
use rust_decimal::Decimal;
use services::{Services, seed::Seed};
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};
use store::{BatchMeta, FactBatch, FactRow, NewAccount, NewAudit, NewFirm, VersionNote};

pub const YEAR: i16 = 2025;
pub const PASSWORD: &str = "Right-horse-1!";
pub const SCHEME: &str = "shandong/demo/per-mu";

/// The province, made once per test process.
pub fn province() -> &'static Province {
    static PROVINCE: OnceLock<Province> = OnceLock::new();
    PROVINCE.get_or_init(|| Province::generate(7))
}

/// The law, read once per test process.
pub fn law() -> Arc<law::Law> {
    static LAW: OnceLock<Arc<law::Law>> = OnceLock::new();
    LAW.get_or_init(|| Arc::new(law::Law::embedded().0)).clone()
}

/// What one county was loaded with.
pub struct County {
    pub division: DivisionCode,
    /// Store ids, in the province's order.
    pub firms: Vec<i64>,
    /// A part of the county's largest parcel, let to a firm that takes part too.
    pub lease: Lease,
}

/// One lease.
#[derive(Clone, Debug)]
pub struct Lease {
    pub parcel: String,
    pub tenant: i64,
    pub lessor: i64,
    /// Mu.
    pub area: Decimal,
}

/// Which departments' facts are loaded.
pub type Wanted = fn(Department) -> bool;

/// Loads the first `count` firms of a county; of their facts those of the wanted departments.
pub async fn load(services: &Services, county: DivisionCode, count: usize, wanted: Wanted) -> County {
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
    let mut parcels: Vec<(i64, String, i64)> = Vec::new();
    for (_, parcel) in province.parcels(YEAR, county) {
        let Some(owner) = id_of.get(&parcel.owner) else { continue };
        let subject = format!("p:{}", parcel.code);
        let row = |fact| FactRow::new(&subject, fact, first).until(last);
        land.push(row("parcel_area").number(scaled(parcel.area_mu())));
        land.push(row("parcel_owner").text(&format!("f:{owner}")));
        land.push(row("parcel_use").text(parcel.land_use));
        if province.firms()[parcel.owner].part == Part::Ordinary {
            parcels.push((parcel.area_m2, parcel.code.clone(), *owner));
        }
    }
    let (area_m2, parcel, lessor) = parcels.into_iter().max().expect("the firms have land");
    let tenant = firms.iter().find(|f| f.part == Part::Ordinary && id_of[&f.index] != lessor).expect("more firms");
    let tenant = id_of[&tenant.index];
    // A quarter, in whole square metres, of which one is exactly 0.0015 mu; even, so that its half is whole.
    let area = Decimal::new(area_m2 / 8 * 2 * 15, 4).normalize();
    let subject = format!("l:{parcel}:{tenant}");
    let row = |fact| FactRow::new(&subject, fact, first).until(last);
    land.push(row("lease_tenant").text(&format!("f:{tenant}")));
    land.push(row("lease_lessor").text(&format!("f:{lessor}")));
    land.push(row("lease_area").number(scaled(area)));
    let seeds = batches
        .into_values()
        .filter(|batch| wanted(batch.meta().department))
        .map(|batch| Seed { division: county, year: YEAR, batch })
        .collect();
    services.seed_facts(seeds, "test").await.unwrap();
    County { division: county, firms: ids, lease: Lease { parcel, tenant, lessor, area } }
}

/// Sign-in name, role, division, department, firm.
pub type NewSignIn<'a> = (&'a str, Role, DivisionCode, Option<Department>, Option<i64>);

/// Makes accounts with [`PASSWORD`].
pub async fn accounts(services: &Services, sign_ins: &[NewSignIn<'_>]) {
    let hash = services::hash_password(PASSWORD).unwrap();
    let root = services.settings().root;
    let rows: Vec<NewAccount> = sign_ins
        .iter()
        .map(|(sign_in, role, division, department, firm)| NewAccount {
            sign_in: (*sign_in).to_owned(),
            name: (*sign_in).to_owned(),
            role: *role,
            division: *division,
            department: *department,
            firm: *firm,
            password_hash: hash.clone(),
            must_change: false,
        })
        .collect();
    let mut tx = services.store().begin(&Scope::system("test", root)).await.unwrap();
    tx.insert_accounts(&rows).await.unwrap();
    tx.audit(NewAudit::new("accounts.load", "accounts", root));
    tx.commit().await.unwrap();
}
