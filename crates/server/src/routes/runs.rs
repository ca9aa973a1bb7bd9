//! Runs: results, proof, differences, measures, verification, exports.

use super::prelude::*;
use services::queries::{ListQuery, ResultQuery};
use services::views::{Lifts, MeasureRow, Page, Proof, ResultRow, RunDiff, RunSummary, VerifyReport};

/// The routes.
pub fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(get_run))
        .routes(routes!(list_results))
        .routes(routes!(get_proof))
        .routes(routes!(get_proof_pdf))
        .routes(routes!(get_lift))
        .routes(routes!(get_diff))
        .routes(routes!(list_measures))
        .routes(routes!(verify_run))
        .routes(routes!(export_run))
        .routes(routes!(get_notice_pdf))
}

/// Overview of a run.
#[utoipa::path(
    get,
    path = "/api/runs/{id}",
    tag = "runs",
    params(("id" = i64, Path)),
    responses((status = 200, body = RunSummary), (status = "default", description = "Refused.", body = Problem))
)]
async fn get_run(State(app): State<Arc<App>>, caller: Caller, Path(id): Path<i64>) -> Answer<Json<RunSummary>> {
    Ok(Json(app.services.get_run(&caller.scope, id).await?))
}

/// Results firm by firm.
#[utoipa::path(
    get,
    path = "/api/runs/{id}/firms",
    tag = "runs",
    params(("id" = i64, Path), ResultQuery),
    responses((status = 200, body = Page<ResultRow>), (status = "default", description = "Refused.", body = Problem))
)]
async fn list_results(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<i64>,
    Query(query): Query<ResultQuery>,
) -> Answer<Json<Page<ResultRow>>> {
    Ok(Json(app.services.list_results(&caller.scope, id, &query).await?))
}

/// Why a firm has its class.
#[utoipa::path(
    get,
    path = "/api/runs/{id}/firms/{firm}/proof",
    tag = "runs",
    params(("id" = i64, Path), ("firm" = i64, Path)),
    responses((status = 200, body = Proof), (status = "default", description = "Refused.", body = Problem))
)]
async fn get_proof(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path((id, firm)): Path<(i64, i64)>,
) -> Answer<Json<Proof>> {
    Ok(Json(app.services.get_proof(&caller.scope, id, firm).await?))
}

/// The proof for print.
#[utoipa::path(
    get,
    path = "/api/runs/{id}/firms/{firm}/proof/pdf",
    tag = "runs",
    params(("id" = i64, Path), ("firm" = i64, Path)),
    responses((status = 200, description = "A file.", content_type = "application/octet-stream", body = Vec<u8>), (status = "default", description = "Refused.", body = Problem))
)]
async fn get_proof_pdf(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path((id, firm)): Path<(i64, i64)>,
) -> Answer<Response> {
    Ok(file(app.services.get_proof_pdf(&caller.scope, id, firm).await?))
}

/// The cheapest changes that lift the class.
#[utoipa::path(
    get,
    path = "/api/runs/{id}/firms/{firm}/lift",
    tag = "runs",
    params(("id" = i64, Path), ("firm" = i64, Path)),
    responses((status = 200, body = Lifts), (status = "default", description = "Refused.", body = Problem))
)]
async fn get_lift(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path((id, firm)): Path<(i64, i64)>,
) -> Answer<Json<Lifts>> {
    Ok(Json(app.services.get_lift(&caller.scope, id, firm).await?))
}

/// What changed between two runs, firm by firm.
#[utoipa::path(
    get,
    path = "/api/runs/{id}/diff/{older}",
    tag = "runs",
    params(("id" = i64, Path), ("older" = i64, Path)),
    responses((status = 200, body = RunDiff), (status = "default", description = "Refused.", body = Problem))
)]
async fn get_diff(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path((id, older)): Path<(i64, i64)>,
) -> Answer<Json<RunDiff>> {
    Ok(Json(app.services.get_diff(&caller.scope, id, older).await?))
}

/// Measures that follow.
#[utoipa::path(
    get,
    path = "/api/runs/{id}/measures",
    tag = "runs",
    params(("id" = i64, Path), ListQuery),
    responses((status = 200, body = Page<MeasureRow>), (status = "default", description = "Refused.", body = Problem))
)]
async fn list_measures(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<i64>,
    Query(query): Query<ListQuery>,
) -> Answer<Json<Page<MeasureRow>>> {
    Ok(Json(app.services.list_measures(&caller.scope, id, &query).await?))
}

/// Recompute and compare to the bit.
#[utoipa::path(
    get,
    path = "/api/runs/{id}/verify",
    tag = "runs",
    params(("id" = i64, Path)),
    responses((status = 200, body = VerifyReport), (status = "default", description = "Refused.", body = Problem))
)]
async fn verify_run(State(app): State<Arc<App>>, caller: Caller, Path(id): Path<i64>) -> Answer<Json<VerifyReport>> {
    Ok(Json(app.services.verify_run(&caller.scope, id).await?))
}

/// Results or measures as xlsx or csv.
#[utoipa::path(
    get,
    path = "/api/runs/{id}/export",
    tag = "runs",
    params(("id" = i64, Path), ResultQuery),
    responses((status = 200, description = "A file.", content_type = "application/octet-stream", body = Vec<u8>), (status = "default", description = "Refused.", body = Problem))
)]
async fn export_run(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<i64>,
    Query(query): Query<ResultQuery>,
) -> Answer<Response> {
    Ok(file(app.services.export_run(&caller.scope, id, &query).await?))
}

/// The notice for print.
#[utoipa::path(
    get,
    path = "/api/runs/{id}/notice/pdf",
    tag = "runs",
    params(("id" = i64, Path)),
    responses((status = 200, description = "A file.", content_type = "application/octet-stream", body = Vec<u8>), (status = "default", description = "Refused.", body = Problem))
)]
async fn get_notice_pdf(State(app): State<Arc<App>>, caller: Caller, Path(id): Path<i64>) -> Answer<Response> {
    Ok(file(app.services.get_notice_pdf(&caller.scope, id).await?))
}
