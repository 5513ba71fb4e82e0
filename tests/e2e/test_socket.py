# SPDX-License-Identifier: GPL-3.0-or-later
"""Sockets of every family and type: connections, data, ends, full buffers, and every wait."""

import itertools
import os

import pytest

# In a shared world the ports are the machine's, where the last test's connections linger.
PORTS = itertools.count(os.getpid() * 37 % 20000)


def fresh(address):
    """The address with a port that no other test has had."""
    return address.replace("500", str(1000 + next(PORTS) % 2000)) if ":500" in address else address


FAMILIES = {
    "tcp": ("AF_INET, SOCK_STREAM", "127.0.0.1:5001"),
    "tcp6": ("AF_INET6, SOCK_STREAM", "[::1]:5001"),
    "unix": ("AF_UNIX, SOCK_STREAM", "door"),
    "abstract": ("AF_UNIX, SOCK_STREAM", "@ipclab-door"),
    "seqpacket": ("AF_UNIX, SOCK_SEQPACKET", "@ipclab-packets"),
}
DATAGRAMS = {
    "udp": ("AF_INET, SOCK_DGRAM", "127.0.0.1:5002"),
    "udp6": ("AF_INET6, SOCK_DGRAM", "[::1]:5002"),
    "dgram": ("AF_UNIX, SOCK_DGRAM", "@ipclab-box"),
}


@pytest.fixture(params=FAMILIES)
def stream(request):
    family, address = FAMILIES[request.param]
    return family, fresh(address)


@pytest.fixture(params=DATAGRAMS)
def datagram(request):
    family, address = DATAGRAMS[request.param]
    return family, fresh(address)


def connected(family, address):
    return ["spawn server client", f"server s = socket({family})", f'server bind(s, "{address}")', "server listen(s, 4)",
            "server c = accept(s)", f"client s = socket({family})", f'client connect(s, "{address}")']


def pair(kind="SOCK_STREAM"):
    return ["spawn a", f"a socketpair(AF_UNIX, {kind}, 0, sv)", "a fork(b)", "a close(sv[1])", "b close(sv[0])"]


def by(r, call, actor):
    return r.last("exit", call=call, actor=actor).get("by")


# ---- Connections ---------------------------------------------------------------------------------


def test_accept_waits_for_connect(lab, world, stream):
    r = lab.twice(connected(*stream)).ok()
    block = r.one("block", call="accept")
    assert (block["actor"], block["why"]) == ("server", "no connection")
    assert by(r, "accept", "server") == r.one("exit", call="connect")["step"]
    assert r.one("exit", call="accept")["created"]


def test_data_both_ways_and_end_of_file(lab, world, stream):
    r = lab.twice(connected(*stream) + ["server recv(c, buf)", 'client send(s, "hello")', 'server write(c, "you")',
                                        "client read(s, buf, 64)", "server recv(c, buf)", "client close(s)"]).ok()
    first, last = r.find("exit", call="recv")
    assert first["out"]["buf"] == "hello" and first["by"] == r.one("exit", call="send")["step"]
    assert r.one("exit", call="read")["out"]["buf"] == "you"
    assert last["ret"] == 0 and last["by"] == r.one("exit", call="close")["step"]
    block = r.find("block", call="recv")[0]
    assert block["why"] == "empty"


def test_shutdown_ends_one_direction(lab, world, stream):
    r = lab.run(connected(*stream) + ["server recv(c, buf)", "client shutdown(s, SHUT_WR)", 'server send(c, "still")',
                                      "client recv(s, buf)"]).ok()
    assert r.returns("recv", "server") == [0] and by(r, "recv", "server") == r.one("exit", call="shutdown")["step"]
    assert r.one("exit", call="recv", actor="client")["out"]["buf"] == "still"


def test_death_of_the_peer_is_end_of_file(lab, world, stream):
    r = lab.run(connected(*stream) + ["server recv(c, buf)", "client exit(0)"]).ok()
    assert r.returns("recv") == [0]


