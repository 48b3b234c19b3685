//! What a host keeps between starts, in a directory of its own: which versions served,
//! what an operator decided, and who did what.

mod audit;
mod components;
pub(crate) mod private;
mod records;

pub use audit::{Audit, Entry, Who};
pub use components::Components;
pub use records::{Frozen, Hold, HoldKind, Pause, Record, Records, Served};

pub(crate) use private::{Draft, NotPrivate, PrivateDir, through};

use std::path::Path;

/// All that a host keeps, or could keep if it had a directory for it.
pub struct State {
    /// What is known of each add-on.
    pub records: Records,
    /// Copies of the components that served.
    pub components: Option<Components>,
    /// Who did what.
    pub audit: Audit,
}

impl State {
    /// Opens a state directory. Where it cannot be used, everything is kept until the host
    /// ends, but for the components; the reason comes back as well.
    #[must_use]
    pub fn open(directory: &Path) -> (Self, Option<String>) {
        let opened = Records::open(directory)
            .and_then(|records| Ok((records, Components::open(directory)?)));
        match opened {
            Ok((records, components)) => {
                let (components, audit) = (Some(components), Audit::of(directory));
                let state = Self {
                    records,
                    components,
                    audit,
                };
                (state, None)
            }
            Err(error) => (Self::unkept(), Some(error)),
        }
    }

    /// A state that ends with the process.
    #[must_use]
    pub fn unkept() -> Self {
        Self {
            records: Records::unkept(),
            components: None,
            audit: Audit::unkept(),
        }
    }
}
