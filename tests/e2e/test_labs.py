# SPDX-License-Identifier: GPL-3.0-or-later
"""The labs that ship. Those for projecting in class: what their READMEs say of them is so, the same
bytes come twice, and their golden traces replay. Those that a student does: each proves itself in
every kind of world, and the golden trace of its model solution is what happens."""

import glob
import hashlib
import os
import re

import pytest

from ipclab import ROOT, read_trace


def text_of(name, file):
    with open(os.path.join(ROOT, "labs", name, file), encoding="utf-8") as f:
        return f.read()


def names(kinds):
    for path in sorted(glob.glob(os.path.join(ROOT, "labs", "*", "lab.lua"))):
        name = os.path.basename(os.path.dirname(path))
        if re.search(rf"lab\.({kinds})\b", text_of(name, "lab.lua")):
            yield name


NAMES = list(names("orchestrated|programs"))
GUIDED = list(names("guided"))
SHIPPED = {
    "shm-server-client",
    "pipe-hello",
    "pipe-two-way",
    "shm-race",
    "shm-semaphore",
    "deadlock-two-semaphores",
    "deadlock-two-pipes",
}


def status_of(name):
    """As its README has it."""
    found = re.findall(r"It ends with status (\d)", text_of(name, "README.md"))
    assert len(found) == 1, f"labs/{name}/README.md says once how it ends"
    return int(found[0])


def run(lab, name, *options):
    trace = lab.new_trace()
    return lab.call("run", "--trace", trace, "--world", lab.world, *options, name, trace=trace)


def passes(r, name):
    assert r.status == status_of(name), r
    assert r.find("check"), "a lab that looks at nothing shows nothing"
    assert not r.find("check", passed=False), r
    assert r.events[0]["lab"] == name


def test_they_are_there():
    assert SHIPPED <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_lab(lab, world, user, name):
    """In every kind of world, and for an ordinary user."""
    passes(run(lab, name), name)


@pytest.mark.parametrize("name", NAMES)
def test_same_bytes(lab, world, name):
    first, second = (run(lab, name, "--stable") for _ in range(2))
    with open(first.trace, "rb") as a, open(second.trace, "rb") as b:
        assert a.read() == b.read()


@pytest.mark.parametrize("name", NAMES)
def test_replays(lab, world, name):
    r = run(lab, name)
    lab.call("replay", "--trust", "--world", lab.world, r.trace).ok()


def golden_of(name):
    """Made anew by scripts/golden.py."""
    path = os.path.join(ROOT, "labs", name, "golden.trace")
    events = read_trace(path)
    with open(os.path.join(ROOT, "labs", name, "lab.lua"), "rb") as f:
        assert events[0]["lab_sha256"] == hashlib.sha256(f.read()).hexdigest(), "lab.lua has changed"
    assert "kernel" not in events[0]
    return path, events


@pytest.mark.parametrize("name", NAMES)
def test_golden_trace(lab, world, name):
    """Its lines name what they mean by variables, so that they mean the same where ids are others."""
    golden, events = golden_of(name)
    again = lab.call("replay", "--trust", "--world", lab.world, golden).ok()
    assert "hash mismatch" not in again.stderr
    alone = ("input", "schedule", "turn", "check", "note")  # what replay does not compare
    assert [e for e in run(lab, name, "--stable").events if e["ev"] in alone] == [
        e for e in events if e["ev"] in alone
    ]


@pytest.mark.parametrize("name", NAMES)
def test_readme(name):
    """It says how the lab is run, and names no lab that is not there."""
    text = text_of(name, "README.md")
    assert f"    ipclab run {name}\n" in text
    title = re.search(r'title = "([^"]+)"', text_of(name, "lab.lua"))
    assert title and len(title.group(1)) < 100
    for other in re.findall(r"`((?:shm|pipe|deadlock)-[a-z-]+)`", text):
        assert other in NAMES, other


def readme():
    with open(os.path.join(ROOT, "README.md"), encoding="utf-8") as f:
        return f.read()


@pytest.mark.parametrize("name", NAMES)
def test_table_of_the_readme(name):
    (row,) = re.findall(rf"^\| `{name}` \|.*\| (\d)[^|]*\|$", readme(), re.M)
    assert int(row) == status_of(name)


