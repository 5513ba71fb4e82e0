# SPDX-License-Identifier: GPL-3.0-or-later
"""Labs in Lua: the one that ships, and what the host gives a lab. What it keeps from one is in
test_corpus_lua."""

import os
import signal
import subprocess
import time

import pytest

from terminal import Terminal

FRAME = """local lab = require "ipclab"
return lab.orchestrated {
  id = "t", title = "t", actors = { "a", "b" },
  run = function(s, a, b)
%s
  end,
}
"""
BODY = 5  # line of FRAME where the body begins


def run(lab, path, seconds=None, env=None, world=None, **more):
    trace = lab.new_trace()
    env = dict(env or {})
    if seconds is not None:
        env["IPCLAB_LAB_SECONDS"] = str(seconds)
    args = ["run", "--trace", trace, "--world", world or lab.world, path]
    return lab.call(*args, trace=trace, env=env, **more)


def script(lab, text, **more):
    return run(lab, lab.write("t.lua", text), **more)


def body(lab, text, **more):
    return script(lab, FRAME % text, **more)


def says(r, line, words, status=3):
    assert r.status == status, r
    assert f"t.lua:{line}: " in r.stderr, r
    assert words in r.stderr, r
    last = r.stderr.rstrip("\n").split("\n")[-1]
    assert last.endswith(f"(status {status})"), r


# ---- The lab that ships -------------------------------------------------------------------------


def test_shm_server_client(lab, world, user):
    r = run(lab, "shm-server-client").ok()
    assert r.events[0]["lab"] == "shm-server-client"
    assert len(r.events[0]["lab_sha256"]) == 64
    made = r.one("exit", actor="server", call="shmget")
    assert (made["obj"], made["created"], made["state"]["size"]) == ("shm#1", True, 27)
    assert r.one("exit", actor="client", call="shmget")["obj"] == "shm#1"
    assert r.one("exit", actor="client", call="load")["out"]["r2"] == "abcdefghijklmnopqrstuvwxyz"
    waits = r.one("block", actor="server", call="await")
    seen = r.one("exit", actor="server", call="await")
    store = r.one("enter", actor="client", call="store")
    assert (seen["step"], seen["by"]) == (waits["step"], store["step"])
    assert [e["passed"] for e in r.find("check")] == [True, True, True]
    assert len([e for e in r.find("note") if e["kind"] == "step"]) == 3


def test_it_replays_and_repeats(lab, world):
    traces = []
    for _ in range(2):
        trace = lab.new_trace()
        lab.call("run", "--stable", "--trace", trace, "--world", world, "shm-server-client").ok()
        with open(trace, "rb") as f:
            traces.append(f.read())
    assert traces[0] == traces[1]
    r = run(lab, "shm-server-client").ok()
    lab.call("replay", "--trust", "--world", world, r.trace).ok()


def test_found_by_path_and_folder(lab):
    text = FRAME % "a:getpid()"
    os.mkdir(lab.path("work", "07-mine"))
    lab.write("07-mine/lab.lua", text)
    assert run(lab, "07-mine").ok().events[0]["lab"] == "mine"
    assert run(lab, "07-mine/lab.lua").ok().events[0]["lab"] == "mine"
    r = run(lab, "shm-server-cliemt")
    assert r.status == 2
    assert "did you mean shm-server-client" in r.stderr


# ---- Calls --------------------------------------------------------------------------------------


