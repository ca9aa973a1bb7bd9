//! Departments' files: template, upload, doubts, acceptance.

use super::{prelude::*, upload};
use axum::extract::{FromRequest, Request};
use services::UPLOAD_BYTES_MAX;
use services::requests::{CandidateQuery, Choice, ImportQuery, Reason, SettleMany, TemplateQuery};
use services::views::{Candidate, Doubt, ImportView};

/// The routes.
pub fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(get_template))
        .routes(routes!(list_imports, create_import))
        .routes(routes!(get_import))
        .routes(routes!(list_doubts, settle_doubts))
        .routes(routes!(find_candidates))
        .routes(routes!(settle_doubt))
        .routes(routes!(accept_import))
        .routes(routes!(withdraw_import))
        .routes(routes!(take_back_import))
        .routes(routes!(get_marked_copy))
}

/// Blank workbook of a department.
#[utoipa::path(
    get,
    path = "/api/templates/{template}",
    tag = "imports",
    params(("template" = String, Path), TemplateQuery),
    responses((status = 200, description = "A file.", content_type = "application/octet-stream", body = Vec<u8>), (status = "default", description = "Refused.", body = Problem))
)]
async fn get_template(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(template): Path<String>,
    Query(query): Query<TemplateQuery>,
) -> Answer<Response> {
    Ok(file(app.services.get_template(&caller.scope, &template, query.evaluation).await?))
}

/// Imports, newest first.
#[utoipa::path(
    get,
    path = "/api/evaluations/{id}/imports",
    tag = "imports",
    params(("id" = i64, Path)),
    responses((status = 200, body = Vec<ImportView>), (status = "default", description = "Refused.", body = Problem))
)]
async fn list_imports(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<i64>,
) -> Answer<Json<Vec<ImportView>>> {
    Ok(Json(app.services.list_imports(&caller.scope, id).await?))
}

/// Hand in a department's file.
#[utoipa::path(
    post,
    path = "/api/evaluations/{id}/imports",
    tag = "imports",
    params(("id" = i64, Path), ImportQuery),
    request_body(content_type = "multipart/form-data", content = Vec<u8>),
    responses((status = 200, body = ImportView), (status = "default", description = "Refused.", body = Problem))
)]
async fn create_import(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<i64>,
    Query(query): Query<ImportQuery>,
    request: Request,
) -> Answer<Json<ImportView>> {
    // Before a byte of the file is kept: may this person hand it in at all?
    if let Err(refusal) = app.services.may_deliver(&caller.scope, id, &query.template).await {
        return Err(upload::refuse(request, refusal).await);
    }
    let upload = Upload::<UPLOAD_BYTES_MAX>::from_request(request, &()).await?;
    Ok(Json(app.services.create_import(&caller.scope, id, &query.template, upload.name, upload.bytes).await?))
}

/// One import.
#[utoipa::path(
    get,
    path = "/api/imports/{id}",
    tag = "imports",
    params(("id" = i64, Path)),
    responses((status = 200, body = ImportView), (status = "default", description = "Refused.", body = Problem))
)]
async fn get_import(State(app): State<Arc<App>>, caller: Caller, Path(id): Path<i64>) -> Answer<Json<ImportView>> {
    Ok(Json(app.services.get_import(&caller.scope, id).await?))
}

/// Rows that might be one of several firms.
#[utoipa::path(
    get,
    path = "/api/imports/{id}/doubts",
    tag = "imports",
    params(("id" = i64, Path)),
    responses((status = 200, body = Vec<Doubt>), (status = "default", description = "Refused.", body = Problem))
)]
async fn list_doubts(State(app): State<Arc<App>>, caller: Caller, Path(id): Path<i64>) -> Answer<Json<Vec<Doubt>>> {
    Ok(Json(app.services.list_doubts(&caller.scope, id).await?))
}

