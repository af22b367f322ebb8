//! `grantor dev --profile certification`: a server that the OpenID Foundation's conformance suite passes without edits.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use serde_json::json;

use super::super::output::Failure;
use super::demo::{Demo, write_private};
use crate::app::App;
use crate::config::Config;
use crate::config::registration::Mode;
use crate::flows::administration::UserRow;
use crate::flows::audit::Actor;
use crate::flows::clients::ClientMetadata;
use crate::flows::declare::file::DeclaredClient;
use crate::flows::people::claims as said;
use crate::protocol::endpoints;
use crate::protocol::issuer::Issuer;
use crate::protocol::registered_metadata::RegisteredMetadata;
use crate::protocol::response_type::ResponseType;
use crate::protocol::signing_algorithm::SigningAlgorithm;

/// What the server is tried for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Profile {
    /// People, clients and a playground.
    Demo,
    /// The same, and what an official conformance run expects.
    Certification,
}

/// The suite's own name for the machine it runs on.
const SUITE: &str = "https://localhost.emobix.co.uk:8443";
const ALIAS: &str = "grantor";

/// What the scope modules look for at UserInfo.
const CLAIMS: [(&str, &str); 15] = [
    ("given_name", "Demo"),
    ("family_name", "Person"),
    ("middle_name", "Example"),
    ("nickname", "demo"),
    ("profile", "https://demo.example/about"),
    ("picture", "https://demo.example/picture.png"),
    ("website", "https://demo.example/"),
    ("gender", "unknown"),
    ("birthdate", "1990-01-02"),
    ("zoneinfo", "Europe/London"),
    ("locale", "en-GB"),
    ("phone_number", "+44 20 7946 0000"),
    ("street_address", "1 Example Street"),
    ("locality", "London"),
    ("country", "GB"),
];

/// Lets a demo person say everything there is to say.
pub async fn claims(app: &App, user: &UserRow) -> Result<(), Failure> {
    let wanted = said::with(&user.claims.0, &CLAIMS).map_err(Failure::new)?;
    said::say(app, None, Actor::Operator, user, wanted).await?;
    Ok(())
}

#[derive(Args)]
pub struct CertificationArgs {
    /// `certification` adds clients and policies for the OpenID Foundation's conformance suite; see docs/certification.md.
    #[arg(long, value_enum, default_value = "demo", value_name = "NAME")]
    pub profile: Profile,
    /// Where the conformance suite runs.
    #[arg(
        long,
        value_name = "URL",
        default_value = SUITE,
        help_heading = "Certification"
    )]
    suite: String,
    /// The alias of its test plans; part of the redirect URIs.
    #[arg(long, value_name = "NAME", default_value = ALIAS, help_heading = "Certification")]
    alias: String,
    /// Where the suite and its browser reach this server, when a proxy or tunnel stands before it [default: where it listens].
    #[arg(long, value_name = "URL", help_heading = "Certification")]
    issuer: Option<String>,
    /// Serve TLS with this PEM certificate chain: the suite asks for an https issuer.
    #[arg(long, value_name = "FILE", requires = "tls_key", help_heading = "Certification")]
    tls_certificate: Option<PathBuf>,
    /// The certificate's private key.
    #[arg(long, value_name = "FILE", requires = "tls_certificate", help_heading = "Certification")]
    tls_key: Option<PathBuf>,
    /// PEM file of the authority behind the suite's own certificate, for calls from here to there.
    #[arg(long, value_name = "FILE", help_heading = "Certification")]
    trust: Option<PathBuf>,
}

impl CertificationArgs {
    /// Whether the profile is on; its options mean nothing without it.
    pub fn is_on(&self) -> Result<bool, Failure> {
        let named = self.suite != SUITE || self.alias != ALIAS;
        let given = named || self.issuer.is_some() || self.tls_certificate.is_some() || self.trust.is_some();
        match (self.profile, given) {
            (Profile::Certification, _) => Ok(true),
            (Profile::Demo, false) => Ok(false),
            (Profile::Demo, true) => {
                let options = "--suite, --alias, --issuer, --tls-certificate and --trust";
                Err(Failure::new(format!("{options} need --profile certification")))
            }
        }
    }

