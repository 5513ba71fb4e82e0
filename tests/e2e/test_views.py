# SPDX-License-Identifier: GPL-3.0-or-later
"""lanes, gutter and lines: who is in which lane, how long a bar is, what stands in the last column,
and that every line of every script in the repository keeps within the width."""

import ast
import ctypes
import glob
import json
import locale
import os
import re

import pytest

from ipclab import ROOT

WIDTHS = (40, 60, 80, 100, 120, 200)
LOCALES = ("C.UTF-8", "C")

LIBC = ctypes.CDLL(None)

STUCK = """\
spawn main
main pipe(p)
main fork(writer)
main fork(reader)
main close(p[0])
main close(p[1])
writer close(p[0])
writer write(p[1], "hello", 5)
writer close(p[1])
writer exit(0)
reader read(p[0], buf, 64)
reader read(p[0], buf, 64)
main wait(status)
main wait(status)
"""


def demo(name):
    with open(os.path.join(ROOT, "scripts", "demo", name), encoding="utf-8") as f:
        return f.read()


def columns(line):
    return sum(max(LIBC.wcwidth(ord(c)), 0) for c in line)


def show(lab, trace, view, width=80, *options, env=None):
    return lab.call("show", "--as", view, "--width", str(width), *options, trace, env=env).ok().stdout


class Table:
    """A picture of lanes: rows as lists of cells, split where the header has its walls."""

    def __init__(self, text):
        lines = text.rstrip("\n").split("\n")
        self.names = [cell.strip() for cell in lines[0].split("│")]
        walls = [i for i, c in enumerate(lines[0]) if c == "│"]
        assert [i for i, c in enumerate(lines[1]) if c == "┼"] == walls, text
        self.rows, self.boxes = [], []
        for line in lines[2:]:
            if line.startswith(("═", "─")):
                self.boxes.append(line)
            elif all(len(line) > w and line[w] == "│" for w in walls):
                ends = [-1, *walls, len(line)]
                self.rows.append([line[a + 1 : b] for a, b in zip(ends, ends[1:])])

    def lane(self, name):
        at = self.names.index(name)
        return [row[at] for row in self.rows]

    def step(self, step, part=""):
        """The only row of this step that has this text."""
        found = [r for r in self.rows if r[0].strip() == str(step) and part in "".join(r)]
        assert len(found) == 1, (step, part, found)
        return dict(zip(self.names, found[0]))


# ---- Lanes -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [80, 120])
def test_pipe_in_lanes(lab, width):
    r = lab.run(file=demo("pipe.ipc")).ok()
    t = Table(show(lab, r.trace, "lanes", width))
    assert t.names == ["#", "parent", "child", "pipe#1"]
    assert t.step(1)["parent"].strip() == "pipe(pipefd) = 0"
    assert t.step(1)["pipe#1"] == "   0 B  W1 R1"
    fork = t.step(2)
    assert fork["parent"].strip() == "fork(child) = 3"
    assert fork["child"].strip() == "inherits r=3 w=4"
    assert fork["pipe#1"] == "   0 B  W2 R2"
    assert re.fullmatch(r" read\(3, 32\) +▒ waits ", t.step(4, "waits")["parent"])
    assert t.step(6)["child"].rstrip().endswith("─▶") or "─▶" in "".join(t.lane("child"))
    back = t.step(4, "<...")
    assert re.fullmatch(r" <\.\.\. read> = 12 +◀── ", back["parent"])
    assert "[by step 6]" in "".join(t.lane("parent"))
    assert re.fullmatch(r" exit\(0\)  × *", t.step(7)["child"])
    assert t.step(7)["pipe#1"] == "   0 B  W0 R1"  # the end of a process closes what it held
    for step, name in ((3, "parent"), (5, "child"), (8, "parent"), (9, "parent")):
        row = t.step(step)
        other = {"parent": "child", "child": "parent"}[name]
        assert row[name].strip()
        assert not row[other].replace("▒", "").strip()


