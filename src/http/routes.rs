//! Every route on one screen. What stands here is below the issuer's path.

use actix_web::http::Method;
use actix_web::{FromRequest, Handler, HttpResponse, Resource, Responder, web};

use super::answer::{cors, json};
use super::browser::sso::{callback, confirm, dummy, identities, link, login as sso_login, settings as sso};
use super::browser::{
    consent, email, home, invitation, mailbox, not_found, orgs, password, recover, register, sessions, set_up, sign_in,
    sign_out, step_up,
};
use super::endpoints::{assets, authorize, introspect, metadata, revoke, token};
use super::playground::pages as playground;
use crate::app::App;
use crate::protocol::endpoints;

/// The public listener.
pub fn mount(config: &mut web::ServiceConfig, app: &App) {
    let at = |path: &str| Endpoint::at(&format!("{}{path}", app.issuer.path()));
    at(endpoints::AUTHORIZATION).get(authorize::get).post(authorize::post).add_to(config);
    at(consent::PATH).post(consent::post).add_to(config);
    at("/login").get(sign_in::get).post(sign_in::post).add_to(config);
    at("/logout").get(sign_out::get).post(sign_out::post).add_to(config);
    at("/assets/{file}").get_and_head(assets::get).add_to(config);
    at("/").get(home::get).add_to(config);
    at(register::PATH).get(register::get).post(register::post).add_to(config);
    at(set_up::PATH).get(set_up::get).post(set_up::post).add_to(config);
    at(step_up::PATH).get(step_up::get).post(step_up::post).add_to(config);
    at(password::PATH).get(password::get).post(password::post).add_to(config);
    at(recover::PATH).get(recover::get).post(recover::post).add_to(config);
    at(recover::NEW_PATH).get(recover::get_new).post(recover::post_new).add_to(config);
    at(email::PATH).get(email::get).post(email::post).add_to(config);
    at(email::CONFIRM_PATH).get(email::get_confirm).post(email::post_confirm).add_to(config);
    at(sessions::PATH).get(sessions::get).add_to(config);
    at(sessions::END_PATH).post(sessions::end).add_to(config);
    at(sessions::END_OTHERS_PATH).post(sessions::end_others).add_to(config);
    at(sso_login::PATH).get(sso_login::get).post(sso_login::post).add_to(config);
    at(link::PATH).get(link::get).post(link::post).add_to(config);
    at(callback::PATH).get(callback::get).post(callback::post).add_to(config);
    at(confirm::PATH).get(confirm::get).post(confirm::post).add_to(config);
    at(identities::PATH).get(identities::get).post(identities::post).add_to(config);
    at("/invite/{token}").get(invitation::get).post(invitation::post).add_to(config);
    organizations(config, at);
    if app.config.dev {
        at(dummy::PATH).get(dummy::get).post(dummy::post).add_to(config);
        at(mailbox::PATH).get(mailbox::get).add_to(config);
        at("/mailbox/{name}").get(mailbox::one).add_to(config);
        at("/mailbox/{name}/html").get(mailbox::html).add_to(config);
        at("/playground").get(playground::choices).add_to(config);
        at("/playground/start").post(playground::start).add_to(config);
        at("/playground/callback").get(playground::callback).post(playground::posted).add_to(config);
        at("/playground/act").post(playground::button).add_to(config);
        at("/playground/runs/{id}").get(playground::run).add_to(config);
    }

    at(endpoints::TOKEN).post(token::token).options(cors::preflight).add_to(config);
    at(endpoints::INTROSPECTION).post(introspect::introspect).add_to(config);
    at(endpoints::REVOCATION).post(revoke::revoke).options(cors::preflight).add_to(config);

    let name = endpoints::AUTHORIZATION_SERVER_METADATA;
    let (inserted, appended) = (app.issuer.well_known_inserted(name), app.issuer.well_known_appended(name));
    if inserted != appended {
        Endpoint::at(&appended).get_and_head(metadata::metadata).add_to(config);
    }
    Endpoint::at(&inserted).get_and_head(metadata::metadata).add_to(config);
    config.default_service(web::to(not_found::not_found));
}

