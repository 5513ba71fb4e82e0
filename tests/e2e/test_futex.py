# SPDX-License-Identifier: GPL-3.0-or-later
"""Locks in shared memory: sleeping on a word, mutexes and their owners, alive and dead, condition
variables and their two waits, every way to wait and every way out of it."""

import platform

import pytest
from terminal import Terminal

SHM = ["spawn a", "a m = shmat(shmget(5678, 256, IPC_CREAT|0600))"]
LOCK = [*SHM, "a pthread_mutex_init(m, PTHREAD_PROCESS_SHARED)", "a fork(b)"]
SAFE = [*SHM, "a pthread_mutex_init(m, PTHREAD_PROCESS_SHARED, PTHREAD_MUTEX_ROBUST)", "a fork(b)"]
COND = [*SHM, "a pthread_mutex_init(m, PTHREAD_PROCESS_SHARED)", "a c = m + 64",
        "a pthread_cond_init(c, PTHREAD_PROCESS_SHARED)", "a fork(b)"]  # fmt: skip
WORD = ["spawn a", "a int *w = shmat(shmget(5678, 256, IPC_CREAT|0600))", "a fork(b)"]
STUCK = ["b pipe(own)", "b read(own[0], got, 1)"]


def of_step(r, step):
    return [e for e in r.find("exit") if e["step"] == step]


def came_back(r, actor="a"):
    (event,) = of_step(r, r.find("block", actor=actor)[0]["step"])
    return event


def plain(text):
    return " ".join(text.split())


# ---- Words ---------------------------------------------------------------------------------


@pytest.mark.parametrize("wait,wake", [
    ("futex_wait(w, 0)", "futex_wake(w, 1)"), ("futex_wait(w, 0, -1)", "futex_wake(w)"),
    ("futex(w, FUTEX_WAIT, 0)", "futex(w, FUTEX_WAKE, 1)"), ("futex_wait(w, 0)", "futex(w, FUTEX_WAKE, 99)"),
])  # fmt: skip
def test_sleeps_until_woken(lab, world, wait, wake):
    r = lab.twice([*WORD, f"a {wait}", "b *w = 1", f"b {wake}", f"b {wake}"]).ok()
    block = r.one("block")
    assert (block["why"], block["obj"], block["state"]) == ("no wake", "futex#1", {"value": 0, "waiting": 1})
    first, second = [e for e in r.find("exit", actor="b") if e["call"].startswith("futex")]
    assert (first["ret"], second["ret"]) == (1, 0) and first["state"] == {"value": 1, "waiting": 0}
    assert came_back(r)["ret"] == 0 and came_back(r)["by"] == first["step"]


def test_that_the_word_changed_wakes_nobody(lab):
    r = lab.run([*WORD, "a futex_wait(w, 0)", "b *w = 1", "why a"]).ok()
    assert "the word is 1 by now, but nobody has woken it" in plain(r.stdout)
    assert "Next: b futex_wake(w, 1)" in r.stdout
    assert not of_step(r, r.one("block")["step"])


def test_as_many_as_asked_for(lab, world):
    r = lab.twice([*WORD, "a fork(c)", "a fork(d)", "b futex_wait(w, 0)", "c futex_wait(w, 0)", "d futex_wait(w, 0)",
                   "a futex_wake(w, 2)", "why d"]).ok()  # fmt: skip
    assert r.one("exit", call="futex_wake")["ret"] == 2
    assert r.one("exit", call="futex_wake")["state"]["waiting"] == 1
    assert [e["actor"] for e in r.find("exit", call="futex_wait")] == ["b", "c"]
    assert [b["state"]["waiting"] for b in r.find("block")] == [1, 2, 3]


def test_too_early_is_lost(lab):
    r = lab.run([*WORD, "b futex_wake(w)", "a futex_wait(w, 0)", "why a"]).ok()
    assert "b did wake it, last in step 4; that reaches only who waits then" in plain(r.stdout)


def test_blocking_and_timed_side_by_side(lab, world):
    r = lab.run([*WORD, "a futex_wait(w, 7)", "a futex_wait(w, 0, 20)", "a futex(w, FUTEX_WAIT, 0, 20)",
                 "a futex_wait(w, 0)", "interrupt a"]).ok()  # fmt: skip
    assert r.returns("futex_wait") == ["EAGAIN", "ETIMEDOUT", "EINTR"] and r.returns("futex") == ["ETIMEDOUT"]
    assert not r.find("verdict")


@pytest.mark.parametrize("call", ["futex_wait(w, 0)", "futex(w, FUTEX_WAIT, 0)"])
def test_handler_ends_it_or_not(lab, world, call):
    """With SA_RESTART it sleeps on."""
    for flags, ends in (("0", True), ("SA_RESTART", False)):
        r = lab.run([*WORD, f"a sigaction(SIGUSR1, handler, {flags})", f"a {call}", "b kill(a, SIGUSR1)", "b futex_wake(w)"]).ok()
        by = r.one("exit", call="kill" if ends else "futex_wake")["step"]
        assert (came_back(r).get("errno"), came_back(r)["by"]) == ("EINTR" if ends else None, by)


