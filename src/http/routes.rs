//! Every route on one screen. What stands here is below the issuer's path.

use actix_web::http::Method;
use actix_web::{FromRequest, Handler, HttpResponse, Resource, Responder, web};

use super::answer::{cors, json};
use super::api::call::NeedsOf;
use super::api::routes as api;
use super::browser::account;
use super::browser::sso::{callback, confirm, dummy, identities, link, login as sso_login, settings as sso};
use super::browser::{
    addresses, admin, consent, email, home, invitation, mailbox, not_found, orgs, password, recover, register,
    sessions, set_up, sign_in, sign_out, step_up,
};
use super::endpoints::{
    assets, authorize, check_session, introspect, jwks, logout, metadata, register as registration_endpoint, revoke,
    token, userinfo,
};
use super::playground::pages as playground;
use super::visit::back::Readable;
use crate::app::App;
use crate::flows::api::{BASE as API, Needs};
use crate::flows::registration;
use crate::protocol::endpoints;

/// The public listener.
pub fn mount(config: &mut web::ServiceConfig, app: &App) {
    let all = all(app);
    config.app_data(Readable::of(all.iter().filter(|one| one.allow.contains(&"GET")).map(|one| one.path.clone())));
    for endpoint in all {
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
        at(sign_out::PATH).get(sign_out::get).post(sign_out::post),
        at(endpoints::END_SESSION).get(logout::get).post(logout::post),
        at("/assets/{file}").get_and_head(assets::get),
        at("/").get(home::get),
        at(register::PATH).get(register::get).post(register::post),
        at(set_up::PATH).get(set_up::get).post(set_up::post),
        at(step_up::PATH).get(step_up::get).post(step_up::post),
        at(password::PATH).get(password::get).post(password::post),
        at(recover::PATH).get(recover::get).post(recover::post),
        at(recover::NEW_PATH).get(recover::get_new).post(recover::post_new),
        at(email::PATH).get(email::get).post(email::post),
        at(email::CONFIRM_PATH).get(email::get_confirm).post(email::post_confirm),
        at(addresses::MAIN_PATH).post(addresses::make_main),
        at(addresses::REMOVE_PATH).get(addresses::ask_remove).post(addresses::remove),
        at(sessions::PATH).get(sessions::get),
        at(sessions::END_PATH).post(sessions::end),
        at(sessions::END_OTHERS_PATH).get(sessions::ask_end_others).post(sessions::end_others),
        at(sso_login::PATH).get(sso_login::get).post(sso_login::post),
        at(link::PATH).get(link::get).post(link::post),
        at(callback::PATH).get(callback::get).post(callback::post),
        at(confirm::PATH).get(confirm::get).post(confirm::post),
        at(identities::PATH).get(identities::get),
        at(identities::UNLINK_PATH).get(identities::ask_unlink).post(identities::unlink),
        at("/invite/{token}").get(invitation::get).post(invitation::post),
        at(endpoints::TOKEN).post(token::token).options(cors::preflight),
        at(endpoints::INTROSPECTION).post(introspect::introspect),
        at(endpoints::REVOCATION).post(revoke::revoke).options(cors::preflight),
        at(endpoints::USERINFO).get(userinfo::get).post(userinfo::post).options(cors::preflight),
        at(endpoints::JWKS).get_and_head(jwks::jwks),
    ];
    if registration::is_on(app) {
        use registration_endpoint as own;
        let one = format!("{}/{{client}}", endpoints::REGISTRATION);
        all.extend([
            at(endpoints::REGISTRATION).post(own::post).options(own::preflight),
            at(&one)
                .get(own::get)
                .on(Method::PUT, "PUT", own::put)
                .on(Method::DELETE, "DELETE", own::delete)
                .options(own::preflight),
        ]);
    }
    if app.config.sign_in.session_management {
        all.push(at(endpoints::CHECK_SESSION).get(check_session::get));
    }
    all.extend(accounts(at));
    all.extend(organizations(at));
    all.extend(admin::routes::all(at));
    all.extend(api::all(at));
    if app.config.dev {
        all.extend([
            at(dummy::PATH).get(dummy::get).post(dummy::post),
            at(mailbox::PATH).get(mailbox::get),
            at("/mailbox/{name}").get(mailbox::one),
            at("/mailbox/{name}/html").get(mailbox::html),
            at("/playground").get(playground::choices),
            at("/playground/start").post(playground::start),
            at("/playground/callback").get(playground::callback).post(playground::posted),
            at("/playground/act").post(playground::button),
            at("/playground/runs/{id}").get(playground::run),
        ]);
    }

    // One document by both names: RFC 8414 section 5 and OpenID Connect Discovery section 4 put the issuer's path elsewhere.
    for name in [endpoints::AUTHORIZATION_SERVER_METADATA, endpoints::OPENID_CONFIGURATION] {
        let (inserted, appended) = (app.issuer.well_known_inserted(name), app.issuer.well_known_appended(name));
        if inserted != appended {
            all.push(Endpoint::at(&appended).get_and_head(metadata::metadata));
        }
        all.push(Endpoint::at(&inserted).get_and_head(metadata::metadata));
    }
    all
}

