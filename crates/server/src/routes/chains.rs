//! Industry chains: graph, placements, gaps, stress tests, proposals and tasks, needs and suppliers, and the
//! clusters of the region.

use super::prelude::*;
use axum::extract::Multipart;
use services::chain_views::*;
use services::refusal::Refusal;
use services::requests::Step;

/// Largest file with a graph.
const GRAPH_BYTES_MAX: usize = 256 << 20;
/// Largest table of the region.
const TABLE_BYTES_MAX: usize = 64 << 20;

/// The routes.
pub fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(list_chain_templates))
        .routes(routes!(list_chains, create_chain))
        .routes(routes!(get_chain))
        .routes(routes!(get_chain_graph))
        .routes(routes!(get_chain_node))
        .routes(routes!(change_chain))
        .routes(routes!(import_claims))
        .routes(routes!(export_chain))
        .routes(routes!(list_placements, place_firm))
        .routes(routes!(get_gaps))
        .routes(routes!(stress_chain))
        .routes(routes!(rank_chain))
        .routes(routes!(get_proposals))
        .routes(routes!(list_chain_tasks, create_chain_task))
        .routes(routes!(list_all_chain_tasks))
        .routes(routes!(get_chain_task))
        .routes(routes!(act_on_chain_task))
        .routes(routes!(add_task_evidence))
        .routes(routes!(get_task_evidence))
        .routes(routes!(list_needs, create_need))
        .routes(routes!(get_need))
        .routes(routes!(act_on_need))
        .routes(routes!(introduce))
        .routes(routes!(act_on_introduction))
        .routes(routes!(show_order))
        .routes(routes!(list_capabilities, put_capability))
        .routes(routes!(get_clusters, load_clusters))
        .merge(
            OpenApiRouter::new()
                .routes(routes!(import_chain))
                .layer(axum::extract::DefaultBodyLimit::max(GRAPH_BYTES_MAX)),
        )
}

/// A day; none: today.
#[derive(serde::Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct OnDay {
    /// Day, such as 2026-03-15.
    #[serde(default)]
    day: String,
    /// Revision; 0: the newest.
    #[serde(default)]
    revision: i64,
}

/// A node on a day.
#[derive(serde::Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct NodeOnDay {
    /// Node.
    id: String,
    /// Day; none: today.
    #[serde(default)]
    day: String,
}

/// A place on a day.
#[derive(serde::Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct PlaceOnDay {
    /// Division code; none: the one that leads the chain.
    #[serde(default)]
    place: String,
    /// Day; none: today.
    #[serde(default)]
    day: String,
}

/// A product on a day.
#[derive(serde::Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct ProductOnDay {
    /// Product node.
    product: String,
    /// Day; none: today.
    #[serde(default)]
    day: String,
}

/// How long sources stop.
#[derive(serde::Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct Ranked {
    /// Day; none: today.
    #[serde(default)]
    day: String,
    /// Days that each stops; 0: by rule.
    #[serde(default)]
    days: u32,
    /// Days followed; 0: by rule.
    #[serde(default)]
    horizon: u32,
}

/// What an import changes.
#[derive(serde::Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct Import {
    /// Revision that was looked at.
    revision: i64,
    /// Why.
    #[serde(default)]
    reason: String,
    /// Only say what would change.
    #[serde(default)]
    trial: bool,
}

/// How an export is written.
#[derive(serde::Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct Export {
    /// `json`, `graphml`, `nodes.csv`, `edges.csv`.
    format: String,
    /// Day; none: all days.
    #[serde(default)]
    day: String,
}

/// Of one chain; none: of all.
#[derive(serde::Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct OfChain {
    /// Chain.
    #[serde(default)]
    chain: Option<i64>,
}

/// Version that was looked at.
#[derive(serde::Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct Seen {
    /// Version.
    version: i64,
}