def test_word_stuck_only_when_nobody_is_left(lab):
    lines = [*WORD, "a futex_wait(w, 0)"]
    assert not lab.run(lines).ok().find("verdict"), "b could wake it"
    r = lab.run([*lines, *STUCK])
    assert r.status == 4 and r.one("verdict")["kind"] == "stuck"
    timer = [*lines, "b signal(SIGALRM, handler)", STUCK[0], "b alarm(60)", STUCK[1]]
    assert not lab.run(timer).ok().find("verdict"), "b will go on by its timer"


def test_word_of_one_process(lab, world):
    r = lab.twice(["spawn a b", "a int w = 0", "a futex_wait(&w, 0)"]).ok()
    assert (r.one("verdict")["kind"], r.one("verdict")["actors"]) == ("never", ["a"])


def test_word_killed_while_waiting(lab, world):
    r = lab.run([*WORD, "a futex_wait(w, 0)", "b kill(a, SIGKILL)", "b futex_wake(w)"]).ok()
    assert r.last("exit")["ret"] == 0 and r.last("exit")["state"]["waiting"] == 0


@pytest.mark.parametrize("line,errno", [
    ("futex_wait(m + 1, 0)", "EINVAL"), ("futex_wake(m + 2)", "EINVAL"), ("futex_wait(gone, 0)", "EFAULT"),
    ("futex_wake(gone)", "EFAULT"), ("futex(m, 3, 0)", "ENOSYS"), ("futex(m, FUTEX_WAIT, 5)", "EAGAIN"),
])  # fmt: skip
def test_errors_of_words(lab, line, errno):
    r = lab.run([*SHM, "a gone = shmat(shmget(1, 64, IPC_CREAT|0600))", "a shmdt(gone)", f"a {line}"]).ok()
    assert r.last("exit")["errno"] == errno and f"{errno} (" in r.stdout


# ---- Mutexes -------------------------------------------------------------------------------


def test_mutex_after_each_step(lab, world):
    r = lab.twice([*LOCK, "b pthread_mutex_lock(m)", "a pthread_mutex_lock(m)", "b pthread_mutex_unlock(m)",
                   "a pthread_mutex_unlock(m)"]).ok()  # fmt: skip
    assert r.one("exit", call="pthread_mutex_init")["state"] == {"owner": "-", "waiting": 0}
    block = r.one("block")
    assert (block["why"], block["obj"]) == ("locked", "mutex#1")
    assert block["waits"] == "the mutex is locked; owner is b since step 5"
    assert block["holders"] == [{"actor": "b", "since": 5}] and block["state"] == {"owner": "b", "waiting": 1}
    first, second = r.find("exit", call="pthread_mutex_unlock")
    assert came_back(r)["by"] == first["step"] and came_back(r)["state"] == {"owner": "a", "waiting": 0}
    assert second["state"] == {"owner": "-", "waiting": 0}


def test_an_error_is_a_number_and_a_name(lab, world):
    r = lab.run([*LOCK, "b pthread_mutex_lock(m)", "a pthread_mutex_trylock(m)", "a print errno",
                 "a pthread_mutex_timedlock(m, 20)"]).ok()  # fmt: skip
    busy = r.one("exit", call="pthread_mutex_trylock")
    assert (busy["ret"], busy["errno"]) == (16, "EBUSY") and "= 16 EBUSY (it is locked" in plain(r.stdout)
    assert r.one("exit", call="print")["value"] == 0, "errno is left alone"
    assert r.returns("pthread_mutex_timedlock") == ["ETIMEDOUT"]


def test_lua_raises_and_tries(lab):
    text = """
local lab = require "ipclab"
return lab.orchestrated {
  id = "locks", title = "locks", plugins = { "futex", "shm" }, actors = { "a" },
  run = function(s, a)
    local m = a:shmat(a:shmget("IPC_PRIVATE", 64, "0600"))
    a:pthread_mutex_init(m, "PTHREAD_PROCESS_SHARED", 0, "PTHREAD_MUTEX_ERRORCHECK")
    a:pthread_mutex_lock(m)
    local ok, err = a:try("pthread_mutex_lock", m)
    s:expect("it fails", ok == nil and err.name == "EDEADLK")
  end,
}
"""
    assert lab.call("run", lab.write("lab.lua", text)).status == 0


def test_why_and_its_next_line(lab, world):
    lines = [*LOCK, "b pthread_mutex_lock(m)", "a pthread_mutex_lock(m)"]
    r = lab.run([*lines, "why a"]).ok()
    assert "never returns EINTR" in plain(r.stdout) and "Next: b pthread_mutex_unlock(m)" in r.stdout
    assert came_back(lab.run([*lines, "b pthread_mutex_unlock(m)"]).ok())["ret"] == 0


