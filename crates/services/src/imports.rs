//! Departments' files: handed in, read in the background, settled, accepted in one transaction, and
//! taken back in one when a file turns out to be wrong.
//!
//! The file itself is kept before anything is read, and every step can be repeated from it: a
//! process that is killed goes on reading at the next start, and nothing accepted is ever lost.

mod accepting;
mod doubts;
mod reading;

use crate::{
    Document, Refusal, Result, Services,
    evaluations::Deed,
    refusal::Kind,
    views::{ActionView, FaultView, ImportColumn, ImportCounts, ImportView, Label, Signed},
};
use base::{Department, Digest, Role, Scope};
use intake::Limits;
use law::Template;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::{
    Decision, Evaluation, Import, ImportFilter, ImportState, NewAudit, NewImport, NewStoredFile, ObjectAccess, Unread,
};

/// Faults that a page shows; the marked copy holds all of them.
const FAULTS_SHOWN: usize = 500;

/// What is kept of a reading, as an object.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Report {
    columns: Vec<ImportColumn>,
    notes: Vec<Label>,
    refusal: Option<FaultView>,
    faults: Vec<FaultView>,
    marks: Vec<(Option<String>, u32, u32, Label)>,
    bytes: u64,
    /// What stands in the file and could not be taken.
    #[serde(default)]
    unread: Unread,
}

/// The head of a report, kept with the import: a list of imports reads no report.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Summary {
    columns: Vec<ImportColumn>,
    notes: Vec<Label>,
    refusal: Option<FaultView>,
    faults: u64,
    bytes: u64,
}

impl From<&Report> for Summary {
    fn from(report: &Report) -> Self {
        Self {
            columns: report.columns.clone(),
            notes: report.notes.clone(),
            refusal: report.refusal.clone(),
            faults: report.faults.len() as u64,
            bytes: report.bytes,
        }
    }
}

impl Services {
    /// Blank workbook of a department, with year and county when they are known.
    pub async fn get_template(&self, scope: &Scope, id: &str, evaluation: Option<i64>) -> Result<Document> {
        let template = self.template(id)?;
        let (year, place) = match evaluation {
            Some(evaluation) => {
                let evaluation = self.store().read(scope).get_evaluation(evaluation).await?;
                (evaluation.year as i16, self.law().divisions.name(evaluation.division))
            }
            None => (self.timestamp().in_tz("Asia/Shanghai").map_err(Refusal::internal)?.year() - 1, String::new()),
        };
        let bytes = intake::blank_template(template, &self.law().units, year, &place).map_err(Refusal::internal)?;
        Ok(Document {
            name: format!("{}-{year}.xlsx", template.title),
            mime: XLSX,
            digest: Digest::of(&bytes),
            bytes,
            rows: None,
        })
    }

    /// Imports of an evaluation, newest first.
    pub async fn list_imports(&self, scope: &Scope, evaluation: i64) -> Result<Vec<ImportView>> {
        let reader = self.store().read(scope);
        // Whoever may not see the evaluation is told so, and not that it has no imports.
        let evaluation = reader.get_evaluation(evaluation).await?;
        let filter = ImportFilter { evaluation: Some(evaluation.id), ..ImportFilter::default() };
        let imports = reader.list_imports(&filter).await?;
        let mut views = Vec::with_capacity(imports.len());
        for import in imports {
            let summary = self.summary(scope, &import).await?;
            views.push(self.import_head(scope, &evaluation, import, summary).await?);
        }
        Ok(views)
    }

    /// One import.
    pub async fn get_import(&self, scope: &Scope, id: i64) -> Result<ImportView> {
        let import = self.store().read(scope).get_import(id).await?;
        self.import_view(scope, import).await
    }

    /// May this person hand in a file of that template now? Asked before a file is taken in.
    pub async fn may_deliver(&self, scope: &Scope, evaluation: i64, template: &str) -> Result<Evaluation> {
        let template = self.template(template)?;
        let evaluation = self.store().read(scope).get_evaluation(evaluation).await?;
        self.deliverer(scope, template.department)?;
        self.permits(scope, &evaluation, Deed::Deliver).await?;
        Ok(evaluation)
    }

