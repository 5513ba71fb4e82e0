#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Builds the fuzzers with clang and runs each for a while:  fuzz.sh [--counts FILE] BUILD SECONDS
#   fuzz.sh --can   is there a clang that can do it?
#
# What a run learned stays in BUILD/corpus/NAME, what broke in BUILD/crash/NAME-*. Inputs that must
# never break again belong in tests/fuzz/corpus/NAME.
set -u

can() {
    command -v clang >/dev/null 2>&1 || return 1
    probe=$(mktemp -d) || return 1
    printf '%s\n' '#include <stddef.h>' 'int LLVMFuzzerTestOneInput(const unsigned char *d, size_t n);' \
        'int LLVMFuzzerTestOneInput(const unsigned char *d, size_t n) { return d == NULL && n > 0; }' \
        >"$probe/probe.c"
    clang -fsanitize=fuzzer,address -o "$probe/probe" "$probe/probe.c" 2>/dev/null
    can_status=$?
    rm -rf "$probe"
    return $can_status
}

counts=/dev/null
case ${1:-} in
--can)
    can
    exit
    ;;
--counts)
    counts=$2
    shift 2
    ;;
esac
build=$1 seconds=$2
cd "$(dirname "$0")/.." || exit 1
mkdir -p "$build" || exit 1
build=$(cd "$build" && pwd)
passed=0 failed=0

if ! can; then
    echo "fuzz: this needs clang with libFuzzer (clang and libclang-rt-dev)" >&2
    exit 1
fi
if ! ${MAKE:-make} --no-print-directory -j "${JOBS:-2}" CC=clang BUILD="$build" \
    SAN=address,undefined,fuzzer-no-link fuzzers >"$build/make.log" 2>&1; then
    echo "FAILED fuzz: building the fuzzers"
    tail -20 "$build/make.log" | sed 's/^/    /'
    echo 0 1 >"$counts"
    exit 1
fi

for source in tests/fuzz/*.c; do
    name=$(basename "$source" .c)
    mkdir -p "$build/corpus/$name" "$build/crash"
    set -- -max_total_time="$seconds" -timeout=5 -rss_limit_mb=1024 -verbosity=0 -print_final_stats=1 \
        -artifact_prefix="$build/crash/$name-" "$build/corpus/$name"
    [ ! -d "tests/fuzz/corpus/$name" ] || set -- "$@" "tests/fuzz/corpus/$name"
    [ ! -f "tests/fuzz/$name.dict" ] || set -- -dict="tests/fuzz/$name.dict" "$@"
    if "$build/tests/fuzz/$name" "$@" >"$build/$name.log" 2>&1; then
        passed=$((passed + 1))
        printf 'fuzz/%s: %s inputs, nothing broke\n' "$name" \
            "$(sed -n 's/^stat::number_of_executed_units: *//p' "$build/$name.log")"
    else
        failed=$((failed + 1))
        printf 'FAILED fuzz/%s\n' "$name"
        tail -40 "$build/$name.log" | sed 's/^/    /'
    fi
done
echo "$passed $failed" >"$counts"
[ "$failed" -eq 0 ]
