//! What `jackfield call` signs, judged by Twilio's packages.

use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use jackfield_tests::{ACCOUNT, PUBLIC_URL, TOKEN, TestHost, add_on_sid, run};
use serde_json::Value;

use super::call::Pair;
use super::library::{Library, to_judge, to_sign};

/// Writes its arguments to a file, each ended by a NUL.
const FAKE_CURL: &str = "#!/bin/sh\nprintf '%s\\0' \"$@\" >\"$ARGUMENTS\"\n";

/// The request that a printed curl command would make.
struct Printed {
    url: String,
    headers: Vec<(String, String)>,
    body: Option<String>,
}

impl Printed {
    /// Runs `jackfield call --curl`, and what it prints in a shell whose `curl` only
    /// keeps its arguments.
    fn by(directory: &Path, arguments: &[&str]) -> Self {
        let own = ["call", "--addon", "echo", "--curl"];
        let arguments = [&own, arguments].concat();
        let environment = [("ACCOUNT_SID", ACCOUNT), ("AUTH_TOKEN", TOKEN)];
        let output = run(&arguments, &environment, directory);
        let command = String::from_utf8(output.stdout).expect("a command is text");
        assert!(output.status.success(), "{command}");
        Self::read(&words(directory, &command))
    }

    fn read(words: &[String]) -> Self {
        let mut printed = Self {
            url: words.last().expect("a URL").clone(),
            headers: Vec::new(),
            body: None,
        };
        for pair in words.windows(2) {
            match (pair[0].as_str(), pair[1].as_str()) {
                ("--header", header) => {
                    let (name, value) = header.split_once(": ").expect("a name and a value");
                    printed.headers.push((name.to_owned(), value.to_owned()));
                }
                ("--data-binary", body) => printed.body = Some(body.to_owned()),
                _ => {}
            }
        }
        printed
    }

    fn header(&self, name: &str) -> Option<&str> {
        let mut named = self.headers.iter().filter(|(own, _)| own == name);
        named.next().map(|(_, value)| value.as_str())
    }

    /// The judgement that this request asks for. Twilio signed the public URL, which is
    /// not the one that is called on this machine.
    fn question(&self) -> Value {
        let target = self.url.strip_prefix("http://127.0.0.1:8080");
        let url = format!("{PUBLIC_URL}{}", target.expect("the host's own address"));
        let is_json = self.header("content-type") == Some("application/json");
        let (form, json) = match (&self.body, is_json) {
            (Some(text), true) => (Vec::new(), Some(text.as_str())),
            (Some(text), false) => (decoded(text), None),
            (None, _) => (Vec::new(), None),
        };
        let signature = self.header("x-twilio-signature").expect("a signature");
        to_judge(to_sign(TOKEN, &url, &form, json), signature)
    }
}

fn decoded(form: &str) -> Vec<Pair> {
    form_urlencoded::parse(form.as_bytes())
        .into_owned()
        .collect()
}

/// The words of a shell command after its first.
fn words(directory: &Path, command: &str) -> Vec<String> {
    let (bin, kept) = (directory.join("bin"), directory.join("arguments"));
    fs::create_dir_all(&bin).expect("a directory is made");
    let curl = bin.join("curl");
    fs::write(&curl, FAKE_CURL).expect("a script is written");
    fs::set_permissions(&curl, fs::Permissions::from_mode(0o755)).expect("it may be run");
    let mut path = OsString::from(bin);
    path.push(":/usr/bin:/bin");
    let status = Command::new("sh")
        .args(["-c", command])
        .env("PATH", path)
        .env("ARGUMENTS", &kept)
        .status()
        .expect("a shell starts");
    assert!(status.success(), "{command}");
    let kept = fs::read_to_string(kept).expect("the arguments are kept");
    kept.split_terminator('\0').map(str::to_owned).collect()
}

const MESSAGE: &str = "Caf\u{e9} ' \"quoted\" $HOME `id` \\ + % & = 日本 😀\nsecond line";

#[tokio::test]
async fn both_official_packages_believe_what_the_call_command_signs() {
    let host = TestHost::with("echo", &add_on_sid('a'), "").start();
    let further = [
        "--body",
        MESSAGE,
        "--param",
        "n\u{e4}me [1]=a b",
        "--param",
        "empty=",
    ];
    let mut questions = Vec::new();
    for method in ["get", "form", "json"] {
        for via in ["lookups", "incoming-sms", "incoming-voice-call"] {
            let plain = ["--phone", "+12125550123", "--method", method, "--via", via];
            questions.push(Printed::by(host.path(), &plain).question());
            let full = [&plain[..], &further].concat();
            questions.push(Printed::by(host.path(), &full).question());
        }
    }
    for library in [Library::Npm, Library::PyPi] {
        assert_eq!(
            library.ask(&questions),
            vec![Value::Bool(true); 18],
            "{library:?}"
        );
        let refused = library.ask(&questions.iter().map(altered).collect::<Vec<_>>());
        assert_eq!(refused, vec![Value::Bool(false); 18], "{library:?}");
    }
}

/// The same question about another host.
fn altered(question: &Value) -> Value {
    let mut question = question.clone();
    let url = question["url"].as_str().expect("a URL");
    question["url"] = url
        .replacen(PUBLIC_URL, "https://addons.example.org", 1)
        .into();
    question
}