/// Settle many rows at once: the likely ones, or those that write the same as a settled one.
#[utoipa::path(
    post,
    path = "/api/imports/{id}/doubts",
    tag = "imports",
    params(("id" = i64, Path)),
    request_body = SettleMany,
    responses((status = 200, body = Vec<Doubt>), (status = "default", description = "Refused.", body = Problem))
)]
async fn settle_doubts(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<i64>,
    Json(body): Json<SettleMany>,
) -> Answer<Json<Vec<Doubt>>> {
    Ok(Json(app.services.settle_doubts(&caller.scope, id, &body).await?))
}

/// Firms of the county that a doubtful row may be after all.
#[utoipa::path(
    get,
    path = "/api/imports/{id}/candidates",
    tag = "imports",
    params(("id" = i64, Path), CandidateQuery),
    responses((status = 200, body = Vec<Candidate>), (status = "default", description = "Refused.", body = Problem))
)]
async fn find_candidates(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<i64>,
    Query(query): Query<CandidateQuery>,
) -> Answer<Json<Vec<Candidate>>> {
    Ok(Json(app.services.find_candidates(&caller.scope, id, &query.q).await?))
}

/// Say which firm a row is.
#[utoipa::path(
    post,
    path = "/api/imports/{id}/doubts/{doubt}",
    tag = "imports",
    params(("id" = i64, Path), ("doubt" = i64, Path)),
    request_body = Choice,
    responses((status = 200, body = Doubt), (status = "default", description = "Refused.", body = Problem))
)]
async fn settle_doubt(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path((id, doubt)): Path<(i64, i64)>,
    Json(body): Json<Choice>,
) -> Answer<Json<Doubt>> {
    Ok(Json(app.services.settle_doubt(&caller.scope, id, doubt, body.choose.as_deref()).await?))
}

/// Take the file's facts.
#[utoipa::path(
    post,
    path = "/api/imports/{id}/accept",
    tag = "imports",
    params(("id" = i64, Path)),
    request_body = Reason,
    responses((status = 200, body = ImportView), (status = "default", description = "Refused.", body = Problem))
)]
async fn accept_import(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<i64>,
    Json(body): Json<Reason>,
) -> Answer<Json<ImportView>> {
    Ok(Json(app.services.accept_import(&caller.scope, id, &body.reason).await?))
}

/// Put the file aside; while it is read, that ends the reading.
#[utoipa::path(
    post,
    path = "/api/imports/{id}/withdraw",
    tag = "imports",
    params(("id" = i64, Path)),
    request_body = Reason,
    responses((status = 200, body = ImportView), (status = "default", description = "Refused.", body = Problem))
)]
async fn withdraw_import(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<i64>,
    Json(body): Json<Reason>,
) -> Answer<Json<ImportView>> {
    Ok(Json(app.services.withdraw_import(&caller.scope, id, &body.reason).await?))
}

/// Take an accepted file back: what it stated counts no longer.
#[utoipa::path(
    post,
    path = "/api/imports/{id}/take-back",
    tag = "imports",
    params(("id" = i64, Path)),
    request_body = Reason,
    responses((status = 200, body = ImportView), (status = "default", description = "Refused.", body = Problem))
)]
async fn take_back_import(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<i64>,
    Json(body): Json<Reason>,
) -> Answer<Json<ImportView>> {
    Ok(Json(app.services.take_back_import(&caller.scope, id, &body.reason).await?))
}

/// The same workbook with bad cells marked.
#[utoipa::path(
    get,
    path = "/api/imports/{id}/marked",
    tag = "imports",
    params(("id" = i64, Path)),
    responses((status = 200, description = "A file.", content_type = "application/octet-stream", body = Vec<u8>), (status = "default", description = "Refused.", body = Problem))
)]
async fn get_marked_copy(State(app): State<Arc<App>>, caller: Caller, Path(id): Path<i64>) -> Answer<Response> {
    Ok(file(app.services.get_marked_copy(&caller.scope, id).await?))
}
