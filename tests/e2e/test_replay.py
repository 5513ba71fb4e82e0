# SPDX-License-Identifier: GPL-3.0-or-later
"""ipclab replay: the lines of a trace run again, and every event compared."""

import glob
import json
import os
import signal
import subprocess

import pytest

from ipclab import ROOT, read_trace
from sessions import MANY


@pytest.fixture
def forge(lab):
    """Writes a trace whose events a function has changed, with the digest it had."""

    def write(trace, change, name="forged.trace"):
        events = read_trace(trace)
        events = change(events) or events
        return lab.write(name, "".join(json.dumps(e, separators=(",", ":")) + "\n" for e in events))

    return write


def first(events, **wanted):
    return next(e for e in events if all(e.get(k) == v for k, v in wanted.items()))


# ---- Worlds and machines -------------------------------------------------------------------------


@pytest.mark.parametrize("there", ["sealed", "shared"])
@pytest.mark.parametrize("here", ["sealed", "shared"])
def test_any_world_in_any_other(lab, there, here):
    trace = lab.run(MANY, world=there).ok().trace
    again = lab.call("replay", "--trust", "--world", here, trace).ok()
    assert again.stdout.startswith("same:"), again
    assert not again.stderr


@pytest.mark.serial
def test_undo_and_reset_in_another_world(lab):
    lines = ["spawn a", "a x = shmget(7, 9, IPC_CREAT|0600)", "a q = msgget(8, IPC_CREAT|0600)", "a n = 1", "undo",
             "a print x", "a print q", "a getpid()", "a shmctl(x, IPC_RMID)", "reset", "spawn b", "b getpid()"]  # fmt: skip
    trace = lab.run(lines, world="sealed").ok().trace
    lab.call("replay", "--trust", "--world", "shared", trace).ok()


def renumber(events):
    """As another kernel would have numbered it: all pids, and the ids of shared memory."""
    pids = {e["pid"]: e["pid"] + 500 for e in events if "pid" in e}
    pids[1] = 1
    for e in events:
        if "pid" in e:
            e["pid"] = pids[e["pid"]]
        if e.get("call") in ("fork", "getpid", "getppid", "waitpid") and e.get("ret", -1) > 0:
            e["ret"] = pids[e["ret"]]
        if e.get("call") == "shmget" and e["ev"] == "exit":
            e["ret"] = 98304
        if e.get("call") in ("shmat", "shmctl") and e["ev"] == "enter":
            e["args"][0] = 98304
        if e.get("call") == "print" and e["ev"] == "exit" and e["value"] == 0:
            e["value"] = 98304
        for name in ("cpid", "lpid"):
            if name in e.get("facts", {}):
                e["facts"][name] = pids[e["facts"][name]]


PLAIN = [line for line in MANY.split("\n") if "IPC_STAT" not in line]


def test_other_pids_and_ids(lab, forge):
    trace = lab.run(PLAIN, world="sealed").ok().trace
    lab.call("replay", forge(trace, renumber)).ok()


@pytest.mark.parametrize(
    "call, actor, field, value",
    [
        ("fork", "a", "ret", 77),  # no other event says so
        ("waitpid", "a", "ret", 502),  # that is a's own pid
        ("getpid", "a", "ret", 503),
        ("getppid", "a", "ret", 9),  # process 1 is 1 in every sealed world
        ("print", "a", "value", 5),
        ("pipe", "a", "ret", 1),
    ],
)
def test_renaming_is_one_to_one(lab, forge, call, actor, field, value):
    def change(events):
        renumber(events)
        first(events, ev="exit", call=call, actor=actor)[field] = value

    trace = lab.run(PLAIN, world="sealed").ok().trace
    again = lab.call("replay", forge(trace, change))
    assert again.status == 1 and f"in '{field}'" in again.stdout, again


