# SPDX-License-Identifier: GPL-3.0-or-later
"""Random signals between a few processes, against a model of the kernel's rules (signal(7)).

The model follows kernel/signal.c as far as one thread a process has it: what is dropped, merged,
queued, pending for a blocked or stopped process; the order in which handlers run when several
signals are let in at once (each is set up above the one before, so the last runs first); which
calls start again; SIGCHLD of ends and stops; zombies, and none where SIGCHLD is ignored. It shares
no code with the product. SIGNAL_EPISODES=N runs more of them."""

import os
import random

import pytest

EPISODES = int(os.environ.get("SIGNAL_EPISODES", "24"))
LINES = 120

NUMBERS = {
    "SIGINT": 2, "SIGKILL": 9, "SIGUSR1": 10, "SIGUSR2": 12, "SIGTERM": 15, "SIGCHLD": 17, "SIGCONT": 18,
    "SIGSTOP": 19, "SIGTSTP": 20, "SIGWINCH": 28, "SIGRTMIN": 34, "SIGRTMIN+1": 35,
}  # fmt: skip
STOPS = {"SIGSTOP", "SIGTSTP"}
NOTHING = {"SIGCHLD", "SIGCONT", "SIGWINCH"}  # what the default action of these does
UNSURE = {"SIGCHLD", *STOPS, "SIGCONT"}  # nothing is told when one that was pending is gone
SURE = {"SIGKILL", "SIGSTOP"}
WAITING = ("pause", "sigsuspend", "sigwaitinfo", "read", "waitpid")
USED = [s for s in NUMBERS if s not in ("SIGKILL", "SIGSTOP")]


def is_queued(sig):
    return sig.startswith("SIGRT")


class Process:
    def __init__(self, name, parent=None):
        self.name, self.parent = name, parent
        self.actions = {}  # signal -> "ign" or (handler, flags)
        self.blocked = set()
        self.pending = []  # (signal, sender, value), in the order in which they came
        self.state = "idle"  # idle, busy, zombie, gone
        self.stopped = False
        self.call = None  # (name, argument) of the busy
        self.step = 0
        self.saved = None  # the mask to put back after sigsuspend
        self.told = False  # its waiting was told
        self.children = []

    @property
    def alive(self):
        return self.state in ("idle", "busy")

    def action(self, sig):
        return self.actions.get(sig, "dfl") if sig not in SURE else "dfl"

    def ignores(self, sig):
        action = self.action(sig)
        return action == "ign" or (action == "dfl" and sig in NOTHING)

    def caught(self, sig):
        return isinstance(self.action(sig), tuple)

    def is_fatal(self, sig):
        return self.action(sig) == "dfl" and sig not in NOTHING and sig not in STOPS


