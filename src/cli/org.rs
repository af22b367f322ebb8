//! `grantor org ..`: organizations, their members, invitations and teams.

use clap::{Args, Subcommand};
use serde_json::json;

use super::org_audit::{self, AuditArgs};
use super::org_key::{self, KeyCommand};
use super::org_member::{self, InviteCommand, MemberCommand};
use super::org_team::{self, TeamCommand};
use super::output::{Failure, Output, members, table};
use super::times::{date, date_or_empty, parse_seconds};
use crate::app::App;
use crate::flows::organizations::create::{self, NewOrganization};
use crate::flows::organizations::show::{self, OrganizationView};
use crate::flows::organizations::{By, delete, settings};
use crate::flows::people::find;
use crate::flows::sso::break_glass;
use crate::protocol::span;

#[derive(Subcommand)]
pub enum OrgCommand {
    /// Make an organization and its first owner.
    #[command(after_help = "Example:\n  grantor org create \"Acme, Inc.\" --slug acme --owner ada")]
    Create(CreateArgs),
    /// List organizations.
    List,
    /// Show one organization.
    Show(Slug),
    /// Give an organization another name or address; links with the old address lead nowhere then.
    Rename(RenameArgs),
    /// Say how people come in.
    Joining(JoiningArgs),
    /// Say how long tokens live where the provider cannot be asked again without the person; of tokens there are, too.
    #[command(after_help = "Examples:\n  grantor org token-max-age acme 14d\n  grantor org token-max-age acme default")]
    TokenMaxAge(TokenMaxAgeArgs),
    /// Delete an organization with all that hangs on it, after a delay; until then it is closed.
    Delete(DeleteArgs),
    /// Take a deletion back.
    #[command(after_help = "Example:\n  grantor org restore acme --owner ada")]
    Restore(RestoreArgs),
    /// Who belongs to an organization.
    #[command(subcommand)]
    Member(MemberCommand),
    /// Invitations by mail.
    #[command(subcommand)]
    Invite(InviteCommand),
    /// Teams.
    #[command(subcommand)]
    Team(TeamCommand),
    /// API keys: for scripts that act for the organization.
    #[command(subcommand)]
    Key(KeyCommand),
    /// Let an owner in for a while although single sign-on fails; it stands in the audit log.
    BreakGlass(BreakGlassArgs),
    /// Show what happened in an organization.
    Audit(AuditArgs),
}

#[derive(Args)]
pub struct RestoreArgs {
    /// The organization, as in its address.
    slug: String,
    /// Who owns it from now on besides; needed where no owner's account may be used any more.
    #[arg(long, value_name = "USER")]
    owner: Option<String>,
}

#[derive(Args)]
pub struct Slug {
    /// The organization, as in its address.
    slug: String,
}

#[derive(Args)]
pub struct CreateArgs {
    /// What people call it.
    name: String,
    /// Its address: lower-case letters, digits and hyphens [default: made from the name].
    #[arg(long)]
    slug: Option<String>,
    /// Who owns it: what they sign in with.
    #[arg(long, value_name = "LOGIN")]
    owner: String,
}

#[derive(Args)]
pub struct RenameArgs {
    /// The organization, as in its address.
    slug: String,
    /// New name [default: as it is].
    #[arg(long)]
    name: Option<String>,
    /// New address [default: as it is].
    #[arg(long)]
    to: Option<String>,
}

#[derive(Args)]
pub struct JoiningArgs {
    /// The organization, as in its address.
    slug: String,
    /// Role of whoever joins by single sign-on [default: as it is].
    #[arg(long, value_name = "ROLE")]
    default_role: Option<String>,
    /// Whether members join and leave teams by themselves [default: as it is].
    #[arg(long, value_name = "true|false")]
    open_teams: Option<bool>,
}

#[derive(Args)]
pub struct TokenMaxAgeArgs {
    /// The organization, as in its address.
    slug: String,
    /// How long, such as 14d or 12h, or seconds; between an hour and a year. `default`: as the server says.
    #[arg(value_name = "TIME|default", value_parser = parse_age)]
    age: Age,
}

/// A time, or the server's own.
#[derive(Clone, Copy)]
pub struct Age(Option<i64>);

fn parse_age(text: &str) -> Result<Age, String> {
    if text == "default" { Ok(Age(None)) } else { parse_seconds(text).map(|seconds| Age(Some(seconds))) }
}

#[derive(Args)]
pub struct DeleteArgs {
    /// The organization, as in its address.
    slug: String,
    /// When, such as 7d; 0 deletes now and for good [default: organizations.deletion_delay].
    #[arg(long, value_name = "TIME", value_parser = parse_seconds)]
    after: Option<i64>,
}

#[derive(Args)]
pub struct BreakGlassArgs {
    /// The organization, as in its address.
    slug: String,
    /// The owner: what they sign in with.
    login: String,
    /// How long, such as 30m; between a minute and a day.
    #[arg(long = "for", value_name = "TIME", value_parser = parse_seconds, default_value = "1h")]
    seconds: i64,
}

