# SPDX-License-Identifier: GPL-3.0-or-later
"""Looking around (interface 2): what is told of processes, descriptors, memory and objects is what
the kernel says, in text and as JSON, and nobody is disturbed by a look."""

import json
import os
import subprocess

import live
import pytest
from ipclab import ROOT

EXAMPLE = """
spawn parent
parent pipe(p)
parent fork(reader)
parent close(3)
parent write(4, "hello")
parent exit(0)
reader read(3, buf, 64)
reader read(3, buf, 64)
"""
RING = """
spawn other a
a pipe(p)
a pipe(q)
a fork(b)
a close(p[1])
b close(q[1])
a read(p[0], x, 1)
b read(q[0], y, 1)
other exit(0)
"""


# ---- Verdicts ------------------------------------------------------------------------------


def test_verdict_of_one_who_waits_for_itself(lab, world):
    r = lab.run(None, file=EXAMPLE)
    assert r.status == 4, r
    v = r.one("verdict")
    assert v["waits"] == [
        {
            "actor": "reader", "call": "read", "step": 7, "obj": "pipe#1", "why": "empty-self",
            "text": r.one("block")["waits"],
        }
    ]  # fmt: skip
    assert v["holders"] == [
        {"actor": "reader", "fd": 4, "mode": "w", "obj": "pipe#1", "since": 2, "how": "fork"}
    ]
    assert v["cycle"] == ["reader"]
    assert v["next"] == ["undo 1", "reader close(4)"]
    assert v["undo"] == 1
    first, *_, last = v["says"]
    assert "the pipe is empty, and read(2) reports end of file only when no write end is open" in first
    assert "parent has exited" in last
    assert "reader waits for itself" in last


def test_next_of_a_verdict_helps(lab, world):
    """What it proposes can be typed as it stands, and then the call ends."""
    lines = r_next = lab.run(None, file=EXAMPLE).one("verdict")["next"]
    r = lab.run(None, file=EXAMPLE + "\n".join(r_next) + "\nreader read(3, buf, 64)\n").ok()
    assert r.last("exit", actor="reader", call="read")["ret"] == 0, lines


def test_verdict_names_the_ring(lab, world):
    r = lab.run(None, file=RING)
    assert r.status == 4, r
    v = r.one("verdict")
    assert sorted(v["cycle"]) == ["a", "b"]
    assert {(h["actor"], h["fd"], h["obj"]) for h in v["holders"]} == {
        ("b", 4, "pipe#1"), ("a", 6, "pipe#2"),
    }  # fmt: skip
    assert [w["actor"] for w in v["waits"]] == ["a", "b"]
    assert any("a waits for b" in s or "b waits for a" in s for s in v["says"]), v
    fixed = lab.run(None, file=RING + "\n".join(v["next"]) + "\nb read(q[0], y, 1)\n")
    assert fixed.last("exit", actor="b", call="read")["ret"] == 0, fixed


def test_ring_through_wait(lab):
    """The parent waits for a child that waits for what the parent does not write."""
    r = lab.run("spawn a; a pipe(p); a fork(b); b read(p[0], buf, 8); a wait(st)")
    v = r.one("verdict")
    assert sorted(v["cycle"]) == ["a", "b"]
    assert v["undo"] == 2
    assert v["next"][0] == "undo 2"


def test_never_has_the_same_fields(lab, world):
    r = lab.run("spawn a other; a pipe(p); a read(p[0], buf, 8)").ok()
    v = r.one("verdict")
    assert v["kind"] == "never"
    assert v["next"] == ["undo 1", "a close(4)"]
    assert v["holders"][0]["since"] == 1
    assert v["holders"][0]["how"] == "call"
    assert v["says"][-1].startswith("Nothing that others hold")


