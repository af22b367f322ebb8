//! Approvals at the same moment: the authorization ends as their exact union, on one row.

use futures_util::future::join_all;

use crate::support::db_shortcuts::web_client;
use crate::support::{ClientSpec, TestApp, on_both};

on_both!(approvals_at_the_same_moment_lose_no_scope, first_approvals_at_the_same_moment_make_one_row,);

fn subsets(app: &TestApp) -> (Vec<String>, Vec<String>) {
    let all: Vec<String> = app.app().catalogue.scopes().map(str::to_owned).collect();
    let pairs = (0..32).map(|n| format!("{} {}", all[n % all.len()], all[(n * 7 + 3) % all.len()]));
    let sets = pairs.map(|pair| if pair.split(' ').next() == pair.split(' ').nth(1) { all[0].clone() } else { pair });
    (all.clone(), sets.collect())
}

/// S12, S14 of the seed's weaknesses: each of 32 tabs asks for other scopes, all allowed at once.
/// FIX 14.
async fn approvals_at_the_same_moment_lose_no_scope(app: &TestApp) {
    let ada = app.db_user("ada").await;
    let (all, sets) = subsets(app);
    let web = app.db_client(ClientSpec { scopes: all.clone(), ..web_client() }).await;
    let browser = app.db_signed_in(&ada).await;
    web.code(&browser, &[]).await;
    let mut pages = Vec::new();
    for scope in &sets {
        pages.push(browser.get(&web.authorize_url(&[("scope", scope), ("prompt", "consent")])).await);
    }
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
    }
}

/// The row itself is made once, though all were asked before there was one.
async fn first_approvals_at_the_same_moment_make_one_row(app: &TestApp) {
    let ada = app.db_user("ada").await;
    let (all, sets) = subsets(app);
    let web = app.db_client(ClientSpec { scopes: all.clone(), ..web_client() }).await;
    // A browser each: sessions of the same person on several machines.
    let mut tabs = Vec::new();
    for scope in sets.iter().take(8) {
        let browser = app.db_signed_in(&ada).await;
        let page = browser.get(&web.authorize_url(&[("scope", scope)])).await;
        tabs.push((browser, page));
    }
    let answers = join_all(tabs.iter().map(|(browser, page)| browser.submit(page, "consent-allow", &[]))).await;
    assert!(answers.iter().all(|answer| web.code_of(answer).starts_with("gac_")));
    let mut expected: Vec<&str> = sets.iter().take(8).flat_map(|set| set.split(' ')).collect();
    expected.sort_unstable();
    expected.dedup();
    assert_eq!(app.db_authorized(&ada, &web).await, Some(expected.join(" ")));
    assert_eq!((app.rows("authorizations"), app.rows("grants")), (1, 8));
}
