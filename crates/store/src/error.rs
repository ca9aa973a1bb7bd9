//! Everything that can go wrong while keeping or finding, as one typed list with a stable code and a
//! sentence in Chinese and English each.

use base::{Digest, DivisionCode};
use sea_orm::{DbErr, RuntimeErr, SqlErr};

/// Result of every store operation.
pub type Result<T, E = StoreError> = std::result::Result<T, E>;

/// Why the store could not do it.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// No such row within the scope of who asks. A row outside the scope is reported the same way,
    /// so that nobody learns what exists elsewhere.
    #[error("{what} `{key}` was not found")]
    NotFound {
        /// The noun, e.g. `firm`.
        what: &'static str,
        /// The id or name asked for.
        key: String,
    },
    /// Somebody else changed the row since it was read, or its state does not allow the change.
    #[error("{what} `{key}` was changed by someone else: expected {expected}, found {found}")]
    Conflict {
        /// The noun.
        what: &'static str,
        /// Its id.
        key: String,
        /// Version or state that the caller relied on.
        expected: String,
        /// Version or state that is stored.
        found: String,
    },
    /// A value that must be unique is taken.
    #[error("{what} already exists")]
    Unique {
        /// Which value, e.g. `credit code 9137…`.
        what: String,
    },
    /// Stored bytes differ from the digest that names them, or are absent.
    #[error("object {digest} is damaged: {found}")]
    Corrupt {
        /// The name of the object.
        digest: Digest,
        /// What its bytes hash to now, or why they cannot be read.
        found: String,
    },
    /// A stored row cannot be read: its text is not what this program writes.
    #[error("stored {what} `{key}` is damaged: {problem}")]
    Damaged {
        /// The noun.
        what: &'static str,
        /// Its id.
        key: String,
        /// What was found.
        problem: String,
    },
    /// The caller names a division or firm outside the scope.
    #[error("{actor} may not reach {what}")]
    OutOfScope {
        /// Who asked.
        actor: String,
        /// What was asked for.
        what: String,
    },
    /// The disk, or the size allowed for the database, is used up. Nothing of the change was kept.
    #[error("the database has no room left: {0}")]
    Full(String),
    /// Another writer held the database for longer than the waiting time.
    #[error("the database is busy: {0}")]
    Busy(String),
    /// A transaction was to be committed without an audit entry.
    #[error("a change by {actor} was refused because it wrote no audit entry")]
    Unaudited {
        /// Who was changing.
        actor: String,
    },
    /// The database was written by a newer program.
    #[error("the database has schema version {found}, this program knows up to {known}")]
    SchemaTooNew {
        /// Stored version.
        found: i64,
        /// Newest version of this program.
        known: i64,
    },
    /// Facts that cannot be stored.
    #[error(transparent)]
    Facts(#[from] crate::FactFault),
    /// A value that the store does not take.
    #[error("{what} is `{found}`; allowed: {allowed}")]
    Invalid {
        /// Which value.
        what: &'static str,
        /// What was given.
        found: String,
        /// What may be given.
        allowed: String,
    },
    /// A file or directory could not be used.
    #[error("{path}: {problem}")]
    Io {
        /// The file.
        path: String,
        /// What the operating system said.
        problem: String,
    },
    /// Anything else that the database reports.
    #[error("the database reports: {0}")]
    Db(String),
}

