# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/authoring.md: every lab in it, of whatever kind, passes `lab check`; every check in it holds with
the lines that stand below it, and not without them; its texts are those of a lab, and each line for the shell runs."""

import os
import re
import shutil
import subprocess

import pytest
from ipclab import ROOT

BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.M | re.S)

FRAME = """local lab = require "ipclab"
return lab.guided { id = "t", title = "t", actors = { "a", "b" }, tasks = { { id = "one", points = 1, say = "s",
solution = "a getpid()",
%s } } }
"""


def blocks():
    with open(os.path.join(ROOT, "docs", "authoring.md"), encoding="utf-8") as f:
        return BLOCK.findall(f.read())


LABS = [text for kind, text in blocks() if kind == "lua" and text.startswith("local lab")]
CHECKS = [(text, lines) for (kind, text), (_, lines) in zip(blocks(), blocks()[1:])
          if kind == "lua" and text.startswith("check =")]
(TEXTS,) = [text for kind, text in blocks() if kind == "lua" and text.startswith("return {")]
TRANSLATED = """local lab = require "ipclab"
return lab.guided { id = "t", title = "Shared memory", actors = { "server" }, tasks = { { id = "create", points = 1,
say = "Let the server create a segment.", hints = { "shmget(2) takes a key.", "server shmget(5678, 27, IPC_CREAT|0666)" },
check = function(h)
  h:need(h:find { call = "shmget", created = true }, lab.text("create.none", "There is no segment yet."))
end,
solution = "server shmget(5678, 27, IPC_CREAT|0666)" } } }
"""


def test_there_are_examples():
    assert len(LABS) >= 5 and len(CHECKS) >= 6
    assert len(LABS) + len(CHECKS) + 1 == sum(kind == "lua" for kind, _ in blocks())


@pytest.mark.parametrize("text", LABS)
def test_whole_labs(lab, text):
    lab.call("lab", "check", lab.write("t.lua", text), timeout=60).ok()


@pytest.mark.parametrize("text, lines", CHECKS)
def test_checks(lab, text, lines):
    path = lab.write("t.lua", FRAME % text)
    for played, passed in ((lines, True), ("check\n", False)):
        trace = lab.new_trace()
        r = lab.call("run", "--trace", trace, path, stdin=played, trace=trace).ok()
        assert r.find("check") and r.last("check")["passed"] is passed, r


def test_texts(lab):
    """Those of the page are whole, and are what is read."""
    os.makedirs(lab.path("work", "t", "texts"))
    lab.write("t/texts/de.lua", TEXTS)
    lab.write("t/lab.lua", TRANSLATED)
    lab.call("lab", "check", "t", timeout=60).ok()
    said = lab.call("run", "--lang", "de", "t", stdin="check\nhint\n").ok().stdout
    for text in ("Gemeinsamer Speicher", "Der Server soll", "Es gibt noch kein Segment.", "braucht einen"):
        assert text in said, said


# ---- Lines for the shell ------------------------------------------------------------------------


def shell_lines():
    """All of the page, in their order: those that stand apart, and those in the middle of a sentence, where
    LAB is any lab."""
    with open(os.path.join(ROOT, "docs", "authoring.md"), encoding="utf-8") as f:
        text = BLOCK.sub("", f.read())
    for line in re.findall(r"^    (\S.*)|`(ipclab [^`]*)`", text, re.M):
        yield line[0] or line[1].replace(" LAB...", " my-lab").replace(" LAB", " my-lab")


def test_lines_for_the_shell(lab):
    lines = list(shell_lines())
    assert len(lines) >= 18
    assert all(re.match(r"(ipclab|prove) ", line) for line in lines), lines
    work, programs = lab.path("work"), lab.path("work", "bin")
    os.mkdir(programs)
    os.symlink(lab.program, os.path.join(programs, "ipclab"))
    for folder in ("plugins", "definitions"):
        os.mkdir(lab.path("work", folder))
    old = os.path.join(os.path.dirname(lab.program), "badplugins", "old", "old_minor.so")
    shutil.copy(old, lab.path("work", "plugins"))
    env = lab.environment()
    env["PATH"] = programs + os.pathsep + env["PATH"]
    for line in lines:
        if line.startswith("prove ") and shutil.which("prove") is None:
            continue
        done = subprocess.run(["sh", "-c", line], cwd=work, env=env, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, (line, done)
        assert done.stdout or " -o " in line or ">" in line, line
    for made in ("my-lab/lab.lua", "my-lab.html", "my-lab-teacher.html", "definitions/ipclab.lua"):
        assert os.path.getsize(os.path.join(work, made)) > 500, made
    with open(os.path.join(work, "definitions", "ipclab.lua"), encoding="utf-8") as f:
        assert "oldcall" in f.read()
