//! Sends a browser upstream: a flow's row, bound to browser, person, organization and provider, and the address to go to.

use super::finish::Errand;
use super::luggage::{Draft, Luggage};
use super::providers::{self, Opened, Trip};
use super::refusal::SsoRefusal;
use crate::app::App;
use crate::app::throttle::address_key;
use crate::crypto::digest;
use crate::crypto::random;
use crate::crypto::token::{PlainToken, TokenKind};
use crate::flows::authorize::Browser;
use crate::flows::caller::Caller;
use crate::store::organizations::OrganizationRow;
use crate::store::providers as provider_rows;
use crate::store::sso_flows::{self, SsoFlowRow};

/// What is wanted of the upstream, and where the browser goes afterwards.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wish<'a> {
    /// The own path that waits.
    pub return_to: Option<&'a str>,
    /// Filled in there if the upstream likes.
    pub login_hint: Option<&'a str>,
    /// `prompt=login`: the person proves themselves there again.
    pub reauthenticate: bool,
    /// Seconds since they last did.
    pub max_age: Option<i64>,
    /// They prove themselves again for a page of ours: an upstream that does not tell when they did is believed.
    pub step_up: bool,
}

/// A browser on its way.
pub struct Begun {
    /// The upstream's address; the answer redirects there and sets the browser cookie if that is new.
    pub location: String,
}

/// Begins a sign-in at, or (`errand`) a link to, the organization's provider.
///
/// # Errors
/// [`SsoRefusal::NoProvider`] for an organization without one; those of the upstream's discovery; the store's.
pub async fn begin(
    app: &App,
    caller: &Caller,
    browser: &Browser<'_>,
    organization: &OrganizationRow,
    errand: Errand,
    wish: Wish<'_>,
) -> Result<Begun, SsoRefusal> {
    let organization_id = organization.id;
    let found = app.store.read(move |conn| provider_rows::find_of_organization(conn, organization_id)).await?;
    let row = found.filter(|row| row.status == "active" && organization.status == "active");
    let row = row.ok_or(SsoRefusal::NoProvider)?;
    let opened = providers::open(app, &row)?;
    depart(app, caller, browser, organization, errand, Some(row.id), &opened, None, wish).await
}

/// Begins the set-up of a provider by trying it.
///
/// # Errors
/// As [`begin`].
pub async fn begin_set_up(
    app: &App,
    caller: &Caller,
    browser: &Browser<'_>,
    organization: &OrganizationRow,
    draft: Draft,
) -> Result<Begun, SsoRefusal> {
    let provider = providers::find(app, &draft.kind).ok_or(SsoRefusal::NoProvider)?;
    let opened = Opened { provider, settings: draft.settings.clone(), secret: draft.secret.clone() };
    let wish = Wish::default();
    depart(app, caller, browser, organization, Errand::SetUp, None, &opened, Some(draft), wish).await
}

#[expect(clippy::too_many_arguments, reason = "everything the flow is bound to, seen at once")]
async fn depart(
    app: &App,
    caller: &Caller,
    browser: &Browser<'_>,
    organization: &OrganizationRow,
    errand: Errand,
    provider_id: Option<i64>,
    opened: &Opened,
    draft: Option<Draft>,
    wish: Wish<'_>,
) -> Result<Begun, SsoRefusal> {
    if browser.signed_in.is_none() {
        // Strangers make rows here: as many as they may guess tokens (A19).
        app.throttles.misses.check(&address_key(caller.address)).map_err(SsoRefusal::Throttled)?;
    }
    let (id, now) = (app.store.next_id()?, app.clock.now());
    let state = PlainToken::new(TokenKind::UpstreamState, id, random::secret().expose());
    let max_age = wish.max_age.or(wish.step_up.then_some(app.config.sign_in.step_up));
    let luggage = Luggage {
        nonce: random::url_safe_text(32),
        verifier: random::url_safe_text(32),
        reauthenticate: wish.reauthenticate,
        max_age,
        lenient: wish.step_up && !wish.reauthenticate && wish.max_age.is_none(),
        draft,
        profile: None,
    };
    let trip = Trip {
        app,
        settings: &opened.settings,
        secret: opened.secret.as_deref(),
        state: state.expose(),
        nonce: &luggage.nonce,
        verifier: &luggage.verifier,
        reauthenticate: wish.reauthenticate,
        max_age,
        login_hint: wish.login_hint,
        began: now,
    };
    let location = super::upstream_error::in_time(app, opened.provider.departure(&trip)).await?;
    let row = SsoFlowRow {
        id,
        digest: state.digest().as_bytes().to_vec(),
        browser_digest: browser_digest(browser),
        flow: errand.as_str().to_owned(),
        organization_id: organization.id,
        provider_id,
        user_id: browser.signed_in.map(|who| who.user.id),
        session_id: browser.signed_in.map(|who| who.session.id),
        step: 0,
        sealed: luggage.seal(app, id),
        return_to: wish.return_to.map(str::to_owned),
        created_at: now,
        expires_at: now + app.config.sso.flow_lifetime,
        finished_at: None,
    };
    app.store.write(move |write| sso_flows::insert(write, &row)).await?;
    Ok(Begun { location })
}

/// What ties a flow to its browser.
pub(super) fn browser_digest(browser: &Browser<'_>) -> Vec<u8> {
    digest::sha256(&[b"grantor/sso/browser/v1", browser.browser_cookie.as_bytes()]).to_vec()
}
