//! What hostile guests bring about: an answer to their own caller, in time, and nothing
//! to anybody else.

mod answers;
mod logs;
mod tenants;
