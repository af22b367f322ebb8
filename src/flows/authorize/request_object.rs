//! Request objects (OpenID Connect Core section 6, RFC 9101): a request signed by its client, in the address or where the
//! client keeps it. What the object says is the whole request; a parameter beside it is nobody's word and is not read
//! (RFC 9101 section 5), but for the organization, which is the person's choice on a page of ours.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::Browser;
use super::first_seen;
use crate::app::App;
use crate::app::throttle::address_key;
use crate::crypto::jwt::{self, JwtRefusal};
use crate::flows::client_keys::{self, ClientKeysRefusal, Fetch};
use crate::protocol::NumericDate;
use crate::protocol::error::{Detail, ErrorCode, OAuthError};
use crate::protocol::limits::MAX_REQUEST_URI;
use crate::protocol::params::Params;
use crate::protocol::signing_algorithm::{SigningAlgorithm, canonical};
use crate::store::clients::ClientRow;

/// `typ` of a request object (RFC 9101 section 10.8), besides none and `JWT`.
const KIND: &str = "oauth-authz-req+jwt";
/// Seconds by which a client's clock may be ahead.
const SKEW: i64 = 60;
const SPEC: &str = "RFC 9101 section 6";

/// Members that are parameters of a request. Others are ignored, as they are in an address (A15).
const PARAMETERS: [&str; 21] = [
    "response_type",
    "client_id",
    "redirect_uri",
    "scope",
    "state",
    "response_mode",
    "nonce",
    "display",
    "prompt",
    "max_age",
    "ui_locales",
    "claims_locales",
    "id_token_hint",
    "login_hint",
    "acr_values",
    "claims",
    "code_challenge",
    "code_challenge_method",
    "organization",
    "force_prompt",
    "resource",
];

/// The request that is inside, if this one carries an object.
///
/// # Errors
/// `invalid_request_object`, `invalid_request_uri`; `invalid_request` for both carriers at once, and for none where the
/// client must sign.
pub async fn read(
    app: &App,
    client: &ClientRow,
    params: &Params,
    browser: &Browser<'_>,
) -> Result<Option<Params>, OAuthError> {
    let registered = &client.metadata.0;
    let token: Arc<str> = match (params.once("request")?, params.once("request_uri")?) {
        (Some(_), Some(_)) => {
            return Err(refused(
                ErrorCode::InvalidRequest,
                "request and request_uri exclude each other",
                "one_carrier",
            ));
        }
        (Some(token), None) => token.into(),
        (None, Some(uri)) => fetched(app, client, uri, params, browser).await?,
        (None, None) if registered.require_signed_request_object => {
            return Err(refused(ErrorCode::InvalidRequest, "this client has to sign its requests", "request_unsigned"));
        }
        (None, None) => return Ok(None),
    };
    let said = signed(app, client, token.trim()).await?;
    // As of when this browser came with it: signing in takes longer than most objects live.
    let at = first_seen::of(app, params, browser).unwrap_or_else(|| app.clock.now());
    judge(app, client, &said, at)?;
    parameters(&said, params).map(Some)
}

/// What is at the address, which must be one of those the client registered: nobody else's word makes this server call
/// anybody (A60). A fragment names a version of what is there; without one it is fetched once for each visit.
async fn fetched(
    app: &App,
    client: &ClientRow,
    uri: &str,
    params: &Params,
    browser: &Browser<'_>,
) -> Result<Arc<str>, OAuthError> {
    let refused = |description: &'static str, hint: &str| {
        let detail = Detail::new("request_uri", "OpenID Connect Core section 6.2").received(uri).hint(hint.to_owned());
        OAuthError::new(ErrorCode::InvalidRequestUri, description).with_detail(detail)
    };
    let (place, fragment) = uri.split_once('#').unwrap_or((uri, ""));
    let known = |registered: &String| registered.split('#').next() == Some(place);
    if uri.len() > MAX_REQUEST_URI || !client.metadata.0.request_uris.iter().any(known) {
        let hint = "register it in request_uris; all but the fragment is compared, letter by letter";
        return Err(refused("request_uri is not registered", hint));
    }
    let seen = first_seen::text(params).filter(|_| first_seen::of(app, params, browser).is_some());
    let version = Some(fragment).filter(|fragment| !fragment.is_empty()).or(seen);
    let (key, now) = (version.map(|version| format!("{place}#{version}")), app.clock.monotonic());
    if let Some(kept) = key.as_deref().and_then(|key| app.requests.kept(key, now)) {
        return Ok(kept);
    }
    let latest = Some(place).filter(|_| fragment.is_empty());
    if !may_fetch(app, place, browser) {
        // What others were given there within the minute.
        let hint = "it was fetched as often as it may be in a minute; try again later";
        let document = latest.and_then(|place| app.requests.lately(place, now));
        let document = document.ok_or_else(|| refused("request_uri is fetched too often", hint))?;
        if let Some(key) = &key {
            app.requests.keep(key, &document, now);
        }
        return Ok(document);
    }
    let document = match &key {
        None => app.requests.anew(&app.client_upstream, place, now).await,
        Some(key) => app.requests.get(&app.client_upstream, key, now).await,
    };
    let document = document.map_err(|error| refused("request_uri cannot be fetched", &error.to_string()))?;
    if let Some(place) = latest {
        app.requests.keep(place, &document, now);
    }
    Ok(document)
}

