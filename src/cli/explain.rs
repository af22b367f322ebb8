//! `grantor explain`: what stood behind a refusal.

use clap::Args;
use serde_json::Value;

use super::output::{Failure, Output, members};
use super::times::date;
use crate::app::App;
use crate::flows::explain::{self, Explanation};

#[derive(Args)]
#[command(after_help = "The reference stands on the error page and in error_description on the wire.\n  \
    grantor explain R0000A7x4Kq2\n  \
    grantor explain --client CLIENT_ID        the newest of one application\n  \
    grantor explain                           the newest of all")]
pub struct ExplainArgs {
    /// Reference, such as R0000A7x4Kq2; without it the newest refusals.
    reference: Option<String>,
    /// Only refusals of this client_id.
    #[arg(long, value_name = "CLIENT_ID", conflicts_with = "reference")]
    client: Option<String>,
    /// How many.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(i64).range(1..=1000))]
    limit: i64,
}

pub(super) async fn run(app: &App, args: &ExplainArgs, output: &mut Output) -> Result<(), Failure> {
    match &args.reference {
        Some(reference) => match explain::explain(app, reference).await? {
            Some(found) => output.show(&found, || words(&found)),
            None => Err(Failure::new(format!(
                "nothing is kept under {reference:?}: a mistyped reference, or newer refusals have taken its place \
                 (refusals.slots)"
            ))),
        },
        None => {
            let found = explain::recent(app, args.client.as_deref(), args.limit).await?;
            output.show(&found, || match found.is_empty() {
                true => "No refusal is kept.".to_owned(),
                false => found.iter().map(words).collect::<Vec<_>>().join("\n"),
            })
        }
    }
}

fn words(refusal: &Explanation) -> String {
    let mut pairs = vec![
        ("reference", refusal.reference.clone()),
        ("at", date(refusal.at)),
        ("endpoint", refusal.endpoint.clone()),
        ("error", refusal.code.clone()),
        ("said", refusal.description.clone()),
        ("client_id", refusal.client_id.clone().unwrap_or_default()),
        ("from", refusal.address.clone()),
    ];
    match &refusal.detail {
        Value::Object(detail) => pairs.extend(detail.iter().map(|(name, value)| (name.as_str(), text(value)))),
        Value::Null => {}
        other => pairs.push(("detail", text(other))),
    }
    members(&pairs)
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        Value::Array(items) => items.iter().map(text).collect::<Vec<_>>().join("\n"),
        other => other.to_string(),
    }
}
