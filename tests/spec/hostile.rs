//! What hostile guests bring about: an answer to their own caller, in time, and nothing
//! to anybody else.

mod answers;
mod footprint;
mod logs;
mod neighbours;
mod tenants;
