//! Proofs: at which organizations' providers a session has proven its person. Other providers' proofs, and those of
//! identities that are gone, are deleted with them, so a row that is there and young enough counts.

use crate::app::App;
use crate::flows::session::SignedIn;
use crate::protocol::NumericDate;
use crate::store::session_proofs::{self, Proofs, SessionProofRow};
use crate::store::{QueryResult, StoreError, Write, identities};

/// A session's proof for one organization.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Proof {
    /// The organization.
    pub organization_id: i64,
    /// The provider row that vouched.
    pub provider_id: i64,
    /// The identity it vouched for.
    pub identity_id: i64,
    /// When.
    pub proven_at: NumericDate,
    /// When it ends.
    pub expires_at: NumericDate,
}

/// The session's proof for the organization, if it has one that holds now. Whether the identity behind it is still good
/// says [`super::standing::standing`].
///
/// # Errors
/// The store's.
pub async fn of(app: &App, session_id: i64, organization_id: i64) -> Result<Option<Proof>, StoreError> {
    Ok(all(app, session_id).await?.into_iter().find(|proof| proof.organization_id == organization_id))
}

/// All proofs of a session that hold now.
///
/// # Errors
/// The store's.
pub async fn all(app: &App, session_id: i64) -> Result<Vec<Proof>, StoreError> {
    let now = app.clock.now();
    let found = app.store.view(move |rows| rows.get::<Proofs>(session_id)).await?;
    let rows = found.iter().flat_map(|proofs| proofs.0.iter()).filter(|row| now < row.expires_at);
    Ok(rows.map(of_row).collect())
}

/// The proofs of the session before, for the new one of the same person in the same browser.
///
/// # Errors
/// The store's.
pub async fn inherited(
    app: &App,
    before: Option<&SignedIn>,
    user_id: i64,
    session_id: i64,
) -> Result<Vec<SessionProofRow>, StoreError> {
    let Some(before) = before.filter(|before| before.user.id == user_id) else { return Ok(Vec::new()) };
    let proofs = all(app, before.session.id).await?;
    proofs.into_iter().map(|proof| Ok(row(app.store.next_id()?, session_id, proof))).collect()
}

/// Writes inherited proofs into the new session: those whose identity is still there and good.
///
/// # Errors
/// The database's.
pub fn carry_over(write: &mut Write<'_>, proofs: &[SessionProofRow]) -> QueryResult<()> {
    for proof in proofs {
        let identity = identities::find(write, proof.identity_id)?;
        if identity.is_some_and(|identity| identity.status == "valid" && identity.provider_id == proof.provider_id) {
            session_proofs::insert(write, proof)?;
        }
    }
    Ok(())
}

pub(super) fn row(id: i64, session_id: i64, proof: Proof) -> SessionProofRow {
    SessionProofRow {
        id,
        session_id,
        organization_id: proof.organization_id,
        provider_id: proof.provider_id,
        identity_id: proof.identity_id,
        proven_at: proof.proven_at,
        expires_at: proof.expires_at,
    }
}

fn of_row(row: &SessionProofRow) -> Proof {
    Proof {
        organization_id: row.organization_id,
        provider_id: row.provider_id,
        identity_id: row.identity_id,
        proven_at: row.proven_at,
        expires_at: row.expires_at,
    }
}
