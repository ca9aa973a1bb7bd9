//! Parcels with their tenants, as the land page shows them.

use crate::{
    Result, Services,
    freeze::land_records,
    queries::{ListQuery, cut},
    sheets::{parcel_source, plain, warning},
    views::{Label, LeaseRow, Page, ParcelRow},
};
use base::Scope;
use measure::land::LandWarning;
use rust_decimal::Decimal;
use serde_json::json;
use std::collections::{BTreeMap, HashMap};
use store::NewAudit;

impl Services {
    /// Parcels, by code.
    pub async fn list_parcels(&self, scope: &Scope, evaluation: i64, query: &ListQuery) -> Result<Page<ParcelRow>> {
        let reader = self.store().read(scope);
        let evaluation = reader.get_evaluation(evaluation).await?;
        let view = reader.facts(evaluation.division, evaluation.year).await?;
        let redirects = reader.firm_redirects(evaluation.division).await?;
        let scheme = self.scheme_of(&evaluation)?;
        let records = land_records(&view, &redirects, &mut Vec::new());
        let mut ids: Vec<i64> = records.parcels.iter().filter_map(|p| p.owner).collect();
        ids.extend(records.leases.iter().map(|l| l.tenant));
        ids.sort_unstable();
        ids.dedup();
        let names = self.firm_names(&ids).await?;
        let lands = measure::land::effective(&records, &ids, &scheme.land);
        let mut warnings: HashMap<String, Vec<Label>> = HashMap::new();
        let mut counted: HashMap<String, Decimal> = HashMap::new();
        for land in lands.values() {
            for line in &land.lines {
                if let Some(mu) = line.mu {
                    counted.entry(line.subject.clone()).or_insert(mu);
                }
            }
            for item in &land.warnings {
                let parcel = match item {
                    LandWarning::LeasedMoreThanArea { parcel, .. }
                    | LandWarning::Sublet { parcel, .. }
                    | LandWarning::SubletMoreThanTaken { parcel, .. }
                    | LandWarning::UnknownParcel { parcel } => parcel.clone(),
                    LandWarning::AreaUnknown { subject } | LandWarning::NegativeRecord { subject, .. } => {
                        subject.split(':').nth(1).unwrap_or_default().to_owned()
                    }
                    LandWarning::Negative { .. } => continue,
                };
                let list = warnings.entry(parcel).or_default();
                let text = warning(item);
                if !list.contains(&text) {
                    list.push(text);
                }
            }
        }
        let mut leases: BTreeMap<&str, Vec<LeaseRow>> = BTreeMap::new();
        let mut let_out: BTreeMap<&str, Decimal> = BTreeMap::new();
        for lease in &records.leases {
            let subject = format!("l:{}:{}", lease.parcel, lease.tenant);
            let mu = counted.get(&subject).copied();
            *let_out.entry(&lease.parcel).or_default() += mu.unwrap_or_default();
            leases.entry(&lease.parcel).or_default().push(LeaseRow {
                tenant: Some(lease.tenant),
                tenant_name: names.get(&lease.tenant).cloned().unwrap_or_default(),
                area: lease.area.map(plain),
                floor_area: lease.floor_area.map(plain),
                floors: lease.floors.map(plain),
                counted: mu.map(plain).unwrap_or_default(),
                source: parcel_source(&view, &subject, "lease_tenant"),
            });
        }
        let q = query.q.as_deref().map(str::trim).unwrap_or_default();
        let rows: Vec<ParcelRow> = records
            .parcels
            .iter()
            .map(|parcel| ParcelRow {
                code: parcel.code.clone(),
                owner: parcel.owner,
                owner_name: parcel.owner.and_then(|o| names.get(&o).cloned()).unwrap_or_default(),
                area: parcel.area.map(plain),
                leased: plain(let_out.get(parcel.code.as_str()).copied().unwrap_or_default()),
                use_: parcel.use_.clone(),
                leases: leases.remove(parcel.code.as_str()).unwrap_or_default(),
                warnings: warnings.remove(&parcel.code).unwrap_or_default(),
                source: parcel_source(&view, &format!("p:{}", parcel.code), "parcel_area"),
            })
            .filter(|p| query.warnings != Some(true) || !p.warnings.is_empty())
            .filter(|p| {
                q.is_empty()
                    || p.code.contains(q)
                    || p.owner_name.contains(q)
                    || p.leases.iter().any(|l| l.tenant_name.contains(q))
            })
            .collect();
        let page = cut(rows, query.page, query.size);
        let entry = NewAudit::new("parcels.read", format!("evaluation:{}", evaluation.id), evaluation.division);
        let seen = json!({ "q": query.q, "page": page.page, "rows": page.rows.len(), "of": page.total });
        self.store().audit_read(scope, entry.with(seen)).await?;
        Ok(page)
    }
}
