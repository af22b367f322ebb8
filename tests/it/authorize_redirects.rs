//! The text of a redirection endpoint is kept to the byte, from registration to the redemption of the code.

use crate::support::db_shortcuts::{public_client, strings, web_client};
use crate::support::relying_party::RelyingParty;
use crate::support::{ClientSpec, TestApp, on_both};

on_both!(the_registered_text_is_edited_never_written_anew, a_code_is_bound_to_the_port_it_was_asked_with);

/// `https://example.com` stays without a slash; C06: the registered query is kept and doubles nothing.
async fn the_registered_text_is_edited_never_written_anew(app: &TestApp) {
    let ada = app.db_user("ada").await;
    let browser = app.db_signed_in(&ada).await;
    for (registered, expected) in [
        ("https://example.com", "https://example.com?code=[code]&state=s&iss=[issuer]"),
        ("https://example.com/", "https://example.com/?code=[code]&state=s&iss=[issuer]"),
        ("https://example.com?a=&b", "https://example.com?a=&b&code=[code]&state=s&iss=[issuer]"),
        ("https://example.com/cb?x=%20y", "https://example.com/cb?x=%20y&code=[code]&state=s&iss=[issuer]"),
        ("https://example.com/cb?code=1&a=2&state=3", "https://example.com/cb?a=2&code=[code]&state=s&iss=[issuer]"),
        ("https://example.com:8443/a;b/(c)", "https://example.com:8443/a;b/(c)?code=[code]&state=s&iss=[issuer]"),
    ] {
        let party = app.db_client(ClientSpec { redirect_uris: strings(&[registered]), ..web_client() }).await;
        let consent = browser.get(&party.authorize_url(&[("state", "s")])).await;
        let page = browser.submit(&consent, "consent-allow", &[]).await;
        assert_eq!(page.named(page.location()), expected);
    }
}

/// A02, A29.
async fn a_code_is_bound_to_the_port_it_was_asked_with(app: &TestApp) {
    let spec = ClientSpec { redirect_uris: strings(&["http://127.0.0.1/cb", "http://[::1]/cb"]), ..public_client() };
    let (native, ada) = (app.db_client(spec).await, app.db_user("ada").await);
    let browser = app.db_signed_in(&ada).await;
    for asked in ["http://127.0.0.1/cb", "http://127.0.0.1:51004/cb", "http://[::1]:65535/cb"] {
        let party = RelyingParty { redirect_uri: asked.to_owned(), ..native.clone() };
        let code = party.code(&browser, &[("scope", "org:read")]).await;
        let elsewhere = [("redirect_uri", "http://127.0.0.1:2/cb")];
        assert_eq!(party.redeem_with(&code, &elsewhere).await.error(), "400 invalid_grant", "{asked}");
        assert_eq!(party.redeem(&code).await.status, 200, "{asked}");
    }
}
