//! Accounts.

use super::prelude::*;
use services::requests::{AccountStep, NewAccountRequest};
use services::views::AccountView;

/// The routes.
pub fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(list_accounts, create_account)).routes(routes!(act_on_account))
}

/// Accounts.
#[utoipa::path(
    get,
    path = "/api/accounts",
    tag = "accounts",
    responses((status = 200, body = Vec<AccountView>), (status = "default", description = "Refused.", body = Problem))
)]
async fn list_accounts(State(app): State<Arc<App>>, caller: Caller) -> Answer<Json<Vec<AccountView>>> {
    Ok(Json(app.services.list_accounts(&caller.scope).await?))
}

/// A new account, without a role and disabled; the answer tells its initial password.
#[utoipa::path(
    post,
    path = "/api/accounts",
    tag = "accounts",
    request_body = NewAccountRequest,
    responses((status = 200, body = AccountView), (status = "default", description = "Refused.", body = Problem))
)]
async fn create_account(
    State(app): State<Arc<App>>,
    caller: Caller,
    Json(body): Json<NewAccountRequest>,
) -> Answer<Json<AccountView>> {
    Ok(Json(app.services.create_account(&caller.scope, body).await?))
}

/// Lock, unlock, set_role, enable (security administrator), disable, reset_password (system administrator).
#[utoipa::path(
    post,
    path = "/api/accounts/{id}/actions/{action}",
    tag = "accounts",
    params(("id" = i64, Path), ("action" = String, Path)),
    request_body = AccountStep,
    responses((status = 200, body = AccountView), (status = "default", description = "Refused.", body = Problem))
)]
async fn act_on_account(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path((id, action)): Path<(i64, String)>,
    Json(body): Json<AccountStep>,
) -> Answer<Json<AccountView>> {
    Ok(Json(app.services.act_on_account(&caller.scope, id, &action, body).await?))
}
