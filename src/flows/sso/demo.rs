//! The demo organization of `grantor dev`: it asks for single sign-on at the dummy provider, and one of its members is
//! linked there already.

use serde_json::json;

use super::attach;
use super::luggage::{Profile, UpstreamTokens};
use super::providers::settings::Settings;
use crate::app::App;
use crate::flows::audit::{self, Actor, Target};
use crate::flows::organizations::{By, OrganizationRefusal, create, members, show};
use crate::store::providers::{self, ProviderRow};
use crate::store::users::UserRow;
use crate::store::{audit_events, identities};

/// Makes the organization where it is not there yet: `linked` owns it, `unlinked` has yet to go upstream.
///
/// # Errors
/// [`OrganizationRefusal`].
pub async fn seed(
    app: &App,
    slug: &str,
    name: &str,
    linked: &UserRow,
    unlinked: &UserRow,
) -> Result<(), OrganizationRefusal> {
    if show::by_slug(app, slug).await.is_ok() {
        return Ok(());
    }
    let new = create::NewOrganization { name: name.to_owned(), slug: slug.to_owned() };
    let organization = create::create(app, By::Operator, new, linked).await?;
    members::add::add(app, By::Operator, &organization, unlinked, app.roles.lowest()).await?;
    let now = app.clock.now();
    let provider = ProviderRow {
        id: app.store.next_id()?,
        organization_id: organization.id,
        kind: "dummy".to_owned(),
        settings: json!(Settings::default()).to_string(),
        sealed_secret: None,
        allow_unlinked: false,
        joining: super::who_joins::WhoJoins::Everyone.as_str().to_owned(),
        status: "active".to_owned(),
        created_at: now,
        updated_at: now,
    };
    let address = linked.email.clone();
    let profile = Profile {
        issuer: "dummy".to_owned(),
        subject: address.clone().unwrap_or_else(|| linked.login.clone()),
        email: address,
        email_verified: true,
        name: Some(linked.name.clone()),
        tokens: Some(UpstreamTokens::default()),
        recheckable: true,
        ..Profile::default()
    };
    let identity = attach::identity(app, provider.id, linked.id, &profile)?;
    let data = json!({ "provider": "dummy" });
    let enabled = audit::draft(app, None, "sso.enable", Actor::Operator, Target::Organization(&organization), data)?;
    let data = json!({ "issuer": &identity.issuer, "subject": &identity.subject });
    let event = audit::draft(app, None, "identity.link", Actor::Operator, Target::User(linked), data)?;
    let event = audit::of_organization(event, organization.id);
    app.store
        .write(move |write| {
            providers::insert(write, &provider)?;
            identities::insert(write, &identity)?;
            audit_events::insert(write, &enabled)?;
            audit_events::insert(write, &event)?;
            Ok(())
        })
        .await?;
    Ok(())
}
