# SPDX-License-Identifier: GPL-3.0-or-later
"""The manners of the prompt (interface 3), byte by byte at a pseudo-terminal. What stands on the
screen is looked at in test_screen.py."""

import os
import re
import signal
import stat

import pytest

import leftovers
from ipclab import read_trace
from terminal import Terminal

PASTE = "\x1b[200~", "\x1b[201~"
CODES = re.compile(rb"\x1b\[[0-9;?]*[A-Za-z]")


def at_prompt(lab, *args, **more):
    t = Terminal(lab, "--trace", lab.new_trace(), *args, **more)
    t.wait("ipclab> ")
    return t


def trace_of(lab):
    return read_trace(lab.path("work", f"{lab._runs}.trace"))


def inputs(lab):
    return [e["text"] for e in trace_of(lab) if e["ev"] == "input"]


def leave(t):
    t.type("\x04")
    return t.end()


# ---- Ctrl-C and Ctrl-D ---------------------------------------------------------------------------


def test_ctrl_c_gives_a_line_up(lab):
    with at_prompt(lab) as t:
        t.type("spawn nobo")
        t.wait("nobo")
        t.type("\x03")
        t.wait(r"\^C\r?\n?ipclab> ")
        t.line("spawn a", "new process")
        assert leave(t) == 0
    assert inputs(lab) == ["spawn a"]


def test_ctrl_c_twice_says_how_to_leave(lab):
    with at_prompt(lab) as t:
        t.type("\x03")
        t.wait("ipclab> ")
        assert "leaves" not in t.text.split("^C")[-1]
        t.type("\x03")
        t.wait(r"Ctrl-D leaves")
        t.wait("ipclab> ")
        assert leave(t) == 0


def test_ctrl_c_stops_the_waiting_and_nobody_dies(lab):
    with at_prompt(lab) as t:
        t.line("spawn a", "new process")
        t.line("a sleep(1000)", "Ctrl-C stops the waiting, not a")
        t.type("\x03")
        t.wait("goes on by itself")
        t.wait("ipclab> ")
        t.line("ps", r"sleeps in sleep")
        t.wait("ipclab> ")
        assert leave(t) == 0
    assert not [e for e in trace_of(lab) if e["ev"] in ("signal",) or e.get("what") == "killed"]


def test_ctrl_d_leaves_in_one_line(lab):
    with at_prompt(lab) as t:
        t.line("spawn a", "new process")
        t.wait("ipclab> ")
        t.type("\x04")
        t.wait("leaving; everything that was made here is removed")
        assert t.end() == 0
    assert trace_of(lab)[-1]["ev"] == "end"


def test_ctrl_d_in_a_line_deletes_and_does_not_leave(lab):
    with at_prompt(lab) as t:
        t.type("spawn ab\x1b[D\x04\n")  # left, delete
        t.wait(r"a  \(new process")
        t.wait("ipclab> ")
        assert leave(t) == 0
    assert inputs(lab) == ["spawn a"]


# ---- Signals of the terminal and others ----------------------------------------------------------


@pytest.mark.parametrize("sig, why", [(signal.SIGHUP, "hangup"), (signal.SIGTERM, "terminated")])
@pytest.mark.parametrize("line", ["", "a sleep(1000)"])
def test_an_end_from_outside_closes_the_trace(lab, sig, why, line):
    with at_prompt(lab) as t:
        t.line("spawn a", "new process")
        t.wait("ipclab> ")
        if line:
            t.line(line, "ends by itself")
        os.kill(t.process.pid, sig)
        assert t.end() == 128 + sig
    end = trace_of(lab)[-1]
    assert end["ev"] == "end" and end["why"] == why
    assert not leftovers.until(lambda: not leftovers.processes(lab.marker), 2) is False


def test_ctrl_backslash_costs_nothing(lab):
    with at_prompt(lab) as t:
        t.line("spawn a", "new process")
        t.type("\x1c")
        t.line("a getpid()", "getpid")
        assert leave(t) == 0


