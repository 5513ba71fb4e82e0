# SPDX-License-Identifier: GPL-3.0-or-later
"""ipclab replay --to and --step: the world as it was, and the prompt handed over."""

import os

import pytest
from terminal import Terminal

from ipclab import ROOT, read_trace

SHM = os.path.join(ROOT, "scripts", "demo", "shm.ipc")
PROMPT = "ipclab> "


@pytest.fixture
def shm(lab):
    with open(SHM, encoding="utf-8") as f:
        return lab.run(file=f.read(), world="sealed").ok()


def seq_of(events, **wanted):
    return next(e["seq"] for e in events if all(e.get(k) == v for k, v in wanted.items()))


def typed(lab, trace, lines, *options, **more):
    """A session that goes on from a place of a trace: its own trace is read."""
    mine = lab.new_trace()
    return lab.call("replay", "--trace", mine, *options, trace, stdin=lines, trace=mine, **more)


# ---- --to ----------------------------------------------------------------------------------------


def test_the_world_stands_as_it_was(lab, shm):
    """The client has not attached yet, and the server waits for it: both are real."""
    at = seq_of(shm.events, ev="exit", step=5)
    r = typed(lab, shm.trace, "client m = shmat(shmid)\nclient print m\nclient *m = '*'\n", "--to", str(at)).ok()
    assert r.last("exit", call="print")["value"] == "abcdefghijklmnopqrstuvwxyz"
    woken = r.one("exit", call="await")
    assert woken["actor"] == "server" and woken["by"] == 8
    assert r.stdout.startswith(f"as it was after event {at}:\n") and "▒ waits" in r.stdout
    assert [e["step"] for e in r.find("enter")] == list(range(1, 9))


def test_what_comes_of_it_is_a_trace_of_its_own(lab, shm):
    r = typed(lab, shm.trace, "client print shmid\nundo\nspawn third\n", "--to", "18").ok()
    assert r.events[:19] == [{**e, "seq": i} for i, e in enumerate(r.events[:19])]
    assert [e["text"] for e in r.find("input")][-3:] == ["client print shmid", "undo", "spawn third"]
    again = lab.call("replay", r.trace).ok()
    assert again.stdout.startswith("same:")
    show = lab.call("show", "--as", "lines", r.trace).ok()
    assert "shmget(5678, 27, IPC_CREAT|0666)" in show.stdout


def test_undo_goes_back_before_the_place(lab, shm):
    r = typed(lab, shm.trace, "undo 2\nclient shmget(5678, 27, 0666)\n", "--to", "18").ok()
    undone = r.one("undo")
    assert r.events[undone["to"] + 1]["text"] == undone["first"] == "server await *shm == '*'"
    assert r.last("exit", call="shmget")["ret"] == 0


def test_every_place(lab, shm):
    """Input: the line has not begun. In the middle of a line: it is run to its end."""
    for e in shm.events:
        r = typed(lab, shm.trace, "", "--to", str(e["seq"])).ok()
        inputs = [x["text"] for x in r.find("input")]
        assert inputs == [x["text"] for x in shm.find("input") if x["seq"] < e["seq"]], e
        here = f"after event {e['seq'] - (e['ev'] == 'input')}"
        assert here in r.stdout or "with which the line of event" in r.stdout or e["seq"] < 2, (e, r)


def test_no_such_place(lab, shm):
    r = typed(lab, shm.trace, "", "--to", str(len(shm.events)))
    assert r.status == 2 and f"0 to {len(shm.events) - 1}" in r.stderr
    assert lab.call("replay", "--to", "-1", shm.trace).status == 2


def test_a_difference_before_it(lab, shm):
    with open(shm.trace, encoding="utf-8") as f:
        text = f.read()
    edited = lab.write("e.trace", text.replace('"nattch":1', '"nattch":7', 1))
    r = typed(lab, edited, "spawn x\n", "--to", "20")
    assert r.status == 1 and "in 'state.nattch'" in r.stdout and not r.events, r
    typed(lab, edited, "spawn x\n", "--to", "6").ok()  # it is behind it


