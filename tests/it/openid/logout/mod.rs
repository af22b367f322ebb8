//! Logout: asked for by clients, told to clients, and what it ends.

mod back_channel;
mod ends;
mod front_channel;
mod hostile;
mod pairwise;
mod rp_initiated;
mod session_management;

use grantor::protocol::registered_metadata::RegisteredMetadata;

use super::{relying_party, stage_of};
use crate::support::page::Page;
use crate::support::relying_party::encode;
use crate::support::{Answer, Browser, ClientSpec, Person, RelyingParty, TestApp};

/// Where the client of these stories wants people back.
pub const BACK: &str = "https://client.example/signed-out";

/// A browser in which somebody is signed in, here and at a client.
pub struct Stage {
    pub web: RelyingParty,
    pub ada: Person,
    pub browser: Browser,
    /// What the client got.
    pub tokens: Answer,
}

impl Stage {
    pub fn id_token(&self) -> String {
        self.tokens.text("id_token")
    }

    pub async fn access_lives(&self) -> bool {
        self.web.is_active(&self.tokens.text("access_token")).await
    }

    /// Whether the browser is signed in here.
    pub async fn is_signed_in(&self) -> bool {
        self.browser.get("/account/sessions").await.has("#sessions-end-others, .rows")
    }

    /// The client sends the browser to the end-session endpoint.
    pub async fn logout(&self, parameters: &[(&str, &str)]) -> Page {
        self.browser.get(&logout_url(parameters)).await
    }
}

/// The address of a wish to sign out.
pub fn logout_url(parameters: &[(&str, &str)]) -> String {
    let parameters: Vec<_> = parameters.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    format!("/oauth/logout?{}", encode(&parameters))
}

/// The stage of most stories; `change` registers what the story is about.
pub async fn signed_in_with(
    app: &TestApp,
    spec: ClientSpec,
    scope: &str,
    change: impl FnOnce(&mut RegisteredMetadata),
) -> Stage {
    let (web, ada) = stage_of(app, spec).await;
    app.db_metadata(&web, |metadata| {
        metadata.post_logout_redirect_uris = vec![BACK.to_owned()];
        change(metadata);
    })
    .await;
    let browser = app.db_signed_in(&ada).await;
    let code = web.code(&browser, &[("scope", scope)]).await;
    let tokens = web.redeem(&code).await;
    assert_eq!(tokens.status, 200, "{}", tokens.body);
    Stage { web, ada, browser, tokens }
}

pub async fn signed_in(app: &TestApp) -> Stage {
    signed_in_with(app, relying_party(), "openid", |_| {}).await
}