def test_interrupt_does_not_end_it(lab, world):
    r = lab.run([*LOCK, "b pthread_mutex_lock(m)", "a pthread_mutex_lock(m)", "interrupt a", "b pthread_mutex_unlock(m)"]).ok()
    assert any("POSIX never ends pthread_mutex_lock with EINTR" in e["text"] for e in r.find("note"))
    assert came_back(r)["ret"] == 0


def test_handler_does_not_end_it(lab):
    r = lab.run([*LOCK, "a signal(SIGUSR1, handler)", "b pthread_mutex_lock(m)", "a pthread_mutex_lock(m)",
                 "b kill(a, SIGUSR1)", "b pthread_mutex_unlock(m)"]).ok()  # fmt: skip
    assert came_back(r)["ret"] == 0 and came_back(r)["by"] == r.one("exit", call="pthread_mutex_unlock")["step"]


def test_mutex_killed_while_waiting(lab, world):
    r = lab.run([*LOCK, "b pthread_mutex_lock(m)", "a pthread_mutex_lock(m)", "b kill(a, SIGKILL)",
                 "b pthread_mutex_unlock(m)", "b pthread_mutex_lock(m)"]).ok()  # fmt: skip
    assert r.last("exit")["ret"] == 0 and r.last("exit")["state"] == {"owner": "b", "waiting": 0}


def test_deadlock_names_the_cycle(lab, world):
    lines = [*SHM, "a pthread_mutex_init(m, PTHREAD_PROCESS_SHARED)", "a pthread_mutex_init(m + 64, PTHREAD_PROCESS_SHARED)",
             "a fork(b)", "a pthread_mutex_lock(m)", "b pthread_mutex_lock(m + 64)", "a pthread_mutex_lock(m + 64)",
             "b pthread_mutex_lock(m)"]  # fmt: skip
    r = lab.twice(lines)
    verdict = r.one("verdict")
    assert r.status == 4 and sorted(verdict["cycle"]) == ["a", "b"]
    assert [(h["actor"], h["obj"], h["since"]) for h in verdict["holders"]] == [("a", "mutex#1", 6), ("b", "mutex#2", 7)]
    undo, line, *_ = verdict["next"]
    again = lab.run([*lines, undo, line, "b pthread_mutex_lock(m)" if line.startswith("a") else "a pthread_mutex_lock(m + 64)"])
    assert again.status == 0, again


def test_stuck_only_when_nobody_is_left(lab):
    lines = [*LOCK, "b pthread_mutex_lock(m)", "a pthread_mutex_lock(m)"]
    assert not lab.run(lines).ok().find("verdict")
    assert lab.run([*lines, *STUCK]).status == 4
    assert lab.run([*lines, *STUCK, "interrupt b", "b pthread_mutex_unlock(m)"]).status == 0


# ---- Owners that die -----------------------------------------------------------------------


@pytest.mark.parametrize("end", ["b exit(0)", "c kill(b, SIGKILL)"])
def test_robust_goes_on_to_the_next(lab, world, end):
    r = lab.twice([*SAFE, "a fork(c)", "b pthread_mutex_lock(m)", "a pthread_mutex_lock(m)", end,
                   "a pthread_mutex_consistent(m)", "a pthread_mutex_unlock(m)", "a pthread_mutex_lock(m)"]).ok()  # fmt: skip
    got = came_back(r)
    assert (got["ret"], got["errno"], got["state"]["owner"], got["state"]["state"]) == (130, "EOWNERDEAD", "a", "inconsistent")
    assert got["by"] == r.last("enter", actor=end[0])["step"]
    assert "pthread_mutex_consistent" in got["note"][0]
    assert r.last("exit")["state"] == {"owner": "a", "waiting": 0}


def test_robust_second_owner_dies_too(lab, world):
    """Before it made it consistent: to the next it is an owner that died, like the first."""
    r = lab.twice([*SAFE, "a fork(c)", "b pthread_mutex_lock(m)", "b exit(0)", "c pthread_mutex_lock(m)", "c exit(0)",
                   "a pthread_mutex_unlock(m)", "a pthread_mutex_lock(m)"]).ok()  # fmt: skip
    assert r.one("exit", call="pthread_mutex_unlock")["errno"] == "EPERM"
    assert r.one("exit", call="pthread_mutex_unlock")["state"] == {"owner": "-", "waiting": 0, "state": "owner died"}
    assert (r.last("exit")["errno"], r.last("exit")["state"]["state"]) == ("EOWNERDEAD", "inconsistent")


def test_robust_owner_dead_before(lab, world):
    r = lab.twice([*SAFE, "b pthread_mutex_lock(m)", "b exit(0)", "a pthread_mutex_trylock(m)"]).ok()
    assert r.last("exit")["errno"] == "EOWNERDEAD"


