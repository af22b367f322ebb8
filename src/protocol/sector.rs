//! Who shares pairwise names (OpenID Connect Core section 8.1): the host of the sector identifier, or else the one host of
//! all redirect URIs.

use url::Url;

/// The sector; none where redirect URIs have several hosts, or none.
pub fn of(sector_identifier_uri: Option<&str>, redirect_uris: &[String]) -> Option<String> {
    if let Some(uri) = sector_identifier_uri {
        return host(uri);
    }
    let mut hosts = redirect_uris.iter().map(|uri| host(uri));
    let first = hosts.next()??;
    hosts.all(|other| other.as_deref() == Some(&first)).then_some(first)
}

fn host(uri: &str) -> Option<String> {
    Url::parse(uri).ok()?.host_str().map(str::to_ascii_lowercase)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sector_is_one_host() {
        let sector =
            |uri: Option<&str>, uris: &[&str]| of(uri, &uris.iter().map(|uri| (*uri).to_owned()).collect::<Vec<_>>());
        let host = |text: &str| Some(text.to_owned());
        assert_eq!(sector(None, &["https://A.test/x", "https://a.test:8443/y"]), host("a.test"));
        assert_eq!(sector(None, &["https://a.test/x", "https://b.test/y"]), None);
        assert_eq!(sector(None, &["https://a.test/x", "com.example.app:/y"]), None);
        assert_eq!(sector(None, &["com.example.app:/y"]), None);
        assert_eq!(sector(None, &[]), None);
        assert_eq!(sector(Some("https://s.test/list.json"), &["https://a.test/", "https://b.test/"]), host("s.test"));
    }
}
