# SPDX-License-Identifier: GPL-3.0-or-later
"""What the kernel and the C library do with locks: a set of System V semaphores, and in a shared
segment a POSIX semaphore, a normal and a robust mutex, and a word to sleep on.

System V follows ipc/sem.c: whoever changes the set does the operations of those who sleep, in the
order in which they came, so that nobody can get in between. The others are words of memory: who is
woken tries again himself, and goes to the end of the line when somebody was faster. Who took what
and has not given it back is kept here, too, for that is told of each who waits."""

EPERM, EBUSY, EINVAL, EOWNERDEAD, ENOTRECOVERABLE = 1, 16, 22, 130, 131
MOST = 32767


class Took:
    """Of one semaphore: [who, how much, how much of that ends with him, step], the oldest taking first."""

    def __init__(self, rows=()):
        self.rows = [list(row) for row in rows]

    def take(self, who, n, undo, step):
        row = next((r for r in self.rows if r[0] == who), [who, 0, 0, 0])
        self.rows = [r for r in self.rows if r is not row]
        self.rows.append([who, row[1] + n, row[2] + (n if undo else 0), step])

    def give(self, who, n):
        """His own first; what he did not take ends the oldest takings of others."""
        for row in sorted(self.rows, key=lambda r: r[0] != who):
            part = min(row[1], n)
            row[1] -= part
            row[2] -= min(row[2], part)
            n -= part

    def died(self, who):
        for row in self.rows:
            if row[0] == who:
                row[1] -= row[2]
                row[2] = 0

    def holders(self):
        held = [(step, who) for who, n, _, step in self.rows if n > 0]
        return tuple((who, step) for step, who in sorted(held))


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


