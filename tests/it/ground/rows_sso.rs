//! Every column of the tables of single sign-on comes back as it went in, once filled and once empty.

use grantor::store::identities::{self, IdentityRow};
use grantor::store::providers::{self, ProviderRow};
use grantor::store::session_proofs::{self, SessionProofRow};
use grantor::store::sso_flows::{self, SsoFlowRow};

use super::rows::{same, some, text};
use crate::support::{TestApp, on_both};

on_both!(providers_and_identities_come_back, flows_and_proofs_come_back);

async fn providers_and_identities_come_back(app: &TestApp) {
    for full in [true, false] {
        let organization = app.db_org(if full { "full" } else { "empty" }).await;
        let person = app.db_user(if full { "full" } else { "empty" }).await;
        let (provider, identity) = rows(organization.id, person.row.id, full);
        let (store, provider_id, identity_id) = (app.app().store.clone(), provider.id, identity.id);
        let (p, i) = (provider.clone(), identity.clone());
        let write = store.write(move |write| {
            providers::insert(write, &p)?;
            identities::insert(write, &i)
        });
        write.await.expect("both go in");
        let read =
            store.read(move |conn| Ok((providers::find(conn, provider_id)?, identities::find(conn, identity_id)?)));
        let (came, identity_came) = read.await.expect("the store answers");
        same!(ProviderRow, came.expect("a row"), provider; id, organization_id, kind, settings, sealed_secret,
            allow_unlinked, joining, status, created_at, updated_at);
        same!(IdentityRow, identity_came.expect("a row"), identity; id, provider_id, issuer, subject, user_id, email,
            email_verified, name, sealed_tokens, recheckable, status, invalid_reason, last_verified, last_synced,
            next_check_at, check_failures, claimed_until, created_at);
    }
}

fn rows(organization_id: i64, user_id: i64, full: bool) -> (ProviderRow, IdentityRow) {
    let id = if full { 10 } else { 20 };
    let provider = ProviderRow {
        id,
        organization_id,
        kind: text("kind"),
        settings: serde_json::json!({ "x": text("settings") }).to_string(),
        sealed_secret: some(full, vec![0, 1, 255]),
        allow_unlinked: full,
        joining: if full { "everyone" } else { "invited" }.to_owned(),
        status: if full { "active" } else { "disabled" }.to_owned(),
        created_at: 1,
        updated_at: 2,
    };
    let identity = IdentityRow {
        id: id + 1,
        provider_id: id,
        issuer: text("issuer"),
        subject: text("subject"),
        user_id,
        email: some(full, text("email")),
        email_verified: full,
        name: some(full, text("name")),
        sealed_tokens: some(full, vec![7; 300]),
        recheckable: full,
        status: if full { "valid" } else { "invalid" }.to_owned(),
        invalid_reason: some(full, text("reason")),
        last_verified: 3,
        last_synced: 4,
        next_check_at: some(full, 5),
        check_failures: 6,
        claimed_until: some(full, 7),
        created_at: 8,
    };
    (provider, identity)
}

async fn flows_and_proofs_come_back(app: &TestApp) {
    for full in [true, false] {
        let id = if full { 10 } else { 20 };
        let flow = SsoFlowRow {
            id,
            digest: vec![1; 32],
            browser_digest: vec![2; 32],
            flow: if full { "link" } else { "set_up" }.to_owned(),
            organization_id: 3,
            provider_id: some(full, 4),
            user_id: some(full, 5),
            session_id: some(full, 6),
            step: 2,
            sealed: vec![0, 255],
            return_to: some(full, text("/path")),
            created_at: 7,
            expires_at: 8,
            finished_at: some(full, 9),
        };
        let proof = SessionProofRow {
            id,
            session_id: id,
            organization_id: 2,
            provider_id: 3,
            identity_id: 4,
            proven_at: 5,
            expires_at: 6,
        };
        let (f, p, store) = (flow.clone(), proof.clone(), app.app().store.clone());
        let write = store.write(move |write| {
            sso_flows::insert(write, &f)?;
            session_proofs::insert(write, &p)
        });
        write.await.expect("both go in");
        let read = store.read(move |conn| Ok((sso_flows::find(conn, id)?, session_proofs::find(conn, id)?)));
        let (came, proof_came) = read.await.expect("the store answers");
        same!(SsoFlowRow, came.expect("a row"), flow; id, digest, browser_digest, flow, organization_id, provider_id,
            user_id, session_id, step, sealed, return_to, created_at, expires_at, finished_at);
        same!(SessionProofRow, proof_came.expect("a row"), proof; id, session_id, organization_id, provider_id,
            identity_id, proven_at, expires_at);
    }
}
