//! Samples of the playground's pages.

use super::samples::{Say, frame};
use super::*;

fn choice(say: Say, value: &str, label: &str, note: &str, chosen: bool) -> Choice {
    Choice { value: say(value), label: say(label), note: say(note), chosen }
}

fn dev_frame(say: Say) -> Frame {
    Frame { dev: true, ..frame(say, true) }
}

pub fn start(say: Say) -> PlaygroundPage {
    let set = |title, scopes: &[(&str, &str, bool)]| ScopeSet {
        title: say(title),
        scopes: scopes.iter().map(|(scope, note, chosen)| choice(say, scope, scope, note, *chosen)).collect(),
    };
    let group = |name: &str, title, choices| OptionGroup { name: name.to_owned(), title: say(title), choices };
    PlaygroundPage {
        frame: dev_frame(say),
        action: "/auth/playground/start".to_owned(),
        csrf_token: say("Zm9yZ2VyeQ"),
        carried: vec![Hidden::new("run", say("r1"))],
        error: Some(say("Choose an application first.")),
        clients: vec![
            choice(say, "c1", "Sundial", "Confidential: keeps a secret on its own server.", true),
            choice(say, "c2", "Paper Kite", "Public: runs in the browser, has no secret. Implicit allowed.", false),
        ],
        scope_sets: vec![
            set("Organization details", &[("org:read", "Read", true), ("org:write", "Read and change", false)]),
            set(
                "Projects",
                &[
                    ("project:read", "Read", true),
                    ("project:write", "Read and change", false),
                    ("project:releases", "Read, change and manage releases", false),
                ],
            ),
            set("Events", &[("event:read", "Read", false), ("event:admin", "Read, change and manage", false)]),
        ],
        options: vec![
            group(
                "response_type",
                "What comes back",
                vec![
                    choice(say, "code", "code", "A code, exchanged for tokens", true),
                    choice(say, "token", "token", "Implicit: the token itself", false),
                ],
            ),
            group(
                "response_mode",
                "How it comes back",
                vec![
                    choice(say, "", "default", "Leave it out", true),
                    choice(say, "query", "query", "In the address", false),
                    choice(say, "fragment", "fragment", "Behind the #", false),
                    choice(say, "form_post", "form_post", "As a form", false),
                ],
            ),
            group(
                "prompt",
                "What to ask you",
                vec![
                    choice(say, "", "default", "Only what is needed", true),
                    choice(say, "none", "none", "Nothing, or fail", false),
                    choice(say, "login", "login", "Password again", false),
                    choice(say, "consent", "consent", "Consent again", false),
                ],
            ),
        ],
        code_verifier: say("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
        code_challenge: say("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"),
        state: say("af0ifjsldkj"),
    }
}

pub fn fragment(say: Say) -> PlaygroundFragmentPage {
    PlaygroundFragmentPage {
        frame: dev_frame(say),
        action: "/auth/playground/callback".to_owned(),
        csrf_token: say("Zm9yZ2VyeQ"),
        start_href: "/auth/playground".to_owned(),
        nonce: "bm9uY2U".to_owned(),
    }
}

fn step_authorize(say: Say) -> Step {
    Step {
        title: say("The browser asks for an authorization"),
        meaning: say("The application sends your browser here. Nothing in this request is secret: it says who asks, \
             for what, and where the answer goes."),
        channel: Channel::Front,
        refused: false,
        request: Some(Message {
            start_line: say("GET /oauth/authorize"),
            headers: vec![],
            body: say("response_type=code\n&client_id=c1\n&redirect_uri=http://127.0.0.1:8080/playground/callback\n\
                 &scope=org:read project:read\n&state=af0ifjsldkj\n\
                 &code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM\n&code_challenge_method=S256"),
            status: None,
        }),
        response: Some(Message {
            start_line: say("303 See Other"),
            headers: vec![Hidden::new(
                "Location",
                say(
                    "http://127.0.0.1:8080/playground/callback?code=gac_0Ab3dEfGh1j&state=af0ifjsldkj&iss=http://127.0.0.1:8080",
                ),
            )],
            body: String::new(),
            status: Some(303),
        }),
        glossary: vec![
            Hidden::new(say("response_type"), say("code: the answer is a code, worth nothing without the verifier.")),
            Hidden::new(
                say("state"),
                say("Comes back unchanged; the application refuses an answer it did not ask for."),
            ),
            Hidden::new(say("code_challenge"), say("SHA-256 of the verifier (RFC 7636).")),
            Hidden::new(say("iss"), say("Which server answered (RFC 9207): stops mix-up attacks.")),
        ],
        curl: None,
    }
}

fn step_token(say: Say, refused: bool) -> Step {
    let (status, start_line, body) = if refused {
        (
            400,
            "400 Bad Request",
            "{\n  \"error\": \"invalid_grant\",\n  \"error_description\": \"revoked (reference 7K2M-Q9XD)\"\n}",
        )
    } else {
        (
            200,
            "200 OK",
            "{\n  \"access_token\": \"gat_0Ab3dEfGh1jexample\",\n  \"token_type\": \"Bearer\",\n  \
             \"expires_in\": 3600,\n  \"refresh_token\": \"grt_0Ab3dEfGh1jexample\",\n  \"scope\": \"org:read project:read\"\n}",
        )
    };
    Step {
        title: say(if refused { "The refresh is refused" } else { "The code becomes tokens" }),
        meaning: say(
            "The application's server speaks to us directly and proves who it is. Your browser never sees this.",
        ),
        channel: Channel::Back,
        refused,
        request: Some(Message {
            start_line: say("POST /oauth/token"),
            headers: vec![
                Hidden::new("Authorization", say("Basic YzE6Z2NzX2V4YW1wbGU=")),
                Hidden::new("Content-Type", say("application/x-www-form-urlencoded")),
            ],
            body: say("grant_type=authorization_code\n&code=gac_0Ab3dEfGh1j\n\
                 &redirect_uri=http://127.0.0.1:8080/playground/callback\n\
                 &code_verifier=dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
            status: None,
        }),
        response: Some(Message {
            start_line: say(start_line),
            headers: vec![
                Hidden::new("Content-Type", say("application/json")),
                Hidden::new("Cache-Control", say("no-store")),
            ],
            body: say(body),
            status: Some(status),
        }),
        glossary: vec![
            Hidden::new(
                say("Authorization"),
                say("client_secret_basic: client_id and secret, form-encoded, then base64."),
            ),
            Hidden::new(
                say("code_verifier"),
                say("Hashes to the challenge sent before, so the same application asks."),
            ),
        ],
        curl: Some(say(
            "curl -u c1:SECRET http://127.0.0.1:8080/oauth/token \\\n  -d grant_type=authorization_code \\\n  \
             -d code=gac_0Ab3dEfGh1j \\\n  --data-urlencode redirect_uri=http://127.0.0.1:8080/playground/callback",
        )),
    }
}

fn action(say: Say, id: &str, label: &str, hint: &str, primary: bool) -> Action {
    Action {
        id: id.to_owned(),
        action: "/auth/playground/act".to_owned(),
        label: say(label),
        hint: say(hint),
        primary,
        fields: vec![Hidden::new("run", say("r1")), Hidden::new("do", say(label))],
    }
}

fn track(say: Say, now: usize) -> Vec<Stage> {
    let progress = |i: usize| match i.cmp(&now) {
        std::cmp::Ordering::Less => Progress::Done,
        std::cmp::Ordering::Equal => Progress::Now,
        std::cmp::Ordering::Greater => Progress::Ahead,
    };
    let labels = ["Ask for an authorization", "Redeem the code", "Use and introspect", "Refresh", "Revoke"];
    labels.iter().enumerate().map(|(i, label)| Stage { label: say(label), progress: progress(i) }).collect()
}

pub fn code_arrived(say: Say) -> PlaygroundRunPage {
    PlaygroundRunPage {
        frame: dev_frame(say),
        title: say("The code has arrived"),
        summary: say(
            "You allowed it, and your browser brought the application a code. It lives for 60 seconds and works once.",
        ),
        csrf_token: say("Zm9yZ2VyeQ"),
        steps: vec![step_authorize(say)],
        actions: vec![
            action(say, "playground-redeem", "Redeem the code", "Exchange it for tokens, with the verifier.", true),
            action(say, "playground-again", "Start over", "Another request, another client.", false),
        ],
        track: track(say, 1),
        held: vec![HeldToken {
            label: say("Authorization code"),
            value: say("gac_0Ab3dEfGh1j"),
            state: say("58 s left"),
            usable: true,
        }],
    }
}

pub fn refused_after_revocation(say: Say) -> PlaygroundRunPage {
    let held =
        |label, value, state, usable| HeldToken { label: say(label), value: say(value), state: say(state), usable };
    PlaygroundRunPage {
        title: say("The refresh was refused"),
        summary: say("The family was revoked, so no refresh token of it is good any more."),
        steps: vec![step_authorize(say), step_token(say, false), step_token(say, true)],
        actions: vec![
            action(say, "playground-refresh", "Refresh", "A new pair; the old refresh token is spent.", false),
            action(say, "playground-introspect", "Introspect", "Ask as the resource server: is it active?", true),
            action(say, "playground-revoke", "Revoke", "The whole family falls.", false),
            action(say, "playground-again", "Start over", "Another request, another client.", false),
        ],
        track: track(say, 3),
        held: vec![
            held("Access token", "gat_0Ab3dEfGh1jexample", "59 min left", true),
            held("Refresh token", "grt_0Ab3dEfGh1jexample", "revoked", false),
        ],
        ..code_arrived(say)
    }
}
