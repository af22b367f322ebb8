//! Refusals of flows as problems: one list from reason to status.

use actix_web::http::{StatusCode, header};

use super::problem::{FieldError, Problem};
use crate::app::start::StartError;
use crate::flows::api::idempotency::IdempotencyRefusal;
use crate::flows::api::refusal::ApiRefusal;
use crate::flows::applications::ApplicationRefusal;
use crate::flows::clients::ClientFailure;
use crate::flows::organizations::OrganizationRefusal;
use crate::flows::personal_tokens::PersonalTokenRefusal;
use crate::flows::signing_keys::SigningKeyFailure;
use crate::protocol::error::{ErrorCode, OAuthError};

const REALM: &str = "Bearer realm=\"grantor\"";

impl From<ApiRefusal> for Problem {
    fn from(refusal: ApiRefusal) -> Problem {
        use ApiRefusal as R;
        let detail = refusal.to_string();
        let unauthorized = |code, error: &str| {
            let problem = Problem::new(StatusCode::UNAUTHORIZED, code, "Who is asking?", &detail);
            let challenge = if error.is_empty() { REALM.to_owned() } else { format!("{REALM}, error=\"{error}\"") };
            problem.with_header(header::WWW_AUTHENTICATE, &challenge)
        };
        let forbidden = |code| Problem::new(StatusCode::FORBIDDEN, code, "Not allowed", &detail);
        match refusal {
            R::NoCredential => unauthorized("no-credential", ""),
            R::InvalidToken(_) => unauthorized("invalid-token", "invalid_token"),
            R::SsoRequired(slug) | R::TokenUnbound(slug) => {
                let problem = unauthorized("sso-required", "invalid_token");
                Problem { login_url: Some(format!("/login/{slug}").into()), ..problem }
            }
            R::Malformed(_) => unauthorized("malformed-credential", "invalid_request"),
            R::TwoCredentials | R::InAddress => Problem::bad_request(detail),
            R::Origin(_) => Problem::new(StatusCode::BAD_REQUEST, "origin-not-allowed", "Origin not allowed", detail),
            R::InsufficientScope(scope) => {
                let challenge = format!("{REALM}, error=\"insufficient_scope\", scope=\"{scope}\"");
                forbidden("insufficient-scope").with_header(header::WWW_AUTHENTICATE, &challenge)
            }
            R::Forged => forbidden("csrf"),
            R::Bound => forbidden("bound-to-organization"),
            R::NotOrganizationLevel => forbidden("not-organization-level"),
            R::NoPerson => forbidden("no-person"),
            R::SessionOnly => forbidden("session-only"),
            R::LocalFactor => forbidden("local-factor-required"),
            R::StepUp => Problem { login_url: Some("/step-up".into()), ..forbidden("step-up-required") },
            R::NotAdministrator => forbidden("not-administrator"),
            R::Role { .. } => forbidden("role"),
            R::NotFound => Problem::not_found(),
            R::PendingDeletion => Problem::conflict(detail),
            R::Throttled(retry) => {
                let problem =
                    Problem::new(StatusCode::TOO_MANY_REQUESTS, "too-many-requests", "Too many requests", detail);
                problem.with_header(header::RETRY_AFTER, &retry.seconds().to_string())
            }
            R::Unavailable(error) => error.into(),
        }
    }
}

impl From<SigningKeyFailure> for Problem {
    fn from(failure: SigningKeyFailure) -> Problem {
        match failure {
            SigningKeyFailure::TooManyWait | SigningKeyFailure::Overtaken => Problem::conflict(failure.to_string()),
            SigningKeyFailure::Keys(StartError::Store(error)) => error.into(),
            error => {
                tracing::error!(%error, "signing keys cannot be rotated");
                OAuthError::new(ErrorCode::ServerError, "").into()
            }
        }
    }
}

/// Whatever has no answer: 503 where a retry may help, else a mute 500; 401 where the credential ended on the way.
impl<E: Into<OAuthError>> From<E> for Problem {
    fn from(error: E) -> Problem {
        let code = error.into().code;
        if code == ErrorCode::InvalidToken {
            return ApiRefusal::InvalidToken("it ended, or its person may not do this any more").into();
        }
        if code == ErrorCode::TemporarilyUnavailable {
            let detail = "The server is busy: try again in a moment.";
            let problem = Problem::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", "Not now", detail);
            return problem.with_header(header::RETRY_AFTER, "1");
        }
        let detail = "Something went wrong here. The operator finds it in the log by the answer's X-Request-Id.";
        Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "server-error", "Server error", detail)
    }
}

