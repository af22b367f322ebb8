//! Consent: the page a user answers, and the answer. The page is one stored request, single-use, bound to the session
//! that started it and good for ten minutes; the form carries nothing that decides (A18).

use std::sync::Arc;

use serde_json::json;

use super::answer::{self, AuthorizationResponse};
use super::checks::{self, Checked, Refusal};
use super::organization::{self, Binding};
use super::{PageRefusal, decision, issue};
use crate::app::App;
use crate::crypto::random;
use crate::crypto::token::{PlainToken, TokenKind, TokenText};
use crate::flows::audience;
use crate::flows::audit::{self, Actor, Target};
use crate::flows::caller::Caller;
use crate::flows::session::SignedIn;
use crate::flows::sso::access::Door;
use crate::protocol::error::{Detail, ErrorCode, OAuthError};
use crate::protocol::params::Params;
use crate::store::authorizations::{self, AuthorizationRow};
use crate::store::clients::ClientRow;
use crate::store::consent_requests::{self, ConsentRequestRow};
use crate::store::member_standing::MemberStanding;
use crate::store::users::UserRow;
use crate::store::{StoreError, audit_events};

/// Seconds a consent page is good for.
const LIFETIME: i64 = 600;

/// Pages one session may have waiting; the oldest make way, so that a script cannot fill the table.
const OPEN_PAGES: i64 = 32;

/// What the consent page shows.
pub struct ConsentPrompt {
    /// The form's single-use name.
    pub token: PlainToken,
    /// The request.
    pub checked: Checked,
    /// Who answers for the client, if a person does.
    pub owner: Option<Arc<UserRow>>,
    /// The organization it gives access to, for clients that ask for one.
    pub organization: Option<Arc<MemberStanding>>,
    /// One line a scope set, the strongest level.
    pub lines: Vec<Line>,
    /// The only places it works at, by name and identifier, where the request named some (RFC 8707).
    pub resources: Vec<(String, String)>,
}

/// What one scope set would let the client do.
pub struct Line {
    /// For people.
    pub text: String,
    /// The user allowed it before.
    pub allowed_before: bool,
}

/// What the user answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Yes.
    Allow,
    /// No.
    Deny,
}

/// What an answer came to.
pub enum Answered {
    /// Back to the client.
    Respond(AuthorizationResponse),
    /// The page was not this browser's, too old or answered before: start again (403).
    Void(PageRefusal),
}

/// What this user lets this client have already, in the organization when it is about one.
pub async fn held(
    app: &App,
    who: &SignedIn,
    client: &ClientRow,
    member: Option<&Arc<MemberStanding>>,
) -> Result<Option<Arc<AuthorizationRow>>, StoreError> {
    let (user_id, client_id) = (who.user.id, client.id);
    let organization_id = member.map(|member| member.organization.id);
    let found = app.store.read(move |conn| authorizations::find(conn, user_id, client_id, organization_id)).await?;
    Ok(found.map(Arc::new))
}

/// Stores the request and makes its page.
pub async fn ask(
    app: &App,
    who: &SignedIn,
    checked: Checked,
    held: Option<&AuthorizationRow>,
    organization: Option<&Arc<MemberStanding>>,
) -> Result<ConsentPrompt, OAuthError> {
    let id = app.store.next_id()?;
    let now = app.clock.now();
    let token = PlainToken::new(TokenKind::ConsentRequest, id, random::secret().expose());
    let row = ConsentRequestRow {
        id,
        digest: token.digest().as_bytes().to_vec(),
        session_id: who.session.id,
        user_id: who.user.id,
        client: checked.client.id,
        request: checked.request.canonical_query(),
        created_at: now,
        expires_at: now + LIFETIME,
        used_at: None,
    };
    app.store
        .write(move |write| {
            consent_requests::keep_newest(write, row.session_id, OPEN_PAGES - 1)?;
            consent_requests::insert(write, &row)
        })
        .await?;
    let owner = match checked.client.owner_id {
        Some(owner) => app.store.view(move |rows| rows.get::<UserRow>(owner)).await?,
        None => None,
    };
    let lines = lines(app, &checked, held);
    let resources = audience::names(app, &checked.request.resource).await?;
    Ok(ConsentPrompt { token, checked, owner, organization: organization.cloned(), lines, resources })
}

