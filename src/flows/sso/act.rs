//! Carries out what was decided, in one transaction: it decides again on what it finds there, finishes the flow, and
//! only then changes anything.

use serde_json::json;

use super::attach::{self, Joining};
use super::callback::{Flow, judge};
use super::facts::{self, Found, Looker};
use super::finish::{Decision, Errand, decide};
use super::luggage::Profile;
use super::refusal::SsoRefusal;
use super::{new_person, sessions, teams};
use crate::app::App;
use crate::crypto::token::PlainToken;
use crate::flows::audit::{self, Actor, Target};
use crate::flows::authorize::Browser;
use crate::flows::caller::Caller;
use crate::flows::mail;
use crate::flows::organizations::By;
use crate::flows::organizations::invitations::by_key::Rules;
use crate::protocol::NumericDate;
use crate::store::audit_events::{self, AuditEventRow};
use crate::store::identities::{self, IdentityRow};
use crate::store::sso_flows::{self, SsoFlowRow};
use crate::store::users::{self, UserRow};
use crate::store::{QueryResult, Write, organizations, providers, session_proofs};

/// What somebody asks for; what is decided has to allow it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    /// Into the account the identity is linked to.
    SignIn,
    /// The same, leaving the session there is.
    Switch,
    /// Link the identity to the account that is signed in.
    Link,
    /// Make an account.
    New,
    /// Switch the provider on.
    SetUp,
}

/// Done: the new session, and where to go.
pub struct Acted {
    /// For the cookie.
    pub session: PlainToken,
    /// The own path that waited, or the organization's.
    pub return_to: String,
}

/// Why a transaction changed nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    Void,
    NoProvider,
    Changed,
}

impl From<Stop> for SsoRefusal {
    fn from(stop: Stop) -> Self {
        match stop {
            Stop::Void => SsoRefusal::Void,
            Stop::NoProvider => SsoRefusal::NoProvider,
            Stop::Changed => SsoRefusal::Changed,
        }
    }
}

/// Carries it out.
///
/// # Errors
/// [`SsoRefusal::Changed`] when what was decided does not allow it, or no longer does.
pub async fn act(app: &App, caller: &Caller, browser: &Browser<'_>, flow: &Flow, op: Op) -> Result<Acted, SsoRefusal> {
    let (found, decision) = judge(app, browser, flow).await?;
    match (decision, op) {
        (Decision::SignIn { joins }, Op::SignIn) | (Decision::Switch { joins }, Op::Switch) => {
            sign_in(app, caller, browser, flow, found, decision, joins).await
        }
        (Decision::Link { joins, .. }, Op::Link) => link(app, caller, browser, flow, found, decision, joins).await,
        (Decision::New | Decision::ProveAccount { or_new: true }, Op::New) => {
            new(app, caller, browser, flow, decision).await
        }
        (Decision::SetUp, Op::SetUp) => {
            let acted = super::set_up::finish(app, caller, browser, flow).await?;
            if let Some(who) = browser.signed_in {
                // The session they came in has just been replaced.
                let caller = caller.without_terms();
                super::settings::remind(app, By::Person(&who.user, &caller), &flow.organization).await?;
            }
            Ok(acted)
        }
        (Decision::Refuse(refusal), _) => Err(SsoRefusal::Finish(refusal)),
        _ => Err(SsoRefusal::Changed),
    }
}

pub(super) fn acted(flow: &Flow, session: PlainToken) -> Acted {
    let page = if flow.errand == Errand::SetUp { "/sso" } else { "" };
    let home = || format!("/orgs/{}{page}", flow.organization.slug);
    Acted { session, return_to: flow.row.return_to.clone().unwrap_or_else(home) }
}

/// What every transaction begins with. Organization and provider are held first, so that those of one provider queue up.
pub(super) struct Gate {
    flow: SsoFlowRow,
    errand: Errand,
    pub(super) profile: Profile,
    looker: Looker,
    expected: Decision,
    rules: Rules,
    pub(super) now: NumericDate,
}

impl Gate {
    pub(super) async fn new(
        app: &App,
        browser: &Browser<'_>,
        flow: &Flow,
        expected: Decision,
    ) -> Result<Gate, SsoRefusal> {
        Ok(Gate {
            flow: flow.row.clone(),
            errand: flow.errand,
            profile: flow.luggage.profile.clone().ok_or(SsoRefusal::Void)?,
            looker: Looker::of(app, browser.signed_in).await?,
            expected,
            rules: Rules::of(app),
            now: app.clock.now(),
        })
    }

