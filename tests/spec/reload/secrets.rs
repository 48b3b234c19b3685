//! Secrets that are rotated: the new one is believed without a restart, and the old one
//! no longer.

use jackfield_tests::versions::version;
use jackfield_tests::{ACCOUNT, NUMBER, OTHER_TOKEN, TOKEN, TestHost, TestHostBuilder};

use super::{TERMS, sid};

/// A host that has its account's token from elsewhere.
fn with_token(secret: &str) -> TestHostBuilder {
    TestHost::builder()
        .accounts(&format!("[accounts.{ACCOUNT}]\nauth_tokens = [{secret}]"))
        .add_on_of("it", &sid(), &version(1), TERMS)
}

/// Whether a call that is signed with a token is believed.
async fn believes(host: &TestHost, token: &str) -> bool {
    let call = host.twilio_as(ACCOUNT, token).lookup(&sid(), NUMBER);
    let status = call.send().await.status;
    assert!(status == 200 || status == 403, "{status}");
    status == 200
}

/// Rotates the token from one to the other and back, by writing a file.
async fn rotate(host: &TestHost, file: &str, content: impl Fn(&str) -> String) {
    assert!(believes(host, TOKEN).await && !believes(host, OTHER_TOKEN).await);
    for (new, old) in [(OTHER_TOKEN, TOKEN), (TOKEN, OTHER_TOKEN)] {
        host.put(file, content(new));
        host.until("the new token is believed", async || {
            believes(host, new).await
        })
        .await;
        assert!(!believes(host, old).await, "the old token is believed");
    }
}

#[tokio::test]
async fn in_a_file_of_its_own() {
    let builder = with_token("{ file = \"token\" }");
    std::fs::write(builder.path().join("token"), TOKEN).unwrap();
    rotate(&builder.start(), "token", str::to_owned).await;
}

#[tokio::test]
async fn in_the_env_file() {
    let builder = with_token("{ env = \"ROTATED\" }");
    let line = |token: &str| format!("ROTATED={token}\n");
    std::fs::write(builder.path().join(".env"), line(TOKEN)).unwrap();
    rotate(&builder.start(), ".env", line).await;
}
