//! How a person, and their session, are named to a client (OpenID Connect Core section 8).

use crate::app::App;
use crate::protocol::registered_metadata::SubjectType;
use crate::protocol::sector;
use crate::store::clients::ClientRow;
use crate::store::users::UserRow;

/// The `sub` of this person for this client; the one home of that rule. A pairwise one is the same for all clients of a
/// sector and tells nobody else who it is; it comes from the person's own `sub`, which is never used again, so neither
/// is it.
pub fn of(app: &App, client: &ClientRow, user: &UserRow) -> String {
    match sector(client) {
        None => user.sub.clone(),
        Some(sector) => app.keys.pairwise.text_tag(&[sector.as_bytes(), user.sub.as_bytes()]),
    }
}

/// The `sid` of a session for this client. Sectors that shared one would know each other's people by it.
pub fn session(app: &App, client: &ClientRow, sid: &str) -> String {
    match sector(client) {
        None => sid.to_owned(),
        Some(sector) => app.keys.pairwise.text_tag(&[b"sid", sector.as_bytes(), sid.as_bytes()]),
    }
}

/// What pairwise names at this client come from; none where people have their public ones.
pub fn sector(client: &ClientRow) -> Option<String> {
    is_pairwise(client).then(|| {
        let sector = sector::of(client.metadata.0.sector_identifier_uri.as_deref(), &client.redirect_uris.0);
        // Registration refuses clients without one; a name nobody else has is then the safe one.
        sector.unwrap_or_else(|| format!("client {}", client.client_id))
    })
}

/// Whether people have a name at this client that clients of other sectors do not know.
pub fn is_pairwise(client: &ClientRow) -> bool {
    client.metadata.0.subject_type == Some(SubjectType::Pairwise)
}
