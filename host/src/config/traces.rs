//! The `[traces]` table.

use http::{HeaderName, HeaderValue};
use secrecy::{ExposeSecret, SecretString};

use super::checked::{Checking, Spot, TracesConfig};
use super::raw::{At, RawSecret, RawTraces};
use super::source::RawFile;
use super::values::Table;
use crate::egress::{Authorities, EgressPolicy};

/// Where a collector takes traces, below its own URL
/// (<https://opentelemetry.io/docs/specs/otlp/#otlphttp-request>).
const PATH: &str = "/v1/traces";

const A_URL: &str = "write the collector's URL, as in \"http://127.0.0.1:4318\"";

impl Checking<'_> {
    /// The one `[traces]` table.
    pub(super) fn traces(
        &mut self,
        first: &RawFile,
        authorities: &Authorities,
    ) -> Option<TracesConfig> {
        let raw = first.raw.traces.as_ref()?;
        let table = Table {
            source: &first.source,
            name: "traces",
        };
        let RawTraces {
            endpoint,
            share,
            headers,
        } = raw.get_ref();
        let share = self.share(table, share.as_ref());
        let headers = headers
            .iter()
            .filter_map(|(name, value)| self.collector_header(table, name, value))
            .collect();
        let Some(at) = endpoint else {
            let at = Spot::new(&first.source, raw.span(), "traces.endpoint");
            self.fail(&at, "there is no collector to send traces to", A_URL);
            return None;
        };
        let (endpoint, policy) = self.endpoint(table, at)?;
        Some(TracesConfig {
            endpoint,
            policy,
            authorities: authorities.clone(),
            share,
            headers,
        })
    }

    fn share(&mut self, table: Table<'_>, raw: Option<&At<f64>>) -> f64 {
        let Some(raw) = raw else { return 1.0 };
        let share = *raw.get_ref();
        if (0.0..=1.0).contains(&share) {
            return share;
        }
        let problem = format!("expected a number from 0 to 1, found `{share}`");
        let help = "write the share of all requests that is traced, as in 0.05";
        self.fail(&table.at("share", raw), problem, help);
        1.0
    }

    /// The URL that traces go to, and the policy that lets them through.
    fn endpoint(&mut self, table: Table<'_>, raw: &At<String>) -> Option<(String, EgressPolicy)> {
        let at = table.at("endpoint", raw);
        let base = raw.get_ref();
        if base.contains(['?', '#']) {
            self.fail(&at, "the collector's URL has a query or a fragment", A_URL);
            return None;
        }
        let endpoint = format!("{}{PATH}", base.trim_end_matches('/'));
        match EgressPolicy::towards(&endpoint) {
            Ok(policy) => Some((endpoint, policy)),
            Err(why) => {
                self.fail(&at, why.to_string(), A_URL);
                None
            }
        }
    }

    fn collector_header(
        &mut self,
        table: Table<'_>,
        name: &At<String>,
        value: &At<RawSecret>,
    ) -> Option<(HeaderName, SecretString)> {
        let key = format!("headers.{}", name.get_ref());
        let known = self.header_name(&table.at(&key, name), name.get_ref())?;
        let at = table.at(&key, value);
        let secret = self.secret(&at, value.get_ref())?;
        if HeaderValue::from_str(secret.expose_secret()).is_err() {
            let problem = "the secret has a character that no header may have";
            self.fail(&at, problem, "put nothing but the header's value there");
            return None;
        }
        Some((known, secret))
    }
}
