//! What a provider for recordings gets to see and may do, and how its call ends. It is
//! called without the host around it: of what goes wrong, the host's callers are told less.

mod allocators;
mod endings;
mod given;
mod insight;
mod limits;
mod passing;
mod worlds;
