# SPDX-License-Identifier: GPL-3.0-or-later
"""Looks at every actor from outside, by /proc, after each line that the program took.

The program gets its lines one by one through a pipe and tells on stdout. Whoever it said waits must
sleep in that system call and not move while it is watched; whoever it did not say waits must not be
asleep in one. Those who were told to hold what he needs must have it, and nobody else. STUCK must be
said when all who are not stopped sleep so, and no signal is on its way to one of them, and only then.
What the program believes is known here only from its events."""

import collections
import fcntl
import json
import os
import re
import struct
import subprocess
import termios
import time

import outside_files
import outside_locks

GRACE = 0.003  # seconds that everybody is watched after each line
PATIENCE = 90.0  # seconds for one line, before it counts as hanging

# Numbers of the calls on x86-64; elsewhere nothing can be said.
FUTEX = (202,)
RESTART = 219  # restart_syscall(2): what goes on with its time after a stop
NUMBERS = {
    "read": (0,), "write": (1,), "poll": (7, RESTART), "wait": (61,), "waitpid": (61,), "fcntl": (72,),
    "msgsnd": (69,), "msgrcv": (70,), "mq_send": (242,), "mq_receive": (243,), "semop": (65, 220),
    "sem_wait": FUTEX, "pthread_mutex_lock": FUTEX, "futex_wait": FUTEX, "pthread_cond_wait": FUTEX,
    "pthread_cond_timedwait": (*FUTEX, RESTART), "pthread_cond_signal": FUTEX, "pthread_cond_broadcast": FUTEX,
    "open": (257,), "connect": (42,), "accept": (43, 288), "send": (44,), "recv": (45,),
    "sendmsg": (46,), "recvmsg": (47,), "recvfrom": (45,), "eventfd_read": (0,),
    "eventfd_write": (1,), "epoll_wait": (232,), "flock": (73,), "pause": (34,),
    "sigsuspend": (130,), "sigwaitinfo": (128,), "select": (270, 23), "splice": (275,), "tee": (276,),
}  # fmt: skip
ONLY_CALLS = {n for numbers in NUMBERS.values() for n in numbers} - set(FUTEX)  # the idle sleep there
# What must have been confirmed where enough was watched.
KINDS = (
    *(f"waits in {call}" for call in (*NUMBERS, "await") if not call.startswith("pthread_cond_") or call == "pthread_cond_wait"),
    *(f"holders: {kind}" for kind in (*outside_files.KINDS, "poll pipe", "select pipe", "poll eventfd", "poll timerfd", "poll pidfd",
    "children")),
    *(f"never: {kind}" for kind in ("pipe", "socket", "eventfd", "epoll", "timerfd", "lock", "mutex")),
    *(f"{what} {kind}" for what in ("state:", "sleeps on") for kind in outside_locks.KINDS),
    "STUCK", "not STUCK", "stopped",
)  # fmt: skip
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
        self.confirmed = collections.Counter()  # of each kind of statement
        self.blocks = {}  # actor -> his block event of the last line
        self.verdicts = []  # of the last line
        self.waits = {}  # actor -> his last block event
        self.awaited = {}  # actor -> (index, value) in the shared segment
        self.shared = None  # its address, in everybody
        self.locks = outside_locks.OutsideLocks(self)
        self.files = outside_files.OutsideFiles(self)

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
        self.blocks = {}
        self.verdicts = [e for e in events if e["ev"] == "verdict"]
        self.locks.believe(events)
        for e in events:
            actor = e.get("actor")
            if e["ev"] in ("exit", "process", "signal"):
                self.blocks.pop(actor, None)
            if e["ev"] == "input" and " await " in e["text"]:
                self.awaited[e["text"].split()[0]] = tuple(map(int, re.findall(r"\d+", e["text"].partition(" ")[2])))
            if e["ev"] == "exit" and e["call"] == "shmat" and e.get("obj") == "shm#1":
                self.shared = e["vol"]["ret"]
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
                self.blocks[actor] = self.waits[actor] = e
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
            if actor in self.stopped or now.letter == "T":
                if now.letter != "T" or actor not in self.stopped:
                    raise Wrong(f"{text}: {actor} was told to be stopped or not, but: {now}")
                self.confirmed["stopped"] += 1
            elif call in NUMBERS:
                if now.letter != "S" or now.call not in NUMBERS[call]:
                    raise Wrong(f"{text}: {actor} was told to wait in {call}, but: {now}")
                if before.switches != now.switches or before.call != now.call:
                    raise Wrong(
                        f"{text}: {actor} was told to wait in {call}, but moved\n {before}\n {now}"
                    )
                self.confirmed[f"waits in {call}"] += 1
                if call in ("wait", "waitpid"):
                    self.look_at_children(text, actor, call)
            elif call == "await":
                self.look_at_await(text, actor)
            elif now.call in ONLY_CALLS and before.call == now.call:
                raise Wrong(f"{text}: nobody told that {actor} waits, but: {now}")
        problem = self.locks.look()
        if problem:
            raise Wrong(f"{text}: {problem}")
        self.look_at_holders(text)
        self.look_at_verdicts(text)

    def look_at_holders(self, text):
        """Those who were told to have what he needs have it, and nobody else. Raises Wrong."""
        for actor, e in self.blocks.items():
            if self.told.get(actor) != e["call"] or actor in self.stopped:
                continue
            try:
                kind = self.files.look(e)
            except outside_files.Problem as problem:
                raise Wrong(f"{text}: {actor} waits in {e['call']}: {problem}") from None
            if kind:
                self.confirmed[f"holders: {kind}"] += 1

    def look_at_verdicts(self, text):
        """STUCK if and only if nobody can move; `never` if nobody but himself has what he needs."""
        living = set(self.told) - self.stopped
        stuck = bool(living) and all(self.told[actor] and not self.is_called(actor) for actor in living)
        said = any(e["kind"] == "stuck" for e in self.verdicts)
        if stuck != said:
            raise Wrong(f"{text}: stuck was {'' if said else 'not '}told, but they wait so: {self.told}")
        self.confirmed["STUCK" if said else "not STUCK"] += 1

        for verdict in self.verdicts:
            if verdict["kind"] == "never":
                self.look_at_never(text, verdict)

    def is_called(self, actor):
        """Is a signal on its way to it that it does not block?"""
        sets = re.findall(r"^(SigPnd|ShdPnd|SigBlk):\s*(\w+)", read(self.host_of(actor), "status"), re.M)
        sets = {word: int(bits, 16) for word, bits in sets}
        return bool((sets["SigPnd"] | sets["ShdPnd"]) & ~sets["SigBlk"])

    def look_at_never(self, text, verdict):
        """Whoever has what he needs is he himself, or, of a mutex, dead."""
        (actor,) = verdict["actors"]
        e = self.waits[actor] | {"holders": verdict.get("holders", ()), "state": None}
        try:
            kind = self.files.look(e) or e.get("obj", "").partition("#")[0]
        except outside_files.Problem as problem:
            raise Wrong(f"{text}: {verdict['text']}: {problem}") from None
        others = {h["actor"] for h in e["holders"]} - {actor}
        if kind != "lock" and others & set(self.told):
            raise Wrong(f"{text}: {verdict['text']}: but {others} could")
        self.confirmed[f"never: {kind}"] += 1

    def look_at_children(self, text, actor, call):
        """He waits for such as there are, and none of them has ended."""
        host = self.host_of(actor)
        pid = self.syscall_of(actor)[1]
        children = read(host, f"task/{host}/children").split()
        if pid < 1 << 31:
            children = [child for child in children if int(child) == self.host.get(pid)]
        if not children or any(Look(child).letter == "Z" for child in children):
            raise Wrong(f"{text}: {actor} waits in {call}, but its children are {children}")
        self.confirmed["holders: children"] += 1

    def look_at_await(self, text, actor):
        """What he waits for is not so."""
        index, value = self.awaited[actor]
        seen = self.files.memory(actor, self.shared + index, 1)[0]
        if seen == value:
            raise Wrong(f"{text}: {actor} awaits what is there")
        self.confirmed["waits in await"] += 1

    def end(self):
        self.locks.end()
        self.files.end()
        self.process.stdin.close()
        self.process.wait(PATIENCE)
        events = self.drain()
        self.process.stdout.close()
        return events
