//! Every state and its outcome: a table written down by hand, compared with the decision for all combinations.

use super::Decision as D;
use super::Refusal as R;
use super::*;

const ERRANDS: [Errand; 3] = [Errand::SignIn, Errand::Link, Errand::SetUp];
const VISITORS: [Visitor; 4] = [Visitor::Anonymous, Visitor::Changed, Visitor::Proven, Visitor::Vouched];
const OWNERS: [Owner; 4] = [Owner::Nobody, Owner::Visitor, Owner::Account, Owner::Inactive];
const MEMBERSHIPS: [Membership; 3] = [Membership::None, Membership::Active, Membership::Removed];
const RESEMBLANCES: [Resemblance; 4] =
    [Resemblance::None, Resemblance::Visitor, Resemblance::Unproven, Resemblance::Proven];

/// One line of the table; an empty list means any.
struct Line {
    errands: &'static [Errand],
    visitors: &'static [Visitor],
    owners: &'static [Owner],
    memberships: &'static [Membership],
    resemblances: &'static [Resemblance],
    has_other: Option<bool>,
    may_join: Option<bool>,
    outcome: Decision,
}

impl Line {
    fn holds(&self, facts: &Facts) -> bool {
        fn any<T: PartialEq>(list: &[T], value: &T) -> bool {
            list.is_empty() || list.contains(value)
        }
        any(self.errands, &facts.errand)
            && any(self.visitors, &facts.visitor)
            && any(self.owners, &facts.owner)
            && any(self.memberships, &facts.membership)
            && any(self.resemblances, &facts.resemblance)
            && self.has_other.is_none_or(|wanted| wanted == facts.has_other)
            && self.may_join.is_none_or(|wanted| wanted == facts.may_join)
    }
}

macro_rules! line {
    ($errands:expr, $visitors:expr, $owners:expr, $memberships:expr, $resemblances:expr, $other:expr, $may_join:expr => $outcome:expr) => {
        Line {
            errands: &$errands,
            visitors: &$visitors,
            owners: &$owners,
            memberships: &$memberships,
            resemblances: &$resemblances,
            has_other: $other,
            may_join: $may_join,
            outcome: $outcome,
        }
    };
}

/// The first line that holds is the outcome.
fn table() -> Vec<Line> {
    use Errand as E;
    use Membership as M;
    use Owner as O;
    use Resemblance as S;
    use Visitor as V;
    vec![
        // C42: another session than the one that began it.
        line!([], [V::Changed], [], [], [], None, None => D::Refuse(R::SessionChanged)),
        line!([E::Link, E::SetUp], [V::Anonymous], [], [], [], None, None => D::Refuse(R::SessionChanged)),
        // C38, S69: set-up concerns the acting person only, whatever the upstream says about anybody.
        line!([E::SetUp], [V::Vouched], [], [], [], None, None => D::Refuse(R::OwnFactorNeeded)),
        line!([E::SetUp], [V::Proven], [], [M::Active], [], None, None => D::SetUp),
        line!([E::SetUp], [V::Proven], [], [M::None, M::Removed], [], None, None => D::Refuse(R::NotAMember)),
        // C37, S78: an identity of an account that may not be used is never moved.
        line!([], [], [O::Inactive], [], [], None, None => D::Refuse(R::AccountInactive)),
        // Single sign-on does not bring back who was removed.
        line!([], [], [], [M::Removed], [], None, None => D::Refuse(R::MemberRemoved)),
        // S81: it is not moved to whoever is signed in; that account unlinks it first.
        line!([E::Link], [], [O::Account], [], [], None, None => D::Refuse(R::BelongsToAnother)),
        // Nobody becomes a member uninvited where the provider's word is not enough for that.
        line!([], [], [O::Visitor, O::Account], [M::None], [], None, Some(false) => D::Refuse(R::NotInvited)),
        // S73: the identity opens the account it is linked to.
        line!([], [], [O::Visitor], [M::Active], [], None, None => D::SignIn { joins: false }),
        line!([], [], [O::Visitor], [M::None], [], None, None => D::SignIn { joins: true }),
        line!([E::SignIn], [V::Anonymous], [O::Account], [M::Active], [], None, None => D::SignIn { joins: false }),
        line!([E::SignIn], [V::Anonymous], [O::Account], [M::None], [], None, None => D::SignIn { joins: true }),
        line!([E::SignIn], [V::Proven, V::Vouched], [O::Account], [M::Active], [], None, None => D::Switch { joins: false }),
        line!([E::SignIn], [V::Proven, V::Vouched], [O::Account], [M::None], [], None, None => D::Switch { joins: true }),
        // S71, S74, S75, S79, S82, C40: nobody is signed in, so the address may suggest, and nothing more.
        line!([E::SignIn], [V::Anonymous], [O::Nobody], [], [S::Unproven], None, Some(true) => D::ProveAccount { or_new: true }),
        line!([E::SignIn], [V::Anonymous], [O::Nobody], [], [S::Unproven], None, Some(false) => D::ProveAccount { or_new: false }),
        line!([E::SignIn], [V::Anonymous], [O::Nobody], [], [S::Proven], None, None => D::ProveAccount { or_new: false }),
        line!([E::SignIn], [V::Anonymous], [O::Nobody], [], [], None, Some(true) => D::New),
        line!([E::SignIn], [V::Anonymous], [O::Nobody], [], [], None, Some(false) => D::Refuse(R::NotInvited)),
        // An upstream's word alone links nothing.
        line!([], [V::Vouched], [O::Nobody], [], [], None, None => D::Refuse(R::OwnFactorNeeded)),
        // C36: the upstream speaks of another account than the one signed in.
        line!([], [V::Proven], [O::Nobody], [], [S::Unproven, S::Proven], None, None => D::Refuse(R::OtherAccountFirst)),
        // S72, S76, S77, S80, S83: linked after a click, to the account that is signed in.
        line!([E::Link], [V::Proven], [O::Nobody], [M::None], [], None, None => D::Refuse(R::NotAMember)),
        line!([E::SignIn], [V::Proven], [O::Nobody], [M::None], [], None, Some(false) => D::Refuse(R::NotInvited)),
        line!([E::SignIn], [V::Proven], [O::Nobody], [M::None], [], Some(false), None => D::Link { joins: true, replaces: false }),
        line!([E::SignIn], [V::Proven], [O::Nobody], [M::None], [], Some(true), None => D::Link { joins: true, replaces: true }),
        line!([], [V::Proven], [O::Nobody], [M::Active], [], Some(false), None => D::Link { joins: false, replaces: false }),
        line!([], [V::Proven], [O::Nobody], [M::Active], [], Some(true), None => D::Link { joins: false, replaces: true }),
    ]
}

