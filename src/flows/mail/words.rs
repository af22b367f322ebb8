//! What each mail says. Names that strangers chose are shown as they are, but never with a line of their own.

use super::letter::{Button, Letter};
use super::{Mail, Recipient, words_of_addresses as addresses};
use crate::app::App;
use crate::flows::device;
use crate::protocol::rfc3339;
use crate::protocol::text::is_safe_to_display;

/// Characters of a name that are shown.
const NAME: usize = 100;

const ONCE: &str = "The link works once, within an hour.";
pub(super) const NOT_YOU: &str =
    "If this was not you, somebody else may use your account: reset your password and look at your sessions.";

/// The letter. `link` is the address of the link made with the mail, if it carries one.
pub(super) fn letter(app: &App, mail: &Mail, to: &Recipient, link: Option<String>) -> Letter {
    let brand = one_line(&app.config.server.brand);
    let own = |path: &str| app.issuer.endpoint(path);
    let button = |label, url: String| Some(Button { label, url });
    let base = Letter { brand: brand.clone(), facts: account(to), footer: footer(app, to), ..Letter::default() };
    match mail {
        Mail::Invitation { organization, inviter, role, path, expires_at } => {
            let organization = one_line(organization);
            let who =
                inviter.as_deref().map_or("You are invited".to_owned(), |who| format!("{} invites you", one_line(who)));
            Letter {
                subject: format!("{who} to {organization}"),
                heading: format!("Join {organization}"),
                paragraphs: vec![format!("{who} to the organization {organization} at {brand}.")],
                facts: vec![("Role", one_line(role)), ("Good until", when(*expires_at))],
                button: button("See the invitation", own(path)),
                notes: vec![
                    "If you expect no invitation, do nothing: you become a member only by accepting it.".to_owned(),
                ],
                ..base
            }
        }
        Mail::LinkAccount { organization, provider, path } => {
            let (organization, provider) = (one_line(organization), one_line(provider));
            Letter {
                subject: format!("Link your account for {organization}"),
                heading: format!("{organization} signs in with {provider}"),
                paragraphs: vec![format!(
                    "To go on using {organization}, link your account here with the one you have at {provider}. Until \
                     then neither you nor the applications you use reach it."
                )],
                button: button("Link my account", own(path)),
                ..base
            }
        }
        Mail::SsoDisabled { organization, provider, .. } => {
            let (organization, provider) = (one_line(organization), one_line(provider));
            let (note, button) = match link {
                Some(link) => {
                    (format!("Your account has no password yet: set one. {ONCE}"), button("Set a password", link))
                }
                None => ("Sign in with your user name and password.".to_owned(), None),
            };
            Letter {
                subject: format!("{organization} no longer signs in with {provider}"),
                heading: format!("Single sign-on of {organization} is off"),
                paragraphs: vec![
                    format!("You can no longer sign in to {organization} with your account at {provider}."),
                    note,
                ],
                notes: vec![format!("If the link is over, ask for another one at {}.", own("/recover"))],
                button,
                ..base
            }
        }
        Mail::ApplicationAsked { organization, application, member, path } => {
            let (organization, application) = (one_line(organization), one_line(application));
            Letter {
                subject: format!("{application} asks for access to {organization}"),
                heading: format!("May members use {application}?"),
                paragraphs: vec![format!(
                    "{} would like to give the application {application} access to {organization}. Its members may do so \
                     once an owner has allowed it.",
                    one_line(member)
                )],
                button: button("Decide", own(path)),
                notes: vec![format!(
                    "You get this because you own {organization}. Until somebody decides, the answer is no."
                )],
                ..base
            }
        }
        Mail::IdentityLost { organization, provider, reason, path } => {
            let (organization, provider) = (one_line(organization), one_line(provider));
            Letter {
                subject: format!("Your access to {organization} needs attention"),
                heading: format!("Your account at {provider} is no longer linked"),
                paragraphs: vec![
                    one_line(reason),
                    format!("You, and the applications you allowed, do not reach {organization} for now."),
                ],
                button: path.as_ref().and_then(|path| button("Link it again", own(path))),
                notes: vec![format!("If you do not know why, ask the owners of {organization}.")],
                ..base
            }
        }
        Mail::IdentityRekeyed { organization, provider } => {
            let (organization, provider) = (one_line(organization), one_line(provider));
            Letter {
                subject: format!("Your link to {organization} was carried over"),
                heading: format!("{provider} calls your account something else now"),
                paragraphs: vec![format!(
                    "{provider} says that the account you linked for {organization} has another identifier there, and \
                     somebody just signed in with it. Your link was carried over: you sign in as before."
                )],
                button: button("See my linked accounts", own("/account/identities")),
                notes: vec![format!(
                    "If you did not sign in just now, or know of no move at {provider}, unlink it and tell the owners of \
                     {organization}."
                )],
                ..base
            }
        }
        Mail::NewSignIn { at, user_agent, address } => Letter {
            subject: format!("New sign-in to {brand}"),
            heading: "Somebody signed in to your account".to_owned(),
            paragraphs: vec![
                "From a browser or a network that your account was not used from before. If it was you, all is well."
                    .to_owned(),
            ],
            facts: [
                account(to),
                vec![("When", when(*at)), ("Browser", device::name(user_agent)), ("Address", one_line(address))],
            ]
            .concat(),
            button: button("See my sessions", own("/account/sessions")),
            notes: vec![NOT_YOU.to_owned()],
            ..base
        },
        Mail::PasswordReset => Letter {
            subject: format!("Reset your password for {brand}"),
            heading: "Set a new password".to_owned(),
            paragraphs: vec![format!("Somebody, most likely you, asked for a new password. {ONCE}")],
            button: link.and_then(|link| button("Set a new password", link)),
            notes: vec!["If it was not you, do nothing: your password stays as it is.".to_owned()],
            ..base
        },
        Mail::SetPassword => Letter {
            subject: format!("Set a password for {brand}"),
            heading: "Set your password".to_owned(),
            paragraphs: vec![format!("Your account has no password yet. {ONCE}")],
            button: link.and_then(|link| button("Set a password", link)),
            notes: vec!["If you did not ask for it, do nothing.".to_owned()],
            ..base
        },
        Mail::NoPassword { organization, path } => {
            let organization = one_line(organization);
            Letter {
                subject: format!("How to sign in to {brand}"),
                heading: format!("Your account belongs to {organization}"),
                paragraphs: vec![format!(
                    "Somebody, most likely you, asked for a new password. Your account has none: {organization} signs you \
                     in."
                )],
                button: button("Sign in", own(path)),
                notes: vec![format!("If that fails, ask the owners of {organization}.")],
                ..base
            }
        }
        Mail::PasswordChanged => Letter {
            subject: format!("Your password for {brand} was changed"),
            heading: "Your password was changed".to_owned(),
            paragraphs: vec!["Every other browser is signed out, and applications have to ask you again.".to_owned()],
            button: button("I did not do this", own("/recover")),
            notes: vec![NOT_YOU.to_owned()],
            ..base
        },
        Mail::FirstProof => Letter {
            subject: format!("Your account for {brand} is confirmed, and has a new password"),
            heading: "Your address is confirmed".to_owned(),
            paragraphs: vec![
                "Nobody had confirmed this address before, so somebody else may have made the account, or used it.".to_owned(),
                "Every way in that was there is gone: sessions, personal tokens, what applications were allowed, linked \
                 sign-ins and further addresses. Allow, make and link again what you need."
                    .to_owned(),
            ],
            button: button("See my account", own("/")),
            notes: vec!["Applications and organizations of the account are still there: delete what is not yours.".to_owned()],
            ..base
        },
        Mail::VerifyEmail => Letter {
            subject: format!("Confirm your e-mail address for {brand}"),
            heading: "Is this your address?".to_owned(),
            paragraphs: vec![format!("Confirm that mail for your account reaches you here. {ONCE}")],
            button: link.and_then(|link| button("Confirm my address", link)),
            notes: vec!["If you have no such account, do nothing.".to_owned()],
            ..base
        },
        Mail::ChangeEmail => Letter {
            subject: format!("Confirm your new e-mail address for {brand}"),
            heading: "Is this your new address?".to_owned(),
            paragraphs: vec![format!(
                "The owner of the account below wants to have mail sent here. Until you confirm, nothing changes. {ONCE}"
            )],
            button: link.and_then(|link| button("Confirm my address", link)),
            notes: vec!["If the account is not yours, do nothing.".to_owned()],
            ..base
        },
        Mail::PersonalTokenMade { name, scopes, expires_at } => Letter {
            subject: format!("A personal token was made for {brand}"),
            heading: "Your account has a new token".to_owned(),
            paragraphs: vec![
                "Whoever holds it may do what stands below in your name. If you made it, all is well.".to_owned(),
            ],
            facts: [
                account(to),
                vec![
                    ("Token", one_line(name)),
                    ("It may", one_line(scopes)),
                    ("It ends", expires_at.map_or("never".to_owned(), when)),
                ],
            ]
            .concat(),
            button: button("See my tokens", own("/account/tokens")),
            notes: vec![format!("If it was not you, delete the token. {NOT_YOU}")],
            ..base
        },
        Mail::ClientSecretMade { application, client_id } => Letter {
            subject: format!("A secret was made for {}", one_line(application)),
            heading: "Your application has a new secret".to_owned(),
            paragraphs: vec!["Whoever holds it may act as your application. If you made it, all is well.".to_owned()],
            facts: [account(to), vec![("Application", one_line(application)), ("client_id", one_line(client_id))]]
                .concat(),
            button: button("See my applications", own("/account/developer")),
            notes: vec![format!("If it was not you, make another secret and let this one end. {NOT_YOU}")],
            ..base
        },
        Mail::AddEmail => Letter {
            subject: format!("Confirm a further e-mail address for {brand}"),
            heading: "Is this your address?".to_owned(),
            paragraphs: vec![format!(
                "The owner of the account below wants to add this address to it, so that a new password can be asked for \
                 here too. Until you confirm, nothing changes. {ONCE}"
            )],
            button: link.and_then(|link| button("Confirm my address", link)),
            notes: vec!["If the account is not yours, do nothing.".to_owned()],
            ..base
        },
        Mail::EmailChanged { .. } | Mail::EmailAdded { .. } | Mail::EmailRemoved { .. } => {
            addresses::letter(app, mail, to, base)
        }
    }
}

