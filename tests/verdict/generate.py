# SPDX-License-Identifier: GPL-3.0-or-later
"""Random scripts whose outcome the model knows: Episode(seed).make(steps) gives lines and facts.

Two to six processes that come from one another by fork, so that they share pipes (some of one page,
some with ends that nobody needs), a file to lock, a shared segment and two message queues. A line is drawn at random;
one whose outcome would be a matter of luck is thrown away and another is drawn."""

import random

import event_lines
import lock_lines
import locks
import model
import queue_lines
import queues
import signal_lines
import sigwait_lines
import socket_lines

BIG = 16384
PATTERN = b"abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
CONTENT = PATTERN + b"\0" * (BIG - len(PATTERN))
MOST_ACTORS = 6
MOST_PIPES = 7
SIZES = (1, 3, 5, 17, 200, 1000, 4095, 4096, 4097, 5000, 8192, 12000, 16384)
SLOT = 10  # bytes of the file that one random lock covers


class Episode(
    queue_lines.QueueLines, lock_lines.LockLines, socket_lines.SocketLines, signal_lines.SignalLines,
    event_lines.EventLines, sigwait_lines.SigWaitLines,
):
    big = CONTENT

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.tcp = False  # somebody has listened by TCP
        self.locking = seed % 4 == 0  # little else is done
        self.rings = seed % 10 == 0  # sockets travel, too, and can be lost in each other
        self.world = model.World()
        self.lines = []  # (text, facts)
        self.held = []  # of each line: what both queues hold after it
        self.values = []  # and what the locks are then
        self.names = iter(f"{c}{n}" for n in ("", "2", "3", "4", "5") for c in "abcdefgh")
        self.setup = []

    def start(self):
        first = next(self.names)
        w = self.world
        w.actors[first] = model.Actor(first, None)
        a = w.actors[first]
        text = PATTERN.decode()
        self.setup = [
            f"spawn {first}",
            f"{first} char big[{BIG}]",
            f"{first} char in[{BIG}]",
            f'{first} memcpy(big, "{text}", {len(text)})',
            f'{first} lk = open("f", O_RDWR|O_CREAT)',
            f"{first} sm = shmat(shmget(7, 16, IPC_CREAT|0666))",
        ]
        w.steps = 4
        w.open(a, ("f", 0))
        self.start_queues(w, a)
        self.start_locks(w, first)
        for _ in range(self.random.randint(1, 3)):
            self.new_pipe(first)
        for _ in range(self.random.randint(1, MOST_ACTORS - 1)):
            alive = [b for b in self.world.actors.values() if b.alive]
            parent = self.random.choice(alive)
            self.take(parent.name, *self.fork(parent))

    def start_queues(self, w, a):
        self.setup += [f"{a.name} {line}" for line in queue_lines.SETUP]
        w.steps += len(queue_lines.SETUP)
        w.mail, w.box = queues.Mail(queue_lines.LIMIT), queues.Box(queue_lines.MESSAGES)
        w.open(a, ("q", 0))
        if self.random.random() < 0.5:
            self.setup.append(f'{a.name} mq_unlink("/pq")')
            w.steps += 1
            w.box.unlinked = True

    def new_pipe(self, name):
        """A pipe of one or two pages: more depends on what the user has elsewhere (pipe(7))."""
        number = len(self.world.pipes)
        if self.take(name, f"pipe(p{number})", [("simple", "pipe", (), "pipe")]):
            fd, size = self.end_of(name, "w", number), self.random.choice((4096, 8192))
            calls = [("simple", "resize", (fd, size), "fcntl")]
            self.take(name, f"fcntl({fd}, F_SETPIPE_SZ, {size})", calls)

    def end_of(self, name, end, pipe):
        for fd, desc in self.world.actors[name].fds.items():
            if self.world.descs[desc] == (end, pipe):
                return fd
        return None

    def take(self, name, text, calls):
        try:
            world, facts = self.world.line(name, calls)
        except model.Ambiguous:
            return False
        self.world = world
        self.keep(f"{name} {text}", facts)
        for a in list(world.actors.values()):
            if a.state == "idle" and not a.stopped:
                self.size_fifos(a)
        return True

    def keep(self, text, facts):
        self.lines.append((text, facts))
        self.held.append({"msg#1": self.world.mail.messages, "mq#1": self.world.box.messages})
        self.values.append(self.world.shown_locks())

    def make(self, steps):
        self.start()
        while self.world.steps < steps:
            alive = [a for a in self.world.actors.values() if a.alive]
            idle = [a for a in alive if a.state == "idle" and not a.stopped]
            if not alive:
                break
            busy = [a for a in alive if a.state == "busy" and not a.rest and not a.stopped]
            if not idle or (busy and self.random.random() < 0.03):
                if not idle:  # a line that gets nobody any further could be drawn for ever
                    busy = [a for a in busy if a.call[0] not in locks.WAITS_ON]
                if not busy:
                    break
                a = self.random.choice(busy)
                try:
                    self.world, facts = self.world.interrupt(a.name)
                except model.Ambiguous:
                    if not idle:
                        break
                    continue
                self.keep(f"interrupt {a.name}", facts)
                continue
            a = self.random.choice(idle)
            drawn = self.draw(a, len(alive))
            if drawn:
                self.take(a.name, *drawn)
        return self

    # ---- One random line of one actor; None: not now ------------------------------------------

    def draw(self, a, alive):
        kinds = {
            self.read: 22, self.write: 24, self.poll: 6, self.close: 5, self.dup: 3,
            self.nonblock: 3, self.make_pipe: 3, self.lock: 7, self.store: 10, self.wait_for: 6,
            self.msgsnd: 9, self.msgrcv: 9, self.limit: 0.7, self.mq_send: 8, self.mq_receive: 8,
            self.mq_nonblock: 1, self.mq_close: 0.5, self.relay: 5, self.leave: 2 if alive > 2 else 0.2,
            self.fork: 25 if alive < 3 else 4 if alive < MOST_ACTORS else 0, **self.socket_draws(),
            **self.lock_draws(), **self.signal_draws(alive), **self.event_draws(),
            **self.sigwait_draws(),
        }  # fmt: skip
        return self.random.choices(list(kinds), list(kinds.values()))[0](a)

    def some(self, a, *ends):
        """A descriptor of the actor with one of these ends, as (number, description, pipe)."""
        descs = self.world.descs
        found = [(fd, d, descs[d][1]) for fd, d in a.fds.items() if descs[d][0] in ends]
        return self.random.choice(found) if found else None

    def read(self, a):
        fd = self.some(a, "r")
        n = self.random.choice(SIZES)
        return fd and (f"read({fd[0]}, in, {n})", [("read", (fd[1], fd[2]), n, False, "read")])

    def write(self, a):
        fd = self.some(a, "w")
        if not fd:
            return None
        small = self.random.random() < 0.6
        if small:
            data = bytes(self.random.choices(PATTERN, k=self.random.randint(1, 12)))
            what = f'"{data.decode()}", {len(data)}'
        else:
            n = self.random.choice(SIZES)
            data, what = CONTENT[:n], f"big, {n}"
        return f"write({fd[0]}, {what})", [("write", (fd[1], fd[2]), data, 0, "write")]

    def relay(self, a):
        """What the inner call reads the outer one passes on, whenever it comes."""
        source, sink = self.some(a, "r"), self.some(a, "w")
        if not source or not sink or source[1] in self.world.nonblock:
            return None
        n = self.random.choice(SIZES)
        calls = [
            ("read", (source[1], source[2]), n, False, "read"),
            ("write-result", (sink[1], sink[2]), "write"),
        ]
        return f"write({sink[0]}, in, read({source[0]}, in, {n}))", calls

    def poll(self, a):
        fds = [self.some(a, "r", "w") for _ in range(self.random.randint(1, 2))]
        if not all(fds) or any(self.world.is_fifo(fd[2]) for fd in fds):
            return None
        watched = tuple((pipe, self.world.descs[desc][0]) for _, desc, pipe in fds)
        ms = self.random.choice((-1, -1, -1, 0))
        names = ["POLLIN" if end == "r" else "POLLOUT" for _, end in watched]
        text = f"poll({fds[0][0]}, {names[0]}, {ms}"
        if len(fds) == 2:
            text += f", {fds[1][0]}, {names[1]}, {ms}"
        return text + ")", [("poll", watched, ms, "poll")]

    def close(self, a):
        fd = self.some(a, "r", "w")
        return fd and (f"close({fd[0]})", [("simple", "close", (fd[0],), "close")])

    def dup(self, a):
        fd = self.some(a, "r", "w")
        if not fd or len(a.fds) > 24:
            return None
        if self.random.random() < 0.5:
            return f"dup({fd[0]})", [("simple", "dup", (fd[0],), "dup")]
        new = self.random.choice([n for n in a.fds if n > 4] + [self.random.randint(5, 20)])
        return f"dup2({fd[0]}, {new})", [("simple", "dup2", (fd[0], new), "dup2")]

    def nonblock(self, a):
        fd = self.some(a, "r", "w")
        if not fd:
            return None
        on = fd[1] not in self.world.nonblock and self.random.random() < 0.5
        flags = "O_NONBLOCK" if on else "0"
        return f"fcntl({fd[0]}, F_SETFL, {flags})", [("simple", "setfl", (fd[0], on), "fcntl")]

    def make_pipe(self, a):
        if len(self.world.pipes) < MOST_PIPES:
            self.new_pipe(a.name)

    def lock(self, a):
        if 3 not in a.fds or self.world.descs[a.fds[3]][0] != "f":
            return None
        first = self.random.choice((0, SLOT))
        end = self.random.choice((SLOT, 2 * SLOT))
        if end <= first:
            end = first + SLOT
        kind = self.random.choice(("w", "w", "r", "u"))
        if kind == "u":
            return f"fcntl(3, F_SETLK, F_UNLCK, {first}, {end - first})", [
                ("unlock", first, end, "fcntl")
            ]
        wait = self.random.random() < 0.75
        words = f"{'F_SETLKW' if wait else 'F_SETLK'}, {'F_WRLCK' if kind == 'w' else 'F_RDLCK'}"
        return f"fcntl(3, {words}, {first}, {end - first})", [
            ("lock", kind, first, end, wait, None, "fcntl")
        ]

    def store(self, a):
        index, value = self.random.randrange(3), self.random.randrange(1, 4)
        if self.random.random() < 0.55:
            return f"sm[{index}] = {value}", [("simple", "store", (index, value), "=")]
        return f"await sm[{index}] == {value}", [("await", index, value, "await")]

    def wait_for(self, a):
        if not a.children and self.random.random() < 0.8:
            return None
        if a.children and self.random.random() < 0.5:
            who = self.random.choice(a.children)
            return f"waitpid({who}, st)", [("wait", who, "waitpid")]
        return "wait(st)", [("wait", None, "wait")]

    def leave(self, a):
        status = self.random.randrange(4)
        return f"exit({status})", [("exit", status, "exit")]

    def fork(self, a):
        name = next(self.names, None)
        return name and (f"fork({name})", [("simple", "fork", (name,), "fork")])
