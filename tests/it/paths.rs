//! Router and guards read a path the same way (C09): whatever is not a route to the byte is no route, for strangers and
//! for people who are signed in, and changes nothing.

use futures_util::future::join_all;
use grantor::http::routes::{self, Endpoint};

use crate::seen::kept;
use crate::support::raw::{first_answer, header, status};
use crate::support::{Browser, TestApp, on_both};

on_both!(
    no_other_spelling_of_a_path_is_a_route,
    an_encoded_letter_is_that_letter_for_the_guard_too,
    the_pages_of_a_person_are_only_for_that_person,
);

/// Everything there is, the playground included.
async fn endpoints(app: &TestApp) -> Vec<Endpoint> {
    app.restart_with(|config| config.dev = true).await;
    let all = routes::all(&app.app());
    let paths: Vec<&str> = all.iter().map(|endpoint| endpoint.path.as_str()).collect();
    for known in ["/", "/oauth/authorize", "/oauth/token", "/account/sessions/end", "/playground/act", "/set-up"] {
        assert!(paths.contains(&known), "{known} is not in {paths:?}");
    }
    all
}

/// A path with its placeholder filled.
fn filled(endpoint: &Endpoint) -> String {
    let names = [
        ("{file}", "style.css"),
        ("{id}", "1"),
        ("{org}", "acme"),
        ("{member}", "x"),
        ("{team}", "x"),
        ("{user}", "x"),
        ("{client}", "x"),
        ("{session}", "x"),
        ("{reference}", "x"),
        ("{scope}", "x"),
        ("{action}", "delete"),
        ("{key}", "x"),
        ("{registration_token}", "x"),
        ("{client_id}", "x"),
    ];
    let names = names.iter().chain(&[("{token}", "gin_x"), ("{name}", "1")]);
    names.fold(endpoint.path.clone(), |path, (placeholder, name)| path.replace(placeholder, name))
}

/// Whether a segment is a name that people give, so that another spelling is another name: what those tell is the
/// business of the stories about organizations.
fn is_named(path: &str) -> bool {
    let door = path.strip_prefix("/login/").is_some_and(|name| !name.contains('/'));
    // Below a list of the API every segment is a name, and strangers are told of credentials, not of names.
    let api = path.starts_with("/api/v1/");
    let mine = path.starts_with("/account/developer");
    let named = path.contains("{org}") || path.contains("{token}");
    door || api || mine || named || path == "/orgs" || path.starts_with("/orgs/")
}

/// Spellings that some server or proxy takes for `path`.
fn spellings(path: &str) -> Vec<String> {
    let (parent, last) = path.rsplit_once('/').expect("a path");
    let mut all = vec![
        format!("{path};x"),
        format!("{path};jsessionid=1"),
        format!("/;x{path}"),
        format!("/{path}"),
        format!("//{path}"),
        format!("{parent}//{last}"),
        format!("{parent}%2f{last}"),
        format!("{parent}%2F{last}"),
        format!("{parent}%5c{last}"),
        format!("{parent}/%2e/{last}"),
        format!("/.{path}"),
        format!("/x/..{path}"),
        format!("/x/%2e%2e{path}"),
        format!("/x/..;{path}"),
        format!("{parent}/./{last}"),
        format!("{path}/"),
        format!("{path}//"),
        format!("{path}/."),
        format!("{path}."),
        format!("{path}%2e"),
        format!("{path}%20"),
        format!("{path}%09"),
        format!("{path}%00"),
        format!("{path}%0a"),
        format!("{path}%23x"),
        format!("{path}%3fx"),
        format!("{path}%252e"),
        format!("{path}.html"),
        format!("{path}.json"),
        format!("{path}~"),
        path.replace('/', "%2f"),
        path.replace('/', "\\"),
        path.to_uppercase(),
        format!("{parent}/{}", last.to_uppercase()),
    ];
    // What has no letters has no upper case; a single slash has no parent.
    all.retain(|spelling| spelling != path && spelling.starts_with('/'));
    all.sort();
    all.dedup();
    all
}

struct Sender<'a> {
    app: &'a TestApp,
    cookies: String,
    csrf_token: String,
}

impl Sender<'_> {
    async fn of<'a>(app: &'a TestApp, browser: &Browser, page: &str, button: &str) -> Sender<'a> {
        let csrf_token = browser.get(page).await.form(button).value("csrf_token").to_owned();
        let pairs: Vec<String> = browser.cookies().iter().map(|(name, value)| format!("{name}={value}")).collect();
        Sender { app, cookies: pairs.join("; "), csrf_token }
    }

    async fn send(&self, method: &str, path: &str) -> String {
        let body = if method == "POST" { format!("csrf_token={}", self.csrf_token) } else { String::new() };
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nCookie: {}\r\nOrigin: {}\r\n\
             Sec-Fetch-Site: same-origin\r\nContent-Type: application/x-www-form-urlencoded\r\n\
             Content-Length: {}\r\n\r\n{body}",
            self.app.address(),
            self.cookies,
            self.app.issuer(),
            body.len()
        );
        first_answer(self.app, head.as_bytes()).await
    }
}