impl From<IdempotencyRefusal> for Problem {
    fn from(refusal: IdempotencyRefusal) -> Problem {
        let detail = refusal.to_string();
        match refusal {
            IdempotencyRefusal::Malformed => Problem::bad_request(detail),
            IdempotencyRefusal::Other => {
                let title = "Another request had this key";
                Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "idempotency-key-reused", title, detail)
            }
            IdempotencyRefusal::AtWork | IdempotencyRefusal::NeverAnswered => Problem::conflict(detail),
            IdempotencyRefusal::Store(error) => error.into(),
        }
    }
}

impl From<PersonalTokenRefusal> for Problem {
    fn from(refusal: PersonalTokenRefusal) -> Problem {
        use PersonalTokenRefusal as R;
        let detail = refusal.to_string();
        match refusal {
            R::Name => Problem::field("name", detail),
            R::NoScopes | R::UnknownScope(_) => Problem::field("scopes", detail),
            R::Expiry => Problem::field("expires_at", detail),
            R::Organization(_) => Problem::field("organization", detail),
            R::StepUp => ApiRefusal::StepUp.into(),
            R::AdministratorsOnly(_) | R::BeyondParent(_) | R::OutlivesParent | R::ByApplication => {
                Problem::forbidden(detail)
            }
            R::TooMany(_) => Problem::conflict(detail),
            R::NotFound => Problem::not_found(),
            R::Unavailable(error) => error.into(),
        }
    }
}

impl From<ApplicationRefusal> for Problem {
    fn from(refusal: ApplicationRefusal) -> Problem {
        use ApplicationRefusal as R;
        let detail = refusal.to_string();
        match refusal {
            R::Closed | R::StaffOnly | R::ByApplication => Problem::forbidden(detail),
            R::StepUp => ApiRefusal::StepUp.into(),
            R::NotAsSeen => Problem::changed(detail),
            R::Declared(_) | R::PendingDeletion(_) | R::Conflict(_) => Problem::conflict(detail),
            R::Fields(problems) => ClientFailure::Metadata(problems).into(),
            R::NotFound => Problem::not_found(),
            R::Unavailable(error) => error.into(),
        }
    }
}

impl From<OrganizationRefusal> for Problem {
    fn from(refusal: OrganizationRefusal) -> Problem {
        use OrganizationRefusal as R;
        let detail = refusal.to_string();
        match refusal {
            R::NotFound
            | R::MemberUnknown
            | R::TeamUnknown
            | R::InvitationUnknown(_)
            | R::InvitationVoid
            | R::ApplicationUnknown => Problem::not_found(),
            R::NameMalformed | R::TeamNameMalformed => Problem::field("name", detail),
            R::SlugMalformed | R::SlugReserved => Problem::field("slug", detail),
            R::EmailMalformed(_) | R::NobodyInvited | R::TooManyAtOnce(_) => Problem::field("email", detail),
            R::TooManyTeams(_) => Problem::field("teams", detail),
            R::RoleUnknown(_) => Problem::field("role", detail),
            R::DefaultRoleTooHigh(_) => Problem::field("default_role", detail),
            R::TokenAge(..) => Problem::field("token_max_age", detail),
            R::ApplicationPolicy => Problem::field("application_policy", detail),
            R::ApplicationStatus => Problem::field("status", detail),
            R::NotConfirmed => Problem::field("confirm", detail),
            R::CreationClosed(_)
            | R::RoleTooHigh { .. }
            | R::NotAllowed { .. }
            | R::TeamsClosed
            | R::NotInTeam
            | R::ScopeMissing(_)
            | R::RoleAboveCredential(_) => Problem::forbidden(detail),
            R::TooManyToday(_) | R::TooSoon(_) => {
                Problem::new(StatusCode::TOO_MANY_REQUESTS, "too-many-requests", "Too many requests", detail)
                    .with_header(header::RETRY_AFTER, "60")
            }
            R::PendingDeletion
            | R::NotPending
            | R::Ownerless(_)
            | R::SlugTaken
            | R::LastOwner(_)
            | R::AlreadyMember(_)
            | R::TeamTaken
            | R::TeamsFull(_)
            | R::OrganizationsFull(_)
            | R::TooManyAsked(_) => Problem::conflict(detail),
            R::Changed => Problem::changed(detail),
            R::Unavailable(error) => error.into(),
        }
    }
}

impl From<ClientFailure> for Problem {
    fn from(failure: ClientFailure) -> Problem {
        match failure {
            ClientFailure::Unknown(_) => Problem::not_found(),
            ClientFailure::Metadata(problems) => Problem::invalid(
                problems
                    .into_iter()
                    .map(|problem| FieldError { field: problem.field.to_owned(), message: problem.message })
                    .collect(),
            ),
            ClientFailure::Conflict(detail) => Problem::conflict(detail),
            full @ (ClientFailure::Full | ClientFailure::TokenSpent) => Problem::conflict(full.to_string()),
            ClientFailure::NotAsSeen => Problem::changed(ClientFailure::NotAsSeen),
            ClientFailure::Store(error) => error.into(),
        }
    }
}
