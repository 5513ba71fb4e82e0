# SPDX-License-Identifier: GPL-3.0-or-later
"""Hosts: networks of their own in one world, addresses that are real, a cable that can be pulled, and
what the kernel does then. Nothing of them is left."""

import json
import os
import random
import re
import subprocess
import time

import pytest

import leftovers
from live import Live, children, descendants, is_gone

IPV4 = ("AF_INET", "10.0.0.1", "10.0.0.2", "127.0.0.1:5001")
IPV6 = ("AF_INET6", "[fd00::1]", "[fd00::2]", "[::1]:5001")


def may_make_networks():
    """Without a user namespace, as a shared world has to."""
    return subprocess.run(["unshare", "-n", "true"], capture_output=True, check=False).returncode == 0


@pytest.fixture(autouse=True)
def possible(request):
    if "world" in request.fixturenames and request.getfixturevalue("world") == "shared" and not may_make_networks():
        pytest.skip("this user may not make network namespaces")


@pytest.fixture(params=["ipv4", "ipv6"])
def family(request):
    return IPV4 if request.param == "ipv4" else IPV6


PAIR = ["spawn server on host1", "spawn client on host2"]


def connected(domain="AF_INET"):
    return PAIR + [f"server s = socket({domain}, SOCK_STREAM)", 'server bind(s, "host1:5001")', "server listen(s)",
                   "server c = accept(s)", f"client s = socket({domain}, SOCK_STREAM)", 'client connect(s, "host1:5001")']


def letters(domain="AF_INET"):
    return PAIR + [f"server s = socket({domain}, SOCK_DGRAM)", 'server bind(s, "host1:5002")',
                   f"client s = socket({domain}, SOCK_DGRAM)"]


# ---- Addresses -----------------------------------------------------------------------------------


def test_addresses_are_real(lab, world, family):
    domain, first, second, _ = family
    r = lab.twice(connected(domain) + ["client getsockname(s)", "client getpeername(s)", "server getpeername(c)"]).ok()
    assert r.one("exit", call="bind")["facts"]["address"] == f"{first}:5001"
    assert r.one("exit", call="connect")["facts"]["address"] == f"{first}:5001"
    assert r.one("exit", call="accept")["facts"]["from"] == f"{second}:*"
    assert r.one("exit", call="getsockname")["facts"]["address"] == f"{second}:*"
    assert [e["facts"]["address"] for e in r.find("exit", call="getpeername")] == [f"{first}:5001", f"{second}:*"]
    assert r.last("exit", call="accept")["by"] == r.one("exit", call="connect")["step"]
    assert r.one("host", host="host1")["addresses"] == ["10.0.0.1", "fd00::1"]
    assert [e["host"] for e in r.find("process", what="spawn")] == ["host1", "host2"]


def test_numbers_do_as_well_as_names(lab, world, family):
    domain, first, _, _ = family
    r = lab.run([line.replace("host1:", f"{first}:") for line in connected(domain)]).ok()
    assert r.returns("connect") == [0] and "facts" not in r.one("exit", call="connect")


def test_a_program_sees_the_same(lab, world):
    r = lab.run([*PAIR, 'client execve("/bin/cat", "cat", "/proc/net/fib_trie", "/proc/net/dev")', "wait"]).ok()
    text = "".join(e["text"] for e in r.find("output", actor="client"))
    assert "10.0.0.2" in text and "10.0.0.1" not in text and "eth0" in text


def test_data_and_end_of_file(lab, world, family):
    r = lab.twice(connected(family[0]) + ["server recv(c, buf)", 'client send(s, "hello")', "client recv(s, buf)",
                                          'server send(c, "you")', "server recv(c, buf)", "client close(s)"]).ok()
    assert [e.get("out", {}).get("buf") for e in r.find("exit", call="recv")] == ["hello", "you", None]
    assert [e["why"] for e in r.find("block", call="recv")] == ["empty"] * 3
    assert not any(e.get("later") for e in r.find("block"))
    assert [e["by"] for e in r.find("exit", call="recv")] == [e["step"] for e in r.events if e["ev"] == "exit" and
                                                             e["call"] in ("send", "close")]


