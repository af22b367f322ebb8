//! The people and clients of `grantor dev`. Clients are declared like an operator's file would, so a second start finds
//! them; their secrets are made by the server and remembered beside the database, which nothing but a demo may do.

use std::collections::BTreeMap;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use super::super::output::Failure;
use super::certification::{self, CertificationArgs};
use crate::app::App;
use crate::config::dev::DevClient;
use crate::crypto::random;
use crate::flows::api_keys::{self, NewApiKey};
use crate::flows::audit::Actor;
use crate::flows::clients::{ClientMetadata, rotate_secret, show};
use crate::flows::declare::apply;
use crate::flows::declare::file::{Declaration, DeclaredClient, DeclaredResourceServer};
use crate::flows::organizations::{By, show as organizations};
use crate::flows::people::{NewPerson, create, find};
use crate::flows::personal_tokens;
use crate::flows::sso::demo as organization;
use crate::protocol::identity_scopes::{ADDRESS, EMAIL, OFFLINE_ACCESS, OPENID, PHONE, PROFILE, is_identity_scope};

/// Login, display name, password, administrator. Known to all.
const USERS: [(&str, &str, &str, bool); 2] =
    [("alice", "Alice Demo", "violet-marble-canyon", true), ("bob", "Bob Demo", "copper-window-harvest", false)];

const WEB_SCOPES: [&str; 11] = [
    "org:read",
    "org:write",
    "member:read",
    "team:read",
    "team:write",
    "project:read",
    "project:write",
    "project:admin",
    "project:releases",
    "event:read",
    "event:write",
];
const TEAM_SCOPES: [&str; 5] = ["org:read", "member:read", "team:write", "project:write", "event:read"];
const SPA_SCOPES: [&str; 4] = ["org:read", "project:read", "project:write", "event:read"];
/// Every demo client may ask who somebody is.
const IDENTITY_SCOPES: [&str; 6] = [OPENID, PROFILE, EMAIL, ADDRESS, PHONE, OFFLINE_ACCESS];

/// What there is to play with.
pub struct Demo {
    /// People.
    pub users: Vec<DemoUser>,
    /// Clients.
    pub clients: Vec<DemoClient>,
    /// Organizations.
    pub organizations: Vec<DemoOrganization>,
    /// Keys of organizations.
    pub api_keys: Vec<DemoKey>,
    /// A personal token of the administrator with every scope.
    pub admin_token: String,
}

