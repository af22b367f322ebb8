//! Rules one can get wrong. All off is the truth; each alone is a mistake that the comparison must notice.

#[derive(Clone, Copy, Debug, Default)]
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

/// Each mistake alone.
pub const MISTAKES: [Rules; 8] = [
    Rules { replayed_codes_kill_nothing: true, ..TRUTH },
    Rules { reuse_kills_nothing: true, ..TRUTH },
    Rules { grace_slides: true, ..TRUTH },
    Rules { wrong_verifiers_burn: true, ..TRUTH },
    Rules { passwords_end_nothing: true, ..TRUTH },
    Rules { consent_revives: true, ..TRUTH },
    Rules { revocations_kill_nothing: true, ..TRUTH },
    Rules { narrowing_sticks: true, ..TRUTH },
];

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