def test_what_a_trace_calls_volatile_is_not_believed(lab, forge):
    def change(events):
        e = first(events, ev="exit", call="write")
        e.update(ret=8, vol={"ret": 8, "flow": 1})

    trace = lab.run(MANY, world="sealed").ok().trace
    again = lab.call("replay", forge(trace, change))
    assert again.status == 1 and "in 'ret'" in again.stdout, again


def test_sizes_of_another_machine_are_named(lab, forge):
    """A page of 64 KiB, as on some arm64: nothing that anybody did differs."""

    def pages(events):
        for e in events:
            if "pages" in e.get("state", {}):
                e["state"]["pages"] = 9

    def elsewhere(events):
        pages(events)
        events[0].update(kernel="5.10.0-arm64", arch="aarch64")

    trace = lab.run(MANY, world="sealed").ok().trace
    again = lab.call("replay", forge(trace, elsewhere)).ok()
    assert "state.pages is 1 here and 9 in the trace" in again.stderr, again
    again = lab.call("replay", forge(trace, pages))
    assert again.status == 1 and "in 'state.pages'" in again.stdout, again


def test_stable_traces(lab, world):
    r = lab.run(MANY, "--stable").ok()
    lab.call("replay", "--trust", "--world", world, r.trace).ok()


def test_a_shared_world_takes_trust(lab):
    trace = lab.run("spawn a").ok().trace
    r = lab.call("replay", "--world", "shared", trace)
    assert r.status == 5 and "--trust" in r.stderr


def test_a_call_of_a_plugin_that_is_not_here(lab, forge):
    def change(events):
        events[0]["plugins"]["quantum"] = "1.0"
        first(events, ev="input", text="a getpid()")["text"] = "a entangle(1)"
        first(events, ev="enter", call="getpid")["call"] = "entangle"

    trace = lab.run("spawn a; a getpid()", world="sealed").ok().trace
    r = lab.call("replay", forge(trace, change))
    assert r.status == 5 and "quantum" in r.stderr, r


# ---- The first difference ------------------------------------------------------------------------


def test_both_sides_and_the_lanes_around_it(lab, forge):
    trace = lab.run(MANY, world="sealed").ok().trace

    def change(events):
        first(events, ev="exit", call="write")["ret"] = 2

    at = [i for i, e in enumerate(read_trace(trace)) if e.get("call") == "write" and e["ev"] == "exit"][0]
    r = lab.call("replay", "--width", "100", forge(trace, change))
    assert r.status == 1
    lines = r.stdout.split("\n")
    assert lines[0] == f"differs at event {at} in 'ret':"
    assert [json.loads(line.split(None, 1)[1])["ret"] for line in lines[1:3]] == [2, 3]
    there, here = r.stdout.split("around it in the trace:\n")[1].split("and here:\n")
    for text, result in ((there, 2), (here, 3)):
        assert f'write(4, "abc", 3) = {result}' in text, r
        assert "│ objects" in text and "shmget" not in text, r  # only the last steps
    assert max(len(line) for line in (there + here).split("\n")) <= 100
    assert "names" not in lines[2]


def test_more_and_less_than_recorded(lab, forge):
    trace = lab.run("spawn a; a getpid(); a getppid()", world="sealed").ok().trace

    def renumbered(events, keep):
        events = [e for e in events if keep(e)]
        for i, e in enumerate(events):
            e["seq"] = i
        events[-1]["events"] = len(events) - 1
        return events

    def less(events):
        return renumbered(events, lambda e: e["ev"] != "exit" or e["call"] != "getppid")

    def more(events):
        return renumbered(events, lambda e: e["ev"] != "input" or "getppid" not in e["text"])

    for change in (less, more):
        assert lab.call("replay", forge(trace, change)).status == 1


# ---- What has time in it, hosts, labs ------------------------------------------------------------


def test_timed_steps(lab, world):
    lines = ["spawn a b", "a signal(SIGALRM, h)", "a setitimer(ITIMER_REAL, 40)", "a pause()", "b nanosleep(0, 2000000)",
             "a pipe(p)", "a poll(p[0], POLLIN, 30)"]  # fmt: skip
    trace = lab.run(lines).ok().trace
    lab.call("replay", "--trust", "--world", world, trace).ok()


