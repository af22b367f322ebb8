//! One sample of every page and state.

use askama::Template;

use super::samples_of_keys::{applications, ask_owner, key, key_made, keys, no_applications};
use super::samples_of_registration::{token_made, token_new, tokens};
use super::*;
use crate::http::pages::parts::SignedIn;
use crate::http::pages::samples::{Say, frame};
use crate::http::pages::{Hidden, Input, Link};

/// Every page in every state: name and HTML.
pub fn all(say: Say) -> Vec<(&'static str, String)> {
    let render = |name, html: askama::Result<String>| (name, html.expect("a page renders"));
    vec![
        render("orgs", orgs(say, lines(say)).render()),
        render("orgs_empty", orgs(say, Vec::new()).render()),
        render("orgs_new", new(say).render()),
        render("orgs_overview", overview(say).render()),
        render("orgs_pending", pending(say, true).render()),
        render("orgs_pending_member", pending(say, false).render()),
        render("orgs_members", members(say).render()),
        render(
            "orgs_members_none",
            MembersPage { members: Vec::new(), invitations: Vec::new(), ..members(say) }.render(),
        ),
        render("orgs_member", member(say).render()),
        render("orgs_member_plain", MemberPage { roles: Vec::new(), remove_href: None, ..member(say) }.render()),
        render("orgs_invite", invite(say).render()),
        render("orgs_teams", teams(say).render()),
        render("orgs_teams_none", TeamsPage { teams: Vec::new(), create_action: None, ..teams(say) }.render()),
        render("orgs_team", team(say).render()),
        render("orgs_team_empty", TeamPage { members: Vec::new(), may_write: false, ..team(say) }.render()),
        render("orgs_settings", settings(say).render()),
        render("orgs_keys", keys(say).render()),
        render("orgs_keys_none", KeysPage { keys: Vec::new(), next_href: None, ..keys(say) }.render()),
        render("orgs_key_new", key(say, false).render()),
        render("orgs_key", key(say, true).render()),
        render("orgs_key_made", key_made(say).render()),
        render("orgs_registration_tokens", tokens(say).render()),
        render(
            "orgs_registration_tokens_none",
            RegistrationTokensPage { tokens: Vec::new(), registered: Vec::new(), next_href: None, ..tokens(say) }
                .render(),
        ),
        render("orgs_registration_token_new", token_new(say).render()),
        render("orgs_registration_token_made", token_made(say).render()),
        render("orgs_applications", applications(say).render()),
        render("orgs_applications_none", no_applications(say).render()),
        render("ask_owner", ask_owner(say, true).render()),
        render("ask_owner_again", ask_owner(say, false).render()),
        render("orgs_audit", audit(say).render()),
        render(
            "orgs_audit_none",
            AuditPage { lines: Vec::new(), fault: Some(say("A time is written like 2026-11-22.")), ..audit(say) }
                .render(),
        ),
        render("orgs_confirm", confirm(say).render()),
        render("invitation", invitation(say, false, true).render()),
        render("invitation_anonymous", invitation(say, false, false).render()),
        render("invitation_member", invitation(say, true, true).render()),
    ]
}

/// Organizations of somebody.
pub fn lines(say: Say) -> Vec<OrgLine> {
    let line = |name, slug: &str, role, pending_deletion| OrgLine {
        name: say(name),
        href: format!("/auth/orgs/{slug}"),
        role: say(role),
        pending_deletion,
    };
    vec![line("Meridian Instruments", "meridian", "owner", false), line("Old Harbour", "harbour", "member", true)]
}

fn orgs(say: Say, organizations: Vec<OrgLine>) -> OrgsPage {
    let done = (!organizations.is_empty()).then(|| say("You left the organization."));
    OrgsPage { frame: frame(say, true), organizations, new_href: Some("/auth/orgs/new".to_owned()), done }
}

