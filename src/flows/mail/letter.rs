//! What a mail looks like: one letter, as text and as HTML. askama escapes the HTML; the text needs none.

use askama::Template;

/// A letter. Every field is ready to be read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Letter {
    /// Subject line.
    pub subject: String,
    /// Who writes.
    pub brand: String,
    /// First line.
    pub heading: String,
    /// What it is about.
    pub paragraphs: Vec<String>,
    /// Names and values.
    pub facts: Vec<(&'static str, String)>,
    /// What to press.
    pub button: Option<Button>,
    /// What else to know.
    pub notes: Vec<String>,
    /// Why the reader gets it.
    pub footer: String,
}

/// A link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Button {
    /// What it does.
    pub label: &'static str,
    /// Where it leads: below the issuer, always.
    pub url: String,
}

#[derive(Template)]
#[template(path = "mail/letter.html")]
struct Html<'a> {
    subject: &'a str,
    brand: &'a str,
    heading: &'a str,
    paragraphs: &'a [String],
    facts: &'a [(&'static str, String)],
    button: &'a Option<Button>,
    notes: &'a [String],
    footer: &'a str,
}

#[derive(Template)]
#[template(path = "mail/letter.txt")]
struct Text<'a> {
    heading: &'a str,
    paragraphs: &'a [String],
    facts: &'a [(&'static str, String)],
    button: &'a Option<Button>,
    notes: &'a [String],
    footer: &'a str,
}

impl Letter {
    /// As HTML.
    pub fn html(&self) -> String {
        let Letter { subject, brand, heading, paragraphs, facts, button, notes, footer } = self;
        rendered(Html { subject, brand, heading, paragraphs, facts, button, notes, footer }.render())
    }

    /// As plain text.
    pub fn text(&self) -> String {
        let Letter { heading, paragraphs, facts, button, notes, footer, .. } = self;
        rendered(Text { heading, paragraphs, facts, button, notes, footer }.render())
    }
}

/// Writing into a text does not fail.
fn rendered(text: askama::Result<String>) -> String {
    text.unwrap_or_else(|error| {
        tracing::error!(%error, "a mail could not be written");
        String::new()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn letter(text: &str) -> Letter {
        Letter {
            subject: text.to_owned(),
            brand: text.to_owned(),
            heading: text.to_owned(),
            paragraphs: vec![text.to_owned()],
            facts: vec![("Account", text.to_owned())],
            button: Some(Button { label: "Open", url: format!("https://as.test/{text}") }),
            notes: vec![text.to_owned()],
            footer: text.to_owned(),
        }
    }

    /// C69.
    #[test]
    fn nothing_in_a_letter_becomes_markup() {
        let html = letter("\"><svg onload=alert(1)>'").html();
        assert!(!html.contains("<svg") && html.contains("&#60;svg"), "{html}");
    }

    #[test]
    fn the_text_says_what_the_html_says() {
        insta::assert_snapshot!(letter("words & more").text(), @r"
        words & more

        words & more

        Account: words & more

        Open:
        https://as.test/words & more

        words & more

        -- 
        words & more
        ");
    }
}
