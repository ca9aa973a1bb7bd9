//! What comes from the law and the code lists: divisions, articles, schemes, maps.

use super::prelude::*;
use services::requests::SchemeQuery;
use services::views::{ArticleView, DivisionView, SchemeRef, SchemeView};

/// The routes.
pub fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(list_divisions))
        .routes(routes!(list_articles))
        .routes(routes!(list_schemes))
        .routes(routes!(get_scheme))
        .routes(routes!(get_map))
}

/// Divisions that the person may see.
#[utoipa::path(
    get,
    path = "/api/divisions",
    tag = "catalogue",
    responses((status = 200, body = Vec<DivisionView>), (status = "default", description = "Refused.", body = Problem))
)]
async fn list_divisions(State(app): State<Arc<App>>, caller: Caller) -> Answer<Json<Vec<DivisionView>>> {
    Ok(Json(app.services.list_divisions(&caller.scope).await?))
}

/// The twenty articles and what of them is live.
#[utoipa::path(
    get,
    path = "/api/articles",
    tag = "catalogue",
    responses((status = 200, body = Vec<ArticleView>), (status = "default", description = "Refused.", body = Problem))
)]
async fn list_articles(State(app): State<Arc<App>>, caller: Caller) -> Answer<Json<Vec<ArticleView>>> {
    Ok(Json(app.services.list_articles(&caller.scope).await?))
}

/// All scheme versions.
#[utoipa::path(
    get,
    path = "/api/schemes",
    tag = "catalogue",
    responses((status = 200, body = Vec<SchemeRef>), (status = "default", description = "Refused.", body = Problem))
)]
async fn list_schemes(State(app): State<Arc<App>>, _: Caller) -> Answer<Json<Vec<SchemeRef>>> {
    Ok(Json(app.services.list_schemes().await?))
}

/// One scheme with its text.
#[utoipa::path(
    get,
    path = "/api/schemes/view",
    tag = "catalogue",
    params(SchemeQuery),
    responses((status = 200, body = SchemeView), (status = "default", description = "Refused.", body = Problem))
)]
async fn get_scheme(
    State(app): State<Arc<App>>,
    _: Caller,
    Query(query): Query<SchemeQuery>,
) -> Answer<Json<SchemeView>> {
    Ok(Json(app.services.get_scheme(&query.id, query.version).await?))
}

/// Outlines of counties or cities as GeoJSON.
#[utoipa::path(
    get,
    path = "/api/maps/{level}",
    tag = "catalogue",
    params(("level" = String, Path)),
    responses((status = 200, description = "A file.", content_type = "application/octet-stream", body = Vec<u8>), (status = "default", description = "Refused.", body = Problem))
)]
async fn get_map(State(app): State<Arc<App>>, _: Caller, Path(level): Path<String>) -> Answer<Response> {
    Ok(file(app.services.get_map(&level).await?))
}