class Model:
    def __init__(self):
        self.all = {}
        self.facts = []
        self.taken = {}  # process -> signal -> senders, for which handlers were about to run

    def tell(self, *fact):
        self.facts.append(fact)

    # ---- Sending --------------------------------------------------------------------------

    def mask(self, p):
        """What is blocked now. Those that sigwaitinfo waits for wake it though they were blocked."""
        if p.state == "busy" and p.call[0] == "sigwaitinfo":
            return p.blocked - set(p.call[1])
        return p.blocked

    def drop(self, p, signals):
        p.pending = [one for one in p.pending if one[0] not in signals]

    def send(self, sender, p, sig, value=None, by_kernel=False):
        if not p.alive:
            return
        continued = False
        if sig in STOPS:
            self.drop(p, {"SIGCONT"})
        elif sig == "SIGCONT":
            self.drop(p, STOPS)
            continued, p.stopped = p.stopped, False
            if continued:
                self.tell("continued", p.name)
        if continued and not p.caught(sig):
            self.tell("signal", p.name, sig, "default", sender.name)
        if sig not in p.blocked and p.ignores(sig):
            if not by_kernel and not continued:
                self.tell("signal", p.name, sig, "ignored" if p.action(sig) == "ign" else "default", sender.name)
        elif is_queued(sig) or not any(one[0] == sig for one in p.pending):
            p.pending.append((sig, sender.name, value))
        if continued:
            self.child_changed(p)
        if p.stopped and sig != "SIGKILL":
            return
        if p.is_fatal(sig) and sig not in p.blocked or sig == "SIGKILL":
            self.die(p, sig)
        elif self.deliverable(p) or (continued and p.state == "busy"):
            self.wake(p, continued)

    def child_changed(self, p):
        parent = self.all.get(p.parent)
        if parent is None or not parent.alive:
            return
        action = parent.action("SIGCHLD")
        if action == "ign" or p.alive and isinstance(action, tuple) and "SA_NOCLDSTOP" in action[1]:
            return
        self.send(p, parent, "SIGCHLD", by_kernel=True)

    def die(self, p, sig):
        origins = {one[1] for one in p.pending if one[0] == sig} | self.taken.get(p.name, {}).get(sig, set())
        origin = origins.pop() if len(origins) == 1 else None  # of several nobody can say which
        # of what came just before, the end is all that can be seen
        self.facts = [f for f in self.facts if f[:2] not in (("signal", p.name), ("continued", p.name))]
        self.tell("signal", p.name, sig, "default", origin)
        self.tell("killed", p.name, sig)
        self.end(p, NUMBERS[sig])

    def end(self, p, status):
        p.state, p.stopped, p.pending = "zombie", False, []
        for name in p.children:
            child = self.all[name]
            child.parent = None
            if child.state == "zombie":
                child.state = "gone"
        parent = self.all.get(p.parent)
        if parent is None or not parent.alive:
            p.state = "gone"
            return
        unwanted = parent.action("SIGCHLD") == "ign"
        if unwanted:
            p.state = "gone"
            parent.children.remove(p.name)
        p.status = status
        waits = parent.state == "busy" and parent.call[0] == "waitpid" and parent.call[1] == p.name
        if waits and not parent.stopped:
            self.reap(parent, p, unwanted)
        if not unwanted:
            self.send(p, parent, "SIGCHLD", by_kernel=True)

    def reap(self, parent, p, unwanted=False):
        if unwanted:
            self.done(parent, "ECHILD")
            return
        p.state = "gone"
        parent.children.remove(p.name)
        self.done(parent, ("pid", p.name))
        self.tell("reaped", p.name)

    # ---- Delivery -------------------------------------------------------------------------

    def deliverable(self, p):
        return [one for one in p.pending if one[0] not in self.mask(p)]

    def done(self, p, result):
        self.tell("exit", p.name, p.call[0], result)
        p.state, p.told = "idle", False
        if p.saved is not None:
            p.blocked, p.saved = p.saved, None
        p.call = None

    def take(self, p, wanted):
        """The one of these signals that is first: the lowest number, then the earliest."""
        found = sorted((NUMBERS[one[0]], i) for i, one in enumerate(p.pending) if one[0] in wanted)
        return p.pending.pop(found[0][1]) if found else None

    def wake(self, p, continued=False):
        """It runs, in a call or idle, with signals that it lets in."""
        if continued and p.state == "busy" and p.call[0] == "sigsuspend" and not self.deliverable(p):
            # a stop makes sigsuspend begin again, and for a moment the mask before it is in force
            inner, p.blocked, p.saved = p.blocked, p.saved, None
            self.let_in(p, "sigsuspend", "always")
            if p.alive:
                p.saved, p.blocked = p.blocked, inner
            if not p.alive or not self.deliverable(p):
                return
        if p.state == "busy" and p.call[0] == "sigwaitinfo":
            one = self.take(p, p.call[1])
            if one:
                self.done(p, (one[0], one[1], one[2]))
            else:
                self.let_in(p, p.call[0], "never")
            return
        self.let_in(p, p.call[0] if p.state == "busy" and p.call[0] in WAITING else None)

    def let_in(self, p, call, restart="read"):
        """Handlers of all that is let in. call: what they interrupt."""
        interrupted = call if p.told else None
        self.taken.pop(p.name, None)
        frames, ran = [], []
        first = None  # does the first handler let the call start again?
        old = p.saved  # sigsuspend's mask is put back by the first handler to return
        while True:
            one = self.take(p, set(NUMBERS) - p.blocked)
            if one is None:
                if not frames:
                    break
                sig, sender, value, mask, name, flags = frames.pop()
                self.taken[p.name][sig].discard(sender)
                ran.append((sig, sender, name, value if "SA_SIGINFO" in flags else None))
                p.blocked = mask
                continue
            sig = one[0]
            action = p.action(sig)
            if p.ignores(sig):
                if call is None and sig not in UNSURE:
                    self.tell("signal", p.name, sig, "ignored" if action == "ign" else "default", one[1])
                continue
            if sig in STOPS and action == "dfl":
                self.report(p, ran, interrupted, True)
                self.tell("signal", p.name, sig, "default", one[1])
                self.tell("stopped", p.name)
                p.stopped = True
                assert not frames, "a stop in the middle of handlers is not drawn"
                if call == "sigwaitinfo":  # it has its EINTR already, whatever comes before it goes on
                    p.call = (call, ())
                self.child_changed(p)
                return
            if action == "dfl":
                p.pending.insert(0, one)
                for each in ran:  # one that it had sent itself must have come in the call
                    self.report(p, [each], call if each[1] == p.name else interrupted, False)
                self.die(p, sig)
                return
            name, flags = action
            self.taken.setdefault(p.name, {}).setdefault(sig, set()).add(one[1])
            if first is None:
                first = "SA_RESTART" in flags
            mask = set(p.blocked)
            if old is not None:
                mask, old = set(old), None
                p.saved = None
            frames.append((sig, one[1], one[2], mask, name, flags))
            if "SA_NODEFER" not in flags:
                p.blocked = p.blocked | {sig}
            if "SA_RESETHAND" in flags:
                p.actions.pop(sig)
        if call is None:
            self.report(p, ran, None, False)
            return
        restarts = restart == "always" or (call in ("read", "waitpid") and first)
        child = self.all[p.call[1]] if call == "waitpid" else None
        if (restarts or not ran) and child and not child.alive:  # it ended while this one was stopped
            for each in ran:
                self.report(p, [each], None if each[0] == "SIGCHLD" else interrupted, False)
            self.reap(p, child, child.state == "gone")
        elif restart == "never" or (ran and not restarts):
            self.report(p, ran, call if ran else None, False)
            self.done(p, "EINTR")
        else:
            self.report(p, ran, interrupted, True)

    def report(self, p, ran, interrupted, restarted):
        for sig, sender, name, value in ran:
            self.tell("handler", p.name, sig, sender, name, value, interrupted, bool(interrupted and restarted))

    # ---- Lines ----------------------------------------------------------------------------

    def enter(self, p, name, argument=None):
        p.state, p.call, p.told = "busy", (name, argument), False

    def waits(self, p):
        p.told = True
        self.tell("block", p.name, p.call[0])

    def verdict(self):
        alive = [p for p in self.all.values() if p.alive]
        waiting = [p for p in alive if p.state == "busy" and not p.stopped]
        if waiting and all(p.state == "busy" and p.told or p.stopped for p in alive):
            self.tell("stuck")
            return True
        return False


