//! Writing files so that a reader sees the whole old one or the whole new one.

use std::path::{Path, PathBuf};
use std::{fs, io, process};

use anyhow::{Context as _, Result};

/// Replaces the file at `path` by `contents` in one step, unless it holds them
/// already. Returns whether it was written.
pub(crate) fn write_if_changed(path: &Path, contents: &[u8]) -> Result<bool> {
    if fs::read(path).is_ok_and(|old| old == contents) {
        return Ok(false);
    }
    write(path, contents).with_context(|| format!("`{}` cannot be written", path.display()))?;
    Ok(true)
}

fn write(path: &Path, contents: &[u8]) -> io::Result<()> {
    if let Some(directory) = path.parent() {
        fs::create_dir_all(directory)?;
    }
    let partial = beside(path, "new");
    fs::write(&partial, contents)?;
    fs::rename(&partial, path).inspect_err(|_| drop(fs::remove_file(&partial)))
}

/// Puts the finished directory `new` in the place of `path`, so that no moment
/// shows half of it; both must be on one file system.
pub(crate) fn replace_directory(path: &Path, new: &Path) -> io::Result<()> {
    let old = beside(path, "old");
    match fs::rename(path, &old) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => fs::rename(new, path)?,
    }
    remove_directory(&old)
}

/// Removes a directory and all in it; that there is none is no error.
pub(crate) fn remove_directory(path: &Path) -> io::Result<()> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// A hidden name next to `path` that only this process uses.
pub(crate) fn beside(path: &Path, purpose: &str) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}.{purpose}-{}", process::id()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(directory: &Path) -> Vec<String> {
        let entries = fs::read_dir(directory).unwrap();
        entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect()
    }

    #[test]
    fn a_file_is_written_once_for_the_same_contents() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("made/caller_name.wasm");
        assert!(write_if_changed(&path, b"one").unwrap());
        assert!(!write_if_changed(&path, b"one").unwrap());
        assert!(write_if_changed(&path, b"two").unwrap());
        assert_eq!(fs::read(&path).unwrap(), b"two");
        assert_eq!(names(path.parent().unwrap()), ["caller_name.wasm"]);
    }

    #[test]
    fn a_directory_is_replaced_as_a_whole() {
        let root = tempfile::tempdir().unwrap();
        let (path, new) = (root.path().join("lib"), root.path().join("new"));
        for generation in ["first", "second"] {
            fs::create_dir(&new).unwrap();
            fs::write(new.join(generation), "").unwrap();
            replace_directory(&path, &new).unwrap();
            assert_eq!(names(&path), [generation]);
        }
        assert_eq!(names(root.path()), ["lib"]);
    }
}