    /// Policies. The server listens on this machine only, so nothing here reaches further.
    pub fn settings(&self, config: &mut Config, address: &str) -> Result<(), Failure> {
        config.unlimited = true;
        config.server.tls_certificate.clone_from(&self.tls_certificate);
        config.server.tls_key.clone_from(&self.tls_key);
        let scheme = if self.tls_certificate.is_some() { "https" } else { "http" };
        config.server.issuer = self.issuer.clone().unwrap_or_else(|| format!("{scheme}://{address}"));
        config.outbound.trusted_ca.clone_from(&self.trust);
        // Dynamic plans register a client a module, most of which send no challenge.
        config.registration.mode = Mode::Open;
        config.registration.require_pkce = false;
        config.registration.most = 100_000;
        // `prompt=none` is answered by redirect, whoever registered, and in the front channel too.
        config.registration.trusted = true;
        config.registration.silent_token = true;
        // The suite's assertions name the token endpoint.
        config.clients.token_endpoint_as_audience = true;
        // Its cookie is kept for https only.
        config.sign_in.session_management = config.server.issuer.starts_with("https:");
        // The suite's containers and its own loopback name.
        for network in ["127.0.0.0/8", "::1/128", "172.16.0.0/12"] {
            let network = network.parse().map_err(|error| Failure::new(format!("{network}: {error}")))?;
            config.outbound.client_networks.push(network);
        }
        Ok(())
    }

    fn at_suite(&self, path: &str) -> String {
        format!("{}/test/a/{}/{path}", self.suite.trim_end_matches('/'), self.alias)
    }

    /// One client for each part that a static plan plays.
    pub fn clients(&self, scopes: &[String]) -> Vec<DeclaredClient> {
        let texts = |list: &[&str]| list.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        let base = ClientMetadata {
            redirect_uris: vec![self.at_suite("callback")],
            grant_types: Some(texts(&["authorization_code", "refresh_token"])),
            response_types: Some(ResponseType::ALL.iter().map(|known| known.as_str().to_owned()).collect()),
            scopes: scopes.to_vec(),
            // Most modules of the basic plan send no challenge.
            require_pkce: Some(false),
            silent_token: true,
            verified: true,
            openid: RegisteredMetadata {
                id_token_signed_response_alg: Some(SigningAlgorithm::Rs256),
                post_logout_redirect_uris: vec![self.at_suite("post_logout_redirect")],
                ..RegisteredMetadata::default()
            },
            ..ClientMetadata::default()
        };
        let client = |key: &str, name: &str, change: &dyn Fn(&mut ClientMetadata)| {
            let mut metadata = ClientMetadata { name: Some(name.to_owned()), ..base.clone() };
            change(&mut metadata);
            DeclaredClient { key: key.to_owned(), secret: None, metadata }
        };
        vec![
            client("certification", "Certification", &|_| {}),
            client("certification-2", "Certification second client", &|_| {}),
            client("certification-post", "Certification with client_secret_post", &|metadata| {
                metadata.authentication_method = Some("client_secret_post".to_owned());
            }),
        ]
    }

    /// The test plans' configuration, to be pasted into the suite.
    pub fn write(&self, folder: &Path, issuer: &Issuer, demo: &Demo) -> Result<PathBuf, Failure> {
        let client = |part: &str| {
            demo.client(part).map(|client| {
                json!({
                    "client_id": client.client_id, "client_secret": client.client_secret,
                    // Without it nobody gets the refresh token that one module is about.
                    "scope": "openid offline_access",
                })
            })
        };
        let discovery = issuer.well_known_appended(endpoints::OPENID_CONFIGURATION);
        let plan = json!({
            "alias": self.alias,
            "description": "grantor",
            "server": { "discoveryUrl": format!("{}{discovery}", issuer.origin()), "login_hint": "alice" },
            "client": client("certification"),
            "client2": client("certification-2"),
            "client_secret_post": client("certification-post"),
        });
        let path = folder.join("certification.json");
        write_private(&path, &format!("{}\n", serde_json::to_string_pretty(&plan)?))?;
        Ok(path)
    }
}
