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
    r = lab.run(["spawn a", "a e = eventfd(0)", "a eventfd_write(e, -2)", "a eventfd_read(e, &n)", "a long m = -3", "a write(e, &m, 8)", "a read(e, &n, 8)"])
    assert r.one("exit", call="eventfd_read")["facts"]["value"] == "18446744073709551614"
    assert r.one("exit", call="read")["facts"]["value"] == "18446744073709551613"


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
    assert r.one("block")["state"]["watched"] == 100
    assert r.one("exit", call="epoll_wait")["by"] == step(r, call="eventfd_write")
    lines += ["a t = timerfd_create()", "a timerfd_settime(t, 300)", "a epoll_ctl(ep, EPOLL_CTL_ADD, t, EPOLLIN)"]
    r = lab.run([*lines, "a epoll_wait(ep, ev)"]).ok()
    assert r.returns("epoll_wait") == [1] and not r.find("verdict"), "the timer is the last of many"
    r = lab.run([*lines[:3], *lines[-3:], *lines[3:-3], "b pause()", "a epoll_wait(ep, ev)"])
    assert r.returns("epoll_wait") == [1] and not r.find("verdict"), r


def test_poll_says_who_could_make_it_ready(lab, world):
    r = lab.run([*COUNTER, "b pipe(p)", "b fork(c)", "b poll(e, POLLIN, -1, p[0], POLLIN, -1)", "why b"]).ok()
    assert r.one("block")["why"] == "not ready"
    assert "a eventfd_write(3, 1)" in r.stdout and 'c write(5, "x")' in r.stdout
    assert not r.find("verdict")


def test_poll_never(lab, world):
    for made, fd in [("a e = eventfd(0)", "e"), ("a e = timerfd_create()", "e"), ("a pipe(p)", "p[0]")]:
        lines = ["spawn a c", made]
        r = lab.run([*lines, f"a poll({fd}, POLLIN, -1)"]).ok()
        assert verdicts(r) == [("never", ["a"])]
        r = lab.run([*lines, f"a poll({fd}, POLLIN, -1, 0, 0, -1)"]).ok()
        assert len(r.find("block")) == 1 and not verdicts(r), "a device may be anything"
        r = lab.run([*lines, "a f = eventfd(0)", f"a select({fd}, READFDS, -1, f, READFDS, -1)"]).ok()
        assert verdicts(r) == [("never", ["a"])]
        r = lab.run([*lines, "a fork(b)", f"a poll({fd}, POLLIN, -1)"]).ok()
        assert not verdicts(r)


# ---- memfd ---------------------------------------------------------------------------------


def test_memfd_is_a_file_of_relatives(lab, world):
    r = lab.twice(["spawn a", 'a m = memfd_create("box", MFD_CLOEXEC)', 'a write(m, "hello")', "a fork(b)", "b pread(m, buf, 5, 0)",
                   "b long off = lseek(m, 0, SEEK_CUR)", "b print off"]).ok()  # fmt: skip
    made = r.one("exit", call="memfd_create")
    assert made["created"] and made["obj"] == "file#1" and made["state"]["names"] == 0
    assert r.one("exit", call="pread")["out"]["buf"] == "hello"
    assert r.one("exit", call="print")["value"] == 5, "the offset is shared"


def test_memfd_can_be_mapped_and_shared(lab, world):
    r = lab.run(["spawn a", 'a m = memfd_create("box")', "a ftruncate(m, 4096)",
                 "a x = mmap(NULL, 4096, PROT_READ|PROT_WRITE, MAP_SHARED, m, 0)", "a fork(b)", 'a strcpy(x, "seen")', "b print x"]).ok()
    assert r.one("exit", call="print")["value"] == "seen"


