//! The rows a new link makes: the identity, and a membership where there is none yet.

use serde_json::json;

use super::luggage::Profile;
use crate::app::App;
use crate::flows::audit::{self, Actor, Target};
use crate::flows::caller::Caller;
use crate::protocol::NumericDate;
use crate::store::audit_events::{self, AuditEventRow};
use crate::store::identities::{IdentityRow, Vouched};
use crate::store::organization_members::{self, MemberRow};
use crate::store::organizations::OrganizationRow;
use crate::store::users::UserRow;
use crate::store::{QueryResult, StoreError, Write};

/// How long after a success an upstream that can be asked again is asked again: well before freshness ends.
const RECHECK_AFTER: i64 = 12;

/// The identity's row to be.
pub fn identity(app: &App, provider_id: i64, user_id: i64, profile: &Profile) -> Result<IdentityRow, StoreError> {
    let (id, now) = (app.store.next_id()?, app.clock.now());
    let vouched = vouched(app, id, profile);
    Ok(IdentityRow {
        id,
        provider_id,
        issuer: profile.issuer.clone(),
        subject: profile.subject.clone(),
        user_id,
        email: vouched.email,
        email_verified: vouched.email_verified,
        name: vouched.name,
        sealed_tokens: vouched.sealed_tokens,
        recheckable: vouched.recheckable,
        status: "valid".to_owned(),
        invalid_reason: None,
        last_verified: now,
        last_synced: now,
        next_check_at: vouched.next_check_at,
        check_failures: 0,
        claimed_until: None,
        created_at: now,
    })
}

/// What an identity's row takes over from a profile.
pub fn vouched(app: &App, identity_id: i64, profile: &Profile) -> Vouched {
    let cut = |text: &Option<String>, longest: usize| text.as_ref().map(|text| text.chars().take(longest).collect());
    Vouched {
        email: cut(&profile.email, 254),
        email_verified: profile.email_verified,
        name: cut(&profile.name, 200),
        sealed_tokens: profile.tokens.as_ref().map(|tokens| tokens.seal(app, identity_id)),
        recheckable: profile.recheckable,
        next_check_at: profile.recheckable.then(|| next_check(app, app.clock.now())),
    }
}

/// When a re-check is due after a success at `now`.
pub fn next_check(app: &App, now: NumericDate) -> NumericDate {
    now + (app.config.sso.freshness * RECHECK_AFTER / 24).max(60)
}

/// A membership to be, with its event.
#[derive(Clone)]
pub struct Joining {
    row: MemberRow,
    event: AuditEventRow,
}

/// Somebody joins by the provider's word, in the organization's default role.
pub fn joining(
    app: &App,
    caller: &Caller,
    organization: &OrganizationRow,
    user: &UserRow,
) -> Result<Joining, StoreError> {
    let row = MemberRow {
        id: app.store.next_id()?,
        organization_id: organization.id,
        user_id: user.id,
        role: organization.default_role.clone(),
        status: "active".to_owned(),
        break_glass_until: None,
        created_at: app.clock.now(),
        removed_at: None,
    };
    let data = json!({ "role": &row.role, "by": "sso" });
    let event = audit::draft(app, Some(caller), "org.member.add", Actor::User(user), Target::User(user), data)?;
    Ok(Joining { row, event: audit::of_organization(event, organization.id) })
}

/// Joins; false when there is a membership already.
///
/// # Errors
/// The database's.
pub fn join(write: &mut Write<'_>, joining: &Joining) -> QueryResult<bool> {
    let joined = write.unless_taken(|write| organization_members::insert(write, &joining.row))?.is_some();
    if joined {
        audit_events::insert(write, &joining.event)?;
    }
    Ok(joined)
}
