//! A checked client: the only thing that becomes a row. Every way in passes here, and all problems are told at once
//! (A03, A60, RFC 7591 section 2).

use std::fmt;

use serde::Serialize;

use super::metadata::ClientMetadata;
use super::registered;
use crate::protocol::catalogue::Catalogue;
use crate::protocol::client_authentication_method::ClientAuthenticationMethod as Method;
use crate::protocol::grant_type::GrantType;
use crate::protocol::limits::MAX_REDIRECT_URI;
use crate::protocol::origin::AllowedOrigin;
use crate::protocol::redirect_uri;
use crate::protocol::registered_metadata::RegisteredMetadata;
use crate::protocol::response_type::ResponseType;
use crate::protocol::scope::ScopeList;
use crate::protocol::text;
use crate::store::clients::ClientRow;
use crate::store::types::Json;

/// Redirect URIs, and origins, one client may have.
const MAX_ENTRIES: usize = 50;
const DAY: i64 = 24 * 3600;
/// Seconds an access token of any client may live.
pub const LONGEST_ACCESS_TOKEN: i64 = 30 * DAY;

/// One thing that is wrong with client metadata.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// The member concerned.
    pub field: &'static str,
    /// What is wrong and what would be right.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.field, self.message)
    }
}

/// Client metadata that was checked as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientRegistration {
    /// Absent only before a name was drawn.
    pub name: Option<String>,
    /// Also says whether the client is confidential.
    pub method: Method,
    redirect_uris: Vec<String>,
    grant_types: Vec<String>,
    response_types: Vec<String>,
    scopes: ScopeList,
    allowed_origins: Vec<String>,
    rest: ClientMetadata,
}

impl ClientRegistration {
    /// Checks everything.
    ///
    /// # Errors
    /// Every problem found, in the order of the members.
    pub fn check(
        metadata: ClientMetadata,
        catalogue: &Catalogue,
        reserved_names: &[String],
    ) -> Result<ClientRegistration, Vec<Problem>> {
        let mut found = Problems(Vec::new());
        if let Some(name) = &metadata.name {
            found.name(name, reserved_names);
        }
        let method = found.method(&metadata);
        let redirect_uris = found.redirect_uris(&metadata.redirect_uris);
        let grant_types = found.grant_types(&metadata, method);
        let response_types = found.response_types(&metadata, &grant_types);
        let scopes = found.scopes(&metadata.scopes, catalogue);
        let allowed_origins = found.origins(&metadata.allowed_origins);
        found.urls(&metadata);
        found.switches(&metadata, method, &response_types);
        found.lifetimes(&metadata);
        found.0.extend(registered::problems(&metadata.openid, method, &redirect_uris));
        match found.0.is_empty() {
            true => Ok(ClientRegistration {
                name: metadata.name.clone(),
                method,
                redirect_uris,
                grant_types: grant_types.iter().map(|grant| grant.as_str().to_owned()).collect(),
                response_types: response_types.iter().map(|kind| kind.as_str().to_owned()).collect(),
                scopes,
                allowed_origins,
                rest: metadata,
            }),
            false => Err(found.0),
        }
    }

    /// What it registers as an OpenID Connect client.
    pub(super) fn openid(&self) -> &RegisteredMetadata {
        &self.rest.openid
    }

    /// Where it may be redirected to.
    pub(super) fn redirect_uris(&self) -> &[String] {
        &self.redirect_uris
    }

    /// Login of the owner, to be looked up.
    pub fn owner(&self) -> Option<&str> {
        self.rest.owner.as_deref()
    }

    /// Writes all members over the row; identity, status and dates stay.
    pub fn apply(&self, row: &mut ClientRow, owner_id: Option<i64>) {
        if let Some(name) = &self.name {
            row.name.clone_from(name);
        }
        row.kind = kind_of(self.method).to_owned();
        row.authentication_method = self.method.as_str().to_owned();
        row.owner_id = owner_id;
        row.verified = self.rest.verified;
        row.redirect_uris = self.redirect_uris.clone().into();
        row.grant_types = self.grant_types.clone().into();
        row.response_types = self.response_types.clone().into();
        row.scopes = self.scopes.clone();
        row.allowed_origins = self.allowed_origins.clone().into();
        row.homepage_url.clone_from(&self.rest.homepage_url);
        row.privacy_url.clone_from(&self.rest.privacy_url);
        row.terms_url.clone_from(&self.rest.terms_url);
        row.logo_url.clone_from(&self.rest.logo_url);
        row.require_pkce = self.rest.require_pkce.unwrap_or(true);
        row.silent_token = self.rest.silent_token;
        row.organization_access = self.rest.organization_access;
        row.may_introspect = self.rest.may_introspect;
        row.rotate_refresh_tokens = self.rest.rotate_refresh_tokens.unwrap_or(true);
        row.access_token_lifetime = self.rest.access_token_lifetime;
        row.refresh_idle_lifetime = self.rest.refresh_idle_lifetime;
        row.refresh_absolute_lifetime = self.rest.refresh_absolute_lifetime;
        row.refresh_grace = self.rest.refresh_grace;
        row.metadata = Json(self.rest.openid.clone());
    }
}

