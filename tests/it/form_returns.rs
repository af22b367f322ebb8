//! Where a browser comes back to that a form sent elsewhere first: a redirect is a GET, so it is always a page.

use grantor::http::routes;

use crate::support::{Browser, ClientSpec, Person, TestApp, on_both};

on_both!(a_form_that_needs_a_proof_comes_back_to_a_page, a_page_comes_back_with_its_parameters);

/// An administrator who owns an organization, an application and a key.
async fn stage(app: &TestApp) -> (Person, String) {
    app.as_dev().await;
    let root = app.db_administrator("root").await;
    app.db_owned("acme", &root).await;
    let spec = ClientSpec { owner: Some("root".to_owned()), ..crate::support::db_shortcuts::web_client() };
    let client_id = app.db_client(spec).await.client_id;
    (root, client_id)
}

/// Every path of a page that takes a form, its placeholders filled.
fn forms(app: &TestApp, root: &Person, client_id: &str) -> Vec<String> {
    let own = ["/account", "/orgs", "/admin", "/link", "/step-up"];
    let all = routes::all(&app.app());
    let forms = all.iter().filter(|one| one.allow.contains(&"POST"));
    let forms = forms.map(|one| one.path.as_str()).filter(|path| own.iter().any(|begin| path.starts_with(begin)));
    // Forms of administrators are told apart by their last segment only.
    let forms = forms.flat_map(|path| match path {
        "/admin/users/{user}/{action}" => {
            vec!["/admin/users/{user}/delete", "/admin/users/{user}/end-session", "/admin/users/{user}/revoke"]
        }
        other => vec![other],
    });
    let filled = |path: &str| {
        let names =
            [("{org}", "acme"), ("{client}", client_id), ("{user}", &root.row.sub), ("{member}", &root.row.sub)];
        let names = names.iter().chain(&[("{action}", "delete"), ("{team}", "core"), ("{key}", "x")]);
        let names = names.chain(&[("{registration_token}", "1")]);
        names.fold(path.to_owned(), |path, (placeholder, name)| path.replace(placeholder, name))
    };
    forms.map(filled).collect()
}

/// Sends every form with nothing in it; where each one that is sent elsewhere comes back to.
async fn sent_elsewhere(browser: &Browser, forms: &[String]) -> Vec<(String, String)> {
    let token = browser.get("/").await.sign_out_form();
    let mut seen = Vec::new();
    for path in forms {
        let form = crate::support::page::Form { action: path.clone(), fields: token.fields.clone() };
        let answer = browser.post(form).await;
        let Some(location) = answer.header("location") else { continue };
        let Some((_, query)) = location.split_once('?') else { continue };
        let back = url::form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "return_to");
        seen.extend(back.map(|(_, back)| (path.clone(), back.into_owned())));
    }
    seen
}

/// ASVS 7.5.3: after the proof the person stands where the form is, not before an empty 405.
async fn a_form_that_needs_a_proof_comes_back_to_a_page(app: &TestApp) {
    let (root, client_id) = stage(app).await;
    let browser = app.db_signed_in(&root).await;
    let forms = forms(app, &root, &client_id);
    assert!(forms.len() > 50, "{forms:?}");
    app.wait(app.app().config.sign_in.step_up.unsigned_abs());
    let stale = sent_elsewhere(&browser, &forms).await;
    for (form, page) in [
        ("/orgs/acme/applications/decide", "/orgs/acme/applications"),
        ("/orgs/acme/applications/policy", "/orgs/acme/applications"),
        ("/orgs/acme/sso/set-up", "/orgs/acme/sso"),
        ("/orgs/acme/sso/edit", "/orgs/acme/sso"),
        ("/orgs/acme/sso/remind", "/orgs/acme/sso"),
        ("/orgs/acme/api-keys/new", "/orgs/acme/api-keys/new"),
        ("/orgs/acme/registration-tokens/new", "/orgs/acme/registration-tokens/new"),
        ("/orgs/acme/registration-tokens/1/delete", "/orgs/acme/registration-tokens/1/delete"),
        ("/account/email/main", "/account/email"),
        ("/account/email/remove", "/account/email/remove"),
    ] {
        assert!(stale.contains(&(form.to_owned(), page.to_owned())), "{form}: {stale:?}");
    }
    // Only a provider vouched for this session.
    app.db_batch("UPDATE sessions SET authentication_method = 'sso'");
    app.restart().await;
    let unproven = sent_elsewhere(&browser, &forms).await;
    let ends = ("/account/sessions/end".to_owned(), "/account/sessions".to_owned());
    assert!(unproven.contains(&ends), "{unproven:?}");

    let fresh = app.db_signed_in(&root).await;
    for (form, page) in stale.iter().chain(&unproven) {
        // What the placeholders name is not there everywhere; a page that says so is a page.
        let answer = fresh.get(page).await;
        let told = matches!(answer.status, 200 | 302 | 403)
            || matches!(answer.status, 404 | 410) && answer.body.contains("<h1");
        assert!(told, "{form} leads to {page}: {} {}", answer.status, answer.body);
    }
    // Whoever is signed in nowhere is shown the sign-in page in place, and it leads to no form either.
    let stranger = app.browser();
    stranger.get("/login").await;
    let token = stranger.get("/login").await.form("login-submit").value("csrf_token").to_owned();
    for path in &forms {
        let fields = vec![("csrf_token".to_owned(), token.clone())];
        let answer = stranger.post(crate::support::page::Form { action: path.clone(), fields }).await;
        assert!(answer.header("location").is_none_or(|to| !to.contains("return_to=")), "{path}");
    }
}

async fn a_page_comes_back_with_its_parameters(app: &TestApp) {
    let (root, client_id) = stage(app).await;
    let browser = app.db_signed_in(&root).await;
    app.wait(app.app().config.sign_in.step_up.unsigned_abs());
    let asked = format!("/orgs/acme/applications/revoke?client_id={client_id}");
    let sent = browser.get(&asked).await;
    let step_up = browser.get(sent.location()).await;
    let proven = browser.submit(&step_up, "login-submit", &[("password", &root.password)]).await;
    assert_eq!((proven.status, proven.location()), (303, asked.as_str()), "{}", proven.body);
}
