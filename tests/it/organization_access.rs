//! Applications whose access is bound to an organization: who chooses it, what proof it takes, and what ends it.

use grantor::flows::organizations::{By, members};
use grantor::flows::sso::{break_glass, recheck};
use grantor::store::organizations::OrganizationRow;

use crate::seen::at_client;
use crate::support::db_shortcuts::{caller, web_client};
use crate::support::page::Page;
use crate::support::relying_party::Tokens;
use crate::support::sso_stage::Said;
use crate::support::{Browser, ClientSpec, Person, RelyingParty, TestApp, on_both};

on_both!(
    the_user_chooses_and_the_token_carries_the_organization,
    whoever_is_in_no_organization_is_told_so,
    an_organization_of_others_looks_like_none,
    each_organization_has_an_authorization_of_its_own,
    without_proof_the_way_leads_upstream_and_back_to_the_very_same_request,
    prompt_none_never_leads_upstream,
    prompt_login_takes_a_new_proof_from_the_provider,
    a_token_lives_and_revives_with_its_identity,
    a_refresh_on_a_stale_identity_costs_nothing,
    a_removed_member_keeps_no_token,
    a_token_does_what_the_role_allows_at_the_time_of_use,
    a_provider_that_is_replaced_ends_old_tokens,
    a_session_vouched_for_by_a_provider_opens_that_organization_only,
    consent_is_judged_again_when_it_is_given,
    the_glass_is_broken_by_a_sole_owner_only,
    the_glass_is_broken_on_a_page_that_asks_twice,
    a_re_check_asks_each_identity_once,
);

const SCOPES: [(&str, &str); 1] = [("scope", "org:read member:admin")];

async fn board(app: &TestApp) -> RelyingParty {
    let spec = ClientSpec { name: Some("Board".to_owned()), organization_access: true, ..web_client() };
    app.db_client(spec).await
}

fn within<'a>(slug: &'a str, more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    SCOPES.iter().chain(more).copied().chain([("organization", slug)]).collect()
}

/// An organization that asks for single sign-on, with ada as its member, not linked yet.
async fn acme_and_ada(app: &TestApp) -> (OrganizationRow, Person, Browser) {
    app.as_dev().await;
    let acme = app.db_dummy_org("acme").await;
    let ada = app.db_user("ada").await;
    app.db_join(&acme, &ada, "member").await;
    let browser = app.db_signed_in(&ada).await;
    (acme, ada, browser)
}

/// Links ada through the dummy provider; where the browser goes then.
async fn link(browser: &Browser, path: &str) -> Page {
    let asked = browser.sso(path, Said { id: "ada-upstream", ..Said::verified("ada@acme.example") }).await;
    match asked.has("#sso-link") {
        true => browser.submit(&asked, "sso-link", &[]).await,
        false => asked,
    }
}

/// Tokens bound to acme, for ada, who is linked on the way.
async fn linked_tokens(browser: &Browser, board: &RelyingParty) -> Tokens {
    let sent = browser.get(&board.authorize_url(&within("acme", &[]))).await;
    let back = link(browser, sent.location()).await;
    let code = board.code_of(&browser.allow(browser.get(back.location()).await).await);
    Tokens::of(&board.redeem(&code).await)
}

async fn set_identity(app: &TestApp, organization: &OrganizationRow, person: &Person, change: &str) {
    let identity = app.db_identity(organization, person.row.id).await.expect("an identity");
    app.db_batch(&format!("UPDATE identities SET {change} WHERE id = {}", identity.id));
    app.restart().await;
}

