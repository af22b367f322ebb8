//! An answer as a whole: status, headers, body. Values that differ from run to run are replaced by names, each only
//! after it was checked to be what the name says.

use grantor::crypto::token::{self, TokenKind, TokenText};
use serde_json::Value;

use super::test_app::Shared;

pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: String,
    /// Values of this run, and what they are called in snapshots.
    names: Vec<(String, String)>,
}

impl Answer {
    /// Reads everything, and remembers every secret in it.
    pub async fn read(shared: &Shared, response: reqwest::Response) -> Answer {
        let status = response.status().as_u16();
        let text = |value: &reqwest::header::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        let headers: Vec<_> =
            response.headers().iter().map(|(name, value)| (name.as_str().to_owned(), text(value))).collect();
        let body = response.text().await.expect("the answer ends well");
        for (_, value) in &headers {
            shared.secrets.saw_in(value);
        }
        shared.secrets.saw_in(&body);
        Answer { status, headers, body, names: shared.names() }
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub fn all(&self, name: &str) -> Vec<&str> {
        self.headers.iter().filter(|(known, _)| known == name).map(|(_, value)| value.as_str()).collect()
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("no JSON ({error}): {}", self.body))
    }

    /// A member of the JSON body that is text.
    pub fn text(&self, member: &str) -> String {
        match &self.json()[member] {
            Value::String(text) => text.clone(),
            other => panic!("{member} is {other} in {} {}", self.status, self.body),
        }
    }

    /// The OAuth error, with its status: `400 invalid_grant`.
    pub fn error(&self) -> String {
        format!("{} {}", self.status, self.text("error"))
    }

    /// The reference of a refusal, wherever it stands.
    pub fn reference(&self) -> String {
        let (_, rest) = self.body.split_once("(reference ").expect("a reference");
        rest.split(')').next().unwrap_or_default().to_owned()
    }

    /// Status, headers that say something, and body. Only what is checked is replaced.
    pub fn whole(&self) -> String {
        const SAYS_NOTHING: [&str; 3] = ["date", "content-length", "x-request-id"];
        let mut headers: Vec<_> =
            self.headers.iter().filter(|(name, _)| !SAYS_NOTHING.contains(&name.as_str())).collect();
        headers.sort();
        let mut text = format!("{}\n", self.status);
        for (name, value) in headers {
            text.push_str(&format!("{name}: {value}\n"));
        }
        text.push('\n');
        text.push_str(&self.body);
        self.named(&text)
    }

    /// The JSON body, values of this run replaced.
    pub fn named_json(&self) -> Value {
        serde_json::from_str(&self.named(&self.body)).expect("JSON")
    }

    /// Replaces what differs from run to run.
    pub fn named(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (value, name) in &self.names {
            text = text.replace(value.as_str(), &format!("[{name}]"));
        }
        let mut out = String::new();
        let mut word = String::new();
        for character in text.chars().chain(std::iter::once('\0')) {
            if character.is_ascii_alphanumeric() || character == '_' {
                word.push(character);
            } else {
                out.push_str(&name_of(&word));
                word.clear();
                out.push(character);
            }
        }
        out.pop();
        out
    }
}

fn name_of(word: &str) -> String {
    if let Some(kind) = token::kind_of(word)
        && TokenText::parse(kind, word).is_ok()
    {
        let name = match kind {
            TokenKind::AuthorizationCode => "code",
            TokenKind::AccessToken => "access token",
            TokenKind::RefreshToken => "refresh token",
            TokenKind::SessionCookie => "session",
            TokenKind::ConsentRequest => "consent request",
            _ => "token",
        };
        return format!("[{name}]");
    }
    match grantor::app::refusal_sink::RefusalSink::slot(word) {
        Some(_) if word.len() == 13 => "[reference]".to_owned(),
        _ => word.to_owned(),
    }
}