def test_streams_have_no_borders_and_packets_have(lab, world):
    for kind, pieces in (("SOCK_STREAM", ["onetwo"]), ("SOCK_SEQPACKET", ["one", "two"]), ("SOCK_DGRAM", ["one", "two"])):
        r = lab.run(pair(kind) + ['a send(sv[0], "one")', 'a send(sv[0], "two")'] + ["b recv(sv[1], buf)"] * len(pieces)).ok()
        assert [e["out"]["buf"] for e in r.find("exit", call="recv")] == pieces


def test_full_backlog(lab, world):
    r = lab.run(["spawn srv a b", "srv s = socket(AF_UNIX, SOCK_STREAM)", 'srv bind(s, "door")', "srv listen(s, 0)",
                 "a s = socket(AF_UNIX, SOCK_STREAM)", 'a connect(s, "door")', "b s = socket(AF_UNIX, SOCK_STREAM)",
                 'b connect(s, "door")', "srv accept(s)"]).ok()
    assert r.one("block", call="connect")["why"] == "queue full"
    assert by(r, "connect", "b") == r.one("exit", call="accept")["step"]


# ---- Datagrams -----------------------------------------------------------------------------------


def test_datagrams(lab, world, datagram):
    family, address = datagram
    r = lab.twice(["spawn a b", f"a s = socket({family})", f'a bind(s, "{address}")', f"b s = socket({family})",
                   "a recvfrom(s, buf)", f'b sendto(s, "first", "{address}")', f'b sendto(s, "second", "{address}")',
                   "a recv(s, buf, 3)"]).ok()
    assert r.one("exit", call="recvfrom")["out"]["buf"] == "first"
    assert by(r, "recvfrom", "a") == r.find("exit", call="sendto")[0]["step"]
    assert r.one("exit", call="recv")["out"]["buf"] == "sec"


# ---- Full buffers --------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["socketpair", "tcp"])
def test_full_buffer(lab, world, how):
    big = 4_000_000
    lines = pair() if how == "socketpair" else connected(FAMILIES["tcp"][0], fresh(FAMILIES["tcp"][1]))
    sender, fd, receiver, rfd = ("a", "sv[0]", "b", "sv[1]") if how == "socketpair" else ("client", "s", "server", "c")
    lines += [f"{sender} char big[{big}]", f"{sender} send({fd}, big, {big})",
              f"{receiver} char room[{big}]", f"{receiver} recv({rfd}, room, {big}, MSG_WAITALL)"]
    r = lab.run(lines)
    assert r.status == 0, r
    assert r.one("block", call="send")["why"] == "full"
    assert r.one("exit", call="send")["ret"] == big and r.one("exit", call="recv")["ret"] == big


def test_nonblocking_and_timed_forms(lab, world):
    r = lab.run(pair() + ["b recv(sv[1], buf, 8, MSG_DONTWAIT)", "b fcntl(sv[1], F_SETFL, O_NONBLOCK)",
                          "b read(sv[1], buf, 8)", "b poll(sv[1], POLLIN, 10)", "b fcntl(sv[1], F_SETFL, 0)",
                          "b setsockopt(sv[1], SOL_SOCKET, SO_RCVTIMEO, 20)", "b recv(sv[1], buf, 8)",
                          "b read(sv[1], buf, 8)"]).ok()
    assert r.returns("recv") == ["EAGAIN", "EAGAIN"]
    assert r.returns("read") == ["EAGAIN", "EAGAIN"]
    assert r.returns("poll") == [0]
    assert not r.find("verdict")


# ---- Descriptors and credentials -----------------------------------------------------------------


def test_a_descriptor_travels(lab, world):
    r = lab.twice(pair() + ["b recvmsg(sv[1], buf, 16)", "a pipe(p)", 'a sendmsg(sv[0], "here", p[0])', "a close(p[0])",
                            'a write(p[1], "through")', "b read(4, buf, 16)"])
    assert r.status == 0, r
    got = r.one("exit", call="recvmsg")
    assert got["facts"]["fd"] == 3 or got["facts"]["fd"] == 5, got
    assert got["by"] == r.one("exit", call="sendmsg")["step"]