fn audit(say: Say) -> AuditPage {
    let line = |what, event, who, target, data, address| AuditLine {
        what: say(what),
        event: say(event),
        who: say(who),
        target: say(target),
        data: say(data),
        at: "2026-11-22T09:14:00Z".to_owned(),
        when: say("today at 09:14 UTC"),
        address: say(address),
    };
    AuditPage {
        frame: frame(say, true),
        org: org(say, "Audit log"),
        action: "/auth/orgs/meridian/audit".to_owned(),
        event: say("org"),
        event_names: &["org", "org.member.add"],
        actor: say("ada"),
        since: "2026-11-01".to_owned(),
        until: String::new(),
        filtered: true,
        fault: None,
        lines: vec![
            line("Role changed", "org.member.role", "ada", "kurt", "role: admin, before: member", "192.0.2.17"),
            line("Invited", "org.invite", "ada", "grace@example.org", "role: member", "2001:db8::4c1a"),
            line(
                "Single sign-on switched on",
                "sso.enable",
                "operator",
                "Meridian Instruments",
                "kind: oidc",
                "192.0.2.17",
            ),
        ],
        next_href: Some("/auth/orgs/meridian/audit?cursor=x".to_owned()),
        newest_href: Some("/auth/orgs/meridian/audit".to_owned()),
        csv_href: "/auth/orgs/meridian/audit/export?format=csv".to_owned(),
        json_href: "/auth/orgs/meridian/audit/export?format=json".to_owned(),
    }
}

pub(super) fn input(say: Say, value: &str, error: Option<&str>) -> Input {
    Input { value: say(value), error: error.map(say) }
}

fn new(say: Say) -> NewOrgPage {
    NewOrgPage {
        frame: frame(say, true),
        action: "/auth/orgs/new".to_owned(),
        csrf_token: say("Zm9yZ2VyeQ"),
        cancel_href: "/auth/orgs".to_owned(),
        prefix: "https://id.example.org/orgs/".to_owned(),
        name: input(say, "Meridian Instruments", None),
        slug: input(say, "meridian", Some("This address is taken. Please choose another one.")),
    }
}

pub(super) fn org(say: Say, current: &str) -> OrgFrame {
    let labels =
        ["Overview", "Members", "Teams", "Applications", "API keys", "Single sign-on", "Audit log", "Settings"];
    let tab = |label: &'static str| Tab {
        label,
        href: format!("/auth/orgs/meridian/{}", label.len()),
        current: label == current,
    };
    OrgFrame {
        name: say("Meridian Instruments"),
        href: "/auth/orgs/meridian".to_owned(),
        tabs: labels.map(tab).into(),
        csrf_token: say("Zm9yZ2VyeQ"),
        done: Some(say("Saved.")),
    }
}

fn overview(say: Say) -> OverviewPage {
    let link = |icon, title, text| OrgLink { icon, title, text: say(text), href: "/auth/orgs/meridian/x".to_owned() };
    let team = |label| Link { label: say(label), href: "/auth/orgs/meridian/teams/x".to_owned() };
    OverviewPage {
        frame: frame(say, true),
        org: org(say, "Overview"),
        role: say("owner"),
        role_text: say("Everything, single sign-on and deletion included."),
        public_id: say("4kP2xYw9QmZr7TbVnLc3Hd"),
        sign_in: say("Through the organization's own provider"),
        created: say("3 Nov at 08:02 UTC"),
        teams: vec![team("Platform"), team("Support")],
        links: vec![
            link("i-user", "Members", "12 members, 2 invitations waiting."),
            link("i-people", "Teams", "3 teams."),
            link("i-key", "Single sign-on", "Let members sign in through your own provider."),
            link("i-list", "Audit log", "Who did what, and when."),
            link("i-gear", "Settings", "Name, address, how people come in."),
        ],
        leave_href: "/auth/orgs/meridian/leave".to_owned(),
    }
}

