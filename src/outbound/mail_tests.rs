//! What becomes of hostile addresses and subjects.

use super::*;

fn mailer() -> Mailer {
    let config = Mail {
        host: Some("127.0.0.1".to_owned()),
        tls: Tls::None,
        from: Some("grantor <no-reply@as.test>".to_owned()),
        ..Mail::default()
    };
    Mailer::new(&config, "as.test").expect("a mail server").expect("one is named")
}

fn written(to: &str, subject: &str) -> String {
    let mail = Outgoing {
        to: to.to_owned(),
        subject: subject.to_owned(),
        message_id: "<x@as.test>".to_owned(),
        date: 1_795_321_800,
        text: "text".to_owned(),
        html: "<p>html</p>".to_owned(),
    };
    let message = mailer().message(&mail).expect("a message");
    String::from_utf8(message.formatted()).expect("text")
}

fn head_names(message: &str) -> Vec<String> {
    let (head, _) = message.split_once("\r\n\r\n").expect("a head and a body");
    let lines = head.split("\r\n").filter(|line| !line.starts_with([' ', '\t']));
    let mut names: Vec<String> = lines.map(|line| line.split(':').next().unwrap_or_default().to_owned()).collect();
    names.sort();
    names
}

/// C48, ASVS 1.3.11.
#[test]
fn an_address_is_one_address_and_nothing_more() {
    for good in ["a@b.example", "first.last+tag@sub.b.example", "o'neil@b.example"] {
        assert_eq!(address(good).as_deref(), Some(good));
    }
    for bad in [
        "",
        "a",
        "@b.example",
        "a@",
        "a@evil@b.example",
        "a@b.example\r\nBcc: c@d.example",
        "a@b.example\nX: y",
        "a@b.example,c@d.example",
        "A <a@b.example>",
        "a b@c.example",
        " a@b.example",
        "\"a b\"@c.example",
        "a@b.example\0",
        &format!("{}@b.example", "x".repeat(300)),
    ] {
        assert_eq!(address(bad), None, "{bad:?}");
    }
}

/// ASVS 1.3.11: whatever a subject holds, the head has the same lines.
#[test]
fn no_subject_adds_a_line_to_the_head() {
    let plain = head_names(&written("a@b.example", "Hello"));
    assert!(
        ["Auto-Submitted", "Date", "From", "Message-ID", "Subject", "To"]
            .iter()
            .all(|name| plain.contains(&(*name).to_owned())),
        "{plain:?}"
    );
    for subject in [
        "x\r\nBcc: c@d.example",
        "x\nBcc: c@d.example",
        "x\rBcc: c@d.example",
        "x\r\n\r\nbody",
        "é\r\nBcc: c@d.example",
        "=?x?=\u{85}\u{2028}",
    ] {
        let message = written("a@b.example", subject);
        assert_eq!(head_names(&message), plain, "{subject:?}");
        assert!(!message.lines().any(|line| line.starts_with("Bcc")), "{message}");
    }
}

#[test]
fn mail_leaves_this_machine_only_under_tls() {
    let config = |host: &str, tls| Mail {
        host: Some(host.to_owned()),
        tls,
        from: Some("no-reply@as.test".to_owned()),
        ..Mail::default()
    };
    for host in ["localhost", "127.0.0.1", "[::1]"] {
        assert!(Mailer::new(&config(host, Tls::None), "as.test").is_ok(), "{host}");
    }
    for host in ["mail.example", "10.0.0.1", "localhost.example"] {
        assert!(Mailer::new(&config(host, Tls::None), "as.test").is_err(), "{host}");
        assert!(Mailer::new(&config(host, Tls::Starttls), "as.test").is_ok(), "{host}");
        assert!(Mailer::new(&config(host, Tls::Tls), "as.test").is_ok(), "{host}");
    }
}

#[test]
fn a_mail_server_needs_a_sender_and_a_password_for_its_user() {
    let host = Some("localhost".to_owned());
    let nobody = Mail { host: host.clone(), tls: Tls::None, ..Mail::default() };
    assert!(Mailer::new(&nobody, "as.test").is_err_and(|text| text.contains("mail.from")));
    let from = Some("no-reply@as.test".to_owned());
    let user = Mail { host, tls: Tls::None, from, username: Some("u".to_owned()), ..Mail::default() };
    assert!(Mailer::new(&user, "as.test").is_err_and(|text| text.contains("mail.password_file")));
    assert!(Mailer::new(&Mail::default(), "as.test").is_ok_and(|mailer| mailer.is_none()));
}
