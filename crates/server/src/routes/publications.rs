//! What the public may read, without signing in.

use super::prelude::*;
use services::queries::ResultQuery;
use services::requests::SchemeQuery;
use services::views::{Publication, PublicationRow, SchemeView};

/// The routes.
pub fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(list_publications))
        .routes(routes!(get_publication))
        .routes(routes!(export_publication))
        .routes(routes!(get_public_scheme))
}

/// Published lists.
#[utoipa::path(
    get,
    path = "/api/public/publications",
    tag = "publications",
    responses((status = 200, body = Vec<PublicationRow>), (status = "default", description = "Refused.", body = Problem))
)]
async fn list_publications(State(app): State<Arc<App>>) -> Answer<Json<Vec<PublicationRow>>> {
    Ok(Json(app.services.list_publications().await?))
}

/// One published list.
#[utoipa::path(
    get,
    path = "/api/public/publications/{id}",
    tag = "publications",
    params(("id" = i64, Path)),
    responses((status = 200, body = Publication), (status = "default", description = "Refused.", body = Problem))
)]
async fn get_publication(State(app): State<Arc<App>>, Path(id): Path<i64>) -> Answer<Json<Publication>> {
    Ok(Json(app.services.get_publication(id).await?))
}

/// A published list as csv or xlsx.
#[utoipa::path(
    get,
    path = "/api/public/publications/{id}/export",
    tag = "publications",
    params(("id" = i64, Path), ResultQuery),
    responses((status = 200, description = "A file.", content_type = "application/octet-stream", body = Vec<u8>), (status = "default", description = "Refused.", body = Problem))
)]
async fn export_publication(
    State(app): State<Arc<App>>,
    Path(id): Path<i64>,
    Query(query): Query<ResultQuery>,
) -> Answer<Response> {
    Ok(file(app.services.export_publication(id, query.format.as_deref()).await?))
}

/// A scheme that a published list rests on.
#[utoipa::path(
    get,
    path = "/api/public/schemes/view",
    tag = "publications",
    params(SchemeQuery),
    responses((status = 200, body = SchemeView), (status = "default", description = "Refused.", body = Problem))
)]
async fn get_public_scheme(State(app): State<Arc<App>>, Query(query): Query<SchemeQuery>) -> Answer<Json<SchemeView>> {
    Ok(Json(app.services.get_scheme(&query.id, query.version).await?))
}
