# SPDX-License-Identifier: GPL-3.0-or-later
"""Signals: delivered, handled, ignored, pending, waited for; timers; groups; who may be reached
(issue 4, interface.md sections 5 and 8, corpus B17)."""

import json

import pytest
from ipclab import read_trace
from terminal import Terminal

FAMILY = ["spawn parent", "parent fork(child)"]
PIPED = ["spawn parent", "parent pipe(p)", "parent fork(child)"]


def signals(r, **wanted):
    """(actor, sig, action, from) of each signal event."""
    return [(e["actor"], e["sig"], e["action"], e.get("from")) for e in r.find("signal", **wanted)]


def order(r, *kinds):
    """What happened, in short: for checks of the order of events."""
    out = []
    for e in r.events:
        if e["ev"] in kinds:
            what = e["sig"] if e.get("what") == "killed" else e.get("what") or e.get("sig") or e.get("call")
            out.append((e["ev"], e["actor"], what))
    return out


# ---- Dispositions --------------------------------------------------------------------------


def test_handler_tells_what_it_saw(lab, world):
    r = lab.run([*FAMILY, "child signal(SIGUSR1, on_usr1)", "parent kill(child, SIGUSR1)"]).ok()
    e = r.one("signal")
    assert (e["actor"], e["sig"], e["action"], e["from"]) == ("child", "SIGUSR1", "handler", "parent")
    assert e["handler"] == "on_usr1"
    assert "interrupted" not in e
    assert r.returns("kill") == [0]
    # at delivery, not when sent
    assert order(r, "exit", "signal")[-2:] == [("exit", "parent", "kill"), ("signal", "child", "SIGUSR1")]


def test_default_action(lab, world):
    r = lab.run([*FAMILY, "parent kill(child, SIGTERM)", "parent wait(st)"]).ok()
    assert signals(r) == [("child", "SIGTERM", "default", "parent")]
    assert r.one("process", what="killed")["sig"] == "SIGTERM"
    assert order(r, "signal", "process")[-3:] == [
        ("signal", "child", "SIGTERM"), ("process", "child", "SIGTERM"), ("process", "child", "reaped"),
    ]  # fmt: skip
    assert r.one("exit", call="wait")["facts"]["signal"] == "SIGTERM"


def test_default_action_that_does_nothing(lab, world):
    r = lab.run([*FAMILY, "parent kill(child, SIGWINCH)", "child getpid()"]).ok()
    assert signals(r) == [("child", "SIGWINCH", "default", "parent")]


def test_ignored(lab, world):
    r = lab.run([*FAMILY, "child signal(SIGTERM, SIG_IGN)", "parent kill(child, SIGTERM)", "child getpid()"]).ok()
    assert signals(r) == [("child", "SIGTERM", "ignored", "parent")]
    assert r.last("exit", call="kill")["state"]["ignored"] == "SIGTERM"


@pytest.mark.parametrize("sig", ["SIGKILL", "SIGSTOP"])
def test_nobody_can_catch_it(lab, world, sig):
    r = lab.run([
        "spawn a", f"a signal({sig}, h)", f"a signal({sig}, SIG_IGN)", f"a sigaction({sig}, h, 0)",
        f"a sigprocmask(SIG_BLOCK, {sig})", "a sigprocmask(SIG_BLOCK)",
    ]).ok()  # fmt: skip
    assert r.returns("signal") == ["EINVAL"] * 2
    assert r.returns("sigaction") == ["EINVAL"]
    assert r.returns("sigprocmask") == [0, 0]
    assert r.last("exit")["facts"]["blocked"] == "none"
    assert "cannot be blocked" in r.find("exit", call="sigprocmask")[0]["note"][0]


def test_sigkill_ends_one_that_blocks_everything_else(lab, world):
    r = lab.run([*FAMILY, "child signal(SIGTERM, SIG_IGN)", "parent kill(child, SIGKILL)"]).ok()
    assert signals(r) == [("child", "SIGKILL", "default", "parent")]


def test_stopped_and_continued(lab, world):
    r = lab.run([
        *PIPED, "child read(p[0], buf, 1)", "parent kill(child, SIGSTOP)", "parent write(p[1], \"x\")",
        "parent kill(child, SIGCONT)",
    ]).ok()  # fmt: skip
    assert order(r, "signal", "process")[2:] == [
        ("signal", "child", "SIGSTOP"), ("process", "child", "stopped"),
        ("signal", "child", "SIGCONT"), ("process", "child", "continued"),
    ]  # fmt: skip
    assert r.one("process", what="stopped")["sig"] == "SIGSTOP"
    came = r.last("exit", call="read")
    assert (came["ret"], came["by"]) == (1, r.last("enter", call="kill")["step"])


def test_stopped_actor_is_told_nothing(lab, world):
    r = lab.run([*FAMILY, "parent kill(child, SIGSTOP)", "- child getpid()", "parent kill(child, SIGCONT)", "child getpid()"]).ok()
    assert "SIGCONT" in r.stdout
    assert len(r.find("exit", call="getpid")) == 1


def test_raise_stops_itself(lab, world):
    r = lab.run([*FAMILY, "child raise(SIGSTOP)", "parent kill(child, SIGCONT)"]).ok()
    assert not r.find("block")
    assert r.one("exit", call="raise")["by"] == r.last("enter", call="kill")["step"]
    told = order(r, "exit", "process")
    assert told.index(("process", "child", "continued")) < told.index(("exit", "child", "raise"))


