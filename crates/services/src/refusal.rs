//! Why a service said no: a stable code, a sentence in both languages, the places at fault. The edge
//! turns it into a status and a [`Problem`]; nothing internal leaks through it.

use crate::views::{FaultView, Label, Problem};
use store::StoreError;

/// Result of every service.
pub type Result<T, E = Refusal> = std::result::Result<T, E>;

/// What kind of no.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The request is malformed or its values are not allowed.
    Invalid,
    /// Nobody is signed in, or the session is over.
    SignIn,
    /// The person may not do this.
    Forbidden,
    /// It does not exist, as far as this person may know.
    NotFound,
    /// Someone else was faster, or the state does not allow it.
    Conflict,
    /// Too large.
    TooLarge,
    /// Too often.
    TooOften,
    /// The disk is full.
    Full,
    /// A fault of ours: logged with its cause, shown without.
    Internal,
}

/// A refusal.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{code}: {}", message.en)]
pub struct Refusal {
    /// Kind.
    pub kind: Kind,
    /// Stable code.
    pub code: String,
    /// Sentence.
    pub message: Label,
    /// Fields at fault.
    pub fields: Vec<FaultView>,
    /// For the log only.
    pub cause: Option<String>,
}

impl Refusal {
    /// A refusal with both sentences.
    pub fn new(kind: Kind, code: &str, zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self {
            kind,
            code: code.to_owned(),
            message: Label { zh: zh.into(), en: en.into() },
            fields: Vec::new(),
            cause: None,
        }
    }

    /// A value that is not allowed.
    pub fn invalid(code: &str, zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self::new(Kind::Invalid, code, zh, en)
    }

    /// Not for this person.
    pub fn forbidden() -> Self {
        Self::new(
            Kind::Forbidden,
            "forbidden",
            "您的角色或辖区不能做这件事。",
            "Your role or region does not allow this.",
        )
    }

    /// Not there.
    pub fn not_found(zh: &str, en: &str, key: impl std::fmt::Display) -> Self {
        Self::new(Kind::NotFound, "not_found", format!("找不到{zh} {key}。"), format!("No {en} {key} was found."))
    }

    /// A fault of ours.
    pub fn internal(cause: impl std::fmt::Display) -> Self {
        let mut refusal = Self::new(
            Kind::Internal,
            "internal",
            "系统内部出错，已记入日志；已保存的内容不受影响。",
            "Something failed inside; it was logged, and what was saved is safe.",
        );
        refusal.cause = Some(cause.to_string());
        refusal
    }

    /// What goes over the wire.
    pub fn problem(&self) -> Problem {
        Problem { code: self.code.clone(), message: self.message.clone(), fields: self.fields.clone() }
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        let kind = match &error {
            StoreError::NotFound { .. } | StoreError::OutOfScope { .. } => Kind::NotFound,
            StoreError::Conflict { .. } | StoreError::Unique { .. } | StoreError::Busy(_) => Kind::Conflict,
            StoreError::Invalid { .. } | StoreError::Facts(_) => Kind::Invalid,
            StoreError::Full(_) => Kind::Full,
            // A damaged object is named: who verifies a run must learn which one.
            StoreError::Corrupt { .. } | StoreError::Damaged { .. } => Kind::Conflict,
            _ => return Self::internal(error),
        };
        if matches!(error, StoreError::OutOfScope { .. }) {
            return Self::new(Kind::NotFound, "not_found", "找不到所请求的内容。", "What was asked for was not found.");
        }
        Self::new(kind, error.code(), error.zh(), error.en())
    }
}

impl From<std::io::Error> for Refusal {
    fn from(error: std::io::Error) -> Self {
        Self::internal(error)
    }
}
