# SPDX-License-Identifier: GPL-3.0-or-later
"""System V semaphores: values and waiting processes after each step, who took what, every way to
wait and every way out of it, each error, limits of the kernel."""

import ctypes
import os
import shutil
import subprocess

import pytest
from ipclab import read_trace

MAKE = ["spawn a b", "a id = semget(5678, 1, IPC_CREAT|0666)", "b id = semget(5678, 1)"]
LOCK = MAKE + ["a semctl(id, 0, SETVAL, 1)"]
TWO = [
    "spawn a b c", "a id = semget(5678, 2, IPC_CREAT|0666)", "b id = semget(5678, 2)",
    "c id = semget(5678, 2)", "a semctl(id, 0, SETALL, 1, 1)",
]  # fmt: skip


def came_back(r, actor="a"):
    """The exit of the call that was told to wait."""
    (event,) = [e for e in r.find("exit") if e["step"] == r.one("block", actor=actor)["step"]]
    return event


def states(r, *fields):
    return [tuple(e["state"].get(f) for f in fields) for e in r.find("exit") if "state" in e]


# ---- After each step -----------------------------------------------------------------------


def test_state_after_each_step(lab, world):
    r = lab.twice(LOCK + ["a semop(id, 0, -1)", "b semop(id, 0, -1)", "a semctl(id, 0, GETNCNT)",
                          "a semop(id, 0, 1)", "b semctl(id, 0, IPC_RMID)"]).ok()  # fmt: skip
    made, found = r.find("exit", call="semget")
    assert made["created"] is True and made["obj"] == "sem#1" and "created" not in found
    assert made["state"] == {"key": 5678, "nsems": 1, "value": 0, "ncnt": 0, "zcnt": 0, "last": "-"}
    assert r.one("block")["state"] == {"key": 5678, "nsems": 1, "value": 0, "ncnt": 1, "zcnt": 0, "last": "a"}
    taken, given, handed_on = r.find("exit", call="semop")
    assert (taken["state"]["value"], taken["state"]["last"]) == (0, "a")
    # The kernel hands it over within the call that gives: there never is a 1 in between.
    assert (given["state"]["value"], given["state"]["last"], given["state"]["ncnt"]) == (0, "b", 0)
    assert handed_on["by"] == given["step"]
    assert r.last("exit", call="semctl")["state"]["removed"] == "removed"


def test_who_acted_last_is_known_when_dead(lab, world):
    """Also where the observer tells it, because who waits cannot."""
    r = lab.twice([*MAKE, "spawn c", "b semop(id, 0, 1)", "c semop(semget(5678, 1), 0, -1)", "c exit(0)",
                   "a semop(id, 0, -1)"]).ok()  # fmt: skip
    assert r.one("block")["state"]["last"] == "c"


def test_a_set_of_several(lab, world):
    r = lab.twice(["spawn a", "a id = semget(IPC_PRIVATE, 3, 0600)", "a semctl(id, 0, SETALL, 1, 0, 5)",
                   "a int v[3]", "a semctl(id, 0, GETALL, v)", "a print v", "a v[1] = 7", "a semctl(id, 0, SETALL, v)",
                   "a semctl(id, 0, GETALL)", "a semop(id, 2, -5, 0, 0, 1, 0, 1, -7, 0)"]).ok()  # fmt: skip
    assert r.one("exit", call="print")["value"] == [1, 0, 5]
    assert r.last("exit", call="semctl")["facts"]["values"] == "1 7 5"
    assert r.one("exit", call="semop")["state"]["values"] == "2 0 0"
    assert r.one("exit", call="semop")["state"]["last2"] == "a"


