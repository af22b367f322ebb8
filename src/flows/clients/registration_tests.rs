use super::*;

fn check(metadata: ClientMetadata) -> Result<ClientRegistration, Vec<Problem>> {
    ClientRegistration::check(metadata, &Catalogue::reference(), &["Acme".to_owned()])
}

fn problems(metadata: ClientMetadata) -> Vec<String> {
    check(metadata).expect_err("refused").iter().map(ToString::to_string).collect()
}

fn fields(metadata: ClientMetadata) -> Vec<&'static str> {
    check(metadata).expect_err("refused").iter().map(|problem| problem.field).collect()
}

fn texts(list: &[&str]) -> Vec<String> {
    list.iter().map(|text| (*text).to_owned()).collect()
}

fn web() -> ClientMetadata {
    ClientMetadata { redirect_uris: texts(&["https://app.example.com/cb"]), ..ClientMetadata::default() }
}

fn public() -> ClientMetadata {
    ClientMetadata { kind: Some("public".into()), ..web() }
}

#[test]
fn a_redirect_uri_alone_makes_a_confidential_client_of_the_code_flow() {
    let checked = check(web()).unwrap();
    assert_eq!(checked.method, Method::ClientSecretBasic);
    assert_eq!(checked.grant_types, ["authorization_code", "refresh_token"]);
    assert_eq!(checked.response_types, ["code"]);
}

#[test]
fn without_redirect_uri_it_is_a_machine_or_a_resource_server() {
    assert_eq!(check(ClientMetadata::default()).unwrap().grant_types, ["client_credentials"]);
    let asker = ClientMetadata { may_introspect: true, ..ClientMetadata::default() };
    assert_eq!(check(asker).unwrap().grant_types, Vec::<String>::new());
}

/// A03.
#[test]
fn redirect_uris_that_could_send_a_code_elsewhere_are_refused() {
    for text in [
        "http://app.example.com/cb",
        "javascript:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "/cb",
        "https://app.example.com/cb#",
        "https://user@app.example.com/cb",
        "https://*.example.com/cb",
        "myapp:/cb",
    ] {
        let refused = fields(ClientMetadata { redirect_uris: texts(&[text]), ..ClientMetadata::default() });
        assert_eq!(refused, ["redirect_uris"], "{text}");
    }
    let twice = ClientMetadata { redirect_uris: texts(&["https://a.test/", "https://a.test/"]), ..web() };
    assert_eq!(fields(twice), ["redirect_uris"]);
}

#[test]
fn a_redirect_uri_is_kept_to_the_byte() {
    let odd = texts(&["https://App.example.com", "https://app.example.com:443/%7Ecb?x"]);
    let checked = check(ClientMetadata { redirect_uris: odd.clone(), ..ClientMetadata::default() }).unwrap();
    assert_eq!(checked.redirect_uris, odd);
}

#[test]
fn all_problems_are_told_at_once_and_by_member() {
    let bad = ClientMetadata {
        name: Some("Grantor".into()),
        kind: Some("secret".into()),
        redirect_uris: texts(&["http://c.test/"]),
        scopes: texts(&["org:read", "org:fly"]),
        allowed_origins: texts(&["https://*.c.test"]),
        logo_url: Some("javascript:alert(1)".into()),
        access_token_lifetime: Some(0),
        ..ClientMetadata::default()
    };
    assert_eq!(
        problems(bad),
        [
            "name: the name is reserved, or looks like a reserved one",
            "kind: \"secret\" is neither confidential nor public",
            "redirect_uris: \"http://c.test/\": a redirect URI uses https; http only for 127.0.0.1, [::1] and localhost",
            "scopes: \"org:fly\" is not in the catalogue",
            "allowed_origins: \"https://*.c.test\": an origin is a scheme, a host and perhaps a port, such as \
             https://app.example.com, without wildcards",
            "logo_url: an https URL of ASCII characters without user name, such as https://app.example.com/",
            "access_token_lifetime: 1 to 2592000 seconds",
        ]
    );
}

#[test]
fn a_public_client_has_no_secret_no_client_credentials_and_always_pkce() {
    assert_eq!(check(public()).unwrap().method, Method::None);
    let by_method = ClientMetadata { authentication_method: Some("none".into()), ..web() };
    assert_eq!(check(by_method).unwrap().method, Method::None);
    let with_secret = ClientMetadata { authentication_method: Some("client_secret_post".into()), ..public() };
    assert_eq!(fields(with_secret), ["authentication_method"]);
    let machine = ClientMetadata { grant_types: Some(texts(&["client_credentials"])), ..public() };
    assert_eq!(fields(machine), ["grant_types"]);
    let careless = ClientMetadata {
        require_pkce: Some(false),
        rotate_refresh_tokens: Some(false),
        may_introspect: true,
        ..public()
    };
    assert_eq!(fields(careless), ["require_pkce", "rotate_refresh_tokens", "may_introspect"]);
    let confidential = ClientMetadata { require_pkce: Some(false), ..web() };
    assert!(check(confidential).is_ok());
}

#[test]
fn grant_types_and_response_types_go_together() {
    let grants = |list: &[&str]| Some(texts(list));
    let without_uri = ClientMetadata { grant_types: grants(&["authorization_code"]), ..ClientMetadata::default() };
    assert_eq!(fields(without_uri), ["redirect_uris"]);
    assert_eq!(fields(ClientMetadata { grant_types: grants(&["refresh_token"]), ..web() }), ["grant_types"]);
    assert_eq!(fields(ClientMetadata { grant_types: grants(&["password"]), ..web() }), ["grant_types"]);
    assert_eq!(fields(ClientMetadata { response_types: grants(&["token"]), ..web() }), ["response_types"]);
    assert_eq!(fields(ClientMetadata { response_types: grants(&["code", "none"]), ..web() }), ["response_types"]);
    let hybrid = check(ClientMetadata { response_types: grants(&["code", "id_token code"]), ..web() }).unwrap();
    assert_eq!(hybrid.response_types, ["code", "code id_token"], "written one way");
    assert_eq!(fields(ClientMetadata { silent_token: true, ..web() }), ["silent_token"]);
    let both = check(ClientMetadata { response_types: grants(&["code", "token"]), ..web() }).unwrap();
    assert_eq!(both.response_types, ["code", "token"]);
}

/// A60, A64.
#[test]
fn names_that_lie_are_refused() {
    for name in ["", "Grant0r login", "Support", "p\u{430}ypal", "x\u{202e}y", "Acme", "\u{410}cme sign-in"] {
        assert_eq!(fields(ClientMetadata { name: Some(name.into()), ..web() }), ["name"], "{name}");
    }
    assert!(check(ClientMetadata { name: Some("Acmeology".into()), ..web() }).is_ok());
}

#[test]
fn an_origin_is_brought_to_the_form_browsers_send() {
    let spelled = ClientMetadata { allowed_origins: texts(&["https://App.example.com:443"]), ..web() };
    assert_eq!(check(spelled).unwrap().allowed_origins, ["https://app.example.com"]);
}

/// RFC 3986 section 2: a page shows these as links.
#[test]
fn a_link_has_the_characters_of_an_address() {
    let with = |url: &str| ClientMetadata { terms_url: Some(url.into()), ..web() };
    assert!(check(with("https://c.test/terms?a=1&b=%22'()*,;")).is_ok());
    for bad in ["\"", "<", ">", "\\", "^", "`", "{", "|", "}", " ", "\u{e9}"] {
        assert_eq!(fields(with(&format!("https://c.test/{bad}x"))), ["terms_url"], "{bad}");
    }
}
