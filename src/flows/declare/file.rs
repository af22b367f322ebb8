//! The file: TOML with clients and resource servers, each under a key of the file's own. Secrets are only referred to.

use std::collections::BTreeSet;
use std::path::PathBuf;

use serde::Deserialize;
use toml::{Table, Value};

use crate::flows::clients::ClientMetadata;
use crate::protocol::signing_algorithm::SigningAlgorithm;

/// A declaration as read.
#[derive(Debug, PartialEq)]
pub struct Declaration {
    /// The file's name for what it manages; two files with one name would prune each other's.
    pub name: String,
    /// In the order of the file.
    pub clients: Vec<DeclaredClient>,
    /// In the order of the file.
    pub resource_servers: Vec<DeclaredResourceServer>,
}

/// `[[clients]]`.
#[derive(Debug, PartialEq)]
pub struct DeclaredClient {
    /// Unique among the file's clients.
    pub key: String,
    /// Where a secret made elsewhere is; without it the server makes one.
    pub secret: Option<SecretSource>,
    /// The rest, as `grantor client create` takes it.
    pub metadata: ClientMetadata,
}

/// `[[resource_servers]]`.
#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeclaredResourceServer {
    /// Absolute URI, the value in `aud`.
    pub identifier: String,
    /// What people call it.
    pub name: Option<String>,
    /// Names of the scope sets it owns.
    #[serde(default)]
    pub scope_sets: Vec<String>,
    /// Key of the client of this file that introspects for it.
    pub client: Option<String>,
    /// Access tokens for it are JWTs (RFC 9068) signed with this.
    pub access_token_signed_response_alg: Option<SigningAlgorithm>,
}

/// `secret = { env = ".." }` or `secret = { file = ".." }`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SecretSource {
    /// A variable of the operator's environment.
    Env(String),
    /// A file, looked for beside the declaration.
    File(PathBuf),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    name: String,
    #[serde(default)]
    clients: Vec<Table>,
    #[serde(default)]
    resource_servers: Vec<DeclaredResourceServer>,
}

impl Declaration {
    /// Reads the text of a file.
    ///
    /// # Errors
    /// In words, with the line or the key of the client concerned.
    pub fn parse(text: &str) -> Result<Declaration, String> {
        let raw: Raw = toml::from_str(text).map_err(|error| error.to_string())?;
        check_key("name", &raw.name)?;
        let clients = raw.clients.into_iter().map(client).collect::<Result<Vec<_>, _>>()?;
        let mut seen = BTreeSet::new();
        if let Some(twice) = clients.iter().find(|client| !seen.insert(&client.key)) {
            return Err(format!("two clients have the key {:?}", twice.key));
        }
        let mut seen = BTreeSet::new();
        if let Some(twice) = raw.resource_servers.iter().find(|server| !seen.insert(&server.identifier)) {
            return Err(format!("two resource servers have the identifier {:?}", twice.identifier));
        }
        for server in &raw.resource_servers {
            let known = |key: &String| clients.iter().any(|client| client.key == *key);
            if let Some(key) = server.client.as_ref().filter(|key| !known(key)) {
                return Err(format!("{}: no client of this file has the key {key:?}", server.identifier));
            }
        }
        Ok(Declaration { name: raw.name, clients, resource_servers: raw.resource_servers })
    }

    /// What a row of this file has in `managed_by`.
    pub fn mark(&self, key: &str) -> String {
        format!("{}/{key}", self.name)
    }
}

fn client(mut table: Table) -> Result<DeclaredClient, String> {
    let key = match table.remove("key") {
        Some(Value::String(key)) => key,
        _ => return Err("each client needs a key of its own, such as key = \"web\"".to_owned()),
    };
    check_key("key", &key)?;
    let within = |error: toml::de::Error| format!("client {key:?}: {}", error.message());
    if table.contains_key("client_id") || table.contains_key("client_secret") {
        return Err(format!(
            "client {key:?}: the server makes client_id and secret; an existing secret is brought along by reference: \
             secret = {{ env = \"VARIABLE\" }} or {{ file = \"PATH\" }}"
        ));
    }
    let secret = match table.remove("secret") {
        None => None,
        Some(value @ Value::Table(_)) => Some(SecretSource::deserialize(value).map_err(within)?),
        Some(_) => {
            return Err(format!(
                "client {key:?}: a secret does not stand in the file: secret = {{ env = \"VARIABLE\" }} or \
                 {{ file = \"PATH\" }}"
            ));
        }
    };
    let metadata = ClientMetadata::deserialize(Value::Table(table)).map_err(within)?;
    Ok(DeclaredClient { key, secret, metadata })
}

fn check_key(what: &str, key: &str) -> Result<(), String> {
    let fits = (1..=64).contains(&key.len())
        && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'));
    if fits { Ok(()) } else { Err(format!("{what} {key:?} is not 1 to 64 letters, digits and - _ .")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_names_clients_by_keys_and_secrets_by_reference() {
        let text = r#"
            name = "shop"
            [[clients]]
            key = "web"
            redirect_uris = ["https://shop.test/cb"]
            secret = { env = "SHOP_SECRET" }
            [[clients]]
            key = "api"
            may_introspect = true
            secret = { file = "api.secret" }
            [[resource_servers]]
            identifier = "https://api.shop.test"
            scope_sets = ["org"]
            client = "api"
        "#;
        let read = Declaration::parse(text).unwrap();
        assert_eq!(read.mark("web"), "shop/web");
        assert_eq!(read.clients[0].secret, Some(SecretSource::Env("SHOP_SECRET".into())));
        assert_eq!(read.clients[0].metadata.redirect_uris, ["https://shop.test/cb"]);
        assert_eq!(read.clients[1].secret, Some(SecretSource::File("api.secret".into())));
        assert_eq!(read.resource_servers[0].client.as_deref(), Some("api"));
    }

    #[test]
    fn what_cannot_be_meant_is_refused_in_words() {
        for (text, says) in [
            ("", "missing field `name`"),
            ("name = \"a/b\"", "letters, digits"),
            ("name = \"a\"\nusers = []", "unknown field `users`"),
            ("name = \"a\"\n[[clients]]\nname = \"x\"", "key of its own"),
            ("name = \"a\"\n[[clients]]\nkey = \"k\"\nredirect_uri = \"x\"", "redirect_uri"),
            ("name = \"a\"\n[[clients]]\nkey = \"k\"\nclient_id = \"x\"", "the server makes client_id"),
            ("name = \"a\"\n[[clients]]\nkey = \"k\"\nsecret = \"hunter2hunter2\"", "does not stand in the file"),
            ("name = \"a\"\n[[clients]]\nkey = \"k\"\n[[clients]]\nkey = \"k\"", "two clients have the key"),
            ("name = \"a\"\n[[resource_servers]]\nidentifier = \"x:y\"\nclient = \"k\"", "no client of this file"),
        ] {
            let refusal = Declaration::parse(text).unwrap_err();
            assert!(refusal.contains(says), "{refusal}");
            assert!(!refusal.contains("hunter2"), "{refusal}");
        }
    }
}
