# SPDX-License-Identifier: GPL-3.0-or-later
"""Random lines about the two queues of an Episode; each as Episode.draw wants it."""

LETTERS = b"abcdefghijklmnopqrstuvwxyz"
LIMIT = 24  # bytes of the System V queue
MESSAGES, SIZE = 2, 16  # of the POSIX queue
SETUP = [
    "sv = msgget(9, IPC_CREAT|0666)",
    f"msgctl(sv, IPC_SET, 0666, {LIMIT})",
    f'pq = mq_open("/pq", O_CREAT|O_RDWR, 0600, {MESSAGES}, {SIZE})',
]


class QueueLines:
    def text(self, most):
        return bytes(self.random.choices(LETTERS, k=self.random.randint(0, most)))

    def msgsnd(self, _a):
        kind, nowait = self.random.randint(1, 4), self.random.random() < 0.25
        data = self.text(self.random.choice((2, 8, 12, LIMIT)))
        flags = ", IPC_NOWAIT" if nowait else ""
        return f'msgsnd(sv, {kind}, "{data.decode()}"{flags})', [
            ("msgsnd", kind, data, nowait, "msgsnd")
        ]

    def msgrcv(self, _a):
        wanted, size = self.random.choice((0, 0, 1, 2, 3, 4, -1, -2, -3, -9)), self.random.choice((32, 32, 4))
        flags, words = "", []
        for flag, word, often in (("n", "IPC_NOWAIT", 0.2), ("c", "MSG_NOERROR", 0.5), ("e", "MSG_EXCEPT", 0.2)):
            if self.random.random() < often:
                flags += flag
                words.append(word)
        text = f"msgrcv(sv, in, {size}, {wanted}" + (f", {'|'.join(words)}" if words else "") + ")"
        return text, [("msgrcv", size, wanted, flags, "msgrcv")]

    def limit(self, _a):
        limit = self.random.choice((16, LIMIT, LIMIT, 32))
        return f"msgctl(sv, IPC_SET, 0666, {limit})", [("simple", "limit", (limit,), "msgctl")]

    def box_of(self, a):
        """(number, description) of the actor's descriptor of the POSIX queue, or None."""
        found = [(fd, d) for fd, d in a.fds.items() if self.world.descs[d][0] == "q"]
        return found[0] if found else None

    def mq_send(self, a):
        box = self.box_of(a)
        if not box:
            return None
        prio, data, at_once = self.random.randint(0, 3), self.text(SIZE), self.random.random() < 0.1
        name = "mq_timedsend" if at_once else "mq_send"
        text = f'{name}(pq, "{data.decode()}", {prio}{", 0" if at_once else ""})'
        return text, [("mq_send", box[1], prio, data, at_once, name)]

    def mq_receive(self, a):
        box = self.box_of(a)
        if not box:
            return None
        at_once = self.random.random() < 0.1
        name = "mq_timedreceive" if at_once else "mq_receive"
        return f"{name}(pq, in{', 0' if at_once else ''})", [("mq_receive", box[1], at_once, name)]

    def mq_nonblock(self, a):
        box = self.box_of(a)
        if not box:
            return None
        on = box[1] not in self.world.nonblock and self.random.random() < 0.4
        flags = "O_NONBLOCK" if on else "0"
        return f"mq_setattr(pq, {flags})", [("simple", "setfl", (box[0], on), "mq_setattr")]

    def mq_close(self, a):
        box = self.box_of(a)
        return box and ("mq_close(pq)", [("simple", "close", (box[0],), "mq_close")])
