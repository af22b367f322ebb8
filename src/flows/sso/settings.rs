//! An organization's provider as its owners see it: what is set, who is not linked yet, a change that keeps it the same
//! provider, reminders, and its end.

use serde::Serialize;
use serde_json::json;

use super::luggage::Draft;
use super::providers::settings::{Claims, Settings};
use super::providers::{self, Provider};
use super::refusal::SsoRefusal;
use super::upstream_error::{UpstreamError, in_time};
use super::who_joins::WhoJoins;
use crate::app::App;
use crate::flows::audit::Target;
use crate::flows::mail::{self, Mail, Recipient};
use crate::flows::organizations::By;
use crate::flows::organizations::change::{self, Power};
use crate::protocol::NumericDate;
use crate::protocol::roles::Roles;
use crate::store::organizations::OrganizationRow;
use crate::store::providers::{self as provider_rows, ProviderRow};
use crate::store::users::{self, UserRow};
use crate::store::{
    QueryResult, StoreError, Write, audit_events, identities, organization_members, organizations, session_proofs,
};

/// A provider as its owners see it.
pub struct ProviderView {
    /// The kind.
    pub provider: &'static dyn Provider,
    /// Settings; no secret is among them.
    pub settings: Settings,
    /// A secret is kept.
    pub has_secret: bool,
    /// Members without an identity get in.
    pub allow_unlinked: bool,
    /// Who becomes a member by its word.
    pub joining: WhoJoins,
    /// When it was switched on.
    pub created_at: NumericDate,
    /// Members who are linked.
    pub linked: usize,
    /// Members who are not.
    pub unlinked: usize,
    /// What a change may be bound to.
    pub seen: Seen,
}

/// A provider's row as somebody saw it, as far as it can be changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Seen {
    row: i64,
    settings: String,
    allow_unlinked: bool,
    joining: String,
}

impl Seen {
    fn of(row: &ProviderRow) -> Seen {
        Seen {
            row: row.id,
            settings: row.settings.clone(),
            allow_unlinked: row.allow_unlinked,
            joining: row.joining.clone(),
        }
    }
}

/// The organization's provider, if it has one this server knows.
///
/// # Errors
/// [`SsoRefusal`].
pub async fn view(app: &App, organization: &OrganizationRow) -> Result<Option<ProviderView>, SsoRefusal> {
    let id = organization.id;
    let found = app
        .store
        .read(move |conn| {
            let Some(row) = provider_rows::find_of_organization(conn, id)? else { return Ok(None) };
            let linked = identities::count_linked(conn, row.id, id)?;
            Ok(Some((linked, organization_members::count_usable(conn, id)? - linked, row)))
        })
        .await?;
    let Some((linked, unlinked, row)) = found else { return Ok(None) };
    let count = |number: i64| usize::try_from(number).unwrap_or_default();
    let opened = providers::open(app, &row)?;
    Ok(Some(ProviderView {
        seen: Seen::of(&row),
        provider: opened.provider,
        settings: opened.settings,
        has_secret: opened.secret.is_some(),
        allow_unlinked: row.allow_unlinked,
        joining: WhoJoins::parse(&row.joining).unwrap_or(WhoJoins::Invited),
        created_at: row.created_at,
        unlinked: count(unlinked),
        linked: count(linked),
    }))
}

/// The provider's row, and active members with whether they are linked there.
async fn read(app: &App, organization_id: i64) -> Result<Option<(ProviderRow, Vec<(UserRow, bool)>)>, StoreError> {
    app.store
        .read(move |conn| {
            let Some(row) = provider_rows::find_of_organization(conn, organization_id)? else { return Ok(None) };
            let linked = identities::users_of_provider(conn, row.id)?;
            let members = organization_members::active_users(conn, organization_id)?;
            let members = members.into_iter().map(|user| (linked.contains(&user.id), user));
            Ok(Some((row, members.map(|(linked, user)| (user, linked)).collect())))
        })
        .await
}

/// What an owner typed, ready to be tried: settings that can work, and nothing stored yet.
///
/// # Errors
/// [`SsoRefusal::NoProvider`] for a kind this server does not have; what is wrong with the settings.
pub async fn draft(app: &App, kind: &str, typed: &dyn Fn(&str) -> String) -> Result<Draft, SsoRefusal> {
    let provider = providers::find(app, kind).ok_or(SsoRefusal::NoProvider)?;
    for field in provider.fields().iter().filter(|field| !field.optional) {
        if typed(field.key).trim().is_empty() {
            return Err(UpstreamError::Settings(format!("{} is missing", field.label)).into());
        }
    }
    let plain = |key: &str| typed(key).trim().chars().take(2048).collect::<String>();
    let settings = Settings {
        issuer: plain("issuer"),
        client_id: plain("client_id"),
        authorization_endpoint: plain("authorization_endpoint"),
        token_endpoint: plain("token_endpoint"),
        userinfo_endpoint: plain("userinfo_endpoint"),
        token_authentication: plain("token_authentication"),
        scopes: plain("scopes"),
        claims: claims(typed),
        domains: typed("domains").split([',', ' ']).map(str::to_owned).filter(|domain| !domain.is_empty()).collect(),
        organization: plain("organization"),
    };
    let settings = in_time(app, provider.prepare(app, settings)).await?;
    let secret = Some(typed("secret").trim().to_owned()).filter(|secret| !secret.is_empty());
    let allow_unlinked = typed("require") != "yes";
    let joining = WhoJoins::parse(&typed("joining")).unwrap_or(WhoJoins::usual(kind));
    Ok(Draft { kind: kind.to_owned(), settings, secret, allow_unlinked, joining })
}

