//! Departments' files: handed in, read in the background, settled, accepted in one transaction.
//!
//! The file itself is kept before anything is read, and every step can be repeated from it: a
//! process that is killed goes on reading at the next start, and nothing accepted is ever lost.

use crate::{
    Document, Refusal, Result, Services,
    evaluations::Deed,
    firms::required,
    interpret::{self, Context, Interpreted, Known, Said, interpret},
    refusal::Kind,
    views::{ActionView, Doubt, FaultView, ImportColumn, ImportCounts, ImportView, Label, Progress, Signed},
};
use base::{Department, Digest, DivisionCode, Role, Scope};
use intake::{Expected, KnownFirm, Limits, Matcher, Reading};
use law::Template;
use law::template::Subject;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::{collections::HashMap, ops::ControlFlow, sync::Arc};
use store::{
    BatchMeta, Coverage, Decision, Import, ImportFilter, ImportState, NewAudit, NewDoubt, NewImport, NewSegment,
    NewStoredFile, ObjectAccess, SegmentKind,
};

/// Faults that a page shows; the marked copy holds all of them.
const FAULTS_SHOWN: usize = 500;

/// What is kept of a reading, as an object.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Report {
    columns: Vec<ImportColumn>,
    notes: Vec<LabelRecord>,
    refusal: Option<FaultView>,
    faults: Vec<FaultView>,
    marks: Vec<(Option<String>, u32, u32, LabelRecord)>,
    bytes: u64,
}

type LabelRecord = Label;