/// S18: chosen on a page of its own, shown on the consent page, named by tokens and introspection.
async fn the_user_chooses_and_the_token_carries_the_organization(app: &TestApp) {
    let (board, ada) = (board(app).await, app.db_user("ada").await);
    let (acme, zeta) = (app.db_org("acme").await, app.db_org("zeta").await);
    app.db_join(&acme, &ada, "member").await;
    app.db_join(&zeta, &ada, "member").await;
    let browser = app.db_signed_in(&ada).await;
    let chooser = browser.get(&board.authorize_url(&SCOPES)).await;
    assert_eq!((chooser.status, chooser.words("h1").as_str()), (200, "Choose an organization"));
    assert_eq!(chooser.all_words("#organizations h2"), ["acme Inc", "zeta Inc"]);
    assert_eq!(app.rows("consent_requests"), 0);

    let links = chooser.attributes("#organizations a", "href");
    let consent = browser.get(&links[1]).await;
    assert_eq!(consent.words("h1"), "Board asks for access to zeta Inc");
    assert!(consent.words("#consent-organization").contains("In zeta Inc"), "{}", consent.body);
    let change = consent.attributes("#consent-organization a", "href");
    assert_eq!(browser.get(&change[0]).await.words("h1"), "Choose an organization");

    let code = board.code_of(&browser.allow(consent).await);
    let answer = board.redeem(&code).await;
    assert_eq!(answer.text("organization_id"), "public-zeta");
    let tokens = Tokens::of(&answer);
    let seen = board.introspect(&tokens.access).await.json();
    assert_eq!((seen["organization_id"].as_str(), seen["organization"].as_str()), (Some("public-zeta"), Some("zeta")));
    let refreshed = board.refresh(&tokens.refresh).await;
    assert_eq!(refreshed.text("organization_id"), "public-zeta");
    let seen = board.introspect(&refreshed.text("refresh_token")).await.json();
    assert_eq!(seen["organization_id"].as_str(), Some("public-zeta"));
    let events = app.db_audit().await;
    let consent = events.iter().find(|event| event.event == "consent.allow").expect("an event");
    assert_eq!(consent.organization_id, Some(zeta.id), "the organization's log has it");
    // Never silently: the organization is shown each time.
    assert!(browser.get(&board.authorize_url(&within("zeta", &[]))).await.has("#consent-allow"));
}

/// S18.
async fn whoever_is_in_no_organization_is_told_so(app: &TestApp) {
    let (board, ada) = (board(app).await, app.db_user("ada").await);
    let browser = app.db_signed_in(&ada).await;
    let page = browser.get(&board.authorize_url(&SCOPES)).await;
    assert_eq!(page.status, 400, "{}", page.body);
    assert!(page.body.contains("for members of an organization"), "{}", page.body);
    let quiet = at_client(&browser.get(&board.authorize_url(&[("prompt", "none")])).await, &board);
    assert!(quiet.starts_with("302 ? error=interaction_required & "), "{quiet}");
    assert_eq!(app.rows("grants"), 0);
}

/// S18, C24, seed FIX 33.
async fn an_organization_of_others_looks_like_none(app: &TestApp) {
    let (board, ada, bob) = (board(app).await, app.db_user("ada").await, app.db_user("bob").await);
    let (acme, zeta) = (app.db_org("acme").await, app.db_org("zeta").await);
    app.db_join(&acme, &ada, "member").await;
    app.db_join(&zeta, &bob, "member").await;
    let browser = app.db_signed_in(&ada).await;
    for slug in ["zeta", "no-such", "ACME", "1"] {
        let seen = at_client(&browser.get(&board.authorize_url(&within(slug, &[]))).await, &board);
        let expected = "302 ? error=unauthorized_client & error_description=the user is in no such organization (reference [reference]) & \
                        state=af0ifjsldkj & iss=[issuer]";
        assert_eq!(seen, expected, "{slug}");
    }
    assert_eq!((app.rows("grants"), app.rows("consent_requests")), (0, 0));
}