    pub(super) fn pass(&self, write: &mut Write<'_>) -> QueryResult<Result<Found, Stop>> {
        // Before the provider, as whoever changes its settings does: two that hold both must not wait for each other.
        let organization = organizations::hold(write, self.flow.organization_id)?;
        if organization.is_none_or(|organization| organization.status != "active") {
            return Ok(Err(Stop::NoProvider));
        }
        if let Some(provider_id) = self.flow.provider_id
            && providers::hold_active(write, provider_id)? == 0
        {
            return Ok(Err(Stop::NoProvider));
        }
        if sso_flows::finish(write, self.flow.id, self.now)? == 0 {
            return Ok(Err(Stop::Void));
        }
        let (profile, rules) = (&self.profile, &self.rules);
        let found = facts::gather(write.conn(), &self.flow, self.errand, profile, self.looker, self.now, rules)?;
        Ok(if decide(&found.facts) == self.expected { Ok(found) } else { Err(Stop::Changed) })
    }
}

async fn sign_in(
    app: &App,
    caller: &Caller,
    browser: &Browser<'_>,
    flow: &Flow,
    found: Found,
    decision: Decision,
    joins: bool,
) -> Result<Acted, SsoRefusal> {
    let gate = Gate::new(app, browser, flow, decision).await?;
    let (identity, user) = found.known.ok_or(SsoRefusal::Changed)?;
    let vouched = attach::vouched(app, identity.id, &gate.profile);
    let joining =
        if joins { Some(attach::joining(app, caller, &flow.organization, &user, &gate.profile).await?) } else { None };
    let provider = flow.provider.as_ref().ok_or(SsoRefusal::NoProvider)?;
    let followed = teams::read(app, caller, &flow.organization, provider, &user, &gate.profile)?;
    let rekeyed = match found.by_legacy {
        true => Some(super::identities::rekeyed(
            app,
            caller,
            &flow.organization,
            &provider.kind,
            &user,
            &identity,
            &gate.profile.subject,
        )?),
        false => None,
    };
    let organization_id = flow.organization.id;
    let (cookie, opening) =
        sessions::prepare(app, caller, browser.signed_in, &user, organization_id, gate.profile.auth_time).await?;
    let done = app.store.write(move |write| {
        write.unless_refused(|write| {
            let found = match gate.pass(write)? {
                Ok(found) => found,
                Err(stop) => return Ok(Err(stop)),
            };
            let Some((row, _)) = found.known.filter(|(row, owner)| row.id == identity.id && owner.id == user.id) else {
                return Ok(Err(Stop::Changed));
            };
            if found.by_legacy {
                let rekeyed = rekeyed.as_ref().map(|rekeyed| rekeyed.store(write, &row)).transpose()?;
                if rekeyed != Some(true) {
                    return Ok(Err(Stop::Changed));
                }
            }
            // Unlinked meanwhile: what is gone proves nothing.
            if identities::vouch(write, &row, &vouched, gate.now)? == 0 {
                return Ok(Err(Stop::Changed));
            }
            match (&joining, &followed, &found.member) {
                (Some(joining), ..) if !attach::join(write, joining, found.invitation)? => {
                    return Ok(Err(Stop::Changed));
                }
                (None, Some(followed), Some(member)) => teams::follow(write, followed, member.id, gate.now)?,
                _ => {}
            }
            if !sessions::open(write, &opening, organization_id, row.provider_id, row.id, gate.now)? {
                return Ok(Err(Stop::Changed));
            }
            Ok(Ok(()))
        })
    });
    done.await??;
    app.metrics.signed_in();
    Ok(acted(flow, cookie))
}

