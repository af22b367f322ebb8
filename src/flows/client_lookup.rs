//! A client by its identifier.

use std::sync::Arc;

use crate::app::App;
use crate::store::StoreError;
use crate::store::clients::{self, ClientRow};

/// The client, whatever its status. Longer identifiers than we make are never looked up.
pub async fn find(app: &App, client_id: &str) -> Result<Option<Arc<ClientRow>>, StoreError> {
    if client_id.len() > crate::protocol::limits::MAX_CLIENT_ID {
        return Ok(None);
    }
    if let Some(id) = app.client_ids.get(client_id) {
        let found = app.store.view(move |rows| rows.get::<ClientRow>(id)).await?;
        if found.is_some() {
            return Ok(found);
        }
        // Deleted since; an identifier that was made elsewhere may have been registered anew under another row.
        app.client_ids.remove(client_id);
    }
    let text = client_id.to_owned();
    let Some(id) = app.store.read(move |conn| clients::id_of(conn, &text)).await? else { return Ok(None) };
    app.client_ids.insert(client_id.to_owned(), id);
    app.store.view(move |rows| rows.get::<ClientRow>(id)).await
}
