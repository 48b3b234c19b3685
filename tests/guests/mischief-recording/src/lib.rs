//! Attacks by a provider for recordings, and a few things that only look like one. The
//! granted field `act` names the one to do. The contract is spoken without the SDK's
//! streams, which would not say such things.

mod refusals;
mod reports;
mod work;

use jackfield_sdk::contract::analysis::export;
use jackfield_sdk::contract::analysis::exports::jackfield::addon::analysis::Guest;
use jackfield_sdk::contract::analysis::jackfield::addon::recording_media::{Audio, Report};
use jackfield_sdk::{CheckSettings, Recording, Refusal, check_settings};

struct Mischief;

type Facts = Vec<(String, String)>;

impl Guest for Mischief {
    fn analyze(recording: Recording, audio: &Audio, report: &Report) -> Result<Facts, Refusal> {
        let act = recording.fields.iter().find(|(name, _)| name == "act");
        let act = act.map_or("", |(_, act)| act);
        if let Some(facts) = reports::report(act, report) {
            return Ok(facts);
        }
        if let Some(refusal) = refusals::refusal(act, report) {
            return Err(refusal);
        }
        work::work(act, audio, report);
        report.write(b"{}");
        Ok(Facts::new())
    }
}

export!(Mischief with_types_in jackfield_sdk::contract::analysis);

/// It accepts all settings but one called `refuse`.
impl CheckSettings for Mischief {
    fn check_settings(settings: &[(String, String)]) -> Result<(), Vec<String>> {
        match settings.iter().any(|(name, _)| name == "refuse") {
            true => Err(vec!["`refuse`: expected no such setting".to_owned()]),
            false => Ok(()),
        }
    }
}

check_settings!(Mischief);
