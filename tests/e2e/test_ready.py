# SPDX-License-Identifier: GPL-3.0-or-later
"""poll, select and epoll_wait say of each descriptor what is missing and who could bring it, as read,
recv and accept of the same descriptor do; and `never` where nobody can (issue 4)."""

import itertools
import json
import os

import pytest

PORTS = itertools.count(os.getpid() * 41 % 20000)


def address():
    return f"127.0.0.1:{2000 + next(PORTS) % 3000}"


# The three calls, each of one descriptor for reading or writing, for as long as it takes.
CALLS = {
    "poll": lambda fd, way: [f"a poll({fd}, {'POLLIN' if way == 'in' else 'POLLOUT'}, -1)"],
    "select": lambda fd, way: [f"a select({fd}, {'READFDS' if way == 'in' else 'WRITEFDS'}, -1)"],
    "epoll_wait": lambda fd, way: [
        "a ep = epoll_create1(EPOLL_CLOEXEC)", f"a epoll_ctl(ep, EPOLL_CTL_ADD, {fd}, {'EPOLLIN' if way == 'in' else 'EPOLLOUT'})",
        "a epoll_wait(ep, ready)"],
}  # fmt: skip
PAIR = "a socketpair(AF_UNIX, SOCK_STREAM, 0, sv)"
PACKETS = "a socketpair(AF_UNIX, SOCK_SEQPACKET, 0, sv)"
LETTERS = "a socketpair(AF_UNIX, SOCK_DGRAM, 0, sv)"
FULL = ["a fcntl(sv[0], F_SETFL, O_NONBLOCK)", "a char big[400000]", "a send(sv[0], big, 400000)"]
FULL_LETTERS = ["a fcntl(sv[0], F_SETFL, O_NONBLOCK)", *["a send(sv[0], \"x\")"] * 600]


def tcp(addr):
    return ["spawn a b", "b l = socket(AF_INET, SOCK_STREAM)", f'b bind(l, "{addr}")', "b listen(l, 4)", "a s = socket(AF_INET, SOCK_STREAM)",
            f'a connect(s, "{addr}")']  # fmt: skip


def wait_in(lab, lines, call, fd, way="in", after=()):
    r = lab.run([*lines, *CALLS[call](fd, way), "why --json a", *after])
    found = [e for e in r.find("block") if e["actor"] == "a" and e["call"] == call]
    assert found and found[-1]["why"] == "not ready", r
    return r


def facts(r):
    """What the last `why --json a` said."""
    return [json.loads(line) for line in r.stdout.splitlines() if line.startswith("[")][-1][0]


def verdicts(r):
    return [(e["kind"], e["actors"]) for e in r.find("verdict")]


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("made, fd, way, who, next_line, end", [
    ([PAIR, "a fork(b)", "a close(sv[1])", "b close(sv[0])"], "sv[0]", "in", {"b"}, 'b send(4, "x")', 'b send(sv[1], "x")'),
    ([PACKETS, "a fork(b)", "a close(sv[1])", "b close(sv[0])"], "sv[0]", "in", {"b"}, 'b send(4, "x")', "b close(sv[1])"),
    ([LETTERS, "a fork(b)", "a close(sv[1])", "b close(sv[0])"], "sv[0]", "in", {"b"}, 'b send(4, "x")', 'b send(sv[1], "x")'),
    ([PAIR, *FULL, "a fork(b)", "a close(sv[1])", "b close(sv[0])"], "sv[0]", "out", {"b"}, "b recv(4, buf)",
     "b recv(sv[1], big, 400000)"),
    ([LETTERS, *FULL_LETTERS, "a fork(b)", "a close(sv[1])", "b close(sv[0])"], "sv[0]", "out", {"b"}, "b recv(4, buf)",
     "b close(sv[1])"),
], ids=["stream", "seqpacket", "dgram", "full stream", "full dgram"])  # fmt: skip
def test_connected_peer(lab, world, call, made, fd, way, who, next_line, end):
    r = wait_in(lab, ["spawn a", *made], call, fd, way, [end]).ok()
    f = facts(r)
    assert set(f["could"]) == who and next_line in f["next"], f
    assert any("b (fd 4)" in text for text in [f["waits"], *f["says"]]), f
    assert r.one("exit", actor="a", call=call)["by"] == r.last("enter", actor="b")["step"]
    assert not verdicts(r)
    if call != "epoll_wait":
        assert [(h["actor"], h["fd"]) for h in r.last("block", call=call)["holders"]] == [("b", 4)]


@pytest.mark.parametrize("call", CALLS)
def test_peer_of_tcp(lab, world, call):
    lines = [*tcp(address()), "b c = accept(l)"]
    f = facts(wait_in(lab, lines, call, "s", after=['b send(c, "x")']).ok())
    assert f["could"] == ["b"] and 'b send(4, "x")' in f["next"]