def test_a_timer_that_came_at_another_moment_is_never_a_difference(lab, forge):
    lines = ["spawn a b", "a signal(SIGALRM, h)", "a setitimer(ITIMER_REAL, 40)", "a pause()", "b getpid()"]
    trace = lab.run(lines, world="sealed").ok().trace

    def change(events):
        e = events.pop(next(i for i, e in enumerate(events) if e["ev"] == "signal"))
        events.insert(-1, e)
        for i, e in enumerate(events):
            e["seq"] = i

    r = lab.call("replay", forge(trace, change))
    assert r.status == 5 and "could not be judged" in r.stderr, r


def test_hosts(lab):
    lines = ["spawn s on h1", "spawn c on h2", "s k = socket(AF_INET, SOCK_DGRAM)", 's bind(k, "h1:5001")',
             "c k = socket(AF_INET, SOCK_DGRAM)", "unplug h2", '- c sendto(k, "x", "h1:5001")', "plug h2",
             '- c sendto(k, "y", "h1:5001")', "ps"]  # fmt: skip
    r = lab.run(lines, "-k", world="sealed")
    kinds = [e["what"] for e in r.find("host")]
    assert kinds == ["made", "made", "unplugged", "plugged"], r
    lab.call("replay", r.trace).ok()


@pytest.mark.parametrize("path", sorted(glob.glob(os.path.join(ROOT, "labs", "*", "golden.trace"))))
def test_golden_traces(lab, path):
    """Guided labs, labs that lead themselves, and those of programs."""
    lab.call("replay", "--world", "sealed", path).ok()


# ---- Hostile files: group E of the corpus ----------------------------------------------------------


@pytest.fixture
def short(lab):
    """A small trace, as bytes."""
    trace = lab.run("spawn a; a getpid(); a n = 5; a print n", world="sealed").ok().trace
    with open(trace, "rb") as f:
        return f.read()


def replayed(lab, data, name="e.trace"):
    path = lab.write(name, data)
    r = lab.call("replay", path)
    with open(path, "rb") as f:
        assert f.read() == (data if isinstance(data, bytes) else data.encode())
    return r


def test_e01_cut_anywhere(lab, short):
    """At every place of two lines, and around every end of a line."""
    ends = [i for i, c in enumerate(short) if c == 10]
    cuts = {0, 1, ends[0], *range(ends[2] - 3, ends[3] + 3, 9)} | {e + d for e in ends for d in (-1, 0, 1)}
    for cut in sorted(c for c in cuts if c < len(short)):
        r = replayed(lab, short[:cut])
        assert r.status == (6 if cut < ends[0] else 0), (cut, r)
        assert r.status == 6 or "trace incomplete: it ends after event" in r.stderr or cut >= ends[-1], (cut, r)


def test_e02_torn_last_line(lab, short):
    r = replayed(lab, short[: short.rindex(b'"ev":"end"') + 4])
    assert r.status == 0 and "torn line" in r.stderr and "as far as the trace goes" in r.stdout


def test_e03_an_edited_value(lab, short):
    """Run again all the same, and flagged: the difference says more than the digest."""
    r = replayed(lab, short.replace(b'"value":5', b'"value":6'))
    assert r.status == 1 and "hash mismatch" in r.stderr and "in 'value'" in r.stdout


def lines_of(short):
    return short.split(b"\n")


@pytest.mark.parametrize("how", ["swapped", "twice", "missing"])
def test_e05_to_e07(lab, short, how):
    lines = lines_of(short)
    if how == "swapped":
        lines[2], lines[3] = lines[3], lines[2]
    elif how == "twice":
        lines.insert(3, lines[2])
    else:
        del lines[2]
    r = replayed(lab, b"\n".join(lines))
    assert r.status == 6 and "was expected" in r.stderr and not r.stdout


