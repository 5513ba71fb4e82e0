# SPDX-License-Identifier: GPL-3.0-or-later
"""Locks in shared memory that only the waiter has (any more): nobody can end the wait, and `never` says so;
and who could, whatever the others call the place (issue 4)."""

import json

import pytest

SHM = "a char *m = mmap(NULL, 4096, PROT_READ|PROT_WRITE, MAP_SHARED|MAP_ANONYMOUS, -1)"
# How the thing is made, the call that waits, the call that ends it, in a process that has it as `m`.
LOCKS = {
    "futex": (["a int *w = m"], "futex_wait(w, 0)", "futex_wake(w, 1)"),
    "sem": (["a sem_init(m, 1, 0)"], "sem_wait(m)", "sem_post(m)"),
    "cond": (["a pthread_mutex_init(m, PTHREAD_PROCESS_SHARED)", "a c = m + 64", "a pthread_cond_init(c, PTHREAD_PROCESS_SHARED)",
              "a pthread_mutex_lock(m)"], "pthread_cond_wait(c, m)", "pthread_cond_signal(c)"),
    "mutex": (["a pthread_mutex_init(m, PTHREAD_PROCESS_SHARED)", "a fork(locker)", "locker pthread_mutex_lock(m)",
               "locker munmap(m, 4096)"], "pthread_mutex_lock(m)", None),
}  # fmt: skip


def verdicts(r):
    return [(e["kind"], e["actors"]) for e in r.find("verdict")]


def why(r):
    return [json.loads(line) for line in r.stdout.splitlines() if line.startswith("[")][-1][0]


@pytest.mark.parametrize("kind", LOCKS)
def test_never_where_nobody_has_the_memory(lab, world, kind):
    made, call, _ = LOCKS[kind]
    r = lab.run(["spawn a other", SHM, *made, f"a {call}"]).ok()
    assert verdicts(r) == [("never", ["a"])], r


@pytest.mark.parametrize("gone", ["b munmap(m, 4096)", "b exit(0)", 'b execve("/bin/true", "true")'])
@pytest.mark.parametrize("kind", ["futex", "sem", "cond"])
def test_never_once_the_last_other_is_gone(lab, world, kind, gone):
    made, call, _ = LOCKS[kind]
    lines = ["spawn a other", SHM, *made, "a fork(b)", f"a {call}"]
    assert not lab.run(lines).ok().find("verdict"), "b has it"
    r = lab.run([*lines, gone, *(["wait"] if "execve" in gone else []), "other getpid()"]).ok()
    assert verdicts(r) == [("never", ["a"])], r


@pytest.mark.parametrize("kind", ["futex", "sem", "cond"])
def test_who_could_end_it_by_another_name(lab, world, kind):
    """b has the memory and no variable of that name: it is named all the same, and so is the object."""
    made, call, end = LOCKS[kind]
    shared = ['a f = open("mem", O_CREAT|O_RDWR, 0666)', "a ftruncate(f, 4096)",
              "a char *m = mmap(NULL, 4096, PROT_READ|PROT_WRITE, MAP_SHARED, f)"]  # fmt: skip
    r = lab.run(["spawn a other", *shared, "a fork(b)", "b char *elsewhere = mmap(NULL, 4096, PROT_READ|PROT_WRITE, MAP_SHARED, f)",
                 "b munmap(m, 4096)", *made, f"a {call}", "why --json a", "why a"]).ok()  # fmt: skip
    f = why(r)
    assert f["could"] == ["b"] and any(text.startswith("b has") for text in f["says"]), f
    assert f["obj"] in r.stdout.split("]")[-1], "the object is named"
    assert not verdicts(r), "b has the memory"


@pytest.mark.parametrize("kind", ["futex", "sem", "cond"])
def test_no_never_where_the_memory_can_be_got(lab, world, kind):
    """By its name, by its number, or by a descriptor that is open still."""
    made, call, _ = LOCKS[kind]
    ways = [
        ["a m = shmat(shmget(IPC_PRIVATE, 4096, IPC_CREAT|0600))"],
        ['a f = open("mem", O_CREAT|O_RDWR, 0666)', "a ftruncate(f, 4096)", "a char *m = mmap(NULL, 4096, PROT_READ|PROT_WRITE, MAP_SHARED, f)"],
        ['a f = memfd_create("mem")', "a ftruncate(f, 4096)", "a char *m = mmap(NULL, 4096, PROT_READ|PROT_WRITE, MAP_SHARED, f)",
         "a fork(b)", "b munmap(m, 4096)"],
    ]  # fmt: skip
    for way in ways:
        r = lab.run(["spawn a other", *way, *made, f"a {call}"]).ok()
        assert not verdicts(r), r
    r = lab.run(["spawn a other", *ways[2], "a close(f)", "b close(f)", *made, f"a {call}"]).ok()
    assert verdicts(r) == [("never", ["a"])], "the last descriptor is closed"
