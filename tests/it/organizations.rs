//! Organizations: made, looked at, renamed, deleted and taken back; members, roles and teams.

use futures_util::future::join_all;
use grantor::flows::organizations::members::{add, remove, role};
use grantor::flows::organizations::{By, OrganizationRefusal};

use crate::support::db_shortcuts::caller;
use crate::support::{Person, TestApp, on_both};

on_both!(
    whoever_may_make_organizations_makes_one_and_owns_it,
    addresses_of_organizations_are_plain_and_taken_once,
    one_manages_equal_or_lower_roles,
    the_last_owner_stays,
    of_two_last_owners_who_leave_at_once_one_stays,
    two_owners_who_demote_each_other_at_once_do_not_both_succeed,
    many_role_changes_at_once_leave_one_role_and_one_event_each,
    a_removed_member_is_out_everywhere_and_stays_on_record,
    teams_are_open_or_closed,
    a_team_is_renamed_and_deleted,
    a_renamed_organization_is_where_its_new_address_says,
    a_deleted_organization_is_closed_at_once_and_can_be_taken_back,
    a_deletion_that_is_due_takes_everything_along,
    a_deleted_account_leaves_its_organizations,
);

fn by<'a>(person: &'a Person, caller: &'a grantor::flows::caller::Caller) -> By<'a> {
    By::Person(&person.row, caller)
}

/// S1 of the roles: whoever makes it has the top role; who may is configuration.
async fn whoever_may_make_organizations_makes_one_and_owns_it(app: &TestApp) {
    let (root, ada) = (app.db_administrator("root").await, app.db_user("ada").await);
    let browser = app.db_signed_in(&ada).await;
    let page = browser.get("/orgs").await;
    assert!(page.words("h2").contains("no organization") && !page.has("#org-new"));
    assert_eq!(browser.get("/orgs/new").await.status, 403);

    let browser = app.db_signed_in(&root).await;
    let page = browser.get("/orgs/new").await;
    let made = browser.submit(&page, "org-create", &[("name", "Acme, Inc."), ("slug", "")]).await;
    assert_eq!((made.status, made.location()), (303, "/orgs/acme-inc?done=made"));
    let page = browser.get(made.location()).await;
    assert_eq!(page.words("[role=status]"), "The organization is made, and you are its owner.");
    assert_eq!(page.words(".facts .pill"), "owner");
    assert!(browser.get("/").await.words("#organizations h3").starts_with("Acme, Inc. owner"));
    assert!(app.db_events().await.contains(&"org.create".to_owned()));
    let event = app.db_audit().await.into_iter().find(|event| event.event == "org.create").expect("an event");
    let row = app.db_organization("acme-inc").await.expect("a row");
    assert_eq!((event.organization_id, event.actor_label.as_str()), (Some(row.id), "root"));

    app.restart_with(|config| {
        config.organizations.creation = grantor::config::organizations::Creation::Everyone;
    })
    .await;
    let browser = app.db_signed_in(&ada).await;
    let page = browser.get("/orgs/new").await;
    let made = browser.submit(&page, "org-create", &[("name", "Blue"), ("slug", "blue-team")]).await;
    assert_eq!(made.location(), "/orgs/blue-team?done=made");
}

async fn addresses_of_organizations_are_plain_and_taken_once(app: &TestApp) {
    let root = app.db_administrator("root").await;
    app.db_owned("acme", &root).await;
    let browser = app.db_signed_in(&root).await;
    let page = browser.get("/orgs/new").await;
    for (name, slug, status) in [
        ("Acme", "acme", 409),
        ("Acme", "new", 400),
        ("Acme", "Ac me", 400),
        ("Acme", "a/../b", 400),
        ("", "fine", 400),
        ("Grantor", "fine", 400),
        ("a\u{202e}b", "fine", 400),
    ] {
        let refused = browser.submit(&page, "org-create", &[("name", name), ("slug", slug)]).await;
        assert_eq!(refused.status, status, "{name:?} {slug:?}");
        assert!(refused.has(".fault"), "{name:?} {slug:?} says what is wrong where it is wrong");
    }
    assert_eq!(app.rows("organizations"), 1);
    let made =
        join_all((0..8).map(|_| browser.submit(&page, "org-create", &[("name", "Race"), ("slug", "race")]))).await;
    assert_eq!(made.iter().filter(|answer| answer.status == 303).count(), 1);
    assert_eq!(app.rows("organizations"), 2);
}

