//! `db_*` for single sign-on: organizations with a provider, members, and browsers on their way upstream.

use grantor::store::identities::{self, IdentityRow};
use grantor::store::organization_members::{self, MemberRow};
use grantor::store::organizations::{self, OrganizationRow};
use grantor::store::providers::{self, ProviderRow};
use grantor::store::users::UserRow;

use super::page::Page;
use super::{Browser, Person, TestApp};

/// Who the dummy provider says somebody is.
#[derive(Clone, Copy, Default)]
pub struct Said<'a> {
    pub id: &'a str,
    pub email: &'a str,
    pub verified: bool,
    pub name: &'a str,
    pub legacy_id: &'a str,
}

impl<'a> Said<'a> {
    /// Somebody with a verified address.
    pub fn verified(email: &'a str) -> Said<'a> {
        Said { email, verified: true, ..Said::default() }
    }
}

impl TestApp {
    /// A development server: it has the dummy provider, and reaches upstreams on this machine.
    pub async fn as_dev(&self) {
        self.restart_with(|config| config.dev = true).await;
    }

    pub async fn db_org(&self, slug: &str) -> OrganizationRow {
        let (app, slug) = (self.app(), slug.to_owned());
        let row = OrganizationRow {
            id: app.store.next_id().expect("an id"),
            public_id: format!("public-{slug}"),
            name: format!("{slug} Inc"),
            slug,
            status: "active".to_owned(),
            delete_at: None,
            default_role: "member".to_owned(),
            open_membership: true,
            token_max_age: None,
            created_at: self.now(),
            application_policy: "open".to_owned(),
            updated_at: self.now(),
        };
        let new = row.clone();
        app.store.write(move |write| organizations::insert(write, &new)).await.expect("a new organization");
        row
    }

    /// A provider as its row; `settings` is JSON.
    pub async fn db_provider(&self, organization: &OrganizationRow, kind: &str, settings: &str) -> ProviderRow {
        let app = self.app();
        let id = app.store.next_id().expect("an id");
        let secret = "an upstream client secret of the tests";
        self.shared.secrets.saw(secret);
        let row = ProviderRow {
            id,
            organization_id: organization.id,
            kind: kind.to_owned(),
            settings: settings.to_owned(),
            sealed_secret: Some(grantor::flows::sso::providers::seal_secret(&app, id, secret)),
            allow_unlinked: false,
            joining: "everyone".to_owned(),
            status: "active".to_owned(),
            created_at: self.now(),
            updated_at: self.now(),
        };
        let new = row.clone();
        app.store.write(move |write| providers::insert(write, &new)).await.expect("a new provider");
        row
    }

    /// An organization whose people come through the dummy provider.
    pub async fn db_dummy_org(&self, slug: &str) -> OrganizationRow {
        let organization = self.db_org(slug).await;
        self.db_provider(&organization, "dummy", "{}").await;
        organization
    }

    pub async fn db_join(&self, organization: &OrganizationRow, person: &Person, role: &str) -> MemberRow {
        let app = self.app();
        let row = MemberRow {
            id: app.store.next_id().expect("an id"),
            organization_id: organization.id,
            user_id: person.row.id,
            role: role.to_owned(),
            status: "active".to_owned(),
            break_glass_until: None,
            created_at: self.now(),
            removed_at: None,
        };
        let new = row.clone();
        app.store.write(move |write| organization_members::insert(write, &new)).await.expect("a new member");
        row
    }

    pub async fn db_set_email(&self, person: &Person, email: &str, verified: bool) {
        let at = if verified { self.now().to_string() } else { "NULL".to_owned() };
        let id = person.row.id;
        self.db_batch(&format!("UPDATE users SET email = '{email}', email_verified_at = {at} WHERE id = {id}"));
        self.restart().await;
    }

    pub async fn db_membership(&self, organization: &OrganizationRow, user_id: i64) -> Option<MemberRow> {
        let id = organization.id;
        let read = self.app().store.read(move |conn| organization_members::find_of_user(conn, id, user_id)).await;
        read.expect("the store answers")
    }

    /// The identity of somebody at an organization's provider.
    pub async fn db_identity(&self, organization: &OrganizationRow, user_id: i64) -> Option<IdentityRow> {
        let id = organization.id;
        let app = self.app();
        let read = app.store.read(move |conn| match providers::find_of_organization(conn, id)? {
            Some(provider) => identities::find_of_user(conn, provider.id, user_id),
            None => Ok(None),
        });
        read.await.expect("the store answers")
    }

    /// Everybody with an account, by login.
    pub async fn db_users(&self) -> Vec<UserRow> {
        grantor::flows::people::find::all(&self.app()).await.expect("the store answers")
    }

    /// Mails of a kind, sent or not.
    pub fn db_mails(&self, kind: &str) -> usize {
        self.dump().lines().filter(|line| line.starts_with("mails: ") && line.contains(kind)).count()
    }

    /// Whether the browser's session has a proof for the organization.
    pub async fn db_has_proof(&self, browser: &Browser, organization: &OrganizationRow) -> bool {
        let app = self.app();
        let Some(cookie) = browser.session() else { return false };
        let found = grantor::flows::session::current(&app, &cookie).await.expect("the store answers");
        let Some(who) = found else { return false };
        let proof = grantor::flows::sso::proof::of(&app, who.session.id, organization.id).await;
        proof.expect("the store answers").is_some()
    }
}

impl Browser {
    /// Through the organization's door to the dummy provider's form.
    pub async fn go_upstream(&self, path: &str) -> Page {
        let door = self.get(path).await;
        let sent = self.submit(&door, "sso-continue", &[]).await;
        assert_eq!(sent.status, 303, "{}", sent.body);
        self.get(sent.location()).await
    }

    /// Says who one is at the dummy provider; the answer of the callback.
    pub async fn say(&self, form: &Page, said: Said<'_>) -> Page {
        let verified = if said.verified { "yes" } else { "" };
        let typed = [
            ("id", said.id),
            ("email", said.email),
            ("email_verified", verified),
            ("name", said.name),
            ("legacy_id", said.legacy_id),
        ];
        let back = self.submit(form, "dummy-sign-in", &typed).await;
        assert_eq!(back.status, 303, "{}", back.body);
        self.get(back.location()).await
    }

    /// The whole way to where the callback leads: a page that asks, a refusal, or a redirect when it is done.
    pub async fn sso(&self, path: &str, said: Said<'_>) -> Page {
        let form = self.go_upstream(path).await;
        let page = self.say(&form, said).await;
        match page.header("location").is_some_and(|location| location.starts_with("/sso/confirm")) {
            true => self.get(page.location()).await,
            false => page,
        }
    }
}
