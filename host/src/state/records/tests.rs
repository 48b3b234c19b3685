use std::os::unix::fs::PermissionsExt;

use tempfile::TempDir;

use super::*;

fn place() -> TempDir {
    tempfile::tempdir().unwrap()
}

fn name(text: &str) -> AddOnName {
    text.parse().unwrap()
}

fn served(number: usize, proven: bool) -> Served {
    Served {
        sha256: format!("{number:064x}"),
        imports: BTreeSet::from(["wasi:random/random@0.2.0".to_owned()]),
        since: Timestamp::from_second(i64::try_from(number).unwrap()).unwrap(),
        proven,
    }
}

fn hold(second: i64) -> Hold {
    Hold {
        kind: HoldKind::Failed,
        why: "it traps".to_owned(),
        since: Timestamp::from_second(second).unwrap(),
    }
}

fn pause() -> Pause {
    Pause {
        reason: "the vendor is down".to_owned(),
        answer: Some("{}".to_owned()),
        since: Timestamp::UNIX_EPOCH,
        by: Who::Operator { uid: 7, pid: None },
    }
}

fn frozen(reason: &str) -> Frozen {
    Frozen {
        reason: reason.to_owned(),
        since: Timestamp::UNIX_EPOCH,
        by: Who::Signal,
    }
}

#[test]
fn everything_survives_a_reopening() {
    let place = place();
    let state = place.path().join("state");
    let records = Records::open(&state).unwrap();
    let changed = records.change(&name("a"), |record| {
        record.serve(served(1, true));
        record.serve(served(2, false));
        record.hold("f00", hold(3));
        record.approved = Some("b00".to_owned());
        record.pause = Some(pause());
    });
    changed.unwrap();
    records
        .change(&name("b"), |record| record.serve(served(3, true)))
        .unwrap();
    records.freeze(Some(frozen("incident"))).unwrap();
    let reopened = Records::open(&state).unwrap();
    for add_on in ["a", "b", "c"] {
        assert_eq!(reopened.of(&name(add_on)), records.of(&name(add_on)));
    }
    assert_eq!(reopened.frozen(), Some(frozen("incident")));
    let wanted = [1, 2, 3].map(|number| served(number, true).sha256);
    assert_eq!(reopened.wanted(), BTreeSet::from(wanted));
    reopened.freeze(None).unwrap();
    reopened.freeze(None).unwrap();
    assert_eq!(Records::open(&state).unwrap().frozen(), None);
}

#[test]
fn a_torn_record_is_put_aside_and_the_others_are_read() {
    let place = place();
    let state = place.path().join("state");
    let records = Records::open(&state).unwrap();
    for add_on in ["a", "b"] {
        records
            .change(&name(add_on), |record| record.pause = Some(pause()))
            .unwrap();
    }
    records.freeze(Some(frozen("incident"))).unwrap();
    let at = |file: &str| state.join("records").join(file);
    for file in ["addon-a.json", "frozen.json"] {
        let whole = std::fs::read(at(file)).unwrap();
        std::fs::write(at(file), &whole[..whole.len() / 2]).unwrap();
    }
    std::fs::write(at("unknown"), "left alone").unwrap();
    let reopened = Records::open(&state).unwrap();
    assert_eq!(reopened.of(&name("a")), Record::default());
    assert_eq!(reopened.of(&name("b")).pause, Some(pause()));
    assert_eq!(reopened.frozen(), None);
    for file in ["addon-a.json", "frozen.json"] {
        assert!(!at(file).exists() && at(&format!("{file}.bad")).exists());
    }
    // What is put aside is in nobody's way.
    reopened
        .change(&name("a"), |record| record.pause = Some(pause()))
        .unwrap();
    assert_eq!(
        Records::open(&state).unwrap().of(&name("a")).pause,
        Some(pause())
    );
    assert_eq!(
        std::fs::read_to_string(at("unknown")).unwrap(),
        "left alone"
    );
}

#[test]
fn versions_and_holds_are_bounded_and_the_oldest_go_first() {
    let mut record = Record::default();
    for number in 0..MOST_VERSIONS + 3 {
        record.serve(served(number, true));
    }
    let kept: Vec<Served> = (3..MOST_VERSIONS + 3)
        .map(|number| served(number, true))
        .collect();
    assert_eq!(record.versions, kept);
    // One that serves again moves to the end, and none goes for it.
    record.serve(served(4, true));
    assert_eq!(record.versions.len(), MOST_VERSIONS);
    assert_eq!(record.versions.last(), Some(&served(4, true)));

    for number in (0..MOST_HOLDS + 2).rev() {
        record.hold(&format!("{number}"), hold(i64::try_from(number).unwrap()));
    }
    assert_eq!(record.holds.len(), MOST_HOLDS);
    assert!(record.holds.contains_key("0") && record.holds.contains_key("101"));
}

