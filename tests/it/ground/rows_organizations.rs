//! Every column of the tables of organizations comes back as it went in, on both databases.

use grantor::store::invitations::{self, InvitationRow};
use grantor::store::organization_members::{self, MemberRow};
use grantor::store::organizations::{self, OrganizationRow};
use grantor::store::team_members::{self, TeamMemberRow};
use grantor::store::teams::{self, TeamRow};
use grantor::store::users;

use super::rows::{list, same, some, text, user};
use crate::support::{TestApp, on_both};

on_both!(organizations_come_back);

async fn organizations_come_back(app: &TestApp) {
    let store = &app.app().store;
    for (id, full) in [(1, true), (2, false)] {
        let organization = OrganizationRow {
            id,
            public_id: format!("public{id}"),
            slug: format!("slug{id}"),
            name: text("name"),
            status: if full { "pending_deletion" } else { "active" }.to_owned(),
            delete_at: some(full, 2),
            default_role: text("role"),
            open_membership: full,
            token_max_age: some(full, 3),
            created_at: 4,
            updated_at: 5,
            application_policy: if full { "approval" } else { "open" }.to_owned(),
        };
        // First the other shape, so that the update writes every column that can change, the emptied ones too.
        let before = OrganizationRow {
            slug: format!("before{id}"),
            name: String::new(),
            status: "active".to_owned(),
            delete_at: some(!full, 6),
            default_role: String::new(),
            open_membership: !full,
            token_max_age: some(!full, 7),
            updated_at: 8,
            application_policy: if full { "open" } else { "approval" }.to_owned(),
            ..organization.clone()
        };
        let member = MemberRow {
            id,
            organization_id: id,
            user_id: id,
            role: text("role"),
            status: if full { "removed" } else { "active" }.to_owned(),
            break_glass_until: some(full, 9),
            created_at: 10,
            removed_at: some(full, 11),
        };
        let team = TeamRow { id, organization_id: id, slug: text("slug"), name: text("name"), created_at: 12 };
        let place = TeamMemberRow { id, team_id: id, member_id: id, joined_at: 13, by_claim: full };
        let invitation = InvitationRow {
            id,
            organization_id: id,
            email: text("email"),
            email_key: text("key"),
            role: text("role"),
            teams: list(full, &["blue"]),
            digest: vec![0, 255],
            invited_by: some(full, 14),
            created_at: 15,
            expires_at: 16,
            accepted_at: some(full, 17),
            accepted_by: some(full, 18),
            revoked_at: some(full, 19),
            invited_by_key: some(full, 20),
        };
        let (a, b, c, d, e) = (organization.clone(), member.clone(), team.clone(), place.clone(), invitation.clone());
        let written = store.write(move |write| {
            users::insert(write, &user(id, true))?;
            organizations::insert(write, &before)?;
            organizations::update(write, &a)?;
            organization_members::insert(write, &b)?;
            teams::insert(write, &c)?;
            team_members::insert(write, &d)?;
            invitations::insert(write, &e)
        });
        written.await.expect("written");
        let read = store.read(move |conn| {
            Ok((
                organizations::find(conn, id)?,
                organization_members::find(conn, id)?,
                teams::find(conn, id)?,
                team_members::find(conn, id)?,
                invitations::find(conn, id)?,
            ))
        });
        let (a, b, c, d, e) = read.await.expect("read");
        same!(OrganizationRow, a.expect("there"), organization;
            id, public_id, slug, name, status, delete_at, default_role, open_membership, token_max_age, created_at,
            updated_at, application_policy);
        same!(MemberRow, b.expect("there"), member;
            id, organization_id, user_id, role, status, break_glass_until, created_at, removed_at);
        same!(TeamRow, c.expect("there"), team; id, organization_id, slug, name, created_at);
        same!(TeamMemberRow, d.expect("there"), place; id, team_id, member_id, joined_at, by_claim);
        same!(InvitationRow, e.expect("there"), invitation;
            id, organization_id, email, email_key, role, teams, digest, invited_by, created_at, expires_at, accepted_at,
            accepted_by, revoked_at, invited_by_key);
    }
}
