//! What a provider is asked before it serves, and must answer: `smoke`.

use crate::config::checked::{Checking, Paths, Smoke};
use crate::config::raw::{At, RawAddOn, RawSmoke};
use crate::config::values::Table;
use crate::expectation::Expectation;
use crate::protocol::address::Address;
use crate::protocol::invocation::{Invocation, LONGEST_BODY, Said, Terms};
use crate::protocol::point::IntegrationPoint;
use crate::sandbox::Refusal;

impl Checking<'_> {
    /// The smoke request, read on the add-on's own terms.
    pub(super) fn smoke(
        &mut self,
        table: Table<'_>,
        raw: &RawAddOn,
        terms: &Terms,
        paths: &Paths,
    ) -> Option<Smoke> {
        let raw = raw.smoke.as_ref()?.get_ref();
        let point = self.smoke_point(table, raw, paths);
        let expectation = self.smoke_expectation(table, raw);
        let phone = self.smoke_address(table, "smoke.phone", &raw.phone, terms);
        if let Some(phone) = phone {
            self.accepted(table, raw, &phone, terms);
        }
        self.smoke_other(table, raw, terms);
        self.smoke_body(table, raw, terms);
        let said = Said {
            phone: raw.phone.get_ref(),
            other: raw.other.as_ref().map(|other| other.get_ref().as_str()),
            body: raw.body.as_ref().map(|body| body.get_ref().as_str()),
        };
        // What is wrong with it was told above, with its place.
        let invocation = Invocation::new(point?, said, terms.sids(), terms).ok()?;
        Some(Smoke {
            invocation,
            expectation: expectation?,
        })
    }

    fn smoke_point(
        &mut self,
        table: Table<'_>,
        raw: &RawSmoke,
        paths: &Paths,
    ) -> Option<IntegrationPoint> {
        let served = paths.points();
        let Some(via) = &raw.via else {
            return served.first().copied();
        };
        let at = table.at("smoke.via", via);
        let help = "name one of the integration points that the add-on serves";
        let point: IntegrationPoint = self.parsed(&at, via.get_ref(), help)?;
        if served.contains(&point) {
            return Some(point);
        }
        self.fail(&at, format!("the add-on does not serve `{point}`"), help);
        None
    }

    fn smoke_expectation(&mut self, table: Table<'_>, raw: &RawSmoke) -> Option<Expectation> {
        match (&raw.expect, &raw.refusal) {
            (None, None) => Some(Expectation::anything()),
            (Some(expect), None) => {
                let at = table.at("smoke.expect", expect);
                let object = self.json_object(&at, expect.get_ref())?;
                Some(Expectation::Object(object))
            }
            (None, Some(code)) => {
                if Refusal::is_code(code.get_ref()) {
                    return Some(Expectation::Refusal(code.get_ref().clone()));
                }
                let help = "write the code of the provider's refusal, as in \"number_unknown\": a \
                            lower-case letter, then up to 63 such letters, digits and underscores";
                self.fail(&table.at("smoke.refusal", code), "this is no code", help);
                None
            }
            (Some(_), Some(code)) => {
                let help = "remove `expect` where the provider must refuse, or else `refusal`";
                let problem = "a refusal brings no answer to compare with `expect`";
                self.fail(&table.at("smoke.refusal", code), problem, help);
                None
            }
        }
    }

    fn smoke_address(
        &mut self,
        table: Table<'_>,
        key: &str,
        raw: &At<String>,
        terms: &Terms,
    ) -> Option<Address> {
        Address::parse(raw.get_ref(), terms.default_region)
            .map_err(|error| {
                let help = "write a number in E.164 format, as in \"+15005550006\"";
                self.fail(&table.at(key, raw), error.to_string(), help);
            })
            .ok()
    }

    fn accepted(&mut self, table: Table<'_>, raw: &RawSmoke, phone: &Address, terms: &Terms) {
        let kind = phone.kind();
        if !terms.accept(kind) {
            let problem = format!(
                "this is an address of the kind `{kind}`, which the add-on does not accept"
            );
            let help = "write one of a kind that `accepts` names, a number with its `+` where \
                        there is no `default_region`";
            self.fail(&table.at("smoke.phone", &raw.phone), problem, help);
        }
    }

    fn smoke_other(&mut self, table: Table<'_>, raw: &RawSmoke, terms: &Terms) {
        let Some(other) = &raw.other else { return };
        self.smoke_address(table, "smoke.other", other, terms);
        if !terms.grants.other {
            self.not_granted(table, "other", other);
        }
    }

    fn smoke_body(&mut self, table: Table<'_>, raw: &RawSmoke, terms: &Terms) {
        let Some(body) = &raw.body else { return };
        let length = body.get_ref().len();
        if length > LONGEST_BODY {
            let problem = format!("the message has {length} bytes");
            let help = format!("shorten it to {LONGEST_BODY}");
            self.fail(&table.at("smoke.body", body), problem, &help);
        }
        if !terms.grants.body {
            self.not_granted(table, "body", body);
        }
    }

    fn not_granted(&mut self, table: Table<'_>, field: &str, value: &At<String>) {
        let at = table.at(&format!("smoke.{field}"), value);
        let problem = format!("the provider is not granted `{field}`, and would never see it");
        let help = format!("add grants = {{ fields = [\"{field}\"] }}, or remove the key");
        self.fail(&at, problem, &help);
    }
}
