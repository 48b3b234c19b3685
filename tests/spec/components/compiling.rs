//! What a component may use before it is one.

use std::time::Duration;

use insta::assert_snapshot;
use jackfield_tests::{NUMBER, TestHost, add_on_sid, guest};

use super::place::{Compiler, Place, signal};
use crate::limits::UNLIMITED;
use jackfield_tests::bombs;

const SECOND: Duration = Duration::from_secs(1);

/// A component that keeps a compiler busy for longer than any test takes.
fn endless() -> Place {
    Place::with(&bombs::nested_loops(1_000))
}

#[tokio::test]
async fn a_bomb_is_refused_and_its_neighbour_serves() {
    let (bomb, echo) = (add_on_sid('a'), add_on_sid('b'));
    let builder = TestHost::builder()
        .server("compile_time = \"1s\"")
        .add_on("bomb", &bomb, &guest("echo"), "")
        .add_on("echo", &echo, &guest("echo"), "");
    let path = builder.path().join("plugins/bomb.wasm");
    std::fs::write(path, bombs::nested_loops(1_000)).unwrap();
    let host = builder.start();
    let answer = host.twilio().lookup(&echo, NUMBER).send().await;
    assert!(answer.error_code().is_null(), "{}", answer.text());
    let answer = host.twilio().lookup(&bomb, NUMBER).send().await;
    assert_eq!(answer.error_code(), "unavailable");
    let reason = "`plugins/bomb.wasm` takes longer than 1s to compile (`compile_time`)";
    assert!(host.log().contains(reason), "{}", host.log());
}

#[test]
fn bombs_of_every_shape_end_at_a_limit() {
    let memory = "takes more than 256.0 MiB to compile (`compile_memory`)";
    let time = "takes longer than 1s to compile (`compile_time`)";
    for (shape, bomb, limits, reason) in [
        (
            "nested loops",
            bombs::nested_loops(1_000),
            TIGHT_MEMORY,
            memory,
        ),
        ("nested loops", bombs::nested_loops(1_000), TIGHT_TIME, time),
        (
            "many values",
            bombs::many_values(500_000),
            TIGHT_MEMORY,
            memory,
        ),
        ("many values", bombs::many_values(500_000), TIGHT_TIME, time),
        (
            "deep blocks",
            bombs::deep_blocks(1_000_000),
            TIGHT_MEMORY,
            memory,
        ),
        (
            "many functions",
            bombs::many_functions(30_000),
            TIGHT_TIME,
            time,
        ),
    ] {
        let checked = Place::with(&bomb).server(limits).check();
        println!(
            "{shape}, {} bytes, {limits}: {:?}",
            bomb.len(),
            checked.took
        );
        let said = format!("error: `addons.it`: `plugins/it.wasm` {reason}\n");
        assert_eq!(checked.complaints, said, "{shape}");
        assert!(checked.took < 20 * SECOND, "{shape}: {:?}", checked.took);
    }
}

#[test]
fn without_a_limit_its_bomb_is_compiled() {
    for (limit, bomb, tight) in [
        ("compile_memory", bombs::deep_blocks(500_000), TIGHT_MEMORY),
        ("compile_time", bombs::many_functions(20_000), TIGHT_TIME),
    ] {
        let host = || {
            let builder = TestHost::builder().server(tight);
            builder.add_on_of("bomb", &add_on_sid('a'), &bomb, "")
        };
        let refused = host().start().log();
        assert!(
            refused.contains(&format!("to compile (`{limit}`)")),
            "{refused}"
        );
        // It compiles, and lacks nothing but the contract.
        let compiled = host().without(limit, UNLIMITED).start().log();
        assert!(compiled.contains("does not export"), "{compiled}");
    }
}

const TIGHT_MEMORY: &str = "compile_memory = \"256MiB\"";
const TIGHT_TIME: &str = "compile_time = \"1s\"";

