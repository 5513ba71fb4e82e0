# SPDX-License-Identifier: GPL-3.0-or-later
"""Looks at every actor from outside, by /proc, after each line that the program took.

The program gets its lines one by one through a pipe and tells on stdout. Whoever it said waits must
sleep in that system call and not move while it is watched; whoever it did not say waits must not be
asleep in one. What the program believes is known here only from its events."""

import fcntl
import json
import os
import stat
import struct
import subprocess
import termios
import time

import outside_locks

GRACE = 0.003  # seconds that everybody is watched after each line
PATIENCE = 90.0  # seconds for one line, before it counts as hanging

# Numbers of the calls on x86-64; elsewhere nothing can be said.
NUMBERS = {
    "read": 0, "write": 1, "poll": 7, "wait": 61, "waitpid": 61, "fcntl": 72, "msgsnd": 69,
    "msgrcv": 70, "mq_send": 242, "mq_receive": 243, "semop": 220, "sem_wait": 202,
    "pthread_mutex_lock": 202, "futex_wait": 202, "pthread_cond_wait": 202,
    "pthread_cond_timedwait": 202, "pthread_cond_signal": 202, "pthread_cond_broadcast": 202,
    "open": 257, "connect": 42, "accept": 288, "send": 44, "recv": 45, "sendmsg": 46, "recvmsg": 47,
    "recvfrom": 45, "eventfd_read": 0, "eventfd_write": 1, "epoll_wait": 232, "flock": 73,
}  # fmt: skip
ONLY_CALLS = set(NUMBERS.values()) - {202}  # who has nothing to do sleeps in 202, too
CAN = os.uname().machine == "x86_64"


class Wrong(Exception):
    pass


def read(pid, name):
    try:
        with open(f"/proc/{pid}/{name}") as f:
            return f.read()
    except OSError:
        return ""


class Look:
    """One process at one moment."""

    def __init__(self, pid):
        stat = read(pid, "stat")
        self.letter = stat[stat.rfind(")") + 2 :][:1]
        self.wchan = read(pid, "wchan")
        words = read(pid, "syscall").split()
        self.call = int(words[0]) if words and words[0].lstrip("-").isdigit() else None
        self.switches = [
            line for line in read(pid, "status").splitlines() if "ctxt_switches" in line
        ]

    def __str__(self):
        return f"letter {self.letter}, wchan {self.wchan}, system call {self.call}, {self.switches}"


def ends(pid):
    """(inode, number, mode) of each end of a pipe or FIFO, and each socket, that the process has."""
    try:
        numbers = os.listdir(f"/proc/{pid}/fd")
    except OSError:
        return
    for number in numbers:
        try:
            st = os.stat(f"/proc/{pid}/fd/{number}")
            mode = os.lstat(f"/proc/{pid}/fd/{number}").st_mode & 0o600
        except OSError:
            continue
        if stat.S_ISFIFO(st.st_mode) or stat.S_ISSOCK(st.st_mode):
            yield st.st_ino, int(number), {0o600: "u", 0o200: "w", 0o400: "r"}[mode]