/// What the client would have afterwards, old and new told apart.
fn lines(app: &App, checked: &Checked, held: Option<&AuthorizationRow>) -> Vec<Line> {
    let held = held.map(|row| app.catalogue.closure(&row.scopes)).unwrap_or_default();
    app.catalogue
        .strongest_lines(&held.union(&checked.consented()))
        .into_iter()
        .map(|line| Line { text: line.text.to_owned(), allowed_before: held.contains(line.scope) })
        .collect()
}

/// Takes the user's answer.
///
/// # Errors
/// Only where the store has no answer.
pub async fn answer(
    app: &App,
    caller: &Caller,
    who: &SignedIn,
    token: &str,
    answer: Answer,
) -> Result<Answered, OAuthError> {
    let Some(row) = find(app, who, token).await? else { return Ok(void(None)) };
    let params = Params::parse(row.request.as_bytes()).map_err(|_| OAuthError::new(ErrorCode::ServerError, ""))?;
    // The stored request is judged again: the client may have been changed since the page was made (C07).
    let checked = match checks::check_again(app, &params).await? {
        Ok(checked) => checked,
        Err(Refusal::Page(refusal)) => return Ok(Answered::Void(refusal)),
        Err(Refusal::Redirect(response)) => return Ok(Answered::Respond(*response)),
    };
    // So is the way into the organization: proof may have run out, or the user may be a member no more.
    let binding = organization::binding(app, &checked, Some(who)).await?;
    let open = match &binding {
        Binding::None => !checked.client.organization_access && who.has_local_factor(app.clock.now()),
        Binding::Chosen(chosen) => chosen.door == Door::Open,
        _ => false,
    };
    // And the sign-in: it grew older while the page was open.
    let now = app.clock.now();
    let still_good = decision::is_still_good(&checked, binding.authentication(&checked, who, now).as_ref(), now);
    let answered = match answer {
        Answer::Allow if !open => return Ok(void(Some(checked.client))),
        Answer::Allow if !still_good => return Ok(stale(checked.client)),
        Answer::Allow => issue::approve(app, caller, who, &checked, binding.member(), row.id).await?,
        Answer::Deny => deny(app, caller, who, &checked, row.id).await?,
    };
    Ok(answered.map_or_else(|| void(Some(checked.client)), Answered::Respond))
}

async fn find(app: &App, who: &SignedIn, token: &str) -> Result<Option<ConsentRequestRow>, StoreError> {
    let Ok(parsed) = TokenText::parse(TokenKind::ConsentRequest, token) else { return Ok(None) };
    let now = app.clock.now();
    let row = app.store.read(move |conn| consent_requests::find(conn, parsed.id)).await?;
    Ok(row
        .filter(|row| parsed.digest.matches(&row.digest))
        .filter(|row| row.session_id == who.session.id && row.user_id == who.user.id)
        .filter(|row| row.used_at.is_none() && now < row.expires_at))
}

async fn deny(
    app: &App,
    caller: &Caller,
    who: &SignedIn,
    checked: &Checked,
    id: i64,
) -> Result<Option<AuthorizationResponse>, StoreError> {
    let data = json!({ "scopes": checked.consented() });
    let (actor, target) = (Actor::User(&who.user), Target::Client(&checked.client));
    let event = audit::draft(app, Some(caller), "consent.deny", actor, target, data)?;
    let (session_id, now) = (who.session.id, app.clock.now());
    let first = app
        .store
        .write(move |write| {
            let first = consent_requests::answer(write, id, session_id, now)? == 1;
            if first {
                audit_events::insert(write, &event)?;
            }
            Ok(first)
        })
        .await?;
    Ok(first.then(|| answer::refusal(app, checked, ErrorCode::AccessDenied)))
}

fn stale(client: Arc<ClientRow>) -> Answered {
    let detail = Detail::new("consent_stale", "OpenID Connect Core section 3.1.2.1").hint(
        "the application bounds the age of the sign-in (max_age) or its kind (acr), and the page was open for longer",
    );
    let error = OAuthError::new(ErrorCode::AccessDenied, "the sign-in is older by now than the application accepts");
    Answered::Void(PageRefusal { error: error.with_detail(detail), client: Some(client) })
}

fn void(client: Option<Arc<ClientRow>>) -> Answered {
    let detail = Detail::new("consent_void", "RFC 6819 section 5.1.5.2")
        .hint("a consent page is good for one answer, within ten minutes, in the browser session it was made for");
    let error =
        OAuthError::new(ErrorCode::AccessDenied, "this page was answered before, or is too old").with_detail(detail);
    Answered::Void(PageRefusal { error, client })
}
