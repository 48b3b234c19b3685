//! The memories and stacks of small guests. Each thread has a stock of them and uses them
//! again: what wasmtime's pool counts for all threads together, every one of them would
//! have to wait for, several times in each call.

mod memory;
mod region;
mod shelf;
mod stack;

use std::sync::Arc;

use wasmtime::{Config, InstanceAllocationStrategy};

use self::memory::Memories;
use self::stack::Stacks;

/// What a guest is told where the operating system gives no more.
pub(super) const EXHAUSTED: &str = "the system has no memory for another guest";

/// What small guests have their memories and stacks from.
#[derive(Debug, Default)]
pub struct Stock {
    memories: Arc<Memories>,
    stacks: Arc<Stacks>,
}

/// How much there is of something.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Count {
    /// Those that guests have.
    pub(super) taken: u64,
    /// Those that nobody has, and that somebody had before.
    pub(super) spare: u64,
}

impl Stock {
    /// Has the guests of an engine be given what they need from here.
    pub fn supply(&self, config: &mut Config) {
        config
            .allocation_strategy(InstanceAllocationStrategy::OnDemand)
            .with_host_memory(Arc::clone(&self.memories) as _)
            .with_host_stack(Arc::clone(&self.stacks) as _);
    }

    /// The guests' memories.
    pub(super) fn memories(&self) -> Count {
        self.memories.count()
    }

    /// The guests' stacks. Each guest has one.
    pub(super) fn stacks(&self) -> Count {
        self.stacks.count()
    }
}

#[cfg(test)]
mod tests {
    use wasmtime::{Engine, Instance, Memory, Module, Store, Trap, TypedFunc};

    use super::*;
    use crate::sandbox::outcome::{CallError, classify};

    /// A guest that has one page of two at its start, reads any byte, and dives.
    const GUEST: &str = r#"(module
        (memory (export "memory") 1 2)
        (data (i32.const 8) "data")
        (func (export "peek") (param i32) (result i32) (i32.load8_u (local.get 0)))
        (func (export "far") (param i32) (result i32)
          (i32.load8_u offset=0xffffffff (local.get 0)))
        (func $dive (export "dive") (param i32) (result i32) (call $dive (local.get 0))))"#;
    const PAGE: usize = 65_536;

    struct Guest {
        store: Store<()>,
        instance: Instance,
    }

    impl Guest {
        async fn new(module: &Module) -> Self {
            let mut store = Store::new(module.engine(), ());
            let instance = Instance::new_async(&mut store, module, &[]).await.unwrap();
            Self { store, instance }
        }

        fn memory(&mut self) -> Memory {
            self.instance.get_memory(&mut self.store, "memory").unwrap()
        }

        async fn call(&mut self, name: &str, argument: i32) -> Result<i32, Trap> {
            let function: TypedFunc<i32, i32> =
                self.instance.get_typed_func(&mut self.store, name).unwrap();
            let answer = function.call_async(&mut self.store, argument).await;
            answer.map_err(|error| error.downcast().unwrap())
        }
    }

    fn module(stock: &Stock) -> Module {
        let mut config = Config::new();
        config.memory_init_cow(false);
        stock.supply(&mut config);
        let engine = Engine::new(&config).unwrap();
        Module::new(&engine, wat::parse_str(GUEST).unwrap()).unwrap()
    }

    fn counts(stock: &Stock) -> [(u64, u64); 2] {
        [stock.memories(), stock.stacks()].map(|it| (it.taken, it.spare))
    }

    #[tokio::test]
    async fn a_guest_reaches_its_own_memory_and_nothing_around_it() {
        let module = module(&Stock::default());
        let mut guest = Guest::new(&module).await;
        assert_eq!(guest.call("peek", 8).await, Ok(i32::from(b'd')));
        assert_eq!(guest.call("peek", PAGE as i32 - 1).await, Ok(0));
        for (name, address) in [("peek", PAGE as i32), ("peek", -1), ("far", 0), ("far", -1)] {
            let trap = guest.call(name, address).await;
            assert_eq!(trap, Err(Trap::MemoryOutOfBounds), "{name} {address}");
        }
        let dive = guest.call("dive", 0).await;
        assert_eq!(dive, Err(Trap::StackOverflow));
    }

    #[tokio::test]
    async fn the_next_guest_has_the_same_memory_as_if_nobody_had_had_it() {
        let stock = Stock::default();
        let module = module(&stock);
        let mut first = Guest::new(&module).await;
        let memory = first.memory();
        memory.grow_async(&mut first.store, 1).await.unwrap();
        memory.data_mut(&mut first.store).fill(7);
        let place = memory.data_ptr(&first.store);
        assert_eq!(first.call("peek", PAGE as i32).await, Ok(7));
        assert_eq!(counts(&stock), [(1, 0), (1, 0)]);
        drop(first);
        assert_eq!(counts(&stock), [(0, 1), (0, 1)]);
        let mut second = Guest::new(&module).await;
        let memory = second.memory();
        assert_eq!(memory.data_ptr(&second.store), place);
        assert_eq!(memory.data_size(&second.store), PAGE);
        assert_eq!(&memory.data(&second.store)[8..12], b"data");
        memory.data_mut(&mut second.store)[8..12].fill(0);
        assert_eq!(
            second.call("peek", PAGE as i32).await,
            Err(Trap::MemoryOutOfBounds)
        );
        memory.grow_async(&mut second.store, 1).await.unwrap();
        assert!(memory.data(&second.store).iter().all(|byte| *byte == 0));
        assert!(memory.grow_async(&mut second.store, 1).await.is_err());
    }

    #[tokio::test]
    async fn two_guests_at_once_have_a_memory_each() {
        let stock = Stock::default();
        let module = module(&stock);
        let (mut one, mut other) = (Guest::new(&module).await, Guest::new(&module).await);
        let places = [&mut one, &mut other].map(|it| it.memory().data_ptr(&it.store));
        assert_ne!(places[0], places[1]);
        assert_eq!(counts(&stock)[0], (2, 0));
    }

    #[test]
    fn what_the_system_does_not_have_is_no_fault_of_the_guests() {
        let stock = Stock::default();
        let ty = wasmtime::MemoryType::new(1, None);
        let memories: &dyn wasmtime::MemoryCreator = &*stock.memories;
        let refused = memories.new_memory(ty, PAGE, None, Some(1 << 62), PAGE);
        let error = wasmtime::Error::msg(refused.err().unwrap());
        let context = error.context("instantiation");
        assert!(matches!(classify(&context, None, false), CallError::NoRoom));
        let stacks: &dyn wasmtime::StackCreator = &*stock.stacks;
        let error = stacks.new_stack(1 << 62, false).err().unwrap();
        assert!(matches!(classify(&error, None, true), CallError::NoRoom));
        assert_eq!(counts(&stock), [(0, 0); 2]);
    }
}
