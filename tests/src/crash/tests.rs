use std::time::Instant;

use http::{HeaderMap, Method, StatusCode};

use super::*;
use crate::receiver::Received;
use crate::twilio::body_hash;

/// A callback: to which path, with what, and what it was answered.
fn seen(path: &str, body: &str, answered: Option<u16>) -> Seen {
    let received = Received {
        length: body.len() as u64,
        whole: true,
        hash: body_hash(body.as_bytes()),
        kept: None,
    };
    Seen {
        method: Method::POST,
        target: path.parse().unwrap(),
        headers: HeaderMap::new(),
        arrived: Instant::now(),
        connection: 1,
        body: Some(received),
        answered: answered.map(|it| StatusCode::from_u16(it).unwrap()),
    }
}

fn answer(status: u16) -> Answer {
    Answer {
        status: StatusCode::from_u16(status).unwrap(),
        headers: HeaderMap::new(),
        body: bytes::Bytes::new(),
    }
}

/// A book of recordings by what they were answered; 0 stands for nothing.
fn book(answers: &[u16]) -> Book {
    let mut book = Book::default();
    for (number, status) in (0..).zip(answers) {
        book.send(number);
        if *status > 0 {
            book.note(number, &answer(*status));
        }
    }
    book
}

fn dead(numbers: &[u64]) -> BTreeSet<String> {
    numbers.iter().map(|number| request_sid(*number)).collect()
}

#[test]
fn what_was_delivered_or_is_kept_is_not_lost() {
    let book = book(&[202, 202, 202, 0, 503]);
    assert_eq!(
        (book.accepted(), book.unanswered()),
        (vec![0, 1, 2], vec![3])
    );
    let callbacks = [
        seen("/jobs/0", "a", Some(500)),
        seen("/jobs/0", "a", Some(200)),
        seen("/jobs/1", "b", Some(200)),
        seen("/jobs/1", "b", Some(204)),
        // Nobody heard of its acceptance, and that is as good.
        seen("/jobs/3", "d", Some(200)),
        seen("/audio/1", "", Some(200)),
    ];
    let dead = dead(&[2]);
    assert!(book.is_settled(&callbacks, &dead));
    let (row, wrongs) = book.balance(&callbacks, &dead);
    assert_eq!(wrongs, []);
    let expected = Row {
        faults: 0,
        posted: 5,
        accepted: 3,
        called_back: 3,
        delivered_twice: 1,
        dead: 1,
        lost: 0,
        differing: 0,
    };
    assert_eq!(row, expected);
}

#[test]
fn whatever_is_wrong_is_found() {
    let all = book(&[202, 202, 202, 503]);
    let callbacks = [
        seen("/jobs/0", "a", None),
        seen("/jobs/1", "b", None),
        seen("/jobs/1", "c", Some(200)),
        seen("/jobs/2", "d", Some(200)),
        seen("/jobs/3", "e", Some(200)),
        seen("/jobs/9", "f", Some(200)),
    ];
    let dead = dead(&[2]);
    assert!(!all.is_settled(&callbacks, &dead));
    let (row, wrongs) = all.balance(&callbacks, &dead);
    assert_eq!(
        wrongs,
        [
            Wrong::Lost(0),
            Wrong::Differs(1),
            Wrong::Both(2),
            Wrong::Refused(3),
            Wrong::Unknown("/jobs/9".to_owned()),
        ]
    );
    assert_eq!((row.lost, row.differing), (1, 1));
}

#[test]
fn a_delivery_that_broke_off_has_to_be_the_beginning_of_the_next() {
    let broken = |begun: &str| {
        let mut broken = seen("/jobs/0", begun, None);
        let body = broken.body.as_mut().unwrap();
        (body.whole, body.kept) = (false, Some(begun.to_owned().into()));
        let mut whole = seen("/jobs/0", "the result", Some(200));
        whole.body.as_mut().unwrap().kept = Some("the result".into());
        book(&[202]).balance(&[broken, whole], &dead(&[])).1
    };
    assert_eq!(broken(""), []);
    assert_eq!(broken("the re"), []);
    assert_eq!(broken("the other"), [Wrong::Differs(0)]);
}

#[test]
fn what_was_accepted_stays_so() {
    let mut book = book(&[202]);
    book.send(0);
    book.note(0, &answer(409));
    assert_eq!(book.accepted(), [0]);
}

#[test]
fn a_phase_is_told_by_its_signs() {
    let phase = |accepted, has_result, called_back| {
        Phase::of(Signs {
            accepted,
            has_result,
            called_back,
        })
    };
    assert_eq!(phase(false, false, false), Phase::Accepting);
    assert_eq!(phase(true, false, false), Phase::Running);
    assert_eq!(phase(true, true, false), Phase::Result);
    assert_eq!(phase(true, true, true), Phase::CallingBack);
}

#[test]
fn the_table_shows_every_fault_and_all_together() {
    let mut table = Table::default();
    let row = Row {
        faults: 1,
        posted: 12,
        accepted: 11,
        called_back: 11,
        ..Row::default()
    };
    table.add("killed while running", row);
    table.add("killed while running", row);
    table.add("disk full", Row { dead: 1, ..row });
    assert_eq!(table.row("killed while running").posted, 24);
    assert_eq!(
        table.to_string(),
        "\
| fault                | times | posted | accepted | called back | delivered twice | dead letters | lost | differing |
| killed while running |     2 |     24 |       22 |          22 |               0 |            0 |    0 |         0 |
| disk full            |     1 |     12 |       11 |          11 |               0 |            1 |    0 |         0 |
| together             |     3 |     36 |       33 |          33 |               0 |            1 |    0 |         0 |
"
    );
}