/// Equal or lower, and only with a role that carries `member:write`; on the page and behind it.
async fn one_manages_equal_or_lower_roles(app: &TestApp) {
    let owner = app.db_user("owner").await;
    let acme = app.db_owned("acme", &owner).await;
    let manager = app.db_member(&acme, "manager", "manager").await;
    let admin = app.db_member(&acme, "admin", "admin").await;
    let member = app.db_member(&acme, "member", "member").await;
    let (here, app_) = (caller(), app.app());
    for (actor, target, wanted, expected) in [
        (&member, &member, "admin", "not allowed"),
        (&admin, &member, "admin", "not allowed"),
        (&manager, &member, "owner", "too high"),
        (&manager, &owner, "member", "too high"),
        (&manager, &member, "manager", "done"),
        (&manager, &member, "member", "done"),
        (&manager, &member, "captain", "unknown"),
        (&owner, &member, "owner", "done"),
        (&owner, &member, "owner", "same"),
        (&owner, &member, "member", "done"),
    ] {
        let done = role::set_role(&app_, by(actor, &here), &acme, &target.row, wanted).await;
        let seen = match done {
            Ok(true) => "done",
            Ok(false) => "same",
            Err(OrganizationRefusal::NotAllowed { .. }) => "not allowed",
            Err(OrganizationRefusal::RoleTooHigh { .. }) => "too high",
            Err(OrganizationRefusal::RoleUnknown(_)) => "unknown",
            Err(other) => panic!("{other}"),
        };
        assert_eq!(seen, expected, "{} makes {} {wanted}", actor.login, target.login);
    }
    let removed = remove::remove(&app_, by(&manager, &here), &acme, &owner.row).await;
    assert!(matches!(removed, Err(OrganizationRefusal::RoleTooHigh { .. })));
    let added = add::add(&app_, by(&manager, &here), &acme, &app.db_user("new").await.row, "owner").await;
    assert!(matches!(added, Err(OrganizationRefusal::RoleTooHigh { .. })));

    let browser = app.db_signed_in(&manager).await;
    let page = browser.get(&format!("/orgs/acme/members/{}", member.row.sub)).await;
    assert_eq!(page.attributes("input[name=role]", "value"), ["member", "admin", "manager"], "up to one's own");
    let done = browser.submit(&page, "member-role", &[("role", "admin")]).await;
    assert_eq!(done.status, 303);
    assert_eq!(app.db_place_of(&acme, &member).await.expect("a row").0, "admin");
    let forged = browser.submit(&page, "member-role", &[("role", "owner")]).await;
    assert_eq!((forged.status, forged.words("h1").as_str()), (403, "Your role does not allow this"));
    let page = browser.get(&format!("/orgs/acme/members/{}", owner.row.sub)).await;
    assert!(!page.has("#member-role") && !page.has("#member-remove"), "beyond a manager");
    let browser = app.db_signed_in(&admin).await;
    for path in ["/orgs/acme/members/invite", "/orgs/acme/settings", "/orgs/acme/settings/delete"] {
        assert_eq!(browser.get(path).await.status, 403, "{path}");
    }
    assert_eq!(browser.get("/orgs/acme").await.all_words(".tabs a"), ["Overview", "Members", "Teams", "Applications"]);
    let roles = app.db_audit().await.into_iter().filter(|event| event.event == "org.member.role");
    assert_eq!(roles.count(), 5, "one row a change, none for what changed nothing");
}

