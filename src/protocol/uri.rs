//! A URI split where RFC 3986 appendix B splits it, without decoding or normalising anything: what is compared
//! and shown is what was written.

/// The parts of a URI as they stand in its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UriParts<'a> {
    /// Before the first colon; empty for a relative reference.
    pub scheme: &'a str,
    /// Between `//` and the path.
    pub authority: Option<&'a str>,
    /// From the authority to the query.
    pub path: &'a str,
    /// After the first question mark.
    pub query: Option<&'a str>,
    /// After the first hash sign.
    pub fragment: Option<&'a str>,
}

/// Splits a URI. Any text can be split: this checks nothing.
pub fn split(uri: &str) -> UriParts<'_> {
    let (rest, fragment) = cut(uri, '#');
    let (rest, query) = cut(rest, '?');
    let scheme_end = rest.find([':', '/']).filter(|at| rest[*at..].starts_with(':'));
    let (scheme, rest) = scheme_end.map_or(("", rest), |at| (&rest[..at], &rest[at + 1..]));
    let (authority, path) = match rest.strip_prefix("//") {
        Some(rest) => {
            let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
            (Some(authority), path)
        }
        None => (None, rest),
    };
    UriParts { scheme, authority, path, query, fragment }
}

impl<'a> UriParts<'a> {
    /// What stands before an `@` in the authority.
    pub fn userinfo(&self) -> Option<&'a str> {
        self.authority.and_then(|authority| authority.rsplit_once('@')).map(|(userinfo, _)| userinfo)
    }

    /// The host, brackets of an IPv6 address included; empty without authority.
    pub fn host(&self) -> &'a str {
        self.host_and_port().0
    }

    /// What stands after the host's colon, not necessarily a number.
    pub fn port(&self) -> Option<&'a str> {
        self.host_and_port().1
    }

    fn host_and_port(&self) -> (&'a str, Option<&'a str>) {
        let authority = self.authority.unwrap_or_default();
        let host_port = authority.rsplit_once('@').map_or(authority, |(_, rest)| rest);
        let port_from = host_port.rfind(']').map_or(0, |bracket| bracket + 1);
        match host_port[port_from..].split_once(':') {
            Some((before, port)) => (&host_port[..port_from + before.len()], Some(port)),
            None => (host_port, None),
        }
    }
}

/// Whether the host is this machine's own: `localhost` and the loopback addresses.
pub fn is_loopback_host(host: &str) -> bool {
    let address = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(host);
    host.eq_ignore_ascii_case("localhost")
        || host.to_ascii_lowercase().ends_with(".localhost")
        || address.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn cut(text: &str, at: char) -> (&str, Option<&str>) {
    text.split_once(at).map_or((text, None), |(before, after)| (before, Some(after)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uri_is_split_where_the_rfc_splits_it() {
        let all = split("https://user:pw@c.test:8443/a/b?x=1?2#f#g");
        assert_eq!((all.scheme, all.authority), ("https", Some("user:pw@c.test:8443")));
        assert_eq!((all.path, all.query, all.fragment), ("/a/b", Some("x=1?2"), Some("f#g")));
        assert_eq!((all.userinfo(), all.host(), all.port()), (Some("user:pw"), "c.test", Some("8443")));
        let bare = split("https://c.test");
        assert_eq!((bare.host(), bare.port(), bare.path, bare.query), ("c.test", None, "", None));
        let private = split("com.example.app:/cb?x");
        assert_eq!((private.scheme, private.authority, private.path), ("com.example.app", None, "/cb"));
        assert_eq!(split("//c.test/cb").scheme, "");
        assert_eq!(split("/a:b").scheme, "");
        assert_eq!(split("").path, "");
    }

    /// C04: whoever confuses user information with a host sends codes elsewhere.
    #[test]
    fn host_and_port_are_those_after_the_last_at_sign() {
        let host = |uri: &'static str| (split(uri).userinfo(), split(uri).host(), split(uri).port());
        assert_eq!(host("http://127.0.0.1:1@evil/cb"), (Some("127.0.0.1:1"), "evil", None));
        assert_eq!(host("http://a@b@evil:2/cb"), (Some("a@b"), "evil", Some("2")));
        assert_eq!(host("http://[::1]:9@evil"), (Some("[::1]:9"), "evil", None));
        assert_eq!(host("http://[::1]:9/cb"), (None, "[::1]", Some("9")));
        assert_eq!(host("http://[::1]/cb"), (None, "[::1]", None));
        assert_eq!(host("http://c.test:/cb"), (None, "c.test", Some("")));
    }

    #[test]
    fn loopback_hosts_are_known() {
        for host in ["localhost", "LOCALHOST", "app.localhost", "127.0.0.1", "127.9.9.9", "[::1]"] {
            assert!(is_loopback_host(host), "{host}");
        }
        for host in ["", "localhost.evil.test", "10.0.0.1", "[::2]", "c.test", "127.0.0.1.evil.test"] {
            assert!(!is_loopback_host(host), "{host}");
        }
    }
}
