//! What stood behind a refusal: the rule that failed, what came and what was registered.

use serde::Serialize;
use serde_json::Value;

use crate::app::App;
use crate::app::refusal_sink::RefusalSink;
use crate::protocol::NumericDate;
use crate::store::StoreError;
use crate::store::refusals::{self, RefusalRow};

/// One refusal, explained.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct Explanation {
    /// What the wire and the page showed.
    pub reference: String,
    /// When.
    pub at: NumericDate,
    /// Which endpoint refused.
    pub endpoint: String,
    /// OAuth error code.
    pub code: String,
    /// What the wire said.
    pub description: String,
    /// The client concerned, if known.
    pub client_id: Option<String>,
    /// Where the request came from.
    pub address: String,
    /// Rule, specification, received, expected, hint: what there is.
    pub detail: Value,
}

/// The refusal with this reference, as long as it is kept. Spaces around the reference do not matter.
///
/// # Errors
/// The store's.
pub async fn explain(app: &App, reference: &str) -> Result<Option<Explanation>, StoreError> {
    let reference = reference.trim().to_owned();
    let Some(slot) = RefusalSink::slot(&reference) else { return Ok(None) };
    let row = app.store.read(move |conn| refusals::find(conn, slot, &reference)).await?;
    Ok(row.map(explanation))
}

/// The newest refusals, newest first; of one client where one is named.
///
/// # Errors
/// The store's.
pub async fn recent(app: &App, client_id: Option<&str>, limit: i64) -> Result<Vec<Explanation>, StoreError> {
    let client_id = client_id.map(str::to_owned);
    let rows = app
        .store
        .read(move |conn| match &client_id {
            Some(client_id) => refusals::of_client(conn, client_id, limit),
            None => refusals::newest(conn, limit),
        })
        .await?;
    Ok(rows.into_iter().map(explanation).collect())
}

fn explanation(row: RefusalRow) -> Explanation {
    Explanation {
        reference: row.reference,
        at: row.at,
        endpoint: row.endpoint,
        code: row.code,
        description: row.description,
        client_id: row.client_id,
        address: row.address,
        detail: serde_json::from_str(&row.detail).unwrap_or(Value::String(row.detail)),
    }
}
