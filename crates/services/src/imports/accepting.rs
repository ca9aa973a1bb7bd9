//! Accepting a file and taking an accepted one back: each in one transaction, in which everything that
//! the preparation rested on is looked at once more.

use super::{
    Report,
    doubts::doubt_view,
    in_state,
    reading::{Compared, Stamp, coverage, is_register, new_doubts},
    waiting,
};
use crate::{
    Refusal, Result, Services,
    evaluations::Deed,
    firms::required,
    interpret::{Decisions, Interpreted, Said},
    refusal::Kind,
    views::{ImportCounts, ImportView},
};
use base::Scope;
use cases::Who;
use serde_json::json;
use std::collections::BTreeMap;
use store::{
    BatchMeta, Decision, EncodedBatch, Evaluation, FactBatch, Import, ImportFilter, ImportState, NewAudit, NewSegment,
    ObjectAccess, SegmentKind, StandingFile, StoreError, Tx, Unread,
};

/// How often something is prepared anew because facts or firms changed meanwhile.
const TRIES_MAX: usize = 5;

/// What accepting a file comes to, prepared outside the transaction.
struct Proposal {
    import: Import,
    doubts: Vec<store::Doubt>,
    stamp: Stamp,
    counts: ImportCounts,
    report: Report,
    /// What changes; none when the file says what is known.
    changes: Option<EncodedBatch>,
    /// All that the file states; none when it is the same as what changes.
    stated: Option<EncodedBatch>,
}

/// A take-back prepared outside the transaction.
struct Undoing {
    sequence: i64,
    retraction: Option<EncodedBatch>,
    restated: Vec<(i64, EncodedBatch)>,
}

impl Services {
    /// Takes the file's facts: everything that changes, or nothing.
    pub async fn accept_import(&self, scope: &Scope, id: i64, reason: &str) -> Result<ImportView> {
        for _ in 0..TRIES_MAX {
            let import = self.store().read(scope).get_import(id).await?;
            self.deliverer(scope, import.department)?;
            waiting(&import)?;
            let evaluation = self.store().read(scope).get_evaluation(import.evaluation).await?;
            self.permits(scope, &evaluation, Deed::Deliver).await?;
            let proposal = self.proposal(import).await?;
            if proposal.counts.changed > 0 {
                required(reason)?;
            }
            if let Some(import) = self.accept(scope, proposal, reason.trim()).await? {
                return self.import_view(scope, import).await;
            }
        }
        Err(never_still())
    }

    async fn proposal(&self, import: Import) -> Result<Proposal> {
        let scope = self.imports_scope();
        let doubts = self.store().read(&scope).list_doubts(import.id).await?;
        let open = doubts.iter().filter(|d| d.decision == Decision::Open).count();
        if open > 0 {
            return Err(Refusal::new(
                Kind::Conflict,
                "doubts_open",
                format!("还有 {open} 行没有确定是哪家企业，请先逐行处理。"),
                format!("{open} rows are still in doubt; settle them first."),
            ));
        }
        let said = decisions(&doubts)?;
        let bytes = self.store().read(&scope).get_object(import.file_digest).await?;
        let size = bytes.len() as u64;
        let reading = self.reading_of(&import, bytes).await?.map_err(|fault| {
            let wording = fault.wording();
            Refusal::invalid(fault.code(), wording.zh, wording.en)
        })?;
        let compared = self.compared(&import, &reading, said).await?;
        let report = self.report(&reading, &compared, size);
        if !same_doubts(&compared.result, &doubts)? {
            return Err(self.reread(import, &doubts, compared, report).await?);
        }
        let (counts, stamp) = (compared.counts(), compared.stamp);
        let (changes, stated) = tokio::task::spawn_blocking(move || both_encoded(&compared))
            .await
            .map_err(Refusal::internal)?
            .map_err(StoreError::from)?;
        Ok(Proposal { import, doubts, stamp, counts, report, changes, stated })
    }

