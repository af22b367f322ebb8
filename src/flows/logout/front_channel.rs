//! Front-Channel Logout 1.0: addresses of clients that a page loads in frames once a browser is signed out.

use url::Url;

use crate::app::App;
use crate::flows::openid::subject;
use crate::store::clients::ClientRow;

/// What the page loads for a client that asks for it, with `iss` and `sid` where it wants them (section 2).
pub(super) fn address(app: &App, client: &ClientRow, sid: &str) -> Option<String> {
    let registered = &client.metadata.0;
    let mut url = Url::parse(registered.frontchannel_logout_uri.as_deref()?).ok()?;
    if !matches!(url.scheme(), "https" | "http") || url.host_str().is_none_or(str::is_empty) {
        return None;
    }
    url.set_fragment(None);
    if registered.frontchannel_logout_session_required {
        url.query_pairs_mut()
            .append_pair("iss", app.issuer.as_str())
            .append_pair("sid", &subject::session(app, client, sid));
    }
    Some(url.into())
}

/// The addresses as sources of a content security policy: each one's origin and path, and nothing that could end a
/// directive (CSP 3 section 2.3.1 wants `;` and `,` encoded).
pub fn sources(addresses: &[String]) -> String {
    let source = |address: &String| {
        let url = Url::parse(address).ok()?;
        let path = url.path().replace(';', "%3B").replace(',', "%2C");
        Some(format!("{}{path}", url.origin().ascii_serialization()))
    };
    let mut sources: Vec<String> = addresses.iter().filter_map(source).collect();
    sources.sort();
    sources.dedup();
    sources.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_is_origin_and_path_and_ends_no_directive() {
        let addresses = [
            "https://rp.example/out;script-src%20*?iss=x&sid=y",
            "https://rp.example/out;script-src%20*?sid=other",
            "https://b.example:8443/a,b",
            "http://127.0.0.1:9/",
            "no address",
        ];
        let sources = sources(&addresses.map(str::to_owned));
        assert_eq!(sources, "http://127.0.0.1:9/ https://b.example:8443/a%2Cb https://rp.example/out%3Bscript-src%20*");
    }
}
