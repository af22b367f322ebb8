//! Who is on the other end of the connection.

use std::net::IpAddr;

use super::terms::Terms;

/// What a flow may know of the request that carries it.
#[derive(Clone, Debug)]
pub struct Caller {
    /// Where it came from; forwarded headers are already judged.
    pub address: IpAddr,
    /// The browser's own name for itself.
    pub user_agent: String,
    /// Digest of the cookie that tells browsers apart; none for whatever is no browser.
    pub device: Option<[u8; 32]>,
    /// What must still hold where something is changed.
    pub terms: Terms,
}
