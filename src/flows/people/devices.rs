//! From where somebody signs in: a browser or a network not seen before is told by mail (ASVS 6.3.5). A network is a /24,
//! or a /48; nothing is looked up about where on earth it is.

use std::net::IpAddr;

use ipnet::IpNet;

use crate::app::App;
use crate::flows::caller::Caller;
use crate::flows::mail::{self, Draft, Mail, Recipient};
use crate::store::known_devices::{self, KnownDeviceRow};
use crate::store::users::UserRow;
use crate::store::{QueryResult, StoreError, Write};

/// Rows kept for one person; the ones unused for longest go.
const MOST: usize = 100;

/// A sign-in's device and network, ready to be noted.
#[derive(Clone)]
pub struct Sighting {
    known: Option<i64>,
    new: KnownDeviceRow,
    forgotten: Vec<i64>,
    told: Option<Draft>,
}

/// Looks where this sign-in comes from; none when the caller is no browser.
///
/// # Errors
/// The store's.
pub async fn look(app: &App, caller: &Caller, user: &UserRow) -> Result<Option<Sighting>, StoreError> {
    let Some(device) = caller.device else { return Ok(None) };
    let (id, now, user_id) = (app.store.next_id()?, app.clock.now(), user.id);
    let row = KnownDeviceRow {
        id,
        user_id,
        device: device.to_vec(),
        network: network(caller.address),
        first_seen_at: now,
        last_seen_at: now,
    };
    let known = app.store.read(move |conn| known_devices::of_user(conn, user_id)).await?;
    let same_device = known.iter().any(|one| one.device == row.device);
    let same_network = known.iter().any(|one| one.network == row.network);
    let here = known.iter().find(|one| one.device == row.device && one.network == row.network).map(|one| one.id);
    let mail = Mail::NewSignIn { at: now, user_agent: caller.user_agent.clone(), address: caller.address.to_string() };
    // The first of all sign-ins is news to nobody.
    let familiar = same_device && same_network;
    let news = !known.is_empty() && !familiar;
    let to = Recipient::of(user).filter(|to| news && mail::may_send(app, &mail, to));
    Ok(Some(Sighting {
        known: here,
        forgotten: known.iter().skip(MOST - 1).map(|one| one.id).filter(|id| Some(*id) != here).collect(),
        new: row,
        told: to.map(|to| mail::draft(app, &mail, &to)).transpose()?,
    }))
}

/// Notes it, in the transaction of the sign-in; of two at once one is told.
///
/// # Errors
/// The database's.
pub fn note(write: &mut Write<'_>, sighting: &Sighting) -> QueryResult<()> {
    if let Some(id) = sighting.known {
        known_devices::seen(write, id, sighting.new.last_seen_at)?;
        return Ok(());
    }
    if write.unless_taken(|write| known_devices::insert(write, &sighting.new))?.is_some() {
        mail::queue(write, &sighting.told)?;
    }
    if !sighting.forgotten.is_empty() {
        known_devices::delete(write, &sighting.forgotten)?;
    }
    Ok(())
}

fn network(address: IpAddr) -> String {
    let address = address.to_canonical();
    let length = if address.is_ipv4() { 24 } else { 48 };
    IpNet::new(address, length).map_or_else(|_| address.to_string(), |network| network.trunc().to_string())
}

#[cfg(test)]
mod unit_tests {
    use super::*;

    #[test]
    fn a_network_is_what_neighbours_share() {
        for (address, expected) in [
            ("192.0.2.17", "192.0.2.0/24"),
            ("::ffff:192.0.2.18", "192.0.2.0/24"),
            ("2001:db8:1:2::3", "2001:db8:1::/48"),
        ] {
            assert_eq!(network(address.parse().unwrap()), expected);
        }
    }
}
