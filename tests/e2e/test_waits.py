# SPDX-License-Identifier: GPL-3.0-or-later
"""Every way to wait: what is told when a call waits, who could end it, what ends it, and when it is
said that nothing will (interface.md, sections 2 and 8)."""

import re

import pytest
from terminal import Terminal

PIPE = ["spawn a", "a pipe(p)", "a fork(b)"]
FILE = ["spawn a", 'a f = open("f", O_RDWR|O_CREAT)', "a fork(b)"]
FULL = [
    "spawn a",
    "a char big[4096]",
    "a pipe(p)",
    "a fcntl(p[1], F_SETPIPE_SZ, 4096)",
    "a write(p[1], big, 4096)",
]
SHM = ["spawn a", "a sm = shmat(shmget(5678, 16, IPC_CREAT|0666))", "a fork(b)"]


class Way:
    """a waits in `line` after `before`; b's `end` makes it return `ret`."""

    def __init__(self, before, line, call, why, end, ret, obj=None, holders=None):
        self.before, self.line, self.call, self.why = before, line, call, why
        self.end, self.ret, self.obj, self.holders = end, ret, obj, holders


def b_holds(fd, mode):
    return [{"actor": "b", "fd": fd, "mode": mode}]


READ_END = PIPE + ["a close(p[1])"]
WAYS = {
    "read": Way(
        READ_END, "a read(p[0], buf, 8)", "read", "empty", 'b write(p[1], "x")', 1,
        "pipe#1", b_holds(4, "w"),
    ),
    "write": Way(
        FULL + ["a fork(b)", "a close(p[0])"], 'a write(p[1], "x")', "write", "full",
        "b read(p[0], big, 4096)", 1, "pipe#1", b_holds(3, "r"),
    ),
    "poll": Way(
        READ_END, "a poll(p[0], POLLIN, -1)", "poll", "not ready", 'b write(p[1], "x")', 1,
        "pipe#1", b_holds(4, "w"),
    ),
    "select": Way(
        READ_END, "a select(p[0], READFDS, -1)", "select", "not ready", 'b write(p[1], "x")', 1,
        "pipe#1", b_holds(4, "w"),
    ),
    "lock": Way(
        FILE + ["b fcntl(f, F_SETLK, F_WRLCK)"], "a fcntl(f, F_SETLKW, F_WRLCK)", "fcntl",
        "locked", "b fcntl(f, F_SETLK, F_UNLCK)", 0, "file#",
    ),
    "lock of a part": Way(
        FILE + ["b fcntl(f, F_SETLK, F_RDLCK, 10, 10)"], "a fcntl(f, F_SETLKW, F_WRLCK, 15, 1)",
        "fcntl", "locked", "b close(f)", 0, "file#",
    ),
    "wait": Way(["spawn a", "a fork(b)"], "a wait(st)", "wait", "alive", "b exit(3)", "b"),
    "waitpid": Way(["spawn a", "a fork(b)"], "a waitpid(b, st)", "waitpid", "alive", "b exit(3)", "b"),
    "await": Way(SHM, "a await sm[3] == 7", "await", "condition", "b sm[3] = 7", None),
}  # fmt: skip
ways = pytest.mark.parametrize("way", WAYS.values(), ids=WAYS.keys())


def until_stuck(who="b"):
    """Lines after which this actor waits for itself."""
    return [f"{who} pipe(own)", f"{who} read(own[0], c, 1)"]


# ---- Each way to wait ----------------------------------------------------------------------


@ways
def test_waits_and_is_woken(lab, world, way):
    r = lab.run([*way.before, way.line, way.end]).ok()
    block = r.one("block")
    assert (block["actor"], block["call"], block["why"]) == ("a", way.call, way.why)
    assert block.get("obj", "").startswith(way.obj or ""), r
    if way.holders:
        assert block["holders"] == way.holders, r
    if way.call not in ("await", "poll", "select"):
        assert "b" in block["waits"].replace(",", " ").split(), block["waits"]
    exits = [e for e in r.find("exit", actor="a") if e["step"] == block["step"]]
    assert len(exits) == 1, r
    ender = r.last("enter", actor="b")
    assert exits[0]["by"] == ender["step"]
    ret = r.one("process", what="fork")["pid"] if way.ret == "b" else way.ret
    if ret is not None:
        assert exits[0]["ret"] == ret
    assert not r.find("verdict"), r


