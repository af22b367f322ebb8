//! `grantor key ..`: keys that refresh tokens are derived with.

use clap::Subcommand;

use super::output::{Failure, Output, table};
use super::times::date;
use crate::app::App;
use crate::flows::audit::Actor;
use crate::flows::derivation;

#[derive(Subcommand)]
pub enum KeyCommand {
    /// List keys, newest first.
    List,
    /// Make a new key and retire the others; no token stops working.
    #[command(after_help = "New refresh tokens are derived with the new key at once (other nodes follow within a \
        minute).\nA retired key is destroyed when no refresh token needs it any more.")]
    Rotate,
}

pub(super) async fn run(app: &App, command: &KeyCommand, output: &mut Output) -> Result<(), Failure> {
    match command {
        KeyCommand::List => {
            let keys = derivation::list(app).await?;
            output.show(&keys, || {
                let rows: Vec<Vec<String>> = keys
                    .iter()
                    .map(|key| {
                        let state = key.retired_at.map_or("in use".to_owned(), |at| format!("retired {}", date(at)));
                        vec![key.id.clone(), date(key.created_at), state]
                    })
                    .collect();
                table(&["KEY", "MADE", "STATE"], &rows)
            })
        }
        KeyCommand::Rotate => {
            let key = derivation::rotate(app, None, Actor::Operator).await?;
            output.show(&key, || format!("key {} is in use; the others are retired", key.id))
        }
    }
}
