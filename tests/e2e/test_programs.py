# SPDX-License-Identifier: GPL-3.0-or-later
"""lab.programs: a Lua function for each actor, and a schedule that decides who moves."""

import pytest

FRAME = """local lab = require "ipclab"
return lab.programs {
  id = "t", title = "t", actors = { %(actors)s }, schedule = %(schedule)s,
  programs = {
%(programs)s
  },
%(more)s
}
"""
FIRST = 5  # line of FRAME where the programs begin

# Each takes both semaphores, one the first first: they meet in the middle.
SEMAPHORES = """
    p = function(p)
      local id = p:semget(77, 2, "IPC_CREAT|0600")
      p:semctl(id, 0, "SETVAL", 1) p:semctl(id, 1, "SETVAL", 1)
      p:semop(id, 0, -1)
      p:semop(id, 1, -1)
    end,
    q = function(q)
      local id = q:semget(77, 2, "IPC_CREAT|0600")
      q:semop(id, 1, -1)
      q:semop(id, 0, -1)
    end,
"""
COUNT = "%s = function(me) for i = 1, %d do me:getpid() end end,\n"


def run(lab, programs, *options, actors="p q", schedule="nil", more="", **rest):
    text = FRAME % {
        "actors": ", ".join(f'"{name}"' for name in actors.split()),
        "schedule": schedule,
        "programs": programs,
        "more": more,
    }
    trace = lab.new_trace()
    path = lab.write("t.lua", text)
    args = ["run", "--trace", trace, "--world", lab.world, *options, path]
    return lab.call(*args, trace=trace, **rest)


def turns(r):
    return [e["actor"] for e in r.find("turn")]


def names(text):
    return "{" + ", ".join(f'"{name}"' for name in text.split()) + "}"


def replays(lab, r):
    lab.call("replay", "--trust", "--world", lab.world, r.trace).ok()


# ---- Turns --------------------------------------------------------------------------------------


def test_hello(lab, world):
    """The pipe program of the lecture as it is written in C: both go on after fork."""
    r = run(
        lab,
        """
    parent = function(parent, s)
      local r, w = parent:pipe()
      local child, pid = parent:fork("child", function(child)
        child:close(r)
        child:write(w, "Hello World\\n")
        return 3
      end)
      parent:close(w)
      s:expect("the text", parent:read(r, 32) == "Hello World\\n")
      local status, who = parent:wait()
      s:expect("the child exits with 3", status == 3 << 8 and who == pid)
    end""",
        actors="parent",
    ).ok()
    assert [e["passed"] for e in r.find("check")] == [True, True]
    assert [(e["actor"], e["status"]) for e in r.find("process", what="exit")] == [
        ("child", 3),
        ("parent", 0),
    ]
    # one turn is one call, and where a program returns the process exits
    assert len(turns(r)) == len(r.find("enter"))
    assert turns(r) == [e["actor"] for e in r.find("enter")]
    replays(lab, r)


def test_round_robin(lab):
    r = run(lab, COUNT % ("p", 2) + COUNT % ("q", 3) + COUNT % ("r", 1), actors="p q r").ok()
    assert turns(r) == list("pqrpqrpqq")
    assert r.one("schedule") == {
        "seq": r.one("schedule")["seq"],
        "ev": "schedule",
        "kind": "round robin",
        "programs": ["p", "q", "r"],
    }
    assert r.find("turn")[-1]["ready"] == ["q"]
    assert r.find("turn")[0]["ready"] == ["p", "q", "r"]


def test_list(lab):
    """Behind its end it goes on in turn."""
    r = run(lab, COUNT % ("p", 3) + COUNT % ("q", 3), schedule=names("q q p q")).ok()
    assert turns(r) == list("qqpq" + "pqpp")
    assert r.one("schedule")["kind"] == "list"


