//! Teams that follow a claim of the provider: joined and left at each sign-in, as far as the claim put somebody there.

use grantor::flows::organizations::By;
use grantor::flows::organizations::teams::places::{self, Place};
use grantor::store::organizations::OrganizationRow;
use grantor::store::users::UserRow;
use serde_json::{Value, json};

use crate::support::upstream::Upstream;
use crate::support::{TestApp, on_both};

on_both!(
    teams_follow_the_claim_at_each_sign_in,
    a_place_given_by_hand_stays,
    what_an_invitation_offers_is_given_by_hand,
    without_a_mapping_the_claim_moves_nobody,
);

struct Stage {
    upstream: Upstream,
    acme: OrganizationRow,
}

/// acme has three teams, and a provider whose `groups` say who is in which.
async fn stage(app: &TestApp) -> Stage {
    for secret in ["upstream-access", "upstream-refresh"] {
        app.shared.secrets.saw(secret);
    }
    let upstream = Upstream::start(app.clock.clone());
    app.as_dev().await;
    let olga = app.db_user("olga").await;
    let acme = app.db_owned("acme", &olga).await;
    app.db_provider(&acme, "oidc", &upstream.oidc_settings()).await;
    for team in ["blue", "green", "red"] {
        app.db_team(&acme, team).await;
    }
    Stage { upstream, acme }
}

impl Stage {
    /// Nell signs in, with these groups.
    async fn sign_in(&self, app: &TestApp, groups: Value) -> UserRow {
        self.upstream.says(json!({
            "sub": "u1", "email": "nell@acme.example", "email_verified": true, "name": "Nell", "groups": groups,
        }));
        let browser = app.browser();
        let left = browser.submit(&browser.get("/login/acme").await, "sso-continue", &[]).await;
        let back = browser.get(&self.upstream.allows(left.location())).await;
        if back.location().starts_with("/sso/confirm") {
            let asked = browser.get(back.location()).await;
            assert_eq!(browser.submit(&asked, "sso-new", &[]).await.status, 303);
        } else {
            assert_eq!(back.status, 302, "{}", back.body);
        }
        app.db_users().await.into_iter().find(|user| user.login.starts_with("nell")).expect("nell")
    }

    async fn teams(&self, app: &TestApp, user: &UserRow) -> Vec<String> {
        let page = grantor::flows::organizations::members::list::page(&app.app(), &self.acme, "", "").await;
        let members = page.expect("members").members;
        members.into_iter().find(|line| line.login == user.login).expect("a member").teams
    }

    async fn by_hand(&self, app: &TestApp, team: &str, user: &UserRow, place: Place) -> bool {
        let set = places::set(&app.app(), By::Operator, &self.acme, team, user, place).await;
        set.unwrap_or_else(|refusal| panic!("{refusal}"))
    }
}

fn followed(events: &[String]) -> usize {
    events.iter().filter(|event| *event == "org.team.follow").count()
}

async fn teams_follow_the_claim_at_each_sign_in(app: &TestApp) {
    let stage = stage(app).await;
    let nell = stage.sign_in(app, json!(["blue", "no-such-team", "a\u{0}b", 7])).await;
    assert_eq!(stage.teams(app, &nell).await, ["blue"]);
    assert_eq!(followed(&app.db_events().await), 0, "told by her joining");
    for (groups, teams, events) in [
        (json!(["blue"]), vec!["blue"], 0),
        (json!(["green", "red", "green"]), vec!["green", "red"], 1),
        (json!("red"), vec!["red"], 2),
        (json!([]), vec![], 3),
        (json!(["blue", "red"]), vec!["blue", "red"], 4),
        (json!(null), vec![], 5),
    ] {
        stage.sign_in(app, groups.clone()).await;
        assert_eq!(stage.teams(app, &nell).await, teams, "{groups}");
        assert_eq!(followed(&app.db_events().await), events, "{groups}: on the record when something changed");
    }
    let event = app.db_audit().await.into_iter().rfind(|event| event.event == "org.team.follow").expect("an event");
    let data: Value = serde_json::from_str(&event.data).expect("JSON");
    assert_eq!((event.organization_id, data), (Some(stage.acme.id), json!({ "joined": [], "left": ["blue", "red"] })));
}

async fn a_place_given_by_hand_stays(app: &TestApp) {
    let stage = stage(app).await;
    let nell = stage.sign_in(app, json!(["blue"])).await;
    assert!(stage.by_hand(app, "red", &nell, Place::Taken).await);
    stage.sign_in(app, json!(["green"])).await;
    assert_eq!(stage.teams(app, &nell).await, ["green", "red"]);
    assert!(stage.by_hand(app, "green", &nell, Place::Taken).await, "from now on it is hers whatever the claim says");
    assert!(!stage.by_hand(app, "green", &nell, Place::Taken).await, "and she has it");
    stage.sign_in(app, json!([])).await;
    assert_eq!(stage.teams(app, &nell).await, ["green", "red"]);
    assert!(stage.by_hand(app, "red", &nell, Place::GivenUp).await);
    stage.sign_in(app, json!(["blue"])).await;
    assert!(stage.by_hand(app, "blue", &nell, Place::GivenUp).await);
    stage.sign_in(app, json!(["blue"])).await;
    assert_eq!(stage.teams(app, &nell).await, ["blue", "green"], "the claim still says so");
}

async fn what_an_invitation_offers_is_given_by_hand(app: &TestApp) {
    let stage = stage(app).await;
    let new = grantor::flows::organizations::invitations::send::NewInvitation {
        email: "nell@acme.example".to_owned(),
        role: "member".to_owned(),
        teams: vec!["red".to_owned()],
    };
    let inner = app.app();
    let sent = grantor::flows::organizations::invitations::send::send(&inner, By::Operator, &stage.acme, new).await;
    app.path_of(&sent.unwrap_or_else(|refusal| panic!("{refusal}")).link);
    let nell = stage.sign_in(app, json!(["red", "blue"])).await;
    assert_eq!(stage.teams(app, &nell).await, ["blue", "red"]);
    stage.sign_in(app, json!([])).await;
    assert_eq!(stage.teams(app, &nell).await, ["red"]);
}

async fn without_a_mapping_the_claim_moves_nobody(app: &TestApp) {
    let stage = stage(app).await;
    let nell = stage.sign_in(app, json!(["blue"])).await;
    app.db_batch("UPDATE providers SET settings = REPLACE(settings, '\"groups\"', '\"\"')");
    app.restart().await;
    stage.sign_in(app, json!(["green"])).await;
    assert_eq!(stage.teams(app, &nell).await, ["blue"]);
}