def test_semctl_looks(lab, world):
    r = lab.twice(MAKE + ["spawn c", "c id = semget(5678, 0)", "a semop(id, 0, 2)", "b semop(id, 0, 0)",
                          "c semop(id, 0, -9)", "a semctl(id, 0, GETVAL)", "a semctl(id, 0, GETNCNT)",
                          "a semctl(id, 0, GETZCNT)", "a semctl(id, 0, GETPID)", "a semctl(id, 0, IPC_STAT)",
                          "a semctl(id, 0, IPC_SET, 0640)", "a semctl(id, 0, IPC_STAT)"]).ok()  # fmt: skip
    got = r.find("exit", call="semctl")
    assert [e.get("ret") for e in got[:3]] == [2, 1, 1]
    if world == "sealed":
        assert got[3]["ret"] == r.one("process", actor="a")["pid"]
    else:
        assert "ret" not in got[3], "a pid is another in each run"
    assert got[4]["facts"] == {"nsems": 1, "mode": "0666"} and got[6]["facts"]["mode"] == "0640"


# ---- Waiting -------------------------------------------------------------------------------


class Way:
    """a waits in `line` after `before`; b's `end` lets it return `ret`."""

    def __init__(self, before, line, why, end, ret=0, errno=None, holders=None):
        self.before, self.line, self.why, self.end = before, line, why, end
        self.ret, self.errno, self.holders = ret, errno, holders


TAKEN = LOCK + ["b semop(id, 0, -1)"]
HELD = [{"actor": "b", "since": 4}]
WAYS = {
    "taken": Way(TAKEN, "a semop(id, 0, -1)", "too low", "b semop(id, 0, 1)", holders=HELD),
    "more than there is": Way(LOCK + ["b semop(id, 0, 1)"], "a semop(id, 0, -3)", "too low", "b semop(id, 0, 1)"),
    "never raised": Way(MAKE, "a semop(id, 0, -1)", "too low", "b semop(id, 0, 1)"),
    "set": Way(TAKEN, "a semop(id, 0, -1)", "too low", "b semctl(id, 0, SETVAL, 1)", holders=HELD),
    "set all": Way(TAKEN, "a semop(id, 0, -1)", "too low", "b semctl(id, 0, SETALL, 1)", holders=HELD),
    "zero": Way(LOCK, "a semop(id, 0, 0)", "not zero", "b semop(id, 0, -1)"),
    "zero by setting": Way(LOCK, "a semop(id, 0, 0)", "not zero", "b semctl(id, 0, SETVAL, 0)"),
    "second of two": Way(TWO + ["b semop(id, 1, -1)"], "a semop(id, 0, -1, 0, 1, -1, 0)", "too low",
                         "b semop(id, 1, 1)", holders=[{"actor": "b", "since": 5}]),
    "zero, then one": Way(LOCK, "a semop(id, 0, 0, 0, 0, 1, 0)", "not zero", "b semop(id, 0, -1)"),
    "removed": Way(TAKEN, "a semop(id, 0, -1)", "too low", "b semctl(id, 0, IPC_RMID)", -1, "EIDRM", HELD),
    "given back at death": Way(LOCK + ["b semop(id, 0, -1, SEM_UNDO)"], "a semop(id, 0, -1)", "too low", "b exit(0)",
                               holders=HELD),
}  # fmt: skip
ways = pytest.mark.parametrize("way", WAYS.values(), ids=WAYS.keys())
STUCK = ["b pipe(own)", "b read(own[0], got, 1)"]


@ways
def test_waits_and_is_woken(lab, world, way):
    r = lab.twice([*way.before, way.line, way.end]).ok()
    block = r.one("block")
    assert (block["actor"], block["call"], block["why"], block["obj"]) == ("a", "semop", way.why, "sem#1")
    assert block.get("holders") == way.holders
    event = came_back(r)
    assert (event["ret"], event.get("errno")) == (way.ret, way.errno)
    assert event["by"] == r.last("enter", actor="b")["step"]
    assert not r.find("verdict"), r


@ways
def test_why_and_its_next_line(lab, world, way):
    r = lab.run([*way.before, way.line, "why a"]).ok()
    text = r.stdout[r.stdout.index("a waits in semop on ") :]
    line = text[text.rindex("Next: ") + 6 :].splitlines()[0]
    assert "It cannot go on: " in text and line.startswith("b "), text
    r = lab.run([*way.before, way.line, line]).ok()
    assert came_back(r)["ret"] == 0, f"{line!r} did not help"


