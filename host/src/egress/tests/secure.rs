//! TLS: whom the client believes, and for which name.

use tokio::io::AsyncWriteExt;

use super::authority::Authority;
use super::client::{AMPLE, Client, SHORT, kind};
use super::server::{Forbidden, Server, Wire, head};
use crate::egress::*;

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

async fn answer(mut wire: Wire) {
    head(&mut wire).await;
    wire.write_all(OK.as_bytes()).await.unwrap();
    let _ = wire.shutdown().await;
}

fn rules(server: &Server) -> [String; 2] {
    ["server.example", "127.0.0.1"].map(|host| format!("https://{host}:{}", server.port()))
}

fn client(server: &Server, own: &Authorities) -> Client {
    Client::trusting(&rules(server), &["127.0.0.1"], own)
}

#[tokio::test]
async fn a_server_is_believed_if_its_certificate_is_for_its_name() {
    let authority = Authority::new();
    for (vouched_for, host, is_believed) in [
        ("server.example", "server.example", true),
        ("*.example", "server.example", false),
        ("127.0.0.1", "127.0.0.1", true),
        ("other.example", "server.example", false),
        ("server.example.evil.example", "server.example", false),
        ("*.server.example", "server.example", false),
        ("127.0.0.1", "server.example", false),
        ("server.example", "127.0.0.1", false),
    ] {
        let server = Server::secure(&authority.vouch_for(vouched_for), answer).await;
        let url = format!("https://{host}:{}/s3cret", server.port());
        let fetched = client(&server, &authority.known()).get(&url).await;
        assert_eq!(fetched.is_ok(), is_believed, "{vouched_for} {host}");
        if let Err(error) = fetched {
            assert_eq!(kind(&error), ("tls", true), "{error}");
        }
    }
}

#[tokio::test]
async fn a_certificate_does_not_fill_the_log() {
    let authority = Authority::new();
    let names = (0..1000).map(|n| format!("n{n}.example"));
    let server = Server::secure(&authority.vouch_for_all(names), answer).await;
    let url = format!("{}/", rules(&server)[0]);
    let error = client(&server, &authority.known()).get(&url).await;
    let error = error.unwrap_err().to_string();
    assert!(error.starts_with("no TLS with `server.example`: invalid peer certificate"));
    assert!(error.len() < 300, "{error}");
}

#[tokio::test]
async fn a_server_that_nobody_known_vouches_for_is_not_believed() {
    let (authority, stranger) = (Authority::new(), Authority::new());
    let strange = stranger.vouch_for("server.example");
    let expired = authority.vouched_for("server.example");
    for identity in [strange, expired] {
        let server = Server::secure(&identity, answer).await;
        let url = format!("{}/", rules(&server)[0]);
        let error = client(&server, &authority.known())
            .get(&url)
            .await
            .unwrap_err();
        assert_eq!(kind(&error), ("tls", true), "{error}");
        let none = Authorities::default();
        let error = client(&server, &none).get(&url).await.unwrap_err();
        assert_eq!(kind(&error), ("tls", true), "{error}");
    }
}

#[tokio::test]
async fn a_redirect_does_not_leave_tls_even_for_a_listed_name() {
    let authority = Authority::new();
    let forbidden = Forbidden::at([127, 0, 0, 1], 0);
    let plain = format!("http://server.example:{}", forbidden.port());
    let redirect = format!("HTTP/1.1 307 On\r\nLocation: {plain}/\r\n\r\n");
    let identity = authority.vouch_for("server.example");
    let server = Server::secure(&identity, move |mut wire| {
        let redirect = redirect.clone();
        async move {
            head(&mut wire).await;
            wire.write_all(redirect.as_bytes()).await.unwrap();
        }
    })
    .await;
    let listed = [rules(&server)[0].clone(), plain.clone()];
    let client = Client::trusting(&listed, &["127.0.0.1"], &authority.known());
    let error = client.get(&format!("{}/", listed[0])).await.unwrap_err();
    let expected = format!("a redirect leaves TLS for `{plain}`");
    assert_eq!(error.to_string(), expected);
    forbidden.was_left_alone();
}

#[tokio::test]
async fn an_answer_that_somebody_cut_is_not_taken_for_whole() {
    let authority = Authority::new();
    let identity = authority.vouch_for("server.example");
    // It ends where the connection does, which TLS would have said.
    let server = Server::secure(&identity, |mut wire| async move {
        head(&mut wire).await;
        wire.write_all(b"HTTP/1.1 200 OK\r\n\r\nhalf")
            .await
            .unwrap();
        wire.flush().await.unwrap();
    })
    .await;
    let url = format!("{}/", rules(&server)[0]);
    let error = client(&server, &authority.known())
        .get(&url)
        .await
        .unwrap_err();
    assert_eq!(kind(&error), ("broken", true));
}

#[tokio::test]
async fn a_peer_that_does_not_speak_tls_is_no_server() {
    let authority = Authority::new();
    let silent = Server::raw(|tcp| async move {
        let _tcp = tcp;
        std::future::pending().await
    })
    .await;
    let plain = Server::plain(|mut wire| async move {
        wire.write_all(OK.as_bytes()).await.unwrap();
    })
    .await;
    let closing = Server::raw(|tcp| async move { drop(tcp) }).await;
    for (server, expected, limit) in [
        (silent, "unreachable", SHORT),
        (plain, "tls", AMPLE),
        (closing, "unreachable", AMPLE),
    ] {
        let client = client(&server, &authority.known()).connecting_within(limit);
        let url = format!("{}/", rules(&server)[0]);
        let error = client.get(&url).await.unwrap_err();
        assert_eq!(kind(&error), (expected, true), "{error}");
    }
}
