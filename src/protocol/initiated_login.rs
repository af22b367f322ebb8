//! A sign-in that starts here and not at the client (OpenID Connect Core section 4).

use url::Url;

/// Where to send the person: the client's own address with who sends, whom, and to what. `target` goes along only where it
/// is at the client's own origin.
pub fn url(initiate_login_uri: &str, issuer: &str, login_hint: Option<&str>, target: Option<&str>) -> Option<String> {
    let mut url = Url::parse(initiate_login_uri).ok().filter(|url| url.scheme() == "https")?;
    let own = url.origin();
    let target = target.filter(|target| Url::parse(target).is_ok_and(|target| target.origin() == own));
    let mut query = url.query_pairs_mut();
    query.append_pair("iss", issuer);
    for (name, value) in [("login_hint", login_hint), ("target_link_uri", target)] {
        if let Some(value) = value {
            query.append_pair(name, value);
        }
    }
    drop(query);
    Some(url.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_client_is_told_who_sends_whom_where() {
        let told = |target| url("https://rp.test/start?a=1", "https://as.test", Some("ada"), target);
        let base = "https://rp.test/start?a=1&iss=https%3A%2F%2Fas.test&login_hint=ada";
        assert_eq!(told(None).as_deref(), Some(base));
        let with = format!("{base}&target_link_uri=https%3A%2F%2Frp.test%2Fhome");
        assert_eq!(told(Some("https://rp.test/home")), Some(with));
        assert_eq!(told(Some("https://other.test/")).as_deref(), Some(base));
        assert_eq!(url("http://rp.test/start", "https://as.test", None, None), None);
        assert_eq!(url("javascript:x", "https://as.test", None, None), None);
    }
}
