//! Rounds of titles and policies, and the filings in them.

use super::prelude::*;
use services::requests::Step;
use services::round_views::{
    BuiltRequest, FilingDetail, FilingRow, FilingStep, FindingRequest, LinesRequest, NewFilingRequest, NewRoundRequest,
    RoundDetail, RoundRow, RoundVerification,
};

/// The routes.
pub fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(list_rounds, create_round))
        .routes(routes!(get_round))
        .routes(routes!(act_on_round))
        .routes(routes!(verify_round))
        .routes(routes!(list_round_filings, create_filing))
        .routes(routes!(list_filings))
        .routes(routes!(get_filing))
        .routes(routes!(act_on_filing))
        .routes(routes!(judge_filing))
        .routes(routes!(answer_question))
        .routes(routes!(add_lines))
        .routes(routes!(remove_line))
        .routes(routes!(check_line))
        .routes(routes!(add_document))
        .routes(routes!(get_document))
}

/// Version of a filing that was looked at.
#[derive(serde::Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct Seen {
    /// Version.
    version: i64,
}

/// Rounds that concern the person.
#[utoipa::path(
    get,
    path = "/api/rounds",
    tag = "rounds",
    responses((status = 200, body = Vec<RoundRow>), (status = "default", description = "Refused.", body = Problem))
)]
async fn list_rounds(State(app): State<Arc<App>>, caller: Caller) -> Answer<Json<Vec<RoundRow>>> {
    Ok(Json(app.services.list_rounds(&caller.scope).await?))
}

/// Opens a round.
#[utoipa::path(
    post,
    path = "/api/rounds",
    tag = "rounds",
    request_body = NewRoundRequest,
    responses((status = 200, body = RoundDetail), (status = "default", description = "Refused.", body = Problem))
)]
async fn create_round(
    State(app): State<Arc<App>>,
    caller: Caller,
    Json(body): Json<NewRoundRequest>,
) -> Answer<Json<RoundDetail>> {
    Ok(Json(app.services.create_round(&caller.scope, body).await?))
}

/// One round.
#[utoipa::path(
    get,
    path = "/api/rounds/{id}",
    tag = "rounds",
    params(("id" = i64, Path)),
    responses((status = 200, body = RoundDetail), (status = "default", description = "Refused.", body = Problem))
)]
async fn get_round(State(app): State<Arc<App>>, caller: Caller, Path(id): Path<i64>) -> Answer<Json<RoundDetail>> {
    Ok(Json(app.services.get_round(&caller.scope, id).await?))
}

/// Cut, cut again, draw, give notice, list, cancel.
#[utoipa::path(
    post,
    path = "/api/rounds/{id}/actions/{action}",
    tag = "rounds",
    params(("id" = i64, Path), ("action" = String, Path)),
    request_body = Step,
    responses((status = 200, body = RoundDetail), (status = "default", description = "Refused.", body = Problem))
)]
async fn act_on_round(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path((id, action)): Path<(i64, String)>,
    Json(body): Json<Step>,
) -> Answer<Json<RoundDetail>> {
    Ok(Json(app.services.act_on_round(&caller.scope, id, &action, body).await?))
}

/// Recomputes a round from its cut and the rules.
#[utoipa::path(
    get,
    path = "/api/rounds/{id}/verify",
    tag = "rounds",
    params(("id" = i64, Path)),
    responses((status = 200, body = RoundVerification), (status = "default", description = "Refused.", body = Problem))
)]
async fn verify_round(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<i64>,
) -> Answer<Json<RoundVerification>> {
    Ok(Json(app.services.verify_round(&caller.scope, id).await?))
}

/// Filings in a round.
#[utoipa::path(
    get,
    path = "/api/rounds/{id}/filings",
    tag = "rounds",
    params(("id" = i64, Path)),
    responses((status = 200, body = Vec<FilingRow>), (status = "default", description = "Refused.", body = Problem))
)]
async fn list_round_filings(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<i64>,
) -> Answer<Json<Vec<FilingRow>>> {
    Ok(Json(app.services.list_filings(&caller.scope, Some(id)).await?))
}

/// Hands in a filing.
#[utoipa::path(
    post,
    path = "/api/rounds/{id}/filings",
    tag = "rounds",
    params(("id" = i64, Path)),
    request_body = NewFilingRequest,
    responses((status = 200, body = FilingDetail), (status = "default", description = "Refused.", body = Problem))
)]
async fn create_filing(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<i64>,
    Json(body): Json<NewFilingRequest>,
) -> Answer<Json<FilingDetail>> {
    Ok(Json(app.services.create_filing(&caller.scope, id, body).await?))
}

/// Filings that the person may see.
#[utoipa::path(
    get,
    path = "/api/filings",
    tag = "rounds",
    responses((status = 200, body = Vec<FilingRow>), (status = "default", description = "Refused.", body = Problem))
)]
async fn list_filings(State(app): State<Arc<App>>, caller: Caller) -> Answer<Json<Vec<FilingRow>>> {
    Ok(Json(app.services.list_filings(&caller.scope, None).await?))
}

