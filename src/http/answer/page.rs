//! Pages and redirects, with the headers that keep them from being framed, stored, sniffed or told on (A10, A11).

use actix_web::HttpResponse;
use actix_web::HttpResponseBuilder;
use actix_web::http::{Method, StatusCode, header};
use askama::Template;

use super::json;
use crate::flows::openid::session_state;
use crate::flows::session;
use crate::http::visit::{Visit, cookies};
use crate::protocol::logo::Logo;

/// Where a page's forms may end.
#[derive(Clone, Copy)]
pub enum Forms<'a> {
    /// At this server.
    Here,
    /// At a client, by redirects: Chromium and Safari hold `form-action` against those too, so it is left out.
    AtClient,
    /// At a client, sent by the one script with this nonce.
    Sent(&'a str),
    /// Here; and the page loads these sources in frames, watched by the one script with this nonce.
    Framing(&'a str, &'a str),
}

/// A page.
pub fn page(visit: &Visit, status: StatusCode, forms: Forms<'_>, page: &impl Template) -> HttpResponse {
    let Ok(html) = page.render() else {
        tracing::error!("a page could not be rendered");
        return json::no_store(StatusCode::INTERNAL_SERVER_ERROR).finish();
    };
    let mut answer = json::no_store(status);
    secure(&mut answer, &policy(forms));
    name_browser(&mut answer, visit);
    answer.content_type("text/html; charset=utf-8").body(html)
}

/// The same with one picture from elsewhere: its origin may be loaded from, and no other.
pub fn page_with_logo(
    visit: &Visit,
    status: StatusCode,
    forms: Forms<'_>,
    logo: Option<&Logo>,
    shown: &impl Template,
) -> HttpResponse {
    let mut answer = page(visit, status, forms, shown);
    let Some(logo) = logo else { return answer };
    let policy = policy(forms).replace("img-src 'self'", &format!("img-src 'self' {}", logo.origin));
    if let Ok(value) = policy.parse() {
        answer.headers_mut().insert(header::CONTENT_SECURITY_POLICY, value);
    }
    answer
}

/// To an own path or a client. After a POST always 303: nothing else keeps a browser from sending the body on (A08).
pub fn redirect(visit: &Visit, location: &str) -> HttpResponse {
    redirecting(visit, location).finish()
}

/// The same, for more headers.
pub fn redirecting(visit: &Visit, location: &str) -> HttpResponseBuilder {
    let status = if *visit.request.method() == Method::GET { StatusCode::FOUND } else { StatusCode::SEE_OTHER };
    let mut answer = json::no_store(status);
    secure(&mut answer, &policy(Forms::Here));
    name_browser(&mut answer, visit);
    answer.insert_header((header::LOCATION, location));
    answer
}

/// HTML that is no page of ours: no script, no form, no origin, and nothing from elsewhere.
pub fn sandboxed(html: String) -> HttpResponse {
    let mut answer = json::no_store(StatusCode::OK);
    secure(
        &mut answer,
        "sandbox allow-top-navigation-by-user-activation; default-src 'none'; style-src 'unsafe-inline'",
    );
    answer.content_type("text/html; charset=utf-8").body(html)
}

fn name_browser(answer: &mut HttpResponseBuilder, visit: &Visit) {
    if visit.new_browser {
        answer.cookie(cookies::name_browser(&visit.app.issuer, &visit.browser));
    }
    if visit.app.config.sign_in.session_management {
        let issuer = &visit.app.issuer;
        match &visit.who {
            // Each visit prolongs the session, and so the cookie.
            Some(who) => {
                let state = session_state::browser_state(&visit.app, who);
                answer.cookie(cookies::name_state(issuer, &state, session::seconds_left(&visit.app, &who.session)));
            }
            None if cookies::state(issuer, &visit.request).is_some() => {
                answer.cookie(cookies::forget_state(issuer));
            }
            None => {}
        }
    }
}

/// A page of ours for the frames of others: it has no form and no session, and runs one script.
pub fn framed(nonce: &str, page: &impl Template) -> HttpResponse {
    let Ok(html) = page.render() else {
        tracing::error!("a page could not be rendered");
        return json::no_store(StatusCode::INTERNAL_SERVER_ERROR).finish();
    };
    let policy = format!("default-src 'none'; script-src 'nonce-{nonce}'; base-uri 'none'; form-action 'none'");
    let mut answer = json::no_store(StatusCode::OK);
    answer
        .insert_header((header::CONTENT_SECURITY_POLICY, policy))
        .insert_header((header::REFERRER_POLICY, "no-referrer"))
        .insert_header(("cross-origin-resource-policy", "cross-origin"));
    answer.content_type("text/html; charset=utf-8").body(html)
}

fn secure(answer: &mut HttpResponseBuilder, policy: &str) {
    answer
        .insert_header((header::CONTENT_SECURITY_POLICY, policy))
        .insert_header((header::X_FRAME_OPTIONS, "DENY"))
        .insert_header((header::REFERRER_POLICY, "no-referrer"))
        .insert_header(("cross-origin-opener-policy", "same-origin"))
        .insert_header(("cross-origin-resource-policy", "same-origin"))
        .insert_header((
            "permissions-policy",
            "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
        ));
}

fn policy(forms: Forms<'_>) -> String {
    let common = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'";
    match forms {
        Forms::Here => format!("{common}; form-action 'self'"),
        Forms::AtClient => common.to_owned(),
        Forms::Sent(nonce) => format!("{common}; script-src 'nonce-{nonce}'"),
        Forms::Framing(sources, nonce) => {
            format!("{common}; form-action 'self'; script-src 'nonce-{nonce}'; frame-src {sources}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A10: form-action only where no form ends at a client.
    #[test]
    fn every_policy_forbids_frames_and_foreign_sources() {
        for forms in
            [Forms::Here, Forms::AtClient, Forms::Sent("n0nce"), Forms::Framing("https://rp.test/out", "n0nce")]
        {
            let policy = policy(forms);
            assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"), "{policy}");
            assert_eq!(
                policy.contains("form-action 'self'"),
                matches!(forms, Forms::Here | Forms::Framing(..)),
                "{policy}"
            );
            assert_eq!(
                policy.contains("script-src 'nonce-n0nce'"),
                matches!(forms, Forms::Sent(_) | Forms::Framing(..)),
                "{policy}"
            );
            assert_eq!(
                policy.contains("frame-src https://rp.test/out"),
                matches!(forms, Forms::Framing(..)),
                "{policy}"
            );
        }
    }
}
