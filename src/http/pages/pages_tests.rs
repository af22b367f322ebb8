//! Every page, from its samples: structure, accessibility basics, and that no text can become markup.

use super::samples;
use crate::http::assets;
use scraper::{ElementRef, Html, Selector};

const ATTACK: &str = "\"><svg onload=alert(1)>'</title></script><!--";

fn select<'a>(page: &'a Html, css: &str) -> Vec<ElementRef<'a>> {
    page.select(&Selector::parse(css).expect("a selector")).collect()
}

/// Elements opened and not closed, or closed and not open: browsers repair that silently, each in its own way.
fn unclosed(html: &str) -> Vec<&str> {
    const VOID: [&str; 7] = ["!doctype", "meta", "link", "input", "br", "hr", "img"];
    let mut open = Vec::new();
    for tag in html.split('<').skip(1).map(|rest| rest.split_once('>').map_or(rest, |(tag, _)| tag)) {
        let name = tag.split_ascii_whitespace().next().unwrap_or_default();
        match name.strip_prefix('/') {
            Some(name) if open.last() == Some(&name) => drop(open.pop()),
            Some(_) => open.push(tag),
            None if tag.ends_with('/') || VOID.contains(&name) => {}
            None => open.push(name),
        }
    }
    open
}

/// Elements with the names of their attributes. Neighbours that look alike count once: a text may have several lines.
fn shape(html: &str) -> Vec<String> {
    let page = Html::parse_document(html);
    let mut shape: Vec<String> = select(&page, "*")
        .iter()
        .map(|e| {
            let mut names: Vec<_> = e.value().attrs().map(|(name, _)| name).collect();
            names.sort_unstable();
            format!("{} {}", e.value().name(), names.join(" "))
        })
        .collect();
    shape.dedup();
    shape
}

#[test]
fn every_page_has_one_heading_a_title_a_language_and_landmarks() {
    for (name, html) in samples::all(str::to_owned) {
        let page = Html::parse_document(&html);
        assert_eq!(unclosed(&html), Vec::<&str>::new(), "{name}");
        assert!(html.starts_with("<!doctype html>"), "{name}");
        for css in ["h1", "html[lang=en]", "header", "main", "footer", "head > title"] {
            assert_eq!(select(&page, css).len(), 1, "{name}: {css}");
        }
        let title: String = select(&page, "title")[0].text().collect();
        assert!(title.ends_with(" – grantor") && title.len() > 12, "{name}: {title}");
    }
}

#[test]
fn every_input_has_a_label_and_every_reference_a_target() {
    for (name, html) in samples::all(str::to_owned) {
        let page = Html::parse_document(&html);
        let ids: Vec<&str> = select(&page, "[id]").iter().filter_map(|e| e.value().id()).collect();
        for (i, id) in ids.iter().enumerate() {
            assert!(!ids[..i].contains(id), "{name}: id {id} twice");
        }
        assert!(select(&page, "[autofocus]").len() <= 1, "{name}: two inputs want the cursor");
        for input in select(&page, "input:not([type=hidden]), select, textarea") {
            let id = input.value().id().unwrap_or_default();
            assert_eq!(select(&page, &format!("label[for=\"{id}\"]")).len(), 1, "{name}: {}", input.html());
        }
        for attribute in ["for", "aria-labelledby", "aria-describedby"] {
            for element in select(&page, &format!("[{attribute}]")) {
                for target in element.attr(attribute).unwrap_or_default().split_ascii_whitespace() {
                    assert!(ids.contains(&target), "{name}: {attribute} names {target}");
                }
            }
        }
    }
}

