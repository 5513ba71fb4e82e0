#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes the golden traces of labs anew:  scripts/golden.py LAB...

A golden trace is what `ipclab run --stable` writes in a sealed world, of a guided lab by the lines
of its model solution, without what it says of the machine on which it was made. Look at the
difference before it goes in: it is what students see."""

import hashlib
import json
import os
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
IPCLAB = os.environ.get("IPCLAB", os.path.join(ROOT, "build", "ipclab"))
OF_THE_MACHINE = ("kernel", "arch")


def line_of(event):
    return json.dumps(event, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"


def without_machine(data):
    """The first line without those fields, and an end that covers the bytes as they are then."""
    first, *lines = data.splitlines(keepends=True)
    session, end = json.loads(first), json.loads(lines.pop())
    kept = {name: value for name, value in session.items() if name not in OF_THE_MACHINE}
    body = line_of(kept) + b"".join(lines)
    return body + line_of({**end, "sha256": hashlib.sha256(body).hexdigest()})


def is_guided(lab):
    with open(os.path.join(ROOT, "labs", lab, "lab.lua"), encoding="utf-8") as f:
        return "lab.guided" in f.read()


def make(lab):
    command = ["lab", "check"] if is_guided(lab) else ["run", "-q"]
    with tempfile.TemporaryDirectory() as folder:
        trace = os.path.join(folder, "trace")
        done = subprocess.run(
            [IPCLAB, *command, "--stable", "--world", "sealed", "--trace", trace, lab],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )
        with open(trace, "rb") as f:
            data = without_machine(f.read())
    with open(os.path.join(ROOT, "labs", lab, "golden.trace"), "wb") as f:
        f.write(data)
    print(f"{lab}: status {done.returncode}")


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    for name in sys.argv[1:]:
        make(name)
