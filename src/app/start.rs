//! From configuration to a running [`App`]: everything that can be wrong is found here, before the first request.

use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use ipnet::IpNet;
use quick_cache::sync::Cache;
use tokio::sync::mpsc::Receiver;

use super::keys::Keys;
use super::last_used::LastUsed;
use super::metrics::Metrics;
use super::refusal_sink::RefusalSink;
use super::repeats::Repeats;
use super::signing_keys::{self, SigningKeys};
use super::throttle::{GuessLimits, GuessThrottle, Quota, Throttle};
use super::{App, Throttles};
use crate::clock::Clock;
use crate::config::Config;
use crate::config::organizations::Organizations;
use crate::crypto::master_key::MasterKey;
use crate::crypto::password::{PasswordHasher, PasswordParams};
use crate::crypto::random;
use crate::crypto::refresh_derivation::DerivationKey;
use crate::outbound::documents::Documents;
use crate::outbound::mail::Mailer;
use crate::outbound::upstream::Upstream;
use crate::protocol::catalogue::Catalogue;
use crate::protocol::issuer::Issuer;
use crate::protocol::roles::Roles;
use crate::store::derivation_keys::{self, DerivationKeyRow};
use crate::store::instance::{self, InstanceRow};
use crate::store::refusals::RefusalRow;
use crate::store::{Store, StoreError, StoreOptions, sqlite_path};

/// Unknown tokens one address may send in a minute.
const MISSES_PER_MINUTE: u32 = 120;

/// Links one address may ask for, for one account and for any; and links for one account from anywhere.
const RECOVERIES: GuessLimits = GuessLimits {
    pair: Quota { burst: at_least_one(5), period: Duration::from_secs(3600) },
    account: Quota { burst: at_least_one(10), period: Duration::from_secs(3600) },
    address: Quota { burst: at_least_one(30), period: Duration::from_secs(3600) },
};

/// Request objects fetched from one place in a minute for one visitor, and for all who are not signed in.
const REQUEST_OBJECTS: (u32, u32) = (60, 300);

/// Mails of one kind to one address.
const MAILS_PER_HOUR: u32 = 5;

/// Why the server does not start; the text says what to do.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A value in the configuration cannot work.
    #[error("configuration: {0}")]
    Config(String),
    /// The master key is missing, malformed or not this database's.
    #[error("master key: {0}")]
    MasterKey(String),
    /// The database cannot be used.
    #[error("database: {0}")]
    Store(#[from] StoreError),
}

/// A started app, and the work it leaves for background tasks.
pub struct Started {
    /// The app.
    pub app: Arc<App>,
    /// Explained refusals to be written, see [`super::refusal_sink::drain`].
    pub refusals: Receiver<RefusalRow>,
}

/// Seals under [`MasterKey::seal`] are bound to this name and the key's row id.
pub fn derivation_purpose(id: i64) -> String {
    format!("derivation_keys/{id}")
}

