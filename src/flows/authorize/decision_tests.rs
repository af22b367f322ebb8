//! The table, line by line.

use super::*;

const EVERYTHING_GIVEN: Facts = Facts {
    signed_in: true,
    came_back: false,
    about_strangers: false,
    right_person: true,
    right_class: true,
    class_wanted: false,
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
    let login_required = Decision::Refuse(ErrorCode::LoginRequired);
    let table = [
        (EVERYTHING_GIVEN, Decision::Issue, Decision::Issue),
        (Facts { signed_in: false, ..EVERYTHING_GIVEN }, Decision::SignIn, Decision::Refuse(ErrorCode::LoginRequired)),
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
        (Facts { account_wanted: true, came_back: true, ..EVERYTHING_GIVEN }, Decision::Issue, Decision::Issue),
        (Facts { about_strangers: true, ..EVERYTHING_GIVEN }, Decision::Issue, login_required),
        (Facts { about_strangers: true, covered: false, ..EVERYTHING_GIVEN }, Decision::AskConsent, login_required),
        (
            Facts { about_strangers: true, place: Place::Chosen(Door::NeedsProof), ..EVERYTHING_GIVEN },
            Decision::LinkIdentity,
            login_required,
        ),
        (
            Facts { right_person: false, ..EVERYTHING_GIVEN },
            Decision::AnotherPerson,
            Decision::Refuse(ErrorCode::LoginRequired),
        ),
        (
            Facts { right_person: false, came_back: true, ..EVERYTHING_GIVEN },
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
            Facts { right_class: false, came_back: true, ..EVERYTHING_GIVEN },
            Decision::Refuse(ErrorCode::UnmetAuthenticationRequirements),
            Decision::Refuse(ErrorCode::UnmetAuthenticationRequirements),
        ),
        (
            Facts {
                place: Place::Chosen(Door::NeedsProof),
                right_class: false,
                proof_is_upstream: true,
                came_back: true,
                ..EVERYTHING_GIVEN
            },
            Decision::LinkIdentity,
            Decision::Refuse(ErrorCode::InteractionRequired),
        ),
        (
            Facts { class_wanted: true, came_back: true, proof_is_fresh: false, ..EVERYTHING_GIVEN },
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