    /// Takes a file in and begins to read it. A file that is still open there, handed in again, is the
    /// same import: who repeats a command that was cut off goes on where it stood.
    pub async fn create_import(
        &self,
        scope: &Scope,
        evaluation: i64,
        template: &str,
        name: String,
        bytes: Vec<u8>,
    ) -> Result<ImportView> {
        let evaluation = self.may_deliver(scope, evaluation, template).await?;
        let template = self.template(template)?;
        checked_size(&name, bytes.len())?;
        let mut tx = self.store().begin(scope).await?;
        let access = ObjectAccess::department(evaluation.division, template.department);
        let filter = ImportFilter {
            evaluation: Some(evaluation.id),
            department: Some(template.department),
            file_digest: Some(Digest::of(&bytes)),
            ..ImportFilter::default()
        };
        let open = tx
            .read()
            .list_imports(&filter)
            .await?
            .into_iter()
            .find(|i| i.template == template.id && matches!(i.state, ImportState::Reading | ImportState::Waiting));
        if let Some(open) = open {
            tx.rollback().await?;
            if open.state == ImportState::Reading && !self.is_being_read(open.id) {
                self.spawn_reading(open.clone());
            }
            return self.import_view(scope, open).await;
        }
        let digest = tx.put_object(&bytes, access).await?;
        tx.insert_file(&NewStoredFile {
            digest,
            name: name.clone(),
            size: bytes.len() as u64,
            division: evaluation.division,
            firm: None,
            department: Some(template.department),
        })
        .await?;
        let import = tx
            .insert_import(&NewImport {
                evaluation: evaluation.id,
                division: evaluation.division,
                year: evaluation.year,
                template: template.id.clone(),
                department: template.department,
                file_digest: digest,
                file_name: name.clone(),
            })
            .await?;
        tx.audit(
            NewAudit::new("import.create", format!("import:{}", import.id), import.division)
                .with(json!({ "file": name, "digest": digest.hex(), "template": template.id, "bytes": bytes.len() })),
        );
        tx.commit().await?;
        self.spawn_reading(import.clone());
        self.import_view(scope, import).await
    }

    /// Puts a file aside, whether it waits or is still being read; nothing of it was taken.
    pub async fn withdraw_import(&self, scope: &Scope, id: i64, reason: &str) -> Result<ImportView> {
        let mut tx = self.store().begin(scope).await?;
        let mut import = tx.read().get_import(id).await?;
        self.deliverer(scope, import.department)?;
        if import.state != ImportState::Reading {
            waiting(&import)?;
        }
        let before = import.state;
        import.state = ImportState::Withdrawn;
        let import = tx.update_import(&import).await?;
        tx.audit(
            NewAudit::new("import.withdraw", format!("import:{id}"), import.division)
                .with(json!({ "reason": reason, "while": before.name() })),
        );
        tx.commit().await?;
        if before == ImportState::Reading {
            self.cancel_reading(id);
        }
        self.import_view(scope, import).await
    }

    /// The same workbook with bad cells marked and listed.
    pub async fn get_marked_copy(&self, scope: &Scope, id: i64) -> Result<Document> {
        let import = self.store().read(scope).get_import(id).await?;
        self.deliverer(scope, import.department)?;
        let report = self.stored_report(scope, &import).await?;
        let bytes = self.store().read(scope).get_object(import.file_digest).await?;
        let name = import.file_name.clone();
        let marked = tokio::task::spawn_blocking(move || {
            let marks: Vec<intake::CellMark> = report
                .marks
                .into_iter()
                .zip(report.faults)
                .map(|((sheet, row, column, reason), fault)| intake::CellMark {
                    sheet,
                    row,
                    column,
                    reason: intake::Wording::new(reason.zh, reason.en),
                    allowed: intake::Wording::new(fault.allowed.zh, fault.allowed.en),
                })
                .collect();
            intake::marked_copy(&bytes, &name, &marks, &Limits::default())
        })
        .await
        .map_err(Refusal::internal)?
        .map_err(Refusal::internal)?;
        let stem = import.file_name.rsplit_once('.').map_or(import.file_name.as_str(), |(s, _)| s);
        Ok(Document {
            name: format!("{stem}-标注.xlsx"),
            mime: XLSX,
            digest: Digest::of(&marked),
            bytes: marked,
            rows: None,
        })
    }

