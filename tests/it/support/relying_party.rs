//! A client as its developers would write it: it knows what registration told it and speaks HTTP.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use grantor::crypto::{digest, random};

use super::answer::Answer;
use super::browser::Browser;
use super::page::Page;
use super::test_app::Shared;

/// What makes an assertion for a request to this issuer.
pub type Asserts = Arc<dyn Fn(&Shared) -> String + Send + Sync>;

/// How it authenticates.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum By {
    Basic,
    Post,
    Nothing,
}

#[derive(Clone)]
pub struct RelyingParty {
    pub client_id: String,
    pub client_secret: Option<String>,
    pub redirect_uri: String,
    pub by: By,
    /// Makes the assertion each request is signed with.
    pub asserts: Option<Asserts>,
    /// The one verifier of all its requests.
    pub verifier: String,
    pub shared: Arc<Shared>,
}

/// What a token answer gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tokens {
    pub access: String,
    pub refresh: String,
}

impl Tokens {
    /// Of a good answer with both.
    pub fn of(answer: &Answer) -> Tokens {
        assert_eq!(answer.status, 200, "{}", answer.body);
        Tokens { access: answer.text("access_token"), refresh: answer.text("refresh_token") }
    }
}

/// RFC 7636 section 4.2.
pub fn s256(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(digest::sha256(&[verifier.as_bytes()]))
}

impl RelyingParty {
    pub fn new(shared: Arc<Shared>, client_id: &str, client_secret: Option<&str>, redirect_uri: &str) -> RelyingParty {
        let verifier = random::url_safe_text(32);
        shared.secrets.saw(&verifier);
        RelyingParty {
            client_id: client_id.to_owned(),
            client_secret: client_secret.map(str::to_owned),
            redirect_uri: redirect_uri.to_owned(),
            asserts: None,
            by: if client_secret.is_some() { By::Basic } else { By::Nothing },
            verifier,
            shared,
        }
    }

    pub fn challenge(&self) -> String {
        s256(&self.verifier)
    }

    /// The parameters it usually sends; `changes` replace one of the name, or with an empty value leave it out.
    pub fn request(&self, changes: &[(&str, &str)]) -> Vec<(String, String)> {
        let challenge = self.challenge();
        let usual = [
            ("response_type", "code"),
            ("client_id", &self.client_id),
            ("redirect_uri", &self.redirect_uri),
            ("state", "af0ifjsldkj"),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ];
        changed(&usual, changes)
    }

    /// The link it sends a browser to.
    pub fn authorize_url(&self, changes: &[(&str, &str)]) -> String {
        format!("{}/oauth/authorize?{}", self.shared.issuer, encode(&self.request(changes)))
    }

    /// Sends the browser through sign-in pages already done and consent, allowing it; the code.
    pub async fn code(&self, browser: &Browser, changes: &[(&str, &str)]) -> String {
        let page = browser.get(&self.authorize_url(changes)).await;
        self.code_of(&browser.allow(page).await)
    }

    /// The code in an answer to this client.
    pub fn code_of(&self, page: &Page) -> String {
        let parameters = page.redirected_to(&self.redirect_uri);
        let code = parameters.iter().find(|(name, _)| name == "code");
        code.unwrap_or_else(|| panic!("no code in {parameters:?}")).1.clone()
    }

    /// Code and tokens for a scope, through the browser.
    pub async fn tokens(&self, browser: &Browser, scope: &str) -> Tokens {
        let code = self.code(browser, &[("scope", scope)]).await;
        Tokens::of(&self.redeem(&code).await)
    }

    pub async fn redeem(&self, code: &str) -> Answer {
        self.redeem_with(code, &[]).await
    }

    /// `changes` as in [`RelyingParty::request`].
    pub async fn redeem_with(&self, code: &str, changes: &[(&str, &str)]) -> Answer {
        let usual = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", &self.redirect_uri),
            ("code_verifier", &self.verifier),
        ];
        self.post("/oauth/token", &changed(&usual, changes)).await
    }

    pub async fn refresh(&self, refresh_token: &str) -> Answer {
        self.refresh_with(refresh_token, &[]).await
    }

    pub async fn refresh_with(&self, refresh_token: &str, changes: &[(&str, &str)]) -> Answer {
        let usual = [("grant_type", "refresh_token"), ("refresh_token", refresh_token)];
        self.post("/oauth/token", &changed(&usual, changes)).await
    }

    pub async fn client_credentials(&self, scope: &str) -> Answer {
        let usual = [("grant_type", "client_credentials"), ("scope", scope)];
        self.post("/oauth/token", &changed(&usual, &[])).await
    }

    pub async fn introspect(&self, token: &str) -> Answer {
        self.post("/oauth/introspect", &changed(&[("token", token)], &[])).await
    }

    pub async fn is_active(&self, token: &str) -> bool {
        let answer = self.introspect(token).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.json()["active"].as_bool().expect("active is there")
    }

    pub async fn revoke(&self, token: &str) -> Answer {
        self.post("/oauth/revoke", &changed(&[("token", token)], &[])).await
    }

    /// Posts a form, authenticated its way.
    pub async fn post(&self, path: &str, form: &[(String, String)]) -> Answer {
        let mut form = form.to_vec();
        let mut request = self.shared.http.post(self.shared.url(path));
        if let Some(asserts) = &self.asserts {
            form.push(("client_assertion_type".to_owned(), ASSERTION_TYPE.to_owned()));
            form.push(("client_assertion".to_owned(), asserts(&self.shared)));
            return self.shared.send(request.form(&form)).await;
        }
        match (self.by, &self.client_secret) {
            (By::Basic, Some(secret)) => request = request.header("Authorization", basic(&self.client_id, secret)),
            (By::Post, Some(secret)) => {
                form.push(("client_id".to_owned(), self.client_id.clone()));
                form.push(("client_secret".to_owned(), secret.clone()));
            }
            _ => form.push(("client_id".to_owned(), self.client_id.clone())),
        }
        self.shared.send(request.form(&form)).await
    }

    /// The same client with other credentials.
    pub fn with_secret(&self, secret: Option<&str>, by: By) -> RelyingParty {
        RelyingParty { client_secret: secret.map(str::to_owned), by, ..self.clone() }
    }
}

/// RFC 7523 section 2.2.
pub const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// RFC 6749 section 2.3.1: both parts form-encoded before they are joined.
pub fn basic(client_id: &str, secret: &str) -> String {
    let encode = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    format!("Basic {}", STANDARD.encode(format!("{}:{}", encode(client_id), encode(secret))))
}

pub fn encode(parameters: &[(String, String)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish()
}

fn changed(usual: &[(&str, &str)], changes: &[(&str, &str)]) -> Vec<(String, String)> {
    let kept = usual.iter().filter(|(name, _)| !changes.iter().any(|(changed, _)| changed == name));
    let all = kept.chain(changes).filter(|(_, value)| !value.is_empty());
    all.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}
