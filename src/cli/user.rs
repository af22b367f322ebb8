//! `grantor user ..`: people with an account.

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::inputs::{Inputs, PasswordSource};
use super::output::{Failure, Output, members, table};
use super::times::{date, date_or_empty};
use crate::app::App;
use crate::flows::audit::Actor;
use crate::flows::people::{
    NewPerson, addresses, administrator, authorizations, create, find, password, sign_out_everywhere, status,
};

#[derive(Subcommand)]
pub enum UserCommand {
    /// Make an account; asks for the password.
    #[command(after_help = "Examples:\n  \
        grantor user create ada --admin\n  \
        pass show grantor/ada | grantor user create ada --password-stdin --email ada@example.com")]
    Create(CreateArgs),
    /// List accounts.
    List,
    /// Show one account and what it allows applications.
    Show(Login),
    /// Set a password; ends every session and grant of the account.
    SetPassword(SetPasswordArgs),
    /// Refuse an account: it cannot sign in and its tokens are inactive.
    Disable(DisableArgs),
    /// Undo disable; sessions and grants from before stay void.
    Enable(Login),
    /// Delete an account for good. Its subject identifier is never used again.
    Delete(Login),
    /// End every session and grant of an account.
    SignOut(Login),
    /// Take back what a person lets one application have; all its tokens for them are dead.
    Revoke(RevokeArgs),
    /// Make somebody an administrator, or no longer one.
    Administrator(AdministratorArgs),
}

#[derive(Args)]
pub struct RevokeArgs {
    /// What the person signs in with, in any spelling.
    login: String,
    /// The application's client_id; `grantor user show LOGIN` lists them.
    client_id: String,
    /// Slug of the organization it is bound to; without, what is bound to none.
    #[arg(long)]
    organization: Option<String>,
}

#[derive(Args)]
pub struct DisableArgs {
    /// What the person signs in with, in any spelling.
    login: String,
    /// The emergency brake: also an account that is the last owner of an organization.
    #[arg(long)]
    even_last_owner: bool,
}

#[derive(Args)]
pub struct Login {
    /// What the person signs in with, in any spelling.
    login: String,
}

#[derive(Args)]
pub struct CreateArgs {
    /// What the person signs in with.
    login: String,
    /// Display name [default: the login].
    #[arg(long)]
    name: Option<String>,
    /// E-mail address.
    #[arg(long)]
    email: Option<String>,
    /// Make an administrator.
    #[arg(long)]
    admin: bool,
    /// Without a password: nobody can sign in until one is set.
    #[arg(long, conflicts_with_all = ["password_stdin", "password_env"])]
    no_password: bool,
    #[command(flatten)]
    password: PasswordSource,
}

#[derive(Args)]
pub struct SetPasswordArgs {
    /// What the person signs in with, in any spelling.
    login: String,
    #[command(flatten)]
    password: PasswordSource,
}

#[derive(Args)]
pub struct AdministratorArgs {
    /// What the person signs in with, in any spelling.
    login: String,
    /// Take the right away.
    #[arg(long)]
    revoke: bool,
}

/// Where the password comes from, for commands that need one.
pub fn password_source(command: &UserCommand) -> Option<&PasswordSource> {
    match command {
        UserCommand::Create(args) if !args.no_password => Some(&args.password),
        UserCommand::SetPassword(args) => Some(&args.password),
        _ => None,
    }
}