def test_random(lab, world):
    """The same seed is the same run, another one is another; its turns as a list do the same."""
    programs = COUNT % ("p", 9) + COUNT % ("q", 9)
    runs = [
        run(lab, programs, "--seed", seed, "--stable", schedule='"random"').ok()
        for seed in ("7", "7", "8")
    ]
    texts = [open(r.trace, "rb").read() for r in runs]
    assert texts[0] == texts[1]
    assert turns(runs[0]) != turns(runs[2])
    assert sorted(turns(runs[0])) == ["p"] * 10 + ["q"] * 10
    replays(lab, runs[0])
    again = run(lab, programs, schedule=names(" ".join(turns(runs[0])))).ok()
    assert [e["actor"] for e in again.find("enter")] == [e["actor"] for e in runs[0].find("enter")]


def test_random_is_even(lab):
    """Neither is preferred, and no two seeds are alike."""
    seen = set()
    first = 0
    for seed in range(1, 21):
        programs = COUNT % ("p", 20) + COUNT % ("q", 20)
        order = turns(run(lab, programs, "--seed", str(seed), schedule='"random"').ok())
        seen.add("".join(order))
        first += order[:20].count("p")
    assert len(seen) == 20
    assert 140 < first < 260, first


def test_waiting_and_waking(lab, world):
    """A call that waits takes its actor out of the schedule until it comes back."""
    r = run(
        lab,
        """
    p = function(p)
      local r, w = p:pipe()
      p:fork("q", function(q)
        for i = 1, 3 do q:getpid() end
        q:write(w, "x")
      end)
      assert(p:read(r, 64) == "x")
    end""",
        actors="p",
        schedule=names("p p p"),
    ).ok()
    waits = r.one("block", actor="p", call="read")
    back = r.one("exit", actor="p", call="read")
    between = [e for e in r.find("turn") if waits["seq"] < e["seq"] < back["seq"]]
    assert [e["actor"] for e in between] == ["q"] * 4
    assert all(e["ready"] == ["q"] for e in between)
    assert [e["ready"] for e in r.find("turn") if e["seq"] > back["seq"]] == [["p", "q"], ["q"]]
    replays(lab, r)


def test_stuck(lab, world):
    """Met in the middle: a verdict, status 4, and where each of them stands."""
    r = run(lab, SEMAPHORES, schedule=names("p p p q p q q"), more='after = function(s) s:expect("x", true) end')
    assert r.status == 4, r
    assert r.one("verdict")["kind"] == "stuck"
    assert sorted(r.one("verdict")["actors"]) == ["p", "q"]
    assert f"t.lua:{FIRST + 5}: p waits in semop" in r.stderr
    assert f"t.lua:{FIRST + 10}: q waits in semop" in r.stderr
    assert r.one("check")["passed"] is True, "after runs all the same"
    assert r.events[-1]["ev"] == "end"
    replays(lab, r)


def test_another_schedule(lab, world):
    """The same programs, one after the other; nobody gives back, so the second waits for ever."""
    r = run(lab, SEMAPHORES, schedule=names("p p p p p p"))
    assert r.status == 4, r
    assert r.one("verdict")["actors"] == ["q"]
    assert [e["actor"] for e in r.find("process", what="exit")] == ["p"]


def test_what_goes_on_by_itself(lab, world):
    """An alarm ends the waiting: not stuck."""
    r = run(
        lab,
        """
    p = function(p, s)
      p:sigaction("SIGALRM", "handler")
      p:alarm(1)
      local r, w = p:pipe()
      local text, err = p:try("read", r, 1)
      s:expect("EINTR", text == nil and err.name == "EINTR")
    end""",
        actors="p",
    ).ok()
    assert r.one("check")["passed"] is True
    assert not r.find("verdict")