/// The register as matching needs it, made anew when firms change.
pub(crate) struct Register {
    matcher: Matcher,
    known: Known,
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
        let filter = ImportFilter { evaluation: Some(evaluation), ..ImportFilter::default() };
        let imports = self.store().read(scope).list_imports(&filter).await?;
        let mut views = Vec::with_capacity(imports.len());
        for import in imports {
            views.push(self.import_view(scope, import).await?);
        }
        Ok(views)
    }

    /// One import.
    pub async fn get_import(&self, scope: &Scope, id: i64) -> Result<ImportView> {
        let import = self.store().read(scope).get_import(id).await?;
        self.import_view(scope, import).await
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
        let template = self.template(template)?;
        let evaluation = self.store().read(scope).get_evaluation(evaluation).await?;
        self.deliverer(scope, template.department)?;
        self.permits(scope, &evaluation, Deed::Deliver).await?;
        if bytes.is_empty() {
            return Err(Refusal::invalid(
                "empty_file",
                format!("文件“{name}”是空的（0 字节），没有任何内容；请上传含有表头和数据的 .xlsx、.xls、.ods 或 .csv 文件。"),
                format!("The file `{name}` is empty (0 bytes); allowed: .xlsx, .xls, .ods or .csv with heads and rows."),
            ));
        }
        if bytes.len() > UPLOAD_BYTES_MAX {
            return Err(too_large(bytes.len() as u64));
        }
        let mut tx = self.store().begin(scope).await?;
        let access = ObjectAccess::department(evaluation.division, template.department);
        let filter = ImportFilter {
            evaluation: Some(evaluation.id),
            department: Some(template.department),
            file_digest: Some(Digest::of(&bytes)),
            ..ImportFilter::default()
        };
        let open = tx.read().list_imports(&filter).await?.into_iter().find(|i| {
            i.template == template.id && matches!(i.state, ImportState::Reading | ImportState::Waiting)
        });
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

    /// Reads on after a restart whatever was being read when the process ended.
    pub async fn resume_imports(&self) -> Result<usize> {
        let scope = Scope::system("imports", self.settings().root);
        let filter = ImportFilter { state: Some(ImportState::Reading), ..ImportFilter::default() };
        let waiting = self.store().read(&scope).list_imports(&filter).await?;
        let count = waiting.len();
        waiting.into_iter().for_each(|import| self.spawn_reading(import));
        Ok(count)
    }

    fn spawn_reading(&self, import: Import) {
        let services = self.clone();
        self.set_progress(import.id, Progress { stage: "reading".into(), done: 0, total: 0 });
        tokio::spawn(async move {
            let id = import.id;
            if let Err(error) = services.read_import(import).await {
                tracing::error!(import = id, %error, cause = error.cause.as_deref(), "an import could not be read");
                if let Err(error) = services.fail_import(id, &error).await {
                    tracing::error!(import = id, %error, "and could not be marked as refused");
                }
            }
            services.clear_progress(id);
        });
    }

    async fn fail_import(&self, id: i64, error: &Refusal) -> Result<()> {
        let scope = Scope::system("imports", self.settings().root);
        let mut import = self.store().read(&scope).get_import(id).await?;
        if import.state != ImportState::Reading {
            return Ok(());
        }
        let refusal = FaultView {
            sheet: None,
            cell: String::new(),
            value: String::new(),
            code: error.code.clone(),
            message: error.message.clone(),
            allowed: Label::default(),
        };
        let report = Report { refusal: Some(refusal), ..Report::default() };
        let mut tx = self.store().begin(&scope).await?;
        let access = ObjectAccess::department(import.division, import.department);
        let bytes = serde_json::to_vec(&report).map_err(Refusal::internal)?;
        import.report_digest = Some(tx.put_object(&bytes, access).await?);
        import.state = ImportState::Refused;
        tx.update_import(&import).await?;
        tx.audit(
            NewAudit::new("import.refuse", format!("import:{id}"), import.division).with(json!({ "code": error.code })),
        );
        Ok(tx.commit().await?)
    }

    /// Reads, matches and compares; the import then waits for decisions.
    async fn read_import(&self, import: Import) -> Result<()> {
        let scope = Scope::system("imports", self.settings().root);
        let bytes = self.store().read(&scope).get_object(import.file_digest).await?;
        let size = bytes.len() as u64;
        let read = self.reading_of(&import, bytes).await?;
        let mut import = self.store().read(&scope).get_import(import.id).await?;
        let access = ObjectAccess::department(import.division, import.department);
        let (report, doubts) = match read {
            Err(fault) => {
                let place = fault.place();
                let wording = fault.wording();
                let refusal = FaultView {
                    sheet: place.and_then(|p| p.sheet.clone()),
                    cell: place.map(intake::CellPlace::address).unwrap_or_default(),
                    value: String::new(),
                    code: fault.code().to_owned(),
                    message: interpret::label(&wording),
                    allowed: Label::default(),
                };
                import.state = ImportState::Refused;
                (Report { refusal: Some(refusal), bytes: size, ..Report::default() }, Vec::new())
            }
            Ok(reading) => {
                self.set_progress(import.id, Progress { stage: "matching".into(), done: 0, total: 0 });
                let (result, diff, _) = self.compared(&scope, &import, &reading, HashMap::new()).await?;
                import.counts = serde_json::to_value(with_diff(&result.counts, &diff)).map_err(Refusal::internal)?;
                import.state = ImportState::Waiting;
                let report = self.report(&reading, &result, size);
                (report, result.doubts)
            }
        };
        let bytes = serde_json::to_vec(&report).map_err(Refusal::internal)?;
        let mut tx = self.store().begin(&scope).await?;
        // Another process may have read it meanwhile: what that one stored is as good.
        if tx.read().get_import(import.id).await?.state != ImportState::Reading {
            return Ok(tx.rollback().await?);
        }
        import.report_digest = Some(tx.put_object(&bytes, access).await?);
        let rows: Vec<NewDoubt> = doubts
            .iter()
            .map(|d| Ok(NewDoubt { row: d.id as u32, payload: serde_json::to_value(d).map_err(Refusal::internal)? }))
            .collect::<Result<_>>()?;
        if !rows.is_empty() {
            tx.insert_doubts(import.id, &rows).await?;
        }
        tx.audit(
            NewAudit::new("import.read", format!("import:{}", import.id), import.division)
                .with(json!({ "state": import.state.name(), "counts": import.counts })),
        );
        tx.update_import(&import).await?;
        Ok(tx.commit().await?)
    }

    /// The reading of a file, from memory when it was read before.
    async fn reading_of(&self, import: &Import, bytes: Vec<u8>) -> Result<Result<Arc<Reading>, intake::FileFault>> {
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
                services.set_progress(import.id, Progress { stage, done: p.done, total: p.total });
                ControlFlow::Continue(())
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

    /// Interprets a reading under decisions and compares it with what is known; also the place of the
    /// last segment that it was compared with.
    async fn compared(
        &self,
        scope: &Scope,
        import: &Import,
        reading: &Arc<Reading>,
        said: HashMap<i64, Said>,
    ) -> Result<(Interpreted, store::FactDiff, i64)> {
        let register = self.register(import.division).await?;
        let view = self.store().read(scope).facts(import.division, import.year).await?;
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
            let diff = view.diff(&result.batch, coverage(template)).map_err(store::StoreError::from)?;
            Ok((result, diff, view.last_sequence()))
        })
        .await
        .map_err(Refusal::internal)?
    }

    /// Rows in doubt.
    pub async fn list_doubts(&self, scope: &Scope, id: i64) -> Result<Vec<Doubt>> {
        let import = self.store().read(scope).get_import(id).await?;
        self.deliverer(scope, import.department)?;
        let doubts = self.store().read(scope).list_doubts(id).await?;
        doubts.into_iter().map(doubt_view).collect()
    }

    /// Says which firm a row is, that it is none, or takes that back.
    pub async fn settle_doubt(&self, scope: &Scope, id: i64, doubt: i64, choose: Option<&str>) -> Result<Doubt> {
        let import = self.store().read(scope).get_import(id).await?;
        self.deliverer(scope, import.department)?;
        waiting(&import)?;
        let row = u32::try_from(doubt).map_err(|_| Refusal::not_found("待定行", "doubtful row", doubt))?;
        let doubts = self.store().read(scope).list_doubts(id).await?;
        let known = doubts
            .into_iter()
            .find(|d| d.row == row)
            .ok_or_else(|| Refusal::not_found("待定行", "doubtful row", doubt))?;
        let view = doubt_view(known)?;
        let decision = match choose {
            None | Some("") => Decision::Open,
            Some("none") => Decision::NoFirm,
            Some(text) => {
                let firm = view.candidates.iter().find(|c| c.firm.to_string() == text).map(|c| c.firm);
                Decision::Firm(firm.ok_or_else(|| {
                    let allowed: Vec<String> = view.candidates.iter().map(|c| c.firm.to_string()).collect();
                    Refusal::invalid(
                        "not_a_candidate",
                        format!("“{text}”不在候选企业之中，可选：{}、none。", allowed.join("、")),
                        format!("`{text}` is no candidate; allowed: {}, none.", allowed.join(", ")),
                    )
                })?)
            }
        };
        let mut tx = self.store().begin(scope).await?;
        waiting(&tx.read().get_import(id).await?)?;
        let decided = tx.decide_doubt(id, row, decision).await?;
        tx.audit(
            NewAudit::new("import.settle", format!("import:{id}"), import.division)
                .with(json!({ "doubt": doubt, "choose": choose })),
        );
        tx.commit().await?;
        doubt_view(decided)
    }

    /// Takes the file's facts: everything that changes, or nothing.
    pub async fn accept_import(&self, scope: &Scope, id: i64, reason: &str) -> Result<ImportView> {
        let mut import = self.store().read(scope).get_import(id).await?;
        self.deliverer(scope, import.department)?;
        waiting(&import)?;
        let evaluation = self.store().read(scope).get_evaluation(import.evaluation).await?;
        self.permits(scope, &evaluation, Deed::Deliver).await?;
        let system = Scope::system("imports", self.settings().root);
        let doubts = self.store().read(&system).list_doubts(id).await?;
        let open = doubts.iter().filter(|d| d.decision == Decision::Open).count();
        if open > 0 {
            return Err(Refusal::new(
                Kind::Conflict,
                "doubts_open",
                format!("还有 {open} 行没有确定是哪家企业，请先逐行处理。"),
                format!("{open} rows are still in doubt; settle them first."),
            ));
        }
        let said: HashMap<i64, Said> = doubts
            .iter()
            .filter_map(|d| match d.decision {
                Decision::Firm(firm) => Some((i64::from(d.row), Said::Firm(firm))),
                Decision::NoFirm => Some((i64::from(d.row), Said::None)),
                Decision::Open => None,
            })
            .collect();
        let bytes = self.store().read(&system).get_object(import.file_digest).await?;
        let size = bytes.len() as u64;
        let reading = self.reading_of(&import, bytes).await?.map_err(|fault| {
            let wording = fault.wording();
            Refusal::invalid(fault.code(), wording.zh, wording.en)
        })?;
        let (counts, report, encoded, mut tx) = loop {
            let (result, diff, compared_with) = self.compared(&system, &import, &reading, said.clone()).await?;
            let counts = with_diff(&result.counts, &diff);
            if counts.changed > 0 {
                required(reason)?;
            }
            let report = self.report(&reading, &result, size);
            let report = serde_json::to_vec(&report).map_err(Refusal::internal)?;
            let encoded = match diff.batch.is_empty() {
                true => None,
                false => Some(diff.batch.encode().map_err(store::StoreError::from)?),
            };
            let tx = self.store().begin(scope).await?;
            // Facts that came in since would make the difference wrong: it is taken again.
            if tx.read().last_sequence(import.division, import.year).await? == compared_with {
                break (counts, report, encoded, tx);
            }
            tx.rollback().await?;
        };
        // What was asked before the work is asked again where nobody can come between.
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
        if let Some(encoded) = &encoded {
            let segment = NewSegment {
                division: import.division,
                year: import.year,
                kind: SegmentKind::Import,
                reason: reason.trim().to_owned(),
            };
            import.segment = Some(tx.insert_segment(&segment, encoded).await?.sequence);
        }
        let access = ObjectAccess::department(import.division, import.department);
        import.report_digest = Some(tx.put_object(&report, access).await?);
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
        self.import_view(scope, import).await
    }

    /// Puts a file aside; nothing of it was taken.
    pub async fn withdraw_import(&self, scope: &Scope, id: i64, reason: &str) -> Result<ImportView> {
        let mut import = self.store().read(scope).get_import(id).await?;
        self.deliverer(scope, import.department)?;
        waiting(&import)?;
        import.state = ImportState::Withdrawn;
        let mut tx = self.store().begin(scope).await?;
        let import = tx.update_import(&import).await?;
        tx.audit(
            NewAudit::new("import.withdraw", format!("import:{id}"), import.division).with(json!({ "reason": reason })),
        );
        tx.commit().await?;
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

    fn report(&self, reading: &Reading, result: &Interpreted, bytes: u64) -> Report {
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
        Report {
            columns,
            notes: reading.notes.iter().map(|n| interpret::label(&n.wording)).collect(),
            refusal: None,
            faults: result.faults.clone(),
            marks: result.marks.clone(),
            bytes,
        }
    }

    async fn import_view(&self, scope: &Scope, import: Import) -> Result<ImportView> {
        let report = self.stored_report(scope, &import).await?;
        let template = self.template(&import.template)?;
        let counts: ImportCounts = serde_json::from_value(import.counts.clone()).unwrap_or_default();
        let action = |action: &str, zh: &str, en: &str, blocked: Vec<Label>, needs_reason| ActionView {
            action: action.into(),
            title: Label { zh: zh.into(), en: en.into() },
            blocked_by: blocked,
            needs_reason,
        };
        let actions = match import.state {
            ImportState::Waiting if self.deliverer(scope, import.department).is_ok() => {
                let doubts = self.store().read(scope).list_doubts(import.id).await?;
                let open = doubts.iter().filter(|d| d.decision == Decision::Open).count();
                let blocked = match open {
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
            _ => Vec::new(),
        };
        Ok(ImportView {
            id: import.id,
            evaluation: import.evaluation,
            template: import.template.clone(),
            title: Label { zh: template.title.clone(), en: template.title_en.clone() },
            file: import.file_name.clone(),
            digest: import.file_digest.hex(),
            bytes: report.bytes,
            state: import.state.name().to_owned(),
            progress: (import.state == ImportState::Reading).then(|| self.progress(import.id)),
            counts,
            refusal: report.refusal,
            columns: report.columns,
            notes: report.notes,
            faults_total: report.faults.len() as u64,
            faults: report.faults.into_iter().take(FAULTS_SHOWN).collect(),
            created: Signed { by: import.created_by.clone(), at: import.created_at.clone() },
            accepted: import.accepted_by.clone().zip(import.accepted_at.clone()).map(|(by, at)| Signed { by, at }),
            actions,
        })
    }

    /// The register of a county with the whole region behind it, so that a firm of another county is
    /// told from one that nobody knows.
    pub(crate) async fn register(&self, division: DivisionCode) -> Result<Arc<Register>> {
        let scope = Scope::system("register", self.settings().root);
        let stamp = self.store().read(&scope).last_firm_version().await?;
        if let Some(register) = self.cached_register(division, stamp) {
            return Ok(register);
        }
        let firms = self.store().read(&scope).firms_of_division(self.settings().root).await?;
        let mut former: HashMap<i64, Vec<String>> = HashMap::new();
        for firm in firms.iter().filter(|f| f.division == division) {
            let versions = self.store().read(&scope).firm_versions(firm.id).await?;
            let names = versions.into_iter().map(|v| v.firm.name).filter(|n| *n != firm.name).collect::<Vec<_>>();
            if !names.is_empty() {
                former.insert(firm.id, names);
            }
        }
        let register = tokio::task::spawn_blocking(move || {
            let mut known = Known::new();
            let mut list = Vec::with_capacity(firms.len());
            for firm in firms {
                let address = firm.address.clone().unwrap_or_default();
                known.insert(firm.id, (firm.name.clone(), firm.credit_code.clone(), address.clone()));
                let Some(code) = firm.credit_code.as_deref().and_then(|c| c.parse().ok()) else { continue };
                let mut names = vec![firm.name.clone()];
                names.extend(former.remove(&firm.id).unwrap_or_default());
                list.push(KnownFirm {
                    id: firm.id,
                    credit_code: code,
                    former_codes: Vec::new(),
                    names,
                    address,
                    division: firm.division,
                    town: firm.town.clone().unwrap_or_default(),
                });
            }
            Register { matcher: Matcher::new(division, &list), known }
        })
        .await
        .map_err(Refusal::internal)?;
        Ok(self.keep_register(division, stamp, register))
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

/// The refusal of a file beyond [`UPLOAD_BYTES_MAX`], as far as its size is known.
pub fn too_large(bytes: u64) -> Refusal {
    let most = UPLOAD_BYTES_MAX >> 20;
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

fn waiting(import: &Import) -> Result<()> {
    if import.state == ImportState::Waiting {
        return Ok(());
    }
    let state = import.state.name();
    Err(Refusal::new(
        Kind::Conflict,
        "import_not_waiting",
        format!("该文件处于“{state}”状态，不能再处理；只有等待处理（waiting）的文件可以。"),
        format!("The file is `{state}`; only one that is `waiting` can be settled."),
    ))
}

/// The land register is complete: what it no longer names has ended. Other files add or correct.
fn coverage(template: &Template) -> Coverage {
    let land = template.tables.iter().any(|t| matches!(t.subject, Subject::Parcel | Subject::Lease));
    if land { Coverage::Whole } else { Coverage::Named }
}

fn with_diff(counts: &ImportCounts, diff: &store::FactDiff) -> ImportCounts {
    ImportCounts {
        new: diff.new as u64,
        changed: (diff.changed + diff.retracted) as u64,
        unchanged: diff.unchanged as u64,
        ..counts.clone()
    }
}

fn doubt_view(doubt: store::Doubt) -> Result<Doubt> {
    let mut view: Doubt = serde_json::from_value(doubt.payload).map_err(Refusal::internal)?;
    view.decision = match doubt.decision {
        Decision::Open => None,
        Decision::NoFirm => Some("none".to_owned()),
        Decision::Firm(firm) => Some(firm.to_string()),
    };
    Ok(view)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_handed_in_may_be_read() {
        assert_eq!(Limits::default().file_bytes, UPLOAD_BYTES_MAX as u64);
    }
}