    async fn stored_report(&self, scope: &Scope, import: &Import) -> Result<Report> {
        let Some(digest) = import.report_digest else { return Ok(Report::default()) };
        let bytes = self.store().read(scope).get_object(digest).await?;
        serde_json::from_slice(&bytes).map_err(Refusal::internal)
    }

    /// The head of the report; of an import that has none of its own, taken from the report itself.
    async fn summary(&self, scope: &Scope, import: &Import) -> Result<Summary> {
        match &import.summary {
            Some(summary) => serde_json::from_value(summary.clone()).map_err(Refusal::internal),
            None => Ok(Summary::from(&self.stored_report(scope, import).await?)),
        }
    }

    /// Keeps a report with its import; the caller stores the import.
    async fn put_report(&self, tx: &mut store::Tx, import: &mut Import, report: &Report) -> Result<()> {
        let bytes = serde_json::to_vec(report).map_err(Refusal::internal)?;
        let access = ObjectAccess::department(import.division, import.department);
        import.report_digest = Some(tx.put_object(&bytes, access).await?);
        import.summary = Some(serde_json::to_value(Summary::from(report)).map_err(Refusal::internal)?);
        Ok(())
    }

    async fn import_view(&self, scope: &Scope, import: Import) -> Result<ImportView> {
        let evaluation = self.store().read(scope).get_evaluation(import.evaluation).await?;
        let report = self.stored_report(scope, &import).await?;
        let summary = Summary::from(&report);
        let head = self.import_head(scope, &evaluation, import, summary).await?;
        Ok(ImportView { faults: report.faults.into_iter().take(FAULTS_SHOWN).collect(), ..head })
    }

    /// An import without its bad cells.
    async fn import_head(
        &self,
        scope: &Scope,
        evaluation: &Evaluation,
        import: Import,
        summary: Summary,
    ) -> Result<ImportView> {
        let template = self.template(&import.template)?;
        let counts: ImportCounts = serde_json::from_value(import.counts.clone()).unwrap_or_default();
        let actions = self.import_actions(scope, evaluation, &import, &counts).await?;
        let signed = |by: Option<String>, at: Option<String>| by.zip(at).map(|(by, at)| Signed { by, at });
        Ok(ImportView {
            id: import.id,
            evaluation: import.evaluation,
            template: import.template.clone(),
            title: Label { zh: template.title.clone(), en: template.title_en.clone() },
            file: import.file_name.clone(),
            digest: import.file_digest.hex(),
            bytes: summary.bytes,
            state: import.state.name().to_owned(),
            progress: (import.state == ImportState::Reading).then(|| self.progress(import.id)),
            counts,
            refusal: summary.refusal,
            columns: summary.columns,
            notes: summary.notes,
            faults_total: summary.faults,
            faults: Vec::new(),
            created: Signed { by: import.created_by, at: import.created_at },
            accepted: signed(import.accepted_by, import.accepted_at),
            taken_back: signed(import.taken_back_by, import.taken_back_at),
            actions,
        })
    }

    async fn import_actions(
        &self,
        scope: &Scope,
        evaluation: &Evaluation,
        import: &Import,
        counts: &ImportCounts,
    ) -> Result<Vec<ActionView>> {
        if self.deliverer(scope, import.department).is_err() {
            return Ok(Vec::new());
        }
        let action = |action: &str, zh: &str, en: &str, blocked: Vec<Label>, needs_reason| ActionView {
            action: action.into(),
            title: Label { zh: zh.into(), en: en.into() },
            blocked_by: blocked,
            needs_reason,
        };
        Ok(match import.state {
            ImportState::Reading => vec![action("withdraw", "停止读取并撤回", "Stop and withdraw", Vec::new(), false)],
            ImportState::Waiting => {
                let doubts = self.store().read(scope).list_doubts(import.id).await?;
                let blocked = match doubts.iter().filter(|d| d.decision == Decision::Open).count() {
                    0 => Vec::new(),
                    n => {
                        vec![Label { zh: format!("还有 {n} 行待定"), en: format!("{n} rows are still in doubt") }]
                    }
                };
                vec![
                    action("accept", "采用", "Accept", blocked, counts.changed > 0),
                    action("withdraw", "撤回", "Withdraw", Vec::new(), false),
                ]
            }
            ImportState::Accepted if self.may_take_back(scope, evaluation) => {
                vec![action("take_back", "撤回已采用的文件", "Take back the accepted file", Vec::new(), true)]
            }
            _ => Vec::new(),
        })
    }

