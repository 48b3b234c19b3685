//! What all instances of a component have together before any of it has run. The engine
//! tells the largest memory and table alone.

use wasmparser::{
    ComponentAlias, ComponentExternalKind, ComponentInstance, ComponentOuterAliasKind,
    ComponentTypeRef, Encoding, Instance, MemorySectionReader, Parser, Payload, Result,
    TableSectionReader,
};

/// What starts with one instantiation.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Sums {
    /// Bytes of memory.
    pub(super) memory: u64,
    /// Elements of tables.
    pub(super) elements: u64,
    /// Core instances.
    pub(super) instances: u64,
    /// Imports, functions and globals of modules, and what the component lends them or lifts:
    /// each once, in how many instances ever. An instance is the larger the more there are.
    pub(super) parts: u64,
}

impl Sums {
    fn add(&mut self, other: Self) {
        self.memory = self.memory.saturating_add(other.memory);
        self.elements = self.elements.saturating_add(other.elements);
        self.instances = self.instances.saturating_add(other.instances);
    }
}

/// One module or component, as far as it was read.
#[derive(Default)]
struct Level {
    sums: Sums,
    is_module: bool,
    /// What each module costs that can be instantiated here, and each component. What
    /// comes from elsewhere counts for nothing.
    modules: Vec<Sums>,
    components: Vec<Sums>,
}

/// The sums of a component. They are never too large, so nothing is refused that would
/// start; what is passed in as an argument is not followed.
pub(super) fn at_start(component: &[u8]) -> Sums {
    read(component).unwrap_or_default()
}

fn read(component: &[u8]) -> Result<Sums> {
    let mut levels: Vec<Level> = Vec::new();
    let mut parts = 0;
    for payload in Parser::new(0).parse_all(component) {
        let payload = payload?;
        parts += u64::from(defined(&payload));
        match payload {
            Payload::Version { encoding, .. } => levels.push(Level {
                is_module: encoding == Encoding::Module,
                ..Level::default()
            }),
            Payload::End(_) => {
                let Some(ended) = levels.pop() else { break };
                match levels.last_mut() {
                    Some(outer) => outer.define(&ended),
                    None => {
                        return Ok(Sums {
                            parts,
                            ..ended.sums
                        });
                    }
                }
            }
            payload => {
                if let Some(level) = levels.last_mut() {
                    level.read(payload)?;
                }
            }
        }
    }
    Ok(Sums::default())
}

/// The parts of instances that a section defines.
fn defined(section: &Payload<'_>) -> u32 {
    match section {
        Payload::ImportSection(imports) => imports.count(),
        Payload::FunctionSection(functions) => functions.count(),
        Payload::GlobalSection(globals) => globals.count(),
        Payload::ComponentCanonicalSection(functions) => functions.count(),
        _ => 0,
    }
}

impl Level {
    fn define(&mut self, ended: &Self) {
        match ended.is_module {
            true => self.modules.push(Sums {
                instances: 1,
                ..ended.sums
            }),
            false => self.components.push(ended.sums),
        }
    }

    fn read(&mut self, payload: Payload<'_>) -> Result<()> {
        match payload {
            Payload::MemorySection(memories) => self.memories(memories),
            Payload::TableSection(tables) => self.tables(tables),
            Payload::InstanceSection(instances) => {
                for instance in instances {
                    if let Instance::Instantiate { module_index, .. } = instance? {
                        self.sums.add(at(&self.modules, module_index));
                    }
                }
                Ok(())
            }
            Payload::ComponentInstanceSection(instances) => {
                for instance in instances {
                    if let ComponentInstance::Instantiate {
                        component_index, ..
                    } = instance?
                    {
                        self.sums.add(at(&self.components, component_index));
                    }
                }
                Ok(())
            }
            payload => self.foreign(payload),
        }
    }

