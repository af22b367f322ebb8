//! Scopes merged on re-authorization: one row a user and client, a union that only grows.

use futures_util::future::join_all;
use grantor::flows::authorize::consent::{Answer, Answered, answer};
use grantor::flows::authorize::{self, Outcome};
use grantor::protocol::params::Params;
use grantor::protocol::scope::ScopeList;

use crate::support::db_shortcuts::{caller, web_client};
use crate::support::relying_party::encode;
use crate::support::{ClientSpec, TestApp, on_both};

on_both!(
    a_second_consent_merges_into_the_same_row,
    thirty_two_approvals_at_once_end_as_the_exact_union,
    a_grant_keeps_its_own_scopes_whatever_the_authorization_becomes,
    approving_again_after_a_revocation_starts_empty,
);

/// S12, S7, S9.
async fn a_second_consent_merges_into_the_same_row(app: &TestApp) {
    let (web, ada) = (app.db_web_client().await, app.db_user("ada").await);
    app.db_code(&web, &ada, &[("scope", "org:write")]).await;
    app.db_code(&web, &ada, &[("scope", "member:read")]).await;
    app.db_code(&web, &ada, &[]).await;
    assert_eq!(app.db_authorized(&ada, &web).await.as_deref(), Some("member:read org:write"));
    assert_eq!((app.rows("authorizations"), app.rows("grants")), (1, 3));
}

/// The first insert races, too: nobody's scopes are lost.
async fn thirty_two_approvals_at_once_end_as_the_exact_union(app: &TestApp) {
    let all: Vec<String> = app.app().catalogue.scopes().map(str::to_owned).collect();
    let spec = ClientSpec { scopes: all.clone(), ..web_client() };
    let (web, ada) = (app.db_client(spec).await, app.db_user("ada").await);
    let (inner, who) = (app.app(), app.db_session(&ada).await);
    let mut pages = Vec::new();
    for index in 0..32 {
        let scope = format!("{} {}", all[index % all.len()], all[(index * 7 + 3) % all.len()]);
        let query = encode(&web.request(&[("scope", &scope)]));
        let params = Params::parse(query.as_bytes()).expect("parameters");
        let browser = authorize::Browser { signed_in: Some(&who), browser_cookie: "browser" };
        match authorize::authorize(&inner, &caller(), &params, &browser).await.expect("an outcome") {
            Outcome::Consent(prompt) => pages.push((scope, prompt.token)),
            _ => panic!("a consent page for each"),
        }
    }
    let answers = pages.iter().map(|(_, token)| {
        let (inner, who) = (&inner, &who);
        async move { answer(inner, &caller(), who, token.expose(), Answer::Allow).await }
    });
    for answered in join_all(answers).await {
        assert!(matches!(answered.expect("an answer"), Answered::Respond(response) if response.error.is_none()));
    }
    let asked: Vec<&str> = pages.iter().flat_map(|(scope, _)| scope.split(' ')).collect();
    let union = ScopeList::parse(&asked.join(" ")).expect("scopes");
    assert_eq!(app.db_authorized(&ada, &web).await, Some(union.to_string()));
    assert_eq!((app.rows("authorizations"), app.rows("grants")), (1, 32));
}

/// Refresh never widens.
async fn a_grant_keeps_its_own_scopes_whatever_the_authorization_becomes(app: &TestApp) {
    let (web, ada) = (app.db_web_client().await, app.db_user("ada").await);
    let first = app.db_tokens(&web, &ada, "org:read").await;
    app.db_tokens(&web, &ada, "member:admin").await;
    assert_eq!(web.introspect(&first.access).await.text("scope"), "org:read");
    assert_eq!(web.refresh(&first.refresh).await.text("scope"), "org:read");
}

/// S59.
async fn approving_again_after_a_revocation_starts_empty(app: &TestApp) {
    let (web, ada) = (app.db_web_client().await, app.db_user("ada").await);
    app.db_code(&web, &ada, &[("scope", "org:write member:read")]).await;
    app.db_revoke_authorization(&ada, &web).await;
    assert_eq!(app.db_authorized(&ada, &web).await, None);
    app.db_code(&web, &ada, &[("scope", "team:read")]).await;
    assert_eq!(app.db_authorized(&ada, &web).await.as_deref(), Some("team:read"));
}