def test_everybody_with_a_lock_in_the_way_is_told(lab, world):
    """Not those who only have the file open, nor those whose lock is elsewhere or admits this one."""
    people = ["spawn a", 'a f = open("f", O_RDWR|O_CREAT)', *(f"a fork({name})" for name in "bcdew")]
    r = lab.run([
        *people, "b fcntl(f, F_SETLK, F_RDLCK, 0, 5)", "c fcntl(f, F_SETLK, F_WRLCK, 10, 5)",
        "d fcntl(f, F_SETLK, F_WRLCK, 40, 5)", "e fcntl(f, F_SETLK, F_RDLCK, 2, 2)",
        "w fcntl(f, F_SETLKW, F_WRLCK, 0, 20)", "interrupt w", "w fcntl(f, F_SETLKW, F_RDLCK, 0, 20)",
    ]).ok()  # fmt: skip
    first, second = r.find("block")
    assert [h["actor"] for h in first["holders"] if "fd" not in h] == ["b", "c", "e"]
    assert [h["actor"] for h in second["holders"] if "fd" not in h] == ["c"]


@ways
def test_why_names_who_can_end_it(lab, way):
    r = lab.run([*way.before, way.line, "why a"]).ok()
    block = r.one("block")
    head = f"{way.call}{' on ' + block['obj'] if 'obj' in block else ''} since step {block['step']}"
    text = r.stdout[r.stdout.index(f"a waits in {head}") :]
    if way.call != "await":
        said = text[: text.index("Next: ")].split("\n", 1)[1]
        assert re.search(r"(^|; |, )\s*b ", said, re.M), text
        assert "Next: b " in text, text
    else:
        assert "others may share" in text


@ways
def test_next_of_why_ends_it(lab, way):
    """The line that `why` proposes is one that can be typed, and it helps."""
    if way.call == "await":
        pytest.skip("an await cannot know who will write")
    r = lab.run([*way.before, way.line, "why a"]).ok()
    line = r.stdout[r.stdout.rindex("Next: ") + 6 :].splitlines()[0]
    r = lab.run([*way.before, way.line, line]).ok()
    step = r.one("block", actor="a")["step"]
    assert [e for e in r.find("exit", actor="a") if e["step"] == step], f"{line!r} did not help\n{r}"


@ways
def test_interrupt(lab, world, way):
    r = lab.run([*way.before, way.line, "interrupt a", "a getppid()"]).ok()
    step = r.one("block")["step"]
    (came_back,) = [e for e in r.find("exit", actor="a") if e["step"] == step]
    assert (came_back["ret"], came_back["errno"]) == (-1, "EINTR")
    assert "by" not in came_back
    assert r.last("exit", actor="a")["call"] == "getppid"
    assert not r.find("verdict")


@ways
def test_waiting_at_the_end_is_a_note(lab, way):
    """Idle b could end it: no verdict, a note, status 0."""
    r = lab.run([*way.before, way.line]).ok()
    assert not r.find("verdict")
    assert "a in " in r.last("note")["text"]


@ways
def test_stuck(lab, world, way):
    r = lab.run([*way.before, way.line, *until_stuck()])
    assert r.status == 4, r
    verdict = r.one("verdict")
    assert (verdict["kind"], verdict["actors"]) == ("stuck", ["a", "b"])
    assert way.call in verdict["text"]
    assert r.stderr.strip().splitlines()[-1].endswith("(status 4)")


@ways
def test_stuck_goes_on(lab, way):
    """After the verdict the script interrupts, and it is no longer stuck."""
    r = lab.run([*way.before, way.line, *until_stuck(), "interrupt b", way.end])
    assert r.status == 0, r
    assert [v["kind"] for v in r.find("verdict")] == ["stuck"]
    step = r.one("block", actor="a")["step"]
    assert [e for e in r.find("exit", actor="a") if e["step"] == step and "by" in e], r


@ways
def test_spawn_after_stuck(lab, way):
    """Somebody new could do something: not stuck any more, and again when that one leaves."""
    r = lab.run([*way.before, way.line, *until_stuck(), "spawn c"]).ok()
    r = lab.run([*way.before, way.line, *until_stuck(), "spawn c", "c exit(0)"])
    assert r.status == 4, r
    assert [v["kind"] for v in r.find("verdict")] == ["stuck", "stuck"]