/// Each visit, and each fragment that somebody thinks of, would be a request to another's server. One visitor has so many
/// a minute, and all who are not signed in together have so many: a flood of strangers is bounded for whom it would hit,
/// and does not keep those out who are known here.
fn may_fetch(app: &App, place: &str, browser: &Browser<'_>) -> bool {
    let limits = &app.throttles;
    match browser.signed_in {
        Some(who) => limits.request_objects.check(&format!("user {}\n{place}", who.user.id)).is_ok(),
        None => {
            let visitor = format!("{}\n{place}", address_key(browser.address));
            limits.request_objects.check(&visitor).is_ok() && limits.request_places.check(place).is_ok()
        }
    }
}

fn is_good(registered: Option<&str>, algorithm: &str) -> bool {
    let supported = SigningAlgorithm::ALL.iter().any(|one| one.as_str() == algorithm);
    supported && registered.is_none_or(|registered| registered == algorithm)
}

async fn signed(app: &App, client: &ClientRow, token: &str) -> Result<Map<String, Value>, OAuthError> {
    if token.split('.').count() == 5 {
        return Err(wrong("encrypted request objects are not supported", "request_object_encrypted"));
    }
    let refused = |refusal: ClientKeysRefusal| {
        let description = match &refusal {
            ClientKeysRefusal::Token(JwtRefusal::Algorithm(name)) if name == "none" => {
                "unsigned request objects are not supported"
            }
            _ => "the request object's signature cannot be accepted",
        };
        let detail = Detail::new("request_object_signed", SPEC).hint(refusal.to_string());
        OAuthError::new(ErrorCode::InvalidRequestObject, description).with_detail(detail)
    };
    // Before anybody's keys are fetched.
    let unproven = jwt::unproven(token, &[KIND]).map_err(|refusal| refused(refusal.into()))?;
    let registered = client.metadata.0.request_object_signing_alg.as_deref().map(canonical);
    if !is_good(registered, &unproven.algorithm) {
        let detail = Detail::new("request_object_algorithm", SPEC).received(unproven.algorithm);
        let expected = registered.unwrap_or("one of request_object_signing_alg_values_supported").to_owned();
        let error =
            OAuthError::new(ErrorCode::InvalidRequestObject, "the request object's alg is not the registered one");
        return Err(error.with_detail(detail.expected(expected)));
    }
    let signed = client_keys::verify(app, client, token, &[KIND], Fetch::Allowed).await.map_err(refused)?;
    Ok(signed.claims)
}

/// What the object says of itself (RFC 9101 sections 4, 6.3 and 10.8). `jti` is not judged: an object is no credential, and
/// reloading a page sends it again.
fn judge(app: &App, client: &ClientRow, said: &Map<String, Value>, at: NumericDate) -> Result<(), OAuthError> {
    let is = |name: &str, expected: &str| said.get(name).and_then(Value::as_str) == Some(expected);
    if said.contains_key("request") || said.contains_key("request_uri") {
        return Err(wrong("a request object holds no other one", "request_object_nested"));
    }
    if !is("client_id", &client.client_id) {
        return Err(wrong("the request object's client_id is not the request's", "request_object_client"));
    }
    if said.contains_key("iss") && !is("iss", &client.client_id) {
        return Err(wrong("the request object's iss is not the client", "request_object_issuer"));
    }
    // Signed with the same keys: what proves the client at the token endpoint must not be a request as well.
    if is("sub", &client.client_id) {
        return Err(wrong("a client assertion is no request object", "request_object_assertion"));
    }
    if said.get("aud").is_some_and(|aud| !names(aud, app.issuer.as_str())) {
        return Err(wrong("the request object's aud is not this server", "request_object_audience"));
    }
    let time = |name: &str| match said.get(name) {
        None => Ok(None),
        Some(value) => match value.as_i64() {
            Some(time) => Ok(Some(time)),
            None => Err(wrong("a time in the request object is no whole number", "request_object_time")),
        },
    };
    let (begins, made, ends) = (time("nbf")?, time("iat")?, time("exp")?);
    if ends.is_some_and(|ends| at >= ends) {
        return Err(wrong("the request object has expired", "request_object_expired"));
    }
    if [begins, made].into_iter().flatten().any(|from| from > at.saturating_add(SKEW)) {
        return Err(wrong("the request object is not good yet", "request_object_early"));
    }
    Ok(())
}