pub(super) fn account(to: &Recipient) -> Vec<(&'static str, String)> {
    to.login().map(|login| ("Account", one_line(login))).into_iter().collect()
}

fn footer(app: &App, to: &Recipient) -> String {
    let (brand, issuer) = (one_line(&app.config.server.brand), app.issuer.endpoint("/"));
    match to.login() {
        Some(_) => format!("{brand}, {issuer} · You get this because of your account there."),
        None => format!("{brand}, {issuer}"),
    }
}

/// Whom to ask, in words.
pub fn contact(app: &App) -> String {
    app.config.mail.contact.clone().unwrap_or_else(|| "whoever runs this server".to_owned())
}

fn when(at: i64) -> String {
    let text = rfc3339::text(at);
    format!("{} {} UTC", &text[..10], &text[11..16])
}

/// A name on one line, showing what it is, and not for ever.
pub(super) fn one_line(name: &str) -> String {
    let safe = |character: &char| is_safe_to_display(character.encode_utf8(&mut [0; 4]));
    let line: String = name.chars().filter(safe).take(NAME).collect();
    line.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// ASVS 1.3.11.
    #[test]
    fn a_name_has_no_line_of_its_own() {
        assert_eq!(one_line("Meridian\r\nBcc: x@y.example\u{202e}"), "MeridianBcc: x@y.example");
        assert_eq!(one_line(&"x".repeat(1000)).len(), NAME);
        assert_eq!(when(1_795_321_800), "2026-11-22 04:30 UTC");
    }
}
