//! A refused form, with each fault at the input it belongs to.

use actix_web::http::StatusCode;

use crate::flows::password_policy::{MAXIMUM_CHARACTERS, MINIMUM_CHARACTERS};
use crate::flows::people::PersonRefusal;
use crate::http::pages::Input;

/// For a form that would undo what somebody else did.
pub const CHANGED_MEANWHILE: &str =
    "Somebody changed it meanwhile, and nothing of what you sent was saved. This is how it is now: look again.";

/// The form as a whole and its inputs; [`Faults::of`] puts the text into one of them.
#[derive(Default)]
pub struct Faults {
    /// The form as a whole.
    pub form: Option<String>,
    /// User name.
    pub login: Option<String>,
    /// Full name.
    pub name: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
    /// New password.
    pub password: Option<String>,
    /// Current password.
    pub current: Option<String>,
}

impl Faults {
    /// What the refusal says, where it belongs.
    pub fn of(refusal: &PersonRefusal) -> Faults {
        let text = Some(refusal.to_string());
        let none = Faults::default();
        match refusal {
            PersonRefusal::LoginMalformed | PersonRefusal::LoginNotAvailable => Faults { login: text, ..none },
            PersonRefusal::NameMalformed => Faults { name: text, ..none },
            PersonRefusal::EmailMalformed | PersonRefusal::AddressThere | PersonRefusal::TooManyAddresses(_) => {
                Faults { email: text, ..none }
            }
            PersonRefusal::Password(_) => Faults { password: text, ..none },
            PersonRefusal::WrongPassword => Faults { current: text, ..none },
            _ => Faults { form: text, ..none },
        }
    }
}

/// The status of the page that shows it, and seconds to wait.
pub fn status(refusal: &PersonRefusal) -> (StatusCode, Option<u64>) {
    match refusal {
        PersonRefusal::Throttled(retry) => (StatusCode::TOO_MANY_REQUESTS, Some(retry.seconds())),
        _ => (StatusCode::BAD_REQUEST, None),
    }
}

/// An input as it was sent.
pub fn input(value: &str, error: Option<String>) -> Input {
    Input { value: value.to_owned(), error }
}

/// What a password must be, as the pages say it.
pub fn password_rules() -> Vec<String> {
    vec![
        format!("{MINIMUM_CHARACTERS} to {MAXIMUM_CHARACTERS} characters of any kind"),
        "Not one that others would try first, such as your name or a common password".to_owned(),
    ]
}