def test_the_same_port_on_both_hosts(lab, world, family):
    r = lab.run([*PAIR, f"server,client s = socket({family[0]}, SOCK_STREAM)", 'server,client bind(s, "*:5001")',
                 "server,client listen(s)", f"server t = socket({family[0]}, SOCK_STREAM)", 'server bind(t, "*:5001")']).ok()
    assert r.returns("bind") == [0, 0, "EADDRINUSE"]


def test_an_address_is_of_its_host(lab, world):
    r = lab.run([*PAIR, "client s = socket(AF_INET, SOCK_STREAM)", 'client bind(s, "host1:5001")', 'client bind(s, "host2:5001")'])
    assert r.returns("bind") == ["EADDRNOTAVAIL", 0]


def test_loopbacks_are_apart(lab, world, family):
    domain, _, _, local = family
    r = lab.run([*PAIR, f"server s = socket({domain}, SOCK_STREAM)", f'server bind(s, "{local}")', "server listen(s)",
                 "server fork(child)", f"child t = socket({domain}, SOCK_STREAM)", f'child connect(t, "{local}")',
                 f"client t = socket({domain}, SOCK_STREAM)", f'client connect(t, "{local}")']).ok()
    assert r.returns("connect", "child") == [0] and r.returns("connect", "client") == ["ECONNREFUSED"]
    assert r.one("process", what="fork")["host"] == "host1"


def test_abstract_names_are_of_the_network_and_paths_of_all(lab, world):
    r = lab.run([*PAIR, "server s = socket(AF_UNIX, SOCK_STREAM)", 'server bind(s, "@ipclab-hosts")', "server listen(s)",
                 "client t = socket(AF_UNIX, SOCK_STREAM)", 'client connect(t, "@ipclab-hosts")',
                 "server p = socket(AF_UNIX, SOCK_STREAM)", 'server bind(p, "door")', "server listen(p)",
                 'client connect(t, "door")', "server c = accept(p)", "server recv(c, buf)", 'client send(t, "x")']).ok()
    assert r.returns("connect") == ["ECONNREFUSED", 0]
    assert r.one("exit", call="recv")["out"]["buf"] == "x"
    assert r.one("block", call="recv")["holders"] == [{"actor": "client", "fd": 3, "mode": "u"}]


def test_all_else_is_shared(lab, world):
    r = lab.run([*PAIR, "server id = shmget(5678, 27, IPC_CREAT|0666)", "client shmget(5678, 27, 0666)",
                 "client kill(server, SIGTERM)"]).ok()
    assert r.returns("shmget")[0] == r.returns("shmget")[1]
    assert r.one("process", what="killed")["actor"] == "server"


def test_who_is_on_no_host(lab, world):
    r = lab.run([*PAIR, "spawn lone", "server s = socket(AF_INET, SOCK_STREAM)", 'server bind(s, "*:5001")', "server listen(s)",
                 "lone s = socket(AF_INET, SOCK_STREAM)", 'lone connect(s, "host1:5001")']).ok()
    if world == "sealed":
        assert r.returns("connect") == ["ENETUNREACH"]
        assert "on no host" in r.one("exit", call="connect")["note"][0]
    assert "host" not in r.one("process", actor="lone")


def test_errors_across_hosts(lab, world, family):
    domain, first, _, _ = family
    r = lab.run([*PAIR, f"client s = socket({domain}, SOCK_STREAM)", f'client connect(s, "{first}:5999")',
                 f"client u = socket({domain}, SOCK_DGRAM)", 'client connect(u, "host1:5999")', 'client send(u, "x")',
                 'client send(u, "y")']).ok()
    assert r.returns("connect") == ["ECONNREFUSED", 0]
    assert r.returns("send") == [1, "ECONNREFUSED"], "the answer to the first datagram"


