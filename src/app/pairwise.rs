//! The key that pairwise subjects are made with: drawn at the first start, sealed, and never changed, because every name
//! made with it would change too. All nodes read the same one.

use super::start::StartError;
use crate::crypto::mac::MacKey;
use crate::crypto::master_key::MasterKey;
use crate::crypto::random;
use crate::store::Store;
use crate::store::instance;

/// Seals under [`MasterKey::seal`] are bound to this name.
const PURPOSE: &str = "instance/pairwise_key";

/// The key; a first start makes it.
///
/// # Errors
/// It does not open, or the store has no answer.
pub async fn load(store: &Store, master: &MasterKey) -> Result<MacKey, StartError> {
    let stored = |row: Option<instance::InstanceRow>| row.and_then(|row| row.pairwise_key);
    let sealed = match stored(store.read(instance::get).await?) {
        Some(sealed) => sealed,
        None => {
            let new = master.seal(PURPOSE, &random::bytes::<32>());
            // Another node may be first; then its key counts.
            store.write(move |write| instance::set_pairwise_key(write, &new)).await?;
            stored(store.read(instance::get).await?)
                .ok_or_else(|| StartError::Config("the instance row vanished".to_owned()))?
        }
    };
    let wrong = || StartError::MasterKey("the key of pairwise subjects does not open".to_owned());
    let bytes: [u8; 32] = master.open(PURPOSE, &sealed).map_err(|_| wrong())?.try_into().map_err(|_| wrong())?;
    Ok(MacKey::new(&bytes))
}
