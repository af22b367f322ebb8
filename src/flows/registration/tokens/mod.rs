//! Initial access tokens (RFC 7591 section 1.2): made by the operator and by administrators, for an organization where one is
//! named, and by organizations themselves where the configuration lets them; told once, kept as a digest, good for a time
//! and a number of clients.

mod hand_out;
mod list;
mod refusal;

use serde_json::{Value, json};

pub use hand_out::{hand_out, take_back};
pub use list::{Registered, TokenPage, TokenView, page, registered, show};
pub use refusal::TokenRefusal;

use super::is_on;
use crate::app::App;
use crate::crypto::token::{PlainToken, TokenKind};
use crate::flows::api::Credential;
use crate::flows::audit::{self, Target};
use crate::flows::organizations::By;
use crate::flows::terms;
use crate::protocol::NumericDate;
use crate::protocol::text;
use crate::store::audit_events::AuditEventRow;
use crate::store::organizations::OrganizationRow;
use crate::store::registrations::{self, InitialAccessTokenRow};
use crate::store::{StoreError, audit_events};

/// Tokens of an organization that still work, at most.
pub const MOST: i64 = 50;
/// Clients one token registers at most.
pub const MOST_USES: i64 = 100_000;
/// Clients a token registers where nobody says how many.
pub const USUAL_USES: i64 = 1;

const USUAL_LIFETIME: i64 = 7 * 24 * 3600;
const TEN_YEARS: i64 = 10 * 366 * 24 * 3600;
const MAX_NAME: usize = 64;

const CREATE: &str = "registration_token.create";
const DELETE: &str = "registration_token.delete";

/// A token as asked for.
#[derive(Clone, Debug)]
pub struct NewToken {
    /// What people call it.
    pub name: String,
    /// When it stops working; in seven days where absent, or with the credential that makes it.
    pub expires_at: Option<NumericDate>,
    /// Clients it may register.
    pub uses: i64,
}

/// A new token.
pub struct Made {
    /// Told once.
    pub token: PlainToken,
    /// As in the list.
    pub view: TokenView,
}

/// Makes a token for whoever may on the whole server; `id` and `secret` become its text.
///
/// # Errors
/// [`TokenRefusal`].
pub async fn create(
    app: &App,
    by: By<'_>,
    organization: Option<&OrganizationRow>,
    new: &NewToken,
    id: i64,
    secret: &[u8; 32],
) -> Result<Made, TokenRefusal> {
    // The operator may prepare one, and is told that it opens nothing yet.
    if !is_on(app) && !matches!(by, By::Operator) {
        return Err(TokenRefusal::Off);
    }
    let (row, token) = draft(app, by, organization, new, id, secret)?;
    let event = event(app, by, CREATE, &row, told(&row))?;
    let view = list::new(&row, organization, by);
    terms::of(app, by.caller())
        .write(move |write| {
            registrations::insert_token(write, &row)?;
            audit_events::insert(write, &event)
        })
        .await?;
    Ok(Made { token, view })
}

/// Deletes a token, whoever it belongs to: it registers nothing any more, and what it registered stays.
///
/// # Errors
/// [`TokenRefusal::NotFound`] for none, or one deleted already.
pub async fn delete(app: &App, by: By<'_>, id: &str) -> Result<(), TokenRefusal> {
    ends_at(by)?;
    let row = list::row(app, None, id).await?;
    let (id, event) = (row.id, event(app, by, DELETE, &row, json!({ "last_four": row.last_four }))?);
    let deleted = terms::of(app, by.caller()).write(move |write| {
        if registrations::delete_token(write, id)? == 0 {
            return Ok(false);
        }
        audit_events::insert(write, &event)?;
        Ok(true)
    });
    if deleted.await? { Ok(()) } else { Err(TokenRefusal::NotFound) }
}

/// The token that is not written yet, and its text.
fn draft(
    app: &App,
    by: By<'_>,
    organization: Option<&OrganizationRow>,
    new: &NewToken,
    id: i64,
    secret: &[u8; 32],
) -> Result<(InitialAccessTokenRow, PlainToken), TokenRefusal> {
    let (bound, now) = (ends_at(by)?, app.clock.now());
    let name = new.name.trim();
    if name.is_empty() || name.chars().count() > MAX_NAME || !text::is_safe_to_display(name) {
        return Err(TokenRefusal::Name);
    }
    if !(1..=MOST_USES).contains(&new.uses) {
        return Err(TokenRefusal::Uses(MOST_USES));
    }
    let token = PlainToken::new(TokenKind::InitialAccessToken, id, secret);
    let row = InitialAccessTokenRow {
        id,
        digest: token.digest().as_bytes().to_vec(),
        last_four: token.last_four(),
        name: name.to_owned(),
        organization_id: organization.map(|organization| organization.id),
        created_by: by.user_id(),
        created_at: now,
        expires_at: Some(end(new.expires_at, now, bound)?),
        uses_left: Some(new.uses),
    };
    Ok((row, token))
}

fn end(given: Option<NumericDate>, now: NumericDate, bound: Option<NumericDate>) -> Result<NumericDate, TokenRefusal> {
    let usual = now.saturating_add(USUAL_LIFETIME);
    let end = given.unwrap_or_else(|| bound.map_or(usual, |bound| usual.min(bound)));
    if end <= now || end > now.saturating_add(TEN_YEARS) {
        return Err(TokenRefusal::Expiry);
    }
    if bound.is_some_and(|bound| end > bound) { Err(TokenRefusal::Outlives) } else { Ok(end) }
}

/// When the credential ends that acts: no token ends later.
///
/// # Errors
/// [`TokenRefusal::ByApplication`]: what an application made would outlive its authorization.
fn ends_at(by: By<'_>) -> Result<Option<NumericDate>, TokenRefusal> {
    let By::Api(acting) = by else { return Ok(None) };
    match acting.credential {
        Credential::AccessToken { .. } => Err(TokenRefusal::ByApplication),
        credential => Ok(credential.ends_at()),
    }
}

fn told(row: &InitialAccessTokenRow) -> Value {
    json!({ "expires_at": row.expires_at, "uses": row.uses_left, "last_four": row.last_four })
}

/// For the server's log, and for the organization's whose token it is.
fn event(
    app: &App,
    by: By<'_>,
    name: &'static str,
    row: &InitialAccessTokenRow,
    data: Value,
) -> Result<AuditEventRow, StoreError> {
    let target = Target::Row("initial_access_token", row.id, &row.name);
    let event = audit::draft(app, by.caller(), name, by.actor(), target, data)?;
    Ok(match row.organization_id {
        Some(organization) => audit::of_organization(event, organization),
        None => event,
    })
}