async fn link(
    app: &App,
    caller: &Caller,
    browser: &Browser<'_>,
    flow: &Flow,
    found: Found,
    decision: Decision,
    joins: bool,
) -> Result<Acted, SsoRefusal> {
    let gate = Gate::new(app, browser, flow, decision).await?;
    let who = browser.signed_in.ok_or(SsoRefusal::Changed)?;
    let provider = flow.provider.as_ref().ok_or(SsoRefusal::NoProvider)?;
    let joining = if joins {
        Some(attach::joining(app, caller, &flow.organization, &who.user, &gate.profile).await?)
    } else {
        None
    };
    let linked = Linked::draft(app, caller, flow, provider.id, &who.user, &gate.profile)?;
    let followed = teams::read(app, caller, &flow.organization, provider, &who.user, &gate.profile)?;
    let replaced = match &found.other {
        None => None,
        Some(other) => {
            let (organization, kind) = (&flow.organization, provider.kind.as_str());
            Some(super::identities::gone(app, Some(caller), organization, kind, &who.user, other, "replaced")?)
        }
    };
    let organization_id = flow.organization.id;
    let (cookie, opening) =
        sessions::prepare(app, caller, browser.signed_in, &who.user, organization_id, gate.profile.auth_time).await?;
    let done = app.store.write(move |write| {
        write.unless_refused(|write| {
            let found = match gate.pass(write)? {
                Ok(found) => found,
                Err(stop) => return Ok(Err(stop)),
            };
            match (&found.other, &replaced) {
                (None, None) => {}
                (Some(other), Some(gone)) if other.id == gone.identity_id => {
                    session_proofs::delete_of_identity(write, other.id)?;
                    identities::delete(write, other)?;
                    audit_events::insert(write, &gone.event)?;
                    if let Some(draft) = &gone.mail {
                        mail::queue(write, draft)?;
                    }
                }
                _ => return Ok(Err(Stop::Changed)),
            }
            if !linked.store(write, joining.as_ref(), found.invitation)? {
                return Ok(Err(Stop::Changed));
            }
            if let (None, Some(followed), Some(member)) = (&joining, &followed, &found.member) {
                teams::follow(write, followed, member.id, gate.now)?;
            }
            if !sessions::open(write, &opening, organization_id, linked.row.provider_id, linked.row.id, gate.now)? {
                return Ok(Err(Stop::Changed));
            }
            Ok(Ok(()))
        })
    });
    done.await??;
    Ok(acted(flow, cookie))
}

async fn new(
    app: &App,
    caller: &Caller,
    browser: &Browser<'_>,
    flow: &Flow,
    decision: Decision,
) -> Result<Acted, SsoRefusal> {
    let gate = Gate::new(app, browser, flow, decision).await?;
    let provider = flow.provider.as_ref().ok_or(SsoRefusal::NoProvider)?;
    let organization_id = flow.organization.id;
    let user = new_person::row(app, organization_id, &gate.profile)?;
    let data = json!({ "administrator": false, "password": false, "by": "sso" });
    let event = audit::draft(app, Some(caller), "user.create", Actor::User(&user), Target::User(&user), data)?;
    let event = audit::of_organization(event, organization_id);
    let joining = Some(attach::joining(app, caller, &flow.organization, &user, &gate.profile).await?);
    let linked = Linked::draft(app, caller, flow, provider.id, &user, &gate.profile)?;
    let (cookie, opening) =
        sessions::prepare(app, caller, None, &user, organization_id, gate.profile.auth_time).await?;
    let done = app.store.write(move |write| {
        write.unless_refused(|write| {
            let found = match gate.pass(write)? {
                Ok(found) => found,
                Err(stop) => return Ok(Err(stop)),
            };
            users::insert(write, &user)?;
            audit_events::insert(write, &event)?;
            if !linked.store(write, joining.as_ref(), found.invitation)? {
                return Ok(Err(Stop::Changed));
            }
            if !sessions::open(write, &opening, organization_id, linked.row.provider_id, linked.row.id, gate.now)? {
                return Ok(Err(Stop::Changed));
            }
            Ok(Ok(()))
        })
    });
    done.await??;
    app.metrics.event("registration");
    Ok(acted(flow, cookie))
}

/// A new identity with its event.
#[derive(Clone)]
pub(super) struct Linked {
    pub row: IdentityRow,
    event: AuditEventRow,
}

impl Linked {
    pub(super) fn draft(
        app: &App,
        caller: &Caller,
        flow: &Flow,
        provider_id: i64,
        user: &UserRow,
        profile: &Profile,
    ) -> Result<Linked, SsoRefusal> {
        let row = attach::identity(app, provider_id, user.id, profile)?;
        let data = json!({ "issuer": &row.issuer, "subject": &row.subject });
        let event = audit::draft(app, Some(caller), "identity.link", Actor::User(user), Target::User(user), data)?;
        Ok(Linked { row, event: audit::of_organization(event, flow.organization.id) })
    }

    /// The membership comes first: a change of an identity is a change of its membership's standing.
    /// False when somebody else was first.
    pub(super) fn store(
        &self,
        write: &mut Write<'_>,
        joining: Option<&Joining>,
        invitation: Option<i64>,
    ) -> QueryResult<bool> {
        if let Some(joining) = joining
            && !attach::join(write, joining, invitation)?
        {
            return Ok(false);
        }
        let linked = write.unless_taken(|write| identities::insert(write, &self.row))?.is_some();
        if linked {
            audit_events::insert(write, &self.event)?;
        }
        Ok(linked)
    }
}
