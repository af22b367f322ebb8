//! Explained refusals: given a reference at once, written off the request path into a ring of fixed slots.

use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::mpsc;

use super::throttle::Throttle;
use crate::crypto::base62;
use crate::crypto::random;
use crate::store::refusals::RefusalRow;
use crate::store::{Store, refusals};

/// Refusals that may wait for the database; beyond it they keep their reference and lose their explanation.
const WAITING: usize = 1024;

/// Where handlers leave refusals.
pub struct RefusalSink {
    slots: u64,
    next: AtomicU64,
    quota: Throttle,
    sender: mpsc::Sender<RefusalRow>,
}

impl RefusalSink {
    /// The sink, and what [`drain`] empties.
    pub fn new(slots: u32, quota: Throttle) -> (RefusalSink, mpsc::Receiver<RefusalRow>) {
        let (sender, receiver) = mpsc::channel(WAITING);
        // A random start, so that several nodes do not overwrite each other's newest slot.
        let start = u64::from_be_bytes(random::bytes::<8>());
        let slots = u64::from(slots.max(16));
        (RefusalSink { slots, next: AtomicU64::new(start % slots), quota, sender }, receiver)
    }

    /// A reference for a new refusal: its slot and 32 random bits, such as `R0000A7x4Kq2`.
    pub fn reference(&self) -> (i64, String) {
        let slot = self.next.fetch_add(1, Ordering::Relaxed) % self.slots;
        let random = u32::from_be_bytes(random::bytes::<4>());
        let slot_text = base62::encode_u32(u32::try_from(slot).unwrap_or_default());
        (i64::try_from(slot).unwrap_or_default(), format!("R{slot_text}{}", base62::encode_u32(random)))
    }

    /// The slot a reference names.
    pub fn slot(reference: &str) -> Option<i64> {
        let text = reference.strip_prefix('R')?;
        let slot = text.get(..base62::U32_WIDTH)?;
        base62::decode_u32(slot).map(i64::from)
    }

    /// Leaves a refusal to be written, unless its client or address has left too many this minute.
    pub fn leave(&self, row: RefusalRow) {
        // The address first: one that is over its quota must not spend that of the client it names.
        let within = self.quota.check(&row.address).is_ok()
            && row.client_id.as_deref().is_none_or(|client| self.quota.check(client).is_ok());
        if within {
            let _full = self.sender.try_send(row);
        }
    }
}

/// Writes refusals until the sink is gone.
pub async fn drain(store: Store, mut receiver: mpsc::Receiver<RefusalRow>) {
    let mut batch = Vec::new();
    while receiver.recv_many(&mut batch, 64).await > 0 {
        let rows = std::mem::take(&mut batch);
        let kept = store
            .write(move |write| {
                for row in &rows {
                    refusals::keep(write, row)?;
                }
                Ok(())
            })
            .await;
        if let Err(error) = kept {
            tracing::warn!(%error, "refusals could not be kept for `grantor explain`");
        }
    }
}
