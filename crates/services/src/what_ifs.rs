//! What-ifs: changes laid over a run's scheme and facts, the whole population recomputed at once. An
//! overlay is kept and shared; the scheme is never copied.

use crate::{
    Refusal, Result, Services,
    catalogue::label,
    pace::in_front,
    requests::WhatIfRequest,
    results::measure_costs,
    runs::{Prepared, class_of, threads},
    views::{ClassCount, CostChange, Label, MovedFirm, OverlayChange, OverlayHandle, WhatIfResult, WhatIfView},
};
use base::{Role, Scope};
use measure::Outcome;
use measure::overlay::{Change, Overlay};
use serde_json::json;
use std::sync::Arc;
use std::time::Instant;
use store::{NewAudit, NewWhatIf, WhatIf};

/// Firms that a page shows; the number of all that move is always stated.
const MOVED_SHOWN: usize = 500;

impl Services {
    /// What sliders and switches may change.
    pub async fn list_handles(&self, scope: &Scope, run: i64) -> Result<Vec<OverlayHandle>> {
        player(scope)?;
        let run = self.prepared(scope, run).await?;
        Ok(measure::overlay::adjustable(&run.scheme, run.run.year as i16)
            .into_iter()
            .map(|a| OverlayHandle {
                path: a.path,
                kind: if a.switch { "switch" } else { "number" }.into(),
                group: label(&a.group),
                title: label(&a.title),
                value: a.value,
                range: a.range,
                unit: a.unit,
            })
            .collect())
    }

    /// Recomputes everyone under some changes; nothing is kept.
    pub async fn try_what_if(&self, scope: &Scope, run: i64, changes: &[OverlayChange]) -> Result<WhatIfResult> {
        player(scope)?;
        let run = self.prepared(scope, run).await?;
        let overlay = overlay(changes)?;
        let entry = NewAudit::new("what_if.try", format!("run:{}", run.run.id), run.run.division);
        self.store().audit_read(scope, entry.with(json!({ "changes": changes }))).await?;
        tokio::task::spawn_blocking(move || in_front(|| what_if(&run, &overlay))).await.map_err(Refusal::internal)?
    }

    /// Kept what-ifs of a run.
    pub async fn list_what_ifs(&self, scope: &Scope, run: i64) -> Result<Vec<WhatIfView>> {
        player(scope)?;
        let reader = self.store().read(scope);
        // Whoever may not see the run is told so, and not that it has no what-ifs.
        let run = reader.get_run(run).await?;
        let found = reader.list_what_ifs(run.id).await?;
        found.into_iter().map(view).collect()
    }

    /// Keeps a what-if, once it is known to compute.
    pub async fn create_what_if(&self, scope: &Scope, run: i64, request: WhatIfRequest) -> Result<WhatIfView> {
        self.try_what_if(scope, run, &request.changes).await?;
        let title = crate::firms::required(&request.title)?.to_owned();
        let division = self.store().read(scope).get_run(run).await?.division;
        let overlay = serde_json::to_value(&request.changes).map_err(Refusal::internal)?;
        let mut tx = self.store().begin(scope).await?;
        let kept = tx.insert_what_if(&NewWhatIf { run, title, overlay }).await?;
        tx.audit(
            NewAudit::new("what_if.create", format!("what_if:{}", kept.id), division)
                .with(json!({ "title": kept.title })),
        );
        tx.commit().await?;
        view(kept)
    }

    /// One what-if.
    pub async fn get_what_if(&self, scope: &Scope, id: i64) -> Result<WhatIfView> {
        player(scope)?;
        view(self.store().read(scope).get_what_if(id).await?)
    }

    /// Drops a what-if; gives those that are left of its run.
    pub async fn delete_what_if(&self, scope: &Scope, id: i64) -> Result<Vec<WhatIfView>> {
        player(scope)?;
        let kept = self.store().read(scope).get_what_if(id).await?;
        let mut tx = self.store().begin(scope).await?;
        tx.delete_what_if(id).await?;
        tx.audit(
            NewAudit::new("what_if.delete", format!("what_if:{id}"), kept.division)
                .with(json!({ "title": kept.title })),
        );
        tx.commit().await?;
        self.list_what_ifs(scope, kept.run).await
    }
}

