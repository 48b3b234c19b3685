//! Which rooms there are: for each size one to serve in, and one to be tried in.

use std::sync::Arc;

use wasmtime::{Config, Engine, InstanceAllocationStrategy};

use super::ceilings::Ceilings;
use super::pool::{self, Pool};
use super::room::{Room, guest_config};
use super::size::Size;
use super::stock::Stock;

/// What host functions have of a guest's stack beyond its own part, in bytes.
const HOST_STACK: usize = 3 * 1024 * 1024 / 2;

/// The rooms for guests of one size. What was compiled for one of them is for both.
#[derive(Clone)]
pub(super) struct Quarters {
    pub(super) serving: Arc<Room>,
    /// Where a provider is tried before it serves. What runs here leaves nothing behind:
    /// in a pool, the memory of a guest is kept for the next call, were there never one.
    pub(super) trying: Arc<Room>,
    /// Whether the memory of guests is filled by copying.
    pub(super) copied: bool,
}

/// All rooms.
pub(super) struct Rooms {
    small: Quarters,
    /// What those who serve in the small room have their memory from.
    stock: Stock,
    medium: Quarters,
    large: Quarters,
    /// The guests that may be there at once.
    guests: u32,
    /// Why there is no pool, where there is none.
    pub(super) pool_error: Option<String>,
}

impl Rooms {
    /// Reserves rooms for so many guests at once, were they all of one size. Where the
    /// address space does not suffice for each size, one shares the room of a larger one.
    ///
    /// # Errors
    /// Where no engine starts. Where nothing at all can be reserved, the rooms are
    /// without a pool.
    pub(super) fn reserve(guests: u32, ceilings: &Ceilings) -> wasmtime::Result<Self> {
        let trying = unpooled(false, ceilings)?;
        let (serving, pool_error) = match pooled(Size::Large, guests, ceilings) {
            Ok(room) => (room, None),
            Err(error) => (Arc::clone(&trying), Some(format!("{error:#}"))),
        };
        let large = Quarters {
            serving,
            trying,
            copied: false,
        };
        let stock = Stock::default();
        let (mut small, mut medium) = (large.clone(), large.clone());
        if pool_error.is_none() {
            small = Quarters {
                serving: stocked(&stock, ceilings)?,
                trying: unpooled(true, ceilings)?,
                copied: true,
            };
            if let Ok(serving) = pooled(Size::Medium, guests, ceilings) {
                medium.serving = serving;
            }
        }
        Ok(Self {
            small,
            stock,
            medium,
            large,
            guests,
            pool_error,
        })
    }

    /// The rooms for guests of this size.
    pub(super) fn of(&self, size: Size) -> &Quarters {
        match size {
            Size::Small => &self.small,
            Size::Medium => &self.medium,
            Size::Large => &self.large,
        }
    }

    /// Each engine once.
    pub(super) fn engines(&self) -> Vec<&Engine> {
        let quarters = [&self.small, &self.medium, &self.large];
        let rooms = quarters.map(|it| [&it.trying.engine, &it.serving.engine]);
        let mut engines: Vec<&Engine> = Vec::new();
        for engine in rooms.into_iter().flatten() {
            if !engines.iter().any(|known| Engine::same(known, engine)) {
                engines.push(engine);
            }
        }
        engines
    }

    /// How much of the pools is in use; nothing where there is none.
    pub(super) fn pool(&self) -> Option<Pool> {
        if self.pool_error.is_some() {
            return None;
        }
        let memories = self.stock.memories();
        let stocked = Pool {
            instances: self.stock.stacks().taken,
            places: u64::from(self.guests),
            memories: memories.taken,
            warm: memories.spare,
        };
        let engines = self.engines().into_iter();
        let pools = engines.filter_map(Engine::pooling_allocator_metrics);
        Some(pools.fold(stocked, |all, pool| Pool {
            instances: all.instances + pool.component_instances(),
            memories: all.memories + pool.memories() as u64,
            warm: all.warm + u64::from(pool.unused_warm_memories()),
            ..all
        }))
    }
}

/// A room whose guests have memory from this stock.
fn stocked(stock: &Stock, ceilings: &Ceilings) -> wasmtime::Result<Arc<Room>> {
    let mut config = guest_config(true);
    stock.supply(&mut config);
    room(config, ceilings)
}

/// A room whose guests have memory from slots that are reserved now.
fn pooled(size: Size, guests: u32, ceilings: &Ceilings) -> wasmtime::Result<Arc<Room>> {
    let mut config = guest_config(false);
    let pool = pool::config(size, guests, ceilings);
    config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool));
    room(config, ceilings)
}

/// A room whose guests have memory from the operating system.
fn unpooled(copied: bool, ceilings: &Ceilings) -> wasmtime::Result<Arc<Room>> {
    room(guest_config(copied), ceilings)
}

fn room(mut config: Config, ceilings: &Ceilings) -> wasmtime::Result<Arc<Room>> {
    config
        .max_wasm_stack(ceilings.stack)
        .async_stack_size(ceilings.stack + HOST_STACK);
    Room::new(&config)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::artifacts::Key;

    #[test]
    fn where_address_space_is_short_sizes_share_a_room_and_all_have_one() {
        // The default is among them, and the most that can be configured.
        for (concurrency, is_shared) in [(7, false), (256, false), (4_096, true)] {
            let rooms = rooms(concurrency);
            assert_eq!(rooms.pool_error, None, "{concurrency} at once");
            let [medium, large] = [&rooms.medium, &rooms.large].map(|it| &it.serving);
            let shared = Arc::ptr_eq(medium, large);
            assert_eq!(shared, is_shared, "{concurrency} at once");
            for size in [Size::Small, Size::Medium, Size::Large] {
                let Quarters {
                    serving,
                    trying,
                    copied,
                } = rooms.of(size);
                let key = |room: &Room| Key::new("hash", &room.engine);
                assert_eq!(key(serving), key(trying));
                assert_eq!(*copied, size == Size::Small);
                let is_pooled = serving.engine.pooling_allocator_metrics().is_some();
                assert_ne!(is_pooled, size == Size::Small);
            }
        }
        assert_eq!(rooms(256).engines().len(), 5);
    }

    fn rooms(concurrency: usize) -> Rooms {
        Rooms::reserve(pool::guests(concurrency), &Ceilings::default()).unwrap()
    }
}