/// Opens the database, proves the master key, makes what a first start needs.
///
/// # Errors
/// [`StartError`]; nothing is changed when the master key is wrong.
pub async fn start(config: Config, clock: Clock) -> Result<Started, StartError> {
    let issuer = Issuer::parse(&config.server.issuer).map_err(|e| StartError::Config(format!("server.issuer: {e}")))?;
    let catalogue = Catalogue::new(config.scopes.sets.clone())
        .and_then(Catalogue::with_identity_scopes)
        .map_err(|e| StartError::Config(format!("scopes.sets: {e}")))?;
    let roles = roles(&config, &catalogue)?;
    check_limits(&config)?;
    let (upstream, client_upstream) =
        (upstream(&config, &config.outbound.allowed_networks)?, upstream(&config, &config.outbound.client_networks)?);
    if let Some(unknown) = config.registration.scopes.iter().find(|scope| !catalogue.knows(scope)) {
        return Err(StartError::Config(format!("registration.scopes: {unknown:?} is not in the catalogue")));
    }
    let mailer = Mailer::new(&config.mail, issuer.host()).map_err(StartError::Config)?;
    let master = master_key(&config)?;
    let store = open_store(&config, clock.clone()).await?;
    let epoch = prove_instance(&store, &master, clock.now()).await?;
    let pairwise = super::pairwise::load(&store, &master).await?;
    let derivation = load_derivation_keys(&store, &master, clock.now()).await?;
    let signing = signing_keys::load(&store, &master, clock.now()).await?;
    let passwords = PasswordHasher::new(PasswordParams {
        memory_kib: config.passwords.memory,
        iterations: config.passwords.iterations,
        parallelism: config.passwords.parallelism,
        max_concurrent: config.passwords.concurrent,
        max_waiting: config.passwords.waiting,
    })
    .map_err(|e| StartError::Config(format!("passwords: {e}")))?;

    let per_minute = quota(config.refusals.per_minute, 60);
    let (refusals, receiver) = RefusalSink::new(config.refusals.slots, Throttle::new(clock.clone(), per_minute));
    let app = App {
        issuer,
        catalogue,
        roles: Arc::new(roles),
        keys: Keys::new(master, pairwise, epoch, derivation, SigningKeys::new(clock.clone(), signing)),
        passwords,
        throttles: throttles(&config, &clock),
        mailer,
        client_ids: Cache::new(config.database.cache_rows.max(1024)),
        last_used: LastUsed::default(),
        repeats: Repeats::default(),
        refusals,
        upstream,
        documents: Documents::default(),
        client_upstream,
        client_documents: Documents::of_clients("application/json", 1024),
        requests: Documents::of_clients("application/oauth-authz-req+jwt, application/jwt", 256),
        metrics: Metrics::new(clock.clone()),
        store,
        clock,
        config,
    };
    Ok(Started { app: Arc::new(app), refusals: receiver })
}

fn upstream(config: &Config, allowed: &[IpNet]) -> Result<Upstream, StartError> {
    let upstream = Upstream::new(allowed.to_vec(), config.dev);
    let Some(path) = &config.outbound.trusted_ca else { return Ok(upstream) };
    let wrong =
        |error: &dyn std::fmt::Display| StartError::Config(format!("outbound.trusted_ca: {}: {error}", path.display()));
    let pem = std::fs::read(path).map_err(|error| wrong(&error))?;
    upstream.trusting(&pem).map_err(|error| wrong(&error))
}

fn check_limits(config: &Config) -> Result<(), StartError> {
    let tokens = &config.tokens;
    let refused = |text: &str| Err(StartError::Config(text.to_owned()));
    if !(1..=600).contains(&tokens.code_lifetime) {
        return refused("tokens.code_lifetime must be 1 to 600 seconds (RFC 6749 section 4.1.2)");
    }
    if !(60..=86_400).contains(&tokens.id_token_lifetime) {
        return refused("tokens.id_token_lifetime must be 60 to 86400 seconds");
    }
    if tokens.access_token_lifetime < 1 || tokens.refresh_idle_lifetime < 1 || tokens.refresh_absolute_lifetime < 1 {
        return refused("lifetimes in [tokens] must be at least one second");
    }
    if config.organizations.per_person < 1 {
        return refused("organizations.per_person must be at least 1; creation = \"nobody\" lets nobody make any");
    }
    if config.clients.per_person < 1 {
        return refused("clients.per_person must be at least 1; registration = \"nobody\" lets nobody register any");
    }
    if config.registration.per_hour < 1 || config.registration.most < 1 {
        return refused(
            "registration.per_hour and registration.most are at least 1; mode = \"off\" lets nobody register",
        );
    }
    config.keys.check().map_err(StartError::Config)?;
    if config.server.tls_certificate.is_some() != config.server.tls_key.is_some() {
        return refused("server.tls_certificate and server.tls_key come together");
    }
    Ok(())
}