def test_an_address_that_nobody_has(lab, world, family):
    domain, first, _, _ = family
    address = first.replace("1]", "77]").replace(".1", ".77")
    r = lab.run([*PAIR, f"client s = socket({domain}, SOCK_STREAM)", f'client connect(s, "{address}:5001")', "wait client"]).ok()
    block = r.one("block")
    assert block["why"] == "no host" and block["later"]
    assert r.returns("connect") == ["EHOSTUNREACH"] and not r.find("verdict")


# ---- The cable -----------------------------------------------------------------------------------


@pytest.mark.parametrize("pulled", ["host1", "host2"])
def test_tcp_sends_again(lab, world, family, pulled):
    r = lab.run(connected(family[0]) + [f"unplug {pulled}", 'client send(s, "hello")', "server recv(c, buf)",
                                          f"plug {pulled}", "wait server"]).ok()
    block = r.one("block", call="recv")
    assert block["why"] == "unplugged" and block["later"] and pulled in block["waits"]
    assert r.one("exit", call="recv")["out"]["buf"] == "hello"
    assert "by" not in r.one("exit", call="recv"), "a timer of the kernel brought it, and no step"
    assert pulled in r.one("exit", call="send")["note"][0]
    assert [e["what"] for e in r.find("host", host=pulled)] == ["made", "unplugged", "plugged"]
    assert not r.find("verdict")


def test_who_waited_before_the_cable_was_pulled(lab, world, family):
    r = lab.run(connected(family[0]) + ["server recv(c, buf)", "unplug host1", 'client send(s, "x")', "client recv(s, buf)",
                                          "plug host1", "wait server", 'server send(c, "y")']).ok()
    assert not r.find("verdict"), "both wait, and yet something is on its way"
    assert [e["out"]["buf"] for e in r.find("exit", call="recv")] == ["x", "y"]


def test_an_end_of_file_comes_late_too(lab, world, family):
    r = lab.run(connected(family[0]) + ["unplug host1", 'client send(s, "last")', "client exit(0)", "server recv(c, buf)",
                                          "plug host1", "wait server", "server recv(c, buf)", "wait server"]).ok()
    assert r.one("block", call="recv", step=r.find("enter", call="recv")[0]["step"])["later"]
    assert r.returns("recv") == [4, 0] and not r.find("verdict")


def test_connect_waits_for_the_cable(lab, world, family):
    r = lab.run(connected(family[0])[:5] + [f"client s = socket({family[0]}, SOCK_STREAM)", "unplug host1",
                                              'client connect(s, "host1:5001")', "plug host1", "wait client"]).ok()
    block = r.one("block", call="connect")
    assert (block["why"], block["later"]) == ("unplugged", True) and "host1" in block["waits"]
    assert r.returns("connect") == [0] and not r.find("verdict")


def test_connect_gives_up(lab, world, family):
    r = lab.run([*PAIR, f"client s = socket({family[0]}, SOCK_STREAM)", "client setsockopt(s, IPPROTO_TCP, TCP_SYNCNT, 1)",
                 "client setsockopt(s, IPPROTO_TCP, TCP_USER_TIMEOUT, 200)", "unplug host2", 'client connect(s, "host1:5001")',
                 "wait client"]).ok()
    assert r.returns("connect") == ["ETIMEDOUT"]


def test_a_connection_is_given_up(lab, world, family):
    r = lab.run(connected(family[0]) + ["client setsockopt(s, IPPROTO_TCP, TCP_USER_TIMEOUT, 100)", "unplug host2",
                                        'client send(s, "x")', "client recv(s, buf)", "interrupt client",
                                        "client poll(s, POLLIN, 5000)", "client recv(s, buf)"]).ok()
    assert r.returns("recv")[-1] == "ETIMEDOUT"


