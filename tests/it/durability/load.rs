//! Several applications at once that write down what they were told: only a whole 200 counts.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use serde_json::Value;

/// The pair of RFC 7636 appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// What the server acknowledged, and what it was asked without an answer.
#[derive(Default, Debug)]
pub struct Journal {
    /// Access tokens that were given and not asked to be revoked.
    pub given: Vec<String>,
    /// Refresh tokens that were given and not used.
    pub unused: Vec<String>,
    /// Access tokens whose revocation was acknowledged.
    pub revoked: Vec<String>,
    /// Codes that bought something.
    pub redeemed: Vec<String>,
    /// Codes whose redemption has no answer.
    pub unsure_codes: Vec<String>,
    /// Refresh tokens whose use has no answer.
    pub unsure_refreshes: Vec<String>,
}

/// One client and one signed-in browser in front of one server.
pub struct Load {
    pub issuer: String,
    pub client_id: String,
    pub client_secret: String,
    pub redirect_uri: String,
    pub cookies: String,
    pub http: reqwest::Client,
    pub journal: Mutex<Journal>,
    /// Requests on their way.
    pub in_flight: AtomicUsize,
}

/// Why a worker stopped.
#[derive(Debug)]
pub enum Ended {
    /// No whole answer: the server is gone.
    Gone(reqwest::Error),
    /// An answer that is not the expected one.
    Wrong(String),
}

impl Load {
    fn note(&self, write: impl FnOnce(&mut Journal)) {
        write(&mut self.journal.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// Goes on until the server is gone.
    pub async fn work(&self) -> Ended {
        loop {
            if let Err(ended) = self.round().await {
                return ended;
            }
        }
    }

    /// Everything an application does, each acknowledgement written down when it is there.
    async fn round(&self) -> Result<(), Ended> {
        let own = self.client_credentials().await?;
        self.note(|journal| journal.given.push(own));
        let doomed = self.client_credentials().await?;
        self.post("/oauth/revoke", &[("token", &doomed)]).await?;
        self.note(|journal| journal.revoked.push(doomed));

        let code = self.code().await?;
        self.note(|journal| journal.unsure_codes.push(code.clone()));
        let (access, refresh) = pair(&self.redeem(&code).await?)?;
        self.note(|journal| {
            journal.unsure_codes.retain(|unsure| *unsure != code);
            journal.redeemed.push(code);
            journal.given.push(access);
            journal.unsure_refreshes.push(refresh.clone());
        });
        let (access, next) = pair(&self.refresh(&refresh).await?)?;
        self.note(|journal| {
            journal.unsure_refreshes.retain(|unsure| *unsure != refresh);
            journal.given.push(access);
            journal.unused.push(next);
        });
        Ok(())
    }

    pub async fn client_credentials(&self) -> Result<String, Ended> {
        let answer = self.post("/oauth/token", &[("grant_type", "client_credentials")]).await?;
        text(&answer, "access_token")
    }

    /// A code for somebody who said yes before.
    async fn code(&self) -> Result<String, Ended> {
        let request = self.http.get(self.authorize_url()).header("Cookie", &self.cookies);
        let response = self.counted(request).await?;
        let location = response.headers().get("location").and_then(|value| value.to_str().ok()).unwrap_or_default();
        let url = url::Url::parse(location).map_err(|_| Ended::Wrong(format!("{response:?}")))?;
        let code = url.query_pairs().find(|(name, _)| name == "code").map(|(_, code)| code.into_owned());
        code.ok_or_else(|| Ended::Wrong(location.to_owned()))
    }

    pub fn authorize_url(&self) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query
            .append_pair("response_type", "code")
            .append_pair("client_id", &self.client_id)
            .append_pair("redirect_uri", &self.redirect_uri)
            .append_pair("scope", "org:read")
            .append_pair("code_challenge", CHALLENGE)
            .append_pair("code_challenge_method", "S256");
        format!("{}/oauth/authorize?{}", self.issuer, query.finish())
    }

    pub async fn redeem(&self, code: &str) -> Result<Value, Ended> {
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", &self.redirect_uri),
            ("code_verifier", VERIFIER),
        ];
        self.post("/oauth/token", &form).await
    }

    pub async fn refresh(&self, token: &str) -> Result<Value, Ended> {
        self.post("/oauth/token", &[("grant_type", "refresh_token"), ("refresh_token", token)]).await
    }

    pub async fn is_active(&self, token: &str) -> bool {
        let answer = self.post("/oauth/introspect", &[("token", token)]).await.expect("an answer");
        answer["active"].as_bool().expect("active is there")
    }

    /// A 200's body, or nothing for an empty one.
    async fn post(&self, path: &str, form: &[(&str, &str)]) -> Result<Value, Ended> {
        let request = self.http.post(format!("{}{path}", self.issuer));
        let request = request.basic_auth(&self.client_id, Some(&self.client_secret)).form(form);
        let response = self.counted(request).await?;
        let status = response.status();
        let body = response.text().await.map_err(Ended::Gone)?;
        match status.as_u16() {
            200 => Ok(serde_json::from_str(&body).unwrap_or(Value::Null)),
            _ => Err(Ended::Wrong(format!("{status} {body}"))),
        }
    }

    async fn counted(&self, request: reqwest::RequestBuilder) -> Result<reqwest::Response, Ended> {
        self.in_flight.fetch_add(1, Ordering::SeqCst);
        let response = request.send().await;
        self.in_flight.fetch_sub(1, Ordering::SeqCst);
        response.map_err(Ended::Gone)
    }
}

/// Access and refresh token of an answer.
pub fn pair(answer: &Value) -> Result<(String, String), Ended> {
    Ok((text(answer, "access_token")?, text(answer, "refresh_token")?))
}

fn text(answer: &Value, member: &str) -> Result<String, Ended> {
    answer[member].as_str().map(str::to_owned).ok_or_else(|| Ended::Wrong(answer.to_string()))
}
