//! Keys that tokens are signed with: made at the first start, published before they sign, kept published until the last
//! token they signed has ended, and given up at once when somebody else may have one.

mod make;
mod rotate;
mod round;
mod view;

pub use make::make_missing;
pub use rotate::{How, rotate};
pub use round::round;
pub use view::{SigningKeyState, SigningKeyView, list};

use crate::app::App;
use crate::app::signing_keys as held;
use crate::app::start::StartError;
use crate::crypto::signing::CannotSign;
use crate::flows::clients::LONGEST_ACCESS_TOKEN;
use crate::store::StoreError;

/// Seconds after which every node signs with the successor.
const NOTICED: i64 = 600;

/// Keys of one algorithm that may wait to sign.
const MOST_WAITING: usize = 40;

/// Why no key was made.
#[derive(Debug, thiserror::Error)]
pub enum SigningKeyFailure {
    /// Rotated over and over.
    #[error("{MOST_WAITING} keys of this algorithm wait to sign already: let the first one begin")]
    TooManyWait,
    /// Another node or operator rotates too.
    #[error(
        "it was rotated by somebody else at the same time: look at the keys, then rotate again if you still want to"
    )]
    Overtaken,
    /// The library's.
    #[error(transparent)]
    NotMade(#[from] CannotSign),
    /// The store's, and a key that does not open.
    #[error(transparent)]
    Keys(#[from] StartError),
}

impl From<StoreError> for SigningKeyFailure {
    fn from(error: StoreError) -> SigningKeyFailure {
        SigningKeyFailure::Keys(error.into())
    }
}

/// Reads the keys again.
async fn take_over(app: &App) -> Result<(), StartError> {
    app.keys.replace_signing(held::load(&app.store, &app.keys.master, app.clock.now()).await?);
    Ok(())
}

/// Seconds a key is published after its successor took over: whatever it signed has ended by then.
fn kept(app: &App) -> i64 {
    NOTICED + app.config.tokens.access_token_lifetime.max(LONGEST_ACCESS_TOKEN)
}
