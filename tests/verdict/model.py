# SPDX-License-Identifier: GPL-3.0-or-later
"""What the kernel will do, worked out without asking it.

A World is a handful of processes with pipes, one file with record locks, one shared segment, two
message queues (queues.py), semaphores and mutexes (locks.py), eventfds, epolls and flock (events.py). It follows pipe(7), fcntl(2) and
wait(2) down to page-sized pipe buffers, merging of small writes and the first-come order of those
who wait. It shares no code with the product and runs nothing.

Where several processes can run at once, every order is tried. When they do not all end in the same
state the outcome is a matter of luck, World.line raises Ambiguous, and nobody is asked about it.

line() returns the facts that one line of a script must produce, as tuples:
    ("exit", step, actor, call, ret, errno, by, data)    ("block", step, actor, call, why, holders)
    ("fork", child, parent)  ("exited", actor, status)  ("killed", actor, signal)
    ("reaped", child, parent)  ("stuck", actors)  ("never", actor)"""

import events
import fifos
import locks
import queues
import signals
import sigwaits
import sockets
import splices
import timers

PAGE = 4096
MAX_STATES = 400  # of one line, before it counts as a matter of luck


class Ambiguous(Exception):
    pass


class Pipe:
    """bufs: [bytes, bytes already read from it], and "part" if nothing is added; the queues hold who waits, first come first."""

    __slots__ = ("id", "bufs", "slots", "rdq", "wrq", "unsized")

    def __init__(self, number):
        self.id, self.bufs, self.slots, self.rdq, self.wrq = number, [], 16, [], []
        self.unsized = False  # how much fits is not known

    def refresh(self):
        """Nobody had it open, and now somebody has: whatever was in it is gone."""
        self.bufs, self.unsized = [], True

    def clone(self):
        p = Pipe.__new__(Pipe)
        p.id, p.slots, p.unsized = self.id, self.slots, self.unsized
        p.bufs = [list(b) for b in self.bufs]
        p.rdq, p.wrq = list(self.rdq), list(self.wrq)
        return p

    def key(self):
        return (
            tuple(map(tuple, self.bufs)), self.slots, tuple(self.rdq), tuple(self.wrq), self.unsized,
        )  # fmt: skip

    def size(self):
        return sum(len(b) - off for b, off, *_ in self.bufs)

    def full(self):
        return len(self.bufs) >= self.slots


class Actor:
    __slots__ = (
        "name", "parent", "fds", "state", "call", "step", "rest", "children", "woken", "dying",
        "status", "told", "actions", "blocked", "pending", "stopped",
    )  # fmt: skip

    def __init__(self, name, parent):
        self.name, self.parent = name, parent
        self.fds = {}  # number -> open file description
        self.state = "idle"  # idle, busy, zombie, gone
        self.call = None  # of the busy: what it is in, see World.attempt
        self.step = 0
        self.rest = []  # calls of its line that come after this one
        self.children = []
        self.woken = False
        self.dying = None  # descriptors still to be closed by its end
        self.status = None
        self.told = False  # a verdict was given about the wait it is in
        self.actions, self.blocked, self.pending, self.stopped = {}, set(), {}, False

    def clone(self):
        a = Actor.__new__(Actor)
        for slot in Actor.__slots__:
            setattr(a, slot, getattr(self, slot))
        a.fds, a.rest, a.children = dict(self.fds), list(self.rest), list(self.children)
        a.dying = None if self.dying is None else list(self.dying)
        a.actions, a.blocked, a.pending = dict(self.actions), set(self.blocked), dict(self.pending)
        return a

    def key(self):
        return (
            self.name, self.state, self.call, self.step, self.woken, tuple(sorted(self.fds.items())),
            tuple(self.rest), tuple(self.children), self.parent,
            None if self.dying is None else tuple(self.dying), tuple(sorted(self.actions.items())),
            tuple(sorted(self.blocked)), tuple(self.pending.items()), self.stopped,
        )  # fmt: skip

    @property
    def alive(self):
        return self.state in ("idle", "busy")


