//! The members of a registration request (RFC 7591 section 2, OpenID Connect Dynamic Client Registration section 2) as
//! client metadata. Unknown ones are ignored, as are those of an operator's own.

use serde_json::{Map, Value};

use super::RegistrationRefusal as Refusal;
use crate::app::App;
use crate::crypto::random;
use crate::flows::clients::{ClientMetadata, Problem, registered};
use crate::protocol::catalogue::Catalogue;
use crate::protocol::client_authentication_method::ClientAuthenticationMethod as Method;
use crate::protocol::grant_type::GrantType;
use crate::protocol::origin::AllowedOrigin;
use crate::protocol::registered_metadata::RegisteredMetadata;
use crate::protocol::response_type::ResponseType;
use crate::protocol::scope::ScopeList;
use crate::protocol::signing_algorithm::SigningAlgorithm;

const PUBLIC: &str = "public";

/// Asked for in vain: whoever needs them must not believe to have them.
const ENCRYPTION: [&str; 8] = [
    "id_token_encrypted_response_alg",
    "id_token_encrypted_response_enc",
    "userinfo_encrypted_response_alg",
    "userinfo_encrypted_response_enc",
    "request_object_encryption_alg",
    "request_object_encryption_enc",
    "introspection_encrypted_response_alg",
    "introspection_encrypted_response_enc",
];

/// What the request asks for, over what there is: `before` has what no client says of itself, and bounds what it may have.
///
/// # Errors
/// `invalid_client_metadata`, `invalid_redirect_uri`.
pub fn metadata(
    app: &App,
    members: &Map<String, Value>,
    before: Option<ClientMetadata>,
) -> Result<ClientMetadata, Refusal> {
    if let Some(name) = ENCRYPTION.iter().find(|name| members.get(**name).is_some_and(|value| !value.is_null())) {
        return Err(Refusal::metadata(format!("{name}: this server encrypts no tokens")));
    }
    let mut read = Reader { members, problems: Vec::new() };
    let redirect_uris = read.list("redirect_uris").unwrap_or_default();
    let (rules, had) = (&app.config.registration, before.as_ref());
    let was_public = had.is_some_and(|had| had.kind.as_deref() == Some(PUBLIC));
    let method = read.text("token_endpoint_auth_method").unwrap_or_else(|| match was_public {
        true => Method::None.as_str().to_owned(),
        false => Method::ClientSecretBasic.as_str().to_owned(),
    });
    let public = method == Method::None.as_str();
    let response_types = read.list("response_types");
    let grant_types = read.list("grant_types");
    let (grants, kinds) = read.types(app, grant_types, response_types);
    let offered: ScopeList = rules.scopes.iter().cloned().collect();
    let mut scopes = read.scopes(&app.catalogue, &offered);
    if let Some(had) = had {
        let had: ScopeList = had.scopes.iter().cloned().collect();
        scopes.retain(|scope| had.contains(scope) || app.catalogue.closure(&had).contains(scope));
    }
    let openid = read.openid();
    read.application_type(&openid, &redirect_uris, &kinds);
    // Left out it is drawn anew, as at registration: the old one is not what the client wants to be called.
    let name = read.text("client_name").or_else(|| had.map(|_| random::pet_name()));
    // An operator's word was for what it was.
    let as_before = had.is_some_and(|had| had.silent_token && had.redirect_uris == redirect_uris && had.name == name);
    let has_token = kinds.iter().any(|kind| ResponseType::parse(kind).is_some_and(ResponseType::has_token));
    let rest = ClientMetadata {
        name,
        kind: Some(if public { PUBLIC } else { "confidential" }.to_owned()),
        authentication_method: Some(method),
        // Scripts of a public client's own site redeem its codes; nobody else's may.
        allowed_origins: if public { origins(&redirect_uris) } else { Vec::new() },
        redirect_uris,
        grant_types: Some(grants),
        response_types: Some(kinds),
        scopes,
        homepage_url: read.text("client_uri"),
        privacy_url: read.text("policy_uri"),
        terms_url: read.text("tos_uri"),
        logo_url: read.text("logo_uri"),
        require_pkce: Some(public || rules.require_pkce || had.is_some_and(|had| had.require_pkce == Some(true))),
        silent_token: has_token && (rules.silent_token || as_before),
        openid,
        ..before.unwrap_or_default()
    };
    match read.problems.is_empty() {
        true => Ok(rest),
        false => Err(Refusal::problems(&read.problems)),
    }
}

struct Reader<'a> {
    members: &'a Map<String, Value>,
    problems: Vec<Problem>,
}

