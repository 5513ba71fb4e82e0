# SPDX-License-Identifier: GPL-3.0-or-later
"""What the kernel does with timerfds and pidfds. A timer is only set to a time that is over, so that
it expires at once, or taken off; all who wait for it look again, in any order."""


class Timers:
    """Of a World: `timers`, of each how often it expired since it was read."""

    def start_timers(self):
        self.timers = []

    def clone_timers(self, world):
        world.timers = list(self.timers)

    def key_of_timers(self):
        return tuple(self.timers)

    def do_timerfd(self, a):
        self.timers.append(0)
        return self.open(a, ("t", len(self.timers) - 1))

    def do_settime(self, _a, number, expires):
        self.timers[number] = int(expires)
        if expires:
            for a in self.actors.values():
                if a.state == "busy" and a.call[0] == "tick" and a.call[1][1] == number:
                    a.woken = True
            self.wake_pollers(number, "t")
        return 0

    def attempt_tick(self, a):
        _, (_desc, number), _name = a.call
        if self.timers[number]:
            self.timers[number] = 0
            self.done(a, 8, None, b"")

    def only_own_timer(self, a):
        return self.has_it(("t", a.call[1][1])) == {a.name}

    def why_tick(self, a):
        held = [
            (b.name, fd, "u")
            for b in self.actors.values()
            for fd, d in b.fds.items()
            if self.descs[d] == ("t", a.call[1][1])
        ]
        return "off", tuple(sorted(held))

    def do_pidfd(self, a, name):
        return self.open(a, ("pf", name))

    def wake_pollers(self, number, kind):
        for a in self.actors.values():
            if a.state == "busy" and a.call[0] == "poll" and (number, kind) in {w[:2] for w in a.call[1]}:
                a.woken = True
