//! What an authorization request may say, and what its refusal is.

use super::*;

const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

fn params(query: &str) -> Params {
    Params::parse(query.as_bytes()).unwrap()
}

fn typed(query: &str) -> Result<AuthorizationRequest, OAuthError> {
    RawAuthorizationRequest::from_params(&params(query)).unwrap().typed()
}

fn refusal(query: &str) -> &'static str {
    typed(&format!("client_id=c&{query}")).unwrap_err().code.as_str()
}

#[test]
fn a_request_survives_its_own_url_and_storage() {
    let query = format!(
        "unknown=1&state=x%20y%26%C3%A9&client_id=c&redirect_uri=https%3A%2F%2Fc.test%2Fcb%3Fx%3D1&response_type=code\
         &response_mode=form_post&scope=org%3Awrite+org%3Aread&code_challenge={CHALLENGE}&code_challenge_method=S256\
         &prompt=login+consent&max_age=60&login_hint=a%40b.test&nonce=n&force_prompt=yes\
         &claims=%7B%22id_token%22%3A%7B%22email%22%3Anull%2C%22sub%22%3A%7B%22value%22%3A%22x%22%7D%7D%7D\
         &id_token_hint=a.b.c&display=popup&ui_locales=de&acr_values=1"
    );
    let request = typed(&query).unwrap();
    assert_eq!(typed(&request.canonical_query()).unwrap(), request);
    assert_eq!(
        request.canonical_query(),
        format!(
            "client_id=c&redirect_uri=https%3A%2F%2Fc.test%2Fcb%3Fx%3D1&response_type=code&response_mode=form_post\
             &scope=org%3Aread+org%3Awrite&state=x+y%26%C3%A9&code_challenge={CHALLENGE}&code_challenge_method=S256\
             &prompt=login+consent&max_age=60&login_hint=a%40b.test&nonce=n&force_prompt=1\
             &claims=%7B%22id_token%22%3A%7B%22email%22%3A%7B%7D%2C%22sub%22%3A%7B%22values%22%3A%5B%22x%22%5D%7D%7D%7D"
        )
    );
    let stored = serde_json::to_string(&request).unwrap();
    assert_eq!(serde_json::from_str::<AuthorizationRequest>(&stored).unwrap(), request);
    assert_eq!(request.effective_response_mode(), ResponseMode::FormPost);
}

#[test]
fn what_is_left_out_is_left_out() {
    let request = typed("client_id=c&response_type=token&scope=&state=&code_challenge_method=plain").unwrap();
    assert_eq!(request.canonical_query(), "client_id=c&response_type=token");
    assert_eq!(request.effective_response_mode(), ResponseMode::Fragment);
    assert_eq!((request.scope, request.code_challenge), (ScopeList::empty(), None));
}

/// A14: each parameter, with the two that decide the destination named before all others.
#[test]
fn each_parameter_is_sent_once() {
    for name in [
        "client_id",
        "redirect_uri",
        "response_type",
        "response_mode",
        "scope",
        "state",
        "code_challenge",
        "code_challenge_method",
        "prompt",
        "max_age",
        "login_hint",
        "nonce",
        "force_prompt",
        "claims",
        "id_token_hint",
        "display",
        "ui_locales",
        "claims_locales",
        "acr_values",
    ] {
        let twice = params(&format!("{name}=a&{name}=a"));
        assert_eq!(RawAuthorizationRequest::from_params(&twice), Err(Repeated { name: name.to_owned() }));
        let stops = matches!(name, "client_id" | "redirect_uri");
        assert_eq!(RequestDestination::from_params(&twice).is_err(), stops, "{name}");
    }
    let both = params("state=a&state=b&redirect_uri=a&redirect_uri=b");
    assert_eq!(RawAuthorizationRequest::from_params(&both).unwrap_err().name, "redirect_uri");
}

