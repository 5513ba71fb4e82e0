# SPDX-License-Identifier: GPL-3.0-or-later
"""POSIX semaphores: by name and in shared memory, the same one at every address, who took it, every
way to wait and every way out of it, and the two ways to wait for a post that never comes."""

import ctypes
import os
import shutil
import subprocess

import pytest
from ipclab import read_trace

NAMED = ["spawn a b", 'a s = sem_open("/lock", O_CREAT, 0600, 1)', 'b s = sem_open("/lock")']
SHARED = ["spawn a b", "a s = shmat(shmget(5678, 64, IPC_CREAT|0600))", "a sem_init(s, 1, 1)",
          "b s = shmat(shmget(5678, 64))"]  # fmt: skip
MAPPED = ["spawn a", "a char *s = mmap(NULL, 4096, PROT_READ|PROT_WRITE, MAP_SHARED|MAP_ANONYMOUS, -1)",
          "a sem_init(s, 1, 1)", "a fork(b)"]  # fmt: skip
FILE = ["spawn a b", 'a fd = shm_open("/m", O_CREAT|O_RDWR, 0600)', "a ftruncate(fd, 8192)",
        "a char *s = mmap(NULL, 4096, PROT_READ|PROT_WRITE, MAP_SHARED, fd, 4096)", "a sem_init(s, 1, 1)",
        'b fd = shm_open("/m", O_RDWR)', "b malloc(100000)",
        "b char *all = mmap(NULL, 8192, PROT_READ|PROT_WRITE, MAP_SHARED, fd)", "b char *s = all + 4096"]  # fmt: skip
KINDS = {"named": NAMED, "segment": SHARED, "anonymous": MAPPED, "file": FILE}
kinds = pytest.mark.parametrize("make", KINDS.values(), ids=KINDS.keys())
HELD = ["b sem_wait(s)", "a sem_wait(s)"]
STUCK = ["b pipe(own)", "b read(own[0], got, 1)"]


def came_back(r, actor="a"):
    (event,) = [e for e in r.find("exit") if e["step"] == r.one("block", actor=actor)["step"]]
    return event


# ---- One semaphore, many addresses ---------------------------------------------------------


@kinds
def test_state_after_each_step(lab, world, make):
    r = lab.twice([*make, *HELD, "b sem_post(s)", "b sem_getvalue(s, n)", "b sem_trywait(s)"]).ok()
    assert {e["obj"] for e in r.events if e.get("call", "").startswith("sem_") and "obj" in e} == {"psem#1"}
    taken, woken = r.find("exit", call="sem_wait")
    assert taken["state"] == {"value": 0, "waiting": 0} and taken["flow"] == -1
    block = r.one("block")
    assert (block["why"], block["obj"], block["state"]) == ("zero", "psem#1", {"value": 0, "waiting": 1})
    assert block["holders"] == [{"actor": "b", "since": taken["step"]}]
    assert block["waits"] == f"the semaphore is 0; taken by b in step {taken['step']}"
    post = r.one("exit", call="sem_post")
    # What was there and what was given: a is woken, but counts itself out only when it runs.
    assert post["flow"] == 1 and post["state"] == {"value": 1, "waiting": 1}
    assert woken["by"] == post["step"] and woken["state"] == {"value": 0, "waiting": 0}
    assert r.one("exit", call="sem_getvalue")["out"] == {"n": [0]}
    assert r.returns("sem_trywait") == ["EAGAIN"]


def test_two_in_one_segment_are_two(lab, world):
    r = lab.twice([*SHARED, "a sem_init(s + 32, 1, 0)", "b sem_wait(s + 32)", "a sem_post(s + 32)"]).ok()
    assert r.one("block")["obj"] == "psem#2" and came_back(r, "b")["ret"] == 0


def test_initialised_again_is_another(lab):
    r = lab.run([*SHARED, "b sem_wait(s)", "a sem_init(s, 1, 0)", "a sem_wait(s)"]).ok()
    assert r.one("block")["obj"] == "psem#2" and "nobody has posted it" in r.one("block")["waits"]


def test_private_copies_after_fork_are_two(lab, world):
    r = lab.twice(["spawn a", "a char s[32]", "a sem_init(s, 1, 0)", "a fork(b)", "b sem_post(s)", "a sem_trywait(s)"]).ok()
    assert "not shared" in r.one("exit", call="sem_init")["note"][0]
    assert r.one("exit", call="sem_post")["obj"] == "psem#2" and r.returns("sem_trywait") == ["EAGAIN"]


