//! A presented secret against the client's live ones. The secrets are 256 random bits, so one SHA-256 is enough.

use crate::app::App;
use crate::app::last_used::Used;
use crate::crypto::token::{TokenKind, TokenText};
use crate::crypto::{imported, token};
use crate::protocol::error::Detail;
use crate::store::StoreError;
use crate::store::client_secrets::{self, ClientSecretRow};
use crate::store::clients::ClientRow;

const SPEC: &str = "RFC 6749 section 2.3.1";

/// Whether the secret is one of the client's; the detail says what is wrong with it, never the secret.
pub async fn check(app: &App, client: &ClientRow, presented: &str) -> Result<Result<(), Detail>, StoreError> {
    let now = app.clock.now();
    let found = match TokenText::parse(TokenKind::ClientSecret, presented) {
        Ok(parsed) => {
            let row = app.store.view(move |rows| rows.get::<ClientSecretRow>(parsed.id)).await?;
            row.filter(|row| row.client == client.id && parsed.digest.matches(&row.digest)).map(|row| (*row).clone())
        }
        Err(_) if token::kind_of(presented) == Some(TokenKind::ClientSecret) => {
            return Ok(Err(Detail::new("client_secret_mistyped", SPEC)
                .hint("the secret's checksum is wrong: a character was changed or lost on the way")));
        }
        Err(_) => find_imported(app, client, presented).await?,
    };
    Ok(match found {
        Some(row) if row.is_live(now) => {
            app.last_used.note(Used::ClientSecret(row.id), now - now.rem_euclid(60));
            Ok(())
        }
        Some(row) => Err(Detail::new("client_secret_expired", SPEC)
            .received(format!("secret ending in {}", row.last_four))
            .hint("it was rotated out: use the newer one")),
        None => Err(Detail::new("client_secret_wrong", SPEC).hint("it is not one of this client's secrets")),
    })
}

/// Secrets made elsewhere carry no row id; they are looked for among the client's own.
async fn find_imported(app: &App, client: &ClientRow, presented: &str) -> Result<Option<ClientSecretRow>, StoreError> {
    let Ok(digest) = imported::digest(presented) else { return Ok(None) };
    let id = client.id;
    let secrets = app.store.read(move |conn| client_secrets::list(conn, id)).await?;
    // The same text may have been brought twice; the row that lives longest counts.
    let own = secrets.into_iter().filter(|row| row.imported && digest.matches(&row.digest));
    Ok(own.max_by_key(|row| row.expires_at.unwrap_or(i64::MAX)))
}

/// Spends what a check spends, where there is nothing to check against.
pub fn burn(presented: &str) {
    if let Ok(parsed) = TokenText::parse(TokenKind::ClientSecret, presented) {
        let _never = parsed.digest.matches(&[0; 32]);
    }
}
