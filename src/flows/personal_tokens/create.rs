//! Making a personal token: a session may make any within its person's rights, a token only what it could do itself.

use serde_json::json;

use super::refusal::PersonalTokenRefusal as Refusal;
use crate::app::App;
use crate::crypto::random;
use crate::crypto::token::{PlainToken, TokenKind};
use crate::flows::api::{ApiRefusal, Credential, organization};
use crate::flows::audit::{self, Target};
use crate::flows::caller::Caller;
use crate::flows::mail::{self, Draft, Mail, Recipient};
use crate::flows::terms;
use crate::protocol::NumericDate;
use crate::protocol::identity_scopes::is_identity_scope;
use crate::protocol::scope::ScopeList;
use crate::protocol::text;
use crate::store::personal_tokens::{self, PersonalTokenRow};
use crate::store::types::TextArray;
use crate::store::users::{self, UserRow};
use crate::store::{CachedRow as _, StoreError, audit_events, organization_members};

const MAX_NAME: usize = 100;
const MAX_TOKENS: i64 = 100;
const TEN_YEARS: i64 = 10 * 366 * 24 * 3600;
/// What only administrators' tokens may hold.
const ADMINISTRATION: &str = "admin:";

/// A token as asked for.
#[derive(Clone, Debug)]
pub struct NewPersonalToken {
    /// What its maker calls it.
    pub name: String,
    /// Scopes.
    pub scopes: Vec<String>,
    /// When it ends.
    pub expires_at: Option<NumericDate>,
    /// The organization it is bound to, by slug or public name.
    pub organization: Option<String>,
}

/// A token that was made.
pub struct Made {
    /// Its row.
    pub row: PersonalTokenRow,
    /// Told once.
    pub token: PlainToken,
}

/// Makes a token for the person behind `credential`; `id` and `secret` become its text.
///
/// # Errors
/// [`Refusal`].
pub async fn create(
    app: &App,
    caller: &Caller,
    credential: &Credential,
    new: NewPersonalToken,
    id: i64,
    secret: &[u8; 32],
) -> Result<Made, Refusal> {
    let user = match (credential, credential.user()) {
        (Credential::AccessToken { .. }, _) | (_, None) => return Err(Refusal::ByApplication),
        (_, Some(user)) => user,
    };
    let now = app.clock.now();
    if let Credential::Session(who) = credential
        && !who.is_fresh(now, app.config.sign_in.step_up)
    {
        return Err(Refusal::StepUp);
    }
    let scopes = checked(app, credential, user, &new, now)?;
    let bound = match &new.organization {
        None => None,
        Some(named) => Some(inside(app, credential, named).await?),
    };
    let token = PlainToken::new(TokenKind::PersonalToken, id, secret);
    let row = PersonalTokenRow {
        id,
        public_id: random::url_safe_text(16),
        user_id: user.id,
        name: new.name.trim().to_owned(),
        scopes,
        audience: TextArray::default(),
        organization_id: bound.map(|(organization, _)| organization),
        member_id: bound.map(|(_, member)| member),
        digest: token.digest().as_bytes().to_vec(),
        last_four: token.last_four(),
        imported: false,
        created_at: now,
        expires_at: new.expires_at,
        last_used_at: None,
    };
    let data = json!({ "name": row.name, "scopes": row.scopes, "expires_at": row.expires_at });
    let target = Target::Row("personal_token", id, &row.name);
    let mut event = audit::draft(app, Some(caller), "personal_token.create", credential.actor(), target, data)?;
    if let Some((organization, _)) = bound {
        event = audit::of_organization(event, organization);
    }
    let letter = told(app, user, &row)?;
    let (written, user_id) = (row.clone(), user.id);
    let parent = match credential {
        Credential::PersonalToken { token, .. } => Some(token.id),
        _ => None,
    };
    let administration = row.scopes.iter().any(|scope| scope.starts_with(ADMINISTRATION));
    let caller = if administration { caller.as_administrator(user) } else { caller.clone() };
    let made = terms::of(app, Some(&caller)).write(move |write| {
        // Whoever shuts the account deletes its tokens: a new one is either there by then, or refused.
        users::hold(write, user_id)?;
        if !UserRow::load(write, user_id)?.is_some_and(|user| user.is_active()) {
            return Ok(Err(Refusal::NotFound));
        }
        // Deleted or removed since the request began, they give nothing away any more.
        if let Some(parent) = parent
            && PersonalTokenRow::load(write, parent)?.is_none_or(|parent| !parent.is_live(now))
        {
            return Ok(Err(Refusal::NotFound));
        }
        if let Some(member) = written.member_id
            && organization_members::find(write, member)?.is_none_or(|member| member.status != "active")
        {
            return Ok(Err(Refusal::NotFound));
        }
        if personal_tokens::count_of_user(write, user_id)? >= MAX_TOKENS {
            return Ok(Err(Refusal::TooMany(MAX_TOKENS)));
        }
        personal_tokens::insert(write, &written)?;
        audit_events::insert(write, &event)?;
        mail::queue(write, &letter)?;
        Ok(Ok(()))
    });
    made.await??;
    Ok(Made { row, token })
}