fn names(aud: &Value, issuer: &str) -> bool {
    match aud {
        Value::String(one) => one == issuer,
        Value::Array(several) => several.iter().all(Value::is_string) && several.iter().any(|one| one == issuer),
        _ => false,
    }
}

/// The members as parameters, as they would stand in an address.
fn parameters(said: &Map<String, Value>, beside: &Params) -> Result<Params, OAuthError> {
    let mut inside: Vec<(String, String)> = Vec::new();
    for (name, value) in said {
        if name == "registration" {
            inside.push((name.clone(), String::new()));
        }
        if !PARAMETERS.contains(&name.as_str()) {
            continue;
        }
        let malformed = || wrong("a parameter in the request object is of the wrong kind", "request_object_kind");
        let texts = match (name.as_str(), value) {
            (_, Value::String(text)) => vec![text.clone()],
            ("max_age", Value::Number(seconds)) => vec![seconds.to_string()],
            ("claims", Value::Object(_)) => vec![value.to_string()],
            ("resource", Value::Array(several)) => {
                let texts: Option<Vec<_>> = several.iter().map(|one| one.as_str().map(str::to_owned)).collect();
                texts.ok_or_else(malformed)?
            }
            _ => return Err(malformed()),
        };
        if texts.iter().any(|text| text.chars().any(char::is_control)) {
            return Err(malformed());
        }
        inside.extend(texts.into_iter().map(|text| (name.clone(), text)));
    }
    if !said.contains_key("organization")
        && let Some(chosen) = beside.once("organization")?
    {
        inside.push(("organization".to_owned(), chosen.to_owned()));
    }
    Ok(inside.into_iter().collect())
}

fn wrong(description: &'static str, rule: &'static str) -> OAuthError {
    refused(ErrorCode::InvalidRequestObject, description, rule)
}

fn refused(code: ErrorCode, description: &'static str, rule: &'static str) -> OAuthError {
    OAuthError::new(code, description).with_detail(Detail::new(rule, SPEC))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn inside(said: Value, beside: &str) -> Result<Vec<(String, String)>, &'static str> {
        let Value::Object(said) = said else { panic!("an object") };
        let beside = Params::parse(beside.as_bytes()).expect("parameters");
        let read = parameters(&said, &beside).map_err(|error| error.code.as_str())?;
        Ok(read.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
    }

    /// RFC 9101 section 5: what stands beside the object is not read, what the object does not say is not said.
    #[test]
    fn only_what_is_inside_counts() {
        let said = json!({ "client_id": "c", "scope": "openid", "max_age": 60, "iss": "c", "x": [1] });
        let read = inside(said, "state=evil&redirect_uri=https://evil.test&scope=admin&organization=acme").unwrap();
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let expected =
            [pair("client_id", "c"), pair("max_age", "60"), pair("organization", "acme"), pair("scope", "openid")];
        let mut read = read;
        read.sort();
        assert_eq!(read, expected);
        let own = inside(json!({ "organization": "own" }), "organization=acme").unwrap();
        assert_eq!(own, [pair("organization", "own")], "the client's word, where it says one");
        let claims = inside(json!({ "claims": { "userinfo": { "email": null } } }), "").unwrap();
        assert_eq!(claims, [pair("claims", r#"{"userinfo":{"email":null}}"#)]);
        let several = inside(json!({ "resource": ["https://a.test", "https://b.test"] }), "").unwrap();
        assert_eq!(several, [pair("resource", "https://a.test"), pair("resource", "https://b.test")]);
    }

    /// C35, D3 row 21.
    #[test]
    fn members_of_the_wrong_kind_are_refused() {
        for said in [
            json!({ "scope": ["openid"] }),
            json!({ "state": 7 }),
            json!({ "redirect_uri": null }),
            json!({ "max_age": { "x": 1 } }),
            json!({ "resource": [7] }),
            json!({ "state": "a\u{0}b" }),
            json!({ "nonce": "a\nb" }),
        ] {
            assert_eq!(inside(said.clone(), ""), Err("invalid_request_object"), "{said}");
        }
    }

    #[test]
    fn an_audience_is_texts_one_of_which_is_ours() {
        let ours = "https://as.test";
        for (aud, good) in [
            (json!(ours), true),
            (json!([ours]), true),
            (json!(["https://other.test", ours]), true),
            (json!("https://as.test/"), false),
            (json!([ours, 7]), false),
            (json!([]), false),
            (json!({ "https://as.test": 1 }), false),
            (json!(null), false),
        ] {
            assert_eq!(names(&aud, ours), good, "{aud}");
        }
    }
}
