//! Bodies, paths and queries as handlers take them: axum's own, refused in the words of this house when
//! they cannot be read.

use crate::{JSON_BYTES_MAX, problem::Refused};
use axum::{
    extract::{FromRequest, FromRequestParts, Request},
    http::{StatusCode, request::Parts},
    response::{IntoResponse, Response},
};
use serde::{Serialize, de::DeserializeOwned};
use services::refusal::Refusal;

/// JSON, in and out.
pub struct Json<T>(pub T);

/// Parameters of the path.
pub struct Path<T>(pub T);

/// Parameters of the query.
pub struct Query<T>(pub T);

/// What the library said, in a refusal.
fn unread(zh: &str, en: &str, status: StatusCode, text: &str) -> Refused {
    if status == StatusCode::PAYLOAD_TOO_LARGE {
        return Refused(services::too_large(JSON_BYTES_MAX as u64 + 1, JSON_BYTES_MAX));
    }
    Refused(Refusal::invalid(
        "unreadable",
        format!("{zh}无法读取，请对照接口文档：{text}"),
        format!("The {en} cannot be read; see the API document: {text}"),
    ))
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Json<T> {
    type Rejection = Refused;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refused> {
        match axum::Json::from_request(request, state).await {
            Ok(axum::Json(value)) => Ok(Self(value)),
            Err(fault) => Err(unread("请求正文", "body", fault.status(), &fault.body_text())),
        }
    }
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        axum::Json(self.0).into_response()
    }
}

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Path<T> {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refused> {
        match axum::extract::Path::from_request_parts(parts, state).await {
            Ok(axum::extract::Path(value)) => Ok(Self(value)),
            Err(fault) => Err(unread("地址", "path", fault.status(), &fault.body_text())),
        }
    }
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refused> {
        match axum::extract::Query::from_request_parts(parts, state).await {
            Ok(axum::extract::Query(value)) => Ok(Self(value)),
            Err(fault) => Err(unread("查询参数", "query", fault.status(), &fault.body_text())),
        }
    }
}
