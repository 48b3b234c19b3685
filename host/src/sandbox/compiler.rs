//! Compiling is running somebody else's program, too: the compiler's. It has bugs, and
//! inputs that it takes minutes and gigabytes for, so every component is compiled in a
//! process of its own, which bounds itself before it reads a byte (see [`child`]).

pub(super) mod child;
mod verdict;

use std::fs::File;
use std::io;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, Command};

use super::load_error::{CompileFault, CompileMishap};
use crate::config::CompileLimits;

/// This very program, as it runs: the name of its file may by now lead to another
/// version, or nowhere.
const OURSELVES: &str = "/proc/self/exe";
/// How much longer than the processor time that it may use a compilation may take beyond
/// twice that, on a machine that has more to do.
const PATIENCE: Duration = Duration::from_secs(5);
/// The most that is read of what a compiler says, in bytes.
const LONGEST_REASON: u64 = 4 * 1024;

/// Why there is no artifact.
#[derive(Debug)]
pub(super) enum CompileError {
    /// The component's fault.
    Fault(CompileFault),
    /// Not the component's fault.
    Mishap(CompileMishap),
}

impl From<CompileFault> for CompileError {
    fn from(fault: CompileFault) -> Self {
        Self::Fault(fault)
    }
}

impl From<CompileMishap> for CompileError {
    fn from(mishap: CompileMishap) -> Self {
        Self::Mishap(mishap)
    }
}

/// How a compiler ended.
struct End {
    status: ExitStatus,
    said: String,
}

/// What compiles, and within which bounds.
#[derive(Debug, Clone)]
pub(super) struct Compiler {
    pub(super) limits: CompileLimits,
    /// The most that may come of it, in bytes.
    pub(super) artifact: usize,
    /// Whether the memory of its instances is filled by copying.
    pub(super) copied: bool,
}

/// Where the allocator looks for its options.
const ALLOCATOR: &str = "_RJEM_MALLOC_CONF";

impl Compiler {
    /// Compiles a component in another process, which writes to `artifact` itself: what is
    /// made of a kilobyte may be as large as it pleases, and none of it passes through
    /// this process' memory.
    ///
    /// The other process dies with the thread that calls this, so it has to be one that
    /// lasts: a worker of the runtime does, a thread of its pool for blocking calls does
    /// not.
    ///
    /// # Errors
    /// Where there is no artifact, with the reason.
    pub(super) async fn compile(
        &self,
        component: &[u8],
        artifact: &File,
    ) -> Result<(), CompileError> {
        let mut child = self.spawn(artifact).map_err(CompileMishap::NotStarted)?;
        let wall = self.limits.time.saturating_mul(2).saturating_add(PATIENCE);
        match tokio::time::timeout(wall, feed(&mut child, component)).await {
            Ok(end) => verdict::of(&end.map_err(CompileMishap::NotStarted)?, self),
            Err(_) => Err(CompileMishap::Starved(wall).into()),
        }
    }

    fn spawn(&self, artifact: &File) -> io::Result<Child> {
        Command::new(OURSELVES)
            .arg0("jackfield")
            .args(child::arguments(self))
            // Nothing that the host knows by its environment is the compiler's business.
            .env_clear()
            // Its address space is limited: what it frees goes back at once.
            .env(ALLOCATOR, "retain:false,narenas:1,background_thread:false")
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(artifact.try_clone()?)
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
    }
}

/// Writes the component and reads what is said, at once: a pipe that nobody empties would
/// hold up the compiler.
async fn feed(child: &mut Child, component: &[u8]) -> io::Result<End> {
    let (stdin, stderr) = (child.stdin.take(), child.stderr.take());
    let write = async {
        if let Some(mut stdin) = stdin {
            // A compiler that ends before it has read everything says why itself.
            let _ = stdin.write_all(component).await;
        }
    };
    let (said, ()) = tokio::join!(bounded(stderr, LONGEST_REASON), write);
    let said = String::from_utf8_lossy(&said?).into_owned();
    let status = child.wait().await?;
    Ok(End { status, said })
}

/// The beginning of a stream. The rest is read as well and thrown away, within the time
/// that the whole compilation may take.
async fn bounded(stream: Option<impl AsyncRead + Unpin>, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if let Some(mut stream) = stream {
        (&mut stream).take(most).read_to_end(&mut bytes).await?;
        tokio::io::copy(&mut stream, &mut tokio::io::sink()).await?;
    }
    Ok(bytes)
}
