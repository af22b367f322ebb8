//! Who is on the other end, as flows see it.

use std::net::{IpAddr, Ipv4Addr};

use actix_web::HttpRequest;
use actix_web::http::header;

use super::forwarded;
use crate::app::App;
use crate::flows::caller::Caller;
use crate::flows::terms::Terms;

/// Longer names of browsers are cut.
const MAX_USER_AGENT: usize = 256;

/// The caller of a request.
pub fn of(app: &App, request: &HttpRequest) -> Caller {
    let peer = request.peer_addr().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |address| address.ip());
    let user_agent =
        request.headers().get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let user_agent = user_agent[..user_agent.floor_char_boundary(MAX_USER_AGENT)].to_owned();
    Caller { address: address(app, request, peer), user_agent, device: None, terms: Terms::default() }
}

fn address(app: &App, request: &HttpRequest, peer: IpAddr) -> IpAddr {
    let proxies = &app.config.server.trusted_proxies;
    if proxies.is_empty() {
        return peer.to_canonical();
    }
    let values = |name: &str| -> Vec<&str> {
        request.headers().get_all(name).map(|value| value.to_str().unwrap_or("?")).collect()
    };
    forwarded::judge(peer, proxies, &values("forwarded"), &values("x-forwarded-for"))
}
