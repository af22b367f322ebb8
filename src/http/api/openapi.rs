//! `/api/v1/openapi.json`: the API as a document (OpenAPI 3.1), generated from the handlers and the table of permissions.

use actix_web::{HttpResponse, web};
use serde_json::{Value, json};
use utoipa::OpenApi as _;

use super::call::render;
use super::problem::{MEDIA_TYPE, Problem};
use super::{
    admin, application_care, applications, authorizations, emails, me, orgs, personal_tokens, profile, sessions,
};
use crate::app::App;
use crate::flows::api::Needs;
use crate::http::routes;

/// Below the API.
pub const PATH: &str = "/openapi.json";

#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "grantor",
        version = "1",
        description = "Your account, your organizations, and the server, for scripts.",
        license(name = "Apache-2.0", identifier = "Apache-2.0")
    ),
    components(schemas(Problem)),
    paths(
        me::show,
        emails::list,
        emails::post,
        emails::make_main,
        emails::delete,
        personal_tokens::list,
        personal_tokens::post,
        personal_tokens::get,
        personal_tokens::delete,
        profile::patch,
        applications::list,
        applications::post,
        applications::get,
        applications::patch,
        applications::delete,
        applications::restore,
        application_care::rotate_secret,
        application_care::statistics,
        application_care::refusals,
        authorizations::list,
        authorizations::get,
        authorizations::delete,
        sessions::list,
        sessions::delete,
        sessions::delete_others,
        orgs::list::get,
        orgs::list::post,
        orgs::one::get,
        orgs::one::patch,
        orgs::one::delete,
        orgs::one::restore,
        orgs::one::leave,
        orgs::members::list,
        orgs::members::post,
        orgs::members::get,
        orgs::members::patch,
        orgs::members::delete,
        orgs::invitations::list,
        orgs::invitations::post,
        orgs::invitations::resend,
        orgs::invitations::delete,
        orgs::teams::list,
        orgs::teams::post,
        orgs::teams::get,
        orgs::teams::patch,
        orgs::teams::delete,
        orgs::team_members::list,
        orgs::team_members::put,
        orgs::team_members::delete,
        orgs::provider::get,
        orgs::provider::put,
        orgs::provider::patch,
        orgs::provider::delete,
        orgs::provider::remind,
        orgs::provider::list_identities,
        orgs::audit_log::list,
        orgs::audit_log::export,
        orgs::applications::list,
        orgs::applications::get,
        orgs::applications::put,
        orgs::applications::revoke,
        orgs::api_keys::list,
        orgs::api_keys::post,
        orgs::api_keys::get,
        orgs::api_keys::patch,
        orgs::api_keys::delete,
        orgs::registration_tokens::list,
        orgs::registration_tokens::post,
        orgs::registration_tokens::get,
        orgs::registration_tokens::delete,
        admin::users::list,
        admin::users::post,
        admin::users::get,
        admin::users::patch,
        admin::users::delete,
        admin::people::sign_out,
        admin::people::list_authorizations,
        admin::people::revoke,
        admin::people::list_sessions,
        admin::people::end_session,
        admin::people::list_tokens,
        admin::people::delete_token,
        admin::people::list_emails,
        admin::people::delete_email,
        admin::clients::list,
        admin::clients::get,
        admin::clients::statistics,
        admin::client_changes::post,
        admin::client_changes::patch,
        admin::client_changes::delete,
        admin::client_changes::restore,
        admin::client_changes::enable,
        admin::client_changes::disable,
        admin::client_changes::rotate,
        admin::registration_tokens::list,
        admin::registration_tokens::post,
        admin::registration_tokens::get,
        admin::registration_tokens::delete,
        admin::organizations::list,
        admin::organizations::get,
        admin::organizations::delete,
        admin::organizations::restore,
        admin::server::holders,
        admin::server::keys,
        admin::server::rotate,
        admin::signing_keys::list,
        admin::signing_keys::rotate,
        admin::server::audit,
        admin::server::statistics,
        admin::server::waiting,
        admin::server::in_force,
        admin::server::refusals,
        admin::server::explain,
    )
)]
struct Document;

/// GET.
pub async fn get(app: web::Data<App>) -> HttpResponse {
    let mut answer = render(actix_web::http::StatusCode::OK, &document(&app));
    let headers = answer.headers_mut();
    headers.insert(
        actix_web::http::header::ACCESS_CONTROL_ALLOW_ORIGIN,
        actix_web::http::header::HeaderValue::from_static("*"),
    );
    answer
}

/// The document of this server.
pub fn document(app: &App) -> Value {
    let mut document = serde_json::to_value(Document::openapi()).unwrap_or_default();
    document["servers"] = json!([{ "url": app.issuer.as_str() }]);
    document["components"]["securitySchemes"] = json!({
        "bearer": { "type": "http", "scheme": "bearer",
            "description": "A personal token, an access token, or an organization's API key." },
        "api_key": { "type": "http", "scheme": "basic", "description": "An API key as user name, without password." },
        "session": { "type": "apiKey", "in": "cookie", "name": "__Host-grantor_session",
            "description": "A browser's session; changes carry X-CSRF-Token." },
    });
    let base = app.issuer.path();
    for endpoint in routes::all(app) {
        let path = endpoint.path.strip_prefix(base).unwrap_or(&endpoint.path).to_owned();
        for (method, needs) in &endpoint.needs {
            let operation = &mut document["paths"][&path][method.as_str().to_lowercase()];
            if let Value::Object(_) = operation {
                describe(operation, *needs, method.as_str() != "GET");
            }
        }
    }
    document
}

fn describe(operation: &mut Value, needs: Needs, changes: bool) {
    if needs == Needs::Nothing {
        operation["security"] = json!([]);
        return;
    }
    operation["security"] = match needs {
        Needs::Organization(_) | Needs::OrganizationFresh(_) | Needs::EvenIfClosed(_) | Needs::Anyone => {
            json!([{ "bearer": [] }, { "api_key": [] }, { "session": [] }])
        }
        Needs::FreshSession => json!([{ "session": [] }]),
        _ => json!([{ "bearer": [] }, { "session": [] }]),
    };
    operation["x-scope"] = json!(needs.scope());
    operation["x-fresh-session"] = json!(needs.asks_for_proof());
    let problem = |text: &str| {
        json!({ "description": text,
        "content": { MEDIA_TYPE: { "schema": { "$ref": "#/components/schemas/Problem" } } } })
    };
    let mut usual = vec![
        ("400", "The request cannot be read."),
        ("401", "No credential, or one that opens nothing."),
        ("403", "The credential does not carry what this needs."),
        ("404", "There is nothing here, for whoever asks."),
        ("405", "No such method."),
        ("429", "Too many requests."),
        ("503", "The server is busy."),
    ];
    if changes {
        usual.extend([
            ("409", "The state does not allow this."),
            ("412", "It has changed since it was read."),
            ("413", "The body is too large."),
            ("415", "The body is not JSON."),
            ("422", "The Idempotency-Key came before with another body."),
        ]);
    }
    for (status, text) in usual {
        if operation["responses"].get(status).is_none() {
            operation["responses"][status] = problem(text);
        }
    }
}
