//! The contract of `wit/`, and a component that is called by it with wasmtime alone.

use wasmtime::component::{Component, Linker};
use wasmtime::{Engine, Store};

use self::exports::jackfield::addon::lookup::{Answer, Request};
use self::jackfield::addon::types::{Address, Sids};
use crate::setting::NUMBER;

wasmtime::component::bindgen!({
    path: "../wit",
    world: "lookup-provider",
    exports: { default: async },
});

/// As many ticks as a guest is given at first. Nothing ticks here.
const SLICE: u64 = 2;

/// A component that imports nothing, linked once.
pub(crate) struct Guest {
    engine: Engine,
    linked: LookupProviderPre<()>,
}

impl Guest {
    pub(crate) fn new(engine: &Engine, component: &[u8]) -> Self {
        let component = Component::new(engine, component).expect("a component");
        let linked = Linker::new(engine).instantiate_pre(&component);
        let linked = linked.and_then(LookupProviderPre::new);
        Self {
            engine: engine.clone(),
            linked: linked.expect("a provider"),
        }
    }

    pub(crate) fn store(&self) -> Store<()> {
        let mut store = Store::new(&self.engine, ());
        store.set_epoch_deadline(SLICE);
        store
    }

    pub(crate) async fn instantiate(&self, store: &mut Store<()>) -> LookupProvider {
        let instance = self.linked.instantiate_async(store).await;
        instance.expect("an instance")
    }

    /// All of it, in a fresh instance.
    pub(crate) async fn call(&self, request: &Request) -> Answer {
        let mut store = self.store();
        let instance = self.instantiate(&mut store).await;
        call(&instance, &mut store, request).await
    }
}

pub(crate) async fn call(
    instance: &LookupProvider,
    store: &mut Store<()>,
    request: &Request,
) -> Answer {
    let lookup = instance.jackfield_addon_lookup();
    let answer = lookup.call_lookup(store, request).await;
    answer.expect("no trap").expect("an answer")
}

/// A request for a Lookup.
pub(crate) fn request() -> Request {
    let sid = |prefix: &str| format!("{prefix}{}", "0".repeat(32));
    Request {
        integration_point: "lookups".to_owned(),
        address: Address {
            kind: "e164".to_owned(),
            e164: Some(NUMBER.to_owned()),
            raw: NUMBER.to_owned(),
        },
        secondary_address: None,
        body: None,
        sids: Sids {
            account: sid("AC"),
            add_on: sid("XB"),
            add_on_version: None,
            add_on_install: None,
            add_on_configuration: None,
            request: Some(sid("XR")),
        },
        attempt: 1,
        deadline_ms: 1_000,
        fields: Vec::new(),
    }
}
