//! What changing requests carry.

use crate::views::OverlayChange;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

/// `POST /api/session`
#[derive(Clone, Deserialize, ToSchema)]
pub struct SignIn {
    /// Sign-in name.
    pub sign_in: String,
    /// Password.
    pub password: String,
}

/// `POST /api/session/password`
#[derive(Clone, Deserialize, ToSchema)]
pub struct PasswordChange {
    /// The one in use.
    pub old: String,
    /// The next one.
    pub new: String,
}

/// A reason; empty where none is needed.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
pub struct Reason {
    /// Why.
    #[serde(default)]
    pub reason: String,
}

/// A step of an evaluation.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct Step {
    /// Lock: the version that the person saw.
    pub version: i64,
    /// Why.
    #[serde(default)]
    pub reason: String,
}

/// `POST /api/evaluations`
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct NewEvaluationRequest {
    /// County.
    pub division: String,
    /// Year.
    pub year: i16,
    /// Scheme id, where several hold; none: the place's own, else its city's, else its province's.
    #[serde(default)]
    pub scheme: Option<String>,
}

/// `POST /api/firms/merge`
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct MergeFirms {
    /// Record that stays.
    pub keep: i64,
    /// Record that is joined into it.
    pub gone: i64,
    /// Why.
    pub reason: String,
}

/// What is registered of a firm. Left out, a field stays as it is; an empty text erases it.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
pub struct FirmFields {
    /// Unified social credit code.
    pub credit_code: Option<String>,
    /// Registered name.
    pub name: Option<String>,
    /// Names it had before, the oldest first, with `、` between them; for a firm that is new.
    pub former_names: Option<String>,
    /// County, by code or name; the officer's own when left out.
    pub division: Option<String>,
    /// Town, street or park.
    pub town: Option<String>,
    /// Address.
    pub address: Option<String>,
    /// GB/T 4754 class, four digits.
    pub industry: Option<String>,
    /// Date of founding.
    pub founded: Option<String>,
}

/// `POST /api/firms` and `POST /api/firms/{id}`
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct FirmRequest {
    /// The fields.
    #[serde(flatten)]
    pub fields: FirmFields,
    /// Why.
    #[serde(default)]
    pub reason: String,
}

/// Which blank template.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct TemplateQuery {
    /// For which evaluation: puts year and county on the sheet.
    pub evaluation: Option<i64>,
}

/// Which template a file follows.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ImportQuery {
    /// Template id, such as `tax`.
    pub template: String,
}

/// Which scheme.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SchemeQuery {
    /// Id.
    pub id: String,
    /// Version; none: the newest.
    pub version: Option<u32>,
}

/// Which firm a doubtful row is.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct Choice {
    /// A firm's number, `none`, or nothing to take a decision back.
    pub choose: Option<String>,
}

/// Settles many doubtful rows at once; one of the two.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
pub struct SettleMany {
    /// Each open row whose best candidate is at least this likely (above 0, up to 1) is that candidate.
    pub confidence: Option<f64>,
    /// Each open row that writes the same name, code and address as this settled one is decided like it.
    pub same_as: Option<i64>,
}

/// Part of a name, pinyin initials or the beginning of a credit code.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct CandidateQuery {
    /// What to look for.
    pub q: String,
}

/// A firm disputes a figure of its sheet.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct Dispute {
    /// Fact id, or `land`.
    pub fact: String,
    /// What is wrong.
    pub says: String,
}

/// An officer settles what a firm disputes.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct Settlement {
    /// What was found.
    pub says: String,
}

/// Changes of a what-if, with a title when it is to be kept.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct WhatIfRequest {
    /// Title.
    #[serde(default)]
    pub title: String,
    /// Changes.
    pub changes: Vec<OverlayChange>,
}

/// An objection as it comes in.
#[derive(Clone, Debug, Default)]
pub struct NewObjectionRequest {
    /// Fact id, or `land`.
    pub fact: String,
    /// Parcel code, for leased areas.
    pub subject: Option<String>,
    /// Value claimed, a decimal.
    pub claimed: Option<String>,
    /// Reason.
    pub says: String,
    /// File name and bytes.
    pub file: Option<(String, Vec<u8>)>,
    /// Firm, when an officer files it for one.
    pub firm: Option<i64>,
}

/// A step of an objection.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct ObjectionStep {
    /// Lock.
    pub version: i64,
    /// Text.
    #[serde(default)]
    pub says: String,
    /// `agree`, `agree_other` or `refuse`, for an answer.
    pub verdict: Option<String>,
    /// Value, for `agree_other`.
    pub value: Option<String>,
}

/// `POST /api/accounts`. The role is given by somebody else.
#[derive(Clone, Deserialize, ToSchema)]
pub struct NewAccountRequest {
    /// Sign-in name.
    pub sign_in: String,
    /// Name shown.
    pub name: String,
    /// Region.
    pub division: String,
}

/// A step on an account.
#[derive(Clone, Default, Deserialize, ToSchema)]
pub struct AccountStep {
    /// Why.
    #[serde(default)]
    pub reason: String,
    /// Role, for `set_role`.
    pub role: Option<String>,
    /// Department, for the role `department_owner`.
    pub department: Option<String>,
    /// Credit code of the firm, for the role `firm`.
    pub credit_code: Option<String>,
}

/// `POST /api/demo/clock`
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct ClockStep {
    /// Days forward.
    pub days: u32,
}
