//! A page as somebody reads it: headings, forms, buttons by their ids; and redirects as a browser sees them.

use std::cell::OnceCell;
use std::ops::Deref;

use scraper::{ElementRef, Html, Selector};

use super::answer::Answer;

pub struct Page {
    answer: Answer,
    /// Read once: without optimization that is dear.
    html: OnceCell<Html>,
}

/// A form ready to be sent.
pub struct Form {
    pub action: String,
    pub fields: Vec<(String, String)>,
}

impl Deref for Page {
    type Target = Answer;

    fn deref(&self) -> &Answer {
        &self.answer
    }
}

impl Page {
    pub fn new(answer: Answer) -> Page {
        Page { answer, html: OnceCell::new() }
    }

    fn html(&self) -> &Html {
        self.html.get_or_init(|| Html::parse_document(&self.body))
    }

    /// Whether an element is there.
    pub fn has(&self, selector: &str) -> bool {
        self.html().select(&parse(selector)).next().is_some()
    }

    /// The words in the first element, spaces folded.
    pub fn words(&self, selector: &str) -> String {
        self.all_words(selector).into_iter().next().unwrap_or_else(|| panic!("no {selector} on {}", self.body))
    }

    /// The words in each element.
    pub fn all_words(&self, selector: &str) -> Vec<String> {
        self.html().select(&parse(selector)).map(words).collect()
    }

    /// An attribute of every element that has it.
    pub fn attributes(&self, selector: &str, name: &str) -> Vec<String> {
        let html = self.html();
        html.select(&parse(selector)).filter_map(|element| element.attr(name)).map(str::to_owned).collect()
    }

    /// The form around a button, with what its fields hold and the button's own name.
    pub fn form(&self, id: &str) -> Form {
        let html = self.html();
        let button = html.select(&parse(&format!("#{id}"))).next();
        let button = button.unwrap_or_else(|| panic!("no #{id} on {} {}", self.status, self.body));
        let form = button.ancestors().filter_map(ElementRef::wrap).find(|element| element.value().name() == "form");
        let form = form.expect("the button stands in a form");
        let value = |element: &ElementRef<'_>, name: &str| element.attr(name).unwrap_or_default().to_owned();
        let sent = |input: &ElementRef<'_>| {
            !matches!(input.attr("type"), Some("radio" | "checkbox")) || input.attr("checked").is_some()
        };
        let mut fields: Vec<(String, String)> = form
            .select(&parse("input[name]"))
            .filter(sent)
            .map(|input| (value(&input, "name"), value(&input, "value")))
            .collect();
        let wanted = parse("textarea[name]");
        let texts = form.select(&wanted);
        fields.extend(texts.map(|text| (value(&text, "name"), text.text().collect())));
        if button.attr("name").is_some() {
            fields.push((value(&button, "name"), value(&button, "value")));
        }
        Form { action: value(&form, "action"), fields }
    }

    /// The form in the head of every page of somebody who is signed in: a good token, for posting it elsewhere.
    pub fn sign_out_form(&self) -> Form {
        let token = self.attributes(".chip input[name=csrf_token]", "value").remove(0);
        Form { action: "/logout".to_owned(), fields: vec![("csrf_token".to_owned(), token)] }
    }

    /// The reference an error page shows.
    pub fn error_reference(&self) -> String {
        self.words("#error-reference")
    }

    /// Where a redirect leads.
    pub fn location(&self) -> &str {
        self.header("location").unwrap_or_else(|| panic!("no redirect but {} {}", self.status, self.body))
    }

    /// Parameters of a redirect that begins with `redirect_uri` to the byte, from query or fragment.
    pub fn redirected_to(&self, redirect_uri: &str) -> Vec<(String, String)> {
        let location = self.location();
        let rest = location.strip_prefix(redirect_uri);
        let rest = rest.unwrap_or_else(|| panic!("{location} does not begin with {redirect_uri}"));
        let query = rest.strip_prefix(['?', '#', '&']).unwrap_or_else(|| panic!("{location}: no parameters"));
        url::form_urlencoded::parse(query.as_bytes()).into_owned().collect()
    }
}

impl Form {
    /// Types into fields, or adds them.
    #[must_use]
    pub fn with(mut self, values: &[(&str, &str)]) -> Form {
        for (name, value) in values {
            match self.fields.iter_mut().find(|(known, _)| known == name) {
                Some(field) => field.1 = (*value).to_owned(),
                None => self.fields.push(((*name).to_owned(), (*value).to_owned())),
            }
        }
        self
    }

    #[must_use]
    pub fn without(mut self, name: &str) -> Form {
        self.fields.retain(|(known, _)| known != name);
        self
    }

    pub fn value(&self, name: &str) -> &str {
        let field = self.fields.iter().find(|(known, _)| known == name);
        &field.unwrap_or_else(|| panic!("no field {name}")).1
    }
}

fn parse(selector: &str) -> Selector {
    Selector::parse(selector).expect("a selector")
}

fn words(element: ElementRef<'_>) -> String {
    element.text().collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
}