def test_bar_runs_as_long_as_the_call_waits(lab):
    r = lab.run(file=demo("pipe.ipc")).ok()
    t = Table(show(lab, r.trace, "lanes"))
    lane = t.lane("parent")
    first = next(i for i, cell in enumerate(lane) if "▒ waits" in cell)
    last = next(i for i, cell in enumerate(lane) if "<... read>" in cell)
    at = lane[first].index("▒")
    assert last > first + 2
    assert all(cell[at] == "▒" for cell in lane[first:last])
    assert not any("▒" in cell for cell in lane[:first] + lane[last:])
    assert not any("▒" in cell for cell in t.lane("child"))


def test_shm_in_lanes(lab):
    r = lab.run(file=demo("shm.ipc")).ok()
    t = Table(show(lab, r.trace, "lanes", 120))
    assert t.names == ["#", "server", "client", "shm#1"]
    assert "▒ waits" in t.step(4, "waits")["server"]
    assert t.step(6)["shm#1"].strip() == "27 B  2 attached"
    assert t.step(6)["server"].strip() == "▒"
    assert t.step(8)["client"].strip() == "*shm = '*'"
    assert t.step(3)["server"].rstrip().endswith("─▶") or "─▶" in "".join(t.lane("server"))


def test_three_processes(lab):
    r = lab.run(file=STUCK)
    for width in (80, 120):
        t = Table(show(lab, r.trace, "lanes", width))
        assert t.names == ["#", "main", "writer", "reader", "pipe#1"]
        assert t.step(3)["reader"].strip() == "inherits r=3 w=4"
        assert t.step(3)["pipe#1"].strip() == "0 B  W3 R3"
        assert t.step(8)["writer"].strip() == "close(4) = 0"
        assert t.step(8)["pipe#1"].strip() == "5 B  W1 R1"


def test_one_and_four_processes(lab):
    r = lab.run("spawn a; a pipe(p); a getpid()").ok()
    assert Table(show(lab, r.trace, "lanes", 40)).names == ["#", "a", "pipe#1"]
    r = lab.run("spawn a b c d; d getpid()").ok()
    t = Table(show(lab, r.trace, "lanes", 100))
    assert t.names == ["#", "a", "b", "c", "d"]
    assert t.step(1)["d"].strip() == "getpid() = 5"


def test_several_objects_are_named(lab):
    r = lab.run("spawn a; a pipe(p); a pipe(q); a write(q[1], \"xy\")").ok()
    t = Table(show(lab, r.trace, "lanes"))
    assert t.names[-1] == "objects"
    assert t.step(3)["objects"].strip() == "pipe#2   2 B  W1 R1"


def test_only_some_lanes(lab):
    r = lab.run(STUCK + "lanes writer reader")
    text = r.stdout[r.stdout.index("  # │") :]
    t = Table(text)
    assert t.names == ["#", "writer", "reader", "pipe#1"]
    assert t.step(2)["writer"].strip() == "inherits r=3 w=4"
    assert not [row for row in t.rows if row[0].strip() in ("1", "4", "5", "12")]


def test_killed_exec_output_and_errors(lab):
    r = lab.run(
        "spawn a; a fork(b)\nb execve(\"/bin/sh\", \"sh\", \"-c\", \"echo out; echo err >&2; exit 3\")\n"
        "a wait(s)\na close(99)\na int *n = 5\na *n = 1",
        "-k",
    )
    text = show(lab, r.trace, "lanes")
    t = Table(text)
    lane = [cell.strip() for cell in t.lane("b")]
    assert "is another program now: /bin/sh" in " ".join(lane)
    assert "| out" in lane and "2| err" in lane
    assert "exited 3  ×" in lane
    lane = [cell.strip() for cell in t.lane("a")]
    assert "close(99) = -1 EBADF" in lane
    assert "*n = 1  ×" in lane
    assert any(cell.startswith("killed by SIGSEGV") for cell in lane)


