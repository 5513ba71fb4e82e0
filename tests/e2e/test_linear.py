# SPDX-License-Identifier: GPL-3.0-or-later
"""The linear view and `set linear on`: sentences that can be listened to, and nothing in columns."""

import re

import pytest
from terminal import Terminal

LINES = """spawn server client
server pipe(p)
server fork(child)
server read(p[0], buf, 32)
child write(p[1], "two  blanks")
server print buf
client shmget(9, 1, 0600)
client signal(SIGUSR1, handler)
server kill(client, SIGUSR1)
child exit(3)
server wait(st)
server printf("hello\\n")
server fflush(NULL)
undo 2
server read(p[0], buf, 32)
ps
objects
vars
fds server
maps client
why
reset
"""

QUOTED = re.compile(r'"(\\.|[^"\\])*"')


def sentences(text):
    lines = text.split("\n")
    assert lines.pop() == ""
    for line in lines:
        bare = QUOTED.sub('""', line)
        assert "  " not in bare, line
        assert line == line.strip() and line, line
        assert not re.search("[\u2500-\u25ff]", line), line
    return lines


def test_every_event_is_a_sentence(lab):
    r = lab.run(None, "--linear", "-k", file=LINES)
    lines = sentences(r.stdout)
    for wanted in (
        "Process server is new, pid 2.",
        "Step 1, server: pipe(p) = 0, p=[3, 4].",
        "Object pipe#1: 0 B, W: server, R: server.",
        "Process child is a fork of server, pid 4.",
        "Step 3 goes on, server: read(3, buf, 32) = 11, \"two  blanks\", ended by step 4.",
        "Step 6, client: shmget(9, 1, 0600) = -1 ENOENT (no segment has key 9).",
        "Signal: client gets SIGUSR1 from server, its handler runs.",
        "Process child has exited with 3.",
        "Output of server: hello.",
        "Undone: 2 lines.",
        "Reset: a new world, without processes and objects.",
        "server: PID 2, PPID 1, DOING waits in read",
    ):
        assert any(line.startswith(wanted) for line in lines), (wanted, r)
    assert any(re.match(r"Step 3, server: read\(3, buf, 32\) waits: the pipe is empty", line) for line in lines)
    assert any(re.match(r"server, fd 3: reads pipe#1, open since step 1", line) for line in lines)
    assert any(re.match(r"client, 0x\w+ to 0x\w+: stack, \d+ bytes, private\.", line) for line in lines)


def test_a_recorded_trace(lab):
    r = lab.run("spawn a\na getpid()")
    assert "Step 1, a: getpid() = 2." in sentences(lab.call("show", "--as", "linear", r.trace).ok().stdout)


def test_a_guided_lab(lab):
    trace = lab.new_trace()
    r = lab.call("run", "--linear", "--trace", trace, "shm-guided", trace=trace,
                 stdin="hint\nserver shmget(5401, 27, IPC_CREAT|0666)\ncheck\nsolution\nskip\nskip\nanswer 2\nsubmit\n").ok()
    lines = sentences(r.stdout)
    for wanted in ("Lab: Shared memory", "Task 1 of 6: A segment.", "Hint 1 of 3, for 1 point:", "Done: task A segment, 1 of 2 points.",
                   "Not yet: task Into the server's memory.", "Not begun: task The server waits.", "Solution, line: server shm", "Skipped: task Into the server's memory, 0 of 1 point.", "Question: ",
                   "Answer: you say 2", "Submitted, 1 of 10 points."):
        assert any(line.startswith(wanted) for line in lines), (wanted, r)


def test_at_the_prompt_nothing_is_drawn_anew(lab):
    with Terminal(lab, "--trace", lab.new_trace(), env={"PAGER": ""}) as t:
        t.wait("ipclab> ")
        t.line("set linear on", "ipclab> ")
        t.line("spawn a", r"Process a is new, pid 2\.")
        t.wait("ipclab> ")
        before = len(t.raw)
        t.type("a pipe(")
        t.wait(r"a pipe\(")
        assert b"pipefd" not in t.raw[before:]  # no grey rest of the prototype
        t.type("p)\n")
        t.wait(r"Object pipe#1: 0 B")
        t.line("quit")
        assert t.end() == 0