@ways
def test_interrupt(lab, way):
    r = lab.run([*way.before, way.line, "interrupt a", "a semctl(id, 0, GETNCNT)"]).ok()
    assert came_back(r)["errno"] == "EINTR" and "by" not in came_back(r)
    assert r.last("exit", call="semctl", actor="a")["ret"] == 0


@ways
def test_killed_while_waiting(lab, world, way):
    """B03: the object stays usable, and says that nobody waits any more."""
    r = lab.run([*way.before, way.line, "b kill(a, SIGKILL)", "b semctl(id, 0, GETNCNT)", "b semctl(id, 0, GETZCNT)",
                 "b semop(id, 0, 1)"]).ok()  # fmt: skip
    assert r.one("process", what="killed")["actor"] == "a"
    assert [e["ret"] for e in r.find("exit", call="semctl", actor="b")[-2:]] == [0, 0]
    assert r.last("exit")["ret"] == 0


@ways
def test_stuck_only_when_nobody_is_left(lab, way):
    way_line = [*way.before, way.line]
    if "spawn a b c" in way.before:
        way_line.append("c exit(0)")
    assert not lab.run(way_line).ok().find("verdict"), "b could end it"
    r = lab.run([*way_line, *STUCK])
    assert r.status == 4 and r.one("verdict")["kind"] == "stuck"
    assert lab.run([*way_line, *STUCK, "interrupt b", way.end]).status == 0


def test_handler_ends_it_whatever_its_flags(lab):
    """semop is one of those that SA_RESTART does not restart."""
    r = lab.run([*MAKE, "a sigaction(SIGUSR1, handler, SA_RESTART)", "a semop(id, 0, -1)", "b kill(a, SIGUSR1)"]).ok()
    assert r.returns("semop") == ["EINTR"]


@pytest.mark.parametrize("call", ["semop(id, 0, -1)", "semtimedop(id, 0, -1, 0, -1)"])
@pytest.mark.parametrize("end,errno,by", [
    ("interrupt a", "EINTR", None), ("b semctl(id, 0, IPC_RMID)", "EIDRM", 4), ("b semop(id, 0, 1)", None, 4),
])  # fmt: skip
def test_ends_of_both_calls(lab, world, call, end, errno, by):
    r = lab.twice([*MAKE, f"a {call}", end]).ok()
    assert (came_back(r).get("errno"), came_back(r).get("by")) == (errno, by)


def test_stopped_and_continued(lab, world):
    """Nobody gets anything while he is stopped, and semop does not go on by itself (signal(7))."""
    r = lab.twice([*MAKE, "a semop(id, 0, -1)", "b kill(a, SIGSTOP)", "b semop(id, 0, 1)", "b kill(a, SIGCONT)",
                   "a semop(id, 0, -1)"]).ok()  # fmt: skip
    assert r.returns("semop", "a") == ["EINTR", 0]
    assert came_back(r)["by"] == r.find("exit", call="kill")[1]["step"]


def test_no_stuck_while_a_timer_may_help(lab):
    """b's read ends by its alarm, and then b could raise the semaphore."""
    lines = [*MAKE, "a semop(id, 0, -1)", "b signal(SIGALRM, handler)", "b pipe(own)", "b alarm(60)", "b read(own[0], got, 1)"]
    assert not lab.run(lines).ok().find("verdict")
    lines[-2] = "b alarm(0)"
    assert lab.run(lines).one("verdict")["kind"] == "stuck"


def test_timed(lab, world):
    r = lab.run([*MAKE, "a semtimedop(id, 0, -1, 0, 20)", "a semtimedop(id, 0, 0, 0, 20)"]).ok()
    assert r.returns("semtimedop") == ["EAGAIN", 0]
    assert not r.find("verdict")


def test_blocking_nonblocking_and_timed_side_by_side(lab):
    r = lab.run([*TAKEN, "a semop(id, 0, -1, IPC_NOWAIT)", "a semtimedop(id, 0, -1, 0, 10)", "a semop(id, 0, -1)"]).ok()
    assert r.returns("semop", "a") == ["EAGAIN"] and r.returns("semtimedop") == ["EAGAIN"]
    assert r.last("block")["call"] == "semop"


