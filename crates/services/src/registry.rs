//! Writing the register of firms: one firm entered or edited, or a file with many of them. Nothing is
//! overwritten: each change is a new version of the firm's row with its reason, and a file is taken as a
//! whole or not at all.

use crate::{
    Refusal, Result, Services,
    firms::{registrar, required},
    interpret,
    requests::FirmFields,
    views::{FaultView, FirmDetail, FirmsReport, Label},
};
use base::{CreditCode, Department, Digest, DivisionCode, Scope, division::Level};
use intake::{CellFault, CellPlace, CodeCell, Expected, Limits, Reading, TableReading, Values};
use jiff::civil::Date;
use law::{
    Template,
    place::Place,
    template::{Column, ColumnRole, Duplicates, Kind, Subject, Table},
};
use serde_json::json;
use std::{collections::BTreeMap, ops::ControlFlow};
use store::{Firm, FirmStatus, NewAudit, NewFirm, ObjectAccess, Tx, VersionNote};

/// Faults that a report shows; their number is always stated.
const FAULTS_SHOWN: usize = 500;

/// Marks between several former names in one cell.
const BETWEEN_NAMES: [char; 6] = ['、', ';', '；', ',', '，', '\n'];

/// Columns of the registry's file: role, head, other heads, kind of cells, whether the file must have it.
const COLUMNS: [(&str, &str, &[&str], Kind, bool); 9] = [
    ("credit_code", "统一社会信用代码", &["社会信用代码", "信用代码", "credit_code"], Kind::Text, true),
    ("name", "企业名称", &["单位名称", "名称", "name"], Kind::Text, true),
    ("former_names", "曾用名", &["曾用名称", "原名称", "former_names"], Kind::Text, false),
    ("division", "行政区划", &["区划代码", "行政区划代码", "县（市、区）", "division"], Kind::Text, false),
    ("town", "乡镇街道", &["镇街", "乡镇（街道）", "所属镇街", "园区", "town"], Kind::Text, false),
    ("address", "地址", &["经营地址", "住所", "详细地址", "address"], Kind::Text, false),
    ("industry", "行业代码", &["国民经济行业代码", "行业小类代码", "industry"], Kind::Text, false),
    ("founded", "成立日期", &["成立时间", "注册日期", "founded"], Kind::Date, false),
    ("", "序号", &["编号"], Kind::Text, false),
];

/// What is wrong with one field.
struct Wrong {
    field: &'static str,
    value: String,
    code: &'static str,
    /// What is wrong, and what is allowed.
    says: Box<(Label, Label)>,
}

/// A firm as it should be, and the names it had before.
struct Wanted {
    firm: NewFirm,
    former: Vec<String>,
}

/// What a row of a file comes to.
enum Plan {
    New(Wanted),
    Changed(Firm, Wanted),
    Same,
}

impl Services {
    /// Enters one firm.
    pub async fn register_firm(&self, scope: &Scope, fields: FirmFields, reason: &str) -> Result<FirmDetail> {
        registrar(scope)?;
        let reason = required(reason)?;
        let wanted = self.wanted(scope, None, &fields).map_err(refusal)?;
        let mut tx = self.store().begin(scope).await?;
        let note = self.note(reason, scope);
        let division = wanted.firm.division;
        let id = enter(&mut tx, &wanted, &note).await?;
        tx.audit(
            NewAudit::new("firm.register", format!("firm:{id}"), division)
                .with(json!({ "firm": wanted.firm, "former_names": wanted.former, "reason": reason })),
        );
        tx.commit().await?;
        self.get_firm(scope, id).await
    }

