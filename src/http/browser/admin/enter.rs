//! Who comes in: administrators by a factor of this server's own. Everybody else, signed in or not, gets the very answer
//! of a path that is not there, so that nobody learns what there is.

use actix_web::{Error, HttpResponse};

use crate::flows::session::SignedIn;
use crate::http::browser::orgs::enter::{instead, not_found};
use crate::http::browser::signed_in;
use crate::http::pages::admin::AdminFrame;
use crate::http::pages::orgs::Tab;
use crate::http::visit::Visit;

/// An administrator.
///
/// # Errors
/// 404.
pub fn administrator(visit: &Visit) -> Result<&SignedIn, Error> {
    let who = visit.who.as_ref().filter(|who| who.user.administrator);
    who.filter(|who| who.has_local_factor(visit.app.clock.now())).ok_or_else(|| instead(not_found(visit)))
}

/// An administrator who proved within `sign_in.step_up` seconds who they are (ASVS 7.5.3).
///
/// # Errors
/// 404, or the way to prove it again and back here.
pub fn fresh(visit: &Visit) -> Result<&SignedIn, Error> {
    administrator(visit)?;
    signed_in::require_fresh(visit)
}

/// The answer where a name is none.
pub fn nothing(visit: &Visit) -> Error {
    instead(not_found(visit))
}

/// An answer on its way as an error.
pub fn answer(answer: HttpResponse) -> Error {
    instead(answer)
}

/// Path below `/admin` and label of every page, in the order of the tabs.
const PAGES: [(&str, &str); 8] = [
    ("", "Dashboard"),
    ("/users", "Users"),
    ("/clients", "Applications"),
    ("/organizations", "Organizations"),
    ("/audit", "Audit log"),
    ("/keys", "Keys"),
    ("/jobs", "Jobs"),
    ("/configuration", "Configuration"),
];

/// Head and tabs of the page below `current`. What is done is told in our own words, never in the request's.
pub fn frame(visit: &Visit, current: &str) -> AdminFrame {
    let tab = |(path, label)| Tab { label, href: own(visit, path), current: path == current };
    let asked = visit.query().ok().and_then(|params| params.once("done").ok().flatten().map(str::to_owned));
    AdminFrame {
        tabs: PAGES.into_iter().map(tab).collect(),
        csrf_token: visit.csrf_token(),
        done: asked.as_deref().and_then(done),
    }
}

fn done(what: &str) -> Option<&'static str> {
    match what {
        "done" => Some("It is done."),
        "deleted" => Some("The account is deleted."),
        "waits" => Some("The deletion is asked for. Until it is carried out, it can be taken back here."),
        "published" => Some("New keys are published. They sign when everybody who keeps the key set has seen them."),
        "rotated" => Some("A new key is in use. Other nodes follow within a minute."),
        _ => None,
    }
}

/// An own path below `/admin`.
pub fn own(visit: &Visit, path: &str) -> String {
    visit.own(&format!("/admin{path}"))
}