/// Pages of organizations. Words of our own come before names: `new` and `invite` are nobody's.
fn organizations(config: &mut web::ServiceConfig, at: impl Fn(&str) -> Endpoint) {
    let within = |path: &str| at(&format!("/orgs/{{org}}{path}"));
    at(orgs::list::PATH).get(orgs::list::get).add_to(config);
    at(orgs::new::PATH).get(orgs::new::get).post(orgs::new::post).add_to(config);
    within("").get(orgs::overview::get).add_to(config);
    within("/break-glass").get(orgs::break_glass::get).post(orgs::break_glass::post).add_to(config);
    within("/restore").post(orgs::overview::restore).add_to(config);
    within("/leave").get(orgs::leave::get).post(orgs::leave::post).add_to(config);
    within("/members").get(orgs::members::get).add_to(config);
    within("/members/invite").get(orgs::invite::get).post(orgs::invite::post).add_to(config);
    within("/members/invite/again").post(orgs::members::again).add_to(config);
    within("/members/invite/revoke").post(orgs::members::revoke).add_to(config);
    within("/members/{member}").get(orgs::member::get).add_to(config);
    within("/members/{member}/role").post(orgs::member::set_role).add_to(config);
    within("/members/{member}/remove").get(orgs::member::ask_remove).post(orgs::member::remove).add_to(config);
    within("/teams").get(orgs::teams::get).post(orgs::teams::post).add_to(config);
    within("/teams/{team}").get(orgs::team::get).add_to(config);
    within("/teams/{team}/join").post(orgs::team::join).add_to(config);
    within("/teams/{team}/leave").post(orgs::team::leave).add_to(config);
    within("/teams/{team}/add").post(orgs::team::add).add_to(config);
    within("/teams/{team}/remove").post(orgs::team::remove).add_to(config);
    within("/teams/{team}/rename").post(orgs::team::rename).add_to(config);
    within("/teams/{team}/delete").get(orgs::team::ask_delete).post(orgs::team::delete).add_to(config);
    within("/sso").get(sso::get).add_to(config);
    within("/sso/set-up").post(sso::set_up).add_to(config);
    within("/sso/edit").post(sso::edit).add_to(config);
    within("/sso/remind").post(sso::remind).add_to(config);
    within("/sso/disable").get(sso::ask_disable).post(sso::disable).add_to(config);
    within("/audit").get(orgs::audit::get).add_to(config);
    within("/audit/export").get(orgs::audit::export).add_to(config);
    within("/settings").get(orgs::settings::get).add_to(config);
    within("/settings/name").post(orgs::settings::rename).add_to(config);
    within("/settings/joining").post(orgs::settings::joining).add_to(config);
    within("/settings/delete").get(orgs::delete::get).post(orgs::delete::post).add_to(config);
}

/// Whether clients speak to this path, so that even an accident is told in JSON.
pub fn is_for_clients(path: &str) -> bool {
    [endpoints::TOKEN, endpoints::INTROSPECTION, endpoints::REVOCATION].iter().any(|known| path.ends_with(known))
        || path.contains("/.well-known/")
}

/// One path, its methods, and 405 with `Allow` for all others.
struct Endpoint {
    resource: Resource,
    allow: Vec<&'static str>,
}

impl Endpoint {
    fn at(path: &str) -> Endpoint {
        Endpoint { resource: web::resource(path), allow: Vec::new() }
    }

    fn get<F, Args>(self, handler: F) -> Endpoint
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.on(Method::GET, "GET", handler)
    }

    /// What may be read may be asked for without its body.
    fn get_and_head<F, Args>(self, handler: F) -> Endpoint
    where
        F: Handler<Args> + Clone,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.get(handler.clone()).on(Method::HEAD, "HEAD", handler)
    }

    fn post<F, Args>(self, handler: F) -> Endpoint
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.on(Method::POST, "POST", handler)
    }

    fn options<F, Args>(self, handler: F) -> Endpoint
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.on(Method::OPTIONS, "OPTIONS", handler)
    }

    fn on<F, Args>(mut self, method: Method, name: &'static str, handler: F) -> Endpoint
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.allow.push(name);
        Endpoint { resource: self.resource.route(web::method(method).to(handler)), ..self }
    }

    fn add_to(self, config: &mut web::ServiceConfig) {
        let allow = self.allow.join(", ");
        let refuse = web::to(move || {
            let allow = allow.clone();
            async move { not_allowed(&allow) }
        });
        config.service(self.resource.default_service(refuse));
    }
}

fn not_allowed(allow: &str) -> HttpResponse {
    json::no_store(actix_web::http::StatusCode::METHOD_NOT_ALLOWED).insert_header(("Allow", allow)).finish()
}
