//! The clock that guests are stopped by.

use std::io;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread::JoinHandle;
use std::time::Duration;

use wasmtime::{Engine, EngineWeak};

/// How long a guest runs before the host looks at it.
pub(super) const TICK: Duration = Duration::from_millis(1);

/// A thread that counts the engines' epochs. It is a plain one: a guest that holds every
/// worker of the async runtime holds the runtime's timers too, and only what stands
/// outside can end it.
pub(super) struct Ticker {
    stop: Option<mpsc::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Ticker {
    pub(super) fn start(engines: Vec<&Engine>) -> io::Result<Self> {
        let engines: Vec<_> = engines.into_iter().map(Engine::weak).collect();
        let (stop, stopped) = mpsc::channel();
        let thread = std::thread::Builder::new()
            .name("epoch".to_owned())
            .spawn(move || {
                while stopped.recv_timeout(TICK) == Err(RecvTimeoutError::Timeout) {
                    let alive = engines.iter().filter_map(EngineWeak::upgrade);
                    alive.for_each(|engine| engine.increment_epoch());
                }
            })?;
        Ok(Self {
            stop: Some(stop),
            thread: Some(thread),
        })
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // The thread ends by itself; how it ended is of no use to anyone any more.
            let _ = thread.join();
        }
    }
}
