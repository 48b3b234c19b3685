//! How an add-on reads requests: `methods`, `fields`, `accepts`, `default_region`, `require`, `grants`.

use crate::config::checked::{AddOnName, Checking};
use crate::config::raw::{RawAddOn, RawBasic, RawFields, RawGrants, RawRequire};
use crate::config::values::Table;
use crate::protocol::address::{AddressKind, DefaultRegion};
use crate::protocol::credentials::Requirements;
use crate::protocol::fields::{FieldGrants, FieldMap};
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
            extra: raw
                .extra
                .iter()
                .map(|(name, raw)| {
                    let key = format!("fields.extra.{}", name.get_ref());
                    (name.get_ref().clone(), self.sources(table, &key, raw))
                })
                .collect(),
        }
    }

    pub(super) fn shapes(&mut self, table: Table<'_>, raw: &RawAddOn) -> Vec<Shape> {
        let Some(list) = &raw.methods else {
            return Shape::ALL.to_vec();
        };
        if list.get_ref().is_empty() {
            let at = table.at("methods", list);
            let help = "name the one that is registered, as in [\"get\"], or remove the key";
            self.fail(&at, "expected at least one method", help);
        }
        let help = "name how Twilio was told to send this add-on's parameters";
        list.get_ref()
            .iter()
            .filter_map(|name| self.parsed(&table.at("methods", name), name.get_ref(), help))
            .collect()
    }

    pub(super) fn warn_of_headers(&mut self, name: &AddOnName, fields: &FieldMap) {
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
        let username = raw.username.get_ref();
        if username.contains(':') {
            let at = table.at("require.basic.username", &raw.username);
            let help = "write the part before the `:`; the password has a key of its own";
            self.fail(&at, "a user name cannot hold a `:`", help);
        }
        let at = table.at("require.basic.password", &raw.password);
        let password = self.secret(&at, raw.password.get_ref());
        require.basic = password.map(|password| (username.clone(), password));
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