/// A supplier.
#[derive(serde::Deserialize, utoipa::ToSchema)]
struct Supplier {
    /// Firm of the register.
    firm: i64,
}

/// Templates of chains that can be opened here.
#[utoipa::path(
    get,
    path = "/api/chain-templates",
    tag = "chains",
    responses((status = 200, body = Vec<ChainTemplateRow>), (status = "default", description = "Refused.", body = Problem))
)]
async fn list_chain_templates(State(app): State<Arc<App>>, caller: Caller) -> Answer<Json<Vec<ChainTemplateRow>>> {
    Ok(Json(app.services.chain_templates(&caller.scope).await?))
}

/// Chains that concern the person.
#[utoipa::path(
    get,
    path = "/api/chains",
    tag = "chains",
    responses((status = 200, body = Vec<ChainRow>), (status = "default", description = "Refused.", body = Problem))
)]
async fn list_chains(State(app): State<Arc<App>>, caller: Caller) -> Answer<Json<Vec<ChainRow>>> {
    Ok(Json(app.services.list_chains(&caller.scope).await?))
}

/// Opens a chain by a template.
#[utoipa::path(
    post,
    path = "/api/chains",
    tag = "chains",
    request_body = NewChainRequest,
    responses((status = 200, body = ChainDetail), (status = "default", description = "Refused.", body = Problem))
)]
async fn create_chain(
    State(app): State<Arc<App>>,
    caller: Caller,
    Json(body): Json<NewChainRequest>,
) -> Answer<Json<ChainDetail>> {
    Ok(Json(app.services.create_chain(&caller.scope, body).await?))
}

/// One chain without its graph.
#[utoipa::path(
    get,
    path = "/api/chains/{id}",
    tag = "chains",
    params(("id" = i64, Path)),
    responses((status = 200, body = ChainDetail), (status = "default", description = "Refused.", body = Problem))
)]
async fn get_chain(State(app): State<Arc<App>>, caller: Caller, Path(id): Path<i64>) -> Answer<Json<ChainDetail>> {
    Ok(Json(app.services.get_chain(&caller.scope, id).await?))
}

/// The graph of a day, by columns.
#[utoipa::path(
    get,
    path = "/api/chains/{id}/graph",
    tag = "chains",
    params(("id" = i64, Path), OnDay),
    responses((status = 200, body = ChainGraph), (status = "default", description = "Refused.", body = Problem))
)]
async fn get_chain_graph(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<i64>,
    Query(at): Query<OnDay>,
) -> Answer<Json<ChainGraph>> {
    Ok(Json(app.services.chain_graph(&caller.scope, id, &at.day, at.revision).await?))
}

/// One node with its links and their evidence.
#[utoipa::path(
    get,
    path = "/api/chains/{id}/node",
    tag = "chains",
    params(("id" = i64, Path), NodeOnDay),
    responses((status = 200, body = ChainNodeView), (status = "default", description = "Refused.", body = Problem))
)]
async fn get_chain_node(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<i64>,
    Query(at): Query<NodeOnDay>,
) -> Answer<Json<ChainNodeView>> {
    Ok(Json(app.services.chain_node(&caller.scope, id, &at.id, &at.day).await?))
}

/// Changes nodes, links and terms.
#[utoipa::path(
    post,
    path = "/api/chains/{id}/changes",
    tag = "chains",
    params(("id" = i64, Path)),
    request_body = ChainChangeRequest,
    responses((status = 200, body = ChainDetail), (status = "default", description = "Refused.", body = Problem))
)]
async fn change_chain(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<i64>,
    Json(body): Json<ChainChangeRequest>,
) -> Answer<Json<ChainDetail>> {
    Ok(Json(app.services.change_chain(&caller.scope, id, body).await?))
}

