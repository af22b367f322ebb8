//! What becomes of somebody who is back from the upstream: a pure function over facts, with a table test.
//!
//! The e-mail only ever suggests. An identity is linked to an account whose own factor was given in this browser, and
//! opens only the account it is linked to.

/// Why the browser went upstream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Errand {
    /// To get into the organization.
    SignIn,
    /// To link an identity to the account.
    Link,
    /// To set up the provider.
    SetUp,
}

impl Errand {
    /// As stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Errand::SignIn => "sign_in",
            Errand::Link => "link",
            Errand::SetUp => "set_up",
        }
    }

    /// As stored, read back.
    pub fn parse(text: &str) -> Option<Errand> {
        [Errand::SignIn, Errand::Link, Errand::SetUp].into_iter().find(|errand| errand.as_str() == text)
    }
}

/// Who sits at the browser now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Visitor {
    /// Nobody is signed in, as when the flow began.
    Anonymous,
    /// Not the one who began the flow.
    Changed,
    /// Somebody who proved the account by a factor of its own, or whose account the organization that vouched manages.
    Proven,
    /// Somebody in whose session only some organization's upstream vouched.
    Vouched,
}

/// Whose the identity is that came back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// Nobody's: it was never linked here.
    Nobody,
    /// The visitor's own.
    Visitor,
    /// That of an account which is not signed in here.
    Account,
    /// That of an account which may not be used.
    Inactive,
}

/// Membership of the identity's owner, or of the visitor when it has none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Membership {
    /// Never.
    None,
    /// Is one.
    Active,
    /// Was one; single sign-on does not bring them back.
    Removed,
}

/// Accounts with the address that the upstream says it verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resemblance {
    /// None, or the upstream did not say that it verified the address.
    None,
    /// The visitor's is one of them.
    Visitor,
    /// Others, none of which proved the address here.
    Unproven,
    /// Others, one of which proved the address here.
    Proven,
}

/// All the decision depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facts {
    /// Why the browser went.
    pub errand: Errand,
    /// Who is there.
    pub visitor: Visitor,
    /// Whose the identity is.
    pub owner: Owner,
    /// Whether they belong to the organization.
    pub membership: Membership,
    /// Whose address it resembles.
    pub resemblance: Resemblance,
    /// The visitor has another identity at this provider.
    pub has_other: bool,
    /// The provider's word makes members of strangers, or an invitation waits at the address it verified.
    pub may_join: bool,
}

/// What happens next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// The identity's owner is signed in; `joins` makes a membership first.
    SignIn {
        /// There is none yet.
        joins: bool,
    },
    /// The same, but somebody else is signed in: ask before that session ends.
    Switch {
        /// There is no membership yet.
        joins: bool,
    },
    /// Ask whether this identity is to be linked to the account that is signed in.
    Link {
        /// There is no membership yet.
        joins: bool,
        /// Another identity is unlinked by it.
        replaces: bool,
    },
    /// An account resembles this identity: whoever it belongs to signs in to it first.
    ProveAccount {
        /// A new account may be made instead.
        or_new: bool,
    },
    /// Ask whether to make an account.
    New,
    /// Show what the upstream said, and ask whether to switch it on.
    SetUp,
    /// It ends here.
    Refuse(Refusal),
}

/// Why it ends here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The browser's session is not the one that began it (C42).
    SessionChanged,
    /// The account is disabled or deleted, and its identity is never moved to another (C37).
    AccountInactive,
    /// The person was removed from the organization.
    MemberRemoved,
    /// Only members link.
    NotAMember,
    /// The provider's word makes nobody a member who was not invited.
    NotInvited,
    /// The identity is linked to another account, which has to unlink it first (S81).
    BelongsToAnother,
    /// The session rests on an upstream alone: the account's own factor is needed.
    OwnFactorNeeded,
    /// The upstream names the address of another account: that one has to be signed in (C36).
    OtherAccountFirst,
}

/// The table.
pub fn decide(facts: &Facts) -> Decision {
    use Refusal as R;
    let joins = facts.membership == Membership::None;
    let stays_out = joins && !facts.may_join;
    if facts.visitor == Visitor::Changed || (facts.errand != Errand::SignIn && facts.visitor == Visitor::Anonymous) {
        return Decision::Refuse(R::SessionChanged);
    }
    if facts.errand == Errand::SetUp {
        return match (facts.visitor, facts.membership) {
            (Visitor::Proven, Membership::Active) => Decision::SetUp,
            (Visitor::Proven, _) => Decision::Refuse(R::NotAMember),
            _ => Decision::Refuse(R::OwnFactorNeeded),
        };
    }
    if facts.owner == Owner::Inactive {
        return Decision::Refuse(R::AccountInactive);
    }
    if facts.membership == Membership::Removed {
        return Decision::Refuse(R::MemberRemoved);
    }
    match (facts.owner, facts.visitor) {
        (Owner::Account, _) if facts.errand == Errand::Link => Decision::Refuse(R::BelongsToAnother),
        (Owner::Visitor | Owner::Account, _) if stays_out => Decision::Refuse(R::NotInvited),
        (Owner::Visitor, _) | (Owner::Account, Visitor::Anonymous) => Decision::SignIn { joins },
        (Owner::Account, _) => Decision::Switch { joins },
        (_, Visitor::Anonymous) => match facts.resemblance {
            // An account that resembles it may be a member's: they prove it and link.
            Resemblance::None | Resemblance::Visitor if !facts.may_join => Decision::Refuse(R::NotInvited),
            Resemblance::None | Resemblance::Visitor => Decision::New,
            Resemblance::Unproven => Decision::ProveAccount { or_new: facts.may_join },
            Resemblance::Proven => Decision::ProveAccount { or_new: false },
        },
        (_, Visitor::Proven) => match facts.resemblance {
            Resemblance::Unproven | Resemblance::Proven => Decision::Refuse(R::OtherAccountFirst),
            _ if joins && facts.errand == Errand::Link => Decision::Refuse(R::NotAMember),
            _ if stays_out => Decision::Refuse(R::NotInvited),
            _ => Decision::Link { joins, replaces: facts.has_other },
        },
        (_, Visitor::Vouched | Visitor::Changed) => Decision::Refuse(R::OwnFactorNeeded),
    }
}

#[cfg(test)]
#[path = "finish_tests.rs"]
mod tests;