/// S18: another organization, another row; the same one, merged scopes.
async fn each_organization_has_an_authorization_of_its_own(app: &TestApp) {
    let (board, ada) = (board(app).await, app.db_user("ada").await);
    for slug in ["acme", "zeta"] {
        let organization = app.db_org(slug).await;
        app.db_join(&organization, &ada, "owner").await;
    }
    let browser = app.db_signed_in(&ada).await;
    let first = board.code(&browser, &[("scope", "org:read"), ("organization", "acme")]).await;
    let first = Tokens::of(&board.redeem(&first).await);
    board.code(&browser, &[("scope", "team:read"), ("organization", "acme")]).await;
    assert_eq!(app.rows("authorizations"), 1);
    let other = board.code(&browser, &[("scope", "org:read"), ("organization", "zeta")]).await;
    let other = Tokens::of(&board.redeem(&other).await);
    assert_eq!(app.rows("authorizations"), 2);
    let again = browser.get(&board.authorize_url(&[("scope", "member:read"), ("organization", "acme")])).await;
    assert_eq!(again.all_words(".grants .held").len(), 3, "account, org and team were allowed there: {}", again.body);
    // Each ends by itself.
    app.db_batch(
        "DELETE FROM authorizations WHERE organization_id = (SELECT id FROM organizations WHERE slug = 'acme')",
    );
    app.restart().await;
    assert_eq!((board.is_active(&first.access).await, board.is_active(&other.access).await), (false, true));
}

/// The step the lifecycle is fed by: link, come back, consent, code (S72).
async fn without_proof_the_way_leads_upstream_and_back_to_the_very_same_request(app: &TestApp) {
    let (acme, ada, browser) = acme_and_ada(app).await;
    let board = board(app).await;
    let request = board.authorize_url(&within("acme", &[("nonce", "n-0S6_WzA2Mj")]));
    let sent = browser.get(&request).await;
    assert!(sent.location().starts_with("/login/acme?return_to="), "{}", sent.location());
    assert_eq!((app.rows("consent_requests"), app.rows("identities")), (0, 0));
    let back = link(&browser, sent.location()).await;
    assert_eq!(format!("{}{}", app.issuer(), back.location()), request, "the very same request");
    assert!(app.db_identity(&acme, ada.row.id).await.is_some());
    let consent = browser.get(back.location()).await;
    let code = board.code_of(&browser.allow(consent).await);
    assert_eq!(board.redeem(&code).await.text("organization_id"), "public-acme");

    // Another browser of ada's has no proof, linked or not (S87); a day later this one has none either.
    let other = app.db_signed_in(&ada).await;
    assert!(other.get(&request).await.location().starts_with("/login/acme?return_to="));
    assert!(browser.get(&request).await.has("#consent-allow"));
    app.wait(86_400);
    let sent = browser.get(&request).await;
    assert!(sent.header("location").is_none_or(|to| to.starts_with("/login/acme")), "{}", sent.body);
    assert!(!sent.has("#consent-allow"));
}

/// DECISIONS: `LinkIdentity` under `prompt=none` is `interaction_required`, to a client that a member let in there before.
async fn prompt_none_never_leads_upstream(app: &TestApp) {
    let (_, _, browser) = acme_and_ada(app).await;
    let board = board(app).await;
    let quiet = async |changes: &[(&str, &str)]| {
        at_client(&browser.get(&board.authorize_url(changes)).await, &board).split(" & ").next().map(str::to_owned)
    };
    let error = |code: &str| Some(format!("302 ? error={code}"));
    let in_acme = within("acme", &[("prompt", "none")]);
    assert_eq!(quiet(&[("prompt", "none")]).await, error("interaction_required"));
    assert_eq!(quiet(&in_acme).await, error("login_required"), "whether she is a member is not told");
    linked_tokens(&browser, &board).await;
    assert_eq!(quiet(&in_acme).await, error("consent_required"));
    app.db_batch("DELETE FROM session_proofs");
    app.restart().await;
    assert_eq!(quiet(&in_acme).await, error("interaction_required"), "the proof is over");
}

/// A password typed here is no proof for the organization; the provider's new word is, once.
async fn prompt_login_takes_a_new_proof_from_the_provider(app: &TestApp) {
    let (_, _, browser) = acme_and_ada(app).await;
    let board = board(app).await;
    link(&browser, "/login/acme").await;
    for wish in [("prompt", "login"), ("max_age", "0")] {
        app.wait(5);
        let request = board.authorize_url(&within("acme", &[wish]));
        let sent = browser.get(&request).await;
        assert!(sent.location().starts_with("/login/acme?return_to="), "{wish:?}: {}", sent.location());
        assert!(sent.location().ends_with("&prompt=login"), "{}", sent.location());
        let back = link(&browser, sent.location()).await;
        let consent = browser.get(back.location()).await;
        assert!(consent.has("#consent-allow"), "{wish:?}: {} {}", consent.status, consent.body);
        let again = browser.get(back.location()).await;
        assert!(!again.has("#consent-allow"), "{wish:?}: the proof counts once");
    }
}

