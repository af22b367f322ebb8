//! Every route on one screen. What stands here is below the issuer's path.

use actix_web::http::Method;
use actix_web::{FromRequest, Handler, HttpResponse, Resource, Responder, web};

use super::answer::{cors, json};
use super::browser::{consent, home, not_found, password, register, sessions, set_up, sign_in, sign_out, step_up};
use super::endpoints::{assets, authorize, introspect, metadata, revoke, token};
use super::playground::pages as playground;
use crate::app::App;
use crate::protocol::endpoints;

/// The public listener.
pub fn mount(config: &mut web::ServiceConfig, app: &App) {
    for endpoint in all(app) {
        endpoint.add_to(config);
    }
    config.default_service(web::to(not_found::not_found));
}

/// Every endpoint of the public listener, in the order they are asked.
pub fn all(app: &App) -> Vec<Endpoint> {
    let at = |path: &str| Endpoint::at(&format!("{}{path}", app.issuer.path()));
    let mut all = vec![
        at(endpoints::AUTHORIZATION).get(authorize::get).post(authorize::post),
        at(consent::PATH).post(consent::post),
        at("/login").get(sign_in::get).post(sign_in::post),
        at("/logout").get(sign_out::get).post(sign_out::post),
        at("/assets/{file}").get_and_head(assets::get),
        at("/").get(home::get),
        at(register::PATH).get(register::get).post(register::post),
        at(set_up::PATH).get(set_up::get).post(set_up::post),
        at(step_up::PATH).get(step_up::get).post(step_up::post),
        at(password::PATH).get(password::get).post(password::post),
        at(sessions::PATH).get(sessions::get),
        at(sessions::END_PATH).post(sessions::end),
        at(sessions::END_OTHERS_PATH).post(sessions::end_others),
        at(endpoints::TOKEN).post(token::token).options(cors::preflight),
        at(endpoints::INTROSPECTION).post(introspect::introspect),
        at(endpoints::REVOCATION).post(revoke::revoke).options(cors::preflight),
    ];
    if app.config.dev {
        all.extend([
            at("/playground").get(playground::choices),
            at("/playground/start").post(playground::start),
            at("/playground/callback").get(playground::callback).post(playground::posted),
            at("/playground/act").post(playground::button),
            at("/playground/runs/{id}").get(playground::run),
        ]);
    }

    let name = endpoints::AUTHORIZATION_SERVER_METADATA;
    let (inserted, appended) = (app.issuer.well_known_inserted(name), app.issuer.well_known_appended(name));
    if inserted != appended {
        all.push(Endpoint::at(&appended).get_and_head(metadata::metadata));
    }
    all.push(Endpoint::at(&inserted).get_and_head(metadata::metadata));
    all
}

/// Whether clients speak to this path, so that even an accident is told in JSON.
pub fn is_for_clients(path: &str) -> bool {
    [endpoints::TOKEN, endpoints::INTROSPECTION, endpoints::REVOCATION].iter().any(|known| path.ends_with(known))
        || path.contains("/.well-known/")
}

/// One path, its methods, and 405 with `Allow` for all others.
pub struct Endpoint {
    /// From the root of the host; `{..}` stands for one segment.
    pub path: String,
    /// Methods that are answered.
    pub allow: Vec<&'static str>,
    resource: Resource,
}

impl Endpoint {
    fn at(path: &str) -> Endpoint {
        Endpoint { path: path.to_owned(), allow: Vec::new(), resource: web::resource(path) }
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
