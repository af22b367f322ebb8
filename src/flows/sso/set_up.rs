//! An organization's provider is switched on by an owner who has just come back from it (C38): the identity is linked to
//! the acting person, whatever address the upstream named.

use serde_json::json;

use super::act::{Acted, Gate, Linked, Stop, acted};
use super::callback::Flow;
use super::finish::Decision;
use super::luggage::Draft;
use super::providers;
use super::refusal::SsoRefusal;
use super::sessions;
use crate::app::App;
use crate::flows::audit::{self, Actor, Target};
use crate::flows::authorize::Browser;
use crate::flows::caller::Caller;
use crate::store::audit_events;
use crate::store::identities as identity_rows;
use crate::store::providers::{self as provider_rows, ProviderRow};
use crate::store::session_proofs;

/// Makes the provider of a draft, in place of the one there was, and links the acting person.
pub(super) async fn finish(
    app: &App,
    caller: &Caller,
    browser: &Browser<'_>,
    flow: &Flow,
) -> Result<Acted, SsoRefusal> {
    let gate = Gate::new(app, browser, flow, Decision::SetUp).await?;
    let who = browser.signed_in.ok_or(SsoRefusal::Changed)?;
    let draft = flow.luggage.draft.as_ref().ok_or(SsoRefusal::Void)?;
    let row = row(app, flow.organization.id, draft)?;
    let target = Target::Organization(&flow.organization);
    let data = json!({
        "provider": &row.kind, "issuer": &gate.profile.issuer, "allow_unlinked": row.allow_unlinked,
        "joining": &row.joining,
    });
    let event = audit::draft(app, Some(caller), "sso.enable", Actor::User(&who.user), target, data)?;
    let linked = Linked::draft(app, caller, flow, row.id, &who.user, &gate.profile)?;
    let (organization_id, roles) = (flow.organization.id, app.roles.clone());
    let (cookie, opening) =
        sessions::prepare(app, caller, browser.signed_in, &who.user, organization_id, gate.profile.auth_time).await?;
    let done = app.store.write(move |write| {
        write.unless_refused(|write| {
            let found = match gate.pass(write)? {
                Ok(found) => found,
                Err(stop) => return Ok(Err(stop)),
            };
            // The role may have been taken away while they were there.
            if !found.member.is_some_and(|member| roles.allows(&member.role, "org:admin")) {
                return Ok(Err(Stop::Changed));
            }
            // A new provider starts clean: nobody is linked to it but who set it up.
            if let Some(before) = provider_rows::find_of_organization(write, organization_id)? {
                // Sign-ins hold the provider too: they are over, or find it gone.
                provider_rows::hold_active(write, before.id)?;
                session_proofs::delete_of_provider(write, before.id)?;
                identity_rows::delete_of_provider(write, before.id)?;
                provider_rows::delete(write, before.id)?;
            }
            if write.unless_taken(|write| provider_rows::insert(write, &row))?.is_none() {
                return Ok(Err(Stop::Changed));
            }
            audit_events::insert(write, &event)?;
            if !linked.store(write, None, None)?
                || !sessions::open(write, &opening, organization_id, row.id, linked.row.id, gate.now)?
            {
                return Ok(Err(Stop::Changed));
            }
            Ok(Ok(()))
        })
    });
    done.await??;
    Ok(acted(flow, cookie))
}

fn row(app: &App, organization_id: i64, draft: &Draft) -> Result<ProviderRow, SsoRefusal> {
    let (id, now) = (app.store.next_id()?, app.clock.now());
    Ok(ProviderRow {
        id,
        organization_id,
        kind: draft.kind.clone(),
        settings: json!(draft.settings).to_string(),
        sealed_secret: draft.secret.as_ref().map(|secret| providers::seal_secret(app, id, secret)),
        allow_unlinked: draft.allow_unlinked,
        joining: draft.joining.as_str().to_owned(),
        status: "active".to_owned(),
        created_at: now,
        updated_at: now,
    })
}
