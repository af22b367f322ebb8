//! Mail as developers and operators see it: the mailbox of a development server, and what the doctor finds.

use crate::support::mail::NOWHERE;
use crate::support::operator::Operator;
use crate::support::smtp::{MailServer, Manners};
use crate::support::{TestApp, on_both};

on_both!(a_development_server_shows_what_it_would_have_sent, the_doctor_says_where_mail_ends);

/// Newest first, as text with links that work here, and as HTML that can do nothing; in production there is no such page.
async fn a_development_server_shows_what_it_would_have_sent(app: &TestApp) {
    app.as_dev().await;
    let browser = app.browser();
    let page = browser.get("/mailbox").await;
    assert_eq!((page.status, page.words("h1").as_str()), (200, "Mailbox"));
    assert!(page.body.contains("Nothing yet."), "{}", page.body);
    let ada = app.db_user_at("ada", "ada@example.com").await;
    app.db_set_password(&ada, "another passphrase nobody guesses 17").await;
    let asked = browser.get("/recover").await;
    assert_eq!(browser.submit(&asked, "recover-submit", &[("username", "ada")]).await.status, 303);

    let page = browser.get("/mailbox").await;
    assert_eq!(
        page.all_words("main li h2"),
        ["Reset your password for grantor", "Your password for grantor was changed"]
    );
    assert!(page.all_words("main li p")[0].starts_with("to ada@example.com"), "{}", page.body);
    let mail = browser.get(&page.attributes("main li a", "href")[0]).await;
    assert_eq!((mail.status, mail.words("h1").as_str()), (200, "Reset your password for grantor"));
    let links = mail.attributes(".letter a", "href");
    let link = links.iter().find(|link| link.contains("token=")).expect("the link, on this server");
    app.shared.secrets.saw(link.split_once("token=").expect("a token").1);
    assert!(link.starts_with('/') && browser.get(link).await.status == 200, "{link}");
    let html = browser.get(&mail.attributes("#mail-html", "href")[0]).await;
    assert_eq!(html.status, 200);
    let policy = html.header("content-security-policy").unwrap_or_default();
    assert!(policy.contains("sandbox") && !policy.contains("allow-scripts"), "{policy}");
    assert!(html.body.contains("Set a new password") && !html.body.contains("<script"), "{}", html.body);
    for nothing in ["/mailbox/no-such-mail", "/mailbox/no-such-mail/html"] {
        assert_eq!(browser.get(nothing).await.status, 404, "{nothing}");
    }
    app.restart_with(|config| config.dev = false).await;
    for path in ["/mailbox", "/mailbox/x", "/mailbox/x/html"] {
        assert_eq!(browser.get(path).await.status, 404, "{path}");
    }
}

/// A warning without a mail server, a fault with one that does not answer.
async fn the_doctor_says_where_mail_ends(app: &TestApp) {
    let operator = Operator::of(app);
    let finds = async |environment: &[(&str, &str)]| {
        let said = operator.says_with(&["--json", "doctor"], environment).await;
        let report: serde_json::Value = serde_json::from_str(&said.output).expect("a report");
        let findings = report["findings"].as_array().expect("findings").clone();
        let found = findings.into_iter().find(|finding| finding["about"] == "mail").expect("something about mail");
        let text = |key: &str| found[key].as_str().expect("a text").to_owned();
        (text("verdict").to_lowercase(), text("says"), said.done)
    };
    let (verdict, says, _) = finds(&[]).await;
    assert_eq!(verdict, "warning", "{says}");
    assert!(says.starts_with("no mail server (mail.host): nobody can reset a password"), "{says}");
    let ada = app.db_user_at("ada", "ada@example.com").await;
    app.db_set_password(&ada, "another passphrase nobody guesses 17").await;
    let plain = operator.says(&["doctor"]).await;
    assert!(plain.output.contains("warning  mail: no mail server"), "{}", plain.output);
    drop(plain);

    for (port, verdict, words) in
        [(NOWHERE, "wrong", "localhost:9: "), (MailServer::start(Manners::Takes).await.port, "fine", " takes mail; ")]
    {
        let port = port.to_string();
        let finding = grantor_doctor(app, &port).await;
        assert_eq!(finding.0, verdict, "{}", finding.1);
        assert!(finding.1.contains(words), "{}", finding.1);
    }
}

/// The same as the running server sees it, with a mail server at this port.
async fn grantor_doctor(app: &TestApp, port: &str) -> (String, String) {
    let port: u16 = port.parse().expect("a port");
    app.restart_with(|config| {
        config.mail.host = Some("localhost".to_owned());
        config.mail.port = Some(port);
        config.mail.tls = grantor::config::mail::Tls::None;
        config.mail.from = Some("grantor <no-reply@as.test>".to_owned());
    })
    .await;
    let findings = grantor::flows::examine::examine(&app.app()).await.expect("findings");
    let found = findings.into_iter().find(|finding| finding.about == "mail").expect("something about mail");
    let verdict = serde_json::to_value(found.verdict).expect("JSON");
    (verdict.as_str().expect("a text").to_lowercase(), found.says)
}
