//! Refusals on the wire: kind to status, sentence to JSON, cause to the log.

use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use services::refusal::{Kind, Refusal};

/// A refusal on its way out.
#[derive(Debug)]
pub struct Refused(pub Refusal);

/// Result of a handler.
pub type Answer<T> = std::result::Result<T, Refused>;

impl<E: Into<Refusal>> From<E> for Refused {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

/// Status of a kind.
pub fn status(kind: Kind) -> StatusCode {
    match kind {
        Kind::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
        Kind::SignIn => StatusCode::UNAUTHORIZED,
        Kind::Forbidden => StatusCode::FORBIDDEN,
        Kind::NotFound => StatusCode::NOT_FOUND,
        Kind::Conflict => StatusCode::CONFLICT,
        Kind::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        Kind::TooOften => StatusCode::TOO_MANY_REQUESTS,
        Kind::Full => StatusCode::INSUFFICIENT_STORAGE,
        Kind::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        if let Some(cause) = &self.0.cause {
            tracing::error!(code = %self.0.code, cause = %cause, "a request failed inside");
        }
        (status(self.0.kind), Json(self.0.problem())).into_response()
    }
}

/// The answer in place of one that a handler failed to give. The panic itself is in the log already.
pub fn panicked(_cause: Box<dyn std::any::Any + Send>) -> Response {
    Refused(Refusal::internal("a handler panicked")).into_response()
}