async fn no_other_spelling_of_a_path_is_a_route(app: &TestApp) {
    let all = endpoints(app).await;
    let browser = app.db_signed_in(&app.db_user("ada").await).await;
    let ada = Sender::of(app, &browser, "/logout", "logout-confirm").await;
    let stranger = Sender::of(app, &app.browser(), "/login", "login-submit").await;
    let before = kept(app);
    let mut tried = 0;
    for endpoint in all.iter().filter(|endpoint| !is_named(&endpoint.path)) {
        let path = filled(endpoint);
        for method in ["GET", "POST"].into_iter().filter(|method| endpoint.allow.contains(method)) {
            for sender in [&ada, &stranger] {
                // Where a segment is a name, any other spelling is the name of something that is not there.
                let nothing = match endpoint.path.contains('{') {
                    true => status(&sender.send(method, &path).await).to_owned(),
                    false => "404".to_owned(),
                };
                let mut others = spellings(&path);
                others.retain(|spelling| !is_named(spelling));
                let answers = join_all(others.iter().map(|spelling| sender.send(method, spelling))).await;
                for (spelling, answer) in others.iter().zip(answers) {
                    let told = status(&answer);
                    assert!(told == "404" || told == nothing, "{method} {spelling:?}: {answer}");
                    assert_eq!(header(&answer, "location"), None, "{method} {spelling:?}");
                    tried += 1;
                }
            }
        }
    }
    assert!(tried > 1500, "{tried}");
    assert!(kept(app) == before, "something was written");
    assert_eq!(status(&ada.send("GET", "/account/sessions").await), "200", "the control: still signed in");
}

/// RFC 3986 section 6.2.2.2: `%61` is `a`. Whoever is refused at the one spelling is refused at the other.
async fn an_encoded_letter_is_that_letter_for_the_guard_too(app: &TestApp) {
    let all = endpoints(app).await;
    let stranger = Sender::of(app, &app.browser(), "/login", "login-submit").await;
    // A sign-in without a name is a failed one, on the record.
    let rows = || kept(app).into_iter().filter(|line| !line.starts_with("audit_events: ")).collect::<Vec<_>>();
    let before = rows();
    let essence = |answer: &str| {
        let location =
            header(answer, "location").map(|location| location.split('?').next().unwrap_or_default().to_owned());
        (status(answer).to_owned(), location, header(answer, "allow").map(str::to_owned))
    };
    for endpoint in &all {
        let path = filled(endpoint);
        let Some(letter) = path.chars().find(char::is_ascii_alphabetic) else { continue };
        let encoded = path.replacen(letter, &format!("%{:02x}", u32::from(letter)), 1);
        let methods = ["GET", "POST", "PUT", "DELETE"];
        let plain = join_all(methods.iter().map(|method| stranger.send(method, &path))).await;
        let other = join_all(methods.iter().map(|method| stranger.send(method, &encoded))).await;
        for ((method, plain), other) in methods.iter().zip(plain).zip(other) {
            assert_eq!(essence(&other), essence(&plain), "{method} {encoded}");
        }
    }
    assert!(rows() == before, "something was written");
}

/// Without a session each of them leads to the sign-in page, or is refused; none shows anything or does anything.
async fn the_pages_of_a_person_are_only_for_that_person(app: &TestApp) {
    let all = endpoints(app).await;
    let stranger = Sender::of(app, &app.browser(), "/login", "login-submit").await;
    let before = kept(app);
    let personal =
        ["/", "/step-up", "/account/password", "/account/sessions", "/account/sessions/end", "/oauth/consent"];
    let mut seen = 0;
    for endpoint in all.iter().filter(|endpoint| personal.iter().any(|path| endpoint.path == *path)) {
        for method in ["GET", "POST"].into_iter().filter(|method| endpoint.allow.contains(method)) {
            let answer = stranger.send(method, &endpoint.path).await;
            let to_sign_in = header(&answer, "location").is_some_and(|location| location.starts_with("/login"));
            assert!(to_sign_in || status(&answer).starts_with('4'), "{method} {}: {answer}", endpoint.path);
            seen += 1;
        }
    }
    assert!(seen >= personal.len());
    assert!(kept(app) == before, "something was written");
}
