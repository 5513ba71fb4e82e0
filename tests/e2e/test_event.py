# SPDX-License-Identifier: GPL-3.0-or-later
"""eventfd, timerfd, epoll, memfd, splice, process_vm, pidfd, flock: results, waits and what ends
them, verdicts, inheritance (issue 4)."""

import pytest

COUNTER = ["spawn a", "a e = eventfd(0)", "a fork(b)"]
TIMER = ["spawn a", "a t = timerfd_create(CLOCK_MONOTONIC)"]
WATCHED = ["spawn a", "a e = eventfd(0)", "a ep = epoll_create1()", "a epoll_ctl(ep, EPOLL_CTL_ADD, e, EPOLLIN)", "a fork(b)"]
PIPES = ["spawn a", "a pipe(p)", "a pipe(q)", "a fork(b)"]
FILES = ["spawn a b", 'a f = open("f", O_CREAT|O_RDWR, 0644)', 'b f = open("f", O_RDWR)']


def step(r, **wanted):
    return r.last("enter", **wanted)["step"]


def verdicts(r):
    return [(e["kind"], e["actors"]) for e in r.find("verdict")]


# ---- eventfd -------------------------------------------------------------------------------


def test_a_read_takes_all_that_was_written(lab, world):
    r = lab.twice([*COUNTER, "a eventfd_write(e, 3)", "b eventfd_write(e, 4)", "a long n = 0", "a eventfd_read(e, &n)", "a print n"]).ok()
    assert r.one("exit", call="eventfd")["created"]
    assert [e["state"]["count"] for e in r.find("exit", obj="eventfd#1")] == [0, 3, 7, 0]
    assert r.one("exit", call="print")["value"] == 7
    assert len(r.find("exit", obj="eventfd#1")) == 4, "both processes see the same object"


def test_read_and_write_of_eight_bytes(lab, world):
    r = lab.run([*COUNTER, "a long n = 5", "a write(e, &n, 8)", "b read(e, &m, 8)", "b print m"]).ok()
    assert r.one("exit", call="write")["facts"]["value"] == 5
    assert r.one("exit", call="write")["flow"] == 5
    assert r.one("exit", call="read")["facts"]["value"] == 5
    assert r.one("exit", call="print")["value"] == 5


def test_semaphore_takes_one(lab, world):
    r = lab.run(["spawn a", "a e = eventfd(2, EFD_SEMAPHORE|EFD_NONBLOCK)"] + ["a eventfd_read(e, &n)"] * 3).ok()
    assert r.returns("eventfd_read") == [0, 0, "EAGAIN"]
    assert [e["out"]["n"] for e in r.find("exit", call="eventfd_read", ret=0)] == [1, 1]
    assert r.one("exit", call="eventfd")["state"]["mode"] == "semaphore"


@pytest.mark.parametrize("read", ["read(e, &n, 8)", "eventfd_read(e, &n)"])
def test_reading_zero_waits_for_a_write(lab, world, read):
    r = lab.twice([*COUNTER, f"b {read}", "why b", "a eventfd_write(e, 1)"]).ok()
    block = r.one("block")
    assert (block["actor"], block["why"], block["obj"]) == ("b", "zero", "eventfd#1")
    assert {(h["actor"], h["fd"]) for h in block["holders"]} == {("a", 3), ("b", 3)}
    woken = r.one("exit", actor="b", call=read.split("(")[0])
    assert woken["by"] == step(r, call="eventfd_write") and woken["state"]["count"] == 0
    assert r.one("exit", call="eventfd_write")["state"]["count"] == 1
    assert "a eventfd_write(3, 1)" in r.stdout


@pytest.mark.parametrize("write", ["eventfd_write(e, 1)", "write(e, &one, 8)"])
def test_a_write_that_would_overflow_waits_for_a_read(lab, world, write):
    r = lab.twice([*COUNTER, "b long one = 1", "a eventfd_write(e, -2)", f"b {write}", "a eventfd_read(e, &n)"]).ok()
    assert r.find("exit", call="eventfd_write")[0]["state"]["count"] == "18446744073709551614"
    block = r.one("block")
    assert (block["actor"], block["why"]) == ("b", "full")
    woken = r.last("exit", actor="b")
    assert woken["by"] == step(r, call="eventfd_read")
    assert woken["state"]["count"] == 1


