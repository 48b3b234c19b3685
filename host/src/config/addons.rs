//! The `[addons]` tables.

use std::collections::HashMap;
use std::path::{Component as PathPart, Path};
use std::time::Duration;

use super::checked::{
    AddOnConfig, AddOnName, Checking, Component, Limits, Paths, ServerConfig, Spot,
};
use super::raw::{At, RawAddOn, RawFields, RawGrants, RawPath, RawRequire};
use super::source::RawFile;
use super::values::Table;
use crate::protocol::address::AddressKind;
use crate::protocol::credentials::Requirements;
use crate::protocol::fields::{FieldGrants, FieldMap};
use crate::protocol::invocation::Terms;
use crate::protocol::point::IntegrationPoint;
use crate::protocol::reply::{Envelope, ErrorTemplate, LONGEST_REPLY};
use crate::protocol::sid::{AccountSid, AddOnSid};
use crate::protocol::signature::AccountKeys;

const DEFAULT_TIMEOUT: Duration = Duration::from_millis(800);
/// Twilio ends a call's webhook after 15 s, whatever comes back
/// (<https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides>).
const LONGEST_TIMEOUT: Duration = Duration::from_secs(15);
const MIB: usize = 1024 * 1024;

/// What was used by an add-on already.
#[derive(Default)]
struct Used {
    names: HashMap<String, Spot>,
    sids: HashMap<AddOnSid, Spot>,
    paths: HashMap<String, (IntegrationPoint, Spot)>,
}

