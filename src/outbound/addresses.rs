//! Which addresses are the world's, and a resolver that gives no others: a name that is public when it is checked and
//! private when it is called (DNS rebinding) gets nowhere.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// Resolves names to public addresses, and to those of the networks the operator allows.
#[derive(Clone, Default)]
pub(super) struct Addresses {
    pub allowed: Vec<IpNet>,
    /// Addresses of this machine too.
    pub loopback: bool,
}

impl Addresses {
    /// Whether this address may be called.
    pub fn allow(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        is_public(address)
            || (self.loopback && address.is_loopback())
            || self.allowed.iter().any(|network| network.contains(&address))
    }
}

impl Resolve for Addresses {
    fn resolve(&self, name: Name) -> Resolving {
        let addresses = self.clone();
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let public: Vec<_> = found.filter(|address| addresses.allow(address.ip())).collect();
            if public.is_empty() {
                let error =
                    io::Error::new(io::ErrorKind::PermissionDenied, "the name has no address that may be called");
                return Err(error.into());
            }
            let addresses: Addrs = Box::new(public.into_iter());
            Ok(addresses)
        })
    }
}

/// Whether an address can be somebody else's machine: none of the ranges of RFC 6890 kept for other uses.
pub(super) fn is_public(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    !(a == 0
        || a >= 224
        || address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_documentation()
        || (a == 100 && (64..128).contains(&b))
        || (a == 192 && b == 0 && c == 0)
        || (a == 192 && b == 88 && c == 99)
        || (a == 198 && (18..20).contains(&b)))
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let [a, b, ..] = address.segments();
    // Only 2000::/3 is given out; what embeds an IPv4 address (6to4, Teredo) or documents is left out of it.
    (0x2000..0x4000).contains(&a)
        && a != 0x2002
        && !(a == 0x2001 && (b < 0x200 || b == 0xdb8))
        && !(a == 0x3fff && b < 0x1000)
}