@pytest.mark.parametrize("call", CALLS)
def test_listener_names_who_could_connect(lab, world, call):
    where = address()
    lines = ["spawn a b", "a l = socket(AF_INET, SOCK_STREAM)", f'a bind(l, "{where}")', "a listen(l, 1)", "b s = socket(AF_INET, SOCK_STREAM)"]
    r = wait_in(lab, lines, call, "l", after=[f'b connect(s, "{where}")', "a accept(l)"]).ok()
    f = facts(r)
    assert any(where in text for text in [f["waits"], *f["says"]]) and any(n.startswith("b connect(") for n in f["next"]), f
    assert r.one("exit", call=call)["by"] == r.one("exit", call="connect")["step"]


@pytest.mark.parametrize("call", [*CALLS, "recv"])
def test_nobody_has_accepted_yet(lab, world, call):
    for lines in [tcp(address()), [line.replace("AF_INET", "AF_UNIX") for line in tcp(f"@ready-{os.getpid()}")]]:
        after = ["b c = accept(l)", 'b send(c, "x")']
        if call == "recv":
            r = lab.run([*lines, "a recv(s, buf)", "why --json a", *after])
        else:
            r = wait_in(lab, lines, call, "s", after=after)
        r.ok()
        f = facts(r)
        assert f["could"] == ["b"] and "b accept(3)" in f["next"], f
        assert r.last("exit", actor="a", call=call)["by"] == r.one("exit", call="send")["step"]


@pytest.mark.parametrize("call", CALLS)
def test_datagrams_name_where_to_send(lab, world, call):
    where = address()
    for family, name in (("AF_INET", where), ("AF_UNIX", f"@ready-box-{os.getpid()}")):
        lines = ["spawn a b", f"a s = socket({family}, SOCK_DGRAM)", f'a bind(s, "{name}")']
        line = f'b sendto(socket({family}, SOCK_DGRAM), "x", "{name}")'
        f = facts(wait_in(lab, lines, call, "s", after=[line]).ok())
        assert line in f["next"] and any(name in text for text in [f["waits"], *f["says"]])


@pytest.mark.parametrize("call", CALLS)
def test_connect_that_has_no_answer(lab, world, call):
    """The queue of the listener is full: who holds it could make room."""
    where = address()
    lines = ["spawn a b c d", "b l = socket(AF_INET, SOCK_STREAM)", f'b bind(l, "{where}")', "b listen(l, 0)", "c s = socket(AF_INET, SOCK_STREAM)",
             f'c connect(s, "{where}")', "a s = socket(AF_INET, SOCK_STREAM|SOCK_NONBLOCK)", f'a connect(s, "{where}")']  # fmt: skip
    r = lab.run([*lines, *CALLS[call]("s", "out"), "why --json a", "b accept(l)", "d kill(a, SIGKILL)"]).ok()
    assert r.returns("connect") == [0, "EINPROGRESS"]
    f = facts(r)
    assert f["later"], f
    assert not verdicts(r), "the kernel asks again by itself"


# ---- Nobody can make it ready ----------------------------------------------------------------------

NAME = f"/ipclab-ready-{os.getpid()}"  # in a shared world it is the machine's
QUEUE = [f'a q = mq_open("{NAME}", O_CREAT|O_RDWR, 0600, 1, 8)', f'a mq_unlink("{NAME}")']
NEVER = {
    "both ends of a stream": ([PAIR], "sv[0]", "in"),
    "both ends of packets": ([PACKETS], "sv[0]", "in"),
    "both ends of datagrams": ([LETTERS], "sv[0]", "in"),
    "a full stream": ([PAIR, *FULL], "sv[0]", "out"),
    "a datagram socket without a name": (["a s = socket(AF_INET, SOCK_DGRAM)"], "s", "in"),
    "a Unix one": (["a s = socket(AF_UNIX, SOCK_DGRAM)"], "s", "in"),
    "a listener, for writing": (["a s = socket(AF_INET, SOCK_STREAM)", "a listen(s, 1)"], "s", "out"),
    "an unlinked FIFO": (['a mkfifo("box")', 'a s = open("box", O_RDWR)', 'a unlink("box")'], "s", "in"),
    "an unlinked queue": (QUEUE, "q", "in"),
    "a full unlinked queue": ([*QUEUE, 'a mq_send(q, "x")'], "q", "out"),
    "an eventfd": (["a s = eventfd(0)"], "s", "in"),
    "a full eventfd": (["a s = eventfd(0)", "a eventfd_write(s, -2)"], "s", "out"),
    "a timerfd that is off": (["a s = timerfd_create()"], "s", "in"),
    "a timerfd, for writing": (["a s = timerfd_create()", "a timerfd_settime(s, 20)"], "s", "out"),
    "a signalfd of nothing": (["a s = signalfd(-1, 0)"], "s", "in"),
    "a pipe": (["a pipe(p)"], "p[0]", "in"),
}


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("case", NEVER)
def test_never(lab, world, case, call):
    made, fd, way = NEVER[case]
    r = wait_in(lab, ["spawn a other", *made], call, fd, way).ok()
    assert verdicts(r) == [("never", ["a"])], r