/// Reads a graph from one file (JSON, GraphML) or two (nodes.csv and edges.csv).
#[utoipa::path(
    post,
    path = "/api/chains/{id}/import",
    tag = "chains",
    params(("id" = i64, Path), Import),
    request_body(content_type = "multipart/form-data", content = Vec<u8>),
    responses((status = 200, body = ChainImportReport), (status = "default", description = "Refused.", body = Problem))
)]
async fn import_chain(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<i64>,
    Query(import): Query<Import>,
    mut form: Multipart,
) -> Answer<Json<ChainImportReport>> {
    let broken = |e: axum::extract::multipart::MultipartError| match e.status() {
        axum::http::StatusCode::PAYLOAD_TOO_LARGE => services::too_large(GRAPH_BYTES_MAX as u64 + 1, GRAPH_BYTES_MAX),
        _ => Refusal::invalid("not_a_form", "请求不是上传表单。", "The request is not an upload form."),
    };
    let mut files = Vec::new();
    while let Some(field) = form.next_field().await.map_err(broken)? {
        if let Some(name) = field.file_name().map(str::to_owned) {
            files.push((name, field.bytes().await.map_err(broken)?.to_vec()));
        }
    }
    let report =
        app.services.import_chain(&caller.scope, id, import.revision, &import.reason, import.trial, files).await?;
    Ok(Json(report))
}

/// Adds evidence lines from a CSV file.
#[utoipa::path(
    post,
    path = "/api/chains/{id}/claims",
    tag = "chains",
    params(("id" = i64, Path), Import),
    request_body(content_type = "multipart/form-data", content = Vec<u8>),
    responses((status = 200, body = ChainImportReport), (status = "default", description = "Refused.", body = Problem))
)]
async fn import_claims(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<i64>,
    Query(import): Query<Import>,
    upload: Upload,
) -> Answer<Json<ChainImportReport>> {
    Ok(Json(app.services.import_claims(&caller.scope, id, import.revision, &import.reason, &upload.bytes).await?))
}

/// The chain in a format that another installation opens.
#[utoipa::path(
    get,
    path = "/api/chains/{id}/export",
    tag = "chains",
    params(("id" = i64, Path), Export),
    responses((status = 200, description = "A file.", content_type = "application/octet-stream", body = Vec<u8>), (status = "default", description = "Refused.", body = Problem))
)]
async fn export_chain(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<i64>,
    Query(export): Query<Export>,
) -> Answer<Response> {
    Ok(file(app.services.export_chain(&caller.scope, id, &export.format, &export.day).await?))
}

/// Firms on products, with what they rest on.
#[utoipa::path(
    get,
    path = "/api/chains/{id}/placements",
    tag = "chains",
    params(("id" = i64, Path)),
    responses((status = 200, body = PlacementsView), (status = "default", description = "Refused.", body = Problem))
)]
async fn list_placements(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<i64>,
) -> Answer<Json<PlacementsView>> {
    Ok(Json(app.services.chain_placements(&caller.scope, id).await?))
}

/// Decides about one firm and product.
#[utoipa::path(
    post,
    path = "/api/chains/{id}/placements",
    tag = "chains",
    params(("id" = i64, Path)),
    request_body = PlaceRequest,
    responses((status = 200, body = PlacementsView), (status = "default", description = "Refused.", body = Problem))
)]
async fn place_firm(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<i64>,
    Json(body): Json<PlaceRequest>,
) -> Answer<Json<PlacementsView>> {
    Ok(Json(app.services.place_firm(&caller.scope, id, body).await?))
}

/// Every product in a place, with the arithmetic.
#[utoipa::path(
    get,
    path = "/api/chains/{id}/gaps",
    tag = "chains",
    params(("id" = i64, Path), PlaceOnDay),
    responses((status = 200, body = GapsView), (status = "default", description = "Refused.", body = Problem))
)]
async fn get_gaps(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<i64>,
    Query(at): Query<PlaceOnDay>,
) -> Answer<Json<GapsView>> {
    Ok(Json(app.services.chain_gaps(&caller.scope, id, &at.day, &at.place).await?))
}

