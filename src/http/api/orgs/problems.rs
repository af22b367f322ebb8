//! Refusals about organizations' keys, registration tokens and providers as problems.

use actix_web::http::{StatusCode, header};

use crate::flows::api_keys::ApiKeyRefusal;
use crate::flows::organizations::OrganizationRefusal;
use crate::flows::registration::tokens::TokenRefusal;
use crate::flows::sso::SsoRefusal;
use crate::http::api::problem::Problem;

impl From<ApiKeyRefusal> for Problem {
    fn from(refusal: ApiKeyRefusal) -> Problem {
        use ApiKeyRefusal as R;
        let detail = refusal.to_string();
        match refusal {
            R::Label => Problem::field("label", detail),
            R::UnknownScope(_) | R::NotForKeys(_) => Problem::field("scopes", detail),
            R::Origin(..) | R::TooManyOrigins(_) => Problem::field("allowed_origins", detail),
            R::Expiry => Problem::field("expires_at", detail),
            R::Policy | R::NobodyToFollow => Problem::field("sso_policy", detail),
            R::Status => Problem::field("status", detail),
            R::Beyond(_) | R::Outlives | R::ByApplication | R::MustFollow => Problem::forbidden(detail),
            R::TooMany(_) => Problem::conflict(detail),
            R::NotFound => Problem::not_found(),
            R::Organization(refusal) => refusal.into(),
        }
    }
}

impl From<TokenRefusal> for Problem {
    fn from(refusal: TokenRefusal) -> Problem {
        use TokenRefusal as R;
        let detail = refusal.to_string();
        match refusal {
            // Nothing is here, and whoever looks for it is told why.
            R::Closed => Problem::new(StatusCode::NOT_FOUND, "not-found", "Not found", detail),
            R::NotFound => Problem::not_found(),
            R::Name => Problem::field("name", detail),
            R::Expiry => Problem::field("expires_at", detail),
            R::Uses(_) => Problem::field("uses", detail),
            R::Outlives | R::ByApplication => Problem::forbidden(detail),
            R::Off | R::TooMany(_) => Problem::conflict(detail),
            R::Organization(refusal) => refusal.into(),
        }
    }
}

impl From<SsoRefusal> for Problem {
    fn from(refusal: SsoRefusal) -> Problem {
        match refusal {
            SsoRefusal::Unavailable(error) => error.into(),
            SsoRefusal::Throttled(retry) => {
                let detail = "Too many attempts.";
                Problem::new(StatusCode::TOO_MANY_REQUESTS, "too-many-requests", "Too many requests", detail)
                    .with_header(header::RETRY_AFTER, &retry.seconds().to_string())
            }
            SsoRefusal::NoProvider => Problem::not_found(),
            SsoRefusal::Upstream(error) => Problem::field("claims", error),
            SsoRefusal::NotAsSeen => Problem::changed(OrganizationRefusal::Changed),
            SsoRefusal::Changed | SsoRefusal::Void | SsoRefusal::Finish(_) => {
                Problem::conflict("The provider was changed meanwhile: read it again, then change it.")
            }
        }
    }
}