@pytest.mark.parametrize("script", [EXAMPLE, RING])
def test_verdicts_repeat(lab, world, script):
    """Twice the same bytes, and replay compares every field of a verdict."""
    r = lab.twice(None, file=script)
    again = lab.call("replay", "--trust", "--world", lab.world, r.trace)
    assert again.status == 0, again
    for old, new in (('"undo":', '"undo":1'), ('"how":"fork"', '"how":"call"')):
        with open(r.trace, encoding="utf-8") as f:
            lines = f.read().split("\n")
        lines = [x.replace(old, new) if '"ev":"verdict"' in x else x for x in lines]
        changed = lab.write("changed.trace", "\n".join(lines))
        again = lab.call("replay", "--trust", "--world", lab.world, changed)
        assert again.status == 1, again


def why(lab, script):
    r = lab.run(None, file=script + "\nwhy --json\n")
    (answer,) = [json.loads(x) for x in r.stdout.splitlines() if x.startswith("[{")]
    return answer


def test_why_says_what_should_have_come_before(lab):
    (facts,) = why(lab, EXAMPLE)
    assert facts["before"] == ["reader close(4)"]
    assert facts["never"] is True
    assert facts["next"] == ["interrupt reader"]
    text = " ".join(lab.run(None, file=EXAMPLE + "why reader\n").stdout.split())
    assert "Instead: `undo 1`, then `reader close(4)`, then go on." in text


def test_why_of_one_that_does_not_wait(lab):
    """In the words of ps."""
    r = lab.run(["spawn a", "a pipe(p)", "a fork(b)", "b dup2(p[0], 0)", 'b execve("/bin/cat")', "why a", "why b"]).ok()
    assert "a does not wait: idle\n" in r.stdout and "b does not wait: runs /bin/cat\n" in r.stdout


def test_why_names_fflush(lab):
    """What a child printed waits in its memory: writing more is not what is missing."""
    script = """
spawn a
a pipe(p)
a fork(b)
a close(p[1])
b out = fdopen(p[1], "w")
b fprintf(out, "hello\\n")
a read(p[0], buf, 32)
"""
    (facts,) = why(lab, script)
    assert facts["next"] == ["b fflush(out)"]
    assert any("6 B" in s for s in facts["says"])
    r = lab.run(None, file=script + facts["next"][0] + "\n").ok()
    assert r.one("exit", actor="a", call="read")["out"]["buf"] == "hello\n"


def test_looking_changes_no_trace(lab, world):
    """All looks between all lines: not a byte of the trace differs, but for their own lines."""
    looks = ["ps", "fds", "vars", "maps", "objects", "why"]
    lines = [x for x in RING.split("\n") if x]
    watched = [y for x in lines for y in [x, *looks, *(f"{look} --json" for look in looks)]]
    plain = lab.run(None, "--stable", file="\n".join(lines) + "\n")
    seen = lab.run(None, "--stable", file="\n".join(watched) + "\n")
    assert seen.events == plain.events
    assert not any(e["ev"] == "input" and e["text"] in looks for e in seen.events)


# ---- One look after the other, with the kernel as witness ------------------------------------


def answers(result):
    """The JSON values among the lines of an output."""
    found = []
    for line in result.stdout.splitlines():
        if line[:1] in "[{":
            found.append(json.loads(line))
    return found


def look(lab, lines, command, **more):
    r = lab.run([*lines, command], **more).ok()
    (answer,) = answers(r)
    return answer, r


LOOKS = ["ps", "fds", "vars", "maps", "objects", "why"]
SCENE = [
    "spawn server client", "server shmid = shmget(5678, 27, IPC_CREAT|0666)",
    "server shm = shmat(shmid)", "server pipe(p)", "server fork(child)", "client int n = 7",
    'child f = open("f", O_RDWR|O_CREAT)', "child dup(f)", "child read(p[0], buf, 8)",
]  # fmt: skip


