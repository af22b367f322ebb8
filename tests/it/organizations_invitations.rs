//! Invitations: by mail, random, hashed, for one organization, expiring, used once.

use futures_util::future::join_all;
use grantor::flows::organizations::invitations::accept;
use grantor::flows::organizations::{By, OrganizationRefusal};

use crate::support::db_shortcuts::caller;
use crate::support::{TestApp, on_both};

on_both!(
    an_invited_person_joins_with_the_role_and_teams_offered,
    an_invited_person_without_an_account_makes_one,
    an_invitation_says_nothing_to_whoever_lacks_its_link,
    an_invitation_ends_when_it_says,
    the_newest_invitation_to_an_address_is_the_only_one,
    an_invitation_taken_back_is_void,
    sixteen_acceptances_by_sixteen_people_make_one_member,
    sixteen_acceptances_by_one_person_make_one_member,
    a_member_who_accepts_changes_nothing,
    a_form_with_a_fault_invites_nobody,
    invitations_are_counted,
    nobody_invites_above_themselves,
    whoever_loses_the_right_to_invite_loses_what_they_sent,
);

/// S93, DECISIONS: by mail, with the role and teams that were offered; the link is stored hashed.
async fn an_invited_person_joins_with_the_role_and_teams_offered(app: &TestApp) {
    let ada = app.db_user("ada").await;
    let acme = app.db_owned("acme", &ada).await;
    app.db_team(&acme, "blue").await;
    let browser = app.db_signed_in(&ada).await;
    let page = browser.get("/orgs/acme/members/invite").await;
    let form = page.form("invite-send").with(&[("emails", "new@acme.example"), ("role", "admin"), ("team", "blue")]);
    let sent = browser.post(form).await;
    assert_eq!((sent.status, sent.location()), (303, "/orgs/acme/members?done=invited"));
    let page = browser.get(sent.location()).await;
    assert!(page.words("#invitations h3").starts_with("new@acme.example admin"));
    assert!(page.words("#invitations p").contains("by ada"));

    let link = app.db_mailed_path("new@acme.example", "/invite/").await;
    let (bob, bobs) = (app.db_user("bob").await, app.browser());
    let offer = bobs.get(&link).await;
    assert_eq!(offer.words("h1"), "Join acme Inc");
    assert!(offer.words(".lead").contains("ada Example invites you to join as admin"), "{}", offer.body);
    assert!(!offer.has("#invitation-accept"), "nobody is signed in");
    let sign_in = bobs.get(&offer.attributes("#invitation-sign-in", "href")[0]).await;
    let back = bobs.sign_in_on(&sign_in, &bob).await;
    assert_eq!(back.location(), link);
    let offer = bobs.get(&link).await;
    let joined = bobs.submit(&offer, "invitation-accept", &[]).await;
    assert_eq!((joined.status, joined.location()), (303, "/orgs/acme?done=joined"));
    let page = bobs.get(joined.location()).await;
    assert_eq!(page.words("[role=status]"), "Welcome: you are a member now.");
    assert_eq!(app.db_place_of(&acme, &bob).await, Some(("admin".to_owned(), "active".to_owned())));
    assert_eq!(bobs.get("/orgs/acme/teams/blue").await.all_words("#team-members p"), ["bob"]);
    let again = bobs.get(&link).await;
    assert_eq!((again.status, again.words("h1").as_str()), (410, "This invitation does not work any more"));
    assert!(browser.get("/orgs/acme/members").await.words(".section").contains("None."));
    let events: Vec<String> = app.db_events().await.into_iter().filter(|event| event.starts_with("org.inv")).collect();
    assert_eq!(events, ["org.invite", "org.invite.accept"]);
}

