# SPDX-License-Identifier: GPL-3.0-or-later
"""What the kernel does with System V semaphores: sets of three, of which one has the key at a time.

It follows ipc/sem.c: whoever changes a set does the operations of those who sleep, in the order in
which they came, so that nobody can get in between. Who took what and has not given it back is kept
here, too, for that is told of each who waits."""

MOST = 32767
NUMBERS = 3  # semaphores of a set


class Took:
    """Of one semaphore: [who, how much, how much of that ends with him, step]."""

    def __init__(self, rows=()):
        self.rows = [list(row) for row in rows]

    def take(self, who, n, undo, step):
        row = next((r for r in self.rows if r[0] == who), [who, 0, 0, 0])
        self.rows = [r for r in self.rows if r is not row]
        self.rows.append([who, row[1] + n, row[2] + (n if undo else 0), step])

    def give(self, who, n):
        """His own first; what he did not take ends the takings of others, the oldest step first."""
        for row in sorted(self.rows, key=lambda r: (r[0] != who, r[3])):
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


class SemSet:
    """`line` has those who sleep, `undo` what is taken back at whose death, `last` who acted last."""

    def __init__(self):
        self.values, self.line, self.undo, self.removed = [0] * NUMBERS, [], {}, False
        self.took, self.last = [Took() for _ in self.values], [None] * NUMBERS

    def clone(self):
        s = SemSet()
        s.values, s.line, s.removed = list(self.values), list(self.line), self.removed
        s.undo = {who: list(adjust) for who, adjust in self.undo.items()}
        s.took, s.last = [Took(t.rows) for t in self.took], list(self.last)
        return s

    def key(self):
        return (
            tuple(self.values), tuple(self.line), repr(sorted(self.undo.items())), self.removed,
            repr([t.rows for t in self.took]), tuple(self.last),
        )  # fmt: skip

    def attempt(self, ops):
        """The values after them; or the name of an error; or the operation that has to wait."""
        values = list(self.values)
        for op in ops:
            num, n, _flags = op
            if (n == 0 and values[num] != 0) or values[num] + n < 0:
                return op
            values[num] += n
            if values[num] > MOST:
                return "ERANGE"
        return values

    def set_all(self, nums, values, who):
        for num, value in zip(nums, values, strict=True):
            self.values[num], self.took[num], self.last[num] = value, Took(), who
            for adjust in self.undo.values():
                adjust[num] = 0