def test_a_full_send_queue(lab, world):
    r = lab.run(connected() + ["client setsockopt(s, SOL_SOCKET, SO_SNDBUF, 20000)", "unplug host1", "client char big[400000]",
                               "client send(s, big, 400000)", "server char room[400000]",
                               "server recv(c, room, 400000, MSG_WAITALL)", "plug host1", "wait"]).ok()
    block = r.one("block", call="send")
    assert block["why"] == "unplugged" and block["later"] and not r.find("verdict")
    assert r.returns("send") == [400000] and r.returns("recv") == [400000]


def test_udp_is_lost(lab, world, family):
    r = lab.twice(letters(family[0]) + ['client sendto(s, "one", "host1:5002")', "server recv(s, buf)", "unplug host2",
                                        'client sendto(s, "lost", "host1:5002")', "server recv(s, buf)", "plug host2",
                                        'client sendto(s, "two", "host1:5002")']).ok()
    assert r.returns("sendto") == [3, 4, 3]
    assert [e["out"]["buf"] for e in r.find("exit", call="recv")] == ["one", "two"]
    assert "lost" in r.find("exit", call="sendto")[1]["note"][0]
    assert "note" not in r.find("exit", call="sendto")[0] and "note" not in r.find("exit", call="sendto")[2]
    assert r.last("exit", call="recv")["by"] == r.last("exit", call="sendto")["step"]


def test_a_host_reaches_itself_unplugged(lab, world, family):
    r = lab.run([*PAIR, "unplug host1", f"server s = socket({family[0]}, SOCK_STREAM)", 'server bind(s, "host1:5001")',
                 "server listen(s)", "server fork(child)", f"child t = socket({family[0]}, SOCK_STREAM)",
                 'child connect(t, "host1:5001")', "server c = accept(s)", "server recv(c, buf)", 'child send(t, "x")']).ok()
    assert r.one("block", call="recv")["why"] == "empty" and r.one("exit", call="recv")["out"]["buf"] == "x"
    assert "note" not in r.one("exit", call="send")


def test_others_do_not_notice(lab, world):
    r = lab.run(connected() + ["spawn third on host3", "unplug host3", 'client send(s, "x")', "server recv(c, buf)"]).ok()
    assert r.one("exit", call="recv")["out"]["buf"] == "x" and "note" not in r.one("exit", call="send")


def test_stuck_is_said_when_nothing_is_on_its_way(lab, world, family):
    r = lab.run(connected(family[0]) + ["server recv(c, buf)", "client recv(s, buf)"])
    assert r.status == 4 and r.one("verdict")["kind"] == "stuck"
    r = lab.run(connected(family[0]) + ["unplug host1", "server recv(c, buf)", "client recv(s, buf)"])
    assert r.status == 4 and r.one("verdict")["kind"] == "stuck"
    r = lab.run(connected(family[0]) + ["unplug host1", 'client send(s, "x")', "plug host1", "server recv(c, buf)",
                                        "wait server", "server recv(c, buf)", "client recv(s, buf)"])
    assert r.status == 4 and r.one("verdict")["kind"] == "stuck", "what had been lost has arrived"


# ---- What is said --------------------------------------------------------------------------------


def why(r, actor):
    return [w for line in r.stdout.splitlines() if line.startswith("[") for w in json.loads(line) if w["actor"] == actor]


def test_why_says_what_would_help(lab):
    r = lab.run(connected() + ["server recv(c, buf)", "unplug host2", "why --json server", 'client send(s, "four")',
                               "why --json server", "plug host2"])
    before, after = why(r, "server")
    assert before["why"] == "unplugged" and "plug host2" in before["next"] and "later" not in before
    assert after["later"] and after["next"] == ["plug host2"] and any("4 bytes" in s for s in after["says"])


def test_why_of_a_connect(lab):
    r = lab.run([*PAIR, "client s = socket(AF_INET, SOCK_STREAM)", "unplug host1", 'client connect(s, "host1:5001")', "why --json",
                 "plug host1", "why --json"])
    pulled, plugged = why(r, "client")
    assert pulled["next"] == ["plug host1"] and pulled["later"]
    assert plugged["why"] == "no answer" and plugged["next"] == ["wait client"]


