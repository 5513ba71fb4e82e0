# SPDX-License-Identifier: GPL-3.0-or-later
"""ipclab diff: the first step at which two traces part, and what led to it."""

import json

import pytest

from ipclab import read_trace
from sessions import MANY


@pytest.fixture(scope="module")
def kinds(request):
    """One session, in both worlds, with --stable and without."""
    return {}


@pytest.fixture
def traces(lab, kinds):
    if not kinds:
        for world in ("sealed", "shared"):
            for stable in ((), ("--stable",)):
                r = lab.run(MANY, *stable, world=world).ok()
                with open(r.trace, "rb") as f:
                    kinds[(world, bool(stable))] = f.read()
    return {k: lab.write(f"{k[0]}-{k[1]}.trace", v) for k, v in kinds.items()}


ALL = [(w, s) for w in ("sealed", "shared") for s in (False, True)]


@pytest.mark.serial
@pytest.mark.parametrize("a", ALL)
@pytest.mark.parametrize("b", ALL)
def test_pids_ids_and_what_stable_leaves_out(lab, traces, a, b):
    r = lab.call("diff", traces[a], traces[b]).ok()
    assert r.stdout.startswith("same: ") and not r.stderr, r


@pytest.mark.parametrize(
    "line, other, step, field",
    [
        ("a semctl(s, 0, SETVAL, 3)", "a semctl(s, 0, SETVAL, 4)", 16, "args[3]"),
        ("a print n", "a print x", 11, "args[0]"),
        ("c exit(2)", "c exit(3)", 5, "args[0]"),
        ("a getppid()", "a getpid()", 8, "call"),
        ("a fork(c)", "a fork(e)", 4, "args[0]"),
    ],
)
@pytest.mark.serial
def test_where_they_part(lab, line, other, step, field):
    a = lab.run(MANY, world="sealed").ok().trace
    b = lab.run([other if each == line else each for each in MANY.split("\n")], "-k", world="shared").trace
    for left, right in ((a, b), (b, a)):
        r = lab.call("diff", "--width", "100", left, right)
        assert r.status == 1 and f"at step {step} in '{field}':" in r.stdout, r
        sides = [json.loads(x.split(None, 1)[1]) for x in r.stdout.split("\n")[1:3]]
        assert [e["step"] for e in sides] == [step, step], r
        led, other_side = r.stdout.split("what led to it in ")[1].split("\nand in ")
        for text in (led, other_side):
            assert "│ objects" in text and max(map(len, text.split("\n"))) <= 100, r


def renumbered(events):
    for i, e in enumerate(events):
        e["seq"] = i
    if events[-1]["ev"] == "end":
        events[-1]["events"] = len(events) - 1
    return "".join(json.dumps(e) + "\n" for e in events)


def test_a_number_that_is_two(lab):
    """The renaming is one to one: a child that the kernel numbered so is not called another."""
    trace = lab.run(MANY, world="sealed").ok().trace
    events = read_trace(trace)
    wrong = next(e for e in events if e["ev"] == "exit" and e["call"] == "waitpid")
    wrong["ret"] = 99
    r = lab.call("diff", trace, lab.write("b.trace", renumbered(events)))
    assert r.status == 1 and "at step 6 in 'ret'" in r.stdout, r


def test_how_it_was_typed_is_no_difference(lab):
    a = lab.run("spawn a b; a shmget(77, 10, IPC_CREAT|0600); b shmget(77, 10, 0600)").ok().trace
    b = lab.run(["spawn a", "spawn b", "a shmget 77 10 IPC_CREAT|0600   # made", "use b", "shmget(77,10,0600)"])
    lab.call("diff", a, b.ok().trace).ok()


def test_undo_and_lines_that_are_none(lab):
    lines = ["spawn a", "a n = 1", "undo", "a n = 2", "a getpid()"]
    a = lab.run(lines).ok().trace
    b = lab.run(lines[:1] + ["a nothing()"] + lines[1:], "-k").trace
    lab.call("diff", a, b).ok()


def test_one_goes_on(lab):
    long = lab.run("spawn a; a getpid(); a getppid()").ok().trace
    short = lab.run("spawn a; a getpid()").ok().trace
    for left, right in ((long, short), (short, long)):
        r = lab.call("diff", left, right)
        assert r.status == 1 and "at step 2 in 'ev'" in r.stdout and "nothing" in r.stdout, r
    with open(short, "rb") as f:
        cut = lab.write("cut.trace", b"".join(f.readlines()[:-1]))
    r = lab.call("diff", long, cut).ok()
    assert "as far as the shorter one goes" in r.stdout


def test_before_the_first_step(lab):
    a = lab.run("spawn a; a getpid()").ok().trace
    b = lab.run("spawn b; b getpid()").ok().trace
    r = lab.call("diff", a, b)
    assert r.status == 1 and "before the first step in 'actor'" in r.stdout


def test_sizes_of_another_machine(lab):
    """A page of 16 KiB, as on some arm64."""
    trace = lab.run(MANY, world="sealed").ok().trace
    events = read_trace(trace)
    for e in events:
        if "pages" in e.get("state", {}):
            e["state"]["pages"] = 4
    here = lab.call("diff", trace, lab.write("b.trace", renumbered(events)))
    assert here.status == 1 and "'state.pages'" in here.stdout
    events[0].update(kernel="6.1.0-arm64", arch="aarch64")
    r = lab.call("diff", trace, lab.write("b.trace", renumbered(events))).ok()
    assert "state.pages is 1 in the one and 4 in the other" in r.stderr


@pytest.mark.parametrize("data", [b"", b"{}\n", b'{"seq":0,"ev":"session","ipclab":2}\n', b"\x7fELF"])
def test_no_trace(lab, data):
    good = lab.run("spawn a").ok().trace
    bad = lab.write("bad.trace", data)
    for pair in ((good, bad), (bad, good), (good, lab.path("work", "nothing"))):
        r = lab.call("diff", *pair)
        assert r.status == 6 and not r.stdout, r
    assert lab.call("diff", good).status == 2


def test_hostile_texts_are_shown_escaped(lab):
    trace = lab.run("spawn a; a getpid()").ok().trace
    events = read_trace(trace)
    events[-2]["call"] = "\x1b]0;x\x07"
    r = lab.call("diff", trace, lab.write("b\x1b[2J.trace", renumbered(events)))
    assert r.status == 1  # and no raw byte, which is looked for after every run