/// A11, ASVS 3.4.3: only own addresses, no inline style, scripts only with a nonce, links to others without referrer.
#[test]
fn pages_load_nothing_foreign_and_run_nothing_inline() {
    let mut logos = 0;
    for (name, html) in samples::all(str::to_owned) {
        let page = Html::parse_document(&html);
        assert!(
            select(&page, "style, [style], script:not([nonce]), object, embed, base, img:not(#client-logo)").is_empty(),
            "{name}"
        );
        // Front-channel logout is clients' own pages: framed, and kept from leaving their frame.
        let frames = select(&page, "iframe");
        assert!(name == "logged_out" || frames.is_empty(), "{name}");
        assert!(frames.iter().all(|f| f.attr("sandbox") == Some("allow-scripts allow-same-origin")), "{name}");
        for element in select(&page, "*") {
            assert!(element.value().attrs().all(|(attribute, _)| !attribute.starts_with("on")), "{name}");
        }
        for logo in select(&page, "#client-logo") {
            assert_eq!(logo.attr("referrerpolicy"), Some("no-referrer"), "{name}");
            assert!(logo.attr("src").is_some_and(|url| url.starts_with("https://")), "{name}");
            // What stands there when it does not load.
            assert!(logo.attr("data-initial").is_some_and(|letter| letter.chars().count() == 1), "{name}");
            logos += 1;
        }
        for element in select(&page, "[src]:not(iframe):not(#client-logo), link[href], use[href]") {
            let url = element.attr("src").or(element.attr("href")).unwrap_or_default();
            let own =
                url.starts_with('#') || url.strip_prefix("/auth").is_some_and(|path| assets::find(path).is_some());
            assert!(own, "{name}: loads {url}");
        }
        for link in select(&page, "a[href]") {
            let foreign = !link.attr("href").unwrap_or_default().starts_with(['/', '#']);
            assert!(!foreign || link.attr("rel") == Some("noopener noreferrer"), "{name}: {}", link.html());
        }
        for icon in select(&page, "use") {
            assert_eq!(select(&page, icon.attr("href").unwrap_or_default()).len(), 1, "{name}: {}", icon.html());
        }
    }
    assert!(logos > 0, "no page shows a logo");
}

/// C69: with an attack in every text the document keeps the very same elements and attributes.
#[test]
fn no_text_becomes_markup() {
    let hostile = samples::all(|_| ATTACK.to_owned());
    for ((name, plain), (_, hostile)) in samples::all(str::to_owned).into_iter().zip(hostile) {
        assert!(hostile.contains("&#60;svg onload=alert(1)&#62;"), "{name} reflects nothing");
        assert!(!hostile.contains("<svg onload"), "{name}");
        let (plain, hostile) = (shape(&plain), shape(&hostile));
        assert_eq!(plain, hostile, "{name}");
    }
}

#[test]
fn forms_that_change_something_post_and_carry_the_csrf_token() {
    for (name, html) in samples::all(str::to_owned) {
        let page = Html::parse_document(&html);
        // Searching changes nothing, nor does going to a page one names.
        for form in select(&page, "form:not([role=search]):not(.goes)") {
            assert_eq!(form.attr("method"), Some("post"), "{name}");
            let token = Selector::parse("input[type=hidden][name=csrf_token]").expect("a selector");
            let wanted = usize::from(name != "form_post");
            assert_eq!(form.select(&token).count(), wanted, "{name}: the answer to a client carries no token of ours");
        }
    }
}

/// The ids that browser tests and password managers rely on.
#[test]
fn stable_ids_are_there() {
    let pages = samples::all(str::to_owned);
    for (name, id) in [
        ("sign_in", "username"),
        ("sign_in", "password"),
        ("sign_in", "login-submit"),
        ("step_up", "login-submit"),
        ("consent", "consent-allow"),
        ("consent", "consent-deny"),
        ("sign_out", "logout-confirm"),
    ] {
        let (_, html) = pages.iter().find(|(page, _)| *page == name).expect("a sample");
        assert_eq!(select(&Html::parse_document(html), &format!("#{id}")).len(), 1, "{name}: {id}");
    }
}

/// Writes every sample to `target/gallery`, to be looked at in a browser; the second time with overlong words.
#[test]
fn gallery() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("target/gallery");
    std::fs::create_dir_all(&folder).expect("the folder is made");
    for (asset, name) in [(assets::stylesheet(), "grantor.css"), (assets::icon(), "mark.svg")] {
        std::fs::write(folder.join(name), asset.body).expect("the asset is written");
    }
    let plain = samples::all(str::to_owned).into_iter().map(|(name, html)| (name.to_owned(), html));
    let long = samples::all(|text| format!("{text}-{}", "overlong".repeat(12)));
    for (name, html) in plain.chain(long.into_iter().map(|(name, html)| (format!("long_{name}"), html))) {
        let html = html
            .replace(&format!("/auth{}", assets::stylesheet().path), "grantor.css")
            .replace(&format!("/auth{}", assets::icon().path), "mark.svg");
        std::fs::write(folder.join(format!("{name}.html")), html).expect("the page is written");
    }
}