def test_pending_while_stopped(lab, world):
    r = lab.run([
        *FAMILY, "child signal(SIGUSR1, h)", "parent kill(child, SIGSTOP)", "parent kill(child, SIGUSR1)",
        "parent kill(child, SIGCONT)",
    ]).ok()  # fmt: skip
    assert r.find("exit", call="kill")[1]["state"]["pending"] == "SIGUSR1"
    assert ("child", "SIGUSR1", "handler", "parent") in signals(r)[2:]


def test_previous_handler_can_be_put_back(lab, world):
    r = lab.run([
        "spawn a", "a signal(SIGUSR1, first)", "a old = signal(SIGUSR1, second)", "a signal(SIGUSR1, old)",
        "a raise(SIGUSR1)", "a sigaction(SIGUSR1)", "a signal(SIGUSR1, SIG_DFL)", "a signal(SIGUSR1, NULL)",
    ]).ok()  # fmt: skip
    assert [e["facts"]["previous"] for e in r.find("exit", call="signal")] == [
        "SIG_DFL", "first", "second", "first", "SIG_DFL",
    ]  # fmt: skip
    assert r.one("signal")["handler"] == "first"
    assert r.one("exit", call="sigaction")["facts"] == {"handler": "first", "flags": "SA_RESTART"}


def test_resethand(lab, world):
    r = lab.run(["spawn a", "a sigaction(SIGUSR1, once, SA_RESETHAND)", "a raise(SIGUSR1)", "a raise(SIGUSR1)"]).ok()
    assert [e["action"] for e in r.find("signal")] == ["handler", "default"]
    assert r.one("process", what="killed")["sig"] == "SIGUSR1"


@pytest.mark.parametrize("line", ["child signal(SIGUSR1, parent)", "child signal(SIGUSR1, &h)", "child signal SIGUSR1 h"])
def test_any_name_that_is_no_variable(lab, line):
    r = lab.run([*FAMILY, line, "parent kill(child, SIGUSR1)"]).ok()
    assert r.one("signal")["action"] == "handler"


def test_what_is_no_handler(lab):
    r = lab.run(["spawn a", "a signal(SIGUSR1, SIGUSR2)"])
    assert r.status == 2 and "SIG_IGN or the name of a handler" in r.stderr
    r = lab.run(["spawn a", "a int n = 77", "a signal(SIGUSR1, n)"]).ok()
    assert r.returns("signal") == ["EINVAL"]
    assert lab.run(["spawn a", 'a signal(SIGUSR1, "h")']).status == 2


def test_handlers_are_inherited_by_fork(lab, world):
    r = lab.run(["spawn parent", "parent signal(SIGUSR1, h)", "parent fork(child)", "parent kill(child, SIGUSR1)"]).ok()
    assert signals(r) == [("child", "SIGUSR1", "handler", "parent")]


def test_handler_of_a_fault_does_not_loop(lab, world):
    r = lab.run(["spawn a", "a signal(SIGSEGV, h)", "a char *q = NULL", "a print *q"]).ok()
    assert [e["action"] for e in r.find("signal")] == ["handler"]
    assert r.one("process", what="killed")["sig"] == "SIGSEGV"


def test_sigpipe_with_a_handler_is_epipe(lab, world):
    r = lab.run(["spawn a", "a signal(SIGPIPE, h)", "a pipe(p)", "a close(p[0])", 'a write(p[1], "x")']).ok()
    e = r.one("signal")
    assert (e["sig"], e["action"], e["interrupted"]) == ("SIGPIPE", "handler", "write")
    assert "from" not in e
    assert r.returns("write") == ["EPIPE"]


# ---- Interrupted calls ---------------------------------------------------------------------


def test_eintr_and_sa_restart(lab, world):
    r = lab.run([
        *PIPED, "child sigaction(SIGUSR1, h, 0)", "child read(p[0], buf, 1)", "parent kill(child, SIGUSR1)",
        "child sigaction(SIGUSR1, h, SA_RESTART)", "child read(p[0], buf, 1)", "parent kill(child, SIGUSR1)",
        'parent write(p[1], "x")',
    ]).ok()  # fmt: skip
    assert r.returns("read") == ["EINTR", 1]
    kills = [e["step"] for e in r.find("enter", call="kill")]
    assert r.find("exit", call="read")[0]["by"] == kills[0]
    assert r.find("exit", call="read")[1]["by"] == r.last("enter", call="write")["step"]
    ended, restarted = r.find("signal")
    assert ended["interrupted"] == "read" and "restarted" not in ended
    assert restarted["interrupted"] == "read" and restarted["restarted"] is True
    # the interruption is told before what it did
    told = [(e["ev"], e.get("call", "")) for e in r.events if e.get("actor") == "child" and e["ev"] in ("signal", "exit")]
    assert told.index(("signal", "")) < told.index(("exit", "read"))


@pytest.mark.parametrize("call, restarts", [
    ("poll(p[0], POLLIN, -1)", False), ("wait(st)", True), ("fcntl(f, F_SETLKW, F_WRLCK)", True), ("pause()", False),
])  # fmt: skip
@pytest.mark.parametrize("flags", ["0", "SA_RESTART"])
def test_what_a_handler_interrupts(lab, call, restarts, flags):
    """signal(7): some calls start again with SA_RESTART, some never do."""
    r = lab.run([
        "spawn parent", "parent pipe(p)", 'parent f = open("f", O_RDWR|O_CREAT)', "parent fcntl(f, F_SETLK, F_WRLCK)",
        "parent fork(child)", "child fork(grandchild)", f"child sigaction(SIGUSR1, h, {flags})", "child " + call,
        "parent kill(child, SIGUSR1)",
    ]).ok()  # fmt: skip
    again = restarts and flags == "SA_RESTART"
    step = r.one("block")["step"]
    assert [e["errno"] for e in r.find("exit", actor="child") if e["step"] == step] == ([] if again else ["EINTR"])
    assert r.one("signal").get("restarted", False) is again


