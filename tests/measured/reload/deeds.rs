//! What is done to the files of a host that serves: every way in which versions come, and
//! every way in which they are broken.

use std::cell::Cell;
use std::fs::{self, File};
use std::io::Write;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use jackfield_tests::load::Load;
use jackfield_tests::versions::{Breakage, REFUSED, UNANSWERING, version};
use jackfield_tests::{TestHost, add_on_sid, put};

use super::pause;

/// An add-on under load.
pub(super) struct AddOn {
    pub(super) name: &'static str,
    pub(super) digit: char,
}

/// The add-ons. The first lies behind a link, as Kubernetes mounts it.
pub(super) const ADD_ONS: [AddOn; 4] = [
    AddOn {
        name: "linked",
        digit: 'a',
    },
    AddOn {
        name: "one",
        digit: 'b',
    },
    AddOn {
        name: "two",
        digit: 'c',
    },
    AddOn {
        name: "three",
        digit: 'd',
    },
];

/// What the add-ons are allowed. Where a machine is very busy, a call waits.
pub(super) const TERMS: &str = "grants = { fields = [\"nonce\"] }\ntimeout = \"10s\"\ncpu = \"1s\"\nqueue = 1000\n\
     smoke = { phone = \"+12125550123\" }";

/// What is done.
#[derive(Debug, Clone, Copy)]
pub(super) enum Deed {
    /// A new version comes.
    Sound(Way),
    /// The configuration changes.
    Settings,
    /// A component comes that is no good.
    Broken(&'static Breakage),
    /// A configuration comes that is no good: what is added to it, and what is said of it.
    BadConfig(&'static str, &'static str),
}

/// How a new version comes.
#[derive(Debug, Clone, Copy)]
pub(super) enum Way {
    Copy,
    Rename,
    Pauses,
    Link,
    DeleteAndRestore,
    Burst,
    Hangup,
}

const WAYS: [Option<Way>; 8] = [
    Some(Way::Copy),
    Some(Way::Rename),
    Some(Way::Pauses),
    Some(Way::Link),
    Some(Way::DeleteAndRestore),
    Some(Way::Burst),
    Some(Way::Hangup),
    None,
];

/// Configurations that are no good, and what is said of them.
const BAD_CONFIGS: [(&str, &str); 2] = [
    ("[addons.one", "addons.toml"),
    (
        "[addons.twin]\nsid = \"XBbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\"\ncomponent = \"plugins/one.wasm\"",
        "addons.twin",
    ),
];

/// How many events a burst has.
const BURST: usize = 1_000;
/// How long anything may take that is waited for.
const PATIENCE: Duration = Duration::from_secs(60);

impl Deed {
    /// The deed of a number: every third is bad, and none is like the one before it.
    pub(super) fn of(number: usize) -> Self {
        let round = number / 3;
        if number % 3 != 2 {
            let turn = round * 2 + number % 3;
            return WAYS[turn % WAYS.len()].map_or(Self::Settings, Self::Sound);
        }
        let components = REFUSED.iter().chain(UNANSWERING).map(Self::Broken);
        let configs = BAD_CONFIGS.map(|(text, said)| Self::BadConfig(text, said));
        let bad: Vec<Self> = components.chain(configs).collect();
        bad[round % bad.len()]
    }
}

/// The files, and what was told of them.
pub(super) struct Bench {
    plugins: PathBuf,
    /// The last version that came, of all add-ons together.
    last: Cell<u32>,
    refused: Cell<usize>,
    accepted: Cell<usize>,
}

impl Bench {
    /// The files of a host that is not started yet.
    pub(super) fn new(directory: &Path) -> Self {
        let plugins = directory.join("plugins");
        fs::create_dir(plugins.join("..1")).unwrap();
        fs::rename(plugins.join("linked.wasm"), plugins.join("..1/linked.wasm")).unwrap();
        symlink("..1", plugins.join("..data")).unwrap();
        symlink("..data/linked.wasm", plugins.join("linked.wasm")).unwrap();
        Self {
            plugins,
            last: Cell::new(1),
            refused: Cell::new(0),
            accepted: Cell::new(0),
        }
    }

    /// Does it, and waits until the host has answered for it.
    pub(super) fn carry_out(&self, host: &TestHost, load: &Load, deed: Deed, number: usize) {
        let add_on = 1 + number % (ADD_ONS.len() - 1);
        match deed {
            Deed::Sound(way) => self.bring(host, load, way, add_on),
            Deed::Settings => self.change_settings(host, number),
            Deed::Broken(breakage) => {
                let bytes = breakage.component(u32::try_from(number).unwrap());
                put(&self.path(add_on), bytes);
                self.until_refused(host, breakage.said);
                // The next one to look at this add-on finds it as it was served.
                self.bring(host, load, Way::Rename, add_on);
            }
            Deed::BadConfig(text, said) => {
                let good = host.config();
                host.configure(|toml| format!("{toml}\n{text}\n"));
                self.until_refused(host, said);
                host.configure(|_| good);
            }
        }
    }

