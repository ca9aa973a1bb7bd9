//! Evaluations and the steps of their process.

use super::prelude::*;
use services::requests::{NewEvaluationRequest, Step};
use services::views::{EvaluationDetail, EvaluationRow};

/// The routes.
pub fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(list_evaluations, create_evaluation))
        .routes(routes!(get_evaluation))
        .routes(routes!(act_on_evaluation))
}

/// Evaluations.
#[utoipa::path(
    get,
    path = "/api/evaluations",
    tag = "evaluations",
    responses((status = 200, body = Vec<EvaluationRow>), (status = "default", description = "Refused.", body = Problem))
)]
async fn list_evaluations(State(app): State<Arc<App>>, caller: Caller) -> Answer<Json<Vec<EvaluationRow>>> {
    Ok(Json(app.services.list_evaluations(&caller.scope).await?))
}

/// Open a year of a county.
#[utoipa::path(
    post,
    path = "/api/evaluations",
    tag = "evaluations",
    request_body = NewEvaluationRequest,
    responses((status = 200, body = EvaluationDetail), (status = "default", description = "Refused.", body = Problem))
)]
async fn create_evaluation(
    State(app): State<Arc<App>>,
    caller: Caller,
    Json(body): Json<NewEvaluationRequest>,
) -> Answer<Json<EvaluationDetail>> {
    Ok(Json(app.services.create_evaluation(&caller.scope, body).await?))
}

/// One evaluation.
#[utoipa::path(
    get,
    path = "/api/evaluations/{id}",
    tag = "evaluations",
    params(("id" = i64, Path)),
    responses((status = 200, body = EvaluationDetail), (status = "default", description = "Refused.", body = Problem))
)]
async fn get_evaluation(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<i64>,
) -> Answer<Json<EvaluationDetail>> {
    Ok(Json(app.services.get_evaluation(&caller.scope, id).await?))
}

/// Take a step of the process.
#[utoipa::path(
    post,
    path = "/api/evaluations/{id}/actions/{action}",
    tag = "evaluations",
    params(("id" = i64, Path), ("action" = String, Path)),
    request_body = Step,
    responses((status = 200, body = EvaluationDetail), (status = "default", description = "Refused.", body = Problem))
)]
async fn act_on_evaluation(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path((id, action)): Path<(i64, String)>,
    Json(body): Json<Step>,
) -> Answer<Json<EvaluationDetail>> {
    Ok(Json(app.services.act_on_evaluation(&caller.scope, id, &action, body).await?))
}
