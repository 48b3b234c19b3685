//! What an operator does to a host while it serves.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use super::TestHost;
use super::launch::{Started, signal};

/// How long anything may take that a test waits for.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long it waits between two looks.
const LOOK: Duration = Duration::from_millis(5);

/// How long one has waited.
pub(super) struct Patience(Instant);

impl Patience {
    pub(super) fn begin() -> Self {
        Self(Instant::now())
    }

    pub(super) fn lasts(&self) -> bool {
        self.0.elapsed() < PATIENCE
    }
}

/// Puts a file in the place of the one of its name, in one step.
///
/// # Panics
/// Where it cannot be written.
pub fn put(path: &Path, bytes: impl AsRef<[u8]>) {
    let name = path.file_name().expect("a file's name").to_string_lossy();
    // A name that nobody watches, in the same directory.
    let draft = path.with_file_name(format!(".{name}.draft"));
    fs::write(&draft, bytes).expect("the draft is written");
    fs::rename(&draft, path).expect("the draft takes the file's place");
}

impl TestHost {
    /// Puts a file of its directory in the place of the one of its name, in one step.
    pub fn put(&self, file: &str, bytes: impl AsRef<[u8]>) {
        put(&self.path().join(file), bytes);
    }

    /// Its configuration, as it stands in the file.
    ///
    /// # Panics
    /// Where it cannot be read.
    #[must_use]
    pub fn config(&self) -> String {
        fs::read_to_string(self.path().join("addons.toml")).expect("the file is read")
    }

    /// Puts another configuration in the place of the one there is.
    pub fn configure(&self, change: impl FnOnce(String) -> String) {
        self.put("addons.toml", change(self.config()));
    }

    /// Tells it to read everything again, as other servers are told.
    pub fn hang_up(&self) {
        signal(&self.child, "HUP");
    }

    /// Sends it a signal, such as `TERM`.
    pub fn signal(&self, name: &str) {
        signal(&self.child, name);
    }

    /// Stops it by a signal, `TERM` as an operator does, and starts it again with what its
    /// directory holds by then. It may listen elsewhere: clients are to be asked for again.
    ///
    /// # Panics
    /// Where it does not end, or does not start.
    pub fn restart(&mut self, signal_name: &str) {
        signal(&self.child, signal_name);
        self.revive();
    }

    /// Waits until it has ended, and starts it again with what its directory holds by then.
    /// It may listen elsewhere: clients are to be asked for again.
    ///
    /// # Panics
    /// Where it does not start.
    pub fn revive(&mut self) {
        self.child.wait().expect("the host ends");
        let Started {
            child,
            output,
            address,
        } = self.launch.start(self.path());
        (self.child, self.output, self.address) = (child, Some(output), address);
    }

    /// Waits until its log holds a text so many times.
    ///
    /// # Panics
    /// Where it takes too long.
    pub async fn logs(&self, text: &str, times: usize) {
        let seen = async || self.written().matches(text).count() >= times;
        self.until(&format!("the log holds `{text}`"), seen).await;
    }

    /// Looks again and again until something is so.
    ///
    /// # Panics
    /// Where it takes too long.
    pub async fn until(&self, what: &str, mut look: impl AsyncFnMut() -> bool) {
        let patience = Patience::begin();
        while !look().await {
            assert!(
                patience.lasts(),
                "{what}: that never happened:\n{}",
                self.written()
            );
            tokio::time::sleep(LOOK).await;
        }
    }
}
