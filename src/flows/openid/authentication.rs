//! Which sign-in of a session an answer rests on: the person's password here, or what an organization's provider said. What
//! ID tokens tell of it (`auth_time`, `acr`, `amr`) is that of one and the same sign-in, which is also the one that was judged.

use super::acr;
use crate::flows::session::{BY_PROVIDER, SignedIn};
use crate::protocol::NumericDate;
use crate::protocol::acr::PROVIDER;
use crate::store::member_standing::MemberStanding;

/// One sign-in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authentication {
    /// When, as far as that is known: 0 where an upstream does not tell when it saw the person. That it answered is no new
    /// proof, as its own session may be a week old.
    pub at: NumericDate,
    /// The word of RFC 8176 section 2, or [`BY_PROVIDER`].
    pub method: String,
}

impl Authentication {
    /// The time, where it is known: nobody here may make one up.
    pub fn time(&self) -> Option<NumericDate> {
        Some(self.at).filter(|at| *at > 0)
    }

    /// Whether a provider vouched, by a clock of its own.
    pub fn is_upstream(&self) -> bool {
        self.method == BY_PROVIDER
    }

    /// `acr`.
    pub fn class(&self) -> Option<&'static str> {
        acr::of(&self.method)
    }

    /// `amr`: an upstream's own methods are not known here.
    pub fn methods(&self) -> Vec<String> {
        if self.is_upstream() { Vec::new() } else { vec![self.method.clone()] }
    }
}

/// The sign-in an answer would rest on: of one of these classes, where the client insists on some, and for an organization
/// that asks for single sign-on its provider's word, however lately the person typed a password. Else the newest.
pub fn of(
    who: &SignedIn,
    member: Option<&MemberStanding>,
    classes: Option<&[String]>,
    now: NumericDate,
) -> Option<Authentication> {
    if let Some(member) = member.filter(|member| rests_upstream(member, classes)) {
        return upstream(who, now, |organization| organization == member.organization.id);
    }
    let right = |one: &Authentication| is_one_of(classes, one.class());
    let ours = |organization: i64| {
        let manages = who.session.authentication_method == BY_PROVIDER && who.user.managed_by == Some(organization);
        let of_any = member.is_none() && classes.is_some();
        manages || of_any || member.is_some_and(|member| member.organization.id == organization)
    };
    let found = [upstream(who, now, ours), local(who)];
    found.into_iter().flatten().filter(right).max_by_key(|one| one.at)
}

/// Whether only a provider can give the sign-in that counts for this member.
pub fn rests_upstream(member: &MemberStanding, classes: Option<&[String]>) -> bool {
    member.asks_for_sign_on() && is_one_of(classes, Some(PROVIDER))
}

/// What this server itself saw of the person in this session.
pub fn local(who: &SignedIn) -> Option<Authentication> {
    let (at, method) = (who.session.authenticated_at, who.session.authentication_method.clone());
    Some(Authentication { at, method }).filter(|one| !one.is_upstream())
}

/// What the providers of these organizations said last, while it holds.
fn upstream(who: &SignedIn, now: NumericDate, of: impl Fn(i64) -> bool) -> Option<Authentication> {
    let held = who.proofs.0.iter().filter(|proof| of(proof.organization_id) && now < proof.expires_at);
    held.map(|proof| Authentication { at: proof.proven_at, method: BY_PROVIDER.to_owned() }).max_by_key(|one| one.at)
}

fn is_one_of(classes: Option<&[String]>, class: Option<&str>) -> bool {
    classes.is_none_or(|classes| classes.iter().any(|one| Some(one.as_str()) == class))
}