    /// The register changed since the file was read, and with it which rows are in doubt: the import is
    /// kept as it stands today, decisions where they still have a row, and the officer looks again.
    async fn reread(
        &self,
        mut import: Import,
        stored: &[store::Doubt],
        compared: Compared,
        report: Report,
    ) -> Result<Refusal> {
        let rows = new_doubts(&compared.result)?;
        let open = rows.iter().filter(|(_, decision)| *decision == Decision::Open).count();
        let before = stored.len();
        let mut tx = self.store().begin(&self.imports_scope()).await?;
        import.counts = serde_json::to_value(compared.counts()).map_err(Refusal::internal)?;
        self.put_report(&mut tx, &mut import, &report).await?;
        tx.replace_doubts(import.id, &rows).await?;
        let import = tx.update_import(&import).await?;
        tx.audit(
            NewAudit::new("import.reread", format!("import:{}", import.id), import.division)
                .with(json!({ "doubts_before": before, "doubts": rows.len(), "open": open })),
        );
        tx.commit().await?;
        Ok(Refusal::new(
            Kind::Conflict,
            "register_changed",
            format!(
                "读取之后企业登记有变动，本文件已按现在的登记重新匹配：原有 {before} 行待定，现有 {} 行，其中 {open} \
                 行未处理。尚未采用任何数据，请核对待定行后再采用。",
                rows.len()
            ),
            format!(
                "The register changed after the file was read, so it was matched again: {before} rows were in doubt, now \
                 {} are, {open} of them open. Nothing was taken; look at the doubtful rows and accept again.",
                rows.len()
            ),
        ))
    }

    /// Takes what was prepared; nothing when facts or firms changed since.
    async fn accept(&self, scope: &Scope, proposal: Proposal, reason: &str) -> Result<Option<Import>> {
        let Proposal { mut import, doubts, stamp, counts, report, changes, stated } = proposal;
        let id = import.id;
        let mut tx = self.store().begin(scope).await?;
        if stamp_now(&tx, &import).await? != stamp {
            tx.rollback().await?;
            return Ok(None);
        }
        let evaluation = tx.read().get_evaluation(import.evaluation).await?;
        self.permits(scope, &evaluation, Deed::Deliver).await?;
        if tx.read().list_doubts(id).await? != doubts {
            return Err(Refusal::new(
                Kind::Conflict,
                "doubts_changed",
                "采用期间有待定行被改动，请核对后重试。",
                "A doubtful row was settled anew meanwhile; look again and retry.",
            ));
        }
        if let Some(changes) = &changes {
            let segment = segment_of(&import, SegmentKind::Import, reason);
            let segment = tx.insert_import_segment(id, &segment, changes).await?;
            import.segment = Some(segment.sequence);
            import.stated_digest = Some(segment.digest);
        }
        if let Some(stated) = &stated {
            let access = ObjectAccess::department(import.division, import.department);
            import.stated_digest = Some(tx.put_object(stated.bytes(), access).await?);
        }
        import.accepted_sequence = Some(tx.read().last_sequence(import.division, import.year).await?);
        self.put_report(&mut tx, &mut import, &report).await?;
        import.counts = serde_json::to_value(&counts).map_err(Refusal::internal)?;
        import.state = ImportState::Accepted;
        import.accepted_by = Some(scope.actor().to_owned());
        import.accepted_at = Some(tx.now().to_owned());
        let import = tx.update_import(&import).await?;
        tx.audit(
            NewAudit::new("import.accept", format!("import:{id}"), import.division)
                .with(json!({ "counts": import.counts, "segment": import.segment, "reason": reason })),
        );
        tx.commit().await?;
        Ok(Some(import))
    }

