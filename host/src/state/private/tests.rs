use std::fs;
use std::io::Read;
use std::os::unix::fs::{PermissionsExt, symlink};

use super::*;

fn refused(state: &Path) -> String {
    let refused = PrivateDir::open(state, "inner").err().unwrap();
    let shown = state.parent().unwrap().display().to_string();
    refused.to_string().replace(&shown, "")
}

fn chmod(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn directories_are_made_closed_to_others() {
    let place = tempfile::tempdir().unwrap();
    let state = place.path().join("a/state");
    PrivateDir::open(&state, "inner").unwrap();
    for path in [state.clone(), state.join("inner")] {
        let mode = fs::metadata(path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700);
    }
}

#[test]
fn a_directory_that_others_may_have_changed_is_not_used() {
    let place = tempfile::tempdir().unwrap();
    let state = place.path().join("state");
    let inner = state.join("inner");
    fs::create_dir_all(&inner).unwrap();
    chmod(&state, 0o755);
    chmod(&inner, 0o750);
    let open = "`/state/inner` is open to other users: `chmod 700` would close it";
    assert_eq!(refused(&state), open);
    chmod(&inner, 0o700);
    assert!(PrivateDir::open(&state, "inner").is_ok());
    chmod(&state, 0o775);
    let open = "`/state` is open to other users: `chmod 755` would close it";
    assert_eq!(refused(&state), open);
}

#[test]
fn a_link_or_a_file_is_no_directory() {
    let place = tempfile::tempdir().unwrap();
    let (state, real) = (place.path().join("state"), place.path().join("real"));
    fs::create_dir(&real).unwrap();
    chmod(&real, 0o700);
    symlink(&real, &state).unwrap();
    let link = "is not a directory, or only a link to one";
    assert_eq!(refused(&state), format!("`/state` {link}"));
    symlink("elsewhere", real.join("inner")).unwrap();
    assert_eq!(refused(&real), format!("`/real/inner` {link}"));
    fs::remove_file(&state).unwrap();
    fs::write(&state, "").unwrap();
    assert_eq!(refused(&state), format!("`/state` {link}"));
}

#[test]
fn a_file_that_others_could_have_made_is_removed_unread() {
    let place = tempfile::tempdir().unwrap();
    let state = place.path().join("state");
    let directory = PrivateDir::open(&state, "inner").unwrap();
    let at = |name: &str| state.join("inner").join(name);
    directory.publish("ours", b"text").unwrap();
    assert!(directory.read("ours").is_some());
    directory.publish("open", b"text").unwrap();
    chmod(&at("open"), 0o640);
    symlink("ours", at("link")).unwrap();
    for name in ["open", "link"] {
        assert!(directory.read(name).is_none(), "{name}");
        assert!(at(name).symlink_metadata().is_err(), "{name}");
    }
    assert!(directory.read("ours").is_some());
}

#[test]
fn publishers_at_once_leave_one_whole_file_and_nothing_else() {
    let place = tempfile::tempdir().unwrap();
    let directory = PrivateDir::open(&place.path().join("state"), "inner").unwrap();
    std::thread::scope(|scope| {
        for n in 0..8_u8 {
            let directory = &directory;
            scope.spawn(move || {
                for _ in 0..20 {
                    directory.publish("one", &[n; 70_000]).unwrap();
                    let mut bytes = Vec::new();
                    let mut file = directory.read("one").unwrap();
                    file.read_to_end(&mut bytes).unwrap();
                    assert_eq!(bytes.len(), 70_000);
                    assert!(bytes.iter().all(|byte| *byte == bytes[0]));
                }
            });
        }
    });
    let names: Vec<_> = directory.entries().into_iter().map(|e| e.name).collect();
    assert_eq!(names, ["one"]);
}

#[test]
fn an_unfinished_file_is_removed_when_nobody_can_be_writing_it_any_more() {
    let place = tempfile::tempdir().unwrap();
    let directory = PrivateDir::open(&place.path().join("state"), "inner").unwrap();
    let young = directory.draft().unwrap();
    let old = directory.draft().unwrap();
    old.file
        .set_modified(SystemTime::now() - 2 * ABANDONED)
        .unwrap();
    assert!(directory.entries().is_empty());
    assert!(directory.path_of(&young.name).exists());
    assert!(!directory.path_of(&old.name).exists());
}

#[test]
fn a_directory_by_itself_is_closed_to_others_wherever_it_lies() {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("a/b");
    let directory = PrivateDir::at(&path).unwrap();
    directory.publish("one", b"text").unwrap();
    for made in [path.clone(), place.path().join("a")] {
        let mode = fs::metadata(made).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700);
    }
    assert_eq!(directory.size("one").unwrap(), Some(4));
    assert_eq!(directory.size("two").unwrap(), None);
    drop(directory);
    assert!(PrivateDir::at(&path).unwrap().read("one").is_some());
    chmod(&path, 0o701);
    assert!(matches!(PrivateDir::at(&path), Err(NotPrivate::Open(..))));
    let link = place.path().join("link");
    symlink(&path, &link).unwrap();
    let linked = PrivateDir::at(&link);
    assert!(matches!(linked, Err(NotPrivate::NotADirectory(_))));
    let file = path.join("one");
    assert!(PrivateDir::at(&file.join("below")).is_err());
}