class World(
    queues.Queues, locks.Locks, fifos.Fifos, sockets.Sockets, signals.Signals, events.Events,
    sigwaits.SigWaits, timers.Timers, splices.Splices,
):
    def __init__(self):
        self.actors = {}
        self.pipes = []
        self.descs = {}  # number -> ("r" | "w", pipe) or ("f", 0)
        self.nonblock = set()
        self.locks = []  # (owner, "r" | "w", first, end)
        self.shm = bytearray(16)
        self.steps = 0
        self.by = None
        self.facts = []
        self.start_queues()
        self.start_locks()
        self.start_fifos()
        self.start_sockets()
        self.start_events()
        self.start_sigwaits()
        self.start_timers()

    def clone(self):
        w = World.__new__(World)
        w.actors = {n: a.clone() for n, a in self.actors.items()}
        w.pipes = [p.clone() for p in self.pipes]
        w.descs, w.nonblock = dict(self.descs), set(self.nonblock)
        w.locks, w.shm = list(self.locks), bytearray(self.shm)
        w.steps, w.by, w.facts = self.steps, self.by, list(self.facts)
        self.clone_queues(w)
        self.clone_locks(w)
        self.clone_fifos(w)
        self.clone_sockets(w)
        self.clone_events(w)
        self.clone_sigwaits(w)
        self.clone_timers(w)
        return w

    def key(self):
        return (
            tuple(a.key() for a in self.actors.values()), tuple(p.key() for p in self.pipes),
            tuple(sorted(self.locks)), bytes(self.shm), tuple(sorted(map(repr, self.facts))),
            tuple(sorted(self.nonblock)), self.key_of_queues(), self.key_of_locks(),
            self.key_of_fifos(), self.key_of_sockets(), self.key_of_events(),
            self.key_of_timers(),
        )  # fmt: skip

    # ---- Who holds what -------------------------------------------------------------------

    def holders(self, pipe, end):
        wanted = (end, pipe)
        return [
            (a.name, fd, end)
            for a in self.actors.values()
            for fd, d in a.fds.items()
            if self.descs[d] == wanted
        ]

    def has_end(self, pipe, end):
        wanted = (end, pipe)
        held = {d for a in self.actors.values() for d in a.fds.values()} | self.travelling()
        return any(self.descs[d] == wanted for d in held) or self.is_opening(pipe, end)

    def ambiguous(self):
        return Ambiguous()

    def lowest(self, a, start=3):
        while start in a.fds:
            start += 1
        return start

    def open(self, a, what, fd=None):
        number = len(self.descs)
        self.descs[number] = what
        fd = self.lowest(a) if fd is None else fd
        a.fds[fd] = number
        return fd

    # ---- Waking ---------------------------------------------------------------------------

    def wake(self, pipe, end, everybody=False):
        """Those in poll, and of the others the one that came first."""
        queue = pipe.rdq if end == "r" else pipe.wrq
        for a in self.actors.values():
            if a.state == "busy" and a.call[0] == "poll" and (pipe.id, end) in a.call[1]:
                a.woken = True
            if a.state == "busy" and self.watches_end(a, pipe.id, end):
                a.woken = True
        while queue:
            self.actors[queue.pop(0)].woken = True
            if not everybody:
                break

    def close(self, a, fd):
        desc = a.fds.pop(fd)
        if self.descs[desc][0] == "f":  # any close drops all locks of the process
            self.unlock(a.name, 0, 1 << 40)
        self.drop(desc)

    def drop(self, desc):
        """One of those who had the open file has it no more."""
        kind, number = self.descs[desc]
        if any(desc in a.fds.values() for a in self.actors.values()) or desc in self.travelling():
            return
        self.last_closed(desc)
        if kind == "s" and number in self.socks:
            self.release_socket(number)
        elif kind in ("r", "w"):
            self.end_is_gone(kind, number)

    def end_is_gone(self, end, number):
        if not self.has_end(number, end) and self.has_end(number, "w" if end == "r" else "r"):
            self.wake(self.pipes[number], "r", True)
            self.wake(self.pipes[number], "w", True)

    # ---- Locks ----------------------------------------------------------------------------

    def unlock(self, owner, first, end):
        kept = []
        for lock in self.locks:
            who, kind, lo, hi = lock
            if who != owner or hi <= first or lo >= end:
                kept.append(lock)
                continue
            if lo < first:
                kept.append((who, kind, lo, first))
            if hi > end:
                kept.append((who, kind, end, hi))
        if kept != self.locks:
            self.locks = kept
            self.retry_locks()

    def retry_locks(self):
        for a in self.actors.values():
            if a.state == "busy" and a.call[0] == "lock":
                a.woken = True

    def blocker(self, owner, kind, first, end):
        found = {
            who
            for who, k, lo, hi in self.locks
            if who != owner and lo < end and hi > first and "w" in (k, kind)
        }
        if len(found) > 1:
            raise Ambiguous  # which of them counts for EDEADLK depends on their order
        return found.pop() if found else None

    # ---- One process goes on --------------------------------------------------------------

    def done(self, a, ret, errno=None, data=None):
        call = a.call[-1]
        if a.stopped:
            a.call, a.woken = ("result", ret, errno, data, call), False
            return
        by = self.by if a.step != self.by else None
        self.facts.append(("exit", a.step, a.name, call, ret, errno, by, data))
        a.state, a.call, a.woken = "idle", None, False
        if a.rest and a.rest[0][0] == "write-result":
            # the count of the outer write is what the inner read returned
            _, pipe_end, name = a.rest.pop(0)
            outer = ("write", pipe_end, (data or b"")[: max(ret, 0)], 0, name)
            a.rest.insert(0, outer if ret >= 0 else ("fail", "EFAULT", name))

    def die(self, a, fact, status):
        self.facts.append(fact)
        self.locks_at_death(a)
        a.status, a.state, a.woken, a.rest = status, "busy", False, []
        a.call = ("dying", "exit")
        a.dying = ["mutexes", "semaphores", *sorted(a.fds)]

    def go_on_dying(self, a):
        if a.dying:
            what = a.dying.pop(0)
            if what == "mutexes":
                self.mutex_at_death(a)
            elif what == "semaphores":
                self.undo_at_death(a)
            else:
                self.close(a, what)
            return
        self.unlock(a.name, 0, 1 << 40)
        a.state, a.call, a.dying = "zombie", None, None
        self.wake_pollers(a.name, "pf")
        for name in a.children:
            child = self.actors[name]
            child.parent = None
            if child.state == "zombie":
                child.state = "gone"
        a.children = []
        parent = self.actors.get(a.parent)
        if parent is None:
            a.state = "gone"
        elif parent.state == "busy" and parent.call[0] == "wait":
            parent.woken = True

    def attempt(self, a):
        """The call that a is in, from where it stands until it returns or sleeps again."""
        a.woken = False
        kind = a.call[0]
        getattr(self, "attempt_" + kind)(a)

    def attempt_read(self, a):
        _, (desc, number), want, slept, _name = a.call
        pipe = self.pipes[number]
        got, wake_writer = b"", False
        while want > len(got) and pipe.bufs:
            buf = pipe.bufs[0]
            part = buf[0][buf[1] : buf[1] + want - len(got)]
            got += part
            buf[1] += len(part)
            if buf[1] == len(buf[0]):
                wake_writer |= pipe.full()
                pipe.bufs.pop(0)
        if want and not got and self.has_end(number, "w"):
            if desc in self.nonblock:
                self.done(a, -1, "EAGAIN")
                return
            a.call = ("read", (desc, number), want, True, _name)
            pipe.rdq.append(a.name)
            return
        if wake_writer:
            self.wake(pipe, "w")
        if slept and pipe.bufs:
            self.wake(pipe, "r")
        self.done(a, len(got), None, got)

    def attempt_write(self, a):
        _, (desc, number), data, written, name = a.call
        pipe = self.pipes[number]
        slept = name.startswith("~")
        name = name.lstrip("~")
        left = data[written:]
        if not left:
            a.call = ("write", (desc, number), data, written, name)
            self.done(a, written)
            return
        a.call = ("write", (desc, number), data, written, name)
        if not self.has_end(number, "r"):
            self.broken_pipe(a, written)
            return
        if pipe.unsized and pipe.size() + len(left) > PAGE:
            raise Ambiguous
        was_empty = not pipe.bufs
        odd = len(left) % PAGE
        if not slept and odd and not was_empty and "part" not in pipe.bufs[-1] and len(pipe.bufs[-1][0]) + odd <= PAGE:
            pipe.bufs[-1][0] += left[:odd]
            left = left[odd:]
        while left and not pipe.full():
            pipe.bufs.append([left[:PAGE], 0])
            left = left[PAGE:]
        written = len(data) - len(left)
        if left and desc not in self.nonblock:
            a.call = ("write", (desc, number), data, written, "~" + name)
            if was_empty:
                self.wake(pipe, "r")
            pipe.wrq.append(a.name)
            return
        if was_empty:
            self.wake(pipe, "r")
        if slept and not pipe.full():
            self.wake(pipe, "w")
        if written == 0:
            self.done(a, -1, "EAGAIN")
        else:
            self.done(a, written)

    def ready(self, number, end, wanted=None):
        if end == "e":
            return self.counters[number][0] > 0 if wanted == "in" else self.counters[number][0] < events.MOST
        if end == "t":
            return self.timers[number] > 0
        if end == "pf":
            return not self.actors[number].alive
        if end == "s":
            return self.is_ready(number, wanted)
        pipe = self.pipes[number]
        if end == "r":
            return bool(pipe.bufs) or not self.has_end(number, "w")
        return not pipe.full() or not self.has_end(number, "r")

    def attempt_poll(self, a):
        _, watched, ms, _name = a.call
        ready = sum(self.ready(*w) for w in watched)
        if ready or ms == 0:
            self.done(a, ready)

    def attempt_wait(self, a):
        _, who, _name = a.call
        mine = [c for c in a.children if who in (None, c)]
        for name in mine:
            child = self.actors[name]
            if child.state == "zombie":
                child.state = "gone"
                a.children.remove(name)
                self.done(a, name, None, child.status)
                self.facts.append(("reaped", name, a.name))
                return
        if not mine:
            self.done(a, -1, "ECHILD")

    def attempt_lock(self, a):
        _, kind, first, end, wait, _, name = a.call
        blocker = self.blocker(a.name, kind, first, end)
        if blocker is None:
            self.unlock(a.name, first, end)
            self.locks.append((a.name, kind, first, end))
            self.done(a, 0)
            return
        if not wait:
            self.done(a, -1, "EAGAIN")
            return
        at = self.actors[blocker]
        while at.state == "busy" and at.call[0] == "lock" and at.call[5] is not None:
            if at.call[5] == a.name:
                self.done(a, -1, "EDEADLK")
                return
            at = self.actors[at.call[5]]
        a.call = ("lock", kind, first, end, wait, blocker, name)

    def attempt_unlock(self, a):
        _, first, end, _name = a.call
        self.unlock(a.name, first, end)
        self.done(a, 0)

    def attempt_await(self, a):
        _, index, value, _name = a.call
        if self.shm[index] == value:
            self.done(a, None)

    def attempt_fail(self, a):
        _, errno, _name = a.call
        self.done(a, -1, errno)

    def attempt_simple(self, a):
        """Calls that never wait: (kind, operation, arguments, name)."""
        _, what, args, _name = a.call
        self.done(a, getattr(self, "do_" + what)(a, *args))

    def do_store(self, _a, index, value):
        self.shm[index] = value
        return value

    def do_close(self, a, fd):
        self.close(a, fd)
        return 0

    def new_pipe(self):
        self.pipes.append(Pipe(len(self.pipes)))
        return len(self.pipes) - 1

    def do_pipe(self, a):
        number = self.new_pipe()
        self.open(a, ("r", number))
        self.open(a, ("w", number))
        return 0

    def do_dup(self, a, fd):
        new = self.lowest(a)
        a.fds[new] = a.fds[fd]
        return new

    def do_dup2(self, a, fd, new):
        desc = a.fds[fd]
        if new != fd:
            if new in a.fds:
                old = a.fds[new]
                # the number changes hands before the old description goes
                a.fds[-1] = old
                a.fds[new] = desc
                self.close(a, -1)
            else:
                a.fds[new] = desc
        return new

    def do_setfl(self, a, fd, on):
        (self.nonblock.add if on else self.nonblock.discard)(a.fds[fd])
        return 0

    def do_resize(self, a, fd, size):
        pipe = self.pipes[self.descs[a.fds[fd]][1]]
        pipe.slots, pipe.unsized = size // PAGE, False
        return size

    def do_fork(self, a, name):
        child = Actor(name, a.name)
        child.fds = dict(a.fds)
        child.actions, child.blocked = dict(a.actions), set(a.blocked)
        self.inherit_locks(name, a.name)
        self.actors[name] = child
        a.children.append(name)
        self.facts.append(("fork", name, a.name))
        return name

    def do_nothing(self, _a, ret=None):
        return ret

    def attempt_exit(self, a):
        _, status, _name = a.call
        self.die(a, ("exited", a.name, status), status << 8)

    def attempt_dying(self, a):
        self.go_on_dying(a)

    # ---- Lines ----------------------------------------------------------------------------

    def runnable(self):
        return [
            a.name
            for a in self.actors.values()
            if a.state == "busy"
            and not a.stopped
            and (a.woken or a.call[0] == "dying" or self.has_events(a))
        ]

    def settled(self):
        """The one world in which all orders end, with what cannot be reached collected."""
        world = self.settle()
        while world.collect():
            world = world.settle()
        return world

    def settle(self):
        world = self
        while True:
            can = world.runnable()
            if not can:
                return world
            if len(can) > 1:
                break
            world.attempt(world.actors[can[0]])
        ends, seen, todo = {}, set(), [world]
        while todo:
            at = todo.pop()
            can = at.runnable()
            if not can:
                ends[at.key()] = at
                if len(ends) > 1:
                    raise Ambiguous
                continue
            for name in can:
                then = at.clone()
                then.attempt(then.actors[name])
                key = then.key()
                if key not in seen:
                    seen.add(key)
                    todo.append(then)
            if len(seen) > MAX_STATES:
                raise Ambiguous
        return next(iter(ends.values()))

    def why(self, a):
        kind = a.call[0]
        if kind in ("read", "write"):
            number = a.call[1][1]
            other = self.holders(number, "w" if kind == "read" else "r")
            alone = other and all(name == a.name for name, _, _ in other)
            alone = alone and not self.is_fifo(number)
            word = "empty" if kind == "read" else "full"
            return word + ("-self" if alone else ""), tuple(sorted(other))
        if kind in ("msgsnd", "msgrcv", "mq_send", "mq_receive"):
            return self.why_in_queue(a), None
        if kind in ("semop", "sem_wait", "futex_wait", *locks.WAITS_ON):
            return self.why_locked(a)
        if kind in ("send", "recv", "recvall", "accept", "connect"):
            return self.why_socket(a)
        if kind in ("take", "add", "epoll", "flock"):
            return self.why_event(a)
        if kind == "open":
            return self.why_opening(a), None
        if kind == "tick":
            return self.why_tick(a)
        if kind == "splice":
            return self.lacks(a), None
        if kind == "sigread":
            return "signal", ()
        words = {"pause": "signal", "sigsuspend": "signal", "sigwait": "signal", "lock": "locked", "wait": "alive", "await": "condition"}
        return words.get(kind), None

    def step(self, name, call):
        """One call of one actor; the world after it."""
        self.steps += 1
        self.by = self.steps
        a = self.actors[name]
        a.state, a.call, a.step, a.told = "busy", call, self.steps, False
        self.attempt(a)
        world = self.settled()
        world.count_passed(world.steps)
        a = world.actors[name]
        if a.state == "busy" and a.step == world.steps:
            world.facts.append(("block", a.step, name, a.call[-1].lstrip("~"), *world.why(a)))
        world.tell_moved(name)
        waiting = [b for b in world.actors.values() if b.state == "busy" and b.call[0] == "await"]
        for b in sorted((b for b in waiting if not b.stopped), key=lambda b: b.step):
            world.attempt(b)
        return world

    def line(self, name, calls):
        """Runs a line in a copy of this world: that copy, and the line's facts."""
        world = self.clone()
        world.facts = []
        world.actors[name].rest = list(calls)
        queue = [name]
        while queue:
            at = queue.pop(0)
            while world.actors[at].rest and world.actors[at].state == "idle":
                before = {n for n, b in world.actors.items() if b.state == "busy"}
                world = world.step(at, world.actors[at].rest.pop(0))
                others = [
                    b
                    for n, b in world.actors.items()
                    if n != at and n in before and b.state == "idle" and b.rest
                ]
                queue += [b.name for b in sorted(others, key=lambda b: b.step)]
        world.verdicts()
        return world, world.facts

    def leave_all(self, name):
        """It waits for nothing any more."""
        for pipe in self.pipes:
            for queue in (pipe.rdq, pipe.wrq):
                if name in queue:
                    queue.remove(name)
        self.leave_lines(name)
        self.leave_locks(name)
        self.leave_sockets(name)
        self.leave_open(name)

    def interrupt(self, name):
        world = self.clone()
        world.facts = []
        world.by = None
        a = world.actors[name]
        if a.call[0] == "await":
            world.done(a, -1, "EINTR")
        else:
            world.break_off(a, False)
        world = world.settled()
        world.verdicts()
        return world, world.facts

    def can_never_end(self, a):
        kind = a.call[0]
        if kind in ("read", "write"):
            watched = [(a.call[1][1], "r" if kind == "read" else "w")]
        elif kind in ("mq_send", "mq_receive"):
            return self.box.unlinked and not self.others_have_box(a.name)
        elif kind in locks.WAITS_ON:
            return self.never_unlocked(a)
        elif kind in ("take", "add"):
            return self.only_own_counter(a)
        elif kind == "tick":
            return self.only_own_timer(a)
        elif kind == "splice":
            return self.has_own_end(a)
        elif kind == "flock":
            return self.only_own_lock(a)
        elif kind == "epoll":
            return a.call[2] < 0 and self.never_reported(a)
        elif kind in ("send", "recv", "recvall"):
            return self.only_self_could(a)
        elif kind == "poll":
            watched = a.call[1]
        else:
            return False
        return all(self.has_only_own(a, *watch) for watch in watched)

    def has_only_own(self, a, number, end, wanted=None):
        """Whatever other end of it is open, a has it itself, and nobody can open another one."""
        if end in ("e", "t"):
            return self.has_it((end, number)) == {a.name}
        if end == "pf":
            return number == a.name
        if end == "s":
            return self.only_own_socket(a, number, wanted)
        if self.has_name(number):
            return False
        return {name for name, _, _ in self.holders(number, "w" if end == "r" else "r")} == {a.name}

    def verdicts(self):
        alive = [a for a in self.actors.values() if a.alive]
        moving = [a for a in alive if not a.stopped]
        waiting = [a for a in moving if a.state == "busy"]
        if moving and len(waiting) == len(moving):
            self.facts.append(("stuck", tuple(sorted(a.name for a in alive))))
            for a in waiting:
                a.told = True
            return
        for a in waiting:
            if self.lacks_both(a) and a.call[6] != "past":
                a.call = (*a.call[:6], "doubt", a.call[7])
            if a.told or self.may_travel() or not self.can_never_end(a):
                continue
            if "doubt" in a.call:
                self.facts.append(("maybe", ("never", a.name)))
            else:
                a.told = True
                self.facts.append(("never", a.name))
