//! What the public may read: published lists, frozen as they were published, with the digests that
//! let anyone recompute them.

use crate::{
    Document, Refusal, Result, Services,
    catalogue::label,
    evaluations::{clock, run_row},
    runs::class_of,
    views::{ClassCount, Label, PublicFirm, Publication, PublicationRow, RunRow},
};
use base::Scope;
use serde::{Deserialize, Serialize};
use store::{Evaluation, Run};

/// A list as it was published.
#[derive(Serialize, Deserialize)]
struct Payload {
    run: i64,
    scheme: String,
    version: u32,
    snapshot: String,
    result: String,
    engine: String,
    classes: Vec<ClassCount>,
    objections_to: Label,
    firms: Vec<PublicFirm>,
}

impl Services {
    fn public(&self) -> Scope {
        Scope::public(self.settings().root)
    }

    /// The list of a run as it is published: names, codes and classes; no figures.
    pub(crate) async fn publication_payload(&self, _evaluation: &Evaluation, run: &Run) -> Result<Vec<u8>> {
        let scope = Scope::system("publish", self.settings().root);
        let prepared = self.prepared(&scope, run.id).await?;
        let RunRow { classes, .. } = run_row(run);
        let table = &prepared.snapshot.firms;
        let text = |firm: i64, column: &str| match table.value(firm, column) {
            measure::Value::Text(text) => Some(text),
            _ => None,
        };
        let mut firms: Vec<(u16, u32, PublicFirm)> = prepared
            .outcome
            .firms
            .iter()
            .filter_map(|f| {
                let class = class_of(&prepared.scheme, &prepared.outcome, f)?;
                let population = f.population.map(|p| &prepared.scheme.populations[usize::from(p)]);
                let firm = PublicFirm {
                    name: text(f.firm, "name").unwrap_or_default(),
                    credit_code: text(f.firm, "credit_code"),
                    town: text(f.firm, "town").unwrap_or_default(),
                    population: population.map(|p| p.title.zh.clone()).unwrap_or_default(),
                    class,
                };
                Some((f.population.unwrap_or(u16::MAX), u32::from(f.class.unwrap_or(u8::MAX)), firm))
            })
            .collect();
        // Within a class by credit code: a published list shows classes, not ranks.
        firms.sort_by(|a, b| (a.0, a.1, &a.2.credit_code).cmp(&(b.0, b.1, &b.2.credit_code)));
        let payload = Payload {
            run: run.id,
            scheme: prepared.scheme.id.clone(),
            version: prepared.scheme.version,
            snapshot: run.snapshot_digest.hex(),
            result: run.result_digest.hex(),
            engine: run.engine_version.clone(),
            classes,
            objections_to: label(&prepared.scheme.process.objections_to),
            firms: firms.into_iter().map(|(_, _, f)| f).collect(),
        };
        serde_json::to_vec(&payload).map_err(Refusal::internal)
    }

    /// Published lists, newest first.
    pub async fn list_publications(&self) -> Result<Vec<PublicationRow>> {
        let scope = self.public();
        let mut rows = Vec::new();
        for publication in self.store().read(&scope).list_publications(None).await? {
            // A notice that was withdrawn or replaced is no longer shown.
            if publication.closed_at.is_none() {
                rows.push(self.publication_row(&publication).await?);
            }
        }
        rows.sort_by(|a, b| b.at.cmp(&a.at));
        Ok(rows)
    }

    /// A publication in a list: what stands in the rows of the run and the evaluation; the list of firms
    /// itself is not read.
    async fn publication_row(&self, publication: &store::Publication) -> Result<PublicationRow> {
        let system = Scope::system("publications", self.settings().root);
        let run = self.store().read(&system).get_run(publication.run).await?;
        let (_, scheme) = self.rules_of(&run).await?;
        let evaluation = self.store().read(&system).get_evaluation(publication.evaluation).await?;
        let now = self.timestamp();
        let notice = (publication.kind.name() == "notice")
            .then(|| clock(&evaluation, "notice").map(|d| self.clock_view(&d, now)))
            .flatten();
        let RunRow { classes, .. } = run_row(&run);
        Ok(PublicationRow {
            id: publication.id,
            division: self.division_view(publication.division),
            year: publication.year as i16,
            kind: publication.kind.name().to_owned(),
            at: publication.at.clone(),
            closed_at: publication.closed_at.clone(),
            notice,
            scheme: self.scheme_ref(&scheme),
            classes,
        })
    }

    /// One published list. One that was withdrawn or replaced stays readable under its address and says
    /// since when it no longer holds.
    pub async fn get_publication(&self, id: i64) -> Result<Publication> {
        let scope = self.public();
        let publication = self.store().read(&scope).get_publication(id).await?;
        let row = self.publication_row(&publication).await?;
        let bytes = self.store().read(&scope).get_object(publication.payload_digest).await?;
        let payload: Payload = serde_json::from_slice(&bytes).map_err(Refusal::internal)?;
        Ok(Publication {
            row,
            objections_to: payload.objections_to,
            snapshot: payload.snapshot,
            result: payload.result,
            engine: payload.engine,
            firms: payload.firms,
        })
    }

    /// A published list as a file.
    pub async fn export_publication(&self, id: i64, format: Option<&str>) -> Result<Document> {
        let publication = self.get_publication(id).await?;
        crate::print::publication_file(&publication, format.unwrap_or("csv"), &self.store().now())
    }
}