# ---- Pastes --------------------------------------------------------------------------------------

BUSY = ["spawn a b c", "a pipe(p)", "a read(p[0], buf, 4)", "b pipe(p)", "b read(p[0], buf, 4)"]


def busy(lab, **more):
    t = at_prompt(lab, **more)
    for line in BUSY:
        t.line(line, "ipclab> ")
    return t


@pytest.mark.parametrize("term", ["xterm", "dumb"])
@pytest.mark.parametrize("how", ["bracketed", "plain"])
def test_paste_of_200_lines_while_two_wait(lab, term, how):
    lines = [f"c x{i % 50} = {i}" for i in range(200)]
    text = "\r".join(lines) + "\r"
    if how == "bracketed":
        if term == "dumb":
            pytest.skip("a dumb terminal sends no brackets")
        text = PASTE[0] + text + PASTE[1]
    with busy(lab, term=term) as t:
        # In pieces: a pseudo-terminal holds 4 KiB, and what follows must not be read before.
        for at in range(0, len(text), 1000):
            t.type(text[at : at + 1000])
            while t._read(0.01):
                pass
        t.line("c puts(\"all\")", r"\| all")
        t.wait("ipclab> ")
        assert leave(t) == 0
    assert inputs(lab) == BUSY + lines + ['c puts("all")']
    steps = [e for e in trace_of(lab) if e["ev"] == "exit" and e["call"] == "="]
    assert [e["ret"] for e in steps] == list(range(200))


def test_paste_stops_at_the_first_error(lab):
    with at_prompt(lab) as t:
        t.type(PASTE[0] + "spawn a\na getpid()\na nosuch()\na getppid()\n\n# no line\na getuid" + PASTE[1])
        t.wait(r"stopped at its line 3; 3 lines after it were not run")
        t.wait("ipclab> ")
        assert leave(t) == 0
    assert inputs(lab) == ["spawn a", "a getpid()"]


def test_paste_in_the_middle_of_a_line(lab):
    with at_prompt(lab) as t:
        t.type("spaXX\x1b[D\x1b[D" + PASTE[0] + "wn a\na puts(" + PASTE[1])
        t.wait(r"a  \(new process")
        t.type('"in"\x0b)\n')  # kills the rest: XX
        t.wait(r"\| in")
        t.wait("ipclab> ")
        assert leave(t) == 0
    assert inputs(lab) == ["spawn a", 'a puts("in")']


def test_paste_without_newline_is_only_typed(lab):
    with at_prompt(lab) as t:
        t.type(PASTE[0] + "spawn a" + PASTE[1])
        t.wait("spawn a")
        assert not inputs(lab)
        t.type("b\n")
        t.wait("ab  .new process")
        assert leave(t) == 0


def test_paste_without_end_can_be_given_up(lab):
    with at_prompt(lab) as t:
        t.type(PASTE[0] + "spawn a\nspawn b\n")
        while t._read(0.05):
            pass
        t.type("\x03")  # the terminal makes a signal of it, paste or not
        t.wait("ipclab> ")
        t.line("spawn c", "new process")
        assert leave(t) == 0
    assert inputs(lab) == ["spawn c"]


def test_paste_that_quits(lab):
    with at_prompt(lab) as t:
        t.type(PASTE[0] + "spawn a\nquit\nspawn b\n" + PASTE[1])
        assert t.end() == 0
    assert inputs(lab) == ["spawn a"]


def test_typed_ahead_while_a_line_runs(lab):
    with at_prompt(lab) as t:
        t.line("spawn a", "ipclab> ")
        t.line("a sleep(1)", "ends by itself")
        t.type('a puts("ah')
        t.type('ead")\n')
        t.wait(r"\| ahead")
        assert leave(t) == 0
    # Echoed once, by the prompt that took it, and not by the terminal while the line ran.
    assert t.text.count('puts("ahead")') == 2, t.text  # the line, and the row of its step


