//! `grantor org member ..` and `grantor org invite ..`: who belongs to an organization, and who is asked to.

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::org::said;
use super::output::{Failure, Output, table};
use super::times::date;
use crate::app::App;
use crate::flows::organizations::invitations::send::{self, NewInvitation};
use crate::flows::organizations::invitations::{self, revoke};
use crate::flows::organizations::members::{add, list, remove, role};
use crate::flows::organizations::{By, show};
use crate::flows::people::find;

#[derive(Subcommand)]
pub enum MemberCommand {
    /// List members.
    List(Organization),
    /// Make somebody with an account a member, without asking them.
    Add(WithRole),
    /// Give a member another role.
    Role(WithRole),
    /// End a membership; single sign-on does not bring the person back.
    Remove(Member),
}

#[derive(Subcommand)]
pub enum InviteCommand {
    /// Invite somebody by mail; says the link too, for carrying it by hand.
    Send(SendArgs),
    /// List invitations that wait.
    List(Organization),
    /// Take an invitation back.
    Revoke(Address),
}

#[derive(Args)]
pub struct Organization {
    /// The organization, as in its address.
    organization: String,
}

#[derive(Args)]
pub struct Member {
    /// The organization, as in its address.
    organization: String,
    /// What the person signs in with, in any spelling.
    login: String,
}

#[derive(Args)]
pub struct WithRole {
    /// The organization, as in its address.
    organization: String,
    /// What the person signs in with, in any spelling.
    login: String,
    /// A configured role, such as member or owner.
    role: String,
}

#[derive(Args)]
pub struct Address {
    /// The organization, as in its address.
    organization: String,
    /// E-mail address.
    email: String,
}

#[derive(Args)]
pub struct SendArgs {
    /// The organization, as in its address.
    organization: String,
    /// E-mail address.
    email: String,
    /// Role on acceptance [default: the organization's default role].
    #[arg(long)]
    role: Option<String>,
    /// Team to join on acceptance, as in its address; repeat for several.
    #[arg(long = "team", value_name = "TEAM")]
    teams: Vec<String>,
}

pub(super) async fn run(app: &App, command: &MemberCommand, output: &mut Output) -> Result<(), Failure> {
    match command {
        MemberCommand::List(Organization { organization }) => members(app, organization, output).await,
        MemberCommand::Add(args) => {
            let row = show::by_slug(app, &args.organization).await?;
            let user = find::by_login(app, &args.login).await?;
            add::add(app, By::Operator, &row, &user, &args.role).await?;
            said(output, &row.slug, true, &format!("{} is a member now ({})", user.login, args.role))
        }
        MemberCommand::Role(args) => {
            let row = show::by_slug(app, &args.organization).await?;
            let user = find::by_login(app, &args.login).await?;
            let changed = role::set_role(app, By::Operator, &row, &user, &args.role).await?;
            let now = if changed { "is now" } else { "was already" };
            said(output, &row.slug, changed, &format!("{} {now} {}", user.login, args.role))
        }
        MemberCommand::Remove(args) => {
            let row = show::by_slug(app, &args.organization).await?;
            let user = find::by_login(app, &args.login).await?;
            remove::remove(app, By::Operator, &row, &user).await?;
            said(output, &row.slug, true, &format!("{} is no member any more", user.login))
        }
    }
}

async fn members(app: &App, organization: &str, output: &mut Output) -> Result<(), Failure> {
    let row = show::by_slug(app, organization).await?;
    let mut all = Vec::new();
    let mut after = String::new();
    loop {
        let page = list::page(app, &row, &after, "").await?;
        all.extend(page.members);
        match page.next {
            Some(next) => after = next,
            None => break,
        }
    }
    let value: Vec<Value> = all
        .iter()
        .map(|one| {
            json!({
                "login": one.login, "name": one.name, "sub": one.sub, "email": one.email, "role": one.role,
                "teams": one.teams, "joined_at": one.joined_at, "standing": format!("{:?}", one.standing),
            })
        })
        .collect();
    output.show(&value, || {
        let rows: Vec<Vec<String>> = all
            .iter()
            .map(|one| {
                let standing = format!("{:?}", one.standing);
                vec![one.login.clone(), one.role.clone(), one.teams.join(" "), standing, date(one.joined_at)]
            })
            .collect();
        table(&["LOGIN", "ROLE", "TEAMS", "SINGLE SIGN-ON", "SINCE"], &rows)
    })
}

pub(super) async fn invite(app: &App, command: &InviteCommand, output: &mut Output) -> Result<(), Failure> {
    match command {
        InviteCommand::Send(args) => {
            let row = show::by_slug(app, &args.organization).await?;
            let role = args.role.clone().unwrap_or_else(|| row.default_role.clone());
            let new = NewInvitation { email: args.email.clone(), role, teams: args.teams.clone() };
            let sent = send::send(app, By::Operator, &row, new).await?;
            let value = json!({ "email": sent.email, "link": sent.link, "expires_at": sent.expires_at });
            output.show(&value, || {
                format!("{}: invited, good until {}\n{}", sent.email, date(sent.expires_at), sent.link)
            })
        }
        InviteCommand::List(Organization { organization }) => {
            let row = show::by_slug(app, organization).await?;
            let waiting = invitations::list::list(app, &row).await?;
            let value: Vec<Value> = waiting
                .iter()
                .map(|one| {
                    json!({
                        "email": one.email, "role": one.role, "teams": one.teams, "invited_by": one.invited_by,
                        "created_at": one.created_at, "expires_at": one.expires_at, "expired": one.expired,
                    })
                })
                .collect();
            output.show(&value, || match waiting.is_empty() {
                true => "No invitation waits.".to_owned(),
                false => {
                    let rows: Vec<Vec<String>> = waiting
                        .iter()
                        .map(|one| {
                            let by = one.invited_by.clone().unwrap_or_else(|| "operator".to_owned());
                            vec![one.email.clone(), one.role.clone(), by, date(one.expires_at)]
                        })
                        .collect();
                    table(&["E-MAIL", "ROLE", "INVITED BY", "GOOD UNTIL"], &rows)
                }
            })
        }
        InviteCommand::Revoke(args) => {
            let row = show::by_slug(app, &args.organization).await?;
            revoke::revoke(app, By::Operator, &row, &args.email).await?;
            said(output, &row.slug, true, &format!("the invitation to {} is taken back", args.email))
        }
    }
}