impl StoreError {
    /// Stable name of the kind, for the API and the log.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotFound { .. } => "not_found",
            Self::Conflict { .. } => "conflict",
            Self::Unique { .. } => "unique",
            Self::Corrupt { .. } => "corrupt",
            Self::Damaged { .. } => "damaged",
            Self::OutOfScope { .. } => "out_of_scope",
            Self::Full(_) => "full",
            Self::Busy(_) => "busy",
            Self::Unaudited { .. } => "unaudited",
            Self::SchemaTooNew { .. } => "schema_too_new",
            Self::Facts(fault) => fault.code(),
            Self::Invalid { .. } => "invalid",
            Self::Io { .. } => "io",
            Self::Db(_) => "database",
        }
    }

    /// The sentence in English.
    pub fn en(&self) -> String {
        self.to_string()
    }

    /// The sentence in Chinese.
    pub fn zh(&self) -> String {
        match self {
            Self::NotFound { what, key } => format!("未找到{} `{key}`", noun_zh(what)),
            Self::Conflict { what, key, expected, found } => {
                format!("{} `{key}` 已被他人更改：预期 {expected}，现为 {found}", noun_zh(what))
            }
            Self::Unique { what } => format!("{what} 已存在"),
            Self::Corrupt { digest, found } => format!("对象 {digest} 已损坏：{found}"),
            Self::Damaged { what, key, problem } => {
                format!("库中{} `{key}` 已损坏：{problem}", noun_zh(what))
            }
            Self::OutOfScope { actor, what } => format!("{actor} 无权访问 {what}"),
            Self::Full(detail) => format!("数据库空间已满，本次更改未保存：{detail}"),
            Self::Busy(detail) => format!("数据库正忙，请稍后重试：{detail}"),
            Self::Unaudited { actor } => format!("{actor} 的更改没有写入审计记录，已拒绝"),
            Self::SchemaTooNew { found, known } => {
                format!("数据库结构版本为 {found}，本程序最高支持 {known}，请使用更新的程序")
            }
            Self::Facts(fault) => fault.zh(),
            Self::Invalid { what, found, allowed } => {
                format!("{} 的值为 `{found}`，允许：{allowed}", noun_zh(what))
            }
            Self::Io { path, problem } => format!("{path}：{problem}"),
            Self::Db(detail) => format!("数据库报告：{detail}"),
        }
    }

    pub(crate) fn not_found(what: &'static str, key: impl ToString) -> Self {
        Self::NotFound { what, key: key.to_string() }
    }

    pub(crate) fn out_of_scope(scope: &base::Scope, division: DivisionCode) -> Self {
        Self::OutOfScope { actor: scope.actor().to_owned(), what: format!("division {division}") }
    }

    pub(crate) fn damaged(what: &'static str, key: impl ToString, problem: impl ToString) -> Self {
        Self::Damaged { what, key: key.to_string(), problem: problem.to_string() }
    }

    /// Replaces a unique violation's column list by words the caller understands.
    pub(crate) fn or_unique(self, what: impl Into<String>) -> Self {
        match self {
            Self::Unique { .. } => Self::Unique { what: what.into() },
            other => other,
        }
    }
}

fn noun_zh(what: &str) -> &str {
    match what {
        "firm" => "企业",
        "firm merge" => "企业合并记录",
        "object" => "对象",
        "file" => "文件",
        "import" => "导入",
        "doubt" => "存疑行",
        "segment" => "数据段",
        "evaluation" => "评价",
        "run" => "评价运算",
        "confirmation" => "企业确认",
        "objection" => "异议",
        "what-if" => "情景推演",
        "publication" => "公示",
        "account" => "账号",
        "session" => "会话",
        "audit entry" => "审计记录",
        "job" => "任务",
        other => other,
    }
}

impl From<DbErr> for StoreError {
    fn from(error: DbErr) -> Self {
        if let Some(SqlErr::UniqueConstraintViolation(what)) = error.sql_err() {
            return Self::Unique { what };
        }
        let text = error.to_string();
        match driver_code(&error).as_deref() {
            // SQLITE_FULL, and PostgreSQL's disk_full.
            Some("13" | "53100") => Self::Full(text),
            // SQLITE_BUSY with its variants, SQLITE_LOCKED; PostgreSQL's lock_not_available,
            // deadlock_detected, serialization_failure and query_canceled by a time limit.
            Some("5" | "261" | "517" | "773" | "6" | "262" | "55P03" | "40P01" | "40001" | "57014") => Self::Busy(text),
            // SQLITE_CONSTRAINT_PRIMARYKEY is not in the portable list of the library.
            Some("1555") => Self::Unique { what: text },
            _ if text.contains("database or disk is full") || text.contains("No space left on device") => {
                Self::Full(text)
            }
            _ if matches!(error, DbErr::ConnectionAcquire(_)) => Self::Busy(text),
            _ => Self::Db(text),
        }
    }
}

fn driver_code(error: &DbErr) -> Option<String> {
    let (DbErr::Conn(inner) | DbErr::Exec(inner) | DbErr::Query(inner)) = error else { return None };
    let RuntimeErr::SqlxError(inner) = inner else { return None };
    match &**inner {
        sea_orm::sqlx::Error::Database(driver) => driver.code().map(|code| code.into_owned()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_error_speaks_both_languages_and_names_its_code() {
        let error = StoreError::not_found("firm", 7);
        assert_eq!((error.code(), error.en()), ("not_found", "firm `7` was not found".to_owned()));
        assert_eq!(error.zh(), "未找到企业 `7`");
    }
}
