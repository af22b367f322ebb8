//! The periodic re-check: identities whose upstream can be asked without their person are asked again. Each is claimed by
//! one node for a while; what the upstream denies ends at once, what it cannot say now is asked later, and until it
//! vouches nothing is bumped, so that the window closes by itself.

use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt as _;
use serde_json::json;
use tokio::sync::watch;

use super::attach::next_check;
use super::luggage::UpstreamTokens;
use super::providers::{self, RecheckFailure, Rechecked};
use super::upstream_error::UpstreamError;
use crate::app::App;
use crate::flows::audit::{self, Actor, Target};
use crate::flows::mail::{self, Mail, Recipient};
use crate::protocol::NumericDate;
use crate::store::identities::{self, IdentityRow};
use crate::store::organizations::{self, OrganizationRow};
use crate::store::providers::{self as provider_rows, ProviderRow};
use crate::store::users::UserRow;
use crate::store::{CachedRow as _, StoreError, audit_events, session_proofs};

/// Claimed at once, and asked beside each other.
const BATCH: i64 = 20;
const AT_ONCE: usize = 4;
/// Batches in one round.
const BATCHES: usize = 25;
/// Seconds a claim holds: longer than a batch of slow upstreams takes.
const CLAIM: i64 = 300;
/// Seconds between two tries at an upstream that does not answer, at first and at most.
const BACK_OFF: (i64, i64) = (60, 3600);

/// Between two looks at what is due.
const PERIOD: Duration = Duration::from_secs(60);

/// Rounds until `stop` turns true; a round that is under way is left where it is, its claims run out.
pub async fn run(app: Arc<App>, mut stop: watch::Receiver<bool>) {
    let mut ticks = tokio::time::interval(PERIOD);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let rounds = async {
        loop {
            ticks.tick().await;
            if let Err(error) = round(&app).await {
                tracing::warn!(%error, "the re-check of identities goes on in a minute");
            }
        }
    };
    tokio::select! {
        () = rounds => {}
        // The answer holds a lock, which must not live on into the other arm.
        () = async { drop(stop.wait_for(|stopped| *stopped).await) } => {}
    }
}

/// Asks about everything that is due. How many were asked.
///
/// # Errors
/// The store's; what was asked until then stays written down.
pub async fn round(app: &App) -> Result<usize, StoreError> {
    let mut asked = 0;
    for _ in 0..BATCHES {
        let now = app.clock.now();
        let claimed = app.store.write(move |write| identities::claim_due(write, now, now + CLAIM, BATCH)).await?;
        if claimed.is_empty() {
            break;
        }
        asked += claimed.len();
        let results: Vec<_> =
            futures_util::stream::iter(claimed).map(|row| one(app, row)).buffer_unordered(AT_ONCE).collect().await;
        results.into_iter().collect::<Result<Vec<()>, _>>()?;
    }
    Ok(asked)
}

/// All that an identity hangs on.
struct Surroundings {
    provider: ProviderRow,
    organization: OrganizationRow,
    user: UserRow,
}

async fn one(app: &App, row: IdentityRow) -> Result<(), StoreError> {
    let (provider_id, user_id) = (row.provider_id, row.user_id);
    let found = app
        .store
        .read(move |conn| {
            let Some(provider) = provider_rows::find(conn, provider_id)? else { return Ok(None) };
            let Some(organization) = organizations::find(conn, provider.organization_id)? else { return Ok(None) };
            Ok(UserRow::load(conn, user_id)?.map(|user| Surroundings { provider, organization, user }))
        })
        .await?;
    // The provider was switched off meanwhile, and its identities went with it.
    let Some(around) = found else { return Ok(()) };
    match ask(app, &row, &around.provider).await {
        Ok(answer) => vouched(app, row, answer).await,
        Err(RecheckFailure::NotValid(reason)) => not_valid(app, row, &around, reason).await,
        Err(RecheckFailure::Transient(error)) => later(app, row, &around, &error).await,
    }
}

