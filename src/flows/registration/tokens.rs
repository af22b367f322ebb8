//! Initial access tokens (RFC 7591 section 1.2): made by the operator, for an organization where one is named; told once,
//! kept as a digest, good for a time and a number of clients.

use serde::Serialize;
use serde_json::json;

use crate::app::App;
use crate::crypto::random;
use crate::crypto::token::{PlainToken, TokenKind};
use crate::flows::audit::{self, Actor, Target};
use crate::flows::caller::Caller;
use crate::protocol::NumericDate;
use crate::store::audit_events::AuditEventRow;
use crate::store::organizations::OrganizationRow;
use crate::store::registrations::{self, InitialAccessTokenRow};
use crate::store::{StoreError, audit_events};

/// A token as asked for.
#[derive(Clone, Debug, Default)]
pub struct NewToken {
    /// What people call it.
    pub name: String,
    /// Seconds it works; for ever where absent.
    pub lifetime: Option<i64>,
    /// Clients it may register; any number where absent.
    pub uses: Option<i64>,
}

/// A new token.
pub struct Made {
    /// Told once.
    pub token: PlainToken,
    /// As in the list.
    pub view: TokenView,
}

/// What may be known of a token.
#[derive(Clone, Debug, Serialize)]
pub struct TokenView {
    /// Row id, as text.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// Its last four characters.
    pub last_four: String,
    /// Row id of the organization it belongs to.
    #[serde(skip)]
    pub organization: Option<i64>,
    /// When it was made.
    pub created_at: NumericDate,
    /// When it stops working.
    pub expires_at: Option<NumericDate>,
    /// Clients it may still register.
    pub uses_left: Option<i64>,
    /// Clients it registered that are still there.
    pub clients: usize,
}

/// Makes a token.
///
/// # Errors
/// The store's.
pub async fn create(
    app: &App,
    caller: Option<&Caller>,
    actor: Actor<'_>,
    organization: Option<&OrganizationRow>,
    new: NewToken,
) -> Result<Made, StoreError> {
    let (id, now) = (app.store.next_id()?, app.clock.now());
    let token = PlainToken::new(TokenKind::InitialAccessToken, id, random::secret().expose());
    let row = InitialAccessTokenRow {
        id,
        digest: token.digest().as_bytes().to_vec(),
        last_four: token.last_four(),
        name: new.name.chars().filter(|character| !character.is_control()).take(64).collect(),
        organization_id: organization.map(|organization| organization.id),
        created_by: match actor {
            Actor::User(user) | Actor::UserByClient(user, _) | Actor::UserByToken(user, _) => Some(user.id),
            _ => None,
        },
        created_at: now,
        expires_at: new.lifetime.map(|seconds| now.saturating_add(seconds.max(1))),
        uses_left: new.uses.map(|uses| uses.max(1)),
    };
    let view = view(&row, 0);
    let data = json!({ "expires_at": row.expires_at, "uses": row.uses_left, "last_four": row.last_four });
    let target = Target::Row("initial_access_token", id, &row.name);
    let event = audit::draft(app, caller, "registration_token.create", actor, target, data)?;
    let event = in_log_of(event, row.organization_id);
    app.store
        .write(move |write| {
            registrations::insert_token(write, &row)?;
            audit_events::insert(write, &event)
        })
        .await?;
    Ok(Made { token, view })
}

/// Every token, newest first; of one organization where one is named.
///
/// # Errors
/// The store's.
pub async fn list(app: &App, organization: Option<i64>) -> Result<Vec<TokenView>, StoreError> {
    let read = |conn: &mut _| Ok((registrations::tokens(conn)?, registrations::list(conn)?));
    let (rows, clients) = app.store.read(read).await?;
    let rows = rows.iter().filter(|row| organization.is_none() || row.organization_id == organization);
    let made = |row: &InitialAccessTokenRow| clients.iter().filter(|one| one.initial_token == Some(row.id)).count();
    Ok(rows.map(|row| view(row, made(row))).collect())
}

/// Deletes a token: it registers nothing any more, and what it registered stays. False when there is none, or it is
/// another organization's.
///
/// # Errors
/// The store's.
pub async fn delete(
    app: &App,
    caller: Option<&Caller>,
    actor: Actor<'_>,
    organization: Option<i64>,
    id: i64,
) -> Result<bool, StoreError> {
    let row = app.store.read(move |conn| registrations::token(conn, id)).await?;
    let Some(row) = row.filter(|row| organization.is_none() || row.organization_id == organization) else {
        return Ok(false);
    };
    let target = Target::Row("initial_access_token", id, &row.name);
    let event = audit::draft(app, caller, "registration_token.delete", actor, target, json!({}))?;
    let event = in_log_of(event, row.organization_id);
    app.store
        .write(move |write| {
            if registrations::delete_token(write, id)? == 0 {
                return Ok(false);
            }
            audit_events::insert(write, &event)?;
            Ok(true)
        })
        .await
}

fn in_log_of(event: AuditEventRow, organization: Option<i64>) -> AuditEventRow {
    match organization {
        Some(organization) => audit::of_organization(event, organization),
        None => event,
    }
}

fn view(row: &InitialAccessTokenRow, clients: usize) -> TokenView {
    TokenView {
        id: row.id.to_string(),
        name: row.name.clone(),
        last_four: row.last_four.clone(),
        organization: row.organization_id,
        created_at: row.created_at,
        expires_at: row.expires_at,
        uses_left: row.uses_left,
        clients,
    }
}
