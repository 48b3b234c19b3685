//! The way of one request through the host, without a network: how many allocations it
//! takes, and which, and how long it takes on one thread and on several.
//!
//! ```text
//! way --threads 2    how many allocations each of 1000 requests makes, and how long it takes
//! way --list         each allocation of one request, and where it is made
//! way --native       the same without a sandbox
//! ```

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "this program's purpose is to print a figure"
)]

use std::net::{IpAddr, Ipv4Addr};
use std::process::ExitCode;
use std::sync::{Arc, Barrier};
use std::time::{Duration, Instant};

use clap::Parser;
use http_body_util::{BodyExt as _, Full};
use hyper::Request;
use hyper::body::Bytes;
use jackfield::cli::Cli;
use jackfield::config::{Config, Environment};
use jackfield::handle::respond;
use jackfield::host::Host;
use jackfield::reload::Assembly;
use jackfield::sandbox::{COMPILE, Ceilings};
use jackfield::state::{State, Who};
use jackfield_bench::account::{ACCOUNT, PUBLIC_URL, TOKEN, sign};
use jackfield_bench::{allocations, native};
use tokio::runtime::Runtime;

#[global_allocator]
static ALLOCATIONS: allocations::Counted = allocations::Counted;

const ADD_ON: &str = "XB00000000000000000000000000000001";
/// What is in every answer that is one.
const RIGHT: &[u8] = br#""error_code":null"#;
/// Where all requests come from.
const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
const NUMBER: &str = "+15005550006";

/// Has the host answer the same lookup again and again, each under a SID of its own.
#[derive(Parser)]
struct Arguments {
    /// How many requests are counted.
    #[arg(default_value_t = 1_000)]
    requests: u32,
    /// The component that answers.
    #[arg(long, default_value = "plugins/caller_name.wasm")]
    component: std::path::PathBuf,
    /// Answer by the same provider as a Rust function.
    #[arg(long)]
    native: bool,
    /// Show each allocation of the last request.
    #[arg(long)]
    list: bool,
    /// On how many threads as many requests are answered at once, to be timed.
    #[arg(long, default_value_t = 1)]
    threads: u32,
}

fn main() -> ExitCode {
    if std::env::args().nth(1).as_deref() == Some(COMPILE) {
        // The host compiles components in a process of its own: in this program.
        return Cli::parse().run();
    }
    let done = runtime().and_then(|runtime| runtime.block_on(measure(Arguments::parse())));
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn runtime() -> anyhow::Result<Runtime> {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    Ok(runtime.enable_all().build()?)
}

async fn measure(arguments: Arguments) -> anyhow::Result<()> {
    let directory = tempfile::tempdir()?;
    let host = host(&arguments, directory.path()).await?;
    for number in 0..100 {
        ask(&host, number).await?;
    }
    let before = allocations::made();
    for number in 0..arguments.requests {
        ask(&host, 1_000 + number).await?;
    }
    let made = allocations::made() - before;
    for threads in 1..=arguments.threads {
        let micros = timed(&host, threads, arguments.requests)?;
        println!("{micros:.2} microseconds for each request on each of {threads} threads");
    }
    let size = size_of_val(&respond(&host, HERE.into(), request(0)?));
    println!("{size} bytes of state");
    println!(
        "{:.2} allocations for each request",
        f64::from(u32::try_from(made)?) / f64::from(arguments.requests)
    );
    if arguments.list {
        allocations::list(true);
        ask(&host, 0xffff_ffff).await?;
        allocations::list(false);
    }
    Ok(())
}

/// How long a request takes, in microseconds, while so many threads answer as many.
fn timed(host: &Arc<Host>, threads: u32, requests: u32) -> anyhow::Result<f64> {
    let together = Barrier::new(usize::try_from(threads)?);
    // Never asked before, or the ledger would answer.
    let mine = |thread: u32| ((threads << 4) | thread) << 20..;
    let one = |thread: u32| -> anyhow::Result<Duration> {
        // Made where they are dropped, or the threads would meet in the allocator.
        let requests = mine(thread).take(usize::try_from(requests)?).map(request);
        let requests: anyhow::Result<Vec<_>> = requests.collect();
        let runtime = runtime();
        together.wait();
        let (requests, runtime) = (requests?, runtime?);
        let began = Instant::now();
        for request in requests {
            drop(runtime.block_on(respond(host, HERE.into(), request)));
        }
        Ok(began.elapsed())
    };
    let took: anyhow::Result<Duration> = std::thread::scope(|scope| {
        let one = &one;
        let running: Vec<_> = (0..threads)
            .map(|it| scope.spawn(move || one(it)))
            .collect();
        let ended = running.into_iter().map(|one| one.join());
        ended
            .map(|one| one.unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .sum()
    });
    Ok(took?.as_secs_f64() * 1e6 / f64::from(threads) / f64::from(requests))
}

/// A host that serves one add-on, and nothing else.
async fn host(arguments: &Arguments, directory: &std::path::Path) -> anyhow::Result<Arc<Host>> {
    let component = std::fs::canonicalize(&arguments.component)?;
    let plugins = component.parent().unwrap_or(directory);
    let file = directory.join("addons.toml");
    let text = format!(
        "[server]\npublic_url = {PUBLIC_URL:?}\nplugin_dir = {plugins:?}\n\
         state_dir = {:?}\n[addons.it]\nsid = {ADD_ON:?}\ncomponent = {component:?}\n\
         serves = [\"lookups\"]\n",
        directory.join("state")
    );
    std::fs::write(&file, text)?;
    let environment = format!("ACCOUNT_SID={ACCOUNT}\nAUTH_TOKEN={TOKEN}\n");
    std::fs::write(directory.join(".env"), environment)?;
    let config = Config::load(&file, &Environment::load(directory)?)
        .map_err(|errors| anyhow::anyhow!("{errors}"))?;
    let mut ceilings = Ceilings::default();
    if arguments.native {
        native::instead_of_guests(&mut ceilings);
    }
    let host = Arc::new(Host::new(&config.server, config.jobs.clone(), ceilings)?);
    let (verdicts, _) = tokio::sync::mpsc::unbounded_channel();
    let assembly = Assembly::new(Arc::clone(&host), Arc::new(State::unkept()), verdicts);
    assembly.take_up(&Who::Start, config).await;
    Ok(host)
}

async fn ask(host: &Arc<Host>, number: u32) -> anyhow::Result<()> {
    let request = request(number)?;
    let answer = respond(host, HERE.into(), request);
    let reply = allocations::counted(answer).await;
    let body = reply.into_body().collect().await?.to_bytes();
    let answered = body.windows(RIGHT.len()).any(|part| part == RIGHT);
    anyhow::ensure!(answered, "{}", String::from_utf8_lossy(&body));
    Ok(())
}

fn request(number: u32) -> anyhow::Result<Request<Full<Bytes>>> {
    let target = format!("/lookups?phone=%2B{}", &NUMBER[1..]);
    let request = Request::get(&target)
        .header("host", PUBLIC_URL.trim_start_matches("https://"))
        .header("x-twilio-signature", sign(&target, &[]))
        .header("x-twilio-vendoraccountsid", ACCOUNT)
        .header("x-twilio-addonsid", ADD_ON)
        .header("x-twilio-requestsid", format!("MR{number:032x}"));
    Ok(request.body(Full::default())?)
}
