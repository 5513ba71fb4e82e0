# SPDX-License-Identifier: GPL-3.0-or-later
"""What the kernel does with splice and tee between two pipes of a World (fs/splice.c).

It waits for something to take, then for room; whole buffers change hands, of the last one perhaps a
part, and nothing is ever added to a part. A call that waits stands in no line: whoever wakes one of
a line wakes it too."""


class Splices:
    """A call is ("splice", is tee, (open file, pipe) in, the same out, length, at once, past, name): a
    tee that had something to copy only waits for room."""

    def lacks(self, a):
        """What it waits for: "empty", "full" or None."""
        _, _tee, (_, source), (_, sink), _n, _now, past, _name = a.call
        if not past and not self.pipes[source].bufs and self.has_end(source, "w"):
            return "empty"
        return "full" if self.pipes[sink].full() and self.has_end(sink, "r") else None

    def has_own_end(self, a):
        """Only it itself could end the wait, as far as can be seen from outside."""
        _, tee, (_, source), (_, sink), _n, _now, _past, _name = a.call
        empty = not self.pipes[source].bufs and self.has_end(source, "w")
        lacking = [(source, "r")] if empty else [(sink, "w")]
        if tee and empty and self.pipes[sink].full() and self.has_end(sink, "r"):
            lacking.append((sink, "w"))
        return all(self.has_only_own(a, *end) for end in lacking)

    def watches_end(self, a, pipe, end):
        return a.call[0] == "splice" and (pipe, end) in ((a.call[2][1], "r"), (a.call[3][1], "w"))

    def attempt_splice(self, a):
        _, tee, (desc, source), (to, sink), n, at_once, _past, name = a.call
        if source == sink:
            self.done(a, -1, "EINVAL")
        elif self.lacks(a):
            if at_once or {desc, to} & self.nonblock:
                self.done(a, -1, "EAGAIN")
            elif tee and self.lacks(a) == "full":
                a.call = (*a.call[:6], True, name)
        elif not self.has_end(sink, "r"):
            self.broken_pipe(a)
        else:
            self.done(a, (self.copy if tee else self.move)(self.pipes[source], self.pipes[sink], n))

    def move(self, source, sink, n):
        left, freed = n, False
        while left and source.bufs and not sink.full():
            data, off = source.bufs[0][:2]
            if left >= len(data) - off:
                left -= len(data) - off
                sink.bufs.append(source.bufs.pop(0))
                freed = True
            else:
                sink.bufs.append([data[: off + left], off, "part"])
                source.bufs[0][1] += left
                left = 0
        return self.moved(source, sink, n - left, freed)

    def copy(self, source, sink, n):
        left = n
        for data, off, *_ in source.bufs:
            if not left or sink.full():
                break
            end = min(len(data), off + left)
            left -= end - off
            sink.bufs.append([data[:end], off, "part"])
        return self.moved(source, sink, n - left, False)

    def moved(self, source, sink, n, freed):
        if sink.unsized:
            raise self.ambiguous()
        if n:
            self.wake(sink, "r")
        if freed:
            self.wake(source, "w")
        return n
