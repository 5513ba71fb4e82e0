# SPDX-License-Identifier: GPL-3.0-or-later
"""The guided walk: played in a script, led at the prompt, with other names, forward and back."""

import re

import pytest
from terminal import Terminal

PROMPT = "ipclab> "


@pytest.fixture
def t(lab):
    with Terminal(lab, "--trace", lab.new_trace(), env={"PAGER": ""}) as terminal:
        terminal.wait(PROMPT)
        yield terminal
        terminal.line("quit")
        assert terminal.end() == 0


def steps(text):
    return [tuple(map(int, s)) for s in re.findall(r"tour (\d+)/(\d+)", text)]


def test_played_in_a_script(lab):
    r = lab.run("tour\nps").ok()
    seen = steps(r.stdout)
    assert seen == [(i, seen[0][1]) for i in range(1, seen[0][1] + 1)]
    inputs = [e["text"] for e in r.find("input")]
    assert inputs[0] == "spawn parent" and inputs[-1] == "reset" and "undo" in inputs
    assert r.find("block", call="read") and "stuck" in [e["kind"] for e in r.find("verdict")] and r.find("undo")
    assert r.last("exit", call="read")["out"] == {"buf": "hello"}
    assert "It cannot go on: the pipe is empty" in r.stdout  # why
    assert re.search(r"parent +. child +. pipe#1", r.stdout)  # lanes
    assert "no actors yet" in r.stdout  # nothing is left


def test_each_step_says_what_to_type(lab):
    out = lab.run("tour").ok().stdout
    assert out.count("line:  ") == steps(out)[0][1]


def test_the_example_of_a_call(lab):
    r = lab.run("tour shmget").ok()
    assert [e["text"] for e in r.find("input")] == [
        "spawn server client",
        "server shmid = shmget(5678, 27, IPC_CREAT|0666)",
        "client shmid = shmget(5678, 27, 0666)",
    ]
    assert "did you mean shmget?" in lab.run("tour shmgte").stderr


def test_does_not_destroy_a_session(lab):
    r = lab.run("spawn a\n- tour\na getpid()").ok()
    assert "a lives here; `reset` first" in r.stdout
    assert r.returns("getpid") == [2]


def test_enter_leads_through_all_of_it(t):
    t.line("tour", "Enter runs:  spawn parent")
    for i in range(2, 30):
        if not steps(t.text) or steps(t.text)[-1][0] == steps(t.text)[-1][1]:
            break
        t.line("", rf"tour {i}/\d+")
    t.line("", "That was the tour")
    assert "stuck" in t.text
    t.wait(PROMPT)
    t.line("ps", "no actors yet")


def test_other_lines_are_free_play(t):
    t.line("tour", r"tour 1/")
    t.line("spawn parent", r"tour 2/")
    t.line("parent n = 5", r"parent  n = 5")
    t.line("parent prnt n", "did you mean")
    t.line("", r"tour 3/")  # still the pipe
    assert "pipe(fd) = 0" in t.text


def test_it_follows_your_own_names(t):
    t.line("tour", r"tour 1/")
    t.line("spawn mum", r"Enter runs:  mum pipe\(fd\)")
    t.line("mum pipe(ends)", r"Enter runs:  mum fork\(child\)")
    t.line("mum fork(kid)", r"Enter runs:  mum read\(ends\[0\], buf, 32\)")
    t.line("mum n = read(ends[0], other, 9)", r"Enter runs:  why mum")
    t.line("", r"Enter runs:  kid write\(ends\[1\], \"hello\"\)")
    t.line("", r"hello")


def test_a_failing_call_is_not_the_step(t):
    t.line("tour", r"tour 1/")
    t.line("", r"tour 2/")
    t.line("parent setrlimit(RLIMIT_NOFILE, 3, 64)", "= 0")
    t.line("parent pipe(fd)", r"EMFILE")
    t.line("parent setrlimit(RLIMIT_NOFILE, 64, 64)", "= 0")
    assert "tour 3" not in t.text
    t.line("", r"tour 3/")


def test_undo_in_free_play_takes_the_tour_along(t):
    t.line("tour", r"tour 1/")
    t.line("", r"tour 2/")
    t.line("", r"tour 3/")
    t.line("undo", r"tour 2/\d+ [^$]*Enter runs:  parent pipe\(fd\)")
    t.line("", r"tour 3/")
    t.line("reset", r"tour 1/")
    t.line("", r"tour 2/")


def test_back_next_and_end(t):
    t.line("tour back", "no tour under way")
    t.line("tour", r"tour 1/")
    t.line("tour next", r"tour 2/")
    t.line("tour next", r"tour 3/")
    t.line("tour next", r"tour 4/")
    t.line("tour back", r"tour 3/")
    t.line("ps", r"parent .*\n(?!child)")
    t.line("tour next", r"tour 4/")
    t.line("tour end", "tour is over")
    t.line("ps", "child")
    t.line("", PROMPT)
    assert "tour 5" not in t.text


def test_back_from_the_beginning(t):
    t.line("tour", r"tour 1/")
    t.line("tour back", "where the tour begins")


def test_offers_a_fresh_world_first(t):
    t.line("spawn mine", PROMPT)
    t.line("tour", r"what you have here \(mine\) would\s+be\s+gone")
    t.line("ps", "mine")
    t.line("tour end", "all that lives here stays")
    t.line("ps", "mine")
    t.line("tour", "Enter runs:  reset")
    t.line("", r"tour 1/\d+[^$]*Enter runs:  spawn parent")


def test_leads_through_an_example(t):
    t.line("tour shmget", r"Enter runs:  spawn server client")
    t.line("", r"Enter runs:  server shmid = shmget")
    t.line("", r"Enter runs:  client shmid = shmget")
    t.line("", "that was the example")


def test_not_in_a_lab(lab):
    path = lab.write("l.lua", 'local lab = require "ipclab"\nreturn lab.orchestrated { id = "l", title '
                     '= "l", plugins = {}, actors = { "a" }, run = function(s, a) s:run "tour" end }\n')
    r = lab.call("run", path)
    assert r.status == 3 and "cannot use `tour`" in r.stderr
