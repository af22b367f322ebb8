//! One sample of every page and state, for the tests and for looking at. `Say` passes each text on, or replaces it.

use super::*;
use askama::Template;

/// Applied to every text that a person, a client or an upstream server could have written.
pub type Say = fn(&str) -> String;

/// Every page in every state: name and HTML.
pub fn all(say: Say) -> Vec<(&'static str, String)> {
    let render = |name, html: askama::Result<String>| (name, html.expect("a page renders"));
    vec![
        render("sign_in", sign_in(say).render()),
        render("sign_in_plain", SignInPage { client: None, register_href: None, ..sign_in(say) }.render()),
        render("sign_in_notice", SignInPage { notice: Some(say("Sign in to the other.")), ..sign_in(say) }.render()),
        render("sign_in_error", sign_in_error(say).render()),
        render("sign_in_wait", SignInPage { wait: Some(say("30 seconds")), ..sign_in_error(say) }.render()),
        render("register", register(say).render()),
        render("set_up", set_up(say).render()),
        render("step_up", step_up(say).render()),
        render("consent", consent(say, LineState::New).render()),
        render("consent_again", consent(say, LineState::Allowed).render()),
        render("consent_device", consent_device(say).render()),
        render("choose_organization", choose_organization(say).render()),
        render("select_account", select_account(say).render()),
        render("error", ErrorPage { detail: None, ..error(say) }.render()),
        render("error_dev", error(say).render()),
        render("signed_out", NoticePage::signed_out(frame(say, false)).render()),
        render("not_found", NoticePage::not_found(frame(say, false)).render()),
        render("too_busy", NoticePage::too_busy(frame(say, false), &say("a few seconds")).render()),
        render("notice", notice(say).render()),
        render("sign_out", sign_out(say).render()),
        render(
            "sign_out_plain",
            SignOutPage { client: None, returns: false, applications: Vec::new(), ..sign_out(say) }.render(),
        ),
        render("logged_out", logged_out(say).render()),
        render("logged_out_asks", LoggedOutPage { frames: Vec::new(), waits: false, ..logged_out(say) }.render()),
        render("home", home(say).render()),
        render("sessions", sessions(say).render()),
        render("change_password", change_password(say).render()),
        render("recover", samples_mail::recover(say).render()),
        render("new_password", samples_mail::new_password(say).render()),
        render("email", samples_mail::email(say).render()),
        render("email_fault", samples_mail::email_fault(say).render()),
        render("email_none", samples_mail::email_none(say).render()),
        render("confirm_email", samples_mail::confirm_email(say).render()),
        render(
            "confirm_email_further",
            ConfirmEmailPage { deed: LinkDeed::Adds, ..samples_mail::confirm_email(say) }.render(),
        ),
        render("mailbox", samples_mail::mailbox(say).render()),
        render("mail", samples_mail::mail(say).render()),
        render("form_post", form_post(say).render()),
        render("playground", playground_samples::start(say).render()),
        render("playground_fragment", playground_samples::fragment(say).render()),
        render("playground_code", playground_samples::code_arrived(say).render()),
        render("playground_run", playground_samples::refused_after_revocation(say).render()),
    ]
    .into_iter()
    .chain(orgs::samples::all(say))
    .chain(samples_sso::all(say))
    .chain(account::samples::all(say))
    .chain(admin::samples::all(say))
    .collect()
}

/// The frame, signed in or not.
pub fn frame(say: Say, signed_in: bool) -> Frame {
    let user = signed_in.then(|| user(say));
    Frame { brand: say("grantor"), base: "/auth".to_owned(), user, dev: false }
}

fn user(say: Say) -> SignedIn {
    SignedIn { login: say("ada"), csrf_token: say("Zm9yZ2VyeQ") }
}

fn return_to(say: Say) -> Vec<Hidden> {
    vec![Hidden::new("return_to", say("/oauth/authorize?client_id=c1&state=a&scope=project%3Aread"))]
}

fn sign_in(say: Say) -> SignInPage {
    SignInPage {
        frame: frame(say, false),
        action: "/auth/login".to_owned(),
        csrf_token: say("Zm9yZ2VyeQ"),
        carried: return_to(say),
        client: Some(ClientBanner { name: say("Sundial") }),
        about: ClientAbout {
            logo: Some(say("https://sundial.example/logo.png")),
            links: WebLink::new("Privacy policy", format!("https://sundial.example/{}", say("privacy")))
                .into_iter()
                .collect(),
        },
        login: String::new(),
        notice: None,
        error: None,
        wait: None,
        organization_action: "/auth/login".to_owned(),
        register_href: Some("/auth/register".to_owned()),
        recover_href: Some("/auth/recover".to_owned()),
    }
}

fn sign_in_error(say: Say) -> SignInPage {
    let error = say("User name or password is wrong. Passwords are case sensitive.");
    SignInPage { login: say("ada"), error: Some(error), ..sign_in(say) }
}