def test_what_came_by_itself(lab):
    """It is waited for up to the place, and no further."""
    lines = ["spawn a b", "a signal(SIGALRM, h)", "a setitimer(ITIMER_REAL, 40)", "a pause()", "b getpid()"]
    r = lab.run(lines, world="sealed").ok()
    woken = seq_of(r.events, ev="exit", call="pause")
    assert typed(lab, r.trace, "", "--to", str(woken)).ok().find("exit", call="pause")
    r = lab.run(["spawn a", "a pipe(p)", "a fork(b)", "b read(p[0], x, 9)"], world="sealed").ok()
    blocked = seq_of(r.events, ev="block")
    r = typed(lab, r.trace, 'a write(p[1], "hi")\n', "--to", str(blocked)).ok()
    assert r.one("exit", call="read")["by"] == r.one("exit", call="write")["step"]


def test_stuck_and_wrong_lines_are_a_scripts(lab, shm):
    assert typed(lab, shm.trace, "client sleep()\n", "--to", "13").status == 2
    assert typed(lab, shm.trace, "client pause()\nserver pause()\n", "--to", "13").status == 4
    r = typed(lab, shm.trace, "nonsense\nclient getpid()\n", "-k", "--to", "13")
    assert r.status == 2 and r.find("exit", call="getpid")


def test_a_shared_world_takes_trust(lab, shm):
    assert typed(lab, shm.trace, "", "--world", "shared", "--to", "9").status == 5


@pytest.mark.serial
@pytest.mark.serial
def test_in_a_shared_world(lab, shm):
    r = typed(lab, shm.trace, "client shmctl(shmid, IPC_STAT)\n", "--world", "shared", "--trust", "--to", "18").ok()
    assert r.last("exit", call="shmctl")["state"]["size"] == 27 and r.events[0]["world"] == "shared"


def test_the_lines_of_a_guided_lab(lab):
    """What its lab said was numbered, too; here it says nothing, and undo finds the right line."""
    golden = os.path.join(ROOT, "labs", "01-vm-and-fork", "golden.trace")
    assert any(e["ev"] == "input" and e["text"].startswith("answer") for e in read_trace(golden))
    last = read_trace(golden)[-1]["seq"]
    for options, lines in ((("--to", str(last)), ""), (("--step",), "\n" * 60)):
        r = typed(lab, golden, lines + "undo\n", *options).ok()
        assert not [e for e in r.find("input") if e["text"].startswith("answer")], r
        undone = r.last("undo")
        assert r.events[undone["to"] + 1]["text"] == undone["first"], r
        lab.call("replay", r.trace).ok()


def test_lines_that_are_never_run_are_not_run_here(lab):
    trace = lab.run("spawn a").ok().trace
    with open(trace, encoding="utf-8") as f:
        bad = f.read().replace('"text":"spawn a"', '"text":"! touch pwned"')
    for options in (("--to", "2"), ("--step",)):
        r = typed(lab, lab.write("b.trace", bad), "\n\n", *options)
        assert r.status == 6 and not os.path.exists(lab.path("work", "pwned")), r


# ---- --step --------------------------------------------------------------------------------------


def test_enter_on_a_pipe(lab, shm):
    r = typed(lab, shm.trace, "\n" * 20, "--step").ok()
    assert r.stdout.count("Enter runs:") == len(shm.find("input"))
    assert f"same: {len(shm.events)} events" in r.stdout
    assert [e["text"] for e in r.find("input")] == [e["text"] for e in shm.find("input")]


def test_another_line_hands_over(lab, shm):
    r = typed(lab, shm.trace, "\n\nps\n\nserver print shmid\n\n\n", "--step").ok()
    assert [e["text"] for e in r.find("input")][2:] == ["server shm = shmat(shmid, NULL, 0)", "server print shmid"]
    assert "same" not in r.stdout


