#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Prints what things cost, beside the limit or the peer that they are held against.

All runs on one CPU, for waking another one costs more than what is measured here, but for a peer
that is also looked at as its users have it. Rounds go through ours and theirs in turns, so that what
else the machine does meets both; numbers are medians over batches of all rounds, and only ratios of
one run mean anything. Where the machine is busy even they are off, for who has run longest waits
longest; the last column is the ratio of the best tenth of both. Nothing is asserted.

IPCLAB is the program, BENCH the folder of what was compiled from tests/bench/*.c."""

import os
import pathlib
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time

import prompt

ROUNDS = 7
STARTS = 3  # of a program in one round
BATCHES = 4  # of a peer in one round
WORLDS = 4
PATIENCE = 60  # seconds; fewer rounds on a machine that is slower than that
EVENTS = 10000  # shown as lanes
LONG = 10000  # steps of the session whose memory is looked at

HERE = pathlib.Path(__file__).resolve().parent
IPCLAB = pathlib.Path(os.environ["IPCLAB"]).resolve()
BENCH = pathlib.Path(os.environ["BENCH"]).resolve()
ALL_CPUS = os.sched_getaffinity(0)
SHM = HERE.parent.parent / "scripts/demo/shm.ipc"


class Numbers(dict):
    def add(self, name, value):
        self.setdefault(name, []).append(float(value))

    def median(self, name):
        return statistics.median(self[name]) if self.get(name) else None

    def best(self, name, most=False):
        """Of a tenth of the batches, the worst; most: where more is better."""
        values = sorted(self[name], reverse=most)
        return values[len(values) // 10]


def on_all_cpus():
    os.sched_setaffinity(0, ALL_CPUS)


def lines_of(*command, free=False):
    """What a program prints; nothing when it is not there or fails, which it says itself."""
    if shutil.which(str(command[0])) is None:
        return []
    done = subprocess.run([str(word) for word in command], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, text=True, timeout=60,
                          preexec_fn=on_all_cpus if free else None)
    return done.stdout.splitlines() if done.returncode == 0 else []


class Steps:
    """The process that holds the worlds; it measures once each time it is asked."""

    def __init__(self, folder):
        self.process = subprocess.Popen(
            [BENCH / "steps", IPCLAB.parent, folder / "steps.jsonl", folder / "lab20.lua",
             folder / "guided.lua"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def round(self, numbers):
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        for line in self.process.stdout:
            if line.strip() == ".":
                return
            numbers.add(*line.split())
        sys.exit(f"steps ended with status {self.process.wait()}")

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def one_round(numbers, steps, folder):
    steps.round(numbers)
    prompt.one_round(numbers, IPCLAB, folder / "plugins")
    for line in [*lines_of(BENCH / "events", folder / "events.jsonl", 1),
                 *lines_of(BENCH / "assist", IPCLAB.parent, folder / "plugins"),
                 *lines_of(BENCH / "bare_world", WORLDS)]:
        numbers.add(*line.split())
    peers, fifo = HERE / "peers", folder / "fifo"
    for name, free, *command in (
            ("mp.Pipe", False, "/usr/bin/python3", peers / "mp_pipe.py", 4 * BATCHES),
            ("expect", True, "expect", peers / "two_sh.exp", fifo, BATCHES),
            ("expect pinned", False, "expect", peers / "two_sh.exp", fifo, BATCHES),
            ("pexpect", True, "/usr/bin/python3", peers / "two_sh.py", fifo, BATCHES),
            ("pexpect pinned", False, "/usr/bin/python3", peers / "two_sh.py", fifo, BATCHES)):
        for line in lines_of(*command, free=free):
            numbers.add(name, line)
    for name, command in (("start", (IPCLAB, "-c", "")),
                          ("lanes", (IPCLAB, "show", "--as", "lanes", folder / "long.trace")),
                          ("bash", ("bash", "--norc", "-i", "-c", "true")),
                          ("shm", (IPCLAB, SHM)),
                          ("run", (IPCLAB, "run", "-q", folder / "lab20.lua")),
                          ("script", (IPCLAB, "-q", folder / "lab20.ipc")),
                          ("shells", ("expect", peers / "lecture.exp"))):
        if shutil.which(str(command[0])) is not None:
            for line in lines_of(BENCH / "runs", STARTS, *command):
                numbers.add(name, line.split()[1])


def make_trace(path):
    """10,000 events of three processes that write, read and wait."""
    turn = 'a write(p[1], "hello", 5)\nb read(p[0], buf, 64)\nb read(p[0], buf, 64)\n' \
           'a write(p[1], "x")\n'  # 13 events
    script = "spawn a\na pipe(p)\na fork(b)\na fork(c)\n" + turn * (EVENTS // 13 + 1)
    subprocess.run([IPCLAB, "-q", "--trace", path, "-"], input=script, text=True, check=True,
                   stdout=subprocess.DEVNULL)
    with open(path, encoding="utf-8") as f:
        lines = f.readlines()[:EVENTS]
    path.write_text("".join(lines))


def make_lab(folder):
    """20 steps of two processes, led by Lua, and the same lines as a script."""
    (folder / "lab20.ipc").write_text(
        "spawn a\na pipe(p)\na fork(b)\n" + 'a write(4, "x")\nb read(3, buf, 1)\n' * 9)
    (folder / "lab20.lua").write_text("""return require "ipclab".orchestrated {
  id = "bench", title = "20 steps", actors = { "a" },
  run = function(s, a)
    local r, w = a:pipe()
    local b = a:fork("b")
    for i = 1, 9 do
      a:write(w, "x")
      b:read(r, 1)
    end
  end,
}
""")


def make_guided(folder):
    """A task that looks for two things after each line, and is never done."""
    (folder / "guided.lua").write_text("""return require "ipclab".guided {
  id = "bench", title = "bench", actors = { "a" },
  tasks = { { id = "one", points = 1, say = "bench", solution = "a shmget(1, 1, 0600)",
    check = function(h)
      local early = h:find { actor = "a", call = "shmget", errno = "ENOENT" }
      h:need(h:find { actor = "a", call = "shmget", created = true }, early and "early" or "none")
    end } },
}
""")


def memory_kib(pid):
    text = pathlib.Path(f"/proc/{pid}/status").read_text()
    return {name: int(re.search(rf"^{name}:\s*(\d+) kB", text, re.M)[1])
            for name in ("VmHWM", "VmRSS")}


def long_session(numbers):
    """The shell's memory when half of the steps are done, and at the end."""
    shell = subprocess.Popen([IPCLAB, "--json", "-"], stdin=subprocess.PIPE,
                             stdout=subprocess.PIPE, text=True)
    at_half = threading.Event()
    pair = 'a write(p[1], "x", 1)\na read(p[0], buf, 1)\n'

    def write():
        shell.stdin.write("spawn a\na pipe(p)\n" + pair * (LONG // 4))
        shell.stdin.flush()
        at_half.wait()
        shell.stdin.write(pair * (LONG // 4))
        shell.stdin.flush()

    writer = threading.Thread(target=write)
    writer.start()
    half = end = None
    exits = 0
    for line in shell.stdout:
        exits += '"ev":"exit"' in line
        if exits == LONG // 2 and half is None:
            half = memory_kib(shell.pid)
            at_half.set()
        if exits == LONG:
            end = memory_kib(shell.pid)
            break
    writer.join()
    shell.stdin.close()
    shell.stdout.read()
    shell.wait()
    if half and end:
        numbers.add("resident", end["VmHWM"] / 1024)
        numbers.add("growth", end["VmRSS"] - half["VmRSS"])


def on_two_cpus():
    os.sched_setaffinity(0, set(sorted(ALL_CPUS)[:2]))


def check_labs(numbers):
    """All labs that ship prove themselves, two at a time."""
    labs = subprocess.run([IPCLAB, "generate", "labs"], stdout=subprocess.PIPE, text=True).stdout.split()
    start = time.monotonic()
    done = subprocess.run([IPCLAB, "lab", "check", "-j", "2", *labs], stdin=subprocess.DEVNULL,
                          stdout=subprocess.DEVNULL, timeout=300, preexec_fn=on_two_cpus)
    if done.returncode == 0:
        numbers.add("labs", 1e6 * (time.monotonic() - start))


ROWS = (
    # what, ours, unit, held against, their name in the numbers, the ratio asked for
    ("a step of one of two actors", "step2", "us", "SOCK_SEQPACKET round trip", "raw", 2),
    ("a step, 64 actors, 62 waiting", "step64", "us", "a step of two", "step2", 3),
    ("a step, 1,000 actors, 500 waiting", "step1000", "us", "a step of two", "step2", 10),
    ("a step that a lab leads", "lua2", "us", "a step of two", "step2", 1.2),
    ("a step in a guided lab", "guided2", "us", "the same without the lab", "plain2", 1.2),
    ("a wait and the step that ends it", "wake", "us", "SOCK_SEQPACKET round trip", "raw", None),
    ("steps a second", "rate", "/s", "multiprocessing.Pipe", "mp.Pipe", -1.2),
    ("", "rate", "/s", "expect, as users have it", "expect", -5),
    ("", "rate", "/s", "  on one CPU", "expect pinned", None),
    ("", "rate", "/s", "pexpect, no delay, likewise", "pexpect", -10),
    ("", "rate", "/s", "  on one CPU", "pexpect pinned", None),
    ("ipclab -c ''", "start", "us", "bash --norc -i -c true", "bash", 5),
    ("a lab of 20 steps, its Lua state too", "lab20", "us", "its lines alone", "lines20", 5),
    ("ipclab run, the same lab", "run", "us", "ipclab FILE, its lines", "script", 1.5),
    ("a fresh world with two actors", "reset", "us", "bare clone and mounts", "bare", 2),
    ("the lecture's shm script", "shm", "us", "expect, two bash", "shells", 1),
    ("CPU of an event written", "event", "us", "3 us", 3, 1),
    ("resident after 10,000 steps", "resident", "MiB", "16 MiB", 16, 1),
    ("  its growth in the last 5,000", "growth", "KiB", "", None, None),
    ("private memory of an idle actor", "idle", "KiB", "400 KiB", 400, 1),
    ("10,000 events shown as lanes", "lanes", "us", "200 ms", 200000, 1),
    ("Tab, 25 plugins, 95th percentile", "tab", "us", "50 ms", 50000, 1),
    ("a key and its hint, likewise", "key", "us", "5 ms", 5000, 1),
    ("  candidates alone, 64 actors", "complete", "us", "1 ms", 1000, 1),
    ("  a hint alone, 64 actors", "hint", "us", "50 us", 50, 1),
    ("prompt after a call that waits", "prompt", "us", "20 ms", 20000, 1),
    ("lab check of all labs, on two CPUs", "labs", "us", "60 s", 60e6, 1),
)


def number(value, unit):
    digits = 0 if value >= 1000 or unit == "KiB" else 1 if value >= 100 else 2
    return f"{value:,.{digits}f} {unit}"


def print_table(numbers):
    form = "{:<37} {:>11}  {:<27} {:>11} {:>7} {:>7} {:<4} {:>8}"
    print(form.format("what", "ours", "held against", "theirs", "ratio", "target", "", "at best"))
    for what, ours, unit, against, theirs, target in ROWS:
        value = numbers.median(ours)
        limit = numbers.median(theirs) if isinstance(theirs, str) else theirs
        if value is None:
            print(form.format(what, "no figure", against, "", "", "", "", ""))
            continue
        ratio = value / limit if limit else None
        good = "" if ratio is None or target is None else \
            "ok" if (ratio <= target if target > 0 else ratio >= -target) else "MISS"
        best = ""
        if ratio is not None and isinstance(theirs, str):
            most = unit == "/s"
            best = f"{numbers.best(ours, most) / numbers.best(theirs, most):.2f}"
        print(form.format(
            what, number(value, unit), against,
            number(limit, unit) if isinstance(theirs, str) and limit else
            "not there" if isinstance(theirs, str) else "",
            f"{ratio:.2f}" if ratio is not None else "",
            "" if target is None else f"<= {target:g}" if target > 0 else f">= {-target:g}", good, best))


def main():
    load = os.getloadavg()
    cpus = os.cpu_count()
    print(f"{cpus} CPUs, Linux {os.uname().release}, load average {load[0]:.2f} {load[1]:.2f}; "
          f"one CPU")
    if load[0] > 0.5:
        print("warning: this machine does other things now; what follows is noisy")
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    numbers, warm_up = Numbers(), Numbers()
    with tempfile.TemporaryDirectory(prefix="ipclab-bench-") as name:
        folder = pathlib.Path(name)
        os.environ["XDG_STATE_HOME"] = name
        os.mkfifo(folder / "fifo")
        prompt.make_plugins(folder / "plugins", IPCLAB)
        make_trace(folder / "long.trace")
        make_lab(folder)
        make_guided(folder)
        steps = Steps(folder)
        steps.round(warm_up)
        numbers["idle"] = warm_up["idle"]
        deadline = time.monotonic() + PATIENCE
        for rounds in range(1, ROUNDS + 1):
            one_round(numbers, steps, folder)
            if time.monotonic() > deadline:
                break
        steps.close()
        long_session(numbers)
        check_labs(numbers)
    numbers["rate"] = [1e6 / step for step in numbers["step2"]]
    print_table(numbers)
    print(f"medians of {rounds} rounds")
    if numbers.median("bare") is None:
        print("a sealed world cannot be made on this machine: no limit for a fresh one")


if __name__ == "__main__":
    main()
