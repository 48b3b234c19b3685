//! Guests that no compiler would make: of what they do with what they were lent, and with
//! the memory that the host writes to.

use std::time::Duration;

use jackfield_tests::analyst::Analyst;
use jackfield_tests::{Realloc, wat_recording_guest};

async fn ended(name: &str, realloc: Realloc) -> (&'static str, bool) {
    let analyst = Analyst::of(&wat_recording_guest(name, realloc)).await;
    let analyst = analyst.limited(|limits| limits.cpu = Duration::from_millis(200));
    let analyzed = analyst.act("").await;
    println!("{name:26} {:?}", analyzed.ended);
    (analyzed.word(), analyzed.is_ended)
}

#[tokio::test]
async fn a_guest_of_nobodys_making_reports_as_any_other() {
    assert_eq!(ended("calm", Realloc::Sound).await, ("good", true));
}

#[tokio::test]
async fn what_a_guest_was_lent_is_lent_and_no_more() {
    for name in [
        "gives-back-twice",
        "keeps-its-handles",
        "reads-the-report",
        "reads-what-it-gave-back",
    ] {
        assert_eq!(ended(name, Realloc::Sound).await, ("trap", false), "{name}");
    }
}

#[tokio::test]
async fn a_guest_reaches_nothing_beyond_its_memory() {
    for name in [
        "result-outside",
        "writes-beyond-its-memory",
        "writes-four-gibibytes",
    ] {
        assert_eq!(ended(name, Realloc::Sound).await, ("trap", false), "{name}");
    }
    assert_eq!(ended("calm", Realloc::OutsideLater).await, ("trap", false));
}

#[tokio::test]
async fn room_that_is_never_made_costs_the_guest_its_own_time() {
    assert_eq!(ended("calm", Realloc::LoopsLater).await, ("cpu", false));
}
