//! The `[operators]` table.

use std::net::SocketAddr;
use std::sync::Arc;

use secrecy::{ExposeSecret, SecretString};

use super::checked::{Checking, OperatorsConfig, Spot};
use super::raw::{At, RawOperators, RawSecret, RawTls};
use super::source::RawFile;
use super::values::Table;
use crate::server::tls::Tls;

const AN_ADDRESS: &str = "write an address and a port, as in \"127.0.0.1:8081\"";

impl Checking<'_> {
    /// The one `[operators]` table.
    pub(super) fn operators(&mut self, first: &RawFile) -> Option<OperatorsConfig> {
        let raw = first.raw.operators.as_ref()?;
        let table = Table {
            source: &first.source,
            name: "operators",
        };
        let RawOperators { listen, token, tls } = raw.get_ref();
        let token = match token {
            Some(token) => Some(self.operators_token(table, token)?),
            None => None,
        };
        let tls = match tls {
            Some(tls) => Some(self.operators_tls(table, tls)?),
            None => None,
        };
        let Some(at) = listen else {
            let at = Spot::new(&first.source, raw.span(), "operators.listen");
            self.fail(&at, "there is no address to listen on", AN_ADDRESS);
            return None;
        };
        let listen = self.operators_address(table, at)?;
        let operators = OperatorsConfig { listen, token, tls };
        self.operators_are_proved(&table.at("listen", at), &operators)?;
        Some(operators)
    }

    fn operators_address(&mut self, table: Table<'_>, raw: &At<String>) -> Option<SocketAddr> {
        let Ok(address) = raw.get_ref().parse() else {
            let problem = format!("`{}` is no address with a port", raw.get_ref());
            self.fail(&table.at("listen", raw), problem, AN_ADDRESS);
            return None;
        };
        Some(address)
    }

    /// Where others can reach the listener, nobody reads along, and not everybody is
    /// answered.
    fn operators_are_proved(&mut self, at: &Spot, operators: &OperatorsConfig) -> Option<()> {
        let address = operators.listen;
        let (problem, help) = match (&operators.tls, &operators.token) {
            _ if address.ip().is_loopback() => return Some(()),
            (Some(_), Some(_)) => return Some(()),
            (None, _) => (
                format!("`{address}` can be reached from elsewhere, in plain text"),
                "give it a certificate in `[operators.tls]`, and a `token`; or listen on a \
                 loopback address, as in \"127.0.0.1:8081\", and use `ssh -L`",
            ),
            (Some(_), None) => (
                format!("`{address}` can be reached from elsewhere, by anybody"),
                "give it a `token`, as in { file = \"operators.token\" }; or listen on a \
                 loopback address, as in \"127.0.0.1:8081\"",
            ),
        };
        self.fail(at, problem, help);
        None
    }

    fn operators_tls(&mut self, table: Table<'_>, raw: &At<RawTls>) -> Option<Arc<Tls>> {
        let within = table.within("operators.tls");
        let tls = self.tls(within, Some(raw))?;
        if tls.speaks_http2() {
            let at = Spot::new(table.source, raw.span(), "operators.tls.http2");
            let problem = "operators are answered over HTTP/1.1 alone";
            self.fail(&at, problem, "remove the key");
            return None;
        }
        Some(tls)
    }

    /// A token travels in a header, so it has to fit into one.
    fn operators_token(&mut self, table: Table<'_>, raw: &At<RawSecret>) -> Option<SecretString> {
        let at = table.at("token", raw);
        let token = self.secret(&at, raw.get_ref())?;
        let is_visible = |byte: u8| byte.is_ascii_graphic();
        if !token.expose_secret().bytes().all(is_visible) {
            let problem = "the secret has other characters than a bearer token may have";
            self.fail(&at, problem, "make one with `openssl rand -hex 32`");
            return None;
        }
        Some(token)
    }
}
