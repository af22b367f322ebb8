//! The people flows against a database of their own.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use super::*;
use crate::app::App;
use crate::app::start::start;
use crate::clock::Clock;
use crate::config::Config;
use crate::flows::audit::Actor;
use crate::flows::caller::Caller;
use crate::flows::session::{self, NewSession};
use crate::flows::sign_in::{self, SignInRefusal};
use crate::flows::terms::Terms;
use crate::store::audit_events;
use crate::store::users::UserRow;

const PASSWORD: &str = "purple walrus ledger";
const OTHER: &str = "amber tractor mosaic";

struct Server {
    app: Arc<App>,
    _directory: tempfile::TempDir,
}

impl Server {
    async fn new(set: impl Fn(&mut Config)) -> Server {
        let directory = tempfile::tempdir().expect("a directory");
        let mut config = Config::default();
        config.database.url = format!("sqlite:{}", directory.path().join("people.db").display());
        config.passwords.memory = 8;
        config.passwords.iterations = 1;
        set(&mut config);
        let started = start(config, Clock::manual(1_800_000_000)).await.expect("a server");
        Server { app: started.app, _directory: directory }
    }

    async fn person(&self, login: &str) -> UserRow {
        create::create(&self.app, None, Actor::Operator, person(login, PASSWORD)).await.expect("an account")
    }

    async fn sign_in(&self, login: &str, password: &str) -> Result<NewSession, SignInRefusal> {
        sign_in::sign_in(&self.app, &caller(), None, login, password.to_owned()).await
    }

    async fn events(&self, user: &UserRow) -> Vec<String> {
        let id = user.id;
        let rows = self.app.store.read(move |conn| audit_events::about(conn, "user", id)).await.expect("events");
        rows.into_iter().map(|row| format!("{} by {}", row.event, row.actor_label)).collect()
    }

    async fn opens(&self, session: &NewSession) -> bool {
        session::current(&self.app, session.cookie.expose()).await.expect("an answer").is_some()
    }
}

fn caller() -> Caller {
    Caller {
        address: IpAddr::V4(Ipv4Addr::LOCALHOST),
        user_agent: "Firefox".to_owned(),
        device: None,
        terms: Terms::default(),
    }
}

fn person(login: &str, password: &str) -> NewPerson {
    NewPerson { login: login.to_owned(), password: Some(password.to_owned()), ..NewPerson::default() }
}

/// C57.
#[tokio::test]
async fn all_spellings_of_a_login_are_one_account() {
    let server = Server::new(|_| {}).await;
    let maria = server.person("Maria").await;
    for spelling in ["maria", "MARIA", " Maria ", "ｍａｒｉａ"] {
        let again = create::create(&server.app, None, Actor::Operator, person(spelling, PASSWORD)).await;
        assert!(matches!(again, Err(PersonRefusal::LoginNotAvailable)), "{spelling}");
        assert_eq!(find::by_login(&server.app, spelling).await.expect("found").id, maria.id);
    }
    assert_eq!(server.events(&maria).await, ["user.create by operator"]);
    assert_eq!(find::all(&server.app).await.expect("a list").len(), 1);
}

/// C50.
#[tokio::test]
async fn an_account_without_a_password_opens_to_none() {
    let server = Server::new(|_| {}).await;
    let new = NewPerson { login: "robot".to_owned(), ..NewPerson::default() };
    create::create(&server.app, None, Actor::Operator, new).await.expect("an account");
    for password in ["", "robot", PASSWORD] {
        assert!(matches!(server.sign_in("robot", password).await, Err(SignInRefusal::Wrong)), "{password:?}");
    }
}

/// ASVS 6.2.3, 7.2.4, A53.
#[tokio::test]
async fn changing_the_password_needs_the_current_one_and_ends_every_other_session() {
    let server = Server::new(|_| {}).await;
    let maria = server.person("maria").await;
    let here = server.sign_in("maria", PASSWORD).await.expect("signed in");
    let elsewhere = server.sign_in("maria", PASSWORD).await.expect("signed in");
    let who = session::current(&server.app, here.cookie.expose()).await.expect("an answer").expect("a session");

    let guess = password::change(&server.app, &caller(), &who, OTHER.to_owned(), OTHER.to_owned()).await;
    assert!(matches!(guess, Err(PersonRefusal::WrongPassword)));
    let weak = password::change(&server.app, &caller(), &who, PASSWORD.to_owned(), "maria2026".to_owned()).await;
    assert!(matches!(weak, Err(PersonRefusal::Password(_))));
    assert!(server.opens(&here).await && server.opens(&elsewhere).await);

    let new = password::change(&server.app, &caller(), &who, PASSWORD.to_owned(), OTHER.to_owned()).await;
    let new = new.expect("changed").expect("a session");
    assert!(server.opens(&new).await);
    assert!(!server.opens(&here).await && !server.opens(&elsewhere).await);
    assert!(new.row.authentication_count > here.row.authentication_count);
    assert!(matches!(server.sign_in("maria", PASSWORD).await, Err(SignInRefusal::Wrong)));
    assert!(server.sign_in("maria", OTHER).await.is_ok());
    let events = server.events(&maria).await;
    assert_eq!(events.iter().filter(|event| *event == "user.change_password by maria").count(), 1, "{events:?}");
}

/// A change that was checked against the old password loses to the operator's reset.
#[tokio::test]
async fn a_stale_change_never_overwrites_a_reset() {
    let server = Server::new(|_| {}).await;
    let maria = server.person("maria").await;
    let here = server.sign_in("maria", PASSWORD).await.expect("signed in");
    let who = session::current(&server.app, here.cookie.expose()).await.expect("an answer").expect("a session");
    password::set(&server.app, None, Actor::Operator, &maria, OTHER.to_owned()).await.expect("set");
    let late =
        password::change(&server.app, &caller(), &who, PASSWORD.to_owned(), "cobalt violin harbor".to_owned()).await;
    assert!(matches!(late, Err(PersonRefusal::WrongPassword)));
    assert!(server.sign_in("maria", OTHER).await.is_ok());
}

