#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Runs what tests/bench has against one build:  bench.sh BUILD
# and then, where they are here, what other programs say of the same mechanisms.
# IPCLAB is the program, BENCH the folder of what was compiled from tests/bench/*.c.
set -eu

build=$(cd "$1" && pwd)
cd "$(dirname "$0")/.."
export IPCLAB="$build/ipclab" BENCH="$build/tests/bench"
tests/bench/run.py
echo
exec tests/bench/agree.py
