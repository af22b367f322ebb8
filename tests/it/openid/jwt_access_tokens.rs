//! Access tokens that resource servers verify by themselves (RFC 9068). Each has a row, and everything here that knows
//! access tokens takes them as it takes opaque ones.

use grantor::crypto::signing::half_hash;
use grantor::flows::audit::Actor;
use grantor::flows::resource_servers::{ResourceServerFields, create};
use grantor::flows::signing_keys::{How, rotate};
use grantor::protocol::response_type::ResponseType;
use grantor::protocol::signing_algorithm::SigningAlgorithm;
use serde_json::{Map, Value, json};

use super::{relying_party, signed_in, stage, stage_of, verified, verified_jwt};
use crate::support::db_shortcuts::strings;
use crate::support::relying_party::Tokens;
use crate::support::{ClientSpec, Person, RelyingParty, TestApp, on_both};

on_both!(
    a_jwt_says_what_the_rfc_asks_for,
    each_algorithm_signs,
    a_client_speaks_for_itself,
    introspection_says_the_same_of_both_kinds,
    what_takes_opaque_tokens_takes_these,
    a_resource_server_decides_before_the_client,
    a_member_has_an_organization_and_no_more_than_the_role,
    a_lost_answer_is_given_again_with_the_same_token,
    a_token_that_was_opaque_stays_so_when_the_registration_changes,
    the_front_channel_gives_jwts_too,
    a_revoked_jwt_is_dead_here_at_once,
    a_jwt_outlives_the_rotation_of_its_key_but_not_its_withdrawal,
    without_a_key_nothing_is_used_up,
);

const ES256: SigningAlgorithm = SigningAlgorithm::Es256;

/// A client whose access tokens are JWTs, and Ada.
async fn jwts(app: &TestApp) -> (RelyingParty, Person) {
    let scopes = strings(&["openid", "email", "org:read", "org:write"]);
    let (web, ada) = stage_of(app, ClientSpec { scopes, ..relying_party() }).await;
    app.db_metadata(&web, |metadata| metadata.access_token_signed_response_alg = Some(ES256)).await;
    (web, ada)
}

async fn claims(app: &TestApp, token: &str) -> Map<String, Value> {
    verified_jwt(app, token, "at+jwt").await.0
}

/// An API, as its fields.
async fn resource(app: &TestApp, identifier: &str, sets: &[&str], alg: Option<SigningAlgorithm>) {
    let fields = ResourceServerFields {
        identifier: identifier.to_owned(),
        scope_sets: strings(sets),
        access_token_signed_response_alg: alg,
        ..ResourceServerFields::default()
    };
    create::create(&app.app(), fields, None).await.unwrap_or_else(|failure| panic!("{failure}"));
}

/// A43: RFC 9068 section 2.
async fn a_jwt_says_what_the_rfc_asks_for(app: &TestApp) {
    let (web, ada) = jwts(app).await;
    app.db_resource_server("https://orgs.example", &["org"]).await;
    let answer = signed_in(app, &web, &ada, &[("scope", "openid org:write"), ("nonce", "n")]).await;
    let token = answer.text("access_token");
    let (mut said, header) = verified_jwt(app, &token, "at+jwt").await;
    assert_eq!((&header["alg"], &header["kid"]), (&json!("ES256"), &json!("demo-ES256")));
    let name = said.remove("jti").and_then(|jti| jti.as_str().map(str::to_owned)).expect("jti");
    assert_eq!(name.len(), 54);
    let now = app.now();
    let expected = json!({
        "iss": app.shared.issuer, "sub": ada.row.sub, "aud": "https://orgs.example", "exp": now + 3600, "iat": now,
        "client_id": web.client_id, "scope": "openid org:read org:write", "auth_time": now, "amr": ["pwd"],
        "acr": "urn:grantor:acr:pwd",
    });
    assert_eq!(Value::Object(said), expected, "and nothing personal");
    assert_eq!(answer.json()["expires_in"], json!(3600));
    assert_eq!(answer.text("scope"), "openid org:write", "the answer names what was granted");
    let (id_claims, _) = verified(app, &answer).await;
    assert_eq!(id_claims["at_hash"], json!(half_hash(ES256, &token)));
    // Two are a list; with none it is for this server itself.
    resource(app, "https://people.example", &["member"], None).await;
    let both = signed_in(app, &web, &ada, &[("scope", "openid")]).await.text("access_token");
    assert_eq!(claims(app, &both).await["aud"], json!(app.shared.issuer));
    let spec = ClientSpec { scopes: strings(&["org:read", "member:read"]), ..relying_party() };
    let wide = app.db_client(spec).await;
    app.db_metadata(&wide, |metadata| metadata.access_token_signed_response_alg = Some(ES256)).await;
    let both = signed_in(app, &wide, &ada, &[("scope", "org:read member:read")]).await.text("access_token");
    let said = claims(app, &both).await;
    assert_eq!(said["aud"], json!(["https://orgs.example", "https://people.example"]));
    assert!(!said.contains_key("auth_time"), "who did not ask who it is, is not told when they came");
}