async fn the_last_owner_stays(app: &TestApp) {
    let ada = app.db_user("ada").await;
    let acme = app.db_owned("acme", &ada).await;
    app.db_member(&acme, "bob", "manager").await;
    let browser = app.db_signed_in(&ada).await;
    let refused = browser.submit(&browser.get("/orgs/acme/leave").await, "confirm", &[]).await;
    assert_eq!(refused.status, 409);
    assert!(refused.words("[role=alert]").contains("last owner"), "{}", refused.body);
    let page = browser.get(&format!("/orgs/acme/members/{}", ada.row.sub)).await;
    let refused = browser.submit(&page, "member-role", &[("role", "member")]).await;
    assert_eq!(refused.status, 409);
    let removed = remove::remove(&app.app(), By::Operator, &acme, &ada.row).await;
    assert!(matches!(removed, Err(OrganizationRefusal::LastOwner(_))), "the operator neither");

    // An owner whose account is disabled is none who could act.
    let eve = app.db_member(&acme, "eve", "owner").await;
    app.db_disable_user(&eve).await;
    assert_eq!(browser.submit(&browser.get("/orgs/acme/leave").await, "confirm", &[]).await.status, 409);
    app.db_enable_user(&eve).await;
    let left = browser.submit(&browser.get("/orgs/acme/leave").await, "confirm", &[]).await;
    assert_eq!((left.status, left.location()), (303, "/orgs?done=left"));
    assert_eq!(browser.get("/orgs/acme").await.status, 404);
}

/// Two last owners leave at once: one stays, on both databases.
async fn of_two_last_owners_who_leave_at_once_one_stays(app: &TestApp) {
    for round in 0..4 {
        let one = app.db_user(&format!("one{round}")).await;
        let acme = app.db_owned(&format!("acme{round}"), &one).await;
        let two = app.db_member(&acme, &format!("two{round}"), "owner").await;
        let (here, app_) = (caller(), app.app());
        let (a, b) = tokio::join!(
            remove::remove(&app_, by(&one, &here), &acme, &one.row),
            remove::remove(&app_, by(&two, &here), &acme, &two.row),
        );
        assert!(a.is_ok() != b.is_ok(), "{a:?} {b:?}");
        assert_eq!(app.db_with_role(&acme, "owner").await.len(), 1);
    }
}

/// The role of whoever acts is the one they have when it happens.
async fn two_owners_who_demote_each_other_at_once_do_not_both_succeed(app: &TestApp) {
    for round in 0..4 {
        let one = app.db_user(&format!("one{round}")).await;
        let acme = app.db_owned(&format!("acme{round}"), &one).await;
        let two = app.db_member(&acme, &format!("two{round}"), "owner").await;
        let (here, app_) = (caller(), app.app());
        let (a, b) = tokio::join!(
            role::set_role(&app_, by(&one, &here), &acme, &two.row, "member"),
            role::set_role(&app_, by(&two, &here), &acme, &one.row, "member"),
        );
        assert!(a.is_ok() != b.is_ok(), "{a:?} {b:?}");
        assert_eq!(app.db_with_role(&acme, "owner").await.len(), 1);
    }
}

async fn many_role_changes_at_once_leave_one_role_and_one_event_each(app: &TestApp) {
    let ada = app.db_user("ada").await;
    let acme = app.db_owned("acme", &ada).await;
    let bob = app.db_member(&acme, "bob", "member").await;
    let (here, app_) = (caller(), app.app());
    let wanted = ["member", "admin", "manager", "owner"];
    let changes = (0..16).map(|n| role::set_role(&app_, by(&ada, &here), &acme, &bob.row, wanted[n % 4]));
    let changed = join_all(changes).await.into_iter().filter(|done| matches!(done, Ok(true))).count();
    let events: Vec<_> = app.db_audit().await.into_iter().filter(|event| event.event == "org.member.role").collect();
    assert_eq!(events.len(), changed, "one row a change");
    let now = app.db_place_of(&acme, &bob).await.expect("a row").0;
    let side = |name: &str, besides: &str| {
        let mut roles: Vec<String> = events
            .iter()
            .map(|event| serde_json::from_str::<serde_json::Value>(&event.data).expect("JSON")[name].to_string())
            .chain(std::iter::once(format!("\"{besides}\"")))
            .collect();
        roles.sort();
        roles
    };
    assert_eq!(side("from", &now), side("to", "member"), "each change began where another one ended");
}