# ---- What a dumb terminal and other settings see -------------------------------------------------


@pytest.mark.parametrize("env, term", [({}, "dumb"), ({}, ""), ({"NO_COLOR": "1"}, "xterm")])
def test_no_colour(lab, env, term):
    with at_prompt(lab, env=env, term=term) as t:
        t.line("spawn a", "ipclab> ")
        t.line("a nosuch()", "ipclab> ")
        t.line("a shmget(1, 10, 0)", "ENOENT")
        assert leave(t) == 0
    codes = [c for c in CODES.findall(t.raw) if c.endswith(b"m")]
    assert not codes, codes
    if term != "xterm":
        assert b"\x1b" not in t.raw, t.raw


def test_colour_on_a_terminal_and_when_asked(lab):
    with at_prompt(lab) as t:
        t.line("spawn a", "ipclab> ")
        t.line("a shmget(1, 10, 0)", "ENOENT")
        assert leave(t) == 0
    assert b"\x1b[31mENOENT" in t.raw
    r = lab.run("spawn a; a shmget(1, 10, 0)", "--color=always", raw=True)
    assert b"\x1b[31mENOENT" in r.raw_stdout
    assert b"\x1b" not in lab.run("spawn a; a shmget(1, 10, 0)").raw_stdout


def test_ascii_only_in_the_c_locale(lab):
    with at_prompt(lab, env={"LC_ALL": "C"}) as t:
        t.line("spawn a", "ipclab> ")
        t.line('a puts("\xe4\u2502")', r"\\u2502|\\xe2")
        t.type("a shmget(")
        t.type("\t\t")
        assert leave_line(t) == 0
    shown = t.raw.replace('a puts("\xe4\u2502")'.encode(), b"")
    assert all(byte < 0x80 for byte in shown.split(b"|", 1)[1][:40]), shown


def leave_line(t):
    t.type("\x15")
    return leave(t)


def test_one_tab_completes_or_lists(lab):
    """As `help keys` says: the first Tab lists what fits, nobody has to press it twice."""
    with at_prompt(lab) as t:
        t.line("spawn a", "ipclab> ")
        t.line("help keys", r"Tab +completes the word, or lists what fits")
        t.wait("ipclab> ")
        t.type("a mkf\t")
        t.wait(r"mkfifo\(")
        t.type("\x15a sem_p\t")
        t.wait(r"sem_post\(")
        t.type("\x15a sem_t\t")
        t.wait("sem_trywait +take one")
        t.wait("sem_timedwait +as sem_wait")
        assert leave_line(t) == 0


# ---- History, inputrc, rc ------------------------------------------------------------------------


def history(lab):
    return lab.path("state", "ipclab", "history")


def test_history_line_by_line_and_into_the_next_session(lab):
    with at_prompt(lab) as t:
        t.line("spawn a", "new process")
        t.wait("ipclab> ")
        with open(history(lab)) as f:
            assert f.read() == "spawn a\n"  # at once, not at the end
        t.line("a getpid()", "getpid")
        t.line("a getpid()", "getpid")
        t.line(" a getppid()", "getppid")  # begins with a blank: is not kept
        t.wait("ipclab> ")
        os.kill(t.process.pid, signal.SIGKILL)
        t.process.wait()
    with open(history(lab)) as f:
        assert f.read() == "spawn a\na getpid()\n"
    assert stat.S_IMODE(os.stat(history(lab)).st_mode) == 0o600
    with at_prompt(lab) as t:
        t.type("\x1b[A\x1b[A\n")
        t.wait(r"a  \(new process")
        t.wait("ipclab> ")
        t.type("\x12getp")  # search backwards
        t.wait("reverse-i-search")
        t.type("\r")
        t.wait(r"getpid\(\) = ")
        t.wait("ipclab> ")
        assert leave(t) == 0


