# SPDX-License-Identifier: GPL-3.0-or-later
"""Random lines about eventfds, epolls and flock; each as Episode.draw wants it."""

MOST_COUNTERS, MOST_SETS, MOST_TIMERS, FILES = 4, 3, 2, 2
MOST_FDS = 28
CLOSED = ("e", "l", "ep", "g", "t", "pf")  # kinds of open files that are closed and copied here


class EventLines:
    def event_draws(self):
        return {
            self.make_counter: 4, self.take_counter: 14, self.add_counter: 13, self.make_epoll: 3,
            self.epoll_ctl: 12, self.epoll_wait: 14, self.open_locked: 4, self.flock: 16,
            self.close_event: 3, self.dup_event: 1.5, self.poll_counter: 3, self.make_timer: 2,
            self.set_timer: 6, self.read_timer: 5, self.poll_timer: 2, self.make_pidfd: 2,
            self.poll_pidfd: 4, self.select: 5, self.splice: 7,
        }  # fmt: skip

    def make_counter(self, a):
        if len(self.world.counters) >= MOST_COUNTERS:
            return None
        value, semaphore = self.random.choice((0, 0, 0, 2)), self.random.random() < 0.3
        nonblock = self.random.random() < 0.1
        words = [w for w, on in (("EFD_SEMAPHORE", semaphore), ("EFD_NONBLOCK", nonblock)) if on]
        text = f"eventfd({value}, {'|'.join(words) or '0'})"
        return text, [("simple", "eventfd", (value, semaphore, nonblock), "eventfd")]

    def take_counter(self, a):
        fd = self.some(a, "e")
        return fd and (f"eventfd_read({fd[0]}, in)", [("take", (fd[1], fd[2]), "eventfd_read")])

    def add_counter(self, a):
        fd = self.some(a, "e")
        value = self.random.choice((1, 1, 1, 2, 3, (1 << 64) - 2, (1 << 64) - 3))
        shown = value if value < 1 << 63 else value - (1 << 64)
        return fd and (f"eventfd_write({fd[0]}, {shown})", [("add", (fd[1], fd[2]), value, "eventfd_write")])

    def make_epoll(self, a):
        if len(self.world.sets) < MOST_SETS:
            return "epoll_create1()", [("simple", "epoll", (), "epoll_create1")]

    def epoll_ctl(self, a):
        epoll, fd = self.some(a, "ep"), self.some(a, "e", "e", "r", "w", "t", "pf")
        if not epoll or not fd or (self.world.descs[fd[1]][0] in "rw" and self.world.is_fifo(fd[2])):
            return None
        watched = self.world.sets[epoll[2]]
        here = [k for k in watched if a.fds.get(k[0]) == k[1]]
        operation = self.random.choice(("EPOLL_CTL_ADD",) * 3 + ("EPOLL_CTL_MOD", "EPOLL_CTL_DEL"))
        if operation != "EPOLL_CTL_ADD" and here and self.random.random() < 0.8:
            number, desc = self.random.choice(here)
            fd = (number, desc, self.world.descs[desc][1])
        kind = self.world.descs[fd[1]][0]
        what = {"r": "in", "w": "out", "t": "in", "pf": "in"}.get(kind) or self.random.choice(("in", "in", "in", "out"))
        once = self.random.random() < 0.2
        events = ("EPOLLIN" if what == "in" else "EPOLLOUT") + ("|EPOLLONESHOT" if once else "")
        return f"epoll_ctl({epoll[0]}, {operation}, {fd[0]}, {events})", [
            ("ctl", epoll[2], operation, fd[0], what, once, "epoll_ctl")
        ]

    def epoll_wait(self, a):
        epoll, ms = self.some(a, "ep"), self.random.choice((-1, -1, -1, 0))
        return epoll and (f"epoll_wait({epoll[0]}, in, 16, {ms})", [("epoll", epoll[2], ms, "epoll_wait")])

    def open_locked(self, a):
        if len(a.fds) > MOST_FDS:
            return None
        number = self.random.randrange(FILES)
        return f'open("locked{number}", O_RDWR|O_CREAT, 0600)', [("simple", "open_locked", (number,), "open")]

    def flock(self, a):
        fd = self.some(a, "l")
        if not fd:
            return self.open_locked(a)
        kind = self.random.choice("xxxssu")
        nowait = kind != "u" and self.random.random() < 0.2
        words = {"x": "LOCK_EX", "s": "LOCK_SH", "u": "LOCK_UN"}[kind] + ("|LOCK_NB" if nowait else "")
        return f"flock({fd[0]}, {words})", [("flock", (fd[1], fd[2]), kind, nowait, "flock")]

    def close_event(self, a):
        fd = self.some(a, *CLOSED)
        return fd and (f"close({fd[0]})", [("simple", "close", (fd[0],), "close")])

    def dup_event(self, a):
        fd = self.some(a, *CLOSED)
        if fd and len(a.fds) <= MOST_FDS:
            return f"dup({fd[0]})", [("simple", "dup", (fd[0],), "dup")]

    def poll_counter(self, a):
        fd, ms = self.some(a, "e"), self.random.choice((-1, -1, 0))
        what = self.random.choice(("in", "in", "out"))
        words = "POLLIN" if what == "in" else "POLLOUT"
        return fd and (f"poll({fd[0]}, {words}, {ms})", [("poll", ((fd[2], "e", what),), ms, "poll")])

    # ---- timerfd, pidfd, select -------------------------------------------------------------

    def make_timer(self, a):
        if len(self.world.timers) < MOST_TIMERS and len(a.fds) <= MOST_FDS:
            return "timerfd_create(CLOCK_MONOTONIC, 0)", [("simple", "timerfd", (), "timerfd_create")]

    def set_timer(self, a):
        fd, expires = self.some(a, "t"), self.random.random() < 0.8
        how = "1, 0, TFD_TIMER_ABSTIME" if expires else "0"
        return fd and (f"timerfd_settime({fd[0]}, {how})", [("simple", "settime", (fd[2], expires), "timerfd_settime")])

    def read_timer(self, a):
        fd = self.some(a, "t")
        return fd and (f"read({fd[0]}, info, 8)", [("tick", (fd[1], fd[2]), "read")])

    def poll_timer(self, a):
        fd, ms = self.some(a, "t"), self.random.choice((-1, -1, 0))
        return fd and (f"poll({fd[0]}, POLLIN, {ms})", [("poll", ((fd[2], "t"),), ms, "poll")])

    def make_pidfd(self, a):
        others = [b.name for b in self.world.actors.values() if b.alive and b is not a]
        if not others or len(a.fds) > MOST_FDS:
            return None
        name = self.random.choice(others)
        return f"pidfd_open({name})", [("simple", "pidfd", (name,), "pidfd_open")]

    def poll_pidfd(self, a):
        fd, ms = self.some(a, "pf"), self.random.choice((-1, -1, -1, 0))
        return fd and (f"poll({fd[0]}, POLLIN, {ms})", [("poll", ((fd[2], "pf"),), ms, "poll")])

    def select(self, a):
        fd, ms = self.some(a, "r", "w"), self.random.choice((-1, -1, -1, 0))
        if not fd or self.world.is_fifo(fd[2]):
            return None
        end = self.world.descs[fd[1]][0]
        words = "READFDS" if end == "r" else "WRITEFDS"
        return f"select({fd[0]}, {words}, {ms})", [("poll", ((fd[2], end),), ms, "select")]

    # ---- splice, tee ------------------------------------------------------------------------

    def splice(self, a):
        source, sink = self.some(a, "r"), self.some(a, "w")
        if not source or not sink or source[2] == sink[2]:
            return None
        n, at_once = self.random.choice((1, 5, 100, 4096, 5000, 16384)), self.random.random() < 0.15
        tee = self.random.random() < 0.4
        more = ", SPLICE_F_NONBLOCK" if at_once else ""
        name = "tee" if tee else "splice"
        fds = f"{source[0]}, {sink[0]}" if tee else f"{source[0]}, NULL, {sink[0]}, NULL"
        return f"{name}({fds}, {n}{more})", [("splice", tee, source[1:], sink[1:], n, at_once, None, name)]