def test_not_made_consistent_is_lost(lab, world):
    r = lab.twice([*SAFE, "a fork(c)", "b pthread_mutex_lock(m)", "a pthread_mutex_lock(m)", "c pthread_mutex_lock(m)",
                   "b exit(0)", "a pthread_mutex_unlock(m)", "a pthread_mutex_trylock(m)"]).ok()  # fmt: skip
    (waited,) = of_step(r, r.find("block", actor="c")[0]["step"])
    assert (waited["ret"], waited["errno"]) == (131, "ENOTRECOVERABLE")
    assert waited["by"] == r.one("exit", call="pthread_mutex_unlock")["step"]
    assert r.last("exit")["errno"] == "ENOTRECOVERABLE" and r.last("exit")["state"]["state"] == "not recoverable"


def test_lost_wakes_one_and_that_is_said(lab, world):
    """The unlock of a mutex that is not recoverable wakes one of those who wait (glibc)."""
    lines = [*SAFE, "a fork(c)", "a fork(d)", "b pthread_mutex_lock(m)", "a pthread_mutex_lock(m)", "c pthread_mutex_lock(m)",
             "d pthread_mutex_lock(m)", "b exit(0)", "a pthread_mutex_unlock(m)"]  # fmt: skip
    r = lab.twice([*lines, "why d"]).ok()
    assert came_back(r, "c")["errno"] == "ENOTRECOVERABLE" and not of_step(r, r.find("block", actor="d")[0]["step"])
    assert "nobody can lock the mutex any more, and its unlock woke only one of those who wait" in plain(r.stdout)
    line = r.stdout[r.stdout.rindex("Next: ") + 6 :].splitlines()[0]
    r = lab.run([*lines, line]).ok()
    assert came_back(r, "d")["errno"] == "ENOTRECOVERABLE" and came_back(r, "d")["by"] == r.last("enter")["step"]


@pytest.mark.parametrize("line,errno", [
    ("c pthread_mutex_lock(m)", "ENOTRECOVERABLE"), ("c pthread_mutex_timedlock(m, 20)", "ENOTRECOVERABLE"),
    ("c pthread_mutex_trylock(m)", "ENOTRECOVERABLE"),
])  # fmt: skip
def test_lost_for_every_call(lab, world, line, errno):
    lines = [*SAFE, "a fork(c)", "b pthread_mutex_lock(m)", "b exit(0)", "a pthread_mutex_lock(m)", "a pthread_mutex_unlock(m)"]
    r = lab.twice([*lines, line]).ok()
    assert r.last("exit")["errno"] == errno and r.last("exit")["state"]["state"] == "not recoverable"


def test_timedlock_gets_it_from_the_dead(lab, world):
    r = lab.run([*SAFE, "b pthread_mutex_lock(m)", "b exit(0)", "a pthread_mutex_timedlock(m, 1000)"]).ok()
    assert (r.last("exit")["errno"], r.last("exit")["state"]["owner"]) == ("EOWNERDEAD", "a")


def test_robust_is_not_for_others(lab):
    """Only its owner unlocks a robust one; and locked twice it waits as a normal one does."""
    r = lab.run([*SAFE, "a pthread_mutex_lock(m)", "b pthread_mutex_unlock(m)", "a pthread_mutex_lock(m)"]).ok()
    assert r.returns("pthread_mutex_unlock") == ["EPERM"]
    assert r.one("block")["why"] == "locked-self" and r.one("verdict")["kind"] == "never"


def test_normal_owner_dies(lab, world):
    r = lab.twice([*LOCK, "spawn other", "b pthread_mutex_lock(m)", "a pthread_mutex_lock(m)", "b exit(0)", "why a",
                   "interrupt a"]).ok()  # fmt: skip
    assert (r.one("verdict")["kind"], r.one("verdict")["actors"]) == ("never", ["a"])
    assert "its owner b is dead" in plain(r.stdout) and "PTHREAD_MUTEX_ROBUST" in r.stdout
    assert r.one("verdict")["next"] == ["undo 1"]


def test_normal_owner_dead_before(lab, world):
    r = lab.twice([*LOCK, "spawn other", "b pthread_mutex_lock(m)", "b exit(0)", "a pthread_mutex_lock(m)"]).ok()
    assert r.one("block")["why"] == "owner dead" and r.one("verdict")["kind"] == "never"


def test_owner_is_a_zombie_of_somebody_else(lab):
    """Dead is dead, whether it was waited for or not."""
    r = lab.run([*LOCK, "b pthread_mutex_lock(m)", "b exit(0)", "a waitpid(b, st)", "spawn other", "a pthread_mutex_lock(m)"]).ok()
    assert r.one("block", call="pthread_mutex_lock")["why"] == "owner dead"
    assert r.one("verdict")["kind"] == "never"


# ---- Misuse --------------------------------------------------------------------------------


def test_locked_twice_by_itself(lab, world):
    r = lab.twice([*LOCK, "a pthread_mutex_lock(m)", "a pthread_mutex_lock(m)"]).ok()
    assert r.one("block")["why"] == "locked-self"
    assert (r.one("verdict")["kind"], r.one("verdict")["cycle"]) == ("never", ["a"])
    undo, line = r.one("verdict")["next"]
    assert line == "a pthread_mutex_unlock(m)"