#[test]
fn a_hold_that_is_there_already_takes_no_other_ones_place() {
    let mut record = Record::default();
    for number in 0..MOST_HOLDS {
        record.hold(&format!("{number}"), hold(i64::try_from(number).unwrap()));
    }
    record.hold("99", hold(1_000));
    assert_eq!(record.holds.len(), MOST_HOLDS);
    assert!(record.holds.contains_key("0"));
    assert_eq!(record.holds["99"], hold(1_000));
}

#[test]
fn the_way_back_leads_to_the_last_sound_version_before_and_first_to_a_proven_one() {
    let sha256 = |number| served(number, true).sha256;
    let record = |versions: &[(usize, bool)], held: &[usize]| {
        let mut record = Record::default();
        for (number, proven) in versions {
            record.serve(served(*number, *proven));
        }
        for number in held {
            record.hold(&sha256(*number), hold(0));
        }
        record
    };
    for (versions, held, from, before) in [
        (&[][..], &[][..], 1, None),
        (&[(1, true)], &[], 1, None),
        (&[(1, true), (2, true)], &[], 2, Some(1)),
        (&[(1, true), (2, true)], &[], 1, Some(2)),
        (&[(1, true), (2, true)], &[], 9, Some(2)),
        (&[(1, true), (2, true), (3, true)], &[2], 3, Some(1)),
        (&[(1, true), (2, false), (3, true)], &[], 3, Some(1)),
        (&[(1, false), (2, false), (3, true)], &[], 3, Some(2)),
        (&[(1, false), (2, true)], &[1], 2, None),
    ] {
        let found = record(versions, held);
        let found = found.before(&sha256(from)).map(|it| it.sha256.clone());
        assert_eq!(found, before.map(sha256), "{versions:?} {held:?} {from}");
    }
}

#[test]
fn after_a_way_back_the_version_that_was_gone_back_to_serves_at_the_next_start() {
    let mut record = Record::default();
    let (older, newer) = (served(1, true), served(2, true));
    record.serve(older.clone());
    record.serve(newer.clone());
    record.hold(&newer.sha256, hold(0));
    record.serve(older.clone());
    assert_eq!(record.before(&newer.sha256), Some(&older));
    assert_eq!(record.before("never served"), Some(&older));
    assert_eq!(record.before(&older.sha256), None);
    record.serve(served(3, false));
    assert_eq!(record.before("never served"), Some(&older));
    record.hold(&older.sha256, hold(0));
    assert_eq!(record.before("never served"), Some(&served(3, false)));
}

#[test]
fn what_cannot_be_written_down_holds_all_the_same_and_is_told() {
    let place = place();
    let state = place.path().join("state");
    let records = Records::open(&state).unwrap();
    std::fs::create_dir(state.join("records/addon-a.json")).unwrap();
    std::fs::create_dir(state.join("records/frozen.json")).unwrap();
    let told = records.change(&name("a"), |record| record.pause = Some(pause()));
    assert!(told.is_err());
    assert_eq!(records.of(&name("a")).pause, Some(pause()));
    assert!(records.freeze(Some(frozen("incident"))).is_err());
    assert_eq!(records.frozen(), Some(frozen("incident")));
}

#[test]
fn what_is_written_last_is_what_was_changed_last() {
    let place = place();
    let state = place.path().join("state");
    let records = Records::open(&state).unwrap();
    std::thread::scope(|scope| {
        for number in 0..4_usize {
            let records = &records;
            scope.spawn(move || {
                for turn in 0..25_usize {
                    let changed = records.change(&name("a"), |record| {
                        record.approved = Some(format!("{number} {turn}"));
                    });
                    changed.unwrap();
                }
            });
        }
    });
    assert_eq!(
        Records::open(&state).unwrap().of(&name("a")),
        records.of(&name("a"))
    );
}

#[test]
fn nobody_else_can_read_a_record_and_no_change_writes_none() {
    let place = place();
    let state = place.path().join("state");
    let records = Records::open(&state).unwrap();
    records.change(&name("a"), |_| ()).unwrap();
    assert_eq!(std::fs::read_dir(state.join("records")).unwrap().count(), 0);
    records
        .change(&name("a"), |record| record.pause = Some(pause()))
        .unwrap();
    let metadata = std::fs::metadata(state.join("records/addon-a.json")).unwrap();
    assert_eq!(metadata.permissions().mode() & 0o777, 0o600);
}

#[test]
fn without_a_directory_everything_holds_until_the_end() {
    let records = Records::unkept();
    records
        .change(&name("a"), |record| record.pause = Some(pause()))
        .unwrap();
    records.freeze(Some(frozen("incident"))).unwrap();
    assert_eq!(records.of(&name("a")).pause, Some(pause()));
    assert_eq!(records.frozen(), Some(frozen("incident")));
    records.freeze(None).unwrap();
    assert_eq!(records.frozen(), None);
}
