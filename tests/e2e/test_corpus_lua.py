# SPDX-License-Identifier: GPL-3.0-or-later
"""Hostile labs: what loops, eats memory, reaches for what it must not have, or is no lab at all.
Whatever they do: stopped in time, said with file and line, nothing left behind, the trace whole.

tests/fixtures/lua_attacks.txt has more of them, a name and a line each."""

import os
import resource
import subprocess
import time

import pytest

from ipclab import ROOT

FRAME = """local lab = require "ipclab"
return lab.orchestrated {
  id = "t", title = "t", actors = { "a", "b" },
  run = function(s, a, b)
%s
  end,
}
"""
BODY = 5  # line of FRAME where the body begins
SECONDS = 1
SLACK = 3  # of a machine that does something else too


def run(lab, text, seconds=SECONDS, **more):
    trace = lab.new_trace()
    path = lab.write("t.lua", text)
    args = ["run", "--trace", trace, "--world", lab.world, path]
    start = time.monotonic()
    r = lab.call(*args, trace=trace, env={"IPCLAB_LAB_SECONDS": str(seconds)}, **more)
    took = time.monotonic() - start
    assert took < seconds + 1 + SLACK, f"{took} s\n{r}"
    return r


def body(lab, text, **more):
    return run(lab, FRAME % text, **more)


def check(r, statuses, line=BODY, words=""):
    """The reason has the lab's line, and the last line of stderr the status."""
    assert r.status in statuses, r
    if r.status != 0:
        assert f"t.lua:{line}: " in r.stderr, r
        assert words in r.stderr, r
        assert r.stderr.rstrip("\n").endswith(f"(status {r.status})"), r
    assert r.events[0]["ev"] == "session"
    assert [e["seq"] for e in r.events] == list(range(len(r.events)))
    return r


LOOPS = {
    "D01": "while true do end",
    "D02": "while true do pcall(function() while true do end end) end",
    "D03": "coroutine.wrap(function() while true do end end)()",
    "D03 resumed": "coroutine.resume(coroutine.create(function() while true do end end))",
    "D03 many": "while true do coroutine.wrap(function() end)() end",
    "D05": "xpcall(function() while true do end end, function() while true do end end)",
    "D05 closed": "local y <close> = setmetatable({}, {__close = function() while true do end end}) "
    "while true do end",
    "D06": "setmetatable({}, {__gc = function() while true do end end}) collectgarbage()",
    "D09": "return #(''):rep(1e18)",
    "D10": "local m = {__index=rawlen,__newindex=rawlen} local x = setmetatable({},m) "
    "table.move(x, 1, math.maxinteger - 1, 2, setmetatable({},m))",
    "D11 concat": "return #table.concat(setmetatable({}, {__index=rawlen}), '', 1, 1e12)",
    "D11 insert": "local m = {__len=function() return 1<<40 end,__index=rawlen,__newindex=rawlen} "
    "table.insert(setmetatable({}, m), 1, 0)",
    "D13": "return (('a'):rep(36)):find(('a?'):rep(36) .. ('a'):rep(36) .. 'b')",
    "D13 lazy": "return (('x'):rep(30000)):find('.-.-.-.-b')",
    "D26 events": "while true do a:getpid() end",
}


@pytest.mark.parametrize("name", LOOPS)
def test_loops(lab, name):
    check(body(lab, LOOPS[name]), (4,))


@pytest.mark.parametrize("name", ["D09", "D10"])
def test_loops_in_every_world(lab, world, name):
    """Killed by the guardian: the world ends with the process that drove it."""
    check(body(lab, LOOPS[name]), (4,), words="out of time")


def test_d01_by_its_instructions(lab):
    """Nobody needs to look at a clock: a loop of Lua's ends by itself, and the trace is closed."""
    r = check(body(lab, LOOPS["D02"], seconds=20), (4,), words="instruction limit")
    assert r.events[-1]["ev"] == "end"


def test_d07_finalizer_at_the_end(lab):
    check(body(lab, "x = setmetatable({}, {__gc = function() while true do end end})"), (0,))


MEMORY = {
    "D14": "local s = 'x' while true do s = s .. s end",
    "D14 at once": "local s = ('x'):rep(1e9)",
    "D14 replaced": "local s = ('x'):rep(1e6) for i = 1, 12 do s = s:gsub('.', '%0%0') end",
    "D15": "collectgarbage('stop') local t = {} while true do t[#t + 1] = {} end",
    "D15 in a coroutine": "coroutine.wrap(function() local t = {} while true do t[#t + 1] = {} end end)()",
    "D15 through pcall": "local t = {} while true do pcall(function() while true do t[#t + 1] = {} end end) end",
}


