//! A host's jobs, as its operator is told of them over the control socket.

use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::net::UnixStream;

use crate::host::TestHost;
use crate::wire;

/// Where the socket is, in the directory of what the host keeps.
const SOCKET: &str = "control/socket";
/// How many jobs are asked for at once.
const PAGE: usize = 500;

/// One job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// Its name.
    pub id: String,
    /// The request's SID.
    pub request: Option<String>,
    /// `accepted`, `resulted`, `done` or `dead`.
    pub state: String,
    /// How often its provider was called.
    pub runs: u64,
    /// How often its result was sent.
    pub deliveries: u64,
    /// `answer` or `failure`, once there is a result.
    pub result: Option<String>,
    /// Why it was put off or given up last.
    pub why: Option<String>,
}

impl Job {
    /// Whether there is something left to be done with it.
    #[must_use]
    pub fn is_open(&self) -> bool {
        matches!(self.state.as_str(), "accepted" | "resulted")
    }

    fn read(told: &Value) -> Self {
        let text = |name: &str| told[name].as_str().map(str::to_owned);
        let number = |name: &str| told[name].as_u64().expect("a number");
        Self {
            id: text("id").expect("a job has a name"),
            request: text("request"),
            state: text("state").expect("a job has a state"),
            runs: number("runs"),
            deliveries: number("deliveries"),
            result: text("result"),
            why: text("why"),
        }
    }
}

impl TestHost {
    /// All its jobs, the oldest first.
    ///
    /// # Panics
    /// Where it does not tell.
    pub async fn jobs(&self) -> Vec<Job> {
        let mut jobs: Vec<Job> = Vec::new();
        loop {
            let after = jobs.last().map(|job| &job.id);
            let asked = json!({"after": after, "limit": PAGE});
            let told = self.order("jobs", &asked).await;
            let page = told.as_array().expect("a list of jobs");
            jobs.extend(page.iter().map(Job::read));
            if page.len() < PAGE {
                return jobs;
            }
        }
    }

    /// The job of a request, if there is one.
    pub async fn job_of(&self, request: &str) -> Option<Job> {
        let mut jobs = self.jobs().await.into_iter();
        jobs.find(|job| job.request.as_deref() == Some(request))
    }

    /// Waits until nothing is left to be done, and returns all jobs.
    ///
    /// # Panics
    /// Where it takes too long.
    pub async fn at_rest(&self) -> Vec<Job> {
        let rests = async || !self.jobs().await.iter().any(Job::is_open);
        self.until("no job is open", rests).await;
        self.jobs().await
    }

    /// Has it do something with one job.
    ///
    /// # Errors
    /// What it refuses with.
    pub async fn job(&self, verb: &str, id: &str) -> Result<Value, Value> {
        self.asked(verb, &json!({ "job": id })).await
    }

    /// Asks for something over the control socket.
    ///
    /// # Errors
    /// What it refuses with.
    ///
    /// # Panics
    /// Where there is no answer.
    pub async fn asked(&self, verb: &str, what: &Value) -> Result<Value, Value> {
        let socket = self.state().join(SOCKET);
        let mut stream = UnixStream::connect(socket).await.expect("a socket");
        let body = what.to_string();
        let request = format!(
            "POST /v1/{verb} HTTP/1.1\r\nhost: jackfield\r\ncontent-type: application/json\r\n\
             content-length: {}\r\n\r\n{body}",
            body.len()
        );
        let sent = stream.write_all(request.as_bytes()).await;
        sent.expect("the request is sent");
        let answer = wire::answer(&mut stream).await.expect("an answer");
        match answer.status.is_success() {
            true => Ok(answer.json()),
            false => Err(answer.json()),
        }
    }

    async fn order(&self, verb: &str, what: &Value) -> Value {
        let told = self.asked(verb, what).await;
        told.unwrap_or_else(|refused| panic!("`{verb}` is refused: {refused}"))
    }
}