@pytest.mark.parametrize("kind,second,unlock", [
    ("PTHREAD_MUTEX_ERRORCHECK", "EDEADLK", "EPERM"), ("PTHREAD_MUTEX_RECURSIVE", 0, "EPERM"),
])  # fmt: skip
def test_types(lab, world, kind, second, unlock):
    r = lab.run([*SHM, f"a pthread_mutex_init(m, PTHREAD_PROCESS_SHARED, PTHREAD_MUTEX_STALLED, {kind})", "a fork(b)",
                 "a pthread_mutex_lock(m)", "a pthread_mutex_lock(m)", "b pthread_mutex_unlock(m)",
                 "a pthread_mutex_timedlock(m, 5)"]).ok()  # fmt: skip
    assert r.returns("pthread_mutex_lock") == [0, second] and r.returns("pthread_mutex_unlock") == [unlock]
    assert r.returns("pthread_mutex_timedlock") == [second]
    if second == 0:
        assert r.last("exit", call="pthread_mutex_lock")["state"]["count"] == 2


def test_unlocked_by_another_is_said(lab):
    r = lab.run([*LOCK, "a pthread_mutex_lock(m)", "b pthread_mutex_unlock(m)"]).ok()
    assert "had not locked it" in r.last("exit")["note"][0]


def test_not_for_several_processes(lab, world):
    r = lab.twice([*SHM, "a pthread_mutex_init(m, NULL)", "a fork(b)", "b pthread_mutex_lock(m)", "a pthread_mutex_lock(m)",
                   "b pthread_mutex_unlock(m)", "why a"]).ok()  # fmt: skip
    assert "will wake nobody" in r.one("exit", call="pthread_mutex_init")["note"][0]
    assert r.one("verdict")["kind"] == "never"
    assert "the mutex is free, but its unlock woke nobody" in plain(r.stdout)


def test_copy_of_a_locked_mutex(lab):
    """In private memory the child has a copy that nobody can unlock."""
    r = lab.run(["spawn a", "a char m[40]", "a pthread_mutex_init(m)", "a pthread_mutex_lock(m)", "a fork(b)",
                 "b pthread_mutex_lock(m)"]).ok()  # fmt: skip
    assert r.one("block")["obj"] == "mutex#2" and r.one("verdict")["kind"] == "never"


@pytest.mark.parametrize("line,errno", [
    ("pthread_mutex_init(m + 4, PTHREAD_PROCESS_SHARED)", "EINVAL"), ("pthread_mutex_init(m, 7)", "EINVAL"),
    ("pthread_mutex_init(m, 1, 7)", "EINVAL"), ("pthread_mutex_init(m, 1, 0, 99)", "EINVAL"),
    ("pthread_mutex_lock(m + 4)", "EINVAL"), ("pthread_mutex_trylock(m + 4)", "EINVAL"),
    ("pthread_mutex_timedlock(m + 4, 5)", "EINVAL"), ("pthread_mutex_unlock(m + 4)", "EINVAL"),
    ("pthread_mutex_consistent(m)", "EINVAL"), ("pthread_mutex_destroy(m + 4)", "EINVAL"),
    ("pthread_mutex_destroy(m)", "EBUSY"), ("pthread_mutex_trylock(m)", "EBUSY"),
    ("pthread_mutex_timedlock(m, 5)", "ETIMEDOUT"), ("pthread_cond_init(m + 4)", "EINVAL"),
    ("pthread_cond_init(m + 128, 7)", "EINVAL"), ("pthread_cond_signal(m + 4)", "EINVAL"),
    ("pthread_cond_broadcast(m + 4)", "EINVAL"), ("pthread_cond_wait(m + 64, m + 4)", "EINVAL"),
    ("pthread_cond_timedwait(m + 68, m, 5)", "EINVAL"),
])  # fmt: skip
def test_errors(lab, world, line, errno):
    r = lab.run([*LOCK, "b pthread_mutex_lock(m)", f"a {line}"]).ok()
    assert r.last("exit")["errno"] == errno and f"{errno} (" in r.stdout


# ---- Conditions ----------------------------------------------------------------------------


def test_condition_has_two_waits(lab, world):
    r = lab.twice([*COND, "b pthread_mutex_lock(m)", "b pthread_cond_wait(c, m)", "a pthread_mutex_lock(m)",
                   "a pthread_cond_signal(c)", "why b", "a pthread_mutex_unlock(m)"]).ok()  # fmt: skip
    first, second = r.find("block", actor="b")
    assert first["step"] == second["step"] and second["state"]["waiting"] == 1
    assert (first["why"], first["obj"], first["state"]) == ("no signal", "cond#1", {"waiting": 1})
    assert (second["why"], second["obj"]) == ("locked", "mutex#1") and second["state"]["owner"] == "a"
    assert second["holders"] == [{"actor": "a", "since": r.one("exit", call="pthread_mutex_lock", actor="a")["step"]}]
    assert "b was signalled." in r.stdout and "Next: a pthread_mutex_unlock(m)" in r.stdout
    back = came_back(r, "b")
    assert back["ret"] == 0 and back["by"] == r.one("exit", call="pthread_mutex_unlock")["step"]
    assert back["state"]["owner"] == "b"