#[test]
fn a_component_that_compiles_to_more_than_is_kept_is_refused() {
    // Two bytes, far from each other, become an image of everything between them, where
    // memory is mapped: as soon as one of the memories is there at the start.
    let module = "(core module (memory 256) (data (i32.const 0) \"a\") \
                  (data (i32.const 16711679) \"b\"))";
    let component = wat::parse_str(format!(
        "(component {} (core instance (instantiate 0)))",
        module.repeat(40)
    ))
    .unwrap();
    let checked = Place::with(&component).check();
    println!("{} bytes: {:?}", component.len(), checked.took);
    assert_snapshot!(checked.complaints, @r#"error: `addons.it`: `plugins/it.wasm` compiles to more than 512.0 MiB"#);
}

#[test]
fn an_invalid_component_is_refused_with_the_compilers_reason_on_one_line() {
    let place = Place::with(b"\0asm\x0d\0\x01\0\x01\x02\x03");
    let first = place.check();
    assert_snapshot!(first.complaints, @r#"error: `addons.it`: `plugins/it.wasm` is not a WebAssembly component: failed to parse WebAssembly module: wasm component contains an invalid module section: section range 10..12 is out of bounds (bound = 11)"#);
    let record = place.kept("quarantine")[0].display().to_string();
    let again = place.check().complaints;
    let shown = record.split(".jackfield").nth(1).unwrap();
    assert_snapshot!(again.replace(shown, "/RECORD"), @r#"error: `addons.it`: `plugins/it.wasm` is not a WebAssembly component: failed to parse WebAssembly module: wasm component contains an invalid module section: section range 10..12 is out of bounds (bound = 11); so it ended before, and was not tried again: to try, delete `.jackfield/RECORD`"#);
}

#[test]
fn a_compiler_is_bounded_and_knows_nothing_of_the_host() {
    let place = endless();
    let mut host = place.start();
    let compiler = Compiler::of(&host);
    // How it allocates is all that it is told.
    let told = compiler.read("environ");
    let options = "_RJEM_MALLOC_CONF=retain:false,narenas:1,background_thread:false";
    assert_eq!(told.trim_end_matches('\0'), options);
    for (limit, value) in [
        ("Max cpu time", "60 61 seconds"),
        ("Max open files", "3 3 files"),
        ("Max file size", "536870912 536870912 bytes"),
    ] {
        assert_eq!(compiler.limit(limit), value);
    }
    // Besides what the program itself takes.
    let space = compiler.limit("Max address space");
    let space: Vec<u64> = space.split(' ').filter_map(|it| it.parse().ok()).collect();
    let (least, most) = (2_u64 << 30, (2_u64 << 30) + (256 << 20));
    assert!(space.len() == 2 && space[0] == space[1], "{space:?}");
    assert!((least..most).contains(&space[0]), "{space:?}");
    // A host that is gone, however it went, takes its compilers with it.
    host.kill().unwrap();
    host.wait().unwrap();
    compiler.gone();
}

#[test]
fn a_compiler_that_crashes_is_a_message_and_remembered() {
    let place = endless();
    let host = place.start();
    Compiler::of(&host).signal("ABRT");
    let output = host.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stderr).unwrap();
    assert_snapshot!(said, @r#"error: `addons.it`: `plugins/it.wasm` crashes the compiler: it ends with signal 6"#);
    assert!(place.check().complaints.contains("so it ended before"));
}

#[test]
fn a_compiler_that_is_ended_from_outside_is_not_its_components_fault() {
    let place = endless();
    for name in ["KILL", "TERM", "INT"] {
        let host = place.start();
        Compiler::of(&host).signal(name);
        let output = host.wait_with_output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.contains("was ended by signal"), "{said}");
    }
    assert_eq!(place.kept("quarantine").len(), 0);
    let host = place.start();
    let compiler = Compiler::of(&host);
    signal(&host.id().to_string(), "INT");
    assert!(!host.wait_with_output().unwrap().status.success());
    compiler.gone();
}