def test_seals(lab, world):
    r = lab.run(["spawn a", 'a m = memfd_create("box", MFD_ALLOW_SEALING)', 'a write(m, "hello")',
                 "a fcntl(m, F_ADD_SEALS, F_SEAL_WRITE|F_SEAL_SHRINK|F_SEAL_GROW|F_SEAL_SEAL)", 'a write(m, "x")', "a ftruncate(m, 1)",
                 "a ftruncate(m, 100)", "a fcntl(m, F_ADD_SEALS, F_SEAL_WRITE)", "a fcntl(m, F_GET_SEALS)",
                 'a n = memfd_create("plain")', "a fcntl(n, F_ADD_SEALS, F_SEAL_WRITE)"]).ok()  # fmt: skip
    assert r.returns("write") == [5, "EPERM"]
    assert r.returns("ftruncate") == ["EPERM", "EPERM"]
    assert r.returns("fcntl") == [0, "EPERM", 15, "EPERM"]


def test_memfd_errors(lab, world):
    r = lab.run(["spawn a", 'a memfd_create("x", 1024)', f'a memfd_create("{"x" * 250}")', f'a memfd_create("{"x" * 249}")',
                 "a char *bad = 4096", "a memfd_create(bad)"])  # fmt: skip
    assert r.returns("memfd_create") == ["EINVAL", "EINVAL", 3, "EFAULT"]


# ---- splice, tee ---------------------------------------------------------------------------


def test_splice_moves_and_tee_copies(lab, world):
    r = lab.twice([*PIPES, 'a write(p[1], "hello")', "a tee(p[0], q[1], 64)", "a splice(p[0], NULL, q[1], NULL, 64)", "b read(q[0], buf, 64)"]).ok()
    assert r.returns("tee") == [5] and r.returns("splice") == [5]
    assert r.one("exit", call="read")["out"]["buf"] == "hellohello"
    r = lab.run([*PIPES, 'a f = open("f", O_CREAT|O_RDWR, 0644)', 'a write(f, "0123456789")', "a long off = 4",
                 "a splice(f, &off, p[1], NULL, 3)", "a read(p[0], buf, 64)", "a print off"]).ok()  # fmt: skip
    assert r.one("exit", call="read")["out"]["buf"] == "456"
    assert r.one("exit", call="print")["value"] == 7


@pytest.mark.parametrize("call", ["splice(p[0], NULL, q[1], NULL, 64)", "tee(p[0], q[1], 64)"])
def test_moving_from_an_empty_pipe_waits(lab, world, call):
    name = call.split("(")[0]
    r = lab.twice([*PIPES, f"b {call}", "why b", 'a write(p[1], "x")']).ok()
    block = r.one("block")
    assert (block["why"], block["obj"]) == ("empty", "pipe#1")
    assert {h["actor"] for h in block["holders"]} == {"a", "b"} and {h["mode"] for h in block["holders"]} == {"w"}
    assert r.one("exit", call=name)["by"] == step(r, call="write")
    assert 'a write(4, "x")' in r.stdout
    r = lab.run(["spawn c", *PIPES[:3], f"a {call}"]).ok()
    assert verdicts(r) == [("never", ["a"])]
    r = lab.run(["spawn c", *PIPES, "b close(p[1])", f"a {call}"]).ok()
    assert verdicts(r) == [("never", ["a"])]
    r = lab.run([*PIPES, "b close(p[1])", f"b {call}", "a close(p[1])"]).ok()
    assert r.returns(name) == [0], "the last writer has gone"
    r = lab.run([*PIPES, f"b {call}", "interrupt b", f"b {call}", "a kill(b, SIGKILL)"]).ok()
    assert r.returns(name) == ["EINTR"] and r.one("process", what="killed")["actor"] == "b"