/// Pages of a person's account besides those above.
fn accounts(at: impl Fn(&str) -> Endpoint) -> Vec<Endpoint> {
    use account::{
        application, application_form as form, connected, data, details, developer, profile, token_new, tokens,
    };
    let one = |path: &str| at(&format!("{}/{{client}}{path}", developer::PATH));
    vec![
        at(profile::PATH).get(profile::get).post(profile::post),
        at(details::PATH).get(details::get).post(details::post),
        at(connected::PATH).get(connected::get),
        at(connected::REVOKE_PATH).get(connected::ask_revoke).post(connected::revoke),
        at(tokens::PATH).get(tokens::get),
        at(token_new::PATH).get(token_new::get).post(token_new::post),
        at(tokens::DELETE_PATH).get(tokens::ask_delete).post(tokens::delete),
        at(developer::PATH).get(developer::get),
        at(developer::NEW_PATH).get(form::get_new).post(form::post_new),
        one("").get(application::get),
        one("/edit").get(form::get_edit).post(form::post_edit),
        one("/secret").get(application::ask_rotate).post(application::rotate),
        one("/delete").get(application::ask_delete).post(application::delete),
        one("/restore").post(application::restore),
        at(data::PATH).get(data::get).post(data::download),
        at(data::DELETE_PATH).get(data::ask_delete).post(data::delete),
    ]
}

/// Pages of organizations. Words of our own come before names: `new` and `invite` are nobody's.
fn organizations(at: impl Fn(&str) -> Endpoint) -> Vec<Endpoint> {
    let within = |path: &str| at(&format!("/orgs/{{org}}{path}"));
    vec![
        at(orgs::list::PATH).get(orgs::list::get),
        at(orgs::new::PATH).get(orgs::new::get).post(orgs::new::post),
        within("").get(orgs::overview::get),
        within("/break-glass").get(orgs::break_glass::get).post(orgs::break_glass::post),
        within("/restore").post(orgs::overview::restore),
        within("/leave").get(orgs::leave::get).post(orgs::leave::post),
        within("/members").get(orgs::members::get),
        within("/members/invite").get(orgs::invite::get).post(orgs::invite::post),
        within("/members/invite/again").post(orgs::members::again),
        within("/members/invite/revoke").post(orgs::members::revoke),
        within("/members/{member}").get(orgs::member::get),
        within("/members/{member}/role").post(orgs::member::set_role),
        within("/members/{member}/remove").get(orgs::member::ask_remove).post(orgs::member::remove),
        within("/teams").get(orgs::teams::get).post(orgs::teams::post),
        within("/teams/{team}").get(orgs::team::get),
        within("/teams/{team}/join").post(orgs::team::join),
        within("/teams/{team}/leave").post(orgs::team::leave),
        within("/teams/{team}/add").post(orgs::team::add),
        within("/teams/{team}/remove").post(orgs::team::remove),
        within("/teams/{team}/rename").post(orgs::team::rename),
        within("/teams/{team}/delete").get(orgs::team::ask_delete).post(orgs::team::delete),
        within("/applications").get(orgs::applications::get),
        within("/applications/ask").post(orgs::applications::ask_owners),
        within("/applications/decide").post(orgs::applications::decide),
        within("/applications/policy").post(orgs::applications::policy),
        within("/applications/revoke").get(orgs::applications::ask_revoke).post(orgs::applications::revoke),
        within("/api-keys").get(orgs::keys::get),
        within("/api-keys/new").get(orgs::keys::get_new).post(orgs::keys::post_new),
        within("/api-keys/{key}").get(orgs::keys::get_one).post(orgs::keys::post_one),
        within("/api-keys/{key}/delete").get(orgs::keys::ask_delete).post(orgs::keys::delete),
        within("/registration-tokens").get(orgs::registration_tokens::get),
        within("/registration-tokens/new")
            .get(orgs::registration_tokens::get_new)
            .post(orgs::registration_tokens::post_new),
        within("/registration-tokens/{registration_token}/delete")
            .get(orgs::registration_tokens::ask_delete)
            .post(orgs::registration_tokens::delete),
        within("/sso").get(sso::get),
        within("/sso/set-up").post(sso::set_up),
        within("/sso/edit").post(sso::edit),
        within("/sso/remind").post(sso::remind),
        within("/sso/disable").get(sso::ask_disable).post(sso::disable),
        within("/audit").get(orgs::audit::get),
        within("/audit/export").get(orgs::audit::export),
        within("/settings").get(orgs::settings::get),
        within("/settings/name").post(orgs::settings::rename),
        within("/settings/joining").post(orgs::settings::joining),
        within("/settings/tokens").post(orgs::settings::tokens),
        within("/settings/delete").get(orgs::delete::get).post(orgs::delete::post),
    ]
}