    /// What takes an index among the modules or components without being defined here.
    fn foreign(&mut self, payload: Payload<'_>) -> Result<()> {
        match payload {
            Payload::ComponentImportSection(imports) => {
                for import in imports {
                    match import?.ty {
                        ComponentTypeRef::Module(_) => self.modules.push(Sums::default()),
                        ComponentTypeRef::Component(_) => self.components.push(Sums::default()),
                        _ => {}
                    }
                }
            }
            Payload::ComponentAliasSection(aliases) => {
                for alias in aliases {
                    self.alias(&alias?);
                }
            }
            Payload::ComponentExportSection(exports) => {
                for export in exports {
                    let export = export?;
                    match export.kind {
                        ComponentExternalKind::Module => {
                            self.modules.push(at(&self.modules, export.index));
                        }
                        ComponentExternalKind::Component => {
                            self.components.push(at(&self.components, export.index));
                        }
                        _ => {}
                    }
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn alias(&mut self, alias: &ComponentAlias<'_>) {
        use ComponentAlias::{InstanceExport, Outer};
        match alias {
            InstanceExport {
                kind: ComponentExternalKind::Module,
                ..
            }
            | Outer {
                kind: ComponentOuterAliasKind::CoreModule,
                ..
            } => self.modules.push(Sums::default()),
            InstanceExport {
                kind: ComponentExternalKind::Component,
                ..
            }
            | Outer {
                kind: ComponentOuterAliasKind::Component,
                ..
            } => self.components.push(Sums::default()),
            _ => {}
        }
    }

    fn memories(&mut self, memories: MemorySectionReader<'_>) -> Result<()> {
        for memory in memories {
            let memory = memory?;
            let page = 1_u64
                .checked_shl(memory.page_size_log2.unwrap_or(16))
                .unwrap_or(u64::MAX);
            self.sums.add(Sums {
                memory: memory.initial.saturating_mul(page),
                ..Sums::default()
            });
        }
        Ok(())
    }

    fn tables(&mut self, tables: TableSectionReader<'_>) -> Result<()> {
        for table in tables {
            self.sums.add(Sums {
                elements: table?.ty.initial,
                ..Sums::default()
            });
        }
        Ok(())
    }
}

fn at(known: &[Sums], index: u32) -> Sums {
    let index = usize::try_from(index).unwrap_or(usize::MAX);
    known.get(index).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sums(text: &str) -> (u64, u64, u64) {
        let sums = at_start(&wat::parse_str(text).unwrap());
        (sums.memory / 65_536, sums.elements, sums.instances)
    }

    #[test]
    fn instances_count_and_definitions_do_not() {
        for (text, expected) in [
            ("(component)", (0, 0, 0)),
            ("(component (core module (memory 7)))", (0, 0, 0)),
            (
                "(component (core module $m (memory 2) (table 5 funcref))
                   (core instance (instantiate $m)) (core instance (instantiate $m)))",
                (4, 10, 2),
            ),
            (
                "(component (component $c (core module $m (memory 3))
                   (core instance (instantiate $m)))
                   (instance (instantiate $c)) (instance (instantiate $c)))",
                (6, 0, 2),
            ),
            (
                "(component (import \"m\" (core module $i)) (core module $m (memory 3))
                   (core instance (instantiate $i)) (core instance (instantiate $m)))",
                (3, 0, 1),
            ),
            (
                "(component (core module $m (memory 3)) (component
                   (alias outer 1 $m (core module $o)) (core module $n (memory 1))
                   (core instance (instantiate $o)) (core instance (instantiate $n)))
                   (core instance (instantiate $m)))",
                (3, 0, 1),
            ),
        ] {
            assert_eq!(sums(text), expected, "{text}");
        }
    }

    #[test]
    fn parts_count_once_wherever_they_are_defined() {
        let parts = |text: &str| at_start(&wat::parse_str(text).unwrap()).parts;
        assert_eq!(parts("(component)"), 0);
        let module = "(core module $m (func) (func) (global i32 (i32.const 0)))";
        let text = format!(
            "(component {module} (core instance (instantiate $m))
               (core instance (instantiate $m)) (component {module}))"
        );
        assert_eq!(parts(&text), 6);
        let text = "(component (import \"f\" (func $f)) (core func $f (canon lower (func $f)))
               (core module (import \"a\" \"b\" (func))))";
        assert_eq!(parts(text), 2);
    }

    #[test]
    fn doubling_at_every_level_is_counted_and_not_carried_out() {
        let mut text =
            "(component (core module $m (memory 1)) (core instance (instantiate $m)))".to_owned();
        for _ in 0..40 {
            text = format!(
                "(component (component $c {}) (instance (instantiate $c)) (instance (instantiate $c)))",
                text.trim_start_matches("(component")
                    .strip_suffix(')')
                    .unwrap()
            );
        }
        assert_eq!(sums(&text), (1 << 40, 0, 1 << 40));
    }

    #[test]
    fn what_is_no_component_has_no_sums() {
        assert_eq!(at_start(b"not wasm"), Sums::default());
        assert_eq!(at_start(b""), Sums::default());
    }
}