def test_results(lab, world):
    body(
        lab,
        r"""
    local r, w = a:pipe()
    local all = {}
    for i = 0, 255 do all[#all + 1] = string.char(i) end
    all = table.concat(all) .. "1\0002"
    assert(a:write(w, all) == #all)
    local text, n = a:read(r, 1000)
    assert(n == #all and text == all, "bytes survive")
    local child, pid = a:fork("child")
    assert(child.name == "child" and child.pid == pid)
    child:exit(3)
    local status, who = a:wait()
    assert(status == 3 << 8 and who == pid)
    local id = a:shmget(5678, 4096, "IPC_CREAT|0600")
    local m = a:shmat(id)
    a:strcpy(m + 2, "xyz")
    assert(a:load(m + 2, 3) == "xyz")
    assert((m + 5) - 2 == m + 3 and (m + 5) - m == 5)
    a:memcpy(m + 300, string.rep("q", 1000))
    assert(a:load(m + 300, 1000) == string.rep("q", 1000), "long ones are whole")
    assert(select("#", a:strcpy(m, "")) == 0)
    s:run "a int n = 7\na char *p = \"words\""
    assert(a.vars.n == 7 and a:load(a.vars.p, 5) == "words" and a:print("n + 1") == 8)
    local copy = a:fork("copy")
    assert(copy:load(m + 2, 3) == "xyz", "fork copies addresses")
    local late = a:shmat(id)
    assert(not pcall(copy.load, copy, late, 1))
    """,
    ).ok()


def test_variables(lab, world):
    """Of one that waits they are seen as a debugger sees them: that is no step."""
    r = body(
        lab,
        r"""
    s:run [[
a shmid = shmget(5678, 27, IPC_CREAT|0666)
a char text[8]
a strcpy(text, "abc")
a pipe(fd)
a long big = 5000000000
]]
    local function all()
      local v = a.vars
      return v.shmid, v.text, v.fd[1], v.fd[2], v.big
    end
    local id, text, r, w, big = all()
    s:expect("asked", id >= 0 and text == "abc" and r == 3 and w == 4 and big == 5000000000)
    s:step "waits"
    local reading = a:start("read", r, 1)
    local id2, text2, r2, w2, big2 = all()
    s:expect("seen", id2 == id and text2 == text and r2 == r and w2 == w and big2 == big)
    s:expect("no such", not pcall(function() return a.vars.nothing end))
    s:expect("b has none", not pcall(function() return b.vars.shmid end))
    """,
    ).ok()
    assert len(r.find("check", passed=True)) == 4
    waits = r.one("note", text="waits")
    assert not [e for e in r.find("enter", call="print") if e["seq"] > waits["seq"]]


def test_many_actors(lab):
    """Loops over many: made, led, waited for."""
    r = body(
        lab,
        """
    local r, w = a:pipe()
    local all, pending = {}, {}
    for i = 1, 100 do all[i] = a:fork("w" .. i) end
    for i, actor in ipairs(all) do pending[i] = actor:start("read", r, 1) end
    for i, p in ipairs(pending) do assert(p:blocked(), i) end
    a:write(w, ("x"):rep(100))
    for i, p in ipairs(pending) do assert(p:finish(1) == "x", i) end
    for i = 1, 30 do local c = s:spawn("c" .. i) assert(c.name == "c" .. i and c:getpid() == c.pid) end
    s.trace:exactly(100, { call = "read", blocked = true })
    """,
    ).ok()
    assert r.one("check")["passed"] is True


def test_pending(lab, world):
    r = body(
        lab,
        r"""
    local r, w = a:pipe()
    local child = a:fork("child")
    local reading = a:start("read", r, 64)
    s:expect("waits", reading:blocked())
    s:expect("why", reading:why():find("empty"))
    s:expect("nobody else moves by itself", reading:finish(60) == false)
    child:write(w, "hello")
    s:expect("woken", not reading:blocked())
    local text, n = reading:finish(1)
    s:expect("got it", text == "hello" and n == 5)
    local again = a:start("read", r, 64)
    s:run "interrupt a"
    local nothing, err = again:finish()
    s:expect("EINTR", nothing == nil and err.name == "EINTR" and err.errno == 4)
    """,
    ).ok()
    assert all(e["passed"] for e in r.find("check"))


def test_try(lab, world):
    r = body(
        lab,
        r"""
    local id, err = a:try("shmget", 5678, 27, "0666")
    s:expect("nil", id == nil)
    s:expect("name", err.name == "ENOENT" and err.errno == 2)
    s:expect("text", err.text == "shmget(5678, 27, 0666) = -1 ENOENT (no segment has key 5678)")
    s:expect("it works", a:try("shmget", 5678, 27, "IPC_CREAT|0666") ~= nil)
    """,
    ).ok()
    assert len(r.find("check", passed=True)) == 4