@ways
def test_line_for_one_who_waits(lab, way):
    r = lab.run([*way.before, way.line, "a getppid()"])
    assert r.status == 2, r
    assert f"waits in {way.call}" in r.stderr
    assert f"step {r.one('block')['step']}" in r.stderr


# ---- Never ---------------------------------------------------------------------------------

ALONE = ["spawn a other", "a pipe(p)"]
NEVER = {
    "read": (ALONE, "a read(p[0], buf, 8)"),
    "write": (FULL + ["spawn other"], 'a write(p[1], "x")'),
    "poll": (ALONE, "a poll(p[0], POLLIN, -1)"),
    "poll for room": (FULL + ["spawn other"], "a poll(p[1], POLLOUT, -1)"),
    "select": (ALONE, "a select(p[0], READFDS, -1)"),
    "await": (["spawn a other", "a int n = 0"], "a await n == 1"),
    "read of a copy": (ALONE + ["a dup2(p[0], 9)", "a close(p[0])"], "a read(9, buf, 8)"),
}
nevers = pytest.mark.parametrize("before,line", NEVER.values(), ids=NEVER.keys())


@nevers
def test_never(lab, world, before, line):
    r = lab.run([*before, line, "other getppid()"]).ok()
    verdict = r.one("verdict")
    assert (verdict["kind"], verdict["actors"]) == ("never", ["a"])
    block = r.one("block")
    assert r.events.index(block) < r.events.index(verdict)
    assert r.last("note"), "an actor that waits at the end is a note"


@nevers
def test_never_then_stuck(lab, before, line):
    r = lab.run([*before, line, "other exit(0)"])
    assert r.status == 4, r
    assert [v["kind"] for v in r.find("verdict")] == ["never", "stuck"]


@nevers
def test_never_ends_by_interrupt_only(lab, before, line):
    r = lab.run([*before, line, "interrupt a", "a getppid()"]).ok()
    assert r.find("exit", actor="a", errno="EINTR")
    assert len(r.find("verdict")) == 1


@pytest.mark.parametrize("last", ["b close(p[1])", "b exit(0)", "b dup2(0, p[1])"])
def test_never_once_the_last_other_end_is_gone(lab, world, last):
    r = lab.run([*PIPE, "spawn other", "a read(p[0], buf, 8)", "b getppid()", last]).ok()
    verdict = r.one("verdict")
    assert (verdict["kind"], verdict["actors"]) == ("never", ["a"])
    ended = r.last("enter", actor="b")
    assert r.events.index(verdict) > r.events.index(ended)


def test_a_waiting_holder_is_no_never(lab):
    """Each holds what the other needs: nobody alone is hopeless while a third could interrupt."""
    lines = [
        "spawn other a", "a pipe(p)", "a pipe(q)", "a fork(b)", "a close(p[1])", "b close(q[1])",
        "a read(p[0], x, 1)", "b read(q[0], y, 1)",
    ]  # fmt: skip
    r = lab.run(lines).ok()
    assert not r.find("verdict")
    r = lab.run([*lines, "other exit(0)"])
    assert r.status == 4, r
    assert r.one("verdict")["kind"] == "stuck"


# ---- Where something could still end it ------------------------------------------------------


@pytest.mark.parametrize("line", ["a poll(p[0], POLLIN, 40)", "a select(p[0], READFDS, 40)"])
def test_timeout_is_awaited(lab, world, line):
    r = lab.run(["spawn a", "a pipe(p)", line, "a getppid()"]).ok()
    assert r.returns(line[2:].split("(")[0]) == [0]
    assert not r.find("verdict")


@pytest.mark.parametrize("line", ["a nanosleep(0, 40000000)", "a sleep(1)"])
def test_sleep_is_awaited(lab, world, line):
    """The only actor alive sleeps: a timer will end it, that is not stuck."""
    r = lab.run(["spawn a", line, "a getppid()"]).ok()
    assert r.returns(line[2:].split("(")[0]) == [0]
    assert not r.find("verdict")


