//! What the messages of a run mean, in words for a developer who meets OAuth for the first time.

use super::exchange::{Exchange, Purpose};

/// Title and meaning of an exchange.
pub fn meaning(exchange: &Exchange) -> (&'static str, &'static str) {
    match (exchange.purpose, exchange.refused) {
        (Purpose::Authorize, false) => (
            "The browser carries the question, and the answer",
            "The application sends your browser to the authorization endpoint. Nothing in the request is secret: it says \
             who asks, for what, and where the answer goes. After you decided, your browser brought the answer back to \
             the registered redirect URI.",
        ),
        (Purpose::Authorize, true) => (
            "The authorization is refused",
            "The answer came back to the redirect URI all the same, but as an error. A good application shows its user \
             what to do next instead of a blank page.",
        ),
        (Purpose::Redeem, false) => (
            "The code becomes tokens",
            "The application speaks to the token endpoint directly: your browser never sees this. The code alone is \
             worth nothing; the verifier (and the secret, where the application can keep one) proves that the one who \
             redeems is the one who asked.",
        ),
        (Purpose::Redeem, true) => (
            "The code is refused",
            "A code lives for a minute, works once, and only for the client, redirect URI and verifier it was made for.",
        ),
        (Purpose::RedeemAgain, _) => (
            "The same code again",
            "Somebody who stole the code would send exactly this. A code that comes twice may have been stolen before \
             its first use, so the server refuses it and revokes every token it ever bought. Introspect to see it.",
        ),
        (Purpose::Refresh, false) => (
            "A fresh pair of tokens",
            "The refresh token is spent and replaced by its successor, so a stolen copy is found out. The new access \
             token may have fewer scopes than the old one, never more.",
        ),
        (Purpose::Refresh, true) => (
            "The refresh is refused",
            "The family this refresh token belongs to is over: revoked, expired, or its user or client is gone. The \
             application has to ask for a new authorization.",
        ),
        (Purpose::RefreshAgain, false) => (
            "The spent refresh token again, in time",
            "Answers get lost, and two tabs refresh at once. Within a short window after the first use the server gives \
             the very same pair again: compare the tokens with the step before. Nothing is stored in plain for this, \
             the pair is derived anew from what was presented.",
        ),
        (Purpose::RefreshAgain, true) => (
            "The spent refresh token again, too late",
            "Its successor is in use, or the window is over. Long after its first use a spent token is taken for a \
             stolen one: the whole family is revoked, and you find a notice on your account page.",
        ),
        (Purpose::Introspect, false) => (
            "The API asks about the access token",
            "A resource server that receives a token asks here whether it is good, whose it is and what it may do. It \
             hears only about tokens meant for it. Anything else is inactive, without a word why.",
        ),
        (Purpose::Introspect, true) => {
            ("The question is refused", "Only a client that proves who it is may introspect.")
        }
        (Purpose::Revoke, false) => (
            "The application gives everything back",
            "Revoking the refresh token ends the whole family, access tokens included: do this when your user signs \
             out. The answer is an empty 200 even for a token that never existed, so it tells a guesser nothing.",
        ),
        (Purpose::RevokeAccess, false) => {
            ("The access token is given back", "Only this access token ends; a refresh token goes on.")
        }
        (Purpose::Revoke | Purpose::RevokeAccess, true) => {
            ("The revocation is refused", "The client has to prove who it is before it can give a token back.")
        }
    }
}

/// Each parameter, header and member of an exchange that has a word here, in the order they stand there.
pub fn glossary(exchange: &Exchange) -> Vec<(&'static str, &'static str)> {
    let mut text = String::new();
    for wire in [&exchange.request, &exchange.response] {
        for (name, value) in &wire.headers {
            text.push_str(&format!("{}\n{value}\n", name.to_ascii_lowercase()));
        }
        text.push_str(&format!("{}\n{}\n", wire.start_line, wire.body));
    }
    let mut found: Vec<(usize, &str, &str)> =
        WORDS.iter().filter_map(|(name, words)| Some((position(&text, name)?, *name, *words))).collect();
    found.sort_by_key(|(at, ..)| *at);
    found.into_iter().map(|(_, name, words)| (name, words)).collect()
}