def test_ids_of_different_kinds(lab, world):
    """In a fresh world a segment, a set and a queue have the same id: each call takes its own kind's."""
    r = body(
        lab,
        """
    local made = {
      a:shmget(5678, 27, "IPC_CREAT|0600"),
      a:semget(5678, 1, "IPC_CREAT|0600"),
      a:msgget(5678, "IPC_CREAT|0600"),
    }
    a:msgctl(made[3], "IPC_RMID")
    a:semctl(made[2], 0, "IPC_RMID")
    a:shmctl(made[1], "IPC_RMID")
    """,
    ).ok()
    texts = [e["text"] for e in r.find("input") if "ctl(" in e["text"]]
    assert [text.split("(")[1].split(",")[0] for text in texts] == ["r3", "r2", "r1"]
    assert [e["obj"] for e in r.find("exit")[3:]] == ["msg#1", "sem#1", "shm#1"]


def test_many_failures_need_no_variables(lab):
    body(lab, "for i = 1, 1500 do a:try('shmget', 5678, 27, '0666') end").ok()


def test_failed_expectation(lab, world):
    r = body(lab, 's:expect("first", false) s:expect("second", true) s:expect("third", nil)')
    assert r.status == 1, r
    assert [e["passed"] for e in r.find("check")] == [False, True, False]
    assert r.events[-1]["ev"] == "end"


@pytest.mark.parametrize(
    "text, words",
    [
        ('a:shmget(5678, 27, "0666")', "shmget(5678, 27, 0666) = -1 ENOENT (no segment has key 5678)"),
        ('assert(a:try("shmget", 1, 27, "0666"))', "shmget(1, 27, 0666) = -1 ENOENT"),
        ('a:shmgte(1)', "a has no call 'shmgte'; did you mean shmget?"),
        ('a:shmget(1, 2, "IPC_CRAET")', "'IPC_CRAET' is no constant; did you mean IPC_CREAT?"),
        ('a:shmget(1, 2, "0666); exit(0")', "shmflg is made of constants, numbers and |, not of ')'"),
        ('a:shmget(1, 2, 666)', "666 is decimal here (= 01232); did you mean 0666?"),
        ('a:shmget("")', "not an empty text"),
        ('a:shmget(5678)', "shmget: size is missing"),
        ('a:close(1, 2)', "argument 2 is one too many"),
        ('a.close(1)', "with a colon"),
        ('a:read((a:pipe()), 64)', "a waits in read (the pipe is empty"),
        ('a:exit(0) a:getpid()', "a is dead"),
        ('a:load(77, 1)', "a was killed by SIGSEGV in load"),
        ('b:load(a:shmat(a:shmget(1, 9, "IPC_CREAT|0600")), 1)', "processes share no memory"),
        ('a:open("x\\0y", "O_RDONLY")', "ends at its first NUL byte"),
        ('s:run "a nosuch()"', "s:run line 1: "),
        ('s:run "load x.so"', "a lab cannot use `load`"),
        ('s:run "source x"', "a lab cannot use `source`"),
        ('s:sleep(1)', "the session has no method 'sleep'"),
        ('error({})', "(error object is a table value)"),
        ('error()', "(error object is a nil value)"),
        ('error(setmetatable({}, {__tostring = function() while true do end end}))', "a table value"),
        ('a.vars.x = 1', "variables and actors change by lines"),
        ('local x = a.vars.nothing', "nothing"),
    ],
)
def test_errors(lab, text, words):
    says(body(lab, text), BODY, words)


def test_where_from(lab):
    r = body(lab, "local function f() a:close(99) end\nf()")
    says(r, BODY, "EBADF")
    assert "called at" in r.stderr and f"t.lua:{BODY + 1}" in r.stderr, r
    r = body(lab, "coroutine.wrap(function()\nerror('inside') end)()")
    says(r, BODY + 1, "inside")
    assert "in a coroutine" in r.stderr


# ---- The file -----------------------------------------------------------------------------------


