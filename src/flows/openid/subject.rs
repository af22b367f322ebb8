//! How a person is named to a client (OpenID Connect Core section 8).

use crate::app::App;
use crate::protocol::registered_metadata::SubjectType;
use crate::protocol::sector;
use crate::store::clients::ClientRow;
use crate::store::users::UserRow;

/// The `sub` of this person for this client; the one home of that rule. A pairwise one is the same for all clients of a
/// sector and tells nobody else who it is; it comes from the person's own `sub`, which is never used again, so neither
/// is it.
pub fn of(app: &App, client: &ClientRow, user: &UserRow) -> String {
    if !is_pairwise(client) {
        return user.sub.clone();
    }
    let sector = sector::of(client.metadata.0.sector_identifier_uri.as_deref(), &client.redirect_uris.0);
    // Registration refuses clients without one; a name nobody else has is then the safe one.
    let sector = sector.unwrap_or_else(|| format!("client {}", client.client_id));
    app.keys.pairwise.text_tag(&[sector.as_bytes(), user.sub.as_bytes()])
}

/// Whether people have a name at this client that clients of other sectors do not know.
pub fn is_pairwise(client: &ClientRow) -> bool {
    client.metadata.0.subject_type == Some(SubjectType::Pairwise)
}
