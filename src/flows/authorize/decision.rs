//! The one decision of the authorization endpoint, as a pure function over facts.

use super::checks::Checked;
use super::interaction::{self, Proof};
use super::organization::Binding;
use crate::app::App;
use crate::flows::openid::authentication::{self, Authentication};
use crate::flows::openid::subject;
use crate::flows::session::SignedIn;
use crate::flows::sso::access::Door;
use crate::protocol::NumericDate;
use crate::protocol::error::ErrorCode;
use crate::protocol::prompt::Prompt;
use crate::store::authorizations::AuthorizationRow;

/// What happens next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Nobody is signed in, or not the way the client insists on.
    SignIn,
    /// Somebody else is signed in than the request is about.
    AnotherPerson,
    /// The user must make an account.
    Register,
    /// The user must say with which account to go on.
    SelectAccount,
    /// Somebody is, but the client wants a newer proof.
    Reauthenticate,
    /// The user must say for which organization.
    ChooseOrganization,
    /// The organization's provider must vouch for the user first.
    LinkIdentity,
    /// The user must say yes.
    AskConsent,
    /// The user said yes before, and this client's identity is proven enough to rely on it.
    Issue,
    /// `prompt=none` and a page would be needed.
    Refuse(ErrorCode),
}

/// What the authorization would be bound to, as far as the decision goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// To no organization: the session needs a factor of this server's own.
    Unbound,
    /// To one the user has yet to choose.
    NotChosen,
    /// To this one, and this is what stands between.
    Chosen(Door),
}

/// Whoever is signed in.
#[derive(Clone, Copy)]
pub struct Visitor<'a> {
    /// Who, and by which session.
    pub who: &'a SignedIn,
    /// The sign-in an answer would rest on; none where none is of a class the client insists on, or where a provider has yet
    /// to give it.
    pub authentication: Option<&'a Authentication>,
}

/// All the decision depends on.
#[derive(Clone, Copy, Debug)]
pub struct Facts {
    /// A session is open.
    pub signed_in: bool,
    /// Somebody signed in or registered since this very request was first seen, in whatever way.
    pub came_back: bool,
    /// It is about somebody in particular, or about members of one organization, and whoever is signed in never let the
    /// client in there: whether it is that person, or a member, is not told without a page.
    pub about_strangers: bool,
    /// It is the person the request is about.
    pub right_person: bool,
    /// The authentication is of a class the client insists on.
    pub right_class: bool,
    /// The client insists on some.
    pub class_wanted: bool,
    /// `prompt=select_account` was answered, or not asked.
    pub account_is_chosen: bool,
    /// `prompt=create`.
    pub account_wanted: bool,
    /// The last proof is as new as `max_age` and `prompt=login` want it.
    pub proof_is_fresh: bool,
    /// The session does not rest on an organization's provider alone.
    pub local_factor: bool,
    /// Where the authorization would be bound to.
    pub place: Place,
    /// The organization asks for single sign-on, so that a newer proof comes from its provider.
    pub proof_is_upstream: bool,
    /// The authorization covers every scope asked.
    pub covered: bool,
    /// No click is needed once covered (RFC 9700 section 2.1, OAuth 2.1 section 7.3.1).
    pub silent_allowed: bool,
    /// `prompt=consent` or `force_prompt`.
    pub consent_wanted: bool,
    /// `prompt=none`.
    pub no_pages: bool,
}

impl Facts {
    /// Reads them off the request, the session and the authorization.
    pub fn gather(
        app: &App,
        checked: &Checked,
        visitor: Option<Visitor<'_>>,
        proof: Proof,
        held: Option<&AuthorizationRow>,
        binding: &Binding,
        account_is_chosen: bool,
    ) -> Facts {
        let prompt = &checked.request.prompt;
        let came_back = proof != Proof::None;
        let (signed_in, authentication) = (visitor.map(|one| one.who), visitor.and_then(|one| one.authentication));
        let proof_is_upstream = proof_is_upstream(checked, binding);
        let about_one_place = checked.client.organization_access && checked.request.organization.is_some();
        Facts {
            signed_in: signed_in.is_some(),
            came_back,
            about_strangers: held.is_none() && (about_one_place || !checked.wanted.is_anybody()),
            right_person: signed_in
                .is_none_or(|who| checked.wanted.accepts(&subject::of(app, &checked.client, &who.user))),
            right_class: checked.classes.is_none() || authentication.is_some(),
            class_wanted: checked.classes.is_some(),
            account_is_chosen: !prompt.contains(Prompt::SelectAccount) || account_is_chosen || came_back,
            account_wanted: prompt.contains(Prompt::Create),
            proof_is_fresh: signed_in.is_some()
                && proof_is_fresh(app, checked, authentication, proof, proof_is_upstream),
            local_factor: signed_in.is_some_and(|who| who.has_local_factor(app.clock.now())),
            place: place(binding),
            proof_is_upstream,
            covered: held.is_some_and(|held| app.catalogue.covers(&held.scopes, &checked.consented())),
            silent_allowed: silent_allowed(checked),
            consent_wanted: prompt.contains(Prompt::Consent) || checked.request.force_prompt,
            no_pages: prompt.contains(Prompt::None),
        }
    }
}