class Outside:
    def __init__(self, program):
        self.process = subprocess.Popen(
            [program, "--timeout", "60", "--json", "-"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        os.set_blocking(self.process.stdout.fileno(), False)
        self.rest = b""
        self.told = {}  # actor -> call it waits in; None: it waits in none
        self.stopped = set()  # actors
        self.pids = {}  # actor -> pid in the world
        self.host = {}  # pid in the world -> pid out here
        self.looks = 0
        self.said = []  # blocks of the last line with descriptors of pipes or FIFOs as holders
        self.locks = outside_locks.OutsideLocks(self)

    def drain(self):
        events = []
        while True:
            try:
                data = os.read(self.process.stdout.fileno(), 1 << 16)
            except BlockingIOError:
                data = b""
            if not data:
                break
            self.rest += data
        *lines, self.rest = self.rest.split(b"\n")
        for line in lines:
            events.append(json.loads(line))
        return events

    def line(self, text):
        """Gives a line and waits until the next is asked for; the events that it made."""
        stdin = self.process.stdin.fileno()
        os.write(stdin, text.encode() + b"\n")
        events, end = [], time.monotonic() + PATIENCE
        while True:
            waiting = struct.unpack("i", fcntl.ioctl(stdin, termios.FIONREAD, b"\0" * 4))[0]
            asks = waiting == 0 and "pipe_read" in read(self.process.pid, "wchan")
            events += self.drain()
            if asks:
                break
            if self.process.poll() is not None:
                break
            if time.monotonic() > end:
                raise Wrong(f"{text}: no next line is asked for after {PATIENCE} s")
            os.sched_yield()
        self.believe(events)
        return events

    def host_of(self, actor):
        if self.pids[actor] not in self.host:
            self.find()
        return self.host[self.pids[actor]]

    def syscall_of(self, actor):
        words = read(self.host_of(actor), "syscall").split()
        return [int(word, 0) for word in words] if words and words[0] != "running" else [-1]

    def believe(self, events):
        self.said = [
            e
            for e in events
            if e["ev"] == "block" and e.get("obj", "").startswith(("pipe#", "fifo#")) and "holders" in e
        ]
        self.locks.believe(events)
        for e in events:
            actor = e.get("actor")
            if e["ev"] == "process":
                if e["what"] in ("spawn", "fork"):
                    self.pids[actor] = e["pid"]
                    self.told[actor] = None
                    self.host = {}
                elif e["what"] in ("exit", "killed"):
                    self.told.pop(actor, None)
                    self.stopped.discard(actor)
                elif e["what"] == "stopped":
                    self.stopped.add(actor)
                elif e["what"] == "continued":
                    self.stopped.discard(actor)
            elif e["ev"] == "block":
                self.told[actor] = e["call"]
            elif e["ev"] == "exit" and actor in self.told:
                self.told[actor] = None

    def find(self):
        """Pids out here of all processes below the program that have a pid of their own inside."""
        todo = [self.process.pid]
        while todo:
            pid = todo.pop()
            for task in os.listdir(f"/proc/{pid}/task"):
                todo += map(int, read(pid, f"task/{task}/children").split())
            for row in read(pid, "status").splitlines():
                if row.startswith("NSpid:") and len(row.split()) > 2:
                    self.host[int(row.split()[-1])] = pid

    def look(self, text):
        """Everybody, twice, with a while in between. Raises Wrong."""
        if not self.host:
            self.find()
        first = {a: Look(self.host[self.pids[a]]) for a in self.told}
        time.sleep(GRACE)
        late = self.drain()
        if late:
            raise Wrong(f"{text}: told later, without a line: {late}")
        for actor, call in self.told.items():
            before, now = first[actor], Look(self.host[self.pids[actor]])
            self.looks += 1
            if actor in self.stopped or now.letter == "T":
                if now.letter != "T" or actor not in self.stopped:
                    raise Wrong(f"{text}: {actor} was told to be stopped or not, but: {now}")
            elif call in NUMBERS:
                if now.letter != "S" or now.call != NUMBERS[call]:
                    raise Wrong(f"{text}: {actor} was told to wait in {call}, but: {now}")
                if before.switches != now.switches or before.call != now.call:
                    raise Wrong(
                        f"{text}: {actor} was told to wait in {call}, but moved\n {before}\n {now}"
                    )
            elif now.call in ONLY_CALLS and before.call == now.call:
                raise Wrong(f"{text}: nobody told that {actor} waits, but: {now}")
        problem = self.locks.look()
        if problem:
            raise Wrong(f"{text}: {problem}")

    def look_at_holders(self, text):
        """Those who were told to have the other end have it, and nobody else. Raises Wrong."""
        for e in self.said:
            actor, own = e["actor"], {"read": "r", "write": "w"}.get(e["call"])
            words = read(self.host[self.pids[actor]], "syscall").split()
            if own is None or self.told.get(actor) != e["call"] or len(words) < 2:
                continue
            have = {a: list(ends(self.host[self.pids[a]])) for a in self.told}
            which = [ino for ino, fd, _ in have[actor] if fd == int(words[1], 16)]
            want = sorted(
                (a, fd, mode)
                for a, found in have.items()
                for ino, fd, mode in found
                if [ino] == which and mode != own
            )
            seen = sorted((h["actor"], h["fd"], h["mode"]) for h in e["holders"])
            self.looks += 1
            if want != seen:
                raise Wrong(f"{text}: holders told {seen}, but {want} have the other end")

    def end(self):
        self.locks.end()
        self.process.stdin.close()
        self.process.wait(PATIENCE)
        events = self.drain()
        self.process.stdout.close()
        return events