def test_step_from_a_place(lab, shm):
    at = seq_of(shm.events, ev="input", text="client print shm")
    r = typed(lab, shm.trace, "\n\n", "--to", str(at), "--step").ok()
    assert r.stdout.index("as it was after") < r.stdout.index("Enter runs:  client print shm\n")
    assert [e["text"] for e in r.find("input")][-2:] == ["client print shm", "client *shm = '*'"]


def test_a_step_that_differs(lab, shm):
    with open(shm.trace, encoding="utf-8") as f:
        edited = lab.write("e.trace", f.read().replace('"nattch":1', '"nattch":7', 1))
    r = typed(lab, edited, "\n\n\n\n\n", "--step")
    assert r.status == 1 and "in 'state.nattch'" in r.stdout
    assert len(r.find("input")) == 3  # then there is nothing more to offer


def test_a_line_that_was_an_error_is_one_again(lab):
    trace = lab.run(["spawn a", "a x = missing(1)", "a kill(nobody, 9)", "a getpid()"], "-k", world="sealed").trace
    r = typed(lab, trace, "\n" * 9, "-k", "--step")
    assert r.find("exit", call="getpid") and "same:" in r.stdout, r


@pytest.fixture
def at_terminal(lab, shm):
    def start(*options):
        mine = lab.new_trace()
        t = Terminal(lab, "replay", "--trace", mine, *options, shm.trace, columns=100, env={"PAGER": ""})
        return t, mine

    return start


def test_step_at_a_terminal(at_terminal, shm):
    t, mine = at_terminal("--step")
    with t:
        t.wait("Enter runs:  spawn server client")
        t.wait(PROMPT)
        t.line("", "new process, pid 3")
        t.wait("Enter runs:  server shmid = shmget")
        for _ in range(3):
            t.line("", "Enter runs:")
        t.line("", "waits")
        t.line("client print shm", "client has no variable")  # an error, and no line of a session
        t.line("", "Enter runs:  client shm = shmat")
        t.line("client getpid()", "from here on nothing is compared")
        t.line("")
        t.line("q")
        assert t.end() == 0
    inputs = [e["text"] for e in read_trace(mine) if e["ev"] == "input"]
    assert inputs[-1] == "client getpid()" and len(inputs) == 7, inputs


def test_to_at_a_terminal(at_terminal, shm):
    at = seq_of(shm.events, ev="exit", step=6)
    t, mine = at_terminal("--to", str(at))
    with t:
        t.wait(f"as it was after event {at}:")
        t.wait(PROMPT)
        t.line("client print shm", '"abcdefghijklmnopqrstuvwxyz"')
        t.line("client *shm = '*'", "await")
        t.line("lanes", "strcpy")
        t.line("quit")
        assert t.end() == 0
    assert [e["ev"] for e in read_trace(mine)][-1] == "end"


def test_all_steps_at_a_terminal_and_ctrl_d(at_terminal, shm):
    t, _mine = at_terminal("--step")
    with t:
        t.wait(PROMPT)
        for _ in shm.find("input")[1:]:
            t.line("", "Enter runs:")
        t.line("", f"same: {len(shm.events)} events")
        t.type("\x04")
        assert t.end() == 0


def test_escapes_in_a_line_that_is_offered(lab):
    """A hostile trace writes nothing into the terminal of who steps through it."""
    with open(lab.run("spawn a").ok().trace, encoding="utf-8") as f:
        head = f.readline()
    evil = '{"seq":1,"ev":"input","text":"spawn a # \\u001b]0;owned\\u0007"}\n'
    with Terminal(lab, "replay", "--step", lab.write("e.trace", head + evil), columns=100) as t:
        t.wait("Enter runs:  spawn a")
        t.line("", "new process")
        t.line("q")
        t.end()
        assert b"\x1b]0;owned" not in t.raw and b"]0;owned" in t.raw
