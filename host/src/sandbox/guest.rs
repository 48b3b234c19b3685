//! What the host keeps for one running guest: its limits and its empty WASI context.

use wasmtime::component::ResourceTable;
use wasmtime_wasi::{WasiCtx, WasiCtxBuilder, WasiCtxView, WasiView};

use super::budget::Budget;
use super::ceilings::Ceilings;
use super::journal::Journal;

/// The state of one guest.
pub(super) struct Guest {
    pub(super) budget: Budget,
    log: usize,
    resources: usize,
    random: u64,
    wasi: Option<Box<Wasi>>,
}

struct Wasi {
    context: WasiCtx,
    table: ResourceTable,
    journal: Journal,
}

impl Guest {
    /// A guest with so much memory, in bytes.
    pub(super) fn new(memory: usize, ceilings: &Ceilings) -> Self {
        Self {
            budget: Budget::new(memory, ceilings),
            log: ceilings.log,
            resources: ceilings.resources,
            random: ceilings.random as u64,
            wasi: None,
        }
    }

    /// What the guest wrote, if it had the means.
    pub(super) fn journal(&self) -> Option<&Journal> {
        self.wasi.as_ref().map(|wasi| &wasi.journal)
    }
}

impl WasiView for Guest {
    /// The context of a guest that asks for one: no arguments, no environment, no
    /// directories, no network, and output that ends in the journal. Most guests never
    /// ask.
    fn ctx(&mut self) -> WasiCtxView<'_> {
        let wasi = self.wasi.get_or_insert_with(|| {
            let mut table = ResourceTable::new();
            table.set_max_capacity(self.resources);
            let journal = Journal::new(self.log);
            let context = WasiCtxBuilder::new()
                .max_random_size(self.random)
                .stdout(journal.clone())
                .stderr(journal.clone())
                .build();
            Box::new(Wasi {
                context,
                table,
                journal,
            })
        });
        WasiCtxView {
            ctx: &mut wasi.context,
            table: &mut wasi.table,
        }
    }
}
