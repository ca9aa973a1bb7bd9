//! The register of firms.

use super::prelude::*;
use services::queries::FirmQuery;
use services::requests::{MergeFirms, Reason};
use services::views::{FirmDetail, FirmRow, MergeView, Page};

/// The routes.
pub fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(list_firms))
        .routes(routes!(get_firm))
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
