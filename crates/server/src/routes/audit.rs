//! The audit log.

use super::prelude::*;
use services::queries::ListQuery;
use services::views::{AuditCheck, AuditView, Page};

/// The routes.
pub fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(list_audit)).routes(routes!(verify_audit))
}

/// The audit log, newest first.
#[utoipa::path(
    get,
    path = "/api/audit",
    tag = "audit",
    params(ListQuery),
    responses((status = 200, body = Page<AuditView>), (status = "default", description = "Refused.", body = Problem))
)]
async fn list_audit(
    State(app): State<Arc<App>>,
    caller: Caller,
    Query(query): Query<ListQuery>,
) -> Answer<Json<Page<AuditView>>> {
    Ok(Json(app.services.list_audit(&caller.scope, &query).await?))
}

/// Walk the whole chain.
#[utoipa::path(
    get,
    path = "/api/audit/verify",
    tag = "audit",
    responses((status = 200, body = AuditCheck), (status = "default", description = "Refused.", body = Problem))
)]
async fn verify_audit(State(app): State<Arc<App>>, caller: Caller) -> Answer<Json<AuditCheck>> {
    Ok(Json(app.services.verify_audit(&caller.scope).await?))
}
