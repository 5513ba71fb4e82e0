# SPDX-License-Identifier: GPL-3.0-or-later
"""FIFOs: opens that wait for each other, data, end of file, and every way out of a wait."""

import pytest

OPEN = ["spawn w r", 'w mkfifo("box", 0666)', 'w wf = open("box", O_WRONLY)', 'r rf = open("box", O_RDONLY)']


def test_each_open_waits_for_the_other(lab, world):
    r = lab.twice(OPEN).ok()
    made = r.one("exit", call="mkfifo")
    assert made["created"] and made["obj"] == "fifo#1"
    block = r.one("block", call="open")
    assert (block["actor"], block["why"], block["obj"]) == ("w", "no reader", "fifo#1")
    opened = r.one("exit", call="open", actor="w")
    assert opened["by"] == r.one("exit", call="open", actor="r")["step"]
    assert r.last("exit", call="open")["state"]["w"] == ["w"]


def test_reader_first(lab, world):
    r = lab.run(["spawn w r", 'w mkfifo("box")', 'r rf = open("box", O_RDONLY)', 'w wf = open("box", O_WRONLY)']).ok()
    block = r.one("block", call="open")
    assert (block["actor"], block["why"]) == ("r", "no writer")
    assert r.one("exit", call="open", actor="r")["by"] == r.one("exit", call="open", actor="w")["step"]


def test_data_and_end_of_file(lab, world):
    r = lab.twice(OPEN + ["r read(rf, buf, 64)", 'w write(wf, "hello")', "r read(rf, buf, 64)", "w close(wf)"]).ok()
    first, second = [e for e in r.find("exit", call="read")]
    assert first["ret"] == 5 and first["out"]["buf"] == "hello"
    assert first["by"] == r.one("exit", call="write")["step"]
    assert second["ret"] == 0 and second["by"] == r.one("exit", call="close")["step"]
    for block in r.find("block", call="read"):
        assert block["why"] == "empty" and block["holders"] == [{"actor": "w", "fd": 3, "mode": "w"}]


def test_full_fifo(lab, world):
    lines = ["w fcntl(wf, F_SETPIPE_SZ, 4096)", "w char big[5000]", "w write(wf, big, 5000)", "r read(rf, buf, 4096)"]
    r = lab.run(OPEN + lines).ok()
    assert r.one("block", call="write")["why"] == "full"
    assert r.one("exit", call="write")["ret"] == 5000
    assert r.one("exit", call="write")["by"] == r.one("exit", call="read")["step"]


def test_nonblocking_forms(lab, world):
    r = lab.run(["spawn a", 'a mkfifo("box")', 'a open("box", O_WRONLY|O_NONBLOCK)',
                 'a rf = open("box", O_RDONLY|O_NONBLOCK)', "a read(rf, buf, 8)", "a poll(rf, POLLIN, 10)",
                 'a wf = open("box", O_WRONLY|O_NONBLOCK)', "a read(rf, buf, 8)", "a close(rf)",
                 'a open("box", O_RDWR)']).ok()
    assert r.returns("open") == ["ENXIO", 3, 4, 3]
    assert r.returns("read") == [0, "EAGAIN"]
    assert r.returns("poll") == [0]


@pytest.mark.parametrize(
    "lines, error",
    [
        (['a mkfifo("box")', 'a mkfifo("box")'], "EEXIST"),
        (['a mkfifo("no/box")'], "ENOENT"),
        (['a open("f", O_CREAT|O_WRONLY, 0644)', 'a mkfifo("f/box")'], "ENOTDIR"),
        (['a mkfifo("/proc/sys/box")'], "EACCES|EROFS|EPERM|ENOENT"),
        (['a mkfifo("' + "x" * 300 + '")'], "ENAMETOOLONG"),
    ],
)
def test_errors(lab, world, lines, error):
    r = lab.run(["spawn a", *lines]).ok()
    assert r.returns("mkfifo")[-1] in error.split("|")


def test_interrupt_and_kill_of_a_waiting_open(lab, world):
    r = lab.run(["spawn a b", 'a mkfifo("box")', 'a open("box", O_RDONLY)', "interrupt a", 'a open("box", O_RDONLY)',
                 "b getpid()"]).ok()
    assert r.returns("open") == ["EINTR"]
    assert len(r.find("block", call="open")) == 2
    assert not r.find("verdict"), "b is free and could open it"


def test_two_opens_in_the_opposite_order_are_stuck(lab, world):
    r = lab.run(["spawn a b", 'a mkfifo("one")', 'a mkfifo("two")', 'a open("one", O_WRONLY)', 'b open("two", O_WRONLY)'])
    assert r.status == 4, r
    assert r.one("verdict")["kind"] == "stuck"


def test_never_is_not_said_while_somebody_could_open_it(lab, world):
    r = lab.run(["spawn a b", 'a mkfifo("box")', 'a f = open("box", O_RDWR)', "a read(f, buf, 4)"]).ok()
    assert r.one("block", call="read") and not r.find("verdict")


def test_sigpipe_and_epipe(lab, world):
    r = lab.run(OPEN + ["r close(rf)", 'w write(wf, "x")']).ok()
    assert r.one("process", actor="w", what="killed")["sig"] == "SIGPIPE"


def test_names_outside_the_folder_are_removed_with_the_session(lab, world):
    path = lab.path("work", "outside")
    r = lab.run(["spawn a", f'a mkfifo("{path}")'])
    assert r.status == 0, r
    import os

    assert not os.path.exists(path)


def test_replays_the_same(lab, world):
    r = lab.run(OPEN + ["r read(rf, buf, 64)", 'w write(wf, "hello")', "w close(wf)"]).ok()
    assert lab.call("replay", "--trust", r.trace).status == 0


def test_why_names_the_path(lab, world):
    r = lab.run(["spawn r w", 'r mkfifo("box")', 'r open("box", O_RDONLY)', "why r", 'w fd = open("box", O_WRONLY)']).ok()
    assert 'Next: w fd = open("box", O_WRONLY)\n' in r.stdout


@pytest.mark.parametrize("sender", [None, "r"])
def test_a_broken_pipe_says_why(lab, world, sender):
    last = "r close(rf)" if sender is None else "w char big[70000]"
    end = 'w write(wf, "x")' if sender is None else "w write(wf, big, 70000)\nr kill(w, SIGPIPE)"
    r = lab.run(OPEN + [last, *end.split("\n")]).ok()
    died = r.one("process", what="killed")
    assert (died["actor"], died["sig"], died["during"]) == ("w", "SIGPIPE", "write")
    assert ("note" in died) == (sender is None) and (sender is not None or "EPIPE" in died["note"][0])
