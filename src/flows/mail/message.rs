//! The mails there are, and what each needs to know. Paths are own paths below the issuer: every link in a mail begins
//! with the configured issuer, whatever a request said about hosts (A61, C56).

use super::links::LinkKind;
use crate::protocol::NumericDate;

/// One mail. Names that strangers chose are made harmless when the mail is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mail {
    /// Somebody is invited to an organization.
    Invitation {
        /// The organization's name.
        organization: String,
        /// Who invites, if a person does.
        inviter: Option<String>,
        /// The role that waits.
        role: String,
        /// `/invite/{token}`.
        path: String,
        /// When the invitation ends.
        expires_at: NumericDate,
    },
    /// The organization asks its members to link their account at its provider; may be sent again as a reminder.
    LinkAccount {
        /// The organization's name.
        organization: String,
        /// What the provider is called, such as `Google`.
        provider: String,
        /// `/link/{slug}`.
        path: String,
    },
    /// The organization's single sign-on was switched off.
    SsoDisabled {
        /// The organization's name.
        organization: String,
        /// What the provider was called.
        provider: String,
        /// The person has no password: the mail carries a link to set one.
        set_password: bool,
    },
    /// A member asks the owners of an organization to allow an application.
    ApplicationAsked {
        /// The organization's name.
        organization: String,
        /// What the application calls itself.
        application: String,
        /// Who asks.
        member: String,
        /// `/orgs/{slug}/applications`.
        path: String,
    },
    /// The person's identity at the organization's provider is gone: unlinked, or no longer valid there.
    IdentityLost {
        /// The organization's name.
        organization: String,
        /// What the provider is called.
        provider: String,
        /// Why, one sentence for people, such as "The provider says that the account is no more."
        reason: String,
        /// Where to link one again, `/link/{slug}`, if that can help.
        path: Option<String>,
    },
    /// The provider gives the person's account another name now, and declared that it is the same one.
    IdentityRekeyed {
        /// The organization's name.
        organization: String,
        /// What the provider is called.
        provider: String,
    },
    /// The account was used from a browser or a network it had not been used from.
    NewSignIn {
        /// When.
        at: NumericDate,
        /// What the browser calls itself.
        user_agent: String,
        /// Network address.
        address: String,
    },
    /// A link to set a new password was asked for. The link is made with the mail; the recipient needs an account.
    PasswordReset,
    /// The same for somebody who never had a password.
    SetPassword,
    /// Somebody asked to reset the password of an account that signs in at its organization only.
    NoPassword {
        /// The organization's name.
        organization: String,
        /// `/login/{slug}`.
        path: String,
    },
    /// The password was set or changed.
    PasswordChanged,
    /// The same by the first link that proved the main address: every other way in is gone.
    FirstProof,
    /// A link that proves the address is the account's own. The link is made with the mail.
    VerifyEmail,
    /// A link that makes the address the account's main one. The link is made with the mail and goes to the new address.
    ChangeEmail,
    /// A link that makes the address a further one of the account's. The link is made with the mail and goes there.
    AddEmail,
    /// A personal token was made for the account.
    PersonalTokenMade {
        /// What its maker calls it.
        name: String,
        /// What it may do.
        scopes: String,
        /// When it ends.
        expires_at: Option<NumericDate>,
    },
    /// A secret was made for an application of the person's.
    ClientSecretMade {
        /// The application's name.
        application: String,
        /// Its identifier.
        client_id: String,
    },
    /// To the addresses that were there: the account has another main one now.
    EmailChanged {
        /// The new address.
        email: String,
        /// The one this goes to is still one of the account's.
        stays: bool,
    },
    /// To the addresses that were there: the account has one more.
    EmailAdded {
        /// The new address.
        email: String,
    },
    /// To the one that is gone, and to those that are left: the account has one less.
    EmailRemoved {
        /// The address that is gone.
        email: String,
    },
}

impl Mail {
    /// For the row and the metrics.
    pub fn kind(&self) -> &'static str {
        match self {
            Mail::Invitation { .. } => "invitation",
            Mail::LinkAccount { .. } => "link_account",
            Mail::SsoDisabled { .. } => "sso_disabled",
            Mail::ApplicationAsked { .. } => "application_asked",
            Mail::IdentityLost { .. } => "identity_lost",
            Mail::IdentityRekeyed { .. } => "identity_rekeyed",
            Mail::NewSignIn { .. } => "new_sign_in",
            Mail::PasswordReset => "password_reset",
            Mail::SetPassword => "set_password",
            Mail::NoPassword { .. } => "no_password",
            Mail::PasswordChanged => "password_changed",
            Mail::FirstProof => "first_proof",
            Mail::VerifyEmail => "verify_email",
            Mail::ChangeEmail => "change_email",
            Mail::AddEmail => "add_email",
            Mail::EmailChanged { .. } => "email_changed",
            Mail::EmailAdded { .. } => "email_added",
            Mail::EmailRemoved { .. } => "email_removed",
            Mail::PersonalTokenMade { .. } => "personal_token_made",
            Mail::ClientSecretMade { .. } => "client_secret_made",
        }
    }

    /// The link that is made with it.
    pub(super) fn link(&self) -> Option<LinkKind> {
        match self {
            Mail::PasswordReset => Some(LinkKind::ResetPassword),
            Mail::SetPassword | Mail::SsoDisabled { set_password: true, .. } => Some(LinkKind::SetPassword),
            Mail::VerifyEmail => Some(LinkKind::VerifyEmail),
            Mail::ChangeEmail => Some(LinkKind::ChangeEmail),
            Mail::AddEmail => Some(LinkKind::AddEmail),
            _ => None,
        }
    }
}
