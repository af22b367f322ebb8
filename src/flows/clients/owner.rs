//! The person who answers for a client, by login and back.

use super::{ClientFailure, Problem};
use crate::app::App;
use crate::app::throttle::spelling_key;
use crate::store::users::{self, UserRow};

/// Row id of the owner named, if one is named.
///
/// # Errors
/// [`ClientFailure::Metadata`] when nobody active has this login.
pub(super) async fn id_of(app: &App, login: Option<&str>) -> Result<Option<i64>, ClientFailure> {
    let Some(login) = login else { return Ok(None) };
    let key = spelling_key(login);
    match app.store.read(move |conn| users::find_by_login_key(conn, &key)).await? {
        Some(user) if user.is_active() => Ok(Some(user.id)),
        _ => Err(ClientFailure::Metadata(vec![Problem {
            field: "owner",
            message: format!("nobody active signs in as {login:?}"),
        }])),
    }
}

/// Login of an owner, while there is one.
pub(super) async fn login_of(app: &App, id: Option<i64>) -> Result<Option<String>, ClientFailure> {
    let Some(id) = id else { return Ok(None) };
    let user = app.store.view(move |rows| rows.get::<UserRow>(id)).await?;
    Ok(user.filter(|user| user.is_active()).map(|user| user.login.clone()))
}
