//! One exchange of HTTP messages, kept as it was, and laid out for reading.

use crate::http::pages::{Hidden, Message};

/// What an exchange was for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// RFC 6749 section 4.1.1 or 4.2.1.
    Authorize,
    /// RFC 6749 section 4.1.3.
    Redeem,
    /// The same code again.
    RedeemAgain,
    /// RFC 6749 section 6.
    Refresh,
    /// The spent refresh token again.
    RefreshAgain,
    /// RFC 7662, the access token.
    Introspect,
    /// RFC 7009, the refresh token and its family.
    Revoke,
    /// RFC 7009, the access token alone.
    RevokeAccess,
}

/// What was sent and what came back.
#[derive(Clone)]
pub struct Exchange {
    /// What for.
    pub purpose: Purpose,
    /// Sent.
    pub request: Wire,
    /// Came back.
    pub response: Wire,
    /// The same as a shell command.
    pub curl: Option<String>,
    /// The answer is a refusal.
    pub refused: bool,
}

/// One message as text.
#[derive(Clone)]
pub struct Wire {
    /// Request line or status line.
    pub start_line: String,
    /// Worth showing, in order.
    pub headers: Vec<(String, String)>,
    /// Laid out.
    pub body: String,
    /// `None`: a request.
    pub status: Option<u16>,
}

impl Wire {
    /// For the page.
    pub fn message(&self) -> Message {
        Message {
            start_line: self.start_line.clone(),
            headers: self.headers.iter().map(|(name, value)| Hidden::new(name, value)).collect(),
            body: self.body.clone(),
            status: self.status,
        }
    }
}

/// One parameter a line, decoded: what a person reads, not what is sent.
pub fn lay_out_parameters<N: AsRef<str>, V: AsRef<str>>(parameters: &[(N, V)]) -> String {
    let lines: Vec<String> =
        parameters.iter().map(|(name, value)| format!("{}={}", name.as_ref(), value.as_ref())).collect();
    lines.join("\n&")
}

/// JSON with one member a line, members in the order they came; anything else as it is.
pub fn lay_out_json(text: &str) -> String {
    if serde_json::from_str::<serde_json::Value>(text).is_err() {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len() * 2);
    let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
    let new_line = |out: &mut String, depth: usize| {
        out.push('\n');
        out.push_str(&"  ".repeat(depth));
    };
    for character in text.chars() {
        if in_string {
            out.push(character);
            in_string = escaped || character != '"';
            escaped = character == '\\' && !escaped;
            continue;
        }
        match character {
            '"' => {
                in_string = true;
                out.push('"');
            }
            '{' | '[' => {
                depth += 1;
                out.push(character);
                new_line(&mut out, depth);
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                new_line(&mut out, depth);
                out.push(character);
            }
            ',' => {
                out.push(',');
                new_line(&mut out, depth);
            }
            ':' => out.push_str(": "),
            space if space.is_whitespace() => {}
            other => out.push(other),
        }
    }
    out
}

/// `HTTP/1.1 200 OK`'s second half.
pub fn status_line(status: u16) -> String {
    let reason = match status {
        200 => "OK",
        302 => "Found",
        303 => "See Other",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        429 => "Too Many Requests",
        500 => "Internal Server Error",
        503 => "Service Unavailable",
        _ => "",
    };
    format!("{status} {reason}").trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_laid_out_in_the_order_it_came() {
        let text = r#"{"token_type":"Bearer","aud":["a","b:{\"c\\"],"active":true}"#;
        let expected = "{\n  \"token_type\": \"Bearer\",\n  \"aud\": [\n    \"a\",\n    \"b:{\\\"c\\\\\"\n  ],\n  \
                        \"active\": true\n}";
        assert_eq!(lay_out_json(text), expected);
        assert_eq!(lay_out_json("not {json"), "not {json");
    }

    #[test]
    fn parameters_stand_one_a_line() {
        assert_eq!(lay_out_parameters(&[("a", "1 2"), ("b", "")]), "a=1 2\n&b=");
    }
}
