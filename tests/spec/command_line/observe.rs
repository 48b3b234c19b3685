//! `jackfield observe`: what is kept of a request, and what is not.

use std::fs::{File, read_dir, read_to_string};
use std::io::{BufRead, BufReader, Read};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use insta::assert_snapshot;
use jackfield_tests::{
    ACCOUNT, NUMBER, PUBLIC_URL, TOKEN, TestHost, Twilio, add_on_sid, binary, body_hash,
    request_sid,
};
use serde_json::Value;

use super::{answer, call, host};

const MESSAGE: &str = "Meet me at 9";
const DATE: &str = "2031-04-05T06:07:08Z";
const NAME: &str = "Ada Lovelace";
/// What no record may hold.
const VALUES: [&str; 7] = [
    "2125550123",
    MESSAGE,
    DATE,
    NAME,
    TOKEN,
    ACCOUNT,
    "s3cret-agent",
];

struct Observer {
    child: Child,
    output: BufReader<ChildStdout>,
    address: String,
}

impl Observer {
    fn start(directory: &Path) -> Self {
        let mut child = Command::new(binary())
            .args([
                "observe",
                "--listen",
                "127.0.0.1:0",
                "--public-url",
                PUBLIC_URL,
            ])
            .current_dir(directory)
            .envs([("ACCOUNT_SID", ACCOUNT), ("AUTH_TOKEN", TOKEN)])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(File::create(directory.join("log")).unwrap())
            .spawn()
            .unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let mut first = String::new();
        output.read_line(&mut first).unwrap();
        let address = first
            .trim()
            .strip_prefix("listening on http://")
            .unwrap()
            .to_owned();
        Self {
            child,
            output,
            address,
        }
    }

    /// Ends it, and returns all that it said.
    fn stop(mut self) -> String {
        let process = self.child.id().to_string();
        assert!(
            Command::new("kill")
                .arg(&process)
                .status()
                .unwrap()
                .success()
        );
        assert_eq!(self.child.wait().unwrap().code(), Some(0));
        let mut said = String::new();
        self.output.read_to_string(&mut said).unwrap();
        said
    }
}

