//! A run as its page: the timeline, what can be done next, how far it is.

use super::exchange::{Exchange, Purpose};
use super::runs::{Held, MAXIMUM_STEPS, Run};
use super::words;
use crate::http::pages::{Action, Channel, Frame, HeldToken, Hidden, PlaygroundRunPage, Progress, Stage, Step};
use crate::protocol::NumericDate;

/// The page of a run.
pub fn run_page(frame: Frame, csrf_token: String, run: &Run, now: NumericDate) -> PlaygroundRunPage {
    let (title, summary) = headline(run);
    PlaygroundRunPage {
        title: title.to_owned(),
        summary: summary.to_owned(),
        csrf_token,
        steps: run.exchanges.iter().map(step).collect(),
        actions: actions(run, &format!("{}/playground/act", frame.base), now),
        track: track(run),
        held: held(run, now),
        frame,
    }
}

fn step(exchange: &Exchange) -> Step {
    let (title, meaning) = words::meaning(exchange);
    let channel = if exchange.purpose == Purpose::Authorize { Channel::Front } else { Channel::Back };
    Step {
        title: title.to_owned(),
        meaning: meaning.to_owned(),
        channel,
        refused: exchange.refused,
        request: Some(exchange.request.message()),
        response: Some(exchange.response.message()),
        glossary: words::glossary(exchange).into_iter().map(|(name, words)| Hidden::new(name, words)).collect(),
        curl: exchange.curl.clone(),
    }
}

fn headline(run: &Run) -> (&'static str, &'static str) {
    let Some(last) = run.exchanges.last() else {
        return (
            "Waiting for the answer",
            "Your browser left for the authorization endpoint and has not come back yet.",
        );
    };
    match (last.purpose, last.refused) {
        (Purpose::Authorize, false) if run.code.is_some() => (
            "The code has arrived",
            "Your browser brought the application a code. It lives for a minute and works once: redeem it.",
        ),
        (Purpose::Authorize, false) => (
            "The token has arrived",
            "The implicit flow put the access token into the address of a page, where histories and extensions can read \
             it, and there is no refresh. That is why code with PKCE replaced it.",
        ),
        (Purpose::Authorize, true) => ("No authorization", "The answer is an error. Read why, then ask again."),
        (Purpose::Redeem, false) => (
            "The application is in",
            "It holds an access token for the API. See what the API learns about it, or spend the refresh token.",
        ),
        (Purpose::RedeemAgain, _) => (
            "Caught",
            "A code came twice, so everything it bought is gone. Introspect the access token to see that it is dead.",
        ),
        (Purpose::Refresh, false) => (
            "Refreshed",
            "A new pair, and the old refresh token is spent. Send the spent one again to see what a lost answer costs: \
             nothing.",
        ),
        (Purpose::RefreshAgain, false) => ("The very same pair", "A retry is no theft, and no second family is born."),
        (Purpose::Introspect, false) if run.access_token.as_ref().is_some_and(|token| token.gone.is_some()) => {
            ("Inactive", "The API turns this token away from now on, and nobody but you is told why.")
        }
        (Purpose::Introspect, false) => {
            ("What the server knows about it", "This is all an API needs to decide, fresh at every question.")
        }
        (Purpose::Revoke, false) => {
            ("Given back", "The family is over. Introspect or refresh to see that nothing of it works any more.")
        }
        (Purpose::RevokeAccess, false) => ("Access token given back", "Introspect it: inactive from this moment on."),
        (_, true) => ("The server said no", "A refusal is an answer too: read the error, then what it means."),
    }
}