/// The default roles carry what another catalogue has of them; own ones must name what there is.
fn roles(config: &Config, catalogue: &Catalogue) -> Result<Roles, StartError> {
    let own = config.organizations.roles != Organizations::default().roles;
    Roles::new(&config.organizations.roles, catalogue, own)
        .map_err(|error| StartError::Config(format!("organizations.roles: {error}")))
}

fn throttles(config: &Config, clock: &Clock) -> Throttles {
    if config.unlimited {
        let none = Quota { burst: NonZeroU32::MAX, period: Duration::from_secs(1) };
        let guesses = || GuessThrottle::new(clock.clone(), GuessLimits { pair: none, account: none, address: none });
        let any = || Throttle::new(clock.clone(), none);
        let (passwords, clients, recoveries) = (guesses(), guesses(), guesses());
        return Throttles {
            passwords,
            clients,
            recoveries,
            misses: any(),
            mails: any(),
            registrations: any(),
            request_objects: any(),
            request_places: any(),
            api: any(),
        };
    }
    Throttles {
        passwords: GuessThrottle::new(clock.clone(), guess_limits(config)),
        clients: GuessThrottle::new(clock.clone(), GuessLimits::default()),
        misses: Throttle::new(clock.clone(), quota(MISSES_PER_MINUTE, 60)),
        recoveries: GuessThrottle::new(clock.clone(), RECOVERIES),
        mails: Throttle::new(clock.clone(), quota(MAILS_PER_HOUR, 3600)),
        registrations: Throttle::new(clock.clone(), quota(config.registration.per_hour.max(1), 3600)),
        request_objects: Throttle::new(clock.clone(), quota(REQUEST_OBJECTS.0, 60)),
        request_places: Throttle::new(clock.clone(), quota(REQUEST_OBJECTS.1, 60)),
        api: Throttle::new(clock.clone(), quota(config.api.requests_per_minute.max(1), 60)),
    }
}

fn guess_limits(config: &Config) -> GuessLimits {
    let sign_in = &config.sign_in;
    GuessLimits {
        pair: quota(sign_in.account_attempts, sign_in.throttle_period),
        address: quota(sign_in.address_attempts, sign_in.throttle_period),
        ..GuessLimits::default()
    }
}

fn quota(burst: u32, seconds: u64) -> Quota {
    Quota { burst: at_least_one(burst), period: Duration::from_secs(seconds.max(1)) }
}

const fn at_least_one(burst: u32) -> NonZeroU32 {
    match NonZeroU32::new(burst) {
        Some(burst) => burst,
        None => NonZeroU32::MIN,
    }
}

/// The key from configuration, or, for SQLite only, from a file beside the database, made at the first start.
fn master_key(config: &Config) -> Result<MasterKey, StartError> {
    let read = |path: &Path| {
        std::fs::read_to_string(path).map_err(|e| StartError::MasterKey(format!("{}: {e}", path.display())))
    };
    let text = match (&config.secrets.master_key, &config.secrets.master_key_file) {
        (Some(text), _) => text.clone(),
        (None, Some(path)) => read(path)?,
        (None, None) => {
            let path = beside_database(&config.database.url, ".key").ok_or_else(|| {
                StartError::MasterKey(
                    "set secrets.master_key_file or GRANTOR__SECRETS__MASTER_KEY (all nodes share one key); \
                     make one with `openssl rand -base64 32`"
                        .to_owned(),
                )
            })?;
            match path.exists() {
                true => read(&path)?,
                false => make_key_file(&path, &config.database.url)?,
            }
        }
    };
    MasterKey::from_base64(text.trim()).map_err(|e| StartError::MasterKey(e.to_string()))
}

/// The file of an SQLite database; none for every other URL.
pub fn database_file(url: &str) -> Option<PathBuf> {
    sqlite_path(url).map(PathBuf::from)
}

