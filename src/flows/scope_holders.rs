//! Who holds a scope, itself or by one that implies it: before a scope is renamed, narrowed or given away.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::app::App;
use crate::protocol::NumericDate;
use crate::protocol::scope::ScopeList;
use crate::store::{StoreError, scope_holders};

/// Rows are counted up to here; beyond it there are "1,000+".
pub const COUNTED: i64 = 1_000;

/// Holders of one kind.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct Holders<T> {
    /// How many there are, at most [`COUNTED`].
    pub count: usize,
    /// Whether there are more than were counted.
    pub more: bool,
    /// Some of them, newest first; the newest of all unless there are more than were counted.
    pub listed: Vec<T>,
}

/// Everybody who holds the scope.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct ScopeHolders {
    /// The scope asked for.
    pub scope: String,
    /// The scopes that carry it, itself first.
    pub carried_by: Vec<String>,
    /// What users let clients have.
    pub authorizations: Holders<AuthorizationHolder>,
    /// Personal tokens that have not ended.
    pub personal_tokens: Holders<PersonalTokenHolder>,
    /// Organizations' API keys that have not ended.
    pub api_keys: Holders<ApiKeyHolder>,
    /// Clients that may be given it.
    pub clients: Holders<ClientHolder>,
}

/// One authorization.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct AuthorizationHolder {
    /// The user's login.
    pub login: String,
    /// The client's identifier.
    pub client_id: String,
    /// Its name.
    pub client: String,
    /// Slug of the organization it is bound to.
    pub organization: Option<String>,
    /// All it holds.
    #[schema(value_type = Vec<String>)]
    pub scopes: ScopeList,
    /// When it was last used.
    pub last_used_at: Option<NumericDate>,
}

/// One personal token.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct PersonalTokenHolder {
    /// Its public name.
    pub id: String,
    /// Its person's login.
    pub login: String,
    /// What its person calls it.
    pub name: String,
    /// Slug of the organization it is bound to.
    pub organization: Option<String>,
    /// All it holds.
    #[schema(value_type = Vec<String>)]
    pub scopes: ScopeList,
    /// When it ends.
    pub expires_at: Option<NumericDate>,
    /// When it was last used.
    pub last_used_at: Option<NumericDate>,
}

/// One API key.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct ApiKeyHolder {
    /// Its public name.
    pub id: String,
    /// Slug of its organization.
    pub organization: String,
    /// What people call it.
    pub label: String,
    /// `active` or `inactive`.
    pub status: String,
    /// All it holds.
    #[schema(value_type = Vec<String>)]
    pub scopes: ScopeList,
    /// When it was last used.
    pub last_used_at: Option<NumericDate>,
}

/// One client.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct ClientHolder {
    /// Its identifier.
    pub client_id: String,
    /// Its name.
    pub name: String,
    /// `active`, `inactive` or `pending_deletion`.
    pub status: String,
    /// The most it can be given.
    #[schema(value_type = Vec<String>)]
    pub scopes: ScopeList,
}

