# SPDX-License-Identifier: GPL-3.0-or-later
"""POSIX shared memory: one name, two processes, the same bytes; and what goes wrong."""

import os

import pytest


def opened(name):
    return ["spawn server client", f'server fd = shm_open("{name}", O_CREAT|O_RDWR, 0600)', "server ftruncate(fd, 8192)",
            "server char *m = mmap(NULL, 8192, PROT_READ|PROT_WRITE, MAP_SHARED, fd)",
            f'client fd = shm_open("{name}", O_RDWR)', "client hole = mmap(NULL, 8192, PROT_NONE, MAP_PRIVATE|MAP_ANONYMOUS)",
            "client char *m = mmap(NULL, 8192, PROT_READ|PROT_WRITE, MAP_SHARED, fd)"]


@pytest.fixture
def name(marker):
    return "/lab-" + marker[:12]


def test_same_bytes_at_different_addresses(lab, world, name):
    r = lab.run(opened(name) + ['server strcpy(m, "hello")', "client print m"]).ok()
    assert r.one("exit", call="print")["value"] == "hello"
    a, b = [e["ret"] for e in r.find("exit", call="mmap") if e["actor"] == "server"], r.find("exit", call="mmap")
    assert a[0] != b[-1]["ret"]
    assert r.find("exit", call="shm_open")[0]["obj"] == r.find("exit", call="shm_open")[1]["obj"]


def test_one_overwrites_the_other(lab, world, name):
    r = lab.run(opened(name) + ['server strcpy(m, "first")', 'client strcpy(m, "second")', "server print m"]).ok()
    assert r.one("exit", call="print")["value"] == "second"


def test_await_sees_the_others_write(lab, world, name):
    r = lab.twice(opened(name) + ["server await *m == '*'", "client poke(m, '*')"]).ok()
    assert r.one("exit", call="await")["by"] == r.one("exit", call="poke")["step"]


def test_unlinked_memory_lives_on(lab, world, name):
    r = lab.run(opened(name) + [f'server shm_unlink("{name}")', 'client strcpy(m, "still")', "server print m",
                                f'client shm_open("{name}", O_RDWR)']).ok()
    assert r.one("exit", call="print")["value"] == "still"
    assert r.returns("shm_open")[-1] == "ENOENT"


def test_no_size_is_sigbus(lab, world, name):
    r = lab.run(["spawn a", f'a fd = shm_open("{name}", O_CREAT|O_RDWR)',
                 "a m = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd)", "a peek(m)"]).ok()
    died = r.one("process", what="killed")
    assert died["sig"] == "SIGBUS" and "behind the end" in died["note"][0]
    assert "ftruncate" in r.one("exit", call="shm_open")["note"][0]


@pytest.mark.parametrize(
    "lines, call, error",
    [
        (['a shm_open("/nobody-here", O_RDWR)'], "shm_open", "ENOENT"),
        (['a shm_open("NAME", O_CREAT|O_RDWR)', 'a shm_open("NAME", O_CREAT|O_EXCL|O_RDWR)'], "shm_open", "EEXIST"),
        (['a shm_open("/a/b", O_CREAT|O_RDWR)'], "shm_open", "EINVAL"),
        (['a shm_open("/' + "x" * 300 + '", O_CREAT|O_RDWR)'], "shm_open", "ENAMETOOLONG|EINVAL"),
        (['a shm_unlink("/nobody-here")'], "shm_unlink", "ENOENT"),
    ],
)
def test_errors(lab, world, name, lines, call, error):
    r = lab.run(["spawn a", *(line.replace("NAME", name) for line in lines)]).ok()
    assert r.returns(call)[-1] in error.split("|")


@pytest.mark.serial
def test_nothing_is_left_in_a_shared_world(lab, name):
    lab.run(opened(name), world="shared").ok()
    assert not os.path.exists("/dev/shm" + name)


def test_replays_the_same(lab, world, name):
    r = lab.run(opened(name) + ['server strcpy(m, "hello")', "client print m"]).ok()
    assert lab.call("replay", "--trust", r.trace).status == 0