/// C65, FIX 32: pages, teams, invitations they sent; the row stays.
async fn a_removed_member_is_out_everywhere_and_stays_on_record(app: &TestApp) {
    let ada = app.db_user("ada").await;
    let acme = app.db_owned("acme", &ada).await;
    let bob = app.db_member(&acme, "bob", "manager").await;
    app.db_team(&acme, "blue").await;
    let (browser, bobs) = (app.db_signed_in(&ada).await, app.db_signed_in(&bob).await);
    let page = bobs.get("/orgs/acme/teams/blue").await;
    assert_eq!(bobs.submit(&page, "team-move", &[]).await.status, 303);
    let page = bobs.get("/orgs/acme/members/invite").await;
    let sent = bobs.submit(&page, "invite-send", &[("emails", "new@acme.example"), ("role", "member")]).await;
    assert_eq!(sent.status, 303, "{}", sent.body);
    let link = app.db_mailed_path("new@acme.example", "/invite/").await;
    assert_eq!(app.browser().get(&link).await.status, 200);

    let page = browser.get(&format!("/orgs/acme/members/{}/remove", bob.row.sub)).await;
    assert!(page.words(".lead").contains("bob"));
    let done = browser.submit(&page, "confirm", &[]).await;
    assert_eq!((done.status, done.location()), (303, "/orgs/acme/members?done=removed"));
    for path in ["/orgs/acme", "/orgs/acme/members", "/orgs/acme/teams/blue"] {
        assert_eq!(bobs.get(path).await.status, 404, "{path}");
    }
    assert_eq!(app.browser().get(&link).await.status, 410, "what they sent is void");
    assert_eq!(app.rows("team_members"), 0);
    assert_eq!(app.db_place_of(&acme, &bob).await, Some(("manager".to_owned(), "removed".to_owned())));
    let again = browser.get(&format!("/orgs/acme/members/{}", bob.row.sub)).await;
    assert_eq!(again.status, 404);
    // An invitation brings them back, with its own role.
    let link = app.db_invite(&acme, "bob@acme.example", "member").await;
    let joined = bobs.submit(&bobs.get(&link).await, "invitation-accept", &[]).await;
    assert_eq!(joined.status, 303);
    assert_eq!(app.db_place_of(&acme, &bob).await, Some(("member".to_owned(), "active".to_owned())));
    assert_eq!(app.rows("organization_members"), 2);
}

async fn teams_are_open_or_closed(app: &TestApp) {
    let ada = app.db_user("ada").await;
    let acme = app.db_owned("acme", &ada).await;
    let bob = app.db_member(&acme, "bob", "member").await;
    let outsider = app.db_user("outsider").await;
    let (browser, bobs) = (app.db_signed_in(&ada).await, app.db_signed_in(&bob).await);
    let page = browser.get("/orgs/acme/teams").await;
    assert!(page.words(".empty h2").contains("No teams"));
    let made = browser.submit(&page, "team-create", &[("name", "Blue Team"), ("slug", "")]).await;
    assert_eq!(made.location(), "/orgs/acme/teams/blue-team?done=made");
    let again = browser.submit(&page, "team-create", &[("name", "Blue Team"), ("slug", "")]).await;
    assert_eq!((again.status, again.has(".fault")), (409, true));

    let page = bobs.get("/orgs/acme/teams/blue-team").await;
    assert!(!page.has("#team-add") && !page.has("#team-delete"));
    assert_eq!(bobs.submit(&page, "team-move", &[]).await.location(), "/orgs/acme/teams/blue-team?done=joined");
    assert_eq!(bobs.get("/orgs/acme/teams/blue-team").await.all_words("#team-members p"), ["bob"]);

    let page = browser.get("/orgs/acme/settings").await;
    let saved = browser.post(page.form("settings-joining").without("open_membership")).await;
    assert_eq!(saved.status, 303);
    let page = bobs.get("/orgs/acme/teams/blue-team").await;
    assert!(!page.has("#team-move"), "closed");
    let mut form = bobs.get("/orgs/acme/leave").await.form("confirm");
    form.action = "/orgs/acme/teams/blue-team/leave".to_owned();
    let refused = bobs.post(form).await;
    assert_eq!(refused.status, 403, "{}", refused.body);

    let page = browser.get("/orgs/acme/teams/blue-team").await;
    let subs = page.attributes("button[name=member]", "value");
    assert_eq!(subs, std::slice::from_ref(&bob.row.sub));
    let mut form = page.form("team-add").with(&[("member", &bob.row.sub)]);
    form.action = "/orgs/acme/teams/blue-team/remove".to_owned();
    assert_eq!(browser.post(form).await.status, 303);
    let shut = bobs.get("/orgs/acme/teams/blue-team").await;
    assert_eq!((shut.status, shut.words("h1").as_str()), (403, "This team is closed"), "who is not in it sees nothing");
    for login in ["nobody", outsider.login.as_str()] {
        let refused = browser.submit(&page, "team-add", &[("login", login)]).await;
        assert_eq!(refused.words(".fault"), "Nobody like that is a member of this organization.", "{login}");
    }
    assert_eq!(browser.submit(&page, "team-add", &[("login", "BOB")]).await.status, 303, "in any spelling");
    let events: Vec<String> =
        app.db_events().await.into_iter().filter(|event| event.starts_with("org.team.")).collect();
    assert_eq!(events, ["org.team.create", "org.team.join", "org.team.remove", "org.team.add"]);
}

