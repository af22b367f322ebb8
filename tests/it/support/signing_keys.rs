//! Fixed demo keys, because a new RSA key takes a second here and every test has an app of its own.

use grantor::app::App;
use grantor::app::signing_keys::{load, purpose, row};
use grantor::crypto::signing::SigningKey;
use grantor::protocol::signing_algorithm::SigningAlgorithm;
use grantor::store::signing_keys::{self, SigningKeyRow};

use super::TestApp;

/// Nobody's keys: they stand in the repository.
pub fn demo(kid: &str, algorithm: SigningAlgorithm) -> SigningKey {
    let pkcs8: &[u8] = match algorithm {
        SigningAlgorithm::Rs256 | SigningAlgorithm::Ps256 => include_bytes!("../fixtures/signing/demo-rsa.der"),
        SigningAlgorithm::Es256 => include_bytes!("../fixtures/signing/demo-ec.der"),
        SigningAlgorithm::EdDsa => include_bytes!("../fixtures/signing/demo-ed25519.der"),
    };
    SigningKey::open(kid, algorithm, pkcs8).expect("a demo key")
}

/// What the first start of a server makes, without the wait. An app that has keys keeps them.
pub async fn make(app: &App) {
    let there = app.store.read(signing_keys::list).await.expect("the store answers");
    if !there.is_empty() {
        return;
    }
    let now = app.clock.now();
    let rows: Vec<_> = SigningAlgorithm::ALL
        .into_iter()
        .zip(1001..)
        .map(|(algorithm, id)| {
            let key = demo(&format!("demo-{}", algorithm.as_str()), algorithm);
            let made = row(&app.store, &app.keys.master, &key, now, now).expect("an id");
            // The oldest ids there are: those of a command, whose clock is the machine's, must not begin after the app's.
            let sealed = app.keys.master.seal(&purpose(id), key.pkcs8());
            SigningKeyRow { id, sealed: Some(sealed), ..made }
        })
        .collect();
    let written = app.store.write(move |write| {
        for row in &rows {
            signing_keys::insert(write, row)?;
        }
        Ok(())
    });
    written.await.expect("the store answers");
    take_over(app).await;
}

/// Reads the keys, as housekeeping does.
async fn take_over(app: &App) {
    let keys = load(&app.store, &app.keys.master, app.clock.now()).await;
    app.keys.replace_signing(keys.unwrap_or_else(|failure| panic!("{failure}")));
}

impl TestApp {
    /// Takes every signing key away, as if no server had ever started here.
    pub async fn db_no_signing_keys(&self) {
        self.db_batch("DELETE FROM signing_keys");
        take_over(&self.app()).await;
    }
}
