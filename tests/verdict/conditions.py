# SPDX-License-Identifier: GPL-3.0-or-later
"""What the C library does with a condition variable in shared memory (glibc 2.25 to 2.40,
nptl/pthread_cond_wait.c, whose words these names are).

Those who wait are in two groups. Signals go to the older one, G1; when all of that were signalled
the younger one takes its place, but not before everybody of the old has woken up. A process that
dies asleep, or is stopped, never does: then who wants to signal waits. Who was signalled, or whose
time is over, returns only with the mutex, and waits for it like any other."""

ETIMEDOUT = 110


class Condition:
    def __init__(self):
        self.wseq, self.g1_start = 0, 0
        self.refs, self.size, self.signals = [0, 0], [0, 0], [0, 0]
        self.orig_size, self.wrefs, self.locked = 0, 0, False
        self.lines = ([], [])  # asleep on the signals of each group
        self.refs_lines = ([], [])  # until nobody of the group is asleep
        self.lock_line = []

    def clone(self):
        c = Condition()
        c.__dict__.update(self.__dict__)
        c.refs, c.size, c.signals = list(self.refs), list(self.size), list(self.signals)
        c.lines = tuple(map(list, self.lines))
        c.refs_lines = tuple(map(list, self.refs_lines))
        c.lock_line = list(self.lock_line)
        return c

    def key(self):
        return repr(sorted(self.__dict__.items()))

    def all_lines(self):
        return (*self.lines, *self.refs_lines, self.lock_line)


class Conditions:
    """Of a World. A call is ("cond_wait", mutex, timed, stage, seq, group, name) or ("cond_signal",
    all, stage, group, name)."""

    def start_conditions(self):
        self.cond = Condition()
        self.relocking = set()  # those who have gone on to wait for the mutex

    def clone_conditions(self, world):
        world.cond, world.relocking = self.cond.clone(), set(self.relocking)

    def key_of_conditions(self):
        return self.cond.key(), tuple(sorted(self.relocking))

    # ---- Waiting --------------------------------------------------------------------------

    def attempt_cond_wait(self, a):
        _, mutex, timed, stage, seq, g, name = a.call
        c = self.cond
        if stage == "new":
            seq, g = c.wseq >> 1, c.wseq & 1
            c.wseq += 2
            c.wrefs += 1
            self.release_mutex(self.mutexes[mutex])
        elif stage in ("asleep", "over"):
            stage = "again" if stage == "asleep" else "cancel"
            if self.drop_ref(g):  # it is a matter of luck who of those goes on first
                a.call, a.woken = ("cond_wait", mutex, timed, stage, seq, g, name), True
                return
        if stage == "cancel":
            a.call = ("cond_wait", mutex, timed, stage, seq, g, name)
            if self.cond_lock(a):
                self.cancel_waiting(a, seq, g)
            return
        if c.signals[g] & 1 == 0 and c.signals[g] > 0:
            c.signals[g] -= 2
            if seq < c.g1_start >> 1:
                raise self.ambiguous()  # it may have stolen the signal of a later group
        elif c.signals[g] & 1 == 0 and seq >= c.g1_start >> 1:
            c.refs[g] += 1
            c.lines[g].append(a.name)
            a.call = ("cond_wait", mutex, timed, "over" if timed else "asleep", seq, g, name)
            a.woken = timed
            return
        self.relock(a, 0)

    def drop_ref(self, g):
        """Does that wake somebody?"""
        c = self.cond
        c.refs[g] -= 1
        if c.refs[g] > 0 or not c.refs_lines[g]:
            return False
        for name in c.refs_lines[g]:
            self.actors[name].woken = True
        c.refs_lines[g].clear()
        return True

    def cancel_waiting(self, a, seq, g):
        """Its time is over: a signal that was meant for it is passed on, to all."""
        c = self.cond
        consumed = False
        if c.g1_start >> 1 > seq:
            consumed = True
        elif (c.g1_start >> 1) + c.orig_size <= seq:
            c.size[g] -= 1
        elif c.size[g] == 0:
            consumed = True
        else:
            c.size[g] -= 1
        if a.name in c.lines[g]:
            c.lines[g].remove(a.name)
        if consumed or c.lock_line:
            raise self.ambiguous()
        self.cond_unlock()
        self.relock(a, ETIMEDOUT)

    def relock(self, a, result):
        self.cond.wrefs -= 1
        a.call = ("mutex", a.call[1], None, result, a.call[-1])
        self.slept.add(a.name)  # it takes for granted that others wait, too
        self.relocking.add(a.name)
        self.attempt_mutex(a)

    # ---- Signalling -----------------------------------------------------------------------

    def cond_lock(self, a):
        if self.cond.locked:
            self.cond.lock_line.append(a.name)
            return False
        self.cond.locked = True
        return True

    def cond_unlock(self):
        self.cond.locked = False
        self.wake_first(self.cond.lock_line)

    def attempt_cond_signal(self, a):
        _, everybody, stage, g1, name = a.call
        c = self.cond
        if stage == "new" and c.wrefs == 0:
            self.done(a, 0)
            return
        if stage == "new":
            if not self.cond_lock(a):
                return
            g1 = (c.wseq & 1) ^ 1
            if c.size[g1] != 0:
                self.give_signals(g1, everybody)
                if not everybody:
                    self.signalled(a)
                    return
        if stage == "new" and (c.wseq >> 1) - (c.g1_start >> 1) - c.orig_size + c.size[g1 ^ 1] == 0:
            self.signalled(a)  # nobody waits in G2
            return
        c.signals[g1] |= 1
        if c.refs[g1] > 0:
            a.call = ("cond_signal", everybody, "switch", g1, name)
            c.refs_lines[g1].append(a.name)
            return
        self.switch(g1)
        if c.size[g1 ^ 1] != 0:
            self.give_signals(g1 ^ 1, everybody)
        self.signalled(a)

    def switch(self, g1):
        c = self.cond
        start, size = c.g1_start >> 1, c.orig_size
        c.g1_start += (size << 1) + (1 if g1 == 1 else -1)
        c.signals[g1] = 0
        c.orig_size = (c.wseq >> 1) - (start + size)
        c.wseq ^= 1
        c.size[g1 ^ 1] += c.orig_size

    def give_signals(self, g, everybody):
        c = self.cond
        n = c.size[g] if everybody else 1
        c.signals[g] += 2 * n
        c.size[g] -= n
        for _ in range(len(c.lines[g]) if everybody else 1):
            self.wake_first(c.lines[g])

    def signalled(self, a):
        self.cond_unlock()
        self.done(a, 0)

    # ---- Told -----------------------------------------------------------------------------

    def why_condition(self, a):
        if a.call[0] == "cond_wait" and a.call[3] != "cancel":
            return "no signal", ()
        return "waiter dead", ()

    def never_signalled(self, a):
        stopped = any(b.alive and b.stopped for b in self.actors.values())
        return self.why_condition(a)[0] == "waiter dead" and not stopped

    def tell_moved(self, trigger):
        """Another block of the same step: it waits for the mutex now."""
        for name in sorted(self.relocking):
            a = self.actors[name]
            if name != trigger and a.state == "busy" and a.call[0] == "mutex" and not a.stopped:
                self.facts.append(("block", a.step, name, a.call[-1], *self.why_locked(a)))
        self.relocking = {n for n in self.relocking if self.actors[n].stopped}