def test_ignored_signal_interrupts_nothing(lab, world):
    r = lab.run([*PIPED, "child signal(SIGUSR1, SIG_IGN)", "child read(p[0], b, 1)", "parent kill(child, SIGUSR1)"]).ok()
    assert r.returns("read") == []
    assert signals(r) == [("child", "SIGUSR1", "ignored", "parent")]


def test_await_goes_on(lab, world):
    r = lab.run([
        "spawn parent", "parent sm = shmat(shmget(5678, 16, IPC_CREAT|0666))", "parent fork(child)",
        "child signal(SIGUSR1, h)", "child await sm[0] == 1", "parent kill(child, SIGUSR1)", "parent sm[0] = 1",
    ]).ok()  # fmt: skip
    e = r.one("signal")
    assert (e["interrupted"], e["restarted"]) == ("await", True)
    assert r.last("exit", call="await")["by"] == r.last("enter", call="=")["step"]


def test_killed_while_waiting(lab, world):
    for call in ("pause()", "sigsuspend()", "sigwaitinfo(SIGUSR1)"):
        r = lab.run([*FAMILY, "child " + call, "parent kill(child, SIGKILL)"]).ok()
        assert r.one("process", what="killed")["during"] == call.split("(")[0]


# ---- Blocked and pending -------------------------------------------------------------------


def test_two_are_one(lab, world):
    r = lab.run([
        *FAMILY, "child signal(SIGUSR1, h)", "child sigprocmask(SIG_BLOCK, SIGUSR1)",
        "parent kill(child, SIGUSR1)", "parent kill(child, SIGUSR1)", "child sigpending()",
        "child sigprocmask(SIG_UNBLOCK, SIGUSR1)", "child sigpending()",
    ]).ok()  # fmt: skip
    first, second = r.find("exit", call="kill")
    assert first["state"]["pending"] == "SIGUSR1" and first["state"]["of"] == "child"
    assert "note" not in first and "two are one" in second["note"][0]
    assert signals(r) == [("child", "SIGUSR1", "handler", "parent")]
    assert [e["facts"]["pending"] for e in r.find("exit", call="sigpending")] == ["SIGUSR1", "none"]
    # delivered before sigprocmask returns
    told = order(r, "signal", "exit")
    assert told.index(("signal", "child", "SIGUSR1")) < max(i for i, t in enumerate(told) if t[2] == "sigprocmask")


def test_real_time_signals_queue(lab, world):
    r = lab.run([
        *FAMILY, "child sigaction(SIGRTMIN, h, SA_SIGINFO)", "child sigprocmask(SIG_BLOCK, SIGRTMIN, SIGRTMIN+1)",
        "parent sigqueue(child, SIGRTMIN+1, 3)", "parent sigqueue(child, SIGRTMIN, 1)", "parent sigqueue(child, SIGRTMIN, 2)",
        "child sigwaitinfo(SIGRTMIN, SIGRTMIN+1)", "child sigprocmask(SIG_UNBLOCK, SIGRTMIN)", "child sigwaitinfo(SIGRTMIN+1)",
    ]).ok()  # fmt: skip
    took = [e["facts"] for e in r.find("exit", call="sigwaitinfo")]
    assert took[0] == {"signal": "SIGRTMIN", "from": "parent", "value": 1}
    assert took[1] == {"signal": "SIGRTMIN+1", "from": "parent", "value": 3}
    assert [e["value"] for e in r.find("signal")] == [2]


def test_value_is_seen_only_with_siginfo(lab, world):
    r = lab.run([*FAMILY, "child sigaction(SIGUSR1, h, 0)", "parent sigqueue(child, SIGUSR1, 5)"]).ok()
    assert "value" not in r.one("signal") and r.one("signal")["from"] == "parent"


def test_death_on_unblocking_names_the_sender(lab, world):
    r = lab.run([
        *FAMILY, "parent fork(c2)", "child sigprocmask(SIG_BLOCK, SIGTERM)", "c2 kill(child, SIGTERM)",
        "parent getpid()", "child sigprocmask(SIG_UNBLOCK, SIGTERM)",
    ]).ok()  # fmt: skip
    assert signals(r) == [("child", "SIGTERM", "default", "c2")]
    assert r.one("process", what="killed")["during"] == "sigprocmask"


def test_ignored_while_blocked_is_told_when_let_in(lab, world):
    r = lab.run([
        *FAMILY, "child sigprocmask(SIG_BLOCK, SIGUSR1)", "parent kill(child, SIGUSR1)", "child signal(SIGUSR1, SIG_IGN)",
        "child getpid()",
    ]).ok()  # fmt: skip
    assert signals(r) == [("child", "SIGUSR1", "ignored", "parent")]


# ---- Waiting for signals -------------------------------------------------------------------