@pytest.mark.parametrize("command", LOOKS)
def test_text_and_json(lab, world, user, command):
    """Each is one JSON value on one line; its text keeps within 80 columns."""
    r = lab.run([*SCENE, f"{command} --json"]).ok()
    assert len(answers(r)) == 1, r
    assert next(x for x in r.stdout.splitlines() if x[:1] in "[{").isascii()
    if command == "fds":
        assert answers(r)[0]["sharing"] == "kcmp"
    if command == "maps":
        assert len(answers(r)[0]["processes"]) == 3
    r = lab.run([*SCENE, command], env={"LC_ALL": "C"}).ok()
    text = r.stdout[r.stdout.index("<waits:") :].split("\n", 1)[1]
    assert text.isascii(), r
    for line in text.splitlines():
        assert len(line) <= 80 or "note:" in line, line
        assert line == line.rstrip(), repr(line)
    assert "server" in text or "child" in text


@pytest.mark.parametrize("command", ["fds", "vars", "maps", "why"])
def test_of_one_actor(lab, command):
    facts, r = look(lab, SCENE, f"{command} --json child")
    assert "child" in json.dumps(facts)
    names = [p["actor"] for p in (facts if isinstance(facts, list) else facts["processes"])]
    assert names == ["child"], r
    r = lab.run([*SCENE, f"{command} chlid"])
    assert r.status == 2
    assert "did you mean child?" in r.stderr


def test_ps(lab, world):
    lines = [
        "spawn parent other", "parent pipe(p)", "parent fork(child)", "parent fork(dead)",
        "parent fork(shot)", "parent fork(prog)", "other nanosleep(0, 1000)", "parent close(p[1])",
        "dead exit(3)", 'prog execve("/bin/sleep", "sleep", "5")', "shot char *bad = 0",
        "-shot print *bad", "parent read(p[0], recv, 32)",
    ]  # fmt: skip
    facts, r = look(lab, lines, "ps --json")
    by = {p["actor"]: p for p in facts}
    pids = {e["actor"]: e["pid"] for e in r.find("process") if e["what"] in ("spawn", "fork")}
    assert {n: p["pid"] for n, p in by.items()} == pids
    assert by["parent"]["state"] == "waits"
    assert by["parent"]["call"] == "read"
    assert by["parent"]["text"] == "read(3, recv, 32)"
    assert by["parent"]["obj"] == "pipe#1"
    assert by["parent"]["since"] == r.one("block")["step"]
    assert set(by["parent"]["could"]) == {"child", "prog"}
    assert by["other"]["state"] == by["child"]["state"] == "idle"
    assert (by["dead"]["state"], by["dead"]["status"]) == ("zombie", 3)
    assert (by["shot"]["state"], by["shot"]["signal"]) == ("zombie", "SIGSEGV")
    assert (by["prog"]["state"], by["prog"]["program"]) == ("program", "/bin/sleep")
    for name in ("child", "dead", "shot", "prog"):
        assert by[name]["ppid"] == by["parent"]["pid"]
        assert by[name].get("pgid", by["parent"]["pid"]) == by["parent"]["pid"]
    assert "pgid" not in by["parent"]


def test_ps_of_orphans_and_the_reaped(lab):
    facts, _ = look(
        lab, ["spawn a", "a fork(b)", "b fork(c)", "b exit(0)", "a wait(st)"], "ps --json"
    )
    by = {p["actor"]: p for p in facts}
    assert by["b"]["state"] == "exited"
    assert "ppid" not in by["b"]
    assert by["c"]["ppid"] == 1


FDS = [
    "spawn parent", "parent pipe(p)", "parent fork(child)", "parent close(p[1])",
    "child close(p[0])", 'child f = open("x", O_RDWR|O_CREAT)', "child g = dup(f)",
    'child h = open("x", O_RDONLY|O_CLOEXEC|O_NONBLOCK)', 'child write(f, "hello")',
]  # fmt: skip


