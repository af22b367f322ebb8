//! What the server was told, without what nobody may read.

use serde_json::Value;
use url::Url;

use crate::app::App;

/// In place of a secret.
pub const HIDDEN: &str = "(hidden)";

/// Members that hold a secret wherever they stand.
const SECRETS: [&str; 4] = ["master_key", "password", "secret", "token"];

/// The configuration in force, by section and key.
pub fn in_force(app: &App) -> Value {
    let config = &app.config;
    let mut told = serde_json::to_value(config).unwrap_or_default();
    // Left out by serialization, and worth knowing whether they are there.
    let given = |is: bool| if is { Value::from(HIDDEN) } else { Value::Null };
    told["secrets"]["master_key"] = given(config.secrets.master_key.is_some());
    told["mail"]["password"] = given(config.mail.password.is_some());
    told["database"]["url"] = Value::from(without_password(&config.database.url));
    hide(&mut told);
    told
}

fn hide(value: &mut Value) {
    match value {
        Value::Object(members) => {
            for (name, value) in members.iter_mut() {
                match SECRETS.contains(&name.as_str()) && value.is_string() {
                    true => *value = Value::from(HIDDEN),
                    false => hide(value),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(hide),
        _ => {}
    }
}

/// A database's address: who, where, which; never the password, neither before the host nor in the query.
fn without_password(text: &str) -> String {
    if text.starts_with("sqlite:") {
        return text.to_owned();
    }
    match Url::parse(text) {
        Ok(mut url) => {
            let gone = url.password().is_some() && url.set_password(None).is_err();
            url.set_query(None);
            url.set_fragment(None);
            if gone { HIDDEN.to_owned() } else { url.to_string() }
        }
        Err(_) => HIDDEN.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_is_named_without_its_password() {
        for (text, told) in [
            ("sqlite:/var/lib/grantor.db", "sqlite:/var/lib/grantor.db"),
            ("postgresql://a@db:5432/g", "postgresql://a@db:5432/g"),
            ("postgres://a:pw-0@db/g?password=pw-1&sslmode=require", "postgres://a@db/g"),
            ("postgres:///g?user=a&password=pw-1", "postgres:///g"),
            ("host=db password=pw-0", HIDDEN),
        ] {
            assert_eq!(without_password(text), told);
        }
    }

    #[test]
    fn what_is_called_a_secret_is_hidden_wherever_it_stands() {
        let mut told =
            serde_json::json!({ "a": { "password": "x", "password_file": "/f", "list": [{ "secret": "y" }] } });
        hide(&mut told);
        let hidden = serde_json::json!(
            { "a": { "password": HIDDEN, "password_file": "/f", "list": [{ "secret": HIDDEN }] } }
        );
        assert_eq!(told, hidden);
    }
}
