//! What applications may be told of a person.

use askama::Template;

use crate::http::pages::{Frame, Hidden, Input};

/// Posts one field a claim, `seen` and `csrf_token`.
#[derive(Template)]
#[template(path = "account_details.html")]
pub struct DetailsPage {
    /// Around the page.
    pub frame: Frame,
    /// Where the form posts to.
    pub action: String,
    /// Hidden field `csrf_token`.
    pub csrf_token: String,
    /// What the form was filled with.
    pub carried: Vec<Hidden>,
    /// Why somebody else says all this.
    pub managed: Option<String>,
    /// What is wrong with the form as a whole.
    pub error: Option<String>,
    /// The inputs.
    pub groups: Vec<DetailGroup>,
    /// What has just been done.
    pub done: Option<String>,
}

/// Inputs that belong together.
pub struct DetailGroup {
    /// Above them.
    pub title: String,
    /// One a claim.
    pub fields: Vec<Detail>,
}

/// One input; all may stay empty.
pub struct Detail {
    /// Of the element.
    pub id: String,
    /// Of the field.
    pub name: String,
    /// What it is called.
    pub label: String,
    /// What to write; may be empty.
    pub hint: String,
    /// As typed.
    pub input: Input,
}