/// Introspection says so at once, both ways (S88, S89).
async fn a_token_lives_and_revives_with_its_identity(app: &TestApp) {
    let (acme, ada, browser) = acme_and_ada(app).await;
    let board = board(app).await;
    let tokens = linked_tokens(&browser, &board).await;
    assert!(board.is_active(&tokens.access).await && board.is_active(&tokens.refresh).await);
    set_identity(app, &acme, &ada, "status = 'invalid', invalid_reason = 'gone'").await;
    assert!(!board.is_active(&tokens.access).await && !board.is_active(&tokens.refresh).await);
    let refused = board.refresh(&tokens.refresh).await;
    assert_eq!((refused.status, refused.text("error").as_str()), (400, "invalid_grant"));
    assert!(!browser.get(&board.authorize_url(&within("acme", &[]))).await.has("#consent-allow"));

    let done = link(&browser, "/login/acme").await;
    assert!(done.status == 302 || done.status == 303, "{}", done.body);
    assert!(board.is_active(&tokens.access).await, "when the identity is valid again, so is the token");
    assert_eq!(board.refresh(&tokens.refresh).await.status, 200, "and nothing was used up");
}

/// DECISIONS, SSO: neither consumed nor killed, and it says where to sign in.
async fn a_refresh_on_a_stale_identity_costs_nothing(app: &TestApp) {
    let (_, _, browser) = acme_and_ada(app).await;
    let board = board(app).await;
    let tokens = linked_tokens(&browser, &board).await;
    app.wait(86_400);
    for _ in 0..3 {
        let refused = board.refresh(&tokens.refresh).await;
        assert_eq!((refused.status, refused.text("error").as_str()), (400, "invalid_grant"));
        let where_to = format!("sign in at {}/login/acme", app.issuer());
        assert!(refused.text("error_description").contains(&where_to), "{}", refused.body);
    }
    link(&browser, "/login/acme").await;
    assert_eq!(board.refresh(&tokens.refresh).await.status, 200);
}

/// A53, C15: at once, and for ever: who comes back asks again.
async fn a_removed_member_keeps_no_token(app: &TestApp) {
    let (acme, ada, browser) = acme_and_ada(app).await;
    let board = board(app).await;
    let tokens = linked_tokens(&browser, &board).await;
    members::remove::remove(&app.app(), By::Operator, &acme, &ada.row).await.unwrap_or_else(|error| panic!("{error}"));
    assert!(!board.is_active(&tokens.access).await);
    assert_eq!(board.refresh(&tokens.refresh).await.status, 400);
    assert_eq!(app.rows("authorizations"), 0);
    assert_eq!(browser.get(&board.authorize_url(&within("acme", &[]))).await.status, 400, "no organization is left");
}

/// Scopes are the token's, within what the role carries then.
async fn a_token_does_what_the_role_allows_at_the_time_of_use(app: &TestApp) {
    let (board, ada) = (board(app).await, app.db_user("ada").await);
    let acme = app.db_org("acme").await;
    let member = app.db_join(&acme, &ada, "member").await;
    let browser = app.db_signed_in(&ada).await;
    let code = board.code(&browser, &within("acme", &[])).await;
    let tokens = Tokens::of(&board.redeem(&code).await);
    let scope = async || board.introspect(&tokens.access).await.text("scope");
    assert_eq!(scope().await, "member:read org:read");
    for (role, expected) in [
        ("owner", "member:admin member:read member:write org:read"),
        ("member", "member:read org:read"),
        ("no-such-role", ""),
    ] {
        app.db_batch(&format!("UPDATE organization_members SET role = '{role}' WHERE id = {}", member.id));
        app.restart().await;
        let seen = board.introspect(&tokens.access).await.json();
        assert_eq!(seen["scope"].as_str().unwrap_or_default(), expected, "{role}");
    }
}