@pytest.mark.plain("D14 replaced", "D15")
@pytest.mark.parametrize("name", MEMORY)
def test_memory(lab, name):
    """The limit is the state's, and what the process takes beyond it is little."""
    path = lab.write("t.lua", FRAME % MEMORY[name])
    p = lab.popen("run", "--trace", lab.new_trace(), path, env={"IPCLAB_LAB_SECONDS": "5"})
    most = 0
    while p.poll() is None:
        most = max(most, memory_of(p.pid))
        time.sleep(0.002)  # looks, and decides nothing
    err = p.stderr.read().decode()
    assert p.returncode == 4, err
    assert f"t.lua:{BODY}: " in err
    assert "memory limit (64 MB)" in err or "through" in name
    assert most < 64 + 48, f"{most} MB"


def memory_of(pid):
    """Megabytes of a process and its children, 0 when it is gone."""
    total = 0
    try:
        with open(f"/proc/{pid}/task/{pid}/children") as f:
            pids = [pid, *map(int, f.read().split())]
        for p in pids:
            with open(f"/proc/{p}/statm") as f:
                total += int(f.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError):
        return 0
    return total >> 20


DEPTH = {
    "D17": "local function f() return 1 + f() end f()",
    "D17 pcall": "local function g() return pcall(g) end g() error('reached')",
    "D17 gsub": "local function h(s) return (s:gsub('.', h)) end h('x')",
    "D17 parentheses": "assert(load(('('):rep(1e5) .. '1' .. (')'):rep(1e5)))",
    "D17 tower": "local function up(n) return coroutine.wrap(function() return up(n + 1) end)() end up(1)",
}


@pytest.mark.parametrize("name", DEPTH)
def test_depth(lab, name):
    check(body(lab, DEPTH[name], seconds=5), (3, 4))


def test_d18_error_in_a_coroutine(lab):
    r = check(body(lab, "coroutine.wrap(function()\nerror('inside') end)()"), (3,), BODY + 1, "inside")
    assert "in a coroutine" in r.stderr


@pytest.mark.parametrize(
    "text, words",
    [
        ("error(nil)", "(error object is a nil value)"),
        ("error({})", "(error object is a table value)"),
        ("error(setmetatable({}, {__tostring = function() while true do end end}))", "a table value"),
        ("error(setmetatable({}, {__tostring = function() error('again') end}))", "a table value"),
    ],
)
def test_d19_error_objects(lab, text, words):
    check(body(lab, text), (3,), words=words)


@pytest.mark.parametrize(
    "text",
    [
        "os.exit(0)",
        "os.execute('true')",
        "io.open('/etc/passwd')",
        "io.popen('true')",
        "package.loadlib('x', 'y')",
        "dofile('x')",
        "loadfile('x')",
        "debug.getregistry()",
        "string.dump(print)",
        "warn('@on')",
        "require '../t'",
        "require '/etc/hostname'",
        "require 'os'",
    ],
)
def test_d21_nothing_to_reach_for(lab, text):
    check(body(lab, text), (3,))


@pytest.mark.parametrize(
    "text, statuses",
    [
        ("getmetatable('').__index = function() error('poison') end local x = ('a').b", (3,)),
        ("getmetatable('').__index = function() while true do end end local x = ('a').b", (4,)),
        ("string.format = nil table.concat = nil error = nil setmetatable = nil next = nil "
         "s:expect('a', a:shmget(5678, 27, 'IPC_CREAT|0600') >= 0)", (0,)),
        ("_G.pcall, _G.tostring, _G.type = nil s:expect('a', false)", (1,)),
        ("debug = nil coroutine = nil s:step('x') s:expect('a', #s:leaks() == 0)", (0,)),
    ],
)
def test_d22_poison(lab, text, statuses):
    """What is judged, is judged without the globals of the lab."""
    r = body(lab, text)
    assert r.status in statuses, r
    if r.status == 3:
        check(r, (3,))


def test_d22_the_frame_is_read_raw(lab):
    """Metamethods of the table that the file returns are never asked."""
    r = run(lab, 'return require "ipclab".orchestrated(setmetatable({}, {__index = function() error("no") end}))')
    assert r.status == 3
    assert "id is missing" in r.stderr and "no\n" not in r.stderr