async fn ask(app: &App, row: &IdentityRow, provider: &ProviderRow) -> Result<Rechecked, RecheckFailure> {
    let opened = providers::open(app, provider)?;
    let tokens = row.sealed_tokens.as_ref().and_then(|sealed| UpstreamTokens::open(app, row.id, sealed));
    let tokens = tokens.unwrap_or_default();
    let asked = opened.provider.recheck(app, &opened.settings, opened.secret.as_deref(), &tokens, &row.subject);
    match tokio::time::timeout(Duration::from_secs(app.config.outbound.timeout), asked).await {
        Ok(answer) => answer,
        Err(_) => Err(UpstreamError::Unreachable("it took too long".to_owned()).into()),
    }
}

async fn vouched(app: &App, row: IdentityRow, answer: Rechecked) -> Result<(), StoreError> {
    let now = app.clock.now();
    let next = spread(row.id, next_check(app, now), now);
    let tokens = answer.tokens.map(|tokens| tokens.seal(app, row.id));
    app.store.write(move |write| identities::rechecked(write, &row, tokens.as_ref(), next, now)).await?;
    app.metrics.event("identity_rechecked");
    Ok(())
}

/// Unlinked in all but name: the row stays and says why, so that its person sees it and can make it good by signing in.
async fn not_valid(app: &App, row: IdentityRow, around: &Surroundings, reason: String) -> Result<(), StoreError> {
    let Surroundings { provider, organization, user } = around;
    let reason: String = reason.chars().take(200).collect();
    let data = json!({ "issuer": &row.issuer, "subject": &row.subject, "reason": &reason });
    let event = audit::draft(app, None, "identity.invalid", Actor::System, Target::User(user), data)?;
    let event = audit::of_organization(event, organization.id);
    let lost = Mail::IdentityLost {
        organization: organization.name.clone(),
        provider: providers::label(&provider.kind).to_owned(),
        reason: "The provider says that the account there is no longer valid.".to_owned(),
        path: Some(format!("/link/{}", organization.slug)),
    };
    let draft = match Recipient::of(user) {
        Some(to) => Some(mail::draft(app, &lost, &to.for_organization(organization.id))?),
        None => None,
    };
    app.store
        .write(move |write| {
            if identities::invalidate(write, &row, &reason)? == 0 {
                return Ok(());
            }
            session_proofs::delete_of_identity(write, row.id)?;
            audit_events::insert(write, &event)?;
            if let Some(draft) = &draft {
                mail::queue(write, draft)?;
            }
            Ok(())
        })
        .await?;
    app.metrics.event("identity_invalid");
    Ok(())
}

async fn later(app: &App, row: IdentityRow, around: &Surroundings, error: &UpstreamError) -> Result<(), StoreError> {
    let now = app.clock.now();
    let wait = back_off(row.check_failures);
    let organization = &around.organization.slug;
    tracing::warn!(%organization, %error, failures = row.check_failures + 1, wait, "an identity could not be re-checked");
    app.store.write(move |write| identities::check_later(write, &row, now + wait)).await?;
    app.metrics.event("identity_recheck_failed");
    Ok(())
}

fn back_off(failures: i64) -> i64 {
    let doublings = u32::try_from(failures.clamp(0, 10)).unwrap_or(10);
    (BACK_OFF.0 << doublings).min(BACK_OFF.1)
}

/// A sixth of the time earlier at most, by the row's id: people who were linked together are not all asked together.
fn spread(id: i64, next: NumericDate, now: NumericDate) -> NumericDate {
    let sixth = ((next - now) / 6).max(1);
    next - id.rem_euclid(sixth)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_silent_upstream_is_asked_less_and_less_often_and_never_given_up() {
        let waits: Vec<i64> = (0..9).map(back_off).collect();
        assert_eq!(waits, [60, 120, 240, 480, 960, 1920, 3600, 3600, 3600]);
        assert_eq!(back_off(i64::MAX), 3600);
    }

    #[test]
    fn checks_are_spread_and_never_later_than_due() {
        for id in [0, 1, 77, 1 << 60] {
            let next = spread(id, 1_000 + 43_200, 1_000);
            assert!((1_000 + 36_000..=1_000 + 43_200).contains(&next), "{next}");
        }
    }
}
