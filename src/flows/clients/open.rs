//! Clients that nobody here answers for: what everybody may register must not borrow this server's name.

use crate::app::App;
use crate::store::clients::ClientRow;

/// Whether anybody might have registered it, a person or the client itself, and nobody vouched for it since. Such a client
/// gets no redirect that no person asked for (RFC 9700 section 4.11.2).
pub fn openly_registered(app: &App, client: &ClientRow) -> bool {
    let by_itself = client.metadata.0.registered_openly && !app.config.registration.trusted;
    !client.verified && (client.owner_id.is_some() || by_itself)
}