    /// Whether all was told that had to be: what was no good, and nothing else.
    pub(super) fn assert_told(&self, host: &TestHost) {
        let log = host.log();
        let refused = log.matches("not taken up").count();
        assert_eq!(refused, self.refused.get(), "{log}");
        assert_eq!(log.matches("went back").count(), 0, "{log}");
        let accepted = log.matches(" taken up").count() - refused;
        assert_eq!(accepted, self.accepted.get(), "{log}");
    }

    fn path(&self, add_on: usize) -> PathBuf {
        self.plugins.join(format!("{}.wasm", ADD_ONS[add_on].name))
    }

    /// Brings the next version, and waits until it answers.
    fn bring(&self, host: &TestHost, load: &Load, way: Way, add_on: usize) {
        let number = self.last.get() + 1;
        self.last.set(number);
        let add_on = match way {
            Way::Link => 0,
            _ => add_on,
        };
        load.mean(add_on, number);
        self.place(host, way, &self.path(add_on), number);
        until(|| load.newest(add_on) == number, &|| {
            format!("{way:?} of version {number}:\n{}", host.log())
        });
        self.accepted.set(self.accepted.get() + 1);
    }

    fn place(&self, host: &TestHost, way: Way, path: &Path, number: u32) {
        let bytes = version(number);
        match way {
            Way::Copy => fs::write(path, bytes).unwrap(),
            Way::Rename => put(path, bytes),
            Way::Pauses => write_with_pauses(path, &bytes),
            Way::Link => self.switch(&bytes, number),
            Way::DeleteAndRestore => {
                fs::remove_file(path).unwrap();
                pause(Duration::from_millis(100));
                fs::write(path, bytes).unwrap();
            }
            Way::Burst => {
                let old = fs::read(path).unwrap();
                for _ in 0..BURST / 2 {
                    // A new file under the name, and another time: two events at least.
                    put(path, &old);
                    File::open(path)
                        .unwrap()
                        .set_modified(std::time::UNIX_EPOCH)
                        .unwrap();
                }
                put(path, bytes);
            }
            Way::Hangup => {
                put(path, bytes);
                host.hang_up();
            }
        }
    }

    /// Another directory behind the link, and the old one gone, as Kubernetes does it.
    fn switch(&self, bytes: &[u8], number: u32) {
        let (next, draft) = (format!("..{number}"), self.plugins.join("..draft"));
        let old = fs::read_link(self.plugins.join("..data")).unwrap();
        fs::create_dir(self.plugins.join(&next)).unwrap();
        fs::write(self.plugins.join(&next).join("linked.wasm"), bytes).unwrap();
        symlink(&next, &draft).unwrap();
        fs::rename(&draft, self.plugins.join("..data")).unwrap();
        fs::remove_dir_all(self.plugins.join(old)).unwrap();
    }

    fn change_settings(&self, host: &TestHost, number: usize) {
        let count = || host.written().matches("\"settings\"").count();
        let before = count();
        let sid = add_on_sid(ADD_ONS[3].digit);
        let weight = format!("{sid}\"\nweight = {}", 1 + number % 100);
        host.configure(|toml| {
            let mut lines: Vec<&str> = toml.lines().collect();
            lines.retain(|line| !line.starts_with("weight = "));
            lines.join("\n").replace(&format!("{sid}\""), &weight)
        });
        until(|| count() > before, &|| {
            format!("settings:\n{}", host.log())
        });
        self.accepted.set(self.accepted.get() + 1);
    }

    fn until_refused(&self, host: &TestHost, said: &str) {
        let expected = self.refused.get() + 1;
        let told = || host.written().matches("not taken up").count() >= expected;
        until(told, &|| format!("`{said}` is told:\n{}", host.log()));
        self.refused.set(expected);
        let log = host.written();
        let last = log.lines().rev().find(|line| line.contains("not taken up"));
        assert!(
            last.is_some_and(|line| line.contains(said)),
            "`{said}`:\n{log}"
        );
    }
}

fn write_with_pauses(path: &Path, bytes: &[u8]) {
    let mut file = File::create(path).unwrap();
    for part in bytes.chunks(bytes.len().div_ceil(4)) {
        file.write_all(part).unwrap();
        pause(Duration::from_millis(150));
    }
}

fn until(mut seen: impl FnMut() -> bool, what: &dyn Fn() -> String) {
    let started = Instant::now();
    while !seen() {
        assert!(started.elapsed() < PATIENCE, "never happened: {}", what());
        pause(Duration::from_millis(5));
    }
}
