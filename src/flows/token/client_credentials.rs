//! `client_credentials` (RFC 6749 section 4.4): no user, no grant, no refresh token. The token hangs on the client.

use super::access_token::{self, Bearer};
use super::{invalid_scope, issue, resources, scope};
use crate::app::App;
use crate::flows::audience;
use crate::flows::client_authentication::AuthenticatedClient;
use crate::protocol::error::{Detail, ErrorCode, OAuthError};
use crate::protocol::identity_scopes::is_identity_scope;
use crate::protocol::params::Params;
use crate::protocol::scope::ScopeList;
use crate::protocol::token_response::TokenResponse;
use crate::store::access_tokens;

/// What this grant type reads.
pub struct Request {
    scope: Option<ScopeList>,
    resources: Vec<String>,
}

impl Request {
    /// Reads the form.
    ///
    /// # Errors
    /// `invalid_scope` for text that is no list of scopes, `invalid_target` for what is no resource.
    pub fn parse(body: &Params) -> Result<Request, OAuthError> {
        Ok(Request { scope: scope(body)?, resources: resources(body)? })
    }
}

/// Issues an access token to the client itself. No `scope` means everything it is registered for.
///
/// # Errors
/// `unauthorized_client` for public clients, `invalid_scope` beyond the registration, `invalid_target` for a resource that
/// owns none of the scopes.
pub async fn issue(app: &App, client: &AuthenticatedClient, request: Request) -> Result<TokenResponse, OAuthError> {
    let row = client.row();
    if !client.is_confidential() {
        return Err(OAuthError::new(ErrorCode::UnauthorizedClient, "public clients have no credentials of their own")
            .with_detail(Detail::new("client_credentials_public", "RFC 6749 section 4.4")));
    }
    let scopes = match request.scope {
        None => ScopeList::from(
            row.scopes.iter().filter(|one| !is_identity_scope(one)).map(str::to_owned).collect::<Vec<_>>(),
        ),
        Some(asked) => {
            app.catalogue.check(&asked).map_err(|unknown| invalid_scope(&unknown.to_string(), &row.scopes))?;
            if !app.catalogue.covers(&row.scopes, &asked) {
                return Err(invalid_scope("the client is not registered for every scope asked", &row.scopes));
            }
            if asked.iter().any(is_identity_scope) {
                return Err(invalid_scope("there is no person whom these scopes could be about", &row.scopes));
            }
            asked
        }
    };
    let target = audience::target(app, row, scopes, &[], &request.resources).await?;
    let new = access_token::random(app, Bearer { client: row, grant: None, user: None, member: None }, target)?;
    let to_write = new.row.clone();
    app.store.write(move |write| access_tokens::insert(write, &to_write)).await?;
    Ok(issue::response(app, &new.text, new.row.expires_at, None, &new.row.scopes))
}
