//! What stands before every handler: security headers, the session behind the cookie, the token that
//! changing requests must carry, and the limits on how often one address may ask.

use crate::{App, problem::Refused};
use axum::{
    extract::{ConnectInfo, FromRequestParts, Request, State},
    http::{HeaderValue, Method, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};
use base::Scope;
use services::refusal::{Kind, Refusal};
use std::{
    collections::HashMap,
    net::{IpAddr, SocketAddr},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

/// Cookie that carries the session token.
pub const COOKIE: &str = "baigong_session";

/// Requests that one address may make in a window; a person clicking and a page polling stay far below.
const REQUESTS_MAX: u32 = 1_200;
/// Sign-ins that one address may try in a window.
const SIGN_INS_MAX: u32 = 30;
/// The window.
const WINDOW: Duration = Duration::from_secs(60);

/// The person behind a request.
#[derive(Clone, Debug)]
pub struct Caller {
    /// How far they may see.
    pub scope: Scope,
    /// The session's token, for signing out.
    pub token: String,
    /// What changing requests must send back.
    pub csrf: String,
}

impl FromRequestParts<Arc<App>> for Caller {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Refused> {
        let token = token_of(parts).ok_or_else(no_session)?;
        let session = app.services.session(&token).await?;
        if parts.method != Method::GET && parts.method != Method::HEAD {
            let sent = parts.headers.get("x-csrf-token").and_then(|v| v.to_str().ok()).unwrap_or_default();
            if !same(sent, &session.csrf) {
                return Err(Refused(Refusal::new(
                    Kind::Forbidden,
                    "csrf",
                    "请求没有带上本次登录的校验令牌，请刷新页面后重试。",
                    "The request lacks this session's token; reload the page and try again.",
                )));
            }
        }
        if session.must_change && !parts.uri.path().starts_with("/api/session") {
            return Err(Refused(Refusal::new(
                Kind::Forbidden,
                "must_change_password",
                "请先修改初始密码。",
                "Change the initial password first.",
            )));
        }
        Ok(Self { scope: session.scope, token, csrf: session.csrf })
    }
}

/// The refusal for a request without a session.
pub fn no_session() -> Refused {
    Refused(Refusal::new(Kind::SignIn, "sign_in", "请先登录。", "Please sign in."))
}

fn token_of(parts: &Parts) -> Option<String> {
    let cookies = parts.headers.get(header::COOKIE)?.to_str().ok()?;
    cookies.split(';').find_map(|c| c.trim().strip_prefix(COOKIE)?.strip_prefix('=').map(str::to_owned))
}

/// Compares without stopping at the first difference.
fn same(a: &str, b: &str) -> bool {
    a.len() == b.len() && a.bytes().zip(b.bytes()).fold(0, |acc, (x, y)| acc | (x ^ y)) == 0
}

/// The `Set-Cookie` value of a session; without a token it deletes the cookie.
pub fn cookie(token: Option<&str>) -> String {
    match token {
        Some(token) => format!("{COOKIE}={token}; Path=/; HttpOnly; SameSite=Strict"),
        None => format!("{COOKIE}=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0"),
    }
}

/// Headers that keep a browser from doing what the app never needs.
pub async fn security_headers(request: Request, next: Next) -> Response {
    let api = request.uri().path().starts_with("/api/");
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in [
        (
            "content-security-policy",
            "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; worker-src 'self' blob:; \
             object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'",
        ),
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "same-origin"),
        ("cross-origin-opener-policy", "same-origin"),
        ("permissions-policy", "camera=(), microphone=(), geolocation=()"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if api && !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    response
}

/// Counts requests by address in fixed windows.
#[derive(Default)]
pub struct Limiter {
    seen: Mutex<HashMap<(IpAddr, bool), (Instant, u32)>>,
}

impl Limiter {
    /// True while the address stays below the limit.
    pub fn admit(&self, address: IpAddr, sign_in: bool) -> bool {
        let mut seen = self.seen.lock().expect("no panic while counting");
        let now = Instant::now();
        if seen.len() > 100_000 {
            seen.retain(|_, (start, _)| now.duration_since(*start) < WINDOW);
        }
        let entry = seen.entry((address, sign_in)).or_insert((now, 0));
        if now.duration_since(entry.0) >= WINDOW {
            *entry = (now, 0);
        }
        entry.1 += 1;
        entry.1 <= if sign_in { SIGN_INS_MAX } else { REQUESTS_MAX }
    }
}

/// Turns away who asks too often.
pub async fn rate_limit(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let address =
        request.extensions().get::<ConnectInfo<SocketAddr>>().map_or(IpAddr::from([127, 0, 0, 1]), |c| c.0.ip());
    let sign_in = request.method() == Method::POST && request.uri().path() == "/api/session";
    if app.limits_requests && !app.limiter.admit(address, sign_in) {
        let refusal = Refusal::new(
            Kind::TooOften,
            "too_often",
            "请求过于频繁，请一分钟后再试。",
            "Too many requests; try again in a minute.",
        );
        return Refused(refusal).into_response();
    }
    next.run(request).await
}