/// The person hears of it by mail, whoever made it: whoever holds it acts in their name.
fn told(app: &App, user: &UserRow, row: &PersonalTokenRow) -> Result<Option<Draft>, StoreError> {
    let letter =
        Mail::PersonalTokenMade { name: row.name.clone(), scopes: row.scopes.to_string(), expires_at: row.expires_at };
    let to = Recipient::of(user).filter(|to| mail::may_send(app, &letter, to));
    to.map(|to| mail::draft(app, &letter, &to)).transpose()
}

fn checked(
    app: &App,
    credential: &Credential,
    user: &UserRow,
    new: &NewPersonalToken,
    now: NumericDate,
) -> Result<ScopeList, Refusal> {
    let name = new.name.trim();
    if name.is_empty() || name.chars().count() > MAX_NAME || !text::is_safe_to_display(name) {
        return Err(Refusal::Name);
    }
    if new.scopes.is_empty() {
        return Err(Refusal::NoScopes);
    }
    if let Some(unknown) = new.scopes.iter().find(|scope| !app.catalogue.knows(scope) || is_identity_scope(scope)) {
        return Err(Refusal::UnknownScope(unknown.clone()));
    }
    if !user.administrator
        && let Some(beyond) = new.scopes.iter().find(|scope| scope.starts_with(ADMINISTRATION))
    {
        return Err(Refusal::AdministratorsOnly(beyond.clone()));
    }
    if let Some(own) = credential.scopes(app)
        && let Some(beyond) = new.scopes.iter().find(|scope| !own.contains(scope))
    {
        return Err(Refusal::BeyondParent(beyond.clone()));
    }
    if new.expires_at.is_some_and(|end| end <= now || end > now + TEN_YEARS) {
        return Err(Refusal::Expiry);
    }
    if let Credential::PersonalToken { token, .. } = credential
        && let Some(end) = token.expires_at
        && new.expires_at.is_none_or(|asked| asked > end)
    {
        return Err(Refusal::OutlivesParent);
    }
    Ok(ScopeList::from(new.scopes.clone()))
}

/// Row ids of organization and membership.
async fn inside(app: &App, credential: &Credential, named: &str) -> Result<(i64, i64), Refusal> {
    let outside = || Refusal::Organization(named.to_owned());
    match organization::enter(app, credential, named, "org:read", false).await {
        Ok(inside) => {
            let member = inside.member.ok_or_else(outside)?;
            // Administrators' tokens get in without the organization's proof; they give none away.
            if !organization::is_proven(credential, &member) {
                return Err(outside());
            }
            Ok((inside.organization.id, member.member.id))
        }
        Err(ApiRefusal::Unavailable(error)) => Err(Refusal::Unavailable(error)),
        Err(_) => Err(outside()),
    }
}