def test_no_never_while_the_other_end_travels(lab, world):
    lines = pair() + ["a pipe(p)", 'a sendmsg(sv[0], "end", p[1])', "a fork(c)", "c close(p[1])", "a close(p[1])",
                      "c read(p[0], buf, 4)"]
    r = lab.run(lines).ok()
    assert r.one("block", call="read") and not r.find("verdict")
    r = lab.run(lines + ["b recvmsg(sv[1], buf, 16)", "b close(5)", "b close(3)", "b close(2)"])
    assert r.one("exit", call="recvmsg")["ret"] == 3


def test_descriptors_do_not_go_through_udp(lab, world):
    r = lab.run(["spawn a", "a s = socket(AF_INET, SOCK_DGRAM)", "a pipe(p)", 'a connect(s, "127.0.0.1:5998")',
                 'a sendmsg(s, "x", p[0])']).ok()
    assert "AF_UNIX" in r.one("exit", call="sendmsg")["note"][0]


def test_credentials(lab, world):
    r = lab.run(pair() + ["b setsockopt(sv[1], SOL_SOCKET, SO_PASSCRED, 1)", 'a sendmsg(sv[0], "me")',
                          "b recvmsg(sv[1], buf, 16)", "b getsockopt(sv[1], SOL_SOCKET, SO_PEERCRED)"]).ok()
    assert r.one("exit", call="recvmsg")["facts"]["sender"] == "a"
    assert r.one("exit", call="getsockopt")["facts"]["peer"] == "a"


# ---- Errors --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "lines, call, error",
    [
        (["a s = socket(AF_INET, SOCK_STREAM)", 'a connect(s, "127.0.0.1:5999")'], "connect", "ECONNREFUSED"),
        (["a s = socket(AF_UNIX, SOCK_STREAM)", 'a connect(s, "nobody")'], "connect", "ENOENT"),
        (["a s = socket(AF_INET, SOCK_STREAM)", 'a connect(s, "no address")'], "connect", "EINVAL"),
        (["a s = socket(AF_INET, SOCK_STREAM)", 'a bind(s, "8.8.8.8:53")'], "bind", "EADDRNOTAVAIL"),
        (["a s = socket(AF_INET, SOCK_STREAM)", 'a bind(s, "127.0.0.1:5001")', "a listen(s)",
          "a t = socket(AF_INET, SOCK_STREAM)", 'a bind(t, "127.0.0.1:5001")'], "bind", "EADDRINUSE"),
        (["a s = socket(AF_UNIX, SOCK_STREAM)", 'a bind(s, "x")', "a t = socket(AF_UNIX, SOCK_STREAM)", 'a bind(t, "x")'],
         "bind", "EADDRINUSE"),
        (["a s = socket(AF_UNIX, SOCK_STREAM)", 'a bind(s, "' + "x" * 120 + '")'], "bind", "ENAMETOOLONG"),
        (["a s = socket(AF_INET, SOCK_DGRAM)", "a listen(s)"], "listen", "EOPNOTSUPP"),
        (["a s = socket(AF_INET, SOCK_STREAM)", "a accept(s)"], "accept", "EINVAL"),
        (["a pipe(p)", "a accept(p[0])"], "accept", "ENOTSOCK"),
        (["a accept(99)"], "accept", "EBADF"),
        (["a s = socket(AF_INET, SOCK_STREAM)", "a shutdown(s, SHUT_RDWR)"], "shutdown", "ENOTCONN"),
        (["a s = socket(AF_INET, SOCK_STREAM)", "a getpeername(s)"], "getpeername", "ENOTCONN"),
        (["a s = socket(AF_INET, SOCK_DGRAM)", 'a send(s, "x")'], "send", "EDESTADDRREQ"),
        (["a socketpair(AF_UNIX, SOCK_STREAM, 0, sv)", "a close(sv[1])", 'a send(sv[0], "x", 1, MSG_NOSIGNAL)'], "send", "EPIPE"),
        (["a s = socket(AF_UNIX, 9)"], "socket", "ESOCKTNOSUPPORT"),
        (["a s = socket(AF_UNIX, 77)"], "socket", "EINVAL"),
        (["a socketpair(AF_INET, SOCK_STREAM, 0, sv)"], "socketpair", "EOPNOTSUPP"),
        (["a s = socket(AF_INET, SOCK_STREAM)", "a getsockopt(s, IPPROTO_TCP, 77)"], "getsockopt", "ENOPROTOOPT"),
    ],
)
def test_errors(lab, world, lines, call, error):
    r = lab.run(["spawn a", *lines]).ok()
    assert r.returns(call)[-1] == error