@pytest.mark.parametrize("call", ["splice(p[0], NULL, q[1], NULL, 64)", "tee(p[0], q[1], 64)"])
def test_moving_into_a_full_pipe_waits(lab, world, call):
    fill = ["a fcntl(q[1], F_SETPIPE_SZ, 4096)", "a char page[4096]", "a write(q[1], page, 4096)", 'a write(p[1], "x")']
    r = lab.run([*PIPES, *fill, f"b {call}", "a read(q[0], page, 4096)"]).ok()
    block = r.one("block")
    assert (block["why"], block["obj"]) == ("full", "pipe#2")
    assert {h["mode"] for h in block["holders"]} == {"r"}
    assert r.one("exit", call=call.split("(")[0])["by"] == step(r, call="read")
    r = lab.run(["spawn c", *PIPES[:3], *fill, f"a {call}"]).ok()
    assert verdicts(r) == [("never", ["a"])]


@pytest.mark.parametrize("call", ["splice(p[0], NULL, q[1], NULL, 64)", "tee(p[0], q[1], 64)"])
def test_moving_waits_for_room_when_the_last_writer_has_gone(lab, world, call):
    """Only then does it say that there is nothing to move."""
    fill = ["a fcntl(q[1], F_SETPIPE_SZ, 4096)", "a char page[4096]", "a write(q[1], page, 4096)"]
    r = lab.run([*PIPES, *fill, "a close(p[1])", "b close(p[1])", f"b {call}", "a read(q[0], page, 4096)"]).ok()
    assert (r.one("block")["why"], r.one("block")["obj"]) == ("full", "pipe#2") and not verdicts(r)
    assert r.returns(call.partition("(")[0]) == [0]


def test_a_tee_ends_when_there_is_room_though_nothing_is_left(lab, world):
    """What it was to copy another has read; it has itself the only end to write more."""
    fill = ["a fcntl(q[1], F_SETPIPE_SZ, 4096)", "a char page[4096]", "a write(q[1], page, 4096)", 'a write(p[1], "x")']
    r = lab.run([*PIPES, *fill, "a fork(c)", "a close(p[1])", "b tee(p[0], q[1], 64)", "a read(p[0], page, 9)", "c exit(0)", "a read(q[0], page, 4096)"]).ok()
    assert r.one("block")["why"] == "full" and not verdicts(r)
    assert r.returns("tee") == [0]


def test_splice_and_tee_errors(lab, world):
    r = lab.run([*PIPES, "a splice(p[0], NULL, q[1], NULL, 64, SPLICE_F_NONBLOCK)", "a splice(p[0], NULL, p[1], NULL, 64)",
                 'a f = open("f", O_CREAT|O_RDWR)', "a splice(f, NULL, f, NULL, 64)", "a splice(p[1], NULL, q[1], NULL, 64)",
                 "a splice(77, NULL, q[1], NULL, 64)", "a long off = 0", "a splice(p[0], &off, q[1], NULL, 64)",
                 "a splice(f, 4096, q[1], NULL, 64)", "a tee(p[0], q[1], 64, SPLICE_F_NONBLOCK)", "a tee(f, q[1], 64)",
                 "a tee(77, q[1], 64)", "a tee(p[0], p[1], 64)", 'a write(p[1], "x")', "a signal(SIGPIPE, SIG_IGN)", "a close(q[0])",
                 "b close(q[0])", "a splice(p[0], NULL, q[1], NULL, 64)", "a tee(p[0], q[1], 64)"])  # fmt: skip
    assert r.returns("splice") == ["EAGAIN", "EINVAL", "EINVAL", "EBADF", "EBADF", "ESPIPE", "EFAULT", "EPIPE"]
    assert r.returns("tee") == ["EAGAIN", "EINVAL", "EBADF", "EINVAL", "EPIPE"]


# ---- process_vm ----------------------------------------------------------------------------


def test_memory_of_another_process(lab, world):
    r = lab.run(["spawn parent", "parent char x[16]", 'parent strcpy(x, "mine")', "parent fork(child)", 'child strcpy(x, "secret")',
                 "parent process_vm_readv(child, buf, x, 6)", "parent print x", 'parent process_vm_writev(child, "public", x, 6)',
                 "child print x"]).ok()  # fmt: skip
    assert r.one("exit", call="process_vm_readv")["out"]["buf"] == "secret"
    assert [e["value"] for e in r.find("exit", call="print")] == ["mine", "public"]