fn pending(say: Say, may: bool) -> PendingDeletionPage {
    PendingDeletionPage {
        frame: frame(say, true),
        name: say("Old Harbour"),
        when: say("29 Nov at 08:02 UTC"),
        restore_action: may.then(|| "/auth/orgs/harbour/restore".to_owned()),
        csrf_token: say("Zm9yZ2VyeQ"),
        orgs_href: "/auth/orgs".to_owned(),
    }
}

fn members(say: Say) -> MembersPage {
    let item = |name, login, role, me, trouble| MemberItem {
        name: say(name),
        login: say(login),
        email: Some(say("someone@meridian.example")),
        role: say(role),
        href: "/auth/orgs/meridian/members/x".to_owned(),
        teams: say("platform, support"),
        me,
        trouble,
    };
    let invitation = |email, expired| InvitationItem {
        email: say(email),
        role: say("member"),
        text: say("Sent 2 days ago by ada · good for 5 days"),
        expired,
        mine_to_manage: true,
    };
    MembersPage {
        frame: frame(say, true),
        org: org(say, "Members"),
        count: say("12 members in all."),
        search_action: "/auth/orgs/meridian/members".to_owned(),
        search: say("a"),
        members: vec![
            item("Ada Lovelace", "ada", "owner", true, None),
            item("Charles Babbage", "charles", "member", false, Some("Not linked")),
        ],
        next_href: Some("/auth/orgs/meridian/members?after=charles".to_owned()),
        invite_href: Some("/auth/orgs/meridian/members/invite".to_owned()),
        invitations: vec![invitation("mary@meridian.example", false), invitation("old@meridian.example", true)],
        again_action: "/auth/orgs/meridian/members/invite/again".to_owned(),
        revoke_action: "/auth/orgs/meridian/members/invite/revoke".to_owned(),
    }
}

fn choices(say: Say, chosen: &str) -> Vec<Choice> {
    let choice = |value: &str, text| Choice {
        value: value.to_owned(),
        label: say(value),
        text: say(text),
        chosen: value == chosen,
    };
    vec![
        choice("member", "Belongs to the organization and its teams."),
        choice("admin", "Manages teams and who is in them."),
        choice("manager", "Invites people, manages members, teams and settings."),
    ]
}

fn member(say: Say) -> MemberPage {
    MemberPage {
        frame: frame(say, true),
        org: org(say, "Members"),
        name: say("Charles Babbage"),
        login: say("charles"),
        email: Some(say("charles@meridian.example")),
        role: say("member"),
        joined: say("3 Nov at 08:02 UTC"),
        teams: say("platform"),
        sign_in: Some(say("Not linked yet: this member does not get in")),
        me: false,
        role_action: "/auth/orgs/meridian/members/x/role".to_owned(),
        roles: choices(say, "member"),
        error: Some(say("This is the last owner of the organization. Make somebody else owner first.")),
        remove_href: Some("/auth/orgs/meridian/members/x/remove".to_owned()),
        members_href: "/auth/orgs/meridian/members".to_owned(),
    }
}

fn invite(say: Say) -> InvitePage {
    let team = |value: &str, name, chosen| Choice {
        value: value.to_owned(),
        label: say(name),
        text: say("4 members"),
        chosen,
    };
    InvitePage {
        frame: frame(say, true),
        org: org(say, "Members"),
        action: "/auth/orgs/meridian/members/invite".to_owned(),
        error: Some(say("This organization has sent 200 invitations within a day. Please go on tomorrow.")),
        emails: input(say, "mary@meridian.example, x", Some("\"x\" is not an e-mail address.")),
        roles: choices(say, "member"),
        teams: vec![team("platform", "Platform", true), team("support", "Support", false)],
        lifetime: say("7 days"),
        cancel_href: "/auth/orgs/meridian/members".to_owned(),
    }
}

fn teams(say: Say) -> TeamsPage {
    let item = |name, count, mine| TeamItem {
        name: say(name),
        href: "/auth/orgs/meridian/teams/x".to_owned(),
        count: say(count),
        mine,
    };
    TeamsPage {
        frame: frame(say, true),
        org: org(say, "Teams"),
        teams: vec![item("Platform", "4 members", true), item("Support", "1 member", false)],
        open: true,
        create_action: Some("/auth/orgs/meridian/teams".to_owned()),
        name: Input::default(),
        slug: input(say, "platform", Some("Another team has this address.")),
    }
}

