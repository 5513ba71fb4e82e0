# SPDX-License-Identifier: GPL-3.0-or-later
"""What a lab asserts about what happened: the order of events (s.trace), and what would stay
behind (s:leaks)."""

import ctypes

import pytest

FRAME = """local lab = require "ipclab"
return lab.orchestrated {
  id = "t", title = "t", actors = { "server", "client" },
  run = function(s, server, client)
    local id = server:shmget(5678, 27, "IPC_CREAT|0666")
    local sm = server:shmat(id)
    local waiting = server:start("await", sm, 0, "*")
    local cm = client:shmat(client:shmget(5678, 27, "0666"))
    client:store(cm, "*")
    waiting:finish()
    local t = s.trace
%s
  end,
}
"""
BODY = 12  # line of FRAME where the body begins
GET = '{ call = "shmget", created = true }'
ATTACH = '{ actor = "client", call = "shmat" }'
AWAIT = '{ actor = "server", call = "await" }'
STORE = '{ actor = "client", call = "store" }'


def run(lab, text, frame=FRAME):
    trace = lab.new_trace()
    path = lab.write("t.lua", frame % text)
    return lab.call("run", "--trace", trace, "--world", lab.world, path, trace=trace)


def holds(lab, text):
    r = run(lab, text).ok()
    assert r.one("check")["passed"] is True
    assert "# │" not in r.stdout
    return r


def fails(lab, text, words):
    """A check that fails says what happened instead, with the lanes of that part."""
    r = run(lab, text)
    assert r.status == 1, r
    assert r.one("check")["passed"] is False
    said = r.stdout.split("FAILED: ", 1)[1]
    assert words in said, r
    return said


@pytest.mark.parametrize(
    "text",
    [
        f"t:before({GET}, {ATTACH})",
        f"t:before({{ call = 'shmat', actor = 'server' }}, {AWAIT})",
        'assert(t:never { errno = "ENOENT" })',
        't:never { call = "shmget", key = 5679 }',
        't:never { call = "shmget", actor = "client", created = true }',
        't:exactly(1, { call = "shmget", actor = "client", created = false })',
        't:exactly(2, { call = "shmget", size = 27, obj = "shm#1" })',
        't:exactly(1, { call = "shmget", shmflg = "IPC_CREAT|0666" })',
        't:exactly(1, { call = "shmat", nattch = 2 })',
        't:exactly(0, { ev = "verdict" })',
        't:exactly(2, { call = { "load", "store", "await" } })',
        't:exactly(1, { call = "store", n = function(n) return n < 2 end })',
        't:exactly(2, { ev = "process", what = "spawn" })',
        't:exactly(1, { blocked = true })',
        't:exactly(1, { blocked = true, actor = "server" })',
        f"t:blocked_until({AWAIT}, {STORE})",
    ],
)
def test_holds(lab, text):
    holds(lab, text)


def test_before(lab, world):
    said = fails(lab, f"t:before({ATTACH}, {AWAIT})", "step 3 began before step 5 was over")
    assert said.startswith("client shmat before server await\n")
    rows = [line.split("│")[0].strip() for line in said.split("\n") if "│" in line]
    assert rows[0] == "#" and {"3", "5"} <= set(rows), "both of them stand in the lanes"
    fails(lab, f"t:before({GET}, {{ call = 'shmdt' }})", "shmdt never happened")
    fails(lab, f"t:before({{ call = 'shmdt' }}, {GET})", "shmdt never came to an end")


def test_a_step_that_waits_has_not_come_back(lab):
    """It began first, and was over last."""
    fails(lab, f"t:before({AWAIT}, {STORE})", "step 6 began before step 3 was over")


def test_never(lab, world):
    said = fails(lab, 't:never { call = "shmget", key = 5678 }', "it happened in step 1")
    assert said.startswith("never shmget (key 5678)\n")
    assert "shmget(5678, 27, IPC_CREAT|0666)" in said


def test_exactly(lab):
    said = fails(lab, 't:exactly(1, { call = "shmat" })', "it happened 2 times: step 2, step 5")
    assert said.startswith("exactly 1 times shmat\n")
    fails(lab, 't:exactly(3, { call = "shmdt" })', "it happened 0 times")
    fails(lab, 't:exactly(3, { ev = "process", what = "spawn" })', "it happened 2 times: event ")


def test_blocked_until(lab, world):
    fails(lab, f"t:blocked_until({AWAIT}, {ATTACH})", "step 3 was ended by step 6")
    fails(lab, f"t:blocked_until({STORE}, {ATTACH})", "did not wait in step 6")
    fails(lab, f"t:blocked_until({{ call = 'shmdt' }}, {ATTACH})", "shmdt never happened")
    fails(
        lab,
        "server:pipe() server:start('read', 3, 1) t:blocked_until({ call = 'read' }, { call = 'write' })",
        "step 8 still waits",
    )