def test_eventfd_of_one_alone_never_ends(lab, world):
    r = lab.run(["spawn a c", "a e = eventfd(0)", "a read(e, &n, 8)"]).ok()
    assert verdicts(r) == [("never", ["a"])]
    r = lab.run(["spawn a c", "a e = eventfd(0)", "a fork(b)", "a read(e, &n, 8)"]).ok()
    assert not verdicts(r)
    r = lab.run(["spawn a c", "a e = eventfd(0)", "a fork(b)", "a read(e, &n, 8)", "b close(e)"]).ok()
    assert verdicts(r) == [("never", ["a"])]
    r = lab.run(["spawn a c", "a e = eventfd(0)", "a fork(b)", "a read(e, &n, 8)", "b exit(0)"]).ok()
    assert verdicts(r) == [("never", ["a"])]


def test_two_counters_in_the_opposite_order_are_stuck(lab, world):
    r = lab.twice(["spawn a", "a e = eventfd(0)", "a f = eventfd(0)", "a fork(b)", "a read(e, &n, 8)", "b read(f, &n, 8)"])
    assert r.status == 4
    v = r.one("verdict")
    assert v["kind"] == "stuck" and v["cycle"] == ["b", "a"]


def test_interrupt_and_kill_while_reading(lab, world):
    r = lab.run([*COUNTER, "b read(e, &n, 8)", "interrupt b", "b read(e, &n, 8)", "a kill(b, SIGKILL)", "a wait(st)"]).ok()
    assert r.returns("read") == ["EINTR"]
    assert r.one("process", what="killed")["actor"] == "b"
    r = lab.run([*COUNTER, "a eventfd_write(e, -2)", "b eventfd_write(e, 1)", "interrupt b"]).ok()
    assert r.returns("eventfd_write", "b") == ["EINTR"]


def test_eventfd_errors(lab, world):
    r = lab.run([
        "spawn a", "a eventfd(0, 3)", "a e = eventfd(0, EFD_NONBLOCK)", "a eventfd_read(e, &n)", "a read(e, buf, 4)",
        "a eventfd_write(e, -1)", "a eventfd_write(e, -2)", "a eventfd_write(e, 1)", "a eventfd_read(77, &n)",
        "a eventfd_write(77, 1)", "a pipe(p)", "a signal(SIGPIPE, SIG_IGN)", "a close(p[0])", "a eventfd_write(p[1], 1)",
        'a f = open("f", O_CREAT|O_RDWR)', "a eventfd_read(f, &n)",
    ])  # fmt: skip
    assert r.returns("eventfd") == ["EINVAL", 3]
    assert r.returns("eventfd_read")[:2] == ["EAGAIN", "EBADF"]
    assert r.returns("read") == ["EINVAL"]
    assert r.returns("eventfd_write") == ["EINVAL", 0, "EAGAIN", "EBADF", "EPIPE"]


@pytest.mark.parametrize("line", ["eventfd(0)", "timerfd_create()", "epoll_create1()", 'memfd_create("m")', "pidfd_open(a)"])
def test_as_many_descriptors_as_allowed(lab, world, line):
    r = lab.run(["spawn a", "a setrlimit(RLIMIT_NOFILE, 3)", f"a {line}"]).ok()
    assert r.returns(line.split("(")[0]) == ["EMFILE"]


# ---- timerfd -------------------------------------------------------------------------------