def test_signal_without_the_mutex(lab, world):
    r = lab.twice([*COND, "b pthread_mutex_lock(m)", "b pthread_cond_wait(c, m)", "a pthread_cond_signal(c)"]).ok()
    assert came_back(r, "b")["by"] == r.one("exit", call="pthread_cond_signal")["step"]
    assert r.one("exit", call="pthread_cond_signal")["state"] == {"waiting": 0}


def test_broadcast_lets_one_after_the_other(lab, world):
    r = lab.twice([*COND, "a fork(d)", "b pthread_mutex_lock(m)", "b pthread_cond_wait(c, m)", "d pthread_mutex_lock(m)",
                   "d pthread_cond_wait(c, m)", "a pthread_mutex_lock(m)", "a pthread_cond_broadcast(c)",
                   "a pthread_mutex_unlock(m)", "b pthread_mutex_unlock(m)", "d pthread_mutex_unlock(m)"], )  # fmt: skip
    waits = r.find("exit", call="pthread_cond_wait")
    assert sorted(e["actor"] for e in waits) == ["b", "d"] and all(e["ret"] == 0 for e in waits)
    assert len(r.find("block")) == 4


def test_the_mutex_counts_those_who_were_signalled(lab, world):
    """With those who never waited for the condition; one that is stopped waits for nothing."""
    lines = [*COND, "a fork(d)", "a fork(e)", "b pthread_mutex_lock(m)", "b pthread_cond_wait(c, m)", "a pthread_mutex_lock(m)",
             "d pthread_mutex_lock(m)"]  # fmt: skip
    r = lab.twice([*lines, "a pthread_cond_signal(c)"]).ok()
    assert r.last("block", actor="b")["state"] == {"owner": "a", "waiting": 2}
    r = lab.twice([*lines, "e kill(d, SIGSTOP)", "a pthread_cond_signal(c)", "why b"]).ok()
    assert r.last("block", actor="b")["state"] == {"owner": "a", "waiting": 1} and "Waiting on it too" not in r.stdout


def test_lost_wake_up(lab, world):
    r = lab.twice([*COND, "a pthread_cond_signal(c)", "b pthread_mutex_lock(m)", "b pthread_cond_wait(c, m)", "why b"]).ok()
    assert "the signal is lost" in r.one("exit", call="pthread_cond_signal")["note"][0]
    assert "a did signal it, last in step 7; that reaches only who waits then" in plain(r.stdout)
    assert "Next: a pthread_cond_signal(c)" in r.stdout


def test_condition_ends_in_time(lab, world):
    r = lab.run([*COND, "b pthread_mutex_lock(m)", "b pthread_cond_timedwait(c, m, 20)", "b pthread_mutex_unlock(m)"]).ok()
    timed = r.one("exit", call="pthread_cond_timedwait")
    assert (timed["ret"], timed["errno"], timed["state"]["owner"]) == (110, "ETIMEDOUT", "b")


OVERTAKEN = [*COND, "b pthread_mutex_lock(m)", "a pthread_mutex_lock(m)", "b pthread_cond_timedwait(c, m, 20)"]


def test_condition_whose_time_is_over_waits_for_the_mutex(lab, world):
    """a got the mutex when b began to wait: from then on no timer of b ends anything."""
    r = lab.twice([*OVERTAKEN, "why b", "a pthread_mutex_unlock(m)"]).ok()
    block = r.one("block", actor="b")
    assert (block["why"], block["obj"]) == ("locked", "mutex#1") and block["holders"] == [{"actor": "a", "since": 8}]
    assert "its time is over" in plain(r.stdout) and "Next: a pthread_mutex_unlock(m)" in r.stdout
    back = came_back(r, "b")
    assert back["errno"] == "ETIMEDOUT" and back["by"] == r.one("exit", call="pthread_mutex_unlock")["step"]
    assert not r.find("verdict")


def test_condition_whose_time_is_over_can_be_stuck(lab, world):
    r = lab.twice([*OVERTAKEN, "a pipe(own)", "a read(own[0], got, 1)"])
    assert r.status == 4 and r.one("verdict")["kind"] == "stuck" and r.one("verdict")["actors"] == ["a", "b"]
    assert lab.call("replay", "--trust", r.trace).stdout.startswith("same"), r


def test_condition_that_was_left_is_told_when_it_moves(lab):
    """Ctrl-C stops the waiting for its time; when that is over b waits for a, and `wait` knows."""
    with Terminal(lab) as t:
        t.wait("ipclab> ")
        for line in OVERTAKEN[:-1]:
            t.line(line, "ipclab> ")
        t.line("b pthread_cond_timedwait(c, m, 2000)", "Ctrl-C stops the waiting")
        t.type(b"\x03")
        t.wait("b goes on by itself")
        t.line("why b", "It ends by itself when its time is over")
        t.line("wait b", r"the mutex is locked; owner is a\s+since step 8")
        t.line("wait b", "does not end by itself")
        t.line("a pthread_mutex_unlock(m)", "ETIMEDOUT")
        t.line("quit")
        assert t.end() == 0


