//! The queue: nobody waits for a mail server, and what it takes is sent once.

use futures_util::future::join_all;
use grantor::app::start::start;
use grantor::flows::mail::{self, Mail, Recipient, deliver};
use grantor::store::mails;

use crate::support::mail::NOWHERE;
use crate::support::smtp::{MailServer, Manners};
use crate::support::{Database, TestApp, on_both, until};

on_both!(
    a_mail_is_sent_once_and_nothing_of_its_body_stays,
    of_many_nodes_one_sends_a_mail,
    a_mail_server_that_hangs_holds_up_nobody,
    a_mail_that_cannot_be_sent_is_tried_ever_more_rarely_for_a_day,
    what_is_said_about_a_recipient_is_final,
    a_claim_that_outlives_its_node_ends_and_the_mail_goes_out_once_more,
    a_mail_whose_link_is_over_is_not_sent,
    no_name_adds_a_line_to_a_mails_head,
    without_a_mail_server_mails_wait_for_a_day,
    every_link_begins_with_the_configured_issuer,
    old_mails_are_forgotten,
);

async fn queue(app: &TestApp, mail: &Mail, to: &str) {
    let to = Recipient::new(to).expect("an address");
    let draft = mail::draft(&app.app(), mail, &to).expect("a draft");
    app.app().store.write(move |write| mail::queue(write, &draft)).await.expect("it is queued");
}

async fn a_mail_is_sent_once_and_nothing_of_its_body_stays(app: &TestApp) {
    let server = MailServer::start(Manners::Takes).await;
    app.db_mail_on(server.port).await;
    let ada = app.db_user_at("ada", "ada@example.com").await;
    app.db_set_password(&ada, "another passphrase nobody guesses 17").await;
    assert!(server.taken().is_empty(), "no request sends anything itself");
    assert_eq!((app.db_post().await, app.db_post().await), (1, 0));
    let taken = server.taken();
    assert_eq!(taken.len(), 1);
    assert_eq!(taken[0].recipients, ["ada@example.com"]);
    assert_eq!(taken[0].header("From"), "grantor <no-reply@as.test>");
    assert_eq!(taken[0].header("Subject"), "Your password for grantor was changed");
    assert_eq!(taken[0].header("Auto-Submitted"), "auto-generated");
    assert!(taken[0].header("Message-ID").ends_with("@127.0.0.1>"), "{}", taken[0].header("Message-ID"));
    assert!(taken[0].header("Date").contains("2065"), "the clock is the app's");
    assert!(taken[0].message.contains("text/plain") && taken[0].message.contains("text/html"));
    let rows = app.db_mail_rows().await;
    assert_eq!(rows.len(), 1);
    assert!(rows[0].sealed.is_none() && rows[0].next_attempt_at.is_none() && rows[0].claimed_until.is_none());
    assert_eq!((rows[0].sent_at, rows[0].attempts), (Some(app.now()), 1));
}

async fn of_many_nodes_one_sends_a_mail(app: &TestApp) {
    let server = MailServer::start(Manners::Takes).await;
    app.db_mail_on(server.port).await;
    for number in 0..20 {
        queue(app, &Mail::PasswordChanged, &format!("p{number}@example.com")).await;
    }
    let here = app.app();
    let other = match app.database {
        // A second node; SQLite has one only, whose rounds stand in for it.
        Database::Postgres => start(here.config.clone(), app.clock.clone()).await.expect("a second node").app,
        Database::Sqlite => app.app(),
    };
    let rounds = (0..8).map(|number| deliver::round(if number % 2 == 0 { &here } else { &other }));
    let sent: usize = join_all(rounds).await.into_iter().map(|sent| sent.expect("the store answers")).sum();
    assert_eq!((sent, server.taken().len()), (20, 20));
    let mut recipients: Vec<String> = server.taken().into_iter().flat_map(|mail| mail.recipients).collect();
    recipients.sort();
    recipients.dedup();
    assert_eq!(recipients.len(), 20);
    if app.database == Database::Postgres {
        other.store.close().await;
    }
}

