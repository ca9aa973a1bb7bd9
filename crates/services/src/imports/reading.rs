//! Reading files in the background: a few at a time, again after a fault that passes, ended when the
//! file is withdrawn, and no more once a file has ended the process too often.

use super::{
    Report,
    accepting::{decision_of, decisions},
};
use crate::{
    Refusal, Result, Services,
    interpret::{self, Context, Decisions, Interpreted, interpret},
    refusal::Kind,
    views::{Doubt, FaultView, ImportColumn, ImportCounts, Label, Progress},
};
use base::Scope;
use intake::{Expected, Limits, Reading};
use law::Template;
use law::template::Subject;
use serde_json::json;
use std::{ops::ControlFlow, sync::Arc, time::Duration};
use store::{BatchMeta, Coverage, Decision, Import, ImportFilter, ImportState, NewAudit, NewDoubt, Unread};

/// Readings that may be begun of one file; one more that does not come to its end is too many.
const ATTEMPTS_MAX: i64 = 3;
/// How often a fault of ours is met within one attempt before the file is refused for it.
const FAULTS_MAX: u32 = 3;
/// First and longest wait before a reading goes on after a fault that passes.
const WAIT: Duration = Duration::from_millis(500);
const WAIT_MAX: Duration = Duration::from_secs(60);

/// What a comparison rests on; when it has moved, the comparison is made again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    /// Place of the last segment.
    pub sequence: i64,
    /// Number of the last change of the county's register.
    pub registry: i64,
}

/// A reading interpreted and compared with what is known.
pub(super) struct Compared {
    pub result: Interpreted,
    pub diff: store::FactDiff,
    pub stamp: Stamp,
}

impl Compared {
    /// Counts of rows and of differences.
    pub fn counts(&self) -> ImportCounts {
        ImportCounts {
            new: self.diff.new as u64,
            changed: (self.diff.changed + self.diff.retracted) as u64,
            unchanged: self.diff.unchanged as u64,
            ..self.result.counts.clone()
        }
    }
}

impl Services {
    pub(super) fn imports_scope(&self) -> Scope {
        Scope::system("imports", self.settings().root)
    }

    /// Reads on after a restart whatever was being read when the process ended.
    pub async fn resume_imports(&self) -> Result<usize> {
        let scope = self.imports_scope();
        let filter = ImportFilter { state: Some(ImportState::Reading), ..ImportFilter::default() };
        let waiting = self.store().read(&scope).list_imports(&filter).await?;
        let count = waiting.len();
        waiting.into_iter().for_each(|import| self.spawn_reading(import));
        Ok(count)
    }

    pub(super) fn spawn_reading(&self, import: Import) {
        let services = self.clone();
        self.set_progress(import.id, Progress { stage: "queued".into(), done: 0, total: 0 });
        tokio::spawn(async move {
            let id = import.id;
            let _place = services.place_to_read().await;
            services.read_to_the_end(id).await;
            services.clear_progress(id);
        });
    }

    /// Reads a file until it waits, is refused or was withdrawn. A fault that passes (a busy database, a
    /// full disk) is waited for; one of ours is met a few times before the file is refused for it.
    async fn read_to_the_end(&self, id: i64) {
        let (mut wait, mut faults) = (WAIT, 0);
        let mut begun: Option<Import> = None;
        loop {
            let error = match self.read_once(id, &mut begun).await {
                Ok(()) => return,
                Err(error) => error,
            };
            tracing::error!(import = id, %error, cause = error.cause.as_deref(), "an import could not be read");
            faults += u32::from(error.kind == Kind::Internal);
            if !passes(&error) && (error.kind != Kind::Internal || faults >= FAULTS_MAX) {
                let failed = match &begun {
                    Some(import) => self.fail_import(import, &error).await,
                    None => Err(error),
                };
                match failed {
                    Ok(()) => return,
                    Err(error) => tracing::error!(import = id, %error, "and could not be marked as refused"),
                }
            }
            tokio::time::sleep(wait).await;
            wait = (wait * 2).min(WAIT_MAX);
        }
    }

    async fn read_once(&self, id: i64, begun: &mut Option<Import>) -> Result<()> {
        let import = match begun {
            Some(import) => import.clone(),
            None => {
                let Some(import) = self.store().begin_reading(&self.imports_scope(), id).await? else {
                    return Ok(());
                };
                begun.insert(import).clone()
            }
        };
        if import.attempts > ATTEMPTS_MAX {
            return self.fail_import(&import, &cut_off()).await;
        }
        self.read_import(import).await
    }