BLOCKED = "child sigprocmask(SIG_BLOCK, SIGUSR1)"
HANDLED = "child signal(SIGUSR1, h)"
WAYS = {
    "pause": (HANDLED, "child pause()", "EINTR"),
    "sigsuspend": (HANDLED, "child sigsuspend(SIGINT)", "EINTR"),
    "sigwaitinfo": (BLOCKED, "child sigwaitinfo(SIGUSR1, SIGINT)", 10),
    "sigtimedwait": (BLOCKED, "child sigtimedwait(-1, SIGUSR1)", 10),
    "read": (BLOCKED + "\nchild sfd = signalfd(-1, 0, SIGUSR1)", "child read(sfd, info, 128)", 128),
}
ways = pytest.mark.parametrize("way", WAYS.values(), ids=WAYS.keys())


@ways
def test_waits_and_is_woken(lab, world, way):
    before, line, ret = way
    r = lab.run([*FAMILY, before, line, "parent kill(child, SIGUSR1)"]).ok()
    block = r.one("block")
    assert (block["actor"], block["why"], block["obj"]) == ("child", "signal", "signals#1")
    came = [e for e in r.find("exit", actor="child") if e["step"] == block["step"]][0]
    assert came.get("errno", came["ret"]) == ret
    assert came["by"] == r.last("enter", call="kill")["step"]
    assert not r.find("verdict")


@ways
def test_next_of_why_ends_it(lab, world, way):
    before, line, _ = way
    r = lab.run([*FAMILY, before, line, "why child"]).ok()
    line2 = r.stdout[r.stdout.rindex("Next: ") + 6 :].splitlines()[0]
    assert line2 == "parent kill(child, SIGUSR1)"
    r = lab.run([*FAMILY, before, line, line2]).ok()
    step = r.one("block")["step"]
    assert [e for e in r.find("exit", actor="child") if e["step"] == step]


@ways
def test_interrupt(lab, world, way):
    before, line, _ = way
    r = lab.run([*FAMILY, before, line, "interrupt child", "child getpid()"]).ok()
    step = r.one("block")["step"]
    (came,) = [e for e in r.find("exit", actor="child") if e["step"] == step]
    assert came["errno"] == "EINTR" and "by" not in came
    assert not r.find("signal")


@ways
def test_stuck(lab, world, way):
    before, line, _ = way
    r = lab.run([*FAMILY, before, line, "parent pipe(own)", "parent read(own[0], c, 1)"])
    assert r.status == 4
    assert r.one("verdict")["kind"] == "stuck"


@ways
def test_idle_other_is_no_verdict(lab, way):
    before, line, _ = way
    r = lab.run([*FAMILY, before, line]).ok()
    assert not r.find("verdict")


def test_alone_is_stuck(lab, world):
    r = lab.run(["spawn a", "a signal(SIGUSR1, h)", "a pause()"])
    assert r.status == 4
    assert "pause(2)" in r.one("verdict")["says"][0]


def test_never_when_nothing_is_let_in(lab, world):
    names = "HUP INT QUIT ILL TRAP ABRT BUS FPE USR1 SEGV USR2 PIPE ALRM TERM STKFLT XCPU XFSZ VTALRM PROF IO PWR SYS".split()
    names = ["SIG" + n for n in names] + [f"SIGRTMIN+{i}" for i in range(30)]
    lines = [f"b sigprocmask(SIG_BLOCK, {', '.join(names[i : i + 10])})" for i in range(0, len(names), 10)]
    r = lab.run(["spawn a b", *lines, "b pause()"]).ok()
    assert r.one("verdict")["kind"] == "never"
    # one of them let in, and it is not said
    r = lab.run(["spawn a b", *lines[:-1], "b pause()"]).ok()
    assert not r.find("verdict")


def test_lost_wakeup(lab, world):
    r = lab.run([*FAMILY, HANDLED, "parent kill(child, SIGUSR1)", "child pause()", "why child"]).ok()
    assert "SIGUSR1 came before it" in r.one("block")["waits"]
    assert "lost wake-up" in r.stdout.replace("\n    ", " ").replace("lost\n", "lost ")
    # nothing of it is left when the only other is gone
    r = lab.run([*FAMILY, HANDLED, "parent kill(child, SIGUSR1)", "child pause()", "parent exit(0)"])
    assert r.status == 4 and r.one("verdict")["kind"] == "stuck"


def test_sigsuspend_loses_none(lab, world):
    r = lab.run([*FAMILY, HANDLED, BLOCKED, "parent kill(child, SIGUSR1)", "child sigsuspend()", "child sigpending()"]).ok()
    assert not r.find("block")
    assert r.returns("sigsuspend") == ["EINTR"]
    assert r.one("signal")["interrupted"] == "sigsuspend"
    assert r.last("exit")["state"]["blocked"] == "SIGUSR1"


def test_a_used_signal_is_not_called_lost(lab):
    r = lab.run([*FAMILY, HANDLED, "child pause()", "parent kill(child, SIGUSR1)", "child pause()"]).ok()
    assert "came before" not in r.last("block")["waits"]


def test_pending_but_blocked(lab, world):
    r = lab.run([*FAMILY, HANDLED, BLOCKED, "parent kill(child, SIGUSR1)", "child pause()", "why child"]).ok()
    assert "SIGUSR1 is pending, but blocked" in r.one("block")["waits"]
    assert r.one("block")["state"]["pending"] == "SIGUSR1"
    assert "child sigprocmask(SIG_UNBLOCK, SIGUSR1)" in r.stdout


def test_no_handler_is_said(lab, world):
    r = lab.run([*FAMILY, "child pause()"]).ok()
    assert "no handler is set" in r.one("block")["waits"]


