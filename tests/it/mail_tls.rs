//! Mail servers over TLS: by STARTTLS and from the first byte, and never to one that is not who it should be (RFC 3207,
//! RFC 8314, ASVS 12.3.2).

use grantor::config::mail::Tls;
use grantor::flows::mail::{self, Mail, Recipient};

use crate::support::smtp_tls::{Authority, TlsMailServer, Wire};
use crate::support::{TestApp, on_both};

on_both!(
    mail_goes_over_tls_in_both_ways,
    whoever_is_not_the_mail_server_gets_no_mail,
    a_file_without_authorities_is_named
);

const THERE: [&str; 2] = ["localhost", "127.0.0.1"];

/// A mail server at this port, and this authority's word for it; one mail waits.
async fn post(app: &TestApp, server: &TlsMailServer, tls: Tls, trusted: Option<&Authority>) -> usize {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("ca.pem");
    if let Some(authority) = trusted {
        std::fs::write(&file, authority.pem()).expect("a file");
    }
    app.restart_with(|config| {
        config.mail.host = Some("localhost".to_owned());
        config.mail.port = Some(server.port);
        config.mail.tls = tls;
        config.mail.from = Some("grantor <no-reply@as.test>".to_owned());
        config.mail.ca_file = trusted.map(|_| file.clone());
    })
    .await;
    app.db_batch("DELETE FROM mails");
    let to = Recipient::new("ada@example.com").expect("an address");
    let draft = mail::draft(&app.app(), &Mail::PasswordChanged, &to).expect("a draft");
    app.app().store.write(move |write| mail::queue(write, &draft)).await.expect("it is queued");
    app.db_post().await
}

/// Nothing that says who writes to whom goes over the wire in clear.
async fn mail_goes_over_tls_in_both_ways(app: &TestApp) {
    let authority = Authority::new("Everybody's Own");
    let identity = authority.signs(&THERE, 4000);
    for (wire, tls) in [(Wire::Starttls, Tls::Starttls), (Wire::Implicit, Tls::Tls)] {
        let server = TlsMailServer::start(wire, &identity);
        assert_eq!(post(app, &server, tls, Some(&authority)).await, 1, "{wire:?}");
        let seen = server.seen();
        assert_eq!(seen.taken.len(), 1, "{wire:?}");
        assert!(seen.taken[0].contains("To: ada@example.com"), "{}", seen.taken[0]);
        let clear: Vec<&str> = seen.in_clear.iter().map(|line| line.split(' ').next().unwrap_or_default()).collect();
        let expected: &[&str] = if wire == Wire::Starttls { &["EHLO", "STARTTLS"] } else { &[] };
        assert_eq!(clear, expected, "{wire:?}");
    }
}

/// Neither an unknown authority's, nor another name's, nor one that is over; nor anybody without TLS.
async fn whoever_is_not_the_mail_server_gets_no_mail(app: &TestApp) {
    let (ours, theirs) = (Authority::new("Ours"), Authority::new("Theirs"));
    let good = ours.signs(&THERE, 4000);
    let wrong = [
        ("nobody we know", theirs.signs(&THERE, 4000), Some(&ours)),
        ("only the system's authorities", ours.signs(&THERE, 4000), None),
        ("another name", ours.signs(&["mail.example.com"], 4000), Some(&ours)),
        ("over", ours.signs(&THERE, 2021), Some(&ours)),
    ];
    for (wire, tls) in [(Wire::Starttls, Tls::Starttls), (Wire::Implicit, Tls::Tls)] {
        for (why, identity, trusted) in &wrong {
            let server = TlsMailServer::start(wire, identity);
            assert_eq!(post(app, &server, tls, *trusted).await, 0, "{why}, {wire:?}");
            let row = app.db_mail_rows().await.pop().expect("it waits");
            let said = row.last_error.expect("why").to_lowercase();
            assert!(said.contains("certificate"), "{why}, {wire:?}: {said}");
            assert!(row.next_attempt_at.is_some(), "it may be put right");
            assert!(server.seen().taken.is_empty(), "{why}, {wire:?}");
        }
    }
    // The offer is missing: somebody may have taken it away.
    let server = TlsMailServer::start(Wire::Never, &good);
    assert_eq!(post(app, &server, Tls::Starttls, Some(&ours)).await, 0);
    let seen = server.seen();
    assert!(seen.taken.is_empty() && !seen.in_clear.iter().any(|line| line.contains("ada")), "{:?}", seen.in_clear);
}

async fn a_file_without_authorities_is_named(app: &TestApp) {
    let folder = tempfile::tempdir().expect("a folder");
    let (empty, missing) = (folder.path().join("empty.pem"), folder.path().join("missing.pem"));
    std::fs::write(&empty, "nothing here").expect("a file");
    for (file, says) in [(&empty, "there is no certificate in it"), (&missing, "No such file")] {
        let mut config = app.app().config.mail.clone();
        config.host = Some("localhost".to_owned());
        config.from = Some("a@as.test".to_owned());
        config.ca_file = Some(file.clone());
        let error = grantor::outbound::mail::Mailer::new(&config, "as.test").err().expect("a refusal");
        assert!(error.starts_with("mail.ca_file ") && error.contains(says), "{error}");
    }
}
