//! The `[server.tls]` and `[operators.tls]` tables.

use std::collections::HashMap;
use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use super::checked::{Checking, Spot};
use super::raw::{At, RawCertificate, RawTls};
use super::values::Table;
use crate::server::tls::{Certificate, Chain, ChainError, KeyError, Tls};

/// The most that a chain's or a key's file may hold, in bytes. Common ones have a tenth.
const LONGEST_FILE: u64 = 64 * 1024;

const HANDSHAKE: Duration = Duration::from_secs(5);
const HANDSHAKE_BOUNDS: (Duration, Duration) = (Duration::from_millis(10), Duration::from_secs(60));

/// Those who may not read a key: whoever is neither its owner nor of its group.
const OTHERS: u32 = 0o007;

impl Checking<'_> {
    /// What the listener speaks, if not plain text.
    pub(super) fn tls(&mut self, table: Table<'_>, raw: Option<&At<RawTls>>) -> Option<Arc<Tls>> {
        let raw = raw?;
        let RawTls {
            certificates: listed,
            handshake_timeout,
            http2,
        } = raw.get_ref();
        let timeout = handshake_timeout.as_ref();
        let timeout = self.duration(
            table,
            "handshake_timeout",
            timeout,
            HANDSHAKE,
            HANDSHAKE_BOUNDS,
        );
        let certificates = self.certificates(table, listed)?;
        let tls = Tls::new(certificates, timeout, *http2);
        tls.map(Arc::new)
            .map_err(|error| {
                let at = Spot::new(table.source, raw.span(), table.name);
                self.fail(
                    &at,
                    error.to_string(),
                    "put a proxy in front that speaks TLS",
                );
            })
            .ok()
    }

    /// All of them; nothing where any is no good, for that is an error.
    fn certificates(
        &mut self,
        table: Table<'_>,
        listed: &At<Vec<At<RawCertificate>>>,
    ) -> Option<Vec<Certificate>> {
        if listed.get_ref().is_empty() {
            let help = "write one as in { chain = \"tls/addons.pem\", key = \"tls/addons.key\" }, \
                        or remove the table";
            self.fail(
                &table.at("certificates", listed),
                "expected at least one certificate",
                help,
            );
        }
        let mut found = Vec::new();
        let mut named = HashMap::new();
        for raw in listed.get_ref() {
            let certificate = self.certificate(table, raw.get_ref())?;
            let at = table.at("certificates.chain", &raw.get_ref().chain);
            self.names_are_its_own(&certificate, &at, &mut named);
            if certificate.names().is_empty() && !found.is_empty() {
                let help = "put it first, for clients that ask for no name, or remove it";
                self.fail(&at, "there is no DNS name in it to choose it by", help);
            }
            self.warn_of_its_time(&certificate, &raw.get_ref().chain);
            found.push(certificate);
        }
        (!found.is_empty()).then_some(found)
    }

    fn certificate(&mut self, table: Table<'_>, raw: &RawCertificate) -> Option<Certificate> {
        let chain = self.chain(table, &raw.chain);
        let key = self.key(table, &raw.key);
        let certificate = chain?.with_key(&key?);
        certificate
            .map_err(|error| {
                let problem = format!("`{}` is no good: {error}", raw.key.get_ref());
                let at = table.at("certificates.key", &raw.key);
                self.fail(&at, problem, key_mended(error));
            })
            .ok()
    }

    fn chain(&mut self, table: Table<'_>, raw: &At<String>) -> Option<Chain> {
        let file = raw.get_ref();
        let at = table.at("certificates.chain", raw);
        let pem = self.pem(&at, file, "the certificate")?;
        Chain::parse(&pem)
            .map_err(|error| {
                let problem = format!("`{file}` is no good: {error}");
                self.fail(&at, problem, chain_mended(error));
            })
            .ok()
    }

    fn key(&mut self, table: Table<'_>, raw: &At<String>) -> Option<Vec<u8>> {
        let file = raw.get_ref();
        let pem = self.pem(&table.at("certificates.key", raw), file, "the key")?;
        let metadata = std::fs::metadata(self.rooted(file));
        if metadata.is_ok_and(|it| it.permissions().mode() & OTHERS != 0) {
            self.warnings.push(format!(
                "`{}.certificates.key` is `{file}`, which every user of this machine may read \
                 or change: take that from them, as with `chmod o= {file}`",
                table.name
            ));
        }
        Some(pem)
    }

    fn pem(&mut self, at: &Spot, file: &str, what: &str) -> Option<Vec<u8>> {
        if file.contains("-----BEGIN") {
            let problem = format!("expected a file, found {what} itself");
            let help = "put it into a file of its own, readable by the host alone, and name that";
            self.fail(at, problem, help);
            return None;
        }
        self.file(file, LONGEST_FILE)
            .map_err(|why| {
                let problem = format!("`{file}` cannot be read: {why}");
                let help = "name a PEM file that the host may read; paths start from this file's \
                            directory";
                self.fail(at, problem, help);
            })
            .ok()
    }

    /// Of two certificates of one kind for one name, the second would never be shown.
    fn names_are_its_own(
        &mut self,
        certificate: &Certificate,
        at: &Spot,
        named: &mut HashMap<(String, &'static str), Spot>,
    ) {
        let kind = certificate.kind();
        let names = certificate.names().iter();
        let names = names.map(|name| (name.clone(), kind));
        let taken = names.clone().find_map(|it| named.get_key_value(&it));
        if let Some(((name, _), other)) = taken {
            let problem = format!("another {kind} certificate is for `{name}` as well");
            let help = "leave one of them out, so that it is clear which is shown; two whose keys \
                        are of different kinds may be for one name";
            self.clash(at, problem, help, other);
        }
        named.extend(names.map(|it| (it, at.clone())));
    }

    fn warn_of_its_time(&mut self, certificate: &Certificate, raw: &At<String>) {
        let now = Timestamp::now();
        let file = raw.get_ref();
        if certificate.not_after() < now {
            let end = certificate.not_after();
            self.warnings.push(format!(
                "the certificate in `{file}` has expired at {end}: clients refuse it"
            ));
        }
        if certificate.not_before() > now {
            let start = certificate.not_before();
            self.warnings.push(format!(
                "the certificate in `{file}` counts from {start} on: clients refuse it until then"
            ));
        }
    }
}

fn chain_mended(error: ChainError) -> &'static str {
    match error {
        ChainError::NotPem | ChainError::Empty | ChainError::Unreadable(_) => {
            "put the certificate into that file, in PEM, and those of the authorities between \
             behind it"
        }
        ChainError::Order(_) => {
            "put the server's own certificate first, and behind each the one of the authority \
             that signed it"
        }
    }
}

fn key_mended(error: KeyError) -> &'static str {
    match error {
        KeyError::NotPem | KeyError::Empty => {
            "put the certificate's private key into that file, in PEM"
        }
        KeyError::Encrypted => {
            "write it without a password, as with `openssl pkey -in KEY -out PLAIN`, readable by \
             the host alone"
        }
        KeyError::Unusable => "have a certificate made for a key of one of these kinds",
        KeyError::Foreign => "name the key that the certificate was requested with",
    }
}
