//! The versions of an add-on's listing at Twilio that an operator tells apart: `versions`.

use crate::config::checked::Checking;
use crate::config::raw::RawAddOn;
use crate::config::values::Table;
use crate::protocol::sid::AddOnVersionSid;

/// The most versions of one add-on that are told apart.
const MOST: usize = 32;
/// The longest name, in bytes.
const LONGEST_NAME: usize = 64;

impl Checking<'_> {
    pub(super) fn listing_versions(
        &mut self,
        table: Table<'_>,
        raw: &RawAddOn,
    ) -> Vec<(AddOnVersionSid, String)> {
        let mut versions: Vec<(AddOnVersionSid, String)> = Vec::new();
        for (sid, name) in &raw.versions {
            let at = table.at(&format!("versions.{}", sid.get_ref()), sid);
            let help = "copy the version's SID from Twilio, as in \
                        versions = { XC00000000000000000000000000000001 = \"old\" }";
            let known = self.parsed::<AddOnVersionSid>(&at, sid.get_ref(), help);
            let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
            let text = name.get_ref();
            if !(1..=LONGEST_NAME).contains(&text.len()) || !text.bytes().all(plain) {
                let problem = format!("expected a name of at most {LONGEST_NAME} characters");
                let help = "use letters, digits, `-`, `_` and `.`, as in \"old\" or \"1.4\"";
                self.fail(&at, problem, help);
            }
            versions.extend(known.map(|sid| (sid, text.clone())));
        }
        if let Some((sid, _)) = raw.versions.iter().nth(MOST) {
            let at = table.at("versions", sid);
            let (count, help) = (versions.len(), "leave out those that nobody uses any more");
            self.fail(
                &at,
                format!("there are {count} versions, and there may be {MOST}"),
                help,
            );
        }
        versions
    }
}