fn kind_of(method: Method) -> &'static str {
    match method.is_confidential() {
        true => "confidential",
        false => "public",
    }
}

struct Problems(Vec<Problem>);

impl Problems {
    fn add(&mut self, field: &'static str, message: impl fmt::Display) {
        self.0.push(Problem { field, message: message.to_string() });
    }

    fn name(&mut self, name: &str, reserved: &[String]) {
        match text::validate_client_name(name) {
            Err(refusal) => self.add("name", refusal),
            Ok(()) if text::resembles_any(name, reserved) => self.add("name", text::NameRefusal::Reserved),
            Ok(()) => {}
        }
    }

    /// RFC 6749 section 2.1: public is who cannot keep a secret, and has none.
    fn method(&mut self, metadata: &ClientMetadata) -> Method {
        let named = metadata.authentication_method.as_deref().map(|name| (name, Method::parse(name)));
        if let Some((name, None)) = named {
            let message = format!("{name:?} is not one of {}", Method::ALL.map(Method::as_str).join(", "));
            self.add("authentication_method", message);
        }
        let named = named.and_then(|(_, method)| method);
        match metadata.kind.as_deref() {
            None => named.unwrap_or(Method::ClientSecretBasic),
            Some("confidential") => {
                if named == Some(Method::None) {
                    self.add("authentication_method", "a confidential client authenticates: not none");
                }
                named.unwrap_or(Method::ClientSecretBasic)
            }
            Some("public") => {
                if named.is_some_and(Method::is_confidential) {
                    self.add("authentication_method", "a public client cannot keep a secret: only none");
                }
                Method::None
            }
            Some(other) => {
                self.add("kind", format!("{other:?} is neither confidential nor public"));
                named.unwrap_or(Method::ClientSecretBasic)
            }
        }
    }

    /// A03.
    fn redirect_uris(&mut self, texts: &[String]) -> Vec<String> {
        if texts.len() > MAX_ENTRIES {
            self.add("redirect_uris", format!("at most {MAX_ENTRIES} of them"));
        }
        let mut kept: Vec<String> = Vec::new();
        for text in texts {
            match redirect_uri::validate_for_registration(text) {
                Err(refusal) => self.add("redirect_uris", format!("{text:?}: {refusal}")),
                Ok(uri) if kept.iter().any(|known| known == uri.as_str()) => {
                    self.add("redirect_uris", format!("{text:?} is given twice"));
                }
                Ok(uri) => kept.push(uri.into_string()),
            }
        }
        kept
    }

    fn grant_types(&mut self, metadata: &ClientMetadata, method: Method) -> Vec<GrantType> {
        let Some(names) = &metadata.grant_types else {
            return match (metadata.redirect_uris.is_empty(), metadata.may_introspect || !method.is_confidential()) {
                (false, _) => vec![GrantType::AuthorizationCode, GrantType::RefreshToken],
                (true, false) => vec![GrantType::ClientCredentials],
                (true, true) => Vec::new(),
            };
        };
        let mut grants = Vec::new();
        for name in names {
            match GrantType::parse(name) {
                Some(grant) => grants.push(grant),
                None => self.add(
                    "grant_types",
                    format!("{name:?} is not one of authorization_code, refresh_token, client_credentials"),
                ),
            }
        }
        grants.sort_unstable();
        grants.dedup();
        if grants.contains(&GrantType::AuthorizationCode) && metadata.redirect_uris.is_empty() {
            self.add("redirect_uris", "authorization_code needs at least one");
        }
        if grants.contains(&GrantType::RefreshToken) && !grants.contains(&GrantType::AuthorizationCode) {
            self.add("grant_types", "refresh_token comes with authorization_code only");
        }
        if grants.contains(&GrantType::ClientCredentials) && !method.is_confidential() {
            self.add("grant_types", "client_credentials needs a confidential client (RFC 6749 section 4.4)");
        }
        grants
    }

