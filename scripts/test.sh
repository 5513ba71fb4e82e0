#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Every test against one build:  test.sh BUILD
#
# Unit tests, lint, the fuzzers for a moment, then the tests that drive the real binary. The last
# line is "N passed, N failed". T=word runs only what has the word in its name, JOBS=N at a time.
set -u

build=$(cd "$1" && pwd) || exit 1
root=$(cd "$(dirname "$0")/.." && pwd)
cd "$root" || exit 1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
passed=0 failed=0
only=${T:-}
export IPCLAB="$build/ipclab"

# What the sanitizers find fails the test in which they find it; a segmentation fault of an actor
# is the student's, not theirs.
export ASAN_OPTIONS="${ASAN_OPTIONS:-detect_leaks=0:exitcode=99:handle_segv=0:handle_sigbus=0:handle_abort=0:handle_sigfpe=0:handle_sigill=0}"
export UBSAN_OPTIONS="${UBSAN_OPTIONS:-print_stacktrace=1:handle_segv=0:exitcode=99}"

is_wanted() { # NAME
    case $1 in
    *"$only"*) return 0 ;;
    *) return 1 ;;
    esac
}

count() { # NAME STATUS LOG
    if [ "$2" -eq 0 ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        printf 'FAILED %s (status %s)\n' "$1" "$2"
        sed 's/^/    /' "$3"
    fi
}

for source in tests/unit/*.c; do
    name=$(basename "$source" .c)
    is_wanted "unit/$name" || continue
    case $name in # what a program wants to be told
    call_loader) set -- "$build/badplugins" "$build/plugins" ;;
    assist_*) set -- "$build" ;;
    call_* | lang_*) set -- "$build/plugins" ;;
    *) set -- ;;
    esac
    status=0
    timeout -k 5 120 "$build/tests/unit/$name" "$@" >"$work/log" 2>&1 </dev/null || status=$?
    count "unit/$name" "$status" "$work/log"
done

if is_wanted lint; then
    /usr/bin/python3 tests/lint/lint.py --counts "$work/counts" "$build" || :
    read -r p f <"$work/counts" || f=1 p=0
    passed=$((passed + p)) failed=$((failed + f))
fi

if is_wanted fuzz && [ -n "$(ls tests/fuzz/*.c 2>/dev/null)" ]; then
    if scripts/fuzz.sh --can; then
        scripts/fuzz.sh --counts "$work/counts" "$root/build-fuzz" "${FUZZ_SECONDS:-10}" || :
        read -r p f <"$work/counts" || f=1 p=0
        passed=$((passed + p)) failed=$((failed + f))
    else
        echo "fuzz: not run, clang with libFuzzer is not here"
    fi
fi

if [ -n "$(ls tests/e2e/test_*.py 2>/dev/null)" ]; then
    : >"$work/counts"
    PYTHONDONTWRITEBYTECODE=1 PYTHONPATH="$root/tests/lib" /usr/bin/python3 -m pytest \
        -p no:cacheprovider -q -n "${JOBS:-2}" --dist loadgroup --counts="$work/counts" \
        ${only:+-k "$only"} tests/e2e
    status=$?
    read -r p f <"$work/counts" || f=0 p=0
    passed=$((passed + p)) failed=$((failed + f))
    # 5: no test has the wanted word. Anything else but 0 and 1 is pytest itself in trouble.
    case $status in
    0 | 1) [ "$((p + f))" -gt 0 ] || failed=$((failed + 1)) ;;
    5) [ -n "$only" ] || failed=$((failed + 1)) ;;
    *) failed=$((failed + 1)) ;;
    esac
fi

# By itself and last: it loads every CPU. As many random steps as fit, which are some 50,000 on two
# CPUs that nobody else uses; `make verdicts` runs all of them.
if is_wanted verdicts; then
    status=0
    PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 tests/verdict/verdicts.py "$IPCLAB" \
        --seconds "${VERDICT_SECONDS:-85}" >"$work/log" 2>&1 </dev/null || status=$?
    tail -n 1 "$work/log"
    count verdicts "$status" "$work/log"
fi

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
