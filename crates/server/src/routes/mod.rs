//! All routes, one module per noun. The OpenAPI document is made from the same declarations.

mod accounts;
mod audit;
mod catalogue;
mod chains;
mod evaluations;
mod extract;
mod firms;
mod imports;
mod land;
mod objections;
mod policies;
mod publications;
mod rounds;
mod runs;
mod session;
mod sheets;
mod upload;
mod what_ifs;
mod work;

use crate::App;
use std::sync::Arc;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;

/// What handlers have in common.
mod prelude {
    pub use super::{
        extract::{Json, Path, Query},
        upload::Upload,
    };
    pub use crate::{App, guard::Caller, problem::Answer};
    pub use axum::{extract::State, response::Response};
    pub use services::views::Problem;
    pub use std::sync::Arc;
    pub use utoipa_axum::{router::OpenApiRouter, routes};

    /// A file on its way out, as a download with its own name.
    pub fn file(document: services::Document) -> Response {
        use axum::{body::Body, http::header};
        let name: String = document
            .name
            .bytes()
            .map(|b| {
                if b.is_ascii_alphanumeric() || b"-_.".contains(&b) {
                    (b as char).to_string()
                } else {
                    format!("%{b:02X}")
                }
            })
            .collect();
        Response::builder()
            .header(header::CONTENT_TYPE, document.mime)
            .header(header::CONTENT_DISPOSITION, format!("attachment; filename*=UTF-8''{name}"))
            .header("x-baigong-digest", document.digest.hex())
            .header("x-baigong-rows", document.rows.map_or(String::new(), |n| n.to_string()))
            .body(Body::from(document.bytes))
            .expect("the name is percent-encoded")
    }
}

/// Title and version of the document.
#[derive(OpenApi)]
#[openapi(info(
    title = "百工 Baigong",
    description = "Carries out the regulation on promoting advanced manufacturing."
))]
struct Document;

/// Every API route.
pub fn api() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::with_openapi(Document::openapi())
        .merge(session::routes())
        .merge(work::routes())
        .merge(catalogue::routes())
        .merge(firms::routes())
        .merge(evaluations::routes())
        .merge(imports::routes())
        .merge(sheets::routes())
        .merge(land::routes())
        .merge(runs::routes())
        .merge(policies::routes())
        .merge(rounds::routes())
        .merge(chains::routes())
        .merge(what_ifs::routes())
        .merge(objections::routes())
        .merge(publications::routes())
        .merge(accounts::routes())
        .merge(audit::routes())
}