/// Stops something and follows what comes of it.
#[utoipa::path(
    post,
    path = "/api/chains/{id}/stress",
    tag = "chains",
    params(("id" = i64, Path)),
    request_body = StressRequest,
    responses((status = 200, body = StressView), (status = "default", description = "Refused.", body = Problem))
)]
async fn stress_chain(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<i64>,
    Json(body): Json<StressRequest>,
) -> Answer<Json<StressView>> {
    Ok(Json(app.services.stress_chain(&caller.scope, id, body).await?))
}

/// Every source in turn.
#[utoipa::path(
    get,
    path = "/api/chains/{id}/ranking",
    tag = "chains",
    params(("id" = i64, Path), Ranked),
    responses((status = 200, body = RankingView), (status = "default", description = "Refused.", body = Problem))
)]
async fn rank_chain(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<i64>,
    Query(at): Query<Ranked>,
) -> Answer<Json<RankingView>> {
    Ok(Json(app.services.rank_chain(&caller.scope, id, &at.day, at.days, at.horizon).await?))
}

/// What could be done about a product.
#[utoipa::path(
    get,
    path = "/api/chains/{id}/proposals",
    tag = "chains",
    params(("id" = i64, Path), ProductOnDay),
    responses((status = 200, body = ProposalsView), (status = "default", description = "Refused.", body = Problem))
)]
async fn get_proposals(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<i64>,
    Query(at): Query<ProductOnDay>,
) -> Answer<Json<ProposalsView>> {
    Ok(Json(app.services.chain_proposals(&caller.scope, id, &at.product, &at.day).await?))
}

/// Tasks of a chain.
#[utoipa::path(
    get,
    path = "/api/chains/{id}/tasks",
    tag = "chains",
    params(("id" = i64, Path)),
    responses((status = 200, body = Vec<ChainTaskView>), (status = "default", description = "Refused.", body = Problem))
)]
async fn list_chain_tasks(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<i64>,
) -> Answer<Json<Vec<ChainTaskView>>> {
    Ok(Json(app.services.list_chain_tasks(&caller.scope, Some(id)).await?))
}

/// Accepts a proposal.
#[utoipa::path(
    post,
    path = "/api/chains/{id}/tasks",
    tag = "chains",
    params(("id" = i64, Path)),
    request_body = NewChainTaskRequest,
    responses((status = 200, body = ChainTaskView), (status = "default", description = "Refused.", body = Problem))
)]
async fn create_chain_task(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<i64>,
    Json(body): Json<NewChainTaskRequest>,
) -> Answer<Json<ChainTaskView>> {
    Ok(Json(app.services.create_chain_task(&caller.scope, id, body).await?))
}

/// Tasks of all chains.
#[utoipa::path(
    get,
    path = "/api/chain-tasks",
    tag = "chains",
    responses((status = 200, body = Vec<ChainTaskView>), (status = "default", description = "Refused.", body = Problem))
)]
async fn list_all_chain_tasks(State(app): State<Arc<App>>, caller: Caller) -> Answer<Json<Vec<ChainTaskView>>> {
    Ok(Json(app.services.list_chain_tasks(&caller.scope, None).await?))
}

/// One task.
#[utoipa::path(
    get,
    path = "/api/chain-tasks/{id}",
    tag = "chains",
    params(("id" = i64, Path)),
    responses((status = 200, body = ChainTaskView), (status = "default", description = "Refused.", body = Problem))
)]
async fn get_chain_task(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<i64>,
) -> Answer<Json<ChainTaskView>> {
    Ok(Json(app.services.get_chain_task(&caller.scope, id).await?))
}

