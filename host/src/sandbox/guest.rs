//! What the host keeps for one running guest: its limits and its empty WASI context.

use wasmtime::component::ResourceTable;
use wasmtime_wasi::{WasiCtx, WasiCtxBuilder, WasiCtxView, WasiView};

use super::budget::Budget;
use super::ceilings::Ceilings;
use super::journal::Journal;
use super::media::Media;
use super::run::Run;
use super::settings::Given;

/// The state of one guest.
pub(super) struct Guest {
    pub(super) budget: Budget,
    pub(super) settings: Given,
    /// What it reads and writes, while it is called for a recording.
    pub(super) media: Option<Media>,
    run: Run,
    log: usize,
    resources: usize,
    random: u64,
    wasi: Option<Box<Wasi>>,
}

struct Wasi {
    context: WasiCtx,
    table: ResourceTable,
}

impl Guest {
    /// A guest with so much memory, in bytes. What it writes is kept with its run.
    pub(super) fn new(memory: usize, ceilings: &Ceilings, run: Run, settings: Given) -> Self {
        Self {
            settings,
            media: None,
            budget: Budget::new(memory, ceilings, run.clone()),
            run,
            log: ceilings.log,
            resources: ceilings.resources,
            random: ceilings.random as u64,
            wasi: None,
        }
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
            self.run.keep(journal);
            Box::new(Wasi { context, table })
        });
        WasiCtxView {
            ctx: &mut wasi.context,
            table: &mut wasi.table,
        }
    }
}