@pytest.mark.parametrize("bound, wanted", [("*:5001", "host1:5001"), ("host1:5001", "10.0.0.1:5001"), ("localhost:5001", None),
                                           ("@door", None), ("door", "door")])
def test_accept_names_who_gets_there(lab, bound, wanted):
    domain = "AF_INET" if ":" in bound else "AF_UNIX"
    r = lab.run([*PAIR, f"server s = socket({domain}, SOCK_STREAM)", f'server bind(s, "{bound}")', "server listen(s)",
                 "server accept(s)", "why --json"])
    lines = why(r, "server")[0]["next"]
    assert any(line.startswith(f'client connect(fd, "{wanted}")') for line in lines) == (wanted is not None), lines
    assert any("client is free" in s for s in why(r, "server")[0]["says"])


def test_ps_and_objects(lab):
    r = lab.run([*PAIR, "spawn lone", "server fork(child)", "server s = socket(AF_UNIX, SOCK_DGRAM)",
                 "lone s = socket(AF_UNIX, SOCK_DGRAM)", "unplug host2", "ps --json", "objects --json", "ps"]).ok()
    processes, objects = [json.loads(line) for line in r.stdout.splitlines() if line.startswith("[")]
    assert {p["actor"]: p.get("host") for p in processes} == {"server": "host1", "client": "host2", "lone": None, "child": "host1"}
    hosts = {o["name"]: o["state"].get("host") for o in objects if o["kind"] == "socket"}
    assert hosts == {"socket#1": "host1", "socket#2": None}
    assert re.search(r"^host2 is 10\.0\.0\.2 and fd00::2; .*unplugged$", r.stdout, re.M)


@pytest.mark.parametrize("view", ["lines", "lanes", "gutter", "svg", "mermaid", "strace", "transcript", "json"])
def test_every_view_shows_them(lab, view):
    r = lab.run(letters() + ["unplug host2", "plug host2"]).ok()
    shown = lab.call("show", r.trace, "--as", view).stdout
    for text in ("host1", "host2", "unplugged", "plugged", "10.0.0.2"):
        assert text in shown, (view, text)
    if view not in ("strace", "json"):
        assert re.search(r"on host1", shown)


def test_names_and_near_misses(lab):
    for line, words in (("unplug hots1", "did you mean host1?"), ("plug nowhere", "spawn NAME on HOST"), ("unplug", "unplug host1"),
                        ("plug host1", "plugged already"), ("spawn x on", "on"), ("spawn on", "spawn server on host1"),
                        ("spawn x on localhost", "cannot name a host"), ("spawn x on 7up", "cannot name a host"),
                        ("spawn x on Host", "cannot name a host"), ("spawn on on host1", "on"), ("spawn server on host2", "exists")):
        r = lab.run([*PAIR, line])
        assert r.status == 2 and words in r.stderr, (line, r)
    r = lab.run([*PAIR, "client s = socket(AF_INET, SOCK_STREAM)", 'client connect(s, "hots1:5001")', 'client connect(s, "x:5001")'])
    first, second = r.find("exit", call="connect")
    assert first["errno"] == second["errno"] == "EINVAL"
    assert "did you mean host1?" in first["note"][0] and "spawn NAME on HOST" in second["note"][0]


def test_there_may_be_eight(lab, world):
    lines = [f"spawn a{n} on h{n}" for n in range(1, 9)]
    udp = ["a8 s = socket(AF_INET6, SOCK_DGRAM)", 'a8 bind(s, "h8:5002")', "a1 s = socket(AF_INET6, SOCK_DGRAM)",
           "a8 recvfrom(s, buf)", 'a1 sendto(s, "far", "h8:5002")']
    r = lab.run(lines + udp).ok()
    assert r.one("exit", call="recvfrom")["facts"]["from"] == "[fd00::1]:*"
    r = lab.run([*lines, "spawn b on h1", "spawn a9 on h9"])
    assert r.status == 2 and "the limit is 8" in r.stderr


