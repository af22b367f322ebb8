//! The documented maximum sizes of everything a stranger can send (A66). Bytes unless a unit is named.

/// Parameters in one request, query and body together.
pub const MAX_PARAMETERS: usize = 100;
/// One query string or form body, still encoded.
pub const MAX_FORM: usize = 64 * 1024;
/// `client_id`; a longer one is an unknown client.
pub const MAX_CLIENT_ID: usize = 255;
/// `redirect_uri`, registered or requested.
pub const MAX_REDIRECT_URI: usize = 2048;
/// `request_uri`.
pub const MAX_REQUEST_URI: usize = 512;
/// `state`.
pub const MAX_STATE: usize = 2048;
/// `scope`, the whole space-separated text.
pub const MAX_SCOPE: usize = 4096;
/// `resource` parameters in one request; each is as long as `redirect_uri` at most.
pub const MAX_RESOURCES: usize = 16;
/// `nonce`.
pub const MAX_NONCE: usize = 512;
/// `claims`, a JSON object.
pub const MAX_CLAIMS: usize = 8192;
/// Claims one request may name in each place, and values it may name for a claim.
pub const MAX_CLAIM_ENTRIES: usize = 64;
/// `id_token_hint`: one of our own ID tokens, which scopes and the `claims` parameter make as long as what people say of
/// themselves in the scripts that take most bytes, and a nonce of quotation marks.
pub const MAX_ID_TOKEN_HINT: usize = 24 * 1024;
/// `ui_locales`, `claims_locales`, `acr_values`: lists of preferences.
pub const MAX_PREFERENCE: usize = 1024;
/// `login_hint`.
pub const MAX_LOGIN_HINT: usize = 320;
/// An authorization code as presented at the token endpoint.
pub const MAX_CODE: usize = 512;
/// A token as presented, opaque or JWT.
pub const MAX_TOKEN: usize = 8192;
/// The `Authorization: Basic` header's value, scheme included (S38).
pub const MAX_BASIC_HEADER: usize = 4096;
/// A client's name, in characters.
pub const MAX_CLIENT_NAME_CHARS: usize = 64;
/// A value as repeated in a refusal's detail; the rest is cut off.
pub const MAX_DETAIL_VALUE: usize = 512;
/// `organization`, a slug.
pub const MAX_ORGANIZATION: usize = 64;
