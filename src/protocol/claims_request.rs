//! The `claims` parameter: claims asked for one by one (OpenID Connect Core section 5.5).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::limits::{MAX_CLAIM_ENTRIES, MAX_CLAIMS};

/// What a request wants to know of the person besides what its scopes say.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ClaimsRequest {
    /// In the answer of the UserInfo endpoint.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub userinfo: BTreeMap<String, Wish>,
    /// In the ID token.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub id_token: BTreeMap<String, Wish>,
}

/// How a claim is wanted (section 5.5.1).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Wish {
    /// The task of the person needs it; still no reason to refuse, but for `acr` and `sub`.
    #[serde(skip_serializing_if = "is_false")]
    pub essential: bool,
    /// What it should be, in order of preference; empty for whatever it is.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<Value>,
}

/// The parameter cannot be understood: `invalid_request`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ClaimsRequestRefusal {
    /// Longer than [`MAX_CLAIMS`].
    #[error("claims is longer than {MAX_CLAIMS} bytes")]
    TooLong,
    /// Not JSON, or no object.
    #[error("claims is not a JSON object")]
    NotAnObject,
    /// More than [`MAX_CLAIM_ENTRIES`].
    #[error("claims names more than {MAX_CLAIM_ENTRIES} entries in {0}")]
    TooMany(String),
    /// A member is of the wrong kind.
    #[error("claims: {0} is {1}")]
    Malformed(String, &'static str),
}

impl ClaimsRequest {
    /// Reads the parameter. Members nobody knows are ignored (sections 5.5 and 5.5.1).
    ///
    /// # Errors
    /// [`ClaimsRequestRefusal`].
    pub fn parse(text: &str) -> Result<ClaimsRequest, ClaimsRequestRefusal> {
        if text.len() > MAX_CLAIMS {
            return Err(ClaimsRequestRefusal::TooLong);
        }
        let Ok(Value::Object(members)) = serde_json::from_str(text) else {
            return Err(ClaimsRequestRefusal::NotAnObject);
        };
        let read = ClaimsRequest { userinfo: wishes(&members, "userinfo")?, id_token: wishes(&members, "id_token")? };
        // A value is kept as a list of one: what was just short enough would be too long when it comes back.
        match read.canonical().is_some_and(|text| text.len() > MAX_CLAIMS) {
            true => Err(ClaimsRequestRefusal::TooLong),
            false => Ok(read),
        }
    }

    /// The parameter that asks for the same, in one fixed order; none where nothing is asked for.
    pub fn canonical(&self) -> Option<String> {
        if self.is_empty() {
            return None;
        }
        serde_json::to_string(self).ok()
    }

    /// Whether it asks for nothing.
    pub fn is_empty(&self) -> bool {
        self.userinfo.is_empty() && self.id_token.is_empty()
    }
}

impl Wish {
    /// Whether this value is one of those that were asked for.
    pub fn accepts(&self, value: &Value) -> bool {
        self.values.is_empty() || self.values.contains(value)
    }
}

fn wishes(members: &Map<String, Value>, place: &str) -> Result<BTreeMap<String, Wish>, ClaimsRequestRefusal> {
    let malformed = |kind| Err(ClaimsRequestRefusal::Malformed(place.to_owned(), kind));
    let named = match members.get(place) {
        None | Some(Value::Null) => return Ok(BTreeMap::new()),
        Some(Value::Object(named)) => named,
        Some(_) => return malformed("no object"),
    };
    if named.len() > MAX_CLAIM_ENTRIES {
        return Err(ClaimsRequestRefusal::TooMany(place.to_owned()));
    }
    named.iter().map(|(name, wish)| Ok((name.clone(), one(&format!("{place}.{name}"), wish)?))).collect()
}

fn one(path: &str, wish: &Value) -> Result<Wish, ClaimsRequestRefusal> {
    let malformed = |member: &str, kind| Err(ClaimsRequestRefusal::Malformed(format!("{path}{member}"), kind));
    let members = match wish {
        Value::Null => return Ok(Wish::default()),
        Value::Object(members) => members,
        _ => return malformed("", "neither null nor an object"),
    };
    let essential = match members.get("essential") {
        None => false,
        Some(Value::Bool(essential)) => *essential,
        Some(_) => return malformed(".essential", "neither true nor false"),
    };
    let mut values: Vec<Value> = members.get("value").cloned().into_iter().collect();
    match members.get("values") {
        None => {}
        Some(Value::Array(more)) if !more.is_empty() => values.extend(more.iter().cloned()),
        Some(_) => return malformed(".values", "no list of values"),
    }
    if values.len() > MAX_CLAIM_ENTRIES {
        return Err(ClaimsRequestRefusal::TooMany(path.to_owned()));
    }
    Ok(Wish { essential, values })
}

