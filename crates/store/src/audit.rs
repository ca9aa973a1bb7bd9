//! The audit log: every change and every read of firm figures, each entry linked to the one before by
//! SM3, so that a removed, added or altered entry shows.
//!
//! What is hashed: the previous hash and the entry's fields, each framed by its length in bytes, in the
//! order sequence, moment, actor, role, action, subject, division, detail. The head is kept apart, so
//! that cutting off the end of the chain shows too.

use crate::{Page, Paged, Reader, Result, Store, StoreError, canonical::canonical_json, reader::on, scoped};
use base::{DivisionCode, Role, Scope, digest::sm3_hex};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, DatabaseTransaction, EntityTrait, IntoActiveModel,
    PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
};
use serde::Serialize;
use serde_json::Value;
use std::sync::Mutex;

pub(crate) mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "audit")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub seq: i64,
        pub at: String,
        pub actor: String,
        pub role: String,
        pub action: String,
        pub subject: String,
        pub division: i64,
        pub detail: String,
        pub prev_hash: String,
        pub hash: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

mod head {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "audit_head")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        pub seq: i64,
        pub hash: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Previous hash of the first entry.
const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// Entries read at a time while the chain is walked.
const CHUNK: u64 = 2_000;

/// What was done; who, in which role and when are known from the transaction.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct NewAudit {
    /// Verb of the service, e.g. `import.accept`.
    pub action: String,
    /// What it was done to, e.g. `evaluation:7` or `firm:12`.
    pub subject: String,
    /// Where: decides which officers and auditors see the entry.
    pub division: DivisionCode,
    /// Anything else that explains it: reason, before, after.
    pub detail: Value,
}

impl NewAudit {
    /// An entry without detail.
    pub fn new(action: impl Into<String>, subject: impl Into<String>, division: DivisionCode) -> Self {
        Self { action: action.into(), subject: subject.into(), division, detail: Value::Null }
    }

    /// The same with detail.
    pub fn with(self, detail: Value) -> Self {
        Self { detail, ..self }
    }
}

/// An entry of the log.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AuditEntry {
    /// Place in the chain, from 1 without gaps.
    pub seq: i64,
    /// When.
    pub at: String,
    /// Account name or `system:task`.
    pub actor: String,
    /// Name of the role acted in.
    pub role: String,
    /// Verb.
    pub action: String,
    /// What it was done to.
    pub subject: String,
    /// Where.
    pub division: DivisionCode,
    /// Explanation.
    pub detail: Value,
    /// Hash of the entry before.
    pub prev_hash: String,
    /// Hash of this entry.
    pub hash: String,
}

/// Which entries.
#[derive(Clone, Debug, Default)]
pub struct AuditFilter {
    /// Only this actor.
    pub actor: Option<String>,
    /// Only actions that begin with this.
    pub action: Option<String>,
    /// Only this subject.
    pub subject: Option<String>,
    /// Not before.
    pub from: Option<String>,
    /// Before.
    pub until: Option<String>,
}

/// What a walk along the whole chain found.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AuditReport {
    /// Entries that were checked.
    pub entries: i64,
    /// Hash of the last sound entry: note it outside the database to prove later that nothing before
    /// it was rewritten.
    pub head: String,
    /// The first thing that is wrong.
    pub broken: Option<AuditBreak>,
}

/// Where the chain breaks first.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AuditBreak {
    /// The entry.
    pub seq: i64,
    /// What differs: `entry missing`, `previous hash`, `content` or `head`.
    pub what: &'static str,
    /// What should be there.
    pub expected: String,
    /// What is there.
    pub found: String,
}

impl AuditBreak {
    /// The finding in Chinese.
    pub fn zh(&self) -> String {
        let what = match self.what {
            "entry missing" => "记录缺失",
            "previous hash" => "与上一条的链接不符",
            "content" => "记录内容被改动",
            _ => "链尾与留存的头不符",
        };
        format!("审计链在第 {} 条断开：{what}；应为 {}，实为 {}", self.seq, self.expected, self.found)
    }

    /// The finding in English.
    pub fn en(&self) -> String {
        format!(
            "the audit chain breaks at entry {}: {}; expected {}, found {}",
            self.seq, self.what, self.expected, self.found
        )
    }
}

/// An entry on its way into the chain.
pub(crate) struct Pending {
    at: String,
    actor: String,
    role: &'static str,
    entry: NewAudit,
}

impl Pending {
    pub(crate) fn new(scope: &Scope, at: &str, mut entry: NewAudit) -> Self {
        if let Some(address) = scope.address() {
            entry.detail = with_address(entry.detail, address);
        }
        Self { at: at.to_owned(), actor: scope.actor().to_owned(), role: scope.role().name(), entry }
    }
}

