//! `/api/v1/organizations/{org}/provider`: single sign-on as its owners see it. It is set up in a browser, because the
//! owner proves there that the provider lets them in.

use actix_web::web;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::flows::organizations::By;
use crate::flows::sso::identities::{self, MemberIdentity};
use crate::flows::sso::settings::{self, Edit, Paths, ProviderView};
use crate::flows::sso::who_joins::WhoJoins;
use crate::http::api::page::{self, Asked, Cursor};
use crate::http::api::{Answer, Call, Problem, body, entity};

/// The provider. No secret is in it.
#[derive(Serialize, ToSchema)]
pub struct Provider {
    /// `oidc`, `google`, `github`, `oauth2` ..
    pub kind: String,
    /// Issuer identifier, or the base address of the site.
    pub issuer: String,
    /// This server's client identifier there.
    pub client_id: String,
    /// Only where there is no discovery.
    pub authorization_endpoint: String,
    /// Only where there is no discovery.
    pub token_endpoint: String,
    /// Only where there is no discovery.
    pub userinfo_endpoint: String,
    /// Asked for there.
    pub scopes: String,
    /// Domains that are let in; empty for all.
    pub domains: Vec<String>,
    /// The organization there whose members are let in.
    pub organization: String,
    /// Which claim means what.
    pub claims: Mapping,
    /// A client secret is kept, sealed.
    pub has_secret: bool,
    /// Members without an identity get in.
    pub allow_unlinked: bool,
    /// Who becomes a member by its word: `everyone`, or only whom an invitation waits for: `invited`.
    pub joining: &'static str,
    /// Members who are linked.
    pub linked: usize,
    /// Members who are not.
    pub unlinked: usize,
    /// When it was switched on.
    pub created_at: i64,
}

/// Claim paths.
#[derive(Clone, Serialize, ToSchema)]
pub struct Mapping {
    /// The account's name there for ever; fixed.
    pub subject: String,
    /// Address.
    pub email: String,
    /// Whether the address was verified.
    pub email_verified: String,
    /// Display name.
    pub name: String,
    /// Slugs of teams.
    pub teams: String,
}

impl From<&ProviderView> for Provider {
    fn from(view: &ProviderView) -> Provider {
        let settings = view.settings.clone();
        let claims = settings.claims;
        Provider {
            kind: view.provider.kind().to_owned(),
            issuer: settings.issuer,
            client_id: settings.client_id,
            authorization_endpoint: settings.authorization_endpoint,
            token_endpoint: settings.token_endpoint,
            userinfo_endpoint: settings.userinfo_endpoint,
            scopes: settings.scopes,
            domains: settings.domains,
            organization: settings.organization,
            claims: Mapping {
                subject: claims.subject,
                email: claims.email,
                email_verified: claims.email_verified,
                name: claims.name,
                teams: claims.teams,
            },
            has_secret: view.has_secret,
            allow_unlinked: view.allow_unlinked,
            joining: view.joining.as_str(),
            linked: view.linked,
            unlinked: view.unlinked,
            created_at: view.created_at,
        }
    }
}

/// What shall change; what is left out stays. Issuer, client and subject make another provider: set it up anew.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProviderChanges {
    /// Claim paths.
    pub claims: Option<MappingChanges>,
    /// A new client secret; never told again.
    pub secret: Option<String>,
    /// Members without an identity get in.
    pub allow_unlinked: Option<bool>,
    /// `everyone` or `invited`.
    pub joining: Option<String>,
}

/// Claim paths.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MappingChanges {
    /// Address.
    pub email: Option<String>,
    /// Whether the address was verified.
    pub email_verified: Option<String>,
    /// Display name.
    pub name: Option<String>,
    /// Slugs of teams.
    pub teams: Option<String>,
}

/// How many mails went out.
#[derive(Serialize, ToSchema)]
pub struct Reminded {
    /// Mails.
    pub mails: usize,
}

/// A member's account at the provider.
#[derive(Serialize, ToSchema)]
pub struct Identity {
    /// Subject identifier of the person here.
    pub sub: String,
    /// User name here.
    pub login: String,
    /// Who vouches.
    pub issuer: String,
    /// The account there.
    pub subject: String,
    /// What the provider said; shown, never decisive.
    pub email: Option<String>,
    /// `valid` or `invalid`.
    pub status: String,
    /// Why it is invalid.
    pub invalid_reason: Option<String>,
    /// When it was linked.
    pub created_at: i64,
    /// When the provider last vouched.
    pub last_verified_at: i64,
}

impl From<MemberIdentity> for Identity {
    fn from(identity: MemberIdentity) -> Identity {
        Identity {
            sub: identity.sub,
            login: identity.login,
            issuer: identity.issuer,
            subject: identity.subject,
            email: identity.email,
            status: identity.status,
            invalid_reason: identity.invalid_reason,
            created_at: identity.created_at,
            last_verified_at: identity.last_verified,
        }
    }
}

async fn seen(call: &Call) -> Result<ProviderView, Problem> {
    let organization = &call.inside()?.organization;
    let found = settings::view(&call.app, organization).await?;
    found.ok_or_else(|| {
        let page = call.app.issuer.endpoint(&format!("/orgs/{}/sso", organization.slug));
        let detail = format!("This organization has no provider. An owner sets one up in a browser at {page}.");
        Problem { detail: detail.into(), ..Problem::not_found() }
    })
}

fn answer(call: &Call, view: &ProviderView) -> actix_web::HttpResponse {
    entity::answer_for(call, &Provider::from(view), &tagged(view))
}

