//! One sequence on one database: after each step the answer and the introspection of every token ever issued are the
//! model's.

use futures_util::future::join_all;
use grantor::protocol::endpoints;
use serde_json::Value;

use super::model::{Introspection, Model};
use super::moves::{Outcome, place, presenter};
use super::rules::Rules;
use super::scopes;
use super::step::{Flaw, Step};
use super::world::{Answer, Answered, REDIRECT_URI, RESOURCE, VERIFIER, World};
use crate::support::TestApp;
use crate::support::test_app::START;

/// The texts behind the model's places.
#[derive(Default)]
struct Texts {
    codes: Vec<String>,
    access: Vec<String>,
    refresh: Vec<String>,
}

/// Plays it; a message where the server and the model part. `seen` gets every outcome and a word for its kind.
pub async fn play(app: &TestApp, steps: &[Step], rules: Rules, seen: &mut Vec<String>) -> Result<(), String> {
    let mut world = World::new(app).await;
    let (mut model, mut texts) = (Model::new(rules), Texts::default());
    for (number, step) in steps.iter().enumerate() {
        let before = model.clone();
        let expected = model.apply(*step);
        let got = carry_out(&mut world, &before, &mut texts, *step, &expected).await;
        let at = |what: String| format!("{:?}, step {}, {step:?}: {what}", app.database, number + 1);
        if got != expected {
            return Err(at(format!("the server {got:?}, the model {expected:?}")));
        }
        seen.push(kind(&before, *step, &expected));
        compare(&world, &model, &texts).await.map_err(at)?;
    }
    Ok(())
}

/// Steps that end the same way are told apart by what stood before them.
fn kind(before: &Model, step: Step, outcome: &Outcome) -> String {
    let used = match step {
        Step::Refresh { token, flaw: Flaw::None, .. } => place(before.refresh.len(), token)
            .map(|token| (before.usable(token), before.refresh[token].used.is_some()))
            .map_or("", |state| match state {
                (false, _) => "dead",
                (true, false) => "first",
                (true, true) => "again",
            }),
        Step::Redeem { code, flaw: Flaw::None } => place(before.grants.len(), code)
            .map_or("", |grant| if before.grants[grant].redeemed { "again" } else { "first" }),
        _ => "",
    };
    let step = format!("{step:?}");
    let step = step.split(' ').next().unwrap_or_default();
    match outcome {
        Outcome::Tokens { access, refresh: Some(refresh), .. } if *refresh < before.refresh.len() => {
            let pair = if *access < before.access.len() { "the same pair" } else { "another access token" };
            format!("{step} {used}: {pair}")
        }
        Outcome::Tokens { .. } => format!("{step} {used}: tokens"),
        Outcome::Code { asked, .. } => format!("{step}: code, asked {asked}"),
        other => format!("{step} {used}: {other:?}"),
    }
}

async fn carry_out(world: &mut World<'_>, model: &Model, texts: &mut Texts, step: Step, expected: &Outcome) -> Outcome {
    match step {
        Step::Authorize { user, client, scopes } | Step::Deny { user, client, scopes } => {
            let allow = matches!(step, Step::Authorize { .. });
            match world.authorize(user, client, scopes, allow).await {
                Answered::NotSignedIn => Outcome::NotSignedIn,
                Answered::Page => Outcome::Page,
                Answered::Redirected(error) => match error.as_str() {
                    "access_denied" => Outcome::Redirected("access_denied"),
                    "invalid_scope" => Outcome::Redirected("invalid_scope"),
                    _ => Outcome::Redirected("another error"),
                },
                Answered::Code { text, asked } => {
                    texts.codes.push(text);
                    Outcome::Code { grant: texts.codes.len() - 1, asked }
                }
            }
        }
        Step::Redeem { code, flaw } => {
            let Some(grant) = place(texts.codes.len(), code) else { return Outcome::Nothing };
            let mut form = vec![("grant_type", "authorization_code"), ("code", texts.codes[grant].as_str())];
            form.push((
                "redirect_uri",
                if flaw == Flaw::OtherRedirect { "https://other.example/" } else { REDIRECT_URI },
            ));
            let other = VERIFIER.replace('d', "e");
            form.push(("code_verifier", if flaw == Flaw::OtherVerifier { &other } else { VERIFIER }));
            let client = presenter(model.client_of(grant), flaw);
            let answer = world.post(client, endpoints::TOKEN, &form).await;
            tokens(world, texts, &answer, expected)
        }
        Step::Refresh { token, scopes, flaw } => {
            let Some(token) = place(texts.refresh.len(), token) else { return Outcome::Nothing };
            let scope = scopes.map(scopes::text).unwrap_or_default();
            let form = [("grant_type", "refresh_token"), ("refresh_token", &texts.refresh[token]), ("scope", &scope)];
            let client = presenter(model.client_of(model.refresh[token].grant), flaw);
            let answer = world.post(client, endpoints::TOKEN, &form).await;
            tokens(world, texts, &answer, expected)
        }
        Step::ClientCredentials { client, scopes } => {
            let scope = scopes.map(scopes::text).unwrap_or_default();
            let form = [("grant_type", "client_credentials"), ("scope", scope.as_str())];
            let answer = world.post(client, endpoints::TOKEN, &form).await;
            tokens(world, texts, &answer, expected)
        }
        Step::RevokeAccess { token, flaw } => {
            let Some(token) = place(texts.access.len(), token) else { return Outcome::Nothing };
            let client = presenter(model.access[token].client, flaw);
            revoked(&world.post(client, endpoints::REVOCATION, &[("token", &texts.access[token])]).await)
        }
        Step::RevokeRefresh { token, flaw } => {
            let Some(token) = place(texts.refresh.len(), token) else { return Outcome::Nothing };
            let client = presenter(model.client_of(model.refresh[token].grant), flaw);
            revoked(&world.post(client, endpoints::REVOCATION, &[("token", &texts.refresh[token])]).await)
        }
        _ => {
            world.govern(step).await;
            Outcome::Done
        }
    }
}