    /// Edits one firm: fields that are given replace, an empty text erases, the others stay.
    pub async fn edit_firm(&self, scope: &Scope, id: i64, fields: FirmFields, reason: &str) -> Result<FirmDetail> {
        registrar(scope)?;
        let reason = required(reason)?;
        let mut tx = self.store().begin(scope).await?;
        let before = tx.read().get_firm(id).await?;
        let wanted = self.wanted(scope, Some(&before), &fields).map_err(refusal)?;
        let changes = differences(&before.editable(), &wanted.firm);
        if changes.is_empty() {
            return Err(Refusal::invalid(
                "nothing_changed",
                "没有任何改动。",
                "Nothing differs from what is registered.",
            ));
        }
        tx.update_firm(id, &wanted.firm, before.status, &self.note(reason, scope)).await?;
        tx.audit(
            NewAudit::new("firm.edit", format!("firm:{id}"), before.division)
                .with(json!({ "changes": changes, "reason": reason })),
        );
        tx.commit().await?;
        self.get_firm(scope, id).await
    }

    /// Takes in a file of firms, as a whole or not at all; with `dry_run` it only tells what would happen.
    pub async fn import_firms(
        &self,
        scope: &Scope,
        file: &str,
        bytes: Vec<u8>,
        reason: &str,
        dry_run: bool,
    ) -> Result<FirmsReport> {
        registrar(scope)?;
        let digest = Digest::of(&bytes);
        let (bytes, reading) = self.read_firms(file, bytes).await?;
        let mut tx = self.store().begin(scope).await?;
        let mut report = FirmsReport { file: file.to_owned(), digest: digest.hex(), ..FirmsReport::default() };
        let mut plans = Vec::new();
        for table in &reading.tables {
            self.plan_table(scope, table, &reading, &mut report, &mut plans).await?;
        }
        report.faults_total = report.faults.len() as u64 + reading.faults_left_out;
        report.faults.truncate(FAULTS_SHOWN);
        let takes = report.faults_total == 0 && report.new + report.changed > 0;
        if dry_run || !takes {
            tx.rollback().await?;
            return Ok(report);
        }
        let reason = if report.changed > 0 { required(reason)? } else { reason.trim() };
        let note = VersionNote {
            valid_from: self.store().now()[..10].to_owned(),
            reason: if reason.is_empty() { "登记".to_owned() } else { reason.to_owned() },
            source: format!("{file} {}", digest.hex()),
        };
        carry_out(&mut tx, plans, &note).await?;
        tx.put_object(&bytes, ObjectAccess::office(scope.region())).await?;
        tx.audit(NewAudit::new("firms.import", "registry", scope.region()).with(json!({
            "file": file, "digest": digest.hex(), "rows": report.rows, "new": report.new,
            "changed": report.changed, "same": report.same, "reason": reason,
        })));
        tx.commit().await?;
        report.applied = true;
        Ok(report)
    }

    async fn read_firms(&self, file: &str, bytes: Vec<u8>) -> Result<(Vec<u8>, Reading)> {
        let (services, name, today) = (self.clone(), file.to_owned(), self.today()?);
        let (bytes, read) = tokio::task::spawn_blocking(move || {
            let (template, expected) = (template(), Expected { today, year: None });
            let units = &services.law().units;
            let mut go_on = |_: intake::Progress| ControlFlow::Continue(());
            let read = intake::read(&bytes, &name, &template, units, &expected, &Limits::default(), &mut go_on);
            (bytes, read)
        })
        .await
        .map_err(Refusal::internal)?;
        let reading = read.map_err(|fault| {
            let (wording, place) = (fault.wording(), fault.place().map(CellPlace::address).unwrap_or_default());
            Refusal::invalid(fault.code(), format!("{place} {}", wording.zh), format!("{place} {}", wording.en))
        })?;
        Ok((bytes, reading))
    }

    /// Compares the rows of a table with the register; each ends in exactly one count.
    async fn plan_table(
        &self,
        scope: &Scope,
        table: &TableReading,
        reading: &Reading,
        report: &mut FirmsReport,
        plans: &mut Vec<Plan>,
    ) -> Result<()> {
        let mut bad: BTreeMap<u32, Vec<FaultView>> = BTreeMap::new();
        for fault in reading.faults.iter().filter(|f| f.at.sheet == table.sheet) {
            bad.entry(fault.at.row).or_default().push(of_reading(fault));
        }
        for (index, row) in table.rows.iter().enumerate() {
            report.rows += 1;
            let mut faults = bad.remove(row).unwrap_or_default();
            if faults.is_empty() && !table.refused[index] {
                match self.plan_row(scope, table, index).await? {
                    Ok(plan) => {
                        match &plan {
                            Plan::New(_) => report.new += 1,
                            Plan::Changed(..) => report.changed += 1,
                            Plan::Same => report.same += 1,
                        }
                        plans.push(plan);
                        continue;
                    }
                    Err(wrong) => faults.extend(wrong.into_iter().map(|w| placed(table, *row, w))),
                }
            }
            report.refused += 1;
            report.faults.extend(faults);
        }
        report.faults.extend(bad.into_values().flatten());
        Ok(())
    }