def test_sigtimedwait_ends(lab, world):
    r = lab.run(["spawn a", "a sigprocmask(SIG_BLOCK, SIGUSR1)", "a sigtimedwait(20, SIGUSR1)", "a sigtimedwait(0, SIGUSR1)"]).ok()
    assert r.returns("sigtimedwait") == ["EAGAIN", "EAGAIN"]
    assert not r.find("block") and not r.find("verdict")


def test_unblocked_in_sigwaitinfo(lab, world):
    """The kernel kills at once what has no handler; with one, sigwaitinfo takes it."""
    r = lab.run([*FAMILY, "child sigwaitinfo(SIGUSR1)", "why child", "parent kill(child, SIGUSR1)"]).ok()
    assert r.one("process", what="killed")["during"] == "sigwaitinfo"
    assert "takes its default action even" in " ".join(r.stdout.split())
    r = lab.run([*FAMILY, HANDLED, "child sigwaitinfo(SIGUSR1)", "parent kill(child, SIGUSR1)"]).ok()
    assert "should be blocked" in r.one("exit", call="sigwaitinfo")["note"][0]
    assert not r.find("signal")


def test_stuck_behind_one_that_is_stopped(lab, world):
    r = lab.run([*FAMILY, "parent kill(child, SIGSTOP)", "parent wait(st)"])
    assert r.status == 4
    verdict = r.one("verdict")
    assert verdict["actors"] == ["parent", "child"] and "child is stopped" in verdict["text"]
    assert any("child is stopped" in s for s in verdict["says"])
    r = lab.run(["spawn other", *FAMILY, "parent kill(child, SIGSTOP)", "parent wait(st)"]).ok()
    assert not r.find("verdict"), "other could send SIGCONT"


# ---- signalfd ------------------------------------------------------------------------------


def test_signalfd_in_words(lab, world):
    r = lab.run([
        *FAMILY, "child sigprocmask(SIG_BLOCK, SIGRTMIN)", "child sfd = signalfd(-1, SFD_NONBLOCK, SIGRTMIN)",
        "child read(sfd, info, 128)", "parent sigqueue(child, SIGRTMIN, 42)", "child read(sfd, info, 128)", "child siginfo(info)",
    ]).ok()  # fmt: skip
    assert r.returns("read") == ["EAGAIN", 128]
    assert r.one("exit", call="siginfo")["facts"] == {"signal": "SIGRTMIN", "from": "parent", "value": 42}


def test_poll_of_a_signalfd(lab, world):
    r = lab.run([
        *FAMILY, BLOCKED, "child sfd = signalfd(-1, 0, SIGUSR1)", "child poll(sfd, POLLIN, -1)", "parent kill(child, SIGUSR1)",
    ]).ok()  # fmt: skip
    assert r.one("exit", call="poll")["ret"] == 1


def test_inherited_signalfd_reads_the_readers_signals(lab, world):
    r = lab.run([
        "spawn parent", "parent sigprocmask(SIG_BLOCK, SIGUSR1)", "parent sfd = signalfd(-1, 0, SIGUSR1)",
        "parent fork(child)", "child read(sfd, info, 128)", "parent raise(SIGUSR1)", "parent kill(child, SIGUSR1)",
    ]).ok()  # fmt: skip
    assert r.one("exit", call="read")["by"] == r.last("enter", call="kill")["step"]


# ---- SIGCHLD -------------------------------------------------------------------------------


def test_sigchld_of_a_childs_end(lab, world):
    r = lab.run(["spawn parent", "parent signal(SIGCHLD, h)", "parent fork(child)", "child exit(3)", "parent wait(st)"]).ok()
    e = r.one("signal")
    assert (e["actor"], e["sig"], e["from"]) == ("parent", "SIGCHLD", "child")
    assert "interrupted" not in e
    assert order(r, "signal", "process")[-3:-1] == [("process", "child", "exit"), ("signal", "parent", "SIGCHLD")]


def test_sigchld_ends_pause(lab, world):
    r = lab.run(["spawn parent", "parent signal(SIGCHLD, h)", "parent fork(child)", "parent pause()", "child exit(0)"]).ok()
    assert r.returns("pause") == ["EINTR"]
    assert r.one("signal")["interrupted"] == "pause"


def test_sigchld_of_a_stop(lab, world):
    lines = ["parent fork(child)", "parent kill(child, SIGSTOP)", "parent kill(child, SIGCONT)"]
    r = lab.run(["spawn parent", "parent signal(SIGCHLD, h)", *lines]).ok()
    assert signals(r, actor="parent") == [("parent", "SIGCHLD", "handler", "child")] * 2
    r = lab.run(["spawn parent", "parent sigaction(SIGCHLD, h, SA_NOCLDSTOP)", *lines]).ok()
    assert signals(r, actor="parent") == []


def test_no_zombie_when_sigchld_is_ignored(lab, world):
    r = lab.run(["spawn parent", "parent signal(SIGCHLD, SIG_IGN)", "parent fork(child)", "child exit(0)", "parent wait(st)"]).ok()
    assert r.returns("wait") == ["ECHILD"]


# ---- Timers --------------------------------------------------------------------------------


def test_alarm_ends_pause(lab, world):
    r = lab.run(["spawn a", "a signal(SIGALRM, h)", "a setitimer(ITIMER_REAL, 50)", "a pause()"]).ok()
    e = r.one("signal")
    assert (e["sig"], e["action"], e["interrupted"]) == ("SIGALRM", "handler", "pause") and "from" not in e
    assert r.returns("pause") == ["EINTR"]
    assert not r.find("verdict") and not r.find("block")