    fn response_types(&mut self, metadata: &ClientMetadata, grants: &[GrantType]) -> Vec<ResponseType> {
        let has_code_grant = grants.contains(&GrantType::AuthorizationCode);
        let Some(names) = &metadata.response_types else {
            return if has_code_grant { vec![ResponseType::Code] } else { Vec::new() };
        };
        let mut kinds = Vec::new();
        let known = || ResponseType::ALL.map(ResponseType::as_str).join(", ");
        for name in names {
            match ResponseType::parse(name) {
                Some(kind) if kinds.contains(&kind) => {}
                Some(kind) => kinds.push(kind),
                None => self.add("response_types", format!("{name:?} is not one of {}", known())),
            }
        }
        match (kinds.iter().any(|kind| kind.has_code()), has_code_grant) {
            (true, false) => self.add("grant_types", "response type code needs the grant type authorization_code"),
            (false, true) => self.add("response_types", "the grant type authorization_code needs response type code"),
            _ => {}
        }
        if kinds.iter().any(|kind| kind.is_front_channel()) && metadata.redirect_uris.is_empty() {
            self.add("redirect_uris", "response types with tokens in the front channel need at least one");
        }
        kinds
    }

    fn scopes(&mut self, names: &[String], catalogue: &Catalogue) -> ScopeList {
        for name in names.iter().filter(|name| !catalogue.knows(name)) {
            self.add("scopes", format!("{name:?} is not in the catalogue"));
        }
        names.iter().cloned().collect()
    }

    fn origins(&mut self, texts: &[String]) -> Vec<String> {
        if texts.len() > MAX_ENTRIES {
            self.add("allowed_origins", format!("at most {MAX_ENTRIES} of them"));
        }
        let mut kept: Vec<String> = Vec::new();
        for text in texts {
            match AllowedOrigin::parse(text) {
                Err(refusal) => self.add("allowed_origins", format!("{text:?}: {refusal}")),
                Ok(origin) if kept.iter().any(|known| known == origin.as_str()) => {}
                Ok(origin) => kept.push(origin.into()),
            }
        }
        kept
    }

    fn urls(&mut self, metadata: &ClientMetadata) {
        let members = [
            ("homepage_url", &metadata.homepage_url),
            ("privacy_url", &metadata.privacy_url),
            ("terms_url", &metadata.terms_url),
            ("logo_url", &metadata.logo_url),
        ];
        for (field, value) in members {
            if value.as_deref().is_some_and(|text| !is_page_url(text)) {
                self.add(field, "an https URL of ASCII characters without user name, such as https://app.example.com/");
            }
        }
    }

    fn switches(&mut self, metadata: &ClientMetadata, method: Method, kinds: &[ResponseType]) {
        if !method.is_confidential() {
            if metadata.require_pkce == Some(false) {
                self.add("require_pkce", "a public client always uses PKCE (RFC 9700 section 2.1.1)");
            }
            if metadata.rotate_refresh_tokens == Some(false) {
                self.add("rotate_refresh_tokens", "a public client's are always rotated (RFC 9700 section 2.2.2)");
            }
            if metadata.may_introspect {
                self.add("may_introspect", "introspection needs a confidential client (RFC 7662 section 2.1)");
            }
        }
        if metadata.organization_access && metadata.redirect_uris.is_empty() {
            self.add("organization_access", "only for clients that users authorize: it needs a redirect URI");
        }
        if metadata.silent_token && !kinds.iter().any(|kind| kind.has_token()) {
            self.add("silent_token", "only with a response type that has token");
        }
    }

    fn lifetimes(&mut self, metadata: &ClientMetadata) {
        let members = [
            ("access_token_lifetime", metadata.access_token_lifetime, 1, LONGEST_ACCESS_TOKEN),
            ("refresh_idle_lifetime", metadata.refresh_idle_lifetime, 1, 3650 * DAY),
            ("refresh_absolute_lifetime", metadata.refresh_absolute_lifetime, 1, 3650 * DAY),
            ("refresh_grace", metadata.refresh_grace, 0, 600),
        ];
        for (field, value, least, most) in members {
            if value.is_some_and(|seconds| !(least..=most).contains(&seconds)) {
                self.add(field, format!("{least} to {most} seconds"));
            }
        }
    }
}

/// Shown as a link, so nothing but https; `javascript:` would run here.
fn is_page_url(text: &str) -> bool {
    // No quotes or brackets: RFC 3986 has none, and who writes the address into a page should not have to remember.
    let of_an_address = |byte: u8| byte.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&byte);
    let plain = text.starts_with("https://") && text.len() <= MAX_REDIRECT_URI && text.bytes().all(of_an_address);
    plain
        && url::Url::parse(text)
            .is_ok_and(|url| url.host_str().is_some() && url.username().is_empty() && url.password().is_none())
}

#[cfg(test)]
#[path = "registration_tests.rs"]
mod tests;
