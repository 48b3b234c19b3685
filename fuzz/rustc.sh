#!/bin/sh
# A compiler for the crates of this workspace that adds what libFuzzer needs: counters on
# every edge, and what is compared with what. Cargo runs it as RUSTC_WORKSPACE_WRAPPER, so
# that the libraries below the host are compiled as always. No nightly compiler is needed.
set -eu

# Build scripts run without libFuzzer.
case " $* " in
*" --crate-name build_script_build "*) exec "$@" ;;
esac

exec "$@" \
    --cfg fuzzing \
    -Cdebug-assertions \
    -Coverflow-checks \
    -Cpasses=sancov-module \
    -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
    -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares \
    -Cllvm-args=-simplifycfg-branch-fold-threshold=0
