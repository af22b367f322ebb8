//! Clients whose access is bound to an organization: which one the user chose, and whether their session opens it.

use std::sync::Arc;

use super::Browser;
use super::checks::Checked;
use crate::app::App;
use crate::flows::openid::authentication::{self, Authentication};
use crate::flows::organizations::applications::{self, Word};
use crate::flows::people::find;
use crate::flows::session::{BY_PROVIDER, SignedIn};
use crate::flows::sso::access::{self, Door};
use crate::protocol::NumericDate;
use crate::store::member_standing::MemberStanding;
use crate::store::organizations::OrganizationRow;
use crate::store::{StoreError, organization_members};

/// What an authorization would be bound to.
pub enum Binding {
    /// To no organization: the client does not ask for one, or nobody is signed in yet.
    None,
    /// The user is in no organization, so there is nothing to choose.
    NoOrganization,
    /// The user has to choose.
    NotChosen(Vec<Choice>),
    /// What was chosen is none of the user's organizations, or none at all; nobody learns which (seed FIX 33).
    NotTheirs,
    /// Chosen.
    Chosen(Box<Chosen>),
}

/// An organization to choose.
pub struct Choice {
    /// Its slug, the value of `organization`.
    pub slug: String,
    /// Its name.
    pub name: String,
}

/// The organization chosen, and whether this session opens it.
pub struct Chosen {
    /// The user's membership.
    pub member: Arc<MemberStanding>,
    /// What stands between the session and the organization.
    pub door: Door,
}

impl Binding {
    /// The membership the authorization hangs on, once it is chosen.
    pub fn member(&self) -> Option<&Arc<MemberStanding>> {
        match self {
            Binding::Chosen(chosen) => Some(&chosen.member),
            _ => None,
        }
    }

    /// The sign-in an answer would rest on.
    pub fn authentication(&self, checked: &Checked, who: &SignedIn, now: NumericDate) -> Option<Authentication> {
        authentication::of(who, self.member().map(Arc::as_ref), checked.classes.as_deref(), now)
    }
}

/// Where whoever is signed in proves themselves anew when no organization in particular asks: the slug of the one that
/// manages the account and let them in. Nobody else's account has its factor upstream.
///
/// # Errors
/// The store's.
pub async fn manager(app: &App, browser: &Browser<'_>) -> Result<Option<String>, StoreError> {
    let by_provider = browser.signed_in.filter(|who| who.session.authentication_method == BY_PROVIDER);
    match by_provider {
        Some(who) => find::manager(app, &who.user).await,
        None => Ok(None),
    }
}

/// Reads the choice off the request.
///
/// # Errors
/// The store's.
pub async fn binding(app: &App, checked: &Checked, who: Option<&SignedIn>) -> Result<Binding, StoreError> {
    let (true, Some(who)) = (checked.client.organization_access, who) else { return Ok(Binding::None) };
    let user_id = who.user.id;
    let mut theirs = app.store.read(move |conn| organization_members::of_user(conn, user_id)).await?;
    theirs.retain(|(member, organization)| member.status == "active" && organization.status == "active");
    if theirs.is_empty() {
        return Ok(Binding::NoOrganization);
    }
    let Some(chosen) = &checked.request.organization else {
        // Whom only a provider vouched for sees no more than that provider's organization.
        let now = app.clock.now();
        theirs.retain(|(_, organization)| who.has_local_factor(now) || who.is_proven_at(organization.id, now));
        if theirs.is_empty() {
            return Ok(Binding::None);
        }
        let choice =
            |(_, organization): (_, OrganizationRow)| Choice { slug: organization.slug, name: organization.name };
        return Ok(Binding::NotChosen(theirs.into_iter().map(choice).collect()));
    };
    let Some((member, _)) = theirs.into_iter().find(|(_, organization)| organization.slug == *chosen) else {
        return Ok(Binding::NotTheirs);
    };
    let id = member.id;
    let Some(member) = app.store.view(move |rows| rows.get::<MemberStanding>(id)).await? else {
        return Ok(Binding::NotTheirs);
    };
    let door = access::for_session(app, who, &member);
    Ok(match door {
        Door::Unknown => Binding::NotTheirs,
        door => Binding::Chosen(Box::new(Chosen { member, door })),
    })
}

/// The organization's word on a new consent with this client; without an organization there is none to ask.
///
/// # Errors
/// The store's.
pub async fn word(app: &App, checked: &Checked, member: Option<&Arc<MemberStanding>>) -> Result<Word, StoreError> {
    let Some(member) = member.map(Arc::clone) else { return Ok(Word::Allowed) };
    let client = checked.client.id;
    app.store.read(move |conn| applications::word(conn, &member.organization, client)).await
}
