//! Build a Jackfield provider: one trait, one macro line.
//!
//! ```
//! use jackfield_sdk::{Answer, Lookup, Refusal, Request};
//!
//! struct Greeting;
//!
//! impl Lookup for Greeting {
//!     fn lookup(request: Request) -> Result<Answer, Refusal> {
//!         let Some(number) = request.address.e164 else {
//!             return Err(Refusal::caller_error("not_a_number", "only telephone numbers are greeted"));
//!         };
//!         Ok(Answer::from_json(format!(r#"{{"greeting":"hello, {number}"}}"#)).max_age_seconds(60))
//!     }
//! }
//!
//! jackfield_sdk::provider!(Greeting);
//!
//! let answer = Greeting::lookup(Request::lookup("+15005550006")).unwrap();
//! assert_eq!(answer.json, r#"{"greeting":"hello, +15005550006"}"#);
//! ```
//!
//! A provider for recordings implements [`Analyst`], and is made a component by
//! [`analyst!`]: it reads the audio and writes its report as streams.
//!
//! Every call runs in a fresh instance of the component, so there is nothing to
//! initialise, to cache or to clean up. A panic is a trap: the host answers for
//! the provider, and only that request is lost.

// The code that `provider!` expands to names this crate, and so do the bindings.
extern crate self as jackfield_sdk;

mod analyst;
mod answer;
#[cfg(any(feature = "arena", test))]
mod arena;
#[doc(hidden)]
pub mod contract;
mod media;
mod provider;
mod recording;
mod refusal;
mod reported;
mod request;
mod settings;

#[cfg(feature = "arena")]
#[doc(hidden)]
pub use crate::arena::Arena;
#[doc(hidden)]
pub use wit_bindgen;

pub use crate::analyst::Analyst;
#[cfg(not(target_family = "wasm"))]
pub use crate::analyst::{Analyzed, analyze};
pub use crate::answer::JsonError;
pub use crate::contract::analysis::exports::jackfield::addon::analysis::Recording;
pub use crate::contract::exports::jackfield::addon::lookup::Request;
pub use crate::contract::jackfield::addon::types::{Address, Answer, Refusal, RefusalKind, Sids};
pub use crate::media::{AudioReader, ReportWriter};
pub use crate::provider::Lookup;
pub use crate::reported::Reported;
#[cfg(not(target_family = "wasm"))]
pub use crate::settings::give_settings;
pub use crate::settings::{CheckSettings, setting, settings};
