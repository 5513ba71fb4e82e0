# SPDX-License-Identifier: GPL-3.0-or-later
"""What the kernel does with calls that wait for signals: pause, sigsuspend, sigwaitinfo, sigtimedwait
and the read of a signalfd.

Who waits in one of the last three gets a signal of its set before any handler does, be it blocked or
not; one that is not blocked and has no handler still ends the process (kernel/signal.c). The mask of
sigsuspend holds until handlers have run."""

NUMBERS = {"SIGUSR1": 10, "SIGUSR2": 12}
TAKES = ("sigwait", "sigread")


class SigWaits:
    """Of a World: `masks` of its signalfds."""

    def start_sigwaits(self):
        self.masks = []

    def clone_sigwaits(self, world):
        world.masks = list(self.masks)

    def do_signalfd(self, a, mask):
        self.masks.append(mask)
        return self.open(a, ("g", len(self.masks) - 1))

    def attempt_pause(self, _a):
        pass

    def attempt_sigsuspend(self, a):
        _, mask, saved, name = a.call
        if saved is None:
            a.call = ("sigsuspend", mask, frozenset(a.blocked), name)
            a.blocked = set(mask)
            self.let_in(a)

    def wanted_by(self, a):
        """The signals that its call takes."""
        if a.state != "busy" or a.stopped or a.call[0] not in TAKES:
            return frozenset()
        return a.call[1] if a.call[0] == "sigwait" else self.masks[a.call[1][1]]

    def take_signal(self, a, wanted):
        """The number of the first pending one of these, which is pending no more, or None."""
        sig = min((s for s in a.pending if s in wanted), key=NUMBERS.get, default=None)
        if sig is not None:
            a.pending.pop(sig)
        return NUMBERS.get(sig)

    def attempt_sigwait(self, a):
        _, wanted, timed, _name = a.call
        number = self.take_signal(a, wanted)
        if number is not None:
            self.done(a, number)
        elif timed:
            self.done(a, -1, "EAGAIN")

    def attempt_sigread(self, a):
        _, (_desc, number), _name = a.call
        if self.take_signal(a, self.masks[number]) is not None:
            self.done(a, 128, None, b"")