# ---- Again ---------------------------------------------------------------------------------------


def test_replays_the_same(lab, world, family):
    r = lab.run(connected(family[0]) + ["server recv(c, buf)", "unplug host1", 'client send(s, "x")', "client recv(s, buf)",
                                        "plug host1", "wait server", 'server send(c, "y")']).ok()
    assert lab.call("replay", "--trust", r.trace).status == 0


def test_undo_and_reset(lab, world):
    r = lab.run(letters() + ["unplug host1", 'client sendto(s, "lost", "host1:5002")', "undo 2",
                             'client sendto(s, "kept", "host1:5002")', "server recv(s, buf)", "reset", *letters()[:2],
                             "client s = socket(AF_INET, SOCK_DGRAM)", 'client bind(s, "host2:1024")']).ok()
    assert r.one("exit", call="recv")["out"]["buf"] == "kept"
    assert [e["addresses"][0] for e in r.find("host", what="made")] == ["10.0.0.1", "10.0.0.2"] * 2
    assert lab.call("replay", "--trust", r.trace).status == 0


def talk(rounds):
    """Two families, streams and datagrams, three hosts; whoever receives waits first."""
    lines = ["spawn server x on host1", "spawn client on host2", "spawn third on host3"]
    for domain, port, end in (("AF_INET", 5001, "4"), ("AF_INET6", 5002, "6")):
        lines += [f"server s{end} = socket({domain}, SOCK_STREAM)", f'server bind(s{end}, "host1:{port}")',
                  f"server listen(s{end})", f"server c{end} = accept(s{end})", f"client s{end} = socket({domain}, SOCK_STREAM)",
                  f'client connect(s{end}, "host1:{port}")', f"x u{end} = socket({domain}, SOCK_DGRAM)",
                  f'x bind(u{end}, "host1:{port + 10}")', f"third u{end} = socket({domain}, SOCK_DGRAM)"]
        for i in range(rounds):
            lines += [f"server recv(c{end}, buf)", f'client send(s{end}, "to {i}")', f"client recv(s{end}, buf)",
                      f'server send(c{end}, "back {i}")', f"x recv(u{end}, buf)",
                      f'third sendto(u{end}, "letter {i}", "host1:{port + 10}")']
        lines += [f"x recv(u{end}, buf)", "unplug host3", f'third sendto(u{end}, "lost", "host1:{port + 10}")', "plug host3",
                  f'third sendto(u{end}, "kept", "host1:{port + 10}")', f"server recv(c{end}, buf)", f"client close(s{end})"]
    return lines


def test_exact_under_load(lab):
    """A packet has arrived when the call that sent it returns, whatever else the processors do."""
    hogs = [subprocess.Popen(["sh", "-c", "while :; do :; done"]) for _ in range(2 * (os.cpu_count() or 1))]
    try:
        wanted = lab.run(talk(8), "--stable").ok()
        for _ in range(10):
            r = lab.run(talk(8), "--stable").ok()
            assert r.events == wanted.events
    finally:
        for hog in hogs:
            hog.kill()
            hog.wait()
    assert all(e["by"] for e in wanted.find("exit", call="recv")), "each was ended by the step before it"


# ---- Any order -----------------------------------------------------------------------------------

ROUNDS = int(os.environ.get("IPCLAB_CABLES", "6"))
FOUR = ["s0", "c0", "s1", "c1"]


def other(actor):
    return ("c" if actor[0] == "s" else "s") + actor[1]


