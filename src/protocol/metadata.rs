//! Authorization server and OpenID Provider metadata, generated from the same types the endpoints parse with (RFC 8414
//! section 2, OpenID Connect Discovery section 3).

use serde::Serialize;

use super::acr;
use super::authorization_request::DISPLAYS;
use super::catalogue::Catalogue;
use super::client_authentication_method::ClientAuthenticationMethod;
use super::endpoints;
use super::grant_type::GrantType;
use super::issuer::Issuer;
use super::pkce::CODE_CHALLENGE_METHODS;
use super::prompt::Prompt;
use super::registered_metadata::SubjectType;
use super::response_mode::ResponseMode;
use super::response_type::ResponseType;
use super::signing_algorithm::{ACCEPTED, ASSERTIONS_BY_SECRET, SigningAlgorithm};

/// Claims of ID tokens that are about the sign-in, not about the person.
const ID_TOKEN_CLAIMS: [&str; 10] = ["iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "sid"];

/// What a named switch turns on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Features {
    /// Response types with tokens in the front channel (RFC 6749 section 4.2, OpenID Connect Core sections 3.2 and 3.3) for
    /// clients marked for them.
    pub implicit: bool,
    /// People make accounts themselves (`prompt=create`).
    pub registration: bool,
    /// Clients may register themselves (RFC 7591).
    pub client_registration: bool,
    /// OpenID Connect Session Management.
    pub session_management: bool,
}

/// The document at `/.well-known/oauth-authorization-server`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AuthorizationServerMetadata {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
    scopes_supported: Vec<String>,
    response_types_supported: Vec<&'static str>,
    response_modes_supported: Vec<&'static str>,
    grant_types_supported: Vec<&'static str>,
    token_endpoint_auth_methods_supported: Vec<&'static str>,
    token_endpoint_auth_signing_alg_values_supported: Vec<&'static str>,
    revocation_endpoint: String,
    revocation_endpoint_auth_methods_supported: Vec<&'static str>,
    revocation_endpoint_auth_signing_alg_values_supported: Vec<&'static str>,
    introspection_endpoint: String,
    introspection_endpoint_auth_methods_supported: Vec<&'static str>,
    introspection_endpoint_auth_signing_alg_values_supported: Vec<&'static str>,
    code_challenge_methods_supported: Vec<&'static str>,
    authorization_response_iss_parameter_supported: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    registration_endpoint: Option<String>,
    userinfo_endpoint: String,
    subject_types_supported: Vec<&'static str>,
    id_token_signing_alg_values_supported: Vec<&'static str>,
    claim_types_supported: Vec<&'static str>,
    claims_supported: Vec<&'static str>,
    prompt_values_supported: Vec<&'static str>,
    userinfo_signing_alg_values_supported: Vec<&'static str>,
    introspection_signing_alg_values_supported: Vec<&'static str>,
    claims_parameter_supported: bool,
    request_parameter_supported: bool,
    request_uri_parameter_supported: bool,
    require_request_uri_registration: bool,
    request_object_signing_alg_values_supported: Vec<&'static str>,
    acr_values_supported: Vec<&'static str>,
    display_values_supported: Vec<&'static str>,
    ui_locales_supported: Vec<&'static str>,
    // Logout.
    end_session_endpoint: String,
    backchannel_logout_supported: bool,
    backchannel_logout_session_supported: bool,
    frontchannel_logout_supported: bool,
    frontchannel_logout_session_supported: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    check_session_iframe: Option<String>,
}

