//! `db_*` for organizations: people in them, invitations on their way, links out of mails.

use grantor::flows::audit::Actor;
use grantor::flows::mail::mailbox;
use grantor::flows::organizations::create::{self, NewOrganization};
use grantor::flows::organizations::invitations::send::{self, NewInvitation};
use grantor::flows::organizations::{By, members, teams};
use grantor::flows::people::{self, NewPerson};
use grantor::store::organizations::{self, OrganizationRow};

use super::{Person, TestApp};

impl TestApp {
    /// An organization this person owns.
    pub async fn db_owned(&self, slug: &str, owner: &Person) -> OrganizationRow {
        let new = NewOrganization { name: format!("{slug} Inc"), slug: slug.to_owned() };
        let made = create::create(&self.app(), By::Operator, new, &owner.row).await;
        made.unwrap_or_else(|refusal| panic!("{refusal}"))
    }

    /// Somebody new with this role.
    pub async fn db_member(&self, organization: &OrganizationRow, login: &str, role: &str) -> Person {
        let person = self.db_user(login).await;
        self.db_join(organization, &person, role).await;
        person
    }

    pub async fn db_team(&self, organization: &OrganizationRow, slug: &str) {
        let made = teams::edit::create(&self.app(), By::Operator, organization, slug, slug).await;
        made.unwrap_or_else(|refusal| panic!("{refusal}"));
    }

    /// An invitation by the operator; the path of its link.
    pub async fn db_invite(&self, organization: &OrganizationRow, email: &str, role: &str) -> String {
        let new = NewInvitation { email: email.to_owned(), role: role.to_owned(), teams: Vec::new() };
        let sent = send::send(&self.app(), By::Operator, organization, new).await;
        let link = sent.unwrap_or_else(|refusal| panic!("{refusal}")).link;
        self.path_of(&link)
    }

    /// The path of a link of this server, its token kept in mind as a secret.
    pub fn path_of(&self, link: &str) -> String {
        let path = link.strip_prefix(self.issuer()).expect("a link of this server");
        self.shared.secrets.saw(path.rsplit('/').next().expect("a token"));
        path.to_owned()
    }

    /// The path of the link in the newest mail to this address.
    pub async fn db_mailed_path(&self, to: &str, begin: &str) -> String {
        let mails = mailbox::list(&self.app()).await.expect("mails");
        let mail = mails.into_iter().find(|mail| mail.to == to).expect("a mail");
        let link = mail.text.split_whitespace().find(|word| word.contains(begin)).expect("a link");
        self.path_of(link)
    }

    pub async fn db_organization(&self, slug: &str) -> Option<OrganizationRow> {
        let slug = slug.to_owned();
        self.app().store.read(move |conn| organizations::find_by_slug(conn, &slug)).await.expect("the store answers")
    }

    /// Role and status of a membership.
    pub async fn db_place_of(&self, organization: &OrganizationRow, person: &Person) -> Option<(String, String)> {
        let (organization, user) = (organization.id, person.row.id);
        let app = self.app();
        let read =
            app.store.read(move |conn| grantor::store::organization_members::find_of_user(conn, organization, user));
        read.await.expect("the store answers").map(|row| (row.role, row.status))
    }

    /// Logins of the active members with a role.
    pub async fn db_with_role(&self, organization: &OrganizationRow, role: &str) -> Vec<String> {
        let page = members::list::page(&self.app(), organization, "", "").await.expect("members");
        page.members.into_iter().filter(|line| line.role == role).map(|line| line.login).collect()
    }

    /// An administrator of the server.
    pub async fn db_administrator(&self, login: &str) -> Person {
        let password = "a long passphrase nobody guesses and more".to_owned();
        self.shared.secrets.saw(&password);
        let new = NewPerson {
            login: login.to_owned(),
            password: Some(password.clone()),
            administrator: true,
            ..NewPerson::default()
        };
        let made = people::create::create(&self.app(), None, Actor::Operator, new).await;
        let row = made.unwrap_or_else(|refusal| panic!("{refusal:?}"));
        Person { login: login.to_owned(), password, row }
    }
}
