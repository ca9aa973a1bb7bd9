//! What stands before every handler: security headers, the session behind the cookie, the token that
//! changing requests must carry, and the limits on how often one address may ask.

use crate::{App, edge::Client, problem::Refused};
use axum::{
    extract::{FromRequestParts, Request, State},
    http::{HeaderValue, Method, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};
use base::Scope;
use services::refusal::{Kind, Refusal};
use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

/// Cookie that carries the session token.
pub const COOKIE: &str = "baigong_session";

/// Requests that one address may make in a window; a person clicking and a page polling stay far below.
const REQUESTS_MAX: u32 = 1_200;
/// Sign-ins that one address may try in a window.
const SIGN_INS_MAX: u32 = 30;
/// Sign-ins that may be tried on one account in a window, from wherever they come.
const SIGN_INS_TO_ONE_MAX: u32 = 20;
/// Header of what the page asks by itself; such a request is no use of the session.
const BACKGROUND: &str = "x-baigong-background";
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
        let from = Client::of(&parts.extensions);
        let session = app.services.session(&token, from, is_background(parts)).await?;
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

/// True for the one question that a page asks again and again without anybody there.
fn is_background(parts: &Parts) -> bool {
    parts.method == Method::GET && parts.uri.path() == "/api/work" && parts.headers.contains_key(BACKGROUND)
}

fn token_of(parts: &Parts) -> Option<String> {
    let cookies = parts.headers.get(header::COOKIE)?.to_str().ok()?;
    cookies.split(';').find_map(|c| c.trim().strip_prefix(COOKIE)?.strip_prefix('=').map(str::to_owned))
}

/// Compares without stopping at the first difference.
fn same(a: &str, b: &str) -> bool {
    a.len() == b.len() && a.bytes().zip(b.bytes()).fold(0, |acc, (x, y)| acc | (x ^ y)) == 0
}

/// The `Set-Cookie` value of a session; without a token it deletes the cookie. Behind HTTPS the cookie
/// never travels without it.
pub fn cookie(token: Option<&str>, https: bool) -> String {
    let secure = if https { "; Secure" } else { "" };
    match token {
        Some(token) => format!("{COOKIE}={token}; Path=/; HttpOnly; SameSite=Strict{secure}"),
        None => format!("{COOKIE}=; Path=/; HttpOnly; SameSite=Strict{secure}; Max-Age=0"),
    }
}

/// Headers that keep a browser from doing what the app never needs.
pub async fn security_headers(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
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
    if app.edge.https {
        // One year, the usual length: a browser that was here once does not try without TLS again.
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
    }
    if api && !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    response
}

/// Whose requests are counted, and how many of them a window admits.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Counted {
    /// All requests of an address.
    Requests(IpAddr),
    /// Sign-ins from an address.
    SignInsFrom(IpAddr),
    /// Sign-ins to a name, whether or not there is such an account.
    SignInsTo(String),
}

impl Counted {
    fn most(&self) -> u32 {
        match self {
            Self::Requests(_) => REQUESTS_MAX,
            Self::SignInsFrom(_) => SIGN_INS_MAX,
            Self::SignInsTo(_) => SIGN_INS_TO_ONE_MAX,
        }
    }
}

/// Counts requests in fixed windows.
#[derive(Default)]
pub struct Limiter {
    seen: Mutex<HashMap<Counted, (Instant, u32)>>,
}

impl Limiter {
    /// True while the count stays within its limit.
    pub fn admit(&self, whose: Counted) -> bool {
        let mut seen = self.seen.lock().expect("no panic while counting");
        let now = Instant::now();
        if seen.len() > 100_000 {
            seen.retain(|_, (start, _)| now.duration_since(*start) < WINDOW);
        }
        let most = whose.most();
        let entry = seen.entry(whose).or_insert((now, 0));
        if now.duration_since(entry.0) >= WINDOW {
            *entry = (now, 0);
        }
        entry.1 += 1;
        entry.1 <= most
    }
}

/// Turns away who asks too often.
pub async fn rate_limit(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let address = Client::of(request.extensions()).unwrap_or(IpAddr::from([127, 0, 0, 1]));
    let sign_in = request.method() == Method::POST && request.uri().path() == "/api/session";
    let whose = if sign_in { Counted::SignInsFrom(address) } else { Counted::Requests(address) };
    match admit(&app, whose) {
        Ok(()) => next.run(request).await,
        Err(refused) => refused.into_response(),
    }
}

/// Turns away a sign-in to an account that too many are tried on.
pub fn admit_sign_in(app: &App, name: &str) -> Result<(), Refused> {
    admit(app, Counted::SignInsTo(name.trim().to_lowercase().chars().take(64).collect()))
}

fn admit(app: &App, whose: Counted) -> Result<(), Refused> {
    if !app.limits_requests || app.limiter.admit(whose) {
        return Ok(());
    }
    Err(Refused(Refusal::new(
        Kind::TooOften,
        "too_often",
        "请求过于频繁，请一分钟后再试。",
        "Too many requests; try again in a minute.",
    )))
}
