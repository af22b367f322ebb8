//! Resource servers: who owns which scope sets, and which client introspects for them (RFC 7662, RFC 8707).

pub mod create;
pub mod delete;
pub mod list;
pub mod update;

use crate::app::App;
use crate::flows::client_lookup;
use crate::flows::clients::Problem;
use crate::protocol::identity_scopes::is_identity_scope;
use crate::protocol::signing_algorithm::SigningAlgorithm;
use crate::protocol::{resource, text};
use crate::store::StoreError;

/// Refusals of the stories in this folder.
#[derive(Debug, thiserror::Error)]
pub enum ResourceServerFailure {
    /// No resource server has this identifier.
    #[error("no resource server has the identifier {0:?}: `grantor resource list` shows them all")]
    Unknown(String),
    /// Another one has it.
    #[error("there is a resource server {0:?} already")]
    Taken(String),
    /// Not right; every problem found.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Invalid(Vec<Problem>),
    /// The store has no answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What somebody wants a resource server to be, before anything is checked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ResourceServerFields {
    /// Absolute URI (RFC 8707 section 2), the value in `aud`.
    pub identifier: String,
    /// What people call it; the identifier when absent.
    pub name: Option<String>,
    /// Names of the scope sets it owns.
    pub scope_sets: Vec<String>,
    /// `client_id` of the client that introspects for it.
    pub client: Option<String>,
    /// Access tokens for it are JWTs (RFC 9068) signed with this; without it the client's registration decides.
    pub access_token_signed_response_alg: Option<SigningAlgorithm>,
}

impl ResourceServerFields {
    /// What is wrong with it, its client left aside: that one may be made together with it.
    pub fn problems(&self, app: &App) -> Vec<Problem> {
        let mut problems = Vec::new();
        let mut add = |field, message: String| problems.push(Problem { field, message });
        if !resource::is_identifier(&self.identifier) {
            add("identifier", format!("{:?} is not an absolute URI without fragment and spaces", self.identifier));
        }
        if let Some(name) = &self.name
            && (name.trim().is_empty() || name.chars().count() > 64 || !text::is_safe_to_display(name))
        {
            add("name", "1 to 64 visible characters".to_owned());
        }
        for set in &self.scope_sets {
            let owned = app.catalogue.sets().iter().filter(|known| !is_identity_scope(&known.name));
            let known: Vec<_> = owned.map(|known| known.name.as_str()).collect();
            if !known.contains(&set.as_str()) {
                add("scope_sets", format!("{set:?} is not one of {}", known.join(", ")));
            }
        }
        problems
    }

    /// Checks everything; row id of the client, if one is named.
    async fn check(&self, app: &App) -> Result<Option<i64>, ResourceServerFailure> {
        let mut problems = self.problems(app);
        let mut add = |field, message: String| problems.push(Problem { field, message });
        let client = match &self.client {
            None => None,
            Some(client_id) => match client_lookup::find(app, client_id).await? {
                Some(row) if row.may_introspect && row.is_confidential() => Some(row.id),
                Some(_) => {
                    add(
                        "client",
                        format!("{client_id} may not introspect: `client update {client_id} --may-introspect true`"),
                    );
                    None
                }
                None => {
                    add("client", format!("no client has the client_id {client_id:?}"));
                    None
                }
            },
        };
        if problems.is_empty() { Ok(client) } else { Err(ResourceServerFailure::Invalid(problems)) }
    }

    fn name(&self) -> String {
        self.name.clone().unwrap_or_else(|| self.identifier.chars().take(64).collect())
    }

    fn access_token_alg(&self) -> Option<String> {
        self.access_token_signed_response_alg.map(|algorithm| algorithm.as_str().to_owned())
    }

    fn sorted_sets(&self) -> Vec<String> {
        let mut sets = self.scope_sets.clone();
        sets.sort_unstable();
        sets.dedup();
        sets
    }
}