    /// Refuses a file that could not be read, unless somebody has done something with it since.
    pub(super) async fn fail_import(&self, read: &Import, error: &Refusal) -> Result<()> {
        let refusal = FaultView {
            sheet: None,
            cell: String::new(),
            value: String::new(),
            code: error.code.clone(),
            message: error.message.clone(),
            allowed: Label::default(),
        };
        let report = Report { refusal: Some(refusal), ..Report::default() };
        let mut tx = self.store().begin(&self.imports_scope()).await?;
        let mut import = tx.read().get_import(read.id).await?;
        if import.state != ImportState::Reading || import.version != read.version {
            return Ok(tx.rollback().await?);
        }
        self.put_report(&mut tx, &mut import, &report).await?;
        import.state = ImportState::Refused;
        tx.update_import(&import).await?;
        tx.audit(
            NewAudit::new("import.refuse", format!("import:{}", import.id), import.division)
                .with(json!({ "code": error.code, "attempts": import.attempts })),
        );
        Ok(tx.commit().await?)
    }

    /// Reads, matches and compares; the import then waits for decisions.
    async fn read_import(&self, import: Import) -> Result<()> {
        let scope = self.imports_scope();
        let bytes = self.store().read(&scope).get_object(import.file_digest).await?;
        let size = bytes.len() as u64;
        let read = self.reading_of(&import, bytes).await?;
        let mut next = import.clone();
        let (report, doubts) = match read {
            // Who withdraws a file has said all there is to say about it.
            Err(intake::FileFault::Cancelled) => return Ok(()),
            Err(fault) => {
                next.state = ImportState::Refused;
                (Report { refusal: Some(refusal_of(&fault)), bytes: size, ..Report::default() }, Vec::new())
            }
            Ok(reading) => {
                self.set_progress(import.id, Progress { stage: "matching".into(), done: 0, total: 0 });
                let said = self.decided_before(&import).await?;
                let compared = self.compared(&import, &reading, said).await?;
                next.counts = serde_json::to_value(compared.counts()).map_err(Refusal::internal)?;
                next.state = ImportState::Waiting;
                let report = self.report(&reading, &compared, size);
                (report, new_doubts(&compared.result)?)
            }
        };
        let mut tx = self.store().begin(&scope).await?;
        let now = tx.read().get_import(import.id).await?;
        // It was withdrawn, or another process read it meanwhile: what that one stored is as good.
        if now.state != ImportState::Reading || now.version != import.version {
            return Ok(tx.rollback().await?);
        }
        self.put_report(&mut tx, &mut next, &report).await?;
        tx.replace_doubts(import.id, &doubts).await?;
        tx.audit(
            NewAudit::new("import.read", format!("import:{}", import.id), import.division)
                .with(json!({ "state": next.state.name(), "counts": next.counts })),
        );
        tx.update_import(&next).await?;
        Ok(tx.commit().await?)
    }

    /// What people said of the rows of this very file when it was handed in before: the same bytes need
    /// not be settled twice.
    async fn decided_before(&self, import: &Import) -> Result<Decisions> {
        let scope = self.imports_scope();
        let reader = self.store().read(&scope);
        let filter = ImportFilter {
            evaluation: Some(import.evaluation),
            file_digest: Some(import.file_digest),
            ..ImportFilter::default()
        };
        let mut earlier = reader.list_imports(&filter).await?;
        earlier.retain(|other| other.id < import.id && other.template == import.template);
        earlier.sort_unstable_by_key(|other| other.id);
        let mut said = Decisions::new();
        // In the order of hand-in: the latest word counts.
        for other in earlier {
            said.extend(decisions(&reader.list_doubts(other.id).await?)?);
        }
        Ok(said)
    }

    /// The reading of a file, from memory when it was read before.
    pub(super) async fn reading_of(
        &self,
        import: &Import,
        bytes: Vec<u8>,
    ) -> Result<Result<Arc<Reading>, intake::FileFault>> {
        if let Some(reading) = self.cached_reading(import.id) {
            return Ok(Ok(reading));
        }
        let (id, services, import) = (import.id, self.clone(), import.clone());
        let today = self.today()?;
        let read = tokio::task::spawn_blocking(move || {
            let template = services.template(&import.template).map_err(|r| r.to_string())?;
            let expected = Expected { today, year: Some(import.year as i16) };
            let mut progress = |p: intake::Progress| {
                let stage = format!("{:?}", p.stage).to_lowercase();
                services.go_on(import.id, Progress { stage, done: p.done, total: p.total })
            };
            let limits = Limits::default();
            let units = &services.law().units;
            Ok::<_, String>(intake::read(&bytes, &import.file_name, template, units, &expected, &limits, &mut progress))
        })
        .await
        .map_err(Refusal::internal)?
        .map_err(Refusal::internal)?;
        Ok(read.map(|reading| self.keep_reading(id, reading)))
    }

    fn go_on(&self, import: i64, progress: Progress) -> ControlFlow<()> {
        match self.is_cancelled(import) {
            true => ControlFlow::Break(()),
            false => {
                self.set_progress(import, progress);
                ControlFlow::Continue(())
            }
        }
    }

