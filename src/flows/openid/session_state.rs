//! `session_state` (OpenID Connect Session Management section 3): by it a client's page sees, without asking the server,
//! that who is signed in has changed.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use url::Url;

use crate::app::App;
use crate::crypto::digest::sha256;
use crate::crypto::random;
use crate::flows::session::SignedIn;
use crate::protocol::trusted_redirect::TrustedRedirect;

/// What the browser's readable cookie says while this session is open. Nobody learns the session from it, nor it from the
/// session's name.
pub fn browser_state(app: &App, who: &SignedIn) -> String {
    app.keys.session_state.text_tag(&[who.session.known_as().as_bytes(), who.user.sub.as_bytes()])
}

/// The parameter of a good authorization response; none while session management is off, and for clients that are no
/// web site.
pub fn parameter(app: &App, who: &SignedIn, client_id: &str, redirect: &TrustedRedirect) -> Option<String> {
    if !app.config.sign_in.session_management || redirect.is_private_scheme() {
        return None;
    }
    let origin = Url::parse(redirect.as_str()).ok()?.origin().ascii_serialization();
    let salt = random::url_safe_text(8);
    let text = format!("{client_id} {origin} {} {salt}", browser_state(app, who));
    Some(format!("{}.{salt}", URL_SAFE_NO_PAD.encode(sha256(&[text.as_bytes()]))))
}
