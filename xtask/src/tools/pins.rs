//! Installing what is pinned: once for the same pins.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};

use crate::files;

/// Fills `directory` by `install`, unless that was done for the same `pins`. The
/// stamp is written last, so that an interrupted installation is done again.
pub(super) fn once(
    directory: &Path,
    pins: &str,
    install: impl FnOnce() -> Result<()>,
) -> Result<()> {
    let stamp = directory.join("installed-from");
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == pins) {
        return Ok(());
    }
    files::remove_directory(directory)?;
    install()?;
    files::write_if_changed(&stamp, pins.as_bytes())?;
    Ok(())
}

/// The text of a file that pins.
pub(super) fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("`{}` cannot be read", path.display()))
}

#[cfg(test)]
mod tests {
    use anyhow::bail;

    use super::*;

    #[test]
    fn an_installation_is_done_once_for_the_same_pins() {
        let root = tempfile::tempdir().unwrap();
        let directory = root.path().join("node");
        let mut count = 0;
        for pins in ["one", "one", "two"] {
            once(&directory, pins, || {
                count += 1;
                Ok(())
            })
            .unwrap();
        }
        assert_eq!(count, 2);
    }

    #[test]
    fn a_failed_installation_is_tried_again() {
        let root = tempfile::tempdir().unwrap();
        assert!(once(root.path(), "one", || bail!("no network")).is_err());
        let mut tried = false;
        once(root.path(), "one", || {
            tried = true;
            Ok(())
        })
        .unwrap();
        assert!(tried);
    }
}
