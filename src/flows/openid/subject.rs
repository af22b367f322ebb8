//! How a person is named to a client (OpenID Connect Core section 8).

use crate::app::App;
use crate::store::clients::ClientRow;
use crate::store::users::UserRow;

/// The `sub` of this person for this client; the one home of that rule.
pub fn of(_app: &App, _client: &ClientRow, user: &UserRow) -> String {
    user.sub.clone()
}
