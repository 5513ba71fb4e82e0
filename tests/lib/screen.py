# SPDX-License-Identifier: GPL-3.0-or-later
"""A session in tmux: what really stands on the screen, cell by cell.

    with Screen(lab, columns=80) as s:
        s.wait(r"^ipclab> $")
        s.type("spawn a\\n")
        s.wait(r"new process")
        assert s.lines()[-1] == "ipclab>"

Waits look again until the condition holds or their limit is over; nothing sleeps for a while."""

import os
import re
import shlex
import shutil
import subprocess
import uuid

import leftovers

import pytest

needs_tmux = pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not here")
LIMIT = 10.0


class Screen:
    def __init__(self, lab, *args, rows=24, columns=80, env=None, command=None):
        self.lab, self.name = lab, uuid.uuid4().hex
        self.socket = lab.path("work", "tmux")
        environment = lab.environment({"TERM": "tmux-256color", **(env or {})})
        words = [f"{k}={v}" for k, v in environment.items()]
        unset = [w for name, v in (env or {}).items() if v is None for w in ("-u", name)]
        run = command or shlex.join(lab.command(*args))
        inner = shlex.join(["env", "-i", *unset, *words]) + f" {run}; echo; echo ended with $?; exec cat"
        outer = {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C.UTF-8"}
        self._tmux("-f", "/dev/null", "new-session", "-d", "-x", str(columns), "-y", str(rows),
                   "-c", lab.path("work"), "sh", "-c", inner, env=outer)
        self._tmux("set-option", "-g", "status", "off")
        self.resize(columns, rows)

    def _tmux(self, *words, env=None):
        done = subprocess.run(["tmux", "-u", "-S", self.socket, *words], stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=env, check=False)
        assert done.returncode == 0, f"tmux {' '.join(words)}: {done.stderr}"
        return done.stdout

    def __enter__(self):
        return self

    def __exit__(self, *_):
        subprocess.run(["tmux", "-S", self.socket, "kill-server"], stderr=subprocess.DEVNULL, check=False)

    def lines(self, colour=False):
        """The rows of the screen, blanks at their ends and empty rows at the bottom taken away."""
        text = self._tmux("capture-pane", "-p", *(["-e"] if colour else []))
        return [line.rstrip() for line in text.rstrip("\n").split("\n")]

    @property
    def text(self):
        return "\n".join(self.lines())

    @property
    def history(self):
        """All that ever stood there, wrapped rows put together again."""
        return self._tmux("capture-pane", "-p", "-J", "-S", "-")

    def cursor(self):
        """Column and row, from 0."""
        x, y = self._tmux("display-message", "-p", "#{cursor_x} #{cursor_y}").split()
        return int(x), int(y)

    def type(self, text):
        """Keys as they come from a keyboard; \\n is Enter."""
        for i, part in enumerate(text.split("\n")):
            if i:
                self._tmux("send-keys", "Enter")
            if part:
                self._tmux("send-keys", "-l", part)

    def key(self, *names):
        """By tmux's names: Tab, Up, C-c, M-b ..."""
        self._tmux("send-keys", *names)

    def paste(self, text):
        """As a terminal pastes: bracketed when the program asked for it."""
        self._tmux("set-buffer", "-b", "p", text)
        self._tmux("paste-buffer", "-p", "-r", "-b", "p")

    def resize(self, columns, rows):
        self._tmux("resize-window", "-x", str(columns), "-y", str(rows))

    def wait(self, pattern, seconds=LIMIT):
        """Until the pattern stands on the screen."""
        compiled = re.compile(pattern, re.M)
        found = leftovers.until(lambda: compiled.search(self.text), seconds)
        assert found, f"waited for {pattern!r}; there stands:\n{self.text}"
        return found

    def until(self, condition, what, seconds=LIMIT):
        value = leftovers.until(condition, seconds)
        assert value, f"not within {seconds} s: {what}; there stands:\n{self.text}"
        return value