def test_alarm_limits_a_read(lab, world):
    lines = ["spawn a", "a pipe(p)", "a sigaction(SIGALRM, h, 0)", "a setitimer(ITIMER_REAL, 50)", "a read(p[0], b, 1)"]
    r = lab.run(lines).ok()
    assert r.returns("read") == ["EINTR"]


def test_alarm_kills(lab, world):
    r = lab.run(["spawn a", "a pipe(p)", "a setitimer(ITIMER_REAL, 50)", "a read(p[0], b, 1)"]).ok()
    assert signals(r) == [("a", "SIGALRM", "default", None)]
    assert r.one("process", what="killed")["sig"] == "SIGALRM"
    assert "default action" in r.find("exit", call="setitimer")[0]["note"][0]


def test_restarted_read_is_stuck_only_after_the_timer(lab, world):
    lines = ["spawn a", "a pipe(p)", "a signal(SIGALRM, h)", "a setitimer(ITIMER_REAL, 100)", "a read(p[0], b, 1)"]
    r = lab.run(lines).ok()
    assert not r.find("verdict"), "the timer could have ended it"
    r = lab.run([*lines, "wait a"])
    assert r.status == 4
    assert r.one("signal")["restarted"] is True
    assert r.one("verdict")["seq"] > r.one("signal")["seq"]


def test_no_verdict_while_anybodys_timer_runs(lab, world):
    lines = ["spawn a b", "a signal(SIGALRM, h)", "a setitimer(ITIMER_REAL, 60000)", "a pipe(p)", "a read(p[0], c, 1)", "b pause()"]
    assert not lab.run(lines).ok().find("verdict")
    lines[1] = "a signal(SIGALRM, SIG_IGN)"
    assert lab.run(lines).status == 4, "a timer whose signal is ignored changes nothing"


def test_wait_waits_for_a_timer(lab, world):
    r = lab.run(["spawn a", "a signal(SIGALRM, h)", "a setitimer(ITIMER_REAL, 50)", "wait", "a getpid()"]).ok()
    assert signals(r) == [("a", "SIGALRM", "handler", None)]
    assert r.one("signal")["seq"] < r.last("enter")["seq"]


def test_wait_for_a_blocked_timer_ends(lab, world):
    r = lab.run(["spawn a", "a sigprocmask(SIG_BLOCK, SIGALRM)", "a setitimer(ITIMER_REAL, 50)", "wait a", "a sigpending()"]).ok()
    assert r.one("exit", call="sigpending")["facts"]["pending"] == "SIGALRM"


def test_interval(lab, world):
    r = lab.run([
        "spawn a", "a signal(SIGALRM, h)", "a setitimer(ITIMER_REAL, 50, 50)", "a pause()", "a pause()",
        "a setitimer(ITIMER_REAL, 0)", "a pause()",
    ])  # fmt: skip
    assert r.status == 4, "the timer was taken back"
    assert r.returns("pause") == ["EINTR", "EINTR"]


def test_alarm_returns_what_was_left(lab, world):
    r = lab.run(["spawn a", "a alarm(30)", "a alarm(0)", "a alarm(0)", "a getitimer(ITIMER_REAL)"]).ok()
    assert r.returns("alarm") == [0, 30, 0]
    assert r.last("exit")["vol"]["left_ms"] == 0


def test_child_has_no_timer(lab, world):
    r = lab.run(["spawn a", "a alarm(60)", "a fork(b)", "b getitimer(ITIMER_REAL)"]).ok()
    assert r.last("exit")["vol"]["left_ms"] == 0


# ---- Groups and who may be reached ---------------------------------------------------------


def test_ctrl_c_of_a_group(lab, world):
    r = lab.run([
        "spawn parent other", "parent signal(SIGINT, h)", "parent fork(child)", "child signal(SIGINT, SIG_DFL)",
        "parent kill(0, SIGINT)", "other getpid()",
    ]).ok()  # fmt: skip
    assert signals(r) == [("parent", "SIGINT", "handler", "parent"), ("child", "SIGINT", "default", "parent")]
    assert "Ctrl+C" in r.one("exit", call="kill")["note"][0]


@pytest.mark.parametrize("line", ["parent killpg(child, SIGTERM)", "parent int g = child\nparent kill(-g, SIGTERM)"])
def test_group_of_a_child(lab, world, line):
    r = lab.run([*FAMILY, "child fork(grandchild)", "parent setpgid(child, child)", "parent setpgid(grandchild, child)",
                 "child setpgid(grandchild, child)", line, "parent getpid()"]).ok()  # fmt: skip
    assert sorted(s[0] for s in signals(r)) == ["child", "grandchild"]
    assert r.returns("setpgid") == [0, "ESRCH", 0]


@pytest.mark.parametrize("line", ["a kill(-1, SIGKILL)", "a kill(1, SIGKILL)", "a kill(-1, SIGTERM)", "a killpg(1, SIGKILL)"])
def test_strangers_are_out_of_reach(lab, world, line):
    r = lab.run(["spawn a b", "b signal(SIGUSR1, h)", line, "a getpid()"]).ok()
    kill = r.find("exit")[1]
    if world == "shared":
        assert kill["errno"] == "EPERM" and kill["note"][0].startswith("refused")
        assert not r.find("signal")
    else:
        assert kill["ret"] == 0
        told = [s[0] for s in signals(r)]
        assert told == (["b"] if "-1" in line or "killpg" in line else [])


