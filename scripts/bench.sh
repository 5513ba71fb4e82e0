#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Runs what tests/bench has against one build:  bench.sh BUILD
# IPCLAB is the program, BENCH the folder of what was compiled from tests/bench/*.c.
set -eu

build=$(cd "$1" && pwd)
cd "$(dirname "$0")/.."
export IPCLAB="$build/ipclab" BENCH="$build/tests/bench"
for program in tests/bench/run tests/bench/run.py tests/bench/run.sh; do
    if [ -x "$program" ]; then
        exec "$program"
    fi
done
echo "bench: tests/bench has no program called run" >&2
exit 1
