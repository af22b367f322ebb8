//! The choices, and the authorization request they make.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::calls::query;
use super::runs::Run;
use crate::app::App;
use crate::config::dev::DevClient;
use crate::crypto::digest;
use crate::http::pages::{Choice, Frame, Hidden, OptionGroup, PlaygroundPage, ScopeSet};
use crate::protocol::endpoints;
use crate::protocol::params::Params;

const RESPONSE_TYPES: [(&str, &str, &str); 2] = [
    ("code", "code", "A code, exchanged for tokens. Right for everything."),
    ("token", "token", "Implicit: the token itself, for clients so marked."),
];
const RESPONSE_MODES: [(&str, &str, &str); 4] = [
    ("", "default", "Leave it out."),
    ("query", "query", "In the address."),
    ("fragment", "fragment", "Behind the #, for scripts only."),
    ("form_post", "form_post", "As a form, in no address."),
];
const PROMPTS: [(&str, &str, &str); 4] = [
    ("", "default", "Only what is needed."),
    ("none", "none", "No page, or fail."),
    ("login", "login", "Your password again."),
    ("consent", "consent", "The question again."),
];

/// The clients that can send a browser to the authorization endpoint.
pub fn playable(app: &App) -> impl Iterator<Item = &DevClient> {
    app.config.dev_clients.iter().filter(|client| !client.redirect_uri.is_empty())
}

/// The first page. `like` fills in the choices of an earlier run.
pub fn page(
    app: &App,
    frame: Frame,
    csrf_token: String,
    run: &Run,
    like: Option<&Run>,
    error: Option<String>,
) -> PlaygroundPage {
    let asked = |name: &str| like.and_then(|run| run.asked(name)).unwrap_or_default();
    let client_id = asked("client_id");
    let scopes: Vec<&str> = match like {
        Some(run) => run.asked("scope").unwrap_or_default().split(' ').collect(),
        None => first_scopes(app),
    };
    let clients = playable(app).enumerate().map(|(index, client)| Choice {
        value: client.client_id.clone(),
        label: client.name.clone(),
        note: note(client).to_owned(),
        chosen: if client_id.is_empty() { index == 0 } else { client.client_id == client_id },
    });
    let sets = app.catalogue.sets().iter().map(|set| ScopeSet {
        title: capitalized(&set.name),
        scopes: set.levels.iter().map(|level| scope(&level.scope, &level.text, &scopes)).collect(),
    });
    PlaygroundPage {
        action: format!("{}/playground/start", frame.base),
        frame,
        csrf_token,
        carried: vec![Hidden::new("run", &run.id)],
        error,
        clients: clients.collect(),
        scope_sets: sets.collect(),
        options: vec![
            group("response_type", "What comes back", &RESPONSE_TYPES, asked("response_type")),
            group("response_mode", "How it comes back", &RESPONSE_MODES, asked("response_mode")),
            group("prompt", "What to ask you", &PROMPTS, asked("prompt")),
        ],
        code_verifier: run.code_verifier.clone(),
        code_challenge: challenge(&run.code_verifier),
        state: run.state.clone(),
    }
}

fn note(client: &DevClient) -> &'static str {
    match client.client_secret {
        Some(_) => "Confidential: runs on a server and keeps a secret there.",
        None => "Public: runs in the browser or on a device, where no secret is safe.",
    }
}

fn scope(scope: &str, text: &str, chosen: &[&str]) -> Choice {
    Choice { value: scope.to_owned(), label: scope.to_owned(), note: text.to_owned(), chosen: chosen.contains(&scope) }
}

/// The weakest level of the first two sets that every client may ask for: enough to see a question, little enough to
/// widen later.
fn first_scopes(app: &App) -> Vec<&str> {
    let everybodys = |scope: &&str| playable(app).all(|client| client.scopes.iter().any(|own| own == scope));
    let weakest = app.catalogue.sets().iter().filter_map(|set| Some(set.levels.first()?.scope.as_str()));
    weakest.filter(everybodys).take(2).collect()
}

fn capitalized(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
}

fn group(name: &str, title: &str, choices: &[(&str, &str, &str)], chosen: &str) -> OptionGroup {
    let known = choices.iter().any(|(value, ..)| *value == chosen);
    let choice = |(index, (value, label, note)): (usize, &(&str, &str, &str))| Choice {
        value: (*value).to_owned(),
        label: (*label).to_owned(),
        note: (*note).to_owned(),
        chosen: if known { *value == chosen } else { index == 0 },
    };
    OptionGroup {
        name: name.to_owned(),
        title: title.to_owned(),
        choices: choices.iter().enumerate().map(choice).collect(),
    }
}

/// Fills the run with the request that the form asks for. What the form says is sent as it is, right or wrong: the
/// server's refusal is worth seeing too.
///
/// # Errors
/// What is wrong with the form, in words.
pub fn choose(app: &App, run: &mut Run, form: &Params) -> Result<(), &'static str> {
    let one = |name| form.once(name).ok().flatten().unwrap_or_default().to_owned();
    let client_id = one("client_id");
    let client = playable(app).find(|client| client.client_id == client_id).ok_or("Choose an application first.")?;
    let scopes: Vec<&str> = form.all("scope").collect();
    let response_type = one("response_type");
    let mut request = vec![
        ("response_type", response_type.clone()),
        ("client_id", client_id),
        ("redirect_uri", client.redirect_uri.clone()),
        ("scope", scopes.join(" ")),
        ("state", run.state.clone()),
    ];
    if response_type != "token" {
        request.push(("code_challenge", challenge(&run.code_verifier)));
        request.push(("code_challenge_method", "S256".to_owned()));
    }
    request.push(("response_mode", one("response_mode")));
    request.push(("prompt", one("prompt")));
    request.retain(|(_, value)| !value.is_empty());
    run.client = Some(client.clone());
    run.request = request;
    Ok(())
}

/// Another run with the same request.
pub fn choose_again(run: &mut Run, like: &Run) {
    run.client.clone_from(&like.client);
    run.request.clone_from(&like.request);
    for (name, value) in &mut run.request {
        match *name {
            "state" => value.clone_from(&run.state),
            "code_challenge" => *value = challenge(&run.code_verifier),
            _ => {}
        }
    }
}

/// Where the browser is sent.
pub fn location(app: &App, run: &Run) -> String {
    format!("{}?{}", app.issuer.endpoint(endpoints::AUTHORIZATION), query(&run.request))
}

/// PKCE S256 (RFC 7636 section 4.2).
fn challenge(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(digest::sha256(&[verifier.as_bytes()]))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 7636 appendix B.
    #[test]
    fn the_challenge_is_the_verifiers_hash() {
        let challenge = challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
        assert_eq!(challenge, "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }
}