class Episode:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.model = Model()
        self.lines = []
        self.names = iter(f"{c}{n}" for n in ("", 2, 3) for c in "abcdefgh")
        self.stuck = False

    def some_signals(self, most=3):
        return self.random.sample(USED, self.random.randint(1, most))

    def start(self):
        first = next(self.names)
        self.model.all[first] = Process(first)
        self.setup = [f"spawn {first}", f"{first} pipe(p)"]

    def make(self):
        self.start()
        m = self.model
        while len(self.lines) < LINES:
            alive = [p for p in m.all.values() if p.alive]
            idle = [p for p in alive if p.state == "idle" and not p.stopped]
            if not alive:
                break
            p = self.random.choice(idle) if idle else None
            drawn = self.draw(p, alive) if idle else self.interrupt(None, alive)
            if not idle and drawn is None:
                break
            if drawn is None:
                continue
            text, do = drawn
            m.facts = []
            do()
            self.stuck = m.verdict()
            self.lines.append((text, m.facts))
        return self

    def draw(self, p, alive):
        kinds = {
            self.act: 16, self.kill: 40, self.queue: 10, self.mask: 14, self.pause: 6, self.suspend: 6,
            self.info: 6, self.read: 6, self.fork: 20 if len(alive) < 3 else 3 if len(alive) < 5 else 0,
            self.leave: 1 if len(alive) > 2 else 0, self.wait: 5, self.interrupt: 2, self.raise_: 6,
        }  # fmt: skip
        return self.random.choices(list(kinds), list(kinds.values()))[0](p, alive)

    def returns(self, p, call, result, then=None):
        self.model.enter(p, call)
        if then:
            then()
        if p.state == "busy" and not p.stopped:
            self.model.done(p, result)

    def act(self, p, _):
        sig = self.random.choice(USED)
        what = self.random.choice(("h", "g", "h", "g", "SIG_IGN", "SIG_DFL"))
        flags = [f for f in ("SA_RESTART", "SA_SIGINFO", "SA_RESETHAND", "SA_NODEFER", "SA_NOCLDSTOP") if self.random.random() < 0.35]
        if sig == "SIGTSTP" and what == "SIG_DFL":
            return None

        def do():
            self.model.enter(p, "sigaction")
            if what == "SIG_DFL":
                p.actions.pop(sig, None)
            else:
                p.actions[sig] = "ign" if what == "SIG_IGN" else (what, flags)
            gone = [one for one in p.pending if one[0] == sig] if p.ignores(sig) else []
            if gone:
                self.model.drop(p, {sig})
                self.model.done(p, 0)
                for one in gone:
                    if sig not in UNSURE:
                        self.model.tell("signal", p.name, sig, "ignored" if what == "SIG_IGN" else "default", one[1])
            else:
                self.model.done(p, 0)

        return f"{p.name} sigaction({sig}, {what}, {'|'.join(flags) or 0})", do

    def may_send(self, sig, target):
        """Not what the model has no rule for: a stop by SIGTSTP, that could come amid handlers."""
        if sig == "SIGCONT" and target.stopped:
            # it would go on only to die, and whether its parent hears once or twice is luck
            masks = target.blocked if target.saved is None else target.blocked & target.saved
            if any(target.is_fatal(one[0]) and one[0] not in masks for one in target.pending):
                return False
        return not (sig == "SIGTSTP" and target.action(sig) == "dfl") and not (sig == "SIGCHLD")

    def kill(self, p, alive):
        target = self.random.choice(alive)
        sig = self.random.choice([*NUMBERS, "SIGUSR1", "SIGUSR2", "SIGCONT", "SIGCONT"])
        if sig == "SIGKILL" and (len(alive) < 3 or self.random.random() < 0.7):
            return None
        if sig == "SIGSTOP" and (target is p or len([a for a in alive if not a.stopped]) < 3):
            return None
        if not self.may_send(sig, target):
            return None
        if p is target and (target.is_fatal(sig) and len(alive) < 3):
            return None
        return f"{p.name} kill({target.name}, {sig})", lambda: self.sending(p, target, sig, "kill", None)

    def sending(self, p, target, sig, call, value):
        m = self.model
        m.enter(p, call)
        if target is p:
            m.send(p, p, sig, value)
            if p.state == "busy":
                m.done(p, 0)
            return
        m.done(p, 0)
        if sig == "SIGSTOP" and not target.stopped:
            m.send(p, target, sig)
            return
        m.send(p, target, sig, value)

    def queue(self, p, alive):
        target = self.random.choice(alive)
        sig = self.random.choice(("SIGRTMIN", "SIGRTMIN+1", "SIGUSR1"))
        value = self.random.randrange(100)
        if target.is_fatal(sig) and self.random.random() < 0.8:
            return None
        return f"{p.name} sigqueue({target.name}, {sig}, {value})", lambda: self.sending(p, target, sig, "sigqueue", value)

    def raise_(self, p, alive):
        sig = self.random.choice(USED)
        if sig in p.blocked or not self.may_send(sig, p) or (p.is_fatal(sig) and len(alive) < 4):
            return None
        return f"{p.name} raise({sig})", lambda: self.sending(p, p, sig, "raise", None)

    def mask(self, p, alive):
        how = self.random.choice(("SIG_BLOCK", "SIG_BLOCK", "SIG_UNBLOCK", "SIG_SETMASK"))
        signals = self.some_signals()
        new = p.blocked | set(signals) if how == "SIG_BLOCK" else p.blocked - set(signals) if how == "SIG_UNBLOCK" else set(signals)
        if len(alive) < 3 and any(p.is_fatal(one[0]) and one[0] not in new for one in p.pending):
            return None
        if any(one[0] == "SIGTSTP" and p.action("SIGTSTP") == "dfl" for one in p.pending):
            return None

        def do():
            self.model.enter(p, "sigprocmask")
            p.blocked = set(new)
            self.model.let_in_own(p)

        return f"{p.name} sigprocmask({how}, {', '.join(signals)})", do

    def waiting(self, p, call, argument=None):
        m = self.model
        m.enter(p, call, argument)
        if m.deliverable(p):
            m.wake(p)
        if p.state == "busy" and not p.stopped:
            m.waits(p)

    def pause(self, p, _):
        return f"{p.name} pause()", lambda: self.waiting(p, "pause")

    def suspend(self, p, alive):
        signals = self.some_signals()
        lets = [one for one in p.pending if one[0] not in signals]
        if any(p.is_fatal(one[0]) for one in lets) and len(alive) < 3:
            return None
        if any(one[0] == "SIGTSTP" and p.action("SIGTSTP") == "dfl" for one in p.pending):
            return None

        def do():
            p.saved, p.blocked = p.blocked, set(signals)
            self.waiting(p, "sigsuspend")

        return f"{p.name} sigsuspend({', '.join(signals)})", do

    def info(self, p, _):
        signals = self.some_signals()
        return f"{p.name} sigwaitinfo({', '.join(signals)})", lambda: self.waiting(p, "sigwaitinfo", tuple(signals))

    def read(self, p, _):
        return f"{p.name} read(p[0], buf, 1)", lambda: self.waiting(p, "read")

    def fork(self, p, _):
        name = next(self.names, None)
        if name is None:
            return None

        def do():
            child = Process(name, p.name)
            child.actions, child.blocked = dict(p.actions), set(p.blocked)
            self.model.all[name] = child
            p.children.append(name)
            self.returns(p, "fork", ("pid", name))
            self.model.tell("fork", name)

        return f"{p.name} fork({name})", do

    def leave(self, p, _):
        def do():
            self.model.tell("exited", p.name)
            self.model.end(p, 0)

        return f"{p.name} exit(0)", do

    def wait(self, p, _):
        if not p.children:
            return None
        child = self.model.all[self.random.choice(p.children)]

        def do():
            self.model.enter(p, "waitpid", child.name)
            if child.state == "zombie":
                self.model.reap(p, child)
            else:
                self.model.waits(p)

        return f"{p.name} waitpid({child.name}, st)", do

    def interrupt(self, _, alive):
        waiting = [q for q in alive if q.state == "busy" and q.told and not q.stopped]
        if not waiting:
            return None
        q = self.random.choice(waiting)

        def do():
            if q.saved is not None:  # sigsuspend puts its mask back, which may let more in
                q.blocked, q.saved = q.saved, None
            if self.model.deliverable(q):
                self.model.let_in(q, q.call[0], "never")
            else:
                self.model.done(q, "EINTR")

        return f"interrupt {q.name}", do


