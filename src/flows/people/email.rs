//! Addresses of an account are proven by a link that was mailed there and is used by the person it was made for (C64). Until
//! then nothing changes; when something does, the addresses that were there are told.

use serde_json::json;

use super::addresses::{MOST, NewMain, Seen};
use super::correct::TRIES;
use super::{PersonRefusal, details};
use crate::app::App;
use crate::app::throttle::spelling_key;
use crate::flows::audit::{self, Actor, Target};
use crate::flows::caller::Caller;
use crate::flows::mail::links::{self, GoodLink, LinkKind};
use crate::flows::mail::{self, Draft, Mail, Recipient};
use crate::flows::session::SignedIn;
use crate::flows::terms;
use crate::protocol::NumericDate;
use crate::store::email_addresses::{self, EmailAddressRow};
use crate::store::users::{self, UserRow};
use crate::store::{QueryResult, StoreError, Write, audit_events};

/// What a link does with its address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// It is the main address already, and is proven.
    Proves,
    /// It becomes the main address.
    Moves,
    /// It becomes a further address.
    Adds,
}

impl Deed {
    /// What a link of this kind does for the account as it is.
    fn of(kind: LinkKind, user: &UserRow, email: &str) -> Deed {
        match user.email.as_deref() {
            Some(main) if main == email => Deed::Proves,
            // Another spelling of the main address takes its place.
            Some(main) if kind == LinkKind::AddEmail && spelling_key(main) != spelling_key(email) => Deed::Adds,
            _ => Deed::Moves,
        }
    }

    fn event(self) -> &'static str {
        match self {
            Deed::Proves => "user.verify_email",
            Deed::Moves => "user.change_email",
            Deed::Adds => "user.add_email",
        }
    }
}

/// Queues a link to `typed`: it will be the main address, or a further one. To the main address itself, it proves that.
///
/// # Errors
/// [`PersonRefusal`].
pub async fn ask(app: &App, caller: &Caller, who: &SignedIn, typed: &str, main: bool) -> Result<(), PersonRefusal> {
    let user = &who.user;
    details::is_their_own(user)?;
    details::check_email(typed.trim())?;
    let to = Recipient::of_at(user, typed).ok_or(PersonRefusal::EmailMalformed)?;
    let seen = Seen::read(app, user.id, Some(who.session.id)).await?;
    let kind = if main { LinkKind::ChangeEmail } else { LinkKind::AddEmail };
    let letter = match Deed::of(kind, &seen.user, to.address()) {
        Deed::Proves => Mail::VerifyEmail,
        _ if seen.has(to.address()) => return Err(PersonRefusal::AddressThere),
        deed => {
            let one_more = deed == Deed::Adds || seen.kept_beside(to.address()).is_some();
            if one_more && seen.is_full_for(to.address()) {
                return Err(PersonRefusal::TooManyAddresses(MOST));
            }
            if deed == Deed::Adds { Mail::AddEmail } else { Mail::ChangeEmail }
        }
    };
    let _attempt = app.throttles.recoveries.begin(&user.login_key, caller.address).map_err(PersonRefusal::Throttled)?;
    // A mailbox that got its share gets no more, and nobody hears of it: what fills it may come from elsewhere.
    if !mail::may_send(app, &letter, &to) {
        return Ok(());
    }
    let draft = mail::draft(app, &letter, &to)?;
    terms::of(app, Some(caller)).write(move |write| mail::queue(write, &draft)).await?;
    Ok(())
}

/// Queues the first link of a new account, if it has an address; a mail that cannot be queued is asked for again on the
/// account's page.
pub async fn welcome(app: &App, user: &UserRow) {
    let queued = async {
        let Some(to) = Recipient::of(user).filter(|to| mail::may_send(app, &Mail::VerifyEmail, to)) else {
            return Ok(());
        };
        let draft = mail::draft(app, &Mail::VerifyEmail, &to)?;
        app.store.write(move |write| mail::queue(write, &draft)).await
    };
    if let Err(error) = queued.await {
        let error: StoreError = error;
        tracing::warn!(%error, "the address of a new account could not be asked about");
    }
}

/// The link, if it works now and is this person's, and what it would do; looking uses nothing up.
///
/// # Errors
/// [`PersonRefusal::LinkVoid`], or the store's.
pub async fn check(app: &App, who: &SignedIn, token: &str) -> Result<(GoodLink, Deed), PersonRefusal> {
    let found = links::find(app, &LinkKind::OF_ADDRESSES, token).await?;
    let link = found.filter(|link| link.user.id == who.user.id).ok_or(PersonRefusal::LinkVoid)?;
    let deed = Deed::of(link.kind, &link.user, &link.row.email);
    Ok((link, deed))
}

/// Uses the link. Who only wrote an address down has proven nothing: the mailed token does (C64).
///
/// # Errors
/// [`PersonRefusal`].
pub async fn confirm(app: &App, caller: &Caller, who: &SignedIn, token: &str) -> Result<Deed, PersonRefusal> {
    for _ in 0..TRIES {
        let (GoodLink { row, user, kind }, _) = check(app, who, token).await?;
        let seen = Seen::read(app, user.id, None).await?;
        let (deed, now) = (Deed::of(kind, &seen.user, &row.email), app.clock.now());
        let drafted = Drafted::of(app, &seen, deed, &row.email, now)?;
        let event = audit::draft(app, Some(caller), deed.event(), Actor::User(&user), Target::User(&user), json!({}))?;
        let done = terms::of(app, Some(caller)).write(move |write| {
            if !seen.is_still(write)? {
                return Ok(None);
            }
            if links::use_up(write, &row, kind, now)?.is_none() {
                return Ok(Some(false));
            }
            drafted.write(write)?;
            audit_events::insert(write, &event)?;
            Ok(Some(true))
        });
        match done.await? {
            Some(true) => return Ok(deed),
            Some(false) => return Err(PersonRefusal::LinkVoid),
            // Another link was faster: this one is judged anew.
            None => {}
        }
    }
    Err(PersonRefusal::Changed)
}

/// What a link does, ready to be written over the account as it was read.
enum Drafted {
    Proves { user_id: i64, email: String, now: NumericDate },
    Moves(NewMain),
    Adds { row: EmailAddressRow, told: Vec<Draft> },
}

impl Drafted {
    fn of(app: &App, seen: &Seen, deed: Deed, email: &str, now: NumericDate) -> Result<Drafted, PersonRefusal> {
        Ok(match deed {
            Deed::Proves => Drafted::Proves { user_id: seen.user.id, email: email.to_owned(), now },
            Deed::Moves => Drafted::Moves(NewMain::of(app, seen, email, now)?),
            Deed::Adds if seen.is_full_for(email) => return Err(PersonRefusal::TooManyAddresses(MOST)),
            Deed::Adds => {
                let told = seen.tell(app, email, |_| Mail::EmailAdded { email: email.to_owned() })?;
                Drafted::Adds { row: seen.row(app, email, now)?, told }
            }
        })
    }

    fn write(&self, write: &mut Write<'_>) -> QueryResult<()> {
        match self {
            Drafted::Proves { user_id, email, now } => users::set_email(write, *user_id, email, *now).map(drop),
            Drafted::Moves(new) => new.write(write).map(drop),
            Drafted::Adds { row, told } => {
                // Proven once more, perhaps in another spelling.
                email_addresses::delete(write, row.user_id, &row.email_key)?;
                email_addresses::insert(write, row)?;
                mail::queue(write, told)
            }
        }
    }
}
