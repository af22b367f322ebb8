//! The one decision of the authorization endpoint, as a pure function over facts.

use super::checks::Checked;
use super::interaction::Proof;
use super::organization::Binding;
use crate::app::App;
use crate::flows::openid::{acr, subject};
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

/// All the decision depends on.
#[derive(Clone, Copy, Debug)]
pub struct Facts {
    /// A session is open.
    pub signed_in: bool,
    /// Somebody signed in or registered for this very request.
    pub proof_is_new: bool,
    /// It is the person the request is about.
    pub right_person: bool,
    /// The authentication is of a class the client insists on.
    pub right_class: bool,
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
        signed_in: Option<&SignedIn>,
        proof: &Proof,
        held: Option<&AuthorizationRow>,
        binding: &Binding,
        account_is_chosen: bool,
    ) -> Facts {
        let prompt = &checked.request.prompt;
        let proof_is_new = *proof == Proof::GivenForThisRequest;
        let class = signed_in.and_then(acr::of);
        Facts {
            signed_in: signed_in.is_some(),
            proof_is_new,
            right_person: signed_in
                .is_none_or(|who| checked.wanted.accepts(&subject::of(app, &checked.client, &who.user))),
            right_class: checked
                .classes
                .as_ref()
                .is_none_or(|wanted| wanted.iter().any(|one| Some(one.as_str()) == class)),
            account_is_chosen: !prompt.contains(Prompt::SelectAccount) || account_is_chosen || proof_is_new,
            account_wanted: prompt.contains(Prompt::Create),
            proof_is_fresh: signed_in.is_some_and(|who| {
                proof_is_fresh(app, checked, binding.proven_at(who), proof, proof_is_upstream(binding))
            }),
            local_factor: signed_in.is_some_and(|who| who.has_local_factor(app.clock.now())),
            place: place(binding),
            proof_is_upstream: proof_is_upstream(binding),
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
    if facts.account_wanted && !facts.proof_is_new {
        return page(Decision::Register, ErrorCode::LoginRequired);
    }
    if !facts.signed_in {
        return page(Decision::SignIn, ErrorCode::LoginRequired);
    }
    // Asked once: whoever signs in as somebody else, or in another way, has answered (OpenID Connect Core section 3.1.2.1).
    if !facts.right_person {
        return match facts.proof_is_new {
            true => Decision::Refuse(ErrorCode::LoginRequired),
            false => page(Decision::AnotherPerson, ErrorCode::LoginRequired),
        };
    }
    if !facts.account_is_chosen {
        return page(Decision::SelectAccount, ErrorCode::AccountSelectionRequired);
    }
    if !facts.right_class {
        return match facts.proof_is_new {
            true => Decision::Refuse(ErrorCode::UnmetAuthenticationRequirements),
            false => page(Decision::SignIn, ErrorCode::LoginRequired),
        };
    }
    if facts.place == Place::NotChosen {
        return page(Decision::ChooseOrganization, ErrorCode::InteractionRequired);
    }
    if facts.place == Place::Chosen(Door::NeedsProof) || (!facts.proof_is_fresh && facts.proof_is_upstream) {
        return page(Decision::LinkIdentity, ErrorCode::InteractionRequired);
    }
    let needs_local_factor =
        facts.place == Place::Chosen(Door::NeedsLocalFactor) || (facts.place == Place::Unbound && !facts.local_factor);
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

fn proof_is_upstream(binding: &Binding) -> bool {
    binding.member().is_some_and(|member| member.asks_for_sign_on())
}

fn proof_is_fresh(app: &App, checked: &Checked, proven_at: NumericDate, proof: &Proof, upstream: bool) -> bool {
    if *proof == Proof::GivenForThisRequest {
        return true;
    }
    // How old a sign-in upstream is is known there: it is asked whenever it matters.
    if upstream && checked.request.max_age.is_some() {
        return false;
    }
    // A client that must be told when gets nobody whose time is not known.
    if checked.client.metadata.0.require_auth_time && proven_at <= 0 {
        return false;
    }
    let age = app.clock.now() - proven_at;
    let recent = checked.request.max_age.is_none_or(|limit| age <= i64::from(limit));
    recent && !checked.request.prompt.contains(Prompt::Login)
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
mod tests {
    use super::*;

    const EVERYTHING_GIVEN: Facts = Facts {
        signed_in: true,
        proof_is_new: false,
        right_person: true,
        right_class: true,
        account_is_chosen: true,
        account_wanted: false,
        proof_is_fresh: true,
        local_factor: true,
        place: Place::Unbound,
        proof_is_upstream: false,
        covered: true,
        silent_allowed: true,
        consent_wanted: false,
        no_pages: false,
    };

    /// A13, A17, S10, S11, S12.
    #[test]
    fn the_decision_is_a_table() {
        let table = [
            (EVERYTHING_GIVEN, Decision::Issue, Decision::Issue),
            (
                Facts { signed_in: false, ..EVERYTHING_GIVEN },
                Decision::SignIn,
                Decision::Refuse(ErrorCode::LoginRequired),
            ),
            (
                Facts { account_wanted: true, ..EVERYTHING_GIVEN },
                Decision::Register,
                Decision::Refuse(ErrorCode::LoginRequired),
            ),
            (
                Facts { account_wanted: true, signed_in: false, ..EVERYTHING_GIVEN },
                Decision::Register,
                Decision::Refuse(ErrorCode::LoginRequired),
            ),
            (Facts { account_wanted: true, proof_is_new: true, ..EVERYTHING_GIVEN }, Decision::Issue, Decision::Issue),
            (
                Facts { right_person: false, ..EVERYTHING_GIVEN },
                Decision::AnotherPerson,
                Decision::Refuse(ErrorCode::LoginRequired),
            ),
            (
                Facts { right_person: false, proof_is_new: true, ..EVERYTHING_GIVEN },
                Decision::Refuse(ErrorCode::LoginRequired),
                Decision::Refuse(ErrorCode::LoginRequired),
            ),
            (
                Facts { account_is_chosen: false, ..EVERYTHING_GIVEN },
                Decision::SelectAccount,
                Decision::Refuse(ErrorCode::AccountSelectionRequired),
            ),
            (
                Facts { right_class: false, ..EVERYTHING_GIVEN },
                Decision::SignIn,
                Decision::Refuse(ErrorCode::LoginRequired),
            ),
            (
                Facts { right_class: false, proof_is_new: true, ..EVERYTHING_GIVEN },
                Decision::Refuse(ErrorCode::UnmetAuthenticationRequirements),
                Decision::Refuse(ErrorCode::UnmetAuthenticationRequirements),
            ),
            (
                Facts { proof_is_fresh: false, ..EVERYTHING_GIVEN },
                Decision::Reauthenticate,
                Decision::Refuse(ErrorCode::LoginRequired),
            ),
            (
                Facts { local_factor: false, ..EVERYTHING_GIVEN },
                Decision::Reauthenticate,
                Decision::Refuse(ErrorCode::LoginRequired),
            ),
            (
                Facts { place: Place::NotChosen, ..EVERYTHING_GIVEN },
                Decision::ChooseOrganization,
                Decision::Refuse(ErrorCode::InteractionRequired),
            ),
            (
                Facts { place: Place::Chosen(Door::NeedsProof), local_factor: false, ..EVERYTHING_GIVEN },
                Decision::LinkIdentity,
                Decision::Refuse(ErrorCode::InteractionRequired),
            ),
            (
                Facts {
                    place: Place::Chosen(Door::Open),
                    proof_is_upstream: true,
                    proof_is_fresh: false,
                    ..EVERYTHING_GIVEN
                },
                Decision::LinkIdentity,
                Decision::Refuse(ErrorCode::InteractionRequired),
            ),
            (
                Facts { place: Place::Chosen(Door::Open), proof_is_fresh: false, ..EVERYTHING_GIVEN },
                Decision::Reauthenticate,
                Decision::Refuse(ErrorCode::LoginRequired),
            ),
            (
                Facts { place: Place::Chosen(Door::NeedsLocalFactor), local_factor: false, ..EVERYTHING_GIVEN },
                Decision::Reauthenticate,
                Decision::Refuse(ErrorCode::LoginRequired),
            ),
            (
                Facts { place: Place::Chosen(Door::Open), local_factor: false, ..EVERYTHING_GIVEN },
                Decision::AskConsent,
                Decision::Refuse(ErrorCode::ConsentRequired),
            ),
            (
                Facts { covered: false, ..EVERYTHING_GIVEN },
                Decision::AskConsent,
                Decision::Refuse(ErrorCode::ConsentRequired),
            ),
            (
                Facts { silent_allowed: false, ..EVERYTHING_GIVEN },
                Decision::AskConsent,
                Decision::Refuse(ErrorCode::ConsentRequired),
            ),
            (
                Facts { consent_wanted: true, ..EVERYTHING_GIVEN },
                Decision::AskConsent,
                Decision::Refuse(ErrorCode::ConsentRequired),
            ),
        ];
        for (facts, with_pages, without_pages) in table {
            assert_eq!(decide(&facts), with_pages, "{facts:?}");
            assert_eq!(decide(&Facts { no_pages: true, ..facts }), without_pages, "{facts:?}");
        }
    }
}
