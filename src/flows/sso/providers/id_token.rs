//! What an ID token's claims have to say (OpenID Connect Core section 3.1.3.7): a pure function with a table test.

use serde_json::{Map, Value};

use crate::crypto::constant_time;
use crate::protocol::NumericDate;

/// Seconds clocks may differ.
const SKEW: i64 = 60;

/// What this flow expects.
pub struct Expected<'a> {
    /// The provider's issuer identifier.
    pub issuer: &'a str,
    /// Our client there.
    pub client_id: &'a str,
    /// What was sent; none where a token came without a browser.
    pub nonce: Option<&'a str>,
    /// When the browser left.
    pub began: NumericDate,
    /// Now.
    pub now: NumericDate,
}

/// Judges the claims.
///
/// # Errors
/// The rule that fails, with what was received where that is no secret.
pub fn check(claims: &Map<String, Value>, expected: &Expected<'_>) -> Result<(), String> {
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    match text("iss") {
        Some(issuer) if issuer == expected.issuer => {}
        other => return Err(format!("iss is {}, not {}", shown(other), expected.issuer)),
    }
    let audience: Vec<&str> = match claims.get("aud") {
        Some(Value::String(one)) => vec![one],
        Some(Value::Array(many)) if many.iter().all(Value::is_string) => {
            many.iter().filter_map(Value::as_str).collect()
        }
        _ => return Err("aud is no text and no list of texts".to_owned()),
    };
    if !audience.contains(&expected.client_id) {
        return Err("aud is not this client".to_owned());
    }
    match claims.get("azp") {
        None if audience.len() == 1 => {}
        None => return Err("azp is missing and aud has several members".to_owned()),
        Some(Value::String(party)) if party == expected.client_id => {}
        Some(_) => return Err("azp is not this client".to_owned()),
    }
    let time = |name: &str| claims.get(name).and_then(moment);
    match time("exp") {
        Some(end) if expected.now < end.saturating_add(SKEW) => {}
        Some(_) => return Err("exp has passed".to_owned()),
        None => return Err("exp is missing".to_owned()),
    }
    match time("iat") {
        Some(made) if made > expected.now + SKEW => return Err("iat is in the future".to_owned()),
        Some(made) if made < expected.began - SKEW => return Err("iat is before this sign-in began".to_owned()),
        Some(_) => {}
        None => return Err("iat is missing".to_owned()),
    }
    if claims.contains_key("nbf") && time("nbf").is_none_or(|from| from > expected.now + SKEW) {
        return Err("nbf is in the future".to_owned());
    }
    if let Some(nonce) = expected.nonce {
        match text("nonce") {
            Some(received) if constant_time::equal(received.as_bytes(), nonce.as_bytes()) => {}
            Some(_) => return Err("nonce is not the one that was sent".to_owned()),
            None => return Err("nonce is missing".to_owned()),
        }
    }
    match text("sub") {
        Some(subject) if !subject.is_empty() && subject.len() <= 255 => Ok(()),
        _ => Err("sub is missing, empty or too long".to_owned()),
    }
}

/// A NumericDate, with or without fractions (RFC 7519 section 2).
pub fn moment(value: &Value) -> Option<NumericDate> {
    const LAST: f64 = 1e15;
    value.as_i64().or_else(|| value.as_f64().filter(|at| at.is_finite() && at.abs() < LAST).map(|at| at as i64))
}

fn shown(value: Option<&str>) -> String {
    value.map_or_else(|| "missing".to_owned(), |text| text.chars().take(200).collect())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const NOW: i64 = 1_000_000;

    fn judged(change: &[(&str, Value)]) -> Result<(), String> {
        let mut claims = json!({
            "iss": "https://up.test", "aud": "c1", "sub": "s", "nonce": "n", "iat": NOW, "exp": NOW + 300
        });
        for (name, value) in change {
            match value {
                Value::Null => drop(claims.as_object_mut().unwrap().remove(*name)),
                value => claims[*name] = value.clone(),
            }
        }
        let expected =
            Expected { issuer: "https://up.test", client_id: "c1", nonce: Some("n"), began: NOW - 30, now: NOW };
        check(claims.as_object().unwrap(), &expected)
    }

    /// C31, C35, C47, ASVS 9.2.1, 9.2.3, 10.5.1 to 10.5.4.
    #[test]
    fn each_claim_has_to_be_right() {
        for good in [
            vec![],
            vec![("aud", json!(["c1"]))],
            vec![("aud", json!(["c1", "c2"])), ("azp", json!("c1"))],
            vec![("azp", json!("c1"))],
            vec![("exp", json!(NOW - 59))],
            vec![("iat", json!(NOW + 60))],
            vec![("iat", json!(1_000_000.5))],
            vec![("nbf", json!(NOW))],
        ] {
            assert_eq!(judged(&good), Ok(()), "{good:?}");
        }
        for (bad, rule) in [
            (vec![("iss", json!("https://up.test/"))], "iss"),
            (vec![("iss", json!("https://UP.test"))], "iss"),
            (vec![("iss", Value::Null)], "iss"),
            (vec![("iss", json!(["https://up.test"]))], "iss"),
            (vec![("aud", json!("c2"))], "aud"),
            (vec![("aud", json!("c1 c2"))], "aud"),
            (vec![("aud", json!([]))], "aud"),
            (vec![("aud", json!(["c1", 7]))], "aud"),
            (vec![("aud", Value::Null)], "aud"),
            (vec![("aud", json!(["c1", "c2"]))], "azp"),
            (vec![("aud", json!(["c1", "c2"])), ("azp", json!("c2"))], "azp"),
            (vec![("azp", json!("c2"))], "azp"),
            (vec![("azp", json!(["c1"]))], "azp"),
            (vec![("exp", json!(NOW - 60))], "exp"),
            (vec![("exp", json!("soon"))], "exp"),
            (vec![("exp", Value::Null)], "exp"),
            (vec![("iat", json!(NOW + 61))], "iat"),
            (vec![("iat", json!(NOW - 91))], "iat"),
            (vec![("iat", Value::Null)], "iat"),
            (vec![("nbf", json!(NOW + 100))], "nbf"),
            (vec![("nbf", json!("x"))], "nbf"),
            (vec![("nonce", json!("m"))], "nonce"),
            (vec![("nonce", json!(""))], "nonce"),
            (vec![("nonce", Value::Null)], "nonce"),
            (vec![("sub", json!(""))], "sub"),
            (vec![("sub", json!(7))], "sub"),
            (vec![("sub", json!("x".repeat(256)))], "sub"),
            (vec![("sub", Value::Null)], "sub"),
        ] {
            let refusal = judged(&bad).expect_err("a refusal");
            assert!(refusal.starts_with(rule), "{bad:?}: {refusal}");
        }
    }
}
