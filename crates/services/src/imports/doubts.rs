//! Rows in doubt: listed, settled one by one or many at once, with a candidate or any firm of the county.

use super::waiting;
use crate::{
    Refusal, Result, Services,
    interpret::picked,
    requests::SettleMany,
    views::{Candidate, Doubt},
};
use base::Scope;
use serde_json::json;
use store::{Decision, FirmFilter, FirmSort, FirmStatus, Import, NewAudit, Tx};

/// Firms that a search for one gives at most.
const FOUND_MAX: u64 = 20;

impl Services {
    /// Rows in doubt.
    pub async fn list_doubts(&self, scope: &Scope, id: i64) -> Result<Vec<Doubt>> {
        let import = self.store().read(scope).get_import(id).await?;
        self.deliverer(scope, import.department)?;
        let doubts = self.store().read(scope).list_doubts(id).await?;
        doubts.into_iter().map(doubt_view).collect()
    }

    /// Firms of the import's county that a row may be after all: by name, initials or credit code.
    pub async fn find_candidates(&self, scope: &Scope, id: i64, q: &str) -> Result<Vec<Candidate>> {
        let import = self.store().read(scope).get_import(id).await?;
        self.deliverer(scope, import.department)?;
        if q.trim().is_empty() {
            return Ok(Vec::new());
        }
        let filter = FirmFilter {
            q: Some(q.trim().to_owned()),
            division: Some(import.division),
            status: Some(FirmStatus::Active),
            ..FirmFilter::default()
        };
        let at = store::Page { offset: 0, limit: FOUND_MAX };
        let found = self.store().read(scope).search_firms(&filter, FirmSort::Name, at).await?.rows;
        let register = self.register(import.division).await?;
        Ok(found.iter().filter_map(|firm| picked(&register.known, firm.id)).collect())
    }

    /// Says which firm a row is, that it is none, or takes that back.
    pub async fn settle_doubt(&self, scope: &Scope, id: i64, doubt: i64, choose: Option<&str>) -> Result<Doubt> {
        let mut tx = self.store().begin(scope).await?;
        let import = self.to_be_settled(&tx, scope, id).await?;
        let row = u32::try_from(doubt).map_err(|_| Refusal::not_found("待定行", "doubtful row", doubt))?;
        let doubts = tx.read().list_doubts(id).await?;
        let known = doubts
            .into_iter()
            .find(|d| d.row == row)
            .ok_or_else(|| Refusal::not_found("待定行", "doubtful row", doubt))?;
        let mut view = doubt_view(known)?;
        let decision = match choose {
            None | Some("") => Decision::Open,
            Some("none") => Decision::NoFirm,
            Some(text) => Decision::Firm(self.chosen(&mut tx, &import, &mut view, text).await?),
        };
        let decided = tx.decide_doubt(id, row, decision).await?;
        // The import counts a version on: an acceptance prepared before this decision is stale.
        tx.update_import(&import).await?;
        tx.audit(
            NewAudit::new("import.settle", format!("import:{id}"), import.division)
                .with(json!({ "doubt": doubt, "choose": choose })),
        );
        tx.commit().await?;
        Ok(Doubt { decision: doubt_view(decided)?.decision, ..view })
    }

    /// Settles many rows at once: those whose best candidate is likely enough, or those that write the
    /// same as one that is settled. Rows that somebody has decided stay as they are.
    pub async fn settle_doubts(&self, scope: &Scope, id: i64, request: &SettleMany) -> Result<Vec<Doubt>> {
        let mut tx = self.store().begin(scope).await?;
        let import = self.to_be_settled(&tx, scope, id).await?;
        let mut doubts: Vec<Doubt> =
            tx.read().list_doubts(id).await?.into_iter().map(doubt_view).collect::<Result<_>>()?;
        let settled = match (request.confidence, request.same_as) {
            (Some(least), None) if least > 0.0 && least <= 1.0 => likely(&doubts, least),
            (None, Some(like)) => alike(&doubts, like)?,
            _ => {
                return Err(Refusal::invalid(
                    "settle_many",
                    "请给出大于 0、至多 1 的把握（confidence），或一个已处理的待定行（same_as），二者取一。",
                    "Give either a `confidence` above 0 and up to 1, or the number of a settled row as `same_as`.",
                ));
            }
        };
        if settled.is_empty() {
            tx.rollback().await?;
            return Ok(doubts);
        }
        for (at, firm) in &settled {
            let doubt = &mut doubts[*at];
            let decision = match firm {
                Some(candidate) => {
                    if doubt.candidates.iter().all(|c| c.firm != candidate.firm) {
                        doubt.candidates.push(candidate.clone());
                        put_candidates(&mut tx, id, doubt).await?;
                    }
                    Decision::Firm(candidate.firm)
                }
                None => Decision::NoFirm,
            };
            doubt.decision = Some(firm.as_ref().map_or_else(|| "none".to_owned(), |c| c.firm.to_string()));
            tx.decide_doubt(id, doubt.id as u32, decision).await?;
        }
        tx.update_import(&import).await?;
        let rows: Vec<(i64, &Option<String>)> =
            settled.iter().map(|(at, _)| (doubts[*at].id, &doubts[*at].decision)).collect();
        tx.audit(
            NewAudit::new("import.settle_many", format!("import:{id}"), import.division)
                .with(json!({ "confidence": request.confidence, "same_as": request.same_as, "settled": rows })),
        );
        tx.commit().await?;
        Ok(doubts)
    }

