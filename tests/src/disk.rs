//! A small disk of a test's own, which can be full.
//!
//! It is a file system in memory. Root mounts it where a test can see it; others mount it in
//! a namespace of their own, which a shell keeps open, and reach it through that shell.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use rustix::fs::statvfs;
use tempfile::TempDir;

/// What takes the room that is to be taken.
const BALLAST: &str = "ballast";

/// A disk, which is gone when this is dropped.
pub struct SmallDisk {
    path: PathBuf,
    point: TempDir,
    /// The shell in whose namespace it is mounted, where it is not mounted in ours.
    keeper: Option<Child>,
}

impl SmallDisk {
    /// A disk of so many bytes, rounded up to whole pages.
    ///
    /// # Panics
    /// Where this machine does not let us have one, with what has to be different.
    #[must_use]
    pub fn new(bytes: u64) -> Self {
        let point = tempfile::tempdir().expect("a directory is made");
        let options = format!("size={bytes},mode=0700");
        let mounted = mount(&options, point.path());
        if mounted.status.success() {
            return Self {
                path: point.path().to_owned(),
                point,
                keeper: None,
            };
        }
        let Some((keeper, path)) = mount_apart(&options, point.path()) else {
            panic!(
                "no small disk can be mounted ({}): run the tests as root, or allow \
                 unprivileged user namespaces",
                String::from_utf8_lossy(&mounted.stderr).trim()
            );
        };
        Self {
            path,
            point,
            keeper: Some(keeper),
        }
    }

    /// Where its files are.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The bytes that are left on it.
    ///
    /// # Panics
    /// Where it cannot be asked.
    #[must_use]
    pub fn left(&self) -> u64 {
        let facts = statvfs(&self.path).expect("the disk is there");
        facts.f_bavail * facts.f_frsize
    }

    /// Takes all its room.
    pub fn fill(&self) {
        self.leave(0);
    }

    /// Takes its room until so many bytes are left at most.
    ///
    /// # Panics
    /// Where something else is wrong than that it is full.
    pub fn leave(&self, bytes: u64) {
        let mut ballast = File::options();
        let ballast = ballast
            .append(true)
            .create(true)
            .open(self.path.join(BALLAST));
        let mut ballast = ballast.expect("the file is opened");
        while let taken @ 1.. = self.left().saturating_sub(bytes) {
            let part = vec![0; usize::try_from(taken.min(1 << 20)).expect("a megabyte")];
            match ballast.write_all(&part) {
                Err(error) if error.kind() == ErrorKind::StorageFull => return,
                written => written.expect("the disk takes it"),
            }
        }
    }

    /// Gives back all that was taken.
    ///
    /// # Panics
    /// Where nothing was.
    pub fn free(&self) {
        // A process that was forked at this moment may still have the file open: its room is
        // given back before its name.
        let ballast = self.path.join(BALLAST);
        fs::metadata(&ballast).expect("there is something to give back");
        File::create(&ballast).expect("the file is emptied");
        fs::remove_file(ballast).expect("the file is removed");
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        match &mut self.keeper {
            // Whoever still has a file open keeps it, and nobody else finds it.
            None => drop(run(Command::new("umount").arg("-l").arg(self.point.path()))),
            Some(keeper) => {
                drop(keeper.stdin.take());
                let _ = keeper.wait();
            }
        }
    }
}

fn mount(options: &str, point: &Path) -> Output {
    let mut mount = Command::new("mount");
    run(mount
        .args(["-t", "tmpfs", "-o", options, "tmpfs"])
        .arg(point))
}

/// Mounts it where only a shell sees it, and returns the shell and the way through it.
fn mount_apart(options: &str, point: &Path) -> Option<(Child, PathBuf)> {
    let script = r#"mount -t tmpfs -o "$1" tmpfs "$2" && echo "$$" && read -r _"#;
    let mut shell = Command::new("unshare");
    shell
        .args(["-Urm", "sh", "-c", script, "keeper", options])
        .arg(point);
    shell
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    let mut keeper = shell.spawn().ok()?;
    let mut process = String::new();
    let output = keeper.stdout.as_mut().map(BufReader::new)?;
    { output }.read_line(&mut process).ok()?;
    let relative = point.strip_prefix("/").ok()?;
    let path = Path::new("/proc")
        .join(process.trim())
        .join("root")
        .join(relative);
    if !process.trim().is_empty() && path.is_dir() {
        return Some((keeper, path));
    }
    // It has ended by itself where the disk could not be mounted.
    drop(keeper.stdin.take());
    let _ = keeper.wait();
    None
}

fn run(command: &mut Command) -> Output {
    command
        .output()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: u64 = 256 * 1024;

    /// Whether a file of a page can be written.
    fn takes(disk: &SmallDisk, name: &str) -> bool {
        match fs::write(disk.path().join(name), [1; 4096]) {
            Ok(()) => true,
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::StorageFull);
                false
            }
        }
    }

    fn is_small_and_can_be_full(disk: &SmallDisk) {
        assert_eq!(disk.left(), SIZE);
        assert!(takes(disk, "one"));
        disk.fill();
        assert_eq!(disk.left(), 0);
        assert!(!takes(disk, "two"));
        disk.free();
        assert!(takes(disk, "two"));
        disk.leave(8192);
        assert_eq!(disk.left(), 8192);
        assert!(takes(disk, "three") && takes(disk, "four") && !takes(disk, "five"));
    }

    #[test]
    fn a_disk_is_small_and_can_be_full() {
        let disk = SmallDisk::new(SIZE);
        is_small_and_can_be_full(&disk);
        let point = disk.point.path().to_owned();
        let open = File::open(disk.path().join("one")).unwrap();
        drop(disk);
        drop(open);
        assert!(!point.exists());
    }

    #[test]
    fn a_disk_apart_is_one_as_well() {
        let point = tempfile::tempdir().unwrap();
        let options = format!("size={SIZE},mode=0700");
        let Some((keeper, path)) = mount_apart(&options, point.path()) else {
            // Where root alone may mount, the other claim is the one that counts.
            assert!(mount(&options, point.path()).status.success());
            run(Command::new("umount").arg(point.path()));
            return;
        };
        let disk = SmallDisk {
            path,
            point,
            keeper: Some(keeper),
        };
        is_small_and_can_be_full(&disk);
        assert!(fs::read_dir(disk.point.path()).unwrap().next().is_none());
        let path = disk.path().to_owned();
        drop(disk);
        assert!(!path.exists());
    }
}