def test_a_timer_that_runs_is_waited_for(lab, world):
    r = lab.run([*TIMER, "a timerfd_settime(t, 30)", "a read(t, &n, 8)", "a timerfd_gettime(t)"]).ok()
    assert r.returns("read") == [8] and "by" not in r.one("exit", call="read")
    assert r.one("exit", call="read")["vol"]["expirations"] == 1
    assert r.one("exit", call="timerfd_settime")["state"]["timer"] == "runs"
    assert r.one("exit", call="timerfd_gettime")["facts"] == {"left_ms": 0, "interval_ms": 0}
    assert not r.find("verdict")


def test_interval(lab, world):
    r = lab.run([*TIMER, "a timerfd_settime(t, 10, 10)"] + ["a read(t, &n, 8)"] * 3 + ["a timerfd_gettime(t)", "a timerfd_settime(t, 0)"]).ok()
    assert r.returns("read") == [8] * 3
    got = r.one("exit", call="timerfd_gettime")
    assert got["facts"]["interval_ms"] == 10 and 0 < got["vol"]["left_ms"] <= 10
    assert got["state"]["timer"] == "runs every 10 ms"
    assert r.last("exit")["state"]["timer"] == "off"
    assert r.last("exit")["facts"]["old_interval_ms"] == 10


def test_absolute_time_that_is_over(lab, world):
    r = lab.run([*TIMER, "a timerfd_settime(t, 1, 0, TFD_TIMER_ABSTIME)", "a poll(t, POLLIN, 1000)", "a read(t, &n, 8)"]).ok()
    assert r.returns("poll") == [1] and r.returns("read") == [8]


def test_a_timer_that_is_not_set(lab, world):
    r = lab.run([*TIMER, "a fork(b)", "b read(t, &n, 8)", "a timerfd_settime(t, 20)", "wait b"]).ok()
    block = r.one("block")
    assert (block["why"], block["obj"], block["actor"]) == ("off", "timerfd#1", "b")
    assert r.returns("read") == [8] and not r.find("verdict")
    r = lab.run(["spawn c", *TIMER, "a read(t, &n, 8)"]).ok()
    assert verdicts(r) == [("never", ["a"])]


def test_stuck_is_not_said_while_a_timer_runs(lab, world):
    lines = [*TIMER, "a pipe(p)", "a fork(b)", "b read(t, &n, 8)", "a timerfd_settime(t, 300)", "a read(p[0], buf, 1)"]
    r = lab.run([*lines, "wait", 'b write(p[1], "x")']).ok()
    assert not r.find("verdict")
    assert r.one("exit", call="read", actor="a")["by"] == step(r, call="write")
    stopped = [*lines[:-1], "a timerfd_settime(t, 0)", lines[-1]]
    r = lab.run(stopped)
    assert r.status == 4 and verdicts(r) == [("stuck", ["a", "b"])]


def test_a_timer_nobody_waits_for_keeps_no_verdict_back(lab, world):
    r = lab.run([*TIMER, "a timerfd_settime(t, 5000)", "a pipe(p)", "a read(p[0], buf, 1)"])
    assert r.status == 4 and verdicts(r) == [("stuck", ["a"])]


def test_timerfd_errors(lab, world):
    r = lab.run([
        "spawn a", "a timerfd_create(77)", "a timerfd_create(CLOCK_MONOTONIC, 1)", "a t = timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK)",
        "a read(t, &n, 8)", "a read(t, buf, 4)", "a timerfd_settime(t, -1)", "a timerfd_settime(t, 1, 0, 64)", "a timerfd_settime(77, 1)",
        "a timerfd_settime(0, 1)", "a timerfd_gettime(77)", "a timerfd_gettime(0)", 'a write(t, "12345678")',
        "a timerfd_create(CLOCK_BOOTTIME_ALARM)",
    ]).ok()  # fmt: skip
    assert r.returns("timerfd_create")[:3] == ["EINVAL", "EINVAL", 3]
    assert r.returns("timerfd_create")[3] in ("EPERM", 4)
    assert r.returns("read") == ["EAGAIN", "EINVAL"]
    assert r.returns("timerfd_settime") == ["EINVAL", "EINVAL", "EBADF", "EINVAL"]
    assert r.returns("timerfd_gettime") == ["EBADF", "EINVAL"]
    assert r.returns("write") == ["EINVAL"]