impl Checking<'_> {
    /// All add-ons of all files.
    pub(super) fn add_ons(
        &mut self,
        files: &[RawFile],
        accounts: &[AccountKeys],
        server: Option<&ServerConfig>,
    ) -> Vec<AddOnConfig> {
        let mut used = Used::default();
        let mut add_ons = Vec::new();
        for file in files {
            for (name, raw) in &file.raw.addons {
                let key = format!("addons.{}", name.get_ref());
                let at = Spot::new(&file.source, name.span(), key.clone());
                let table = Table {
                    source: &file.source,
                    name: &key,
                };
                let Some(name) = self.parsed::<AddOnName>(&at, name.get_ref(), "") else {
                    continue;
                };
                if let Some(first) = used.names.get(name.as_str()) {
                    let problem = format!("the add-on is defined in {} already", first.line());
                    self.clash(&at, problem, "give one of them another name", first);
                }
                used.names.insert(name.as_str().to_owned(), at.clone());
                add_ons.extend(self.add_on(
                    table,
                    &at,
                    name,
                    raw.get_ref(),
                    accounts,
                    server,
                    &mut used,
                ));
            }
        }
        if add_ons.is_empty() && self.errors.is_empty() {
            self.warnings
                .push("there is no add-on: every request will be refused".to_owned());
        }
        add_ons
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "the parts of one table's surroundings"
    )]
    fn add_on(
        &mut self,
        table: Table<'_>,
        at: &Spot,
        name: AddOnName,
        raw: &RawAddOn,
        accounts: &[AccountKeys],
        server: Option<&ServerConfig>,
        used: &mut Used,
    ) -> Option<AddOnConfig> {
        let sid = self.add_on_sid(table, &raw.sid, used);
        let account = self.add_on_account(table, at, raw, accounts);
        let paths = self.paths(table, raw, used);
        let fields = self.fields(table, &raw.fields);
        self.warn_of_headers(&name, &fields);
        let limits = self.limits(table, raw);
        let component = self.component(table, raw, server);
        let envelope = self.envelope(table, raw);
        let fallback = self.fallback(table, raw);
        let require = self.require(table, &raw.require);
        let accepts = self.accepts(table, raw);
        let default_region = raw.default_region.as_ref().and_then(|region| {
            self.parsed(&table.at("default_region", region), region.get_ref(), "")
        });
        Some(AddOnConfig {
            terms: Terms {
                account: account?,
                add_on: sid?,
                fields,
                grants: field_grants(&raw.grants),
                accepts,
                default_region,
            },
            name,
            component: component?,
            paths: paths?,
            require,
            envelope,
            fallback,
            limits,
        })
    }

    fn add_on_sid(
        &mut self,
        table: Table<'_>,
        raw: &At<String>,
        used: &mut Used,
    ) -> Option<AddOnSid> {
        let at = table.at("sid", raw);
        let help = "copy the add-on's SID from Twilio's console";
        let sid: AddOnSid = self.parsed(&at, raw.get_ref(), help)?;
        if let Some(first) = used.sids.get(&sid) {
            let problem = format!(
                "`{sid}` is served by `{}` in {} already",
                first.key,
                first.line()
            );
            self.clash(&at, problem, "each add-on has its own SID", first);
            return None;
        }
        used.sids.insert(sid, at);
        Some(sid)
    }

    fn add_on_account(
        &mut self,
        table: Table<'_>,
        at: &Spot,
        raw: &RawAddOn,
        accounts: &[AccountKeys],
    ) -> Option<AccountSid> {
        match (&raw.account, accounts) {
            (Some(raw), _) => {
                let at = table.at("account", raw);
                let account = self.parsed::<AccountSid>(&at, raw.get_ref(), "")?;
                if accounts.iter().any(|known| known.account == account) {
                    return Some(account);
                }
                let help = "add an [accounts.AC…] table for it, or correct the SID";
                self.fail(&at, format!("there is no account `{account}`"), help);
                None
            }
            (None, [only]) => Some(only.account),
            (None, []) => None,
            (None, _) => {
                let at = Spot::new(&at.source, at.span.clone(), format!("{}.account", at.key));
                let help = "name the account that this add-on belongs to: its tokens sign for it";
                self.fail(&at, "there are several accounts, and none is named", help);
                None
            }
        }
    }

    fn paths(&mut self, table: Table<'_>, raw: &RawAddOn, used: &mut Used) -> Option<Paths> {
        let serves = self.serves(table, raw)?;
        let Some(path) = &raw.path else {
            return Some(Paths::Shared(serves));
        };
        let at = table.at("path", path);
        let own = match path.get_ref() {
            RawPath::One(path) => match serves.as_slice() {
                [point] => vec![(*point, path.clone())],
                _ => {
                    let help = "give each integration point its own, as in path = \
                                { lookups = \"/cnam\", incoming-sms = \"/cnam-sms\" }, or serve one";
                    self.fail(
                        &at,
                        "one path cannot tell several integration points apart",
                        help,
                    );
                    return None;
                }
            },
            RawPath::Each(paths) => self.path_of_each(&at, paths, &serves, raw.serves.is_some())?,
        };
        for (point, path) in &own {
            self.own_path(&at, *point, path, used);
        }
        Some(Paths::Own(own))
    }

    fn path_of_each(
        &mut self,
        at: &Spot,
        paths: &std::collections::BTreeMap<String, String>,
        serves: &[IntegrationPoint],
        explicit: bool,
    ) -> Option<Vec<(IntegrationPoint, String)>> {
        let mut own = Vec::new();
        for (name, path) in paths {
            let point: IntegrationPoint = self.parsed(at, name, "")?;
            if !serves.contains(&point) {
                self.fail(at, format!("`{point}` is not in `serves`"), "");
            }
            own.push((point, path.clone()));
        }
        let missing = serves
            .iter()
            .find(|point| !own.iter().any(|(has, _)| has == *point));
        if let (Some(point), true) = (missing, explicit) {
            let problem = format!("`{point}` is in `serves` and has no path");
            self.fail(
                at,
                problem,
                "give each integration point that is served a path",
            );
        }
        Some(own)
    }

    fn own_path(&mut self, at: &Spot, point: IntegrationPoint, path: &str, used: &mut Used) {
        let visible = |byte: u8| byte.is_ascii_graphic() && !b"?#\"<>\\^`{|}".contains(&byte);
        if !path.starts_with('/') || path.len() > 1024 || !path.bytes().all(visible) {
            let help = "write the path of the registered URL, as in \"/api/v2/cnam\"";
            self.fail(at, format!("`{path}` is no path"), help);
            return;
        }
        if let Some(standard) = IntegrationPoint::ALL
            .into_iter()
            .find(|own| own.path() == path)
        {
            let problem = format!("`{path}` is where all add-ons for `{standard}` are reached");
            self.fail(at, problem, "choose another path, or remove it");
            return;
        }
        match used.paths.get(path) {
            Some((other, first)) if *other != point => {
                let problem = format!("`{path}` is used for `{other}` in {} already", first.line());
                let first = first.clone();
                self.clash(
                    at,
                    problem,
                    "a path stands for one integration point",
                    &first,
                );
            }
            Some(_) => {}
            None => {
                used.paths.insert(path.to_owned(), (point, at.clone()));
            }
        }
    }

    fn serves(&mut self, table: Table<'_>, raw: &RawAddOn) -> Option<Vec<IntegrationPoint>> {
        let Some(list) = &raw.serves else {
            return Some(IntegrationPoint::ALL.to_vec());
        };
        if list.get_ref().is_empty() {
            self.fail(
                &table.at("serves", list),
                "expected at least one integration point",
                "",
            );
            return None;
        }
        let mut points = Vec::new();
        for name in list.get_ref() {
            let at = table.at("serves", name);
            let point: IntegrationPoint = self.parsed(&at, name.get_ref(), "")?;
            if !points.contains(&point) {
                points.push(point);
            }
        }
        Some(points)
    }

    fn accepts(&mut self, table: Table<'_>, raw: &RawAddOn) -> Vec<AddressKind> {
        let Some(list) = &raw.accepts else {
            return vec![AddressKind::E164];
        };
        if list.get_ref().is_empty() {
            self.fail(
                &table.at("accepts", list),
                "expected at least one kind of address",
                "",
            );
        }
        list.get_ref()
            .iter()
            .filter_map(|kind| self.parsed(&table.at("accepts", kind), kind.get_ref(), ""))
            .collect()
    }

    fn fields(&mut self, table: Table<'_>, raw: &RawFields) -> FieldMap {
        let defaults = FieldMap::default();
        let mut field = |key: &str, raw: &Option<At<_>>, default| match raw {
            Some(raw) => self.sources(&table.at(&format!("fields.{key}"), raw), raw.get_ref()),
            None => default,
        };
        FieldMap {
            phone: field("phone", &raw.phone, defaults.phone),
            other: field("other", &raw.other, defaults.other),
            body: field("body", &raw.body, defaults.body),
            extra: raw
                .extra
                .iter()
                .map(|(name, raw)| {
                    let at = table.at(&format!("fields.extra.{}", name.get_ref()), raw);
                    (name.get_ref().clone(), self.sources(&at, raw.get_ref()))
                })
                .collect(),
        }
    }

    fn warn_of_headers(&mut self, name: &AddOnName, fields: &FieldMap) {
        let headers: Vec<_> = fields
            .headers()
            .map(|header| format!("`{header}`"))
            .collect();
        if !headers.is_empty() {
            self.warnings.push(format!(
                "`addons.{name}.fields` reads {}: Twilio's signature covers no header, so whoever \
                 repeats a request can change it",
                headers.join(" and ")
            ));
        }
    }

    fn limits(&mut self, table: Table<'_>, raw: &RawAddOn) -> Limits {
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
    fn component(
        &mut self,
        table: Table<'_>,
        raw: &RawAddOn,
        server: Option<&ServerConfig>,
    ) -> Option<Component> {
        let at = table.at("component", &raw.component);
        let text = raw.component.get_ref().as_str();
        let path = self.root.join(text);
        let plain = |path: &Path| path.components().all(|part| part != PathPart::ParentDir);
        let inside = server.is_none_or(|server| path.starts_with(&server.plugin_dir));
        if !inside || !plain(Path::new(text)) {
            let dir = server.map_or_else(String::new, |s| s.plugin_dir.display().to_string());
            let problem = format!("`{text}` is not in the plugin directory `{dir}`");
            self.fail(
                &at,
                problem,
                "move the component there, or set `server.plugin_dir`",
            );
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

    fn envelope(&mut self, table: Table<'_>, raw: &RawAddOn) -> Envelope {
        let name = raw.envelope.as_ref().map(|name| name.get_ref().as_str());
        let template = raw.on_error.as_ref().and_then(|value| {
            let object = self.json_object(&table.at("on_error", value), value.get_ref())?;
            ErrorTemplate::new(object)
        });
        match (name, &raw.on_error) {
            (Some("verbatim"), _) => Envelope::Verbatim(template),
            (None | Some("reference"), None) => Envelope::Reference,
            (None | Some("reference"), Some(value)) => {
                let help = "add envelope = \"verbatim\", or remove `on_error`";
                let at = table.at("on_error", value);
                self.fail(
                    &at,
                    "the reference's envelope has its own shape for failures",
                    help,
                );
                Envelope::Reference
            }
            (Some(_), _) => {
                if let Some(raw) = &raw.envelope {
                    let at = table.at("envelope", raw);
                    self.fail(&at, "expected \"reference\" or \"verbatim\"", "");
                }
                Envelope::Reference
            }
        }
    }

    fn fallback(&mut self, table: Table<'_>, raw: &RawAddOn) -> Option<String> {
        let value = raw.fallback.as_ref()?;
        let object = self.json_object(&table.at("fallback", value), value.get_ref())?;
        Some(object.to_string())
    }

    /// An object: a table, or a text that holds one as JSON.
    fn json_object(&mut self, at: &Spot, value: &serde_json::Value) -> Option<serde_json::Value> {
        let object = match value {
            serde_json::Value::String(text) => serde_json::from_str(text).ok(),
            other => Some(other.clone()),
        };
        let object = object.filter(serde_json::Value::is_object);
        let fits = object
            .as_ref()
            .is_some_and(|object| object.to_string().len() <= LONGEST_REPLY / 2);
        if !fits {
            let help = "write a table, as in { status = \"error\" }, or JSON in a text";
            let problem = format!("expected an object of at most {} bytes", LONGEST_REPLY / 2);
            self.fail(at, problem, help);
            return None;
        }
        object
    }

    fn require(&mut self, table: Table<'_>, raw: &RawRequire) -> Requirements {
        let mut require = Requirements::default();
        for (name, secret) in &raw.query {
            let at = table.at(&format!("require.query.{}", name.get_ref()), secret);
            if let Some(secret) = self.secret(&at, secret.get_ref()) {
                require.parameters.push((name.get_ref().clone(), secret));
            }
        }
        for (name, secret) in &raw.headers {
            let at = table.at(&format!("require.headers.{}", name.get_ref()), secret);
            let header = self.header_name(&at, name.get_ref());
            let secret = self.secret(&at, secret.get_ref());
            require.headers.extend(header.zip(secret));
        }
        if let Some(basic) = &raw.basic {
            let at = table.at("require.basic.password", &basic.password);
            if basic.username.get_ref().contains(':') {
                let at = table.at("require.basic.username", &basic.username);
                self.fail(&at, "a user name cannot hold a `:`", "");
            }
            let password = self.secret(&at, basic.password.get_ref());
            require.basic = password.map(|password| (basic.username.get_ref().clone(), password));
        }
        require
    }
}

/// `body` and `other` are the fields of these names, `*` is every further parameter, and
/// any other entry names one.
fn field_grants(raw: &RawGrants) -> FieldGrants {
    let mut grants = FieldGrants::default();
    for name in &raw.fields {
        match name.get_ref().as_str() {
            "body" => grants.body = true,
            "other" => grants.other = true,
            "*" => grants.all = true,
            further => grants.named.push(further.to_owned()),
        }
    }
    grants
}