/// Claim paths as typed.
pub fn claims(typed: &dyn Fn(&str) -> String) -> Claims {
    let path = |key: &str| typed(key).trim().chars().take(200).collect::<String>();
    Claims {
        subject: path("claims.subject"),
        legacy_subject: path("claims.legacy_subject"),
        email: path("claims.email"),
        email_verified: path("claims.email_verified"),
        name: path("claims.name"),
        teams: path("claims.teams"),
    }
}

/// A change that keeps it the same provider: the mapping but the subject, the secret, and who has to be linked. What is
/// left out stays. Another issuer, endpoint, subject or client is another provider, which is set up anew.
#[derive(Clone, Default)]
pub struct Edit {
    /// Claim paths; the subject's stays what it is.
    pub claims: Paths,
    /// A new secret.
    pub secret: Option<String>,
    /// Members without an identity get in.
    pub allow_unlinked: Option<bool>,
    /// Who becomes a member by its word.
    pub joining: Option<WhoJoins>,
    /// What whoever changes it saw, if the change is about that and nothing newer.
    pub seen: Option<Seen>,
}

/// Claim paths to be.
#[derive(Clone, Debug, Default)]
pub struct Paths {
    /// Address.
    pub email: Option<String>,
    /// Whether the address was verified.
    pub email_verified: Option<String>,
    /// Display name.
    pub name: Option<String>,
    /// Slugs of teams.
    pub teams: Option<String>,
}

impl From<Claims> for Paths {
    fn from(claims: Claims) -> Paths {
        Paths {
            email: Some(claims.email),
            email_verified: Some(claims.email_verified),
            name: Some(claims.name),
            teams: Some(claims.teams),
        }
    }
}

impl Paths {
    /// Who somebody is there is never changed under their identities, neither by the subject nor by its earlier name.
    fn applied(self, kind: &str, before: &Claims) -> Claims {
        if !matches!(kind, "oidc" | "oauth2") {
            return before.clone();
        }
        let before = before.clone();
        let claims = Claims {
            email: self.email.unwrap_or(before.email),
            email_verified: self.email_verified.unwrap_or(before.email_verified),
            name: self.name.unwrap_or(before.name),
            teams: self.teams.unwrap_or(before.teams),
            ..before
        };
        claims.or_standard()
    }
}

/// Carries out an [`Edit`] on the provider as it is at that moment: nobody else's change is undone.
///
/// # Errors
/// [`SsoRefusal`]; [`SsoRefusal::NotAsSeen`] when it no longer is what was seen.
pub async fn edit(app: &App, by: By<'_>, organization: &OrganizationRow, edit: Edit) -> Result<(), SsoRefusal> {
    let id = organization.id;
    let found = app.store.read(move |conn| provider_rows::find_of_organization(conn, id)).await?;
    let row = found.ok_or(SsoRefusal::NoProvider)?;
    providers::open(app, &row)?;
    let sealed = edit.secret.as_ref().map(|secret| providers::seal_secret(app, row.id, secret));
    let target = Target::Organization(organization);
    let event = change::event(app, by, organization.id, "sso.edit", target, json!({}))?;
    let (power, roles, now) = (by.standing(app.clock.now()), app.roles.clone(), app.clock.now());
    let changed = app.store.write(move |write| {
        if !may_change(write, id, &power, &roles)? || provider_rows::hold_active(write, row.id)? == 0 {
            return Ok(Err(SsoRefusal::Changed));
        }
        let Some(held) = provider_rows::find(write, row.id)? else { return Ok(Err(SsoRefusal::Changed)) };
        if edit.seen.as_ref().is_some_and(|seen| *seen != Seen::of(&held)) {
            return Ok(Err(SsoRefusal::NotAsSeen));
        }
        let Ok(settings) = serde_json::from_str::<Settings>(&held.settings) else {
            return Ok(Err(SsoRefusal::Changed));
        };
        let claims = edit.claims.clone().applied(&held.kind, &settings.claims);
        let mut event = event.clone();
        let allow_unlinked = edit.allow_unlinked.unwrap_or(held.allow_unlinked);
        let joining = edit.joining.map_or_else(|| held.joining.clone(), |who| who.as_str().to_owned());
        event.data = json!({
            "mapping": claims != settings.claims, "secret": sealed.is_some(), "allow_unlinked": allow_unlinked,
            "joining": joining,
        })
        .to_string();
        let new = ProviderRow {
            settings: json!(Settings { claims, ..settings }).to_string(),
            sealed_secret: sealed.clone().or(held.sealed_secret),
            allow_unlinked,
            joining,
            updated_at: now,
            ..held
        };
        provider_rows::update(write, &new)?;
        audit_events::insert(write, &event)?;
        Ok(Ok(()))
    });
    changed.await?
}