async fn a_team_is_renamed_and_deleted(app: &TestApp) {
    let ada = app.db_user("ada").await;
    let acme = app.db_owned("acme", &ada).await;
    app.db_team(&acme, "blue").await;
    app.db_team(&acme, "red").await;
    let browser = app.db_signed_in(&ada).await;
    let page = browser.get("/orgs/acme/teams/blue").await;
    let taken = browser.submit(&page, "team-rename", &[("name", "Blue"), ("slug", "red")]).await;
    assert_eq!(taken.status, 409);
    let renamed = browser.submit(&page, "team-rename", &[("name", "Sky"), ("slug", "sky")]).await;
    assert_eq!(renamed.location(), "/orgs/acme/teams/sky?done=renamed");
    assert_eq!(browser.get("/orgs/acme/teams/blue").await.status, 404);
    let deleted = browser.submit(&browser.get("/orgs/acme/teams/sky/delete").await, "confirm", &[]).await;
    assert_eq!(deleted.location(), "/orgs/acme/teams?done=deleted");
    assert_eq!(app.rows("teams"), 1);
}

async fn a_renamed_organization_is_where_its_new_address_says(app: &TestApp) {
    let ada = app.db_user("ada").await;
    app.db_owned("acme", &ada).await;
    app.db_owned("blue", &ada).await;
    let browser = app.db_signed_in(&ada).await;
    let page = browser.get("/orgs/acme/settings").await;
    for (slug, status) in [("blue", 409), ("new", 400), ("A", 400)] {
        assert_eq!(browser.submit(&page, "settings-name", &[("slug", slug)]).await.status, status, "{slug}");
    }
    let saved = browser.submit(&page, "settings-name", &[("name", "Zenith"), ("slug", "zenith")]).await;
    assert_eq!(saved.location(), "/orgs/zenith/settings?done=saved");
    assert_eq!((browser.get("/orgs/zenith").await.status, browser.get("/orgs/acme").await.status), (200, 404));
    let page = browser.get("/orgs/zenith/settings").await;
    assert_eq!(page.attributes("input[name=default_role]", "value"), ["member", "admin", "manager"], "never owner");
    let forged = browser.submit(&page, "settings-joining", &[("default_role", "owner")]).await;
    assert_eq!(forged.status, 400);
    let saved = browser.submit(&page, "settings-joining", &[("default_role", "admin")]).await;
    assert_eq!(saved.status, 303);
    assert_eq!(app.db_organization("zenith").await.expect("a row").default_role, "admin");
    let events: Vec<String> = app.db_events().await.into_iter().filter(|event| event.starts_with("org.")).collect();
    assert_eq!(events, ["org.create", "org.create", "org.rename", "org.settings"]);
}