    async fn plan_row(&self, scope: &Scope, table: &TableReading, index: usize) -> Result<Result<Plan, Vec<Wrong>>> {
        let fields = match fields_of(table, index) {
            Ok(fields) => fields,
            Err(wrong) => return Ok(Err(vec![wrong])),
        };
        let code = fields.credit_code.clone().unwrap_or_default();
        // The whole register, not what this person sees: a code is nobody else's either.
        let everywhere = Scope::system("register", self.settings().root);
        let before = self.store().read(&everywhere).find_firm_by_code(&code).await?;
        if let Some(elsewhere) = before.as_ref().filter(|f| !scope.sees_division(f.division)) {
            return Ok(Err(vec![self.registered_elsewhere(&code, elsewhere.division)]));
        }
        if let Some(joined) = before.as_ref().filter(|f| f.credit_code.as_deref() != Some(&code)) {
            return Ok(Err(vec![joined_into(&code, joined)]));
        }
        let wanted = match self.wanted(scope, before.as_ref(), &fields) {
            Ok(wanted) => wanted,
            Err(wrong) => return Ok(Err(wrong)),
        };
        let Some(before) = before else { return Ok(Ok(Plan::New(wanted))) };
        let versions = self.store().read(&everywhere).firm_versions(before.id).await?;
        let former: Vec<String> = wanted
            .former
            .into_iter()
            .filter(|name| *name != wanted.firm.name && versions.iter().all(|v| v.firm.name != *name))
            .collect();
        let same = former.is_empty() && before.editable() == wanted.firm;
        Ok(Ok(if same { Plan::Same } else { Plan::Changed(before, Wanted { former, firm: wanted.firm }) }))
    }

    fn registered_elsewhere(&self, code: &str, division: DivisionCode) -> Wrong {
        let name = self.law().divisions.name(division);
        wrong(
            "credit_code",
            code,
            "registered_elsewhere",
            (&format!("该代码已登记在{name}"), &format!("this code is registered in {name}")),
            ("本辖区企业的代码", "the code of a firm of one's own region"),
        )
    }

    /// The firm that the fields make of the one before, or everything that is wrong with them.
    fn wanted(&self, scope: &Scope, before: Option<&Firm>, fields: &FirmFields) -> Result<Wanted, Vec<Wrong>> {
        let mut faults = Vec::new();
        let mut keep = |checked: Result<Option<String>, Wrong>, old: Option<String>, given: bool| match checked {
            Ok(value) if given => value,
            Ok(_) => old,
            Err(wrong) => {
                faults.push(wrong);
                None
            }
        };
        let old = before.map(Firm::editable);
        let of = |pick: fn(&NewFirm) -> Option<String>| old.as_ref().and_then(pick);
        let credit_code =
            keep(code_of(&fields.credit_code), of(|f| f.credit_code.clone()), fields.credit_code.is_some());
        let name = keep(name_of(&fields.name), of(|f| Some(f.name.clone())), fields.name.is_some());
        let town = keep(Ok(text_of(&fields.town)), of(|f| f.town.clone()), fields.town.is_some());
        let address = keep(Ok(text_of(&fields.address)), of(|f| f.address.clone()), fields.address.is_some());
        let industry = keep(self.industry_of(&fields.industry), of(|f| f.industry.clone()), fields.industry.is_some());
        let founded = keep(self.founded_of(&fields.founded), of(|f| f.founded.clone()), fields.founded.is_some());
        let division = match (text_of(&fields.division), &old) {
            (None, Some(old)) => Ok(old.division),
            (text, _) => self.county_of(scope, text.as_deref()),
        };
        let division = division.map_err(|wrong| faults.push(wrong)).ok();
        if name.is_none() && faults.iter().all(|f| f.field != "name") {
            faults.push(missing("name"));
        }
        let (Some(division), Some(name), true) = (division, name, faults.is_empty()) else { return Err(faults) };
        let firm = NewFirm {
            credit_code,
            name,
            division,
            town,
            address,
            industry,
            founded,
            in_construction: old.as_ref().is_some_and(|f| f.in_construction),
            risen_from: old.as_ref().and_then(|f| f.risen_from),
        };
        Ok(Wanted { firm, former: former_of(&fields.former_names) })
    }

