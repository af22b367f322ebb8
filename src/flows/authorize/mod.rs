//! The authorization endpoint (RFC 6749 section 3.1): a visible list of checks, then one decision.
//!
//! Until client and redirection endpoint are proven, a refusal is a page; from then on it is a redirect. The type says
//! which: a redirect needs a [`TrustedRedirect`](crate::protocol::trusted_redirect::TrustedRedirect).

pub mod answer;
pub mod checks;
pub mod consent;
mod constant_values;
pub mod decision;
pub mod first_seen;
pub mod interaction;
pub mod issue;
pub mod organization;
pub mod request_object;
pub mod wanted;

use std::net::IpAddr;
use std::sync::Arc;

use super::caller::Caller;
use super::clients::open::openly_registered;
use super::organizations::applications::Word;
use super::session::SignedIn;
use crate::app::App;
use crate::protocol::acr::{PASSWORD, PROVIDER};
use crate::protocol::error::{Detail, ErrorCode, OAuthError};
use crate::protocol::params::Params;
use crate::store::clients::ClientRow;
use crate::store::member_standing::MemberStanding;

pub use answer::AuthorizationResponse;
pub use checks::{Checked, Refusal};
pub use consent::ConsentPrompt;
use decision::Decision;
use organization::Binding;

/// What the browser brings besides the request.
pub struct Browser<'a> {
    /// Who is signed in.
    pub signed_in: Option<&'a SignedIn>,
    /// The cookie that tells this browser from others before and after sign-in.
    pub browser_cookie: &'a str,
    /// Where it comes from.
    pub address: IpAddr,
}

/// What the browser gets.
pub enum Outcome {
    /// An error page; never a redirect.
    Page(PageRefusal),
    /// Back to the client, with a code, a token or an error.
    Respond(AuthorizationResponse),
    /// The sign-in page, which comes back to `return_to`.
    SignIn(SignInPrompt),
    /// The registration page, which comes back to `return_to`.
    Register(RegisterPrompt),
    /// The page that asks with which account to go on.
    SelectAccount(AccountPrompt),
    /// The consent page.
    Consent(Box<ConsentPrompt>),
    /// The page that asks for which organization.
    ChooseOrganization(OrganizationPrompt),
    /// The organization wants to be asked first, whether its members may use this application.
    AskOwner(ApprovalPrompt),
    /// The way to the organization's provider, which comes back to the very same request.
    LinkIdentity(LinkPrompt),
}

/// The user has to say which organization an application gets access to.
pub struct OrganizationPrompt {
    /// The client that asks.
    pub client: Arc<ClientRow>,
    /// The user's organizations.
    pub choices: Vec<organization::Choice>,
}

/// The organization has not allowed the application.
pub struct ApprovalPrompt {
    /// The client that asks.
    pub client: Arc<ClientRow>,
    /// The organization chosen.
    pub member: Arc<MemberStanding>,
    /// What the organization said so far.
    pub word: Word,
}

/// The organization's provider has to vouch for the user before the request goes on.
pub struct LinkPrompt {
    /// The organization's slug.
    pub organization: String,
    /// The very same request.
    pub return_to: String,
    /// A new proof is wanted, however fresh the upstream's own session is.
    pub reauthenticate: bool,
}

/// A refusal that must not travel to the client.
pub struct PageRefusal {
    /// What is wrong.
    pub error: OAuthError,
    /// The client, once it is known.
    pub client: Option<Arc<ClientRow>>,
}

/// Somebody has to prove who they are before the request goes on.
pub struct SignInPrompt {
    /// The client that asks.
    pub client: Arc<ClientRow>,
    /// The very same request, with proof that it was seen before the sign-in where that matters.
    pub return_to: String,
    /// `login_hint`, to fill in.
    pub login_hint: Option<String>,
    /// Somebody is signed in already and has to prove it again.
    pub reauthenticate: bool,
    /// Why, where that is not plain.
    pub reason: SignInReason,
}

