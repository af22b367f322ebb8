//! `/admin`: how much there is, and what happened lately.

use actix_web::http::StatusCode;
use actix_web::{Error, HttpResponse};

use super::ENDPOINT;
use super::charts::{About, draw};
use super::enter::{administrator, frame, own};
use super::lists::grouped;
use crate::flows::administration::{HourlyCountRow, find, statistics};
use crate::http::answer::page::{Forms, page};
use crate::http::pages::admin::{Chart, DashboardPage, Total, Window};
use crate::http::visit::Visit;
use crate::protocol::NumericDate;

/// Hours, hours an interval, and what the link says.
const WINDOWS: [(i64, i64, &str); 3] = [(24, 1, "24 hours"), (7 * 24, 6, "7 days"), (30 * 24, 24, "30 days")];

/// GET.
///
/// # Errors
/// A page.
pub async fn get(visit: Visit) -> Result<HttpResponse, Error> {
    administrator(&visit)?;
    let params = visit.query()?;
    let asked = params.once("hours").ok().flatten().and_then(|hours| hours.parse::<i64>().ok());
    let (hours, each, label) = WINDOWS.into_iter().find(|(hours, ..)| Some(*hours) == asked).unwrap_or(WINDOWS[0]);
    let failed = |error| visit.refuse(ENDPOINT, error);
    let totals = find::totals(&visit.app).await.map_err(failed)?;
    let rows = statistics::hourly(&visit.app, hours).await.map_err(failed)?;
    let total = |number: i64, one: &str, many: &str| Total {
        number: grouped(number),
        words: if number == 1 { one.to_owned() } else { many.to_owned() },
    };
    let window = |(value, _, label): (i64, i64, &'static str)| Window {
        label,
        href: format!("{}?hours={value}", own(&visit, "")),
        current: value == hours,
    };
    let now = visit.app.clock.now();
    let shown = DashboardPage {
        frame: visit.frame(),
        admin: frame(&visit, ""),
        lead: format!("What happened in the last {label}, on all nodes; a minute late at most."),
        totals: vec![
            total(totals.users, "user", "users"),
            total(totals.administrators, "administrator", "administrators"),
            total(totals.clients, "application", "applications"),
            total(totals.organizations, "organization", "organizations"),
            total(totals.personal_tokens, "personal token", "personal tokens"),
            total(totals.api_keys, "API key", "API keys"),
        ],
        windows: WINDOWS.into_iter().map(window).collect(),
        charts: charts(&rows, statistics::begin(now, hours), each, hours, now),
    };
    Ok(page(&visit, StatusCode::OK, Forms::Here, &shown))
}

fn charts(rows: &[HourlyCountRow], begin: NumericDate, each: i64, hours: i64, now: NumericDate) -> Vec<Chart> {
    let intervals = usize::try_from(hours / each).unwrap_or(1);
    let of = |name: &str, label: fn(&str) -> String| statistics::series(rows, name, begin, each, intervals, label);
    let chart = |id, title, what, series| draw(About { id, title, what }, series, begin, each * 3600, now);
    vec![
        chart("sign-ins", "Sign-ins", ("sign-in", "sign-ins"), of("sign_in", sign_in)),
        chart("tokens", "Access tokens issued", ("token", "tokens"), of("issued", words)),
        chart("refusals", "Requests refused", ("refusal", "refusals"), of("refused", words)),
        chart("introspections", "Introspections", ("introspection", "introspections"), of("introspection", words)),
    ]
}

fn sign_in(label: &str) -> String {
    match label {
        "ok" => "succeeded".to_owned(),
        "failed wrong_password" => "with a wrong password".to_owned(),
        "failed unknown_account" => "to an account that is not there".to_owned(),
        "failed account_disabled" => "to a disabled account".to_owned(),
        "failed throttled" => "too many at once".to_owned(),
        "failed provider" => "refused after a provider's word".to_owned(),
        other => words(other),
    }
}

fn words(label: &str) -> String {
    label.replace('_', " ")
}
