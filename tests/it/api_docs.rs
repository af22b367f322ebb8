//! The documentation of the API: every operation stands on it, and every problem leads to its explanation.

use std::collections::BTreeSet;
use std::path::Path;

use grantor::http::api::codes::CODES;

use crate::support::page::Page;
use crate::support::{TestApp, on_both};

on_both!(every_operation_stands_on_the_page, a_problem_leads_to_its_explanation);

async fn every_operation_stands_on_the_page(app: &TestApp) {
    let document = app.get("/api/v1/openapi.json").await.json();
    let page = Page::new(app.get("/api/v1/docs").await);
    assert_eq!((page.status, page.header("content-type")), (200, Some("text/html; charset=utf-8")));
    assert!(!page.has("script"), "no script of anybody's");
    let shown: BTreeSet<String> = page.all_words(".operation > summary").into_iter().collect();
    let mut named = 0;
    for (path, operations) in document["paths"].as_object().expect("paths") {
        for (method, operation) in operations.as_object().expect("operations") {
            let summary = operation["summary"].as_str().expect("a summary");
            let line = format!("{} {path} {summary}", method.to_uppercase());
            assert!(shown.contains(&line), "{line}");
            named += 1;
        }
    }
    assert_eq!(shown.len(), named);
    let create = page.words("#post-api-v1-admin-clients");
    for words in ["admin:write", "redirect_uris", "client_secret", "Idempotency-Key", "$GRANTOR_TOKEN", "With a token"]
    {
        assert!(create.contains(words), "{words}: {create}");
    }
    let ids = page.attributes("[id]", "id");
    assert_eq!(ids.len(), ids.iter().collect::<BTreeSet<_>>().len(), "every name once: {ids:?}");
    let links = page.attributes(".docs-toc a", "href");
    assert!(links.len() > 4 && links.iter().all(|link| ids.contains(&link[1..].to_owned())), "{links:?}");
}

async fn a_problem_leads_to_its_explanation(app: &TestApp) {
    let problem = app.get("/api/v1/me").await.json();
    let url = reqwest::Url::parse(&format!("{}/api/v1/me", app.issuer())).expect("an address");
    let explained = url.join(problem["type"].as_str().expect("a type")).expect("an address");
    assert_eq!(explained.path(), "/api/v1/docs");
    let page = Page::new(app.get(explained.path()).await);
    assert!(page.has(&format!("#{}", explained.fragment().expect("a fragment"))));
    for (code, status, _) in CODES {
        let cell = |tag: &str| page.words(&format!("[id=\"{code}\"] {tag}"));
        assert_eq!((cell("th"), cell("td")), (code.to_owned(), status.to_string()));
    }
}

/// The text of the next literal, if one comes before `end`.
fn literal(code: &str, end: char) -> Option<&str> {
    let begin = code.find('"')?;
    if code.find(end).is_some_and(|end| end < begin) {
        return None;
    }
    let rest = &code[begin + 1..];
    rest.find('"').map(|end| &rest[..end])
}

/// Codes that the source gives to problems.
fn used(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).expect("the source") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            used(&path, found);
            continue;
        }
        let text = std::fs::read_to_string(&path).expect("a file");
        for begin in ["Problem::new(", "unauthorized(", "forbidden("] {
            for (at, _) in text.match_indices(begin) {
                let rest = &text[at + begin.len()..];
                // Helpers take the code first; everything else is a sentence.
                let code = if begin.starts_with("Problem") { literal(rest, ';') } else { literal(rest, ')') };
                let is_code = |code: &&str| code.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
                found.extend(code.filter(is_code).filter(|code| !code.is_empty()).map(str::to_owned));
            }
        }
    }
}

/// Both ways: nothing is told that is not explained, and nothing explained that is never told.
#[test]
fn every_code_in_the_source_is_explained() {
    let mut found = BTreeSet::new();
    used(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src/http/api")), &mut found);
    let explained: BTreeSet<String> = CODES.iter().map(|(code, ..)| (*code).to_owned()).collect();
    assert!(found.len() > 20, "{found:?}");
    assert_eq!(found.difference(&explained).collect::<Vec<_>>(), Vec::<&String>::new(), "not explained");
    assert_eq!(explained.difference(&found).collect::<Vec<_>>(), Vec::<&String>::new(), "never told");
}