/// Why somebody is asked to sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignInReason {
    /// Nobody is signed in, or the client wants to be sure.
    Plain,
    /// The client asks for another person. Who that is is not said: a client may know somebody here by a name that tells
    /// it nothing, and must not learn the account's from this page.
    AnotherPerson,
    /// The client insists on a password of this server.
    Password,
    /// The client insists on an organization's provider.
    Provider,
}

/// Somebody is to make an account before the request goes on (`prompt=create`).
pub struct RegisterPrompt {
    /// The very same request, with proof that it was seen before.
    pub return_to: String,
}

/// Somebody has to say with which account the request goes on (`prompt=select_account`).
pub struct AccountPrompt {
    /// The client that asks.
    pub client: Arc<ClientRow>,
    /// The very same request, as who is signed in.
    pub go_on: String,
    /// The very same request, for whoever signs in next.
    pub return_to: String,
}

/// Answers one authorization request.
///
/// # Errors
/// Only where the store has no answer; every refusal of the request itself is an [`Outcome`].
pub async fn authorize(
    app: &App,
    caller: &Caller,
    params: &Params,
    browser: &Browser<'_>,
) -> Result<Outcome, OAuthError> {
    let checked = match checks::check(app, params, browser).await? {
        Ok(checked) => checked,
        Err(Refusal::Page(refusal)) => return Ok(Outcome::Page(refusal)),
        Err(Refusal::Redirect(response)) => return Ok(Outcome::Respond(*response)),
    };
    let binding = organization::binding(app, &checked, browser.signed_in).await?;
    let signed_in = browser.signed_in;
    let authentication = signed_in.and_then(|who| binding.authentication(&checked, who, app.clock.now()));
    let authentication = authentication.as_ref();
    let judged = interaction::judge(app, params, &checked, browser, authentication);
    let held = match browser.signed_in {
        Some(who) => consent::held(app, who, &checked.client, binding.member()).await?,
        None => None,
    };
    let chosen = interaction::account_is_chosen(app, params, browser);
    let gather = |proof| {
        let visitor = signed_in.map(|who| decision::Visitor { who, authentication });
        decision::Facts::gather(app, &checked, visitor, proof, held.as_deref(), &binding, chosen)
    };
    let mut facts = gather(judged.proof);
    match &binding {
        // Whether somebody is a member is not told without a page, to clients they never let in there.
        Binding::NotTheirs if facts.no_pages => {
            return Ok(Outcome::Respond(answer::refusal(app, &checked, ErrorCode::LoginRequired)));
        }
        Binding::NotTheirs => return Ok(Outcome::Respond(not_theirs(app, &checked))),
        Binding::NoOrganization if !facts.no_pages => return Ok(Outcome::Page(no_organization(checked.client))),
        _ => {}
    }
    let mut decision = decision::decide(&facts);
    // What counts once still counts when the person has said for which organization.
    if decision != Decision::ChooseOrganization && !interaction::use_up(app, &judged).await? {
        facts = gather(interaction::Proof::None);
        decision = decision::decide(&facts);
    }
    match decision {
        // `prompt=none` must not turn a stranger's client into a redirector either (RFC 9700 section 4.11.2).
        Decision::Refuse(code) if browser.signed_in.is_none() && openly_registered(app, &checked.client) => {
            let error = OAuthError::new(code, "nobody is signed in");
            Ok(Outcome::Page(PageRefusal { error, client: Some(checked.client) }))
        }
        Decision::Refuse(code) => Ok(Outcome::Respond(answer::refusal(app, &checked, code))),
        Decision::Reauthenticate if let Some(slug) = organization::manager(app, browser).await? => {
            Ok(Outcome::LinkIdentity(LinkPrompt {
                organization: slug,
                return_to: interaction::return_to(app, params, &checked, browser),
                reauthenticate: !facts.proof_is_fresh,
            }))
        }
        decision @ (Decision::SignIn | Decision::Reauthenticate | Decision::AnotherPerson) => {
            Ok(Outcome::SignIn(SignInPrompt {
                return_to: interaction::return_to(app, params, &checked, browser),
                login_hint: checked.request.login_hint.clone(),
                reauthenticate: browser.signed_in.is_some() && decision != Decision::AnotherPerson,
                reason: reason(decision, &checked),
                client: checked.client,
            }))
        }
        Decision::Register => {
            Ok(Outcome::Register(RegisterPrompt { return_to: interaction::return_to(app, params, &checked, browser) }))
        }
        Decision::SelectAccount => Ok(Outcome::SelectAccount(AccountPrompt {
            go_on: interaction::with_this_account(app, params, browser),
            return_to: interaction::return_to(app, params, &checked, browser),
            client: checked.client,
        })),
        Decision::ChooseOrganization => {
            let choices = match binding {
                Binding::NotChosen(choices) => choices,
                _ => Vec::new(),
            };
            Ok(Outcome::ChooseOrganization(OrganizationPrompt { client: checked.client, choices }))
        }
        Decision::LinkIdentity => {
            let Some(member) = binding.member() else { return Err(lost_session()) };
            Ok(Outcome::LinkIdentity(LinkPrompt {
                organization: member.organization.slug.clone(),
                return_to: interaction::return_to(app, params, &checked, browser),
                reauthenticate: !facts.proof_is_fresh,
            }))
        }
        Decision::AskConsent => {
            let Some(who) = browser.signed_in else { return Err(lost_session()) };
            let word = organization::word(app, &checked, binding.member()).await?;
            if let (Some(member), true) = (binding.member(), word != Word::Allowed) {
                let member = Arc::clone(member);
                return Ok(Outcome::AskOwner(ApprovalPrompt { client: checked.client, member, word }));
            }
            let prompt = consent::ask(app, who, checked, held.as_deref(), binding.member()).await?;
            Ok(Outcome::Consent(Box::new(prompt)))
        }
        Decision::Issue => {
            let (Some(who), Some(held)) = (browser.signed_in, held) else { return Err(lost_session()) };
            match issue::silently(app, caller, who, &checked, &held).await? {
                Some(response) => Ok(Outcome::Respond(response)),
                None if facts.no_pages => {
                    Ok(Outcome::Respond(answer::refusal(app, &checked, ErrorCode::ConsentRequired)))
                }
                None => Ok(Outcome::Consent(Box::new(consent::ask(app, who, checked, None, None).await?))),
            }
        }
    }
}

