//! The register of firms.

use super::prelude::*;
use services::queries::FirmQuery;
use services::requests::{FirmRequest, MergeFirms, Reason};
use services::views::{FirmDetail, FirmRow, FirmsReport, MergeView, Page};

/// The routes.
pub fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(list_firms, register_firm))
        .routes(routes!(get_firm, edit_firm))
        .routes(routes!(import_firms))
        .routes(routes!(merge_firms))
        .routes(routes!(undo_merge))
}

/// Firms.
#[utoipa::path(
    get,
    path = "/api/firms",
    tag = "firms",
    params(FirmQuery),
    responses((status = 200, body = Page<FirmRow>), (status = "default", description = "Refused.", body = Problem))
)]
async fn list_firms(
    State(app): State<Arc<App>>,
    caller: Caller,
    Query(query): Query<FirmQuery>,
) -> Answer<Json<Page<FirmRow>>> {
    Ok(Json(app.services.list_firms(&caller.scope, &query).await?))
}

/// One firm.
#[utoipa::path(
    get,
    path = "/api/firms/{id}",
    tag = "firms",
    params(("id" = i64, Path)),
    responses((status = 200, body = FirmDetail), (status = "default", description = "Refused.", body = Problem))
)]
async fn get_firm(State(app): State<Arc<App>>, caller: Caller, Path(id): Path<i64>) -> Answer<Json<FirmDetail>> {
    Ok(Json(app.services.get_firm(&caller.scope, id).await?))
}

/// Enter a firm into the register.
#[utoipa::path(
    post,
    path = "/api/firms",
    tag = "firms",
    request_body = FirmRequest,
    responses((status = 200, body = FirmDetail), (status = "default", description = "Refused.", body = Problem))
)]
async fn register_firm(
    State(app): State<Arc<App>>,
    caller: Caller,
    Json(body): Json<FirmRequest>,
) -> Answer<Json<FirmDetail>> {
    Ok(Json(app.services.register_firm(&caller.scope, body.fields, &body.reason).await?))
}

/// Edit a firm; the version before is kept.
#[utoipa::path(
    post,
    path = "/api/firms/{id}",
    tag = "firms",
    params(("id" = i64, Path)),
    request_body = FirmRequest,
    responses((status = 200, body = FirmDetail), (status = "default", description = "Refused.", body = Problem))
)]
async fn edit_firm(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<i64>,
    Json(body): Json<FirmRequest>,
) -> Answer<Json<FirmDetail>> {
    Ok(Json(app.services.edit_firm(&caller.scope, id, body.fields, &body.reason).await?))
}

/// Take in a file of firms, as a whole or not at all: a form with `file`, `reason` and, to be only told
/// what would happen, `dry_run`.
#[utoipa::path(
    post,
    path = "/api/firms/import",
    tag = "firms",
    responses((status = 200, body = FirmsReport), (status = "default", description = "Refused.", body = Problem))
)]
async fn import_firms(State(app): State<Arc<App>>, caller: Caller, upload: Upload) -> Answer<Json<FirmsReport>> {
    let reason = upload.fields.get("reason").map_or("", String::as_str);
    let dry_run = upload.fields.get("dry_run").is_some_and(|v| v == "true");
    Ok(Json(app.services.import_firms(&caller.scope, &upload.name, upload.bytes, reason, dry_run).await?))
}

/// Join two records of one firm.
#[utoipa::path(
    post,
    path = "/api/firms/merge",
    tag = "firms",
    request_body = MergeFirms,
    responses((status = 200, body = MergeView), (status = "default", description = "Refused.", body = Problem))
)]
async fn merge_firms(
    State(app): State<Arc<App>>,
    caller: Caller,
    Json(body): Json<MergeFirms>,
) -> Answer<Json<MergeView>> {
    Ok(Json(app.services.merge_firms(&caller.scope, body).await?))
}

/// Split what was joined.
#[utoipa::path(
    post,
    path = "/api/firms/merge/{id}/undo",
    tag = "firms",
    params(("id" = i64, Path)),
    request_body = Reason,
    responses((status = 200, body = FirmDetail), (status = "default", description = "Refused.", body = Problem))
)]
async fn undo_merge(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<i64>,
    Json(body): Json<Reason>,
) -> Answer<Json<FirmDetail>> {
    Ok(Json(app.services.undo_merge(&caller.scope, id, &body.reason).await?))
}