class Locks:
    """Of a World. Who waits is in the line of what he waits for."""

    def start_locks(self):
        self.sems, self.sem_line, self.undo = [1, 1, 0], [], {}
        self.took = [Took() for _ in self.sems]
        self.psem, self.psem_line, self.psem_took = 1, [], Took()
        self.mutexes = {"n": Mutex(False), "r": Mutex(True)}
        self.word, self.word_line = 0, []
        self.slept = set()  # those in a line of a mutex, or just woken from it

    def clone_locks(self, world):
        world.sems, world.sem_line = list(self.sems), list(self.sem_line)
        world.undo = {who: list(adj) for who, adj in self.undo.items()}
        world.took = [Took(t.rows) for t in self.took]
        world.psem, world.psem_line = self.psem, list(self.psem_line)
        world.psem_took = Took(self.psem_took.rows)
        world.mutexes = {name: m.clone() for name, m in self.mutexes.items()}
        world.word, world.word_line = self.word, list(self.word_line)
        world.slept = set(self.slept)

    def key_of_locks(self):
        return (
            tuple(self.sems), tuple(self.sem_line), repr(sorted(self.undo.items())),
            repr([t.rows for t in self.took]), self.psem, tuple(self.psem_line),
            repr(self.psem_took.rows), tuple(m.key() for m in self.mutexes.values()),
            self.word, tuple(self.word_line), tuple(sorted(self.slept)),
        )  # fmt: skip

    def leave_locks(self, name):
        lines = [m.line for m in self.mutexes.values()]  # in which no signal ends the wait
        for line in (self.sem_line, self.psem_line, self.word_line, *lines):
            if name in line:
                line.remove(name)

    # ---- System V -------------------------------------------------------------------------

    def try_ops(self, ops):
        """The values after them; or the name of an error; or the operation that has to wait."""
        values = list(self.sems)
        for op in ops:
            num, n, _flags = op
            if (n == 0 and values[num] != 0) or values[num] + n < 0:
                return op
            values[num] += n
            if values[num] > MOST:
                return "ERANGE"
        return values

    def do_ops(self, a, ops, values):
        self.sems = values
        for num, n, flags in ops:
            if n == 0:
                continue
            if "u" in flags:
                self.undo.setdefault(a.name, [0] * len(self.sems))[num] -= n
            if n < 0:
                self.took[num].take(a.name, -n, "u" in flags, a.step)
            else:
                self.took[num].give(a.name, n)
        self.done(a, 0)

    def attempt_semop(self, a):
        _, ops, _name = a.call
        result = self.try_ops(ops)
        if isinstance(result, list):
            self.do_ops(a, ops, result)
            self.scan_sems()
        elif isinstance(result, str):
            self.done(a, -1, result)
        elif "n" in result[2]:
            self.done(a, -1, "EAGAIN")
        else:
            self.sem_line.append(a.name)

    def scan_sems(self):
        """Those who wait for 0 before those who take, each in their order, again and again."""
        again = True
        while again:
            again = False
            for takes in (False, True):
                for name in list(self.sem_line):
                    a = self.actors[name]
                    ops = a.call[1]
                    result = self.try_ops(ops)
                    if isinstance(result, tuple) and "n" in result[2]:
                        result = "EAGAIN"  # it slept for another operation than this one
                    if any(n != 0 for _, n, _ in ops) != takes or isinstance(result, tuple):
                        continue
                    self.sem_line.remove(name)
                    if isinstance(result, str):
                        self.done(a, -1, result)
                        continue
                    self.do_ops(a, ops, result)
                    again = True
                    break

    def do_setval(self, _a, num, value):
        self.sems[num] = value
        for adjust in self.undo.values():
            adjust[num] = 0
        self.took[num] = Took()
        self.scan_sems()
        return 0

    def undo_at_death(self, a):
        adjust = self.undo.pop(a.name, None)
        if adjust:
            self.sems = [min(max(v + n, 0), MOST) for v, n in zip(self.sems, adjust, strict=True)]
        for took in self.took:
            took.died(a.name)
        if adjust:
            self.scan_sems()

    # ---- POSIX semaphore ------------------------------------------------------------------

    def attempt_sem_wait(self, a):
        _, at_once, _name = a.call
        if self.psem > 0:
            self.psem -= 1
            self.psem_took.take(a.name, 1, False, a.step)
            self.done(a, 0)
        elif at_once:
            self.done(a, -1, "EAGAIN")
        else:
            self.psem_line.append(a.name)

    def do_post(self, a):
        self.psem += 1
        self.psem_took.give(a.name, 1)
        self.wake_first(self.psem_line)
        return 0

    def wake_first(self, line):
        if line:
            self.actors[line.pop(0)].woken = True

    # ---- Mutexes --------------------------------------------------------------------------

    def attempt_mutex(self, a):
        _, which, at_once, _name = a.call
        m = self.mutexes[which]
        slept = a.name in self.slept
        self.slept.discard(a.name)
        if m.owner is not None:
            if at_once:
                self.done(a, EBUSY, "EBUSY")
            else:
                m.line.append(a.name)
                self.slept.add(a.name)
        elif m.lost:
            if not slept:  # glibc 2.36 forgets the others when one that has slept gives up
                self.wake_first(m.line)
            self.done(a, ENOTRECOVERABLE, "ENOTRECOVERABLE")
        else:
            m.owner, m.since = a.name, a.step
            if m.dead:
                m.dead, m.inconsistent = False, True
                self.done(a, EOWNERDEAD, "EOWNERDEAD")
            else:
                self.done(a, 0)

    def attempt_unlock_mutex(self, a):
        _, which, _name = a.call
        m = self.mutexes[which]
        if m.owner != a.name:
            self.done(a, EPERM, "EPERM")
            return
        m.owner = None
        if m.inconsistent:
            m.inconsistent, m.lost = False, True
        self.wake_first(m.line)
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

    # ---- Word -----------------------------------------------------------------------------

    def attempt_futex_wait(self, a):
        _, value, _name = a.call
        if self.given.pop(a.name, None):
            self.done(a, 0)
        elif self.word != value:
            self.done(a, -1, "EAGAIN")
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
            num, n, _flags = self.try_ops(a.call[1])
            return ("too low", self.took[num].holders()) if n < 0 else ("not zero", ())
        if kind == "sem_wait":
            return "zero", self.psem_took.holders()
        if kind == "mutex":
            m = self.mutexes[a.call[1]]
            held = ((m.owner, m.since),)
            if m.owner == a.name:
                return "locked-self", held
            return ("locked" if self.actors[m.owner].alive else "owner dead"), held
        return "no wake", ()

    def never_unlocked(self, a):
        m = self.mutexes[a.call[1]]
        return m.owner == a.name or (m.owner is not None and not self.actors[m.owner].alive)

    def shown_locks(self):
        """Of each object the field of its state that says what it is."""
        return {
            "sem#1": ("values", " ".join(map(str, self.sems))), "psem#1": ("value", self.psem),
            "mutex#1": ("owner", self.mutexes["n"].owner or "-"),
            "mutex#2": ("owner", self.mutexes["r"].owner or "-"), "futex#1": ("value", self.word),
        }  # fmt: skip