    /// Takes an accepted file back: what it stated counts no longer, and what stood before stands again,
    /// except where a later file or correction has said something since.
    pub async fn take_back_import(&self, scope: &Scope, id: i64, reason: &str) -> Result<ImportView> {
        for _ in 0..TRIES_MAX {
            let import = self.store().read(scope).get_import(id).await?;
            self.deliverer(scope, import.department)?;
            in_state(&import, ImportState::Accepted, "import_not_accepted")?;
            let evaluation = self.store().read(scope).get_evaluation(import.evaluation).await?;
            self.permits_taking_back(scope, &evaluation, reason)?;
            let undoing = self.undoing(&import, reason.trim()).await?;
            if let Some(import) = self.take_back(scope, import, undoing, reason.trim()).await? {
                return self.import_view(scope, import).await;
            }
        }
        Err(never_still())
    }

    /// May this person take accepted files back while the evaluation stands where it does?
    pub(super) fn may_take_back(&self, scope: &Scope, evaluation: &Evaluation) -> bool {
        self.permits_taking_back(scope, evaluation, "?").is_ok()
    }

    fn permits_taking_back(&self, scope: &Scope, evaluation: &Evaluation, reason: &str) -> Result<()> {
        let known = cases::Known::default();
        cases::apply(
            self.process_of(evaluation)?,
            &evaluation.state,
            Deed::TakeBack.action(),
            &Who::from(scope),
            &known,
            reason,
        )
        .map(|_| ())
        .map_err(|refused| self.refused(refused))
    }

    async fn undoing(&self, import: &Import, reason: &str) -> Result<Undoing> {
        let scope = self.imports_scope();
        let view = self.store().read(&scope).facts(import.division, import.year).await?;
        let standing = self.standing(&scope, import).await?;
        let meta = BatchMeta {
            department: import.department,
            file: import.file_name.clone(),
            file_digest: Some(import.file_digest),
            received_at: self.store().now(),
            reason: reason.to_owned(),
        };
        let id = import.id;
        tokio::task::spawn_blocking(move || {
            let undoing = view.take_back(id, meta, standing)?;
            Ok(Undoing {
                sequence: view.last_sequence(),
                retraction: encoded(&undoing.retraction)?,
                restated: undoing
                    .restated
                    .iter()
                    .map(|(import, batch)| Ok((*import, batch.encode()?)))
                    .collect::<Result<_, store::FactFault>>()?,
            })
        })
        .await
        .map_err(Refusal::internal)?
        .map_err(|fault: store::FactFault| StoreError::from(fault).into())
    }

    /// The other files of the department that count, with what they state.
    async fn standing(&self, scope: &Scope, import: &Import) -> Result<Vec<StandingFile>> {
        let reader = self.store().read(scope);
        let filter = ImportFilter {
            division: Some(import.division),
            year: Some(import.year),
            department: Some(import.department),
            state: Some(ImportState::Accepted),
            ..ImportFilter::default()
        };
        let mut out = Vec::new();
        for other in reader.list_imports(&filter).await?.into_iter().filter(|other| other.id != import.id) {
            let (Some(digest), Some(sequence)) = (other.stated_digest, other.accepted_sequence) else { continue };
            let bytes = reader.get_object(digest).await?;
            let template = self.template(&other.template)?;
            let unread = match is_register(template) {
                true => self.stored_report(scope, &other).await?.unread,
                false => Unread::default(),
            };
            out.push(StandingFile {
                import: other.id,
                sequence,
                coverage: coverage(template, &unread),
                stated: FactBatch::decode(&bytes).map_err(StoreError::from)?,
            });
        }
        Ok(out)
    }

