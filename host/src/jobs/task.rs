//! What a job is about, as it is kept: JSON, sealed. It holds all that the provider is told
//! and where the result is wanted, and says which form it has, for a host of the next
//! version may read it.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::protocol::invocation::Sids;
use crate::protocol::point::IntegrationPoint;
use crate::protocol::recording::{Callback, Facts, Recording, Source};

/// The form in which tasks are written. Readers refuse a later one.
const FORM: u32 = 1;

/// Why a task cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum TaskError {
    /// It is not what a host writes.
    #[error("what is kept of the job makes no sense")]
    Malformed,
    /// A later version wrote it.
    #[error("what is kept of the job is of form {0}, which this version does not know")]
    Later(u32),
}

/// What a job is about.
#[derive(Clone, PartialEq, Eq)]
pub struct Task {
    /// What the provider is told.
    pub facts: Facts,
    /// Where the audio is to be fetched; nowhere, if it was sent.
    pub audio_at: Option<String>,
    /// Where the result is wanted, if anywhere.
    pub callback: Option<Callback>,
}

impl From<Recording> for Task {
    fn from(recording: Recording) -> Self {
        let Recording {
            facts,
            source,
            callback,
        } = recording;
        Self {
            facts,
            audio_at: match source {
                Source::Sent(_) => None,
                Source::At(url) => Some(url),
            },
            callback,
        }
    }
}

#[derive(Deserialize)]
struct Form {
    form: u32,
}

#[derive(Serialize, Deserialize)]
struct Kept {
    form: u32,
    point: String,
    media_type: Option<String>,
    duration_ms: Option<u64>,
    size: Option<u64>,
    channels: Option<u32>,
    sample_rate: Option<u32>,
    sids: KeptSids,
    fields: Vec<(String, String)>,
    audio_at: Option<String>,
    callback: Option<KeptCallback>,
}

#[derive(Serialize, Deserialize)]
struct KeptSids {
    account: String,
    add_on: String,
    add_on_version: Option<String>,
    add_on_install: Option<String>,
    add_on_configuration: Option<String>,
    request: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct KeptCallback {
    url: String,
    signed: bool,
}

impl Task {
    /// The task as it is kept, before it is sealed.
    #[must_use]
    pub fn write(&self) -> Vec<u8> {
        let facts = self.facts.clone();
        let kept = Kept {
            form: FORM,
            point: facts.point.name().to_owned(),
            media_type: facts.media_type,
            duration_ms: facts.duration.map(millis),
            size: facts.size,
            channels: facts.channels,
            sample_rate: facts.sample_rate,
            sids: facts.sids.into(),
            fields: facts.fields,
            audio_at: self.audio_at.clone(),
            callback: self.callback.clone().map(|callback| KeptCallback {
                url: callback.url,
                signed: callback.signed,
            }),
        };
        serde_json::to_vec(&kept).expect("texts and numbers are always JSON")
    }

    /// Reads what was kept.
    ///
    /// # Errors
    /// Where it makes no sense here.
    pub fn read(kept: &[u8]) -> Result<Self, TaskError> {
        let Form { form } = serde_json::from_slice(kept).map_err(|_| TaskError::Malformed)?;
        if form != FORM {
            return Err(TaskError::Later(form));
        }
        let kept: Kept = serde_json::from_slice(kept).map_err(|_| TaskError::Malformed)?;
        kept.task().ok_or(TaskError::Malformed)
    }
}

impl Kept {
    fn task(self) -> Option<Task> {
        let facts = Facts {
            point: self.point.parse::<IntegrationPoint>().ok()?,
            media_type: self.media_type,
            duration: self.duration_ms.map(Duration::from_millis),
            size: self.size,
            channels: self.channels,
            sample_rate: self.sample_rate,
            sids: self.sids.sids()?,
            fields: self.fields,
        };
        let callback = self.callback.map(|callback| Callback {
            url: callback.url,
            signed: callback.signed,
        });
        Some(Task {
            facts,
            audio_at: self.audio_at,
            callback,
        })
    }
}

impl From<Sids> for KeptSids {
    fn from(sids: Sids) -> Self {
        let Sids {
            account,
            add_on,
            add_on_version,
            add_on_install,
            add_on_configuration,
            request,
        } = sids;
        Self {
            account: account.to_string(),
            add_on: add_on.to_string(),
            add_on_version: add_on_version.map(|sid| sid.to_string()),
            add_on_install: add_on_install.map(|sid| sid.to_string()),
            add_on_configuration: add_on_configuration.map(|sid| sid.to_string()),
            request: request.map(|sid| sid.to_string()),
        }
    }
}

impl KeptSids {
    fn sids(&self) -> Option<Sids> {
        Some(Sids {
            account: self.account.parse().ok()?,
            add_on: self.add_on.parse().ok()?,
            add_on_version: optional(self.add_on_version.as_ref())?,
            add_on_install: optional(self.add_on_install.as_ref())?,
            add_on_configuration: optional(self.add_on_configuration.as_ref())?,
            request: optional(self.request.as_ref())?,
        })
    }
}

/// Nothing is nothing; what is there has to be a SID.
fn optional<T: std::str::FromStr>(text: Option<&String>) -> Option<Option<T>> {
    match text {
        None => Some(None),
        Some(text) => text.parse().ok().map(Some),
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn task() -> Task {
        let digits = "0123456789abcdef0123456789abcdef";
        Task {
            facts: Facts {
                point: IntegrationPoint::Recordings,
                media_type: Some("audio/x-wav".to_owned()),
                duration: Some(Duration::from_millis(3_680)),
                size: Some(58_924),
                channels: Some(2),
                sample_rate: None,
                sids: Sids {
                    account: format!("AC{digits}").parse().unwrap(),
                    add_on: format!("XB{digits}").parse().unwrap(),
                    add_on_version: None,
                    add_on_install: format!("XD{digits}").parse().ok(),
                    add_on_configuration: None,
                    request: format!("XR{digits}").parse().ok(),
                },
                fields: vec![("language".to_owned(), "en-US".to_owned())],
            },
            audio_at: Some("https://api.twilio.com/x?a=1".to_owned()),
            callback: Some(Callback {
                url: "https://api.twilio.com/callback".to_owned(),
                signed: true,
            }),
        }
    }

    #[test]
    fn what_is_kept_is_what_is_read() {
        let bare = Task {
            audio_at: None,
            callback: None,
            ..task()
        };
        for task in [task(), bare] {
            assert!(Task::read(&task.write()).unwrap() == task);
        }
    }

    #[test]
    fn what_a_later_version_wrote_is_told_apart_from_what_makes_no_sense() {
        let later = br#"{"form":2,"everything":"else"}"#;
        assert!(matches!(Task::read(later), Err(TaskError::Later(2))));
        let kept = String::from_utf8(task().write()).unwrap();
        for broken in ["", "{}", "[1]", &kept[1..], &kept.replace("XB0", "XC0")] {
            let read = Task::read(broken.as_bytes());
            assert!(matches!(read, Err(TaskError::Malformed)), "{broken}");
        }
    }
}