pub fn rules(say: Say) -> Vec<String> {
    vec![say("8 to 256 characters, any of them"), say("Not one of the passwords everybody tries first")]
}

pub fn input(say: Say, value: &str, error: Option<&str>) -> Input {
    Input { value: if value.is_empty() { String::new() } else { say(value) }, error: error.map(say) }
}

fn register(say: Say) -> RegisterPage {
    RegisterPage {
        frame: frame(say, false),
        action: "/auth/register".to_owned(),
        csrf_token: say("Zm9yZ2VyeQ"),
        carried: return_to(say),
        sign_in_href: "/auth/login".to_owned(),
        error: Some(say("Two things need another look.")),
        login: input(say, "ada", Some("This user name is taken.")),
        name: input(say, "Ada Lovelace", None),
        email: input(say, "ada@example.org", None),
        password: input(say, "", Some("This password is on the list that attackers try first. Choose another one.")),
        password_rules: rules(say),
    }
}

fn set_up(say: Say) -> SetUpPage {
    SetUpPage {
        frame: frame(say, false),
        action: "/auth/setup".to_owned(),
        csrf_token: say("Zm9yZ2VyeQ"),
        carried: vec![Hidden::new("link", say("gup_example"))],
        error: None,
        login: Input::default(),
        name: Input::default(),
        password: Input::default(),
        password_rules: rules(say),
    }
}

fn step_up(say: Say) -> StepUpPage {
    StepUpPage {
        frame: frame(say, true),
        action: "/auth/login".to_owned(),
        csrf_token: say("Zm9yZ2VyeQ"),
        carried: return_to(say),
        login: say("ada"),
        reason: say("Sundial wants to be sure that you are at the keyboard. Enter your password once more."),
        error: Some(say("The password is wrong.")),
        wait: None,
    }
}

fn consent(say: Say, before: LineState) -> ConsentPage {
    let line = |text, state| ConsentLine { text: say(text), state };
    let link = |label, path| WebLink::new(label, format!("https://sundial.example/{}", say(path)));
    ConsentPage {
        frame: frame(say, true),
        action: "/auth/oauth/consent".to_owned(),
        csrf_token: say("Zm9yZ2VyeQ"),
        consent_request: say("gcr_example"),
        client: ConsentingClient {
            name: say("Sundial"),
            owner: Some(say("Meridian Instruments")),
            verified: before == LineState::Allowed,
            links: [link("Homepage", ""), link("Privacy", "privacy"), link("Terms", "terms")]
                .into_iter()
                .flatten()
                .collect(),
            logo: (before == LineState::New).then(|| say("https://sundial.example/logo.png")),
        },
        redirect: RedirectTarget::Site(say("app.sundial.example")),
        account: user(say),
        switch_account_href: "/auth/oauth/authorize?prompt=login".to_owned(),
        organization: (before == LineState::Allowed).then(|| ConsentingOrganization {
            name: say("Meridian Instruments"),
            change_href: "/auth/oauth/authorize?client_id=x".to_owned(),
        }),
        lines: vec![
            line("Your account: user name, name and e-mail", before),
            line("Read your projects", before),
            line("Read and change events", LineState::New),
            line("Read, change and manage organization members", LineState::New),
        ],
        lifetime: say("Access lasts 1 hour at a time and renews itself for up to 30 days."),
        resources: vec![ConsentingResource {
            name: say("Reports"),
            identifier: format!("https://reports.example/{}", say("v1")),
        }],
    }
}

fn consent_device(say: Say) -> ConsentPage {
    ConsentPage { redirect: RedirectTarget::Device(say("http://127.0.0.1:49152")), ..consent(say, LineState::New) }
}

fn choose_organization(say: Say) -> ChooseOrganizationPage {
    let choice = |name, slug: &str| OrganizationChoice {
        name: say(name),
        slug: say(slug),
        href: "/auth/oauth/authorize?organization=x".to_owned(),
    };
    ChooseOrganizationPage {
        frame: frame(say, true),
        client: ClientBanner { name: say("Sundial") },
        account: user(say),
        switch_account_href: "/auth/login".to_owned(),
        choices: vec![choice("Meridian Instruments", "meridian"), choice("Acme", "acme")],
    }
}

fn select_account(say: Say) -> SelectAccountPage {
    SelectAccountPage {
        frame: frame(say, true),
        client: ClientBanner { name: say("Sundial") },
        account: user(say),
        go_on_href: "/auth/oauth/authorize?account=x".to_owned(),
        other_href: "/auth/login".to_owned(),
    }
}

