//! Every code of a problem, explained: the `type` of a problem leads here (RFC 9457 section 3.1.1).

/// Code, status, and what to do.
pub const CODES: [(&str, u16, &str); 27] = [
    ("invalid-request", 400, "The request cannot be read, or a parameter is none. The detail says which."),
    ("invalid-body", 400, "Members of the body are not right; `errors` names each with what would be right."),
    ("origin-not-allowed", 400, "A script of this origin may not use the credential: list the origin with it."),
    ("no-credential", 401, "Send `Authorization: Bearer` with a personal token, an access token or an API key."),
    ("invalid-token", 401, "The credential is unknown, expired, revoked, or whoever it speaks for is disabled."),
    ("malformed-credential", 401, "The Authorization header cannot be read: `Bearer TOKEN`, or Basic with an API key."),
    (
        "sso-required",
        401,
        "The organization asks for single sign-on: its person signs in at `login_url` first. Of tokens, only those made \
         inside and bound to the organization get in.",
    ),
    ("insufficient-scope", 403, "The credential lacks the scope that `WWW-Authenticate` names."),
    ("bound-to-organization", 403, "The credential is good for one organization and nothing else."),
    (
        "not-organization-level",
        403,
        "An application gets into organizations only if it is registered with `organization_access`, and only into those \
         its people chose.",
    ),
    ("no-person", 403, "This is about a person's own account: an API key speaks for nobody."),
    ("not-administrator", 403, "Only administrators of this server may do this."),
    ("role", 403, "The person's role in the organization does not carry what this needs."),
    ("session-only", 403, "Too dangerous for a token: a person does it in a browser."),
    ("step-up-required", 403, "The session's proof is too old: sign in again at `login_url`."),
    (
        "local-factor-required",
        403,
        "Only an organization's provider vouches for the session: sign in with a password first.",
    ),
    ("csrf", 403, "A change by a browser's session carries `X-CSRF-Token` and comes from this server's own pages."),
    ("forbidden", 403, "The rules of what is changed do not allow it; the detail says which."),
    ("not-found", 404, "There is nothing here, for whoever asks. Somebody else's is not found either."),
    ("conflict", 409, "The state does not allow this now; the detail says what has to be done first."),
    ("precondition-failed", 412, "It has changed since it was read: read it again, then change it."),
    ("too-large", 413, "The body is too large."),
    ("unsupported-media-type", 415, "The body is JSON, with `Content-Type: application/json`."),
    ("idempotency-key-reused", 422, "The Idempotency-Key came before with another body: take a new one."),
    ("too-many-requests", 429, "Wait as many seconds as `Retry-After` says; `RateLimit` tells what is left."),
    ("server-error", 500, "Something went wrong here. The operator finds it in the log by `X-Request-Id`."),
    ("unavailable", 503, "The server is busy: try again in a moment."),
];
