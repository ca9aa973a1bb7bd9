//! Titles and policies: the rules, what they make of a firm, and what happens when a number moves.

use super::prelude::*;
use services::policy_views::{FirmPolicies, FirmRuleProof, RuleHead, RulePopulation, RuleView, SimulateRule};

/// The routes.
pub fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(list_rules))
        .routes(routes!(get_rule))
        .routes(routes!(simulate_rule))
        .routes(routes!(firm_policies))
        .routes(routes!(firm_rule))
}

/// A day of filing.
#[derive(serde::Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct Day {
    /// Day of filing; today when not given.
    on: Option<String>,
}

/// A rule and a day of filing.
#[derive(serde::Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct OneRule {
    /// Id of the rule, the path of its folder.
    rule: String,
    /// Day of filing; today when not given.
    on: Option<String>,
}

/// Rules in force.
#[utoipa::path(
    get,
    path = "/api/rules",
    tag = "policies",
    params(Day),
    responses((status = 200, body = Vec<RuleHead>), (status = "default", description = "Refused.", body = Problem))
)]
async fn list_rules(
    State(app): State<Arc<App>>,
    caller: Caller,
    Query(query): Query<Day>,
) -> Answer<Json<Vec<RuleHead>>> {
    Ok(Json(app.services.list_rules(&caller.scope, query.on.as_deref()).await?))
}

/// One rule.
#[utoipa::path(
    get,
    path = "/api/rule",
    tag = "policies",
    params(OneRule),
    responses((status = 200, body = RuleView), (status = "default", description = "Refused.", body = Problem))
)]
async fn get_rule(State(app): State<Arc<App>>, caller: Caller, Query(query): Query<OneRule>) -> Answer<Json<RuleView>> {
    Ok(Json(app.services.get_rule(&caller.scope, &query.rule, query.on.as_deref()).await?))
}

/// What a rule makes of all firms of a place, as it is and with numbers changed.
#[utoipa::path(
    post,
    path = "/api/rules/simulate",
    tag = "policies",
    request_body = SimulateRule,
    responses((status = 200, body = RulePopulation), (status = "default", description = "Refused.", body = Problem))
)]
async fn simulate_rule(
    State(app): State<Arc<App>>,
    caller: Caller,
    Json(body): Json<SimulateRule>,
) -> Answer<Json<RulePopulation>> {
    Ok(Json(app.services.simulate_rule(&caller.scope, &body).await?))
}

/// What every title and policy makes of a firm.
#[utoipa::path(
    get,
    path = "/api/firms/{id}/policies",
    tag = "policies",
    params(("id" = i64, Path), Day),
    responses((status = 200, body = FirmPolicies), (status = "default", description = "Refused.", body = Problem))
)]
async fn firm_policies(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<i64>,
    Query(query): Query<Day>,
) -> Answer<Json<FirmPolicies>> {
    Ok(Json(app.services.firm_policies(&caller.scope, id, query.on.as_deref()).await?))
}

/// Why one rule came out as it did for a firm.
#[utoipa::path(
    get,
    path = "/api/firms/{id}/policy",
    tag = "policies",
    params(("id" = i64, Path), OneRule),
    responses((status = 200, body = FirmRuleProof), (status = "default", description = "Refused.", body = Problem))
)]
async fn firm_rule(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<i64>,
    Query(query): Query<OneRule>,
) -> Answer<Json<FirmRuleProof>> {
    Ok(Json(app.services.firm_rule(&caller.scope, id, &query.rule, query.on.as_deref()).await?))
}
