//! What ends with the first proof of an account's main address by mail. Until then whoever made the account may have been
//! anybody who wrote that address down, and may have left ways in for later: all of them go, in the transaction of the proof.

use serde_json::{Value, json};

use crate::store::{
    QueryResult, Write, authorizations, email_addresses, identities, personal_tokens, providers, session_proofs,
};

/// How many of each were there.
pub(super) struct Ended {
    further_addresses: usize,
    personal_tokens: usize,
    authorizations: usize,
    identities: usize,
}

impl Ended {
    /// For the record.
    pub(super) fn data(&self) -> Value {
        json!({ "ended": {
            "further_addresses": self.further_addresses, "personal_tokens": self.personal_tokens,
            "authorizations": self.authorizations, "identities": self.identities,
        } })
    }
}

/// Holds the providers at which the person has identities. Sign-ins hold theirs before the person: whoever is about to hold
/// the person, to [`end`] all of it, calls this first.
pub(super) fn hold_providers(write: &mut Write<'_>, user_id: i64) -> QueryResult<()> {
    let mut ids: Vec<i64> = identities::list_of_user(write, user_id)?.iter().map(|row| row.provider_id).collect();
    ids.sort_unstable();
    ids.dedup();
    ids.into_iter().try_for_each(|id| providers::hold_active(write, id).map(drop))
}

/// Ends every way in but the password, which is set anew, and the sessions, which whoever calls this ends: further
/// addresses, personal tokens, what applications were allowed, with all that hangs on it, and identities with what they
/// proved. Browsers known to the account stay known: the first sign-in after it is told as that of a new one.
pub(super) fn end(write: &mut Write<'_>, user_id: i64) -> QueryResult<Ended> {
    let linked = identities::list_of_user(write, user_id)?;
    for identity in &linked {
        identities::delete(write, identity)?;
        session_proofs::delete_of_identity(write, identity.id)?;
    }
    Ok(Ended {
        further_addresses: email_addresses::delete_of_user(write, user_id)?,
        personal_tokens: personal_tokens::delete_of_user(write, user_id)?,
        authorizations: authorizations::delete_of_user(write, user_id)?,
        identities: linked.len(),
    })
}