/// A07, S4, S5: where an error goes is known before anything else is.
#[test]
fn the_destination_of_an_error_is_known_first() {
    let destination = |query: &str| RequestDestination::from_params(&params(query)).unwrap();
    let known = destination("client_id=c&redirect_uri=https%3A%2F%2Fc.test&state=s&response_type=foobar");
    assert_eq!(known.client_id.as_deref(), Some("c"));
    assert_eq!(known.redirect_uri.as_deref(), Some("https://c.test"));
    assert_eq!((known.state.as_deref(), known.error_response_mode), (Some("s"), ResponseMode::Query));
    assert_eq!(destination("state=a&state=b").state, None);
    for (query, mode) in [
        ("", ResponseMode::Query),
        ("response_type=token", ResponseMode::Fragment),
        ("response_type=code+token", ResponseMode::Fragment),
        ("response_type=token&response_mode=query", ResponseMode::Fragment),
        ("response_type=code&response_mode=fragment", ResponseMode::Fragment),
        ("response_type=code&response_mode=form_post", ResponseMode::FormPost),
        ("response_type=code&response_mode=web_message", ResponseMode::Query),
        ("response_type=token&response_type=code", ResponseMode::Query),
    ] {
        assert_eq!(destination(query).error_response_mode, mode, "{query}");
    }
}

/// A07, A16, A25, A63, A66, S2, S20.
#[test]
fn each_refusal_has_the_code_of_its_rfc() {
    for (query, code) in [
        ("", "invalid_request"),
        ("response_type=", "invalid_request"),
        ("response_type=foobar", "unsupported_response_type"),
        ("response_type=code+none", "unsupported_response_type"),
        ("response_type=code&response_mode=web_message", "invalid_request"),
        ("response_type=token&response_mode=query", "invalid_request"),
        ("response_type=code&scope=a++b", "invalid_scope"),
        ("response_type=code&scope=a%22", "invalid_scope"),
        ("response_type=code&code_challenge=", "invalid_request"),
        ("response_type=code&code_challenge=short&code_challenge_method=S256", "invalid_request"),
        ("response_type=code&prompt=none+login", "invalid_request"),
        ("response_type=code&prompt=register", "invalid_request"),
        ("response_type=code&max_age=-1", "invalid_request"),
        ("response_type=code&max_age=%2B1", "invalid_request"),
        ("response_type=code&max_age=1.5", "invalid_request"),
        ("response_type=code&claims=%5B%5D", "invalid_request"),
        ("response_type=code&display=hologram", "invalid_request"),
        ("response_type=code&registration=x", "registration_not_supported"),
    ] {
        assert_eq!(refusal(query), code, "{query}");
    }
    let plain = format!("response_type=code&code_challenge={CHALLENGE}");
    assert_eq!(refusal(&plain), "invalid_request");
    assert_eq!(refusal(&format!("{plain}&code_challenge_method=plain")), "invalid_request");
    assert_eq!(refusal(&format!("response_type=code&state={}", "a".repeat(MAX_STATE + 1))), "invalid_request");
    assert_eq!(refusal(&format!("response_type=code&nonce={}", "a".repeat(MAX_NONCE + 1))), "invalid_request");
    assert_eq!(
        refusal(&format!("response_type=code&login_hint={}", "a".repeat(MAX_LOGIN_HINT + 1))),
        "invalid_request"
    );
    for name in ["ui_locales", "claims_locales", "acr_values"] {
        let long = "a".repeat(MAX_PREFERENCE + 1);
        assert_eq!(refusal(&format!("response_type=code&{name}={long}")), "invalid_request");
    }
    let long = "a".repeat(MAX_ID_TOKEN_HINT + 1);
    assert_eq!(refusal(&format!("response_type=code&id_token_hint={long}")), "invalid_request");
    assert_eq!(typed("response_type=code").unwrap_err().description, "client_id is missing");
}

#[test]
fn an_age_beyond_all_ages_is_no_limit() {
    let age = |digits: &str| typed(&format!("client_id=c&response_type=code&max_age={digits}")).unwrap().max_age;
    assert_eq!(age("0"), Some(0));
    assert_eq!(age("99999999999"), Some(u32::MAX));
}