@pytest.mark.parametrize("seed", range(4))
def test_example_of_the_readme(lab, world, seed):
    (text,) = re.findall(r"^```lua\n(.*?)^```$", readme(), re.M | re.S)
    r = run(lab, lab.write("hello.lua", text), "--seed", str(seed)).ok()
    assert [e["passed"] for e in r.find("check")] == [True] * 3


# ---- Guided labs --------------------------------------------------------------------------------


def typed(events):
    """The lines of a student, without those of the lab itself."""
    return [e["text"] for e in events if e["ev"] == "input" and "from" not in e]


@pytest.mark.parametrize("name", GUIDED)
def test_guided_proves_itself(lab, world, user, name):
    lab.call("lab", "check", "--world", lab.world, name, timeout=60).ok()


@pytest.mark.parametrize("name", GUIDED)
def test_guided_of_another_student(lab, name):
    """With data of her own, where the lab has any."""
    lab.call("lab", "check", "--student", "s123", name, timeout=60).ok()


@pytest.mark.parametrize("name", GUIDED)
def test_guided_golden_trace(lab, world, name):
    """Its lines get all points in every kind of world; in a sealed one the trace is the same."""
    golden, events = golden_of(name)
    assert events[-2]["what"] == "ends" and events[-2]["points"] == events[-2]["max"]
    trace, lines = lab.new_trace(), "\n".join(typed(events)) + "\n"
    r = lab.call("run", "--stable", "--trace", trace, "--world", lab.world, name, stdin=lines, trace=trace).ok()
    assert r.events[-2]["points"] == r.events[-2]["max"]
    lab.call("replay", "--trust", "--world", lab.world, trace).ok()
    again = lab.call("replay", "--trust", "--world", lab.world, golden).ok()
    assert "hash mismatch" not in again.stderr
    if lab.world == "sealed":
        assert r.events[1:-1] == events[1:-1]


@pytest.mark.parametrize("name", GUIDED)
def test_guided_is_whole(name):
    """What every lab that ships has."""
    text = text_of(name, "lab.lua")
    minutes = re.search(r"\bminutes = (\d+)", text)
    assert minutes and int(minutes.group(1)) <= 25
    assert len(re.findall(r"\{ name = ", text)) >= 3 and "predict = {" in text
    assert re.search(r'\bman = \{ "', text)
    number, id_ = name.split("-", 1)
    assert re.search(rf"^    ipclab run ({number}-)?{id_}$", text_of(name, "README.md"), re.M)


@pytest.mark.parametrize("name", ["02-shm-guided", "04-signals"])
def test_guided_in_german(lab, name):
    """The same lab, with other words: all that a student reads comes in the other language."""
    _, events = golden_of(name)
    trace, lines = lab.new_trace(), "\n".join(typed(events)) + "\n"
    r = lab.call("run", "--stable", "--trace", trace, "--lang", "de", name, stdin=lines, trace=trace).ok()
    assert r.events[-2]["points"] == r.events[-2]["max"]
    told = [[e["text"] for e in es if e["ev"] == "task" and e["what"] in ("opens", "begins")] for es in (events, r.events)]
    assert len(told[0]) == len(told[1]) and not set(told[0]) & set(told[1])


# ---- What they show -----------------------------------------------------------------------------


def letters(r):
    """What the parent has read last."""
    (text,) = r.find("exit", actor="parent", call="load")[-1]["out"].values()
    return text


def test_pipe_hello(lab):
    """The text stands in the child's buffer until it exits."""
    r = run(lab, "pipe-hello").ok()
    waits = r.one("block", actor="parent", call="fscanf")
    back = r.one("exit", actor="parent", call="fscanf")
    assert back["step"] == waits["step"] and back["by"] == r.one("enter", call="exit")["step"]
    assert r.one("output", actor="parent")["text"] == "Hello\n"
    assert r.one("process", actor="child", what="reaped")