def test_undone_lines_are_left_out(lab):
    r = lab.run('spawn a b\na getpid()\nb getppid()\nb close(77)\nundo 2\na close(78)').ok()
    for view in ("lanes", "gutter"):
        text = show(lab, r.trace, view)
        assert "getppid" not in text.replace("from `b getppid()`", "")
        assert "close(77)" not in text
        assert "2 lines were undone, from `b getppid()`" in text
        assert "close(78)" in text


def test_reset_begins_new_lanes(lab):
    r = lab.run("spawn a b\na getpid()\nreset\nspawn x y\ny getpid()").ok()
    text = show(lab, r.trace, "lanes")
    heads = [line for line in text.split("\n") if line.startswith("  # │")]
    assert len(heads) == 2
    assert [cell.strip() for cell in heads[1].split("│")][:3] == ["#", "x", "y"]
    assert "a new world" in text


# ---- Verdicts --------------------------------------------------------------------------------------


def box_of(text, title):
    """The lines below the rule with this title, up to where the picture goes on."""
    lines = text.split("\n")
    at = next(i for i, line in enumerate(lines) if f" {title} " in line and line[0] in "═─=-")
    rest = []
    for line in lines[at + 1 :]:
        if not line.startswith(" ") or line.startswith("  # ") or re.match(r" *\d+ [│●▒├]", line):
            break
        rest.append(line)
    return lines[at], rest


@pytest.mark.parametrize("view", ["lanes", "gutter"])
def test_stuck_box(lab, view):
    r = lab.run(file=STUCK)
    rule, lines = box_of(show(lab, r.trace, view), "STUCK")
    text = " ".join(line.strip() for line in lines)
    verdict = [e for e in r.find("verdict") if e["kind"] == "stuck"][-1]
    assert rule.count("═") > 60
    assert verdict["says"][0] in text
    assert "One write end (W1) is still open:" in text
    holder = [line for line in lines if line.startswith("     reader ")]
    assert len(holder) == 1
    assert re.search(r"fd 4 +inherited in step 3, never closed +◀ reader itself$", holder[0])
    assert "writer has exited" in text
    undo = verdict["undo"]
    assert f"Next:  `undo {undo}`, then `reader close(4)` before the read." in text
    if view == "lanes":
        assert rule.count("╧") == 4


def test_next_of_the_box_helps(lab):
    """What the box says to type is typed, and nobody is stuck any more."""
    r = lab.run(file=STUCK)
    _, lines = box_of(show(lab, r.trace, "lanes", 120), "STUCK")
    said = re.findall(r"`([^`]+)`", [line for line in lines if "Next:" in line][0])
    r = lab.run(STUCK + "\n".join(said) + "\nreader read(p[0], buf, 64)\nmain wait(status)")
    assert r.last("exit", call="read", actor="reader")["ret"] == 0
    assert r.events.index(r.last("verdict")) < r.events.index(r.last("undo"))


def test_never_has_a_box_of_its_own(lab):
    r = lab.run(file=STUCK)
    rule, lines = box_of(show(lab, r.trace, "lanes"), "NEVER ENDS")
    assert "═" not in rule
    assert "reader cannot go on" in lines[0]


def test_rows_after_a_box_have_a_header(lab):
    r = lab.run(file=STUCK)
    lines = show(lab, r.trace, "lanes").split("\n")
    after = next(i for i, line in enumerate(lines) if " NEVER ENDS " in line)
    at = next(i for i, line in enumerate(lines) if i > after and line.startswith(" 12 │"))
    assert lines[at - 2].startswith("  # │")
    assert lines[at].rstrip().count("▒") == 1  # reader still waits


# ---- Gutter ----------------------------------------------------------------------------------------


