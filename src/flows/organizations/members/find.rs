//! One member, by the person's subject identifier: what pages put into addresses.

use super::list::{MemberLine, line};
use crate::app::App;
use crate::flows::sso::standing::standing as judge;
use crate::store::organizations::OrganizationRow;
use crate::store::users::UserRow;
use crate::store::{StoreError, member_standing, organization_members, teams, users};

/// A member, their account and teams; none for whoever is no member of this very organization (C70).
///
/// # Errors
/// The store's.
pub async fn by_sub(
    app: &App,
    organization: &OrganizationRow,
    sub: &str,
) -> Result<Option<(MemberLine, UserRow)>, StoreError> {
    let (organization, sub) = (organization.clone(), sub.to_owned());
    let (now, freshness) = (app.clock.now(), app.config.sso.freshness);
    app.store
        .read(move |conn| {
            let Some(user) = users::find_by_sub(conn, &sub)? else { return Ok(None) };
            let member = organization_members::find_of_user(conn, organization.id, user.id)?;
            let Some(member) = member.filter(|member| member.status == "active") else { return Ok(None) };
            let joined: Vec<String> = teams::of_member(conn, member.id)?.into_iter().map(|team| team.slug).collect();
            let standings = member_standing::of_members(conn, &organization, &[member])?;
            let Some(standing) = standings.into_iter().next() else { return Ok(None) };
            Ok(Some((line(&standing, &user, joined, judge(&standing, now, freshness)), user)))
        })
        .await
}