    fn industry_of(&self, field: &Option<String>) -> Result<Option<String>, Wrong> {
        let Some(code) = text_of(field) else { return Ok(None) };
        if code.len() == 4 && self.law().industries.get(&code).is_some() {
            return Ok(Some(code));
        }
        Err(wrong(
            "industry",
            &code,
            "industry",
            ("不是国民经济行业小类代码", "this is no class of GB/T 4754"),
            ("GB/T 4754 四位小类代码", "a class of GB/T 4754, four digits"),
        ))
    }

    fn founded_of(&self, field: &Option<String>) -> Result<Option<String>, Wrong> {
        let Some(text) = text_of(field) else { return Ok(None) };
        let today = self.today().unwrap_or(Date::MAX);
        match text.parse::<Date>() {
            Ok(day) if day <= today => Ok(Some(day.to_string())),
            _ => Err(wrong(
                "founded",
                &text,
                "founded",
                ("不是今天或以前的日期", "this is no day up to today"),
                ("如 2019-05-01，不晚于今天", "such as 2019-05-01, not after today"),
            )),
        }
    }

    /// The county of a code or name; the person's own county when nothing is said.
    fn county_of(&self, scope: &Scope, text: Option<&str>) -> Result<DivisionCode, Wrong> {
        let counties = || self.law().divisions.below(scope.region(), Level::County);
        let found = match text {
            None if scope.region().level() == Level::County => Some(scope.region()),
            None => None,
            Some(text) => counties().find(|d| d.code.to_string() == text || d.name == text).map(|d| d.code),
        };
        found.ok_or_else(|| {
            wrong(
                "division",
                text.unwrap_or_default(),
                "division",
                ("不是本辖区的县（市、区）", "this is no county of one's own region"),
                ("本辖区的六位区划代码或名称", "code or name of a county of one's own region"),
            )
        })
    }
}

/// Enters a firm under its oldest name and gives it its later ones in their order.
async fn enter(tx: &mut Tx, wanted: &Wanted, note: &VersionNote) -> Result<i64> {
    let names: Vec<&String> = wanted.former.iter().filter(|n| **n != wanted.firm.name).collect();
    let Some(first) = names.first() else { return Ok(tx.insert_firm(&wanted.firm, note).await?) };
    let since = wanted.firm.founded.clone().unwrap_or_else(|| note.valid_from.clone());
    let oldest = NewFirm { name: (*first).clone(), ..wanted.firm.clone() };
    let id = tx.insert_firm(&oldest, &VersionNote { valid_from: since, ..note.clone() }).await?;
    for name in names[1..].iter().copied().chain([&wanted.firm.name]) {
        let next = NewFirm { name: name.clone(), ..wanted.firm.clone() };
        tx.update_firm(id, &next, FirmStatus::Active, note).await?;
    }
    Ok(id)
}

async fn carry_out(tx: &mut Tx, plans: Vec<Plan>, note: &VersionNote) -> Result<()> {
    let mut plain = Vec::new();
    for plan in plans {
        match plan {
            Plan::New(wanted) if wanted.former.is_empty() => plain.push(wanted.firm),
            Plan::New(wanted) => {
                enter(tx, &wanted, note).await?;
            }
            Plan::Changed(before, wanted) => {
                for name in wanted.former {
                    tx.update_firm(before.id, &NewFirm { name, ..wanted.firm.clone() }, before.status, note).await?;
                }
                tx.update_firm(before.id, &wanted.firm, before.status, note).await?;
            }
            Plan::Same => (),
        }
    }
    tx.insert_firms(&plain, note).await?;
    Ok(())
}

