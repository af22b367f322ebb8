//! Scopes of a row from before and after lists replaced the bit field: the list wins, the bits are the fallback (S55).

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::export::{Export, Row};
use crate::flows::people::imported::FieldRefusal;
use crate::protocol::catalogue::Catalogue;
use crate::protocol::scope::ScopeList;

/// The bit field, bit 0 first.
pub(super) const LEGACY: [&str; 16] = [
    "project:read",
    "project:write",
    "project:admin",
    "project:releases",
    "team:read",
    "team:write",
    "team:admin",
    "event:read",
    "event:write",
    "event:admin",
    "org:read",
    "org:write",
    "org:admin",
    "member:read",
    "member:write",
    "member:admin",
];

/// The row's scopes that this server knows. One it does not know, or that administers this server, is left out and noted:
/// its holder can do less, and nobody more.
pub(super) fn of(row: &Row, catalogue: &Catalogue, notes: &mut Vec<String>) -> Result<ScopeList, FieldRefusal> {
    let listed = list(row)?;
    let named = if listed.is_empty() { legacy(row)? } else { listed };
    let (known, unknown): (Vec<String>, Vec<String>) = named.into_iter().partition(|scope| is_taken(scope, catalogue));
    if !unknown.is_empty() {
        let shown: Vec<String> = unknown.iter().map(|scope| scope.chars().take(40).collect()).collect();
        notes.push(format!("scopes left out: {:?}", shown.join(" ")));
    }
    Ok(ScopeList::from(known))
}

/// Whether an import may give this scope: nothing from elsewhere administers this server.
fn is_taken(scope: &str, catalogue: &Catalogue) -> bool {
    catalogue.knows(scope) && !scope.starts_with("admin:")
}

/// What the authorization carries of a token's scopes.
pub(super) fn within(
    named: ScopeList,
    authorization: &ScopeList,
    catalogue: &Catalogue,
    notes: &mut Vec<String>,
) -> ScopeList {
    let allowed = catalogue.closure(authorization);
    let (kept, beyond): (Vec<String>, Vec<String>) =
        named.iter().map(str::to_owned).partition(|scope| allowed.contains(scope));
    if !beyond.is_empty() {
        notes.push(format!("scopes left out, which the authorization does not carry: {:?}", beyond.join(" ")));
    }
    ScopeList::from(kept)
}

/// The most an application without a list of its own may ask for: what every application could there, and what its
/// permissions and tokens hold.
pub(super) fn every(catalogue: &Catalogue, held: Option<&BTreeSet<String>>) -> Vec<String> {
    let legacy = LEGACY.iter().map(|scope| (*scope).to_owned());
    let all: BTreeSet<String> = legacy.chain(held.into_iter().flatten().cloned()).collect();
    all.into_iter().filter(|scope| is_taken(scope, catalogue)).collect()
}

/// What each application's permissions and tokens hold in the file, by the application's key.
pub(super) fn held(export: &Export) -> BTreeMap<String, BTreeSet<String>> {
    let mut held: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for row in ["sentry.apiauthorization", "sentry.apitoken"].iter().flat_map(|model| export.rows(model)) {
        if let (Ok(Some(application)), Ok(scopes)) = (row.reference("application"), list(row)) {
            held.entry(application).or_default().extend(scopes);
        }
    }
    held
}

/// `scope_list`: an array, which databases without arrays keep as JSON text.
fn list(row: &Row) -> Result<Vec<String>, FieldRefusal> {
    let wrong = || FieldRefusal::new("scope_list", "not a list of texts");
    match row.value("scope_list") {
        None => Ok(Vec::new()),
        Some(Value::String(text)) if text.trim().is_empty() => Ok(Vec::new()),
        Some(Value::String(text)) => serde_json::from_str(text).map_err(|_| wrong()),
        Some(value) => serde_json::from_value(value.clone()).map_err(|_| wrong()),
    }
}

/// `scopes`: the bit field as a number, or the names of its set bits.
fn legacy(row: &Row) -> Result<Vec<String>, FieldRefusal> {
    let wrong = || FieldRefusal::new("scopes", "neither a bit field of scopes nor a list of their names");
    match row.value("scopes") {
        None => Ok(Vec::new()),
        Some(Value::Array(_)) => {
            serde_json::from_value(row.value("scopes").cloned().unwrap_or_default()).map_err(|_| wrong())
        }
        Some(value) => {
            let bits = value.as_u64().or_else(|| value.as_str()?.parse().ok()).ok_or_else(wrong)?;
            if bits >> LEGACY.len() != 0 {
                return Err(wrong());
            }
            let set = LEGACY.iter().enumerate().filter(|(bit, _)| (bits >> bit) & 1 == 1);
            Ok(set.map(|(_, name)| (*name).to_owned()).collect())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::export::Export;
    use super::*;

    fn scopes(fields: &str) -> Result<(String, Vec<String>), String> {
        let text = format!(r#"[{{"model": "sentry.apikey", "pk": 1, "fields": {fields}}}]"#);
        let export = Export::read(&text).unwrap();
        let mut notes = Vec::new();
        let read = of(&export.rows("sentry.apikey")[0], &Catalogue::reference(), &mut notes);
        read.map(|scopes| (scopes.to_string(), notes)).map_err(|refusal| refusal.to_string())
    }

    /// S55, and the bits of seed-behaviour section 1: 1 is project:read, 4 is project:admin.
    #[test]
    fn the_list_wins_and_the_bits_are_the_fallback() {
        for (fields, expected) in [
            (r#"{"scopes": 1}"#, "project:read"),
            (r#"{"scopes": 4, "scope_list": []}"#, "project:admin"),
            (r#"{"scopes": 4, "scope_list": null}"#, "project:admin"),
            (r#"{"scopes": "1025", "scope_list": "[]"}"#, "org:read project:read"),
            (r#"{"scopes": 32768}"#, "member:admin"),
            (r#"{"scopes": 8}"#, "project:releases"),
            (r#"{"scopes": ["team:read", "org:read"]}"#, "org:read team:read"),
            (r#"{"scopes": 4, "scope_list": ["org:read"]}"#, "org:read"),
            (r#"{"scopes": 0, "scope_list": "[\"org:read\", \"org:read\"]"}"#, "org:read"),
            (r#"{"scopes": 0, "scope_list": []}"#, ""),
            ("{}", ""),
        ] {
            assert_eq!(scopes(fields), Ok((expected.to_owned(), Vec::new())), "{fields}");
        }
        assert_eq!(scopes(&format!(r#"{{"scopes": {}}}"#, u16::MAX)).unwrap().0.split(' ').count(), 16);
    }

    #[test]
    fn a_scope_nobody_here_knows_is_left_out_and_what_is_no_scope_is_refused() {
        let (known, notes) = scopes(r#"{"scope_list": ["alerts:read", "org:read", "org:ci"]}"#).unwrap();
        assert_eq!((known.as_str(), notes.len()), ("org:read", 1));
        assert!(notes[0].contains("alerts:read org:ci"), "{notes:?}");
        for fields in [
            r#"{"scopes": 65536}"#,
            r#"{"scopes": -1}"#,
            r#"{"scopes": true}"#,
            r#"{"scopes": [1]}"#,
            r#"{"scope_list": "org:read"}"#,
            r#"{"scope_list": {"org": "read"}}"#,
        ] {
            assert!(scopes(fields).is_err(), "{fields}");
        }
    }
}
