//! When a browser first came with a request object. Whoever makes one gives it a minute; a person who has to sign in needs
//! longer, and comes back with the same address. So the address carries `rx`, which says when that was: the object is judged
//! as of then, in that browser alone, for ten minutes.

use super::Browser;
use super::interaction::without_marks;
use crate::app::App;
use crate::crypto::digest;
use crate::protocol::NumericDate;
use crate::protocol::params::Params;

/// Seconds between first sight and the last return.
const LIFETIME: i64 = 600;
const NAME: &str = "rx";

/// The same request with its mark, where it carries an object and has no good one yet.
pub fn marked(app: &App, params: Params, browser: &Browser<'_>) -> Params {
    let carries = params.present("request") || params.present("request_uri");
    if !carries || of(app, &params, browser).is_some() {
        return params;
    }
    let at = app.clock.now();
    let mark = format!("{at}.{}", app.keys.interaction.text_tag(&as_slices(&tagged(&params, browser, at))));
    params.iter().filter(|(name, _)| *name != NAME).chain([(NAME, mark.as_str())]).collect()
}

/// The mark as it was sent.
pub fn text(params: &Params) -> Option<&str> {
    params.once(NAME).ok().flatten()
}

/// The moment a good mark names.
pub fn of(app: &App, params: &Params, browser: &Browser<'_>) -> Option<NumericDate> {
    let (at, tag) = text(params)?.split_once('.')?;
    let at: NumericDate = at.parse().ok()?;
    let now = app.clock.now();
    let genuine = app.keys.interaction.verify_text(&as_slices(&tagged(params, browser, at)), tag);
    Some(at).filter(|at| genuine && *at <= now && now < at.saturating_add(LIFETIME))
}

fn tagged(params: &Params, browser: &Browser<'_>, at: NumericDate) -> Vec<Vec<u8>> {
    vec![
        b"request object".to_vec(),
        digest::sha256(&[without_marks(params).encode().as_bytes()]).to_vec(),
        digest::sha256(&[browser.browser_cookie.as_bytes()]).to_vec(),
        at.to_be_bytes().to_vec(),
    ]
}

fn as_slices(parts: &[Vec<u8>]) -> Vec<&[u8]> {
    parts.iter().map(Vec::as_slice).collect()
}
