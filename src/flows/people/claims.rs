//! What applications may be told of a person: standard claims (OpenID Connect Core section 5.1), said by the person, or by
//! somebody who looks after accounts.

use serde_json::{Map, Value, json};

use super::{PersonRefusal, details};
use crate::app::App;
use crate::flows::audit::{self, Actor, Target};
use crate::flows::caller::Caller;
use crate::flows::terms;
use crate::protocol::NumericDate;
use crate::protocol::claim_rules;
use crate::protocol::standard_claims::StandardClaims;
use crate::store::audit_events::{self, AuditEventRow};
use crate::store::types::Json;
use crate::store::users::{self, UserRow};
use crate::store::{CachedRow as _, QueryResult, Write};

/// Puts these claims in the place of those that are there; false when they are the same. `user` is the account as whoever
/// asks saw it: what was said meanwhile is not lost.
///
/// # Errors
/// [`PersonRefusal::Claim`], [`PersonRefusal::Managed`], [`PersonRefusal::Changed`], [`PersonRefusal::NotFound`], or the
/// store's.
pub async fn say(
    app: &App,
    caller: Option<&Caller>,
    actor: Actor<'_>,
    user: &UserRow,
    said: StandardClaims,
) -> Result<bool, PersonRefusal> {
    let Some(drafted) = Drafted::of(app, caller, actor, user, said)? else { return Ok(false) };
    let done = terms::of(app, caller).write(move |write| write.unless_refused(|write| drafted.write(write)));
    done.await?.map(|_| true)
}

/// Claims ready to be written over those of the account as it was read.
pub(super) struct Drafted {
    id: i64,
    seen: StandardClaims,
    said: StandardClaims,
    event: AuditEventRow,
}

impl Drafted {
    /// None when they are the same.
    pub(super) fn of(
        app: &App,
        caller: Option<&Caller>,
        actor: Actor<'_>,
        user: &UserRow,
        said: StandardClaims,
    ) -> Result<Option<Drafted>, PersonRefusal> {
        let seen = user.claims.0.clone();
        let said = claim_rules::checked(said)?;
        if same(&said, &seen) {
            return Ok(None);
        }
        details::is_their_own(user)?;
        let data = json!({ "changed": changed(&seen, &said) });
        let event = audit::draft(app, caller, "user.claims", actor, Target::User(user), data)?;
        let said = StandardClaims { updated_at: Some(app.clock.now()), ..said };
        Ok(Some(Drafted { id: user.id, seen, said, event }))
    }

    /// Writes them, unless others were said meanwhile; the account as it is then.
    pub(super) fn write(&self, write: &mut Write<'_>) -> QueryResult<Result<UserRow, PersonRefusal>> {
        users::hold(write, self.id)?;
        match UserRow::load(write, self.id)?.filter(|held| held.status != "deleted") {
            None => Ok(Err(PersonRefusal::NotFound)),
            Some(held) if !same(&held.claims.0, &self.seen) => Ok(Err(PersonRefusal::Changed)),
            Some(held) => {
                users::set_claims(write, self.id, &self.said)?;
                audit_events::insert(write, &self.event)?;
                Ok(Ok(UserRow { claims: Json(self.said.clone()), ..held }))
            }
        }
    }
}

/// These claims with some of them said anew, each by its name; a part of the address by its own. An empty value is none.
///
/// # Errors
/// The first name that is no claim's.
pub fn with(said: &StandardClaims, pairs: &[(&str, &str)]) -> Result<StandardClaims, String> {
    let mut members = members(said);
    let mut address = match members.remove("address") {
        Some(Value::Object(address)) => address,
        _ => Map::new(),
    };
    for (name, value) in pairs {
        let place = match (PARTS.contains(name), CLAIMS.contains(name) && *name != "address") {
            (true, _) => &mut address,
            (false, true) => &mut members,
            (false, false) => return Err((*name).to_owned()),
        };
        place.insert((*name).to_owned(), json!(value));
    }
    members.insert("address".to_owned(), Value::Object(address));
    serde_json::from_value(Value::Object(members)).map_err(|error| error.to_string())
}

/// Whatever changed the person's name or address changed what applications are told (OpenID Connect Core section 5.1).
pub(super) fn updated(write: &mut Write<'_>, id: i64, now: NumericDate) -> QueryResult<()> {
    if let Some(held) = UserRow::load(write, id)? {
        users::set_claims(write, id, &StandardClaims { updated_at: Some(now), ..held.claims.0 })?;
    }
    Ok(())
}

/// Whether both say the same, whenever it was said.
fn same(one: &StandardClaims, other: &StandardClaims) -> bool {
    let timeless = |claims: &StandardClaims| StandardClaims { updated_at: None, ..claims.clone() };
    timeless(one) == timeless(other)
}

fn members(claims: &StandardClaims) -> Map<String, Value> {
    match json!(claims) {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}

/// The names of what is different: the record tells who changed what, and not where somebody lives.
fn changed(before: &StandardClaims, after: &StandardClaims) -> Vec<String> {
    let (before, after) = (members(before), members(after));
    let names = CLAIMS.iter().filter(|name| before.get(**name) != after.get(**name));
    names.map(|name| (*name).to_owned()).collect()
}

/// The claims, in the order people are asked for them.
const CLAIMS: [&str; 13] = [
    "given_name",
    "middle_name",
    "family_name",
    "nickname",
    "gender",
    "birthdate",
    "phone_number",
    "address",
    "zoneinfo",
    "locale",
    "profile",
    "picture",
    "website",
];

/// Parts of the address.
const PARTS: [&str; 6] = ["formatted", "street_address", "locality", "region", "postal_code", "country"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn claims_are_said_by_name_and_parts_of_the_address_by_theirs() {
        let said = StandardClaims { nickname: Some("Countess".to_owned()), ..StandardClaims::default() };
        let said = with(&said, &[("given_name", "Ada"), ("country", "GB"), ("nickname", "")]).unwrap();
        let kept = claim_rules::checked(said).unwrap();
        assert_eq!(json!(kept), json!({ "given_name": "Ada", "address": { "country": "GB" } }));
        for name in ["address", "updated_at", "email", "sub", ""] {
            assert_eq!(with(&kept, &[(name, "x")]), Err(name.to_owned()));
        }
        assert_eq!(changed(&StandardClaims::default(), &kept), ["given_name", "address"]);
    }
}
