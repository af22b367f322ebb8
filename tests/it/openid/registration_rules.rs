//! What registration by clients themselves must never do, and what it says where it does not (RFC 7591, RFC 7592).

use std::sync::atomic::Ordering;

use futures_util::future::join_all;
use grantor::config::registration::Mode;
use grantor::crypto::random;
use grantor::flows::organizations::By;
use grantor::flows::registration::tokens::{self, NewToken};
use grantor::protocol::signing_algorithm::SigningAlgorithm;
use serde_json::{Value, json};

use super::fetches::door;
use super::registration::{CB, ada, keys, open, post, register, signing};
use super::signed_in;
use crate::support::operator::Operator;
use crate::support::site::Site;
use crate::support::{Answer, TestApp, assert_whole, on_both};

on_both!(
    registration_is_closed_unless_somebody_opens_it,
    an_initial_access_token_registers_so_many_clients_for_so_long,
    a_registration_is_read_changed_and_ended_by_its_own_client,
    one_token_changes_a_registration_once,
    what_is_wrong_is_told_in_the_words_of_the_rfc,
    a_registered_client_has_the_scopes_the_operator_offers,
    addresses_on_private_networks_are_never_called,
    one_address_registers_so_many,
    scripts_of_any_site_may_register_while_it_is_open,
);

pub async fn manage(app: &TestApp, method: &str, told: &Value, body: Option<&Value>) -> Answer {
    let uri = told["registration_client_uri"].as_str().expect("a URI");
    let token = told["registration_access_token"].as_str().expect("a token");
    let mut request = app.shared.http.request(method.parse().expect("a method"), uri).bearer_auth(token);
    if let Some(body) = body {
        request = request.json(body);
    }
    app.shared.send(request).await
}

