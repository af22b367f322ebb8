//! The two cookies: one opens a session, one tells browsers apart. Neither holds anything about a request (C08). A third
//! one, which scripts may read, exists only while session management is switched on.

use actix_web::HttpRequest;
use actix_web::cookie::time::Duration;
use actix_web::cookie::{Cookie, SameSite};
use actix_web::http::header;

use crate::protocol::issuer::Issuer;

const SESSION: &str = "session";
const BROWSER: &str = "browser";
const STATE: &str = "state";
/// Browsers forget cookies after 400 days at the latest.
const BROWSER_DAYS: i64 = 400;

/// The session cookie's value.
pub fn session(issuer: &Issuer, request: &HttpRequest) -> Option<String> {
    value(issuer, request, SESSION)
}

/// The browser cookie's value.
pub fn browser(issuer: &Issuer, request: &HttpRequest) -> Option<String> {
    value(issuer, request, BROWSER)
}

/// Opens a session for `seconds` at most; the server may end it sooner.
pub fn open_session(issuer: &Issuer, value: &str, seconds: i64) -> Cookie<'static> {
    cookie(issuer, SESSION, value, Duration::seconds(seconds))
}

/// Makes the browser forget its session.
pub fn forget_session(issuer: &Issuer) -> Cookie<'static> {
    cookie(issuer, SESSION, "", Duration::ZERO)
}

/// Names the browser.
pub fn name_browser(issuer: &Issuer, value: &str) -> Cookie<'static> {
    cookie(issuer, BROWSER, value, Duration::days(BROWSER_DAYS))
}

/// What the readable cookie says, which tells that somebody else is signed in (OpenID Connect Session Management).
pub fn state(issuer: &Issuer, request: &HttpRequest) -> Option<String> {
    value(issuer, request, STATE)
}

/// Its name, for the script that reads it.
pub fn state_name(issuer: &Issuer) -> String {
    full_name(issuer, STATE)
}

/// Sets it for `seconds`: it must not say that somebody is signed in who is not any more. Scripts of our own page read it in
/// other sites' frames; on plain http, which is this machine only, browsers know one site.
pub fn name_state(issuer: &Issuer, value: &str, seconds: i64) -> Cookie<'static> {
    readable(issuer, value, Duration::seconds(seconds))
}

/// Makes the browser forget it.
pub fn forget_state(issuer: &Issuer) -> Cookie<'static> {
    readable(issuer, "", Duration::ZERO)
}

fn readable(issuer: &Issuer, value: &str, max_age: Duration) -> Cookie<'static> {
    Cookie::build(full_name(issuer, STATE), value.to_owned())
        .path("/")
        .secure(issuer.is_secure())
        .same_site(if issuer.is_secure() { SameSite::None } else { SameSite::Lax })
        .max_age(max_age)
        .finish()
}

fn cookie(issuer: &Issuer, name: &str, value: &str, max_age: Duration) -> Cookie<'static> {
    Cookie::build(full_name(issuer, name), value.to_owned())
        .path("/")
        .http_only(true)
        .secure(issuer.is_secure())
        .same_site(SameSite::Lax)
        .max_age(max_age)
        .finish()
}

fn value(issuer: &Issuer, request: &HttpRequest, name: &str) -> Option<String> {
    let name = full_name(issuer, name);
    // Pair by pair: a byte that another host of the domain planted in a cookie of its own must not hide ours.
    let headers = request.headers().get_all(header::COOKIE);
    let mut pairs = headers.flat_map(|header| header.as_bytes().split(|byte| *byte == b';'));
    pairs.find_map(|pair| {
        let (key, value) = std::str::from_utf8(pair).ok()?.trim().split_once('=')?;
        (key == name).then(|| value.trim_matches('"').to_owned())
    })
}

/// `__Host-` keeps other hosts of the domain from planting it. On plain http, which is this machine only, browsers
/// refuse that prefix, and they keep cookies without regard to ports: there the name holds the port.
fn full_name(issuer: &Issuer, name: &str) -> String {
    match issuer.is_secure() {
        true => format!("__Host-grantor_{name}"),
        false => {
            let port =
                issuer.origin().rsplit_once(':').map(|(_, port)| port).filter(|port| port.parse::<u16>().is_ok());
            format!("grantor_{name}_{}", port.unwrap_or("80"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// ASVS 3.3.1 to 3.3.4.
    #[test]
    fn cookies_are_bound_to_this_host_and_hidden_from_scripts() {
        let public = Issuer::parse("https://as.test/t").unwrap();
        assert_eq!(
            open_session(&public, "gss_x", 60).to_string(),
            "__Host-grantor_session=gss_x; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=60"
        );
        let local = Issuer::parse("http://127.0.0.1:8080").unwrap();
        assert_eq!(
            forget_session(&local).to_string(),
            "grantor_session_8080=; HttpOnly; SameSite=Lax; Path=/; Max-Age=0"
        );
        assert_eq!(full_name(&Issuer::parse("http://[::1]").unwrap(), "browser"), "grantor_browser_80");
    }

    /// OpenID Connect Session Management section 3.2: our script reads it in a frame of another site.
    #[test]
    fn the_state_of_a_session_is_read_in_frames_of_other_sites() {
        let public = Issuer::parse("https://as.test").unwrap();
        assert_eq!(
            name_state(&public, "x", 60).to_string(),
            "__Host-grantor_state=x; SameSite=None; Secure; Path=/; Max-Age=60"
        );
        assert_eq!(
            forget_state(&public).to_string(),
            "__Host-grantor_state=; SameSite=None; Secure; Path=/; Max-Age=0"
        );
        let local = Issuer::parse("http://127.0.0.1:8080").unwrap();
        assert_eq!(name_state(&local, "x", 60).to_string(), "grantor_state_8080=x; SameSite=Lax; Path=/; Max-Age=60");
    }
}
