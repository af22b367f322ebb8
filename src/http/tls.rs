//! Native TLS: certificate chain and key from PEM files, rustls on aws-lc.

use std::path::Path;
use std::sync::Arc;
use std::{fs, io};

use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::config::server::Server;

/// What the listener speaks TLS with; none where a proxy does it. HTTP/1.1 only: actix' h2 is not linked.
///
/// # Errors
/// Files that cannot be read, hold no certificate or key, or do not fit together; the text names the file.
pub fn config(settings: &Server) -> io::Result<Option<ServerConfig>> {
    let (Some(certificate), Some(key)) = (&settings.tls_certificate, &settings.tls_key) else { return Ok(None) };
    let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_slice_iter(&read(certificate)?)
        .collect::<Result<_, _>>()
        .map_err(|error| wrong(certificate, error))?;
    if chain.is_empty() {
        return Err(wrong(certificate, "no certificate in it"));
    }
    let private = PrivateKeyDer::from_pem_slice(&read(key)?).map_err(|error| wrong(key, error))?;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?
        .with_no_client_auth()
        .with_single_cert(chain, private)
        .map_err(|error| wrong(key, error))?;
    Ok(Some(config))
}

fn read(path: &Path) -> io::Result<Vec<u8>> {
    fs::read(path).map_err(|error| wrong(path, error))
}

fn wrong(path: &Path, error: impl std::fmt::Display) -> io::Error {
    io::Error::other(format!("TLS: {}: {error}", path.display()))
}
