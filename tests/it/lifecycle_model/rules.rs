//! Rules one can get wrong. All off is the truth; each alone is a mistake that the comparison must notice.

use super::scopes::Scopes;
use super::step::{Flaw, Step};

#[derive(Clone, Copy, Debug)]
pub struct Rules {
    /// A second right redemption leaves the first one's tokens alone.
    pub replayed_codes_kill_nothing: bool,
    /// A refresh token used again long after leaves the family alone.
    pub reuse_kills_nothing: bool,
    /// Each replay moves the window on.
    pub grace_slides: bool,
    /// A wrong verifier uses the code up.
    pub wrong_verifiers_burn: bool,
    /// New passwords and sign-outs leave grants alone.
    pub passwords_end_nothing: bool,
    /// Consenting again brings back what hung on the authorization taken back.
    pub consent_revives: bool,
    /// A revoked refresh token leaves its family alone.
    pub revocations_kill_nothing: bool,
    /// The narrowed scope of one refresh is the family's from then on.
    pub narrowing_sticks: bool,
}

/// Each mistake alone, with a sequence on which it shows.
pub const MISTAKES: [(Rules, &[Step]); 8] = [
    (Rules { replayed_codes_kill_nothing: true, ..TRUTH }, &[ASK, REDEEM, REDEEM]),
    (Rules { reuse_kills_nothing: true, ..TRUTH }, &[ASK, REDEEM, refresh(0, None), wait(60), refresh(1, None)]),
    (
        Rules { grace_slides: true, ..TRUTH },
        &[ASK, REDEEM, refresh(0, None), wait(40), refresh(1, None), wait(30), refresh(1, None)],
    ),
    (
        Rules { wrong_verifiers_burn: true, ..TRUTH },
        &[ASK, Step::Redeem { code: 0, flaw: Flaw::OtherVerifier }, REDEEM],
    ),
    (Rules { passwords_end_nothing: true, ..TRUTH }, &[ASK, REDEEM, Step::ChangePassword { user: 0 }]),
    (Rules { consent_revives: true, ..TRUTH }, &[ASK, REDEEM, Step::RevokeAuthorization { user: 0, client: 0 }, ASK]),
    (
        Rules { revocations_kill_nothing: true, ..TRUTH },
        &[ASK, REDEEM, Step::RevokeRefresh { token: 0, flaw: Flaw::None }],
    ),
    (Rules { narrowing_sticks: true, ..TRUTH }, &[ASK, REDEEM, refresh(0, Some(0b010)), refresh(0, None)]),
];

const ASK: Step = Step::Authorize { user: 0, client: 0, scopes: 0b110110 };
const REDEEM: Step = Step::Redeem { code: 0, flaw: Flaw::None };

const fn refresh(token: usize, scopes: Option<Scopes>) -> Step {
    Step::Refresh { token, scopes, flaw: Flaw::None }
}

const fn wait(seconds: i64) -> Step {
    Step::Wait { seconds }
}

pub const TRUTH: Rules = Rules {
    replayed_codes_kill_nothing: false,
    reuse_kills_nothing: false,
    grace_slides: false,
    wrong_verifiers_burn: false,
    passwords_end_nothing: false,
    consent_revives: false,
    revocations_kill_nothing: false,
    narrowing_sticks: false,
};
