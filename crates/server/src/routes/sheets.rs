//! One firm, one sheet.

use super::prelude::*;
use services::queries::ListQuery;
use services::requests::{Dispute, Settlement};
use services::views::{FactVersion, Page, Sheet, SheetRow};

/// The routes.
pub fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(list_sheets))
        .routes(routes!(get_sheet))
        .routes(routes!(list_fact_versions))
        .routes(routes!(get_sheet_pdf))
        .routes(routes!(confirm_sheet))
        .routes(routes!(dispute_sheet))
        .routes(routes!(settle_sheet))
}

/// Sheets of an evaluation.
#[utoipa::path(
    get,
    path = "/api/evaluations/{id}/sheets",
    tag = "sheets",
    params(("id" = i64, Path), ListQuery),
    responses((status = 200, body = Page<SheetRow>), (status = "default", description = "Refused.", body = Problem))
)]
async fn list_sheets(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<i64>,
    Query(query): Query<ListQuery>,
) -> Answer<Json<Page<SheetRow>>> {
    Ok(Json(app.services.list_sheets(&caller.scope, id, &query).await?))
}

/// One firm, one sheet.
#[utoipa::path(
    get,
    path = "/api/evaluations/{id}/sheets/{firm}",
    tag = "sheets",
    params(("id" = i64, Path), ("firm" = i64, Path)),
    responses((status = 200, body = Sheet), (status = "default", description = "Refused.", body = Problem))
)]
async fn get_sheet(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path((id, firm)): Path<(i64, i64)>,
) -> Answer<Json<Sheet>> {
    Ok(Json(app.services.get_sheet(&caller.scope, id, firm).await?))
}

/// Versions of a fact.
#[utoipa::path(
    get,
    path = "/api/evaluations/{id}/sheets/{firm}/facts/{fact}",
    tag = "sheets",
    params(("id" = i64, Path), ("firm" = i64, Path), ("fact" = String, Path)),
    responses((status = 200, body = Vec<FactVersion>), (status = "default", description = "Refused.", body = Problem))
)]
async fn list_fact_versions(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path((id, firm, fact)): Path<(i64, i64, String)>,
) -> Answer<Json<Vec<FactVersion>>> {
    Ok(Json(app.services.list_fact_versions(&caller.scope, id, firm, &fact).await?))
}

/// The sheet for print.
#[utoipa::path(
    get,
    path = "/api/evaluations/{id}/sheets/{firm}/pdf",
    tag = "sheets",
    params(("id" = i64, Path), ("firm" = i64, Path)),
    responses((status = 200, description = "A file.", content_type = "application/octet-stream", body = Vec<u8>), (status = "default", description = "Refused.", body = Problem))
)]
async fn get_sheet_pdf(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path((id, firm)): Path<(i64, i64)>,
) -> Answer<Response> {
    Ok(file(app.services.get_sheet_pdf(&caller.scope, id, firm).await?))
}

/// The firm confirms its figures.
#[utoipa::path(
    post,
    path = "/api/evaluations/{id}/sheets/{firm}/confirm",
    tag = "sheets",
    params(("id" = i64, Path), ("firm" = i64, Path)),
    responses((status = 200, body = Sheet), (status = "default", description = "Refused.", body = Problem))
)]
async fn confirm_sheet(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path((id, firm)): Path<(i64, i64)>,
) -> Answer<Json<Sheet>> {
    Ok(Json(app.services.confirm_sheet(&caller.scope, id, firm).await?))
}

/// The firm disputes a figure.
#[utoipa::path(
    post,
    path = "/api/evaluations/{id}/sheets/{firm}/dispute",
    tag = "sheets",
    params(("id" = i64, Path), ("firm" = i64, Path)),
    request_body = Dispute,
    responses((status = 200, body = Sheet), (status = "default", description = "Refused.", body = Problem))
)]
async fn dispute_sheet(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path((id, firm)): Path<(i64, i64)>,
    Json(body): Json<Dispute>,
) -> Answer<Json<Sheet>> {
    Ok(Json(app.services.dispute_sheet(&caller.scope, id, firm, body).await?))
}

/// An officer settles what the firm disputes.
#[utoipa::path(
    post,
    path = "/api/evaluations/{id}/sheets/{firm}/settle",
    tag = "sheets",
    params(("id" = i64, Path), ("firm" = i64, Path)),
    request_body = Settlement,
    responses((status = 200, body = Sheet), (status = "default", description = "Refused.", body = Problem))
)]
async fn settle_sheet(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path((id, firm)): Path<(i64, i64)>,
    Json(body): Json<Settlement>,
) -> Answer<Json<Sheet>> {
    Ok(Json(app.services.settle_sheet(&caller.scope, id, firm, &body.says).await?))
}
