//! Which ways lead to the wasm toolchain, from what is known of the machine.

/// What was found out about the machine.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Facts {
    /// The active rustc compiles for every target.
    pub(crate) active_is_ready: bool,
    /// So does Debian's, and the active toolchain has a linker for it.
    pub(crate) debian_is_ready: bool,
    /// rustup is on `PATH`.
    pub(crate) has_rustup: bool,
    /// This is Debian, we are root, and the active toolchain has a linker.
    pub(crate) may_build_on_debian: bool,
}

/// One way to a toolchain with every target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// The active toolchain as it is.
    Active,
    /// Debian's toolchain, to which the targets were added earlier.
    Debian,
    /// The active toolchain, after rustup has added the targets.
    Rustup,
    /// Debian's toolchain, after the targets were built from its sources.
    BuildOnDebian,
}

impl Way {
    /// One line for the person who waits.
    pub(crate) fn describe(self) -> &'static str {
        match self {
            Self::Active => "The active toolchain has them.",
            Self::Debian => "Debian's toolchain has them.",
            Self::Rustup => "Asking rustup for them.",
            Self::BuildOnDebian => "Building them from Debian's sources; this takes minutes.",
        }
    }
}

/// The ways that are open, best first. What is ready is taken alone; the others
/// may fail, and then the next one is tried.
pub(crate) fn in_order(facts: Facts) -> Vec<Way> {
    let Facts {
        active_is_ready,
        debian_is_ready,
        has_rustup,
        may_build_on_debian,
    } = facts;
    if active_is_ready {
        return vec![Way::Active];
    }
    if debian_is_ready {
        return vec![Way::Debian];
    }
    let open = [
        (Way::Rustup, has_rustup),
        (Way::BuildOnDebian, may_build_on_debian),
    ];
    open.into_iter()
        .filter_map(|(way, is_open)| is_open.then_some(way))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOTHING: Facts = Facts {
        active_is_ready: false,
        debian_is_ready: false,
        has_rustup: false,
        may_build_on_debian: false,
    };

    #[test]
    fn the_first_ready_toolchain_is_taken_alone() {
        let both = Facts {
            active_is_ready: true,
            debian_is_ready: true,
            ..NOTHING
        };
        assert_eq!(in_order(both), [Way::Active]);
        let debian = Facts {
            debian_is_ready: true,
            has_rustup: true,
            ..NOTHING
        };
        assert_eq!(in_order(debian), [Way::Debian]);
    }

    #[test]
    fn rustup_is_asked_before_anything_is_built() {
        let facts = Facts {
            has_rustup: true,
            may_build_on_debian: true,
            ..NOTHING
        };
        assert_eq!(in_order(facts), [Way::Rustup, Way::BuildOnDebian]);
    }

    #[test]
    fn only_open_ways_are_tried() {
        assert_eq!(in_order(NOTHING), []);
        let rustup = Facts {
            has_rustup: true,
            ..NOTHING
        };
        assert_eq!(in_order(rustup), [Way::Rustup]);
        let debian = Facts {
            may_build_on_debian: true,
            ..NOTHING
        };
        assert_eq!(in_order(debian), [Way::BuildOnDebian]);
    }
}
