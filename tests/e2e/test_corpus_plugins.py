# SPDX-License-Identifier: GPL-3.0-or-later
"""Plugins that crash, loop, vandalise, or are none at all: a call costs its actor, a file is refused
with one line. The names are those of the cases of the corpus, group C."""

import os
import shutil
import subprocess

import pytest
from ipclab import NOBODY, program
from live import Live, children, descriptors

BUILD = os.path.dirname(program())
CALLS = os.path.join(BUILD, "badplugins", "calls")
LOAD = os.path.join(BUILD, "badplugins", "load")


def folder_of(lab, *files):
    folder = lab.path("work", "bad")
    os.makedirs(folder, exist_ok=True)
    for file in files:
        shutil.copy(file, folder)
    return folder


def with_plugin(lab, name):
    return f"--plugin-path={folder_of(lab, os.path.join(CALLS, name + '.so'))}"


def costs_one(r, call, what="killed"):
    """Actor a ended in this call, b works, the trace is whole."""
    assert r.events[-1]["ev"] == "end", r
    gone = r.one("process", actor="a", what=what)
    assert gone["during"] == call, r
    assert not r.find("exit", call=call), r
    assert r.returns("getpid", "b"), r
    assert not r.find("process", actor="b", what="killed"), r
    return gone


def test_C01_crash_in_a_call(lab, world):
    r = lab.run(["spawn a b", "a segv()", "b getpid()"], with_plugin(lab, "segv")).ok()
    assert costs_one(r, "segv")["sig"] == "SIGSEGV"
    assert "0x10" in r.stdout


def test_C02_endless_loop(lab, world):
    """Out of time is status 4 and one message; who does not loop goes on as if nothing were."""
    lines = ["spawn a b", "a loop()", "b getpid()", "b pipe(p)", "b getppid()"]
    r = lab.run(lines, "-k", "--timeout", "1", with_plugin(lab, "loop"))
    assert r.status == 4, r
    assert r.events[-1]["ev"] == "end"
    assert len(r.returns("getpid", "b") + r.returns("pipe", "b") + r.returns("getppid", "b")) == 3
    assert len([line for line in r.stderr.splitlines() if " error: " in line]) == 1, r


def test_C02_loop_is_not_said_to_wait(lab):
    r = lab.run(["spawn a", "a loop()"], "--timeout", "1", with_plugin(lab, "loop"))
    assert r.status == 4, r
    assert not r.find("block", call="loop"), r


REFUSED = {
    "C03 ctor_exit": "exited while loading",
    "C05 ctor_loop": "did not finish loading in 2 s",
    "C07 bad_abi": "built for plugin ABI 99, this ipclab has 1",
    "C07 bad_minor": "built for plugin ABI 1.99",
    "C09 no_entry": "has no ipclab_plugin",
    "C17 noise": "not an ELF file",
    "C17 empty": "0 bytes",
    "C17 cut_7": "7 bytes",
    "C17 cut_800": "cut short",
    "C17 cut_half": "cut short",
    "C17 machine": "another machine",
    "C17 class": "another machine",
    "C17 segments": "program headers",
    "C17 folder": "a folder",
    "C17 fifo": "a FIFO",
    "C17 dangling": "no such file",
    "C17 missing": "no such file",
    "C17 program": "is a program",
    "C17 other_name": "must be called hello.so",
    "C17 writable": "can be written by everybody",
    "ctor_segv": "killed by SIGSEGV while loading",
    "ctor_daemon": "left a process behind while loading",
}


@pytest.mark.parametrize("case", REFUSED)
def test_C03_C05_C07_C09_C17_refused(lab, case):
    """One line; the session is unchanged: actors made before and after work, nothing is loaded."""
    path = os.path.join(LOAD, case.split()[-1] + ".so")
    r = lab.run(["spawn a", f"load {path}", "spawn b", "b getpid()", "a getpid()"], "-k")
    assert r.status in (2, 5), r
    errors = [line for line in r.stderr.splitlines() if " error: " in line]
    assert len(errors) == 1, r
    assert REFUSED[case] in errors[0]
    assert path in errors[0]
    assert r.returns("getpid") == [3, 2]
    assert r.events[-1]["ev"] == "end"


@pytest.mark.parametrize("case", ["ctor_exit", "ctor_segv", "bad_abi", "noise", "cut_half"])
def test_refused_in_a_folder(lab, world, case):
    """In a folder of the plugin path it is left out, and `plugins` says why; all else works."""
    folder = folder_of(lab, os.path.join(LOAD, case + ".so"))
    r = lab.run("spawn a; a getpid()", f"--plugin-path={folder}").ok()
    assert r.returns("getpid")
    assert case not in r.one("session")["plugins"]
    listed = lab.call("plugins", f"--plugin-path={folder}")
    assert listed.status == 0
    assert [line for line in listed.stdout.splitlines() if line.strip().startswith("refused: " + folder)]