def test_an_await_sees_what_was_written_from_outside(lab, world):
    r = lab.run(["spawn parent", "parent char x[16]", "parent fork(child)", "child await x[0] == 'y'",
                 'parent process_vm_writev(child, "y", x, 1)']).ok()  # fmt: skip
    assert r.one("exit", call="await")["by"] == step(r, call="process_vm_writev")


def test_process_vm_errors(lab, world):
    r = lab.run(["spawn a b", "a process_vm_readv(a, buf, 4096, 8)", 'a process_vm_writev(a, "x", 4096, 1)', "a process_vm_readv(99999, buf, 4096, 8)",
                 'a process_vm_writev(99999, "x", 4096, 1)', "a process_vm_readv(1, buf, 4096, 8)", 'a process_vm_writev(1, "x", 4096, 1)',
                 "a process_vm_readv(a, buf, 4096, 8, 1)"]).ok()  # fmt: skip
    assert r.returns("process_vm_readv") == ["EFAULT", "ESRCH", "EPERM", "EINVAL"]
    assert r.returns("process_vm_writev") == ["EFAULT", "ESRCH", "EPERM"]


def test_fewer_bytes_where_memory_ends(lab, world):
    r = lab.run(["spawn a", "a m = mmap(NULL, 8192, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS)", "a munmap(m + 4096, 4096)",
                 "a process_vm_readv(a, buf, m + 4092, 8)"]).ok()
    assert r.returns("process_vm_readv") == [4] and r.last("exit")["note"]


# ---- pidfd ---------------------------------------------------------------------------------

FAMILY = ["spawn parent", "parent fork(child)", "parent p = pidfd_open(child)"]


@pytest.mark.parametrize("end", ["child exit(3)", "parent2 kill(child, SIGKILL)"])
def test_a_pidfd_is_ready_when_the_process_has_ended(lab, world, end):
    r = lab.run(["spawn parent2", *FAMILY, "parent poll(p, POLLIN, -1)", end, "parent wait(st)", "parent poll(p, POLLIN, 0)"]).ok()
    block = r.one("block")
    assert block["obj"] == "pidfd#1" and block["state"] == {"of": "child", "process": "runs"}
    ended = r.find("exit", call="poll")[0]
    assert ended["ret"] == 1 and ended["state"] == {"of": "child", "process": "has ended"}
    assert ended["by"] == r.find("enter", actor=end.split()[0])[-1]["step"]
    assert r.returns("poll") == [1, 1], "also when it was waited for"


def test_anybody_may_wait_for_anybody(lab, world):
    r = lab.twice(["spawn a b", "a p = pidfd_open(b)", "a ep = epoll_create1()", "a epoll_ctl(ep, EPOLL_CTL_ADD, p, EPOLLIN)",
                   "a epoll_wait(ep, ev)", "b exit(0)"]).ok()
    assert r.one("exit", call="epoll_wait")["by"] == step(r, call="exit")
    assert not r.find("verdict")


def test_two_that_wait_for_each_others_end_are_stuck(lab, world):
    r = lab.run(["spawn a b", "a p = pidfd_open(b)", "b p = pidfd_open(a)", "a poll(p, POLLIN, -1)", "b poll(p, POLLIN, -1)"])
    assert r.status == 4
    assert r.one("verdict")["kind"] == "stuck" and set(r.one("verdict")["cycle"]) == {"a", "b"}


def test_signal_through_a_pidfd(lab, world):
    r = lab.run([*FAMILY, "child signal(SIGUSR1, h)", "parent pidfd_send_signal(p, SIGUSR1)", "parent pidfd_send_signal(p, 0)",
                 "parent pidfd_send_signal(p, SIGTERM)", "parent pidfd_send_signal(p, SIGTERM)", "parent wait(st)",
                 "parent pidfd_send_signal(p, SIGTERM)"]).ok()  # fmt: skip
    assert r.returns("pidfd_send_signal") == [0, 0, 0, 0, "ESRCH"]
    assert [(e["actor"], e["sig"], e["action"], e["from"]) for e in r.find("signal")] == [
        ("child", "SIGUSR1", "handler", "parent"), ("child", "SIGTERM", "default", "parent"),
    ]  # fmt: skip