def test_gutter(lab):
    r = lab.run(file=demo("pipe.ipc")).ok()
    lines = show(lab, r.trace, "gutter").split("\n")
    row = {line[:3].strip(): line for line in lines if line[:3].strip() and "<..." not in line}
    assert row["1"].startswith("  1 ●    parent  pipe(pipefd) = 0")
    assert row["1"].endswith("pipe#1   0 B  W1 R1")
    assert row["2"].startswith("  2 ├─╮  parent  fork(child) = 3")
    assert row["5"].startswith("  5 ▒ ●  child   close(3) = 0")
    assert row["7"].startswith("  7 │ ×  child   exit(0)")
    assert row["8"].startswith("  8 ●    parent  print recv")
    assert any(line.startswith("  4 ● │  parent  <... read> = 12") for line in lines)


def test_forty_processes(lab):
    names = [f"act{i}" for i in range(40)]
    script = "spawn " + " ".join(names) + "\n" + "\n".join(f"{n} getpid()" for n in names)
    r = lab.run(script + "\nact0 fork(kid)\nact3 exit(0)").ok()
    text = show(lab, r.trace, "lanes")
    assert text.startswith("41 processes do not fit beside each other in 80 columns: gutter\n")
    assert "those beyond share the last column" in text
    for name in names:
        assert len(re.findall(rf" {name} +getpid\(\) = ", text)) == 1
    assert re.search(r"├[─┼]+╮ +act0 +fork\(kid\)", text)
    assert re.search(r"× .* act3 +exit\(0\)", text)


def test_narrow_lanes_say_that_they_are_a_gutter(lab):
    r = lab.run(file=demo("pipe.ipc")).ok()
    text = show(lab, r.trace, "lanes", 40)
    first = " ".join(text.split("\n")[:2])
    assert "2 processes do not fit beside each other in 40 columns: gutter" in re.sub(" +", " ", first)
    assert "├─╮" in text


# ---- Widths and ASCII ------------------------------------------------------------------------------


def records(lab):
    """The examples of all call records."""
    plugins = json.loads(lab.call("plugins", "--json").ok().stdout)
    return [e for p in plugins for c in p["calls"] for e in c.get("examples") or []]


def scripts_of_tests():
    """Every text that a test hands to the program as lines, as far as it stands there in full."""
    found = []
    for name in sorted(glob.glob(os.path.join(ROOT, "tests", "e2e", "*.py"))):
        with open(name, encoding="utf-8") as f:
            tree = ast.parse(f.read())
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                if re.match(r"\s*spawn [a-z]", node.value) and "%" not in node.value:
                    found.append(node.value)
    return found


# Not for a run of all together: what leaves, takes its time, or reads files.
UNFIT = re.compile(
    r"\b(quit|sleep|nanosleep|alarm|hello_nap|await|source|load|lua|log|export|tour|lanes|trace|undo)\b"
    r"|[{}]|^!|\b\d{5,}\b",
    re.M,
)


def together(scripts):
    """One script of many, each in a world of its own."""
    lines = []
    for script in scripts:
        lines += [line.strip() for line in re.split(r"[\n;]", script) if line.strip()]
        lines.append("reset")
    return "\n".join(line for line in lines if line.count('"') % 2 == 0) + "\n"


def check_widths(lab, trace):
    locale.setlocale(locale.LC_CTYPE, "C.UTF-8")
    for view in ("lines", "lanes", "gutter"):
        for width in WIDTHS:
            for name in LOCALES:
                text = show(lab, trace, view, width, env={"LC_ALL": name})
                assert text
                for line in text.split("\n"):
                    assert columns(line) <= width, (view, width, name, line)
                    assert name != "C" or line.isascii(), (view, width, line)


