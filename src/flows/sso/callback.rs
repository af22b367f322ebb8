//! A browser comes back from the upstream: its `state` counts once, in the browser it was made for (C42, C44).

use serde_json::json;

use super::act::{self, Acted, Op};
use super::begin::browser_digest;
use super::facts::{self, Found};
use super::finish::{Decision, Errand, decide};
use super::luggage::{Draft, Luggage, Profile};
use super::providers::{self, Opened, Trip};
use super::refusal::SsoRefusal;
use super::upstream_error::{UpstreamError, in_time};
use crate::app::App;
use crate::crypto::constant_time;
use crate::crypto::random;
use crate::crypto::token::{PlainToken, TokenKind, TokenText};
use crate::flows::audit::{self, Actor, Target};
use crate::flows::authorize::Browser;
use crate::flows::caller::Caller;
use crate::flows::organizations::invitations::by_key::Rules;
use crate::protocol::params::Params;
use crate::store::organizations::{self, OrganizationRow};
use crate::store::providers::ProviderRow;
use crate::store::sso_flows::{self, SsoFlowRow};
use crate::store::{audit_events, providers as provider_rows};

/// A flow as its token opens it.
pub struct Flow {
    /// Its row.
    pub row: SsoFlowRow,
    /// Why the browser went.
    pub errand: Errand,
    /// The organization.
    pub organization: OrganizationRow,
    /// The provider's row; none while it is being set up.
    pub provider: Option<ProviderRow>,
    /// What it carries.
    pub luggage: Luggage,
}

/// Somebody came back, and a click of theirs is wanted.
pub struct Arrived {
    /// Names the flow from now on, for the page's own address and form.
    pub token: String,
}

/// What the browser gets.
pub enum Returned {
    /// In: a session, and the path that waited.
    In(Acted),
    /// The page that asks.
    Asks(Arrived),
}

/// A refusal, and whose provider it was, where that is known.
pub struct Refused {
    /// Why.
    pub refusal: SsoRefusal,
    /// The organization, for the way back.
    pub organization: Option<OrganizationRow>,
    /// Why the browser went.
    pub errand: Option<Errand>,
}

impl<E: Into<SsoRefusal>> From<E> for Refused {
    fn from(refusal: E) -> Self {
        Refused { refusal: refusal.into(), organization: None, errand: None }
    }
}

/// Takes the browser back.
///
/// # Errors
/// [`Refused`]; a `state` that is not this browser's changes nothing.
pub async fn callback(app: &App, caller: &Caller, browser: &Browser<'_>, params: &Params) -> Result<Returned, Refused> {
    let state = params.once("state").ok().flatten().ok_or(SsoRefusal::Void)?;
    let flow = open(app, browser, state, 0).await?;
    let refused =
        |refusal| Refused { refusal, organization: Some(flow.organization.clone()), errand: Some(flow.errand) };
    match arrive(app, caller, browser, params, &flow).await {
        Ok(returned) => Ok(returned),
        Err(refusal) => {
            failed(app, caller, &flow, &refusal).await?;
            Err(refused(refusal))
        }
    }
}

async fn arrive(
    app: &App,
    caller: &Caller,
    browser: &Browser<'_>,
    params: &Params,
    flow: &Flow,
) -> Result<Returned, SsoRefusal> {
    let opened = opened(app, flow)?;
    if facts::visitor_changed(&flow.row, browser.signed_in) {
        return Err(SsoRefusal::Finish(super::finish::Refusal::SessionChanged));
    }
    let id = flow.row.id;
    let token = PlainToken::new(TokenKind::UpstreamState, id, random::secret().expose());
    let (digest, now) = (token.digest().as_bytes().to_vec(), app.clock.now());
    let taken = app.store.write(move |write| sso_flows::take(write, id, &digest, now)).await?;
    if taken == 0 {
        return Err(SsoRefusal::Void);
    }
    let profile = identify(app, flow, &opened, params).await?;
    let luggage = Luggage { profile: Some(profile), ..flow.luggage.clone() };
    let sealed = luggage.seal(app, id);
    app.store.write(move |write| sso_flows::keep(write, id, &sealed)).await?;

    let flow = open(app, browser, token.expose(), 1).await?;
    let (_, decision) = judge(app, browser, &flow).await?;
    match decision {
        Decision::SignIn { .. } => Ok(Returned::In(act::act(app, caller, browser, &flow, Op::SignIn).await?)),
        Decision::Refuse(refusal) => Err(SsoRefusal::Finish(refusal)),
        _ => Ok(Returned::Asks(Arrived { token: token.expose().to_owned() })),
    }
}

