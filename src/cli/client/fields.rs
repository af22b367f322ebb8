//! Members of a client as arguments, for a new one and for changing one.

use clap::Args;

use super::super::times::parse_seconds;
use crate::flows::clients::ClientMetadata;
use crate::protocol::response_type::ResponseType;

#[derive(Args)]
pub struct Fields {
    /// What pages call it [default: two random words].
    #[arg(long)]
    name: Option<String>,
    /// confidential (it can keep a secret on a server) or public (browser, phone) [default: confidential].
    #[arg(long, value_name = "KIND")]
    kind: Option<String>,
    /// How it authenticates: client_secret_basic, client_secret_post, client_secret_jwt, private_key_jwt or none.
    #[arg(long, value_name = "METHOD")]
    authentication_method: Option<String>,
    /// Where users come back to, exactly; repeat for several. https, or http on loopback, or com.example.app:/path.
    #[arg(long = "redirect-uri", value_name = "URI")]
    redirect_uris: Option<Vec<String>>,
    /// Scope it may ask for at most; repeat for several.
    #[arg(long = "scope", value_name = "SCOPE")]
    scopes: Option<Vec<String>>,
    /// Browser origin that may call with CORS, such as https://app.example.com; repeat for several.
    #[arg(long = "origin", value_name = "ORIGIN")]
    allowed_origins: Option<Vec<String>>,
    /// authorization_code, refresh_token, client_credentials; repeat for several [default: what fits the rest].
    #[arg(long = "grant-type", value_name = "TYPE", help_heading = "Protocol")]
    grant_types: Option<Vec<String>>,
    /// code, id_token, "id_token token", "code id_token", "code token", "code id_token token", token; repeat for several
    /// [default: code]. All but code also need the server's tokens.implicit.
    #[arg(long = "response-type", value_name = "TYPE", help_heading = "Protocol", conflicts_with = "implicit")]
    response_types: Option<Vec<String>>,
    /// Response type token (implicit) beside those it has.
    #[arg(long, value_name = "BOOL", help_heading = "Protocol")]
    implicit: Option<bool>,
    /// Give a front-channel token without asking again when consent covers it.
    #[arg(long, value_name = "BOOL", help_heading = "Protocol")]
    silent_token: Option<bool>,
    /// Its access is bound to an organization the user chooses, and ends with their place in it.
    #[arg(long, value_name = "BOOL", help_heading = "Protocol")]
    organization_access: Option<bool>,
    /// May ask about tokens of its resource server (RFC 7662).
    #[arg(long, value_name = "BOOL", help_heading = "Protocol")]
    may_introspect: Option<bool>,
    /// PKCE on every code; false only for confidential clients.
    #[arg(long, value_name = "BOOL", help_heading = "Protocol")]
    require_pkce: Option<bool>,
    /// A new refresh token at each refresh; false only for confidential clients.
    #[arg(long, value_name = "BOOL", help_heading = "Protocol")]
    rotate_refresh_tokens: Option<bool>,
    /// Instead of the server's default; 0 means the default again.
    #[arg(long, value_name = "TIME", value_parser = parse_seconds, help_heading = "Protocol")]
    access_token_lifetime: Option<i64>,
    /// Unused refresh tokens die after this; 0 means the server's default again.
    #[arg(long, value_name = "TIME", value_parser = parse_seconds, help_heading = "Protocol")]
    refresh_idle_lifetime: Option<i64>,
    /// All refresh tokens die this long after consent; 0 means the server's default again.
    #[arg(long, value_name = "TIME", value_parser = parse_seconds, help_heading = "Protocol")]
    refresh_absolute_lifetime: Option<i64>,
    /// A repeated refresh gets the same answer for so long; 0 means never.
    #[arg(long, value_name = "TIME", value_parser = parse_seconds, help_heading = "Protocol")]
    refresh_grace: Option<i64>,
    /// Login of the person who answers for it; the consent page names them.
    #[arg(long, value_name = "LOGIN", help_heading = "About it")]
    owner: Option<String>,
    /// Vouch for it: the consent page drops the "unverified" badge.
    #[arg(long, value_name = "BOOL", help_heading = "About it")]
    verified: Option<bool>,
    /// Its home page (https).
    #[arg(long, value_name = "URL", help_heading = "About it")]
    homepage_url: Option<String>,
    /// Its privacy policy (https).
    #[arg(long, value_name = "URL", help_heading = "About it")]
    privacy_url: Option<String>,
    /// Its terms of service (https).
    #[arg(long, value_name = "URL", help_heading = "About it")]
    terms_url: Option<String>,
    /// Its logo (https).
    #[arg(long, value_name = "URL", help_heading = "About it")]
    logo_url: Option<String>,
}