def any_order(chance, domain):
    """Two connections between three hosts; sends, receives, plugs and idle steps in any order."""
    lines = ["spawn s0 s1 on host1", "spawn c0 on host2", "spawn c1 on host3"]
    for i in "01":
        lines += [f"s{i} l = socket({domain}, SOCK_STREAM)", f's{i} bind(l, "*:500{i}")', f"s{i} listen(l)",
                  f"s{i} c = accept(l)", f"c{i} c = socket({domain}, SOCK_STREAM)", f'c{i} connect(c, "host1:500{i}")']
    pulled = set()
    for i in range(150):
        what = chance.random()
        host = chance.choice(["host1", "host2", "host3"])
        if what < 0.35:
            lines.append(f'- {chance.choice(FOUR)} send(c, "{i:04d}")')
        elif what < 0.75:
            lines.append(f"- {chance.choice(FOUR)} recv(c, buf)")
        elif what < 0.87:
            lines.append(("plug " if host in pulled else "unplug ") + host)
            pulled ^= {host}
        elif what < 0.92:
            lines.append(f"- interrupt {chance.choice(FOUR)}")
        elif what < 0.95 and not pulled:
            lines.append("- wait")
        else:
            lines += [f"- {chance.choice(FOUR)} getpid()"] * chance.randint(1, 30)
    return lines + [f"plug {host}" for host in sorted(pulled)] + ["- wait"]


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_any_order(lab, seed):
    """Nothing is lost or changes places, nobody is called stuck while anything is on its way to one
    who waits, and after `wait` with all cables plugged nothing is."""
    r = lab.run(any_order(random.Random(seed), "AF_INET6" if seed % 2 else "AF_INET"), timeout=100)
    assert r.status in (0, 4), r
    sent, got, given, waits = dict.fromkeys(FOUR, ""), dict.fromkeys(FOUR, ""), {}, set()
    for e in r.events:
        actor = e.get("actor")
        if e["ev"] == "enter" and e["call"] == "send":
            given[actor] = e["args"][1]
        elif e["ev"] == "block":
            waits.add(actor)
        elif e["ev"] == "exit":
            waits.discard(actor)
            if e["call"] == "send":
                sent[actor] += given[actor]
            elif e["call"] == "recv" and e["ret"] > 0:
                got[actor] += e["out"]["buf"]
        elif e["ev"] == "verdict":
            assert e["kind"] == "stuck" and waits == set(FOUR), e
            assert all(sent[other(a)] == got[a] for a in FOUR), ("it was on its way", e)
    for a in FOUR:
        assert sent[other(a)].startswith(got[a]), (a, sent, got)
        assert a not in waits or sent[other(a)] == got[a], ("it never came", a, sent, got)


# ---- Labs ----------------------------------------------------------------------------------------

LAB = """local lab = require "ipclab"
return lab.orchestrated {
  id = "t", title = "t", actors = { "lone" },
  run = function(s, lone)
    local server, client = s:spawn("server", "host1"), s:spawn("client", %s)
    local to, from = server:socket("AF_INET", "SOCK_DGRAM"), client:socket("AF_INET", "SOCK_DGRAM")
    server:bind(to, "*:5002")
    local waiting = server:start("recv", to)
    s:run "unplug host2"
    client:sendto(from, "lost", "host1:5002")
    s:run "plug host2"
    s:expect("it was lost", waiting:blocked())
    client:sendto(from, "here", "host1:5002")
    s:expect("and this came", waiting:finish(2.0))
  end,
}
"""


def test_a_lab_has_hosts(lab, world):
    trace = lab.new_trace()
    r = lab.call("run", "--trace", trace, "--world", lab.world, lab.write("t.lua", LAB % '"host2"'), trace=trace).ok()
    assert [e["passed"] for e in r.find("check")] == [True, True]
    assert [e.get("host") for e in r.find("process", what="spawn")] == [None, "host1", "host2"]
    assert lab.call("replay", "--trust", trace).status == 0
    for wrong in ("7", '"host 2"', '"host2; quit"', "{}"):
        r = lab.call("run", lab.write("t.lua", LAB % wrong))
        assert r.status == 3 and "t.lua:5" in r.stderr and "name of a host" in r.stderr, r


# ---- Nothing is left -----------------------------------------------------------------------------


