//! Identities as their people see them, and the end of one.

use serde_json::json;

use super::providers;
use crate::app::App;
use crate::flows::audit::{self, Actor, Target};
use crate::flows::caller::Caller;
use crate::flows::mail::{self, Mail, Recipient};
use crate::flows::session::SignedIn;
use crate::flows::terms;
use crate::protocol::NumericDate;
use crate::store::audit_events::{self, AuditEventRow};
use crate::store::identities::{self, IdentityRow};
use crate::store::organizations::{self, OrganizationRow};
use crate::store::users::UserRow;
use crate::store::{QueryResult, StoreError, Write, providers as provider_rows, session_proofs};

/// An identity as its person sees it.
pub struct Linked {
    /// For the form.
    pub id: i64,
    /// The organization.
    pub organization: String,
    /// Its slug.
    pub slug: String,
    /// What the provider is called.
    pub provider: &'static str,
    /// Address or name there, else the subject.
    pub account: String,
    /// Why it opens nothing any more.
    pub invalid: Option<String>,
    /// When it was linked.
    pub created_at: NumericDate,
    /// When the provider last vouched.
    pub last_verified: NumericDate,
    /// The account is managed by this organization: without the identity nobody gets in.
    pub only_way_in: bool,
}

/// The person's identities, newest first.
///
/// # Errors
/// The store's.
pub async fn list(app: &App, user: &UserRow) -> Result<Vec<Linked>, StoreError> {
    let (user_id, managed_by, has_password) = (user.id, user.managed_by, user.password_hash.is_some());
    let found = app
        .store
        .read(move |conn| {
            let mut found = Vec::new();
            for row in identities::list_of_user(conn, user_id)? {
                let Some(provider) = provider_rows::find(conn, row.provider_id)? else { continue };
                let Some(organization) = organizations::find(conn, provider.organization_id)? else { continue };
                found.push((row, provider.kind, organization));
            }
            Ok(found)
        })
        .await?;
    let seen = found.into_iter().map(|(row, kind, organization)| Linked {
        id: row.id,
        provider: providers::label(&kind),
        account: row.email.clone().or(row.name.clone()).unwrap_or(row.subject),
        invalid: (row.status != "valid").then(|| row.invalid_reason.unwrap_or_default()),
        created_at: row.created_at,
        last_verified: row.last_verified,
        only_way_in: managed_by == Some(organization.id) && !has_password,
        organization: organization.name,
        slug: organization.slug,
    });
    Ok(seen.collect())
}

/// The end of an identity: what is written with it.
#[derive(Clone)]
pub struct Gone {
    /// Which.
    pub identity_id: i64,
    /// Who did it, and why.
    pub event: AuditEventRow,
    /// For the person who loses it.
    pub mail: Option<mail::Draft>,
}

/// Drafts what is written when `identity` of `user` ends. `why` is for the records: `unlinked`, `replaced`, `not_valid`.
///
/// # Errors
/// The store's.
pub fn gone(
    app: &App,
    caller: Option<&Caller>,
    organization: &OrganizationRow,
    kind: &str,
    user: &UserRow,
    identity: &IdentityRow,
    why: &'static str,
) -> Result<Gone, StoreError> {
    let data = json!({ "issuer": &identity.issuer, "subject": &identity.subject, "why": why });
    let event = audit::draft(app, caller, "identity.unlink", Actor::User(user), Target::User(user), data)?;
    let reason = match why {
        "replaced" => "Another account there was linked in its place.",
        _ => "It was unlinked on your account page.",
    };
    let mail = match Recipient::of(user) {
        None => None,
        Some(to) => {
            let lost = Mail::IdentityLost {
                organization: organization.name.clone(),
                provider: providers::label(kind).to_owned(),
                reason: reason.to_owned(),
                path: Some(format!("/link/{}", organization.slug)),
            };
            Some(mail::draft(app, &lost, &to.for_organization(organization.id))?)
        }
    };
    Ok(Gone { identity_id: identity.id, event: audit::of_organization(event, organization.id), mail })
}

/// An identity under the name its provider gives it now: what is written with it.
#[derive(Clone)]
pub struct Rekeyed {
    subject: String,
    event: AuditEventRow,
    mail: Option<mail::Draft>,
}

