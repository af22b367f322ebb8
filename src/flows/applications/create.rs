//! A developer registers an application: it is theirs, and unverified.

use super::ApplicationRefusal as Refusal;
use super::{ApplicationFields, rules};
use crate::app::App;
use crate::crypto::token::PlainToken;
use crate::flows::api::Credential;
use crate::flows::caller::Caller;
use crate::flows::clients::create::{NewClient, register};
use crate::flows::clients::secret::NewSecret;
use crate::flows::clients::{ClientFailure, ClientMetadata};
use crate::store::users::UserRow;
use crate::store::{StoreError, Unmet};

/// A new application.
pub struct Registered {
    /// Its identifier on the wire.
    pub client_id: String,
    /// Told once; none for a public one.
    pub secret: Option<PlainToken>,
}

/// Whether this person may register applications, for pages that offer it.
///
/// # Errors
/// [`Refusal::Closed`], [`Refusal::StaffOnly`].
pub fn may_create(app: &App, user: &UserRow) -> Result<(), Refusal> {
    rules::may_register(app, user)
}

/// Registers an application of the person behind `credential`; `id` and `secret` become the text of its secret.
///
/// # Errors
/// [`Refusal`].
pub async fn create(
    app: &App,
    caller: &Caller,
    credential: &Credential,
    fields: ApplicationFields,
    id: i64,
    secret: &[u8; 32],
) -> Result<Registered, Refusal> {
    let user = rules::developer(app, credential)?;
    rules::may_register(app, user)?;
    let empty = ClientMetadata { owner: Some(user.login.clone()), ..ClientMetadata::default() };
    let metadata = fields.over(empty).map_err(Refusal::Fields)?;
    rules::check(app, credential, &metadata, None)?;
    let new = NewClient {
        metadata,
        secret: NewSecret::Given(id, secret),
        managed_by: None,
        registered: None,
        at_most: (!user.administrator).then_some(app.config.clients.per_person),
    };
    let created = register(app, Some(&rules::judged(caller, user)), credential.actor(), new).await;
    let created = created.map_err(|failure| match failure {
        // Nobody named an owner: it is whoever asks, and they may not sign in any more.
        ClientFailure::Metadata(problems) if problems.iter().any(|problem| problem.field == "owner") => {
            StoreError::Unmet(Unmet::Credential).into()
        }
        failure => Refusal::from(failure),
    })?;
    Ok(Registered { client_id: created.client_id, secret: created.secret })
}