    async fn to_be_settled(&self, tx: &Tx, scope: &Scope, id: i64) -> Result<Import> {
        let import = tx.read().get_import(id).await?;
        self.deliverer(scope, import.department)?;
        waiting(&import)?;
        Ok(import)
    }

    /// The firm that a choice names: a candidate, or any active firm of the county, which then stands
    /// beside the candidates.
    async fn chosen(&self, tx: &mut Tx, import: &Import, doubt: &mut Doubt, text: &str) -> Result<i64> {
        if let Some(candidate) = doubt.candidates.iter().find(|c| c.firm.to_string() == text) {
            return Ok(candidate.firm);
        }
        let found = match text.parse::<i64>() {
            Ok(firm) => tx.read().find_firm(firm).await?,
            Err(_) => None,
        };
        let here = found.filter(|f| f.status == FirmStatus::Active && import.division.covers(f.division));
        let known = match &here {
            Some(firm) => picked(&self.register(import.division).await?.known, firm.id),
            None => None,
        };
        let Some(candidate) = known else {
            let allowed: Vec<String> = doubt.candidates.iter().map(|c| c.firm.to_string()).collect();
            return Err(Refusal::invalid(
                "not_a_candidate",
                format!("“{text}”不是候选企业，也不是本县在册企业的编号；候选：{}；或 none。", allowed.join("、")),
                format!(
                    "`{text}` is neither a candidate nor the number of an active firm of this county; candidates: {}; \
                     or none.",
                    allowed.join(", ")
                ),
            ));
        };
        let firm = candidate.firm;
        doubt.candidates.push(candidate);
        put_candidates(tx, import.id, doubt).await?;
        Ok(firm)
    }
}

/// Keeps a doubt with a candidate that was looked up.
async fn put_candidates(tx: &mut Tx, import: i64, doubt: &Doubt) -> Result<()> {
    let payload = serde_json::to_value(doubt).map_err(Refusal::internal)?;
    Ok(tx.update_doubt(import, doubt.id as u32, &payload).await?)
}

/// Open rows whose best candidate is at least that likely and likelier than the next, with that candidate.
fn likely(doubts: &[Doubt], least: f64) -> Vec<(usize, Option<Candidate>)> {
    let open = doubts.iter().enumerate().filter(|(_, d)| d.decision.is_none());
    open.filter_map(|(at, doubt)| {
        let best = doubt.candidates.first().filter(|c| c.confidence >= least)?;
        let second = doubt.candidates.get(1).map_or(0.0, |c| c.confidence);
        (best.confidence > second).then(|| (at, Some(best.clone())))
    })
    .collect()
}

/// Open rows that write the same as a settled one, with what was decided there.
fn alike(doubts: &[Doubt], like: i64) -> Result<Vec<(usize, Option<Candidate>)>> {
    let model =
        doubts.iter().find(|d| d.id == like).ok_or_else(|| Refusal::not_found("待定行", "doubtful row", like))?;
    let Some(decision) = &model.decision else {
        return Err(Refusal::invalid(
            "not_settled",
            format!("第 {like} 条待定还没有处理，不能照它处理别的行。"),
            format!("The doubt {like} is not settled yet, so others cannot follow it."),
        ));
    };
    let firm = model.candidates.iter().find(|c| c.firm.to_string() == *decision).cloned();
    let same = |d: &Doubt| (&d.name, &d.code, &d.address) == (&model.name, &model.code, &model.address);
    let open = doubts.iter().enumerate().filter(|(_, d)| d.decision.is_none() && same(d));
    Ok(open.map(|(at, _)| (at, firm.clone())).collect())
}

/// A doubt as pages show it.
pub(super) fn doubt_view(doubt: store::Doubt) -> Result<Doubt> {
    let mut view: Doubt = serde_json::from_value(doubt.payload).map_err(Refusal::internal)?;
    view.decision = match doubt.decision {
        Decision::Open => None,
        Decision::NoFirm => Some("none".to_owned()),
        Decision::Firm(firm) => Some(firm.to_string()),
    };
    Ok(view)
}
