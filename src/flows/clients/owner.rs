//! The person who answers for a client, by login and back.

use super::{ClientFailure, Problem};
use crate::app::App;
use crate::app::throttle::spelling_key;
use crate::store::users::{self, UserRow};

/// Row id of the owner named, if one is named. Whoever owns it already, `now`, stays so while disabled.
///
/// # Errors
/// [`ClientFailure::Metadata`] when nobody active has this login.
pub(super) async fn id_of(app: &App, login: Option<&str>, now: Option<i64>) -> Result<Option<i64>, ClientFailure> {
    let Some(login) = login else {
        // A deleted owner cannot be named, so that naming none is no word about them.
        let could_be_named = login_of(app, now).await?.is_some();
        return Ok(if could_be_named { None } else { now });
    };
    let key = spelling_key(login);
    match app.store.read(move |conn| users::find_by_login_key(conn, &key)).await? {
        Some(user) if user.is_active() || Some(user.id) == now => Ok(Some(user.id)),
        _ => Err(ClientFailure::Metadata(vec![Problem {
            field: "owner",
            message: format!("nobody active signs in as {login:?}"),
        }])),
    }
}

/// Login of an owner, disabled or not: a change of something else must name the same one again. None for a deleted one.
pub(super) async fn login_of(app: &App, id: Option<i64>) -> Result<Option<String>, ClientFailure> {
    let Some(id) = id else { return Ok(None) };
    let user = app.store.view(move |rows| rows.get::<UserRow>(id)).await?;
    Ok(user.filter(|user| user.status != "deleted").map(|user| user.login.clone()))
}
