//! The socket: where it lies, who may reach it, and whose it is when several hosts share
//! a state directory.

use std::fs::Permissions;
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use rustix::fs::{Mode, OFlags};
use tokio::net::{UnixListener, UnixStream};

use crate::state::{NotPrivate, PrivateDir, through};

/// Its directory, in the state directory.
const DIRECTORY: &str = "control";
/// Its name there.
const NAME: &str = "socket";

/// A socket that listens. The newest host of a state directory has the name; when it ends
/// it takes the name with it, unless that is another's by then.
pub(super) struct Socket {
    directory: PrivateDir,
    listener: UnixListener,
    identity: Identity,
}

/// Device and inode.
type Identity = (u64, u64);

/// Why there is no socket.
#[derive(Debug, thiserror::Error)]
pub(super) enum BindError {
    #[error(transparent)]
    Directory(#[from] NotPrivate),
    #[error("no socket can be made there: {0}")]
    Socket(#[from] io::Error),
}

impl Socket {
    /// Listens, and takes the name over from whoever has it.
    pub(super) fn bind(state: &Path) -> Result<Self, BindError> {
        let directory = PrivateDir::open(state, DIRECTORY)?;
        // What a host left that was killed in the middle of this.
        directory.entries();
        let (listener, name) = fresh(&directory)?;
        let path = directory.through(&name);
        let named = std::fs::set_permissions(&path, Permissions::from_mode(0o600))
            .and_then(|()| identity(&path))
            .and_then(|identity| {
                directory.alone(|| directory.rename(&name, NAME))??;
                Ok(identity)
            });
        match named {
            Ok(identity) => Ok(Self {
                directory,
                listener,
                identity,
            }),
            Err(error) => {
                directory.remove(&name);
                Err(error.into())
            }
        }
    }

    /// The next connection.
    pub(super) async fn accept(&self) -> io::Result<UnixStream> {
        Ok(self.listener.accept().await?.0)
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        let directory = &self.directory;
        // Without the lock another host could take the name between the two.
        let _ = directory.alone(|| {
            if identity(&directory.through(NAME)).is_ok_and(|it| it == self.identity) {
                directory.remove(NAME);
            }
        });
    }
}

/// A socket under a name that nobody looks for.
fn fresh(directory: &PrivateDir) -> io::Result<(UnixListener, String)> {
    static MADE: AtomicU64 = AtomicU64::new(0);
    loop {
        let count = MADE.fetch_add(1, Ordering::Relaxed);
        let name = format!("{}-{count}.tmp", std::process::id());
        match UnixListener::bind(directory.through(&name)) {
            Ok(listener) => return Ok((listener, name)),
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => {}
            Err(error) => return Err(error),
        }
    }
}

fn identity(path: &Path) -> io::Result<Identity> {
    let metadata = std::fs::symlink_metadata(path)?;
    Ok((metadata.dev(), metadata.ino()))
}

/// The socket of a state directory, to tell people.
pub(super) fn path_in(state: &Path) -> PathBuf {
    state.join(DIRECTORY).join(NAME)
}

/// Connects to the host of a state directory. The name of a socket is limited to some
/// hundred bytes and a directory's is not, so the way leads through the open directory.
pub(super) async fn connect(state: &Path) -> io::Result<UnixStream> {
    let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let directory = rustix::fs::open(state.join(DIRECTORY), flags, Mode::empty())?;
    UnixStream::connect(through(&directory).join(NAME)).await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(path: &Path) -> u32 {
        std::fs::symlink_metadata(path).unwrap().mode() & 0o777
    }

    #[tokio::test]
    async fn nobody_else_reaches_the_socket_however_long_its_path_is() {
        let place = tempfile::tempdir().unwrap();
        let state = place.path().join("s".repeat(200)).join("t".repeat(200));
        let socket = Socket::bind(&state).unwrap();
        assert_eq!(mode(&path_in(&state)), 0o600);
        assert_eq!(mode(path_in(&state).parent().unwrap()), 0o700);
        let (accepted, connected) = tokio::join!(socket.accept(), connect(&state));
        assert!(accepted.is_ok() && connected.is_ok());
        drop(socket);
        assert_eq!(std::fs::read_dir(state.join(DIRECTORY)).unwrap().count(), 0);
        assert!(connect(&state).await.is_err());
    }

    #[tokio::test]
    async fn the_newest_host_has_the_name_and_an_older_one_does_not_take_it_away() {
        let place = tempfile::tempdir().unwrap();
        let state = place.path().join("state");
        let older = Socket::bind(&state).unwrap();
        let newer = Socket::bind(&state).unwrap();
        drop(older);
        let (accepted, connected) = tokio::join!(newer.accept(), connect(&state));
        assert!(accepted.is_ok() && connected.is_ok());
        // What is no socket is no obstacle either.
        drop(newer);
        std::fs::write(path_in(&state), "").unwrap();
        let last = Socket::bind(&state).unwrap();
        drop(last);
        assert_eq!(std::fs::read_dir(state.join(DIRECTORY)).unwrap().count(), 0);
    }

    #[tokio::test]
    async fn a_directory_that_others_can_reach_has_no_socket() {
        let place = tempfile::tempdir().unwrap();
        let state = place.path().join("state");
        std::fs::create_dir_all(state.join(DIRECTORY)).unwrap();
        let open = Permissions::from_mode(0o755);
        std::fs::set_permissions(state.join(DIRECTORY), open).unwrap();
        let refused = Socket::bind(&state).err().unwrap().to_string();
        assert!(refused.contains("is open to other users"), "{refused}");
    }
}
