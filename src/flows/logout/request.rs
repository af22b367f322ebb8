//! A client's wish to sign a person out (OpenID Connect RP-Initiated Logout 1.0): who asks, whose session is meant, and
//! where the browser may go afterwards.

use std::sync::Arc;

use super::hint::{self, Hint};
use crate::app::App;
use crate::flows::client_lookup;
use crate::flows::clients::open::openly_registered;
use crate::flows::session::SignedIn;
use crate::protocol::error::{Detail, ErrorCode, OAuthError};
use crate::protocol::limits::MAX_STATE;
use crate::protocol::location;
use crate::protocol::params::Params;
use crate::protocol::trusted_redirect::{TrustedRedirect, without_query};
use crate::store::StoreError;
use crate::store::clients::ClientRow;

const SPEC: &str = "OpenID Connect RP-Initiated Logout section 2";

/// A request nothing is wrong with. Whatever else it says (`logout_hint`, `ui_locales`) changes nothing: a browser has one
/// session here at most, and pages speak one language.
pub struct Asked {
    /// Who asks, where that is known.
    pub client: Option<Arc<ClientRow>>,
    /// Where the browser goes afterwards.
    pub back: Option<Back>,
    /// The request shows an ID token of the very session: nobody has to be asked.
    pub needs_no_question: bool,
    /// Somebody answers for the client: a browser in which nobody is signed in is sent back there at once (RFC 9700 section
    /// 4.11.2).
    pub is_trusted: bool,
    pub(super) hint: Option<Hint>,
}

/// Where a browser goes once it is signed out.
pub struct Back {
    redirect: TrustedRedirect,
    /// The client's, said back.
    pub state: Option<String>,
}

impl Back {
    /// The registered address.
    pub fn registered(&self) -> &str {
        self.redirect.as_str()
    }

    /// With the request's `state`.
    pub fn location(&self) -> String {
        match &self.state {
            Some(state) => location::query_location(self.redirect.as_str(), &[("state", state)]),
            None => self.redirect.as_str().to_owned(),
        }
    }
}

/// A request that gets a page.
pub struct Refused {
    /// What is wrong.
    pub error: OAuthError,
    /// Who asks, where that is known.
    pub client: Option<Arc<ClientRow>>,
}

/// Judges the request against whoever is signed in.
///
/// # Errors
/// The store's; a refusal is a value.
pub async fn judge(app: &App, params: &Params, who: Option<&SignedIn>) -> Result<Result<Asked, Refused>, StoreError> {
    let anonymous = |error| Ok(Err(Refused { error, client: None }));
    let read = match Raw::of(params) {
        Ok(read) => read,
        Err(error) => return anonymous(error),
    };
    let hint = match read.hint.map(|token| hint::read(app, token)).transpose() {
        Ok(hint) => hint,
        Err(error) => return anonymous(error),
    };
    let client_id = match client_id(read.client_id, hint.as_ref()) {
        Ok(client_id) => client_id,
        Err(error) => return anonymous(error),
    };
    let client = match client_id {
        Some(client_id) => client_lookup::find(app, client_id).await?.filter(|client| client.is_active()),
        None => None,
    };
    let back = match back(client.as_deref(), client_id, &read) {
        Ok(back) => back,
        Err(error) => return Ok(Err(Refused { error, client })),
    };
    let its_session = |client: &ClientRow| {
        let (hint, who) = (hint.as_ref()?, who?);
        Some(hint.is_of(app, client, who))
    };
    Ok(Ok(Asked {
        needs_no_question: client.as_deref().and_then(its_session).unwrap_or(false),
        // An ID token of its own shows only that whoever runs the client signed in there once.
        is_trusted: client.as_ref().is_some_and(|client| !openly_registered(app, client)),
        client,
        back,
        hint,
    }))
}

struct Raw<'a> {
    hint: Option<&'a str>,
    client_id: Option<&'a str>,
    redirect_uri: Option<&'a str>,
    state: Option<&'a str>,
}

impl<'a> Raw<'a> {
    fn of(params: &'a Params) -> Result<Raw<'a>, OAuthError> {
        let once = |name| params.once(name).map_err(OAuthError::from);
        let state = once("state")?;
        if state.is_some_and(|state| state.len() > MAX_STATE) {
            let detail = Detail::new("state_too_long", SPEC).expected(format!("{MAX_STATE} bytes at most"));
            return Err(OAuthError::new(ErrorCode::InvalidRequest, "state is too long").with_detail(detail));
        }
        Ok(Raw {
            hint: once("id_token_hint")?,
            client_id: once("client_id")?,
            redirect_uri: once("post_logout_redirect_uri")?,
            state,
        })
    }
}

/// Both must name one client (section 2).
fn client_id<'a>(said: Option<&'a str>, hint: Option<&'a Hint>) -> Result<Option<&'a str>, OAuthError> {
    match (said, hint) {
        (Some(said), Some(hint)) if said != hint.audience => {
            let detail = Detail::new("id_token_hint_of_another_client", SPEC).received(said).expected(&hint.audience);
            Err(OAuthError::new(ErrorCode::InvalidRequest, "id_token_hint was made for another client")
                .with_detail(detail.hint("client_id must be the audience of the ID token")))
        }
        (said, hint) => Ok(said.or(hint.map(|hint| hint.audience.as_str()))),
    }
}

/// Exactly a registered address of a known client, or none (section 3): anything else would lend our name to anybody.
fn back(client: Option<&ClientRow>, client_id: Option<&str>, read: &Raw<'_>) -> Result<Option<Back>, OAuthError> {
    let Some(requested) = read.redirect_uri else { return Ok(None) };
    let refused = |description, detail: Detail| {
        Err(OAuthError::new(ErrorCode::InvalidRequest, description)
            .with_detail(detail.received(without_query(requested))))
    };
    let Some(client) = client else {
        let hint = match client_id {
            Some(_) => "no active application has this client_id",
            None => "send id_token_hint or client_id too: without them nobody knows whose address it is",
        };
        let detail = Detail::new("post_logout_redirect_uri_of_nobody", SPEC).hint(hint);
        return refused("post_logout_redirect_uri belongs to no known client", detail);
    };
    let registered = &client.metadata.0.post_logout_redirect_uris;
    let exact = registered.iter().find(|uri| *uri == requested);
    let Some(redirect) = exact.and_then(|_| TrustedRedirect::for_request(registered, Some(requested)).ok()) else {
        let known: Vec<String> = registered.iter().map(|uri| without_query(uri)).collect();
        let detail =
            Detail::new("post_logout_redirect_uri_not_registered", "OpenID Connect RP-Initiated Logout section 3")
                .expected(known.join(" "))
                .hint("register exactly this address in post_logout_redirect_uris");
        return refused("post_logout_redirect_uri is not registered for this client", detail);
    };
    Ok(Some(Back { redirect, state: read.state.map(str::to_owned) }))
}