fn error(say: Say) -> ErrorPage {
    ErrorPage {
        frame: frame(say, false),
        title: say("This application sent you here with a wrong return address"),
        what_happened: say("Sundial asked us to send you to an address that it has not registered. \
             To keep your account safe we stopped here and sent nothing."),
        what_to_do: say("Go back to Sundial and try again. If it happens again, tell its makers and \
             give them the reference below."),
        next: Some(Link { label: say("Go to your account"), href: "/auth/".to_owned() }),
        code: say("invalid_request"),
        reference: say("7K2M-Q9XD"),
        detail: Some(ErrorDetail {
            rule: say("redirect_uri must equal a registered one, character by character"),
            received: say("https://app.sundial.example/callback/") + "x",
            registered: vec![say("https://app.sundial.example/callback"), say("http://127.0.0.1/callback")],
            specification: say("RFC 9700 section 4.1.3"),
            hint: say("Remove what is marked, or register this address as well: grantor client update."),
        }),
    }
}

fn notice(say: Say) -> NoticePage {
    NoticePage {
        frame: frame(say, false),
        kind: NoticeKind::Refused,
        title: say("This link was already used"),
        text: say("A set-up link works once. Restart the server to print a new one."),
        next: None,
    }
}

fn sign_out(say: Say) -> SignOutPage {
    SignOutPage {
        frame: frame(say, false),
        action: "/auth/logout".to_owned(),
        csrf_token: say("Zm9yZ2VyeQ"),
        carried: return_to(say),
        login: say("ada"),
        client: Some(ClientBanner { name: say("Sundial") }),
        returns: true,
        applications: vec![say("Sundial"), say("Almanac")],
        stay_href: "/auth/".to_owned(),
    }
}

fn logged_out(say: Say) -> LoggedOutPage {
    LoggedOutPage {
        frame: frame(say, false),
        frames: vec![say("https://app.sundial.example/signed-out?sid=x"), say("https://almanac.example/bye")],
        client: say("Sundial"),
        continue_href: Some("https://app.sundial.example/goodbye?state=x".to_owned()),
        waits: true,
        nonce: "bm9uY2U".to_owned(),
    }
}

fn home(say: Say) -> HomePage {
    HomePage {
        frame: Frame { dev: true, ..frame(say, true) },
        login: say("ada"),
        name: Some(say("Ada Lovelace")),
        email: Some(say("ada@example.org")),
        administrator: true,
        signed_in: say("today at 09:14 UTC, with a password"),
        sessions_href: "/auth/account/sessions".to_owned(),
        identities_href: "/auth/account/identities".to_owned(),
        email_href: "/auth/account/email".to_owned(),
        mailbox_href: Some("/auth/mailbox".to_owned()),
        playground_href: Some("/auth/playground".to_owned()),
        password_href: Some("/auth/account/password".to_owned()),
        organizations: orgs::samples::lines(say),
        organizations_href: "/auth/orgs".to_owned(),
        notices: vec![SecurityNotice {
            title: say("A used token came back."),
            text: say("Sundial sent an old refresh token today at 08:55 UTC. Its access was ended."),
        }],
    }
}

fn change_password(say: Say) -> ChangePasswordPage {
    ChangePasswordPage {
        frame: frame(say, true),
        action: "/auth/account/password".to_owned(),
        csrf_token: say("Zm9yZ2VyeQ"),
        login: say("ada"),
        error: None,
        current: input(say, "", Some("This is not your current password.")),
        password: Input::default(),
        password_rules: rules(say),
    }
}

fn sessions(say: Say) -> SessionsPage {
    let session = |sid, device, address, started, last_seen, current| SessionLine {
        sid: say(sid),
        device: say(device),
        address: say(address),
        started: say(started),
        last_seen: say(last_seen),
        current,
    };
    SessionsPage {
        frame: frame(say, true),
        csrf_token: say("Zm9yZ2VyeQ"),
        end_action: "/auth/account/sessions/end".to_owned(),
        end_others_href: Some("/auth/account/sessions/end-others".to_owned()),
        next_href: Some("/auth/account/sessions?after=x".to_owned()),
        sessions: vec![
            session("s1", "Firefox on Linux", "192.0.2.17", "today at 09:14 UTC", "just now", true),
            session("s2", "Safari on iPhone", "2001:db8::4c1a", "yesterday at 21:40 UTC", "2 hours ago", false),
            session("s3", "Chrome on Windows", "198.51.100.8", "3 Nov at 08:02 UTC", "12 days ago", false),
        ],
        done: Some(say("The session has ended.")),
    }
}

fn form_post(say: Say) -> FormPostPage {
    FormPostPage {
        frame: frame(say, false),
        client_name: say("Sundial"),
        action: "https://app.sundial.example/callback".to_owned(),
        fields: vec![
            Hidden::new("code", say("gac_example")),
            Hidden::new("state", say("af0ifjsldkj")),
            Hidden::new("iss", say("https://id.example.org")),
        ],
        nonce: "bm9uY2U".to_owned(),
    }
}
