//! Logout of clients that know people, and their sessions, by names of their sector (OpenID Connect Core section 8.1).

use grantor::protocol::registered_metadata::SubjectType;
use serde_json::{Value, json};

use super::super::{relying_party, verified};
use super::back_channel::{claims_of, deliver};
use super::{BACK, Stage, signed_in_with};
use crate::support::receiver::Receiver;
use crate::support::{ClientSpec, TestApp, on_both};

on_both!(
    sectors_do_not_know_a_session_by_one_name,
    a_hint_of_a_pairwise_client_signs_out,
    a_pairwise_client_is_told_in_its_own_names,
);

fn at(uri: &str) -> ClientSpec {
    let mut spec = relying_party();
    spec.redirect_uris = vec![uri.to_owned()];
    spec.openid.subject_type = Some(SubjectType::Pairwise);
    spec
}

const CB: &str = "https://one.example/cb";

async fn stage(app: &TestApp, front: Option<&str>, back: Option<&str>) -> Stage {
    let (front, back) = (front.map(str::to_owned), back.map(str::to_owned));
    signed_in_with(app, at(CB), "openid", |metadata| {
        metadata.frontchannel_logout_session_required = front.is_some();
        metadata.frontchannel_logout_uri = front;
        metadata.backchannel_logout_session_required = back.is_some();
        metadata.backchannel_logout_uri = back;
    })
    .await
}

/// What is one for all clients joins the people of all of them.
async fn sectors_do_not_know_a_session_by_one_name(app: &TestApp) {
    let stage = stage(app, None, None).await;
    let told = async |spec: ClientSpec| -> (Value, Value) {
        let party = app.db_client(spec).await;
        let code = party.code(&stage.browser, &[("scope", "openid")]).await;
        let claims = verified(app, &party.redeem(&code).await).await.0;
        (claims["sub"].clone(), claims["sid"].clone())
    };
    let one = verified(app, &stage.tokens).await.0;
    let one = (one["sub"].clone(), one["sid"].clone());
    let (same, two) = (told(at("https://one.example/other")).await, told(at("https://two.example/cb")).await);
    let (public, also_public) = (told(relying_party()).await, told(relying_party()).await);
    assert_eq!((&one, &public), (&same, &also_public));
    assert!(one.0 != two.0 && one.1 != two.1 && one.1 != public.1 && two.1 != public.1, "{one:?} {two:?} {public:?}");
    assert!(one.1.as_str().is_some_and(|sid| sid.len() >= 20) && one.0 != one.1);
}

async fn a_hint_of_a_pairwise_client_signs_out(app: &TestApp) {
    let front = "https://one.example/out";
    let stage = stage(app, Some(front), None).await;
    let sid = verified(app, &stage.tokens).await.0["sid"].as_str().expect("a sid").to_owned();
    let page = stage.logout(&[("id_token_hint", &stage.id_token()), ("post_logout_redirect_uri", BACK)]).await;
    assert_eq!(page.status, 200, "nobody was asked: {}", page.body);
    let frame = page.attributes("iframe", "src").remove(0);
    let told = url::Url::parse(&frame).expect("an address");
    let told = told.query_pairs().find(|(name, _)| name == "sid").map(|(_, value)| value.into_owned());
    assert_eq!(told, Some(sid));
    assert_eq!(page.attributes("#logout-continue", "href"), [BACK]);
    assert!(!stage.is_signed_in().await);
}

async fn a_pairwise_client_is_told_in_its_own_names(app: &TestApp) {
    app.as_dev().await;
    let receiver = Receiver::start().await;
    let stage = stage(app, None, Some(&receiver.url)).await;
    let told = verified(app, &stage.tokens).await.0;
    stage.logout(&[("id_token_hint", &stage.id_token())]).await;
    assert!(!stage.is_signed_in().await);
    assert_eq!(deliver(app).await, 1);
    let claims = claims_of(app, &receiver.tokens()[0]).await;
    assert_eq!((&claims["sub"], &claims["sid"]), (&told["sub"], &told["sid"]));
    assert_ne!(claims["sub"], json!(stage.ada.row.sub));
}
