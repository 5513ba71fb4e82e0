# SPDX-License-Identifier: GPL-3.0-or-later
"""What the kernel does with signals (signal(7)), as far as they end, interrupt or hold up the calls
of a World: actions, handlers with and without SA_RESTART, blocked and pending, stopped and
continued. A signal that is not caught, and a stop, make the call begin again, at the end of every
line in which it stood; what it had done by then it returns."""

import locks

NUMBERS = {"SIGKILL": 9, "SIGUSR1": 10, "SIGUSR2": 12, "SIGPIPE": 13, "SIGTERM": 15}
ALWAYS = ("semop", "epoll", "sigwait")  # ended by any signal, a stop too
HANDLED = ("msgsnd", "msgrcv", "poll", "pause", "sigsuspend")  # ended by any handler
FRESH = {  # what the call is when it begins again
    "read": lambda call: (*call[:3], False, call[4]),
    "write": lambda call: (*call[:3], 0, call[4].lstrip("~")),
    "lock": lambda call: (*call[:5], None, call[6]),
    "open": lambda call: (*call[:4], False, call[5]),
    "splice": lambda call: (*call[:6], None, call[7]),
    "send": lambda call: (*call[:3], 0, call[4].translate({ord(c): None for c in "wir"}), *call[5:]),
}


class Signals:
    """Of each actor: `actions` (signal -> "ignore", "end" or "restart"), `blocked`, `pending` (signal
    -> who sent it), `stopped`."""

    def start_signals(self, a, parent=None):
        a.actions = dict(parent.actions) if parent else {}
        a.blocked = set(parent.blocked) if parent else set()
        a.pending, a.stopped = {}, False

    def do_sigaction(self, a, sig, action):
        if action is None:
            a.actions.pop(sig, None)
        else:
            a.actions[sig] = action
        if action == "ignore" and sig in a.pending:
            self.facts.append(("signal", a.name, sig, "ignored", a.pending.pop(sig)))
        return 0

    def attempt_mask(self, a):
        _, block, sig, _name = a.call
        (a.blocked.add if block else a.blocked.discard)(sig)
        self.let_in(a)
        if a.call[0] == "mask":
            self.done(a, 0)

    def attempt_kill(self, a):
        _, who, sig, _name = a.call
        target = self.actors[who]
        if target is not a:
            self.done(a, 0)
        self.send_signal(target, sig, a.name)
        if target is a and a.call[0] == "kill":
            self.done(a, 0)

    def send_signal(self, a, sig, sender):
        if sig == "SIGSTOP":
            self.stop(a, sender)
        elif sig == "SIGCONT":
            self.go_on(a, sender)
        elif sig == "SIGKILL":
            self.killed_by(a, sig, sender)
        elif a.actions.get(sig) == "ignore" and sig not in a.blocked:
            self.facts.append(("signal", a.name, sig, "ignored", sender))
        else:
            a.pending.setdefault(sig, sender)
            if sig in self.wanted_by(a) and (sig in a.blocked or sig in a.actions):
                a.woken = True
            elif not a.stopped:
                self.let_in(a)

    def let_in(self, a):
        """Whatever is not blocked: the handlers run, and the first says whether the call goes on."""
        came = sorted((s for s in a.pending if s not in a.blocked), key=NUMBERS.get)
        deadly = [s for s in came if s not in a.actions]
        if deadly and (len(came) > 1 or a.state == "busy" and a.call[0] == "result"):
            raise self.ambiguous()  # of what came just before it nothing can be told
        if deadly:
            self.killed_by(a, deadly[0], a.pending.pop(deadly[0]))
            return
        handled = [s for s in came if a.actions[s] != "ignore"]
        for sig in came:
            action = "handler" if sig in handled else "ignored"
            self.facts.append(("signal", a.name, sig, action, a.pending.pop(sig)))
        if handled and a.state == "busy":
            self.break_off(a, a.actions[handled[0]] == "restart")

    def killed_by(self, a, sig, sender):
        before = (("signal", a.name), ("continued", a.name))  # the end is all that can be seen
        self.facts = [fact for fact in self.facts if fact[:2] not in before]
        self.facts.append(("signal", a.name, sig, "default", sender))
        self.leave_all(a.name)
        a.stopped = False
        self.die(a, ("killed", a.name, sig), NUMBERS[sig])

    def stop(self, a, sender):
        if a.state == "busy" and a.call[0] == "sigsuspend":
            raise self.ambiguous()  # which mask holds meanwhile is more than is followed here
        self.facts += [("signal", a.name, "SIGSTOP", "default", sender), ("stopped", a.name)]
        a.stopped = True
        if a.state == "busy":
            self.break_off(a, True, stop=True)

    def go_on(self, a, sender):
        a.stopped = False
        self.facts += [("signal", a.name, "SIGCONT", "default", sender), ("continued", a.name)]
        if a.state == "busy" and a.call[0] != "await":
            a.woken = True
        self.let_in(a)

    def break_off(self, a, restart, stop=False):
        """The call is given up where it stands: it ends, or begins again."""
        kind = a.call[0]
        if kind in ("await", "result", "dying", "kill", "mask"):
            return
        self.leave_all(a.name)
        if kind == "sigsuspend":
            a.blocked = set(a.call[2])
        ends = kind in ALWAYS or (kind in HANDLED and not stop) or not restart
        if kind in locks.WAITS_ON:
            a.woken = True
        elif kind == "recvall" and a.call[3]:
            self.done(a, len(a.call[3]), None, a.call[3])
        elif kind == "send":
            self.interrupt_send(a, restart)
        elif kind == "write" and a.call[3] > 0:
            written, pipe = a.call[3], self.pipes[a.call[1][1]]
            a.call = (*a.call[:4], a.call[4].lstrip("~"))
            if not pipe.full():
                self.wake(pipe, "w")
            self.done(a, written)
        elif ends:
            a.call = (*a.call[:-1], a.call[-1].lstrip("~"))
            # a writer looks at its flags before it looks at its signals
            again = kind == "write" and a.call[1][0] in self.nonblock
            self.done(a, -1, "EAGAIN" if again else "EINTR")
            if kind == "sigsuspend":
                if any(a.actions.get(s) in (None, "ignore") for s in set(a.pending) - a.blocked):
                    raise self.ambiguous()  # it has no effect, or dies, before anything can be told
                self.let_in(a)
        else:
            self.begin_again(a)

    def begin_again(self, a):
        a.call = FRESH.get(a.call[0], lambda call: call)(a.call)
        a.woken = True

    def broken_pipe(self, a, written=0):
        """SIGPIPE, and what the call returns if that leaves it alive."""
        action = a.actions.get("SIGPIPE")
        if action is None:
            self.die(a, ("killed", a.name, "SIGPIPE"), NUMBERS["SIGPIPE"])
            return
        if action != "ignore":
            self.facts.append(("signal", a.name, "SIGPIPE", "handler", None))
        self.done(a, *((written, None) if written else (-1, "EPIPE")))

    def attempt_result(self, a):
        """What a call returned before a stop came to be told after it."""
        _, ret, errno, data, name = a.call
        a.call = ("result", name)
        self.done(a, ret, errno, data)