/// The table.
pub fn decide(facts: &Facts) -> Decision {
    let page = |decision, refusal| match facts.no_pages {
        true => Decision::Refuse(refusal),
        false => decision,
    };
    if facts.account_wanted && !facts.came_back {
        return page(Decision::Register, ErrorCode::LoginRequired);
    }
    if !facts.signed_in {
        return page(Decision::SignIn, ErrorCode::LoginRequired);
    }
    if facts.no_pages && facts.about_strangers {
        return Decision::Refuse(ErrorCode::LoginRequired);
    }
    // Asked once: whoever signs in as somebody else, or in another way, has answered (OpenID Connect Core section 3.1.2.1).
    if !facts.right_person {
        return match facts.came_back {
            true => Decision::Refuse(ErrorCode::LoginRequired),
            false => page(Decision::AnotherPerson, ErrorCode::LoginRequired),
        };
    }
    if !facts.account_is_chosen {
        return page(Decision::SelectAccount, ErrorCode::AccountSelectionRequired);
    }
    if !facts.right_class && !facts.proof_is_upstream {
        return match facts.came_back {
            true => Decision::Refuse(ErrorCode::UnmetAuthenticationRequirements),
            false => page(Decision::SignIn, ErrorCode::LoginRequired),
        };
    }
    if facts.place == Place::NotChosen {
        return page(Decision::ChooseOrganization, ErrorCode::InteractionRequired);
    }
    let wants_provider = facts.proof_is_upstream && (!facts.proof_is_fresh || !facts.right_class);
    if facts.place == Place::Chosen(Door::NeedsProof) || wants_provider {
        return page(Decision::LinkIdentity, ErrorCode::InteractionRequired);
    }
    let needs_local_factor =
        facts.place == Place::Chosen(Door::NeedsLocalFactor) || (facts.place == Place::Unbound && !facts.local_factor);
    // The sign-in of the wanted class is too old, and the one just made is of another: asked once, as above.
    if !facts.proof_is_fresh && facts.class_wanted && facts.came_back {
        return Decision::Refuse(ErrorCode::UnmetAuthenticationRequirements);
    }
    if !facts.proof_is_fresh || needs_local_factor {
        return page(Decision::Reauthenticate, ErrorCode::LoginRequired);
    }
    // Which organization gives access is shown and said yes to each time.
    if facts.place != Place::Unbound {
        return page(Decision::AskConsent, ErrorCode::ConsentRequired);
    }
    if !facts.covered || !facts.silent_allowed || facts.consent_wanted {
        return page(Decision::AskConsent, ErrorCode::ConsentRequired);
    }
    Decision::Issue
}

fn place(binding: &Binding) -> Place {
    match binding {
        Binding::None => Place::Unbound,
        Binding::Chosen(chosen) => Place::Chosen(chosen.door),
        Binding::NoOrganization | Binding::NotChosen(_) | Binding::NotTheirs => Place::NotChosen,
    }
}

fn proof_is_upstream(checked: &Checked, binding: &Binding) -> bool {
    binding.member().is_some_and(|member| authentication::rests_upstream(member, checked.classes.as_deref()))
}

fn proof_is_fresh(
    app: &App,
    checked: &Checked,
    authentication: Option<&Authentication>,
    proof: Proof,
    upstream: bool,
) -> bool {
    if proof == Proof::GivenForThisRequest {
        return true;
    }
    let (proven_at, max_age) = (authentication.map_or(0, |one| one.at), checked.request.max_age);
    // How old a sign-in upstream is is known there: it is asked whenever it matters.
    if upstream && max_age.is_some() {
        return false;
    }
    // A client that must be told when gets nobody whose time is not known.
    if checked.client.metadata.0.require_auth_time && proven_at <= 0 {
        return false;
    }
    let age = app.clock.now() - proven_at;
    let recent = max_age.is_none_or(|limit| age <= i64::from(limit));
    // No age at all is `prompt=login` by another name, in the second of the last sign-in, too.
    recent && max_age != Some(0) && !checked.request.prompt.contains(Prompt::Login)
}

/// Whether the sign-in an answer would rest on is still what was asked for when the person has read the page. They get a
/// minute to read it: nobody answers within `max_age=1`.
pub fn is_still_good(checked: &Checked, authentication: Option<&Authentication>, now: NumericDate) -> bool {
    const READING: i64 = 60;
    let Some(limit) = checked.request.max_age else { return checked.classes.is_none() || authentication.is_some() };
    authentication.is_some_and(|one| {
        let skew = if one.is_upstream() { interaction::SKEW } else { 0 };
        one.time().is_some_and(|at| now - at <= i64::from(limit) + READING + skew)
    })
}

/// Only where an impostor cannot receive the answer: the client proves itself at the token endpoint, or the answer
/// goes to a host that TLS proves. Loopback and private-use schemes belong to whoever listens (RFC 8252 section 8.6).
fn silent_allowed(checked: &Checked) -> bool {
    let proven_host = checked.redirect.is_https() && !checked.redirect.is_loopback();
    let asked = checked.request.response_type;
    match (asked.has_token(), asked.has_id_token()) {
        (true, _) => checked.client.silent_token && proven_host,
        // Whoever listens at the address learns who the user is: the address must be proven to be the client's.
        (false, true) => proven_host,
        (false, false) => checked.client.is_confidential() || proven_host,
    }
}

#[cfg(test)]
#[path = "decision_tests.rs"]
mod tests;