@pytest.mark.parametrize("which", ["demo", "records", "tests", "stuck"])
def test_every_line_is_within_the_width(lab, which):
    scripts = {
        "demo": lambda: [demo("pipe.ipc"), demo("shm.ipc")],
        "records": lambda: records(lab),
        "tests": scripts_of_tests,
        "stuck": lambda: [STUCK],
    }[which]()
    scripts = [s for s in scripts if which == "demo" or not UNFIT.search(s)]
    text = together(scripts) if which != "demo" else "\nreset\n".join(scripts)
    r = lab.run(None, "-k", "--timeout", "2", file=text, timeout=120)
    assert len(r.find("exit")) > 2 and len(r.find("reset")) >= len(scripts) - 1, r
    check_widths(lab, r.trace)


def test_odd_data_is_within_the_width(lab):
    wide = "日本語テキスト" * 20
    r = lab.run(
        None,
        "-k",
        file="\n".join(
            (
                "spawn a a_process_with_a_long_name",
                "a pipe(p)",
                f'a write(p[1], "{wide}")',
                "a read(p[0], buf, 4000)",
                "a print buf",
                'a write(p[1], "e\u0301\u0301\u0301 \\x1b[31m\\n\\t \u202e evil")',
                "a read(p[0], buf, 4000)",
                f'a puts("{"x" * 300}")',
                f'a_process_with_a_long_name puts("{wide} {wide}")',
                f'a open("{"long" * 40}", O_RDONLY)',
            )
        ),
    )
    check_widths(lab, r.trace)
    for view in ("lanes", "gutter"):
        text = show(lab, r.trace, view)
        assert "\x1b" not in text and "\u202e" not in text
    assert '"...' in show(lab, r.trace, "lanes")  # long data is cut with a sign


def test_colour_carries_nothing_alone(lab):
    r = lab.run(file=STUCK)
    for view in ("lines", "lanes", "gutter"):
        plain = show(lab, r.trace, view, 80, "--color=never")
        argv = ("show", "--as", view, "--width", "80", "--color=always", r.trace)
        coloured = lab.call(*argv, raw=True).ok().stdout
        assert "\x1b[" in coloured
        assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == plain


def test_width_is_a_number(lab):
    r = lab.run("spawn a").ok()
    assert lab.call("show", "--width", "wide", r.trace).status == 2
    assert lab.call("show", "--as", "laens", r.trace).status == 2


# ---- The builtins ----------------------------------------------------------------------------------


def test_lanes_is_what_show_shows(lab):
    r = lab.run(demo("pipe.ipc") + "\nset width 90\nlanes").ok()
    assert r.stdout[r.stdout.index("  # │") :] == show(lab, r.trace, "lanes", 90)


def test_trace(lab):
    lines = "spawn a\na getpid()\na getppid()\na close(0)\n"
    all_of_it = lab.run(lines + "trace").ok().stdout
    assert all_of_it.count("getpid()") == all_of_it.count("close(0)") == 2
    last = lab.run(lines + "trace 2").ok().stdout
    assert last.count("getpid()") == 1
    assert last.count("getppid()") == last.count("close(0)") == 2
    assert "  3 ●" in lab.run(lines + "trace 1 as gutter").ok().stdout
    assert "getpid()" in lab.run(lines + "trace as strace").ok().stdout
    assert "  # │ a" in lab.run(lines + "set view lanes\ntrace").ok().stdout


def test_trace_as_json(lab):
    r = lab.run("spawn a\na getpid()\ntrace --json").ok()
    told = [json.loads(line) for line in r.stdout.split("\n") if line.startswith("{")]
    assert told == r.events[: len(told)]
    assert [e["ev"] for e in told] == ["session", "input", "process", "input", "enter", "exit"]


def test_unknown_names(lab):
    r = lab.run("spawn server\nlanes sever")
    assert r.status == 2
    assert "did you mean server?" in r.stderr
    assert lab.run("trace as laens").status == 2
    assert lab.run("trace 0").status == 2
    assert lab.run("trace many").status == 2