/// The body's tokens as places: known texts by where they are, others as new ones.
fn tokens(world: &World<'_>, texts: &mut Texts, answer: &Answer, expected: &Outcome) -> Outcome {
    let text = |member: &str| answer.body[member].as_str().map(str::to_owned);
    let Some(access) = text("access_token").filter(|_| answer.status == 200) else { return error(answer) };
    let access = placed(&mut texts.access, world.saw(access));
    let refresh = text("refresh_token").map(|text| placed(&mut texts.refresh, world.saw(text)));
    // The scope is compared as text and told as the model's bits.
    let (mut scopes, mut expires_in) = (u8::MAX, answer.body["expires_in"].as_i64().unwrap_or(-1));
    if let Outcome::Tokens { scopes: wanted, .. } = expected
        && text("scope").as_deref() == Some(&scopes::text(*wanted))
    {
        scopes = *wanted;
    }
    if answer.body["token_type"] != "Bearer" {
        expires_in = -1;
    }
    Outcome::Tokens { access, refresh, scopes, expires_in }
}

fn placed(known: &mut Vec<String>, text: String) -> usize {
    known.iter().position(|other| *other == text).unwrap_or_else(|| {
        known.push(text);
        known.len() - 1
    })
}

fn revoked(answer: &Answer) -> Outcome {
    if answer.status == 200 { Outcome::Done } else { error(answer) }
}

fn error(answer: &Answer) -> Outcome {
    let known = ["invalid_client", "invalid_grant", "invalid_scope", "unauthorized_client", "invalid_request"];
    let code = known.into_iter().find(|code| answer.body["error"] == *code);
    Outcome::Error(answer.status, code.unwrap_or("another error"))
}

async fn compare(world: &World<'_>, model: &Model, texts: &Texts) -> Result<(), String> {
    let access = join_all(texts.access.iter().map(|text| world.ask_resource_server(text))).await;
    for (place, answer) in access.iter().enumerate() {
        agree(world, "access", place, answer, &model.introspect_access(place))?;
    }
    let refresh = join_all(texts.refresh.iter().enumerate().map(|(place, text)| async move {
        let client = model.client_of(model.refresh[place].grant);
        match world.clients[client].secret {
            Some(_) => world.post(client, endpoints::INTROSPECTION, &[("token", text)]).await,
            None => world.ask_resource_server(text).await,
        }
    }))
    .await;
    for (place, answer) in refresh.iter().enumerate() {
        agree(world, "refresh", place, answer, &model.introspect_refresh(place))?;
    }
    Ok(())
}

fn agree(world: &World<'_>, what: &str, place: usize, answer: &Answer, model: &Introspection) -> Result<(), String> {
    let same = match model {
        Introspection::Refused => answer.status == 401 && answer.body["error"] == "invalid_client",
        Introspection::Inactive => answer.status == 200 && answer.body == serde_json::json!({ "active": false }),
        Introspection::Active { scope, client, user, issued, expires } => {
            let client_id = world.clients[*client].client_id.as_str();
            let sub = user.map_or(client_id, |user| &world.people[user].sub);
            let number = |member: &str| answer.body[member].as_i64().map(|date| date - START);
            answer.status == 200
                && answer.body["active"] == true
                && answer.body["scope"] == **scope
                && answer.body["client_id"] == *client_id
                && answer.body["sub"] == *sub
                && number("iat") == Some(*issued)
                && number("exp") == Some(*expires)
                && (what == "refresh" || is_for_the_resource(&answer.body["aud"]))
        }
    };
    if same { Ok(()) } else { Err(format!("{what} token {place} is {}, the model says {model:?}", answer.body)) }
}

fn is_for_the_resource(aud: &Value) -> bool {
    *aud == RESOURCE || *aud == serde_json::json!([RESOURCE])
}
