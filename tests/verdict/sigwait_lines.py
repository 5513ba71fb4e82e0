# SPDX-License-Identifier: GPL-3.0-or-later
"""Random lines that wait for signals; each as Episode.draw wants it."""

import signal_lines

MOST = 3  # signalfds


class SigWaitLines:
    def sigwait_draws(self):
        return {
            self.pause: 2, self.sigsuspend: 3, self.sigwaitinfo: 5, self.sigtimedwait: 2,
            self.signalfd: 2, self.read_signalfd: 6, self.send_wanted: 9,
        }  # fmt: skip

    def pause(self, a):
        if not a.actions and self.random.random() < 0.9:
            return None
        return "pause()", [("pause", "pause")]

    def sigsuspend(self, a):
        if not a.actions and self.random.random() < 0.9:
            return None
        mask = frozenset(self.random.sample(signal_lines.USED, self.random.choice((0, 1, 1))))
        return f"sigsuspend({', '.join(mask)})", [("sigsuspend", mask, None, "sigsuspend")]

    def some_signals(self, a):
        """Most often such as it has blocked."""
        mine = sorted(a.blocked & set(signal_lines.USED))
        if not mine and self.random.random() < 0.9:
            return None
        return self.random.sample(signal_lines.USED, self.random.choice((1, 2))) if not mine or self.random.random() < 0.1 else mine

    def sigwaitinfo(self, a):
        wanted = self.some_signals(a)
        return wanted and (f"sigwaitinfo({', '.join(wanted)})", [("sigwait", frozenset(wanted), False, "sigwaitinfo")])

    def sigtimedwait(self, a):
        wanted, ms = self.some_signals(a), self.random.choice((0, 1))
        return wanted and (
            f"sigtimedwait({ms}, {', '.join(wanted)})",
            [("sigwait", frozenset(wanted), True, "sigtimedwait")],
        )

    def signalfd(self, a):
        wanted = self.some_signals(a)
        if not wanted or len(self.world.masks) >= MOST or len(a.fds) > 24:
            return None
        return f"signalfd(-1, 0, {', '.join(wanted)})", [
            ("simple", "signalfd", (frozenset(wanted),), "signalfd")
        ]

    def read_signalfd(self, a):
        fd = self.some(a, "g")
        if fd and not self.world.masks[fd[2]] & a.blocked and self.random.random() < 0.9:
            return None
        return fd and (f"read({fd[0]}, info, 128)", [("sigread", (fd[1], fd[2]), "read")])

    def send_wanted(self, a):
        """To one who waits for it."""
        waiting = [b for b in self.world.actors.values() if b.state == "busy" and not b.stopped and b is not a]
        ways = [(b, sig) for b in waiting for sig in self.ends_wait(b)]
        if not ways:
            return None
        return self.kill_line(*self.random.choice(ways))

    def ends_wait(self, b):
        if b.call[0] in ("pause", "sigsuspend"):
            return [sig for sig in signal_lines.USED if sig in b.actions]
        return [sig for sig in self.world.wanted_by(b) if sig in b.blocked or sig in b.actions]
