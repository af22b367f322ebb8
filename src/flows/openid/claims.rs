//! Which claims about a person are asked for, by scopes and one by one (OpenID Connect Core sections 5.1, 5.4 and 5.5).

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::protocol::authorization_request::AuthorizationRequest;
use crate::protocol::claims_request::{ClaimsRequest, Wish};
use crate::protocol::identity_scopes::{ADDRESS, EMAIL, OPENID, PHONE, PROFILE};
use crate::protocol::scope::ScopeList;
use crate::store::users::UserRow;

/// Each claim with the scope that asks for it.
pub const CLAIMS: [(&str, &str); 19] = [
    ("name", PROFILE),
    ("family_name", PROFILE),
    ("given_name", PROFILE),
    ("middle_name", PROFILE),
    ("nickname", PROFILE),
    ("preferred_username", PROFILE),
    ("profile", PROFILE),
    ("picture", PROFILE),
    ("website", PROFILE),
    ("gender", PROFILE),
    ("birthdate", PROFILE),
    ("zoneinfo", PROFILE),
    ("locale", PROFILE),
    ("updated_at", PROFILE),
    ("email", EMAIL),
    ("email_verified", EMAIL),
    ("address", ADDRESS),
    ("phone_number", PHONE),
    ("phone_number_verified", PHONE),
];

/// The claims of these scopes that are known of the person; what is unknown is left out, never null (section 5.3.2).
pub fn of_scopes(user: &UserRow, scopes: &ScopeList) -> Map<String, Value> {
    let asked = CLAIMS.iter().filter(|(_, scope)| scopes.contains(scope));
    asked.filter_map(|(claim, _)| Some(((*claim).to_owned(), value(user, claim)?))).collect()
}

/// The claims asked for one by one that are known of the person and are as they were asked for. A client that was narrowed
/// meanwhile is told no more than its registration allows.
pub fn wished(user: &UserRow, wishes: &BTreeMap<String, Wish>, allowed: &ScopeList) -> Map<String, Value> {
    let asked = wishes.iter().filter(|(claim, _)| owner(claim).is_some_and(|scope| allowed.contains(scope)));
    let known =
        asked.filter_map(|(claim, wish)| Some((claim.clone(), value(user, claim).filter(|v| wish.accepts(v))?)));
    known.collect()
}

/// The scopes that own the claims asked for one by one: what the person is asked about.
pub fn owners(asked: &ClaimsRequest) -> ScopeList {
    let names = asked.userinfo.keys().chain(asked.id_token.keys());
    names.filter_map(|claim| owner(claim)).map(str::to_owned).collect::<Vec<_>>().into()
}

/// Leaves only wishes that an answer to this request can fulfil. What cannot be told is no reason to refuse (section
/// 5.5.1), and nobody is asked about it.
pub fn keep_answerable(request: &mut AuthorizationRequest, allowed: &ScopeList) {
    let kind = request.response_type;
    let tells = |claim: &str| owner(claim).is_some_and(|scope| allowed.contains(scope));
    if !request.scope.contains(OPENID) {
        request.claims = ClaimsRequest::default();
    }
    let has_userinfo = kind.has_code() || kind.has_token();
    request.claims.userinfo.retain(|claim, _| claim == "sub" || (has_userinfo && tells(claim)));
    let has_id_token = kind.has_code() || kind.has_id_token();
    request
        .claims
        .id_token
        .retain(|claim, _| matches!(claim.as_str(), "sub" | "acr") || (has_id_token && tells(claim)));
}

fn owner(claim: &str) -> Option<&'static str> {
    CLAIMS.iter().find(|(known, _)| *known == claim).map(|(_, scope)| *scope)
}

/// One claim, if it is known.
pub fn value(user: &UserRow, claim: &str) -> Option<Value> {
    let said = &user.claims.0;
    let text = |text: &Option<String>| text.clone().map(Value::String);
    match claim {
        "name" => Some(json!(user.name)),
        "preferred_username" => Some(json!(user.login)),
        "family_name" => text(&said.family_name),
        "given_name" => text(&said.given_name),
        "middle_name" => text(&said.middle_name),
        "nickname" => text(&said.nickname),
        "profile" => text(&said.profile),
        "picture" => text(&said.picture),
        "website" => text(&said.website),
        "gender" => text(&said.gender),
        "birthdate" => text(&said.birthdate),
        "zoneinfo" => text(&said.zoneinfo),
        "locale" => text(&said.locale),
        "updated_at" => Some(json!(said.updated_at.unwrap_or(user.created_at))),
        "email" => text(&user.email),
        // Only a link that we mailed, or an import that says so, proves an address (C64).
        "email_verified" => user.email.as_ref().map(|_| json!(user.email_verified_at.is_some())),
        "address" => said.address.as_ref().map(|address| json!(address)),
        "phone_number" => text(&said.phone_number),
        // Nobody proves numbers here.
        "phone_number_verified" => said.phone_number.as_ref().map(|_| json!(false)),
        _ => None,
    }
}