def test_condition_interrupt_does_not_end_it(lab):
    r = lab.run([*COND, "b pthread_mutex_lock(m)", "b pthread_cond_wait(c, m)", "interrupt b", "a pthread_cond_signal(c)"]).ok()
    assert any("never ends pthread_cond_wait with EINTR" in e["text"] for e in r.find("note"))
    assert came_back(r, "b")["ret"] == 0


def test_condition_not_shared(lab, world):
    r = lab.twice([*SHM, "a pthread_mutex_init(m, PTHREAD_PROCESS_SHARED)", "a c = m + 64", "a pthread_cond_init(c)",
                   "a fork(b)", "b pthread_mutex_lock(m)", "b pthread_cond_wait(c, m)", "a pthread_cond_signal(c)"])  # fmt: skip
    assert r.one("verdict")["kind"] == "never" and not of_step(r, r.one("block")["step"])


def test_condition_with_a_robust_mutex_of_a_dead_owner(lab, world):
    r = lab.twice([*SHM, "a pthread_mutex_init(m, PTHREAD_PROCESS_SHARED, PTHREAD_MUTEX_ROBUST)", "a c = m + 64",
                   "a pthread_cond_init(c, PTHREAD_PROCESS_SHARED)", "a fork(b)", "b pthread_mutex_lock(m)",
                   "b pthread_cond_wait(c, m)", "a pthread_mutex_lock(m)", "a pthread_cond_signal(c)", "a exit(0)"]).ok()  # fmt: skip
    back = came_back(r, "b")
    assert back["errno"] == "EOWNERDEAD" and back["state"]["owner"] == "b"


def test_condition_with_a_mutex_that_is_lost(lab, world):
    """Signalled, it finds the mutex unlocked by one who got it from a dead owner and did not repair."""
    r = lab.twice([*SHM, "a pthread_mutex_init(m, PTHREAD_PROCESS_SHARED, PTHREAD_MUTEX_ROBUST)", "a c = m + 64",
                   "a pthread_cond_init(c, PTHREAD_PROCESS_SHARED)", "a fork(b)", "a fork(d)", "b pthread_mutex_lock(m)",
                   "b pthread_cond_wait(c, m)", "d pthread_mutex_lock(m)", "d exit(0)", "a pthread_mutex_lock(m)",
                   "a pthread_cond_signal(c)", "a pthread_mutex_unlock(m)"]).ok()  # fmt: skip
    back = came_back(r, "b")
    assert back["errno"] == "ENOTRECOVERABLE" and back["by"] == r.one("exit", call="pthread_mutex_unlock")["step"]


def test_condition_stuck_only_when_nobody_is_left(lab):
    lines = [*COND, "a pthread_mutex_lock(m)", "a pthread_cond_wait(c, m)"]
    assert not lab.run(lines).ok().find("verdict"), "b could signal"
    assert lab.run([*lines, *STUCK]).one("verdict")["kind"] == "stuck"
    timer = [*lines, "b signal(SIGALRM, handler)", STUCK[0], "b alarm(60)", STUCK[1]]
    assert not lab.run(timer).ok().find("verdict"), "b will go on by its timer"


def test_condition_killed_while_waiting(lab, world):
    r = lab.run([*COND, "b pthread_mutex_lock(m)", "b pthread_cond_wait(c, m)", "a kill(b, SIGKILL)", "a pthread_mutex_lock(m)"])
    assert r.ok().last("exit")["ret"] == 0, "the mutex was unlocked meanwhile"


# Whoever dies while it waits is never seen to wake up, and glibc until 2.40 waits for that: the first
# signal is given to the dead, the second waits until it has taken it.
DEAD = [*COND, "a fork(d)", "b pthread_mutex_lock(m)", "b pthread_cond_wait(c, m)", "d kill(b, SIGKILL)",
        "a pthread_cond_signal(c)", "d pthread_mutex_lock(m)", "d pthread_cond_wait(c, m)"]  # fmt: skip
old_glibc = pytest.mark.skipif(
    [int(n) for n in platform.libc_ver()[1].split(".")] > [2, 40], reason="this glibc waits for nobody there"
)


@old_glibc
@pytest.mark.parametrize("call", ["pthread_cond_signal", "pthread_cond_broadcast"])
def test_signal_after_a_death_waits(lab, world, call):
    r = lab.twice([*DEAD, "spawn other", f"a {call}(c)", "why a"]).ok()
    block = r.one("block", call=call)
    assert (block["why"], block["obj"], block["actor"]) == ("waiter dead", "cond#1", "a")
    assert (r.one("verdict")["kind"], r.one("verdict")["actors"]) == ("never", ["a"])
    assert "There is no robust condition variable" in plain(r.stdout)


