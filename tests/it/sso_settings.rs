//! Owners set a provider up by trying it, change it, remind members, and switch it off.

use grantor::flows::organizations::{By, members};
use grantor::flows::sso::SsoRefusal;
use grantor::flows::sso::settings;
use grantor::store::organizations::OrganizationRow;

use crate::support::db_shortcuts::caller;
use crate::support::page::Page;
use crate::support::sso_stage::Said;
use crate::support::upstream::Upstream;
use crate::support::{Browser, Person, TestApp, on_both};

on_both!(
    an_owner_sets_up_a_provider_by_trying_it,
    only_owners_see_the_settings,
    a_set_up_links_the_acting_owner_whatever_the_upstream_says,
    wrong_settings_are_explained,
    disabling_starts_clean_and_tells_everybody,
    another_provider_replaces_the_one_there_is,
    the_mapping_and_the_secret_change_and_the_subject_does_not,
    people_see_their_identities_and_nobody_elses,
    a_role_taken_meanwhile_changes_nothing,
    a_form_of_before_undoes_nothing,
);

/// An organization without a provider, and its owner in a browser.
async fn stage(app: &TestApp) -> (OrganizationRow, Person, Browser) {
    app.as_dev().await;
    let acme = app.db_org("acme").await;
    let owner = app.db_user("olga").await;
    app.db_set_email(&owner, "olga@home.example", true).await;
    app.db_join(&acme, &owner, "owner").await;
    let browser = app.db_signed_in(&owner).await;
    (acme, owner, browser)
}

/// Chooses the dummy provider, comes back, and sees the page that asks.
async fn try_dummy(browser: &Browser, said: Said<'_>) -> Page {
    let form = browser.get("/orgs/acme/sso?kind=dummy").await;
    let sent = browser.submit(&form, "sso-try", &[("require", "yes")]).await;
    assert_eq!(sent.status, 303, "{}", sent.body);
    let upstream = browser.get(sent.location()).await;
    let back = browser.say(&upstream, said).await;
    match back.header("location") {
        Some(location) => browser.get(location).await,
        None => back,
    }
}

/// S69, S90: the whole way with OpenID Connect; the callback is shown, the secret never again.
async fn an_owner_sets_up_a_provider_by_trying_it(app: &TestApp) {
    let (acme, owner, browser) = stage(app).await;
    let unlinked = app.db_user("una").await;
    app.db_set_email(&unlinked, "una@home.example", true).await;
    app.db_join(&acme, &unlinked, "member").await;
    let browser = {
        drop(browser);
        app.db_signed_in(&owner).await
    };
    let upstream = Upstream::start(app.clock.clone());
    for secret in ["upstream-access", "upstream-refresh", "the upstream client secret"] {
        app.shared.secrets.saw(secret);
    }
    let kinds = browser.get("/orgs/acme/sso").await;
    assert_eq!(kinds.all_words("#sso-kinds h2"), ["OpenID Connect", "Google", "GitHub", "OAuth 2.0", "Dummy"]);
    let form = browser.get("/orgs/acme/sso?kind=oidc").await;
    assert_eq!(form.attributes("#sso-callback", "value"), [format!("{}/sso/callback", app.issuer())]);
    let typed = [
        ("issuer", upstream.issuer.as_str()),
        ("client_id", "grantor"),
        ("secret", "the upstream client secret"),
        ("require", "yes"),
    ];
    let sent = browser.submit(&form, "sso-try", &typed).await;
    assert_eq!(sent.status, 303, "{}", sent.body);
    assert_eq!(app.rows("providers"), 0, "nothing counts yet");
    let asked = browser.get(browser.get(&upstream.allows(sent.location())).await.location()).await;
    assert_eq!(asked.words("h1"), "Switch OpenID Connect on for acme Inc?");
    assert!(asked.body.contains("nell@acme.example") && asked.body.contains("Claim sub"), "the preview");
    let done = browser.submit(&asked, "sso-set_up", &[]).await;
    assert_eq!((done.status, done.location()), (303, "/orgs/acme/sso"), "{}", done.body);
    let identity = app.db_identity(&acme, owner.row.id).await.expect("the acting owner's");
    assert_eq!((identity.subject.as_str(), identity.status.as_str()), ("u1", "valid"));
    assert!(app.db_has_proof(&browser, &acme).await);
    let page = browser.get("/orgs/acme/sso").await;
    assert_eq!((page.status, page.words("#sso-counts").as_str()), (200, "1 linked, 1 not linked yet."));
    assert!(!page.body.contains("the upstream client secret"));
    assert_eq!(app.db_mails("link_account"), 1, "who is not linked is asked to");
    let events = app.db_events().await;
    assert!(
        events.ends_with(&["sso.enable", "identity.link", "sign_in", "sso.remind"].map(str::to_owned)),
        "{events:?}"
    );
    let page = browser.submit(&page, "sso-remind", &[]).await;
    assert_eq!((page.status, app.db_mails("link_account")), (303, 2));
}