/// Drafts it: the provider declared that `identity` is `subject` from now on. Whoever it is linked to is told, because it
/// is the provider's word alone that makes the two one account.
///
/// # Errors
/// The store's.
pub fn rekeyed(
    app: &App,
    caller: &Caller,
    organization: &OrganizationRow,
    kind: &str,
    user: &UserRow,
    identity: &IdentityRow,
    subject: &str,
) -> Result<Rekeyed, StoreError> {
    let data = json!({ "issuer": &identity.issuer, "from": &identity.subject, "to": subject });
    let event = audit::draft(app, Some(caller), "identity.rekey", Actor::User(user), Target::User(user), data)?;
    let mail = match Recipient::of(user) {
        None => None,
        Some(to) => {
            let (organization_id, organization) = (organization.id, organization.name.clone());
            let renamed = Mail::IdentityRekeyed { organization, provider: providers::label(kind).to_owned() };
            Some(mail::draft(app, &renamed, &to.for_organization(organization_id))?)
        }
    };
    Ok(Rekeyed { subject: subject.to_owned(), event: audit::of_organization(event, organization.id), mail })
}

impl Rekeyed {
    /// Writes it; false when the identity is gone.
    ///
    /// # Errors
    /// The database's.
    pub(super) fn store(&self, write: &mut Write<'_>, identity: &IdentityRow) -> QueryResult<bool> {
        if identities::rekey(write, identity, &self.subject)? == 0 {
            return Ok(false);
        }
        audit_events::insert(write, &self.event)?;
        mail::queue(write, &self.mail)?;
        Ok(true)
    }
}

/// Unlinks one of the person's own identities; false when there is no such one.
///
/// # Errors
/// The store's.
pub async fn unlink(app: &App, caller: &Caller, who: &SignedIn, identity_id: i64) -> Result<bool, StoreError> {
    let user_id = who.user.id;
    let found = app
        .store
        .read(move |conn| {
            let Some(row) = identities::find(conn, identity_id)?.filter(|row| row.user_id == user_id) else {
                return Ok(None);
            };
            let Some(provider) = provider_rows::find(conn, row.provider_id)? else { return Ok(None) };
            let organization = organizations::find(conn, provider.organization_id)?;
            Ok(organization.map(|organization| (row, provider, organization)))
        })
        .await?;
    let Some((row, provider, organization)) = found else { return Ok(false) };
    let gone = gone(app, Some(caller), &organization, &provider.kind, &who.user, &row, "unlinked")?;
    terms::of(app, Some(caller))
        .write(move |write| {
            // Sign-ins hold it too: they are over, or find the identity gone.
            provider_rows::hold_active(write, row.provider_id)?;
            if identities::delete(write, &row)? == 0 {
                return Ok(false);
            }
            session_proofs::delete_of_identity(write, row.id)?;
            audit_events::insert(write, &gone.event)?;
            if let Some(draft) = &gone.mail {
                mail::queue(write, draft)?;
            }
            Ok(true)
        })
        .await
}

/// A member's account at the organization's provider, as its owners see it.
pub struct MemberIdentity {
    /// Subject identifier of the person here.
    pub sub: String,
    /// User name here.
    pub login: String,
    /// Who vouches.
    pub issuer: String,
    /// The account there.
    pub subject: String,
    /// What the provider said.
    pub email: Option<String>,
    /// `valid` or `invalid`.
    pub status: String,
    /// Why it is invalid.
    pub invalid_reason: Option<String>,
    /// When it was linked.
    pub created_at: NumericDate,
    /// When the provider last vouched.
    pub last_verified: NumericDate,
}

/// Some identities of an organization's members.
pub struct IdentityPage {
    /// Newest first.
    pub identities: Vec<MemberIdentity>,
    /// Row id that the next page begins below.
    pub next: Option<i64>,
}

/// Identities at the organization's provider below a row id, newest first; nothing without a provider.
///
/// # Errors
/// The store's.
pub async fn of_organization(
    app: &App,
    organization: &OrganizationRow,
    below: i64,
    limit: i64,
) -> Result<IdentityPage, StoreError> {
    let id = organization.id;
    app.store
        .read(move |conn| {
            let Some(provider) = provider_rows::find_of_organization(conn, id)? else {
                return Ok(IdentityPage { identities: Vec::new(), next: None });
            };
            let mut rows = identities::page_of_provider(conn, provider.id, below, limit + 1)?;
            let more = rows.len() as i64 > limit;
            rows.truncate(usize::try_from(limit).unwrap_or_default());
            let next = rows.last().filter(|_| more).map(|(row, _)| row.id);
            let identity = |(row, user): (IdentityRow, UserRow)| MemberIdentity {
                sub: user.sub,
                login: user.login,
                issuer: row.issuer,
                subject: row.subject,
                email: row.email,
                status: row.status,
                invalid_reason: row.invalid_reason,
                created_at: row.created_at,
                last_verified: row.last_verified,
            };
            Ok(IdentityPage { identities: rows.into_iter().map(identity).collect(), next })
        })
        .await
}