fn all() -> Vec<Facts> {
    let mut all = Vec::new();
    for errand in ERRANDS {
        for visitor in VISITORS {
            for owner in OWNERS {
                for membership in MEMBERSHIPS {
                    for resemblance in RESEMBLANCES {
                        for (has_other, may_join) in [(false, false), (false, true), (true, false), (true, true)] {
                            all.push(Facts { errand, visitor, owner, membership, resemblance, has_other, may_join });
                        }
                    }
                }
            }
        }
    }
    all
}

/// S69, S71 to S84, C36 to C38, C40, C42.
#[test]
fn every_state_has_the_outcome_of_the_table() {
    let table = table();
    let mut used = vec![false; table.len()];
    for facts in all() {
        let line = table.iter().position(|line| line.holds(&facts));
        let line = line.unwrap_or_else(|| panic!("the table does not know {facts:?}"));
        used[line] = true;
        assert_eq!(decide(&facts), table[line].outcome, "{facts:?}");
    }
    assert!(used.iter().all(|used| *used), "lines nobody needs: {used:?}");
}

/// What holds whatever the table says.
#[test]
fn no_state_links_without_the_accounts_own_factor() {
    for facts in all() {
        let decision = decide(&facts);
        let refused = matches!(decision, D::Refuse(_));
        if matches!(decision, D::Link { .. } | D::SetUp) {
            assert_eq!(facts.visitor, Visitor::Proven, "{facts:?}");
        }
        if facts.visitor == Visitor::Changed || (facts.owner == Owner::Inactive && facts.errand != Errand::SetUp) {
            assert!(refused, "{facts:?}");
        }
        if matches!(decision, D::SignIn { .. } | D::Switch { .. }) {
            assert!(matches!(facts.owner, Owner::Visitor | Owner::Account), "an address signs nobody in: {facts:?}");
        }
        if matches!(decision, D::New | D::ProveAccount { .. }) {
            assert_eq!((facts.visitor, facts.owner), (Visitor::Anonymous, Owner::Nobody), "{facts:?}");
        }
        let joins = matches!(
            decision,
            D::New
                | D::ProveAccount { or_new: true }
                | D::SignIn { joins: true }
                | D::Switch { joins: true }
                | D::Link { joins: true, .. }
        );
        assert!(!joins || facts.may_join, "nobody joins uninvited: {facts:?}");
        if facts.membership == Membership::Removed && facts.errand != Errand::SetUp {
            assert!(refused, "{facts:?}");
        }
    }
}