fn is_false(value: &bool) -> bool {
    !value
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// The example of section 5.5.
    #[test]
    fn the_example_of_the_specification_is_read() {
        let request = ClaimsRequest::parse(
            r#"{"userinfo": {"given_name": {"essential": true}, "nickname": null, "email": {"essential": true},
                "email_verified": {"essential": true}, "picture": null, "http://example.info/claims/groups": null},
               "id_token": {"auth_time": {"essential": true}, "acr": {"values": ["urn:mace:incommon:iap:silver"]}}}"#,
        )
        .unwrap();
        assert_eq!(request.userinfo.len(), 6);
        assert!(request.userinfo["given_name"].essential && !request.userinfo["nickname"].essential);
        assert!(request.id_token["auth_time"].essential);
        let acr = &request.id_token["acr"];
        assert!(acr.accepts(&json!("urn:mace:incommon:iap:silver")) && !acr.accepts(&json!("0")));
        assert!(request.id_token["auth_time"].accepts(&json!(7)), "any");
    }

    #[test]
    fn a_single_value_and_a_list_are_both_wishes_in_order() {
        let request = ClaimsRequest::parse(r#"{"id_token": {"sub": {"value": "248289761001", "values": ["x", 7]}}}"#);
        assert_eq!(request.unwrap().id_token["sub"].values, [json!("248289761001"), json!("x"), json!(7)]);
    }

    #[test]
    fn members_nobody_knows_are_ignored() {
        let request = ClaimsRequest::parse(
            r#"{"verified_claims": 7, "userinfo": {"email": {"purpose": "x", "max_age": 1}, "no#such": {}}}"#,
        );
        let request = request.unwrap();
        assert_eq!((request.userinfo.len(), &request.userinfo["email"]), (2, &Wish::default()));
        for nothing in ["{}", r#"{"userinfo": null}"#, r#"{"id_token": {}}"#] {
            assert!(ClaimsRequest::parse(nothing).unwrap().is_empty(), "{nothing}");
        }
    }

    #[test]
    fn what_cannot_be_understood_is_refused_by_its_place() {
        for (text, refusal) in [
            ("", "claims is not a JSON object"),
            ("[]", "claims is not a JSON object"),
            ("{\"userinfo\":", "claims is not a JSON object"),
            (r#"{"userinfo": []}"#, "claims: userinfo is no object"),
            (r#"{"id_token": {"acr": "x"}}"#, "claims: id_token.acr is neither null nor an object"),
            (r#"{"id_token": {"acr": {"essential": 1}}}"#, "claims: id_token.acr.essential is neither true nor false"),
            (r#"{"id_token": {"acr": {"values": "x"}}}"#, "claims: id_token.acr.values is no list of values"),
            (r#"{"id_token": {"acr": {"values": []}}}"#, "claims: id_token.acr.values is no list of values"),
        ] {
            assert_eq!(ClaimsRequest::parse(text).unwrap_err().to_string(), refusal, "{text}");
        }
    }

    #[test]
    fn sizes_are_bounded() {
        let long = format!("{{\"x\": \"{}\"}}", "x".repeat(MAX_CLAIMS));
        assert_eq!(ClaimsRequest::parse(&long), Err(ClaimsRequestRefusal::TooLong));
        let named: Map<String, Value> = (0..=MAX_CLAIM_ENTRIES).map(|n| (format!("c{n}"), Value::Null)).collect();
        let many = json!({ "userinfo": named }).to_string();
        assert_eq!(ClaimsRequest::parse(&many), Err(ClaimsRequestRefusal::TooMany("userinfo".to_owned())));
        let values: Vec<usize> = (0..=MAX_CLAIM_ENTRIES).collect();
        let many = json!({ "id_token": { "acr": { "values": values } } }).to_string();
        assert_eq!(ClaimsRequest::parse(&many), Err(ClaimsRequestRefusal::TooMany("id_token.acr".to_owned())));
    }

    #[test]
    fn it_is_kept_short_and_comes_back() {
        let request = ClaimsRequest::parse(r#"{"userinfo": {"name": null, "email": {"essential": true}}}"#).unwrap();
        let kept = serde_json::to_string(&request).unwrap();
        assert_eq!(kept, r#"{"userinfo":{"email":{"essential":true},"name":{}}}"#);
        assert_eq!(serde_json::from_str::<ClaimsRequest>(&kept).unwrap(), request);
    }
}
