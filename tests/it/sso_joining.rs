//! Who becomes a member by a provider's word: everybody it lets in, or only whom an invitation waits for.

use grantor::flows::organizations::By;
use grantor::flows::organizations::invitations::revoke;
use grantor::store::organizations::OrganizationRow;
use grantor::store::providers::{self, ProviderRow};

use crate::support::page::Page;
use crate::support::sso_stage::Said;
use crate::support::upstream::Upstream;
use crate::support::{Browser, Person, TestApp, on_both};

on_both!(
    a_stranger_stays_out_where_only_invited_people_join,
    an_invitation_to_the_verified_address_opens_the_door_once,
    whoever_is_a_member_already_links_without_an_invitation,
    an_invitation_withdrawn_before_the_click_lets_nobody_in,
    whose_word_says_who_belongs_begins_with_everybody_and_others_with_invited_people,
);

/// An organization whose provider's word makes nobody a member, and its owner.
async fn acme(app: &TestApp) -> (OrganizationRow, Person) {
    app.as_dev().await;
    let olga = app.db_user("olga").await;
    let acme = app.db_owned("acme", &olga).await;
    app.db_provider(&acme, "dummy", "{}").await;
    app.db_batch("UPDATE providers SET joining = 'invited'");
    app.restart().await;
    (acme, olga)
}

async fn provider(app: &TestApp, organization: &OrganizationRow) -> ProviderRow {
    let id = organization.id;
    let read = app.app().store.read(move |conn| providers::find_of_organization(conn, id)).await;
    read.expect("the store answers").expect("a provider")
}

fn is_kept_out(page: &Page) -> bool {
    (page.status, page.words("h1").as_str()) == (403, "You need an invitation")
}

/// An upstream that half the world has an account at makes nobody a member; the refusal is on the record.
async fn a_stranger_stays_out_where_only_invited_people_join(app: &TestApp) {
    let (acme, _) = acme(app).await;
    let events = app.db_events().await.len();
    let browser = app.browser();
    let page = browser.sso("/login/acme", Said::verified("eve@home.example")).await;
    assert!(is_kept_out(&page), "{}", page.body);
    assert!(page.body.contains("Ask a manager of the organization to invite the address"), "{}", page.body);
    assert_eq!((app.db_users().await.len(), app.rows("identities"), browser.session()), (1, 0, None));
    let event = app.db_audit().await.pop().expect("an event");
    assert_eq!((event.event.as_str(), event.organization_id), ("sign_in.failed", Some(acme.id)));
    assert!(event.data.contains("sso_not_invited"), "{}", event.data);
    assert_eq!(app.db_events().await.len(), events + 1, "one row");

    // Neither as somebody with an account, who is told so as well.
    let eve = app.db_user("eve").await;
    let hers = app.db_signed_in(&eve).await;
    assert!(is_kept_out(&hers.sso("/login/acme", Said::verified("eve@home.example")).await));
    // Nor by an account of an address, which may only be proven.
    app.db_set_email(&eve, "eve@home.example", false).await;
    let asked = app.browser().sso("/login/acme", Said { id: "2", ..Said::verified("eve@home.example") }).await;
    assert_eq!((asked.words("h1").as_str(), asked.has("#sso-new")), ("Is this your account?", false));
    assert!(app.db_membership(&acme, eve.row.id).await.is_none());
}

/// The address has to be verified by the provider, and the invitation is used up, with its role.
async fn an_invitation_to_the_verified_address_opens_the_door_once(app: &TestApp) {
    let (acme, _) = acme(app).await;
    app.db_invite(&acme, "Nell@acme.example", "manager").await;
    let claimed = Said { id: "1", email: "nell@acme.example", ..Said::default() };
    assert!(is_kept_out(&app.browser().sso("/login/acme", claimed).await), "an address anybody can write down");
    assert!(is_kept_out(&app.browser().sso("/login/acme", Said::verified("nell@acme.exampl")).await));

    let browser = app.browser();
    let asked = browser.sso("/login/acme", Said { id: "2", ..Said::verified("nell@acme.example") }).await;
    assert_eq!(asked.words("h1"), "Join acme Inc");
    assert_eq!(browser.submit(&asked, "sso-new", &[]).await.status, 303);
    let nell = app.db_users().await.into_iter().find(|user| user.managed_by.is_some()).expect("an account");
    let member = app.db_membership(&acme, nell.id).await.expect("a membership");
    assert_eq!((member.role.as_str(), member.status.as_str()), ("manager", "active"));
    let again = app.browser().sso("/login/acme", Said { id: "3", ..Said::verified("nell@acme.example") }).await;
    assert!(again.status == 200 && !again.has("#sso-new"), "it counts once: {}", again.words("h1"));
    let known = app.browser().sso("/login/acme", Said { id: "2", ..Said::verified("nell@acme.example") }).await;
    assert_eq!((known.status, known.location()), (302, "/orgs/acme"), "who is in comes in");

    app.db_invite(&acme, "late@acme.example", "member").await;
    app.wait(30 * 86_400);
    assert!(is_kept_out(&app.browser().sso("/login/acme", Said::verified("late@acme.example")).await), "it is over");
}

