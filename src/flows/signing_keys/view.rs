//! What may be known of a key.

use serde::Serialize;

use crate::app::App;
use crate::protocol::NumericDate;
use crate::store::StoreError;
use crate::store::signing_keys::{self, SigningKeyRow};

/// Where in its life a key is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum SigningKeyState {
    /// In the key set, and waits to sign.
    Published,
    /// Signs.
    Signing,
    /// Signs no more, and stays in the key set until all it signed has ended.
    Kept,
    /// Its private part is gone and it left the key set; what it signed is still known as a hint at somebody.
    Erased,
    /// Given up: nothing it signed is believed.
    Withdrawn,
}

impl SigningKeyState {
    /// The word in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Published => "published",
            Self::Signing => "signing",
            Self::Kept => "kept",
            Self::Erased => "erased",
            Self::Withdrawn => "withdrawn",
        }
    }
}

/// One key; what it is made of is told by the key set only.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct SigningKeyView {
    /// Its name on the wire.
    pub kid: String,
    /// The value of `alg`.
    pub algorithm: String,
    /// Where in its life it is.
    pub state: SigningKeyState,
    /// When it was made, in seconds since 1970.
    pub created_at: NumericDate,
    /// When it begins, or began, to sign.
    pub active_from: NumericDate,
    /// When another one takes over, or took over; for the last of its algorithm as the schedule has it, null without one.
    pub next_rotation: Option<NumericDate>,
    /// When it leaves, or left, the key set; null while it has no successor.
    pub published_until: Option<NumericDate>,
}

/// Every key, newest first.
///
/// # Errors
/// The store's.
pub async fn list(app: &App) -> Result<Vec<SigningKeyView>, StoreError> {
    let (rows, now) = (app.store.read(signing_keys::list).await?, app.clock.now());
    let interval = Some(app.config.keys.rotation_interval).filter(|interval| *interval > 0);
    let view = |row: SigningKeyRow| SigningKeyView {
        state: state(&row, now),
        next_rotation: row.retired_at.or(interval.map(|interval| row.active_from.saturating_add(interval))),
        kid: row.kid,
        algorithm: row.algorithm,
        created_at: row.created_at,
        active_from: row.active_from,
        published_until: row.published_until,
    };
    Ok(rows.into_iter().map(view).collect())
}

fn state(row: &SigningKeyRow, now: NumericDate) -> SigningKeyState {
    if row.withdrawn_at.is_some() {
        SigningKeyState::Withdrawn
    } else if now < row.active_from {
        SigningKeyState::Published
    } else if row.retired_at.is_none_or(|at| now < at) {
        SigningKeyState::Signing
    } else if row.published_until.is_none_or(|until| now < until) {
        SigningKeyState::Kept
    } else {
        SigningKeyState::Erased
    }
}
