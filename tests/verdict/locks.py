# SPDX-License-Identifier: GPL-3.0-or-later
"""What the C library does with locks in a shared segment: a POSIX semaphore, a normal and a robust
mutex, and a word to sleep on; the sets of System V are in sem_sets.py, the condition variable in
conditions.py.

They are words of memory: who is woken tries again himself, and goes to the end of the line when
somebody was faster."""

import conditions
import sem_sets

EPERM, EBUSY, EINVAL, ETIMEDOUT, EOWNERDEAD, ENOTRECOVERABLE = 1, 16, 22, 110, 130, 131
ERRORS = {"EBUSY": EBUSY, "ETIMEDOUT": ETIMEDOUT}
WAITS_ON = ("mutex", "cond_wait", "cond_signal")  # whatever signal comes


class Mutex:
    def __init__(self, robust):
        self.robust, self.owner, self.since, self.line = robust, None, 0, []
        self.dead = False  # its owner died, and nobody has locked it since
        self.inconsistent = False
        self.lost = False

    def clone(self):
        m = Mutex(self.robust)
        m.__dict__.update(self.__dict__)
        m.line = list(self.line)
        return m

    def key(self):
        return self.owner, self.since, tuple(self.line), self.dead, self.inconsistent, self.lost


class Locks(sem_sets.SemSets, conditions.Conditions):
    """Of a World. Who waits is in the line of what he waits for."""

    def start_locks(self):
        self.start_sets()
        self.start_conditions()
        self.psem, self.psem_line, self.psem_took, self.psem_dead = 1, [], sem_sets.Took(), 0
        self.mutexes = {"n": Mutex(False), "r": Mutex(True)}
        self.word, self.word_line = 0, []
        self.slept = set()  # those in a line of a mutex, or just woken from it
        self.unfinished = set()  # those whose word for the kernel is that they are at the robust one

    def clone_locks(self, world):
        self.clone_sets(world)
        self.clone_conditions(world)
        world.psem, world.psem_line = self.psem, list(self.psem_line)
        world.psem_took, world.psem_dead = sem_sets.Took(self.psem_took.rows), self.psem_dead
        world.mutexes = {name: m.clone() for name, m in self.mutexes.items()}
        world.word, world.word_line = self.word, list(self.word_line)
        world.slept, world.unfinished = set(self.slept), set(self.unfinished)

    def key_of_locks(self):
        return (
            self.key_of_sets(), self.key_of_conditions(), self.psem, tuple(self.psem_line),
            repr(self.psem_took.rows), self.psem_dead, self.word, tuple(self.word_line),
            tuple(m.key() for m in self.mutexes.values()), tuple(sorted(self.slept)),
            tuple(sorted(self.unfinished)),
        )  # fmt: skip

    def inherit_locks(self, child, parent):
        self.sid[child] = self.sid.get(parent, 0)

    def leave_locks(self, name):
        """Also the lines in which no signal ends the wait: it goes to their end."""
        self.leave_sets(name)
        lines = [m.line for m in self.mutexes.values()]
        for line in (self.psem_line, self.word_line, *lines, *self.cond.all_lines()):
            if name in line:
                line.remove(name)

    def locks_at_death(self, a):
        """What it leaves behind in memory for ever."""
        if a.call and a.call[0] == "sem_wait":
            self.psem_dead += 1
        self.relocking.discard(a.name)

    # ---- POSIX semaphore ------------------------------------------------------------------

    def attempt_sem_wait(self, a):
        _, at_once, _name = a.call
        if self.psem > 0:
            self.psem -= 1
            self.pass_on(a, "psem", 1, False)
            self.done(a, 0)
        elif at_once:
            self.done(a, -1, at_once)
        else:
            self.psem_line.append(a.name)

    def do_post(self, a):
        self.psem += 1
        self.pass_on(a, "psem", -1, False)
        self.wake_first(self.psem_line)
        return 0

    def wake_first(self, line):
        if line:
            self.actors[line.pop(0)].woken = True

    # ---- Mutexes --------------------------------------------------------------------------

    def attempt_mutex(self, a):
        _, which, at_once, result, _name = a.call
        m = self.mutexes[which]
        slept = a.name in self.slept
        self.slept.discard(a.name)
        if m.robust:
            self.unfinished.add(a.name)
        if m.owner is not None:
            if at_once:
                if m.robust and at_once != "ETIMEDOUT":  # glibc 2.36 does not take its word back
                    self.unfinished.discard(a.name)
                self.done(a, ERRORS[at_once], at_once)
            else:
                m.line.append(a.name)
                self.slept.add(a.name)
            return
        if m.robust:
            self.unfinished.discard(a.name)
        if m.lost:
            if not slept:  # glibc 2.36 forgets the others when one that has slept gives up
                self.wake_first(m.line)
            self.done(a, ENOTRECOVERABLE, "ENOTRECOVERABLE")
        else:
            m.owner, m.since = a.name, a.step
            if m.dead:
                m.dead, m.inconsistent = False, True
                self.done(a, EOWNERDEAD, "EOWNERDEAD")
            else:
                self.done(a, result, "ETIMEDOUT" if result else None)

    def release_mutex(self, m):
        if m.robust:
            self.unfinished.discard(m.owner)
        m.owner = None
        if m.inconsistent:
            m.inconsistent, m.lost = False, True
        self.wake_first(m.line)

    def attempt_unlock_mutex(self, a):
        _, which, _name = a.call
        m = self.mutexes[which]
        if m.owner != a.name:
            self.done(a, EPERM, "EPERM")
            return
        self.release_mutex(m)
        self.done(a, 0)

    def attempt_consistent(self, a):
        m = self.mutexes["r"]
        if m.inconsistent:
            m.inconsistent = False
            self.done(a, 0)
        else:
            self.done(a, EINVAL, "EINVAL")

    def mutex_at_death(self, a):
        m = self.mutexes["r"]
        if m.owner == a.name:
            m.owner, m.dead, m.inconsistent = None, True, False
            self.wake_first(m.line)
        elif a.name in self.unfinished and m.owner is None and not m.dead:
            self.wake_first(m.line)  # it may have died between an unlock and the waking

    # ---- Word -----------------------------------------------------------------------------

    def attempt_futex_wait(self, a):
        _, value, timed, _name = a.call
        if self.given.pop(a.name, None):
            self.done(a, 0)
        elif self.word != value:
            self.done(a, -1, "EAGAIN")
        elif timed:
            self.done(a, -1, "ETIMEDOUT")
        else:
            self.word_line.append(a.name)

    def do_wake(self, _a, n):
        woken = self.word_line[:n]
        del self.word_line[:n]
        for name in woken:
            self.give(name, "woken")
        return len(woken)

    def do_word(self, _a, value):
        self.word = value
        return value

    # ---- Told -----------------------------------------------------------------------------

    def why_locked(self, a):
        """The word of a wait, and who holds what it needs."""
        kind = a.call[0]
        if kind == "semop":
            return self.why_semop(a)
        if kind == "sem_wait":
            return "zero", self.psem_took.holders()
        if kind in ("cond_wait", "cond_signal"):
            return self.why_condition(a)
        if kind == "mutex":
            m = self.mutexes[a.call[1]]
            held = ((m.owner, m.since),)
            if m.owner == a.name:
                return "locked-self", held
            return ("locked" if self.actors[m.owner].alive else "owner dead"), held
        return "no wake", ()

    def never_unlocked(self, a):
        if a.call[0] != "mutex":
            return self.never_signalled(a)
        m = self.mutexes[a.call[1]]
        return m.owner == a.name or (m.owner is not None and not self.actors[m.owner].alive)

    def shown_locks(self):
        """Of each object the fields of its state."""
        here = [a for a in self.actors.values() if a.state == "busy" and a.call[0] == "sem_wait"]
        return self.shown_sets() | {
            "psem#1": {"value": self.psem, "waiting": len(here) + self.psem_dead},
            "mutex#1": self.shown_mutex("n"), "mutex#2": self.shown_mutex("r"),
            "futex#1": {"value": self.word, "waiting": len(self.word_line)},
            "cond#1": {"waiting": self.cond.wrefs},
        }  # fmt: skip

    def shown_mutex(self, which):
        m = self.mutexes[which]
        fields = {"owner": m.owner or "-", "waiting": len(m.line)}
        words = {"not recoverable": m.lost, "inconsistent": m.inconsistent, "owner died": m.dead}
        return fields | {"state": next((word for word, is_so in words.items() if is_so), None)}