def test_a_pidfd_never_means_another_process(lab, world):
    r = lab.run([*FAMILY, "child exit(0)", "parent wait(st)", "parent fork(other)", "parent pidfd_send_signal(p, SIGKILL)", "other getpid()"]).ok()
    assert r.returns("pidfd_send_signal") == ["ESRCH"] and len(r.returns("getpid")) == 1


def test_pidfd_errors(lab, world):
    r = lab.run([*FAMILY, "parent pidfd_open(0)", "parent pidfd_open(-5)", "parent pidfd_open(99999)", "parent pidfd_open(child, 1)",
                 "parent pidfd_send_signal(77, SIGTERM)", "parent pidfd_send_signal(0, SIGTERM)", "parent pidfd_send_signal(p, 64)",
                 "parent pidfd_send_signal(p, 77)", "parent pidfd_send_signal(p, SIGUSR1, 77)", "parent read(p, buf, 8)"]).ok()  # fmt: skip
    assert r.returns("pidfd_open") == [3, "EINVAL", "EINVAL", "ESRCH", "EINVAL"]
    assert r.returns("pidfd_send_signal") == ["EBADF", "EBADF", "EINVAL", "EINVAL", "EINVAL"]
    assert r.returns("read") == ["EINVAL"]
    assert not r.find("signal")


def test_signals_stay_in_a_shared_world(lab):
    lab.world = "shared"
    r = lab.run(["spawn a", "a pidfd_open(1)", "a process_vm_readv(1, buf, 4096, 8)"]).ok()
    assert r.returns("pidfd_open") == ["EPERM"] and r.returns("process_vm_readv") == ["EPERM"]


# ---- flock ---------------------------------------------------------------------------------


def test_flock_waits_for_the_other_open_file(lab, world):
    r = lab.twice([*FILES, "a flock(f, LOCK_EX)", "b flock(f, LOCK_EX|LOCK_NB)", "b flock(f, LOCK_EX)", "why b", "a flock(f, LOCK_UN)"]).ok()
    assert r.returns("flock", "b") == ["EAGAIN", 0]
    block = r.one("block")
    assert (block["why"], block["obj"]) == ("locked", "file#1")
    assert block["holders"][0] == {"actor": "a", "since": r.find("enter", call="flock")[0]["step"]}
    assert r.last("exit", actor="b")["by"] == step(r, actor="a", call="flock")
    assert "a flock(3, LOCK_UN)" in r.stdout


@pytest.mark.parametrize("end", ["a close(f)", "a exit(0)", "c kill(a, SIGKILL)", "a flock(f, LOCK_SH)"])
def test_what_ends_a_lock(lab, world, end):
    r = lab.run(["spawn c", *FILES, "a flock(f, LOCK_EX)", "b flock(f, LOCK_SH)", end]).ok()
    assert r.one("block")["actor"] == "b"
    assert r.returns("flock", "b") == [0] and not r.find("verdict")
    assert r.last("exit", actor="b")["by"] == step(r, actor=end.split()[0])


def test_shared_locks_admit_each_other(lab, world):
    r = lab.run([*FILES, "a flock(f, LOCK_SH)", "b flock(f, LOCK_SH)", "b flock(f, LOCK_EX)", "a close(f)"]).ok()
    assert r.returns("flock", "b") == [0, 0]
    assert r.one("block")["actor"] == "b"