def test_own_words(lab):
    r = run(lab, 't:exactly(2, { call = "shmat" }, "both attach it")').ok()
    assert r.one("check")["text"] == "both attach it"


def test_what_was_undone_is_no_more(lab):
    frame = FRAME.replace("    local t = s.trace\n", "")
    r = run(lab, "s:run 'client getpid()\\nclient getpid()\\nundo 1'\ns.trace:exactly(1, { call = 'getpid' })", frame)
    assert r.ok().one("check")["passed"] is True


def test_asked_again_and_again(lab):
    """It sees what happened since it was asked before."""
    r = run(
        lab,
        """
    for i = 1, 30 do
      client:getpid()
      t:exactly(i, { call = "getpid" })
    end""",
    ).ok()
    assert len(r.find("check", passed=True)) == 30


def test_after_programs(lab, world):
    frame = """local lab = require "ipclab"
return lab.programs {
  id = "t", title = "t", actors = { "p" },
  programs = { p = function(p)
    local r, w = p:pipe()
    p:fork("q", function(q) q:write(w, "x") end)
    p:read(r, 1)
    p:wait()
  end },
  schedule = { "p", "p", "p" },
  after = function(s)
%s
  end,
}
"""
    text = 's.trace:blocked_until({ actor = "p", call = "read" }, { actor = "q", call = "write" })'
    assert run(lab, text, frame).ok().one("check")["passed"] is True


@pytest.mark.parametrize(
    "text, words",
    [
        ('t:never { actr = "server" }', "no event has a field 'actr'; did you mean actor?"),
        ('t:never { call = "shmta" }', "there is no call 'shmta'; did you mean shmat?"),
        ('t:never { actor = "sever" }', "there was no actor 'sever'; did you mean server?"),
        ('t:never { ev = "procces" }', "did you mean process?"),
        ("t:never(5)", "a table of fields"),
        ("t:never { {} }", "has names"),
        ("t:never { actor = t }", "a string with a userdata"),
        ("t:exactly({})", "number expected"),
        ('t:never({ call = "read" }, 7)', "comes last"),
        ("t:nevr {}", "s.trace has no method 'nevr'; did you mean never?"),
        ("t.never({})", ""),
    ],
)
def test_what_could_not_fail(lab, text, words):
    """A name that nothing ever has would make a check that cannot fail."""
    r = run(lab, text)
    assert r.status == 3, r
    assert f"t.lua:{BODY}: " in r.stderr, r
    assert words in r.stderr, r


# ---- What would stay behind ---------------------------------------------------------------------


def test_leaks(lab, world):
    r = run(
        lab,
        """
    local function kinds()
      local list = {}
      for _, leak in ipairs(s:leaks()) do
        assert(leak.name ~= "" and leak.text ~= "")
        list[#list + 1] = leak.kind .. " " .. leak.name
      end
      return table.concat(list, ", ")
    end
    s:expect("the segment", kinds() == "shm shm#1")
    server:mq_open("/q", "O_CREAT|O_RDWR", "0600")
    server:shm_open("/seg", "O_CREAT|O_RDWR", "0600")
    local sem = server:sem_open("/sem", "O_CREAT", "0600", 1)
    local id = server:semget(5, 1, "IPC_CREAT|0600")
    local box = server:msgget(5, "IPC_CREAT|0600")
    local kid = server:fork("kid")
    kid:exit(0)
    print(kinds())
    for _, word in ipairs { "shm shm#1", "mq mq#1", "sem sem#1", "msg msg#1", "name /seg",
                            "name /sem", "zombie kid" } do
      s:expect(word, kinds():find(word, 1, true))
    end
    server:wait()
    server:mq_unlink("/q")
    server:shm_unlink("/seg")
    server:sem_unlink("/sem")
    server:semctl(id, 0, "IPC_RMID")
    server:msgctl(box, "IPC_RMID")
    server:shmdt(sm)
    client:shmdt(cm)
    server:shmctl(server:shmget(5678, 27, "0666"), "IPC_RMID")
    print(kinds())
    s:expect("nothing", #s:leaks() == 0)
    """,
    )
    assert r.status == 0, r
    assert len(r.find("check", passed=True)) == 9


def test_leaks_are_no_one_elses(lab, world):
    """What others have on this machine is nothing that the lab leaves behind."""
    libc = ctypes.CDLL(None, use_errno=True)
    others = libc.shmget(0, 100, 0o600)  # IPC_PRIVATE
    try:
        r = run(lab, """
    s:expect("ours", #s:leaks() == 1)
    """).ok()
        assert r.find("check", passed=True)
    finally:
        assert others >= 0 and libc.shmctl(others, 0, None) == 0  # IPC_RMID


def test_leaks_are_no_event(lab):
    """Looking is no step, and nothing of it is in the trace."""
    r = run(lab, "local n = #s:leaks()").ok()
    assert len(r.find("enter")) == 6