def test_world_of_others_is_out_of_reach(lab, world):
    """The test's own process, and the group it is in."""
    import os

    r = lab.run(["spawn a", f"a kill({os.getpid()}, SIGTERM)", f"a kill(-{os.getpgrp()}, SIGTERM)"]).ok()
    assert r.returns("kill") == (["EPERM"] * 2 if world == "shared" else ["ESRCH"] * 2)


def test_reserved_signal(lab, world):
    r = lab.run([
        *FAMILY, "parent kill(child, SIGRTMAX)", "child signal(SIGRTMAX, h)", "child sigprocmask(SIG_BLOCK, SIGRTMAX)",
        "child sigwaitinfo(SIGRTMAX)", "child raise(SIGRTMAX)", "child sigsuspend(SIGRTMAX)",
    ]).ok()  # fmt: skip
    assert all(e["errno"] == "EINVAL" for e in r.find("exit") if e["call"] != "fork")
    assert all("reserved" in e["note"][0] for e in r.find("exit") if e["call"] != "fork")


def test_errors(lab, world):
    r = lab.run([
        *FAMILY, "parent kill(child, 77)", "parent kill(child, 0)", "child exit(0)", "parent kill(child, SIGTERM)",
        "parent wait(st)", "parent kill(child, SIGTERM)", "parent kill(child, 0)", "parent sigqueue(child, SIGUSR1)",
    ]).ok()  # fmt: skip
    assert r.returns("kill") == ["EINVAL", 0, 0, "ESRCH", "ESRCH"]
    assert "zombie" in r.find("exit", call="kill")[2]["note"][0]
    assert r.returns("sigqueue") == ["ESRCH"]
    assert not r.find("signal")
    r = lab.run([
        "spawn a b", "a setpgid(b, b)", "a setpgid(0, -3)", "a setpgid(0, 4000000)", "a sigprocmask(9, SIGUSR1)",
        "a sigprocmask(SIG_BLOCK, 99)", "a signalfd(77, 0, SIGUSR1)", "a pipe(p)", "a signalfd(p[0], 0, SIGUSR1)",
        "a setitimer(9, 1)", "a getitimer(9)", "a getpgid(4000000)", "a signal(99, h)", "a raise(99)", "a killpg(-2, SIGTERM)",
        "a killpg(4000000, SIGTERM)",
    ]).ok()  # fmt: skip
    names = [e.get("errno") for e in r.find("exit") if e["call"] != "pipe"]
    assert names == ["ESRCH", "EINVAL", "EPERM", "EINVAL", "EINVAL", "EBADF", "EINVAL", "EINVAL", "EINVAL", "ESRCH",
                     "EINVAL", "EINVAL", "EINVAL", "ESRCH"]  # fmt: skip


def test_setpgid_of_a_program(lab, world):
    r = lab.run([*FAMILY, 'child execve("/bin/sleep", "sleep", "60")', "parent setpgid(child, child)", "parent kill(child, SIGTERM)"]).ok()
    assert r.returns("setpgid") == ["EACCES"]
    assert signals(r) == [("child", "SIGTERM", "default", "parent")]


def test_full_queue(lab):
    """RLIMIT_SIGPENDING: the limit is named, and the limit is the only reason."""
    r = lab.run([
        *FAMILY, "child sigprocmask(SIG_BLOCK, SIGRTMIN)", "parent setrlimit(RLIMIT_SIGPENDING, 2)",
        "child setrlimit(RLIMIT_SIGPENDING, 2)", *["parent sigqueue(child, SIGRTMIN, 1)"] * 4,
    ]).ok()  # fmt: skip
    assert r.returns("sigqueue")[-1] == "EAGAIN"
    assert "RLIMIT_SIGPENDING" in r.stdout


def test_emfile(lab):
    r = lab.run(["spawn a", "a setrlimit(RLIMIT_NOFILE, 3)", "a signalfd(-1, 0, SIGUSR1)"]).ok()
    assert r.returns("signalfd") == ["EMFILE"]


# ---- Exactness -----------------------------------------------------------------------------


def test_many_signals_of_one_step(lab, world):
    """A handler that runs hundreds of times in one call: all are told, in order."""
    sends = [f"parent sigqueue(child, SIGRTMIN, {i})" for i in range(400)]
    r = lab.run([
        *FAMILY, "child sigaction(SIGRTMIN, h, SA_SIGINFO)", "child sigprocmask(SIG_BLOCK, SIGRTMIN)", *sends,
        "child sigprocmask(SIG_UNBLOCK, SIGRTMIN)", "child getpid()",
    ]).ok()  # fmt: skip
    assert [e["value"] for e in r.find("signal")] == list(range(400))


def test_same_bytes(lab, world):
    lab.twice([
        "spawn parent", "parent signal(SIGCHLD, h)", "parent pipe(p)", "parent fork(child)", "parent fork(c2)",
        "child signal(SIGUSR1, h)", "child read(p[0], b, 1)", "c2 pause()", "parent kill(child, SIGUSR1)",
        "parent kill(c2, SIGTERM)", "parent kill(child, SIGSTOP)", "parent kill(child, SIGCONT)", "parent kill(child, SIGKILL)",
        "parent wait(st)", "parent wait(st)",
    ])  # fmt: skip


