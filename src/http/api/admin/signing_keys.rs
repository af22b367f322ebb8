//! `/api/v1/admin/signing-keys`: keys that tokens are signed with.

use actix_web::web;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::flows::signing_keys::{self, How, SigningKeyView};
use crate::http::api::create::{self, Made};
use crate::http::api::{Answer, Call, Problem, body};
use crate::protocol::signing_algorithm::SigningAlgorithm;

/// Which keys are rotated, and how.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SigningKeyRotation {
    /// One new key each.
    #[schema(min_items = 1, max_items = 4)]
    pub algorithms: Vec<Algorithm>,
    /// After a compromise: the new key signs at once, and nothing signed by the others of its algorithm is believed.
    #[serde(default)]
    pub now: bool,
}

/// The value of `alg`.
#[derive(Deserialize, Clone, Copy, ToSchema)]
pub enum Algorithm {
    /// ECDSA on P-256.
    ES256,
    /// RSA with PKCS#1 v1.5.
    RS256,
    /// RSA with PSS.
    PS256,
    /// Ed25519.
    EdDSA,
}

impl From<Algorithm> for SigningAlgorithm {
    fn from(named: Algorithm) -> SigningAlgorithm {
        match named {
            Algorithm::ES256 => SigningAlgorithm::Es256,
            Algorithm::RS256 => SigningAlgorithm::Rs256,
            Algorithm::PS256 => SigningAlgorithm::Ps256,
            Algorithm::EdDSA => SigningAlgorithm::EdDsa,
        }
    }
}

/// The keys that tokens are signed with, newest first.
///
/// # Errors
/// [`Problem`].
#[utoipa::path(get, path = "/api/v1/admin/signing-keys", tag = "Administration: server", summary = "List signing keys",
    responses((status = 200, description = "Newest first.", body = Vec<SigningKeyView>)))]
pub async fn list(call: Call) -> Answer {
    Ok(call.ok(&signing_keys::list(&call.app).await?))
}

/// Makes a new key of each algorithm. It is published at once and signs after `keys.publish_ahead` seconds.
///
/// # Errors
/// [`Problem`].
#[utoipa::path(post, path = "/api/v1/admin/signing-keys/rotate", tag = "Administration: server",
    summary = "Rotate signing keys", request_body = SigningKeyRotation,
    params(("Idempotency-Key" = Option<String>, Header)),
    responses((status = 201, description = "The new keys.", body = Vec<SigningKeyView>)))]
pub async fn rotate(call: Call, payload: web::Payload) -> Answer {
    let (asked, bytes) = body::read::<SigningKeyRotation>(&call.app, &call.request, payload).await?;
    if asked.algorithms.is_empty() || asked.algorithms.len() > SigningAlgorithm::ALL.len() {
        return Err(Problem::field("algorithms", "Name one to four algorithms."));
    }
    let algorithms: Vec<SigningAlgorithm> = asked.algorithms.into_iter().map(SigningAlgorithm::from).collect();
    let how = if asked.now { How::AtOnce } else { How::Ahead };
    create::create(&call, &bytes, None, async |_, _| {
        let (caller, actor) = (Some(&call.caller), call.credential.actor());
        let made = signing_keys::rotate(&call.app, caller, actor, &algorithms, how).await?;
        Ok(Made { body: serde_json::json!(made), location: None, secret: None })
    })
    .await
}
