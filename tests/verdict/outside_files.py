# SPDX-License-Identifier: GPL-3.0-or-later
"""Who has the other end of what somebody waits on, found in /proc from outside.

The open files of everybody are in /proc/PID/fd and fdinfo: ends of one pipe have one inode, an
eventfd its own number, a lock stands at the open file to which it belongs, and whether two
descriptors are one open file kcmp(2) knows. On which descriptor somebody sleeps is in
/proc/PID/syscall. What was told must be that, no more and no less."""

import contextlib
import ctypes
import os
import re
import stat
import struct

import outside_sockets

LIBC = ctypes.CDLL(None, use_errno=True)
KCMP, KCMP_FILE, MQ_GETSETATTR = 312, 0, 245
MODES = {0o600: "u", 0o200: "w", 0o400: "r"}
OWN_END = {"read": "r", "write": "w"}
POLLIN, POLLOUT = 1, 4
LOCK = re.compile(r"(FLOCK|POSIX)\s+ADVISORY\s+(READ|WRITE)\s+(\d+)\s+\S+:(\d+)\s+(\d+)\s+(\d+|EOF)")
# Kinds of which both what it waits for and who has the other end can be seen.
KINDS = (
    "pipe", "fifo", "unix stream", "unix dgram", "unix seqpacket", "tcp", "udp", "eventfd", "epoll",
    "mq", "timerfd", "flock", "record lock",
)  # fmt: skip


class Descriptor:
    """One number of one process."""

    def __init__(self, pid, number):
        self.pid, self.number = pid, number
        self.path = f"/proc/{pid}/fd/{number}"
        st = os.stat(self.path)
        self.inode, self.device, self.type = st.st_ino, st.st_dev, stat.S_IFMT(st.st_mode)
        self.mode = MODES[os.lstat(self.path).st_mode & 0o600]

    def info(self):
        with open(f"/proc/{self.pid}/fdinfo/{self.number}") as f:
            return f.read()

    def number_of(self, word, base=10):
        """A number that fdinfo has behind this word, or None."""
        found = re.search(rf"^{word}:\s*(\w+)", self.info(), re.M)
        return int(found[1], base) if found else None

    def left(self):
        """(seconds, nanoseconds) until this timer expires."""
        found = re.search(r"it_value: \((\d+), (\d+)\)", self.info())
        return int(found[1]), int(found[2])

    def locks(self, kind):
        """[(kind of lock, pid that took it, inode, first, last or None)] of this open file."""
        return [
            (mode, int(pid), int(inode), int(first), None if last == "EOF" else int(last))
            for family, mode, pid, inode, first, last in LOCK.findall(self.info())
            if family == kind
        ]

    def is_same_file(self, other):
        return LIBC.syscall(KCMP, self.pid, other.pid, KCMP_FILE, self.number, other.number) == 0


class Problem(Exception):
    pass


def agree(what, told, seen):
    if told != seen:
        raise Problem(f"{what}: told is {told}, but seen is {seen}")