def test_interrupt_and_kill_while_the_timer_is_off(lab, world):
    r = lab.run([*TIMER, "a fork(b)", "b read(t, &n, 8)", "interrupt b", "b read(t, &n, 8)", "a kill(b, SIGKILL)"]).ok()
    assert r.returns("read") == ["EINTR"]
    assert r.one("process", what="killed")["actor"] == "b"


# ---- epoll ---------------------------------------------------------------------------------


def test_epoll_wakes_by_what_it_watches(lab, world):
    r = lab.twice([*WATCHED, "b epoll_wait(ep, events)", "a eventfd_write(e, 1)", "b epoll_wait(ep, events, 8, 0)"]).ok()
    block = r.one("block")
    assert (block["actor"], block["why"], block["obj"]) == ("b", "not ready", "epoll#1")
    assert block["state"] == {"watched": 1, "watches": "3:EPOLLIN"}
    woken = r.find("exit", call="epoll_wait")[0]
    assert woken["by"] == step(r, call="eventfd_write")
    assert (woken["ret"], woken["facts"]) == (1, {"ready_3": "EPOLLIN"})
    assert r.returns("epoll_wait") == [1, 1], "it is ready until it is read"


def test_epoll_wakes_by_whatever_makes_it_ready(lab, world):
    lines = ["spawn a", "a pipe(p)", "a ep = epoll_create1()", "a fork(b)"]
    watch = "a epoll_ctl(ep, EPOLL_CTL_ADD, p[0], EPOLLIN)"
    r = lab.run([*lines, watch, "b epoll_wait(ep, ev)", 'a write(p[1], "x")']).ok()
    assert r.one("exit", call="epoll_wait")["by"] == step(r, call="write")
    # what is added while it waits is ready already
    r = lab.run([*lines, 'a write(p[1], "x")', "b epoll_wait(ep, ev)", watch]).ok()
    assert r.one("block")["why"] == "nothing"
    assert r.one("exit", call="epoll_wait")["by"] == step(r, call="epoll_ctl")
    # added while it waits, made ready later
    r = lab.run([*lines, "b epoll_wait(ep, ev)", watch, 'a write(p[1], "x")']).ok()
    assert r.one("exit", call="epoll_wait")["by"] == step(r, call="write")
    # the last writer closes
    r = lab.run([*lines, watch, "b close(p[1])", "b epoll_wait(ep, ev)", "a close(p[1])"]).ok()
    assert r.one("exit", call="epoll_wait")["facts"] == {"ready_3": "EPOLLHUP"}
    # the only writer is killed
    r = lab.run([*lines, "a fork(c)", watch, "a close(p[1])", "b close(p[1])", "b epoll_wait(ep, ev)", "a kill(c, SIGKILL)"]).ok()
    assert r.one("exit", call="epoll_wait")["by"] == step(r, call="kill")


def test_epoll_of_an_epoll_and_poll_of_it(lab, world):
    r = lab.run([*WATCHED[:-1], "a outer = epoll_create1()", "a epoll_ctl(outer, EPOLL_CTL_ADD, ep, EPOLLIN)", "a fork(b)",
                 "b epoll_wait(outer, ev)", "a fork(c)", "c poll(outer, POLLIN, -1)", "a eventfd_write(e, 1)"]).ok()
    assert r.one("exit", call="epoll_wait")["by"] == step(r, call="eventfd_write")
    assert r.one("exit", call="poll")["by"] == step(r, call="eventfd_write")
    assert r.one("exit", call="epoll_wait")["facts"] == {"ready_4": "EPOLLIN"}