/// A60: not there, not named, and not there for a token either.
async fn registration_is_closed_unless_somebody_opens_it(app: &TestApp) {
    let body = json!({ "redirect_uris": [CB] });
    assert_eq!(post(app, &body, None).await.status, 404);
    app.restart_with(|config| config.registration.mode = Mode::InitialToken).await;
    let answer = post(app, &body, None).await;
    assert_whole!(answer, @r#"
    401
    cache-control: no-store
    content-type: application/json
    pragma: no-cache
    www-authenticate: Bearer realm="grantor"
    x-content-type-options: nosniff

    {"error":"invalid_token","error_description":"a token is needed: Authorization: Bearer"}
    "#);
    for token in ["x", "gia_nonsense"] {
        assert_eq!(post(app, &body, Some(token)).await.error(), "401 invalid_token", "{token}");
    }
    let web = app.db_web_client().await;
    let other = web.client_credentials("org:read").await.text("access_token");
    assert_eq!(post(app, &body, Some(&other)).await.error(), "401 invalid_token", "a token of another kind");
    assert_eq!(app.rows("clients"), 1);
}

/// Id and text of a token that the operator makes.
pub async fn initial_token(app: &TestApp, name: &str, lifetime: Option<i64>, uses: i64) -> (String, String) {
    let new = NewToken { name: name.to_owned(), expires_at: lifetime.map(|seconds| app.now() + seconds), uses };
    let (id, secret) = (app.app().store.next_id().expect("an id"), random::secret());
    let made = tokens::create(&app.app(), By::Operator, None, &new, id, secret.expose()).await.expect("a token");
    app.shared.secrets.saw(made.token.expose());
    (made.view.id, made.token.expose().to_owned())
}

/// Parallel uses count; an expired or deleted token registers nothing.
async fn an_initial_access_token_registers_so_many_clients_for_so_long(app: &TestApp) {
    app.restart_with(|config| config.registration.mode = Mode::InitialToken).await;
    let operator = Operator::of(app);
    let body = json!({ "redirect_uris": [CB] });
    let create = async |name: &str, lifetime: Option<i64>, uses: i64| initial_token(app, name, lifetime, uses).await;
    let (_, token) = create("farm", None, 3).await;
    let answers = join_all((0..8).map(|_| post(app, &body, Some(&token)))).await;
    let registered = answers.iter().filter(|answer| answer.status == 201).count();
    assert_eq!(registered, 3, "{:?}", answers.iter().map(|answer| answer.status).collect::<Vec<_>>());
    let refused = answers.iter().filter(|answer| answer.status != 201);
    let spent = refused.filter(|answer| answer.error() == "401 invalid_token").count();
    assert_eq!((app.rows("clients"), spent), (3, 5), "late or at once: the token is good no more");
    let listed = operator.says(&["--json", "registration-token", "list"]).await.json();
    assert_eq!(
        (&listed[0]["uses_left"], &listed[0]["clients"], &listed[0]["name"]),
        (&json!(0), &json!(3), &json!("farm"))
    );
    assert!(listed[0].get("token").is_none());

    let ((_, brief), (id, gone)) = (create("brief", Some(3600), 9).await, create("gone", None, 9).await);
    assert!(operator.says(&["registration-token", "delete", &id]).await.done);
    assert!(!operator.says(&["registration-token", "delete", &id]).await.done, "twice");
    assert_eq!(post(app, &body, Some(&gone)).await.error(), "401 invalid_token");
    assert_eq!(post(app, &body, Some(&brief)).await.status, 201);
    app.wait(3600);
    assert_eq!(post(app, &body, Some(&brief)).await.error(), "401 invalid_token");
    let words = operator.says(&["registration-token", "create", "--name", "by hand", "--uses", "2"]).await.words();
    assert!(words.contains("gia_") && words.contains("shown this once"), "{words}");
    let events = app.db_events().await;
    for event in ["registration_token.create", "registration_token.delete", "client.register"] {
        assert!(events.iter().any(|known| known == event), "{event}");
    }
}

/// RFC 7592: each change makes a new token, and the end is the end of everything.
async fn a_registration_is_read_changed_and_ended_by_its_own_client(app: &TestApp) {
    open(app).await;
    let (party, told) =
        register(app, json!({ "contacts": ["a@rp.example"], "logo_uri": "https://rp.example/l.png" })).await;
    let read = manage(app, "GET", &told, None).await;
    assert_eq!((read.status, read.header("cache-control")), (200, Some("no-store")));
    assert_eq!(read.json().get("client_secret"), None, "only its digest is kept");
    assert_eq!(read.json()["registration_access_token"], told["registration_access_token"]);

    let (_, other) = register(app, json!({})).await;
    let mut stranger = told.clone();
    stranger["registration_access_token"] = other["registration_access_token"].clone();
    for method in ["GET", "DELETE"] {
        assert_eq!(
            manage(app, method, &stranger, None).await.error(),
            "401 invalid_token",
            "{method} by another client"
        );
    }

    let change = json!({
        "client_id": told["client_id"], "client_secret": told["client_secret"], "redirect_uris": [CB],
        "client_name": "Changed", "scope": "openid profile",
    });
    let mut wrong = change.clone();
    wrong["client_id"] = other["client_id"].clone();
    assert_eq!(manage(app, "PUT", &told, Some(&wrong)).await.error(), "400 invalid_client_metadata");
    wrong = change.clone();
    wrong["client_secret"] = other["client_secret"].clone();
    assert_eq!(manage(app, "PUT", &told, Some(&wrong)).await.error(), "400 invalid_client_metadata");
    let changed = manage(app, "PUT", &told, Some(&change)).await;
    assert_eq!(changed.status, 200, "{}", changed.body);
    let now = changed.json();
    assert_eq!((&now["client_name"], &now["scope"]), (&json!("Changed"), &json!("openid profile")));
    assert_eq!((now.get("contacts"), now.get("logo_uri")), (None, None), "what is left out is gone");
    assert_ne!(now["registration_access_token"], told["registration_access_token"]);
    assert_eq!(manage(app, "GET", &told, None).await.error(), "401 invalid_token", "the old token");
    assert_eq!(manage(app, "GET", &now, None).await.status, 200);

    let ada = ada(app).await;
    let token = signed_in(app, &party, &ada, &[("scope", "openid")]).await.text("access_token");
    assert!(party.is_active(&token).await);
    assert_eq!(manage(app, "DELETE", &now, None).await.status, 204);
    assert_eq!(party.introspect(&token).await.error(), "401 invalid_client");
    for method in ["GET", "DELETE"] {
        assert_eq!(manage(app, method, &now, None).await.error(), "401 invalid_token", "{method} after the end");
    }
    assert_eq!((app.rows("clients"), app.rows("client_registrations")), (1, 1));
    let operator = Operator::of(app);
    let id = other["client_id"].as_str().expect("a client");
    assert!(operator.says(&["client", "disable", id]).await.done);
    assert_eq!(manage(app, "GET", &other, None).await.error(), "401 invalid_token", "a client that is off");
    assert!(operator.says(&["client", "enable", id]).await.done);
    assert_eq!(manage(app, "GET", &other, None).await.status, 200);
}

async fn one_token_changes_a_registration_once(app: &TestApp) {
    open(app).await;
    let (_, told) = register(app, json!({})).await;
    let change = |number: usize| json!({ "client_id": told["client_id"], "redirect_uris": [CB], "client_name": format!("Name {number}") });
    let changes: Vec<Value> = (0..16).map(change).collect();
    let answers = join_all(changes.iter().map(|change| manage(app, "PUT", &told, Some(change)))).await;
    let done: Vec<&Answer> = answers.iter().filter(|answer| answer.status == 200).collect();
    assert_eq!(done.len(), 1, "{:?}", answers.iter().map(|answer| answer.status).collect::<Vec<_>>());
    assert_eq!(manage(app, "GET", &done[0].json(), None).await.json()["client_name"], done[0].json()["client_name"]);
}

/// What looks like an RSA key of so many bits, and has a name.
fn of_bits(bits: usize) -> Value {
    use base64::Engine as _;
    let modulus = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(vec![0xc1; bits / 8]);
    json!({ "kty": "RSA", "kid": "one", "n": modulus, "e": "AQAB" })
}

async fn what_is_wrong_is_told_in_the_words_of_the_rfc(app: &TestApp) {
    open(app).await;
    let with = |member: &str, value: Value| {
        let mut body = json!({ "redirect_uris": [CB] });
        body[member] = value;
        body
    };
    for (member, value) in [
        ("redirect_uris", json!([])),
        ("redirect_uris", json!("https://rp.example/cb")),
        ("client_name", json!("grantor")),
        ("client_name", json!("x".repeat(65))),
        ("client_name", json!(7)),
        ("client_name", json!("<script>\u{202e}")),
        ("token_endpoint_auth_method", json!("tls_client_auth")),
        ("token_endpoint_auth_method", json!("private_key_jwt")),
        ("response_types", json!(["device"])),
        ("grant_types", json!(["client_credentials"])),
        ("id_token_encrypted_response_alg", json!("RSA-OAEP")),
        ("jwks", json!({ "keys": [{ "kty": "EC", "crv": "P-256", "x": "x", "y": "y", "d": "secret" }] })),
        ("jwks", json!({ "keys": [of_bits(1024)] })),
        ("jwks", json!({ "keys": [of_bits(2048), of_bits(2048)] })),
        ("subject_type", json!("other")),
        ("initiate_login_uri", json!("http://rp.example/start")),
    ] {
        let answer = post(app, &with(member, value.clone()), None).await;
        let expected = if member == "redirect_uris" && value.is_array() { "redirect_uri" } else { "client_metadata" };
        let expected = if member == "redirect_uris" { "redirect_uri" } else { expected };
        assert_eq!(answer.error(), format!("400 invalid_{expected}"), "{member} {value}: {}", answer.body);
        let told = answer.text("error_description");
        assert!(told.is_ascii() && !told.contains("secret,"), "{told}");
    }
    for (kind, body) in [
        ("application/json", "[]"),
        ("application/json", "{"),
        ("text/plain", "{}"),
        ("application/json", r#"{"x":"\u0000"}"#),
    ] {
        let request = app.shared.http.post(app.shared.url("/oauth/register")).header("Content-Type", kind).body(body);
        assert_eq!(app.shared.send(request).await.error(), "400 invalid_client_metadata", "{kind} {body}");
    }
    assert_eq!(app.rows("clients"), 0);
    app.restart_with(|config| config.tokens.implicit = false).await;
    let implicit = with("response_types", json!(["id_token"]));
    assert_eq!(post(app, &implicit, None).await.error(), "400 invalid_client_metadata", "switched off");
    open(app).await;
    let told = post(app, &implicit, None).await.json();
    assert_eq!((&told["grant_types"], &told["response_types"]), (&json!(["implicit"]), &json!(["id_token"])));
}

/// C67: registering is no way to more than what the operator offers.
async fn a_registered_client_has_the_scopes_the_operator_offers(app: &TestApp) {
    open(app).await;
    let asked = json!({ "scope": "openid profile org:admin admin:write nonsense", "grant_types": ["authorization_code", "client_credentials"],
        "may_introspect": true, "verified": true, "owner": "ada", "refresh_without_offline_access": true });
    let (party, told) = register(app, asked).await;
    assert_eq!((&told["scope"], &told["grant_types"]), (&json!("openid profile"), &json!(["authorization_code"])));
    let show = Operator::of(app).says(&["--json", "client", "show", &party.client_id]).await.json();
    let metadata = &show["metadata"];
    assert_eq!(
        (&metadata["may_introspect"], &metadata["verified"], &metadata["owner"]),
        (&json!(false), &json!(false), &Value::Null)
    );
    assert_eq!(metadata["openid"].get("refresh_without_offline_access"), None);
    assert_eq!(party.client_credentials("openid").await.error(), "400 unauthorized_client");
    app.restart_with(|config| config.registration.scopes.push("org:read".to_owned())).await;
    let (_, told) = register(app, json!({ "scope": "openid org:read org:write" })).await;
    assert_eq!(told["scope"], "openid org:read");
    app.restart_with(|config| config.registration.scopes.push("project:write".to_owned())).await;
    let (_, told) = register(app, json!({ "scope": "project:read project:admin" })).await;
    assert_eq!(told["scope"], "project:read", "who may have more may ask for less");
}

/// A60, C71: somebody listens there, and the reason is the address.
async fn addresses_on_private_networks_are_never_called(app: &TestApp) {
    open(app).await;
    app.restart_with(|config| config.dev = false).await;
    let (site, (port, came)) = (Site::start(), door());
    let refused = async |sector: &str, why: &str| {
        let body = json!({ "redirect_uris": [CB], "subject_type": "pairwise", "sector_identifier_uri": sector });
        let answer = post(app, &body, None).await;
        assert_eq!(answer.error(), "400 invalid_client_metadata", "{sector}");
        let told = answer.text("error_description");
        assert!(told.contains("could not be fetched or is not a list of redirect URIs"), "{sector}: {told}");
        assert!(!told.replace(sector, "").contains(why), "{sector}: {told}");
        let log = app.log();
        assert!(log.lines().any(|line| line.contains(sector) && line.contains(why)), "{sector}, {why}: {log}");
    };
    let here = ["127.0.0.1", "[::ffff:7f00:1]"].map(|host| format!("https://{host}:{port}/x"));
    let name = format!("https://localhost:{port}/x");
    for sector in here.iter().map(String::as_str).chain(["https://169.254.169.254/latest", "https://[fd00::1]/x"]) {
        refused(sector, "it is a private address").await;
    }
    refused(&name, "no answer").await;
    refused(&site.gives("/sector", &json!([CB])), "it is not https").await;
    assert_eq!(came.load(Ordering::SeqCst), 0);
    let networks = ["127.0.0.0/8", "::1/128"].map(|network| network.parse().expect("a network"));
    app.restart_with(|config| config.outbound.client_networks = networks.to_vec()).await;
    for sector in [&here[0], &name] {
        refused(sector, "no answer").await;
    }
    assert!(came.load(Ordering::SeqCst) >= 2, "the control: what the operator opens is called");
    app.restart_with(|config| config.outbound.client_networks = Vec::new()).await;
    let keys = site.gives("/jwks", &keys(SigningAlgorithm::Es256, "one"));
    let (party, _) = register(app, json!({ "jwks_uri": keys, "token_endpoint_auth_method": "private_key_jwt" })).await;
    let refused = signing(app, &party, SigningAlgorithm::Es256, "one").redeem("x").await;
    assert_eq!(refused.error(), "401 invalid_client");
    assert_eq!((site.visits("/sector"), site.visits("/jwks")), (0, 0));
}

async fn one_address_registers_so_many(app: &TestApp) {
    app.restart_with(|config| {
        config.registration.mode = Mode::Open;
        config.registration.per_hour = 3;
    })
    .await;
    let body = json!({ "redirect_uris": [CB] });
    let mut statuses = Vec::new();
    for _ in 0..5 {
        statuses.push(post(app, &body, None).await.status);
    }
    assert_eq!(statuses, [201, 201, 201, 429, 429]);
    let late = post(app, &body, None).await;
    assert_eq!((late.error(), late.header("retry-after").is_some()), ("429 temporarily_unavailable".to_owned(), true));
    app.wait(3600);
    assert_eq!(post(app, &body, None).await.status, 201);
    app.restart_with(|config| config.registration.most = 4).await;
    assert_eq!(post(app, &body, None).await.error(), "503 temporarily_unavailable", "so many in all");
    let token = initial_token(app, "one", None, 1).await.1;
    let invited = post(app, &body, Some(&token)).await;
    assert_eq!(invited.status, 201, "whoever holds a token is let in all the same: {}", invited.body);
}

/// A09: never with cookies, and for nobody while tokens are needed.
async fn scripts_of_any_site_may_register_while_it_is_open(app: &TestApp) {
    let preflight = async || {
        let request = app.shared.http.request("OPTIONS".parse().expect("a method"), app.shared.url("/oauth/register"));
        app.shared
            .send(request.header("Origin", "https://any.test").header("Access-Control-Request-Method", "POST"))
            .await
    };
    app.restart_with(|config| config.registration.mode = Mode::InitialToken).await;
    assert_eq!(preflight().await.header("access-control-allow-origin"), None);
    open(app).await;
    let answer = preflight().await;
    assert_eq!((answer.status, answer.header("access-control-allow-origin")), (204, Some("*")));
    assert_eq!(answer.header("access-control-allow-credentials"), None);
    let answer = post(app, &json!({ "redirect_uris": [CB] }), None).await;
    assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
    let told = answer.json();
    assert_eq!(manage(app, "GET", &told, None).await.header("access-control-allow-origin"), Some("*"));
    let spa = post(app, &json!({ "redirect_uris": [CB], "token_endpoint_auth_method": "none" }), None).await.json();
    assert_eq!(spa.get("client_secret"), None);
    let request = app.shared.http.post(app.shared.url("/oauth/token")).header("Origin", "https://rp.example");
    let client_id = spa["client_id"].as_str().expect("a client");
    let answer = app.shared.send(request.form(&[("grant_type", "refresh_token"), ("client_id", client_id)])).await;
    assert_eq!(
        answer.header("access-control-allow-origin"),
        Some("https://rp.example"),
        "its own site redeems its codes"
    );
}