/// Computes a what-if over a run.
pub fn what_if(run: &Arc<Prepared>, overlay: &Overlay) -> Result<WhatIfResult> {
    let started = Instant::now();
    let after = measure::overlay::what_if(&run.compiled, &run.prepared, &run.outcome, overlay, threads())
        .map_err(|fault| Refusal::invalid("overlay", fault.zh(), fault.en()))?;
    let ms = started.elapsed().as_secs_f64() * 1e3;
    let order = |class: &str| run.scheme.classes.iter().position(|c| c.id == class).unwrap_or(usize::MAX);
    let (mut up, mut down, mut moved) = (0, 0, Vec::new());
    for (a, b) in run.outcome.firms.iter().zip(&after.outcome.firms) {
        let from = class_of(&run.scheme, &run.outcome, a).unwrap_or_else(|| "-".into());
        let to = class_of(&after.scheme, &after.outcome, b).unwrap_or_else(|| "-".into());
        if from == to {
            continue;
        }
        if order(&to) < order(&from) {
            up += 1
        } else {
            down += 1
        }
        let total = |outcome: &Outcome, f| outcome.total(f).map(base::fixed::to_f64);
        moved.push(MovedFirm {
            firm: b.firm,
            name: run.name(b.firm),
            from,
            to,
            rank_from: a.rank.map(u64::from),
            rank_to: b.rank.map(u64::from),
            total_from: total(&run.outcome, a),
            total_to: total(&after.outcome, b),
        });
    }
    moved.sort_by_key(|m| (m.rank_to.unwrap_or(u64::MAX), m.firm));
    let moved_total = moved.len() as u64;
    moved.truncate(MOVED_SHOWN);
    let before_cost = measure_costs(&run.scheme, &run.outcome);
    let after_cost = measure_costs(&after.scheme, &after.outcome);
    let measures = before_cost
        .into_iter()
        .zip(after_cost)
        .map(|(a, b)| CostChange { title: a.title, before: a.yuan, after: b.yuan })
        .collect();
    Ok(WhatIfResult {
        before: counts(&run.scheme, &run.outcome),
        after: counts(&after.scheme, &after.outcome),
        up,
        down,
        moved,
        moved_total,
        measures,
        ms,
    })
}

fn counts(scheme: &law::Scheme, outcome: &Outcome) -> Vec<ClassCount> {
    let denominator: u32 = outcome.groups.iter().map(|g| g.denominator).sum();
    scheme
        .classes
        .iter()
        .zip(&outcome.summary.classes)
        .map(|(class, count)| ClassCount {
            class: class.id.clone(),
            title: Label { zh: class.title.zh.clone(), en: class.title.en.clone() },
            count: u64::from(*count),
            share: (denominator > 0).then(|| f64::from(*count) / f64::from(denominator)),
        })
        .collect()
}

fn overlay(changes: &[OverlayChange]) -> Result<Overlay> {
    let decimal = |text: &str| {
        base::fixed::parse(text)
            .ok()
            .flatten()
            .ok_or_else(|| Refusal::invalid("number", format!("“{text}”不是数值。"), format!("`{text}` is no number.")))
    };
    let changes = changes
        .iter()
        .map(|change| {
            Ok(match change {
                OverlayChange::Number { path, value } => Change::Number { path: path.clone(), value: decimal(value)? },
                OverlayChange::Switch { path, on } => Change::Switch { path: path.clone(), on: *on },
                OverlayChange::Fact { firm, fact, value } => {
                    Change::Fact { firm: *firm, fact: fact.clone(), value: value.as_deref().map(decimal).transpose()? }
                }
            })
        })
        .collect::<Result<_>>()?;
    Ok(Overlay { changes })
}

fn player(scope: &Scope) -> Result<()> {
    match scope.role() {
        Role::CountyOfficer | Role::CityOfficer | Role::ProvinceOfficer | Role::Auditor => Ok(()),
        _ => Err(Refusal::forbidden()),
    }
}

fn view(kept: WhatIf) -> Result<WhatIfView> {
    Ok(WhatIfView {
        id: kept.id,
        run: kept.run,
        title: kept.title,
        changes: serde_json::from_value(kept.overlay).map_err(Refusal::internal)?,
        by: kept.by,
        at: kept.at,
    })
}