def test_name_and_life(lab, world):
    r = lab.twice([*NAMED, 'b sem_open("/lock", O_CREAT, 0600, 7)', 'a sem_unlink("/lock")', 'b sem_open("/lock", 0)',
                   "b sem_close(s)", "a sem_wait(s)", 'a sem_open("/lock", O_CREAT|O_EXCL, 0600, 3)']).ok()  # fmt: skip
    opens = r.find("exit", call="sem_open")
    assert opens[0]["created"] and "created" not in opens[1] and "created" not in opens[2]
    assert opens[2]["state"]["value"] == 1, "of one that exists the value is left as it is"
    assert opens[3]["errno"] == "ENOENT" and opens[4]["obj"] == "psem#2"
    assert r.returns("sem_wait") == [0] and r.returns("sem_close") == [0]


def test_program_posts_by_name(lab):
    """A program that is no actor wakes, too."""
    post = ("import ctypes; c = ctypes.CDLL(None); c.sem_open.restype = ctypes.c_void_p; "
            "c.sem_post(ctypes.c_void_p(c.sem_open(b'/lock', 0)))")  # fmt: skip
    r = lab.run([*NAMED, "a sem_wait(s)", "a sem_wait(s)", f'b execve("/usr/bin/python3", "python3", "-c", "{post}")',
                 "wait b", "a sem_getvalue(s, n)"]).ok()  # fmt: skip
    assert came_back(r)["ret"] == 0


# ---- Waiting -------------------------------------------------------------------------------


@kinds
def test_why_and_its_next_line(lab, world, make):
    r = lab.run([*make, *HELD, "why a"]).ok()
    text = r.stdout[r.stdout.index("a waits in sem_wait on ") :]
    line = text[text.rindex("Next: ") + 6 :].splitlines()[0]
    assert line.startswith("b sem_post("), text
    r = lab.run([*make, *HELD, line]).ok()
    assert came_back(r)["ret"] == 0, f"{line!r} did not help"


@kinds
def test_interrupt(lab, world, make):
    r = lab.run([*make, *HELD, "interrupt a", "b sem_post(s)"]).ok()
    assert came_back(r)["errno"] == "EINTR" and "by" not in came_back(r)
    assert r.last("exit", call="sem_post")["state"] == {"value": 1, "waiting": 0}


@kinds
def test_killed_while_waiting(lab, world, make):
    """B03: the semaphore goes on. Its own count of those who wait still has the dead one."""
    r = lab.run([*make, *HELD, "b kill(a, SIGKILL)", "b sem_post(s)", "b sem_wait(s)"]).ok()
    assert r.one("process", what="killed")["actor"] == "a"
    assert r.last("exit")["ret"] == 0 and r.last("exit")["state"]["value"] == 0


@kinds
def test_stuck_only_when_nobody_is_left(lab, make):
    assert not lab.run([*make, *HELD]).ok().find("verdict"), "b could post"
    r = lab.run([*make, *HELD, *STUCK])
    assert r.status == 4 and r.one("verdict")["kind"] == "stuck"
    assert lab.run([*make, *HELD, *STUCK, "interrupt b", "b sem_post(s)"]).status == 0


def test_dead_holder(lab, world):
    r = lab.twice([*NAMED, "spawn c", "b sem_wait(s)", "b exit(0)", "a sem_wait(s)", "why a"]).ok()
    assert r.one("block")["waits"].endswith("taken by b in step 3 (dead)")
    assert "no SEM_UNDO here" in " ".join(r.stdout.split())
    assert "Next: c sem_post(sem_open(\"/lock\", 0))" in r.stdout


def test_deadlock_names_the_cycle(lab, world):
    two = ["spawn a", "a s = shmat(shmget(5678, 64, IPC_CREAT|0600))", "a sem_init(s, 1, 1)", "a sem_init(s + 32, 1, 1)",
           "a fork(b)", "a sem_wait(s)", "b sem_wait(s + 32)", "a sem_wait(s + 32)", "b sem_wait(s)"]  # fmt: skip
    r = lab.twice(two)
    verdict = r.one("verdict")
    assert r.status == 4 and sorted(verdict["cycle"]) == ["a", "b"]
    assert [(h["actor"], h["obj"]) for h in verdict["holders"]] == [("a", "psem#1"), ("b", "psem#2")]
    undo, line, *_ = verdict["next"]
    again = lab.run([*two, undo, line, "b sem_wait(s)" if line.startswith("a") else "a sem_wait(s + 32)"])
    assert again.status == 0, again


