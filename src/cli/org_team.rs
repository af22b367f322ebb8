//! `grantor org team ..`: teams and who is in them.

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::org::said;
use super::output::{Failure, Output, table};
use crate::app::App;
use crate::flows::organizations::teams::edit;
use crate::flows::organizations::teams::list;
use crate::flows::organizations::teams::places::{self, Place};
use crate::flows::organizations::{By, OrganizationRefusal, show};
use crate::flows::people::find;

/// The operator is in no team.
const NOBODY: i64 = 0;

#[derive(Subcommand)]
pub enum TeamCommand {
    /// List teams.
    List {
        /// The organization, as in its address.
        organization: String,
    },
    /// Make a team.
    Create(CreateArgs),
    /// Give a team another name or address.
    #[command(after_help = "Example:\n  grantor org team rename acme blue --name \"Blue Team\" --to blue-team")]
    Rename(RenameArgs),
    /// Delete a team; its members stay members of the organization.
    Delete(Team),
    /// Put a member into a team.
    Add(Member),
    /// Take a member out of a team.
    Remove(Member),
}

#[derive(Args)]
pub struct CreateArgs {
    /// The organization, as in its address.
    organization: String,
    /// What people call it.
    name: String,
    /// Its address [default: made from the name].
    #[arg(long, default_value = "")]
    slug: String,
}

#[derive(Args)]
pub struct RenameArgs {
    /// The organization, as in its address.
    organization: String,
    /// The team, as in its address.
    team: String,
    /// New name [default: as it is].
    #[arg(long)]
    name: Option<String>,
    /// New address [default: as it is].
    #[arg(long)]
    to: Option<String>,
}

#[derive(Args)]
pub struct Team {
    /// The organization, as in its address.
    organization: String,
    /// The team, as in its address.
    team: String,
}

#[derive(Args)]
pub struct Member {
    /// The organization, as in its address.
    organization: String,
    /// The team, as in its address.
    team: String,
    /// What the person signs in with, in any spelling.
    login: String,
}

pub(super) async fn run(app: &App, command: &TeamCommand, output: &mut Output) -> Result<(), Failure> {
    match command {
        TeamCommand::List { organization } => {
            let row = show::by_slug(app, organization).await?;
            let teams = list::list(app, &row, NOBODY).await?;
            let value: Vec<Value> = teams
                .iter()
                .map(|team| json!({ "slug": team.slug, "name": team.name, "members": team.members }))
                .collect();
            output.show(&value, || match teams.is_empty() {
                true => "There are no teams.".to_owned(),
                false => {
                    let line =
                        |team: &list::TeamLine| vec![team.slug.clone(), team.name.clone(), team.members.to_string()];
                    table(&["SLUG", "NAME", "MEMBERS"], &teams.iter().map(line).collect::<Vec<_>>())
                }
            })
        }
        TeamCommand::Create(args) => {
            let row = show::by_slug(app, &args.organization).await?;
            let slug = edit::create(app, By::Operator, &row, &args.name, &args.slug).await?;
            output.show(&json!({ "slug": slug }), || format!("{slug}: made"))
        }
        TeamCommand::Rename(args) => {
            let row = show::by_slug(app, &args.organization).await?;
            let team = list::list(app, &row, NOBODY).await?.into_iter().find(|team| team.slug == args.team);
            let team = team.ok_or(OrganizationRefusal::TeamUnknown)?;
            let (name, slug) = (args.name.as_ref().unwrap_or(&team.name), args.to.as_ref().unwrap_or(&team.slug));
            let changed = (name, slug) != (&team.name, &team.slug);
            let slug = edit::rename(app, By::Operator, &row, &team.slug, name, slug).await?;
            said(output, &slug, changed, if changed { "renamed" } else { "nothing to change" })
        }
        TeamCommand::Delete(args) => {
            let row = show::by_slug(app, &args.organization).await?;
            edit::delete(app, By::Operator, &row, &args.team).await?;
            said(output, &args.team, true, "deleted")
        }
        TeamCommand::Add(args) => set(app, args, Place::Taken, output).await,
        TeamCommand::Remove(args) => set(app, args, Place::GivenUp, output).await,
    }
}

async fn set(app: &App, args: &Member, place: Place, output: &mut Output) -> Result<(), Failure> {
    let row = show::by_slug(app, &args.organization).await?;
    let user = find::by_login(app, &args.login).await?;
    let changed = places::set(app, By::Operator, &row, &args.team, &user, place).await?;
    let what = match (place, changed) {
        (Place::Taken, true) => "is in the team now",
        (Place::Taken, false) => "was in the team already",
        (Place::GivenUp, true) => "is out of the team",
        (Place::GivenUp, false) => "was not in the team",
    };
    said(output, &args.team, changed, &format!("{} {what}", user.login))
}
