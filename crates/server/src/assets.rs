//! The web app, embedded: hashed files are cached for good, every other path gets the app's page so
//! that its own router can answer it.

use axum::{
    body::Body,
    http::{StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use rust_embed::RustEmbed;

#[derive(RustEmbed)]
#[folder = "../../web/dist"]
#[allow_missing = true]
struct Web;

/// Answers everything that is no API route.
pub async fn serve(uri: Uri) -> Response {
    let path = uri.path().trim_start_matches('/');
    if path.starts_with("api/") {
        return (
            StatusCode::NOT_FOUND,
            axum::Json(serde_json::json!({
                "code": "no_such_route",
                "message": { "zh": "没有这个接口。", "en": "There is no such route." },
                "fields": []
            })),
        )
            .into_response();
    }
    let (name, file) = match Web::get(path) {
        Some(file) if !path.is_empty() => (path, file),
        _ => match Web::get("index.html") {
            Some(file) => ("index.html", file),
            None => {
                return (StatusCode::SERVICE_UNAVAILABLE, "This build carries no web app: run `make web` first.")
                    .into_response();
            }
        },
    };
    let cache = if name.starts_with("assets/") { "public, max-age=31536000, immutable" } else { "no-cache" };
    Response::builder()
        .header(header::CONTENT_TYPE, mime(name))
        .header(header::CACHE_CONTROL, cache)
        .body(Body::from(file.data))
        .expect("static headers are valid")
}

fn mime(name: &str) -> &'static str {
    match name.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" | "geojson" | "map" => "application/json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        _ => "application/octet-stream",
    }
}
