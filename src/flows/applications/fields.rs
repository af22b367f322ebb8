//! What a developer says about an application: each member is there or is not, and what is not there stays as it is.

use serde_json::{Map, Value};

use crate::flows::clients::{ClientMetadata, Problem, registered};

/// Members to be set. The inner `None` of a double one takes the value away.
#[derive(Clone, Debug, Default)]
pub struct ApplicationFields {
    /// What pages call it; a pleasant random one for a new application without.
    pub name: Option<String>,
    /// `confidential` or `public`; never changes.
    pub kind: Option<String>,
    /// `client_secret_basic`, `client_secret_post`, `client_secret_jwt`, `private_key_jwt` or `none`.
    pub authentication_method: Option<String>,
    /// Where it may be redirected to.
    pub redirect_uris: Option<Vec<String>>,
    /// Grant types.
    pub grant_types: Option<Vec<String>>,
    /// The most it can ever be given.
    pub scopes: Option<Vec<String>>,
    /// Browser origins that may call with CORS.
    pub allowed_origins: Option<Vec<String>>,
    /// Its home page.
    pub homepage_url: Option<Option<String>>,
    /// Its privacy policy.
    pub privacy_url: Option<Option<String>>,
    /// Its terms of service.
    pub terms_url: Option<Option<String>>,
    /// Its logo.
    pub logo_url: Option<Option<String>>,
    /// Whether each authorization is bound to an organization that the user chooses.
    pub organization_access: Option<bool>,
    /// Seconds, within the server's.
    pub access_token_lifetime: Option<Option<i64>>,
    /// Seconds, within the server's.
    pub refresh_idle_lifetime: Option<Option<i64>>,
    /// Seconds, within the server's.
    pub refresh_absolute_lifetime: Option<Option<i64>>,
    /// Members of what it registers as an OpenID Connect client; null takes one away.
    pub openid: Option<Map<String, Value>>,
}

impl ApplicationFields {
    /// Whether it is asked for as one that cannot keep a secret.
    pub fn is_public(&self) -> bool {
        self.kind.as_deref() == Some("public") || self.authentication_method.as_deref() == Some("none")
    }

    /// The metadata with these members set.
    ///
    /// # Errors
    /// Members of `openid` that are unknown or of the wrong kind.
    pub(super) fn over(self, mut metadata: ClientMetadata) -> Result<ClientMetadata, Vec<Problem>> {
        let had_nowhere = metadata.redirect_uris.is_empty();
        let has_front_channel = metadata.response_types.iter().flatten().any(|response_type| response_type == "token");
        if self.name.is_some() {
            metadata.name = self.name;
        }
        if self.kind.is_some() {
            metadata.kind = self.kind;
        }
        if self.authentication_method.is_some() {
            metadata.authentication_method = self.authentication_method;
        }
        set(&mut metadata.redirect_uris, self.redirect_uris);
        set(&mut metadata.scopes, self.scopes);
        set(&mut metadata.allowed_origins, self.allowed_origins);
        set(&mut metadata.homepage_url, self.homepage_url);
        set(&mut metadata.privacy_url, self.privacy_url);
        set(&mut metadata.terms_url, self.terms_url);
        set(&mut metadata.logo_url, self.logo_url);
        set(&mut metadata.organization_access, self.organization_access);
        set(&mut metadata.access_token_lifetime, self.access_token_lifetime);
        set(&mut metadata.refresh_idle_lifetime, self.refresh_idle_lifetime);
        set(&mut metadata.refresh_absolute_lifetime, self.refresh_absolute_lifetime);
        if let Some(members) = self.openid {
            metadata.openid = registered::merged(&metadata.openid, members)?;
        }
        let nowhere = metadata.redirect_uris.is_empty();
        let usual = metadata.grant_types.as_ref().is_none_or(Vec::is_empty);
        match self.grant_types {
            Some(grant_types) => {
                metadata.grant_types = Some(grant_types);
                if !has_front_channel {
                    metadata.response_types = None;
                }
            }
            // Made before it had an address: what others get with their first one, it gets with its first one.
            None if usual && had_nowhere && !nowhere => {
                metadata.grant_types = None;
                metadata.response_types = None;
            }
            None if usual && nowhere => metadata.grant_types = Some(Vec::new()),
            None => {}
        }
        Ok(metadata)
    }
}

fn set<T>(member: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *member = value;
    }
}
