//! The `[operators]` table.

use std::net::SocketAddr;

use secrecy::{ExposeSecret, SecretString};

use super::checked::{Checking, OperatorsConfig, Spot};
use super::raw::{At, RawOperators, RawSecret};
use super::source::RawFile;
use super::values::Table;

const AN_ADDRESS: &str = "write an address of this machine and a port, as in \"127.0.0.1:8081\"";

impl Checking<'_> {
    /// The one `[operators]` table, which only the first file may have.
    pub(super) fn operators(
        &mut self,
        first: &RawFile,
        included: &[RawFile],
    ) -> Option<OperatorsConfig> {
        for file in included {
            if let Some(operators) = &file.raw.operators {
                let at = Spot::new(&file.source, operators.span(), "operators");
                let problem = "an included file cannot have `[operators]`";
                self.fail(&at, problem, "move it to the first file");
            }
        }
        let raw = first.raw.operators.as_ref()?;
        let table = Table {
            source: &first.source,
            name: "operators",
        };
        let RawOperators { listen, token } = raw.get_ref();
        let token = match token {
            Some(token) => Some(self.operators_token(table, token)?),
            None => None,
        };
        let Some(listen) = listen else {
            let at = Spot::new(&first.source, raw.span(), "operators.listen");
            self.fail(&at, "there is no address to listen on", AN_ADDRESS);
            return None;
        };
        let listen = self.operators_address(table, listen)?;
        Some(OperatorsConfig { listen, token })
    }

    fn operators_address(&mut self, table: Table<'_>, raw: &At<String>) -> Option<SocketAddr> {
        let at = table.at("listen", raw);
        let Ok(address) = raw.get_ref().parse::<SocketAddr>() else {
            let problem = format!("`{}` is no address with a port", raw.get_ref());
            self.fail(&at, problem, AN_ADDRESS);
            return None;
        };
        if !address.ip().is_loopback() {
            let problem = format!("`{address}` can be reached from elsewhere, in plain text");
            let help = "listen on a loopback address; this listener speaks no TLS, so let \
                        something that does stand in front, or use `ssh -L`";
            self.fail(&at, problem, help);
            return None;
        }
        Some(address)
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
