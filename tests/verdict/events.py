# SPDX-License-Identifier: GPL-3.0-or-later
"""What the kernel does with eventfds, epolls and the locks of flock.

Counters follow fs/eventfd.c, where everybody who waits is woken by any change and looks again. An
epoll reports what is ready as long as it is (EPOLLET is left out: what counts as a change differs
between kernels), EPOLLONESHOT once. What is watched is an open file under a number, and stays so
until its last descriptor is closed, in whatever process. Locks follow fs/locks.c: they belong to
the open file, and one that is changed is given up first. Whenever a lock goes, all who wait for one
of that file look again, in every order: that is more than the kernel allows."""

MOST = (1 << 64) - 2  # of a counter


class Events:
    """Of a World: `counters` [value, semaphore], `flocks` open file -> (file, "x" or "s"), `sets` of
    each epoll {(number, open file): [what, once, off]}."""

    def start_events(self):
        self.counters, self.flocks, self.sets = [], {}, []

    def clone_events(self, world):
        world.counters = [list(c) for c in self.counters]
        world.flocks = dict(self.flocks)
        world.sets = [{k: list(v) for k, v in s.items()} for s in self.sets]

    def key_of_events(self):
        return repr((self.counters, sorted(self.flocks.items()), [sorted(s.items()) for s in self.sets]))

    def last_closed(self, desc):
        """Nobody has the open file any more."""
        for watched in self.sets:
            for key in [k for k in watched if k[1] == desc]:
                del watched[key]
        if self.descs[desc][0] == "l":
            self.unflock(desc)

    def has_it(self, what):
        return {a.name for a in self.actors.values() for d in a.fds.values() if self.descs[d] == what}

    # ---- eventfd ----------------------------------------------------------------------------

    def do_eventfd(self, a, value, semaphore, nonblock):
        self.counters.append([value, semaphore])
        fd = self.open(a, ("e", len(self.counters) - 1))
        if nonblock:
            self.nonblock.add(a.fds[fd])
        return fd

    def counter_changed(self, number):
        for a in self.actors.values():
            if a.state == "busy" and a.call[0] in ("take", "add") and a.call[1][1] == number:
                a.woken = True
            if a.state == "busy" and a.call[0] == "poll" and any(w[:2] == (number, "e") for w in a.call[1]):
                a.woken = True

    def attempt_take(self, a):
        _, (desc, number), _name = a.call
        value, semaphore = self.counters[number]
        if value == 0:
            if desc in self.nonblock:
                self.done(a, -1, "EAGAIN")
            return
        taken = 1 if semaphore else value
        self.counters[number][0] -= taken
        self.counter_changed(number)
        self.done(a, 0, None, taken)

    def attempt_add(self, a):
        _, (desc, number), value, _name = a.call
        if self.counters[number][0] + value > MOST:
            if desc in self.nonblock:
                self.done(a, -1, "EAGAIN")
            return
        self.counters[number][0] += value
        self.counter_changed(number)
        self.done(a, 0)

    # ---- epoll ------------------------------------------------------------------------------

    def do_epoll(self, a):
        self.sets.append({})
        return self.open(a, ("ep", len(self.sets) - 1))

    def attempt_ctl(self, a):
        _, epoll, operation, fd, what, once, _name = a.call
        key, watched = (fd, a.fds[fd]), self.sets[epoll]
        if operation == "EPOLL_CTL_ADD" and key in watched:
            self.done(a, -1, "EEXIST")
        elif operation != "EPOLL_CTL_ADD" and key not in watched:
            self.done(a, -1, "ENOENT")
        else:
            if operation == "EPOLL_CTL_DEL":
                del watched[key]
            else:
                watched[key] = [what, once, False]
            self.done(a, 0)

    def is_reported(self, desc, what):
        kind, number = self.descs[desc]
        if kind == "e":
            return self.counters[number][0] > 0 if what == "in" else self.counters[number][0] < MOST
        return self.ready(number, kind)

    def reports(self, epoll):
        return [
            key for key, (what, _, off) in self.sets[epoll].items() if not off and self.is_reported(key[1], what)
        ]

    def has_events(self, a):
        return a.call[0] == "epoll" and bool(self.reports(a.call[1]))

    def attempt_epoll(self, a):
        _, epoll, ms, _name = a.call
        ready = self.reports(epoll)
        if not ready and ms != 0:
            return
        for key in ready:
            self.sets[epoll][key][2] = self.sets[epoll][key][1]
        self.done(a, len(ready), None, tuple(sorted({fd for fd, _ in ready})))

    def never_reported(self, a):
        """Only the process itself has the epoll, and what could make ready what it watches."""
        if self.has_it(("ep", a.call[1])) != {a.name}:
            return False
        for (fd, desc), (_, _, off) in self.sets[a.call[1]].items():
            kind, number = self.descs[desc]
            if a.fds.get(fd) != desc:
                return False
            if off:
                continue
            if not self.has_only_own(a, number, kind):
                return False
        return True

    # ---- flock ------------------------------------------------------------------------------

    def do_open_locked(self, a, number):
        return self.open(a, ("l", number))

    def in_the_way(self, desc, number, kind):
        return [d for d, (n, k) in self.flocks.items() if d != desc and n == number and "x" in (k, kind)]

    def unflock(self, desc):
        if desc in self.flocks:
            number, _ = self.flocks.pop(desc)
            self.locks_changed(number)

    def locks_changed(self, number):
        for a in self.actors.values():
            if a.state == "busy" and a.call[0] == "flock" and a.call[1][1] == number:
                if a.call[1][0] in self.flocks:
                    raise self.ambiguous()  # which another took there, and it gives up if it looks
                a.woken = True

    def attempt_flock(self, a):
        _, (desc, number), kind, nowait, _name = a.call
        if self.flocks.get(desc) == (number, kind):
            self.done(a, 0)
            return
        self.unflock(desc)
        if kind == "u":
            self.done(a, 0)
        elif not self.in_the_way(desc, number, kind):
            self.flocks[desc] = (number, kind)
            self.done(a, 0)
        elif nowait:
            self.done(a, -1, "EAGAIN")

    def holders_of_lock(self, a):
        _, (desc, number), kind, _, _ = a.call
        held = self.in_the_way(desc, number, kind)
        return {b.name for b in self.actors.values() for d in b.fds.values() if d in held}

    def only_own_counter(self, a):
        return self.has_it(("e", a.call[1][1])) == {a.name}

    def only_own_lock(self, a):
        return self.holders_of_lock(a) == {a.name}

    def why_event(self, a):
        kind = a.call[0]
        if kind == "flock":
            return "locked", tuple(sorted(self.holders_of_lock(a)))
        if kind == "epoll":
            return ("not ready" if self.sets[a.call[1]] else "nothing"), None
        holders = [(b.name, fd, "u") for b in self.actors.values() for fd, d in b.fds.items() if self.descs[d] == ("e", a.call[1][1])]
        return ("zero" if kind == "take" else "full"), tuple(sorted(holders))
