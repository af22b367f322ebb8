//! Whether a client may share pairwise names with others (OpenID Connect Core section 8.1): the sector's own list says
//! which redirect URIs belong to it, so that nobody joins a sector who was not let in.

use std::time::Duration;

use serde_json::Value;

use super::ClientRegistration;
use super::registration::Problem;
use crate::app::App;
use crate::outbound::Request;
use crate::protocol::registered_metadata::SubjectType;
use crate::protocol::sector;
use crate::store::clients::ClientRow;

const FIELD: &str = "sector_identifier_uri";
const NO_LIST: &str = "the document could not be fetched or is not a list of redirect URIs";

/// Reads the list where anything of it changed since `before`.
///
/// # Errors
/// What is wrong.
pub(super) async fn check(
    app: &App,
    wanted: &ClientRegistration,
    before: Option<&ClientRow>,
) -> Result<(), Vec<Problem>> {
    let (registered, redirect_uris) = (wanted.openid(), wanted.redirect_uris());
    let uri = registered.sector_identifier_uri.as_deref();
    let problem = |message: String| Err(vec![Problem { field: FIELD, message }]);
    if registered.subject_type == Some(SubjectType::Pairwise) && sector::of(uri, redirect_uris).is_none() {
        return problem(
            "pairwise names need one host: redirect URIs on one host, or the list of all of them at this URL"
                .to_owned(),
        );
    }
    let Some(uri) = uri else { return Ok(()) };
    let same = |before: &ClientRow| {
        before.metadata.0.sector_identifier_uri.as_deref() == Some(uri) && before.redirect_uris.0 == redirect_uris
    };
    // Whoever changes something else need not wait for a third server.
    if before.is_some_and(same) {
        return Ok(());
    }
    match fetch(app, uri).await {
        // Whoever registers learns nothing of what is at an address that only this server reaches.
        Err(why) => {
            tracing::info!(?uri, why, "a sector_identifier_uri cannot be used");
            problem(format!("{uri:?}: {NO_LIST}"))
        }
        Ok(listed) => match redirect_uris.iter().find(|uri| !listed.contains(uri)) {
            Some(missing) => problem(format!("{uri:?}: the redirect URI {missing:?} is not in the list there")),
            None => Ok(()),
        },
    }
}

async fn fetch(app: &App, uri: &str) -> Result<Vec<String>, String> {
    let headers = vec![("accept".to_owned(), "application/json".to_owned())];
    let request = Request { method: "GET", url: uri.to_owned(), headers, body: String::new() };
    let within = Duration::from_secs(app.config.outbound.timeout);
    let answer = match tokio::time::timeout(within, app.client_upstream.send(request)).await {
        Ok(answer) => answer.map_err(|error| error.to_string())?,
        Err(_) => return Err("no answer in time".to_owned()),
    };
    if answer.status != 200 {
        return Err(format!("it answered with status {}", answer.status));
    }
    match serde_json::from_str(&answer.body) {
        Ok(Value::Array(entries)) => {
            let texts = entries.into_iter().map(|entry| match entry {
                Value::String(text) => Ok(text),
                _ => Err("the list there has something else than texts".to_owned()),
            });
            texts.collect()
        }
        _ => Err("there is no JSON list of redirect URIs".to_owned()),
    }
}