def test_all_faults_at_once(lab):
    r = script(lab, 'return require "ipclab".orchestrated {\n titel = "x", actors = {"a", 5} }')
    assert r.status == 3
    for words in ("id is missing", "run is missing", "'titel'; did you mean title", "actors[2]"):
        assert words in r.stderr, words


def test_before_and_line_ends(lab):
    text = FRAME % "a:getpid()"
    script(lab, "\ufeff#!/usr/bin/env -S ipclab run\r\n" + text.replace("\n", "\r\n")).ok()


def test_require(lab):
    lab.write("helper.lua", "return { n = 5 }")
    lab.write("loop.lua", 'return require "loop"')
    os.symlink("/etc/hostname", lab.path("work", "out.lua"))
    body(lab, 'assert(require "helper".n == 5 and require "helper" == require "helper")').ok()
    r = body(lab, 'require "loop"')
    assert r.status == 3 and "requires itself" in r.stderr
    for name in ("out", "../x", "/etc/passwd", "nothing"):
        says(body(lab, f'require "{name}"'), BODY, "require")


def test_nothing_dangerous(lab):
    body(
        lab,
        """
    for _, name in ipairs { "os", "io", "debug", "package", "dofile", "loadfile", "loadstring" } do
      assert(_G[name] == nil, name)
    end
    assert(string.dump == nil and require "ipclab" ~= nil)
    assert(getmetatable(a) == false and getmetatable(s) == false)
    """,
    ).ok()
    says(body(lab, "os.exit(0)"), BODY, "attempt to index a nil value (global 'os')")


def test_random_repeats(lab):
    r = [body(lab, "print(math.random(1e9))").ok().stdout for _ in range(2)]
    assert r[0] == r[1]


# ---- Ended from outside ---------------------------------------------------------------------------


def test_interrupt(lab):
    """Ctrl-C ends a lab at its line, and through the guardian."""
    path = lab.write("t.lua", FRAME % "print('ready') for i = 1, 1e9 do a:getpid() end")
    p = lab.popen("run", "--trace", lab.new_trace(), path)
    _until(p, b"ready")
    p.send_signal(signal.SIGINT)
    start = time.monotonic()
    _, err = p.communicate(timeout=20)
    assert p.returncode == 130, err
    assert b"t.lua:5: interrupted" in err
    assert time.monotonic() - start < 5


def test_interrupt_in_c(lab, world):
    """A loop of C looks at no flag: who takes no notice of Ctrl-C is killed, at the lab's line."""
    path = lab.write("t.lua", FRAME % "print('ready') return #(''):rep(1e18)")
    p = lab.popen("run", "--trace", lab.new_trace(), "--world", world, path)
    _until(p, b"ready")
    p.send_signal(signal.SIGINT)
    _, err = p.communicate(timeout=20)
    assert p.returncode == 130, err
    assert b"t.lua:5: interrupted" in err and err.endswith(b"(status 130)\n")


@pytest.mark.parametrize("text", ["return #(''):rep(1e18)", "while true do a:getpid() end"])
def test_interrupt_at_a_terminal(lab, text):
    """There is no clock there, and Ctrl-C comes to guardian and lab alike."""
    path = lab.write("t.lua", FRAME % ("print('ready') " + text))
    with Terminal(lab, "run", "-q", "--trace", lab.new_trace(), path, env={"IPCLAB_LAB_SECONDS": "1"}) as t:
        t.wait("ready")
        t.type(b"\x03")
        t.wait(r"t\.lua:5: interrupted")
        assert t.end() == 130


def test_guardian_is_killed(lab, world):
    """Nothing survives it: the fixture counts."""
    path = lab.write("t.lua", FRAME % "print('ready') return #(''):rep(1e18)")
    p = lab.popen("run", "--trace", lab.new_trace(), "--world", world, path)
    _until(p, b"ready")
    p.kill()
    p.wait()


def _until(p, words):
    got = b""
    while words not in got:
        block = os.read(p.stdout.fileno(), 4096)
        assert block, got
        got += block
    return got