def test_stopped(lab, world):
    """A stopped process is not scheduled, until it is continued."""
    r = run(
        lab,
        """
    p = function(p)
      local q = p:fork("q", function(q) for i = 1, 3 do q:getpid() end end)
      p:kill(q, "SIGSTOP")
      for i = 1, 3 do p:getppid() end
      p:kill(q, "SIGCONT")
      p:wait()
    end""",
        actors="p",
    ).ok()
    stopped, continued = (r.one("process", what=w)["seq"] for w in ("stopped", "continued"))
    between = [e for e in r.find("turn") if stopped < e["seq"] < continued]
    assert len(between) == 4 and all(e["ready"] == ["p"] for e in between)
    r = run(
        lab,
        """
    p = function(p)
      local q = p:fork("q", function(q) q:getpid() q:getpid() end)
      p:kill(q, "SIGSTOP")
      p:wait()
    end""",
        actors="p",
    )
    assert r.status == 4, r
    assert f"t.lua:{FIRST + 2}: q is stopped" in r.stderr, r
    assert f"t.lua:{FIRST + 4}: p waits in wait" in r.stderr, r


def test_await(lab, world):
    """The two programs of the lecture as they stand there, each with its own variables."""
    r = run(
        lab,
        """
    server = function(server)
      local shm = server:shmat(server:shmget(5678, 27, "IPC_CREAT|0666"))
      server:strcpy(shm, "abcdefghijklmnopqrstuvwxyz")
      server:await(shm, 0, "*")
    end,
    client = function(client, s)
      local id, err
      repeat id, err = client:try("shmget", 5678, 27, "0666") until id
      local shm = client:shmat(id)
      local text
      repeat text = client:load(shm, 26) until text:find("z")
      s:expect("a..z", text == "abcdefghijklmnopqrstuvwxyz")
      client:store(shm, "*")
    end""",
        "--seed",
        "5",
        actors="server client",
        schedule='"random"',
    ).ok()
    assert r.one("check")["passed"] is True
    seen = r.one("exit", call="await")
    assert "by" not in seen or seen["by"] == r.one("enter", call="store")["step"]
    replays(lab, r)


def test_ends(lab, world):
    """Killed, executed another program, exited in the middle: nothing of the program runs on."""
    r = run(
        lab,
        """
    p = function(p, s)
      local never = p:fork("never", function(never) never:pause() s:expect("no", false) end)
      local kid = p:fork("kid", function(kid)
        pcall(kid.execve, kid, "/bin/true", "true")
        s:expect("no", false)
      end)
      p:kill(never, "SIGKILL")
      p:waitpid(never)
      p:waitpid(kid)
      pcall(p.exit, p, 5)
      s:expect("no", false)
    end""",
        actors="p",
    ).ok()
    assert not r.find("check")
    assert r.one("process", actor="p", what="exit")["status"] == 5
    assert r.one("process", actor="never", what="killed")["sig"] == "SIGKILL"


def test_forms_of_fork(lab):
    """Without a name the child is called child; a name that is taken is an error."""
    r = run(
        lab,
        """
    p = function(p, s)
      local first = p:fork(function(me) me:getpid() end)
      local second, pid = p:try("fork", "two", function(me) return 7 end)
      s:expect("names", first.name == "child" and second.name == "two" and second.pid == pid)
      local ok, err = pcall(p.fork, p, "p", function() end)
      s:expect("taken", not ok and err:find("already exists"))
      p:fork(function() end)
      local ends = {}
      for i = 1, 3 do
        local status, who = p:wait()
        ends[who] = status
      end
      s:expect("seven", ends[pid] == 7 << 8)
    end""",
        actors="p",
    ).ok()
    assert len(r.find("check", passed=True)) == 3
    assert [e["actor"] for e in r.find("process", what="fork")] == ["child", "two", "child2"]


def test_many(lab):
    """A loop over many programs, and one that forks many."""
    r = run(
        lab,
        """
    p = function(p, s)
      local r, w = p:pipe()
      for i = 1, 40 do
        p:fork("w" .. i, function(me) me:write(w, string.char(64 + i)) end)
      end
      for i = 1, 40 do p:wait() end
      s:expect("all", #p:read(r, 100) == 40)
    end""",
        "--seed",
        "3",
        actors="p",
        schedule='"random"',
    ).ok()
    assert r.one("check")["passed"] is True
    assert len(r.find("process", what="reaped")) == 40


