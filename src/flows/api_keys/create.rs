//! Making a key.

use serde_json::json;

use super::refusal::ApiKeyRefusal as Refusal;
use super::{bounds, fields};
use crate::app::App;
use crate::crypto::random;
use crate::crypto::token::{PlainToken, TokenKind};
use crate::flows::audit::Target;
use crate::flows::organizations::By;
use crate::flows::organizations::change;
use crate::protocol::NumericDate;
use crate::store::api_keys::{self, ApiKeyRow};
use crate::store::audit_events;
use crate::store::organizations::OrganizationRow;

const MAX_KEYS: i64 = 100;

/// A key as asked for.
#[derive(Clone, Debug)]
pub struct NewApiKey {
    /// What people call it.
    pub label: String,
    /// What it may do; none means nothing.
    pub scopes: Vec<String>,
    /// Origins whose scripts may use it.
    pub allowed_origins: Vec<String>,
    /// [`fields::EXEMPT`] or [`fields::FOLLOWS`].
    pub sso_policy: String,
    /// When it ends.
    pub expires_at: Option<NumericDate>,
}

/// A key that was made.
pub struct Made {
    /// Its row.
    pub row: ApiKeyRow,
    /// Told once.
    pub key: PlainToken,
}

/// Makes a key of the organization; `id` and `secret` become its text.
///
/// # Errors
/// [`Refusal`].
pub async fn create(
    app: &App,
    by: By<'_>,
    organization: &OrganizationRow,
    new: NewApiKey,
    id: i64,
    secret: &[u8; 32],
) -> Result<Made, Refusal> {
    let (bounds, now) = (bounds(by)?, app.clock.now());
    let key = PlainToken::new(TokenKind::ApiKey, id, secret);
    let row = ApiKeyRow {
        id,
        public_id: random::url_safe_text(16),
        organization_id: organization.id,
        label: fields::label(&new.label)?,
        scopes: fields::scopes(app, &new.scopes)?,
        allowed_origins: fields::origins(&new.allowed_origins)?,
        status: fields::ACTIVE.to_owned(),
        sso_policy: fields::policy(&new.sso_policy)?,
        creator_id: None,
        digest: key.digest().as_bytes().to_vec(),
        last_four: key.last_four(),
        imported: false,
        created_at: now,
        updated_at: now,
        expires_at: fields::end(new.expires_at, now, bounds.ends_at)?,
        last_used_at: None,
    };
    if bounds.follows && row.sso_policy != fields::FOLLOWS {
        return Err(Refusal::MustFollow);
    }
    // Never the value, not even its digest (seed FIX 31).
    let data = json!({
        "scopes": row.scopes, "allowed_origins": row.allowed_origins.0, "sso_policy": row.sso_policy,
        "expires_at": row.expires_at, "last_four": row.last_four,
    });
    let target = Target::Row("api_key", id, &row.label);
    let event = change::event(app, by, organization.id, "api_key.create", target, data)?;
    let roles = app.roles.clone();
    let row = change::change(app, organization.id, by, Some("org:admin"), move |write, held, authority| {
        if let Some(beyond) = row.scopes.iter().find(|scope| !authority.hands_out(&roles, scope)) {
            return Ok(Ok(Err(Refusal::Beyond(beyond.to_owned()))));
        }
        let row = ApiKeyRow { creator_id: authority.member_id().or(bounds.creator), ..row.clone() };
        if row.sso_policy == fields::FOLLOWS && row.creator_id.is_none() {
            return Ok(Ok(Err(Refusal::NobodyToFollow)));
        }
        if api_keys::count(write, held.id)? >= MAX_KEYS {
            return Ok(Ok(Err(Refusal::TooMany(MAX_KEYS))));
        }
        api_keys::insert(write, &row)?;
        audit_events::insert(write, &event)?;
        Ok(Ok(Ok(row)))
    })
    .await??;
    Ok(Made { row, key })
}