/// Whether whoever acts still may, seen with the organization held: the role may have been taken away since the page, or
/// the organization closed.
fn may_change(write: &mut Write<'_>, organization_id: i64, power: &Power, roles: &Roles) -> QueryResult<bool> {
    if organizations::hold(write, organization_id)?.is_none_or(|held| held.status != "active") {
        return Ok(false);
    }
    let authority = change::authority(write, organization_id, power)?;
    Ok(authority.is_some_and(|authority| authority.allows(roles, "org:admin").is_ok()))
}

/// Asks every member who is not linked to do so, by mail; the count of mails.
///
/// # Errors
/// [`SsoRefusal`].
pub async fn remind(app: &App, by: By<'_>, organization: &OrganizationRow) -> Result<usize, SsoRefusal> {
    let (row, members) = read(app, organization.id).await?.ok_or(SsoRefusal::NoProvider)?;
    let letter = Mail::LinkAccount {
        organization: organization.name.clone(),
        provider: providers::label(&row.kind).to_owned(),
        path: format!("/link/{}", organization.slug),
    };
    let unlinked = members.iter().filter(|(_, linked)| !linked);
    let to = unlinked.filter_map(|(user, _)| Recipient::of(user)).map(|to| to.for_organization(organization.id));
    let to = to.filter(|to| mail::may_send(app, &letter, to));
    let drafts = to.map(|to| mail::draft(app, &letter, &to)).collect::<Result<Vec<_>, StoreError>>()?;
    let count = drafts.len();
    let target = Target::Organization(organization);
    let event = change::event(app, by, organization.id, "sso.remind", target, json!({ "mails": count }))?;
    let (organization_id, power, roles) = (organization.id, by.standing(app.clock.now()), app.roles.clone());
    let sent = app.store.write(move |write| {
        if !may_change(write, organization_id, &power, &roles)? || provider_rows::hold_active(write, row.id)? == 0 {
            return Ok(false);
        }
        if !drafts.is_empty() {
            mail::queue(write, &drafts)?;
            audit_events::insert(write, &event)?;
        }
        Ok(true)
    });
    if sent.await? { Ok(count) } else { Err(SsoRefusal::Changed) }
}

/// Switches single sign-on off: identities and proofs are gone, accounts the provider brought are their people's own,
/// everybody is told, and whoever has no password gets a link to set one. A provider enabled later starts clean.
///
/// # Errors
/// [`SsoRefusal`].
pub async fn disable(app: &App, by: By<'_>, organization: &OrganizationRow) -> Result<(), SsoRefusal> {
    let (row, members) = read(app, organization.id).await?.ok_or(SsoRefusal::NoProvider)?;
    let mut drafts = Vec::new();
    for (member, _) in &members {
        let Some(to) = Recipient::of(member) else { continue };
        let letter = Mail::SsoDisabled {
            organization: organization.name.clone(),
            provider: providers::label(&row.kind).to_owned(),
            set_password: member.password_hash.is_none(),
        };
        drafts.push(mail::draft(app, &letter, &to.for_organization(organization.id))?);
    }
    let data = json!({ "provider": &row.kind });
    let target = Target::Organization(organization);
    let event = change::event(app, by, organization.id, "sso.disable", target, data)?;
    let organization_id = organization.id;
    let (power, roles) = (by.standing(app.clock.now()), app.roles.clone());
    let gone = app.store.write(move |write| {
        if !may_change(write, organization_id, &power, &roles)? || provider_rows::hold_active(write, row.id)? == 0 {
            return Ok(false);
        }
        session_proofs::delete_of_provider(write, row.id)?;
        identities::delete_of_provider(write, row.id)?;
        provider_rows::delete(write, row.id)?;
        for managed in users::list_managed_by(write, organization_id)? {
            users::release(write, managed.id)?;
        }
        audit_events::insert(write, &event)?;
        mail::queue(write, &drafts)?;
        Ok(true)
    });
    if gone.await? { Ok(()) } else { Err(SsoRefusal::NoProvider) }
}