/// The detail and where the person asked from.
fn with_address(detail: Value, address: std::net::IpAddr) -> Value {
    let address = Value::String(address.to_string());
    match detail {
        Value::Object(mut fields) => {
            fields.insert("address".into(), address);
            Value::Object(fields)
        }
        Value::Null => serde_json::json!({ "address": address }),
        other => serde_json::json!({ "address": address, "detail": other }),
    }
}

/// Links the entries to the end of the chain. The caller holds the turn to write, so the end is known.
pub(crate) async fn append(tx: &DatabaseTransaction, pending: Vec<Pending>) -> Result<()> {
    let stored = head::Entity::find_by_id(1).one(tx).await?;
    let first = stored.is_none();
    let (mut seq, mut prev_hash) = stored.map_or((0, GENESIS.to_owned()), |h| (h.seq, h.hash));
    let mut rows = Vec::with_capacity(pending.len());
    for Pending { at, actor, role, entry } in pending {
        seq += 1;
        let mut row = row::Model {
            seq,
            at,
            actor,
            role: role.to_owned(),
            action: entry.action,
            subject: entry.subject,
            division: scoped::stored(entry.division),
            detail: canonical_json(&entry.detail),
            prev_hash,
            hash: String::new(),
        };
        row.hash = hash_of(&row);
        prev_hash = row.hash.clone();
        rows.push(row.into_active_model().reset_all());
    }
    for chunk in rows.chunks(1_000) {
        row::Entity::insert_many(chunk.to_vec()).exec_without_returning(tx).await?;
    }
    let head = head::ActiveModel { id: Set(1), seq: Set(seq), hash: Set(prev_hash) };
    if first {
        head::Entity::insert(head).exec_without_returning(tx).await?;
    } else {
        head::Entity::update(head).exec(tx).await?;
    }
    Ok(())
}

fn hash_of(row: &row::Model) -> String {
    let (seq, division) = (row.seq.to_string(), row.division.to_string());
    let fields =
        [&row.prev_hash, &seq, &row.at, &row.actor, &row.role, &row.action, &row.subject, &division, &row.detail];
    let mut bytes = Vec::new();
    for field in fields {
        bytes.extend((field.len() as u64).to_le_bytes());
        bytes.extend(field.as_bytes());
    }
    sm3_hex(&bytes)
}

/// Reads of firm figures that wait to be written. Whoever gets the turn to write takes all that wait,
/// so many readers at once share one transaction; none returns before its entry is on disk.
#[derive(Default)]
pub(crate) struct ReadQueue {
    waiting: Mutex<Waiting>,
}

#[derive(Default)]
struct Waiting {
    entries: Vec<(u64, PendingRead)>,
    last_ticket: u64,
    written: u64,
}

#[derive(Clone)]
struct PendingRead {
    scope: Scope,
    at: String,
    entry: NewAudit,
}

impl Store {
    /// Notes that figures of firms were read. Returns when the entry is kept.
    pub async fn audit_read(&self, scope: &Scope, entry: NewAudit) -> Result<()> {
        let ticket = {
            let mut waiting = self.inner.reads.lock();
            waiting.last_ticket += 1;
            let ticket = waiting.last_ticket;
            waiting.entries.push((ticket, PendingRead { scope: scope.clone(), at: self.now(), entry }));
            ticket
        };
        let turn = self.turn().await;
        let result = match turn {
            Ok(_turn) => self.write_reads(ticket).await,
            Err(error) => Err(error),
        };
        if result.is_err() {
            // The caller learns of it and shows no figures; the entry must not appear later.
            self.inner.reads.lock().entries.retain(|(t, _)| *t != ticket);
        }
        result
    }

    async fn write_reads(&self, ticket: u64) -> Result<()> {
        let batch = {
            let waiting = self.inner.reads.lock();
            if waiting.written >= ticket {
                return Ok(());
            }
            waiting.entries.clone()
        };
        let tx = self.begin_writing().await?;
        let pending = batch.iter().map(|(_, read)| Pending::new(&read.scope, &read.at, read.entry.clone())).collect();
        append(&tx, pending).await?;
        tx.commit().await?;
        let last = batch.last().map_or(ticket, |(t, _)| *t);
        let mut waiting = self.inner.reads.lock();
        waiting.written = last;
        waiting.entries.retain(|(t, _)| *t > last);
        Ok(())
    }