def test_posted_by_another_is_a_signal(lab):
    r = lab.run([*SHARED, "a sem_wait(s)", "b sem_post(s)", "a sem_wait(s)", "a sem_wait(s)", "why a"]).ok()
    assert "b posted it, last in step 7" in r.stdout and "Next: b sem_post(s)" in r.stdout


def test_a_post_lets_one_go_on(lab, world):
    r = lab.twice([*SHARED, "a fork(c)", "b sem_wait(s)", "a sem_wait(s)", "c sem_wait(s)", "b sem_post(s)", "b sem_post(s)"])
    first, second = r.ok().find("exit", call="sem_post")
    assert (first["state"], second["state"]) == ({"value": 1, "waiting": 2}, {"value": 1, "waiting": 1})
    assert sorted((came_back(r, who)["by"], came_back(r, who)["state"]["waiting"]) for who in "ac") == [
        (first["step"], 1), (second["step"], 0)]  # fmt: skip


def test_stopped_and_continued(lab, world):
    """Stopped it takes nothing; afterwards it goes on, for futex(2) is restarted then."""
    r = lab.twice([*NAMED, *HELD, "b kill(a, SIGSTOP)", "b sem_post(s)", "b sem_getvalue(s, n)", "b kill(a, SIGCONT)"]).ok()
    assert r.one("exit", call="sem_getvalue")["out"] == {"n": [1]}
    assert came_back(r)["ret"] == 0 and came_back(r)["by"] == r.find("exit", call="kill")[1]["step"]


def test_handler_ends_it_or_not(lab):
    """With SA_RESTART it goes on waiting."""
    for flags, ends in (("0", True), ("SA_RESTART", False)):
        r = lab.run([*NAMED, f"a sigaction(SIGUSR1, handler, {flags})", *HELD, "b kill(a, SIGUSR1)", "b sem_post(s)"]).ok()
        assert (came_back(r).get("errno"), came_back(r)["by"]) == (
            ("EINTR", r.one("exit", call="kill")["step"]) if ends else (None, r.one("exit", call="sem_post")["step"]))  # fmt: skip


def test_no_stuck_while_a_timer_may_help(lab):
    lines = [*NAMED, *HELD, "b signal(SIGALRM, handler)", "b pipe(own)", "b alarm(60)", "b read(own[0], got, 1)"]
    assert not lab.run(lines).ok().find("verdict")
    lines[-2] = "b alarm(0)"
    assert lab.run(lines).one("verdict")["kind"] == "stuck"


def test_destroyed_while_somebody_waits(lab):
    r = lab.run([*SHARED, *HELD, "b sem_destroy(s)"]).ok()
    assert "1 still wait on it" in r.one("exit", call="sem_destroy")["note"][0]


def test_others_waiting_are_named(lab):
    r = lab.run([*SHARED, "spawn c", "c s = shmat(shmget(5678, 64))", "b sem_wait(s)", "a sem_wait(s)", "c sem_wait(s)",
                 "why c"]).ok()  # fmt: skip
    assert "Waiting on it too, who waits longest first: a." in r.stdout
    assert r.last("block")["state"]["waiting"] == 2


def test_blocking_nonblocking_and_timed_side_by_side(lab, world):
    r = lab.run([*NAMED, "b sem_wait(s)", "a sem_trywait(s)", "a sem_timedwait(s, 20)", "a sem_wait(s)", "b sem_post(s)",
                 "b sem_post(s)", "a sem_timedwait(s, 10000)"]).ok()  # fmt: skip
    assert r.returns("sem_trywait") == ["EAGAIN"] and r.returns("sem_timedwait") == ["ETIMEDOUT", 0]
    assert r.returns("sem_wait") == [0, 0] and not r.find("verdict")


# ---- Posts that never come -----------------------------------------------------------------