def test_fds_share_what_fork_and_dup_copied(lab, world):
    facts, r = look(lab, FDS, "fds --json")
    assert facts["sharing"] == "kcmp"
    table = {(p["actor"], d["fd"]): d for p in facts["processes"] for d in p["fds"]}
    files = {f["file"]: f for f in facts["files"]}
    objects = {o["object"]: o for o in facts["objects"]}

    def file(actor, fd):
        return table[actor, fd]["file"]

    assert file("child", 3) == file("child", 5) != file("child", 6)
    assert file("parent", 0) == file("child", 0)
    assert file("parent", 3) != file("child", 4)
    assert file("parent", 1) != file("child", 1)
    assert files[file("child", 3)]["offset"] == 5
    assert files[file("child", 6)]["offset"] == 0
    assert files[file("child", 6)]["flags"] == ["O_RDONLY", "O_NONBLOCK"]
    assert table["child", 6]["cloexec"] is True
    assert table["child", 3]["cloexec"] is False
    names = [objects[files[file(*at)]["object"]].get("name") for at in
             (("parent", 3), ("child", 4), ("child", 3), ("child", 6))]  # fmt: skip
    assert names == ["pipe#1", "pipe#1", "file#1", "file#1"], r
    assert objects[files[file("child", 1)]["object"]]["captured"] is True
    born = {at: (d["since"], d["how"]) for at, d in table.items()}
    assert born["parent", 0] == (0, "spawn")
    assert born["parent", 3] == (1, "call")
    assert born["child", 4] == (2, "fork")
    assert born["child", 3] == (5, "call")
    assert born["child", 5] == (6, "call")
    for f in facts["files"]:
        for d in f["fds"]:
            assert table[d["actor"], d["fd"]]["file"] == f["file"]


@pytest.fixture
def session(lab):
    """Runs lines in a session that stays, and tells the answer of the last and the pids on the
    host of its actors, by their pids in the world."""
    p = lab.popen("-", stdin=subprocess.PIPE)

    def run(*lines):
        p.stdin.write(("\n".join(lines) + "\n").encode())
        p.stdin.flush()
        for line in p.stdout:
            if line[:1] in b"[{":
                break
        hosts = {}
        for host in live.descendants(p.pid):
            with open(f"/proc/{host}/status", encoding="utf-8") as f:
                inside = next(x for x in f if x.startswith("NSpid:")).split()
            if len(inside) > 2:
                hosts[int(inside[-1])] = host
        return json.loads(line), hosts

    yield run
    p.stdin.close()
    p.stdout.read()
    assert p.wait(10) == 0


def test_fds_agree_with_proc(session):
    """Descriptors, offsets and flags are those of /proc/PID/fdinfo."""
    facts, hosts = session(*FDS, "fds --json")
    files = {f["file"]: f for f in facts["files"]}
    assert len(facts["processes"]) == 2
    for p in facts["processes"]:
        folder = f"/proc/{hosts[p['pid']]}"
        kernel = {int(n) for n in os.listdir(folder + "/fd") if int(n) < 1000}
        assert {d["fd"] for d in p["fds"]} == kernel
        for d in p["fds"]:
            with open(f"{folder}/fdinfo/{d['fd']}", encoding="utf-8") as f:
                info = dict(line.split(":", 1) for line in f)
            flags = int(info["flags"], 8)
            told = files[d["file"]]
            assert int(info["pos"]) == told["offset"]
            assert ("O_NONBLOCK" in told["flags"]) == bool(flags & os.O_NONBLOCK)
            assert d["cloexec"] == bool(flags & os.O_CLOEXEC)
            assert told["flags"][0] == ["O_RDONLY", "O_WRONLY", "O_RDWR"][flags & 3]


def test_fds_old_number_new_object(lab):
    """dup2 puts something else under an old number: it is open since then."""
    facts, _ = look(
        lab, ["spawn a", "a pipe(p)", "a pipe(q)", "a dup2(q[0], p[0])", "a getpid()"],
        "fds --json a",
    )  # fmt: skip
    born = {d["fd"]: (d["since"], d["how"]) for d in facts["processes"][0]["fds"]}
    assert born[3] == (3, "call")
    assert born[4] == (1, "call")


