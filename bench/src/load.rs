//! The load generator: one thread on one processor, with kept connections that never wait
//! for one another.
//!
//! Its requests are signed before it starts, and only their SIDs are written anew for each,
//! so that a request costs it two system calls and one look at the answer. Every answer is
//! looked at.

mod answer;
mod clock;
mod drive;
mod line;
mod outcome;
mod pace;
mod pool;
mod request;
mod sid;
mod zipf;

pub use drive::{Plan, run};
pub use outcome::Outcome;
pub use pace::Pace;
pub use pool::Pool;
pub use request::{Asked, Shape, Template};
pub use zipf::Zipf;
