//! What an Authorization header holds, and the row it opens (RFC 6750 section 2.1, RFC 7617 for API keys).

use super::credential::Credential;
use super::refusal::ApiRefusal;
use crate::app::App;
use crate::app::throttle::address_key;
use crate::crypto::token::{ParsedToken, TokenKind};
use crate::flows::caller::Caller;
use crate::flows::presented_token::{self, Presented as Text};
use crate::flows::sso::access;
use crate::flows::sso::standing::Standing;
use crate::flows::token_state;
use crate::protocol::basic::Credentials;
use crate::protocol::bearer::{BearerRefusal, BearerToken};
use crate::store::api_keys::ApiKeyRow;
use crate::store::member_standing::MemberStanding;
use crate::store::organizations::OrganizationRow;
use crate::store::personal_tokens::PersonalTokenRow;
use crate::store::users::UserRow;

/// A secret as presented, and how. Has no `Debug`.
pub(super) struct Presented {
    text: String,
    basic: bool,
}

/// Reads the header.
///
/// # Errors
/// [`ApiRefusal::Malformed`].
pub(super) fn presented(header: &str) -> Result<Presented, ApiRefusal> {
    let scheme = header.split(' ').next().unwrap_or_default();
    if scheme.eq_ignore_ascii_case("Basic") {
        let Ok(given) = Credentials::from_basic(header) else {
            return Err(ApiRefusal::Malformed("Basic takes base64 of an API key, a colon, and nothing"));
        };
        if !given.client_secret.is_empty() {
            return Err(ApiRefusal::Malformed("an API key is the user name, and the password is empty"));
        }
        return Ok(Presented { text: given.client_id, basic: true });
    }
    match BearerToken::from_header(header) {
        Ok(token) => Ok(Presented { text: token.secret().to_owned(), basic: false }),
        Err(BearerRefusal::OtherScheme) => Err(ApiRefusal::Malformed("the scheme is Bearer or Basic")),
        Err(_) => Err(ApiRefusal::Malformed("Bearer takes exactly one token")),
    }
}

/// The credential behind a presented secret, if it is good now.
///
/// # Errors
/// [`ApiRefusal::InvalidToken`], [`ApiRefusal::Throttled`] for a miss of an address that misses too often, or the store's.
pub(super) async fn find(app: &App, caller: &Caller, presented: &Presented) -> Result<Credential, ApiRefusal> {
    let misses = (&app.throttles.misses, address_key(caller.address));
    let may_guess = || misses.0.peek(&misses.1).map_err(ApiRefusal::Throttled);
    // Only who misses is refused: others at the same address have right ones.
    let missed = || misses.0.check(&misses.1).map_or_else(ApiRefusal::Throttled, |()| ApiRefusal::InvalidToken(DEAD));
    let (kind, parsed) = match presented_token::read(app, &presented.text, may_guess).await? {
        Text::Token(kind, parsed) => (kind, Some(parsed)),
        Text::Malformed(kind) => (kind, None),
        Text::Missed => return Err(missed()),
        Text::Disbelieved => return Err(ApiRefusal::InvalidToken(DISBELIEVED)),
        Text::Unknown => return Err(ApiRefusal::InvalidToken("it is no token of this server's")),
    };
    if presented.basic && kind != TokenKind::ApiKey {
        return Err(ApiRefusal::Malformed("Basic is for API keys: send this one as Bearer"));
    }
    let parsed = parsed.ok_or(ApiRefusal::InvalidToken(MISTYPED));
    let found = match kind {
        TokenKind::AccessToken => access_token(app, &parsed?).await?,
        TokenKind::PersonalToken => personal_token(app, &parsed?).await?,
        TokenKind::ApiKey => api_key(app, &parsed?).await?,
        TokenKind::RefreshToken => {
            return Err(ApiRefusal::InvalidToken("it is a refresh token, not an access token"));
        }
        _ => return Err(ApiRefusal::InvalidToken("it is no token of this server's")),
    };
    match found {
        Found::Good(credential) => Ok(credential),
        Found::Refused(refusal) => Err(refusal),
        Found::Nothing => Err(missed()),
    }
}

const MISTYPED: &str = "it is mistyped or cut short, its checksum does not fit";
const DISBELIEVED: &str = "it is a JWT, but no access token of this server's, or it has expired";
const DEAD: &str = "it is unknown, expired, revoked, or whoever it speaks for is disabled";

enum Found {
    Good(Credential),
    /// The secret is right, and yet.
    Refused(ApiRefusal),
    /// No row, or another secret.
    Nothing,
}