    pub(crate) fn template(&self, id: &str) -> Result<&Template> {
        self.law().templates.iter().find(|t| t.id == id).ok_or_else(|| {
            let known: Vec<&str> = self.law().templates.iter().map(|t| t.id.as_str()).collect();
            Refusal::invalid(
                "template",
                format!("没有模板“{id}”，可用：{}。", known.join("、")),
                format!("There is no template `{id}`; allowed: {}.", known.join(", ")),
            )
        })
    }

    /// The county's officer hands in for everyone, a department for itself.
    fn deliverer(&self, scope: &Scope, department: Department) -> Result<()> {
        match scope.role() {
            Role::CountyOfficer => Ok(()),
            Role::DepartmentOwner if scope.department() == Some(department) => Ok(()),
            _ if scope.is_system() => Ok(()),
            _ => Err(Refusal::forbidden()),
        }
    }
}

/// Content type of a workbook.
pub(crate) const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// Largest file that a department may hand in; reading has the same limit.
pub const UPLOAD_BYTES_MAX: usize = 64 << 20;

/// The refusal of a file beyond `most`, as far as its size is known.
pub fn too_large(bytes: u64, most: usize) -> Refusal {
    let most = most >> 20;
    let found = bytes.div_ceil(1 << 20);
    Refusal::new(
        Kind::TooLarge,
        "upload_too_large",
        format!("文件太大：至少 {found} MB，最多 {most} MB。请删除无关的工作表和图片，或分成几个文件上传。"),
        format!(
            "The file is too large: at least {found} MB, {most} MB are allowed. Remove unrelated sheets and pictures, or send it in parts."
        ),
    )
}

fn checked_size(name: &str, bytes: usize) -> Result<()> {
    if bytes == 0 {
        return Err(Refusal::invalid(
            "empty_file",
            format!(
                "文件“{name}”是空的（0 字节），没有任何内容；请上传含有表头和数据的 .xlsx、.xls、.ods 或 .csv 文件。"
            ),
            format!("The file `{name}` is empty (0 bytes); allowed: .xlsx, .xls, .ods or .csv with heads and rows."),
        ));
    }
    match bytes > UPLOAD_BYTES_MAX {
        true => Err(too_large(bytes as u64, UPLOAD_BYTES_MAX)),
        false => Ok(()),
    }
}

fn waiting(import: &Import) -> Result<()> {
    in_state(import, ImportState::Waiting, "import_not_waiting")
}

fn in_state(import: &Import, wanted: ImportState, code: &str) -> Result<()> {
    if import.state == wanted {
        return Ok(());
    }
    let (state, wanted) = (state_label(import.state), state_label(wanted));
    Err(Refusal::new(
        Kind::Conflict,
        code,
        format!("该文件处于“{}”状态，不能这样处理；只有“{}”的文件可以。", state.zh, wanted.zh),
        format!("The file is `{}`; only one that is `{}` allows this.", state.en, wanted.en),
    ))
}

fn state_label(state: ImportState) -> Label {
    let zh = match state {
        ImportState::Reading => "读取中",
        ImportState::Waiting => "待处理",
        ImportState::Accepted => "已采用",
        ImportState::Withdrawn => "已撤回",
        ImportState::Refused => "整份退回",
        ImportState::TakenBack => "采用后撤回",
    };
    Label { zh: zh.into(), en: state.name().replace('_', " ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_handed_in_may_be_read() {
        assert_eq!(Limits::default().file_bytes, UPLOAD_BYTES_MAX as u64);
    }
}