def test_history_is_of_terminals_only(lab):
    lab.run("spawn a").ok()
    lab.run(stdin="spawn a\n").ok()
    assert not os.path.exists(history(lab))


@pytest.mark.parametrize("how", ["", "file"])
def test_histfile(lab, how):
    path = lab.path("work", "my history")
    with at_prompt(lab, env={"IPCLAB_HISTFILE": path if how else ""}) as t:
        t.line("spawn a", "new process")
        t.type("\x1b[A")
        t.wait("spawn a$")  # in the session itself it is there all the same
        assert leave_line(t) == 0
    assert not os.path.exists(history(lab))
    assert os.path.exists(path) == bool(how)


def test_history_of_a_million_bytes_is_halved(lab):
    os.makedirs(os.path.dirname(history(lab)))
    lines = [f"a x = {i:060}\n" for i in range(20000)]
    with open(history(lab), "w") as f:
        f.writelines(lines)
    with at_prompt(lab) as t:
        t.type("\x1b[A")
        t.wait(f"{19999:060}")
        assert leave_line(t) == 0
    with open(history(lab)) as f:
        kept = f.readlines()
    assert 4000 < len(kept) < 10000 and kept == lines[-len(kept) :]
    assert os.listdir(os.path.dirname(history(lab))) == ["history"]


def test_two_sessions_share_a_history_line_by_line(lab):
    with at_prompt(lab) as a, at_prompt(lab) as b:
        for i in range(20):
            (a, b)[i % 2].line(f"spawn a{i}", "new process")
        assert leave(a) == 0 and leave(b) == 0
    with open(history(lab)) as f:
        assert f.read().split("\n") == [f"spawn a{i}" for i in range(20)] + [""]


def test_inputrc_knows_the_name(lab):
    rc = lab.write("inputrc", '$if ipclab\n"\\C-g": "spawn from_rc"\n$endif\n$if Bash\n"\\C-g": "no"\n$endif\n')
    with at_prompt(lab, env={"INPUTRC": rc}) as t:
        t.type("\x07\n")
        t.wait(r"from_rc  \(new process")
        t.wait("ipclab> ")
        assert leave(t) == 0


def test_vi_keys(lab):
    rc = lab.write("inputrc", "set editing-mode vi\n")
    with at_prompt(lab, env={"INPUTRC": rc}) as t:
        t.type("spawn aa")
        t.wait("aa")
        t.type("\x1b")
        while t._read(0.6):  # an Escape alone is known by the silence after it
            pass
        t.type("x\n")
        t.wait(r" a  \(new process")
        t.wait("ipclab> ")
        assert leave(t) == 0


def test_rc_file_of_sessions_at_a_terminal(lab):
    os.makedirs(lab.path("config", "ipclab"))
    with open(lab.path("config", "ipclab", "rc"), "w") as f:
        f.write("# mine\nspawn early\n")
    with at_prompt(lab) as t:
        assert re.search(r"early  \(new process", t.text)
        assert leave(t) == 0
    assert not lab.run("ps").ok().find("process")


def test_rc_file_with_an_error_names_its_place(lab):
    os.makedirs(lab.path("config", "ipclab"))
    path = lab.path("config", "ipclab", "rc")
    with open(path, "w") as f:
        f.write("spawn a\nspwan b\nspawn c\n")
    with at_prompt(lab) as t:
        assert re.search(re.escape(path) + r":2:1-5: error: .*did you mean spawn\?", t.text), t.text
        t.line("a getpid()", "getpid")
        assert leave(t) == 0


# ---- Pager ---------------------------------------------------------------------------------------


def pager(lab):
    """A pager that keeps what it is given, and says that it was there."""
    out = lab.path("work", "paged")
    script = lab.write("pager.sh", f"#!/bin/sh\ncat > {out}\necho was paged\n")
    os.chmod(script, 0o755)
    return script, out