@pytest.mark.parametrize("version", ["0", "2", "999", "-1", "1.5", "true", '"1"', "null"])
def test_e09_to_e14_versions(lab, short, version):
    r = replayed(lab, short.replace(b'"ipclab":1', b'"ipclab":' + version.encode()))
    assert r.status == 6 and not r.stdout


def test_e15_a_wrong_count(lab, short):
    r = replayed(lab, short.replace(b'"events":', b'"events":1'))
    assert r.status == 6 and not r.stdout


@pytest.mark.parametrize(
    "value",
    [
        b"[" * 100000 + b"]" * 100000,
        b'"' + b"a" * 1000000 + b'"',
        b'"\x00"', b'"\x07"', b'"\xff\xfe"', rb'"\ud800"', b"1e999", b"99999999999999999999999",
        b'1,"ev":"input"',
    ],
    ids=["nested", "long", "nul", "control", "not-utf8", "surrogate", "exponent", "huge", "key-twice"],
)  # fmt: skip
def test_e17_to_e19(lab, short, value):
    lines = lines_of(short)
    lines[1] = lines[1][:-1] + b',"x":' + value + b"}"
    r = replayed(lab, b"\n".join(lines))
    assert r.status == 6 and "line 2" in r.stderr and not r.stdout


def test_e18_ten_thousand_keys(lab, short):
    lines = lines_of(short)
    lines[1] = lines[1][:-1] + b"".join(b',"k%d":1' % i for i in range(10000)) + b"}"
    r = replayed(lab, b"\n".join(lines))
    assert r.status in (1, 6), r


@pytest.mark.parametrize("data", [b"", b"\n", b"  \n \n", b"\x7fELF\x02\x01\x01\0", b"\x1f\x8b\x08\0", "{}".encode("utf-16")])
def test_e21_e22_something_else(lab, data):
    r = replayed(lab, data)
    assert r.status == 6 and not r.stdout


def test_e23_no_regular_file(lab):
    os.mkfifo(lab.path("work", "fifo"))
    os.symlink("/etc/shadow", lab.path("work", "link"))
    with open(lab.path("work", "sparse"), "wb") as f:
        f.truncate(8 << 30)
    for path in ("fifo", "link", "sparse", ".", "/dev/zero", "/dev/tty", "nothing"):
        r = lab.call("replay", path, timeout=10)
        assert r.status == 6 and not r.stdout, r


def forged(inputs):
    """A trace that claims no more than that these lines were typed."""
    events = [{"seq": 0, "ev": "session", "ipclab": 1, "version": "1", "seed": 0, "world": "sealed", "plugins": {}}]
    events += [{"seq": i + 1, "ev": "input", "text": t} for i, t in enumerate(inputs)]
    return "".join(json.dumps(e, separators=(",", ":")) + "\n" for e in events)


@pytest.mark.parametrize("call", ["kill(1, SIGKILL)", "kill(-1, SIGKILL)", "kill(%d, SIGKILL)"])
def test_e25_nobody_outside_is_killed(lab, call):
    with subprocess.Popen(["sleep", "60"]) as outside:
        line = call % outside.pid if "%" in call else call
        r = lab.call("replay", "--world", "sealed", lab.write("e.trace", forged(["spawn a b", "a " + line])))
        assert r.status == 1, r  # the trace has not got what happened
        assert outside.poll() is None
        outside.send_signal(signal.SIGKILL)


@pytest.mark.parametrize("word", ["! id", "lua os.exit(1)", "source /etc/passwd", "load x.so", "log x", "export x",
                                  "set view lanes", "bench pipe", "sou /etc/passwd", "ipclab> lua x", "- ! id"])  # fmt: skip
def test_e27_lines_that_are_never_run(lab, word):
    r = lab.call("replay", lab.write("e.trace", forged(["spawn a", word])))
    assert r.status in (1, 6) and "uid=" not in r.stdout, r
    assert r.status == 6 or word.startswith("sou"), r
