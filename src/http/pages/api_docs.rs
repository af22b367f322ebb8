//! The API's documentation, made from its document.

use askama::Template;

use super::Frame;

/// The page.
#[derive(Template)]
#[template(path = "api_docs.html")]
pub struct ApiDocsPage {
    /// Around the page.
    pub frame: Frame,
    /// Address of the API.
    pub base: String,
    /// Own path of the document.
    pub document_href: String,
    /// Operations by what they are about.
    pub groups: Vec<DocsGroup>,
    /// What can go wrong.
    pub codes: Vec<DocsCode>,
}

/// Operations about one thing.
pub struct DocsGroup {
    /// Stable name.
    pub id: String,
    /// What they are about.
    pub name: String,
    /// The operations.
    pub operations: Vec<DocsOperation>,
}

/// One method of one path.
pub struct DocsOperation {
    /// Stable name.
    pub id: String,
    /// `GET` ..
    pub method: String,
    /// The same in lower case, for colours.
    pub tone: String,
    /// With placeholders.
    pub path: String,
    /// What it does.
    pub summary: String,
    /// More.
    pub description: String,
    /// The scope it needs.
    pub scope: Option<String>,
    /// What may authenticate, in words.
    pub credentials: String,
    /// Of path, query and header.
    pub parameters: Vec<DocsParameter>,
    /// Members of the body.
    pub body: Vec<DocsField>,
    /// What it answers where all is well.
    pub answers: Vec<DocsAnswer>,
    /// A command to try.
    pub example: String,
}

/// A parameter.
pub struct DocsParameter {
    /// Its name.
    pub name: String,
    /// `path`, `query` or `header`.
    pub place: String,
    /// Its type in words.
    pub kind: String,
    /// More.
    pub text: String,
}

/// An answer.
pub struct DocsAnswer {
    /// Status.
    pub status: String,
    /// What it says.
    pub text: String,
    /// It is a list of these.
    pub list: bool,
    /// Members.
    pub fields: Vec<DocsField>,
}

/// A member of a JSON object.
pub struct DocsField {
    /// Its name, with those it stands in.
    pub name: String,
    /// Its type in words.
    pub kind: String,
    /// It is always there, or has to be.
    pub required: bool,
    /// More.
    pub text: String,
}

/// A code of a problem.
pub struct DocsCode {
    /// The code.
    pub code: &'static str,
    /// Its status.
    pub status: u16,
    /// What to do.
    pub text: &'static str,
}