/// Fields that differ, each with what it was and what it becomes.
fn differences(before: &NewFirm, after: &NewFirm) -> serde_json::Map<String, serde_json::Value> {
    let (before, after) = (json!(before), json!(after));
    let fields = before.as_object().into_iter().flatten();
    fields
        .filter(|(field, old)| after[field.as_str()] != **old)
        .map(|(field, old)| (field.clone(), json!({ "from": old, "to": after[field.as_str()] })))
        .collect()
}

/// The fields of a row; blank cells say nothing.
fn fields_of(table: &TableReading, index: usize) -> Result<FirmFields, Wrong> {
    let text = |role: ColumnRole| match &table.column(&role)?.values {
        Values::Text(values) => values[index].as_ref().map(ToString::to_string),
        Values::Date(values) => values[index].map(|d| d.to_string()),
        _ => None,
    };
    let fact = |name: &str| text(ColumnRole::Fact(name.to_owned()));
    let code = match table.codes(&ColumnRole::CreditCode).map(|c| &c[index]) {
        Some(CodeCell::Valid(code)) => code.to_string(),
        Some(CodeCell::Invalid { text, fault }) => return Err(bad_code(text, &fault.to_string())),
        Some(CodeCell::Absent) | None => return Err(missing("credit_code")),
    };
    Ok(FirmFields {
        credit_code: Some(code),
        name: text(ColumnRole::Name),
        former_names: fact("former_names"),
        division: fact("division"),
        town: fact("town"),
        address: text(ColumnRole::Address),
        industry: fact("industry"),
        founded: fact("founded"),
    })
}

fn code_of(field: &Option<String>) -> Result<Option<String>, Wrong> {
    let Some(text) = text_of(field) else { return Ok(None) };
    match text.parse::<CreditCode>() {
        Ok(code) => Ok(Some(code.to_string())),
        Err(fault) => Err(bad_code(&text, &fault.to_string())),
    }
}

fn name_of(field: &Option<String>) -> Result<Option<String>, Wrong> {
    match (field, text_of(field)) {
        (Some(_), None) => Err(missing("name")),
        (_, name) => Ok(name),
    }
}

/// A text that says something.
fn text_of(field: &Option<String>) -> Option<String> {
    field.as_deref().map(str::trim).filter(|t| !t.is_empty()).map(str::to_owned)
}

/// Former names, the oldest first, each once.
fn former_of(field: &Option<String>) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for name in field.as_deref().unwrap_or_default().split(BETWEEN_NAMES).map(str::trim).filter(|n| !n.is_empty()) {
        if !names.iter().any(|n| n == name) {
            names.push(name.to_owned());
        }
    }
    names
}

fn wrong(
    field: &'static str,
    value: &str,
    code: &'static str,
    (zh, en): (&str, &str),
    (allowed_zh, allowed_en): (&str, &str),
) -> Wrong {
    Wrong {
        field,
        value: value.to_owned(),
        code,
        says: Box::new((
            Label { zh: zh.to_owned(), en: en.to_owned() },
            Label { zh: allowed_zh.to_owned(), en: allowed_en.to_owned() },
        )),
    }
}

fn missing(field: &'static str) -> Wrong {
    let head = head_of(field);
    wrong(
        field,
        "",
        "missing",
        (&format!("缺少{head}"), &format!("the {field} is missing")),
        (&format!("每家企业都要有{head}"), &format!("each firm has a {field}")),
    )
}

/// The code of a record that was joined into another one: which of the two the row is about is for the
/// officer to say.
fn joined_into(code: &str, firm: &Firm) -> Wrong {
    let (name, own) = (&firm.name, firm.credit_code.as_deref().unwrap_or_default());
    wrong(
        "credit_code",
        code,
        "joined",
        (
            &format!("该代码的记录已并入“{name}”（{own}）"),
            &format!("the record of this code was joined into {name} ({own})"),
        ),
        (&format!("{own}，或先拆分"), &format!("{own}, or split the two first")),
    )
}