/// D3 row 35.
async fn a_mail_server_that_hangs_holds_up_nobody(app: &TestApp) {
    let server = MailServer::start(Manners::Hangs).await;
    app.db_mail_on(server.port).await;
    app.db_user_at("ada", "ada@example.com").await;
    queue(app, &Mail::PasswordChanged, "ada@example.com").await;
    let ask = async {
        until(|| server.visits() > 0).await;
        let browser = app.browser();
        let page = browser.get("/recover").await;
        browser.submit(&page, "recover-submit", &[("username", "ada")]).await
    };
    let page = tokio::select! {
        page = ask => page,
        _ = app.db_post() => panic!("the request waited for the mail server"),
    };
    assert_eq!(page.status, 303);
    app.restart_with(|config| config.mail.timeout = 1).await;
    app.wait(130);
    assert_eq!(app.db_post().await, 0, "an attempt ends by itself");
    let rows = app.db_mail_rows().await;
    assert_eq!(rows[0].attempts, 2);
    assert!(rows[0].last_error.as_ref().is_some_and(|text| text.contains("no answer")), "{:?}", rows[0].last_error);
    server.now(Manners::Takes);
    app.restart_with(|config| config.mail.timeout = 60).await;
    app.wait(240);
    assert_eq!(app.db_post().await, 2);
    assert_eq!((app.db_post().await, server.taken().len()), (0, 2), "sent once");
}

async fn a_mail_that_cannot_be_sent_is_tried_ever_more_rarely_for_a_day(app: &TestApp) {
    app.db_mail_on(NOWHERE).await;
    queue(app, &Mail::PasswordChanged, "ada@example.com").await;
    let begun = app.now();
    let mut tried = Vec::new();
    while app.now() < begun + 25 * 3600 {
        let before = app.db_mail_rows().await[0].attempts;
        app.db_post().await;
        if app.db_mail_rows().await[0].attempts > before {
            tried.push((app.now() - begun) / 60);
        }
        app.wait(60);
        if app.db_mail_rows().await[0].failed_at.is_some() {
            break;
        }
    }
    assert_eq!(tried[..8], [0, 1, 3, 7, 15, 31, 63, 123]);
    assert!((28..32).contains(&tried.len()), "{tried:?}");
    let row = app.db_mail_rows().await.remove(0);
    assert!(row.sealed.is_none() && row.next_attempt_at.is_none() && row.sent_at.is_none());
    assert!(row.failed_at.is_some_and(|at| at <= begun + 24 * 3600), "given up after a day");
    assert!(!app.log().contains("ada@example.com"), "the log names no address");
}

async fn what_is_said_about_a_recipient_is_final(app: &TestApp) {
    let server = MailServer::start(Manners::Refuses("550 5.1.1 no such user")).await;
    app.db_mail_on(server.port).await;
    queue(app, &Mail::PasswordChanged, "ada@example.com").await;
    app.db_post().await;
    let row = app.db_mail_rows().await.remove(0);
    assert_eq!((row.failed_at, row.attempts), (Some(app.now()), 1));
    assert!(row.sealed.is_none() && row.last_error.is_some_and(|text| text.contains("no such user")));
    for busy in ["451 4.3.0 later", "452 full", "554 5.7.1 relaying denied"] {
        server.now(Manners::Refuses(busy));
        queue(app, &Mail::PasswordChanged, "bob@example.com").await;
        app.db_post().await;
        let row = app.db_mail_rows().await.pop().expect("a row");
        assert!(row.failed_at.is_none() && row.sealed.is_some(), "{busy}");
    }
    server.now(Manners::Takes);
    app.wait(60);
    assert_eq!(app.db_post().await, 3);
}

/// The price of not losing mail: the second one bears the same Message-ID.
async fn a_claim_that_outlives_its_node_ends_and_the_mail_goes_out_once_more(app: &TestApp) {
    let server = MailServer::start(Manners::HangsAtTheEnd).await;
    app.db_mail_on(server.port).await;
    queue(app, &Mail::PasswordChanged, "ada@example.com").await;
    let id = app.db_mail_rows().await[0].id;
    tokio::select! {
        () = until(|| !server.taken().is_empty()) => {}
        _ = app.db_post() => panic!("somebody wrote it down"),
    }
    server.now(Manners::Takes);
    assert_eq!(app.db_post().await, 0, "claimed");
    let now = app.now();
    let again = app.app().store.write(move |write| mails::claim(write, id, now, now + 60)).await;
    assert_eq!(again.expect("the store answers"), 0, "by one only");
    app.wait(130);
    assert_eq!((app.db_post().await, app.db_post().await), (1, 0));
    let taken = server.taken();
    assert_eq!(taken.len(), 2);
    assert_eq!(taken[0].header("Message-ID"), taken[1].header("Message-ID"));
}

