//! Where an add-on is reached: `serves` and `path`.

use std::collections::BTreeMap;

use super::Around;
use crate::config::checked::{AddOnConfig, Checking, Paths, Spot};
use crate::config::raw::{RawAddOn, RawPath};
use crate::config::values::Table;
use crate::protocol::point::IntegrationPoint;
use crate::protocol::shape::Shape;

/// The longest path of an add-on's own, in bytes.
const LONGEST_PATH: usize = 1024;
const POINTS: &str = "choose among \"lookups\", \"incoming-sms\", \"incoming-voice-call\" and \
                      \"recordings\"";

impl Checking<'_> {
    pub(super) fn paths(
        &mut self,
        table: Table<'_>,
        raw: &RawAddOn,
        around: &mut Around<'_>,
    ) -> Option<Paths> {
        let serves = self.serves(table, raw)?;
        let Some(path) = &raw.path else {
            return Some(Paths::Shared(serves));
        };
        let at = table.at("path", path);
        let own = match path.get_ref() {
            RawPath::One(path) => vec![(self.only_point(&at, &serves)?, path.clone())],
            RawPath::Each(paths) => self.path_of_each(&at, paths, &serves, raw.serves.is_some())?,
        };
        for (point, path) in &own {
            self.own_path(&at, *point, path, around);
        }
        Some(Paths::Own(own))
    }

    fn serves(&mut self, table: Table<'_>, raw: &RawAddOn) -> Option<Vec<IntegrationPoint>> {
        let Some(list) = &raw.serves else {
            return Some(IntegrationPoint::SYNCHRONOUS.to_vec());
        };
        if list.get_ref().is_empty() {
            let at = table.at("serves", list);
            let help = "name one, as in [\"lookups\"], or remove the key to serve all of them";
            self.fail(&at, "expected at least one integration point", help);
            return None;
        }
        let mut points = Vec::new();
        for name in list.get_ref() {
            let at = table.at("serves", name);
            let point: IntegrationPoint = self.parsed(&at, name.get_ref(), POINTS)?;
            if !points.contains(&point) {
                points.push(point);
            }
        }
        Some(points)
    }

    fn only_point(&mut self, at: &Spot, serves: &[IntegrationPoint]) -> Option<IntegrationPoint> {
        if let [point] = serves {
            return Some(*point);
        }
        let help = "give each integration point its own, as in path = \
                    { lookups = \"/cnam/lookups\", incoming-sms = \"/cnam/sms\" }, or serve one";
        let problem = "one path cannot tell several integration points apart";
        self.fail(at, problem, help);
        None
    }

    fn path_of_each(
        &mut self,
        at: &Spot,
        paths: &BTreeMap<String, String>,
        serves: &[IntegrationPoint],
        explicit: bool,
    ) -> Option<Vec<(IntegrationPoint, String)>> {
        let mut own = Vec::new();
        for (name, path) in paths {
            let point: IntegrationPoint = self.parsed(at, name, POINTS)?;
            if !serves.contains(&point) {
                let help = "add it to `serves`, or remove its path";
                self.fail(at, format!("`{point}` is not in `serves`"), help);
            }
            own.push((point, path.clone()));
        }
        let has_none = |point: &&IntegrationPoint| !own.iter().any(|(has, _)| has == *point);
        if let (Some(point), true) = (serves.iter().find(has_none), explicit) {
            let problem = format!("`{point}` is in `serves` and has no path");
            let help = "give each integration point that is served a path";
            self.fail(at, problem, help);
        }
        if own.is_empty() {
            let help = "write a path, as in { lookups = \"/cnam\" }, or remove the key";
            self.fail(at, "expected at least one path", help);
        }
        Some(own)
    }

    /// The signed text has no mark where the URL ends and a form begins. So a form that
    /// was signed for a longer path could be sent to the one that begins it, with the
    /// rest of the path in front of its first name.
    pub(super) fn paths_that_begin_another(
        &mut self,
        add_ons: &[AddOnConfig],
        around: &Around<'_>,
    ) {
        let reached = all_paths(add_ons);
        for short in reached
            .iter()
            .filter(|to| to.add_on.terms.takes(Shape::Form))
        {
            let begun = reached.iter().find(|long| {
                long.path != short.path
                    && long.path.starts_with(short.path)
                    && long.add_on.terms.account == short.add_on.terms.account
            });
            let Some(long) = begun else { continue };
            let own = around
                .paths
                .get(short.path)
                .or_else(|| around.paths.get(long.path));
            let Some((_, at)) = own else { continue };
            let problem = format!(
                "`{}` begins `{}` of `addons.{}`: a form signed for that could be sent here",
                short.path, long.path, long.add_on.name
            );
            let help = "choose paths of which none begins another, or name the registered \
                        `methods` without \"form\"";
            self.fail(&at.clone(), problem, help);
        }
    }

    fn own_path(
        &mut self,
        at: &Spot,
        point: IntegrationPoint,
        path: &str,
        around: &mut Around<'_>,
    ) {
        if !is_path(path) {
            let help = "write the path of the registered URL, as in \"/api/v2/cnam\"";
            self.fail(at, format!("`{path}` is no path"), help);
            return;
        }
        let mut standard = IntegrationPoint::ALL.into_iter();
        if let Some(shared) = standard.find(|shared| shared.path() == path) {
            let problem = format!("`{path}` is where all add-ons for `{shared}` are reached");
            let help = "choose another path, or remove the key";
            self.fail(at, problem, help);
            return;
        }
        match around.paths.get(path) {
            Some((other, first)) if *other != point => {
                let problem = format!("`{path}` is used for `{other}` in {} already", first.line());
                let help = "choose another path: one path stands for one integration point";
                self.clash(at, problem, help, first);
            }
            Some(_) => {}
            None => {
                let own = (point, at.clone());
                around.paths.insert(path.to_owned(), own);
            }
        }
    }
}

/// One path of one add-on.
struct Reached<'a> {
    add_on: &'a AddOnConfig,
    path: &'a str,
}

fn all_paths(add_ons: &[AddOnConfig]) -> Vec<Reached<'_>> {
    add_ons
        .iter()
        .flat_map(|add_on| {
            let points = add_on.paths.points();
            points
                .into_iter()
                .filter_map(move |point| add_on.paths.of(point))
                .map(move |path| Reached { add_on, path })
        })
        .collect()
}

fn is_path(text: &str) -> bool {
    let visible = |byte: u8| byte.is_ascii_graphic() && !b"?#\"<>\\^`{|}".contains(&byte);
    text.starts_with('/') && text.len() <= LONGEST_PATH && text.bytes().all(visible)
}