def test_a_forked_child_shares_the_lock(lab, world):
    lines = [*FILES, "a flock(f, LOCK_EX)", "a fork(c)", "c flock(f, LOCK_EX|LOCK_NB)", "b flock(f, LOCK_EX)"]
    r = lab.run([*lines, "a close(f)", "c flock(f, LOCK_UN)"]).ok()
    assert r.returns("flock", "c") == [0, 0]
    block = r.one("block")
    assert {h["actor"] for h in block["holders"] if "fd" not in h} == {"a", "c"}
    assert r.last("exit", actor="b")["by"] == step(r, actor="c"), "the parent's close was not the last"
    r = lab.run([*lines, "a exit(0)", "c exit(0)"]).ok()
    assert r.last("exit", actor="b")["by"] == step(r, actor="c", call="exit")


def test_a_process_that_opens_it_twice_waits_for_itself(lab, world):
    lines = ["spawn a c", 'a f = open("f", O_CREAT|O_RDWR)', 'a g = open("f", O_RDWR)', "a flock(f, LOCK_EX)"]
    r = lab.run([*lines, "a flock(g, LOCK_EX)"]).ok()
    assert verdicts(r) == [("never", ["a"])]
    r = lab.run([*lines, "a fork(b)", "a flock(g, LOCK_EX)", "b flock(f, LOCK_UN)"]).ok()
    assert not verdicts(r) and r.last("exit", actor="a", call="flock")["ret"] == 0
    r = lab.run([*lines, "a fork(b)", "a flock(g, LOCK_EX)", "b close(f)"]).ok()
    assert verdicts(r) == [("never", ["a"])]


def test_locks_in_the_opposite_order_are_stuck(lab, world):
    r = lab.twice([*FILES, 'a g = open("g", O_CREAT|O_RDWR)', 'b g = open("g", O_RDWR)', "a flock(f, LOCK_EX)", "b flock(g, LOCK_EX)",
                   "a flock(g, LOCK_EX)", "b flock(f, LOCK_EX)"])  # fmt: skip
    assert r.status == 4
    v = r.one("verdict")
    assert v["kind"] == "stuck" and set(v["cycle"]) == {"a", "b"}
    assert {(h["actor"], h["obj"]) for h in v["holders"] if h["how"] == "took"} == {("a", "file#1"), ("b", "file#2")}


def test_flock_errors_and_interrupts(lab, world):
    r = lab.run([*FILES, "a flock(77, LOCK_EX)", "a flock(f, 0)", "a flock(f, LOCK_EX)", "b flock(f, LOCK_EX)", "interrupt b",
                 "b flock(f, LOCK_SH)", "a kill(b, SIGKILL)"]).ok()  # fmt: skip
    assert r.returns("flock") == ["EBADF", "EINVAL", 0, "EINTR"]
    assert r.one("process", what="killed")["actor"] == "b"


# ---- What holds for all --------------------------------------------------------------------


def test_passed_in_a_message(lab, world):
    """What is held through a socket is the same object."""
    r = lab.run(["spawn a", "a socketpair(AF_UNIX, SOCK_STREAM, 0, sv)", "a fork(b)", "a e = eventfd(0)", 'a sendmsg(sv[0], "x", e)',
                 "b recvmsg(sv[1], buf, 8)", "a read(e, &n, 8)", "b eventfd_write(5, 1)"])  # fmt: skip
    objects = {e["obj"] for e in r.events if str(e.get("obj", "")).startswith("eventfd")}
    assert objects == {"eventfd#1"} and not r.find("verdict"), r
    assert r.one("exit", call="read")["by"] == step(r, call="eventfd_write")


def test_a_copy_and_a_new_one_under_an_old_number(lab, world):
    r = lab.run(["spawn a", "a e = eventfd(0)", "a d = dup(e)", "a eventfd_write(d, 1)", "a close(e)", "a f = eventfd(5)", "a eventfd_write(f, 1)"]).ok()
    assert [e["obj"] for e in r.find("exit", call="eventfd_write")] == ["eventfd#1", "eventfd#2"]
    assert r.one("exit", call="dup")["obj"] == "eventfd#1"