impl Found {
    /// Known, and over: no guess, so nobody at its address has to wait.
    fn dead() -> Found {
        Found::Refused(ApiRefusal::InvalidToken(DEAD))
    }
}

async fn access_token(app: &App, parsed: &ParsedToken) -> Result<Found, ApiRefusal> {
    let Some(live) = token_state::live(app, parsed).await? else { return Ok(Found::Nothing) };
    // A resource server must not be able to turn around and act here with what was issued for it (RFC 9700 section 2.3).
    let api = app.issuer.endpoint(super::BASE);
    if !live.token.audience.0.is_empty() && !live.token.audience.0.contains(&api) {
        return Ok(Found::Refused(ApiRefusal::InvalidToken("it was issued for another resource server")));
    }
    let Some(user) = live.user.clone() else { return Ok(Found::Refused(ApiRefusal::NoPerson)) };
    Ok(Found::Good(Credential::AccessToken { token: Box::new(live), user }))
}

async fn personal_token(app: &App, parsed: &ParsedToken) -> Result<Found, ApiRefusal> {
    let id = parsed.id;
    let found = app
        .store
        .view(move |rows| {
            let Some(token) = rows.get::<PersonalTokenRow>(id)? else { return Ok(None) };
            let user = rows.get::<UserRow>(token.user_id)?;
            let member = match token.member_id {
                Some(member) => rows.get::<MemberStanding>(member)?,
                None => None,
            };
            Ok(Some((token, user, member)))
        })
        .await?;
    let Some((token, user, member)) = found else { return Ok(Found::Nothing) };
    if !parsed.digest.matches(&token.digest) {
        return Ok(Found::Nothing);
    }
    let user = user.filter(|user| user.is_active());
    let (true, Some(user)) = (token.is_live(app.clock.now()), user) else { return Ok(Found::dead()) };
    if !token.audience.0.is_empty() && !token.audience.0.contains(&app.issuer.endpoint(super::BASE)) {
        return Ok(Found::Refused(ApiRefusal::InvalidToken("it was made for another resource server")));
    }
    let Some(organization_id) = token.organization_id else {
        return Ok(Found::Good(Credential::PersonalToken { token, user, member: None }));
    };
    let member = member.filter(|member| member.organization.id == organization_id && member.member.user_id == user.id);
    let Some(member) = member else { return Ok(Found::dead()) };
    match access::for_token(app, &member) {
        Standing::NotAMember => Ok(Found::dead()),
        standing if standing.is_good() => {
            Ok(Found::Good(Credential::PersonalToken { token, user, member: Some(member) }))
        }
        _ => Ok(Found::Refused(ApiRefusal::SsoRequired(member.organization.slug.clone()))),
    }
}

async fn api_key(app: &App, parsed: &ParsedToken) -> Result<Found, ApiRefusal> {
    let id = parsed.id;
    let found = app
        .store
        .view(move |rows| {
            let Some(key) = rows.get::<ApiKeyRow>(id)? else { return Ok(None) };
            let organization = rows.get::<OrganizationRow>(key.organization_id)?;
            let Some(creator) = key.creator_id.filter(|_| key.sso_policy == "creator") else {
                return Ok(Some((key, organization, None)));
            };
            let maker = match rows.get::<MemberStanding>(creator)? {
                Some(maker) => rows.get::<UserRow>(maker.member.user_id)?.map(|user| (maker, user)),
                None => None,
            };
            Ok(Some((key, organization, maker)))
        })
        .await?;
    let Some((key, organization, maker)) = found else { return Ok(Found::Nothing) };
    if !parsed.digest.matches(&key.digest) {
        return Ok(Found::Nothing);
    }
    let organization = organization.filter(|organization| organization.status == "active");
    let (true, Some(organization)) = (key.is_live(app.clock.now()), organization) else { return Ok(Found::dead()) };
    if key.sso_policy != "creator" {
        return Ok(Found::Good(Credential::ApiKey { key, organization, maker: None }));
    }
    // The policy flag: a key that follows its maker is worth what that person is worth there now, and no more.
    let maker = maker.filter(|(maker, user)| user.is_active() && maker.organization.id == organization.id);
    let Some((maker, _)) = maker else { return Ok(Found::dead()) };
    match access::for_token(app, &maker) {
        Standing::NotAMember => Ok(Found::dead()),
        standing if standing.is_good() => Ok(Found::Good(Credential::ApiKey { key, organization, maker: Some(maker) })),
        _ => Ok(Found::Refused(ApiRefusal::SsoRequired(organization.slug.clone()))),
    }
}
