//! Scopes about who a person is (OpenID Connect Core sections 3.1.2.1, 5.4 and 11): every server knows them, no resource
//! server and no organization owns them.

use super::catalogue::{Level, ScopeSet};

/// Makes a request an authentication request.
pub const OPENID: &str = "openid";
/// Name, pictures, language and the like.
pub const PROFILE: &str = "profile";
/// The e-mail address.
pub const EMAIL: &str = "email";
/// The postal address.
pub const ADDRESS: &str = "address";
/// The telephone number.
pub const PHONE: &str = "phone";
/// A refresh token that goes on without the person.
pub const OFFLINE_ACCESS: &str = "offline_access";

const TEXTS: [(&str, &str); 6] = [
    (OPENID, "Know who you are: a name for you that is always the same"),
    (PROFILE, "See your profile: name, picture, language, time zone"),
    (EMAIL, "See your e-mail address"),
    (ADDRESS, "See your postal address"),
    (PHONE, "See your telephone number"),
    (OFFLINE_ACCESS, "Keep this access while you are away, until you take it back"),
];

/// Whether the scope is one of these.
pub fn is_identity_scope(scope: &str) -> bool {
    TEXTS.iter().any(|(known, _)| *known == scope)
}

/// One set each, as each is consented to by itself.
pub fn sets() -> Vec<ScopeSet> {
    let level = |(scope, text): &(&str, &str)| Level { scope: (*scope).to_owned(), text: (*text).to_owned() };
    TEXTS.iter().map(|one| ScopeSet { name: one.0.to_owned(), levels: vec![level(one)] }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_a_set_of_its_own() {
        let names: Vec<String> = sets().into_iter().map(|set| set.name).collect();
        assert_eq!(names, ["openid", "profile", "email", "address", "phone", "offline_access"]);
        assert!(names.iter().all(|name| is_identity_scope(name)) && !is_identity_scope("org:read"));
    }
}