def test_fds_of_a_program(lab, world):
    """What survived execve keeps its birth; O_CLOEXEC is gone."""
    facts, _ = look(
        lab,
        ["spawn a", "a pipe(p)", "a pipe2(q, O_CLOEXEC)", 'a execve("/bin/sleep", "sleep", "5")'],
        "fds --json a",
    )
    born = {d["fd"]: (d["since"], d["how"]) for d in facts["processes"][0]["fds"]}
    assert born[3] == born[4] == (1, "call")
    assert 5 not in born and 6 not in born


def test_fds_draws_what_is_shared(lab):
    r = lab.run([*FDS, "fds"]).ok()
    text = r.stdout[r.stdout.index("PROCESS") :].splitlines()
    rows = [line.split() for line in text]
    first = next(i for i, w in enumerate(rows) if w[:2] == ["child", "3"])
    assert "─┬─▶" in text[first] and "O_RDWR" in text[first] and "at 5" in text[first]
    assert rows[first + 1][:2] == ["child", "5"] and "─┘" in text[first + 1]
    assert rows[first + 2][:3] == ["child", "6", "CLOEXEC"]
    r = lab.run([*FDS, "fds"], env={"LC_ALL": "C"}).ok()
    assert "-+->" in r.stdout[r.stdout.index("PROCESS") :]


def test_no_kcmp_is_said(lab, tmp_path):
    """Where the kernel does not say what is shared, that is what is told."""
    refuse = tmp_path / "refuse"
    subprocess.run(["cc", "-o", refuse, f"{ROOT}/tests/fixtures/faults/refuse.c"], check=True)
    r = lab.run([*FDS, "fds --json", "fds"])
    assert answers(r)[0]["sharing"] == "kcmp"
    program, lab.program = lab.program, str(refuse)
    r = lab.call("kcmp", "1", program, "-c", "\n".join([*FDS, "fds --json", "fds"])).ok()
    (facts,) = answers(r)
    assert facts["sharing"] == "unknown"
    assert len(facts["files"]) == sum(len(p["fds"]) for p in facts["processes"])
    assert "does not tell" in r.stdout


def test_vars_side_by_side(lab, world):
    """One address, in each process what it put there."""
    lines = ["spawn parent", "parent int n = 1", "parent fork(child)", "parent n = 2"]
    facts, _ = look(lab, lines, "vars --json")
    by = {p["actor"]: {v["name"]: v for v in p["vars"]} for p in facts}
    assert by["parent"]["n"]["address"] == by["child"]["n"]["address"]
    assert (by["parent"]["n"]["number"], by["child"]["n"]["number"]) == (2, 1)
    assert by["parent"]["n"]["type"] == "int n"
    text = lab.run([*lines, "vars"]).ok().stdout
    rows = [line.split() for line in text.splitlines()]
    at = next(i for i, w in enumerate(rows) if w[1:3] == ["int", "n"])
    assert rows[at][3:] == ["parent", "2"]
    assert rows[at + 1] == ["child", "1"]


def test_maps(lab, world):
    lines = [
        "spawn server client", "server shm = shmat(shmget(5678, 27, IPC_CREAT|0666))",
        "client shm = shmat(shmget(5678, 27, 0666))", "server char buf[100000]",
        "server fork(child)",
    ]  # fmt: skip
    facts, _ = look(lab, lines, "maps --json")
    by = {
        p["actor"]: {g.get("object", g["what"]): g for g in p["segments"]}
        for p in facts["processes"]
    }
    assert set(by) == {"server", "client", "child"}
    for name, segments in by.items():
        for what in ("variables", "literals", "program", "libraries", "stack", "shm#1"):
            assert what in segments, (name, what)
        assert segments["shm#1"]["perms"] == "rw-s"
        assert segments["shm#1"]["sharing"] == "shared"
        assert set(segments["shm#1"]["with"]) == set(by) - {name}
        assert segments["program"]["sharing"] == "file"
    for what in ("variables", "literals", "stack"):
        assert by["server"][what]["sharing"] == by["child"][what]["sharing"] == "copy-on-write"
        assert by["server"][what]["with"] == ["child"]
        assert by["client"][what]["sharing"] == "private"
    assert by["server"]["variables"]["from"] == by["child"]["variables"]["from"]