# ---- Errors -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text, words",
    [
        ("p:close(77)", "close(77) = -1 EBADF"),
        ("p:clsoe(77)", "p has no call 'clsoe'; did you mean close?"),
        ("error('mine')", "mine"),
        ("p:start('pause')", "start is for lab.orchestrated"),
        ("s:run 'p getpid()'", "s:run is for lab.orchestrated"),
        ("s:spawn 'x'", "s:spawn is for lab.orchestrated"),
        ("p:fork('x')", "the child has a program too"),
        ("local t = {3,1,2} table.sort(t, function(a, b) p:getpid() return a < b end)", "inside table.sort"),
        ("coroutine.wrap(function() p:getpid() end)()", "not in a coroutine"),
        ("local k p:fork('k', function(k) p:getpid() end) p:wait()", "the program of k leads k alone"),
        ("return {}", "the program of p returned a table"),
        ("coroutine.yield()", "not by coroutine.yield"),
        ("pcall(function() p:clsoe(3) end) p:pipe() pcall(p.exit, p, 'x') p:close(77)", "EBADF"),
        ("p:print('nothing')", "nothing"),
    ],
)
def test_errors(lab, text, words):
    r = run(lab, f"p = function(p, s)\n{text}\nend", actors="p")
    assert r.status == 3, r
    assert words in r.stderr, r
    if not text.startswith("return"):
        assert f"t.lua:{FIRST + 1}: " in r.stderr, r
    assert "in the program of " in r.stderr or "the program of p " in r.stderr


def test_a_turn_that_cannot_be(lab):
    r = run(lab, COUNT % ("p", 1) + COUNT % ("q", 1), schedule=names("p p p"))
    assert r.status == 3
    assert "schedule[3] is p, who cannot move now; who can: q" in r.stderr


@pytest.mark.parametrize(
    "programs, more, words",
    [
        (COUNT % ("p", 1), {}, "lab.programs: q has no program"),
        (COUNT % ("p", 1) + "q = 5", {}, "the program of q is a function, this is a number"),
        (COUNT % ("p", 1) + COUNT % ("q", 1) + COUNT % ("r", 1), {}, "programs has 'r'"),
        (COUNT % ("p", 1), {"schedule": '"randon"'}, "no schedule 'randon'; did you mean random?"),
        (COUNT % ("p", 1), {"schedule": "{ 1 }"}, "schedule[1] is the name of who moves"),
        (COUNT % ("p", 1), {"schedule": "5"}, "this is a number"),
        (COUNT % ("p", 1), {"more": "afetr = 5"}, "'afetr'; did you mean after?"),
        (COUNT % ("p", 1), {"actors": "p p"}, "actors[1] and actors[2] are both 'p'"),
    ],
)
def test_frame(lab, programs, more, words):
    r = run(lab, programs, **more)
    assert r.status == 3, r
    assert words in r.stderr, r
    assert "t.lua:2: lab.programs" in r.stderr


@pytest.mark.parametrize(
    "text, words, seconds",
    [
        ("while true do end", "instruction limit", 60),
        ("while true do p:getpid() end", "", 3),
        ("return #(''):rep(1e18)", "out of time", 2),
        ("local s = 'x' while true do s = s .. s end", "memory limit", 60),
    ],
)
def test_limits(lab, world, text, words, seconds):
    """The line is that of the program, also where nothing of Lua runs any more."""
    env = {"IPCLAB_LAB_SECONDS": str(seconds)}
    r = run(lab, f"p = function(p)\n{text}\nend", actors="p", env=env, timeout=70)
    assert r.status == 4, r
    assert f"t.lua:{FIRST + 1}: " in r.stderr, r
    assert words in r.stderr, r
