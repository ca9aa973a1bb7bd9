//! The register of firms: search, one firm over time, joining two records of one firm and splitting
//! them again.

use crate::{
    Refusal, Result, Services,
    queries::{FirmQuery, page_of},
    requests::MergeFirms,
    views::{FirmDetail, FirmRow, MergeView, NameVersion, Page, SearchHit, YearClass},
};
use base::{DivisionCode, Role, Scope};
use serde_json::json;
use std::collections::HashMap;
use store::{EvaluationFilter, Firm, FirmFilter, FirmMerge, FirmSort, FirmStatus, NewAudit, VersionNote};

impl Services {
    /// Firms that the person may see.
    pub async fn list_firms(&self, scope: &Scope, query: &FirmQuery) -> Result<Page<FirmRow>> {
        let (page, size) = page_of(query.page, query.size);
        let division = match query.division.as_deref().filter(|d| !d.is_empty()) {
            None => None,
            Some(text) => Some(
                text.parse::<DivisionCode>()
                    .map_err(|e| Refusal::invalid("division", format!("“{text}”不是行政区划代码。"), e.to_string()))?,
            ),
        };
        let filter = FirmFilter {
            q: query.q.clone().filter(|q| !q.trim().is_empty()),
            division,
            town: query.town.clone().filter(|t| !t.is_empty()),
            industry: query.industry.clone().filter(|t| !t.is_empty()),
            status: Some(FirmStatus::Active),
            ..FirmFilter::default()
        };
        let sort = match query.sort.as_deref() {
            Some("name") => FirmSort::Name,
            Some("-name") => FirmSort::NameDesc,
            Some("industry") => FirmSort::Industry,
            Some("credit_code") => FirmSort::CreditCode,
            Some("founded") => FirmSort::Founded,
            Some("-founded") => FirmSort::FoundedDesc,
            _ => FirmSort::Id,
        };
        let at = store::Page { offset: (page - 1) * size, limit: size };
        let found = self.store().read(scope).search_firms(&filter, sort, at).await?;
        let mut rows = Vec::with_capacity(found.rows.len());
        for firm in &found.rows {
            let class = self.store().read(scope).classes_of_firm(firm.id).await?.into_iter().max_by_key(|c| c.year);
            let class = class.map(|c| YearClass { year: c.year as i16, class: c.class });
            rows.push(FirmRow { class, ..self.firm_row(firm) });
        }
        Ok(Page { rows, total: found.total, page, size })
    }

    /// Firms for the search box.
    pub async fn search(&self, scope: &Scope, q: &str) -> Result<Vec<SearchHit>> {
        if q.trim().is_empty() || !scope.sees_figures() {
            return Ok(Vec::new());
        }
        let filter =
            FirmFilter { q: Some(q.trim().to_owned()), status: Some(FirmStatus::Active), ..FirmFilter::default() };
        let found = self.store().read(scope).search_firms(&filter, FirmSort::Name, store::Page::first(12)).await?;
        Ok(found
            .rows
            .into_iter()
            .map(|f| SearchHit {
                kind: "firm".into(),
                detail: format!("{} · {}", f.credit_code.unwrap_or_default(), self.law().divisions.name(f.division)),
                link: format!("/firms/{}", f.id),
                title: f.name,
            })
            .collect())
    }