def test_d23_print(lab):
    r = body(lab, r'print("\27]0;x\7 \155 \u{202e} one\27[31m", 2) print(("x"):rep(1e7))', seconds=5)
    assert r.status == 0, r
    assert "\\x1b]0;x\\x07" in r.stdout and "\\x1b[31m" in r.stdout
    assert "the rest is not shown" in r.stdout
    assert len(r.stdout) < 200000


@pytest.mark.parametrize(
    "text, words",
    [
        ("a:exit(0) a:getpid()", "a is dead"),
        ("b:load(a:shmat(a:shmget(1, 9, 'IPC_CREAT|0600')), 1)", "processes share no memory"),
        ("a:shmget({}, 3)", "key is a whole number, this is a table"),
        ("a:shmget(5, a)", "this is an actor"),
        ("a:close(1.5)", "fd is a whole number, this is 1.5"),
        ("a:close('x')", "'x' is no constant"),
        ("a.close(5)", "with a colon"),
        ("s.step('x')", "with a colon: s:step(...)"),
        ("s:step({})", "step takes a text, this is a table"),
        ("s.run(nil, 'x')", "with a colon"),
        ("local r = a:pipe() a:start('read', r, 1).why()", "with a colon"),
    ],
)
def test_d25_wrong_use(lab, text, words):
    """An error with its place, which the lab may catch."""
    check(body(lab, text), (3,), words=words)
    r = body(lab, f"local ok, err = pcall(function() {text} end) s:expect('caught', not ok)")
    assert r.status == 0, r


def test_d26_spawns(lab):
    r = check(body(lab, "for i = 1, 1e6 do s:spawn('w' .. i) end", seconds=60, timeout=90), (3, 4))
    assert "too many actors: the limit is 4096" in r.stderr


def test_d26_descriptors(lab):
    """What a lab does often costs no descriptor of the shell's: it could not go on."""
    text = """
    for i = 1, 150 do
      local r, w = a:pipe()
      a:fork("k" .. i):exit(0)
      a:wait()
      a:close(r) a:close(w)
      s.trace:never { call = "shmget" }
      s:leaks()
    end"""
    few = lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (100, 100))  # noqa: E731
    r = body(lab, text, seconds=20, preexec_fn=few)
    assert r.status == 0, r
    assert len(r.find("process", what="reaped")) == 150


def test_d27_bytecode(lab):
    path = lab.path("work", "t.lua")
    subprocess.run(["luac5.4", "-o", path, "-"], input=b"return 1", check=True)
    trace = lab.new_trace()
    r = lab.call("run", "--trace", trace, path, trace=trace)
    assert r.status == 3
    assert "t.lua:1: precompiled code is not accepted" in r.stderr
    check(body(lab, r'error(select(2, load("\27Lua\x54\0")))'), (3,), words="binary")
    check(body(lab, r'assert(load("\27Lua", "x", "b"))'), (3,), words="binary")


@pytest.mark.parametrize(
    "text, line, words",
    [
        ("local x\n\nlocal = 1\n", 3, "<name> expected"),
        ("\ufeff#!/usr/bin/ipclab run\n\nlocal = 1\n", 3, "<name> expected"),
        ("local x\r\n\r\nlocal = 1\r\n", 3, "<name> expected"),
        ("local x\n\n\0\n", 3, "unexpected symbol"),
        ("return 5", 1, "this one returns a number value"),
        ("", 1, "this one returns a nil value"),
    ],
)
def test_d29_no_lua(lab, text, line, words):
    r = run(lab, text)
    assert r.status == 3, r
    assert f"t.lua:{line}: " in r.stderr and words in r.stderr, r


def test_d29_utf16(lab):
    r = run(lab, "\ufeffreturn 5".encode("utf-16"))
    assert r.status == 3 and "UTF-16" in r.stderr


def test_d30_too_large(lab):
    """Refused before it is read by Lua, also beside the lab."""
    r = run(lab, "-" * (1 << 20) + "-")
    assert r.status == 3 and "larger than 1 MB" in r.stderr
    lab.write("big.lua", "-" * (1 << 20) + "-")
    check(body(lab, "require 'big'"), (3,), words="larger than 1 MB")


# ---- More of them -------------------------------------------------------------------------------


def attacks():
    with open(os.path.join(ROOT, "tests", "fixtures", "lua_attacks.txt")) as f:
        parts = f.read().split("### ")[1:]
    return {name: text.strip() for name, text in (part.split("\n", 1) for part in parts)}


@pytest.mark.parametrize("name", attacks())
def test_attack(lab, name):
    text = attacks()[name]
    # a `return` in the middle of a block is an error of grammar: as a function it may stand there
    check(body(lab, f"local function attack() {text} end attack()"), (0, 3, 4))
