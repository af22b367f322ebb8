//! What the addresses of an account are told when one of them comes, goes, or becomes the main one (ASVS 6.3.7).

use super::letter::{Button, Letter};
use super::words::{NOT_YOU, account, contact, one_line};
use super::{Mail, Recipient};
use crate::app::App;

/// The letter; `base` for every other mail.
pub(super) fn letter(app: &App, mail: &Mail, to: &Recipient, base: Letter) -> Letter {
    let brand = one_line(&app.config.server.brand);
    let see = || Some(Button { label: "See my addresses", url: app.issuer.endpoint("/account/email") });
    let facts = |label, email: &str| [account(to), vec![(label, one_line(email))]].concat();
    match mail {
        Mail::EmailChanged { email, stays: true } => Letter {
            subject: format!("Your main e-mail address for {brand} was changed"),
            heading: "Your account has another main address".to_owned(),
            paragraphs: vec![
                "From now on mail about your account goes to that one.".to_owned(),
                "This one stays a further address: until you remove it, a new password can be asked for here.".to_owned(),
            ],
            facts: facts("Main address", email),
            button: see(),
            notes: vec![NOT_YOU.to_owned()],
            ..base
        },
        Mail::EmailChanged { email, stays: false } => Letter {
            subject: format!("Your e-mail address for {brand} was changed"),
            heading: "Your account has another address".to_owned(),
            paragraphs: vec![
                "From now on mail about your account goes to the new address, and no more to this one.".to_owned(),
            ],
            facts: facts("New address", email),
            notes: vec![NOT_YOU.to_owned(), last_here(app)],
            ..base
        },
        Mail::EmailAdded { email } => Letter {
            subject: format!("An e-mail address was added to your account for {brand}"),
            heading: "Your account has a further address".to_owned(),
            paragraphs: vec![
                "Whoever reads mail sent there can ask for a new password of your account. If you added it, all is well."
                    .to_owned(),
            ],
            facts: facts("Further address", email),
            button: see(),
            notes: vec![format!("If it was not you, remove that address. {NOT_YOU}")],
            ..base
        },
        Mail::EmailRemoved { email } => {
            let gone = to.address() == email;
            Letter {
                subject: format!("An e-mail address was removed from your account for {brand}"),
                heading: "Your account has one address less".to_owned(),
                paragraphs: vec![
                    "No new password can be asked for there any more, and links that were sent there no longer work."
                        .to_owned(),
                ],
                facts: facts("Removed address", email),
                button: see().filter(|_| !gone),
                notes: [Some(NOT_YOU.to_owned()), gone.then(|| last_here(app))].into_iter().flatten().collect(),
                ..base
            }
        }
        _ => base,
    }
}

fn last_here(app: &App) -> String {
    format!("This mail is the last one here: if you cannot sign in, ask {}.", contact(app))
}
