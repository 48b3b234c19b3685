//! Answers `{}`, and is served only where there is a setting called `region`.

use jackfield_sdk::{Answer, CheckSettings, Lookup, Refusal, Request, check_settings, provider};

struct Guest;

impl Lookup for Guest {
    fn lookup(_: Request) -> Result<Answer, Refusal> {
        Ok(Answer::from_json("{}"))
    }
}

impl CheckSettings for Guest {
    fn check_settings(settings: &[(String, String)]) -> Result<(), Vec<String>> {
        match settings.iter().any(|(name, _)| name == "region") {
            true => Ok(()),
            false => Err(vec!["`region`: the setting is missing".to_owned()]),
        }
    }
}

provider!(Guest);
check_settings!(Guest);