    /// Walks the whole chain and names the first entry that does not fit.
    pub async fn verify_audit(&self) -> Result<AuditReport> {
        let db = &self.inner.db;
        // Entries may be added during the walk; only those up to the head seen now are judged.
        let stored = head::Entity::find_by_id(1).one(db).await?;
        let (last_seq, last_hash) = stored.map_or((0, GENESIS.to_owned()), |h| (h.seq, h.hash));
        let mut report = AuditReport { entries: 0, head: GENESIS.to_owned(), broken: None };
        loop {
            let rows = row::Entity::find()
                .filter(row::Column::Seq.gt(report.entries))
                .filter(row::Column::Seq.lte(last_seq))
                .order_by_asc(row::Column::Seq)
                .limit(CHUNK)
                .all(db)
                .await?;
            if rows.is_empty() {
                break;
            }
            for row in rows {
                if let Some(broken) = check(&report, &row) {
                    report.broken = Some(broken);
                    return Ok(report);
                }
                report.entries = row.seq;
                report.head = row.hash;
            }
        }
        report.broken = self.check_end(&report, last_seq, last_hash).await?;
        Ok(report)
    }

    async fn check_end(&self, report: &AuditReport, last_seq: i64, last_hash: String) -> Result<Option<AuditBreak>> {
        let broken = |seq, what, expected, found| Ok(Some(AuditBreak { seq, what, expected, found }));
        if report.entries < last_seq {
            let seq = report.entries + 1;
            return broken(seq, "entry missing", format!("entry {seq}"), "nothing".into());
        }
        if report.head != last_hash {
            return broken(last_seq, "head", last_hash, report.head.clone());
        }
        // Entries that were moved out of the way, or all of them once the head was removed. Entries after
        // the head are newer than this walk; a forged one would be in the way of the next.
        let astray = match last_seq {
            0 => Condition::all(),
            _ => Condition::all().add(row::Column::Seq.lt(1)),
        };
        let astray = row::Entity::find().filter(astray).count(&self.inner.db).await?;
        if astray > 0 && (last_seq > 0 || head::Entity::find_by_id(1).one(&self.inner.db).await?.is_none()) {
            return broken(last_seq, "head", "no entry outside the chain".into(), format!("{astray} entries"));
        }
        Ok(None)
    }
}

fn check(report: &AuditReport, row: &row::Model) -> Option<AuditBreak> {
    let broken = |seq, what, expected: &str, found: &str| {
        Some(AuditBreak { seq, what, expected: expected.to_owned(), found: found.to_owned() })
    };
    let due = report.entries + 1;
    if row.seq != due {
        return broken(due, "entry missing", &format!("entry {due}"), &format!("entry {}", row.seq));
    }
    if row.prev_hash != report.head {
        return broken(row.seq, "previous hash", &report.head, &row.prev_hash);
    }
    let hash = hash_of(row);
    if row.hash != hash {
        return broken(row.seq, "content", &row.hash, &hash);
    }
    None
}

impl ReadQueue {
    fn lock(&self) -> std::sync::MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl Reader<'_> {
    /// Entries of the log, newest first. Auditors, audit administrators and officers see their region;
    /// everybody else sees what they did themselves.
    pub async fn list_audit(&self, filter: &AuditFilter, page: Page) -> Result<Paged<AuditEntry>> {
        let mut condition = self.audit_condition();
        if let Some(actor) = &filter.actor {
            condition = condition.add(row::Column::Actor.eq(actor));
        }
        if let Some(action) = &filter.action {
            condition = condition.add(row::Column::Action.starts_with(action));
        }
        if let Some(subject) = &filter.subject {
            condition = condition.add(row::Column::Subject.eq(subject));
        }
        if let Some(from) = &filter.from {
            condition = condition.add(row::Column::At.gte(from));
        }
        if let Some(until) = &filter.until {
            condition = condition.add(row::Column::At.lt(until));
        }
        let query = row::Entity::find().filter(condition);
        let total = on!(self, |db| query.clone().count(db).await)?;
        let query = query.order_by_desc(row::Column::Seq).offset(page.offset).limit(page.limit);
        let rows = on!(self, |db| query.all(db).await)?;
        let rows = rows.into_iter().map(AuditEntry::try_from).collect::<Result<_>>()?;
        Ok(Paged { rows, total })
    }

    fn audit_condition(&self) -> Condition {
        let scope = self.scope;
        let sees_region = scope.is_system()
            || matches!(
                scope.role(),
                Role::AuditAdmin | Role::Auditor | Role::CountyOfficer | Role::CityOfficer | Role::ProvinceOfficer
            );
        if scope.role() == Role::Public {
            scoped::nothing()
        } else if sees_region {
            scoped::region(scope, row::Column::Division)
        } else {
            Condition::all().add(row::Column::Actor.eq(scope.actor()))
        }
    }
}

impl TryFrom<row::Model> for AuditEntry {
    type Error = StoreError;

    fn try_from(row: row::Model) -> Result<Self> {
        Ok(Self {
            division: scoped::division("audit entry", row.seq, row.division)?,
            detail: scoped::json("audit entry", row.seq, &row.detail)?,
            seq: row.seq,
            at: row.at,
            actor: row.actor,
            role: row.role,
            action: row.action,
            subject: row.subject,
            prev_hash: row.prev_hash,
            hash: row.hash,
        })
    }
}
