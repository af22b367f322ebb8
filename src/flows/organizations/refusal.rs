//! Why something is not done to an organization, in words for the person at the form or the command line.

use crate::protocol::error::OAuthError;
use crate::store::StoreError;

/// Why not.
#[derive(Clone, Debug, thiserror::Error)]
pub enum OrganizationRefusal {
    /// There is no such organization, for whoever asks.
    #[error("There is no such organization.")]
    NotFound,
    /// It is about to be deleted.
    #[error("This organization is about to be deleted. Restore it first.")]
    PendingDeletion,
    /// It is not about to be deleted.
    #[error("Nobody asked for the deletion of this organization.")]
    NotPending,
    /// Nobody would own it.
    #[error(
        "No {0} is left whose account may be used. Whoever runs this server can restore it and name one: grantor org \
         restore SLUG --owner USER."
    )]
    Ownerless(String),
    /// Only others make organizations here.
    #[error("On this server, organizations are made by {0}.")]
    CreationClosed(&'static str),
    /// The text cannot be a name.
    #[error("Please enter a name of 1 to 64 characters that is not one of the server's own.")]
    NameMalformed,
    /// The text cannot be part of an address.
    #[error("Please use 2 to 50 lower-case letters, digits and hyphens, beginning and ending with a letter or digit.")]
    SlugMalformed,
    /// Nobody may have it.
    #[error("This address is kept for the server itself. Please choose another one.")]
    SlugReserved,
    /// Somebody has it.
    #[error("This address is taken. Please choose another one.")]
    SlugTaken,
    /// What was typed to confirm is something else.
    #[error("This is not the address of the organization. Nothing was deleted.")]
    NotConfirmed,
    /// There is no such role.
    #[error("There is no role {0:?}.")]
    RoleUnknown(String),
    /// The role is above that of whoever acts.
    #[error("Your role here is {mine}: you can give and take roles up to {mine}, not {asked}.")]
    RoleTooHigh {
        /// Of whoever acts.
        mine: String,
        /// What they asked for, or would take.
        asked: String,
    },
    /// The top role is never the default.
    #[error("Nobody becomes {0} without being made one. Please choose another default role.")]
    DefaultRoleTooHigh(String),
    /// The role of whoever acts does not carry what is needed.
    #[error("Your role here is {mine}, which does not allow this ({needs}). Ask an owner of the organization.")]
    NotAllowed {
        /// Of whoever acts.
        mine: String,
        /// A scope.
        needs: &'static str,
    },
    /// The token or key lacks what is needed.
    #[error("This needs the scope {0}, which the credential does not have.")]
    ScopeMissing(&'static str),
    /// The role carries more than the token or key.
    #[error("The role {0} may do here what this credential may not: use one with more scopes, or a page.")]
    RoleAboveCredential(String),
    /// Too short to be of use, or as good as for ever.
    #[error("Please choose between {0} and {1} for the longest life of a token.")]
    TokenAge(String, String),
    /// Somebody must remain.
    #[error("This is the last {0} of the organization. Make somebody else {0} first.")]
    LastOwner(String),
    /// Nobody like that belongs to it.
    #[error("Nobody like that is a member of this organization.")]
    MemberUnknown,
    /// They belong to it already.
    #[error("{0} is a member of this organization already.")]
    AlreadyMember(String),
    /// The text cannot be an e-mail address.
    #[error("{0:?} is not an e-mail address such as name@example.com.")]
    EmailMalformed(String),
    /// Nobody is named.
    #[error("Please enter at least one e-mail address.")]
    NobodyInvited,
    /// Too many at once.
    #[error("Please invite at most {0} people at once.")]
    TooManyAtOnce(usize),
    /// Enough for a day.
    #[error("This organization has sent {0} invitations within a day. Please go on tomorrow.")]
    TooManyToday(i64),
    /// The mail cannot even have been read.
    #[error("An invitation went to {0} less than a minute ago. Please wait a moment before sending another one.")]
    TooSoon(String),
    /// No invitation waits for this address.
    #[error("No invitation to {0} is waiting: it was accepted or taken back.")]
    InvitationUnknown(String),
    /// The link was used, taken back, replaced or ended.
    #[error("This invitation was used, taken back or replaced by a newer one, or it has expired.")]
    InvitationVoid,
    /// The text cannot be a team's name.
    #[error("Please enter a team name of 1 to 64 characters.")]
    TeamNameMalformed,
    /// Another team has it.
    #[error("Another team has this address. Please choose another name or address.")]
    TeamTaken,
    /// There is no such team.
    #[error("There is no such team.")]
    TeamUnknown,
    /// Members do not join and leave by themselves.
    #[error("In this organization, people are put into teams by others. Ask somebody whose role allows it.")]
    TeamsClosed,
    /// No such policy.
    #[error("Applications are open to members, or need approval: open or approval.")]
    ApplicationPolicy,
    /// No such decision.
    #[error("An application is allowed or refused.")]
    ApplicationStatus,
    /// No such application, or not one for organizations.
    #[error("There is no such application.")]
    ApplicationUnknown,
    /// Enough wait.
    #[error("{0} applications wait for a decision already. Please ask an owner to decide first.")]
    TooManyAsked(i64),
    /// Whoever looks is not in the team, and teams are closed here.
    #[error("You are not in this team, and teams of this organization are closed. Ask somebody in it.")]
    NotInTeam,
    /// It is not what it was when whoever changes it saw it.
    #[error("It has changed since you read it: read it again, then change it.")]
    Changed,
    /// More than anybody is in.
    #[error("Please name at most {0} teams.")]
    TooManyTeams(usize),
    /// Enough.
    #[error("This organization has {0} teams. Please delete some that nobody uses.")]
    TeamsFull(i64),
    /// Enough.
    #[error("You own {0} organizations, which is as many as one person makes here. Please delete one first.")]
    OrganizationsFull(i64),
    /// The server cannot answer now.
    #[error("{0}")]
    Unavailable(OAuthError),
}

impl From<StoreError> for OrganizationRefusal {
    fn from(error: StoreError) -> Self {
        OrganizationRefusal::Unavailable(error.into())
    }
}
