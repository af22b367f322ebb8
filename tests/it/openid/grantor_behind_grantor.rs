//! grantor as the upstream of another grantor: two servers on ports of their own, which speak to each other as they speak to
//! anybody. Here `upstream` is where people have their accounts, and the app is where an organization lets them in.

use grantor::flows::audit::Actor;
use grantor::flows::signing_keys::{How, rotate};
use grantor::flows::sso::recheck;
use grantor::protocol::signing_algorithm::SigningAlgorithm;
use grantor::store::identities::IdentityRow;
use grantor::store::organizations::OrganizationRow;
use serde_json::json;

use super::relying_party;
use crate::support::db_shortcuts::{strings, web_client};
use crate::support::page::Page;
use crate::support::relying_party::Tokens;
use crate::support::{Browser, ClientSpec, Person, TestApp, on_both};

on_both!(
    a_person_of_the_one_joins_the_other,
    a_member_links_an_account_on_the_way_of_a_request,
    the_upstream_rotates_its_keys_and_people_come_in_as_before,
    what_the_upstream_says_later_counts_here,
    a_sign_in_asked_for_again_is_asked_for_upstream,
);

/// What `db_provider` seals.
const SECRET: &str = "an upstream client secret of the tests";

struct Stage {
    upstream: TestApp,
    nell: Person,
    acme: OrganizationRow,
}

/// Two servers; Nell has an account at the upstream, and acme trusts it.
async fn stage(app: &TestApp) -> Stage {
    let upstream = TestApp::start(app.database).await;
    app.as_dev().await;
    let spec = ClientSpec {
        name: Some("The other server".to_owned()),
        redirect_uris: vec![format!("{}/sso/callback", app.issuer())],
        scopes: strings(&["openid", "profile", "email", "offline_access"]),
        grant_types: Some(strings(&["authorization_code", "refresh_token"])),
        ..relying_party()
    };
    let client = upstream.db_client_with_secret(spec, SECRET).await;
    let nell = upstream.db_user("nell").await;
    upstream.db_set_email(&nell, "nell@acme.example", true).await;
    let acme = app.db_org("acme").await;
    let claims = json!({ "subject": "sub", "email": "email", "email_verified": "email_verified", "name": "name" });
    let settings = json!({
        "issuer": upstream.issuer(), "client_id": client.client_id, "scopes": "openid profile email offline_access",
        "claims": claims,
    });
    app.db_provider(&acme, "oidc", &settings.to_string()).await;
    Stage { upstream, nell, acme }
}

impl Stage {
    /// Time passes everywhere.
    fn wait(&self, app: &TestApp, seconds: u64) {
        app.wait(seconds);
        self.upstream.wait(seconds);
    }

    /// The person answers whatever the upstream asks; where it sends the browser then.
    async fn answers(&self, there: &Browser, location: &str) -> String {
        assert!(location.starts_with(&format!("{}/oauth/authorize?", self.upstream.issuer())), "{location}");
        let mut page = there.get(location).await;
        if page.has("#username") {
            let after = there.sign_in_on(&page, &self.nell).await;
            page = there.get(after.location()).await;
        }
        let back = there.allow(page).await;
        assert!(back.location().contains("/sso/callback?"), "{} {}", back.status, back.body);
        back.location().to_owned()
    }

    /// From a door here through the upstream; the page that asks, or where it leads.
    async fn through(&self, here: &Browser, there: &Browser, path: &str) -> Page {
        let door = here.get(path).await;
        let left = here.submit(&door, "sso-continue", &[]).await;
        assert_eq!(left.status, 303, "{}", left.body);
        let page = here.get(&self.answers(there, left.location()).await).await;
        match page.header("location").is_some_and(|location| location.starts_with("/sso/confirm")) {
            true => here.get(page.location()).await,
            false => page,
        }
    }

    /// To the upstream the other's `state` is what any client sends: a consent page keeps the request it is about.
    async fn end(self) {
        self.upstream.shared.secrets.forget("gus_");
        self.upstream.finish().await;
    }

    async fn identity(&self, app: &TestApp) -> IdentityRow {
        let user = app.db_users().await.remove(0);
        app.db_identity(&self.acme, user.id).await.expect("an identity")
    }
}

async fn a_person_of_the_one_joins_the_other(app: &TestApp) {
    let stage = stage(app).await;
    let (here, there) = (app.browser(), stage.upstream.browser());
    let asked = stage.through(&here, &there, "/login/acme").await;
    assert_eq!(asked.words("h1"), "Join acme Inc", "{}", asked.body);
    here.submit(&asked, "sso-new", &[]).await;
    assert_eq!(here.get("/orgs/acme").await.status, 200);
    let user = app.db_users().await.remove(0);
    assert_eq!((user.name.as_str(), user.email.as_deref()), ("nell Example", Some("nell@acme.example")));
    let identity = stage.identity(app).await;
    assert_eq!((identity.issuer.as_str(), &identity.subject), (stage.upstream.issuer(), &stage.nell.row.sub));
    assert!(identity.recheckable && identity.email_verified, "a refresh token came with offline_access");
    // Another browser here, the same session there: nobody asks for a password.
    let again = app.browser();
    let done = stage.through(&again, &there, "/login/acme").await;
    assert_eq!((done.status, done.location()), (302, "/orgs/acme"), "{}", done.body);
    stage.end().await;
}