    /// Takes back what was prepared; nothing when facts changed since.
    async fn take_back(
        &self,
        scope: &Scope,
        mut import: Import,
        undoing: Undoing,
        reason: &str,
    ) -> Result<Option<Import>> {
        let id = import.id;
        let mut tx = self.store().begin(scope).await?;
        if tx.read().last_sequence(import.division, import.year).await? != undoing.sequence {
            tx.rollback().await?;
            return Ok(None);
        }
        let evaluation = tx.read().get_evaluation(import.evaluation).await?;
        self.permits_taking_back(scope, &evaluation, reason)?;
        let mut detail = json!({ "reason": reason, "file": import.file_name, "segment": import.segment });
        if let Some(retraction) = &undoing.retraction {
            let segment = segment_of(&import, SegmentKind::Retraction, reason);
            let segment = tx.insert_import_segment(id, &segment, retraction).await?;
            detail["retraction"] = json!(segment.sequence);
            detail["statements"] = json!(segment.rows);
        }
        let mut restated = BTreeMap::new();
        for (other, batch) in &undoing.restated {
            let segment = segment_of(&import, SegmentKind::Import, reason);
            let segment = tx.insert_import_segment(*other, &segment, batch).await?;
            restated.insert(other.to_string(), segment.sequence);
        }
        detail["restated"] = json!(restated);
        import.state = ImportState::TakenBack;
        import.taken_back_by = Some(scope.actor().to_owned());
        import.taken_back_at = Some(tx.now().to_owned());
        let import = tx.update_import(&import).await?;
        tx.audit(NewAudit::new("import.take_back", format!("import:{id}"), import.division).with(detail));
        tx.commit().await?;
        Ok(Some(import))
    }
}

async fn stamp_now(tx: &Tx, import: &Import) -> Result<Stamp> {
    Ok(Stamp {
        sequence: tx.read().last_sequence(import.division, import.year).await?,
        registry: tx.read().registry_sequence(import.division).await?,
    })
}

fn segment_of(import: &Import, kind: SegmentKind, reason: &str) -> NewSegment {
    NewSegment { division: import.division, year: import.year, kind, reason: reason.to_owned() }
}

/// What changes, and all that is stated where that is more.
fn both_encoded(compared: &Compared) -> Result<(Option<EncodedBatch>, Option<EncodedBatch>), store::FactFault> {
    let (diff, all) = (&compared.diff, &compared.result.batch);
    let says_more = all.len() != diff.new + diff.changed || diff.retracted > 0;
    Ok((encoded(&diff.batch)?, if says_more { encoded(all)? } else { None }))
}

fn encoded(batch: &FactBatch) -> Result<Option<EncodedBatch>, store::FactFault> {
    match batch.is_empty() {
        true => Ok(None),
        false => batch.encode().map(Some),
    }
}

/// What was decided, by what each decision is about.
pub(super) fn decisions(doubts: &[store::Doubt]) -> Result<Decisions> {
    let mut out = Decisions::new();
    for doubt in doubts {
        let said = match doubt.decision {
            Decision::Firm(firm) => Said::Firm(firm),
            Decision::NoFirm => Said::None,
            Decision::Open => continue,
        };
        out.insert(doubt_view(doubt.clone())?.key(), said);
    }
    Ok(out)
}

pub(super) fn decision_of(view: Option<&str>) -> Decision {
    match view {
        None => Decision::Open,
        Some(text) => text.parse().map_or(Decision::NoFirm, Decision::Firm),
    }
}

/// Are the same rows in doubt, with the same text and the same answers, as when the officer looked at
/// them? An answer that names a record which no longer stands is none.
fn same_doubts(result: &Interpreted, stored: &[store::Doubt]) -> Result<bool> {
    let answer = |doubt: crate::views::Doubt| (doubt.key(), doubt.decision);
    let mut now: Vec<_> = result.doubts.iter().cloned().map(answer).collect();
    let mut then = stored.iter().map(|d| Ok(answer(doubt_view(d.clone())?))).collect::<Result<Vec<_>>>()?;
    now.sort_unstable();
    then.sort_unstable();
    Ok(now == then)
}

fn never_still() -> Refusal {
    Refusal::new(
        Kind::Conflict,
        "facts_changing",
        "同一时间有其他数据不断入库，本次没有改变任何数据，请稍后重试。",
        "Other facts kept coming in at the same moment; nothing was changed, try again.",
    )
}