    /// One firm.
    pub async fn get_firm(&self, scope: &Scope, id: i64) -> Result<FirmDetail> {
        let reader = self.store().read(scope);
        let firm = reader.get_firm(id).await?;
        let versions = reader.firm_versions(id).await?;
        let mut names: Vec<NameVersion> = Vec::new();
        for version in versions {
            if names.last().is_none_or(|n| n.name != version.firm.name) {
                names.push(NameVersion {
                    name: version.firm.name,
                    valid_from: version.valid_from,
                    reason: version.reason,
                });
            }
        }
        names.reverse();
        let mut classes: Vec<YearClass> = reader
            .classes_of_firm(id)
            .await?
            .into_iter()
            .map(|c| YearClass { year: c.year as i16, class: c.class })
            .collect();
        classes.sort_by_key(|c| std::cmp::Reverse(c.year));
        let merges = reader.list_firm_merges(firm.division).await?;
        let merges: Vec<FirmMerge> = merges.into_iter().filter(|m| m.keep == id && m.undone_at.is_none()).collect();
        let mut gone_names = HashMap::new();
        for merge in &merges {
            if let Some(gone) = reader.find_firm(merge.gone).await? {
                gone_names.insert(merge.gone, gone.name);
            }
        }
        let filter = EvaluationFilter { division: Some(firm.division), ..EvaluationFilter::default() };
        let sheets = reader.list_evaluations(&filter).await?.into_iter().map(|e| e.id).collect();
        self.store().audit_read(scope, NewAudit::new("firm.read", format!("firm:{id}"), firm.division)).await?;
        Ok(FirmDetail {
            firm: FirmRow { class: classes.first().cloned(), ..self.firm_row(&firm) },
            address: firm.address.clone().unwrap_or_default(),
            in_construction: firm.in_construction,
            risen_from: firm.risen_from.map(|y| y as i16),
            names,
            classes,
            merged: merges
                .into_iter()
                .map(|m| MergeView {
                    id: m.id,
                    gone: m.gone,
                    gone_name: gone_names.remove(&m.gone).unwrap_or_default(),
                    reason: m.reason,
                    at: m.at,
                })
                .collect(),
            sheets,
        })
    }

    /// Joins two records of one firm. Facts of both stay; undone, everything is as before.
    pub async fn merge_firms(&self, scope: &Scope, request: MergeFirms) -> Result<MergeView> {
        registrar(scope)?;
        let reason = required(&request.reason)?;
        if request.keep == request.gone {
            return Err(Refusal::invalid(
                "same_firm",
                "不能把一家企业与它自己合并。",
                "A firm cannot be joined with itself.",
            ));
        }
        let gone = self.store().read(scope).get_firm(request.gone).await?;
        let mut tx = self.store().begin(scope).await?;
        let id = tx.merge_firms(request.keep, request.gone, &self.note(reason, scope)).await?;
        tx.audit(
            NewAudit::new("firm.merge", format!("firm:{}", request.keep), gone.division)
                .with(json!({ "gone": request.gone, "merge": id, "reason": reason })),
        );
        let at = tx.now().to_owned();
        tx.commit().await?;
        Ok(MergeView { id, gone: request.gone, gone_name: gone.name, reason: reason.to_owned(), at })
    }

    /// Splits what was joined.
    pub async fn undo_merge(&self, scope: &Scope, merge: i64, reason: &str) -> Result<FirmDetail> {
        registrar(scope)?;
        let reason = required(reason)?;
        let mut tx = self.store().begin(scope).await?;
        let firm = tx.undo_merge(merge, &self.note(reason, scope)).await?;
        tx.audit(
            NewAudit::new("firm.split", format!("firm:{}", firm.id), firm.division)
                .with(json!({ "merge": merge, "reason": reason })),
        );
        tx.commit().await?;
        self.get_firm(scope, firm.id).await
    }

    pub(crate) fn note(&self, reason: &str, scope: &Scope) -> VersionNote {
        let today = self.store().now()[..10].to_owned();
        VersionNote { valid_from: today, reason: reason.to_owned(), source: scope.actor().to_owned() }
    }

    /// A firm as lists show it, without its class.
    pub(crate) fn firm_row(&self, firm: &Firm) -> FirmRow {
        let industry = firm.industry.clone().unwrap_or_default();
        FirmRow {
            id: firm.id,
            credit_code: firm.credit_code.clone(),
            name: firm.name.clone(),
            division: self.division_view(firm.division),
            town: firm.town.clone().unwrap_or_default(),
            industry_name: self.law().industries.get(&industry).map(|i| i.name.clone()).unwrap_or_default(),
            industry,
            founded: firm.founded.clone(),
            class: None,
        }
    }
}

pub(crate) fn registrar(scope: &Scope) -> Result<()> {
    match scope.role() {
        Role::CountyOfficer | Role::CityOfficer | Role::ProvinceOfficer => Ok(()),
        _ => Err(Refusal::forbidden()),
    }
}

/// A reason that says something.
pub(crate) fn required(reason: &str) -> Result<&str> {
    let reason = reason.trim();
    if reason.is_empty() {
        return Err(Refusal::invalid("reason", "请写明理由。", "Please state a reason."));
    }
    Ok(reason)
}