async fn each_algorithm_signs(app: &TestApp) {
    let (web, ada) = stage(app).await;
    for algorithm in SigningAlgorithm::ALL {
        app.db_metadata(&web, |metadata| metadata.access_token_signed_response_alg = Some(algorithm)).await;
        let token = signed_in(app, &web, &ada, &[("scope", "openid")]).await.text("access_token");
        assert_eq!(verified_jwt(app, &token, "at+jwt").await.1["alg"], algorithm.as_str());
        assert!(web.is_active(&token).await, "{algorithm:?}");
    }
}

/// RFC 9068 section 2.2, A40: the client is its own subject, and no person.
async fn a_client_speaks_for_itself(app: &TestApp) {
    let (web, _) = jwts(app).await;
    let said = claims(app, &web.client_credentials("org:read").await.text("access_token")).await;
    assert_eq!((&said["sub"], &said["client_id"]), (&json!(web.client_id), &json!(web.client_id)));
    assert!(!said.contains_key("auth_time") && !said.contains_key("amr"));
}

async fn introspection_says_the_same_of_both_kinds(app: &TestApp) {
    let (opaque, ada) = stage(app).await;
    let jwt = app.db_client(relying_party()).await;
    app.db_metadata(&jwt, |metadata| metadata.access_token_signed_response_alg = Some(ES256)).await;
    let api = app.db_resource_server("https://orgs.example", &["org"]).await;
    let told = async |party: &RelyingParty, asker: &RelyingParty| {
        let token = signed_in(app, party, &ada, &[("scope", "openid org:read")]).await.text("access_token");
        let mut told = asker.introspect(&token).await.json();
        assert!(told.as_object_mut().expect("an object").remove("client_id").is_some(), "{told}");
        told
    };
    let (one, two) = (told(&opaque, &api).await, told(&jwt, &api).await);
    assert_eq!((one["active"].as_bool(), &one), (Some(true), &two));
    assert_eq!(told(&opaque, &opaque).await, told(&jwt, &jwt).await);
    // C18, A42: nobody else's business.
    let other = app.db_resource_server("https://people.example", &["member"]).await;
    let token = signed_in(app, &jwt, &ada, &[("scope", "openid org:read")]).await.text("access_token");
    for stranger in [&other, &opaque] {
        assert_eq!(stranger.introspect(&token).await.body, r#"{"active":false}"#);
    }
    let said = claims(app, &token).await;
    let told = api.introspect(&token).await.json();
    for same in ["iss", "sub", "exp", "iat", "client_id"] {
        assert_eq!(told[same], said[same], "{same}");
    }
}

/// UserInfo, the API, and whoever may not have it there.
async fn what_takes_opaque_tokens_takes_these(app: &TestApp) {
    let (web, ada) = jwts(app).await;
    let token = signed_in(app, &web, &ada, &[("scope", "openid email")]).await.text("access_token");
    let request = app.shared.http.get(app.shared.url("/oauth/userinfo"));
    let answer = app.shared.send(request.header("authorization", format!("Bearer {token}"))).await;
    assert_eq!((answer.status, &answer.json()["email"]), (200, &json!("ada@example.test")));
    assert_eq!(app.script(&token).get("/me").await.status, 200);
    // RFC 9700 section 2.3: what is for a resource server is not for this API.
    app.db_resource_server("https://orgs.example", &["org"]).await;
    let elsewhere = signed_in(app, &web, &ada, &[("scope", "openid org:read")]).await.text("access_token");
    assert_eq!(app.script(&elsewhere).get("/me").await.status, 401);
}

/// Who reads a token knows best what it can read.
async fn a_resource_server_decides_before_the_client(app: &TestApp) {
    let (web, ada) = stage(app).await;
    resource(app, "https://orgs.example", &["org"], Some(SigningAlgorithm::EdDsa)).await;
    let token = async |scope: &str| signed_in(app, &web, &ada, &[("scope", scope)]).await.text("access_token");
    assert_eq!(verified_jwt(app, &token("org:read").await, "at+jwt").await.1["alg"], "EdDSA");
    assert!(token("openid").await.starts_with("gat_"), "for nobody who wants JWTs");
    app.db_metadata(&web, |metadata| metadata.access_token_signed_response_alg = Some(ES256)).await;
    assert_eq!(verified_jwt(app, &token("org:read").await, "at+jwt").await.1["alg"], "EdDSA");
    assert_eq!(verified_jwt(app, &token("openid").await, "at+jwt").await.1["alg"], "ES256");
}

/// C24: the organization the grant is bound to, and the role as it is when the token is made.
async fn a_member_has_an_organization_and_no_more_than_the_role(app: &TestApp) {
    let spec = ClientSpec {
        organization_access: true,
        scopes: strings(&["openid", "org:read", "org:admin"]),
        ..relying_party()
    };
    let (board, ada) = (app.db_client(spec).await, app.db_user("ada").await);
    app.db_metadata(&board, |metadata| metadata.access_token_signed_response_alg = Some(ES256)).await;
    let acme = app.db_org("acme").await;
    app.db_join(&acme, &ada, "member").await;
    let browser = app.db_signed_in(&ada).await;
    let code = board.code(&browser, &[("scope", "openid org:admin"), ("organization", "acme")]).await;
    let token = board.redeem(&code).await.text("access_token");
    let said = claims(app, &token).await;
    assert_eq!((&said["organization_id"], &said["organization"]), (&json!("public-acme"), &json!("acme")));
    let told = board.introspect(&token).await.json();
    for same in ["scope", "organization_id", "organization"] {
        assert_eq!(told[same], said[same], "{same}");
    }
    assert!(!said["scope"].as_str().expect("a scope").contains("org:admin"), "{said:?}");
}

/// DECISIONS, idempotent refresh, 8: the same jti, iat and exp; the signature may be another.
async fn a_lost_answer_is_given_again_with_the_same_token(app: &TestApp) {
    let (web, ada) = jwts(app).await;
    let first = Tokens::of(&signed_in(app, &web, &ada, &[("scope", "org:read org:write")]).await);
    app.wait(10);
    let one = web.refresh(&first.refresh).await;
    app.wait(10);
    let two = web.refresh(&first.refresh).await;
    assert_eq!(one.text("refresh_token"), two.text("refresh_token"));
    let said = claims(app, &one.text("access_token")).await;
    assert_eq!(claims(app, &two.text("access_token")).await, said);
    assert_eq!(said["iat"], json!(app.now() - 10));
    assert_eq!((&one.json()["expires_in"], &two.json()["expires_in"]), (&json!(3600), &json!(3590)));
    assert_ne!(claims(app, &first.access).await["jti"], said["jti"]);
    assert!(web.is_active(&one.text("access_token")).await && web.is_active(&two.text("access_token")).await);
    // Another question, another token, the same successor.
    let narrow = web.refresh_with(&first.refresh, &[("scope", "org:read")]).await;
    assert_eq!(narrow.text("refresh_token"), one.text("refresh_token"));
    let narrow = claims(app, &narrow.text("access_token")).await;
    assert_eq!((&narrow["scope"], narrow["jti"] == said["jti"]), (&json!("org:read"), false));
}

async fn a_token_that_was_opaque_stays_so_when_the_registration_changes(app: &TestApp) {
    let (web, ada) = stage(app).await;
    let set = async |alg| app.db_metadata(&web, |metadata| metadata.access_token_signed_response_alg = alg).await;
    let first = Tokens::of(&signed_in(app, &web, &ada, &[("scope", "org:read")]).await);
    let one = Tokens::of(&web.refresh(&first.refresh).await);
    set(Some(ES256)).await;
    assert_eq!(Tokens::of(&web.refresh(&first.refresh).await), one);
    app.wait(61);
    let two = Tokens::of(&web.refresh(&one.refresh).await);
    set(None).await;
    let again = Tokens::of(&web.refresh(&one.refresh).await);
    assert_eq!(claims(app, &again.access).await, claims(app, &two.access).await);
    assert!(web.is_active(&one.access).await && web.is_active(&two.access).await);
}

/// OpenID Connect Core sections 3.2.2.9 and 3.3.2.11: the hash is over the JWT's own text.
async fn the_front_channel_gives_jwts_too(app: &TestApp) {
    let all = ResponseType::ALL.map(|one| one.as_str().to_owned()).to_vec();
    let (web, ada) = stage_of(app, ClientSpec { response_types: Some(all), ..relying_party() }).await;
    app.restart_with(|config| config.tokens.implicit = true).await;
    app.db_metadata(&web, |metadata| metadata.access_token_signed_response_alg = Some(ES256)).await;
    let browser = app.db_signed_in(&ada).await;
    for kind in ResponseType::ALL.into_iter().filter(|kind| kind.has_token()) {
        let changes = [("scope", "openid org:read"), ("response_type", kind.as_str()), ("nonce", "n")];
        let page = browser.allow(browser.get(&web.authorize_url(&changes)).await).await;
        let answer = page.redirected_to(&web.redirect_uri);
        let part = |name: &str| answer.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone());
        let token = part("access_token").expect("a token");
        assert_eq!(claims(app, &token).await["scope"], json!("openid org:read"), "{kind:?}");
        assert!(web.is_active(&token).await);
        if let Some(id_token) = part("id_token") {
            let (said, _) = verified_jwt(app, &id_token, "JWT").await;
            assert_eq!(said["at_hash"], json!(half_hash(ES256, &token)), "{kind:?}");
        }
    }
}

