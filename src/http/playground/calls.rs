//! The client's own calls: real HTTP requests to this server's endpoints, as any client would send them.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::exchange::{Exchange, Purpose, Wire, lay_out_json, lay_out_parameters, status_line};
use crate::app::App;
use crate::config::dev::DevClient;
use crate::outbound::{self, Answer, OutboundError, Reach, Request};

/// application/x-www-form-urlencoded, with `%20` for a space: RFC 6749 appendix B reads both.
const FORM: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'*');
/// Headers of an answer worth showing.
const SHOWN: [&str; 4] = ["Content-Type", "Cache-Control", "WWW-Authenticate", "Retry-After"];

/// A call to be made.
pub struct Call {
    /// What for.
    pub purpose: Purpose,
    /// Path below the issuer.
    pub endpoint: &'static str,
    /// Form parameters, in order.
    pub parameters: Vec<(&'static str, String)>,
}

/// The exchange, and the answer's body for the client to read.
pub struct Called {
    /// For the record.
    pub exchange: Exchange,
    /// Status and body, if there was an answer.
    pub answer: Option<Answer>,
}

/// Calls as `client`: with its secret in the header (RFC 6749 section 2.3.1), or with its name alone.
pub async fn call(app: &App, client: &DevClient, call: Call) -> Called {
    let Call { purpose, endpoint, mut parameters } = call;
    if client.client_secret.is_none() {
        parameters.push(("client_id", client.client_id.clone()));
    }
    let url = app.issuer.endpoint(endpoint);
    let mut headers = vec![
        ("Accept".to_owned(), "application/json".to_owned()),
        ("Content-Type".to_owned(), "application/x-www-form-urlencoded".to_owned()),
    ];
    if let Some(secret) = &client.client_secret {
        headers.insert(0, ("Authorization".to_owned(), basic(&client.client_id, secret)));
    }
    let request = Wire {
        start_line: format!("POST {}{endpoint}", app.issuer.path()),
        headers: headers.iter().filter(|(name, _)| name != "Accept").cloned().collect(),
        body: lay_out_parameters(&parameters),
        status: None,
    };
    let curl = Some(curl(&url, client, &parameters));
    let sent = Request { method: "POST", url, headers, body: encode(&parameters) };
    let answer = outbound::send(Reach::Loopback, sent).await;
    let response = response(&answer);
    let refused = answer.as_ref().map_or(true, |answer| answer.status >= 400);
    Called { exchange: Exchange { purpose, request, response, curl, refused }, answer: answer.ok() }
}

fn response(answer: &Result<Answer, OutboundError>) -> Wire {
    match answer {
        Ok(answer) => Wire {
            start_line: status_line(answer.status),
            headers: shown(&answer.headers),
            body: lay_out_json(&answer.body),
            status: Some(answer.status),
        },
        Err(error) => Wire {
            start_line: "No answer".to_owned(),
            headers: Vec::new(),
            body: format!(
                "{error}\nThe playground calls this server by its issuer, which must be an address of this machine."
            ),
            status: Some(503),
        },
    }
}

/// In one order and one spelling, whatever the wire says.
fn shown(headers: &[(String, String)]) -> Vec<(String, String)> {
    let value = |shown: &str| headers.iter().find(|(name, _)| name.eq_ignore_ascii_case(shown)).map(|(_, value)| value);
    SHOWN.iter().filter_map(|name| Some(((*name).to_owned(), value(name)?.clone()))).collect()
}

fn encode<N: AsRef<str>, V: AsRef<str>>(parameters: &[(N, V)]) -> String {
    let one = |(name, value): &(N, V)| format!("{}={}", encoded(name.as_ref()), encoded(value.as_ref()));
    parameters.iter().map(one).collect::<Vec<_>>().join("&")
}

/// A query of these parameters.
pub fn query(parameters: &[(&'static str, String)]) -> String {
    encode(parameters)
}

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, FORM).to_string()
}

/// Both parts form-encoded before base64, which most clients forget.
fn basic(client_id: &str, secret: &str) -> String {
    use base64::Engine as _;
    let pair = format!("{}:{}", encoded(client_id), encoded(secret));
    format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(pair))
}

fn curl(url: &str, client: &DevClient, parameters: &[(&'static str, String)]) -> String {
    let mut lines = vec![format!("curl {}", quoted(url))];
    if let Some(secret) = &client.client_secret {
        lines.push(format!("-u {}", quoted(&format!("{}:{secret}", client.client_id))));
    }
    let data = |(name, value): &(&str, String)| match encoded(value) == *value {
        true => format!("-d {}", quoted(&format!("{name}={value}"))),
        false => format!("--data-urlencode {}", quoted(&format!("{name}={value}"))),
    };
    lines.extend(parameters.iter().map(data));
    lines.join(" \\\n  ")
}

/// In single quotes where a shell would read something into it.
fn quoted(text: &str) -> String {
    let plain = |character: char| character.is_ascii_alphanumeric() || "-_.:/=@".contains(character);
    match !text.is_empty() && text.chars().all(plain) {
        true => text.to_owned(),
        false => format!("'{}'", text.replace('\'', "'\\''")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(secret: Option<&str>) -> DevClient {
        DevClient {
            name: "Sundial".to_owned(),
            client_id: "c1".to_owned(),
            client_secret: secret.map(str::to_owned),
            scopes: Vec::new(),
            redirect_uri: String::new(),
            kind: "web".to_owned(),
        }
    }

    /// RFC 6749 section 2.3.1.
    #[test]
    fn both_parts_of_basic_are_form_encoded() {
        assert_eq!(basic("a:b", "c d"), "Basic YSUzQWI6YyUyMGQ=");
    }

    #[test]
    fn the_shell_command_survives_a_shell() {
        let parameters = [("grant_type", "refresh_token".to_owned()), ("scope", "a b'c".to_owned())];
        assert_eq!(
            curl("http://127.0.0.1:8080/oauth/token", &client(Some("s3")), &parameters),
            "curl http://127.0.0.1:8080/oauth/token \\\n  -u c1:s3 \\\n  -d grant_type=refresh_token \\\n  \
             --data-urlencode 'scope=a b'\\''c'"
        );
        assert!(!curl("http://x/", &client(None), &[]).contains("-u"));
    }

    #[test]
    fn parameters_are_form_encoded() {
        assert_eq!(query(&[("scope", "a:b c".to_owned()), ("x", "é&=".to_owned())]), "scope=a%3Ab%20c&x=%C3%A9%26%3D");
    }
}