def test_sigpipe(lab, world):
    r = lab.run(["spawn a", "a socketpair(AF_UNIX, SOCK_STREAM, 0, sv)", "a close(sv[1])", 'a send(sv[0], "x")']).ok()
    assert r.one("process", what="killed")["sig"] == "SIGPIPE"


# ---- Ways out of a wait, and verdicts ------------------------------------------------------------


@pytest.mark.parametrize("call", ["accept", "recv", "recvfrom", "recvmsg"])
def test_interrupt_and_verdicts(lab, world, call):
    start = connected(*FAMILIES["unix"])[:4] if call == "accept" else pair()
    who, line = ("server", "accept(s)") if call == "accept" else ("a", f"{call}(sv[0], buf)")
    r = lab.run(start + [f"{who} {line}", f"interrupt {who}"]).ok()
    assert r.returns(call) == ["EINTR"]
    assert not r.find("verdict")


def test_both_receive_first_is_stuck(lab, world):
    r = lab.run(pair() + ["a recv(sv[0], buf)", "b recv(sv[1], buf)"])
    assert r.status == 4
    assert r.one("verdict")["kind"] == "stuck"


def test_own_other_end_is_never(lab, world):
    r = lab.run(["spawn a z", "a socketpair(AF_UNIX, SOCK_STREAM, 0, sv)", "a recv(sv[0], buf)", "z getpid()"]).ok()
    verdict = r.one("verdict")
    assert verdict["kind"] == "never" and verdict["actors"] == ["a"]


def test_kill_while_waiting(lab, world):
    r = lab.run(pair() + ["a fork(c)", "b recv(sv[1], buf)", "a close(sv[0])",
                          'c execve("/bin/sh", "sh", "-c", "exit 3")', "wait"])
    assert r.returns("recv") == [0], "the last other end went with the program"


def test_replays_the_same(lab, world, stream):
    r = lab.run(connected(*stream) + ["server recv(c, buf)", 'client send(s, "hello")', "client close(s)"]).ok()
    assert lab.call("replay", "--trust", r.trace).status == 0


# ---- Who holds what a wait needs ------------------------------------------------------------------


def held(r, call, actor):
    return [(h["actor"], h["fd"], h["mode"]) for h in r.last("block", call=call, actor=actor).get("holders", ())]


def test_the_holders_are_those_of_the_other_end(lab, world, stream):
    r = lab.run([*connected(*stream), "client fork(twin)", "server recv(c, buf)"], world=world)
    assert held(r, "accept", "server") == []
    assert held(r, "recv", "server") == [("client", 3, "u"), ("twin", 3, "u")]


def test_a_full_stream_names_who_could_receive(lab, world):
    r = lab.run([*pair(), "a setsockopt(sv[0], SOL_SOCKET, SO_SNDBUF, 1)", "a char big[9000]", "a send(sv[0], big, 9000)"], world=world)
    assert held(r, "send", "a") == [("b", 4, "u")]


def test_a_full_queue_names_who_could_accept(lab, world):
    """Of two listeners the one that was meant."""
    lines = ["spawn other server client"]
    for name, who in (("@ipclab-o", "other"), ("@ipclab-s", "server")):
        lines += [f"{who} s = socket(AF_UNIX, SOCK_STREAM)", f'{who} bind(s, "{name}")', f"{who} listen(s, 0)",
                  "client s = socket(AF_UNIX, SOCK_STREAM)", f'client connect(s, "{name}")']
    lines += ["client s = socket(AF_UNIX, SOCK_STREAM)", 'client connect(s, "@ipclab-s")', "why client"]
    r = lab.run(lines, world=world)
    assert held(r, "connect", "client") == [("server", 3, "u")]