def test_edge_triggered_is_reported_once(lab, world):
    r = lab.run(["spawn a", "a pipe(p)", "a ep = epoll_create1()", "a epoll_ctl(ep, EPOLL_CTL_ADD, p[0], EPOLLIN|EPOLLET)",
                 'a write(p[1], "ab")', "a epoll_wait(ep, ev, 8, 0)", "a read(p[0], buf, 1)", "a fork(b)", "a epoll_wait(ep, ev)",
                 "why a", 'b write(p[1], "c")']).ok()
    assert r.returns("epoll_wait") == [1, 1]
    assert r.last("exit", call="epoll_wait")["by"] == step(r, actor="b", call="write")
    assert "EPOLLET" in r.stdout.split("why", 1)[-1] and "reported before" in r.stdout


def test_one_shot_is_off_until_it_is_modified(lab, world):
    r = lab.run([*WATCHED, "a epoll_ctl(ep, EPOLL_CTL_MOD, e, EPOLLIN|EPOLLONESHOT)", "a eventfd_write(e, 1)",
                 "a epoll_wait(ep, ev, 8, 0)", "a epoll_wait(ep, ev, 8, 0)", "b epoll_wait(ep, ev)",
                 "a epoll_ctl(ep, EPOLL_CTL_MOD, e, EPOLLIN|EPOLLONESHOT)"]).ok()
    assert r.returns("epoll_wait") == [1, 0, 1]
    assert r.last("exit", call="epoll_wait")["by"] == r.last("enter", call="epoll_ctl")["step"]


def test_epoll_forms_that_do_not_wait_for_ever(lab, world):
    r = lab.run([*WATCHED, "a epoll_wait(ep, ev, 8, 0)", "a epoll_wait(ep, ev, 8, 20)"]).ok()
    assert r.returns("epoll_wait") == [0, 0] and not r.find("verdict")


def test_epoll_with_a_timer_ends_by_itself(lab, world):
    r = lab.run([*TIMER, "a ep = epoll_create1()", "a epoll_ctl(ep, EPOLL_CTL_ADD, t, EPOLLIN)", "a timerfd_settime(t, 30)",
                 "a epoll_wait(ep, ev)"]).ok()
    assert r.one("exit", call="epoll_wait")["facts"] == {"ready_3": "EPOLLIN"}
    assert not r.find("verdict")


@pytest.mark.parametrize("call", ["poll(t, POLLIN, -1)", "select(t, READFDS, -1)", "poll(0, 0, -1, t, POLLIN, -1)"])
def test_poll_of_a_timer_ends_by_itself(lab, world, call):
    r = lab.run([*TIMER, "a timerfd_settime(t, 30)", f"a {call}"]).ok()
    assert r.returns(call.split("(")[0]) == [1] and not r.find("verdict")


def test_epoll_never(lab, world):
    for watched in ["a e = eventfd(0)", "a e = timerfd_create()"]:
        lines = ["spawn a c", watched, "a ep = epoll_create1()", "a epoll_ctl(ep, EPOLL_CTL_ADD, e, EPOLLIN)"]
        r = lab.run([*lines, "a epoll_wait(ep, ev)"]).ok()
        assert verdicts(r) == [("never", ["a"])]
        r = lab.run([*lines, "a fork(b)", "b close(ep)", "a epoll_wait(ep, ev)"]).ok()
        assert not verdicts(r), "b has what is watched"
        r = lab.run([*lines, "a fork(b)", "b close(e)", "a epoll_wait(ep, ev)"]).ok()
        assert not verdicts(r), "b could add something to the epoll"
        r = lab.run([*lines, "a fork(b)", "b close(e)", "b close(ep)", "a epoll_wait(ep, ev)"]).ok()
        assert verdicts(r) == [("never", ["a"])]
    r = lab.run(["spawn a c", "a ep = epoll_create1()", "a epoll_wait(ep, ev)"]).ok()
    assert verdicts(r) == [("never", ["a"])]
    r = lab.run(["spawn a c", "a ep = epoll_create1()", "a pipe(p)", "a epoll_ctl(ep, EPOLL_CTL_ADD, p[0], EPOLLIN)", "a epoll_wait(ep, ev)"]).ok()
    assert verdicts(r) == [("never", ["a"])]