def test_pipe_two_way(lab):
    r = run(lab, "pipe-two-way").ok()
    assert r.returns("read", "child") == [5, 0]
    assert r.returns("read", "careless") == ["EINTR", 0]
    assert [(e["kind"], e["actors"]) for e in r.find("verdict")] == [("never", ["careless"])]


def test_shm_race(lab):
    """Two of four letters are lost, and no call has failed."""
    r = run(lab, "shm-race").ok()
    assert letters(r) == "xy"
    assert not [e for e in r.find("exit") if "errno" in e]
    assert len(r.find("enter", call="store")) == 8
    turns = [e["actor"] for e in r.find("turn")]
    assert turns[:16] == ["parent"] * 4 + ["ann", "bob"] * 6


@pytest.mark.parametrize("seed", range(1, 9))
def test_shm_semaphore(lab, seed):
    """Whatever the schedule is, nothing is lost."""
    r = run(lab, "shm-semaphore", "--seed", str(seed)).ok()
    assert sorted(letters(r)) == sorted("ABxy")
    assert not r.find("check", passed=False)


def test_shm_semaphore_needs_its_semaphore(lab):
    """Without it the same schedules lose letters: it is not luck."""
    text = re.sub(r"\n *me:semop[^\n]*", "", text_of("shm-semaphore", "lab.lua"))
    path = lab.write("t.lua", text)
    lost = [lab.call("run", "--seed", str(seed), path).status for seed in range(1, 9)]
    assert set(lost) <= {0, 1} and lost.count(1) >= 4, lost


@pytest.mark.parametrize("name, waits", [("deadlock-two-semaphores", "semop"), ("deadlock-two-pipes", "write")])
def test_deadlock(lab, world, name, waits):
    r = run(lab, name)
    assert r.status == 4, r
    verdict = r.one("verdict")
    assert verdict["kind"] == "stuck"
    blocked = [e["actor"] for e in r.find("block", call=waits)]
    assert len(blocked) == 2 and set(blocked) <= set(verdict["actors"])
    for actor in blocked:
        assert re.search(rf"{name}/lab.lua:\d+: {actor} waits in {waits}", r.stderr), r
    assert r.stderr.rstrip().endswith("(status 4)")


@pytest.mark.parametrize(
    "old, new",
    [('"ann", "bob" }', '"ann", "ann" }'), ("work(bob, set, 1, 0)", "work(bob, set, 0, 1)")],
)
def test_deadlock_remedies(lab, old, new):
    """What the README says of them: both come through."""
    text = text_of("deadlock-two-semaphores", "lab.lua")
    assert text.count(old) == 1
    r = lab.call("run", "--trace", lab.new_trace(), lab.write("t.lua", text.replace(old, new)))
    assert r.status == 1, "its checks expect the deadlock"
    assert "stuck" not in r.stderr


def test_shm_race_by_chance(lab):
    """As its README says: what is lost depends on the seed."""
    text = text_of("shm-race", "lab.lua").replace("schedule = schedule", 'schedule = "random"')
    path = lab.write("t.lua", text)
    left = set()
    for seed in range(1, 9):
        trace = lab.new_trace()
        r = lab.call("run", "--seed", str(seed), "--trace", trace, path, trace=trace)
        left.add(letters(r))
    assert len(left) > 2, left


def test_measured(lab):
    """The two questions about figures have the same truth on every machine. One that is too busy to
    measure is asked again."""
    _, events = golden_of("17-measured")
    lines = typed(events)
    spin = [*lines[: lines.index("receiver await *shm == '*'")], "answer a", "bench pipe spin --sizes 1 --rounds 1"]
    size = [*lines[len(spin) - 2 :][:2], "answer a", "bench pipe --sizes 1,64K --rounds 1", "sender getpid()"]
    for _ in range(5):
        trace = lab.new_trace()
        text = "\n".join(spin + size) + "\n"
        r = lab.call("run", "-k", "--trace", trace, "17-measured", stdin=text, trace=trace, timeout=60)
        judged = {e["task"]: e["truth"] for e in r.find("predict", what="judged")}
        if "cannot be measured" not in r.stderr:
            break
    assert (judged["flag"], judged["size"]) == ("3", "1"), r
    assert r.find("predict", what="judged", task="size")[0]["right"]