/// Holders of `scope`, at most `limit` listed of each kind. A scope that left the catalogue is looked for as it is
/// written: rows may still have it.
///
/// # Errors
/// The store's.
pub async fn of(app: &App, scope: &str, limit: usize) -> Result<ScopeHolders, StoreError> {
    let mut carriers = vec![scope.to_owned()];
    let implies = |other: &&str| *other != scope && app.catalogue.closure(&list(other)).contains(scope);
    carriers.extend(app.catalogue.scopes().filter(implies).map(str::to_owned));
    let (scope, asked, now) = (scope.to_owned(), carriers.clone(), app.clock.now());
    app.store
        .read(move |conn| {
            let most = COUNTED + 1;
            let mut authorizations = scope_holders::authorizations(conn, &asked, most)?;
            let mut tokens = scope_holders::personal_tokens(conn, &asked, now, most)?;
            let mut keys = scope_holders::api_keys(conn, &asked, now, most)?;
            let mut clients = scope_holders::clients(conn, &asked, most)?;
            let (authorizations, counted_authorizations) = newest(&mut authorizations, limit, |row| row.id);
            let (tokens, counted_tokens) = newest(&mut tokens, limit, |row| row.id);
            let (keys, counted_keys) = newest(&mut keys, limit, |row| row.id);
            let (clients, counted_clients) = newest(&mut clients, limit, |row| row.id);

            let people = authorizations.iter().map(|row| row.user_id).chain(tokens.iter().map(|row| row.user_id));
            let logins: BTreeMap<_, _> = scope_holders::logins(conn, people.collect())?.into_iter().collect();
            let named = authorizations.iter().map(|row| row.client).collect();
            let names: BTreeMap<_, _> = scope_holders::client_names(conn, named)?.into_iter().collect();
            let bound = authorizations.iter().filter_map(|row| row.organization_id);
            let bound = bound.chain(tokens.iter().filter_map(|row| row.organization_id));
            let organizations = bound.chain(keys.iter().map(|row| row.organization_id)).collect();
            let slugs: BTreeMap<_, _> = scope_holders::slugs(conn, organizations)?.into_iter().collect();
            let login = |id: i64| logins.get(&id).cloned().unwrap_or_default();
            let slug = |id: Option<i64>| id.and_then(|id| slugs.get(&id).cloned());

            Ok(ScopeHolders {
                scope: scope.clone(),
                carried_by: asked.clone(),
                authorizations: counted_authorizations.list(authorizations.iter().map(|row| {
                    let (client_id, client) = names.get(&row.client).cloned().unwrap_or_default();
                    AuthorizationHolder {
                        login: login(row.user_id),
                        client_id,
                        client,
                        organization: slug(row.organization_id),
                        scopes: row.scopes.clone(),
                        last_used_at: row.last_used_at,
                    }
                })),
                personal_tokens: counted_tokens.list(tokens.iter().map(|row| PersonalTokenHolder {
                    id: row.public_id.clone(),
                    login: login(row.user_id),
                    name: row.name.clone(),
                    organization: slug(row.organization_id),
                    scopes: row.scopes.clone(),
                    expires_at: row.expires_at,
                    last_used_at: row.last_used_at,
                })),
                api_keys: counted_keys.list(keys.iter().map(|row| ApiKeyHolder {
                    id: row.public_id.clone(),
                    organization: slug(Some(row.organization_id)).unwrap_or_default(),
                    label: row.label.clone(),
                    status: row.status.clone(),
                    scopes: row.scopes.clone(),
                    last_used_at: row.last_used_at,
                })),
                clients: counted_clients.list(clients.iter().map(|row| ClientHolder {
                    client_id: row.client_id.clone(),
                    name: row.name.clone(),
                    status: row.status.clone(),
                    scopes: row.scopes.clone(),
                })),
            })
        })
        .await
}

fn list(scope: &str) -> ScopeList {
    ScopeList::from(vec![scope.to_owned()])
}

/// How many were found, before the list was cut.
struct Counted {
    count: usize,
    more: bool,
}

impl Counted {
    fn list<T>(&self, listed: impl Iterator<Item = T>) -> Holders<T> {
        Holders { count: self.count, more: self.more, listed: listed.collect() }
    }
}

/// The newest of what was found: which rows those are beyond [`COUNTED`] nobody says, because an order would make
/// PostgreSQL walk the whole table.
fn newest<R>(rows: &mut [R], limit: usize, id: impl Fn(&R) -> i64) -> (&[R], Counted) {
    let most = usize::try_from(COUNTED).unwrap_or(usize::MAX);
    rows.sort_unstable_by_key(|row| std::cmp::Reverse(id(row)));
    let counted = Counted { count: rows.len().min(most), more: rows.len() > most };
    (&rows[..rows.len().min(limit).min(most)], counted)
}