@old_glibc
def test_signal_waits_for_one_that_is_stopped(lab, world):
    """That one will take its signal: no `never`, and SIGCONT lets all go on."""
    lines = [*COND, "a fork(d)", "b pthread_mutex_lock(m)", "b pthread_cond_wait(c, m)", "d kill(b, SIGSTOP)",
             "a pthread_cond_signal(c)", "d pthread_mutex_lock(m)", "d pthread_cond_wait(c, m)", "spawn other",
             "a pthread_cond_signal(c)", "other kill(b, SIGCONT)"]  # fmt: skip
    r = lab.twice(lines).ok()
    assert r.one("block", actor="a")["why"] == "waiter dead" and "stopped or dead" in r.one("block", actor="a")["waits"]
    assert not r.find("verdict")
    assert came_back(r)["ret"] == 0 and came_back(r)["by"] == r.find("exit", call="kill")[1]["step"]


@old_glibc
@pytest.mark.parametrize("ms", [20, 0])
def test_time_is_over_while_a_signal_waits_for_the_dead(lab, world, ms):
    """The one who signals has locked the condition: nobody gets away from it any more. With no time at
    all that is the only wait that is ever seen."""
    r = lab.twice([*DEAD[:-1], "a fork(e)", "d pthread_cond_wait(c, m)", "e pthread_mutex_lock(m)", "a pthread_cond_signal(c)",
                   f"e pthread_cond_timedwait(c, m, {ms})"])  # fmt: skip
    assert r.status == 4 and r.one("block", actor="e")["why"] == "waiter dead"
    assert "did not come to rest" not in r.stderr
    assert r.last("verdict")["kind"] == "stuck"


def test_errorcheck_wants_the_mutex(lab):
    r = lab.run([*SHM, "a pthread_mutex_init(m, 1, 0, PTHREAD_MUTEX_ERRORCHECK)", "a pthread_cond_init(m + 64, 1)",
                 "a pthread_cond_wait(m + 64, m)", "a pthread_cond_timedwait(m + 64, m, 5)"]).ok()  # fmt: skip
    assert r.returns("pthread_cond_wait") == ["EPERM"] and r.returns("pthread_cond_timedwait") == ["EPERM"]


def test_producer_and_consumer(lab, world):
    """What a course writes: the condition in a variable, the mutex around both."""
    r = lab.twice([*COND, "a int *ready = m + 128", "b int *ready = m + 128", "b pthread_mutex_lock(m)",
                   "b pthread_cond_wait(c, m)", "a pthread_mutex_lock(m)", "a *ready = 1", "a pthread_cond_signal(c)",
                   "a pthread_mutex_unlock(m)", "b print *ready", "b pthread_mutex_unlock(m)"]).ok()  # fmt: skip
    assert r.one("exit", call="print")["value"] == 1 and not r.find("verdict")


# ---- Worlds --------------------------------------------------------------------------------


def test_same_lock_at_another_address(lab, world):
    r = lab.twice(["spawn a b", 'a fd = shm_open("/m", O_CREAT|O_RDWR, 0600)', "a ftruncate(fd, 8192)",
                   "a char *m = mmap(NULL, 4096, PROT_READ|PROT_WRITE, MAP_SHARED, fd, 4096)",
                   "a pthread_mutex_init(m, PTHREAD_PROCESS_SHARED)", 'b fd = shm_open("/m", O_RDWR)',
                   "b char *all = mmap(NULL, 8192, PROT_READ|PROT_WRITE, MAP_SHARED, fd)", "b char *m = all + 4096",
                   "b pthread_mutex_lock(m)", "a pthread_mutex_lock(m)", "b pthread_mutex_unlock(m)", 'a shm_unlink("/m")'])  # fmt: skip
    assert {e["obj"] for e in r.ok().find("exit") if e["call"].startswith("pthread")} == {"mutex#1"}
    assert came_back(r)["ret"] == 0


def test_replays(lab, world):
    r = lab.run([*COND, "b pthread_mutex_lock(m)", "b pthread_cond_wait(c, m)", "a pthread_mutex_lock(m)",
                 "a pthread_cond_signal(c)", "a pthread_mutex_unlock(m)"]).ok()  # fmt: skip
    assert lab.call("replay", "--trust", r.trace).stdout.startswith("same"), r


def test_for_another_user(lab, user):
    r = lab.twice([*COND, "b pthread_mutex_lock(m)", "b pthread_cond_wait(c, m)", "a pthread_mutex_lock(m)",
                   "a pthread_cond_signal(c)", "a pthread_mutex_unlock(m)"], world="sealed").ok()  # fmt: skip
    assert [b["obj"] for b in r.find("block")] == ["cond#1", "mutex#1"]


@pytest.mark.parametrize("view", ["lines", "lanes", "gutter"])
def test_second_wait_in_every_view(lab, view):
    out = lab.run([f"set view {view}", *COND, "b pthread_mutex_lock(m)", "b pthread_cond_wait(c, m)",
                   "a pthread_mutex_lock(m)", "a pthread_cond_signal(c)", "a pthread_mutex_unlock(m)"]).ok().stdout  # fmt: skip
    assert "mutex#1" in out