/// S69: admin and manager do not, others are told nothing.
async fn only_owners_see_the_settings(app: &TestApp) {
    let (acme, _, _) = stage(app).await;
    for (role, expected) in [("manager", 403), ("admin", 403), ("member", 403)] {
        let person = app.db_user(role).await;
        app.db_join(&acme, &person, role).await;
        let browser = app.db_signed_in(&person).await;
        assert_eq!(browser.get("/orgs/acme/sso").await.status, expected, "{role}");
    }
    let stranger = app.db_user("stranger").await;
    let browser = app.db_signed_in(&stranger).await;
    for path in ["/orgs/acme/sso", "/orgs/none/sso", "/orgs/acme/sso/disable"] {
        assert_eq!(browser.get(path).await.status, 404, "{path}");
    }
}

/// C38, S69 [M].
async fn a_set_up_links_the_acting_owner_whatever_the_upstream_says(app: &TestApp) {
    let (acme, owner, browser) = stage(app).await;
    let victim = app.db_user("victim").await;
    app.db_set_email(&victim, "victim@acme.example", true).await;
    app.db_join(&acme, &victim, "member").await;
    let browser = {
        drop(browser);
        app.db_signed_in(&owner).await
    };
    let asked = try_dummy(&browser, Said::verified("victim@acme.example")).await;
    let done = browser.submit(&asked, "sso-set_up", &[]).await;
    assert_eq!(done.status, 303, "{}", done.body);
    assert!(
        app.db_identity(&acme, owner.row.id).await.is_some() && app.db_identity(&acme, victim.row.id).await.is_none()
    );
    assert_eq!(browser.get("/account/sessions").await.status, 200, "still herself, by her own factor");
}

async fn wrong_settings_are_explained(app: &TestApp) {
    let (_, _, browser) = stage(app).await;
    let form = browser.get("/orgs/acme/sso?kind=oidc").await;
    for (issuer, expected) in [
        ("", "Issuer is missing"),
        ("https://10.1.2.3", "private address"),
        ("http://id.example.com", "not https"),
        ("http://127.0.0.1:1", "cannot be reached"),
        ("nothing", "not a URL"),
    ] {
        let page = browser.submit(&form, "sso-try", &[("issuer", issuer), ("client_id", "grantor")]).await;
        assert_eq!(page.status, 400, "{issuer}");
        assert!(page.words("#sso-error").contains(expected), "{issuer}: {}", page.words("#sso-error"));
    }
    let unknown = form.form("sso-try").with(&[("kind", "nonsense"), ("issuer", "x"), ("client_id", "y")]);
    assert_eq!(browser.post(unknown).await.status, 200, "the kinds again");
    assert_eq!(app.rows("sso_flows"), 0);
}

/// S24, S69: old links do not count for a provider enabled later.
async fn disabling_starts_clean_and_tells_everybody(app: &TestApp) {
    let (acme, owner, browser) = stage(app).await;
    let asked = try_dummy(&browser, Said::verified("olga@acme.example")).await;
    browser.submit(&asked, "sso-set_up", &[]).await;
    let member = app.browser();
    let asked = member.sso("/login/acme", Said { id: "n", ..Said::verified("nell@acme.example") }).await;
    member.submit(&asked, "sso-new", &[]).await;
    let nell = app.db_users().await.into_iter().find(|user| user.managed_by.is_some()).expect("a managed account");
    let question = browser.get("/orgs/acme/sso/disable").await;
    let done = browser.submit(&question, "confirm", &[]).await;
    assert_eq!(done.status, 303, "{}", done.body);
    assert_eq!((app.rows("providers"), app.rows("identities"), app.rows("session_proofs")), (0, 0, 0));
    assert_eq!(app.db_mails("sso_disabled"), 2);
    let nell = app.db_users().await.into_iter().find(|user| user.id == nell.id).expect("still there");
    assert_eq!(nell.managed_by, None);
    assert_eq!(app.db_events().await.last().map(String::as_str), Some("sso.disable"));
    // Enabled again: nobody is linked but who set it up.
    let asked = try_dummy(&browser, Said::verified("olga@acme.example")).await;
    browser.submit(&asked, "sso-set_up", &[]).await;
    assert!(app.db_identity(&acme, owner.row.id).await.is_some() && app.db_identity(&acme, nell.id).await.is_none());
}

