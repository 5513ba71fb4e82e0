# SPDX-License-Identifier: GPL-3.0-or-later
"""What stands on the screen of a session (interface 3), cell by cell, in tmux."""

import os
import re
import signal

import pytest

import leftovers
from ipclab import read_trace
from live import children, name, world_pid
from screen import Screen, needs_tmux

pytestmark = needs_tmux
WIDTHS = (40, 60, 80, 120, 200)


def host(lab, pid):
    """The pid outside of the actor with this pid in its world."""
    for found, _ in leftovers.processes(lab.marker):
        if name(found).startswith("ipclab-launch") and world_pid(found) == pid and pid > 1:
            return found
    raise AssertionError(f"nobody has pid {pid}")


def at_prompt(lab, *args, **more):
    s = Screen(lab, "--trace", lab.new_trace(), *args, **more)
    s.wait(r"^ipclab>$")
    return s


def trace_of(lab):
    return read_trace(lab.path("work", f"{lab._runs}.trace"))


def ready(s):
    """A fresh prompt is the last thing on the screen."""
    s.until(lambda: s.lines()[-1] == "ipclab>", "a fresh prompt")


# ---- Errors --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "line, under, says",
    [
        ("server shmgte(1, 2)", "shmgte", "did you mean shmget?"),
        ("srever close(3)", "srever", "did you mean server?"),
        ("spwan x", "spwan", "did you mean spawn?"),
        ("server shmget(5678, 27, IPC_CRAET|0666)", "IPC_CRAET", "did you mean IPC_CREAT?"),
        ("server print shmd", "shmd", "shmd"),
        ("server shmget(5678, 27, 666)", "666", "did you mean 0666?"),
        ('server puts("漢字") x', "x", "x"),
    ],
)
def test_caret_stands_under_the_mistake(lab, line, under, says):
    with at_prompt(lab) as s:
        s.type("spawn server\n")
        ready(s)
        s.type(line + "\n")
        s.wait(r"^error: ")
        ready(s)
        lines = s.lines()
        at = next(i for i, text in enumerate(lines) if re.fullmatch(r"\s+\^+", text))
        source, carets = lines[at - 1], lines[at]
        wide = lambda text: sum(2 if ord(c) > 0x2E80 else 1 for c in text)
        start = wide(source[: source.rindex(under)])
        assert carets.index("^") == start, s.text
        assert carets.count("^") == wide(under), s.text
        error = " ".join(lines[at + 1 :])
        assert error.startswith("error: ") and says in error


# ---- Events above a half-typed line --------------------------------------------------------------


@pytest.mark.parametrize("columns", WIDTHS)
@pytest.mark.parametrize("half", ["a getp", "a puts(\"" + "long line " * 12])
def test_event_appears_above_the_half_typed_line(lab, columns, half):
    with at_prompt(lab, columns=columns, rows=40) as s:
        s.type("spawn a b\n")
        s.wait(r"^     b  ")
        ready(s)
        s.type("set hints off\n")
        ready(s)
        s.type(half)
        s.until(lambda: "".join(s.lines()).replace(" ", "").endswith(half.replace(" ", "")), "the half-typed line")
        before = s.cursor()[0]
        os.kill(host(lab, 3), signal.SIGKILL)
        s.wait(r"b  <killed by SIGKILL>")
        whole = ("ipclab> " + half).rstrip()
        rows = [whole[i : i + columns].rstrip() for i in range(0, len(whole), columns)]
        s.until(lambda: s.lines()[-len(rows) :] == rows, "the half-typed line below the event")
        assert s.cursor()[0] == before
        assert sum(line.startswith("ipclab> " + half[:6]) for line in s.lines()) == 1, s.text
        s.key("C-u")
        s.type("a getpid()\n")
        s.wait(r"getpid\(\) = 2")


# ---- Completion ----------------------------------------------------------------------------------


def test_tab_completes_what_is_alone(lab):
    with at_prompt(lab) as s:
        s.type("spa")
        s.key("Tab")
        s.wait(r"^ipclab> spawn")
        s.type("server\n")
        s.wait("new process")
        s.type("ser")
        s.key("Tab")
        s.type("shmg")
        s.key("Tab")
        s.wait(r"^ipclab> server shmget\(")
        s.type("5678, 27, IPC_C")
        s.key("Tab")
        s.wait(r"IPC_CREAT")
        s.type("|0666)\n")
        s.wait(r"shmget\(5678, 27, IPC_CREAT\|0666\) = 0")


def test_tab_shows_what_each_is_below_and_the_line_again(lab):
    with at_prompt(lab) as s:
        s.type("spawn server sender\n")
        ready(s)
        s.type("server shmget(5678, 27, IPC_")
        s.key("Tab")
        s.wait(r"^  IPC_CREAT .*make the segment")
        s.wait(r"^  IPC_EXCL ")
        assert s.lines()[-1].startswith("ipclab> server shmget(5678, 27, IPC_")
        s.key("C-u")
        s.type("se")
        s.key("Tab")
        s.wait(r"^  server +idle")
        s.wait(r"^  sender +idle")
        assert s.lines()[-1] == "ipclab> se"