/// One filing.
#[utoipa::path(
    get,
    path = "/api/filings/{id}",
    tag = "rounds",
    params(("id" = i64, Path)),
    responses((status = 200, body = FilingDetail), (status = "default", description = "Refused.", body = Problem))
)]
async fn get_filing(State(app): State<Arc<App>>, caller: Caller, Path(id): Path<i64>) -> Answer<Json<FilingDetail>> {
    Ok(Json(app.services.get_filing(&caller.scope, id).await?))
}

/// A step of a filing.
#[utoipa::path(
    post,
    path = "/api/filings/{id}/actions/{action}",
    tag = "rounds",
    params(("id" = i64, Path), ("action" = String, Path)),
    request_body = FilingStep,
    responses((status = 200, body = FilingDetail), (status = "default", description = "Refused.", body = Problem))
)]
async fn act_on_filing(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path((id, action)): Path<(i64, String)>,
    Json(body): Json<FilingStep>,
) -> Answer<Json<FilingDetail>> {
    Ok(Json(app.services.act_on_filing(&caller.scope, id, &action, body).await?))
}

/// States what people judge.
#[utoipa::path(
    post,
    path = "/api/filings/{id}/judgements",
    tag = "rounds",
    params(("id" = i64, Path)),
    request_body = FindingRequest,
    responses((status = 200, body = FilingDetail), (status = "default", description = "Refused.", body = Problem))
)]
async fn judge_filing(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<i64>,
    Json(body): Json<FindingRequest>,
) -> Answer<Json<FilingDetail>> {
    Ok(Json(app.services.judge_filing(&caller.scope, id, body).await?))
}

/// Answers a question about a filing.
#[utoipa::path(
    post,
    path = "/api/filings/{id}/answers",
    tag = "rounds",
    params(("id" = i64, Path)),
    request_body = FindingRequest,
    responses((status = 200, body = FilingDetail), (status = "default", description = "Refused.", body = Problem))
)]
async fn answer_question(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<i64>,
    Json(body): Json<FindingRequest>,
) -> Answer<Json<FilingDetail>> {
    Ok(Json(app.services.answer_question(&caller.scope, id, body).await?))
}

/// Hands in invoice lines.
#[utoipa::path(
    post,
    path = "/api/filings/{id}/lines",
    tag = "rounds",
    params(("id" = i64, Path)),
    request_body = LinesRequest,
    responses((status = 200, body = FilingDetail), (status = "default", description = "Refused.", body = Problem))
)]
async fn add_lines(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<i64>,
    Json(body): Json<LinesRequest>,
) -> Answer<Json<FilingDetail>> {
    Ok(Json(app.services.add_lines(&caller.scope, id, body).await?))
}

/// Takes an invoice line out.
#[utoipa::path(
    delete,
    path = "/api/filings/{id}/lines/{line}",
    tag = "rounds",
    params(("id" = i64, Path), ("line" = i64, Path), Seen),
    responses((status = 200, body = FilingDetail), (status = "default", description = "Refused.", body = Problem))
)]
async fn remove_line(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path((id, line)): Path<(i64, i64)>,
    Query(seen): Query<Seen>,
) -> Answer<Json<FilingDetail>> {
    Ok(Json(app.services.remove_line(&caller.scope, id, line, seen.version).await?))
}

/// States what was found of an invoice line on the spot.
#[utoipa::path(
    post,
    path = "/api/filings/{id}/lines/{line}/built",
    tag = "rounds",
    params(("id" = i64, Path), ("line" = i64, Path)),
    request_body = BuiltRequest,
    responses((status = 200, body = FilingDetail), (status = "default", description = "Refused.", body = Problem))
)]
async fn check_line(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path((id, line)): Path<(i64, i64)>,
    Json(body): Json<BuiltRequest>,
) -> Answer<Json<FilingDetail>> {
    Ok(Json(app.services.check_line(&caller.scope, id, line, body).await?))
}

/// Hands in a document.
#[utoipa::path(
    post,
    path = "/api/filings/{id}/documents",
    tag = "rounds",
    params(("id" = i64, Path), Seen),
    request_body(content_type = "multipart/form-data", content = Vec<u8>),
    responses((status = 200, body = FilingDetail), (status = "default", description = "Refused.", body = Problem))
)]
async fn add_document(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<i64>,
    Query(seen): Query<Seen>,
    upload: Upload,
) -> Answer<Json<FilingDetail>> {
    Ok(Json(app.services.add_document(&caller.scope, id, seen.version, upload.name, upload.bytes).await?))
}

/// A document.
#[utoipa::path(
    get,
    path = "/api/filings/{id}/documents/{digest}",
    tag = "rounds",
    params(("id" = i64, Path), ("digest" = String, Path)),
    responses((status = 200, description = "A file.", content_type = "application/octet-stream", body = Vec<u8>), (status = "default", description = "Refused.", body = Problem))
)]
async fn get_document(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path((id, digest)): Path<(i64, String)>,
) -> Answer<Response> {
    Ok(file(app.services.get_document(&caller.scope, id, &digest).await?))
}
