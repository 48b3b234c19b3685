//! The trait that a provider implements, and the macro that makes it a component.

use crate::{Answer, Refusal, Request};

/// A provider for the synchronous integration points: Lookups, incoming SMS and
/// incoming voice call.
pub trait Lookup {
    /// Answers one request within [`Request::deadline_ms`] milliseconds.
    ///
    /// # Errors
    ///
    /// A [`Refusal`] is an ordinary answer to Twilio: there is no result, or none
    /// now, or never one for such a request.
    fn lookup(request: Request) -> Result<Answer, Refusal>;
}

/// Exports a type that implements [`Lookup`](crate::Lookup) as the component's
/// provider, once in a crate.
///
/// It exports nothing natively, so that unit tests call the type itself. Unless
/// the feature `arena` is off, it also installs the arena as the allocator. The
/// arena has 32 KiB, or as many bytes as are named: `provider!(Directory, arena: 8 * 1024)`.
#[macro_export]
macro_rules! provider {
    ($provider:ty) => {
        $crate::provider!($provider, arena: 32 * 1024);
    };
    ($provider:ty, arena: $bytes:expr) => {
        #[cfg(target_family = "wasm")]
        #[allow(unsafe_code, unused_qualifications, clippy::undocumented_unsafe_blocks)]
        const _: () = {
            struct Provider;

            impl $crate::contract::exports::jackfield::addon::lookup::Guest for Provider {
                fn lookup(request: $crate::Request) -> Result<$crate::Answer, $crate::Refusal> {
                    <$provider as $crate::Lookup>::lookup(request)
                }
            }

    $crate::contract::export!(Provider with_types_in $crate::contract);
            $crate::__install_arena!($bytes);
        };
    };
}

/// Makes the arena the allocator of the component that is being built.
#[cfg(feature = "arena")]
#[doc(hidden)]
#[macro_export]
macro_rules! __install_arena {
    ($bytes:expr) => {
        #[global_allocator]
        static ALLOCATOR: $crate::Arena<::std::alloc::System, { $bytes }> =
            $crate::Arena::new(::std::alloc::System);
    };
}

/// Leaves the allocator to the vendor.
#[cfg(not(feature = "arena"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __install_arena {
    ($bytes:expr) => {};
}
