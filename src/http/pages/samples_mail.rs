//! Samples of the pages around mail.

use super::samples::{Say, frame, input, rules};
use super::*;

pub fn recover(say: Say) -> RecoverPage {
    RecoverPage {
        frame: frame(say, false),
        action: "/auth/recover".to_owned(),
        csrf_token: say("Zm9yZ2VyeQ"),
        login: input(say, "ada", None),
        wait: Some(say("12 minutes")),
        sign_in_href: "/auth/login".to_owned(),
    }
}

pub fn new_password(say: Say) -> NewPasswordPage {
    NewPasswordPage {
        frame: frame(say, false),
        action: "/auth/recover/new".to_owned(),
        csrf_token: say("Zm9yZ2VyeQ"),
        carried: vec![Hidden::new("token", say("gml_example"))],
        login: say("ada"),
        first: false,
        error: Some(say("This link was used before.")),
        password: input(say, "", Some("Please use at least 8 characters.")),
        password_rules: rules(say),
    }
}

pub fn email(say: Say) -> EmailPage {
    EmailPage {
        frame: frame(say, true),
        action: "/auth/account/email".to_owned(),
        csrf_token: say("Zm9yZ2VyeQ"),
        current: Some(say("ada@example.org")),
        verified: Some(say("today at 09:14 UTC")),
        further: vec![AddressItem {
            id: "bWFpbA".to_owned(),
            email: say("ada.lovelace@analytical-engines.example.net"),
            verified: say("on 3 March 2026"),
            remove_href: "/auth/account/email/remove?address=bWFpbA".to_owned(),
        }],
        main_action: "/auth/account/email/main".to_owned(),
        own: true,
        open: true,
        email: Input::default(),
        main: false,
        error: None,
        done: Some(say("Your address is confirmed.")),
    }
}

pub fn email_none(say: Say) -> EmailPage {
    EmailPage { current: None, verified: None, further: Vec::new(), done: None, ..email(say) }
}

pub fn email_fault(say: Say) -> EmailPage {
    EmailPage {
        verified: None,
        further: Vec::new(),
        main: true,
        email: input(say, "ada", Some("Please enter an e-mail address such as name@example.com.")),
        error: Some(say("This server sends no mail.")),
        done: None,
        ..email(say)
    }
}

pub fn confirm_email(say: Say) -> ConfirmEmailPage {
    ConfirmEmailPage {
        frame: frame(say, true),
        action: "/auth/account/email/confirm".to_owned(),
        csrf_token: say("Zm9yZ2VyeQ"),
        carried: vec![Hidden::new("token", say("gml_example"))],
        login: say("ada"),
        email: say("ada@example.net"),
        deed: LinkDeed::Moves,
    }
}

pub fn mailbox(say: Say) -> MailboxPage {
    let line = |subject, to| MailLine {
        href: "/auth/mailbox/x".to_owned(),
        subject: say(subject),
        to: say(to),
        when: say("today at 09:14 UTC"),
    };
    MailboxPage {
        frame: frame(say, true),
        mails: vec![
            line("Reset your password for grantor", "ada@example.org"),
            line("Grace invites you to Meridian Instruments", "kurt@example.org"),
        ],
        recover_href: "/auth/recover".to_owned(),
    }
}

pub fn mail(say: Say) -> MailPage {
    let line = |text, link: bool| TextLine {
        text: say(text),
        href: link.then(|| "/auth/recover/new?token=gml_example".to_owned()),
    };
    MailPage {
        frame: frame(say, false),
        subject: say("Reset your password for grantor"),
        to: say("ada@example.org"),
        when: say("today at 09:14 UTC"),
        lines: vec![
            line("Set a new password", false),
            line("Somebody, most likely you, asked for a new password. The link works once, within an hour.", false),
            line("https://id.example.org/auth/recover/new?token=gml_example", true),
        ],
        html_href: "/auth/mailbox/x/html".to_owned(),
        mailbox_href: "/auth/mailbox".to_owned(),
    }
}
