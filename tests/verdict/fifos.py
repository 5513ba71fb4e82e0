# SPDX-License-Identifier: GPL-3.0-or-later
"""What the kernel does with FIFOs (fifo(7)): pipes of a World that are found by a name.

Follows fifo_open: an open counts as an end from its beginning, and waits until the other side has
been opened at some time since, even if that end is gone again. What is in it goes with the last
end."""


class Fifo:
    """The name of a pipe of the World. `opening`: who waits in open, as (actor, end)."""

    def __init__(self, pipe):
        self.pipe, self.opening, self.linked = pipe, [], True

    def clone(self):
        f = Fifo(self.pipe)
        f.opening, f.linked = list(self.opening), self.linked
        return f

    def key(self):
        return self.pipe, tuple(self.opening), self.linked


class Fifos:
    """Of a World: `fifos`, by name."""

    def start_fifos(self):
        self.fifos = {}

    def clone_fifos(self, world):
        world.fifos = {name: fifo.clone() for name, fifo in self.fifos.items()}

    def key_of_fifos(self):
        return tuple((name, fifo.key()) for name, fifo in self.fifos.items())

    def is_fifo(self, pipe):
        return any(fifo.pipe == pipe for fifo in self.fifos.values())

    def has_name(self, pipe):
        return any(fifo.pipe == pipe and fifo.linked for fifo in self.fifos.values())

    def is_opening(self, pipe, end):
        return any(
            fifo.pipe == pipe and mode == end
            for fifo in self.fifos.values()
            for _, mode in fifo.opening
        )

    def do_mkfifo(self, _a, name):
        self.fifos[name] = Fifo(self.new_pipe())
        return 0

    def do_unlink(self, _a, name):
        self.fifos[name].linked = False
        return 0

    def attempt_open(self, a):
        _, name, end, nonblock, woken, _name = a.call
        fifo = self.fifos[name]
        other = "w" if end == "r" else "r"
        if woken:
            fifo.opening.remove((a.name, end))
        elif not fifo.linked:
            self.done(a, -1, "ENOENT")
            return
        else:
            if not self.has_end(fifo.pipe, "r") and not self.has_end(fifo.pipe, "w"):
                self.pipes[fifo.pipe].refresh()
            there = self.has_end(fifo.pipe, other)
            if end == "w" and nonblock and not there:
                self.done(a, -1, "ENXIO")
                return
            if not self.has_end(fifo.pipe, end):
                for who, _ in fifo.opening:
                    b = self.actors[who]
                    b.call, b.woken = (*b.call[:4], True, b.call[5]), True
            if not there and not nonblock:
                fifo.opening.append((a.name, end))
                return
        fd = self.open(a, (end, fifo.pipe))
        if nonblock:
            self.nonblock.add(a.fds[fd])
        self.done(a, fd)

    def leave_open(self, name):
        """The call is given up: its end is none any more."""
        for fifo in self.fifos.values():
            for who, end in list(fifo.opening):
                if who == name:
                    fifo.opening.remove((who, end))
                    self.end_is_gone(end, fifo.pipe)

    def why_opening(self, a):
        return "no writer" if a.call[2] == "r" else "no reader"