def test_views_of_objects(lab, world):
    r = lab.run([*WATCHED, "a t = timerfd_create()", "a p = pidfd_open(b)", "objects", "fds"]).ok()
    for name in ("eventfd#1", "epoll#1", "timerfd#1", "pidfd#1"):
        assert name in r.stdout
    assert "3:EPOLLIN" in r.stdout


def test_replays_the_same(lab, world):
    r = lab.run([*WATCHED, "b epoll_wait(ep, ev)", "a eventfd_write(e, 1)", "b read(e, &n, 8)", "b read(e, &n, 8)", "a eventfd_write(e, 1)"]).ok()
    assert lab.call("replay", "--trust", r.trace).status == 0
    r = lab.run([*TIMER, "a timerfd_settime(t, 30)", "a fork(b)", "b read(t, &n, 8)"]).ok()
    assert lab.call("replay", "--trust", r.trace).status == 0
    r = lab.run([*TIMER, "a fork(b)", "b read(t, &n, 8)", "a timerfd_settime(t, 30)", "wait"]).ok()
    assert lab.call("replay", "--trust", r.trace).status == 0


def test_a_number_that_is_another_file_by_now(lab, world):
    """What is watched is told apart from what has its number now."""
    lines = ["spawn a c", "a e = eventfd(0)", "a ep = epoll_create1()", "a epoll_ctl(ep, EPOLL_CTL_ADD, e, EPOLLIN)", "a fork(b)",
             "b close(ep)", "a close(e)", "a f = eventfd(0)"]  # fmt: skip
    r = lab.run([*lines, "a epoll_wait(ep, ev)", "why a", "b eventfd_write(e, 1)"]).ok()
    assert not r.find("verdict"), "b has what is watched, if not a"
    assert r.one("exit", call="epoll_wait")["by"] == step(r, actor="b", call="eventfd_write")
    assert "b has it open as descriptor 3" in " ".join(r.stdout.split())
    timer = [line.replace("eventfd(0)", "timerfd_create()") for line in lines]
    r = lab.run([*timer, "b timerfd_settime(e, 200)", "a epoll_wait(ep, ev)", "b pause()", "wait a"])
    assert r.returns("epoll_wait") == [1] and ("stuck", ["a", "b", "c"]) not in verdicts(r), r


def test_who_took_the_lock_and_when(lab, world):
    """The step is that of the process which took it; others share it, and taking it again is another step."""
    r = lab.run([*FILES, "a flock(f, LOCK_EX)", "a fork(c)", "a flock(f, LOCK_UN)", "c flock(f, LOCK_SH)", "c flock(f, LOCK_EX)",
                 "a d = dup(f)", "b flock(f, LOCK_EX)"]).ok()  # fmt: skip
    taken = r.find("enter", actor="c", call="flock")[-1]["step"]
    held = [h for h in r.one("block")["holders"] if "fd" not in h]
    assert held == [{"actor": "a", "since": taken}, {"actor": "c", "since": taken}]


def test_locks_of_a_counter_are_the_students_own(lab, world):
    """What has no file of its own is marked by a lock far behind, which no call on locks meets."""
    for made in ("eventfd(0)", "timerfd_create()", "epoll_create1()"):
        r = lab.run(["spawn a", f"a e = {made}", "a fcntl(e, F_GETLK, F_WRLCK)", "a fcntl(e, F_SETLK, F_WRLCK)", "a fork(b)",
                     "b fcntl(e, F_GETLK, F_WRLCK)", "a fcntl(e, F_SETLK, F_UNLCK)", "b fcntl(e, F_GETLK, F_RDLCK, 5, 100)"]).ok()  # fmt: skip
        first, second, third = [e["facts"] for e in r.find("exit", call="fcntl") if "facts" in e]
        assert first == {"type": "F_UNLCK"} and third == {"type": "F_UNLCK"}
        assert (second["type"], second["from"], second["length"]) == ("F_WRLCK", 0, 0)