def test_maps_agree_with_proc(session):
    """Sizes and numbers of regions add up to those of /proc/PID/maps."""
    lines = ["spawn a", "a shm = shmat(shmget(5678, 9000, IPC_CREAT|0666))", "a fork(b)"]
    facts, hosts = session(*lines, "maps --json")
    assert len(facts["processes"]) == 2
    for p in facts["processes"]:
        with open(f"/proc/{hosts[p['pid']]}/maps", encoding="utf-8") as f:
            rows = [line.split(None, 5) for line in f]
        sizes = [int(to, 16) - int(at, 16) for at, to in (r[0].split("-") for r in rows)]
        assert sum(g["size"] for g in p["segments"]) == sum(sizes)
        by = {g.get("object", g["what"]): g for g in p["segments"]}
        (segment,) = [r for r in rows if len(r) > 5 and r[5].startswith("/SYSV")]
        assert f"0x{segment[0].split('-')[0].lstrip('0')}" == by["shm#1"]["from"]
        assert by["shm#1"]["size"] == 12288
        for what in ("heap", "stack"):  # a sanitizer has no heap
            for row in [r for r in rows if len(r) > 5 and r[5].strip() == f"[{what}]"]:
                assert f"0x{row[0].split('-')[0].lstrip('0')}" == by[what]["from"]


def test_maps_of_a_program(lab):
    """After execve nothing is left of what fork copied."""
    lines = ["spawn a", "a fork(b)", 'b execve("/bin/sleep", "sleep", "5")']
    facts, _ = look(lab, lines, "maps --json")
    by = {p["actor"]: {g["what"]: g for g in p["segments"]} for p in facts["processes"]}
    assert "variables" not in by["b"]
    assert by["a"]["stack"]["sharing"] == by["b"]["stack"]["sharing"] == "private"
    assert by["b"]["program"]["from"] != by["a"]["program"]["from"]


def test_objects_agree_with_lsipc(lab, world):
    """ids, keys, sizes and attachments are those that lsipc sees inside the world, and what a
    program made is among them."""
    lines = [
        "spawn server client maker lister", "server shm = shmat(shmget(5678, 27, IPC_CREAT|0640))",
        "client shm = shmat(shmget(5678, 27, 0640))", "server shmget(77, 5000, IPC_CREAT|0600)",
        "server shmget(IPC_PRIVATE, 100, 0600)",
        'maker execve("/usr/bin/ipcmk", "ipcmk", "-M", "300")', "wait",
        'lister execve("/usr/bin/lsipc", "lsipc", "-J", "-b", "-m")', "wait",
    ]  # fmt: skip
    facts, r = look(lab, lines, "objects --json")
    made = next(e["text"] for e in r.find("output", actor="maker"))
    told = "".join(e["text"] for e in r.find("output", actor="lister"))
    try:
        theirs = {int(s["id"]): s for s in json.loads(told)["sharedmemory"]}
        ours = {o["id"]: o for o in facts if o["kind"] == "shm"}
        if world != "shared":
            assert set(ours) == set(theirs), r
        assert set(ours) <= set(theirs), r
        assert int(made.split(":")[1]) in ours
        assert len(ours) == 4
        for number, o in ours.items():
            s = theirs[number]
            assert int(s["key"], 16) == int(o["key"], 16)
            assert int(s["size"]) == o["state"]["size"]
            assert int(s["nattch"]) == o["state"]["nattch"]
            bits = int(o["detail"]["mode"], 8)
            assert s["perms"] == "".join(
                c if bits & (256 >> i) else "-" for i, c in enumerate("rwxrwxrwx")
            )
        first = next(o for o in ours.values() if o["key"] == "0x0000162e")
        assert first["named"] is True
        assert first["name"] == "shm#1"
        assert first["attached"] == ["server", "client"]
        assert first["state"]["creator"] == "server"
        (found,) = [o for o in ours.values() if not o["named"]]
        assert (found["name"], found["state"]["creator"]) == ("shm#4", "maker")
    finally:
        if world == "shared":  # what programs make there is theirs to remove
            subprocess.run(["ipcrm", "-m", made.split(":")[1].strip()], check=True)