def test_C06_destructor_loops(lab, world):
    """No process of ours runs destructors: the end of the session does not wait for this one."""
    r = lab.run(
        ["spawn a b", "a dtor_loop()", "a exit(0)", "b getpid()"], with_plugin(lab, "dtor_loop"), timeout=10
    ).ok()
    assert r.returns("dtor_loop") == [0]
    assert r.one("process", actor="a", what="exit")["status"] == 0


def test_C10_stack_overflow(lab, world):
    r = lab.run(["spawn a b", "a stack_overflow()", "b getpid()"], with_plugin(lab, "stack_overflow")).ok()
    gone = costs_one(r, "stack_overflow")
    assert gone["sig"] == "SIGSEGV"
    assert gone["vol"]["addr"], "told by a handler on a stack of its own"


def test_C11_vandal(lab, world):
    """Descriptors, mask, folder, umask, environment of one process are its own affair."""
    with Live(lab, "-k", with_plugin(lab, "env_vandal")) as s:
        s.line("spawn a b")

        def environment():
            with open(f"/proc/{s.pid}/status") as f:
                kept = [line for line in f if line.startswith(("Umask", "SigBlk", "SigIgn"))]
            return os.readlink(f"/proc/{s.pid}/cwd"), kept

        before = environment()
        held = set(descriptors(s.pid))
        s.send("a env_vandal()")
        s.settle()
        assert environment() == before
        assert {fd for fd in held if fd <= 2} == {0, 1, 2}
        r = s.end("b getpid()", 'b f = open("f", O_CREAT|O_RDWR, 0600)', "spawn c", "c getpid()")
    assert r.events[-1]["ev"] == "end"
    # Where the control socket was among the closed ones, that is the end of a.
    gone = [e["actor"] for e in r.find("process") if e["what"] in ("exit", "killed")]
    assert gone in ([], ["a"]), r
    assert r.returns("getpid", "b") and r.returns("getpid", "c"), r
    assert r.returns("open", "b")[0] >= 3, r


def test_C13_two_with_one_name(lab):
    a, b = (os.path.join(LOAD, name + ".so") for name in ("dup_a", "dup_b"))
    r = lab.run([f"load {a}", f"load {b}", "spawn x"], "-k")
    assert r.status in (2, 5), r
    errors = [line for line in r.stderr.splitlines() if " error: " in line]
    assert len(errors) == 1 and a in errors[0] and b in errors[0], r


@pytest.mark.parametrize("before", ["", "spawn b; "])
def test_load_acts_on_actors_made_afterwards(lab, world, before):
    path = os.path.join(LOAD, "dup_a.so")
    r = lab.run(f"{before}load {path}; spawn a; a twice(); a fork(c); c twice()").ok()
    assert r.returns("twice") == [0, 0], r


def test_C14_thief_of_descriptors(lab, world):
    """There is nothing to steal: 0, 1, 2 and what the host needs, and no other file of the session."""
    option = with_plugin(lab, "fd_thief")
    with Live(lab, option) as s:
        s.line("spawn a b")
        seen = descriptors(s.host("a"))
        # Actors of a shared world write down what they are about to make; that file is all.
        ours = [link for link in seen.values() if lab.folder in link]
        assert all(link.endswith(".ledger") for link in ours), seen
        assert len(ours) == (world == "shared"), seen
        assert seen[0] == "/dev/null"
        s.line("a fd_thief()")
        # What is made after the theft is still written down and removed (the fixture `lab` looks).
        r = s.end("a shmget(4711, 10, IPC_CREAT|0600)", "a getpid()", "b getpid()").ok()
    assert r.returns("fd_thief") == [len(ours)], r
    assert r.returns("getpid", "a") and r.returns("getpid", "b")
    with open(r.trace) as f:
        assert "score" not in f.read()


def test_C15_parent_out_of_reach(lab, world):
    r = lab.run(["spawn a b", "a ptrace_parent()", "b getpid()"], with_plugin(lab, "ptrace_parent"))
    if world == "shared" and os.getuid() == 0:
        pytest.skip("root may look at every process of a shared world")
    assert r.status == 0, r
    assert r.returns("ptrace_parent") == [0], r
    assert r.returns("getpid", "b")


def test_C15_shell_and_launcher_are_not_dumpable(lab, world):
    with Live(lab) as s:
        s.line("spawn a")
        ours = [s.pid, s.launcher, s.init]
        for pid in ours:
            # The files of an undumpable process belong to root, whoever runs it.
            code = (
                f"import os,sys; os.setuid({NOBODY}) if os.getuid() == 0 else None\n"
                f"try: open('/proc/{pid}/mem', 'rb'); sys.exit(1)\nexcept OSError: pass"
            )
            assert subprocess.run(["/usr/bin/python3", "-c", code], check=False).returncode == 0
        s.end().ok()


def test_the_shell_loads_no_plugin(lab):
    """The shell's own process never has the code of one mapped; the launcher has."""
    with Live(lab, with_plugin(lab, "segv")) as s:
        s.line("spawn a")
        with open(f"/proc/{s.pid}/maps") as f:
            assert ".so" in (maps := f.read()) and "plugins" not in maps and "bad/" not in maps
        with open(f"/proc/{children(s.pid)[0]}/maps") as f:
            assert "segv.so" in f.read()
        s.end().ok()