impl Reader<'_> {
    fn wrong(&mut self, field: &'static str, message: impl Into<String>) {
        self.problems.push(Problem { field, message: message.into() });
    }

    /// A member that is text; null and the empty text are as good as absent.
    fn text(&mut self, field: &'static str) -> Option<String> {
        match self.members.get(field) {
            None | Some(Value::Null) => None,
            Some(Value::String(text)) => Some(text.clone()).filter(|text| !text.is_empty()),
            Some(_) => {
                self.wrong(field, "a text");
                None
            }
        }
    }

    fn list(&mut self, field: &'static str) -> Option<Vec<String>> {
        match self.members.get(field) {
            None | Some(Value::Null) => None,
            Some(Value::Array(entries)) if entries.iter().all(Value::is_string) => {
                Some(entries.iter().filter_map(Value::as_str).map(str::to_owned).collect())
            }
            Some(_) => {
                self.wrong(field, "a list of texts");
                None
            }
        }
    }

    /// Both lists, each completed by the other (RFC 7591 section 2.1). Grant types there are not are left out, as the answer
    /// says; response types there are not are refused, because a client that asks for one needs it.
    fn types(
        &mut self,
        app: &App,
        grants: Option<Vec<String>>,
        kinds: Option<Vec<String>>,
    ) -> (Vec<String>, Vec<String>) {
        let mut parsed = Vec::new();
        for name in kinds.iter().flatten() {
            match ResponseType::parse(name) {
                Some(kind) if !kind.is_front_channel() || app.config.tokens.implicit => parsed.push(kind),
                _ => self.wrong("response_types", format!("{name:?} is not offered here")),
            }
        }
        let known = |name: &String| GrantType::parse(name).is_some_and(|grant| grant != GrantType::ClientCredentials);
        let mut granted: Vec<String> = match &grants {
            Some(names) => names.iter().filter(|name| known(name)).cloned().collect(),
            None if kinds.is_none() || parsed.iter().any(|kind| kind.has_code()) => {
                vec![GrantType::AuthorizationCode.as_str().to_owned()]
            }
            None => Vec::new(),
        };
        let code = granted.iter().any(|name| name == GrantType::AuthorizationCode.as_str());
        if !code {
            granted.retain(|name| name != GrantType::RefreshToken.as_str());
        }
        let kinds = match kinds {
            Some(_) => parsed.iter().map(|kind| kind.as_str().to_owned()).collect(),
            None if code => vec![ResponseType::Code.as_str().to_owned()],
            None => Vec::new(),
        };
        if granted.is_empty() && kinds.is_empty() && self.problems.is_empty() {
            self.wrong(
                "grant_types",
                "authorization_code, with refresh_token or without, or implicit where it is offered",
            );
        }
        (granted, kinds)
    }

    /// What is asked for of what may be had; all of that where nothing is said.
    fn scopes(&mut self, catalogue: &Catalogue, offered: &ScopeList) -> Vec<String> {
        match self.text("scope") {
            None => offered.iter().map(str::to_owned).collect(),
            Some(asked) => {
                let had = catalogue.closure(offered);
                let asked: ScopeList = asked.split(' ').map(str::to_owned).collect();
                let may = |scope: &&str| offered.contains(scope) || had.contains(scope);
                asked.iter().filter(may).map(str::to_owned).collect()
            }
        }
    }

    /// OpenID Connect Dynamic Client Registration section 2. Native clients may use https as well, for links that only their
    /// app opens (RFC 8252 section 7.2), so any redirect URI that can be registered is one of theirs.
    fn application_type(&mut self, openid: &RegisteredMetadata, redirect_uris: &[String], kinds: &[String]) {
        let web = openid.application_type.as_deref().unwrap_or("web") == "web";
        let front = kinds.iter().any(|kind| ResponseType::parse(kind).is_some_and(ResponseType::is_front_channel));
        if !web || !front {
            return;
        }
        let of_a_site = |uri: &String| {
            let host = url::Url::parse(uri).ok().and_then(|url| url.host_str().map(str::to_owned));
            uri.starts_with("https://") && host.is_some_and(|host| host != "localhost")
        };
        for uri in redirect_uris.iter().filter(|uri| !of_a_site(uri)) {
            let message = "a web client with tokens in the front channel uses https, and not localhost";
            self.wrong("redirect_uris", format!("{uri:?}: {message}; for an app say application_type native"));
        }
    }

    fn openid(&mut self) -> RegisteredMetadata {
        let own = |name: &&String| {
            RegisteredMetadata::name_of(name).is_some_and(|name| !registered::OPERATORS_OWN.contains(&name))
        };
        let members = self.members.iter().filter(|(name, _)| own(name));
        match registered::read(members.map(|(name, value)| (name.clone(), value.clone())).collect()) {
            Ok(mut read) => {
                // OpenID Connect Dynamic Client Registration section 2: what registrations that say nothing get.
                read.id_token_signed_response_alg.get_or_insert(SigningAlgorithm::Rs256);
                read
            }
            Err(problems) => {
                self.problems.extend(problems);
                RegisteredMetadata::default()
            }
        }
    }
}

fn origins(redirect_uris: &[String]) -> Vec<String> {
    let origin = |uri: &String| {
        let origin = url::Url::parse(uri).ok()?.origin().ascii_serialization();
        AllowedOrigin::parse(&origin).ok().map(String::from)
    };
    let mut origins: Vec<String> = redirect_uris.iter().filter_map(origin).collect();
    origins.sort_unstable();
    origins.dedup();
    origins
}
