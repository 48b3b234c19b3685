//! Noticing that files have changed.
//!
//! Directories are watched, not files: editors and deployments put a new file in the place
//! of the old one, and a watch on a file would follow the old one into its grave. Behind
//! it stands a slow look at everything, for file systems that tell nobody. Either only
//! ever leads to another look at what the files hold, and that decides.

mod places;
mod quiet;

use std::collections::{BTreeMap, BTreeSet};
use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, Weak};
use std::time::{Duration, Instant};

use notify::event::{AccessKind, AccessMode};
use notify::{Event, EventKind, INotifyWatcher, RecursiveMode, Watcher as _};
use tokio::sync::Notify;
use tracing::{debug, warn};

use self::places::Places;
use self::quiet::Quiet;
use super::{Reloader, lock};
use crate::config::{Config, Inputs};
use crate::state::Who;

/// A watch over everything that is served from. It ends when it is dropped.
pub struct Watcher {
    shared: Arc<Shared>,
    notify: Mutex<Option<INotifyWatcher>>,
    watched: Mutex<BTreeSet<PathBuf>>,
    tasks: Vec<tokio::task::AbortHandle>,
}

/// What the watch and its tasks share.
struct Shared {
    places: Mutex<Places>,
    quiet: Mutex<Quiet>,
    stirred: Notify,
}

impl Watcher {
    /// Watches for a reloader, and looks at everything once every `poll`.
    pub(super) fn start(reloader: &Arc<Reloader>, poll: Duration) -> Self {
        let shared = Arc::new(Shared {
            places: Mutex::default(),
            quiet: Mutex::default(),
            stirred: Notify::new(),
        });
        let seen = Arc::clone(&shared);
        let notify = notify::recommended_watcher(move |event| seen.see(event));
        let notify = notify
            .inspect_err(|error| {
                warn!(%error, "files cannot be watched: they are looked at every {poll:?}");
            })
            .ok();
        let debounce = debounce(Arc::clone(&shared), Arc::downgrade(reloader));
        let look = look(Arc::clone(&shared), Arc::downgrade(reloader), poll);
        Self {
            shared,
            notify: Mutex::new(notify),
            watched: Mutex::default(),
            tasks: vec![
                tokio::spawn(debounce).abort_handle(),
                tokio::spawn(look).abort_handle(),
            ],
        }
    }

    /// Watches what a configuration was read from, and what it names. What a configuration
    /// that is no good would name stays as it was. Returns whether anything is watched
    /// that was not before.
    pub(super) fn look_at(&self, inputs: &Inputs, config: Option<&Config>) -> bool {
        let mut places = lock(&self.shared.places);
        let before = places.everything();
        places.add(inputs, config);
        let more = !places.everything().is_subset(&before);
        let wanted = places.directories().clone();
        drop(places);
        if let Some(notify) = &mut *lock(&self.notify) {
            let mut watched = lock(&self.watched);
            for directory in watched.difference(&wanted) {
                // One that is gone is not watched any more in any case.
                let _ = notify.unwatch(directory);
            }
            watched.clone_from(&wanted);
            // All of them anew: one that was put in the place of another of its name would
            // go unnoticed otherwise. The system knows those that stay.
            for directory in &wanted {
                if let Err(error) = notify.watch(directory, RecursiveMode::NonRecursive) {
                    debug!(directory = %directory.display(), %error, "not watched");
                }
            }
        }
        more
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        self.tasks.iter().for_each(tokio::task::AbortHandle::abort);
    }
}

impl Shared {
    /// Takes notice of an event, if it is about anything that matters.
    fn see(&self, event: notify::Result<Event>) {
        let now = Instant::now();
        let mut quiet = lock(&self.quiet);
        match event {
            Ok(event) if event.need_rescan() => quiet.stir(now),
            Ok(event) => {
                let places = lock(&self.places);
                let about = event.paths.iter().filter(|path| places.concern(path));
                let about: Vec<&PathBuf> = about.collect();
                if about.is_empty() {
                    return;
                }
                match event.kind {
                    EventKind::Access(AccessKind::Close(AccessMode::Write)) => {
                        about.iter().for_each(|path| quiet.written(path, now));
                    }
                    // We cause these ourselves, by looking.
                    EventKind::Access(_) => return,
                    EventKind::Modify(notify::event::ModifyKind::Data(_)) => {
                        about.iter().for_each(|path| quiet.writing(path, now));
                    }
                    _ => about.iter().for_each(|path| quiet.written(path, now)),
                }
            }
            Err(error) => {
                warn!(%error, "a change of some file may have gone unnoticed");
                quiet.stir(now);
            }
        }
        drop(quiet);
        self.stirred.notify_one();
    }
}

/// Asks for a reload once all is quiet.
async fn debounce(shared: Arc<Shared>, reloader: Weak<Reloader>) {
    loop {
        let due = lock(&shared.quiet).due();
        match due {
            None => shared.stirred.notified().await,
            Some(due) if due > Instant::now() => {
                let _ = tokio::time::timeout_at(due.into(), shared.stirred.notified()).await;
            }
            Some(_) => {
                lock(&shared.quiet).rest();
                let Some(reloader) = reloader.upgrade() else {
                    return;
                };
                reloader.request(Who::Watch).await;
            }
        }
    }
}

/// What tells a file from the one that was there before, without reading it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Trace {
    device: u64,
    inode: u64,
    size: u64,
    modified: (i64, i64),
    changed: (i64, i64),
}

impl Trace {
    fn of(path: &Path) -> Option<Self> {
        let trace = |metadata: Metadata| Self {
            device: metadata.dev(),
            inode: metadata.ino(),
            size: metadata.size(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
            changed: (metadata.ctime(), metadata.ctime_nsec()),
        };
        std::fs::metadata(path).ok().map(trace)
    }
}

/// Looks at everything now and then, for what nobody told.
async fn look(shared: Arc<Shared>, reloader: Weak<Reloader>, poll: Duration) {
    // Unlike anything there is: what changed before the first look counts as well.
    let mut before: BTreeMap<PathBuf, Option<Trace>> = BTreeMap::new();
    loop {
        tokio::time::sleep(poll).await;
        let files: BTreeSet<PathBuf> = lock(&shared.places).everything();
        let traces = tokio::task::spawn_blocking(move || {
            let trace = |path: PathBuf| {
                let trace = Trace::of(&path);
                (path, trace)
            };
            files.into_iter().map(trace).collect::<BTreeMap<_, _>>()
        });
        let Ok(traces) = traces.await else { continue };
        let moved = before != traces;
        before = traces;
        if moved {
            let Some(reloader) = reloader.upgrade() else {
                return;
            };
            reloader.request(Who::Watch).await;
        }
    }
}
