//! API keys of organizations: made for scripts, told once, never stronger than whoever makes or changes them (C23). They
//! belong to no person and outlive whoever made them.

mod create;
mod delete;
mod fields;
mod list;
mod refusal;
mod update;

pub use create::{Made, NewApiKey, create};
pub use delete::delete;
pub use fields::{EXEMPT, FOLLOWS, LABEL};
pub use list::{KeyPage, KeyView, page, show};
pub use refusal::ApiKeyRefusal;
pub use update::{KeyChanges, update, update_if};

use crate::flows::api::Credential;
use crate::flows::organizations::By;
use crate::protocol::NumericDate;
use crate::store::api_keys::ApiKeyRow;

/// What whoever makes or changes a key brings along besides their role and scopes.
#[derive(Clone, Copy, Default)]
struct Bounds {
    /// No key ends later.
    ends_at: Option<NumericDate>,
    /// The acting key follows a membership, and so does every key it makes.
    follows: bool,
    /// The membership it follows.
    creator: Option<i64>,
}

impl Bounds {
    /// Whether whoever is bound so could have made this very key.
    fn hold(&self, key: &ApiKeyRow) -> Result<(), ApiKeyRefusal> {
        if self.ends_at.is_some_and(|bound| key.expires_at.is_none_or(|end| end > bound)) {
            return Err(ApiKeyRefusal::Outlives);
        }
        match self.follows && (key.sso_policy != FOLLOWS || key.creator_id != self.creator) {
            true => Err(ApiKeyRefusal::MustFollow),
            false => Ok(()),
        }
    }
}

/// # Errors
/// [`ApiKeyRefusal::ByApplication`]: what an application made would outlive its authorization.
fn bounds(by: By<'_>) -> Result<Bounds, ApiKeyRefusal> {
    let By::Api(acting) = by else { return Ok(Bounds::default()) };
    if let Credential::AccessToken { .. } = acting.credential {
        return Err(ApiKeyRefusal::ByApplication);
    }
    let key = acting.credential.key();
    Ok(Bounds {
        ends_at: acting.credential.ends_at(),
        follows: key.is_some_and(|key| key.sso_policy == FOLLOWS),
        creator: key.and_then(|key| key.creator_id),
    })
}
