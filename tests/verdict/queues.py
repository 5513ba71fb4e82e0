# SPDX-License-Identifier: GPL-3.0-or-later
"""What the kernel does with messages: one System V queue and one POSIX queue of a World.

System V follows do_msgsnd and do_msgrcv: who waits to receive is given a message that fits, without
it ever being in the queue; whoever waits to send is woken when his message would fit, and looks
again himself, so that of several woken the first to run wins. POSIX hands over in both directions:
the message of who waits to send is put into the place that a receive has made."""


class Mail:
    """The System V queue: messages as (type, data); receivers wait in line, so do senders."""

    def __init__(self, limit):
        self.limit, self.messages, self.receivers, self.senders = limit, [], [], []

    def clone(self):
        m = Mail(self.limit)
        m.messages = list(self.messages)
        m.receivers, m.senders = list(self.receivers), list(self.senders)
        return m

    def key(self):
        return self.limit, tuple(self.messages), tuple(self.receivers), tuple(self.senders)

    def bytes(self):
        return sum(len(data) for _, data in self.messages)

    def fits(self, n):
        return n + self.bytes() <= self.limit and 1 + len(self.messages) <= self.limit


class Box:
    """The POSIX queue: messages as (priority, data), the next to be received first."""

    def __init__(self, most):
        self.most, self.messages, self.receivers, self.senders = most, [], [], []
        self.unlinked = False

    def clone(self):
        b = Box(self.most)
        b.messages, b.unlinked = list(self.messages), self.unlinked
        b.receivers, b.senders = list(self.receivers), list(self.senders)
        return b

    def key(self):
        return tuple(self.messages), tuple(self.receivers), tuple(self.senders), self.unlinked

    def put(self, prio, data):
        at = len(self.messages)
        while at > 0 and self.messages[at - 1][0] < prio:
            at -= 1
        self.messages.insert(at, (prio, data))


def wants(wanted, except_, kind):
    if wanted == 0:
        return True
    if wanted < 0:
        return kind <= -wanted
    return (kind != wanted) if except_ else (kind == wanted)


class Queues:
    """Of a World: `mail` and `box`. A call that waits is in its queue's line; what it was given
    while it slept is in `given`."""

    def start_queues(self):
        self.mail, self.box, self.given = None, None, {}

    def clone_queues(self, world):
        world.mail = self.mail and self.mail.clone()
        world.box = self.box and self.box.clone()
        world.given = dict(self.given)

    def key_of_queues(self):
        return (
            self.mail and self.mail.key(), self.box and self.box.key(),
            tuple(sorted(self.given.items())),
        )  # fmt: skip

    def leave_lines(self, name):
        for queue in (self.mail, self.box):
            for line in (queue.receivers, queue.senders) if queue else ():
                if name in line:
                    line.remove(name)

    def give(self, name, what):
        self.given[name] = what
        self.actors[name].woken = True

    # ---- System V -------------------------------------------------------------------------

    def attempt_msgsnd(self, a):
        _, kind, data, nowait, _name = a.call
        mail = self.mail
        if a.name in mail.senders:
            mail.senders.remove(a.name)
        if not mail.fits(len(data)):
            if nowait:
                self.done(a, -1, "EAGAIN")
            else:
                mail.senders.append(a.name)
            return
        for name in list(mail.receivers):
            _, size, wanted, flags, _call = self.actors[name].call
            if not wants(wanted, "e" in flags, kind):
                continue
            mail.receivers.remove(name)
            if size < len(data) and "c" not in flags:
                self.give(name, "E2BIG")
                continue
            self.give(name, data)
            self.done(a, 0)
            return
        mail.messages.append((kind, data))
        self.done(a, 0)

    def next_mail(self, wanted, flags):
        best = None
        for i, (kind, _) in enumerate(self.mail.messages):
            if not wants(wanted, "e" in flags, kind):
                continue
            if wanted >= 0:
                return i
            if best is None or kind < self.mail.messages[best][0]:
                best = i
        return best

    def attempt_msgrcv(self, a):
        _, size, wanted, flags, _name = a.call
        given = self.given.pop(a.name, None)
        if given == "E2BIG":
            self.done(a, -1, "E2BIG")
            return
        if given is not None:
            self.done(a, min(size, len(given)), None, given[:size])
            return
        if a.name in self.mail.receivers:
            self.mail.receivers.remove(a.name)
        i = self.next_mail(wanted, flags)
        if i is None:
            if "n" in flags:
                self.done(a, -1, "ENOMSG")
            else:
                self.mail.receivers.append(a.name)
            return
        data = self.mail.messages[i][1]
        if size < len(data) and "c" not in flags:
            self.done(a, -1, "E2BIG")
            return
        self.mail.messages.pop(i)
        self.wake_senders()
        self.done(a, min(size, len(data)), None, data[:size])

    def wake_senders(self):
        """All whose message fits by itself; the others go to the end of the line, in their order."""
        mail, moved = self.mail, []
        for name in list(mail.senders):
            if mail.fits(len(self.actors[name].call[2])):
                self.actors[name].woken = True
            else:
                mail.senders.remove(name)
                moved.append(name)
        mail.senders += moved

    def do_limit(self, _a, limit):
        self.mail.limit = limit
        for name in self.mail.receivers:
            self.actors[name].woken = True
        self.wake_senders()
        return 0

    # ---- POSIX ----------------------------------------------------------------------------

    def attempt_mq_send(self, a):
        _, desc, prio, data, at_once, _name = a.call
        box = self.box
        if self.given.pop(a.name, None) is not None:
            self.done(a, 0)
            return
        if len(box.messages) < box.most:
            if box.receivers:
                self.give(box.receivers.pop(0), (prio, data))
            else:
                box.put(prio, data)
            self.done(a, 0)
        elif desc in self.nonblock:
            self.done(a, -1, "EAGAIN")
        elif at_once:
            self.done(a, -1, "ETIMEDOUT")
        elif a.name not in box.senders:
            box.senders.append(a.name)

    def attempt_mq_receive(self, a):
        _, desc, at_once, _name = a.call
        box = self.box
        given = self.given.pop(a.name, None)
        if given is None and box.messages:
            given = box.messages.pop(0)
            if box.senders:
                name = box.senders.pop(0)
                box.put(*self.actors[name].call[2:4])
                self.give(name, "taken")
        if given is not None:
            self.done(a, len(given[1]), None, given[1])
        elif desc in self.nonblock:
            self.done(a, -1, "EAGAIN")
        elif at_once:
            self.done(a, -1, "ETIMEDOUT")
        elif a.name not in box.receivers:
            box.receivers.append(a.name)

    # ---- Told -----------------------------------------------------------------------------

    def why_in_queue(self, a):
        kind = a.call[0]
        if kind == "msgrcv":
            return "empty" if not self.mail.messages else "no such type"
        if kind == "msgsnd":
            return "too long" if len(a.call[2]) > self.mail.limit else "full"
        return "empty" if kind == "mq_receive" else "full"

    def others_have_box(self, name):
        return any(
            self.descs[desc][0] == "q"
            for a in self.actors.values()
            if a.name != name and a.alive
            for desc in a.fds.values()
        )
