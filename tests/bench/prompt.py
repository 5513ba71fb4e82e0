# SPDX-License-Identifier: GPL-3.0-or-later
"""What a person at the prompt waits for, measured at a pseudo-terminal from the key to the last byte
of its answer: Tab and keys with 25 plugins loaded, and the prompt after a call that waits."""

import fcntl
import os
import pathlib
import pty
import re
import select
import struct
import subprocess
import termios
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
PLUGINS = 25
KEYS = 40  # Tabs of one round
HINT = rb"(?:\x1b\[K)?(?:\x1b\[90m[^\n]*\x1b\[\d+D)?$"


def make_plugins(folder, ipclab):
    """Copies of hello.c under other names, so many that PLUGINS are loaded; their folder."""
    listed = subprocess.run([ipclab, "plugins", "--json"], stdout=subprocess.PIPE, text=True, check=True)
    have = len(re.findall(r'"kinds":', listed.stdout))
    source = (ROOT / "plugins/hello.c").read_text()
    folder.mkdir()
    for i in range(max(0, PLUGINS - have)):
        name = f"more{i}"
        text = re.sub(r"\bhello(?=[\"_(])", name, source)
        (folder / f"{name}.c").write_text(text)
        subprocess.run(["cc", "-shared", "-fPIC", "-D_GNU_SOURCE", f"-I{ROOT}/plugins", "-o",
                        str(folder / f"{name}.so"), str(folder / f"{name}.c")], check=True)
        (folder / f"{name}.c").unlink()
    return folder


class Prompt:
    def __init__(self, ipclab, plugins):
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 120, 0, 0))
        env = {**os.environ, "TERM": "xterm", "LC_ALL": "C.UTF-8"}
        self.process = subprocess.Popen([str(ipclab), "--plugin-path", str(plugins)], stdin=slave,
                                        stdout=slave, stderr=slave, env=env, start_new_session=True,
                                        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
        os.close(slave)
        self.until(b"ipclab> $")

    def until(self, pattern, keys=b""):
        """Microseconds from the keys to the moment at which what came since ends with the pattern."""
        end, seen = re.compile(pattern), b""
        start = time.perf_counter()
        os.write(self.master, keys)
        while not end.search(seen):
            ready, _, _ = select.select([self.master], [], [], 10)
            assert ready, (pattern, seen)
            seen += os.read(self.master, 65536)
        return (time.perf_counter() - start) * 1e6

    def line(self, text):
        return self.until(rb"\n(?:.*\n)*.*ipclab> (?:\x1b\[K)?$", text.encode() + b"\r")

    def type(self, text, times):
        for i in range(len(text)):
            times.append(self.until(re.escape(text[i : i + 1]) + HINT, text[i : i + 1]))

    def give_up(self):
        self.until(b"ipclab> " + HINT, b"\x03")

    def close(self):
        os.write(self.master, b"\x15\x04")
        while select.select([self.master], [], [], 10)[0]:
            try:
                if not os.read(self.master, 65536):
                    break
            except OSError:
                break
        self.process.wait()
        os.close(self.master)


def percentile(values, p):
    values = sorted(values)
    return values[min(len(values) - 1, int(len(values) * p / 100))]


def one_round(numbers, ipclab, plugins):
    p = Prompt(ipclab, plugins)
    p.line("spawn a b c d")
    p.line("a pipe(p)")
    p.line("a fork(e)")
    tabs, keys, prompts = [], [], []
    for i in range(KEYS // 4):
        for start in (b"", b"a ", b"a shmget(1, 2, ", b"a read("):
            p.type(start, keys if i == 0 else [])
            tabs.append(p.until(rb"\n.*ipclab> " + re.escape(start) + HINT, b"\t"))
            p.give_up()
    for line in (b"a shmget(5678, 27, IPC_CREAT|0666)", b"a read(p[0], buf, 4096)"):
        p.type(line, keys)
        p.give_up()
    for i in range(KEYS // 4):
        prompts.append(p.line("a read(p[0], buf, 4096)"))
        p.line('e write(p[1], "x", 1)')
    p.close()
    numbers.add("tab", percentile(tabs, 95))
    numbers.add("key", percentile(keys, 95))
    numbers.add("prompt", percentile(prompts, 95))