/// What stands beside the file of an SQLite database, under its name with `ending`; none for every other URL.
pub fn beside_database(url: &str, ending: &str) -> Option<PathBuf> {
    sqlite_path(url).map(|path| PathBuf::from(path + ending))
}

/// A database without its key must not get another one: that would look like a wrong key for ever after.
fn make_key_file(path: &Path, database_url: &str) -> Result<String, StartError> {
    let database = sqlite_path(database_url).unwrap_or_default();
    if Path::new(&database).exists() {
        return Err(StartError::MasterKey(format!(
            "{database} exists but its key file {} does not: restore the key file from your backup",
            path.display()
        )));
    }
    let text = MasterKey::generate().expose_base64();
    write_private(path, &text).map_err(|e| StartError::MasterKey(format!("{}: {e}", path.display())))?;
    tracing::info!(file = %path.display(), "made a master key; back it up apart from the database");
    Ok(text)
}

fn write_private(path: &Path, text: &str) -> std::io::Result<()> {
    use std::io::Write as _;
    use std::os::unix::fs::OpenOptionsExt as _;
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

async fn open_store(config: &Config, clock: Clock) -> Result<Store, StartError> {
    let database = config.database.clone();
    let options = StoreOptions {
        pool_size: database.pool_size,
        queue_length: database.queue_length,
        batch_cap: database.batch_size,
        statement_timeout: Duration::from_millis(database.statement_timeout),
        cache_entries: database.cache_rows,
        ..StoreOptions::default()
    };
    let opened = tokio::task::spawn_blocking(move || Store::open(&database.url, options, clock)).await;
    let store = opened.map_err(|e| StartError::Config(e.to_string()))??;
    let newest = store.read(crate::store::newest_id).await?;
    store.ids_start_after(newest);
    Ok(store)
}

/// The instance row's epoch, once its key check opens; a first start makes the row.
async fn prove_instance(store: &Store, master: &MasterKey, now: i64) -> Result<i64, StartError> {
    if store.read(instance::get).await?.is_none() {
        let row = InstanceRow {
            id: instance::ID,
            epoch: 0,
            key_check: master.check_value(),
            setup_digest: None,
            created_at: now,
            pairwise_key: None,
        };
        // Another node may be first; then its row counts.
        store.write(move |write| write.unless_taken(|write| instance::insert(write, &row))).await?;
    }
    let row = store.read(instance::get).await?;
    let row = row.ok_or_else(|| StartError::Config("the instance row vanished".to_owned()))?;
    master.verify_check_value(&row.key_check).map_err(|_| {
        StartError::MasterKey("this is not the key this database was made with; nothing was changed".to_owned())
    })?;
    Ok(row.epoch)
}

/// All derivation keys, newest first; makes the first one.
pub async fn load_derivation_keys(
    store: &Store,
    master: &MasterKey,
    now: i64,
) -> Result<Vec<DerivationKey>, StartError> {
    let mut rows = store.read(derivation_keys::list).await?;
    if rows.is_empty() {
        let row = new_derivation_key(store, master, now)?;
        store.write(move |write| derivation_keys::insert(write, &row)).await?;
        rows = store.read(derivation_keys::list).await?;
    }
    rows.into_iter()
        .map(|row| {
            let wrong = || StartError::MasterKey(format!("derivation key {} does not open", row.id));
            let bytes = master.open(&derivation_purpose(row.id), &row.sealed).map_err(|_| wrong())?;
            let bytes: [u8; 32] = bytes.try_into().map_err(|_| wrong())?;
            Ok(DerivationKey::new(row.id, &bytes))
        })
        .collect()
}

/// A fresh derivation key, sealed.
pub fn new_derivation_key(store: &Store, master: &MasterKey, now: i64) -> Result<DerivationKeyRow, StoreError> {
    let id = store.next_id()?;
    let sealed = master.seal(&derivation_purpose(id), &random::bytes::<32>());
    Ok(DerivationKeyRow { id, sealed, created_at: now, retired_at: None })
}