fn tagged(view: &ProviderView) -> impl Serialize {
    (serde_json::json!(view.settings), view.allow_unlinked, view.joining.as_str(), view.created_at)
}

/// The provider.
///
/// # Errors
/// [`Problem`].
#[utoipa::path(get, path = "/api/v1/organizations/{org}/provider", tag = "Single sign-on", summary = "Show the provider",
    params(("org" = String, Path)), responses((status = 200, description = "Without its secret.", body = Provider)))]
pub async fn get(call: Call) -> Answer {
    Ok(answer(&call, &seen(&call).await?))
}

/// Refused, with the way: setting up is trying, in the owner's browser.
///
/// # Errors
/// [`Problem`].
#[utoipa::path(put, path = "/api/v1/organizations/{org}/provider", tag = "Single sign-on",
    summary = "Set up a provider: in a browser only", params(("org" = String, Path)),
    responses((status = 409, description = "Says where.", body = Problem, content_type = "application/problem+json")))]
pub async fn put(call: Call) -> Answer {
    let slug = &call.inside()?.organization.slug;
    let page = format!("/orgs/{slug}/sso");
    let detail = format!(
        "A provider is set up by an owner in a browser at {}: it counts once it has let that owner in.",
        call.app.issuer.endpoint(&page)
    );
    Err(Problem { login_url: Some(page.into()), ..Problem::conflict(detail) })
}

/// Changes what keeps it the same provider.
///
/// # Errors
/// [`Problem`].
#[utoipa::path(patch, path = "/api/v1/organizations/{org}/provider", tag = "Single sign-on",
    summary = "Change the provider", request_body = ProviderChanges,
    params(("org" = String, Path), ("If-Match" = Option<String>, Header)),
    responses((status = 200, description = "As it is afterwards.", body = Provider)))]
pub async fn patch(call: Call, payload: web::Payload) -> Answer {
    let (changes, _) = body::read::<ProviderChanges>(&call.app, &call.request, payload).await?;
    let view = seen(&call).await?;
    let before = entity::seen(&call, &tagged(&view), view.seen.clone())?;
    let secret = changes.secret.map(|secret| secret.trim().to_owned());
    if secret.as_deref().is_some_and(|secret| secret.is_empty() || secret.len() > 2048) {
        return Err(Problem::field(
            "secret",
            "A secret has 1 to 2048 characters; leave it out to keep the one there is.",
        ));
    }
    let mapping = changes.claims.unwrap_or_default();
    let path = |given: Option<String>| match given {
        Some(given) if given.len() > 200 => Err(Problem::field("claims", "A path has at most 200 characters.")),
        given => Ok(given.map(|given| given.trim().to_owned())),
    };
    let claims = Paths {
        email: path(mapping.email)?,
        email_verified: path(mapping.email_verified)?,
        name: path(mapping.name)?,
        teams: path(mapping.teams)?,
    };
    let joining = match &changes.joining {
        None => None,
        Some(text) => {
            let who = WhoJoins::parse(text).ok_or_else(|| Problem::field("joining", "It is everyone or invited."))?;
            Some(who)
        }
    };
    let edit = Edit { claims, secret, allow_unlinked: changes.allow_unlinked, joining, seen: before };
    let acting = call.acting("org:admin");
    settings::edit(&call.app, By::Api(&acting), &call.inside()?.organization, edit).await?;
    Ok(answer(&call, &seen(&call).await?))
}

/// Switches single sign-on off.
///
/// # Errors
/// [`Problem`].
#[utoipa::path(delete, path = "/api/v1/organizations/{org}/provider", tag = "Single sign-on",
    summary = "Switch single sign-on off", params(("org" = String, Path)),
    responses((status = 204, description = "Identities are gone; members are told by mail.")))]
pub async fn delete(call: Call) -> Answer {
    seen(&call).await?;
    let acting = call.acting("org:admin");
    settings::disable(&call.app, By::Api(&acting), &call.inside()?.organization).await?;
    Ok(call.done())
}

/// Asks every member who is not linked to do so, by mail.
///
/// # Errors
/// [`Problem`].
#[utoipa::path(post, path = "/api/v1/organizations/{org}/provider/remind", tag = "Single sign-on",
    summary = "Remind members to link", params(("org" = String, Path)),
    responses((status = 200, description = "How many mails went out.", body = Reminded)))]
pub async fn remind(call: Call) -> Answer {
    seen(&call).await?;
    let acting = call.acting("org:admin");
    let mails = settings::remind(&call.app, By::Api(&acting), &call.inside()?.organization).await?;
    Ok(call.ok(&Reminded { mails }))
}

/// Members' accounts at the provider, newest first.
///
/// # Errors
/// [`Problem`].
#[utoipa::path(get, path = "/api/v1/organizations/{org}/identities", tag = "Single sign-on",
    summary = "List members' identities",
    params(("org" = String, Path),
        ("limit" = Option<i64>, Query, minimum = 1, maximum = 100), ("cursor" = Option<String>, Query)),
    responses((status = 200, description = "Newest first.", body = Vec<Identity>)))]
pub async fn list_identities(call: Call) -> Answer {
    let asked = Asked::of(&call.query()?)?;
    let organization = &call.inside()?.organization;
    let found = identities::of_organization(&call.app, organization, asked.below()?, asked.limit).await?;
    let entries: Vec<Identity> = found.identities.into_iter().map(Identity::from).collect();
    Ok(page::answer(&call, &asked, &entries, found.next.map(Cursor::Id)))
}