fn actions(run: &Run, address: &str, now: NumericDate) -> Vec<Action> {
    let mut actions = Vec::new();
    let mut add = |id: &str, act: &str, label: &str, hint: &str| {
        actions.push(Action {
            id: format!("playground-{id}"),
            action: address.to_owned(),
            label: label.to_owned(),
            hint: hint.to_owned(),
            primary: false,
            fields: vec![Hidden::new("run", &run.id), Hidden::new("do", act)],
        });
    };
    let last = run.exchanges.last().map(|exchange| exchange.purpose);
    if run.exchanges.len() < MAXIMUM_STEPS {
        match &run.code {
            Some(code) if code.gone.is_none() => {
                add("redeem", "redeem", "Redeem the code", "Exchange it for tokens, with the verifier.");
            }
            Some(_) if run.access_token.is_some() && last != Some(Purpose::RedeemAgain) => {
                add("redeem-again", "redeem_again", "Play the thief", "Send the used code once more.");
            }
            _ => {}
        }
        if run.access_token.is_some() {
            add("introspect", "introspect", "Introspect", "Ask as the API: is the access token good?");
        }
        if run.refresh_token.is_some() {
            add("refresh", "refresh", "Refresh", "Spend the refresh token on a new pair.");
        }
        if run.spent_refresh_token.is_some() {
            add("refresh-again", "refresh_again", "Lose the answer", "Send the spent refresh token again.");
        }
        if run.refresh_token.is_some() {
            add("revoke", "revoke", "Revoke", "Give the refresh token back: the whole family falls.");
            add("revoke-access", "revoke_access", "Revoke the access token", "Only this one token ends.");
        } else if run.access_token.is_some() {
            add("revoke", "revoke", "Revoke", "Give the access token back.");
        }
    }
    if run.client.is_some() {
        add("repeat", "repeat", "Ask again", "The same request once more. Is there still a question?");
    }
    add("again", "again", "Start over", "Another request, another application.");
    let main = leading(run, last, now);
    if let Some(index) = actions.iter().position(|action| action.id == format!("playground-{main}")) {
        let mut action = actions.remove(index);
        action.primary = true;
        actions.insert(0, action);
    }
    actions
}

/// The button that leads on.
fn leading(run: &Run, last: Option<Purpose>, now: NumericDate) -> &'static str {
    let done = |purpose| run.exchanges.iter().any(|exchange| exchange.purpose == purpose);
    let usable = |held: &Option<Held>| held.as_ref().is_some_and(|held| held.is_usable(now));
    match last {
        _ if usable(&run.code) => "redeem",
        Some(Purpose::Revoke | Purpose::RevokeAccess | Purpose::RedeemAgain) => "introspect",
        _ if usable(&run.access_token) && !done(Purpose::Introspect) => "introspect",
        _ if usable(&run.refresh_token) && !done(Purpose::Refresh) => "refresh",
        _ if usable(&run.access_token) && !done(Purpose::Revoke) => "revoke",
        _ => "again",
    }
}

fn track(run: &Run) -> Vec<Stage> {
    let done = |purposes: &[Purpose]| {
        run.exchanges.iter().any(|exchange| !exchange.refused && purposes.contains(&exchange.purpose))
    };
    let mut stages = vec![("Ask for an authorization", done(&[Purpose::Authorize]))];
    if run.asked("response_type") != Some("token") {
        stages.push(("Redeem the code", done(&[Purpose::Redeem])));
    }
    stages.push(("Use and introspect", done(&[Purpose::Introspect])));
    if run.asked("response_type") != Some("token") {
        stages.push(("Refresh", done(&[Purpose::Refresh])));
    }
    stages.push(("Revoke", done(&[Purpose::Revoke, Purpose::RedeemAgain])));
    let now = stages.iter().position(|(_, done)| !done);
    let progress = |index: usize, done: bool| match done {
        true => Progress::Done,
        false if Some(index) == now => Progress::Now,
        false => Progress::Ahead,
    };
    let numbered = stages.into_iter().enumerate();
    numbered.map(|(index, (label, done))| Stage { label: label.to_owned(), progress: progress(index, done) }).collect()
}

fn held(run: &Run, now: NumericDate) -> Vec<HeldToken> {
    let all =
        [("Authorization code", &run.code), ("Access token", &run.access_token), ("Refresh token", &run.refresh_token)];
    let token = |(label, held): (&str, &Option<Held>)| {
        let held = held.as_ref()?;
        let left = held.expires_at.map(|end| end - now);
        let state = match (held.gone, left) {
            (Some(gone), _) => gone.to_owned(),
            (None, Some(..=0)) => "expired".to_owned(),
            (None, Some(left @ ..120)) => format!("{left} s left"),
            (None, Some(left)) => format!("{} min left", left / 60),
            (None, None) => "unused".to_owned(),
        };
        Some(HeldToken { label: label.to_owned(), value: held.text.clone(), state, usable: held.is_usable(now) })
    };
    all.into_iter().filter_map(token).collect()
}
