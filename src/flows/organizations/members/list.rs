//! The members of an organization, a page at a time.

use std::collections::HashMap;

use crate::app::App;
use crate::app::throttle::spelling_key;
use crate::flows::sso::standing::{Standing, standing as judge};
use crate::protocol::NumericDate;
use crate::store::member_standing::{self, MemberStanding};
use crate::store::organizations::OrganizationRow;
use crate::store::users::UserRow;
use crate::store::{StoreError, organization_members, team_members};

/// Members on one page.
const PAGE: i64 = 50;

/// A member.
#[derive(Clone, Debug)]
pub struct MemberLine {
    /// Subject identifier of the person.
    pub sub: String,
    /// User name.
    pub login: String,
    /// Display name.
    pub name: String,
    /// E-mail address.
    pub email: Option<String>,
    /// The account may be used.
    pub usable: bool,
    /// Role.
    pub role: String,
    /// When they joined.
    pub joined_at: NumericDate,
    /// How single sign-on judges them.
    pub standing: Standing,
    /// Slugs of their teams.
    pub teams: Vec<String>,
}

/// One page of members.
pub struct MemberPage {
    /// By user name.
    pub members: Vec<MemberLine>,
    /// What the next page begins after, if there is one.
    pub next: Option<String>,
}

/// Members whose user name comes after `after`, by user name: those whose user name, name or e-mail address holds
/// `search`.
///
/// # Errors
/// The store's.
pub async fn page(
    app: &App,
    organization: &OrganizationRow,
    after: &str,
    search: &str,
) -> Result<MemberPage, StoreError> {
    page_of(app, organization, after, search, PAGE).await
}

/// The same, at most `limit` of them.
///
/// # Errors
/// The store's.
pub async fn page_of(
    app: &App,
    organization: &OrganizationRow,
    after: &str,
    search: &str,
    limit: i64,
) -> Result<MemberPage, StoreError> {
    let (organization, now, freshness) = (organization.clone(), app.clock.now(), app.config.sso.freshness);
    let (after, typed, folded) = (after.to_owned(), search.trim().to_owned(), spelling_key(search));
    app.store
        .read(move |conn| {
            let mut rows = organization_members::page(conn, organization.id, &after, &folded, &typed, limit + 1)?;
            let more = rows.len() as i64 > limit;
            rows.truncate(usize::try_from(limit).unwrap_or_default());
            let mut joined: HashMap<i64, Vec<String>> = HashMap::new();
            for (member, slug) in team_members::of_members(conn, rows.iter().map(|(member, _)| member.id).collect())? {
                joined.entry(member).or_default().push(slug);
            }
            let (members, people): (Vec<_>, Vec<UserRow>) = rows.into_iter().unzip();
            let standings = member_standing::of_members(conn, &organization, &members)?;
            let next = people.last().filter(|_| more).map(|user| user.login_key.clone());
            let lines = standings.iter().zip(&people).map(|(standing, user)| {
                let teams = joined.remove(&standing.member.id).unwrap_or_default();
                line(standing, user, teams, judge(standing, now, freshness))
            });
            Ok(MemberPage { members: lines.collect(), next })
        })
        .await
}

pub(super) fn line(member: &MemberStanding, user: &UserRow, teams: Vec<String>, standing: Standing) -> MemberLine {
    MemberLine {
        sub: user.sub.clone(),
        login: user.login.clone(),
        name: user.name.clone(),
        email: user.email.clone(),
        usable: user.is_active(),
        role: member.member.role.clone(),
        joined_at: member.member.created_at,
        standing,
        teams,
    }
}