def test_never_in_memory_of_its_own(lab, world):
    r = lab.twice(["spawn a b", "a char s[32]", "a sem_init(s, 0, 0)", "a sem_wait(s)"]).ok()
    assert (r.one("verdict")["kind"], r.one("verdict")["actors"]) == ("never", ["a"])
    assert "no other process has" in r.one("verdict")["says"][0]


def test_never_with_pshared_0(lab, world):
    lines = [*SHARED[:2], "a sem_init(s, 0, 0)", SHARED[3], "a sem_wait(s)"]
    r = lab.twice([*lines, "b sem_post(s)", "why a"]).ok()
    assert "will wake nobody" in r.one("exit", call="sem_init")["note"][0]
    assert r.one("verdict")["kind"] == "never"
    assert "the semaphore is 1, but the post woke nobody" in " ".join(r.stdout.split())
    undo, line = r.one("verdict")["next"]
    assert lab.run([*lines, undo, line, "a sem_wait(s)"]).ok().returns("sem_wait") == [0]


@kinds
def test_no_never_where_others_can_come(lab, make):
    """Nobody but a has it now, yet somebody could open or attach it (or has it already)."""
    r = lab.run([*make, "a sem_wait(s)", "a sem_wait(s)", "spawn c"]).ok()
    assert "never" not in [v["kind"] for v in r.find("verdict")]


# ---- Errors --------------------------------------------------------------------------------


@pytest.mark.parametrize("line,errno", [
    ("sem_open(\"/nobody\", 0)", "ENOENT"), ("sem_open(\"/lock\", O_CREAT|O_EXCL, 0600, 1)", "EEXIST"),
    ("sem_open(\"/a/b\", O_CREAT, 0600, 1)", "EINVAL"), ("sem_open(\"/new\", O_CREAT, 0600, 2147483648)", "EINVAL"),
    (f"sem_open(\"/{'x' * 252}\", O_CREAT, 0600, 1)", "ENAMETOOLONG"), ("sem_unlink(\"/nobody\")", "ENOENT"),
    (f"sem_unlink(\"/{'x' * 252}\")", "ENAMETOOLONG"), ("sem_destroy(m + 4)", "EINVAL"), ("sem_getvalue(m + 4, n)", "EINVAL"),
    ("sem_trywait(m + 4)", "EINVAL"), ("sem_timedwait(m + 4, 5)", "EINVAL"),
    ("sem_close(m)", "EINVAL"), ("sem_trywait(s)", "EAGAIN"), ("sem_timedwait(s, 5)", "ETIMEDOUT"),
    ("sem_init(m, 0, 2147483648)", "EINVAL"), ("sem_init(m + 4, 0, 1)", "EINVAL"), ("sem_wait(m + 4)", "EINVAL"),
    ("sem_post(m + 1)", "EINVAL"), ("sem_post(full)", "EOVERFLOW"),
])  # fmt: skip
def test_errors(lab, world, line, errno):
    r = lab.run([*NAMED, "a sem_wait(s)", "a char m[64]", "a char full[32]", "a sem_init(full, 0, 2147483647)",
                 f"a {line}"]).ok()  # fmt: skip
    assert r.last("exit")["errno"] == errno and f"{errno} (" in r.stdout


def test_permissions(lab, user):
    r = lab.run(["spawn a", 'a sem_open("/x", O_CREAT, 0, 1)', 'a sem_open("/x", 0)'], world="sealed").ok()
    assert r.last("exit", call="sem_open")["errno"] == "EACCES"


def test_no_descriptor_left(lab, world):
    r = lab.run(["spawn a", "a setrlimit(RLIMIT_NOFILE, 3)", 'a sem_open("/x", O_CREAT, 0600, 1)'])
    assert r.last("exit")["errno"] == "EMFILE"


HOMES = {
    "full": ("-o size=4k", 'a sem_open("/one", O_CREAT, 0600, 1); a sem_open("/two", O_CREAT, 0600, 1)', "ENOSPC"),
    "read-only": ("-o ro", 'a sem_open("/one", O_CREAT, 0600, 1)', "EROFS"),
    "read-only, removing": ("-o ro", 'a sem_unlink("/one")', "EROFS"),
}  # fmt: skip


