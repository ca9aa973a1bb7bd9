//! Objections.

use super::prelude::*;
use services::requests::ObjectionStep;
use services::views::ObjectionView;

/// The routes.
pub fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(list_objections, create_objection))
        .routes(routes!(act_on_objection))
        .routes(routes!(get_objection_file))
}

/// Objections.
#[utoipa::path(
    get,
    path = "/api/evaluations/{id}/objections",
    tag = "objections",
    params(("id" = i64, Path)),
    responses((status = 200, body = Vec<ObjectionView>), (status = "default", description = "Refused.", body = Problem))
)]
async fn list_objections(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<i64>,
) -> Answer<Json<Vec<ObjectionView>>> {
    Ok(Json(app.services.list_objections(&caller.scope, id).await?))
}

/// A firm objects.
#[utoipa::path(
    post,
    path = "/api/evaluations/{id}/objections",
    tag = "objections",
    params(("id" = i64, Path)),
    request_body(content_type = "multipart/form-data", content = Vec<u8>),
    responses((status = 200, body = ObjectionView), (status = "default", description = "Refused.", body = Problem))
)]
async fn create_objection(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<i64>,
    upload: Upload,
) -> Answer<Json<ObjectionView>> {
    Ok(Json(app.services.create_objection(&caller.scope, id, upload.into_objection()?).await?))
}

/// Answer, accept, reject or withdraw.
#[utoipa::path(
    post,
    path = "/api/objections/{id}/actions/{action}",
    tag = "objections",
    params(("id" = i64, Path), ("action" = String, Path)),
    request_body = ObjectionStep,
    responses((status = 200, body = ObjectionView), (status = "default", description = "Refused.", body = Problem))
)]
async fn act_on_objection(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path((id, action)): Path<(i64, String)>,
    Json(body): Json<ObjectionStep>,
) -> Answer<Json<ObjectionView>> {
    Ok(Json(app.services.act_on_objection(&caller.scope, id, &action, body).await?))
}

/// The file handed in.
#[utoipa::path(
    get,
    path = "/api/objections/{id}/file",
    tag = "objections",
    params(("id" = i64, Path)),
    responses((status = 200, description = "A file.", content_type = "application/octet-stream", body = Vec<u8>), (status = "default", description = "Refused.", body = Problem))
)]
async fn get_objection_file(State(app): State<Arc<App>>, caller: Caller, Path(id): Path<i64>) -> Answer<Response> {
    Ok(file(app.services.get_objection_file(&caller.scope, id).await?))
}
