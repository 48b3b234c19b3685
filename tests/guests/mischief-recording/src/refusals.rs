//! Refusals of each kind, and one that comes late.

use jackfield_sdk::Refusal;
use jackfield_sdk::contract::analysis::jackfield::addon::recording_media::Report;

/// The refusal of that name, if it is one.
pub(crate) fn refusal(act: &str, report: &Report) -> Option<Refusal> {
    let refusal = match act {
        "refuse-caller-error" => Refusal::caller_error("audio_unsupported", "it is no audio"),
        "refuse-no-result" => Refusal::no_result("nobody_speaks", "nobody speaks in it"),
        "refuse-retry" => Refusal::retry("busy", "try again later"),
        "refuse-late" => {
            report.write(b"{\"half\":");
            Refusal::no_result("changed_its_mind", "there is no result after all")
        }
        "long-refusal" => Refusal::no_result("no_result", "é".repeat(512 * 1024)),
        _ => return None,
    };
    Some(refusal)
}
