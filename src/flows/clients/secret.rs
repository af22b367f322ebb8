//! New client secrets, made here or brought along; drafted before the transaction that writes them.

use super::{ClientFailure, Problem, show};
use crate::app::App;
use crate::crypto::token::{PlainToken, TokenKind};
use crate::crypto::{imported, random};
use crate::store::client_secrets::{self, ClientSecretRow};

/// Live secrets one client may have.
pub const MAX_LIVE: usize = 5;

/// A secret that was drawn before, so that a request that comes again hears it again.
#[derive(Clone, Copy)]
pub struct Drawn<'a> {
    /// Row id of the secret.
    pub id: i64,
    /// Its bytes.
    pub secret: &'a [u8; 32],
}

/// A secret made elsewhere, as its holder has it. Has no `Debug` on purpose.
#[derive(Clone)]
pub struct ImportedSecret(String);

impl ImportedSecret {
    /// Takes the text exactly as given.
    ///
    /// # Errors
    /// [`ClientFailure::Metadata`] for one that is too short or looks like one of grantor's own.
    pub fn new(text: String) -> Result<ImportedSecret, ClientFailure> {
        match imported::digest(&text) {
            Ok(_) => Ok(ImportedSecret(text)),
            Err(refusal) => {
                Err(ClientFailure::Metadata(vec![Problem { field: "secret", message: refusal.to_string() }]))
            }
        }
    }

    /// Whether this row is this secret's.
    fn is(&self, row: &ClientSecretRow) -> bool {
        row.imported && imported::digest(&self.0).is_ok_and(|digest| digest.matches(&row.digest))
    }
}

/// Whether the secret is among the client's live ones that no rotation let expire.
///
/// # Errors
/// [`ClientFailure::Unknown`].
pub async fn is_live_secret(app: &App, client_id: &str, secret: &ImportedSecret) -> Result<bool, ClientFailure> {
    let id = show::row(app, client_id).await?.id;
    let rows = app.store.read(move |conn| client_secrets::list(conn, id)).await?;
    // One that was rotated out is on its way: naming it again means it shall stay.
    Ok(rows.iter().any(|row| row.expires_at.is_none() && secret.is(row)))
}

/// A public client cannot keep one.
pub(super) fn of_public() -> ClientFailure {
    ClientFailure::Metadata(vec![Problem { field: "secret", message: "a public client has no secret".to_owned() }])
}

/// A row for the client, and the text to hand out once; there is none for an imported secret.
pub(super) fn draft(
    app: &App,
    client: i64,
    brought: Option<&ImportedSecret>,
    drawn: Option<Drawn<'_>>,
) -> Result<(ClientSecretRow, Option<PlainToken>), ClientFailure> {
    let id = drawn.map_or_else(|| app.store.next_id(), |drawn| Ok(drawn.id))?;
    let row = |digest: &[u8], last_four: String, imported: bool| ClientSecretRow {
        id,
        client,
        digest: digest.to_vec(),
        last_four,
        imported,
        created_at: app.clock.now(),
        expires_at: None,
        last_used_at: None,
    };
    match brought {
        None => {
            let plain = match drawn {
                Some(drawn) => PlainToken::new(TokenKind::ClientSecret, id, drawn.secret),
                None => PlainToken::new(TokenKind::ClientSecret, id, random::secret().expose()),
            };
            Ok((row(plain.digest().as_bytes(), plain.last_four(), false), Some(plain)))
        }
        Some(ImportedSecret(text)) => {
            let digest = imported::digest(text).map_err(|refusal| ClientFailure::Conflict(refusal.to_string()))?;
            let last_four: String = text.chars().skip(text.chars().count().saturating_sub(4)).collect();
            Ok((row(digest.as_bytes(), last_four, true), None))
        }
    }
}
