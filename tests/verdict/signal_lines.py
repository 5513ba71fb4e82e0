# SPDX-License-Identifier: GPL-3.0-or-later
"""Random lines that send signals and decide what becomes of them; each as Episode.draw wants it."""

USED = ("SIGUSR1", "SIGUSR2")
ACTIONS = {
    None: "SIG_DFL, 0", "ignore": "SIG_IGN, 0", "end": "handler, 0", "restart": "handler, SA_RESTART",
}  # fmt: skip


class SignalLines:
    def signal_draws(self, alive):
        return {
            self.sigaction: 4, self.sigprocmask: 3, self.kill: 10, self.go_on: 6,
            self.stop: 2 if alive > 2 else 0, self.end: 0.5 if alive > 3 else 0,
        }  # fmt: skip

    def sigaction(self, a):
        sig = self.random.choice((*USED, *USED, "SIGPIPE"))
        action = self.random.choice((None, "ignore", "end", "end", "restart", "restart"))
        return f"sigaction({sig}, {ACTIONS[action]})", [
            ("simple", "sigaction", (sig, action), "sigaction")
        ]

    def sigprocmask(self, a):
        sig = self.random.choice(USED)
        block = sig not in a.blocked and self.random.random() < 0.6
        how = "SIG_BLOCK" if block else "SIG_UNBLOCK"
        return f"sigprocmask({how}, {sig})", [("mask", block, sig, "sigprocmask")]

    def others(self, a, stopped):
        """A living one, most often one that waits."""
        found = [b for b in self.world.actors.values() if b.alive and b.stopped == stopped]
        if self.random.random() < 0.8:
            found = [b for b in found if b.state == "busy"] or found
        return self.random.choice(found) if found else None

    def kill(self, a):
        b, sig = self.others(a, self.random.random() < 0.2), self.random.choice(USED)
        if not b or b.rest or (sig not in b.actions and sig not in b.blocked and self.random.random() < 0.97):
            return None
        return self.kill_line(b, sig)

    def kill_line(self, b, sig):
        return f"kill({b.name}, {sig})", [("kill", b.name, sig, "kill")]

    def stop(self, a):
        b = self.others(a, False)
        idle = [c for c in self.world.actors.values() if c.state == "idle" and not c.stopped]
        if not b or b is a or len([c for c in idle if c is not b]) < 2:
            return None
        return self.kill_line(b, "SIGSTOP")

    def go_on(self, a):
        b = self.others(a, True)
        return b and self.kill_line(b, "SIGCONT")

    def end(self, a):
        b = self.others(a, self.random.random() < 0.5)
        return b and self.kill_line(b, self.random.choice(("SIGTERM", "SIGKILL")))