/// S94: registration is closed, but not to whoever was invited; the address is filled in, and not proven by that.
async fn an_invited_person_without_an_account_makes_one(app: &TestApp) {
    let ada = app.db_user("ada").await;
    let acme = app.db_owned("acme", &ada).await;
    let link = app.db_invite(&acme, "new@acme.example", "member").await;
    let browser = app.browser();
    let offer = browser.get(&link).await;
    let register = offer.attributes("#invitation-register", "href").remove(0);
    let page = browser.get(&register).await;
    assert_eq!(page.attributes("#email", "value"), ["new@acme.example"]);
    let password = "correct horse battery staple and more";
    app.shared.secrets.saw(password);
    let typed = [("username", "newbie"), ("name", "New Bie"), ("password", password)];
    let made = browser.submit(&page, "register-submit", &typed).await;
    assert_eq!((made.status, made.location()), (303, link.as_str()));
    let joined = browser.submit(&browser.get(&link).await, "invitation-accept", &[]).await;
    assert_eq!(joined.location(), "/orgs/acme?done=joined");
    assert_eq!(app.db_with_role(&acme, "member").await, ["newbie"]);
    // A used invitation opens registration no more, and a made-up one never did.
    let other = app.browser();
    for path in [register.as_str(), "/register?return_to=%2Finvite%2Fgin_x", "/register"] {
        assert_eq!(other.get(path).await.status, 403, "{path}");
    }
}

/// C62, S93: whatever is wrong, the answer is one and the same.
async fn an_invitation_says_nothing_to_whoever_lacks_its_link(app: &TestApp) {
    let ada = app.db_user("ada").await;
    let acme = app.db_owned("acme", &ada).await;
    let link = app.db_invite(&acme, "new@acme.example", "member").await;
    let (browser, bobs) = (app.browser(), app.db_signed_in(&app.db_user("bob").await).await);
    let token = link.trim_start_matches("/invite/");
    let other =
        grantor::crypto::token::PlainToken::new(grantor::crypto::token::TokenKind::Invitation, acme.id, &[7; 32]);
    for wrong in ["x", &token[..token.len() - 1], &token.replace("gin_", "gml_"), other.expose()] {
        let page = browser.get(&format!("/invite/{wrong}")).await;
        assert_eq!((page.status, page.words("h1").as_str()), (410, "This invitation does not work any more"));
        assert!(!page.body.contains("acme"), "{}", page.body);
        let mut form = bobs.get("/orgs").await.sign_out_form();
        form.action = format!("/invite/{wrong}");
        assert_eq!(bobs.post(form).await.status, 410, "{wrong}");
    }
    // Nobody is signed in: the form of a guest is no acceptance.
    let mut form = browser.get("/login").await.form("login-submit");
    form.action = link.clone();
    assert_eq!(browser.post(form).await.status, 401);
    assert_eq!(app.rows("organization_members"), 1);
}

/// C62: judged at use, not by a cleaner.
async fn an_invitation_ends_when_it_says(app: &TestApp) {
    let ada = app.db_user("ada").await;
    let acme = app.db_owned("acme", &ada).await;
    let link = app.db_invite(&acme, "new@acme.example", "member").await;
    let bob = app.db_user("bob").await;
    app.wait(7 * 86_400 - 1);
    let browser = app.db_signed_in(&bob).await;
    let offer = browser.get(&link).await;
    assert!(offer.has("#invitation-accept"));
    app.wait(1);
    assert_eq!(browser.submit(&offer, "invitation-accept", &[]).await.status, 410);
    assert_eq!(browser.get(&link).await.status, 410);
    let page = app.db_signed_in(&ada).await.get("/orgs/acme/members").await;
    assert!(page.words("#invitations h3").contains("Expired"), "it is shown, to be sent again");
    assert_eq!(app.rows("organization_members"), 1);
    app.wait(31 * 86_400);
    app.db_sweep().await;
    assert_eq!(app.rows("invitations"), 0, "addresses of people who never came are forgotten");
}

async fn the_newest_invitation_to_an_address_is_the_only_one(app: &TestApp) {
    let ada = app.db_user("ada").await;
    let acme = app.db_owned("acme", &ada).await;
    let first = app.db_invite(&acme, "New@acme.example", "member").await;
    let browser = app.db_signed_in(&ada).await;
    let page = browser.get("/orgs/acme/members").await;
    let mut form = page.sign_out_form().with(&[("email", "new@ACME.example")]);
    form.action = "/orgs/acme/members/invite/again".to_owned();
    let soon = browser.post(form).await;
    assert_eq!(soon.status, 429, "a mail a minute");
    app.wait(60);
    let mut form = page.sign_out_form().with(&[("email", "new@ACME.example")]);
    form.action = "/orgs/acme/members/invite/again".to_owned();
    let again = browser.post(form).await;
    assert_eq!(again.location(), "/orgs/acme/members?done=again");
    let second = app.db_mailed_path("New@acme.example", "/invite/").await;
    assert_ne!(first, second);
    let stranger = app.browser();
    assert_eq!((stranger.get(&first).await.status, stranger.get(&second).await.status), (410, 200));
    assert_eq!(browser.get("/orgs/acme/members").await.all_words("#invitations h3").len(), 1);
}