/// The slug has to be typed, by somebody who proved lately who they are.
async fn a_deleted_organization_is_closed_at_once_and_can_be_taken_back(app: &TestApp) {
    let ada = app.db_user("ada").await;
    let acme = app.db_owned("acme", &ada).await;
    let bob = app.db_member(&acme, "bob", "member").await;
    let link = app.db_invite(&acme, "new@acme.example", "member").await;
    let (browser, bobs) = (app.db_signed_in(&ada).await, app.db_signed_in(&bob).await);
    let page = browser.get("/orgs/acme/settings/delete").await;
    for typed in ["", "acme Inc", "ACME"] {
        let refused = browser.submit(&page, "confirm", &[("confirmed", typed)]).await;
        assert_eq!((refused.status, refused.has(".fault")), (400, true), "{typed:?}");
    }
    app.wait(601);
    let away = browser.get("/orgs/acme/settings/delete").await;
    assert_eq!(away.location(), "/step-up?return_to=%2Forgs%2Facme%2Fsettings%2Fdelete");
    let proven =
        browser.submit(&browser.get(away.location()).await, "login-submit", &[("password", &ada.password)]).await;
    let page = browser.get(proven.location()).await;
    let deleted = browser.submit(&page, "confirm", &[("confirmed", "acme")]).await;
    assert_eq!((deleted.status, deleted.location()), (303, "/orgs?done=deleted"));

    let page = bobs.get("/orgs/acme").await;
    assert!(page.words("h1").contains("about to be deleted") && !page.has("#org-restore"));
    assert_eq!(bobs.get("/orgs/acme/members").await.location(), "/orgs/acme");
    assert_eq!(app.browser().get(&link).await.status, 410, "nobody joins");
    let stranger = app.db_signed_in(&app.db_user("eve").await).await;
    assert_eq!(stranger.get("/orgs/acme").await.status, 404);

    let page = browser.get("/orgs/acme").await;
    let mut forged = bobs.get("/orgs/new").await.sign_out_form();
    forged.action = "/orgs/acme/restore".to_owned();
    assert_eq!(bobs.post(forged).await.status, 403);
    let restored = browser.submit(&page, "org-restore", &[]).await;
    assert_eq!(restored.location(), "/orgs/acme?done=restored");
    assert_eq!(bobs.get("/orgs/acme/members").await.status, 200);
    assert_eq!(app.browser().get(&link).await.status, 200);
    let events: Vec<String> = app.db_events().await.into_iter().filter(|event| event.starts_with("org.")).collect();
    assert_eq!(events[events.len() - 2..], ["org.delete", "org.restore"]);
}

/// C49: what had the address before says nothing about what has it then.
async fn a_deletion_that_is_due_takes_everything_along(app: &TestApp) {
    let ada = app.db_user("ada").await;
    let acme = app.db_owned("acme", &ada).await;
    app.db_member(&acme, "bob", "member").await;
    app.db_team(&acme, "blue").await;
    app.db_invite(&acme, "new@acme.example", "member").await;
    let blue = app.db_owned("blue", &ada).await;
    let asked = grantor::flows::organizations::delete::request(&app.app(), By::Operator, &acme, "acme", None).await;
    let at = asked.unwrap_or_else(|refusal| panic!("{refusal}"));
    app.db_sweep().await;
    assert_eq!(app.rows("organizations"), 2);
    app.wait(u64::try_from(at - app.now()).expect("later"));
    app.db_sweep().await;
    for (table, left) in
        [("organizations", 1), ("organization_members", 1), ("teams", 0), ("team_members", 0), ("invitations", 0)]
    {
        assert_eq!(app.rows(table), left, "{table}");
    }
    assert_eq!(app.db_with_role(&blue, "owner").await, ["ada"], "the other one is untouched");
    assert!(app.db_events().await.contains(&"org.erase".to_owned()));
    let again = app.db_owned("acme", &ada).await;
    assert!(again.id != acme.id && again.public_id != acme.public_id);
    assert_eq!(app.db_with_role(&again, "member").await, Vec::<String>::new());
}

async fn a_deleted_account_leaves_its_organizations(app: &TestApp) {
    let ada = app.db_user("ada").await;
    let acme = app.db_owned("acme", &ada).await;
    let bob = app.db_member(&acme, "bob", "member").await;
    let row = app.db_person(&bob).await;
    let app_ = app.app();
    let gone = grantor::flows::people::status::delete(&app_, None, grantor::flows::audit::Actor::Operator, &row);
    assert!(gone.await.expect("the store answers"));
    let page = app.db_signed_in(&ada).await.get("/orgs/acme/members").await;
    assert_eq!(page.all_words("#members h2").len(), 1);
    assert_eq!(app.db_place_of(&acme, &bob).await.expect("a row").1, "removed");
}
