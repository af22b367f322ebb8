//! `grantor key ..`: the two families of keys, those that sign tokens and those that refresh tokens are derived with.

use clap::{Args, Subcommand, ValueEnum};
use serde::Serialize;

use super::output::{Failure, Output, table};
use super::times::date;
use crate::app::App;
use crate::flows::audit::Actor;
use crate::flows::derivation::{self, KeyView};
use crate::flows::signing_keys::{self, How, SigningKeyState, SigningKeyView};
use crate::protocol::signing_algorithm::SigningAlgorithm;

#[derive(Subcommand)]
pub enum KeyCommand {
    /// List signing keys and derivation keys, newest first.
    #[command(
        after_help = "A signing key is published (in the key set, waits to sign), signing, kept (signs no more, in \
        the key set until\nall it signed has ended), erased (known only where an old ID token hints at somebody) or \
        withdrawn.\nRefresh tokens are derived with the derivation key in use; retired ones go when no token needs them."
    )]
    List,
    /// Make new keys; no token stops working, unless --now.
    #[command(after_help = "Examples:\n  \
        grantor key rotate                                    both families\n  \
        grantor key rotate signing --algorithm ES256\n  \
        grantor key rotate signing --now                      somebody else may have the keys\n\n\
        New signing keys are published at once and sign after keys.publish_ahead seconds, so that everybody who \
        keeps\nthe key set knows them by then; those before stay published until all they signed has ended. With --now \
        the new\nkey signs at once and all others of its algorithm, back to the first, are withdrawn: tokens they signed \
        verify\nnowhere any more, and people sign in to applications again. Other nodes follow within a minute.\n\
        New refresh tokens are derived with the new derivation key at once; older ones go on working.")]
    Rotate(RotateArgs),
}

#[derive(Args)]
pub struct RotateArgs {
    /// Which keys.
    #[arg(value_enum, default_value_t = Family::All)]
    family: Family,
    /// Only signing keys of this algorithm: ES256, RS256, PS256 or EdDSA; may be given several times.
    #[arg(long, value_name = "ALGORITHM", value_parser = algorithm)]
    algorithm: Vec<SigningAlgorithm>,
    /// After a compromise: new signing keys sign at once, and nothing signed by the others is believed.
    #[arg(long)]
    now: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Family {
    /// Both families.
    All,
    /// Keys that tokens are signed with.
    Signing,
    /// Keys that refresh tokens are derived with.
    Derivation,
}

fn algorithm(name: &str) -> Result<SigningAlgorithm, String> {
    let names = SigningAlgorithm::ALL.map(SigningAlgorithm::as_str).join(", ");
    SigningAlgorithm::parse(name).ok_or_else(|| format!("it is one of {names}"))
}

#[derive(Serialize)]
struct Listed {
    signing: Vec<SigningKeyView>,
    derivation: Vec<KeyView>,
}

#[derive(Serialize)]
struct Rotated {
    signing: Vec<SigningKeyView>,
    derivation: Option<KeyView>,
}

pub(super) async fn run(app: &App, command: &KeyCommand, output: &mut Output) -> Result<(), Failure> {
    match command {
        KeyCommand::List => {
            let listed = Listed { signing: signing_keys::list(app).await?, derivation: derivation::list(app).await? };
            output.show(&listed, || {
                format!("{}\n{}", signing_table(&listed.signing), derivation_table(&listed.derivation))
            })
        }
        KeyCommand::Rotate(args) => {
            let rotated = rotate(app, args).await?;
            output.show(&rotated, || told(&rotated, args.now))
        }
    }
}

async fn rotate(app: &App, args: &RotateArgs) -> Result<Rotated, Failure> {
    if args.family != Family::Signing && !args.algorithm.is_empty() {
        return Err(Failure::new("only signing keys have an algorithm: grantor key rotate signing --algorithm .."));
    }
    if args.family == Family::Derivation && args.now {
        return Err(Failure::new("a new derivation key is used at once in any case; --now is for signing keys"));
    }
    let (how, actor) = (if args.now { How::AtOnce } else { How::Ahead }, Actor::Operator);
    let of = if args.algorithm.is_empty() { &SigningAlgorithm::ALL[..] } else { &args.algorithm };
    let signing = match args.family {
        Family::Derivation => Vec::new(),
        Family::All | Family::Signing => signing_keys::rotate(app, None, actor, of, how).await?,
    };
    let derivation = match args.family {
        Family::Signing => None,
        Family::All | Family::Derivation => Some(derivation::rotate(app, None, actor).await?),
    };
    Ok(Rotated { signing, derivation })
}

fn told(rotated: &Rotated, now: bool) -> String {
    let signing = rotated.signing.iter().map(|key| {
        let (algorithm, kid) = (&key.algorithm, &key.kid);
        match key.state {
            SigningKeyState::Published => {
                format!("{algorithm}: key {kid} is published and signs from {}\n", date(key.active_from))
            }
            _ => format!("{algorithm}: key {kid} signs\n"),
        }
    });
    let withdrawn = (now && !rotated.signing.is_empty()).then(|| {
        "All older keys of these algorithms are withdrawn. Other nodes follow within a minute; what they sign until then \
         verifies nowhere.\nResource servers that verify by themselves believe the old keys until they read the key set \
         again.\n"
            .to_owned()
    });
    let derivation = rotated.derivation.iter();
    let derivation = derivation.map(|key| format!("derivation: key {} is in use; the others are retired\n", key.id));
    signing.chain(withdrawn).chain(derivation).collect()
}

fn signing_table(keys: &[SigningKeyView]) -> String {
    let row = |key: &SigningKeyView| {
        let next = match (key.state, key.next_rotation) {
            (SigningKeyState::Published | SigningKeyState::Signing, Some(at)) => format!("until {}", date(at)),
            (SigningKeyState::Published | SigningKeyState::Signing, None) => "until it is rotated".to_owned(),
            (SigningKeyState::Kept, _) => key.published_until.map_or(String::new(), |at| format!("until {}", date(at))),
            _ => String::new(),
        };
        let state = key.state.as_str().to_owned();
        vec![key.algorithm.clone(), key.kid.clone(), state, date(key.created_at), date(key.active_from), next]
    };
    table(&["SIGNING", "KEY", "STATE", "MADE", "SIGNS FROM", ""], &keys.iter().map(row).collect::<Vec<_>>())
}

fn derivation_table(keys: &[KeyView]) -> String {
    let row = |key: &KeyView| {
        let state = key.retired_at.map_or("in use".to_owned(), |at| format!("retired {}", date(at)));
        vec![key.id.clone(), state, date(key.created_at)]
    };
    table(&["DERIVATION KEY", "STATE", "MADE"], &keys.iter().map(row).collect::<Vec<_>>())
}
