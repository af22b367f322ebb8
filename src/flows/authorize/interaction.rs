//! `prompt=login` and `max_age` without server state: the request travels in its own URL, and the sign-in link carries
//! `ix`, which says when the request was first seen and which session this browser had then. Every proof makes a new
//! session, so only another session that began since is a later proof, and each `ix` counts once. Counting the proofs of
//! one session would ask twice where it ends before the person has signed in.

use super::Browser;
use super::checks::Checked;
use crate::app::App;
use crate::crypto::digest;
use crate::crypto::random;
use crate::flows::openid::authentication::Authentication;
use crate::protocol::NumericDate;
use crate::protocol::endpoints;
use crate::protocol::params::Params;
use crate::protocol::prompt::Prompt;
use crate::store::{StoreError, used_marks};

/// Seconds between first sight and the return from sign-in.
const LIFETIME: i64 = 600;

/// Seconds by which a provider's clock may be behind ours.
pub(super) const SKEW: i64 = 60;

/// Parameters of our own links: they say what happened to the request, and are no part of it.
const MARKS: [&str; 3] = ["ix", "account", "rx"];

/// The person's choice on a page of ours, between first sight and the answer. What it opens is judged each time anew.
const CHOICE: &str = "organization";

/// Whether the user proved who they are for this very request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    /// No, or not known.
    None,
    /// They signed in since the request was first seen, but not in the way that counts, or nobody knows when.
    CameBack,
    /// Since the request was first seen, and for the first time told.
    GivenForThisRequest,
}

/// What the request's `ix` is worth.
pub struct Judged {
    /// The verdict, as long as [`use_up`] does not say otherwise.
    pub proof: Proof,
    mark: Option<(Vec<u8>, NumericDate)>,
}

struct Seen {
    /// The session's public name; empty where nobody was signed in.
    sid: String,
    expires_at: NumericDate,
    nonce: String,
    tag: String,
}

/// Judges the request's `ix`. `authentication` is the sign-in an answer would rest on.
pub fn judge(
    app: &App,
    params: &Params,
    checked: &Checked,
    browser: &Browser<'_>,
    authentication: Option<&Authentication>,
) -> Judged {
    let nothing = Judged { proof: Proof::None, mark: None };
    let Some(text) = params.once("ix").ok().flatten() else { return nothing };
    let (Some(seen), Some(who)) = (parse(text), browser.signed_in) else { return nothing };
    let parts = tagged(params, browser, &seen.nonce, &seen.sid, seen.expires_at);
    let genuine = app.keys.interaction.verify_text(&as_slices(&parts), &seen.tag);
    let first_seen = seen.expires_at.saturating_sub(LIFETIME);
    // A browser that hid its session when the request was first seen, or swaps it for another, shows an old proof.
    let came_back = who.session.sid != seen.sid && who.session.created_at >= first_seen;
    if !genuine || !came_back || app.clock.now() >= seen.expires_at || !wants_proof(checked) {
        return nothing;
    }
    let proven = authentication.and_then(Authentication::time).is_some_and(|at| {
        let skew = if authentication.is_some_and(Authentication::is_upstream) { SKEW } else { 0 };
        at >= first_seen.saturating_sub(skew)
    });
    match proven {
        // The tag, not the text: numbers may be spelled in several ways.
        true => {
            let mark = digest::sha256(&[seen.tag.as_bytes()]).to_vec();
            Judged { proof: Proof::GivenForThisRequest, mark: Some((mark, seen.expires_at)) }
        }
        false => Judged { proof: Proof::CameBack, mark: None },
    }
}

/// Uses up what counts once. False when it has counted before, and does not now.
///
/// # Errors
/// The store's.
pub async fn use_up(app: &App, judged: &Judged) -> Result<bool, StoreError> {
    let Some((mark, until)) = judged.mark.clone() else { return Ok(true) };
    app.store.write(move |write| used_marks::first_use(write, &mark, until)).await
}

