//! Whom a request is about: the person an `id_token_hint` names (OpenID Connect Core section 3.1.2.1), or the `sub` that the
//! `claims` parameter asks for by value (section 5.5.1). Nobody else may be answered for.

use serde_json::Value;

use crate::app::App;
use crate::crypto::own_tokens::Expiry;
use crate::protocol::claims_request::{ClaimsRequest, Wish};
use crate::protocol::error::{Detail, ErrorCode, OAuthError};
use crate::protocol::jwt_type;
use crate::store::clients::ClientRow;

/// The subjects one of which it must be; `None` for whoever it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted(Option<Vec<String>>);

impl Wanted {
    /// Reads the hint and the wishes.
    ///
    /// # Errors
    /// `invalid_request` for a hint that is no ID token this server made for this client. Its age does not matter.
    pub fn read(
        app: &App,
        client: &ClientRow,
        hint: Option<&str>,
        claims: &ClaimsRequest,
    ) -> Result<Wanted, OAuthError> {
        let mut wanted = Wanted::default();
        if let Some(hint) = hint {
            wanted.only(vec![hinted(app, client, hint)?]);
        }
        for wish in [claims.id_token.get("sub"), claims.userinfo.get("sub")].into_iter().flatten() {
            if !wish.values.is_empty() {
                wanted.only(texts(wish));
            }
        }
        Ok(wanted)
    }

    /// Whether it is about nobody in particular.
    pub fn is_anybody(&self) -> bool {
        self.0.is_none()
    }

    /// Whether it may be answered for the person the client knows by this name.
    pub fn accepts(&self, sub: &str) -> bool {
        self.0.as_ref().is_none_or(|subjects| subjects.iter().any(|one| one == sub))
    }

    fn only(&mut self, subjects: Vec<String>) {
        let before = self.0.take();
        let both = |sub: &String| before.as_ref().is_none_or(|before| before.contains(sub));
        self.0 = Some(subjects.into_iter().filter(both).collect());
    }
}

fn texts(wish: &Wish) -> Vec<String> {
    wish.values.iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// A token of another kind (A43), of another client or of another server is no hint: answering it would tell its holder
/// whether that person is signed in here.
fn hinted(app: &App, client: &ClientRow, hint: &str) -> Result<String, OAuthError> {
    let refused = |why: String| {
        let detail = Detail::new("id_token_hint_ours", "OpenID Connect Core section 3.1.2.1").hint(why);
        OAuthError::new(ErrorCode::InvalidRequest, "id_token_hint is no ID token of this client").with_detail(detail)
    };
    let claims =
        app.keys.verify_own(hint, jwt_type::ID_TOKEN, Expiry::Ignored).map_err(|error| refused(error.to_string()))?;
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    if text("iss") != Some(app.issuer.as_str()) || text("aud") != Some(&client.client_id) {
        return Err(refused("it is of another issuer or for another client".to_owned()));
    }
    // Other signed answers have the same `typ`; an ID token says when it was made and when it ends.
    if !["iat", "exp"].iter().all(|name| claims.get(*name).is_some_and(Value::is_i64)) {
        return Err(refused("it is no ID token".to_owned()));
    }
    text("sub").map(str::to_owned).ok_or_else(|| refused("it names nobody".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_that_was_said_of_the_person_holds_at_once() {
        let mut wanted = Wanted::default();
        assert!(wanted.is_anybody() && wanted.accepts("a"));
        wanted.only(vec!["a".to_owned(), "b".to_owned()]);
        assert!(wanted.accepts("a") && wanted.accepts("b") && !wanted.accepts("c"));
        wanted.only(vec!["b".to_owned(), "c".to_owned()]);
        assert!(!wanted.accepts("a") && wanted.accepts("b") && !wanted.accepts("c"));
        wanted.only(Vec::new());
        assert!(!wanted.is_anybody() && !wanted.accepts("b"), "nobody, which is not anybody");
    }
}
