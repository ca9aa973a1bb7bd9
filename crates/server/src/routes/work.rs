//! What waits, and the search box.

use super::prelude::*;
use services::queries::ListQuery;
use services::views::{SearchHit, WorkItem};

/// The routes.
pub fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(list_work)).routes(routes!(search))
}

/// What waits for the person who is signed in.
#[utoipa::path(
    get,
    path = "/api/work",
    tag = "work",
    responses((status = 200, body = Vec<WorkItem>), (status = "default", description = "Refused.", body = Problem))
)]
async fn list_work(State(app): State<Arc<App>>, caller: Caller) -> Answer<Json<Vec<WorkItem>>> {
    Ok(Json(app.services.list_work(&caller.scope).await?))
}

/// Firms by part of the name, pinyin initials or credit code.
#[utoipa::path(
    get,
    path = "/api/search",
    tag = "work",
    params(ListQuery),
    responses((status = 200, body = Vec<SearchHit>), (status = "default", description = "Refused.", body = Problem))
)]
async fn search(
    State(app): State<Arc<App>>,
    caller: Caller,
    Query(query): Query<ListQuery>,
) -> Answer<Json<Vec<SearchHit>>> {
    Ok(Json(app.services.search(&caller.scope, query.q.as_deref().unwrap_or_default()).await?))
}
