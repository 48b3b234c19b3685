//! Attacks by way of WASI. The granted field `act` names the one to run, so that one
//! component is all of them.

mod calls;
mod lines;
mod waits;

use jackfield_sdk::{Answer, Lookup, Refusal, Request};
use wasip2::cli::exit;

struct Meddler;

impl Lookup for Meddler {
    fn lookup(request: Request) -> Result<Answer, Refusal> {
        let act = request.fields.iter().find(|(name, _)| name == "act");
        match act.map_or("", |(_, act)| act) {
            "leave" => exit::exit(Ok(())),
            "leave-in-anger" => exit::exit(Err(())),
            "nothing" => {}
            "sleep" => waits::sleep(),
            "doze" => waits::doze(),
            "poll-at-once" => waits::poll_at_once(),
            "ask-the-time" => calls::ask_the_time(),
            "ask-for-chance" => calls::ask_for_chance(),
            "too-much-chance" => calls::too_much_chance(),
            "too-much-insecure-chance" => calls::too_much_insecure_chance(),
            "hoard-clocks" => calls::hoard_clocks(),
            "hoard-streams" => calls::hoard_streams(),
            "poll-one-often" => calls::poll_one_often(),
            "lend-one-often" => calls::lend_one_often(),
            "read-nothing" => calls::read_nothing(),
            "zeroes" => calls::zeroes(),
            "flood-of-zeroes" => calls::flood_of_zeroes(),
            "flood-of-output" => lines::flood_of_output(),
            "flood-of-lines" => lines::flood_of_lines(),
            "endless-line" => lines::endless_line(),
            "few-lines" => lines::few_lines(),
            "forged-lines" => lines::forged_lines(&request),
            "no-utf8-lines" => lines::no_utf8(),
            "tell-all" => lines::tell_all(&request),
            "panic-aloud" => lines::panic_aloud(&request),
            other => panic!("there is no act `{other}`"),
        }
        Ok(Answer::from_json("{}".to_owned()))
    }
}

jackfield_sdk::provider!(Meddler);
