//! Opening a plugin file. Whoever can write into the plugin directory chooses what lies
//! under a component's name: a link, a pipe, a device, or another file every second.

use std::io::{self, Read};
use std::path::{Path, PathBuf};

use cap_std::ambient_authority;
use cap_std::fs::{Dir, File, OpenOptions, OpenOptionsExt};
use rustix::fs::OFlags;
use rustix::io::Errno;

use super::load_error::LoadCause;

/// The bytes of a regular file inside the plugin directory, at most `limit` of them.
///
/// The kernel resolves the name beneath the directory in one step, so a link cannot be
/// turned around between a check and its use. Links that stay inside work, if they are
/// relative: that is how mounted volumes are swapped. The file is opened once; whatever
/// happens to its name afterwards, what is hashed is what is compiled.
///
/// # Errors
/// Where there is no such file, or not of that kind or size.
pub(super) fn read(path: &Path, plugin_dir: &Path, limit: usize) -> Result<Vec<u8>, LoadCause> {
    let directory = Dir::open_ambient_dir(plugin_dir, ambient_authority());
    let directory = directory.map_err(LoadCause::Unreadable)?;
    let name = beneath(path, plugin_dir).ok_or(LoadCause::Outside)?;
    let mut file = open(&directory, &name).map_err(not_opened)?;
    let metadata = file.metadata().map_err(LoadCause::Unreadable)?;
    if !metadata.is_file() {
        return Err(LoadCause::NotAFile);
    }
    let most = u64::try_from(limit).unwrap_or(u64::MAX);
    if metadata.len() > most {
        return Err(LoadCause::TooLarge { limit });
    }
    let mut bytes = Vec::with_capacity(usize::try_from(metadata.len()).unwrap_or(0) + 1);
    let mut bounded = file.by_ref().take(most.saturating_add(1));
    bounded
        .read_to_end(&mut bytes)
        .map_err(LoadCause::Unreadable)?;
    // It may have grown since it was measured.
    match bytes.len() > limit {
        true => Err(LoadCause::TooLarge { limit }),
        false => Ok(bytes),
    }
}

/// The path from the plugin directory on. The directory `.` is in no path's beginning.
fn beneath(path: &Path, plugin_dir: &Path) -> Option<PathBuf> {
    let plugin_dir = plugin_dir.strip_prefix(".").unwrap_or(plugin_dir);
    path.strip_prefix(plugin_dir).ok().map(Path::to_owned)
}

fn open(directory: &Dir, name: &Path) -> io::Result<File> {
    // Opening a pipe would wait for its writer, and opening a terminal may adopt it.
    let flags = OFlags::NONBLOCK | OFlags::NOCTTY;
    let mut options = OpenOptions::new();
    options.read(true).custom_flags(flags.bits().cast_signed());
    directory.open_with(name, &options)
}

fn not_opened(error: io::Error) -> LoadCause {
    match Errno::from_io_error(&error) {
        // What a socket answers.
        Some(Errno::NXIO) => LoadCause::NotAFile,
        // A refusal of the kernel's has a number; this one is `cap-std`'s own.
        None if error.kind() == io::ErrorKind::PermissionDenied => LoadCause::Outside,
        _ => LoadCause::Unreadable(error),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;
    use std::os::unix::net::UnixListener;

    use super::*;

    fn directory() -> tempfile::TempDir {
        tempfile::tempdir().unwrap()
    }

    fn outcome(directory: &Path, name: &str) -> String {
        match read(&directory.join(name), directory, 8) {
            Ok(bytes) => String::from_utf8(bytes).unwrap(),
            Err(cause) => cause.to_string(),
        }
    }

    #[test]
    fn links_are_followed_as_long_as_they_stay_inside() {
        let (plugins, elsewhere) = (directory(), directory());
        let at = |name: &str| plugins.path().join(name);
        fs::create_dir(at("..2026")).unwrap();
        fs::write(at("..2026/a.wasm"), "inside").unwrap();
        fs::write(elsewhere.path().join("b.wasm"), "outside").unwrap();
        symlink("..2026", at("..data")).unwrap();
        symlink("..data/a.wasm", at("a.wasm")).unwrap();
        symlink(elsewhere.path().join("b.wasm"), at("b.wasm")).unwrap();
        symlink(elsewhere.path(), at("elsewhere")).unwrap();
        symlink("/dev/zero", at("zero.wasm")).unwrap();
        symlink("round.wasm", at("round.wasm")).unwrap();
        assert_eq!(outcome(plugins.path(), "a.wasm"), "inside");
        for name in ["b.wasm", "elsewhere/b.wasm", "zero.wasm"] {
            let said = outcome(plugins.path(), name);
            assert!(said.starts_with("leads out"), "{name}: {said}");
        }
        let said = outcome(plugins.path(), "round.wasm");
        assert!(said.starts_with("cannot be read"), "{said}");
    }

    #[test]
    fn what_is_no_regular_file_is_told_at_once() {
        let plugins = directory();
        let at = |name: &str| plugins.path().join(name);
        fs::create_dir(at("directory.wasm")).unwrap();
        let _socket = UnixListener::bind(at("socket.wasm")).unwrap();
        let fifo = rustix::fs::FileType::Fifo;
        rustix::fs::mknodat(rustix::fs::CWD, at("pipe.wasm"), fifo, 0o600.into(), 0).unwrap();
        for name in ["directory.wasm", "socket.wasm", "pipe.wasm"] {
            assert_eq!(outcome(plugins.path(), name), "is not a regular file");
        }
    }

    #[test]
    fn a_file_may_be_as_long_as_the_limit() {
        let plugins = directory();
        fs::write(plugins.path().join("a.wasm"), "12345678").unwrap();
        fs::write(plugins.path().join("b.wasm"), "123456789").unwrap();
        assert_eq!(outcome(plugins.path(), "a.wasm"), "12345678");
        assert_eq!(outcome(plugins.path(), "b.wasm"), "is larger than 8 bytes");
    }
}
