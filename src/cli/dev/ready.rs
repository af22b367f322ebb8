//! One JSON object for scripts and tests, once connections are accepted.

use std::path::Path;

use serde_json::json;

use super::super::output::Failure;
use super::super::running::Ready;
use super::demo::{Demo, write_private};

/// Writes the file, whole or not at all.
pub fn write(path: &Path, running: &Ready<'_>, demo: &Demo) -> Result<(), Failure> {
    let users = demo
        .users
        .iter()
        .map(|user| json!({ "login": user.login, "password": user.password, "administrator": user.administrator }));
    let clients = demo.clients.iter().map(|client| {
        json!({
            "name": client.name, "client_id": client.client_id, "client_secret": client.client_secret,
            "kind": client.kind, "redirect_uris": client.redirect_uris, "scopes": client.scopes, "use": client.part,
        })
    });
    let organizations = demo.organizations.iter().map(|organization| {
        let member = |(login, linked): (&str, bool)| {
            let password = demo.users.iter().find(|user| user.login == login).map(|user| user.password);
            json!({ "login": login, "password": password, "linked": linked })
        };
        json!({
            "slug": organization.slug, "name": organization.name, "provider": organization.provider,
            "members": organization.members.map(member),
        })
    });
    let api_keys =
        demo.api_keys.iter().map(|key| json!({ "organization": key.organization, "label": key.label, "key": key.key }));
    let value = json!({
        "issuer": running.app.issuer.as_str(),
        "operations": running.operations.map(|address| format!("http://{address}")),
        "users": users.collect::<Vec<_>>(),
        "clients": clients.collect::<Vec<_>>(),
        "api_keys": api_keys.collect::<Vec<_>>(),
        "admin_token": demo.admin_token,
        "organizations": organizations.collect::<Vec<_>>(),
    });
    write_private(path, &format!("{}\n", serde_json::to_string_pretty(&value)?))
}