class OutsideFiles:
    """Of an Outside."""

    def __init__(self, outside):
        self.outside, self.sockets = outside, None

    def end(self):
        if self.sockets:
            self.sockets.end()

    def descriptors(self, actor):
        pid = self.outside.host_of(actor)
        for number in os.listdir(f"/proc/{pid}/fd"):
            with contextlib.suppress(FileNotFoundError):
                yield Descriptor(pid, int(number))

    def everybody(self, wanted):
        """[(actor, number, mode)] of all descriptors for which wanted is true."""
        return sorted(
            (actor, d.number, d.mode)
            for actor in self.outside.told
            for d in self.descriptors(actor)
            if wanted(d)
        )

    def memory(self, actor, address, n):
        with open(f"/proc/{self.outside.host_of(actor)}/mem", "rb") as f:
            f.seek(address)
            return f.read(n)

    # ---- What was told when somebody began to wait --------------------------------------------

    def look(self, e):
        """Confirms a block event; the kind of what was confirmed, or None. Raises Problem."""
        actor, call, args = e["actor"], e["call"], self.outside.syscall_of(e["actor"])[1:]
        kind = e.get("obj", "").partition("#")[0]
        if call in ("flock", "fcntl"):
            return self.look_at_lock(e, args)
        if call in ("poll", "select"):
            return self.look_at_poll(e, args)
        look = {
            "pipe": self.look_at_pipe, "fifo": self.look_at_pipe, "socket": self.look_at_socket,
            "eventfd": self.look_at_eventfd, "epoll": self.look_at_epoll, "mq": self.look_at_queue,
            "timerfd": self.look_at_timer,
        }.get(kind)  # fmt: skip
        if look is None or "holders" not in e or call == "open":
            return None
        into = {"splice": 2, "tee": 1}.get(call, 0) if e["why"].startswith("full") else 0
        own = Descriptor(self.outside.host_of(actor), args[into])
        return look(e, own, args)

    def agree(self, e, wanted):
        told = sorted((h["actor"], h["fd"], h["mode"]) for h in e["holders"] if "fd" in h)
        agree("holders", told, self.everybody(wanted))

    def look_at_pipe(self, e, own, _args):
        mine = "r" if e["call"] == "read" or e["why"].startswith("empty") else "w"
        self.agree(e, lambda d: (d.inode, d.device) == (own.inode, own.device) and d.mode != mine)
        return e["obj"].partition("#")[0]

    def look_at_socket(self, e, own, args):
        if self.sockets is None:
            self.sockets = outside_sockets.OutsideSockets(own.pid)
        self.sockets.host = own.pid  # alive, in the same network as all
        kind, row, peer = self.sockets.other_end(own.inode)
        if e["call"] == "accept":
            agree("connections", (0, True), (row.to_read, row.listens))
        elif e["call"] == "connect":
            address = self.memory(e["actor"], args[1], args[2])
            peer, there = self.sockets.listener(kind, address[2:] if kind == "unix" else None)
            agree("a full queue", True, there.to_read > there.unsent)
        elif e["why"] == "empty":
            agree("bytes to read", 0, row.to_read)
        else:
            agree("bytes on their way", True, row.unsent > 0)
        self.agree(e, lambda d: stat.S_ISSOCK(d.type) and d.inode == peer)
        return e["state"]["type"] if e["state"] else "socket"

    def look_at_eventfd(self, e, own, _args):
        count, this = own.number_of("eventfd-count", 16), own.number_of("eventfd-id")
        if e["state"]:
            agree("count", int(e["state"]["count"]), count)
        self.agree(e, lambda d: "eventfd" in os.readlink(d.path) and d.number_of("eventfd-id") == this)
        return "eventfd"

    def look_at_epoll(self, e, own, _args):
        watched = sorted(map(int, re.findall(r"^tfd:\s*(\d+)", own.info(), re.M)))
        if e["state"]:
            agree("watched", sorted(map(int, re.findall(r"(\d+):", e["state"]["watches"]))), watched)
        self.agree(e, own.is_same_file)
        return "epoll"

    def look_at_timer(self, e, own, _args):
        agree("expirations", (0, 0), (own.number_of("ticks"), int(own.left() != (0, 0))))
        self.agree(e, own.is_same_file)
        return "timerfd"

    def look_at_pidfd(self, e, own):
        this = own.number_of("Pid")
        self.agree(e, lambda d: "pidfd" in os.readlink(d.path) and d.number_of("Pid") == this)
        return "pidfd"

    def look_at_queue(self, e, own, _args):
        attr = (ctypes.c_long * 8)()
        fd = os.open(own.path, os.O_RDONLY)
        LIBC.syscall(MQ_GETSETATTR, fd, None, attr)
        os.close(fd)
        state = e["state"]
        if state:
            agree("queue", (state["messages"], state["maxmsg"], state["msgsize"]), (attr[3], attr[1], attr[2]))
        self.agree(e, lambda d: (d.inode, d.device) == (own.inode, own.device))
        return "mq"

    def look_at_poll(self, e, args):
        """Of those that it watches the one whose holders were told."""
        watched = self.polled(e["actor"], args) if e["call"] == "poll" else self.selected(e["actor"], args)
        for i, (fd, events) in enumerate(watched):
            own = Descriptor(self.outside.host_of(e["actor"]), fd)
            try:
                kind = self.look_at_polled(e, own, events)
            except Problem:
                if i == len(watched) - 1:
                    raise
                continue
            if kind:
                return f"{e['call']} {kind}"
        return None

    def polled(self, actor, args):
        return [one[:2] for one in struct.iter_unpack("ihh", self.memory(actor, args[0], 8 * args[1]))]

    def selected(self, actor, args):
        """The same of select(2): its sets are bits."""
        found = []
        for address, events in ((args[1], POLLIN), (args[2], POLLOUT)):
            bits = int.from_bytes(self.memory(actor, address, 128) if address else b"", "little")
            found += [(fd, events) for fd in range(args[0]) if bits >> fd & 1]
        return found

    def look_at_polled(self, e, own, events):
        kind = e["obj"].partition("#")[0]
        if kind in ("pipe", "fifo") and stat.S_ISFIFO(own.type):
            return self.look_at_pipe(e | {"call": "read" if events & POLLIN else "write"}, own, ())
        if kind == "eventfd" and "eventfd" in os.readlink(own.path):
            return self.look_at_eventfd(e, own, ())
        if kind == "timerfd" and "timerfd" in os.readlink(own.path):
            return self.look_at_timer(e, own, ())
        if kind == "pidfd" and "pidfd" in os.readlink(own.path):
            return self.look_at_pidfd(e, own)
        return None

    # ---- Locks of files -----------------------------------------------------------------------

    def look_at_lock(self, e, args):
        own = Descriptor(self.outside.host_of(e["actor"]), args[0])
        self.agree(e, lambda d: (d.inode, d.device) == (own.inode, own.device))
        if e["call"] == "flock":
            asked, family = (0, None, (args[1] & 1) == 1), "FLOCK"
        else:
            kind, _, first, n = struct.unpack("hhqq", self.memory(e["actor"], args[2], 24))
            asked, family = (first, first + n - 1 if n else None, kind == 0), "POSIX"
        if e["state"] is None:
            agree("owners of the lock", [e["actor"]], self.owners(family, own, e["actor"], *asked))
            return "lock"
        told = [h["actor"] for h in e["holders"] if "fd" not in h]
        agree("owners of the lock", sorted(told), self.owners(family, own, e["actor"], *asked))
        return "flock" if family == "FLOCK" else "record lock"

    def owners(self, family, own, actor, first, last, shared):
        """Those with a lock in the way: by any open file, or of another process."""
        found = set()
        for who in self.outside.told:
            for d in self.descriptors(who):
                if (d.inode, d.device) != (own.inode, own.device):
                    continue
                for mode, _, _, lo, hi in d.locks(family):
                    apart = (hi is not None and hi < first) or (last is not None and lo > last)
                    if not apart and not (shared and mode == "READ"):
                        found.add(who)
        if family == "POSIX":
            found.discard(actor)
        return sorted(found)
