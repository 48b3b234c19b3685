//! The provider behind an add-on: its component and its limits.

use std::path::{Component as PathPart, Path};
use std::time::Duration;

use crate::config::checked::{Checking, Component, Limits};
use crate::config::raw::{At, RawAddOn};
use crate::config::values::Table;
use crate::protocol::reply::LONGEST_REPLY;

const DEFAULT_TIMEOUT: Duration = Duration::from_millis(800);
/// Twilio ends a call's webhook after 15 s, whatever comes back
/// (<https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides>).
const LONGEST_TIMEOUT: Duration = Duration::from_secs(15);
const MIB: usize = 1024 * 1024;

impl Checking<'_> {
    pub(super) fn limits(&mut self, table: Table<'_>, raw: &RawAddOn) -> Limits {
        let shortest = Duration::from_millis(5);
        Limits {
            timeout: self.duration(
                table,
                "timeout",
                raw.timeout.as_ref(),
                DEFAULT_TIMEOUT,
                (shortest, LONGEST_TIMEOUT),
            ),
            memory: self.size(
                table,
                "memory",
                raw.memory.as_ref(),
                16 * MIB,
                (64 * 1024, 64 * MIB),
            ),
            reply: self.size(
                table,
                "reply_limit",
                raw.reply_limit.as_ref(),
                LONGEST_REPLY,
                (64, LONGEST_REPLY),
            ),
            concurrency: self.count(table, "concurrency", raw.concurrency.as_ref(), 64, 4_096),
        }
    }

    /// The component's file must lie in the plugin directory, by its name alone; where
    /// links lead is checked when it is opened.
    pub(super) fn component(
        &mut self,
        table: Table<'_>,
        raw: &RawAddOn,
        plugin_dir: &Path,
    ) -> Option<Component> {
        let at = table.at("component", &raw.component);
        let text = raw.component.get_ref().as_str();
        let path = self.rooted(text);
        let mut parts = Path::new(text).components();
        let climbs = parts.any(|part| part == PathPart::ParentDir);
        let outside = !path.starts_with(plugin_dir.strip_prefix(".").unwrap_or(plugin_dir));
        if climbs || outside {
            let shown = plugin_dir.display();
            let problem = format!("`{text}` is not in the plugin directory `{shown}`");
            let help = "move the component there, or set `server.plugin_dir`";
            self.fail(&at, problem, help);
            return None;
        }
        if path.extension().is_none_or(|extension| extension != "wasm") {
            let help = "name a WebAssembly component, a file that ends in `.wasm`";
            self.fail(&at, format!("`{text}` is no `.wasm` file"), help);
            return None;
        }
        let sha256 = raw.sha256.as_ref().and_then(|pin| self.pin(table, pin));
        Some(Component { path, sha256 })
    }

    fn pin(&mut self, table: Table<'_>, raw: &At<String>) -> Option<String> {
        let text = raw.get_ref().to_ascii_lowercase();
        if text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Some(text);
        }
        let help = "write what `sha256sum` prints for the file";
        self.fail(
            &table.at("sha256", raw),
            "expected 64 hexadecimal digits",
            help,
        );
        None
    }
}