def test_long_answers_are_paged(lab):
    script, out = pager(lab)
    with at_prompt(lab, env={"PAGER": script}) as t:
        t.line("help shmget", "was paged")
        t.wait("ipclab> ")
        with open(out) as f:
            assert "IPC_CREAT" in f.read()
        t.line("set paging off", "ipclab> ")
        t.line("help shmget", "IPC_CREAT")
        t.wait("ipclab> ")
        assert leave(t) == 0
    assert t.text.count("was paged") == 1


def test_short_answers_are_not_paged(lab):
    script, out = pager(lab)
    with at_prompt(lab, env={"PAGER": script}, rows=200) as t:
        t.line("help shmget", "IPC_CREAT")
        t.wait("ipclab> ")
        assert leave(t) == 0
    assert not os.path.exists(out)


@pytest.mark.parametrize("command", ["/nonexistent/pager", "cat", ""])
def test_without_a_pager_it_is_shown(lab, command):
    with at_prompt(lab, env={"PAGER": command}) as t:
        t.line("help shmget", "IPC_CREAT")
        t.wait("ipclab> ")
        assert leave(t) == 0


def test_scripts_are_never_paged(lab):
    script, out = pager(lab)
    r = lab.run("help shmget", env={"PAGER": script})
    assert r.status == 0 and "IPC_CREAT" in r.stdout and not os.path.exists(out)


def test_ctrl_c_in_the_pager_is_the_pagers(lab):
    script = lab.write("pager.sh", "#!/bin/sh\ntrap 'echo pager saw it; exit 0' INT\necho pager waits\n"
                                   "while :; do read x < /dev/tty; done\n")
    os.chmod(script, 0o755)
    with at_prompt(lab, env={"PAGER": script}) as t:
        t.line("spawn a", "ipclab> ")
        t.line("help shmget", "pager waits")
        t.type("\x03")
        t.wait("pager saw it")
        t.wait("ipclab> ")
        t.line("a getpid()", "getpid")
        assert leave(t) == 0


# ---- Predict -------------------------------------------------------------------------------------


def test_predict_mode(lab):
    with at_prompt(lab) as t:
        t.line("spawn a", "ipclab> ")
        t.line("set predict on", "ipclab> ")
        answers = [
            ("a pipe(p)", "0", True),
            ('a write(p[1], "abc")', "4", False),
            ("a read(p[0], buf, 8)", '"abc"', True),
            ("a shmget(77, 10, 0)", "-1 enoent", True),
            ("a read(p[0], buf, 8)", "blocks", True),
        ]
        for line, answer, right in answers:
            t.line(line, r"\?\s+predict> ")
            t.line(answer, "right: you said" if right else "not so: you said")
            t.wait("ipclab> ")
        t.line("interrupt a", "EINTR")
        t.wait("ipclab> ")
        t.line("a x = 5", "ipclab> ")  # nothing to foresee
        t.line("a getpid()", "predict> ")
        t.line("", "getpid")  # skipped
        t.wait("ipclab> ")
        t.line("a getpid()", "predict> ")
        t.type("\x03")  # given up: the line is not run
        t.wait("ipclab> ")
        assert leave(t) == 0
    told = [(e["answer"], e["right"]) for e in trace_of(lab) if e["ev"] == "predict"]
    assert told == [(answer, right) for _, answer, right in answers]
    assert inputs(lab).count("a getpid()") == 1
    trace = lab.path("work", f"{lab._runs}.trace")
    assert lab.call("replay", trace).status == 0


# ---- At the very end -----------------------------------------------------------------------------


def test_terminal_is_given_back_after_a_kill_of_the_launcher(lab):
    with at_prompt(lab) as t:
        t.line("spawn a", "ipclab> ")
        leftovers.kill([p for p in leftovers.processes(lab.marker) if p[0] != t.process.pid])
        t.line("ps", "ipclab> ")
        assert leave(t) == 0
