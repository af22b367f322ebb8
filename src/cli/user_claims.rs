//! `grantor user claims`: what applications may be told of a person.

use clap::Args;
use serde_json::{Value, json};

use super::output::{Failure, Output};
use crate::app::App;
use crate::flows::audit::Actor;
use crate::flows::people::{claims, find};

#[derive(Args)]
pub struct ClaimsArgs {
    /// What the person signs in with, in any spelling.
    login: String,
    /// NAME=VALUE, such as given_name=Ada, zoneinfo=Europe/London or, of the address, country=GB; NAME= takes it away.
    #[arg(value_name = "NAME=VALUE")]
    said: Vec<String>,
}

/// Shows the claims, after it changed them.
pub(super) async fn run(app: &App, args: &ClaimsArgs, output: &mut Output) -> Result<(), Failure> {
    let user = find::by_login(app, &args.login).await?;
    let pairs: Option<Vec<(&str, &str)>> = args.said.iter().map(|said| said.split_once('=')).collect();
    let pairs = pairs.ok_or_else(|| Failure::new("a claim is said as NAME=VALUE"))?;
    let wanted = claims::with(&user.claims.0, &pairs)
        .map_err(|name| Failure::new(format!("{name} is no claim that can be said here")))?;
    let changed = claims::say(app, None, Actor::Operator, &user, wanted).await?;
    let user = find::by_login(app, &args.login).await?;
    let said = json!(user.claims.0);
    output.show(&json!({ "login": user.login, "changed": changed, "claims": said }), || lines(&said))
}

fn lines(said: &Value) -> String {
    let Value::Object(members) = said else { return String::new() };
    let line = |(name, value): (&String, &Value)| match value {
        Value::String(text) => format!("{name}={text}"),
        Value::Object(_) => lines(value),
        other => format!("{name}={other}"),
    };
    members.iter().map(line).collect::<Vec<_>>().join("\n")
}