def network(pid):
    try:
        return os.readlink(f"/proc/{pid}/ns/net")
    except OSError:
        return None


def networks_of(pid):
    """All that the process is in or has a descriptor of."""
    found = {network(pid)}
    try:
        for fd in os.listdir(f"/proc/{pid}/fd"):
            found.add(os.readlink(f"/proc/{pid}/fd/{fd}"))
    except OSError:
        pass
    return {n for n in found if n and n.startswith("net:")}


def who_is_in(networks):
    pids = [int(p) for p in os.listdir("/proc") if p.isdigit()]
    return [(pid, n) for pid in pids for n in networks_of(pid) & networks]


def interfaces():
    return set(os.listdir("/sys/class/net"))


def ours(pid):
    """The namespaces of a session that are not the test's own."""
    found = set()
    for p in descendants(pid):
        found |= networks_of(p)
    return found - {network(os.getpid())}


@pytest.mark.serial
@pytest.mark.parametrize("victim", ["nobody", "shell", "launcher", "init", "actor"])
def test_nothing_is_left(lab, world, victim):
    if os.geteuid() != 0:
        pytest.skip("only root sees who is in which network")
    before = interfaces()
    with Live(lab) as s:
        for line in connected() + ["server recv(c, buf)", "unplug host1", 'client send(s, "on its way")']:
            s.line(line)
        networks = ours(s.pid)
        assert len(networks) >= 3, "two hosts and a switch"
        assert who_is_in(networks)
        if victim == "nobody":
            s.end()
        else:
            pid = {"shell": s.pid, "launcher": s.launcher, "init": s.init}.get(victim) or s.host("client")
            os.kill(pid, 9)
            if victim == "actor":
                s.until(lambda: is_gone(pid), "the death of the client")
                assert s.end("mark getpid()").one("process", what="killed")["actor"] == "client"
            elif victim == "shell":
                s.process.communicate()
            else:
                s.process.communicate(b"quit\n", timeout=30)
    assert leftovers.until(lambda: not who_is_in(networks), 5), who_is_in(networks)
    assert interfaces() == before, "a cable of a host in the machine's own network"


@pytest.mark.serial
@pytest.mark.parametrize("victim", ["shell", "init"])
def test_killed_while_hosts_are_made(lab, world, victim):
    if os.geteuid() != 0:
        pytest.skip("only root sees who is in which network")
    chance = random.Random(20261125)
    before = interfaces()
    lines = "".join(f"spawn a{n} on h{n}\nunplug h{n}\nplug h{n}\n" for n in range(1, 9))
    for _ in range(12):
        p = lab.popen("-q", "-k", "--world", lab.world, "-", stdin=subprocess.PIPE)
        p.stdin.write(lines.encode())
        p.stdin.flush()
        launcher = leftovers.until(lambda p=p: next(iter(children(p.pid)), None))
        init = leftovers.until(lambda launcher=launcher: next(iter(children(launcher)), None))
        end = time.monotonic() + chance.random() * 0.15
        networks = set()
        while time.monotonic() < end:
            networks |= ours(p.pid)
        os.kill(p.pid if victim == "shell" else init, 9)
        p.communicate()
        lab.forget(p)
        assert leftovers.until(lambda networks=networks: not who_is_in(networks), 5), who_is_in(networks)
    assert interfaces() == before


def test_refused_where_networks_may_not_be_made(lab, user):
    r = lab.run(["spawn a on host1"], world="shared")
    if user == "nobody" or not may_make_networks():
        assert r.status == 5 and "EPERM" in r.stderr and "sealed world" in r.stderr and "doctor" in r.stderr
        assert not r.find("process") and not r.find("host")
    else:
        r.ok()
    lab.run(["spawn a on host1"], world="sealed").ok()


def test_doctor_says_whether_there_can_be_hosts(lab, user):
    assert re.search(r"^ok +hosts ", lab.call("doctor").ok().stdout, re.M)
