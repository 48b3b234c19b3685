//! What a component's bytes say, before anything believes them.

use serde::Serialize;
use wasmparser::{Encoding, KnownCustom, Parser, Payload, ProducersSectionReader, Result};
use wasmtime::Engine;

use super::plain::{one_line, plain};
use super::{LONGEST_REASON, need};
use crate::sandbox::{World, stack, sums};

/// The longest name that is repeated, in characters.
const LONGEST_NAME: usize = 120;
/// The most entries of a list that are repeated.
const MOST_ENTRIES: usize = 64;
/// A page of WebAssembly's, as a power of two of bytes.
const PAGE: u32 = 16;

/// What a file says of itself. All names in it are plain text of bounded length.
#[derive(Debug, Default, Serialize)]
pub struct Facts {
    /// What it is.
    pub kind: Kind,
    /// The contract's worlds that it is made for, as in
    /// `jackfield:addon/lookup-provider@1.0.0`.
    pub worlds: Vec<String>,
    /// The same, without the versions.
    #[serde(skip)]
    pub(super) served: Vec<World>,
    /// What it imports.
    pub imports: List<Import>,
    /// What it exports.
    pub exports: List<Export>,
    /// Core instances that one call begins with.
    pub core_instances: u64,
    /// Bytes of memory that one call begins with.
    pub memory_at_start: u64,
    /// The memories of its modules.
    pub memories: List<Memory>,
    /// The tables of its modules.
    pub tables: List<Table>,
    /// The largest stack among its modules, in bytes, where it can be told.
    pub stack: Option<u32>,
    /// What it was made with.
    pub producers: List<Producer>,
    /// Why it could not be read to its end, where it could not.
    pub damage: Option<String>,
}

/// What a file is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A WebAssembly component, or what begins like one.
    Component,
    /// A core module, of which a component can be made.
    CoreModule,
    /// Machine code.
    Precompiled,
    /// Nothing that has to do with WebAssembly.
    #[default]
    Unknown,
}

/// The beginning of a list.
#[derive(Debug, Serialize)]
pub struct List<T> {
    /// How many there are.
    pub count: usize,
    /// The first of them.
    pub first: Vec<T>,
}

/// An import.
#[derive(Debug, Serialize)]
pub struct Import {
    /// Its name, as in `wasi:cli/environment@0.2.6`.
    pub name: String,
    /// What an operator has to grant for it.
    pub needs: &'static str,
}

/// An export.
#[derive(Debug, Serialize)]
pub struct Export {
    /// Its name, as in `jackfield:addon/lookup@1.0.0`.
    pub name: String,
}

/// A module's own memory.
#[derive(Debug, Serialize)]
pub struct Memory {
    /// Bytes at its start.
    pub initial: u64,
    /// The most bytes that it may grow to, where it says so.
    pub maximum: Option<u64>,
}

/// A module's own table.
#[derive(Debug, Serialize)]
pub struct Table {
    /// Elements at its start.
    pub initial: u64,
    /// The most elements that it may grow to, where it says so.
    pub maximum: Option<u64>,
}

/// Something that it was made with.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Producer {
    /// `language`, `sdk` or `processed-by`.
    pub role: String,
    /// Its name.
    pub name: String,
    /// Its version, which may be empty.
    pub version: String,
}

impl<T> Default for List<T> {
    fn default() -> Self {
        Self {
            count: 0,
            first: Vec::new(),
        }
    }
}

impl<T> List<T> {
    fn push(&mut self, entry: impl FnOnce() -> T) {
        self.count += 1;
        if self.first.len() < MOST_ENTRIES {
            self.first.push(entry());
        }
    }
}

impl Facts {
    /// Reads what there is to read, as far as it can be read.
    pub(super) fn read(bytes: &[u8]) -> Self {
        let sums = sums::at_start(bytes);
        let mut facts = Self {
            core_instances: sums.instances,
            memory_at_start: sums.memory,
            stack: stack::largest(bytes),
            ..Self::default()
        };
        if Engine::detect_precompiled(bytes).is_some() {
            facts.kind = Kind::Precompiled;
        } else if let Err(error) = facts.walk(bytes) {
            facts.damage = Some(one_line(&error.to_string(), LONGEST_REASON));
        }
        facts
    }

    fn walk(&mut self, bytes: &[u8]) -> Result<()> {
        let mut depth = 0_usize;
        for payload in Parser::new(0).parse_all(bytes) {
            match payload? {
                Payload::Version { encoding, .. } => {
                    if depth == 0 {
                        self.kind = match encoding {
                            Encoding::Component => Kind::Component,
                            Encoding::Module => Kind::CoreModule,
                        };
                    }
                    depth += 1;
                }
                Payload::End(_) => depth = depth.saturating_sub(1),
                payload if depth == 1 => self.outermost(payload)?,
                payload => self.anywhere(payload)?,
            }
        }
        Ok(())
    }

    /// What the component itself imports and exports, and not a part of it.
    fn outermost(&mut self, payload: Payload<'_>) -> Result<()> {
        match payload {
            Payload::ComponentImportSection(imports) => {
                for import in imports {
                    let name = import?.name.name;
                    self.imports.push(|| Import {
                        needs: need::of(name),
                        name: plain(name, LONGEST_NAME),
                    });
                }
            }
            Payload::ComponentExportSection(exports) => {
                for export in exports {
                    self.export(export?.name.name);
                }
            }
            payload => self.anywhere(payload)?,
        }
        Ok(())
    }

    fn export(&mut self, name: &str) {
        let (interface, version) = name.split_once('@').unwrap_or((name, ""));
        let is_of = |world: &World| interface == world.interface_of_any_version();
        if let Some(world) = World::ALL.into_iter().find(is_of)
            && !self.served.contains(&world)
        {
            let version = plain(version, LONGEST_NAME);
            let name = world.name();
            self.worlds
                .push(format!("jackfield:addon/{name}@{version}"));
            self.served.push(world);
        }
        self.exports.push(|| Export {
            name: plain(name, LONGEST_NAME),
        });
    }

    fn anywhere(&mut self, payload: Payload<'_>) -> Result<()> {
        match payload {
            Payload::MemorySection(memories) => {
                for memory in memories {
                    let memory = memory?;
                    let page = memory.page_size_log2.unwrap_or(PAGE);
                    let bytes = |pages: u64| pages.saturating_mul(1_u64 << page.min(PAGE));
                    self.memories.push(|| Memory {
                        initial: bytes(memory.initial),
                        maximum: memory.maximum.map(bytes),
                    });
                }
            }
            Payload::TableSection(tables) => {
                for table in tables {
                    let table = table?.ty;
                    self.tables.push(|| Table {
                        initial: table.initial,
                        maximum: table.maximum,
                    });
                }
            }
            Payload::CustomSection(section) => {
                if let KnownCustom::Producers(producers) = section.as_known() {
                    // It is a remark: one that cannot be read is no damage.
                    let _ = self.producers(producers);
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn producers(&mut self, section: ProducersSectionReader<'_>) -> Result<()> {
        for field in section {
            let field = field?;
            for value in field.values {
                let value = value?;
                let producer = Producer {
                    role: plain(field.name, LONGEST_NAME),
                    name: plain(value.name, LONGEST_NAME),
                    version: plain(value.version, LONGEST_NAME),
                };
                // Every module of a component repeats it.
                if !self.producers.first.contains(&producer) {
                    self.producers.push(|| producer);
                }
            }
        }
        Ok(())
    }
}