def let_in_own(self, p):
    """After sigprocmask: handlers before it returns."""
    if self.deliverable(p):
        self.let_in(p, None)
    if p.state == "busy" and not p.stopped:
        self.done(p, 0)


Model.let_in_own = let_in_own


# ---- What was told -------------------------------------------------------------------------


def observed(events, pids):
    facts = []
    for e in events:
        kind, actor = e["ev"], e.get("actor")
        if kind == "process":
            what = e["what"]
            if what in ("fork", "spawn"):
                pids[e["pid"]] = actor
            if what == "killed":
                facts.append(("killed", actor, e["sig"]))
            elif what != "spawn":
                facts.append(({"exit": "exited"}.get(what, what), actor))
        elif kind == "signal" and e["action"] == "handler":
            facts.append((
                "handler", actor, e["sig"], e["from"], e["handler"], e.get("value"), e.get("interrupted"),
                e.get("restarted", False),
            ))  # fmt: skip
        elif kind == "signal":
            facts.append(("signal", actor, e["sig"], e["action"], e.get("from")))
        elif kind == "block":
            facts.append(("block", actor, e["call"]))
        elif kind == "exit":
            result = e.get("errno", e["ret"])
            if e["call"] in ("fork", "waitpid") and isinstance(result, int):
                result = ("pid", pids.get(result, result))
            elif e["call"] == "sigwaitinfo" and isinstance(result, int):
                f = e["facts"]
                result = (f["signal"], f["from"], f.get("value"))
            facts.append(("exit", actor, e["call"], result))
        elif kind == "verdict":
            facts.append((e["kind"],))
    return facts


