use super::*;

/// A job accepted as it should be, by three threads.
const GOOD: &str = r#"7021  write(7</spool/a.tmp>, "RIFF \") = 3", 12) = 12
7021  write(7</spool/a.tmp>, "more", 4 <unfinished ...>
7022  --- SIGCHLD {si_signo=SIGCHLD, si_code=CLD_EXITED, si_pid=7026, si_uid=0} ---
7021  <... write resumed>)           = 4
7021  fsync(7</spool/a.tmp> <unfinished ...>
7022  write(2</dev/null<char 1:3>>, "a line\n", 7) = 7
7021  <... fsync resumed>)           = 0
7021  renameat(6</spool>, "a.tmp", 6</spool>, "a.audio") = 0
7021  fsync(6</spool>)               = 0
7023  pwrite64(8</jobs.db-wal>, "\0\0a.audio\0"..., 4096, 5) = 4096
7023  fdatasync(8</jobs.db-wal> <unfinished ...>
7022  futex(0x7f <unfinished ...>
7023  <... fdatasync resumed>)       = 0
7022  sendto(4<TCP:[127.0.0.1:33809->127.0.0.1:44880]>, "HTTP/1.1 202 Accepted\r\n\r\n", 25, 0, NULL, 0) = 25
7022  fsync(99)                      = -1 EBADF (Bad file descriptor)
7022  exit_group(0)                  = ?
7021  +++ exited with 0 +++
7022  +++ killed by SIGKILL +++
"#;

/// The good trace with its lines in another order, and some left out.
fn checked(lines: &[usize]) -> Result<usize, Broken> {
    let good: Vec<&str> = GOOD.lines().collect();
    let text: Vec<&str> = lines.iter().map(|line| good[*line]).collect();
    let promises = Promises {
        directory: Path::new("/spool"),
        ending: ".audio",
        log: "-wal",
        said: "HTTP/1.1 202",
    };
    promises.check(&Trace::parse(&text.join("\n")))
}

/// The good trace less one line.
fn without(line: usize) -> Result<usize, Broken> {
    let rest: Vec<usize> = (0..15).filter(|number| *number != line).collect();
    checked(&rest)
}

fn never(why: &'static str) -> Result<usize, Broken> {
    Err(Broken::Never("/spool/a.audio".into(), why))
}

#[test]
fn calls_are_read_with_both_their_ends() {
    let trace = Trace::parse(GOOD);
    let shown = trace.calls().iter().map(|call| {
        let Call {
            name,
            began,
            returned,
            ..
        } = call;
        format!("{name} {began} {returned:?}")
    });
    assert_eq!(
        shown.collect::<Vec<_>>(),
        [
            "write 0 Some((0, 12))",
            "write 1 Some((3, 4))",
            "fsync 4 Some((6, 0))",
            "write 5 Some((5, 7))",
            "renameat 7 Some((7, 0))",
            "fsync 8 Some((8, 0))",
            "pwrite64 9 Some((9, 4096))",
            "fdatasync 10 Some((12, 0))",
            "futex 11 None",
            "sendto 13 Some((13, 25))",
            "fsync 14 Some((14, -1))",
        ]
    );
    assert_eq!(trace.calls()[10].done(), None);
    assert!(trace.has_ended());
    assert!(!Trace::parse(GOOD.lines().next().unwrap()).has_ended());
}

#[test]
fn a_calls_subject_is_a_file_a_device_or_a_connection() {
    let trace = Trace::parse(GOOD);
    let subject = |place: usize| trace.calls()[place].subject();
    assert_eq!(subject(0), Some("/spool/a.tmp"));
    assert_eq!(subject(3), Some("/dev/null"));
    assert_eq!(subject(9), Some("TCP:[127.0.0.1:33809->127.0.0.1:44880]"));
    assert_eq!(subject(10), None);
    assert!(trace.calls()[9].writes("HTTP/1.1 202"));
    assert!(!trace.calls()[10].writes("99"));
}

#[test]
fn names_are_told_with_their_directories() {
    for (line, from, to) in [
        (
            r#"renameat(6</a>, "b", 7</c d>, "e") = 0"#,
            "/a/b",
            "/c d/e",
        ),
        (
            r#"renameat2(6</a>, "b", 6</a>, "e", RENAME_NOREPLACE) = 0"#,
            "/a/b",
            "/a/e",
        ),
        (r#"rename("/a/b", "/a/e") = 0"#, "/a/b", "/a/e"),
        (
            r#"renameat(AT_FDCWD</x>, "/a/b", AT_FDCWD</x>, "c") = 0"#,
            "/a/b",
            "/x/c",
        ),
        (
            r#"linkat(5</a/#12 (deleted)>, "", 6</a>, "e", AT_EMPTY_PATH) = 0"#,
            "/a/#12 (deleted)/",
            "/a/e",
        ),
    ] {
        let trace = Trace::parse(&format!("1 {line}"));
        assert_eq!(
            trace.calls()[0].renames(),
            Some((from.into(), to.into())),
            "{line}"
        );
    }
    assert_eq!(
        Trace::parse("1 fsync(6</a>) = 0").calls()[0].renames(),
        None
    );
}

#[test]
fn a_promise_that_was_kept_first_is_none_that_is_broken() {
    assert_eq!(checked(&(0..15).collect::<Vec<_>>()), Ok(1));
    // The directory may also be synced after the row was written.
    assert_eq!(checked(&[0, 4, 6, 7, 9, 10, 12, 8, 13]), Ok(1));
    // Nothing was said.
    assert_eq!(without(13), Ok(0));
}

#[test]
fn whatever_is_missing_or_late_breaks_it() {
    let early = |line, kept| {
        Err(Broken::Early {
            sentence: 1,
            line,
            kept,
        })
    };
    // A write after the sync.
    let unsynced = never("it is not synced between its last write and its renaming");
    assert_eq!(checked(&[4, 6, 0, 7, 8, 9, 10, 12, 13]), unsynced);
    assert_eq!(checked(&[0, 7, 8, 9, 10, 12, 13]), unsynced);
    // A sync that had not returned when the file was renamed.
    assert_eq!(checked(&[0, 4, 7, 6, 8, 9, 10, 12, 13]), unsynced);
    assert_eq!(
        without(8),
        never("its directory is not synced after its renaming")
    );
    assert_eq!(without(9), never("no row names it"));
    assert_eq!(
        checked(&[0, 4, 6, 7, 8, 9, 13]),
        never("the row that names it is not synced")
    );
    // Said before the log's sync has returned, or the directory's.
    assert_eq!(checked(&[0, 4, 6, 7, 8, 9, 10, 13, 12]), early(7, 0));
    assert_eq!(checked(&[0, 4, 6, 7, 9, 10, 12, 13, 8]), early(7, 0));
    // Said without a file.
    assert_eq!(checked(&[13]), early(0, 0));
    // Said once more than there are files.
    let twice = checked(&[0, 4, 6, 7, 8, 9, 10, 12, 13, 13]);
    assert_eq!(
        twice,
        Err(Broken::Early {
            sentence: 2,
            line: 9,
            kept: 1
        })
    );
}

#[test]
#[should_panic(expected = "no line of strace's")]
fn what_is_no_trace_is_not_read_as_one() {
    drop(Trace::parse("strace: Can't stat 'jackfield'"));
}