def test_timed_without_a_time_is_stuck(lab):
    assert lab.run(["spawn a", "a id = semget(1, 1, IPC_CREAT|0600)", "a semtimedop(id, 0, -1, 0, -1)"]).status == 4


# ---- Who has what --------------------------------------------------------------------------


DEADLOCK = TWO + ["a semop(id, 0, -1)", "b semop(id, 1, -1)", "a semop(id, 1, -1)", "b semop(id, 0, -1)", "c exit(0)"]


def test_deadlock_names_the_cycle(lab, world):
    r = lab.twice(DEADLOCK)
    assert r.status == 4
    verdict = r.one("verdict")
    assert sorted(verdict["cycle"]) == ["a", "b"]
    assert [(h["actor"], h["since"], h["how"]) for h in verdict["holders"]] == [("a", 5, "took"), ("b", 6, "took")]
    assert "b waits for a, and a waits for b." in verdict["says"]


def test_what_the_verdict_proposes_helps(lab, world):
    r = lab.run(DEADLOCK)
    undo, *lines = r.one("verdict")["next"]
    again = lab.run([*DEADLOCK, undo, *lines, "a semop(id, 1, -1)" if lines[0].startswith("b") else "b semop(id, 0, -1)"])
    assert again.status == 0, again


@pytest.mark.parametrize("view", ["lanes", "gutter"])
def test_deadlock_in_the_box(lab, view):
    out = lab.run([f"set view {view}", *DEADLOCK]).stdout
    assert "took it in step 5, not given back" in out and "never closed" not in out


def test_three_in_a_ring(lab):
    lines = ["spawn a b c", "a id = semget(5678, 3, IPC_CREAT|0666)", "b id = semget(5678, 3)", "c id = semget(5678, 3)",
             "a semctl(id, 0, SETALL, 1, 1, 1)"]  # fmt: skip
    for n in (0, 1):
        lines += [f"{who} semop(id, {(i + n) % 3}, -1)" for i, who in enumerate("abc")]
    r = lab.run(lines)
    assert r.status == 4 and sorted(r.one("verdict")["cycle"]) == ["a", "b", "c"]


def test_taken_twice_by_itself(lab):
    r = lab.run(["spawn a", "a id = semget(1, 1, IPC_CREAT|0600)", "a semop(id, 0, 1)", "a semop(id, 0, -1)",
                 "a semop(id, 0, -1)"])  # fmt: skip
    assert r.status == 4 and r.one("verdict")["cycle"] == ["a"]
    assert "taken by a itself in step 3" in r.one("block")["waits"]


def test_dead_holder(lab, world):
    r = lab.twice([*TAKEN, "spawn c", "b exit(0)", "a semop(id, 0, -1)", "why a"]).ok()
    assert r.one("block")["waits"] == "the semaphore is 0; taken by b in step 4 (dead)"
    assert r.one("block")["holders"] == HELD and "SEM_UNDO" in r.stdout


def test_undo_at_death_is_no_holder_any_more(lab, world):
    r = lab.twice([*LOCK, "b semop(id, 0, -1, SEM_UNDO)", "b exit(0)", "a semop(id, 0, -1)", "a semop(id, 0, -1)"])
    assert r.find("exit", call="semop", actor="a")[0]["ret"] == 0
    assert "taken by a itself" in r.one("block")["waits"] and "b" not in r.one("block")["waits"].split()


def test_killed_with_undo_wakes_by_the_killing_step(lab, world):
    r = lab.twice([*LOCK, "spawn c", "b semop(id, 0, -1, SEM_UNDO)", "a semop(id, 0, -1)", "c kill(b, SIGKILL)"]).ok()
    assert came_back(r)["by"] == r.one("exit", call="kill")["step"]


def test_given_by_another_is_a_signal(lab):
    """Producer and consumer: who raises it can end the wait, and the consumer holds nothing."""
    r = lab.run([*MAKE, "b semop(id, 0, 1)", "a semop(id, 0, -1)", "b semop(id, 0, 1)", "a semop(id, 0, -1)",
                 "a semop(id, 0, -1)", "why a"]).ok()  # fmt: skip
    assert "raised it, last in step 5" in " ".join(r.stdout.split())
    assert "Next: b semop(" in r.stdout


