//! What `grantor dev` hands to the playground: demo clients with their secrets. Never read from a file.

/// A demo client and what it needs to play its part.
#[derive(Clone, PartialEq, Eq)]
pub struct DevClient {
    /// What pages call it.
    pub name: String,
    /// Client identifier on the wire.
    pub client_id: String,
    /// The demo secret; `None` for a public client.
    pub client_secret: Option<String>,
    /// The most it can be given.
    pub scopes: Vec<String>,
    /// The redirect URI of the playground it is registered with; empty for one without redirection.
    pub redirect_uri: String,
    /// Its part: `web`, `spa` or `resource-server`.
    pub kind: String,
}

impl std::fmt::Debug for DevClient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DevClient")
            .field("name", &self.name)
            .field("client_id", &self.client_id)
            .finish_non_exhaustive()
    }
}