/// A GET, a form, JSON, and a recording.
async fn send_one_of_each(twilio: &Twilio) {
    let date = DATE.replace(':', "%3A");
    let sid = add_on_sid('a');
    let query = format!("/cnam/{NUMBER}?phone=%2B12125550123&InvocationDate={date}&TTL=300");
    let form = [
        ("phone", NUMBER),
        ("body", MESSAGE),
        ("InvocationDate", DATE),
        ("TTL", "300"),
    ];
    let json = format!(r#"{{"phone":"{NUMBER}","name":"{NAME}","n":12125550123}}"#);
    let recording = format!(
        "--edge\r\ncontent-disposition: form-data; name=\"request\"\r\n\
         content-type: application/json\r\n\r\n{{\"phone\":\"{NUMBER}\"}}\r\n\
         --edge\r\ncontent-disposition: form-data; name=\"audio\"; filename=\"{NAME}.wav\"\r\n\
         content-type: audio/x-wav\r\n\r\n{MESSAGE}\r\n--edge--\r\n"
    );
    let target = format!("/recordings?bodySHA256={}", body_hash(recording.as_bytes()));
    let recorded = twilio
        .request(http::Method::POST, &target)
        .header("content-type", "multipart/form-data; boundary=edge")
        .body(recording);
    for request in [
        twilio.get(&query),
        twilio.form("/incoming-sms", &form),
        twilio.json("/lookups", &json),
        recorded,
        twilio
            .form("/incoming-sms", &form)
            .signature_of("AAAAAAAAAAAAAAAAAAAAAAAAAAA="),
    ] {
        let request = request.add_on(&sid).request_sid(&request_sid(7));
        let answer = request.header("user-agent", "s3cret-agent").send().await;
        assert_eq!(answer.status, 200);
    }
}

fn record(directory: &Path, number: usize) -> Value {
    let file = directory.join(format!("observed/request-{number:04}.json"));
    serde_json::from_str(&read_to_string(file).unwrap()).unwrap()
}

#[tokio::test]
async fn a_requests_shape_is_kept_and_none_of_its_values() {
    let directory = tempfile::tempdir().unwrap();
    let observer = Observer::start(directory.path());
    let host = host();
    send_one_of_each(&host.twilio().to(&observer.address)).await;
    let said = observer.stop();
    let mut everything = said.clone() + &read_to_string(directory.path().join("log")).unwrap();

    let kept = directory.path().join("observed");
    let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&kept), 0o700);
    for entry in read_dir(&kept).unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(mode(&path), 0o600);
        everything.push_str(&read_to_string(&path).unwrap());
    }
    for value in VALUES {
        assert!(!everything.contains(value), "{value}: {everything}");
    }
    assert_snapshot!(said, @"
    observed/request-0001.json: HTTP/1.1 GET /cnam/+00000000000 with 6 header(s), body none (0 bytes), bodySHA256 absent; signature verified with AUTH_TOKEN over the URL as given
    observed/request-0002.json: HTTP/1.1 POST /incoming-sms with 8 header(s), body application/x-www-form-urlencoded (86 bytes), bodySHA256 absent; signature verified with AUTH_TOKEN over the URL as given
    observed/request-0003.json: HTTP/1.1 POST /lookups with 8 header(s), body application/json (62 bytes), bodySHA256 right; signature verified with AUTH_TOKEN over the URL as given
    observed/request-0004.json: HTTP/1.1 POST /recordings with 8 header(s), body multipart/form-data (252 bytes), bodySHA256 right; signature verified with AUTH_TOKEN over the URL as given
    observed/request-0005.json: HTTP/1.1 POST /incoming-sms with 8 header(s), body application/x-www-form-urlencoded (86 bytes), bodySHA256 absent; signature not verified: the signature does not match the request
    ");
    assert_snapshot!(serde_json::to_string_pretty(&record(directory.path(), 1)).unwrap(), @r#"
    {
      "method": "GET",
      "http_version": "HTTP/1.1",
      "path": "/cnam/+00000000000",
      "query": [
        {
          "name": "phone",
          "value": "+00000000000"
        },
        {
          "name": "InvocationDate",
          "value": "0000-00-00x00:00:00x"
        },
        {
          "name": "TTL",
          "value": "000"
        }
      ],
      "headers": [
        {
          "name": "host",
          "value": "xxxxxx.xxxxxxx.xxx"
        },
        {
          "name": "x-twilio-vendoraccountsid",
          "value": "xx00x0000000x0000x0xxxx00xxx000000"
        },
        {
          "name": "x-twilio-addonsid",
          "value": "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
        },
        {
          "name": "x-twilio-requestsid",
          "value": "xx00000000000000000000000000000000"
        },
        {
          "name": "user-agent",
          "value": "x0xxxx-xxxxx"
        },
        {
          "name": "x-twilio-signature",
          "value": "xxxxxx0xxx00xxxxx00xxxxxxxx="
        }
      ],
      "body_type": null,
      "body_bytes": 0,
      "body": [],
      "parts": [],
      "body_sha256": "absent",
      "date_and_ttl_fields": [
        "InvocationDate",
        "TTL"
      ],
      "signature": "verified with AUTH_TOKEN over the URL as given"
    }
    "#);
    assert_eq!(
        record(directory.path(), 2)["signature"],
        "verified with AUTH_TOKEN over the URL as given"
    );
    assert_snapshot!(record(directory.path(), 3)["body"], @r#"[{"name":"phone","value":"+00000000000"},{"name":"name","value":"xxx xxxxxxxx"},{"name":"n","value":"00000000000"}]"#);
    assert_snapshot!(serde_json::to_string_pretty(&record(directory.path(), 4)["parts"]).unwrap(), @r#"
    [
      {
        "name": "request",
        "is_file": false,
        "content_type": "application/json",
        "bytes": 24
      },
      {
        "name": "audio",
        "is_file": true,
        "content_type": "audio/x-wav",
        "bytes": 12
      }
    ]
    "#);
    assert_snapshot!(record(directory.path(), 5)["signature"], @r#""not verified: the signature does not match the request""#);
}

#[tokio::test]
async fn a_record_can_be_sent_to_a_host_with_another_number() {
    let directory = tempfile::tempdir().unwrap();
    let observer = Observer::start(directory.path());
    let sid = add_on_sid('a');
    let toml = "grants = { fields = [\"body\", \"*\"] }";
    let host = TestHost::with("echo", &sid, toml)
        .server("freshness = { required = true }")
        .start();
    send_one_of_each(&host.twilio().to(&observer.address)).await;
    let _ = observer.stop();

    for (record, via, status) in [
        ("1", "lookups", 0),
        ("2", "incoming-sms", 0),
        ("3", "lookups", 1),
    ] {
        let file = directory
            .path()
            .join(format!("observed/request-000{record}.json"));
        let output = call(&host, &["--via", via, "--from", file.to_str().unwrap()]);
        assert_eq!(output.status.code(), Some(status), "{output:?}");
        let answer = answer(&output);
        match status {
            0 => assert_eq!(answer["results"]["address"]["e164"], NUMBER),
            // The third has no date, and this host demands one.
            _ => assert_eq!(answer["error_code"], "stale_request"),
        }
    }
}