def test_closed_here_is_still_watched_while_a_copy_is_open(lab, world):
    r = lab.run([*WATCHED, "b close(e)", "b epoll_wait(ep, ev)", "why b", "a eventfd_write(e, 1)"]).ok()
    assert r.one("exit", call="epoll_wait")["by"] == step(r, call="eventfd_write")
    assert "closed here" in r.stdout
    r = lab.run([*WATCHED, "a close(e)", "b close(e)", "a epoll_ctl(ep, EPOLL_CTL_DEL, e)", "b f = eventfd(0)",
                 "b epoll_ctl(ep, EPOLL_CTL_ADD, f, EPOLLIN)"]).ok()
    assert r.last("exit", call="epoll_ctl")["state"]["watched"] == 1, "the last close took it out"


def test_epoll_errors(lab, world):
    r = lab.run([
        *WATCHED, "a epoll_create1(1)", "a epoll_ctl(ep, EPOLL_CTL_ADD, e, EPOLLIN)", "a g = eventfd(0)", "a epoll_ctl(ep, EPOLL_CTL_DEL, g)",
        "a epoll_ctl(ep, EPOLL_CTL_MOD, g, EPOLLIN)", "a epoll_ctl(ep, EPOLL_CTL_ADD, 77, EPOLLIN)", "a epoll_ctl(77, EPOLL_CTL_ADD, e, EPOLLIN)",
        "a epoll_ctl(e, EPOLL_CTL_ADD, g, EPOLLIN)", "a epoll_ctl(ep, EPOLL_CTL_ADD, ep, EPOLLIN)", "a epoll_ctl(ep, 9, e, EPOLLIN)",
        'a f = open("f", O_CREAT|O_RDWR)', "a epoll_ctl(ep, EPOLL_CTL_ADD, f, EPOLLIN)", "a ep2 = epoll_create1()",
        "a epoll_ctl(ep, EPOLL_CTL_ADD, ep2, EPOLLIN)", "a epoll_ctl(ep2, EPOLL_CTL_ADD, ep, EPOLLIN)",
        "a epoll_wait(ep, ev, 0, 0)", "a epoll_wait(ep, ev, -1, 0)", "a epoll_wait(77, ev, 1, 0)", "a epoll_wait(e, ev, 1, 0)",
        "a eventfd_write(e, 1)", "a char *bad = 4096", "a epoll_wait(ep, bad, 1, 0)",
    ])  # fmt: skip
    assert r.returns("epoll_create1") == [4, "EINVAL", 7]
    assert r.returns("epoll_ctl")[1:] == ["EEXIST", "ENOENT", "ENOENT", "EBADF", "EBADF", "EINVAL", "EINVAL", "EINVAL", "EPERM", 0, "ELOOP"]
    assert r.returns("epoll_wait") == ["EINVAL", "EINVAL", "EBADF", "EINVAL", "EFAULT"]


def test_interrupt_and_kill_while_epoll_waits(lab, world):
    r = lab.run([*WATCHED, "b epoll_wait(ep, ev)", "interrupt b", "b epoll_wait(ep, ev)", "a kill(b, SIGKILL)"]).ok()
    assert r.returns("epoll_wait") == ["EINTR"]
    assert r.one("process", what="killed")["actor"] == "b"


def test_all_wait_in_epoll_is_stuck(lab, world):
    r = lab.twice([*WATCHED, "a epoll_wait(ep, ev)", "b epoll_wait(ep, ev)"])
    assert r.status == 4 and verdicts(r) == [("stuck", ["a", "b"])]


def test_a_hundred_descriptors(lab, world):
    lines = ["spawn a", "a ep = epoll_create1()", "a fork(b)"]
    for i in range(100):
        lines += [f"a e{i} = eventfd(0)", f"a epoll_ctl(ep, EPOLL_CTL_ADD, e{i}, EPOLLIN)"]
    r = lab.run([*lines, "b epoll_wait(ep, ev)", "a eventfd_write(e99, 1)"]).ok()
    assert r.one("exit", call="epoll_wait")["by"] == step(r, call="eventfd_write")