def test_tab_where_nothing_fits_changes_nothing(lab):
    with at_prompt(lab) as s:
        s.type("qqq")
        s.key("Tab", "Tab")
        s.type("x")
        s.wait(r"^ipclab> qqqx$")


@pytest.mark.parametrize("columns", WIDTHS)
def test_what_tab_shows_keeps_within_the_screen(lab, columns):
    with at_prompt(lab, columns=columns, rows=7) as s:
        s.type("spawn a\n")
        ready(s)
        s.type("a ")
        s.key("Tab")
        s.wait(r"^and \d+ more; type on")
        s.until(lambda: s.lines()[-1].startswith("ipclab> a"), "the line again")
        assert all(len(line) < columns for line in s.lines()), s.text


# ---- Grey hints ----------------------------------------------------------------------------------


def grey(s):
    """What stands there in grey, on the last row."""
    row = s.lines(colour=True)[-1]
    found = re.search(r"\x1b\[90m(.*?)(?:\x1b\[(?:0|39)m|$)", row)
    return found.group(1) if found else ""


def test_hint_shrinks_and_is_gone_after_enter(lab):
    with at_prompt(lab) as s:
        s.type("spawn server\n")
        ready(s)
        s.type("server shmget(")
        s.until(lambda: "size" in grey(s) and "shmflg" in grey(s), "the whole prototype in grey")
        x, _ = s.cursor()
        assert x == len("ipclab> server shmget(")
        s.type("5678, ")
        s.until(lambda: "size" in grey(s) and "key" not in grey(s), "what is left after the key")
        s.type("27, IPC_CREAT|0666)")
        s.until(lambda: grey(s) == "", "no hint behind a whole call")
        s.type("\n")
        s.wait("= 0")
        ready(s)
        s.type("server shmget(")
        s.until(lambda: grey(s) != "", "a hint")
        s.type("\n")
        s.wait("error:")
        ready(s)
        assert "shmflg" not in s.text.split("server shmget(5678, 27")[1], s.text


def test_no_hint_inside_a_line_nor_beyond_the_edge(lab):
    with at_prompt(lab, columns=40) as s:
        s.type("spawn server\n")
        ready(s)
        s.type("server shmget(")
        s.until(lambda: grey(s) != "", "a hint")
        s.key("Left")
        s.until(lambda: grey(s) == "", "none when the cursor is not at the end")
        s.key("Right")
        s.type("123456789")
        s.until(lambda: s.lines()[-1].startswith("ipclab> server shmget(123456789"), "the line")
        assert len([line for line in s.lines() if line.startswith("ipclab> server shm")]) == 1, s.text
        assert len(s.lines()[-1]) <= 40


@pytest.mark.parametrize("env", [{"TERM": "dumb"}, {"NO_COLOR": "1"}])
def test_no_hints_where_they_would_look_typed(lab, env):
    with at_prompt(lab, env=env) as s:
        s.type("spawn server\n")
        ready(s)
        s.type("server shmget(")
        s.wait(r"^ipclab> server shmget\($")
        s.type("1")
        s.wait(r"^ipclab> server shmget\(1$")


def test_hints_can_be_switched_off(lab):
    with at_prompt(lab) as s:
        s.type("spawn server\n")
        ready(s)
        s.type("set hints off\n")
        s.wait("set hints off")
        ready(s)
        s.type("server shmget(1")
        s.wait(r"^ipclab> server shmget\(1$")


# ---- Pastes, sizes, stops ------------------------------------------------------------------------


def test_paste_is_shown_as_if_typed(lab):
    with at_prompt(lab, rows=40) as s:
        s.paste("spawn a\na getpid()\na getp")
        s.wait(r"^ipclab> spawn a\n     a  .new process.*\nipclab> a getpid\(\)\n .*getpid\(\) = 2\nipclab> a getp$")


def test_resize_storm_keeps_the_line(lab):
    with at_prompt(lab) as s:
        s.type("spawn a\n")
        ready(s)
        s.type('a puts("kept and ')
        for i in range(60):
            s.resize(*((80, 24), (41, 10), (200, 50), (60, 24))[i % 4])
        s.resize(80, 24)
        s.type('whole")\n')
        s.wait(r"\| kept and whole")
        ready(s)
        s.type("a getpid()\n")
        s.wait(r"getpid\(\) = 2")
        assert s.history.count("ipclab>") == 4, s.history  # each was drawn once