/// A step of a task.
#[utoipa::path(
    post,
    path = "/api/chain-tasks/{id}/actions/{action}",
    tag = "chains",
    params(("id" = i64, Path), ("action" = String, Path)),
    request_body = ChainTaskStep,
    responses((status = 200, body = ChainTaskView), (status = "default", description = "Refused.", body = Problem))
)]
async fn act_on_chain_task(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path((id, action)): Path<(i64, String)>,
    Json(body): Json<ChainTaskStep>,
) -> Answer<Json<ChainTaskView>> {
    Ok(Json(app.services.act_on_chain_task(&caller.scope, id, &action, body).await?))
}

/// Evidence for a task: a title, with a file or without.
#[utoipa::path(
    post,
    path = "/api/chain-tasks/{id}/evidence",
    tag = "chains",
    params(("id" = i64, Path), Seen),
    request_body(content_type = "multipart/form-data", content = Vec<u8>),
    responses((status = 200, body = ChainTaskView), (status = "default", description = "Refused.", body = Problem))
)]
async fn add_task_evidence(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<i64>,
    Query(seen): Query<Seen>,
    upload: Upload,
) -> Answer<Json<ChainTaskView>> {
    let title = upload.fields.get("title").cloned().unwrap_or_default();
    let done =
        app.services.add_task_evidence(&caller.scope, id, seen.version, &title, &upload.name, &upload.bytes).await?;
    Ok(Json(done))
}

/// A file of a task's evidence.
#[utoipa::path(
    get,
    path = "/api/chain-tasks/{id}/evidence/{digest}",
    tag = "chains",
    params(("id" = i64, Path), ("digest" = String, Path)),
    responses((status = 200, description = "A file.", content_type = "application/octet-stream", body = Vec<u8>), (status = "default", description = "Refused.", body = Problem))
)]
async fn get_task_evidence(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path((id, digest)): Path<(i64, String)>,
) -> Answer<Response> {
    Ok(file(app.services.get_task_evidence(&caller.scope, id, &digest).await?))
}

/// Needs that the person may see.
#[utoipa::path(
    get,
    path = "/api/needs",
    tag = "chains",
    params(OfChain),
    responses((status = 200, body = Vec<NeedRow>), (status = "default", description = "Refused.", body = Problem))
)]
async fn list_needs(
    State(app): State<Arc<App>>,
    caller: Caller,
    Query(of): Query<OfChain>,
) -> Answer<Json<Vec<NeedRow>>> {
    Ok(Json(app.services.list_needs(&caller.scope, of.chain).await?))
}

/// Posts a need.
#[utoipa::path(
    post,
    path = "/api/needs",
    tag = "chains",
    request_body = NewNeedRequest,
    responses((status = 200, body = NeedDetail), (status = "default", description = "Refused.", body = Problem))
)]
async fn create_need(
    State(app): State<Arc<App>>,
    caller: Caller,
    Json(body): Json<NewNeedRequest>,
) -> Answer<Json<NeedDetail>> {
    Ok(Json(app.services.create_need(&caller.scope, body).await?))
}

/// A need with who could meet it.
#[utoipa::path(
    get,
    path = "/api/needs/{id}",
    tag = "chains",
    params(("id" = i64, Path)),
    responses((status = 200, body = NeedDetail), (status = "default", description = "Refused.", body = Problem))
)]
async fn get_need(State(app): State<Arc<App>>, caller: Caller, Path(id): Path<i64>) -> Answer<Json<NeedDetail>> {
    Ok(Json(app.services.get_need(&caller.scope, id).await?))
}

/// Closes or withdraws a need.
#[utoipa::path(
    post,
    path = "/api/needs/{id}/actions/{action}",
    tag = "chains",
    params(("id" = i64, Path), ("action" = String, Path)),
    request_body = Step,
    responses((status = 200, body = NeedDetail), (status = "default", description = "Refused.", body = Problem))
)]
async fn act_on_need(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path((id, action)): Path<(i64, String)>,
    Json(body): Json<Step>,
) -> Answer<Json<NeedDetail>> {
    Ok(Json(app.services.act_on_need(&caller.scope, id, &action, body).await?))
}