def test_sleeper_ends_the_wait(lab):
    """While one sleeps the other waits without a verdict; the sleeper then writes."""
    r = lab.run(
        [*READ_END, "a read(p[0], buf, 8)", "b nanosleep(0, 40000000)", 'b write(p[1], "x")']
    ).ok()
    assert not r.find("verdict")
    assert r.one("exit", actor="a", call="read")["by"] == r.last("enter", actor="b")["step"]


def test_program_holds_the_other_end(lab, world):
    """A program of its own has the write end: no verdict while it lives, then end of file."""
    r = lab.run(
        [*READ_END, 'b execve("/bin/sleep", "sleep", "0.3")', "a read(p[0], buf, 8)", "wait"]
    ).ok()
    assert not r.find("verdict")
    assert r.one("exit", actor="a", call="read")["ret"] == 0


def test_program_writes(lab):
    r = lab.run(
        [
            *READ_END, "b dup2(p[1], 1)", "b close(p[1])", "a read(p[0], buf, 8)",
            'b execve("/bin/echo", "echo", "hello")',
        ]
    ).ok()  # fmt: skip
    assert not r.find("verdict")
    assert r.one("exit", actor="a", call="read")["out"]["buf"] == "hello\n"


def test_program_keeps_verdicts_back_and_its_end_brings_them(lab, world):
    r = lab.run(
        ["spawn a b", 'b execve("/bin/sleep", "sleep", "0.3")', *until_stuck("a"), "wait"]
    )
    assert r.status == 4, r
    verdict = r.one("verdict")
    assert verdict["actors"] == ["a"]
    assert r.events.index(verdict) > r.events.index(r.one("process", actor="b", what="exit"))


def test_child_program_is_waited_for(lab):
    r = lab.run(
        ["spawn a", "a fork(b)", 'b execve("/bin/sleep", "sleep", "0.2")', "a wait(st)", "wait"]
    ).ok()
    assert not r.find("verdict")
    assert r.one("exit", call="wait")["ret"] == r.one("process", what="fork")["pid"]


def test_interrupt_of_a_sleep(lab):
    """At the prompt Ctrl-C stops the waiting, not the process; `interrupt` ends its call."""
    with Terminal(lab) as t:
        t.wait("ipclab> ")
        t.line("spawn a", "ipclab> ")
        t.line("a sleep(1000)", "Ctrl-C stops the waiting")
        t.type(b"\x03")
        t.wait("a goes on by itself")
        t.line("why a", "a waits in sleep since step 1")
        t.line("interrupt a", r"<\.\.\. sleep> = ")
        t.line("a getppid()", r"getppid\(\) = ")
        t.line("quit")
        assert t.end() == 0


# ---- Several at once -----------------------------------------------------------------------


def test_end_of_file_for_three(lab, world):
    lines = ["spawn w", "w pipe(p)"]
    for name in ("a", "b", "c"):
        lines += [f"w fork({name})", f"{name} close(p[1])"]
    for name in ("b", "c", "a"):
        lines += [f"{name} read(p[0], buf, 8)"]
    r = lab.run([*lines, "w close(p[1])"]).ok()
    closing = r.last("enter", actor="w")["step"]
    ends = r.find("exit", call="read")
    assert [(e["actor"], e["ret"], e["by"]) for e in ends] == [
        ("b", 0, closing), ("c", 0, closing), ("a", 0, closing),
    ]  # fmt: skip
    assert not r.find("verdict")


def test_first_come_first_served(lab, world):
    lines = ["spawn w", "w pipe(p)", "w fork(a)", "w fork(b)"]
    lines += ["b read(p[0], buf, 8)", "a read(p[0], buf, 8)", 'w write(p[1], "1")']
    r = lab.run([*lines, 'w write(p[1], "2")']).ok()
    assert [(e["actor"], e["out"]["buf"]) for e in r.find("exit", call="read")] == [
        ("b", "1"), ("a", "2"),
    ]  # fmt: skip


def test_writer_and_reader_in_turn(lab):
    """One write that fits only in parts is ended by the last of the reads that make room."""
    lines = ["spawn a", "a char big[12288]", "a pipe(p)", "a fcntl(p[1], F_SETPIPE_SZ, 4096)"]
    lines += ["a fork(b)", "b write(p[1], big, 12288)", *["a read(p[0], big, 4096)"] * 3]
    r = lab.run(lines).ok()
    wrote = r.one("exit", actor="b", call="write")
    assert wrote["ret"] == 12288
    reads = r.find("exit", actor="a", call="read")
    assert [e["ret"] for e in reads] == [4096] * 3
    assert wrote["by"] == reads[1]["step"]