/// Where `name` stands as a whole: the name of a parameter, a member or a header.
fn position(text: &str, name: &str) -> Option<usize> {
    let needle = name.to_ascii_lowercase();
    text.match_indices(&needle).map(|(at, _)| at).find(|at| {
        let before = text[..*at].chars().next_back();
        let after = &text[at + needle.len()..];
        matches!(before, None | Some('\n' | '&' | '?' | '#' | '"'))
            && ["=", "\":", "\n"].iter().any(|a| after.starts_with(a))
    })
}

const WORDS: [(&str, &str); 31] = [
    ("response_type", "code: a code comes back, to be redeemed. token: the access token itself (implicit)."),
    ("response_mode", "How the answer travels: in the query, behind the # (fragment), or as a form (form_post)."),
    ("prompt", "none: answer without any page or fail. login: password again. consent: ask again."),
    ("client_id", "Which application. Public, and no proof of anything."),
    ("redirect_uri", "Where the answer goes. It must equal a registered one to the character."),
    ("code_challenge", "SHA-256 of the verifier, which stays with the application (RFC 7636)."),
    ("code_challenge_method", "S256, the only one allowed here: plain would protect nothing."),
    ("state", "Comes back unchanged. An answer with another state was never asked for by this browser."),
    ("iss", "Which server answers (RFC 9207). The application compares it: no server can pass for another."),
    ("code", "The authorization code: one use, one minute, worth nothing without the verifier."),
    ("Authorization", "Client authentication: client_id and secret, each form-encoded, joined by a colon, in base64."),
    ("grant_type", "What is exchanged for tokens."),
    ("code_verifier", "Hashes to the challenge sent before: the one who redeems is the one who asked."),
    ("access_token", "What the application shows to the API. Treat it like a password: whoever has it may use it."),
    ("token_type", "Bearer: it goes into the header Authorization: Bearer (RFC 6750)."),
    ("expires_in", "Seconds the access token lives."),
    ("refresh_token", "Buys the next access token without asking you. Used once, then replaced."),
    ("scope", "What may be done. An answer names what was really granted."),
    ("token", "The token in question."),
    ("token_type_hint", "Where to look first; the server does not need it."),
    ("active", "Whether the token is good now. When false, nothing else is said."),
    ("username", "The login, for people who read logs. Never compare it: use sub."),
    ("sub", "Whose token it is: a random name that never changes and is never used again."),
    ("aud", "Which APIs the token is for. An API refuses tokens for others."),
    ("exp", "When it expires, in seconds since 1970 (UTC)."),
    ("iat", "When it was issued."),
    ("error", "The reason, from a fixed list. This is what code compares."),
    ("error_description", "For developers. Its reference is explained by grantor explain."),
    ("Cache-Control", "no-store: tokens stay out of every cache (RFC 6749 section 5.1)."),
    ("WWW-Authenticate", "How to prove who you are."),
    ("Retry-After", "Seconds to wait before the next try."),
];

#[cfg(test)]
mod tests {
    use super::super::exchange::Wire;
    use super::*;

    #[test]
    fn the_glossary_explains_whole_names_in_the_order_they_stand() {
        let wire = |body: &str, status| Wire {
            start_line: String::new(),
            headers: vec![("cache-control".to_owned(), "no-store".to_owned())],
            body: body.to_owned(),
            status,
        };
        let exchange = Exchange {
            purpose: Purpose::Redeem,
            request: Wire { headers: Vec::new(), ..wire("code_verifier=x\n&code=gac_1", None) },
            response: wire("{\n  \"scope\": \"error\"\n}", Some(200)),
            curl: None,
            refused: false,
        };
        let names: Vec<_> = glossary(&exchange).into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["code_verifier", "code", "Cache-Control", "scope"]);
    }
}