/// Seed FIX 24: a link to the provider before counts for nothing.
async fn a_provider_that_is_replaced_ends_old_tokens(app: &TestApp) {
    let (acme, _, browser) = acme_and_ada(app).await;
    let board = board(app).await;
    let tokens = linked_tokens(&browser, &board).await;
    app.db_batch("DELETE FROM identities; DELETE FROM providers;");
    app.restart().await;
    app.db_provider(&acme, "dummy", "{}").await;
    assert!(!board.is_active(&tokens.access).await);
    assert!(!browser.get(&board.authorize_url(&within("acme", &[]))).await.has("#consent-allow"));
}

/// DECISIONS, SSO: A's provider opens A; the account, another organization and unbound consent need more.
async fn a_session_vouched_for_by_a_provider_opens_that_organization_only(app: &TestApp) {
    let (_, ada, first) = acme_and_ada(app).await;
    let (board, web) = (board(app).await, app.db_web_client().await);
    let zeta = app.db_org("zeta").await;
    app.db_join(&zeta, &ada, "member").await;
    link(&first, "/login/acme").await;

    let browser = app.browser();
    let done = link(&browser, "/login/acme").await;
    assert!(done.status == 302 || done.status == 303, "{}", done.body);
    assert!(browser.get(&board.authorize_url(&within("acme", &[]))).await.has("#consent-allow"));
    for request in [board.authorize_url(&within("zeta", &[])), web.authorize_url(&[("scope", "org:read")])] {
        let page = browser.get(&request).await;
        assert!(page.has("#login-submit") && !page.has("#consent-allow"), "{}", page.body);
    }
    let account = browser.get("/account/sessions").await;
    assert!(account.location().starts_with("/step-up?return_to="), "{}", account.location());
    // The password makes it a session like any other, and the proof stays.
    let form = browser.get(account.location()).await;
    let typed = [("password", ada.password.as_str())];
    let after = browser.submit(&form, "login-submit", &typed).await;
    assert_eq!((after.status, after.location()), (303, "/account/sessions"));
    assert_eq!(browser.get("/account/sessions").await.status, 200);
    assert!(browser.get(&board.authorize_url(&within("zeta", &[]))).await.has("#consent-allow"));
    assert!(browser.get(&board.authorize_url(&within("acme", &[]))).await.has("#consent-allow"));
}

/// C07: membership and proof may end while the page is open.
async fn consent_is_judged_again_when_it_is_given(app: &TestApp) {
    let (acme, ada, browser) = acme_and_ada(app).await;
    let board = board(app).await;
    link(&browser, "/login/acme").await;
    let page = browser.get(&board.authorize_url(&within("acme", &[]))).await;
    set_identity(app, &acme, &ada, "status = 'invalid', invalid_reason = 'gone'").await;
    let answered = browser.submit(&page, "consent-allow", &[]).await;
    assert_eq!(answered.status, 403, "{}", answered.body);
    assert_eq!((app.rows("grants"), app.rows("authorizations")), (0, 0));
}

