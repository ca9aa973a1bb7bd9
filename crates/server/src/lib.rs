//! HTTP: routes, sessions, OpenAPI and the embedded web app. A handler checks the shape of a request,
//! finds out who asks, calls one service and passes its view on; nothing is decided here.

pub mod assets;
pub mod guard;
pub mod problem;
pub mod routes;

use axum::{Router, extract::DefaultBodyLimit, middleware, routing::get};
use services::Services;
use std::{net::SocketAddr, sync::Arc, time::Duration};
use tower_http::{catch_panic::CatchPanicLayer, compression::CompressionLayer, timeout::TimeoutLayer};

/// Largest request body of all: a department's workbook and the form around it. A body that says how large
/// it is gets refused before it is kept, any other as soon as it is beyond this.
pub const BODY_BYTES_MAX: usize = services::UPLOAD_BYTES_MAX + (1 << 20);

/// Largest request body of a route that takes no file.
pub const JSON_BYTES_MAX: usize = 1 << 20;

/// What every handler shares.
pub struct App {
    /// The services.
    pub services: Services,
    /// Counts requests by address.
    pub limiter: guard::Limiter,
    /// Off in tests that ask thousands of questions a second.
    pub limits_requests: bool,
}

impl App {
    /// An app over these services.
    pub fn new(services: Services) -> Arc<Self> {
        Arc::new(Self { services, limiter: guard::Limiter::default(), limits_requests: true })
    }
}

/// The whole server as one service.
pub fn router(app: Arc<App>) -> Router {
    let (api, document) = routes::api().split_for_parts();
    let document = Arc::new(document);
    let described = document.clone();
    Router::new()
        .merge(api)
        .route("/api/openapi.json", get(move || async move { axum::Json((*described).clone()) }))
        .fallback(assets::serve)
        .layer(middleware::from_fn_with_state(app.clone(), guard::rate_limit))
        .layer(middleware::from_fn(guard::security_headers))
        .layer(CompressionLayer::new())
        .layer(DefaultBodyLimit::max(JSON_BYTES_MAX))
        .layer(TimeoutLayer::with_status_code(axum::http::StatusCode::REQUEST_TIMEOUT, Duration::from_secs(300)))
        .layer(CatchPanicLayer::new())
        .with_state(app)
}

/// The OpenAPI document, as `GET /api/openapi.json` gives it.
pub fn openapi() -> utoipa::openapi::OpenApi {
    routes::api().split_for_parts().1
}

/// Serves until the process is told to stop; requests under way are finished.
pub async fn serve(app: Arc<App>, listener: tokio::net::TcpListener) -> std::io::Result<()> {
    let service = router(app).into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(listener, service).with_graceful_shutdown(stop()).await
}

async fn stop() {
    let interrupt = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())
            .expect("signal handlers can be installed at start");
        tokio::select! { _ = interrupt => (), _ = terminate.recv() => () }
    }
    #[cfg(not(unix))]
    let _ = interrupt.await;
}
