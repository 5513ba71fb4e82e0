# SPDX-License-Identifier: GPL-3.0-or-later
"""`ipclab show`: every view, of traces that are whole, in the making, torn and damaged."""

import os
import subprocess
import time

import pytest

VIEWS = ["lines", "lanes", "gutter", "strace", "transcript", "mermaid", "svg", "json"]
LINES = 'spawn a; a pipe(p); a fork(b); a read(p[0], buf, 9); b write(p[1], "x"); b exit(0)'


@pytest.fixture
def data(lab):
    with open(lab.run(LINES).ok().trace, "rb") as f:
        return f.read()


def show(lab, data, view, name="t.trace", *more):
    return lab.call("show", lab.write(name, data), "--as", view, *more)


@pytest.mark.parametrize("view", VIEWS)
def test_whole(lab, data, view):
    r = show(lab, data, view).ok()
    assert "read" in r.stdout and r.stderr == ""


@pytest.mark.parametrize("view", VIEWS)
def test_in_the_making(lab, data, view):
    """As a session leaves it that was killed: without its last line, or with half a line."""
    lines = data.splitlines(keepends=True)
    whole = show(lab, data, view).stdout
    for rest in (lines[:-1], lines[:-1] + [lines[-1][:20]]):
        r = show(lab, b"".join(rest), view, "t.trace.partial").ok()
        assert "note: " in r.stderr
        if view != "json":
            assert r.stdout == whole


@pytest.mark.parametrize("view", VIEWS)
def test_damaged(lab, data, view):
    """Status 6 and where, after what could be read, in a form that is whole."""
    lines = data.splitlines(keepends=True)
    r = show(lab, b"".join(lines[:10] + [b"garbage\n"] + lines[10:]), view)
    assert r.status == 6 and "line 11" in r.stderr
    assert "pipe(" in r.stdout or "pipe2(" in r.stdout or '"pipe"' in r.stdout
    if view == "svg":
        assert r.stdout.endswith("</svg>\n")


@pytest.mark.parametrize("view", VIEWS)
def test_nothing_happened(lab, view):
    show(lab, lab.run("").ok() and open(lab.path("work", "1.trace"), "rb").read(), view).ok()


@pytest.mark.parametrize("name", ["x.svg", "x.mmd", "x.strace", "x.ipc", "x.jsonl", "x.txt"])
def test_output(lab, data, name):
    trace = lab.write("t.trace", data)
    lab.write(name, "what was there")
    r = lab.call("show", trace, "-o", lab.path("work", name)).ok()
    assert r.stdout == ""
    with open(lab.path("work", name), encoding="utf-8") as f:
        text = f.read()
    assert "read" in text and "what was there" not in text
    lab.call("show", trace, "--as", "lines", "--output", lab.path("work", name)).ok()
    with open(lab.path("work", name), encoding="utf-8") as f:
        assert f.read().startswith("     a  (new process, pid 2)\n")
    assert lab.call("show", trace, "-o", lab.path("work", "x.docx")).status == 2
    assert lab.call("show", trace, "-o", lab.path("no", name)).status == 2
    assert sorted(os.listdir(lab.path("work"))) == sorted(["1.trace", "t.trace", name])


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full here")
@pytest.mark.parametrize("view", VIEWS)
def test_no_room(lab, data, view):
    trace = lab.write("t.trace", data)
    with open("/dev/full", "wb") as full:
        p = lab.popen("show", trace, "--as", view, stdout=full)
        _, err = p.communicate(timeout=30)
    assert p.returncode == 5 and b"ENOSPC" in err


@pytest.mark.parametrize("view", VIEWS)
def test_nobody_reads_on(lab, view):
    """`show TRACE | head -1`: no error and no signal."""
    r = lab.run("spawn a\n" + "a getpid()\n" * 2000, "-q")
    p = lab.popen("show", r.trace, "--as", view, stderr=subprocess.PIPE)
    p.stdout.readline()
    p.stdout.close()
    err = p.stderr.read()
    assert p.wait(30) == 0 and err == b""


@pytest.mark.parametrize("view", VIEWS)
def test_ten_thousand_events(lab, view):
    lines = ["spawn a b", "a pipe(p)", "a fork(c)"]
    lines += ['a write(p[1], "x")', "c read(p[0], buf, 9)"] * 1650
    r = lab.run(None, "-q", file="\n".join(lines) + "\n")
    assert len(r.events) > 9900
    began = time.monotonic()
    lab.call("show", r.trace, "--as", view).ok()
    took = time.monotonic() - began
    assert took < 1.0 or os.environ.get("IPCLAB_SLOW"), took