pub(super) async fn run(app: &App, command: &OrgCommand, output: &mut Output) -> Result<(), Failure> {
    match command {
        OrgCommand::Create(args) => {
            let owner = find::by_login(app, &args.owner).await?;
            let new = NewOrganization { name: args.name.clone(), slug: args.slug.clone().unwrap_or_default() };
            let row = create::create(app, By::Operator, new, &owner).await?;
            let value = json!({ "id": row.public_id, "slug": row.slug, "name": row.name, "owner": owner.login });
            output.show(&value, || format!("{}: made; {} owns it", row.slug, owner.login))
        }
        OrgCommand::List => {
            let all = show::all(app).await?;
            output.show(&all, || match all.is_empty() {
                true => "There are no organizations: `grantor org create NAME --owner LOGIN`.".to_owned(),
                false => {
                    table(&["SLUG", "NAME", "STATUS", "MEMBERS", "SIGN-IN"], &all.iter().map(line).collect::<Vec<_>>())
                }
            })
        }
        OrgCommand::Show(Slug { slug }) => {
            let view = show::view(app, show::by_slug(app, slug).await?).await?;
            let default = app.config.sso.token_max_age;
            output.show(&view, || one(&view, default))
        }
        OrgCommand::Rename(args) => {
            let row = show::by_slug(app, &args.slug).await?;
            let (name, slug) = (args.name.as_ref().unwrap_or(&row.name), args.to.as_ref().unwrap_or(&row.slug));
            let changed = settings::rename(app, By::Operator, &row, name, slug).await?;
            said(output, slug, changed, if changed { "renamed" } else { "nothing to change" })
        }
        OrgCommand::Joining(args) => {
            let row = show::by_slug(app, &args.slug).await?;
            let joining = settings::Joining {
                default_role: args.default_role.clone().unwrap_or_else(|| row.default_role.clone()),
                open_membership: args.open_teams.unwrap_or(row.open_membership),
            };
            let changed = settings::set_joining(app, By::Operator, &row, joining).await?;
            said(output, &row.slug, changed, if changed { "changed" } else { "nothing to change" })
        }
        OrgCommand::TokenMaxAge(args) => {
            let row = show::by_slug(app, &args.slug).await?;
            let changed = settings::set_token_max_age(app, By::Operator, &row, args.age.0).await?;
            let what = if changed { "now" } else { "already" };
            let age = age(args.age.0, app.config.sso.token_max_age);
            let value = json!({ "slug": row.slug, "changed": changed, "token_max_age": args.age.0 });
            output.show(&value, || format!("{}: {what} {age}", row.slug))
        }
        OrgCommand::Delete(args) => {
            let row = show::by_slug(app, &args.slug).await?;
            let at = delete::request(app, By::Operator, &row, &row.slug, args.after).await?;
            if args.after == Some(0) {
                delete::carry_out_due(app).await?;
                return said(output, &row.slug, true, "deleted");
            }
            let value = json!({ "slug": row.slug, "changed": true, "delete_at": at });
            output.show(&value, || {
                let slug = &row.slug;
                format!(
                    "{slug}: closed from now on, deleted at {}; `grantor org restore {slug}` takes it back",
                    date(at)
                )
            })
        }
        OrgCommand::Restore(RestoreArgs { slug, owner }) => {
            let row = show::by_slug(app, slug).await?;
            let owner = match owner {
                Some(login) => Some(find::by_login(app, login).await?),
                None => None,
            };
            delete::restore(app, By::Operator, &row, owner.as_ref()).await?;
            said(output, slug, true, "restored: everything is as it was")
        }
        OrgCommand::BreakGlass(args) => {
            let row = show::by_slug(app, &args.slug).await?;
            let owner = find::by_login(app, &args.login).await?;
            let until = break_glass::open(app, None, &row, &owner, args.seconds).await?;
            let value = json!({ "slug": row.slug, "login": owner.login, "until": until });
            output.show(&value, || {
                format!("{}: {} gets in without single sign-on until {}", row.slug, owner.login, date(until))
            })
        }
        OrgCommand::Member(command) => org_member::run(app, command, output).await,
        OrgCommand::Invite(command) => org_member::invite(app, command, output).await,
        OrgCommand::Team(command) => org_team::run(app, command, output).await,
        OrgCommand::Key(command) => org_key::run(app, command, output).await,
        OrgCommand::Audit(args) => org_audit::run(app, args, output).await,
    }
}

fn line(view: &OrganizationView) -> Vec<String> {
    let sign_in = view.provider.clone().unwrap_or_else(|| "accounts here".to_owned());
    vec![view.slug.clone(), view.name.clone(), view.status.clone(), view.members.to_string(), sign_in]
}

/// How long tokens live, and who says so.
fn age(own: Option<i64>, default: i64) -> String {
    own.map_or_else(|| format!("{} (the server's default)", span::text(default)), span::text)
}

fn one(view: &OrganizationView, default_age: i64) -> String {
    members(&[
        ("slug", view.slug.clone()),
        ("name", view.name.clone()),
        ("id", view.id.clone()),
        ("status", view.status.clone()),
        ("deleted at", date_or_empty(view.delete_at)),
        ("members", view.members.to_string()),
        ("default role", view.default_role.clone()),
        ("teams", if view.open_membership { "open" } else { "closed" }.to_owned()),
        ("token max age", age(view.token_max_age, default_age)),
        ("provider", view.provider.clone().unwrap_or_default()),
        ("made", date(view.created_at)),
    ])
}

pub(super) fn said(output: &mut Output, slug: &str, changed: bool, what: &str) -> Result<(), Failure> {
    output.show(&json!({ "slug": slug, "changed": changed }), || format!("{slug}: {what}"))
}
