//! Components that are small to write down and large to compile.

/// One function of so many loops within each other, each of which changes a variable of
/// its own: what is known about every variable has to be told to every loop. Some sixteen
/// kilobytes take minutes and gigabytes.
pub(crate) fn nested_loops(depth: usize) -> Vec<u8> {
    let mut body = [&leb(1)[..], &leb(depth), &[I32]].concat();
    body.extend([LOOP, NOTHING].repeat(depth));
    for variable in 0..depth {
        let variable = leb(variable);
        for part in [
            &[LOCAL_GET][..],
            &variable,
            &[I32_CONST, 1, I32_ADD, LOCAL_SET],
            &variable,
            &[LOCAL_GET],
            &variable,
            &[BR_IF, 0, END],
        ] {
            body.extend(part);
        }
    }
    body.push(END);
    component(&[body])
}

/// One function that holds so many values at once.
pub(crate) fn many_values(count: usize) -> Vec<u8> {
    let mut body = vec![1, 2, I32];
    body.extend([LOCAL_GET, 0, I32_CONST, 1, I32_ADD, LOCAL_TEE, 0].repeat(count));
    body.extend(vec![I32_ADD; count - 1]);
    body.extend([DROP, END]);
    component(&[body])
}

/// One function of so many blocks within each other.
pub(crate) fn deep_blocks(depth: usize) -> Vec<u8> {
    let mut body = vec![0];
    body.extend([BLOCK, NOTHING].repeat(depth));
    body.extend(vec![END; depth + 1]);
    component(&[body])
}

/// So many ordinary functions: a bomb by its size alone.
pub(crate) fn many_functions(count: usize) -> Vec<u8> {
    let mut body = vec![1, 2, I32];
    let step = [
        LOCAL_GET, 0, LOCAL_GET, 1, I32_ADD, LOCAL_TEE, 0, LOCAL_SET, 1,
    ];
    body.extend(step.repeat(100));
    body.push(END);
    component(&vec![body; count])
}

const I32: u8 = 0x7f;
const NOTHING: u8 = 0x40;
const BLOCK: u8 = 0x02;
const LOOP: u8 = 0x03;
const END: u8 = 0x0b;
const BR_IF: u8 = 0x0d;
const DROP: u8 = 0x1a;
const LOCAL_GET: u8 = 0x20;
const LOCAL_SET: u8 = 0x21;
const LOCAL_TEE: u8 = 0x22;
const I32_CONST: u8 = 0x41;
const I32_ADD: u8 = 0x6a;

/// A component around a module whose functions have these bodies, and neither parameters
/// nor results.
fn component(bodies: &[Vec<u8>]) -> Vec<u8> {
    let mut code = leb(bodies.len());
    for body in bodies {
        code.extend(leb(body.len()));
        code.extend(body);
    }
    let mut functions = leb(bodies.len());
    functions.extend(vec![0; bodies.len()]);
    let mut module = b"\0asm\x01\0\0\0".to_vec();
    for (number, content) in [(1, &b"\x01\x60\0\0"[..]), (3, &functions), (10, &code)] {
        module.extend(section(number, content));
    }
    [&b"\0asm\x0d\0\x01\0"[..], &section(1, &module)].concat()
}

fn section(number: u8, content: &[u8]) -> Vec<u8> {
    [&[number][..], &leb(content.len()), content].concat()
}

/// A number as WebAssembly writes it.
fn leb(mut number: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let low = u8::try_from(number & 0x7f).unwrap();
        number >>= 7;
        if number == 0 {
            bytes.push(low);
            return bytes;
        }
        bytes.push(low | 0x80);
    }
}