def test_dead_actors_have_lanes(lab):
    r = lab.run("spawn a b\na exit(0)\nb getpid()\nlanes a").ok()
    assert "exit(0)  ×" in r.stdout[r.stdout.index("  # │") :]


def test_where_nothing_is_recorded(lab):
    r = lab.call("-c", "spawn a\nlanes", env={"XDG_STATE_HOME": "/proc/nowhere"})
    assert r.status == 2
    assert "not recorded" in r.stderr


# ---- Live ------------------------------------------------------------------------------------------


def test_live_lanes(lab):
    r = lab.run("set view lanes\n" + demo("pipe.ipc")).ok()
    text = r.stdout
    heads = [line for line in text.split("\n") if line.startswith("  # │")]
    assert [[c.strip() for c in h.split("│")] for h in heads] == [
        ["#", "parent", "objects"],
        ["#", "parent", "child", "objects"],
    ]
    t = Table(text[text.index(heads[1]) :])
    assert "▒ waits" in t.step(4, "waits")["parent"]
    assert "the pipe is empty" in " ".join(cell.strip(" ▒") for cell in t.lane("parent"))
    assert t.step(5)["parent"].strip() == "▒"
    assert t.step(6)["objects"].strip() == "pipe#1  12 B  W1 R1"
    assert t.step(4, "<...")["parent"].strip().startswith("<... read> = 12")


def test_a_view_that_begins_in_the_middle_knows_who_waits(lab):
    r = lab.run(
        "spawn a b\na pipe(p)\na read(p[0], buf, 9)\nset view lanes\nb getpid()\n"
        "set view gutter\nb getppid()\nset view lines\nb close(0)"
    ).ok()
    lines = r.stdout.split("\n")
    row = next(line for line in lines if "getpid()" in line)
    assert row.split("│")[1].strip() == "▒"
    assert next(line for line in lines if "getppid()" in line).startswith("  4 ▒ ●  b  getppid()")
    assert next(line for line in lines if "close(0)" in line).startswith("  5  b  close(0) = 0")


def test_live_lanes_that_do_not_fit(lab):
    r = lab.run("set view lanes\nset width 80\nspawn a b c\na getpid()\nspawn d e f\nf getpid()").ok()
    assert "processes do not fit beside each other in 80 columns: gutter" in r.stdout
    assert re.search(r"^  1 │ getpid\(\) = 2", r.stdout, re.M)
    assert re.search(r"^  2 [│ ]+● +f  getpid\(\) = ", r.stdout, re.M)


def test_live_undo_waits_again(lab):
    r = lab.run(
        "set view gutter\nspawn a\na pipe(p)\na fork(b)\na read(p[0], buf, 9)\n"
        'b write(p[1], "x")\nundo\nb getpid()'
    ).ok()
    row = next(line for line in r.stdout.split("\n") if "getpid()" in line)
    assert row.startswith("  5 ▒ ●  b  getpid()")


# ---- The events behind them ------------------------------------------------------------------------


def test_a_fork_says_what_is_inherited(lab, world):
    r = lab.twice("spawn a\na pipe(p)\na close(p[1])\na fork(b)")
    assert r.one("process", what="fork")["fds"] == [{"fd": 3, "mode": "r", "obj": "pipe#1"}]


def test_an_object_that_is_named_twice_has_one_state(lab):
    r = lab.run(
        'spawn a\na one = open("/dev/null", O_RDONLY)\na two = open("/dev/null", O_WRONLY)\n'
        "a poll(one, POLLIN, 0, two, POLLOUT, 0)"
    ).ok()
    with open(r.trace, encoding="utf-8") as f:
        for line in f:
            json.loads(line, object_pairs_hook=lambda pairs: check_unique(pairs, line))
    assert "poll(" in show(lab, r.trace, "lines", 80)


def check_unique(pairs, line):
    assert len(dict(pairs)) == len(pairs), line
    return dict(pairs)
