//! New client secrets, made here or brought along; drafted before the transaction that writes them.

use super::{ClientFailure, Problem, show};
use crate::app::App;
use crate::crypto::token::{PlainToken, TokenKind};
use crate::crypto::{imported, random};
use crate::protocol::client_authentication_method::ClientAuthenticationMethod as Method;
use crate::store::client_secrets::{self, ClientSecretRow};
use crate::store::clients::ClientRow;

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

/// A public client cannot keep one, and one with keys of its own needs none.
pub(super) fn of_none(method: Method) -> ClientFailure {
    let message = match method {
        Method::PrivateKeyJwt => "a client with private_key_jwt has keys of its own, and no secret",
        _ => "a public client has no secret",
    };
    ClientFailure::Metadata(vec![Problem { field: "secret", message: message.to_owned() }])
}

/// Seals under [`crate::crypto::master_key::MasterKey::seal`] are bound to this name and the secret's row id.
pub(in crate::flows) fn purpose(id: i64) -> String {
    format!("client_secrets/{id}")
}

/// A row for the client, and the text to hand out once; there is none for an imported secret.
pub(in crate::flows) fn draft(
    app: &App,
    client: &ClientRow,
    secret: NewSecret<'_>,
) -> Result<(ClientSecretRow, Option<PlainToken>), ClientFailure> {
    let id = match secret {
        NewSecret::Given(id, _) => id,
        _ => app.store.next_id()?,
    };
    // Whoever signs with it is verified with it: only then is it kept in a form that can be read again.
    let signs = client.authentication_method == Method::ClientSecretJwt.as_str();
    let row = |digest: &[u8], last_four: String, imported: bool, text: &str| ClientSecretRow {
        id,
        client: client.id,
        digest: digest.to_vec(),
        last_four,
        imported,
        created_at: app.clock.now(),
        expires_at: None,
        last_used_at: None,
        sealed: signs.then(|| app.keys.master.seal(&purpose(id), text.as_bytes())),
    };
    let made = |bytes: &[u8; 32]| {
        let plain = PlainToken::new(TokenKind::ClientSecret, id, bytes);
        (row(plain.digest().as_bytes(), plain.last_four(), false, plain.expose()), Some(plain))
    };
    match secret {
        NewSecret::Drawn => Ok(made(random::secret().expose())),
        NewSecret::Given(_, bytes) => Ok(made(bytes)),
        NewSecret::Brought(ImportedSecret(text)) => {
            let digest = imported::digest(text).map_err(|refusal| ClientFailure::Conflict(refusal.to_string()))?;
            Ok((row(digest.as_bytes(), imported::last_four(text), true, text), None))
        }
    }
}