async fn identify(app: &App, flow: &Flow, opened: &Opened, params: &Params) -> Result<Profile, SsoRefusal> {
    if let Some(error) = params.once("error").ok().flatten() {
        let description = params.once("error_description").ok().flatten().unwrap_or_default();
        let said: String = format!("{error} {description}").chars().take(200).collect();
        return Err(UpstreamError::Denied(said.trim().to_owned()).into());
    }
    let trip = Trip {
        app,
        settings: &opened.settings,
        secret: opened.secret.as_deref(),
        state: "",
        nonce: &flow.luggage.nonce,
        verifier: &flow.luggage.verifier,
        reauthenticate: flow.luggage.reauthenticate,
        max_age: flow.luggage.max_age,
        login_hint: None,
        began: flow.row.created_at,
    };
    let profile = in_time(app, opened.provider.identify(&trip, params)).await?;
    let too_long = profile.subject.is_empty() || profile.subject.len() > 255 || profile.issuer.len() > 2048;
    if too_long || profile.subject.chars().any(char::is_control) {
        return Err(UpstreamError::Unacceptable("the subject is empty or too long".to_owned()).into());
    }
    is_recent(&flow.luggage, &profile, flow.row.created_at, app.clock.now())?;
    Ok(profile)
}

/// `prompt=login` and `max_age` went upstream; here is whether it did as asked (OpenID Connect Core section 3.1.3.7).
fn is_recent(luggage: &Luggage, profile: &Profile, began: i64, now: i64) -> Result<(), UpstreamError> {
    const SKEW: i64 = 60;
    let oldest = match (luggage.reauthenticate, luggage.max_age) {
        (true, _) => began - SKEW,
        (false, Some(seconds)) => now - seconds - SKEW,
        (false, None) => return Ok(()),
    };
    match profile.auth_time {
        Some(at) if at >= oldest => Ok(()),
        None if luggage.lenient => Ok(()),
        Some(_) => Err(UpstreamError::NotRecent),
        None => Err(UpstreamError::NoAuthTime),
    }
}

/// The flow a token opens at this step, in this browser, while its organization and provider are what they were.
///
/// # Errors
/// [`SsoRefusal::Void`] without telling which check failed; [`SsoRefusal::NoProvider`].
pub async fn open(app: &App, browser: &Browser<'_>, token: &str, step: i64) -> Result<Flow, SsoRefusal> {
    let parsed = TokenText::parse(TokenKind::UpstreamState, token).map_err(|_| SsoRefusal::Void)?;
    let id = parsed.id;
    let found = app
        .store
        .read(move |conn| {
            let Some(row) = sso_flows::find(conn, id)? else { return Ok(None) };
            let organization = organizations::find(conn, row.organization_id)?;
            let provider = match row.provider_id {
                Some(provider) => provider_rows::find(conn, provider)?,
                None => None,
            };
            Ok(organization.map(|organization| (row, organization, provider)))
        })
        .await?;
    let (row, organization, provider) = found.ok_or(SsoRefusal::Void)?;
    let genuine = parsed.digest.matches(&row.digest)
        && constant_time::equal(&browser_digest(browser), &row.browser_digest)
        && row.step == step
        && app.clock.now() < row.expires_at;
    let errand = Errand::parse(&row.flow).filter(|_| genuine).ok_or(SsoRefusal::Void)?;
    let luggage = Luggage::open(app, row.id, &row.sealed).ok_or(SsoRefusal::Void)?;
    let provider =
        provider.filter(|provider| provider.status == "active" && provider.organization_id == row.organization_id);
    if organization.status != "active" || (provider.is_none() && errand != Errand::SetUp) {
        return Err(SsoRefusal::NoProvider);
    }
    Ok(Flow { row, errand, organization, provider, luggage })
}

fn opened(app: &App, flow: &Flow) -> Result<Opened, SsoRefusal> {
    match (&flow.provider, &flow.luggage.draft) {
        (Some(row), _) => Ok(providers::open(app, row)?),
        (None, Some(Draft { kind, settings, secret, .. })) => {
            let provider = providers::find(app, kind).ok_or(SsoRefusal::NoProvider)?;
            Ok(Opened { provider, settings: settings.clone(), secret: secret.clone() })
        }
        (None, None) => Err(SsoRefusal::NoProvider),
    }
}

/// What the pipeline would do with a flow now, and what it looks at.
///
/// # Errors
/// The store's.
pub async fn judge(app: &App, browser: &Browser<'_>, flow: &Flow) -> Result<(Found, Decision), SsoRefusal> {
    let looker = facts::Looker::of(app, browser.signed_in).await?;
    let profile = flow.luggage.profile.clone().ok_or(SsoRefusal::Void)?;
    let (row, errand, now) = (flow.row.clone(), flow.errand, app.clock.now());
    let rules = Rules::of(app);
    let found = app.store.read(move |conn| facts::gather(conn, &row, errand, &profile, looker, now, &rules)).await?;
    let decision = decide(&found.facts);
    Ok((found, decision))
}

/// One row for a sign-in that an upstream, or our own rules, did not let through.
async fn failed(app: &App, caller: &Caller, flow: &Flow, refusal: &SsoRefusal) -> Result<(), SsoRefusal> {
    if !matches!(refusal, SsoRefusal::Upstream(_) | SsoRefusal::Finish(_)) {
        return Ok(());
    }
    app.metrics.sign_in_failed("provider");
    let target = Target::Organization(&flow.organization);
    let data = json!({ "method": super::sessions::METHOD, "rule": refusal.rule() });
    let event = audit::draft(app, Some(caller), "sign_in.failed", Actor::Anonymous, target, data)?;
    app.store.write(move |write| audit_events::insert(write, &event)).await?;
    Ok(())
}