async fn an_invitation_taken_back_is_void(app: &TestApp) {
    let ada = app.db_user("ada").await;
    let acme = app.db_owned("acme", &ada).await;
    let link = app.db_invite(&acme, "new@acme.example", "member").await;
    let browser = app.db_signed_in(&ada).await;
    let page = browser.get("/orgs/acme/members").await;
    let revoke = |email: &str| {
        let mut form = page.sign_out_form().with(&[("email", email)]);
        form.action = "/orgs/acme/members/invite/revoke".to_owned();
        form
    };
    assert_eq!(browser.post(revoke("new@acme.example")).await.location(), "/orgs/acme/members?done=revoked");
    assert_eq!(app.browser().get(&link).await.status, 410);
    assert_eq!(browser.post(revoke("new@acme.example")).await.status, 409);
    assert!(app.db_events().await.contains(&"org.invite.revoke".to_owned()));
}

/// C60, C62: used for many means used once.
async fn sixteen_acceptances_by_sixteen_people_make_one_member(app: &TestApp) {
    let ada = app.db_user("ada").await;
    let acme = app.db_owned("acme", &ada).await;
    let link = app.db_invite(&acme, "new@acme.example", "member").await;
    let token = link.trim_start_matches("/invite/").to_owned();
    let mut people = Vec::new();
    for number in 0..16 {
        people.push(app.db_user(&format!("person{number}")).await);
    }
    let (here, app_) = (caller(), app.app());
    let accepted = join_all(people.iter().map(|person| accept::accept(&app_, &here, &person.row, &token))).await;
    assert_eq!(accepted.iter().filter(|answer| answer.is_ok()).count(), 1);
    for refusal in accepted.iter().filter_map(|answer| answer.as_ref().err()) {
        assert!(matches!(refusal, OrganizationRefusal::InvitationVoid), "{refusal}");
    }
    assert_eq!(app.rows("organization_members"), 2);
    let events = app.db_events().await;
    assert_eq!(events.iter().filter(|event| *event == "org.invite.accept").count(), 1);
}

/// C60: sixteen tabs.
async fn sixteen_acceptances_by_one_person_make_one_member(app: &TestApp) {
    let ada = app.db_user("ada").await;
    let acme = app.db_owned("acme", &ada).await;
    let link = app.db_invite(&acme, "new@acme.example", "member").await;
    let bob = app.db_user("bob").await;
    let browser = app.db_signed_in(&bob).await;
    let offer = browser.get(&link).await;
    let answers = join_all((0..16).map(|_| browser.submit(&offer, "invitation-accept", &[]))).await;
    let of = |status: u16| answers.iter().filter(|answer| answer.status == status).count();
    assert_eq!((of(303), of(410)), (1, 15));
    assert_eq!(app.rows("organization_members"), 2);
}

async fn a_member_who_accepts_changes_nothing(app: &TestApp) {
    let ada = app.db_user("ada").await;
    let acme = app.db_owned("acme", &ada).await;
    let bob = app.db_member(&acme, "bob", "member").await;
    let link = app.db_invite(&acme, "other@acme.example", "owner").await;
    let browser = app.db_signed_in(&bob).await;
    let page = browser.get(&link).await;
    assert!(page.words("h1").contains("already") && !page.has("#invitation-accept"));
    let mut form = page.sign_out_form();
    form.action = link.clone();
    assert_eq!(browser.post(form).await.location(), "/orgs/acme");
    assert_eq!(app.db_place_of(&acme, &bob).await.expect("a row").0, "member");
    assert_eq!(browser.get(&link).await.status, 410, "used up");
}

