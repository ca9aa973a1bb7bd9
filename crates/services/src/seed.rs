//! Loading what is already known when an installation begins: facts of years past, and the final
//! results of evaluations that were done before. Each goes through the same freeze, computation and
//! verification as any other; only the notice is in the past.

use crate::{Refusal, Result, Services};
use base::{DivisionCode, Scope};
use serde_json::json;
use store::{
    FactBatch, NewAudit, NewEvaluation, NewPublication, NewSegment, ObjectAccess, PublicationKind, RunKind, SegmentKind,
};

/// Facts of one county, year and department.
pub struct Seed {
    /// County.
    pub division: DivisionCode,
    /// Year.
    pub year: i16,
    /// The facts.
    pub batch: FactBatch,
}

impl Services {
    /// Loads facts in one transaction; gives the number of statements.
    pub async fn seed_facts(&self, seeds: Vec<Seed>, reason: &str) -> Result<usize> {
        let scope = Scope::system("seed", self.settings().root);
        let encoded = tokio::task::spawn_blocking(move || {
            use rayon::prelude::*;
            seeds
                .into_par_iter()
                .map(|s| Ok((s.division, s.year, s.batch.encode().map_err(store::StoreError::from)?)))
                .collect::<Result<Vec<_>>>()
        })
        .await
        .map_err(Refusal::internal)??;
        let mut tx = self.store().begin(&scope).await?;
        let mut rows = 0;
        for (division, year, batch) in &encoded {
            rows += batch.rows();
            let segment = NewSegment {
                division: *division,
                year: i32::from(*year),
                kind: SegmentKind::Seed,
                reason: reason.to_owned(),
            };
            tx.insert_segment(&segment, batch).await?;
        }
        tx.audit(
            NewAudit::new("facts.seed", "registry", self.settings().root)
                .with(json!({ "segments": encoded.len(), "statements": rows, "reason": reason })),
        );
        tx.commit().await?;
        Ok(rows)
    }

    /// Evaluates a year of the past and publishes its final list.
    pub async fn seed_past_year(&self, division: DivisionCode, year: i16, scheme: &str) -> Result<i64> {
        let scope = Scope::system("seed", self.settings().root);
        let scheme = self
            .scheme_chosen(division, year, Some(scheme))
            .ok_or_else(|| Refusal::not_found("方案", "scheme for year", year))?
            .clone();
        let new = NewEvaluation {
            division,
            year: i32::from(year),
            scheme: scheme.id.clone(),
            state: "archived".into(),
            clocks: json!({}),
        };
        let mut tx = self.store().begin(&scope).await?;
        let mut evaluation = tx.insert_evaluation(&new).await?;
        tx.audit(NewAudit::new("evaluation.seed", format!("evaluation:{}", evaluation.id), division));
        tx.commit().await?;
        let frozen = self.freeze(&evaluation).await?;
        let ran = self.compute(&scheme, year, &frozen.parts).await?;
        let mut tx = self.store().begin(&scope).await?;
        self.put_parts(&mut tx, division, &frozen.parts).await?;
        let run = self.put_run(&mut tx, &evaluation, RunKind::Final, frozen.digest, &ran, None).await?;
        evaluation.snapshot_digest = Some(frozen.digest);
        evaluation.scheme_digest = Some(ran.law);
        evaluation.final_run = Some(run.id);
        evaluation.clocks["sequence"] = json!(frozen.sequence);
        let evaluation = tx.update_evaluation(&evaluation).await?;
        tx.audit(
            NewAudit::new("evaluation.seed", format!("evaluation:{}", evaluation.id), division)
                .with(json!({ "run": run.id, "result": run.result_digest.hex() })),
        );
        tx.commit().await?;
        let payload = self.publication_payload(&evaluation, &run).await?;
        let classes = self.class_records(&run).await?;
        let mut tx = self.store().begin(&scope).await?;
        let digest = tx.put_object(&payload, ObjectAccess::office(division)).await?;
        tx.insert_publication(&NewPublication { run: run.id, kind: PublicationKind::Final, payload_digest: digest })
            .await?;
        tx.insert_classes(&classes).await?;
        tx.audit(NewAudit::new("evaluation.seed", format!("evaluation:{}", evaluation.id), division));
        tx.commit().await?;
        Ok(run.id)
    }
}