/// DECISIONS: another issuer or client is a new provider row.
async fn another_provider_replaces_the_one_there_is(app: &TestApp) {
    let (acme, owner, browser) = stage(app).await;
    let asked = try_dummy(&browser, Said::verified("olga@acme.example")).await;
    browser.submit(&asked, "sso-set_up", &[]).await;
    let first = app.db_identity(&acme, owner.row.id).await.expect("an identity");
    let asked = try_dummy(&browser, Said { id: "other", ..Said::verified("olga@acme.example") }).await;
    browser.submit(&asked, "sso-set_up", &[]).await;
    let second = app.db_identity(&acme, owner.row.id).await.expect("an identity");
    assert!(first.provider_id != second.provider_id && second.subject == "other");
    assert_eq!((app.rows("providers"), app.rows("identities"), app.rows("session_proofs")), (1, 1, 1));
}

async fn the_mapping_and_the_secret_change_and_the_subject_does_not(app: &TestApp) {
    let (acme, owner, browser) = stage(app).await;
    let upstream = Upstream::start(app.clock.clone());
    app.shared.secrets.saw("upstream-access");
    app.shared.secrets.saw("upstream-refresh");
    app.db_provider(&acme, "oidc", &upstream.oidc_settings()).await;
    let linked = browser.get("/link/acme").await;
    let sent = browser.submit(&linked, "sso-continue", &[]).await;
    let asked = browser.get(browser.get(&upstream.allows(sent.location())).await.location()).await;
    browser.submit(&asked, "sso-link", &[]).await;
    let page = browser.get("/orgs/acme/sso").await;
    assert_eq!(page.status, 200, "{}", page.location());
    let typed = [
        ("claims.subject", "email"),
        ("claims.name", "nickname"),
        ("secret", "a rotated upstream secret"),
        ("require", ""),
    ];
    app.shared.secrets.saw("a rotated upstream secret");
    let saved = browser.submit(&page, "sso-save", &typed).await;
    assert_eq!(saved.status, 303, "{}", saved.body);
    let id = acme.id;
    let read = app.app();
    let row = read.store.read(move |conn| grantor::store::providers::find_of_organization(conn, id)).await;
    let row = row.expect("an answer").expect("a provider");
    assert!(row.settings.contains("nickname") && row.settings.contains(r#""subject":"sub""#), "{}", row.settings);
    assert!(row.allow_unlinked && !row.settings.contains("rotated"));
    let opened = grantor::flows::sso::providers::open(&read, &row).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(opened.secret.as_deref(), Some("a rotated upstream secret"));
    assert_eq!(app.db_events().await.last().map(String::as_str), Some("sso.edit"));
    assert!(app.db_identity(&acme, owner.row.id).await.is_some(), "the same provider");
}

/// C70: somebody else's identity is not unlinked.
async fn people_see_their_identities_and_nobody_elses(app: &TestApp) {
    app.as_dev().await;
    let acme = app.db_dummy_org("acme").await;
    let (ada, eve) = (app.db_user("ada").await, app.db_user("eve").await);
    let (hers, eves) = (app.db_signed_in(&ada).await, app.db_signed_in(&eve).await);
    let asked = hers.sso("/login/acme", Said::verified("ada@acme.example")).await;
    hers.submit(&asked, "sso-link", &[]).await;
    let page = hers.get("/account/identities").await;
    assert!(page.body.contains("acme Inc") && page.body.contains("ada@acme.example"));
    let link = page.attributes("a[href*='/account/identities/unlink']", "href").remove(0);
    let id = link.split_once("identity=").expect("its name").1.to_owned();
    let eves_page = eves.get("/account/identities").await;
    assert!(eves_page.has("#no-identities"));
    let token = eves.get("/logout").await.form("logout-confirm").value("csrf_token").to_owned();
    let form = |token: &str| crate::support::page::Form {
        action: "/account/identities/unlink".to_owned(),
        fields: vec![("csrf_token".to_owned(), token.to_owned()), ("identity".to_owned(), id.clone())],
    };
    assert_eq!(eves.post(form(&token)).await.status, 303, "no error, and nothing happens");
    assert!(app.db_identity(&acme, ada.row.id).await.is_some());
    let question = hers.get(&link).await;
    assert_eq!(hers.submit(&question, "confirm", &[]).await.status, 303);
    assert!(app.db_identity(&acme, ada.row.id).await.is_none());
}

/// ASVS 8.3.2: whoever acts is judged in the transaction, by the role they have then.
async fn a_role_taken_meanwhile_changes_nothing(app: &TestApp) {
    let (acme, olga, browser) = stage(app).await;
    app.db_member(&acme, "second", "owner").await;
    let give = async |role: &str| {
        let given = members::role::set_role(&app.app(), By::Operator, &acme, &olga.row, role).await;
        assert!(given.unwrap_or_else(|refusal| panic!("{refusal}")));
    };
    // Tried as an owner, switched on as a manager.
    let asked = try_dummy(&browser, Said::verified("olga@acme.example")).await;
    give("manager").await;
    assert_eq!(browser.submit(&asked, "sso-set_up", &[]).await.status, 409);
    assert_eq!((app.rows("providers"), app.rows("identities")), (0, 0));
    give("owner").await;
    let asked = try_dummy(&browser, Said::verified("olga@acme.example")).await;
    assert_eq!(browser.submit(&asked, "sso-set_up", &[]).await.status, 303);

    let before = app.dump();
    let provider = |dump: &str| dump.lines().find(|line| line.starts_with("providers: ")).map(str::to_owned);
    give("admin").await;
    let (inner, caller) = (app.app(), caller());
    let edit = || settings::Edit { allow_unlinked: Some(true), ..settings::Edit::default() };
    let edited = settings::edit(&inner, By::Person(&olga.row, &caller), &acme, edit()).await;
    assert!(matches!(edited, Err(SsoRefusal::Changed)), "{edited:?}");
    let disabled = settings::disable(&inner, By::Person(&olga.row, &caller), &acme).await;
    assert!(matches!(disabled, Err(SsoRefusal::NoProvider | SsoRefusal::Changed)), "{disabled:?}");
    assert_eq!(provider(&app.dump()), provider(&before));
    assert_eq!((app.rows("identities"), app.db_mails("sso_disabled")), (1, 0));
    give("owner").await;
    assert!(settings::edit(&inner, By::Person(&olga.row, &caller), &acme, edit()).await.is_ok());
    assert!(settings::disable(&inner, By::Person(&olga.row, &caller), &acme).await.is_ok());
    assert_eq!(app.rows("providers"), 0);
}

/// Two owners have the page open: the later form does not undo what the earlier one did.
async fn a_form_of_before_undoes_nothing(app: &TestApp) {
    let (acme, _, browser) = stage(app).await;
    let asked = try_dummy(&browser, Said::verified("olga@acme.example")).await;
    browser.submit(&asked, "sso-set_up", &[]).await;
    let (mine, theirs) = (browser.get("/orgs/acme/sso").await, browser.get("/orgs/acme/sso").await);
    let saved = browser.submit(&mine, "sso-save", &[("require", "yes"), ("joining", "invited")]).await;
    assert_eq!(saved.status, 303, "{}", saved.body);
    let joining = [("require", ""), ("joining", "everyone")];
    let refused = browser.submit(&theirs, "sso-save", &joining).await;
    assert_eq!(refused.status, 409);
    assert!(refused.words("main").contains("Somebody changed it meanwhile"), "{}", refused.body);
    let (id, read) = (acme.id, app.app());
    let row = read.store.read(move |conn| grantor::store::providers::find_of_organization(conn, id)).await;
    let kept = row.expect("an answer").expect("a provider");
    assert!(!kept.allow_unlinked, "single sign-on is still asked for");
    let again = browser.submit(&refused, "sso-save", &joining).await;
    assert_eq!(again.status, 303, "what is shown now may be changed: {}", again.body);
}
