//! Signing in and out.

use super::prelude::*;
use crate::{edge::Client, guard};
use axum::{Extension, http::header, response::IntoResponse};
use services::requests::{ClockStep, PasswordChange, SignIn};
use services::views::{DemoAccount, Me};

/// The routes.
pub fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(get_session, create_session, delete_session))
        .routes(routes!(change_password))
        .routes(routes!(list_demo_accounts))
        .routes(routes!(advance_demo_clock))
}

/// Sign in.
#[utoipa::path(
    post,
    path = "/api/session",
    tag = "session",
    request_body = SignIn,
    responses((status = 200, body = Me), (status = "default", description = "Refused.", body = Problem))
)]
async fn create_session(
    State(app): State<Arc<App>>,
    Extension(client): Extension<Client>,
    Json(body): Json<SignIn>,
) -> Answer<Response> {
    guard::admit_sign_in(&app, &body.sign_in)?;
    let (me, token) = app.services.sign_in(&body.sign_in, &body.password, client.0).await?;
    Ok(([(header::SET_COOKIE, guard::cookie(Some(&token), app.edge.https))], Json(me)).into_response())
}

/// Who is signed in.
#[utoipa::path(
    get,
    path = "/api/session",
    tag = "session",
    responses((status = 200, body = Me), (status = "default", description = "Refused.", body = Problem))
)]
async fn get_session(State(app): State<Arc<App>>, caller: Caller) -> Answer<Json<Me>> {
    Ok(Json(app.services.me(&caller.token).await?))
}

/// Sign out.
#[utoipa::path(
    delete,
    path = "/api/session",
    tag = "session",
    responses((status = 204), (status = "default", description = "Refused.", body = Problem))
)]
async fn delete_session(State(app): State<Arc<App>>, caller: Caller) -> Answer<Response> {
    app.services.sign_out(&caller.scope, &caller.token).await?;
    let gone = [(header::SET_COOKIE, guard::cookie(None, app.edge.https))];
    Ok((axum::http::StatusCode::NO_CONTENT, gone).into_response())
}

/// Change one's own password; every other session of the account ends.
#[utoipa::path(
    post,
    path = "/api/session/password",
    tag = "session",
    request_body = PasswordChange,
    responses((status = 200, body = Me), (status = "default", description = "Refused.", body = Problem))
)]
async fn change_password(
    State(app): State<Arc<App>>,
    caller: Caller,
    Json(body): Json<PasswordChange>,
) -> Answer<Json<Me>> {
    app.services.change_password(&caller.scope, &caller.token, &body.old, &body.new).await?;
    Ok(Json(app.services.me(&caller.token).await?))
}

/// Sign-ins of a demo installation; elsewhere there is no such thing.
#[utoipa::path(
    get,
    path = "/api/demo",
    tag = "session",
    responses((status = 200, body = Vec<DemoAccount>), (status = "default", description = "Refused.", body = Problem))
)]
async fn list_demo_accounts(State(app): State<Arc<App>>) -> Answer<Json<Vec<DemoAccount>>> {
    Ok(Json(app.services.demo_accounts()?))
}

/// Move a demo's clock forward by days; gives the moment it shows then. Elsewhere there is no such thing.
#[utoipa::path(
    post,
    path = "/api/demo/clock",
    tag = "session",
    request_body = ClockStep,
    responses((status = 200, body = String), (status = "default", description = "Refused.", body = Problem))
)]
async fn advance_demo_clock(
    State(app): State<Arc<App>>,
    _caller: Caller,
    Json(body): Json<ClockStep>,
) -> Answer<Json<String>> {
    Ok(Json(app.services.advance_demo_clock(body.days)?))
}