@pytest.mark.parametrize("case", NEVER)
def test_not_never_while_another_has_it(lab, world, case):
    """A child has all that its parent had: it could bring, shut down, or change what is missing."""
    made, fd, way = NEVER[case]
    r = wait_in(lab, ["spawn a other", *made, "a fork(b)"], "poll", fd, way).ok()
    if case == "a timerfd, for writing":
        assert verdicts(r) == [("never", ["a"])], "it never is ready so, whoever has it"
        return
    assert not verdicts(r) and "b" in facts(r)["could"], r


@pytest.mark.parametrize("made, fd", [([PAIR], "sv[0]"), (["a s = socket(AF_UNIX, SOCK_DGRAM)"], "s")], ids=["pair", "no name"])
def test_recv_of_an_end_that_others_share(lab, world, made, fd):
    """As long as another process has this end, it can shut it down, which is end of file."""
    r = lab.run(["spawn a", *made, "a fork(b)", *(["b close(sv[1])"] if fd == "sv[0]" else []), f"a recv({fd}, buf)",
                 f"b shutdown({fd}, SHUT_RD)"])  # fmt: skip
    assert not r.find("verdict") and r.returns("recv") == [0] and r.status == 0, r
    r = lab.run(["spawn a other", *made, f"a recv({fd}, buf)"]).ok()
    assert verdicts(r) == [("never", ["a"])]


def test_never_after_the_name_is_gone(lab, world):
    """What anybody could have opened until now."""
    r = lab.run(["spawn a other", 'a mkfifo("box")', 'a s = open("box", O_RDWR)', "a read(s, buf, 8)"]).ok()
    assert not verdicts(r)
    r = lab.run(["spawn a", 'a mkfifo("box")', 'a s = open("box", O_RDWR)', "a fork(b)", "b close(s)", "a read(s, buf, 8)",
                 'b unlink("box")']).ok()  # fmt: skip
    assert verdicts(r) == [("never", ["a"])]


# ---- Signals, processes, queues --------------------------------------------------------------------


@pytest.mark.parametrize("call", CALLS)
def test_signalfd_names_the_signal_and_who_could_send_it(lab, world, call):
    lines = ["spawn a b", "a sigprocmask(SIG_BLOCK, SIGUSR1)", "a s = signalfd(-1, 0, SIGUSR1)"]
    r = wait_in(lab, lines, call, "s", after=["b kill(a, SIGUSR1)"]).ok()
    f = facts(r)
    assert "b kill(a, SIGUSR1)" in f["next"] and any("SIGUSR1" in text for text in [f["waits"], *f["says"]])
    assert r.one("exit", actor="a", call=call)["by"] == r.one("exit", call="kill")["step"]


@pytest.mark.parametrize("call", CALLS)
def test_pidfd_names_the_process(lab, world, call):
    r = wait_in(lab, ["spawn a b", "a s = pidfd_open(b)"], call, "s", after=["b exit(0)"]).ok()
    f = facts(r)
    assert f["could"] == ["b"] and "b exit(0)" in f["next"]


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("way", ["in", "out"])
def test_queue_names_who_has_it_open(lab, world, call, way):
    lines = ["spawn a b", f'a q = mq_open("{NAME}", O_CREAT|O_RDWR, 0600, 1, 8)', f'b q = mq_open("{NAME}", O_RDWR)']
    lines += ['a mq_send(q, "x")'] if way == "out" else []
    end = "b mq_receive(q, buf)" if way == "out" else 'b mq_send(q, "x")'
    r = wait_in(lab, lines, call, "q", way, after=[end]).ok()
    f = facts(r)
    assert f["could"] == ["b"] and any(n.startswith("b mq_receive(3" if way == "out" else "b mq_send(3") for n in f["next"]), f
    assert r.one("exit", actor="a", call=call)["by"] == r.last("enter", actor="b")["step"]


# ---- Many ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("n", [33, 400])
def test_no_limit_of_descriptors(lab, world, n):
    """All that an epoll watches count, the last as the first."""
    lines = ["spawn a c", "a ep = epoll_create1()"]
    for i in range(n):
        lines += ["a e = eventfd(0)", "a epoll_ctl(ep, EPOLL_CTL_ADD, e, EPOLLIN)"]
    r = lab.run([*lines, "a epoll_wait(ep, ev)"]).ok()
    assert verdicts(r) == [("never", ["a"])]
    assert r.last("block")["state"]["watched"] == n
    r = lab.run([*lines, "a pipe(p)", "a epoll_ctl(ep, EPOLL_CTL_ADD, p[0], EPOLLIN)", "a fork(b)", "b close(ep)",
                 *[f"b close({4 + i})" for i in range(n)], "a epoll_wait(ep, ev)", "why --json a", 'b write(p[1], "x")']).ok()  # fmt: skip
    assert not verdicts(r) and facts(r)["could"] == ["b"], "only the last could become ready"
    assert r.one("exit", call="epoll_wait")["by"] == r.one("exit", call="write")["step"]
