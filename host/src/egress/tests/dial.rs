//! Which addresses are connected to, and which are not.

use std::io;
use std::net::IpAddr;
use std::process::{Command, Stdio};

use tokio::net::{TcpSocket, TcpStream};

use super::client::{Client, SHORT, kind};
use super::server::{Forbidden, Server};
use crate::egress::*;

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

fn loopback(last: u8) -> IpAddr {
    [127, 0, 0, last].into()
}

#[tokio::test]
async fn a_name_is_looked_up_once_and_what_was_checked_is_connected_to() {
    let server = Server::answering(OK).await;
    let forbidden = Forbidden::at(loopback(2), server.port());
    // A name that leads to a good address when it is checked, and then to another.
    let client = Client::of(&[server.rule()]).told(|before| Ok(vec![loopback(1 + before as u8)]));
    client.get(&server.url("/")).await.unwrap();
    assert_eq!((client.look_ups(), server.connections()), (1, 1));
    // Where it is the other way round, it is not tried again until it fits.
    let error = client.get(&server.url("/")).await.unwrap_err();
    assert_eq!(kind(&error), ("no address", false));
    assert_eq!((client.look_ups(), server.connections()), (2, 1));
    forbidden.was_left_alone();
}

#[tokio::test]
async fn of_several_addresses_those_that_are_refused_are_not_tried() {
    let server = Server::answering(OK).await;
    let forbidden = Forbidden::at(loopback(2), server.port());
    let inside = [
        "::1",
        "10.0.0.1",
        "169.254.169.254",
        "fd00:ec2::254",
        "::ffff:127.0.0.2",
    ];
    let client = Client::of(&[server.rule()]).told(move |_| {
        let inside = inside.iter().map(|address| address.parse().unwrap());
        Ok(inside.chain([loopback(2), loopback(1)]).collect())
    });
    client.get(&server.url("/")).await.unwrap();
    assert_eq!(server.connections(), 1);
    forbidden.was_left_alone();
}

#[tokio::test]
async fn where_one_address_does_not_answer_the_next_is_tried() {
    let server = Server::answering(OK).await;
    let rules = [server.rule()];
    let client = Client::trusting(&rules, &["127.0.0.0/8"], &Authorities::default())
        .told(|_| Ok(vec![loopback(3), loopback(4), loopback(1)]));
    client.get(&server.url("/")).await.unwrap();
    let client = client.told(|_| Ok(vec![loopback(3), loopback(4)]));
    let error = client.get(&server.url("/")).await.unwrap_err();
    assert_eq!(kind(&error), ("unreachable", true));
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn private_addresses_are_refused_before_anything_is_connected() {
    let forbidden = Forbidden::at(loopback(1), 0);
    let port = forbidden.port();
    let rules = [
        "127.0.0.1",
        "localhost",
        "[::ffff:127.0.0.1]",
        "inside.example",
    ]
    .map(|host| format!("http://{host}:{port}"));
    let client = Client::trusting(&rules, &[], &Authorities::default());
    for (host, expected) in [
        ("127.0.0.1", "refused"),
        ("[::ffff:127.0.0.1]", "refused"),
        ("[::ffff:7f00:1]", "refused"),
        ("inside.example", "no address"),
    ] {
        let error = client
            .get(&format!("http://{host}:{port}/"))
            .await
            .unwrap_err();
        assert_eq!(kind(&error), (expected, false), "{host}");
    }
    let client = client.asking_the_system();
    let error = client
        .get(&format!("http://localhost:{port}/"))
        .await
        .unwrap_err();
    assert_eq!(kind(&error), ("no address", false));
    forbidden.was_left_alone();
}

#[tokio::test]
async fn the_system_resolves_what_is_not_told() {
    let server = Server::answering(OK).await;
    let rules = [format!("http://localhost:{}", server.port())];
    let client = Client::of(&rules).asking_the_system();
    let url = format!("http://localhost:{}/", server.port());
    client.get(&url).await.unwrap();
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn a_name_that_leads_nowhere_may_do_so_later() {
    let rules = ["http://server.example".to_owned()];
    let client = Client::of(&rules).told(|_| Err(io::Error::other("no such name")));
    let error = client
        .get("http://server.example/s3cret")
        .await
        .unwrap_err();
    assert_eq!(kind(&error), ("unresolved", true));
    let expected = "the name `server.example` cannot be resolved: no such name";
    assert_eq!(error.to_string(), expected);
    let client = client.told(|_| Ok(Vec::new()));
    let error = client.get("http://server.example/").await.unwrap_err();
    assert_eq!(kind(&error).0, "no address");
    let client = client
        .resolving(|_| Box::pin(std::future::pending()))
        .connecting_within(SHORT);
    let error = client.get("http://server.example/").await.unwrap_err();
    assert_eq!(kind(&error), ("unresolved", true));
}

#[tokio::test]
async fn an_address_that_says_nothing_is_not_waited_for_longer_than_the_limit() {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(1).unwrap();
    let address = listener.local_addr().unwrap();
    // Once nobody else may wait to be accepted, the system does not answer any more.
    let mut waiting = Vec::new();
    while let Ok(connected) = tokio::time::timeout(SHORT, TcpStream::connect(address)).await {
        waiting.push(connected.unwrap());
    }
    let rules = [format!("http://server.example:{}", address.port())];
    let client = Client::of(&rules).connecting_within(SHORT);
    let error = client.get(&format!("{}/", rules[0])).await.unwrap_err();
    assert_eq!(kind(&error), ("unreachable", true));
}

/// What the child below is told.
const CHILD: &str = "JACKFIELD_TEST_EGRESS_CHILD";

#[tokio::test]
async fn proxies_of_the_environment_are_not_asked() {
    if std::env::var_os(CHILD).is_some() {
        let server = Server::answering(OK).await;
        let client = Client::of(&[server.rule()]);
        client.get(&server.url("/")).await.unwrap();
        assert_eq!(server.connections(), 1);
        return;
    }
    let proxy = Forbidden::at(loopback(1), 0);
    let url = format!("http://127.0.0.1:{}", proxy.port());
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", "--test-threads=1"]);
    child
        .arg(std::thread::current().name().unwrap())
        .env(CHILD, "1");
    for name in [
        "HTTP_PROXY",
        "http_proxy",
        "HTTPS_PROXY",
        "https_proxy",
        "ALL_PROXY",
    ] {
        child.env(name, &url);
    }
    let said = child.stdin(Stdio::null()).output().unwrap();
    let said = String::from_utf8_lossy(&said.stdout);
    assert!(said.contains("1 passed"), "{said}");
    proxy.was_left_alone();
}
