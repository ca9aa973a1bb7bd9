//! Parcels and leases.

use super::prelude::*;
use services::queries::ListQuery;
use services::views::{Page, ParcelRow};

/// The routes.
pub fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(list_parcels))
}

/// Parcels with their tenants.
#[utoipa::path(
    get,
    path = "/api/evaluations/{id}/parcels",
    tag = "land",
    params(("id" = i64, Path), ListQuery),
    responses((status = 200, body = Page<ParcelRow>), (status = "default", description = "Refused.", body = Problem))
)]
async fn list_parcels(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<i64>,
    Query(query): Query<ListQuery>,
) -> Answer<Json<Page<ParcelRow>>> {
    Ok(Json(app.services.list_parcels(&caller.scope, id, &query).await?))
}