fn bad_code(text: &str, fault: &str) -> Wrong {
    wrong(
        "credit_code",
        text,
        "credit_code",
        (&format!("不是有效的统一社会信用代码（{fault}）"), fault),
        ("18 位，末位为校验码（GB 32100）", "18 characters, the last one a check character (GB 32100)"),
    )
}

/// The head of a field's column.
fn head_of(field: &str) -> &'static str {
    COLUMNS.iter().find(|c| c.0 == field).map_or("", |c| c.1)
}

fn role_of(field: &str) -> ColumnRole {
    match field {
        "" => ColumnRole::Ignore,
        "credit_code" => ColumnRole::CreditCode,
        "name" => ColumnRole::Name,
        "address" => ColumnRole::Address,
        other => ColumnRole::Fact(other.to_owned()),
    }
}

/// A fault with the cell it is in.
fn placed(table: &TableReading, row: u32, wrong: Wrong) -> FaultView {
    let column = table.column(&role_of(wrong.field)).map_or(0, |c| c.column);
    shown(table.sheet.clone(), CellPlace { sheet: None, row, column }.address(), wrong)
}

fn shown(sheet: Option<String>, cell: String, wrong: Wrong) -> FaultView {
    let (message, allowed) = *wrong.says;
    FaultView { sheet, cell, value: wrong.value, code: wrong.code.to_owned(), message, allowed }
}

/// A fault that the reading of the file has found.
fn of_reading(fault: &CellFault) -> FaultView {
    FaultView {
        sheet: fault.at.sheet.clone(),
        cell: CellPlace { sheet: None, ..fault.at.clone() }.address(),
        value: fault.value.clone(),
        code: fault.code.to_owned(),
        message: interpret::label(&fault.wording),
        allowed: interpret::label(&fault.allowed),
    }
}

/// A refusal that names the fields at fault.
fn refusal(faults: Vec<Wrong>) -> Refusal {
    let mut refusal = Refusal::invalid("firm", "企业信息有误。", "Some of the firm's fields are wrong.");
    refusal.fields = faults.into_iter().map(|w| shown(None, w.field.to_owned(), w)).collect();
    refusal
}

/// The registry's file as intake reads it. It is no department's workbook and states no facts, so it
/// stands here and not in `law/`.
fn template() -> Template {
    let at = Place { file: "registry".into(), line: 0, column: 0 };
    let column = |(field, head, aliases, kind, required): (&str, &str, &[&str], Kind, bool)| Column {
        role: role_of(field),
        head: head.to_owned(),
        aliases: aliases.iter().map(|a| (*a).to_owned()).collect(),
        kind,
        unit: None,
        accepts: Vec::new(),
        required,
        min: None,
        max: None,
        values: Vec::new(),
        at: at.clone(),
    };
    let table = Table {
        id: "firms".into(),
        sheet: "企业名录".into(),
        subject: Subject::Firm,
        duplicates: Duplicates::Refuse,
        columns: COLUMNS.into_iter().map(column).collect(),
    };
    Template {
        id: "registry".into(),
        title: "企业名录".into(),
        title_en: "Register of firms".into(),
        department: Department::Industry,
        tables: vec![table],
        at: at.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn former_names_are_split_and_counted_once() {
        let names = former_of(&Some("启衡机械厂、启衡机械有限公司；启衡机械厂".into()));
        assert_eq!(names, ["启衡机械厂", "启衡机械有限公司"]);
        assert!(former_of(&None).is_empty());
    }

    #[test]
    fn an_empty_text_erases_and_a_blank_name_does_not() {
        assert_eq!(code_of(&Some(" ".into())).ok(), Some(None));
        assert!(name_of(&Some("".into())).is_err() && name_of(&None).is_ok());
        assert!(code_of(&Some("91370783MA3C00000I".into())).is_err());
    }
}
