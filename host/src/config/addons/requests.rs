//! How an add-on reads requests: `methods`, `fields`, `accepts`, `default_region`, `require`, `grants`.

use http::HeaderName;
use secrecy::SecretString;

use crate::config::checked::{AddOnName, Checking};
use crate::config::raw::{RawAddOn, RawBasic, RawFields, RawGrants, RawRequire};
use crate::config::values::Table;
use crate::protocol::address::{AddressKind, DefaultRegion};
use crate::protocol::credentials::Requirements;
use crate::protocol::fields::{FieldGrants, FieldMap, FieldSource};
use crate::protocol::shape::Shape;

impl Checking<'_> {
    pub(super) fn fields(&mut self, table: Table<'_>, raw: &RawFields) -> FieldMap {
        let defaults = FieldMap::default();
        let mut field = |key: &str, raw: &Option<_>, default| match raw {
            Some(raw) => self.sources(table, &format!("fields.{key}"), raw),
            None => default,
        };
        FieldMap {
            phone: field("phone", &raw.phone, defaults.phone),
            other: field("other", &raw.other, defaults.other),
            body: field("body", &raw.body, defaults.body),
            extra: self.extra_fields(table, raw),
        }
    }

    /// The further fields, by the name under which the provider gets them.
    pub(super) fn extra_fields(
        &mut self,
        table: Table<'_>,
        raw: &RawFields,
    ) -> Vec<(String, Vec<FieldSource>)> {
        let extra = raw.extra.iter().map(|(name, raw)| {
            let key = format!("fields.extra.{}", name.get_ref());
            (name.get_ref().clone(), self.sources(table, &key, raw))
        });
        extra.collect()
    }

    pub(super) fn shapes(
        &mut self,
        table: Table<'_>,
        raw: &RawAddOn,
        recordings: bool,
    ) -> Vec<Shape> {
        let known = match recordings {
            true => Shape::OF_RECORDINGS,
            false => Shape::SYNCHRONOUS,
        };
        let Some(list) = &raw.methods else {
            return known.to_vec();
        };
        if list.get_ref().is_empty() {
            let at = table.at("methods", list);
            let help = "name the one that is registered, as in [\"get\"], or remove the key";
            self.fail(&at, "expected at least one method", help);
        }
        let mut shapes = Vec::new();
        for name in list.get_ref() {
            let at = table.at("methods", name);
            let help = "name how Twilio was told to send this add-on's parameters";
            let Some(shape) = self.parsed::<Shape>(&at, name.get_ref(), help) else {
                continue;
            };
            if !known.contains(&shape) {
                let problem = format!("such an add-on's parameters do not travel as `{shape}`");
                let names = known.map(|shape| format!("\"{shape}\"")).join(", ");
                self.fail(&at, problem, &format!("choose among {names}"));
            }
            shapes.push(shape);
        }
        shapes
    }

    pub(super) fn warn_of<'a>(
        &mut self,
        name: &AddOnName,
        headers: impl Iterator<Item = &'a HeaderName>,
    ) {
        let headers: Vec<_> = headers.map(|header| format!("`{header}`")).collect();
        if !headers.is_empty() {
            self.warnings.push(format!(
                "`addons.{name}.fields` reads {}: Twilio's signature covers no header, so whoever \
                 repeats a request can change it",
                headers.join(" and ")
            ));
        }
    }

    pub(super) fn accepts(&mut self, table: Table<'_>, raw: &RawAddOn) -> Vec<AddressKind> {
        let Some(list) = &raw.accepts else {
            return vec![AddressKind::E164];
        };
        if list.get_ref().is_empty() {
            let at = table.at("accepts", list);
            let help = "name one, as in [\"e164\"], or remove the key to accept that alone";
            self.fail(&at, "expected at least one kind of address", help);
        }
        let help = "name the kinds of addresses that the provider has results for";
        list.get_ref()
            .iter()
            .filter_map(|kind| self.parsed(&table.at("accepts", kind), kind.get_ref(), help))
            .collect()
    }

    pub(super) fn default_region(
        &mut self,
        table: Table<'_>,
        raw: &RawAddOn,
    ) -> Option<DefaultRegion> {
        let region = raw.default_region.as_ref()?;
        let help = "name the country in which numbers without `+` are read, or remove the key";
        self.parsed(&table.at("default_region", region), region.get_ref(), help)
    }

    pub(super) fn require(&mut self, table: Table<'_>, raw: &RawRequire) -> Requirements {
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
            self.require_basic(table, basic, &mut require);
        }
        require
    }

    fn require_basic(&mut self, table: Table<'_>, raw: &RawBasic, require: &mut Requirements) {
        let (username, password) = self.basic(table, "require.basic", raw);
        require.basic = password.map(|password| (username, password));
    }

    /// A user's name and password under a key.
    pub(super) fn basic(
        &mut self,
        table: Table<'_>,
        key: &str,
        raw: &RawBasic,
    ) -> (String, Option<SecretString>) {
        let username = raw.username.get_ref();
        if username.contains(':') {
            let at = table.at(&format!("{key}.username"), &raw.username);
            let help = "write the part before the `:`; the password has a key of its own";
            self.fail(&at, "a user name cannot hold a `:`", help);
        }
        let at = table.at(&format!("{key}.password"), &raw.password);
        (username.clone(), self.secret(&at, raw.password.get_ref()))
    }
}

/// `body` and `other` are the fields of these names, `*` is every further parameter, and
/// any other entry names one.
pub(super) fn field_grants(raw: &RawGrants) -> FieldGrants {
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
