//! Why single sign-on ends, for pages and for `grantor explain`.

use super::finish;
use super::upstream_error::UpstreamError;
use crate::app::throttle::RetryAfter;
use crate::protocol::error::{Detail, ErrorCode, OAuthError};
use crate::store::StoreError;

/// Why.
#[derive(Debug)]
pub enum SsoRefusal {
    /// The link or form is unknown, used, too old, or another browser's (C42, C44).
    Void,
    /// The provider was disabled, changed or removed meanwhile (C45), or there is none.
    NoProvider,
    /// The upstream.
    Upstream(UpstreamError),
    /// The pipeline's own decision.
    Finish(finish::Refusal),
    /// What was decided no longer holds: something changed between the page and the click.
    Changed,
    /// It is not what whoever changes it saw.
    NotAsSeen,
    /// Too many attempts.
    Throttled(RetryAfter),
    /// The server cannot answer now.
    Unavailable(OAuthError),
}

impl From<StoreError> for SsoRefusal {
    fn from(error: StoreError) -> Self {
        SsoRefusal::Unavailable(error.into())
    }
}

impl From<UpstreamError> for SsoRefusal {
    fn from(error: UpstreamError) -> Self {
        SsoRefusal::Upstream(error)
    }
}

impl SsoRefusal {
    /// The rule for the records.
    pub fn rule(&self) -> &'static str {
        use finish::Refusal as F;
        match self {
            SsoRefusal::Void => "sso_state",
            SsoRefusal::NoProvider => "sso_provider",
            SsoRefusal::Upstream(UpstreamError::Denied(_)) => "sso_denied",
            SsoRefusal::Upstream(UpstreamError::Unreachable(_)) => "sso_unreachable",
            SsoRefusal::Upstream(UpstreamError::NotAllowed(_)) => "sso_not_allowed",
            SsoRefusal::Upstream(UpstreamError::NotRecent) => "sso_not_recent",
            SsoRefusal::Upstream(UpstreamError::NoAuthTime) => "sso_no_auth_time",
            SsoRefusal::Upstream(_) => "sso_unacceptable",
            SsoRefusal::Finish(F::SessionChanged) => "sso_session_changed",
            SsoRefusal::Finish(F::AccountInactive) => "sso_account_inactive",
            SsoRefusal::Finish(F::MemberRemoved) => "sso_member_removed",
            SsoRefusal::Finish(F::NotAMember) => "sso_not_a_member",
            SsoRefusal::Finish(F::NotInvited) => "sso_not_invited",
            SsoRefusal::Finish(F::BelongsToAnother) => "sso_linked_elsewhere",
            SsoRefusal::Finish(F::OwnFactorNeeded) => "sso_own_factor",
            SsoRefusal::Finish(F::OtherAccountFirst) => "sso_other_account",
            SsoRefusal::Changed | SsoRefusal::NotAsSeen => "sso_changed",
            SsoRefusal::Throttled(_) => "sso_throttled",
            SsoRefusal::Unavailable(_) => "sso_unavailable",
        }
    }

    /// For the records: what failed, with what the upstream said.
    pub fn into_error(self) -> OAuthError {
        let rule = self.rule();
        let (code, hint) = match self {
            SsoRefusal::Unavailable(error) => return error,
            SsoRefusal::Throttled(_) => (ErrorCode::TemporarilyUnavailable, "too many attempts".to_owned()),
            SsoRefusal::Upstream(error) => (ErrorCode::AccessDenied, error.to_string()),
            _ => (ErrorCode::AccessDenied, String::new()),
        };
        let detail = Detail::new(rule, "OpenID Connect Core section 3.1.3");
        let detail = if hint.is_empty() { detail } else { detail.hint(hint) };
        OAuthError::new(code, "single sign-on was refused").with_detail(detail)
    }
}