impl AuthorizationServerMetadata {
    /// The document of this issuer; `claims` are those told about a person.
    pub fn new(issuer: &Issuer, catalogue: &Catalogue, claims: &[&'static str], features: Features) -> Self {
        let offered = |response_type: &ResponseType| features.implicit || !response_type.is_front_channel();
        let methods = ClientAuthenticationMethod::ALL;
        let assertions = || ACCEPTED.into_iter().chain([ASSERTIONS_BY_SECRET]).collect::<Vec<_>>();
        let implicit = features.implicit.then_some("implicit");
        Self {
            issuer: issuer.as_str().to_owned(),
            authorization_endpoint: issuer.endpoint(endpoints::AUTHORIZATION),
            token_endpoint: issuer.endpoint(endpoints::TOKEN),
            jwks_uri: issuer.endpoint(endpoints::JWKS),
            scopes_supported: catalogue.scopes().map(str::to_owned).collect(),
            response_types_supported: ResponseType::ALL.iter().filter(|t| offered(t)).map(|t| t.as_str()).collect(),
            response_modes_supported: ResponseMode::ALL.iter().map(|mode| mode.as_str()).collect(),
            grant_types_supported: GrantType::ALL.iter().map(|grant| grant.as_str()).chain(implicit).collect(),
            token_endpoint_auth_methods_supported: methods.iter().map(|method| method.as_str()).collect(),
            token_endpoint_auth_signing_alg_values_supported: assertions(),
            revocation_endpoint: issuer.endpoint(endpoints::REVOCATION),
            revocation_endpoint_auth_methods_supported: methods.iter().map(|method| method.as_str()).collect(),
            revocation_endpoint_auth_signing_alg_values_supported: assertions(),
            introspection_endpoint: issuer.endpoint(endpoints::INTROSPECTION),
            introspection_endpoint_auth_methods_supported: methods
                .iter()
                .filter(|method| method.is_confidential())
                .map(|method| method.as_str())
                .collect(),
            introspection_endpoint_auth_signing_alg_values_supported: assertions(),
            code_challenge_methods_supported: CODE_CHALLENGE_METHODS.to_vec(),
            authorization_response_iss_parameter_supported: true,
            registration_endpoint: features.client_registration.then(|| issuer.endpoint(endpoints::REGISTRATION)),
            userinfo_endpoint: issuer.endpoint(endpoints::USERINFO),
            subject_types_supported: SubjectType::ALL.iter().map(|kind| kind.as_str()).collect(),
            id_token_signing_alg_values_supported: SigningAlgorithm::ALL.iter().map(|alg| alg.as_str()).collect(),
            claim_types_supported: vec!["normal"],
            claims_supported: ID_TOKEN_CLAIMS.into_iter().chain(claims.iter().copied()).collect(),
            prompt_values_supported: Prompt::ALL
                .iter()
                .filter(|prompt| features.registration || **prompt != Prompt::Create)
                .map(|prompt| prompt.as_str())
                .collect(),
            claims_parameter_supported: true,
            request_parameter_supported: true,
            request_uri_parameter_supported: true,
            require_request_uri_registration: true,
            request_object_signing_alg_values_supported: SigningAlgorithm::ALL.iter().map(|alg| alg.as_str()).collect(),
            acr_values_supported: acr::ALL.to_vec(),
            display_values_supported: DISPLAYS.to_vec(),
            ui_locales_supported: vec!["en"],
            userinfo_signing_alg_values_supported: SigningAlgorithm::ALL.iter().map(|alg| alg.as_str()).collect(),
            introspection_signing_alg_values_supported: SigningAlgorithm::ALL.iter().map(|alg| alg.as_str()).collect(),
            end_session_endpoint: issuer.endpoint(endpoints::END_SESSION),
            backchannel_logout_supported: true,
            backchannel_logout_session_supported: true,
            frontchannel_logout_supported: true,
            frontchannel_logout_session_supported: true,
            check_session_iframe: features.session_management.then(|| issuer.endpoint(endpoints::CHECK_SESSION)),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn document(features: Features) -> serde_json::Value {
        let issuer = Issuer::parse("https://as.test/t").unwrap();
        let metadata = AuthorizationServerMetadata::new(&issuer, &Catalogue::reference(), &["name"], features);
        serde_json::to_value(metadata).unwrap()
    }

    /// A06, A27, A56: whole, so that nothing is advertised by accident.
    #[test]
    fn the_document_says_what_this_server_does() {
        let mut document = document(Features::default());
        let scopes = document.as_object_mut().unwrap().remove("scopes_supported").unwrap();
        assert_eq!(scopes.as_array().unwrap().len(), 20);
        let methods = ["client_secret_basic", "client_secret_post", "client_secret_jwt", "private_key_jwt", "none"];
        let assertions = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA", "HS256"];
        assert_eq!(
            document,
            json!({
                "issuer": "https://as.test/t",
                "authorization_endpoint": "https://as.test/t/oauth/authorize",
                "token_endpoint": "https://as.test/t/oauth/token",
                "jwks_uri": "https://as.test/t/oauth/jwks.json",
                "response_types_supported": ["code"],
                "response_modes_supported": ["query", "fragment", "form_post"],
                "grant_types_supported": ["authorization_code", "refresh_token", "client_credentials"],
                "token_endpoint_auth_methods_supported": methods,
                "token_endpoint_auth_signing_alg_values_supported": assertions,
                "revocation_endpoint": "https://as.test/t/oauth/revoke",
                "revocation_endpoint_auth_methods_supported": methods,
                "revocation_endpoint_auth_signing_alg_values_supported": assertions,
                "introspection_endpoint": "https://as.test/t/oauth/introspect",
                "introspection_endpoint_auth_methods_supported": methods[..4],
                "introspection_endpoint_auth_signing_alg_values_supported": assertions,
                "code_challenge_methods_supported": ["S256"],
                "authorization_response_iss_parameter_supported": true,
                "userinfo_endpoint": "https://as.test/t/oauth/userinfo",
                "subject_types_supported": ["public", "pairwise"],
                "id_token_signing_alg_values_supported": ["ES256", "RS256", "PS256", "EdDSA"],
                "claim_types_supported": ["normal"],
                "claims_supported": ["iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "sid", "name"],
                "prompt_values_supported": ["none", "login", "consent", "select_account"],
                "claims_parameter_supported": true,
                "request_parameter_supported": true,
                "request_uri_parameter_supported": true,
                "require_request_uri_registration": true,
                "request_object_signing_alg_values_supported": ["ES256", "RS256", "PS256", "EdDSA"],
                "acr_values_supported": ["urn:grantor:acr:pwd", "urn:grantor:acr:sso"],
                "display_values_supported": ["page", "popup", "touch", "wap"],
                "ui_locales_supported": ["en"],
                "userinfo_signing_alg_values_supported": ["ES256", "RS256", "PS256", "EdDSA"],
                "introspection_signing_alg_values_supported": ["ES256", "RS256", "PS256", "EdDSA"],
                "end_session_endpoint": "https://as.test/t/oauth/logout",
                "backchannel_logout_supported": true,
                "backchannel_logout_session_supported": true,
                "frontchannel_logout_supported": true,
                "frontchannel_logout_session_supported": true,
            })
        );
    }

    /// A07.
    #[test]
    fn the_implicit_grant_is_advertised_only_where_it_is_switched_on() {
        let document = document(Features { implicit: true, registration: true, ..Features::default() });
        assert_eq!(
            document["response_types_supported"],
            json!([
                "code",
                "token",
                "id_token",
                "id_token token",
                "code id_token",
                "code token",
                "code id_token token"
            ])
        );
        assert_eq!(document["grant_types_supported"].as_array().unwrap().last().unwrap(), "implicit");
        assert_eq!(document["prompt_values_supported"].as_array().unwrap().last().unwrap(), "create");
    }

    /// RFC 7591: the endpoint is named while it is there.
    #[test]
    fn registration_is_advertised_only_where_it_is_switched_on() {
        let document = document(Features { client_registration: true, ..Features::default() });
        assert_eq!(document["registration_endpoint"], "https://as.test/t/oauth/register");
    }
}
