//! Invitations that wait for an answer.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::app::App;
use crate::crypto::digest::sha256;
use crate::flows::organizations::refusal::OrganizationRefusal;
use crate::protocol::NumericDate;
use crate::store::organizations::OrganizationRow;
use crate::store::users::UserRow;
use crate::store::{CachedRow as _, StoreError, invitations};

/// One of them.
#[derive(Clone, Debug)]
pub struct InvitationLine {
    /// Name for the API; the same as long as one waits for this address.
    pub id: String,
    /// Where it was sent.
    pub email: String,
    /// Role on acceptance.
    pub role: String,
    /// Slugs of the teams to join.
    pub teams: Vec<String>,
    /// Login of whoever invited; none for the operator.
    pub invited_by: Option<String>,
    /// When it was sent.
    pub created_at: NumericDate,
    /// When it ends, or ended.
    pub expires_at: NumericDate,
    /// Its link does not work any more.
    pub expired: bool,
}

/// The address itself would stand in addresses of the API, and so in logs.
fn name_of(organization_id: i64, email_key: &str) -> String {
    let digest = sha256(&[b"grantor/invitation/name/v1", &organization_id.to_be_bytes(), email_key.as_bytes()]);
    URL_SAFE_NO_PAD.encode(&digest[..15])
}

/// The one that has this name here.
///
/// # Errors
/// [`OrganizationRefusal::InvitationVoid`], or the store's.
pub async fn named(
    app: &App,
    organization: &OrganizationRow,
    name: &str,
) -> Result<InvitationLine, OrganizationRefusal> {
    let found = list(app, organization).await?.into_iter().find(|line| line.id == name);
    found.ok_or(OrganizationRefusal::InvitationVoid)
}

/// Newest first.
///
/// # Errors
/// The store's.
pub async fn list(app: &App, organization: &OrganizationRow) -> Result<Vec<InvitationLine>, StoreError> {
    let (id, now) = (organization.id, app.clock.now());
    app.store
        .read(move |conn| {
            let mut lines = Vec::new();
            for row in invitations::pending(conn, id)? {
                let invited_by = match row.invited_by {
                    Some(user) => UserRow::load(conn, user)?.map(|user| user.login),
                    None => None,
                };
                lines.push(InvitationLine {
                    id: name_of(id, &row.email_key),
                    expired: !row.is_open(now),
                    email: row.email,
                    role: row.role,
                    teams: row.teams.0,
                    invited_by,
                    created_at: row.created_at,
                    expires_at: row.expires_at,
                });
            }
            Ok(lines)
        })
        .await
}
