//! Requests that may come again (Idempotency-Key): the first one acts, the others hear its answer. A secret in it is
//! derived from the key, the credential, the body and the row, so that it is told again without being kept.

use crate::app::App;
use crate::crypto::digest::sha256;
use crate::crypto::token::{PlainToken, TokenKind};
use crate::store::idempotency_keys::{self, IdempotencyKeyRow};
use crate::store::{StoreError, Write};

/// Seconds an answer is kept.
pub const KEPT: i64 = 24 * 3600;
/// Characters of a key.
const MAX_KEY: usize = 255;

/// A request that came for the first time.
pub struct First {
    row: IdempotencyKeyRow,
    secret: [u8; 32],
}

impl First {
    /// Row id of what is made.
    pub fn row_id(&self) -> i64 {
        self.row.row_id
    }

    /// For the secret of what is made.
    pub fn secret(&self) -> &[u8; 32] {
        &self.secret
    }
}

/// An answer given before.
pub struct Again {
    /// Its status.
    pub status: u16,
    /// Its body without the secret.
    pub answer: String,
    row_id: i64,
    secret: [u8; 32],
}

impl Again {
    /// The secret it carried.
    pub fn secret(&self, kind: TokenKind) -> PlainToken {
        PlainToken::new(kind, self.row_id, &self.secret)
    }
}

/// Which it is.
pub enum Seen {
    /// Act.
    First(First),
    /// Say it again.
    Again(Again),
}

/// Why a request is not taken.
#[derive(Debug, thiserror::Error)]
pub enum IdempotencyRefusal {
    /// The header cannot be read.
    #[error("Idempotency-Key takes 1 to {MAX_KEY} visible ASCII characters, such as a UUID.")]
    Malformed,
    /// The same key with another body.
    #[error("This Idempotency-Key came before with another request: use a new one for a new request.")]
    Other,
    /// The first request is still at work.
    #[error("The first request with this Idempotency-Key is still at work: try again in a moment.")]
    AtWork,
    /// Nobody knows what became of the first request: doing it again might do it twice.
    #[error(
        "The first request with this Idempotency-Key was never answered. Look whether it did its work, and go on with a \
         new key."
    )]
    NeverAnswered,
    /// The store has no answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Takes a request with a key. `credential` names whoever asks, `route` what is asked for.
///
/// # Errors
/// [`IdempotencyRefusal`].
pub async fn begin(
    app: &App,
    credential: &str,
    route: &str,
    key: &str,
    body: &[u8],
) -> Result<Seen, IdempotencyRefusal> {
    if key.is_empty() || key.len() > MAX_KEY || !key.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(IdempotencyRefusal::Malformed);
    }
    let (now, id, row_id) = (app.clock.now(), app.store.next_id()?, app.store.next_id()?);
    let until = now + app.config.server.request_timeout as i64;
    let digest =
        sha256(&[b"grantor/idempotency/v1", credential.as_bytes(), b"\n", route.as_bytes(), b"\n", key.as_bytes()]);
    // With a key: a body may hold a password, which a plain digest would let somebody with the table guess.
    let body_digest = app.keys.idempotency.tag(&[b"grantor/idempotency/body/v1", body]);
    let row = IdempotencyKeyRow {
        id,
        digest: digest.to_vec(),
        body_digest: body_digest.to_vec(),
        row_id,
        status: None,
        answer: None,
        claimed_until: until,
        expires_at: now + KEPT,
    };
    let seen = app.store.write(move |write| take(write, &row, now)).await?;
    let (row, mine) = seen;
    if row.body_digest != body_digest {
        return Err(IdempotencyRefusal::Other);
    }
    let secret =
        app.keys.idempotency.tag(&[key.as_bytes(), credential.as_bytes(), &body_digest, &row.row_id.to_be_bytes()]);
    if mine {
        return Ok(Seen::First(First { row, secret }));
    }
    match (row.status.and_then(|status| u16::try_from(status).ok()), row.answer) {
        (Some(status), Some(answer)) => Ok(Seen::Again(Again { status, answer, row_id: row.row_id, secret })),
        _ if row.claimed_until <= now => Err(IdempotencyRefusal::NeverAnswered),
        _ => Err(IdempotencyRefusal::AtWork),
    }
}

/// The row of the key, and whether this request is the one to act.
fn take(
    write: &mut Write<'_>,
    row: &IdempotencyKeyRow,
    now: i64,
) -> crate::store::QueryResult<(IdempotencyKeyRow, bool)> {
    for _ in 0..2 {
        if write.unless_taken(|write| idempotency_keys::insert(write, row))?.is_some() {
            return Ok((row.clone(), true));
        }
        let Some(found) = idempotency_keys::find(write, &row.digest)? else { continue };
        if found.expires_at <= now {
            idempotency_keys::delete(write, found.id)?;
            continue;
        }
        return Ok((found, false));
    }
    Ok((row.clone(), false))
}

/// Keeps the answer; `answer` is without its secret.
///
/// # Errors
/// The store's.
pub async fn answered(app: &App, first: &First, status: u16, answer: String) -> Result<(), StoreError> {
    let id = first.row.id;
    app.store.write(move |write| idempotency_keys::answered(write, id, status.into(), &answer)).await?;
    Ok(())
}

/// Forgets a request that made nothing: corrected, it may come again under the same key.
///
/// # Errors
/// The store's.
pub async fn made_nothing(app: &App, first: &First) -> Result<(), StoreError> {
    let id = first.row.id;
    app.store.write(move |write| idempotency_keys::delete(write, id)).await?;
    Ok(())
}