/// A demo organization: it asks for single sign-on at the dummy provider, where everybody is who they say they are.
pub struct DemoOrganization {
    /// Its name in addresses.
    pub slug: &'static str,
    /// What pages call it.
    pub name: &'static str,
    /// Registry key of its provider.
    pub provider: &'static str,
    /// Login, and whether an identity is linked at first.
    pub members: [(&'static str, bool); 2],
}

/// An API key of a demo organization.
pub struct DemoKey {
    /// Slug of the organization.
    pub organization: &'static str,
    /// What pages call it.
    pub label: &'static str,
    /// In plain, which only a demo may know.
    pub key: String,
}

/// What pages call the key.
const KEY: &str = "Demo scripts";

/// The one there is.
const ACME: DemoOrganization =
    DemoOrganization { slug: "acme", name: "Acme", provider: "dummy", members: [("alice", true), ("bob", false)] };

/// A demo user.
pub struct DemoUser {
    /// What the person signs in with.
    pub login: &'static str,
    /// In plain, which only a demo may know.
    pub password: &'static str,
    /// May administer the server.
    pub administrator: bool,
}

/// A demo client.
pub struct DemoClient {
    /// What pages call it.
    pub name: String,
    /// Identifier on the wire.
    pub client_id: String,
    /// `None` for a public client.
    pub client_secret: Option<String>,
    /// `confidential`, `public`, or `organization` for a confidential one bound to organizations.
    pub kind: String,
    /// Registered.
    pub redirect_uris: Vec<String>,
    /// What it may be given; for the resource server what it may see.
    pub scopes: Vec<String>,
    /// `web`, `spa`, `organization` or `resource-server`.
    pub part: String,
    /// The playground's own callback with the port of today; empty for one without redirection.
    pub playground: String,
}

impl Demo {
    /// For the playground.
    pub fn dev_clients(&self) -> Vec<DevClient> {
        let client = |client: &DemoClient| DevClient {
            name: client.name.clone(),
            client_id: client.client_id.clone(),
            client_secret: client.client_secret.clone(),
            scopes: client.scopes.clone(),
            redirect_uri: client.playground.clone(),
            kind: client.part.clone(),
        };
        self.clients.iter().map(client).collect()
    }

    /// The client that plays this part.
    pub fn client(&self, part: &str) -> Option<&DemoClient> {
        self.clients.iter().find(|client| client.part == part)
    }
}

/// Client secrets by client_id, in `DIR/demo.json`.
pub struct Secrets {
    path: PathBuf,
    known: BTreeMap<String, String>,
}

impl Secrets {
    /// What is remembered in the folder.
    pub fn keep(folder: &Path) -> Result<Secrets, Failure> {
        let path = folder.join("demo.json");
        let known = match std::fs::read_to_string(&path) {
            Ok(text) => serde_json::from_str(&text)
                .map_err(|error| Failure::new(format!("{} is damaged, remove it: {error}", path.display())))?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => BTreeMap::new(),
            Err(error) => return Err(Failure::new(format!("cannot read {}: {error}", path.display()))),
        };
        Ok(Secrets { path, known })
    }

    fn remember(&mut self, client_id: &str, secret: &str) -> Result<(), Failure> {
        self.known.insert(client_id.to_owned(), secret.to_owned());
        write_private(&self.path, &serde_json::to_string_pretty(&self.known)?)
    }
}

/// Writes a file only its owner may read, whole or not at all.
pub fn write_private(path: &Path, text: &str) -> Result<(), Failure> {
    use std::io::Write as _;
    let draft = PathBuf::from(format!("{}.part", path.display()));
    let written = std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&draft);
    let written = written.and_then(|mut file| file.write_all(text.as_bytes()));
    let written = written.and_then(|()| std::fs::rename(&draft, path));
    written.map_err(|error| Failure::new(format!("cannot write {}: {error}", path.display())))
}

/// Makes what is not there yet.
pub async fn seed(
    app: &App,
    secrets: &mut Secrets,
    certification: Option<&CertificationArgs>,
) -> Result<Demo, Failure> {
    for (login, name, password, administrator) in USERS {
        if find::by_login(app, login).await.is_err() {
            let new = NewPerson {
                login: login.to_owned(),
                name: name.to_owned(),
                email: Some(format!("{login}@demo.example")),
                password: Some(password.to_owned()),
                administrator,
            };
            create::create(app, None, Actor::Operator, new).await?;
        }
        if certification.is_some() {
            certification::claims(app, &find::by_login(app, login).await?).await?;
        }
    }
    let [(linked, _), (unlinked, _)] = ACME.members;
    let (linked, unlinked) = (find::by_login(app, linked).await?, find::by_login(app, unlinked).await?);
    organization::seed(app, ACME.slug, ACME.name, &linked, &unlinked).await?;
    let declaration = declaration(app, certification);
    let none = apply::Secrets::new();
    let steps = apply::prepare(app, &declaration, &none, true).await?;
    for made in apply::carry_out(app, &declaration, &none, &steps).await? {
        if let Some(secret) = made.secret {
            secrets.remember(&made.client_id, secret.expose())?;
        }
    }
    let lines = show::list(app).await?;
    let mut clients = Vec::new();
    for declared in &declaration.clients {
        let mark = declaration.mark(&declared.key);
        let Some(line) = lines.iter().find(|line| line.managed_by.as_deref() == Some(&mark)) else { continue };
        if line.kind == "confidential" && !secrets.known.contains_key(&line.client_id) {
            let rotated =
                rotate_secret::rotate_secret(app, None, Actor::Operator, &line.client_id, None, Some(0)).await?;
            if let Some(secret) = rotated.secret {
                secrets.remember(&line.client_id, secret.expose())?;
            }
        }
        clients.push(client(app, declared, line, secrets.known.get(&line.client_id).cloned()));
    }
    let users =
        USERS.into_iter().map(|(login, _, password, administrator)| DemoUser { login, password, administrator });
    let api_keys = vec![key(app, secrets).await?];
    let admin_token = admin_token(app, secrets).await?;
    Ok(Demo { users: users.collect(), clients, organizations: vec![ACME], api_keys, admin_token })
}

/// The key of the organization: the one that was remembered, if it is still there.
async fn key(app: &App, secrets: &mut Secrets) -> Result<DemoKey, Failure> {
    let organization = organizations::by_slug(app, ACME.slug).await?;
    let name = format!("api key of {}", ACME.slug);
    let there = api_keys::page(app, &organization, i64::MAX, 100).await?.keys;
    let there = there.iter().any(|key| key.row.label == KEY);
    let key = match secrets.known.get(&name).filter(|_| there) {
        Some(key) => key.clone(),
        None => {
            let scopes = app.roles.scopes_of(app.roles.top()).into_vec();
            let (label, sso_policy) = (KEY.to_owned(), api_keys::EXEMPT.to_owned());
            let new = NewApiKey { label, scopes, allowed_origins: Vec::new(), sso_policy, expires_at: None };
            let (id, secret) = (app.store.next_id()?, random::secret());
            let made = api_keys::create(app, By::Operator, &organization, new, id, secret.expose()).await?;
            secrets.remember(&name, made.key.expose())?;
            made.key.expose().to_owned()
        }
    };
    Ok(DemoKey { organization: ACME.slug, label: KEY, key })
}

/// Under this name beside the clients' secrets.
const ADMIN_TOKEN: &str = "admin_token";

/// The one of before while it works, or a new one.
async fn admin_token(app: &App, secrets: &mut Secrets) -> Result<String, Failure> {
    if let Some(known) = secrets.known.get(ADMIN_TOKEN)
        && personal_tokens::demo::is_live(app, known).await?
    {
        return Ok(known.clone());
    }
    let administrator = find::by_login(app, USERS[0].0).await?;
    let token = personal_tokens::demo::with_every_scope(app, &administrator, "Demo").await?;
    secrets.remember(ADMIN_TOKEN, token.expose())?;
    Ok(token.expose().to_owned())
}

fn client(app: &App, declared: &DeclaredClient, line: &show::ClientLine, client_secret: Option<String>) -> DemoClient {
    let redirects = !declared.metadata.redirect_uris.is_empty();
    DemoClient {
        name: line.name.clone(),
        client_id: line.client_id.clone(),
        client_secret,
        kind: if declared.metadata.organization_access { "organization".to_owned() } else { line.kind.clone() },
        redirect_uris: declared.metadata.redirect_uris.clone(),
        scopes: match redirects {
            true => declared.metadata.scopes.clone(),
            false => app.catalogue.resource_scopes().map(str::to_owned).collect(),
        },
        part: declared.key.clone(),
        playground: if redirects { app.issuer.endpoint("/playground/callback") } else { String::new() },
    }
}

/// Loopback redirect URIs match on any port (RFC 8252 section 7.3), so these stay right when the port changes.
fn declaration(app: &App, certification: Option<&CertificationArgs>) -> Declaration {
    let redirect_uris = match app.issuer.origin().strip_prefix("http://") {
        Some(host) => {
            let host = host.rsplit_once(':').map_or(host, |(host, _)| host);
            vec![format!("http://{host}/callback"), format!("http://{host}/playground/callback")]
        }
        None => vec!["http://127.0.0.1/callback".to_owned(), app.issuer.endpoint("/playground/callback")],
    };
    let known = |scopes: &[&str]| -> Vec<String> {
        let known: Vec<_> = scopes.iter().filter(|s| app.catalogue.knows(s)).map(|s| (*s).to_owned()).collect();
        // A catalogue of the operator's own.
        let own = || app.catalogue.resource_scopes().map(str::to_owned).collect();
        let resources = if known.is_empty() { own() } else { known };
        resources.into_iter().chain(IDENTITY_SCOPES.map(str::to_owned)).collect()
    };
    let texts = |list: &[&str]| list.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    let web = ClientMetadata {
        name: Some("Demo Web Shop".to_owned()),
        redirect_uris: redirect_uris.clone(),
        grant_types: Some(texts(&["authorization_code", "refresh_token", "client_credentials"])),
        scopes: known(&WEB_SCOPES),
        verified: true,
        ..ClientMetadata::default()
    };
    let spa = ClientMetadata {
        name: Some("Demo Browser App".to_owned()),
        kind: Some("public".to_owned()),
        redirect_uris: redirect_uris.clone(),
        response_types: Some(texts(&["code", "token"])),
        scopes: known(&SPA_SCOPES),
        allowed_origins: vec![
            app.issuer.origin().to_owned(),
            "http://127.0.0.1:3000".to_owned(),
            "http://localhost:3000".to_owned(),
            "http://localhost:5173".to_owned(),
        ],
        ..ClientMetadata::default()
    };
    let team = ClientMetadata {
        name: Some("Demo Team Board".to_owned()),
        redirect_uris,
        grant_types: Some(texts(&["authorization_code", "refresh_token"])),
        scopes: known(&TEAM_SCOPES),
        organization_access: true,
        ..ClientMetadata::default()
    };
    let api = ClientMetadata { name: Some("Demo API".to_owned()), may_introspect: true, ..ClientMetadata::default() };
    let sets = app.catalogue.sets().iter().map(|set| &set.name);
    let client = |key: &str, metadata| DeclaredClient { key: key.to_owned(), secret: None, metadata };
    let demo =
        vec![client("web", web), client("spa", spa), client("organization", team), client("resource-server", api)];
    let certification = certification.map(|certification| certification.clients(&IDENTITY_SCOPES.map(str::to_owned)));
    Declaration {
        name: "grantor-dev".to_owned(),
        clients: demo.into_iter().chain(certification.unwrap_or_default()).collect(),
        resource_servers: vec![DeclaredResourceServer {
            identifier: "https://api.demo.example".to_owned(),
            name: Some("Demo API".to_owned()),
            scope_sets: sets.filter(|name| !is_identity_scope(name)).cloned().collect(),
            client: Some("resource-server".to_owned()),
            access_token_signed_response_alg: None,
        }],
    }
}
