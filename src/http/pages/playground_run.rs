//! The playground's second page: every message of a run, what it means, and what can be done next.

use super::{Frame, Hidden};
use askama::Template;

/// The timeline of a run. Each action is a form of its own, so all works without scripts.
#[derive(Template)]
#[template(path = "playground_run.html")]
pub struct PlaygroundRunPage {
    /// Around the page.
    pub frame: Frame,
    /// E.g. "The code has arrived".
    pub title: String,
    /// One sentence below it.
    pub summary: String,
    /// Hidden field `csrf_token` of every action.
    pub csrf_token: String,
    /// In the order they happened.
    pub steps: Vec<Step>,
    /// Redeem, refresh, introspect, revoke, start over: those that make sense now.
    pub actions: Vec<Action>,
    /// The way from request to revocation.
    pub track: Vec<Stage>,
    /// What the client holds now.
    pub held: Vec<HeldToken>,
}

/// One exchange.
pub struct Step {
    /// E.g. "The code becomes tokens".
    pub title: String,
    /// What it means, one to three sentences.
    pub meaning: String,
    /// Who could see it.
    pub channel: Channel,
    /// The answer was an error.
    pub refused: bool,
    /// What was sent.
    pub request: Option<Message>,
    /// What came back.
    pub response: Option<Message>,
    /// Each parameter explained: name and meaning.
    pub glossary: Vec<Hidden>,
    /// The same as a shell command.
    pub curl: Option<String>,
}

impl Step {
    fn messages(&self) -> impl Iterator<Item = &Message> {
        self.request.iter().chain(&self.response)
    }
}

/// RFC 6749 section 2.1 ff.: through the browser, or straight between two servers.
#[derive(Clone, Copy)]
pub enum Channel {
    /// Redirects: the user, extensions and histories can see it.
    Front,
    /// A direct request.
    Back,
}

impl Channel {
    fn label(self) -> &'static str {
        match self {
            Self::Front => "through the browser",
            Self::Back => "server to server",
        }
    }
}

/// One HTTP message, as text.
pub struct Message {
    /// Request line or status line.
    pub start_line: String,
    /// Worth showing, in order.
    pub headers: Vec<Hidden>,
    /// Laid out for reading: one parameter a line, JSON indented.
    pub body: String,
    /// `None`: a request.
    pub status: Option<u16>,
}

impl Message {
    fn way(&self) -> &'static str {
        if self.status.is_some() { "Response" } else { "Request" }
    }

    fn lines(&self) -> impl Iterator<Item = Line<'_>> {
        self.body.lines().map(Line::new)
    }

    fn tint(&self) -> &'static str {
        match self.status {
            None => "",
            Some(..400) => " ok",
            Some(_) => " no",
        }
    }
}

/// A line of a body, cut around the parameter or JSON member it begins with.
struct Line<'a> {
    before: &'a str,
    name: &'a str,
    after: &'a str,
}

impl<'a> Line<'a> {
    fn new(line: &'a str) -> Self {
        let start = line.len() - line.trim_start_matches([' ', '&', '"', '?', '#']).len();
        let end = line[start..].find(['=', '"']).map_or(start, |length| start + length);
        let is_name = line[start..end].chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        let is_named = is_name && (line[end..].starts_with('=') || line[end..].starts_with("\":"));
        let (start, end) = if is_named { (start, end) } else { (0, 0) };
        Self { before: &line[..start], name: &line[start..end], after: &line[end..] }
    }
}

/// One button.
pub struct Action {
    /// Element id, e.g. `playground-redeem`.
    pub id: String,
    /// Where it posts to.
    pub action: String,
    /// On the button.
    pub label: String,
    /// What to watch for.
    pub hint: String,
    /// The one that leads on.
    pub primary: bool,
    /// What it carries.
    pub fields: Vec<Hidden>,
}

/// One stop on the way.
pub struct Stage {
    /// E.g. "Redeem the code".
    pub label: String,
    /// Behind, here, ahead.
    pub progress: Progress,
}

/// Where a stage is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// Behind.
    Done,
    /// Here.
    Now,
    /// Ahead.
    Ahead,
}

impl Progress {
    fn is_done(self) -> bool {
        self == Self::Done
    }

    fn is_now(self) -> bool {
        self == Self::Now
    }

    fn class(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Now => "now",
            Self::Ahead => "ahead",
        }
    }

    fn icon(self) -> &'static str {
        match self {
            Self::Done => "i-check",
            Self::Now => "i-right",
            Self::Ahead => "i-dot",
        }
    }
}

/// A token or code in the client's hands.
pub struct HeldToken {
    /// E.g. "Access token".
    pub label: String,
    /// Whole: this is the developer's own demo client.
    pub value: String,
    /// E.g. "valid 59 minutes", "used", "revoked".
    pub state: String,
    /// Colours the state.
    pub usable: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_shows_the_parameter_or_member_it_begins_with() {
        for (text, cut) in [
            ("&scope=org:read", ("&", "scope", "=org:read")),
            ("#code=x", ("#", "code", "=x")),
            ("  \"expires_in\": 3600,", ("  \"", "expires_in", "\": 3600,")),
            ("  \"https://a.example/\"", ("", "", "  \"https://a.example/\"")),
            ("{", ("", "", "{")),
        ] {
            let line = Line::new(text);
            assert_eq!((line.before, line.name, line.after), cut);
        }
    }
}
