//! Writing where the operator reads.

use jackfield_sdk::Request;
use wasip2::cli::{stderr, stdout};
use wasip2::io::streams::OutputStream;

pub(crate) fn flood_of_output() -> ! {
    flood(&stdout::get_stdout(), b"hello, output\n")
}

pub(crate) fn flood_of_lines() -> ! {
    flood(&stderr::get_stderr(), b"hello, operator\n")
}

pub(crate) fn endless_line() -> ! {
    flood(&stderr::get_stderr(), &[b'x'; 1024])
}

fn flood(stream: &OutputStream, bytes: &[u8]) -> ! {
    loop {
        write(stream, bytes);
    }
}

/// Lines that an ordinary guest may write.
pub(crate) fn few_lines() {
    log(b"the first line\nthe second line\nand a third without an end");
}

/// Lines that are not the guest's own.
pub(crate) fn forged_lines(request: &Request) {
    let number = &request.address.raw;
    for line in [
        "2026-01-31T00:00:00.000000Z  INFO answered add_on=\"echo\" status=200 forged=1\n",
        "one\r2026-01-31T00:00:00Z ERROR forged=2\n",
        "\u{1b}[2K\u{1b}[1G\u{1b}[31mERROR\u{1b}[0m forged=3\n",
        "\u{8}\u{8}\u{8}\u{8}back \u{7f} forged=4\n",
        "\u{202e}right to left\u{2028}forged=5\u{85}forged=6\u{0}\n",
        "{\"level\":\"ERROR\",\"forged\":\"7\"}\" forged=\"8\n",
    ] {
        log(line.as_bytes());
    }
    log(format!("{number}\n\n\nforged=9").as_bytes());
}

pub(crate) fn no_utf8() {
    log(b"before \xff\xfe\xc0\xaf\xed\xa0\x80 after\n");
    // A character of four bytes in four writes.
    for byte in "\u{1f4de}\n".bytes() {
        log(&[byte]);
    }
}

/// What a log must not hold, in every spelling that a debugger would choose.
pub(crate) fn tell_all(request: &Request) {
    let number = &request.address.raw;
    log(format!("number {number}\n").as_bytes());
    log(format!("raw {:?}\n", request.address).as_bytes());
    if let Some(body) = &request.body {
        log(format!("body {body}\n").as_bytes());
        log(format!("debug {body:?}\n").as_bytes());
    }
    // In two writes, so that neither holds it whole.
    let (head, tail) = number.split_at(number.len() / 2);
    log(head.as_bytes());
    log(tail.as_bytes());
    log(b"\n");
}

/// Panics with a message where a panic hook would print it.
pub(crate) fn panic_aloud(request: &Request) {
    std::panic::set_hook(Box::new(|panic| log(format!("{panic}\n").as_bytes())));
    panic!("{} wrote {:?}", request.address.raw, request.body);
}

fn log(bytes: &[u8]) {
    write(&stderr::get_stderr(), bytes);
}

fn write(stream: &OutputStream, bytes: &[u8]) {
    // A host that takes no more is what the caller is for; it goes on.
    let _ = stream.blocking_write_and_flush(bytes);
}
