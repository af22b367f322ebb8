//! The answer of the authorization endpoint, taken as a client takes it: once, by the browser that asked, from the
//! server that was asked.

use super::calls::query;
use super::exchange::{Exchange, Purpose, Wire, lay_out_parameters};
use super::runs::{Held, Run};
use crate::app::App;
use crate::protocol::NumericDate;
use crate::protocol::endpoints;
use crate::protocol::params::Params;

/// How the answer came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Carrier {
    /// In the address.
    Query,
    /// Behind the `#`.
    Fragment,
    /// As a form (OAuth 2.0 Form Post Response Mode).
    FormPost,
}

/// Writes the answer into its run, unless one is there.
pub fn take(app: &App, run: &mut Run, carrier: Carrier, answer: &Params) {
    if run.answered {
        return;
    }
    run.answered = true;
    let one = |name: &str| answer.once(name).ok().flatten().map(str::to_owned);
    // RFC 9207 section 2.4: compared before anything else of the answer is believed.
    let mixed_up = one("iss").as_deref() != Some(app.issuer.as_str());
    let refused = mixed_up || one("error").is_some();
    run.exchanges.push(exchange(app, run, carrier, answer, refused, mixed_up));
    if refused {
        return;
    }
    let now = app.clock.now();
    run.code = one("code").map(|code| Held::new(code, Some(now + app.config.tokens.code_lifetime)));
    run.access_token = one("access_token").map(|token| Held::new(token, expiry(one("expires_in").as_deref(), now)));
}

fn expiry(expires_in: Option<&str>, now: NumericDate) -> Option<NumericDate> {
    Some(now + expires_in?.parse::<i64>().ok()?)
}

fn exchange(app: &App, run: &Run, carrier: Carrier, answer: &Params, refused: bool, mixed_up: bool) -> Exchange {
    let request = Wire {
        start_line: format!("GET {}{}", app.issuer.path(), endpoints::AUTHORIZATION),
        headers: Vec::new(),
        body: lay_out_parameters(&run.request),
        status: None,
    };
    let parameters: Vec<(&str, &str)> = answer.iter().collect();
    let body = lay_out_parameters(&parameters);
    let address = run.asked("redirect_uri").unwrap_or_default();
    let note = if mixed_up { "\n\n(iss is missing or another server's: this answer is not believed)" } else { "" };
    let (start_line, location, body, status) = match carrier {
        Carrier::Query => ("303 See Other", format!("{address}?.."), format!("?{body}{note}"), 303),
        Carrier::Fragment => ("303 See Other", format!("{address}#.."), format!("#{body}{note}"), 303),
        Carrier::FormPost => ("200 OK, a form that sends itself", address.to_owned(), format!("{body}{note}"), 200),
    };
    let name = if carrier == Carrier::FormPost { "POST to" } else { "Location" };
    let curl = format!(
        "# As a browser that is signed in; the page or the Location answers.\ncurl -i '{}?{}'",
        app.issuer.endpoint(endpoints::AUTHORIZATION),
        query(&run.request)
    );
    Exchange {
        purpose: Purpose::Authorize,
        request,
        response: Wire {
            start_line: start_line.to_owned(),
            headers: vec![(name.to_owned(), location)],
            body,
            status: Some(if refused { 400 } else { status }),
        },
        curl: Some(curl),
        refused,
    }
}
