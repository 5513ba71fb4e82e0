# SPDX-License-Identifier: GPL-3.0-or-later
"""What the locks and the mailbox of an episode are, asked of the kernel and of the memory itself from
outside.

A process of ours joins the IPC namespace of the world and asks semctl(2) for values, waiting
processes and who acted last, msgctl(2) for messages; words of the shared segment are read from /proc/PID/mem, and on which
word or set somebody sleeps from /proc/PID/syscall. All that must be what the program told last."""

import contextlib
import ctypes
import os
import struct

from outside_sockets import LIBC, join

IPC_STAT = 2
GETPID, GETVAL, GETNCNT, GETZCNT = 11, 12, 14, 15
SEMOP, FUTEX, SEMTIMEDOP, MSGSND, MSGRCV = 65, 202, 220, 69, 70
# Where in the segment, how many bytes; psem#1 and so on are the objects of lock_lines.SETUP.
PLACES = {"psem#1": (0, 32), "mutex#1": (64, 40), "mutex#2": (128, 40), "futex#1": (192, 4), "cond#1": (256, 48)}
KINDS = ("sem", "psem", "mutex", "futex", "cond", "msg")
TID = 0x3FFFFFFF


class Counters:
    """semctl and msgctl inside the world: a child of ours that has joined it answers from a pipe."""

    def __init__(self, host):
        self.ask, child_in = os.pipe()[::-1]
        self.answers, child_out = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            try:
                os.close(self.ask)
                join(host, "ipc")
                self.serve(child_in, child_out)
            finally:
                os._exit(0)
        os.close(child_in)
        os.close(child_out)

    @staticmethod
    def serve(requests, answers):
        """A request is what semctl takes; of 4 numbers the last is 1: those of a mailbox."""
        stat = (ctypes.c_ulong * 16)()
        while len(data := os.read(requests, 16)) == 16:
            what, num, command, is_mail = struct.unpack("4i", data)
            if is_mail:
                ret = LIBC.msgctl(what, IPC_STAT, stat)
                os.write(answers, struct.pack("4i", ret, *stat[9:12]))
            else:
                os.write(answers, struct.pack("4i", LIBC.semctl(what, num, command), 0, 0, 0))

    def request(self, *numbers):
        os.write(self.ask, struct.pack("4i", *numbers))
        return struct.unpack("4i", os.read(self.answers, 16))

    def semctl(self, sem, num, command):
        return self.request(sem, num, command, 0)[0]

    def mail(self, queue):
        """(bytes, messages, bytes at most)"""
        return self.request(queue, 0, 0, 1)[1:]

    def end(self):
        os.close(self.ask)
        os.close(self.answers)
        os.waitpid(self.pid, 0)


class OutsideLocks:
    """Of an Outside."""

    def __init__(self, outside):
        self.outside = outside
        self.address = None  # of the segment, in whoever has it
        self.states = {}  # object -> its state as it was told last
        self.waits_on = {}  # actor -> object that it was told to wait on
        self.ids = {}  # of sets
        self.counters = None

    def believe(self, events):
        for e in events:
            name = e.get("obj")
            self.forget_changed(e)
            if e["ev"] == "block":
                self.waits_on[e["actor"]] = name
            elif e["ev"] == "exit":
                self.waits_on.pop(e["actor"], None)
            if e["ev"] == "exit" and e["call"] == "shmat" and name == "shm#2":
                self.address = e["vol"]["ret"]
            if e["ev"] == "exit" and e["call"] in ("semget", "msgget") and name:
                self.ids[name] = e["ret"]
            if name and "state" in e:
                self.states[name] = e["state"]

    def forget_changed(self, e):
        """What may change without a word about that object: by a death, a word that is written, a
        mutex that somebody unlocks while he waits for a condition."""
        if e["ev"] == "process":
            self.states = {}
        elif e.get("call") == "=":
            self.states.pop("futex#1", None)
        elif e.get("call", "").startswith("pthread_cond_"):
            self.states.pop("mutex#1", None)
            self.states.pop("mutex#2", None)

    def pid_of(self, actor):
        return self.outside.pids.get(actor, 0)

    def memory(self, name):
        """The words of an object, as numbers of 32 bits."""
        offset, n = PLACES[name]
        for actor in self.outside.told:
            with contextlib.suppress(OSError), open(f"/proc/{self.outside.host_of(actor)}/mem", "rb") as f:
                f.seek(self.address + offset)
                return struct.unpack(f"{n // 4}I", f.read(n))
        return None

    def look(self):
        """What was told and is not so, in words; None: all is as it was told."""
        if self.address is None:
            return None
        for actor, name in self.waits_on.items():
            if actor in self.outside.told and actor not in self.outside.stopped:
                problem = self.look_at_sleeper(actor, name)
                if problem:
                    return f"{actor} was told to wait on {name}, but {problem}"
        for name, state in self.states.items():
            seen = self.seen(name, state)
            told = {field: state.get(field) for field in seen}
            if seen:
                self.outside.confirmed[f"state: {name.partition('#')[0]}"] += 1
            if told != seen:
                return f"{name} was told as {told}, but is {seen}"
        return None

    def look_at_sleeper(self, actor, name):
        """On which word it sleeps, or in which set."""
        if name not in PLACES and name not in self.ids:
            return None
        call, *args = self.outside.syscall_of(actor)
        if name in self.ids:
            same = call in (SEMOP, SEMTIMEDOP, MSGSND, MSGRCV) and args[0] == self.ids[name]
        else:
            offset, n = PLACES[name]
            same = call == FUTEX and self.address + offset <= args[0] < self.address + offset + n
        self.outside.confirmed[f"sleeps on {name.partition('#')[0]}"] += 1
        return None if same else f"sleeps in call {call} with {args[:2]}"

    def seen(self, name, state):
        if name.startswith("msg#") and name in self.ids:
            n, messages, most = self.inside().mail(self.ids[name])
            return {"messages": messages, "bytes": n, "limit": most}
        if name.startswith("sem#") and name in self.ids:
            return self.seen_set(self.ids[name], state)
        words = self.memory(name) if name in PLACES else None
        if words is None:
            return {}
        if name == "psem#1":
            return {"value": words[0], "waiting": words[1]}
        if name == "futex#1":
            return {"value": struct.unpack("i", struct.pack("I", words[0]))[0]}
        if name == "cond#1":
            return {"waiting": words[9] >> 3}
        owner = words[2] if name == "mutex#1" else words[0] & TID
        if words[0] == 0:
            owner = 0
        told = state.get("owner")
        return {"owner": told if self.pid_of(told) == owner else f"process {owner}"}

    def inside(self):
        if self.counters is None:
            self.counters = Counters(self.outside.host_of(next(iter(self.outside.told))))
        return self.counters

    def seen_set(self, sem, state):
        ask = self.inside().semctl
        if "removed" in state:
            return {"removed": "removed" if ask(sem, 0, GETVAL) < 0 else "still there"}
        sums = [sum(ask(sem, num, what) for num in range(3)) for what in (GETNCNT, GETZCNT)]
        seen = {"values": " ".join(str(ask(sem, num, GETVAL)) for num in range(3))}
        names = {self.outside.host.get(pid): actor for actor, pid in self.outside.pids.items()}
        for field in (f for f in state if f.startswith("last")):
            pid = ask(sem, int(field[4:]), GETPID)
            seen[field] = names.get(pid, state[field]) if pid else "-"
        return seen | {"ncnt": sums[0], "zcnt": sums[1]}

    def end(self):
        if self.counters is not None:
            self.counters.end()