# What is made by calls and by programs, of which kind; what of it lsipc counts.
SYSV = {
    "queues": ("-q", "-Q", "msg", {"usedbytes": "bytes", "msgs": "messages"}),
    "semaphores": ("-s", "-S 3", "sem", {"nsems": "nsems"}),
}


@pytest.mark.parametrize("name", SYSV)
def test_other_objects_agree_with_lsipc(lab, name):
    """Queues and semaphores, as far as a plugin knows them."""
    flag, make, kind, fields = SYSV[name]
    known = lab.call("plugins", "--json").stdout
    if f'"{kind}"' not in known:
        pytest.skip(f"there is no plugin for {kind} here")
    argv = ", ".join(f'"{w}"' for w in ["ipcmk", *make.split()])
    lines = [
        "spawn maker lister", f'maker execve("/usr/bin/ipcmk", {argv})', "wait",
        f'lister execve("/usr/bin/lsipc", "lsipc", "-J", "-b", "{flag}")', "wait",
    ]  # fmt: skip
    facts, r = look(lab, lines, "objects --json")
    told = json.loads("".join(e["text"] for e in r.find("output", actor="lister")))
    (theirs,) = told.values()
    ours = [o for o in facts if o["kind"] == kind]
    assert [(o["id"], int(o["key"], 16)) for o in ours] == [
        (int(t["id"]), int(t["key"], 16)) for t in theirs
    ]
    assert len(ours) == 1
    for theirs_name, our_name in fields.items():
        assert int(theirs[0][theirs_name]) == ours[0]["state"][our_name], r


def test_objects_gone_are_not_told(lab, world):
    lines = [
        "spawn a", "a shmid = shmget(5678, 27, IPC_CREAT|0666)", "a pipe(p)", "a pipe(q)",
        "a shmctl(shmid, IPC_RMID)", "a close(p[0])", "a close(p[1])",
    ]  # fmt: skip
    facts, _ = look(lab, lines, "objects --json")
    assert [o["name"] for o in facts if o["named"]] == ["pipe#2"]
    (q,) = [o for o in facts if o["name"] == "pipe#2"]
    assert q["holders"] == [
        {"actor": "a", "fd": 5, "mode": "r"}, {"actor": "a", "fd": 6, "mode": "w"},
    ]  # fmt: skip


def test_objects_of_streams(lab):
    lines = ["spawn a", "a pipe(p)", 'a out = fdopen(p[1], "w")', 'a fprintf(out, "hello")']
    facts, _ = look(lab, lines, "objects --json")
    (stream,) = [o for o in facts if o["kind"] == "stream"]
    assert stream["state"]["buffered"] == 5
    facts, _ = look(lab, [*lines, "a exit(0)"], "objects --json")
    assert not [o for o in facts if o["kind"] == "stream"]


def test_many_objects(lab):
    """More than fit into one answer of the observer."""
    n = 600
    lines = ["spawn a", *(f"a shmget({k + 1}, {k + 1}, IPC_CREAT|0600)" for k in range(n))]
    r = lab.run(None, file="\n".join([*lines, "objects --json"]) + "\n").ok()
    (facts,) = answers(r)
    assert [o["state"]["size"] for o in facts if o["kind"] == "shm"] == list(range(1, n + 1))


def test_plugin_of_an_older_minor(lab):
    """One that was built before kinds could be listed works, and its objects are told."""
    build = os.path.join(os.path.dirname(lab.program), "badplugins", "old")
    lines = ["spawn a", "a oldcall()"]
    r = lab.run([*lines, "objects --json"], f"--plugin-path={build}").ok()
    assert r.one("exit", call="oldcall")["state"]["level"] == 42
    assert answers(r)
