//! What-ifs over a run.

use super::prelude::*;
use services::requests::WhatIfRequest;
use services::views::{OverlayHandle, WhatIfResult, WhatIfView};

/// The routes.
pub fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(list_handles))
        .routes(routes!(try_what_if))
        .routes(routes!(list_what_ifs, create_what_if))
        .routes(routes!(get_what_if, delete_what_if))
}

/// Numbers and switches that a what-if may change.
#[utoipa::path(
    get,
    path = "/api/runs/{id}/what-if/handles",
    tag = "what_ifs",
    params(("id" = i64, Path)),
    responses((status = 200, body = Vec<OverlayHandle>), (status = "default", description = "Refused.", body = Problem))
)]
async fn list_handles(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<i64>,
) -> Answer<Json<Vec<OverlayHandle>>> {
    Ok(Json(app.services.list_handles(&caller.scope, id).await?))
}

/// Recompute everyone under some changes.
#[utoipa::path(
    post,
    path = "/api/runs/{id}/what-if",
    tag = "what_ifs",
    params(("id" = i64, Path)),
    request_body = WhatIfRequest,
    responses((status = 200, body = WhatIfResult), (status = "default", description = "Refused.", body = Problem))
)]
async fn try_what_if(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<i64>,
    Json(body): Json<WhatIfRequest>,
) -> Answer<Json<WhatIfResult>> {
    Ok(Json(app.services.try_what_if(&caller.scope, id, &body.changes).await?))
}

/// Kept what-ifs.
#[utoipa::path(
    get,
    path = "/api/runs/{id}/what-ifs",
    tag = "what_ifs",
    params(("id" = i64, Path)),
    responses((status = 200, body = Vec<WhatIfView>), (status = "default", description = "Refused.", body = Problem))
)]
async fn list_what_ifs(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<i64>,
) -> Answer<Json<Vec<WhatIfView>>> {
    Ok(Json(app.services.list_what_ifs(&caller.scope, id).await?))
}

/// Keep a what-if.
#[utoipa::path(
    post,
    path = "/api/runs/{id}/what-ifs",
    tag = "what_ifs",
    params(("id" = i64, Path)),
    request_body = WhatIfRequest,
    responses((status = 200, body = WhatIfView), (status = "default", description = "Refused.", body = Problem))
)]
async fn create_what_if(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<i64>,
    Json(body): Json<WhatIfRequest>,
) -> Answer<Json<WhatIfView>> {
    Ok(Json(app.services.create_what_if(&caller.scope, id, body).await?))
}

/// One what-if.
#[utoipa::path(
    get,
    path = "/api/what-ifs/{id}",
    tag = "what_ifs",
    params(("id" = i64, Path)),
    responses((status = 200, body = WhatIfView), (status = "default", description = "Refused.", body = Problem))
)]
async fn get_what_if(State(app): State<Arc<App>>, caller: Caller, Path(id): Path<i64>) -> Answer<Json<WhatIfView>> {
    Ok(Json(app.services.get_what_if(&caller.scope, id).await?))
}

/// Drop a what-if.
#[utoipa::path(
    delete,
    path = "/api/what-ifs/{id}",
    tag = "what_ifs",
    params(("id" = i64, Path)),
    responses((status = 200, body = Vec<WhatIfView>), (status = "default", description = "Refused.", body = Problem))
)]
async fn delete_what_if(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<i64>,
) -> Answer<Json<Vec<WhatIfView>>> {
    Ok(Json(app.services.delete_what_if(&caller.scope, id).await?))
}
