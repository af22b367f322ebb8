//! A client by its identifier.

use std::sync::Arc;

use crate::app::App;
use crate::store::StoreError;
use crate::store::clients::{self, ClientRow};

/// The client, whatever its status. Longer identifiers than we make are never looked up, nor any with a NUL, which
/// PostgreSQL does not take as text.
pub async fn find(app: &App, client_id: &str) -> Result<Option<Arc<ClientRow>>, StoreError> {
    if client_id.len() > crate::protocol::limits::MAX_CLIENT_ID || client_id.contains('\0') {
        return Ok(None);
    }
    let id = match app.client_ids.get(client_id) {
        Some(id) => id,
        None => {
            let text = client_id.to_owned();
            let Some(id) = app.store.read(move |conn| clients::id_of(conn, &text)).await? else { return Ok(None) };
            app.client_ids.insert(client_id.to_owned(), id);
            id
        }
    };
    app.store.view(move |rows| rows.get::<ClientRow>(id)).await
}
