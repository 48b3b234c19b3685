//! Attacks that need no import. The granted field `act` names the one to run, so that
//! one small component is all of them.

mod answers;
mod refusals;
mod work;

use jackfield_sdk::{Answer, Lookup, Refusal, Request};

struct Mischief;

impl Lookup for Mischief {
    fn lookup(request: Request) -> Result<Answer, Refusal> {
        let act = act(&request).to_owned();
        if let Some(answer) = answers::answer(&act) {
            return Ok(answer);
        }
        if let Some(refusal) = refusals::refusal(&act) {
            return Err(refusal);
        }
        work::work(&act, &request);
        Ok(Answer::from_json("{}".to_owned()))
    }
}

jackfield_sdk::provider!(Mischief);

fn act(request: &Request) -> &str {
    let act = request.fields.iter().find(|(name, _)| name == "act");
    act.map_or("", |(_, act)| act)
}