/// The request's own URL, with a new `ix` where a new proof is wanted.
pub fn return_to(app: &App, params: &Params, checked: &Checked, browser: &Browser<'_>) -> String {
    let query = again(params);
    if !wants_proof(checked) {
        return format!("{}?{query}", endpoints::AUTHORIZATION);
    }
    let sid = browser.signed_in.map_or("", |who| &who.session.sid);
    let expires_at = app.clock.now() + LIFETIME;
    let nonce = random::url_safe_text(8);
    let parts = tagged(params, browser, &nonce, sid, expires_at);
    let tag = app.keys.interaction.text_tag(&as_slices(&parts));
    format!("{}?{query}&ix={sid}.{expires_at}.{nonce}.{tag}", endpoints::AUTHORIZATION)
}

/// The request's own URL for the account that is signed in now, which the person chose (`prompt=select_account`).
pub fn with_this_account(app: &App, params: &Params, browser: &Browser<'_>) -> String {
    let expires_at = app.clock.now() + LIFETIME;
    let tag = app.keys.interaction.text_tag(&as_slices(&chosen(params, browser, expires_at)));
    format!("{}?{}&account={expires_at}.{tag}", endpoints::AUTHORIZATION, again(params))
}

/// Whether the person chose to go on as who they are.
pub fn account_is_chosen(app: &App, params: &Params, browser: &Browser<'_>) -> bool {
    let mark = params.once("account").ok().flatten().and_then(|text| text.split_once('.'));
    let Some((expires_at, tag)) = mark else { return false };
    let Ok(expires_at) = expires_at.parse::<NumericDate>() else { return false };
    let genuine = app.keys.interaction.verify_text(&as_slices(&chosen(params, browser, expires_at)), tag);
    genuine && app.clock.now() < expires_at
}

fn wants_proof(checked: &Checked) -> bool {
    let prompts = [Prompt::Login, Prompt::SelectAccount, Prompt::Create];
    checked.request.max_age.is_some()
        || prompts.into_iter().any(|prompt| checked.request.prompt.contains(prompt))
        || !checked.wanted.is_anybody()
        || checked.classes.is_some()
}

/// The request as it came, for another visit.
fn again(params: &Params) -> String {
    params.iter().filter(|(name, _)| !["ix", "account"].contains(name)).collect::<Params>().encode()
}

/// The request without what our own links say of it, and without the choice of the person on the way.
pub(super) fn without_marks(params: &Params) -> Params {
    params.iter().filter(|(name, _)| !MARKS.contains(name) && *name != CHOICE).collect()
}

fn parse(text: &str) -> Option<Seen> {
    let mut parts = text.splitn(4, '.');
    Some(Seen {
        sid: parts.next()?.to_owned(),
        expires_at: parts.next()?.parse().ok()?,
        nonce: parts.next()?.to_owned(),
        tag: parts.next()?.to_owned(),
    })
}

fn tagged(params: &Params, browser: &Browser<'_>, nonce: &str, sid: &str, expires_at: NumericDate) -> Vec<Vec<u8>> {
    vec![
        digest::sha256(&[without_marks(params).encode().as_bytes()]).to_vec(),
        digest::sha256(&[browser.browser_cookie.as_bytes()]).to_vec(),
        nonce.as_bytes().to_vec(),
        sid.as_bytes().to_vec(),
        expires_at.to_be_bytes().to_vec(),
    ]
}

fn chosen(params: &Params, browser: &Browser<'_>, expires_at: NumericDate) -> Vec<Vec<u8>> {
    let sid = browser.signed_in.map_or("", |who| &who.session.sid);
    let mut parts = tagged(params, browser, "", sid, expires_at);
    parts.push(b"account".to_vec());
    parts
}

fn as_slices(parts: &[Vec<u8>]) -> Vec<&[u8]> {
    parts.iter().map(Vec::as_slice).collect()
}
