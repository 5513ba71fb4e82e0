# SPDX-License-Identifier: GPL-3.0-or-later
"""How often each waiting call of each mechanism was made, waited and was woken, by the trace."""

import collections

# Of each mechanism the calls that others can end, and those that end by themselves in time.
ROWS = {
    "pipe": ("read", "write", "poll", "select", "splice", "tee"),
    "fifo": ("open", "read", "write"),
    "unix stream": ("accept", "connect", "send", "sendmsg", "write", "recv", "recvmsg", "read", "poll"),
    "unix dgram": ("send", "write", "recv", "recvmsg", "read"),
    "unix seqpacket": ("accept", "connect", "send", "write", "recv", "recvmsg", "read"),
    "tcp": ("accept", "recv", "read"),
    "udp": ("recvfrom", "recv", "read", "poll"),
    "signals": ("pause", "sigsuspend", "sigwaitinfo", "read"),
    "msg": ("msgsnd", "msgrcv"),
    "mq": ("mq_send", "mq_receive"),
    "sem": ("semop",),
    "psem": ("sem_wait",),
    "futex": ("futex_wait",),
    "mutex": ("pthread_mutex_lock",),
    "cond": ("pthread_cond_wait",),
    "eventfd": ("eventfd_read", "eventfd_write", "poll"),
    "timerfd": ("read", "poll"),
    "pidfd": ("poll",),
    "epoll": ("epoll_wait",),
    "file": ("fcntl", "flock"),
    "process": ("wait", "waitpid"),
    "shm": ("await",),
}
IN_TIME = {
    "signals": ("sigtimedwait",),
    "mq": ("mq_timedsend", "mq_timedreceive"),
    "sem": ("semtimedop",),
    "psem": ("sem_timedwait",),
    "futex": ("futex_wait",),
    "mutex": ("pthread_mutex_timedlock",),
    "cond": ("pthread_cond_timedwait",),
}
# Calls that say nothing of an object, or of another than the one that they are about.
ABOUT = {
    "wait": "process", "waitpid": "process", "await": "shm", "pthread_cond_wait": "cond",
    "pthread_cond_timedwait": "cond",
}  # fmt: skip


class Tally:
    """rows: (mechanism, call, "calls" | "waits" | "wakes" | "timed out") -> how often."""

    def __init__(self):
        self.rows = collections.Counter()
        self.types, self.waiting = {}, {}

    def mechanism(self, e):
        name = e.get("obj", "")
        if "type" in e.get("state", {}):
            self.types[name] = e["state"]["type"]
        kind = name.partition("#")[0]
        return ABOUT.get(e["call"]) or self.types.get(name) or kind

    def add(self, events):
        for e in events:
            if e["ev"] not in ("block", "exit"):
                continue
            row = self.mechanism(e), e["call"]
            if e["ev"] == "block":
                self.rows[*row, "waits"] += 1
                self.waiting[e["step"]] = row
                continue
            self.rows[*row, "calls"] += 1
            if e["step"] in self.waiting:
                self.rows[*self.waiting.pop(e["step"]), "wakes"] += 1
            elif e.get("errno") in ("ETIMEDOUT", "EAGAIN"):
                self.rows[*row, "timed out"] += 1


def table(rows):
    """Lines of text, and the rows of which something never happened."""
    lines, empty = [f"{'':16}{'':24}{'calls':>9}{'waits':>9}{'wakes':>9}"], []
    for what, columns in ((ROWS, ("calls", "waits", "wakes")), (IN_TIME, ("calls", "timed out"))):
        for mechanism, calls in what.items():
            for call in calls:
                counts = [rows[mechanism, call, column] for column in columns]
                if what is IN_TIME:
                    counts[1:] = ["", f"{counts[1]} in time"]
                    never = rows[mechanism, call, "timed out"] == 0
                else:
                    never = 0 in counts
                lines.append(f"{mechanism:16}{call:24}" + "".join(f"{n:>9}" for n in counts))
                if never:
                    empty.append(f"{call} of {mechanism}")
    return lines, empty