/// ASVS 7.4.2, C65, C49.
#[tokio::test]
async fn disabling_and_deleting_end_sessions_at_once_and_happen_once() {
    let server = Server::new(|_| {}).await;
    let (app, operator) = (&server.app, Actor::Operator);
    let maria = server.person("maria").await;
    let before = server.sign_in("maria", PASSWORD).await.expect("signed in");
    assert!(status::disable(app, None, operator, &maria).await.expect("an answer"));
    assert!(!status::disable(app, None, operator, &maria).await.expect("an answer"));
    assert!(!server.opens(&before).await);
    assert!(matches!(server.sign_in("maria", PASSWORD).await, Err(SignInRefusal::Wrong)));
    assert!(status::enable(app, None, operator, &maria).await.expect("an answer"));
    assert!(!server.opens(&before).await, "what ended stays ended");
    let after = server.sign_in("maria", PASSWORD).await.expect("signed in");

    assert!(status::delete(app, None, operator, &maria).await.expect("an answer"));
    assert!(!status::delete(app, None, operator, &maria).await.expect("an answer"));
    assert!(!status::enable(app, None, operator, &maria).await.expect("an answer"), "a tombstone stays one");
    assert!(!server.opens(&after).await);
    assert!(matches!(find::by_sub(app, &maria.sub).await, Err(PersonRefusal::NotFound)));
    let again = server.person("maria").await;
    assert!(again.id != maria.id && again.sub != maria.sub);
    let of_maria: Vec<_> = server.events(&maria).await.into_iter().filter(|e| e.starts_with("user.")).collect();
    assert_eq!(
        of_maria,
        ["user.create by operator", "user.disable by operator", "user.enable by operator", "user.delete by operator"]
    );
}

#[tokio::test]
async fn signing_out_everywhere_ends_every_session() {
    let server = Server::new(|_| {}).await;
    let maria = server.person("maria").await;
    let sessions = [server.sign_in("maria", PASSWORD).await, server.sign_in("maria", PASSWORD).await];
    let ended = sign_out_everywhere::sign_out_everywhere(&server.app, None, Actor::Operator, &maria).await;
    assert_eq!(ended.expect("an answer"), 2);
    for session in sessions {
        assert!(!server.opens(&session.expect("signed in")).await);
    }
}

/// ASVS 15.3.3, 6.3.8, C61.
#[tokio::test]
async fn registration_is_closed_unless_opened_and_makes_ordinary_accounts_only() {
    let closed = Server::new(|_| {}).await;
    let refused = register::register(&closed.app, &caller(), person("maria", PASSWORD), None).await;
    assert!(matches!(refused, Err(PersonRefusal::RegistrationClosed)));

    let server = Server::new(|config| config.sign_in.registration = true).await;
    let new = NewPerson { administrator: true, ..person("maria", PASSWORD) };
    let maria = register::register(&server.app, &caller(), new, None).await.expect("an account");
    assert!(!maria.administrator);
    for login in ["MARIA", "admin", "grantor"] {
        let taken = register::register(&server.app, &caller(), person(login, PASSWORD), None).await;
        assert!(matches!(taken, Err(PersonRefusal::LoginNotAvailable)), "{login}");
    }
    assert_eq!(server.events(&maria).await, ["user.register by maria"]);
}

/// C61: no faster than guessing at sign-in.
#[tokio::test]
async fn registration_cannot_be_asked_for_names_without_end() {
    let server = Server::new(|config| {
        config.sign_in.registration = true;
        config.sign_in.address_attempts = 5;
    })
    .await;
    let mut throttled = 0;
    for n in 0..8 {
        let answer = register::register(&server.app, &caller(), person(&format!("person{n}"), PASSWORD), None).await;
        throttled += u32::from(matches!(answer, Err(PersonRefusal::Throttled(_))));
    }
    assert_eq!(throttled, 3);
}

/// C60, C62, ASVS 6.3.2.
#[tokio::test]
async fn the_set_up_link_makes_one_administrator_and_no_second() {
    let server = Server::new(|_| {}).await;
    let app = &server.app;
    let token = |link: Option<String>| link.expect("a link").rsplit_once('=').expect("a token").1.to_owned();
    let replaced = token(set_up::offer(app).await.expect("an answer"));
    let link = token(set_up::offer(app).await.expect("an answer"));
    assert!(matches!(set_up::check(app, &replaced).await, Err(PersonRefusal::LinkVoid)));
    set_up::check(app, &link).await.expect("good");
    let weak = set_up::set_up(app, &caller(), &link, person("first", "password")).await;
    assert!(matches!(weak, Err(PersonRefusal::Password(_))));
    set_up::check(app, &link).await.expect("a form with faults uses nothing up");

    let many = (0..16).map(|n| {
        let (app, link) = (Arc::clone(app), link.clone());
        tokio::spawn(async move { set_up::set_up(&app, &caller(), &link, person(&format!("u{n}"), PASSWORD)).await })
    });
    let mut made = Vec::new();
    for one in many.collect::<Vec<_>>() {
        made.extend(one.await.expect("no panic").ok());
    }
    assert_eq!(made.len(), 1);
    assert!(made[0].administrator);
    assert_eq!(find::all(app).await.expect("a list").len(), 1);
    assert_eq!(set_up::offer(app).await.expect("an answer"), None);
    assert!(matches!(set_up::check(app, &link).await, Err(PersonRefusal::LinkVoid)));
}