impl Fields {
    /// Metadata of a new client.
    pub fn new_client(&self) -> ClientMetadata {
        let mut metadata = ClientMetadata::default();
        self.overlay(&mut metadata);
        if self.implicit == Some(true) && metadata.grant_types.is_none() {
            // Implicit comes beside the code flow unless grant types say otherwise.
            metadata.response_types = Some(vec!["code".to_owned(), "token".to_owned()]);
        }
        metadata
    }

    /// Replaces the members named; an empty text removes one.
    pub fn overlay(&self, metadata: &mut ClientMetadata) {
        let text = |given: &Option<String>, member: &mut Option<String>| {
            if let Some(text) = given {
                *member = Some(text.clone()).filter(|text| !text.is_empty());
            }
        };
        let list = |given: &Option<Vec<String>>, member: &mut Vec<String>| {
            if let Some(items) = given {
                *member = items.iter().filter(|item| !item.is_empty()).cloned().collect();
            }
        };
        let time = |given: Option<i64>, member: &mut Option<i64>| {
            if given.is_some() {
                *member = given.filter(|seconds| *seconds > 0);
            }
        };
        text(&self.name, &mut metadata.name);
        text(&self.kind, &mut metadata.kind);
        text(&self.authentication_method, &mut metadata.authentication_method);
        text(&self.owner, &mut metadata.owner);
        text(&self.homepage_url, &mut metadata.homepage_url);
        text(&self.privacy_url, &mut metadata.privacy_url);
        text(&self.terms_url, &mut metadata.terms_url);
        text(&self.logo_url, &mut metadata.logo_url);
        list(&self.redirect_uris, &mut metadata.redirect_uris);
        list(&self.scopes, &mut metadata.scopes);
        list(&self.allowed_origins, &mut metadata.allowed_origins);
        time(self.access_token_lifetime, &mut metadata.access_token_lifetime);
        time(self.refresh_idle_lifetime, &mut metadata.refresh_idle_lifetime);
        time(self.refresh_absolute_lifetime, &mut metadata.refresh_absolute_lifetime);
        metadata.refresh_grace = self.refresh_grace.or(metadata.refresh_grace);
        metadata.silent_token = self.silent_token.unwrap_or(metadata.silent_token);
        metadata.organization_access = self.organization_access.unwrap_or(metadata.organization_access);
        metadata.may_introspect = self.may_introspect.unwrap_or(metadata.may_introspect);
        metadata.verified = self.verified.unwrap_or(metadata.verified);
        metadata.require_pkce = self.require_pkce.or(metadata.require_pkce);
        metadata.rotate_refresh_tokens = self.rotate_refresh_tokens.or(metadata.rotate_refresh_tokens);
        self.types(metadata);
    }

    /// Response types stay as they are unless they are named; code comes and goes with its grant type.
    fn types(&self, metadata: &mut ClientMetadata) {
        if let Some(grants) = &self.grant_types {
            metadata.grant_types = Some(grants.iter().filter(|grant| !grant.is_empty()).cloned().collect());
        }
        let has_code = |kind: &String| ResponseType::parse(kind).is_some_and(ResponseType::has_code);
        if let Some(kinds) = &self.response_types {
            let kinds: Vec<String> = kinds.iter().filter(|kind| !kind.is_empty()).cloned().collect();
            if metadata.grant_types.is_none() && !kinds.iter().any(has_code) {
                // Nothing of it comes from the token endpoint.
                metadata.grant_types = Some(Vec::new());
            }
            metadata.response_types = Some(kinds);
            return;
        }
        let Some(grants) = &metadata.grant_types else { return };
        let (code, token) = (ResponseType::Code.as_str(), ResponseType::Token.as_str());
        let mut kinds = metadata.response_types.take().unwrap_or_default();
        if !grants.iter().any(|grant| grant == "authorization_code") {
            kinds.retain(|kind| !has_code(kind));
        } else if !kinds.iter().any(has_code) {
            kinds.insert(0, code.to_owned());
        }
        if let Some(wanted) = self.implicit {
            kinds.retain(|kind| kind != token);
            kinds.extend(wanted.then(|| token.to_owned()));
        }
        metadata.response_types = Some(kinds);
    }
}
