#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The two programs of the lecture, a lab, and two replays:  demo.sh BUILD
set -eu

build=$1
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
XDG_STATE_HOME=$work/state
export XDG_STATE_HOME

title() {
    printf '\n==== %s\n\n' "$*"
}

program() { # NAME TITLE
    title "$2: ipclab scripts/demo/$1.ipc"
    "$build/ipclab" -x --trace "$work/$1.trace" "$here/demo/$1.ipc"
    title "Its trace"
    cat "$work/$1.trace"
}

program shm "Shared memory"
program pipe "A pipe"

title "A lab: ipclab run shm-server-client"
"$build/ipclab" run --trace "$work/lab.trace" shm-server-client

title "Its trace, run again on the real kernel: ipclab replay"
"$build/ipclab" replay "$work/lab.trace"
echo "status 0"

title "The same trace with one observation changed by hand: ipclab replay"
sed 's/"size":27/"size":28/' "$work/lab.trace" >"$work/edited.trace"
if cmp -s "$work/lab.trace" "$work/edited.trace"; then
    echo "demo: the trace has no \"size\":27 to change" >&2
    exit 1
fi
status=0
"$build/ipclab" replay "$work/edited.trace" || status=$?
echo "status $status"
[ "$status" -eq 1 ]