    /// Interprets a reading under decisions and compares it with what is known.
    pub(super) async fn compared(&self, import: &Import, reading: &Arc<Reading>, said: Decisions) -> Result<Compared> {
        let scope = self.imports_scope();
        // Asked before the register is read: a change in between shows as a stamp that has moved.
        let registry = self.store().read(&scope).registry_sequence(import.division).await?;
        let register = self.register(import.division).await?;
        let view = self.store().read(&scope).facts(import.division, import.year).await?;
        let (services, import, reading) = (self.clone(), import.clone(), reading.clone());
        tokio::task::spawn_blocking(move || {
            let template = services.template(&import.template)?;
            let context = Context {
                law: services.law(),
                template,
                matcher: &register.matcher,
                known: &register.known,
                year: import.year as i16,
                meta: BatchMeta {
                    department: import.department,
                    file: import.file_name.clone(),
                    file_digest: Some(import.file_digest),
                    received_at: import.created_at.clone(),
                    reason: String::new(),
                },
            };
            let result = interpret(&context, &reading, &said);
            let coverage = coverage(template, &result.unread);
            let diff = view.diff(&result.batch, &coverage).map_err(store::StoreError::from)?;
            Ok(Compared { result, diff, stamp: Stamp { sequence: view.last_sequence(), registry } })
        })
        .await
        .map_err(Refusal::internal)?
    }

    pub(super) fn report(&self, reading: &Reading, compared: &Compared, bytes: u64) -> Report {
        let Compared { result, diff, .. } = compared;
        let mut columns = Vec::new();
        for table in &reading.tables {
            for column in &table.columns {
                let conversion = column.unit.as_ref().filter(|u| u.declared != u.canonical).map(|u| {
                    let name = |id: &str| self.unit_label(id).zh;
                    format!("{} → {}", name(&u.declared), name(&u.canonical))
                });
                columns.push(ImportColumn {
                    sheet: table.sheet.clone().unwrap_or_default(),
                    column: base::source::column_letters(column.column),
                    head: column.found.clone(),
                    taken_as: Label { zh: column.head.clone(), en: column.head.clone() },
                    conversion,
                });
            }
        }
        let mut notes: Vec<Label> = reading.notes.iter().map(|n| interpret::label(&n.wording)).collect();
        if diff.kept > 0 {
            notes.push(Label {
                zh: format!(
                    "有 {} 项已有数据，本文件可能写在未采用的行或单元格里，因此保留不变；更正后重新上传即可。",
                    diff.kept
                ),
                en: format!(
                    "{} known figures may stand in rows or cells that could not be taken, so they stay; correct the file and \
                     hand it in again.",
                    diff.kept
                ),
            });
        }
        Report {
            columns,
            notes,
            refusal: None,
            faults: result.faults.clone(),
            marks: result.marks.clone(),
            bytes,
            unread: result.unread.clone(),
        }
    }
}

/// Doubts as the store takes them, with what was said of each.
pub(super) fn new_doubts(result: &Interpreted) -> Result<Vec<(NewDoubt, Decision)>> {
    let stored = |doubt: &Doubt| {
        let payload = serde_json::to_value(doubt).map_err(Refusal::internal)?;
        Ok((NewDoubt { row: doubt.id as u32, payload }, decision_of(doubt.decision.as_deref())))
    };
    result.doubts.iter().map(stored).collect()
}

/// A fault that has nothing to do with the file and goes away by itself or with some room on the disk.
fn passes(error: &Refusal) -> bool {
    error.kind == Kind::Full || error.code == "busy"
}

fn cut_off() -> Refusal {
    Refusal::new(
        Kind::Conflict,
        "reading_cut_off",
        format!(
            "读取这份文件已中断 {ATTEMPTS_MAX} 次，不再重试。请检查文件（另存为新的 .xlsx 后重新上传），或联系系统管理员查看日志。"
        ),
        format!(
            "Reading this file was cut off {ATTEMPTS_MAX} times and is not tried again. Check the file (save it anew as \
             .xlsx and hand it in again), or ask the system administrator to look at the log."
        ),
    )
}

fn refusal_of(fault: &intake::FileFault) -> FaultView {
    let place = fault.place();
    FaultView {
        sheet: place.and_then(|p| p.sheet.clone()),
        cell: place.map(intake::CellPlace::address).unwrap_or_default(),
        value: String::new(),
        code: fault.code().to_owned(),
        message: interpret::label(&fault.wording()),
        allowed: Label::default(),
    }
}

/// The land register is complete: what it no longer names has ended, unless it may stand where the file
/// could not be taken. Other files add or correct.
pub(super) fn coverage(template: &Template, unread: &Unread) -> Coverage {
    match is_register(template) {
        true => Coverage::Whole(unread.clone()),
        false => Coverage::Named,
    }
}

/// Does the template's file state everything that its department knows of its subjects?
pub(super) fn is_register(template: &Template) -> bool {
    template.tables.iter().any(|t| matches!(t.subject, Subject::Parcel | Subject::Lease))
}
