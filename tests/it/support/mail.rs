//! `db_*` for mail: a mail server in the configuration, the queue, and what stands in its letters.

use grantor::config::mail::Tls;
use grantor::flows::audit::Actor;
use grantor::flows::mail::{deliver, mailbox};
use grantor::flows::people::{self, NewPerson};
use grantor::store::mails::MailRow;

use super::{Person, TestApp};

/// A port nobody listens on: mails stay in the queue.
pub const NOWHERE: u16 = 9;

/// A letter in the queue.
pub struct Letter {
    pub kind: String,
    pub to: String,
    pub subject: String,
    pub text: String,
}

impl Letter {
    /// The own path of the link in it.
    pub fn link(&self, app: &TestApp) -> String {
        let found = self.text.lines().find_map(|line| line.strip_prefix(app.issuer()));
        found.unwrap_or_else(|| panic!("no link in {}", self.text)).to_owned()
    }

    /// The token of that link.
    pub fn token(&self, app: &TestApp) -> String {
        let link = self.link(app);
        link.split_once("token=").unwrap_or_else(|| panic!("no token in {link}")).1.to_owned()
    }
}

impl TestApp {
    /// From now on there is a mail server on this port. Nothing is sent before [`TestApp::db_post`].
    pub async fn db_mail_on(&self, port: u16) {
        self.restart_with(|config| {
            config.mail.host = Some("127.0.0.1".to_owned());
            config.mail.port = Some(port);
            config.mail.tls = Tls::None;
            config.mail.from = Some("grantor <no-reply@as.test>".to_owned());
        })
        .await;
    }

    /// One look at the queue by one node; the count of mails sent.
    pub async fn db_post(&self) -> usize {
        deliver::round(&self.app()).await.expect("the store answers")
    }

    /// Letters still in the queue, oldest first. Tokens in them are secrets.
    pub async fn db_letters(&self) -> Vec<Letter> {
        let mails = mailbox::list(&self.app()).await.expect("the store answers");
        let letter = |mail: mailbox::ShownMail| {
            self.shared.secrets.saw_in(&mail.text);
            self.shared.secrets.saw_in(&mail.html);
            Letter { kind: mail.kind, to: mail.to, subject: mail.subject, text: mail.text }
        };
        mails.into_iter().rev().map(letter).collect()
    }

    /// Kinds of the letters still in the queue, oldest first.
    pub async fn db_letter_kinds(&self) -> Vec<String> {
        self.db_letters().await.into_iter().map(|letter| letter.kind).collect()
    }

    /// The newest letter in the queue.
    pub async fn db_last_letter(&self) -> Letter {
        self.db_letters().await.pop().expect("a letter")
    }

    /// Every row of the queue, oldest first.
    pub async fn db_mail_rows(&self) -> Vec<MailRow> {
        let read = self.app().store.read(|conn| grantor::store::mails::newest(conn, 1000)).await;
        let mut rows = read.expect("rows");
        rows.sort_by_key(|row| row.id);
        rows
    }

    /// An account with an address that nobody confirmed.
    pub async fn db_user_at(&self, login: &str, email: &str) -> Person {
        let password = format!("a long passphrase nobody guesses {}", grantor::crypto::random::url_safe_text(6));
        self.shared.secrets.saw(&password);
        let new = NewPerson {
            login: login.to_owned(),
            email: Some(email.to_owned()),
            password: Some(password.clone()),
            ..NewPerson::default()
        };
        let made = people::create::create(&self.app(), None, Actor::Operator, new).await;
        let row = made.unwrap_or_else(|refusal| panic!("{refusal:?}"));
        Person { login: login.to_owned(), password, row }
    }
}