/// Whether clients speak to this path, so that even an accident is told in JSON.
pub fn is_for_clients(path: &str) -> bool {
    [endpoints::TOKEN, endpoints::INTROSPECTION, endpoints::REVOCATION, endpoints::USERINFO, endpoints::JWKS]
        .iter()
        .any(|known| path.ends_with(known))
        || path.contains(endpoints::REGISTRATION)
        || path.contains("/.well-known/")
        || path.contains(API)
}

/// One path, its methods, and 405 with `Allow` for all others.
pub struct Endpoint {
    /// From the root of the host; `{..}` stands for one segment.
    pub path: String,
    /// Methods that are answered.
    pub allow: Vec<&'static str>,
    /// What each method of the API asks for; empty for everything else.
    pub needs: Vec<(Method, Needs)>,
    hidden: bool,
    resource: Resource,
}

impl Endpoint {
    fn at(path: &str) -> Endpoint {
        Endpoint {
            path: path.to_owned(),
            allow: Vec::new(),
            needs: Vec::new(),
            hidden: false,
            resource: web::resource(path),
        }
    }

    /// Its other methods are answered like a path that is not there: whether it is there is nobody's business.
    pub(super) fn hidden(self) -> Endpoint {
        Endpoint { hidden: true, ..self }
    }

    pub(super) fn get<F, Args>(self, handler: F) -> Endpoint
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.on(Method::GET, "GET", handler)
    }

    /// What may be read may be asked for without its body.
    pub(super) fn get_and_head<F, Args>(self, handler: F) -> Endpoint
    where
        F: Handler<Args> + Clone,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.get(handler.clone()).on(Method::HEAD, "HEAD", handler)
    }

    pub(super) fn post<F, Args>(self, handler: F) -> Endpoint
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

    /// GET of the API.
    pub(super) fn api_get<F, Args>(self, needs: Needs, handler: F) -> Endpoint
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.needing(Method::GET, needs).get(handler)
    }

    /// POST of the API.
    pub(super) fn api_post<F, Args>(self, needs: Needs, handler: F) -> Endpoint
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.needing(Method::POST, needs).post(handler)
    }

    /// PATCH of the API.
    pub(super) fn api_patch<F, Args>(self, needs: Needs, handler: F) -> Endpoint
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.needing(Method::PATCH, needs).on(Method::PATCH, "PATCH", handler)
    }

    /// PUT of the API.
    pub(super) fn api_put<F, Args>(self, needs: Needs, handler: F) -> Endpoint
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.needing(Method::PUT, needs).on(Method::PUT, "PUT", handler)
    }

    /// DELETE of the API.
    pub(super) fn api_delete<F, Args>(self, needs: Needs, handler: F) -> Endpoint
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.needing(Method::DELETE, needs).on(Method::DELETE, "DELETE", handler)
    }

    fn needing(mut self, method: Method, needs: Needs) -> Endpoint {
        self.needs.push((method, needs));
        self
    }

    fn add_to(mut self, config: &mut web::ServiceConfig) {
        if !self.needs.is_empty() {
            self.allow.push("OPTIONS");
            let methods = self.allow.join(", ");
            let preflight = move |request, app, known| cors::preflight_for(request, app, known, methods.clone());
            self.resource = self.resource.app_data(NeedsOf(std::mem::take(&mut self.needs)));
            self.resource = self.resource.route(web::method(Method::OPTIONS).to(preflight));
        }
        if self.hidden {
            config.service(self.resource.default_service(web::to(not_found::not_found)));
            return;
        }
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