def test_bounded_buffer_in_the_wrong_order(lab, world):
    """The consumer takes the mutex and waits for an item; the producer needs the mutex to make one."""
    r = lab.twice(["spawn prod cons", "prod id = semget(1, 2, IPC_CREAT|0600)", "cons id = semget(1, 2)",
                   "prod semctl(id, 0, SETALL, 1, 0)", "prod semop(id, 0, -1)", "prod semop(id, 1, 1)",
                   "prod semop(id, 0, 1)", "cons semop(id, 1, -1)", "cons semop(id, 0, -1)", "cons semop(id, 1, -1)",
                   "prod semop(id, 0, -1)"])  # fmt: skip
    assert r.status == 4 and sorted(r.one("verdict")["cycle"]) == ["cons", "prod"]


def test_others_waiting_are_named_in_order(lab):
    r = lab.run([*TAKEN, "spawn c", "a semop(id, 0, -1)", "c semop(semget(5678, 0), 0, -1)", "why c"]).ok()
    assert "Waiting on the same set, who waits longest first: a." in r.stdout


def test_first_come_first_served(lab, world):
    r = lab.twice([*TAKEN, "spawn c", "c id = semget(5678, 0)", "a semop(id, 0, -1)", "c semop(id, 0, -1)",
                   "b semop(id, 0, 1)", "a semop(id, 0, 1)"]).ok()  # fmt: skip
    gave = [e["step"] for e in r.find("exit", call="semop") if e["actor"] in "ab" and "by" not in e][1:]
    assert [e["by"] for e in r.find("exit", call="semop") if "by" in e] == gave


def test_holders_in_the_order_of_their_steps(lab, world):
    """Two are served at once, and one of them took before: who took last comes last."""
    r = lab.twice([*MAKE, "spawn c", "c id = semget(5678, 0)", "b semop(id, 0, 1)", "b semop(id, 0, -1)", "a semop(id, 0, -1)",
                   "b semop(id, 0, -1)", "c semop(id, 0, 2)", "c semop(id, 0, -1)"]).ok()  # fmt: skip
    block = r.last("block", actor="c")
    assert block["holders"] == [{"actor": "a", "since": 6}, {"actor": "b", "since": 7}]
    assert block["waits"] == "the semaphore is 0; taken by a in step 6, b in step 7"


def test_given_and_taken_in_one_step(lab, world):
    """c was served after b, but by a step before b's, which is the one that is told: what a gives
    ends c's taking as the oldest, and then c takes again by that."""
    r = lab.twice([*TWO[:-1], "a semctl(id, 0, SETALL, 2, 0)", "c semop(id, 0, -1, 0, 1, -1, 0)", "b semop(id, 0, -1)",
                   "a semop(id, 1, 1)", "c semop(id, 0, -1)", "a semop(id, 0, 1)", "a semop(id, 0, -1)"]).ok()  # fmt: skip
    assert r.last("block", actor="c")["holders"] == [{"actor": "c", "since": 5}, {"actor": "b", "since": 6}]
    assert r.last("block", actor="a")["holders"] == [{"actor": "b", "since": 6}, {"actor": "c", "since": 8}]


# ---- Errors --------------------------------------------------------------------------------