async fn a_mail_whose_link_is_over_is_not_sent(app: &TestApp) {
    let server = MailServer::start(Manners::Takes).await;
    app.db_mail_on(server.port).await;
    app.db_user_at("ada", "ada@example.com").await;
    let browser = app.browser();
    browser.submit(&browser.get("/recover").await, "recover-submit", &[("username", "ada")]).await;
    assert_eq!(app.db_letter_kinds().await, ["password_reset"]);
    app.wait(3600);
    assert_eq!((app.db_post().await, server.taken().len()), (0, 0));
    assert!(app.db_mail_rows().await[0].sealed.is_none());
}

/// ASVS 1.3.11.
async fn no_name_adds_a_line_to_a_mails_head(app: &TestApp) {
    let server = MailServer::start(Manners::Takes).await;
    app.db_mail_on(server.port).await;
    let hostile = "Evil\r\nBcc: eve@example.com\r\n\r\n<script>alert(1)</script>";
    let mail = Mail::Invitation {
        organization: hostile.to_owned(),
        inviter: Some(hostile.to_owned()),
        role: hostile.to_owned(),
        path: "/invite/x".to_owned(),
        expires_at: app.now(),
    };
    queue(app, &mail, "ada@example.com").await;
    for address in ["ada@example.com\r\nBcc: eve@example.com", "ada@example.com, eve@example.com", "<eve@example.com>"]
    {
        assert!(Recipient::new(address).is_none(), "{address:?}");
    }
    assert_eq!(app.db_post().await, 1);
    let taken = server.taken().remove(0);
    assert_eq!(taken.recipients, ["ada@example.com"]);
    let mut names: Vec<String> = taken.head().into_iter().map(|(name, _)| name).collect();
    names.sort();
    assert_eq!(
        names,
        ["Auto-Submitted", "Content-Type", "Date", "From", "MIME-Version", "Message-ID", "Subject", "To"]
    );
    let (_, html) = taken.message.split_once("text/html").expect("an HTML part");
    assert!(!html.contains("<script>"), "{html}");
}

async fn without_a_mail_server_mails_wait_for_a_day(app: &TestApp) {
    let browser = app.browser();
    let page = browser.get("/recover").await;
    assert!(!page.has("#recover-submit"));
    assert_eq!(page.words(".lead"), "This server sends no mail. To get a new password, ask whoever runs this server.");
    app.restart_with(|config| config.mail.contact = Some("the help desk".to_owned())).await;
    assert!(browser.get("/recover").await.words(".lead").ends_with("ask the help desk."));
    queue(app, &Mail::PasswordChanged, "ada@example.com").await;
    queue(app, &Mail::PasswordChanged, "bob@example.com").await;
    assert_eq!(app.db_post().await, 0);
    app.wait(3600);
    let server = MailServer::start(Manners::Takes).await;
    app.db_mail_on(server.port).await;
    assert_eq!(app.db_post().await, 2, "one that is configured in time");
    app.restart_with(|config| config.mail.host = None).await;
    queue(app, &Mail::PasswordChanged, "eve@example.com").await;
    app.wait(24 * 3600);
    app.db_post().await;
    let row = app.db_mail_rows().await.pop().expect("a row");
    assert!(row.failed_at.is_some() && row.sealed.is_none());
}

/// A61, C56.
async fn every_link_begins_with_the_configured_issuer(app: &TestApp) {
    app.db_mail_on(NOWHERE).await;
    app.db_user_at("ada", "ada@example.com").await;
    let browser = app.browser();
    let form = browser.get("/recover").await.form("recover-submit").with(&[("username", "ada")]);
    let request = app.shared.http.post(app.shared.url(&form.action)).form(&form.fields);
    let request = request
        .header("Host", "evil.example")
        .header("X-Forwarded-Host", "evil.example")
        .header("Forwarded", "host=evil.example;proto=https");
    assert_eq!(browser.send(request).await.status, 303);
    let letter = app.db_last_letter().await;
    assert!(letter.text.contains(&format!("{}/recover/new?token=gml_", app.issuer())), "{}", letter.text);
    assert!(!letter.text.contains("evil"), "{}", letter.text);
}

async fn old_mails_are_forgotten(app: &TestApp) {
    queue(app, &Mail::PasswordChanged, "ada@example.com").await;
    app.wait(24 * 3600);
    app.db_post().await;
    app.wait(28 * 24 * 3600);
    app.db_sweep().await;
    assert_eq!(app.rows("mails"), 1);
    app.wait(2 * 24 * 3600);
    app.db_sweep().await;
    assert_eq!(app.rows("mails"), 0, "whom it went to is nobody's business for ever");
}
