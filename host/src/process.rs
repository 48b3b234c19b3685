//! The process and its surroundings: what tells it to end, the sockets it was handed, the
//! files it may have open, what it takes, and what its manager is told. Nothing here knows a request.

mod descriptors;
mod inherited;
mod manager;
mod signals;
mod usage;

pub use descriptors::Descriptors;
pub use inherited::Inherited;
pub use manager::Manager;
pub use signals::Signals;
pub use usage::Usage;