@pytest.mark.parametrize("typed", ["", "a puts(\"half", "a getpid(", "a puts(\"" + "much more than a row has " * 5])
def test_resize_draws_the_line_in_its_place(lab, typed):
    """Also an empty one, one with a hint behind it, and one of several rows."""
    with at_prompt(lab) as s:
        s.type("spawn a\n")
        ready(s)
        s.type(typed)
        for columns in (60, 90, 75, 100, 80):
            s.wait(r"^ipclab> " + re.escape(typed[:40]))
            s.resize(columns, 24)
            s.until(lambda: "ipclab>" in s.lines()[-1 - len(typed) // 60], "the prompt")
        s.key("C-u")
        s.type("a getpid()\n")
        s.wait(r"getpid\(\) = 2")
        ready(s)
        assert s.history.count("ipclab>") == 3, s.history


@pytest.mark.parametrize("columns", WIDTHS)
def test_everything_shown_folds_at_the_width(lab, columns):
    with at_prompt(lab, columns=columns, rows=50) as s:
        for line in ["spawn parent", "parent pipe(pipefd)", "parent fork(child)", "parent close(pipefd[1])",
                     "parent read(pipefd[0], recv, 32)", "why parent", "ps", "child exit(0)"]:
            s.type(line + "\n")
            ready(s)
        wide = [line for line in s.lines() if len(line) > columns]
        assert not wide, wide
        # A row that the terminal had to wrap by itself would begin without its indent.
        steps = [line for line in s.history.split("\n") if re.match(r" *\d+  \w", line)]
        assert steps and all(len(line.rstrip()) <= columns for line in steps), steps


def test_stop_and_go_on_redraws_the_line(lab):
    shell = "env -u HISTFILE PS1='sh$ ' bash --norc --noprofile -i"
    with Screen(lab, command=shell) as s:
        s.wait(r"^sh\$")
        s.type(f"{lab.program} --trace {lab.new_trace()}\n")
        s.wait(r"^ipclab>$")
        s.type("spawn a\nset hints off\n")
        s.wait(r"hints off")
        ready(s)
        for i in range(5):
            s.type(f'a puts("half {i}')
            s.wait(rf'half {i}$')
            s.key("C-z")
            s.wait(r"Stopped")
            s.type("clear; stty -a | grep -c ' icanon'; fg\n")
            s.wait(r"^1$")  # the shell got its terminal back
            s.wait(rf'^ipclab> a puts\("half {i}$')
            s.type('")\n')
            s.wait(rf"\| half {i}$")
            ready(s)
        s.type("quit\n")
        s.wait(r"^sh\$ *$")
        s.type("exit\n")


def test_use_shows_in_the_prompt(lab):
    with at_prompt(lab) as s:
        s.type("spawn server\nuse server\n")
        s.wait(r"^ipclab server>$")
        s.type("getpid()\n")
        s.wait(r"server  getpid\(\) = 2")
        s.type("use\n")
        ready(s)


def test_waiting_call_gives_the_prompt_back(lab):
    with at_prompt(lab) as s:
        s.type("spawn a\na pipe(p)\na fork(b)\na read(p[0], buf, 3)\n")
        s.wait(r"<waits: ")
        ready(s)
        s.type('b write(p[1], "abc")\n')
        s.wait(r"<... read> = 3")


def test_predict_question_stands_in_the_state_column(lab):
    with at_prompt(lab) as s:
        s.type("spawn a\n")
        ready(s)
        s.type("set predict on\n")
        ready(s)
        s.type("a getpid()\n")
        s.wait(r"^predict>")
        row = next(line for line in s.lines() if line.startswith("  ?  a getpid()"))
        assert row.endswith("?") and len(row) in range(50, 80)
        s.type("2\n")
        s.wait(r"right: you said 2, and it was 2")


def test_a_hint_is_gone_once_the_line_is_given(lab):
    with at_prompt(lab) as s:
        s._tmux("send-keys", "why", "Enter")  # all keys at once
        s.wait(r"nobody waits")
        ready(s)
        assert "ipclab> why" in s.lines()


# ---- Help and the tour ------------------------------------------------------------------------


def test_help_is_one_screen(lab):
    """The first minute with the line that asked for it and the prompt: 24 rows."""
    with at_prompt(lab, rows=26) as s:
        s.type("help\n")
        s.wait(r"Mechanisms: ")
        ready(s)
        lines = s.lines()
        at = lines.index("ipclab> help")
        assert len(lines) - at - 1 <= 24
        assert max(map(len, lines)) <= 80


@pytest.mark.parametrize("columns", WIDTHS)
def test_tour_keeps_within_the_screen(lab, columns):
    """No row is broken by the terminal: with -J nothing is put together."""
    with at_prompt(lab, columns=columns, rows=60) as s:
        s.type("tour\n")
        for i in range(1, 11):
            s.wait(rf"^tour {i}/\d+")
            s.wait(r"Enter runs:(  |\s+)\w")
            s.until(lambda: s.lines()[-1].startswith("ipclab>"), "a prompt")
            if i < 10:
                s.key("Enter")
        ours = [line for line in s.history.split("\n") if re.match(r" {12}\S|tour \d", line)]
        assert len(ours) > 20 and max(map(len, ours)) <= columns
