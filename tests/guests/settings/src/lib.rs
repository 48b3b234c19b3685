//! Answers with its settings, and writes them to its output. Its check accepts them all,
//! unless a setting called `act` says how it should misbehave.

use jackfield_sdk::{
    Answer, CheckSettings, Lookup, Refusal, Request, check_settings, provider, setting, settings,
};
use serde::Serialize;
use wasip2::cli::stdout;

struct Guest;

#[derive(Serialize)]
struct View {
    region: Option<String>,
    settings: Vec<(String, String)>,
}

impl Lookup for Guest {
    fn lookup(_: Request) -> Result<Answer, Refusal> {
        let mut settings = settings();
        settings.sort();
        tell("served", &settings);
        let region = setting("region");
        Ok(Answer::json(View { region, settings })?)
    }
}

impl CheckSettings for Guest {
    fn check_settings(settings: &[(String, String)]) -> Result<(), Vec<String>> {
        tell("checked", settings);
        let given = settings.iter().find(|(name, _)| name == "act");
        match given.map_or("", |(_, act)| act) {
            "" => Ok(()),
            "refuse" => Err(vec![
                "`region`: expected `us` or `eu`".to_owned(),
                "`rate`: expected a number of at most 65536".to_owned(),
            ]),
            "repeat" => Err(told(settings)),
            "flood" => Err(vec!["\n\u{1b}[31mERROR forged ".repeat(20); 150]),
            "overflow" => Err(vec!["x".repeat(1_000_000)]),
            "mute" => Err(Vec::new()),
            "panic" => panic!("on purpose"),
            "spin" => loop {
                std::hint::spin_loop();
            },
            other => Err(vec![format!("`act`: there is no `{other}`")]),
        }
    }
}

provider!(Guest);
check_settings!(Guest);

fn told(settings: &[(String, String)]) -> Vec<String> {
    let told = settings
        .iter()
        .map(|(name, value)| format!("{name} is {value}"));
    told.collect()
}

fn tell(when: &str, settings: &[(String, String)]) {
    let lines = format!("{when}: {}\n", told(settings).join(", "));
    // A stream that is closed has no reader to miss it.
    let _ = stdout::get_stdout().blocking_write_and_flush(lines.as_bytes());
}
