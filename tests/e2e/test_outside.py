# SPDX-License-Identifier: GPL-3.0-or-later
"""lua and !: what reaches beyond the lines of the lab, and what it cannot reach."""

import os

import pytest
from terminal import Terminal

LAB = (
    'local lab = require "ipclab"\n'
    'return lab.orchestrated {{ id = "l", title = "l", plugins = {{}}, actors = {{ "a" }},\n'
    "  run = function(s, a) s:run {line!r} end }}\n"
)


# ---- lua --------------------------------------------------------------------------------------


def test_lua_runs_chunks(lab):
    r = lab.run("lua for i = 1, 3 do print(i) end\nlua 6 * 7\nlua return 'a'\nlua \"b\", nil").ok()
    assert r.stdout.split("\n")[:5] == ["1", "2", "3", "42", "a"]
    assert "b" in r.stdout and "nil" in r.stdout


def test_lua_lasts_as_long_as_the_session(lab):
    r = lab.run("lua x = 5\nlua function f(n) return n * x end\nlua f(8)").ok()
    assert r.stdout == "40\n"


def test_lua_leads_actors(lab):
    r = lab.run(
        'lua s:run "spawn a"\na pipe(fd)\nlua for i = 1, 3 do a:write(4, ("x"):rep(i)) end\n'
        'a read(fd[0], buf, 9)\nlua s:run("a print " .. 2 * 3)'
    ).ok()
    assert r.returns("write") == [1, 2, 3]
    assert r.returns("read") == [6]
    assert r.one("exit", call="print")["value"] == 6
    inputs = [e["text"] for e in r.find("input")]
    assert "spawn a" in inputs and not [i for i in inputs if i.startswith("lua")]
    assert lab.call("replay", r.trace).ok().stdout.startswith("same:")


def test_lua_knows_who_lives(lab):
    r = lab.run("lua print(server)\nspawn server\nlua print(server ~= nil, client)").ok()
    assert r.stdout.split("\n")[0] == "nil"
    assert "true\\tnil" in r.stdout or "true\tnil" in r.stdout


@pytest.mark.parametrize(
    "chunk, status, words",
    [
        ("while true do end", 4, "instruction limit"),
        ("for", 2, "lua:1:"),
        ("error('no')", 2, "lua:1: no"),
        ("nil .. 1", 2, "attempt to concatenate"),
        ("local t = {} for i = 1, 1e9 do t[i] = ('x'):rep(1e6) .. i end", 4, "limit"),
        ("s:run 'nobody here'", 2, "nobody"),
        ("io.open('x')", 2, "nil"),
        ("os.execute('x')", 2, "nil"),
        ("require 'os'", 2, "require"),
        ("s:run 'lua 1'", 2, "cannot use `lua`"),
        ("s:run '! touch x'", 2, "cannot use `!`"),
        ("load('\\27Lua')", 0, ""),
    ],
)
def test_lua_limits(lab, chunk, status, words):
    r = lab.run(f"lua {chunk}")
    assert r.status == status and words in r.stderr
    assert not os.path.exists(lab.path("work", "x"))


def test_lua_goes_on_after_a_limit(lab):
    r = lab.run(["- lua while true do end", "lua 1 + 1"], "-k")
    assert r.stdout.rstrip().endswith("2")


def test_ctrl_c_stops_a_chunk(lab):
    with Terminal(lab, "--trace", lab.new_trace()) as t:
        t.wait("ipclab> ")
        t.type("lua while true do end\n")
        t.wait("while true")
        t.type("\x03")
        t.wait("interrupted|instruction limit")
        t.line("lua 40 + 2", "42")
        t.line("quit")
        assert t.end() == 0


def test_lua_wants_a_chunk(lab):
    assert "takes a chunk" in lab.run("lua").stderr


# ---- ! ----------------------------------------------------------------------------------------


def test_bang_is_the_persons_own_shell(lab):
    r = lab.run("! echo $((6*7)) && pwd # not a comment\n!echo near").ok()
    assert r.stdout.split("\n")[:3] == ["42", lab.path("work"), "near"]
    assert r.find("input") == []


def test_bang_takes_the_shell_of_the_person(lab):
    shell = lab.write("sh", "#!/bin/sh\necho mine: \"$@\"\n")
    os.chmod(shell, 0o755)
    assert lab.run("! ls", env={"SHELL": shell}).ok().stdout == "mine: -c ls\n"
    assert lab.run("! echo x", env={"SHELL": None}).ok().stdout == "x\n"


def test_bang_says_how_it_ended(lab):
    r = lab.run("! exit 3\n! kill -9 $$\nspawn a").ok()
    assert "exit status 3" in r.stdout and "killed by SIGKILL" in r.stdout
    assert lab.run("! x", env={"SHELL": "/nonexistent"}).status == 5


def test_bang_is_not_in_the_world(lab):
    """It does not see the world's processes, and the world does not see it."""
    r = lab.run("spawn a\na n = getpid()\n! echo $$\nps").ok()
    assert not [n for n in r.stdout.split() if n == "$$"]
    assert int(r.stdout.split("\n")[2]) > 100


def test_bang_finds_signals_and_cpus_as_they_were(lab):
    r = lab.run("! grep -E 'SigBlk|SigIgn' /proc/self/status && nproc").ok()
    ignored = [line.split()[1] for line in r.stdout.split("\n")[:2]]
    library = 3 << 31  # signals 32 and 33 are the C library's own
    assert [int(x, 16) & ~library for x in ignored] == [0, 0]
    assert int(r.stdout.split("\n")[2]) == len(os.sched_getaffinity(0))


def test_bang_inherits_nothing_of_ours(lab):
    r = lab.run("spawn a\na pipe(fd)\n! ls /proc/self/fd").ok()
    assert set(r.stdout.split("\n")[2:-1]) <= {"0", "1", "2", "3"}  # 3 is that of ls


def test_bang_keeps_the_trace_clean(lab):
    r = lab.call("--json", "-c", "spawn a\n! echo noise").ok()
    assert all(line.startswith("{") for line in r.stdout.strip().split("\n"))
    assert "noise" in r.stderr


def test_bang_has_the_terminal(lab):
    with Terminal(lab, "--trace", lab.new_trace()) as t:
        t.wait("ipclab> ")
        t.line("! test -t 0 && test -t 1 && stty -a | grep -o ' icanon'; echo done", r"icanon\s+done")
        t.wait("ipclab> ")
        t.type("! echo now it sle''eps && exec sleep 30\n")
        t.wait("now it sleeps")
        t.type("\x03")  # for the command, not for us
        t.wait("killed by SIGINT|exit status|interrupted before")
        t.line("spawn a", "new process")
        t.line("quit")
        assert t.end() == 0


@pytest.mark.parametrize("line", ["! touch x", "lua 1", "set view lanes"])
def test_never_in_a_lab(lab, line):
    r = lab.call("run", lab.write("l.lua", LAB.format(line=line)))
    assert r.status == 3 and "cannot use" in r.stderr
    assert not os.path.exists(lab.path("work", "x"))


@pytest.mark.parametrize("line", ["! touch x", "lua 1", "!touch x"])
def test_never_run_again(lab, line):
    trace = lab.write(
        "x.trace",
        '{"seq":0,"ev":"session","ipclab":1,"version":"1","world":"sealed"}\n'
        f'{{"seq":1,"ev":"input","text":"{line}"}}\n',
    )
    assert lab.call("replay", trace).status == 6
    assert not os.path.exists(lab.path("work", "x"))