def test_many_actors(lab, world):
    names = [f"c{i}" for i in range(20)]
    lines = ["spawn parent", "parent signal(SIGUSR1, h)", "parent sigprocmask(SIG_BLOCK, SIGUSR2)"]
    lines += [f"parent fork({n})" for n in names] + [f"{n} pause()" for n in names[:10]]
    r = lab.twice([*lines, "parent kill(0, SIGUSR1)", "parent kill(0, SIGTERM)"]).ok()
    assert len(signals(r, sig="SIGUSR1")) == 21
    assert r.returns("pause") == ["EINTR"] * 10
    assert {e["by"] for e in r.find("exit", call="pause")} == {r.find("enter", call="kill")[0]["step"]}
    assert len(r.find("process", what="killed")) == 21


def test_replay(lab, world):
    lines = [*FAMILY, HANDLED, "child pause()", "parent kill(child, SIGUSR1)", "child signal(SIGALRM, h)",
             "child setitimer(ITIMER_REAL, 50)", "child pause()", "parent kill(child, SIGTERM)"]  # fmt: skip
    r = lab.run(lines).ok()
    again = lab.call("replay", "--trust", r.trace)
    assert again.status == 0, again


def test_replay_waits_for_what_came_by_itself(lab):
    """At a prompt: an alarm between two lines, and a sleep that Ctrl-C left alone."""
    trace = lab.new_trace()
    with Terminal(lab, "--trace", trace) as t:
        t.wait("ipclab> ")
        for line in ("spawn a b", "a signal(SIGALRM, h)", "a setitimer(ITIMER_REAL, 300)"):
            t.line(line, "ipclab> ")
        t.type("b get")
        t.wait("SIGALRM: h")
        t.line("pid()", "= 3")
        t.wait("ipclab> ")
        t.line("a sleep(1)", "Ctrl-C stops the waiting")
        t.type(b"\x03")
        t.wait("ipclab> ")
        t.line("b getppid()", "ipclab> ")
        t.wait("sleep> = 0")
        t.line("quit")
        t.process.wait(10)
    kinds = [e["ev"] for e in read_trace(trace)]
    assert kinds.index("signal") < len(kinds) - kinds[::-1].index("input")
    again = lab.call("replay", trace)
    assert again.status == 0 and "same" in again.stdout, again
    # without the alarm's signal it is no difference, but nothing that can be judged
    lines = [line for line in open(trace) if '"ev":"signal"' not in line]
    again = lab.call("replay", lab.write("cut.trace", renumbered(lines)))
    assert again.status == 5 and "could not be judged" in again.stderr, again
    # what has nothing to do with time is a difference as ever
    lines = [line.replace('"call":"getppid","ret":1', '"call":"getppid","ret":7') for line in open(trace)]
    again = lab.call("replay", lab.write("changed.trace", "".join(lines)))
    assert again.status == 1, again


def renumbered(lines):
    """The lines of a trace of which some were taken out, without its end."""
    events = [json.loads(line) for line in lines]
    return "".join(json.dumps({**e, "seq": i}, separators=(",", ":")) + "\n" for i, e in enumerate(events) if e["ev"] != "end")


def test_lua(lab):
    """A lab: handlers by name, signals by name."""
    lab_file = lab.write("lab.lua", """
local lab = require "ipclab"
return lab.orchestrated {
  id = "signals", title = "t", plugins = { "signal" }, actors = { "parent" },
  run = function(s, parent)
    local child = parent:fork("child")
    child:sigaction("SIGUSR1", "on_usr1", "0")
    local waiting = child:start("pause")
    s:expect("waits", waiting:blocked())
    parent:kill(child, "SIGUSR1")
    local ret, err = waiting:finish(2.0)
    s:expect("ended", ret == nil and err.name == "EINTR")
    child:signal("SIGUSR1", "SIG_IGN")
  end,
}
""")
    trace = lab.new_trace()
    r = lab.call("run", "--trace", trace, lab_file, trace=trace)
    assert r.status == 0, r
    assert r.one("signal")["handler"] == "on_usr1"


def test_an_await_is_stopped_and_looks_again_when_continued(lab, world):
    lines = ["spawn a", "a m = shmat(shmget(7, 16, IPC_CREAT|0600))", "a fork(b)", "a await m[0] == 1", "b kill(a, SIGSTOP)",
             "b m[0] = 1", "b kill(a, SIGCONT)"]
    r = lab.run(lines, world=world)
    stop = r.one("signal", actor="a", sig="SIGSTOP")
    assert stop["action"] == "default" and stop["from"] == "b" and r.one("process", what="stopped")["sig"] == "SIGSTOP"
    went_on = r.one("process", what="continued")
    done = r.one("exit", call="await")
    assert done["seq"] > went_on["seq"] and done["by"] == r.find("enter")[-1]["step"]


@pytest.mark.parametrize("sig", ["SIGKILL", "SIGTERM"])
def test_an_await_that_is_stopped_is_killed(lab, world, sig):
    """SIGTERM comes when it goes on, and it does not look again."""
    lines = ["spawn a b", "a m = shmat(shmget(7, 16, IPC_CREAT|0600))", "a await m[0] == 1", "b kill(a, SIGSTOP)",
             f"b kill(a, {sig})", "b kill(a, SIGCONT)", "b getpid()"]
    r = lab.run([line for line in lines if sig != "SIGKILL" or "SIGCONT" not in line], world=world)
    assert r.status == 0 and r.one("process", what="killed")["sig"] == sig and not r.find("exit", call="await")