async fn a_member_links_an_account_on_the_way_of_a_request(app: &TestApp) {
    let stage = stage(app).await;
    let ada = app.db_user("ada").await;
    app.db_join(&stage.acme, &ada, "member").await;
    let spec = ClientSpec { name: Some("Board".to_owned()), organization_access: true, ..web_client() };
    let board = app.db_client(spec).await;
    let (here, there) = (app.db_signed_in(&ada).await, stage.upstream.browser());
    let asked = [("scope", "org:read"), ("organization", "acme")];
    let sent = here.get(&board.authorize_url(&asked)).await;
    let link = stage.through(&here, &there, sent.location()).await;
    let back = here.submit(&link, "sso-link", &[]).await;
    let code = board.code_of(&here.allow(here.get(back.location()).await).await);
    let tokens = Tokens::of(&board.redeem(&code).await);
    assert_eq!(board.introspect(&tokens.access).await.text("organization"), "acme");
    assert_eq!(stage.identity(app).await.user_id, ada.row.id);
    stage.end().await;
}

/// A key that nobody here has seen: the set is read again, and an old one is believed no more.
async fn the_upstream_rotates_its_keys_and_people_come_in_as_before(app: &TestApp) {
    let stage = stage(app).await;
    let (here, there) = (app.browser(), stage.upstream.browser());
    let asked = stage.through(&here, &there, "/login/acme").await;
    here.submit(&asked, "sso-new", &[]).await;
    for how in [How::Ahead, How::AtOnce] {
        let made = rotate(&stage.upstream.app(), None, Actor::Operator, &[SigningAlgorithm::Es256], how).await;
        made.unwrap_or_else(|failure| panic!("{failure}"));
        stage.wait(app, 61);
        let done = stage.through(&app.browser(), &there, "/login/acme").await;
        assert_eq!((done.status, done.location()), (302, "/orgs/acme"), "{}", done.body);
    }
    stage.end().await;
}

/// S88, S89: asked with the refresh token, which rotates there at every use; and who is disabled there is out here.
async fn what_the_upstream_says_later_counts_here(app: &TestApp) {
    let stage = stage(app).await;
    let (here, there) = (app.browser(), stage.upstream.browser());
    let asked = stage.through(&here, &there, "/login/acme").await;
    here.submit(&asked, "sso-new", &[]).await;
    let when_due = async || {
        let due = stage.identity(app).await.next_check_at.expect("a re-check is due some time");
        stage.wait(app, u64::try_from((due - app.now()).max(0)).expect("later"));
        recheck::round(&app.app()).await.expect("a round")
    };
    for _ in 0..3 {
        let before = stage.identity(app).await;
        assert_eq!(when_due().await, 1);
        let after = stage.identity(app).await;
        assert_eq!((after.status.as_str(), after.last_verified), ("valid", app.now()));
        assert_ne!(after.sealed_tokens, before.sealed_tokens, "the next refresh token is kept");
    }
    stage.upstream.db_disable_user(&stage.nell).await;
    assert_eq!(when_due().await, 1);
    let after = stage.identity(app).await;
    assert_eq!((after.status.as_str(), after.next_check_at), ("invalid", None));
    assert_ne!(here.get("/orgs/acme").await.status, 200);
    stage.end().await;
}

/// OpenID Connect Core section 3.1.2.1: `prompt=login` here is `prompt=login` there, and the time told is the new one.
async fn a_sign_in_asked_for_again_is_asked_for_upstream(app: &TestApp) {
    let stage = stage(app).await;
    let (here, there) = (app.browser(), stage.upstream.browser());
    let asked = stage.through(&here, &there, "/login/acme").await;
    here.submit(&asked, "sso-new", &[]).await;
    let spec = ClientSpec { name: Some("Board".to_owned()), organization_access: true, ..relying_party() };
    let board = app.db_client(spec).await;
    stage.wait(app, 100);
    let changes = [("scope", "openid org:read"), ("organization", "acme"), ("prompt", "login")];
    let sent = here.get(&board.authorize_url(&changes)).await;
    let door = here.get(sent.location()).await;
    let left = here.submit(&door, "sso-continue", &[]).await;
    let query = left.location().split_once('?').expect("a query").1.to_owned();
    let asked: Vec<(String, String)> = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    let prompt = asked.iter().find(|(name, _)| name == "prompt").expect("a prompt");
    assert!(prompt.1.split(' ').any(|one| one == "login"), "{prompt:?}");
    assert!(there.get(left.location()).await.has("#username"), "the session there does not do");
    let done = here.get(&stage.answers(&there, left.location()).await).await;
    let code = board.code_of(&here.allow(here.get(done.location()).await).await);
    let claims = super::part(&board.redeem(&code).await.text("id_token"), 1);
    assert_eq!(claims["auth_time"], json!(app.now()));
    stage.end().await;
}
