//! What several pages share: the frame around each, hidden fields, inputs with their fault, links.

use crate::http::assets;

/// What surrounds every page.
pub struct Frame {
    /// Product name in header and titles.
    pub brand: String,
    /// Path of the issuer without a trailing slash: empty, or e.g. `/auth`. Put before every own path.
    pub base: String,
    /// Whoever is signed in; shows the sign-out button.
    pub user: Option<SignedIn>,
    /// Development server: a strip says so.
    pub dev: bool,
}

impl Frame {
    /// Path of the stylesheet below `base`.
    pub fn stylesheet(&self) -> &'static str {
        &assets::stylesheet().path
    }

    /// Path of the favicon below `base`.
    pub fn icon(&self) -> &'static str {
        &assets::icon().path
    }
}

/// The signed-in user, as the header and the consent page show them.
pub struct SignedIn {
    /// User name.
    pub login: String,
    /// For the sign-out form.
    pub csrf_token: String,
}

impl SignedIn {
    /// What stands in the avatar.
    pub fn initial(&self) -> char {
        initial(&self.login)
    }
}

/// The application a page speaks of, where its name is all that is needed.
pub struct ClientBanner {
    /// Registered name.
    pub name: String,
}

impl ClientBanner {
    /// What stands in the avatar: logos are never loaded (A11).
    pub fn initial(&self) -> char {
        initial(&self.name)
    }
}

/// A name and value carried through a form.
pub struct Hidden {
    /// Field name.
    pub name: String,
    /// Field value.
    pub value: String,
}

impl Hidden {
    /// A carried field.
    pub fn new(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self { name: name.into(), value: value.into() }
    }
}

/// One text input as it was sent, with what is wrong with it. Leave `value` of passwords empty.
#[derive(Default)]
pub struct Input {
    /// Shown again.
    pub value: String,
    /// Shown under the input and announced.
    pub error: Option<String>,
}

/// Where the cursor goes: the first input with a fault, else the first of all. One page has one `autofocus`.
pub(super) fn focus(inputs: &[(&'static str, &Input)]) -> &'static str {
    let faulty = inputs.iter().find(|(_, input)| input.error.is_some());
    faulty.or(inputs.first()).map_or("", |(id, _)| id)
}

/// A link to a page of this server.
pub struct Link {
    /// Text of the link.
    pub label: String,
    /// Own path, `base` included.
    pub href: String,
}

/// A link to somebody else's site. Only http and https exist: `javascript:` and `data:` never become a link (C69).
pub struct WebLink {
    label: &'static str,
    url: String,
}

impl WebLink {
    /// `None` unless `url` is an absolute http or https address.
    pub fn new(label: &'static str, url: impl Into<String>) -> Option<Self> {
        let url = url.into();
        let scheme = url.split_once("://")?.0;
        (scheme.eq_ignore_ascii_case("https") || scheme.eq_ignore_ascii_case("http")).then_some(Self { label, url })
    }

    /// Text of the link.
    pub fn label(&self) -> &'static str {
        self.label
    }

    /// Its address, as registered.
    pub fn url(&self) -> &str {
        &self.url
    }
}

/// First letter or digit, in upper case; `•` when there is none.
pub(super) fn initial(name: &str) -> char {
    name.chars().find(|c| c.is_alphanumeric()).map_or('•', |c| c.to_uppercase().next().unwrap_or(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_avatar_shows_the_first_letter_or_digit() {
        assert_eq!(['S', '4', 'É', '•'], [" sundial", "\"4ever", "écran", "\"><"].map(initial));
    }

    /// C69
    #[test]
    fn only_web_addresses_become_links() {
        assert!(WebLink::new("Homepage", "https://sundial.example/").is_some());
        for url in
            ["javascript:alert(1)", "javascript://x/%0aalert(1)", "data:text/html,x", " https://x", "//x", "/x", ""]
        {
            assert!(WebLink::new("Homepage", url).is_none(), "{url}");
        }
    }
}