def in_own_mounts(lab, mounts, script):
    """The exits of a script in a shared world, after these commands in mounts of its own."""
    if shutil.which("unshare") is None or subprocess.run(["unshare", "-rm", "true"], check=False).returncode != 0:
        pytest.skip("nothing can be mounted here")
    trace = lab.new_trace()
    argv = ["unshare", "-rm", "sh", "-ec", f'{mounts}; exec "$@"', "sh"]
    argv += lab.command("--world", "shared", "--trace", trace, "-c", f"spawn a; {script}")
    done = subprocess.run(argv, env=lab.environment(), capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 0, done
    return [e for e in read_trace(trace) if e["ev"] == "exit"]


@pytest.mark.serial
@pytest.mark.parametrize("options,script,errno", HOMES.values(), ids=HOMES.keys())
def test_home_of_the_named(lab, options, script, errno):
    *before, last = in_own_mounts(lab, f"mount -t tmpfs {options} none /dev/shm", script)
    assert last["errno"] == errno and not [e for e in before if "errno" in e]


@pytest.mark.serial
def test_no_home_for_the_named(lab):
    """It is said that names cannot be had at all, and not only that this one is missing."""
    empty = lab.path("work", "dev")
    keep = "for i in null zero random urandom tty; do touch $d/$i; mount --bind /dev/$i $d/$i; done"
    mounts = f"d={empty}; mkdir $d; mount -t tmpfs none $d; {keep}; mount --move $d /dev"
    made, taken = in_own_mounts(lab, mounts, 'a sem_open("/x", O_CREAT, 0600, 1); a sem_open("/x", 0)')
    for event in (made, taken):
        assert event["errno"] == "ENOENT" and "has no /dev/shm" in event["note"][0]


@pytest.mark.serial
@pytest.mark.skipif(os.getuid() != 0, reason="needs a second user")
@pytest.mark.parametrize("user", ["nobody"], indirect=True)
def test_semaphore_of_another_user(lab, user):
    """Even where all may write it, only its owner may take its name away (/dev/shm is sticky)."""
    name = f"ipclab-theirs-{os.getpid()}"
    libc = ctypes.CDLL(None)
    libc.sem_open.restype = ctypes.c_void_p
    assert libc.sem_open(f"/{name}".encode(), os.O_CREAT, 0o666, 1)
    os.chmod(f"/dev/shm/sem.{name}", 0o666)
    try:
        r = lab.run(["spawn a", f'a s = sem_open("/{name}", 0)', "a sem_wait(s)", f'a sem_unlink("/{name}")'], world="shared").ok()
        assert r.returns("sem_wait") == [0] and r.returns("sem_unlink") == ["EACCES"]
    finally:
        libc.sem_unlink(f"/{name}".encode())


@pytest.mark.parametrize("line", ["sem_wait(NULL)", "sem_post(gone)", "sem_init(gone, 1, 1)"])
def test_no_memory_is_a_fault_of_the_process(lab, line):
    r = lab.run(["spawn a", "a gone = shmat(shmget(1, 64, IPC_CREAT|0600))", "a shmdt(gone)", f"a {line}"]).ok()
    assert r.one("process", what="killed")["sig"] == "SIGSEGV"


def test_without_descriptors(lab):
    """Other calls need one for a moment; that the semaphore cannot be named must not hide a wake."""
    fill = ["a dup2(1, 3)", "a setrlimit(RLIMIT_NOFILE, 4)"]
    r = lab.run([*SHARED, "b sem_wait(s)", "b sem_wait(s)", *fill, "a sem_post(s)"], "-k")
    post = r.last("exit", call="sem_post")
    assert "obj" not in post
    assert came_back(r, "b")["by"] == post["step"]


# ---- Worlds --------------------------------------------------------------------------------


@pytest.mark.serial
def test_nothing_is_left(lab, world, user):
    """The leftovers are counted by the fixture."""
    lab.run(["spawn a", 'a s = sem_open("/ipclab-left", O_CREAT, 0600, 1)', "a sem_wait(s)"]).ok()


@kinds
def test_replays(lab, world, make):
    r = lab.run([*make, *HELD, "b sem_post(s)"]).ok()
    assert lab.call("replay", "--trust", r.trace).stdout.startswith("same"), r


def test_same_bytes_for_another_user(lab, user):
    lab.twice([*NAMED, *HELD, "b sem_post(s)", "why a"], world="sealed")
