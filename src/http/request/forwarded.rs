//! Forwarded headers (RFC 7239), believed only from listed proxies (A61): the address of the first hop, counted from
//! here, that is no proxy of ours. Nothing else of them is ever used: no host, no scheme.

use std::net::{IpAddr, SocketAddr};

use ipnet::IpNet;

/// The caller's address. `forwarded` and `x_forwarded_for` are the values of those headers in the order they came.
pub fn judge(peer: IpAddr, proxies: &[IpNet], forwarded: &[&str], x_forwarded_for: &[&str]) -> IpAddr {
    let peer = peer.to_canonical();
    if !is_proxy(proxies, peer) {
        return peer;
    }
    // A proxy that writes one of the two may pass the other on as a stranger sent it: with both, neither is believed.
    if !forwarded.is_empty() && !x_forwarded_for.is_empty() {
        return peer;
    }
    let hops: Vec<Option<IpAddr>> = match forwarded.is_empty() {
        false => forwarded.iter().flat_map(|value| value.split(',')).map(forwarded_for).collect(),
        true => x_forwarded_for.iter().flat_map(|value| value.split(',')).map(node).collect(),
    };
    let mut nearest = peer;
    for hop in hops.into_iter().rev() {
        let Some(address) = hop else { return nearest };
        nearest = address;
        if !is_proxy(proxies, address) {
            return address;
        }
    }
    nearest
}

fn is_proxy(proxies: &[IpNet], address: IpAddr) -> bool {
    proxies.iter().any(|network| network.contains(&address))
}

/// The `for` of one element of `Forwarded`.
fn forwarded_for(element: &str) -> Option<IpAddr> {
    let pair = element.split(';').find_map(|pair| {
        let (name, value) = pair.trim().split_once('=')?;
        name.eq_ignore_ascii_case("for").then_some(value)
    })?;
    node(pair.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(pair))
}

/// An address with or without port; IPv6 with or without brackets. Obfuscated names are no addresses.
fn node(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    let address = bare.parse::<IpAddr>().ok().or_else(|| Some(text.parse::<SocketAddr>().ok()?.ip()))?;
    Some(address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A61, C56.
    #[test]
    fn a_forwarded_address_is_believed_only_from_a_listed_proxy() {
        let proxies: Vec<IpNet> = vec!["10.0.0.0/8".parse().unwrap(), "::1/128".parse().unwrap()];
        for (peer, forwarded, x_forwarded_for, expected) in [
            ("203.0.113.9", &["for=1.1.1.1"][..], &["2.2.2.2"][..], "203.0.113.9"),
            ("10.0.0.1", &[], &[], "10.0.0.1"),
            ("10.0.0.1", &[], &["2.2.2.2"], "2.2.2.2"),
            ("10.0.0.1", &[], &["6.6.6.6, 2.2.2.2"], "2.2.2.2"),
            ("10.0.0.1", &[], &["6.6.6.6", "2.2.2.2, 10.0.0.7"], "2.2.2.2"),
            ("10.0.0.1", &[], &["nonsense, 10.0.0.7"], "10.0.0.7"),
            ("10.0.0.1", &[], &["2.2.2.2, nonsense"], "10.0.0.1"),
            ("10.0.0.1", &[], &["10.0.0.5, 10.0.0.7"], "10.0.0.5"),
            ("10.0.0.1", &["for=3.3.3.3;proto=https;host=evil"], &["2.2.2.2"], "10.0.0.1"),
            ("10.0.0.1", &["for=3.3.3.3;proto=https;host=evil"], &[], "3.3.3.3"),
            ("10.0.0.1", &["For=\"[2001:db8::1]:4711\""], &[], "2001:db8::1"),
            ("10.0.0.1", &["for=6.6.6.6, for=\"3.3.3.3:80\""], &[], "3.3.3.3"),
            ("10.0.0.1", &["for=_hidden"], &["2.2.2.2"], "10.0.0.1"),
            ("10.0.0.1", &["proto=https"], &[], "10.0.0.1"),
            ("::1", &[], &["2001:db8::2"], "2001:db8::2"),
            ("::ffff:10.0.0.1", &[], &["::ffff:2.2.2.2"], "2.2.2.2"),
        ] {
            let judged = judge(peer.parse().unwrap(), &proxies, forwarded, x_forwarded_for);
            assert_eq!(judged, expected.parse::<IpAddr>().unwrap(), "{peer} {forwarded:?} {x_forwarded_for:?}");
        }
        assert_eq!(judge("10.0.0.1".parse().unwrap(), &[], &[], &["2.2.2.2"]), "10.0.0.1".parse::<IpAddr>().unwrap());
    }
}
