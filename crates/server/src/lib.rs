//! HTTP: routes, sessions, OpenAPI and the embedded web app. A handler checks the shape of a request,
//! finds out who asks, calls one service and passes its view on; nothing is decided here.

pub mod assets;
pub mod edge;
pub mod guard;
pub mod problem;
pub mod routes;

use axum::{Router, extract::DefaultBodyLimit, http::StatusCode, middleware, routing::get};
use edge::Edge;
use services::Services;
use std::{net::SocketAddr, sync::Arc, time::Duration};
use tower_http::{catch_panic::CatchPanicLayer, compression::CompressionLayer, timeout::TimeoutLayer};

/// Largest request body of all: a department's workbook and the form around it. A body that says how large
/// it is gets refused before it is kept, any other as soon as it is beyond this.
pub const BODY_BYTES_MAX: usize = services::UPLOAD_BYTES_MAX + (1 << 20);

/// Largest request body of a route that takes no file.
pub const JSON_BYTES_MAX: usize = 1 << 20;

/// How long a request may take.
const PATIENCE: Duration = Duration::from_secs(300);

/// What every handler shares.
pub struct App {
    /// The services.
    pub services: Services,
    /// Counts requests by address, sign-ins by account too.
    pub limiter: guard::Limiter,
    /// Off in tests that ask thousands of questions a second.
    pub limits_requests: bool,
    /// What stands between the server and the people.
    pub edge: Edge,
}

impl App {
    /// An app over these services, reached directly and without TLS.
    pub fn new(services: Services) -> Arc<Self> {
        Self::behind(services, Edge::default())
    }

    /// An app over these services, reached as `edge` says.
    pub fn behind(services: Services, edge: Edge) -> Arc<Self> {
        Arc::new(Self { services, limiter: guard::Limiter::default(), limits_requests: true, edge })
    }
}

/// The whole server as one service.
pub fn router(app: Arc<App>) -> Router {
    let (api, document) = routes::api().split_for_parts();
    let document = Arc::new(document);
    let described = document.clone();
    let all = Router::new()
        .merge(api)
        .route("/api/openapi.json", get(move || async move { axum::Json((*described).clone()) }))
        .fallback(assets::serve);
    dressed(all, app, PATIENCE)
}

/// Routes with everything that stands before them. The last layer is the outermost: whatever answers, a
/// handler, a limit, a panic or the end of patience, the answer passes through the security headers.
fn dressed(routes: Router<Arc<App>>, app: Arc<App>, patience: Duration) -> Router {
    routes
        .layer(middleware::from_fn_with_state(app.clone(), guard::rate_limit))
        .layer(middleware::from_fn_with_state(app.clone(), edge::know_client))
        .layer(CompressionLayer::new())
        .layer(DefaultBodyLimit::max(JSON_BYTES_MAX))
        .layer(TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, patience))
        .layer(CatchPanicLayer::custom(problem::panicked))
        .layer(middleware::from_fn_with_state(app.clone(), guard::security_headers))
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

#[cfg(test)]
mod tests {
    use super::*;
    use axum::{body::Body, http::Request};
    use testkit::TempStore;
    use tower::ServiceExt;

    async fn an_app(place: &TempStore, edge: Edge) -> Arc<App> {
        let store = store::Store::open(place.address(), store::OpenOptions::default()).await.unwrap();
        let settings = services::Settings::for_region("370000".parse().unwrap());
        App::behind(Services::new(store, Arc::new(law::Law::embedded().0), settings), edge)
    }

    async fn fails() -> StatusCode {
        panic!("a handler that fails")
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_panic_and_the_end_of_patience_carry_the_security_headers_too() {
        let place = TempStore::sqlite();
        let app = an_app(&place, Edge { https: true, ..Edge::default() }).await;
        let odd = Router::new()
            .route("/api/panic", get(fails))
            .route("/api/slow", get(|| async { tokio::time::sleep(Duration::from_secs(60)).await }));
        let router = dressed(odd, app, Duration::from_millis(50));
        for (path, status) in
            [("/api/panic", StatusCode::INTERNAL_SERVER_ERROR), ("/api/slow", StatusCode::REQUEST_TIMEOUT)]
        {
            let answer = router.clone().oneshot(Request::get(path).body(Body::empty()).unwrap()).await.unwrap();
            assert_eq!(answer.status(), status, "{path}");
            for name in ["content-security-policy", "x-frame-options", "strict-transport-security", "cache-control"] {
                assert!(answer.headers().contains_key(name), "{path} lacks {name}");
            }
        }
    }
}
