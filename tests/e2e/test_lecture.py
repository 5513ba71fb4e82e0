# SPDX-License-Identifier: GPL-3.0-or-later
"""The two programs of the lecture, as they stand in scripts/demo."""

import os

import pytest

from ipclab import ROOT


def script(name):
    with open(os.path.join(ROOT, "scripts", "demo", name)) as f:
        return f.read()


def test_shared_memory(lab, world, user):
    r = lab.run(file=script("shm.ipc")).ok()
    made = r.one("exit", actor="server", call="shmget")
    assert made["created"] is True
    assert made["obj"] == "shm#1"
    assert made["state"]["key"] == 5678
    assert made["state"]["size"] == 27
    assert made["state"]["nattch"] == 0
    found = r.one("exit", actor="client", call="shmget")
    assert found["obj"] == "shm#1"
    assert "created" not in found
    assert r.last("exit", actor="client", call="shmat")["state"]["nattch"] == 2
    assert r.one("exit", actor="client", call="print")["value"] == "abcdefghijklmnopqrstuvwxyz"

    waits = r.one("block", actor="server", call="await")
    seen = r.one("exit", actor="server", call="await")
    answer = r.one("enter", actor="client", call="=", step=seen["by"])
    assert seen["step"] == waits["step"] < answer["step"]
    assert [e["actor"] for e in r.find("process", what="exit")] == ["client", "server"]
    assert not r.find("verdict")


def test_pipe(lab, world, user):
    r = lab.run(file=script("pipe.ipc")).ok()
    assert r.one("exit", call="pipe")["ret"] == 0
    fork = r.one("process", what="fork")
    assert (fork["actor"], fork["parent"]) == ("child", "parent")

    waits = r.one("block", actor="parent", call="read")
    assert waits["why"] == "empty"
    assert waits["obj"] == "pipe#1"
    assert waits["holders"] == [{"actor": "child", "fd": 4, "mode": "w"}]
    wrote = r.one("exit", actor="child", call="write")
    assert wrote["ret"] == len("Hello World\n")
    got = r.one("exit", actor="parent", call="read")
    assert got["ret"] == len("Hello World\n")
    assert got["out"]["recv"] == "Hello World\n"
    assert got["by"] == wrote["step"]
    assert got["step"] == waits["step"]
    assert r.one("exit", actor="parent", call="print")["value"] == "Hello World\n"
    assert r.last("process", actor="child", what="reaped")["parent"] == "parent"
    assert not r.find("verdict")


def test_client_first(lab, world):
    r = lab.run("spawn client; client shmget(5678, 27, 0666)").ok()
    assert r.returns("shmget") == ["ENOENT"]


@pytest.mark.parametrize("name", ["shm.ipc", "pipe.ipc"])
def test_repeats(lab, world, name):
    lab.twice(file=script(name))


def test_trace_frame(lab, world):
    """First event, last event, numbering: what every reader leans on."""
    r = lab.run("spawn a; a getppid()").ok()
    assert r.events[0]["ev"] == "session"
    assert r.events[0]["ipclab"] == 1
    assert r.events[0]["world"] == world
    assert r.events[-1]["ev"] == "end"
    assert [e["seq"] for e in r.events] == list(range(len(r.events)))
