//! What systemd is told, in its own protocol, over a real socket; and the unit files.

use std::fs;
use std::os::unix::net::UnixDatagram;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use jackfield_tests::{TestHostBuilder, binary};

use super::builder;

const PATIENCE: Duration = Duration::from_secs(20);

/// A manager that is told how the host of this builder goes.
fn managed(builder: TestHostBuilder) -> (TestHostBuilder, UnixDatagram) {
    let path = builder.path().join("notify");
    let socket = UnixDatagram::bind(&path).unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    let path = path.to_str().unwrap();
    (builder.env("NOTIFY_SOCKET", path), socket)
}

/// The next thing that the manager is told.
fn told(socket: &UnixDatagram) -> String {
    let mut datagram = [0; 1_024];
    let length = socket.recv(&mut datagram).unwrap();
    String::from_utf8(datagram[..length].to_vec()).unwrap()
}

#[test]
fn a_manager_is_told_of_the_start_of_reloads_and_of_the_end() {
    let (builder, socket) = managed(builder());
    let mut host = builder.start();
    let serves = "STATUS=serves 1 add-on(s), generation 1\n";
    assert_eq!(told(&socket), format!("READY=1\n{serves}"));
    host.hang_up();
    let reloading = told(&socket);
    let now = reloading.strip_prefix("RELOADING=1\nMONOTONIC_USEC=");
    let now: u64 = now.unwrap().trim_end().parse().unwrap();
    assert!(now > 0);
    assert_eq!(told(&socket), "READY=1\n");
    host.configure(|toml| format!("{toml}timeout = \"1s\"\n"));
    let serves = serves.replace("generation 1", "generation 2");
    assert_eq!(told(&socket), serves);
    host.signal("TERM");
    let status = "STATUS=ending: what runs is let end\n";
    assert_eq!(told(&socket), format!("STOPPING=1\n{status}"));
    assert_eq!(host.wait(), Some(0));
}

#[test]
fn a_watchdog_is_given_a_sign_of_life_twice_as_often_as_it_asks_for() {
    const SIGNS: u32 = 6;
    let (builder, socket) = managed(builder());
    let _host = builder.env("WATCHDOG_USEC", "400000").start();
    assert!(told(&socket).starts_with("READY=1\n"));
    let started = Instant::now();
    for _ in 0..SIGNS {
        assert_eq!(told(&socket), "WATCHDOG=1\n");
    }
    let fastest = Duration::from_millis(200) * (SIGNS - 2);
    assert!(started.elapsed() >= fastest, "{:?}", started.elapsed());
}

#[test]
fn nobody_who_did_not_ask_is_told() {
    let builder = builder()
        .env("WATCHDOG_USEC", "1000")
        .env("WATCHDOG_PID", "1");
    let (builder, socket) = managed(builder);
    let mut host = builder.start();
    assert!(told(&socket).starts_with("READY=1\n"));
    host.signal("TERM");
    // The watchdog is another process', so the next is the end.
    assert!(told(&socket).starts_with("STOPPING=1\n"));
    assert_eq!(host.wait(), Some(0));
}

#[test]
fn the_unit_files_are_what_systemd_understands() {
    let units = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/systemd");
    let directory = tempfile::tempdir().unwrap();
    for name in ["jackfield.service", "jackfield.socket"] {
        let unit = fs::read_to_string(units.join(name)).unwrap();
        // It asks for the program to be there.
        let installed = "/usr/local/bin/jackfield";
        let unit = unit.replace(installed, binary().to_str().unwrap());
        fs::write(directory.path().join(name), unit).unwrap();
    }
    let verified = |name: &str| {
        let mut analyze = Command::new("systemd-analyze");
        let unit = directory.path().join(name);
        let output = analyze.arg("verify").arg(unit).output();
        let output = output.expect("systemd-analyze is there");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        (output.status.success(), said)
    };
    assert_eq!(verified("jackfield.service"), (true, String::new()));
    assert_eq!(verified("jackfield.socket"), (true, String::new()));
    // It would have said so.
    let service = directory.path().join("jackfield.service");
    let unit = fs::read_to_string(&service).unwrap();
    fs::write(&service, unit.replace("ProtectSystem=", "ProtectSytem=")).unwrap();
    assert!(verified("jackfield.service").1.contains("ProtectSytem"));
}
