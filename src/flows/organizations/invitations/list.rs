//! Invitations that wait for an answer.

use crate::app::App;
use crate::protocol::NumericDate;
use crate::store::organizations::OrganizationRow;
use crate::store::users::UserRow;
use crate::store::{CachedRow as _, StoreError, invitations};

/// One of them.
#[derive(Clone, Debug)]
pub struct InvitationLine {
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