/// Introduces a supplier.
#[utoipa::path(
    post,
    path = "/api/needs/{id}/introductions",
    tag = "chains",
    params(("id" = i64, Path)),
    request_body = Supplier,
    responses((status = 200, body = NeedDetail), (status = "default", description = "Refused.", body = Problem))
)]
async fn introduce(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<i64>,
    Json(body): Json<Supplier>,
) -> Answer<Json<NeedDetail>> {
    Ok(Json(app.services.introduce(&caller.scope, id, body.firm).await?))
}

/// A step of an introduction.
#[utoipa::path(
    post,
    path = "/api/introductions/{id}/actions/{action}",
    tag = "chains",
    params(("id" = i64, Path), ("action" = String, Path)),
    request_body = Step,
    responses((status = 200, body = NeedDetail), (status = "default", description = "Refused.", body = Problem))
)]
async fn act_on_introduction(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path((id, action)): Path<(i64, String)>,
    Json(body): Json<Step>,
) -> Answer<Json<NeedDetail>> {
    Ok(Json(app.services.act_on_introduction(&caller.scope, id, &action, body).await?))
}

/// Shows an order of an introduction.
#[utoipa::path(
    post,
    path = "/api/introductions/{id}/order",
    tag = "chains",
    params(("id" = i64, Path)),
    request_body(content_type = "multipart/form-data", content = Vec<u8>),
    responses((status = 200, body = NeedDetail), (status = "default", description = "Refused.", body = Problem))
)]
async fn show_order(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<i64>,
    upload: Upload,
) -> Answer<Json<NeedDetail>> {
    Ok(Json(app.services.show_order(&caller.scope, id, &upload.name, &upload.bytes).await?))
}

/// What suppliers state of themselves.
#[utoipa::path(
    get,
    path = "/api/capabilities",
    tag = "chains",
    params(OfChain),
    responses((status = 200, body = Vec<CapabilityView>), (status = "default", description = "Refused.", body = Problem))
)]
async fn list_capabilities(
    State(app): State<Arc<App>>,
    caller: Caller,
    Query(of): Query<OfChain>,
) -> Answer<Json<Vec<CapabilityView>>> {
    Ok(Json(app.services.list_capabilities(&caller.scope, of.chain).await?))
}

/// States what a firm can do.
#[utoipa::path(
    put,
    path = "/api/capabilities",
    tag = "chains",
    request_body = CapabilityView,
    responses((status = 200, body = Vec<CapabilityView>), (status = "default", description = "Refused.", body = Problem))
)]
async fn put_capability(
    State(app): State<Arc<App>>,
    caller: Caller,
    Json(body): Json<CapabilityView>,
) -> Answer<Json<Vec<CapabilityView>>> {
    Ok(Json(app.services.put_capability(&caller.scope, body).await?))
}

/// Clusters found by data.
#[utoipa::path(
    get,
    path = "/api/clusters",
    tag = "chains",
    responses((status = 200, body = ClustersView), (status = "default", description = "Refused.", body = Problem))
)]
async fn get_clusters(State(app): State<Arc<App>>, caller: Caller) -> Answer<Json<ClustersView>> {
    Ok(Json(app.services.get_clusters(&caller.scope).await?))
}

/// Loads another table of the region.
#[utoipa::path(
    post,
    path = "/api/clusters",
    tag = "chains",
    request_body(content_type = "multipart/form-data", content = Vec<u8>),
    responses((status = 200, body = ClustersView), (status = "default", description = "Refused.", body = Problem))
)]
async fn load_clusters(
    State(app): State<Arc<App>>,
    caller: Caller,
    upload: Upload<TABLE_BYTES_MAX>,
) -> Answer<Json<ClustersView>> {
    Ok(Json(app.services.load_clusters(&caller.scope, &upload.name, upload.bytes).await?))
}
