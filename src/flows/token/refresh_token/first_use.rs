//! The first use of a refresh token: its successor is derived, its row remembers by what (RFC 9700 section 4.14.2).

use super::{Answer, Attempt, SPEC};
use crate::crypto::random::{self, Secret32};
use crate::crypto::refresh_derivation::{DerivationInput, Successor};
use crate::crypto::token::{PlainToken, TokenKind};
use crate::flows::token::{access_token, invalid_grant, issue, read_back};
use crate::protocol::error::{Detail, ErrorCode, OAuthError};
use crate::store::authorizations::AuthorizationRow;
use crate::store::refresh_tokens::{self, FirstUse, RefreshTokenRow};
use crate::store::users::UserRow;
use crate::store::{CachedRow, StoreError, access_tokens, grants};

/// What a first use came to.
pub enum Outcome {
    /// The pair.
    Issued(Answer),
    /// Another use was first.
    Raced,
}

enum Commit {
    Done,
    Raced,
    Dead,
}

/// Uses the token.
pub async fn use_first(attempt: &Attempt<'_>) -> Result<Outcome, OAuthError> {
    let Attempt { app, client, family, .. } = attempt;
    let Some(key) = app.keys.current_derivation() else {
        tracing::error!("no key to derive refresh tokens with");
        return Err(OAuthError::new(ErrorCode::ServerError, ""));
    };
    let (rt2_id, at2_id) = (app.store.next_id()?, app.store.next_id()?);
    let salt = random::bytes::<32>();
    let generation = family.token.generation + 1;
    let successor = Successor::derive(&key, &input(attempt, generation, &salt, rt2_id, at2_id));

    let secret = Secret32::from_bytes(successor.access_secret);
    let access = access_token::make(app, attempt.bearer(), attempt.target.clone(), at2_id, &secret)?;
    let refresh = PlainToken::new(TokenKind::RefreshToken, rt2_id, &successor.refresh_secret);
    let refresh_row = RefreshTokenRow {
        salt: Some(salt.to_vec()),
        derivation_key: Some(key.id()),
        ..issue::refresh_row(app, client, &family.grant, rt2_id, generation, &refresh)
    };
    let first = FirstUse {
        at: app.clock.now(),
        fingerprint: attempt.fingerprint.to_vec(),
        next_refresh_token: rt2_id,
        next_access_token: at2_id,
        next_access_expires_at: access.row.expires_at,
    };
    match commit(attempt, first, access.row.clone(), refresh_row).await {
        Ok(Commit::Done) => {}
        Ok(Commit::Raced) => return Ok(Outcome::Raced),
        Ok(Commit::Dead) => {
            return Err(invalid_grant("the grant was revoked", Detail::new("grant_revoked", SPEC)));
        }
        // Only the database knows what became of the commit; the row names the access token it was used for.
        Err(StoreError::CommitUnknown) if committed(attempt, at2_id).await? => {}
        Err(error) => return Err(error.into()),
    }
    Ok(Outcome::Issued(Answer {
        body: issue::response(app, &access.text, access.row.expires_at, Some(refresh.expose()), &access.row.scopes),
        authorization_id: family.grant.authorization_id,
    }))
}

async fn committed(attempt: &Attempt<'_>, at2_id: i64) -> Result<bool, StoreError> {
    let rt1_id = attempt.parsed.id;
    let row = read_back(attempt.app, move |rows| rows.get::<RefreshTokenRow>(rt1_id)).await?;
    Ok(row.is_some_and(|row| row.next_access_token == Some(at2_id)))
}

/// All the derivation depends on besides the key.
pub fn input<'a>(
    attempt: &'a Attempt<'_>,
    generation: i64,
    salt: &'a [u8],
    rt2_id: i64,
    at2_id: i64,
) -> DerivationInput<'a> {
    DerivationInput {
        instance_epoch: attempt.app.keys.epoch,
        client: attempt.client.id,
        family: attempt.family.grant.id,
        generation,
        rt1_id: attempt.parsed.id,
        rt1_secret: attempt.parsed.secret.expose(),
        salt,
        rt2_id,
        at2_id,
    }
}

/// The guarded statement and the pair, with the family's liveness seen again inside the transaction.
async fn commit(
    attempt: &Attempt<'_>,
    first: FirstUse,
    access: access_tokens::AccessTokenRow,
    refresh: RefreshTokenRow,
) -> Result<Commit, StoreError> {
    let rt1_id = attempt.parsed.id;
    let grant = (*attempt.family.grant).clone();
    attempt
        .app
        .store
        .write(move |write| {
            let authorized = AuthorizationRow::load(write, grant.authorization_id)?.is_some();
            let honoured = UserRow::load(write, grant.user_id)?.is_some_and(|user| user.still_honours(grant.id));
            if !authorized || !honoured || grants::hold(write, grant.id)? == 0 {
                return Ok(Commit::Dead);
            }
            if refresh_tokens::use_first(write, rt1_id, &first)? == 0 {
                return Ok(Commit::Raced);
            }
            access_tokens::insert(write, &access)?;
            refresh_tokens::insert(write, &refresh)?;
            Ok(Commit::Done)
        })
        .await
}