def softened(have, want):
    """Of a queue of which a part was taken it may not be said who sent the signal that killed."""
    silent = {f[:4] for f in have if f[0] == "signal" and f[4] is None and is_queued(f[2])}
    return [(*f[:4], None) if f[0] == "signal" and f[:4] in silent else f for f in want]


def handlers(facts):
    """The order in which each process's handlers ran."""
    return {who: [f for f in facts if f[0] == "handler" and f[1] == who] for who in {f[1] for f in facts if f[0] == "handler"}}


@pytest.mark.parametrize("first", range(0, EPISODES, 4))
def test_as_the_model_says(lab, first):
    for seed in range(first, first + 4):
        episode = Episode(seed).make()
        r = lab.run(episode.setup + [text for text, _ in episode.lines], "--timeout", "60", world="sealed")
        told, pids = [], {}
        for e in r.events:
            if e["ev"] == "input":
                told.append((e["text"], []))
            elif told:
                told[-1][1].append(e)
        for text, events in told[: len(episode.setup)]:
            observed(events, pids)
        for i, (text, want) in enumerate(episode.lines):
            line = len(episode.setup) + i
            assert line < len(told), f"episode {seed}: line {line + 1} was not run: {text}\n{r}"
            assert told[line][0] == text
            have = observed(told[line][1], pids)
            want = softened(have, want)
            where = f"episode {seed}, line {line + 1}: {text}"
            assert sorted(map(repr, have)) == sorted(map(repr, want)), where
            assert handlers(have) == handlers(want), where
        assert r.status == (4 if episode.stuck else 0), r
