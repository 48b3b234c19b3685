//! What a component needs before it has done anything, against what it may have: told
//! when it is loaded, and not by every call.

use wasmtime::component::Component;

use super::Ceilings;
use super::load_error::Need;
use super::sums::Sums;

/// A page of WebAssembly's, in bytes.
const PAGE: u64 = 64 * 1024;

/// Makes a need of what is needed and what may be had.
type Tell = fn(usize, usize) -> Need;

/// Checks a component whose instances start with so much, and whose add-on may have so
/// much memory.
///
/// # Errors
/// The first thing of which it needs too much.
pub(super) fn check(
    component: &Component,
    sums: &Sums,
    memory: usize,
    ceilings: &Ceilings,
) -> Result<(), Need> {
    // A provider imports no modules, so what it needs is known.
    let Some(needs) = component.resources_required() else {
        return Ok(());
    };
    let largest = needs.max_initial_memory_size.unwrap_or(0);
    let largest = largest.saturating_mul(PAGE).max(sums.memory);
    let elements = needs.max_initial_table_size.unwrap_or(0);
    let checks: [(u64, usize, Tell); 5] = [
        (largest, memory, |needs, may| Need::Memory { needs, may }),
        (sums.instances, ceilings.instances, |needs, may| {
            Need::Instances { needs, may }
        }),
        (
            needs.num_memories.into(),
            ceilings.memories,
            |needs, may| Need::Memories { needs, may },
        ),
        (needs.num_tables.into(), ceilings.tables, |needs, may| {
            Need::Tables { needs, may }
        }),
        (
            elements.max(sums.elements),
            ceilings.table_elements,
            |needs, may| Need::Elements { needs, may },
        ),
    ];
    for (needs, may, need) in checks {
        let needs = usize::try_from(needs).unwrap_or(usize::MAX);
        if needs > may {
            return Err(need(needs, may));
        }
    }
    Ok(())
}
