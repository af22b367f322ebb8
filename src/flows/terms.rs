//! What must still hold where a request's change is made. Its body may have taken a while to arrive: a credential that ended
//! meanwhile, or an administrator who is none any more, has no say, and nobody changes what they have not seen as it is.

use std::fmt;

use super::api::{Credential, StillGood};
use super::caller::Caller;
use super::session::SignedIn;
use crate::app::App;
use crate::protocol::NumericDate;
use crate::protocol::standard_claims::StandardClaims;
use crate::store::clients::{self, ClientRow};
use crate::store::email_addresses::{self, EmailAddressRow};
use crate::store::users::{self, UserRow};
use crate::store::{
    CachedRow as _, QueryResult, StoreError, Unmet, Write, instance, organization_members, organizations,
};

/// What a request's changes hang on; none for what nobody is asked who does it.
#[derive(Clone, Default)]
pub struct Terms {
    good: Option<StillGood>,
    seen: Option<(Seen, Unmet)>,
}

/// Says nothing: a credential's row holds digests.
impl fmt::Debug for Terms {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Terms(..)")
    }
}

/// A row as it was when the request was judged.
#[derive(Clone)]
pub enum Seen {
    /// An account, with its further addresses where the request was shown them.
    User(Box<UserRow>, Option<Vec<EmailAddressRow>>),
    /// An application.
    Client(Box<ClientRow>),
}

impl From<&UserRow> for Seen {
    fn from(row: &UserRow) -> Seen {
        Seen::User(Box::new(row.clone()), None)
    }
}

impl From<(&UserRow, Vec<EmailAddressRow>)> for Seen {
    fn from((row, further): (&UserRow, Vec<EmailAddressRow>)) -> Seen {
        Seen::User(Box::new(row.clone()), Some(further))
    }
}

impl From<&ClientRow> for Seen {
    fn from(row: &ClientRow) -> Seen {
        Seen::Client(Box::new(row.clone()))
    }
}

impl Seen {
    /// Whether it is still so. The row is held from here on, so that it stays so.
    fn is_there(&self, write: &mut Write<'_>) -> QueryResult<bool> {
        match self {
            Seen::User(seen, further) => {
                // Whoever shuts accounts holds the server's row, then their organizations, then theirs; and whoever lets an
                // application into an organization holds that before the person. Two that hold both must not wait for each
                // other.
                instance::hold(write)?;
                let theirs = organization_members::of_user(write, seen.id)?;
                let mut theirs: Vec<i64> = theirs.into_iter().map(|(_, organization)| organization.id).collect();
                theirs.sort_unstable();
                theirs.into_iter().try_for_each(|id| organizations::hold(write, id).map(drop))?;
                users::hold(write, seen.id)?;
                if !UserRow::load(write, seen.id)?.is_some_and(|row| what_is_told(&row) == what_is_told(seen)) {
                    return Ok(false);
                }
                match further {
                    Some(further) => Ok(email_addresses::of_user(write, seen.id)? == *further),
                    None => Ok(true),
                }
            }
            Seen::Client(seen) => Ok(clients::hold(write, seen.id)?.is_some_and(|row| row == **seen)),
        }
    }
}

/// What people and scripts see of an account, but for times, which move by themselves.
fn what_is_told(row: &UserRow) -> impl PartialEq {
    (
        (row.login.clone(), row.name.clone(), row.email.clone(), row.email_verified_at),
        (row.status.clone(), row.administrator, row.managed_by, row.password_hash.is_some()),
        StandardClaims { updated_at: None, ..row.claims.0.clone() },
    )
}

impl Caller {
    /// For what is done with a credential; with `administration`, by an administrator of the server.
    #[must_use]
    pub fn with_credential(mut self, credential: &Credential, administration: bool, now: NumericDate) -> Caller {
        let good = StillGood::of(credential, now);
        let administrator = credential.user().filter(|_| administration).map(|user| user.id);
        self.terms.good = Some(administrator.into_iter().fold(good, StillGood::of_administrator));
        self
    }

    /// For what is done in a browser's session.
    #[must_use]
    pub fn in_session(mut self, who: &SignedIn, now: NumericDate) -> Caller {
        self.terms.good = Some(StillGood::of_session(who.session.id, now));
        self
    }

    /// For what only administrators of the server may do.
    #[must_use]
    pub fn as_administrator(&self, user: &UserRow) -> Caller {
        let mut caller = self.clone();
        let good = caller.terms.good.take().unwrap_or_else(StillGood::whoever);
        caller.terms.good = Some(good.of_administrator(user.id));
        caller
    }

    /// For a change of what the request names by `If-Match` (RFC 9110 section 13.1.1).
    #[must_use]
    pub fn seeing(&self, seen: impl Into<Seen>) -> Caller {
        let mut caller = self.clone();
        caller.terms.seen = Some((seen.into(), Unmet::NotAsSeen));
        caller
    }

    /// For a change that is made of what was just read: somebody else's, that came in between, must not be undone.
    #[must_use]
    pub fn having_read(&self, read: impl Into<Seen>) -> Caller {
        let mut caller = self.clone();
        caller.terms.seen.get_or_insert_with(|| (read.into(), Unmet::Overtaken));
        caller
    }

    /// For what is right to do whatever happened meanwhile, such as to end what may have ended.
    #[must_use]
    pub fn without_terms(&self) -> Caller {
        Caller { terms: Terms::default(), ..self.clone() }
    }

    /// The credential, to be looked at again.
    pub(in crate::flows) fn still_good(&self, now: NumericDate) -> Option<StillGood> {
        self.terms.good.clone().map(|good| good.at(now))
    }
}

/// The store as it is open to a caller. Whoever is none, such as the operator at the command line, makes no terms.
pub(in crate::flows) fn of<'a>(app: &'a App, caller: Option<&'a Caller>) -> OnTerms<'a> {
    OnTerms { app, caller }
}

/// See [`of`].
pub(in crate::flows) struct OnTerms<'a> {
    app: &'a App,
    caller: Option<&'a Caller>,
}

impl OnTerms<'_> {
    /// Runs `f` in a transaction, if all that the request hangs on still holds there.
    ///
    /// # Errors
    /// The store's; [`StoreError::Unmet`] where something does not hold: nothing is changed then.
    pub async fn write<T, F>(self, f: F) -> Result<T, StoreError>
    where
        F: Fn(&mut Write<'_>) -> QueryResult<T> + Send + 'static,
        T: Send + 'static,
    {
        let OnTerms { app, caller } = self;
        let good = caller.and_then(|caller| caller.still_good(app.clock.now()));
        let seen = caller.and_then(|caller| caller.terms.seen.clone());
        if good.is_none() && seen.is_none() {
            return app.store.write(f).await;
        }
        let done = app.store.write(move |write| {
            if let Some(good) = &good
                && !good.check(write)?
            {
                return Ok(Err(Unmet::Credential));
            }
            if let Some((seen, unmet)) = &seen
                && !seen.is_there(write)?
            {
                return Ok(Err(*unmet));
            }
            f(write).map(Ok)
        });
        done.await?.map_err(StoreError::Unmet)
    }
}
