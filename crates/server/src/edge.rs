//! Where a request comes from and how it reached us: directly, or by a proxy that ends TLS and names the
//! client in a header. A header is believed only when the operator says which one the proxy writes: any
//! other could have been written by the client.

use crate::App;
use axum::{
    extract::{ConnectInfo, Request, State},
    http::HeaderMap,
    middleware::Next,
    response::Response,
};
use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

/// What stands between the server and the people.
#[derive(Clone, Copy, Debug, Default)]
pub struct Edge {
    /// The header in which a proxy names the client; none when clients connect directly.
    pub proxy: Option<ProxyHeader>,
    /// People reach the server by HTTPS only.
    pub https: bool,
}

/// A header that proxies add the client's address to, at its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProxyHeader {
    /// `X-Forwarded-For`
    XForwardedFor,
    /// `Forwarded` (RFC 7239)
    Forwarded,
}

impl ProxyHeader {
    /// The name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::XForwardedFor => "x-forwarded-for",
            Self::Forwarded => "forwarded",
        }
    }

    /// The address that the last hop, our own proxy, has written.
    fn client(self, headers: &HeaderMap) -> Option<IpAddr> {
        let last = headers.get_all(self.name()).iter().next_back()?.to_str().ok()?.rsplit(',').next()?;
        match self {
            Self::XForwardedFor => address_of(last),
            Self::Forwarded => address_of(last.split(';').find_map(for_part)?),
        }
    }
}

/// The value of a `for=` part.
fn for_part(part: &str) -> Option<&str> {
    let (name, value) = part.split_once('=')?;
    name.trim().eq_ignore_ascii_case("for").then_some(value)
}

/// An address with or without port, quotes and brackets.
fn address_of(text: &str) -> Option<IpAddr> {
    let text = text.trim().trim_matches('"');
    let bare = || text.trim_start_matches('[').trim_end_matches(']').parse().ok();
    text.parse::<SocketAddr>().map(|a| a.ip()).ok().or_else(bare)
}

/// The address of the person behind a request, when the request came over the network.
#[derive(Clone, Copy, Debug)]
pub struct Client(pub Option<IpAddr>);

impl Client {
    /// As [`know_client`] has found it.
    pub fn of(extensions: &axum::http::Extensions) -> Option<IpAddr> {
        extensions.get::<Self>().and_then(|c| c.0)
    }
}

/// Finds out who connects, for everything behind: limits and the audit log.
pub async fn know_client(State(app): State<Arc<App>>, mut request: Request, next: Next) -> Response {
    let connected = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|c| c.0.ip());
    let named = app.edge.proxy.and_then(|header| header.client(request.headers()));
    request.extensions_mut().insert(Client(named.or(connected)));
    next.run(request).await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(header: ProxyHeader, lines: &[&str]) -> Option<String> {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(header.name(), line.parse().unwrap());
        }
        header.client(&headers).map(|a| a.to_string())
    }

    #[test]
    fn the_last_hop_counts_and_what_the_client_wrote_before_it_does_not() {
        let of = |lines: &[&str]| client(ProxyHeader::XForwardedFor, lines);
        assert_eq!(of(&["10.0.0.9, 203.0.113.7"]).as_deref(), Some("203.0.113.7"));
        assert_eq!(of(&["10.0.0.9", "203.0.113.7"]).as_deref(), Some("203.0.113.7"));
        assert_eq!(of(&["203.0.113.7, nonsense"]), None);
        assert_eq!(of(&[]), None);
    }

    #[test]
    fn ports_quotes_and_brackets_do_not_matter() {
        let of = |line: &str| client(ProxyHeader::Forwarded, &[line]);
        assert_eq!(of("for=1.2.3.4, For=\"[2001:db8::1]:4711\";proto=https").as_deref(), Some("2001:db8::1"));
        assert_eq!(of("proto=https;for=192.0.2.60").as_deref(), Some("192.0.2.60"));
        assert_eq!(of("for=_hidden"), None);
        assert_eq!(client(ProxyHeader::XForwardedFor, &["[2001:db8::2]"]).as_deref(), Some("2001:db8::2"));
    }
}
