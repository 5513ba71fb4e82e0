# SPDX-License-Identifier: GPL-3.0-or-later
"""A session at a pseudo-terminal: type, and wait until something stands there.

    with Terminal(lab) as t:
        t.wait("ipclab> ")
        t.line("spawn a")
"""

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import termios
import time

# What a line editor may send to move and clear; never in data.
MANNERS = re.compile(rb"\x1b\[[0-9;?]*[A-Za-z]|\x1b[=>]|[\x07\x08\r]")


class Terminal:
    def __init__(self, lab, *args, rows=24, columns=80, env=None, term="xterm"):
        self.lab = lab
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.before = termios.tcgetattr(slave)
        self.slave = slave
        self.raw = b""
        self._seen = 0
        environment = {"TERM": term, **(env or {})}
        self.process = lab.popen(
            *args,
            env=environment,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self.slave)
        os.close(self.master)

    @property
    def text(self):
        """All that was written, without what only moves the cursor."""
        return MANNERS.sub(b"", self.raw).decode("utf-8", "backslashreplace")

    def _read(self, seconds):
        ready, _, _ = select.select([self.master], [], [], max(0, seconds))
        if not ready:
            return False
        try:
            self.raw += os.read(self.master, 65536)
        except OSError:
            return False
        return True

    def type(self, text):
        data = text if isinstance(text, bytes) else text.encode()
        while data:
            data = data[os.write(self.master, data) :]

    def line(self, text, wait=None):
        """Types a line and Enter, and waits for a pattern after it."""
        self.type(text + "\n")
        return self.wait(wait) if wait else None

    def wait(self, pattern, seconds=10.0):
        """Waits until the pattern stands in what was written since the last wait."""
        end = time.monotonic() + seconds
        while True:
            found = re.compile(pattern).search(self.text, self._seen)
            if found:
                self._seen = found.end()
                return found
            left = end - time.monotonic()
            if left <= 0 or (not self._read(left) and self.process.poll() is not None):
                raise AssertionError(f"waited for {pattern!r}; there was:\n{self.text}")

    def end(self, seconds=10.0):
        """Waits for the end of the program; its status. The terminal must be as it was."""
        deadline = time.monotonic() + seconds
        while self.process.poll() is None and time.monotonic() < deadline:
            self._read(0.01)
        while self._read(0):
            pass
        try:
            status = self.process.wait(0.1)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"not at its end after {seconds} s:\n{self.text}") from None
        assert termios.tcgetattr(self.slave) == self.before, "the terminal's settings were changed"
        return status
