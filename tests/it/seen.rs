//! What a browser is left with, in one line that tests compare.

use crate::support::page::Page;
use crate::support::{RelyingParty, TestApp};

/// An answer at the client's own redirect URI: status, `?` or `#`, and the parameters decoded, in their order.
pub fn at_client(page: &Page, party: &RelyingParty) -> String {
    at_uri(page, &party.redirect_uri)
}

/// The same for a redirect URI, to the byte.
pub fn at_uri(page: &Page, redirect_uri: &str) -> String {
    let parameters = page.redirected_to(redirect_uri);
    let mark = &page.location()[redirect_uri.len()..=redirect_uri.len()];
    let pairs: Vec<String> = parameters.iter().map(|(name, value)| format!("{name}={value}")).collect();
    page.named(&format!("{} {mark} {}", page.status, pairs.join(" & ")))
}

/// A refusal shown as a page, with a reference and without any way to a foreign address.
pub fn refusal(page: &Page) -> String {
    assert_eq!(page.header("location"), None, "a page, not a redirect");
    assert!(page.error_reference().starts_with('R'), "a reference");
    for link in page.attributes("a", "href") {
        assert!(link.starts_with('/') || link == "#main", "{link} leads away");
    }
    page.named(&format!("{} {}", page.status, page.words(".lead")))
}

/// What the consent page lists, each line with its state where the page says one.
pub fn asked(page: &Page) -> Vec<String> {
    assert_eq!(page.status, 200, "{}", page.body);
    assert!(page.has("#consent-allow"), "a consent page: {}", page.body);
    page.all_words(".grants li")
}

/// All rows but the heartbeat of PostgreSQL's nodes and the record of refusals.
pub fn kept(app: &TestApp) -> Vec<String> {
    let passing = |line: &&str| line.starts_with("node_leases: ") || line.starts_with("refusals: ");
    let mut lines: Vec<String> = app.dump().lines().filter(|line| !passing(line)).map(str::to_owned).collect();
    lines.sort();
    lines
}
