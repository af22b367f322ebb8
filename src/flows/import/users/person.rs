//! One record, field by field, as a person.

use serde_json::Value;

use super::file::{Cell, Record};
use crate::flows::people::imported::{FieldRefusal, ImportedPerson};
use crate::protocol::{NumericDate, rfc3339};

/// What the file says of somebody, and notes on what of it is not kept.
pub(super) fn of(record: Record) -> Result<(ImportedPerson, Vec<String>), FieldRefusal> {
    if let Some(broken) = record.broken() {
        return Err(FieldRefusal::new("record", broken));
    }
    let mut notes = Vec::new();
    let login = text(&record, "login")?.ok_or_else(|| FieldRefusal::new("login", "it is missing"))?;
    let mut email = text(&record, "email")?;
    let mut email_verified = switch(&record, "email_verified")?.unwrap_or(false);
    if let Some(Cell::Other(Value::Array(listed))) = record.cell("emails") {
        if email.is_some() {
            return Err(FieldRefusal::new("emails", "either email or emails"));
        }
        (email, email_verified) = primary(listed)?;
        if listed.len() > 1 {
            notes.push(format!("emails: {} more not kept, an account has one address", listed.len() - 1));
        }
    } else if record.cell("emails").is_some() {
        return Err(FieldRefusal::new("emails", "not a list of objects with email, verified and primary"));
    }
    // What Django writes for accounts without a password.
    let password = text(&record, "password_hash")?.filter(|hash| !hash.starts_with('!'));
    let person = ImportedPerson {
        login,
        name: text(&record, "name")?.unwrap_or_default(),
        email,
        email_verified,
        active: switch(&record, "active")?,
        administrator: switch(&record, "administrator")?.unwrap_or(false),
        created_at: time(&record, "created_at")?,
        password,
    };
    Ok((person, notes))
}

/// The address marked as primary, else the first verified one, else the first.
fn primary(listed: &[Value]) -> Result<(Option<String>, bool), FieldRefusal> {
    let wrong = || FieldRefusal::new("emails", "each needs email (a text), and may have verified and primary");
    let is = |one: &Value, name: &str| match one.get(name) {
        None | Some(Value::Null) => Ok(false),
        Some(value) => value.as_bool().ok_or_else(wrong),
    };
    let mut read = Vec::new();
    for one in listed {
        let email = one.get("email").and_then(Value::as_str).ok_or_else(wrong)?;
        read.push((is(one, "primary")?, is(one, "verified")?, email));
    }
    // Of equal ones the first counts.
    let best = read.iter().rev().max_by_key(|(primary, verified, _)| (*primary, *verified));
    Ok(best.map_or((None, false), |(_, verified, email)| (Some((*email).to_owned()), *verified)))
}

fn text(record: &Record, field: &'static str) -> Result<Option<String>, FieldRefusal> {
    match record.cell(field) {
        None => Ok(None),
        Some(Cell::Text(text)) => Ok(Some(text.clone())),
        Some(Cell::Other(_)) => Err(FieldRefusal::new(field, "not a text")),
    }
}

fn switch(record: &Record, field: &'static str) -> Result<Option<bool>, FieldRefusal> {
    match record.cell(field) {
        None => Ok(None),
        Some(Cell::Other(Value::Bool(value))) => Ok(Some(*value)),
        Some(Cell::Text(text)) => match text.to_ascii_lowercase().as_str() {
            "true" | "t" | "yes" | "1" => Ok(Some(true)),
            "false" | "f" | "no" | "0" => Ok(Some(false)),
            _ => Err(FieldRefusal::new(field, "neither true nor false")),
        },
        Some(Cell::Other(_)) => Err(FieldRefusal::new(field, "neither true nor false")),
    }
}

fn time(record: &Record, field: &'static str) -> Result<Option<NumericDate>, FieldRefusal> {
    let wrong = || FieldRefusal::new(field, "neither a time such as 2026-11-22T04:30:00Z nor seconds since 1970");
    match record.cell(field) {
        None => Ok(None),
        Some(Cell::Other(value)) => value.as_i64().map(Some).ok_or_else(wrong),
        Some(Cell::Text(text)) => rfc3339::parse(text).or_else(|| text.parse().ok()).map(Some).ok_or_else(wrong),
    }
}