fn reason(decision: Decision, checked: &Checked) -> SignInReason {
    let only = |class: &str| checked.classes.as_ref().is_some_and(|wanted| wanted.iter().all(|one| one == class));
    match decision {
        Decision::AnotherPerson => SignInReason::AnotherPerson,
        _ if only(PROVIDER) => SignInReason::Provider,
        _ if only(PASSWORD) => SignInReason::Password,
        _ => SignInReason::Plain,
    }
}

/// For members only, and the user is in no organization (S18).
fn no_organization(client: Arc<ClientRow>) -> PageRefusal {
    let error = OAuthError::new(ErrorCode::AccessDenied, "this application is for members of an organization")
        .with_detail(
            Detail::new("no_organization", "organization-level clients")
                .hint("the account belongs to no organization here: ask to be invited to one, then start again"),
        );
    PageRefusal { error, client: Some(client) }
}

/// The same for an organization of others and for one that does not exist (seed FIX 33).
fn not_theirs(app: &App, checked: &Checked) -> AuthorizationResponse {
    let mut response = answer::refusal(app, checked, ErrorCode::UnauthorizedClient);
    let detail = Detail::new("organization_unknown", "organization-level clients")
        .received(checked.request.organization.clone().unwrap_or_default())
        .hint("organization must be the slug of an organization the user belongs to; leave it out to let them choose");
    response.error =
        Some(OAuthError::new(ErrorCode::UnauthorizedClient, "the user is in no such organization").with_detail(detail));
    response
}

fn lost_session() -> OAuthError {
    OAuthError::new(ErrorCode::ServerError, "")
}
