# SPDX-License-Identifier: GPL-3.0-or-later
"""Random lines about the locks of an Episode; each as Episode.draw wants it."""

MUTEX = {"n": "lm + 64", "r": "lm + 128"}
SETUP = [
    "sid = semget(11, 3, IPC_CREAT|0600)",
    "semctl(sid, 0, SETALL, 1, 1, 0)",
    "lm = shmat(shmget(12, 512, IPC_CREAT|0600))",
    "sem_init(lm, 1, 1)",
    f"pthread_mutex_init({MUTEX['n']}, PTHREAD_PROCESS_SHARED)",
    f"pthread_mutex_init({MUTEX['r']}, PTHREAD_PROCESS_SHARED, PTHREAD_MUTEX_ROBUST)",
    "int *fw = lm + 192",
]
STEPS = 8  # of the lines above
FLAGS = {"": "0", "n": "IPC_NOWAIT", "u": "SEM_UNDO", "nu": "IPC_NOWAIT|SEM_UNDO"}


class LockLines:
    def semop(self, _a):
        ops = []
        for num in self.random.sample(range(3), self.random.choice((1, 1, 1, 2, 3))):
            flags = ("n" if self.random.random() < 0.1 else "") + ("u" if self.random.random() < 0.4 else "")
            ops.append((num, self.random.choice((-1, -1, -1, -2, 1, 1, 1, 2, 0)), flags))
        text = ", ".join(f"{num}, {n}, {FLAGS[flags]}" for num, n, flags in ops)
        return f"semop(sid, {text})", [("semop", tuple(ops), "semop")]

    def setval(self, _a):
        num, value = self.random.randrange(3), self.random.randrange(3)
        return f"semctl(sid, {num}, SETVAL, {value})", [("simple", "setval", (num, value), "semctl")]

    def sem_wait(self, _a):
        name = self.random.choice(("sem_wait", "sem_wait", "sem_wait", "sem_trywait"))
        return f"{name}(lm)", [("sem_wait", name == "sem_trywait", name)]

    def sem_post(self, _a):
        if self.world.psem > 3:
            return None
        return "sem_post(lm)", [("simple", "post", (), "sem_post")]

    def mutex_lock(self, a):
        which = self.random.choice("nr")
        if self.world.mutexes[which].owner == a.name and self.random.random() < 0.9:
            return self.unlock_it(which)
        name = self.random.choice(("lock", "lock", "lock", "trylock"))
        if self.world.mutexes[which].lost:
            name = "lock"  # glibc 2.36: a trylock of what is lost fails and keeps it locked
        name = f"pthread_mutex_{name}"
        return f"{name}({MUTEX[which]})", [("mutex", which, name.endswith("trylock"), name)]

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
        return f"futex_wait(fw, {value})", [("futex_wait", value, "futex_wait")]

    def futex_wake(self, _a):
        n = self.random.choice((1, 1, 2, 99))
        return f"futex_wake(fw, {n})", [("simple", "wake", (n,), "futex_wake")]

    def word(self, _a):
        value = self.random.randrange(3)
        return f"*fw = {value}", [("simple", "word", (value,), "=")]