/// C48, ASVS 1.3.11.
async fn a_form_with_a_fault_invites_nobody(app: &TestApp) {
    let ada = app.db_user("ada").await;
    let acme = app.db_owned("acme", &ada).await;
    app.db_member(&acme, "bob", "member").await;
    let browser = app.db_signed_in(&ada).await;
    let page = browser.get("/orgs/acme/members/invite").await;
    for emails in ["", "good@acme.example, evil@acme.example@b.example", "A <c@d.example>", "x"] {
        let refused = browser.submit(&page, "invite-send", &[("emails", emails)]).await;
        assert_eq!((refused.status, refused.has("#emails-fault")), (400, true), "{emails:?}");
    }
    let refused = browser.submit(&page, "invite-send", &[("emails", "a@b.example\r\nBcc: c@d.example")]).await;
    assert_eq!(refused.status, 400, "no line breaks in any form");
    let form = page.form("invite-send").with(&[("emails", "a@b.example"), ("role", "captain")]);
    assert_eq!(browser.post(form).await.status, 400);
    let form = page.form("invite-send").with(&[("emails", "a@b.example"), ("team", "nowhere")]);
    assert_eq!(browser.post(form).await.status, 404);
    assert_eq!((app.rows("invitations"), app.rows("mails")), (0, 0));
}

async fn invitations_are_counted(app: &TestApp) {
    app.restart_with(|config| config.organizations.invitations_per_day = 2).await;
    let ada = app.db_user("ada").await;
    app.db_owned("acme", &ada).await;
    let browser = app.db_signed_in(&ada).await;
    let page = browser.get("/orgs/acme/members/invite").await;
    let emails = "a@b.example, b@b.example, c@b.example";
    let refused = browser.submit(&page, "invite-send", &[("emails", emails)]).await;
    assert_eq!(refused.status, 429);
    assert_eq!(refused.attributes("#emails", "value"), ["c@b.example"], "what is left to do");
    assert_eq!(app.rows("mails"), 2);
    app.wait(86_401);
    let browser = app.db_signed_in(&ada).await;
    let page = browser.get("/orgs/acme/members/invite").await;
    assert_eq!(browser.submit(&page, "invite-send", &[("emails", "c@b.example")]).await.status, 303);
}

async fn nobody_invites_above_themselves(app: &TestApp) {
    let ada = app.db_user("ada").await;
    let acme = app.db_owned("acme", &ada).await;
    let manager = app.db_member(&acme, "manager", "manager").await;
    app.db_invite(&acme, "boss@acme.example", "owner").await;
    let browser = app.db_signed_in(&manager).await;
    let page = browser.get("/orgs/acme/members/invite").await;
    assert_eq!(page.attributes("input[name=role]", "value"), ["member", "admin", "manager"]);
    let forged = browser.submit(&page, "invite-send", &[("emails", "x@y.example"), ("role", "owner")]).await;
    assert_eq!(forged.status, 403);
    // Nor do they take an invitation back, or replace it, that is beyond them.
    let page = browser.get("/orgs/acme/members").await;
    assert!(!page.has("#invitations form"));
    for action in ["again", "revoke"] {
        let mut form = page.sign_out_form().with(&[("email", "boss@acme.example")]);
        form.action = format!("/orgs/acme/members/invite/{action}");
        assert_eq!(browser.post(form).await.status, 403, "{action}");
    }
    let page = browser.get("/orgs/acme/members/invite").await;
    let forged = browser.submit(&page, "invite-send", &[("emails", "BOSS@acme.example")]).await;
    assert_eq!(forged.status, 403);
    assert_eq!(app.rows("invitations"), 1);
}

async fn whoever_loses_the_right_to_invite_loses_what_they_sent(app: &TestApp) {
    let ada = app.db_user("ada").await;
    let acme = app.db_owned("acme", &ada).await;
    let manager = app.db_member(&acme, "manager", "manager").await;
    let browser = app.db_signed_in(&manager).await;
    let page = browser.get("/orgs/acme/members/invite").await;
    browser.submit(&page, "invite-send", &[("emails", "x@y.example"), ("role", "member")]).await;
    let (theirs, others) =
        (app.db_mailed_path("x@y.example", "/invite/").await, app.db_invite(&acme, "z@y.example", "member").await);
    let app_ = app.app();
    let set = grantor::flows::organizations::members::role::set_role(&app_, By::Operator, &acme, &manager.row, "admin");
    assert!(matches!(set.await, Ok(true)));
    let stranger = app.browser();
    assert_eq!((stranger.get(&theirs).await.status, stranger.get(&others).await.status), (410, 200));
}
