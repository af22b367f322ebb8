//! A client's logo as pages may load it: from one https origin that a Content-Security-Policy can name, and nothing else.

use url::Url;

/// An address for `<img>`, and the origin `img-src` names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Logo {
    /// As registered.
    pub url: String,
    /// Scheme, host and port.
    pub origin: String,
}

impl Logo {
    /// None for what is not https, and for hosts with characters that would end the directive: `;` may stand in a host.
    pub fn of(url: &str) -> Option<Logo> {
        let parsed = Url::parse(url).ok().filter(|parsed| parsed.scheme() == "https")?;
        let origin = parsed.origin().ascii_serialization();
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-.:[]".contains(&byte);
        let host_and_port = origin.strip_prefix("https://")?;
        (!host_and_port.is_empty() && host_and_port.bytes().all(plain)).then(|| Logo { url: url.to_owned(), origin })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// C67.
    #[test]
    fn only_an_origin_that_fits_a_policy_is_named_in_one() {
        let logo = Logo::of("https://RP.example:8443/l.png?x=1").unwrap();
        assert_eq!(
            (logo.url.as_str(), logo.origin.as_str()),
            ("https://RP.example:8443/l.png?x=1", "https://rp.example:8443")
        );
        for bad in [
            "http://rp.example/l.png",
            "data:image/png,x",
            "javascript:x",
            "https://rp.example;script-src/x",
            "https://rp.example,https:/x",
            "https://'unsafe-inline'/x",
            "x",
        ] {
            let found = Logo::of(bad);
            assert!(found.as_ref().is_none_or(|logo| !logo.origin.contains([';', ',', '\'', ' '])), "{found:?}");
        }
        assert_eq!(Logo::of("https://rp.example;script-src/x"), None);
    }
}