/// S86, seed FIX 35: explicit, for a while, on the record.
async fn the_glass_is_broken_by_a_sole_owner_only(app: &TestApp) {
    app.as_dev().await;
    let acme = app.db_dummy_org("acme").await;
    let (ada, bob) = (app.db_user("ada").await, app.db_user("bob").await);
    let (owner, _) = (app.db_join(&acme, &ada, "owner").await, app.db_join(&acme, &bob, "member").await);
    let (board, browser) = (board(app).await, app.db_signed_in(&ada).await);
    let request = board.authorize_url(&within("acme", &[]));
    assert!(browser.get(&request).await.location().starts_with("/login/acme"), "owners are asked like everybody");
    let open = async |person: &Person| {
        break_glass::open(&app.app(), Some(&caller()), &acme, &person.row, break_glass::USUAL).await
    };
    assert_eq!(open(&bob).await, Err(break_glass::BreakGlassRefusal::NotAnOwner));
    assert_eq!(open(&ada).await, Ok(app.now() + break_glass::USUAL));
    assert_eq!(app.db_events().await.last().map(String::as_str), Some("sso.break_glass"));
    let code = board.code_of(&browser.allow(browser.get(&request).await).await);
    let tokens = Tokens::of(&board.redeem(&code).await);
    assert!(board.is_active(&tokens.access).await);
    app.wait(break_glass::USUAL.unsigned_abs());
    assert!(!board.is_active(&tokens.access).await, "it closes by itself");
    assert!(browser.get(&request).await.location().starts_with("/login/acme"));

    app.db_batch(&format!("UPDATE organization_members SET role = 'owner' WHERE user_id = {}", bob.row.id));
    app.restart().await;
    assert_eq!(open(&ada).await, Err(break_glass::BreakGlassRefusal::NotTheOnlyOwner));
    let by_operator = break_glass::open(&app.app(), None, &acme, &ada.row, 60).await;
    assert_eq!(by_operator, Ok(app.now() + 60), "the operator may, and it is on the record");
    assert_eq!(owner.role, "owner");
}

/// From a session that is fresh, after a second look; to everybody else there is no such page.
async fn the_glass_is_broken_on_a_page_that_asks_twice(app: &TestApp) {
    app.as_dev().await;
    let acme = app.db_dummy_org("acme").await;
    let (ada, eve) = (app.db_user("ada").await, app.db_user("eve").await);
    app.db_join(&acme, &ada, "owner").await;
    let stranger = app.db_signed_in(&eve).await;
    let (theirs, nowhere) =
        (stranger.get("/orgs/acme/break-glass").await, stranger.get("/orgs/no-such/break-glass").await);
    assert_eq!((theirs.status, theirs.words("h1")), (404, nowhere.words("h1")));
    let browser = app.db_signed_in(&ada).await;
    let door = browser.get("/orgs/acme").await;
    let door = browser.get(door.location()).await;
    let way = door.attributes("p.after a", "href");
    let question = browser.get(&way[0]).await;
    assert_eq!(question.words("h1"), "Break the glass?");
    assert_ne!(browser.get("/orgs/acme").await.status, 200, "a look breaks nothing");
    let done = browser.post(question.form("confirm")).await;
    assert_eq!((done.status, done.location()), (303, "/orgs/acme"), "{}", done.body);
    assert_eq!(browser.get("/orgs/acme").await.status, 200);
    app.wait(break_glass::USUAL.unsigned_abs());
    assert_ne!(browser.get("/orgs/acme").await.status, 200);
    let later = browser.get("/orgs/acme/break-glass").await;
    assert!(later.location().starts_with("/step-up"), "the dangerous pages want the password again");
}

/// S88: claimed by one node, bumped only on success.
async fn a_re_check_asks_each_identity_once(app: &TestApp) {
    let (acme, ada, browser) = acme_and_ada(app).await;
    link(&browser, "/login/acme").await;
    let before = app.db_identity(&acme, ada.row.id).await.expect("an identity");
    let (store, now) = (app.app(), app.now());
    assert_eq!(recheck::round(&store).await.expect("a round"), 0, "nothing is due yet");
    let due = before.next_check_at.expect("a time");
    assert!(due > now && due < before.last_verified + 86_400, "well before freshness ends");
    app.wait(u64::try_from(due - now).expect("later"));
    let (one, other) = tokio::join!(recheck::round(&store), recheck::round(&store));
    assert_eq!(one.expect("a round") + other.expect("a round"), 1, "one of two nodes asks");
    let after = app.db_identity(&acme, ada.row.id).await.expect("an identity");
    assert_eq!((after.last_verified, after.last_synced), (due, due));
    assert_eq!((after.check_failures, after.claimed_until), (0, None));
    assert!(after.next_check_at.is_some_and(|next| next > due));
}