fn team(say: Say) -> TeamPage {
    let item = |name, login, role| TeamMemberItem {
        sub: say("s1"),
        name: say(name),
        login: say(login),
        role: say(role),
        href: "/auth/orgs/meridian/members/x".to_owned(),
    };
    TeamPage {
        frame: frame(say, true),
        org: org(say, "Teams"),
        name: say("Platform"),
        href: "/auth/orgs/meridian/teams/platform".to_owned(),
        teams_href: "/auth/orgs/meridian/teams".to_owned(),
        members: vec![item("Ada Lovelace", "ada", "owner"), item("Charles Babbage", "charles", "member")],
        mine: true,
        may_move: true,
        may_write: true,
        login: input(say, "mary", Some("Nobody like that is a member of this organization.")),
        new_name: input(say, "Platform", None),
        new_slug: input(say, "platform", None),
    }
}

fn settings(say: Say) -> SettingsPage {
    SettingsPage {
        frame: frame(say, true),
        org: org(say, "Settings"),
        name_action: "/auth/orgs/meridian/settings/name".to_owned(),
        name: input(say, "Meridian Instruments", None),
        slug: input(say, "new", Some("This address is kept for the server itself. Please choose another one.")),
        prefix: "https://id.example.org/orgs/".to_owned(),
        joining_action: "/auth/orgs/meridian/settings/joining".to_owned(),
        joining_error: Some(say("There is no role \"x\".")),
        roles: choices(say, "member"),
        open_membership: true,
        tokens_action: Some("/auth/orgs/meridian/settings/tokens".to_owned()),
        token_age: input(say, "2y", Some("Please choose between 1h and 365d for the longest life of a token.")),
        default_token_age: say("30d"),
        delete_href: Some("/auth/orgs/meridian/settings/delete".to_owned()),
        delay: say("7 days"),
    }
}

fn confirm(say: Say) -> ConfirmPage {
    ConfirmPage {
        frame: frame(say, true),
        title: say("Delete Meridian Instruments?"),
        consequences: vec![
            say("Its pages close at once, for everybody, and applications lose all access to it."),
            say("In 7 days it is gone for good, with members, teams, invitations and sign-in settings."),
        ],
        action: "/auth/orgs/meridian/settings/delete".to_owned(),
        csrf_token: say("Zm9yZ2VyeQ"),
        carried: vec![Hidden::new("what", say("x"))],
        typed: Some(Typed {
            expected: say("meridian"),
            input: input(say, "meridien", Some("This is not the address of the organization. Nothing was deleted.")),
        }),
        submit: say("Delete"),
        cancel_href: "/auth/orgs/meridian/settings".to_owned(),
        error: None,
    }
}

fn invitation(say: Say, member_already: bool, signed_in: bool) -> InvitationPage {
    let account = SignedIn { login: say("mary"), csrf_token: say("Zm9yZ2VyeQ") };
    InvitationPage {
        frame: frame(say, signed_in),
        action: "/auth/invite/gin_example".to_owned(),
        csrf_token: say("Zm9yZ2VyeQ"),
        organization: say("Meridian Instruments"),
        inviter: Some(say("Ada Lovelace")),
        role: say("member"),
        email: say("mary@meridian.example"),
        expires: say("29 Nov at 08:02 UTC"),
        account: signed_in.then_some(account),
        member_already,
        sign_in_href: "/auth/login?return_to=%2Finvite%2Fgin_example".to_owned(),
        register_href: "/auth/register?return_to=%2Finvite%2Fgin_example".to_owned(),
        organization_link: member_already
            .then(|| Link { label: say("Go to Meridian Instruments"), href: "/auth/orgs/meridian".to_owned() }),
    }
}
