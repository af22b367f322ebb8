//! New client secrets, made here or brought along; drafted before the transaction that writes them.

use super::{ClientFailure, Problem, show};
use crate::app::App;
use crate::crypto::token::{PlainToken, TokenKind};
use crate::crypto::{imported, random};
use crate::store::client_secrets::{self, ClientSecretRow};

/// Live secrets one client may have.
pub const MAX_LIVE: usize = 5;

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

/// Where a new secret comes from.
#[derive(Clone, Copy)]
pub enum NewSecret<'a> {
    /// Drawn here.
    Drawn,
    /// Made elsewhere.
    Brought(&'a ImportedSecret),
    /// Row id and bytes are given, so that a request that comes again is told the same text.
    Given(i64, &'a [u8; 32]),
}

impl<'a> NewSecret<'a> {
    /// Brought along, or else drawn.
    pub fn or_drawn(brought: Option<&'a ImportedSecret>) -> NewSecret<'a> {
        brought.map_or(NewSecret::Drawn, NewSecret::Brought)
    }
}

/// A public client cannot keep one.
pub(super) fn of_public() -> ClientFailure {
    ClientFailure::Metadata(vec![Problem { field: "secret", message: "a public client has no secret".to_owned() }])
}

/// A row for the client, and the text to hand out once; there is none for an imported secret.
pub(in crate::flows) fn draft(
    app: &App,
    client: i64,
    secret: NewSecret<'_>,
) -> Result<(ClientSecretRow, Option<PlainToken>), ClientFailure> {
    let id = match secret {
        NewSecret::Given(id, _) => id,
        _ => app.store.next_id()?,
    };
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
    let made = |bytes: &[u8; 32]| {
        let plain = PlainToken::new(TokenKind::ClientSecret, id, bytes);
        (row(plain.digest().as_bytes(), plain.last_four(), false), Some(plain))
    };
    match secret {
        NewSecret::Drawn => Ok(made(random::secret().expose())),
        NewSecret::Given(_, bytes) => Ok(made(bytes)),
        NewSecret::Brought(ImportedSecret(text)) => {
            let digest = imported::digest(text).map_err(|refusal| ClientFailure::Conflict(refusal.to_string()))?;
            Ok((row(digest.as_bytes(), imported::last_four(text), true), None))
        }
    }
}