/// RFC 7009, A22, A53: the row decides, whatever the signature says.
async fn a_revoked_jwt_is_dead_here_at_once(app: &TestApp) {
    let (web, ada) = jwts(app).await;
    let dead = async |token: &str| {
        let request = app.shared.http.get(app.shared.url("/oauth/userinfo"));
        let answer = app.shared.send(request.header("authorization", format!("Bearer {token}"))).await;
        assert_eq!(answer.status, 401);
        assert_eq!(web.introspect(token).await.body, r#"{"active":false}"#);
        assert_eq!(app.script(token).get("/me").await.status, 401);
        assert!(!claims(app, token).await.is_empty(), "who only verifies does not see it");
    };
    let fresh = async || signed_in(app, &web, &ada, &[("scope", "openid")]).await.text("access_token");
    // By its client, by nobody else's.
    let (token, other) = (fresh().await, app.db_client(relying_party()).await);
    assert_eq!(other.revoke(&token).await.status, 200);
    assert!(web.is_active(&token).await);
    assert_eq!(web.revoke(&token).await.status, 200);
    dead(&token).await;
    // By the code that came twice.
    let browser = app.db_signed_in(&ada).await;
    let code = web.code(&browser, &[("scope", "openid")]).await;
    let token = web.redeem(&code).await.text("access_token");
    assert_eq!(web.redeem(&code).await.error(), "400 invalid_grant");
    dead(&token).await;
    // By the person.
    let token = fresh().await;
    app.db_revoke_authorization(&ada, &web).await;
    dead(&token).await;
    // By what became of the client, and of the person.
    let token = fresh().await;
    app.db_update_client(&web, |client| client.scopes = strings(&["org:read"])).await;
    dead(&token).await;
    app.db_update_client(&web, |client| client.scopes = relying_party().scopes).await;
    let token = fresh().await;
    app.db_disable_user(&ada).await;
    dead(&token).await;
}

/// DECISIONS: kept after; a withdrawn key is believed by nobody.
async fn a_jwt_outlives_the_rotation_of_its_key_but_not_its_withdrawal(app: &TestApp) {
    let (web, ada) = jwts(app).await;
    // An hour of the token outlives a minute of the key.
    app.restart_with(|config| (config.keys.jwks_max_age, config.keys.publish_ahead) = (5, 65)).await;
    let token = signed_in(app, &web, &ada, &[("scope", "openid")]).await.text("access_token");
    let here = app.app();
    rotate(&here, None, Actor::Operator, &[ES256], How::Ahead).await.unwrap_or_else(|failure| panic!("{failure}"));
    app.wait(u64::try_from(here.config.keys.publish_ahead).expect("seconds"));
    app.db_sweep().await;
    let fresh = signed_in(app, &web, &ada, &[("scope", "openid")]).await.text("access_token");
    assert_ne!(verified_jwt(app, &fresh, "at+jwt").await.1["kid"], "demo-ES256");
    assert_eq!(verified_jwt(app, &token, "at+jwt").await.1["kid"], "demo-ES256", "still published");
    assert!(web.is_active(&fresh).await && web.is_active(&token).await);
    rotate(&here, None, Actor::Operator, &[ES256], How::AtOnce).await.unwrap_or_else(|failure| panic!("{failure}"));
    assert!(!web.is_active(&fresh).await && !web.is_active(&token).await);
}

/// A server without a key says so before a code or a refresh token is used up.
async fn without_a_key_nothing_is_used_up(app: &TestApp) {
    let (web, ada) = jwts(app).await;
    let tokens = Tokens::of(&signed_in(app, &web, &ada, &[("scope", "org:read")]).await);
    let browser = app.db_signed_in(&ada).await;
    let code = web.code(&browser, &[("scope", "org:read")]).await;
    app.db_no_signing_keys().await;
    assert_eq!(web.redeem(&code).await.error(), "500 server_error");
    assert_eq!(web.refresh(&tokens.refresh).await.error(), "500 server_error");
    assert_eq!(web.client_credentials("org:read").await.error(), "500 server_error");
    app.restart().await;
    assert_eq!(web.redeem(&code).await.status, 200);
    assert_eq!(web.refresh(&tokens.refresh).await.status, 200);
}