pub(super) async fn run(app: &App, command: &UserCommand, inputs: &Inputs, output: &mut Output) -> Result<(), Failure> {
    let operator = Actor::Operator;
    match command {
        UserCommand::Create(args) => {
            let new = NewPerson {
                login: args.login.clone(),
                name: args.name.clone().unwrap_or_default(),
                email: args.email.clone(),
                password: inputs.password.clone(),
                administrator: args.admin,
            };
            let user = create::create(app, None, operator, new).await?;
            let value = json!({ "login": user.login, "sub": user.sub, "administrator": user.administrator });
            output.show(&value, || {
                format!("{}: account made{}", user.login, if user.administrator { ", an administrator" } else { "" })
            })
        }
        UserCommand::List => list(app, output).await,
        UserCommand::Show(Login { login }) => show(app, login, output).await,
        UserCommand::SetPassword(args) => {
            let user = find::by_login(app, &args.login).await?;
            password::set(app, None, operator, &user, inputs.password.clone().unwrap_or_default()).await?;
            said(output, &user.login, true, "password set; every session and grant from before is void")
        }
        UserCommand::Disable(args) => {
            let user = find::by_login(app, &args.login).await?;
            let changed = match args.even_last_owner {
                true => status::disable_even_last_owner(app, None, operator, &user).await?,
                false => status::disable(app, None, operator, &user).await?,
            };
            said(output, &user.login, changed, if changed { "disabled" } else { "was disabled already" })
        }
        UserCommand::Enable(Login { login }) => {
            let user = find::by_login(app, login).await?;
            let changed = status::enable(app, None, operator, &user).await?;
            said(output, &user.login, changed, if changed { "enabled" } else { "was enabled already" })
        }
        UserCommand::Delete(Login { login }) => {
            let user = find::by_login(app, login).await?;
            let changed = status::delete(app, None, operator, &user).await?;
            said(output, &user.login, changed, "deleted")
        }
        UserCommand::SignOut(Login { login }) => {
            let user = find::by_login(app, login).await?;
            let ended = sign_out_everywhere::sign_out_everywhere(app, None, operator, &user).await?;
            said(output, &user.login, true, &format!("signed out everywhere ({ended} sessions); grants are void"))
        }
        UserCommand::Revoke(args) => {
            let user = find::by_login(app, &args.login).await?;
            let organization = args.organization.as_deref();
            let changed = authorizations::revoke(app, None, operator, &user, &args.client_id, organization).await?;
            let says = if changed { "revoked; its tokens are dead" } else { "allows this application nothing" };
            said(output, &user.login, changed, says)
        }
        UserCommand::Administrator(args) => {
            let user = find::by_login(app, &args.login).await?;
            let changed = administrator::set_administrator(app, None, operator, &user, !args.revoke).await?;
            let what = if args.revoke { "no administrator" } else { "an administrator" };
            said(output, &user.login, changed, &format!("{} {what}", if changed { "now" } else { "was already" }))
        }
    }
}

async fn list(app: &App, output: &mut Output) -> Result<(), Failure> {
    let users = find::all(app).await?;
    let value: Vec<Value> = users
        .iter()
        .map(|user| {
            json!({
                "login": user.login, "name": user.name, "sub": user.sub, "email": user.email, "status": user.status,
                "administrator": user.administrator, "created_at": user.created_at,
                "last_sign_in_at": user.last_sign_in_at,
            })
        })
        .collect();
    output.show(&value, || match users.is_empty() {
        true => "Nobody has an account: `grantor user create LOGIN --admin`.".to_owned(),
        false => {
            let rows: Vec<Vec<String>> = users
                .iter()
                .map(|user| {
                    let role = if user.administrator { "administrator" } else { "" };
                    let seen = user.last_sign_in_at.map_or("never".to_owned(), date);
                    vec![user.login.clone(), user.name.clone(), user.status.clone(), role.to_owned(), seen]
                })
                .collect();
            table(&["LOGIN", "NAME", "STATUS", "ROLE", "LAST SIGN-IN"], &rows)
        }
    })
}

async fn show(app: &App, login: &str, output: &mut Output) -> Result<(), Failure> {
    let user = find::by_login(app, login).await?;
    let allowed = authorizations::list(app, &user).await?;
    let further: Vec<String> = addresses::further(app, &user).await?.into_iter().map(|one| one.email).collect();
    let value = json!({
        "login": user.login, "name": user.name, "sub": user.sub, "email": user.email, "status": user.status,
        "further_emails": &further,
        "administrator": user.administrator, "created_at": user.created_at,
        "password_changed_at": user.password_changed_at, "last_sign_in_at": user.last_sign_in_at,
        "authorizations": allowed.iter().map(|one| json!({
            "client_id": one.client_id, "client": one.client, "scopes": one.scopes, "created_at": one.created_at,
            "last_used_at": one.last_used_at,
            "organization": one.organization.as_ref().map(|organization| &organization.slug),
        })).collect::<Vec<_>>(),
    });
    output.show(&value, || {
        let within = |one: &authorizations::Authorized| {
            one.organization.as_ref().map(|organization| format!(" in {}", organization.slug)).unwrap_or_default()
        };
        let allowed =
            allowed.iter().map(|one| format!("{} ({}){}: {}", one.client, one.client_id, within(one), one.scopes));
        members(&[
            ("login", user.login.clone()),
            ("name", user.name.clone()),
            ("sub", user.sub.clone()),
            ("e-mail", user.email.clone().unwrap_or_default()),
            ("further e-mail", further.join("\n")),
            ("status", user.status.clone()),
            ("role", if user.administrator { "administrator" } else { "" }.to_owned()),
            ("made", date(user.created_at)),
            ("password set", date_or_empty(user.password_changed_at)),
            ("last sign-in", date_or_empty(user.last_sign_in_at)),
            ("allows", allowed.collect::<Vec<_>>().join("\n")),
        ])
    })
}

fn said(output: &mut Output, login: &str, changed: bool, what: &str) -> Result<(), Failure> {
    output.show(&json!({ "login": login, "changed": changed }), || format!("{login}: {what}"))
}