def test_a_full_box_names_who_could_receive(lab, world):
    lines = ["spawn a b", "a s = socket(AF_UNIX, SOCK_DGRAM)", 'a bind(s, "@ipclab-full")', "b s = socket(AF_UNIX, SOCK_DGRAM)"]
    lines += ["b setsockopt(s, SOL_SOCKET, SO_SNDBUF, 1)"] + 7 * ['b sendto(s, "x", "@ipclab-full")']
    r = lab.run(lines, world=world)
    assert held(r, "sendto", "b") == [("a", 3, "u")]


def test_what_travels_is_not_what_is_waited_for(lab, world):
    """A send of a descriptor waits for room in the socket, whatever it sends."""
    lines = ["a pipe(p)", "a setsockopt(sv[0], SOL_SOCKET, SO_SNDBUF, 1)", "a char big[9000]",
             "a send(sv[0], big, 9000, MSG_DONTWAIT)", 'a sendmsg(sv[0], "x", p[1])']
    r = lab.run([*pair(), *lines], world=world)
    block = r.last("block", call="sendmsg", actor="a")
    assert block["obj"] == "socket#1" and block["why"] == "full" and held(r, "sendmsg", "a") == [("b", 4, "u")]


@pytest.mark.parametrize("how", ["recv(sv[0], buf)", "close(sv[0])", "shutdown(sv[0], SHUT_RD)\na exit(0)"])
def test_what_nobody_takes_goes_with_its_message(lab, world, how):
    """The last write end was in a message: with it goes the pipe, and its reader is woken."""
    lines = ["b pipe(p)", 'b sendmsg(sv[1], "x", p[1])', "b close(p[1])", "b read(p[0], buf, 3)"]
    lines += [f"a {line}".replace("a a ", "a ") for line in how.split("\n")]
    r = lab.run([*pair(), *lines], world=world)
    woken = r.last("exit", call="read", actor="b")
    assert woken["ret"] == 0 and woken["by"] == r.find("enter")[-1]["step"]


RING = ['a sendmsg(sv[0], "x", sv[0], p[1])', 'a sendmsg(sv[1], "y", sv[1])']
NESTED = ["a socketpair(AF_UNIX, SOCK_STREAM, 0, in)", 'a sendmsg(in[0], "z", p[1])', "a close(in[0])",
          'a sendmsg(sv[0], "x", sv[0], in[1])', 'a sendmsg(sv[1], "y", sv[1])', "a close(in[1])"]


@pytest.mark.parametrize("ring", [RING, NESTED])
def test_sockets_lost_in_each_other_close_what_is_in_them(lab, world, ring):
    """The kernel finds such rings when it likes; here the step that closes them wakes the reader."""
    lines = ["spawn a", "a pipe(p)", "a fork(b)", "b close(p[1])", "b read(p[0], buf, 10)", "a socketpair(AF_UNIX, SOCK_STREAM, 0, sv)"]
    r = lab.run([*lines, *ring, "a close(p[1])", "a close(sv[0])", "a close(sv[1])"], world=world)
    woken = r.one("exit", call="read", actor="b")
    assert woken["ret"] == 0 and woken["by"] == r.find("enter")[-1]["step"]


def test_no_never_while_a_descriptor_waits_to_be_accepted(lab, world):
    lines = ["spawn a b", "a s = socket(AF_UNIX, SOCK_STREAM)", 'a bind(s, "@ipclab-late")', "a listen(s)", "b pipe(p)",
             "b c = socket(AF_UNIX, SOCK_STREAM)", 'b connect(c, "@ipclab-late")', 'b sendmsg(c, "x", p[1])', "b read(p[0], buf, 3)"]
    r = lab.run(lines, world=world)
    assert r.one("block", call="read", actor="b") and not r.find("verdict")
    r = lab.run([*lines, "a accept(s)", "a recv(4, buf)"], world=world)
    assert [(v["kind"], v["actors"]) for v in r.find("verdict")] == [("never", ["b"])]


def test_small_sends_by_tcp_arrive_in_their_steps(lab, world):
    """After some time TCP holds the second of two small ones back until the first is acknowledged,
    which the other side puts off: it is there when the step is over nevertheless."""
    address = fresh("127.0.0.1:5001")
    lines = connected("AF_INET, SOCK_STREAM", address)
    for _ in range(16):
        lines += ['client send(s, "x")', 'client send(s, "y")', 'client send(s, "z")', "server recv(c, buf)"]
    r = lab.run(lines, world=world).ok()
    assert [e["ret"] for e in r.find("exit", call="recv")] == [3] * 16 and not r.find("block", call="recv")