@pytest.mark.parametrize("line,errno", [
    ("semget(9, 1)", "ENOENT"), ("semget(5678, 1, IPC_CREAT|IPC_EXCL|0600)", "EEXIST"), ("semget(5678, 2)", "EINVAL"),
    ("semget(7, 0, IPC_CREAT|0600)", "EINVAL"), ("semget(7, -1, IPC_CREAT|0600)", "EINVAL"),
    ("semget(7, 99999, IPC_CREAT|0600)", "EINVAL"), ("semop(999, 0, 1)", "EINVAL"), ("semop(id, 0, 1, 0, 5)", "EINVAL"),
    ("semop(id, 1, 1)", "EFBIG"), ("semop(id, 0, 32767, 0, 0, 1, 0)", "ERANGE"), ("semop(id, 0, -1, IPC_NOWAIT)", "EAGAIN"),
    ("semtimedop(id, 0, -1, 0, 5)", "EAGAIN"), ("semtimedop(id, 9, -1, 0, 5)", "EFBIG"),
    ("semtimedop(id, 0, -1, IPC_NOWAIT, 5)", "EAGAIN"), ("semtimedop(id, 0, 32767, 0, 5, 0, 1, 0)", "ERANGE"),
    ("semtimedop(999, 0, 1, 0, 5)", "EINVAL"), ("semctl(gone, 0, IPC_STAT)", "EINVAL"), ("semop(gone, 0, 1)", "EINVAL"),
    ("semctl(999, 0, GETVAL)", "EINVAL"),
    ("semctl(id, 1, GETVAL)", "EINVAL"), ("semctl(id, 0, 999)", "EINVAL"), ("semctl(id, 0, SETVAL)", "EINVAL"),
    ("semctl(id, 0, SETALL, 1, 2)", "EINVAL"), ("semctl(id, 0, SETVAL, 40000)", "ERANGE"),
    ("semctl(id, 0, SETALL, 40000)", "ERANGE"), ("semctl(id, 0, SETALL, -1)", "ERANGE"),
    ("semctl(id, 0, IPC_SET)", "EFAULT"), ("semctl(id, 0, GETALL, 1 << 20)", "EFAULT"),
    ("semctl(id, 0, SETALL, 1 << 20)", "EFAULT"),
])  # fmt: skip
def test_errors(lab, world, line, errno):
    r = lab.run([*MAKE, "a gone = semget(IPC_PRIVATE, 1, 0600)", "a semctl(gone, 0, IPC_RMID)", f"a {line}"]).ok()
    assert r.last("exit")["errno"] == errno
    assert f"{errno} (" in r.stdout


def test_permissions(lab, user):
    r = lab.run(["spawn a", "a id = semget(5, 1, IPC_CREAT|0)", "a semop(id, 0, 1)", "a semop(id, 0, 0)",
                 "a semtimedop(id, 0, 1, 0, 5)",
                 "a semctl(id, 0, GETVAL)", "a semctl(id, 0, SETVAL, 1)", "a semctl(id, 0, IPC_STAT)",
                 "a semget(5, 1, 0600)", "a semctl(id, 0, IPC_SET, 0600)", "a semop(id, 0, 1)"], world="sealed").ok()  # fmt: skip
    assert r.returns("semop") == ["EACCES", "EACCES", 0] and r.returns("semtimedop") == ["EACCES"]
    assert r.returns("semctl") == ["EACCES", "EACCES", "EACCES", 0]
    assert r.returns("semget")[1] == "EACCES"
    assert r.find("exit", call="semop")[0]["state"]["nsems"] == 1, "what may not be read is counted all the same"


@pytest.mark.serial
@pytest.mark.skipif(os.getuid() != 0, reason="needs a second user")
@pytest.mark.parametrize("user", ["nobody"], indirect=True)
def test_set_of_another_user(lab, user):
    """Whoever may alter it may not remove it."""
    libc = ctypes.CDLL(None, use_errno=True)
    theirs = libc.semget(0x1BC1AB, 1, 0o1666)
    assert theirs >= 0
    try:
        r = lab.run(["spawn a", f"a id = semget({0x1BC1AB}, 1)", "a semop(id, 0, 1)", "a semctl(id, 0, IPC_SET, 0600)",
                     "a semctl(id, 0, IPC_RMID)"], world="shared").ok()  # fmt: skip
        assert r.returns("semop") == [0] and r.returns("semctl") == ["EPERM", "EPERM"]
        assert libc.semctl(theirs, 0, 12) == 1, "GETVAL: it is still there"
    finally:
        assert libc.semctl(theirs, 0, 0) == 0