class SemSets:
    """Of a World. `sid` says which set an actor means: the one whose id it got last."""

    def start_sets(self):
        self.semaphores, self.sid = [SemSet()], {}
        self.passing = []  # (step, n, took, who, amount, undo): not counted before the step is over

    def clone_sets(self, world):
        world.semaphores, world.sid = [s.clone() for s in self.semaphores], dict(self.sid)
        world.passing = list(self.passing)

    def key_of_sets(self):
        return (
            tuple(s.key() for s in self.semaphores), tuple(sorted(self.sid.items())),
            tuple(sorted(self.passing)),
        )  # fmt: skip

    def set_of(self, name):
        return self.semaphores[self.sid.get(name, 0)]

    def leave_sets(self, name):
        for s in self.semaphores:
            if name in s.line:
                s.line.remove(name)

    def attempt_semget(self, a):
        """The ids of a world are counted from 0."""
        if self.semaphores[-1].removed:
            self.semaphores.append(SemSet())
        self.sid[a.name] = len(self.semaphores) - 1
        self.done(a, self.sid[a.name])

    # ---- Operations -----------------------------------------------------------------------

    def do_ops(self, a, s, ops, values):
        s.values = values
        for num, n, flags in ops:
            s.last[num] = a.name
            if n == 0:
                continue
            if "u" in flags:
                s.undo.setdefault(a.name, [0] * NUMBERS)[num] -= n
            self.pass_on(a, (self.semaphores.index(s), num), -n, "u" in flags)
        self.done(a, 0)

    def pass_on(self, a, where, amount, undo):
        """It takes, or gives (less than 0), and that is told when the step is over."""
        n = sum(step == a.step for step, *_ in self.passing)
        self.passing.append((a.step, n, where, a.name, amount, undo))

    def count_passed(self, trigger):
        """In the order in which the calls are told: that of the step, then by their own steps."""
        for step, _, where, who, amount, undo in sorted(self.passing, key=lambda p: (p[0] != trigger, p)):
            took = self.psem_took if where == "psem" else self.semaphores[where[0]].took[where[1]]
            if amount < 0:
                took.give(who, -amount)
            elif not (undo and self.actors[who].state != "idle"):
                took.take(who, amount, undo, step)
        self.passing = []

    def attempt_semop(self, a):
        _, ops, timed, _name = a.call
        s = self.set_of(a.name)
        if s.removed:
            self.done(a, -1, "EINVAL")
            return
        result = s.attempt(ops)
        if isinstance(result, list):
            self.do_ops(a, s, ops, result)
            self.scan(s)
        elif isinstance(result, str):
            self.done(a, -1, result)
        elif "n" in result[2] or timed:
            self.done(a, -1, "EAGAIN")
        else:
            s.line.append(a.name)

    def scan(self, s):
        """Those who wait for 0 before those who take, each in their order, again and again."""
        again = True
        while again:
            again = False
            for takes in (False, True):
                for name in list(s.line):
                    a = self.actors[name]
                    ops = a.call[1]
                    result = s.attempt(ops)
                    if isinstance(result, tuple) and "n" in result[2]:
                        result = "EAGAIN"  # it slept for another operation than this one
                    if any(n != 0 for _, n, _ in ops) != takes or isinstance(result, tuple):
                        continue
                    s.line.remove(name)
                    if isinstance(result, str):
                        self.done(a, -1, result)
                        continue
                    self.do_ops(a, s, ops, result)
                    again = True
                    break

    def undo_at_death(self, a):
        for s in self.semaphores:
            adjust = s.undo.pop(a.name, None)
            if adjust and not s.removed:
                for num, n in enumerate(adjust):
                    if n != 0:
                        s.values[num] = min(max(s.values[num] + n, 0), MOST)
                        s.last[num] = a.name
            for took in s.took:
                took.died(a.name)
            if adjust:
                self.scan(s)

    # ---- semctl ---------------------------------------------------------------------------

    def attempt_semctl(self, a):
        _, what, args, _name = a.call
        s = self.set_of(a.name)
        if s.removed:
            self.done(a, -1, "EINVAL")
        else:
            result = getattr(self, "do_sem_" + what)(a, s, *args)
            self.done(a, result)

    def do_sem_set(self, a, s, nums, values):
        s.set_all(nums, values, a.name)
        self.scan(s)
        return 0

    def do_sem_remove(self, _a, s):
        s.removed, s.undo = True, {}
        for name in s.line:
            self.done(self.actors[name], -1, "EIDRM")
        s.line = []
        return 0

    def do_sem_value(self, _a, s, num):
        return s.values[num]

    def do_sem_waiting(self, _a, s, num, zero):
        return self.count_waiting(s, num, zero)

    def do_sem_last(self, _a, s, num):
        return s.last[num] or 0

    def count_waiting(self, s, num, zero):
        """Of several operations the first that cannot be done is the one that counts."""
        found = [s.attempt(self.actors[name].call[1]) for name in s.line]
        return sum(op[0] == num and (op[1] == 0) == zero for op in found)

    # ---- Told -----------------------------------------------------------------------------

    def why_semop(self, a):
        s = self.set_of(a.name)
        num, n, _flags = s.attempt(a.call[1])
        return ("too low", s.took[num].holders()) if n < 0 else ("not zero", ())

    def shown_sets(self):
        shown = {}
        for i, s in enumerate(self.semaphores):
            counts = [
                sum(self.count_waiting(s, num, zero) for num in range(NUMBERS))
                for zero in (False, True)
            ]
            fields = {"ncnt": counts[0], "zcnt": counts[1]}
            if s.removed:
                fields["removed"] = "removed"
            else:
                fields["values"] = " ".join(map(str, s.values))
                fields |= {f"last{num}": who or "-" for num, who in enumerate(s.last)}
            shown[f"sem#{i + 1}"] = fields
        return shown
