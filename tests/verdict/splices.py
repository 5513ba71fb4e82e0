# SPDX-License-Identifier: GPL-3.0-or-later
"""What the kernel does with splice and tee between two pipes of a World (fs/splice.c).

It waits for something to take, then for room; whole buffers change hands, of the last one perhaps a
part, and nothing is ever added to a part. A call that waits stands in no line: whoever wakes one of
a line wakes it too."""


class Splices:
    """A call is ("splice", is tee, (open file, pipe) in, the same out, length, at once, stage, name): None
    at first, "slept", "doubt" where lacks_both was so, or "past" of a tee that had something to copy
    and only waits for room. Whether it may wait it asks once."""

    def lacks(self, a):
        """What it waits for: "empty", "full" or None."""
        _, _tee, (_, source), (_, sink), _n, _now, stage, _name = a.call
        if stage != "past" and not self.pipes[source].bufs and self.has_end(source, "w"):
            return "empty"
        return "full" if self.pipes[sink].full() and self.has_end(sink, "r") else None

    def lacks_both(self, a):
        """Then nobody outside can see on which side a tee is; when that is seen is not foretold."""
        if a.call[0] != "splice" or not a.call[1]:
            return False
        source, sink = a.call[2][1], a.call[3][1]
        empty = not self.pipes[source].bufs and self.has_end(source, "w")
        return empty and self.pipes[sink].full() and self.has_end(sink, "r")

    def has_own_end(self, a):
        """Only it itself could end the wait, as far as can be seen from outside."""
        source, sink = a.call[2][1], a.call[3][1]
        empty = not self.pipes[source].bufs and self.has_end(source, "w")
        lacking = [(source, "r")] if empty else [(sink, "w")]
        if self.lacks_both(a):
            lacking.append((sink, "w"))
        return all(self.has_only_own(a, *end) for end in lacking)

    def watches_end(self, a, pipe, end):
        return a.call[0] == "splice" and (pipe, end) in ((a.call[2][1], "r"), (a.call[3][1], "w"))

    def attempt_splice(self, a):
        _, tee, (desc, source), (to, sink), n, at_once, stage, name = a.call
        if source == sink:
            self.done(a, -1, "EINVAL")
        elif self.lacks(a):
            if stage is None and (at_once or {desc, to} & self.nonblock):
                self.done(a, -1, "EAGAIN")
                return
            past = stage == "past" or (tee and self.lacks(a) == "full")
            a.call = (*a.call[:6], "past" if past else stage or "slept", name)
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
