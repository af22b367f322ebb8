//! Every column of the tables of mail comes back as it went in, on both databases.

use grantor::store::email_addresses::{self, EmailAddressRow};
use grantor::store::known_devices::{self, KnownDeviceRow};
use grantor::store::mail_links::{self, MailLinkRow};
use grantor::store::mails::{self, MailRow};
use grantor::store::users;

use super::rows::{same, some, text, user};
use crate::support::{TestApp, on_both};

on_both!(mail_comes_back);

async fn mail_comes_back(app: &TestApp) {
    let store = &app.app().store;
    for (id, full) in [(1, true), (2, false)] {
        let person = user(id, full);
        let mail = MailRow {
            id,
            kind: text("kind"),
            recipient: text("recipient"),
            subject: text("subject"),
            sealed: some(full, vec![0, 255, 7]),
            user_id: some(full, 1),
            organization_id: some(full, 2),
            created_at: 3,
            next_attempt_at: some(full, 4),
            claimed_until: some(full, 5),
            attempts: 6,
            sent_at: some(full, 7),
            failed_at: some(full, 8),
            last_error: some(full, text("error")),
        };
        let link = MailLinkRow {
            id,
            kind: text("kind"),
            user_id: id,
            email: text("email"),
            digest: vec![0, 255, 7],
            created_at: 1,
            expires_at: 2,
            used_at: some(full, 3),
        };
        let device = KnownDeviceRow {
            id,
            user_id: id,
            device: vec![0, 255, 7],
            network: text("network"),
            first_seen_at: 1,
            last_seen_at: 2,
        };
        let address = EmailAddressRow {
            id,
            user_id: id,
            email: text("email"),
            email_key: text("key"),
            verified_at: 1,
            created_at: 2,
        };
        let new = (person, mail.clone(), link.clone(), device.clone(), address.clone());
        let written = store.write(move |write| {
            users::insert(write, &new.0)?;
            mails::insert(write, &new.1)?;
            mail_links::insert(write, &new.2)?;
            known_devices::insert(write, &new.3)?;
            email_addresses::insert(write, &new.4)
        });
        assert_eq!(written.await.expect("rows"), 1);
        let read = store.read(move |conn| {
            let addresses = email_addresses::of_user(conn, id)?;
            Ok((mails::find(conn, id)?, mail_links::find(conn, id)?, known_devices::find(conn, id)?, addresses))
        });
        let (came, came_link, came_device, came_addresses) = read.await.expect("the store answers");
        same!(MailRow, came.expect("a mail"), mail;
            id, kind, recipient, subject, sealed, user_id, organization_id, created_at, next_attempt_at, claimed_until,
            attempts, sent_at, failed_at, last_error);
        same!(MailLinkRow, came_link.expect("a link"), link;
            id, kind, user_id, email, digest, created_at, expires_at, used_at);
        same!(KnownDeviceRow, came_device.expect("a device"), device;
            id, user_id, device, network, first_seen_at, last_seen_at);
        same!(EmailAddressRow, came_addresses[0].clone(), address;
            id, user_id, email, email_key, verified_at, created_at);
    }
}
