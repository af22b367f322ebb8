//! What a client is told about its registration (RFC 7591 section 3.2.1, RFC 7592 section 3).

use serde_json::{Map, Value, json};

use crate::app::App;
use crate::crypto::token::PlainToken;
use crate::protocol::endpoints;
use crate::protocol::response_type::ResponseType;
use crate::protocol::signing_algorithm::SigningAlgorithm;
use crate::store::clients::ClientRow;
use crate::store::registrations::ClientRegistrationRow;

/// A registration as it stands, with what is told once.
pub struct Registered {
    /// The members of the answer.
    pub body: Map<String, Value>,
    /// Its identifier on the wire.
    pub client_id: String,
}

/// The whole registration. Secrets are there only when they are new.
pub(super) fn of(
    app: &App,
    client: &ClientRow,
    registration: &ClientRegistrationRow,
    secret: Option<&PlainToken>,
    access: &str,
) -> Registered {
    let mut body = client.metadata.0.members();
    // Nothing it asked for.
    body.remove("registered_openly");
    let mut grants = client.grant_types.0.clone();
    let is_front = |name: &String| ResponseType::parse(name).is_some_and(ResponseType::is_front_channel);
    if client.response_types.0.iter().any(is_front) {
        grants.push("implicit".to_owned());
    }
    let own = [
        ("client_id", json!(client.client_id)),
        ("client_id_issued_at", json!(registration.registered_at)),
        ("registration_client_uri", json!(uri(app, client))),
        ("registration_access_token", json!(access)),
        ("client_name", json!(client.name)),
        ("redirect_uris", json!(client.redirect_uris.0)),
        ("token_endpoint_auth_method", json!(client.authentication_method)),
        ("grant_types", json!(grants)),
        ("response_types", json!(client.response_types.0)),
        ("scope", json!(client.scopes.to_string())),
    ];
    body.extend(own.map(|(name, value)| (name.to_owned(), value)));
    let defaults = [
        ("application_type", json!("web")),
        ("subject_type", json!("public")),
        ("id_token_signed_response_alg", json!(SigningAlgorithm::Rs256)),
    ];
    for (name, value) in defaults {
        body.entry(name).or_insert(value);
    }
    let optional = [
        ("client_uri", &client.homepage_url),
        ("policy_uri", &client.privacy_url),
        ("tos_uri", &client.terms_url),
        ("logo_uri", &client.logo_url),
    ];
    for (name, value) in optional {
        if let Some(value) = value {
            body.insert(name.to_owned(), json!(value));
        }
    }
    if let Some(secret) = secret {
        body.insert("client_secret".to_owned(), json!(secret.expose()));
        // It never ends by itself.
        body.insert("client_secret_expires_at".to_owned(), json!(0));
    }
    Registered { body, client_id: client.client_id.clone() }
}

/// Where the registration is managed.
fn uri(app: &App, client: &ClientRow) -> String {
    app.issuer.endpoint(&format!("{}/{}", endpoints::REGISTRATION, client.client_id))
}