@pytest.mark.parametrize("call", ["recv", "recvfrom", "recvmsg"])
@pytest.mark.parametrize("kind", ["SOCK_DGRAM", "SOCK_SEQPACKET", "SOCK_STREAM"])
def test_what_of_a_message_does_not_fit_is_lost_and_said(lab, world, call, kind):
    r = lab.run(pair(kind) + ['b send(sv[1], "0123456789")', f"a {call}(sv[0], buf, 4)", f"a {call}(sv[0], buf, 4, MSG_DONTWAIT)"]).ok()
    first, second = r.find("exit", call=call)
    assert first["ret"] == 4 and first["out"]["buf"] == "0123"
    if kind == "SOCK_STREAM":
        assert "note" not in first and second["out"]["buf"] == "4567"
    else:
        assert "had 10 bytes" in first["note"][0] and "(6 B) is lost" in first["note"][0]
        assert second["errno"] == "EAGAIN"


def test_a_look_at_a_message_loses_nothing(lab, world):
    r = lab.run(pair("SOCK_DGRAM") + ['b send(sv[1], "0123456789")', "a recv(sv[0], buf, 4, MSG_PEEK)",
                                      "a recv(sv[0], buf, 4, MSG_TRUNC)"]).ok()
    look, real = r.find("exit", call="recv")
    assert look["ret"] == 4 and "note" not in look
    assert real["ret"] == 10 and "lost" in real["note"][0]


def test_why_a_datagram_can_be_sent_to_a_name(lab, world, datagram):
    """The line that `why` offers ends the wait."""
    family, address = datagram
    lines = ["spawn a b", f"a s = socket({family})", f'a bind(s, "{address}")', "a recv(s, buf)", "why a"]
    told = [s for s in lab.run(lines).ok().stdout.split("\n") if "Next: " in s][0].split("Next: ")[1]
    assert told == f'b sendto(socket({family}), "x", "{address}")'
    r = lab.run(lines + [told]).ok()
    assert by(r, "recv", "a") == r.one("exit", call="sendto")["step"]


def test_why_a_connected_datagram_socket_hears_only_its_peer(lab, world):
    mine, other = fresh("127.0.0.1:5002"), fresh("127.0.0.1:5002")
    r = lab.run(["spawn a b", "a s = socket(AF_INET, SOCK_DGRAM)", f'a bind(s, "{mine}")', f'a connect(s, "{other}")',
                 "a recv(s, buf)", "why a", f'b sendto(socket(AF_INET, SOCK_DGRAM), "x", "{mine}")']).ok()
    assert f"only what comes from {other} reaches it" in " ".join(r.stdout.split())
    assert r.find("exit", call="recv") == [] and "any process may send" not in r.stdout


@pytest.mark.parametrize("family, address, word", [
    ("AF_UNIX, SOCK_STREAM", "door", "file"), ("AF_UNIX, SOCK_STREAM", "@taken", "abstract"),
    ("AF_INET, SOCK_DGRAM", "127.0.0.1:5003", "port"), ("AF_INET, SOCK_STREAM", "127.0.0.1:5003", "TIME_WAIT"),
])  # fmt: skip
def test_what_has_the_address(lab, world, family, address, word):
    """Of each family in its own words: files are of Unix sockets only, lingering connections of TCP."""
    address = fresh(address) + (str(os.getpid()) if address[0] == "@" else "")
    r = lab.run(["spawn a", f"a s = socket({family})", f'a bind(s, "{address}")', *(["a listen(s, 1)"] if "STREAM" in family else []),
                 f"a t = socket({family})", f'a bind(t, "{address}")'])  # fmt: skip
    assert r.returns("bind") == [0, "EADDRINUSE"]
    notes = " ".join(r.last("exit", call="bind")["note"])
    assert word in notes and [w for w in ("file", "TIME_WAIT") if w in notes] == [w for w in ("file", "TIME_WAIT") if w == word]
