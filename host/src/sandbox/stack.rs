//! How much stack a component sets aside. It lies in the guest's memory, so every fresh
//! instance pays for it.

use wasmparser::{GlobalSectionReader, Operator, Parser, Payload, ValType};

/// The largest stack among a component's modules, in bytes, where it can be told.
///
/// Linkers put the stack first and its end into the first mutable global. That is a
/// convention and no rule, so the answer is good for advice alone.
pub(super) fn largest(component: &[u8]) -> Option<u32> {
    Parser::new(0)
        .parse_all(component)
        .filter_map(|payload| match payload {
            Ok(Payload::GlobalSection(globals)) => stack_pointer(globals),
            _ => None,
        })
        .max()
}

fn stack_pointer(globals: GlobalSectionReader<'_>) -> Option<u32> {
    let first = globals.into_iter().next()?.ok()?;
    if !first.ty.mutable || first.ty.content_type != ValType::I32 {
        return None;
    }
    match first.init_expr.get_operators_reader().read() {
        Ok(Operator::I32Const { value }) => u32::try_from(value).ok(),
        _ => None,
    }
}