/// From the very page that keeps strangers out, a member gets to their account and links it.
async fn whoever_is_a_member_already_links_without_an_invitation(app: &TestApp) {
    let (acme, _) = acme(app).await;
    let ada = app.db_member(&acme, "ada", "member").await;
    let browser = app.browser();
    let out = browser.sso("/login/acme", Said::verified("ada@acme.example")).await;
    assert!(is_kept_out(&out));
    let way = out.attributes("main a", "href").into_iter().find(|href| href.starts_with("/login?")).expect("a way on");
    let back = browser.sign_in_on(&browser.get(&way).await, &ada).await;
    assert_eq!(back.location(), "/login/acme");
    let asked = browser.sso(back.location(), Said::verified("ada@acme.example")).await;
    assert_eq!(asked.words("h1"), "Link this account?");
    assert_eq!(browser.submit(&asked, "sso-link", &[]).await.status, 303);
    assert!(app.db_identity(&acme, ada.row.id).await.is_some());
}

/// What the page offered is judged again in the transaction.
async fn an_invitation_withdrawn_before_the_click_lets_nobody_in(app: &TestApp) {
    let (acme, olga) = acme(app).await;
    app.db_invite(&acme, "nell@acme.example", "member").await;
    let browser = app.browser();
    let asked = browser.sso("/login/acme", Said::verified("nell@acme.example")).await;
    let inner = app.app();
    let revoked = revoke::revoke(&inner, By::Operator, &acme, "nell@acme.example").await;
    revoked.unwrap_or_else(|refusal| panic!("{refusal}"));
    let page = browser.submit(&asked, "sso-new", &[]).await;
    assert!(is_kept_out(&page), "{}", page.body);
    assert_eq!(app.db_users().await.len(), 1);
    // The owner lets everybody in, and the same page is good again.
    let owner = app.db_signed_in(&olga).await;
    let linked = owner.sso("/link/acme", Said { id: "o", ..Said::verified("olga@acme.example") }).await;
    owner.submit(&linked, "sso-link", &[]).await;
    let settings = owner.get("/orgs/acme/sso").await;
    assert_eq!(settings.attributes("#sso-joining input[checked]", "value"), ["invited"]);
    let saved = owner.submit(&settings, "sso-save", &[("joining", "everyone")]).await;
    assert_eq!(saved.status, 303, "{}", saved.body);
    assert_eq!(provider(app, &acme).await.joining, "everyone");
    let event = app.db_audit().await.pop().expect("an event");
    assert!(event.event == "sso.edit" && event.data.contains(r#""joining":"everyone""#), "{}", event.data);
    assert_eq!(browser.submit(&asked, "sso-new", &[]).await.status, 303);
}

/// What a kind begins with is on its form, and what was chosen there is what counts.
async fn whose_word_says_who_belongs_begins_with_everybody_and_others_with_invited_people(app: &TestApp) {
    app.as_dev().await;
    let olga = app.db_user("olga").await;
    let acme = app.db_owned("acme", &olga).await;
    let browser = app.db_signed_in(&olga).await;
    for (kind, chosen) in [
        ("oidc", "invited"),
        ("google", "everyone"),
        ("github", "everyone"),
        ("oauth2", "invited"),
        ("dummy", "everyone"),
    ] {
        let form = browser.get(&format!("/orgs/acme/sso?kind={kind}")).await;
        assert_eq!(form.attributes("#sso-joining input[checked]", "value"), [chosen], "{kind}");
    }
    let upstream = Upstream::start(app.clock.clone());
    app.shared.secrets.saw("upstream-access");
    app.shared.secrets.saw("upstream-refresh");
    upstream.sends_iss(false);
    let set_up = async |browser: &Browser, changes: &[(&str, &str)]| {
        let at = |path: &str| format!("{}{path}", upstream.issuer);
        let (authorize, token, user) = (at("/authorize"), at("/token"), at("/userinfo"));
        let form = browser.get("/orgs/acme/sso?kind=oauth2").await;
        let typed = [
            ("authorization_endpoint", authorize.as_str()),
            ("token_endpoint", &token),
            ("userinfo_endpoint", &user),
            ("client_id", "grantor"),
            ("require", "yes"),
        ];
        let sent = browser.post(form.form("sso-try").with(&typed).with(changes)).await;
        assert_eq!(sent.status, 303, "{}", sent.body);
        let asked = browser.get(browser.get(&upstream.allows(sent.location())).await.location()).await;
        let done = browser.submit(&asked, "sso-set_up", &[]).await;
        assert_eq!(done.status, 303, "{}", done.body);
    };
    set_up(&browser, &[]).await;
    assert_eq!(provider(app, &acme).await.joining, "invited");
    set_up(&browser, &[("joining", "nonsense")]).await;
    assert_eq!(provider(app, &acme).await.joining, "invited", "the careful one when nobody chose");
    set_up(&browser, &[("joining", "everyone")]).await;
    assert_eq!(provider(app, &acme).await.joining, "everyone");
    let event = app.db_audit().await.into_iter().rfind(|event| event.event == "sso.enable").expect("an event");
    assert!(event.data.contains(r#""joining":"everyone""#), "{}", event.data);
}
