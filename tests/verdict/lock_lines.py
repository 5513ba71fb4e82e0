# SPDX-License-Identifier: GPL-3.0-or-later
"""Random lines about the locks of an Episode; each as Episode.draw wants it."""

MUTEX = {"n": "lm + 64", "r": "lm + 128"}
COND = "lm + 256"
SETUP = [
    "sid = semget(11, 3, IPC_CREAT|0600)",
    "semctl(sid, 0, SETALL, 1, 1, 0)",
    "lm = shmat(shmget(12, 512, IPC_CREAT|0600))",
    "sem_init(lm, 1, 1)",
    f"pthread_mutex_init({MUTEX['n']}, PTHREAD_PROCESS_SHARED)",
    f"pthread_mutex_init({MUTEX['r']}, PTHREAD_PROCESS_SHARED, PTHREAD_MUTEX_ROBUST)",
    "int *fw = lm + 192",
    f"pthread_cond_init({COND}, PTHREAD_PROCESS_SHARED)",
]
STEPS = 9  # of the lines above
FLAGS = {"": "0", "n": "IPC_NOWAIT", "u": "SEM_UNDO", "nu": "IPC_NOWAIT|SEM_UNDO"}


MS = 1  # of calls that end in time: nobody does anything meanwhile


class LockLines:
    def start_locks(self, w, first):
        self.setup += [f"{first} {line}" for line in SETUP]
        w.steps += STEPS
        w.semaphores[0].set_all((0, 1, 2), (1, 1, 0), first)

    def lock_draws(self):
        """In some episodes there is little else."""
        draws = {
            self.semop: 14, self.semctl: 2, self.sem_look: 2, self.sem_remove: 0.3, self.semget: 1,
            self.sem_wait: 6, self.sem_post: 5, self.mutex_lock: 8, self.mutex_unlock: 3,
            self.consistent: 1, self.futex_wait: 4, self.futex_wake: 3, self.word: 2,
            self.cond_wait: 8, self.cond_signal: 4,
        }  # fmt: skip
        return {draw: weight * (4 if self.locking else 1) for draw, weight in draws.items()}

    def semop(self, _a):
        ops = []
        for num in self.random.sample(range(3), self.random.choice((1, 1, 1, 2, 3))):
            flags = ("n" if self.random.random() < 0.1 else "") + ("u" if self.random.random() < 0.4 else "")
            ops.append((num, self.random.choice((-1, -1, -1, -2, 1, 1, 1, 2, 0)), flags))
        timed = self.random.random() < 0.06
        first, *more = [f"{num}, {n}, {FLAGS[flags]}" for num, n, flags in ops]
        name, first = ("semtimedop", f"{first}, {MS}") if timed else ("semop", first)
        return f"{name}(sid, {', '.join([first, *more])})", [("semop", tuple(ops), timed, name)]

    def semctl(self, _a):
        values = [self.random.randrange(3) for _ in range(3)]
        if self.random.random() < 0.3:
            text = ", ".join(map(str, values))
            return f"semctl(sid, 0, SETALL, {text})", [("semctl", "set", ((0, 1, 2), values), "semctl")]
        num = self.random.randrange(3)
        return f"semctl(sid, {num}, SETVAL, {values[0]})", [
            ("semctl", "set", ((num,), values[:1]), "semctl")
        ]

    def sem_look(self, _a):
        """What the kernel itself counts."""
        num = self.random.randrange(3)
        word, what, args = self.random.choice((
            ("GETVAL", "value", (num,)), ("GETNCNT", "waiting", (num, False)),
            ("GETZCNT", "waiting", (num, True)), ("GETPID", "last", (num,)),
        ))  # fmt: skip
        return f"semctl(sid, {num}, {word})", [("semctl", what, args, "semctl")]

    def sem_remove(self, _a):
        return "semctl(sid, 0, IPC_RMID)", [("semctl", "remove", (), "semctl")]

    def semget(self, a):
        """Most often by one whose set is gone."""
        if not self.world.set_of(a.name).removed and self.random.random() < 0.8:
            return None
        return "sid = semget(11, 3, IPC_CREAT|0600)", [("semget", "semget")]

    def sem_wait(self, _a):
        name, at_once, more = self.random.choice(
            (("sem_wait", None, ""),) * 6
            + (("sem_trywait", "EAGAIN", ""), ("sem_timedwait", "ETIMEDOUT", f", {MS}"))
        )
        return f"{name}(lm{more})", [("sem_wait", at_once, name)]

    def sem_post(self, _a):
        if self.world.psem > 3:
            return None
        return "sem_post(lm)", [("simple", "post", (), "sem_post")]

    def mutex_lock(self, a):
        which = self.random.choice("nr")
        if self.world.mutexes[which].owner == a.name and self.random.random() < 0.9:
            return self.unlock_it(which)
        name, at_once, more = self.random.choice(
            (("lock", None, ""),) * 6 + (("trylock", "EBUSY", ""), ("timedlock", "ETIMEDOUT", f", {MS}"))
        )
        if self.world.mutexes[which].lost:
            name, at_once, more = "lock", None, ""  # glibc 2.36: trylock fails and keeps it locked
        name = f"pthread_mutex_{name}"
        return f"{name}({MUTEX[which]}{more})", [("mutex", which, at_once, 0, name)]

    def unlock_it(self, which):
        name = "pthread_mutex_unlock"
        return f"{name}({MUTEX[which]})", [("unlock_mutex", which, name)]

    def mutex_unlock(self, a):
        mine = [w for w, m in self.world.mutexes.items() if m.owner == a.name]
        return self.unlock_it(self.random.choice(mine or ["r"]))

    def consistent(self, a):
        if self.world.mutexes["r"].owner != a.name:
            return None  # the library does not look who says so, and believes anybody
        name = "pthread_mutex_consistent"
        return f"{name}({MUTEX['r']})", [("consistent", name)]

    def futex_wait(self, _a):
        value = self.random.choice((self.world.word, self.world.word, 7))
        timed = self.random.random() < 0.1
        more = f", {MS}" if timed else ""
        return f"futex_wait(fw, {value}{more})", [("futex_wait", value, timed, "futex_wait")]

    def futex_wake(self, _a):
        n = self.random.choice((1, 1, 2, 99))
        return f"futex_wake(fw, {n})", [("simple", "wake", (n,), "futex_wake")]

    def word(self, _a):
        value = self.random.randrange(3)
        return f"*fw = {value}", [("simple", "word", (value,), "=")]

    def cond_wait(self, a):
        """By one who has a mutex; who has none gets one, so that this comes about."""
        mine = [w for w, m in self.world.mutexes.items() if m.owner == a.name]
        if not mine:
            return self.mutex_lock(a) if self.random.random() < 0.5 else None
        which, timed = self.random.choice(mine), self.random.random() < 0.2
        name = "pthread_cond_timedwait" if timed else "pthread_cond_wait"
        return f"{name}({COND}, {MUTEX[which]}{f', {MS}' if timed else ''})", [
            ("cond_wait", which, timed, "new", 0, 0, name)
        ]

    def cond_signal(self, _a):
        everybody = self.random.random() < 0.3
        name = "pthread_cond_broadcast" if everybody else "pthread_cond_signal"
        return f"{name}({COND})", [("cond_signal", everybody, "new", 0, name)]