def test_broken_pipe_of_one_who_waits(lab, world):
    r = lab.run(
        [*FULL, "a fork(b)", "a close(p[0])", 'a write(p[1], "x")', "b close(p[0])"]
    ).ok()
    assert r.one("process", actor="a", what="killed")["sig"] == "SIGPIPE"
    assert not r.find("exit", actor="a", errno="EINTR")


def test_several_awaits(lab, world):
    lines = [*SHM, "a fork(c)", "a fork(d)"]
    lines += ["c await sm[0] == 1", "a await sm[0] == 1", "b await sm[1] == 1"]
    r = lab.run([*lines, "d sm[0] = 1", "d getppid()", "d sm[1] = 1"]).ok()
    first, last = (e["step"] for e in r.find("enter", actor="d", call="="))
    assert [(e["actor"], e["by"]) for e in r.find("exit", call="await")] == [
        ("c", first), ("a", first), ("b", last),
    ]  # fmt: skip


def test_await_that_misses_its_moment(lab):
    """It looks after each step, so what came and went in two steps is seen once."""
    r = lab.run([*SHM, "a await sm[0] == 2", "b sm[0] = 1", "b sm[0] = 3"]).ok()
    assert not r.find("exit", call="await")


# ---- The rest of a line --------------------------------------------------------------------


def test_rest_of_a_line_goes_on(lab, world):
    lines = ["spawn b", "b char buf[8]", "b pipe(p)", "b pipe(q)", "b fork(a)", "a close(p[1])"]
    lines += ["a write(q[1], buf, read(p[0], buf, 8))", 'b write(p[1], "hey")']
    r = lab.run(lines).ok()
    read = r.one("exit", actor="a", call="read")
    wrote = r.one("exit", actor="a", call="write")
    assert (read["ret"], read["by"]) == (3, r.last("enter", actor="b")["step"])
    assert wrote["ret"] == 3
    assert wrote["step"] > read["by"]
    assert "by" not in wrote


def test_rest_of_a_line_waits_again(lab):
    lines = ["spawn b", "b pipe(p)", "b pipe(q)", "b fork(a)"]
    lines += ["a n = read(q[0], y, read(p[0], x, 8))", 'b write(p[1], "abc")', "why a"]
    r = lab.run([*lines, 'b write(q[1], "hello")', "a print n"]).ok()
    assert [e["obj"] for e in r.find("block")] == ["pipe#1", "pipe#2"]
    assert r.last("exit", call="read")["ret"] == 3
    assert r.one("exit", call="print")["value"] in (3, "3")


def test_two_lines_go_on_after_one_step(lab, world):
    """One close wakes two lines; the rest of each runs, in the order in which they waited."""
    lines = ["spawn w", "w pipe(p)", "w pipe(q)"]
    for name in ("a", "b"):
        lines += [f"w fork({name})", f"{name} close(p[1])"]
    lines += [f'{name} write(q[1], "{name}", 1 + read(p[0], buf, 8))' for name in ("b", "a")]
    r = lab.run([*lines, "w close(p[1])", "w read(q[0], both, 8)"]).ok()
    assert r.last("exit", actor="w")["out"]["both"] == "ba"


def test_rest_of_a_childs_line_after_fork(lab):
    """The child's own lines run to their end, also when fork was its parent's last step."""
    lines = ["spawn a", "a char buf[8]", "a pipe(p)", 'a write(p[1], "abc")', "a fork(b)"]
    r = lab.run([*lines, "b write(p[1], buf, read(p[0], buf, 8))"]).ok()
    assert r.one("exit", actor="b", call="write")["ret"] == 3


def test_fork_ends_a_line_in_the_child(lab):
    """`x = fork(b)` stores in both; nothing else of the line runs in the child."""
    r = lab.run(["spawn a", "a n = 1 + fork(b)", "a print n", "b print n"])
    values = [int(e["value"]) for e in r.find("exit", call="print")]
    assert r.status in (0, 2), r
    if r.status == 0:
        assert values[0] == r.one("process", what="fork")["pid"] + 1
