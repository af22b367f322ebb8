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
//! Approvals at the same moment: the authorization ends as their exact union, on one row.
use crate::support::db_shortcuts::web_client;
on_both!(approvals_at_the_same_moment_lose_no_scope, first_approvals_at_the_same_moment_make_one_row,);
fn subsets(app: &TestApp) -> (Vec<String>, Vec<String>) {
    let pairs = (0..32).map(|n| format!("{} {}", all[n % all.len()], all[(n * 7 + 3) % all.len()]));
    let sets = pairs.map(|pair| if pair.split(' ').next() == pair.split(' ').nth(1) { all[0].clone() } else { pair });
    (all.clone(), sets.collect())
/// S12, S14 of the seed's weaknesses: each of 32 tabs asks for other scopes, all allowed at once.
async fn approvals_at_the_same_moment_lose_no_scope(app: &TestApp) {
    let ada = app.db_user("ada").await;
    let (all, sets) = subsets(app);
    let web = app.db_client(ClientSpec { scopes: all.clone(), ..web_client() }).await;
    let browser = app.db_signed_in(&ada).await;
    web.code(&browser, &[]).await;
    for scope in &sets {
        pages.push(browser.get(&web.authorize_url(&[("scope", scope), ("prompt", "consent")])).await);
    let answers = join_all(pages.iter().map(|page| browser.submit(page, "consent-allow", &[]))).await;
    let mut expected: Vec<&str> = sets.iter().flat_map(|set| set.split(' ')).collect();
    expected.sort_unstable();
    expected.dedup();
    assert_eq!(app.db_authorized(&ada, &web).await, Some(expected.join(" ")));
    assert_eq!(app.rows("authorizations"), 1);
    for (answer, scope) in answers.iter().zip(&sets) {
        let mut own: Vec<&str> = scope.split(' ').collect();
        own.sort_unstable();
        assert_eq!(web.redeem(&web.code_of(answer)).await.text("scope"), own.join(" "), "never the union");
/// The row itself is made once, though all were asked before there was one.
async fn first_approvals_at_the_same_moment_make_one_row(app: &TestApp) {
    // A browser each: sessions of the same person on several machines.
    let mut tabs = Vec::new();
    for scope in sets.iter().take(8) {
        let browser = app.db_signed_in(&ada).await;
        let page = browser.get(&web.authorize_url(&[("scope", scope)])).await;
        tabs.push((browser, page));
    let answers = join_all(tabs.iter().map(|(browser, page)| browser.submit(page, "consent-allow", &[]))).await;
    assert!(answers.iter().all(|answer| web.code_of(answer).starts_with("gac_")));
    let mut expected: Vec<&str> = sets.iter().take(8).flat_map(|set| set.split(' ')).collect();
    assert_eq!((app.rows("authorizations"), app.rows("grants")), (1, 8));
}
