//! From a file in the plugin directory to a provider. Whoever can put a file there can
//! put anything there, and what is in it is run by the compiler before it ever runs in
//! the sandbox.

pub(crate) mod bombs;
mod compiling;
mod keeping;
mod opening;
mod place;
