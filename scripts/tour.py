#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes what the program really says into the README's tour:  tour.py [BUILD]

A block begins with <!-- tour: NAME --> and ends with <!-- tour end -->."""

import os
import re
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
README = os.path.join(ROOT, "README.md")


def said(build, work, shown, *argv):
    """`$ shown`, and what the program said to it."""
    env = {**os.environ, "XDG_STATE_HOME": work, "LC_ALL": "C.UTF-8"}
    done = subprocess.run(
        [os.path.join(build, "ipclab"), *argv],
        cwd=ROOT,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode not in (0, 1):
        sys.exit(f"tour: {shown}: status {done.returncode}\n{done.stdout}")
    return f"$ {shown}\n{done.stdout}", done.returncode


def session(build, work, name):
    path = f"scripts/demo/{name}.ipc"
    return said(build, work, f"build/ipclab -x {path}", "-x", path)[0]


def lab(build, work):
    trace, edited = os.path.join(work, "lab.trace"), os.path.join(work, "edited.trace")
    text, status = said(
        build,
        work,
        "build/ipclab run --trace lab.trace shm-server-client",
        *("run", "--trace", trace, "shm-server-client"),
    )
    text += said(build, work, "build/ipclab replay lab.trace", "replay", trace)[0]
    with open(trace, encoding="utf-8") as f, open(edited, "w", encoding="utf-8") as g:
        g.write(f.read().replace('"size":27', '"size":28'))
    text += "$ sed 's/\"size\":27/\"size\":28/' lab.trace > edited.trace\n"
    more, status = said(build, work, "build/ipclab replay edited.trace", "replay", edited)
    if status != 1:
        sys.exit(f"tour: the edited trace gave status {status}, expected 1")
    return text + more


def lanes(build, work):
    path = "scripts/demo/pipe.ipc"
    trace = os.path.join(work, "pipe.trace")
    said(build, work, "", "--trace", trace, path)
    text = f"$ build/ipclab --trace pipe.trace {path} >/dev/null\n"
    argv = ("show", "--as", "lanes", "--width", "80", trace)
    return text + said(build, work, "build/ipclab show --as lanes pipe.trace", *argv)[0]


def main():
    build = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else os.path.join(ROOT, "build"))
    with open(README, encoding="utf-8") as f:
        text = f.read()
    with tempfile.TemporaryDirectory() as work:

        def block(match):
            name = match.group(1)
            if name == "lab":
                out = lab(build, work)
            elif name == "lanes":
                out = lanes(build, work)
            elif name == "help":
                out = said(build, work, "build/ipclab help", "help")[0]
            else:
                out = session(build, work, name)
            out = out.replace(work + "/", "").rstrip()
            return f"<!-- tour: {name} -->\n```\n{out}\n```\n<!-- tour end -->"

        text = re.sub(r"<!-- tour: (\w+) -->\n(?:.*?<!-- tour end -->)?", block, text, flags=re.S)
    with open(README, "w", encoding="utf-8") as f:
        f.write(text)


if __name__ == "__main__":
    main()
