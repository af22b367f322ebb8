//! Clients in words.

use serde_json::Value;

use super::super::output::{members, table};
use super::super::times::{date, date_or_empty};
use crate::flows::clients::create::Created;
use crate::flows::clients::rotate_secret::Rotated;
use crate::flows::clients::show::{ClientLine, ClientView, SecretView};
use crate::protocol::registered_metadata::RegisteredMetadata;

pub fn created(client: &Created, secret: Option<&str>, imported: bool) -> String {
    let told = match (secret, imported) {
        (Some(secret), _) => secret.to_owned(),
        (None, true) => "the one you brought".to_owned(),
        (None, false) => String::new(),
    };
    let text = members(&[
        ("name", client.name.clone()),
        ("kind", client.kind.clone()),
        ("client_id", client.client_id.clone()),
        ("client_secret", told),
    ]);
    match secret {
        Some(_) => format!("{text}\nThe secret is shown this once: only its digest is kept.\n"),
        None => text,
    }
}

pub fn rotated(rotated: &Rotated, secret: Option<&str>) -> String {
    let told = secret.unwrap_or("the one you brought").to_owned();
    let text = members(&[("client_secret", told), ("others end", date(rotated.others_end_at))]);
    match secret {
        Some(_) => format!("{text}\nThe secret is shown this once: only its digest is kept.\n"),
        None => text,
    }
}

/// The method was changed to one that needs another kind of secret.
pub fn new_secret(secret: &str) -> String {
    let text = members(&[("client_secret", secret.to_owned())]);
    format!("{text}\nThe method needs a new secret, which is shown this once. The older ones have ended.\n")
}

pub fn list(clients: &[ClientLine]) -> String {
    if clients.is_empty() {
        return "No application is registered: `grantor client create --help`.".to_owned();
    }
    let rows: Vec<Vec<String>> = clients
        .iter()
        .map(|client| {
            let status = match client.delete_at {
                Some(at) => format!("deleted at {}", date(at)),
                None => client.status.clone(),
            };
            vec![
                client.client_id.clone(),
                client.name.clone(),
                client.kind.clone(),
                status,
                client.managed_by.clone().unwrap_or_default(),
            ]
        })
        .collect();
    table(&["CLIENT_ID", "NAME", "KIND", "STATUS", "MANAGED BY"], &rows)
}

pub fn one(client: &ClientView) -> String {
    let metadata = &client.metadata;
    let lines = |list: &[String]| list.join("\n");
    let words = |list: &Option<Vec<String>>| list.as_deref().unwrap_or_default().join(" ");
    let text = |member: &Option<String>| member.clone().unwrap_or_default();
    let seconds = |member: Option<i64>| member.map(|seconds| format!("{seconds} s")).unwrap_or_default();
    let yes = |switch: bool| if switch { "yes" } else { "no" }.to_owned();
    let mut pairs = vec![
        ("name", client.line.name.clone()),
        ("client_id", client.line.client_id.clone()),
        ("kind", client.line.kind.clone()),
        ("status", client.line.status.clone()),
        ("deleted at", date_or_empty(client.line.delete_at)),
        ("authentication", text(&metadata.authentication_method)),
        ("redirect URIs", lines(&metadata.redirect_uris)),
        ("scopes", lines(&metadata.scopes)),
        ("origins", lines(&metadata.allowed_origins)),
        ("grant types", words(&metadata.grant_types)),
        ("response types", words(&metadata.response_types)),
        ("PKCE required", yes(metadata.require_pkce.unwrap_or(true))),
        ("may introspect", yes(metadata.may_introspect)),
        ("silent token", yes(metadata.silent_token)),
        ("organizations", yes(metadata.organization_access)),
        ("refresh rotates", yes(metadata.rotate_refresh_tokens.unwrap_or(true))),
        ("access token", seconds(metadata.access_token_lifetime)),
        ("refresh idle", seconds(metadata.refresh_idle_lifetime)),
        ("refresh at most", seconds(metadata.refresh_absolute_lifetime)),
        ("refresh grace", seconds(metadata.refresh_grace)),
        ("owner", text(&metadata.owner)),
        ("verified", yes(metadata.verified)),
        ("homepage", text(&metadata.homepage_url)),
        ("privacy", text(&metadata.privacy_url)),
        ("terms", text(&metadata.terms_url)),
        ("logo", text(&metadata.logo_url)),
        ("managed by", text(&client.line.managed_by)),
        ("registered", date(client.line.created_at)),
        ("changed", date(client.updated_at)),
        ("allowed by", authorizations(client.authorizations)),
        ("secrets", client.secrets.iter().map(secret).collect::<Vec<_>>().join("\n")),
    ];
    let registered = metadata.openid.members();
    let told = |name| registered.get(name).map(|value| (name, words_of(value)));
    pairs.extend(RegisteredMetadata::NAMES.into_iter().filter_map(told));
    members(&pairs)
}

fn words_of(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Array(entries) => entries.iter().map(words_of).collect::<Vec<_>>().join("\n"),
        other => other.to_string(),
    }
}

fn authorizations(count: usize) -> String {
    match count {
        1000.. => "1,000 users or more".to_owned(),
        1 => "1 user".to_owned(),
        count => format!("{count} users"),
    }
}

fn secret(secret: &SecretView) -> String {
    let mut text = format!("..{}  made {}", secret.last_four, date(secret.created_at));
    if secret.imported {
        text.push_str(", imported");
    }
    match secret.last_used_at {
        Some(at) => text.push_str(&format!(", last used {}", date(at))),
        None => text.push_str(", never used"),
    }
    match (secret.live, secret.expires_at) {
        (true, Some(at)) => text.push_str(&format!(", ends {}", date(at))),
        (false, Some(at)) => text.push_str(&format!(", ended {}", date(at))),
        (_, None) => {}
    }
    text
}
