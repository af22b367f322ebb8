//! An assertion as proof of who a client is (RFC 7523 section 3, OpenID Connect Core section 9): short-lived, for this
//! server only, used once.

use serde_json::{Map, Value};

use crate::app::App;
use crate::app::last_used::Used;
use crate::crypto::digest::sha256;
use crate::crypto::jwt::{self, Signed};
use crate::crypto::{hmac_jwt, random};
use crate::flows::client_keys::{self, ClientKeysRefusal, Fetch};
use crate::flows::clients::secret;
use crate::protocol::NumericDate;
use crate::protocol::client_authentication_method::ClientAuthenticationMethod as Method;
use crate::protocol::endpoints;
use crate::protocol::error::Detail;
use crate::protocol::signing_algorithm::canonical;
use crate::store::clients::ClientRow;
use crate::store::{StoreError, client_secrets, used_marks};

const SPEC: &str = "RFC 7523 section 3";
/// A `typ` of its own, so that no other JWT the client signs can be meant.
const KINDS: [&str; 1] = ["client-authentication+jwt"];
/// Seconds an assertion may still live when it comes: as long as its `jti` is remembered.
const LONGEST: i64 = 300;
/// Seconds the client's clock may be ahead.
const SKEW: i64 = 60;
/// Bytes of `jti`.
const MAX_JTI: usize = 255;

/// Whether the assertion is this client's, meant for this server, and new.
pub async fn check(app: &App, client: &ClientRow, text: &str, fetch: Fetch) -> Result<Result<(), Detail>, StoreError> {
    let judged = match Method::parse(&client.authentication_method) {
        Some(Method::PrivateKeyJwt) => by_key(app, client, text, fetch).await,
        _ => {
            by_secret(app, client, text).await?.and_then(|signed| judge(app, client, &signed.claims, &signed.algorithm))
        }
    };
    let (jti, expires_at) = match judged {
        Ok(judged) => judged,
        Err(detail) => return Ok(Err(detail)),
    };
    let mark = sha256(&[b"grantor/client_assertion/v1", &client.id.to_be_bytes(), jti.as_bytes()]);
    match app.store.write(move |write| used_marks::first_use(write, &mark, expires_at)).await? {
        true => Ok(Ok(())),
        false => Ok(Err(Detail::new("client_assertion_used", SPEC)
            .received(jti)
            .hint("each assertion has a jti of its own and is sent once"))),
    }
}

/// `private_key_jwt`. What it says is judged before its signature: nobody's server is asked for keys to nonsense.
async fn by_key(app: &App, client: &ClientRow, text: &str, fetch: Fetch) -> Result<(String, NumericDate), Detail> {
    let refused =
        |refusal: ClientKeysRefusal| Detail::new("client_assertion_signature", SPEC).hint(refusal.to_string());
    let said = jwt::unproven(text, &KINDS).map_err(|refusal| refused(refusal.into()))?;
    let judged = judge(app, client, &said.claims, &said.algorithm)?;
    client_keys::verify(app, client, text, &KINDS, fetch).await.map_err(refused)?;
    Ok(judged)
}

/// `client_secret_jwt`: any live secret may have signed.
async fn by_secret(app: &App, client: &ClientRow, text: &str) -> Result<Result<Signed, Detail>, StoreError> {
    let (id, now) = (client.id, app.clock.now());
    let rows = app.store.read(move |conn| client_secrets::list(conn, id)).await?;
    let mut refusal = "the client has no secret to sign with: rotate its secret".to_owned();
    for row in rows.into_iter().filter(|row| row.is_live(now)) {
        let Some(sealed) = &row.sealed else { continue };
        let opened = app.keys.master.open(&secret::purpose(row.id), sealed).ok();
        let Some(key) = opened.and_then(|bytes| String::from_utf8(bytes).ok()) else { continue };
        match hmac_jwt::verify(text, &key, &KINDS) {
            Ok(signed) => {
                app.last_used.note(Used::ClientSecret(row.id), now - now.rem_euclid(60));
                return Ok(Ok(signed));
            }
            Err(error) => refusal = error.to_string(),
        }
    }
    Ok(Err(Detail::new("client_assertion_signature", SPEC).hint(refusal)))
}

/// `jti` and `exp` of an assertion that says what it must (A37, A38).
fn judge(
    app: &App,
    client: &ClientRow,
    claims: &Map<String, Value>,
    algorithm: &str,
) -> Result<(String, NumericDate), Detail> {
    let registered = client.metadata.0.token_endpoint_auth_signing_alg.as_deref().map(canonical);
    if let Some(expected) = registered.filter(|registered| *registered != algorithm) {
        return Err(Detail::new("client_assertion_algorithm", "OpenID Connect Core section 9")
            .received(algorithm)
            .expected(expected));
    }
    for name in ["iss", "sub"] {
        if text(claims, name) != Some(&client.client_id) {
            return Err(Detail::new("client_assertion_issuer", SPEC)
                .received(format!("{name} {}", claims.get(name).unwrap_or(&Value::Null)))
                .expected(client.client_id.clone()));
        }
    }
    // A list, a prefix or another address could be meant for somebody else (A37, C27).
    let own = app.issuer.as_str();
    let by_endpoint = || app.config.clients.token_endpoint_as_audience.then(|| app.issuer.endpoint(endpoints::TOKEN));
    let audience = text(claims, "aud");
    if audience != Some(own) && (audience.is_none() || audience != by_endpoint().as_deref()) {
        return Err(Detail::new("client_assertion_audience", SPEC)
            .received(claims.get("aud").unwrap_or(&Value::Null).to_string())
            .expected(own)
            .hint("aud is one text, exactly the issuer identifier"));
    }
    let now = app.clock.now();
    let time = |rule: &'static str, hint: &'static str| Detail::new(rule, SPEC).received(now.to_string()).hint(hint);
    let Some(expires_at) = date(claims, "exp") else {
        return Err(time("client_assertion_expiry", "exp is missing, or no number"));
    };
    if expires_at <= now {
        return Err(time("client_assertion_expiry", "it has expired: make a new one for each request"));
    }
    if expires_at > now + LONGEST {
        return Err(time("client_assertion_expiry", "exp is at most five minutes ahead"));
    }
    for name in ["iat", "nbf"] {
        if claims.contains_key(name) && date(claims, name).is_none_or(|at| at > now + SKEW) {
            return Err(time("client_assertion_time", "iat and nbf are numbers, not more than a minute ahead"));
        }
    }
    match text(claims, "jti") {
        Some(jti) if (1..=MAX_JTI).contains(&jti.len()) => Ok((jti.to_owned(), expires_at)),
        _ => {
            Err(Detail::new("client_assertion_jti", SPEC)
                .hint("jti is a text of 1 to 255 bytes, another one each time"))
        }
    }
}

fn text<'a>(claims: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    claims.get(name).and_then(Value::as_str)
}

/// NumericDate (RFC 7519 section 2): a number, fractions allowed.
fn date(claims: &Map<String, Value>, name: &str) -> Option<NumericDate> {
    let value = claims.get(name)?;
    value.as_i64().or_else(|| {
        let seconds = value.as_f64().filter(|seconds| seconds.abs() < 1e15)?;
        Some(seconds.floor() as NumericDate)
    })
}

/// Spends what a check by secret spends, where there is nothing to check against.
pub fn burn(text: &str) {
    let _never = hmac_jwt::verify(text, &random::url_safe_text(32), &KINDS);
}