@pytest.mark.serial
@pytest.mark.skipif(shutil.which("unshare") is None, reason="needs unshare(1)")
@pytest.mark.parametrize("limits,script,error", [
    ("250 32000 32 2", "a semget(1, 1, IPC_CREAT|0600); a semget(2, 1, IPC_CREAT|0600); a semget(3, 1, IPC_CREAT|0600)",
     "ENOSPC"),
    ("250 3 32 9", "a semget(1, 2, IPC_CREAT|0600); a semget(2, 2, IPC_CREAT|0600)", "ENOSPC"),
    ("3 100 32 9", "a semget(1, 4, IPC_CREAT|0600)", "EINVAL"),
    ("250 100 2 9", "a id = semget(1, 3, IPC_CREAT|0600); a semop(id, 0, 1, 0, 1, 1, 0, 2, 1, 0)", "E2BIG"),
    ("250 100 2 9", "a id = semget(1, 3, IPC_CREAT|0600); a semtimedop(id, 0, 1, 0, 5, 1, 1, 0, 2, 1, 0)", "E2BIG"),
])  # fmt: skip
def test_F17_limits_of_the_kernel(lab, limits, script, error):
    """The limit is named with its value; the failure is an event like any other."""
    enter = ["unshare", "-Uri", "sh", "-c", f'echo {limits} >/proc/sys/kernel/sem && exec "$@"', "sh"]
    if subprocess.run([*enter, "true"], capture_output=True, check=False).returncode != 0:
        pytest.skip("the limits of a namespace cannot be set here")
    trace = lab.new_trace()
    argv = [*enter, *lab.command("--world", "shared", "--trace", trace, "-c", f"spawn a; {script}")]
    done = subprocess.run(argv, env=lab.environment(), capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 0, done
    assert [e for e in read_trace(trace) if e["ev"] == "exit"][-1]["errno"] == error
    assert "kernel.sem allows" in " ".join(done.stdout.split())


# ---- Worlds --------------------------------------------------------------------------------


@pytest.mark.serial
@pytest.mark.parametrize("key", ["IPC_PRIVATE", "77"])
def test_nothing_is_left(lab, world, user, key):
    """The leftovers are counted by the fixture."""
    lab.run(["spawn a", f"a id = semget({key}, 2, IPC_CREAT|0600)", "a semop(id, 0, 1)"]).ok()


def test_private_set_of_relatives(lab, world):
    r = lab.twice(["spawn a", "a id = semget(IPC_PRIVATE, 1, 0600)", "a fork(b)", "b semop(id, 0, -1)", "a semop(id, 0, 1)"])
    assert r.ok().one("exit", call="semop", actor="b")["ret"] == 0


def test_replays(lab, world):
    r = lab.run([*LOCK, "a semop(id, 0, -1, SEM_UNDO)", "b semop(id, 0, -1)", "a exit(0)", "b semop(id, 0, -1)"])
    assert lab.call("replay", "--trust", r.trace).stdout.startswith("same"), r


def test_undo_forgets_who_took(lab):
    r = lab.run([*LOCK, "b semop(id, 0, -1)", "undo", "a semop(id, 0, -1)", "b semop(id, 0, -1)"]).ok()
    assert "taken by a in step" in r.one("block")["waits"]


def test_objects_lists_sets(lab, world):
    out = lab.run([*LOCK, "objects"]).ok().stdout
    assert "sem#1" in out[out.rindex("SETVAL") :]


def test_holders_in_the_order_of_their_takings(lab, world):
    """Who was woken took in the step of his call, which is before the one that woke him."""
    lines = ["spawn a", "a id = semget(7, 3, IPC_CREAT|0600)", "a fork(b)", "a fork(c)", "a semctl(id, 0, SETVAL, 3)",
             "a semop(id, 0, -1)", "c semop(id, 2, -1, 0, 0, -1, 0)", "b semop(id, 0, -1, SEM_UNDO, 2, 1, 0)", "b semop(id, 0, -2)"]
    r = lab.run(lines, world=world)
    assert r.last("block", actor="b")["holders"] == [
        {"actor": "a", "since": 5}, {"actor": "c", "since": 6}, {"actor": "b", "since": 7}]
